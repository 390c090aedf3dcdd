"""The reverse sweep: a topological order of the graph, and the chain rule along it.

`adjoints` is the chain rule for the numbers of nodes, as `backward()` runs it; `accumulate` is the same for other kinds
of number, such as Values, fractions and counts of paths.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from mypy_extensions import i64

from autograd.node import REPLAYED, Contribution, Node
from autograd.table.arrays import vec


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


class _Places:
    """How many places all sweeps have given: the next sweep counts on, and so knows which nodes it has seen."""

    __slots__ = ("given",)

    def __init__(self) -> None:
        self.given: i64 = 1


_places: Final = _Places()


def topological_order(roots: Iterable[Node]) -> list[Node]:
    """Return all nodes that the roots are computed from, and the roots, every operand before its result.

    Operands come in the order written. Each node's `_index` becomes its place, counted from `_index` of the first,
    and valid while `sweeping` is held. The depth of the graph is limited by memory only.
    """
    order: list[Node] = []
    path = list(roots)[::-1]
    first = _places.given
    place = first
    try:
        while path:
            node = path.pop()
            while node._index < first:
                left = node._left
                if left is not None:
                    if left._index < first:
                        path.append(node)
                        node = left
                        continue
                    right = node._right
                    if right is not None and right._index < first:
                        factor, other = right._left, right._right
                        if factor is None or factor._index < first or other is None or other._index < first:
                            path.append(node)
                            node = right
                            continue
                        right._index = place  # a product whose factors have a place, as most in a weighted sum
                        place += 1
                        order.append(right)
                elif node._code == REPLAYED:
                    waiting = len(path)
                    place = _place_sources(node, first, place, order, path)
                    if len(path) > waiting:
                        node = path.pop()
                        continue
                node._index = place
                place += 1
                order.append(node)
    finally:
        _places.given = place + 1  # also where an interrupt came between a node's place and the count
    return order


def _place_sources(node: Node, first: i64, place: i64, order: list[Node], path: list[Node]) -> i64:
    """Place those sources of a node that are leaves, put the node and the others on the path; return the next place."""
    others: list[Node] = []
    for source in node._sources():
        if source._index >= first:
            continue
        if source._is_leaf():
            source._index = place
            place += 1
            order.append(source)
        else:
            others.append(source)
    if others:
        path += [node, *others]
    return place


def adjoints(  # noqa: C901 - the hot loop, which takes a fifth longer with a function called for each node
    order: list[Node], seed: float = 1.0, write: bool = False, told: list[Contribution] | None = None
) -> vec[float]:
    """Return the derivative of the last node of the order, times the seed, with respect to each node.

    Each edge posts upstream * local to its operand. A sum starts from -0.0, to which adding changes no number, not
    even the sign of a zero. `write` puts the gradients on the nodes too: added to what leaves have, replacing what
    computed nodes have. Every contribution is appended to `told`, if that is given. Needs the lock `sweeping` held
    since the order was made.
    """
    size: i64 = len(order)
    first = order[0]._index
    totals = vec[float]([-0.0] * size)
    totals[size - 1] = seed
    for place in range(size - 1, -1, -1):
        node = order[place]
        if not node._varies:
            continue
        upstream = totals[place]
        left = node._left
        if left is not None:
            if left._varies:
                target = left._index - first
                amount = upstream * node._left_partial
                if told is not None:
                    told.append((place, 0, upstream, amount, totals[target]))
                totals[target] += amount
            right = node._right
            if right is not None and right._varies:
                target = right._index - first
                amount = upstream * node._right_partial
                if told is not None:
                    told.append((place, 1, upstream, amount, totals[target]))
                totals[target] += amount
        elif node._code == REPLAYED:
            node._post(place, totals, first, told)
        if write:
            if left is None and node._is_leaf():
                node._receive(upstream)
            else:
                node._grad = upstream
                node._has_grad = True
    return totals


def accumulate(
    sources: Iterable[Any], edges: Callable[[Any], Iterable[tuple[Any, Any]]], totals: dict[Any, Any]
) -> None:
    """Carry totals, at first those of the seeds, from each source to its operands; sources come before their operands.

    `edges` gives the operands of a source, each with the local derivative in it, of whatever can be multiplied and
    added. Before it gives the next one it may see what became of the operand's total, or change that.

    >>> totals = {"y": 1.0}
    >>> accumulate(["y"], lambda _: [("x", 3.0), ("x", 3.0)], totals)  # y = x*x at x = 3
    >>> totals
    {'y': 1.0, 'x': 6.0}
    """
    for source in sources:
        if source in totals:
            upstream = totals[source]
            for operand, local in edges(source):
                amount = upstream * local
                totals[operand] = totals[operand] + amount if operand in totals else amount
