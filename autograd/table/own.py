"""The float functions of operations that users define: `kernels` calls them for codes that are not in the table."""

from collections.abc import Callable
from typing import Final

from autograd.table.scalars import counted

FUNCTIONS: Final[dict[int, tuple[Callable[..., float], ...]]] = {}
"""By the code of an operation: its value, and its local derivatives, which take the operands and the result."""


def _functions(op: int, operands: int) -> tuple[Callable[..., float], ...]:
    functions = FUNCTIONS.get(op, ())
    if len(functions) != operands + 1:
        raise ValueError(f"there is no operation with {counted(operands, 'operand')} and the code {op}.")
    return functions


def value1(op: int, x: float) -> float:
    """Return the value of an operation."""
    return _functions(op, 1)[0](x)


def apply1(op: int, x: float) -> tuple[float, float]:
    """Return the value and derivative of an operation."""
    value, derivative = _functions(op, 1)
    z = value(x)
    return z, derivative(x, z)


def value2(op: int, x: float, y: float) -> float:
    """Return the value of an operation."""
    return _functions(op, 2)[0](x, y)


def apply2(op: int, x: float, y: float) -> tuple[float, float, float]:
    """Return the value and both derivatives of an operation."""
    value, left, right = _functions(op, 2)
    z = value(x, y)
    return z, left(x, y, z), right(x, y, z)


def apply_left(op: int, x: float, y: float) -> tuple[float, float]:
    """Return the value and derivative in the left operand of an operation."""
    value, left, _ = _functions(op, 2)
    z = value(x, y)
    return z, left(x, y, z)


def apply_right(op: int, x: float, y: float) -> tuple[float, float]:
    """Return the value and derivative in the right operand of an operation."""
    value, _, right = _functions(op, 2)
    z = value(x, y)
    return z, right(x, y, z)
