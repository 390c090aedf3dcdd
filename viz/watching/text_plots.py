"""Plots as text: the curve of a loss, and the plane with the classes that a model chooses and the points of its data.

They can be read without colours.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text

from autograd.table.scalars import format_number
from viz.core.colours import COLOURS

_LOG_FROM = 100.0
"""The scale is logarithmic if the largest loss is more than so many times the smallest."""
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a Braille character's dots: a row from the top down, with its left and right dot."""
MARKS = "ox+*"
"""The marks of the classes; no more classes can be shown."""
WRONG = "!"
SECOND = "o"
"""The mark of a second curve."""
_FILLS, _ASCII_FILLS = " ░▒▓", " :=#"
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def curve(
    numbers: Sequence[float], total: int, width: int, height: int, unicode: bool = True, second: Sequence[float] = ()
) -> list[str]:
    """Return a curve of finite numbers as lines of at most `width` characters; the x axis ends at `total`.

    The scale is logarithmic if `is_logarithmic` says so. Without `unicode` the dots are asterisks. A `second` curve has
    the mark `SECOND` in every other column, also in the last.

    >>> for line in curve([3.0, 2.0, 1.0], 3, 9, 4, unicode=False):
    ...     print(line)
    3 |**
      | ****
    1 |    **
       1    3
    """
    rows = max(height - 1, 1)
    both = [*numbers, *second]
    labels = [format_number(max(both), 3), format_number(min(both), 3)]
    margin = max(map(len, labels))
    columns = max(width - margin - 2, 2)
    dots = (2 * columns, 4 * rows) if unicode else (columns, rows)
    scale = math.log if is_logarithmic(both) else float
    bounds = scale(min(both)), scale(max(both))
    picture = _dots(list(map(scale, numbers)), bounds, total, *dots)
    lines = _braille(picture, columns, rows) if unicode else _asterisks(picture, columns, rows)
    if second:
        lines = _marked(lines, _dots(list(map(scale, second)), bounds, total, columns, rows))
    sides = [labels[0], *[""] * (rows - 2), labels[1]] if rows > 1 else labels[:1]
    bar = "│" if unicode else "|"
    drawn = [f"{side.rjust(margin)} {bar}{line}".rstrip() for side, line in zip(sides, lines, strict=True)]
    return [*drawn, f"{' ' * (margin + 2)}1{f'{total:,}'.rjust(columns - 1)}"]


def is_logarithmic(numbers: Sequence[float]) -> bool:
    """Say whether `curve` has a logarithmic scale: if all are positive and differ by a factor above 100.

    >>> is_logarithmic([1.0, 0.1]), is_logarithmic([1.0, 0.001])
    (False, True)
    """
    return min(numbers) > 0.0 and max(numbers) / _LOG_FROM > min(numbers)


def _dots(
    numbers: Sequence[float], bounds: tuple[float, float], total: int, columns: int, rows: int
) -> set[tuple[int, int]]:
    """Return the dots of a curve as (column, row) from the top left; a column covers all numbers that it stands for."""
    least, span = bounds[0], (bounds[1] - bounds[0]) or 1.0
    step = (total - 1) / max(columns - 1, 1)
    last = len(numbers) - 1
    dots = set()
    for column in range(columns):
        begin, end = (column - 0.5) * step, min((column + 0.5) * step, last)
        if begin > last:
            break
        begin = max(begin, 0.0)
        seen = [_between(numbers, begin), _between(numbers, end), *numbers[math.ceil(begin) : math.floor(end) + 1]]
        places = [round((rows - 1) * (1.0 - (number - least) / span)) for number in (max(seen), min(seen))]
        dots |= {(column, row) for row in range(places[0], places[1] + 1)}
    return dots


def _between(numbers: Sequence[float], place: float) -> float:
    """Return the number at a place, linearly between two elements."""
    before = math.floor(place)
    part = place - before
    return numbers[before] if part == 0.0 else numbers[before] * (1.0 - part) + numbers[before + 1] * part


def _braille(dots: set[tuple[int, int]], columns: int, rows: int) -> list[str]:
    cells = [[0] * columns for _ in range(rows)]
    for column, row in dots:
        cells[row // 4][column // 2] |= _BRAILLE[row % 4][column % 2]
    return ["".join(chr(0x2800 + bits) if bits else " " for bits in line) for line in cells]


def _marked(lines: Sequence[str], dots: set[tuple[int, int]]) -> list[str]:
    """Return lines with `SECOND` at the dots in every other column."""
    return [
        "".join(
            SECOND if (column, row) in dots and (len(line) - column) % 2 else sign for column, sign in enumerate(line)
        )
        for row, line in enumerate(lines)
    ]


def _asterisks(dots: set[tuple[int, int]], columns: int, rows: int) -> list[str]:
    return ["".join("*" if (column, row) in dots else " " for column in range(columns)) for row in range(rows)]


class Plane(NamedTuple):
    """A part of the plane as cells of text: its bounds, and its number of columns and rows."""

    left: float
    right: float
    bottom: float
    top: float
    columns: int
    rows: int

    @classmethod
    def around(cls, points: Sequence[Sequence[float]], width: int, height: int) -> "Plane":
        """Return the plane around points, with a margin and equal axes, in at most `width` columns and `height` rows.

        >>> Plane.around([(0, 0), (2, 1)], 100, 10)
        Plane(left=-0.2, right=2.2, bottom=-0.1, top=1.1, columns=40, rows=10)
        """
        left, right = _with_margin([point[0] for point in points])
        bottom, top = _with_margin([point[1] for point in points])
        wanted = round(2 * height * (right - left) / (top - bottom))
        columns = max(min(wanted, width), min(width, 2 * height), 1)
        return cls(left, right, bottom, top, columns, max(height, 1))

    def grid(self) -> list[tuple[float, float]]:
        """Return the centres of the upper and the lower half of each cell, half row by half row, from the top left."""
        halves = 2 * self.rows
        xs = [self.left + (self.right - self.left) * (column + 0.5) / self.columns for column in range(self.columns)]
        ys = [self.top - (self.top - self.bottom) * (half + 0.5) / halves for half in range(halves)]
        return [(x, y) for y in ys for x in xs]

    def cell(self, point: Sequence[float]) -> tuple[int, int]:
        """Return the row and the column of a point's cell."""
        column = int((point[0] - self.left) / (self.right - self.left) * self.columns)
        row = int((self.top - point[1]) / (self.top - self.bottom) * self.rows)
        return min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1)


def _with_margin(numbers: Sequence[float]) -> tuple[float, float]:
    margin = 0.1 * (max(numbers) - min(numbers)) or 1.0
    return min(numbers) - margin, max(numbers) + margin


def decision_map(
    plane: Plane, chosen: Sequence[int], count: int, marks: dict[tuple[int, int], str], unicode: bool
) -> list[Text]:
    """Return the plane with the classes that a model chooses at the points of its grid, and the marks of the data.

    `count` is the number of classes. Of two classes, the second is drawn in blocks of half a cell. Of more, each class
    fills its cells in its own way. Colours show the same.
    """
    halves = [chosen[start : start + plane.columns] for start in range(0, len(chosen), plane.columns)]
    by_halves = unicode and count == 2
    lines = []
    for row in range(plane.rows):
        line = Text()
        for column, (upper, lower) in enumerate(zip(halves[2 * row], halves[2 * row + 1], strict=True)):
            mark = marks.get((row, column))
            if mark is not None:
                line.append(mark, f"bold white on {COLOURS[upper]}")
            elif by_halves:
                line.append(_HALVES[upper, lower], f"{COLOURS[1]} on {COLOURS[0]}")
            else:
                line.append((_FILLS if unicode else _ASCII_FILLS)[upper], f"black on {COLOURS[upper]}")
        lines.append(line)
    return lines


def legend(names: Sequence[str], unicode: bool) -> Text:
    """Return the legend of a decision map: its marks and fillings.

    >>> legend(["upper", "lower"], unicode=False).plain
    ' o  upper  :x: lower  ! wrong'
    """
    text = Text()
    by_halves = unicode and len(names) == 2
    for place, name in enumerate(names):
        filling = " █"[place] if by_halves else (_FILLS if unicode else _ASCII_FILLS)[place]
        style = f"{COLOURS[1]} on {COLOURS[0]}" if by_halves else f"black on {COLOURS[place]}"
        text.append(filling, style).append(MARKS[place], f"bold white on {COLOURS[place]}").append(filling, style)
        text.append(f" {name}  ")
    return text.append(WRONG, "bold").append(" wrong")
