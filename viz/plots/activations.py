"""`activation` and `activation_gallery`: plots of a function, its derivative, its kinks and an operating point."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.table.op import Op
from autograd.table.scalars import is_same
from nn import ACTIVATIONS, Activation
from viz.core.colours import INK
from viz.core.text import shown
from viz.plots.curves import FAR, Cases, Curve, Kink, curve, grid, position
from viz.plots.plotting import (
    DASHED,
    GREY,
    SMALL_TITLE,
    SOLID,
    Plot,
    beside,
    drawable,
    is_drawable,
    new_plot,
    note,
    rounded,
    short,
)
from viz.plots.softmax import draw_softmax, softmax_plot

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_MATHTEXT = {r"\le": r"\leq", r"\ge": r"\geq", r"\left|": "|", r"\right|": "|"}
"""Commands of LaTeX that matplotlib writes differently."""


def activation(
    name: str | Activation | Op,
    *,
    at: Any = None,
    x_range: tuple[float, float] | None = None,
    **settings: float,
) -> Plot:
    """Return the plot of an activation, or of any operation of the table with one operand, and of its derivative.

    Kinks are marked, with the slopes on both sides and the derivative that the engine takes there. `at` is an
    operating point: a number, or a Value that this operation computed. The plot marks it with its tangent, whose slope
    is the local derivative. `settings` are those of the activation, such as slope=0.1. For softmax, `at` is the list of
    its inputs (default: 1, 0, -1); the plot shows the outputs as the first input changes, and the Jacobian.

    Raises ValueError for an unknown name, an invalid range, or a point that is not finite; TypeError for an unknown
    setting or a point that is not a number; LayoutError if matplotlib is not installed.

    >>> from autograd import Value
    >>> activation("leaky_relu", slope=0.1)
    <Plot 'leaky_relu': save("plot.svg") writes it>
    >>> node = Value(-0.5).relu()
    >>> activation("relu", at=node)
    <Plot 'relu': at -0.5 it is 0, with the slope 0; save("plot.svg") writes it>
    """
    if _is_softmax(name):
        if settings or x_range is not None:
            raise TypeError("softmax has no settings and no x_range; give its inputs: at=[1, 0, -1].")
        return softmax_plot(at)
    drawn = curve(name, settings)
    point = None
    if isinstance(at, Value):
        drawn, point = _of_a_node(drawn, at)
    elif at is not None:
        point = position(at, "the operating point")
    low, high = _range(drawn, x_range, point)
    kinks = drawn.kinks(low, high)
    notes = [*_kink_notes(drawn, kinks), *_point_notes(drawn, point)]
    with new_plot(drawn.name) as plot:
        plot.figure.suptitle(_title(drawn), fontsize=20, x=0.02, ha="left", linespacing=1.5)
        axes = beside(plot, notes)
        _draw_curve(axes, drawn, (low, high), kinks)
        if point is not None and is_drawable(drawn.value(point)):
            _mark_point(axes, drawn, point)
            value, slope = rounded(drawn.value(point)), rounded(drawn.slope(point))
            plot.about = f"at {rounded(point)} it is {value}, with the slope {slope}"
        axes.set_xlabel("$x$")
        axes.legend(*_explained([axes]), loc="best")
    return plot


def activation_gallery() -> Plot:
    """Return one plot of all activations of `nn.ACTIVATIONS`, each with its derivative and formulas.

    >>> activation_gallery()
    <Plot 'activations and their derivatives': linear, ..., softsign; save("plot.svg") writes it>
    """
    names = list(ACTIVATIONS)
    columns = math.ceil(math.sqrt(len(names)))
    with new_plot("activations and their derivatives") as plot:
        plot.about = f"{names[0]}, ..., {names[-1]}"
        grid_of_axes = plot.figure.subplots(math.ceil(len(names) / columns), columns, squeeze=False)
        cells = [axes for row in grid_of_axes for axes in row]
        for axes in cells[len(names) :]:
            axes.remove()
        for axes, name in zip(cells, names, strict=False):
            if name == "softmax":
                draw_softmax(axes)
            else:
                drawn = curve(name)
                _draw_curve(axes, drawn, FAR, drawn.kinks(*FAR))
                axes.set_title(_title(drawn), fontsize=SMALL_TITLE, loc="left")
            axes.tick_params(labelsize=10)
        plot.figure.legend(*_explained(cells), loc="outside lower center", ncols=5, fontsize=13)
    return plot


def _explained(cells: Sequence["Axes"]) -> tuple[list["Artist"], list[str]]:
    """Return the marks of several axes with their labels, each label once."""
    marks = {label: mark for axes in cells for mark, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    return list(marks.values()), list(marks)


def _is_softmax(name: str | Activation | Op) -> bool:
    return name == "softmax" or (isinstance(name, Activation) and name.function is None)


def _of_a_node(drawn: Curve, node: Value) -> tuple[Curve, float]:
    """Return the curve with the settings of the operation that computed a node, and the number of its operand."""
    if drawn.op is None:
        raise ValueError(
            f"expected a number for the operating point of {drawn.name}, which is several operations, got Value. "
            "Give the operand's number: at=float(...)."
        )
    if node.op != drawn.op.name:
        origin = f"which was computed by {node.op}" if node.op else f"a {node.kind} Value"
        raise ValueError(
            f"expected a number, or a Value that {drawn.name} computed, for the operating point, "
            f"got {node.name}, {origin}. "
            "Give the operand's number: at=float(...)."
        )
    numbers = [operand.data for operand in node.operands]
    if not is_same(drawn.op(*numbers), node.data):
        raise ValueError(
            f"an operand of {node.name} was changed after {node.name} was computed. Compute {node.name} again."
        )
    settings = dict(zip(drawn.op.operand_names[1:], numbers[1:], strict=True))
    return replace(curve(drawn.op, settings), name=drawn.name), position(numbers[0], f"the operand of {node.name}")


def _range(drawn: Curve, x_range: tuple[float, float] | None, point: float | None) -> tuple[float, float]:
    """Return the range to draw: the one given, or the curve's domain; made wider if the point needs it."""
    if x_range is not None:
        if not isinstance(x_range, (tuple, list)) or len(x_range) != 2:
            raise ValueError(f"expected a pair of numbers such as (-3, 3) for x_range, got {x_range!r}.")
        low, high = (position(end, "an end of x_range") for end in x_range)
        if not low < high:
            raise ValueError(f"expected x_range to begin below its end, got {shown(low)} and {shown(high)}.")
    else:
        low, high = drawn.domain
    if point is not None and is_drawable(drawn.value(point)) and not low <= point <= high:
        margin = 0.15 * (max(high, point) - min(low, point))
        low, high = (point - margin, high) if point < low else (low, point + margin)
    return low, high


def _draw_curve(axes: "Axes", drawn: Curve, x_range: tuple[float, float], kinks: Sequence[Kink]) -> None:
    """Draw the function, its derivative and its kinks."""
    xs = grid(*x_range)
    ys = drawable([drawn.value(x) for x in xs])
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.grid(True)
    axes.plot(xs, ys, label="$f(x)$", **SOLID)
    with_values = [x for x, y in zip(xs, ys, strict=True) if not math.isnan(y)]
    axes.plot(*_broken_at_kinks(drawn, with_values, kinks), label="$f\\,'(x)$", **DASHED)
    axes.set_xlim(*x_range)
    axes.margins(y=0.1)
    for kink in kinks:
        if kink.left != kink.right:
            _mark_kink(axes, drawn, kink)


def _broken_at_kinks(drawn: Curve, xs: Sequence[float], kinks: Sequence[Kink]) -> tuple[list[float], list[float]]:
    """Return the points of the derivative with a gap at each kink, so that no line joins the two slopes."""
    points = [(x, drawn.slope(x)) for x in xs if all(x != kink.x for kink in kinks)]
    for kink in kinks:
        points += [(kink.x, kink.left), (kink.x, math.nan), (kink.x, kink.right)]
    points.sort(key=lambda pair: pair[0])  # stable: the three points of a kink stay in order
    return [x for x, _ in points], drawable([slope for _, slope in points])


def _mark_kink(axes: "Axes", drawn: Curve, kink: Kink) -> None:
    """Mark a kink with a diamond, slopes that are not taken with rings, and the derivative taken with a disc."""
    sides = [slope for slope in (kink.left, kink.right) if slope != kink.taken]
    hollow: dict[str, Any] = {"linestyle": "", "markerfacecolor": "white", "markeredgewidth": 2.0, "zorder": 4}
    axes.plot([kink.x], [drawn.value(kink.x)], marker="D", markersize=12, markeredgecolor=INK, label="kink", **hollow)
    ring: dict[str, Any] = {"marker": "o", "markersize": 9, "markeredgecolor": DASHED["color"], **hollow}
    axes.plot([kink.x] * len(sides), sides, label="slope not taken", **ring)
    axes.plot([kink.x], [kink.taken], "o", color=DASHED["color"], markersize=8, zorder=5, label="derivative taken")


def _mark_point(axes: "Axes", drawn: Curve, x: float) -> None:
    """Mark the operating point, its derivative, and the tangent between them."""
    value, slope = drawn.value(x), drawn.slope(x)
    axes.axvline(x, color=GREY, linewidth=1.2, linestyle=":")
    if is_drawable(slope):
        low, high = axes.get_ylim()
        left, right = axes.get_xlim()
        reach = 0.22 * min(right - left, (high - low) / abs(slope) if slope else math.inf)
        ends = [x - reach, x + reach]
        line = [value + slope * (end - x) for end in ends]
        axes.plot(ends, line, color=INK, linewidth=2.5, linestyle="-.", label="tangent", zorder=5)
        axes.plot([x], [slope], "s", color=DASHED["color"], markeredgecolor=INK, markersize=14, zorder=6)
    axes.plot([x], [value], "o", color=SOLID["color"], markeredgecolor=INK, markersize=9, zorder=7)


def _title(drawn: Curve) -> str:
    given = ", ".join(f"{name} = {shown(number)}" for name, number in drawn.settings.items())
    heading = short(drawn.name).replace("$", r"\$") + (f"   ({given})" if given else "")
    formulas = [_equation_lines("f(x)", drawn.formula), _equation_lines(r"f\,'(x)", drawn.slope_formula)]
    return "\n".join(filter(None, [heading, *formulas]))


def _equation_lines(left: str, cases: Cases) -> str:
    """Return an equation on one line; several cases follow each other, each with its condition."""
    parts = [f"${_mathtext(case)}$" + _condition(condition) for case, condition in cases]
    return f"${left} = $" + ",   ".join(parts) if parts else ""


def _condition(condition: str) -> str:
    if not condition or condition.startswith(r"\text"):  # such as "otherwise"
        return condition and f"  ${condition}$"
    return f"  for ${_mathtext(condition)}$"


def _mathtext(formula: str) -> str:
    return re.sub(r"\\[a-z]+\|?", lambda command: _MATHTEXT.get(command[0], command[0]), formula)


def _kink_notes(drawn: Curve, kinks: Sequence[Kink]) -> list[str]:
    notes = []
    for kink in kinks:
        if kink.left == kink.right:
            same = f"the pieces meet with the same slope, {shown(kink.left)}, so there is no kink."
            notes += note(f"At x = {shown(kink.x)}:", same)
            continue
        sides = f"slope {shown(kink.left)} on the left, {shown(kink.right)} on the right; {shown(kink.taken)} is taken."
        notes += note(f"Kink at x = {shown(kink.x)}:", sides)
    if any(kink.left != kink.right for kink in kinks):
        for convention in drawn.conventions():
            notes += note("The convention:", f"{convention}.")
    return notes


def _point_notes(drawn: Curve, point: float | None) -> list[str]:
    if point is None:
        return []
    value, slope = drawn.value(point), drawn.slope(point)
    heading = f"Operating point x = {shown(point)}:"
    if not is_drawable(value):
        return note(heading, f"f(x) = {shown(value)} cannot be drawn.")
    return note(heading, f"f(x) = {shown(value)}", f"f'(x) = {shown(slope)}, the local derivative")
