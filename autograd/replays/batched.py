"""`Batched`: the values and gradients of many rows, and how recordings compute them."""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain, compress
from operator import not_
from typing import Any, Final, NamedTuple

from autograd.node import Node
from autograd.replays.batch import Columns, Numbers, Places, Rows, guards_of
from autograd.replays.recording import Recording
from autograd.replays.replayed import receive
from autograd.state.observation import ReplayError, refuse
from autograd.table.scalars import as_float
from autograd.value import Value

_WINDOW: Final = 256
"""Rows whose gradients are kept at once, where several recordings take turns."""


class Batched:
    """The results of `Replay.batch`.

    `values` has one number for each row. `leaves` are the Values from outside of the function that vary; `gradients`
    has the sum of each leaf's gradients over the rows. On request, `row_gradients` has such a list for each row, and
    `input_gradients` has the gradients with respect to the numbers of each row. If the rows are an array of NumPy, so
    are `values`, `row_gradients` and `input_gradients`.
    """

    def __init__(
        self,
        values: Any,
        nodes: list[Node] | None,
        sums: list[list[float]],
        row_gradients: Any = None,
        input_gradients: Any = None,
    ) -> None:
        self.values = values
        self.row_gradients = row_gradients
        self.input_gradients = input_gradients
        self._nodes = nodes
        self._sums = sums

    @property
    def leaves(self) -> tuple[Value, ...]:
        """The Values from outside of the function that receive gradients."""
        return tuple(node for node in self._nodes or () if isinstance(node, Value))

    @property
    def gradients(self) -> Any:
        """The gradient of the sum of all values with respect to each leaf."""
        return self._sums[0][:] if len(self._sums) == 1 else [sums[:] for sums in self._sums]

    def backward(self, seed: float = 1.0) -> None:
        """Add the gradients, times the seed, to those of the leaves; the seed 1 / len(values) gives the mean's.

        Raises RuntimeError if the batch was made under no_grad().
        """
        refuse("backward() runs")
        factor = as_float(seed, "the seed of backward()")
        if self._nodes is None:
            raise RuntimeError("the batch was made under no_grad(), and has no gradients. Make it outside.")
        for sums in self._sums:
            receive(self._nodes, sums, factor)


class Asked(NamedTuple):
    """What a batch computes: gradients, also by row, also of the inputs; and whether the results are NumPy's arrays."""

    gradients: bool
    per_row: bool
    inputs: bool
    as_arrays: bool


class _Part:
    """The rows for which one recording is valid, by their places; None for all.

    For each result, `columns` has the places of its live nodes among those of all recordings.
    """

    def __init__(self, recording: Recording, rows: Places) -> None:
        self.recording = recording
        self.rows = rows
        self.columns: list[Sequence[int]] = []

    def within(self, start: int, stop: int) -> "array[int]":
        """Return its rows from `start` to before `stop`."""
        rows = self.rows or array("q", range(start, stop))
        return rows[bisect_left(rows, start) : bisect_left(rows, stop)]


class Batching:
    """A batch while it is computed: recordings `take` rows until it `is_done`; then `result` runs them.

    `numbers` are those of `count` rows of `width` numbers, one row after the other.
    """

    def __init__(self, numbers: Numbers, count: int, width: int, asked: Asked) -> None:
        self._numbers = numbers
        self._count = count
        self._width = width
        self._gradients, self._per_row, self._inputs, as_arrays = asked
        self._numpy: Any = sys.modules["numpy"] if as_arrays else None
        self._remaining: Places = None
        self._parts: list[_Part] = []
        self._nodes: list[Node] = []
        self.is_done = self._count == 0

    def first(self) -> list[float]:
        """Return the numbers of the first row that has no recording yet."""
        return self._row(self._remaining)

    def _row(self, rows: Places) -> list[float]:
        start = self._width * (rows[0] if rows else 0)
        return [float(number) for number in self._numbers[start : start + self._width]]

    def take(self, recording: Recording) -> None:
        """Give the recording those rows that have none yet and for which it is valid.

        It has just run for the first of them. Needs the lock `sweeping`.
        """
        places, others = self._remaining, array("q")
        counts = {len(part.recording.outputs) for part in self._parts} | {len(recording.outputs)}
        if len(counts) > 1:
            got = " and ".join(map(str, sorted(counts)))
            raise ReplayError(f"expected the same number of results for each row of a batch, got {got}.")
        if recording.program.guards:
            waiting = range(self._count) if places is None else places
            rows = recording.batch(per_row=False)
            held = rows.held(self._numbers, places, len(waiting), guards_of(recording.program))
            places = array("q", compress(waiting, held))
            others = array("q", compress(waiting, map(not_, held)))
        self._parts.append(_Part(recording, places))
        self._remaining = others
        self.is_done = not others

    def result(self) -> Batched:
        """Compute all rows. Needs the lock `sweeping`."""
        for part in self._parts:
            part.recording.run(self._row(part.rows))
        if self._parts:
            self._number_nodes()
        gathered = [self._output(output) for output in range(len(self._parts[0].columns) if self._parts else 1)]
        values, sums, by_row, by_input = zip(*gathered, strict=True)
        return Batched(
            self._joined(values),
            self._nodes if self._gradients else None,
            list(sums),
            self._joined(by_row, len(self._nodes)) if self._gradients and self._per_row else None,
            self._joined(by_input, self._width) if self._gradients and self._inputs else None,
        )

    def _number_nodes(self) -> None:
        """Give each node with a gradient a place among those of all results of all recordings."""
        outputs = [[receivers.live for receivers in part.recording.outputs] for part in self._parts]
        if len(outputs) == len(outputs[0]) == 1:  # the usual case, without a dict of thousands of nodes
            self._nodes = outputs[0][0]
            self._parts[0].columns = [range(len(self._nodes))]
            return
        live = chain.from_iterable(chain.from_iterable(outputs))
        places = {node: place for place, node in enumerate(dict.fromkeys(live))}
        self._nodes = list(places)
        for part, lives in zip(self._parts, outputs, strict=True):
            part.columns = [[places[node] for node in live] for live in lives]

    def _output(self, output: int) -> "tuple[array[float], list[float], array[float], array[float]]":
        """Compute a result: its values, the sums of its gradients, and what is asked for by row, also of the inputs."""
        values = array("d", bytes(8 * self._count))
        if not self._gradients:
            for part in self._parts:
                self._run(part, output, part.rows, values)
            return values, [], array("d"), array("d")
        found = self._alone(output, values) if len(self._parts) == 1 else self._in_turns(output, values)
        return values, *found

    def _alone(self, output: int, values: "array[float]") -> "tuple[list[float], array[float], array[float]]":
        """Run all rows by the only recording; return the sums, and what is asked for by row, also of the inputs."""
        (part,) = self._parts
        kept = array("d", bytes(8 * self._count * self._stride(self._per_row)))
        rows = self._run(part, output, part.rows, values, self._per_row, (kept, 0))
        found = rows.sums(part.recording.live_slots[output])
        if len(found) < len(self._nodes):  # the others belong to other results
            sums = dict(zip(part.columns[output], found, strict=True))
            found = [sums.get(place, 0.0) for place in range(len(self._nodes))]
        return found, *self._split(kept, self._per_row)

    def _in_turns(self, output: int, values: "array[float]") -> "tuple[list[float], array[float], array[float]]":
        """Run all rows by several recordings; return the same as `_alone`, with all sums in the order of the rows."""
        stride = self._stride(per_row=True)
        sums, by_row, by_input = array("d", [-0.0]) * stride, array("d"), array("d")
        for start in range(0, self._count, _WINDOW):
            stop = min(start + _WINDOW, self._count)
            kept = array("d", [-0.0]) * ((stop - start) * stride)
            for part in self._parts:
                rows = self._run(part, output, part.within(start, stop), values, True, (kept, start))
            rows.add_rows(sums, kept, stop - start)
            parts = self._split(kept, per_row=True)
            by_row += parts[0] if self._per_row else array("d")
            by_input += parts[1]
        return sums[: len(self._nodes)].tolist(), by_row, by_input

    def _stride(self, per_row: bool) -> int:
        return (len(self._nodes) if per_row else 0) + (self._width if self._inputs else 0)

    def _run(
        self,
        part: _Part,
        output: int,
        places: Places,
        values: "array[float]",
        per_row: bool = False,
        into: "tuple[array[float], int] | None" = None,
    ) -> Rows:
        """Run these rows of a part for one result; `into` has the array for gradients by row, and its first row."""
        rows = part.recording.batch(per_row, output)
        columns: Columns = None
        if into is not None and self._stride(per_row):
            columns = self._columns(part, output, per_row, *into)
        count = self._count if places is None else len(places)
        rows.run(self._numbers, places, count, values, self._gradients, columns)
        return rows

    def _columns(self, part: _Part, output: int, per_row: bool, kept: "array[float]", base: int) -> Columns:
        slots, offsets = array("q"), array("q")
        if per_row:
            slots.extend(part.recording.live_slots[output])
            offsets.extend(part.columns[output])
        if self._inputs:
            first = len(self._nodes) if per_row else 0
            arguments = part.recording.outputs[output].arguments
            slots.extend(arguments)
            offsets.extend(first + argument for argument in arguments)
        return kept, slots, offsets, self._stride(per_row), base

    def _split(self, kept: "array[float]", per_row: bool) -> "tuple[array[float], array[float]]":
        """Return the columns of the nodes' gradients by row, and those of the inputs."""
        first, stride = self._stride(per_row) - self._stride(False), self._stride(per_row)
        if first in {0, stride}:
            return (kept, array("d")) if first else (array("d"), kept)
        parts = array("d"), array("d")
        for start in range(0, len(kept), stride):
            parts[0].extend(kept[start : start + first])
            parts[1].extend(kept[start + first : start + stride])
        return parts

    def _joined(self, results: "tuple[array[float], ...]", width: int | None = None) -> Any:
        """Return what was computed by row, for several results as a row of each of them."""
        parts = [self._as_given(numbers, width) for numbers in results]
        if len(parts) == 1:
            return parts[0]
        return [list(row) for row in zip(*parts, strict=True)] if self._numpy is None else self._numpy.stack(parts, 1)

    def _as_given(self, numbers: "array[float]", width: int | None = None) -> Any:
        """Return numbers as a list, or a list of rows; as arrays of NumPy if the rows were given as one."""
        if self._numpy is not None:
            flat = self._numpy.array(numbers, dtype=float)
            return flat if width is None else flat.reshape(self._count, width)
        if width is None:
            return numbers.tolist()
        return [numbers[row * width : (row + 1) * width].tolist() for row in range(self._count)]
