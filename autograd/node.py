"""The node of a computation graph: its fields.

An operation's node refers to its operands in the order written, with the local derivatives as they were when it was
computed. References point only from a result to its operands, so a graph has no cycles and is freed with its last
reference. Reads `operators`, which gives it Python's operators.
"""

from autograd.modes import Origin
from autograd.operators import Operators
from autograd.scalars import format_number

LEAF = -1
PARAMETER = -2
CONSTANT = -3
KINDS = {LEAF: "leaf", PARAMETER: "parameter", CONSTANT: "constant"}


class Node(Operators):
    """One number of a computation; see the fields.

    `_code` is the code of the operation that computed it, or LEAF, PARAMETER or CONSTANT. `_varies` says whether
    gradients flow to it. `_index` is its place in the topological order of the sweep that saw it last.
    """

    __slots__ = (
        "__weakref__",
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

    _code: int
    _data: float
    _grad: float
    _has_grad: bool
    _index: int
    _label: str | None
    _left: "Node | None"
    _left_partial: float
    _origin: Origin | None
    _right: "Node | None"
    _right_partial: float
    _varies: bool

    def _fill(
        self,
        data: float,
        code: int,
        left: "Node | None",
        right: "Node | None",
        left_partial: float,
        right_partial: float,
        varies: bool,
        origin: Origin | None,
    ) -> None:
        self._data = data
        self._code = code
        self._left = left
        self._right = right
        self._left_partial = left_partial
        self._right_partial = right_partial
        self._varies = varies
        self._origin = origin
        self._label = None
        self._grad = 0.0
        self._has_grad = False
        self._index = 0

    @property
    def name(self) -> str:
        """The label, or where there is none "Value(3)" with the number: how messages call the node."""
        return self._label or f"Value({format_number(self._data)})"
