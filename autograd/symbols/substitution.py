"""Substitution: other formulas, or numbers, replace the names in a formula."""

from collections.abc import Callable, Iterator, Mapping

from autograd.symbols.expression import (
    Conditional,
    Constant,
    Derivative,
    Expression,
    NamedFunction,
    Operation,
    Subscript,
    Symbol,
    folded,
    name_of,
)
from autograd.symbols.simplification import RELATIONS
from autograd.table.op import Op


def substituted(formula: Expression, replacements: Mapping[str, Expression]) -> Expression:
    """Return a formula with its names replaced; `replacements` maps names to formulas.

    A name is that of a symbol, or the plain text of a derivative or a subscript.

    >>> print(substituted(Symbol("w") - Symbol("lr") * Symbol("g"), {"w": Symbol("w35"), "lr": Constant(0.1)}))
    w35 - 0.1*g
    """
    return _changed(formula, lambda atom: replacements.get(name_of(atom), atom))


def _changed(formula: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return a formula with each name and number changed."""

    def changed(part: Expression) -> Expression:
        match part:
            case NamedFunction(function, operand, meaning):
                known = None if meaning is None else _changed(meaning, change)
                return NamedFunction(function, _changed(operand, change), known)
            case Conditional():
                return part.changed(lambda inner: _changed(inner, change))
        return change(part)

    return folded(formula, changed, _operation)


def _operation(op: Op, operands: list[Expression]) -> Expression:
    return Operation(op, tuple(operands))


def parts(formula: Expression) -> Iterator[Expression]:
    """Yield the formula and all formulas inside it, from left to right."""
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Operation):
            waiting += part.operands[::-1]
        elif isinstance(part, NamedFunction):
            waiting.append(part.operand)
        elif isinstance(part, Conditional):
            waiting += [part.no, part.condition.right, part.condition.left, part.yes]


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

    def value(part: Expression) -> float:
        match part:
            case Constant(number):
                return number
            case NamedFunction(_, _, meaning) if meaning is not None:
                return evaluated(meaning, numbers)
            case Conditional():
                return evaluated(chosen(part, numbers), numbers)
            case Symbol() | Derivative() | Subscript():
                return numbers[name_of(part)]
        raise TypeError(f"expected a formula with a value, got {type(part).__name__}, which is only a name.")

    return folded(formula, value, lambda op, operands: float(op(*operands)))


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

    def spelled(part: Expression) -> Expression:
        match part:
            case NamedFunction(_, _, meaning) if meaning is not None:
                return spelled_out(meaning)
            case Conditional():
                return part.changed(spelled_out)
        return part

    return folded(formula, spelled, _operation)
