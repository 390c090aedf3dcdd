"""Simplification of formulas that contain numbers: the derivative of x**2 reads `2*x`, not `2*x**(2 - 1)`.

No step changes a value: numbers are added and multiplied, comparisons of numbers are decided, factors and exponents
of 1 are dropped, and x**0 is 1. A function of a number, such as log(2), stays, and so does a quotient that no float is,
such as 1/3.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from autograd.symbols.expression import Conditional, Constant, Expression, Operation, folded
from autograd.table.op import Op

ZERO = Constant(0.0)

RELATIONS = {
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}
OPPOSITES = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def simplified(expression: Expression) -> Expression:
    """Return a formula with the same value, shorter if it contains numbers.

    >>> from autograd.symbols.expression import Symbol
    >>> print(simplified(Symbol("y") * (Symbol("x") ** (Constant(2.0) - 1))))
    y*x
    """
    return folded(expression, _simplified_choice, joined)


def joined(op: Op, operands: Sequence[Expression]) -> Expression:
    """Return an operation on simplified operands, simplified.

    >>> from autograd.ops import sub
    >>> print(joined(sub, [Constant(2.0), Constant(1.0)]))
    1
    """
    numbers = [operand.number for operand in operands if isinstance(operand, Constant)]
    if len(numbers) == len(operands) and op.symbol and not _is_endless(op.name, numbers):
        return Constant(op(*numbers))
    return _without_ones(Operation(op, tuple(operands)))


def _simplified_choice(expression: Expression) -> Expression:
    if not isinstance(expression, Conditional):
        return expression
    simpler = expression.changed(simplified)
    low, high = _number_of(simpler.condition.left), _number_of(simpler.condition.right)
    if low is None or high is None:
        return simpler
    return simpler.yes if RELATIONS[simpler.condition.relation](low, high) else simpler.no


def _is_endless(name: str, numbers: Sequence[float]) -> bool:
    """Say whether numbers are a quotient that no float is, such as 1/3."""
    if name != "div" or not all(map(math.isfinite, numbers)) or numbers[1] == 0.0:
        return False
    quotient = numbers[0] / numbers[1]
    return math.isfinite(quotient) and Fraction(numbers[0]) / Fraction(numbers[1]) != Fraction(quotient)


def _number_of(expression: Expression) -> float | None:
    """Return the value of a simplified formula without symbols; else None."""
    match expression:
        case Constant(number):
            return number
        case Operation(op, operands):
            found = [_number_of(operand) for operand in operands]
            known = [number for number in found if number is not None]
            return float(op(*known)) if len(known) == len(found) else None
    return None


def _without_ones(operation: Operation) -> Expression:
    first, last = operation.operands[0], operation.operands[-1]
    name = operation.op.name
    if name in ("mul", "div", "pow") and last == Constant(1.0):
        return first
    if name == "mul" and first == Constant(1.0):
        return last
    return Constant(1.0) if name == "pow" and last == ZERO else operation
