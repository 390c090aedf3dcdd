"""Fits a picture to a slide, so that its letters can be read there.

Stages go from the most detailed picture to the plainest one; each leaves out one more thing. The first one that fits is
drawn, in the direction that makes its letters largest; if neither direction fits, in as few rows as possible.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import NamedTuple

from viz.core.colours import COURIER_WIDTH
from viz.core.dot import source_of
from viz.core.drawing import Drawing, Scope
from viz.core.look import DIRECTIONS, Look, Size
from viz.core.text import broken_lines
from viz.graphs.reshaping import in_rows, without_constants

_FEW_DIGITS = 3
_MOST_ROWS = 6
_DENSEST = 6_000.0
"""Square pixels for a figure. A picture with more figures on a slide never fits, and is not laid out."""
_WRAPPED = 1.8
"""The largest area, in slides, of a picture that may fit in rows: these fill the gaps beside long edges."""
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
    `is_folded` says that even the first has folded sums, since the graph is too large.
    """

    detailed: Sequence[Drawing]
    collapsed: Callable[[Collection[Scope]], Drawing]
    scopes: Sequence[Scope]
    parts: Callable[[], Iterable[Drawing]]
    is_folded: bool = False


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

If no scope could stay open, gradients are left out before the insides of scopes.
"""


class _Stages:
    """The pictures to try."""

    def __init__(self, slide: Slide) -> None:
        self._slide = slide
        self._look = replace(slide.look, font_size=slide.look.font_size or slide.size.letters)
        self._has_constants = slide.has_constants
        self._left_out: set[str] = set()
        self._source = ""

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
        source = source_of(replace(drawing, caption=""))
        if source == self._source:
            return
        self._source = source
        self._left_out |= {words} if words else set()
        if self._slide.limit is None or drawing.size <= self._slide.limit:
            yield _Stage(drawing, set(self._left_out), opened)

    def _shown(self, drawing: Drawing) -> Drawing:
        said = (drawing.caption.partition("\n")[0], self._slide.said)
        drawing = replace(drawing, look=self._look, caption="\n".join(filter(None, said)))
        return drawing if self._has_constants else without_constants(drawing)


def fitted(views: Views, slide: Slide, measure: Measure) -> Drawing:
    """Return the most detailed picture that fits; of the parts of the graph, the largest that fits, or one node."""
    stages = _Stages(slide)
    for stage in stages.of(views):
        laid = _best(stage, slide, measure)
        if laid and laid.fits:
            return laid.drawing if stage.opened is None else _with_more_open(stages, views, stage, laid, slide, measure)
    parts = stages.parts(views)
    found = None
    first, end = 0, len(parts)
    while first < end:
        middle = (first + end) // 2
        laid = _best(parts[middle], slide, measure)
        if laid and laid.fits:
            found, end = laid, middle
        else:
            found, first = found or laid, middle + 1
    return (found or _largest(parts[-1], slide, measure)).drawing


def _with_more_open(
    stages: _Stages, views: Views, stage: _Stage, laid: _Laid, slide: Slide, measure: Measure
) -> Drawing:
    """Return a picture that fits with more of its scopes open; if that opens none, one without gradients that fits."""
    failed = 0
    for scope in views.scopes:
        for tried in stages.opened(views, stage, scope) if failed < _MOST_TRIED else ():
            better = _best(tried, slide, measure)
            if better and better.fits:
                stage, laid = tried, better
            else:
                failed += 1
    for tried in () if stage.opened else stages.without_gradients(views):
        better = _best(tried, slide, measure)
        if better and better.fits:
            return better.drawing
    return laid.drawing


def for_cell(drawing: Drawing, measure: Measure) -> Drawing:
    """Return a picture as a cell of a notebook shows it, with nothing left out: in rows, or from top to bottom.

    It is the same picture if it is narrow, or if this makes its letters too small.
    """
    size = Size.of("4:3")
    if len(drawing.figures) > _MOST_IN_CELL or measure(drawing)[0] <= _WIDE * size.width:
        return drawing
    stage = _Stage(replace(drawing, look=replace(drawing.look, font_size=size.letters)), set())
    laid = _best(stage, Slide(size, "", None, drawing.look, True, None, ""), measure)
    if laid and laid.scale >= _SMALLEST_IN_CELL:
        return laid.drawing
    down = replace(drawing, look=replace(drawing.look, direction="down"))
    return down if measure(down)[0] <= _WIDE * size.width else drawing


def _best(stage: _Stage, slide: Slide, measure: Measure) -> _Laid | None:
    """Return the best picture of a stage; None if it has far too many figures."""
    if len(stage.drawing.figures) * _DENSEST > slide.size.width * slide.size.height:
        return None
    return _largest(stage, slide, measure)


def _largest(stage: _Stage, slide: Slide, measure: Measure) -> _Laid:
    """Return the best picture of a stage, which may have letters that are too small."""
    return max(_laid(stage, slide, measure), key=lambda laid: laid.rank)


def _laid(stage: _Stage, slide: Slide, measure: Measure) -> Iterator[_Laid]:
    """Yield the picture of a stage in each direction; if none fits, also in as few rows as possible."""
    rows: list[tuple[int, Drawing]] = []
    fewest = _MOST_ROWS
    for direction in [slide.direction] if slide.direction else DIRECTIONS:
        drawing = replace(stage.drawing, look=replace(stage.drawing.look, direction=direction))
        captioned = _captioned(drawing, stage.left_out, slide, 1)
        size = measure(captioned)
        laid = _Laid(_scale(size, slide), 1, captioned)
        yield laid
        fewest = 1 if laid.fits else fewest
        rows += [(count, drawing) for count in _counts(size, slide, direction)]
    for count, drawing in sorted(rows, key=itemgetter(0)):
        if count <= fewest:
            captioned = _captioned(in_rows(drawing, count), stage.left_out, slide, count)
            laid = _Laid(_scale(measure(captioned), slide), count, captioned)
            yield laid
            fewest = count if laid.fits else fewest


def _scale(size: tuple[float, float], slide: Slide) -> float:
    """Return how large a point of a picture is on the slide, in pixels."""
    return min(slide.size.width / size[0], slide.size.height / size[1])


def _counts(size: tuple[float, float], slide: Slide, direction: str) -> Iterator[int]:
    """Yield the numbers of rows to try: as many as make each row short enough, and up to two more."""
    along = 0 if direction == "right" else 1
    if math.prod(size) <= _WRAPPED * slide.size.width * slide.size.height:
        least = max(math.ceil(size[along] / slide.size[along]), 2)
        yield from range(least, min(least + 2, _MOST_ROWS) + 1)


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
