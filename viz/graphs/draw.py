"""`draw` and `save`: pictures of computation graphs for notebooks, slides and files."""

from pathlib import Path
from typing import Unpack

from autograd.passes.subject import Root, root_of
from viz.core.dot import graph_source
from viz.core.picture import Picture, write_picture
from viz.graphs.views import View
from viz.graphs.views import view as drawing_in


def draw(root: Root, *, legend: bool = False, layout: str | None = None, **view: Unpack[View]) -> Picture:
    """Return the picture of the graph that computed a Value; a notebook shows it.

    `root` is the Value, or an exercise or its solution, whose loss it is. Where the order of two operands matters, the
    first enters the operation from above and the second from below. With `legend` the picture explains its shapes;
    `layout` names a layout command.

    Up to 60 nodes are drawn as recorded. In a larger graph a sum of products is one node, scopes are collapsed where
    it is still too large, and where that does not do, the part next to the root is drawn; the caption says so. To
    choose oneself:

    - `depth` collapses the scopes that lie deeper: 0 every scope, 1 those inside another.
    - `fold` says whether sums are folded, False draws every node. Values with a label are never folded, but
      parameters are. The edges into a folded sum carry its derivatives.
    - `focus` is a node, or its name; what lies within `radius` edges of it is drawn: 2 where no number is given, or 1
      where that would be more than 24 boxes.
    - `limit` is the most nodes that what was chosen may have, None for any number; alone it draws the whole graph.

    Raises TypeError for another root, ValueError for an argument that does not fit, and
    ValueError where the picture would have more nodes than the limit.

    >>> from autograd import Value
    >>> x = Value(3, "x")
    >>> picture = draw(x * x)
    >>> picture.source.count("->")
    3
    """
    picture = Picture("gradstep", format="svg", layout=layout)
    picture.classes = graph_source(drawing_in(root, **view), picture, legend)
    return picture


def save(
    root: Root | Picture,
    path: str | Path,
    *,
    legend: bool = False,
    layout: str | None = None,
    **view: Unpack[View],
) -> Path:
    """Write the picture of a graph, or a picture, as SVG, PNG or PDF by the suffix, and return the path.

    `root` is a picture, or what `draw` takes, with the same arguments: a picture was given them when it was made.
    Raises TypeError for another root, ValueError for another suffix, FileNotFoundError for a folder that is not there,
    viz.LayoutError where the picture cannot be made, and what `draw` raises.
    """
    path = Path(path)
    if isinstance(root, Picture) and (legend or layout or view):
        raise ValueError("a picture has its legend, its layout and its view from when it was made; give them to draw.")
    if isinstance(root, Picture):
        write_picture(root, path)
    else:
        write_picture(draw(root_of(root, "a picture"), legend=legend, layout=layout, **view), path)
    return path
