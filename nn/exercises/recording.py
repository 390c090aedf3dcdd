"""The forward pass of an exercise as a recorded graph, and what a lecture calls its parts."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

from autograd import Value, constant, parameter
from autograd.derivatives.vector import sum
from autograd.ops import div, exp, log, maximum
from autograd.passes.naming import Function, Naming
from autograd.symbols.expression import Constant, Expression, Operation, Symbol, folded
from autograd.table.op import Op
from nn.activations import activation_row
from nn.exercises.given import Choice, Example, fractions_in
from nn.exercises.network import Network, Notation, Unit
from nn.losses import LOSSES

SOFTMAX = "softmax"
_FUNCTIONS = ("F", "G", "H", "K")
_LARGEST = 700.0
"""The largest magnitude of a softmax's pre-activation whose exponential is a number."""


class Plan(NamedTuple):
    """What is computed in one iteration: the network with its numbers, and the examples.

    `functions` has the activation of each unit, and its name. `learned` has the parameter of a unit's activation.
    `apart` says whether gradients have their own lines. `average` divides the sum of the examples' losses.
    """

    network: Network
    functions: Mapping[Unit, tuple[str, Choice]]
    learned: Mapping[Unit, str]
    numbers: Mapping[str, float]
    fixed: frozenset[str]
    examples: tuple[Example, ...]
    average: bool
    loss: str
    notation: Notation
    apart: bool
    eta: float

    def suffix(self, place: int) -> str:
        """Return what the names of an example end in: nothing if there is only one."""
        return f"({place})" if len(self.examples) > 1 else ""


def functions_of(
    network: Network, chosen: Sequence[Choice], notation: Notation, learned: Mapping[Unit, str]
) -> dict[Unit, tuple[str, Choice]]:
    """Return the activation of each unit, and its name: the notation's, or F for the first one, G for another.

    `learned` has the parameters of activations: two activations differ if their parameters do.
    """
    outputs = set(network.outputs)
    found: dict[Unit, tuple[str, Choice]] = {}
    names: dict[str, str] = {}
    for layer, hidden in zip(network.layers, chosen, strict=True):
        for unit in layer:
            choice = chosen[-1] if unit in outputs else hidden
            wanted = notation.output_function if unit in outputs else notation.function
            usual = names.setdefault(
                f"{choice.content} {learned.get(unit)}", _FUNCTIONS[min(len(names), len(_FUNCTIONS) - 1)]
            )
            found[unit] = wanted or usual, choice
    return {unit: found[unit] for unit in network.units}


def learned_by(network: Network, chosen: Sequence[Choice]) -> dict[Unit, tuple[str, float]]:
    """Return the learned parameter of each unit's activation, if it has one: its name, and its number.

    The units of a layer share it. It is called alpha; in several layers, alpha1, alpha2, ...
    """
    numbers = [number for number, choice in enumerate(chosen) if activation_row(choice.name).learned]
    found = {}
    for number in numbers:
        [(name, usual)] = activation_row(chosen[number].name).settings.items()
        own = name if len(numbers) == 1 else f"{name}{number + 1}"
        for unit in network.layers[number]:
            found[unit] = own, chosen[number].settings.get(name, usual)
    return found


class Recorded(NamedTuple):
    """The Values of a forward pass by name, the parameters among them, the loss, and what the lines call things."""

    values: dict[str, Value]
    parameters: dict[str, Value]
    loss: Value
    naming: Naming


def gradient_name(name: str) -> str:
    """Return the name of the gradient of a weight or bias: dw for w."""
    return f"d{name}"


def recorded(plan: Plan) -> Recorded:
    """Return the forward pass of a plan."""
    shared = {
        name: constant(number, name) if name in plan.fixed else parameter(number, name)
        for name, number in plan.numbers.items()
    }
    passes = [_Pass(plan, example, plan.suffix(place), shared) for place, example in enumerate(plan.examples, start=1)]
    loss = passes[0].loss
    if len(passes) > 1:
        loss = sum([each.loss for each in passes])
        loss = div(loss, len(passes)) if plan.average else loss
    loss.label = plan.notation.loss
    values = {**shared, loss.label: loss}
    for each in passes:
        values |= {value.label or "": value for value in each.values.values()}
    parameters = {name: value for name, value in shared.items() if name not in plan.fixed}
    return Recorded(values, parameters, loss, _naming(plan, passes, parameters))


class _Pass:
    """The forward pass of one example; `values` has its Values by their names without the suffix of the example."""

    def __init__(self, plan: Plan, example: Example, suffix: str, shared: Mapping[str, Value]) -> None:
        self.plan, self.example, self.suffix, self.shared = plan, example, suffix, shared
        self.values: dict[str, Value] = {}
        self.helpers: list[str] = []
        self.largest = self.total = ""
        for name, number in example.inputs.items():
            self._keep(name, Value(number))
        for name, number in example.targets.items():
            self._keep(name, constant(number))
        for unit in plan.network.units:
            self._keep(unit.pre, weighted_sum(unit, self._value))
            if plan.functions[unit][1].name != SOFTMAX:
                self._keep(unit.post, self._activated(unit))
        outputs = plan.network.outputs
        if plan.functions[outputs[0]][1].name == SOFTMAX:
            self._softmax(outputs)
        self.saturated = is_saturated(plan.loss, [self.values[unit.post].data for unit in outputs])
        self.loss = loss_of(plan, self._value, 1.0, self.saturated)
        if suffix:
            self._keep(plan.notation.loss, self.loss)

    def named(self, name: str) -> str:
        """Return the name of a quantity of this example."""
        return f"{name}{self.suffix}"

    def _value(self, name: str) -> Value:
        return self.values[name] if name in self.values else self.shared[name]

    def _keep(self, name: str, value: Value) -> None:
        value.label = self.named(name)
        self.values[name] = value

    def _activated(self, unit: Unit) -> Value:
        own = self.plan.learned.get(unit)
        return self.plan.functions[unit][1].applied(self.values[unit.pre], self.shared[own] if own else None)

    def _softmax(self, units: list[Unit]) -> None:
        """Record e**z for each unit, their sum s, and the quotients; large z are shifted by the largest of them."""
        scores = [self.values[unit.pre] for unit in units]
        names = [self._helper("e", unit.pre) for unit in units]
        if not all(abs(score.data) < _LARGEST for score in scores):
            self.largest = self._helper(f"{_letters(units[0].pre)}_max", "")
            self._keep(self.largest, reduce(maximum, [constant(score.data) for score in scores]))
            scores = [score - self.values[self.largest] for score in scores]
        for name, score in zip(names, scores, strict=True):
            self._keep(name, exp(score))
        self.total = self._helper("s", "")
        self._keep(self.total, sum([self.values[name] for name in names]))
        for unit, name in zip(units, names, strict=True):
            self._keep(unit.post, div(self.values[name], self.values[self.total]))
        self.helpers = [*names, self.total]

    def symbol(self, name: str) -> Symbol:
        """Return the symbol of a quantity of this example."""
        return Symbol(self.named(name))

    def log_of_softmax(self, unit: Unit) -> Expression:
        """Return the logarithm of a unit's softmax, as a formula of its pre-activation."""
        score: Expression = self.symbol(unit.pre)
        return (score - self.symbol(self.largest) if self.largest else score) - log(self.symbol(self.total))

    def _helper(self, letter: str, pre: str) -> str:
        """Return a free name for a helper quantity: e[2]_1 beside z[2]_1, and s for the whole layer."""
        name = letter + pre.removeprefix(_letters(pre))
        taken = {*self.values, *self.shared, self.plan.notation.loss, self.plan.notation.eta}
        while name in taken:
            name = f"{letter}_{name}"
        return name


def is_saturated(loss: str, outputs: Iterable[float]) -> bool:
    """Say whether an output is rounded so that the logarithm of the loss fails.

    The loss is then computed from the weighted sums, which is exact.
    """
    identity = LOSSES[loss].identity
    if identity is None or (identity.before is None and identity.of_outputs is None):
        return False
    return any(output in (0.0, 1.0) for output in outputs)


def _letters(name: str) -> str:
    """Return the letters that a name begins with."""
    return re.sub("[^A-Za-z_].*", "", name)


def weighted_sum(unit: Unit, named: Callable[[str], Any]) -> Any:
    """Return the sum of a unit's weighted inputs and bias. `named` returns the Value or symbol for a name."""
    products = [named(source) * named(weight) for source, weight in unit.weights]
    return sum([*products, named(unit.bias)] if unit.bias else products)


def loss_of(plan: Plan, named: Callable[[str], Any], one: Any, saturated: bool) -> Any:
    """Return the loss of an example. `named` returns the Value or symbol for a name; `saturated` uses weighted sums."""
    outputs = [unit.pre if saturated else unit.post for unit in plan.network.outputs]
    pairs = [(named(output), named(target)) for output, target in zip(outputs, plan.examples[0].targets, strict=True)]
    return LOSSES[plan.loss].of_example(pairs, one, saturated)


def _naming(plan: Plan, passes: list[_Pass], parameters: Mapping[str, Value]) -> Naming:
    units = plan.network.units
    own: dict[str, str] = {each.named(unit.pre): each.named(unit.delta) for each in passes for unit in units}
    if plan.apart:
        own |= {name: gradient_name(name) for name in parameters}
    hidden = {each.named(name) for each in passes for name in (*each.example.inputs, *each.helpers)}
    hidden |= {each.named(unit.post) for each in passes for unit in units}
    if len(passes) > 1:
        hidden |= {each.named(plan.notation.loss) for each in passes}
    exact = {**plan.numbers, plan.notation.eta: plan.eta}
    for each in passes:
        exact |= {each.named(name): number for numbers in each.example for name, number in numbers.items()}
    fractions = fractions_in(exact)
    for _, choice in plan.functions.values():
        fractions |= choice.fractions
    return Naming(
        gradients=own,
        transparent=hidden if plan.apart else {*hidden, *parameters},
        functions=dict(_functions(plan, passes)),
        formulas=dict(taught for each in passes for taught in _taught(plan, each)),
        gradient_formulas=dict(_identities(plan, passes)),
        settings={"lr": plan.notation.eta},
        forward=[each.named(name) for each in passes for name in each.values],
        losses=[each.named(plan.notation.loss) for each in passes],
        backward=_backward_order(plan, passes),
        weight_first=plan.notation.weight_first,
        labels_only=True,
        fractions=fractions,
        beside=[each.values[unit.post] for each in passes for unit in plan.network.outputs],
    )


def _functions(plan: Plan, passes: list[_Pass]) -> Iterator[tuple[str, Function]]:
    for each in passes:
        for unit, (name, choice) in plan.functions.items():
            if choice.name != SOFTMAX:
                yield each.named(unit.post), Function(name, each.named(unit.pre))


def _taught(plan: Plan, each: _Pass) -> Iterator[tuple[str, Expression]]:
    """Yield the loss with "1/2" in it, where the graph has 0.5, and with the sum s of a softmax; and the largest z."""
    identity = LOSSES[plan.loss].identity
    is_of_softmax = bool(identity and identity.of_outputs)
    loss = loss_of(plan, each.symbol, Constant(1.0), each.saturated and not is_of_softmax)
    if each.saturated and is_of_softmax:
        logs: dict[Expression, Expression] = {
            log(each.symbol(unit.post)): each.log_of_softmax(unit) for unit in plan.network.outputs
        }

        def replaced(op: Op, operands: list[Expression]) -> Expression:
            made = Operation(op, tuple(operands))
            return logs.get(made, made)

        loss = folded(loss, lambda part: part, replaced)
    yield each.named(plan.notation.loss), loss
    if each.largest:
        yield each.named(each.largest), reduce(maximum, [each.symbol(unit.pre) for unit in plan.network.outputs])


def _identities(plan: Plan, passes: list[_Pass]) -> Iterator[tuple[str, Expression]]:
    identity = LOSSES[plan.loss].identity
    if identity is None:
        return
    for each in passes:
        for unit, target in zip(plan.network.outputs, each.example.targets, strict=True):
            signal: Expression = identity.signal(Symbol(each.named(unit.post)), Symbol(each.named(target)))
            yield each.named(unit.pre), signal / len(passes) if plan.average and len(passes) > 1 else signal


def _backward_order(plan: Plan, passes: list[_Pass]) -> list[str]:
    """Return each unit's error signals, then its weights; a weight that several units share is behind the last."""
    order: list[str] = []
    for unit in plan.network.backward_order():
        order += [each.named(unit.pre) for each in passes]
        order += [name for name in (*(weight for _, weight in unit.weights), unit.bias, plan.learned.get(unit)) if name]
    return list(reversed(dict.fromkeys(reversed(order))))
