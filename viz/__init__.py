"""Pictures of computation graphs, and the command line.

    >>> from autograd import Value
    >>> import viz
    >>> a, b = Value(2, "a"), Value(-3, "b")
    >>> picture = viz.draw(a * b)

`viz.draw` shows itself in a notebook, `viz.save` writes SVG, PNG or PDF. `viz.derivation` writes a pass or a solved
exercise line by line, as LaTeX, slides, Markdown or text.
"""

from viz.derivations import derivation
from viz.layout import LayoutError
from viz.pictures import Picture, draw, save

__all__ = ["LayoutError", "Picture", "derivation", "draw", "save"]
