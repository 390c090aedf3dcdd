"""Pictures of computation graphs, and the command line.

    >>> from autograd import Value
    >>> import viz
    >>> a, b = Value(2, "a"), Value(-3, "b")
    >>> picture = viz.draw(a * b)

`viz.draw` shows itself in a notebook, `viz.save` writes SVG, PNG or PDF.
"""

from viz.layout import LayoutError
from viz.pictures import Picture, draw, save

__all__ = ["LayoutError", "Picture", "draw", "save"]
