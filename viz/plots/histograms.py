"""`plot_histograms`: the distribution of the activations and gradients of a network, layer by layer."""

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd import no_grad
from autograd.table.scalars import counted
from nn import MLP, Layer
from viz.core.colours import BLUE, INK, VERMILLION
from viz.plots.plotting import Plot, is_drawable, new_plot, rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BINS = 24
_MOST = 6


def plot_histograms(mlp: MLP, inputs: Sequence[Sequence[Any]]) -> Plot:
    """Return histograms for each layer: its activations over the inputs, and below them the gradients of its weights.

    The plot shows the gradients that the weights have now, so call `backward()` first; without it, the plot says so.
    Under each histogram are the mean, the standard deviation, and how many numbers are exactly 0 (a ReLU that is off)
    or not finite. If there are more than 6 layers, the plot shows the first 3 and the last 3.

    Raises ValueError for no inputs, or for inputs of the wrong length; TypeError for anything but an MLP.

    >>> from nn import MLP, half_squared_error
    >>> mlp = MLP(2, [8, 4, 1], "tanh")
    >>> half_squared_error(mlp([1, -1]), 1).backward()
    >>> plot_histograms(mlp, [(1, -1), (0.5, 2)])
    <Plot 'activations and gradients of 3 layers': 2 inputs; save("plot.svg") writes it>
    """
    if not isinstance(mlp, MLP):
        raise TypeError(f"expected an MLP for the histograms, got {type(mlp).__name__}.")
    activations = _activations(mlp, inputs)
    count = len(mlp.layers)
    numbers = range(count) if count <= _MOST else [*range(_MOST // 2), *range(count - _MOST // 2, count)]
    with new_plot(f"activations and gradients of {counted(count, 'layer')}") as plot:
        cells = plot.figure.subplots(2, len(numbers), squeeze=False)
        plot.about = counted(len(inputs), "input")
        size = 16 if len(numbers) < 4 else 12
        for column, number in enumerate(numbers):
            layer = mlp.layers[number]
            title = f"layer {number + 1}: {len(layer.neurons)} {layer.activation.name}"
            cells[0][column].set_title(title, fontsize=size)
            _draw_histogram(cells[0][column], activations[number], BLUE, "", size)
            _draw_histogram(cells[1][column], _gradients(layer), VERMILLION, "//", size)
        cells[0][0].set_ylabel(f"activations,\n{counted(len(inputs), 'input')}")
        cells[1][0].set_ylabel("gradients\nof the weights")
    return plot


def _activations(mlp: MLP, inputs: Sequence[Sequence[Any]]) -> list[list[float]]:
    """Return the activations of each layer over all inputs."""
    if not hasattr(inputs, "__len__") or len(inputs) == 0:
        raise ValueError(f"expected at least one list of numbers in the inputs, got {inputs!r:.60}.")
    found: list[list[float]] = [[] for _ in mlp.layers]
    with no_grad():
        for row in inputs:
            values: list[Any] = list(row)
            for layer, numbers in zip(mlp.layers, found, strict=True):
                values = layer(values)
                numbers += [value.data for value in values]
    return found


def _gradients(layer: Layer) -> list[float]:
    """Return the gradients of the weights of a layer; weights without a gradient are left out."""
    weights = [weight for neuron in layer.neurons for weight in neuron.weights]
    return [weight.grad for weight in weights if weight.has_grad]


def _draw_histogram(axes: "Axes", numbers: Sequence[float], colour: str, hatch: str, size: float) -> None:
    axes.tick_params(labelsize=size - 1)
    axes.locator_params(nbins=4)
    axes.locator_params(axis="y", integer=True)
    finite = [number for number in numbers if is_drawable(number)]
    if finite:
        axes.hist(finite, bins=_BINS, color=colour, edgecolor="white", hatch=hatch)
        axes.axvline(0, color=INK, linewidth=1.2, linestyle=":")
    else:
        axes.set(xticks=[], yticks=[])
        missing = "no finite numbers" if numbers else "none yet:\ncall backward()\nfirst"
        axes.text(0.5, 0.5, missing, ha="center", va="center", transform=axes.transAxes, fontsize=size)
    axes.set_xlabel(_summary(numbers, finite), fontsize=size)


def _summary(numbers: Sequence[float], finite: Sequence[float]) -> str:
    """Return the mean, the standard deviation, and how many numbers are 0 or not finite."""
    if not finite:
        return ""
    mean, deviation = statistics.fmean(finite), statistics.pstdev(finite)
    lines = [f"mean {rounded(mean)}", f"std {rounded(deviation)}"]
    zeros = sum(number == 0.0 for number in finite)
    lines += [f"{zeros} of {len(numbers)} are 0"] if zeros else []
    lines += [f"{len(numbers) - len(finite)} not finite"] if len(finite) < len(numbers) else []
    return "\n".join(lines)
