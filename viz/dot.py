"""A computation graph as DOT source: values as records, operations as small circles, scopes as clusters.

Reads a Tape. Every text goes through `html_text`, so a label shows as itself whatever it contains.
"""

import html
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import graphviz

from autograd import Line, Tape
from autograd.scalars import format_number

DIGITS = 5
"""Significant digits in a picture."""

_LARGE = 1_000
_FAST = {"nslimit": "0.1", "nslimit1": "0.1", "mclimit": "0.01", "splines": "line"}
"""Settings for graphs of more than _LARGE values: several times as fast, with more crossings."""

_NUMBERS = "Courier"
_WORDS = "Helvetica"
_LONGEST_HELVETICA = 20
_INK = "#1a1a1a"
_SLOPE = "#A23B00"

# Told apart by border and corner, not only by colour, so that a print without colour can be read.
STYLES = {
    "leaf": {"style": "filled", "fillcolor": "#DDEBF7"},
    "parameter": {"style": "filled", "fillcolor": "#FFF0CC", "peripheries": "2"},
    "constant": {"style": "filled,dashed", "fillcolor": "#F2F2F2"},
    "replayed": {"style": "filled,rounded", "fillcolor": "#E8F4E4"},
    "computed": {"style": "filled,rounded", "fillcolor": "#FFFFFF"},
}


def html_text(text: str) -> str:
    r"""Return text for an HTML-like label: markup shows as itself, lines break, control characters show as \x01.

    A backslash is doubled, since Graphviz replaces \N by the name of the node in these labels too.

    >>> html_text("a<b>&\n{c|d}\x07")
    'a&lt;b&gt;&amp;<BR/>{c|d}\\\\x07'
    """
    return html.escape(visible(text)).replace("\\", r"\\").replace("\n", "<BR/>")


def visible(text: str) -> str:
    r"""Return a text whose control characters show as escapes, for they may stand in no SVG; lines still break.

    >>> visible("a\x07b")
    'a\\x07b'
    """
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character != "\n" and unicodedata.category(character) in ("Cc", "Cs", "Cn"):
        return character.encode("unicode_escape").decode()
    return character


def node_id(number: int) -> str:
    """Return the identifier of the box of a line of the tape, in DOT and in SVG."""
    return f"v{number}"


def op_id(number: int) -> str:
    """Return the identifier of the operation that computes a line."""
    return f"o{number}"


def edge_id(number: int, place: int) -> str:
    """Return the identifier of the edge to a line's operation from its operand at this place, 0 or 1."""
    return f"e{number}_{place}"


def result_edge_id(number: int) -> str:
    """Return the identifier of the edge from a line's operation to its box."""
    return f"r{number}"


def shown(number: float | None) -> str:
    """Return a number as a picture shows it, and "-" for one that was not computed."""
    return "-" if number is None else format_number(number, DIGITS)


def local_text(number: str) -> str:
    """Return the text of an edge with this local derivative."""
    return f"\N{PARTIAL DIFFERENTIAL}={number}"


def graph_source(tape: Tape, graph: graphviz.Digraph, legend: bool = False) -> None:
    """Write the tape's graph into an empty Digraph."""
    scopes = _Scopes.of(tape.lines)
    graph.attr(
        "graph",
        rankdir="LR",
        nodesep="0.18",
        ranksep="0.3",
        fontname=_WORDS,
        fontsize="12",
        fontcolor="#555555",
        newrank="true" if scopes.inner else "false",
    )
    if len(tape.lines) > _LARGE:
        graph.attr("graph", **_FAST)
    graph.attr("node", fontname=_WORDS, fontsize="12", color=_INK, fontcolor=_INK, margin="0.04,0.02", height="0.3")
    graph.attr("edge", color="#555555", arrowsize="0.6", fontname=_NUMBERS, fontsize="10", fontcolor=_SLOPE)
    _draw_scope(scopes, tape, graph, path=())
    for number, line in enumerate(tape.lines):
        for place, (operand, partial) in enumerate(zip(line.operands, line.partials, strict=True)):
            in_order = line.op is not None and line.op.arity == 2 and not line.op.is_commutative
            end = f"{op_id(number)}:{('nw', 'sw')[place]}" if in_order else op_id(number)
            if partial is None:
                graph.edge(node_id(operand), end, id=edge_id(number, place))
            else:  # decorated: a line joins the label to its edge
                label = local_text(shown(partial))
                graph.edge(node_id(operand), end, id=edge_id(number, place), label=label, decorate="true")
        if line.op:
            graph.edge(op_id(number), node_id(number), id=result_edge_id(number), weight="4")
    if legend:
        _draw_legend(graph)


@dataclass(slots=True)
class _Scopes:
    """A scope with the numbers of the lines drawn directly in it, and the scopes inside it by name."""

    lines: list[int] = field(default_factory=list)
    inner: dict[str, "_Scopes"] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "_Scopes":
        outermost = cls()
        for number, scope in enumerate(_drawn_scopes(lines)):
            place = outermost
            for name in scope:
                place = place.inner.setdefault(name, cls())
            place.lines.append(number)
        return outermost


def _drawn_scopes(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """Return the scope of each line; a parameter, made before any scope, goes to the scope that all its users share."""
    users: dict[int, list[tuple[str, ...]]] = {}
    for line in lines:
        for operand in line.operands:
            users.setdefault(operand, []).append(line.scope)
    shared = {number: _common_prefix(scopes) for number, scopes in users.items()}
    return [
        shared[number] if line.kind == "parameter" and number in shared and not line.scope else line.scope
        for number, line in enumerate(lines)
    ]


def _common_prefix(scopes: list[tuple[str, ...]]) -> tuple[str, ...]:
    prefix = []
    for names in zip(*scopes, strict=False):
        if len(set(names)) > 1:
            break
        prefix.append(names[0])
    return tuple(prefix)


def _draw_scope(scopes: _Scopes, tape: Tape, graph: graphviz.Digraph, path: tuple[int, ...]) -> None:
    for number in scopes.lines:
        _draw_line(number, tape.lines[number], graph, is_root=number == len(tape.lines) - 1)
    for place, (name, inner) in enumerate(scopes.inner.items()):
        inner_path = (*path, place)
        with graph.subgraph(name=f"cluster_{'_'.join(map(str, inner_path))}") as cluster:
            cluster.attr(label=f"<{html_text(name)}>", style="rounded", color="#AAAAAA", labeljust="l", margin="8")
            _draw_scope(inner, tape, cluster, inner_path)


def _draw_line(number: int, line: Line, graph: graphviz.Digraph, is_root: bool) -> None:
    label = _record(line.label, line.data, line.grad)
    name = node_id(number)
    graph.node(name, label, id=name, shape="box", penwidth="2" if is_root else "1", **STYLES[line.kind])
    if line.op:
        _draw_op(graph, op_id(number), line.op.symbol or line.op.name)


def _draw_op(graph: graphviz.Digraph, name: str, text: str) -> None:
    shape = {"shape": "circle", "width": "0.32", "fixedsize": "true"} if len(text) < 3 else {"shape": "ellipse"}
    graph.node(name, f"<{html_text(text)}>", id=name, style="filled", fillcolor="#E6E6E6", **shape)


def _record(label: str | None, data: float, grad: float | None) -> str:
    rows = "<HR/>".join(f"<TR>{cells}</TR>" for cells in _rows(label, data, grad))
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">{rows}</TABLE>>'


def _rows(label: str | None, data: float, grad: float | None) -> Iterator[str]:
    if label:
        font = _WORDS if len(label) < _LONGEST_HELVETICA else _NUMBERS
        yield f'<TD><FONT FACE="{font}"><B>{html_text(label)}</B></FONT></TD>'
    for name, number in (("data", shown(data)), ("grad", shown(grad))):
        yield f'<TD ALIGN="LEFT"><FONT FACE="{_NUMBERS}"><FONT COLOR="#555555">{name} </FONT>{number}</FONT></TD>'


def _draw_legend(graph: graphviz.Digraph) -> None:
    """Draw one value of each kind and one operation, each with its name."""
    with graph.subgraph(name="cluster_legend") as legend:
        legend.attr(label="legend", style="rounded,dashed", color="#AAAAAA", labeljust="l", margin="8")
        for kind in ("leaf", "parameter", "constant", "computed"):
            style = STYLES[kind]
            legend.node(f"legend_{kind}", _words(f"{kind}: name | data | grad"), shape="box", **style)
        _draw_op(legend, "legend_op", "op")
        legend.edge("legend_parameter", "legend_op", label="local derivative")


def _words(text: str) -> str:
    return f'<<FONT FACE="{_WORDS}">{html_text(text)}</FONT>>'
