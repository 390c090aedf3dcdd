"""The recordings of a function: each has a program, and the guards, which must hold when it is replayed.

The function runs once on Values. Its operations become the program. If Python looks at a Value's number, for example in
an `if`, the answer becomes a guard.
"""

from array import array
from collections.abc import Callable
from contextlib import suppress
from operator import itemgetter
from typing import Any

from autograd.contexts import modes
from autograd.derivatives.shapes import Rebuild, Shape, flatten
from autograd.node import Node
from autograd.replays.assembly import Assembly
from autograd.replays.batch import Flags, Rows, rows_of
from autograd.replays.program import Guard, Program, Sweep, reach
from autograd.replays.replayed import Receivers, Replayed
from autograd.replays.surroundings import Surroundings
from autograd.state.collection import collector_paused
from autograd.state.mode import Mode, caller_line
from autograd.state.observation import TEXT, ReplayError
from autograd.sweep import sweeping, topological_order
from autograd.value import Value, constant

_MOST_GUARDS = 100_000


class _Notes:
    """The recorder of one run: Python's questions about numbers, and the lines of code that asked them."""

    def __init__(self) -> None:
        self.questions: dict[tuple[int, Value, Value | None], str] = {}
        self.texts: list[Value] = []

    def note(self, question: int, left: Value, right: Value | None) -> None:
        """Remember a question; see `observation`."""
        if question == TEXT:
            if left._origin is None or left._origin.recorder is not self:
                self.texts.append(left)
            return
        self.questions.setdefault((question, left, right), caller_line())
        if len(self.questions) > _MOST_GUARDS:
            raise ReplayError(
                f"the function looked at the numbers of Values more than {_MOST_GUARDS:,} times, last at "
                f"{caller_line()}. Replay a smaller part of it, or compute with maximum() and other operations instead."
            )


class Recording:
    """A program, its live sources, and the guards under which it is valid.

    `live` are the nodes that were made outside of the function and used in it. Gradients flow to the `receivers`.
    `lines` has for each guard the line of code that asked. `texts` are Values from outside whose text was looked at.
    `outputs` are the receivers of each result, `receivers` those of the first; `rebuild` puts several results into the
    structure in which the function returned them.
    """

    def __init__(self, assembly: Assembly, inputs: list[Value]) -> None:
        self.program: Program = assembly.program()
        self.live: list[Node] = [assembly.order[place] for place in assembly.live]
        self.inputs = len(inputs)
        self.outputs = [self._receivers_of(assembly, inputs, root) for root in assembly.roots]
        self.receivers = self.outputs[0]
        self.live_slots = [array("q", found.slots[: len(found.live)]) for found in self.outputs]
        self.rebuild: Rebuild = itemgetter(0)
        self.lines: list[str] = []
        self.texts: list[Value] = []
        self.labels = assembly.labels()
        self._batches: dict[tuple[bool, int], Rows] = {}

    def _receivers_of(self, assembly: Assembly, inputs: list[Value], root: int) -> Receivers:
        """Return the sources with a gradient of this root."""
        slots = assembly.slots
        places = [place for place in assembly.live if _receives(assembly, place)]
        arguments = [index for index, node in enumerate(inputs) if _receives(assembly, node._index - assembly.first)]
        mask = None
        if len(assembly.roots) > 1:
            reached, mask = reach(self.program, slots[root])
            places = [place for place in places if slots[place] in reached]
            arguments = [argument for argument in arguments if argument in reached]
        live = [assembly.order[place] for place in places]
        receiving = [slots[place] for place in places] + arguments
        label = assembly.order[root]._label
        sweep = Sweep(self.program, slots[root], mask, receiving)
        return Receivers(slots[root], sweep, live, receiving, arguments, assembly.varies[root], label)

    def add_guard(self, guard: Guard, line: str) -> None:
        """Add a condition for the replay, with the line of code that asked."""
        self.program.guards.append(guard)
        self.lines.append(line)

    def run(self, numbers: list[float]) -> bool:
        """Compute the forward pass for these inputs; say whether the guards hold. Needs the lock `sweeping`."""
        return self.program.run(numbers, self.live)

    def failing_line(self, numbers: list[float]) -> str:
        """Return the line of code whose question has another answer for these inputs, "" if there is none."""
        with sweeping:
            self.run(numbers)
            data = self.program.data
            for guard, line in zip(self.program.guards, self.lines, strict=True):
                if not guard.holds(data[guard.left], data[guard.right]):
                    return line
        return ""

    def result(self, values: list[Any], mode: Mode | None) -> Any:
        """Return the result of the present run; `values` are the arguments, `mode` is None outside contexts."""
        origin = None if mode is None else mode.origin_here()
        start = self.program.data[: self.inputs + len(self.live)]
        results: list[Value] = [Replayed(self.program, receivers, start, values, origin) for receivers in self.outputs]
        if mode is not None and not mode.recording:
            results = [constant(result._data, result._label) for result in results]
        return self.rebuild(results)

    def jacobian(self) -> list[list[float]]:
        """Return the derivatives of each result of the present run with respect to each input."""
        rows: list[list[float]] = []
        for receivers in self.outputs:
            row = [0.0] * self.inputs
            if receivers.varies:
                receivers.sweep.run(1.0)
            for place in range(len(receivers.arguments) if receivers.varies else 0):
                row[receivers.arguments[place]] = receivers.sweep.amounts[len(receivers.live) + place] + 0.0  # no -0
            rows.append(row)
        return rows

    def batch(self, per_row: bool, output: int = 0) -> Rows:
        """Return the program of a result on rows; `per_row` keeps the gradients of the live sources for each row."""
        if (per_row, output) not in self._batches:
            receivers = self.outputs[output]
            flags = Flags(self.program, self.inputs, receivers.root, receivers.slots, per_row)
            self._batches[per_row, output] = rows_of(self.program, flags)
        return self._batches[per_row, output]


class Kept:
    """Recordings that were made in the same surroundings: `found` has them by the places of the arguments that vary."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.found: dict[tuple[int, ...], list[Recording]] = {}

    def at(self, varying: tuple[int, ...]) -> list[Recording]:
        """Return the recordings for these places, the newest first."""
        return self.found.setdefault(varying, [])


class Recordings:
    """The recordings of a function, and what must be the same for them to be valid.

    `shape` is that of the arguments. `kept` are the recordings; other threads may replace it, so it is read once.
    `change` says what changed last in its surroundings. `latest` was used last; `served` counts the calls that
    recordings served.
    """

    def __init__(self) -> None:
        self.shape: Shape | None = None
        self.kept: Kept | None = None
        self.change = ""
        self.latest: Recording | None = None
        self.served = 0

    def valid(self) -> Kept | None:
        """Return the recordings; forget them if something that the function reads from outside has changed."""
        kept = self.kept
        change = kept.surroundings.change() if kept is not None else ""
        if change:
            self.change = change
            self.kept = None
            return None
        return kept

    def run(self, kept: Kept, varying: tuple[int, ...], numbers: list[float]) -> Recording | None:
        """Run a recording that is valid for these numbers, and return it; None if there is none.

        Needs the lock `sweeping`; `kept` are the recordings that `valid` has returned.
        """
        for recording in kept.at(varying):
            if recording.run(numbers):
                self.latest = recording
                return recording
        return None

    def call(self, arguments: tuple[Any, ...], mode: Mode | None) -> Any:
        """Return the function's result for these arguments, None if no recording is valid for them."""
        numbers: list[float] = []
        values: list[Any] = []
        if self.shape is None or not self.shape.gather(arguments, numbers, values):
            return None
        kept = self.valid()
        if kept is None:
            return None
        with sweeping:
            recording = self.run(kept, places_that_vary(values), numbers)
            if recording is None:
                return None
            self.served += 1
            return recording.result(values, mode)

    def plain(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Return the result of the function itself, with Values in place of numbers as in a recording.

        None if the arguments have another shape.
        """
        inputs = None if self.shape is None else self.shape.in_values(arguments)
        if inputs is None:
            return None
        result = function(*inputs)
        if not isinstance(result, Value):
            results_of(result)  # an error if there is no Value
        return result

    def jacobian(self, arguments: tuple[Any, ...]) -> Any:
        """Return the derivatives of the result with respect to plain numbers, in the structure that `jacobian` gives.

        None if no recording is valid for these arguments, or if none of them has a derivative.
        """
        numbers: list[float] = []
        values: list[Any] = []
        if self.shape is None or not self.shape.gather(arguments, numbers, values):
            return None
        kept = self.valid()
        if kept is None or any(value is not None for value in values):
            return None
        with sweeping:
            recording = self.run(kept, tuple(range(len(numbers))), numbers)
            if recording is None or not any(receivers.arguments for receivers in recording.outputs):
                return None
            self.served += 1
            rows = recording.jacobian()
        shaped = [self.shape.rebuilt(row[::-1]) for row in rows]
        return recording.rebuild([row[0] if len(row) == 1 else row for row in shaped])


def places_that_vary(values: list[Any]) -> tuple[int, ...]:
    """Return the places of the Values to which gradients flow; None in the list stands for a plain number."""
    places: list[int] = []
    for place in range(len(values)):
        if values[place] is not None:
            value: Value = values[place]
            if value._varies:
                places.append(place)
    return tuple(places)


def _receives(assembly: Assembly, place: int) -> bool:
    return assembly.reached[place] and assembly.varies[place]


def results_of(result: Any) -> tuple[list[Value], Rebuild]:
    """Return the results of a function that is replayed, and a function that puts others into the same structure.

    Plain numbers among several results become constants. Raises ReplayError if there is no Value among them.
    """
    if isinstance(result, Value):
        return [result], itemgetter(0)
    found: list[Any] = []
    rebuild: Rebuild = itemgetter(0)
    if isinstance(result, (list, tuple)):
        with suppress(TypeError):
            found, rebuild = flatten(result)
    if not any(isinstance(item, Value) for item in found):
        got = f"{type(result).__name__}: {result!r}"
        raise ReplayError(
            f"expected a Value, or several in lists, as the result of the function that replay() records, got {got}."
        )
    return [item if isinstance(item, Value) else constant(item) for item in found], rebuild


def record(function: Callable[..., Any], shape: Shape, numbers: list[float], varying: tuple[int, ...]) -> Recording:
    """Run a function on Values with these numbers, and return the recording.

    `shape` is the shape of the arguments; the inputs at the places `varying` are Values that vary, the others are
    constants. Raises ReplayError if the function does something that a replay cannot repeat.
    """
    notes = _Notes()
    try:
        with collector_paused(), modes.recording(notes):
            inputs = [Value(number) if index in varying else constant(number) for index, number in enumerate(numbers)]
            results, rebuild = results_of(function(*shape.rebuilt(inputs[::-1])))
        questions = list(notes.questions.items())
    except (TypeError, AttributeError) as error:
        error.add_note(
            "replay() was recording the function: during this, the function gets Values in place of numbers."
        )
        raise
    finally:
        notes.questions.clear()  # its Values refer to it
    asked = [node for (_, left, right), _ in questions for node in (left, right) if node is not None]
    with collector_paused(), sweeping:
        order = topological_order([*inputs, *asked, *results])
        assembly = Assembly(order, notes, list(inputs), list(results), list(asked))
        recording = Recording(assembly, inputs)
        recording.rebuild = rebuild
        recording.texts = notes.texts
        for (question, left, right), line in questions:
            guard = assembly.guard(question, left, left if right is None else right)
            if guard is not None:
                recording.add_guard(guard, line)
    return recording
