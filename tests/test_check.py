"""A student's numbers are marked line by line: against an independent solver with planted slips, and by hand."""

import math

import pytest

from autograd.lab.marking import Marker
from autograd.lab.worksheet import Worksheet
from nn import READY
from tests.planted import Solver

NAMES = list(READY)


def verdicts(marks):
    return {line.name: line.verdict for line in marks.given}


@pytest.mark.parametrize("name", NAMES)
def test_right_numbers_are_right_in_every_ready_exercise(name):
    exercise = READY[name]()
    numbers = Solver(exercise).carried()
    marks = exercise.check(numbers)
    assert {*verdicts(marks).values()} == {"right"}
    assert marks.right == marks.count == len(numbers)
    assert marks.first_wrong is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_right_numbers_with_any_number_of_digits_are_right(name, digits):
    numbers = Solver(READY[name]()).carried()
    marks = READY[name]().check({name: f"{number:.{digits}g}" for name, number in numbers.items()})
    assert {line.name: line.sentence for line in marks.given if line.verdict != "right"} == {}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_rounding_that_is_carried_on_is_right(name, digits):
    solver = Solver(READY[name]())
    numbers = solver.carried(written=lambda number: float(f"{number:.{digits}g}"))
    marks = READY[name]().check({name: f"{number:.{digits}g}" for name, number in numbers.items()})
    assert {line.name: line.sentence for line in marks.given if line.verdict != "right"} == {}


def judge(marker, numbers, given, name, slip):
    """Return what is wrong with the marks of a planted slip; "" for nothing, "unnamed" without its name."""
    marks = marker.marks(numbers)
    said = verdicts(marks)
    if marks.first_wrong != name:
        return f"first wrong is {marks.first_wrong}"
    others = [line for line, verdict in said.items() if verdict == "wrong" and line != name]
    trivial = {line for line in others if numbers[line] == 0.0 or numbers[line] == given.get(line[:-4])}
    if set(others) - trivial:
        return f"{others} do not follow"
    [line] = [line for line in marks.given if line.name == name]
    return "" if slip in line.mistakes else f"unnamed: {line.mistakes}"


@pytest.mark.parametrize("name", NAMES)
def test_each_planted_slip_is_found_named_and_carried_on(name):
    solver, marker = Solver(READY[name]()), Marker(Worksheet(READY[name]()))
    right, failed, count = solver.carried(), [], 0
    for line, slip, wrong in solver.slips:
        numbers = solver.carried(line, wrong)
        if math.isclose(numbers[line], right[line], rel_tol=1e-6, abs_tol=1e-9):
            continue  # the slip does not show here
        count += 1
        if found := judge(marker, numbers, solver.numbers, line, slip):
            failed.append((line, slip, found))
    assert count
    assert failed == []
