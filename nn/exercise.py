"""`Exercise`: a small network with numbers, and its solution line by line, as a lecture writes it on the board.

The engine computes every result: the forward lines are nodes of the recorded graph, a delta is the gradient of a
pre-activation, an update is a step of SGD. Terminal, JSON and pictures read the solution.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autograd import Value, constant, parameter, sum
from autograd.scalars import as_float
from nn.activations import activation
from nn.forms import LOSS_FORMS
from nn.lines import SolutionLine, solution_lines
from nn.names import units_from_weights
from nn.network import Network, Notation, Unit, output_units
from nn.optim import SGD


@dataclass(frozen=True, slots=True)
class Solution:
    """One iteration, solved: its lines, the numbers of the weights and biases by name, and the recorded graph."""

    lines: tuple[SolutionLine, ...]
    predictions: tuple[float, ...]
    loss: float
    before: dict[str, float]
    gradients: dict[str, float]
    after: dict[str, float]
    graph: Value

    @property
    def prediction(self) -> float:
        """The prediction of a network with one output; ValueError where there are several."""
        if len(self.predictions) > 1:
            raise ValueError(f"the network has {len(self.predictions)} outputs; read `predictions`.")
        return self.predictions[0]


@dataclass(frozen=True)
class Exercise:
    """A layered network given by its weights, with inputs, a target and a learning rate.

    Weights and biases are numbers by name. Where `units` are not given, the names of the weights say what they join:
    "w13" leads from node 1 to node 3. Inputs are numbers by name, or a list for x1, x2, ...; the target is a number,
    called y, or where there are several outputs a number by name for each. `activation` is for the hidden units,
    `output_activation` for the output units (the same where it is not given), `loss` one of "half_squared_error" and
    "binary_cross_entropy". Raises ValueError or TypeError that names what does not fit.

    >>> exercise = Exercise({"w12": 2, "w23": 3}, inputs=[1], target=0, eta=0.1)
    >>> for line in exercise.solve().lines[:3]:
    ...     print(line)
    x2 = x1*w12 = 1*2 = 2
    y2 = F(x2) = F(2) = 2
    x3 = y2*w23 = 2*3 = 6
    """

    weights: Mapping[str, float]
    inputs: Mapping[str, float] | Sequence[float]
    target: Mapping[str, float] | float
    eta: float
    biases: Mapping[str, float] = field(default_factory=dict)
    activation: str = "relu"
    output_activation: str = ""
    loss: str = "half_squared_error"
    units: Sequence[Unit] = ()
    notation: Notation = field(default_factory=Notation)
    title: str = "Exercise"

    def __post_init__(self) -> None:
        """Check that names, numbers and units fit together."""
        for what in ("weights", "inputs", "target", "biases"):
            object.__setattr__(self, what, _by_name(what, getattr(self, what)))
        object.__setattr__(self, "eta", as_float(self.eta, "eta"))
        object.__setattr__(self, "output_activation", self.output_activation or self.activation)
        units = tuple(self.units) or tuple(units_from_weights(self.weights, self.inputs_by_name, self.biases))
        object.__setattr__(self, "units", units)
        for problem in _problems(self):
            raise ValueError(problem)

    @property
    def inputs_by_name(self) -> Mapping[str, float]:
        """The inputs by name, also where a list was given."""
        assert isinstance(self.inputs, Mapping), "made so when the exercise was made"
        return self.inputs

    @property
    def targets(self) -> Mapping[str, float]:
        """The targets by name, also where one number was given."""
        assert isinstance(self.target, Mapping), "made so when the exercise was made"
        return self.target

    @property
    def network(self) -> Network:
        """The units and what they are called."""
        targets = dict(zip(output_units(tuple(self.units)), self.targets, strict=True))
        return Network(tuple(self.units), targets, self.activation, self.output_activation, self.loss, self.notation)

    def solve(self) -> Solution:
        """Return one iteration: forward pass, loss, backward pass, update."""
        values = _recorded(self)
        loss = values[self.notation.loss]
        loss.backward()
        parameters = {name: values[name] for name in (*self.weights, *self.biases)}
        before = {name: value.data for name, value in parameters.items()}
        SGD(parameters.values(), lr=self.eta).step()
        after = {name: value.data for name, value in parameters.items()}
        for name, value in parameters.items():
            value.data = before[name]  # the recorded graph shows the iteration that it computed
        return Solution(
            lines=tuple(solution_lines(self.network, values, after, self.eta)),
            predictions=tuple(values[unit.post].data for unit in self.network.targets),
            loss=loss.data,
            before=before,
            gradients={name: value.grad or 0.0 for name, value in parameters.items()},
            after=after,
            graph=loss,
        )

    def iterate(self, iterations: int) -> list[Solution]:
        """Return several iterations (1 or more), each from the weights that the one before left."""
        if iterations < 1:
            raise ValueError(f"the number of iterations must be 1 or more, but {iterations} came.")
        exercise, solutions = self, []
        for _ in range(iterations):
            solutions.append(exercise.solve())
            after = solutions[-1].after
            weights = {name: after[name] for name in self.weights}
            exercise = replace(exercise, weights=weights, biases={name: after[name] for name in self.biases})
        return solutions


def _by_name(what: str, given: Any) -> dict[str, float]:
    """Return numbers by name: those of a mapping, a list as x1, x2, ..., one number as y."""
    if isinstance(given, Mapping):
        named = dict(given)
    elif what == "inputs" and isinstance(given, (list, tuple)):
        named = {f"x{place}": number for place, number in enumerate(given, start=1)}
    elif what == "target":
        named = {"y": given}
    else:
        raise TypeError(f"{what} must be numbers by name, such as {{'w13': 2}}, but a {type(given).__name__} came.")
    return {name: as_float(number, f"{what}: {name}") for name, number in named.items()}


def _problems(exercise: Exercise) -> Iterator[str]:
    """Yield a sentence for each thing that does not fit, the first cause first."""
    yield from _unknown_names(exercise)
    yield from _repeated_names(exercise)
    outputs = output_units(tuple(exercise.units))
    if len(outputs) != len(exercise.targets):
        yield f"the network has {len(outputs)} output(s), but {len(exercise.targets)} target(s) came."
    if exercise.loss not in LOSS_FORMS:
        yield f"an exercise has no loss {exercise.loss!r}; try {', '.join(LOSS_FORMS)}."
    for name in (exercise.activation, exercise.output_activation):
        if activation(name).function is None:
            yield f"an exercise needs an activation of each unit alone, but {name} is one of a whole layer."


def _unknown_names(exercise: Exercise) -> Iterator[str]:
    given = {*exercise.weights, *exercise.biases}
    used = {name for unit in exercise.units for name in (*(weight for _, weight in unit.weights), unit.bias) if name}
    for name in sorted(used - given):
        yield f"a unit uses the weight or bias {name}, but it has no number."
    for name in sorted(given - used):
        yield f"the weight or bias {name} has a number, but no unit uses it."
    known = set(exercise.inputs_by_name)
    for unit in exercise.units:
        for source, _ in unit.weights:
            if source not in known:
                yield f"unit {unit.post} takes {source}, which is neither an input nor computed before it."
        known.add(unit.post)


def _repeated_names(exercise: Exercise) -> Iterator[str]:
    given = [*exercise.weights, *exercise.biases, *exercise.inputs_by_name, *exercise.targets]
    computed = [name for unit in exercise.units for name in (unit.pre, unit.post, unit.delta)]
    for name, count in Counter([*given, *computed, exercise.notation.loss, exercise.notation.eta]).items():
        if count > 1:
            yield f"the name {name} stands for {count} numbers; give each its own."


def _recorded(exercise: Exercise) -> dict[str, Value]:
    """Return every Value of the forward pass by its name, each labelled with it."""
    values = {name: Value(number, name) for name, number in exercise.inputs_by_name.items()}
    values |= {name: parameter(number, name) for name, number in (*exercise.weights.items(), *exercise.biases.items())}
    values |= {name: constant(number, name) for name, number in exercise.targets.items()}
    network = exercise.network
    functions = {name: activation(name) for name in (exercise.activation, exercise.output_activation)}
    for unit in network.units:
        products = [values[source] * values[weight] for source, weight in unit.weights]
        pre: Value = sum([*products, values[unit.bias]] if unit.bias else products)
        post: Value = functions[network.activation_name(unit)]([pre])[0]
        values[unit.pre] = pre
        values[unit.post] = +post if post is pre else post
        values[unit.pre].label, values[unit.post].label = unit.pre, unit.post
    pairs = [(values[unit.post], values[target]) for unit, target in network.targets.items()]
    loss: Value = LOSS_FORMS[exercise.loss].value(pairs, 0.5)
    loss.label = exercise.notation.loss
    return values | {loss.label: loss}
