"""`check`: a student's numbers beside the right ones, line by line: right, wrong, or right given an earlier slip."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from autograd.lab.answers import Answer, read_answers
from autograd.lab.changes import shown
from autograd.lab.reasons import Reason, causes_of, reason_of, right
from autograd.lab.script import Script, Verdict, seen_answers
from autograd.lab.worksheet import Quantity, Worksheet
from autograd.passes.lines import FORWARD, PassLine
from autograd.passes.names import listed
from autograd.passes.naming import Naming
from autograd.passes.subject import OptimizerLike, Root
from autograd.passes.wording import DIGITS
from autograd.state.displays import Displayed
from autograd.symbols.expression import Constant, Symbol
from autograd.table.scalars import as_finite, as_float, format_number, report_number

_NOISE = 1e-12
"""How far a computed number may be from what it is."""


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of a pass with a student's number.

    `name` is the name that the student gave, `given` the number, None if it is missing. `expected` is the right number,
    `accepted` the interval in which a number with these digits is right. `mistakes` are the names of the slips that
    give the student's number; `sentence` explains the verdict, "" if the number is right. `hint` is the sentence about
    a wrong number without the right one.
    """

    name: str
    given: float | None
    expected: float
    verdict: Verdict
    accepted: tuple[float, float]
    mistakes: tuple[str, ...]
    sentence: str
    hint: str
    line: PassLine

    def as_json(self) -> dict[str, Any]:
        """Return the line as plain data; one slip is a text, several are a list."""
        mistakes: Any = self.mistakes[0] if len(self.mistakes) == 1 else list(self.mistakes) or None
        return {
            "name": self.name,
            "given": None if self.given is None else report_number(self.given),
            "expected": report_number(self.expected),
            "accepted": [report_number(end) for end in self.accepted],
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
class Marks(Displayed):
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
        if not self.count:
            return "no number is given yet"
        return "\n".join([f"{self.right} of {self.count} right", *map(str, self.given)])


def check(
    root: Root | Mapping[str, float],
    answers: Mapping[str, Any],
    *,
    naming: Naming | None = None,
    optimizer: OptimizerLike | None = None,
    tolerance: float = 0.0,
) -> Marks:
    """Return a student's numbers for the lines of a pass, each with a verdict and the slip that explains it.

    `root` is a Value, or an exercise or its solution; or right numbers by name, with which no slip is looked for.
    `naming` and `optimizer` are those of `lines`. `answers` has numbers by name: of a quantity, of a gradient ("dw" is
    understood for "dloss/dw"), of a weight for its new number. A part of the quantities is enough. A number may be a
    text such as "1/3" or "0,5"; None is a blank.

    A number is right if it is the right one rounded to the digits given, or within `tolerance`, relative to the right
    number; the new number of a weight, relative to its change. Rounded earlier numbers are taken into account. Raises
    ValueError for an unknown name, for two numbers of one quantity, and for a text that is no number; TypeError for
    other types; and the errors of `lines`.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> marks = check((x * w - 5) ** 2, {"loss": 1, "dw": 2})
    >>> [(line.name, line.verdict) for line in marks.given]
    [('loss', 'right'), ('dw', 'wrong')]
    >>> check({"weights": 6}, {"weights": 5})
    0 of 1 right
    wrong   weights = 5 is not right; the right number is 6.
    """
    if isinstance(root, Mapping):
        if naming or optimizer:
            raise ValueError("right numbers by name have no lines: leave out naming and optimizer.")
        return _plain_marks(
            {str(name): as_float(number, str(name)) for name, number in root.items()}, answers, tolerance
        )
    return Marker(Worksheet(root, naming, optimizer), tolerance).marks(answers)


def _plain_marks(numbers: Mapping[str, float], answers: Mapping[str, Any], tolerance: float) -> Marks:
    """Return the marks for numbers that are no part of a pass."""
    given = {answer.key: answer for answer in read_answers(answers)}
    tolerance = as_finite(tolerance, "the tolerance", from_zero=True)
    unknown = [name for name in given if name not in numbers]
    if unknown:
        raise ValueError(f"{unknown[0]} is not asked for; there are {listed([*numbers])}.")
    return Marks(
        tuple(_plain_line(given.get(name, Answer(name, None)), own, tolerance) for name, own in numbers.items())
    )


def _plain_line(answer: Answer, wanted: float, tolerance: float) -> MarkedLine:
    name, number = answer.key, answer.number
    room = max(answer.rounding(wanted, answer), tolerance * abs(wanted)) + _NOISE
    verdict: Verdict = "missing" if number is None else "right" if abs(number - wanted) <= room else "wrong"
    reason = Reason((), "")
    if number is None:
        reason = _missing(name)
    elif verdict == "wrong":
        said = f"{shown(name, number)} is not right"
        reason = Reason((), f"{said}; the right number is {format_number(wanted, DIGITS)}.", f"{said}.")
    line = PassLine(Symbol(name), Constant(wanted), {}, wanted, FORWARD, name)
    accepted = wanted - room, wanted + room
    return MarkedLine(name, number, wanted, verdict, accepted, (), reason.sentence, reason.hint, line)


def _missing(name: str) -> Reason:
    return Reason((), f"no number is given for {name}.")


class Marker:
    """Marks the numbers of one student after the other, who rounds no number to fewer digits than `kept`."""

    def __init__(self, sheet: Worksheet, tolerance: float = 0.0, kept: int = 1) -> None:
        self.sheet, self.kept = sheet, kept
        self.tolerance = as_finite(tolerance, "the tolerance", from_zero=True)

    def marks(self, answers: Mapping[str, Any]) -> Marks:
        """Return the marks for these answers; see `check`."""
        return _marked(Script(self.sheet, self._by_quantity(read_answers(answers)), self.tolerance, kept=self.kept))

    def guess(
        self, quantity: Quantity, given: Any, own: Mapping[str, Any] = MappingProxyType({}), seen: Iterable[str] = ()
    ) -> MarkedLine:
        """Return the line of a guess. `own` are the student's other numbers; the right numbers of `seen` are known.

        >>> from nn import READY
        >>> sheet = Worksheet(READY["relu"]())
        >>> Marker(sheet).guess(sheet.find("delta3"), "-30", seen=["w35_new"]).hint
        'delta3 = -30 is what one gets with the updated w35 = -3. Use the weight from before the update.'
        """
        answers = self._by_quantity(read_answers({**own, quantity.name: given}))
        return _line(Script(self.sheet, seen_answers(self.sheet, seen) | answers, self.tolerance, {*seen}), quantity)

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


def _marked(script: Script) -> Marks:
    quantities = script.sheet.quantities.values()
    said = [each for each in quantities if not each.aside or script.number_of(each) is not None]
    return Marks(tuple(_line(script, quantity) for quantity in said))


def _line(script: Script, quantity: Quantity) -> MarkedLine:
    answer, given = script.answers.get(quantity.name), script.number_of(quantity)
    key = quantity.name if answer is None else answer.key
    verdict = script.verdicts.get(quantity.name, "missing")
    room = script.room(quantity, script.wanted(quantity)) - script.noise(quantity, quantity.right)
    reason = Reason((), "")
    if verdict == "missing":
        reason = _missing(key)
    elif verdict == "follows":
        said = f"{shown(key, given or 0.0)} follows from {causes_of(script, quantity)}; {right(quantity)}."
        reason = Reason((), said)
    elif verdict == "wrong":
        reason = reason_of(script, quantity)
    accepted = quantity.right - room, quantity.right + room
    return MarkedLine(
        key, given, quantity.right, verdict, accepted, reason.mistakes, reason.sentence, reason.hint, quantity.line
    )
