"""The objective of a mixture of Gaussians in gradstep: recorded at each step, replayed, and in batches of points."""

from importlib.metadata import version
from typing import Any

import autograd

from ..gradbench import Mixture, beside_points, components, log_density, objective
from .base import Engine
from .plain import engine_mode


class Recorded(Engine):
    """The objective as it stands."""

    def __init__(self, problem: Mixture) -> None:
        self.version, self.mode = "gradstep " + version("gradstep"), engine_mode()
        self.problem = problem
        self.parameters = [autograd.Value(number) for number in problem.parameters]

    def evaluate(self) -> float:
        loss = self.loss()
        loss.backward()
        return float(loss.data)

    def loss(self) -> Any:
        """Return the objective."""
        return objective(self.problem, self.parameters)

    def gradients(self) -> list[float]:
        return [parameter.grad for parameter in self.parameters]

    def update(self) -> None:
        for parameter in self.parameters:
            parameter.data -= self.problem.rate * parameter.grad
            parameter.grad = 0


class Replayed(Recorded):
    """The objective of all points as one function without arguments."""

    def __init__(self, problem: Mixture) -> None:
        super().__init__(problem)
        self.loss = autograd.replay(super().loss)


class InBatches(Recorded):
    """The terms of the points as a batch, and the rest as it stands."""

    def __init__(self, problem: Mixture) -> None:
        super().__init__(problem)
        self.parts = components(self.parameters)
        self.term = autograd.replay(lambda *point: log_density(self.parts, point))
        self.rest = autograd.replay(lambda: beside_points(self.parts, len(problem.points)))

    def evaluate(self) -> float:
        terms, rest = self.term.batch(self.problem.points), self.rest()
        terms.backward()
        rest.backward()
        return sum(terms.values) + float(rest.data)
