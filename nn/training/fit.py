"""`fit`: trains a model on a data set; a callback can watch each iteration and stop the training.

`Training` runs the iterations. If a number becomes nan or infinite, its error explains where that happened.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from random import Random
from time import perf_counter
from typing import Any, NoReturn
from warnings import warn

import autograd
from autograd import ReplayError, Value, sum
from autograd.passes.wording import DIGITS
from autograd.state.observation import tell
from autograd.table.scalars import as_finite, as_whole, format_number, got
from autograd.table.visible import visible
from nn.losses import Loss
from nn.optim import Adam, Optimizer
from nn.training.datasets import Dataset
from nn.training.history import DivergenceError, History, Progress, TrainingInterrupt
from nn.training.objective import Objective
from nn.training.row_losses import ENGINES, RowLosses

LARGE = 10.0
"""If training diverges and inputs are larger than this, the error suggests to standardize them."""


class Training:
    """A running training.

    `parameters` are all parameters of the model; the optimizer adjusts some or all of them. `l2` and `lr` are those of
    `fit`. `test` computes the losses of the rows that are held out, if there are any.
    """

    def __init__(
        self,
        row_losses: RowLosses,
        parameters: list[Value],
        optimizer: Optimizer,
        lr: Callable[[int], float] | None,
        l2: float,
        iterations: int,
        test: RowLosses | None,
    ) -> None:
        self._row_losses, self._optimizer, self._lr, self._test = row_losses, optimizer, lr, test
        self._parameters = list(dict.fromkeys([*parameters, *optimizer.parameters]))
        self._l2 = as_finite(l2, "l2", from_zero=True)
        self._squares = _squares(parameters, self._l2)
        self._penalty = self._squares if row_losses.engine == "graph" else autograd.replay(self._squares)
        self._iterations = iterations
        self._warned = False
        self._progress: list[Progress] = []
        self._finite = self._state()  # the last parameters with finite loss and gradients
        self._before = self._finite, 0  # the parameters before the present iteration, and the number of those before

    def run(self, batches: Iterator[Sequence[int]], callback: Callable[[Progress], object]) -> History:
        """Run all iterations, or until the callback stops the training."""
        began = perf_counter()
        stopped = False
        while len(self._progress) < self._iterations and not stopped:
            self._before = self._state(), len(self._progress)
            try:
                self._progress.append(self._iteration(next(batches), began))
                stopped = callback(self._progress[-1]) is True
            except ReplayError as error:
                error.add_note("To train a model that cannot be replayed, use fit(..., engine='graph').")
                raise
        history = self._history()
        if not math.isfinite(history.loss):
            self._diverged(f"the loss is {history.loss} after iteration {self._iterations}", self._all_rows())
        return history

    def interrupted(self) -> TrainingInterrupt:
        """Go back to the last complete iteration, and return the error for Ctrl-C."""
        state, count = self._before
        if len(self._progress) == count:  # in the middle of an iteration, or before the first
            self._restore(state)
        return TrainingInterrupt(self._history())

    def _iteration(self, rows: Sequence[int], began: float) -> Progress:
        """Compute the loss and its gradient, and adjust the parameters."""
        number, optimizer = len(self._progress) + 1, self._optimizer
        if self._lr is not None:
            optimizer.lr = as_finite(self._lr(number - 1), f"the learning rate of iteration {number}", from_zero=True)
        self._forget_gradients()
        losses = self._row_losses.post(rows)
        mean = _mean(losses)
        if len(rows) == len(self._all_rows()):
            if number == 1:
                self._check_reached()
            self._warn_if_dead(number, mean)
        penalty = self._post_penalty()
        loss = mean + penalty
        if not math.isfinite(loss):
            self._diverged(f"the loss became {loss} in iteration {number}", rows)
        infinite = [p for p in self._parameters if not math.isfinite(p.grad)]
        if infinite:
            self._diverged(f"the gradient of {infinite[0].name} became {infinite[0].grad} in iteration {number}", rows)
        accuracy = self._row_losses.accuracy(rows)
        tested = self._tested(penalty)
        self._finite = self._state()
        optimizer.step()
        for parameter in self._parameters:
            if not math.isfinite(parameter.data):
                self._diverged(f"the step of iteration {number} made {parameter.name} {parameter.data}", ())
        return Progress(number, self._iterations, loss, accuracy, optimizer.lr, perf_counter() - began, **tested)

    def _tested(self, penalty: float) -> dict[str, float | None]:
        """Return the loss and the accuracy of the rows that are held out; nothing without such rows."""
        if self._test is None:
            return {}
        rows = range(len(self._test.dataset))
        return {"test_loss": _mean(self._test.values(rows)) + penalty, "test_accuracy": self._test.accuracy(rows)}

    def _check_reached(self) -> None:
        """Raise ValueError if no parameter got a gradient from all rows: nothing would be learned."""
        if not any(parameter.has_grad for parameter in self._optimizer.parameters):
            raise ValueError(
                "no gradient reaches the parameters: the model's outputs are not computed from them. Does the model "
                "use float(...) or .data of a Value? Use the Value itself."
            )

    def _warn_if_dead(self, number: int, loss: float) -> None:
        """Warn once if the loss of all rows gives no parameter a gradient, because units are dead."""
        zero = all(parameter.grad == 0.0 for parameter in self._optimizer.parameters)
        if self._warned or not zero or not 0.0 < loss < math.inf:
            return
        self._warned = True
        dead = self._row_losses.dead_units(self._all_rows())
        if dead:
            more = f" and {len(dead) - 8} more" if len(dead) > 8 else ""
            warn(
                f"training cannot move: all gradients of the loss {format_number(loss, DIGITS)} are exactly 0 in "
                f"iteration {number}. Dead units, with the derivative 0 in every row: {', '.join(dead[:8])}{more}. "
                "Try another seed for the weights, or the activation 'leaky_relu' or 'tanh'.",
                stacklevel=5,  # the caller of fit()
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
        penalty = self._penalty().data if self._l2 else 0.0
        loss = _mean(losses.values(rows)) + penalty
        stopped, tested = len(self._progress) < self._iterations, self._tested(penalty)
        name, engine = losses.objective.name, ENGINES[losses.engine]
        return History(tuple(self._progress), loss, losses.accuracy(rows), name, engine, stopped, **tested)

    def _diverged(self, sentence: str, rows: Sequence[int]) -> NoReturn:
        """Go back to the last good parameters, and raise DivergenceError with the origin of the nan or infinity."""
        birth = self._birth(rows)
        self._restore(self._finite)
        self._forget_gradients()
        history = self._history()
        kept = "The model is as it was" if not self._progress else "The model has the parameters before that"
        advice = self._advice(stepped=bool(self._progress) or not rows)  # without rows, the step itself is the cause
        raise DivergenceError(
            f"{sentence}{birth}. {kept}, with the loss {format_number(history.loss, DIGITS)}. {advice}", history
        )

    def _advice(self, *, stepped: bool) -> str:
        """Return what to try; a lower learning rate only if there was a step with the present one."""
        if stepped:
            advice = f"Try a learning rate well below {format_number(self._optimizer.lr, DIGITS)}"
        else:
            advice = "No step was made yet, so another learning rate will not help: check weights, inputs and targets"
        if self._progress:
            lowest = min(self._progress, key=lambda progress: progress.loss)
            advice += f": the loss was lowest in iteration {lowest.iteration}, {format_number(lowest.loss, DIGITS)}"
        largest = self._row_losses.dataset.largest
        if largest > LARGE:
            reached = format_number(largest, DIGITS)
            advice += f". The inputs reach {reached}; dataset.standardized() (--standardize) scales them to about 1"
        return f"{advice}."

    def _birth(self, rows: Sequence[int]) -> str:
        """Return the operation that made the first nan or infinity, in the graph of the first row that has one."""
        for row in rows:
            graph = self._row_losses.graph(row)
            self._forget_gradients()
            graph.backward()
            anomaly = autograd.find_anomaly(graph)
            if anomaly:
                return f": {anomaly.rstrip('.')}, in row {row + 1} of {visible(self._row_losses.dataset.name)}"
        anomaly = autograd.find_anomaly(self._squares()) if self._l2 else ""
        return f": {anomaly.rstrip('.')}, in the sum of the squares of the parameters" if anomaly else ""


def _squares(parameters: list[Value], factor: float) -> Callable[[], Value]:
    """Return a function that computes the sum of the squares of the parameters, times a factor."""

    def squares() -> Value:
        total: Value = factor * sum(parameter * parameter for parameter in parameters)
        return total

    return squares


def _mean(numbers: Sequence[float]) -> float:
    try:
        return math.fsum(numbers) / len(numbers)
    except (OverflowError, ValueError):  # the sum overflows, or has infinities of both signs
        return math.inf


def fit(
    model: Any,
    dataset: Dataset,
    loss: str | Loss | None = None,
    optimizer: Optimizer | None = None,
    *,
    iterations: int = 100,
    batch_size: int | None = None,
    lr: Callable[[int], float] | None = None,
    l2: float = 0.0,
    seed: int = 0,
    engine: str = "blocks",
    test: Dataset | None = None,
    callback: Callable[[Progress], object] | None = None,
) -> History:
    """Train a model on a data set, and return the history of the training.

    `test` are rows that are held out: nothing is learned from them, and each iteration reports their loss and accuracy;
    `dataset.split(0.3)` makes both parts.

    The loss is the mean over the rows of an iteration, plus `l2` times the sum of the squares of all parameters. `loss`
    is one of `LOSSES`, by name or as the function. The default is the mean squared error for numbers, hinge for two
    classes and a model with one output, and cross-entropy otherwise. The targets of two classes are -1 and 1 for hinge,
    0 and 1 for other losses. The default `optimizer` is Adam with its `usual_lr`. `lr` is a function that
    returns the learning rate of each iteration, counted from 0. An iteration uses all rows, or `batch_size` of them;
    `seed` shuffles the rows, and each row is used once before any is used again. `callback` is called after each
    iteration; it stops the training by returning True.

    With the engine "blocks", the loss is recorded once for each class and then replayed (`autograd.replay`). The same
    seed gives the same bits on the compiled and the interpreted engine. The engine "graph" records a graph for each
    row, as a loop of `backward()` does. It is slow. Use it for models that cannot be replayed, such as those with
    random numbers, as of dropout: a replay refuses them.

    Raises ValueError before the training if model, data, loss and settings do not fit together. Raises DivergenceError
    if the loss, a gradient or a parameter becomes nan or infinite; the model then has the last parameters with a finite
    loss and gradients. Ctrl-C raises TrainingInterrupt, a KeyboardInterrupt; the model then has the parameters of the
    last complete iteration. Warns once if all gradients of the loss of all rows are 0 because of dead units.

    >>> from nn import MLP, SGD, fit, moons
    >>> model = MLP(2, [8, 8, 1], seed=1)
    >>> optimizer = SGD(model.parameters(), lr=1.0)
    >>> history = fit(model, moons(50), "hinge", optimizer, lr=lambda k: 1.0 - 0.9 * k / 100, l2=1e-4)
    >>> history.accuracy, history.engine
    (1.0, 'replay, in blocks of rows')

    With rows that are held out:

    >>> learned, held_out = moons(50).split(0.3)
    >>> history = fit(MLP(2, [8, 8, 1], seed=1), learned, test=held_out)
    >>> history.test_accuracy
    1.0
    """
    _check(model, dataset, test, engine)
    _check_helpers(optimizer, lr, callback)
    if test is not None:
        test.require_like(dataset)
    batches = _batches(len(dataset), batch_size, seed)
    count = as_whole(iterations, "iterations", 1)

    def begin() -> Training:
        parameters = model.parameters()
        adjusting = optimizer or Adam(parameters, lr=Adam.usual_lr)
        if not {*adjusting.parameters} & {*parameters}:
            raise ValueError("the optimizer adjusts no parameter of the model. Make it with model.parameters().")
        objective = Objective(model, dataset, loss)
        tests = None if test is None else RowLosses(objective, test, engine)
        return Training(RowLosses(objective, dataset, engine), parameters, adjusting, lr, l2, count, tests)

    def told(progress: Progress) -> object:
        tell("iteration", model, progress)
        return callback is not None and callback(progress)

    training = None
    tell("fit", model)
    try:
        training = begin()
        return training.run(batches, told)
    except KeyboardInterrupt:
        raise (training or begin()).interrupted() from None
    finally:
        tell("fitted", model)


def _check(model: Any, dataset: Dataset, test: Dataset | None, engine: str) -> None:
    if isinstance(model, type) or not hasattr(model, "parameters") or not callable(model):
        raise TypeError(f"expected a module such as MLP(2, [16, 1]) for fit(), got {got(model)}.")
    for data in (dataset, *([] if test is None else [test])):
        if not isinstance(data, Dataset):
            raise TypeError(f"expected a Dataset for fit(), got {got(data)}. Make one: Dataset(inputs, targets).")
    if engine not in ENGINES:
        raise ValueError(f"there is no engine {engine!r}; try {', '.join(ENGINES)}.")


def _check_helpers(optimizer: Any, lr: Any, callback: Any) -> None:
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        example = "optimizer=SGD(model.parameters(), lr=0.1)"
        raise TypeError(f"expected an optimizer for fit(), such as {example}, got {optimizer!r}.")
    if lr is not None and not callable(lr):
        raise TypeError(
            f"expected a function of the iteration for lr, got {lr!r}. Give a fixed learning rate to the optimizer."
        )
    if callback is not None and not callable(callback):
        raise TypeError(f"expected a function of a Progress for callback, got {callback!r}.")


def _batches(count: int, size: int | None, seed: int) -> Iterator[Sequence[int]]:
    """Return an endless iterator with the rows of each iteration."""
    if size is None or as_whole(size, "batch_size", 1) == count:
        return repeat(range(count))
    if size > count:
        raise ValueError(f"expected at most {count}, the number of rows, for batch_size, got {size}.")
    return _drawn(count, size, Random(seed))


def _drawn(count: int, size: int, generator: Random) -> Iterator[Sequence[int]]:
    order = list(range(count))
    while True:
        generator.shuffle(order)
        for start in range(0, count, size):
            yield order[start : start + size]
