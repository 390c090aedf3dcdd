"""`Replayed`: the result of a replay, a Value that passes gradients to all its sources at once."""

from mypy_extensions import i64

from autograd.node import REPLAYED, Node, Posted
from autograd.replays.program import Program
from autograd.state.mode import OPEN_CONTEXTS, Origin
from autograd.sweep import sweeping
from autograd.table.arrays import vec
from autograd.table.scalars import as_float
from autograd.value import Value


class Receivers:
    """The sources that receive gradients from a root: they are the program's totals at `slots`.

    First come live nodes, then arguments. `arguments` are the places of these arguments; `start` is the number of slots
    for inputs and live sources. For the `mask` see `Program.backward`.
    """

    __slots__ = ("arguments", "direct", "live", "mask", "root", "slots", "start")

    def __init__(
        self, root: i64, mask: bytes | None, live: list[Node], slots: list[int], arguments: list[int], start: i64
    ) -> None:
        self.root = root
        self.mask = mask
        self.live = live
        self.slots = vec[i64](slots)
        self.arguments = arguments
        self.start = start
        # True: all are leaves, each once, so a sweep needs no topological sort.
        self.direct = not arguments and all(node._is_leaf() for node in live)


class Replayed(Value):
    """The result of a program's present run, as a Value.

    It keeps the numbers at the start of its run. If the program ran again since then, it repeats its own run first.
    """

    __slots__ = ("_nodes", "_program", "_receivers", "_run", "_start")

    def __init__(self, program: Program, receivers: Receivers, nodes: list[Node], origin: Origin | None) -> None:
        super().__init__(program.data[receivers.root])
        self._code = REPLAYED
        self._varies = len(nodes) > 0
        self._origin = origin
        self._program = program
        self._receivers = receivers
        self._nodes = nodes
        self._run = program.runs
        self._start = program.data[: receivers.start]

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
            results, slots, nodes = self._program.totals, self._receivers.slots, self._nodes
            for index in range(len(slots)):
                nodes[index]._receive(results[slots[index]])
            self._grad = start
            self._has_grad = True

    def _amounts(self, upstream: float) -> list[float]:
        self._run_backward(upstream)
        results = self._program.totals
        return [results[slot] for slot in self._receivers.slots]

    def _post(self, place: i64, totals: vec[float], first: i64, told: list[Posted] | None) -> None:
        upstream = totals[place]
        self._run_backward(upstream)
        results, slots, nodes = self._program.totals, self._receivers.slots, self._nodes
        for index in range(len(slots)):
            target, amount = nodes[index]._index - first, results[slots[index]]
            if told is not None:
                told.append((place, index, upstream, amount, totals[target]))
            totals[target] += amount

    def _run_backward(self, upstream: float) -> None:
        program = self._program
        if program.runs != self._run:
            program.restore(self._start)
            self._run = program.runs
        program.backward(upstream, self._receivers.root, self._receivers.mask)
