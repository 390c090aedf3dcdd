"""`Outline`: the content of a network diagram without positions: columns of units, and the lines between them.

An outline is made from an exercise, from its solution, or from the units of an MLP or of a graph.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import nn
from autograd import Tape, Value
from autograd.table.scalars import counted
from nn import MLP, Exercise, Solution
from nn.exercises.recording import gradient_name
from viz.networks.diagram import DiagramLine
from viz.networks.units import Graph, Key, Unit, units_in, units_of_mlp

_MOST_SAID = 4
"""The most outputs and losses whose numbers are given in words."""
_EXAMPLES = 4
"""The most examples of which a unit shows the numbers."""


class Cell(NamedTuple):
    """A unit, with the lines that show its numbers; `kind` is as in viz.networks.diagram.Circle."""

    kind: str
    entries: tuple[DiagramLine, ...]
    bias: tuple[DiagramLine, ...] = ()
    activation: str = ""


class Join(NamedTuple):
    """A line between two units; `kind` is as in viz.networks.diagram.Connection, `stands_for` counts its weights."""

    kind: str
    source: Key
    target: Key
    weight: float = 0.0
    entries: tuple[DiagramLine, ...] = ()
    stands_for: int = 1


@dataclass(frozen=True, slots=True)
class Outline:
    """The columns, the inputs first, and the lines between their units."""

    columns: Sequence[Sequence[Cell]]
    joins: Sequence[Join]

    @property
    def about(self) -> str:
        """The network in words: its sizes, and the numbers of its outputs and its loss.

        >>> from nn import relu_exercise
        >>> outline_of_solution(relu_exercise().solve(), gradients=True).about
        'a 2-2-1 network with 6 weights: y5=10, loss=50'
        """
        sizes = "-".join(str(len(column)) for column in self.columns if column[0].kind != "loss")
        weights = counted(sum(join.kind == "weight" for join in self.joins), "weight")
        last = [cell for column in self.columns for cell in column if cell.kind in ("output", "loss")]
        numbers = [[line.text for line in cell.entries if line.part == "data"][-1:] for cell in last]
        said = ", ".join(text for texts in numbers[-_MOST_SAID:] for text in texts)
        return f"a {sizes} network with {weights}" + (f": {said}" if said else "")


def fold(whole: Outline, most: int) -> Outline:
    """Return the outline with at most `most` circles in a column: one circle stands for the units in the middle."""
    columns = [_folded(column, most) for column in whole.columns]
    shown = {
        (number, place): (number, _shown_at(place, len(column), most))
        for number, column in enumerate(whole.columns)
        for place in range(len(column))
    }
    groups: defaultdict[tuple[Key, Key], list[Join]] = defaultdict(list)
    for join in whole.joins:
        groups[shown[join.source], shown[join.target]].append(join)
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
    middle = Cell(
        "folded", (DiagramLine("\N{VERTICAL ELLIPSIS}", "", "name"), DiagramLine(f"{count} more", "", "name"))
    )
    return [*column[: most // 2], middle, *column[most // 2 + count :]]


def _is_folded(place: int, count: int, most: int) -> bool:
    """Say whether a unit of a column is in the circle that stands for several."""
    return count > most and _shown_at(place, count, most) == most // 2


def _shown_at(place: int, count: int, most: int) -> int:
    """Return the place in a folded column of `count` units for the unit at `place`, or for the circle that holds it."""
    return place if place < most // 2 or count <= most else max(most // 2, place - (count - most))


def _gradient_in(value: Value) -> float | None:
    """Return the gradient of a Value, None if there is none."""
    return value.grad if value.has_grad else None


def _parameter_entries(name: str, node: str, value: Value, gradients: bool) -> tuple[DiagramLine, ...]:
    """Return the lines of a weight or a bias; `node` is its name in texts about the graph."""
    number = DiagramLine(name, node, "data", value.data)
    return (number, DiagramLine(gradient_name(name), node, "grad", _gradient_in(value))) if gradients else (number,)


def outline_of_solution(solution: Solution, gradients: bool) -> Outline:
    """Return the columns of the network and the loss, with or without gradients."""
    plan = solution.exercise.plan
    network, values = plan.network, solution.values
    outputs, suffixes = network.outputs, list(map(plan.suffix, range(1, len(plan.examples) + 1)))

    def shown(*names: str) -> tuple[DiagramLine, ...]:
        lines = [_data(f"{name}{suffix}", values) for suffix in suffixes[:_EXAMPLES] for name in names]
        return (*lines, *_rest(suffixes))

    inputs = plan.examples[0].inputs
    places: dict[str, Key] = {name: (0, place) for place, name in enumerate(inputs)}
    columns = [[Cell("input", shown(name)) for name in inputs]]
    joins = []
    for number, layer in enumerate(network.layers, start=1):
        column = []
        for place, unit in enumerate(layer):
            places[unit.post] = number, place
            bias = _parameter(unit.bias, solution, gradients) if unit.bias else ()
            kind = "output" if unit in outputs else "hidden"
            column.append(Cell(kind, _of_unit(unit, values, suffixes, gradients), bias, plan.functions[unit][1].name))
            for source, weight in unit.weights:
                entries = _parameter(weight, solution, gradients)
                joins.append(Join("weight", places[source], (number, place), values[weight].data, entries))
        columns.append(column)
    loss = len(columns), 0
    columns.append([Cell("loss", (_data(plan.notation.loss, values),))])
    joins += [
        Join("loss", places[unit.post], loss, entries=shown(target))
        for unit, target in zip(outputs, plan.examples[0].targets, strict=True)
    ]
    return Outline(columns, joins)


def outline_of_question(exercise: Exercise, is_small: bool = False) -> Outline:
    """Return the columns before an exercise is solved: the given numbers, and the names of the others.

    With `is_small` there are no weights on the lines, and one name in a unit.
    """
    plan = exercise.plan
    example, outputs, loss = plan.examples[0], plan.network.outputs, plan.notation.loss
    given = {**example.inputs, **example.targets}
    numbers = {**plan.numbers, **(given if len(plan.examples) == 1 else {})}

    def shown(*names: str) -> tuple[DiagramLine, ...]:
        return tuple(
            DiagramLine(name, name, "data", numbers[name]) if name in numbers else DiagramLine(name, name, "name")
            for name in names
            if name
        )

    columns = [[Cell("input", shown(name)) for name in example.inputs]]
    places: dict[str, Key] = {name: (0, row) for row, name in enumerate(example.inputs)}
    joins = []
    for column, layer in enumerate(plan.network.layers, start=1):
        columns.append([])
        for row, unit in enumerate(layer):
            places[unit.post] = column, row
            kind = "output" if unit in outputs else "hidden"
            names = [unit.post] if is_small else [unit.pre, unit.post]
            columns[-1].append(Cell(kind, shown(*names), shown(unit.bias)))
            joins += [
                Join("weight", places[source], (column, row), plan.numbers[weight], shown(weight))
                for source, weight in unit.weights
            ]
    columns.append([Cell("loss", shown(loss))])
    joins += [
        Join("loss", places[unit.post], (len(columns) - 1, 0), entries=shown(target))
        for unit, target in zip(outputs, example.targets, strict=True)
    ]
    return Outline(columns, joins)


def _of_unit(
    unit: nn.Unit, values: Mapping[str, Value], suffixes: Sequence[str], gradients: bool
) -> tuple[DiagramLine, ...]:
    """Return the numbers of a unit, example by example."""
    lines = []
    for suffix in suffixes[:_EXAMPLES]:
        pre, post, delta = f"{unit.pre}{suffix}", f"{unit.post}{suffix}", f"{unit.delta}{suffix}"
        lines += [_data(pre, values), _data(post, values)]
        lines += [DiagramLine(_symbol(delta), pre, "grad", _gradient_in(values[pre]))] if gradients else []
    return (*lines, *_rest(suffixes))


def _rest(suffixes: Sequence[str]) -> Sequence[DiagramLine]:
    """Return a line that says how many examples are not shown."""
    more = len(suffixes) - _EXAMPLES
    return [DiagramLine(counted(more, "more example"), "", "name")] if more > 0 else []


def _parameter(name: str, solution: Solution, gradients: bool) -> tuple[DiagramLine, ...]:
    """Return the lines of a weight or bias; one that is held fixed has no gradient."""
    return _parameter_entries(name, name, solution.values[name], gradients and name in solution.before)


def _symbol(name: str) -> str:
    """Return the name of an error signal with the Greek letter delta."""
    return re.sub("^delta", "\N{GREEK SMALL LETTER DELTA}", name)


def _data(name: str, values: Mapping[str, Value]) -> DiagramLine:
    return DiagramLine(name, name, "data", values[name].data)


def outline_of_network(
    root: Value | None, mlp: MLP | None, inputs: Sequence[Any] | None, gradients: bool | None, most: int
) -> Outline:
    """Return the columns of a network, and the root if there is one; see `viz.network` for the arguments.

    Weights that `fold` will not show have no entries: there may be a million of them.
    """
    if root is not None and Tape.of(root).is_outdated:
        raise ValueError(
            "a leaf was assigned after the loss was computed, for example by optimizer.step(): the weights are new, "
            "the activations are old. Compute the loss again."
        )
    outputs = [] if inputs is None or mlp is None else mlp.forward(inputs)
    roots = outputs if root is None else [root]
    graph = Graph(roots, mlp.parameters() if roots and mlp is not None else [])
    units = units_in(graph) if mlp is None else units_of_mlp(mlp, graph if graph.order else None, outputs)
    parameters = [value for layer in units.layers for unit in layer for value in (unit.bias, *unit.weights)]
    shown = any(value is not None and value.has_grad for value in parameters) if gradients is None else gradients
    writer = _Writer(graph, shown, deltas=shown and root is not None)
    columns = [[writer.input(place, value) for place, value in enumerate(units.inputs)]]
    columns += [[writer.unit(unit) for unit in layer] for layer in units.layers]
    is_folded = {
        (number, place): _is_folded(place, len(column), most)
        for number, column in enumerate(columns)
        for place in range(len(column))
    }
    joins, outputs_at = [], []
    for number, layer in enumerate(units.layers, start=1):
        for place, unit in enumerate(layer):
            outputs_at += [(number, place)] if unit.is_output else []
            for source, weight in zip(unit.sources, unit.weights, strict=True):
                join = Join("weight", source, (number, place))
                if not (is_folded[source] or is_folded[join.target]):
                    join = join._replace(weight=weight.data, entries=writer.parameter(weight, "w"))
                joins.append(join)
    if root is not None and not any(root is value for unit in units.layers[-1] for value in (unit.pre, unit.post)):
        name = graph.name(root, "")
        joins += [Join("loss", source, (len(columns), 0)) for source in outputs_at]
        columns.append([Cell("loss", (DiagramLine(name, name, "data", root.data),))])
    return Outline(columns, joins)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the numbers of units as lines of text, with the names that their graph gives."""

    graph: Graph
    gradients: bool
    deltas: bool

    def input(self, place: int, value: Value | None) -> Cell:
        return Cell("input", (self._entry(value, f"x_{place}"),))

    def unit(self, unit: Unit) -> Cell:
        bias = () if unit.bias is None else self.parameter(unit.bias, f"b{unit.suffix}")
        return Cell("output" if unit.is_output else "hidden", self._entries(unit), bias, unit.activation)

    def parameter(self, value: Value, name: str) -> tuple[DiagramLine, ...]:
        node = self.graph.name(value, name)
        return _parameter_entries(node if value.label else name, node, value, self.gradients)

    def _entries(self, unit: Unit) -> tuple[DiagramLine, ...]:
        pre, post = f"z{unit.suffix}", f"a{unit.suffix}"
        if unit.pre is None:
            return (DiagramLine(post, post, "name"),)
        entries = [self._entry(unit.pre, pre)]
        if unit.post is not None and unit.post is not unit.pre:
            entries.append(self._entry(unit.post, post))
        if self.deltas:
            node = self.graph.name(unit.pre, pre)
            entries.append(
                DiagramLine(gradient_name(node if unit.pre.label else pre), node, "grad", _gradient_in(unit.pre))
            )
        return tuple(entries)

    def _entry(self, value: Value | None, name: str) -> DiagramLine:
        if value is None:
            return DiagramLine(name, name, "name")
        node = self.graph.name(value, name)
        return DiagramLine(node if value.label else name, node, "data", value.data)
