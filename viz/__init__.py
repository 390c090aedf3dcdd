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
"""

from viz.derivations import derivation
from viz.exports import to_dot, to_mermaid, to_tikz
from viz.frame_files import save_frames
from viz.layout import LayoutError
from viz.network_picture import NetworkPicture, network
from viz.pages import Page, player
from viz.pictures import Picture, draw, save
from viz.step_command import debug
from viz.stepper import Stepper
from viz.tables import table
from viz.trees import tree

__all__ = [
    "LayoutError",
    "NetworkPicture",
    "Page",
    "Picture",
    "Stepper",
    "debug",
    "derivation",
    "draw",
    "network",
    "player",
    "save",
    "save_frames",
    "table",
    "to_dot",
    "to_mermaid",
    "to_tikz",
    "tree",
]
