"""The problem that engines solve: micrograd's demo, in numbers, and its loss in a plain loop of scalars.

A network 2-16-16-1 with ReLU units and a linear output, the hinge loss, and a penalty on the parameters. The second
problem is a step of the program `notebooks/transformer.py`.
"""

import random
import runpy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

PROGRAM = Path(__file__).resolve().parents[2] / "notebooks" / "transformer.py"
SIZES = (2, 16, 16, 1)

Layer = list[tuple[list[Any], Any]]
"""The units of a layer, each with its weights and its bias."""


@dataclass(frozen=True)
class Problem:
    """Samples, first parameters, and the loss: scale * sum of the hinges + decay * sum of the parameters' squares.

    The parameters stand layer by layer and unit by unit: its weights, then its bias. `rate` is that of the updates.
    """

    inputs: list[tuple[float, float]]
    targets: list[float]
    parameters: list[float]
    scale: float
    decay: float
    rate: float


def demo() -> Problem:
    """Return micrograd's demo: the mean over 20 samples, and the penalty."""
    return _problem(20, scale=1 / 20, decay=1e-4, rate=0.01)


def many_rows(scale: float = 1.0) -> Problem:
    """Return the sum over 1,000 samples, or a part of so many, without a penalty, for the same network."""
    return _problem(round(1_000 * scale), scale=1.0, decay=0.0, rate=1e-5)


def transformer() -> SimpleNamespace:
    """Return the names of the program `notebooks/transformer.py`."""
    return SimpleNamespace(**runpy.run_path(str(PROGRAM)))


def _problem(rows: int, scale: float, decay: float, rate: float) -> Problem:
    generator = random.Random(1)
    parameters: list[float] = []
    for inputs, units in pairwise(SIZES):
        for _ in range(units):
            parameters += [generator.uniform(-1, 1) for _ in range(inputs)] + [0.0]
    samples = [(generator.uniform(-1, 1), generator.uniform(-1, 1)) for _ in range(rows)]
    targets = [generator.choice((-1.0, 1.0)) for _ in range(rows)]
    return Problem(samples, targets, parameters, scale, decay, rate)


def layers_of(parameters: Iterable[Any]) -> list[Layer]:
    """Return parameters of any kind as the network's layers."""
    following = iter(parameters)
    return [
        [([next(following) for _ in range(inputs)], next(following)) for _ in range(units)]
        for inputs, units in pairwise(SIZES)
    ]


def hinge(layers: list[Layer], inputs: Sequence[Any], target: Any, relu: Callable[[Any], Any]) -> Any:
    """Return the loss of one sample, weight by weight."""
    outputs = list(inputs)
    for layer in layers[:-1]:
        outputs = [relu(sum((w * x for w, x in zip(weights, outputs, strict=False)), bias)) for weights, bias in layer]
    [(weights, bias)] = layers[-1]
    score = sum((w * x for w, x in zip(weights, outputs, strict=False)), bias)
    return relu(1 + -target * score)


def total_loss(
    problem: Problem, parameters: Sequence[Any], layers: list[Layer], leaf: Callable[[float], Any],
    relu: Callable[[Any], Any],
) -> Any:  # fmt: skip
    """Return the loss of all samples, in scalars of one kind: `leaf` makes an input, `relu` applies to any scalar."""
    losses = [
        hinge(layers, [leaf(x) for x in inputs], target, relu)
        for inputs, target in zip(problem.inputs, problem.targets, strict=True)
    ]
    return sum(losses) * problem.scale + problem.decay * sum(p * p for p in parameters)
