"""A batch of rows against a loop over single calls of the replay: every value and every gradient, bit by bit."""

import math

from hypothesis import strategies as st

import autograd
from autograd import Value, replay
from tests.fuzz.programs import NUMBERS, differ, made, programs, same

ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=40)
CASES = st.tuples(programs(), st.integers(0, 2), ROWS)
"""A program, how many of its leaves are outside of the function, and numbers for the others."""


def bits(numbers):
    """The numbers with all their bits; nan is one number."""
    return ["nan" if math.isnan(number) else float(number).hex() for number in numbers]


def check_bits(function, rows, per_row=False, inputs=False):
    """Check a batch against a loop of calls of the replay, bit by bit; return it."""
    fast, looping = replay(function), replay(function)
    batch = fast.batch(rows, per_row=per_row, inputs=inputs)
    leaves = batch.leaves
    values, row_gradients, input_gradients = [], [], []
    sums = [-0.0] * len(leaves)
    for row in rows:
        for leaf in leaves:
            leaf.grad = None
        arguments = [Value(number) for number in row] if inputs else row
        y = looping(*arguments)
        if y._varies:
            y.backward()
        values.append(y.data)
        row_gradients.append([leaf.grad for leaf in leaves])
        input_gradients.append([each.grad for each in arguments] if inputs else [])
        sums = [total + leaf.grad if leaf.has_grad else total for total, leaf in zip(sums, leaves, strict=True)]
    assert bits(batch.values) == bits(values), ("values, batch and loop", batch.values, values)
    assert bits(batch.gradients) == bits(sums), ("sums of gradients, batch and loop", batch.gradients, sums)
    for got, expected in zip(batch.row_gradients or (), row_gradients, strict=per_row):
        assert bits(x + 0.0 for x in got) == bits(x + 0.0 for x in expected), ("gradients of a row", got, expected)
    for got, expected in zip(batch.input_gradients or (), input_gradients, strict=inputs):
        assert bits(x + 0.0 for x in got) == bits(x + 0.0 for x in expected), ("gradients of inputs", got, expected)
    return batch


def shown(case):
    program, outside, rows = split(case)
    taken = ", ".join(f"x{place}" for place in range(outside, len(program.point)))
    return f"{program}\nas a function of {taken}; batch of {rows}"


def split(case):
    """Return the program, how many leaves are outside, at least one fewer than there are, and the rows."""
    program, outside, rows = case
    outside = min(outside, len(program.point) - 1)
    return program, outside, [row[: len(program.point) - outside] for row in rows]


def function_of(program, outside):
    """Return the leaves outside, and a function of the numbers of the others."""
    inputs = program.inputs()
    leaves, constants = inputs[:outside], inputs[len(program.point) :]
    steps = [(getattr(autograd, name), *places) for name, *places in program.steps]  # a replay refuses names in data
    return leaves, lambda *row: made(steps, [*leaves, *row, *constants], called)[-1]


def called(function, *operands):
    return function(*operands)


def check(case):
    program, outside, rows = split(case)
    _, function = function_of(program, outside)
    check_bits(function, rows)
    check_bits(function, rows, per_row=True)
    batch = check_bits(function, rows, inputs=True)
    for row, value in zip(rows, batch.values, strict=True):
        plain = function(*map(Value, row)).data
        if not same(value, plain):
            differ(f"row {row}, batch and function", value, plain)
