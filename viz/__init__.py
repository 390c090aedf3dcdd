"""Pictures of computation graphs, and the command line.

    >>> from autograd import Value
    >>> import viz
    >>> a, b = Value(2, "a"), Value(-3, "b")
    >>> picture = viz.draw(a * b)

`viz.draw` shows itself in a notebook, and so does `viz.network`, the diagram of a neural network; `viz.save` writes
SVG, PNG or PDF; `viz.to_mermaid`, `viz.to_tikz` and `viz.to_dot` write a picture as text. `viz.Stepper` goes through
a pass step by step, `viz.debug` does so at a prompt, and `viz.player` on a page. `viz.derivation` writes a pass or a
solved exercise line by line, as LaTeX, slides, Markdown or text. `viz.tree` and `viz.table` show a graph in a
terminal, `viz.save_frames` writes a picture of every step.

`viz.activation` plots an activation with its derivative, and `viz.plot_loss`, `viz.plot_contour`,
`viz.plot_decision_boundary` and `viz.plot_histograms` a training; these need the extra `plots`, matplotlib.
"""

from viz.activation_plots import activation, activation_gallery
from viz.boundary_plots import plot_decision_boundary
from viz.derivations import derivation
from viz.exports import to_dot, to_mermaid, to_tikz
from viz.frame_files import save_frames
from viz.histogram_plots import plot_histograms
from viz.layout import LayoutError
from viz.network_picture import NetworkPicture, network
from viz.pages import Page, player
from viz.pictures import Picture, draw, save
from viz.plotting import Plot
from viz.step_command import debug
from viz.stepper import Stepper
from viz.tables import table
from viz.training_plots import plot_contour, plot_loss
from viz.trees import tree

__all__ = [
    "LayoutError",
    "NetworkPicture",
    "Page",
    "Picture",
    "Plot",
    "Stepper",
    "activation",
    "activation_gallery",
    "debug",
    "derivation",
    "draw",
    "network",
    "player",
    "plot_contour",
    "plot_decision_boundary",
    "plot_histograms",
    "plot_loss",
    "save",
    "save_frames",
    "table",
    "to_dot",
    "to_mermaid",
    "to_tikz",
    "tree",
]
