"""`plot_decision_boundary`: labelled points in the plane, and the classes that a model gives to all other points."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.passes.names import listed
from autograd.table.scalars import as_finite
from nn import Dataset
from nn.training.objective import Objective
from viz.core.colours import COLOURS, INK
from viz.core.dot import shown
from viz.plots.grids import Grid, Outputs, limits, outputs_at, spread
from viz.plots.plotting import Plot, drawable, label_axes, new_plot, number_of, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = "osD^vP"
_HATCHES = ("", "//", "..", "\\\\", "xx", "oo")
MOST_CLASSES = len(_MARKERS)
"""How many classes a plane can show."""


class _Levels(NamedTuple):
    """Where the one output of a model decides, and how far from there the dashed lines stand; 0 for no such lines."""

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
    """Return the plot of labelled points in the plane, and of the classes that a model gives to all other points.

    `model` takes a list of two numbers. It returns either one number, which is above the `threshold` for the larger of
    two labels, or a score for each of 2 to 6 classes, of which the largest counts; then labels are the classes, counted
    from 0. A threshold that is not given is the number between the labels: 0 for -1 and 1, 0.5 for 0 and 1; for logits
    give `threshold=0`. Of a Dataset, points, labels and threshold are those of `fit` with the same `loss`. Dashed lines
    stand a `margin` on each side of the boundary; for -1 and 1 that is 1, else there are none unless it is given. The
    model is evaluated at resolution x resolution points, by a replay where it can be replayed.

    Raises ValueError for no points, points that are no two finite numbers, labels that do not fit, a data set without
    classes, or a resolution that is not from 2 to 400; TypeError for what is no number.

    >>> from nn import MLP
    >>> points, labels = [(0, 0), (0, 1), (1, 0), (1, 1)], [-1, 1, 1, -1]
    >>> plot_decision_boundary(MLP(2, [4, 1], "tanh"), points, labels)
    <Plot 'decision boundary: 1 of 4 points are classified as labelled': save("plot.svg") writes it>
    """
    if not callable(model):
        raise TypeError(f"the model is a function of a list of two numbers, but a {type(model).__name__} came.")
    if isinstance(points, Dataset):
        points, labels, threshold = _of_dataset(model, points, labels, threshold, loss)
    elif labels is None or loss is not None:
        raise ValueError("points come with labels and no loss; a Dataset without labels, and with a loss if need be.")
    places = [_coordinates(point, number) for number, point in enumerate(points)]
    given = [_finite(label, f"label {number}") for number, label in enumerate(labels)]
    if not places or len(given) != len(places):
        raise ValueError(f"each point has a label, but {len(places)} points and {len(given)} labels came.")
    xs, ys = (spread(*limits(column, column[0], 1.0), resolution) for column in zip(*places, strict=True))
    outputs = outputs_at(model, [*places, *((x, y) for y in ys for x in xs)])
    classes = _two_classes(given) if len(outputs[0]) == 1 else _counted_classes(given, len(outputs[0]))
    levels = _levels(classes, threshold, margin) if len(outputs[0]) == 1 else None
    leads = _leads(outputs, levels)
    right = sum(leads[classes.index(label)][number] > 0 for number, label in enumerate(given))
    with new_plot(f"decision boundary: {right} of {len(places)} points are classified as labelled") as plot:
        axes = plot.figure.subplots()
        axes.set_title(plot.title, loc="left")
        label_axes(axes, "first input", "second input")
        grids = [_grid_rows(lead[len(places) :], len(xs)) for lead in leads]
        say(axes, _draw_regions(axes, xs, ys, grids, classes))
        marks = _draw_points(axes, places, given, classes) | _draw_lines(axes, xs, ys, grids, levels)
        axes.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
        axes.legend(marks.values(), marks, loc="upper left", bbox_to_anchor=(1.01, 1), handleheight=1.6)
    return plot


def _of_dataset(
    model: Any, dataset: Dataset, labels: Sequence[Any] | None, threshold: float | None, loss: str | None
) -> tuple[Sequence[Sequence[Any]], Sequence[Any], float | None]:
    """Return points, labels and threshold as `fit` has them."""
    if labels is not None:
        raise ValueError("a Dataset has labels of its own; give its inputs for other labels.")
    if not dataset.class_names:
        raise ValueError(f"the targets of {dataset.name} are numbers; a decision boundary is between classes.")
    objective = Objective(model, dataset, loss)
    if not isinstance(objective.target(0), float):  # a score for each class
        return dataset.inputs, dataset.targets, threshold
    chosen = objective.threshold if threshold is None else threshold
    return dataset.inputs, [objective.target(label) for label in dataset.targets], chosen


def _coordinates(point: Any, number: int) -> tuple[float, float]:
    if isinstance(point, str) or not hasattr(point, "__len__") or len(point) != 2:
        raise ValueError(f"each point has two numbers, but point {number} is {point!r:.60}.")
    x, y = (_finite(coordinate, f"a number of point {number}") for coordinate in point)
    return x, y


def _finite(number: Any, what: str) -> float:
    return as_finite(number_of(number, what), what)


def _two_classes(labels: Sequence[float]) -> list[float]:
    """Return the two labels of a model with one output, of which perhaps only one came."""
    came = set(labels)
    for pair in ([-1.0, 1.0], [0.0, 1.0]):
        if came <= set(pair):
            return pair
    if len(came) != 2:
        kinds = listed([shown(label) for label in sorted(came)])
        raise ValueError(f"a model with one output tells two labels apart, such as -1 and 1, but {kinds} came.")
    return sorted(came)


def _counted_classes(labels: Sequence[float], count: int) -> list[float]:
    """Return the classes of a model with a score for each."""
    if count > MOST_CLASSES:
        raise ValueError(f"the plane is drawn for 2 to {MOST_CLASSES} classes, but the model has {count} outputs.")
    classes = [float(number) for number in range(count)]
    for number, label in enumerate(labels):
        if label not in classes:
            raise ValueError(
                f"the model has {count} outputs, so labels are from 0 to {count - 1}, "
                f"but label {number} is {shown(label)}."
            )
    return classes


def _levels(classes: Sequence[float], threshold: float | None, margin: float | None) -> _Levels:
    middle = sum(classes) / 2 if threshold is None else _finite(threshold, "the threshold")
    usual = 1.0 if classes == [-1.0, 1.0] else 0.0
    return _Levels(middle, usual if margin is None else abs(_finite(margin, "the margin")))


def _leads(outputs: Outputs, levels: _Levels | None) -> list[list[float]]:
    """Return for each class by how much it leads at each point: above 0 where the model gives it."""
    if levels is not None:
        above = [output - levels.threshold for [output] in outputs]
        return [[-lead for lead in above], above]
    count = len(outputs[0])
    return [[row[k] - max(row[:k] + row[k + 1 :]) for row in outputs] for k in range(count)]


def _grid_rows(numbers: Sequence[float], width: int) -> Grid:
    return [drawable(numbers[start : start + width]) for start in range(0, len(numbers), width)]


def _draw_regions(
    axes: "Axes", xs: Sequence[float], ys: Sequence[float], grids: Sequence[Grid], classes: Sequence[float]
) -> list[str]:
    """Fill the region of each class, with a hatch of its own, and return what is to be said."""
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
            sentences.append(f"the model gives label {shown(classes[number])} everywhere here")
    if missing:
        where = f"{missing} of {len(xs) * len(ys)} points"
        sentences.append(f"white: the output is not finite there, or beyond 1e200 ({where})")
    return sentences


def _region(number: int) -> dict[str, Any]:
    """Return how the region of a class is filled."""
    return {"color": COLOURS[number], "alpha": 0.22, "hatch": _HATCHES[number]}


def _draw_points(
    axes: "Axes", places: Sequence[tuple[float, float]], labels: Sequence[float], classes: Sequence[float]
) -> dict[str, Any]:
    """Draw the points of each class with a mark of its own, and return what explains the marks and the regions."""
    marks: dict[str, Any] = {}
    for number, label in enumerate(classes):
        chosen = [place for place, its in zip(places, labels, strict=True) if its == label]
        look: dict[str, Any] = {"marker": _MARKERS[number], "color": COLOURS[number], "markersize": 9}
        columns = [x for x, _ in chosen], [y for _, y in chosen]
        [dots] = axes.plot(*columns, linestyle="", markeredgecolor="black", **look)
        marks[f"label {shown(label)}"] = (axes.fill([], [], **_region(number))[0], dots)
    return marks


def _draw_lines(
    axes: "Axes", xs: Sequence[float], ys: Sequence[float], grids: Sequence[Grid], levels: _Levels | None
) -> dict[str, Any]:
    """Draw the boundaries and the margin's lines, and return what explains them."""
    if levels is None:
        drawn = [_draw_level(axes, xs, ys, grid, 0.0, "-") for grid in grids]
        return {"boundary: the two largest\nscores are equal": drawn[0]}
    lines = {f"boundary: output {shown(levels.threshold)}": _draw_level(axes, xs, ys, grids[1], 0.0, "-")}
    for side in (-levels.margin, levels.margin) if levels.margin else ():
        lines[f"margin: output {shown(levels.threshold + side)}"] = _draw_level(axes, xs, ys, grids[1], side, "--")
    return lines


def _draw_level(axes: "Axes", xs: Sequence[float], ys: Sequence[float], grid: Grid, level: float, dash: str) -> Any:
    """Draw where a lead has this level, if it has it anywhere, and return what explains the line."""
    numbers = [lead for row in grid for lead in row if not math.isnan(lead)]
    look: dict[str, Any] = {"linewidths": 2.5 if dash == "-" else 1.5, "linestyles": dash, "colors": INK}
    if numbers and min(numbers) < level < max(numbers):
        axes.contour(xs, ys, grid, levels=[level], **look)
    return axes.plot([], [], color=INK, linewidth=look["linewidths"], linestyle=dash)[0]
