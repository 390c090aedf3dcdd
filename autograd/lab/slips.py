"""The slips of the lab: the classic mistakes of one line, as rows of data that change the line's formula.

A slip is found by running the changed formula on the student's own numbers: it explains a wrong number that it gives.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from autograd.lab.changes import (
    Alternative,
    Case,
    ascent,
    new_weights,
    old_weight,
    one_path,
    other_sources,
    other_weights,
    reversed_error,
    rounded,
    slope_of_result,
    without_activation,
    without_bias,
    without_factor,
    without_half,
    without_rate,
    without_slope,
)
from autograd.passes.lines import BACKWARD, FORWARD, LOSS, UPDATE

Change: TypeAlias = Callable[[Case], Iterable[Alternative]]


@dataclass(frozen=True, slots=True)
class Slip:
    """A classic mistake of one line. `change` yields what is computed with it; `parts` are the parts of a pass with it.

    `how` ends the sentence "this is what one gets", `advice` says what to do.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    change: Change
    how: str
    advice: str

    def alternatives(self, case: Case) -> Iterable[Alternative]:
        """Return what is computed in a line with this slip."""
        return self.change(case) if case.quantity.line.part in self.parts else ()


SLIPS = (
    Slip(
        "early-update", "the updated weight is used", (BACKWARD,), new_weights,
        "with the updated {changed}", "Use the weight from before the update",
    ),
    Slip(
        "no-derivative", "the derivative F' is left out", (BACKWARD, UPDATE), without_slope,
        "without {changed}", "Multiply by the derivative",
    ),
    Slip(
        "slope-of-result", "F' is taken at y in place of x", (BACKWARD, UPDATE), slope_of_result,
        "with {changed}", "Take the derivative at the weighted sum",
    ),
    Slip(
        "ascent", "the sign of the update is wrong", (UPDATE,), ascent,
        "by adding the step", "Subtract the step",
    ),
    Slip(
        "reversed-error", "the error is reversed (t - y)", (BACKWARD, UPDATE), reversed_error,
        "with the error reversed, target minus prediction", "Take the prediction minus the target",
    ),
    Slip(
        "no-rate", "the learning rate is left out", (UPDATE,), without_rate,
        "without {changed}", "Multiply the gradient by the learning rate",
    ),
    Slip(
        "overwrite", "a path is missed: = in place of +=", (BACKWARD, UPDATE), one_path,
        "when a path is missed", "Add the contributions of all paths",
    ),
    Slip(
        "no-bias", "the bias is left out", (FORWARD,), without_bias,
        "without the bias {changed}", "Add the bias",
    ),
    Slip(
        "no-activation", "the activation is left out", (FORWARD,), without_activation,
        "without the activation {changed}", "Apply the activation",
    ),
    Slip(
        "no-half", "the half of the loss is left out", (LOSS, FORWARD, BACKWARD), without_half,
        "without the 1/2 of the loss", "The loss has a factor 1/2",
    ),
    Slip(
        "no-factor", "a constant factor is left out", (LOSS, BACKWARD), without_factor,
        "without the constant factor", "Keep the factor of the loss",
    ),
    Slip(
        "no-update", "the old weight is given back", (UPDATE,), old_weight,
        "without the update: it is the old weight", "Subtract the step",
    ),
    Slip(
        "other-weight", "another unit's weight is used", (FORWARD, BACKWARD, UPDATE),
        other_weights, "with {changed}", "Use the weight of this connection",
    ),
    Slip(
        "other-input", "another input is used", (FORWARD, BACKWARD, UPDATE), other_sources,
        "with {changed}", "Use the input of this connection",
    ),
    Slip(
        "early-rounding", "a number in between is rounded", (FORWARD, LOSS, BACKWARD, UPDATE), rounded,
        "with {changed}, rounded in between", "Round at the end only",
    ),
)  # fmt: skip
"""The slips, the most common first."""
