"""Formulas as data, and their text.

An operation on symbols returns an Expression. Python can read its text back, and gets the same value. Parentheses keep
the order of additions, `x + (y + z)`, and enclose negative numbers inside a sum or a product, as in the lecture:
`1*2 + (-1)*(-3)`. A Writer writes the text; other notations are subclasses.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from autograd.table.op import Level, Op, op_of
from autograd.table.operators import Operators
from autograd.table.scalars import as_float, format_number, got, is_number
from autograd.table.visible import visible


class Expression(Operators):
    """A formula of symbols and numbers. Operators, methods and the table's functions build larger formulas."""

    __slots__ = ()

    def _unary(self, code: int) -> "Expression":
        return Operation(op_of(code), (self,))

    def _binary(self, code: int, other: Any) -> Any:
        return self._joined(code, self, other)

    def _reflected(self, code: int, other: Any) -> Any:
        return self._joined(code, other, self)

    @staticmethod
    def _joined(code: int, x: Any, y: Any) -> Any:
        operands = [as_expression(x), as_expression(y)]
        return None if NotImplemented in operands else Operation(op_of(code), tuple(operands))

    def __lt__(self, other: Any) -> "Relation":
        return self._compared("<", other)

    def __le__(self, other: Any) -> "Relation":
        return self._compared("<=", other)

    def __gt__(self, other: Any) -> "Relation":
        return self._compared(">", other)

    def __ge__(self, other: Any) -> "Relation":
        return self._compared(">=", other)

    def _compared(self, relation: str, other: Any) -> "Relation":
        right = as_expression(other)
        return NotImplemented if right is NotImplemented else Relation(relation, self, right)

    def __str__(self) -> str:
        return text(self)


@dataclass(frozen=True, slots=True)
class Symbol(Expression):
    """A name. Its text has parentheses, unless it is a single word or call.

    >>> x, y = Symbol("x"), Symbol("the target")
    >>> print(x - (y - x) * y.tanh())
    x - ((the target) - x)*tanh((the target))
    """

    name: str


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A plain number in a formula."""

    number: float


@dataclass(frozen=True, slots=True, repr=False)
class Operation(Expression):
    """An operation of the table, applied to operands.

    >>> Symbol("x") * 2 + 1
    Operation(x*2 + 1)
    """

    op: Op
    operands: tuple[Expression, ...]

    def __repr__(self) -> str:
        return f"Operation({self})"


@dataclass(frozen=True, slots=True)
class NamedFunction(Expression):
    """A function written by its name, such as F and F' in the lecture; `meaning` is its formula for this operand.

    >>> print(Symbol("w35") * NamedFunction("F'", Symbol("x3")))
    w35*F'(x3)
    """

    function: str
    operand: Expression
    meaning: Expression | None = None


@dataclass(frozen=True, slots=True)
class Derivative(Expression):
    """The name of a derivative of one named number with respect to another.

    >>> print(Derivative("loss", "w35") * Symbol("eta"), Derivative("loss", "w35") ** 2)
    dloss/dw35*eta (dloss/dw35)**2
    """

    of: str
    by: str


@dataclass(frozen=True, slots=True)
class Subscript(Expression):
    """The name of a number that belongs to another one, such as the velocity of a weight.

    >>> print(Symbol("mu") * Subscript("velocity", "w35"))
    mu*velocity_w35
    """

    name: str
    of: str


@dataclass(frozen=True, slots=True)
class Relation:
    """The condition of a Conditional: a comparison of two formulas."""

    relation: str
    left: Expression
    right: Expression

    def __bool__(self) -> bool:
        raise TypeError("a comparison of symbols is neither true nor false; use autograd.ops.where(x > 0, a, b).")

    def choose(self, yes: Any, no: Any) -> "Conditional":
        """Return a formula that is `yes` where this comparison is true, else `no`."""
        return Conditional(self, as_expression(yes), as_expression(no))


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """One of two formulas: `yes` if the condition is true, else `no`."""

    condition: Relation
    yes: Expression
    no: Expression

    def changed(self, change: Callable[[Expression], Expression]) -> "Conditional":
        """Return the choice with a change of each of its four formulas."""
        asked = Relation(self.condition.relation, change(self.condition.left), change(self.condition.right))
        return Conditional(asked, change(self.yes), change(self.no))


def as_expression(operand: Any) -> Any:
    """Return an Expression unchanged, a number as a Constant, and NotImplemented for anything else."""
    if isinstance(operand, Expression):
        return operand
    return Constant(as_float(operand)) if is_number(operand) else NotImplemented


T = TypeVar("T")


def folded(formula: Expression, atom: Callable[[Expression], T], operation: Callable[[Op, list[T]], T]) -> T:
    """Return what `operation` makes of a formula's operations, from the inside out, and `atom` of all other formulas.

    First operands are followed in a loop, without recursion: a sum of a thousand terms is nested that deep.

    >>> folded(Symbol("x") * 2 + 1, str, lambda op, operands: f"{op.name}({', '.join(operands)})")
    'add(mul(x, 2), 1)'
    """
    chain: list[Operation] = []
    while isinstance(formula, Operation):
        chain.append(formula)
        formula = formula.operands[0]
    result = atom(formula)
    for link in reversed(chain):
        others = [
            folded(operand, atom, operation) if isinstance(operand, Operation) else atom(operand)
            for operand in link.operands[1:]
        ]
        result = operation(link.op, [result, *others])
    return result


Written: TypeAlias = tuple[str, int]
"""A formula's text, and how tightly it binds."""


_ACCENTS = "\u0300-\u036f"
"""The accents that some keyboards write as characters of their own, after their letter."""
_SHORT = {"maximum": "max", "minimum": "min"}
"""Operations that people write by a shorter name, which Python has too."""


class Writer:
    """Writes formulas as people type them, with numbers rounded to `digits` significant digits.

    Subclasses write programming languages and LaTeX.

    >>> Writer(3).text(Symbol("x") / 3, {"x": 2 / 3})
    '0.667/3'
    """

    def __init__(self, digits: int = 10) -> None:
        self.digits = digits
        self._extremes: dict[tuple[str, str], list[str]] = {}  # the operands of max and min, by name and text

    def text(self, expression: Expression, numbers: Mapping[str, float] | None = None) -> str:
        """Return a formula's text; `numbers` maps names to numbers that replace them.

        A name is that of a symbol, or the plain text of a derivative or a subscript, such as "dloss/dw35".
        """
        return self.render(expression, numbers or {})[0]

    def render(self, expression: Expression, numbers: Mapping[str, float]) -> Written:
        """Return a formula's text, and how tightly it binds."""
        match expression:
            case Symbol() | Derivative() | Subscript():
                return self._render_name(expression, numbers)
            case Constant(number):
                return self.number(number)
            case Operation():
                return folded(expression, lambda part: self.render(part, numbers), self.operation)
            case NamedFunction(function, operand):
                return self.call(function, self.render(operand, numbers))
            case Conditional(condition, yes, no):
                first, second = self.render(yes, numbers), self.render(no, numbers)
                return self.choice(first, self.condition(condition, numbers), second), Level.CONDITIONAL
        raise TypeError(f"expected an Expression, got {got(expression)}.")

    def condition(self, condition: Relation, numbers: Mapping[str, float]) -> str:
        """Return the text of a comparison."""
        sides = (self.within(self.render(side, numbers), Level.SUM) for side in (condition.left, condition.right))
        return f" {self.relation(condition.relation)} ".join(sides)

    def _render_name(self, expression: Symbol | Derivative | Subscript, numbers: Mapping[str, float]) -> Written:
        if numbers and (known := name_of(expression)) in numbers:
            return self.number(numbers[known])
        if isinstance(expression, Symbol):
            return self.name(expression.name)
        if isinstance(expression, Derivative):
            return self.derivative(expression.of, expression.by)
        return self.subscript(expression.name, expression.of)

    def name(self, name: str) -> Written:
        """Write a symbol."""
        return word(name), Level.CALL

    def number(self, number: float) -> Written:
        """Write a number; a fraction as a quotient."""
        if getattr(number, "denominator", 1) != 1:
            return self.fraction(number)
        written = self.digits_of(float(number))
        return written, Level.SUM if written.startswith("-") else Level.CALL

    def fraction(self, number: Any) -> Written:
        """Write a Fraction."""
        return str(number), Level.SUM if number < 0 else Level.PRODUCT

    def digits_of(self, number: float) -> str:
        """Write a number's sign and digits."""
        return format_number(number, self.digits)

    def operation(self, op: Op, operands: list[Written]) -> Written:
        """Write an operation with its symbol, or as a call."""
        if not op.symbol:
            return self.function(op, _SHORT.get(op.name, op.name), operands), Level.CALL
        if op.arity == 1:
            return op.symbol + self.within(operands[0], Level.PRODUCT), op.level
        left, right = self.infix_operands(op, operands)
        spaced = f" {op.symbol} " if op.level == Level.SUM else op.symbol
        return left + spaced + right, op.level

    def function(self, op: Op, name: str, operands: list[Written]) -> str:
        """Write an operation as a call; max(max(a, b), c) is written max(a, b, c)."""
        inside = [part for text, _ in operands for part in self._extremes.get((op.name, text), [text])]
        written = name + self.parenthesized(", ".join(inside))
        if op.name in _SHORT:
            self._extremes[op.name, written] = inside
        return written

    def infix_operands(self, op: Op, operands: list[Written]) -> list[str]:
        """Write the operands of an infix operation, with parentheses if they need them."""
        right_associative = op.level == Level.POWER
        left, right = operands
        levels = op.level + right_associative, op.level + (not right_associative)
        return [self.within(left, levels[0]), self.within(right, levels[1])]

    def within(self, part: Written, level: int) -> str:
        """Return a part's text, with parentheses if it binds less tightly than `level`."""
        return part[0] if part[1] >= level else self.parenthesized(part[0])

    def parenthesized(self, part: str) -> str:
        """Put parentheses around a text."""
        return f"({part})"

    def call(self, function: str, operand: Written) -> Written:
        """Write a call of a NamedFunction."""
        return f"{function}({operand[0]})", Level.CALL

    def derivative(self, of: str, by: str) -> Written:
        """Write the name of a derivative."""
        return f"d{word(of)}/d{word(by)}", Level.POWER

    def subscript(self, name: str, of: str) -> Written:
        """Write the name of a number that belongs to another one."""
        return f"{name}_{word(of)}", Level.CALL

    def relation(self, relation: str) -> str:
        """Write the sign of a comparison."""
        return relation

    def choice(self, yes: Written, condition: str, no: Written) -> str:
        """Write a Conditional."""
        return f"{self.within(yes, Level.SUM)} if {condition} else {self.within(no, Level.SUM)}"


def name_of(formula: Expression) -> str:
    """Return the name by which a symbol, a derivative or a subscript is known; "" for any other formula.

    >>> name_of(Symbol("the loss")), name_of(Derivative("the loss", "w"))
    ('the loss', 'd(the loss)/dw')
    """
    if isinstance(formula, Symbol):
        return formula.name
    return text(formula) if isinstance(formula, (Derivative, Subscript)) else ""


def text(expression: Expression, numbers: Mapping[str, float] | None = None, digits: int = 10) -> str:
    """Write a formula; `numbers` maps names to numbers that replace them (see `Writer.text`).

    Numbers are rounded to `digits` significant digits.

    >>> formula = Symbol("x1") * Symbol("w13") + Symbol("x2") * Symbol("w23")
    >>> text(formula), text(formula, {"x1": 1, "w13": 2, "x2": -1, "w23": -3})
    ('x1*w13 + x2*w23', '1*2 + (-1)*(-3)')
    """
    return Writer(digits).text(expression, numbers)


def word(name: str) -> str:
    """Return a name, in parentheses unless it is a single word or call.

    >>> word("w[0]"), word("f(x, 2)"), word("the target")
    ('w[0]', 'f(x, 2)', '(the target)')
    """
    shown = visible(name)
    return shown if _WORD.fullmatch(shown) else f"({shown})"


_WORD = re.compile(rf"[\w{_ACCENTS}.\[\]]+(\([^()]*\))?")
