"""Writes sections of equations as a LaTeX article, beamer slides, Markdown, or aligned plain text."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd.symbols.latex import latex_prose
from viz.texts.rows import EquationLine, Rows, blocks, fitted

_PAGE_WIDTH, _SLIDE_WIDTH = 92, 53
"""The largest width of a row, in digits, with the name."""
_SLIDE_HEIGHT = 10.5
"""The largest height of the rows on a slide, counted in rows without fractions."""
_ARTICLE = r"""\documentclass[fleqn]{article}
\usepackage[utf8]{inputenc}
\usepackage[a4paper,margin=2cm]{geometry}
\usepackage{amsmath}
\usepackage{graphicx}
\setlength{\mathindent}{0pt}
\addtolength{\jot}{3pt}
\allowdisplaybreaks
\begin{document}
"""
_SLIDES = r"""\documentclass[fleqn]{beamer}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usefonttheme[onlymath]{serif}
\setbeamertemplate{navigation symbols}{}
\setlength{\mathindent}{0pt}
\addtolength{\jot}{3pt}
\date{}
\begin{document}
"""
_END = "\\end{document}\n"


class Section(NamedTuple):
    """Lines under a heading."""

    heading: str
    lines: Sequence[EquationLine]


def plain(title: str, sections: Sequence[Section]) -> str:
    """Return the lines as plain text, with the signs of a section below each other.

    >>> lines = [EquationLine("x3", "=", ("x1*w13", "2")), EquationLine("y", "+=", ("3",))]
    >>> print(plain("A title", [Section("Forward", lines)]))
    A title
    =======
    <BLANKLINE>
    Forward
    -------
    x3  = x1*w13 = 2
    y  += 3
    <BLANKLINE>
    """
    written = [title, "=" * len(title)]
    for heading, lines in sections:
        written += ["", heading, "-" * len(heading)]
        names = max(len(line.name) for line in lines)
        signs = max(len(line.sign) for line in lines)
        written += [f"{name:{names}} {sign:>{signs}} {' = '.join(parts)}" for name, sign, parts in lines]
    return "\n".join(written) + "\n"


def markdown(title: str, sections: Sequence[Section]) -> str:
    r"""Return lines of LaTeX as Markdown with blocks of mathematics, as GitHub and notebooks show it.

    >>> print(markdown("A title", [Section("Forward", [EquationLine("y", "=", ("x", "3"))])]))
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
    written = [f"# {_markdown_prose(title)}"]
    for heading, lines in sections:
        written += ["", f"## {_markdown_prose(heading)}"]
        for block in blocks(lines, _PAGE_WIDTH):
            rows = _aligned(block).replace(r"\\", r"\cr")  # GitHub's Markdown would drop one backslash
            written += ["", "$$", r"\begin{aligned}", rows, r"\end{aligned}", "$$"]
    return "\n".join(written) + "\n"


def article(title: str, sections: Sequence[Section]) -> str:
    """Return lines of LaTeX as a file that pdflatex compiles, with amsmath and geometry."""
    written = [_ARTICLE + rf"\section*{{{latex_prose(title)}}}"]
    for heading, lines in sections:
        written.append(rf"\subsection*{{{latex_prose(heading)}}}")
        for block in fitted(blocks(lines, _PAGE_WIDTH), _PAGE_WIDTH):
            written += [r"\begin{align*}", _aligned(block), r"\end{align*}"]
    return "\n".join(written) + "\n" + _END


def slides(title: str, sections: Sequence[Section]) -> str:
    """Return lines of LaTeX as beamer slides: the lines of a slide appear one after the other."""
    written = [_SLIDES + rf"\title{{{latex_prose(title)}}}", r"\begin{frame}", r"\titlepage", r"\end{frame}"]
    for heading, lines in sections:
        for block in fitted(blocks(lines, _SLIDE_WIDTH), _SLIDE_WIDTH):
            for frame in _frames(block):
                written += [rf"\begin{{frame}}[t]{{{latex_prose(heading)}}}", r"\begin{align*}"]
                written += [_uncovered(frame), r"\end{align*}", r"\end{frame}"]
    return "\n".join(written) + "\n" + _END


def _markdown_prose(prose: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|$&~])", r"\\\1", prose)


def _aligned(block: list[Rows]) -> str:
    return " \\\\\n".join(f"{name} &{right}".lstrip() for line in block for name, right in line.named())


def _uncovered(frame: list[Rows]) -> str:
    return " \\\\\n".join(
        rf"\uncover<{place}->{{{name}}} &\uncover<{place}->{{{{}}{right}}}"
        for place, line in enumerate(frame, start=1)
        for name, right in line.named()
    )


def _frames(block: list[Rows]) -> Iterator[list[Rows]]:
    """Yield the lines of each frame; a line that is too high for a frame continues on the next."""
    frame: list[Rows] = []
    for line in block:
        for part in [line] if _height(line) <= _SLIDE_HEIGHT else _parts(line):
            if frame and sum(map(_height, (*frame, part))) > _SLIDE_HEIGHT:
                yield frame
                frame = []
            frame.append(part)
    yield frame


def _parts(line: Rows) -> Iterator[Rows]:
    return (Rows(name, [right]) for name, right in line.named())


def _height(line: Rows) -> float:
    """Estimate the height of a line, counted in rows without fractions."""
    return sum(1 + 0.65 * (r"\frac" in name + right) + right.count(r"\begin{cases}") for name, right in line.named())
