"""Lines of matrices in LaTeX, and as plain text in which a matrix has several rows."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from autograd.passes.columns import aligned
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import Constant, Expression, text
from autograd.symbols.latex import latex, latex_name
from autograd.table.scalars import format_number
from autograd.table.visible import visible
from nn.exercises.matrices import Matrix, MatrixLine
from viz.texts.rows import EquationLine

_SIGNS = {"*": r"\odot", "**": "^", " ": r"\,"}


def matrix_line_of_latex(line: MatrixLine) -> EquationLine:
    """Return a line of matrices in LaTeX."""
    pieces = _pieces(line)
    symbols = "".join(_name(piece) if isinstance(piece, Matrix) else _sign(piece) for piece in pieces)
    numbers = "".join(_filled(piece) if isinstance(piece, Matrix) else _tall(_sign(piece)) for piece in pieces)
    parts = [part for part in (symbols, numbers, _filled(line.matrix)) if part]
    return EquationLine(latex_name(line.matrix.name), tuple(dict.fromkeys(parts)))


def _pieces(line: MatrixLine) -> list[Matrix | str]:
    """Return the pieces of a line, with the names in formulas as matrices."""
    known = {matrix.name: matrix for matrix in line.known}
    found: list[Matrix | str] = []
    for piece in line.pieces:
        if isinstance(piece, Expression):
            words = re.split(r"([A-Za-z]\w*)", text(piece))
            found += [known.get(word) or re.sub(r"(?<=\d)\*", " ", word) for word in words if word]
        else:
            found.append(piece)
    return found


def _name(matrix: Matrix) -> str:
    return latex_name(matrix.name) + ("^{T}" if matrix.is_transposed else "")


def _sign(sign: str) -> str:
    function = re.fullmatch(r"(\w+)('?)\(", sign)
    if function:
        return f"{latex_name(function[1])}{function[2]}("
    share = re.fullmatch(r"1/(\d+) ", sign)
    if share:
        return rf"\frac{{1}}{{{share[1]}}}"
    return re.sub(r"\*\*|\*|^ $|(?<=\d) ", lambda found: _SIGNS[found[0]], sign)


def _tall(sign: str) -> str:
    return sign.replace("(", r"\left(").replace(")", r"\right)")


def _filled(matrix: Matrix) -> str:
    if isinstance(matrix.rows, float):
        return latex(Constant(matrix.rows), None, DIGITS)
    rows = (" & ".join(latex(Constant(number), None, DIGITS) for number in row) for row in matrix.rows)
    inside = r" \\ ".join(rows)
    return rf"\begin{{pmatrix}} {inside} \end{{pmatrix}}" + ("^{T}" if matrix.is_transposed else "")


def matrix_line_of_text(line: MatrixLine) -> EquationLine:
    """Return a line of matrices as text."""
    pieces = _pieces(line)
    symbols = "".join(_plain_name(piece) if isinstance(piece, Matrix) else piece for piece in pieces)
    numbers = _beside([_block(piece) if isinstance(piece, Matrix) else [piece] for piece in pieces])
    parts = [part for part in (symbols, numbers, _beside([_block(line.matrix)])) if part]
    return EquationLine(line.matrix.name, tuple(dict.fromkeys(parts)))


def _plain_name(matrix: Matrix) -> str:
    return visible(matrix.name) + ("^T" if matrix.is_transposed else "")


def _block(matrix: Matrix) -> list[str]:
    """Return the rows of a matrix as text, its columns aligned."""
    if isinstance(matrix.rows, float):
        return [format_number(matrix.rows, DIGITS)]
    cells = [[format_number(number, DIGITS) for number in row] for row in matrix.rows]
    rows = aligned(cells, range(len(cells[0])))
    return [f"[{row}]" + ("^T" if matrix.is_transposed and not place else "") for place, row in enumerate(rows)]


def _beside(blocks: Sequence[Sequence[str]]) -> str:
    """Return texts of several rows beside each other."""
    widths = [max(map(len, block)) for block in blocks]
    rows = zip_longest(*blocks, fillvalue="")
    return "\n".join(
        "".join(f"{part:{width}}" for part, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
