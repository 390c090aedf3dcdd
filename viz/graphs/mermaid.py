"""A picture as text for Mermaid, which Markdown pages draw: a flowchart.

Labels are quoted, and every character with a special meaning in Mermaid becomes an entity code.
"""

import re
from collections.abc import Iterator

from autograd.table.visible import visible_text
from viz.core.colours import FIGURE_STYLES, GREY, INK, OPERATION_FILL
from viz.core.dot import Scopes, edge_text
from viz.core.drawing import Drawing, Edge, Figure
from viz.core.look import DIRECTIONS, Look
from viz.core.text import broken

_BRACKETS = {
    "operation": ("((", "))"),
    "more": (">", "]"),
    **dict.fromkeys(("computed", "replayed", "sum", "product", "again"), ("(", ")")),
    **dict.fromkeys(("scope", "loose", "alike", "parameters"), ("[[", "]]")),
}
_ARROWS = {"operand": "-->", "result": "-->", "more": "-.->", "invisible": "~~~"}


def mermaid_text(text: str) -> str:
    """Return text for a quoted label of Mermaid: letters, digits and single spaces stay, lines break.

    >>> mermaid_text('w_1 <"a"; b>')
    'w_1 #60;#34;a#34;#59; b#62;'
    """
    lines = visible_text(text).split("\n")
    return "<br/>".join(re.sub(r"^ | (?= )| $|[^\w ,]|(?<![^\W_])_|_(?![^\W_])", _entity, line) for line in lines)


def _entity(character: re.Match[str]) -> str:
    return f"#{ord(character[0])};"


def mermaid_source(drawing: Drawing) -> str:
    """Return the picture as a flowchart; its caption becomes a comment."""
    caption = [f"%% {line}" for line in drawing.caption.split("\n") if line]
    kinds = {figure.kind for figure in drawing.figures}
    look = drawing.look
    written = [f"flowchart {DIRECTIONS[look.direction]}", *(f"    {line}" for line in caption)]
    written += _scope(Scopes.of(drawing.figures), 1, look)
    written += [f"    {_edge(edge, look)}" for edge in drawing.edges]
    written += [f"    classDef {kind} {style}" for kind, style in _styles() if kind in kinds]
    written += [f"    style {figure.key} stroke-width:3px" for figure in drawing.figures if figure.is_root]
    return "\n".join(written) + "\n"


def _scope(scopes: Scopes, depth: int, look: Look) -> Iterator[str]:
    margin = "    " * depth
    for figure in scopes.figures:
        yield margin + _figure(figure, look)
    for (_, name), inner in scopes.inner.items():
        yield f'{margin}subgraph {inner.key}["{mermaid_text(broken(name))}"]'
        yield from _scope(inner, depth + 1, look)
        yield f"{margin}end"


def _figure(figure: Figure, look: Look) -> str:
    opening, closing = _BRACKETS.get(figure.kind, ("[", "]"))
    text = "<br/>".join(_box_rows(figure, look))
    return f'{figure.key}{opening}"{text}"{closing}:::{figure.kind}'


def _box_rows(figure: Figure, look: Look) -> Iterator[str]:
    label = f"<b>{mermaid_text(broken(figure.label))}</b>" if figure.label else ""
    if label or figure.place:
        yield label + mermaid_text(figure.place)
    yield from map(mermaid_text, figure.notes)
    yield from (f"{name} {look.number(number)}" for name, number in figure.named_numbers(look))
    for name, data, grad in figure.listed:
        yield f"{mermaid_text(name)}: {', grad '.join(map(look.number, look.columns(data, grad)))}"


def _edge(edge: Edge, look: Look) -> str:
    text = edge_text(edge, look)
    label = f'|"{text}"|' if text else ""
    return f"{edge.tail} {_ARROWS[edge.kind]}{label} {edge.head}"


def _styles() -> Iterator[tuple[str, str]]:
    """Yield the style of each kind: its colour, and a border that is different in a print without colour too."""
    yield "operation", f"fill:{OPERATION_FILL},stroke:{INK},color:{INK}"
    yield "more", f"fill:#FFFFFF,stroke:#999999,color:{GREY},stroke-dasharray:4"
    for kind, style in FIGURE_STYLES.items():
        border = ",stroke-dasharray:4" if "dashed" in style["style"] else ""
        border += ",stroke-width:3px" if "peripheries" in style else ""
        yield kind, f"fill:{style['fillcolor']},stroke:{INK},color:{INK}{border}"
