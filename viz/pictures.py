"""`draw` and `save`: pictures of computation graphs for notebooks, slides and files.

Reads `dot` for the source and `layout` for the engine.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol, Unpack

import graphviz

from autograd import Value
from autograd.files import write_file
from viz.dot import graph_source
from viz.layout import FORMATS, lay_out
from viz.views import View
from viz.views import view as drawing_in

_CELL = 720.0
"""The width of a notebook's cell in a common window, in points."""
_SMALLEST = 0.5
"""The scale at which texts are as small as they may be."""


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

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, bytes | str]:
        bundle: dict[str, bytes | str] = super()._repr_mimebundle_(include, exclude)
        return {kind: sized_for_cell(shown) if isinstance(shown, str) else shown for kind, shown in bundle.items()}

    def __repr__(self) -> str:
        return f'<{type(self).__name__}: viz.save(picture, "picture.svg") writes it>'


def sized_for_cell(svg: str) -> str:
    """Return an SVG with the size that a notebook shows it in, where an SVG is as large as it says.

    A picture that is wider than a cell shrinks to its width, as long as its texts stay readable; a wider one is left as
    it is, and scrolls.

    >>> sized_for_cell('<svg width="1000pt" height="100pt" viewBox="0 0 1000 100">')
    '<svg width="720pt" height="72pt" viewBox="0 0 1000 100">'
    """
    size = re.search(r'width="([\d.]+)pt"\s+height="([\d.]+)pt"', svg)
    if size is None:
        return svg
    width, height = map(float, size.groups())
    scale = _CELL / width
    if not _SMALLEST <= scale < 1.0:
        return svg
    return svg.replace(size[0], f'width="{_CELL:g}pt" height="{height * scale:g}pt"', 1)


def draw(root: Value, legend: bool = False, layout: str | None = None, **view: Unpack[View]) -> Picture:
    """Return the picture of the graph that computed a Value; a notebook shows it.

    Where the order of two operands matters, the first enters the operation from above and the second from below. With
    `legend` the picture explains its shapes; `layout` names a layout command.

    Up to 60 nodes are drawn as recorded. In a larger graph a sum of products is one node, scopes are collapsed where
    it is still too large, and where that does not do, the part next to the root is drawn; the caption says so. To
    choose oneself:

    - `depth` collapses the scopes that lie deeper: 0 every scope, 1 those inside another.
    - `fold` says whether sums are folded, False draws every node. Values with a label are never folded, but
      parameters are. The edges into a folded sum carry its derivatives.
    - `focus` is a node, or its name; what lies within `radius` edges of it is drawn: 2 where no number is given, or 1
      where that would be more than 24 boxes.
    - `limit` is the most nodes that what was chosen may have, None for any number; alone it draws the whole graph.

    Raises TypeError where root is no Value, ValueError for an argument that does not fit, and
    viz.views.TooLargeError where the picture would have more nodes than the limit.

    >>> x = Value(3, "x")
    >>> picture = draw(x * x)
    >>> picture.source.count("->")
    3
    """
    picture = Picture("gradstep", format="svg", layout=layout)
    graph_source(drawing_in(root, **view), picture, legend)
    return picture


def save(
    subject: Value | Picture,
    path: str | Path,
    legend: bool = False,
    layout: str | None = None,
    **view: Unpack[View],
) -> Path:
    """Write the picture of a Value's graph, or a picture, as SVG, PNG or PDF by the suffix, and return the path.

    The other arguments are those of `draw`, for a Value: a picture was given them when it was made. Raises TypeError
    for another subject, ValueError for another suffix, FileNotFoundError for a folder that is not there,
    viz.layout.LayoutError where the picture cannot be made, and what `draw` raises.
    """
    path = Path(path)
    if isinstance(subject, Picture) and (legend or layout or view):
        raise ValueError("a picture has its legend, its layout and its view from when it was made; give them to draw.")
    write_picture(subject if isinstance(subject, Picture) else draw(subject, legend, layout, **view), path)
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
