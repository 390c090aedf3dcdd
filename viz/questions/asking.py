"""`Questions`: the lines of a pass as questions, one after the other. A guess is marked, a hint shows the formula."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograd.lab.marking import MarkedLine, Marker
from autograd.lab.worksheet import Quantity, Worksheet
from autograd.passes.names import listed
from autograd.table.scalars import counted


class Questions:
    """The questions about a pass: `asked` are the quantities, all that have a line if none are named.

    `marker` judges the guesses, `place` is that of the present question, `ends` has how each one before ended: "right",
    "shown" or "skipped".

    A number that was skipped stays the student's own: what follows from it counts as right. A number that is shown, or
    that stands before the first question, is known.

    >>> from nn import READY
    >>> questions = Questions(Worksheet(READY["relu"]()))
    >>> questions.guess("9").hint, questions.hint(), questions.guess(5).verdict
    ('x3 = 9 is not right.', 'x3 = x1*w13 + x2*w23', 'right')
    >>> questions.summary
    '1 of 16 numbers right: 0 at the first try, 1 later. 1 hint. Look again at x3.'
    """

    def __init__(self, sheet: Worksheet, asked: Sequence[str] = (), start: int = 0) -> None:
        self.marker = Marker(sheet)
        self.asked = [sheet.quantities[name] for name in asked] or sheet.asked
        self.first = self.place = start
        self._own: dict[str, Any] = {}
        self._seen = {quantity.name for quantity in self.asked[:start]}
        self.ends: dict[str, str] = {}
        self._wrong: Counter[str] = Counter()
        self._hints: Counter[str] = Counter()

    @property
    def present(self) -> Quantity | None:
        """What is asked for at present; None after the last question."""
        return self.asked[self.place] if self.place < len(self.asked) else None

    def next(self) -> Quantity:
        """Return what is asked for at present. Raises ValueError after the last question."""
        if self.present is None:
            raise ValueError("this is the end: no number is left to ask for.")
        return self.present

    def guess(self, given: Any) -> MarkedLine:
        """Return the line of a guess; if it is right, or follows, the next number is asked for.

        Raises ValueError for a text that is no number and after the last question, TypeError for another type.
        """
        quantity = self.next()
        line = self.marker.guess(quantity, given, self._own, self._seen)
        if line.given is None:
            raise ValueError(f"expected a number for {quantity.name}, got nothing.")
        self._own[quantity.name] = given
        if line.verdict == "wrong":
            self._wrong[quantity.name] += 1
        else:
            self._finish("right")
        return line

    def hint(self) -> str:
        """Return more of the present line: its formula in symbols, then in numbers."""
        quantity = self.next()
        self._hints[quantity.name] += 1
        steps, shown = quantity.line.steps[:-1], self._hints[quantity.name]
        said = " = ".join([quantity.name, *steps[:shown]])
        return said if shown <= len(steps) else f"{said}; this is the last hint."

    def show(self) -> Quantity:
        """Return the present question, whose number is then known; the next one is asked for."""
        quantity = self.next()
        self._own.pop(quantity.name, None)
        self._seen.add(quantity.name)
        self._finish("shown")
        return quantity

    def skip(self) -> None:
        """Ask for the next number."""
        self._finish("skipped")

    def _finish(self, end: str) -> None:
        self.ends[self.next().name] = end
        self.place += 1

    @property
    def summary(self) -> str:
        """How it went, in sentences."""
        ends = Counter(self.ends.values())
        helped = {*self._wrong, *self._hints}
        first = [name for name, end in self.ends.items() if end == "right" and name not in helped]
        said = f"{ends['right']} of {counted(len(self.asked) - self.first, 'number')} right: "
        said += f"{len(first)} at the first try, {ends['right'] - len(first)} later."
        more = [counted(self._hints.total(), "hint")] if self._hints else []
        more += [f"{ends[end]} {end}" for end in ("shown", "skipped") if end in ends]
        again = [name for name in dict.fromkeys([*self.ends, *self._wrong]) if name not in first]
        said += f" {', '.join(more)}." if more else ""
        return said + (f" Look again at {listed(again)}." if again else "")
