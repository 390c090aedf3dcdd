"""Marking: the numbers of a pass are all right; with one of them changed, this one is wrong and all before it right."""

from hypothesis import strategies as st

from autograd import lines
from autograd.lab.marking import check as marked
from tests.fuzz.lines import tame_lines
from tests.fuzz.programs import programs

CASES = st.tuples(programs(most=8), st.integers(0, 10**6), st.sampled_from([1.0, -3.0, 17.5]))
"""A program, the place of the line that changes, and by how much, relative to 1 and to its size."""


def shown(case):
    program, place, change = case
    found = lines(program.nodes()[-1])
    return f"{program}\n{found[place % len(found)].name} changed by {change} times its size or 1, whichever is more"


def check(case):
    program, place, change = case
    root = program.nodes()[-1]
    found = tame_lines(root)
    answers = {line.name: line.result for line in found}
    verdicts = {line.name: line.verdict for line in marked(root, answers).given}
    assert set(verdicts.values()) == {"right"}, f"the pass's own numbers are marked {verdicts}"
    wrong = found[place % len(found)].name
    answers[wrong] += change * max(1.0, abs(answers[wrong]))
    verdicts = {line.name: line.verdict for line in marked(root, answers).given}
    before = [line.name for line in found[: place % len(found)]]
    assert verdicts[wrong] == "wrong", f"{wrong} is marked {verdicts[wrong]}"
    assert {verdicts[name] for name in before} <= {"right"}, f"lines before {wrong} are marked {verdicts}"
