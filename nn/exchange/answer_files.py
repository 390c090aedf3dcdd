"""`read_answers`: the numbers of one student, or of a class, in a file of JSON or CSV."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from nn.exchange.files import read_file
from nn.exchange.text import REPEATED, FormatError, parsed

Answers: TypeAlias = dict[str, Any]
"""Numbers by the names of their quantities; texts are numbers as people write them."""
_DELIMITERS = ";\t,"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""The marks at the beginning of a file in UTF-16."""
_HEADINGS = {"name", "quantity", "line"}


def read_answers(path: Path, is_quantity: Callable[[str], bool]) -> Answers | dict[str, Answers]:
    """Return the answers in a file: of one student by quantity, or of a class by student and quantity.

    JSON is an object of numbers, or of such objects by student. CSV has a name and a number a line, or a line of
    quantities and then one line a student; `is_quantity` says whether a text names a quantity. Raises OSError if the
    file cannot be read, FormatError with the line if it does not fit.
    """
    content = read_file(path)
    try:
        if (path.suffix.lower() == ".json" and content[:2] not in _UTF_16) or content.lstrip(b"\xef\xbb\xbf \t\r\n")[
            :1
        ] in (b"{", b"["):
            return _of_json(parsed(content))
        if content[:2] in _UTF_16 and text_in(content).lstrip()[:1] in ("{", "["):
            return _of_json(parsed(text_in(content).encode()))
        return _of_csv(text_in(content), is_quantity)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error


def text_in(content: bytes) -> str:
    """Return the text of a file in UTF-8, in UTF-16 with its mark, or else in the code of older spreadsheets."""
    try:
        return content.decode("utf-16" if content[:2] in _UTF_16 else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _of_json(content: Any) -> Answers | dict[str, Answers]:
    if not isinstance(content, Mapping):
        raise FormatError('expected an object such as {"x3": 5, "delta3": 20}.')
    for name, given in content.items():
        if given is REPEATED:
            raise FormatError(f"{name} is given twice; give one number for it.")
    if isinstance(content.get("weights"), Mapping | Sequence) and "inputs" in content:
        raise FormatError(
            'expected a student\'s numbers, such as {"x3": 5, "delta3": 20}, got an exercise. It is named before them.'
        )
    if content and all(isinstance(own, Mapping) for own in content.values()):
        return {str(student): dict(_of_json(own)) for student, own in content.items()}
    return dict(content)


def _of_csv(text: str, is_quantity: Callable[[str], bool]) -> Answers | dict[str, Answers]:
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(" \t,;#") and line[0] != "#"
    ]
    if not lines:
        raise FormatError("the file is empty.")
    first = lines[0][1]
    delimiter = "=" if re.match("[^;\t,=]+=", first) else next((sign for sign in _DELIMITERS if sign in first), ",")
    rows = [(number, _cells(line, delimiter)) for number, line in lines]
    if any(is_quantity(cell) for cell in rows[0][1][1:]):
        return _of_class(rows, is_quantity)
    return _of_student(rows, delimiter)


def _cells(line: str, delimiter: str) -> list[str]:
    [cells] = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
    return [cell.strip() for cell in cells]


def _of_student(rows: Sequence[tuple[int, list[str]]], delimiter: str) -> Answers:
    found: Answers = {}
    for number, (name, *cells) in rows:
        if number == rows[0][0] and name.lower() in _HEADINGS:
            continue
        if name in found:
            raise FormatError(f"line {number}: {name} is given twice; give one number for it.")
        if not name:
            raise FormatError(f"line {number}: a number has no name; write the name of its quantity before it.")
        found[name] = delimiter.join(cells).strip(" ;\t,")  # 0,5 is one number, with a decimal comma
    return found


def _of_class(rows: Sequence[tuple[int, list[str]]], is_quantity: Callable[[str], bool]) -> dict[str, Answers]:
    (line, heading), *others = rows
    named = not is_quantity(heading[0])
    columns = heading[1:] if named else heading
    repeated = [name for place, name in enumerate(columns) if name in columns[:place]]
    if repeated:
        raise FormatError(f"line {line}: the column {repeated[0]} appears twice; give each quantity one.")
    found: dict[str, Answers] = {}
    for number, cells in others:
        student = (cells[0] if named else "") or f"line {number}"
        numbers = cells[1:] if named else cells
        if len(numbers) > len(columns):
            raise FormatError(
                f"line {number}: expected {len(columns)} numbers, got {len(numbers)}. With decimal commas, separate "
                "the columns with semicolons."
            )
        if student in found:
            raise FormatError(f"line {number}: the student {student} appears twice.")
        found[student] = dict(zip(columns, [*numbers, *[""] * (len(columns) - len(numbers))], strict=True))
    return found
