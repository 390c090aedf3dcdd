"""`Exercise`: a small network with numbers, and its solution line by line, as a lecture writes it on the board.

The engine computes every result, and `autograd.lines` writes the lines. Terminal, JSON and pictures show this solution.
"""

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from autograd import Value
from autograd.passes.lines import UPDATE, PassLine, lines
from autograd.passes.naming import Naming
from autograd.passes.subject import Subject
from autograd.passes.updates import GRADIENT, assignments
from autograd.state.displays import Displayed
from autograd.symbols.expression import name_of
from autograd.symbols.substitution import parts
from autograd.table.scalars import as_whole, spelled
from autograd.table.visible import visible
from nn.exercises.checks import loss_problem, problems
from nn.exercises.given import (
    Choice,
    Example,
    GivenFraction,
    choices,
    fractions_in,
    fractions_of,
    inputs_of,
    is_list,
    layers_of,
    named_inputs,
    named_targets,
    number_of,
    numbers_by_name,
    optimizer_of,
    shown,
)
from nn.exercises.network import Network, Notation, Unit, output_units, units_from_weights
from nn.exercises.recording import Plan, functions_of, gradient_name, learned_by, recorded
from nn.losses import LOSSES
from nn.optim import Optimizer

UPDATES = ("mean", "sum", "each")
"""What an update of several examples uses: the mean or the sum of their gradients, or one example after the other."""


@dataclass(frozen=True, eq=False, repr=False)
class Solution(Displayed):
    """One solved iteration: the weights and biases before and after, the recorded graph, and the lines.

    `values` are all recorded Values by name. `before` and `after` have the numbers that the optimizer adjusts;
    `optimizer` is the optimizer before its step, `stepped` after it.

    >>> solution = Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1).solve()
    >>> solution.loss, solution.gradients
    (18.0, {'w12': 18.0})
    >>> solution
    Exercise
      x2 = x1*w12 = 3*2 = 6
      y2 = F(x2) = F(6) = 6
      loss = 1/2*(y2 - y)**2 = 1/2*(6 - 0)**2 = 18
      delta2 = (y2 - y)*F'(x2) = (6 - 0)*F'(6) = 6
      w12_new = w12 - eta*delta2*x1 = 2 - 0.1*6*3 = 0.2
    """

    exercise: "Exercise"
    values: Mapping[str, Value]
    before: Mapping[str, float]
    after: Mapping[str, float]
    optimizer: Optimizer
    stepped: Optimizer
    naming: Naming

    @cached_property
    def lines(self) -> tuple[PassLine, ...]:
        """All lines of the solution, in the order of the lecture."""
        return tuple(lines(self, exact=self.exercise.exact))

    @cached_property
    def exact(self) -> Mapping[str, float]:
        """The numbers of an exact exercise by their names in its lines; gradients as dw12, fractions as Fractions.

        Empty for an exercise that is not exact.
        """
        if not self.exercise.exact:
            return {}
        names = {name: gradient_name(name) for name in self.before}
        naming = replace(
            self.naming,
            transparent=[name for name in self.naming.transparent if name not in names],
            gradients={**self.naming.gradients, **names},
        )
        found: dict[str, float] = {}
        for line in (*lines(self.graph, naming=naming, exact=True), *self.lines):
            found |= {**line.known, line.name: line.result}
        return found

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
        """The derivative of the loss with respect to each weight and bias that is adjusted."""
        return {name: self.values[name].grad for name in self.before}

    @property
    def predictions(self) -> tuple[float, ...]:
        """The activation of each output unit, example by example."""
        plan = self.exercise.plan
        places = range(1, len(plan.examples) + 1)
        return tuple(
            self.values[f"{unit.post}{plan.suffix(place)}"].data for place in places for unit in plan.network.outputs
        )

    @property
    def prediction(self) -> float:
        """The prediction of a network with one output. Raises ValueError if there are several."""
        if len(self.predictions) > 1:
            raise ValueError(f"the network has {len(self.predictions)} outputs; use `predictions`.")
        return self.predictions[0]

    def _subject_(self) -> Subject:
        """Return the loss, the optimizer before its step, and what the lines call things."""
        return Subject(self.graph, self.optimizer, self.naming)

    def __repr__(self) -> str:
        return "\n  ".join([visible(self.exercise.title), *map(str, self.lines)])


@dataclass(frozen=True, eq=False)
class Exercise(Displayed):
    """A layered network given by its weights, with inputs, a target and a learning rate.

    `weights` and `biases` are numbers by name: "w13" leads from node 1 to node 3. Other names need `units`. Or they
    are lists, a matrix of weights (one row a unit) and a list of biases for each layer. A weight or bias that several
    units name is shared by them; those in `fixed` are not adjusted. A number may be a text such as "1/3".

    Inputs are numbers by name, or a list for x1, x2, ...; a list of these has several examples, with a target for each.
    The target is a number, called y. For several outputs, give a list of targets in the order of the outputs, or
    targets by name that end in the number of their output: "t4" is for the output y4. With softmax outputs, a target is
    the number of a class, counted from 0, or a list with a 1 for the class. `update` is what several examples share:
    the "mean" or the "sum" of their gradients; with "each", every iteration uses the next example.

    `activation` is for the hidden units, `output_activation` for the output units (by default the same); a list has one
    for each layer. An activation with settings is {"leaky_relu": {"slope": 0.1}}; the alpha of prelu is learned.
    `loss` is one of `LOSSES` but those that need scores of classes: with softmax it is cross_entropy. `optimizer` is
    "sgd" or "adam", also with settings: {"sgd": {"momentum": 0.9, "weight_decay": 0.01}}. With `exact`, the lines are
    in fractions, as far as the functions allow.

    Raises ValueError or TypeError that names the part that does not fit.

    >>> exercise = Exercise({"w12": 2, "w23": 3}, inputs=[1], target=0, eta=0.1)
    >>> for line in exercise.solve().lines[:3]:
    ...     print(line)
    x2 = x1*w12 = 1*2 = 2
    y2 = F(x2) = F(2) = 2
    x3 = y2*w23 = 2*3 = 6
    """

    weights: Any
    inputs: Any
    target: Any
    eta: float
    _: KW_ONLY
    biases: Any = field(default_factory=dict)
    activation: Any = "relu"
    output_activation: Any = ""
    loss: str = "half_squared_error"
    optimizer: Any = "sgd"
    update: str = "mean"
    fixed: Sequence[str] = ()
    units: Sequence[Unit] = ()
    notation: Notation = field(default_factory=Notation)
    exact: bool = False
    title: str = "Exercise"

    def __post_init__(self) -> None:
        """Check that names, numbers and units fit together."""
        vars(self).update(eta=number_of(self.eta, "eta"))
        if not 0.0 <= self.eta < math.inf:
            raise ValueError(f"expected a finite number of 0 or more for eta, got {self.eta}.")
        vars(self).update(loss=spelled(self.loss, LOSSES), update=spelled(self.update, UPDATES))
        if problem := loss_problem(self.loss):
            raise ValueError(problem)
        if self.update not in UPDATES:
            raise ValueError(f"expected mean, sum or each for the update, got {self.update!r}.")
        if isinstance(self.fixed, str) or not isinstance(self.fixed, Iterable):
            raise TypeError(f"expected a list of names for fixed, got {self.fixed!r}.")
        vars(self).update(fixed=tuple(self.fixed))
        given = inputs_of(self.inputs)
        of_each = [f" of example {place}" for place in range(1, len(given) + 1)] if len(given) > 1 else [""]
        inputs = [named_inputs(own, of) for own, of in zip(given, of_each, strict=True)]
        self._set_network(inputs[0])
        targets = self._targets(of_each)
        examples = tuple(map(Example, inputs, targets))
        self._set_examples(examples)
        for problem in problems(self.plan._replace(examples=examples)):
            raise ValueError(visible(problem))

    def _set_examples(self, examples: tuple[Example, ...]) -> None:
        inputs, targets = [example.inputs for example in examples], [example.targets for example in examples]
        single = len(examples) == 1
        vars(self).update(
            inputs=inputs[0] if single else inputs, target=targets[0] if single else targets, _examples=examples
        )

    def _set_network(self, inputs: Mapping[str, float]) -> None:
        units = tuple(self.units)
        if is_list(self.weights):
            layers = layers_of(self.weights, self.biases, len(inputs))
            units = units or tuple(layers.units)
            vars(self).update(weights=layers.weights, biases=layers.biases)
            if self.notation.gradients_apart is None:
                vars(self).update(notation=replace(self.notation, gradients_apart=True))
        vars(self).update(
            weights=numbers_by_name(
                self.weights, "weight", """weights by name, such as {"w13": 2}, or a matrix for each layer"""
            ),
            biases=numbers_by_name(self.biases, "bias", """biases by name, such as {"b3": 2}"""),
        )
        vars(self).update(units=units or tuple(units_from_weights(self.weights, inputs, self.biases)))

    def _targets(self, of_each: Sequence[str]) -> list[dict[str, float]]:
        """Return the targets of each example by name; `of_each` has what messages say of it: " of example 2"."""
        count = len(of_each)
        outputs = output_units(tuple(self.units))
        classes = LOSSES[self.loss].targets.classes is None
        given = self.target if count > 1 else [self.target]
        if not is_list(given) or len(given) != count:
            raise ValueError(f"expected a list of {count} targets, one for each example, got {shown(given)}.")
        return [named_targets(own, outputs, classes, of) for own, of in zip(given, of_each, strict=True)]

    @property
    def all_examples(self) -> tuple[Example, ...]:
        """The inputs and targets of each example, by name."""
        found: tuple[Example, ...] = vars(self)["_examples"]
        return found

    @property
    def fractions(self) -> Mapping[str, Fraction]:
        """The numbers that are fractions, by name."""
        own = {**self.weights, **self.biases, self.notation.eta: self.eta}
        return fractions_in({**self.inputs_by_name, **self.targets, **own})

    @cached_property
    def network(self) -> Network:
        """The units and their layers."""
        return Network(tuple(self.units))

    @cached_property
    def choices(self) -> list[Choice]:
        """The activation of each layer."""
        return choices(self.activation, self.output_activation, len(self.network.layers))

    @property
    def inputs_by_name(self) -> dict[str, float]:
        """All inputs by name; with several examples, a name ends in the number of its example: "x1(2)"."""
        return self._named([example.inputs for example in self.all_examples])

    @property
    def targets(self) -> dict[str, float]:
        """All targets by name, as `inputs_by_name`."""
        return self._named([example.targets for example in self.all_examples])

    def _named(self, found: Sequence[Mapping[str, float]]) -> dict[str, float]:
        if len(found) == 1:
            return dict(found[0])
        return {f"{name}({place})": own[name] for place, own in enumerate(found, start=1) for name in own}

    @cached_property
    def plan(self) -> Plan:
        """What the first iteration computes."""
        examples = self.all_examples[:1] if self.update == "each" else self.all_examples
        network, apart = self.network, self.notation.gradients_apart
        learned = learned_by(network, self.choices)
        names = {unit: name for unit, (name, _) in learned.items()}
        return Plan(
            network=network,
            functions=functions_of(network, self.choices, self.notation, names),
            learned=names,
            numbers={**self.weights, **self.biases, **dict(learned.values())},
            fixed=frozenset(self.fixed),
            examples=examples,
            average=self.update == "mean",
            loss=self.loss,
            notation=self.notation,
            eta=self.eta,
            apart=len(examples) > 1 or self._repeats_gradients() if apart is None else apart,
        )

    def _repeats_gradients(self) -> bool:
        """Say whether the optimizer's formulas use a gradient more than once."""
        optimizer = self._optimizer([Value(0.0)])
        formulas = [line.formula for line in assignments(optimizer, optimizer.quantities(optimizer.parameters[0]))]
        return sum(name_of(part) == GRADIENT for formula in formulas for part in parts(formula)) > 1

    def _optimizer(self, parameters: Sequence[Value]) -> Optimizer:
        return optimizer_of(self.optimizer, parameters, self.eta)

    def solve(self) -> Solution:
        """Return one iteration: forward pass, loss, backward pass, update."""
        return self._solved(None)

    def _solved(self, before: Optimizer | None) -> Solution:
        """Return an iteration; `before` is the optimizer after the one before."""
        found = recorded(self.plan)
        found.loss.backward()
        parameters = list(found.parameters.values())
        optimizer = self._optimizer(parameters) if before is None else before.moved_to(parameters)
        numbers = {name: value.data for name, value in found.parameters.items()}
        stepped = optimizer.moved_to(parameters)
        stepped.step()
        after = {name: value.data for name, value in found.parameters.items()}
        for name, value in found.parameters.items():
            value.data = numbers[name]  # the graph still shows the numbers of this iteration
        fractions = {**fractions_of(optimizer, self.optimizer), **found.naming.fractions}
        naming = replace(found.naming, fractions=fractions)
        return Solution(self, found.values, numbers, after, optimizer, stepped, naming)

    def _subject_(self) -> Subject:
        """Return the loss, the optimizer and the names of the solution."""
        return self.solve()._subject_()

    def iterate(self, iterations: int) -> list[Solution]:
        """Return several iterations (1 or more); each starts with the weights that the previous one reached."""
        exercise, optimizer, solutions = self, None, []
        for _ in range(as_whole(iterations, "the number of iterations", 1)):
            solutions.append(exercise._solved(optimizer))
            optimizer = solutions[-1].stepped
            exercise = exercise._continued(solutions[-1])
        return solutions

    def _continued(self, solution: Solution) -> "Exercise":
        """Return the exercise of the next iteration: new numbers, and the next example if each is used alone."""
        plan, examples, after = self.plan, self.all_examples, solution.after
        if self.exact:
            after = {**after, **_new_fractions(solution)}
        if self.update == "each":
            examples = (*examples[1:], examples[0])
            plan = plan._replace(examples=examples[:1])
        continued = copy.copy(self)  # what was checked still fits
        vars(continued).update(
            weights={name: after.get(name, number) for name, number in self.weights.items()},
            biases={name: after.get(name, number) for name, number in self.biases.items()},
            plan=plan._replace(numbers={name: after.get(name, number) for name, number in plan.numbers.items()}),
        )
        continued._set_examples(examples)
        if plan.learned:
            continued._learn(after)
        return continued

    def _learn(self, after: Mapping[str, float]) -> None:
        """Give the activations the learned settings with these numbers."""
        chosen = [
            choice.learning(after, [self.plan.learned[unit] for unit in layer if unit in self.plan.learned])
            for layer, choice in zip(self.network.layers, self.choices, strict=True)
        ]
        vars(self).update(activation=chosen, output_activation="", choices=choices(chosen, "", len(chosen)))


def _new_fractions(solution: Solution) -> dict[str, float]:
    """Return the adjusted numbers that are fractions in exact lines, by the names of the weights."""
    found = {line.about: line.result for line in solution.lines if line.part == UPDATE}
    return {
        name: GivenFraction(found[name], number)
        for name, number in solution.after.items()
        if isinstance(found.get(name), Fraction)
    }
