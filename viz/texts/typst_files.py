r"""Writes documents as Typst, and as a PDF: vector, with embedded fonts that have every character.

A formula of LaTeX becomes MathML, and its elements become Typst.
"""

import json
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from viz.core.layout import typeset
from viz.texts.mathml import math_element
from viz.texts.rows import EquationLine, Rows, blocks
from viz.texts.typesetting import PAGE_WIDTH, Document, Item, Section

_PAPERS = {"a4": "a4", "letter": "us-letter"}
_START = """#set page(paper: "PAPER", margin: (x: 2cm, y: 2.2cm), header-ascent: 25%)
#set text(size: 10.5pt)
#set par(leading: 0.75em)
#show heading: set block(above: 1.5em, below: 1em, sticky: true)
#let pictures = json(bytes(sys.inputs.pictures))
#let fit(body) = layout(size => {
  let width = measure(body).width
  if width > size.width { scale(100% * (size.width / width), origin: left, reflow: true, body) } else { body }
})
#let rule = box(width: 1fr, line(length: 100%, stroke: 0.4pt))
#let field(name, text) = box(width: 1fr, [#name: #if text == "" { rule } else { text }])
#let blank(name, count) = block(breakable: false, spacing: 0pt, grid(columns: (auto, 1fr), row-gutter: 0pt,
  ..range(count).map(row => (
    box(height: 9.5mm, align(bottom, if row == 0 [#name #h(0.4em)])), box(height: 9.5mm, align(bottom, rule)),
  )).flatten()))
#let equations(..cells) = {
  set par(leading: 0pt)  // else tall formulas reach into the rows beside them
  grid(columns: (auto, 1fr), align: horizon, row-gutter: 0.9em, column-gutter: 0.3em, ..cells)
}
#let sketch(number) = layout(size => {
  let picture = image(bytes(pictures.at(number)), format: "svg")
  let own = measure(picture)
  let share = calc.min(100%, 100% * (size.width / own.width), 100% * (100mm / own.height))
  align(center, block(breakable: false, above: 1.2em, scale(share, reflow: true, picture)))
})
"""


def pdf(*documents: Document, paper: str = "a4") -> bytes:
    """Return documents as a PDF, each on pages of its own. Raises LayoutError if the extra pdf is not installed."""
    pictures = [document.sketch.svg() for document in documents if document.sketch]
    pages = [row for number, document in enumerate(documents) for row in _written(document, number)]
    return typeset("\n".join([_START.replace("PAPER", _PAPERS[paper]), *pages]), pictures)


def _written(document: Document, number: int) -> Iterator[str]:
    header = _text(document.header)
    yield "#counter(page).update(0)" if number else ""
    number_right = "#h(1fr) #context counter(page).display()"
    yield f"#set page(header: [#box[{header}] {number_right}])"  # begins a page
    yield f"= {_text(document.title)}"
    if document.fields:
        yield " #h(1em) ".join(f"#field([{name}], {_quoted(text)})" for name, text in document.fields.items())
    for section in document.sections:
        yield f"== {_text(section.title)}"
        yield from _section(section)
        if section.items and document.sketch:
            yield f"#sketch({number})"


def _section(section: Section) -> Iterator[str]:
    for item in section.items:
        yield f"{_item(item)}\n"
    lines = [line for line in section.lines if not line.is_blank]
    for block in blocks(lines, PAGE_WIDTH):
        yield f"#equations({', '.join(_cells(block))})"
    yield from (_ruled(line) for line in section.lines if line.is_blank)


def _item(item: Item) -> str:
    formulas = ", #h(0.2em)".join(f"#box($display({typst_math(formula)})$)" for formula in item.formulas)
    words = _text(f"{item.words}: " if item.words and formulas else item.words)
    return f"*{_text(item.what)}* #h(0.6em) {words}{formulas}"


def _ruled(line: EquationLine) -> str:
    return f"#blank([$display({typst_math(line.name)}) =$], {len(line.parts)})"


def _cells(block: Sequence[Rows]) -> Iterator[str]:
    for line in block:
        for name, right in line.named():
            yield f"[$display({typst_math(name)})$]" if name else "[]"
            yield f"fit[$display({typst_math(right)})$]"


def _text(words: str) -> str:
    """Return text as a string, in which no sign has a meaning."""
    return f"#{_quoted(words)}" if words else ""


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def typst_math(latex: str) -> str:
    r"""Return a formula of LaTeX in Typst's notation.

    >>> typst_math(r"\frac{1}{2} \cdot w_{13}^{\text{new}} + (a)")
    'frac(1, 2) \\· attach(w, b: 13, t: "new") \\+ \\( a \\)'
    """
    return _row(math_element(latex))


_FORMS = {
    "mfrac": "frac({}, {})",
    "mover": "hat({})",
    "msqrt": "sqrt({})",
    "msub": "attach({}, b: {})",
    "msubsup": "attach({}, b: {}, t: {})",
    "msup": "attach({}, t: {})",
    "mtable": "cases({})",
}
"""The forms of elements with several parts; a table is a choice of cases."""


def _row(parent: Element) -> str:
    """Return the parts of a row; tall parentheses at its ends are as tall as the row."""
    parts = [_part(child) for child in parent if not _is_brace(child)]
    is_tall = len(parent) > 1 and parent[0].get("fence") == "true" and not _is_brace(parent[0])
    return f"lr({' '.join(parts)})" if is_tall else " ".join(parts)


def _is_brace(element: Element) -> bool:
    """Say whether this is the brace before a choice of cases, which Typst draws by itself."""
    return element.tag == "mo" and element.text == "{"


def _part(element: Element) -> str:
    match element.tag:
        case "mtable":
            inside = [", ".join(" & ".join(map(_row, row)) for row in element)]
        case "msqrt":
            inside = [_row(element)]
        case _:
            inside = list(map(_part, element))
    if element.tag in _FORMS:
        return _FORMS[element.tag].format(*inside)
    return _row(element) if inside else _letters(element.tag, element.text or "")


def _letters(tag: str, letters: str) -> str:
    if tag == "mtext":
        return _quoted(letters)
    if not letters:  # a space
        return "quad"
    if len(letters) > 1 and tag != "mn":
        return f"op({_quoted(letters)})"
    return letters if letters.isalnum() or tag == "mn" else f"\\{letters}"
