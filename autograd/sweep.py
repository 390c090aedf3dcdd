"""The reverse sweep: a topological order of the graph, and the chain rule along it.

`adjoints` is the chain rule in floats, which `backward()` runs. `accumulate` is the same for other kinds of number,
such as Values, fractions and counts of paths.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from mypy_extensions import i64

from autograd.node import REPLAYED, Node, Posted
from autograd.state.lock import Sweeping
from autograd.table.arrays import vec

sweeping: Final = Sweeping()
"""Hold it while you make an order and use its places: graphs of several threads may share leaves."""


class _Places:
    """The number of places given in all sweeps. The next sweep counts on from it, so it knows which nodes are new."""

    __slots__ = ("given",)

    def __init__(self) -> None:
        self.given: i64 = 1


_places: Final = _Places()


def topological_order(roots: Iterable[Node]) -> list[Node]:
    """Return the roots and all nodes that they are computed from, every operand before its result.

    Operands come in the order written. A node's place in the list is its `_index` minus the `_index` of the first
    node, as long as `sweeping` is held. Only memory limits the depth of the graph.
    """
    order: list[Node] = []
    path = list(roots)[::-1]
    first = _places.given
    place = reserved = first
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
                        right._index = place  # most products in a weighted sum: both factors have a place
                        place += 1
                        order.append(right)
                elif node._code == REPLAYED:
                    waiting = len(path)
                    reserved = place + len(node.sources)
                    place = _place_sources(node, first, place, order, path)
                    if len(path) > waiting:
                        node = path.pop()
                        continue
                node._index = place
                place += 1
                order.append(node)
    finally:
        # An interrupt may have come while sources got their places.
        if reserved > place:  # noqa: PLR1730 - a call of max() would let another one in
            place = reserved
        _places.given = place + 1  # + 1: it may also come between a node's place and the count
    return order


def _place_sources(node: Node, first: i64, place: i64, order: list[Node], path: list[Node]) -> i64:
    """Give each source that is a leaf its place, push the node and its other sources; return the next place."""
    others: list[Node] = []
    for source in node.sources:
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


def adjoints(  # noqa: C901 - the hot loop; with a function called for each edge it takes a third longer, interpreted
    order: list[Node], seed: float = 1.0, write: bool = False, told: list[Posted] | None = None
) -> vec[float]:
    """Return the derivative of the last node of the order, times the seed, with respect to each node.

    Each edge adds upstream * local to the total of its operand. Totals start from -0.0, because -0.0 + x is x for
    every x, also for 0.0 and -0.0. With `write`, leaves add the result to their gradients, and computed nodes
    replace theirs. Every contribution is appended to `told`, if given. Hold the lock `sweeping` from the making of
    the order on.
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
    """Add the contributions of each source to the totals of its operands; sources come before their operands.

    `totals` holds the seeds at first. `edges` yields the operands of a source, each with its local derivative, which
    can be anything that multiplies and adds. Between two operands, `edges` may read or change the totals.

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
