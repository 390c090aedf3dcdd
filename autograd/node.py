"""The node of a computation graph: its fields.

An operation's node refers to its operands in the order written, with the local derivatives as they were when it was
computed. References point only from a result to its operands, so a graph has no cycles and is freed with its last
reference. Reads `operators`, which gives it Python's operators.
"""

from typing import Final

from mypy_extensions import i16, i64

from autograd.arrays import vec
from autograd.modes import Origin
from autograd.operators import Operators
from autograd.scalars import format_number

LEAF: Final[i16] = -1
PARAMETER: Final[i16] = -2
CONSTANT: Final[i16] = -3
REPLAYED: Final[i16] = -4
KINDS: Final = {LEAF: "leaf", PARAMETER: "parameter", CONSTANT: "constant", REPLAYED: "replayed"}


class Node(Operators):
    """One number of a computation; see the fields.

    `_code` is the code of the operation that computed it, or LEAF, PARAMETER, CONSTANT or REPLAYED. `_varies` says
    whether gradients flow to it. `_index` is the place that the last sweep gave it, 0 before the first: see `sweep`.
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

    # Large before small, so that compiled nodes have no gaps.
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

    def _sources(self) -> list["Node"]:
        """Return the nodes that a REPLAYED node posts gradients to."""
        raise NotImplementedError

    def _post(self, upstream: float, totals: vec[float], first: i64) -> None:
        """Post gradients to the sources of a REPLAYED node; the place of a source is its `_index` less `first`."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The label, or where there is none "Value(3)" with the number: how messages call the node."""
        return self._label or f"Value({format_number(self._data)})"
