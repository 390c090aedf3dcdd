"""`Value`: a number that remembers how it was computed."""

from functools import partial
from types import FunctionType
from typing import Any, Self, overload

from mypy_extensions import i16, mypyc_attr

from autograd.node import CONSTANT, LEAF, PARAMETER, PENDING, REPLAYED, Node, as_label
from autograd.state.copying import deep_copy, graph_columns, restore_graph
from autograd.state.mode import OPEN_CONTEXTS, Mode, Origin, current_mode
from autograd.state.observation import (
    GREATER,
    GREATER_OR_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    NOT_EQUAL,
    NUMBER,
    TEXT,
    WATCHERS,
    observe,
    refuse,
    tell,
    warn_detached,
)
from autograd.sweep import adjoints, sweeping, topological_order
from autograd.table.kernels import POS, apply1, apply2, apply_left, apply_right, value1, value2
from autograd.table.scalars import as_float, format_number, is_number


@mypyc_attr(acyclic=True)
class Value(Node):
    """A number, its gradient, and the operation that computed it.

    `data` is any real number; `label` names the node in texts and pictures. `<` and `>` compare the numbers, and so
    does `==` with a plain number. But among Values, each is equal only to itself, so that it can be a key of a dict.
    Its hash is not that of its number: `Value(0) == 0` is True, and `0 in {Value(0)}` is False. Pickle copies the
    computed Values of the graph along with a Value; leaves and parameters stay shared with other objects in the same
    pickle. Raises TypeError if the data is not a real number or the label not a str, OverflowError if an integer is
    too large for a float. There are no subclasses, because operations always return plain Values: to add an operation,
    use `autograd.operation`.

    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> y = (x * w).tanh()
    >>> y.backward()
    >>> print(f"{y:.6f} {w.grad:.6f}")
    0.999988 0.000074
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        if vars(cls)["__module__"] == "autograd.replays.replayed":
            return
        raise TypeError(
            f"{cls.__name__} cannot be a subclass of Value, because operations always return plain Values. Make your "
            "own operation by autograd.operation, as a method by operation(..., method=True)."
        )

    @property
    def data(self) -> float:
        """The number. You can assign it unless it was computed; results computed from it before do not change."""
        return self._read()

    @data.setter
    def data(self, number: object) -> None:
        if OPEN_CONTEXTS:
            refuse("the data of a Value is assigned")
        if self._code == REPLAYED:
            raise AttributeError(f"the data of {self.name} cannot be assigned, because a replay computed it.")
        if self._code >= 0:
            operands = " and ".join(operand.name for operand in self.operands)
            raise AttributeError(
                f"the data of {self.name} cannot be assigned, because {self.op} computed it from {operands}. "
                "Assign the data of the leaves, and compute again."
            )
        self._data = number if type(number) is float else as_float(number, "the data of a Value")

    @property
    def grad(self) -> float:
        """The gradient from `backward()`, 0.0 until there is one. You can assign a number; None resets it.

        Texts and pictures show "-" until there is a gradient; `has_grad` tells it from a gradient that is 0.

        >>> w = Value(2)
        >>> w.grad, w.has_grad, w
        (0.0, False, Value(2, grad=-))
        >>> (w * 3).backward()
        >>> w.grad, w.has_grad
        (3.0, True)
        """
        if OPEN_CONTEXTS:
            refuse("a gradient is read")
        return self._grad

    @grad.setter
    def grad(self, number: object) -> None:
        if OPEN_CONTEXTS:
            refuse("a gradient is assigned")
        if type(number) is float:
            self._grad = number
        else:
            self._grad = 0.0 if number is None else as_float(number, "a gradient")
        self._has_grad = number is not None

    @property
    def has_grad(self) -> bool:
        """Whether there is a gradient: `backward()` computed one, or one was assigned."""
        if OPEN_CONTEXTS:
            refuse("a gradient is read")
        return self._has_grad

    @property
    def label(self) -> str | None:
        """The name of the node, or None."""
        return self._label

    @label.setter
    def label(self, label: object) -> None:
        self._label = as_label(label)

    def backward(self, seed: object = 1.0) -> None:
        """Compute the derivative of this node, times the seed, with respect to every node that it was computed from.

        The result is in `grad`. Leaves and parameters add it to the gradient that they have, as in PyTorch, so reset
        gradients between iterations. Computed nodes replace theirs. Raises ValueError if this node does not depend on
        any Value that varies.

        >>> a = Value(3)
        >>> (a * a).backward()
        >>> a.grad
        6.0
        """
        if OPEN_CONTEXTS:
            refuse("backward() runs")
        start = as_float(seed, "the seed of backward()")
        if not self._varies:
            raise ValueError(
                f"backward() from {self.name} reaches no Value that varies: it is a constant, made under no_grad(), "
                "by detach(), or only from numbers. Compute it from Values, outside of no_grad()."
            )
        with sweeping:
            order = topological_order([self])
            if OPEN_CONTEXTS:
                _prepare_backward(order, start)
            adjoints(order, start, write=True)
        if WATCHERS:
            tell("backward", self, order[0]._index)

    def detach(self) -> "Value":
        """Return a constant with the same number and label. No gradient flows through it.

        >>> Value(3, "w").detach()
        Value(3, 'w', constant)
        """
        if OPEN_CONTEXTS and current_mode().recorder is not None:
            return filled(self._data, POS, self, None, 1.0, 0.0, False, current_mode().origin_here())
        return constant(self._data, self._label)

    def _read(self) -> float:
        """Return the number to Python code, and tell a recording about it."""
        if OPEN_CONTEXTS:
            observe(NUMBER, self, None)
        return self._data

    def _unary(self, code: i16) -> Any:
        if OPEN_CONTEXTS:
            mode = current_mode()
            if mode.is_silent:
                return filled(value1(code, self._data), CONSTANT, None, None, 0.0, 0.0, False, mode.origin)
            data, partial = apply1(code, self._data)
            return _made_in_mode(code, self, None, data, partial, 0.0)
        data, partial = apply1(code, self._data)
        return filled(data, code, self, None, partial, 0.0, self._varies, None)

    def _binary(self, code: i16, other: Any) -> Any:
        if OPEN_CONTEXTS:
            mode = current_mode()
            if mode.is_silent:
                return _silently(mode, code, self, other, False)
        operand = other if isinstance(other, Value) else _as_operand(other)
        if operand is None:
            return None
        left_partial = right_partial = 0.0
        if not operand._varies:
            data, left_partial = apply_left(code, self._data, operand._data)
        elif not self._varies:
            data, right_partial = apply_right(code, self._data, operand._data)
        else:
            data, left_partial, right_partial = apply2(code, self._data, operand._data)
        if OPEN_CONTEXTS:
            return _made_in_mode(code, self, operand, data, left_partial, right_partial)
        varies = self._varies or operand._varies
        return filled(data, code, self, operand, left_partial, right_partial, varies, None)

    def _reflected(self, code: i16, other: Any) -> Any:
        if OPEN_CONTEXTS:
            mode = current_mode()
            if mode.is_silent:
                return _silently(mode, code, self, other, True)
        operand = _as_operand(other)
        return None if operand is None else operand._binary(code, self)

    def _asked(self, question: int, other: Any) -> "Value | None":
        """Return the other side of a comparison as a Value, None if it is not a number; tell a recording about it."""
        operand = _as_operand(other)
        if operand is not None and OPEN_CONTEXTS:
            observe(question, self, operand)
        return operand

    def __lt__(self, other: Any) -> bool:
        operand = self._asked(LESS, other)
        return NotImplemented if operand is None else self._data < operand._data

    def __le__(self, other: Any) -> bool:
        operand = self._asked(LESS_OR_EQUAL, other)
        return NotImplemented if operand is None else self._data <= operand._data

    def __gt__(self, other: Any) -> bool:
        operand = self._asked(GREATER, other)
        return NotImplemented if operand is None else self._data > operand._data

    def __ge__(self, other: Any) -> bool:
        operand = self._asked(GREATER_OR_EQUAL, other)
        return NotImplemented if operand is None else self._data >= operand._data

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Value):
            return self is other
        operand = self._asked(NOT_EQUAL, other)
        return NotImplemented if operand is None else self._data == operand._data

    def __hash__(self) -> int:
        return id(self) >> 4  # as object does: addresses are multiples of 16

    def __bool__(self) -> bool:
        if OPEN_CONTEXTS:
            observe(NOT_EQUAL, self, constant(0.0))
        return self._data != 0.0

    def item(self) -> float:
        """Return the number, as `data` does; the name is PyTorch's.

        >>> Value(2).item()
        2.0
        """
        return self._read()

    def __float__(self) -> float:
        if self._varies:
            warn_detached(self._label)
        return self._read()

    def __int__(self) -> int:
        return int(float(self))

    def __trunc__(self) -> int:
        return int(float(self))

    @overload
    def __round__(self, digits: None = None) -> int: ...

    @overload
    def __round__(self, digits: int) -> float: ...

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._read(), digits)

    def __format__(self, specification: str) -> str:
        return format(self._read(), specification) if specification else str(self)

    def __repr__(self) -> str:
        if OPEN_CONTEXTS:
            observe(TEXT, self, None)
        parts = [format_number(self._read())]
        if self._label is not None:
            parts.append(repr(self._label))
        if self._code < 0 and self._code != LEAF:
            parts.append(self.kind)
        if self._code != CONSTANT:
            parts.append(f"grad={format_number(self._grad) if self._has_grad else '-'}")
        if self.op is not None:
            parts.append(f"op={self.op!r}")
        return f"Value({', '.join(parts)})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if OPEN_CONTEXTS:
            refuse("a graph is copied")
        with sweeping:
            order = topological_order([self])
        copied: Self = deep_copy(order, memo, filled)
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        if OPEN_CONTEXTS:
            refuse("a graph is pickled")
        with sweeping:
            columns = graph_columns(topological_order([self]))
        return restore_graph, (filled, columns)


def constant(data: object, label: object = None) -> Value:
    """Return a Value that receives no gradient.

    >>> constant(2.0, "target")
    Value(2, 'target', constant)
    """
    value = _made(as_float(data, "the data of a constant"), CONSTANT, varies=False)
    value._label = as_label(label)
    return value


def parameter(data: object, label: object = None) -> Value:
    """Return a Value for training to adjust; modules find their parameters by this kind.

    >>> parameter(0.5, "w1")
    Value(0.5, 'w1', parameter, grad=-)
    """
    if OPEN_CONTEXTS:
        refuse("a parameter is made")
    value = _made(as_float(data, "the data of a parameter"), PARAMETER, varies=True)
    value._label = as_label(label)
    return value


def _as_operand(other: Any) -> Value | None:
    if type(other) is float:  # the common case, and a fast check
        number = other
    elif isinstance(other, Value):
        return other
    elif type(other) is int or is_number(other):
        number = _quick_float(other)
    else:
        return None
    origin = current_mode().origin_here() if OPEN_CONTEXTS else None
    return filled(number, CONSTANT, None, None, 0.0, 0.0, False, origin)


def _quick_float(number: Any) -> float:
    """Return a real number as a float; as `as_float`, but without the check that it is one."""
    try:
        if isinstance(number, (int, float)):
            return float(number)
        below = getattr(number, "denominator", None)  # float() of a Fraction takes three times as long
        return float(number) if below is None else float(number.numerator / below)
    except OverflowError:
        return as_float(number)


def _silently(mode: Mode, code: i16, value: Value, other: Any, is_left: bool) -> Value | None:
    """Return the result of an operation as a constant, under `no_grad`; with `is_left`, the other comes first."""
    if isinstance(other, Value):
        number = other._data
    elif type(other) is float:
        number = other
    elif type(other) is int or is_number(other):
        number = _quick_float(other)
    else:
        return None
    data = value2(code, number, value._data) if is_left else value2(code, value._data, number)
    return filled(data, CONSTANT, None, None, 0.0, 0.0, False, mode.origin)


def _blank() -> Value:
    """Return a Value without fields."""
    return Value(PENDING)


if isinstance(_blank, FunctionType):  # interpreted, not compiled: skipping __init__ saves a tenth of the time
    globals()["_blank"] = partial(object.__new__, Value)


def filled(
    data: float,
    code: i16,
    left: Node | None,
    right: Node | None,
    left_partial: float,
    right_partial: float,
    varies: bool,
    origin: Origin | None,
) -> Value:
    """Return a node with these fields, without the checks of `Value()`."""
    node = _blank()
    node._label = None
    node._grad = 0.0
    node._has_grad = False
    node._index = 0
    node._data = data
    node._code = code
    node._left = left
    node._right = right
    node._left_partial = left_partial
    node._right_partial = right_partial
    node._varies = varies
    node._origin = origin
    return node


def _made(data: float, code: i16, varies: bool) -> Value:
    origin = current_mode().origin_here() if OPEN_CONTEXTS else None
    return filled(data, code, None, None, 0.0, 0.0, varies, origin)


def _prepare_backward(order: list[Node], seed: float) -> None:
    """Tell the checker and the witness of the current mode that `backward()` is about to start."""
    mode = current_mode()
    if mode.checker is not None:
        mode.checker.check_sweep(order, seed)
    if mode.witness is not None:
        mode.witness.note_call(order, seed)


def _made_in_mode(
    code: i16, left: Value, right: Value | None, data: float, left_partial: float, right_partial: float
) -> Value:
    """Return the node of an operation as the current mode asks for it."""
    mode = current_mode()
    if mode.checker is not None:
        mode.checker.check_result(code, left, right, data)
    if not mode.recording and mode.recorder is None:
        return filled(data, CONSTANT, None, None, 0.0, 0.0, False, mode.origin_here())
    varies = mode.recording and (left._varies or (right is not None and right._varies))
    return filled(data, code, left, right, left_partial, right_partial, varies, mode.origin_here())
