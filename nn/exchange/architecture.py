"""Checks that a neuron, layer or network can be made again from its weights, biases and activations alone."""

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from autograd import Value
from autograd.passes.names import listed
from nn.activations import ACTIVATIONS, Activation
from nn.layers import MLP, Layer, Neuron

Plain: TypeAlias = MLP | Layer | Neuron
"""Models of weights, biases and activations only."""

STATE = "To save its numbers by name, use state_dict(); to set them, use load_state_dict()."
"""What a message advises for a module of another class."""


def check_plain(model: Plain) -> None:
    """Raise TypeError if a model has more than weights, biases and activations of ACTIVATIONS; the error says where.

    Refused are your own classes and functions, extra parameters, and shared or frozen weights.

    >>> layer = Layer([[1.0], [2.0]])
    >>> layer.neurons[1].weights = layer.neurons[0].weights
    >>> check_plain(layer)
    Traceback (most recent call last):
        ...
    TypeError: neurons.0.weights.0 is used in several places of the Layer; a copy cannot express that...
    """
    for place, part in _parts(model):
        if type(part) not in (Layer, Neuron):
            raise TypeError(f"expected a Layer or Neuron for {place}, got {type(part).__name__}. {STATE}")
    for place, activation in _activations(model):
        if type(activation) is not Activation or activation.settings is None:
            raise TypeError(
                f"{place} is {activation!r}, your own function. Use one of {', '.join(ACTIVATIONS)}, or make it an "
                "operation by autograd.operation, which has a name."
            )
    _check_parameters(model)


def check_network(mlp: object, where: str) -> None:
    """Raise TypeError unless this is a plain MLP; `where` names what it is exported to.

    >>> check_network([1.0], "PyTorch")
    Traceback (most recent call last):
        ...
    TypeError: expected an MLP for PyTorch, got list.
    """
    if type(mlp) is not MLP:
        raise TypeError(f"expected an MLP for {where}, got {type(mlp).__name__}.")
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
    """Raise TypeError unless the parameters are those of the neurons and activations, each used once."""
    for place, layer in _named_layers(model):
        if any(neuron.activation is not layer.activation for neuron in layer.neurons):
            raise TypeError(f"the neurons of {place} do not have its activation. {STATE}")
    expected = list(_expected(model))
    own = set(map(id, expected))
    if len(own) == len(expected) and own == set(map(id, model.parameters())):
        return
    kind, counts = type(model).__name__, Counter(map(id, expected))
    found = {id(parameter): path for path, parameter in model.named_parameters()}
    several = [found[key] for key, count in counts.items() if count > 1 and key in found]
    beside = [path for key, path in found.items() if key not in counts]
    frozen = {id(parameter): parameter.name for parameter in expected if id(parameter) not in found}
    for paths, what in (
        (several, f"used in several places of the {kind}"),
        (beside, f"no weight or bias of the {kind}"),
        (list(frozen.values()), f"in the {kind}, but not as a parameter"),
    ):
        if paths:
            verb = "is" if len(paths) == 1 else "are"
            raise TypeError(f"{listed(paths)} {verb} {what}; a copy cannot express that. {STATE}")


def _expected(model: Plain) -> Iterator[Value]:
    for _, neuron in _neurons(model):
        yield from (*neuron.weights, neuron.bias)
    for activation in {id(activation): activation for _, activation in _activations(model)}.values():
        yield from activation.parameters()
