"""`table`: the nodes of a computation graph as a table in topological order, for a prompt, rich, and a notebook.

A large graph shows only its first and its last rows.
"""

import html
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod
from rich.table import Table as RichTable
from rich.text import Text

from autograd.passes.columns import aligned, number_text
from autograd.passes.subject import Root
from autograd.table.scalars import as_whole
from autograd.table.visible import visible
from viz.core.nodes import Nodes

_MOST_ROWS = 1_000_000
_NARROW = 80
"""Below this width columns are closer together."""
_UNBOUNDED = 10_000
_CELL = "padding:2px 10px;text-align:"


class Column(NamedTuple):
    """A column: its heading, and its text for the node at a place.

    Numbers are aligned at the right. An optional column is left out if it has no text for any node.
    """

    heading: str
    text: Callable[[Nodes, int], str]
    is_number: bool = False
    is_optional: bool = False


def _local_derivatives(nodes: Nodes, place: int) -> str:
    """Return the local derivative for each operand that is not constant: "x: 2, w: 3"."""
    computation = nodes.computations[place]
    if computation is None:
        return ""
    pairs = zip(computation.operand_names, computation.partials, strict=False)
    return ", ".join(f"{name}: {number_text(local)}" for name, local in pairs if local is not None)


COLUMNS = (
    Column("node", lambda _, place: f"v{place}"),
    Column("label", lambda nodes, place: nodes.tape.lines[place].label or ""),
    Column("operation", Nodes.operation),
    Column("data", lambda nodes, place: number_text(nodes.data[place]), is_number=True),
    Column("grad", lambda nodes, place: number_text(nodes.gradients[place]), is_number=True),
    Column("local derivatives", _local_derivatives),
    Column("line", lambda nodes, place: PurePath(nodes.tape.lines[place].source).name, is_optional=True),
)
"""The columns of a table, from left to right."""


class Table:
    """A table of nodes that can be shown at a prompt as text, by rich, and in a notebook."""

    def __init__(self, nodes: Nodes, *, rows: int = 40) -> None:
        self._nodes = nodes
        self._most = as_whole(rows, "the number of rows", 2, _MOST_ROWS)
        self._columns = [column for column in COLUMNS if not column.is_optional or self._has_texts(column)]
        self._headings = [column.heading for column in self._columns]
        self._numbers = [place for place, column in enumerate(self._columns) if column.is_number]

    def __repr__(self) -> str:
        first, left_out, last = self._parts()
        lines = aligned([self._headings, *first, *last], self._numbers)
        if left_out:
            lines.insert(1 + len(first), f"... {left_out:,} more nodes ...")
        return "\n".join([*lines, *self._warnings()])

    def _repr_html_(self) -> str:
        first, left_out, last = self._parts()
        gap = f'<tr><td colspan="{len(self._headings)}" style="{_CELL}left">... {left_out:,} more nodes ...</td></tr>'
        above, below = ("".join(html_row(row, self._numbers) for row in rows) for rows in (first, last))
        warnings = "".join(f"<div>{warning}</div>" for warning in self._warnings())
        headings = html_row(self._headings, self._numbers, "th")
        return f"<table>{headings}{above}{gap if left_out else ''}{below}</table>{warnings}"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RichTable | Text]:
        del console
        gap = 1 if options.max_width < _NARROW else 2
        first, left_out, last = self._parts()
        rows = [[visible(text, options.encoding) for text in row] for row in (self._headings, *first, *last)]
        widths: Sequence[int | None] | None = _widths(rows, gap, options.max_width)
        if widths is None:
            rows = [*map(self._narrowed, rows)]
            widths = _widths(rows, gap, options.max_width) or [None] * len(rows[0])
        shown = RichTable(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="dim")
        for number, (heading, width) in enumerate(zip(rows[0], widths, strict=True)):
            side: JustifyMethod = "right" if number in self._numbers else "left"
            is_whole = number in self._numbers or not number
            shown.add_column(heading, justify=side, no_wrap=is_whole, overflow="fold", width=width)
        for number, row in enumerate(rows[1:]):
            if left_out and number == len(first):
                shown.add_row("...", "", f"{left_out:,} more", style="dim")
            shown.add_row(*map(Text, row))
        yield shown
        yield from map(Text, self._warnings())

    def _narrowed(self, row: list[str]) -> list[str]:
        """Return a row for a narrow terminal: the texts behind its numbers are below the text before them."""
        first, behind = self._numbers[0], self._numbers[-1] + 1
        return [*row[: first - 1], "\n".join(filter(None, [row[first - 1], *row[behind:]])), *row[first:behind]]

    def _has_texts(self, column: Column) -> bool:
        return any(column.text(self._nodes, place) for place in range(len(self._nodes.names)))

    def _warnings(self) -> list[str]:
        return [self._nodes.note] if self._nodes.note else []

    def _parts(self) -> tuple[list[list[str]], int, list[list[str]]]:
        """Return the first rows, how many are left out, and the last rows."""
        count = len(self._nodes.names)
        left_out = max(count - self._most, 0)
        half = (self._most + 1) // 2 if left_out else count
        first = [self._row(place) for place in range(half)]
        return first, left_out, [self._row(place) for place in range(half + left_out, count)]

    def _row(self, place: int) -> list[str]:
        return [visible(column.text(self._nodes, place)) for column in self._columns]


def table(root: Root, *, rows: int = 40) -> Table:
    """Return a table of the nodes that a Value was computed from, for a prompt, for rich, and for a notebook.

    `root` is a Value, an exercise or a solution; for the last two, the graph of the loss is shown. Operands come before
    their results; the root is last. A row has the node's place, label, operation, data, gradient ("-" for none), the
    local derivative for each operand that is not constant, and the file and line that made it, if `record_lines`
    recorded them. If there are more than `rows` nodes (2 or more), only the first and the last are shown. Raises
    TypeError for another root, ValueError for another number of rows.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> table((x * w) ** 2)
    node  label  operation  data  grad  local derivatives
    v0    x                    3     -
    v1    w                    2     -
    v2           x*w           6     -  x: 2, w: 3
    v3                         2     -
    v4           v2**2        36     -  v2: 12
    """
    return Table(Nodes.of(root), rows=rows)


def _widths(rows: Sequence[Sequence[str]], gap: int, most: int) -> list[int] | None:
    """Return the widths of columns in which no word and no number is broken; None if these do not fit."""
    columns = [*zip(*rows, strict=True)]
    spare = most - sum(map(_longest_word, columns)) - gap * (len(columns) - 1)
    if spare < 0:
        return None
    widths: list[int] = []
    for column in reversed(columns):
        least, natural = _longest_word(column), max(cell_len(line) for text in column for line in text.split("\n"))
        widths.append(min(natural, least + spare))
        spare -= widths[-1] - least
    return widths[::-1]


def _longest_word(texts: Sequence[str]) -> int:
    return max(map(cell_len, " ".join(texts).split()), default=0)


def fitted(table: RichTable, console: Console) -> RichTable:
    """Return a table as it is if the console is wide enough, else without its lines, so that its numbers stay whole."""
    unbounded = console.options.update(width=_UNBOUNDED)
    if console.measure(table, options=unbounded).maximum > console.width:
        table.box, table.pad_edge, table.padding = None, False, (0, 1, 0, 0)
        for column in table.columns:
            column.overflow = "fold"
    return table


def html_row(cells: Sequence[str], numbers: Container[int], tag: str = "td") -> str:
    """Return a row of an HTML table; the columns at the places in `numbers` are aligned at the right."""
    sides = ["right" if place in numbers else "left" for place in range(len(cells))]
    pairs = zip(cells, sides, strict=True)
    written = [f'<{tag} style="{_CELL}{side}">{html.escape(cell)}</{tag}>' for cell, side in pairs]
    return f"<tr>{''.join(written)}</tr>"
