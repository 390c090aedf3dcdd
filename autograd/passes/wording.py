"""The text of a step: a sentence, the formula in symbols, the formula in numbers, and the result.

The formulas are those of the table of operations, run on symbols.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from autograd import ops
from autograd.passes.names import number_name, replay_text
from autograd.passes.steps import Computed, Posting, Prepared, Seed, Step, Updated
from autograd.passes.tape import Line
from autograd.passes.updates import PARAMETER, quantity, result_name
from autograd.symbols.expression import (
    Constant,
    Derivative,
    Expression,
    Operation,
    Symbol,
    Writer,
    Written,
    name_of,
    text,
)
from autograd.symbols.simplification import simplified
from autograd.table.op import Level
from autograd.table.scalars import format_number

DIGITS = 6
"""Significant digits of the numbers."""


def telling_digits(before: float | Fraction, after: float | Fraction) -> int:
    """Return how many significant digits show how a number changed: the usual 6, or more. A fraction has no digits.

    >>> telling_digits(2.0, 1.5), telling_digits(1e6, 999999.99), telling_digits(2.0, 2.0)
    (6, 8, 6)
    """
    if isinstance(before, Fraction) or isinstance(after, Fraction):
        return DIGITS
    change = after - before
    if change == 0.0 or not math.isfinite(change):
        return DIGITS
    for digits in range(DIGITS, 17):
        shown = float(format_number(after, digits)) - float(format_number(before, digits))
        if abs(shown - change) <= abs(change) / 2:
            return digits
    return 17


class Equation(NamedTuple):
    """A step as formulas: `name sign parts[0] = parts[1] = ... = result`, from symbols to numbers.

    `sign` is "=", or "+=" for a contribution that is added to a running total.
    """

    name: Expression
    sign: str
    parts: tuple[Expression, ...]
    result: float


class Wording(NamedTuple):
    """A step in words: `sentence`, and the parts of its equation as texts; the last part is the result."""

    sentence: str
    name: str
    sign: str
    parts: tuple[str, ...]

    @property
    def line(self) -> str:
        """The line in full.

        >>> Wording("", "y", "=", ("x*w", "2*3", "6")).line
        'y = x*w = 2*3 = 6'
        """
        return f"{self.name} {self.sign} {' = '.join(self.parts)}"


def describe(step: Step) -> Wording:
    """Return the text of a step.

    >>> from autograd import Value
    >>> from autograd.passes.steps import steps
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> loss = (x * w).relu()
    >>> for step in steps(loss)[:4]:
    ...     print(describe(step).line)
    v2 = x*w = 3*2 = 6
    v3 = relu(v2) = relu(6) = 6
    dv3/dv3 = 1
    dv3/dv2 += dv3/dv3 * dv3/dv2 = dv3/dv3 * (0 if v2 <= 0 else 1) = 1 * 1 = 1
    """
    name, sign, parts, result = equation(step)
    digits = telling_digits(step.before, step.result) if isinstance(step, Updated) else DIGITS
    texts = [_tight(part) for part in parts] if isinstance(step, Computed) else spaced(parts, digits)
    written = [*texts, format_number(result, digits)]
    left = step.name if isinstance(step, Computed) else name_of(name)
    return Wording(_sentence(step), left, sign, tuple(dict.fromkeys(written)))


def equation(step: Step) -> Equation:
    """Return a step as formulas.

    >>> from autograd import Value
    >>> from autograd.passes.steps import steps
    >>> equation(steps(Value(3, "x") ** 2)[0]).parts[1].operands
    (Constant(number=3.0), Constant(number=2.0))
    """
    if isinstance(step, Computed):
        return _of_computed(step)
    if isinstance(step, Seed):
        return Equation(Derivative(step.name, step.name), "=", (), step.result)
    if isinstance(step, Posting):
        return _of_posting(step)
    own = PARAMETER if isinstance(step, Updated) else step.quantity
    return Equation(result_name(own, step.name, step.before is not None), "=", step.parts, step.result)


def derivative_name(of: str, by: str) -> str:
    """Return the text of a derivative: "dL/dw35"."""
    return text(Derivative(of, by))


def formula(step: Computed) -> Expression | None:
    """Return what a node computes, in symbols; None if a replay computed it."""
    return None if step.row is None else Operation(step.row, operand_symbols(step))


def local_formula(step: Posting) -> Expression | None:
    """Return the local derivative of a contribution, in symbols; None if a replay computed it."""
    op = step.source.row
    if op is None:
        return None
    derivative = op.partials[step.position](*operand_symbols(step.source), Symbol(step.source.name))
    return simplified(derivative) if isinstance(derivative, Expression) else Constant(float(derivative))


def operand_symbols(step: Computed) -> tuple[Expression, ...]:
    """Return the operands as symbols; constants without a label are numbers."""
    operands = zip(step.operand_names, step.numbers, step.partials, strict=True)
    return tuple(
        Constant(number) if _is_bare(name, number, local is not None) else Symbol(name)
        for name, number, local in operands
    )


def _is_bare(name: str, number: float, varies: bool) -> bool:
    """Say whether a node is a constant without a label, which stands in formulas as a number."""
    return not varies and name == number_name(number)


def formula_texts(lines: Sequence[Line], names: Sequence[str]) -> list[str | None]:
    """Return the text of what each node computes, "" for a leaf; None if a replay computed it.

    >>> from autograd import Tape, Value
    >>> x = Value(3, "x")
    >>> formula_texts(Tape.of(x * 2 + x).lines, ["x", "2", "v2", "v3"])
    ['', '', 'x*2', 'v2 + x']
    """
    writer = Writer(DIGITS)
    operands = [
        writer.number(line.data) if _is_bare(name, line.data, line.varies) else writer.name(name)
        for name, line in zip(names, lines, strict=True)
    ]
    texts: list[str | None] = []
    for line in lines:
        if line.op is None:
            texts.append(None if line.operands else "")
        else:
            texts.append(writer.operation(line.op, [operands[operand] for operand in line.operands])[0])
    return texts


def _sentence(step: Step) -> str:
    if isinstance(step, Seed):
        return f"the backward pass starts at {step.name}"
    if isinstance(step, Updated):
        return f"the optimizer adjusts {step.name}"
    if isinstance(step, Prepared):
        computed = text(quantity(step.quantity, step.name))
        return f"the optimizer computes {computed}" + (f", {step.words}" if step.words else "")
    source = step if isinstance(step, Computed) else step.source
    symbols = formula(source)
    written = "" if symbols is None else f" = {_tight(symbols)}"
    if isinstance(step, Computed):
        return f"forward: {step.name}{written or ' (computed by a replay)'}"
    return f"backward through {source.name}{written or ' (computed by a replay)'}"


def _of_computed(step: Computed) -> Equation:
    symbols = formula(step)
    if step.row is None or symbols is None:
        return Equation(Symbol(step.name), "=", (Symbol(replay_text(step.operand_names)),), step.result)
    numbers = Operation(step.row, tuple(Constant(number) for number in step.numbers))
    return Equation(Symbol(step.name), "=", (symbols, numbers), step.result)


def factor(number: str) -> str:
    """Return a number's text to write after a sign: a negative number is in parentheses."""
    return f"({number})" if number.startswith("-") else number


def _of_posting(step: Posting) -> Equation:
    source = step.source
    upstream = Derivative(step.loss, source.name)
    local = local_formula(step)
    factors = [Derivative(source.name, step.name), *([] if local is None else [local])]
    parts = [*(upstream * part for part in factors), Constant(step.upstream) * Constant(step.local)]
    return Equation(Derivative(step.loss, step.name), "+=", tuple(parts), step.amount)


def _tight(part: Expression) -> str:
    return text(part, digits=DIGITS)


def spaced(parts: Sequence[Expression], digits: int = DIGITS) -> list[str]:
    """Write formulas of one shape, the first in symbols: a product with a derivative has spaces, "dL/dy * (1 - y*y)".

    >>> w, slope = Symbol("w"), Derivative("L", "w")
    >>> spaced([w - Constant(0.1) * slope]), spaced([w - Constant(0.1) * Symbol("velocity_w")])
    (['w - 0.1 * dL/dw'], ['w - 0.1*velocity_w'])
    """
    first = parts[0] if parts else None
    if isinstance(first, Operation) and first.op in (ops.sub, ops.add) and not _has_derivative(first.operands[1]):
        return [text(part, digits=digits) for part in parts]
    return [_spaced(part, digits) for part in parts]


def _has_derivative(formula: Expression) -> bool:
    if isinstance(formula, Operation):
        return any(map(_has_derivative, formula.operands))
    return isinstance(formula, Derivative)


def _spaced(part: Expression, digits: int) -> str:
    match part:
        case Operation(op, (left, right)) if op is ops.mul:
            writer = Writer(digits)
            first: Written = writer.text(left), Level.CALL  # the first factor needs no parentheses, not even a -3
            if isinstance(left, Operation):
                first = (_spaced(left, digits), Level.PRODUCT) if left.op is ops.mul else writer.render(left, {})
            return " * ".join(writer.infix_operands(op, [first, writer.render(right, {})]))
        case Operation(op, (left, Operation(inner) as right)) if op in (ops.sub, ops.add) and inner is ops.mul:
            return f"{text(left, digits=digits)} {op.symbol} {_spaced(right, digits)}"
    return text(part, digits=digits)
