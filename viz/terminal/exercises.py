"""Prints exercises: the given numbers, the solution line by line, and the weights before and after.

A line that does not fit is broken before an equals sign.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograd.passes.lines import UPDATE, PassLine, headed
from autograd.passes.wording import DIGITS
from autograd.table.scalars import format_number
from nn import Exercise, Solution
from viz.core.text import broken_lines
from viz.terminal.tables import fitted

_PIPE_WIDTH = 10_000
_LEAST = 20  # the fewest columns for a part of an equation, even if its name is long
_SHOWN = 10  # rows at the beginning, and at the end, of the table of iterations


def make_console() -> Console:
    """Return a console on standard output; if it is not a terminal, lines are not broken."""
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def print_exercise(console: Console, exercise: Exercise, solutions: Sequence[Solution]) -> None:
    """Print an exercise, its first iteration in full, and a table of the iterations if there are several."""
    for part in exercise_view(console, exercise, solutions):
        console.print(part)


def exercise_view(console: Console, exercise: Exercise, solutions: Sequence[Solution]) -> Iterator[Text | Table]:
    """Yield the parts that `print_exercise` prints, in lines that fit the console."""
    yield Text(exercise.title, style="bold")
    yield from _given(console, exercise)
    if len(solutions) > 1:
        yield Text("\nThe first iteration, line by line:")
    yield from _lines(console, solutions[0].lines)
    if len(solutions) > 1:
        yield Text()
        yield fitted(_iterations(solutions), console)
    yield Text()
    yield fitted(_weights(solutions), console)


def _given(console: Console, exercise: Exercise) -> Iterator[Text]:
    functions = dict(exercise.plan.functions.values())
    groups = {
        "inputs": exercise.inputs_by_name,
        "weights": exercise.weights,
        "biases": exercise.biases,
        "target": exercise.targets,
        "learning rate": {exercise.notation.eta: exercise.eta},
    }
    shown = {name: numbers for name, numbers in groups.items() if numbers}
    margin = max(map(len, shown)) + 4
    for name, numbers in shown.items():
        yield from _equation_rows(console, f"  {name}".ljust(margin), _assignments(numbers), "  ")
    yield from _equation_rows(
        console,
        "  units".ljust(margin),
        [f"{function} = {choice.content}" for function, choice in functions.items()],
        "  ",
    )


def _assignments(numbers: Mapping[str, float]) -> list[str]:
    return [f"{name} = {format_number(number, DIGITS)}" for name, number in numbers.items()]


def _lines(console: Console, lines: Sequence[PassLine]) -> Iterator[Text]:
    last = ""
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
    margin = cell_len(name)
    for number, line in enumerate(broken_lines(parts, console.width - margin, gap=gap, least=_LEAST)):
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


def _weights(solutions: Sequence[Solution]) -> Table:
    several = len(solutions) > 1
    title = f"Weights before and after {len(solutions)} iterations" if several else "Weights before and after"
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("weight")
    for heading in ("before", "last gradient" if several else "gradient", "after"):
        table.add_column(heading, justify="right")
    last = solutions[-1]
    for name, before in solutions[0].before.items():
        numbers = (before, last.gradients[name], last.after[name])
        style = "" if before == last.after[name] else "green"
        table.add_row(name, *(format_number(number, DIGITS) for number in numbers), style=style)
    return table
