"""`draw` and `save`: pictures of computation graphs for notebooks, slides and files."""

from functools import partial
from pathlib import Path
from typing import Unpack

from autograd.passes.subject import Root, root_of
from autograd.table.scalars import counted
from viz.core.dot import cut, graph_source, shown, visible
from viz.core.drawing import Drawing
from viz.core.picture import Picture
from viz.core.saving import Savable
from viz.graphs.mermaid import mermaid_source
from viz.graphs.tikz import tikz_source
from viz.graphs.views import View
from viz.graphs.views import view as drawing_in

_LONGEST = 40


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
    drawing = drawing_in(root, **view)
    picture = Picture("gradstep", format="svg", layout=layout)
    picture.classes = graph_source(drawing, picture, legend)
    tikz = partial(tikz_source, drawing, layout)
    picture.texts = {"mmd": partial(mermaid_source, drawing), "tex": tikz, "tikz": tikz}
    picture.about = _about(drawing)
    return picture


def _about(drawing: Drawing) -> str:
    """Return what a picture shows, in words: the root with its numbers, and how much of its graph."""
    how_much = drawing.caption.partition("\n")[0] or counted(drawing.size, "node")
    root = next((figure for figure in drawing.figures if figure.is_root), None)
    if root is None or root.numbers is None:
        return f"a graph: {how_much}"
    data, gradient = map(shown, root.numbers)
    name = cut(visible(root.label), _LONGEST) if root.label else "a Value"
    return f"{name}, data {data}, grad {gradient}: {how_much}"


def save(
    root: Root | Savable,
    path: str | Path,
    *,
    legend: bool = False,
    layout: str | None = None,
    **view: Unpack[View],
) -> Path:
    """Write a picture, a plot, a page, or the picture of a graph to a file, and return the path.

    `root` is what is saved, or what `draw` takes, with the same arguments: what is saved was given them when it was
    made. The suffix says the form: .svg, .png, .pdf and .jpg for pictures and plots, for a picture also .dot, .mmd
    (Mermaid) and .tex; .html for a page. Raises TypeError for another root, ValueError for a suffix that does not fit,
    FileNotFoundError for a folder that is not there, viz.LayoutError where the picture cannot be made, and what `draw`
    raises.
    """
    if not isinstance(root, Savable):
        drawn = root_of(root, "a picture", "a plot", "a page")
        return draw(drawn, legend=legend, layout=layout, **view).save(path)
    if legend or layout or view:
        raise ValueError(
            f"{root.kind} has its legend, its layout and its view from when it was made; give them to draw."
        )
    return root.save(path)
