"""The table's formulas in the words of programming languages, for floats with IEEE results: Python, C99, JavaScript.

What a language calls an operation stands in the row; here stands what belongs to the language as a whole.
"""

import math
from collections.abc import Mapping, Set

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
from autograd.table.op import TABLE, Formula, Level, Op

C_FUNCTIONS = {
    *("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign", "cos", "cosh", "erf"),
    *("erfc", "exp", "exp2", "expm1", "fabs", "fdim", "floor", "fmax", "fmin", "fmod", "hypot", "lgamma", "log"),
    *("log10", "log1p", "log2", "logb", "nearbyint", "nextafter", "pow", "remainder", "rint", "round", "sin", "sinh"),
    *("sqrt", "tan", "tanh", "tgamma", "trunc"),
}
"""The functions of C99's `math.h` that take one double or two and return one."""
JAVASCRIPT_FUNCTIONS = {
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos", "cosh", "exp"),
    *("expm1", "floor", "hypot", "log", "log10", "log1p", "log2", "max", "min", "sign", "sin", "sinh", "sqrt"),
    *("tan", "tanh", "trunc"),
}
"""The functions of JavaScript's `Math` that take one number or two."""


class Vocabulary:
    """What a language, named `title` in messages, computes the operations of the table with.

    An operation is computed by the word that its row has for this language; else by its symbol, if the language
    `has_symbols`; else by its formula; else by the language's own function of the same name, one of `functions`, which
    is called with a `prefix`.
    """

    has_symbols = False

    def __init__(self, language: str, title: str, functions: Set[str], prefix: str = "") -> None:
        self.language = language
        self.title = title
        self.functions = functions
        self.prefix = prefix

    def word(self, op: Op) -> str:
        """Return the function that computes an operation that `in_words` keeps; "" where its symbol does.

        Raises ValueError where nothing does.
        """
        word = op.words.get(self.language)
        if isinstance(word, str):
            return word
        if self.has_symbols and op.symbol:
            return ""
        return self.prefix + op.name if op.name in self.functions else self.missing_word(op)

    def missing_word(self, op: Op) -> str:
        """Raise ValueError, which says what an operation lacks in this language."""
        raise ValueError(
            f"{self.title} has no function {op.name}. Say in the row of {op.name} in autograd/ops.py what computes it: "
            f"words={{{self.language!r}: ...}}, a function of {self.title} or a formula of other operations. "
            "Or give the row a value, which is a formula for every language."
        )

    def in_words(self, expression: Expression) -> Expression:
        """Return the formula with only such operations as `word` has a function or a symbol for.

        >>> from autograd.ops import softplus
        >>> print(C.in_words(softplus(Symbol("x"))))
        (x if x > 0 else 0) + log1p(exp(-abs(x)))
        """
        match expression:
            case Operation(op, operands):
                simpler = tuple(self.in_words(operand) for operand in operands)
                formula = self.formula(op)
                return Operation(op, simpler) if formula is None else self.in_words(formula(*simpler))
            case Conditional(condition, yes, no):
                left, right = self.in_words(condition.left), self.in_words(condition.right)
                return Conditional(Relation(condition.relation, left, right), self.in_words(yes), self.in_words(no))
        return expression

    def formula(self, op: Op) -> Formula | None:
        """Return the formula that computes an operation by others; None where a function or a symbol does."""
        word = op.words.get(self.language)
        if word is None:
            return None if op.symbol else op.value
        return None if isinstance(word, str) else word


class Language(Vocabulary, Writer):
    """How a language writes the table's formulas.

    >>> PYTHON.text(Symbol("a") / 2), C.text(Symbol("a") / 2)
    ('divide(a, 2.0)', 'a / 2.0')
    """

    has_symbols = True

    def __init__(self, language: str, title: str, functions: Set[str], conditional: str, prefix: str = "") -> None:
        Vocabulary.__init__(self, language, title, functions, prefix)
        Writer.__init__(self)
        self.conditional = conditional

    def text(self, expression: Expression, numbers: Mapping[str, float] | None = None) -> str:
        """Return the text of a formula in the words of this language.

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
        """Write one of two formulas, by a comparison."""
        first, second = self.within(yes, Level.SUM), self.within(no, Level.SUM)
        return self.conditional.format(yes=first, condition=condition, no=second)


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
    """Return the value of an operation of x (and y)."""
    return Operation(op, symbols_of(op))


def partial_formula(op: Op, index: int) -> Expression:
    """Return the local derivative in an operand, 0 or 1, as a formula of x (and y) and the result z.

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
    """Python, whose functions are written for this table."""

    def missing_word(self, op: Op) -> str:
        raise ValueError(
            f"autograd/table/ieee.py has no function {op.name}. Write it there, or give the row of {op.name} in "
            "autograd/ops.py a value, a formula of other operations."
        )


PYTHON = _Python("python", "autograd/table/ieee.py", vars(ieee).keys(), "{yes} if {condition} else {no}")
"""Python, with the functions of `ieee` where Python's own would raise."""
C = Language("c", "C99", C_FUNCTIONS, "{condition} ? {yes} : {no}")
"""C99, whose operators and `math.h` give IEEE results."""
JAVASCRIPT = Language("javascript", "JavaScript", JAVASCRIPT_FUNCTIONS, C.conditional, prefix="Math.")
"""JavaScript, whose operators and Math give IEEE results."""


def ieee_names() -> set[str]:
    """Return the names of the functions of `ieee` that Python's formulas call.

    Raises ValueError where the table names a function that is not there.
    """
    return {word for op in TABLE if PYTHON.formula(op) is None and (word := PYTHON.word(op))}
