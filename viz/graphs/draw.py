"""`draw` and `save`: pictures of computation graphs; `to_dot`, `to_mermaid` and `to_tikz`: the same as text."""

import math
from functools import partial
from pathlib import Path
from typing import Unpack

from autograd import Tape
from autograd.passes.subject import Root, root_of
from autograd.table.scalars import counted
from autograd.table.visible import visible
from viz.core.cells import size_of
from viz.core.dot import graph_source
from viz.core.drawing import Drawing
from viz.core.look import SLIDES, Size
from viz.core.picture import Picture
from viz.core.saving import Savable
from viz.core.text import cut, shown
from viz.graphs.fitting import for_cell
from viz.graphs.mermaid import mermaid_source
from viz.graphs.tikz import tikz_source
from viz.graphs.views import View, known
from viz.graphs.views import view as drawing_in

_LONGEST = 40


def draw(root: Root, *, legend: bool = False, layout: str | None = None, **view: Unpack[View]) -> Picture:
    """Return the picture of the graph that computed a Value; a notebook shows it.

    `root` is a Value, an exercise or a solution; for the last two, the graph of the loss is drawn. If the order of two
    operands matters, the first enters the operation from above and the second from below. With `legend` the picture
    explains its shapes. `layout` names a layout command.

    A graph of at most 60 nodes is drawn as recorded. In a larger graph, each sum of products becomes one node. If the
    picture is still too large, scopes are collapsed. If that is not enough, only the part next to the root is drawn.
    The caption says so. To override this:

    - `depth` collapses the scopes below this depth: 0 collapses every scope, 1 the scopes inside another scope.
    - `open` is the name of a scope or a list of names: these are open, all others are collapsed. A name may be a path,
      such as "layer 1/neuron 2".
    - `fold` says whether sums are folded; False draws every node. Values with a label are never folded, except
      parameters. The edges into a folded sum show its derivatives.
    - `focus` is a node or its name; the nodes within `radius` edges of it are drawn. The default radius is 2, or 1 if
      2 would give more than 24 boxes.
    - `limit` is the most nodes that the picture may have. `limit=None` alone draws the whole graph.

    `fit` is "16:9" or "4:3", for a slide of 1280 x 720 or 960 x 720 pixels. On it, all letters are at least 12 pixels
    high, or `font_size` pixels. It may also be the width of a page, such as "12cm"; then they have at least 8 points.
    The direction is chosen, and a long graph continues in rows. If this is not enough, things are left out, in this
    order: digits after the third, boxes of constants (the operation shows the number), terms of sums, local
    derivatives, the insides of scopes, gradients, nodes far from the result. The caption lists them. Scopes that fit
    stay open; if none does, gradients are left out before the insides of scopes, and, if one scope has more than a
    third of the nodes, nodes far from the result too. To choose by hand:

    - `direction` is "right" or "down".
    - `partials=False`, `gradients=False` and `constants=False` leave out local derivatives, gradients and the boxes of
      numbers without a label.
    - `digits` is the number of significant digits of each number; the default is 6.
    - `font_size` is the size of the smallest letters, in points; names are a third larger.

    Raises TypeError for another root, ValueError for a wrong argument, and ValueError if the picture would have more
    nodes than the limit.

    >>> from autograd import Value
    >>> x = Value(3, "x")
    >>> picture = draw(x * x)
    >>> picture.source.count("->")
    3
    """
    drawing = drawing_of(root, legend, layout, **known(view, "draw"))
    picture = picture_of(drawing, legend, layout)
    if _is_usual(view):
        picture.narrow = picture.source, partial(_picture_in_cell, drawing, legend, layout)
    tikz = partial(tikz_source, drawing, layout)
    picture.texts = {"mmd": partial(mermaid_source, drawing), "tex": tikz, "tikz": tikz}
    picture.about = _about(drawing)
    return picture


def drawing_of(root: Root | Tape, legend: bool = False, layout: str | None = None, **view: Unpack[View]) -> Drawing:
    """Return the picture of `draw` as data, for a tape too."""
    return drawing_in(root, partial(_size, legend=legend, layout=layout), **view)


def picture_of(drawing: Drawing, legend: bool = False, layout: str | None = None) -> Picture:
    """Return a picture from its data, without the other languages."""
    picture = Picture("gradstep", format="svg", layout=layout)
    picture.classes = graph_source(drawing, picture, legend)
    return picture


def _is_usual(view: View) -> bool:
    """Say whether a view has no other arguments than its own by default."""
    usual = drawing_in.__kwdefaults__ or {}
    return all(given is usual[name] for name, given in view.items())


def _picture_in_cell(drawing: Drawing, legend: bool, layout: str | None) -> Picture:
    return picture_of(for_cell(drawing, partial(_size, legend=legend, layout=layout)), legend, layout)


def _size(drawing: Drawing, legend: bool, layout: str | None) -> tuple[float, float]:
    return size_of(picture_of(drawing, legend, layout).svg()) or (math.inf, math.inf)


def _about(drawing: Drawing) -> str:
    """Describe a picture in words: the root with its numbers, and how much of its graph is drawn."""
    how_much = drawing.caption.partition("\n")[0] or counted(drawing.size, "node")
    root = next((figure for figure in drawing.figures if figure.is_root), None)
    if root is None or root.numbers is None:
        return f"a graph: {how_much}"
    data, gradient = map(shown, root.numbers)
    name = cut(visible(root.label or root.place), _LONGEST)
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

    `root` is a picture, a plot or a page; or a root that `draw` takes, with the arguments of `draw`. The suffix selects
    the format: .svg, .png, .pdf and .jpg for pictures and plots; .dot, .mmd (Mermaid) and .tex also for pictures; .html
    for a page. Raises TypeError for another root, ValueError for an unknown suffix or for arguments of `draw` with a
    finished picture, FileNotFoundError if the folder does not exist, viz.LayoutError if the picture cannot be made, and
    the errors of `draw`.
    """
    if not isinstance(root, Savable):
        drawn = root_of(root, "a picture", "a plot", "a page")
        return draw(drawn, legend=legend, layout=layout, **known(view, "save")).save(path)
    if legend or layout or view:
        raise ValueError(
            f"{root.kind} is finished: its legend, layout and view cannot change. Give these when you make it."
        )
    return root.save(path)


def to_dot(root: Root | Picture, **view: Unpack[View]) -> str:
    """Return the picture of a graph in Graphviz's language DOT.

    `root` is a root that `viz.draw` takes, or a picture. `view` holds the arguments of `viz.draw` that choose the view,
    such as `depth=0`; the errors are those of `viz.draw`. The view of a finished picture cannot change: then these
    arguments raise ValueError.

    >>> from autograd import Value
    >>> x = Value(3, "x")
    >>> to_dot(x * x).splitlines()[0]
    'digraph gradstep {'
    """
    return _text(root, "dot", known(view, "to_dot"))


def to_mermaid(root: Root | Picture, **view: Unpack[View]) -> str:
    r"""Return the picture of a graph as a Mermaid flowchart, which GitHub and slides draw.

    In Markdown, put it into a code block with the language mermaid. Any label is safe. Mermaid refuses more than 500
    edges; its setting maxEdges changes that. Arguments and errors are those of `to_dot`.

    >>> from autograd import Value
    >>> x = Value(3, "x")
    >>> print(*to_mermaid(x.tanh()).splitlines()[:4], sep="\n")
    flowchart LR
        v0["<b>x</b><br/>data 3<br/>grad -"]:::leaf
        v1("v1<br/>data 0.995055<br/>grad -"):::computed
        o1(("tanh")):::operation
    """
    return _text(root, "mmd", known(view, "to_mermaid"))


def to_tikz(root: Root | Picture, *, width: str | None = None, layout: str | None = None, **view: Unpack[View]) -> str:
    r"""Return the picture of a graph as a tikzpicture for LaTeX, with the same positions as in the SVG.

    It needs the packages tikz and amsmath. With `width`, such as "12cm", it is at most so wide, and half as high, and
    all its letters have at least 8 points; see `fit` of `viz.draw` for what it leaves out. A picture that was made
    before, such as that of a network, is scaled to this width as a whole. `layout` names a layout command. Arguments
    and errors are those of `to_dot`; also raises ValueError for a wrong width, and viz.LayoutError if the layout
    cannot be made.

    >>> from autograd import Value
    >>> x = Value(3, "x")
    >>> to_tikz(x * x).splitlines()[-1]
    '\\end{tikzpicture}'
    """
    if str(width) in SLIDES:
        raise ValueError(f"expected a width such as '12cm', got {width!r}.")
    if width is not None and isinstance(root, Picture):
        Size.of(width)
        return rf"\resizebox{{{width}}}{{!}}{{%" + f"\n{to_tikz(root, layout=layout, **view).rstrip()}}}\n"
    if width is not None:
        view["fit"] = width
    return _text(root, "tex", known(view, "to_tikz"), layout)


def _text(root: Root | Picture, suffix: str, view: View, layout: str | None = None) -> str:
    """Return the text of a picture in the format of a suffix; refuse arguments that only a graph takes."""
    if not isinstance(root, Picture):
        root = draw(root_of(root, "a picture"), layout=layout, **view)
    elif view or layout:
        raise ValueError("the view of a picture cannot change. Give these arguments when you make it: viz.draw(...).")
    return root.forms()[suffix]().decode()
