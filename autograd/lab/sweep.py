"""The lab's sweep: passes over a recorded graph by a rule, event by event; the engine follows `Rule()`."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import add
from typing import Literal, NamedTuple, TypeAlias

from autograd.passes.names import find, line_names
from autograd.passes.steps import Computed, Posting, Seed, Step, Updated, steps
from autograd.passes.tape import Tape, in_floats
from autograd.passes.updates import DESCENT, explained, leaf_places, usual_parameters
from autograd.sweep import accumulate
from autograd.value import Value

Stage: TypeAlias = Literal["forward", "backward", "update"]


class Pass(NamedTuple):
    """One round of a training loop: its name, such as "iteration 2", and its stages in order."""

    name: str
    stages: tuple[Stage, ...]


class Event(NamedTuple):
    """A step, and the name of the pass that it belongs to."""

    part: str
    step: Step


def recorded(step: Computed, position: int) -> float:
    """Return the recorded local derivative of a computation with respect to the operand at a position."""
    local = step.partials[position]
    assert local is not None, "only operands that vary receive contributions"
    return local


@dataclass(frozen=True, slots=True)
class Rule:
    """How a backward pass works; the defaults are what the engine does.

    `order` takes the computations in topological order and returns them in the order of the sweep. `put` computes the
    new total from the old total and the amount. `local` returns the local derivative by the position of the operand.
    `resets_weights` and `resets_computed` say which totals begin at 0 again in the next pass. With `updates_at_once`, a
    weight is adjusted as soon as its gradient is complete, and later computations use the new number.
    """

    order: Callable[[Sequence[Computed]], Iterable[Computed]] = reversed
    put: Callable[[float, float], float] = add
    local: Callable[[Computed, int], float] = recorded
    resets_weights: bool = True
    resets_computed: bool = True
    updates_at_once: bool = False


class Graph(NamedTuple):
    """What the sweep needs of a graph: computations, seed, number of contributions to each node, names of the leaves.

    `weights` are the named leaves with their numbers. By default they are the parameters; if there are none, the leaves
    whose labels are not those of inputs and targets, such as x, x1, y or target; if there are none, all leaves.
    """

    computed: tuple[Computed, ...]
    seed: Seed
    postings: Counter[int]
    leaves: dict[int, str]
    weights: dict[int, float]

    @classmethod
    def of(cls, root: Value, weights: Sequence[str] = ()) -> "Graph":
        """Return the graph of a Value; `weights` are the names of the leaves that are adjusted.

        Raises the errors of `steps`, and ValueError if a replay computed a part, or if a weight is no leaf.

        >>> x, w = Value(3, "x"), Value(2, "w")
        >>> Graph.of(x * w).leaves, Graph.of(x * w).weights
        ({0: 'x', 1: 'w'}, {1: 2.0})
        """
        events = steps(root)
        computed = tuple(step for step in events if isinstance(step, Computed))
        seed = next(step for step in events if isinstance(step, Seed))
        for made in computed:
            if made.op == "replay":
                raise ValueError(
                    f"the lab shows every operation, but a replay computed {made.name} in one step. "
                    "Call the function itself: it is the attribute `function` of the replay."
                )
        lines = Tape.of(root).lines
        names = line_names(lines)
        places = leaf_places(root)
        leaves = list(places.values())
        named = [find(names, name) for name in weights]
        for place in named:
            if place not in leaves:
                raise ValueError(
                    f"expected a leaf that varies for a weight, got {names[place]}, which is {lines[place].kind}."
                )
        adjusted = named or [places[leaf] for leaf in usual_parameters(root)]
        return cls(
            computed,
            seed,
            Counter(step.node for step in events if isinstance(step, Posting)),
            {place: names[place] for place in leaves},
            {place: lines[place].data for place in adjusted},
        )


def sweep(graph: Graph, rule: Rule, passes: Sequence[Pass], lr: float) -> tuple[list[Event], dict[int, float]]:
    """Return the events of these passes by a rule, and the gradients of the leaves after them, by place.

    `lr` is the learning rate. The recorded graph does not change.

    >>> x = Value(3, "x")
    >>> events, gradients = sweep(Graph.of(x * x), Rule(), [Pass("", ("forward", "backward"))], lr=0.1)
    >>> len(events), gradients
    (4, {0: 6.0})
    """
    run = _Passes(graph, rule, lr)
    for part in passes:
        for stage in part.stages:
            run.stage(part.name, stage)
    return run.events, {place: run.totals[place] for place in graph.leaves}


class _Passes:
    """The state of a sweep: the totals, and the present numbers of the weights."""

    def __init__(self, graph: Graph, rule: Rule, lr: float) -> None:
        self.graph = graph
        self.rule = rule
        self.lr = lr
        self.events: list[Event] = []
        self.computed = graph.computed
        self.weights = dict(graph.weights)
        self.updated: set[int] = set()  # the weights adjusted since the last forward pass
        self.totals: dict[int, float] = {}
        self.missing: Counter[int] = Counter()
        self.part = ""

    def stage(self, part: str, stage: Stage) -> None:
        self.part = part
        if stage == "forward":
            self._forward()
        elif stage == "backward":
            self._backward()
        else:
            for place in self.weights:
                if place not in self.updated:
                    self._update(place)

    def _add(self, step: Step) -> None:
        self.events.append(Event(self.part, step))

    def _forward(self) -> None:
        if self.updated:
            self.computed = _computed_again(self.computed, self.weights)
            self.updated.clear()
        for step in self.computed:
            self._add(step)

    def _backward(self) -> None:
        for place in [*self.totals]:
            is_reset = self.rule.resets_computed or place in self.graph.leaves
            if self.rule.resets_weights if place in self.weights else is_reset:
                del self.totals[place]
        self.missing = Counter(self.graph.postings)
        seed = self.graph.seed
        self.totals[seed.node] = seed.result
        self._add(seed)
        sources = {step.node: step for step in self.rule.order(self.computed)}
        accumulate(sources, lambda node: self._edges(sources[node]), self.totals)

    def _positions(self, step: Computed) -> list[int]:
        positions = [position for position, local in enumerate(step.partials) if local is not None]
        if self.rule.updates_at_once:  # weights first: some lectures adjust them before they compute the next delta
            positions.sort(key=lambda position: step.operands[position] not in self.weights)
        return positions

    def _edges(self, step: Computed) -> Iterator[tuple[int, float]]:
        """Yield each operand with its local derivative, then add the contribution by the rule."""
        upstream = self.totals[step.node]
        for position in self._positions(step):
            target = step.operands[position]
            now = step if self.updated.isdisjoint(step.operands) else _with_numbers(step, self.weights)
            local, before = self.rule.local(now, position), self.totals.get(target, -0.0)
            yield target, local
            amount = upstream * local
            self.totals[target] = total = self.rule.put(before, amount)
            self._add(Posting(step, position, self.graph.seed.name, upstream, local, amount, before + 0.0, total))
            self.missing[target] -= 1
            if self.rule.updates_at_once and target in self.weights and not self.missing[target]:
                self._update(target)

    def _update(self, place: int) -> None:
        before, gradient = self.weights[place], self.totals[place]
        self.updated.add(place)
        name, loss = self.graph.leaves[place], self.graph.seed.name
        [line] = explained(DESCENT, {"w": before, "g": gradient, "lr": self.lr}, name, loss)
        self.weights[place] = line.result
        self._add(Updated(place, name, loss, before, gradient, self.lr, line.result, line.parts))


def _computed_again(computed: Sequence[Computed], weights: dict[int, float]) -> tuple[Computed, ...]:
    """Return the computations, in topological order, with other numbers for the weights, by place."""
    numbers = dict(weights)
    again = []
    for step in computed:
        again.append(_with_numbers(step, numbers))
        numbers[step.node] = again[-1].result
    return tuple(again)


def _with_numbers(step: Computed, by_place: dict[int, float]) -> Computed:
    """Return a computation with other numbers, as the engine computes it; numbers not in `by_place` stay."""
    numbers = [by_place.get(place, number) for place, number in zip(step.operands, step.numbers, strict=True)]
    assert step.row is not None  # the lab refuses replays
    result, partials = in_floats(step.row, numbers, [local is not None for local in step.partials])
    return step._replace(numbers=tuple(numbers), partials=tuple(partials), result=result)
