"""Prints the marks of a student: each number with its verdict, and the sentence about it."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograd.lab.classes import ClassMarks
from autograd.lab.marking import Marks
from autograd.table.scalars import counted
from viz.core.text import broken_lines
from viz.terminal.tables import fitted

STYLES = {"right": "green", "follows": "yellow", "wrong": "bold red", "missing": "dim"}
"""The style of each verdict."""
_INDENT = 9
_LEAST = 20  # the fewest columns for a sentence


def print_marks(console: Console, title: str, marks: Marks) -> None:
    """Print the marks of one student, in lines that fit the console."""
    for part in marks_view(console, title, marks):
        console.print(part)


def marks_view(console: Console, title: str, marks: Marks) -> Iterator[Text]:
    """Yield the parts that `print_marks` prints."""
    yield Text(title, style="bold")
    yield Text()
    for line in marks.given:
        yield from _rows(console, line.said, line.verdict)
    missing = [line.name for line in marks.lines if line.verdict == "missing"]
    if missing:
        yield from _rows(console, ", ".join(missing), "missing")
    yield Text()
    for row in broken_lines([summary(marks)], console.width, least=_LEAST):
        yield Text(row, style="bold")


def _rows(console: Console, sentence: str, verdict: str) -> Iterator[Text]:
    for place, row in enumerate(broken_lines([sentence], console.width - _INDENT, least=_LEAST)):
        yield Text.assemble((("" if place else verdict).ljust(_INDENT), STYLES[verdict]), row)


def summary(marks: Marks) -> str:
    """Return how many numbers are right, and which is the first wrong one, in a sentence.

    >>> from nn import READY
    >>> summary(READY["relu"]().check({"x3": 5, "delta3": -30, "w13": 5}))
    '1 of 3 numbers right, 1 follows from an earlier one. The first wrong number is delta3.'
    """
    said = f"{marks.right} of {counted(marks.count, 'number')} right"
    if marks.follows:
        said += f", {marks.follows} {'follows' if marks.follows == 1 else 'follow'} from an earlier one"
    first = marks.first_wrong
    return f"{said}." + (f" The first wrong number is {first}." if first else "")


def print_class(console: Console, title: str, marks: ClassMarks) -> None:
    """Print the marks of a class: of each student, of each line, and the commonest slips."""
    console.print(Text(title, style="bold"))
    _, *rows = marks.rows()
    students = [(student, f"{own} of {of}", *rest[4:]) for student, own, of, *rest in rows]
    _print_table(console, counted(len(students), "student"), ("student", "marks", "first wrong", "slips"), students)
    counts = [(name, *map(str, line)) for name, line in marks.lines.items()]
    _print_table(console, "Each line", ("line", "right", "follows", "wrong", "missing"), counts)
    slips = [(str(slip.students), slip.name, slip.title, ", ".join(slip.lines[:4])) for slip in marks.slips]
    if slips:
        _print_table(console, "The commonest slips", ("students", "slip", "what it is", "lines"), slips)


def _print_table(console: Console, title: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold")
    body = list(rows)
    for place, name in enumerate(heading):
        is_number = all(row[place].isdecimal() for row in body)
        table.add_column(name, justify="right" if is_number else "left")
    for row in body:
        table.add_row(*row)
    console.print()
    console.print(fitted(table, console))
