"""Prints exercises: the given numbers, the solution line by line, and the weights before and after.

A line that does not fit is broken before an equals sign.
"""

import math
import sys
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograd.passes.lines import UPDATE, PassLine, headed
from autograd.passes.wording import DIGITS, telling_digits
from autograd.symbols.expression import Constant
from autograd.table.scalars import format_number
from autograd.table.visible import escape_unwritable, visible
from nn import Exercise, Solution
from nn.exercises.sheet import given, iteration_title, weight_table, written
from viz.core.text import broken_lines
from viz.terminal.tables import fitted

_PIPE_WIDTH = 10_000
_LEAST = 20  # the fewest columns for a part of an equation, even if its name is long
_SHOWN = 10  # rows at the beginning, and at the end, of the table of iterations


def make_console() -> Console:
    """Return a console on standard output; if it is not a terminal, lines are not broken."""
    escape_unwritable(sys.stdout)
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def print_exercise(console: Console, exercise: Exercise, solutions: Sequence[Solution]) -> None:
    """Print an exercise, all its iterations, and a table of the iterations if there are several."""
    for part in exercise_view(console, exercise, solutions):
        console.print(part)


def exercise_view(console: Console, exercise: Exercise, solutions: Sequence[Solution]) -> Iterator[Text | Table]:
    """Yield the parts that `print_exercise` prints, in lines that fit the console."""
    yield from exercise_head(console, solutions[0])
    for number, solution in enumerate(solutions, start=1):
        yield from _lines(console, solution.lines, iteration_title(exercise, number, len(solutions)))
    if len(solutions) > 1:
        yield Text()
        yield fitted(_iterations(solutions), console)
    yield Text()
    yield fitted(_weights(solutions, console.encoding), console)


def exercise_head(console: Console, solution: Solution) -> Iterator[Text]:
    """Yield the title of an exercise and what is given, in lines that fit the console."""
    yield Text(visible(solution.exercise.title, console.encoding), style="bold")
    yield from _given(console, solution)


def _given(console: Console, solution: Solution) -> Iterator[Text]:
    rows = given(solution)
    margin = max(len(row.what) for row in rows) + 4
    for what, words, equations in rows:
        parts = [f"{left} = {written(right)}" for left, right in equations]
        said = [f"{words}:" if parts else words] if words else []
        yield from _equation_rows(console, f"  {what}".ljust(margin), [*said, *parts], "  ")


def _lines(console: Console, lines: Sequence[PassLine], group: str) -> Iterator[Text]:
    last = ""
    if group:
        yield Text(f"\n{group}", style="bold underline")
    for heading, line in headed(lines):
        if heading != last:
            last = heading
            yield Text()
            yield Text(heading, style="bold")
        yield from line_rows(console, line)


def line_rows(console: Console, line: PassLine, mark: str = "  ") -> Iterator[Text]:
    """Yield a line of a pass, with a mark before it, in lines that fit the console."""
    style = "green" if line.part == UPDATE else "cyan"
    yield from _equation_rows(console, f"{mark}{line.name} ", [f"= {step}" for step in line.steps], " ", style)


def _equation_rows(console: Console, name: str, parts: Sequence[str], gap: str, style: str = "") -> Iterator[Text]:
    """Yield the lines of a name and the parts after it; the parts are aligned below each other."""
    name, *shown = (visible(part, console.encoding) for part in (name, *parts))
    margin = cell_len(name)
    for number, line in enumerate(broken_lines(shown, console.width - margin, gap=gap, least=_LEAST)):
        yield Text.assemble((" " * margin if number else name, style), line)


def _iterations(solutions: Sequence[Solution]) -> Table:
    table = Table(title="Iterations", title_justify="left", title_style="bold")
    for heading in ("iteration", "prediction", "loss", "largest gradient"):
        table.add_column(heading, justify="right")
    for number, solution in enumerate(solutions, start=1):
        if _SHOWN < number <= len(solutions) - _SHOWN:
            if number == _SHOWN + 1:
                table.add_row("...", "...", "...", "...")
            continue
        predictions = ", ".join(format_number(prediction, DIGITS) for prediction in solution.predictions)
        steepest = _largest(solution.gradients.values())
        table.add_row(str(number), predictions, format_number(solution.loss, DIGITS), format_number(steepest, DIGITS))
    return table


def _largest(gradients: Iterable[float]) -> float:
    """Return the largest magnitude; nan if one of them is nan."""
    magnitudes = [abs(gradient) for gradient in gradients]
    return math.nan if any(map(math.isnan, magnitudes)) else max(magnitudes)


def _weights(solutions: Sequence[Solution], encoding: str) -> Table:
    title, headings, rows = weight_table(solutions)
    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if table.columns else "left")
    for name, *numbers in rows:
        style = "" if numbers[0] == numbers[-1] else "green"
        digits = telling_digits(numbers[0], numbers[-1])
        texts = [visible(name, encoding), *(written(Constant(number), digits) for number in numbers)]
        table.add_row(*map(Text, texts), style=style)
    return table
