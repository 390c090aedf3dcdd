"""The derivative of a formula in one of its symbols, as a formula: the chain rule along the table's own partials."""

from collections.abc import Iterator
from functools import reduce
from operator import add, mul

from autograd.symbols.expression import Conditional, Constant, Expression, Operation, Symbol, as_expression
from autograd.symbols.simplification import simplified

ZERO, ONE = Constant(0.0), Constant(1.0)


def derivative_formula(formula: Expression, name: str) -> Expression:
    """Return the derivative of a formula in the symbol of this name, short where numbers stand in it.

    >>> y, t = Symbol("y"), Symbol("t")
    >>> print(derivative_formula(Constant(1.0) / 2 * (y - t) ** 2, "y"))
    y - t
    >>> print(derivative_formula(-(y * t.log()) + t.tanh(), "t"))
    -y*(1/t) + (1 - tanh(t)*tanh(t))
    """
    match formula:
        case Symbol(own) if own == name:
            return ONE
        case Operation(op, operands):
            terms = [
                product(simplified(as_expression(op.partials[place](*operands, formula))), inner)
                for place, inner in enumerate(derivative_formula(operand, name) for operand in operands)
                if inner != ZERO
            ]
            return reduce(add, terms) if terms else ZERO
        case Conditional(condition, yes, no):
            chosen, other = derivative_formula(yes, name), derivative_formula(no, name)
            return chosen if chosen == other else Conditional(condition, chosen, other)
    return ZERO


def product(left: Expression, right: Expression) -> Expression:
    """Return a product from left to right, with its plain numbers gathered in one factor before it, unless that is 1.

    >>> print(product(Constant(0.5), Constant(2.0) * Symbol("x")), product(Symbol("a"), Symbol("b") * Symbol("c")))
    x a*b*c
    """
    number, factors = 1.0, []
    for factor in (*_factors(left), *_factors(right)):
        if isinstance(factor, Constant):
            number *= factor.number
        else:
            factors.append(factor)
    if not factors or abs(number) != 1.0:
        factors.insert(0, Constant(number))
    result = reduce(mul, factors)
    return -result if number == -1.0 and not isinstance(result, Constant) else result


def _factors(formula: Expression) -> Iterator[Expression]:
    match formula:
        case Operation(op, (left, right)) if op.name == "mul":
            yield from (*_factors(left), *_factors(right))
        case Operation(op, (operand,)) if op.name == "neg":
            yield from (Constant(-1.0), *_factors(operand))
        case _:
            yield formula
