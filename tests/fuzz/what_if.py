"""`what_if` against a graph that is recorded anew: the bits of every node's number and gradient."""

from hypothesis import strategies as st

from autograd import Tape, what_if
from tests.fuzz.programs import NUMBERS, differ, programs, same

CASES = st.tuples(programs(), st.tuples(NUMBERS, NUMBERS, NUMBERS))


def shown(case):
    program, point = case
    changes = {f"x{place}": x for place, x in enumerate(point[: len(program.point)])}
    return f"{program}\nautograd.what_if(v{len(program.nodes()) - 1}, {changes})"


def check(case):
    program, point = case
    before, after = program.nodes(), program.nodes(point[: len(program.point)])
    present = {line.label for line in Tape.of(before[-1]).lines}
    changes = {x.label: x.data for x in after[: len(program.point)] if x.label in present}
    found = what_if(before[-1], changes)
    before[-1].backward()
    after[-1].backward()
    olds, news = Tape.of(before[-1]).lines, Tape.of(after[-1]).lines
    for row, old, new in zip(found.rows, olds, news, strict=True):
        pairs = (
            (row.before, old.data),
            (row.after, new.data),
            (row.gradient_before, old.grad),
            (row.gradient_after, new.grad),
        )
        for one, other in pairs:
            if not same(one, other):
                differ(f"{row.name}, what_if and a new graph", one, other)
