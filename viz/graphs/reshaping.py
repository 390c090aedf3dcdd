"""Pictures made from pictures: without boxes of constants, or with a long graph wrapped in rows."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

from viz.core.drawing import Drawing, Edge, Figure

_BOX, _OPERATION = 3, 1
"""How much room a box and an operation take along the picture, compared with each other."""


def without_constants(drawing: Drawing) -> Drawing:
    """Return the picture without the boxes of numbers; an operation shows the numbers among its operands.

    Numbers with a label keep their boxes.
    """
    numbers = {figure.key: figure for figure in drawing.figures if figure.kind == "constant" and not figure.label}
    operands: defaultdict[str, list[str]] = defaultdict(list)
    for edge in drawing.edges:
        number = numbers.get(edge.tail)
        operands[edge.head].append(drawing.look.number(number.numbers[0]) if number and number.numbers else "")
    figures = [
        replace(figure, notes=(with_operands(figure.notes[0], operands[figure.key]),))
        if figure.kind == "operation"
        else figure
        for figure in drawing.figures
        if figure.key not in numbers or figure.is_root
    ]
    edges = [edge for edge in drawing.edges if edge.tail not in numbers]
    return replace(drawing, figures=tuple(figures), edges=tuple(edges))


def with_operands(symbol: str, operands: list[str]) -> str:
    """Return an operation with those of its operands that are numbers: "2 *", "- 1" or "exp 2"."""
    if not any(operands):
        return symbol
    return " ".join(filter(None, (*operands[:-1], symbol, operands[-1]) if len(operands) > 1 else (symbol, *operands)))


def in_rows(drawing: Drawing, count: int) -> Drawing:
    """Return the picture in this many rows, one below the other; if its direction is down, in columns side by side.

    A value that another row uses is repeated there by its name.
    """
    rows = _rows(drawing, count)
    figures = {figure.key: replace(figure, row=rows[figure.key]) for figure in drawing.figures}
    edges: list[Edge] = []
    again: dict[tuple[str, int], Figure] = {}
    for edge in drawing.edges:
        row = rows[edge.head]
        if rows[edge.tail] == row:
            edges.append(edge)
        elif edge.kind != "invisible":
            repeated = again.setdefault((edge.tail, row), _again(figures[edge.tail], row))
            edges.append(replace(edge, tail=repeated.key))
    return replace(drawing, figures=(*figures.values(), *again.values()), edges=tuple(edges))


def _again(figure: Figure, row: int) -> Figure:
    """Return the figure that stands for another one in this row: its name; for a number, the number."""
    key = f"{figure.key}_again{row}"
    if figure.label or figure.place:
        return Figure(key, "again", figure.label, figure.place, row=row)
    return replace(figure, key=key, row=row, is_root=False)


def _rows(drawing: Drawing, count: int) -> Mapping[str, int]:
    """Return the row of each figure; one without operands goes where it is first used."""
    ranks = drawing.ranks()
    cuts = _cuts(drawing, ranks, count)
    rows = {key: bisect_left(cuts, rank) for key, rank in ranks.items()}
    users: defaultdict[str, list[int]] = defaultdict(list)
    for edge in reversed(drawing.edges):
        if edge.kind == "result":
            rows[edge.tail] = rows[edge.head]
    for edge in drawing.edges:
        users[edge.tail].append(rows[edge.head])
    used = {edge.head for edge in drawing.edges}
    return rows | {key: min(users[key]) for key in rows if key not in used and users[key]}


def _cuts(drawing: Drawing, ranks: Mapping[str, int], count: int) -> list[int]:
    """Return the last rank of each row but the last: rows of similar length, cut where few values go on.

    A value without a name counts twice.
    """
    last = max(ranks.values())
    widths = [_OPERATION] * (last + 1)
    for figure in drawing.figures:
        if figure.kind != "operation":
            widths[ranks[figure.key]] = _BOX
    ends = list(accumulate(widths))
    used = {edge.head for edge in drawing.edges}
    weights = {figure.key: 1 if figure.label else 2 for figure in drawing.figures if figure.key in used}
    lasting: defaultdict[str, int] = defaultdict(int)
    for edge in drawing.edges:
        lasting[edge.tail] = max(lasting[edge.tail], ranks[edge.head])
    goes_on = [
        sum(weight for key, weight in weights.items() if ranks[key] <= rank < lasting[key]) for rank in range(last + 1)
    ]
    length = ends[-1] / count
    cuts = []
    for number in range(1, count):
        off = [abs(end - number * length) for end in ends]
        near = [rank for rank in range(last + 1) if off[rank] <= length / 3] or [off.index(min(off))]
        cuts.append(min(near, key=lambda rank: (goes_on[rank], off[rank])))
    return cuts
