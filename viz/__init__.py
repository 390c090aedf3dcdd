"""Pictures of computation graphs, and the command line.

    >>> from autograd import Value
    >>> import viz
    >>> a, b = Value(2, "a"), Value(-3, "b")
    >>> picture = viz.draw(a * b)

`viz.draw` shows itself in a notebook, `viz.save` writes SVG, PNG or PDF. `viz.Stepper` goes through a pass step by
step, and `viz.debug` does so at a prompt. `viz.derivation` writes a pass or a solved exercise line by line, as LaTeX,
slides, Markdown or text.

`viz.activation` plots an activation with its derivative, and `viz.plot_loss`, `viz.plot_contour`,
`viz.plot_decision_boundary` and `viz.plot_histograms` a training; these need the extra `plots`, matplotlib.
"""

from viz.activation_plots import activation, activation_gallery
from viz.boundary_plots import plot_decision_boundary
from viz.derivations import derivation
from viz.histogram_plots import plot_histograms
from viz.layout import LayoutError
from viz.pictures import Picture, draw, save
from viz.plotting import Plot
from viz.step_command import debug
from viz.stepper import Stepper
from viz.training_plots import plot_contour, plot_loss

__all__ = [
    "LayoutError",
    "Picture",
    "Plot",
    "Stepper",
    "activation",
    "activation_gallery",
    "debug",
    "derivation",
    "draw",
    "plot_contour",
    "plot_decision_boundary",
    "plot_histograms",
    "plot_loss",
    "save",
]
