"""Gradient checks: reverse mode, forward mode and central differences, side by side."""

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograd.contexts.modes import no_grad
from autograd.derivatives.calculus import jvp, value_and_grad
from autograd.derivatives.dual import plain_number
from autograd.derivatives.shapes import arguments_of, flatten, input_names, require_function
from autograd.node import Node
from autograd.sweep import sweeping, topological_order
from autograd.table.interpretation import Interpretation
from autograd.table.scalars import format_number, is_same
from autograd.value import Value

TOLERANCE = 1e-6
"""How much a derivative may differ from central differences, relative to it."""
_COARSEST, _FINEST = 2, 8  # the steps are 10**-2 to 10**-8 of the point, or of 1
_CALLS = 5  # to see that a function is random: a mask of zeros and ones may be the same twice


class GradientCheckError(AssertionError):
    """The ways to compute a gradient disagree."""

    __module__ = "autograd"  # where users import it from


@dataclass(frozen=True, slots=True, repr=False)
class CheckedInput:
    """One input of a checked function: its name, its number, and the derivative computed in three ways.

    >>> check_gradients(lambda x: x * x, 3.0)
    [CheckedInput(x = 3: reverse 6, forward 6, central 6)]
    """

    name: str
    point: float
    reverse: float
    forward: float
    central: float

    def __repr__(self) -> str:
        slopes = [f"{way} {format_number(getattr(self, way))}" for way in ("reverse", "forward", "central")]
        return f"CheckedInput({self.name} = {format_number(self.point)}: {', '.join(slopes)})"


def check_gradients(function: Callable[..., Any], inputs: Any, *, tolerance: float = TOLERANCE) -> list[CheckedInput]:
    """Compare reverse mode, forward mode and central differences of a function with one result.

    `inputs` is the tuple or list of the function's arguments, or the only argument if that is a number. Results are
    equal if they differ by no more than the relative `tolerance` or the uncertainty of the central difference. Raises
    GradientCheckError with the input and both results if they differ. Also raises it at a kink, where central
    differences cannot decide, and if two evaluations with the same inputs differ. Raises TypeError for an object that
    is no function.

    >>> for row in check_gradients(lambda x, y: x * y.exp(), (2, 0)):
    ...     print(row.name, row.reverse, row.forward, round(row.central, 6))
    x 1.0 1.0 1.0
    y 2.0 2.0 2.0
    """
    require_function(function, "check_gradients")
    return _checked(function, inputs, [], tolerance)


def check_graph(root: Value, *, tolerance: float = TOLERANCE) -> list[CheckedInput]:
    """Compare the derivatives of a recorded graph in each of its leaves, as `check_gradients` does for a function.

    The recorded operations are computed again with other numbers in the leaves; the graph does not change. Raises
    GradientCheckError as `check_gradients` does, and ValueError if the root depends on no leaf or has the result of a
    replay in its graph.

    >>> check_graph((Value(3, "x") * Value(2, "w")) ** 2)[1]
    CheckedInput(w = 2: reverse 36, forward 36, central 36)
    """
    with sweeping:
        order = topological_order([root])
    leaves = [node for node in order if node._varies and not node.sources]
    if not leaves:
        raise ValueError(f"the graph of {root.name} has no leaf that varies, so it has no derivative.")
    if any(node.kind == "replayed" for node in order):
        raise ValueError(f"the graph of {root.name} has the result of a replay, which keeps no operations.")

    def computed(*numbers: Any) -> Any:
        made: dict[Node, Any] = dict(zip(leaves, numbers, strict=True))
        for node in order:
            if node not in made:
                made[node] = _again(node, made)
        return made[root]

    return _checked(computed, [leaf._data for leaf in leaves], [leaf.name for leaf in leaves], tolerance)


def _again(node: Node, made: Mapping[Node, Any]) -> Any:
    """Compute a node from the results that were made for its operands; from plain numbers it stays what it is."""
    left, *others = [made[source] for source in node.sources] or [None]
    right = others[0] if others else None
    if isinstance(left, Interpretation):
        return left._unary(node._code) if right is None else left._binary(node._code, right)
    return right._reflected(node._code, left) if isinstance(right, Interpretation) else node._data


def _checked(function: Callable[..., Any], inputs: Any, names: list[str], tolerance: float) -> list[CheckedInput]:
    points, rebuild = flatten(arguments_of(inputs), "an input of check_gradients()")
    points = [plain_number(point) for point in points]
    arguments = rebuild(points)
    value, gradient = value_and_grad(function)(*arguments)
    _require_the_same_again(value, _along(function, points, 0, rebuild), points[0])
    reverse, _ = flatten(gradient if len(arguments) > 1 else (gradient,))
    rows = []
    for index, name in enumerate(names or input_names(function, arguments)):
        direction = [1.0 if place == index else 0.0 for place in range(len(points))]
        forward = plain_number(jvp(function, arguments, rebuild(direction))[1])
        evaluate = _along(function, points, index, rebuild)
        central, uncertainty = central_difference(evaluate, points[index])
        row = CheckedInput(name, points[index], reverse[index], forward, central)
        _require_agreement(row, tolerance, uncertainty, evaluate)
        rows.append(row)
    return rows


def central_difference(function: Callable[[float], float], point: float) -> tuple[float, float]:
    """Return the derivative of a function of floats by central differences, and its uncertainty.

    Richardson's extrapolation (1911) combines two steps, so the error falls with the fourth power of the step. Of
    several steps, the one whose result changed least is used; the derivative is nan if none gives a number. The
    uncertainty is the last change plus the possible rounding error.

    >>> round(central_difference(math.exp, 0.0)[0], 10)
    1.0
    """
    scales = [max(1.0, abs(point))] + ([abs(point)] if 0.0 < abs(point) < 1.0 else [])
    rounding = 4.0 * sys.float_info.epsilon * abs(function(point))
    best, uncertainty = math.nan, math.inf
    for scale in scales:
        before = math.nan
        for exponent in range(_COARSEST, _FINEST + 1):
            step = 10.0**-exponent * scale
            slope = _extrapolated(function, point, step)
            doubt = abs(slope - before) + rounding / step
            if doubt < uncertainty:
                best, uncertainty = slope, doubt
            before = slope
    return best, uncertainty


def agrees(slope: float, central: float, uncertainty: float, tolerance: float = TOLERANCE) -> bool:
    """Say whether a derivative is that of central differences, up to their uncertainty or the relative tolerance.

    >>> agrees(2.0, 2.001, 1e-3), agrees(2.0, 2.1, 1e-3)
    (True, False)
    """
    return math.isclose(slope, central, rel_tol=tolerance, abs_tol=2.0 * uncertainty)


def _extrapolated(function: Callable[[float], float], point: float, step: float) -> float:
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


def _require_the_same_again(value: float, evaluate: Callable[[float], float], point: float) -> None:
    """Raise GradientCheckError if the function has another value when it is called again with the same inputs."""
    for _ in range(_CALLS):
        again = evaluate(point)
        if not is_same(value, again):
            raise GradientCheckError(
                f"two evaluations differ: {format_number(value, 17)} and {format_number(again, 17)} for the same "
                "inputs. Does the function use random numbers? Draw them before, or set the seed inside the function."
            )


def _require_agreement(
    row: CheckedInput, tolerance: float, uncertainty: float, evaluate: Callable[[float], float]
) -> None:
    where = f"the derivative in {row.name} at {format_number(row.point)}"
    slopes = _kink(evaluate, row.point)
    if slopes:
        left, right = (format_number(slope, 4) for slope in slopes)
        raise GradientCheckError(
            f"{where}: the function has a kink there, its slope is {left} on the left and {right} on the right; "
            f"reverse mode uses {format_number(row.reverse)}. Check at a number nearby."
        )
    if math.isnan(row.central):
        raise GradientCheckError(f"{where}: central differences fail, because the function is nan or infinite.")
    for mode, got in (("reverse", row.reverse), ("forward", row.forward)):
        if not agrees(got, row.central, uncertainty, tolerance):
            raise GradientCheckError(
                f"{where}: {mode} mode got {format_number(got)}, "
                f"central differences expected {format_number(row.central)}."
            )


def _kink(function: Callable[[float], float], point: float) -> tuple[float, float] | None:
    """Return the slopes on both sides if they differ at every small step; else None."""
    here = function(point)
    left = right = 0.0
    before = math.inf
    for relative in (1e-7, 1e-8, 1e-9):
        step = relative * max(1.0, abs(point))
        left, right = (here - function(point - step)) / step, (function(point + step) - here) / step
        jump = abs(right - left)
        stays = jump > 0.5 * before or (before == math.inf and math.isfinite(jump))
        if not stays or jump <= 1e-3 * max(1.0, abs(left), abs(right)):
            return None
        before = jump
    return left, right
