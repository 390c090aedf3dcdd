"""Units from the names of weights: "w13" joins node 1 to node 3, as in the lecture.

Reads names only.
"""

import re
from collections.abc import Iterable

from nn.network import Unit


def units_from_weights(names: Iterable[str], inputs: Iterable[str], biases: Iterable[str] = ()) -> list[Unit]:
    """Return the units of a network whose weights are named after the nodes that they join.

    "w13" joins node 1 to node 3, "w1012" or "w10_12" node 10 to node 12; inputs are "x1", "x2", ...; biases "b3", ...
    Units come layer by layer. Raises ValueError where a name does not say two nodes, or the nodes form a cycle.

    >>> [unit.post for unit in units_from_weights(["w13", "w23", "w14", "w24", "w35", "w45"], ["x1", "x2"])]
    ['y3', 'y4', 'y5']
    """
    joined = {name: _ends(name) for name in names}
    sources = {_number(name, "x") for name in inputs}
    biased = {_number(name, "b") for name in biases}
    into: dict[int, list[tuple[int, str]]] = {}
    for name, (start, end) in joined.items():
        into.setdefault(end, []).append((start, name))
    _check_nodes(into, sources, biased)
    units = []
    for layer in _layers(into, sources):
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
    raise ValueError(f"the weight {name!r} must name the nodes that it joins, as w13 or w10_12 does.")


def _number(name: str, letter: str) -> int:
    match = re.fullmatch(rf"{letter}(\d+)", name)
    if not match:
        raise ValueError(f"{name!r} must name its node, as {letter}3 does.")
    return int(match[1])


def _check_nodes(into: dict[int, list[tuple[int, str]]], sources: set[int], biased: set[int]) -> None:
    computed = into.keys()
    for node in sources & computed:
        raise ValueError(f"node {node} is an input x{node}, but the weight {into[node][0][1]} leads into it.")
    for node in biased - computed:
        raise ValueError(f"the bias b{node} belongs to a node into which no weight leads.")
    for weights in into.values():
        for start, name in weights:
            if start not in sources and start not in computed:
                raise ValueError(
                    f"the weight {name} begins at node {start}, which has no input x{start} and no weights."
                )


def _layers(into: dict[int, list[tuple[int, str]]], sources: set[int]) -> list[list[int]]:
    """Return the computed nodes in layers: each node in the first layer after all that lead into it."""
    known, layers, left = set(sources), [], set(into)
    while left:
        layer = sorted(node for node in left if all(start in known for start, _ in into[node]))
        if not layer:
            raise ValueError(f"the nodes {', '.join(map(str, sorted(left)))} lead into each other in a cycle.")
        layers.append(layer)
        known |= set(layer)
        left -= set(layer)
    return layers
