"""`steps`: a forward and backward pass as a list of events, each complete by itself.

The order and the upstream gradients are those of the sweep that `backward()` runs, so what is shown cannot drift from
what is computed.
"""

import copy
import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, TypeAlias

from autograd.node import CONSTANT, REPLAYED, Node
from autograd.passes.tape import result_now
from autograd.passes.updates import PARAMETER, ExplainedOptimizer, assignments, explained_step
from autograd.state.observation import refuse
from autograd.sweep import adjoints, sweeping, topological_order
from autograd.symbols.expression import Expression
from autograd.table.op import TABLE
from autograd.table.scalars import as_float, format_number, is_same, json_number
from autograd.value import Value


class Computed(NamedTuple):
    """A node is computed: `result` is the operation `op` of the operands' `numbers`.

    `node` and `operands` are places in the topological order, `name` and `operand_names` what the nodes are called. A
    local derivative in `partials` is None for an operand that does not vary.
    """

    node: int
    name: str
    op: str
    operands: tuple[int, ...]
    operand_names: tuple[str, ...]
    numbers: tuple[float, ...]
    partials: tuple[float | None, ...]
    result: float


class Seed(NamedTuple):
    """The backward pass starts: the derivative of the loss with respect to itself, 1, or what was asked for."""

    node: int
    name: str
    result: float


class Posting(NamedTuple):
    """A gradient is posted along one edge: `upstream` * `local` = `amount`, added to the operand's running total.

    `source` is the computation whose operand at `position` (0 or 1) gets the amount; `loss` is the name of the root.
    """

    source: Computed
    position: int
    loss: str
    upstream: float
    local: float
    amount: float
    before: float
    result: float

    @property
    def node(self) -> int:
        """The place of the operand."""
        return self.source.operands[self.position]

    @property
    def name(self) -> str:
        """The name of the operand."""
        return self.source.operand_names[self.position]


class Prepared(NamedTuple):
    """An optimizer computes a number of its own for a parameter, called `quantity`, such as a velocity.

    It was `before`, None where the optimizer keeps none. `parts` are its formula in symbols and in numbers, and `words`
    say what it is.
    """

    node: int
    name: str
    quantity: str
    words: str
    before: float | None
    parts: tuple[Expression, ...]
    result: float


class Updated(NamedTuple):
    """An optimizer adjusts a parameter from `before` to `result`; `rate` is its learning rate, where it has one.

    `parts` are the formula in symbols and in numbers; of an optimizer that says none, only the change in numbers.
    """

    node: int
    name: str
    loss: str
    before: float
    gradient: float
    rate: float | None
    result: float
    parts: tuple[Expression, ...] = ()


Step: TypeAlias = Computed | Seed | Posting | Prepared | Updated


class OptimizerLike(Protocol):
    """What `steps` needs of an optimizer: one that can be copied, such as those of `nn`."""

    parameters: list[Value]

    def step(self) -> None:
        """Adjust the parameters by their gradients."""


def steps(loss: Value, seed: float = 1.0, optimizer: OptimizerLike | None = None) -> list[Step]:
    """Return every event of a pass: nodes computed, the seed, one posting an edge, and an optimizer's updates.

    An optimizer that says its formulas (see `autograd.passes.updates`) has an event for each line of an update. Nothing
    is changed, neither gradients nor weights: running totals begin at 0, and a copy of the optimizer steps.
    Raises TypeError where loss is no Value or the optimizer none, ValueError where nothing that varies led to the
    loss, or where a leaf was assigned after the loss was computed.

    >>> x = Value(3, "x")
    >>> for step in steps(x * x):
    ...     print(type(step).__name__, step.name, step.result)
    Computed v1 9.0
    Seed v1 1.0
    Posting x 3.0
    Posting x 6.0
    """
    if not isinstance(loss, Value):
        raise TypeError(f"steps() follows the graph of a Value, but a {type(loss).__name__} came: {loss!r}.")
    refuse("the steps of a graph are read")
    if optimizer is not None and not (hasattr(optimizer, "parameters") and hasattr(optimizer, "step")):
        raise TypeError(
            f"an optimizer has parameters and step(), but a {type(optimizer).__name__} came: {optimizer!r}."
        )
    start = as_float(seed, "the seed of steps()")
    if not loss._varies:
        raise ValueError(f"steps() follows a backward pass, but no Value that varies led to {loss.name}.")
    with sweeping, _collector_paused():
        order = topological_order([loss])
        totals = list(adjoints(order, start))
        names = node_names(order)
        computed = _computations(order, names)
        computations = [step for step in computed if step is not None]
        _refuse_assigned_leaves(computations)
        events: list[Step] = [*computations]
        events.append(Seed(len(order) - 1, names[-1], start))
        _append_postings(events, order, computed, totals, names[-1])
        places = {node: place for place, node in enumerate(order) if node._left is None}
    if optimizer is not None:
        events += _updates(optimizer, places, totals, names)
    return events


def computed_nodes(root: Value) -> list[Computed | None]:
    """Return how each node of a graph was computed, in topological order; None for what was not computed.

    >>> x = Value(3, "x")
    >>> [step and step.operand_names for step in computed_nodes(x * x)]
    [None, ('x', 'x')]
    """
    refuse("the nodes of a graph are read")
    with sweeping:
        order = topological_order([root])
        return _computations(order, node_names(order))


def _refuse_assigned_leaves(computations: Sequence[Computed]) -> None:
    """Raise ValueError where a result is not what its operands give now: every line about it would be false."""
    codes = {op.name: op.code for op in TABLE}
    for step in computations:
        numbers = step.numbers
        code = codes.get(step.op)  # of a replay none: it keeps the numbers that it started from
        if code is None:
            continue
        now = result_now(code, numbers)
        if now != step.result and not is_same(now, step.result):  # the first is quick
            raise ValueError(
                f"{step.name} is {format_number(step.result)}, but {step.op} of its operands now gives "
                f"{format_number(now)}: a leaf was assigned after the loss was computed, as optimizer.step() does. "
                "Compute the loss again."
            )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the cycle collector, which would look through all events again and again; none is part of a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def postings_to(node: Node, loss: Node, seed: float = 1.0) -> list[Seed | Posting]:
    """Return those events of a pass that add to the gradient of one node, as `steps` has them.

    They are the postings to it, or the seed of the loss itself; none where no gradient flows from the loss to it.

    >>> x = Value(3, "x")
    >>> [event.result for event in postings_to(x, x * x)]
    [3.0, 6.0]
    """
    events: list[Step] = []
    with sweeping:
        order = topological_order([loss])
        first = order[0]._index
        place = node._index - first  # negative where it is not reached
        names = node_names(order)
        computed = [
            computation(source, names, first) if any(operand is node for operand in operands_of(source)) else None
            for source in order
        ]
        if loss._varies:
            events.append(Seed(len(order) - 1, names[-1], seed))
            _append_postings(events, order, computed, list(adjoints(order, seed)), names[-1])
    return [event for event in events if isinstance(event, (Seed, Posting)) and event.node == place]


def node_names(order: Sequence[Node]) -> list[str]:
    """Return what texts call each node of an order: see `name_at`."""
    return [name_at(place, node._label, node._data, node._code == CONSTANT) for place, node in enumerate(order)]


def name_at(place: int, label: str | None, data: float, is_constant: bool) -> str:
    """Return what texts call the node at this place: its label, a constant's number, or else "v" and the place."""
    return label or (format_number(data) if is_constant else f"v{place}")


def as_json(step: Step) -> dict[str, Any]:
    """Return a step as what JSON can hold; an infinity or a nan becomes text.

    >>> as_json(Seed(4, "loss", 1.0))
    {'kind': 'seed', 'node': 4, 'name': 'loss', 'result': 1.0}
    """
    fields = step._asdict()
    if isinstance(step, Posting):
        fields = {"node": step.node, "name": step.name} | fields | {"source": as_json(step.source)}
    fields.pop("parts", None)  # formulas are for people: `describe` writes them
    return {"kind": type(step).__name__.lower()} | {name: plain(content) for name, content in fields.items()}


def plain(content: Any) -> Any:
    """Return a field as what JSON can hold."""
    if isinstance(content, float):
        return json_number(content)
    return [plain(item) for item in content] if isinstance(content, tuple) else content


def operands_of(node: Node) -> list[Node]:
    """Return the nodes that a node was computed from; of a replay's result, all that it posts to."""
    return node._sources() if node._code == REPLAYED else [*node.operands]


def slopes_of(node: Node) -> list[float]:
    """Return a node's local derivatives, at least one for each operand."""
    return node._amounts(1.0) if node._code == REPLAYED else [node._left_partial, node._right_partial]


def _computations(order: list[Node], names: list[str]) -> list[Computed | None]:
    """Return the computation of each node, None for those that were not computed. Needs the lock `sweeping`."""
    first = order[0]._index
    return [None if node._is_leaf() else computation(node, names, first) for node in order]


def computation(node: Node, names: Sequence[str], first: int) -> Computed:
    """Return how a node was computed; `first` is the index of the first of its order. Needs the lock `sweeping`."""
    place, left, right = node._index - first, node._left, node._right
    if left is None:
        return _replayed(node, names, first)
    name, operation, x = names[place], TABLE[node._code].name, left._index - first
    dx = node._left_partial if left._varies else None
    if right is None:
        return Computed(place, name, operation, (x,), (names[x],), (left._data,), (dx,), node._data)
    y = right._index - first
    dy = node._right_partial if right._varies else None
    numbers = left._data, right._data
    return Computed(place, name, operation, (x, y), (names[x], names[y]), numbers, (dx, dy), node._data)


def _replayed(node: Node, names: Sequence[str], first: int) -> Computed:
    """Return the computation of a node that a replay computed: it posts to all its sources."""
    place, sources = node._index - first, operands_of(node)
    places = tuple(source._index - first for source in sources)
    source_names, numbers = tuple(names[source] for source in places), tuple(source._data for source in sources)
    return Computed(place, names[place], "replay", places, source_names, numbers, tuple(slopes_of(node)), node._data)


def _append_postings(
    events: list[Step], order: list[Node], computed: list[Computed | None], totals: list[float], loss: str
) -> None:
    """Append the postings in the order of the sweep. Needs the lock `sweeping`."""
    running = [-0.0] * len(order)  # to which adding changes no number, as in the sweep
    for place in range(len(order) - 1, -1, -1):
        source, node = computed[place], order[place]
        if source is None or not node._varies:
            continue
        upstream = totals[place]
        amounts = node._amounts(upstream) if node._code == REPLAYED else None
        for position, local in enumerate(source.partials):
            if local is None:
                continue
            amount = upstream * local if amounts is None else amounts[position]
            target = source.operands[position]
            before = running[target]
            running[target] = total = before + amount
            events.append(Posting(source, position, loss, upstream, local, amount, before + 0.0, total))


def _updates(
    optimizer: OptimizerLike, places: dict[Node, int], totals: list[float], names: list[str]
) -> Iterator[Prepared | Updated]:
    """Yield what a step of the optimizer does for the parameters that are in the graph."""
    twin = copy.deepcopy(optimizer)
    found: list[tuple[Value, Value, Mapping[str, float]]] = []
    for parameter, own in zip(optimizer.parameters, twin.parameters, strict=True):
        if parameter in places:
            own.grad = totals[places[parameter]]
            start = {PARAMETER: parameter.data}
            found.append((parameter, own, twin.quantities(own) if isinstance(twin, ExplainedOptimizer) else start))
    twin.step()
    rate = getattr(optimizer, "lr", None)
    lines = assignments(optimizer, found[0][2]) if found else []
    words = getattr(optimizer, "words", {})
    for parameter, own, known in found:
        place, loss = places[parameter], names[-1]
        *before, last = explained_step(lines, known, names[place], loss, own.data)
        for name, number, parts, result in before:
            yield Prepared(place, names[place], name, words.get(name, ""), number, parts, result)
        yield Updated(place, names[place], loss, parameter.data, totals[place], rate, last.result, last.parts)
