"""A program run on many rows of inputs: each instruction runs on a block of rows before the next one does.

Values and gradients have the bits of a loop of single calls: every row is computed as alone, and sums over the rows are
added in their order. Where the engine is compiled, C does the work of `Rows`: see `batch.c`.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import repeat
from operator import add, mul
from typing import Any, Final, TypeAlias

from autograd.replays.program import LEFT, RIGHT, WEIGHTED_SUM, Guard, Program, native, reach
from autograd.table.kernels import apply1, apply2, apply_left, apply_right, value1, value2

BLOCK: Final = 256
"""Rows in a block."""

Numbers: TypeAlias = "array[float] | memoryview[float]"
"""The inputs of all rows, one row after the other."""
Places: TypeAlias = "array[int] | None"
"""The rows to run, by their places; None for the first ones."""
Columns: TypeAlias = "tuple[array[float], array[int], array[int], int, int] | None"
"""Where the gradients of each row go: (out, slots, offsets, stride, base); None if nobody asks.

The gradient in slots[c] goes to out[(row - base) * stride + offsets[c]].
"""
Column: TypeAlias = "list[float]"


class Flags:
    """What a batch must know of each slot of a program, as bytes with 1 for yes.

    `root` is the slot of the result. The `inputs` first slots are inputs. `receivers` are the sources with a gradient.
    `differs`: the number of the slot differs by row. `varies`: the slot gets a gradient. `kept`: this gradient is kept
    for each row; others are added up as they come. With `per_row`, all are kept.
    """

    def __init__(self, program: Program, inputs: int, root: int, receivers: Iterable[int], per_row: bool) -> None:
        first, size = program.first, program.first + program.size
        differs = bytearray(slot < inputs for slot in range(size))
        varies, contributions = bytearray(size), Counter([root])
        for slot in receivers:
            varies[slot] = 1
        varies[first:] = reach(program, root)[1]
        for index in range(program.size):
            differs[first + index] = any(differs[slot] for slot in program.operands(index))
            if varies[first + index]:
                contributions.update(program.receiving(index))
        several = [per_row or slot >= first or differs[slot] == 1 or contributions[slot] > 1 for slot in range(size)]
        self.root, self.inputs, self.differs, self.varies = root, inputs, bytes(differs), bytes(varies)
        self.kept = bytes(varies[slot] and several[slot] for slot in range(size))


def guards_of(program: Program) -> "array[float]":
    """Return the guards of a program, four numbers each: the question, two slots, the answer."""
    columns = ((guard.question, guard.left, guard.right, guard.answer) for guard in program.guards)
    return array("d", [float(number) for guard in columns for number in guard])


class Rows:
    """A program on rows. It starts from the numbers of the program's last run, with any row.

    A slot that differs by row has a list of numbers, others a number.
    """

    def __init__(self, program: Program, flags: Flags) -> None:
        self._program = program
        self._flags = flags
        self._sums = [-0.0] * (program.first + program.size)
        self._totals: dict[int, Column] = {}
        self._data: list[Any] = []

    def run(
        self,
        numbers: Numbers,
        rows: Places,
        count: int,
        values: "array[float]",
        gradients: bool,
        columns: Columns,
        /,
    ) -> None:
        """Run `count` rows, whose inputs are in `numbers`: put each result into its place in `values`.

        With `gradients`, compute their sums, and `columns` gets the gradients of each row.
        """
        root = self._flags.root
        self._sums = [-0.0] * len(self._sums)
        for start in range(0, count, BLOCK):
            block = self._places(rows, start, count)
            self._forward(numbers, block)
            for row, value in zip(block, self._column(root, len(block)), strict=True):
                values[row] = value
            if gradients:
                self._backward(len(block))
                if columns is not None:
                    self._write(columns, block)

    def held(self, numbers: Numbers, rows: Places, count: int, guards: "array[float]", /) -> bytes:
        """Say for each row whether Python's questions have the recorded answers; four numbers are a guard."""
        held = bytearray()
        for start in range(0, count, BLOCK):
            block = self._places(rows, start, count)
            self._forward(numbers, block)
            flags = [True] * len(block)
            for at in range(0, len(guards), 4):
                question, left, right = map(int, guards[at : at + 3])
                guard = Guard(question, left, right, guards[at + 3])
                sides = self._column(guard.left, len(block)), self._column(guard.right, len(block))
                flags = [flag and guard.holds(x, y) for flag, x, y in zip(flags, *sides, strict=True)]
            held += bytes(flags)
        return bytes(held)

    def sums(self, slots: "array[int]", /) -> list[float]:
        """Return for each slot the sum of its gradients over the rows of the last run."""
        return [self._sums[slot] for slot in slots]

    @staticmethod
    def add_rows(sums: "array[float]", rows: "array[float]", count: int, /) -> None:
        """Add `count` rows of numbers to the sums, in their order."""
        width = len(sums)
        for row in range(count):
            sums[:] = array("d", map(add, sums, rows[row * width : (row + 1) * width]))

    @staticmethod
    def _places(rows: Places, start: int, count: int) -> Sequence[int]:
        stop = min(start + BLOCK, count)
        return range(start, stop) if rows is None else rows[start:stop]

    def _column(self, slot: int, count: int) -> Column:
        found = self._data[slot]
        return found if isinstance(found, list) else [found] * count

    def _forward(self, numbers: Numbers, block: Sequence[int]) -> None:
        program, width = self._program, self._flags.inputs
        data: list[Any] = list(program.data)
        self._data = data
        for slot in range(program.first):
            if self._flags.differs[slot]:
                data[slot] = [numbers[row * width + slot] for row in block]
        for index in range(program.size):
            slot = program.first + index
            if self._flags.differs[slot]:
                data[slot] = self._applied(index, len(block))

    def _applied(self, index: int, count: int) -> Column:
        program, data = self._program, self._data
        code, left, right = program.codes[index], program.lefts[index], program.rights[index]
        if code == WEIGHTED_SUM:
            return self._weighted_sum(range(left, right), count)
        if right < 0:
            return [value1(code, x) for x in data[left]]
        return [value2(code, x, y) for x, y in self._pairs(left, right)]

    def _pairs(self, left: int, right: int) -> Iterable[tuple[float, float]]:
        x, y = self._data[left], self._data[right]
        return zip(x if isinstance(x, list) else repeat(x), y if isinstance(y, list) else repeat(y), strict=False)

    def _weighted_sum(self, terms: Sequence[int], count: int) -> Column:
        total: Column = []
        waiting: list[Any] = []  # terms with a weight that all rows share: four at a time are quicker
        for term in terms:
            weight, other = self._ordered(term)
            if not isinstance(weight, list) and isinstance(other, list) and total:
                waiting += [weight, other]
            else:
                total = _added(total, waiting)
                total = _plus(total, _products(weight, other, count))
                waiting = []
            if len(waiting) == 8:
                total, waiting = _added(total, waiting), []
        return _added(total, waiting)

    def _ordered(self, term: int) -> tuple[Any, Any]:
        """Return the two factors of a term; a number before a list."""
        program = self._program
        x, y = self._data[program.factors[term]], self._data[program.others[term]]
        return (y, x) if isinstance(x, list) else (x, y)

    def _backward(self, count: int) -> None:
        program, flags = self._program, self._flags
        self._totals = {}
        if flags.varies[flags.root]:
            self._post(flags.root, [1.0] * count)
        for index in range(program.size - 1, -1, -1):
            slot, posted = program.first + index, program.posts[index]
            if not flags.varies[slot]:
                continue
            upstream = self._totals.get(slot) or [-0.0] * count
            if program.codes[index] == WEIGHTED_SUM:
                for term in range(program.rights[index] - 1, program.lefts[index] - 1, -1):
                    factor, other = program.factors[term], program.others[term]
                    self._post_product(factor, upstream, other)
                    self._post_product(other, upstream, factor)
                continue
            left, right = self._slopes(index, count)
            if posted & LEFT:
                self._post(program.lefts[index], list(map(mul, upstream, left)))
            if posted & RIGHT:
                self._post(program.rights[index], list(map(mul, upstream, right)))
        for slot, totals in self._totals.items():
            if slot < program.first:
                self._sums[slot] = reduce(add, totals, self._sums[slot])

    def _slopes(self, index: int, count: int) -> tuple[Column, Column]:
        """Return the local derivatives of an operation for each row."""
        program = self._program
        code, left, right = program.codes[index], program.lefts[index], program.rights[index]
        posted = program.posts[index]
        if right < 0:
            return [apply1(code, x)[1] for x in self._column(left, count)], []
        pairs = zip(self._column(left, count), self._column(right, count), strict=True)
        if posted == LEFT:
            return [apply_left(code, x, y)[1] for x, y in pairs], []
        if posted == RIGHT:
            return [], [apply_right(code, x, y)[1] for x, y in pairs]
        both = [apply2(code, x, y) for x, y in pairs]
        return [slopes[1] for slopes in both], [slopes[2] for slopes in both]

    def _post_product(self, slot: int, upstream: Column, by: int) -> None:
        if self._flags.varies[slot]:
            factor = self._data[by]
            factors = factor if isinstance(factor, list) else repeat(factor)
            self._post(slot, map(mul, upstream, factors))

    def _post(self, slot: int, amounts: Iterable[float]) -> None:
        """Add a contribution of each row to a slot."""
        if not self._flags.kept[slot]:
            self._sums[slot] = reduce(add, amounts, self._sums[slot])
        elif slot in self._totals:
            self._totals[slot] = list(map(add, self._totals[slot], amounts))
        else:
            self._totals[slot] = list(amounts)

    def _write(self, columns: tuple[Any, ...], block: Sequence[int]) -> None:
        out, slots, offsets, stride, base = columns
        for slot, offset in zip(slots, offsets, strict=True):
            for row, total in zip(block, self._totals.get(slot) or [-0.0] * len(block), strict=True):
                out[(row - base) * stride + offset] = total


def rows_of(program: Program, flags: Flags) -> Rows:
    """Return a program on rows, by C where the program has its machine."""
    if program.machine is None:
        return Rows(program, flags)
    rows: Rows = native.Rows(program.machine, flags.differs, flags.varies, flags.kept, flags.inputs, flags.root)
    return rows


def _products(x: Any, y: Any, count: int) -> Column:
    if isinstance(x, list):
        return list(map(mul, x, y))
    return [x * number for number in y] if isinstance(y, list) else [x * y] * count


def _plus(total: Column, amounts: Column) -> Column:
    return list(map(add, total, amounts)) if total else amounts


def _added(total: Column, terms: list[Any]) -> Column:
    """Add to each total its weighted numbers, from the first term to the last; at most four terms."""
    match terms:
        case [a, p]:
            return [t + a * x for t, x in zip(total, p, strict=True)]
        case [a, p, b, q]:
            return [t + a * x + b * y for t, x, y in zip(total, p, q, strict=True)]
        case [a, p, b, q, c, r]:
            return [t + a * x + b * y + c * z for t, x, y, z in zip(total, p, q, r, strict=True)]
        case [a, p, b, q, c, r, d, s]:
            columns = zip(total, p, q, r, s, strict=True)
            return [t + a * x + b * y + c * z + d * w for t, x, y, z, w in columns]
    return total
