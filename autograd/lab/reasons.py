"""The reasons of a wrong number: the slips that give it, in its own line or in one before it that was not given."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from autograd.lab.answers import Answer
from autograd.lab.calculation import Calculation, Number
from autograd.lab.changes import Alternative, Case, shown
from autograd.lab.script import Script
from autograd.lab.slips import SLIPS, Slip
from autograd.lab.worksheet import Quantity, Worksheet
from autograd.passes.names import listed
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import text
from autograd.symbols.substitution import parts, spelled_out
from autograd.table.scalars import format_number

LARGEST = 150
"""The most parts of a formula in which slips are looked for."""
_FARTHEST = 40
"""The most lines before a number in which a slip is looked for."""
_SAID = 3
"""The most slips that a sentence says."""
_SURE = 3
"""The fewest digits of a rounded number that shows a slip in a line before it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The slips that give a wrong number, by their names, and the sentence about it.

    `hint` is the sentence without the right number, for somebody who tries again.
    """

    mistakes: tuple[str, ...]
    sentence: str
    hint: str = ""


def reason_of(script: Script, quantity: Quantity) -> Reason:
    """Return why a wrong number is wrong, as far as it is known."""
    search = _Search(script, quantity)
    causes = script.causes[quantity.name]
    reason = search.slips() or search.unknown()
    if not causes:
        return reason
    end = f" This is with {causes_of(script, quantity)}"
    return Reason(reason.mistakes, f"{reason.sentence}{end}; {right(quantity)}.", f"{reason.hint}{end}.")


def foreseen(
    sheet: Worksheet, quantity: Quantity, known: Iterable[str] = (), kept: int = 1
) -> Iterator[tuple[float, Reason]]:
    """Yield the finite wrong numbers of somebody who makes one slip, each with the reason that `check` gives.

    The slips are in this line, then in lines before it, the nearest first; those of rounding give no number of their
    own, and nobody rounds to fewer digits than `kept`. Lines before those that are `known` have no slips: their right
    numbers are given.
    """
    answers = {name: Answer.read(name, sheet.quantities[name].right) for name in known}
    search = _Search(Script(sheet, {**answers, quantity.name: Answer(quantity.name, None)}, 0.0, kept=kept), quantity)
    lines = [(quantity, []), *search.missing()]
    slipped = [each for earlier, path in lines for each in search.slipped(earlier, path)]
    numbers = (each.number for each in slipped if not each.is_rounded and math.isfinite(each.number))
    for number in dict.fromkeys(numbers):
        reason = search.reason_among(slipped, number)
        marked = Script(sheet, {**answers, quantity.name: Answer.read(quantity.name, number)}, 0.0, kept=kept)
        if reason and marked.verdicts[quantity.name] == "wrong":
            yield number, reason


def causes_of(script: Script, quantity: Quantity) -> str:
    """Return the wrong numbers that a line was computed from, for a sentence."""
    return listed(
        [shown(script.answers[name].key, script.numbers[name].value) for name in script.causes[quantity.name]]
    )


def right(quantity: Quantity) -> str:
    """Return what the right number is, for a sentence."""
    return f"the right number is {format_number(quantity.right, DIGITS)}"


def explained(said: str, told: Sequence[str], first: Slip) -> str:
    """Return how slips give a number, and what to do about the first one, without a point at the end."""
    return f"{said} is what one gets {' or '.join(told[:_SAID])}. {first.advice}"


class _Slipped(NamedTuple):
    """A slip in a line, how it gives a number, and the number to which it leads."""

    how: str
    slip: Slip
    case: Case
    number: float
    is_rounded: bool


class _Search:
    """The search for the slips that give one wrong number."""

    def __init__(self, script: Script, quantity: Quantity) -> None:
        self.script, self.quantity = script, quantity
        self.own = script.own[quantity.name]
        self.given = script.number_of(quantity) or 0.0
        self.said = shown(script.answers[quantity.name].key, self.given)
        self.case = self._case(quantity)

    def _case(self, quantity: Quantity) -> Case:
        numbers = {**self.script.numbers, quantity.name: self.script.own[quantity.name]}
        return Case(
            self.script.sheet, quantity, numbers, frozenset(self.script.answers), self.script.asides, self.script.kept
        )

    def slips(self) -> Reason | None:
        """Return the slips that give the number: exactly, else when rounded."""
        for fits in (self._is_exact, self._is_told):
            found = [*self._in_line(fits), *self._before_line(fits)]
            if found:
                return self._reason(found, self.said)
        return None

    def _reason(self, found: Sequence[tuple[str, Slip, Case]], said: str) -> Reason:
        _, first, case = found[0]
        steps = self._steps(case)
        if case.quantity is not self.quantity:
            steps = f"{case.quantity.name} = {steps}; {right(self.quantity)}"
        names = tuple(dict.fromkeys(slip.name for _, slip, _ in found))
        hint = explained(said, [how for how, _, _ in found], first)
        return Reason(names, f"{hint}: {steps}.", f"{hint}.")

    def reason_among(self, slipped: Iterable[_Slipped], number: float) -> Reason | None:
        """Return the reason of a number that one of these slips gives; None if it is the right one."""
        found: dict[tuple[Slip, str], tuple[str, Slip, Case]] = {}
        is_nothing = number == (self.quantity.before or 0.0)
        for how, slip, case, wanted, _ in slipped:
            is_in_line = case.quantity is self.quantity
            if self._is_exact(Number(wanted), number) and (is_in_line or not is_nothing):
                found.setdefault((slip, case.quantity.name), (how, slip, case))
        return self._reason([*found.values()], shown(self.quantity.name, number)) if found else None

    def _in_line(self, fits: Callable[[Number], bool]) -> Iterator[tuple[str, Slip, Case]]:
        """Yield the slips in the number's own line, each with how it gives the number."""
        for slip, own in _results(self.case, fits):
            yield self._how(slip, own, self.case), slip, self.case

    def _how(self, slip: Slip, own: Alternative, case: Case) -> str:
        how = slip.how.format(changed=own.changed)
        return how if case.quantity is self.quantity else f"if {case.quantity.name} is computed {how}"

    def _before_line(self, fits: Callable[[Number], bool]) -> Iterator[tuple[str, Slip, Case]]:
        """Yield the slips in lines before that were not given, and lead to the number."""
        is_sure = fits == self._is_exact or self.script.answers[self.quantity.name].digits >= _SURE
        is_nothing = self.given == (self.quantity.before or 0.0)  # what many slips give
        if self.script.causes[self.quantity.name] or is_nothing or not is_sure:
            return
        for earlier, path in self.missing():
            case = self._case(earlier)
            results = _results(case, self._carried(earlier, path, fits))
            for slip, own in results:
                if not own.numbers:  # too many numbers can be rounded
                    yield self._how(slip, own, case), slip, case

    def slipped(self, earlier: Quantity, path: Sequence[Quantity]) -> Iterator[_Slipped]:
        """Yield the slips of a line, with the numbers to which they lead on this path."""
        case = self._case(earlier)
        for slip, own in _alternatives(case):
            wanted = _result(case, own)
            is_other = wanted.value != self.script.own[earlier.name].value
            if earlier is self.quantity or (is_other and not own.numbers):
                number = self._led_to(earlier, path, wanted).value
                yield _Slipped(self._how(slip, own, case), slip, case, number, bool(own.numbers))

    def missing(self) -> Iterator[tuple[Quantity, list[Quantity]]]:
        """Yield the lines that were not given on the way to the number, the nearest first, each with the way."""
        script = self.script
        needed, before = {self.quantity.name}, []
        for earlier in reversed(script.sheet.order):
            if earlier.name in needed:
                if earlier is not self.quantity:
                    before.append(earlier)
                reads = script.ways[earlier.name].reads
                needed.update(read for read in reads if script.number_of(script.sheet.quantities[read]) is None)
        for place, earlier in enumerate(before[:_FARTHEST]):
            yield earlier, [*reversed(before[:place]), self.quantity]

    def _carried(
        self, earlier: Quantity, path: Iterable[Quantity], fits: Callable[[Number], bool]
    ) -> Callable[[Number], bool]:
        """Return what says whether a number of an earlier line leads to the student's."""

        def leads(wanted: Number) -> bool:
            return wanted.value != self.script.own[earlier.name].value and fits(self._led_to(earlier, path, wanted))

        return leads

    def _led_to(self, earlier: Quantity, path: Iterable[Quantity], wanted: Number) -> Number:
        """Return the number to which another number of an earlier line leads."""
        numbers = {**self.script.numbers, earlier.name: wanted}
        for quantity in path:
            numbers[quantity.name] = self._value(quantity, numbers)
        return numbers[self.quantity.name]

    def _value(self, quantity: Quantity, numbers: dict[str, Number]) -> Number:
        return self.script.sheet.value(quantity, self.script.ways[quantity.name].calculation, numbers)

    def unknown(self) -> Reason:
        """Return the sentence about a number that no slip gives."""
        room = self.script.room(self.quantity, self.own)
        said = f"{self.said} is not right: {text(self.case.shown)} = {self._steps(self.case)}."
        hint = f"{self.said} is not right."
        if room > self.script.noise(self.quantity, self.own.value) * 2.0:
            ends = (format_number(self.own.value + way * room, DIGITS) for way in (-1.0, 1.0))
            said += f" With these digits, {' to '.join(ends)} is right."
        return Reason((), said, hint)

    def _steps(self, case: Case) -> str:
        """Return a line's formula in the student's numbers, and its result."""
        known = {name: number.value for name, number in case.numbers.items()}
        numbers = text(case.shown, {**case.sheet.given, **dict(case.quantity.line.known), **known}, DIGITS)
        return " = ".join(dict.fromkeys([numbers, format_number(self.script.own[case.quantity.name].value, DIGITS)]))

    def _is_exact(self, wanted: Number, number: float | None = None) -> bool:
        """Say whether a slip gives exactly this number, or else the student's."""
        given = self.given if number is None else number
        noise = self.script.noise(self.quantity, wanted.value)
        return abs(given - wanted.value) <= noise < abs(self.own.value - wanted.value)

    def _is_told(self, wanted: Number) -> bool:
        """Say whether a slip gives the student's number when rounded, and the right calculation does not."""
        room = self.script.room(self.quantity, wanted)
        return abs(self.given - wanted.value) <= room < abs(self.own.value - wanted.value)


def _results(case: Case, fits: Callable[[Number], bool]) -> Iterator[tuple[Slip, Alternative]]:
    """Yield the slips in a line whose result fits, each with the first computation that does."""
    for slip, alternatives in groupby(_alternatives(case), itemgetter(0)):
        found = next((each for _, each in alternatives if fits(_result(case, each))), None)
        if found is not None:
            yield slip, found


def _alternatives(case: Case) -> Iterator[tuple[Slip, Alternative]]:
    """Yield the slips in a line, each with each computation that it may be; none in a very large formula."""
    if sum(1 for _ in parts(case.shown)) <= LARGEST:
        for slip in SLIPS:
            for own in slip.alternatives(case):
                yield slip, own


def _result(case: Case, alternative: Alternative) -> Number:
    calculation = Calculation(spelled_out(alternative.formula, case.asides), runs_once=True)
    return case.sheet.value(case.quantity, calculation, {**case.numbers, **alternative.numbers})
