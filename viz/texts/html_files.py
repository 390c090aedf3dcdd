"""Writes documents as one page of HTML to print: formulas as MathML, the network as SVG; it needs no other file."""

from collections.abc import Iterator
from html import escape

from viz.texts.rows import EquationLine, blocks
from viz.texts.typesetting import PAGE_WIDTH, Document, Section, said
from viz.texts.web import math

_PAPERS = {"a4": "A4", "letter": "letter"}
_START = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
@page {{ size: {paper}; margin: 18mm; }}
body {{ font: 11pt/1.45 Georgia, serif; max-width: 17.4cm; margin: 1em auto; padding: 0 0.6em; color: #111; }}
table.page {{ width: 100%; border-collapse: collapse; }}
table.page + table.page {{ break-before: page; }}
td {{ padding: 0; }}
thead td {{ font-size: 9pt; color: #444; padding-bottom: 0.6em; }}
h1 {{ font-size: 17pt; margin: 0 0 0.5em; }}
h2 {{ font-size: 13pt; margin: 1em 0 0.4em; break-after: avoid; }}
p {{ margin: 0.35em 0; }}
svg {{ display: block; margin: 0.8em auto; max-width: 100%; max-height: 100mm; height: auto; }}
.line {{ display: flex; break-inside: avoid; }}
.line > span {{ height: 9.5mm; display: flex; align-items: flex-end; }}
.rule {{ flex: 1; border-bottom: 0.4pt solid #111; margin-left: 0.3em; }}
.line > .field {{ flex: 1; margin-right: 1em; }}
.field .rule {{ height: 1.2em; }}
.rules {{ flex: 1; }}
.rules .rule {{ height: 9.5mm; }}
.equations {{ display: grid; grid-template-columns: max-content 1fr; gap: 0.5em 0.3em; align-items: baseline; }}
</style>
"""


def page(*documents: Document, paper: str = "a4") -> str:
    """Return documents as HTML, each on pages of its own, for the paper "a4" or "letter"."""
    start = _START.format(title=escape(documents[0].title), paper=_PAPERS[paper])
    return start + "\n".join(row for document in documents for row in _written(document)) + "\n"


def _written(document: Document) -> Iterator[str]:
    yield f'<table class="page"><thead><tr><td>{escape(document.header)}</td></tr></thead><tbody><tr><td>'
    yield f"<h1>{escape(document.title)}</h1>"
    if document.fields:
        fields = (
            f'<span class="field">{name}: {escape(text) or _RULE}</span>' for name, text in document.fields.items()
        )
        yield f'<div class="line">{"".join(fields)}</div>'
    for section in document.sections:
        yield f"<h2>{escape(section.title)}</h2>"
        yield from _section(section)
        if section.items and document.sketch:
            svg = document.sketch.svg()
            yield svg[svg.index("<svg") :]
    yield "</td></tr></tbody></table>"


_RULE = '<span class="rule"></span>'


def _section(section: Section) -> Iterator[str]:
    for what, words, formulas in section.items:
        yield f"<p><b>{escape(what)}</b>&ensp;{said(escape(words), list(map(math, formulas)))}</p>"
    lines = [line for line in section.lines if not line.is_blank]
    for block in blocks(lines, PAGE_WIDTH):
        cells = (f"<div>{math(cell)}</div>" for line in block for row in line.named() for cell in row)
        yield f'<div class="equations">{"".join(cells)}</div>'
    yield from (_ruled(line) for line in section.lines if line.is_blank)


def _ruled(line: EquationLine) -> str:
    rules = '<div class="rule"></div>' * len(line.parts)
    return f'<div class="line"><span>{math(line.name + " =")}</span><div class="rules">{rules}</div></div>'
