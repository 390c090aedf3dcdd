"""How much room a picture needs, estimated from its texts without a layout.

A layout takes some 50 ms. Most pictures that do not fit a slide need so much room that no layout can make them fit.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from autograd.table.visible import visible_text
from viz.core.colours import COURIER_WIDTH
from viz.core.dot import edge_text
from viz.core.drawing import Drawing, Figure
from viz.core.indices import parts_of
from viz.core.look import Look, Size
from viz.core.text import broken

_LINE = 1.2
"""The height of a line of text, as a share of the size of its letters."""
_PADDING = 12.0
"""What the borders of a box add to its width and to its height."""
_IN_TABLE = 3.0
"""What the borders of a cell of a table add."""
_CIRCLE = 23.0
"""The diameter of an operation with one or two letters."""
_IN_ELLIPSE = 2**0.5
"""The width and the height of an ellipse around a text, as a share of the text's."""
_ALONG, _ACROSS = 21.6, 8.6
"""The least distances between two boxes, in the direction of the picture and across it."""
_LONGEST, _BROADEST, _FULLEST = 1.0, 1.15, 0.42
"""The most that a picture may need to be worth a layout, as shares of a slide: its length, its breadth and its area.

Found from pictures of 65 graphs of 25 to 300 nodes: those that fitted needed at most 0.90, 1.06 and 0.31, since a
layout leaves gaps.
"""


class Room(NamedTuple):
    """The least length of a picture in its direction, its likely breadth across it, and the area of all boxes."""

    length: float
    breadth: float
    area: float

    def rows(self, size: Size, direction: str, scale: float = 1.0) -> float:
        """Return the least number of rows in which a picture may fit; infinity if it needs too much room in any."""
        if self.area * scale**2 > _FULLEST * size.area:
            return math.inf
        return max(math.ceil(self.length * scale / (_LONGEST * size[direction != "right"])), 1)

    def may_fit(self, size: Size, direction: str, scale: float = 1.0) -> bool:
        """Say whether a picture with this direction may fit a slide at this scale."""
        breadth = size[direction == "right"]
        return self.rows(size, direction, scale) == 1 and self.breadth * scale <= _BROADEST * breadth


def room_of(drawing: Drawing) -> Room:
    """Return the room that a picture needs.

    >>> from autograd import Tape, Value
    >>> from viz.graphs.figures import recorded
    >>> x = Value(3, "x")
    >>> one, two = (room_of(recorded(Tape.of(y))) for y in (x.exp(), x.exp().exp()))
    >>> two.length > one.length, two.breadth == one.breadth
    (True, True)
    """
    look = drawing.look
    along, across = (0, 1) if look.direction == "right" else (1, 0)
    boxes = {figure.key: _box(figure, look) for figure in drawing.figures}
    texts = {edge: _text(edge_text(edge, look), look.size(10)) for edge in drawing.edges if edge.kind == "operand"}
    ends = {key: box[along] for key, box in boxes.items()}
    for edge in drawing.edges:
        way = _ALONG + (texts[edge][along] if edge in texts else 0.0)
        ends[edge.head] = max(ends[edge.head], ends[edge.tail] + way + boxes[edge.head][along])
    places = _places(drawing)
    columns: defaultdict[tuple[int, int, str], float] = defaultdict(float)
    for key, box in boxes.items():
        columns[*places[key], "boxes"] += box[across] + _ACROSS
    for edge, text in texts.items():
        columns[*places[edge.head], "texts"] += text[across] + _ACROSS if text[0] else 0.0
    rows: defaultdict[int, float] = defaultdict(float)
    for (row, *_), breadth in columns.items():
        rows[row] = max(rows[row], breadth)
    area = sum((box[along] + _ALONG) * (box[across] + _ACROSS) for box in boxes.values())
    area += sum(text[along] * (text[across] + _ACROSS) for text in texts.values())
    return Room(max(ends.values(), default=0.0), sum(rows.values()), area)


def _places(drawing: Drawing) -> dict[str, tuple[int, int]]:
    """Return the row and the rank of each figure; one without operands stands before the first that uses it."""
    ranks = drawing.ranks()
    used = {edge.head for edge in drawing.edges}
    users: defaultdict[str, list[int]] = defaultdict(list)
    for edge in drawing.edges:
        users[edge.tail].append(ranks[edge.head])
    return {
        key: (figure.row, ranks[key] if key in used or not users[key] else min(users[key]) - 1)
        for figure in drawing.figures
        for key in (figure.key,)
    }


def _box(figure: Figure, look: Look) -> tuple[float, float]:
    """Return the width and the height of a figure."""
    if figure.kind == "operation":
        width, height = _text(figure.notes[0], look.name_size)
        is_short = len(figure.notes[0]) < 3
        return (_CIRCLE, _CIRCLE) if is_short else (_IN_ELLIPSE * width, _IN_ELLIPSE * height)
    rows = [*_rows(figure, look)]
    return max(width for width, _ in rows) + _PADDING, sum(height for _, height in rows) + _PADDING


def _rows(figure: Figure, look: Look) -> Iterator[tuple[float, float]]:
    """Yield the width and the height of each row of a box."""
    small = look.size(10)
    label = broken(figure.label or "")
    (width, height), place = _text(label, look.name_size), _text(figure.place, small)
    parts = parts_of(label)
    if len(parts) > 1:
        width = sum(part.width for part in parts) * COURIER_WIDTH * look.name_size
    yield width + place[0], max(height, place[1])
    for text in (*figure.notes, *(f"{name} {look.number(number)}" for name, number in figure.named_numbers(look))):
        yield _text(text, small)
    if figure.listed:
        rows = [(row.name, *look.columns(f"{look.number(row.data)} ", look.number(row.grad))) for row in figure.listed]
        heads = (f"{figure.listed_kind} ", *look.columns("data ", "grad"))
        widths = [max(_text(text, small)[0] for text in column) for column in zip(heads, *rows, strict=True)]
        yield sum(widths) + _IN_TABLE * len(widths), (_LINE * small + _IN_TABLE) * (1 + len(rows))


@lru_cache(4_096)  # each stage has nearly the same texts
def _text(text: str, size: float) -> tuple[float, float]:
    """Return the width and the height of a text; without letters, it has none."""
    lines = visible_text(text).split("\n")
    return max(map(cell_len, lines)) * COURIER_WIDTH * size, len(lines) * _LINE * size if text else 0.0
