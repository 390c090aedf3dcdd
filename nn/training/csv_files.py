"""`read_csv`: makes a data set of a CSV file. Errors name the line and column that cannot be read."""

import csv
import math
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from autograd.table.scalars import is_numeral, near
from nn.exchange.files import read_file
from nn.training.datasets import Dataset

_DELIMITERS = ",;\t"
_MISSING = {"", "?", "-", "na", "n/a", "nan", "null", "none"}
_MISSING_CLASS = {"", "?"}


class _Line(NamedTuple):
    number: int
    cells: list[str]


class _Table(NamedTuple):
    path: Path
    names: list[str]
    lines: list[_Line]

    def place(self, line: _Line, column: int) -> str:
        return f"{self.path}, line {line.number}, column {self.names[column]!r}"


def read_csv(path: str | Path, *, target: str | None = None, encoding: str = "utf-8", classes: bool = True) -> Dataset:
    r"""Return the rows of a CSV file as a data set.

    The last column is the target, unless `target` names another; all others are features and must be numbers. Targets
    are names of classes (texts or numbers), and the classes are sorted; with `classes=False` targets are numbers. The
    first line is a header if none of its cells is a number; without a header the columns are called x1, x2, ... and
    "class". The separator is a comma, semicolon or tab: the one that the first line has most often. Empty lines are
    skipped. Raises FileNotFoundError, IsADirectoryError, and ValueError that names the line and the column that cannot
    be read.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "flowers.csv"
    >>> _ = path.write_text("length,width,flower\n1.4,0.2,setosa\n4.7,1.4,versicolor\n")
    >>> read_csv(path)
    Dataset('flowers.csv', 2 rows, 2 features, classes setosa and versicolor)
    """
    path = Path(path)
    table = _table(path, _lines(path, _text(path, encoding)))
    column = _target_column(table, target)
    features = [place for place in range(len(table.names)) if place != column]
    for line in table.lines:
        if len(line.cells) != len(table.names):
            raise ValueError(f"{path}, line {line.number}, has {len(line.cells)} cells instead of {len(table.names)}.")
    inputs = [[_cell_number(table, line, place) for place in features] for line in table.lines]
    names = [table.names[place] for place in features]
    if not classes:
        return Dataset(
            inputs, [_cell_number(table, line, column) for line in table.lines], feature_names=names, name=path.name
        )
    class_names, targets = _classes(table, column)
    return Dataset(inputs, targets, feature_names=names, class_names=class_names, name=path.name)


def _classes(table: _Table, column: int) -> tuple[Sequence[str], list[int]]:
    """Return the names of the classes, and the class of each row."""
    cells = [_class_name(table, line, column) for line in table.lines]
    class_names = _sorted(set(cells))
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
    places = {name: place for place, name in enumerate(class_names)}
    return class_names, [places[cell] for cell in cells]


def _text(path: Path, encoding: str) -> str:
    """Return the text of a file, without a byte order mark."""
    content = read_file(path)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{path}, line {line}: the byte {content[error.start]:#04x} is not valid {encoding}. "
            "Save the file as UTF-8, or name its encoding (--encoding), such as 'latin-1' or 'utf-16'."
        ) from error
    except LookupError as error:
        raise ValueError(f"there is no encoding {encoding!r}; try 'utf-8', 'latin-1' or 'utf-16'.") from error
    return text.removeprefix("\ufeff")


def _lines(path: Path, text: str) -> list[_Line]:
    """Return the lines that are not empty, each with the number of the line where it ends."""
    if text.lstrip().startswith("{"):
        raise ValueError(f"expected a CSV file, got {path}, which begins with a brace, as JSON does.")
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count), strict=True)
    lines, last = [], 0
    try:
        for row in reader:
            last = reader.line_num
            cells = [cell.strip() for cell in row]
            if len(cells) > 1 or any(cells):
                lines.append(_Line(last, cells))
    except csv.Error as error:  # an open quotation mark is found at the end of the file
        raise ValueError(
            f"{path}, line {last + 1}, is not a line of a CSV file: {error}. Check its quotation marks."
        ) from error
    if not lines:
        raise ValueError(f"{path} is empty.")
    return lines


def _table(path: Path, lines: list[_Line]) -> _Table:
    """Return the lines with the names of their columns, from the header if there is one."""
    first = lines[0].cells
    if len(first) == 1:
        raise ValueError(
            f"{path} has one column, {first[0]!r:.60}; a data set needs a feature and a target, separated by commas, "
            "semicolons or tabs."
        )
    if any(_is_number(cell) for cell in first):
        return _Table(path, [*(f"x{place}" for place in range(1, len(first))), "class"], lines)
    for place, name in enumerate(first):
        if not name:
            raise ValueError(f"{path}, line {lines[0].number}: column {place + 1} has no name.")
        if name in first[:place]:
            raise ValueError(f"{path}, line {lines[0].number}: two columns are called {name!r}.")
    if len(lines) == 1:
        raise ValueError(f"{path} has a header, but no rows.")
    return _Table(path, first, lines[1:])


def _target_column(table: _Table, target: str | None) -> int:
    if target is None:
        return len(table.names) - 1
    if target not in table.names:
        raise ValueError(f"{table.path} has no column {target!r}; try {near(target, table.names)}.")
    return table.names.index(target)


def _cell_number(table: _Table, line: _Line, column: int) -> float:
    cell = line.cells[column]
    if cell.lower() in _MISSING:
        raise ValueError(
            f"{table.place(line, column)}: a number is missing ({cell!r}). Fill it in, or remove the line."
        )
    if not _is_number(cell):
        raise ValueError(f"{table.place(line, column)}: {cell!r} is not a number.{_hint(table, cell, column)}")
    number = float(cell)
    if not math.isfinite(number):
        raise ValueError(f"{table.place(line, column)}: {cell!r} is not finite.")
    return number


def _hint(table: _Table, cell: str, column: int) -> str:
    """Return what to try if a cell is not a number."""
    if _is_number(cell.replace(",", ".", 1)):
        return " Write decimals with a point."
    if any(_is_number(line.cells[column]) for line in table.lines):
        return ""
    return " This column has no numbers. If it is the target, name it with target=... (--target); else remove it."


def _class_name(table: _Table, line: _Line, column: int) -> str:
    cell = line.cells[column]
    if cell in _MISSING_CLASS:
        raise ValueError(
            f"{table.place(line, column)}: the class is missing ({cell!r}). Fill it in, or remove the line."
        )
    return cell


def _sorted(names: set[str]) -> Sequence[str]:
    """Return the names of classes in numeric order if all are numbers, else in alphabetic order."""
    numeric = all(_is_number(name) for name in names)
    return sorted(names, key=lambda name: (float(name) if numeric else 0.0, name))


def _is_number(cell: str) -> bool:
    return is_numeral(cell) and "_" not in cell  # Python accepts 1_000, but a file does not mean a number by it
