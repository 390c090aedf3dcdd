"""The losses of exercises as formulas: run on Values they compute, on symbols they are what a lecture writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.derivatives.vector import sum
from autograd.ops import log, softplus

Pairs = Sequence[tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class LossForm:
    """A loss over pairs of prediction and target, and the error signal that it gives an output unit.

    `value` takes the pairs and one half, as a number or a symbol. `delta` takes the prediction, the target and the
    slope F'(x) of the output's activation. `of_logits`, of a loss that goes with sigmoid outputs only, takes pairs of
    logit and target.
    """

    value: Callable[[Pairs, Any], Any]
    delta: Callable[[Any, Any, Any], Any]
    of_logits: Callable[[Pairs], Any] | None = None


def _half_squared_error(pairs: Pairs, half: Any) -> Any:
    return half * sum([(prediction - target) ** 2 for prediction, target in pairs])


def _binary_cross_entropy(pairs: Pairs, _half: Any) -> Any:
    return sum([-(y * log(p)) - (1 - y) * log(1 - p) for p, y in pairs])


def _cross_entropy_of_logits(pairs: Pairs) -> Any:
    return sum([softplus(z) - y * z for z, y in pairs])


LOSS_FORMS = {
    "half_squared_error": LossForm(_half_squared_error, lambda p, y, slope: (p - y) * slope),
    # Of a sigmoid, whose slope p (1 - p) cancels.
    "binary_cross_entropy": LossForm(_binary_cross_entropy, lambda p, y, _: p - y, _cross_entropy_of_logits),
}
