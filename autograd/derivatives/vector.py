"""Functions of a sequence: `sum`, `softmax`, `log_softmax`, `logsumexp`, and the Jacobian of softmax.

They use the table's operations, so they run on numbers, Values and every other kind of operand. The largest element,
as a constant, is subtracted before each exponential, so that nothing overflows.
"""

import math
import operator
from collections.abc import Iterable
from functools import reduce
from typing import Any

from autograd.contexts.modes import no_grad
from autograd.ops import add, div, exp, log, maximum, sub
from autograd.table.interpretation import Interpretation
from autograd.table.scalars import as_float, got
from autograd.value import Value


def sum(values: Iterable[Any]) -> Any:
    """Return the sum from left to right. Python's own sum starts from 0; this one starts from the first value.

    Raises ValueError if there are no values.

    >>> sum([1, 2, 3])
    6.0
    """
    return reduce(operator.add, _items(values, "sum"))


def softmax(values: Iterable[Any]) -> list[Any]:
    """Return e**x_i / (e**x_1 + ... + e**x_n) for each value; the results sum to 1.

    >>> [round(s, 4) for s in softmax([1000, 1001, 1002])]
    [0.09, 0.2447, 0.6652]
    """
    items = _items(values, "softmax")
    largest = _largest(items)
    exponentials = [exp(sub(item, largest)) for item in items]
    total = sum(exponentials)
    return [div(exponential, total) for exponential in exponentials]


def log_softmax(values: Iterable[Any]) -> list[Any]:
    """Return the logarithms of `softmax`, accurate even if the softmax is 0.

    >>> log_softmax([0, 1000])
    [-1000.0, 0.0]
    """
    items = _items(values, "log_softmax")
    largest = _largest(items)
    shifted = [sub(item, largest) for item in items]
    total = log(sum(exp(item) for item in shifted))
    return [sub(item, total) for item in shifted]


def logsumexp(values: Iterable[Any]) -> Any:
    """Return log(e**x_1 + ... + e**x_n).

    >>> round(logsumexp([1000, 1000]), 6)
    1000.693147
    """
    items = _items(values, "logsumexp")
    largest = _largest(items)
    if not -math.inf < largest < math.inf:  # inf - inf would be nan
        largest = 0.0
    return add(log(sum(exp(sub(item, largest)) for item in items)), largest)


def softmax_jacobian(values: Iterable[Any]) -> list[list[float]]:
    """Return the matrix of ds_i/dx_j: s_i (1 - s_i) on the diagonal, -s_i s_j elsewhere.

    >>> softmax_jacobian([0, 0])
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    with no_grad():
        results = [float(result) for result in softmax([float(value) for value in values])]
    return [
        [s_i * (1 - s_i) if i == j else -s_i * s_j for j, s_j in enumerate(results)] for i, s_i in enumerate(results)
    ]


def _items(values: Iterable[Any], function: str) -> list[Any]:
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise TypeError(f"expected a sequence of numbers or Values for {function}(), got {got(values)}.")
    items = [x if isinstance(x, Interpretation) else as_float(x, f"an element of {function}()") for x in values]
    if not items:
        raise ValueError(f"expected at least one value for {function}(), got none.")
    return items


def _largest(items: list[Any]) -> Any:
    with no_grad():
        if any(isinstance(item, Value) for item in items):  # as a Value, so that a replay computes it again
            return reduce(maximum, items)
        return max(float(item) for item in items)
