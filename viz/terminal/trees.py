"""`tree`: a computation graph as a tree of lines, for a prompt, for rich, and for a notebook.

The root is at the top; the operands of a node are below it, in order. The code does not recurse, because graphs can be
deep.
"""

import html
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.console import Console, ConsoleOptions
from rich.text import Text

from autograd.passes.subject import Root
from autograd.table.scalars import as_whole, counted
from autograd.table.visible import visible
from viz.core.nodes import Nodes
from viz.core.text import broken_lines

_DEPTH = 20
_DEEPEST = 100
_MOST_ROWS = 100_000
_TEXT = 30
"""Columns that are kept for text, when the width of the terminal decides the levels."""
_LEAST_DEPTH = 4
_LEAST_TEXT = 20


class _Guides(NamedTuple):
    """The signs before a row: below an ancestor with or without more operands, and before a middle or last operand."""

    passing: str = "\N{BOX DRAWINGS LIGHT VERTICAL}  "
    empty: str = "   "
    between: str = "\N{BOX DRAWINGS LIGHT VERTICAL AND RIGHT}\N{BOX DRAWINGS LIGHT HORIZONTAL} "
    last: str = "\N{BOX DRAWINGS LIGHT UP AND RIGHT}\N{BOX DRAWINGS LIGHT HORIZONTAL} "


_BOXES = _Guides()
_ASCII = _Guides("|  ", "   ", "|- ", "`- ")


class _Row(NamedTuple):
    """A line of the tree: for each level, whether it is the last one there; its text; and whether it shows a node."""

    lasts: tuple[bool, ...]
    text: str
    is_node: bool = True

    def guides(self, guides: _Guides) -> tuple[str, str]:
        """Return the signs before the text, and before its next lines if it is broken."""
        if not self.lasts:
            return "", ""
        above = "".join(guides.empty if last else guides.passing for last in self.lasts[:-1])
        is_last = self.lasts[-1]
        return above + (guides.last if is_last else guides.between), above + (
            guides.empty if is_last else guides.passing
        )


class Tree:
    """A tree of nodes that can be shown at a prompt as text, by rich, and in a notebook."""

    def __init__(self, nodes: Nodes, *, levels: int | None = None, node: str | None = None, rows: int = 200) -> None:
        self._nodes = nodes
        self._start = nodes.place(node)
        self._levels = None if levels is None else as_whole(levels, "the levels of a tree", 1, _DEEPEST)
        self._most = as_whole(rows, "the number of rows", 1, _MOST_ROWS)

    def __repr__(self) -> str:
        return "\n".join(row.guides(_BOXES)[0] + row.text for row in self._rows(self._levels or _DEPTH))

    def _repr_html_(self) -> str:
        return f'<pre style="line-height:1.25">{html.escape(repr(self))}</pre>'

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        fitting = max((options.max_width - _TEXT) // len(_BOXES.empty), _LEAST_DEPTH)
        guides = _ASCII if options.ascii_only else _BOXES
        for row in self._rows(self._levels or min(fitting, _DEPTH)):
            text = visible(row.text, options.encoding)
            yield from _tree_rows(row._replace(text=text), guides, options.max_width)

    def _rows(self, levels: int) -> list[_Row]:
        """Return the lines, at most `levels` levels below the first.

        A node is expanded once, if the levels allow it; later lines refer to it.
        """
        rows: list[_Row] = []
        shown: set[int] = set()
        cut: dict[int, int] = {}  # nodes whose operands are left out, each with the number of the row that says so
        waiting: list[tuple[int, tuple[bool, ...]]] = [(self._start, ())]
        expanded: set[int] = set()
        while waiting and len(rows) < self._most:
            place, lasts = waiting.pop()
            operands, is_deepest = self._nodes.operands(place), len(lasts) >= levels
            if place in expanded or (is_deepest and place in cut):
                rows.append(_Row(lasts, f"^ {self._nodes.name(place)}, shown above"))
                continue
            rows.append(_Row(lasts, self._text(place)))
            shown.add(place)
            if operands and is_deepest:
                cut[place] = len(rows)
                rows.append(_Row((*lasts, True), "", is_node=False))
                continue
            expanded.add(place)
            waiting += [(operand, (*lasts, not number)) for number, operand in enumerate(reversed(operands))]
        for place, number in cut.items():
            rows[number] = rows[number]._replace(text=self._left_out(place, shown, place in expanded))
        if waiting:
            count = self._count((place for place, _ in waiting), shown)
            start = self._nodes.name(waiting[-1][0])
            hint = f"ask for fewer levels, such as levels=3, for more rows, or for a node, such as {start}"
            rows.append(_Row((), f"... {count:,} more nodes; {hint}", is_node=False))
        if self._nodes.note:
            rows.append(_Row((), self._nodes.note, is_node=False))
        return rows

    def _text(self, place: int) -> str:
        """Return the line of a node."""
        name, operation = self._nodes.name(place), self._nodes.operation(place)
        if self._nodes.is_number(place):
            return f"{name}: constant"
        data, gradient = self._nodes.numbers(place)
        kind = ", constant" if self._nodes.tape.lines[place].kind == "constant" else ""
        return f"{name}{operation and f' = {operation}'}: data {data}, grad {gradient}{kind}"

    def _left_out(self, place: int, shown: set[int], is_expanded: bool) -> str:
        """Return the line for operands that are left out; it does not count nodes `shown` elsewhere."""
        count = 0 if is_expanded else self._count(self._nodes.operands(place), shown)
        if not count:
            return "... the nodes below are on other lines"
        return f"... {counted(count, 'more node')} below; ask for the node {self._nodes.name(place)}"

    def _count(self, places: Iterable[int], seen: set[int]) -> int:
        """Count the nodes at these places and below them that are not in `seen`, and add them to it."""
        before = len(seen)
        waiting = [*places]
        while waiting:
            place = waiting.pop()
            if place not in seen:
                seen.add(place)
                waiting += self._nodes.operands(place)
        return len(seen) - before


def tree(root: Root, *, levels: int | None = None, node: str | None = None, rows: int = 200) -> Tree:
    """Return the graph that computed a Value as a tree of lines, for a prompt, for rich, and for a notebook.

    `root` is a Value, an exercise or a solution; for the last two, the graph of the loss is shown. `levels`, 1 to 100,
    is the number of levels below the first line; the default is 20, or fewer on a narrow terminal. A node that was
    shown already is not expanded again. `node` is the node to start from: a label, or "v7" (node 7 of the graph). At
    most `rows` nodes are shown. Raises TypeError for another root, ValueError for a wrong number of levels or of rows,
    or for an unknown node.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> tree((x * w - x) ** 2)
    v5 = v3**2: data 9, grad -
    ├─ v3 = v2 - x: data 3, grad -
    │  ├─ v2 = x*w: data 6, grad -
    │  │  ├─ x: data 3, grad -
    │  │  └─ w: data 2, grad -
    │  └─ ^ x, shown above
    └─ 2: constant
    """
    return Tree(Nodes.of(root), levels=levels, node=node, rows=rows)


def _tree_rows(row: _Row, guides: _Guides, width: int) -> Iterator[Text]:
    """Yield the row, broken into lines of this width."""
    first, other = row.guides(guides)
    style = "" if row.is_node and not row.text.startswith("^ ") else "dim"
    for number, line in enumerate(broken_lines([row.text], width - len(first), least=_LEAST_TEXT)):
        yield Text.assemble((other if number else first, "dim"), (line, style))
