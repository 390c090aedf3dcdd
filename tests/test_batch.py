"""Batches of rows: the bits of a loop over single calls, by C for each width of vectors, and by Python."""

import random
from array import array
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_replay import POINTS

import autograd
import nn
from autograd import Value, constant, maximum, no_grad, replay, tanh
from autograd.replays import recording
from autograd.replays.batch import BLOCK, Rows
from autograd.table.op import TABLE
from tests.fuzz.batch import bits, check_bits

WIDTHS = ["python"]
if autograd.compiled:
    from autograd.replays import native

    WIDTHS += native.widths()


@pytest.fixture(autouse=True, params=WIDTHS)
def rows_of(request, monkeypatch):
    """Run each test by the rows in Python, and by C with each width of vectors that this processor has."""

    def made(program, flags):
        if request.param == "python":
            return Rows(program, flags)
        parts = flags.differs, flags.varies, flags.kept, flags.inputs, flags.root
        return native.Rows(program.machine, *parts, request.param)

    monkeypatch.setattr(recording, "rows_of", made)


def near(numbers):
    return pytest.approx(numbers, rel=1e-12, abs=1e-13, nan_ok=True)


def network(seed=3):
    model = nn.MLP(2, [6, 5, 1], activation="relu", seed=seed)
    return model, lambda x, y: (1 - y * model(x)).relu() + 0.01 * model.layers[0].neurons[0].bias ** 2


def random_rows(count, seed=1):
    rng = random.Random(seed)
    return [([rng.uniform(-1, 1), rng.uniform(-1, 1)], rng.choice((-1.0, 1.0))) for _ in range(count)]


def looped(function, rows, leaves):
    """Return the values, the summed gradients, and those of each row, by the function itself."""
    values, per_row = [], []
    for row in rows:
        for leaf in leaves:
            leaf.grad = None
        y = function(*row)
        if y._varies:
            y.backward()
        values.append(y.data)
        per_row.append([leaf.grad or 0.0 for leaf in leaves])
    return values, [sum(column) for column in zip(*per_row, strict=True)], per_row


COUNTS = [1, 7, 32, 33, 64, BLOCK - 1, BLOCK, BLOCK + 1, 700]


@pytest.fixture(scope="module")
def one_loop():
    """The function of a network, its leaves, and what a loop finds for the most rows; fewer rows are the first ones."""
    _, function = network()
    leaves = replay(function).batch(random_rows(1)).leaves
    return function, leaves, looped(function, random_rows(max(COUNTS)), leaves)


@pytest.mark.parametrize("count", COUNTS)
def test_a_network_on_rows(count, one_loop):
    function, leaves, (values, _, per_row) = one_loop
    values, per_row = values[:count], per_row[:count]
    sums = [sum(column) for column in zip(*per_row, strict=True)]
    rows = random_rows(count)
    fast = replay(function)
    batch = fast.batch(rows)
    assert batch.leaves == leaves
    assert batch.values == values
    assert batch.gradients == near(sums)
    assert (batch.row_gradients, batch.input_gradients) == (None, None)
    by_row = fast.batch(rows, per_row=True)
    assert by_row.leaves == batch.leaves
    assert by_row.gradients == near(sums)
    got, expected = np.array(by_row.row_gradients), np.array(per_row)  # as near() does, for 60,000 numbers at once
    assert got.shape == expected.shape
    assert np.all(np.abs(got - expected) <= np.maximum(1e-12 * np.abs(expected), 1e-13))
    check_bits(function, rows[:100])


def test_gradients_in_the_inputs():
    _, function = network()
    rows = random_rows(BLOCK + 3)
    batch = replay(function).batch(rows, inputs=True)
    for (x, y), got in zip(rows, batch.input_gradients, strict=True):
        inputs = [Value(x[0]), Value(x[1]), Value(y)]
        function(inputs[:2], inputs[2]).backward()
        assert got == near([value.grad for value in inputs])


def test_rows_of_every_form():
    w = Value(2)
    pair = replay(lambda x, y: x[0] * w + x[1] * y)
    expected = [2 * 1 + 2 * 3, 2 * 4 + 5 * 6]
    nested = [([1, 2], 3), ([4, 5], 6)]
    flat = [(1, 2, 3), (4, 5, 6)]
    assert pair.batch(nested).values == expected
    for rows in (flat, np.array(flat), np.array(flat, dtype=np.float32), [np.array(row) for row in flat], iter(flat)):
        assert list(pair.batch(rows).values) == expected
    assert pair.batch(memoryview(array("d", sum(flat, ()))).cast("B").cast("d", (2, 3))).values == expected
    assert replay(lambda x: x * w).batch([1, 2.5]).values == [2.0, 5.0]
    assert replay(lambda x: x * w).batch(np.array([1.0, 2.5])).values.tolist() == [2.0, 5.0]
    assert replay(lambda x: x[0] * w + x[1]).batch([[1, 2], [3, 4]]).values == [4.0, 10.0]
    assert replay(lambda x: x[0] * w + x[1]).batch(np.array([[1, 2], [3, 4]])).values.tolist() == [4.0, 10.0]
    assert pair.batch([]).values == []


def test_rows_that_take_different_ways():
    w, v = Value(2), Value(3)

    def function(x):
        return (w * x if x > 0 else v * x * x) if x < 2 else tanh(x) * w

    fast = replay(function)
    rng = random.Random(5)
    rows = [rng.uniform(-3, 4) for _ in range(5 * BLOCK)]
    batch = fast.batch(rows, per_row=True)
    check_bits(function, [(row,) for row in rows], per_row=True)
    check_bits(function, [(row,) for row in rows], inputs=True)
    values, sums, per_row = looped(function, [(row,) for row in rows], batch.leaves)
    assert batch.values == near(values)
    assert batch.gradients == near(sums)
    for got, expected in zip(batch.row_gradients, per_row, strict=True):
        assert got == near(expected)
    assert set(batch.leaves) == {w, v}
    assert fast.recordings == 3


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x, w: w * w, 12.0),  # no row matters
        (lambda x, w: x * 1, 0.0),  # no leaf matters
        (lambda x, w: w * w * x + w * w, 4 * (1 + 2 + 5) + 12),
        (lambda x, w: maximum(w, x) + x * x * w, 1 + 0.5 + (1 + 4 + 25)),
        (lambda x, w: x**w / w + constant(2) * w * x, None),
        (lambda x, w: w.detach() * x + w, 3.0),
    ],
)
def test_what_is_shared_and_what_is_not(function, expected):
    w = Value(2.0)

    def with_leaf(x):
        return function(x, w)

    batch = replay(with_leaf).batch([1.0, 2.0, 5.0])
    values, sums, _ = looped(with_leaf, [(constant(x),) for x in (1.0, 2.0, 5.0)], [w])
    assert batch.values == near(values)
    assert (batch.gradients or [0.0]) == near(sums)
    if expected is not None:
        assert sums == [expected]


def test_arrays_of_numpy_give_arrays_of_numpy():
    w = Value(2)
    batch = replay(lambda x, y: w * x * y).batch(np.array([[1, 2], [3, 4]]), per_row=True, inputs=True)
    found = batch.values, batch.row_gradients, batch.input_gradients
    assert [type(each) for each in found] == [np.ndarray] * 3
    assert [each.tolist() for each in found] == [[4.0, 24.0], [[2.0], [12.0]], [[4.0, 2.0], [8.0, 6.0]]]


def test_backward_adds_to_what_is_there():
    w = Value(2)
    batch = replay(lambda x: w * x).batch([1, 2, 3])
    batch.backward()
    batch.backward(1 / 3)
    assert w.grad == 8.0
    with no_grad():
        silent = replay(lambda x: w * x).batch([1, 2])
    assert silent.values == [2.0, 4.0]
    with pytest.raises(RuntimeError, match=r"made under no_grad\(\), and has no gradients"):
        silent.backward()


def test_gradients_flow_on_through_what_was_computed_outside():
    w = Value(2)
    hidden = w * 3
    replay(lambda x: hidden * x).batch([1, 2]).backward()
    assert (hidden.grad, w.grad) == (3.0, 9.0)


def test_rows_that_do_not_fit_are_named():
    fast = replay(lambda x, y: x[0] * x[1] + y)
    fast([1, 2], 3)
    with pytest.raises(
        TypeError, match=r"in row 1 of the batch: expected .* <lambda> was recorded, got \(2 numbers\)\."
    ):
        fast.batch([(1, 2, 3), (4, 5)])
    with pytest.raises(TypeError, match=r"in row 0 of the batch: expected a real number .*, got str: 'abc'"):
        fast.batch(["abc"])
    with pytest.raises(TypeError, match=r"expected a sequence of rows of arguments for batch\(\), got int\."):
        fast.batch(3)
    with pytest.raises(OverflowError, match=r"in row 1 of the batch: expected a number that fits into a float"):
        fast.batch([(1, 2, 3), (1, 2, 10**400)])
    with pytest.raises(TypeError, match=r"in row 0 of the batch: expected a real number .*, got date\."):
        fast.batch(np.array([["2026-11-27"] * 3], dtype="M8[D]"))
    with pytest.raises(TypeError, match=r"in row 1 of the batch: expected a real number .*, got None\."):
        fast.batch(np.ma.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], mask=[[0, 0, 0], [0, 0, 1]]))


def test_a_matrix_without_rows_gives_arrays_without_rows():
    w = Value(2)
    fast = replay(lambda x, y: w * x + y)
    fast(1, 2)
    batch = fast.batch(np.zeros((0, 2)), per_row=True, inputs=True)
    assert (batch.values.tolist(), batch.input_gradients.tolist()) == ([], [])


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_every_operation_on_rows(op):
    """With both operands from the row, and with each of them shared, at ordinary and at special points."""
    points = [[x, y][: op.arity] for x in POINTS for y in (POINTS if op.arity == 2 else (0.0,))]
    check(lambda *row: op(*row), points)
    if op.arity == 2:
        for x in POINTS:
            check(partial(op, Value(x)), [(y,) for y in POINTS])
            check(partial(reversed_call, op, Value(x)), [(y,) for y in POINTS])


def reversed_call(op, y, x):
    return op(x, y)


def check(function, rows):
    batch = check_bits(function, rows, inputs=True)
    for row, value, slopes in zip(rows, batch.values, batch.input_gradients, strict=True):
        inputs = [Value(number) for number in row]
        y = function(*inputs)
        y.backward()
        assert bits([value, *(slope + 0.0 for slope in slopes)]) == bits([y.data, *(x.grad + 0.0 for x in inputs)]), row


@settings(max_examples=50)
@given(st.integers(0, 10**9))
def test_random_graphs_on_rows(seed):
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-2, 2)) for _ in range(3)]
    smooth = [op for op in TABLE if op.name in {"add", "mul", "sub", "tanh", "relu", "sigmoid", "sin", "maximum"}]
    plan = [(rng.choice(smooth), rng.random(), rng.random()) for _ in range(rng.randint(1, 40))]

    def function(x, y):
        nodes = [*leaves, x, y, constant(1.5)]
        for op, first, second in plan:
            left, right = nodes[int(first * len(nodes))], nodes[int(second * len(nodes))]
            nodes.append(op(left, right).tanh() if op.arity == 2 else op(left))
            nodes.append(nodes[-2] + left * right if first < 0.4 else left * right)
            nodes[-1] = nodes[-1].tanh() if second < 0.3 else nodes[-1] * 0.25
        return nodes[-1] * leaves[0]

    rows = [(rng.uniform(-2, 2), rng.uniform(-2, 2)) for _ in range(rng.choice((7, 40)))]
    check_bits(function, rows)
    check_bits(function, rows, inputs=True)
    batch = check_bits(function, rows, per_row=True)
    values, sums, per_row = looped(function, [tuple(map(constant, row)) for row in rows], batch.leaves)
    assert batch.values == pytest.approx(values, rel=1e-9, abs=1e-12)
    assert batch.gradients == pytest.approx(sums, rel=1e-9, abs=1e-11)
    for got, expected in zip(batch.row_gradients, per_row, strict=True):
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-11)


def results_at(w, v, x, y):
    """Several results: w is in one only, v in two; one is an input, one the same for all rows, one a plain number."""
    hidden = tanh(w * x + v)
    return [hidden * y, (v * y * v, x), hidden + 0 * y if x > 0 else v - hidden, v * 2, 7]


def test_several_results_of_each_row():
    w, v = Value(0.5, "w"), Value(-2, "v")
    rng = random.Random(7)
    rows = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(BLOCK + 40)]
    fast = replay(lambda x, y: results_at(w, v, x, y))
    batch = fast.batch(rows, per_row=True, inputs=True)
    sums = [[0.0] * 2 for _ in range(6)]
    for at, row in enumerate(rows):
        for result in range(6):
            inputs = [Value(number) for number in row]
            first, (second, third), *others = results_at(w, v, *inputs)
            y = [first, second, third, *others][result]
            w.grad = v.grad = None
            if isinstance(y, Value):
                y.backward()
                assert bits([batch.values[at][result]]) == bits([y.data])
            else:
                assert batch.values[at][result] == 7.0
            assert batch.row_gradients[at][result] == [leaf.grad for leaf in batch.leaves]
            assert batch.input_gradients[at][result] == [leaf.grad for leaf in inputs]
            sums[result] = [total + leaf.grad for total, leaf in zip(sums[result], batch.leaves, strict=True)]
    assert set(batch.leaves) == {w, v}
    assert batch.gradients == sums
    assert fast.batch(rows, inputs=True).input_gradients == batch.input_gradients
    w.grad = v.grad = None
    batch.backward()
    assert [leaf.grad for leaf in batch.leaves] == near([sum(column) for column in zip(*sums, strict=True)])


def test_several_results_in_arrays_of_numpy():
    w = Value(2)
    batch = replay(lambda x: [w * x, x * x, w * 1]).batch(np.array([1.0, 3.0]), per_row=True, inputs=True)
    found = batch.values, batch.row_gradients, batch.input_gradients
    assert [type(each) for each in found] == [np.ndarray] * 3
    assert found[0].tolist() == [[2.0, 1.0, 2.0], [6.0, 9.0, 2.0]]
    assert found[1].tolist() == [[[1.0], [0.0], [1.0]], [[3.0], [0.0], [1.0]]]
    assert found[2].tolist() == [[[2.0], [2.0], [0.0]], [[2.0], [6.0], [0.0]]]
    assert batch.gradients == [[4.0], [0.0], [2.0]]


def test_every_row_has_the_same_number_of_results():
    fast = replay(lambda x: [x, x] if x > 0 else [x])
    message = "expected the same number of results for each row of a batch, got 1 and 2"
    with pytest.raises(autograd.ReplayError, match=message):
        fast.batch([1, 2, -1])
