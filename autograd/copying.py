"""Copies of graphs of any depth, for `copy.deepcopy` and `pickle`, without recursion.

A graph travels as the list of its nodes in topological order, each a row of plain fields. Leaves stay objects of
their own, so that a copied model and a copied loss share them as the originals did. Reads nodes.
"""

from typing import Any, TypeVar

from autograd.node import Node
from autograd.sweep import sweeping, topological_order

AnyNode = TypeVar("AnyNode", bound=Node)
Row = tuple[Any, ...]


def deep_copy(root: AnyNode, memo: dict[int, Any]) -> AnyNode:
    """Return a copy of the node and of all that it was computed from; `memo` is the one of `copy.deepcopy`."""
    with sweeping:
        order = topological_order([root])
    for node in order:
        if id(node) not in memo:
            left = memo[id(node._left)] if node._left is not None else None
            right = memo[id(node._right)] if node._right is not None else None
            memo[id(node)] = _made(type(node), (*_fields(node), left, right))
            memo.setdefault(id(memo), []).append(node)  # as copy.deepcopy does: an id is valid while its object lives
    copied: AnyNode = memo[id(root)]
    return copied


def reduce_graph(root: Node) -> tuple[Any, ...]:
    """Return what `pickle` needs to make the node again."""
    if root._left is None:
        return _made, (type(root), (*_fields(root), None, None))
    with sweeping:
        order = topological_order([root])
        places = [(node, _place(node._left), _place(node._right)) for node in order]
    rows = [node if left < 0 else (*_fields(node), left, right) for node, left, right in places]
    return restore_graph, (type(root), rows)


def restore_graph(kind: type[AnyNode], rows: list[Any]) -> AnyNode:
    """Return the last node of a graph that `reduce_graph` took apart."""
    nodes: list[Any] = []
    for row in rows:
        if isinstance(row, Node):
            nodes.append(row)
            continue
        *fields, left, right = row
        nodes.append(_made(kind, (*fields, nodes[left], nodes[right] if right >= 0 else None)))
    last: AnyNode = nodes[-1]
    return last


def _place(operand: Node | None) -> int:
    return -1 if operand is None else operand._index


def _fields(node: Node) -> Row:
    numbers = (node._data, node._code, node._left_partial, node._right_partial, node._varies)
    return (*numbers, node._origin, node._label, node._grad, node._has_grad)


def _made(kind: type[AnyNode], fields: Row) -> AnyNode:
    data, code, left_partial, right_partial, varies, origin, label, grad, has_grad, left, right = fields
    node = kind.__new__(kind)
    node._fill(data, code, left, right, left_partial, right_partial, varies, origin)
    node._label = label
    node._grad = grad
    node._has_grad = has_grad
    return node
