"""What stands in the diagram of a network, before anything has a place: columns of units, and what joins them.

Reads Values and their names; `exercise_outline` and `mlp_outline` make outlines.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from autograd import Value
from nn.lines import gradient_name
from viz.diagram import Entry

Key: TypeAlias = tuple[int, int]
"""A unit's column and its place in it, both from 0."""


class Cell(NamedTuple):
    """A unit, with the lines that say its numbers; `kind` is that of viz.diagram.Circle."""

    kind: str
    entries: tuple[Entry, ...]
    bias: tuple[Entry, ...] = ()
    activation: str = ""


class Join(NamedTuple):
    """What joins two units; `kind` is that of viz.diagram.Connection, `stands_for` how many weights it is."""

    kind: str
    source: Key
    target: Key
    weight: float = 0.0
    entries: tuple[Entry, ...] = ()
    stands_for: int = 1


@dataclass(frozen=True, slots=True)
class Outline:
    """The columns from the inputs on, and what joins their units."""

    columns: Sequence[Sequence[Cell]]
    joins: Sequence[Join]


def fold(whole: Outline, most: int) -> Outline:
    """Return the outline with at most so many units in a column: one circle stands for those in the middle."""
    columns = [_folded(column, most) for column in whole.columns]

    def shown(key: Key) -> Key:
        number, place = key
        return number, _shown_at(place, len(whole.columns[number]), most)

    groups: defaultdict[tuple[Key, Key], list[Join]] = defaultdict(list)
    for join in whole.joins:
        groups[shown(join.source), shown(join.target)].append(join)
    joins: list[Join] = []
    for (source, target), group in groups.items():
        if any(columns[number][place].kind == "folded" for number, place in (source, target)):
            kind = "loss" if group[0].kind == "loss" else "folded"
            joins.append(Join(kind, source, target, stands_for=len(group)))
        else:
            joins += [join._replace(source=source, target=target) for join in group]
    return Outline(columns, joins)


def _folded(column: Sequence[Cell], most: int) -> Sequence[Cell]:
    if len(column) <= most:
        return column
    count = len(column) - most + 1
    middle = Cell("folded", (Entry("\N{VERTICAL ELLIPSIS}", "", "name"), Entry(f"{count} more", "", "name")))
    return [*column[: most // 2], middle, *column[most // 2 + count :]]


def _shown_at(place: int, count: int, most: int) -> int:
    """Return where in its folded column the unit at a place of so many is, or the circle that stands for it."""
    return place if place < most // 2 or count <= most else max(most // 2, place - (count - most))


def parameter_entries(name: str, node: str, value: Value, gradients: bool) -> tuple[Entry, ...]:
    """Return the lines of a weight or a bias; `node` is what texts of its graph call it."""
    number = Entry(name, node, "data", value.data)
    return (number, Entry(gradient_name(name), node, "grad", value.grad)) if gradients else (number,)
