"""gradstep's replay: what was recorded once runs again without the graph, for a step or for many rows.

The samples are plain numbers: constants of a recorded step, arguments of a recorded row.
"""

import time
from array import array
from importlib.metadata import version
from typing import Any

import autograd

from ..problem import Problem, hinge, layers_of, total_loss
from .base import Engine, MissingError
from .plain import engine_mode


class Replayed(Engine):
    """What the engines of this module share: the parameters, and the ordinary update."""

    def __init__(self, problem: Problem) -> None:
        if not callable(getattr(autograd, "replay", None)):
            raise MissingError("the installed gradstep has no autograd.replay")
        self.version, self.mode = "gradstep " + version("gradstep"), engine_mode()
        self.problem = problem
        self.parameters = [autograd.Value(number) for number in problem.parameters]
        self.layers = layers_of(self.parameters)

    def gradients(self) -> list[float]:
        return [float(parameter.grad or 0.0) for parameter in self.parameters]

    def update(self) -> None:
        rate = self.problem.rate
        for parameter in self.parameters:
            parameter.data -= rate * (parameter.grad or 0.0)
            parameter.grad = 0


class ReplayedStep(Replayed):
    """The loss over all samples, as one function without arguments; its first call records and compiles."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        start = time.perf_counter()
        self.loss = autograd.replay(self._record)
        self.loss().backward()
        self.building = time.perf_counter() - start
        for parameter in self.parameters:
            parameter.grad = 0

    def _record(self) -> Any:
        return total_loss(self.problem, self.parameters, self.layers, float, autograd.Value.relu)

    def evaluate(self) -> float:
        loss = self.loss()
        loss.backward()
        return float(loss.data)


class ReplayedRows(Replayed):
    """The loss of one sample, as a function of its three numbers, called row by row."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.loss = autograd.replay(self._record)
        self.rows = [(*inputs, target) for inputs, target in zip(problem.inputs, problem.targets, strict=True)]

    def _record(self, first: Any, second: Any, target: Any) -> Any:
        return hinge(self.layers, (first, second), target, autograd.Value.relu)

    def evaluate(self) -> float:
        total = 0.0
        for row in self.rows:
            loss = self.loss(*row)
            loss.backward()
            total += loss.data
        return total


class ReplayedBatch(ReplayedRows):
    """The same function over all rows at once, with gradients summed over the rows."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        numbers = array("d", [number for row in self.rows for number in row])
        self.matrix = memoryview(numbers).cast("B").cast("d", (len(self.rows), 3))

    def evaluate(self) -> float:
        result = self.loss.batch(self.matrix)
        result.backward(1.0)
        return sum(result.values)
