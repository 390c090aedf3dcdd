"""`Replayed`: the result of a replay, a Value that passes gradients to all its sources at once."""

from typing import Any

from mypy_extensions import i64

from autograd.node import PENDING, REPLAYED, Node, Posted
from autograd.replays.program import Program, Sweep
from autograd.state.mode import OPEN_CONTEXTS, Origin
from autograd.sweep import sweeping
from autograd.table.arrays import vec
from autograd.table.scalars import as_float
from autograd.value import Value


def receive(nodes: list[Any], gradients: list[float], factor: float) -> None:
    """Add gradients, times a factor, to those of the nodes; a computed node passes it on to its own leaves."""
    _receive(nodes, vec[float](gradients), factor)


def _receive(nodes: list[Any], gradients: vec[float], factor: float) -> None:
    for index in range(len(gradients)):
        node: Value = nodes[index]
        amount = factor * gradients[index]
        if not REPLAYED < node._code < 0:
            node.backward(amount)
        else:
            node._grad = node._grad + amount if node._has_grad else amount
            node._has_grad = True


class Receivers:
    """The sources that receive gradients from a root: the amounts of `sweep`, which are those of the program's `slots`.

    First come live nodes, then arguments. `arguments` are the places of these arguments. `label` is the root's.
    `varies` says whether gradients flow to it.
    """

    __slots__ = ("arguments", "direct", "label", "live", "root", "slots", "sweep", "varies")

    def __init__(
        self,
        root: i64,
        sweep: Sweep,
        live: list[Node],
        slots: list[int],
        arguments: list[int],
        varies: bool,
        label: str | None,
    ) -> None:
        self.root = root
        self.sweep = sweep
        self.live = live
        self.slots = slots
        self.arguments = arguments
        self.varies = varies
        self.label = label
        # True: all are leaves, each once, so a sweep needs no topological sort.
        self.direct = not arguments and all(node._is_leaf() for node in live)


class Replayed(Value):
    """The result of a program's present run with these arguments, as a Value.

    It keeps the numbers at the `start` of its run. If the program ran again since then, it repeats its own run first.
    """

    __slots__ = ("_nodes", "_program", "_receivers", "_run", "_start")

    def __init__(
        self, program: Program, receivers: Receivers, start: vec[float], values: list[Any], origin: Origin | None
    ) -> None:
        super().__init__(PENDING)
        self._data = program.data[receivers.root]
        self._label = receivers.label
        nodes = receivers.live if receivers.varies else []
        if receivers.arguments and receivers.varies:
            nodes = nodes + [values[index] for index in receivers.arguments]
        self._code = REPLAYED
        self._varies = len(nodes) > 0
        self._origin = origin
        self._program = program
        self._receivers = receivers
        self._nodes = nodes
        self._run = program.runs
        self._start = start

    @property
    def sources(self) -> list[Node]:
        """The nodes that receive gradients from it."""
        return self._nodes

    def backward(self, seed: object = 1.0) -> None:
        """Compute the gradients of the sources; see `Value.backward`."""
        if not self._receivers.direct or not self._varies or OPEN_CONTEXTS:
            super().backward(seed)
            return
        start = as_float(seed, "the seed of backward()")
        with sweeping:
            self._run_backward(start)
            _receive(self._nodes, self._receivers.sweep.amounts, 1.0)
            self._grad = start
            self._has_grad = True

    def _amounts(self, upstream: float) -> list[float]:
        self._run_backward(upstream)
        return list(self._receivers.sweep.amounts)

    def _post(self, place: i64, totals: vec[float], first: i64, told: list[Posted] | None) -> None:
        upstream = totals[place]
        self._run_backward(upstream)
        amounts, nodes = self._receivers.sweep.amounts, self._nodes
        for index in range(len(amounts)):
            target, amount = nodes[index]._index - first, amounts[index]
            if told is not None:
                told.append((place, index, upstream, amount, totals[target]))
            totals[target] += amount

    def _run_backward(self, upstream: float) -> None:
        program = self._program
        if program.runs != self._run:
            program.restore(self._start)
            self._run = program.runs
        self._receivers.sweep.run(upstream)
