"""Writes a document as plain text, aligned, or as Markdown; its parts, for every form."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from autograd.passes import columns
from viz.texts.rows import EquationLine, Rows, blocks

PAGE_WIDTH = 92
"""The largest width of a row, in digits, with the name."""
TEXT_WIDTH = 100
"""The width of plain text in which what is given is broken into lines."""
_RULE = "_" * 40


class Item(NamedTuple):
    """A row of what is given: what it is, words about it, and formulas."""

    what: str
    words: str
    formulas: Sequence[str]


class Section(NamedTuple):
    """Lines of a derivation, items or the rows of a table, under a heading; `group` comes before the heading.

    The first of the `rows` has the headings of the table.
    """

    heading: str
    lines: Sequence[EquationLine] = ()
    items: Sequence[Item] = ()
    rows: Sequence[Sequence[str]] = ()
    group: str = ""

    @property
    def title(self) -> str:
        """The whole heading."""
        return f"{self.group}: {self.heading}" if self.group else self.heading


class Sketch(NamedTuple):
    """A figure as a TikZ picture, with its width and height in big points, as a Mermaid flowchart, and as SVG."""

    tikz: str
    width: float
    height: float
    mermaid: str
    svg: Callable[[], str]


def scale(size: tuple[float, float], room: tuple[float, float]) -> float:
    """Return the scale, at most 1, with which a figure of this width and height fits into a room."""
    return min(1.0, room[0] / size[0], room[1] / size[1])


class Document(NamedTuple):
    """What is written: a title, sections, and a figure; of slides, whether all lines appear at once.

    A sheet for students has a `header` on each page, and `fields` for what a student fills in, such as the name.
    """

    title: str
    sections: Sequence[Section]
    sketch: Sketch | None = None
    at_once: bool = False
    header: str = ""
    fields: Mapping[str, str] = {}


def plain(*documents: Document) -> str:
    """Return documents as plain text, each on a page of its own, with the signs of a section below each other.

    >>> lines = [EquationLine("x3", ("x1*w13", "2")), EquationLine("y", ("3",))]
    >>> items = [Item("biases", "fixed", ["b1 = 1", "b2 = 2"])]
    >>> print(plain(Document("A title", [Section("Forward", lines), Section("Given", items=items)])))
    A title
    =======
    <BLANKLINE>
    Forward
    -------
    x3 = x1*w13 = 2
    y  = 3
    <BLANKLINE>
    Given
    -----
    biases  fixed: b1 = 1, b2 = 2
    <BLANKLINE>
    """
    return "\f".join(map(_plain, documents))


def _plain(document: Document) -> str:
    written = [document.title, "=" * len(document.title)]
    written += (
        ["", *(f"{field}: {text or _RULE}" for field, text in document.fields.items())] if document.fields else []
    )
    for section in document.sections:
        written += ["", section.title, "-" * len(section.title)]
        names = max((len(line.name) for line in section.lines), default=0)
        for line in section.lines:
            name, parts = line
            tall = any("\n" in part for part in parts)
            right = f"\n{'=':>{names + 2}} ".join(_indented(part, names + 3) for part in parts)
            if line.is_blank:
                rule = "_" * (TEXT_WIDTH - names - 3)
                written += ["", f"{name:{names}} = {rule}", *[f"\n{'':{names}}   {rule}"] * (len(parts) - 1)]
            else:
                written.append(f"{name:{names}} = {right if tall else ' = '.join(parts)}")
        margin = max((len(item.what) for item in section.items), default=0)
        written += [row for item in section.items for row in _item_rows(item, margin)]
        if section.rows:
            written += columns.aligned(section.rows, range(1, len(section.rows[0])))
    return "\n".join(written) + "\n"


def _indented(part: str, margin: int) -> str:
    return part.replace("\n", "\n" + " " * margin)


def _item_rows(item: Item, margin: int) -> list[str]:
    """Return an item in lines that are broken after a sign such as a comma."""
    rows = [""]
    for piece in re.split(r"(?<=[,:;]) ", said(item.words, item.formulas)):
        if rows[-1] and margin + len(f"{rows[-1]} {piece}") > TEXT_WIDTH - 2:
            rows.append("")
        rows[-1] = f"{rows[-1]} {piece}".lstrip()
    return [f"{'' if place else item.what:{margin}}  {row}" for place, row in enumerate(rows)]


def said(words: str, formulas: Sequence[str]) -> str:
    """Return words and formulas as one text."""
    return ": ".join(filter(None, [words, ", ".join(formulas)]))


def markdown(*documents: Document) -> str:
    r"""Return documents with formulas of LaTeX as Markdown, as GitHub and notebooks show it.

    >>> print(markdown(Document("A title", [Section("Forward", [EquationLine("y", ("x", "3"))])])))
    # A title
    <BLANKLINE>
    ## Forward
    <BLANKLINE>
    $$
    \begin{aligned}
    y &= x = 3
    \end{aligned}
    $$
    <BLANKLINE>
    """
    return "\n---\n\n".join(map(_markdown, documents))


def _markdown(document: Document) -> str:
    written = [f"# {_markdown_prose(document.title)}"]
    for field, text in document.fields.items():
        written += ["", f"{field}: {_markdown_prose(text or _RULE)}"]
    for section in document.sections:
        written += ["", f"## {_markdown_prose(section.title)}"]
        lines = [_ruled(line) if line.is_blank else line for line in section.lines]
        for block in blocks(lines, PAGE_WIDTH):
            written += ["", "$$", r"\begin{aligned}", _for_markdown(aligned(block)), r"\end{aligned}", "$$"]
        for what, words, formulas in section.items:
            about = said(_markdown_prose(words), [f"${_for_markdown(formula)}$" for formula in formulas])
            written += ["", f"**{_markdown_prose(what)}** {about}"]
        for place, (first, *others) in enumerate(section.rows):
            cells = [f"${first}$", *others] if place else [first, *others]
            written += [""] if not place else []
            written.append(f"| {' | '.join(cells)} |")
            written += ["| --- |" + " ---: |" * len(others)] if not place else []
        if section.items and document.sketch:
            written += ["", "```mermaid", document.sketch.mermaid.rstrip(), "```"]
    return "\n".join(written) + "\n"


def _ruled(line: EquationLine) -> EquationLine:
    """Return a line to write on, as a formula."""
    rule = r"\underline{\hspace{25em}}\vphantom{\Bigg|}"
    return EquationLine(line.name, (r" \\ & \phantom{{}=} ".join([rule] * len(line.parts)),))


def _for_markdown(formula: str) -> str:
    return formula.replace(r"\\", r"\cr")  # GitHub's Markdown would drop one backslash


def _markdown_prose(prose: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|$&~])", r"\\\1", prose)


def aligned(block: list[Rows]) -> str:
    """Return the rows of lines, aligned at their signs."""
    return " \\\\\n".join(f"{name} &{right}".lstrip() for line in block for name, right in line.named())
