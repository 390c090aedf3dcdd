"""Substitution: other formulas, or numbers, replace the symbols of a formula."""

from collections.abc import Mapping

from autograd.symbols.expression import Conditional, Constant, Expression, NamedFunction, Operation, Relation, Symbol
from autograd.symbols.simplification import RELATIONS


def substituted(formula: Expression, replacements: Mapping[str, Expression]) -> Expression:
    """Return a formula with its symbols replaced; `replacements` maps names of symbols to formulas.

    >>> print(substituted(Symbol("w") - Symbol("lr") * Symbol("g"), {"w": Symbol("w35"), "lr": Constant(0.1)}))
    w35 - 0.1*g
    """
    match formula:
        case Symbol(name):
            return replacements.get(name, formula)
        case Operation(op, operands):
            return Operation(op, tuple(substituted(operand, replacements) for operand in operands))
        case NamedFunction(function, operand):
            return NamedFunction(function, substituted(operand, replacements))
        case Conditional(condition, yes, no):
            left, right = substituted(condition.left, replacements), substituted(condition.right, replacements)
            chosen, other = substituted(yes, replacements), substituted(no, replacements)
            return Conditional(Relation(condition.relation, left, right), chosen, other)
    return formula


def symbol_names(formula: Expression) -> set[str]:
    """Return the names of the symbols in a formula.

    >>> sorted(symbol_names(Symbol("w") - Symbol("lr") * Symbol("g")))
    ['g', 'lr', 'w']
    """
    match formula:
        case Symbol(name):
            return {name}
        case Operation(_, operands):
            return set().union(*map(symbol_names, operands))
        case NamedFunction(_, operand):
            return symbol_names(operand)
        case Conditional(condition, yes, no):
            return set().union(*map(symbol_names, (condition.left, condition.right, yes, no)))
    return set()


def evaluated(formula: Expression, numbers: Mapping[str, float]) -> float:
    """Return the value of a formula for these numbers of its symbols. Raises KeyError if a number is missing.

    >>> evaluated(Symbol("w") - Symbol("lr") * Symbol("g"), {"w": 2.0, "lr": 0.5, "g": 3.0})
    0.5
    """
    match formula:
        case Symbol(name):
            return numbers[name]
        case Constant(number):
            return number
        case Operation(op, operands):
            return float(op(*(evaluated(operand, numbers) for operand in operands)))
        case Conditional(condition, yes, no):
            left, right = evaluated(condition.left, numbers), evaluated(condition.right, numbers)
            return evaluated(yes if RELATIONS[condition.relation](left, right) else no, numbers)
    raise TypeError(f"expected a formula with a value, got {type(formula).__name__}, which is only a name.")
