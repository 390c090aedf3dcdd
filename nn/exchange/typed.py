"""JSON that a person typed: comments, commas before a bracket, single quotes and names without quotes are read.

What is still wrong is named with its line and column, and with what to write instead.
"""

import re
from collections.abc import Callable
from typing import Any

_TEXT = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
_COMMENT = re.compile(rf"{_TEXT}|(?://|#)[^\n]*|/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(rf"{_TEXT}|[\[\]{{}}\"']", re.DOTALL)
_CLOSING = {"{": "}", "[": "]"}
_WORDS = {"True": "true", "False": "false", "None": "null", "=": ":", ";": ","}
_BREAKS = " \t\r\n,:;={}[]"


def without_comments(text: str) -> str:
    """Return the text with spaces in place of its comments.

    >>> without_comments("{a: '#'} # b")
    "{a: '#'}    "
    """
    return _COMMENT.sub(lambda found: found[0] if found[0][0] in "\"'" else re.sub(r"[^\n]", " ", found[0]), text)


def read_typed(text: str, entries: Callable[[Any], Any]) -> Any:
    """Return the content of a typed text, with every number as a float; `entries` makes an object of its pairs.

    Raises ValueError with line, column, and what to write instead.

    >>> read_typed("{eta: 0.1, inputs: [1, 2,],}", dict)
    {'eta': 0.1, 'inputs': [1.0, 2.0]}
    >>> read_typed('{"a": 1/3}', dict)
    Traceback (most recent call last):
        ...
    ValueError: line 1, column 7: write 1/3 in quotes: "1/3".
    """
    from json5 import parse  # noqa: PLC0415 - adds 3 ms to `nn.load`; most files are plain JSON

    content, problem, place = parse(text, parse_int=_number, object_pairs_hook=entries)
    if problem is None:
        return content
    at, sentence = _problem(text, place)
    raise ValueError(f"{where(text, at)}: {sentence}")


def _number(digits: str, base: int = 10) -> float:
    return float(digits) if base == 10 else float.fromhex(digits)


def where(text: str, at: int) -> str:
    r"""Return the line and column of a place in a text.

    >>> where("a\nbc", 3)
    'line 2, column 2'
    """
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"


def _problem(text: str, place: int) -> tuple[int, str]:
    """Return where a text is wrong, and what to do; `place` is how far it could be read."""
    end = len(text.rstrip())
    problem = _bracket_problem(text, end)
    if problem and (place >= end or problem[0] <= place):
        return problem
    return _advice(text, min(place, end - 1))


def _bracket_problem(text: str, end: int) -> tuple[int, str] | None:
    """Return the place of the first bracket or quotation mark without its partner, and what to do; None without one."""
    still_open, alone = _brackets(text)
    opening = still_open[-1] if still_open else None
    if alone is None:
        if opening is None:
            return None
        sentence = f"the file ends before the {opening[0]} of {where(text, opening.start())} is closed."
        return end, f"{sentence} Write {_CLOSING[opening[0]]} at its end; or was the file cut off?"
    at, mark = alone.start(), alone[0]
    if mark not in ("}", "]"):
        cut = "." if "\n" in text[at:end] else "; or was the file cut off?"
        return at, f"the text that begins here has no closing {mark}. Write one at its end{cut}"
    if opening is None:
        return at, f"this {mark} closes nothing; remove it."
    place = where(text, opening.start())
    return at, f"write {_CLOSING[opening[0]]} before this {mark}, to close the {opening[0]} of {place}."


def _brackets(text: str) -> tuple[list[re.Match[str]], re.Match[str] | None]:
    """Return the brackets that are open at the end of a text, or at its first mark without a partner, and this mark."""
    still_open: list[re.Match[str]] = []
    for token in _TOKEN.finditer(text):
        if token[0] in _CLOSING:
            still_open.append(token)
        elif token[0] in ("}", "]") and still_open and _CLOSING[still_open[-1][0]] == token[0]:
            still_open.pop()
        elif len(token[0]) == 1:
            return still_open, token
    return still_open, None


def _advice(text: str, place: int) -> tuple[int, str]:
    """Return where the word at a place begins, and what to write instead of it."""
    begin, end = place, place
    while begin and text[begin - 1] not in _BREAKS:
        begin -= 1
    while text[end : end + 1] not in ("", *_BREAKS):
        end += 1
    word, before = text[begin:end], text[:begin].rstrip()
    if not word:
        begin += len(text[begin:]) - len(text[begin:].lstrip())
    decimal = re.search(r"\d+,$", before)
    if decimal and word.isdigit() and _inside(before) == "{":
        number = decimal[0][:-1]
        return decimal.start(), f"write {number}.{word} in place of {number},{word}."
    if before[-1:] in _WORDS:
        return len(before) - 1, f"write {_WORDS[before[-1]]} in place of {before[-1]}."
    if re.search(r",\s*,$", before):
        return len(before) - 1, "remove one of the two commas."
    return begin, _about_word(word, text, begin, before) if word else _about_mark(text[begin], before)


def _inside(before: str) -> str:
    """Return the last bracket that is open at the end of a text, or ""."""
    still_open, _ = _brackets(before)
    return still_open[-1][0] if still_open else ""


def _about_mark(mark: str, before: str) -> str:
    if mark in _WORDS:
        return f"write {_WORDS[mark]} in place of {mark}."
    return f"a value is missing before {mark}." if before.endswith((":", "[", ",")) else f"remove this {mark}."


def _about_word(word: str, text: str, begin: int, before: str) -> str:
    inside = _inside(before)
    if not inside:
        return f"the file ends with the last bracket; remove {word}."
    if word in _WORDS:
        return f"write {_WORDS[word]} in place of {word}."
    if re.search("[“”„‘’«»]", word):  # noqa: RUF001 - what word processors make of quotation marks
        return f'write straight quotation marks, as in "relu", in place of those of {word}.'
    if not before.endswith(tuple(":,[{")):
        named = inside == "{" and re.search(r"[{,]\s*(\"[^\"]*\"|'[^']*'|\w+)$", before)
        return f"write {':' if named else 'a comma'} before {word}."
    phrase = re.split(r"[,:{}\[\]\n]", text[begin:])[0].strip()
    is_name = inside == "{" and not before.endswith(":")
    if is_name or word[0].isalpha() or re.fullmatch(r"[-+]?\d+/\d+", word):
        return f'write {phrase} in quotes: "{phrase}".'
    return f"{word} cannot be read; write a number, a list, or a text in quotes."
