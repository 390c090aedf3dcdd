"""`fit`: a model learns a data set, iteration by iteration, with a callback that watches and may stop it.

Reads the losses of rows and their gradients from `row_losses`, and lets an optimizer adjust the parameters.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from random import Random
from time import perf_counter
from typing import Any, NoReturn

from autograd import ReplayError, Value, find_anomaly, replay, sum
from autograd.scalars import as_float, format_number
from autograd.wording import DIGITS
from nn.datasets import Dataset
from nn.objective import Loss, Objective
from nn.optim import Adam, Optimizer
from nn.row_losses import ENGINES, RowLosses

_LARGE = 10.0
"""From numbers of this size on, the data are suspected where a training diverges."""


@dataclass(frozen=True)
class Progress:
    """What an iteration of a training did.

    `iteration` counts from 1. `loss` is the mean over the iteration's rows before its step, with the squares of the
    parameters where they count; `accuracy` the part of these rows that was right, None where the targets are numbers;
    `rate` the learning rate of the step; `seconds` the time since the training began.
    """

    iteration: int
    iterations: int
    loss: float
    accuracy: float | None
    rate: float
    seconds: float


@dataclass(frozen=True)
class History:
    """The course of a training, and where it ended.

    `progress` has an entry for each iteration. `loss` and `accuracy` are those of all rows after the last step.
    `loss_name` is the loss that was used, `engine` says how it was computed. `stopped` says whether the training ended
    before its last iteration.
    """

    progress: tuple[Progress, ...]
    loss: float
    accuracy: float | None
    loss_name: str
    engine: str
    stopped: bool

    @property
    def losses(self) -> list[float]:
        """The loss of each iteration."""
        return [progress.loss for progress in self.progress]

    @property
    def accuracies(self) -> list[float | None]:
        """The accuracy of each iteration."""
        return [progress.accuracy for progress in self.progress]


class DivergenceError(ArithmeticError):
    """A training whose loss, gradient or parameters became nan or infinite; `history` is its course until then."""

    def __init__(self, sentence: str, history: History) -> None:
        super().__init__(sentence)
        self.history = history


class TrainingInterrupt(KeyboardInterrupt):
    """Ctrl-C during a training; `history` is its course, and the model has the parameters of its end."""

    def __init__(self, history: History) -> None:
        super().__init__(f"the training was interrupted after {len(history.progress)} iterations.")
        self.history = history


def fit(
    model: Any,
    dataset: Dataset,
    loss: str | Loss | None = None,
    optimizer: Optimizer | None = None,
    iterations: int = 100,
    *,
    batch_size: int | None = None,
    rate: Callable[[int], float] | None = None,
    l2: float = 0.0,
    seed: int = 0,
    engine: str = "blocks",
    callback: Callable[[Progress], object] | None = None,
) -> History:
    """Train a model on a data set, and return the course of the training.

    The loss is the mean over the rows of an iteration, plus `l2` times the sum of the squares of all parameters.
    `loss` is one of `LOSSES`, by name or as the function; without it, it is the mean squared error for numbers, hinge
    for two classes and a model with one output, else cross-entropy. Two classes are -1 and 1 to hinge, 0 and 1 to the
    other losses. Without an `optimizer` it is `Adam(model.parameters(), lr=0.01)`; `rate` gives the learning rate of
    each iteration, counted from 0. An iteration is on all rows, or on `batch_size` of them, drawn by `seed` in such a
    way that each row comes once before any comes again. `callback` is called after each iteration, and ends the
    training by returning True.

    The loss is recorded once for each class and replayed from then on (`autograd.replay`). With the engine "blocks"
    the same seed gives the same bits, with and without NumPy, on the compiled and the interpreted engine. "arrays" is
    faster from some thousand rows on, and needs NumPy, on which the last digits depend. "graph" records a graph for
    each row, as a loop of `backward()` does: it is slow, and for models that cannot be replayed.

    Raises ValueError where model, data, loss and settings do not fit together, before anything begins;
    DivergenceError where the loss, a gradient or a parameter becomes nan or infinite: the model then has the
    parameters whose loss and gradients were finite last. After Ctrl-C, TrainingInterrupt, which is a
    KeyboardInterrupt, leaves the parameters of the last whole iteration.

    >>> from nn import MLP, SGD, fit, moons
    >>> model = MLP(2, [8, 8, 1], seed=1)
    >>> optimizer = SGD(model.parameters(), lr=1.0)
    >>> history = fit(model, moons(50), "hinge", optimizer, rate=lambda k: 1.0 - 0.9 * k / 100, l2=1e-4)
    >>> history.accuracy, history.engine
    (1.0, 'replay, in blocks of rows')
    """
    training = _Training(model, dataset, loss, optimizer, iterations, rate, l2, engine)
    return training.run(_batches(len(dataset), batch_size, seed), callback)


class _Training:
    """A training in its course; the arguments are those of `fit`."""

    def __init__(
        self,
        model: Any,
        dataset: Dataset,
        loss: str | Loss | None,
        optimizer: Optimizer | None,
        iterations: int,
        rate: Callable[[int], float] | None,
        l2: float,
        engine: str,
    ) -> None:
        if not hasattr(model, "parameters") or not callable(model):
            raise TypeError(f"fit() trains a module such as MLP(2, [16, 1]), but a {type(model).__name__} came.")
        if not isinstance(dataset, Dataset):
            raise TypeError(
                f"fit() takes a Dataset, but a {type(dataset).__name__} came. Make one: Dataset(inputs, targets)."
            )
        if rate is not None and not callable(rate):
            raise TypeError(f"rate is a function of the iteration, but {rate!r} came. A fixed rate is the optimizer's.")
        if engine not in ENGINES:
            raise ValueError(f"there is no engine {engine!r}; try {', '.join(ENGINES)}.")
        self._dataset, self._engine, self._rate = dataset, engine, rate
        self._iterations = _whole("iterations", iterations)
        self._objective = Objective(model, dataset, loss)
        self._row_losses = RowLosses(self._objective, dataset, engine)
        self._optimizer = optimizer or Adam(model.parameters(), lr=0.01)
        self._parameters = list(dict.fromkeys([*model.parameters(), *self._optimizer.parameters]))
        if len(self._parameters) == len(model.parameters()) + len(self._optimizer.parameters):
            raise ValueError("the optimizer adjusts no parameter of the model. Make it of model.parameters().")
        self._penalty = _penalty(model.parameters(), l2, replayed=engine != "graph")
        self._progress: list[Progress] = []
        self._finite = self._state()  # the parameters whose loss and gradients were finite last

    def run(self, batches: Iterator[Sequence[int]], callback: Callable[[Progress], object] | None) -> History:
        """Run all iterations, or those that the callback wants."""
        began = perf_counter()
        stopped = False
        while len(self._progress) < self._iterations and not stopped:
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
            rows = range(len(self._dataset))
            self._diverged(f"the loss is {history.loss} after iteration {len(self._progress)}", rows)
        return history

    def _iteration(self, rows: Sequence[int], began: float) -> Progress:
        """Compute the loss and its gradient, and adjust the parameters."""
        number, optimizer = len(self._progress) + 1, self._optimizer
        if self._rate is not None:
            optimizer.lr = _learning_rate(self._rate(number - 1), number)
        self._forget_gradients()
        loss = _mean(self._row_losses.post(rows)) + self._post_penalty()
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

    def _post_penalty(self) -> float:
        if self._penalty is None:
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
        rows = range(len(self._dataset))
        loss = _mean(self._row_losses.values(rows))
        if self._penalty is not None:
            loss += self._penalty().data
        accuracy = self._row_losses.accuracy(rows)
        stopped = len(self._progress) < self._iterations
        name, engine = self._objective.name, ENGINES[self._engine]
        return History(tuple(self._progress), loss, accuracy, name, engine, stopped)

    def _diverged(self, sentence: str, rows: Sequence[int]) -> NoReturn:
        """Say where the number was born that is not finite, and go back to the parameters before it."""
        birth = self._birth(rows)
        self._restore(self._finite)
        self._forget_gradients()
        history = self._history()
        kept = "The model is as it was" if not self._progress else "The model has the parameters before that"
        raise DivergenceError(
            f"{sentence}{birth}. {kept}, with the loss {format_number(history.loss, DIGITS)}. {self._advice()}", history
        )

    def _advice(self) -> str:
        advice = f"Try a learning rate well below {format_number(self._optimizer.lr, DIGITS)}"
        if self._progress:
            lowest = min(self._progress, key=lambda progress: progress.loss)
            advice += f": the loss was lowest in iteration {lowest.iteration}, {format_number(lowest.loss, DIGITS)}"
        largest = max(abs(number) for row in self._dataset.inputs for number in row)
        if largest > _LARGE:
            advice += (
                f". The data reach {format_number(largest, DIGITS)}; dataset.standardized() (--standardize) brings "
                "them to the size of 1"
            )
        return f"{advice}."

    def _birth(self, rows: Sequence[int]) -> str:
        """Return what made the first number that is not finite, in the graph of the first row where it is found."""
        for row in rows:
            graph = self._row_losses.graph(row)
            self._forget_gradients()
            graph.backward()
            anomaly = find_anomaly(graph)
            if anomaly:
                return f": {anomaly.rstrip('.')}, in row {row + 1} of {self._dataset.name}"
        return ""


def _penalty(parameters: list[Value], l2: float, replayed: bool) -> Callable[[], Value] | None:
    """Return the function that computes l2 times the sum of the squares of the parameters; None where l2 is 0."""
    factor = as_float(l2, "l2")
    if not 0.0 <= factor < math.inf:
        raise ValueError(f"l2 must be finite and 0 or more, but {l2!r} came.")

    def penalty() -> Value:
        total: Value = factor * sum(parameter * parameter for parameter in parameters)
        return total

    if factor == 0.0:
        return None
    return replay(penalty) if replayed else penalty


def _learning_rate(rate: float, iteration: int) -> float:
    number = as_float(rate, f"the rate of iteration {iteration}")
    if not 0.0 <= number < math.inf:
        raise ValueError(f"the rate of iteration {iteration} must be finite and 0 or more, but {rate!r} came.")
    return number


def _mean(numbers: Sequence[float]) -> float:
    try:
        return math.fsum(numbers) / len(numbers)
    except (OverflowError, ValueError):  # too large a sum; infinities of both signs
        return math.inf


def _batches(count: int, size: int | None, seed: int) -> Iterator[Sequence[int]]:
    """Return the rows of one iteration after the other, without end."""
    if size is None or _whole("batch_size", size) == count:
        return repeat(range(count))
    if size > count:
        raise ValueError(f"batch_size must be at most {count}, the number of rows, but {size} came.")
    return _drawn(count, size, Random(seed))


def _drawn(count: int, size: int, generator: Random) -> Iterator[Sequence[int]]:
    order = list(range(count))
    while True:
        generator.shuffle(order)
        for start in range(0, count, size):
            yield order[start : start + size]


def _whole(what: str, number: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ValueError(f"{what} must be a whole number from 1 up, but {number!r} came.")
    return number
