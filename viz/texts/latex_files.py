"""Writes a document as a LaTeX article or as beamer slides."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter

from autograd.symbols.latex import for_pdflatex, latex_prose
from viz.texts.rows import EquationLine, Rows, blocks, fitted, formula_width
from viz.texts.typesetting import PAGE_WIDTH, Document, Item, Sketch, aligned, said, scale

_SLIDE_WIDTH = 75
"""The largest width of a row on a slide, in digits, with the name."""
_SLIDE_HEIGHT = 14.0
"""The largest height of the rows on a slide, counted in rows without fractions."""
_LEAST_ROOM = 3.0
"""The least height that must be left on a slide so that lines under another heading begin there."""
_PAGE_ROOM, SLIDE_ROOM = (475.0, 280.0), (390.0, 203.0)
"""The largest width and height of a figure, in big points."""
_BETWEEN = 2.6
"""The distance of two columns, in digits."""
_PAGE_ROWS, _SLIDE_ROWS = 36, 13
"""The most rows of a table; a second table may stand beside it."""
_ARTICLE = r"""\documentclass[fleqn]{article}
\usepackage[utf8]{inputenc}
\usepackage[a4paper,margin=2cm]{geometry}
\usepackage{amsmath}
\usepackage{tikz}
\setlength{\mathindent}{0pt}
\setlength{\parindent}{0pt}
\addtolength{\jot}{3pt}
\renewcommand{\arraystretch}{1.3}
\setcounter{MaxMatrixCols}{100}
\allowdisplaybreaks
\begin{document}
"""
_SLIDES = r"""\documentclass[fleqn,10pt,aspectratio=169#]{beamer}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage{tikz}
\usefonttheme[onlymath]{serif}
\setbeamertemplate{navigation symbols}{}
\setbeamertemplate{frametitle continuation}{}
\setlength{\mathindent}{0pt}
\setcounter{MaxMatrixCols}{100}
\renewcommand{\arraystretch}{1.2}
\date{}
\begin{document}
"""
_RULE = r"\hrulefill"
_END = "\\end{document}\n"


def article(*documents: Document, paper: str = "a4") -> str:
    """Return documents as a LaTeX file that pdflatex compiles, with packages of every TeX, for "a4" or "letter"."""
    start = _ARTICLE.replace("a4paper", f"{paper}paper")
    pages = ["\n".join(_written(document)) for document in documents]
    return for_pdflatex(start + "\n\\clearpage\n".join(pages) + "\n" + _END)


def _written(document: Document) -> Iterator[str]:
    if document.header:
        yield rf"\pagestyle{{myheadings}}\setcounter{{page}}{{1}}\markright{{{latex_prose(document.header)}}}"
    yield rf"\section*{{{latex_prose(document.title)}}}"
    if document.fields:
        yield r"\quad ".join(f"{name}: {latex_prose(text) or _RULE}" for name, text in document.fields.items())
    for section in document.sections:
        yield rf"\subsection*{{{latex_prose(section.title)}}}"
        yield from _equations([line for line in section.lines if not line.is_blank])
        yield from map(_ruled, [line for line in section.lines if line.is_blank])
        yield from _paragraphs(section.items)
        if section.rows:
            yield from (f"{grid}\n" for grid in _grids(section.rows, _PAGE_ROWS, PAGE_WIDTH))
        if section.items and document.sketch:
            yield from [r"\begin{center}", _scaled(document.sketch, _PAGE_ROOM), r"\end{center}"]


def _equations(lines: Sequence[EquationLine]) -> Iterator[str]:
    for block in fitted(blocks(lines, PAGE_WIDTH), PAGE_WIDTH):
        yield from [r"\begin{align*}", aligned(block), r"\end{align*}"]


def _ruled(line: EquationLine) -> str:
    """Return a line to write on: its name, and rules up to the margin."""
    rules = [rf"\rule{{0pt}}{{9mm}}${line.name} =$ {_RULE}", *[rf"\rule{{0pt}}{{9mm}}{_RULE}"] * (len(line.parts) - 1)]
    return r"\par\nopagebreak ".join(rules) + r"\par"


def _paragraphs(items: Sequence[Item]) -> list[str]:
    """Return each item as a paragraph; TeX breaks it between two formulas."""
    written = [r"\raggedright"] if items else []
    for what, words, formulas in items:
        about = said(latex_prose(words), [rf"$\displaystyle {formula}$" for formula in formulas])
        written.append(rf"\textbf{{{latex_prose(what)}}}\quad {about}\par\smallskip")
    return written


def _grids(rows: Sequence[Sequence[str]], most: int, width: float) -> list[str]:
    """Return a table of at most `most` rows, or several, two beside each other if both fit into this width."""
    headings, *others = rows
    columns = [max(map(formula_width, column)) for column in zip(*rows, strict=True)]
    beside = 2 if 2 * sum(columns) + _BETWEEN * (2 * len(columns) - 1) <= width else 1
    count = 1 if len(others) <= most else beside * math.ceil(len(others) / (beside * most))
    share = math.ceil(len(others) / count)
    parts = [_grid([headings, *others[start : start + share]]) for start in range(0, len(others), share)]
    return [r"\qquad".join(parts[start : start + beside]) for start in range(0, len(parts), beside)]


def _grid(rows: Sequence[Sequence[str]]) -> str:
    headings, *others = rows
    columns = rf"{{@{{}}l{'r' * (len(headings) - 1)}@{{}}}}"
    written = [
        rf"\begin{{tabular}}[t]{columns}",
        " & ".join(map(latex_prose, headings)) + r" \\ \hline\noalign{\smallskip}",
    ]
    written += [" & ".join(f"${cell}$" for cell in row) + r" \\" for row in others]
    return "\n".join([*written, r"\end{tabular}"])


def _scaled(sketch: Sketch, room: tuple[float, float]) -> str:
    return rf"\scalebox{{{scale((sketch.width, sketch.height), room):.3f}}}{{{sketch.tikz.rstrip()}}}"


def slides(document: Document) -> str:
    """Return a document as beamer slides: the network first; then the lines, one after the other or a slide at once."""
    start = _SLIDES.replace("#", ",handout" if document.at_once else "")
    title = rf"\title{{{latex_prose(document.title)}}}"
    written = [start + title, r"\begin{frame}", r"\titlepage", r"\end{frame}"]
    if document.sketch:
        written += _frame("The network", [r"\centering", _scaled(document.sketch, SLIDE_ROOM)], "")
    for (group, _), sections in groupby(document.sections, lambda section: (section.group, bool(section.lines))):
        waiting: list[tuple[str, EquationLine]] = []
        for section in sections:
            if section.items:
                written += _frame(section.title, _paragraphs(section.items), "[allowframebreaks]")
            if section.rows:
                for grid in _grids(section.rows, _SLIDE_ROWS, _SLIDE_WIDTH):
                    written += _frame(section.title, [grid], "[t]")
            waiting += [(section.heading, line) for line in section.lines]
        for heading, frame in _frames(waiting):
            rows = [r"\vspace*{-\baselineskip}", r"\begin{align*}", _uncovered(frame), r"\end{align*}"]
            written += _frame(f"{group}: {heading}" if group else heading, rows, "[t]")
    return for_pdflatex("\n".join(written) + "\n" + _END)


def _frame(title: str, content: Sequence[str], options: str) -> list[str]:
    return [rf"\begin{{frame}}{options}{{{latex_prose(title)}}}", *content, r"\end{frame}"]


def _uncovered(frame: list[Rows]) -> str:
    return " \\\\\n".join(
        rf"\uncover<{place}->{{{name}}} &\uncover<{place}->{{{{}}{right}}}"
        for place, line in enumerate(frame, start=1)
        for name, right in line.named()
    )


def _frames(entries: Sequence[tuple[str, EquationLine]]) -> Iterator[tuple[str, list[Rows]]]:
    """Yield the lines of each frame with their headings.

    Lines under another heading begin on the same frame if there is room for some of them.
    """
    found = fitted(blocks([line for _, line in entries], _SLIDE_WIDTH), _SLIDE_WIDTH)
    lines = zip((heading for heading, _ in entries), chain.from_iterable(found), strict=True)
    headings: list[str] = []
    frame: list[Rows] = []
    for heading, group in groupby(lines, itemgetter(0)):
        waiting = [part for _, line in group for part in ([line] if _height(line) <= _SLIDE_HEIGHT else _parts(line))]
        filled = sum(map(_height, frame))
        joins = filled + max(_height(waiting[0]), min(_LEAST_ROOM, sum(map(_height, waiting)))) <= _SLIDE_HEIGHT
        for place, line in enumerate(waiting):
            if (frame and sum(map(_height, (*frame, line))) > _SLIDE_HEIGHT) or not (joins or place):
                if frame:
                    yield ", ".join(headings), frame
                headings, frame = [], []
            headings += [] if heading in headings else [heading]
            frame.append(line)
    if frame:
        yield ", ".join(headings), frame


def _parts(line: Rows) -> Iterator[Rows]:
    return (Rows(name, [right]) for name, right in line.named())


def _height(line: Rows) -> float:
    """Estimate the height of a line, counted in rows without fractions."""
    return sum(_row_height(name + right) for name, right in line.named())


def _row_height(row: str) -> float:
    matrices = re.findall(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}(\^\{T\})?", row)
    tallest = max((0.35 + inside.count(r"\\") + 0.4 * bool(transposed) for inside, transposed in matrices), default=0.0)
    fractions = 0.8 * (r"\frac" in row) + 0.35 * (r"\frac{\frac" in row)
    fractions += 0.5 * bool(re.search(r"\\frac\{[^{}]*\^\{", row))
    if r"}{\sqrt" in row or r"\frac{\sqrt" in row:
        fractions += (0.75 if "^{[" in row or r"\begin" in row else 0.2) + 0.3 * (r"\frac{\sqrt" in row)
    if r"\left(\sqrt{" in row:
        tallest = max(1.1 * tallest + 0.28, 1.28 if matrices else 0.5)
    inside = re.search(r"\\frac\{(?:\\sqrt\{)?\\begin", row)
    tall = tallest + fractions if inside else max(tallest, fractions)
    tall += 0.25 * (r"\right)^{" in row or r"pmatrix}^{\odot" in row)
    raised = max(0.22 * ("^{[" in row), 0.06 * (r"^{\text{new}}_" in row), 0.15 * (r"\sqrt" in row))
    raised += 0.15 * bool(re.search(r"_\{\w+\^\{\[", row))
    scaled = re.match(r"\\scalebox\{([\d.]+)\}", row)
    return 1 + max(raised, tall) * (float(scaled[1]) if scaled else 1.0) + row.count(r"\begin{cases}")
