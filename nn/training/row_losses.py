"""The losses of many rows and their gradients, by replay of blocks of rows or by a graph for each row.

Each class has its own replay, with the target of the class as a plain number.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import autograd
from autograd import Value, constant, no_grad
from autograd.sweep import sweeping, topological_order
from nn.training.datasets import Dataset
from nn.training.objective import Objective

if TYPE_CHECKING:
    from autograd import Replay

ENGINES = {
    "blocks": "replay, in blocks of rows",
    "graph": "a recorded graph for each row",
}
"""The engines that compute the losses of rows, with their names in texts."""


class RowLosses:
    """Computes the losses of rows of a data set, and adds their gradients to the parameters of the model."""

    def __init__(self, objective: Objective, dataset: Dataset, engine: str) -> None:
        self.objective = objective
        self.dataset = dataset
        self.engine = engine
        self._classifier = objective.classifier(engine) if objective.classes else None
        self._replays: dict[float | None, Replay] = {}

    def graph(self, row: int) -> Value:
        """Return the loss of a row, with its recorded graph."""
        inputs = [constant(x, name) for x, name in zip(self._inputs(row), self.dataset.feature_names, strict=True)]
        loss: Value = self.objective.row_loss(inputs, self.objective.target(self.dataset.targets[row]))
        return loss

    def dead_units(self, rows: Sequence[int]) -> list[str]:
        """Return the labels of the computed nodes that pass no gradient to their operands in any of these rows."""
        dead: list[str] | None = None
        for row in rows:
            with sweeping:
                order = topological_order([self.graph(row)])
            stopping = [node._label for node in order if node._varies and node.operands and not any(node.partials)]
            dead = [label for label in (stopping if dead is None else dead) if label and label in stopping]
            if not dead:
                break
        return dead or []

    def post(self, rows: Sequence[int]) -> list[float]:
        """Return the losses of these rows, and add the gradient of their mean to the parameters."""
        seed = 1.0 / len(rows)
        if self.engine == "graph":
            losses = []
            for row in rows:
                loss = self.graph(row)
                loss.backward(seed)
                losses.append(loss.data)
            return losses
        return self._by_class(rows, lambda batch: batch.backward(seed))

    def values(self, rows: Sequence[int]) -> list[float]:
        """Return the losses of these rows."""
        with no_grad():
            if self.engine == "graph":
                return [self.graph(row).data for row in rows]
            return self._by_class(rows)

    def accuracy(self, rows: Sequence[int]) -> float | None:
        """Return the share of these rows that is right, or None if the targets are numbers."""
        if self._classifier is None:
            return None
        chosen = self._classifier([self._inputs(row) for row in rows])
        right = [self.dataset.targets[row] == choice for row, choice in zip(rows, chosen, strict=True)]
        return right.count(True) / len(right)

    def _inputs(self, row: int) -> Sequence[float]:
        return self.dataset.inputs[row]

    def _by_class(self, rows: Sequence[int], use: Callable[[Any], None] | None = None) -> list[float]:
        """Return the losses of these rows, computed class by class; `use` is called with the batch of each class."""
        results = [0.0] * len(rows)
        groups: dict[float | None, list[int]] = {}
        for place, row in enumerate(rows):
            groups.setdefault(self.dataset.targets[row] if self.objective.classes else None, []).append(place)
        for label in sorted(groups, key=lambda label: label or 0.0):
            numbers = [self._numbers(rows[place], label) for place in groups[label]]
            batch = self._replay(label).batch(numbers)
            for place, result in zip(groups[label], batch.values, strict=True):
                results[place] = result
            if use is not None:
                use(batch)
        return results

    def _numbers(self, row: int, label: float | None) -> Sequence[float]:
        """Return the arguments of a replay: the inputs, and the target if it is not a class."""
        return (*self._inputs(row), self.dataset.targets[row]) if label is None else self._inputs(row)

    def _replay(self, label: float | None) -> "Replay":
        if label not in self._replays:
            self._replays[label] = autograd.replay(self._loss_of(label))
        return self._replays[label]

    def _loss_of(self, label: float | None) -> Callable[..., Any]:
        objective = self.objective
        if label is None:
            return lambda *numbers: objective.row_loss(numbers[:-1], numbers[-1])
        target = objective.target(label)
        return lambda *inputs: objective.row_loss(inputs, target)
