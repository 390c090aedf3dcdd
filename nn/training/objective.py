"""`Objective`: joins a model, a data set and a loss: the loss of a row, and the class that the outputs choose.

Several outputs are the scores of the classes. A single output is compared with a threshold, which the loss sets.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import autograd
from autograd import constant, no_grad
from autograd.table.scalars import counted, near, spelled
from nn.losses import LOSSES, Loss
from nn.training.datasets import Dataset

if TYPE_CHECKING:
    from autograd import Replay

USUAL_LOSSES = {"two classes": "hinge", "several classes": "cross_entropy", "numbers": "mean_squared_error"}
"""The default loss by the targets; for two classes, a model with two outputs has that of several."""


def outputs_of(model: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the outputs of a model as a list, even if there is only one."""
    outputs = model(inputs)
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


class Classifier:
    """A function from rows of inputs to classes. With one output, the class is 1 above `threshold`, else 0.

    With several outputs, the class is that of the highest output (the first of equal ones). `engine` is one of
    `ENGINES`.

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
                batches = [one.batch(rows) for one in self._replays]
                scores = list(zip(*[batch.values for batch in batches], strict=True))
        if self._outputs == 1:
            return [int(score[0] > self._threshold) for score in scores]
        return [max(range(self._outputs), key=score.__getitem__) for score in scores]

    def _by_graph(self, row: Sequence[float]) -> tuple[float, ...]:
        return tuple(output.data for output in outputs_of(self._model, [constant(number) for number in row]))


class Objective:
    """A loss for a model and a data set. It computes the loss of a row, and makes the classifier.

    `loss` is a name in `LOSSES`, one of these functions, or None for the default: mean squared error for numbers, hinge
    for two classes and one output, cross-entropy otherwise. Raises ValueError if model, data and loss do not fit
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
        several = "two classes" if (self.classes, self._outputs) == (2, 1) else "several classes"
        return USUAL_LOSSES[several if self.classes else "numbers"]

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
            needed, why = 1, "it separates two classes by one output"
        else:
            raise ValueError(
                f"{self.name} is for two classes, but {dataset.name} has {self.classes}; try cross_entropy."
            )
        if self._outputs != needed:
            raise ValueError(
                f"expected a model with {needed} output{'s' if needed > 1 else ''} for {self.name}, since {why}, got "
                f"{self._outputs}. Make {needed} the size of its last layer."
            )

    def target(self, label: float) -> Any:
        """Return the target of the loss for a class, or the number itself."""
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
        """A model with one output chooses the second of two classes if its output is above this number."""
        return self._targets.threshold

    def classifier(self, engine: str = "blocks") -> Classifier:
        """Return the function from rows to classes. Raises ValueError if there are no classes.

        >>> from nn import MLP, moons
        >>> data = moons(4, noise=0)
        >>> Objective(MLP(2, [1], seed=3), data, "hinge").classifier()(data.inputs)
        [1, 0, 1, 0]
        """
        if not self.classes:
            raise ValueError("expected classes as targets, got numbers.")
        threshold = self.threshold if self._outputs == 1 else 0.0
        return Classifier(self.model, self._outputs, threshold, engine)


def _loss_name(loss: str | Loss | None) -> str | None:
    if loss is None:
        return None
    loss = spelled(loss, LOSSES)
    if isinstance(loss, str) and loss in LOSSES:
        return loss
    names = [name for name, function in LOSSES.items() if function is loss]
    if not names:
        raise ValueError(f"there is no loss {loss!r}; try {near(loss, LOSSES)}.")
    return names[0]


def _count_outputs(model: Any, dataset: Dataset) -> int:
    """Return the number of outputs that a model computes for the first row."""
    features = len(dataset.feature_names)
    takes = getattr(model, "n_inputs", features)
    if takes != features:
        raise ValueError(
            f"expected a model with {counted(features, 'input')} for {dataset.name}, got {takes}. Make one with "
            f"MLP({features}, ...)."
        )
    with no_grad():
        return len(outputs_of(model, [constant(number) for number in dataset.inputs[0]]))
