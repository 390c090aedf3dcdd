"""`Curve`: a function of one number, read for a plot: its values, its derivatives, its kinks and its formulas.

All of them come from the engine: values and derivatives from running the function, kinks and formulas from the rows of
the table that it is recorded as.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, NamedTuple

from autograd import Tape, Value, derivative, enable_grad, no_grad
from autograd.derivatives.dual import Dual, next_level
from autograd.symbols.expression import NamedFunction, Operation, Symbol, as_expression
from autograd.symbols.latex import latex_cases, latex_notation
from autograd.symbols.simplification import simplified
from autograd.table.op import TABLE, Op, row
from autograd.table.scalars import format_number
from nn import ACTIVATIONS, Activation
from nn import activation as named_activation
from viz.plots.plotting import number_of

STEPS = 200
FAR = (-5.0, 5.0)
"""Where activations are drawn; other operations are drawn where the table says that they are smooth."""
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

    `op` is the row of the table where the function is one operation; `settings` are the other operands of it, by name.
    `domain` is where it is drawn. The formulas of the function and of its derivative are in LaTeX, as `latex_cases`
    gives them; empty where they are not known.
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
        """Return the kinks in an interval: where the formula of a row says that the derivative may jump.

        >>> curve("leaky_relu", {"slope": 0.5}).kinks(-1, 1)
        [Kink(x=0.0, left=0.5, right=1.0, taken=0.5)]
        """
        zeros = _zeros(self._kink_numbers, grid(low, high))
        return [
            Kink(x, self.slope(math.nextafter(x, -math.inf)), self.slope(math.nextafter(x, math.inf)), self.slope(x))
            for x in zeros
        ]

    def conventions(self) -> list[str]:
        """Return what the rows of the table say about their kinks.

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

    Raises ValueError for a name that is neither, for what is no function of one number, or for a setting that is not
    finite; TypeError for a setting that it does not have.
    """
    settings = {setting: position(number, f"the setting {setting}") for setting, number in (settings or {}).items()}
    if not isinstance(name, (str, Activation, Op)):
        came = f"a {type(name).__name__} came"
        raise TypeError(f'an activation is given by its name, such as "relu", or as an Activation, but {came}.')
    if isinstance(name, Op):
        name = name.name
    if isinstance(name, Activation) or name in ACTIVATIONS:
        activation = named_activation(name, **settings)
        function = activation.function
        if function is None:
            raise ValueError(f"{activation.name} is a function of a whole layer; a curve needs one of one number.")
        if isinstance(name, Activation):  # it may branch in Python, so that no formula holds everywhere
            return Curve(name.name, function, None, {}, FAR, [], [])
    else:
        function = _operation(name, settings)
    op, others = _single_operation(function)
    domain = FAR if name in ACTIVATIONS or op is None else op.domain[0]
    formulas = _of_a_composition(function) if op is None else _of_a_row(op, [X, *map(Symbol, others)])
    return Curve(name, function, op, others, domain, *formulas)


def position(number: Any, asked: str) -> float:
    """Return a number, or a Value's, that can be drawn; ValueError where it is not from -1e9 to 1e9."""
    x = number_of(number, asked)
    if not abs(x) <= _FARTHEST:
        raise ValueError(f"{asked} must be a number from -1e9 to 1e9 to be drawn, but {format_number(x)} came.")
    return x


def grid(low: float, high: float) -> list[float]:
    """Return the numbers at which an interval is drawn, both ends among them.

    >>> grid(-1, 1)[::50]
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    return [low + (high - low) * (step / STEPS) for step in range(STEPS + 1)]


def _operation(name: str, settings: Mapping[str, float]) -> Callable[[Any], Any]:
    """Return an operation of the table as a function of its first operand."""
    alone = [op.name for op in TABLE if op.arity - len(op.defaults) <= 1]
    if name not in alone:
        known = list(dict.fromkeys([*ACTIVATIONS, *alone]))
        near = get_close_matches(str(name), known) or known
        raise ValueError(f"{name!r} is no activation, nor an operation of one operand; try {', '.join(near)}.")
    op = row(name)
    others = op.operand_names[1:]
    for setting in settings:
        if setting not in others:
            raise TypeError(f"{name} has no setting {setting!r}; it has {', '.join(others) or 'none'}.")
    given = [settings.get(other, default) for other, default in zip(others, op.defaults, strict=True)]
    return lambda x: op(x, *given)


def _recorded(function: Callable[[Any], Any], x: float) -> Tape:
    """Return the tape of the function at x, which is empty where it returns a plain number."""
    with enable_grad():
        y = function(Value(x, "x"))
    return Tape.of(y) if isinstance(y, Value) else Tape(())


def _single_operation(function: Callable[[Any], Any]) -> tuple[Op | None, dict[str, float]]:
    """Return the row of a function that is one operation, and its other operands by name; else None."""
    lines = _recorded(function, 1.0).lines
    root = lines[-1]
    if root.op is None or any(lines[place].op for place in root.operands):
        return None, {}
    names = [lines[place].label or name for place, name in zip(root.operands, root.op.operand_names, strict=True)]
    numbers = [lines[place].data for place in root.operands]
    return root.op, dict(list(zip(names, numbers, strict=True))[1:])


def _of_a_row(op: Op, operands: Sequence[Symbol]) -> tuple[Cases, Cases]:
    """Return the formulas that stand in a row, on symbols; the derivative may speak of the result as f(x)."""
    is_formula = op.value is None or op.symbol or "#" in latex_notation(op)
    value = Operation(op, tuple(operands)) if is_formula or op.value is None else op.value(*operands)
    slope = op.partials[0](*operands, NamedFunction("f", X))
    return latex_cases(value), latex_cases(simplified(as_expression(slope)))


def _of_a_composition(function: Callable[[Any], Any]) -> tuple[Cases, Cases]:
    """Return the formulas of several operations, by running them on symbols, forwards."""
    dual = function(Dual(X, 1.0, next_level()))
    return latex_cases(as_expression(dual.value)), latex_cases(simplified(as_expression(dual.tangent)))


def _zeros(numbers: Callable[[float], list[float]], points: Sequence[float]) -> list[float]:
    """Return where one of several numbers is 0 or changes its sign, in ascending order."""
    zeros: set[float] = set()
    rows = [numbers(x) for x in points]
    for place, (low, high) in enumerate(pairwise(rows)):
        if len(low) != len(high):
            continue  # the function branches in Python, and is another one here
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
