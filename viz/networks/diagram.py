"""`Diagram`: a network as a textbook draws it, as plain data: circles in columns, lines and texts, with their places.

Lengths are in points, y grows upwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from viz.core.colours import BLUE, DARK_BLUE, DARK_VERMILLION, VERMILLION
from viz.core.dot import cut, shown

Point: TypeAlias = tuple[float, float]

FONT_SIZE = 10.0
LINE_HEIGHT = 12.0
SIGN_COLOURS = {1: BLUE, -1: VERMILLION, 0: "#888888"}
"""The colours of lines by the sign of the weight."""
TEXT_COLOURS = {1: DARK_BLUE, -1: DARK_VERMILLION, 0: "#444444"}
"""The same, darker, for the texts on them."""
FILLS = {"input": "#DDEBF7", "hidden": "#FFFFFF", "output": "#E8F4E4", "folded": "#F2F2F2", "loss": "#FFF0CC"}
_LONGEST_NAME = 20


def shortened_name(name: str) -> str:
    """Return a name as it stands in a diagram: on one line, and of a long one the beginning.

    >>> shortened_name("the weight of the first input")
    'the weight of the f…'
    """
    return cut(name.replace("\n", " "), _LONGEST_NAME)


def _equals(name: str, part: str) -> str:
    return f"{name}=" if name and part != "name" else name


class DiagramLine(NamedTuple):
    """One line of text: a name and the number that it stands for.

    `node` is what texts call the Value (its label), `part` which of its numbers this is: "data" or "grad"; or "name",
    where the name stands alone. A `name` of "" leaves the number alone.

    >>> DiagramLine("w13", "w13", "data", 2.0).text
    'w13=2'
    """

    name: str
    node: str
    part: str
    number: float | None = None

    @property
    def before(self) -> str:
        """What stands before the number: the name and a sign of equality; of a name alone, all of it."""
        return _equals(shortened_name(self.name), self.part)

    @property
    def text(self) -> str:
        """The line as it is shown."""
        return self.before if self.part == "name" else self.before + shown(self.number)

    @property
    def full_text(self) -> str:
        """The line with its whole name, however long it is."""
        return _equals(self.name, self.part) + ("" if self.part == "name" else shown(self.number))


def in_full(entries: Sequence[DiagramLine]) -> str:
    """Return the lines as one, for a tooltip."""
    return ", ".join(entry.full_text for entry in entries).replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Box:
    """Lines of text without an outline, around the centre (x, y)."""

    id: str
    x: float
    y: float
    width: float
    height: float
    entries: tuple[DiagramLine, ...]


@dataclass(frozen=True, slots=True)
class Circle:
    """A unit, or what stands in the place of one, with the lines in it.

    `kind` is "input", "hidden" or "output"; "folded" for a circle that stands for several units, and "loss". `bias` is
    the text above it, None where there is none. `about` says everything, also what is not shown.
    """

    id: str
    kind: str
    x: float
    y: float
    radius: float
    entries: tuple[DiagramLine, ...]
    about: str
    bias: Box | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A line between two circles, named by their ids: a weight, or (kind "loss" and "folded") what has no number.

    `weight` is the weight's number (0 of other kinds), `thickness` in points, `path` the four points of a cubic Bezier
    curve from border to border, straight but where it leads around a column. `label` is None where weights are not
    written out.
    """

    id: str
    kind: str
    source: str
    target: str
    weight: float
    thickness: float
    path: tuple[Point, ...]
    about: str
    label: Box | None = None

    @property
    def sign(self) -> int:
        """1 for a weight above 0, -1 for one below, 0 for 0, nan, and for what is no weight."""
        return (self.weight > 0) - (self.weight < 0)

    @property
    def is_curved(self) -> bool:
        """Whether the line leads around a column instead of straight to its end."""
        (x, y), before, _, (end_x, end_y) = self.path
        return abs((before[0] - x) * (end_y - y) - (before[1] - y) * (end_x - x)) > 1.0


class Slot(NamedTuple):
    """Where a number stands in the SVG: in the element of this id, the text `line` (from 0), after the text `before`.

    The number is the `part` ("data" or "grad") of the Value that is called `node`.
    """

    id: str
    line: int
    before: str
    node: str
    part: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """A network, drawn: circles column by column from the inputs on, and the lines between them.

    >>> from nn import relu_exercise
    >>> from viz import network
    >>> diagram = network(relu_exercise()).diagram
    >>> [(circle.kind, circle.entries[0].text) for circle in diagram.circles[:3]]
    [('input', 'x1=1'), ('input', 'x2=-1'), ('hidden', 'x3=5')]
    >>> diagram.slots[4]
    Slot(id='unit2', line=2, before='δ3=', node='x3', part='grad')
    """

    circles: tuple[Circle, ...]
    connections: tuple[Connection, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The texts beside circles and lines."""
        found = [circle.bias for circle in self.circles] + [connection.label for connection in self.connections]
        return tuple(box for box in found if box is not None)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Where each number stands in the SVG."""
        texts: list[tuple[str, Sequence[DiagramLine]]] = [(circle.id, circle.entries) for circle in self.circles]
        texts += [(box.id, box.entries) for box in self.boxes]
        return tuple(slot for name, entries in texts for slot in _slots(name, entries))


def _slots(name: str, entries: Sequence[DiagramLine]) -> Iterator[Slot]:
    for line, entry in enumerate(entries):
        if entry.part != "name":
            yield Slot(name, line, entry.before, entry.node, entry.part)
