"""Whether a neuron, layer or network is what its numbers and activations say, and so can be made again from them."""

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from autograd import Value
from autograd.passes.names import listed
from nn.activations import ACTIVATIONS, Activation
from nn.layers import MLP, Layer, Neuron

Plain: TypeAlias = MLP | Layer | Neuron
"""What consists of weights, biases and activations only."""

STATE = "Its numbers by name are what state_dict() returns and load_state_dict() takes."
"""What to do with a module of another class."""


def check_plain(model: Plain) -> None:
    """Raise TypeError that says where a model is more than weights, biases and activations of ACTIVATIONS.

    Such are classes of one's own, functions of one's own, parameters beside, and weights that are shared or frozen.

    >>> layer = Layer([[1.0], [2.0]])
    >>> layer.neurons[1].weights = layer.neurons[0].weights
    >>> check_plain(layer)
    Traceback (most recent call last):
        ...
    TypeError: neurons.0.weights.0 stands at several places of the Layer, which only the object...
    """
    for place, part in _parts(model):
        if type(part) not in (Layer, Neuron):
            raise TypeError(f"{place} is of the class {type(part).__name__}, and may compute otherwise. {STATE}")
    for place, activation in _activations(model):
        if type(activation) is not Activation or activation.settings is None:
            known = ", ".join(ACTIVATIONS)
            raise TypeError(f"{place} is {activation!r}, a function of your own; those that can be named are {known}.")
    _check_parameters(model)


def check_network(mlp: object, where: str) -> None:
    """Raise TypeError for anything but a plain MLP, which has an equal `where` it is to go to.

    >>> check_network([1.0], "PyTorch")
    Traceback (most recent call last):
        ...
    TypeError: an MLP has an equal in PyTorch, but a list came.
    """
    if type(mlp) is not MLP:
        raise TypeError(f"an MLP has an equal in {where}, but a {type(mlp).__name__} came.")
    check_plain(mlp)


def _named_layers(model: Plain) -> list[tuple[str, Layer]]:
    if isinstance(model, MLP):
        return [(f"layers[{place}]", layer) for place, layer in enumerate(model.layers)]
    return [("the layer", model)] if isinstance(model, Layer) else []


def _neurons(model: Plain) -> Iterator[tuple[str, Neuron]]:
    if isinstance(model, Neuron):
        yield "the neuron", model
    for place, layer in _named_layers(model):
        yield from ((f"neurons[{unit}] of {place}", neuron) for unit, neuron in enumerate(layer.neurons))


def _parts(model: Plain) -> Iterator[tuple[str, Layer | Neuron]]:
    yield from _named_layers(model)
    yield from _neurons(model)


def _activations(model: Plain) -> Iterator[tuple[str, Activation]]:
    for place, part in _parts(model):
        yield f"the activation of {place}", part.activation


def _check_parameters(model: Plain) -> None:
    """Raise TypeError where the parameters are not those of the neurons and activations, each at one place."""
    kind = type(model).__name__
    for place, layer in _named_layers(model):
        if any(neuron.activation is not layer.activation for neuron in layer.neurons):
            raise TypeError(f"the neurons of {place} have another activation than it. {STATE}")
    expected = Counter(_expected(model))
    found = {parameter: path for path, parameter in model.named_parameters()}
    several = [found[parameter] for parameter, count in expected.items() if count > 1 and parameter in found]
    beside = [path for parameter, path in found.items() if parameter not in expected]
    frozen = [parameter.name for parameter in expected if parameter not in found]
    for paths, what in (
        (several, f"at several places of the {kind}"),
        (beside, f"beside the weights and biases of the {kind}"),
        (frozen, f"in the {kind}, but as no parameter"),
    ):
        if paths:
            verb = "stands" if len(paths) == 1 else "stand"
            raise TypeError(f"{listed(paths)} {verb} {what}, which only the object itself can express. {STATE}")


def _expected(model: Plain) -> Iterator[Value]:
    for _, neuron in _neurons(model):
        yield from (*neuron.weights, neuron.bias)
    for activation in {id(activation): activation for _, activation in _activations(model)}.values():
        yield from activation.parameters()
