"""The reports of a training: `Progress` of one iteration, `History` of all, and the errors that end it early."""

from dataclasses import KW_ONLY, dataclass

from autograd.passes.wording import DIGITS
from autograd.table.scalars import counted, format_number


@dataclass(frozen=True)
class Progress:
    """The report of one iteration of a training.

    `iteration` counts from 1. `loss` is the mean over the rows of the iteration before its step, plus the term of `l2`.
    `accuracy` is the share of these rows that was right, or None if targets are numbers.
    `lr` is the learning rate of the step; `seconds` is the time since the training began. `test_loss` and
    `test_accuracy` are those of the rows that were held out, if there are any, also before the step.

    >>> from nn import MLP, fit, xor
    >>> def watch(progress):
    ...     print(progress.iteration, "of", progress.iterations, "at the rate", progress.lr)
    >>> _ = fit(MLP(2, [1]), xor(), iterations=2, callback=watch)
    1 of 2 at the rate 0.05
    2 of 2 at the rate 0.05
    """

    iteration: int
    iterations: int
    loss: float
    accuracy: float | None
    lr: float
    seconds: float
    _: KW_ONLY
    test_loss: float | None = None
    test_accuracy: float | None = None


@dataclass(frozen=True, repr=False)
class History:
    """The history of a training, and its result.

    `progress` has an entry for each iteration. `loss` and `accuracy` are those of all rows after the last step.
    `loss_name` is the name of the loss, `engine` says how it was computed. `stopped` says whether the training ended
    before its last iteration. `test_loss` and `test_accuracy` are those of the rows that were held out, or None.

    >>> from nn import Dataset, MLP, SGD, fit
    >>> line = Dataset([[0], [1], [2]], [1, 3, 5])
    >>> model = MLP(1, [1])
    >>> history = fit(model, line, optimizer=SGD(model.parameters(), lr=0.3), iterations=200)
    >>> history.loss_name, history.loss < 1e-9, len(history.losses)
    ('mean_squared_error', True, 200)
    """

    progress: tuple[Progress, ...]
    loss: float
    accuracy: float | None
    loss_name: str
    engine: str
    stopped: bool
    _: KW_ONLY
    test_loss: float | None = None
    test_accuracy: float | None = None

    def __repr__(self) -> str:
        parts = [counted(len(self.progress), "iteration"), f"loss {format_number(self.loss, DIGITS)}"]
        parts += [] if self.accuracy is None else [f"accuracy {format_number(self.accuracy, DIGITS)}"]
        parts += [] if self.test_loss is None else [f"held-out loss {format_number(self.test_loss, DIGITS)}"]
        parts += [] if self.test_accuracy is None else [f"accuracy {format_number(self.test_accuracy, DIGITS)}"]
        return f"History({', '.join(parts)}{', stopped' * self.stopped})"

    @property
    def losses(self) -> list[float]:
        """The loss of each iteration."""
        return [progress.loss for progress in self.progress]

    @property
    def accuracies(self) -> list[float | None]:
        """The accuracy of each iteration."""
        return [progress.accuracy for progress in self.progress]

    @property
    def test_losses(self) -> list[float]:
        """The loss of the held-out rows at each iteration; empty if none were held out."""
        return [progress.test_loss for progress in self.progress if progress.test_loss is not None]


class DivergenceError(ArithmeticError):
    """The loss, a gradient or a parameter became nan or infinite; `history` is the training until then.

    >>> from nn import Dataset, MLP, SGD, fit
    >>> model = MLP(1, [1])
    >>> try:
    ...     fit(model, Dataset([[0], [1]], [1, 3]), optimizer=SGD(model.parameters(), lr=1e200))
    ... except DivergenceError as error:
    ...     print(str(error).partition(":")[0])
    the loss became inf in iteration 2
    """

    __module__ = "nn"  # where users import it from

    def __init__(self, sentence: str, history: History) -> None:
        super().__init__(sentence)
        self.history = history


class TrainingInterrupt(KeyboardInterrupt):
    """Ctrl-C stopped a training; `history` is the training until then, and the model has its last parameters."""

    __module__ = "nn"  # where users import it from

    def __init__(self, history: History) -> None:
        super().__init__(f"the training was interrupted after {len(history.progress)} iterations.")
        self.history = history
