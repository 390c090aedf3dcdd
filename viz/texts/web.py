"""Writes a document with formulas of LaTeX as HTML for a notebook, with MathML; beside it stands plain text.

A notebook that was opened but not run is not trusted: it removes styles and MathML, and shows the text.
"""

import hashlib
import html
import re

from viz.texts.mathml import of_latex
from viz.texts.rows import blocks
from viz.texts.typesetting import PAGE_WIDTH, Document, Item, Section, said

_SIGN = re.compile("(<mo[^>]*>[=(·,]</mo>)<mo>(?=\N{MINUS SIGN})")
"""A minus sign that has nothing on its left: browsers would write it as a difference."""
_TRANSPOSED = re.compile(r"(\\begin\{pmatrix\}(?:(?!\\end).)*\\end\{pmatrix\})\^")
_GRID = (
    "display:grid;grid-template-columns:{};align-items:baseline;justify-content:start;gap:0.3em 0.5em;padding:0.2em 0;"
    "overflow:auto hidden"
)


def readable(formulas: str, plain: str) -> str:
    """Return HTML that shows formulas where it is trusted, and plain text where it is not.

    The name of the class is its own, since a style reaches all cells of a notebook.
    """
    own = f"gradstep-{hashlib.sha256(formulas.encode()).hexdigest()[:12]}"
    style = f"<style>.{own}>.formulas{{display:block!important}}.{own}>.plain{{display:none}}</style>"
    return (
        f'<div class="{own}">{style}<div class="formulas" style="display:none;line-height:1.5">{formulas}</div>'
        f'<div class="plain">{plain}</div></div>'
    )


def web(document: Document) -> str:
    """Return a document as HTML with formulas.

    >>> document = Document("A <title>", [Section("Forward", items=[Item("eta", "", ["x"])])])
    >>> web(document).count("<math"), web(document)[:51]
    (1, '<div style="font-weight:bold">A &lt;title&gt;</div>')
    """
    return "".join([_heading(document.title, "font-weight:bold"), *map(_section, document.sections)])


def _heading(text: str, style: str) -> str:
    return f'<div style="{style}">{html.escape(text)}</div>'


def _section(section: Section) -> str:
    """Return a section: lines aligned at their signs, items, or a table."""
    written = [_heading(section.title, "margin:0.7em 0 0.2em;font-style:italic")]
    for block in blocks(section.lines, PAGE_WIDTH):
        rows = (row for line in block for row in line.named())
        cells = [cell for name, right in rows for cell in (_cell(name, "end"), _cell(right, "start"))]
        written.append(_grid("max-content max-content", cells))
    written += map(_item, section.items)
    if section.rows:
        headings, *table = section.rows
        cells = [f"<div>{html.escape(heading)}</div>" for heading in headings]
        cells += [_cell(cell, "end" if place else "start") for row in table for place, cell in enumerate(row)]
        written.append(_grid(" ".join(["max-content"] * len(headings)), cells))
    return "".join(written)


def _grid(columns: str, cells: list[str]) -> str:
    return f'<div style="{_GRID.format(columns)}">{"".join(cells)}</div>'


def _cell(formula: str, side: str) -> str:
    return f'<div style="text-align:{side}">{math(formula)}</div>'


def _item(item: Item) -> str:
    about = said(html.escape(item.words), list(map(math, item.formulas)))
    return f"<div><b>{html.escape(item.what)}</b> {about}</div>"


def math(formula: str) -> str:
    """Return a formula of LaTeX as the element <math>; "" for "", the name of a line's second row.

    >>> math("y = -x").count('<mo form="prefix">')
    1
    """
    if not formula:
        return ""
    written = _SIGN.sub(r'\1<mo form="prefix">', of_latex(_TRANSPOSED.sub(r"{\1}^", formula)))
    return f'<math displaystyle="true">{written}</math>'
