"""Breakpoints: where the `run` of a Stepper stops.

A condition is a text that compares the data or the gradient of a node with a number: "w35.grad > 10", "x3 < 0". It is
never run as code.
"""

import math
import operator
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from viz.stepping.moment import Moment

Condition: TypeAlias = Callable[[Any], bool]

_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_NAN_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda present, _: math.isnan(present),
    "!=": lambda present, _: not math.isnan(present),
}
_COMPARISON = re.compile(r"\s*(?P<name>.+?)\s*(?P<relation><=|>=|==|!=|<|>)\s*(?P<number>[^<>=!]+?)\s*")


class Breakpoint:
    """A place where `run` stops: `text` describes it, `holds` says whether a Stepper is there."""

    def __init__(self, text: str, holds: Condition) -> None:
        self.text = text
        self._holds = holds
        self._held = False

    def reached(self, moment: Moment) -> bool:
        """Say whether the Stepper has just arrived here."""
        held, self._held = self._held, bool(self._holds(moment))
        return self._held and not held

    def start(self, moment: Moment) -> None:
        """Store whether the condition holds where a run begins, since only a change stops the run."""
        self._held = bool(self._holds(moment))

    def __repr__(self) -> str:
        return f"Breakpoint({self.text})"


class _Each(Breakpoint):
    """A breakpoint at every step that fits, even if two such steps follow each other."""

    def reached(self, moment: Moment) -> bool:
        return bool(self._holds(moment))


def at_node(moment: Moment, name: str) -> Breakpoint:
    """Return a breakpoint at every step that changes a node, or at the line with this name."""
    is_asked = moment.steps_of(name)
    shown = name if moment.line_called(name) else moment.names[moment.find(name)]
    return _Each(f"at {shown}", lambda here: here.present is not None and is_asked(here.present))


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
    match = _COMPARISON.fullmatch(condition)
    if match is None:
        raise ValueError(f'expected a comparison such as "w35.grad > 10" or "x3 < 0", got {condition!r}.')
    name, relation, number = match["name"], match["relation"], _number_in_condition(match["number"])
    of_gradient = name.endswith((".grad", ".gradient")) or moment.is_gradient(name)
    line = moment.line_called(name)
    node = _node(moment, re.sub(r"\.(grad|gradient|data)$", "", name)) if line is None else 0
    compare = _RELATIONS[relation] if not math.isnan(number) else _NAN_RELATIONS.get(relation)
    if compare is None:
        raise ValueError(f"nan is neither smaller nor larger than a number. Use {name} == nan, or {name} != nan.")

    def holds(here: Moment) -> bool:
        if line is not None:
            present = here.result_of(line)
        else:
            present = here.gradient_at(node) if of_gradient else here.data_at(node)
        return present is not None and compare(present, number)

    return Breakpoint(f"when {name} {relation} {match['number']}", holds)


def _node(moment: Moment, name: str) -> int:
    owner, _, attribute = name.rpartition(".")
    if owner in moment.names and name not in moment.names:
        raise ValueError(f"a node has no {attribute!r}; use {owner}.data or {owner}.grad.")
    return moment.find(name)


def _number_in_condition(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"expected a number at the end of a condition, got {text!r}.") from None
