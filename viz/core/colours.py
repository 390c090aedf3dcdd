"""The colours of pictures, plots and texts, the fonts of numbers, and the styles of nodes.

Nothing differs by colour alone, so a print without colour can be read.
"""

INK, GREY = "#1a1a1a", "#555555"
"""The colours of texts and borders, and of edges and notes."""
MONOSPACE = "DejaVu Sans Mono,Menlo,Consolas,monospace"
"""The fonts of numbers: none is wider than Courier, for which Graphviz makes room. Where there is no Courier, Firefox
on Linux takes Nimbus Mono, whose ∂ looks like the letter eth."""
COURIER, HELVETICA = "Courier,monospace", "Helvetica,sans-Serif"
"""What Graphviz writes into an SVG for these fonts."""
COURIER_WIDTH = 0.6
"""The width of a character in Courier, as a share of the font size."""
COLOURS = BLUE, VERMILLION, *_ = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that colour-blind people can tell apart (M. Okabe and K. Ito, 2008)."""
DARK_BLUE, DARK_VERMILLION = "#004B76", "#A23B00"
"""The first two, dark enough for small texts."""

STYLES = {
    "leaf": {"style": "filled", "fillcolor": "#DDEBF7"},
    "parameter": {"style": "filled", "fillcolor": "#FFF0CC", "peripheries": "2"},
    "constant": {"style": "filled,dashed", "fillcolor": "#F2F2F2"},
    "replayed": {"style": "filled,rounded", "fillcolor": "#E8F4E4"},
    "computed": {"style": "filled,rounded", "fillcolor": "#FFFFFF"},
}
"""The style of each kind of value."""
_FOLDED = {"style": "filled,rounded", "fillcolor": "#F3EBF7"}
_COLLAPSED = {"style": "filled", "fillcolor": "#E3EEE9", "shape": "folder"}
FIGURE_STYLES = STYLES | {
    "sum": _FOLDED,
    "product": _FOLDED,
    "scope": _COLLAPSED,
    "loose": _COLLAPSED,
    "parameters": STYLES["parameter"] | {"shape": "folder"},
    "alike": STYLES["leaf"] | {"shape": "folder"},
    "again": {"style": "filled,rounded,dashed", "fillcolor": "#FFFFFF"},
}
"""The style of each kind of figure, except operations and stubs."""
OPERATION_FILL = "#E6E6E6"
