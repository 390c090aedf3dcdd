"""Activations by name: linear, sigmoid, tanh, relu, leaky_relu, prelu, elu, softmax.

Their values and derivatives are rows of autograd's table; here they get names, settings and, for prelu, a parameter.
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from inspect import signature
from typing import Any

from autograd import Value, ops, parameter, softmax
from autograd.table.scalars import as_float
from nn.module import Module

Elementwise = Callable[[Any], Any]


class Activation(Module):
    """A function from pre-activations to activations, of each unit alone or (softmax) of a layer together.

    `function` is the function of one number; None for softmax. `learned` is its parameter, if it has one.
    `settings` are the numbers that those of ACTIVATIONS are made with; None stands for a function of your own.

    >>> square = Activation("square", lambda x: x * x)
    >>> square([3])
    [9]
    """

    def __init__(
        self,
        name: str,
        function: Elementwise | None,
        *,
        learned: Value | None = None,
        settings: Mapping[str, float] | None = None,
    ) -> None:
        self.name = name
        self.function = function
        self._settings = settings
        if learned is not None:
            self.alpha = learned

    @property
    def settings(self) -> dict[str, float] | None:
        """The settings with which `activation(name, ...)` makes it again, a learned one as it is at present.

        None for a function of your own. Raises TypeError where a setting is no number.

        >>> activation("leaky_relu", slope=0.1).settings
        {'slope': 0.1}
        """
        if self._settings is None:
            return None
        settings = {name: as_float(number, f"{name} of {self.name}") for name, number in self._settings.items()}
        return settings | {"alpha": self.alpha.data} if self.parameters() else settings

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """Return the activations of a layer's pre-activations."""
        return softmax(values) if self.function is None else [self.function(value) for value in values]

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"


def linear(a: float = 1.0, c: float = 0.0) -> Activation:
    """Return the activation a x + c, whose derivative is a. With a = 1 and c = 0 the value itself is passed on.

    >>> linear(a=2, c=1)([3])
    [7]
    """
    return _with_settings("linear", _linear, a=a, c=c)


def _linear(x: Any, a: float, c: float) -> Any:
    scaled = x if a == 1.0 else a * x
    return scaled if c == 0.0 else scaled + c


def leaky_relu(slope: float = 0.01) -> Activation:
    """Return x for x > 0, slope * x for x <= 0.

    >>> leaky_relu()([-2])
    [-0.02]
    """
    return _with_settings("leaky_relu", _leaky_relu, slope=slope)


def prelu(alpha: float = 0.25) -> Activation:
    """Return the parametric ReLU: x for x > 0, alpha x for x <= 0, where alpha is a parameter that is learned too.

    >>> prelu().parameters()
    [Value(0.25, 'alpha', parameter, grad=-)]
    """
    learned = parameter(alpha, "alpha")
    return Activation("prelu", partial(_leaky_relu, slope=learned), learned=learned, settings={"alpha": alpha})


def _leaky_relu(x: Any, slope: Any) -> Any:
    return ops.leaky_relu(x, slope)


def elu(alpha: float = 1.0) -> Activation:
    """Return x for x > 0, alpha (e**x - 1) for x <= 0.

    >>> elu()([2])
    [2.0]
    """
    return _with_settings("elu", _elu, alpha=alpha)


def _elu(x: Any, alpha: float) -> Any:
    return ops.elu(x, alpha)


def _with_settings(name: str, function: Callable[..., Any], **settings: float) -> Activation:
    return Activation(name, partial(function, **settings), settings=settings)


def _sigmoid() -> Activation:
    return Activation("sigmoid", ops.sigmoid, settings={})


def _tanh() -> Activation:
    return Activation("tanh", ops.tanh, settings={})


def _relu() -> Activation:
    return Activation("relu", ops.relu, settings={})


def _softmax() -> Activation:
    return Activation("softmax", None, settings={})


ACTIVATIONS: dict[str, Callable[..., Activation]] = {
    "linear": linear,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "elu": elu,
    "softmax": _softmax,
}


def activation(name: "str | Activation", **settings: float) -> Activation:
    """Return the activation with this name: `activation("leaky_relu", slope=0.1)`. An Activation comes back as it is.

    Raises ValueError for an unknown name, TypeError for a setting that it does not have or a second one.

    >>> activation("relu")([-1, 2])
    [0.0, 2.0]
    """
    if isinstance(name, Activation):
        if settings:
            raise TypeError(f"{name!r} has its settings already; give a name with {', '.join(settings)} instead.")
        return name
    if name not in ACTIVATIONS:
        near = get_close_matches(str(name), ACTIVATIONS) or list(ACTIVATIONS)
        raise ValueError(f"there is no activation {name!r}; try {', '.join(near)}.")
    known = signature(ACTIVATIONS[name]).parameters
    for setting in settings:
        if setting not in known:
            raise TypeError(f"{name} has no setting {setting!r}; it has {', '.join(known) or 'none'}.")
    return ACTIVATIONS[name](**settings)
