"""`Moment`: the steps of a pass, and the state after some of them: numbers, gradients, contributions."""

from bisect import bisect_right

from autograd import Tape
from autograd.passes.names import find, line_names, listed
from autograd.passes.steps import Computed, Posting, Prepared, Step, Updated, steps
from autograd.passes.subject import OptimizerLike, Root, subject_of
from viz.core.nodes import Nodes


class Moment:
    """A pass through the graph of a Value, after `position` of its steps; the graph is read once.

    `note` is a message about the last move; `watched` holds the places of the watched nodes.
    """

    def __init__(self, root: Root, *, optimizer: OptimizerLike | None = None, seed: float = 1.0) -> None:
        self.root, optimizer, _ = subject_of(root, optimizer)
        self.steps: list[Step] = steps(self.root, seed=seed, optimizer=optimizer)
        self.tape = Tape.of(self.root)
        self.names = line_names(self.tape.lines)
        self.position = 0
        self.note = ""
        self.watched: list[int] = []
        self._data = [line.data for line in self.tape.lines]
        self._gradients: list[float | None] = [None] * len(self.names)
        self._computed_at = [0] * len(self.names)
        self._postings: dict[int, list[int]] = {}  # for each node, the positions of the contributions to it
        for position, step in enumerate(self.steps, start=1):
            if isinstance(step, Computed):
                self._computed_at[step.node] = position
            elif isinstance(step, Posting):
                self._postings.setdefault(step.node, []).append(position)

    @property
    def present(self) -> Step | None:
        """The last step that was done; None before the first step."""
        return self.steps[self.position - 1] if self.position else None

    @property
    def coming(self) -> Step | None:
        """The next step; None after the last step."""
        return self.steps[self.position] if self.position < len(self.steps) else None

    @property
    def adjusted(self) -> str:
        """The sentence that says whose data the optimizer has adjusted, so that numbers of two moments mix; or ""."""
        first = self.position
        while first and isinstance(self.steps[first - 1], (Prepared, Updated)):
            first -= 1
        names = [step.name for step in self.steps[first : self.position] if isinstance(step, Updated)]
        said = f"the optimizer adjusted {listed(names)}; all other numbers are from before the update"
        return said if names else ""

    def find(self, name: str) -> int:
        """Return the place of a node on the tape by its name, or by "v7" (node 7); ValueError for an unknown name."""
        return find(self.names, name)

    def data(self, name: str) -> float | None:
        """Return the data of a node at this moment; None if it is not yet computed."""
        return self.data_at(self.find(name))

    def gradient(self, name: str) -> float | None:
        """Return the running total of a node's gradient at this moment; None before its first contribution."""
        return self.gradient_at(self.find(name))

    def data_at(self, node: int) -> float | None:
        """Return the data of the node at this place of the tape; None if it is not yet computed."""
        return self._data[node] if self._computed_at[node] <= self.position else None

    def gradient_at(self, node: int) -> float | None:
        """Return the gradient of the node at this place of the tape; None before its first contribution."""
        return self._gradients[node]

    def postings_to(self, node: int) -> list[Posting]:
        """Return the contributions to a node's gradient up to this moment."""
        positions = self._postings.get(node, [])
        steps = [self.steps[position - 1] for position in positions[: bisect_right(positions, self.position)]]
        return [step for step in steps if isinstance(step, Posting)]

    def computation_of(self, node: int) -> Computed | None:
        """Return the step that computes a node, whether done or not; None for a leaf or a constant."""
        step = self.steps[self._computed_at[node] - 1]
        return step if isinstance(step, Computed) and step.node == node else None

    def is_first_posting(self, position: int) -> bool:
        """Say whether the step that leads to this position is the first contribution to its node."""
        step = self.steps[position - 1]
        return isinstance(step, Posting) and self._postings[step.node][0] == position

    def forwards(self) -> None:
        """Do the next step."""
        step = self.steps[self.position]
        self.position += 1
        if isinstance(step, Updated):
            self._data[step.node] = step.result
        elif not isinstance(step, (Computed, Prepared)):
            self._gradients[step.node] = step.result

    def backwards(self) -> None:
        """Undo the present step."""
        step = self.steps[self.position - 1]
        if isinstance(step, Updated):
            self._data[step.node] = step.before
        elif isinstance(step, Posting):
            self._gradients[step.node] = None if self.is_first_posting(self.position) else step.before
        elif not isinstance(step, (Computed, Prepared)):
            self._gradients[step.node] = None
        self.position -= 1

    def nodes(self) -> Nodes:
        """Return the nodes with their numbers at this moment."""
        places = range(len(self.names))
        computations = [self.computation_of(place) for place in places]
        data, gradients = map(self.data_at, places), map(self.gradient_at, places)
        return Nodes(self.tape, self.names, computations, [*data], [*gradients], self.adjusted)
