"""A program run on many rows of inputs: each instruction runs on a block of rows before the next one does.

What does not depend on a row is computed once. Sums over the rows are computed block by block, so gradients may
differ from those of a loop in the last digits.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from mypy_extensions import i16, i64

from autograd.replays.program import LEFT, RIGHT, WEIGHTED_SUM, Program
from autograd.table.arrays import vec
from autograd.table.kernels import apply1, apply2, apply_left, apply_right, value2

BLOCK: Final[i64] = 64
"""Rows in a block: the numbers of a small network for one block fit into a processor's fastest memory."""


class RowInstruction:
    """One instruction on a block. An offset points to the block of a slot that differs by row; others have -1.

    A WEIGHTED_SUM has three kinds of terms. If one factor differs by row, `offsets` has its block and `weights` the
    slot of the other factor; `receive` is 1 if the block gets gradients. `both`: both factors differ. `shared`: none.
    """

    __slots__ = (
        *("code", "left", "left_offset", "offset", "posts", "right", "right_offset"),
        *("both", "offsets", "receive", "shared", "weights"),
    )

    def __init__(self, program: Program, index: i64, offsets: vec[i64], varies: vec[bool]) -> None:
        self.code: i16 = program.codes[index]
        self.left: i64 = program.lefts[index]
        self.right: i64 = program.rights[index]
        self.posts: i64 = program.posts[index]
        self.offset: i64 = offsets[program.first + index]
        self.left_offset: i64 = -1
        self.right_offset: i64 = -1
        self.shared: list[int] = []
        self.both: list[int] = []
        weights: list[int] = []
        others: list[int] = []
        receive: list[int] = []
        if self.code != WEIGHTED_SUM:
            self.left_offset = offsets[self.left]
            if self.right >= 0:
                self.right_offset = offsets[self.right]
        else:
            for term in range(self.left, self.right):
                factor, other = program.factors[term], program.others[term]
                if offsets[other] < 0:
                    factor, other = other, factor
                if offsets[other] < 0:
                    self.shared += [factor, other]
                elif offsets[factor] >= 0:
                    self.both += [offsets[factor], offsets[other]]
                else:
                    weights.append(factor)
                    others.append(offsets[other])
                    receive.append(1 if varies[other] else 0)
        self.weights = vec[i64](weights)
        self.offsets = vec[i64](others)
        self.receive = vec[i64](receive)


def differing_slots(program: Program, rows: list[int]) -> list[bool]:
    """Say for each slot whether it differs by row, if these sources do."""
    differs = [False] * (program.first + program.size)
    for slot in rows:
        differs[slot] = True
    for index in range(program.size):
        differs[program.first + index] = any(differs[slot] for slot in program.operands(index))
    return differs


def rows_that_hold(program: Program, results: Callable[[int, int], list[float]], count: int) -> list[bool]:
    """Say for each row whether Python's questions have the recorded answers; `results` gives a slot's numbers."""
    held = [True] * count
    for guard in program.guards:
        left, right = results(guard.left, count), results(guard.right, count)
        for row in range(count):
            held[row] = held[row] and guard.holds(left[row], right[row])
    return held


class Batch:
    """The blocks of a program. The slots in `rows` differ by row: inputs, and leaves with a gradient for each row.

    `varies` says for each source whether it gets a gradient. Sums over the rows are in the program's `totals`.
    """

    def __init__(self, program: Program, rows: list[int], varies: list[bool]) -> None:
        by_row = differing_slots(program, rows)
        self.block: i64 = BLOCK
        self.program = program
        self.rows = rows
        self.varies = vec[bool](varies + [posts != 0 for posts in program.posts])
        self.uniform: list[int] = []
        placed: list[int] = []
        for index in range(program.size):
            (placed if by_row[program.first + index] else self.uniform).append(index)
        offsets: list[int] = []
        blocks = 0
        for differs in by_row:
            offsets.append(blocks * BLOCK if differs else -1)
            blocks += 1 if differs else 0
        self.offsets = vec[i64](offsets)
        self.data = vec[float]([0.0] * (blocks * BLOCK))
        self.totals = vec[float]([0.0] * (blocks * BLOCK))
        self.left_partials = vec[float]([0.0] * (blocks * BLOCK))
        self.right_partials = vec[float]([0.0] * (blocks * BLOCK))
        self.instructions = [RowInstruction(program, index, self.offsets, self.varies) for index in placed]

    def start(self) -> None:
        """Begin a batch, after the program has run on any row: copy the numbers that all rows share, set sums to 0."""
        program = self.program
        totals = program.totals
        for slot in range(len(totals)):
            totals[slot] = 0.0
        for slot in range(program.first):
            offset = self.offsets[slot]
            if offset >= 0:
                for row in range(BLOCK):
                    self.data[offset + row] = program.data[slot]

    def prepared(self, numbers: Any) -> list[list[float]]:
        """Return the numbers of all rows as `forward` takes them."""
        rows: list[list[float]] = numbers if isinstance(numbers, list) else numbers.tolist()
        return rows

    def forward(self, numbers: list[list[float]], rows: Sequence[int]) -> None:
        """Compute the forward pass of the rows at these places, at most `block` rows."""
        data = self.data
        count: i64 = len(rows)
        for row in range(count):
            for slot, number in enumerate(numbers[rows[row]]):
                data[self.offsets[slot] + row] = number
        for instruction in self.instructions:
            if instruction.code == WEIGHTED_SUM:
                self._sum(instruction, count)
            else:
                self._apply(instruction, count)

    def _sum(self, instruction: RowInstruction, count: i64) -> None:
        data, shared, out = self.data, self.program.data, instruction.offset
        total = 0.0
        for pair in range(0, len(instruction.shared), 2):
            total += shared[instruction.shared[pair]] * shared[instruction.shared[pair + 1]]
        for place in range(out, out + count):
            data[place] = total
        weights, offsets = instruction.weights, instruction.offsets
        term: i64 = 0
        while term + 4 <= len(weights):  # four at a time, so that each sum is read and written once for all of them
            a, b, c, d = offsets[term], offsets[term + 1], offsets[term + 2], offsets[term + 3]
            v, w = shared[weights[term]], shared[weights[term + 1]]
            x, y = shared[weights[term + 2]], shared[weights[term + 3]]
            for row in range(count):
                data[out + row] += (v * data[a + row] + w * data[b + row]) + (x * data[c + row] + y * data[d + row])
            term += 4
        while term < len(weights):
            v, a = shared[weights[term]], offsets[term]
            for row in range(count):
                data[out + row] += v * data[a + row]
            term += 1
        for pair in range(0, len(instruction.both), 2):
            a, b = instruction.both[pair], instruction.both[pair + 1]
            for row in range(count):
                data[out + row] += data[a + row] * data[b + row]

    def _apply(self, instruction: RowInstruction, count: i64) -> None:
        data, shared = self.data, self.program.data
        left_partials, right_partials = self.left_partials, self.right_partials
        code, posts, out = instruction.code, instruction.posts, instruction.offset
        left, right = instruction.left_offset, instruction.right_offset
        if instruction.right < 0:
            for row in range(count):
                data[out + row], left_partials[out + row] = apply1(code, data[left + row])
            return
        for row in range(count):
            place = out + row
            x = data[left + row] if left >= 0 else shared[instruction.left]
            y = data[right + row] if right >= 0 else shared[instruction.right]
            if posts == LEFT:
                data[place], left_partials[place] = apply_left(code, x, y)
            elif posts == RIGHT:
                data[place], right_partials[place] = apply_right(code, x, y)
            elif posts:
                data[place], left_partials[place], right_partials[place] = apply2(code, x, y)
            else:
                data[place] = value2(code, x, y)

    def backward(self, count: i64) -> None:
        """Compute the gradients of the block's `count` rows; a shared slot gets their sum."""
        totals = self.totals
        for place in range(len(totals)):
            totals[place] = 0.0
        root = self.offsets[self.program.root]
        if root < 0:
            self.program.totals[self.program.root] += float(count)
            return
        for row in range(count):
            totals[root + row] = 1.0
        for index in range(len(self.instructions) - 1, -1, -1):
            instruction = self.instructions[index]
            if instruction.posts == 0:
                continue
            if instruction.code == WEIGHTED_SUM:
                self._post_sum(instruction, count)
                continue
            if instruction.posts != RIGHT:
                self._post(instruction, instruction.left, instruction.left_offset, self.left_partials, count)
            if instruction.posts != LEFT:
                self._post(instruction, instruction.right, instruction.right_offset, self.right_partials, count)
        for slot in self.rows:
            self.program.totals[slot] += self._total(self.offsets[slot], count)

    def _total(self, offset: i64, count: i64) -> float:
        total = 0.0
        for place in range(offset, offset + count):
            total += self.totals[place]
        return total

    def _post(self, instruction: RowInstruction, slot: i64, offset: i64, partials: vec[float], count: i64) -> None:
        totals, out = self.totals, instruction.offset
        if offset >= 0:
            for row in range(count):
                totals[offset + row] += totals[out + row] * partials[out + row]
            return
        total = 0.0
        for place in range(out, out + count):
            total += totals[place] * partials[place]
        self.program.totals[slot] += total

    def _post_sum(self, instruction: RowInstruction, count: i64) -> None:
        data, totals, out = self.data, self.totals, instruction.offset
        shared, sums = self.program.data, self.program.totals
        if instruction.shared:
            upstream = self._total(out, count)
            for pair in range(0, len(instruction.shared), 2):
                factor, other = instruction.shared[pair], instruction.shared[pair + 1]
                sums[factor] += upstream * shared[other]
                sums[other] += upstream * shared[factor]
        weights, offsets, receive = instruction.weights, instruction.offsets, instruction.receive
        term: i64 = 0
        while term + 4 <= len(weights) and receive[term] and receive[term + 3]:
            a, b, c, d = offsets[term], offsets[term + 1], offsets[term + 2], offsets[term + 3]
            v, w = shared[weights[term]], shared[weights[term + 1]]
            x, y = shared[weights[term + 2]], shared[weights[term + 3]]
            for_a = for_b = for_c = for_d = 0.0
            for row in range(count):
                posting = totals[out + row]
                for_a += posting * data[a + row]
                for_b += posting * data[b + row]
                for_c += posting * data[c + row]
                for_d += posting * data[d + row]
                totals[a + row] += posting * v
                totals[b + row] += posting * w
                totals[c + row] += posting * x
                totals[d + row] += posting * y
            sums[weights[term]] += for_a
            sums[weights[term + 1]] += for_b
            sums[weights[term + 2]] += for_c
            sums[weights[term + 3]] += for_d
            term += 4
        while term < len(weights):
            weight, offset, total = shared[weights[term]], offsets[term], 0.0
            for row in range(count):
                posting = totals[out + row]
                total += posting * data[offset + row]
                if receive[term]:
                    totals[offset + row] += posting * weight
            sums[weights[term]] += total
            term += 1
        for pair in range(0, len(instruction.both), 2):
            left, right = instruction.both[pair], instruction.both[pair + 1]
            for row in range(count):
                posting = totals[out + row]
                totals[left + row] += posting * data[right + row]
                totals[right + row] += posting * data[left + row]

    def results(self, slot: i64, count: i64) -> list[float]:
        """Return the number in this slot for each row of the block."""
        offset = self.offsets[slot]
        if offset < 0:
            return [self.program.data[slot]] * count
        return [self.data[place] for place in range(offset, offset + count)]

    def gradients(self, slots: list[int], count: i64) -> list[list[float]]:
        """Return for each row of the block the gradients in these slots, which differ by row."""
        totals, offsets = self.totals, self.offsets
        return [[totals[offsets[slot] + row] for slot in slots] for row in range(count)]

    def finish(self) -> None:
        """End a batch: pass the sums on through the instructions that all rows share."""
        program = self.program
        for place in range(len(self.uniform) - 1, -1, -1):
            program.post(self.uniform[place], self.uniform[place] + 1)
