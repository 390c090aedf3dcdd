"""`Node`: one number in a computation graph, with its fields.

The node of an operation refers to its operands, in the order written, and keeps the local derivatives from the time
when it was computed. References point only from a result to its operands, so a graph has no cycles. Python frees it
with its last reference.
"""

from typing import Any, Final, Self, TypeAlias

from mypy_extensions import i16, i64, mypyc_attr

from autograd.state import displays
from autograd.state.mode import OPEN_CONTEXTS, Origin, current_mode
from autograd.state.observation import refuse
from autograd.table.arrays import vec
from autograd.table.op import op_of
from autograd.table.operators import Operators
from autograd.table.scalars import as_float, format_number, got
from autograd.table.visible import visible

LEAF: Final[i16] = -1
PARAMETER: Final[i16] = -2
CONSTANT: Final[i16] = -3
REPLAYED: Final[i16] = -4
Posted: TypeAlias = tuple[i64, i64, float, float, float]
"""A node's place, the position of its operand, the upstream gradient, the amount, and the operand's total before."""
PENDING: Final = object()
"""Stands for the data when the engine fills the fields itself."""
KINDS: Final = {LEAF: "leaf", PARAMETER: "parameter", CONSTANT: "constant", REPLAYED: "replayed"}


@mypyc_attr(acyclic=True)
class Node(Operators):
    """One number of a computation.

    `_code` is the code of the operation that computed it, or LEAF, PARAMETER, CONSTANT or REPLAYED. `_varies` says
    whether gradients flow to it. `_index` is its place in the last sweep, 0 before the first sweep: see `sweep`.
    """

    __slots__ = (
        "_code",
        "_data",
        "_grad",
        "_has_grad",
        "_index",
        "_label",
        "_left",
        "_left_partial",
        "_origin",
        "_right",
        "_right_partial",
        "_varies",
    )

    # Large fields first, so that compiled nodes have no gaps in memory. `__init__` always gives all of them a number
    # or a node, so that compiled code need not ask whether they are there.
    _data: float
    _grad: float
    _left: "Node | None"
    _right: "Node | None"
    _left_partial: float
    _right_partial: float
    _label: str | None
    _origin: Origin | None
    _index: i64
    _code: i16
    _varies: bool
    _has_grad: bool

    def __init__(self, data: object, label: object = None, _op: object = None) -> None:
        self._data = 0.0 if data is PENDING else as_float(data, "the data of a Value")
        self._label = None if label is None and _op is None else as_label(label, _op)
        self._origin = current_mode().origin_here() if OPEN_CONTEXTS and data is not PENDING else None
        self._code = LEAF
        self._varies = True
        self._left = None
        self._right = None
        self._left_partial = 0.0
        self._right_partial = 0.0
        self._grad = 0.0
        self._has_grad = False
        self._index = 0

    @property
    def op(self) -> str | None:
        """The name of the operation that computed this node; None for a leaf, a parameter or a constant."""
        return op_of(self._code).name if self._code >= 0 else None

    @property
    def operands(self) -> tuple[Self, ...]:
        """The operands of the operation, in the order written.

        >>> from autograd import Value
        >>> x = Value(3, "x")
        >>> (x * x).operands
        (Value(3, 'x', grad=-), Value(3, 'x', grad=-))
        """
        present: tuple[Any, ...] = (self._left, self._right)
        return tuple([node for node in present if node is not None])

    @property
    def _prev(self) -> Any:
        raise AttributeError("'Value' object has no attribute '_prev'; use operands.")

    @property
    def _op(self) -> Any:
        raise AttributeError("'Value' object has no attribute '_op'; use op.")

    @property
    def _children(self) -> Any:
        raise AttributeError("'Value' object has no attribute '_children'; use operands.")

    @property
    def _local_grads(self) -> Any:
        raise AttributeError("'Value' object has no attribute '_local_grads'; use partials.")

    @property
    def _backward(self) -> Any:
        raise AttributeError(
            "'Value' object has no attribute '_backward'; use backward() of the result, or grad and partials by hand."
        )

    @property
    def sources(self) -> list["Node"]:
        """The nodes that it was computed from; of the result of a replay, all nodes that receive gradients from it.

        >>> from autograd import Value, replay
        >>> w = Value(2, "w")
        >>> (w * 3).sources, replay(lambda x: x * w * w)(3).sources
        ([Value(2, 'w', grad=-), Value(3, constant)], [Value(2, 'w', grad=-)])
        """
        return list(self.operands)

    @property
    def partials(self) -> tuple[float | None, ...]:
        """The local derivative for each operand, from the time of the computation; None for a constant operand.

        >>> from autograd import Value
        >>> (Value(3) * Value(4)).partials, (Value(3) ** 2).partials
        ((4.0, 3.0), (6.0, None))
        """
        if OPEN_CONTEXTS:
            refuse("local derivatives are read")
        numbers = (self._left_partial, self._right_partial)
        operands = zip(self.operands, numbers, strict=False)
        return tuple(number if operand._varies else None for operand, number in operands)

    @property
    def kind(self) -> str:
        """The kind of node: "leaf", "parameter", "constant", "computed" or "replayed"."""
        return KINDS.get(self._code, "computed")

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes in which the node was made, outermost first."""
        return self._origin.scope if self._origin else ()

    @property
    def line(self) -> str:
        """The "file:line" that made the node, if it was made inside `record_lines`; else ""."""
        return self._origin.line if self._origin else ""

    def _repr_svg_(self) -> Any:
        return displays.displayed("svg", self)

    def _repr_png_(self) -> Any:
        return displays.displayed("png", self)

    def _repr_html_(self) -> Any:
        return displays.displayed("html", self)

    def __rich_console__(self, console: Any, _: Any) -> Any:
        return displays.on_console(self, console)

    def _is_leaf(self) -> bool:
        """Return whether this is a leaf, a parameter or a constant, not a computed node."""
        return REPLAYED < self._code < 0

    def _receive(self, gradient: float) -> None:
        """Add to the gradient of a leaf."""
        self._grad = self._grad + gradient if self._has_grad else gradient
        self._has_grad = True

    def _amounts(self, upstream: float) -> list[float]:
        """Return the contribution of a REPLAYED node to each of its sources."""
        raise NotImplementedError

    def _post(self, place: i64, totals: vec[float], first: i64, told: list[Posted] | None) -> None:
        """Add the contributions of the REPLAYED node at this place to its sources' totals; see `adjoints`."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The label, or "Value(3)" with the number if there is no label.

        Only messages without the whole graph use this name. All others: see `autograd.passes.names`.
        """
        return visible(self._label or "") or f"Value({format_number(self._data)})"


def as_label(label: object, op: object = None) -> str | None:
    """Return the label of a node. Raises TypeError if it is not a str; `op` is what micrograd takes there."""
    if op is None and (label is None or isinstance(label, str)):
        return label
    if op is not None or isinstance(label, (tuple, set)):  # as in micrograd
        raise TypeError(
            "expected a number and a label for a Value, got operands or an operation. A computed Value comes from an "
            "operation, such as autograd.tanh(t), or one of your own: see autograd.operation."
        )
    raise TypeError(f"expected a str or None for a label, got {got(label)}: {label!r}.")
