"""`network_in`: finds the network that computed a Value, from the graph of the Value.

A unit is a sum of products plus a bias; in each product a parameter is multiplied with an input of the unit. The bias
is a parameter too. Units with the same inputs are a layer.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from autograd import Value
from autograd.sweep import sweeping, topological_order
from nn import ACTIVATIONS, MLP, Layer


class _FoundUnit(NamedTuple):
    """A unit in the graph: its pre-activation, and the Values it is computed from."""

    pre: Value
    weights: list[Value]
    inputs: list[Value]
    bias: Value


def network_in(root: Value) -> MLP:
    """Return the network whose call computed a Value; its parameters are those in the graph.

    Raises ValueError if there are no units, or if they do not form layers that follow each other.

    >>> mlp = MLP(2, [3, 1], "tanh")
    >>> found = network_in((mlp([1, -1]) - 1) ** 2)
    >>> found, found.layers[0].neurons[2].bias is mlp.layers[0].neurons[2].bias
    (MLP(2 -> 3 tanh -> 1 linear, 13 parameters), True)
    """
    with sweeping:
        order = [node for node in topological_order([root]) if isinstance(node, Value)]
    units: dict[Value, _FoundUnit] = {}
    for node in order:
        unit = _unit(node)
        if unit is not None:
            units.setdefault(unit.bias, unit)
    by_inputs: defaultdict[tuple[Value, ...], list[_FoundUnit]] = defaultdict(list)
    for unit in units.values():
        by_inputs[tuple(unit.inputs)].append(unit)
    if not by_inputs:
        raise ValueError(
            f"no network was found in the graph of {root.name}: it has no sum of parameters times inputs plus a bias. "
            "viz.draw draws any graph."
        )
    *hidden, last = by_inputs.values()
    layers = [*hidden, sorted(last, key=_neuron_number)]
    made = [
        _layer(*_in_order(units, after[0].inputs, root), number)
        for number, (units, after) in enumerate(pairwise(layers), start=1)
    ]
    made.append(_layer(layers[-1], _last_activation(layers[-1], order, len(layers)), len(layers)))
    return MLP.from_layers(made)


def _unit(node: Value) -> _FoundUnit | None:
    """Return the unit with this node as its pre-activation; None if there is none."""
    if node.op != "add" or node.operands[1].kind != "parameter":
        return None
    products: list[Value] = []
    rest, bias = node.operands
    while rest.op == "add":
        rest, product = rest.operands
        products.append(product)
    products.append(rest)
    if not all(product.op == "mul" and product.operands[0].kind == "parameter" for product in products):
        return None
    pairs = [product.operands for product in reversed(products)]
    return _FoundUnit(node, [weight for weight, _ in pairs], [factor for _, factor in pairs], bias)


def _neuron_number(unit: _FoundUnit) -> int:
    """Return the number of a unit in its layer, which the scope of its pre-activation says; 0 without such a scope."""
    name, _, number = unit.pre.scope[-1].rpartition(" ") if unit.pre.scope else ("", "", "")
    return int(number) if name == "neuron" and number.isdigit() else 0


def _in_order(units: Sequence[_FoundUnit], posts: Sequence[Value], root: Value) -> tuple[list[_FoundUnit], str]:
    """Return the units in the order in which the next layer uses them, and the name of their activation."""
    by_pre = {unit.pre: unit for unit in units}
    pres = [post if post in by_pre or not post.operands else post.operands[0] for post in posts]
    names = {"linear" if pre is post else post.op for pre, post in zip(pres, posts, strict=True)}
    name = names.pop()
    if names or name not in ACTIVATIONS or sorted(map(id, pres)) != sorted(map(id, by_pre)):
        raise ValueError(
            f"the layers of the network were not found in the graph of {root.name}. Give the network too: "
            "viz.network(loss, mlp=mlp)."
        )
    return [by_pre[pre] for pre in pres], str(name)


def _last_activation(units: Sequence[_FoundUnit], order: Sequence[Value], number: int) -> str:
    """Return the activation of the last layer, found by the labels of its results: a loss may apply one too."""
    for node in order:
        if node.label == f"a{number}_0" and node.op == "div":
            return "softmax"
        if node.label == f"a{number}_0" and node.op in ACTIVATIONS and node.operands[0] is units[0].pre:
            return str(node.op)
    return "linear"


def _layer(units: Sequence[_FoundUnit], activation: str, number: int) -> Layer:
    """Return a layer that holds the parameters of the units."""
    weights = [[weight.data for weight in unit.weights] for unit in units]
    layer = Layer(weights, None, activation, number=number)
    for neuron, unit in zip(layer.neurons, units, strict=True):
        neuron.weights, neuron.bias = unit.weights, unit.bias
    return layer
