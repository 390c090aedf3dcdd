"""`Exercise`: a small network with numbers, and its solution line by line, as a lecture writes it on the board.

The engine computes every result: a forward line is a node of the recorded graph, a delta is the gradient of a
pre-activation, and an update is a step of SGD. Terminal, JSON and pictures all show this solution.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property

from autograd import Value, constant, parameter
from autograd.passes.subject import Subject
from autograd.state.displays import Displayed
from autograd.table.scalars import as_float, as_whole
from nn.activations import activation
from nn.exercises.lines import SolutionLine, gradient_of, is_saturated, loss_of, solution_lines, weighted_sum
from nn.exercises.network import Network, Notation, Unit, output_units, units_from_weights
from nn.exercises.validation import numbers_by_name, problems, targets_by_name
from nn.optim import SGD


@dataclass(frozen=True, eq=False, repr=False)
class Solution(Displayed):
    """One solved iteration: the weights and biases before and after, the recorded graph, and the lines.

    >>> solution = Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1).solve()
    >>> solution.loss, solution.gradients
    (18.0, {'w12': 18.0})
    >>> solution
    Exercise
      x2 = x1*w12 = 3*2 = 6
      y2 = F(x2) = F(6) = 6
      loss = 1/2*(y2 - y)**2 = 1/2*(6 - 0)**2 = 18
      delta2 = (y2 - y)*F'(x2) = (6 - 0)*F'(6) = 6
      w12 = w12 - eta*delta2*x1 = 2 - 0.1*6*3 = 0.2
    """

    exercise: "Exercise"
    values: Mapping[str, Value]
    before: Mapping[str, float]
    after: Mapping[str, float]

    @cached_property
    def lines(self) -> tuple[SolutionLine, ...]:
        """All lines of the solution, in the order of the lecture."""
        return tuple(solution_lines(self.exercise.network, self.values, self.after, self.exercise.eta))

    @property
    def graph(self) -> Value:
        """The loss before the update, with its recorded graph."""
        return self.values[self.exercise.notation.loss]

    @property
    def loss(self) -> float:
        """The loss before the update."""
        return self.graph.data

    @property
    def gradients(self) -> dict[str, float]:
        """The derivative of the loss with respect to each weight and bias."""
        return {name: gradient_of(self.values[name]) for name in self.before}

    @property
    def predictions(self) -> tuple[float, ...]:
        """The activation of each output unit."""
        return tuple(self.values[unit.post].data for unit in self.exercise.network.targets)

    @property
    def prediction(self) -> float:
        """The prediction of a network with one output. Raises ValueError if there are several."""
        if len(self.predictions) > 1:
            raise ValueError(f"the network has {len(self.predictions)} outputs; use `predictions`.")
        return self.predictions[0]

    def _subject_(self) -> Subject:
        """Return the loss, and the gradient descent that updates the weights."""
        parameters = [self.values[name] for name in self.before]
        return Subject(self.graph, SGD(parameters, lr=self.exercise.eta))

    def __repr__(self) -> str:
        return "\n  ".join([self.exercise.title, *map(str, self.lines)])


@dataclass(frozen=True, eq=False)
class Exercise(Displayed):
    """A layered network given by its weights, with inputs, a target and a learning rate.

    Weights and biases are numbers by name. Without `units`, the names of the weights describe the network: "w13" leads
    from node 1 to node 3. Inputs are numbers by name, or a list for x1, x2, ... The target is a number, called y. For
    several outputs, give a list of targets in the order of the outputs, or targets by name that end in the number of
    their output: "t4" is for the output y4. `activation` is for the hidden units, `output_activation` for the output
    units (by default the same). `loss` is one of `LOSSES`, but none of those for class numbers. Raises ValueError or
    TypeError that names the part that does not fit.

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
    _: KW_ONLY
    biases: Mapping[str, float] = field(default_factory=dict)
    activation: str = "relu"
    output_activation: str = ""
    loss: str = "half_squared_error"
    units: Sequence[Unit] = ()
    notation: Notation = field(default_factory=Notation)
    title: str = "Exercise"

    def __post_init__(self) -> None:
        """Check that names, numbers and units fit together."""
        for what in ("weights", "inputs", "biases"):
            object.__setattr__(self, what, numbers_by_name(what, getattr(self, what)))
        object.__setattr__(self, "eta", as_float(self.eta, "eta"))
        if not 0.0 <= self.eta < math.inf:
            raise ValueError(f"expected a finite number of 0 or more for eta, got {self.eta}.")
        object.__setattr__(self, "output_activation", self.output_activation or self.activation)
        units = tuple(self.units) or tuple(units_from_weights(self.weights, self.inputs_by_name, self.biases))
        object.__setattr__(self, "units", units)
        object.__setattr__(self, "target", targets_by_name(self.target, output_units(units)))
        if self.output_activation != self.activation and self.notation == Notation():
            object.__setattr__(self, "notation", Notation(output_function="G"))
        for problem in problems(self):
            raise ValueError(problem)

    @property
    def inputs_by_name(self) -> Mapping[str, float]:
        """The inputs by name, even if they were given as a list."""
        assert isinstance(self.inputs, Mapping), "__post_init__ made it a mapping"
        return self.inputs

    @property
    def targets(self) -> Mapping[str, float]:
        """The targets by name, even if one number was given."""
        assert isinstance(self.target, Mapping), "__post_init__ made it a mapping"
        return self.target

    @property
    def network(self) -> Network:
        """The units, and the names that the lecture uses."""
        targets = dict(zip(output_units(tuple(self.units)), self.targets, strict=True))
        return Network(tuple(self.units), targets, self.activation, self.output_activation, self.loss, self.notation)

    def solve(self) -> Solution:
        """Return one iteration: forward pass, loss, backward pass, update."""
        values = _recorded(self)
        values[self.notation.loss].backward()
        parameters = {name: values[name] for name in (*self.weights, *self.biases)}
        before = {name: value.data for name, value in parameters.items()}
        SGD(parameters.values(), lr=self.eta).step()
        after = {name: value.data for name, value in parameters.items()}
        for name, value in parameters.items():
            value.data = before[name]  # the graph still shows the numbers of this iteration
        return Solution(self, values, before, after)

    def _subject_(self) -> Subject:
        """Return the loss and the gradient descent of the solution."""
        return self.solve()._subject_()

    def iterate(self, iterations: int) -> list[Solution]:
        """Return several iterations (1 or more); each starts with the weights that the previous one reached."""
        exercise, solutions = self, []
        for _ in range(as_whole(iterations, "the number of iterations", 1)):
            solutions.append(exercise.solve())
            after = solutions[-1].after
            weights = {name: after[name] for name in self.weights}
            exercise = replace(exercise, weights=weights, biases={name: after[name] for name in self.biases})
        return solutions


def _recorded(exercise: Exercise) -> dict[str, Value]:
    """Return every Value of the forward pass by name; the name is also its label."""
    values = {name: Value(number, name) for name, number in exercise.inputs_by_name.items()}
    values |= {name: parameter(number, name) for name, number in (*exercise.weights.items(), *exercise.biases.items())}
    values |= {name: constant(number, name) for name, number in exercise.targets.items()}
    network = exercise.network
    functions = {name: activation(name) for name in (exercise.activation, exercise.output_activation)}
    for unit in network.units:
        pre: Value = weighted_sum(unit, values.__getitem__)
        post: Value = functions[network.activation_name(unit)]([pre])[0]
        values[unit.pre] = pre
        values[unit.post] = +post if post is pre else post
        values[unit.pre].label, values[unit.post].label = unit.pre, unit.post
    loss: Value = loss_of(network, values.__getitem__, 1.0, is_saturated(network, values))
    loss.label = exercise.notation.loss
    return values | {loss.label: loss}
