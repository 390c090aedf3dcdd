"""The lines of a solution. Each has a name, a formula in symbols, the same in numbers, and the engine's result."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograd import Value
from autograd.derivatives.vector import sum
from autograd.passes.updates import assignments
from autograd.passes.wording import DIGITS
from autograd.symbols.differentiation import derivative_formula, product
from autograd.symbols.expression import Constant, Expression, NamedFunction, Operation, Symbol, text
from autograd.symbols.substitution import substituted
from autograd.table.scalars import format_number
from nn.exercises.network import Network, Unit
from nn.losses import LOSSES
from nn.optim import SGD

HEADINGS = {"forward": "Forward", "loss": "Loss", "backward": "Backward", "update": "Backward"}
"""The headings of the parts; updates are under "Backward", since the worked exercise mixes them with the deltas."""


@dataclass(frozen=True, slots=True)
class SolutionLine:
    """One line of a solution: `name = symbols = numbers = result`.

    `formula` is shown in symbols, and with the numbers of `known` in their place. `part` is "forward", "loss",
    "backward" or "update".

    >>> line = SolutionLine("y3", NamedFunction("F", Symbol("x3")), {"x3": 5.0}, 5.0, "forward")
    >>> line.symbols, line.numbers
    ('F(x3)', 'F(5)')
    """

    name: str
    formula: Expression
    known: Mapping[str, float]
    result: float
    part: str

    @property
    def symbols(self) -> str:
        """The formula in symbols."""
        return text(self.formula)

    @property
    def numbers(self) -> str:
        """The formula in numbers."""
        return text(self.formula, self.known, DIGITS)

    @property
    def steps(self) -> list[str]:
        """The right sides from symbols to result; equal ones appear once.

        >>> SolutionLine("y3", Symbol("x3"), {"x3": 5.0}, 5.0, "forward").steps
        ['x3', '5']
        """
        return list(dict.fromkeys([self.symbols, self.numbers, format_number(self.result, DIGITS)]))

    def __str__(self) -> str:
        return " = ".join([self.name, *self.steps])


def solution_lines(
    network: Network, values: Mapping[str, Value], after: Mapping[str, float], eta: float
) -> Iterator[SolutionLine]:
    """Yield the lines in the order of the lecture: forward, loss, then deltas and updates, from the outputs back.

    `values` holds every recorded Value by name, `after` the updated weights and biases.
    """
    notation = network.notation
    numbers = {name: value.data for name, value in values.items()} | {notation.eta: eta}
    gradients = {unit.delta: gradient_of(values[unit.pre]) for unit in network.units}
    if notation.gradients_apart:
        gradients |= {gradient_name(name): gradient_of(values[name]) for name in after}
    results = numbers | gradients

    def line(name: str, formula: Expression, part: str, result: float | None = None) -> SolutionLine:
        return SolutionLine(name, formula, results, results[name] if result is None else result, part)

    for unit in network.units:
        yield line(unit.pre, weighted_sum(unit, Symbol), "forward")
        yield line(unit.post, NamedFunction(network.function(unit), Symbol(unit.pre)), "forward")
    loss = loss_of(network, Symbol, Constant(1.0), is_saturated(network, values))
    yield line(notation.loss, loss, "loss")
    for unit in network.backward_order():
        yield line(unit.delta, _delta(network, unit), "backward")
        for name, source in _adjusted(unit):
            if notation.gradients_apart:
                yield line(gradient_name(name), _gradient(Symbol(unit.delta), source), "backward")
            else:
                formula = _updated(name, _gradient(Symbol(unit.delta), source), notation.eta)
                yield line(name, formula, "update", after[name])
    if notation.gradients_apart:
        for name in after:
            yield line(name, _updated(name, Symbol(gradient_name(name)), notation.eta), "update", after[name])


def gradient_of(value: Value) -> float:
    """Return the gradient that `backward()` left on a Value of a solution."""
    assert value.grad is not None, "backward() reaches every unit"
    return value.grad


def gradient_name(name: str) -> str:
    """Return the name of the gradient of a weight or bias: dw for w."""
    return f"d{name}"


def weighted_sum(unit: Unit, named: Callable[[str], Any]) -> Any:
    """Return the sum of a unit's weighted inputs and bias. `named` returns the Value or symbol for a name."""
    products = [named(source) * named(weight) for source, weight in unit.weights]
    return sum([*products, named(unit.bias)] if unit.bias else products)


def loss_of(network: Network, named: Callable[[str], Any], one: Any, saturated: bool) -> Any:
    """Return the loss. `named` returns the Value or symbol for a name; `saturated` computes from the weighted sums."""
    row = LOSSES[network.loss]
    outputs = [(unit.pre if saturated else unit.post, target) for unit, target in network.targets.items()]
    return row.of_example([(named(output), named(target)) for output, target in outputs], one, saturated)


def is_saturated(network: Network, values: Mapping[str, Value]) -> bool:
    """Say whether an output sigmoid is rounded to exactly 0 or 1, where the logarithm fails.

    The loss is then computed from the weighted sums, which is exact.
    """
    identity = LOSSES[network.loss].identity
    is_known = identity is not None and identity.before is not None
    return is_known and any(values[unit.post].data in (0.0, 1.0) for unit in network.targets)


def _delta(network: Network, unit: Unit) -> Expression:
    slope = NamedFunction(f"{network.function(unit)}'", Symbol(unit.pre))
    if unit in network.targets:
        row, output, target = LOSSES[network.loss], Symbol(unit.post), Symbol(network.targets[unit])
        if row.identity is not None:
            delta: Expression = row.identity.signal(output, target)
            return delta
        return derivative_formula(loss_of(network, Symbol, Constant(1.0), False), unit.post) * slope
    terms: list[Expression] = []
    for other, weight in network.users(unit):
        pair = Symbol(other.delta), Symbol(weight)
        terms.append(pair[1] * pair[0] if network.notation.weight_first else pair[0] * pair[1])
    total: Expression = sum(terms)
    return total * slope


def _adjusted(unit: Unit) -> list[tuple[str, str]]:
    """Return the names of the unit's weights and bias, each with the name of its input ("" for a bias)."""
    weights = [(weight, source) for source, weight in unit.weights]
    return [*weights, (unit.bias, "")] if unit.bias else weights


def _updated(name: str, gradient: Expression, eta: str) -> Expression:
    """Return the formula of SGD's update of a weight or bias, with the factors of the step as one product."""
    [line] = assignments(SGD([Value(0.0)], lr=0.0), ["w", "g", "lr"])
    written = substituted(line.formula, {"w": Symbol(name), "g": gradient, "lr": Symbol(eta)})
    match written:
        case Operation(op, (weight, Operation(_, (rate, slope)))):
            return Operation(op, (weight, product(rate, slope)))
    return written


def _gradient(start: Expression, source: str) -> Expression:
    return start * Symbol(source) if source else start
