r"""Breaks lines of LaTeX into rows that are not too wide.

A line is broken before an equals sign. A formula that is still too wide is broken before a sign of its sums or
products. A formula that cannot be broken gets smaller type. Widths are estimates, in digits: only TeX knows them.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from autograd.symbols.latex import for_pdflatex

_DEEPEST = 3
"""A formula may be broken inside at most so many parentheses."""
_LINES_IN_BLOCK = 40
"""How many lines are aligned together. TeX reads a whole block before it sets the first row."""

_INNERMOST = re.compile(
    r"\\frac\{([^{}]*)\}\{([^{}]*)\}|\\begin\{(?:cases|pmatrix)\}([^{}]*)\\end\{(?:cases|pmatrix)\}"
    r"|(?<!\\frac)(?<!\\begin)(?<!\\end)(?<!\})(?:\\(?:text|mathrm|hat|sqrt)\b)?\{([^{}]*)\}"
)
"""A fraction, a choice of cases, a matrix, or a group in braces, with no other one inside."""


class EquationLine(NamedTuple):
    """A line of a derivation: `name = parts[0] = parts[1] = ...`; an empty part is a row to write on."""

    name: str
    parts: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Whether the line is to be filled in by hand."""
        return not any(self.parts)


class Rows(NamedTuple):
    """A line of LaTeX as aligned rows: the name on the left, and the right side of each row."""

    name: str
    rights: Sequence[str]

    def named(self) -> Iterator[tuple[str, str]]:
        """Return the left and right side of each row; only the first row has the name on its left."""
        return zip((self.name, *[""] * (len(self.rights) - 1)), self.rights, strict=True)


def blocks(lines: Sequence[EquationLine], width: float) -> Iterator[list[Rows]]:
    """Yield the lines in blocks that are aligned together, each line as rows.

    `width` is the largest width of a row, in digits, with the name.

    >>> [block] = blocks([EquationLine("y", ("a + b", "11111 + 22222", "33333"))], 18)
    >>> block[0].rights
    ['= a + b', '= 11111 + 22222', '= 33333']
    """
    for start in range(0, len(lines), _LINES_IN_BLOCK):
        block = lines[start : start + _LINES_IN_BLOCK]
        room = _room(block, width)
        yield [Rows(line.name, list(_right_sides(line, room))) for line in block]


def _room(block: Sequence[EquationLine | Rows], width: float) -> float:
    """Return the room that the widest name leaves, at least half the width."""
    return width - min(max(formula_width(line.name) for line in block), width / 2)


def fitted(blocks: Iterable[list[Rows]], width: float) -> Iterator[list[Rows]]:
    r"""Yield the blocks; a name or a row that is too wide and cannot be broken gets smaller type.

    >>> [[line]] = fitted([[Rows("y", ["= 12345678901"])]], 10)
    >>> line.rights
    ['\\scalebox{0.69}{$\\displaystyle {}= 12345678901$}']
    """
    for block in blocks:
        room = _room(block, width)
        yield [Rows(_scaled(name, width / 2), [_scaled(right, room) for right in rights]) for name, rights in block]


def _scaled(formula: str, room: float) -> str:
    width = formula_width(formula)
    return formula if width <= room else rf"\scalebox{{{room / width:.2f}}}{{$\displaystyle {{}}{formula}$}}"


def _right_sides(line: EquationLine, room: float) -> Iterator[str]:
    """Yield the right sides of the rows of a line."""
    row = ""
    for part in line.parts:
        piece = f"= {part}"
        if row and formula_width(f"{row} {piece}") > room:
            yield row
            row = ""
        if row or formula_width(piece) <= room:
            row = f"{row} {piece}".lstrip()
            continue
        *full, row = _broken_formula(piece, room)
        yield from full
    yield row


def _broken_formula(formula: str, room: float) -> Iterator[str]:
    """Yield the rows of a formula that is too wide for one row, broken inside as few parentheses as possible."""
    pieces = [formula]
    for depth in range(_DEEPEST + 1):
        for signs in ("+-", "\\"):
            split = (_pieces(piece, signs, depth) if formula_width(piece) > room else [piece] for piece in pieces)
            pieces = [term for terms in split for term in terms]
    row = ""
    for piece in pieces:
        if row and formula_width(f"{row} {piece}") > room:
            yield row
            row = rf"\quad {{}} {piece}"
        else:
            row = f"{row} {piece}".lstrip()
    yield row


def _pieces(formula: str, signs: str, deepest: int) -> Iterator[str]:
    r"""Yield the pieces of a formula, each beginning with a sign ("\" stands for \cdot); tall parts are not split."""
    enclosed = depth = start = 0
    for found in re.finditer(r"\\(?:left|right)\b.|\\(?:begin|end)\b|[{}()]| (?=[+-] |\\cdot )", formula):
        match found[0]:
            case " ":
                if enclosed == 0 and depth <= deepest and formula[found.end()] in signs:
                    yield formula[start : found.start()]
                    start = found.end()
            case "(" | ")":
                depth += 1 if found[0] == "(" else -1
            case opening if opening.startswith(("{", r"\left", r"\begin")):
                enclosed += 1
            case _:
                enclosed -= 1
    yield formula[start:]


def formula_width(formula: str) -> float:
    """Estimate how many digits wide a formula is; a fraction is as wide as the longer of its parts."""
    formula = for_pdflatex(formula)  # where the most room is needed
    shown = re.sub(r"\\(?:[%_#&$]|sim\b|wedge\b|infty\b|quad\b)", "mm", formula)
    shown = re.sub(r"\\[lg]e\b", "=", shown)
    shown = re.sub(r"\\(?:left|right)\b", "", shown)
    shown = re.sub(r"_\{([\d,\\v\[\]]+)\}", lambda places: "0" * math.ceil(0.7 * len(places[1])), shown)
    shown = re.sub(r"\\(ln|max|min|(?:arc)?(?:sin|cos|tan)h?)\b", r"\1", shown)
    found = 1
    while found:
        shown, found = _INNERMOST.subn(_flattened, shown)
    signs = re.sub(r"\\[A-Za-z]+", "m", shown).replace("^", "").replace("_", "")
    return len(signs) - 0.5 * signs.count(" ") + 0.5 * len(re.findall("[-+=<>] ", signs))


def _flattened(innermost: re.Match[str]) -> str:
    """Return a text as wide as an innermost fraction, choice, matrix or group."""
    numerator, denominator, rows, group = innermost.groups()
    if rows is not None:
        columns = zip(*(row.split("&") for row in rows.split(r"\\")), strict=True)
        return "mm" + "mm".join(max(column, key=len) for column in columns)
    return max(numerator, denominator, key=len) if group is None else group
