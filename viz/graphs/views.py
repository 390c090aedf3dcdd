"""Chooses the view of a graph: as recorded, folded, collapsed by scope, or the part around a node.

Small graphs are drawn as recorded; larger ones are folded until they can be read, or until they fit a slide. Arguments
override this.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TypedDict

from autograd import Line, Tape, Value
from autograd.passes.names import find, line_names
from autograd.passes.subject import Root, root_of
from autograd.passes.wording import DIGITS
from autograd.sweep import sweeping, topological_order
from autograd.table.scalars import as_whole, counted
from viz.core.drawing import LIMIT, LONG, RADIUS, Drawing, Group, Scope
from viz.core.look import DIRECTIONS, FONT_SIZES, Look, Size
from viz.core.nodes import OUTDATED
from viz.graphs.figures import Assembly, Uses, single_lines
from viz.graphs.fitting import Measure, Slide, Views, fitted
from viz.graphs.folding import collapsed, deepest, folded, opened_scopes, scope_sizes
from viz.graphs.reshaping import without_constants

_MOST_AS_RECORDED = 60
_MOST_FOLDED = 400
_MOST_COLLAPSED = 60
_MOST_EDGES = 120
_MOST_IN_PART = 45
_MOST_AROUND = 24
_PARTS = (60, 50, 42, 36, 31, 27, 24, 21, 18, 15, 13, 11, 9, 7, 6, 5, 4, 3, 2, 1)
"""The numbers of units of the parts that are tried on a slide."""
_LONGEST_PART = 300
_WIDEST = 40
"""The most ranks of a folded picture; with more, its letters would be less than 4 pixels high on a slide."""
_WIDEST_PART = 24
_LARGE = 2_000
"""A graph with more nodes than this is drawn with its scopes collapsed, if it has scopes."""


class View(TypedDict, total=False):
    """The view that the user wants: the arguments of `view`, which other functions pass on."""

    depth: int | None
    fold: bool | None
    focus: Value | str | None
    radius: int | None
    limit: int | None
    open: str | Sequence[str]
    fit: str | None
    direction: str | None
    partials: bool
    gradients: bool
    constants: bool
    digits: int | None
    font_size: int | None


def known(view: View, function: str) -> View:
    """Return the arguments of a view that a function hands on; TypeError, which names the function, for any other."""
    for name in view:
        if name not in View.__annotations__:
            raise TypeError(
                f"{function}() got an unexpected keyword argument {name!r}. "
                f"A view has the arguments {', '.join(View.__annotations__)}."
            )
    return view


class TooLargeError(ValueError):
    """A picture would have more nodes than its limit; the message says what to draw instead."""


@dataclass(frozen=True, slots=True)
class _Focused:
    """The lines of a tape, the place of the node in focus, None if there is none, and the scopes that are opened."""

    lines: Sequence[Line]
    focus: int | None = None
    opened: Collection[Scope] = ()

    def units(self, fold: bool) -> list[Group]:
        """Return the units of the whole graph; the node in focus is always a separate unit."""
        return folded(self.lines, () if self.focus is None else (self.focus,)) if fold else single_lines(self.lines)

    def collapsed(self, depth: int | None, fold: bool) -> list[Group]:
        """Return the units of the whole graph; if `depth` is given, deeper scopes are collapsed."""
        units = self.units(fold)
        return units if depth is None else collapsed(self.lines, units, depth, self.opened)

    def around(self, uses: Uses, radius: int | None) -> list[int]:
        """Return the places of the units within `radius` edges of the node in focus; None chooses a readable radius."""
        if radius is None:
            usual = self.around(uses, RADIUS)
            return usual if len(usual) <= _MOST_AROUND else self.around(uses, 1)
        ring = {uses.places[self.focus or 0]}
        reached = set(ring)
        for _ in range(radius):
            ring = {other for place in ring for other in (*uses.operands[place], *uses.users[place])} - reached
            reached |= ring
            if not ring:
                break
        return sorted(reached)


def _next_to_root(uses: Uses, most: int) -> list[int]:
    """Return the places of the units nearest to the root: as many whole rings as fit in `most` units."""
    ring = {uses.places[-1]}
    reached: set[int] = set()
    while ring and len(reached) + len(ring) <= most:
        reached |= ring
        ring = {operand for place in ring for operand in uses.operands[place]} - reached
    return sorted(reached)


def view(
    root: Root | Tape,
    measure: Measure | None = None,
    *,
    depth: int | None = None,
    fold: bool | None = None,
    focus: Value | str | None = None,
    radius: int | None = None,
    limit: int | None = LIMIT,
    open: str | Sequence[str] = (),
    fit: str | None = None,
    direction: str | None = None,
    partials: bool = True,
    gradients: bool = True,
    constants: bool = True,
    digits: int | None = None,
    font_size: int | None = None,
) -> Drawing:
    r"""Return the picture of a graph as data; see `viz.draw` for the arguments. `measure` is needed for `fit`.

    A tape is drawn as it is, without a word on results that are older than their leaves.

    >>> x = Value(3, "x")
    >>> view(x * x + 2 * x + 1, fold=True).caption
    '7 nodes, sums folded\nfold=False draws every node'
    """
    tape = root if isinstance(root, Tape) else Tape.of(root)
    depth = None if depth is None else as_whole(depth, "depth", 0)
    limit = None if limit is None else as_whole(limit, "limit", 1)
    radius = None if radius is None else as_whole(radius, "radius", 0)
    if focus is None and radius is not None:
        raise ValueError(f"expected focus=NODE with radius={radius}, got no focus. The radius starts at that node.")
    opened = opened_scopes(tape.lines, [open] if isinstance(open, str) else open)
    depth = 0 if opened and depth is None else depth
    graph = _Focused(tape.lines, None if focus is None else _place_of(focus, root_of(root), tape), opened)
    look = _look(direction, partials, gradients, digits, font_size)
    outdated = OUTDATED if root is not tape and tape.is_outdated else ""
    whole = None
    if not (depth is None and fold is None and focus is None):
        is_folded = len(tape.lines) > _MOST_AS_RECORDED if fold is None else fold
        whole = Assembly(graph.lines, graph.collapsed(depth, is_folded))
    if fit is not None and measure is not None:
        size = Size.of(fit)
        if whole is None:
            views = _slide_views(graph, limit)
        else:
            chosen = _asked(graph, whole, depth, radius, limit)
            views = Views([chosen], lambda _: chosen, (), partial(_parts, graph, whole, limit))
        return fitted(views, Slide(size, fit, direction, look, constants, limit, outdated), measure)
    drawing = _readable(graph, limit) if whole is None else _asked(graph, whole, depth, radius, limit)
    drawing = replace(drawing, look=look, caption="\n".join(filter(None, (drawing.caption, outdated))))
    return drawing if constants else without_constants(drawing)


def _look(direction: str | None, partials: bool, gradients: bool, digits: int | None, font_size: int | None) -> Look:
    """Return the look that the user wants. Raises ValueError for a wrong argument."""
    if direction not in (None, *DIRECTIONS):
        raise ValueError(f"expected {' or '.join(map(repr, DIRECTIONS))} for direction, got {direction!r}.")
    size = None if font_size is None else as_whole(font_size, "font_size", *FONT_SIZES)
    number = DIGITS if digits is None else as_whole(digits, "digits", 1, 17)
    return Look(direction or "right", partials, gradients, number, size)


def _slide_views(graph: _Focused, limit: int | None) -> Views:
    """Return the views that may fit a slide, if the user chose none."""
    lines, units = graph.lines, graph.units(True)
    whole = Assembly(lines, units)
    recorded = [Assembly(lines, single_lines(lines)).drawing()] if len(lines) <= _MOST_FOLDED else []
    sizes = scope_sizes(lines)
    scopes = sorted(sizes, key=lambda scope: (len(scope), sizes[scope]))

    def opened(some: Collection[Scope]) -> Drawing:
        depth = min(len(scope) for scope in scopes if scope not in some) - 1 if len(some) < len(scopes) else None
        return _captioned(graph, Assembly(lines, collapsed(lines, units, 0, some)), None, depth)

    shown = [*recorded, _captioned(graph, whole)]
    has_main = max(sizes.values(), default=0) > len(lines) / 3
    return Views(shown, opened, scopes, partial(_parts, graph, whole, limit), not recorded, has_main)


def _parts(graph: _Focused, whole: Assembly, limit: int | None) -> Iterator[Drawing]:
    """Yield smaller and smaller parts, which begin at the node in focus or at the root."""
    for most in _PARTS:
        if most == 1 or (most < len(whole.units) and (limit is None or most <= limit)):
            yield _captioned(graph, whole, _nearest(whole.uses, graph.focus, most))


def _nearest(uses: Uses, focus: int | None, most: int) -> list[int]:
    """Return the places of the units nearest to the node in focus, or of the root and its nearest operands."""
    found = [uses.places[-1 if focus is None else focus]]
    for place in found:  # which grows
        others = chain(uses.operands[place], uses.users[place] if focus is not None else ())
        found += [other for other in others if other not in found][: most - len(found)]
    return sorted(found)


def _asked(graph: _Focused, whole: Assembly, depth: int | None, radius: int | None, limit: int | None) -> Drawing:
    """Return the view that the user wants. Raises TooLargeError if it would have more nodes than the limit."""
    chosen = None if graph.focus is None else graph.around(whole.uses, radius)
    size = len(whole.units) if chosen is None else len(chosen)
    if limit is not None and size > limit:
        raise TooLargeError(_refusal(graph, size, limit))
    return _captioned(graph, whole, chosen, depth)


def _readable(graph: _Focused, limit: int | None) -> Drawing:
    """Return the most detailed readable view: the whole graph, folded, collapsed, or only the part next to the root."""
    lines = graph.lines
    if limit is None or len(lines) <= min(limit, _MOST_AS_RECORDED):
        return Assembly(lines, single_lines(lines)).drawing()
    units = graph.units(True)
    nested = deepest(units)
    whole = Assembly(lines, units)
    if len(units) <= min(limit, _MOST_FOLDED) and (len(lines) <= _LARGE or not nested):
        drawing = _captioned(graph, whole)
        if drawing.length <= LONG and drawing.width <= _WIDEST:
            return drawing
    for depth in range(nested - 1, -1, -1):
        boxes = Assembly(lines, collapsed(lines, units, depth))
        edges = sum(map(len, boxes.uses.operands))
        if len(boxes.units) <= min(limit, _MOST_COLLAPSED) and (edges <= _MOST_EDGES or depth == 0):
            return _captioned(graph, boxes, None, depth)
    most = min(limit, _MOST_IN_PART)
    drawing = _captioned(graph, whole, _next_to_root(whole.uses, most))
    while (drawing.length > _LONGEST_PART or drawing.width > _WIDEST_PART) and most > 1:
        most = most * 3 // 4
        drawing = _captioned(graph, whole, _next_to_root(whole.uses, most))
    return drawing


def _place_of(focus: Value | str, root: Value, tape: Tape) -> int:
    """Return the place of the node in focus. Raises TypeError or ValueError if the graph has no such node."""
    names = line_names(tape.lines)
    if not isinstance(focus, Value):
        return find(names, focus)
    with sweeping:
        order = topological_order([root])
    for place, node in enumerate(order):
        if node is focus:
            return place
    raise ValueError(f"{focus.name} is not in the graph of {names[-1]}. Focus on a node of that graph.")


def _captioned(
    graph: _Focused, assembly: Assembly, chosen: Sequence[int] | None = None, depth: int | None = None
) -> Drawing:
    """Return the picture of the units; its caption says what is left out, and how to see it."""
    drawing = assembly.drawing(chosen)
    kinds = {figure.kind for figure in drawing.figures}
    said, hints = [counted(len(graph.lines), "node")], []
    if "more" in kinds:
        said.append("the part next to the result" if graph.focus is None else "the part around the node in focus")
        hints.append("focus=NODE draws another part" if graph.focus is None else "a larger radius draws more")
    if "scope" in kinds:
        said.append("scopes collapsed")
        deeper = (depth or 0) + 1
        opens = len(graph.collapsed(deeper, True)) <= LIMIT
        hints.append(f"depth={deeper} opens more" if opens else "focus=NODE draws the part around a node")
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
        f"the picture would have {counted(size, 'node')}; the limit is {limit:,}. "
        f"Draw less: {'; '.join(ways)}. Or raise the limit: limit={size}, or limit=None for no limit."
    )
