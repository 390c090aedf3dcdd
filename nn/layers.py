"""`Neuron`, `Layer` and `MLP`: units with weights and a bias, built of Values and recorded in scopes.

Labels are those of the lecture. Inputs and units count from 0: `w1_0_3` joins input 0 to unit 3 of layer 1. The bias of
this unit is `b1_3`, its pre-activation `z1_3`, its activation `a1_3`.
"""

from collections.abc import Sequence, Sized
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

from autograd import Value, constant, parameter, scope, sum
from autograd.table.interpretation import Interpretation
from autograd.table.scalars import as_float, as_whole, counted, got
from nn.activations import Chosen
from nn.activations import activation as _activation
from nn.initialization import initialization as _initialization
from nn.initialization import uniform
from nn.module import Module

_DRAWN = Random(0)
"""Gives the weights of neurons and layers that are made without weights and without a seed."""


class Neuron(Module):
    """One unit: an activation of the weighted sum of its inputs plus a bias.

    `weights` are numbers, and the activation is "linear" by default. In place of weights you can give the number of
    inputs, as in micrograd: the weights are then random in [-1, 1), and the activation is "relu" by default. The same
    `seed` gives the same weights; without one, each neuron gets others. `suffixes`, one for the layer and one for
    the unit, complete the labels: ("1", "_3") gives b1_3. Raises ValueError if there are no weights, or if a call has
    not one input per weight.

    >>> neuron = Neuron([2, -3], bias=0.5, activation="relu")
    >>> neuron([1, -1])
    Value(5.5, 'a', grad=-, op='relu')
    >>> Neuron(3)
    Neuron(3 -> 1 relu)
    """

    def __init__(
        self,
        weights: Sequence[float] | int,
        bias: float = 0.0,
        activation: Chosen | None = None,
        *,
        suffixes: tuple[str, str] = ("", ""),
        seed: int | None = None,
    ) -> None:
        activation = _usual_activation(weights) if activation is None else activation
        if not isinstance(weights, Sized):
            weights = _drawn(1, as_whole(weights, "the number of inputs", 1), seed)[0]
        if len(weights) == 0:
            raise ValueError("expected at least one weight for a neuron, got an empty list.")
        self.suffixes = layer, unit = suffixes
        self.suffix = layer + unit
        *labels, label = parameter_labels(len(weights), layer, unit)
        self.weights = [parameter(weight, name) for weight, name in zip(weights, labels, strict=True)]
        self.bias = parameter(bias, label)
        self.activation = _activation(activation)

    if not TYPE_CHECKING:  # type checkers then find misspelt names

        def __getattr__(self, name: str) -> Any:
            used = {"w": "weights", "b": "bias"}.get(name)  # by micrograd's name
            advice = f"; use {used}." if used else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{advice}")

    def pre_activation(self, inputs: Sequence[Any]) -> Value:
        """Return z, the weighted sum of the inputs plus the bias."""
        _check_length("the neuron", len(self.weights), len(inputs))
        products = [weight * x for weight, x in zip(self.weights, inputs, strict=True)]
        z: Value = sum(products) + self.bias
        z.label = f"z{self.suffix}"
        return z

    def activated(self, z: Value) -> Value:
        """Return the activation of z."""
        a: Value = self.activation([z])[0]
        if a is not z:
            a.label = f"a{self.suffix}"
        return a

    def __call__(self, inputs: Sequence[Any]) -> Value:
        """Return the activation for these inputs (numbers or Values)."""
        return self.activated(self.pre_activation(inputs))

    def __repr__(self) -> str:
        return f"Neuron({len(self.weights)} -> 1 {self.activation.name})"


class Layer(Module):
    """Units that share their inputs. `weights` has one row of numbers per unit; `number` completes the labels.

    In place of weights and biases you can give the numbers of inputs and units, as in micrograd; see `Neuron` for the
    activation and the `seed`. Raises ValueError if the lengths of the rows or the biases do not fit.

    >>> layer = Layer([[1, 2], [3, 4]], [0.5, 0], number=1)
    >>> [y.data for y in layer([1, 1])]
    [3.5, 7.0]
    >>> Layer(3, 4)
    Layer(3 -> 4 relu)
    """

    def __init__(
        self,
        weights: Sequence[Sequence[float]] | int,
        biases: Sequence[float] | int | None = None,
        activation: Chosen | None = None,
        *,
        number: int | None = None,
        seed: int | None = None,
    ) -> None:
        activation = _usual_activation(weights) if activation is None else activation
        if not isinstance(weights, Sized):
            n_inputs = as_whole(weights, "the number of inputs", 1)
            weights, biases = _drawn(as_whole(biases, "the number of units", 1), n_inputs, seed), None
        if len(weights) == 0:
            raise ValueError("expected at least one unit for a layer, got an empty list of weights.")
        for row in weights:
            _check_length("each unit of the layer", len(weights[0]), len(row))
        self.number = number
        layer = "" if number is None else str(number)
        biases = [0.0] * len(weights) if biases is None else biases
        if not isinstance(biases, Sized):
            raise TypeError(f"expected a list of numbers for the layer's biases, got {got(biases)}: {biases!r}.")
        _check_length("the layer's biases", len(weights), len(biases))
        self.activation = _activation(activation)
        self.neurons = [
            Neuron(row, bias, self.activation, suffixes=(layer, f"_{place}"))
            for place, (row, bias) in enumerate(zip(weights, biases, strict=True))
        ]
        self._scope = f"layer {layer}".strip()

    def __call__(self, inputs: Sequence[Any]) -> list[Value]:
        """Return the activations of all units."""
        with scope(self._scope):
            if self.activation.function is not None:
                return [_in_scope(place, neuron, inputs) for place, neuron in enumerate(self.neurons)]
            outputs = self.activation([neuron.pre_activation(inputs) for neuron in self.neurons])
            for neuron, output in zip(self.neurons, outputs, strict=True):
                output.label = f"a{neuron.suffix}"
            return outputs

    def __repr__(self) -> str:
        return f"Layer({len(self.neurons[0].weights)} -> {len(self.neurons)} {self.activation.name})"


def parameter_labels(n_inputs: int, layer: str, unit: str) -> list[str]:
    """Return the labels of the weights of a new neuron, and of its bias, from the suffixes of its layer and unit."""
    return [*(f"w{layer}_{place}{unit}" for place in range(n_inputs)), f"b{layer}{unit}"]


def _usual_activation(weights: object) -> str:
    """Return the activation of given weights, or of random ones, if no other is given."""
    return "linear" if isinstance(weights, Sized) else "relu"


def _drawn(units: int, n_inputs: int, seed: int | None) -> list[list[float]]:
    """Return random weights for these units, from a seed or else from the next numbers of this program."""
    generator = _DRAWN if seed is None else Random(seed)
    return [[uniform(generator, n_inputs, units) for _ in range(n_inputs)] for _ in range(units)]


def _in_scope(place: int, neuron: Neuron, inputs: Sequence[Any]) -> Value:
    with scope(f"neuron {place}"):
        return neuron(inputs)


class MLP(Module):
    """A multi-layer perceptron: `MLP(2, [16, 16, 1])` has 2 inputs, two hidden layers of 16 units, and 1 output.

    `initialization` is "uniform" (in [-1, 1), as in micrograd), "xavier" or "he"; biases start at 0. The same `seed`
    gives the same weights. Raises ValueError if a size is not a whole number from 1 up.

    >>> mlp = MLP(2, [3, 1], "tanh")
    >>> mlp
    MLP(2 -> 3 tanh -> 1 linear, 13 parameters)
    >>> mlp([1.0, -1.0]).label
    'z2_0'
    """

    def __init__(
        self,
        n_inputs: int,
        sizes: Sequence[int],
        activation: Chosen = "relu",
        *,
        output_activation: Chosen = "linear",
        initialization: str = "uniform",
        seed: int = 0,
    ) -> None:
        _check_sizes(n_inputs, sizes)
        draw = _initialization(initialization)
        _activation(activation)  # a wrong name is an error even if there is no hidden layer
        generator = Random(seed)
        self.n_inputs = n_inputs
        self.layers: list[Layer] = []
        widths = [n_inputs, *sizes]
        for number, (before, size) in enumerate(pairwise(widths), start=1):
            weights = [[draw(generator, before, size) for _ in range(before)] for _ in range(size)]
            name = output_activation if number == len(sizes) else activation
            self.layers.append(Layer(weights, None, name, number=number))

    @classmethod
    def from_layers(cls, layers: Sequence[Layer]) -> "MLP":
        """Return a network of existing layers; the outputs of each are the inputs of the next.

        Raises ValueError if there are no layers, or if the sizes of two neighbours do not fit.

        >>> MLP.from_layers([Layer([[1, 2], [3, 4]], activation="relu", number=1), Layer([[1, -1]], number=2)])
        MLP(2 -> 2 relu -> 1 linear, 9 parameters)
        """
        if len(layers) == 0:
            raise ValueError("expected at least one layer for a network, got an empty list.")
        for place, (before, layer) in enumerate(pairwise(layers), start=1):
            _check_length(f"layers[{place}]", len(layer.neurons[0].weights), len(before.neurons))
        mlp = cls.__new__(cls)
        mlp.n_inputs = len(layers[0].neurons[0].weights)
        mlp.layers = list(layers)
        return mlp

    def forward(self, inputs: Sequence[Any]) -> list[Value]:
        """Return all outputs as a list. Numbers among the inputs become constants `x_0`, `x_1`, ..."""
        if not hasattr(inputs, "__len__"):
            raise TypeError(f"expected a list of {self.n_inputs} numbers for the network, got {type(inputs).__name__}.")
        _check_length("the network", self.n_inputs, len(inputs))
        values: list[Value] = [_as_input(x, place) for place, x in enumerate(inputs)]
        for layer in self.layers:
            values = layer(values)
        return values

    def __call__(self, inputs: Sequence[Any]) -> Any:
        """Return the output for the inputs: one Value, or a list of Values if there are several outputs."""
        outputs = self.forward(inputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def __repr__(self) -> str:
        widths = [f"{len(layer.neurons)} {layer.activation.name}" for layer in self.layers]
        return f"MLP({' -> '.join([str(self.n_inputs), *widths])}, {len(self.parameters())} parameters)"


def _as_input(x: Any, place: int) -> Any:
    return x if isinstance(x, Interpretation) else constant(as_float(x, f"input {place} of the network"), f"x_{place}")


def _check_length(what: str, expected: int, got: int) -> None:
    if got != expected:
        raise ValueError(f"expected {counted(expected, 'number')} for {what}, got {got}.")


def _check_sizes(n_inputs: int, sizes: Sequence[int]) -> None:
    if not hasattr(sizes, "__len__"):
        raise TypeError(
            f"expected a list such as [16, 1] for the sizes of a network, got {type(sizes).__name__}: {sizes!r}."
        )
    if len(sizes) == 0:
        raise ValueError("expected at least one size for the layers of a network, got an empty list; try [16, 1].")
    for what, size in [
        ("the number of inputs", n_inputs),
        *((f"the size of layer {i}", s) for i, s in enumerate(sizes, 1)),
    ]:
        as_whole(size, what, 1)
