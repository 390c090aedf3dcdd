"""Pictures of computation graphs, and the command line.

    >>> from autograd import Value
    >>> import viz
    >>> a, b = Value(2, "a"), Value(-3, "b")
    >>> picture = viz.draw(a * b)

A notebook shows the pictures that `viz.draw` returns, and those of `viz.network`, the diagram of a neural network.
Every picture, plot and page has `save(path)`; `viz.save` saves all of them. The suffix of the file selects the format.
`viz.to_mermaid`, `viz.to_tikz` and `viz.to_dot` return a picture as text. `viz.Stepper` goes through a pass step by
step; `viz.debug` does so at a prompt, and `viz.player` on a page. `viz.live` opens a page that follows the session.
`viz.derivation` writes a pass or a solved exercise line by line, as LaTeX, slides, Markdown or text; `viz.sheet` asks
for its lines on paper, `viz.quiz` in Moodle. `viz.tree` and `viz.table` show a graph in a terminal. `viz.save_frames`
writes one picture for each step.

`viz.activation` plots an activation with its derivative. `viz.plot_loss`, `viz.plot_contour`,
`viz.plot_decision_boundary` and `viz.plot_histograms` plot a training, `viz.plot_class` the marks of a class. The plots
need matplotlib (the extra `plots`). `%load_ext viz` gives notebooks the cell magic `%%gradstep`.
"""

from typing import TYPE_CHECKING

from autograd.state.loading import later as _later

if TYPE_CHECKING:
    from viz.commands.passes import debug
    from viz.core.layout import LayoutError
    from viz.core.picture import Picture
    from viz.graphs.draw import draw, save, to_dot, to_mermaid, to_tikz
    from viz.magic import load_ipython_extension
    from viz.networks.network import NetworkPicture, network
    from viz.page.player import Page, player
    from viz.plots.activations import activation, activation_gallery
    from viz.plots.boundary import plot_decision_boundary
    from viz.plots.classes import plot_class
    from viz.plots.histograms import plot_histograms
    from viz.plots.plotting import Plot
    from viz.plots.training import plot_contour, plot_loss
    from viz.questions.quizzes import Quiz, quiz
    from viz.questions.sheets import Sheet, sheet
    from viz.stepping.frame_files import save_frames
    from viz.stepping.stepper import Stepper
    from viz.terminal.tables import table
    from viz.terminal.trees import tree
    from viz.texts.derivations import derivation
    from viz.watching.live import LivePage, live

_LATER = {
    "magic": ("load_ipython_extension",),
    "commands.passes": ("debug",),
    "core.layout": ("LayoutError",),
    "core.picture": ("Picture",),
    "displays": (),
    "graphs.draw": ("draw", "save", "to_dot", "to_mermaid", "to_tikz"),
    "networks.network": ("NetworkPicture", "network"),
    "page.player": ("Page", "player"),
    "plots.activations": ("activation", "activation_gallery"),
    "plots.boundary": ("plot_decision_boundary",),
    "plots.classes": ("plot_class",),
    "plots.histograms": ("plot_histograms",),
    "plots.plotting": ("Plot",),
    "plots.training": ("plot_contour", "plot_loss"),
    "questions.quizzes": ("Quiz", "quiz"),
    "questions.sheets": ("Sheet", "sheet"),
    "stepping.frame_files": ("save_frames",),
    "stepping.stepper": ("Stepper",),
    "terminal.tables": ("table",),
    "terminal.trees": ("tree",),
    "texts.derivations": ("derivation",),
    "watching.live": ("LivePage", "live"),
}
"""Each module is imported when one of its names is first used; `import viz` alone imports no drawing code."""

__all__ = [
    "LayoutError",
    "LivePage",
    "NetworkPicture",
    "Page",
    "Picture",
    "Plot",
    "Quiz",
    "Sheet",
    "Stepper",
    "activation",
    "activation_gallery",
    "debug",
    "derivation",
    "draw",
    "live",
    "load_ipython_extension",
    "network",
    "player",
    "plot_class",
    "plot_contour",
    "plot_decision_boundary",
    "plot_histograms",
    "plot_loss",
    "quiz",
    "save",
    "save_frames",
    "sheet",
    "table",
    "to_dot",
    "to_mermaid",
    "to_tikz",
    "tree",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = _later(__name__, _LATER)  # hidden from type checkers, so that they find misspelt names
