"""Bundle adjustment's residual with its Jacobian in gradstep: recorded each time, replayed, and in batches."""

from importlib.metadata import version
from typing import Any

import autograd

from ..gradbench import INPUTS, Observations, residual
from .base import Engine
from .plain import engine_mode


class Recorded(Engine):
    """The two residuals and the 2 x 15 derivatives of each observation; nothing is trained."""

    def __init__(self, problem: Observations) -> None:
        self.version, self.mode = "gradstep " + version("gradstep"), engine_mode()
        self.problem = problem
        self.seen = [autograd.Value(0.0) for _ in range(2)]
        self.found: list[float] = []
        self.residual, self.jacobian = self.functions(lambda *numbers: residual(numbers, self.seen))

    def functions(self, function: Any) -> tuple[Any, Any]:
        """Return the function of 15 numbers, and its Jacobian."""
        return function, autograd.jacobian(function)

    def evaluate(self) -> float:
        self.found, total = [], 0.0
        for numbers, seen in zip(self.problem.numbers, self.problem.seen, strict=True):
            for value, number in zip(self.seen, seen, strict=True):
                value.data = number
            for row in self.jacobian(*numbers):
                self.found += row
            total += sum(float(one.data) ** 2 for one in self.residual(*map(autograd.constant, numbers)))
        return total

    def gradients(self) -> list[float]:
        return self.found

    def update(self) -> None:
        pass


class Replayed(Recorded):
    """The function recorded once."""

    def functions(self, function: Any) -> tuple[Any, Any]:
        return super().functions(autograd.replay(function))


class InBatches(Recorded):
    """Each of the two residuals as a batch over the observations, with the gradients of its numbers."""

    def __init__(self, problem: Observations) -> None:
        super().__init__(problem)
        self.rows = [[*numbers, *seen] for numbers, seen in zip(problem.numbers, problem.seen, strict=True)]
        self.both = [
            autograd.replay(lambda *row, place=place: residual(row[:INPUTS], row[INPUTS:])[place]) for place in range(2)
        ]

    def evaluate(self) -> float:
        batches = [one.batch(self.rows, inputs=True) for one in self.both]
        self.found = [
            gradient
            for rows in zip(*(batch.input_gradients for batch in batches), strict=True)
            for row in rows
            for gradient in row[:INPUTS]
        ]
        return sum(value**2 for batch in batches for value in batch.values)
