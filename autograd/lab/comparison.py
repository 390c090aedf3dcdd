"""`run`: a backward pass with a classic mistake beside the right pass, and the first step that differs.

>>> from autograd import lab
>>> print(lab.run("overwrite").sentence)
b received two contributions; the second replaced the first: 3 instead of 1 + 3 = 4.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from autograd.contexts.modes import enable_grad
from autograd.lab.mistakes import Mistake, find
from autograd.lab.sweep import Event, Graph, Rule, sweep
from autograd.passes.columns import aligned, number_text, shortened
from autograd.passes.steps import Computed, Posting, Prepared, Seed, Step, Updated
from autograd.passes.subject import Root, subject_of
from autograd.passes.updates import LR
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import Constant, Expression, text
from autograd.table.scalars import as_float, is_same

_RIGHT = Rule()
_MOST_LINES = 40


class Gradient(NamedTuple):
    """The gradient of a leaf after the last pass."""

    name: str
    right: float
    wrong: float

    @property
    def difference(self) -> float:
        """The wrong number minus the right one."""
        return self.wrong - self.right


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """The same passes over a graph, right and with a mistake.

    `right` and `wrong` are their events, each in its own order; `beside` has the place in `right` of each wrong event.
    `first` is the place in `wrong` of the first event whose numbers differ, None if there is none; `sentence` explains
    it, or says why there is none. `gradients` are the gradients of the leaves after the last pass.
    """

    mistake: Mistake
    right: tuple[Event, ...]
    wrong: tuple[Event, ...]
    beside: tuple[int, ...]
    first: int | None
    sentence: str
    gradients: tuple[Gradient, ...]

    def __repr__(self) -> str:
        numbers = [(name, *map(number_text, (right, wrong, wrong - right))) for name, right, wrong in self.gradients]
        table = aligned([("leaf", "right", "wrong", "difference"), *numbers], range(1, 4))
        heading = f"{self.mistake.name}: {self.mistake.title}"
        return "\n".join([heading, self.sentence, *[f"  {line}" for line in shortened(table, _MOST_LINES)]])


def run(
    mistake: Mistake | str, root: Root | None = None, *, lr: float | None = None, weights: Sequence[str] = ()
) -> Comparison:
    """Return the passes with a mistake beside the right ones.

    `mistake` is a row of MISTAKES or its name. `root` is a Value, or an exercise or its solution; without it, the
    mistake's own example is used. `weights` are the names of the leaves that are adjusted: by default the parameters;
    without parameters, the leaves that are not called like inputs, such as x1 or y. `lr` is the learning rate, by
    default the exercise's own or `LR`. The graph does not change. Raises ValueError for an unknown name, for a root
    that was computed from constants only, and for a root that a replay computed; TypeError for another root.

    >>> run("overwrite")
    overwrite: a gradient is assigned with = in place of +=
    b received two contributions; the second replaced the first: 3 instead of 1 + 3 = 4.
      leaf  right  wrong  difference
      a         2      2           0
      b         4      3          -1
    >>> from autograd import Value
    >>> run("overwrite", (2 * Value(3, "a")).exp()).first is None
    True
    """
    row = mistake if isinstance(mistake, Mistake) else find(mistake)
    with enable_grad():
        end, optimizer, _ = subject_of(row.example() if root is None else root)
        own = as_float(getattr(optimizer, "lr", LR) if lr is None else lr, "the learning rate")
        graph = Graph.of(end, weights)
        right, totals = sweep(graph, _RIGHT, row.passes, own)
        wrong, wrong_totals = sweep(graph, row.rule, row.passes, own)
    places = {_identity(event): place for place, event in enumerate(right)}
    beside = [places[_identity(event)] for event in wrong]
    aligned = [right[place] for place in beside]
    first = _first_difference(aligned, wrong, reordered=row.rule.order is not _RIGHT.order)
    sentence = f"This graph does not show the mistake. To show it, a graph needs {row.condition}."
    if not all(math.isfinite(event.step.result) for event in wrong):
        sentence = "This graph does not show the mistake: some of its numbers are infinite or nan."
    if first is not None:
        sentence = row.sentence.format(**_fields(aligned, wrong, first))
    gradients = [Gradient(name, totals[leaf], wrong_totals[leaf]) for leaf, name in graph.leaves.items()]
    return Comparison(row, tuple(right), tuple(wrong), tuple(beside), first, sentence, tuple(gradients))


def running_total(step: Step) -> str:
    """Return how a contribution changed the total, "1 + 3 = 4"; "" if the total was 0, and for other steps.

    >>> [running_total(event.step) for event in run("overwrite").right][-1]
    '1 + 3 = 4'
    """
    if not isinstance(step, Posting) or step.before == 0.0:
        return ""
    if is_same(step.before + step.amount, step.result):
        return _sum(step)
    return f"{number_text(step.result)} in place of {number_text(step.before)}"


_Identity: TypeAlias = tuple[str, type, int, int]


def _identity(event: Event) -> _Identity:
    """Return what is the same for a right event and its wrong one: the pass, and the node or edge of the graph."""
    part, step = event
    if isinstance(step, Posting):
        return part, Posting, step.source.node, step.position
    return part, type(step), step.node, 0


def _first_difference(right: Sequence[Event], wrong: Sequence[Event], reordered: bool) -> int | None:
    """Return the first place where the numbers differ. If the order differs, running totals are not compared."""
    for place, (ours, theirs) in enumerate(zip(right, wrong, strict=True)):
        if not all(map(is_same, _compared_numbers(ours.step, reordered), _compared_numbers(theirs.step, reordered))):
            return place
    return None


def _compared_numbers(step: Step, reordered: bool) -> tuple[float, ...]:
    """Return the numbers by which a step can differ."""
    match step:
        case Computed():
            return *step.numbers, step.result
        case Seed() | Prepared():
            return (step.result,)
        case Posting():
            return (step.amount,) if reordered else (step.amount, step.result)
        case Updated():
            return step.before, step.gradient, step.result


def _fields(right: Sequence[Event], wrong: Sequence[Event], place: int) -> dict[str, str]:
    """Return the words that fill the sentences, for the first step that differs: a contribution."""
    part, step = wrong[place]
    ours = right[place].step
    assert isinstance(step, Posting)
    assert isinstance(ours, Posting)
    before = [event.step for event in wrong[:place] if event.part == part]
    posted = Counter(event.step.node for event in wrong if event.part == part and isinstance(event.step, Posting))
    arrived = Counter(past.node for past in before if isinstance(past, Posting))
    updated = {past.name: None for past in before if isinstance(past, Updated) and past.node in step.source.operands}
    ordinal = arrived[step.node] + 1
    return {
        "source": step.source.name,
        "node": step.name,
        "op": step.source.op,
        "weight": " and ".join(updated),
        "arrived": str(arrived[step.source.node]),
        "expected": str(posted[step.source.node]),
        "count": "two" if posted[step.node] == 2 else str(posted[step.node]),
        "ordinal": {2: "the second", 3: "the third"}.get(ordinal, f"number {ordinal}"),
        "earlier": "the first" if ordinal == 2 else "the sum so far",
        "before": number_text(step.before),
        "result": number_text(step.result),
        "upstream": number_text(step.upstream),
        "product": _product(step),
        "right_product": _product(ours),
        "total": _sum(step),
        "right_total": _sum(ours),
    }


def _product(step: Posting) -> str:
    return f"{_short_text(Constant(step.upstream) * Constant(step.local))} = {number_text(step.amount)}"


def _sum(step: Posting) -> str:
    if step.before == 0.0:
        return number_text(step.result)
    return f"{_short_text(Constant(step.before) + Constant(step.amount))} = {number_text(step.result)}"


def _short_text(expression: Expression) -> str:
    return text(expression, digits=DIGITS)
