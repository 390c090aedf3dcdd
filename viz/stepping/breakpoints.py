"""Breakpoints: where the `run` and the `rcontinue` of a Stepper stop.

A condition is a text that compares numbers: "w35.grad > 10", "abs(x3) < 1"; see `expressions`.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from autograd.passes.known import Known
from autograd.passes.steps import Step
from autograd.table.scalars import is_same
from viz.stepping.expressions import expression
from viz.stepping.moment import Moment, changes
from viz.stepping.step_view import value_text

Condition: TypeAlias = Callable[[Any], bool]


class Breakpoint:
    """A place where `run` stops: `text` describes it, `mark` gives what is looked at there, here whether it holds."""

    def __init__(self, text: str, mark: Callable[[Any], Any]) -> None:
        self.text = text
        self.mark = mark

    def met(self, before: Any, now: Any) -> str:
        """Return how to say that a step stops here, for the marks before and after it; "" if it does not.

        A condition stops at the step at which it becomes true.
        """
        return self.text if now and not before else ""

    def __repr__(self) -> str:
        return f"Breakpoint({self.text})"


class _Each(Breakpoint):
    """A breakpoint at every step that fits, even if two such steps follow each other."""

    def met(self, _: Any, now: Any) -> str:
        """Return how to say that the step fits."""
        return self.text if now else ""


class Watch(Breakpoint):
    """A stop where the value of an expression changes."""

    def met(self, before: Any, now: Any) -> str:
        """Return how to say that the value changed; "" if it did not."""
        changed = f"where {self.text} changed from {value_text(before)} to {value_text(now)}"
        return "" if is_same(before, now) else changed


def at_node(moment: Moment, name: str) -> Breakpoint:
    """Return a breakpoint at every step that changes a node or the gradient, or at the line, with this name."""
    is_asked = moment.steps_of(name)
    shown = name if _is_apart(moment, name) else moment.names[moment.find(name)]
    return _Each(f"at {shown}", lambda here: here.present is not None and is_asked(here.present))


def changes_of(moment: Moment, name: str) -> Callable[[Step | Known], bool]:
    """Return a function that says whether a step changes a number of a node, or is the line or gradient of this name.

    "w.data" and "w.grad" name one of a node's two numbers. Raises ValueError for an unknown name.
    """
    if _is_apart(moment, name):
        return moment.steps_of(name)
    node, kind = moment.number_called(name)
    places = {"data": (0,), "gradient": (1,)}.get(kind, (0, 1))
    return lambda step: any(node in changes(step)[place] for place in places)


def _is_apart(moment: Moment, name: str) -> bool:
    """Say whether this is the name of a line or a gradient, not that of a node."""
    return moment.line_called(name) is not None or moment.is_gradient(name)


def at_operation(moment: Moment, op: str) -> Breakpoint:
    """Return a breakpoint at every step of an operation; ValueError if the graph has no operation with this name."""
    computed = filter(None, map(moment.computation_of, range(len(moment.names))))
    present = dict.fromkeys(step.op for step in computed)
    if op not in present:
        came = repr(op) if op else "nothing"
        raise ValueError(f"expected an operation of the graph, one of {', '.join(present)}; got {came}.")

    def holds(here: Moment) -> bool:
        found = [] if here.present is None else [here.computation_of(node) for node, _ in here.edges_of(here.present)]
        return any(step is not None and step.op == op for step in found)

    return _Each(f"at {op}", holds)


def at_condition(moment: Moment, condition: str | Condition) -> Breakpoint:
    """Return a breakpoint at which a condition becomes true; see `Stepper.break_at`."""
    if callable(condition):
        return Breakpoint(f"when {getattr(condition, '__name__', repr(condition))} is true", condition)
    if not re.search("[<>]|[!=]=", condition):
        raise ValueError(f'expected a comparison such as "w35.grad > 10" or "x3 < 0", got {condition!r}.')
    text, value = expression(moment, condition)
    return Breakpoint(f"when {text}", value)
