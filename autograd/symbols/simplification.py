"""Simplification of formulas that contain numbers: the derivative of x**2 reads `2*x`, not `2*x**(2 - 1)`.

No step changes a value: numbers are added and multiplied, comparisons of numbers are decided, and factors and exponents
of 1 are dropped. A function of a number, such as log(2), stays, and so does a quotient that no float is, such as 1/3.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from autograd.symbols.expression import Conditional, Constant, Expression, Operation, Relation

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
    match expression:
        case Operation(op, operands):
            simpler = tuple(simplified(operand) for operand in operands)
            numbers = [operand.number for operand in simpler if isinstance(operand, Constant)]
            if len(numbers) == len(simpler) and op.symbol and not _is_endless(op.name, numbers):
                return Constant(op(*numbers))
            return _without_ones(Operation(op, simpler))
        case Conditional(condition, yes, no):
            left, right = simplified(condition.left), simplified(condition.right)
            low, high = _number_of(left), _number_of(right)
            if low is not None and high is not None:
                return simplified(yes if RELATIONS[condition.relation](low, high) else no)
            return Conditional(Relation(condition.relation, left, right), simplified(yes), simplified(no))
    return expression


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
    return operation
