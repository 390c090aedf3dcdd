"""Makes a page shorter: what repeats stands once, and pictures leave out what the style sheet says."""

import re
from collections import Counter

from viz.core.colours import DARK_VERMILLION, GREY, INK

_PIECE = re.compile(r'<(\w+)[^<>]*>[^<>]*<\\?/\1>|<[^<>]+>|"[^"<>\\]{6,}":?')
"""A small MathML element with its content, a tag, or a text of JSON."""
_FIRST = 0x100
_MOST = 0x700
"""The code of the first piece, and the most pieces: these characters have two bytes, and JSON in ASCII has none."""
_ROUNDS = 6
_LONGEST = 2_000_000
"""The longest text that is searched: a longer one is made of numbers."""
_STYLED = re.compile(rf' (?:fill|stroke)="(?:{GREY}|{INK}|{DARK_VERMILLION})"', re.IGNORECASE)
"""The colours of lines and texts, for which a page has its own, light and dark."""


def packed(text: str) -> tuple[str, list[str]]:
    """Return ASCII with a character for each piece that repeats, and these pieces, in which others may stand.

    >>> text, pieces = packed('["<mi>x</mi>","<mi>x</mi>","<mi>x</mi>","<mi>x</mi>"]')
    >>> (text, pieces) == ('["\u0100","\u0100","\u0100","\u0100"]', ['<mi>x</mi>'])
    True
    """
    pieces: list[str] = []
    for _ in range(_ROUNDS if len(text) < _LONGEST else 0):
        counts = Counter(found[0] for found in _PIECE.finditer(text))
        worth = [piece for piece, count in counts.items() if (count - 1) * (len(piece) - 2) > len('"",')]
        codes = {piece: chr(_FIRST + len(pieces) + k) for k, piece in enumerate(worth[: _MOST - len(pieces)])}
        pieces += codes
        text = _PIECE.sub(lambda found, codes=codes: codes.get(found[0], found[0]), text)  # type: ignore[misc]
    return text, pieces


def slim(svg: str) -> str:
    r"""Return a picture of a graph without what the page's style sheet says, in the fewest characters.

    >>> slim('<g>\n<text x="3.00" fill="#1a1a1a">a</text>\n</g>')
    '<g><text x="3">a</text></g>'
    >>> slim('<text> fill="#555555"</text>')
    '<text> fill="#555555"</text>'
    """
    return re.sub(r"<[^>]*>", lambda tag: _slim_tag(tag[0]), re.sub(r">\n+<", "><", svg))


def _slim_tag(tag: str) -> str:
    return re.sub(r'="(-?\d+)\.00"', r'="\1"', _STYLED.sub("", tag)).replace(" />", "/>")
