"""Which view of a graph a picture shows: as recorded, folded, collapsed by scope, or the part around a node.

Small graphs are drawn as recorded, larger ones are folded until they can be read; an argument decides otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from autograd import Line, Tape, Value
from autograd.passes.names import find, line_names
from autograd.passes.subject import Root, root_of
from autograd.sweep import sweeping, topological_order
from autograd.table.scalars import as_whole, counted
from viz.core.drawing import LIMIT, LONG, RADIUS, Drawing, Group
from viz.core.nodes import OUTDATED
from viz.graphs.figures import Uses, drawing_of, single_lines
from viz.graphs.folding import collapsed, deepest, folded

_MOST_AS_RECORDED = 60
_MOST_FOLDED = 400
_MOST_COLLAPSED = 60
_MOST_EDGES = 120
_MOST_IN_PART = 45
_MOST_AROUND = 24
_LONGEST_PART = 300
_WIDEST = 40
"""How many ranks a folded picture may have: of more, its letters are less than 4 pixels high on a slide."""
_WIDEST_PART = 24
_LARGE = 2_000
"""From how many nodes on scopes are collapsed, where there are some."""


class View(TypedDict, total=False):
    """Which view is asked for: the arguments of `view`, which other functions take and hand on."""

    depth: int | None
    fold: bool | None
    focus: Value | str | None
    radius: int | None
    limit: int | None


class TooLargeError(ValueError):
    """A picture would have more nodes than its limit; the message says what to draw instead."""


@dataclass(frozen=True, slots=True)
class _Focused:
    """The lines of a tape, and the place of the node in focus, None for none."""

    lines: Sequence[Line]
    focus: int | None = None

    def units(self, fold: bool) -> list[Group]:
        """Return the units of the whole graph; the node in focus is one of its own."""
        return folded(self.lines, () if self.focus is None else (self.focus,)) if fold else single_lines(self.lines)

    def collapsed(self, depth: int | None, fold: bool) -> list[Group]:
        """Return the units of the whole graph, scopes that lie deeper than `depth` collapsed where it is given."""
        units = self.units(fold)
        return units if depth is None else collapsed(self.lines, units, depth)

    def around(self, units: Sequence[Group], radius: int | None) -> list[int]:
        """Return the places of the units within `radius` edges of the node in focus; None is what can be read."""
        if radius is None:
            usual = self.around(units, RADIUS)
            return usual if len(usual) <= _MOST_AROUND else self.around(units, 1)
        uses = Uses.of(self.lines, units)
        users = uses.users()
        ring = {uses.places[self.focus or 0]}
        reached = set(ring)
        for _ in range(radius):
            ring = {other for place in ring for other in (*uses.operands[place], *users[place])} - reached
            reached |= ring
            if not ring:
                break
        return sorted(reached)

    def next_to_root(self, units: Sequence[Group], most: int) -> list[int]:
        """Return the places of the units that as many edges as possible lead from to the root, `most` in all."""
        uses = Uses.of(self.lines, units)
        ring = {uses.places[-1]}
        reached: set[int] = set()
        while ring and len(reached) + len(ring) <= most:
            reached |= ring
            ring = {operand for place in ring for operand in uses.operands[place]} - reached
        return sorted(reached)


def view(
    root: Root,
    *,
    depth: int | None = None,
    fold: bool | None = None,
    focus: Value | str | None = None,
    radius: int | None = None,
    limit: int | None = LIMIT,
) -> Drawing:
    r"""Return the picture of a graph as data; see `viz.draw` for the arguments.

    >>> x = Value(3, "x")
    >>> view(x * x + 2 * x + 1, fold=True).caption
    '7 nodes, sums folded\nfold=False draws every node'
    """
    end = root_of(root)
    tape = Tape.of(end)
    depth = None if depth is None else as_whole(depth, "depth", 0)
    limit = None if limit is None else as_whole(limit, "limit", 1)
    radius = None if radius is None else as_whole(radius, "radius", 0)
    if focus is None and radius is not None:
        raise ValueError(f"radius={radius} says how far from a node in focus is drawn; give focus=NODE with it.")
    graph = _Focused(tape.lines, None if focus is None else _place_of(focus, end, tape))
    if depth is None and fold is None and focus is None:
        drawing = _readable(graph, limit)
    else:
        drawing = _asked(graph, depth, len(tape.lines) > _MOST_AS_RECORDED if fold is None else fold, radius, limit)
    said = [drawing.caption, OUTDATED] if tape.is_outdated else [drawing.caption]
    return replace(drawing, caption="\n".join(filter(None, said)))


def _asked(graph: _Focused, depth: int | None, fold: bool, radius: int | None, limit: int | None) -> Drawing:
    """Return the view that was asked for. Raises TooLargeError where it would have more nodes than the limit."""
    units = graph.collapsed(depth, fold)
    chosen = None if graph.focus is None else graph.around(units, radius)
    size = len(units) if chosen is None else len(chosen)
    if limit is not None and size > limit:
        raise TooLargeError(_refusal(graph, size, limit))
    return _captioned(graph, units, chosen, depth)


def _readable(graph: _Focused, limit: int | None) -> Drawing:
    """Return the most detailed view that can be read: all as recorded, folded or collapsed, or the part by the root."""
    lines = graph.lines
    if limit is None or len(lines) <= min(limit, _MOST_AS_RECORDED):
        return drawing_of(lines, single_lines(lines))
    units = graph.units(True)
    nested = deepest(units)
    if len(units) <= min(limit, _MOST_FOLDED) and (len(lines) <= _LARGE or not nested):
        drawing = _captioned(graph, units)
        if drawing.length <= LONG and drawing.width <= _WIDEST:
            return drawing
    for depth in range(nested - 1, -1, -1):
        boxes = collapsed(lines, units, depth)
        edges = sum(map(len, Uses.of(lines, boxes).operands))
        if len(boxes) <= min(limit, _MOST_COLLAPSED) and (edges <= _MOST_EDGES or depth == 0):
            return _captioned(graph, boxes, None, depth)
    most = min(limit, _MOST_IN_PART)
    drawing = _captioned(graph, units, graph.next_to_root(units, most))
    while (drawing.length > _LONGEST_PART or drawing.width > _WIDEST_PART) and most > 1:
        most = most * 3 // 4
        drawing = _captioned(graph, units, graph.next_to_root(units, most))
    return drawing


def _place_of(focus: Value | str, root: Value, tape: Tape) -> int:
    """Return the place of the node in focus. Raises TypeError or ValueError where it is none of the graph."""
    names = line_names(tape.lines)
    if not isinstance(focus, Value):
        return find(names, focus)
    with sweeping:
        order = topological_order([root])
    for place, node in enumerate(order):
        if node is focus:
            return place
    raise ValueError(f"{focus.name} is no node of the graph of {names[-1]}; focus on one that led to it.")


def _captioned(
    graph: _Focused, units: Sequence[Group], chosen: Sequence[int] | None = None, depth: int | None = None
) -> Drawing:
    """Return the picture of the units, with a caption that says what it leaves out, and how to see it."""
    drawing = drawing_of(graph.lines, units, chosen)
    kinds = {figure.kind for figure in drawing.figures}
    said, hints = [counted(len(graph.lines), "node")], []
    if "more" in kinds:
        said.append("the part next to the result" if graph.focus is None else "the part around the node in focus")
        hints.append("focus=NODE draws another part" if graph.focus is None else "a larger radius draws more")
    if "scope" in kinds:
        said.append("scopes collapsed")
        hints.append(f"depth={(depth or 0) + 1} opens more")
    else:
        is_folded = bool(kinds & {"sum", "product"})
        said += ["sums folded"] if is_folded else []
        if graph.focus is None and hints + said[1:]:
            everything = "fold=False, limit=None" if len(graph.lines) > LIMIT else "fold=False"
            hints.append(f"{everything} draws every node")
        elif is_folded:
            hints.append("fold=False unfolds them")
    if not hints:
        return drawing
    return replace(drawing, caption=f"{', '.join(said)}\n{', '.join(hints)}")


def _refusal(graph: _Focused, size: int, limit: int) -> str:
    units = graph.units(True)
    ways = [f"fold=True folds the sums, which leaves {len(units):,}"] if len(units) < size else []
    if deepest(units):
        ways.append(f"depth=0 collapses the scopes, which leaves {len(graph.collapsed(0, True)):,}")
    else:
        ways.append("values made inside autograd.scope(NAME) can be collapsed with depth=0")
    ways.append("focus=NODE with radius=2 draws the part around a node")
    return (
        f"the picture would have {counted(size, 'node')}, more than its limit of {limit:,}. "
        f"Try less: {'; '.join(ways)}. Or set the limit: limit={size}, or limit=None for none."
    )
