"""Formulas as data: the table run on symbols, and their text.

An Expression is what an operation becomes when its operands are symbols. Its text read back by Python has the same
value; parentheses keep the order of additions, `x + (y + z)`, and stand around what is negative inside a sum or a
product, as in the lecture: `1*2 + (-1)*(-3)`. Reads the table for symbols and levels.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograd.op import TABLE, Level, Op
from autograd.operators import Operators
from autograd.scalars import as_float, format_number, is_number


class Expression(Operators):
    """A formula of symbols and numbers. Operators, methods and the table's functions build larger ones."""

    __slots__ = ()

    def _unary(self, code: int) -> "Expression":
        return Operation(TABLE[code], (self,))

    def _binary(self, code: int, other: Any) -> Any:
        return self._joined(code, self, other)

    def _reflected(self, code: int, other: Any) -> Any:
        return self._joined(code, other, self)

    @staticmethod
    def _joined(code: int, x: Any, y: Any) -> Any:
        operands = [as_expression(x), as_expression(y)]
        return None if NotImplemented in operands else Operation(TABLE[code], tuple(operands))

    def __lt__(self, other: Any) -> "Comparison":
        return self._compared("<", other)

    def __le__(self, other: Any) -> "Comparison":
        return self._compared("<=", other)

    def __gt__(self, other: Any) -> "Comparison":
        return self._compared(">", other)

    def __ge__(self, other: Any) -> "Comparison":
        return self._compared(">=", other)

    def _compared(self, relation: str, other: Any) -> "Comparison":
        right = as_expression(other)
        return NotImplemented if right is NotImplemented else Comparison(relation, self, right)

    def __str__(self) -> str:
        return text(self)


@dataclass(frozen=True, slots=True)
class Symbol(Expression):
    """A name.

    >>> x, y = Symbol("x"), Symbol("y")
    >>> print(x - (y - x) * y.tanh())
    x - (y - x)*tanh(y)
    """

    name: str


def named(label: str) -> Symbol:
    """Return the symbol for a label, in parentheses where that is no single word.

    >>> print(named("w[0]") * named("the target"))
    w[0]*(the target)
    """
    return Symbol(label if re.fullmatch(r"[\w.\[\]]+", label) else f"({label})")


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A plain number in a formula."""

    number: float


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    """An operation of the table, applied."""

    op: Op
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A function that is only named, such as the lecture's F and F'.

    >>> print(Symbol("w35") * Call("F'", Symbol("x3")))
    w35*F'(x3)
    """

    function: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Comparison:
    """The condition of a Conditional."""

    relation: str
    left: Expression
    right: Expression

    def choose(self, yes: Any, no: Any) -> "Conditional":
        """Return the formula that is one of two, by this comparison."""
        return Conditional(self, as_expression(yes), as_expression(no))


@dataclass(frozen=True, slots=True)
class Conditional(Expression):
    """One of two formulas, by a comparison."""

    condition: Comparison
    yes: Expression
    no: Expression


def as_expression(operand: Any) -> Any:
    """Return an Expression as it is and a number as a Constant; NotImplemented for anything else."""
    if isinstance(operand, Expression):
        return operand
    return Constant(as_float(operand)) if is_number(operand) else NotImplemented


Writer = Callable[[Op, list[tuple[str, int]]], tuple[str, int]]


def text(expression: Expression, numbers: Mapping[str, float] | None = None, digits: int = 10) -> str:
    """Write a formula, with its symbols, or with numbers in the place of the symbols that `numbers` names.

    Numbers are rounded to `digits` significant digits.

    >>> formula = Symbol("x1") * Symbol("w13") + Symbol("x2") * Symbol("w23")
    >>> text(formula), text(formula, {"x1": 1, "w13": 2, "x2": -1, "w23": -3})
    ('x1*w13 + x2*w23', '1*2 + (-1)*(-3)')
    """
    return render(expression, numbers or {}, write_operation, lambda number: format_number(number, digits))[0]


def render(
    expression: Expression,
    numbers: Mapping[str, float],
    write: Writer,
    write_number: Callable[[float], str],
    choice: str = "{yes} if {condition} else {no}",
) -> tuple[str, int]:
    """Return a formula's text and the level at which it binds, with `write` as the notation of operations."""
    match expression:
        case Symbol(name) if name in numbers:
            return _number(numbers[name], write_number)
        case Symbol(name):
            return name, Level.CALL
        case Constant(number):
            return _number(number, write_number)
        case Operation():
            return _render_chain(expression, numbers, write, write_number, choice)
        case Call(function, operand):
            return f"{function}({render(operand, numbers, write, write_number, choice)[0]})", Level.CALL
        case Conditional(condition, yes, no):
            parts = (yes, condition.left, condition.right, no)
            texts = [within(render(part, numbers, write, write_number, choice), Level.SUM) for part in parts]
            asked = f"{texts[1]} {condition.relation} {texts[2]}"
            return choice.format(yes=texts[0], condition=asked, no=texts[3]), Level.CONDITIONAL
    raise TypeError(f"{type(expression).__name__} is no kind of Expression.")


def _render_chain(
    operation: Operation, numbers: Mapping[str, float], write: Writer, write_number: Callable[[float], str], choice: str
) -> tuple[str, int]:
    """Render along the first operands in a loop: the sum of a thousand terms is a thousand operations deep there."""
    chain: list[Operation] = []
    first: Expression = operation
    while isinstance(first, Operation):
        chain.append(first)
        first = first.operands[0]
    part = render(first, numbers, write, write_number, choice)
    for link in reversed(chain):
        others = [render(operand, numbers, write, write_number, choice) for operand in link.operands[1:]]
        part = write(link.op, [part, *others])
    return part


def _number(number: float, write_number: Callable[[float], str]) -> tuple[str, int]:
    written = write_number(number)
    return written, Level.SUM if written.startswith("-") else Level.CALL


def within(part: tuple[str, int], level: int) -> str:
    """Return a part's text, in parentheses where it binds less tightly than its place demands."""
    return part[0] if part[1] >= level else f"({part[0]})"


def write_operation(op: Op, operands: list[tuple[str, int]]) -> tuple[str, int]:
    """Write an operation as people do: infix with its symbol, or as a call."""
    if not op.symbol:
        return f"{op.name}({', '.join(operand[0] for operand in operands)})", Level.CALL
    if op.arity == 1:
        return op.symbol + within(operands[0], Level.PRODUCT), op.level
    right_associative = op.level == Level.POWER
    left = within(operands[0], op.level + right_associative)
    right = within(operands[1], op.level + (not right_associative))
    spaced = f" {op.symbol} " if op.level == Level.SUM else op.symbol
    return left + spaced + right, op.level
