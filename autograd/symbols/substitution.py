"""Substitution: other formulas, or numbers, replace the names in a formula."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeAlias

from autograd.symbols.differentiation import product
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
    folded,
    name_of,
    text,
)
from autograd.symbols.simplification import OPPOSITES, RELATIONS, ZERO
from autograd.table.op import Level, Op


def substituted(formula: Expression, replacements: Mapping[str, Expression]) -> Expression:
    """Return a formula with its names replaced; `replacements` maps names to formulas.

    A name is that of a symbol, or the plain text of a derivative or a subscript.

    >>> print(substituted(Symbol("w") - Symbol("lr") * Symbol("g"), {"w": Symbol("w35"), "lr": Constant(0.1)}))
    w35 - 0.1*g
    """
    return transformed(formula, lambda atom: replacements.get(name_of(atom), atom))


def transformed(formula: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return a formula with each name and number changed.

    >>> print(transformed(Symbol("x") * 2, lambda part: part if part == Symbol("x") else Constant(3.0)))
    x*3
    """

    def changed(part: Expression) -> Expression:
        match part:
            case NamedFunction(function, operand, meaning):
                known = None if meaning is None else transformed(meaning, change)
                return NamedFunction(function, transformed(operand, change), known)
            case Conditional():
                return part.changed(lambda inner: transformed(inner, change))
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
    return choice.yes if _holds(choice.condition, numbers) else choice.no


def _holds(condition: Relation, numbers: Mapping[str, float]) -> bool:
    left, right = evaluated(condition.left, numbers), evaluated(condition.right, numbers)
    return bool(RELATIONS[condition.relation](left, right))


def taken(formula: Expression, numbers: Mapping[str, float]) -> tuple[Expression, list[Relation]]:
    """Return a formula with the side of each choice that these numbers take, and the conditions that hold for it.

    >>> slope = Conditional(Symbol("x") <= Constant(0.0), Constant(0.0), Constant(1.0))
    >>> shown, [condition] = taken(-(slope * Symbol("y")), {"x": 3.0})
    >>> print(shown, condition.relation)
    -y >
    """
    if not any(isinstance(part, Conditional) for part in parts(formula)):
        return formula, []

    def side(part: Expression) -> _Shown:
        if not isinstance(part, Conditional):
            return part, ()
        asked = part.condition
        sign = asked.relation if _holds(asked, numbers) else OPPOSITES[asked.relation]
        shown, conditions = folded(chosen(part, numbers), side, _joined)
        return shown, (Relation(sign, asked.left, asked.right), *conditions)

    shown, found = folded(formula, side, _joined)
    weaker = {Relation(f"{asked.relation}=", asked.left, asked.right) for asked in found}
    return shown, [asked for asked in dict.fromkeys(found) if asked not in weaker]


_Shown: TypeAlias = tuple[Expression, tuple[Relation, ...]]
"""A formula without choices, and the conditions that hold for it."""


def _joined(op: Op, operands: list[_Shown]) -> _Shown:
    """Return an operation; of a product that is 0, the conditions of one factor 0 are enough."""
    shown = _shortened(op, [formula for formula, _ in operands])
    if op.level == Level.PRODUCT and shown == ZERO:
        operands = [operand for operand in operands if operand[0] == ZERO][:1]
    return shown, tuple(asked for _, own in operands for asked in own)


def _shortened(op: Op, operands: list[Expression]) -> Expression:
    """Return an operation without its plain numbers, where these are a sign, a factor 0 or 1, or a term 0."""
    match op.name, operands:
        case ("mul", _) | ("div", [Constant(0.0), _]) if ZERO in operands:
            return ZERO
        case "mul", [left, right] if isinstance(left, Constant) or isinstance(right, Constant):
            return product(left, right)
        case "neg", [Constant(number)]:
            return Constant(0.0 - number)
        case "add" | "sub", [left, right] if right == ZERO:
            return left
        case "add" | "sub", [left, right] if left == ZERO:
            return right if op.name == "add" else -right
    return _operation(op, operands)


def spelled_out(formula: Expression, kept: Collection[str] = ()) -> Expression:
    """Return a formula with the meaning of each named function in its place, but the names of those that are `kept`.

    >>> formula = 2 * NamedFunction("F", Symbol("x"), Symbol("x").tanh())
    >>> print(spelled_out(formula), spelled_out(formula, ["F(x)"]), sep=", ")
    2*tanh(x), 2*F(x)
    """

    def spelled(part: Expression) -> Expression:
        match part:
            case NamedFunction() if kept and text(part) in kept:
                return Symbol(text(part))
            case NamedFunction(_, _, meaning) if meaning is not None:
                return spelled_out(meaning, kept)
            case Conditional():
                return part.changed(lambda inner: spelled_out(inner, kept))
        return part

    return folded(formula, spelled, _operation)


def with_functions(formula: Expression, change: Callable[[NamedFunction], Expression]) -> Expression:
    """Return a formula with each of its named functions changed.

    >>> print(with_functions(2 * NamedFunction("F", Symbol("x")), lambda part: part.operand))
    2*x
    """
    return folded(formula, lambda part: change(part) if isinstance(part, NamedFunction) else part, _operation)
