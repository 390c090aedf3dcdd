"""The derivative of a formula with respect to a symbol, as a formula: the chain rule with the table's partials."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import mul

from autograd.symbols.expression import Conditional, Constant, Expression, Operation, Symbol, as_expression
from autograd.symbols.simplification import simplified

ZERO = Constant(0.0)


def derivative_formula(formula: Expression, name: str) -> Expression:
    """Return the derivative of a formula with respect to the symbol with this name, simplified.

    >>> y, t = Symbol("y"), Symbol("t")
    >>> print(derivative_formula(Constant(1.0) / 2 * (y - t) ** 2, "y"))
    y - t
    >>> print(derivative_formula(-(y * t.log()) + t.tanh(), "t"))
    -y*(1/t) + (1 - tanh(t)*tanh(t))
    """
    return _sum(_terms(formula, name))


def _terms(formula: Expression, name: str) -> list[Expression]:
    """Return the terms of the derivative, which is their sum; an empty list for 0."""
    match formula:
        case Symbol(own) if own == name:
            return [Constant(1.0)]
        case Operation(op, operands):
            found: list[Expression] = []
            for place, operand in enumerate(operands):
                if inner := _terms(operand, name):
                    partial = simplified(as_expression(op.partials[place](*operands, formula)))
                    factors = inner if isinstance(partial, Constant) else [_sum(inner)]
                    found += [product(partial, factor) for factor in factors]
            return found
        case Conditional(condition, yes, no):
            chosen, other = _terms(yes, name), _terms(no, name)
            return chosen if chosen == other else [Conditional(condition, _sum(chosen), _sum(other))]
    return []


def _sum(terms: Sequence[Expression]) -> Expression:
    total, *others = terms or [ZERO]
    for term in others:
        match term:
            case Operation(op, (operand,)) if op.name == "neg":
                total = total - operand
            case _:
                total = total + term
    return total


def product(left: Expression, right: Expression) -> Expression:
    """Return a product. Its plain numbers become one factor in front; a factor of 1 or -1 leaves only the sign.

    >>> print(product(Constant(0.5), Constant(2.0) * Symbol("x")), product(Symbol("a"), Symbol("b") * Symbol("c")))
    x a*b*c
    """
    number, factors = 1.0, []
    for factor in (*_factors(left), *_factors(right)):
        if isinstance(factor, Constant):
            number *= factor.number
        else:
            factors.append(factor)
    if not factors:
        return Constant(number)
    if abs(number) != 1.0:
        factors.insert(0, Constant(abs(number)))
    result = reduce(mul, factors)
    return -result if number < 0.0 else result


def _factors(formula: Expression) -> Iterator[Expression]:
    match formula:
        case Operation(op, (left, right)) if op.name == "mul":
            yield from (*_factors(left), *_factors(right))
        case Operation(op, (operand,)) if op.name == "neg":
            yield from (Constant(-1.0), *_factors(operand))
        case _:
            yield formula
