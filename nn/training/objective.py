"""`Objective`: what a loss makes of a model's outputs and a data set's targets, and which class an output stands for.

Several outputs are scores of one class each; one output is compared with a threshold, which the loss sets.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import autograd
from autograd import constant, no_grad
from nn.losses import LOSSES, Loss
from nn.training.datasets import Dataset

if TYPE_CHECKING:
    from autograd import Replay


def outputs_of(model: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the outputs of a model as a list, also where there is one."""
    outputs = model(inputs)
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


class Classifier:
    """A function from rows of inputs to classes: 1 where the one output is above `threshold`, else 0.

    Among several outputs it is the first of the highest. `engine` is one of `ENGINES`.

    >>> from nn import Neuron
    >>> Classifier(Neuron([1.0]), 1, threshold=0.0)([[-1.0], [0.5]])
    [0, 1]
    """

    def __init__(self, model: Any, outputs: int, threshold: float, engine: str = "blocks") -> None:
        self._model, self._outputs, self._threshold, self._engine = model, outputs, threshold, engine
        self._replays: list[Replay] = []
        if engine != "graph":
            self._replays = [autograd.replay(self._output(place)) for place in range(outputs)]

    def _output(self, place: int) -> Callable[..., Any]:
        return lambda *inputs: outputs_of(self._model, inputs)[place]

    def __call__(self, rows: Sequence[Sequence[float]]) -> list[int]:
        """Return the class of each row."""
        with no_grad():
            if self._engine == "graph":
                scores = [self._by_graph(row) for row in rows]
            else:
                batches = [one.batch(rows, arrays=self._engine == "arrays") for one in self._replays]
                scores = list(zip(*[batch.values for batch in batches], strict=True))
        if self._outputs == 1:
            return [int(score[0] > self._threshold) for score in scores]
        return [max(range(self._outputs), key=score.__getitem__) for score in scores]

    def _by_graph(self, row: Sequence[float]) -> tuple[float, ...]:
        return tuple(output.data for output in outputs_of(self._model, [constant(number) for number in row]))


class Objective:
    """A loss for a model and a data set: of one row, and the classes that the model's outputs tell.

    `loss` is a name of `LOSSES`, one of these functions, or None for the usual one: mean squared error for numbers,
    hinge for two classes and one output, else cross-entropy. Raises ValueError where model, data and loss do not fit
    together.

    >>> from nn import MLP, moons
    >>> Objective(MLP(2, [4, 1]), moons(), None).name
    'hinge'
    """

    def __init__(self, model: Any, dataset: Dataset, loss: str | Loss | None) -> None:
        self.model = model
        self.classes = len(dataset.class_names)
        self._outputs = _count_outputs(model, dataset)
        self.name = _loss_name(loss) or self._usual()
        self._loss = LOSSES[self.name]
        self._targets = self._loss.targets
        self._check(dataset)

    def _usual(self) -> str:
        if not self.classes:
            return "mean_squared_error"
        return "hinge" if (self.classes, self._outputs) == (2, 1) else "cross_entropy"

    def _check(self, dataset: Dataset) -> None:
        if not self.classes:
            if not self._targets.numbers:
                raise ValueError(f"{self.name} is for classes, but the targets of {dataset.name} are numbers.")
            needed, why = 1, "the targets are numbers"
        elif self._outputs == 1 and self.classes == 2 and self._targets.classes is not None:
            return
        elif self._targets.classes is None or self._targets.numbers:
            needed, why = self.classes, f"{dataset.name} has {self.classes} classes"
        elif self.classes == 2:
            needed, why = 1, "it tells two classes apart by one output"
        else:
            raise ValueError(
                f"{self.name} tells two classes apart, but {dataset.name} has {self.classes}; try cross_entropy."
            )
        if self._outputs != needed:
            raise ValueError(
                f"{self.name} needs a model with {needed} output{'s' if needed > 1 else ''}, since {why}, but this "
                f"model has {self._outputs}. Make {needed} the size of its last layer."
            )

    def target(self, label: float) -> Any:
        """Return the target that stands for a class, or the number itself."""
        if not self.classes or self._targets.classes is None:
            return label
        if self._outputs == 1:
            return self._targets.classes[int(label)]
        return [1.0 if place == label else 0.0 for place in range(self.classes)]

    def row_loss(self, inputs: Sequence[Any], target: Any) -> Any:
        """Return the loss of one row."""
        return self._loss(self.model(inputs), target)

    @property
    def threshold(self) -> float:
        """The output above which a model with one output has chosen the second of two classes."""
        return self._targets.threshold

    def classifier(self, engine: str = "blocks") -> Classifier:
        """Return what tells the classes of rows by the model's outputs. Raises ValueError where there are no classes.

        >>> from nn import MLP, moons
        >>> data = moons(4, noise=0)
        >>> Objective(MLP(2, [1], seed=3), data, "hinge").classifier()(data.inputs)
        [1, 0, 1, 0]
        """
        if not self.classes:
            raise ValueError("the targets are numbers; there are no classes to tell apart.")
        threshold = self.threshold if self._outputs == 1 else 0.0
        return Classifier(self.model, self._outputs, threshold, engine)


def _loss_name(loss: str | Loss | None) -> str | None:
    if loss is None:
        return None
    if isinstance(loss, str) and loss in LOSSES:
        return loss
    names = [name for name, function in LOSSES.items() if function is loss]
    if not names:
        near = get_close_matches(str(loss), LOSSES) or list(LOSSES)
        raise ValueError(f"there is no loss {loss!r} to train with; try {', '.join(near)}.")
    return names[0]


def _count_outputs(model: Any, dataset: Dataset) -> int:
    """Return how many outputs a model has, after a trial with the first row."""
    features = len(dataset.feature_names)
    takes = getattr(model, "n_inputs", features)
    if takes != features:
        raise ValueError(
            f"{dataset.name} has {features} features, but the model takes {takes} inputs. Make them equal, as with "
            f"MLP({features}, ...)."
        )
    with no_grad():
        return len(outputs_of(model, [constant(number) for number in dataset.inputs[0]]))
