r"""Files of equations: sections of lines as a LaTeX article, as beamer slides, as Markdown, and as aligned plain text.

A line of LaTeX that is too wide is broken before an equals sign, and where a formula alone is too wide, before a sign
of its sums or products. Reads nothing of the engine but how a title is written in LaTeX.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from autograd.latex import latex_prose

_PAGE_WIDTH, _SLIDE_WIDTH = 88, 51
"""How wide a row may be, in digits, as `_width` estimates it."""
_SLIDE_HEIGHT = 10.5
"""How high the rows of a slide may be together, in rows without fractions."""
_DEEPEST = 3
"""Inside how many parentheses a formula may be broken."""
_LINES_IN_BLOCK = 40
"""How many lines are aligned together: TeX reads a whole block before it sets the first row."""

_INNERMOST = re.compile(
    r"\\frac\{([^{}]*)\}\{([^{}]*)\}|\\begin\{cases\}([^{}]*)\\end\{cases\}"
    r"|(?<!\\frac)(?<!\\begin)(?<!\\end)(?<!\})(?:\\(?:text|mathrm|hat|sqrt)\b)?\{([^{}]*)\}"
)
"""A fraction, a choice or a group in braces that holds no other."""

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


class Line(NamedTuple):
    """A line of a derivation: `name sign parts[0] = parts[1] = ...`, with the sign "=" or "+="."""

    name: str
    sign: str
    parts: tuple[str, ...]


class Section(NamedTuple):
    """Lines under a heading."""

    heading: str
    lines: Sequence[Line]


class _Rows(NamedTuple):
    """A line of LaTeX as rows of an alignment: the name, and what stands right of it in each row."""

    name: str
    rights: Sequence[str]

    def named(self) -> Iterator[tuple[str, str]]:
        """Return each row with what stands left of it: the name left of the first."""
        return zip((self.name, *[""] * (len(self.rights) - 1)), self.rights, strict=True)


def plain(title: str, sections: Sequence[Section]) -> str:
    """Return the lines as plain text, with the signs of a section below each other.

    >>> print(plain("A title", [Section("Forward", [Line("x3", "=", ("x1*w13", "2")), Line("y", "+=", ("3",))])]))
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

    >>> print(markdown("A title", [Section("Forward", [Line("y", "=", ("x", "3"))])]))
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
        for block in _blocks(lines, _PAGE_WIDTH):
            rows = _aligned(block).replace(r"\\", r"\cr")  # of which GitHub's Markdown would leave one backslash
            written += ["", "$$", r"\begin{aligned}", rows, r"\end{aligned}", "$$"]
    return "\n".join(written) + "\n"


def article(title: str, sections: Sequence[Section]) -> str:
    """Return lines of LaTeX as a file that pdflatex compiles, with amsmath and geometry."""
    written = [_ARTICLE + rf"\section*{{{latex_prose(title)}}}"]
    for heading, lines in sections:
        written.append(rf"\subsection*{{{latex_prose(heading)}}}")
        for block in _fitted(_blocks(lines, _PAGE_WIDTH), _PAGE_WIDTH):
            written += [r"\begin{align*}", _aligned(block), r"\end{align*}"]
    return "\n".join(written) + "\n" + _END


def slides(title: str, sections: Sequence[Section]) -> str:
    """Return lines of LaTeX as a file of class beamer: each line appears after the one before, as many as fit a frame."""
    written = [_SLIDES + rf"\title{{{latex_prose(title)}}}", r"\begin{frame}", r"\titlepage", r"\end{frame}"]
    for heading, lines in sections:
        for block in _fitted(_blocks(lines, _SLIDE_WIDTH), _SLIDE_WIDTH):
            for frame in _frames(block):
                written += [rf"\begin{{frame}}[t]{{{latex_prose(heading)}}}", r"\begin{align*}"]
                written += [_uncovered(frame), r"\end{align*}", r"\end{frame}"]
    return "\n".join(written) + "\n" + _END


def _markdown_prose(prose: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|$&~])", r"\\\1", prose)


def _blocks(lines: Sequence[Line], width: float) -> Iterator[list[_Rows]]:
    """Yield the lines in blocks that are aligned together, each line as rows."""
    for start in range(0, len(lines), _LINES_IN_BLOCK):
        block = lines[start : start + _LINES_IN_BLOCK]
        room = _room(block, width)
        yield [_Rows(line.name, list(_rows(line, room))) for line in block]


def _room(block: Sequence[Line | _Rows], width: float) -> float:
    """Return how much room the widest name leaves, half the width at least."""
    return width - min(max(_width(line.name) for line in block), width / 2)


def _fitted(blocks: Iterable[list[_Rows]], width: float) -> Iterator[list[_Rows]]:
    """Yield the blocks with smaller type where a name or a row is too wide and cannot be broken."""
    for block in blocks:
        room = _room(block, width)
        yield [_Rows(_scaled(name, width / 2), [_scaled(right, room) for right in rights]) for name, rights in block]


def _scaled(formula: str, room: float) -> str:
    width = _width(formula)
    return formula if width <= room else rf"\scalebox{{{room / width:.2f}}}{{$\displaystyle {{}}{formula}$}}"


def _rows(line: Line, room: float) -> Iterator[str]:
    """Yield the right sides of the rows on which a line stands."""
    signs = [line.sign.replace("+=", r"\mathrel{+}="), *["="] * (len(line.parts) - 1)]
    row = ""
    for sign, part in zip(signs, line.parts, strict=True):
        piece = f"{sign} {part}"
        if row and _width(f"{row} {piece}") > room:
            yield row
            row = ""
        if row or _width(piece) <= room:
            row = f"{row} {piece}".lstrip()
            continue
        *full, row = _broken(piece, room)
        yield from full
    yield row


def _broken(formula: str, room: float) -> Iterator[str]:
    """Yield the rows of a formula that is too wide for one, broken where as few parentheses as possible enclose it."""
    pieces = [formula]
    for depth in range(_DEEPEST + 1):
        for signs in ("+-", "\\"):
            split = (_terms(piece, signs, depth) if _width(piece) > room else [piece] for piece in pieces)
            pieces = [term for terms in split for term in terms]
    row = ""
    for piece in pieces:
        if row and _width(f"{row} {piece}") > room:
            yield row
            row = rf"\quad {{}} {piece}"
        else:
            row = f"{row} {piece}".lstrip()
    yield row


def _terms(formula: str, signs: str, deepest: int) -> Iterator[str]:
    r"""Yield a formula in pieces that begin with a sign ("\" is that of \cdot), split where nothing tall encloses it."""
    enclosed = depth = start = 0
    for found in re.finditer(r"\\(?:left|right)\b.|\\(?:begin|end)\b|[{}()]| (?=[+-] |\\cdot )", formula):
        match found[0]:
            case " ":
                if enclosed == 0 and depth <= deepest and formula[found.end()] in signs:
                    yield formula[start : found.start()]
                    start = found.end()
            case "(" | ")":
                depth += 1 if found[0] == "(" else -1
            case opening if opening.startswith(("{", r"\left", r"\begin")):
                enclosed += 1
            case _:
                enclosed -= 1
    yield formula[start:]


def _width(formula: str) -> float:
    """Estimate how many digits wide a formula is; a fraction is as wide as the longer of its parts."""
    shown = re.sub(r"\\(?:[%_#&$]|sim\b|wedge\b|infty\b)", "mm", formula)
    shown = re.sub(r"\\(?:left|right)\b", "", shown)
    shown = re.sub(r"_\{([\d,]+)\}", lambda places: "0" * math.ceil(0.7 * len(places[1])), shown)
    shown = re.sub(r"\\(ln|max|min|(?:arc)?(?:sin|cos|tan)h?)\b", r"\1", shown)
    found = 1
    while found:
        shown, found = _INNERMOST.subn(_flattened, shown)
    signs = re.sub(r"\\[A-Za-z]+", "m", shown).replace("^", "").replace("_", "")
    return len(signs) - 0.5 * signs.count(" ")


def _flattened(innermost: re.Match[str]) -> str:
    """Return the text that is as wide as a construct that holds no other."""
    numerator, denominator, rows, group = innermost.groups()
    if rows is not None:
        columns = zip(*(row.split("&") for row in rows.split(r"\\")), strict=True)
        return "mm" + "mm".join(max(column, key=len) for column in columns)
    return max(numerator, denominator, key=len) if group is None else group


def _aligned(block: list[_Rows]) -> str:
    return " \\\\\n".join(f"{name} &{right}".lstrip() for line in block for name, right in line.named())


def _uncovered(frame: list[_Rows]) -> str:
    return " \\\\\n".join(
        rf"\uncover<{place}->{{{name}}} &\uncover<{place}->{{{{}}{right}}}"
        for place, line in enumerate(frame, start=1)
        for name, right in line.named()
    )


def _frames(block: list[_Rows]) -> Iterator[list[_Rows]]:
    """Yield the lines frame by frame; a line that is higher than a frame goes on in the next."""
    frame: list[_Rows] = []
    for line in block:
        for part in [line] if _height(line.rights) <= _SLIDE_HEIGHT else _parts(line):
            if frame and sum(_height(shown.rights) for shown in (*frame, part)) > _SLIDE_HEIGHT:
                yield frame
                frame = []
            frame.append(part)
    yield frame


def _parts(line: _Rows) -> Iterator[_Rows]:
    return (_Rows(name, [right]) for name, right in line.named())


def _height(rights: Sequence[str]) -> float:
    """Estimate how high rows are, in rows without fractions."""
    return sum(1 + 0.65 * (r"\frac" in right) + right.count(r"\begin{cases}") for right in rights)
