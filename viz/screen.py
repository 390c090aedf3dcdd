"""Tables of a Stepper's moment for a terminal: the nodes with their numbers, and the steps around the present one.

Reads the Stepper; rich draws.
"""

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from autograd.columns import number_text
from autograd.stepping import Posting, Step
from autograd.wording import describe
from viz.nodes import operation_text

if TYPE_CHECKING:
    from viz.stepper import Stepper

_AROUND = 5
_LIT = "bold reverse"
_FAINT = "dim"


def nodes_table(stepper: "Stepper", rows: int | None = None) -> Table:
    """Return the nodes as a table, at most so many of them around the one that the step concerns.

    A ">" marks that node, and a "*" the node that the gradient comes from.
    """
    table = Table(box=None, pad_edge=False, header_style=_FAINT)
    table.add_column("")
    table.add_column("node", no_wrap=True)
    table.add_column("operation", no_wrap=True, overflow="ellipsis")
    table.add_column("data", justify="right", no_wrap=True)
    table.add_column("gradient", justify="right", no_wrap=True)
    first, last = _window(stepper, len(stepper.names) if rows is None else rows)
    for node in range(first, last):
        data = stepper.data_at(node)
        mark, style = _mark(stepper.step, node, is_computed=data is not None)
        operation = operation_text(stepper.computation_of(node))
        numbers = (number_text(data), number_text(stepper.gradient_at(node)))
        table.add_row(mark, Text(stepper.names[node]), Text(operation), *numbers, style=style)
    left_out = len(stepper.names) - (last - first)
    if left_out:
        table.add_row("", "...", f"{left_out:,} more", "", "", style=_FAINT)
    return table


def _window(stepper: "Stepper", rows: int) -> tuple[int, int]:
    count = len(stepper.names)
    rows = min(rows, count)
    middle = stepper.step.node if stepper.step is not None else 0
    first = min(max(middle - rows // 2, 0), count - rows)
    return first, first + rows


def _mark(step: Step | None, node: int, is_computed: bool) -> tuple[str, str]:
    if step is not None and step.node == node:
        return ">", _LIT
    if isinstance(step, Posting) and step.source.node == node:
        return "*", "bold"
    return "", "" if is_computed else _FAINT


def list_steps(stepper: "Stepper") -> Table:
    """Return the steps around the present one: number, name, and what it says."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    start = max(stepper.position - 1 - _AROUND, 0)
    for number, step in enumerate(stepper.steps[start : stepper.position + _AROUND], start=start + 1):
        is_present = number == stepper.position
        mark = "> " if is_present else ""
        table.add_row(f"{mark}{number}", Text(describe(step).line), style="bold" if is_present else "")
    return table
