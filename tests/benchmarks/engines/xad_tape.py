"""XAD: a tape in C++ with scalars for Python, in adjoint mode.

As its documentation does it, each step clears the tape and registers the parameters as its inputs.
"""

from importlib.metadata import version
from typing import Any

import xad.adj_1st
import xad.math

from ..problem import Problem, layers_of, total_loss
from .base import Engine


class XadTape(Engine):
    """The plain loop in XAD's scalars; the inputs are plain numbers, which it takes as they are."""

    version = "XAD " + version("xad")

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.numbers = list(problem.parameters)
        self.found: list[float] = []
        self.tape = xad.adj_1st.Tape()
        self.tape.activate()

    def evaluate(self) -> float:
        self.tape.clearAll()
        parameters = [xad.adj_1st.Real(number) for number in self.numbers]
        self.tape.registerInputs(parameters)
        self.tape.newRecording()
        loss = total_loss(self.problem, parameters, layers_of(parameters), float, _relu)
        self.tape.registerOutput(loss)
        loss.derivative = 1.0
        self.tape.computeAdjoints()
        self.found = [parameter.derivative for parameter in parameters]
        return loss.value

    def gradients(self) -> list[float]:
        return self.found

    def update(self) -> None:
        rate = self.problem.rate
        self.numbers = [number - rate * slope for number, slope in zip(self.numbers, self.found, strict=True)]


def _relu(number: Any) -> Any:
    return xad.math.max(number, 0.0)
