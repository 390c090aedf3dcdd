"""What `set` needs: which leaf of a graph gets which number, and whether the program would still go the same way."""

import operator
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import Tape, Value
from autograd.node import Node
from autograd.passes.names import listed
from autograd.passes.recomputed import recomputed
from autograd.passes.subject import Root, Subject
from autograd.passes.tape import Line
from autograd.state.mode import caller_line
from autograd.state.observation import GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, NOT_EQUAL
from autograd.sweep import sweeping, topological_order
from autograd.table.scalars import as_finite
from nn import Exercise, Solution
from nn.exercises.recording import recorded
from viz.stepping.expressions import expression
from viz.stepping.moment import Moment

_RELATIONS: Mapping[int, Callable[[float, float], bool]] = {
    LESS: operator.lt,
    LESS_OR_EQUAL: operator.le,
    GREATER: operator.gt,
    GREATER_OR_EQUAL: operator.ge,
    NOT_EQUAL: operator.ne,
}
_MOST_COMPARISONS = 1_000  # each keeps its graph in memory


class Edit(NamedTuple):
    """A leaf, given by its place, got another number when the Stepper stood at this position."""

    position: int
    node: int
    number: float


def leaf_called(moment: Moment, name: str) -> int:
    """Return the place of a leaf, a parameter or a named constant, such as a target.

    Raises ValueError for an unknown name, and with what to set for a number that is computed.
    """
    node, kind = moment.number_called(name)
    if kind == "gradient":
        raise ValueError(f"{name} is computed in the pass; {_advice(moment)}")
    line_of_node = moment.tape.lines[node]
    if line_of_node.op is not None:
        raise ValueError(f"{name} is computed from other numbers; {_advice(moment, node)}")
    if not _is_free(line_of_node):
        raise ValueError(f"{name} is a part of the formula, without a name; {_advice(moment)}")
    return node


def _is_free(line: Line) -> bool:
    return line.kind in ("leaf", "parameter") or (line.kind == "constant" and bool(line.label))


def leaves_of(moment: Moment, node: int = -1) -> list[str]:
    """Return the leaves that can be set and that a node, or else the root, is computed from, in the graph's order."""
    found, waiting = {node}, [node]
    while waiting:
        new = {*moment.tape.lines[waiting.pop()].operands} - found
        found |= new
        waiting += new
    return [moment.names[place] for place in sorted(found) if _is_free(moment.tape.lines[place])]


def _advice(moment: Moment, node: int = -1) -> str:
    names = leaves_of(moment, node)
    return f"set {'one of ' * (len(names) > 1)}{listed(names)}."


def number_for(moment: Moment, name: str, given: Any) -> float:
    """Return the new number of a leaf: a number, or the value of an expression at this moment.

    Raises ValueError if the expression is not known yet, is a comparison, or has no finite value; TypeError for
    anything that is no number.
    """
    if isinstance(given, str):
        value = expression(moment, given).value(moment)
        if value is None:
            raise ValueError(f"{given} is not known yet at {moment.word} {moment.position}; go on, or give a number.")
        if isinstance(value, bool):
            raise ValueError(f"expected a number for {name}, got a comparison: {given}.")
        given = value
    return as_finite(given, f"the new number of {name}")


class Comparison(NamedTuple):
    """A question of Python code about two Values, such as `h < 0`, and the "file:line" of the code."""

    question: int
    left: Value
    right: Value
    line: str

    def answer(self, left: Value, right: Value) -> bool:
        """Return the answer for other Values in place of these two."""
        return _RELATIONS[self.question](left.data, right.data)


class Comparisons:
    """The last comparisons of Values that Python made while this was the observer of a mode."""

    def __init__(self) -> None:
        self._kept: deque[Comparison] = deque(maxlen=_MOST_COMPARISONS)

    def note(self, question: int, left: Value, right: Value | None) -> None:
        """Keep a question about two Values."""
        if question in _RELATIONS and right is not None:
            self._kept.append(Comparison(question, left, right, caller_line()))

    def about(self, root: Value) -> list[Comparison]:
        """Return the comparisons that the leaves of a graph answer, without those that use the result of a replay."""
        with sweeping:
            own = {node for node in topological_order([root]) if node._is_leaf()}
            sides = [side for kept in self._kept for side in (kept.left, kept.right)]
            replayed: set[Node] = set()
            for node in topological_order(sides):
                sources = node.sources
                if node.kind == "replayed" or any(source in replayed for source in sources):
                    replayed.add(node)
                elif any(source in own for source in sources):
                    own.add(node)
        pairs = ((kept, {kept.left, kept.right}) for kept in self._kept)
        return [kept for kept, pair in pairs if pair & own and not pair & replayed]


def line_of_other_answer(
    subject: Subject, comparisons: Sequence[Comparison], before: Mapping[int, float], after: Mapping[int, float]
) -> str:
    """Return the "file:line" of the first comparison that two sets of leaves answer differently, "" if none does."""
    if not comparisons:
        return ""
    sides = [side for comparison in comparisons for side in (comparison.left, comparison.right)]
    was, now = (recomputed(subject, numbers, sides).others for numbers in (before, after))
    for place, comparison in enumerate(comparisons):
        pair = slice(2 * place, 2 * place + 2)
        if comparison.answer(*was[pair]) != comparison.answer(*now[pair]):
            return comparison.line
    return ""


def goes_another_way(root: Root, numbers: Mapping[str, float], tape: Tape) -> bool:
    """Say whether an exercise with other numbers records other operations than those of the tape."""
    if not isinstance(root, Exercise | Solution):
        return False
    plan = (root if isinstance(root, Exercise) else root.exercise).plan
    examples = [
        example._replace(inputs=_with(example.inputs, numbers, end), targets=_with(example.targets, numbers, end))
        for example, end in zip(plan.examples, map(plan.suffix, range(1, len(plan.examples) + 1)), strict=True)
    ]
    fresh = recorded(plan._replace(numbers=_with(plan.numbers, numbers), examples=tuple(examples)))
    return _operations(Tape.of(fresh.loss).lines) != _operations(tape.lines)


def _with(own: Mapping[str, float], numbers: Mapping[str, float], suffix: str = "") -> dict[str, float]:
    return {name: numbers.get(f"{name}{suffix}", number) for name, number in own.items()}


def _operations(lines: Iterable[Line]) -> list[tuple[object, tuple[int, ...]]]:
    return [(line.op, line.operands) for line in lines]
