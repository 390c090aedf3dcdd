"""Prints a comparison of the lab: the right and the wrong steps, the sentence that explains them, and the gradients.

In a narrow terminal, right and wrong are printed one below the other.
"""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograd.lab import MISTAKES, Comparison, running_total
from autograd.passes.columns import number_text
from autograd.passes.steps import Posting, Step
from autograd.passes.wording import Wording, describe
from viz.core.text import broken_lines
from viz.terminal.tables import fitted

_NARROW = 90
"""Below this width right and wrong are printed one below the other."""
_MOST_ROWS = 40
_SHOWN = 20  # rows before the first difference, if there are more than _MOST_ROWS
_INDENT = "  "
_LEAST = 20  # the fewest characters in a column


def print_mistakes(console: Console) -> None:
    """Print the names of the mistakes, each with a short description."""
    console.print(Text("The classic mistakes of backpropagation", style="bold"))
    margin = max(len(mistake.name) for mistake in MISTAKES) + 4
    for mistake in MISTAKES:
        for row, line in enumerate(broken_lines([mistake.title], console.width - margin, least=20)):
            console.print(Text.assemble(((f"  {mistake.name}" if row == 0 else "").ljust(margin), "cyan"), line))


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print both passes up to the first step that differs, the sentence that explains it, and the gradients."""
    console.print(Text(f"{comparison.mistake.name}: {comparison.mistake.title}", style="bold"))
    console.print()
    if comparison.first is not None:
        console.print(_steps(comparison, comparison.first, console.width))
        console.print()
    console.print(Text(comparison.sentence, style="" if comparison.first is None else "bold"))
    console.print()
    console.print(fitted(_gradients(comparison), console))


def _steps(comparison: Comparison, first: int, width: int) -> Table:
    """Return the wrong steps, up to the first that differs, each beside the matching step of the right pass."""
    start = 0 if first < _MOST_ROWS else first - _SHOWN
    places = range(start, first + 1)
    narrow = width < _NARROW
    moved = any(comparison.beside[place] != place for place in places)
    headings = _headings(narrow, moved)
    table = Table()
    for heading in headings:
        table.add_column(heading, justify="right" if heading == "step" else "left")
    if start:
        table.add_row(*_spanning(headings, "...", f"steps 1 to {start}, the same in both"))
    cell = _cell_width(headings, width, len(comparison.right))
    part = ""
    for place in places:
        if comparison.wrong[place].part != part:
            part = comparison.wrong[place].part
            table.add_section()
            table.add_row(*_spanning(headings, "", part))
        number = Text(f"> {place + 1}" if place == first else f"{place + 1}")
        if place == first:
            for earlier in _not_yet(comparison, first):
                _add_missing(table, comparison, earlier, cell)
        if narrow:
            table.add_row(number, _stacked(comparison, place, cell))
            continue
        right, wrong = _pair(comparison, place, cell)
        beside = Text(f"{comparison.beside[place] + 1}")
        table.add_row(*([beside, right, number, wrong] if moved else [number, right, wrong]))
    return table


def _not_yet(comparison: Comparison, first: int) -> list[int]:
    """Return the places of the right steps, at most so many, that the first different one needs and the wrong lacks."""
    known, end = set(comparison.beside[:first]), comparison.beside[first]
    part, step = comparison.right[end]
    needed = {step.source.node} if isinstance(step, Posting) else set()
    found = []
    for place in range(end - 1, -1, -1):
        event = comparison.right[place]
        if event.part == part and isinstance(event.step, Posting) and event.step.node in needed and place not in known:
            needed.add(event.step.source.node)
            found.append(place)
    return found[:_SHOWN][::-1]


def _add_missing(table: Table, comparison: Comparison, place: int, width: int) -> None:
    """Add a row for a step of the right pass that the wrong pass has not done yet."""
    step = comparison.right[place].step
    is_narrow = len(table.columns) == 2
    right = _wording_text(describe(step), step, width - len("right: ") * is_narrow, in_full=False)
    if is_narrow:
        table.add_row("", Text(f"right: {right}\n  (step {place + 1} of the right pass)\nwrong: comes later"))
    else:
        table.add_row(f"{place + 1}", Text(right), "", "comes later")


def _headings(narrow: bool, moved: bool) -> list[str]:
    if narrow:
        return ["step", "right and wrong"]
    return ["step", "right", "step", "wrong"] if moved else ["step", "right", "wrong"]


def _cell_width(headings: list[str], width: int, steps: int) -> int:
    """Return the characters in a column of texts; each column also needs a line and two spaces."""
    numbers = headings.count("step")
    taken = 1 + 3 * len(headings) + numbers * max(len("step"), len(f"> {steps}"))
    return max((width - taken) // (len(headings) - numbers), _LEAST)


def _spanning(headings: list[str], number: str, text: str) -> list[Text]:
    """Return a row that is a heading for the rows below it."""
    return [Text(number) if heading == "step" else Text(text, style="bold") for heading in headings]


def _pair(comparison: Comparison, place: int, width: int) -> tuple[Text, Text]:
    """Return the texts of a step of the wrong pass and of the step beside it; the right one comes first."""
    right, wrong = comparison.right[comparison.beside[place]].step, comparison.wrong[place].step
    in_full = place == comparison.first
    return (
        Text(_wording_text(describe(right), right, width, in_full), style="bold green" if in_full else ""),
        Text(
            _wording_text(comparison.mistake.describe(wrong), wrong, width, in_full),
            style="bold red" if in_full else "",
        ),
    )


def _stacked(comparison: Comparison, place: int, width: int) -> Text:
    """Return both texts, one below the other; if they are the same, only one."""
    right, wrong = _pair(comparison, place, width)
    beside = comparison.beside[place]
    note = f"\n  (step {beside + 1} of the right pass)" if beside != place else ""
    if right == wrong:
        return Text.assemble(wrong, note)
    right, wrong = _pair(comparison, place, width - len("right: "))
    return Text.assemble("right: ", right, note, "\nwrong: ", wrong)


def _wording_text(wording: Wording, step: Step, width: int, in_full: bool) -> str:
    """Return the text of a step, broken before an equals sign; a Posting is shortened unless `in_full`."""
    first, *others = wording.parts
    if isinstance(step, Posting) and not in_full:
        others = others[-2:]
    parts = [f"{wording.name} {wording.sign} {first}", *(f"= {part}" for part in others)]
    lines = broken_lines(parts, width - len(_INDENT), indent=_INDENT)
    total = running_total(step)
    if total:
        lines += broken_lines([f"total {total}"], width - len(_INDENT), indent=_INDENT)
    return f"\n{_INDENT}".join(lines)


def _gradients(comparison: Comparison) -> Table:
    part = comparison.wrong[-1].part
    table = Table(title=f"Gradients, {part}" if part else "Gradients", title_justify="left", title_style="bold")
    table.add_column("leaf")
    for heading in ("right", "wrong", "difference"):
        table.add_column(heading, justify="right")
    shown = comparison.gradients
    if len(shown) > _MOST_ROWS:
        shown = tuple(gradient for gradient in shown if gradient.difference)[:_SHOWN]
    for gradient in shown:
        numbers = (gradient.right, gradient.wrong, gradient.difference)
        cells = [Text(number_text(number)) for number in numbers]
        table.add_row(Text(gradient.name), *cells, style="red" if gradient.difference else "")
    if len(shown) < len(comparison.gradients):
        table.add_row(f"{len(comparison.gradients) - len(shown)} more")
    return table
