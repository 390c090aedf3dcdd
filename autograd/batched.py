"""`Batched`: the values and gradients of many rows, and how a recording makes them.

Reads `recording`; `batch` does the work.
"""

from collections.abc import Sequence
from functools import cached_property

from autograd.node import Node
from autograd.observation import refuse
from autograd.recording import AnyBatch, Recording
from autograd.scalars import as_float
from autograd.value import Value


class Batched:
    """The results of `Replay.batch`.

    `values` has one number a row. `leaves` are the Values around the function that vary, and `gradients` has for each
    of them the sum of its gradient over the rows. `row_gradients` has a list like that for each row, where it was asked
    for, and `input_gradients` the gradient in each number of the row.
    """

    def __init__(self, count: int, gradients: bool, per_row: bool, inputs: bool) -> None:
        self.values = [0.0] * count
        self._per_row: list[tuple[list[Node], list[float]]] | None = [([], [])] * count if per_row else None
        self.input_gradients: list[list[float]] | None = [[] for _ in range(count)] if inputs else None
        self._with_gradients = gradients
        self._sums: dict[Node, float] = {}

    @property
    def leaves(self) -> tuple[Value, ...]:
        """The Values around the function to which gradients flow."""
        return tuple(node for node in self._sums if isinstance(node, Value))

    @cached_property
    def row_gradients(self) -> list[list[float]] | None:
        """The gradients of each row's value with respect to the leaves, where they were asked for."""
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
        """Add the gradients, times the seed, to what the leaves have; 1 / len(values) as seed gives the mean's.

        Raises RuntimeError where the batch was made under no_grad().
        """
        refuse("backward() runs")
        factor = as_float(seed, "the seed of backward()")
        if not self._with_gradients:
            raise RuntimeError("the batch was made under no_grad(), and has no gradients. Make it outside.")
        for leaf, total in zip(self.leaves, self.gradients, strict=True):
            if leaf.op is not None or leaf.kind == "replayed":
                leaf.backward(factor * total)  # it was computed outside, from leaves of its own
            else:
                leaf.grad = (0.0 if leaf.grad is None else leaf.grad) + factor * total

    def run(self, recording: Recording, numbers: Sequence[list[float]], rows: list[int]) -> list[int]:
        """Fill in the results of those rows for which the recording holds, and return the others.

        Needs the lock `sweeping`, and that the recording holds for the first of the rows.
        """
        batch = recording.batch(self._per_row is not None)
        recording.run(numbers[rows[0]])
        held, others = _parted(batch, recording, numbers, rows)
        batch.start()
        for start in range(0, len(held), batch.block):
            self._block(batch, recording, numbers, held[start : start + batch.block])
        batch.finish()
        if self._with_gradients:
            self._add_sums(batch, recording)
        return others

    def _block(self, batch: AnyBatch, recording: Recording, numbers: Sequence[list[float]], rows: list[int]) -> None:
        count = len(rows)
        batch.forward([numbers[row] for row in rows], count)
        for row, value in zip(rows, batch.results(recording.program.root, count), strict=True):
            self.values[row] = value
        if not self._with_gradients:
            return
        batch.backward(count)
        if self._per_row is not None:
            for row, gradients in zip(rows, batch.gradients(recording.live_slots, count), strict=True):
                self._per_row[row] = recording.receivers.live, gradients
        if self.input_gradients is not None:
            for row, gradients in zip(rows, batch.gradients(list(range(recording.inputs)), count), strict=True):
                self.input_gradients[row] = gradients

    def _add_sums(self, batch: AnyBatch, recording: Recording) -> None:
        for node, slot in zip(recording.receivers.live, recording.live_slots, strict=True):
            self._sums[node] = self._sums.get(node, 0.0) + batch.sum(slot)


def _parted(
    batch: AnyBatch, recording: Recording, numbers: Sequence[list[float]], rows: list[int]
) -> tuple[list[int], list[int]]:
    """Return the rows for which the recording holds, and the others."""
    if not recording.program.guards:
        return rows, []
    batch.start()
    held: list[int] = []
    others: list[int] = []
    for start in range(0, len(rows), batch.block):
        block = rows[start : start + batch.block]
        batch.forward([numbers[row] for row in block], len(block))
        for row, holds in zip(block, batch.holds(len(block)), strict=True):
            (held if holds else others).append(row)
    return held, others
