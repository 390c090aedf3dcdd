"""`Op`: the class of the table's rows; a row can be called like a function.

Operands can be of any kind: `exp(v)`, `maximum(v, 2)`, `tanh(0.5)`.
"""

import sys
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

from autograd.table import kernels
from autograd.table.interpretation import Interpretation, binary
from autograd.table.scalars import as_float, counted, near

if TYPE_CHECKING:
    from fractions import Fraction
    from inspect import Signature

Formula = Callable[..., Any]
Operand = TypeVar("Operand", bound=Interpretation)

LANGUAGES = ("python", "numpy", "c", "javascript", "onnx")
"""The languages for which a row may name a function; see `Op.words`."""


class Level(IntEnum):
    """How tightly a notation binds: loosest first, up to a single name or call."""

    CONDITIONAL = 0
    SUM = 1
    PRODUCT = 2
    POWER = 3
    CALL = 4


class RowSignature:
    """Makes the signature of a row when `inspect` asks for it; the class Op keeps its own."""

    def __get__(self, op: "Op | None", _: type) -> "Signature":
        """Return the signature of a call of this row."""
        if op is None:
            raise AttributeError("__signature__")
        from inspect import Parameter, Signature  # noqa: PLC0415 - adds 8 ms to the 24 of `import autograd`; callers have imported inspect

        required = op.arity - len(op.defaults)
        defaults = (Parameter.empty,) * required + op.defaults
        return Signature(
            [
                Parameter(name, Parameter.POSITIONAL_ONLY, default=default)
                for name, default in zip(op.operand_names, defaults, strict=True)
            ]
        )


class Op:
    r"""One operation: its value, its local derivatives, its notation, and intervals for tests.

    `value` is a formula of the operands, or None if the operation is a primitive, a function in `ieee.py`. `partials`
    holds one formula per operand, of the operands and the result. `symbol` is the sign of an infix or prefix operation
    and `method` the name of Python's special method for it; an operation without a symbol is written as a call.
    `domain` gives an interval per operand where the operation is smooth, except at its kink. `kink` is a formula that
    is zero where the derivative jumps; `convention` says which derivative is used there.

    `latex` is the operation in TeX, if that is neither its symbol nor its name. It is the name of a function, such as
    `\arcsin` or `erf`, or a notation with the operands. They are #1 and #2, or have the names from the formulas:
    `\sqrt{#1^2 + #2^2}` and `\sqrt{x^2 + y^2}` are the same. An operand that is not a single name or number gets
    parentheses, unless braces or brackets enclose it, as in `\sqrt{#1}`.

    `words` maps a language (see LANGUAGES) to its way to compute the operation: the name of a function, or a formula
    of other operations. A language without an entry uses the symbol, or else the formula of `value`. For a primitive
    it uses its own function of the same name; if it has none, an error says so.
    """

    name: str
    value: Formula | None
    partials: tuple[Formula, ...]
    summary: str
    domain: tuple[tuple[float, float], ...]
    symbol: str
    level: Level
    method: str
    latex: str
    kink: Formula | None
    convention: str
    words: Mapping[str, str | Formula]
    code: int

    is_own = False
    """True for an operation that a user defined."""

    __signature__ = RowSignature()

    def __init__(
        self,
        name: str,
        value: Formula | None,
        partials: tuple[Formula, ...],
        summary: str,
        domain: tuple[tuple[float, float], ...],
        symbol: str = "",
        level: Level = Level.CALL,
        method: str = "",
        latex: str = "",
        kink: Formula | None = None,
        convention: str = "",
        words: Mapping[str, str | Formula] | None = None,
    ) -> None:
        _check_notation(name, latex, len(partials))
        _check_languages(name, words or {})
        fields = vars(self)
        fields.update(name=name, value=value, partials=partials, summary=summary, domain=domain)
        fields.update(symbol=symbol, level=level, method=method, latex=latex, kink=kink)
        fields.update(convention=convention, words=words or {}, code=self._enter(), __doc__=f"{name}: {summary}")

    def _enter(self) -> int:
        """Put this row into the table, and return its code."""
        TABLE.append(self)
        return len(TABLE) - 1

    def __setattr__(self, field: str, _: object) -> NoReturn:
        raise AttributeError(f"the {field} of the row {self.name} cannot be assigned: rows of the table never change.")

    @property
    def arity(self) -> int:
        """The number of operands, 1 or 2."""
        return len(self.partials)

    @property
    def is_commutative(self) -> bool:
        """True if the two operands can change places.

        >>> from autograd.ops import add, sub
        >>> add.is_commutative, sub.is_commutative
        (True, False)
        """
        x, y = (low + 0.7 * (high - low) for low, high in self.domain)
        return self._of_floats(x, y + 0.5) == self._of_floats(y + 0.5, x)

    @property
    def operand_names(self) -> tuple[str, ...]:
        """The operands' names in the row's formulas.

        >>> from autograd.ops import leaky_relu
        >>> leaky_relu.operand_names
        ('x', 'slope')
        """
        return self.partials[0].__code__.co_varnames[: self.arity]

    @property
    def defaults(self) -> tuple[float, ...]:
        """Default values of the last operands.

        >>> from autograd.ops import leaky_relu
        >>> leaky_relu.defaults
        (0.01,)
        """
        return self.value.__defaults__ or () if self.value else ()

    @overload
    def __call__(self, x: float, y: float = ..., /) -> float: ...
    @overload
    def __call__(self, x: Operand, y: Operand | float = ..., /) -> Operand: ...
    @overload
    def __call__(self, x: float, y: Operand, /) -> Operand: ...
    def __call__(self, *operands: Any) -> Any:
        """Apply the operation to numbers, or to Values, dual numbers or symbols.

        Numbers give a float. Fractions give a fraction, if the result is one.

        Raises TypeError for a wrong number of operands or an operand that is not a number.

        >>> from autograd.ops import maximum, relu
        >>> maximum(1, 2), relu(-3)
        (2.0, 0.0)
        """
        operands = self._complete(operands)
        if isinstance(operands[0], Interpretation):
            return operands[0]._unary(self.code) if self.arity == 1 else binary(self.code, self.name, *operands)
        if self.arity == 2 and isinstance(operands[1], Interpretation):
            return binary(self.code, self.name, *operands)
        exact = self._exact(operands)
        if exact is not None:
            return exact
        return self._of_floats(*(as_float(operand, f"an operand of {self.name}") for operand in operands))

    def _complete(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        missing = self.arity - len(operands)
        if 0 < missing <= len(self.defaults):
            return operands + self.defaults[-missing:]
        if missing:
            call = f"{self.name}({', '.join(self.operand_names)})"
            raise TypeError(f"expected {counted(self.arity, 'operand')} for {call}, got {len(operands)}.")
        return operands

    def _exact(self, operands: tuple[Any, ...]) -> "Fraction | None":
        """Return the result for fractions (integers may be among them), or None if it is not a fraction."""
        if all(isinstance(operand, (float, int)) for operand in operands):
            return None
        fractions = sys.modules.get("fractions")  # slow to import; a caller with a Fraction has imported it
        if fractions is None or not any(isinstance(operand, fractions.Fraction) for operand in operands):
            return None
        if not all(isinstance(operand, (fractions.Fraction, int)) for operand in operands):
            return None
        value = self.value or getattr(fractions.Fraction, f"__{self.method}__", None)
        if value is None:
            return None
        try:
            result = value(*operands)
        except ZeroDivisionError:
            return None
        return fractions.Fraction(result) if isinstance(result, (fractions.Fraction, int)) else None

    def _of_floats(self, x: float, y: float = 0.0) -> float:
        return kernels.value1(self.code, x) if self.arity == 1 else kernels.value2(self.code, x, y)

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join(self.operand_names)}): {self.summary}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return row, (self.name,)


def _check_notation(name: str, latex: str, arity: int) -> None:
    """Raise ValueError if a notation names an operand that the operation does not have."""
    for place in latex.split("#")[1:]:
        if place[:1] not in ("1", "2")[:arity]:
            raise ValueError(
                f"the LaTeX of {name}, {latex}, has #{place[:1]}, but {name} has {counted(arity, 'operand')}. "
                f"Write the operands as {' and '.join(('#1', '#2')[:arity])}."
            )


def _check_languages(name: str, words: Mapping[str, str | Formula]) -> None:
    for language in words:
        if language not in LANGUAGES:
            raise ValueError(f"the row {name} has a word for {language!r}; the languages are {', '.join(LANGUAGES)}.")


TABLE: list[Op] = []
OWN: list[Op] = []
"""The operations that users defined, in order; the latest of a name counts. Their codes start at FIRST_OWN."""
FIRST_OWN = 1000


def op_of(code: int) -> Op:
    """Return the operation with this code.

    >>> op_of(0)
    <op add(x, y): the sum>
    """
    return TABLE[code] if code < FIRST_OWN else OWN[code - FIRST_OWN]


def row(name: str) -> Op:
    """Return the row of the operation with this name, also of one of your own; ValueError if there is none.

    >>> row("relu")
    <op relu(x): the rectifier: 0 for x < 0, x for x >= 0>
    """
    for op in (*TABLE, *reversed(OWN)):
        if op.name == name:
            return op
    known = near(name, [op.name for op in (*TABLE, *OWN)])
    raise ValueError(
        f"there is no operation {name!r}; try {known}. If it is an operation of your own, run its definition first."
    )


def where(condition: Any, yes: Any, no: Any) -> Any:
    """Return `yes` or `no` by a comparison of numbers; for symbols, return a formula with the comparison in it.

    Unlike Python's `if`, it can stand in the formulas of an operation of your own.

    >>> where(2 > 1, "yes", "no")
    'yes'
    """
    if isinstance(condition, bool):
        return yes if condition else no
    return condition.choose(yes, no)
