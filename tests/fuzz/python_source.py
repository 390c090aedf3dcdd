"""A recording's source in Python against the engine: the value and all gradients, bit by bit, also at another point."""

from hypothesis import strategies as st

from autograd import Value, replay
from tests.fuzz.batch import function_of
from tests.fuzz.programs import NUMBERS, differ, programs, same

CASES = st.tuples(programs(), st.integers(0, 2), st.tuples(NUMBERS, NUMBERS, NUMBERS))
"""A program, how many of its leaves are outside of the function, and other numbers for all leaves."""


def run_python(fast, name, inputs, leaves, seed=1.0):
    names = {}
    exec(compile(fast.source(), "<source>", "exec"), names)
    return names[name](inputs, [leaf.data for leaf in leaves], seed)


def shown(case):
    program, outside, point = case
    return f"{program}\nwith the leaves before x{outside} outside; recorded there, run at {point[: len(program.point)]}"


def check(case, run=run_python):
    program, outside, point = case
    outside = min(outside, len(program.point))
    leaves, function = function_of(program, outside)
    fast = replay(function)
    fast(*map(Value, program.point[outside:]))
    for leaf, number in zip(leaves, point, strict=False):
        leaf.data = number
    inputs = [Value(number) for number in point[outside : len(program.point)]]
    y = fast(*inputs)
    y.backward(0.75)
    value, *slopes = run(fast, "function", [x.data for x in inputs], fast.leaves, 0.75)
    pairs = [("the value", value, y.data)]
    for kind, values, found in (("input", inputs, slopes[0]), ("leaf", fast.leaves, slopes[1])):
        pairs += [(f"gradient of {kind} {n}", a, x.grad) for n, (x, a) in enumerate(zip(values, found, strict=True))]
    for what, own, other in pairs:
        if not same(own, other):
            differ(f"{what}, source and engine", own, other)
