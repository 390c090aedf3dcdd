"""The table's formulas in Python, C99 and JavaScript, for floats with IEEE results.

The rows name an operation's function in each language. This module has everything else about the languages.
"""

import math
from collections.abc import Mapping, Set
from functools import cache

from autograd.symbols.expression import (
    Conditional,
    Expression,
    Operation,
    Symbol,
    Writer,
    Written,
    as_expression,
    folded,
)
from autograd.table import ieee
from autograd.table.op import TABLE, Formula, Level, Op

C_FUNCTIONS = {
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh", "erf"),
    *("erfc", "exp", "exp2", "expm1", "fabs", "fdim", "floor", "fmax", "fmin", "fmod", "hypot", "lgamma", "log"),
    *("log10", "log1p", "log2", "logb", "nearbyint", "nextafter", "pow", "remainder", "rint", "round", "sin", "sinh"),
    *("sqrt", "tan", "tanh", "tgamma", "trunc"),
}
"""The functions of C99's `math.h` that take one or two doubles and return one."""
JAVASCRIPT_FUNCTIONS = {
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos", "cosh", "exp"),
    *("expm1", "floor", "hypot", "log", "log10", "log1p", "log2", "max", "min", "sign", "sin", "sinh", "sqrt"),
    *("tan", "tanh", "trunc"),
}
"""The functions of JavaScript's `Math` that take one or two numbers."""


class Vocabulary:
    """How one language computes the operations of the table; messages call the language `title`.

    A language computes an operation by the first of these that exists: the word in the operation's row for this
    language; the operation's symbol, if the language `has_symbols`; its formula; the language's own function with the
    same name, if it is in `functions`, after a `prefix`.
    """

    has_symbols = False

    def __init__(self, language: str, title: str, functions: Set[str], prefix: str = "") -> None:
        self.language = language
        self.title = title
        self.functions = functions
        self.prefix = prefix

    def word(self, op: Op) -> str:
        """Return the function for an operation that `in_words` keeps; "" if the language uses its symbol.

        Raises ValueError if the language has no way to compute it.
        """
        word = op.words.get(self.language)
        if isinstance(word, str):
            return word
        if self.has_symbols and op.symbol:
            return ""
        return self.prefix + op.name if op.name in self.functions else self.missing_word(op)

    def missing_word(self, op: Op) -> str:
        """Raise ValueError for an operation that this language cannot compute."""
        if op.is_own:
            raise ValueError(
                f"{op.name} is Python code of your own, so it cannot become a part of a {self.title} program. Write it "
                "with autograd's operations: autograd.exp in place of math.exp, autograd.where in place of if."
            )
        raise ValueError(
            f"{self.title} has no function {op.name}. Add one to the row of {op.name} in autograd/ops.py: "
            f"words={{{self.language!r}: ...}}, a function of {self.title} or a formula of other operations. "
            "Or give the row a value, which is a formula for every language."
        )

    def in_words(self, expression: Expression) -> Expression:
        """Return the formula with only operations that have a function or a symbol in this language.

        >>> from autograd.ops import softplus
        >>> print(C.in_words(softplus(Symbol("x"))))
        (x if x > 0 else 0) + log1p(exp(-abs(x)))
        """

        def in_words(op: Op, operands: list[Expression]) -> Expression:
            formula = self.formula(op)
            return Operation(op, tuple(operands)) if formula is None else self.in_words(formula(*operands))

        def choice(part: Expression) -> Expression:
            return part.changed(self.in_words) if isinstance(part, Conditional) else part

        return folded(expression, choice, in_words)

    def formula(self, op: Op) -> Formula | None:
        """Return the formula for an operation; None if the language has a function or a symbol for it."""
        word = op.words.get(self.language)
        if word is None:
            return None if op.symbol else op.value
        return None if isinstance(word, str) else word


class Language(Vocabulary, Writer):
    """Writes the table's formulas in a programming language.

    >>> PYTHON.text(Symbol("a") / 2), C.text(Symbol("a") / 2)
    ('divide(a, 2.0)', 'a / 2.0')
    """

    has_symbols = True

    def __init__(self, language: str, title: str, functions: Set[str], conditional: str, prefix: str = "") -> None:
        Vocabulary.__init__(self, language, title, functions, prefix)
        Writer.__init__(self)
        self.conditional = conditional

    def text(self, expression: Expression, numbers: Mapping[str, float] | None = None) -> str:
        """Return the text of a formula in this language.

        >>> from autograd.ops import relu
        >>> PYTHON.text(value_formula(relu))
        '0.0 if x < 0.0 else x'
        """
        return super().text(self.in_words(expression), numbers)

    def digits_of(self, number: float) -> str:
        """Write a number with all its bits."""
        return number_text(number)

    def operation(self, op: Op, operands: list[Written]) -> Written:
        """Write an operation with its symbol or as a call, with spaces around every symbol."""
        word = self.word(op)
        if word:
            return f"{word}({', '.join(operand[0] for operand in operands)})", Level.CALL
        if op.arity == 1:
            return super().operation(op, operands)
        left, right = self.infix_operands(op, operands)
        return f"{left} {op.symbol} {right}", op.level

    def choice(self, yes: Written, condition: str, no: Written) -> str:
        """Write a Conditional."""
        first, second = self.within(yes, Level.SUM), self.within(no, Level.SUM)
        return self.conditional.format(yes=first, condition=condition, no=second)


def number_text(number: float) -> str:
    """Return the text of a float, with all its bits; INFINITY and NAN are names in `ieee` and in C's `math.h`.

    >>> number_text(0.1), number_text(float("-inf"))
    ('0.1', '-INFINITY')
    """
    if math.isnan(number):
        return "NAN"
    if math.isinf(number):
        return "INFINITY" if number > 0 else "-INFINITY"
    return repr(float(number))


def value_formula(op: Op) -> Expression:
    """Return the value of an operation as a formula of x (and y)."""
    return Operation(op, symbols_of(op))


@cache
def partial_formula(op: Op, index: int) -> Expression:
    """Return the local derivative for operand 0 or 1, as a formula of x (and y) and the result z.

    >>> from autograd.ops import relu
    >>> C.text(partial_formula(relu, 0))
    'x <= 0.0 ? 0.0 : 1.0'
    """
    derivative: Expression = as_expression(op.partials[index](*symbols_of(op), Symbol("z")))
    return derivative


def symbols_of(op: Op) -> tuple[Symbol, ...]:
    """Return the symbols x (and y) of an operation's formulas."""
    return (Symbol("x"), Symbol("y"))[: op.arity]


class _Python(Language):
    """Python with the functions of `ieee`, which are written for this table."""

    def missing_word(self, op: Op) -> str:
        if op.is_own:
            return super().missing_word(op)
        raise ValueError(
            f"autograd/table/ieee.py has no function {op.name}. Write it there, or give the row of {op.name} in "
            "autograd/ops.py a value: a formula of other operations."
        )


class _Math(Language):
    """Python as people write it, with the functions of `math`."""

    def digits_of(self, number: float) -> str:
        return repr(float(number))

    def missing_word(self, op: Op) -> str:
        return op.name


MATH = _Math("math", "Python", vars(math).keys(), "{yes} if {condition} else {no}")
"""Python's operators, and the functions of its module `math`; `abs` is Python's own."""
PYTHON = _Python("python", "Python", vars(ieee).keys(), "{yes} if {condition} else {no}")
"""Python, with the functions of `ieee`: Python's own functions raise errors for some floats."""
C = Language("c", "C99", C_FUNCTIONS, "{condition} ? {yes} : {no}")
"""C99, whose operators and `math.h` give IEEE results."""
JAVASCRIPT = Language("javascript", "JavaScript", JAVASCRIPT_FUNCTIONS, C.conditional, prefix="Math.")
"""JavaScript, whose operators and Math give IEEE results."""


def ieee_names() -> set[str]:
    """Return the names of the functions in `ieee` that the Python formulas call.

    Raises ValueError if the table names a function that `ieee` does not have.
    """
    return {word for op in TABLE if PYTHON.formula(op) is None and (word := PYTHON.word(op))}
