"""Texts from users, such as labels and names of files, as messages and terminals show them.

A control character in a text could move a terminal's cursor, colour what follows or ring the bell. Labels and files
keep such characters; what is printed shows them as escapes.
"""

import re
from io import TextIOWrapper
from typing import TextIO
from unicodedata import bidirectional, category

_UNSEEN = ("Cc", "Cn", "Cs")  # control characters, no characters, lone surrogates
_TURNING = ("LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")  # they change the order of what follows


def visible(text: object, encoding: str = "utf-8") -> str:
    r"""Return text on one line: control characters are shown as \x01, line ends as \n.

    So are characters that a terminal or file with this encoding does not have.

    >>> print(visible("two\nlines, \x1b[31mred"))
    two\nlines, \x1b[31mred
    >>> print(visible("β = 2", "ascii"))
    \u03b2 = 2
    """
    written = str(text)
    if not written.isprintable():
        written = "".join(map(_visible, written))
    if encoding == "utf-8":  # it has all characters that are left
        return written
    return written.encode(encoding, "backslashreplace").decode(encoding)


def visible_text(text: object, encoding: str = "utf-8") -> str:
    r"""Return the text as `visible` does, but its lines still break.

    >>> print(visible_text("a\x07"))
    a\x07
    """
    return "\n".join(visible(line, encoding) for line in str(text).split("\n"))


def said(text: object) -> str:
    r"""Return the text of a message as `visible_text` does, and words of more than 200 characters without their middle.

    >>> print(said("there is no node " + 5000 * "x").replace(98 * "x", "X"))
    there is no node X...X
    """
    return re.sub(r"\S{201,}", lambda word: f"{word[0][:98]}...{word[0][-98:]}", visible_text(text))


def with_notes(error: BaseException) -> str:
    """Return the text of an error and of the notes that were added to it, as a traceback shows them."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def escape_unwritable(stream: TextIO) -> None:
    """Let a stream write escapes for characters that its encoding does not have, instead of an error."""
    if isinstance(stream, TextIOWrapper):  # a notebook has another kind, which writes all characters
        stream.reconfigure(errors="backslashreplace")


def _visible(character: str) -> str:
    if category(character) in _UNSEEN or bidirectional(character) in _TURNING:
        return character.encode("unicode_escape").decode()
    return character
