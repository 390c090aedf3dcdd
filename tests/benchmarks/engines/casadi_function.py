"""CasADi: the loss and its gradient as one function of the parameters, made of scalar symbols.

It is called through its buffers, which is its fastest way from Python; the building is timed by itself.
"""

import time
from typing import Any

import casadi
import numpy as np

from ..problem import Problem, layers_of, total_loss
from .base import Engine


class CasadiFunction(Engine):
    """An SX function; the samples are constants in it."""

    version = f"CasADi {casadi.__version__}"

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        start = time.perf_counter()
        self.function = _loss_and_gradient(problem)
        self.building = time.perf_counter() - start
        self.parameters = np.array(problem.parameters)
        self.loss, self.found = np.zeros(1), np.zeros(len(problem.parameters))
        self.buffer, self.call = self.function.buffer()
        self.buffer.set_arg(0, memoryview(self.parameters))
        self.buffer.set_res(0, memoryview(self.loss))
        self.buffer.set_res(1, memoryview(self.found))

    def evaluate(self) -> float:
        self.call()
        return float(self.loss[0])

    def gradients(self) -> list[float]:
        return self.found.tolist()

    def update(self) -> None:
        self.parameters -= self.problem.rate * self.found


def _loss_and_gradient(problem: Problem) -> Any:
    symbols = casadi.SX.sym("p", len(problem.parameters))
    parameters = casadi.vertsplit(symbols)
    loss = total_loss(problem, parameters, layers_of(parameters), float, _relu)
    return casadi.Function("loss_and_gradient", [symbols], [loss, casadi.gradient(loss, symbols)])


def _relu(expression: Any) -> Any:
    return casadi.fmax(expression, 0)
