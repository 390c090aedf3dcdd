"""The derivative of a formula with respect to a symbol, as a formula: the chain rule with the table's partials."""

from collections import Counter
from collections.abc import Sequence
from functools import reduce
from operator import mul
from typing import TypeAlias

from autograd.symbols.expression import Conditional, Constant, Expression, Operation, Symbol, as_expression, folded
from autograd.symbols.simplification import ZERO, simplified
from autograd.table.op import Op

_ONE = Constant(1.0)
_Derived: TypeAlias = tuple[Expression, list[Expression]]
"""A formula, and the terms of its derivative."""


def derivative_formula(formula: Expression, name: str) -> Expression:
    """Return the derivative of a formula with respect to the symbol with this name, simplified.

    >>> y, t = Symbol("y"), Symbol("t")
    >>> print(derivative_formula(Constant(1.0) / 2 * (y - t) ** 2, "y"))
    y - t
    >>> print(derivative_formula(-(y * t.log()) + t.tanh(), "t"))
    -y/t + (1 - tanh(t)*tanh(t))
    """
    return total_of(_terms(formula, name))


def _terms(formula: Expression, name: str) -> list[Expression]:
    """Return the terms of the derivative, which is their sum; an empty list for 0."""
    return folded(formula, lambda part: (part, _terms_of_atom(part, name)), _chained)[1]


def _chained(op: Op, inner: list[_Derived]) -> _Derived:
    """Return an operation with the terms of its derivative, from its operands with theirs."""
    operands = tuple(operand for operand, _ in inner)
    formula = Operation(op, operands)
    found: list[Expression] = []
    for place, (_, terms) in enumerate(inner):
        if terms:
            partial = simplified(as_expression(op.partials[place](*operands, formula)))
            factors = terms if isinstance(partial, Constant) else [total_of(terms)]
            found += factors if partial == _ONE else [product(partial, factor) for factor in factors]
    return formula, found


def _terms_of_atom(formula: Expression, name: str) -> list[Expression]:
    match formula:
        case Symbol(own) if own == name:
            return [_ONE]
        case Conditional(condition, yes, no):
            chosen, other = _terms(yes, name), _terms(no, name)
            return chosen if chosen == other else [Conditional(condition, total_of(chosen), total_of(other))]
    return []


def total_of(terms: Sequence[Expression]) -> Expression:
    """Return the sum of terms, 0 if there are none: a negative term is subtracted, an equal one becomes a factor.

    >>> print(total_of([Symbol("z"), -Symbol("a"), Symbol("z")]))
    2*z - a
    """
    counted = Counter(terms).items()
    total, *others = [term if count == 1 else product(Constant(count), term) for term, count in counted] or [ZERO]
    for term in others:
        match term:
            case Operation(op, (operand,)) if op.name == "neg":
                total = total - operand
            case _:
                total = total + term
    return total


def product(left: Expression, right: Expression) -> Expression:
    """Return a product as one fraction: plain numbers are one factor in front, 1 and -1 leave only the sign.

    >>> print(product(Constant(0.5), Constant(2.0) * Symbol("x")), product(Symbol("a"), Symbol("b") * Symbol("c")))
    x a*b*c
    >>> print(product(Symbol("a"), -(1 / Symbol("b"))))
    -a/b
    """
    number, factors, divisors = 1.0, [], []
    waiting = [right, left]
    while waiting:
        match waiting.pop():
            case Operation(op, (first, second)) if op.name == "mul":
                waiting += [second, first]
            case Operation(op, (first, second)) if op.name == "div":
                divisors.append(second)
                waiting.append(first)
            case Operation(op, (operand,)) if op.name == "neg":
                number = -number
                waiting.append(operand)
            case Constant(factor):
                number *= factor
            case factor:
                factors.append(factor)
    return _fraction(number, factors, divisors)


def _fraction(number: float, factors: list[Expression], divisors: list[Expression]) -> Expression:
    if not factors and not divisors:
        return Constant(number)
    if abs(number) != 1.0 or not factors:
        factors = [Constant(abs(number)), *factors]
    result = reduce(mul, factors)
    if divisors:
        result = result / reduce(mul, divisors)
    return -result if number < 0.0 else result
