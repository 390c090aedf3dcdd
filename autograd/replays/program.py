"""A recorded graph as a straight-line program over flat arrays, forwards and backwards.

Every number has a slot: first the sources (inputs, live leaves, constants), then one slot for each instruction, in
order. A chain of sums and products is one instruction, WEIGHTED_SUM. Its terms are pairs of slots; a term without a
factor is paired with the slot of the number 1. The order of operations does not change, so the results have the same
bits as the graph's. Where the engine is compiled, C runs the program (see `native.c`).
"""

import math
from importlib import import_module
from types import FunctionType
from typing import Any, Final

from mypy_extensions import i16, i64

from autograd.state.observation import GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, NOT_EQUAL
from autograd.table.arrays import vec
from autograd.table.kernels import apply1, apply2, apply_left, apply_right, value1, value2
from autograd.table.op import FIRST_OWN
from autograd.value import Value

native: Final[Any] = None if isinstance(value1, FunctionType) else import_module("autograd.replays.native")
"""The same in C; None where the engine is interpreted."""
WEIGHTED_SUM: Final[i16] = -1
"""In place of an operation's code."""
LEFT: Final[i64] = 1
RIGHT: Final[i64] = 2
"""In `Program.posts`: which operands receive gradients from an instruction; LEFT + RIGHT for both."""


class Guard:
    """A question about numbers that Python asked during the recording, the slots of these numbers, and the answer.

    The answer is 1.0 for yes and 0.0 for no, or the number itself.
    """

    __slots__ = ("answer", "left", "question", "right")

    def __init__(self, question: i64, left: i64, right: i64, answer: float) -> None:
        self.question = question
        self.left = left
        self.right = right
        self.answer = answer

    def answered(self, left: float, right: float) -> float:
        """Return the answer for these two numbers."""
        if self.question == LESS:
            return 1.0 if left < right else 0.0
        if self.question == LESS_OR_EQUAL:
            return 1.0 if left <= right else 0.0
        if self.question == GREATER:
            return 1.0 if left > right else 0.0
        if self.question == GREATER_OR_EQUAL:
            return 1.0 if left >= right else 0.0
        if self.question == NOT_EQUAL:
            return 1.0 if left != right else 0.0
        return left

    def holds(self, left: float, right: float) -> bool:
        """Say whether the answer for these two numbers is the recorded one; -0.0 and 0.0 are different answers."""
        answer = self.answered(left, right)
        if answer != self.answer:
            return math.isnan(answer) and math.isnan(self.answer)
        return answer != 0.0 or math.copysign(1.0, answer) == math.copysign(1.0, self.answer)


class Program:
    """The arrays of a program, and the numbers of its last run.

    `sources` are the first numbers of the first slots. An instruction is the code of an operation, the slots of its
    operands (with one operand, `rights` has -1), and the operands that receive gradients. For a WEIGHTED_SUM, `lefts`
    has the first term and `rights` the term after the last.
    """

    def __init__(
        self,
        sources: list[float],
        codes: list[i16],
        lefts: list[int],
        rights: list[int],
        posts: list[int],
        factors: list[int],
        others: list[int],
        root: i64,
    ) -> None:
        size = len(codes)
        self.first: i64 = len(sources)
        self.size: i64 = size
        self.root = root
        self.codes = vec[i16](codes)
        self.lefts = vec[i64](lefts)
        self.rights = vec[i64](rights)
        self.posts = vec[i64](posts)
        self.factors = vec[i64](factors)
        self.others = vec[i64](others)
        self.data = vec[float](sources + [0.0] * size)
        self.runs: i64 = 0
        self.guards: list[Guard] = []
        self.machine: Any = _machine(self)
        local = 0 if self.machine is not None else size
        self.totals = vec[float]([-0.0] * (self.first + local))
        self.left_partials = vec[float]([0.0] * local)
        self.right_partials = vec[float]([0.0] * local)

    def operands(self, index: i64) -> list[int]:
        """Return the slots that an instruction reads; for a WEIGHTED_SUM, term by term."""
        left, right = self.lefts[index], self.rights[index]
        if self.codes[index] != WEIGHTED_SUM:
            return [left, right] if right >= 0 else [left]
        slots: list[int] = []
        for term in range(left, right):
            slots += [self.factors[term], self.others[term]]
        return slots

    def receiving(self, index: i64) -> list[int]:
        """Return the slots that an instruction posts to, one for each contribution; those that do not vary drop it."""
        posted = self.posts[index]
        if self.codes[index] == WEIGHTED_SUM and posted:
            return self.operands(index)
        sides = zip((LEFT, RIGHT), self.operands(index), strict=False)
        return [slot for side, slot in sides if posted & side]

    def run(self, numbers: list[float], live: list[Any]) -> bool:
        """Compute all slots for these inputs and the live sources' present numbers; say whether the guards hold."""
        data = self.data
        slot: i64 = 0
        for number in numbers:
            data[slot] = number
            slot += 1
        for index in range(len(live)):
            node: Value = live[index]
            data[slot] = node._data
            slot += 1
        self.forward()
        return all(guard.holds(data[guard.left], data[guard.right]) for guard in self.guards)

    def restore(self, sources: vec[float]) -> None:
        """Run again with these numbers in the first slots."""
        data = self.data
        for slot in range(len(sources)):
            data[slot] = sources[slot]
        self.forward()

    def forward(self) -> None:
        """Compute every slot after the sources, and the local derivatives."""
        self.runs += 1
        if self.machine is not None:
            self.machine.run()
            return
        data, factors, others = self.data, self.factors, self.others
        codes, lefts, rights, posts = self.codes, self.lefts, self.rights, self.posts
        left_partials, right_partials = self.left_partials, self.right_partials
        slot = self.first
        for index in range(self.size):
            code, left, right, posted = codes[index], lefts[index], rights[index], posts[index]
            if code == WEIGHTED_SUM:
                total = data[factors[left]] * data[others[left]]
                for term in range(left + 1, right):
                    total += data[factors[term]] * data[others[term]]
                data[slot] = total
            elif right < 0:
                if posted:
                    data[slot], left_partials[index] = apply1(code, data[left])
                else:
                    data[slot] = value1(code, data[left])
            elif posted == LEFT:
                data[slot], left_partials[index] = apply_left(code, data[left], data[right])
            elif posted == RIGHT:
                data[slot], right_partials[index] = apply_right(code, data[left], data[right])
            elif posted:
                data[slot], left_partials[index], right_partials[index] = apply2(code, data[left], data[right])
            else:
                data[slot] = value2(code, data[left], data[right])
            slot += 1

    def backward(self, seed: float, root: i64, mask: bytes | None) -> None:
        """Compute `totals`: the derivative of a root, times the seed, with respect to every slot that varies.

        The mask has a 1 for each instruction that the root depends on; None for all. It runs only without a machine.
        """
        data, totals, factors, others = self.data, self.totals, self.factors, self.others
        for slot in range(self.first + self.size):
            totals[slot] = -0.0
        totals[root] = seed
        codes, lefts, rights, posts = self.codes, self.lefts, self.rights, self.posts
        left_partials, right_partials = self.left_partials, self.right_partials
        slot = self.first + self.size
        for index in range(self.size - 1, -1, -1):
            slot -= 1
            posted = posts[index]
            if posted == 0 or (mask is not None and mask[index] == 0):
                continue
            upstream = totals[slot]
            left, right = lefts[index], rights[index]
            if codes[index] == WEIGHTED_SUM:
                for term in range(right - 1, left - 1, -1):
                    factor, other = factors[term], others[term]
                    totals[factor] += upstream * data[other]
                    totals[other] += upstream * data[factor]
                continue
            if posted != RIGHT:
                totals[left] += upstream * left_partials[index]
            if posted != LEFT:
                totals[right] += upstream * right_partials[index]


class Sweep:
    """The backward pass from a root: it computes the gradients of these slots. For the mask see `Program.backward`."""

    __slots__ = ("_machine", "_mask", "_program", "_root", "_slots", "amounts")

    def __init__(self, program: Program, root: i64, mask: bytes | None, slots: list[int]) -> None:
        self._program = program
        self._root = root
        self._mask = mask
        self._slots = vec[i64](slots)
        self.amounts = vec[float]([-0.0] * len(slots))
        self._machine: Any = None
        if program.machine is not None:
            self._machine = native.Sweep(program.machine, root, mask, self._slots, self.amounts)

    def run(self, seed: float) -> None:
        """Compute the gradients, times a seed, for the program's present run: `amounts`."""
        if self._machine is not None:
            self._machine.run(seed)
            return
        self._program.backward(seed, self._root, self._mask)
        totals, slots, amounts = self._program.totals, self._slots, self.amounts
        for index in range(len(slots)):
            amounts[index] = totals[slots[index]]


def reach(program: Program, root: int) -> tuple[set[int], bytes]:
    """Return the slots that a root depends on by gradients, and a mask for the instructions among them."""
    first, reached, mask = program.first, {root}, bytearray(program.size)
    for index in range(program.size - 1, -1, -1):
        if program.posts[index] and first + index in reached:
            mask[index] = 1
            reached.update(program.receiving(index))
    return reached, bytes(mask)


def _machine(program: Program) -> Any:
    """Return the same program for C, with the same arrays; None if the engine is interpreted.

    It is also None if the program has an operation of a user's own, which is Python.
    """
    if native is None or any(code >= FIRST_OWN for code in program.codes):
        return None
    codes = vec[i64]([int(code) for code in program.codes])
    columns = codes, program.lefts, program.rights, program.posts, program.factors, program.others
    return native.Program(*columns, program.data, program.first)
