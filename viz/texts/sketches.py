"""The network of an exercise as a TikZ picture for LaTeX, with the given numbers and the names of the others."""

from nn import Solution
from viz.networks.diagram import DiagramLine
from viz.networks.exports import network_tikz
from viz.networks.outline import Cell, Join, Outline, fold
from viz.networks.placement import place
from viz.texts.typesetting import Sketch

_MOST_UNITS = 10
_ROOM = 3
"""The characters for which a circle has room: LaTeX sets wider than the diagram."""


def sketch(solution: Solution) -> Sketch:
    """Return the network of an exercise before it is solved."""
    diagram = place(fold(_outline(solution), _MOST_UNITS), _ROOM)
    return Sketch(network_tikz(diagram), *diagram.size)


def _outline(solution: Solution) -> Outline:
    plan = solution.exercise.plan
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
    places: dict[str, tuple[int, int]] = {name: (0, row) for row, name in enumerate(example.inputs)}
    joins = []
    for column, layer in enumerate(plan.network.layers, start=1):
        columns.append([])
        for row, unit in enumerate(layer):
            places[unit.post] = column, row
            kind = "output" if unit in outputs else "hidden"
            columns[-1].append(Cell(kind, shown(unit.pre, unit.post), shown(unit.bias)))
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
