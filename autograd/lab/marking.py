"""`check`: a student's numbers beside the right ones, line by line: right, wrong, or right given an earlier slip.

Each number is compared with the right one, and with the one that the student's own earlier numbers give.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from autograd.lab.answers import Answer, finest, read_answers
from autograd.lab.slips import Case, explained
from autograd.lab.worksheet import Number, Quantity, Way, Worksheet
from autograd.passes.lines import PassLine
from autograd.passes.names import listed
from autograd.passes.naming import Naming
from autograd.passes.subject import OptimizerLike, Root
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import text
from autograd.table.scalars import as_finite, format_number, json_number

Verdict: TypeAlias = Literal["right", "follows", "wrong", "missing"]
VERDICTS = get_args(Verdict)
"""What is said of a line. A number that follows is wrong, but right given the student's own earlier numbers."""
_CLOSE, _TINY = 1e-9, 1e-12
"""How close two computations of the same number are, relative to the number, and to the numbers in its line."""
_NOTHING = 5e-7
"""What is 0 to six digits, relative to the numbers in its line."""
_FULL = 6
"""The digits that a number is taken to have where nothing says how many were meant."""


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of a pass with a student's number.

    `name` is the name that the student gave, `given` the number, None if it is missing. `expected` is the right number,
    `accepted` the interval in which a number with these digits is right. `mistakes` are the names of the slips that
    give the student's number; `sentence` explains the verdict, "" if the number is right.
    """

    name: str
    given: float | None
    expected: float
    verdict: Verdict
    accepted: tuple[float, float]
    mistakes: tuple[str, ...]
    sentence: str
    line: PassLine

    def as_json(self) -> dict[str, Any]:
        """Return the line as plain data; one slip is a text, several are a list."""
        mistakes: Any = self.mistakes[0] if len(self.mistakes) == 1 else list(self.mistakes) or None
        return {
            "name": self.name,
            "given": None if self.given is None else _plain_number(self.given),
            "expected": _plain_number(self.expected),
            "accepted": [_plain_number(end) for end in self.accepted],
            "verdict": self.verdict,
            "mistake": mistakes,
            "sentence": self.sentence,
        }

    @property
    def said(self) -> str:
        """The sentence, or the number if nothing has to be said of it."""
        return self.sentence or f"{self.name} = {format_number(self.given or 0.0)}"

    def __str__(self) -> str:
        return f"{self.verdict:8}{self.said}"


@dataclass(frozen=True, slots=True, repr=False)
class Marks:
    """All lines of a pass with a student's numbers, in the order of the pass.

    >>> from nn import READY
    >>> marks = READY["relu"]().check({"x3": 5, "delta3": -30, "w13": 5})
    >>> marks.right, marks.follows, marks.count, marks.first_wrong
    (1, 1, 3, 'delta3')
    """

    lines: tuple[MarkedLine, ...]

    @property
    def given(self) -> list[MarkedLine]:
        """The lines that have a number."""
        return [line for line in self.lines if line.given is not None]

    @property
    def count(self) -> int:
        """How many numbers were given."""
        return len(self.given)

    @property
    def right(self) -> int:
        """How many of them are right."""
        return sum(line.verdict == "right" for line in self.lines)

    @property
    def follows(self) -> int:
        """How many are right given the student's own earlier numbers."""
        return sum(line.verdict == "follows" for line in self.lines)

    @property
    def first_wrong(self) -> str | None:
        """The name of the first number that is wrong by itself."""
        return next((line.name for line in self.lines if line.verdict == "wrong"), None)

    @property
    def all_right(self) -> bool:
        """Whether all given numbers are right."""
        return self.right == self.count

    def as_json(self) -> dict[str, Any]:
        """Return the marks as plain data."""
        lines = [line.as_json() for line in self.lines]
        return {"right": self.right, "count": self.count, "first_wrong": self.first_wrong, "lines": lines}

    def __repr__(self) -> str:
        return "\n".join([f"{self.right} of {self.count} right", *map(str, self.given)])


def check(
    root: Root,
    answers: Mapping[str, Any],
    *,
    naming: Naming | None = None,
    optimizer: OptimizerLike | None = None,
    tolerance: float = 0.0,
) -> Marks:
    """Return a student's numbers for the lines of a pass, each with a verdict and the slip that explains it.

    `root` is a Value, or an exercise or its solution; `naming` and `optimizer` are those of `lines`. `answers` has
    numbers by name: of a quantity, of a gradient ("dw" is understood for "dloss/dw"), of a weight for its new number. A
    part of the quantities is enough. A number may be a text such as "1/3" or "0,5"; None is a blank.

    A number is right if it is the right one rounded to the digits given, or within `tolerance`, relative to the right
    number; the new number of a weight, relative to its change. Rounded earlier numbers are taken into account. Raises
    ValueError for an unknown name, for two numbers of one quantity, and for a text that is no number; TypeError for
    other types; and the errors of `lines`.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> marks = check((x * w - 5) ** 2, {"loss": 1, "dw": 2})
    >>> [(line.name, line.verdict) for line in marks.given]
    [('loss', 'right'), ('dw', 'wrong')]
    """
    return Marker(Worksheet(root, naming, optimizer), tolerance).marks(answers)


class Marker:
    """Marks the numbers of one student after the other."""

    def __init__(self, sheet: Worksheet, tolerance: float = 0.0) -> None:
        self.sheet = sheet
        self.tolerance = as_finite(tolerance, "the tolerance", from_zero=True)

    def marks(self, answers: Mapping[str, Any]) -> Marks:
        """Return the marks for these answers; see `check`."""
        return _Script(self.sheet, self._by_quantity(read_answers(answers)), self.tolerance).marks()

    def _by_quantity(self, answers: Iterable[Answer]) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for answer in answers:
            name = self.sheet.find(answer.key).name
            if name in found:
                raise ValueError(
                    f"{found[name].key} and {answer.key} are the same quantity; give one number for it."
                    if found[name].key != answer.key
                    else f"{answer.key} is given twice; give one number for it."
                )
            found[name] = answer
        return found


@dataclass(slots=True)
class _Script:
    """The numbers of one student while they are marked.

    `numbers` are the student's own: the given ones, and what follows from them. `own` is what each line gives with the
    student's earlier numbers. `causes` are the wrong numbers that a line was computed from.
    """

    sheet: Worksheet
    answers: Mapping[str, Answer]
    tolerance: float
    numbers: dict[str, Number] = field(default_factory=dict)
    own: dict[str, Number] = field(default_factory=dict)
    causes: dict[str, list[str]] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    asides: frozenset[str] = frozenset()
    finest: Answer | None = None
    ways: Mapping[str, Way] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asides = frozenset(name for name in self.answers if self.sheet.quantities[name].aside)
        self.finest = finest(self.answers.values())
        self.ways = self.sheet.ways(self.asides)

    def marks(self) -> Marks:
        """Return the marks."""
        for quantity in self.sheet.order:
            self._mark(quantity)
        shown = [each for each in self.sheet.quantities.values() if not each.aside or self._number_of(each) is not None]
        return Marks(tuple(map(self._line, shown)))

    def _number_of(self, quantity: Quantity) -> float | None:
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
        given = self._number_of(quantity)
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
        own, causes = self.own[quantity.name], self.causes[quantity.name]
        if self.fits(quantity, given, Number(quantity.right, 0.0 if causes else own.spread)):
            return "right"
        if not self.fits(quantity, given, own):
            return "wrong"
        if not causes:
            return "right"
        return "wrong" if self._is_trivial(quantity, given, causes) else "follows"

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
        return max(min(far, last) if far > self._noise(quantity, given) else 0.0 for far in apart)

    def _noise(self, quantity: Quantity, wanted: float) -> float:
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
        return max(rounding + wanted.spread, self.tolerance * abs(size)) + self._noise(quantity, wanted.value)

    def _is_unchanged(self, quantity: Quantity, given: float, wanted: float) -> bool:
        """Say whether a given number is the old one, and the student's digits would show its change."""
        if quantity.before is None or given != quantity.before or wanted == quantity.before:
            return False
        answer = self.answers[quantity.name]
        others = [other.digits for name, other in self.answers.items() if name != quantity.name and other.number]
        digits = max([answer.digits, *(others or [_FULL])])
        return abs(wanted - given) > 0.5 * 10.0 ** (_exponent(given) - digits + 1)

    def _line(self, quantity: Quantity) -> MarkedLine:
        answer, given = self.answers.get(quantity.name), self._number_of(quantity)
        key = quantity.name if answer is None else answer.key
        verdict = self.verdicts.get(quantity.name, "missing")
        wanted = Number(quantity.right, 0.0 if self.causes[quantity.name] else self.own[quantity.name].spread)
        room = self.room(quantity, wanted) - self._noise(quantity, quantity.right)
        accepted = quantity.right - room, quantity.right + room
        mistakes: tuple[str, ...] = ()
        sentence = ""
        if verdict == "missing":
            sentence = f"no number is given for {key}."
        elif verdict == "follows":
            sentence = f"{_shown(key, given)} follows from {self._causes_of(quantity)}; {self._right(quantity)}."
        elif verdict == "wrong":
            mistakes, sentence = self._explained(quantity, key, given or 0.0)
        return MarkedLine(key, given, quantity.right, verdict, accepted, mistakes, sentence, quantity.line)

    def _causes_of(self, quantity: Quantity) -> str:
        return listed([_shown(self.answers[name].key, self.numbers[name].value) for name in self.causes[quantity.name]])

    def _right(self, quantity: Quantity) -> str:
        return f"the right number is {format_number(quantity.right, DIGITS)}"

    def _explained(self, quantity: Quantity, key: str, given: float) -> tuple[tuple[str, ...], str]:
        """Return the names of the slips that give a wrong number, and the sentence about them."""
        name = quantity.name
        numbers = {**self.numbers, name: self.own[name]}
        case = Case(self.sheet, quantity, numbers, frozenset(self.answers), self.asides)
        mistakes, causes = explained(case, lambda wanted: self._is_exact(quantity, given, wanted))
        if not mistakes:
            mistakes, causes = explained(case, lambda wanted: self._is_told(quantity, given, wanted))
        steps = list(dict.fromkeys([_numbers_of(case), format_number(self.own[name].value, DIGITS)]))
        if not mistakes:
            sentence = f"{_shown(key, given)} is not right: {' = '.join([text(case.shown), *steps])}."
            sentence += self._said_of_digits(quantity)
        else:
            *_, advice = causes
            sentence = (
                f"{_shown(key, given)} is what one gets {' or '.join(causes[:-1])}. {advice}: {' = '.join(steps)}."
            )
        if self.causes[name]:
            sentence += f" This is with {self._causes_of(quantity)}; {self._right(quantity)}."
        return mistakes, sentence

    def _said_of_digits(self, quantity: Quantity) -> str:
        """Return what is right with so many digits, if more than one number is."""
        own = self.own[quantity.name]
        room = self.room(quantity, own)
        if room <= self._noise(quantity, own.value) * 2.0:
            return ""
        ends = (format_number(own.value + way * room, DIGITS) for way in (-1.0, 1.0))
        return f" With these digits, {' to '.join(ends)} is right."

    def _is_exact(self, quantity: Quantity, given: float, wanted: Number) -> bool:
        """Say whether a slip gives exactly the student's number."""
        noise = self._noise(quantity, wanted.value)
        return abs(given - wanted.value) <= noise < abs(self.own[quantity.name].value - wanted.value)

    def _is_told(self, quantity: Quantity, given: float, wanted: Number) -> bool:
        """Say whether a slip gives the student's number when rounded, and the right calculation does not."""
        room = self.room(quantity, wanted)
        return abs(given - wanted.value) <= room < abs(self.own[quantity.name].value - wanted.value)


def _exponent(number: float) -> int:
    return math.floor(math.log10(abs(number))) if number else 0


def _shown(name: str, number: float | None) -> str:
    return f"{name} = {format_number(number or 0.0, DIGITS)}"


def _numbers_of(case: Case) -> str:
    known = {name: number.value for name, number in case.numbers.items()}
    return text(case.shown, {**case.sheet.given, **dict(case.quantity.line.known), **known}, DIGITS)


def _plain_number(number: float) -> Any:
    return int(number) if math.isfinite(number) and number.is_integer() and abs(number) < 1e15 else json_number(number)
