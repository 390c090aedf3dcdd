"""`Classifier`: the classes that a model chooses for rows of inputs, by replay of its outputs.

Reads a model; several outputs are scores of one class each, one output is compared with a threshold.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import autograd
from autograd import constant, no_grad

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
