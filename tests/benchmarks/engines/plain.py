"""Engines in whose scalars the plain loop is written: gradstep and micrograd.

The loop is that of micrograd's demo, the same for both.
"""

from importlib.metadata import version
from typing import Any

from ..problem import Problem, hinge, layers_of, total_loss
from .base import Engine


class PlainLoop(Engine):
    """The loop over samples and units, in Values of one kind."""

    def __init__(self, problem: Problem, value: Any, release: str, mode: str = "") -> None:
        self.problem, self.value, self.version, self.mode = problem, value, release, mode
        self.parameters = [value(number) for number in problem.parameters]
        self.layers = layers_of(self.parameters)

    def evaluate(self) -> float:
        loss = total_loss(self.problem, self.parameters, self.layers, self.value, self.value.relu)
        loss.backward()
        return loss.data

    def gradients(self) -> list[float]:
        return [parameter.grad for parameter in self.parameters]

    def update(self) -> None:
        rate = self.problem.rate
        for parameter in self.parameters:
            parameter.data -= rate * parameter.grad
            parameter.grad = 0


class PlainRows(PlainLoop):
    """The same, sample by sample: each is recorded, swept and freed, and the gradients add up."""

    def evaluate(self) -> float:
        total = 0.0
        for inputs, target in zip(self.problem.inputs, self.problem.targets, strict=True):
            loss = hinge(self.layers, [self.value(x) for x in inputs], target, self.value.relu)
            loss.backward()
            total += loss.data
        return total


def gradstep(problem: Problem) -> Engine:
    """Return the installed gradstep, compiled or interpreted as it is."""
    return _gradstep(PlainLoop, problem)


def gradstep_rows(problem: Problem) -> Engine:
    """Return the installed gradstep, one sample at a time."""
    return _gradstep(PlainRows, problem)


def _gradstep(loop: type[PlainLoop], problem: Problem) -> Engine:
    import autograd  # noqa: PLC0415 - only where it is measured

    return loop(problem, autograd.Value, "gradstep " + version("gradstep"), engine_mode())


def engine_mode() -> str:
    """Say which of gradstep's two engines runs."""
    import autograd  # noqa: PLC0415 - as above

    return "compiled" if autograd.compiled else "interpreted"


def micrograd(problem: Problem) -> Engine:
    """Return micrograd."""
    from micrograd.engine import Value  # noqa: PLC0415 - as above

    return PlainLoop(problem, Value, "micrograd " + version("micrograd"))
