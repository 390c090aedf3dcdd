"""`Diagram`: the textbook drawing of a network as plain data: circles, lines and texts, with their positions.

Lengths are in points; y grows upwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from viz.core.colours import BLUE, DARK_BLUE, DARK_VERMILLION, VERMILLION
from viz.core.indices import Part, parts_of
from viz.core.text import cut, shown

Point: TypeAlias = tuple[float, float]

FONT_SIZE = 10.0
LINE_HEIGHT = 12.0
SIGN_COLOURS = {1: BLUE, -1: VERMILLION, 0: "#888888"}
"""The colours of lines by the sign of the weight."""
TEXT_COLOURS = {1: DARK_BLUE, -1: DARK_VERMILLION, 0: "#444444"}
"""The same colours, darker, for the texts on the lines."""
FILLS = {"input": "#DDEBF7", "hidden": "#FFFFFF", "output": "#E8F4E4", "folded": "#F2F2F2", "loss": "#FFF0CC"}
_LONGEST_NAME = 20


def shortened_name(name: str) -> str:
    """Return a name as a diagram shows it: on one line, and shortened if it is long.

    >>> shortened_name("the weight of the first input")
    'the weight of the f…'
    """
    return cut(name.replace("\n", " "), _LONGEST_NAME)


def _equals(name: str, part: str) -> str:
    return f"{name}=" if name and part != "name" else name


class DiagramLine(NamedTuple):
    """One line of text: a name and its number.

    `node` is the name of the Value in texts (its label). `part` says which of its numbers this is, "data" or "grad"; it
    is "name" if the line shows the name only. If `name` is "", the line shows the number only.

    >>> DiagramLine("w13", "w13", "data", 2.0).text
    'w13=2'
    """

    name: str
    node: str
    part: str
    number: float | None = None

    @property
    def before(self) -> str:
        """The text before the number: the name and "="; or the whole line if it is a name only."""
        return _equals(shortened_name(self.name), self.part)

    @property
    def text(self) -> str:
        """The line as it is shown."""
        return self.before if self.part == "name" else self.before + shown(self.number)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The line as it is shown, in one part, or with the indices of its name apart."""
        name = shortened_name(self.name)
        return parts_of(name, self.text.removeprefix(name))

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
    """A unit of the network, with the lines of text in it.

    `kind` is "input", "hidden", "output", "folded" (one circle for several units) or "loss". `bias` is the text above
    the circle, None if there is none. `about` is the tooltip, with all numbers, also those that are not shown.
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
    """A line between two circles, given by their ids: a weight, or a line without a number (kinds "loss" and "folded").

    `weight` is the number of the weight (0 for other kinds). `thickness` is in points. `path` has the four points of a
    cubic Bezier curve from border to border; it is straight, except around a column. `label` is None if the diagram
    does not show the weights. `node` is the name of the weight's Value, "" for other kinds and in a folded layer.
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
    node: str = ""

    @property
    def sign(self) -> int:
        """1 for a positive weight, -1 for a negative one; 0 for 0, for nan, and for a line that is no weight."""
        return (self.weight > 0) - (self.weight < 0)

    @property
    def style(self) -> str:
        """How the line is drawn: "dashed" for a negative weight, "dotted" for folded weights, else "solid"."""
        return "dashed" if self.sign < 0 else "dotted" if self.kind == "folded" else "solid"

    @property
    def is_curved(self) -> bool:
        """Whether the line goes around a column instead of straight to its end."""
        (x, y), before, _, (end_x, end_y) = self.path
        return abs((before[0] - x) * (end_y - y) - (before[1] - y) * (end_x - x)) > 1.0


class Slot(NamedTuple):
    """The place of a number in the SVG: the element with this id, text number `line` (from 0), after the text `before`.

    The number is the `part` ("data" or "grad") of the Value named `node`.
    """

    id: str
    line: int
    before: str
    node: str
    part: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """A drawn network: circles column by column, the inputs first, and the lines between them.

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
    def size(self) -> Point:
        """The width and the height of the circles and texts together."""
        halves = [(circle.x, circle.y, circle.radius, circle.radius) for circle in self.circles]
        halves += [(box.x, box.y, box.width / 2, box.height / 2) for box in self.boxes]
        width = max(x + across for x, _, across, _ in halves) - min(x - across for x, _, across, _ in halves)
        return width, max(y + up for _, y, _, up in halves) - min(y - up for _, y, _, up in halves)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The place of each number in the SVG."""
        texts: list[tuple[str, Sequence[DiagramLine]]] = [(circle.id, circle.entries) for circle in self.circles]
        texts += [(box.id, box.entries) for box in self.boxes]
        return tuple(slot for name, entries in texts for slot in _slots(name, entries))


def _slots(name: str, entries: Sequence[DiagramLine]) -> Iterator[Slot]:
    for line, entry in enumerate(entries):
        if entry.part != "name":
            yield Slot(name, line, entry.before, entry.node, entry.part)
