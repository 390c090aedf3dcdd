"""The text of a saved model: readable JSON. Errors say where in the file a mistake is.

JSON has no infinities and no nan; they are written as the texts "inf", "-inf" and "nan".
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from autograd.table.scalars import alike, all_finite, format_number
from autograd.table.visible import said, visible
from nn.exchange.typed import read_typed, where, without_comments

WIDTH = 120
"""The width of a line: a part that fits is written on one line."""

MOST_TYPED = 50_000
"""The most characters of a file that a person typed; a longer one is read as plain JSON only, which is fast."""

OTHER_WORDS = {
    "lr": "eta",
    "learning_rate": "eta",
    "alpha": "eta",
    "x": "inputs",
    "y": "target",
    "label": "target",
    "iterations": "",
}
"""Names that people use for entries, and ours."""

_DEEP = "the lists are nested too deeply for a model."
_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
REPEATED: Final = object()
"""Marks an entry that appears twice in one object."""


class FormatError(ValueError):
    """A file cannot be loaded as a model; the message says where in the file, and why."""

    __module__ = "nn"  # where users import it from

    def __init__(self, sentence: str) -> None:
        super().__init__(said(visible(sentence)))


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of a file's content, and its place, such as layers[1].weights[0][2]; the whole file has the place "".

    >>> Entry({"weights": [[1.0], [True]]}).fields(["weights"])["weights"].items()[1].numbers()
    Traceback (most recent call last):
        ...
    nn.FormatError: weights[1][0]: expected a number, got true.
    """

    content: Any
    place: str = ""

    def error(self, sentence: str) -> FormatError:
        """Return the error for this entry: its place, if it is not the whole file, and the sentence."""
        place = f"{_cut(self.place, 200)}: " if self.place else ""
        return FormatError(f"{place}{_cut(sentence, 500)}")

    def fields(
        self, required: Sequence[str], optional: Sequence[str] = (), meant: Mapping[str, str] | None = None
    ) -> dict[str, "Entry"]:
        """Return the entries of an object. Other entries, or missing required ones, are errors.

        `meant` has for some other entries what to write in their place.
        """
        found, known = self.named(), [*required, *optional]
        for name in found:
            if name not in known:
                example = (meant or {}).get(name)
                near = [example] if example else alike(OTHER_WORDS.get(name, name), known, 1)
                raise self.error(f"unknown entry {_shown(name)}; {f'try {near[0]}' if near else 'remove it'}.")
        for name in required:
            self.field(name, found)
        return found

    def field(self, name: str, found: Mapping[str, "Entry"]) -> "Entry":
        """Return the entry with this name from those found in an object."""
        if name not in found:
            raise self.error(f"the entry {json.dumps(name)} is missing.")
        return found[name]

    def named(self) -> dict[str, "Entry"]:
        """Return the entries of an object by name."""
        if not isinstance(self.content, dict):
            raise self.error(f'expected an object such as {{"name": ...}}, got {_shown(self.content)}.')
        dot = "." if self.place else ""
        found = {}
        for name, content in self.content.items():
            step = f"{dot}{name}" if name.isidentifier() else f"[{json.dumps(name)}]"
            found[name] = Entry(content, self.place + step)
            if content is REPEATED:
                raise found[name].error("this entry appears twice; remove one of the two.")
        return found

    def items(self) -> list["Entry"]:
        """Return the entries of a list."""
        if not isinstance(self.content, list):
            raise self.error(f"expected a list, got {_shown(self.content)}.")
        return [Entry(content, f"{self.place}[{index}]") for index, content in enumerate(self.content)]

    def numbers(self) -> list[float]:
        """Return the numbers of a list."""
        if isinstance(self.content, list) and all_finite(self.content):
            return list(self.content)
        return [item.number() for item in self.items()]

    def number(self) -> float:
        """Return a number; infinities and nan are read from texts."""
        if isinstance(self.content, float) and math.isfinite(self.content):
            return self.content
        if isinstance(self.content, str) and self.content in _NOT_FINITE:
            return _NOT_FINITE[self.content]
        if isinstance(self.content, float):
            raise self.error('the number does not fit into a float; try the texts "inf", "-inf" and "nan".')
        hint = ' or one of the texts "inf", "-inf" and "nan"' if isinstance(self.content, str) else ""
        raise self.error(f"expected a number{hint}, got {_shown(self.content)}.")

    def whole(self, least: int) -> int:
        """Return a whole number from `least` up."""
        number = self.number()
        if not (number.is_integer() and number >= least):
            raise self.error(f"expected a whole number from {least} up, got {_shown(number)}.")
        return int(number)

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.content, str):
            raise self.error(f"expected a text, got {_shown(self.content)}.")
        return self.content

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.content, bool):
            raise self.error(f"expected true or false, got {_shown(self.content)}.")
        return self.content

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Turn errors of this block into FormatErrors with the place of this entry."""
        try:
            yield
        except FormatError:
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise self.error(str(error)) from error


def parsed(content: bytes) -> Any:
    """Return the content of a JSON file, with every number as a float. Raises FormatError with line and column.

    A file that a person typed may have comments, and commas, quotes and names as in JSON5.

    >>> parsed(b'{"a": 1, "b": }')
    Traceback (most recent call last):
        ...
    nn.FormatError: line 1, column 15: a value is missing before }.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"byte {error.start + 1}: expected text in UTF-8. Save the file as UTF-8.") from error
    if not text.strip():
        raise FormatError("the file is empty.")
    try:
        return json.loads(text, parse_int=float, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        return _typed(without_comments(text), error)
    except RecursionError as error:
        raise FormatError(_DEEP) from error


def _typed(text: str, error: json.JSONDecodeError) -> Any:
    """Return the content of a text that is no plain JSON, as the error says."""
    if text.lstrip()[:1] not in ("{", "["):
        first = _cut((text.strip() or error.doc.strip()).splitlines()[0], 40)
        raise FormatError(f"expected JSON, such as {{...}}, got a file that begins with {first!r}.") from error
    if len(text) > MOST_TYPED:
        end = "; was the file cut off?" if error.pos >= len(error.doc.rstrip()) else "."
        raise FormatError(f"{where(error.doc, error.pos)}: {error.msg}{end}") from error
    try:
        return read_typed(text, _object)
    except RecursionError as deep:
        raise FormatError(_DEEP) from deep
    except (ValueError, OverflowError) as wrong:
        raise FormatError(str(wrong)) from wrong


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for name, content in pairs:
        entries[name] = REPEATED if name in entries else content
    return entries


def written(content: Any) -> str:
    """Return content as JSON. A part that fits is written on one line, and so is every list of numbers.

    >>> print(written({"rows": [[1.5, "inf"], [2.0, -0.0]], "name": "x" * 100}))
    {
      "rows": [[1.5, "inf"], [2.0, -0.0]],
      "name": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    }
    """
    return _forms(content, "")[1]


def _forms(content: Any, indent: str) -> tuple[str, str]:
    """Return content as JSON on one line, and as it is written."""
    inner, is_object = indent + "  ", isinstance(content, dict)
    if not content or not (is_object or (isinstance(content, list) and not isinstance(content[0], (float, str)))):
        line = json.dumps(content, allow_nan=False)
        return line, line
    names = [f"{json.dumps(name)}: " for name in content] if is_object else [""] * len(content)
    parts = [_forms(part, inner) for part in (content.values() if is_object else content)]
    begin, end = "{}" if is_object else "[]"
    line = begin + ", ".join(name + part for name, (part, _) in zip(names, parts, strict=True)) + end
    if len(indent + line) <= WIDTH and (indent or not is_object):
        return line, line
    lines = ",\n".join(f"{inner}{name}{part}" for name, (_, part) in zip(names, parts, strict=True))
    return line, f"{begin}\n{lines}\n{indent}{end}"


def _shown(content: Any) -> str:
    """Return the content, or its kind, for a message."""
    if isinstance(content, dict):
        return "object"
    if isinstance(content, list):
        return "list"
    is_whole = isinstance(content, float) and content.is_integer()
    return format_number(content, 17) if is_whole else _cut(json.dumps(content), 40)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
