"""Gradients checked: reverse mode, forward mode and central differences, side by side.

Reads `calculus` for the first two; the differences evaluate the function and know no derivative.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd.calculus import jvp, value_and_grad
from autograd.modes import no_grad
from autograd.scalars import format_number
from autograd.structure import flatten, input_names
from autograd.value import Value

_STEP = 1e-3


class GradientCheckError(AssertionError):
    """The ways to compute a gradient disagree."""


@dataclass(frozen=True, slots=True)
class CheckedInput:
    """One input of a checked function: its name, where it stands, and its derivative computed in three ways."""

    name: str
    point: float
    reverse: float
    forward: float
    central: float


def check_gradients(function: Callable[..., Any], inputs: Any, tolerance: float = 1e-6) -> list[CheckedInput]:
    """Compare reverse mode, forward mode and central differences of a function with one result.

    `inputs` is the tuple or list of the function's arguments, or its only argument where that is a number. The
    results count as equal within `tolerance`, absolute and relative. Raises GradientCheckError that names the input,
    what was got and what was expected.

    >>> for row in check_gradients(lambda x, y: x * y.exp(), (2, 0)):
    ...     print(row.name, row.reverse, row.forward, round(row.central, 6))
    x 1.0 1.0 1.0
    y 2.0 2.0 2.0
    """
    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    points, rebuild = flatten(arguments, "an input of check_gradients()")
    points = [float(point) for point in points]
    arguments = rebuild(points)
    _, gradient = value_and_grad(function)(*arguments)
    reverse, _ = flatten(gradient if len(arguments) > 1 else (gradient,))
    rows = []
    for index, name in enumerate(input_names(function, arguments)):
        direction = [1.0 if place == index else 0.0 for place in range(len(points))]
        forward = float(jvp(function, arguments, rebuild(direction))[1])
        evaluate = _along(function, points, index, rebuild)
        central = central_difference(evaluate, points[index])
        row = CheckedInput(name, points[index], reverse[index], forward, central)
        _require_agreement(row, tolerance, evaluate)
        rows.append(row)
    return rows


def central_difference(function: Callable[[float], float], point: float) -> float:
    """Return the derivative of a function of floats by central differences.

    Two steps, extrapolated (L. F. Richardson, 1911), so that the error falls with the fourth power of the step.

    >>> round(central_difference(math.exp, 0.0), 10)
    1.0
    """
    step = _STEP * max(1.0, abs(point))
    wide = (function(point + step) - function(point - step)) / (2 * step)
    narrow = (function(point + step / 2) - function(point - step / 2)) / step
    return (4 * narrow - wide) / 3


def _along(
    function: Callable[..., Any], points: list[float], index: int, rebuild: Callable[..., Any]
) -> Callable[[float], float]:
    def evaluate(number: float) -> float:
        moved = [Value(number if place == index else point) for place, point in enumerate(points)]
        with no_grad():
            return float(function(*rebuild(moved)))

    return evaluate


def _require_agreement(row: CheckedInput, tolerance: float, evaluate: Callable[[float], float]) -> None:
    for mode, got in (("reverse", row.reverse), ("forward", row.forward)):
        if not math.isclose(got, row.central, rel_tol=tolerance, abs_tol=tolerance):
            raise GradientCheckError(
                f"the derivative in {row.name} at {format_number(row.point)}: {mode} mode got {format_number(got)}, "
                f"central differences expected {format_number(row.central)}.{_kink_hint(row, tolerance, evaluate)}"
            )


def _kink_hint(row: CheckedInput, tolerance: float, evaluate: Callable[[float], float]) -> str:
    here, step = evaluate(row.point), 1e-6 * max(1.0, abs(row.point))
    left = (here - evaluate(row.point - step)) / step
    right = (evaluate(row.point + step) - here) / step
    if not math.isfinite(left + right) or math.isclose(left, right, rel_tol=0.01, abs_tol=max(tolerance, 1e-3)):
        return ""
    return (
        f" The function has a kink there: its slope is {format_number(left, 4)} on the left and "
        f"{format_number(right, 4)} on the right. Check beside it."
    )
