"""Texts as pictures and terminals show them: visible characters, short numbers, lines that fit a width.

Widths are in terminal columns; a wide character of East Asia takes two.
"""

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from autograd.passes.wording import DIGITS
from autograd.table.scalars import format_number
from autograd.table.visible import visible_text

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_LONGEST_LINE = 40


def broken_lines(
    parts: Sequence[str],
    width: int,
    *,
    gap: str = " ",
    indent: str = "",
    least: int = 1,
    whole_words: bool = False,
    all_spaces: bool = False,
) -> list[str]:
    """Return a text in lines of at most `width` columns, broken between its parts.

    A part that is too wide for a line is broken at spaces; a word that is too wide for a line is broken inside. Lines
    are never narrower than `least` columns. `gap` separates two parts on a line; `indent` comes before the second and
    later lines of a part. With `whole_words` no word is broken; with `all_spaces` the spaces at the breaks are kept.

    >>> broken_lines(["y = x*w", "= 2*3", "= 6"], 13)
    ['y = x*w = 2*3', '= 6']
    >>> broken_lines(["a part that is too wide", "another"], 10, indent="  ")
    ['a part', '  that is', '  too wide', 'another']
    """
    rows: list[str] = []
    for part in parts:
        if rows and cell_len(rows[-1] + gap + part) <= width:
            rows[-1] += gap + part
        else:
            rows.append(part)
    return [line for row in rows for line in _broken_row(row, max(width, least), indent, whole_words, all_spaces)]


def _broken_row(row: str, width: int, indent: str, whole_words: bool, all_spaces: bool) -> Iterator[str]:
    pieces = re.findall(r" +|[^ ]+", re.sub(r"[\t-\r]", " ", row))[::-1]  # words, and the spaces between them
    start = ""
    while pieces:
        room, line = max(width - cell_len(start), 1), ""
        while pieces and cell_len(line + pieces[-1]) <= room:
            line += pieces.pop()
        if pieces and cell_len(pieces[-1]) > room and not (line and whole_words):
            word = pieces.pop()
            length = len(word) if whole_words else _fitting(word, room - cell_len(line), 0 if line else 1)
            line += word[:length]
            pieces += [word[length:]] if word[length:] else []
        if not all_spaces:
            line = line.rstrip(" ")
            pieces[-1:] = [piece for piece in pieces[-1:] if piece.strip(" ")]
        yield start + line
        start = indent


def _fitting(word: str, width: int, least: int) -> int:
    """Return how many characters of a word fit a width, but not fewer than `least`."""
    columns = 0
    for place, character in enumerate(word):
        columns += cell_len(character)
        if columns > width:
            return max(place, least)
    return len(word)


def broken(text: str) -> str:
    r"""Return a label with its long lines broken, between words if possible.

    >>> broken("the weight of the first input of the second neuron")
    'the weight of the first input of the \nsecond neuron'
    """
    lines = visible_text(text).split("\n")
    return "\n".join("\n".join(broken_lines([line], _LONGEST_LINE, all_spaces=True)) for line in lines)


def cut(line: str, columns: int) -> str:
    """Return a line of text; if it is wider than `columns`, return its beginning and an ellipsis.

    >>> cut("gradient", 8), cut("gradients", 8)
    ('gradient', 'gradien…')
    """
    return line if cell_len(line) <= columns else set_cell_size(line, columns - 1).rstrip() + ELLIPSIS


def shown(number: float | None) -> str:
    """Return a number as a picture shows it; "-" for None, which was not computed."""
    return "-" if number is None else format_number(number, DIGITS)
