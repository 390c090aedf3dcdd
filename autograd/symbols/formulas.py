"""The table's formulas in the words of programming languages, for floats with IEEE results: Python, C99, JavaScript."""

import math
from collections.abc import Mapping

from autograd.symbols.expression import (
    Conditional,
    Expression,
    Operation,
    Relation,
    Symbol,
    Writer,
    Written,
    as_expression,
)
from autograd.table import ieee
from autograd.table.op import TABLE, Level, Op


class Language(Writer):
    """How a language writes operations: the functions that have another name than in the table, and a conditional.

    Of the operations in `functions`, those with a name are written as a call of it, all others that have a symbol
    with their symbol.

    >>> PYTHON.text(Symbol("a") / 2), C.text(Symbol("a") / 2)
    ('divide(a, 2.0)', 'a / 2.0')
    """

    def __init__(self, functions: Mapping[str, str], conditional: str) -> None:
        super().__init__()
        self.functions = functions
        self.conditional = conditional

    def digits_of(self, number: float) -> str:
        """Write a number with all its bits."""
        return number_text(number)

    def operation(self, op: Op, operands: list[Written]) -> Written:
        """Write an operation with its symbol or as a call, with spaces around every symbol."""
        if op.name in self.functions or not op.symbol:
            function = self.functions.get(op.name, op.name)
            return f"{function}({', '.join(operand[0] for operand in operands)})", Level.CALL
        if op.arity == 1:
            return super().operation(op, operands)
        left, right = self.infix_operands(op, operands)
        return f"{left} {op.symbol} {right}", op.level

    def choice(self, yes: Written, condition: str, no: Written) -> str:
        """Write one of two formulas, by a comparison."""
        first, second = self.within(yes, Level.SUM), self.within(no, Level.SUM)
        return self.conditional.format(yes=first, condition=condition, no=second)


PYTHON = Language({"div": "divide", "pow": "power", "abs": "absolute"}, "{yes} if {condition} else {no}")
"""Python, with the functions of `ieee` where Python's own would raise."""
NUMPY = Language(PYTHON.functions, "where({condition}, {yes}, {no})")
"""Python for arrays, with NumPy's functions under the names of `ieee`."""
C = Language({"pow": "pow", "abs": "fabs"}, "{condition} ? {yes} : {no}")
"""C99, whose operators and `math.h` give IEEE results."""
JAVASCRIPT = Language({"pow": "power"}, C.conditional)
"""JavaScript, whose operators and Math give IEEE results, with a `power` that is C's."""


def number_text(number: float) -> str:
    """Return a float so that both languages read the same bits; INFINITY and NAN are names of `ieee` and `math.h`.

    >>> number_text(0.1), number_text(float("-inf"))
    ('0.1', '-INFINITY')
    """
    if math.isnan(number):
        return "NAN"
    if math.isinf(number):
        return "INFINITY" if number > 0 else "-INFINITY"
    return repr(float(number))


def value_formula(op: Op) -> Expression:
    """Return the value of an operation of x (and y), of primitives and operations that have a symbol.

    >>> PYTHON.text(value_formula(TABLE[8]))
    '0.0 if x < 0.0 else x'
    """
    return expanded(Operation(op, symbols_of(op)))


def partial_formula(op: Op, index: int) -> Expression:
    """Return the local derivative in an operand, 0 or 1, as a formula of x (and y) and the result z.

    >>> C.text(partial_formula(TABLE[8], 0))
    'x <= 0.0 ? 0.0 : 1.0'
    """
    return expanded(as_expression(op.partials[index](*symbols_of(op), Symbol("z"))))


def ieee_names() -> set[str]:
    """Return the names of the functions of `ieee` that Python's formulas call.

    Raises ValueError where the table names a function that is not there.
    """
    primitives = {op.name for op in TABLE if op.value is None} | PYTHON.functions.keys()
    names = {PYTHON.functions.get(name, name) for name in primitives}
    missing = sorted(names - vars(ieee).keys())
    if missing:
        raise ValueError(
            f"autograd/table/ieee.py has no function {', '.join(missing)}, named by a row without a value. "
            "Write the function there, or give the row a formula of other operations."
        )
    return names


def symbols_of(op: Op) -> tuple[Symbol, ...]:
    """Return the symbols x (and y) of an operation's formulas."""
    return (Symbol("x"), Symbol("y"))[: op.arity]


def expanded(expression: Expression) -> Expression:
    """Return the formula with only primitives and operations that have a symbol, as a language can write it."""
    match expression:
        case Operation(op, operands):
            simpler = tuple(expanded(operand) for operand in operands)
            if op.value is None or op.symbol:
                return Operation(op, simpler)
            result: Expression = op.value(*simpler)
            return expanded(result)
        case Conditional(condition, yes, no):
            left, right = expanded(condition.left), expanded(condition.right)
            return Conditional(Relation(condition.relation, left, right), expanded(yes), expanded(no))
    return expression
