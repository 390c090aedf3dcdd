"""The table in exact fractions: the result of an operation and its local derivatives, or an InexactError."""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from autograd.symbols.expression import (
    Conditional,
    Constant,
    Derivative,
    Expression,
    Subscript,
    Symbol,
    as_expression,
    folded,
    name_of,
)
from autograd.symbols.formulas import partial_formula
from autograd.symbols.simplification import RELATIONS
from autograd.table.op import Op
from autograd.table.scalars import as_float

MOST_BITS = 100_000
"""The longest numerator or denominator. Without a limit, repeated products soon fill the memory."""


class InexactError(ValueError):
    """A result is not a fraction, or its numbers are too long."""


def as_fraction(candidate: object, asked: str = "a number") -> Fraction:
    """Return a number as a fraction. A float counts as the decimal that Python shows for it, so 0.1 is 1/10.

    Raises as `as_float` does, and InexactError where the number is not finite.

    >>> as_fraction(0.0288), as_fraction(2)
    (Fraction(18, 625), Fraction(2, 1))
    """
    if isinstance(candidate, (int, Fraction)):
        return Fraction(candidate)
    number = as_float(candidate, asked)
    if not math.isfinite(number):
        raise InexactError(f"{asked} is {number}, which is not a fraction.")
    return Fraction(repr(number))


def apply(op: Op, numbers: Sequence[Fraction], varies: Sequence[bool]) -> tuple[Fraction, list[Fraction | None]]:
    """Return the result of an operation and its local derivatives, None for operands that do not vary.

    Raises InexactError if one of them is not a fraction.

    >>> from autograd.ops import div
    >>> apply(div, [Fraction(1), Fraction(3)], [True, False])
    (Fraction(1, 3), [Fraction(1, 3), None])
    """
    result = _exact_result(op, numbers)
    named = dict(zip("xyz", [*numbers, result] if op.arity == 2 else [*numbers, result, result], strict=True))
    return result, [
        evaluated_exactly(partial_formula(op, position), named) if operand_varies else None
        for position, operand_varies in enumerate(varies)
    ]


def evaluated_exactly(expression: Expression, numbers: Mapping[str, Fraction]) -> Fraction:
    """Return the number of a formula of the table; `numbers` are the numbers of its names.

    A plain number in the formula can have an exact number too, by its `repr`. Of a choice, only the chosen formula is
    computed.
    Raises InexactError if a result is not a fraction, KeyError if a number is missing.

    >>> evaluated_exactly(Symbol("x") / 3 + 1, {"x": Fraction(1)})
    Fraction(4, 3)
    """

    def fraction(part: Expression) -> Fraction:
        match part:
            case Symbol() | Derivative() | Subscript():
                return numbers[name_of(part)]
            case Constant(number):
                return numbers[repr(number)] if repr(number) in numbers else as_fraction(number)
            case Conditional(condition, yes, no):
                left, right = evaluated_exactly(condition.left, numbers), evaluated_exactly(condition.right, numbers)
                return evaluated_exactly(yes if RELATIONS[condition.relation](left, right) else no, numbers)
        raise TypeError(f"expected a formula of the table, got {type(part).__name__}.")

    return folded(expression, fraction, _exact_result)


def _exact_result(op: Op, operands: Sequence[Fraction]) -> Fraction:
    if op.name == "pow" and (_bits(operands[0]) - 1) * abs(operands[1]) > MOST_BITS:
        raise InexactError(f"{op.name} makes a fraction of more than {MOST_BITS:,} bits")
    if op.is_own and op.value is not None:  # by its formula, in which 0.1 is 1/10 too
        numbers = dict(zip("xy", operands, strict=False))
        return evaluated_exactly(as_expression(op.value(*map(Symbol, numbers))), numbers)
    function: Callable[..., object] = op
    result = function(*operands)
    if not isinstance(result, Fraction):
        raise InexactError(f"{op.name}({', '.join(map(str, operands))}) cannot be computed exactly as a fraction")
    if _bits(result) > MOST_BITS:
        raise InexactError(f"{op.name} makes a fraction of more than {MOST_BITS:,} bits")
    return result


def _bits(number: Fraction) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())
