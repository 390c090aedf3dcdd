"""Random graphs with shared nodes: every mode agrees on them, and what is recorded can be read back."""

import copy
import math

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd import Tape, Value, gradients, jvp
from autograd.passes.steps import Posting, Seed, steps
from autograd.table.op import row
from tests.fuzz.programs import applied, made, steps_of

UNARY = ["neg", "tanh", "sigmoid", "sin", "cos", "atan", "softplus", "relu", "abs"]
BINARY = ["add", "sub", "mul", "maximum", "minimum", "leaky_relu", "elu"]

programs = st.lists(steps_of(UNARY, BINARY), min_size=1, max_size=25)
points = st.lists(st.floats(-2, 2, allow_subnormal=False), min_size=1, max_size=3)


def run(program, inputs):
    """Return what a program makes of operands of any kind, if no number is large on the way."""
    nodes = made(program, inputs, applied)
    assume(all(-1e3 < node < 1e3 for node in nodes))
    return nodes[-1]


@given(programs, points)
@settings(max_examples=200)
def test_reverse_mode_equals_forward_mode(program, point):
    inputs = [Value(x) for x in point]
    slopes = gradients(run(program, inputs), inputs)
    for index, slope in enumerate(slopes):
        direction = [1.0 if place == index else 0.0 for place in range(len(point))]
        _, tangent = jvp(lambda *xs: run(program, xs), tuple(point), tuple(direction))
        assert math.isclose(slope, tangent, rel_tol=1e-9, abs_tol=1e-9)


def branches(program, inputs):
    """Return on which side of its kink each step of a program stands."""
    made, sides = list(inputs), []
    for name, *places in program:
        op = row(name)
        operands = [made[place % len(made)] for place in places]
        made.append(op(*operands))
        if op.kink:
            sides.append(op.kink(*operands) > 0)
    return sides


@given(programs, points)
@settings(max_examples=200)
def test_reverse_mode_equals_central_differences_away_from_kinks(program, point):
    inputs = [Value(x) for x in point]
    slopes = gradients(run(program, inputs), inputs)
    step = 1e-4
    for index, slope in enumerate(slopes):
        moved = {
            k: [x + k * step if place == index else x for place, x in enumerate(point)] for k in (-1, -0.5, 0, 0.5, 1)
        }
        if any(branches(program, moved[k]) != branches(program, point) for k in (-1, -0.5, 0.5, 1)):
            continue
        f = {k: run(program, numbers) for k, numbers in moved.items()}
        wide, narrow = (f[1] - f[-1]) / (2 * step), (f[0.5] - f[-0.5]) / step
        rounding = 1e-11 * abs(f[0]) / step
        assert abs(slope - narrow) <= abs(wide - narrow) + rounding + 1e-7 * max(1.0, abs(slope))


@given(programs, points)
@settings(max_examples=100)
def test_gradients_do_not_depend_on_the_way_they_are_asked_for(program, point):
    inputs = [Value(x) for x in point]
    y = run(program, inputs)
    slopes = gradients(y, inputs)
    again = [value.data for value in gradients(y, inputs, create_graph=True)]
    assert all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(slopes, again, strict=True))
    y.backward()
    reached = [value.grad for value in inputs]
    assert reached == slopes
    assert Tape.of(copy.deepcopy(y)) == Tape.of(y)


@given(programs, points)
@settings(max_examples=100)
def test_steps_have_the_bits_of_backward(program, point):
    y = run(program, [Value(x) for x in point])
    events = steps(y, seed=-0.3)
    y.backward(-0.3)
    totals = {event.node: event.result for event in events if isinstance(event, (Seed, Posting))}
    grads = [line.grad for line in Tape.of(y).lines]
    assert {place: str(total) for place, total in totals.items()} == {
        place: str(grad) for place, grad in enumerate(grads) if grad is not None
    }
    ends = {}
    for event in events:
        if isinstance(event, Posting):
            assert event.before == ends.get(event.node, 0.0)
            assert event.result == event.before + event.upstream * event.local
            assert event.upstream == totals[event.source.node]
            ends[event.node] = event.result


@given(programs, points)
@settings(max_examples=100)
def test_a_tape_computes_what_was_recorded(program, point):
    y = run(program, [Value(x) for x in point])
    numbers = []
    for number, line in enumerate(Tape.of(y).lines):
        assert all(operand < number for operand in line.operands)
        numbers.append(line.op(*(numbers[operand] for operand in line.operands)) if line.op else line.data)
    assert numbers[-1] == y.data
