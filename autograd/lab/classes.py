"""`check_class`: the marks of a class: of each student, of each line, and the commonest slips."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd.lab.marking import MarkedLine, Marker, Marks
from autograd.lab.slips import SLIPS
from autograd.lab.worksheet import Worksheet
from autograd.passes.naming import Naming
from autograd.passes.subject import OptimizerLike, Root
from autograd.table.scalars import got


class Counts(NamedTuple):
    """How many numbers have each verdict."""

    right: int
    follows: int
    wrong: int
    missing: int

    @classmethod
    def of(cls, lines: Iterable[MarkedLine]) -> "Counts":
        """Return the counts of these lines."""
        found = Counter(line.verdict for line in lines)
        return cls(found["right"], found["follows"], found["wrong"], found["missing"])

    @property
    def marks(self) -> int:
        """How many are right, or follow."""
        return self.right + self.follows


class SlipCount(NamedTuple):
    """How many students made a slip, and in which lines, the commonest first."""

    name: str
    title: str
    students: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ClassMarks:
    """The marks of each student by name; `asked` has the lines that the class was asked for.

    >>> from nn import READY
    >>> marks = check_class(READY["relu"](), {"Ann": {"x3": 5, "delta3": 20}, "Ben": {"x3": 5, "delta3": -30}})
    >>> marks.students["Ben"].right, marks.lines["delta3"].right, marks.slips[0].name
    (1, 1, 'early-update')
    """

    students: Mapping[str, Marks]
    asked: Mapping[str, tuple[MarkedLine, ...]]

    @property
    def counts(self) -> dict[str, Counts]:
        """The counts of each student, over the lines that were asked."""
        return {student: Counts.of(lines) for student, lines in self.asked.items()}

    @property
    def lines(self) -> dict[str, Counts]:
        """The counts of each line over the class, in the order of the pass."""
        found: dict[str, list[MarkedLine]] = {}
        for lines in self.asked.values():
            for line in lines:
                found.setdefault(line.line.name, []).append(line)
        first = next(iter(self.students.values()))
        order = {line.line.name: place for place, line in enumerate(first.lines)}
        return {name: Counts.of(found[name]) for name in sorted(found, key=lambda name: order.get(name, len(order)))}

    @property
    def slips(self) -> list[SlipCount]:
        """The slips that were made, the commonest first."""
        made = [
            (slip, student, line.line.name)
            for student, lines in self.asked.items()
            for line in lines
            for slip in line.mistakes
        ]
        found = []
        for slip in SLIPS:
            students = {student for name, student, _ in made if name == slip.name}
            places = Counter(line for name, _, line in made if name == slip.name)
            if students:
                found.append(
                    SlipCount(slip.name, slip.title, len(students), tuple(name for name, _ in places.most_common()))
                )
        return sorted(found, key=lambda slip: -slip.students)

    @property
    def all_right(self) -> bool:
        """Whether all given numbers of all students are right."""
        return all(marks.all_right for marks in self.students.values())

    def rows(self) -> list[tuple[str, ...]]:
        """Return a table with a row a student: the counts, the first wrong line, and its slips."""
        found: list[tuple[str, ...]] = [("student", "marks", "of", *Counts._fields, "first wrong", "slips")]
        for student, counts in self.counts.items():
            first = next((line for line in self.asked[student] if line.verdict == "wrong"), None)
            slips = " or ".join(first.mistakes) if first else ""
            numbers = map(str, (counts.marks, sum(counts), *counts))
            found.append((student, *numbers, first.name if first else "", slips))
        return found

    def csv(self) -> str:
        """Return the table of `rows`, and the verdict of each line, as the text of a CSV file."""
        names = [*self.lines]
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        heading, *rows = self.rows()
        writer.writerow([*heading, *names])
        for row, lines in zip(rows, self.asked.values(), strict=True):
            verdicts = {line.line.name: line.verdict for line in lines}
            writer.writerow([*row, *(verdicts.get(name, "missing") for name in names)])
        return written.getvalue()

    def as_json(self) -> dict[str, Any]:
        """Return the marks of all students, and the counts of lines and slips, as plain data."""
        return {
            "students": {student: marks.as_json() for student, marks in self.students.items()},
            "lines": {name: counts._asdict() for name, counts in self.lines.items()},
            "slips": [slip._asdict() for slip in self.slips],
        }

    def __repr__(self) -> str:
        return f"<ClassMarks: {len(self.students)} students, {len(self.lines)} lines>"


def check_class(
    root: Root,
    students: Mapping[str, Mapping[str, Any]],
    *,
    naming: Naming | None = None,
    optimizer: OptimizerLike | None = None,
    tolerance: float = 0.0,
) -> ClassMarks:
    """Return the marks of a class: `students` has the answers of each student by name. For all else see `check`.

    An error in a student's answers names the student. Raises ValueError if there are no students.
    """
    if not isinstance(students, Mapping):
        raise TypeError(f"expected the answers of each student by name, got {got(students)}.")
    if not students:
        raise ValueError("expected the answers of at least one student, got none.")
    return class_marks(Marker(Worksheet(root, naming, optimizer), tolerance), students)


def class_marks(marker: Marker, students: Mapping[str, Mapping[str, Any]]) -> ClassMarks:
    """Return the marks that a marker gives to each student; see `check_class`."""
    found = {student: _marks_of(marker, student, answers) for student, answers in students.items()}
    asked = {
        student: tuple(line for line in marks.lines if line.name in students[student])
        for student, marks in found.items()
    }
    return ClassMarks(found, asked)


def _marks_of(marker: Marker, student: str, answers: Mapping[str, Any]) -> Marks:
    try:
        return marker.marks(answers)
    except (ValueError, TypeError) as error:
        raise type(error)(f"{student}: {error}") from error
