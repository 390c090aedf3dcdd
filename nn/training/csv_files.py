"""`read_csv`: makes a data set of a CSV file. Errors name the line and column that cannot be read."""

import csv
import math
import re
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from autograd.table.scalars import is_numeral, near
from autograd.table.visible import visible
from nn.exchange.files import read_file
from nn.training.datasets import Dataset

_DELIMITERS = ",;\t"
_MISSING = {"", "?", "-", "na", "n/a", "nan", "null", "none"}
_MISSING_CLASS = {"", "?"}


class _Table(NamedTuple):
    """The names of the columns, and the rows of texts; `numbers` has the line of each row in the file."""

    path: str
    names: list[str]
    rows: list[list[str]]
    numbers: list[int]

    def column(self, column: int) -> list[str]:
        return [row[column] for row in self.rows]

    def place(self, row: int, column: int) -> str:
        return f"{self.path}, line {self.numbers[row]}, column {self.names[column]!r}"


def read_csv(
    path: str | Path,
    *,
    target: str | None = None,
    features: Sequence[str] | None = None,
    drop: Sequence[str] = (),
    encoding: str = "utf-8",
    classes: bool = True,
) -> Dataset:
    r"""Return the rows of a CSV file as a data set.

    The last column is the target, unless `target` names another; all others are features and must be numbers, unless
    `features` names some or `drop` leaves some out. A first column that counts the rows and has no name, as pandas
    writes it, is left out; the `note` of the data set says so.

    Targets are names of classes (texts or numbers), and the classes are sorted; 1, 1.0 and 01 are one class. With
    `classes=False` targets are numbers. The first line is a header if none of its cells is a number; without a header
    the columns are called x1, x2, ... and "class". The separator is a comma, semicolon or tab: the one that the first
    line has most often, or that it names, as "sep=;" does. Empty lines are skipped. Raises FileNotFoundError,
    IsADirectoryError, TypeError, and ValueError that names the line and the column that cannot be read.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "flowers.csv"
    >>> _ = path.write_text("length,width,flower\n1.4,0.2,setosa\n4.7,1.4,versicolor\n")
    >>> read_csv(path)
    Dataset('flowers.csv', 2 rows, 2 features, classes setosa and versicolor)
    >>> read_csv(path, drop=["length"]).feature_names
    ('width',)
    """
    path = Path(path)
    shown = visible(path)
    table = _table(shown, *_lines(shown, _text(path, encoding)))
    for number, row in zip(table.numbers, table.rows, strict=True):
        if len(row) != len(table.names):
            raise ValueError(f"{shown}, line {number}, has {len(row)} cells instead of {len(table.names)}.")
    columns, column, note = _columns(table, target, features, drop)
    inputs = _numbers(table, columns)
    class_names, targets = _classes(table, column) if classes else ((), [row[0] for row in _numbers(table, [column])])
    names = [table.names[place] for place in columns]
    return Dataset(inputs, targets, feature_names=names, class_names=class_names, name=path.name, note=note)


def _numbers(table: _Table, columns: Sequence[int]) -> Sequence[Sequence[float]]:
    """Return the numbers in some columns, row by row."""
    try:
        numbers = [_quick_numbers(table.column(column)) for column in columns]
    except ValueError:  # look for the first cell that is wrong
        return [[_cell_number(table, row, column) for column in columns] for row in range(len(table.rows))]
    return list(zip(*numbers, strict=True))


def _quick_numbers(cells: Sequence[str]) -> list[float]:
    """Return the cells of a column as numbers. Raises ValueError if one of them may be wrong."""
    numbers = list(map(float, cells))
    if not all(map(math.isfinite, numbers)) or "_" in "".join(cells):
        raise ValueError
    return numbers


def _columns(
    table: _Table, target: str | None, features: Sequence[str] | None, drop: Sequence[str]
) -> tuple[list[int], int, str]:
    """Return the places of the features and of the target, and a note about an index that is left out."""
    chosen, dropped = _places(table, features or (), "features"), _places(table, drop, "drop")
    if chosen and dropped:
        raise ValueError("expected features or columns to drop, got both.")
    named = _places(table, [] if target is None else [target], "target")
    note = ""
    if _is_index(table) and 0 not in (*chosen, *dropped, *named):
        dropped, note = [0, *dropped], "without its index, column 1"
    left = [place for place in range(len(table.names)) if place not in dropped]
    if not left or not set(named) <= set(left):
        raise ValueError(f"{table.path}: the target is a column to drop; name another one with target=... (--target).")
    column = named[0] if named else left[-1]
    if column in chosen:
        raise ValueError(
            f"{table.path}: column {table.names[column]!r} is the target and a feature; name another target with "
            "target=... (--target)."
        )
    columns = chosen or [place for place in left if place != column]
    if not columns:
        raise ValueError(f"{table.path}: no feature is left beside the target {table.names[column]!r}.")
    return columns, column, note


def _places(table: _Table, names: Sequence[str], what: str) -> list[int]:
    if isinstance(names, str):
        raise TypeError(f"expected a list of columns for {what}, got {names!r}.")
    for name in names:
        if name not in table.names:
            raise ValueError(f"{table.path} has no column {name!r}; try {near(name, table.names)}.")
    return [table.names.index(name) for name in names]


def _is_index(table: _Table) -> bool:
    """Say whether the first column has no name and counts the rows, as pandas and R write it."""
    if table.names[0] and not re.fullmatch(r"Unnamed: \d+", table.names[0]):
        return False
    cells = table.column(0)
    return any(cells == [str(place) for place in range(first, first + len(cells))] for first in (0, 1))


def _classes(table: _Table, column: int) -> tuple[Sequence[str], list[int]]:
    """Return the names of the classes, and the class of each row."""
    cells = table.column(column)
    _check_class_names(table, column, cells)
    spelled = _one_spelling(set(cells))
    class_names = _sorted(set(spelled.values()))
    where = f"{table.path}, column {table.names[column]!r}"
    if len(class_names) == 1:
        raise ValueError(
            f"{where}: every row has the class {class_names[0]!r}, but two classes or more are needed. If another "
            "column is the target, name it with target=... (--target)."
        )
    if len(class_names) > max(len(cells) // 2, 2) and all(_is_number(name) for name in class_names):
        raise ValueError(
            f"{where} has {len(class_names)} different numbers in {len(cells)} rows. If they are numbers to predict, "
            "not classes, use classes=False (--regression)."
        )
    place_of = {name: place for place, name in enumerate(class_names)}
    places = {cell: place_of[name] for cell, name in spelled.items()}
    return class_names, [places[cell] for cell in cells]


def _text(path: Path, encoding: str) -> str:
    """Return the text of a file, without a byte order mark."""
    content = read_file(path)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{visible(path)}, line {line}: the byte {content[error.start]:#04x} is not valid {encoding}. "
            "Save the file as UTF-8, or name its encoding (--encoding), such as 'latin-1' or 'utf-16'."
        ) from error
    except (LookupError, ValueError) as error:  # base64, for example, is a codec, but none for text
        raise ValueError(f"there is no encoding {encoding!r}; try 'utf-8', 'latin-1' or 'utf-16'.") from error
    return text.removeprefix("\ufeff")


def _lines(path: str, text: str) -> tuple[list[list[str]], list[int]]:
    """Return the cells of the lines that are not empty, and the number of the line where each ends."""
    if text.lstrip().startswith("{"):
        raise ValueError(f"expected a CSV file, got {path}, which begins with a brace, as JSON does.")
    first = text.lstrip().partition("\n")[0]
    named = re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE)  # the first line of a file for Excel
    delimiter = named[1] if named else max(_DELIMITERS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[list[str]] = []
    numbers: list[int] = []
    last = 0
    try:
        for row in reader:
            last = reader.line_num
            if named and not lines and row[0].lower().startswith("sep="):
                continue
            cells = list(map(str.strip, row))
            if len(cells) > 1 or any(cells):
                lines.append(cells)
                numbers.append(last)
    except csv.Error as error:  # an open quotation mark is found at the end of the file
        raise ValueError(
            f"{path}, line {last + 1}, is not a line of a CSV file: {error}. Check its quotation marks."
        ) from error
    if not lines:
        raise ValueError(f"{path} is empty.")
    return lines, numbers


def _table(path: str, lines: list[list[str]], numbers: list[int]) -> _Table:
    """Return the lines with the names of their columns, from the header if there is one."""
    first = lines[0]
    if len(first) == 1:
        raise ValueError(
            f"{path} has one column, {first[0]!r:.60}; a data set needs a feature and a target, separated by commas, "
            "semicolons or tabs."
        )
    if any(_is_number(cell) for cell in first):
        return _Table(path, [*(f"x{place}" for place in range(1, len(first))), "class"], lines, numbers)
    table = _Table(path, first, lines[1:], numbers[1:])
    for place, name in enumerate(first):
        if not name and not (place == 0 and table.rows and _is_index(table)):
            raise ValueError(f"{path}, line {numbers[0]}: column {place + 1} has no name.")
        if name in first[:place]:
            raise ValueError(f"{path}, line {numbers[0]}: two columns are called {name!r}.")
    if len(lines) == 1:
        raise ValueError(f"{path} has a header, but no rows.")
    return table


def _cell_number(table: _Table, row: int, column: int) -> float:
    cell = table.rows[row][column]
    if cell.lower() in _MISSING:
        raise ValueError(f"{table.place(row, column)}: a number is missing ({cell!r}). Fill it in, or remove the line.")
    if not _is_number(cell):
        raise ValueError(f"{table.place(row, column)}: {cell!r} is not a number.{_hint(table, cell, column)}")
    number = float(cell)
    if not math.isfinite(number):
        raise ValueError(f"{table.place(row, column)}: {cell!r} is not finite.")
    return number


def _hint(table: _Table, cell: str, column: int) -> str:
    """Return what to try if a cell is not a number."""
    if _is_number(cell.replace(",", ".", 1)):
        return " Write decimals with a point."
    if any(map(_is_number, table.column(column))):
        return ""
    return (
        " This column has no numbers. If it is the target, name it with target=... (--target); else leave it out with "
        "drop=... (--drop)."
    )


def _check_class_names(table: _Table, column: int, cells: Sequence[str]) -> None:
    if _MISSING_CLASS.isdisjoint(cells):
        return
    row, cell = next((row, cell) for row, cell in enumerate(cells) if cell in _MISSING_CLASS)
    raise ValueError(f"{table.place(row, column)}: the class is missing ({cell!r}). Fill it in, or remove the line.")


def _one_spelling(names: set[str]) -> dict[str, str]:
    """Return the shortest spelling of each name; numbers that are equal are one name."""
    shortest: dict[str | float, str] = {}
    keys = {name: float(name) if _is_number(name) and name.lower() != "nan" else name for name in names}
    for name in sorted(names, key=lambda name: (len(name), name)):
        shortest.setdefault(keys[name], name)
    return {name: shortest[key] for name, key in keys.items()}


def _sorted(names: set[str]) -> Sequence[str]:
    """Return the names of classes in numeric order if all are numbers, else in alphabetic order."""
    numeric = all(_is_number(name) for name in names)
    return sorted(names, key=lambda name: (float(name) if numeric else 0.0, name))


def _is_number(cell: str) -> bool:
    return is_numeral(cell) and "_" not in cell  # Python accepts 1_000, but a file does not mean a number by it
