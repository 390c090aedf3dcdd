"""Activations by name: linear, sigmoid, tanh, relu, leaky_relu, prelu, elu, softmax.

Their values and derivatives are rows of autograd's table; here they get names, settings and, for prelu, a parameter.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

from autograd import Value, ops, parameter, softmax
from nn.module import Module

Elementwise = Callable[[Any], Any]


class Activation(Module):
    """A function from pre-activations to activations, of each unit alone or (softmax) of a layer together.

    `function` is the function of one number; None for softmax.
    """

    def __init__(self, name: str, function: Elementwise | None, learned: Value | None = None) -> None:
        self.name = name
        self.function = function
        if learned is not None:
            self.alpha = learned

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """Return the activations of a layer's pre-activations."""
        return softmax(values) if self.function is None else [self.function(value) for value in values]

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"


def linear(a: float = 1.0, c: float = 0.0) -> Activation:
    """Return the activation a x + c, whose derivative is a. With a = 1 and c = 0 the value itself is passed on."""

    def function(x: Any) -> Any:
        scaled = x if a == 1.0 else a * x
        return scaled if c == 0.0 else scaled + c

    return Activation("linear", function)


def leaky_relu(slope: float = 0.01) -> Activation:
    """Return x for x > 0, slope * x for x <= 0."""
    return Activation("leaky_relu", lambda x: ops.leaky_relu(x, slope))


def prelu(alpha: float = 0.25) -> Activation:
    """Return the parametric ReLU: x for x > 0, alpha x for x <= 0, where alpha is a parameter that is learned too."""
    learned = parameter(alpha, "alpha")
    return Activation("prelu", lambda x: ops.leaky_relu(x, learned), learned)


def elu(alpha: float = 1.0) -> Activation:
    """Return x for x > 0, alpha (e**x - 1) for x <= 0."""
    return Activation("elu", lambda x: ops.elu(x, alpha))


ACTIVATIONS: dict[str, Callable[..., Activation]] = {
    "linear": linear,
    "sigmoid": lambda: Activation("sigmoid", ops.sigmoid),
    "tanh": lambda: Activation("tanh", ops.tanh),
    "relu": lambda: Activation("relu", ops.relu),
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "elu": elu,
    "softmax": lambda: Activation("softmax", None),
}


def activation(name: "str | Activation", **settings: float) -> Activation:
    """Return the activation with this name: `activation("leaky_relu", slope=0.1)`. An Activation comes back as it is.

    Raises ValueError for an unknown name, TypeError for a setting that it does not have.

    >>> activation("relu")([-1, 2])
    [0.0, 2.0]
    """
    if isinstance(name, Activation):
        return name
    if name not in ACTIVATIONS:
        near = get_close_matches(str(name), ACTIVATIONS) or list(ACTIVATIONS)
        raise ValueError(f"there is no activation {name!r}; try {', '.join(near)}.")
    return ACTIVATIONS[name](**settings)
