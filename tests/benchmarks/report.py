"""The results as tables for a terminal or a pipe. rich draws them."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .entries import BUNDLE, COSTS, MIXTURE, REFERENCES, ROWS, STEP, TRANSFORMER, VIEWED
from .gradbench import mixture, observations
from .problem import many_rows
from .results import Results, machine

_PIPE_WIDTH = 120
_COSTS = {
    "resident bytes a node": (COSTS["memory"] + ", resident", 1),
    "allocated bytes a node": (COSTS["memory"] + ", allocated", 1),
    "few: seconds a node": ("ns a node of 20,000", 1e9),
    "many: seconds a node": ("ns a node of 2,000,000", 1e9),
    "many / few": ("their ratio", 1),
    "many / few, collector off": ("the ratio, collector off", 1),
    "import seconds": (COSTS["import"] + ", ms", 1e3),
    **{
        f"{view} of {nodes} nodes: seconds": (f"{view} of {nodes:,} nodes, ms", 1e3)
        for view in ("stepper", "tree", "page")
        for nodes in VIEWED
    },
}


def make_console() -> Console:
    """Return a console on standard output."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def print_results(console: Console, results: Results) -> None:
    """Print the tables that have rows, and under them on what they were measured."""
    count = len(many_rows(results.scale).targets)
    points, seen = len(mixture(results.scale).points), len(observations(results.scale).seen)
    tables = {
        "One step of micrograd's demo: forward and backward": _step_table(results, STEP),
        f"The same network on {count:,} rows: forward and backward": _rows_table(results, count),
        "One step of a transformer, 48,505 nodes: forward and backward": _step_table(results, TRANSFORMER),
        f"GradBench's mixture of Gaussians, {points} points: forward and backward": _step_table(results, MIXTURE),
        f"GradBench's bundle adjustment, {seen} Jacobians of 2 x 15": _step_table(results, BUNDLE),
        "What is built once, before the first step": _building_table(results),
        "gradstep alone": _costs_table(results),
    }
    for title, table in tables.items():
        if table.row_count:
            console.print(Text(title, style="bold"), table, "")
    for line in _foot(results):
        console.print(Text(line))


def _table(first: str, columns: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1))
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _step_table(results: Results, name: str) -> Table:
    table = _table("engine", ["ms", "ms with the update", "÷ gradstep", "spread"])
    base = results.row(REFERENCES[name])
    for row in results.table(name):
        times = number(row.evaluation * 1e3), number(row.step * 1e3)
        table.add_row(row.title, *times, ratio(row.evaluation, base and base.evaluation), percent(row.spread))
    return table


def _rows_table(results: Results, count: int) -> Table:
    table = _table("engine", ["µs a row", "÷ batch", "÷ C by hand", "spread"])
    batch, by_hand = results.row("rows-batch"), results.row("rows-c")
    for row in results.table(ROWS):
        ratios = [ratio(row.evaluation, base and base.evaluation) for base in (batch, by_hand)]
        table.add_row(row.title, number(row.evaluation / count * 1e6), *ratios, percent(row.spread))
    return table


def _building_table(results: Results) -> Table:
    table = _table("engine", ["ms", "÷ CasADi"])
    base = results.row("casadi")
    for row in results.rows:
        if row.building is not None:
            table.add_row(row.title, number(row.building * 1e3), ratio(row.building, base and base.building))
    return table


def _costs_table(results: Results) -> Table:
    table = _table("cost", list(results.costs))
    for name, (title, factor) in _COSTS.items():
        found = [costs.get(name) for costs in results.costs.values()]
        if any(one is not None for one in found):
            table.add_row(title, *("-" if one is None else number(one * factor) for one in found))
    return table


def _foot(results: Results) -> list[str]:
    found = machine()
    lines = [
        f"{found['processor']}, {found['cores']} cores, {found['python']}, one thread each.",
        f"{', '.join(results.versions)}." if results.versions else "",
        f"The gradstep that was measured: {results.path}" if results.path else "",
    ]
    lines += [f"Left out: {note}" for note in results.notes]
    if results.quick:
        lines.append("A quick run: everything ran and agreed, but the times mean nothing.")
    return [line for line in lines if line]


def number(x: float) -> str:
    """Write a number with three digits that count, and all digits of a whole part."""
    return f"{x:,.0f}" if x >= 100 else f"{x:#.3g}".removesuffix(".")


def ratio(time: float, base: float | None) -> str:
    """Write how many times as long as the base it takes; "-" where there is no base."""
    return "-" if base is None else number(time / base)


def percent(share: float | None) -> str:
    """Write a share in percent; "-" for none."""
    return "-" if share is None else f"{share:.0%}"
