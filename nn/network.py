"""The shape of an exercise's network: units with the names of their numbers, and who feeds whom."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """One computing unit and the names of its numbers.

    `weights` maps the name of each input to the name of its weight, in the order of the sum; `bias` is the name of
    the bias, "" where there is none. `pre` names the weighted sum, `post` its activation, `delta` the error signal.

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
    """How a lecture calls things.

    `function` and `output_function` are the activations of hidden and output units. With `gradients_apart` each
    weight's gradient is a line of its own, "d" before the weight's name, and the updates come last; with `weight_first`
    a weight stands before the delta that it multiplies.

    >>> Notation(function="sigma").eta
    'eta'
    """

    function: str = "F"
    output_function: str = "F"
    loss: str = "loss"
    eta: str = "eta"
    gradients_apart: bool = False
    weight_first: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """Units in the order in which they are computed, with the target's name for each output unit."""

    units: tuple[Unit, ...]
    targets: Mapping[Unit, str]
    activation: str
    output_activation: str
    loss: str
    notation: Notation

    def activation_name(self, unit: Unit) -> str:
        """Return the name of the unit's activation, such as "relu"."""
        return self.output_activation if unit in self.targets else self.activation

    def function(self, unit: Unit) -> str:
        """Return what the lecture calls the unit's activation, such as "F"."""
        return self.notation.output_function if unit in self.targets else self.notation.function

    def users(self, unit: Unit) -> list[tuple[Unit, str]]:
        """Return the units that take this unit's activation as an input, each with the name of its weight."""
        return [(other, weight) for other in self.units for source, weight in other.weights if source == unit.post]

    @property
    def layers(self) -> list[list[Unit]]:
        """The units layer by layer from the inputs on: each in the first layer after all that lead into it."""
        depths: dict[str, int] = {}
        layers: list[list[Unit]] = []
        for unit in self.units:
            depth = max(depths.get(source, 0) for source, _ in unit.weights)
            depths[unit.post] = depth + 1
            layers += [[] for _ in range(depth + 1 - len(layers))]
            layers[depth].append(unit)
        return layers

    def backward_order(self) -> list[Unit]:
        """Return the units layer by layer from the output back, within a layer in their own order."""
        return [unit for layer in reversed(self.layers) for unit in layer]


def output_units(units: tuple[Unit, ...]) -> list[Unit]:
    """Return the units that no other unit takes as an input."""
    used = {source for unit in units for source, _ in unit.weights}
    return [unit for unit in units if unit.post not in used]
