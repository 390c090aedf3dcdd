"""Optimizers: SGD and Adam, whose steps equal those of PyTorch.

They read `.grad` of the parameters and write `.data`; a parameter without a gradient stays as it is.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from autograd import Value
from autograd.table.ieee import divide
from autograd.table.scalars import as_float


class Optimizer:
    """Base of the optimizers: holds the parameters and the learning rate `lr`, which may be changed between steps.

    Raises TypeError for what is no parameter, ValueError for no or repeated parameters or a negative setting.
    """

    def __init__(self, parameters: Iterable[Value], lr: float, weight_decay: float) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(
                f"an optimizer takes a list of parameters, but a {type(parameters).__name__} came. "
                "Of a module, hand over module.parameters()."
            )
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("an optimizer needs at least one parameter, but an empty list came.")
        for parameter in self.parameters:
            if not isinstance(parameter, Value) or parameter.kind not in ("parameter", "leaf"):
                raise TypeError(f"an optimizer adjusts parameters and leaves, but {parameter!r} came.")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError("an optimizer takes each parameter once, but one came twice.")
        self.lr = _not_negative("lr", lr)
        self.weight_decay = _not_negative("weight_decay", weight_decay)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Adjust every parameter that has a gradient."""
        for index, parameter in enumerate(self.parameters):
            if parameter.grad is not None:
                gradient = parameter.grad
                if self.weight_decay != 0.0:  # 0 times an infinite weight would be nan
                    gradient += self.weight_decay * parameter.data
                parameter.data -= self._change(index, gradient)

    def _change(self, index: int, gradient: float) -> float:
        """Return what is subtracted from the parameter at this place in the list."""
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent: w <- w - lr * gradient, with momentum, Nesterov's momentum and weight decay.

    Raises ValueError for a negative setting, or Nesterov's momentum without momentum.

    >>> w = Value(2, "w")
    >>> (w * w).backward()
    >>> SGD([w], lr=0.1).step()
    >>> w.data
    1.6
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.momentum = _not_negative("momentum", momentum)
        if nesterov and momentum == 0.0:
            raise ValueError("Nesterov's momentum needs a momentum above 0; try momentum=0.9.")
        self.nesterov = nesterov
        self._velocities: list[float | None] = [None] * len(self.parameters)

    def _change(self, index: int, gradient: float) -> float:
        if self.momentum == 0.0:
            return self.lr * gradient
        before = self._velocities[index]
        velocity = gradient if before is None else self.momentum * before + gradient
        self._velocities[index] = velocity
        return self.lr * (gradient + self.momentum * velocity if self.nesterov else velocity)


@dataclass(slots=True)
class _Moments:
    steps: int = 0
    mean: float = 0.0
    square: float = 0.0


class Adam(Optimizer):
    """Adam (D. Kingma, J. Ba, 2015): steps scaled by running means of the gradient and of its square.

    Raises ValueError where a setting is negative, or `betas` are not two numbers from 0 to below 1.

    >>> w = Value(2, "w")
    >>> (w * w).backward()
    >>> Adam([w], lr=0.1).step()
    >>> round(w.data, 6)
    1.9
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        if not isinstance(betas, (tuple, list)):
            raise TypeError(f"the betas of Adam are two numbers, but a {type(betas).__name__} came.")
        if len(betas) != 2 or not all(0.0 <= as_float(beta, "a beta of Adam") < 1.0 for beta in betas):
            raise ValueError(f"the betas of Adam must be two numbers from 0 to below 1, but {betas} came.")
        self.betas = betas
        self.eps = _not_negative("eps", eps)
        self._moments = [_Moments() for _ in self.parameters]

    def _change(self, index: int, gradient: float) -> float:
        beta1, beta2 = self.betas
        moments = self._moments[index]
        moments.steps += 1
        moments.mean += (gradient - moments.mean) * (1.0 - beta1)
        moments.square = beta2 * moments.square + (1.0 - beta2) * gradient * gradient
        step_size = self.lr / (1.0 - beta1**moments.steps)
        scale = math.sqrt(moments.square) / math.sqrt(1.0 - beta2**moments.steps) + self.eps
        return step_size * divide(moments.mean, scale)


def _not_negative(name: str, setting: float) -> float:
    number = as_float(setting, name)
    if not number >= 0.0:
        raise ValueError(f"{name} must be 0 or more, but {setting} came.")
    return number
