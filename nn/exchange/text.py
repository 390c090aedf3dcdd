"""The text of a saved model: JSON written for people, and read with the place of whatever is wrong in it.

JSON has no infinities and no nan; they are written as the texts "inf", "-inf" and "nan".
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

WIDTH = 120
"""What fits into a line of this width is written on one."""

_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
_REPEATED: Final = object()
"""In place of an entry that stands twice in one object."""


class FormatError(ValueError):
    """A file cannot be loaded as a model; the message says where in the file, and why."""

    __module__ = "nn"  # where users import it from


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of a file's content, and its place such as layers[1].weights[0][2]; the whole has the place "".

    >>> Entry({"weights": [[1.0], [True]]}).fields(["weights"])["weights"].items()[1].numbers()
    Traceback (most recent call last):
        ...
    nn.FormatError: weights[1][0] must be a number, but true came.
    """

    content: Any
    place: str = ""

    def error(self, sentence: str) -> FormatError:
        """Return the error that says what is wrong with this entry."""
        return FormatError(f"{_cut(self.place, 200) or 'the file'} {_cut(sentence, 500)}")

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, "Entry"]:
        """Return the entries of an object that has these and no others."""
        found, known = self.named(), [*required, *optional]
        for name in found:
            if name not in known:
                raise self.error(f"has an unknown entry {_shown(name)}; try {near(name, known)}.")
        for name in required:
            self.field(name, found)
        return found

    def field(self, name: str, found: Mapping[str, "Entry"]) -> "Entry":
        """Return the entry of an object that has this name, among those found in it."""
        if name not in found:
            raise self.error(f"has no entry {json.dumps(name)}, which it needs.")
        return found[name]

    def named(self) -> dict[str, "Entry"]:
        """Return the entries of an object by name."""
        if not isinstance(self.content, dict):
            raise self.error(f'must be an object such as {{"name": ...}}, but {_shown(self.content)} came.')
        dot = "." if self.place else ""
        found = {}
        for name, content in self.content.items():
            step = f"{dot}{name}" if name.isidentifier() else f"[{json.dumps(name)}]"
            found[name] = Entry(content, self.place + step)
            if content is _REPEATED:
                raise found[name].error("stands there twice; one of the two must go.")
        return found

    def items(self) -> list["Entry"]:
        """Return the entries of a list."""
        if not isinstance(self.content, list):
            raise self.error(f"must be a list, but {_shown(self.content)} came.")
        return [Entry(content, f"{self.place}[{index}]") for index, content in enumerate(self.content)]

    def numbers(self) -> list[float]:
        """Return the numbers of a list."""
        return [item.number() for item in self.items()]

    def number(self) -> float:
        """Return a number, also one of those that JSON has no notation for."""
        if isinstance(self.content, float) and math.isfinite(self.content):
            return self.content
        if isinstance(self.content, str) and self.content in _NOT_FINITE:
            return _NOT_FINITE[self.content]
        if isinstance(self.content, float):
            raise self.error('is no number of JSON that fits into a float; try the texts "inf", "-inf" and "nan".')
        hint = ', or one of the texts "inf", "-inf" and "nan"' if isinstance(self.content, str) else ""
        raise self.error(f"must be a number{hint}, but {_shown(self.content)} came.")

    def whole(self, least: int) -> int:
        """Return a whole number from `least` up."""
        number = self.number()
        if not (number.is_integer() and number >= least):
            raise self.error(f"must be a whole number from {least} up, but {number!r} came.")
        return int(number)

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.content, str):
            raise self.error(f"must be a text, but {_shown(self.content)} came.")
        return self.content

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.content, bool):
            raise self.error(f"must be true or false, but {_shown(self.content)} came.")
        return self.content

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Say of errors inside that they are about this entry."""
        try:
            yield
        except FormatError:
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise self.error(f"does not fit: {error}") from error


def near(name: str, known: Sequence[str]) -> str:
    """Return the known names that a name resembles, or all of them, for a sentence.

    >>> near("wieghts", ["weights", "bias"]), near("x", ["weights", "bias"])
    ('weights', 'weights, bias')
    """
    return ", ".join(get_close_matches(name, known) or known)


def parsed(content: bytes) -> Any:
    """Return what a file of JSON holds, with every number as a float. Raises FormatError with line and column.

    >>> parsed(b'{"a": 1, "b": }')
    Traceback (most recent call last):
        ...
    nn.FormatError: line 1, column 15: Expecting value. The file is damaged or was cut off; save it again.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"byte {error.start + 1} is no text in UTF-8, in which models are saved.") from error
    if not text.strip():
        raise FormatError("the file is empty; save the model again.")
    try:
        return json.loads(text, parse_int=float, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise FormatError(f"{place}: {error.msg}. The file is damaged or was cut off; save it again.") from error
    except RecursionError as error:
        raise FormatError("the file has lists within lists too deep for any model.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for name, content in pairs:
        entries[name] = _REPEATED if name in entries else content
    return entries


def written(content: Any, indent: str = "") -> str:
    """Return content as JSON: what fits into a line stands on one, and so does every list of numbers.

    >>> print(written({"rows": [[1.5, "inf"], [2.0, -0.0]], "name": "x" * 100}))
    {
      "rows": [[1.5, "inf"], [2.0, -0.0]],
      "name": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    }
    """
    line = json.dumps(content, allow_nan=False)
    inner = indent + "  "
    if isinstance(content, dict) and content and (not indent or len(indent + line) > WIDTH):
        parts = [f"{inner}{json.dumps(name)}: {written(part, inner)}" for name, part in content.items()]
        return ",\n".join(["{\n" + parts[0], *parts[1:]]) + f"\n{indent}}}"
    if isinstance(content, list) and len(indent + line) > WIDTH and not isinstance(content[0], (float, str)):
        return "[\n" + ",\n".join(inner + written(part, inner) for part in content) + f"\n{indent}]"
    return line


def _shown(content: Any) -> str:
    """Return what came, for a sentence."""
    if isinstance(content, dict):
        return "an object"
    if isinstance(content, list):
        return "a list"
    return _cut(json.dumps(content), 40)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
