"""`plot_loss` and `plot_contour`: the loss over the iterations, and the loss over two parameters."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd import Value
from autograd.table.scalars import counted
from viz.core.colours import INK, VERMILLION
from viz.core.text import shown
from viz.plots.grids import Grid, limits, spread, surface
from viz.plots.plotting import (
    DASHED,
    DOTTED,
    SOLID,
    Plot,
    drawable,
    is_drawable,
    label_axes,
    label_lines,
    new_plot,
    number_of,
    rounded,
    say,
    short,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKED = 40
_LEVELS = 12


def plot_loss(
    losses: Sequence[Any],
    *,
    second: Sequence[Any] | None = None,
    second_name: str = "accuracy",
    test: Sequence[Any] | None = None,
    log: bool = False,
) -> Plot:
    """Return the plot of the loss at each iteration, counted from 1; with `log` on a logarithmic axis.

    `losses` are numbers or Values. A `second` series of the same length, such as the accuracy, has its own axis on the
    right, named `second_name`. `test` are the losses of rows that are held out, on the axis of the losses. Some numbers
    cannot be drawn: those that are not finite or beyond 1e200, and on a logarithmic axis those that are not positive.
    They break their line, and a sentence below the plot counts them; those of `losses` get a cross at the lower edge.

    Raises ValueError for no losses or another series of another length; TypeError for anything but numbers.

    >>> plot_loss([8, 4, 2, 1], second=[0.5, 0.5, 0.75, 1])
    <Plot 'loss over 4 iterations': from 8 to 1, accuracy from 0.5 to 1; save("plot.svg") writes it>
    """
    numbers = _series(losses, "the losses")
    others = None if second is None else _series(second, f"the series {second_name}")
    tested = None if test is None else _series(test, "the held-out losses")
    for what, series in (("second", others), ("held-out", tested)):
        if series is not None and len(series) != len(numbers):
            wanted = f"expected {len(numbers)} numbers in the {what} series, one for each loss"
            raise ValueError(f"{wanted}, got {len(series)}.")
    iterations = range(1, len(numbers) + 1)
    with new_plot(f"loss over {counted(len(numbers), 'iteration')}") as plot:
        axes = plot.figure.subplots()
        axes.set_title(plot.title, loc="left")
        label_axes(axes, "iteration", "loss")
        marks: dict[str, Any] = {}
        dots = "o" if len(numbers) <= _MARKED else ""
        [marks["loss"]] = axes.plot(iterations, _shown_on(numbers, log), marker=dots, **SOLID)
        if tested is not None:
            [marks["held-out loss"]] = axes.plot(
                iterations, _shown_on(tested, log), marker="^" if dots else "", **DOTTED
            )
        shown_losses = _shown_on([*numbers, *(tested or [])], log)
        _scale(axes, [number for number in shown_losses if not math.isnan(number)], log)
        axes.locator_params(axis="x", integer=True)
        if others is not None:
            right = axes.twinx()
            right.spines["right"].set_visible(True)
            right.set_ylabel(short(second_name), parse_math=False)
            [marks[second_name]] = right.plot(iterations, drawable(others), marker="s" if dots else "", **DASHED)
        _mark_breaks(axes, numbers, log)
        if len(marks) > 1:
            label_lines(axes, marks)
        sentences = [*_breaks("the loss", numbers, log), *_breaks("the held-out loss", tested or [], log)]
        say(axes, [*sentences, *_breaks(second_name, others or [], log=False)])
        lines = {"": numbers, "held-out loss ": tested, f"{short(second_name)} ": others}
        plot.about = ", ".join(
            f"{name}from {rounded(row[0])} to {rounded(row[-1])}" for name, row in lines.items() if row
        )
    return plot


def plot_contour(
    loss_function: Callable[[], Any],
    parameters: tuple[Value, Value],
    path: Sequence[tuple[Any, Any]] = (),
    *,
    around: float = 2.0,
    resolution: int = 60,
) -> Plot:
    """Return the contours of a loss over two parameters, and the path of a training over them.

    `loss_function` has no arguments and computes the loss again. It is called at resolution x resolution points (by a
    replay if possible). `path` is a sequence of pairs: the numbers of the two parameters. The plot covers the path; or,
    without one, `around` on each side of the present numbers. Afterwards the parameters have their old numbers, also if
    the loss function raises, and no gradient changes. Each band between two levels holds equally many points.

    Raises TypeError if the parameters are not two leaves; ValueError for a resolution outside 2 to 400, a path that is
    not finite, a range that is too narrow to draw, or a loss that is nowhere finite.

    >>> from autograd import parameter
    >>> a, b = parameter(3, "a"), parameter(-2, "b")
    >>> plot_contour(lambda: a * a + 4 * b * b, (a, b), path=[(3, -2), (1.8, -0.4), (1.1, 0.0)])
    <Plot 'loss over a and b': from 0.3909 to 37.08; save("plot.svg") writes it>
    """
    if not callable(loss_function):
        raise TypeError(f"expected a function without arguments for the loss, got {type(loss_function).__name__}.")
    first, second = _two_leaves(parameters)
    walked = [(_step(a, number), _step(b, number)) for number, (a, b) in enumerate(_pairs(path), start=1)]
    xs, ys = (
        spread(*limits([pair[place] for pair in walked], leaf.data, around), resolution)
        for place, leaf in enumerate((first, second))
    )
    losses = surface(loss_function, (first, second), xs, ys)
    names = [short(leaf.label or f"parameter {place}") for place, leaf in enumerate((first, second), start=1)]
    with new_plot(f"loss over {names[0]} and {names[1]}") as plot:
        axes = plot.figure.subplots()
        label_axes(axes, *names)
        axes.set_title(plot.title, loc="left", parse_math=False)
        sentences = _draw_levels(axes, xs, ys, losses)
        if walked:
            _draw_path(axes, walked)
        axes.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
        say(axes, sentences)
        numbers = [number for row in losses for number in row if is_drawable(number)]
        plot.about = f"from {rounded(min(numbers))} to {rounded(max(numbers))}" if numbers else "no finite loss"
    return plot


def _series(numbers: Sequence[Any], what: str) -> list[float]:
    if isinstance(numbers, (str, Value)) or not hasattr(numbers, "__len__"):
        hint = " Give its .losses." if hasattr(numbers, "losses") else ""
        raise TypeError(f"expected a sequence of numbers for {what}, got {type(numbers).__name__}.{hint}")
    if len(numbers) == 0:
        raise ValueError(f"expected at least one number for {what}, got an empty sequence.")
    return [number_of(number, f"number {place} of {what}") for place, number in enumerate(numbers, start=1)]


def _shown_on(numbers: Sequence[float], log: bool) -> list[float]:
    """Return the numbers; those that the axis cannot show become nan."""
    return [number if number > 0 or not log else math.nan for number in drawable(numbers)]


def _scale(axes: "Axes", numbers: Sequence[float], log: bool) -> None:
    """Set the scale of the losses; a logarithmic one below two decades also has labels at 2 and 5."""
    if not numbers:
        axes.set_yticks([])
    elif log:
        axes.set_yscale("log")
        between = "25" if max(numbers) / min(numbers) < 100 else ""
        axes.yaxis.set_major_formatter(lambda loss, _: rounded(loss))
        axes.yaxis.set_minor_formatter(lambda loss, _: rounded(loss) if f"{loss:.0e}"[0] in between else "")


def _mark_breaks(axes: "Axes", numbers: Sequence[float], log: bool) -> None:
    """Mark the iterations without a point with crosses at the lower edge."""
    missing = _missing(numbers, log)
    if missing:
        edge = axes.get_xaxis_transform()
        axes.plot(missing, [0.02] * len(missing), "x", color=INK, markersize=11, markeredgewidth=2.5, transform=edge)
        axes.set_xlim(0.5, len(numbers) + 0.5)


def _missing(numbers: Sequence[float], log: bool) -> list[int]:
    """Return the iterations without a point."""
    return [place for place, number in enumerate(_shown_on(numbers, log), start=1) if math.isnan(number)]


def _breaks(name: str, numbers: Sequence[float], log: bool) -> list[str]:
    """Return a sentence about the iterations without a point."""
    missing = _missing(numbers, log)
    if not missing:
        return []
    where = " on a logarithmic axis" if log else ""
    first = f"the first is {shown(numbers[missing[0] - 1])} at iteration {missing[0]}"
    return [f"{short(name)} cannot be drawn{where} at {len(missing)} of {len(numbers)} iterations: {first}"]


def _two_leaves(parameters: Any) -> tuple[Value, Value]:
    pair = tuple(parameters) if isinstance(parameters, (tuple, list)) else ()
    if len(pair) != 2 or pair[0] is pair[1] or not all(isinstance(leaf, Value) for leaf in pair):
        raise TypeError(f"expected two different Values, such as (w, b), for the parameters, got {parameters!r:.80}.")
    for leaf in pair:
        if leaf.op is not None:
            raise TypeError(f"expected leaves for the parameters, got {leaf.name}, which was computed by {leaf.op}.")
    return pair[0], pair[1]


def _pairs(path: Any) -> list[Any]:
    pairs = list(path)
    for pair in pairs:
        if not hasattr(pair, "__len__") or len(pair) != 2:
            raise ValueError(f"expected pairs such as (0.5, 1.5) in the path, got {pair!r:.60}.")
    return pairs


def _step(number: Any, place: int) -> float:
    x = number_of(number, f"point {place} of the path")
    if not math.isfinite(x):
        raise ValueError(
            f"expected a finite number for point {place} of the path, got {shown(x)}. End the path before it."
        )
    return x


def _draw_levels(axes: "Axes", xs: Sequence[float], ys: Sequence[float], losses: Grid) -> list[str]:
    """Draw the levels of the loss, and return sentences about them."""
    finite = sorted(loss for row in losses for loss in row if is_drawable(loss))
    points = len(xs) * len(ys)
    missing = points - len(finite)
    if not finite:
        raise ValueError("expected a finite loss at some point of the grid, got none. Is the range right?")
    where = f"{missing} of {points} points"
    sentences = [f"white: the loss is not finite there, or beyond 1e200 ({where})"] if missing else []
    steps = [finite[round(step * (len(finite) - 1) / _LEVELS)] for step in range(_LEVELS + 1)]
    levels = sorted(set(steps))
    if len(levels) < 2:
        return [*sentences, f"the loss is the same everywhere: {shown(finite[0])}"]
    shown_losses = [drawable(row) for row in losses]
    filled = axes.contourf(xs, ys, shown_losses, levels=levels, cmap="cividis_r")
    lines = axes.contour(xs, ys, shown_losses, levels=levels, colors=INK, linewidths=0.8)
    for text in axes.clabel(lines, levels[1:-1:2], fmt=rounded, fontsize=12):
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1})
    axes.figure.colorbar(filled, ax=axes, label="loss", format=lambda level, _: rounded(level))
    return sentences


def _draw_path(axes: "Axes", path: Sequence[tuple[float, float]]) -> None:
    xs, ys = zip(*path, strict=True)
    axes.plot(xs, ys, color="white", linewidth=5.5)
    dots = "." if len(path) <= _MARKED else ""
    axes.plot(xs, ys, color=VERMILLION, linewidth=2.5, marker=dots, markersize=10)
    ends: dict[str, Any] = {"markeredgecolor": "black", "markerfacecolor": "white", "linestyle": "", "zorder": 5}
    axes.plot(xs[:1], ys[:1], marker="s", markersize=14, label="start", **ends)
    axes.plot(xs[-1:], ys[-1:], marker="*", markersize=20, label="end", **ends)
    axes.legend(loc="best")
