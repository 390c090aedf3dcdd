"""A computation graph as DOT source: values as records, operations as small circles, scopes as clusters or folders.

Every text goes through `html_text`, so any label is shown exactly as it is.
"""

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import NamedTuple, TypeAlias

import graphviz

from autograd.table.scalars import counted
from autograd.table.visible import visible_text
from viz.core.colours import DARK_VERMILLION, FIGURE_STYLES, GREY, INK, OPERATION_FILL, STYLES
from viz.core.drawing import LONG, Drawing, Edge, Figure
from viz.core.indices import SMALL, Part, parts_of
from viz.core.look import DIRECTIONS, Look
from viz.core.text import broken

_LARGE = 1_000
_FAST = {"nslimit": "0.1", "nslimit1": "0.1", "mclimit": "0.01", "splines": "line", "outputorder": "edgesfirst"}
"""Settings for graphs with more than _LARGE values, or with LONG edges: much faster, but more edges cross."""

_MOST_LABELLED = 120
"""The most edges with labels in a folded or collapsed picture; if there are more, their texts become tooltips.

Edges without a text count too: if one edge has a label, Graphviz makes room for a label on all edges between the two
columns.
"""

TextClasses: TypeAlias = dict[str, tuple[str, ...]]
"""By the id of a node or an edge, the classes of its texts in the SVG ("" for none); see `viz.core.picture.classed`."""

_NUMBERS = "Courier"
_WORDS = "Helvetica"
_PLAIN_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
_STRETCH = '<TD COLSPAN="50"></TD>'
"""A cell beside a name, for the room that is left: Graphviz gives the same share to each column."""
_PORTS = {"right": {"nw": "nw", "sw": "sw"}, "down": {"nw": "nw", "sw": "ne"}}
"""By direction, the sides where the first and the second operand enter."""
_SIDES = {"above": "TOP", "below": "BOTTOM"}
_LONGEST_HELVETICA = 8
"""Longer labels are in Courier: if a reader has no Helvetica, the bold letters of another font are a third wider."""


def html_text(text: str) -> str:
    r"""Return text for an HTML-like label: markup is shown as it is, lines break, control characters are shown as \x01.

    A backslash is doubled, because Graphviz replaces \N by the name of the node in these labels too.

    >>> html_text("a<b>&\n{c|d}\x07")
    'a&lt;b&gt;&amp;<BR/>{c|d}\\\\x07'
    """
    return html.escape(visible_text(text)).replace("\\", r"\\").replace("\n", "<BR/>")


def table_of(rows: Sequence[str]) -> str:
    """Return a table without borders, from the cells of its rows."""
    return f"{_PLAIN_TABLE}{''.join(f'<TR>{cells}</TR>' for cells in rows)}</TABLE>"


def with_indices(
    parts: Sequence[Part],
    size: float,
    font: Callable[[str], str] = str,
    place: str = "",
    stretch: tuple[str, str] = (_STRETCH, _STRETCH),
    least: int = 0,
) -> str:
    """Return a name of this size for a cell of a table, with smaller indices.

    `font` writes a text in its font. `place` is a text in another font that follows the name. `stretch` are the cells
    before and after a name with indices. `least` is the smallest size of the indices.
    """
    if len(parts) == 1:
        return font(html_text(parts[0].text)) + place
    small = f'<FONT POINT-SIZE="{max(round(size * SMALL), least)}">'
    cells = [
        f'<TD VALIGN="{_SIDES[part.place]}">{font(f"{small}{html_text(part.text)}</FONT>")}</TD>'
        if part.place in _SIDES
        else f"<TD>{font(html_text(part.text))}</TD>"
        for part in parts
    ]
    cells += [f"<TD>{place}</TD>"] if place else []
    return table_of(["".join(cells).join(stretch)])


def classes_of(parts: Sequence[Part], first: str) -> tuple[str, ...]:
    """Return the classes of the texts that a name becomes; `first` is the class of the name."""
    return (first, *(part.place for part in parts[1:]))


def local_text(number: str) -> str:
    """Return the text of an edge with this local derivative."""
    return f"\N{PARTIAL DIFFERENTIAL}={number}"


def graph_source(drawing: Drawing, graph: graphviz.Digraph, legend: bool = False) -> TextClasses:
    """Write a picture into an empty Digraph, and return the classes of its texts.

    The classes are "label", "place" (the node's place in the order of its graph), "note", "data", "grad" and "partial".
    """
    scopes, look = Scopes.of(drawing.figures), drawing.look
    size = f"{look.size(12)}"
    graph.attr(
        "graph",
        rankdir=DIRECTIONS[look.direction],
        nodesep="0.18" if look.font_size is None else "0.12",
        ranksep="0.3",
        fontname=_WORDS,
        fontsize=size,
        fontcolor=GREY,
        newrank="true" if scopes.inner else "false",
    )
    if drawing.size > _LARGE or drawing.length > LONG:
        graph.attr("graph", **_FAST)
    graph.attr("node", fontname=_WORDS, fontsize=size, color=INK, fontcolor=INK, margin="0.04,0.02", height="0.3")
    small = f"{look.size(10)}"
    graph.attr("edge", color=GREY, arrowsize="0.6", fontname=_NUMBERS, fontsize=small, fontcolor=DARK_VERMILLION)
    _draw_scope(scopes, graph, look)
    is_crowded = bool(drawing.caption) and sum(edge.kind == "operand" for edge in drawing.edges) > _MOST_LABELLED
    for edge in drawing.edges:
        _draw_edge(edge, graph, look, is_crowded)
    if legend:
        _draw_legend(graph, {figure.kind for figure in drawing.figures}, look)
    if drawing.caption:  # at the end, so that clusters do not inherit its position
        lines = "".join(f'{line}<BR ALIGN="LEFT"/>' for line in drawing.caption.split("\n"))
        caption = f'<<FONT FACE="{_NUMBERS}" POINT-SIZE="{small}">{lines}</FONT>>'
        graph.attr("graph", label=caption, labelloc="b", labeljust="l")
    boxes = {
        figure.key: tuple(chain(*(rows.classes for rows in _box_rows(figure, look)))) for figure in drawing.figures
    }
    return boxes | {edge.key: ("partial",) for edge in drawing.edges}


def source_of(drawing: Drawing) -> str:
    """Return the DOT source of a picture."""
    graph = graphviz.Digraph("gradstep")
    graph_source(drawing, graph)
    return str(graph.source)


def _draw_edge(edge: Edge, graph: graphviz.Digraph, look: Look, is_crowded: bool) -> None:
    head = f"{edge.head}:{_PORTS[look.direction][edge.port]}" if edge.port else edge.head
    label = edge_text(edge, look)
    if edge.kind == "result":
        graph.edge(edge.tail, head, id=edge.key, weight="4")
    elif edge.kind == "more":
        graph.edge(edge.tail, head, id=edge.key, style="dashed")
    elif edge.kind == "invisible":
        graph.edge(edge.tail, head, id=edge.key, style="invis")
    elif label and is_crowded:
        graph.edge(edge.tail, head, id=edge.key, tooltip=label)
    elif label:
        graph.edge(edge.tail, head, id=edge.key, label=label)
    else:
        graph.edge(edge.tail, head, id=edge.key)


def edge_text(edge: Edge, look: Look, local: Callable[[float], str] | None = None) -> str:
    """Return the text of an edge: its local derivative, and the number of graph edges that it represents.

    `local` writes the derivative in another language.

    >>> edge_text(Edge("e", "a", "b", 0.5, 2), Look())
    '∂=0.5, 2 edges'
    """
    written = local or (lambda number: local_text(look.number(number)))
    partial = [] if edge.partial is None or not look.partials else [written(edge.partial)]
    return ", ".join([*partial, *([counted(edge.count, "edge")] if edge.count > 1 else [])])


@dataclass(slots=True)
class Scopes:
    """A scope: the figures that are drawn directly in it, and by row and name the scopes inside it.

    `key` is its identifier.
    """

    key: str = "cluster"
    figures: list[Figure] = field(default_factory=list)
    inner: dict[tuple[int, str], "Scopes"] = field(default_factory=dict)

    @classmethod
    def of(cls, figures: Sequence[Figure]) -> "Scopes":
        """Return the tree of the scopes of the figures."""
        outermost = cls()
        for figure in figures:
            place = outermost
            for name in figure.scope:
                place = place.inner.setdefault((figure.row, name), cls(f"{place.key}_{len(place.inner)}"))
            place.figures.append(figure)
        return outermost


def _draw_scope(scopes: Scopes, graph: graphviz.Digraph, look: Look) -> None:
    """Draw the figures of a scope and the scopes inside it, row by row: Graphviz keeps the order of the rows."""
    rows = dict.fromkeys([*(figure.row for figure in scopes.figures), *(row for row, _ in scopes.inner)])
    for row in sorted(rows, reverse=look.direction == "right"):
        for figure in scopes.figures:
            if figure.row == row:
                _draw_figure(figure, graph, look)
        for name, inner in [(name, inner) for (at, name), inner in scopes.inner.items() if at == row]:
            with graph.subgraph(name=inner.key) as cluster:
                title = f"<{html_text(broken(name))}>"
                cluster.attr(label=title, style="rounded", color="#AAAAAA", labeljust="l", margin="8")
                _draw_scope(inner, cluster, look)


def _draw_figure(figure: Figure, graph: graphviz.Digraph, look: Look) -> None:
    if figure.kind == "operation":
        _draw_op(graph, figure.key, figure.notes[0], look)
    elif figure.kind == "more":
        graph.node(figure.key, figure.notes[0], id=figure.key, shape="plaintext", fontcolor=GREY)
    else:
        width = "2" if figure.is_root else "1"
        style = {"shape": "box", **FIGURE_STYLES[figure.kind]}
        graph.node(figure.key, _record(figure, look), id=figure.key, penwidth=width, **style)


def _draw_op(graph: graphviz.Digraph, name: str, text: str, look: Look) -> None:
    shape = {"shape": "circle", "width": "0.32", "fixedsize": "true"} if len(text) < 3 else {"shape": "ellipse"}
    shape |= {} if look.font_size is None else {"fontsize": f"{look.name_size}"}
    graph.node(name, f"<{html_text(text)}>", id=name, style="filled", fillcolor=OPERATION_FILL, **shape)


def _record(figure: Figure, look: Look) -> str:
    rows = "<HR/>".join(f"<TR>{rows.cells}</TR>" for rows in _box_rows(figure, look))
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{rows}</TABLE>>'


class _BoxRows(NamedTuple):
    """One or more rows of a box, between two lines: the cells, and in the same order the classes of their texts."""

    cells: str
    classes: tuple[str, ...]


def _box_rows(figure: Figure, look: Look) -> Iterator[_BoxRows]:
    place = (
        f'<FONT FACE="{_NUMBERS}" POINT-SIZE="{look.size(9)}">{_grey(html_text(figure.place))}</FONT>'
        if figure.place
        else ""
    )
    if figure.label:
        parts = _label_parts(figure)
        is_folder = "folder" in FIGURE_STYLES[figure.kind].values()
        is_short = sum(part.width for part in parts) < _LONGEST_HELVETICA and not is_folder
        face = _WORDS if is_short else _NUMBERS
        size = "" if look.font_size is None else f' POINT-SIZE="{look.name_size}"'
        write = partial(_bold, f'<FONT FACE="{face}"{size}>')
        name = with_indices(parts, look.name_size, write, place, least=look.least_index)
        yield _BoxRows(f"<TD>{name}</TD>", (*classes_of(parts, "label"), *(["place"] if place else [])))
    elif place:
        yield _BoxRows(f'<TD CELLPADDING="1">{place}</TD>', ("place",))
    if figure.notes:
        yield _BoxRows("</TR><TR>".join(_cell(note, look) for note in figure.notes), ("note",) * len(figure.notes))
    for name, number in figure.named_numbers(look):
        cells = f'<TD ALIGN="LEFT"><FONT FACE="{_NUMBERS}">{_grey(f"{name} ")}{look.number(number)}</FONT></TD>'
        yield _BoxRows(cells, ("", name))
    if figure.listed:
        names = [parts_of(name, " ") for name, *_ in figure.listed]
        numbers = look.columns("", "")
        classes = chain(("", *numbers), *((*classes_of(parts, ""), *numbers) for parts in names))
        yield _BoxRows(f"<TD>{_parameter_rows(figure, names, look)}</TD>", tuple(classes))


def _label_parts(figure: Figure) -> tuple[Part, ...]:
    """Return the parts of a name; the title of a collapsed group is one part."""
    label = broken(figure.label or "")
    return (Part(label),) if figure.kind in ("scope", "loose") else parts_of(label)


def _bold(font: str, text: str) -> str:
    return f"{font}<B>{text}</B></FONT>"


def _parameter_rows(figure: Figure, names: Sequence[Sequence[Part]], look: Look) -> str:
    """Return a table of the parameters that a figure lists, one row each: name, data and gradient."""
    size = look.size(10)
    rows = [[_grey(name) for name in (f"{figure.listed_kind} ", *look.columns("data ", "grad"))]]
    rows += [
        [
            with_indices(name, size, stretch=("", _STRETCH), least=look.least_index),
            *look.columns(f"{look.number(data)} ", look.number(grad)),
        ]
        for name, (_, data, grad) in zip(names, figure.listed, strict=True)
    ]
    written = "".join(f"<TR>{''.join(_cell(text, look) for text in row)}</TR>" for row in rows)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{written}</TABLE>'


def _cell(text: str, look: Look) -> str:
    return f'<TD ALIGN="LEFT"><FONT FACE="{_NUMBERS}" POINT-SIZE="{look.size(10)}">{text}</FONT></TD>'


def _grey(text: str) -> str:
    return f'<FONT COLOR="{GREY}">{text}</FONT>'


def _draw_legend(graph: graphviz.Digraph, kinds: set[str], look: Look) -> None:
    """Draw one named value of each kind, one operation, and a folded sum or collapsed scope if there is one."""
    with graph.subgraph(name="cluster_legend") as legend:
        legend.attr(label="legend", style="rounded,dashed", color="#AAAAAA", labeljust="l", margin="8")
        for kind in ("leaf", "parameter", "constant", "computed"):
            legend.node(f"legend_{kind}", _words(f"{kind}: name | data | grad", look), shape="box", **STYLES[kind])
        for kind, text in (("sum", "folded sum: what | data | grad"), ("scope", "collapsed scope")):
            if kind in kinds:
                legend.node(f"legend_{kind}", _words(text, look), **{"shape": "box", **FIGURE_STYLES[kind]})
        _draw_op(legend, "legend_op", "op", look)
        legend.edge("legend_parameter", "legend_op", label="local derivative")


def _words(text: str, look: Look) -> str:
    return f'<<FONT FACE="{_NUMBERS}" POINT-SIZE="{look.size(10)}">{html_text(text)}</FONT>>'
