"""Places the parts of a network diagram: circles in columns, with enough space for the lines and texts between them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograd.table.scalars import counted
from viz.core.text import shown
from viz.networks.diagram import FONT_SIZE, LINE_HEIGHT, Box, Circle, Connection, Diagram, DiagramLine, Point, in_full
from viz.networks.labelling import with_labels
from viz.networks.outline import Cell, Join, Outline
from viz.networks.units import Key

MOST_LABELS = 40
"""Diagrams with more weights have no texts on their lines."""

_WIDTH = 0.62 * FONT_SIZE
"""The width of a character, in Helvetica or in the wider fonts that may replace it."""
_THINNEST, _THICKEST = 0.6, 3.2
_STRETCHES = (1.0, 1.2, 1.45, 1.75, 2.1, 2.5, 3.0, 3.6, 4.4)
_SLIDE = 16 / 9
_MOST_RISE = 2.5
_NARROWEST_GAP, _WIDEST_GAP = 170.0, 420.0
_CLEARANCE = 30.0


def place(outline: Outline, room: int, gap: float | None = None) -> Diagram:
    """Return the diagram of an outline; each number gets space for at least `room` characters.

    With a `gap` from column to column, there are no texts on the lines, as with more than MOST_LABELS weights.
    """
    count = sum(join.kind == "weight" for join in outline.joins)
    if gap or count > MOST_LABELS:
        return _Sizes(outline, room, compact=True, gap=gap).diagram(1.0, 1.0)
    sizes = _Sizes(outline, room, compact=False)
    best, fewest = sizes.spread(_STRETCHES[0]), math.inf
    for stretch in _STRETCHES:
        spread = sizes.spread(stretch)
        if not fewest and _is_smaller(best, spread):
            break
        diagram, overlaps = with_labels(spread)
        if overlaps <= fewest:
            best, fewest = diagram, overlaps
    return best


def _is_smaller(one: Diagram, other: Diagram) -> bool:
    """Say whether `one` would be larger on a slide than `other`, which is wider."""
    width, height = _size(other)
    return width > _SLIDE * height or height > _size(one)[1]


def _size(diagram: Diagram) -> Point:
    """Return how wide and how high the circles are together."""
    across = [circle.x for circle in diagram.circles]
    up = [circle.y for circle in diagram.circles]
    around = 2 * diagram.circles[0].radius
    return max(across) - min(across) + around, max(up) - min(up) + around


@dataclass(frozen=True)
class _Sizes:
    """The sizes of the circles and texts of an outline, and the positions that follow from them."""

    outline: Outline
    room: int
    compact: bool
    gap: float | None = None

    def width(self, entries: Sequence[DiagramLine]) -> float:
        return max((_width(entry, self.room) for entry in entries), default=0.0)

    def lines(self, cell: Cell) -> tuple[DiagramLine, ...]:
        """Return the lines in a circle: all, or in a compact diagram the name of the activation and its number."""
        if not self.compact:
            return cell.entries
        values = [entry for entry in cell.entries if entry.part == "data"]
        if not values:
            return cell.entries
        return DiagramLine(values[-1].name, "", "name"), values[-1]._replace(name="")

    def radius(self) -> float:
        cells = [cell for column in self.outline.columns for cell in column]
        return max(_radius(self.lines(cell), self.room) for cell in cells)

    def spread(self, stretch: float) -> Diagram:
        """Return the diagram with rows far enough apart to fill a slide, but at most _MOST_RISE times the least."""
        diagram = self.diagram(stretch, 1.0)
        width, height = _size(diagram)
        around = 2 * diagram.circles[0].radius
        rise = (width / _SLIDE - around) / (height - around) if height > around else 1.0
        return self.diagram(stretch, min(_MOST_RISE, max(1.0, rise)))

    def diagram(self, stretch: float, rise: float) -> Diagram:
        """Return the diagram without labels; `stretch` and `rise` multiply the least distances of columns and rows."""
        radius = self.radius()
        columns = self.outline.columns
        above = [self._above(len(column)) for column in columns]
        pitches = [rise * (2 * radius + extra + (3 if self.compact else 14)) for extra in above]
        heights = [(len(column) - 1) * pitch for column, pitch in zip(columns, pitches, strict=True)]
        x = 0.0
        circles: list[Circle] = []
        places: dict[Key, int] = {}
        for number, column in enumerate(columns):
            if number:
                x += self._gap(number, radius, max(heights), stretch)
            for row, cell in enumerate(column):
                y = heights[number] / 2 - row * pitches[number]
                places[number, row] = len(circles)
                circles.append(self._circle(len(circles), cell, (x, y), radius))
        top = max(heights) / 2 + radius + max(above)
        return Diagram(tuple(circles), tuple(self._connections(circles, places, top)))

    def _above(self, count: int) -> float:
        """Return the height of the texts above circles in columns of `count` or more units.

        So columns of the same length have their units side by side, and a long column without biases is not stretched.
        """
        long = [column for column in self.outline.columns if len(column) >= count]
        return 0.0 if self.compact else LINE_HEIGHT * max(len(cell.bias) for column in long for cell in column)

    def _gap(self, number: int, radius: float, height: float, stretch: float) -> float:
        """Return the distance from the centre of a column to the centre of the column before."""
        joins = [join for join in self.outline.joins if join.target[0] == number]
        label = max((self.width(join.entries) for join in joins), default=0.0)
        if self.outline.columns[number][0].kind == "loss":
            return 2 * radius + 40 + label
        if self.compact:
            return self.gap or min(_WIDEST_GAP, max(_NARROWEST_GAP, 0.5 * height))
        return 2 * radius + stretch * label * (1.8 if len(joins) < 10 else 2.2)

    def _circle(self, number: int, cell: Cell, centre: Point, radius: float) -> Circle:
        bias = None
        if cell.bias and not self.compact:
            height = len(cell.bias) * LINE_HEIGHT
            above = centre[1] + radius + height / 2 + 1
            bias = Box(f"bias{number}", centre[0], above, self.width(cell.bias), height, cell.bias)
        about = in_full((*cell.entries, *cell.bias) if cell.kind != "folded" else cell.entries[1:])
        about += f" ({cell.activation})" if cell.activation else ""
        return Circle(f"unit{number}", cell.kind, *centre, radius, self.lines(cell), about, bias)

    def _connections(self, circles: Sequence[Circle], places: dict[Key, int], top: float) -> Iterator[Connection]:
        largest = max((abs(join.weight) for join in self.outline.joins if math.isfinite(join.weight)), default=0.0)
        for number, join in enumerate(self.outline.joins):
            ends = circles[places[join.source]], circles[places[join.target]]
            around = top if join.target[0] - join.source[0] > 1 else None
            label = None
            if join.entries and not self.compact:
                name = "weightlabel" if join.kind == "weight" else "losslabel"
                height = len(join.entries) * LINE_HEIGHT
                label = Box(f"{name}{number}", 0.0, 0.0, self.width(join.entries), height, join.entries)
            about = in_full(join.entries)
            yield Connection(
                f"weight{number}" if join.kind == "weight" else f"{join.kind}{number}",
                join.kind, ends[0].id, ends[1].id, join.weight, thickness(join.weight, largest),
                _path(*ends, around), about or _stands_for(join), label,
                join.entries[0].node if join.kind == "weight" and join.entries else "",
            )  # fmt: skip


def thickness(weight: float, largest: float) -> float:
    """Return the thickness of a weight's line in points; `largest` is the largest finite magnitude of a weight.

    >>> thickness(-2, 4), thickness(0, 0)
    (2.2, 0.6)
    """
    if math.isinf(weight):
        return _THINNEST + _THICKEST
    share = abs(weight) / largest if largest and not math.isnan(weight) else 0.0
    return _THINNEST + _THICKEST * share


def _stands_for(join: Join) -> str:
    return counted(join.stands_for, "weight") if join.kind == "folded" else ""


def _width(entry: DiagramLine, room: int) -> float:
    number = 0 if entry.part == "name" else len(shown(entry.number))
    return (sum(part.width for part in entry.parts) + max(room - number, 0) * (entry.part != "name")) * _WIDTH + 2


def _radius(entries: Sequence[DiagramLine], room: int) -> float:
    """Return the radius of a circle that all the lines fit into."""
    middle = (len(entries) - 1) / 2
    reaches = [
        math.hypot(_width(entry, room) / 2, abs(line - middle) * LINE_HEIGHT + 0.35 * FONT_SIZE)
        for line, entry in enumerate(entries)
    ]
    return max(18.0, *(reach + 2 for reach in reaches))


def _path(source: Circle, target: Circle, around: float | None) -> tuple[Point, Point, Point, Point]:
    """Return the Bezier curve from border to border: straight, or above the columns in between."""
    if around is not None:
        lift = (around + _CLEARANCE - (source.y + target.y) / 8) / 0.75  # the middle of the curve is _CLEARANCE above
        across = 0.3 * (target.x - source.x)
        before, after = (source.x + across, lift), (target.x - across, lift)
        return _border(source, before), before, after, _border(target, after)
    start, end = _border(source, (target.x, target.y)), _border(target, (source.x, source.y))
    if target.kind == "loss":
        end = target.x - target.radius, target.y
    third = (end[0] - start[0]) / 3, (end[1] - start[1]) / 3
    return start, (start[0] + third[0], start[1] + third[1]), (end[0] - third[0], end[1] - third[1]), end


def _border(circle: Circle, towards: Point) -> Point:
    dx, dy = towards[0] - circle.x, towards[1] - circle.y
    share = circle.radius / math.hypot(dx, dy)
    return circle.x + dx * share, circle.y + dy * share
