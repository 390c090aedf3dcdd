"""What stands in the diagram of an exercise's network: every number of its solution, named as the exercise does.

Reads a solution.
"""

from collections.abc import Mapping

from autograd import Value
from nn import Solution
from viz.diagram import Entry
from viz.network_outline import Cell, Join, Key, Outline, parameter_entries

_DELTA = "delta"


def outline_of_solution(solution: Solution, gradients: bool) -> Outline:
    """Return the columns of the network, and last the loss; with or without gradients."""
    exercise = solution.exercise
    network, values = exercise.network, solution.values
    places: dict[str, Key] = {name: (0, place) for place, name in enumerate(exercise.inputs_by_name)}
    columns = [[Cell("input", (_data(name, values),)) for name in exercise.inputs_by_name]]
    joins = []
    for number, layer in enumerate(network.layers, start=1):
        column = []
        for place, unit in enumerate(layer):
            places[unit.post] = number, place
            delta = [Entry(_symbol(unit.delta), unit.pre, "grad", values[unit.pre].grad)] if gradients else []
            entries = (_data(unit.pre, values), _data(unit.post, values), *delta)
            bias = parameter_entries(unit.bias, unit.bias, values[unit.bias], gradients) if unit.bias else ()
            kind = "output" if unit in network.targets else "hidden"
            column.append(Cell(kind, entries, bias, network.activation_name(unit)))
            for source, weight in unit.weights:
                shown = parameter_entries(weight, weight, values[weight], gradients)
                joins.append(Join("weight", places[source], (number, place), values[weight].data, shown))
        columns.append(column)
    loss = len(columns), 0
    columns.append([Cell("loss", (_data(exercise.notation.loss, values),))])
    joins += [
        Join("loss", places[unit.post], loss, entries=(_data(target, values),))
        for unit, target in network.targets.items()
    ]
    return Outline(columns, joins)


def _symbol(name: str) -> str:
    """Return an error signal's name with the letter delta, as on a blackboard."""
    return f"\N{GREEK SMALL LETTER DELTA}{name[len(_DELTA) :]}" if name.startswith(_DELTA) else name


def _data(name: str, values: Mapping[str, Value]) -> Entry:
    return Entry(name, name, "data", values[name].data)
