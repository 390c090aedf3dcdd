"""`to_dot`, `to_mermaid` and `to_tikz`: a picture as text, for slides, papers and Markdown pages.

Reads `views` for what is drawn of a graph; `dot`, `mermaid` and `tikz` write it. Of the picture of a network they read
its diagram, which `network_exports` writes.
"""

from typing import Unpack

import graphviz

from autograd import Value
from viz.dot import graph_source
from viz.drawing import Drawing
from viz.layout import lay_out
from viz.mermaid import mermaid_source
from viz.network_exports import network_mermaid, network_tikz
from viz.network_picture import NetworkPicture
from viz.tikz import tikz_source
from viz.views import View
from viz.views import view as drawing_in


def to_dot(subject: Value | NetworkPicture, **view: Unpack[View]) -> str:
    """Return the picture of a Value's graph, or of a network, in Graphviz's language DOT.

    `view` is what `viz.draw` takes to choose what is drawn, such as `depth=0`, and raises; the picture of a network has
    its view from when it was made.

    >>> x = Value(3, "x")
    >>> to_dot(x * x).splitlines()[0]
    'digraph gradstep {'
    """
    if isinstance(subject, NetworkPicture):
        return str(_network(subject, view).source)
    return _dot(drawing_in(subject, **view))


def to_mermaid(subject: Value | NetworkPicture, **view: Unpack[View]) -> str:
    r"""Return the picture of a Value's graph, or of a network, as a Mermaid flowchart, which GitHub and slides draw.

    In Markdown it stands in a block of code whose language is mermaid. Any label is safe. Mermaid refuses more than
    500 edges, unless its setting maxEdges says otherwise. Arguments and errors are those of `to_dot`.

    >>> x = Value(3, "x")
    >>> print(*to_mermaid(x.tanh()).splitlines()[:4], sep="\n")
    flowchart LR
        v0["<b>x</b><br/>data 3<br/>grad -"]:::leaf
        v1("data 0.99505<br/>grad -"):::computed
        o1(("tanh")):::operation
    """
    if isinstance(subject, NetworkPicture):
        return network_mermaid(_network(subject, view).diagram)
    return mermaid_source(drawing_in(subject, **view))


def to_tikz(subject: Value | NetworkPicture, layout: str | None = None, **view: Unpack[View]) -> str:
    r"""Return the picture of a Value's graph, or of a network, as a tikzpicture for LaTeX, placed as in the SVG.

    It needs the packages tikz and amsmath; `\resizebox{\linewidth}{!}{...}` around it fits it to a page. `layout`
    names a layout command. Arguments and errors are those of `to_dot`, and viz.layout.LayoutError where the layout
    cannot be made.

    >>> x = Value(3, "x")
    >>> to_tikz(x * x).splitlines()[-1]
    '\\end{tikzpicture}'
    """
    if isinstance(subject, NetworkPicture):
        return network_tikz(_network(subject, view, layout).diagram)
    drawing = drawing_in(subject, **view)
    return tikz_source(drawing, lay_out(_dot(drawing), "json", layout).decode())


def _network(picture: NetworkPicture, view: View, layout: str | None = None) -> NetworkPicture:
    """Return the picture of a network, or refuse what is said of a graph."""
    if view or layout:
        raise ValueError("the picture of a network has its view from when it was made; give no more to it here.")
    return picture


def _dot(drawing: Drawing) -> str:
    graph = graphviz.Digraph("gradstep")
    graph_source(drawing, graph)
    return str(graph.source)
