"""`Curve`: a function of one number for a plot: its values, derivatives, kinks and formulas.

Values and derivatives come from running the function with the engine. Kinks and formulas come from the operations that
it records.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from autograd import Tape, Value, derivative, enable_grad, no_grad
from autograd.derivatives.dual import Dual, next_level
from autograd.symbols.expression import NamedFunction, Operation, Symbol, as_expression
from autograd.symbols.latex import latex_cases, latex_notation
from autograd.symbols.simplification import simplified
from autograd.table.op import OWN, TABLE, Op, row
from autograd.table.scalars import format_number, got, near
from nn import ACTIVATIONS, Activation
from nn import activation as named_activation
from viz.plots.plotting import number_of

STEPS = 200
FAR = (-5.0, 5.0)
"""The range of plots of activations; other operations have a domain in their row of the table."""
_FARTHEST = 1e9
X = Symbol("x")
Cases = list[tuple[str, str]]


class Kink(NamedTuple):
    """A place where the derivative jumps: the slope on either side, and the derivative that the engine takes there."""

    x: float
    left: float
    right: float
    taken: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A function of one number.

    `op` is the row of the table if the function is one operation, and `settings` are its other operands, by name.
    `domain` is the range to draw. The formulas of the function and its derivative are in LaTeX, as `latex_cases`
    returns them; they are empty if not known.
    """

    name: str
    function: Callable[[Any], Any]
    op: Op | None
    settings: dict[str, float]
    domain: tuple[float, float]
    formula: Cases
    slope_formula: Cases

    def value(self, x: float) -> float:
        """Return the function's value.

        >>> curve("relu").value(-2)
        0.0
        """
        with no_grad():
            return float(self.function(Value(x)))

    def slope(self, x: float) -> float:
        """Return the derivative, which the engine computes.

        >>> curve("sigmoid").slope(0)
        0.25
        """
        return float(derivative(self.function)(x))

    def kinks(self, low: float, high: float) -> list[Kink]:
        """Return the kinks in an interval: the points at which the derivative may jump, as the table says.

        >>> curve("leaky_relu", {"slope": 0.5}).kinks(-1, 1)
        [Kink(x=0.0, left=0.5, right=1.0, taken=0.5)]
        """
        zeros = _zeros(self._kink_numbers, grid(low, high))
        return [
            Kink(x, self.slope(math.nextafter(x, -math.inf)), self.slope(math.nextafter(x, math.inf)), self.slope(x))
            for x in zeros
        ]

    def conventions(self) -> list[str]:
        """Return the conventions of the table for the kinks of this function.

        >>> curve("abs").conventions()
        ["abs'(0) = 0, between the slopes -1 on the left and 1 on the right"]
        """
        lines = _recorded(self.function, self.domain[1]).lines
        return list(dict.fromkeys(line.op.convention for line in lines if line.op and line.op.kink))

    def _kink_numbers(self, x: float) -> list[float]:
        """Return a number for each operation that has a kink: 0 at the kink."""
        lines = _recorded(self.function, x).lines
        return [
            float(line.op.kink(*(lines[place].data for place in line.operands)))
            for line in lines
            if line.op and line.op.kink
        ]


def curve(name: str | Activation | Op, settings: Mapping[str, float] | None = None) -> Curve:
    """Return the curve of an activation, or of an operation of the table with one operand.

    Raises ValueError for an unknown name, for a function of several numbers, or for a setting that is not finite;
    TypeError for a setting that the function does not have.
    """
    settings = {setting: position(number, f"the setting {setting}") for setting, number in (settings or {}).items()}
    if not isinstance(name, (str, Activation, Op)):
        raise TypeError(f'expected the name of an activation, such as "relu", or an Activation, got {got(name)}.')
    if isinstance(name, Op):
        name = name.name
    if isinstance(name, Activation) or name in ACTIVATIONS:
        activation = named_activation(name, **settings)
        function = activation.function
        if function is None:
            raise ValueError(
                f"expected a function of one number, got {activation.name}, which is a function of a whole layer."
            )
        if isinstance(name, Activation):  # it may have branches in Python, so no formula holds everywhere
            return Curve(name.name, function, None, {}, FAR, [], [])
    else:
        function = _operation(name, settings)
    op, others = _single_operation(function)
    domain = FAR if name in ACTIVATIONS or op is None else op.domain[0]
    formulas = _of_a_composition(function) if op is None else _of_a_row(op, [X, *map(Symbol, others)])
    return Curve(name, function, op, others, domain, *formulas)


def position(number: Any, asked: str) -> float:
    """Return the number of a Value or a plain number; ValueError if it is outside -1e9 to 1e9."""
    x = number_of(number, asked)
    if not abs(x) <= _FARTHEST:
        raise ValueError(f"expected a number from -1e9 to 1e9 for {asked}, got {format_number(x)}.")
    return x


def grid(low: float, high: float) -> list[float]:
    """Return the points at which an interval is drawn, with both ends.

    >>> grid(-1, 1)[::50]
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    return [low + (high - low) * (step / STEPS) for step in range(STEPS + 1)]


def _operation(name: str, settings: Mapping[str, float]) -> Callable[[Any], Any]:
    """Return an operation of the table as a function of its first operand."""
    alone = [op.name for op in (*TABLE, *OWN) if op.arity - len(op.defaults) <= 1]
    if name not in alone:
        known = near(name, dict.fromkeys([*ACTIVATIONS, *alone]))
        raise ValueError(f"expected an activation or an operation with one operand, got {name!r}. Try {known}.")
    op = row(name)
    others = op.operand_names[1:]
    for setting in settings:
        if setting not in others:
            raise TypeError(f"{name} has no setting {setting!r}; it has {', '.join(others) or 'none'}.")
    given = [settings.get(other, default) for other, default in zip(others, op.defaults, strict=True)]
    return lambda x: op(x, *given)


def _recorded(function: Callable[[Any], Any], x: float) -> Tape:
    """Return the tape of the function at x; it is empty if the function returns a plain number."""
    with enable_grad():
        y = function(Value(x, "x"))
    return Tape.of(y) if isinstance(y, Value) else Tape(())


def _single_operation(function: Callable[[Any], Any]) -> tuple[Op | None, dict[str, float]]:
    """Return the row of a function that is a single operation, and its other operands by name; else None."""
    lines = _recorded(function, 1.0).lines
    root = lines[-1]
    if root.op is None or any(lines[place].op for place in root.operands):
        return None, {}
    names = [lines[place].label or name for place, name in zip(root.operands, root.op.operand_names, strict=True)]
    numbers = [lines[place].data for place in root.operands]
    return root.op, dict(list(zip(names, numbers, strict=True))[1:])


def _of_a_row(op: Op, operands: Sequence[Symbol]) -> tuple[Cases, Cases]:
    """Return the formulas of a row, in symbols; the derivative may use the result, written f(x)."""
    is_formula = op.value is None or op.symbol or "#" in latex_notation(op)
    value = Operation(op, tuple(operands)) if is_formula or op.value is None else op.value(*operands)
    slope = op.partials[0](*operands, NamedFunction("f", X))
    return latex_cases(value), latex_cases(simplified(as_expression(slope)))


def _of_a_composition(function: Callable[[Any], Any]) -> tuple[Cases, Cases]:
    """Return the formulas of several operations, found by running them on symbols in forward mode."""
    dual = function(Dual(X, 1.0, next_level()))
    return latex_cases(as_expression(dual.value)), latex_cases(simplified(as_expression(dual.tangent)))


def _zeros(numbers: Callable[[float], list[float]], points: Sequence[float]) -> list[float]:
    """Return the points at which one of several numbers is 0 or changes its sign, in ascending order."""
    zeros: set[float] = set()
    rows = [numbers(x) for x in points]
    for place, (low, high) in enumerate(pairwise(rows)):
        if len(low) != len(high):
            continue  # the function took another branch in Python here
        for which, (before, after) in enumerate(zip(low, high, strict=True)):
            if before * after < 0:
                zeros.add(_zero(numbers, which, points[place], points[place + 1]))
            elif after == 0 != before:
                zeros.add(points[place + 1])
    return sorted(zeros)


def _zero(numbers: Callable[[float], list[float]], which: int, low: float, high: float) -> float:
    """Return a point between two at which one of the numbers changes its sign, by bisection, to the last bit.

    0 is tried first: most kinks are there, and bisection would go through all the small numbers around it.
    """
    if low < 0 < high and numbers(0.0)[which] == 0:
        return 0.0
    below = numbers(low)[which] < 0
    while low < (middle := low + (high - low) / 2) < high:
        at_middle = numbers(middle)[which]
        if at_middle == 0:
            return middle
        if (at_middle < 0) == below:
            low = middle
        else:
            high = middle
    return high
