"""JSON that a person typed: comments, commas before a bracket, single quotes and names without quotes are read.

What is still wrong is named with its line and column, and with what to write instead.
"""

import re
from collections.abc import Callable
from typing import Any

_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(?://|#)[^\n]*|/\*.*?\*/', re.DOTALL)
_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[\[\]{}"\']', re.DOTALL)
_CLOSING = {"{": "}", "[": "]"}
_WORDS = {"True": "true", "False": "false", "None": "null", "=": ":", ";": ","}
_BREAKS = " \t\r\n,:;={}[]"


def without_comments(text: str) -> str:
    """Return the text with spaces in place of its comments.

    >>> without_comments("{a: '#'} # b")
    "{a: '#'}    "
    """
    return _COMMENT.sub(lambda found: found[0] if found[0][0] in "\"'" else re.sub(r"[^\n]", " ", found[0]), text)


def read_typed(text: str, whole: Callable[[str], float], entries: Callable[[Any], Any]) -> Any:
    """Return the content of a typed text. Raises ValueError with line, column, and what to write instead.

    `whole` makes a number of its digits; `entries` makes an object of its pairs.

    >>> read_typed("{eta: 0.1, inputs: [1, 2,],}", float, dict)
    {'eta': 0.1, 'inputs': [1.0, 2.0]}
    >>> read_typed('{"a": 1/3}', float, dict)
    Traceback (most recent call last):
        ...
    ValueError: line 1, column 7: write 1/3 in quotes: "1/3".
    """
    from json5 import parse  # noqa: PLC0415 - adds 10 ms to `nn.load`; most files are plain JSON

    def number(digits: str, base: int = 10) -> float:
        return whole(digits) if base == 10 else float.fromhex(digits)

    content, problem, place = parse(text, parse_int=number, object_pairs_hook=entries)
    if problem is None:
        return content
    at, sentence = _problem(text, place)
    raise ValueError(f"{where(text, at)}: {sentence}")


def where(text: str, at: int) -> str:
    r"""Return the line and column of a place in a text.

    >>> where("a\nbc", 3)
    'line 2, column 2'
    """
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"


def _brackets(text: str) -> tuple[list[tuple[int, str]], tuple[int, str] | None]:
    """Return the brackets that are open at the end, and the first mark without its partner with what to do."""
    still_open: list[tuple[int, str]] = []
    for token in _TOKEN.finditer(text):
        at, mark = token.start(), token[0]
        if mark in _CLOSING:
            still_open.append((at, mark))
        elif mark in ('"', "'"):
            cut = "" if "\n" in text[at:].rstrip() else "; or was the file cut off?"
            return still_open, (
                at,
                f"the text that begins here has no closing {mark}. Write one at its end{cut or '.'}",
            )
        elif mark in ("}", "]"):
            if not still_open:
                return still_open, (at, f"this {mark} closes nothing; remove it.")
            began, opening = still_open.pop()
            if _CLOSING[opening] != mark:
                place = where(text, began)
                return still_open, (
                    at,
                    f"write {_CLOSING[opening]} before this {mark}, to close the {opening} of {place}.",
                )
    return still_open, None


def _problem(text: str, place: int) -> tuple[int, str]:
    """Return where a text is wrong, and what to do; `place` is how far it could be read."""
    still_open, problem = _brackets(text)
    end = len(text.rstrip())
    if still_open and not problem:
        began, opening = still_open[-1]
        sentence = f"the file ends before the {opening} of {where(text, began)} is closed."
        problem = end, f"{sentence} Write {_CLOSING[opening]} at its end; or was the file cut off?"
    if problem and (place >= end or problem[0] <= place):
        return problem
    return _advice(text, min(place, end - 1))


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
    return still_open[-1][1] if still_open else ""


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
