"""Simplification of formulas that contain numbers: the derivative of x**2 reads `2*x`, not `2*x**(2 - 1)`.

No step changes a value: numbers are added and multiplied, comparisons of numbers are decided, and factors and exponents
of 1 are dropped. A function of a number, such as log(2), stays.
"""

from autograd.symbols.expression import Conditional, Constant, Expression, Operation, Relation

RELATIONS = {
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}


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
            if len(numbers) == len(simpler) and op.symbol:
                return Constant(op(*numbers))
            return _without_ones(Operation(op, simpler))
        case Conditional(condition, yes, no):
            left, right = simplified(condition.left), simplified(condition.right)
            low, high = _number_of(left), _number_of(right)
            if low is not None and high is not None:
                return simplified(yes if RELATIONS[condition.relation](low, high) else no)
            return Conditional(Relation(condition.relation, left, right), simplified(yes), simplified(no))
    return expression


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
