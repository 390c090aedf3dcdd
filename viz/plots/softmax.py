"""The plot of softmax: its outputs as the first input changes, and its Jacobian in numbers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd import softmax, softmax_jacobian
from autograd.table.interpretation import Interpretation
from autograd.table.scalars import is_number
from viz.core.colours import COLOURS
from viz.core.text import shown
from viz.plots.curves import FAR, grid, position
from viz.plots.plotting import DASHED, GREY, SMALL_TITLE, SOLID, Plot, new_plot, rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INPUTS = (1.0, 0.0, -1.0)
_DASHES = ("-", "--", "-.", ":", (0, (8, 1, 1, 1, 1, 1)), (0, (2, 2, 8, 2)))
_MOST = len(_DASHES)
_FORMULA = r"$s_i = e^{x_i} \,/\, (e^{x_0} + e^{x_1} + \ldots)$"


def softmax_plot(inputs: Any) -> Plot:
    """Return the plot of softmax at a list of numbers or Values; None means 1, 0 and -1."""
    numbers = _softmax_inputs(_INPUTS if inputs is None else inputs)
    outputs = [float(output) for output in softmax(numbers)]
    low, high = min(FAR[0], numbers[0] - 1), max(FAR[1], numbers[0] + 1)
    with new_plot("softmax") as plot:
        plot.about = f"of {', '.join(map(rounded, numbers))}, which gives {', '.join(map(rounded, outputs))}"
        plot.figure.suptitle(f"softmax   {_FORMULA}", fontsize=20, x=0.02, ha="left")
        left, right = plot.figure.subplots(1, 2, width_ratios=(1.15, 1))
        xs = grid(low, high)
        columns = zip(*(_outputs(x, numbers) for x in xs), strict=True)
        for place, ys in enumerate(columns):
            dash, colour = _DASHES[place], COLOURS[place]
            left.plot(xs, ys, linestyle=dash, color=colour, linewidth=3, label=f"$s_{{{place}}}$")
            left.plot([numbers[0]], [outputs[place]], "o", color=colour, markeredgecolor="black", markersize=10)
        left.axvline(numbers[0], color=GREY, linestyle=":")
        left.set(xlim=(low, high), ylim=(-0.02, 1.02), xlabel="$x_0$ (the other inputs stay fixed)")
        left.set_title("outputs as the first input changes", loc="left")
        left.grid(True)
        left.legend(loc="best")
        _draw_jacobian(right, numbers)
    return plot


def draw_softmax(axes: "Axes") -> None:
    """Draw the first output of softmax, and its derivative, as the first of three inputs changes."""
    xs = grid(*FAR)
    held = [0.0, *_INPUTS[1:]]
    axes.plot(xs, [_outputs(x, held)[0] for x in xs], **SOLID)
    axes.plot(xs, [softmax_jacobian([x, *held[1:]])[0][0] for x in xs], **DASHED)
    axes.set(xlim=FAR, xlabel="")
    axes.grid(True)
    others = ", ".join(shown(x) for x in held[1:])
    what = rf"softmax: $s_0$ and $\partial s_0 / \partial x_0$ at ($x_0$, {others})"
    axes.set_title(f"{what}\n{_FORMULA}", loc="left", fontsize=SMALL_TITLE)


def _outputs(x: float, inputs: Sequence[float]) -> list[float]:
    return [float(output) for output in softmax([x, *inputs[1:]])]


def _draw_jacobian(axes: "Axes", inputs: Sequence[float]) -> None:
    """Draw the Jacobian as cells; the colour of a cell shows its number."""
    jacobian = softmax_jacobian(inputs)
    size = len(inputs)
    axes.imshow(jacobian, cmap="RdBu", vmin=-0.35, vmax=0.35)
    for row, column in ((i, j) for i in range(size) for j in range(size)):
        number = jacobian[row][column]
        colour = "white" if abs(number) > 0.22 else "black"
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 20 - 1.4 * size, "color": colour}
        axes.text(column, row, shown(round(number, 4)), **look)
    given = [f" = {shown(x)}" if size < 5 else "" for x in inputs]
    axes.set_xticks(range(size), [f"$x_{{{j}}}${number}" for j, number in enumerate(given)])
    axes.set_yticks(range(size), [f"$s_{{{i}}}$" for i in range(size)])
    axes.set_title(r"Jacobian $\partial s_i / \partial x_j$", loc="left")
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _softmax_inputs(inputs: Any) -> list[float]:
    if isinstance(inputs, (str, Interpretation)) or is_number(inputs) or not hasattr(inputs, "__len__"):
        raise TypeError(f"expected a list of numbers for softmax, such as at=[1, 0, -1], got {type(inputs).__name__}.")
    numbers = [position(x, f"input {place} of softmax") for place, x in enumerate(inputs)]
    if not 2 <= len(numbers) <= _MOST:
        raise ValueError(f"expected 2 to {_MOST} inputs for the plot of softmax, got {len(numbers)}.")
    return numbers
