"""The present step of a Stepper as plain text, for rich, and as tables for a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograd.passes.columns import number_text
from autograd.passes.known import Known
from autograd.passes.lines import UPDATE
from autograd.passes.names import listed
from autograd.passes.steps import Computed, Posting, Prepared, Seed, Step, Updated
from autograd.passes.updates import quantity
from autograd.passes.wording import describe, telling_digits
from autograd.symbols.expression import name_of
from autograd.table.scalars import format_number
from autograd.table.visible import visible
from viz.core.nodes import operation_text
from viz.stepping.moment import Moment, changes
from viz.terminal.exercises import line_rows


class ViewLine(NamedTuple):
    """A line of the view: its part ("title", "formula", "change", "note", "watch" or "next") and its text."""

    part: str
    text: str


_PADDING = (0, (0, 0, 0, 2))  # of the title, and of the lines below it
_STYLES = {
    "title": "bold",
    "formula": "cyan",
    "change": "",
    "note": "yellow",
    "watch": "green",
    "next": "dim",
}


def view(moment: Moment) -> Iterator[ViewLine]:
    """Yield the lines that show the present moment."""
    step = moment.present
    where = f"{moment.word} {moment.position} of {len(moment.steps)}"
    if step is None:
        yield ViewLine("title", f"{where}, the beginning: nothing is computed yet")
    elif isinstance(step, Known):
        yield ViewLine("title", f"{where}, {step.line.part}")
        yield ViewLine("formula", str(step.line))
        if said_known := known(moment, step):
            yield ViewLine("change", said_known)
    else:
        said = describe(step)
        yield ViewLine("title", f"{where}, {said.sentence}")
        yield ViewLine("formula", said.line)
        yield ViewLine("change", change(moment, step))
    if moment.note:
        yield ViewLine("note", moment.note)
    yield from watch_lines(moment, moment.watched)
    for text, value in moment.expressions.items():
        yield ViewLine("watch", f"{text}: {value_text(value(moment))}")
    yield ViewLine("next", f"next: {_coming(moment)}")


def value_text(number: float | None) -> str:
    """Return the value of an expression as text; "-" if it is not known.

    >>> value_text(None), value_text(True), value_text(0.5)
    ('-', 'true', '0.5')
    """
    return str(number).lower() if isinstance(number, bool) else number_text(number)


def known(moment: Moment, step: Known) -> str:
    """Return whose numbers a line makes known, of the nodes that lines name; "" for none."""
    kind = "new data" if step.line.part == UPDATE else "data"
    named = {line.node for line in moment.steps} | {node for node, line in enumerate(moment.tape.lines) if line.label}
    data, gradients = ([node for node in nodes if node in named] for nodes in changes(step))
    if data == gradients:
        return f"known now: the gradient and the {kind} of {moment.names[step.node or 0]}" if data else ""
    kinds = zip((kind, f"gradient{'s' * (len(gradients) > 1)}"), (data, gradients), strict=True)
    found = [f"the {what} of {listed([moment.names[node] for node in nodes])}" for what, nodes in kinds if nodes]
    return f"known now: {', and '.join(reversed(found))}" if found else ""


def change(moment: Moment, step: Step) -> str:
    """Return what the step changed: the number before and the number now."""
    if isinstance(step, Computed):
        return f"the data of {step.name} was -, and is {number_text(step.result)}"
    if isinstance(step, Updated):
        digits = telling_digits(step.before, step.result)
        was, now = (format_number(number, digits) for number in (step.before, step.result))
        return f"the data of {step.name} was {was}, and is {now}"
    if isinstance(step, Prepared):
        was = "" if step.before is None else f" was {number_text(step.before)}, and"
        return f"{name_of(quantity(step.quantity, step.name))}{was} is {number_text(step.result)}"
    before = None if isinstance(step, Seed) or moment.is_first_posting(moment.position) else step.before
    text = f"the gradient of {step.name} was {number_text(before)}, and is {number_text(step.result)}"
    if isinstance(step, Posting) and step.local == 0.0:
        text += f"; nothing flows to {step.name} here, because the local derivative is 0"
    return text


def watch_lines(moment: Moment, nodes: Sequence[int]) -> Iterator[ViewLine]:
    """Yield the data and the gradient of nodes, and so far each contribution to the gradients, or each line."""
    for node in nodes:
        yield from _ledger(moment, node)
    if nodes and moment.adjusted:
        yield ViewLine("note", moment.adjusted)


def _ledger(moment: Moment, node: int) -> Iterator[ViewLine]:
    data, gradient = number_text(moment.data_at(node)), number_text(moment.gradient_at(node))
    yield ViewLine("watch", f"{moment.names[node]}: data {data}, gradient {gradient}")
    for posting in moment.postings_to(node):
        source, parts = posting.source, describe(posting).parts
        yield ViewLine("watch", f"  from {source.name}: {' = '.join(parts[-2:])}, total {number_text(posting.result)}")
    for line in moment.lines_about(node):
        yield ViewLine("watch", f"  {line.line}")


def _coming(moment: Moment) -> str:
    step = moment.coming
    if step is None:
        return "nothing, this is the end"
    if isinstance(step, Known):
        return step.name
    sentence = describe(step).sentence
    return f"{sentence}, to {step.name}" if isinstance(step, Posting) else sentence


def as_text(moment: Moment) -> str:
    """Return the moment as plain text."""
    return "\n".join(line.text if line.part == "title" else f"  {line.text}" for line in view(moment))


def as_rich(moment: Moment, encoding: str = "utf-8") -> Group:
    """Return the moment for a rich console, which breaks long lines and indents them."""
    return _as_group(view(moment), encoding)


def _as_group(lines: Iterable[ViewLine], encoding: str = "utf-8") -> Group:
    styled = [
        (Text(visible(line.text, encoding), _STYLES[line.part]), _PADDING[line.part != "title"]) for line in lines
    ]
    return Group(*[Padding(text, padding, expand=False) for text, padding in styled])


def lines_screen(moment: Moment, console: Console) -> Group:
    """Return the moment by line for a terminal: as many of the last lines as fit its height, the present one marked."""
    title, *others = [line for line in view(moment) if line.part != "formula"]
    above, below = _as_group([title]), _as_group(others)
    room = console.height - len(console.render_lines(Group(above, below))) - 1  # for the prompt
    window: list[Text] = []
    for step in reversed(moment.steps[: moment.position]):
        rows = [*line_rows(console, step.line, "  " if window else "> ")] if isinstance(step, Known) else []
        if window and len(rows) + len(window) > room:
            break
        window = rows + window
    return Group(above, *window, below)


_AROUND = 5
_LIT = "bold reverse"
_FAINT = "dim"


def nodes_table(moment: Moment, rows: int | None = None) -> Group:
    """Return the nodes as a table: at most `rows` of them, around the node of the present step.

    A ">" marks that node, and a "*" the node that the gradient comes from.
    """
    table = Table(box=None, pad_edge=False, header_style=_FAINT)
    table.add_column("")
    table.add_column("node", no_wrap=True)
    table.add_column("operation", no_wrap=True, overflow="ellipsis")
    table.add_column("data", justify="right", no_wrap=True)
    table.add_column("gradient", justify="right", no_wrap=True)
    first, last = _window(moment, len(moment.names) if rows is None else rows)
    for node in range(first, last):
        data = moment.data_at(node)
        mark, style = _mark(moment.present, node, is_computed=data is not None)
        operation = operation_text(moment.computation_of(node))
        numbers = (number_text(data), number_text(moment.gradient_at(node)))
        table.add_row(mark, Text(moment.names[node]), Text(operation), *numbers, style=style)
    left_out = len(moment.names) - (last - first)
    if left_out:
        table.add_row("", "...", f"{left_out:,} more", "", "", style=_FAINT)
    return Group(table, *([Text(moment.adjusted, _STYLES["note"])] if moment.adjusted else []))


def _window(moment: Moment, rows: int) -> tuple[int, int]:
    count = len(moment.names)
    rows = min(rows, count)
    middle = (moment.present.node if moment.present is not None else None) or 0
    first = min(max(middle - rows // 2, 0), count - rows)
    return first, first + rows


def _mark(step: Step | Known | None, node: int, is_computed: bool) -> tuple[str, str]:
    if step is not None and step.node == node:
        return ">", _LIT
    if isinstance(step, Posting) and step.source.node == node:
        return "*", "bold"
    return "", "" if is_computed else _FAINT


def equation_of(step: Step | Known) -> str:
    """Return the equation of a step."""
    return str(step.line) if isinstance(step, Known) else describe(step).line


def list_steps(moment: Moment) -> Table:
    """Return the steps around the present one, each with its number and its equation."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    start = max(moment.position - 1 - _AROUND, 0)
    for number, step in enumerate(moment.steps[start : moment.position + _AROUND], start=start + 1):
        is_present = number == moment.position
        mark = "> " if is_present else ""
        table.add_row(f"{mark}{number}", Text(equation_of(step)), style="bold" if is_present else "")
    return table
