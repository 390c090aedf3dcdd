"""Losses: functions of predictions and targets that give one Value to minimize.

Each takes a sequence of predictions and one of targets (or one of each), and reads nothing but autograd. The mean is
over the entries; `half_squared_error` sums, as the lecture does.
"""

from collections.abc import Callable, Sequence
from operator import index
from typing import Any

from autograd import Value, ops, sum
from autograd.derivatives.dual import Dual
from autograd.derivatives.vector import log_softmax
from autograd.table.interpretation import Interpretation
from autograd.table.scalars import as_float, format_number, is_number


def half_squared_error(predictions: Any, targets: Any) -> Any:
    """Return 1/2 the sum of (prediction - target)**2, the lecture's loss.

    >>> half_squared_error(10, 0)
    50.0
    """
    pairs = _pairs(predictions, targets)
    return ops.mul(0.5, sum(ops.pow(ops.sub(p, t), 2) for p, t in pairs))


def mean_squared_error(predictions: Any, targets: Any) -> Any:
    """Return the mean of (prediction - target)**2.

    >>> mean_squared_error([1, 3], [0, 0])
    5.0
    """
    return _mean([ops.pow(ops.sub(p, t), 2) for p, t in _pairs(predictions, targets)])


def binary_cross_entropy(probabilities: Any, targets: Any) -> Any:
    """Return the mean of -y log(p) - (1 - y) log(1 - p), where a term with the factor 0 counts as 0.

    Probabilities and targets are from 0 to 1. A probability of exactly 0 or 1 on the wrong side gives inf;
    `binary_cross_entropy_with_logits` avoids that. Raises ValueError where a number is outside.

    >>> round(binary_cross_entropy([0.9, 0.2], [1, 0]), 6)
    0.164252
    """
    return _mean([_cross_entropy_of(p, y) for p, y in _pairs(probabilities, targets)])


def _cross_entropy_of(p: Any, y: Any) -> Any:
    _check_unit_interval("a probability", p)
    _check_unit_interval("a target", y)
    is_number = not isinstance(y, Interpretation)
    if is_number and y == 1.0:
        return ops.neg(ops.log(p))
    if is_number and y == 0.0:
        return ops.neg(ops.log(ops.sub(1.0, p)))
    return ops.sub(ops.neg(ops.mul(y, ops.log(p))), ops.mul(ops.sub(1.0, y), ops.log(ops.sub(1.0, p))))


def _check_unit_interval(what: str, number: Any) -> None:
    compared = number if isinstance(number, (Value, Dual)) else as_float(number, what)  # a replay keeps the comparison
    if compared < 0.0 or compared > 1.0:  # a nan passes, and shows itself in the loss
        came = format_number(_plain_number(number, what))
        hint = "" if what == "a target" else " Of scores before a sigmoid, take binary_cross_entropy_with_logits."
        raise ValueError(f"{what} of the cross-entropy must be from 0 to 1, but {came} came.{hint}")


def binary_cross_entropy_with_logits(logits: Any, targets: Any) -> Any:
    """Return the binary cross-entropy of sigmoid(z), computed from z as softplus(z) - y z, which does not overflow.

    >>> binary_cross_entropy_with_logits(1000, 1), binary_cross_entropy_with_logits(1000, 0)
    (0.0, 1000.0)
    """
    pairs = _pairs(logits, targets)
    for _, y in pairs:
        _check_unit_interval("a target", y)
    return _mean([ops.sub(ops.softplus(z), ops.mul(y, z)) for z, y in pairs])


def cross_entropy(logits: Any, targets: Any) -> Any:
    """Return the mean of -log softmax(z) at the target class: of one sample's logits, or of a list of such lists.

    A target is the number of a class, counted from 0.

    >>> round(cross_entropy([0.0, 0.0], 1), 6)
    0.693147
    """
    samples, classes = _samples(logits, targets)
    return negative_log_likelihood([log_softmax(sample) for sample in samples], classes)


def negative_log_likelihood(log_probabilities: Any, targets: Any) -> Any:
    """Return the mean of minus the target class's log-probability; arguments as for `cross_entropy`.

    >>> negative_log_likelihood([[-1.0, -2.0], [-3.0, -4.0]], [0, 1])
    2.5
    """
    samples, classes = _samples(log_probabilities, targets)
    return _mean([ops.neg(_score_of_class(sample, target)) for sample, target in zip(samples, classes, strict=True)])


def _score_of_class(sample: Sequence[Any], target: Any) -> Any:
    is_whole = hasattr(target, "__index__") and not isinstance(target, bool)
    if not is_whole or not 0 <= index(target) < len(sample):
        raise ValueError(
            f"a target must be the number of one of {len(sample)} classes, from 0 up, but {target!r} came."
        )
    return sample[index(target)]


def hinge(scores: Any, targets: Any) -> Any:
    """Return the mean of max(0, 1 - y s) of scores s and targets y = -1 or 1. Raises ValueError for other targets.

    >>> hinge([0.5, -2.0], [1, -1])
    0.25
    """
    pairs = _pairs(scores, targets)
    for _, y in pairs:
        plain = _plain_number(y, "a target")
        if abs(plain) != 1.0:
            raise ValueError(f"a target of the hinge loss must be -1 or 1, but {format_number(plain)} came.")
    return _mean([ops.relu(ops.sub(1.0, ops.mul(y, s))) for s, y in pairs])


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    function.__name__: function
    for function in (
        half_squared_error,
        mean_squared_error,
        binary_cross_entropy,
        binary_cross_entropy_with_logits,
        cross_entropy,
        negative_log_likelihood,
        hinge,
    )
}


def _mean(terms: list[Any]) -> Any:
    return ops.div(sum(terms), len(terms)) if len(terms) > 1 else terms[0]


def _pairs(predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    firsts, seconds = _as_list(predictions), _as_list(targets)
    if len(firsts) != len(seconds):
        raise ValueError(f"a loss needs a target for each prediction, but {len(firsts)} and {len(seconds)} came.")
    if not firsts:
        raise ValueError("a loss needs at least one prediction, but an empty batch came.")
    return list(zip(firsts, seconds, strict=True))


def _samples(logits: Any, targets: Any) -> tuple[list[Any], list[Any]]:
    rows = list(logits)
    if rows and (isinstance(rows[0], Interpretation) or is_number(rows[0])):
        rows, targets = [rows], [targets]
    pairs = _pairs(rows, targets)
    return [row for row, _ in pairs], [target for _, target in pairs]


def _as_list(numbers: Any) -> list[Any]:
    return [numbers] if isinstance(numbers, Interpretation) or is_number(numbers) else list(numbers)


def _plain_number(number: Any, what: str) -> float:
    return number.__float__() if isinstance(number, (Value, Dual)) else as_float(number, what)
