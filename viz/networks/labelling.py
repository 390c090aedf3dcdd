"""Places the labels of a network diagram: each at one of a few places on its line, where it covers least."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from viz.networks.diagram import Box, Circle, Connection, Diagram, Point

_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)
"""The places of a label on its line, as shares of the way from border to border."""
_ROUNDS = 6
_MARGIN = 2.0
_TOO_MUCH = 1000.0
"""The cost of an overlap; a line that a label covers costs 1."""


class _Area(NamedTuple):
    """A rectangle, given by its borders."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def of(cls, box: Box, margin: float = 0.0) -> "_Area":
        across, up = box.width / 2 + margin, box.height / 2 + margin
        return cls(box.x - across, box.y - up, box.x + across, box.y + up)

    def overlaps(self, other: "_Area") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def touches(self, circle: Circle) -> bool:
        x = min(max(circle.x, self.left), self.right)
        y = min(max(circle.y, self.bottom), self.top)
        return math.hypot(circle.x - x, circle.y - y) < circle.radius + 1

    def is_crossed(self, points: Sequence[Point]) -> bool:
        return any(self._cuts(one, other) for one, other in pairwise(points))

    def _cuts(self, one: Point, other: Point) -> bool:
        """Say whether a part of the line between two points is inside (the method of Liang and Barsky)."""
        enter, leave = 0.0, 1.0
        for start, step, low, high in (
            (one[0], other[0] - one[0], self.left, self.right),
            (one[1], other[1] - one[1], self.bottom, self.top),
        ):
            if step == 0.0 and not low < start < high:
                return False
            if step:
                first, last = sorted(((low - start) / step, (high - start) / step))
                enter, leave = max(enter, first), min(leave, last)
        return enter < leave


class _Choice(NamedTuple):
    """A place for a label, and its cost without the other labels."""

    box: Box
    area: _Area
    cost: float


def with_labels(diagram: Diagram) -> tuple[Diagram, int]:
    """Return the diagram with its labels in place, and the number of overlaps.

    The labels are placed one after the other, and then moved as long as that lowers the cost.
    """
    lines = [_points(connection) for connection in diagram.connections]
    fixed = [_Area.of(circle.bias) for circle in diagram.circles if circle.bias]
    choices = {
        number: [_choice(diagram, lines, fixed, number, share) for share in _PLACES]
        for number, connection in enumerate(diagram.connections)
        if connection.label
    }
    placed: dict[int, _Choice] = {}
    for _ in range(_ROUNDS):
        before = dict(placed)
        for number, offered in choices.items():
            others = [choice.area for other, choice in placed.items() if other != number]
            placed[number] = min(offered, key=lambda choice: choice.cost + _TOO_MUCH * _hits(choice.area, others))
        if placed == before:
            break
    chosen = placed.values()
    areas = [choice.area for choice in chosen]
    overlaps = sum(_hits(choice.area, areas) - 1 + (choice.cost >= _TOO_MUCH) for choice in chosen)
    connections = [
        replace(connection, label=placed[number].box) if number in placed else connection
        for number, connection in enumerate(diagram.connections)
    ]
    return Diagram(diagram.circles, tuple(connections)), overlaps


def _hits(area: _Area, others: Sequence[_Area]) -> int:
    return sum(area.overlaps(other) for other in others)


def _choice(
    diagram: Diagram, lines: Sequence[Sequence[Point]], fixed: Sequence[_Area], number: int, share: float
) -> _Choice:
    label = diagram.connections[number].label
    assert label is not None
    x, y = _at(diagram.connections[number].path, share)
    box = replace(label, x=x, y=y)
    area = _Area.of(box, _MARGIN)
    covered = sum(area.is_crossed(line) for other, line in enumerate(lines) if other != number)
    hits = _hits(area, fixed) + sum(area.touches(circle) for circle in diagram.circles)
    return _Choice(box, area, _TOO_MUCH * hits + covered + abs(share - 0.5) / 2)


def _at(path: Sequence[Point], share: float) -> Point:
    """Return the point of a Bezier curve for this value of its parameter, from 0 to 1."""
    weights = [math.comb(3, k) * share**k * (1 - share) ** (3 - k) for k in range(4)]
    return (
        sum(weight * point[0] for weight, point in zip(weights, path, strict=True)),
        sum(weight * point[1] for weight, point in zip(weights, path, strict=True)),
    )


def _points(connection: Connection) -> list[Point]:
    """Return points on a line that cut it into straight, or nearly straight, pieces."""
    pieces = 12 if connection.is_curved else 1
    return [_at(connection.path, piece / pieces) for piece in range(pieces + 1)]
