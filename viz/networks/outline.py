"""`Outline`: the content of a network diagram without positions: columns of units, and the lines between them.

An outline is made from an exercise's solution, or from an MLP and the numbers of a call.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from autograd import Tape, Value
from autograd.node import Node
from autograd.passes.names import node_names
from autograd.sweep import sweeping, topological_order
from autograd.table.scalars import counted
from nn import MLP, Neuron, Solution
from nn.exercises.recording import gradient_name
from viz.networks.diagram import DiagramLine

Key: TypeAlias = tuple[int, int]
"""The column of a unit and its place in the column, both from 0."""


_MOST_SAID = 4
"""The most outputs and losses whose numbers are given in words."""


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
    middle = Cell(
        "folded", (DiagramLine("\N{VERTICAL ELLIPSIS}", "", "name"), DiagramLine(f"{count} more", "", "name"))
    )
    return [*column[: most // 2], middle, *column[most // 2 + count :]]


def _shown_at(place: int, count: int, most: int) -> int:
    """Return the place in a folded column of `count` units for the unit at `place`, or for the circle that holds it."""
    return place if place < most // 2 or count <= most else max(most // 2, place - (count - most))


def parameter_entries(name: str, node: str, value: Value, gradients: bool) -> tuple[DiagramLine, ...]:
    """Return the lines of a weight or a bias; `node` is its name in texts about the graph."""
    number = DiagramLine(name, node, "data", value.data)
    return (number, DiagramLine(gradient_name(name), node, "grad", value.grad)) if gradients else (number,)


_DELTA = "delta"


def outline_of_solution(solution: Solution, gradients: bool) -> Outline:
    """Return the columns of the network and the loss, with or without gradients."""
    exercise = solution.exercise
    network, values = exercise.network, solution.values
    outputs = network.outputs
    places: dict[str, Key] = {name: (0, place) for place, name in enumerate(exercise.inputs_by_name)}
    columns = [[Cell("input", (_data(name, values),)) for name in exercise.inputs_by_name]]
    joins = []
    for number, layer in enumerate(network.layers, start=1):
        column = []
        for place, unit in enumerate(layer):
            places[unit.post] = number, place
            delta = [DiagramLine(_symbol(unit.delta), unit.pre, "grad", values[unit.pre].grad)] if gradients else []
            entries = (_data(unit.pre, values), _data(unit.post, values), *delta)
            bias = parameter_entries(unit.bias, unit.bias, values[unit.bias], gradients) if unit.bias else ()
            kind = "output" if unit in outputs else "hidden"
            column.append(Cell(kind, entries, bias, exercise.plan.functions[unit][1].name))
            for source, weight in unit.weights:
                shown = parameter_entries(weight, weight, values[weight], gradients)
                joins.append(Join("weight", places[source], (number, place), values[weight].data, shown))
        columns.append(column)
    loss = len(columns), 0
    columns.append([Cell("loss", (_data(exercise.notation.loss, values),))])
    joins += [
        Join("loss", places[unit.post], loss, entries=(_data(target, values),))
        for unit, target in zip(outputs, exercise.targets, strict=True)
    ]
    return Outline(columns, joins)


def _symbol(name: str) -> str:
    """Return the name of an error signal with the Greek letter delta."""
    return f"\N{GREEK SMALL LETTER DELTA}{name[len(_DELTA) :]}" if name.startswith(_DELTA) else name


def _data(name: str, values: Mapping[str, Value]) -> DiagramLine:
    return DiagramLine(name, name, "data", values[name].data)


class _Recorded:
    """The graph that a network recorded; its units are found by their weights and biases, not by labels."""

    def __init__(self, roots: Sequence[Value]) -> None:
        with sweeping:
            order = topological_order(roots)
        self._labels = {node._label: node for node in order}
        self._names = dict(zip(order, node_names(order), strict=True))
        self._users: defaultdict[Node, list[Node]] = defaultdict(list)
        for node in order:
            for operand in node.sources:
                self._users[operand].append(node)

    def name(self, node: Value, otherwise: str) -> str:
        """Return the name of a node in the graph; if it is not in the graph, its label."""
        return self._names.get(node, node.label or otherwise)

    def pre_activation(self, neuron: Neuron) -> Value:
        """Return the sum in which the neuron's bias is the last term."""
        return self._only_user(neuron.bias, "add", 1)

    def factor(self, weight: Value) -> Value:
        """Return the factor that a weight is multiplied by."""
        return self._only_user(weight, "mul", 0).operands[1]

    def labelled(self, label: str) -> Value | None:
        """Return the Value with this label, None if there is none."""
        found = self._labels.get(label)
        return found if isinstance(found, Value) else None

    def _only_user(self, parameter: Value, op: str, position: int) -> Value:
        """Return the Value that a neuron computes from its parameter; a penalty on weights is not counted."""
        users = [
            user
            for user in self._users[parameter]
            if isinstance(user, Value) and user.op == op and _is_only(parameter, user.operands, position)
        ]
        if len(users) == 1:
            return users[0]
        if users:
            raise ValueError(
                f"the loss uses {self.name(parameter, parameter.name)} {len(users)} times, as for several samples. "
                "A diagram shows one sample: give the loss of one sample."
            )
        raise ValueError(
            f"the loss was not computed by this network: nothing in its graph multiplies or adds {parameter.name}. "
            "Give the loss that its call recorded: not one of a replay, of another network, or made under no_grad()."
        )


def _is_only(parameter: Value, operands: Sequence[Value], position: int) -> bool:
    """Say whether the parameter is the operand at this position, 0 or 1, and only there."""
    return [operand is parameter for operand in operands] == [position == 0, position == 1]


@dataclass(frozen=True, slots=True)
class _UnitValues:
    """The Values of a unit of an MLP; None if they were not computed."""

    pre: Value | None = None
    post: Value | None = None


def outline_of_mlp(mlp: MLP, inputs: Sequence[Any] | None, root: Value | None, gradients: bool | None) -> Outline:
    """Return the columns of the network, and the root if there is one; see `viz.network` for the arguments."""
    if root is not None and Tape.of(root).is_outdated:
        raise ValueError(
            "a leaf was assigned after the loss was computed, for example by optimizer.step(): the weights are new, "
            "the activations are old. Compute the loss again."
        )
    outputs = [] if inputs is None else mlp.forward(inputs)
    recorded = _Recorded(outputs if root is None else [root])
    sources, layers = _recorded_values(mlp, recorded, outputs) if outputs or root is not None else _no_values(mlp)
    shown = _has_gradients(mlp) if gradients is None else gradients
    reader = _MlpReader(mlp, recorded, shown, deltas=shown and root is not None)
    columns = [[reader.input(place, value) for place, value in enumerate(sources)]]
    columns += [reader.layer(number, values) for number, values in enumerate(layers)]
    joins = reader.joins()
    outputs_shown = [value for unit in layers[-1] for value in (unit.pre, unit.post)]
    if root is not None and not any(root is value for value in outputs_shown):
        name = recorded.name(root, "loss")
        joins += [Join("loss", (len(layers), place), (len(columns), 0)) for place in range(len(layers[-1]))]
        columns.append([Cell("loss", (DiagramLine(name if root.label else "loss", name, "data", root.data),))])
    return Outline(columns, joins)


def _has_gradients(mlp: MLP) -> bool:
    neurons = [neuron for layer in mlp.layers for neuron in layer.neurons]
    return any(value.grad is not None for neuron in neurons for value in (neuron.bias, *neuron.weights))


def _no_values(mlp: MLP) -> tuple[list[Value | None], list[list[_UnitValues]]]:
    return [None] * mlp.n_inputs, [[_UnitValues() for _ in layer.neurons] for layer in mlp.layers]


def _recorded_values(
    mlp: MLP, recorded: _Recorded, outputs: Sequence[Value]
) -> tuple[list[Value | None], list[list[_UnitValues]]]:
    """Return the Values of the inputs, and the Values of the units layer by layer."""
    into: list[list[Value | None]] = [
        [recorded.factor(weight) for weight in layer.neurons[0].weights] for layer in mlp.layers
    ]
    last = [recorded.labelled(f"a{neuron.suffix}") for neuron in mlp.layers[-1].neurons]
    after = [*into[1:], list(outputs) or last]
    return into[0], [
        [_UnitValues(recorded.pre_activation(neuron), post) for neuron, post in zip(layer.neurons, posts, strict=True)]
        for layer, posts in zip(mlp.layers, after, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _MlpReader:
    """Writes the numbers of an MLP as lines of text."""

    mlp: MLP
    recorded: _Recorded
    gradients: bool
    deltas: bool

    def input(self, place: int, value: Value | None) -> Cell:
        return Cell("input", (self._entry(value, f"x_{place}"),))

    def layer(self, number: int, values: Sequence[_UnitValues]) -> list[Cell]:
        kind = "output" if number == len(self.mlp.layers) - 1 else "hidden"
        cells = []
        for neuron, own in zip(self.mlp.layers[number].neurons, values, strict=True):
            bias = self._parameter(neuron.bias, f"b{neuron.suffix}")
            cells.append(Cell(kind, self._unit(neuron, own), bias, neuron.activation.name))
        return cells

    def joins(self) -> list[Join]:
        return [
            Join("weight", (number, source), (number + 1, target), weight.data, self._parameter(weight, "w"))
            for number, layer in enumerate(self.mlp.layers)
            for target, neuron in enumerate(layer.neurons)
            for source, weight in enumerate(neuron.weights)
        ]

    def _unit(self, neuron: Neuron, own: _UnitValues) -> tuple[DiagramLine, ...]:
        pre, post = f"z{neuron.suffix}", f"a{neuron.suffix}"
        if own.pre is None:
            return (DiagramLine(post, post, "name"),)
        entries = [self._entry(own.pre, pre)]
        if own.post is not None and own.post is not own.pre:
            entries.append(self._entry(own.post, post))
        if self.deltas:
            node = self.recorded.name(own.pre, pre)
            name = gradient_name(node if own.pre.label else pre)
            entries.append(DiagramLine(name, node, "grad", own.pre.grad))
        return tuple(entries)

    def _entry(self, value: Value | None, name: str) -> DiagramLine:
        if value is None:
            return DiagramLine(name, name, "name")
        node = self.recorded.name(value, name)
        return DiagramLine(node if value.label else name, node, "data", value.data)

    def _parameter(self, value: Value, name: str) -> tuple[DiagramLine, ...]:
        node = self.recorded.name(value, name)
        return parameter_entries(node if value.label else name, node, value, self.gradients)
