"""Prints the marks of a student: each number with its verdict, and the sentence about it."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from autograd.lab.marking import MarkedLine, Marks
from autograd.table.scalars import counted, format_number
from viz.core.text import broken_lines

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
        yield from _line(console, line)
    missing = [line.name for line in marks.lines if line.verdict == "missing"]
    if missing:
        yield from _rows(console, "missing", ", ".join(missing), "dim")
    yield Text()
    yield from _rows(console, "", summary(marks), "bold", margin=0)


def _line(console: Console, line: MarkedLine) -> Iterator[Text]:
    assert line.given is not None
    style = STYLES[line.verdict]
    yield Text.assemble((line.verdict.ljust(_INDENT), style), f"{line.name} = {format_number(line.given)}")
    if line.sentence:
        yield from _rows(console, "", line.sentence, "")


def _rows(console: Console, head: str, sentence: str, style: str, margin: int = _INDENT) -> Iterator[Text]:
    rows = broken_lines([sentence], console.width - margin, least=_LEAST)
    for place, row in enumerate(rows):
        yield Text.assemble(("" if place else head).ljust(margin), row, style=style)


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
