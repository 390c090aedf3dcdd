"""`what_if`: a recorded graph with other leaves, against a freshly recorded one, and sympy's rationals."""

import dataclasses
import math
import random
import re
from fractions import Fraction

import pytest
import sympy

import autograd
from autograd import Value, constant, no_grad, parameter, replay, what_if
from autograd.table.op import TABLE
from nn import relu_exercise, second_exercise, sigmoid_exercise


def test_R10_another_weight_gives_what_solving_the_exercise_with_it_gives():
    solution = relu_exercise().solve()
    found = what_if(solution.graph, {"w35": 1.5})
    y5 = 5 * 1.5
    assert (found.before("loss"), found.after("loss")) == (50.0, y5**2 / 2)
    row = found.row("w35")
    assert (row.before, row.after, row.change) == (2.0, 1.5, -0.5)
    assert (row.gradient_before, row.gradient_after) == (50.0, y5 * 5)
    assert found.row("w23").gradient_after == y5 * 1.5 * -1
    assert (solution.values["w35"].data, solution.values["w35"].grad, solution.loss) == (2.0, 50.0, 50.0)


def test_R11_in_fractions_digit_for_digit():
    solution = second_exercise().solve()
    found = what_if(solution.graph, {}, exact=True)
    assert found.after("loss") == found.before("loss") == Fraction(18, 625)
    gradients = ["-0.1728", "-0.072", "0.0576", "0.024", "-0.3168", "-0.1584", "-0.144", "0.048", "-0.24"]
    names = ["w1", "w2", "w3", "w4", "w5", "w6", "b1", "b2", "b3"]
    assert [found.row(name).gradient_after for name in names] == [Fraction(gradient) for gradient in gradients]
    assert "loss = 18/625" in str(found)


@pytest.mark.parametrize("make", [relu_exercise, second_exercise, sigmoid_exercise])
def test_floats_are_the_bits_of_the_engine_on_the_exercises(make):
    generator = random.Random(make.__name__)
    exercise = make()
    weights = {name: generator.uniform(-1, 1) for name in exercise.weights}
    found = what_if(exercise.solve().graph, weights)
    fresh = dataclasses.replace(exercise, weights=weights).solve()
    for name, value in fresh.values.items():
        assert found.after(name) == value.data
        if value.kind != "constant":
            assert found.row(name).gradient_after == value.grad, name


def recorded(numbers):
    """Return a loss with every operation of the table, and its leaves."""
    generator = random.Random(5)
    leaves = [Value(number, f"x{place}") for place, number in enumerate(numbers)]
    nodes = list(leaves)
    for op in [*TABLE, *TABLE]:
        middle = 0.5 + max(0.0, op.domain[0][0])
        operands = [generator.choice([*nodes, *leaves]).sin() * 0.4 + middle for _ in range(op.arity)]
        if op.arity == 2 and generator.random() < 0.5:
            operands[generator.randrange(2)] = 1.25
        nodes.append(op(*operands).tanh())
    return sum(nodes[len(leaves) :]), leaves


def test_floats_are_the_bits_of_the_engine_for_every_operation():
    loss, _ = recorded([0.3, -0.2, 0.9])
    fresh, leaves = recorded([0.4, 0.7, -0.9])
    found = what_if(loss, {"x0": 0.4, "x1": 0.7, "x2": -0.9})
    fresh.backward()
    fresh_rows = autograd.Tape.of(fresh).lines
    assert len(found.rows) == len(fresh_rows)
    for row, line in zip(found.rows, fresh_rows, strict=True):
        assert (repr(row.after), repr(row.gradient_after)) == (repr(line.data), repr(line.grad))
        assert math.isfinite(row.after)
    assert [found.row(leaf.label).gradient_after for leaf in leaves] == [leaf.grad for leaf in leaves]
    again = what_if(loss, {})
    loss.backward()
    assert [row.before for row in again.rows] == [line.data for line in autograd.Tape.of(loss).lines]
    assert all(row.before == row.after and row.change == 0 for row in again.rows)


@pytest.mark.parametrize("seed", range(10))
def test_fractions_are_those_of_sympy(seed):
    generator = random.Random(seed)
    symbols = sympy.symbols("a b c")
    leaves = [Value(generator.randint(1, 30) / 10, name) for name in "abc"]
    pairs = list(zip(leaves, symbols, strict=True))
    for _ in range(6):
        (v, s), (w, t) = generator.choice(pairs), generator.choice(pairs)
        quotients = (v / (w * w + 1), s / (t**2 + 1))
        kinds = [(v * w, s * t), (v + w, s + t), (v - w / 7, s - t / 7), (v**3, s**3), quotients]
        pairs.append(kinds[generator.randrange(5)])
    loss = pairs[-1][0] + leaves[0] * leaves[1] / leaves[2]
    formula = pairs[-1][1] + symbols[0] * symbols[1] / symbols[2]
    numbers = {leaf.label: generator.randint(1, 30) for leaf in leaves}
    found = what_if(loss, {name: Fraction(number, 7) for name, number in numbers.items()}, exact=True)
    point = {symbol: sympy.Rational(numbers[symbol.name], 7) for symbol in symbols}
    before = {symbol: sympy.Rational(str(leaf.data)) for symbol, leaf in zip(symbols, leaves, strict=True)}
    assert found.rows[-1].after == Fraction(str(formula.subs(point)))
    assert found.rows[-1].before == Fraction(str(formula.subs(before)))
    for symbol in symbols:
        gradient = found.row(symbol.name).gradient_after
        assert gradient == Fraction(str(sympy.diff(formula, symbol).subs(point)))


def test_exact_choices_follow_the_conventions_of_the_table():
    x, y = Value(-2.5, "x"), Value(-2.5, "y")
    pieces = [x.relu(), x.leaky_relu(0.1), abs(x), autograd.maximum(x, y), autograd.minimum(x, 3), (x + 2.5) ** 0]
    loss = sum(pieces)
    found = what_if(loss, {}, exact=True)
    assert found.after(f"v{len(found.rows) - 1}") == Fraction("0") + Fraction("-0.25") + Fraction("2.5") - 5 + 1
    assert found.row("y").gradient_after == Fraction(1, 2)
    assert found.row("x").gradient_after == 0 + Fraction(1, 10) - 1 + Fraction(1, 2) + 1 + 0
    loss.backward()
    assert math.isclose(x.grad, 0.6, rel_tol=1e-15)
    assert autograd.abs(Fraction(-1, 3)) == Fraction(1, 3)


def test_elu_is_exact_where_it_is_the_identity():
    x = Value(0.5, "x")
    assert what_if(x.elu(), {}, exact=True).row("x").gradient_after == 1
    with pytest.raises(ValueError, match=r"v\d = elu\(x, 1\) is not computed exactly: elu\(-1/2, 1\)"):
        what_if(x.elu(), {"x": -0.5}, exact=True)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda x: x.exp() + 1, "v1 = exp(x) is not computed exactly: exp(2)"),
        (lambda x: (x * 2).sqrt(), "v3 = sqrt(v2) is not computed exactly: sqrt(4)"),
        (lambda x: x**0.5, "v2 = x**0.5 is not computed exactly: pow(2, 1/2)"),
        (lambda x: 2**x, "v2 = 2**x is not computed exactly: log(2)"),
        (lambda x: x.sigmoid(), "v1 = sigmoid(x) is not computed exactly: sigmoid(2)"),
        (lambda x: 1 / (x - 2), "is not computed exactly: div(1, 0)"),
        (lambda x: x ** (10.0**12), "pow makes a fraction of more than 100,000 bits"),
        (lambda x: x * math.inf, "inf is inf, which is not a fraction."),
    ],
)
def test_what_leaves_the_fractions_is_refused(build, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        what_if(build(Value(2, "x")), {}, exact=True)


def test_fractions_that_grow_without_end_are_refused():
    y = Value(3, "x")
    for _ in range(60):
        y = y * y
    with pytest.raises(ValueError, match="mul makes a fraction of more than 100,000 bits"):
        what_if(y, {}, exact=True)


def test_leaves_are_given_by_label_place_or_value():
    x, w = Value(3), Value(2, "w")
    loss = x * w * 2
    assert what_if(loss, {"w": 5}).rows[-1].after == 30.0
    assert what_if(loss, {w: 5}).rows[-1].after == 30.0
    assert what_if(loss, {x: 1, w: 5}).rows[-1].after == 10.0
    assert what_if(loss, {"v0": 1}).rows[-1].after == 4.0
    assert what_if(loss, {"2": 7}).rows[-1].after == 42.0  # the constant
    assert what_if(x, {x: 7}).rows[-1].after == 7.0


def test_constants_and_parameters_can_be_changed():
    w, t = parameter(2, "w"), constant(1, "t")
    found = what_if((w - t) ** 2, {"t": 4})
    assert (found.row("t").gradient_before, found.row("t").gradient_after) == (None, None)
    assert (found.row("w").gradient_before, found.row("w").gradient_after) == (2.0, -4.0)
    with no_grad():
        assert what_if(t * 2, {"t": 4} if (t * 2).operands else {}).rows[-1].gradient_after is None


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"w53": 1}, ValueError, "no node of this graph is called 'w53'. Did you mean w"),
        ({"x5": 1}, ValueError, "only leaves can be changed, but x5 is computed by add from v10 and v18."),
        ({"w35": "1"}, TypeError, "expected a real number for w35, got str"),
        ({3: 1}, TypeError, "expected a node's name, a str, got int."),
        ({"v99": 1}, ValueError, "the places of this graph are v0 to v25."),
        ([("w35", 1)], TypeError, 'expected leaves with their numbers, a dict such as {"w": 1.5}, got list.'),
        ({Value(1, "q"): 1}, ValueError, "Value(1, 'q', grad=-) is not in the graph of loss."),
    ],
)
def test_what_cannot_be_changed_is_said(changes, error, message):
    loss = relu_exercise().solve().graph
    with pytest.raises(error, match=re.escape(message)):
        what_if(loss, changes)


def test_a_label_of_several_nodes_is_refused_with_their_places():
    one, other = Value(1, "w"), Value(2, "w")
    with pytest.raises(
        ValueError, match=r"2 nodes are called 'w': w\[v0\] and w\[v1\]. Ask for one of them, such as 'w\[v0\]'"
    ):
        what_if(one * other, {"w": 3})
    assert what_if(one * other, {"v1": 3}).after("v2") == what_if(one * other, {"w[v1]": 3}).after("v2") == 3.0
    with pytest.raises(ValueError, match="a leaf is given twice"):
        what_if(one * 2, {"w": 3, one: 4})


def test_other_refusals():
    with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got int"):
        what_if(3, {})
    with pytest.raises(ValueError, match="v1 was computed by a replay"):
        what_if(replay(lambda x: x * 2)(Value(3)), {})
    with pytest.raises(ValueError, match="w is inf, which is not a fraction"):
        what_if(Value(1, "w") * 2, {"w": math.inf}, exact=True)


def test_the_text_shows_what_changed_first():
    x, w, b = Value(3, "x"), Value(2, "w"), Value(1, "b")
    loss = x * w + b
    loss.label = "loss"
    found = what_if(loss, {"w": 1.5})
    assert (
        str(found)
        == repr(found)
        == """\
What if w = 1.5: loss = 5.5, before 7.
  node           before  after  change  gradient  after
  w                   2    1.5    -0.5         3      3
  v2 = x*w            6    4.5    -1.5         1      1
  loss = v2 + b       7    5.5    -1.5         1      1
  x                   3      3       0         2    1.5
  b                   1      1       0         1      1"""
    )
    assert str(what_if(loss, {})).startswith("loss = 7.\n")


def test_long_tables_are_cut():
    y = Value(1, "x")
    for _ in range(100):
        y = y + 1
    lines = str(what_if(y, {"x": 2})).splitlines()
    assert len(lines) == 1 + 1 + 40 + 1
    assert lines[-1] == "  ... and 61 more nodes"


def test_leaves_that_were_assigned_since_are_noticed():
    x = Value(2, "x")
    loss = x * x
    assert not what_if(loss, {}).is_outdated
    x.data = 3
    found = what_if(loss, {"x": 4})
    assert (found.rows[-1].before, found.rows[-1].after) == (9.0, 16.0)
    assert str(found).endswith(
        "Leaves were changed after the graph was computed: before is computed from their present numbers."
    )


def test_infinities_that_stay_do_not_change():
    x = Value(0, "x")
    row = what_if(1 / x, {}).rows[-1]
    assert (row.before, row.change) == (math.inf, 0.0)


def test_a_deep_graph():
    y = Value(0.5, "x")
    for _ in range(20_000):
        y = -y
    found = what_if(y, {"x": 2})
    assert (found.rows[-1].after, found.row("x").gradient_after) == (2.0, 1.0)


def test_what_if_works_inside_of_contexts():
    x = Value(2, "x")
    loss = x.log()
    with no_grad(), autograd.detect_anomaly():
        found = what_if(loss, {"x": 0})
    assert (found.rows[-1].after, found.row("x").gradient_after) == (-math.inf, math.inf)


def test_swapped_arguments_are_told():
    x = Value(3, "x")
    loss = x * 2
    loss.label = "loss"
    with pytest.raises(TypeError) as raised:
        what_if({"x": 1}, loss)
    assert str(raised.value) == (
        'expected the root first, then the leaves with their numbers. Swap the arguments: what_if(loss, {"w": 1}).'
    )
    with pytest.raises(ValueError, match=r"is not in the graph of x") as refused:
        what_if(x, {loss: 1})
    assert str(refused.value).endswith("loss was computed from x. Swap the arguments: x first, then loss.")
