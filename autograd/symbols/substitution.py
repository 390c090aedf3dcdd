"""Substitution: other formulas, or numbers, replace the names in a formula.

A sum of a thousand terms is nested a thousand deep on its left; the left operands are followed in a loop.
"""

from collections.abc import Callable, Iterator, Mapping

from autograd.symbols.expression import (
    Conditional,
    Constant,
    Derivative,
    Expression,
    NamedFunction,
    Operation,
    Relation,
    Subscript,
    Symbol,
    name_of,
)
from autograd.symbols.simplification import RELATIONS


def substituted(formula: Expression, replacements: Mapping[str, Expression]) -> Expression:
    """Return a formula with its names replaced; `replacements` maps names to formulas.

    A name is that of a symbol, or the plain text of a derivative or a subscript.

    >>> print(substituted(Symbol("w") - Symbol("lr") * Symbol("g"), {"w": Symbol("w35"), "lr": Constant(0.1)}))
    w35 - 0.1*g
    """
    return _changed(formula, lambda atom: replacements.get(name_of(atom), atom))


def _changed(formula: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return a formula with each name and number changed."""
    first, chain = _spine(formula)
    match first:
        case NamedFunction(function, operand, meaning):
            changed = None if meaning is None else _changed(meaning, change)
            result: Expression = NamedFunction(function, _changed(operand, change), changed)
        case Conditional(condition, yes, no):
            asked = Relation(condition.relation, _changed(condition.left, change), _changed(condition.right, change))
            result = Conditional(asked, _changed(yes, change), _changed(no, change))
        case _:
            result = change(first)
    for link in reversed(chain):
        result = Operation(link.op, (result, *(_changed(operand, change) for operand in link.operands[1:])))
    return result


def _spine(formula: Expression) -> tuple[Expression, list[Operation]]:
    """Return the innermost first operand, and the operations on it from the outside in."""
    chain: list[Operation] = []
    while isinstance(formula, Operation):
        chain.append(formula)
        formula = formula.operands[0]
    return formula, chain


def parts(formula: Expression) -> Iterator[Expression]:
    """Yield the formula and all formulas inside it, from left to right."""
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        yield part
        match part:
            case Operation(_, operands):
                waiting += reversed(operands)
            case NamedFunction(_, operand):
                waiting.append(operand)
            case Conditional(condition, yes, no):
                waiting += [no, condition.right, condition.left, yes]


def symbol_names(formula: Expression) -> set[str]:
    """Return the names in a formula.

    >>> sorted(symbol_names(Symbol("w") - Symbol("lr") * Symbol("g")))
    ['g', 'lr', 'w']
    """
    return set(filter(None, map(name_of, parts(formula))))


def evaluated(formula: Expression, numbers: Mapping[str, float]) -> float:
    """Return the value of a formula for these numbers of its names.

    Raises KeyError if a number is missing, TypeError for a function without a meaning.

    >>> evaluated(Symbol("w") - Symbol("lr") * Symbol("g"), {"w": 2.0, "lr": 0.5, "g": 3.0})
    0.5
    """
    first, chain = _spine(formula)
    match first:
        case Constant(number):
            result = number
        case NamedFunction(_, _, meaning) if meaning is not None:
            result = evaluated(meaning, numbers)
        case Conditional():
            result = evaluated(chosen(first, numbers), numbers)
        case Symbol() | Derivative() | Subscript():
            result = numbers[name_of(first)]
        case _:
            raise TypeError(f"expected a formula with a value, got {type(first).__name__}, which is only a name.")
    for link in reversed(chain):
        result = float(link.op(result, *(evaluated(operand, numbers) for operand in link.operands[1:])))
    return result


def chosen(choice: Conditional, numbers: Mapping[str, float]) -> Expression:
    """Return the side of a choice that these numbers take; see `evaluated`.

    >>> print(chosen(Conditional(Symbol("x") <= Constant(0.0), Constant(0.0), Symbol("x")), {"x": 3.0}))
    x
    """
    left, right = evaluated(choice.condition.left, numbers), evaluated(choice.condition.right, numbers)
    return choice.yes if RELATIONS[choice.condition.relation](left, right) else choice.no


def spelled_out(formula: Expression) -> Expression:
    """Return a formula with the meaning of each named function in the place of its name.

    >>> print(spelled_out(2 * NamedFunction("F", Symbol("x"), Symbol("x").tanh())))
    2*tanh(x)
    """
    first, chain = _spine(formula)
    match first:
        case NamedFunction(_, _, meaning) if meaning is not None:
            first = spelled_out(meaning)
        case Conditional(condition, yes, no):
            asked = Relation(condition.relation, spelled_out(condition.left), spelled_out(condition.right))
            first = Conditional(asked, spelled_out(yes), spelled_out(no))
    for link in reversed(chain):
        first = Operation(link.op, (first, *map(spelled_out, link.operands[1:])))
    return first
