"""Plain text in aligned columns, and the text of numbers: for ledgers, paths and `what_if`."""

from collections.abc import Container, Sequence
from fractions import Fraction

from autograd.passes.wording import DIGITS
from autograd.table.scalars import format_number

_LONGEST = 80  # a fraction with more bits in a part is rounded


def aligned(rows: Sequence[Sequence[str]], numbers: Container[int]) -> list[str]:
    """Return a line for each row: columns whose place is in `numbers` are aligned right, all others left.

    >>> aligned([("node", "value"), ("x", "2.5"), ("loss", "-10")], [1])
    ['node  value', 'x       2.5', 'loss    -10']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_cells(row, widths, numbers)).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int], numbers: Container[int]) -> list[str]:
    cells = zip(row, widths, strict=True)
    return [cell.rjust(width) if place in numbers else cell.ljust(width) for place, (cell, width) in enumerate(cells)]


def shortened(items: Sequence[str], most: int) -> list[str]:
    """Return the items; if there are more than `most`, only the first and the last of them.

    >>> shortened(["1", "2", "3", "4", "5", "6"], 4)
    ['1', '2', '... 2 more ...', '5', '6']
    """
    half = most // 2
    if len(items) <= most:
        return list(items)
    return [*items[:half], f"... {len(items) - 2 * half:,} more ...", *items[-half:]]


def number_text(number: float | Fraction | None) -> str:
    """Write a float to six digits, a fraction in full (a long one rounded), and "-" for None.

    >>> [number_text(number) for number in (0.1 + 0.2, Fraction(18, 625), Fraction(1, 3**90), None)]
    ['0.3', '18/625', 'about 1.14574e-43', '-']
    """
    if number is None:
        return "-"
    if isinstance(number, float):
        return format_number(number, DIGITS)
    if max(number.numerator.bit_length(), number.denominator.bit_length()) <= _LONGEST:
        return str(number)
    try:
        return f"about {format_number(float(number), DIGITS)}"
    except OverflowError:
        return "beyond 1e308" if number > 0 else "below -1e308"
