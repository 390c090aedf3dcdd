r"""A picture as text for LaTeX: a tikzpicture with the positions of Graphviz's layout.

The text needs the packages tikz and amsmath.
"""

import json
import math
import re
from collections.abc import Iterator

from autograd.symbols.expression import Constant
from autograd.symbols.latex import for_pdflatex, latex, latex_name, latex_prose
from viz.core.colours import DARK_VERMILLION, FIGURE_STYLES, OPERATION_FILL
from viz.core.dot import Scopes, edge_text, source_of
from viz.core.drawing import Drawing, Edge, Figure
from viz.core.layout import lay_out
from viz.core.look import PRINTED, Look
from viz.core.text import broken

_PER_INCH = 72 * PRINTED
_INDEX = 0.7
"""The size of an index in TeX, as a share of the size of its name."""


def tikz_source(drawing: Drawing, command: str | None = None) -> str:
    """Return the picture as a tikzpicture; `command` is the layout command that `lay_out` uses."""
    layout = json.loads(lay_out(source_of(drawing), "json", command))
    objects = {item["name"]: item for item in layout.get("objects", ())}
    edges = {item["id"]: item for item in layout.get("edges", ())}
    written = [r"% needs \usepackage{amsmath} and \usepackage{tikz}"]
    written += [f"% {line}" for line in drawing.caption.split("\n") if line]
    unit = f"x={PRINTED}bp, y={PRINTED}bp"
    written += [rf"\begin{{tikzpicture}}[{unit}, >=latex, font=\small, inner sep=1.5bp, line width=.5bp]"]
    written += [rf"  \definecolor{{gradstep-{kind}}}{{HTML}}{{{colour}}}" for kind, colour in _colours(drawing)]
    written += [_cluster(name, objects[key]) for key, name in _clusters(Scopes.of(drawing.figures))]
    drawn = [edge for edge in drawing.edges if edge.kind != "invisible"]
    written += [_edge(edge, edges[edge.key]["pos"]) for edge in drawn]
    written += [_node(figure, objects[figure.key], drawing.look) for figure in drawing.figures]
    written += [_label(edge, edges[edge.key]["lp"], drawing.look) for edge in drawn if "lp" in edges[edge.key]]
    if drawing.look.font_size and drawing.caption:
        lines = r" \\ ".join(map(latex_prose, drawing.caption.split("\n")))
        written.append(rf"  \node[gray, align=left] at ({layout['lp']}) {{{lines}}};")
    return for_pdflatex(_sized("\n".join([*written, r"\end{tikzpicture}"]), drawing.look)) + "\n"


def _sized(picture: str, look: Look) -> str:
    """Return a picture with letters of the size that the user wants, whatever the size in the document."""
    if look.font_size is None:
        return picture
    return re.sub(r"\\(small|scriptsize)\b", _font(look.font_size).replace("\\", r"\\"), picture)


def _font(size: float) -> str:
    """Return the command for letters of this size in the layout."""
    points = math.ceil(size * PRINTED * 10) / 10
    return rf"\fontsize{{{points:g}bp}}{{{points * 1.2:.1f}bp}}\selectfont"


def _colours(drawing: Drawing) -> Iterator[tuple[str, str]]:
    kinds = {figure.kind for figure in drawing.figures}
    yield "slope", DARK_VERMILLION.lstrip("#")
    for kind, style in {**FIGURE_STYLES, "operation": {"fillcolor": OPERATION_FILL}}.items():
        if kind in kinds:
            yield kind, style["fillcolor"].lstrip("#")


def _clusters(scopes: Scopes) -> Iterator[tuple[str, str]]:
    """Yield the identifier and the name of each scope, outer scopes first."""
    for (_, name), inner in scopes.inner.items():
        yield inner.key, name
        yield from _clusters(inner)


def _cluster(name: str, item: dict[str, str]) -> str:
    left, low, right, high = item["bb"].split(",")
    x, y = item["lp"].split(",")
    box = rf"  \draw[gray, rounded corners=4bp] ({left},{low}) rectangle ({right},{high});"
    title = r" \\ ".join(map(latex_prose, broken(name).split("\n")))
    return rf"{box} \node[gray, align=center] at ({x},{y}) {{{title}}};"


def _edge(edge: Edge, position: str) -> str:
    """Draw Graphviz's curve, which is its first point, three points for each piece, and the arrow's end as "e,x,y"."""
    end = re.match(r"e,(\S+) ", position)
    first, *others = re.findall(r"(?<!\S)(?!e,)([\d.e+-]+,[\d.e+-]+)", position.partition(";")[0])
    pieces = zip(others[0::3], others[1::3], others[2::3], strict=True)
    curve = "".join(rf" .. controls ({one}) and ({two}) .. ({three})" for one, two, three in pieces)
    dashed = ", dashed" if edge.kind == "more" else ""
    return rf"  \draw[->, gray{dashed}] ({first}){curve}{f' -- ({end[1]})' if end else ''};"


def _label(edge: Edge, position: str, look: Look) -> str:
    text = edge_text(edge, look, lambda number: rf"$\partial={_latex_number(number, look)}$")
    style = r"text=gradstep-slope, fill=white, fill opacity=.8, text opacity=1, font=\scriptsize, inner sep=.5bp"
    return rf"  \node[{style}] at ({position}) {{{text}}};"


def _node(figure: Figure, item: dict[str, str], look: Look) -> str:
    width, height = (float(item[side]) * _PER_INCH for side in ("width", "height"))
    size = f"minimum width={width:.1f}bp, minimum height={height:.1f}bp"
    if figure.kind == "operation":
        corners = f"rounded corners={height / 2 - 0.1:.1f}bp, inner sep=0bp"
        return rf"  \node[draw, fill=gradstep-operation, {corners}, {size}] at ({item['pos']}) {{{_op(figure)}}};"
    if figure.kind == "more":
        return rf"  \node[gray, {size}] at ({item['pos']}) {{{latex_prose(figure.notes[0])}}};"
    style = [f"draw, fill=gradstep-{figure.kind}", size, *_border(figure)]
    return rf"  \node[{', '.join(style)}] at ({item['pos']}) {{{_table(figure, look)}}};"


def _op(figure: Figure) -> str:
    return latex_prose(figure.notes[0]).replace("-", "$-$")


def _border(figure: Figure) -> Iterator[str]:
    style = FIGURE_STYLES[figure.kind]
    if "rounded" in style["style"]:
        yield "rounded corners=4bp"
    if "dashed" in style["style"]:
        yield "dashed"
    if "peripheries" in style:
        yield "double"
    if figure.is_root or "shape" in style:
        yield "line width=1.2bp"


def _table(figure: Figure, look: Look) -> str:
    """Return the rows of a box: the name, the notes, the numbers and the parameters."""
    larger = _font(look.font_size / _INDEX) + " " if look.font_size else ""
    rows = [rf"\multicolumn{{3}}{{@{{}}c@{{}}}}{{{larger}{name}}}" for name in _name_lines(figure, look)]
    rows += [_wide(rf"\scriptsize {latex_prose(note)}") for note in figure.notes]
    rows += [_wide(f"{name} {_latex_or_dash(x, look)}") for name, x in figure.named_numbers(look)]
    if figure.listed:
        headings = (figure.listed_kind, *look.columns("data", "grad"))
        rows.append(" & ".join(rf"\scriptsize {heading}" for heading in headings))
    for name, data, grad in figure.listed:
        cells = (f"${latex_name(name)}$", *(_latex_or_dash(number, look) for number in look.columns(data, grad)))
        rows.append(" & ".join(rf"\scriptsize {cell}" for cell in cells))
    return r"\begin{tabular}{@{}l@{ }l@{ }l@{}}" + r" \\ ".join(rows) + r"\end{tabular}"


def _name_lines(figure: Figure, look: Look) -> Iterator[str]:
    """Yield the lines of a name, as mathematics; the name of a collapsed group as prose."""
    if figure.label:
        lines = (broken(figure.label) + figure.place).split("\n")
        is_prose = figure.kind in ("scope", "loose")
        yield from (rf"\textbf{{{latex_prose(line)}}}" if is_prose else f"${latex_name(line)}$" for line in lines)
    elif figure.place:
        yield latex_prose(figure.place) if look.font_size else rf"\scriptsize ${latex_name(figure.place)}$"


def _wide(row: str) -> str:
    return rf"\multicolumn{{3}}{{@{{}}l@{{}}}}{{{row}}}"


def _latex_or_dash(number: float | None, look: Look) -> str:
    return "--" if number is None else f"${_latex_number(number, look)}$"


def _latex_number(number: float, look: Look) -> str:
    """Return a number; if letters have a size, without an exponent, which would be smaller."""
    if look.font_size:
        return re.sub(r"e([+-]\d+)|inf|nan", lambda part: rf"\text{{{part[0]}}}", look.number(number))
    return latex(Constant(number), digits=look.digits)
