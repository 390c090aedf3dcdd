"""Evaluates functions on a grid of points: a loss over two parameters, or a model over the plane."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from autograd import Replay, ReplayError, Value, constant, no_grad, replay
from autograd.table.scalars import as_whole, format_number, is_number
from viz.plots.plotting import number_of

Grid: TypeAlias = list[list[float]]
"""A row for each y, with a number for each x."""
Outputs: TypeAlias = list[list[float]]
"""The outputs of a model, a list for each point."""

_FINEST = 400
_NARROWEST, _WIDEST = 1e-9, 1e200


def spread(low: float, high: float, count: int) -> list[float]:
    """Return `count` numbers, evenly spaced from low to high.

    Raises ValueError if the count is outside 2 to 400, or the interval is too narrow or too wide to draw.

    >>> spread(-1, 1, 5)
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    count = as_whole(count, "the resolution", 2, _FINEST)
    if not _NARROWEST * max(abs(low), abs(high)) < high - low <= _WIDEST:
        ends = f"from {format_number(low)} to {format_number(high)}"
        raise ValueError(f"the range {ends} is too narrow or too wide to draw.")
    return [low + (high - low) * (place / (count - 1)) for place in range(count)]


def limits(numbers: Sequence[float], centre: float, around: float) -> tuple[float, float]:
    """Return an interval with all numbers and a margin. If all are equal or none, reach `around` from the centre.

    >>> limits([0.0, 2.0], 9.0, 1.0), limits([], 9.0, 1.0)
    ((-0.5, 2.5), (8.0, 10.0))
    """
    low, high = min(numbers, default=centre), max(numbers, default=centre)
    margin = 0.25 * (high - low) or around
    return low - margin, high + margin


def surface(loss: Callable[[], Any], leaves: tuple[Value, Value], xs: Sequence[float], ys: Sequence[float]) -> Grid:
    """Return the loss for all pairs of numbers of two leaves; the leaves get their old numbers back.

    >>> a, b = Value(7), Value(8)
    >>> surface(lambda: a * 10 + b, (a, b), [1, 2], [3, 4]), a.data, b.data
    ([[13.0, 23.0], [14.0, 24.0]], 7.0, 8.0)
    """
    with _kept(leaves), no_grad(), _quietly():
        try:
            return _surface(loss if isinstance(loss, Replay) else replay(loss), leaves, xs, ys)
        except ReplayError:
            return _surface(loss, leaves, xs, ys)


def outputs_at(model: Callable[[list[Any]], Any], points: Sequence[Sequence[float]]) -> Outputs:
    """Return the outputs of a model at each point, one or several.

    >>> outputs_at(lambda point: point[0] * point[1], [(2, 3), (4, 5)])
    [[6.0], [20.0]]
    """
    with no_grad(), _quietly():
        try:
            first = _outputs(model([constant(coordinate) for coordinate in points[0]]))
            columns = [replay(_one_output(model, place)).batch(points).values for place in range(len(first))]
        except (AttributeError, TypeError, ReplayError):  # the model may need plain numbers
            results = [_outputs(model(list(point))) for point in points]
            return [[number_of(output, "an output of the model") for output in result] for result in results]
    return [list(row) for row in zip(*columns, strict=True)]


def _one_output(model: Callable[[list[Any]], Any], place: int) -> Callable[[Any, Any], Any]:
    """Return one of the outputs as a function of the two coordinates."""
    return lambda x, y: _outputs(model([x, y]))[place]


def _outputs(result: Any) -> list[Any]:
    """Return what a model returned as a list."""
    if isinstance(result, Value) or is_number(result) or not hasattr(result, "__len__"):
        return [result]
    if len(result) == 0:
        raise ValueError("expected at least one output from the model, got an empty list.")
    return list(result)


def _surface(loss: Callable[[], Any], leaves: tuple[Value, Value], xs: Sequence[float], ys: Sequence[float]) -> Grid:
    def at(x: float, y: float) -> float:
        leaves[0].data, leaves[1].data = x, y
        return number_of(loss(), "the loss")

    return [[at(x, y) for x in xs] for y in ys]


@contextmanager
def _kept(leaves: tuple[Value, Value]) -> Iterator[None]:
    numbers = [leaf.data for leaf in leaves]
    try:
        yield
    finally:
        for leaf, number in zip(leaves, numbers, strict=True):
            leaf.data = number


@contextmanager
def _quietly() -> Iterator[None]:
    """Hide the warning that a replay is recorded often: the user did not ask for a replay."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* was recorded .* times in a row", RuntimeWarning)
        yield
