"""`steps`: a forward and backward pass as a list of events, each complete by itself.

The sweep of `backward()` itself reports the contributions, so the events are exactly its work.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd.node import Node, Posted
from autograd.passes.names import node_names
from autograd.passes.subject import OptimizerLike, Root, require_varying, subject_of
from autograd.passes.tape import old_result, operands_and_partials, result_if_other
from autograd.passes.updates import explained_step, moves
from autograd.state.collection import collector_paused
from autograd.state.observation import refuse
from autograd.sweep import adjoints, sweeping, topological_order
from autograd.symbols.expression import Expression
from autograd.table.op import Op, op_of
from autograd.table.scalars import as_float, json_number
from autograd.value import Value


class Computed(NamedTuple):
    """A node is computed: `result` is the operation `op` of the operands' `numbers`.

    `node` and `operands` are places in the topological order, `name` and `operand_names` are the names of these nodes.
    `partials` are the local derivatives, None for an operand that does not vary. `row` is the row of the
    table, None for a replay.
    """

    node: int
    name: str
    op: str
    operands: tuple[int, ...]
    operand_names: tuple[str, ...]
    numbers: tuple[float, ...]
    partials: tuple[float | None, ...]
    result: float
    row: Op | None


class Seed(NamedTuple):
    """The backward pass starts: the derivative of the loss with respect to itself, 1, or another number on request."""

    node: int
    name: str
    result: float


class Posting(NamedTuple):
    """One contribution to a gradient, along one edge: `upstream` * `local` = `amount`, added to the operand's total.

    `source` is a computation; its operand at `position` (0 or 1) receives the amount. `loss` is the name of the root.
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

    def __repr__(self) -> str:
        product = f"{self.upstream} * {self.local} = {self.amount}"
        return f"Posting({self.source.name} to {self.name}: {product}, total {self.result})"


class Prepared(NamedTuple):
    """An optimizer computes its own number for a parameter, for example a velocity; `quantity` is its name.

    Its old number is `before`, None if it had none. `parts` are its formula in symbols and in numbers, and `words`
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
    """An optimizer adjusts a parameter from `before` to `result`; `lr` is its learning rate, if it has one.

    `parts` are the formula in symbols and in numbers. If the optimizer shows no formula, they are the change alone.
    """

    node: int
    name: str
    loss: str
    before: float
    gradient: float
    lr: float | None
    result: float
    parts: tuple[Expression, ...] = ()


Step: TypeAlias = Computed | Seed | Posting | Prepared | Updated


def steps(root: Root, *, optimizer: OptimizerLike | None = None, seed: float = 1.0) -> list[Step]:
    """Return every event of a pass: computed nodes, the seed, one contribution an edge, and an optimizer's updates.

    `root` is a Value, or an exercise or its solution; then the last steps are its update. If the optimizer shows its
    formulas (see `autograd.passes.updates`), each line of an update is an event. Gradients and weights do not change:
    totals begin at 0, and a copy of the optimizer makes the step. Raises TypeError for another root and for an object
    that is no optimizer; ValueError for an optimizer together with an exercise, for one that updates no leaf of the
    graph, for a root that was computed from constants only, and if a leaf was changed after the root was computed.

    >>> x = Value(3, "x")
    >>> for step in steps(x * x):
    ...     print(type(step).__name__, step.name, step.result)
    Computed v1 9.0
    Seed v1 1.0
    Posting x 3.0
    Posting x 6.0
    """
    end, optimizer, _ = subject_of(root, optimizer)
    refuse("the steps of a graph are read")
    start = as_float(seed, "the seed of steps()")
    require_varying(end, "steps")
    with sweeping, collector_paused():
        order = topological_order([end])
        names = node_names(order)
        computed = computations(order, names)
        done = [step for step in computed if step is not None]
        _refuse_assigned_leaves(done)
        events: list[Step] = [*done]
        events.append(Seed(len(order) - 1, names[-1], start))
        told: list[Posted] = []
        totals = list(adjoints(order, start, told=told))
        events += _postings(told, computed, names[-1])
    if optimizer is not None:
        places = {node: place for place, node in enumerate(order) if node._left is None}
        events += _updates(optimizer, places, totals, names)
    return events


def computed_nodes(root: Value) -> list[Computed | None]:
    """Return how each node of a graph was computed, in topological order; None for leaves and constants.

    >>> x = Value(3, "x")
    >>> [step and step.operand_names for step in computed_nodes(x * x)]
    [None, ('x', 'x')]
    """
    refuse("the nodes of a graph are read")
    with sweeping:
        order = topological_order([root])
        return computations(order, node_names(order))


def _refuse_assigned_leaves(computations: Sequence[Computed]) -> None:
    """Raise ValueError if a result does not fit to its operands now: every line about it would be false."""
    for step in computations:
        # A replay keeps the numbers that it started from.
        now = None if step.row is None else result_if_other(step.row.code, step.numbers, step.result)
        if now is not None:
            raise old_result(step.name, step.result, step.op, now)


def postings_to(node: Node, root: Node, *, seed: float = 1.0) -> list[Seed | Posting]:
    """Return the events of a pass that add to the gradient of one node, as in `steps`.

    They are the contributions to it, or the seed if it is the root. The list is empty if no gradient reaches it.

    >>> x = Value(3, "x")
    >>> [event.result for event in postings_to(x, x * x)]
    [3.0, 6.0]
    """
    events: list[Step] = []
    with sweeping:
        order = topological_order([root])
        place = node._index - order[0]._index  # negative if it is not in the graph
        names = node_names(order)
        computed = [
            _computation(order, names, number) if any(operand is node for operand in source.sources) else None
            for number, source in enumerate(order)
        ]
        if root._varies:
            events.append(Seed(len(order) - 1, names[-1], seed))
            told: list[Posted] = []
            adjoints(order, seed, told=told)
            events += _postings(told, computed, names[-1])
    return [event for event in events if isinstance(event, (Seed, Posting)) and event.node == place]


def as_json(step: Step) -> dict[str, Any]:
    """Return a step as plain data for JSON; an infinity or a nan becomes text.

    >>> as_json(Seed(4, "loss", 1.0))
    {'kind': 'seed', 'node': 4, 'name': 'loss', 'result': 1.0}
    """
    fields = step._asdict()
    if isinstance(step, Posting):
        fields = {"node": step.node, "name": step.name} | fields | {"source": as_json(step.source)}
    for name in ("parts", "row"):  # formulas are for people: `describe` writes them
        fields.pop(name, None)
    return {"kind": type(step).__name__.lower()} | {name: plain(content) for name, content in fields.items()}


def plain(content: Any) -> Any:
    """Return a field as plain data for JSON."""
    if isinstance(content, float):
        return json_number(content)
    return [plain(item) for item in content] if isinstance(content, tuple) else content


def computations(order: list[Node], names: list[str]) -> list[Computed | None]:
    """Return the computation of each node, None for leaves and constants. Needs the lock `sweeping`."""
    return [None if node._is_leaf() else _computation(order, names, place) for place, node in enumerate(order)]


def _computation(order: list[Node], names: Sequence[str], place: int) -> Computed:
    """Return how the node at a place was computed. Needs the lock `sweeping`."""
    node = order[place]
    operands, partials = operands_and_partials(node, order[0]._index)
    row = op_of(node._code) if node._code >= 0 else None
    op = row.name if row else "replay"
    if len(operands) == 2:  # the common case, written out because it is quicker
        x, y = operands
        pair = order[x]._data, order[y]._data
        return Computed(place, names[place], op, operands, (names[x], names[y]), pair, partials, node._data, row)
    operand_names = tuple([names[operand] for operand in operands])
    numbers = tuple([order[operand]._data for operand in operands])
    return Computed(place, names[place], op, operands, operand_names, numbers, partials, node._data, row)


def _postings(told: Sequence[Posted], computed: Sequence[Computed | None], loss: str) -> Iterator[Posting]:
    """Yield the contributions as events, for the sources whose computation is given."""
    for place, position, upstream, amount, before in told:
        source = computed[place]
        local = None if source is None else source.partials[position]
        if source is not None and local is not None:
            yield Posting(source, position, loss, upstream, local, amount, before + 0.0, before + amount)


def _updates(
    optimizer: OptimizerLike, places: dict[Node, int], totals: list[float], names: list[str]
) -> Iterator[Prepared | Updated]:
    """Yield the events of one step of the optimizer, for the parameters in the graph."""
    lr, words = getattr(optimizer, "lr", None), getattr(optimizer, "words", {})
    gradients = {node: totals[place] for node, place in places.items()}
    for move in moves(optimizer, gradients):
        place, loss = places[move.parameter], names[-1]
        *before, last = explained_step(move, names[place], loss)
        for name, number, parts, result in before:
            yield Prepared(place, names[place], name, words.get(name, ""), number, parts, result)
        yield Updated(place, names[place], loss, move.parameter.data, totals[place], lr, last.result, last.parts)
