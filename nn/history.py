"""What a training tells of itself: the `Progress` of an iteration, the `History` of all, and how it can end early.

Reads nothing.
"""

from dataclasses import dataclass


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
