"""The numbers of a picture that is on a page already: which text of which element shows which number.

A picture of the same graph with other numbers then needs no new layout.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from autograd import Line
from autograd.sweep import accumulate
from viz.core.dot import edge_text, local_text
from viz.core.drawing import Drawing, Edge, Figure, node_id
from viz.core.look import Look
from viz.graphs.reshaping import with_operands

Numbers: TypeAlias = Sequence[float | None]
_RECORDED = re.compile(r"e(\d+)_(\d+)")
"""The key of an edge between two lines of a tape: the line, and the place of its operand."""


class Text(NamedTuple):
    """A text of an SVG: the id of its element, its place among the element's texts from the end, and what it says."""

    id: str
    at: int
    text: str


def texts(drawing: Drawing, lines: Sequence[Line], data: Numbers, gradients: Numbers) -> Iterator[Text]:
    """Yield all texts of a picture that are numbers, for these numbers; None is a number that is not known yet.

    `lines` are those of a tape with the same nodes as the picture's.

    >>> from autograd import Tape, Value
    >>> from viz.graphs.figures import recorded
    >>> tape = Tape.of(Value(2, "x") * 3)
    >>> [tuple(text) for text in texts(recorded(tape), tape.lines, [2.0, 3.0, 6.0], [3.0, None, 1.0])][:4]
    [('v0', -1, '3'), ('v0', -3, '2'), ('v1', -1, '-'), ('v1', -3, '3')]
    """
    look = drawing.look
    results = _results(drawing.figures, lines)
    keys = {figure.key for figure in drawing.figures}
    for figure in drawing.figures:
        yield from _listed(figure, lines, look, data, gradients)
        if figure.kind == "operation":
            yield from _operands(figure, lines, look, keys)
        if figure.numbers is not None:
            node = results[figure.key]
            shown = look.columns(data[node], gradients[node])
            end = _rows_below(figure, look)
            for place, number in enumerate(reversed(shown)):
                yield Text(figure.key, -1 - 2 * place - end, look.number(number))
    yield from _partials(drawing, lines, data)


def _results(figures: Sequence[Figure], lines: Sequence[Line]) -> dict[str, int]:
    """Return the line whose numbers each figure shows: the last one that is used elsewhere, or the result."""
    users: list[list[int]] = [[] for _ in lines]
    for number, line in enumerate(lines):
        for operand in line.operands:
            users[operand].append(number)
    found = {}
    for figure in figures:
        if figure.numbers is not None:
            own = set(figure.lines)
            found[figure.key] = next(
                number
                for number in reversed(figure.lines)
                if number == len(lines) - 1 or not own.issuperset(users[number])
            )
    return found


def _rows_below(figure: Figure, look: Look) -> int:
    """Return how many texts of a box come after its numbers: the table of its parameters, with a heading."""
    return (len(figure.listed) + 1) * (1 + len(look.columns("", ""))) if figure.listed else 0


def _listed(figure: Figure, lines: Sequence[Line], look: Look, data: Numbers, gradients: Numbers) -> Iterator[Text]:
    nodes = [number for number in figure.lines if lines[number].kind in ("parameter", "leaf")]
    for row, node in enumerate(nodes if figure.listed else []):
        shown = look.columns(data[node], gradients[node])
        first = (row - len(nodes)) * (1 + len(shown))
        for place, number in enumerate(shown, start=1):
            yield Text(figure.key, first + place, look.number(number))


def _operands(figure: Figure, lines: Sequence[Line], look: Look, keys: Collection[str]) -> Iterator[Text]:
    """Yield the text of an operation that shows the numbers among its operands, since these have no box."""
    line = lines[int(figure.key[1:])]
    without_box = [lines[operand].is_number and node_id(operand) not in keys for operand in line.operands]
    if line.op and any(without_box):
        numbers = [
            look.number(lines[operand].data) if is_shown else ""
            for operand, is_shown in zip(line.operands, without_box, strict=True)
        ]
        yield Text(figure.key, -1, with_operands(line.op.symbol or line.op.name, numbers))


def _partials(drawing: Drawing, lines: Sequence[Line], data: Numbers) -> Iterator[Text]:
    figures = {figure.key: figure for figure in drawing.figures}
    inside: dict[str, Mapping[int, float]] = {}
    for edge in drawing.edges if drawing.look.partials else ():
        if edge.partial is not None:
            recorded = _RECORDED.fullmatch(edge.key)
            if recorded:
                node = int(recorded[1])
                partial = lines[node].partials[int(recorded[2])]
            else:
                head = figures[edge.head]
                node = head.lines[-1]
                if head.key not in inside:
                    inside[head.key] = _totals(head, lines)
                partial = _through(edge, figures, inside[head.key])
            unknown = _unknown if data[node] is None else None
            yield Text(edge.key, -1, edge_text(replace(edge, partial=partial), drawing.look, unknown))


def _unknown(_: float) -> str:
    return local_text("-")


def _totals(figure: Figure, lines: Sequence[Line]) -> dict[int, float]:
    """Return the derivatives of a folded result, by the chain rule inside the fold."""
    totals = {figure.lines[-1]: 1.0}
    accumulate(reversed(figure.lines), lambda number: lines[number].edges, totals)
    return totals


def _through(edge: Edge, figures: Mapping[str, Figure], totals: Mapping[int, float]) -> float:
    """Return the derivative of a folded result in the figure at the other end of an edge."""
    source = figures[edge.key.removesuffix(f"_{edge.head}")]
    return sum(totals[number] for number in source.lines if number in totals)
