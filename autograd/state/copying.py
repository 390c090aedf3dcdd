"""Copies of graphs of any depth, for `copy.deepcopy` and `pickle`, without recursion.

For pickle a graph becomes columns of plain numbers in topological order. Leaves and parameters are pickled as single
objects, so a model and a loss in one pickle share them. Each pickled result has its own copy of the computed nodes.
`copy.deepcopy` keeps everything shared.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd.state.mode import Origin
from autograd.table.op import op_of, row


def deep_copy(order: Sequence[Any], memo: dict[int, Any], make: Callable[..., Any]) -> Any:
    """Return a copy of the last node of a topological order, with copies of all nodes that it was computed from.

    `memo` is the memo of `copy.deepcopy`; `make` makes a node from its fields, as `value.filled` does.
    """
    _refuse_replayed(order)
    kept = memo.setdefault(id(memo), [])  # as copy.deepcopy does: an id is valid only while its object lives
    for node in order:
        if id(node) not in memo:
            left = memo[id(node._left)] if node._left is not None else None
            right = memo[id(node._right)] if node._right is not None else None
            memo[id(node)] = _copied(node, left, right, make)
            kept.append(node)
    return memo[id(order[-1])]


def _refuse_replayed(order: Sequence[Any]) -> None:
    if any(node.kind == "replayed" for node in order):
        raise TypeError(
            "a graph with the result of a replay cannot be copied or pickled, because the replay keeps its program. "
            "Call the function itself: it is the replay's attribute `function`."
        )


def _copied(node: Any, left: Any, right: Any, make: Callable[..., Any]) -> Any:
    partials = node._left_partial, node._right_partial
    copied = make(node._data, node._code, left, right, *partials, node._varies, node._origin)
    copied._label, copied._grad, copied._has_grad = node._label, node._grad, node._has_grad
    return copied


class Columns(NamedTuple):
    """The nodes of a graph; an operand is a place in the columns, -1 for none.

    `op_names` maps codes to names, because another version of the table may use other codes.
    """

    data: "array[float]"
    codes: "array[int]"
    lefts: "array[int]"
    rights: "array[int]"
    left_partials: "array[float]"
    right_partials: "array[float]"
    varies: bytes
    grads: "array[float]"
    have_grads: bytes
    labels: dict[int, str]
    origins: dict[int, Origin]
    leaves: dict[int, Any]
    op_names: dict[int, str]


def graph_columns(order: Sequence[Any]) -> Columns:
    """Return the columns that `pickle` keeps. Hold the lock `sweeping` from the making of the order on."""
    _refuse_replayed(order)
    first = order[0]._index
    lefts = array("q", [-1 if node._left is None else node._left._index - first for node in order])
    rights = array("q", [-1 if node._right is None else node._right._index - first for node in order])
    return Columns(
        data=array("d", [node._data for node in order]),
        codes=array("h", [node._code for node in order]),
        lefts=lefts,
        rights=rights,
        left_partials=array("d", [node._left_partial for node in order]),
        right_partials=array("d", [node._right_partial for node in order]),
        varies=bytes(node._varies for node in order),
        grads=array("d", [node._grad for node in order]),
        have_grads=bytes(node._has_grad for node in order),
        labels={place: node._label for place, node in enumerate(order) if node._label is not None},
        origins={place: node._origin for place, node in enumerate(order) if node._origin is not None},
        leaves={place: node for place, node in enumerate(order[:-1]) if node.kind in ("leaf", "parameter")},
        op_names={code: op_of(code).name for code in {node._code for node in order} if code >= 0},
    )


def restore_graph(make: Callable[..., Any], columns: Columns) -> Any:
    """Return the last node of a graph made again from the columns of `graph_columns`."""
    nodes: list[Any] = []
    codes = {code: row(name).code for code, name in columns.op_names.items()}
    rows = zip(*columns[:9], strict=True)  # the columns with one number for each node
    for place, (data, code, left, right, dx, dy, varies, grad, has_grad) in enumerate(rows):
        node = columns.leaves.get(place)
        if node is None:
            operands = None if left < 0 else nodes[left], None if right < 0 else nodes[right]
            origin = columns.origins.get(place)
            node = make(data, codes.get(code, code), *operands, dx, dy, bool(varies), origin)
            node._label, node._grad, node._has_grad = columns.labels.get(place), grad, bool(has_grad)
        nodes.append(node)
    return nodes[-1]
