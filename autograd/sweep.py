"""The reverse sweep: a topological order of the graph, and the chain rule along it.

Adjoints live in the sweep, one number per place in the order; on the nodes it writes nothing but their place. Reads
nodes.
"""

import os
import threading
from collections.abc import Iterable

from autograd.node import Node


class _Sweeping:
    """A lock for one thread at a time, that is an error to take twice in a thread, and free in a forked process."""

    def __init__(self) -> None:
        self._free()

    def _free(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0

    def __enter__(self) -> None:
        if self._owner == threading.get_ident():
            raise RuntimeError(
                "a graph is being swept in this thread already: a signal handler or a finalizer reads a graph while "
                "backward() runs. Let it set a flag, and read the graph afterwards."
            )
        self._lock.acquire()
        self._owner = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._owner = 0
        self._lock.release()


sweeping = _Sweeping()
"""Held from the making of an order until its places have been used: graphs of several threads may share leaves."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=sweeping._free)


def topological_order(roots: Iterable[Node]) -> list[Node]:
    """Return all nodes that the roots are computed from, and the roots, every operand before its result.

    Operands come in the order written. Each node's `_index` becomes its place, valid while `sweeping` is held.
    The depth of the graph is limited by memory only.
    """
    order: list[Node] = []
    stack: list[Node | None] = list(roots)
    stack.reverse()
    while stack:
        node = stack.pop()
        if node is None:  # the operands of the node below it are in the order
            node = stack.pop()
            assert node is not None
        else:
            index = node._index
            if index < len(order) and order[index] is node:
                continue
            if node._left is not None:
                stack.append(node)
                stack.append(None)
                if node._right is not None:
                    stack.append(node._right)
                stack.append(node._left)
                continue
        node._index = len(order)
        order.append(node)
    return order


def adjoints(order: list[Node], seed: float = 1.0) -> list[float]:
    """Return the derivative of the last node of the order, times the seed, with respect to each node.

    Each edge posts upstream * local to its operand. A sum starts from -0.0, to which adding changes no number, not
    even the sign of a zero. Needs the lock `sweeping` held since the order was made.
    """
    totals = [-0.0] * len(order)
    totals[-1] = seed
    for index in range(len(order) - 1, -1, -1):
        node = order[index]
        left = node._left
        if left is None or not node._varies:
            continue
        upstream = totals[index]
        if left._varies:
            totals[left._index] += upstream * node._left_partial
        right = node._right
        if right is not None and right._varies:
            totals[right._index] += upstream * node._right_partial
    return totals


def write_gradients(order: list[Node], totals: list[float]) -> None:
    """Write the adjoints to the nodes: added to what leaves have, replacing what computed nodes have."""
    for node, total in zip(order, totals, strict=True):
        if node._varies:
            node._grad = node._grad + total if node._code < 0 and node._has_grad else total
            node._has_grad = True
