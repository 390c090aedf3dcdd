"""Rules for the initial weights: uniform as in micrograd, Xavier, He."""

import math
from collections.abc import Callable
from random import Random

Draw = Callable[[Random, int, int], float]


def uniform(generator: Random, n_inputs: int, n_outputs: int) -> float:  # noqa: ARG001 - one signature for all
    """Return a uniform weight in [-1, 1), for any sizes.

    >>> -1 <= uniform(Random(0), 2, 3) < 1
    True
    """
    return generator.uniform(-1.0, 1.0)


def xavier(generator: Random, n_inputs: int, n_outputs: int) -> float:
    """Return a uniform weight between -r and r, r = sqrt(6 / (inputs + outputs)) (X. Glorot, Y. Bengio, 2010).

    >>> abs(xavier(Random(0), 2, 4)) <= 1
    True
    """
    limit = math.sqrt(6.0 / (n_inputs + n_outputs))
    return generator.uniform(-limit, limit)


def he(generator: Random, n_inputs: int, n_outputs: int) -> float:  # noqa: ARG001 - one signature for all
    """Return a normal weight with the standard deviation sqrt(2 / inputs) (K. He et al., 2015).

    >>> he(Random(0), 2, 4) == he(Random(0), 2, 9)
    True
    """
    return generator.gauss(0.0, math.sqrt(2.0 / n_inputs))


INITIALIZATIONS: dict[str, Draw] = {"uniform": uniform, "xavier": xavier, "he": he}


def initialization(name: str) -> Draw:
    """Return the rule with this name: "uniform", "xavier" or "he". Raises ValueError for another name."""
    if name not in INITIALIZATIONS:
        raise ValueError(f"there is no initialization {name!r}; try {', '.join(INITIALIZATIONS)}.")
    return INITIALIZATIONS[name]
