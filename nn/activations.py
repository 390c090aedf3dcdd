"""Activations by name: the rows of ACTIVATIONS.

autograd's table computes their values and derivatives. Here they get names, settings and, for prelu, a parameter.
To add an activation, add its row.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

from autograd import Value, ops, parameter, softmax
from autograd.table.interpretation import Interpretation
from autograd.table.op import Op, row
from autograd.table.scalars import alike, as_float, got, near, spelled
from autograd.table.visible import said
from nn.module import Module

Elementwise = Callable[[Any], Any]


class Activation(Module):
    """A function from pre-activations to activations. It works on each unit alone; softmax works on a whole layer.

    `function` is the function of one number, or None for softmax. `learned` is its parameter, if it has one.
    `settings` are the settings of an activation of ACTIVATIONS, or None for your own function.

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
        """The settings that make it again: `activation(name, **settings)`. A learned setting has its present value.

        None for your own function. Raises TypeError if a setting is not a number.

        >>> activation("leaky_relu", slope=0.1).settings
        {'slope': 0.1}
        """
        if self._settings is None:
            return None
        settings = {name: as_float(number, f"{name} of {self.name}") for name, number in self._settings.items()}
        return settings | {"alpha": self.alpha.data} if self.parameters() else settings

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """Return the activations for the pre-activations of a layer."""
        return softmax(values) if self.function is None else [self._activated(value) for value in values]

    def _activated(self, value: Any) -> Any:
        assert self.function is not None, "a softmax works on a whole layer"
        result = self.function(value)
        if isinstance(value, Interpretation) and not isinstance(result, Interpretation):
            raise TypeError(
                f"the activation {self.name} returned {got(result)} for a Value. In place of a function of math, use "
                "that of autograd, such as autograd.tanh."
            )
        return result

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"


Chosen: TypeAlias = str | Activation | Elementwise
"""How an activation is chosen: by a name, or a function; see `activation`."""


class ActivationRow:
    """One row of the table of activations: a name, what it computes, and its name in PyTorch.

    `function` takes a number and then the settings, each with a default; it is None for softmax. With `learned`, the
    setting is a parameter. `torch` is the class of PyTorch's module, or "" if there is none; `torch_settings` maps our
    names of settings to those of PyTorch. A call makes the Activation.

    >>> ActivationRow("scaled", lambda x, by=2.0: by * x)(by=3)([1])
    [3]
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any] | None,
        *,
        torch: str = "",
        torch_settings: Mapping[str, str] | None = None,
        learned: bool = False,
    ) -> None:
        self.name = name
        self.function = function
        self.torch = torch
        self.torch_settings = torch_settings or {}
        self.learned = learned

    @property
    def settings(self) -> dict[str, float]:
        """The settings with their default values."""
        defaults = getattr(self.function, "__defaults__", None)
        if self.function is None or not defaults:
            return {}
        return dict(zip(self.function.__code__.co_varnames[1:], defaults, strict=False))  # arguments come before locals

    def __call__(self, **settings: float) -> Activation:
        """Return the activation with these settings; the others keep their defaults.

        Raises TypeError for an unknown setting.
        """
        known = self.settings
        for setting in settings:
            if setting not in known:
                raise TypeError(f"{self.name} has no setting {setting!r}; it has {', '.join(known) or 'none'}.")
        settings = known | settings
        if self.function is None or not settings:
            return Activation(self.name, self.function, settings={})
        if not self.learned:
            return Activation(self.name, partial(self.function, **settings), settings=settings)
        [(setting, number)] = settings.items()
        learned = parameter(number, setting)
        return Activation(self.name, partial(self.function, **{setting: learned}), learned=learned, settings=settings)


def linear(x: Any, a: float = 1.0, c: float = 0.0) -> Any:
    """Return a x + c; its derivative is a. With a = 1 and c = 0 it is x itself.

    >>> linear(3, a=2, c=1)
    7
    """
    scaled = x if a == 1.0 else a * x
    return scaled if c == 0.0 else scaled + c


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Return x for x > 0, slope * x for x <= 0.

    >>> leaky_relu(-2)
    -0.02
    """
    return ops.leaky_relu(x, slope)


def prelu(x: Any, alpha: Any = 0.25) -> Any:
    """Return the parametric ReLU: x for x > 0, alpha x for x <= 0, where alpha is a learned parameter.

    >>> activation("prelu").parameters()
    [Value(0.25, 'alpha', parameter, grad=-)]
    """
    return ops.leaky_relu(x, alpha)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return x for x > 0, alpha (e**x - 1) for x <= 0.

    >>> elu(2)
    2.0
    """
    return ops.elu(x, alpha)


_ROWS = (
    ActivationRow("linear", linear, torch="Linear"),
    ActivationRow("sigmoid", ops.sigmoid, torch="Sigmoid"),
    ActivationRow("tanh", ops.tanh, torch="Tanh"),
    ActivationRow("relu", ops.relu, torch="ReLU"),
    ActivationRow("leaky_relu", leaky_relu, torch="LeakyReLU", torch_settings={"slope": "negative_slope"}),
    ActivationRow("prelu", prelu, torch="PReLU", learned=True),
    ActivationRow("elu", elu, torch="ELU", torch_settings={"alpha": "alpha"}),
    ActivationRow("softmax", None, torch="Softmax"),
    ActivationRow("softplus", ops.softplus, torch="Softplus"),
    ActivationRow("silu", ops.silu, torch="SiLU"),
    ActivationRow("gelu", ops.gelu, torch="GELU"),
    ActivationRow("softsign", ops.softsign, torch="Softsign"),
)
ACTIVATIONS = {row.name: row for row in _ROWS}
"""The activations by name."""


def activation_row(name: str) -> ActivationRow:
    """Return the row of the activation with this name; an operation of one operand has one too, also one of your own.

    Raises ValueError if there is none.

    >>> activation_row("sin")()([0])
    [0.0]
    """
    name = spelled(name, ACTIVATIONS)
    if name in ACTIVATIONS:
        return ACTIVATIONS[name]
    with suppress(ValueError):
        op = row(name)
        if op.arity - len(op.defaults) == 1:
            return ActivationRow(name, op)
    own = "" if alike(name, ACTIVATIONS) else " If it is an operation of your own, run its definition first."
    raise ValueError(said(f"there is no activation {name!r}; try {near(name, ACTIVATIONS)}.{own}"))


def activation(chosen: Chosen, **settings: float) -> Activation:
    """Return an activation: by its name, `activation("leaky_relu", slope=0.1)`, or from a function of one Value.

    A function of autograd, such as `Value.tanh` or `autograd.tanh`, counts as its name, and so does an operation of
    your own. An Activation is returned as it is. Raises ValueError for an unknown name, TypeError for an unknown
    setting, for settings of an Activation or of a function, and for anything else.

    >>> activation("relu")([-1, 2]), activation(Value.tanh)
    ([0.0, 2.0], Activation('tanh'))
    """
    if isinstance(chosen, str) or (name := _name_of(chosen)):
        return activation_row(chosen if isinstance(chosen, str) else name)(**settings)
    if not callable(chosen):
        raise TypeError(f"expected the name of an activation or a function of one Value, got {got(chosen)}.")
    found = chosen if isinstance(chosen, Activation) else Activation(_own_name(chosen), chosen)
    if settings:
        raise TypeError(f"{found!r} has its settings already. To set {', '.join(settings)}, give a name instead.")
    return found


def _name_of(function: Any) -> str:
    """Return the name of the activation that a function of autograd, or of this module, is; "" for all others."""
    if isinstance(function, Op):
        return function.name
    name = getattr(function, "__name__", "")
    if function is softmax or (name in ACTIVATIONS and function is ACTIVATIONS[name].function):
        return name
    is_method = not isinstance(function, type) and function is getattr(Value, name, None)
    return name if is_method and name in vars(ops) else ""


def _own_name(function: Elementwise) -> str:
    return getattr(function, "__name__", type(function).__name__).strip("<>")
