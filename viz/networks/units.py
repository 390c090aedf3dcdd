"""The units of a network: those of an MLP, with the Values of a call, or those that are found in a graph.

A unit is a sum of products, with or without a bias; in each product a weight is multiplied with an input of the unit.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from autograd import Value
from autograd.node import Node
from autograd.passes.names import node_names
from autograd.sweep import sweeping, topological_order
from autograd.table.op import row
from nn import MLP

Key: TypeAlias = tuple[int, int]
"""The column of a unit and its place in the column, both from 0; the inputs are column 0."""

_COPY = "pos"
"""The operation that makes the activation of a linear unit of an exercise."""


class Unit(NamedTuple):
    """A unit: `pre` is its sum and `post` its activation, None without a call; `sources` are where its inputs stand.

    `suffix` completes the names of what has no label, such as "1_0" in "z1_0".
    """

    suffix: str
    activation: str
    is_output: bool
    weights: Sequence[Value]
    sources: Sequence[Key]
    bias: Value | None
    pre: Value | None = None
    post: Value | None = None


class Units(NamedTuple):
    """The inputs of a network, None without a call, and its units layer by layer."""

    inputs: Sequence[Value | None]
    layers: Sequence[Sequence[Unit]]


class _Sum(NamedTuple):
    """The weighted sum of a unit in a graph."""

    pre: Value
    weights: list[Value]
    inputs: list[Value]
    bias: Value | None


class Graph:
    """A graph and the weighted sums in it: those with a bias or, if there are none, those without.

    `parameters` are the weights and biases of a known network; without them, all parameters of the graph.
    """

    def __init__(self, roots: Sequence[Value], parameters: Collection[Value] = ()) -> None:
        with sweeping:
            order = topological_order(roots)
        self._names: dict[Node, str] = dict(zip(order, node_names(order), strict=True))
        self.order = [node for node in order if isinstance(node, Value)]
        known = set(parameters) or {node for node in self.order if node.kind == "parameter"}
        parts = {operand for node in self.order if node.op == "add" for operand in node.operands}
        parts |= {root for root in roots if root.op == "mul"}  # a product alone is no network
        sums = [each for node in self.order if (each := _sum_at(node, known, node in parts)) is not None]
        self.sums: defaultdict[Value, list[_Sum]] = defaultdict(list)
        for each in [each for each in sums if each.bias is not None] or sums:
            self.sums[each.weights[0]].append(each)

    def name(self, node: Value, otherwise: str) -> str:
        """Return the name of a node in the graph; if it is not in the graph, its label."""
        return self._names.get(node, node.label or otherwise)

    def labelled(self, label: str) -> Value | None:
        """Return the Value with this label, None if there is none."""
        return next((node for node in reversed(self.order) if node.label == label), None)

    def sum_with(self, weight: Value) -> _Sum:
        """Return the only sum whose first weight this is. Raises ValueError if there is none, or several."""
        found = self.sums[weight]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(
                f"the loss uses {self.name(weight, weight.name)} {len(found)} times, as for several samples. "
                "A diagram shows one sample: give the loss of one sample."
            )
        raise ValueError(
            f"the loss was not computed by this network: nothing in its graph multiplies or adds {weight.name}. "
            "Give the loss that its call recorded: not one of a replay, of another network, or made under no_grad()."
        )


def _sum_at(node: Value, parameters: Collection[Value], is_part: bool) -> _Sum | None:
    """Return the weighted sum that ends with this node; None if there is none, or without a bias if it is a part."""
    rest, bias = node, None
    if node.op == "add" and node.operands[1] in parameters:
        rest, bias = node.operands
    elif is_part:
        return None
    products = []
    while rest.op == "add":
        rest, product = rest.operands
        products.append(product)
    pairs = [_factors(product, parameters) for product in (rest, *reversed(products))]
    return _Sum(node, [weight for weight, _ in pairs], [x for _, x in pairs], bias) if all(pairs) else None


def _factors(product: Value, parameters: Collection[Value]) -> tuple[Value, ...]:
    """Return the weight and the input of a product; nothing for another operation, or for the square of a weight."""
    if product.op != "mul":
        return ()
    first, second = product.operands
    if first is second or not (first in parameters or second in parameters):
        return ()
    return (first, second) if first in parameters else (second, first)


def units_of_mlp(mlp: MLP, graph: Graph | None = None, outputs: Sequence[Value] = ()) -> Units:
    """Return the units of a network, with their Values in a graph if one is given, whose outputs may be known."""
    sums = [[graph.sum_with(neuron.weights[0]) for neuron in layer.neurons] for layer in mlp.layers] if graph else []
    posts: list[Sequence[Value | None]] = [layer[0].inputs for layer in sums[1:]]
    if graph:
        posts.append(outputs or [graph.labelled(f"a{neuron.suffix}") for neuron in mlp.layers[-1].neurons])
    layers = [
        [
            Unit(
                neuron.suffix, neuron.activation.name, number == len(mlp.layers) - 1, neuron.weights,
                [(number, source) for source in range(len(neuron.weights))], neuron.bias,
                sums[number][place].pre if sums else None, posts[number][place] if posts else None,
            )
            for place, neuron in enumerate(layer.neurons)
        ]
        for number, layer in enumerate(mlp.layers)
    ]  # fmt: skip
    return Units(sums[0][0].inputs if sums else [None] * mlp.n_inputs, layers)


def units_in(graph: Graph) -> Units:
    """Return the units that are found in a graph, each in the first layer after all of its inputs.

    Raises ValueError if there are no units, or if something between two of them is not an activation.

    >>> mlp = MLP(2, [3, 1], "tanh")
    >>> found = units_in(Graph([(mlp([1, -1]) - 1) ** 2]))
    >>> [[unit.activation for unit in layer] for layer in found.layers]
    [['tanh', 'tanh', 'tanh'], ['linear']]
    >>> found.layers[0][2].bias is mlp.layers[0].neurons[2].bias
    True
    """
    sums = {each.pre: each for each in map(graph.sum_with, graph.sums)}
    name = graph.order[-1].name
    if not sums:
        raise ValueError(
            f"no network was found in the graph of {name}: it has no sum of parameters times inputs. "
            "viz.draw draws any graph."
        )
    depths: dict[Value, int] = {}
    for node in graph.order:
        depths[node] = max((depths.get(operand, 0) for operand in node.operands), default=0) + (node in sums)
    posts = _posts(sums, depths, name)
    outputs = sorted((pre for pre in sums if pre not in posts), key=_neuron_number)
    columns: list[list[Value]] = [[] for _ in range(max(depths.values()) + 1)]
    for value in (*posts, *outputs):
        columns[depths[value]].append(value)
    places = {value: (number, place) for number, column in enumerate(columns) for place, value in enumerate(column)}
    places |= {post: places[source] for source, post in posts.items()}
    ends = {pre: _output_of(graph, pre, "{}_{}".format(*places[pre])) for pre in outputs}
    last = next((pre for pre, end in ends.items() if end is not pre), outputs[0])  # the outputs share an activation

    def unit(pre: Value) -> Unit:
        suffix, (_, weights, inputs, bias) = "{}_{}".format(*places[pre]), sums[pre]
        end = (last, ends[last]) if pre in ends else (pre, posts[pre])
        activation = _activation_name(*end, sums)
        sources = [places[value] for value in inputs]
        return Unit(suffix, activation, pre in ends, weights, sources, bias, pre, (posts | ends)[pre])

    return Units(columns[0], [list(map(unit, column)) for column in columns[1:]])


def _activation_name(pre: Value, post: Value, sums: Collection[Value]) -> str:
    """Return the name of the operation that computes an activation; "" if several operations compute it."""
    if post is pre or post.op == _COPY:
        return "linear"
    if _is_activation(post) and post.operands[0] is pre:
        return str(post.op)
    return "softmax" if _sum_under(post, sums, ()) is None else ""


def _is_activation(node: Value) -> bool:
    """Say whether an operation makes an activation from one number, as `nn.activation` takes it, also one's own."""
    op = row(str(node.op)) if node.kind == "computed" else None
    return op is not None and op.arity - len(op.defaults) == 1


def _posts(sums: Mapping[Value, _Sum], depths: Mapping[Value, int], name: str) -> dict[Value, Value]:
    """Return what units use of each sum and each input of the network, in the order of its first use."""
    posts: dict[Value, Value] = {}
    inputs = dict.fromkeys(value for each in sums.values() for value in each.inputs)
    outside = {value for value in inputs if not depths[value]}
    for value in inputs:
        source = _sum_under(value, sums, outside) if depths[value] else value
        if source is None or posts.setdefault(source, value) is not value:
            raise ValueError(
                f"the layers of the network were not found in the graph of {name}. Give the network too: "
                "viz.network(loss, mlp=mlp)."
            )
    return posts


def _sum_under(value: Value, sums: Collection[Value], outside: Collection[Value]) -> Value | None:
    """Return the only sum from which a value is computed, without parameters and inputs; None if there is none."""
    found: set[Value] = set()
    waiting, seen = [value], {value}
    while waiting and len(found) < 2:
        node = waiting.pop()
        if node in sums:
            found.add(node)
        elif node in outside or node.kind == "parameter":
            return None
        else:
            fresh = [operand for operand in node.operands if operand not in seen]
            waiting += fresh
            seen.update(fresh)
    return found.pop() if len(found) == 1 else None


def _neuron_number(pre: Value) -> int:
    """Return the number of a unit in its layer, which the scope of its sum says; 0 without such a scope."""
    name, _, number = pre.scope[-1].rpartition(" ") if pre.scope else ("", "", "")
    return int(number) if name == "neuron" and number.isdigit() else 0


def _output_of(graph: Graph, pre: Value, suffix: str) -> Value:
    """Return the activation of an output, which has a label: a loss may apply one too.

    If it is computed by several operations, the scope of the unit says that it is no loss.
    """
    for node in graph.order:
        if node.label and _is_activation(node) and node.operands[0] is pre:
            return node
    inside = [node for node in graph.order if node.label and pre.scope and node.scope == pre.scope and node is not pre]
    if inside and _sum_under(inside[-1], [pre], ()) is pre:
        return inside[-1]
    softmax = graph.labelled(f"a{suffix}")
    return softmax if softmax is not None and softmax.op == "div" else pre
