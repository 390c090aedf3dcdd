"""`recomputed`: a copy of a graph, computed again from its recorded operations with other numbers in its leaves."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from autograd.passes.subject import Subject
from autograd.sweep import sweeping, topological_order
from autograd.table.kernels import apply1, apply2
from autograd.value import Value


class Recomputed(NamedTuple):
    """The copy of a graph, and the copies of the other Values that were asked for."""

    subject: Subject
    others: list[Value]


def recomputed(subject: Subject, numbers: Mapping[int, float], others: Iterable[Value] = ()) -> Recomputed:
    """Return a copy of a graph with other numbers in its leaves, by their places, and all results computed again.

    The copies of `others` are computed from the same leaves. The graph itself does not change. Raises TypeError if it
    has the result of a replay, which keeps no operations.

    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> recomputed(Subject((x * w).relu()), {1: -1.0}).subject.root.data, recomputed(Subject(x * w), {}, [x / w]).others
    (0.0, [Value(1.5, grad=-, op='div')])
    """
    root, optimizer, naming = subject
    memo: dict[int, Any] = {}
    twin = copy.deepcopy(root, memo)
    beside = copy.deepcopy([*naming.beside] if naming else [], memo)
    asked = copy.deepcopy([*others], memo)
    moved = Subject(twin, copy.deepcopy(optimizer, memo), naming and replace(naming, beside=beside))
    with sweeping:
        order = topological_order([twin, *beside, *asked])
        for place, number in numbers.items():
            order[place]._data = number
        for node in order:
            left, right = node._left, node._right
            if left is not None and right is not None:
                node._data, node._left_partial, node._right_partial = apply2(node._code, left._data, right._data)
            elif left is not None:
                node._data, node._left_partial = apply1(node._code, left._data)
    return Recomputed(moved, asked)
