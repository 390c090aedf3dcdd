"""`Moment`: the steps of a pass, and what is known after some of them: numbers, gradients, contributions.

A step is an event of `autograd.steps`, or a line with what it makes known.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Literal, TypeAlias

from autograd import Tape
from autograd.passes.known import READINGS, Known, Reading, known_by_line
from autograd.passes.lines import LOSS, UPDATE
from autograd.passes.names import as_spelled, find, line_names, listed
from autograd.passes.naming import Naming
from autograd.passes.recomputed import recomputed
from autograd.passes.steps import Computed, Posting, Prepared, Step, Updated, steps
from autograd.passes.subject import OptimizerLike, Root, Subject, subject_of
from autograd.passes.wording import derivative_name
from autograd.table.visible import visible
from viz.core.nodes import Nodes

Numbers: TypeAlias = Mapping[int, float]

KINDS: Mapping[str, Literal["data", "gradient"]] = {"data": "data", "grad": "gradient", "gradient": "gradient"}
"""What may follow a node's name and a point, and which of the node's two numbers it means."""


def changes(step: Step | Known) -> tuple[Numbers, Numbers]:
    """Return the data and the gradients that a step makes known or changes, by the places of their nodes."""
    match step:
        case Known():
            return step.data, step.gradients
        case Prepared():
            return {}, {}
        case Computed() | Updated():
            return {step.node: step.result}, {}
    return {}, {step.node: step.result}


class Moment:
    """A pass through the graph of a Value, after `position` of its steps; the graph is read once for each reading.

    `source` is the root as it was given. `reading` is "contribution" or "line"; None selects lines for an exercise or
    its solution. `steps` are those of this reading. `note` is a message about the last move; `watched` holds the places
    of the watched nodes, `expressions` the watched expressions by their texts.
    """

    def __init__(
        self,
        root: Root,
        *,
        by: Reading | None = None,
        optimizer: OptimizerLike | None = None,
        seed: float = 1.0,
    ) -> None:
        self._seed = seed
        self.source = root
        self._subject = subject_of(root, optimizer)
        self._lines: list[Known] | None = None
        self.note = ""
        self.watched: list[int] = []
        self.expressions: dict[str, Callable[[Moment], float | None]] = {}
        self._load(self._subject)
        self._first = self.tape
        self._begin(by or ("contribution" if self._naming is None or seed != 1.0 else "line"))

    def _load(self, subject: Subject) -> None:
        """Read the steps and the names of a graph; its lines only if those of the graph before were read."""
        self.root, self._optimizer, self._naming = subject
        self.contributions = steps(self.root, seed=self._seed, optimizer=self._optimizer)
        self.tape = Tape.of(self.root)
        self.names = line_names(self.tape.lines)
        self._own_name = self.names[-1]
        self._computed: dict[int, Computed] = {}
        self._postings: dict[int, list[int]] = {}  # for each node, the positions of the contributions to it
        for position, step in enumerate(self.contributions, start=1):
            if isinstance(step, Computed):
                self._computed[step.node] = step
            elif isinstance(step, Posting):
                self._postings.setdefault(step.node, []).append(position)
        self._given = [None if node in self._computed else line.data for node, line in enumerate(self.tape.lines)]
        if self._lines is not None:
            self._lines = None
            self._lines = self._read_lines()

    @cached_property
    def first_numbers(self) -> dict[int, float]:
        """The numbers of the leaves when the graph was read, by their places."""
        return {place: line.data for place, line in enumerate(self._first.lines) if line.op is None}

    def compute_with(self, numbers: Mapping[int, float]) -> None:
        """Compute the graph again with other numbers in its leaves, by their places, and stay at the same position.

        All other leaves have their first numbers. The graph itself does not change.
        """
        position = self.position
        self._load(recomputed(self._subject, self.first_numbers | {**numbers}).subject)
        self._begin(self.reading)
        while self.position < min(position, len(self.steps)):
            self.forwards()

    def _begin(self, reading: Reading) -> None:
        """Stand at the beginning of a reading. Raises ValueError for another reading."""
        if reading not in READINGS:
            raise ValueError(f'expected by="line" or by="contribution", got {reading!r}.')
        self.steps: Sequence[Step | Known] = self.contributions if reading == "contribution" else self._read_lines()
        self.reading: Reading = reading
        self.position = 0
        self._data = [*self._given]
        self._gradients: list[float | None] = [None] * len(self.names)
        self._updates = [(position, step) for position, step in enumerate(self.steps, start=1) if _is_update(step)]
        self._ends: dict[str, tuple[int, float]] = {}
        for end, step in enumerate(self.steps, start=1):
            if isinstance(step, Known):
                self._ends.setdefault(step.name, (end, step.line.result))
        root = next((line.name for line in reversed(self._lines or []) if line.line.part == LOSS), "")
        self.names[-1] = root if root and reading == "line" else self._own_name

    def _read_lines(self) -> list[Known]:
        if self._lines is None:
            if self._seed != 1.0:
                raise ValueError(f"lines begin with the gradient 1; with the seed {self._seed}, go by contribution.")
            self._lines = known_by_line(self.root, naming=self._naming, optimizer=self._optimizer)
        return self._lines

    @property
    def word(self) -> str:
        """What a step is called: "line", or "step" by contribution."""
        return "line" if self.reading == "line" else "step"

    @property
    def present(self) -> Step | Known | None:
        """The last step that was done; None before the first step."""
        return self.steps[self.position - 1] if self.position else None

    @property
    def coming(self) -> Step | Known | None:
        """The next step; None after the last step."""
        return self.steps[self.position] if self.position < len(self.steps) else None

    @property
    def adjusted(self) -> str:
        """The sentence that says whose data the optimizer has adjusted, so that numbers of two moments mix; or ""."""
        nodes = [step.node for position, step in self._updates if position <= self.position]
        names = listed([self.names[node] for node in nodes if node is not None])
        return f"the optimizer adjusted {names}; all other numbers are from before the update" if names else ""

    def line_called(self, name: str) -> Known | None:
        """Return the line with this name; None if there is none, or if it is the name of a node."""
        if name in self.names:
            return None
        return next((line for line in self._lines or [] if line.name == name), None)

    def find(self, name: str) -> int:
        """Return a node's place on the tape, by its name, by "v7" (node 7), or by the name of its gradient or line.

        Raises ValueError for an unknown name.
        """
        name = self._spelled(name)
        line = self.line_called(name)
        if line is None and self.is_gradient(name):
            return self._gradient_names[name]
        if line is None:
            return find(self.names, name, [line.name for line in self._lines or []])
        if line.node is None:
            raise ValueError(f"{name} has a line, but no node: {self.names[-1]} was not computed from it.")
        return line.node

    def _spelled(self, name: str) -> str:
        if not isinstance(name, str):
            return name
        name = visible(name)
        return name if name.isascii() else as_spelled(name, self.words)

    @property
    def words(self) -> set[str]:
        """The names that can be asked for: those of nodes, and of lines if these were read."""
        return {*self.names, *self._gradient_names, *(line.name for line in self._lines or [])}

    def is_gradient(self, name: str) -> bool:
        """Say whether this is the name of a gradient, and not of a node."""
        return name not in self.names and self._spelled(name) in self._gradient_names

    @cached_property
    def _gradient_names(self) -> dict[str, int]:
        """The places of nodes by the names that lines have for their gradients."""
        naming = self._naming or Naming()
        root = self.tape.lines[-1].label or naming.root
        return {
            naming.gradients.get(name) or derivative_name(root, name): node
            for node, (name, line) in enumerate(zip(self.names, self.tape.lines, strict=True))
            if line.varies
        }

    def number_called(self, name: str) -> tuple[int, str]:
        """Return the node that a name means, and which of its numbers: "data", "gradient", or "" if it may be both.

        "w.grad" is a gradient, and so is a name that lines have for it. Raises ValueError for an unknown name.
        """
        owner, _, attribute = name.rpartition(".")
        if attribute in KINDS and name not in self.words:
            return self.find(owner), KINDS[attribute]
        return self.find(name), "gradient" if self.is_gradient(name) else ""

    def steps_of(self, name: str) -> Callable[[Step | Known], bool]:
        """Return a function that says whether a step changes the node or gradient, or is the line, with this name."""
        name = self._spelled(name)
        line = self.line_called(name)
        if line is None:
            node = self.find(name)
            if self.is_gradient(name):
                return lambda step: node in changes(step)[1]
            return lambda step: node == step.node or any(node in numbers for numbers in changes(step))
        kind = 0 if line.data else 1
        return lambda step: step.name == name if isinstance(step, Known) else line.node in changes(step)[kind]

    def data(self, name: str) -> float | None:
        """Return the data of a node at this moment; None if it is not yet computed."""
        return self.data_at(self.find(name))

    def gradient(self, name: str) -> float | None:
        """Return the running total of a node's gradient at this moment; None before its first contribution."""
        return self.gradient_at(self.find(name))

    def data_at(self, node: int) -> float | None:
        """Return the data of the node at this place of the tape; None if it is not yet computed."""
        return self._data[node]

    def gradient_at(self, node: int) -> float | None:
        """Return the gradient of the node at this place of the tape; None before its first contribution."""
        return self._gradients[node]

    def result_of(self, name: str) -> float | None:
        """Return the result of the line with this name if it is done; None if not.

        By contribution it is the number of its node at this moment; that of an update is None.
        """
        line = self.line_called(name)
        if line is None or self.reading == "line":
            end, result = self._ends.get(name, (len(self.steps) + 1, None))
            return result if end <= self.position else None
        if line.node is None or line.line.part == UPDATE:
            return None
        if line.node in line.gradients:
            return self.gradient_at(line.node)
        return self.data_at(line.node) if line.node in line.data else None

    def lines_about(self, node: int) -> list[Known]:
        """Return the lines about a node up to this moment; none by contribution."""
        return [step for step in self.steps[: self.position] if isinstance(step, Known) and step.node == node]

    def postings_to(self, node: int) -> list[Posting]:
        """Return the contributions to a node's gradient up to this moment; none by line."""
        positions = self._postings.get(node, []) if self.reading == "contribution" else []
        found = [self.contributions[position - 1] for position in positions[: bisect_right(positions, self.position)]]
        return [step for step in found if isinstance(step, Posting)]

    def computation_of(self, node: int) -> Computed | None:
        """Return the step that computes a node, whether done or not; None for a leaf or a constant."""
        return self._computed.get(node)

    def edges_of(self, step: Step | Known) -> list[tuple[int, int]]:
        """Return the edges along which a step goes, each as the result's place and the operand's position."""
        if isinstance(step, Posting):
            return [(step.source.node, step.position)]
        data, gradients = changes(step)
        found = [(node, position) for node in data for position in range(len(self.tape.lines[node].operands))]
        return found + [edge for node in gradients for edge in self._users.get(node, ()) if isinstance(step, Known)]

    @cached_property
    def _users(self) -> dict[int, list[tuple[int, int]]]:
        """The edges along which gradients flow to each node."""
        found: dict[int, list[tuple[int, int]]] = {}
        for user, line in enumerate(self.tape.lines):
            for position, (operand, partial) in enumerate(zip(line.operands, line.partials, strict=True)):
                if partial is not None:
                    found.setdefault(operand, []).append((user, position))
        return found

    def is_first_posting(self, position: int) -> bool:
        """Say whether the step that leads to this position is the first contribution to its node."""
        step = self.steps[position - 1]
        return isinstance(step, Posting) and self._postings[step.node][0] == position

    def forwards(self) -> None:
        """Do the next step."""
        data, gradients = changes(self.steps[self.position])
        self.position += 1
        for node, number in data.items():
            self._data[node] = number
        for node, number in gradients.items():
            self._gradients[node] = number

    def backwards(self) -> None:
        """Undo the present step."""
        step = self.steps[self.position - 1]
        data, gradients = changes(step)
        for node in data:
            self._data[node] = self._given[node]
        is_more = isinstance(step, Posting) and not self.is_first_posting(self.position)
        for node in gradients:
            self._gradients[node] = step.before if isinstance(step, Posting) and is_more else None
        self.position -= 1

    def switch(self, reading: Reading) -> Callable[[int], int]:
        """Go to the nearest place of the other reading: behind the step that makes the last number here known.

        Return a function that gives the nearest position there for a position here.
        """
        steps, position = self.steps, self.position
        self._begin(reading)
        ends = {key: position for position, step in enumerate(self.steps, start=1) for key in _keys(step)}

        def nearest(position: int) -> int:
            if position == len(steps):
                return len(self.steps)
            keys = (key for step in reversed(steps[:position]) for key in _keys(step))
            return next((ends[key] for key in keys if key in ends), 0)

        found = nearest(position)
        while self.position < found:
            self.forwards()
        return nearest

    def still(self) -> "Moment":
        """Return this moment as it is now: it does not move with this one, and nobody reads the graph for it."""
        found = copy(self)
        found.watched, found.expressions, found.names = [*self.watched], {**self.expressions}, [*self.names]
        found._data, found._gradients = [*self._data], [*self._gradients]
        return found

    def nodes(self) -> Nodes:
        """Return the nodes with their numbers at this moment."""
        places = range(len(self.names))
        computations = [self.computation_of(place) for place in places]
        return Nodes(self.tape, self.names, computations, [*self._data], [*self._gradients], self.adjusted)


def _keys(step: Step | Known) -> list[tuple[str, int]]:
    """Return the numbers that a step makes known or changes: gradients, the step's own first, and then data."""
    data, gradients = changes(step)
    return [*(("gradient", node) for node in gradients), *(("data", node) for node in data)]


def _is_update(step: Step | Known) -> bool:
    return isinstance(step, Updated) or (isinstance(step, Known) and step.line.part == UPDATE and bool(step.data))
