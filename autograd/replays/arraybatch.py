"""A program run on many rows by NumPy: instructions of one kind are one operation on arrays, layers are products.

It does the same as `batch`, many times faster. It adds in another order, so values too may differ from the engine's in
the last digits.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.derivatives.shapes import Rows
from autograd.replays.batch import differing_slots
from autograd.replays.program import LEFT, RIGHT, WEIGHTED_SUM, Program
from autograd.symbols.formulas import PYTHON, Language, partial_formula, value_formula
from autograd.table import ieee
from autograd.table.op import Op, op_of

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Index = slice | np.ndarray[Any, np.dtype[np.intp]]


def _chosen_by_bits(condition: Any, yes: Any, no: Any) -> Numbers:
    """Do the same as np.where, by bits. np.where branches at each element, which is slow for a ReLU."""
    yes, no = np.asarray(yes, dtype=float).view(np.int64), np.asarray(no, dtype=float).view(np.int64)
    mask = -np.asarray(condition).astype(np.int64)
    chosen: Numbers = (((yes ^ no) & mask) ^ no).view(np.float64)
    return chosen


class _Arrays(Language):
    """NumPy; if it has no function for an operation, the function of `ieee` runs on each number."""

    def missing_word(self, op: Op) -> str:
        return f"by_number.{PYTHON.word(op)}"


class _ByNumber:
    """The functions of `ieee` for arrays."""

    def __getattr__(self, name: str) -> Callable[..., Numbers]:
        return np.vectorize(getattr(ieee, name), otypes=[float])


NUMPY = _Arrays("numpy", "NumPy", vars(np).keys(), "where({condition}, {yes}, {no})", prefix="np.")
_NAMES = {"np": np, "by_number": _ByNumber(), "where": _chosen_by_bits, "INFINITY": np.inf, "NAN": np.nan}


class ArrayBatch:
    """The blocks of a program as arrays, one array row for each slot that differs; see `Batch`."""

    block = 1024

    def __init__(self, program: Program, rows: list[int]) -> None:
        self.program = program
        self.rows = rows
        differs = differing_slots(program, rows)
        self.uniform = [index for index in range(program.size) if not differs[program.first + index]]
        self._place = {slot: place for place, slot in enumerate(rows)}
        self._groups: list[_Sums | _Operations] = []
        for members in _grouped(program, differs):
            for slot, _ in members:
                self._place[slot] = len(self._place)
            kind = _Sums if isinstance(members[0][1], list) else _Operations
            self._groups.append(kind(program, members, self._place, differs))
        self._data = np.zeros((len(self._place), self.block))
        self._totals = np.zeros_like(self._data)
        self._sums = np.zeros(program.first + program.size)

    def start(self) -> None:
        """Begin a batch, after the program has run on any row: copy the numbers that all rows share, set sums to 0."""
        shared = np.array(list(self.program.data))
        self._sums[:] = 0.0
        for place, slot in enumerate(self.rows):
            self._data[place] = shared[slot]
        for group in self._groups:
            group.share(shared)

    def prepared(self, numbers: Rows) -> Numbers:
        """Return the numbers of all rows as `forward` takes them."""
        return np.array(numbers, dtype=float).reshape(len(numbers), -1)

    def forward(self, numbers: Numbers, rows: Sequence[int]) -> None:
        """Compute the forward pass of the rows at these places, at most `block` rows."""
        data = self._data[:, : len(rows)]
        data[: numbers.shape[1]] = numbers[_index(rows)].T
        with np.errstate(all="ignore"):  # as in IEEE arithmetic: 1 / 0 is an infinity
            for group in self._groups:
                group.forward(data)

    def backward(self, count: int) -> None:
        """Compute the gradients of the block's `count` rows; a shared slot gets their sum."""
        totals = self._totals[:, :count]
        totals[:] = 0.0
        if self.program.root not in self._place:
            self._sums[self.program.root] += count
            return
        totals[self._place[self.program.root]] = 1.0
        with np.errstate(all="ignore"):
            for group in reversed(self._groups):
                group.backward(self._data[:, :count], totals, self._sums)
            self._sums[self.rows] += totals[: len(self.rows)].sum(axis=1)

    def finish(self) -> None:
        """End a batch: pass the sums on through the instructions that all rows share."""
        self.program.set_totals(self._sums.tolist())
        for index in reversed(self.uniform):
            self.program.post(index, index + 1)

    def results(self, slot: int, count: int) -> list[float]:
        """Return the number in this slot for each row of the block."""
        if slot not in self._place:
            return [self.program.data[slot]] * count
        numbers: list[float] = self._data[self._place[slot], :count].tolist()
        return numbers

    def gradients(self, slots: list[int], count: int) -> list[list[float]]:
        """Return for each row of the block the gradients in these slots, which differ by row."""
        places = [self._place[slot] for slot in slots]
        gradients: list[list[float]] = self._totals[places, :count].T.tolist()
        return gradients


Terms = list[tuple[int, int]]
Member = tuple[int, Terms | int]
"""The slot of a result, with the terms of a weighted sum or the number of another instruction."""


def _grouped(program: Program, differs: list[bool]) -> list[list[Member]]:
    """Return the instructions that differ by row, in groups that can run together, operands before results."""
    terms, levels = _sum_terms(program, differs), [0] * (program.first + program.size)
    groups: dict[tuple[Any, ...], list[Member]] = {}
    for slot in range(program.first, program.first + program.size):
        index = slot - program.first
        if not differs[slot] or (program.codes[index] == WEIGHTED_SUM and slot not in terms):
            continue
        if slot in terms:
            operands = [operand for pair in terms[slot] for operand in pair]
            key: tuple[Any, ...] = tuple(other for _, other in _weighted(terms[slot], differs))
            member: Member = (slot, terms[slot])
        else:
            operands = program.operands(index)
            key = (program.codes[index], program.posts[index], *[differs[operand] for operand in operands], "operation")
            member = (slot, index)
        levels[slot] = 1 + max(levels[operand] for operand in operands)
        groups.setdefault((levels[slot], key), []).append(member)
    return [groups[key] for key in sorted(groups, key=lambda key: key[0])]


def _sum_terms(program: Program, differs: list[bool]) -> dict[int, Terms]:
    """Return the terms of each weighted sum by its slot. If only one other sum uses a sum, they become one."""
    uses = _uses(program)
    one = program.first - 1
    terms: dict[int, Terms] = {}
    for index in range(program.size):
        slot = program.first + index
        if program.codes[index] == WEIGHTED_SUM and differs[slot]:
            places = range(program.lefts[index], program.rights[index])
            found = [(program.factors[place], program.others[place]) for place in places]
            start, other = found[0]
            if other == one and start in terms and uses[start] == 1 and program.posts[index]:
                found = terms.pop(start) + found[1:]
            terms[slot] = found
    return terms


def _uses(program: Program) -> list[int]:
    uses = [0] * (program.first + program.size)
    asked = [slot for guard in program.guards for slot in (guard.left, guard.right)]
    for slot in [program.root, program.root, *asked, *asked]:
        uses[slot] += 1
    for index in range(program.size):
        for slot in program.operands(index):
            uses[slot] += 1
    return uses


def _weighted(terms: Terms, differs: Sequence[bool]) -> Terms:
    """Return the terms with one factor that differs by row; this factor is the second."""
    return [(f, o) if differs[o] else (o, f) for f, o in terms if differs[f] != differs[o]]


def _index(places: Sequence[int]) -> Index:
    """Return an index for these rows of an array: a slice, which copies nothing, if the rows are neighbours."""
    if isinstance(places, range) or list(places) == list(range(places[0], places[0] + len(places))):
        return slice(places[0], places[0] + len(places))
    return np.array(places, dtype=np.intp)


def _adder(index: Index) -> Callable[[Numbers, Numbers], None]:
    """Return a function that adds amounts to the selected elements or rows; one selected twice gets both amounts."""
    if isinstance(index, np.ndarray) and len(np.unique(index)) < index.size:
        return lambda target, amounts: np.add.at(target, index, amounts)

    def add(target: Numbers, amounts: Numbers) -> None:
        target[index] += amounts

    return add


class _Sums:
    """Weighted sums of the same operands: a matrix of weights times the operands, plus terms of the other two kinds."""

    def __init__(self, program: Program, members: list[Member], place: dict[int, int], differs: Sequence[bool]) -> None:
        self._targets = _index([place[slot] for slot, _ in members])
        self._posts = any(program.posts[slot - program.first] for slot, _ in members)
        weights: list[list[int]] = []
        shared: list[tuple[int, int, int]] = []
        self._both: list[tuple[int, int, int]] = []
        operands: list[int] = []
        for number, (_, terms) in enumerate(members):
            assert isinstance(terms, list)
            weighted = _weighted(terms, differs)
            weights.append([factor for factor, _ in weighted])
            operands = [place[other] for _, other in weighted]
            shared += [(number, f, o) for f, o in terms if not differs[f] and not differs[o]]
            self._both += [(number, place[f], place[o]) for f, o in terms if differs[f] and differs[o]]
        self._weight_slots = np.array(weights, dtype=np.intp).reshape(len(members), -1)
        self._operands = _index(operands) if operands else slice(0, 0)
        self._add_to_weights, self._add_to_operands = _adder(self._weight_slots), _adder(self._operands)
        self._members, self._lefts, self._rights = np.array(shared, dtype=np.intp).reshape(-1, 3).T
        self._add_to_lefts, self._add_to_rights = _adder(self._lefts), _adder(self._rights)
        self._weights = np.zeros(self._weight_slots.shape)
        self._constants = np.zeros((len(members), 1))
        self._numbers = np.zeros(0)

    def share(self, shared: Numbers) -> None:
        """Take the weights and the constant terms."""
        self._numbers = shared
        self._weights = shared[self._weight_slots]
        self._constants[:] = 0.0
        np.add.at(self._constants[:, 0], self._members, shared[self._lefts] * shared[self._rights])

    def forward(self, data: Numbers) -> None:
        """Compute the sums of all members."""
        in_place = isinstance(self._targets, slice)
        results = data[self._targets] if in_place else np.empty((len(self._weights), data.shape[1]))
        if self._weights.size:
            np.matmul(self._weights, data[self._operands], out=results)
            results += self._constants
        else:
            results[:] = self._constants
        for member, left, right in self._both:
            results[member] += data[left] * data[right]
        if not in_place:
            data[self._targets] = results

    def backward(self, data: Numbers, totals: Numbers, sums: Numbers) -> None:
        """Post the gradients of all members."""
        if not self._posts:
            return
        upstream = totals[self._targets]
        if self._weights.size:
            self._add_to_weights(sums, upstream @ data[self._operands].T)
            self._add_to_operands(totals, self._weights.T @ upstream)
        by_member = upstream.sum(axis=1)[self._members]
        self._add_to_lefts(sums, by_member * self._numbers[self._rights])
        self._add_to_rights(sums, by_member * self._numbers[self._lefts])
        for member, left, right in self._both:
            totals[left] += upstream[member] * data[right]
            totals[right] += upstream[member] * data[left]


class _Operations:
    """Instructions of one operation; the same of their operands differ by row."""

    def __init__(self, program: Program, members: list[Member], place: dict[int, int], differs: Sequence[bool]) -> None:
        indices = [number for _, number in members if isinstance(number, int)]
        self._targets = _index([place[slot] for slot, _ in members])
        self._posts = program.posts[indices[0]]
        op = op_of(program.codes[indices[0]])
        self._value = _array_function(NUMPY.text(value_formula(op)))
        self._partials = [_array_function(NUMPY.text(partial_formula(op, operand))) for operand in range(op.arity)]
        slots = [[program.lefts[index] for index in indices], [program.rights[index] for index in indices]][: op.arity]
        self._slots = [np.array(operand, dtype=np.intp) for operand in slots]
        self._rows = [_index([place[slot] for slot in operand]) if differs[operand[0]] else None for operand in slots]
        self._adders = [
            _adder(np.array(places, dtype=np.intp) if rows is None else rows)
            for rows, places in zip(self._rows, slots, strict=True)
        ]
        self._shared: list[Numbers] = []
        self._slopes: list[Numbers] = []

    def share(self, shared: Numbers) -> None:
        """Take the operands that do not differ by row."""
        self._shared = [shared[operand].reshape(-1, 1) for operand in self._slots]

    def forward(self, data: Numbers) -> None:
        """Compute the results and the local derivatives of all members."""
        operands = [
            data[rows] if rows is not None else numbers for rows, numbers in zip(self._rows, self._shared, strict=True)
        ]
        results = self._value(*operands, *operands[:1][: 2 - len(operands)], None)
        self._slopes = [
            partial(*operands, *operands[:1][: 2 - len(operands)], results) if self._posts & side else results
            for partial, side in zip(self._partials, (LEFT, RIGHT), strict=False)
        ]
        data[self._targets] = results

    def backward(self, _data: Numbers, totals: Numbers, sums: Numbers) -> None:
        """Post the gradients of all members."""
        upstream = totals[self._targets]
        for side, rows, add, slope in zip((LEFT, RIGHT), self._rows, self._adders, self._slopes, strict=False):
            if not self._posts & side:
                continue
            postings = upstream * slope
            if rows is None:
                add(sums, postings.sum(axis=1))
            else:
                add(totals, postings)


def _array_function(formula: str) -> Callable[..., Any]:
    """Return a formula of x, y and z as a function of arrays; with one operand, y is not used."""
    function: Callable[..., Any] = eval(f"lambda x, y, z: {formula}", _NAMES)
    return function
