"""Fits a picture to a slide, so that its letters can be read there.

Stages go from the most detailed picture to the plainest one; each leaves out one more thing. The first one that fits is
drawn, in the direction that makes its letters largest; if neither direction fits, in as few rows as possible.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from viz.core.colours import COURIER_WIDTH
from viz.core.dot import edge_text
from viz.core.drawing import Drawing, Scope
from viz.core.look import DIRECTIONS, Look, Size
from viz.core.text import broken_lines
from viz.graphs.reshaping import in_rows, without_constants
from viz.graphs.room import room_of

_FEW_DIGITS = 3
_MOST_ROWS = 6
_BROAD = 1.15
"""A picture that is broader than this, in slides, is not tried in more rows: these make it still broader."""
_DENSEST = 6_000.0
"""Square pixels for a figure. A picture with more figures on a slide never fits, and is not laid out."""
_LIKELY = 0.2
"""The area that a picture needs, as a share of a slide, if it is likely to fit."""
_SMALLEST_IN_CELL = 2 / 3
"""The least size of letters in a cell of a notebook, as a share of those on a slide."""
_WIDE = 1.25
"""The largest width of a picture in a cell, in slides, if there is a better one: its letters are larger there."""
_MOST_IN_CELL = 100
"""The most figures of a picture that is laid out again for a cell, which takes about as long as for a slide."""
_CAPTION = 110
"""The most columns of a caption."""
_MOST_TRIED = 2
"""Scopes are opened one by one until this many did not fit."""

Measure = Callable[[Drawing], tuple[float, float]]
"""Lays out a picture, and returns its width and height in points."""


class Views(NamedTuple):
    """The views of a graph, in the order in which they are tried.

    `detailed` has no collapsed scopes. `collapsed` returns the view in which only these `scopes` are open; they are in
    the order in which they are opened. `parts` returns smaller and smaller parts of the graph, the last of one node.
    `is_folded` says that even the first has folded sums, since the graph is too large. `has_main_scope` says that one
    scope has more than a third of the nodes.
    """

    detailed: Sequence[Drawing]
    collapsed: Callable[[Collection[Scope]], Drawing]
    scopes: Sequence[Scope]
    parts: Callable[[], Iterable[Drawing]]
    is_folded: bool = False
    has_main_scope: bool = False


class _Stage(NamedTuple):
    """A picture, and what it leaves out, in words; `opened` are the open scopes, None if all are open."""

    drawing: Drawing
    left_out: set[str]
    opened: Collection[Scope] | None = None


class _Laid(NamedTuple):
    """A picture with a layout; `scale` is the size of its points on the slide, `rows` its number of rows."""

    scale: float
    rows: int
    drawing: Drawing

    @property
    def fits(self) -> bool:
        """Whether its letters are large enough."""
        return self.scale >= 1

    @property
    def rank(self) -> tuple[bool, int, float]:
        """A picture that fits is better, then one with fewer rows, then one with larger letters."""
        return self.fits, -self.rows if self.fits else 0, self.scale


@dataclass(frozen=True, slots=True)
class Slide:
    """What the user wants to see on a slide.

    `name` says in the caption what the picture fits. `direction` is None if the program shall choose. `said` is a
    warning for the caption.
    """

    size: Size
    name: str
    direction: str | None
    look: Look
    has_constants: bool
    limit: int | None
    said: str

    @property
    def ways(self) -> Iterable[str]:
        """The directions to try."""
        return [self.direction] if self.direction else DIRECTIONS


_DIGITS, _CONSTANTS, _TERMS, _PARTIALS, _SCOPES, _GRADIENTS, _NODES = _ORDER = (
    "digits after the third",
    "boxes of constants",
    "terms of sums",
    "local derivatives",
    "insides of scopes",
    "gradients",
    "distant nodes",
)
"""What is left out, in this order; a caption lists it in the same order. The innermost scopes are closed first.

If no scope could stay open, gradients are left out before the insides of scopes; and distant nodes too, if one scope
has more than a third of the nodes.
"""


class _Stages:
    """The pictures to try."""

    def __init__(self, slide: Slide) -> None:
        self._slide = slide
        self._look = replace(slide.look, font_size=slide.look.font_size or slide.size.letters)
        self._has_constants = slide.has_constants
        self._left_out: set[str] = set()
        self._said: set[object] = set()

    def of(self, views: Views) -> Iterator[_Stage]:
        """Yield the stages that show the whole graph."""
        drawing, *folded = views.detailed
        yield from self._stage(drawing, _TERMS if views.is_folded else "")
        self._look = replace(self._look, digits=min(self._look.digits, _FEW_DIGITS))
        yield from self._stage(drawing, _DIGITS)
        self._has_constants = False
        yield from self._stage(drawing, _CONSTANTS)
        for drawing in folded:
            yield from self._stage(drawing, _TERMS)
        self._look = replace(self._look, partials=False)
        yield from self._stage(drawing, _PARTIALS)
        for depth in reversed(range(max(map(len, views.scopes), default=0))):
            opened = [scope for scope in views.scopes if len(scope) <= depth]
            yield from self._stage(views.collapsed(opened), _SCOPES, opened)
        self._look = replace(self._look, gradients=False)
        yield from self._stage(drawing, _GRADIENTS)

    def opened(self, views: Views, stage: _Stage, scope: Scope) -> Iterator[_Stage]:
        """Yield a stage with one more open scope, unless the scope is inside a closed one."""
        opened = stage.opened or ()
        if scope not in opened and (len(scope) == 1 or scope[:-1] in opened):
            yield from self._stage(views.collapsed([*opened, scope]), _SCOPES, [*opened, scope])

    def without_gradients(self, views: Views) -> Iterator[_Stage]:
        """Yield the stages with every scope open, and without gradients."""
        self._look = replace(self._look, gradients=False)
        self._left_out -= {_SCOPES} if views.is_folded else {_SCOPES, _TERMS}
        for drawing, words in zip(views.detailed, (_GRADIENTS, _TERMS), strict=False):
            yield from self._stage(drawing, words)

    def parts(self, views: Views) -> list[_Stage]:
        """Return the last stage for smaller and smaller parts; the other stages come before."""
        return [_Stage(self._shown(drawing), {*self._left_out, _NODES}) for drawing in views.parts()]

    def _stage(self, drawing: Drawing, words: str, opened: Collection[Scope] | None = None) -> Iterator[_Stage]:
        """Yield a stage if it shows less than the one before, and no more nodes than the limit."""
        drawing = self._shown(drawing)
        said = _said(drawing)
        if said in self._said:
            return
        self._said.add(said)
        self._left_out |= {words} if words else set()
        if self._slide.limit is None or drawing.size <= self._slide.limit:
            yield _Stage(drawing, set(self._left_out), opened)

    def _shown(self, drawing: Drawing) -> Drawing:
        said = (drawing.caption.partition("\n")[0], self._slide.said)
        drawing = replace(drawing, look=self._look, caption="\n".join(filter(None, said)))
        return drawing if self._has_constants else without_constants(drawing)


def _said(drawing: Drawing) -> tuple[object, ...]:
    """Return all that a picture says: two pictures that say the same are the same."""
    look = drawing.look
    numbers = [
        (
            *(look.number(number) for _, number in figure.named_numbers(look)),
            *(look.columns(look.number(row.data), look.number(row.grad)) for row in figure.listed),
        )
        for figure in drawing.figures
    ]
    boxes = [(figure.key, figure.notes) for figure in drawing.figures]
    edges = [(edge.tail, edge.head, edge_text(edge, look)) for edge in drawing.edges]
    return *boxes, *numbers, *edges


def fitted(views: Views, slide: Slide, measure: Measure) -> Drawing:
    """Return the most detailed picture that fits; of the parts of the graph, the largest that fits, or one node."""
    stages = _Stages(slide)
    for stage in stages.of(views):
        drawing = _fitting(stage, slide, measure)
        if drawing:
            return drawing if stage.opened is None else _with_more_open(stages, views, stage, drawing, slide, measure)
    parts = stages.parts(views)
    return _largest(parts, slide, measure) or _captioned(parts[-1].drawing, parts[-1].left_out, slide, 1)


def _fitting(stage: _Stage, slide: Slide, measure: Measure) -> Drawing | None:
    """Return the best picture of a stage, None if none fits."""
    laid = _best(stage, slide, measure)
    return laid.drawing if laid and laid.fits else None


def _largest(parts: Sequence[_Stage], slide: Slide, measure: Measure) -> Drawing | None:
    """Return the first of smaller and smaller parts that fits, None if none does; begin with one that is likely to."""
    shares = [room_of(part.drawing).area / slide.size.area for part in parts]
    begin = next((place for place, share in enumerate(shares) if share <= _LIKELY), len(parts) - 1)
    found = _fitting(parts[begin], slide, measure)
    if found is None:
        return next(filter(None, (_fitting(part, slide, measure) for part in parts[begin + 1 :])), None)
    for part in reversed(parts[:begin]):
        larger = _fitting(part, slide, measure)
        if larger is None:
            break
        found = larger
    return found


def _with_more_open(
    stages: _Stages, views: Views, stage: _Stage, drawing: Drawing, slide: Slide, measure: Measure
) -> Drawing:
    """Return a picture that fits with more of its scopes open.

    If that opens none, return one without gradients that fits; or if one scope has much of the graph, so that little is
    seen while it is closed, a part of the graph with all scopes open.
    """
    failed = 0
    for scope in views.scopes:
        for tried in stages.opened(views, stage, scope) if failed < _MOST_TRIED else ():
            better = _fitting(tried, slide, measure)
            if better:
                stage, drawing = tried, better
            else:
                failed += 1
    if stage.opened:
        return drawing
    for tried in stages.without_gradients(views):
        better = _fitting(tried, slide, measure)
        if better:
            return better
    part = _largest(stages.parts(views), slide, measure) if views.has_main_scope else None
    return part if part and _count_shown(part) > _count_shown(drawing) else drawing


def _count_shown(drawing: Drawing) -> int:
    """Return the number of boxes, without those that stand for others."""
    return sum(figure.kind not in ("operation", "again", "more") for figure in drawing.figures)


def for_cell(drawing: Drawing, measure: Measure) -> Drawing:
    """Return a picture as a cell of a notebook shows it, with nothing left out: in rows, or from top to bottom.

    It is the same picture if it is narrow, or if this makes its letters too small.
    """
    size = Size.of("4:3")
    if len(drawing.figures) > _MOST_IN_CELL or measure(drawing)[0] <= _WIDE * size.width:
        return drawing
    stage = _Stage(replace(drawing, look=replace(drawing.look, font_size=size.letters)), set())
    laid = _best(stage, Slide(size, "", None, drawing.look, True, None, ""), measure, _SMALLEST_IN_CELL)
    if laid and laid.scale >= _SMALLEST_IN_CELL:
        return laid.drawing
    down = replace(drawing, look=replace(drawing.look, direction="down"))
    return down if measure(down)[0] <= _WIDE * size.width else drawing


def _best(stage: _Stage, slide: Slide, measure: Measure, least: float = 1.0) -> _Laid | None:
    """Return the best picture of a stage; None if its letters would be far smaller than those of scale `least`."""
    if len(stage.drawing.figures) * _DENSEST > slide.size.area:
        return None
    return max(_laid(stage, slide, measure, least), key=lambda laid: laid.rank, default=None)


def _laid(stage: _Stage, slide: Slide, measure: Measure, least: float) -> Iterator[_Laid]:
    """Yield the picture of a stage in each direction, in the fewest rows in which it fits; else in other rows too."""
    ways = {way: replace(stage.drawing, look=replace(stage.drawing.look, direction=way)) for way in slide.ways}
    fewest = {way: room_of(drawing).rows(slide.size, way, least) for way, drawing in ways.items()}
    for count in range(1, _MOST_ROWS + 1):
        fits = False
        for way in [way for way in ways if fewest[way] <= count]:
            drawing = ways[way] if count == 1 else in_rows(ways[way], count)
            if not room_of(drawing).may_fit(slide.size, way, least):
                continue
            captioned = _captioned(drawing, stage.left_out, slide, count)
            size = measure(captioned)
            laid = _Laid(min(slide.size.width / size[0], slide.size.height / size[1]), count, captioned)
            yield laid
            fits |= laid.fits
            if size[way == "right"] * least > _BROAD * slide.size[way == "right"]:
                del ways[way]
        if fits:
            return


def _captioned(drawing: Drawing, left_out: set[str], slide: Slide, count: int) -> Drawing:
    """Return the picture with a caption that says what is left out, and how to read rows."""
    said = [*drawing.caption.split("\n")] if drawing.caption else []
    if left_out:
        said.append(f"left out to fit {slide.name}: {', '.join(sorted(left_out, key=_ORDER.index))}")
    if count > 1:
        row = "row" if drawing.look.direction == "right" else "column"
        said.append(f"in {count} {row}s: a dashed name stands for its box in another {row}")
    columns = min(_CAPTION, int(slide.size.width / (drawing.look.size(10) * COURIER_WIDTH)) - 4)
    lines = [line for text in said for line in broken_lines([text], columns)]
    return replace(drawing, caption="\n".join(lines))
