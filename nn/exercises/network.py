"""The network of an exercise: its units, the names of their numbers, and the connections.

The names of weights can define the units: "w13" joins node 1 to node 3, as in the lecture.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

from autograd.table.visible import said


@dataclass(frozen=True, slots=True)
class Unit:
    """One computing unit and the names of its numbers.

    `weights` has pairs of an input's name and its weight's name, in the order of the sum. `bias` is the name of the
    bias, or "". `pre` names the weighted sum, `post` its activation, `delta` the error signal.

    >>> Unit("x3", "y3", "delta3", (("x1", "w13"), ("x2", "w23")), bias="b3").post
    'y3'
    """

    pre: str
    post: str
    delta: str
    weights: tuple[tuple[str, str], ...]
    bias: str = ""


@dataclass(frozen=True, slots=True)
class Notation:
    """The names and the order that a lecture uses.

    `function` and `output_function` are the names of the activations of hidden and output units; "" chooses F, and G, H
    for other activations. With `gradients_apart`, the gradient of each weight has its own line (dw for w), and all
    updates come last; None chooses this for several examples, layers of matrices, and optimizers that use a gradient
    more than once. With `weight_first`, a weight is written before the delta that it multiplies.

    >>> Notation(function="sigma").eta
    'eta'
    """

    _: KW_ONLY
    function: str = ""
    output_function: str = ""
    loss: str = "loss"
    eta: str = "eta"
    gradients_apart: bool | None = None
    weight_first: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """Units in the order of computation, and their layers."""

    units: tuple[Unit, ...]

    @property
    def outputs(self) -> list[Unit]:
        """The units that are not an input of another unit."""
        return output_units(self.units)

    @property
    def layers(self) -> list[list[Unit]]:
        """The units layer by layer from the inputs on. A unit is in the first layer after all of its inputs."""
        depths: dict[str, int] = {}
        layers: list[list[Unit]] = []
        for unit in self.units:
            depth = max((depths.get(source, 0) for source, _ in unit.weights), default=0)
            depths[unit.post] = depth + 1
            layers += [[] for _ in range(depth + 1 - len(layers))]
            layers[depth].append(unit)
        return layers

    def backward_order(self) -> list[Unit]:
        """Return the units layer by layer from the output back; the order within a layer stays."""
        return [unit for layer in reversed(self.layers) for unit in layer]


def output_units(units: tuple[Unit, ...]) -> list[Unit]:
    """Return the units that are not an input of another unit."""
    used = {source for unit in units for source, _ in unit.weights}
    return [unit for unit in units if unit.post not in used]


def units_from_shapes(shapes: Sequence[tuple[int, int]], biased: Sequence[bool]) -> list[Unit]:
    """Return the units of layers: for each layer the numbers of its units and its inputs, and whether it has biases.

    The names have the layer in brackets, then the unit: z[1]_2 and a[1]_2, with the bias b[1]_2, and the weight
    W[1]_21 of the input 1. From 10 units or inputs on, the two numbers have a "_" between them.

    >>> [unit] = units_from_shapes([(1, 2)], [True])
    >>> unit
    Unit(pre='z[1]_1', post='a[1]_1', delta='dz[1]_1', weights=(('x1', 'W[1]_11'), ('x2', 'W[1]_12')), bias='b[1]_1')
    """
    units = []
    sources = [f"x{place}" for place in range(1, shapes[0][1] + 1)] if shapes else []
    for layer, ((rows, columns), has_bias) in enumerate(zip(shapes, biased, strict=True), start=1):
        between = "_" if max(rows, columns) > 9 else ""
        for row in range(1, rows + 1):
            weights = [(source, f"W[{layer}]_{row}{between}{place}") for place, source in enumerate(sources, start=1)]
            own = f"[{layer}]_{row}"
            units.append(Unit(f"z{own}", f"a{own}", f"dz{own}", tuple(weights), f"b{own}" if has_bias else ""))
        sources = [f"a[{layer}]_{row}" for row in range(1, rows + 1)]
    return units


def units_from_weights(names: Iterable[str], inputs: Iterable[str], biases: Iterable[str] = ()) -> list[Unit]:
    """Return the units of a network from the names of its weights, which say what they join.

    "w13" joins node 1 to node 3, "w1012" or "w10_12" node 10 to node 12; inputs are "x1", "x2", ...; biases "b3", ...
    Units are in order of layers. Raises ValueError if a name does not contain two nodes, or the nodes form a cycle.

    >>> [unit.post for unit in units_from_weights(["w13", "w23", "w14", "w24", "w35", "w45"], ["x1", "x2"])]
    ['y3', 'y4', 'y5']
    """
    joined = {name: _ends(name) for name in names}
    if not joined:
        raise ValueError("expected at least one weight, got none.")
    sources = {_number_in(name, "x") for name in inputs}
    biased = {_number_in(name, "b") for name in biases}
    into: dict[int, list[tuple[int, str]]] = {}
    for name, (start, end) in joined.items():
        into.setdefault(end, []).append((start, name))
    _check_nodes(into, sources, biased)
    units = []
    for layer in _node_layers(into, sources):
        for node in layer:
            weights = [(f"x{start}" if start in sources else f"y{start}", name) for start, name in sorted(into[node])]
            bias = f"b{node}" if node in biased else ""
            units.append(Unit(f"x{node}", f"y{node}", f"delta{node}", tuple(weights), bias))
    return units


def _ends(name: str) -> tuple[int, int]:
    match = re.fullmatch(r"w(\d+)_(\d+)", name) or re.fullmatch(r"w(\d+)", name)
    if match and match.lastindex == 2:
        return int(match[1]), int(match[2])
    if match and len(match[1]) % 2 == 0:
        half = len(match[1]) // 2
        return int(match[1][:half]), int(match[1][half:])
    raise ValueError(
        f"expected a weight named after the two nodes that it joins, such as w13 or w10_12, got {said(repr(name))}. "
        "Other names need units."
    )


def _number_in(name: str, letter: str) -> int:
    match = re.fullmatch(rf"{letter}(\d+)", name)
    if not match:
        raise ValueError(
            f"expected a name with the number of a node, such as {letter}3, got {name!r}. Other names need units."
        )
    return int(match[1])


def _check_nodes(into: dict[int, list[tuple[int, str]]], sources: set[int], biased: set[int]) -> None:
    computed = into.keys()
    for node in sorted(sources & computed):
        raise ValueError(
            f"x{node} is an input, but the weight {into[node][0][1]} leads into node {node}. Remove the input, or "
            "rename the weight."
        )
    for node in sorted(biased - computed):
        if node in sources:
            raise ValueError(
                f"the bias b{node} belongs to node {node}, which is the input x{node}; an input has no bias."
            )
        raise ValueError(f"the bias b{node} belongs to node {node}, but no weight leads into that node.")
    for weights in into.values():
        for start, name in weights:
            if start not in sources and start not in computed:
                raise ValueError(
                    f"the weight {name} begins at node {start}, which has no input x{start} and no weights."
                )


def _node_layers(into: dict[int, list[tuple[int, str]]], sources: set[int]) -> list[list[int]]:
    """Return the computed nodes in layers. A node is in the first layer after all of its inputs."""
    known, layers, left = set(sources), [], set(into)
    while left:
        layer = sorted(node for node in left if all(start in known for start, _ in into[node]))
        if not layer:
            raise ValueError(f"the nodes {', '.join(map(str, sorted(left)))} form a cycle.")
        layers.append(layer)
        known |= set(layer)
        left -= set(layer)
    return layers
