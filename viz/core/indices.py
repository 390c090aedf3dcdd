"""Names with indices in pictures: z[1]_2 is shown as a z with a superscript and a subscript.

In DOT each part of such a name is a cell, at the top or the bottom of its row, which all engines and formats can draw.
In an SVG the parts are one text again, so a script finds each text at its place, and a name is copied as a whole.
"""

import re
import unicodedata
from typing import NamedTuple

from rich.cells import cell_len

from autograd.symbols.indices import GREEK, indices_of

_RUN = re.compile(
    r'(?P<first><text [^>]*>[^<]*)</text>(?P<others>(?:\s*<text class="(?:above|below|after)" [^>]*>[^<]*</text>)+)'
)
_PLACED = re.compile(r' y="(?P<y>[^"]+)"[^>]* font-size="(?P<size>[^"]+)"[^>]*>(?P<text>[^<]*)')
SMALL = 0.7
"""The size of indices, as a share of the usual size."""


class Part(NamedTuple):
    """A part of a text; `place` is "above", "below", "after" the indices, or "" for the first part."""

    text: str
    place: str = ""

    @property
    def width(self) -> float:
        """The width in characters of the usual size."""
        return cell_len(self.text) * (SMALL if self.place in ("above", "below") else 1)


def parts_of(name: str, after: str = "") -> tuple[Part, ...]:
    """Return the parts of a name and of the text after it; one part if the name has nothing above or below its line.

    A word is an index only if it has a digit, as in out_h1; learning_rate stays one part.

    >>> [tuple(part) for part in parts_of("W[1]_21", "=0.5")]
    [('W', ''), ('[1]', 'above'), ('21', 'below'), ('=0.5', 'after')]
    >>> parts_of("w35"), parts_of("learning_rate")
    ((Part(text='w35', place=''),), (Part(text='learning_rate', place=''),))
    """
    found = indices_of(name)
    if found is None or not (found.above or re.search(r"[0-9]", found.below[0])):
        return (Part(name + after),)
    above, below = Part(",".join(found.above), "above"), Part(",".join(found.below), "below")
    return tuple(part for part in (Part(_letter(found.base)), above, below, Part(after, "after")) if part.text)


def _letter(base: str) -> str:
    """Return the Greek letter for its name, and any other text unchanged."""
    if base not in GREEK:
        return base
    letter = base.upper().replace("LAMBDA", "LAMDA")  # as Unicode spells it
    return unicodedata.lookup(f"GREEK {'SMALL' if base.islower() else 'CAPITAL'} LETTER {letter}")


def joined(group: str) -> str:
    """Return a part of an SVG in which each text goes on with its indices, those texts with the classes of parts.

    >>> joined('<text x="1" y="-9" font-size="12">z</text><text class="above" x="7" y="-12.5" font-size="8">[1]</text>')
    '<text x="1" y="-9" font-size="12">z<tspan dy="-3.5" font-size="8">[1]</tspan></text>'
    """
    return _RUN.sub(_with_tspans, group)


def _with_tspans(run: re.Match[str]) -> str:
    base, *others = _PLACED.finditer(run[0])
    line, written = float(base["y"]), run["first"]
    for part in others:
        lower, size = float(part["y"]) - line, float(part["size"])
        written += f'<tspan dy="{lower:.4g}" font-size="{size:g}">{part["text"]}</tspan>'
        line += lower
    return written + "</text>"
