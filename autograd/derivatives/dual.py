"""Forward mode: a dual number is a value and its derivative along one direction.

Every operation multiplies the table's local derivatives by the tangents of its operands. Each differentiation has its
own level, so that nested differentiations do not mix their tangents.
"""

from itertools import count
from typing import Any

from autograd.state.observation import warn_detached
from autograd.table import kernels
from autograd.table.interpretation import Interpretation
from autograd.table.op import Op, op_of
from autograd.table.operators import Operators
from autograd.table.scalars import format_number, is_number
from autograd.value import Value

next_level = count(1).__next__
"""Returns the level of a new differentiation, above all active ones."""


class Dual(Operators):
    """A value and its tangent: numbers, or Values or dual numbers of an outer differentiation.

    >>> x = Dual(3.0, 1.0, next_level())
    >>> x * x
    Dual(9, tangent=6)
    """

    __slots__ = ("label", "level", "tangent", "value")

    def __init__(self, value: Any, tangent: Any, level: int) -> None:
        self.value = value
        self.tangent = tangent
        self.level = level
        self.label: str | None = None  # functions written for Values may set labels

    def detach(self) -> Any:
        """Return the value without the tangent, like `Value.detach`."""
        return self.value.detach() if isinstance(self.value, (Dual, Value)) else self.value

    @property
    def data(self) -> float:
        """The plain number, like `Value.data`."""
        return plain_number(self.value)

    def item(self) -> float:
        """Return the plain number, like `Value.item`."""
        return self.data

    def _unary(self, code: int) -> Any:
        return _dual_result(op_of(code), (self,))

    def _binary(self, code: int, other: Any) -> Any:
        return _dual_result(op_of(code), (self, other)) if _is_operand(other) else None

    def _reflected(self, code: int, other: Any) -> Any:
        return _dual_result(op_of(code), (other, self)) if _is_operand(other) else None

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < _primal(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= _primal(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > _primal(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= _primal(other))

    def __eq__(self, other: object) -> bool:
        if not is_number(other):
            return self is other
        return bool(self.value == other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        warn_detached(self.label)
        return self.data

    def __int__(self) -> int:
        return int(float(self))

    def __trunc__(self) -> int:
        return int(float(self))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.data, digits)

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else str(self)

    def __repr__(self) -> str:
        return f"Dual({format_number(self.data)}, tangent={format_number(plain_number(self.tangent))})"


def plain_number(primal: Any) -> float:
    """Return the number of a Value, a dual number or a number."""
    number: float = primal.data if isinstance(primal, (Dual, Value)) else float(primal)
    return number


def _is_operand(other: Any) -> bool:
    return isinstance(other, Interpretation) or is_number(other)


def _primal(other: Any) -> Any:
    return other.value if isinstance(other, Dual) else other


def _dual_result(op: Op, operands: tuple[Any, ...]) -> Dual:
    level = max(operand.level for operand in operands if isinstance(operand, Dual))
    own = [operand if isinstance(operand, Dual) and operand.level == level else None for operand in operands]
    primals = [operand if dual is None else dual.value for operand, dual in zip(operands, own, strict=True)]
    result = op(*primals)
    tangent: Any = 0.0
    for index, dual in enumerate(own):
        if dual is not None and not _is_zero(dual.tangent):
            tangent = tangent + dual.tangent * local_derivative(op, index, primals, result)
    return Dual(result, tangent, level)


def _is_zero(tangent: Any) -> bool:
    """Return whether a tangent is the plain number 0; it adds nothing, even if the slope is inf or nan."""
    return isinstance(tangent, float) and tangent == 0.0


def local_derivative(op: Op, index: int, operands: list[Any], result: Any) -> Any:
    """Return the local derivative for one operand, for operands of any kind.

    >>> from autograd.ops import div
    >>> local_derivative(div, 1, [1.0, 0.0], float("inf"))
    -inf
    """
    if any(isinstance(operand, Interpretation) for operand in operands):
        return op.partials[index](*operands, result)
    numbers = [float(operand) for operand in operands]
    if op.arity == 1:
        return kernels.apply1(op.code, numbers[0])[1]
    apply = kernels.apply_right if index else kernels.apply_left
    return apply(op.code, numbers[0], numbers[1])[1]
