"""The diagram of a network as text: a Mermaid flowchart for Markdown, a TikZ picture for LaTeX.

The TikZ picture keeps the positions of the diagram; Mermaid chooses its own.
"""

import re
from collections.abc import Iterator, Sequence

from autograd.passes.wording import DIGITS
from autograd.symbols.expression import Constant
from autograd.symbols.latex import for_pdflatex, latex, latex_name, latex_prose
from autograd.table.visible import visible_text
from viz.core.colours import INK
from viz.core.text import ELLIPSIS, shown
from viz.networks.diagram import (
    FILLS,
    FONT_SIZE,
    LINE_HEIGHT,
    SIGN_COLOURS,
    TEXT_COLOURS,
    Box,
    Circle,
    Connection,
    Diagram,
    DiagramLine,
    Point,
    shortened_name,
)

_MERMAID_SETTINGS = (
    '%%{init: {"flowchart": {"curve": "linear", "rankSpacing": 80, "nodeSpacing": 30}, '
    '"themeVariables": {"edgeLabelBackground": "#ffffff"}}}%%'
)
_MOST_IN_STADIUM = 6
"""The most lines of a unit with round ends: those of a higher one would cross its text."""
_SIGN_NAMES = {1: "above", -1: "below", 0: "neither"}


def network_mermaid(diagram: Diagram) -> str:
    r"""Return a diagram as a Mermaid flowchart, for a ```mermaid block in Markdown.

    The lines of negative weights are dotted. Mermaid chooses the positions; with the settings in the first line, it
    draws straight lines, with room for their labels. A unit with several lines of text is no circle, since
    Mermaid makes circles as large as their texts are wide; one with many lines is a rounded box.
    Mermaid draws at most 500 lines by default.

    >>> from nn import Exercise
    >>> from viz import network
    >>> flowchart = network_mermaid(network(Exercise({"w12": -2}, inputs=[1], target=0, eta=0.1)).diagram)
    >>> print(*flowchart.splitlines()[1:], sep="\n")
    flowchart LR
        unit0(("x1=1"))
        unit1(["x2=-2<br/>y2=0<br/>#948;2=0"])
        unit2["loss=0"]
        unit0 -.-|"w12=-2<br/>dw12=0"| unit1
        unit1 -->|"y=0"| unit2
        classDef inputUnit fill:#DDEBF7,stroke:#1a1a1a,color:#1a1a1a
        class unit0 inputUnit
        classDef outputUnit fill:#E8F4E4,stroke:#1a1a1a,color:#1a1a1a
        class unit1 outputUnit
        classDef lossUnit fill:#FFF0CC,stroke:#1a1a1a,color:#1a1a1a
        class unit2 lossUnit
        linkStyle 0 stroke:#D55E00,stroke-width:3.8px,color:#A23B00
        linkStyle 1 stroke:#888888,stroke-width:0.6px,color:#444444
    """
    lines = [_mermaid_unit(circle) for circle in diagram.circles]
    lines += [_mermaid_line(connection) for connection in diagram.connections]
    for kind, fill in FILLS.items():
        units = [circle.id for circle in diagram.circles if circle.kind == kind]
        if units:
            lines += [
                f"classDef {kind}Unit fill:{fill},stroke:{INK},color:{INK}",
                f"class {','.join(units)} {kind}Unit",
            ]
    for place, connection in enumerate(diagram.connections):
        colours = f"stroke:{SIGN_COLOURS[connection.sign]},stroke-width:{round(connection.thickness, 1)}px"
        lines.append(f"linkStyle {place} {colours},color:{TEXT_COLOURS[connection.sign]}")
    return f"{_MERMAID_SETTINGS}\n" + "\n    ".join(["flowchart LR", *lines]) + "\n"


def _mermaid_unit(circle: Circle) -> str:
    entries = (*circle.entries, *(circle.bias.entries if circle.bias else ()))
    many = ("(", ")") if len(entries) > _MOST_IN_STADIUM else ("([", "])")
    opening, closing = ("[", "]") if circle.kind == "loss" else ("((", "))") if len(entries) < 2 else many
    return f'{circle.id}{opening}"{_mermaid_text(entries)}"{closing}'


def _mermaid_line(connection: Connection) -> str:
    line = "-->" if connection.kind == "loss" else "---" if connection.style == "solid" else "-.-"
    text = f'|"{_mermaid_text(connection.label.entries)}"|' if connection.label else ""
    return f"{connection.source} {line}{text} {connection.target}"


def _mermaid_text(entries: Sequence[DiagramLine]) -> str:
    return "<br/>".join(map(_mermaid_entry, entries))


def _mermaid_entry(entry: DiagramLine) -> str:
    """Return a line of text; characters with a meaning in Mermaid, Markdown or HTML become codes."""
    name = re.sub(r"[^A-Za-z0-9_ =]", lambda sign: f"#{ord(sign[0])};", visible_text(entry.before))
    return name if entry.part == "name" else name + shown(entry.number)


def network_tikz(diagram: Diagram) -> str:
    r"""Return a diagram as a TikZ picture, for a LaTeX file with the packages tikz and amsmath.

    >>> from nn import relu_exercise
    >>> from viz import network
    >>> picture = network_tikz(network(relu_exercise()).diagram)
    >>> print(next(line for line in picture.splitlines() if "w_{13}" in line).partition("{$")[2])
    w_{13}=2$\\$dw_{13}=20$};
    """
    lines = [r"\begin{tikzpicture}[x=1bp,y=1bp,>=latex]", *_tikz_lines(diagram), r"\end{tikzpicture}", ""]
    return for_pdflatex("\n".join(lines))


def _tikz_lines(diagram: Diagram) -> Iterator[str]:
    for sign, name in _SIGN_NAMES.items():
        yield _tikz_colour(f"{name} line", SIGN_COLOURS[sign])
        yield _tikz_colour(f"{name} text", TEXT_COLOURS[sign])
    for kind, fill in FILLS.items():
        yield _tikz_colour(f"{kind} unit", fill)
    yield (
        rf"\tikzset{{every node/.style={{font=\fontsize{{{FONT_SIZE:g}}}{{{LINE_HEIGHT:g}}}\selectfont,"
        "align=center,inner sep=0pt}}"
    )
    for connection in sorted(diagram.connections, key=lambda connection: connection.thickness):
        yield _tikz_line(connection)
    for circle in diagram.circles:
        yield _tikz_unit(circle)
        if circle.bias:
            yield _tikz_box(circle.bias, "black")
    for connection in diagram.connections:
        if connection.label:
            yield _tikz_box(connection.label, f"{_SIGN_NAMES[connection.sign]} text")


def _tikz_colour(name: str, colour: str) -> str:
    return rf"\definecolor{{{name}}}{{HTML}}{{{colour.lstrip('#').upper()}}}"


def _tikz_point(point: Point) -> str:
    return f"({point[0]:.2f},{point[1]:.2f})"


def _tikz_line(connection: Connection) -> str:
    style = [f"{_SIGN_NAMES[connection.sign]} line", f"line width={connection.thickness:.2f}bp"]
    style += [connection.style] if connection.style != "solid" else []
    style += ["->"] if connection.kind == "loss" else []
    start, before, after, end = map(_tikz_point, connection.path)
    return rf"\draw[{','.join(style)}] {start} .. controls {before} and {after} .. {end};"


def _tikz_unit(circle: Circle) -> str:
    size = f"minimum width={2 * circle.radius:.2f}bp"
    shape = f"rounded corners,minimum height={circle.radius:.2f}bp" if circle.kind == "loss" else "circle"
    line = {"folded": "dashed", "output": "line width=1.6bp"}.get(circle.kind, "line width=0.8bp")
    text = _tikz_text(circle.entries)
    if circle.kind == "folded":
        text = r"$\vdots$\\" + latex_prose(circle.entries[-1].name)
    style = f"{shape},draw,{line},fill={circle.kind} unit,{size}"
    return rf"\node[{style}] at {_tikz_point((circle.x, circle.y))} {{{text}}};"


def _tikz_box(box: Box, colour: str) -> str:
    size = f"minimum width={box.width:.2f}bp,minimum height={box.height:.2f}bp"
    return rf"\node[fill=white,text={colour},{size}] at {_tikz_point((box.x, box.y))} {{{_tikz_text(box.entries)}}};"


def _tikz_text(entries: Sequence[DiagramLine]) -> str:
    return r"\\".join(f"${_tikz_entry(entry)}$" for entry in entries)


def _tikz_entry(entry: DiagramLine) -> str:
    name = _tikz_name(entry.name)
    if entry.part == "name":
        return name
    number = r"\text{-}" if entry.number is None else latex(Constant(entry.number), digits=DIGITS)
    return f"{name}={number}" if name else number


def _tikz_name(name: str) -> str:
    written = shortened_name(name)
    if not written or written == name:
        return latex_name(name) if name else ""
    return latex_name(written.removesuffix(ELLIPSIS)) + (r"\ldots" if written.endswith(ELLIPSIS) else "")
