"""`quiz`: exercises as questions for Moodle, whose wrong answers are the slips of the lab."""

import math
import re
from collections.abc import Iterator, Sequence

from autograd.lab.answers import Answer
from autograd.lab.marking import Marker
from autograd.lab.reasons import foreseen
from autograd.lab.worksheet import Quantity, Worksheet
from autograd.table.scalars import as_finite, as_whole, counted
from autograd.table.visible import visible
from nn import Exercise, Solution
from viz.core.saving import Forms, Savable
from viz.questions import moodle
from viz.questions.moodle import QuizAnswer, QuizQuestion
from viz.questions.sheets import exercises_in
from viz.texts.derivations import FORMS, of_solutions

_MOST_FOR_CHANGE = 11
"""The most digits that are asked for where fewer do not show the change of a weight."""
_MOST_WRONG = 12
"""The most wrong answers of a question."""
_CLOSE = 1e-9
"""How close two computations of the same number are, relative to it."""
_SAME = 1e-12
"""How close a number is to its rounded one if it has no more digits."""


class Quiz(Savable):
    """Exercises as questions for Moodle; `save` writes them as .xml."""

    kind = "a quiz"

    def __init__(
        self, exercises: Sequence[Exercise], ask: Sequence[str], cloze: bool, digits: int, tolerance: float
    ) -> None:
        self.exercises, self.ask, self.cloze = exercises, ask, cloze
        self.digits, self.tolerance = digits, tolerance

    def forms(self) -> Forms:
        """Return the function that writes the quiz."""
        return {"xml": lambda: self.xml().encode()}

    def questions(self, exercise: Exercise) -> list[QuizQuestion]:
        """Return the questions for an exercise. Raises ValueError for an unknown or infinite quantity."""
        sheet = Worksheet(exercise.solve())
        asked = {quantity.name: quantity for quantity in map(sheet.find, self.ask)}  # w13 and w13_new are the same
        return [
            self._question(Marker(sheet, self.tolerance, self.digits), quantity)
            for quantity in asked.values() or sheet.asked
        ]

    def _question(self, marker: Marker, quantity: Quantity) -> QuizQuestion:
        if not math.isfinite(quantity.right):
            raise ValueError(f"{quantity.name} is {quantity.right}; a quiz needs finite numbers.")
        digits, room = self._room(marker, quantity)
        wrong = list(self._wrong(marker, quantity, digits, room))
        line = FORMS["latex"].line(quantity.line)
        is_short = math.isclose(float(_rounded(quantity.right, self.digits)), quantity.right, rel_tol=_SAME)
        return QuizQuestion(
            quantity.name, line, QuizAnswer(quantity.right, room, "Right."), wrong, 0 if is_short else digits
        )

    def _room(self, marker: Marker, quantity: Quantity) -> tuple[int, float]:
        """Return how many digits a right answer needs, and how far it may be from the right number.

        The new number of a weight needs enough digits to show its change.
        """
        change = math.inf if quantity.before is None else abs(quantity.right - quantity.before) or math.inf
        for digits in range(self.digits, _MOST_FOR_CHANGE + 1):
            marks = marker.marks({quantity.name: _rounded(quantity.right, digits)})
            low, high = marks.given[0].accepted
            if high - low <= change / 2:
                break
        return digits, (high - low) / 2

    def _wrong(self, marker: Marker, quantity: Quantity, digits: int, room: float) -> Iterator[QuizAnswer]:
        """Yield the wrong answers, the most common first: each with what `check` says, and none near another."""
        taken = [(quantity.right, room)]
        for number, reason in foreseen(marker.sheet, quantity, self._read(marker.sheet, quantity), marker.kept):
            if len(taken) > _MOST_WRONG:
                return
            gap = min(abs(number - other) - room for other, room in taken)
            if gap <= _CLOSE * max(abs(number), abs(quantity.right)):
                continue
            rounding = Answer.read("", _rounded(number, digits)).rounding(number)
            taken.append((number, min(rounding, 0.9 * gap)))
            yield QuizAnswer(*taken[-1], reason.sentence)

    def _read(self, sheet: Worksheet, quantity: Quantity) -> list[str]:
        """Return the quantities that have a field before this one, and are in its line; none if it is asked alone."""
        reads = sheet.ways(frozenset())[quantity.name].reads if self.cloze else []
        return [name for name in reads if not sheet.quantities[name].aside]

    def xml(self) -> str:
        """Return the quiz as Moodle's XML: a category for each quantity, or one in all, with a question an exercise."""
        found: dict[str, list[str]] = {}
        for exercise in self.exercises:
            title, questions = visible(exercise.title), self.questions(exercise)
            document = of_solutions([exercise.solve()], FORMS["latex"])
            if self.cloze:
                found.setdefault("", []).append(moodle.cloze(title, document, questions))
            else:
                for question in questions:
                    found.setdefault(question.name, []).append(moodle.numerical(title, document, question))
        written = [row for name, rows in found.items() for row in (moodle.category(self._category(name)), *rows)]
        return "\n".join([moodle.HEAD, *written, moodle.END])

    def _category(self, name: str) -> list[str]:
        several = len(self.exercises) > 1
        variants = counted(len(self.exercises), "variant") if several else ""
        first = re.sub(r" \d+:", ":", self.exercises[0].title) if several else self.exercises[0].title
        return ["gradstep", ", ".join(filter(None, [visible(first), variants])), *([name] if name else [])]

    def __repr__(self) -> str:
        return f'<a quiz of {counted(len(self.exercises), "exercise")}; save("quiz.xml") writes it>'


def _rounded(number: float, digits: int) -> str:
    """Return a number with so many digits, zeros at its end too."""
    return f"{number:#.{digits}g}"


def quiz(
    exercises: Exercise | Solution | Sequence[Exercise | Solution],
    *,
    ask: Sequence[str] = (),
    cloze: bool = False,
    digits: int = 3,
    tolerance: float = 0.0,
) -> Quiz:
    """Return exercises as questions for Moodle, which other systems import too. `save` writes .xml.

    `exercises` is an exercise, or a list of variants. There is a numerical question for each quantity in `ask`, by
    default for all; those of one quantity are in one category, from which a quiz draws one for each student. With
    `cloze` there is one question an exercise, with a field for each quantity.

    An answer is right as `check` accepts it with so many `digits`, or within the relative `tolerance`. A wrong answer
    that a slip gives has the sentence of `check` as its feedback; its interval overlaps with no other.

    Raises TypeError for anything but exercises; ValueError for `digits` outside 1 to 9, and for an unknown quantity
    when the quiz is written.

    >>> from nn import Exercise
    >>> made = quiz(Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1), ask=["w12"])
    >>> [question] = made.questions(made.exercises[0])
    >>> print(question.wrong[1].feedback)
    w12_new = -16 is what one gets without eta. Multiply the gradient by the learning rate: 2 - 0.1*6*3 = 0.2.
    """
    names = [ask] if isinstance(ask, str) else list(ask)
    digits = as_whole(digits, "digits", 1, moodle.MOST_DIGITS)
    tolerance = as_finite(tolerance, "the tolerance", from_zero=True)
    return Quiz(exercises_in(exercises), names, cloze, digits, tolerance)
