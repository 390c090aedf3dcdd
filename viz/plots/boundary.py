"""`plot_decision_boundary`: labelled points in the plane, and the class that a model gives to every other point."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.passes.names import listed
from autograd.table.scalars import as_finite
from autograd.table.visible import visible
from nn import Dataset
from nn.training.objective import Objective
from viz.core.colours import COLOURS, INK
from viz.core.text import shown
from viz.plots.grids import Grid, Outputs, limits, outputs_at, spread
from viz.plots.plotting import Plot, drawable, label_axes, legend, new_plot, number_of, say, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = "osD^vP"
_HATCHES = ("", "//", "..", "\\\\", "xx", "oo")
MOST_CLASSES = len(_MARKERS)
"""The largest number of classes in a plot."""


class _Levels(NamedTuple):
    """The threshold of a model with one output, and the distance of the dashed lines from it (0: no such lines)."""

    threshold: float
    margin: float


def plot_decision_boundary(
    model: Callable[[list[Any]], Any],
    points: Sequence[Sequence[Any]] | Dataset,
    labels: Sequence[Any] | None = None,
    *,
    threshold: float | None = None,
    margin: float | None = None,
    resolution: int = 100,
    loss: str | None = None,
) -> Plot:
    """Return the plot of labelled points in the plane, and of the class that a model gives to every other point.

    `model` takes a list of two numbers. It returns one number, or a score for each of 2 to 6 classes. One number means
    the larger of two labels if it is above the `threshold`. With scores, labels are the classes, counted from 0; the
    largest score wins. The default threshold is the middle of the two labels: 0 for -1 and 1, 0.5 for 0 and 1. For
    logits give `threshold=0`. With a Dataset, points, labels and threshold are those that `fit` uses with the same
    `loss`, and the plot has the names of its features and classes. Dashed lines are drawn a `margin` away on both sides
    of the boundary; the default is 1 for the labels -1 and 1, and no lines for others. The model is evaluated at
    resolution x resolution points, by a replay if possible.

    Raises ValueError for no points, points that are not two finite numbers, labels that do not fit, a data set without
    classes, or a resolution outside 2 to 400; TypeError for labels or coordinates that are not numbers.

    >>> from nn import MLP
    >>> points, labels = [(0, 0), (0, 1), (1, 0), (1, 1)], [-1, 1, 1, -1]
    >>> plot_decision_boundary(MLP(2, [4, 1], "tanh"), points, labels)
    <Plot 'decision boundary: 1 of 4 points are classified as labelled': save("plot.svg") writes it>
    """
    if not callable(model):
        raise TypeError(f"expected a function of a list of two numbers for the model, got {type(model).__name__}.")
    dataset = points if isinstance(points, Dataset) else None
    if isinstance(points, Dataset):
        points, labels, threshold = _of_dataset(model, points, labels, threshold, loss)
    elif labels is None or loss is not None:
        raise ValueError("expected points with labels and without a loss, or a Dataset without labels.")
    places = [_coordinates(point, number) for number, point in enumerate(points)]
    given = [_finite(label, f"label {number}") for number, label in enumerate(labels)]
    if not places or len(given) != len(places):
        raise ValueError(f"expected one label for each point, got {len(places)} points and {len(given)} labels.")
    xs, ys = (spread(*limits(column, column[0], 1.0), resolution) for column in zip(*places, strict=True))
    outputs = outputs_at(model, [*places, *((x, y) for y in ys for x in xs)])
    classes = _two_classes(given) if len(outputs[0]) == 1 else _counted_classes(given, len(outputs[0]))
    levels = _levels(classes, threshold, margin) if len(outputs[0]) == 1 else None
    leads = _leads(outputs, levels)
    right = sum(leads[classes.index(label)][number] > 0 for number, label in enumerate(given))
    with new_plot(f"decision boundary: {right} of {len(places)} points are classified as labelled") as plot:
        axes = plot.figure.subplots()
        axes.set_title(plot.title, loc="left")
        label_axes(axes, *(map(visible, dataset.feature_names) if dataset else ("first input", "second input")))
        names = [f"label {shown(label)}" for label in classes]
        for number, name in enumerate(dataset.class_names[: len(names)] if dataset else ()):
            names[number] = f"{short(name)} ({names[number]})"
        grids = [_grid_rows(lead[len(places) :], len(xs)) for lead in leads]
        say(axes, _draw_regions(axes, xs, ys, grids, names))
        marks = _draw_points(axes, places, given, dict(zip(names, classes, strict=True))) | _draw_lines(
            axes, xs, ys, grids, levels
        )
        axes.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
        legend(axes, marks, loc="upper left", bbox_to_anchor=(1.01, 1), handleheight=1.6)
    return plot


def _of_dataset(
    model: Any, dataset: Dataset, labels: Sequence[Any] | None, threshold: float | None, loss: str | None
) -> tuple[Sequence[Sequence[Any]], Sequence[Any], float | None]:
    """Return the points, labels and threshold that `fit` uses."""
    if labels is not None:
        raise ValueError("a Dataset has its own labels. To use other labels, give its inputs as points.")
    if not dataset.class_names:
        raise ValueError(f"expected a Dataset with classes, got one whose targets are numbers: {dataset.name}.")
    objective = Objective(model, dataset, loss)
    if not isinstance(objective.target(0), float):  # a score for each class
        return dataset.inputs, dataset.targets, threshold
    chosen = objective.threshold if threshold is None else threshold
    return dataset.inputs, [objective.target(label) for label in dataset.targets], chosen


def _coordinates(point: Any, number: int) -> tuple[float, float]:
    if isinstance(point, str) or not hasattr(point, "__len__") or len(point) != 2:
        raise ValueError(f"expected two numbers for point {number}, got {point!r:.60}.")
    x, y = (_finite(coordinate, f"a number of point {number}") for coordinate in point)
    return x, y


def _finite(number: Any, what: str) -> float:
    return as_finite(number_of(number, what), what)


def _two_classes(labels: Sequence[float]) -> list[float]:
    """Return the two labels of a model with one output; the data may have only one of them."""
    seen = set(labels)
    for pair in ([-1.0, 1.0], [0.0, 1.0]):
        if seen <= set(pair):
            return pair
    if len(seen) != 2:
        kinds = listed([shown(label) for label in sorted(seen)])
        raise ValueError(f"expected two labels, such as -1 and 1, for a model with one output, got {kinds}.")
    return sorted(seen)


def _counted_classes(labels: Sequence[float], count: int) -> list[float]:
    """Return the classes of a model that gives a score for each."""
    if count > MOST_CLASSES:
        raise ValueError(f"expected a model with 1 to {MOST_CLASSES} outputs, got {count} outputs.")
    classes = [float(number) for number in range(count)]
    for number, label in enumerate(labels):
        if label not in classes:
            raise ValueError(
                f"expected labels from 0 to {count - 1}, since the model has {count} outputs, "
                f"got {shown(label)} for label {number}."
            )
    return classes


def _levels(classes: Sequence[float], threshold: float | None, margin: float | None) -> _Levels:
    middle = sum(classes) / 2 if threshold is None else _finite(threshold, "the threshold")
    usual = 1.0 if classes == [-1.0, 1.0] else 0.0
    return _Levels(middle, usual if margin is None else abs(_finite(margin, "the margin")))


def _leads(outputs: Outputs, levels: _Levels | None) -> list[list[float]]:
    """Return for each class its lead at each point; it is above 0 where the model chooses the class."""
    if levels is not None:
        above = [output - levels.threshold for [output] in outputs]
        return [[-lead for lead in above], above]
    count = len(outputs[0])
    return [[row[k] - max(row[:k] + row[k + 1 :]) for row in outputs] for k in range(count)]


def _grid_rows(numbers: Sequence[float], width: int) -> Grid:
    return [drawable(numbers[start : start + width]) for start in range(0, len(numbers), width)]


def _draw_regions(
    axes: "Axes", xs: Sequence[float], ys: Sequence[float], grids: Sequence[Grid], names: Sequence[str]
) -> list[str]:
    """Fill the region of each class with its own hatch, and return sentences about it."""
    missing = 0
    sentences = []
    for number, grid in enumerate(grids):
        numbers = [lead for row in grid for lead in row if not math.isnan(lead)]
        missing = len(xs) * len(ys) - len(numbers)
        if not numbers or max(numbers) <= 0:
            continue
        look = _region(number)
        fill = {"colors": [look["color"]], "alpha": look["alpha"], "hatches": [look["hatch"]]}
        axes.contourf(xs, ys, grid, levels=[0.0, max(numbers) * 1.01], **fill)
        if min(numbers) > 0 and not missing:
            sentences.append(f"the model gives {names[number]} everywhere here")
    if missing:
        where = f"{missing} of {len(xs) * len(ys)} points"
        sentences.append(f"white: the output is not finite there, or beyond 1e200 ({where})")
    return sentences


def _region(number: int) -> dict[str, Any]:
    """Return how the region of a class is filled."""
    return {"color": COLOURS[number], "alpha": 0.22, "hatch": _HATCHES[number]}


def _draw_points(
    axes: "Axes", places: Sequence[tuple[float, float]], labels: Sequence[float], classes: Mapping[str, float]
) -> dict[str, Any]:
    """Draw the points of each class, given by its name, with its own mark; return the entries of the legend."""
    marks: dict[str, Any] = {}
    for number, (name, label) in enumerate(classes.items()):
        chosen = [place for place, its in zip(places, labels, strict=True) if its == label]
        look: dict[str, Any] = {"marker": _MARKERS[number], "color": COLOURS[number], "markersize": 9}
        columns = [x for x, _ in chosen], [y for _, y in chosen]
        [dots] = axes.plot(*columns, linestyle="", markeredgecolor="black", **look)
        marks[name] = (axes.fill([], [], **_region(number))[0], dots)
    return marks


def _draw_lines(
    axes: "Axes", xs: Sequence[float], ys: Sequence[float], grids: Sequence[Grid], levels: _Levels | None
) -> dict[str, Any]:
    """Draw the boundaries and the lines of the margin, and return the entries of the legend."""
    if levels is None:
        drawn = [_draw_level(axes, xs, ys, grid, 0.0, "-") for grid in grids]
        return {"boundary: the two largest scores are equal": drawn[0]}
    lines = {f"boundary: output {shown(levels.threshold)}": _draw_level(axes, xs, ys, grids[1], 0.0, "-")}
    for side in (-levels.margin, levels.margin) if levels.margin else ():
        lines[f"margin: output {shown(levels.threshold + side)}"] = _draw_level(axes, xs, ys, grids[1], side, "--")
    return lines


def _draw_level(axes: "Axes", xs: Sequence[float], ys: Sequence[float], grid: Grid, level: float, dash: str) -> Any:
    """Draw the line on which a lead has this level, if there is one, and return its entry for the legend."""
    numbers = [lead for row in grid for lead in row if not math.isnan(lead)]
    look: dict[str, Any] = {"linewidths": 2.5 if dash == "-" else 1.5, "linestyles": dash, "colors": INK}
    if numbers and min(numbers) < level < max(numbers):
        axes.contour(xs, ys, grid, levels=[level], **look)
    return axes.plot([], [], color=INK, linewidth=look["linewidths"], linestyle=dash)[0]
