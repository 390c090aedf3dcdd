"""The table of losses. Each row has the formula of a loss and the targets that it takes.

A row is a function of predictions and targets; it returns one Value to minimize. It takes a sequence of each, or one of
each. To add a loss, add its row: `fit`, `gradstep train`, exercises and `equations` find it in `LOSSES`.

A formula has one prediction and its target as arguments. It uses functions (`sub`, `mul`, ...) instead of operators,
since these give IEEE results for plain numbers too; with symbols it gives the formula of the lecture. Write a choice
with `maximum`, `relu` or `abs`, not with `if`: a recorded graph cannot change the branch of an `if`.
"""

import math
from collections.abc import Callable, Sequence
from functools import update_wrapper
from inspect import Signature, signature
from operator import index
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from autograd import Value
from autograd.derivatives.calculus import derivative
from autograd.derivatives.dual import Dual
from autograd.derivatives.vector import log_softmax
from autograd.derivatives.vector import sum as total
from autograd.ops import div, log, mul, neg, pow, relu, softplus, sub
from autograd.table.interpretation import Interpretation
from autograd.table.scalars import as_float, counted, format_number, is_number

Formula: TypeAlias = Callable[[Any, Any], Any]


class Targets(NamedTuple):
    """The targets of a loss: any numbers, or those that `allows` accepts and `words` describes.

    With `numbers`, targets may be numbers to predict, not only classes. `classes` has the two targets for the two
    classes of a model with one output; the model chooses the second class if its output is above `threshold`. `classes`
    is None if a prediction is a list of scores, one for each class, and a target is the number of a class.
    """

    allows: Callable[[Any], bool] | None = None
    words: str = ""
    numbers: bool = False
    classes: tuple[float, float] | None = (0.0, 1.0)
    threshold: float = 0.5

    def accepts(self, target: float) -> bool:
        """Say whether a plain number is a valid target."""
        return self.allows is None or (not math.isnan(target) and self.allows(target))


NUMBERS = Targets(numbers=True)
FROM_0_TO_1 = Targets(lambda y: not (y < 0.0 or y > 1.0), "a number from 0 to 1")  # nan passes, then the loss is nan
SIGNS = Targets(lambda y: -1.0 <= y <= 1.0 and not -1.0 < y < 1.0, "-1 or 1", classes=(-1.0, 1.0), threshold=0.0)
CLASSES = Targets(classes=None)


def are_probabilities(targets: Sequence[float]) -> bool:
    """Say whether numbers are the probabilities of all classes, such as 1 for one class and 0 for each other.

    >>> are_probabilities([0, 1, 0]), are_probabilities([0.5, 0.6])
    (True, False)
    """
    return all(map(FROM_0_TO_1.accepts, targets)) and math.isclose(math.fsum(targets), 1.0)


class Identity(NamedTuple):
    """The short error signal of a textbook, for an output activation and a loss that fit together.

    `signal` is the derivative of the loss with respect to z, the pre-activation, as a formula of the output and the
    target. `before` is the loss as a formula of z and the target; it is exact even if the output is rounded to 0 or 1.
    `of_outputs` is the loss for all pairs of output and target, where it is no sum of formulas; with True as its second
    argument, the pairs have z instead of outputs.
    """

    activation: str
    signal: Formula
    before: Formula | None = None
    of_outputs: Callable[[Sequence[tuple[Any, Any]], bool], Any] | None = None


def mean(terms: Sequence[Any], _one: Any) -> Any:
    """Return the mean of the losses of the entries."""
    return div(total(terms), len(terms)) if len(terms) > 1 else terms[0]


def half_sum(terms: Sequence[Any], one: Any) -> Any:
    """Return half the sum of the losses of the entries."""
    return mul(one / 2, total(terms))


class Loss:
    """A loss: its formula for one prediction and target, and facts about these.

    `join` combines the losses of the entries into one; its second argument is 1, as a number or a symbol, for other
    factors. `outputs` is the activation of the output layer that fits the loss, or "". `check` raises ValueError for an
    invalid prediction. Messages use `title`. `identity` is the short error signal of textbooks; without it, the error
    signal is derived from the formula.
    """

    def __init__(
        self,
        formula: Formula,
        targets: Targets,
        join: Callable[[Sequence[Any], Any], Any] = mean,
        outputs: str = "linear",
        check: Callable[[Any], None] | None = None,
        title: str = "the loss",
        identity: Identity | None = None,
    ) -> None:
        update_wrapper(self, formula)
        self.name = formula.__name__
        self.formula, self.targets, self.join, self.outputs = formula, targets, join, outputs
        self.identity = identity
        self._check, self._title = check, title

    @property
    def sums(self) -> bool:
        """Whether the loss of an example is a sum over its outputs; an identity needs that."""
        return self.targets.classes is not None and (self.identity is not None or self.join is not mean)

    def __call__(self, predictions: Any, targets: Any) -> Any:
        """Return the loss for predictions and their targets."""
        pairs = _samples(predictions, targets) if self.targets.classes is None else _pairs(predictions, targets)
        for prediction, target in pairs:
            if self._check is not None:
                self._check(prediction)
            self._check_target(target)
        return self.join([self.formula(prediction, target) for prediction, target in pairs], 1.0)

    @property
    def __signature__(self) -> Signature:
        return signature(self.__call__)

    def of_example(self, pairs: Sequence[tuple[Any, Any]], one: Any = 1.0, before: bool = False) -> Any:
        """Return the loss of one example, for pairs of output and target: numbers, Values or symbols.

        With `before`, the pairs have pre-activations instead of outputs. The targets of a loss for classes are the
        probabilities of the classes: 1 for the class of the example, 0 for the others.
        """
        if self.identity and self.identity.of_outputs:
            return self.identity.of_outputs(pairs, before)
        formula = self.identity.before if before and self.identity else self.formula
        assert formula is not None, "callers use `before` only if the identity has it"
        terms = [formula(output, target) for output, target in pairs]
        return total(terms) if self.identity else self.join(terms, one)

    def slope(self, output: float, target: float) -> float:
        """Return the derivative of an example's loss with respect to one output."""
        slope: float = derivative(lambda number: self.of_example([(number, target)]))(output)
        return slope

    def _check_target(self, target: Any) -> None:
        if self.targets.allows and not self.targets.allows(_compared(target, "a target")):
            raise ValueError(_refusal(f"a target of {self._title}", self.targets.words, target))

    def __repr__(self) -> str:
        return f"<loss {self.name}>"

    def __reduce__(self) -> str:
        return self.name


LOSSES: dict[str, Loss] = {}
"""The losses by name."""


def loss(targets: Targets, **facts: Any) -> Callable[[Formula], Loss]:
    """Return a decorator that adds a formula to the table; `facts` are arguments of `Loss`."""

    def add(formula: Formula) -> Loss:
        row = LOSSES[formula.__name__] = Loss(formula, targets, **facts)
        return row

    return add


@loss(NUMBERS, join=half_sum)
def half_squared_error(prediction: Any, target: Any) -> Any:
    """Return half the sum of (prediction - target)**2, the loss of the lecture.

    >>> half_squared_error(10, 0)
    50.0
    """
    return pow(sub(prediction, target), 2)


@loss(NUMBERS, join=lambda terms, _one: total(terms))
def squared_error(prediction: Any, target: Any) -> Any:
    """Return the sum of (prediction - target)**2, without a half.

    >>> squared_error([1, 3], [0, 0])
    10.0
    """
    return pow(sub(prediction, target), 2)


@loss(NUMBERS)
def mean_squared_error(prediction: Any, target: Any) -> Any:
    """Return the mean of (prediction - target)**2.

    >>> mean_squared_error([1, 3], [0, 0])
    5.0
    """
    return pow(sub(prediction, target), 2)


def _check_probability(probability: Any) -> None:
    compared = _compared(probability, "a probability")
    if compared < 0.0 or compared > 1.0:
        message = _refusal("a probability of the cross-entropy", FROM_0_TO_1.words, probability)
        raise ValueError(f"{message} For scores before the sigmoid, use binary_cross_entropy_with_logits.")


def _of_logit(logit: Any, target: Any) -> Any:
    return sub(softplus(logit), mul(target, logit))


@loss(
    FROM_0_TO_1,
    outputs="sigmoid",
    check=_check_probability,
    title="the cross-entropy",
    identity=Identity("sigmoid", lambda yhat, y: yhat - y, _of_logit),
)
def binary_cross_entropy(probability: Any, target: Any) -> Any:
    """Return the mean of -y log(p) - (1 - y) log(1 - p), where a term with the factor 0 counts as 0.

    Probabilities and targets are from 0 to 1. A wrong probability of exactly 0 or 1 gives inf;
    `binary_cross_entropy_with_logits` avoids that. Raises ValueError for numbers outside of 0 to 1.

    >>> round(binary_cross_entropy([0.9, 0.2], [1, 0]), 6)
    0.164252
    """
    is_known = not isinstance(target, Interpretation)
    if is_known and target == 1.0:
        return neg(log(probability))
    if is_known and target == 0.0:
        return neg(log(sub(1.0, probability)))
    return sub(neg(mul(target, log(probability))), mul(sub(1.0, target), log(sub(1.0, probability))))


@loss(FROM_0_TO_1._replace(threshold=0.0), title="the cross-entropy")
def binary_cross_entropy_with_logits(logit: Any, target: Any) -> Any:
    """Return the binary cross-entropy of sigmoid(z), computed as softplus(z) - y z, which does not overflow.

    >>> binary_cross_entropy_with_logits(1000, 1), binary_cross_entropy_with_logits(1000, 0)
    (0.0, 1000.0)
    """
    return _of_logit(logit, target)


def _of_classes(pairs: Sequence[tuple[Any, Any]], before: bool) -> Any:
    outputs = [output for output, _ in pairs]
    logs = log_softmax(outputs) if before else list(map(log, outputs))
    return neg(total([mul(target, found) for (_, target), found in zip(pairs, logs, strict=True)]))


@loss(CLASSES, identity=Identity("softmax", lambda yhat, y: yhat - y, of_outputs=_of_classes))
def cross_entropy(logits: Sequence[Any], target: Any) -> Any:
    """Return the mean of -log softmax(z) at the target class, for the logits of one sample or a list of samples.

    A target is the number of a class, counted from 0.

    >>> round(cross_entropy([0.0, 0.0], 1), 6)
    0.693147
    """
    return neg(_score_of_class(log_softmax(logits), target))


@loss(CLASSES, outputs="")
def negative_log_likelihood(log_probabilities: Sequence[Any], target: Any) -> Any:
    """Return the mean of minus the log-probability of the target class; arguments as for `cross_entropy`.

    >>> negative_log_likelihood([[-1.0, -2.0], [-3.0, -4.0]], [0, 1])
    2.5
    """
    return neg(_score_of_class(log_probabilities, target))


def _score_of_class(sample: Sequence[Any], target: Any) -> Any:
    is_whole = hasattr(target, "__index__") and not isinstance(target, bool)
    if not is_whole or not 0 <= index(target) < len(sample):
        raise ValueError(f"expected a class from 0 to {len(sample) - 1} for a target, got {target!r}.")
    return sample[index(target)]


@loss(SIGNS, title="the hinge loss")
def hinge(score: Any, target: Any) -> Any:
    """Return the mean of max(0, 1 - y s) for scores s and targets y = -1 or 1. Raises ValueError for other targets.

    >>> hinge([0.5, -2.0], [1, -1])
    0.25
    """
    return relu(sub(1.0, mul(target, score)))


if not TYPE_CHECKING:  # a type checker reads the names above; it does not understand a computed list
    __all__ = list(LOSSES)


def _pairs(predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    firsts, seconds = _as_list(predictions), _as_list(targets)
    if len(firsts) != len(seconds):
        predictions, targets = counted(len(firsts), "prediction"), counted(len(seconds), "target")
        raise ValueError(f"expected a target for each prediction, got {predictions} and {targets}.")
    if not firsts:
        raise ValueError("expected at least one prediction, got an empty batch.")
    return list(zip(firsts, seconds, strict=True))


def _samples(logits: Any, targets: Any) -> list[tuple[Any, Any]]:
    if isinstance(logits, Interpretation) or is_number(logits):
        raise TypeError(
            "expected a list of outputs, one for each class, got a single one. For two classes and one output, use "
            "binary_cross_entropy_with_logits or hinge."
        )
    rows = list(logits)
    if rows and (isinstance(rows[0], Interpretation) or is_number(rows[0])):
        rows, targets = [rows], [targets]
    return _pairs(rows, targets)


def _as_list(numbers: Any) -> list[Any]:
    return [numbers] if isinstance(numbers, Interpretation) or is_number(numbers) else list(numbers)


def _compared(number: Any, what: str) -> Any:
    """Return an object that can be compared with numbers. A Value stays, so that a replay records the comparison."""
    return number if isinstance(number, (Value, Dual)) else as_float(number, what)


def _refusal(what: str, words: str, number: Any) -> str:
    plain = number.__float__() if isinstance(number, (Value, Dual)) else as_float(number, what)
    return f"expected {words} for {what}, got {format_number(plain)}."
