"""`Training`: the iterations of `fit`, and what is done where a number stops being finite.

Reads the losses of rows and their gradients from `row_losses`, and lets an optimizer adjust the parameters.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import NoReturn

import autograd
from autograd import ReplayError, Value, sum
from autograd.scalars import as_finite, format_number
from autograd.wording import DIGITS
from nn.history import DivergenceError, History, Progress, TrainingInterrupt
from nn.optim import Optimizer
from nn.row_losses import ENGINES, RowLosses

LARGE = 10.0
"""Inputs beyond this size are suspected where a training does not succeed."""


class Training:
    """A training in its course.

    `parameters` are those of the model, of which the optimizer adjusts some or all. `l2` and `rate` are those of `fit`.
    """

    def __init__(
        self,
        row_losses: RowLosses,
        parameters: list[Value],
        optimizer: Optimizer,
        rate: Callable[[int], float] | None,
        l2: float,
    ) -> None:
        self._row_losses, self._optimizer, self._rate = row_losses, optimizer, rate
        self._parameters = list(dict.fromkeys([*parameters, *optimizer.parameters]))
        self._l2 = as_finite(l2, "l2", from_zero=True)
        self._squares = _squares(parameters, self._l2)
        self._penalty = self._squares if row_losses.engine == "graph" else autograd.replay(self._squares)
        self._iterations = 0
        self._progress: list[Progress] = []
        self._finite = self._state()  # the parameters whose loss and gradients were finite last

    def run(
        self, iterations: int, batches: Iterator[Sequence[int]], callback: Callable[[Progress], object] | None
    ) -> History:
        """Run all iterations, or those that the callback wants."""
        self._iterations = iterations
        began = perf_counter()
        stopped = False
        while len(self._progress) < iterations and not stopped:
            before, count = self._state(), len(self._progress)
            try:
                self._progress.append(self._iteration(next(batches), began))
                stopped = callback is not None and callback(self._progress[-1]) is True
            except KeyboardInterrupt:
                if len(self._progress) == count:  # in the midst of the iteration
                    self._restore(before)
                raise TrainingInterrupt(self._history()) from None
            except ReplayError as error:
                error.add_note("fit(..., engine='graph') trains a model that cannot be replayed.")
                raise
        history = self._history()
        if not math.isfinite(history.loss):
            self._diverged(f"the loss is {history.loss} after iteration {iterations}", self._all_rows())
        return history

    def _iteration(self, rows: Sequence[int], began: float) -> Progress:
        """Compute the loss and its gradient, and adjust the parameters."""
        number, optimizer = len(self._progress) + 1, self._optimizer
        if self._rate is not None:
            optimizer.lr = as_finite(self._rate(number - 1), f"the rate of iteration {number}", from_zero=True)
        self._forget_gradients()
        losses = self._row_losses.post(rows)
        if number == 1 and len(rows) == len(self._all_rows()):
            self._check_reached()
        loss = _mean(losses) + self._post_penalty()
        if not math.isfinite(loss):
            self._diverged(f"the loss became {loss} in iteration {number}", rows)
        infinite = [p for p in self._parameters if p.grad is not None and not math.isfinite(p.grad)]
        if infinite:
            self._diverged(f"the gradient of {infinite[0].name} became {infinite[0].grad} in iteration {number}", rows)
        accuracy = self._row_losses.accuracy(rows)
        self._finite = self._state()
        optimizer.step()
        for parameter in self._parameters:
            if not math.isfinite(parameter.data):
                self._diverged(f"the step of iteration {number} made {parameter.name} {parameter.data}", ())
        return Progress(number, self._iterations, loss, accuracy, optimizer.lr, perf_counter() - began)

    def _check_reached(self) -> None:
        """Raise ValueError where all rows together gave no parameter a gradient, so that nothing would be learned."""
        if all(parameter.grad is None for parameter in self._optimizer.parameters):
            raise ValueError(
                "no gradient reaches the parameters: the model's outputs are not computed from them. Does the model "
                "take float(...) or .data of a Value, where the Value itself is needed?"
            )

    def _all_rows(self) -> Sequence[int]:
        return range(len(self._row_losses.dataset))

    def _post_penalty(self) -> float:
        if self._l2 == 0.0:
            return 0.0
        penalty = self._penalty()
        penalty.backward()
        return penalty.data

    def _forget_gradients(self) -> None:
        for parameter in self._parameters:
            parameter.grad = None

    def _state(self) -> list[float]:
        return [parameter.data for parameter in self._parameters]

    def _restore(self, state: list[float]) -> None:
        for parameter, number in zip(self._parameters, state, strict=True):
            parameter.data = number

    def _history(self) -> History:
        losses, rows = self._row_losses, self._all_rows()
        loss = _mean(losses.values(rows)) + (self._penalty().data if self._l2 else 0.0)
        stopped = len(self._progress) < self._iterations
        return History(
            tuple(self._progress), loss, losses.accuracy(rows), losses.objective.name, ENGINES[losses.engine], stopped
        )

    def _diverged(self, sentence: str, rows: Sequence[int]) -> NoReturn:
        """Say where the number was born that is not finite, and go back to the parameters before it."""
        birth = self._birth(rows)
        self._restore(self._finite)
        self._forget_gradients()
        history = self._history()
        kept = "The model is as it was" if not self._progress else "The model has the parameters before that"
        advice = self._advice(stepped=bool(self._progress) or not rows)  # without rows it was the step itself
        raise DivergenceError(
            f"{sentence}{birth}. {kept}, with the loss {format_number(history.loss, DIGITS)}. {advice}", history
        )

    def _advice(self, *, stepped: bool) -> str:
        """Return what to try: a lower rate only where a step was made with this one."""
        if stepped:
            advice = f"Try a learning rate well below {format_number(self._optimizer.lr, DIGITS)}"
        else:
            advice = "No step was made yet, so that no learning rate helps: look at the weights, inputs and targets"
        if self._progress:
            lowest = min(self._progress, key=lambda progress: progress.loss)
            advice += f": the loss was lowest in iteration {lowest.iteration}, {format_number(lowest.loss, DIGITS)}"
        largest = self._row_losses.dataset.largest
        if largest > LARGE:
            reached = format_number(largest, DIGITS)
            advice += f". The data reach {reached}; dataset.standardized() (--standardize) brings them to the size of 1"
        return f"{advice}."

    def _birth(self, rows: Sequence[int]) -> str:
        """Return what made the first number that is not finite, in the graph of the first row where it is found."""
        for row in rows:
            graph = self._row_losses.graph(row)
            self._forget_gradients()
            graph.backward()
            anomaly = autograd.find_anomaly(graph)
            if anomaly:
                return f": {anomaly.rstrip('.')}, in row {row + 1} of {self._row_losses.dataset.name}"
        anomaly = autograd.find_anomaly(self._squares()) if self._l2 else ""
        return f": {anomaly.rstrip('.')}, in the sum of the squares of the parameters" if anomaly else ""


def _squares(parameters: list[Value], factor: float) -> Callable[[], Value]:
    """Return the function that computes the sum of the squares of the parameters, times a factor."""

    def squares() -> Value:
        total: Value = factor * sum(parameter * parameter for parameter in parameters)
        return total

    return squares


def _mean(numbers: Sequence[float]) -> float:
    try:
        return math.fsum(numbers) / len(numbers)
    except (OverflowError, ValueError):  # too large a sum; infinities of both signs
        return math.inf
