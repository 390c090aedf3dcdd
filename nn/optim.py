"""Optimizers: SGD and Adam, with the same steps as in PyTorch.

They read `.grad` of the parameters and write `.data`; a parameter without a gradient does not change. Each update is
written once, as formulas. With numbers, the formulas compute the update. With symbols, they give the lines that
terminals, LaTeX and pages show, and the program with which a page plays the optimizer.
"""

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self
from warnings import warn

from autograd import Value, ops
from autograd.table.scalars import as_float, counted


class Quantities:
    """The numbers of one parameter during its update, as attributes."""

    t: float
    w: float
    g: float

    def __init__(self, kept: Mapping[str, float]) -> None:
        vars(self).update(kept, t=0.0)


class Optimizer:
    """Base class of optimizers. It holds the parameters and the learning rate `lr`, which may change between steps.

    A subclass defines `update`, for one parameter. Its `state` has the numbers that it keeps for each parameter, with
    their initial values; its `words` explains its numbers. Raises TypeError if a parameter is not a parameter or leaf,
    ValueError if there are none, if one is repeated, or if a setting is negative.

    >>> class Slowing(Optimizer):
    ...     def update(self, q):
    ...         q.w = q.w - q.lr / q.t * q.g
    >>> w = Value(2, "w")
    >>> optimizer = Slowing([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    1.6
    """

    usual_lr: ClassVar[float] = 0.01
    """The learning rate if no other is given, as by `gradstep train`."""
    arguments: ClassVar[Mapping[str, str]] = {"lr": "lr", "decay": "weight_decay"}
    """The names of the settings in formulas, each with the argument that sets it."""
    state: ClassVar[Mapping[str, float]] = {}
    words: ClassVar[Mapping[str, str]] = {"g": "the gradient with weight decay"}

    def __init__(self, parameters: Iterable[Value], lr: float, *, weight_decay: float = 0.0) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(
                f"expected a list of parameters for an optimizer, got {type(parameters).__name__}. "
                "For a module, use module.parameters()."
            )
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("expected at least one parameter for an optimizer, got an empty list.")
        for parameter in self.parameters:
            if not isinstance(parameter, Value) or parameter.kind not in ("parameter", "leaf"):
                raise TypeError(f"expected parameters or leaves for an optimizer, got {parameter!r}.")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError("expected each parameter once for an optimizer, got one twice.")
        self.lr = not_negative("lr", lr)
        self.weight_decay = not_negative("weight_decay", weight_decay)
        self._kept = {parameter: Quantities(self.state) for parameter in self.parameters}
        self._settings: dict[str, float] = {}

    @property
    def title(self) -> str:
        """The name for texts."""
        return type(self).__name__

    def moved_to(self, parameters: Sequence[Value]) -> Self:
        """Return an optimizer for other parameters, one for each of its own, with the numbers that it kept for them."""
        moved = copy.copy(self)
        moved.parameters = list(parameters)
        kept = map(copy.copy, self._kept.values())
        moved._kept = dict(zip(moved.parameters, kept, strict=True))
        return moved

    def __repr__(self) -> str:
        shown = {name: setting for name, setting in vars(self).items() if name[0] != "_" and name != "parameters"}
        settings = [f"{name}={setting}" for name, setting in shown.items() if setting or name == "lr"]
        return f"{type(self).__name__}({', '.join([counted(len(self.parameters), 'parameter'), *settings])})"

    def zero_grad(self) -> None:
        """Clear the gradients of all parameters."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Adjust every parameter that has a gradient."""
        if self.settings != self._settings:
            self._settings = self.settings
            for q in self._kept.values():
                vars(q).update(self._settings)
        moved = False
        for parameter, q in self._kept.items():
            if parameter.has_grad:
                q.w, q.g = parameter.data, parameter.grad
                q.t += 1.0
                self._decay(q)
                self.update(q)
                parameter.data = q.w
                moved = True
        if not moved:
            warn("no parameter has a gradient, so step() changed nothing. Call backward() before it.", stacklevel=2)

    @property
    def settings(self) -> dict[str, float]:
        """The settings, by their names in formulas."""
        return {name: getattr(self, argument) for name, argument in self.arguments.items()}

    def quantities(self, parameter: Value) -> dict[str, float]:
        """Return the numbers at the start of the next update of a parameter, by their names in formulas.

        They are the parameter's number `w`, its gradient `g` (0 if it has none), the number `t` of its updates
        including the next one, the settings, and the numbers of `state`.
        """
        kept = vars(self._kept[parameter])
        own = {"w": parameter.data, "g": parameter.grad, "t": kept["t"] + 1.0}
        return own | self.settings | {name: kept[name] for name in self.state}

    def formulas(self, q: Any) -> None:
        """Compute an update line by line as it is taught, with numbers or symbols; each sets an attribute of `q`."""
        self._decay(q)
        self.taught(q)

    def _decay(self, q: Any) -> None:
        if self.weight_decay != 0.0:  # 0 times an infinite weight is nan
            q.g = q.g + q.decay * q.w

    def taught(self, q: Any) -> None:
        """Set the numbers of `update` by the formulas of textbooks, if these round elsewhere than those of `update`."""
        self.update(q)

    def update(self, q: Any) -> None:
        """Set `q.w`, from `q.w`, `q.g` and the other quantities; set helper quantities first.

        Use operators, and functions that accept symbols too, such as `sqrt` of this module.
        """
        raise NotImplementedError(f"{type(self).__name__} has no formulas: it needs a method update(self, q).")


class SGD(Optimizer):
    """Stochastic gradient descent: w <- w - lr * gradient, with momentum, Nesterov's momentum and weight decay.

    Raises ValueError for a negative setting, a momentum of 1 or more, or Nesterov's momentum without momentum.

    >>> w = Value(2, "w")
    >>> (w * w).backward()
    >>> SGD([w], lr=0.1).step()
    >>> w.data
    1.6
    """

    usual_lr = 1.0
    arguments: ClassVar[Mapping[str, str]] = {**Optimizer.arguments, "mu": "momentum"}
    state: ClassVar[Mapping[str, float]] = {"velocity": -0.0}  # adding -0.0 changes no gradient, not even -0.0
    words: ClassVar[Mapping[str, str]] = {
        **Optimizer.words,
        "velocity": "the running sum of the gradients, with the momentum mu",
    }

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.momentum = not_negative("momentum", momentum)
        if self.momentum >= 1.0:
            raise ValueError(f"expected a number from 0 to below 1 for momentum, got {momentum}.")
        if nesterov and momentum == 0.0:
            raise ValueError("Nesterov's momentum needs a momentum above 0; try momentum=0.9.")
        self.nesterov = nesterov

    @property
    def title(self) -> str:
        """The name for texts."""
        kind = "" if self.momentum == 0.0 else " with Nesterov's momentum" if self.nesterov else " with momentum"
        return f"gradient descent{kind}"

    def update(self, q: Any) -> None:
        """Set the velocity, if there is momentum, and the parameter."""
        if self.momentum == 0.0:
            q.w = q.w - q.lr * q.g
            return
        q.velocity = q.mu * q.velocity + q.g
        q.w = q.w - q.lr * (q.g + q.mu * q.velocity if self.nesterov else q.velocity)


class Adam(Optimizer):
    """Adam (D. Kingma, J. Ba, 2015): steps scaled by running means of the gradient and of its square.

    Raises ValueError if a setting is negative, or `betas` are not two numbers from 0 to below 1.

    >>> w = Value(2, "w")
    >>> (w * w).backward()
    >>> Adam([w], lr=0.1).step()
    >>> round(w.data, 6)
    1.9
    """

    usual_lr = 0.05
    arguments: ClassVar[Mapping[str, str]] = {**Optimizer.arguments, "epsilon": "eps"}
    state: ClassVar[Mapping[str, float]] = {"m": 0.0, "v": 0.0}
    words: ClassVar[Mapping[str, str]] = {
        **Optimizer.words,
        "m": "the running mean of the gradients",
        "v": "the running mean of their squares",
        "m_hat": "m, corrected because it starts at 0",
        "v_hat": "v, corrected because it starts at 0",
    }

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,  # as in PyTorch
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        if not isinstance(betas, (tuple, list)):
            raise TypeError(f"expected two numbers for the betas of Adam, got {type(betas).__name__}.")
        if len(betas) != 2 or not all(0.0 <= as_float(beta, "a beta of Adam") < 1.0 for beta in betas):
            raise ValueError(f"expected two numbers from 0 to below 1 for the betas of Adam, got {betas}.")
        self.betas = betas
        self.eps = not_negative("eps", eps)

    @property
    def settings(self) -> dict[str, float]:
        """The settings, by their names in formulas."""
        beta1, beta2 = self.betas
        return super().settings | {"beta1": float(beta1), "beta2": float(beta2)}

    def update(self, q: Any) -> None:
        """Set the running means and the parameter, in the order of PyTorch."""
        q.m = q.m + (1 - q.beta1) * (q.g - q.m)
        q.v = q.beta2 * q.v + (1 - q.beta2) * q.g * q.g
        rms = sqrt(q.v) / sqrt(1 - q.beta2**q.t)
        q.w = q.w - q.lr / (1 - q.beta1**q.t) * quotient(q.m, rms + q.epsilon)

    def taught(self, q: Any) -> None:
        """Set the running means, their corrections (since they start at 0), and the parameter."""
        q.m = q.beta1 * q.m + (1 - q.beta1) * q.g
        q.v = q.beta2 * q.v + (1 - q.beta2) * q.g**2
        q.m_hat = q.m / (1 - q.beta1**q.t)
        q.v_hat = q.v / (1 - q.beta2**q.t)
        q.w = q.w - q.lr * q.m_hat / (sqrt(q.v_hat) + q.epsilon)


def sqrt(x: Any) -> Any:
    """Return the square root, as in the table, of a number or symbol; 20 times faster for a float of 0 or more."""
    return math.sqrt(x) if type(x) is float and x >= 0.0 else ops.sqrt(x)


def quotient(x: Any, y: Any) -> Any:
    """Return the quotient, as in the table, of numbers or symbols; y may be 0. For floats it is as fast as `sqrt`."""
    return x / y if type(x) is float and y != 0.0 else ops.div(x, y)


def not_negative(name: str, setting: float) -> float:
    """Return a setting as a number. Raises ValueError if it is below 0 or nan."""
    number = as_float(setting, name)
    if not number >= 0.0:
        raise ValueError(f"expected 0 or more for {name}, got {setting}.")
    return number


OPTIMIZERS: dict[str, type[Optimizer]] = {
    name.lower(): found
    for name, found in list(globals().items())
    if isinstance(found, type) and issubclass(found, Optimizer) and found is not Optimizer
}
"""The optimizers by their names on the command line."""

if not TYPE_CHECKING:  # a type checker reads the names above; it does not understand a computed list
    __all__ = [kind.__name__ for kind in OPTIMIZERS.values()]
