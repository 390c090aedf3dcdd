"""`Picture`: DOT source that can be laid out, shown in a notebook, and saved to files."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import graphviz

from viz.core.cells import Png, filling_cell, png_for_cell, size_of
from viz.core.colours import COURIER, MONOSPACE
from viz.core.dot import TextClasses
from viz.core.indices import joined
from viz.core.layout import IMAGES, LayoutError, lay_out
from viz.core.saving import Forms, Savable


class Picture(Savable, graphviz.Digraph):  # type: ignore[misc]  # the package graphviz has no types
    """A graphviz.Digraph that a notebook shows; it needs no Graphviz on the machine.

    `layout` names a layout command, as for `viz.core.layout.layout_command`; None selects the one of this environment.
    `narrow` holds the source for which a function makes the picture for a cell of a notebook, and that function.
    `about` describes the picture, with the main numbers. `texts` holds functions that write it in other languages, by
    the suffix of the file. `classes` holds the classes of the texts in the SVG. With `is_centred` all texts of a node
    are centred in it, whatever their fonts and whatever a script writes there. `save` writes SVG, PNG, PDF, JPEG, DOT,
    or one of the other languages.
    """

    is_centred = False
    _repr_mimebundle_ = None
    """Turns off the method of graphviz: IPython in a terminal would call it for every result and wait."""

    def __init__(self, *arguments: Any, layout: str | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.layout = layout
        self.about = "a graph"
        self.texts: Mapping[str, Callable[[], str]] = {}
        self.classes: TextClasses = {}
        self.narrow: tuple[str, Callable[[], Picture]] | None = None
        self._cell: Picture | None = None
        self._latest = ("", "")  # the source and its SVG: a notebook asks for the SVG, and then for a PNG of its size

    def pipe(self, format: str | None = None, *, engine: str | None = None, encoding: str | None = None) -> Any:
        """Return the picture as bytes, or as text if an encoding is given.

        `format` is svg by default; `engine` is Graphviz's algorithm, by default dot. Raises viz.LayoutError if the
        picture cannot be made.
        """
        kind = format or self.format
        picture = lay_out(self.source, kind, self.layout, engine or self.engine)
        if kind == "svg":
            picture = classed(picture.decode(), self.classes, self.is_centred).encode()
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

        With `view` the system's viewer opens it. `cleanup` and `quiet` exist for graphviz.Digraph and do nothing: no
        source file is left and nothing is printed in any case.
        """
        del cleanup, quiet
        kind = format or self.format
        path = Path(outfile) if outfile else Path(directory or "", f"{filename or self.name}.{kind}")
        self.save(path)
        if view:
            self._view(path, format=kind, quiet=quiet_view)
        return str(path)

    def svg(self) -> str:
        """Return the picture as SVG text."""
        return str(self.pipe("svg", encoding="utf-8"))

    def forms(self) -> Forms:
        """Return the functions that write the picture, by the suffix of the file."""
        texts = {"dot": lambda: self.source, "gv": lambda: self.source, **self.texts}
        forms: dict[str, Callable[[], bytes]] = {suffix: partial(self.pipe, suffix) for suffix in IMAGES}
        return forms | {suffix: partial(_encoded, text) for suffix, text in texts.items()}

    def in_cell(self) -> "Picture":
        """Return the picture that a notebook shows in a cell, which has the same numbers."""
        if self.narrow is None or self.narrow[0] != self.source:
            return self
        if self._cell is None:
            self._cell = self.narrow[1]()
        return self._cell

    def _repr_svg_(self) -> str:
        return filling_cell(self.in_cell()._latest_svg())

    def _repr_png_(self) -> Png | bytes | None:
        def drawn(dots: float) -> bytes:
            return lay_out(shown.source, "png", self.layout, self.engine, dots)

        try:
            shown = self.in_cell()
            size = size_of(shown._latest_svg())
            return bytes(self.pipe("png")) if size is None else png_for_cell(*size, drawn)
        except LayoutError:  # the SVG was asked for before, and its error said why
            return None

    def _latest_svg(self) -> str:
        if self._latest[0] != self.source:
            self._latest = (self.source, self.svg())
        return self._latest[1]

    def __repr__(self) -> str:
        return f'<{type(self).__name__} of {self.about}; save("picture.svg") writes it>'

    def __str__(self) -> str:  # graphviz.Digraph has its DOT here, which is `source` too
        return repr(self)


def _encoded(text: Callable[[], str]) -> bytes:
    return text().encode()


_GROUP = re.compile(r'<g id="([^"]*)" class="(?:node|edge)">.*?</g>', re.DOTALL)
_TEXT = "<text "
_SHAPE = re.compile(r'<(?:ellipse [^>]*cx|polygon [^>]*points|path [^>]*d)="([^"]*)"')


def classed(svg: str, classes: TextClasses, is_centred: bool = False) -> str:
    """Return the SVG of a picture with a class on each text of a node or an edge, joined names and MONOSPACE.

    Graphviz does not keep the class of a text, but it keeps the order of a node's texts. If a node has more texts than
    classes, its first text was broken into lines.

    >>> classed('<g id="v0" class="node"><text >w</text><text >3</text></g>', {"v0": ("label", "data")})
    '<g id="v0" class="node"><text class="label" >w</text><text class="data" >3</text></g>'
    """

    def changed(group: re.Match[str]) -> str:
        own = joined(_group_classed(group[0], classes.get(group[1], ())))
        return _centred(own) if is_centred else own

    return _GROUP.sub(changed, svg).replace(f'font-family="{COURIER}"', f'font-family="{MONOSPACE}"')


def _centred(group: str) -> str:
    """Return a node with its texts around the middle of its shape."""
    shape = _SHAPE.search(group)
    if shape is None or 'text-anchor="start"' not in group:
        return group
    across = [float(point.partition(",")[0]) for point in re.findall(r"-?[\d.]+(?:,-?[\d.]+)?", shape[1])]
    middle = (min(across) + max(across)) / 2
    return re.sub(r'text-anchor="start" x="[^"]*"', f'text-anchor="middle" x="{middle:.2f}"', group)


def _group_classed(group: str, classes: Sequence[str]) -> str:
    before, *texts = group.split(_TEXT)
    if not texts or not classes:
        return group
    lines = [classes[0]] * (len(texts) - len(classes))
    own = [*lines, *classes][-len(texts) :]
    return before + "".join(
        f'{_TEXT}class="{name}" {text}' if name else _TEXT + text for name, text in zip(own, texts, strict=True)
    )
