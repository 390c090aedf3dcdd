"""Lines of matrices in LaTeX, and as plain text in which a matrix has several rows."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import ClassVar

from autograd.passes.columns import aligned
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import Constant, Expression, Writer, Written, name_of, text
from autograd.symbols.latex import LatexWriter, latex, latex_name
from autograd.table.op import Level, Op
from autograd.table.visible import visible
from nn.exercises.matrices import Matrix, MatrixLine, Piece
from viz.texts.rows import EquationLine

_BESIDE = (("mul", False, False), ("mul", False, True), ("mul", True, False))


class _Entries(str):
    """The text of a matrix, or of a formula of matrices."""

    __slots__ = ()


class _EntryByEntry(Writer):
    """Writes formulas that hold entry by entry; `known` has their matrices and numbers.

    `forms` has the form of an operation, for each choice of which operands are matrices.
    """

    forms: ClassVar[Mapping[tuple[str, bool, bool], str]] = dict.fromkeys(_BESIDE, "{} {}") | {
        ("mul", True, True): "{} * {}"
    }

    def __init__(self, known: Iterable[Matrix]) -> None:
        super().__init__(DIGITS)
        self.known = {matrix.name: matrix for matrix in known}

    def render(self, expression: Expression, numbers: Mapping[str, float]) -> Written:
        """Return a formula's text, and how tightly it binds."""
        matrix = self.known.get(name_of(expression))
        written, level = super().render(expression, numbers) if matrix is None else self.matrix(matrix)
        return (written, level) if matrix is None or matrix.is_number else (_Entries(written), level)

    def matrix(self, matrix: Matrix) -> Written:
        """Write the name of a matrix."""
        return super().render(matrix.symbol, {})

    def operation(self, op: Op, operands: list[Written]) -> Written:
        """Write an operation of matrices or numbers."""
        entries = [isinstance(written, _Entries) for written, _ in operands]
        form = self.forms.get((op.name, entries[0], entries[-1])) if len(entries) == 2 else None
        if form:
            written, level = form.format(*self.infix_operands(op, operands)), int(op.level)
        else:
            written, level = super().operation(op, operands)
        return (_Entries(written) if any(entries) else written), level


class _Latex(_EntryByEntry, LatexWriter):
    """Writes formulas of matrices in LaTeX."""

    forms: ClassVar[Mapping[tuple[str, bool, bool], str]] = {
        **dict.fromkeys(_BESIDE, r"{}\,{}"),
        ("mul", True, True): r"{} \odot {}",
        ("div", True, True): r"{} \oslash {}",
        ("div", False, True): r"{} \oslash {}",
        ("pow", True, False): r"{}^{{\odot {}}}",
    }


class _LatexNumbers(_Latex):
    """Writes formulas of matrices in LaTeX, with numbers in place of names."""

    def matrix(self, matrix: Matrix) -> Written:
        """Write the numbers of a matrix."""
        return (_filled(matrix), Level.CALL) if isinstance(matrix.rows, list) else self.number(matrix.rows)


def matrix_line_of_latex(line: MatrixLine) -> EquationLine:
    """Return a line of matrices in LaTeX."""
    symbols, numbers = _Latex(line.known), _LatexNumbers(line.known)
    left = "".join(_latex_piece(piece, symbols, _name) for piece in line.pieces)
    right = "".join(_latex_piece(piece, numbers, _filled) for piece in line.pieces)
    parts = [part for part in (left, right, _filled(line.matrix)) if part]
    return EquationLine(latex(line.matrix.symbol), tuple(dict.fromkeys(parts)))


def _latex_piece(piece: Piece, writer: Writer, written: Callable[[Matrix], str]) -> str:
    match piece:
        case Matrix():
            return written(piece)
        case Expression():
            return writer.text(piece)
    sign = _sign(piece)
    return sign.replace("(", r"\left(").replace(")", r"\right)") if written is _filled else sign


def _name(matrix: Matrix) -> str:
    return latex(matrix.symbol) + ("^{T}" if matrix.is_transposed else "")


def _sign(sign: str) -> str:
    function = re.fullmatch(r"(\w+)('?)\(", sign)
    if function:
        return f"{latex_name(function[1])}{function[2]}("
    share = re.fullmatch(r"1/(\d+) ", sign)
    if share:
        return rf"\frac{{1}}{{{share[1]}}}\,"
    return {" ": r"\,"}.get(sign, sign.replace("*", r"\odot"))


def _filled(matrix: Matrix) -> str:
    if not isinstance(matrix.rows, list):
        return latex(Constant(matrix.rows), None, DIGITS)
    rows = (" & ".join(latex(Constant(number), None, DIGITS) for number in row) for row in matrix.rows)
    inside = r" \\ ".join(rows)
    return rf"\begin{{pmatrix}} {inside} \end{{pmatrix}}" + ("^{T}" if matrix.is_transposed else "")


def matrix_line_of_text(line: MatrixLine) -> EquationLine:
    """Return a line of matrices as text."""
    known = {matrix.name: matrix for matrix in line.known}
    symbols, writer = "", _EntryByEntry(line.known)
    blocks: list[list[str]] = []
    for piece in line.pieces:
        if isinstance(piece, Matrix):
            symbols += visible(piece.name) + ("^T" if piece.is_transposed else "")
            blocks.append(_block(piece))
            continue
        written = writer.text(piece) if isinstance(piece, Expression) else piece
        symbols += written
        words = re.split(r"([A-Za-z]\w*)", written)
        blocks += [_block(known[word]) if word in known else [word] for word in words]
    parts = [part for part in (symbols, _beside(blocks), _beside([_block(line.matrix)])) if part]
    return EquationLine(line.matrix.name, tuple(dict.fromkeys(parts)))


def _block(matrix: Matrix) -> list[str]:
    """Return the rows of a matrix as text, its columns aligned."""
    if not isinstance(matrix.rows, list):
        return [text(Constant(matrix.rows), None, DIGITS)]
    cells = [[text(Constant(number), None, DIGITS) for number in row] for row in matrix.rows]
    rows = aligned(cells, range(len(cells[0])))
    return [f"[{row}]" + ("^T" if matrix.is_transposed and not place else "") for place, row in enumerate(rows)]


def _beside(blocks: Sequence[Sequence[str]]) -> str:
    """Return texts of several rows beside each other."""
    widths = [max(map(len, block)) for block in blocks]
    rows = zip_longest(*blocks, fillvalue="")
    return "\n".join(
        "".join(f"{part:{width}}" for part, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
