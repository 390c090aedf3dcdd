"""`Script`: the numbers of one student, each with its verdict, and what follows from them.

Each number is compared with the right one, and with the one that the student's own earlier numbers give.
"""

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from autograd.lab.answers import Answer, finest, first_place
from autograd.lab.calculation import Number
from autograd.lab.worksheet import Quantity, Way, Worksheet
from autograd.table.scalars import format_number

Verdict: TypeAlias = Literal["right", "follows", "wrong", "missing"]
"""What is said of a line. A number that follows is wrong, but right given the student's own earlier numbers."""
_CLOSE, _TINY = 1e-9, 1e-12
"""How close two computations of the same number are, relative to the number, and to the numbers in its line."""
_NOTHING = 5e-7
"""What is 0 to six digits, relative to the numbers in its line."""
FULL = 6
"""The digits that a number is taken to have where nothing says how many were meant."""


def seen_answers(sheet: Worksheet, seen: Iterable[str]) -> dict[str, Answer]:
    """Return the right numbers of these quantities as they are shown to a student, by name."""
    lines = {name: sheet.quantities[name].line for name in seen}
    return {name: Answer.read(name, _as_shown(float(line.result), line.digits)) for name, line in lines.items()}


def _as_shown(number: float, digits: int) -> str | float:
    return format_number(number, digits) if math.isfinite(number) else number


@dataclass(slots=True)
class Script:
    """The numbers of one student, marked.

    `numbers` are the student's own: the given ones, and what follows from them. `own` is what each line gives with the
    student's earlier numbers. `causes` are the wrong numbers that a line was computed from. Of the answers, `seen` are
    right numbers that the student was shown: they do not say how exactly the student writes numbers. Nobody rounds to
    fewer digits than `kept`.
    """

    sheet: Worksheet
    answers: Mapping[str, Answer]
    tolerance: float
    seen: Set[str] = frozenset()
    kept: int = 1
    numbers: dict[str, Number] = field(default_factory=dict)
    own: dict[str, Number] = field(default_factory=dict)
    causes: dict[str, list[str]] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    asides: frozenset[str] = frozenset()
    finest: Answer | None = None
    ways: Mapping[str, Way] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asides = frozenset(name for name in self.answers if self.sheet.quantities[name].aside)
        self.finest = finest(answer for name, answer in self.answers.items() if name not in self.seen)
        self.ways = self.sheet.ways(self.asides)
        for quantity in self.sheet.order:
            self._mark(quantity)

    def number_of(self, quantity: Quantity) -> float | None:
        """Return the number that was given for a quantity."""
        answer = self.answers.get(quantity.name)
        return None if answer is None else answer.number

    def _mark(self, quantity: Quantity) -> None:
        name = quantity.name
        calculation, _, reads = self.ways[name]
        causes = self.causes[name] = list(dict.fromkeys(cause for read in reads for cause in self._causes_by(read)))
        if causes or any(self.numbers[read].spread or read in self.answers for read in reads):
            own = self.sheet.value(quantity, calculation, self.numbers)
        else:
            own = Number(quantity.right)
        self.own[name] = self.numbers[name] = own
        given = self.number_of(quantity)
        if given is not None:
            self.verdicts[name] = self._verdict(quantity, given)
            self.numbers[name] = Number(given, self._spread(quantity, given))

    def _causes_by(self, read: str) -> list[str]:
        """Return the wrong numbers that a line has by reading this one."""
        verdict = self.verdicts.get(read)
        if verdict is None:
            return self.causes[read]
        return [] if verdict == "right" else [read]

    def _verdict(self, quantity: Quantity, given: float) -> Verdict:
        if self.fits(quantity, given, self.wanted(quantity)):
            return "right"
        if not self.fits(quantity, given, self.own[quantity.name]):
            return "wrong"
        causes = self.causes[quantity.name]
        if not causes:
            return "right"
        return "wrong" if self._is_trivial(quantity, given, causes) else "follows"

    def wanted(self, quantity: Quantity) -> Number:
        """Return the right number; its spread is that of the student's earlier numbers, if all of these are right."""
        return Number(quantity.right, 0.0 if self.causes[quantity.name] else self.own[quantity.name].spread)

    def _is_trivial(self, quantity: Quantity, given: float, causes: Iterable[str]) -> bool:
        """Say whether a wrong 0, or a number that is not finite, leaves nothing of a line to be computed."""
        if not math.isfinite(given):
            return True
        nothing = given in (0.0, quantity.before)
        return nothing and any(self.numbers[cause].value == 0.0 for cause in causes)

    def _spread(self, quantity: Quantity, given: float) -> float:
        """Return how far the number that the student went on with may be from the given one."""
        verdict = self.verdicts[quantity.name]
        if verdict == "wrong":
            return self.answers[quantity.name].unknown(self.finest)
        own = self.own[quantity.name]
        wanted = [own] if verdict == "follows" else [Number(quantity.right)]
        if verdict == "right" and self.fits(quantity, given, own):
            wanted.append(own)
        apart = [abs(given - number) + spread for number, spread in wanted]
        last = self.answers[quantity.name].last
        return max(min(far, last) if far > self.noise(quantity, given) else 0.0 for far in apart)

    def noise(self, quantity: Quantity, wanted: float) -> float:
        """Return how far two computations of the same number are apart."""
        return _CLOSE * abs(wanted) + _TINY * quantity.largest

    def fits(self, quantity: Quantity, given: float, wanted: Number) -> bool:
        """Say whether a given number is the wanted one, rounded to the digits given."""
        if not math.isfinite(wanted.value):
            return wanted.value == given or (math.isnan(wanted.value) and math.isnan(given))
        if given == 0.0 and abs(wanted.value) <= _NOTHING * quantity.largest:
            return True
        is_near = abs(given - wanted.value) <= self.room(quantity, wanted)
        return is_near and not self._is_unchanged(quantity, given, wanted.value)

    def room(self, quantity: Quantity, wanted: Number) -> float:
        """Return how far a given number may be from the wanted one."""
        answer = self.answers.get(quantity.name)
        rounding = 0.0 if answer is None else answer.rounding(wanted.value, self.finest, is_exact=not wanted.spread)
        before = quantity.before
        size = wanted.value if before is None else wanted.value - before
        return max(rounding + wanted.spread, self.tolerance * abs(size)) + self.noise(quantity, wanted.value)

    def _is_unchanged(self, quantity: Quantity, given: float, wanted: float) -> bool:
        """Say whether a given number is the old one, and the student's digits would show its change."""
        others = [
            other.digits
            for name, other in self.answers.items()
            if name != quantity.name and name not in self.seen and other.number
        ]
        digits = max([self.answers[quantity.name].digits, *(others or [FULL])])
        return given == quantity.before and shows_change(quantity, wanted, digits)


def shows_change(quantity: Quantity, wanted: float, digits: int) -> bool:
    """Say whether so many digits of a weight show that it changed to the wanted number."""
    before = quantity.before
    if before is None or wanted == before or not math.isfinite(before):
        return False
    return abs(wanted - before) > 0.5 * 10.0 ** (first_place(before) - digits + 1)
