"""`fit`: a model learns a data set, iteration by iteration, with a callback that watches and may stop it.

Reads models, data sets, losses and optimizers, checks that they fit together, and lets a `Training` run.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import repeat
from random import Random
from typing import Any

from autograd.scalars import as_whole
from nn.datasets import Dataset
from nn.history import History, Progress
from nn.objective import Loss, Objective
from nn.optim import Adam, Optimizer
from nn.row_losses import ENGINES, RowLosses
from nn.training import Training


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
    each row, as a loop of `backward()` does: it is slow, and for models that cannot be replayed, or whose random
    numbers, as of dropout, are to be drawn anew: a replay repeats them.

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
    _check(model, dataset, engine)
    _check_helpers(optimizer, rate, callback)
    batches = _batches(len(dataset), batch_size, seed)
    parameters = model.parameters()
    optimizer = optimizer or Adam(parameters, lr=0.01)
    if not {*optimizer.parameters} & {*parameters}:
        raise ValueError("the optimizer adjusts no parameter of the model. Make it of model.parameters().")
    row_losses = RowLosses(Objective(model, dataset, loss), dataset, engine)
    training = Training(row_losses, parameters, optimizer, rate, l2)
    return training.run(as_whole(iterations, "iterations", 1), batches, callback)


def _check(model: Any, dataset: Dataset, engine: str) -> None:
    if isinstance(model, type) or not hasattr(model, "parameters") or not callable(model):
        came = f"the class {model.__name__}" if isinstance(model, type) else f"a {type(model).__name__}"
        raise TypeError(f"fit() trains a module such as MLP(2, [16, 1]), but {came} came.")
    if not isinstance(dataset, Dataset):
        came = type(dataset).__name__
        raise TypeError(f"fit() takes a Dataset, but a {came} came. Make one: Dataset(inputs, targets).")
    if engine not in ENGINES:
        raise ValueError(f"there is no engine {engine!r}; try {', '.join(ENGINES)}.")
    if engine == "arrays" and find_spec("numpy") is None:
        raise ModuleNotFoundError("the engine 'arrays' needs NumPy: pip install 'gradstep[arrays]'.", name="numpy")


def _check_helpers(optimizer: Any, rate: Any, callback: Any) -> None:
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        example = "optimizer=SGD(model.parameters(), lr=0.1)"
        raise TypeError(f"fit() takes an optimizer such as {example}, but {optimizer!r} came.")
    if rate is not None and not callable(rate):
        raise TypeError(f"rate is a function of the iteration, but {rate!r} came. A fixed rate is the optimizer's.")
    if callback is not None and not callable(callback):
        raise TypeError(f"callback is a function of a Progress, but {callback!r} came.")


def _batches(count: int, size: int | None, seed: int) -> Iterator[Sequence[int]]:
    """Return the rows of one iteration after the other, without end."""
    if size is None or as_whole(size, "batch_size", 1) == count:
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
