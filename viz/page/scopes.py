"""The pictures of a large graph for a page: the whole, with its scopes closed, and each scope with its neighbours."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from autograd import Line, Tape
from autograd.passes.names import line_names
from autograd.table.scalars import counted
from viz.core.dot import graph_source
from viz.core.drawing import Drawing, Group, Scope
from viz.core.layout import lay_out
from viz.core.picture import Picture, classed
from viz.core.text import shown
from viz.graphs.figures import Assembly, single_lines
from viz.graphs.folding import collapsed, folded
from viz.stepping.frames import without_tooltips

_MOST_SINGLE = 100
"""The most boxes of a scope that is drawn as it was recorded; in a larger one sums are folded."""
_MOST_LEAVES = 12
"""The most leaves outside of the opened scope that are drawn one by one."""
_HEAD = "<?xml"
_USUAL = -0.123456
_MOST_VIEWS = 200
"""The most pictures of a page; if there are more scopes, the innermost ones stay closed."""


class ScopeView(NamedTuple):
    """A picture: the scope that it opens, its SVG, and for each of its boxes the node or the nodes in it."""

    scope: Scope
    svg: str
    units: list[Any]


def scope_views(tape: Tape, layout: str | None) -> list[ScopeView]:
    """Return the picture of the whole graph, and one of each scope.

    >>> from autograd import Value, scope
    >>> x = Value(3, "x")
    >>> with scope("square"):
    ...     y = x * x
    >>> [(view.scope, view.units) for view in scope_views(Tape.of(y + 1), None)]
    [((), [0, ['b1', 'square', 1, ['square']], 2, 3]), (('square',), [0, 1, 3])]
    """
    views = _Views(tape)
    drawings, units = zip(*map(views.view, views.scopes), strict=True)
    return [*map(ScopeView, views.scopes, _svgs(drawings, layout), units)]


class _Views:
    def __init__(self, tape: Tape) -> None:
        self._lines = [self._widest(line) for line in tape.lines]
        self._names = line_names(self._lines)
        self._units = folded(tape.lines), single_lines(tape.lines)
        found = dict.fromkeys(unit.scope[:end] for unit in self._units[1] for end in range(len(unit.scope) + 1))
        deepest = max(map(len, found))
        while len(found) > _MOST_VIEWS and deepest:
            found = {scope: None for scope in found if len(scope) < deepest}
            deepest -= 1
        self.scopes = sorted(found, key=len)

    @staticmethod
    def _widest(line: Line) -> Line:
        """Return a line with numbers as long as most numbers that the page will show; longer ones are squeezed."""
        stays = line.kind == "constant" or len(shown(line.data)) > len(shown(_USUAL))
        return line._replace(data=line.data if stays else _USUAL, grad=_USUAL)

    def view(self, scope: Scope) -> tuple[Drawing, list[Any]]:
        """Return the picture of a scope, with sums folded if it is large, and its units as data."""
        opened = {scope[:end] for end in range(1, len(scope) + 1)}
        for units in reversed(self._units):
            assembly = Assembly(
                self._lines, self._gathered(collapsed(self._lines, units, 0, opened), scope), self._names
            )
            chosen = _around(assembly, scope)
            if len(chosen) <= _MOST_SINGLE:
                break
        drawing = assembly.drawing(chosen)
        results = {figure.lines: figure.numbers is not None for figure in drawing.figures}
        units = [assembly.units[place] for place in chosen]
        return _plain(drawing), [self._data(unit, results.get(unit.lines, False)) for unit in units]

    def _gathered(self, units: Sequence[Group], scope: Scope) -> list[Group]:
        """Return the units, with one for all leaves outside of the opened scope if these are many."""
        loose = [unit for unit in units if self._is_leaf(unit) and (not scope or unit.scope[: len(scope)] != scope)]
        if len(loose) <= _MOST_LEAVES:
            return [*units]
        numbers = tuple(number for unit in loose for number in unit.lines)
        gathered = {*numbers}
        others = [unit for unit in units if unit.lines[-1] not in gathered]
        return [Group("alike", numbers, (), counted(len(numbers), "leaf")), *others]

    def _is_leaf(self, unit: Group) -> bool:
        return unit.kind == "line" and self._lines[unit.lines[0]].op is None

    def _data(self, unit: Group, has_result: bool) -> Any:
        """Return the only node of a unit, or its key, title, result (-1 for none) and nodes or path."""
        if unit.kind == "line":
            return unit.lines[0]
        title = unit.title if not unit.is_folded else self._lines[unit.lines[-1]].label or unit.title
        content = [*unit.scope, unit.title] if unit.kind == "scope" else unit.lines
        return [unit.key, title, unit.lines[-1] if has_result else -1, content]


def _around(assembly: Assembly, scope: Scope) -> list[int]:
    """Return the places of the units in a scope, and of those that these use or that use these."""
    uses = assembly.uses
    inside = [place for place, unit in enumerate(assembly.units) if unit.scope[: len(scope)] == scope]
    found = {*inside}.union(*(uses.operands[place] for place in inside), *(uses.users[place] for place in inside))
    return sorted(found)


def _plain(drawing: Drawing) -> Drawing:
    """Return the picture without stubs, lists of parameters and numbers that a page does not compute."""
    kept = [figure for figure in drawing.figures if figure.kind != "more"]
    keys = {figure.key for figure in kept}
    single = {figure.key for figure in kept if len(figure.lines) < 2}
    figures = [
        replace(
            figure,
            listed=(),
            notes=(*figure.notes, *([counted(len(figure.listed), figure.listed_kind)] if figure.listed else [])),
        )
        for figure in kept
    ]
    edges = [
        edge if {edge.tail, edge.head} <= single else replace(edge, partial=None)
        for edge in drawing.edges
        if {edge.tail, edge.head} <= keys
    ]
    return replace(drawing, figures=tuple(figures), edges=tuple(edges))


def _svgs(drawings: Sequence[Drawing], layout: str | None) -> list[str]:
    """Return the SVG of each picture; one process lays all of them out, as each start takes as long as a picture."""
    pictures = [Picture("gradstep", layout=layout) for _ in drawings]
    classes = [graph_source(drawing, picture) for drawing, picture in zip(drawings, pictures, strict=True)]
    written = lay_out("\n".join(picture.source for picture in pictures), "svg", layout).decode()
    found = [f"{_HEAD}{svg}" for svg in written.split(_HEAD)[1:]]
    return [without_tooltips(classed(svg, own).encode()) for svg, own in zip(found, classes, strict=True)]
