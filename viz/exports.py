"""`to_dot`, `to_mermaid` and `to_tikz`: a picture as text, for slides, papers and Markdown pages.

Reads `views` for what is drawn; `dot`, `mermaid` and `tikz` write it.
"""

import graphviz

from autograd import Value
from viz.dot import graph_source
from viz.drawing import Drawing
from viz.layout import lay_out
from viz.mermaid import mermaid_source
from viz.tikz import tikz_source
from viz.views import LIMIT, RADIUS, view


def to_dot(
    root: Value,
    depth: int | None = None,
    fold: bool | None = None,
    focus: Value | str | None = None,
    radius: int = RADIUS,
    limit: int | None = LIMIT,
) -> str:
    """Return the picture of a Value's graph in Graphviz's language DOT; arguments and errors are those of `viz.draw`.

    >>> x = Value(3, "x")
    >>> to_dot(x * x).splitlines()[0]
    'digraph gradstep {'
    """
    return _dot(view(root, depth, fold, focus, radius, limit))


def to_mermaid(
    root: Value,
    depth: int | None = None,
    fold: bool | None = None,
    focus: Value | str | None = None,
    radius: int = RADIUS,
    limit: int | None = LIMIT,
) -> str:
    r"""Return the picture of a Value's graph as a Mermaid flowchart, which GitHub and many slides draw.

    In Markdown it stands in a block of code whose language is mermaid. Any label is safe. Mermaid refuses more than
    500 edges, unless its setting maxEdges says otherwise. Arguments and errors are those of `viz.draw`.

    >>> x = Value(3, "x")
    >>> print(*to_mermaid(x.tanh()).splitlines()[:4], sep="\n")
    flowchart LR
        v0["<b>x</b><br/>data 3<br/>grad -"]:::leaf
        v1("data 0.99505<br/>grad -"):::computed
        o1(("tanh")):::operation
    """
    return mermaid_source(view(root, depth, fold, focus, radius, limit))


def to_tikz(
    root: Value,
    depth: int | None = None,
    fold: bool | None = None,
    focus: Value | str | None = None,
    radius: int = RADIUS,
    limit: int | None = LIMIT,
    layout: str | None = None,
) -> str:
    r"""Return the picture of a Value's graph as a tikzpicture for LaTeX, placed as Graphviz lays it out.

    It needs the packages tikz and amsmath; `\resizebox{\linewidth}{!}{...}` around it fits it to a page. `layout`
    names a layout command. Arguments and errors are those of `viz.draw`, and viz.layout.LayoutError where the layout
    cannot be made.

    >>> x = Value(3, "x")
    >>> to_tikz(x * x).splitlines()[-1]
    '\\end{tikzpicture}'
    """
    drawing = view(root, depth, fold, focus, radius, limit)
    return tikz_source(drawing, lay_out(_dot(drawing), "json", layout).decode())


def _dot(drawing: Drawing) -> str:
    graph = graphviz.Digraph("gradstep")
    graph_source(drawing, graph)
    return str(graph.source)
