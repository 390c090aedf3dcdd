"""The source of a recording, in Python and in C: exact text, and the engine's own bits when it is run."""

import math
import random

import pytest
from points import known_to
from test_replay import POINTS, demo, same

import nn
from autograd import ReplayError, Value, exp, replay
from autograd.symbols.formulas import C
from autograd.table.op import TABLE
from tests.fuzz.c_source import COMPILER, compiled, run_c
from tests.fuzz.python_source import run_python

needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler to compile the source with")


def gradients(result, leaves, seed=1.0):
    for leaf in leaves:
        leaf.grad = None
    result.backward(seed)
    return [leaf.grad for leaf in leaves]


def test_the_exact_text_of_a_neuron():
    w13, w23, b = Value(2, "w13"), Value(-3, "w23"), Value(0.5, "b")

    def neuron(x, y):
        x3 = x * w13 + y * w23 + b
        x3.label = "x3"
        return (x3.tanh() if x3 < 10 else x3) / 4

    fast = replay(neuron)
    fast(1, 2)
    line = neuron.__code__.co_firstlineno + 3
    assert (
        fast.source()
        == f"""\
# neuron: the value, and the gradients of its inputs and leaves, recorded by gradstep.
# It is valid if x3 < 10.0, asked at {__file__}:{line}.
from autograd.table.ieee import (divide, tanh)


def neuron(inputs, leaves, seed=1.0):
    (x, y) = inputs
    (w13, w23, b) = leaves
    # forward
    x3 = x * w13 + y * w23 + b
    t2 = tanh(x3)
    t3 = divide(t2, 4.0)
    # backward
    d_t3 = seed
    d_t2 = d_t3 * (divide(1.0, 4.0))
    d_x3 = d_t2 * (1.0 - t2 * t2)
    d_b = d_x3
    d_w23 = d_x3 * y
    d_w13 = d_x3 * x
    return (t3, [0.0, 0.0], [d_w13, d_w23, d_b])
"""
    )
    assert (
        fast.source("c")
        == f"""\
/* neuron: the value, and the gradients of its inputs and leaves, recorded by gradstep. */
/* It is valid if x3 < 10.0, asked at {__file__}:{line}. */
#include <math.h>

double neuron(const double *inputs, const double *leaves, double seed,
    double *input_gradients, double *leaf_gradients)
{{
    const double x = inputs[0];
    const double y = inputs[1];
    const double w13 = leaves[0];
    const double w23 = leaves[1];
    const double b = leaves[2];
    /* forward */
    const double x3 = x * w13 + y * w23 + b;
    const double t2 = tanh(x3);
    const double t3 = t2 / 4.0;
    /* backward */
    double d_t3 = seed;
    double d_t2 = d_t3 * (1.0 / 4.0);
    double d_x3 = d_t2 * (1.0 - t2 * t2);
    double d_b = d_x3;
    double d_w23 = d_x3 * y;
    double d_w13 = d_x3 * x;
    input_gradients[0] = 0.0;
    input_gradients[1] = 0.0;
    leaf_gradients[0] = d_w13;
    leaf_gradients[1] = d_w23;
    leaf_gradients[2] = d_b;
    return t3;
}}
"""
    )


def test_hostile_and_equal_labels_become_different_names():
    labels = ("class", "d_x", "x", "x", "w 1", "1st", "seed", "exp", "*/ # \n", "", "ü", "int", "d_t1", "t1")
    values = [Value(number + 1, label) for number, label in enumerate(labels)]

    def total(x):
        result = x
        for value in values:
            result = result * value
        return exp(-result)

    fast = replay(total)
    y = fast(1e-9)
    expected = gradients(y, values)
    value, _, slopes = run_python(fast, "total", [1e-9], values)
    assert (value, slopes) == (y.data, expected)


def test_the_demo_in_python_to_the_last_bit():
    model, loss = demo()
    fast = replay(loss)
    fast()
    generator = random.Random(2)
    for parameter in model.parameters():
        parameter.data = generator.uniform(-1, 1)
    y = fast()
    leaves = fast.leaves
    assert set(leaves) == set(model.parameters())
    value, inputs, slopes = run_python(fast, "loss", [], leaves)
    assert (value, inputs, slopes) == (y.data, [], gradients(y, leaves))


@needs_compiler
def test_the_demo_in_c_to_the_last_bit(tmp_path):
    _, loss = demo(samples=3)
    fast = replay(loss)
    y = fast()
    leaves = fast.leaves
    library = compiled(fast.source("c"), tmp_path)
    value, _, slopes = run_c(library, "loss", [], [leaf.data for leaf in leaves])
    assert (value, slopes) == (y.data, gradients(y, leaves))


@pytest.mark.parametrize(("nodes", "said"), [(2496, False), (2497, True)])
def test_a_large_c_program_says_how_long_compilers_take(nodes, said):
    def chain(x):
        for _ in range(nodes):
            x = x.tanh()
        return x

    fast = replay(chain)
    fast(Value(1))
    head = fast.source("c").partition("#include")[0].splitlines()
    assert head[0] == "/* chain: the value, and the gradients of its inputs and leaves, recorded by gradstep. */"
    advice = (
        "If it computes rows that add up, replay the function of one row, write its source, and call it for each row."
    )
    long = "A compiler takes long for these 5,000 statements: gcc -O2 about 4 seconds."
    assert head[1:] == [f"/* {long} */", f"/* {advice} */"] * said


def tried(op):
    """Return a replay of the operation under its name, recorded with both operands as inputs that vary."""

    def function(*operands):
        return op(*operands) * 1

    function.__name__ = f"try_{op.name}"
    fast = replay(function)
    fast(*[Value(number) for number in (0.7, 1.3)[: op.arity]])
    return fast, function.__name__


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_every_operation_in_python(op):
    fast, name = tried(op)
    for point in points(op):
        check(op, point, run_python(fast, name, point, []))


@needs_compiler
def test_every_operation_in_c(tmp_path):
    known = known_to(C)
    replays = [tried(op) for op in known]
    library = compiled("\n".join(fast.source("c") for fast, _ in replays), tmp_path)
    for op, (_, name) in zip(known, replays, strict=True):
        for point in points(op):
            check(op, point, run_c(library, name, point, []))


def points(op):
    return [[x, y][: op.arity] for x in POINTS for y in (POINTS if op.arity == 2 else (0.0,))]


def check(op, point, got):
    operands = [Value(number) for number in point]
    y = op(*operands) * 1
    y.backward()
    value, slopes, _ = got
    assert same(value, y.data), (op.name, point)
    assert all(same(slope, operand.grad) for slope, operand in zip(slopes, operands, strict=True)), (op.name, point)


def test_cross_entropy_runs_as_python():
    weights = [Value(0.1 * place, f"w{place}") for place in range(4)]

    def loss(x):
        return nn.cross_entropy([weights[0] * x + weights[1], weights[2] * x + weights[3]], 1)

    fast = replay(loss)
    y = fast(0.3)
    leaves = fast.leaves
    value, _, slopes = run_python(fast, "loss", [0.3], leaves, 2.5)
    assert (value, slopes) == (y.data, gradients(y, leaves, 2.5))
    assert math.isfinite(value)


@needs_compiler
@pytest.mark.parametrize("name", ["hypot", "round", "erf", "printf", "abs", "isnan", "fma", "main", "expf"])
def test_names_of_c_are_left_alone(tmp_path, name):
    w = Value(2, name)

    def function(x):
        return (w * x).exp()

    function.__name__ = name
    fast = replay(function)
    y = fast(1)
    library = compiled(fast.source("c"), tmp_path)
    assert run_c(library, f"{name}_2", [1.0], [2.0])[0] == y.data


def test_what_has_no_source():
    fast = replay(lambda x: x * 2)
    with pytest.raises(ReplayError, match=r"<lambda> has no source yet, because it was not recorded yet"):
        fast.source()
    fast(1)
    with pytest.raises(ValueError, match=r"expected 'python' or 'c' for the language, got 'rust'"):
        fast.source("rust")
