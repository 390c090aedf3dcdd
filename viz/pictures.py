"""`draw` and `save`: pictures of computation graphs for notebooks, slides and files.

Reads `dot` for the source and `layout` for the engine.
"""

from pathlib import Path
from typing import Any, Protocol

import graphviz

from autograd import Tape, Value
from viz.dot import graph_source
from viz.files import write_file
from viz.layout import FORMATS, lay_out


class Picture(graphviz.Digraph):  # type: ignore[misc]  # the package graphviz has no types
    """A graphviz.Digraph that lays itself out without an executable on the machine, and shows itself in a notebook.

    `layout` names a layout command as `viz.layout.layout_command` takes it; None is the one of this environment.
    """

    def __init__(self, *arguments: Any, layout: str | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.layout = layout

    def pipe(self, format: str | None = None, *, engine: str | None = None, encoding: str | None = None) -> Any:
        """Return the picture as bytes, or as text where an encoding is given.

        `format` is svg where it is not given, `engine` Graphviz's algorithm (dot). Raises viz.layout.LayoutError where
        the picture cannot be made.
        """
        picture = lay_out(self.source, format or self.format, self.layout, engine or self.engine)
        return picture.decode(encoding) if encoding else picture

    def render(
        self,
        filename: str | Path | None = None,
        directory: str | Path | None = None,
        *,
        format: str | None = None,
        outfile: str | Path | None = None,
        view: bool = False,
        cleanup: bool = False,
        quiet: bool = False,
        quiet_view: bool = False,
    ) -> str:
        """Write the picture to `outfile`, or to `filename` with the format added, and return the path.

        With `view` the system's viewer opens it. `cleanup` and `quiet` are those of graphviz.Digraph: no source file
        is left and nothing is printed in any case.
        """
        del cleanup, quiet
        kind = format or self.format
        path = Path(outfile) if outfile else Path(directory or "", f"{filename or self.name}.{kind}")
        write_picture(self, path)
        if view:
            self._view(path, format=kind, quiet=quiet_view)
        return str(path)

    def svg(self) -> str:
        """Return the picture as SVG text."""
        return str(self.pipe("svg", encoding="utf-8"))


def draw(root: Value, legend: bool = False, layout: str | None = None) -> Picture:
    """Return the picture of the graph that computed a Value; a notebook shows it.

    Where the order of two operands matters, the first enters the operation from above and the second from below. With
    `legend` the picture explains its shapes. Raises TypeError where root is no Value.

    >>> x = Value(3, "x")
    >>> picture = draw(x * x)
    >>> picture.source.count("->")
    3
    """
    picture = Picture("gradstep", format="svg", layout=layout)
    graph_source(Tape.of(root), picture, legend)
    return picture


def save(root: Value, path: str | Path, legend: bool = False, layout: str | None = None) -> Path:
    """Write the picture of a Value's graph as SVG, PNG or PDF, by the suffix of the path, and return the path.

    Raises ValueError for another suffix, FileNotFoundError for a folder that is not there, and
    viz.layout.LayoutError where the picture cannot be made.
    """
    path = Path(path)
    write_picture(draw(root, legend, layout), path)
    return path


class Printable(Protocol):
    """What `write_picture` writes: anything that `pipe` gives as bytes in a format."""

    def pipe(self, format: str) -> Any:
        """Return the picture as bytes, in the format svg, png or pdf."""


def write_picture(picture: Printable, path: Path) -> None:
    """Write a picture to a path, in the format of its suffix; ValueError for another suffix."""
    suffix = path.suffix.lower().lstrip(".")
    if suffix not in FORMATS:
        raise ValueError(f"a picture is saved as {', '.join(FORMATS)}, but {path.name!r} ends in {suffix!r}.")
    write_file(path, picture.pipe(suffix))
