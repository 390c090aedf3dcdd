"""Pictures of computation graphs, and the command line.

    >>> from autograd import Value
    >>> import viz
    >>> a, b = Value(2, "a"), Value(-3, "b")
    >>> picture = viz.draw(a * b)

`viz.draw` shows itself in a notebook, `viz.save` writes SVG, PNG or PDF; `viz.to_mermaid`, `viz.to_tikz` and
`viz.to_dot` write a picture as text. `viz.Stepper` goes through a pass step by step, and `viz.debug` does so at a
prompt. `viz.derivation` writes a pass or a solved exercise line by line, as LaTeX, slides, Markdown or text.
"""

from viz.derivations import derivation
from viz.exports import to_dot, to_mermaid, to_tikz
from viz.layout import LayoutError
from viz.pictures import Picture, draw, save
from viz.step_command import debug
from viz.stepper import Stepper

__all__ = [
    "LayoutError",
    "Picture",
    "Stepper",
    "debug",
    "derivation",
    "draw",
    "save",
    "to_dot",
    "to_mermaid",
    "to_tikz",
]
