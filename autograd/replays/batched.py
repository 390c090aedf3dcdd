"""`Batched`: the values and gradients of many rows, and how a recording computes them."""

from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

from autograd.derivatives.shapes import Rows
from autograd.node import Node
from autograd.replays.batch import rows_that_hold
from autograd.replays.recording import AnyBatch, Recording
from autograd.state.observation import refuse
from autograd.table.scalars import as_float
from autograd.value import Value

Result = TypeVar("Result")


class Batched:
    """The results of `Replay.batch`.

    `values` has one number for each row. `leaves` are the Values from outside of the function that vary; `gradients`
    has the sum of each leaf's gradients over the rows. On request, `row_gradients` has such a list for each row, and
    `input_gradients` has the gradients with respect to the numbers of each row.
    """

    def __init__(self, count: int, gradients: bool, per_row: bool, inputs: bool) -> None:
        self.values = [0.0] * count
        self._per_row: list[tuple[list[Node], list[float]]] | None = [([], [])] * count if per_row else None
        self.input_gradients: list[list[float]] | None = [[] for _ in range(count)] if inputs else None
        self._with_gradients = gradients
        self._sums: dict[Node, float] = {}

    @property
    def leaves(self) -> tuple[Value, ...]:
        """The Values from outside of the function that receive gradients."""
        return tuple(node for node in self._sums if isinstance(node, Value))

    @cached_property
    def row_gradients(self) -> list[list[float]] | None:
        """The gradients of each row's value with respect to the leaves; None if not asked for."""
        if self._per_row is None:
            return None
        aligned = []
        for nodes, gradients in self._per_row:
            by_node = dict(zip(nodes, gradients, strict=True))
            aligned.append([by_node.get(node, 0.0) for node in self._sums])
        return aligned

    @property
    def gradients(self) -> list[float]:
        """The gradient of the sum of all values with respect to each leaf."""
        return list(self._sums.values())

    def backward(self, seed: float = 1.0) -> None:
        """Add the gradients, times the seed, to those of the leaves; the seed 1 / len(values) gives the mean's.

        Raises RuntimeError if the batch was made under no_grad().
        """
        refuse("backward() runs")
        factor = as_float(seed, "the seed of backward()")
        if not self._with_gradients:
            raise RuntimeError("the batch was made under no_grad(), and has no gradients. Make it outside.")
        for node, total in self._sums.items():
            if node._is_leaf():
                node._receive(factor * total)
            elif isinstance(node, Value):  # it was computed outside, from its own leaves
                node.backward(factor * total)


class Batching:
    """The state of a batch: its rows, the `result` so far, and the places of the `remaining` rows."""

    def __init__(self, rows: Rows, gradients: bool, per_row: bool, inputs: bool, arrays: bool) -> None:
        self.result = Batched(len(rows), gradients, per_row, inputs)
        self.remaining: Sequence[int] = range(len(rows))
        self._rows = rows
        self._arrays = arrays

    def first(self) -> list[float]:
        """Return the numbers of the first row that has no result yet."""
        row = self._rows[self.remaining[0]]
        return row if isinstance(row, list) else row.tolist()

    def run(self, recording: Recording) -> None:
        """Fill in the results of the remaining rows for which the recording is valid.

        Needs the lock `sweeping`. The recording must have just run for the first of these rows.
        """
        batch = recording.batch(self.result._per_row is not None, self._arrays)
        batch.start()
        self._rows = batch.prepared(self._rows)
        held = self._part(batch, recording)
        for start in range(0, len(held), batch.block):
            self._block(batch, recording, held[start : start + batch.block])
        if self.result._with_gradients:
            batch.finish()
            sums, totals = self.result._sums, recording.program.totals
            for node, slot in zip(recording.receivers.live, recording.live_slots, strict=True):
                sums[node] = sums.get(node, 0.0) + totals[slot]

    def _part(self, batch: AnyBatch, recording: Recording) -> Sequence[int]:
        """Return the remaining rows for which the recording is valid; the others remain.

        The first row is always one of them. A block adds in another order than a single run, so a comparison may have
        another answer in it. Without this exception the row would remain for ever.
        """
        rows = self.remaining
        if not recording.program.guards:
            self.remaining = range(0)
            return rows
        held: list[int] = []
        others: list[int] = []
        for start in range(0, len(rows), batch.block):
            block = rows[start : start + batch.block]
            batch.forward(self._rows, block)
            answers = rows_that_hold(recording.program, batch.results, len(block))
            for row, holds in zip(block, answers, strict=True):
                (held if holds or row == rows[0] else others).append(row)
        self.remaining = others
        return held

    def _block(self, batch: AnyBatch, recording: Recording, rows: Sequence[int]) -> None:
        count = len(rows)
        batch.forward(self._rows, rows)
        _put_in_place(self.result.values, rows, batch.results(recording.program.root, count))
        if not self.result._with_gradients:
            return
        batch.backward(count)
        if self.result._per_row is not None:
            live = recording.receivers.live
            found = [(live, gradients) for gradients in batch.gradients(recording.live_slots, count)]
            _put_in_place(self.result._per_row, rows, found)
        if self.result.input_gradients is not None:
            _put_in_place(self.result.input_gradients, rows, batch.gradients(list(range(recording.inputs)), count))


def _put_in_place(results: list[Result], rows: Sequence[int], found: list[Result]) -> None:
    """Put the results of these rows into their places."""
    if isinstance(rows, range):
        results[rows.start : rows.stop] = found
        return
    for row, result in zip(rows, found, strict=True):
        results[row] = result
