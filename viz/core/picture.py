"""`Picture`: DOT source that lays itself out, shows itself in a notebook, and is written to files."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import graphviz

from nn.exchange.files import write_file
from viz.core.dot import TextClasses
from viz.core.layout import FORMATS, lay_out

_CELL = 720.0
"""The width of a notebook's cell in a common window, in points."""
_SMALLEST = 0.5
"""The scale at which texts are as small as they may be."""


class Picture(graphviz.Digraph):  # type: ignore[misc]  # the package graphviz has no types
    """A graphviz.Digraph that lays itself out without an executable on the machine, and shows itself in a notebook.

    `layout` names a layout command as `viz.core.layout.layout_command` takes it; None is the one of this environment.
    `classes` says which text of a node or an edge is what, for the SVG.
    """

    def __init__(self, *arguments: Any, layout: str | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.layout = layout
        self.classes: TextClasses = {}

    def pipe(self, format: str | None = None, *, engine: str | None = None, encoding: str | None = None) -> Any:
        """Return the picture as bytes, or as text where an encoding is given.

        `format` is svg where it is not given, `engine` Graphviz's algorithm (dot). Raises viz.LayoutError where
        the picture cannot be made.
        """
        kind = format or self.format
        picture = lay_out(self.source, kind, self.layout, engine or self.engine)
        if kind == "svg":
            picture = classed(picture.decode(), self.classes).encode()
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


_GROUP = re.compile(r'<g id="([^"]*)" class="(?:node|edge)">.*?</g>', re.DOTALL)
_TEXT = "<text "


def classed(svg: str, classes: TextClasses) -> str:
    """Return the SVG of a picture with a class on each text of a node or an edge that has one.

    Graphviz keeps no class of a text, but the order in which the texts of a node were written. Where a node has more
    texts than classes, the first is broken into lines.

    >>> classed('<g id="v0" class="node"><text >w</text><text >3</text></g>', {"v0": ("label", "data")})
    '<g id="v0" class="node"><text class="label" >w</text><text class="data" >3</text></g>'
    """
    return _GROUP.sub(lambda group: _group_classed(group[0], classes.get(group[1], ())), svg)


def _group_classed(group: str, classes: Sequence[str]) -> str:
    before, *texts = group.split(_TEXT)
    if not texts or not classes:
        return group
    lines = [classes[0]] * (len(texts) - len(classes))
    own = [*lines, *classes][-len(texts) :]
    return before + "".join(
        f'{_TEXT}class="{name}" {text}' if name else _TEXT + text for name, text in zip(own, texts, strict=True)
    )


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
