"""`Interpretation`: the interface between the operations of the table and the kinds of operand.

A Value records the operation, a dual number computes a value and a tangent, a symbol builds a formula. Operators,
methods (`operators`, generated), calls of rows (`ops`) and NumPy's functions all use this interface.
"""

import sys
from functools import partial
from typing import Any, Final, Self

from mypy_extensions import i16, mypyc_attr

from autograd.table.kernels import ADD, DIV, MAXIMUM, MINIMUM, MUL, POW, SUB
from autograd.table.scalars import got

_OF_TWO: Final = {
    "add": ADD,
    "subtract": SUB,
    "multiply": MUL,
    "divide": DIV,
    "power": POW,
    "maximum": MAXIMUM,
    "minimum": MINIMUM,
}
"""NumPy's functions for its numbers' operators, which must be fast, and those that would only compare two objects."""


@mypyc_attr(allow_interpreted_subclasses=True, acyclic=True)
class Interpretation:
    """Base class of all operands; each kind interprets the table's operations in its own way."""

    __slots__ = ()

    def _unary(self, code: i16) -> Any:
        """Apply the operation with this code to this operand."""
        raise NotImplementedError

    def _binary(self, code: i16, other: Any) -> Any:
        """Apply the operation to this operand and another; None if the type of the other is unknown."""
        raise NotImplementedError

    def _reflected(self, code: i16, other: Any) -> Any:
        """Do the same as `_binary`, but with the other operand first."""
        raise NotImplementedError

    def conjugate(self) -> Self:
        """Return the operand itself, as every real number does. `numpy.var` and `numpy.std` call this.

        >>> from autograd import Value
        >>> Value(3, "x").conjugate()
        Value(3, 'x', grad=-)
        """
        return self

    def __array_ufunc__(self, function: Any, method: str, *operands: Any, **settings: Any) -> Any:
        """Apply a function of NumPy to an operand that stands by itself; NumPy asks only for those, not in arrays."""
        name = function.__name__
        code = _OF_TWO.get(name) if method == "__call__" else None
        if code is not None and not settings:
            x, y = operands
            result: Any = x._binary(code, y) if isinstance(x, Interpretation) else y._reflected(code, x)
            if result is not None:
                return result
        numpy = sys.modules["numpy"]
        if code in (MAXIMUM, MINIMUM):
            function = numpy.frompyfunc(partial(binary, code, name), 2, 1)
        boxed = [numpy.array(x, dtype=object) if isinstance(x, Interpretation) else x for x in operands]
        return getattr(function, method)(*boxed, **settings)


def reflected(code: i16, name: str, x: Any, y: Interpretation) -> Any:
    """Apply an operation for `y.__radd__(x)` and the like, which Python calls if x does not know y.

    Raises TypeError if y does not know x either.
    """
    result: Any = y._reflected(code, x)
    if result is None:
        raise TypeError(_refusal(name, x, y))
    return result


def binary(code: i16, name: str, x: Any, y: Any) -> Any:
    """Apply an operation of two operands; at least one is an Interpretation.

    The first operand tries first, then the second. Raises TypeError if neither knows the other.
    """
    result: Any = x._binary(code, y) if isinstance(x, Interpretation) else None
    if result is None and isinstance(y, Interpretation):
        result = y._reflected(code, x)
    if result is None:
        raise TypeError(_refusal(name, x, y))
    return result


def _refusal(name: str, x: Any, y: Any) -> str:
    return (
        f"expected numbers or Values for {name}, got {got(x)} and {got(y)}. "
        "Apply it to each element of a list or an array."
    )
