"""Optimizers: SGD and Adam, whose steps equal those of PyTorch.

They read `.grad` of the parameters and write `.data`; a parameter without a gradient stays as it is.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from autograd import Value


class Optimizer:
    """Base of the optimizers: holds the parameters and the learning rate `lr`, which may be changed between steps."""

    def __init__(self, parameters: Iterable[Value], lr: float, weight_decay: float) -> None:
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError("an optimizer needs at least one parameter, but an empty list came.")
        for parameter in self.parameters:
            if not isinstance(parameter, Value) or parameter.op is not None:
                raise TypeError(f"an optimizer adjusts parameters and leaves, but {parameter!r} came.")
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
                gradient = parameter.grad + self.weight_decay * parameter.data if self.weight_decay else parameter.grad
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
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.momentum = _not_negative("momentum", momentum)
        if nesterov and momentum == 0.0:
            raise ValueError("Nesterov's momentum needs a momentum above 0; try momentum=0.9.")
        self.nesterov = nesterov
        self._velocities: dict[int, float] = {}

    def _change(self, index: int, gradient: float) -> float:
        if self.momentum == 0.0:
            return self.lr * gradient
        before = self._velocities.get(index)
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

    Raises ValueError where a setting is negative or a beta is not below 1.

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
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        if not all(0.0 <= beta < 1.0 for beta in betas):
            raise ValueError(f"the betas of Adam must be from 0 to below 1, but {betas} came.")
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
        return step_size * moments.mean / scale


def _not_negative(name: str, setting: float) -> float:
    if not setting >= 0.0:
        raise ValueError(f"{name} must be 0 or more, but {setting} came.")
    return setting
