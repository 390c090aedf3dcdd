"""What an operand does with an operation: the one interface between the table and the kinds of operand.

A Value records the operation, a dual number computes a value and a tangent, a symbol builds a formula. Operators and
methods (`operators`, generated) and the callable rows of the table (`ops`) all end here. Reads nothing.
"""

from typing import Any, Self


class Interpretation:
    """Base of every kind of operand that interprets the table's operations in its own way."""

    __slots__ = ()

    def _unary(self, code: int) -> Self:
        """Apply the operation with this code to this operand."""
        raise NotImplementedError

    def _binary(self, code: int, other: Any) -> Self:
        """Apply the operation to this operand and another; NotImplemented where the other is of a foreign type."""
        raise NotImplementedError

    def _reflected(self, code: int, other: Any) -> Self:
        """Apply the operation to another operand and this one, in that order; else as `_binary`."""
        raise NotImplementedError


def binary(code: int, name: str, x: Any, y: Any) -> Any:
    """Apply an operation of two operands, of which at least one is an Interpretation.

    Either may give the answer, the first is asked first. Raises TypeError where neither knows the other.
    """
    result = x._binary(code, y) if isinstance(x, Interpretation) else NotImplemented
    if result is NotImplemented and isinstance(y, Interpretation):
        result = y._reflected(code, x)
    if result is NotImplemented:
        raise TypeError(
            f"{name} takes numbers and Values, but {type(x).__name__} and {type(y).__name__} came. "
            "Apply it to each element of a list or an array."
        )
    return result
