"""What an operand does with an operation: the one interface between the table and the kinds of operand.

A Value records the operation, a dual number computes a value and a tangent, a symbol builds a formula. Operators and
methods (`operators`, generated) and the callable rows of the table (`ops`) all end here.
"""

from typing import Any

from mypy_extensions import i16, mypyc_attr


@mypyc_attr(allow_interpreted_subclasses=True)
class Interpretation:
    """Base of every kind of operand that interprets the table's operations in its own way."""

    __slots__ = ()

    def _unary(self, code: i16) -> Any:
        """Apply the operation with this code to this operand."""
        raise NotImplementedError

    def _binary(self, code: i16, other: Any) -> Any:
        """Apply the operation to this operand and another; None where the other is of a foreign type."""
        raise NotImplementedError

    def _reflected(self, code: i16, other: Any) -> Any:
        """Apply the operation to another operand and this one, in that order; else as `_binary`."""
        raise NotImplementedError


def reflected(code: i16, name: str, x: Any, y: Interpretation) -> Any:
    """Apply an operation of which Python's operator has asked the second operand, after the first did not know it.

    Raises TypeError where the second does not know the first.
    """
    result: Any = y._reflected(code, x)
    if result is None:
        raise TypeError(_refusal(name, x, y))
    return result


def binary(code: i16, name: str, x: Any, y: Any) -> Any:
    """Apply an operation of two operands, of which at least one is an Interpretation.

    Either may give the answer, the first is asked first. Raises TypeError where neither knows the other.
    """
    result: Any = x._binary(code, y) if isinstance(x, Interpretation) else None
    if result is None and isinstance(y, Interpretation):
        result = y._reflected(code, x)
    if result is None:
        raise TypeError(_refusal(name, x, y))
    return result


def _refusal(name: str, x: Any, y: Any) -> str:
    return (
        f"{name} takes numbers and Values, but {type(x).__name__} and {type(y).__name__} came. "
        "Apply it to each element of a list or an array."
    )
