"""The lab: its right passes are the engine's, and its mistakes give the numbers that are worked here by hand."""

import io
import json
import math
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from points import slope
from rich.console import Console
from test_random_graphs import points, programs
from test_random_graphs import run as run_program

import autograd
from autograd import Value, constant, lab, no_grad, ops, parameter, replay
from autograd.lab import mistakes as lab_examples
from autograd.lab.sweep import Graph
from autograd.passes.steps import Computed, Posting, Seed, Updated, steps
from autograd.passes.wording import describe
from nn import SGD, relu_exercise
from viz.commands.cli import main
from viz.terminal.comparisons import print_comparison

NAMES = [mistake.name for mistake in lab.MISTAKES]


def gradients(comparison, side):
    return {gradient.name: getattr(gradient, side) for gradient in comparison.gradients}


def lines(comparison, side):
    """Return what the steps say, in words of the side that they are on."""
    say = describe if side == "right" else comparison.mistake.describe
    return [say(event.step).line for event in getattr(comparison, side)]


# What the default examples give, by hand.
#
# order: L = c + b, c = 4b, b = 3a. L posts 1 to c and 1 to b, c posts 4 to b: dL/db = 5, dL/da = 5*3 = 15. Where b
#   posts before c does, dL/da = 1*3.
# overwrite: L = a*b + b with a = 3, b = 2. The sum posts 1 to b, the product a = 3.
# no-zero-grad: L = w**2. w = 5: gradient 10, w becomes 5 - 0.1*10 = 4: gradient 8, to which the old 10 is added.
# inner-kept: L = b**2, b = 2a, a = 3: dL/db = 2*6 = 12, dL/da = 24. The second time b has 12 + 12, so a gets 48.
# early-update: the lecture's delta5 = 10 and w35 = 2 - 0.1*10*5 = -3, with which delta3 = 10*(-3)*1 = -30, not 20;
#   w13 gets delta3*x1, w23 delta3*x2.
# no-derivative: F'(-3) = 0 left out, delta4 = 10*(-1) = -10, not 0; w14 gets delta4*x1, w24 delta4*x2.
R10 = {"w13": 20.0, "w23": -20.0, "w35": 50.0, "w14": 0.0, "w24": 0.0, "w45": 0.0}
BY_HAND = {
    "order": (
        "b passed its gradient on to a too early, after 1 of 2 contributions: 1*3 = 3 instead of 5*3 = 15.",
        {"a": 15.0},
        {"a": 3.0},
    ),
    "overwrite": (
        "b received two contributions; the second replaced the first: 3 instead of 1 + 3 = 4.",
        {"a": 2.0, "b": 4.0},
        {"a": 2.0, "b": 3.0},
    ),
    "no-zero-grad": (
        "w still held 10 from iteration 1: 10 + 8 = 18 instead of 8.",
        {"w": 8.0},
        {"w": 18.0},
    ),
    "inner-kept": (
        "b still held 12 from the first backward(): 12 + 12 = 24 instead of 12.",
        {"a": 24.0},
        {"a": 48.0},
    ),
    "early-update": (
        "w35 was updated before it was used: 10*(-3) = -30 instead of 10*2 = 20.",
        R10,
        R10 | {"w13": -30.0, "w23": 30.0},
    ),
    "no-derivative": (
        "the derivative of relu was left out: y4 passed -10 on to x4 as it was, instead of (-10)*0 = 0.",
        R10,
        R10 | {"w14": -10.0, "w24": 10.0},
    ),
}


def test_every_mistake_is_worked_by_hand():
    assert list(BY_HAND) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_default_example_shows_the_mistake(name):
    sentence, right, wrong = BY_HAND[name]
    comparison = lab.run(name)
    assert comparison.sentence == sentence
    assert gradients(comparison, "right") == right
    assert gradients(comparison, "wrong") == wrong
    for leaf in comparison.gradients:
        assert leaf.difference == wrong[leaf.name] - right[leaf.name]


@pytest.mark.parametrize("name", NAMES)
def test_the_marked_step_is_the_first_whose_numbers_differ(name):
    comparison = lab.run(name)
    for place, beside in enumerate(comparison.beside[: comparison.first]):
        right, wrong = comparison.right[beside], comparison.wrong[place]
        assert (right.part, right.step.node, right.step.result) == (wrong.part, wrong.step.node, wrong.step.result)
    right, wrong = comparison.right[comparison.beside[comparison.first]], comparison.wrong[comparison.first]
    assert (right.step.source, right.step.position) == (wrong.step.source, wrong.step.position)
    assert right.step.result != wrong.step.result


def test_a_student_who_updates_w35_first_goes_on_with_the_wrong_delta():
    comparison = lab.run("early-update")
    told = lines(comparison, "wrong")
    assert "w35_new = w35 - 0.1 * dL/dw35 = 2 - 0.1 * 50 = -3" in told
    assert any(line.startswith("dL/dx3 += ") and line.endswith(" = -30 * 1 = -30") for line in told)
    updated = {event.step.name: event.step.result for event in comparison.wrong if isinstance(event.step, Updated)}
    # w13 = 2 - 0.1*(-30)*1, w23 = -3 - 0.1*(-30)*(-1); the others as in the lecture
    assert updated == {"w35": -3.0, "w45": -1.0, "w13": 5.0, "w23": -6.0, "w14": 1.0, "w24": 4.0}


def test_the_right_passes_update_as_the_lecture_does():
    updated = [event.step for event in lab.run("early-update").right if isinstance(event.step, Updated)]
    after = {"w13": 0.0, "w23": -1.0, "w14": 1.0, "w24": 4.0, "w35": -3.0, "w45": -1.0}
    assert {step.name: step.result for step in updated} == after == relu_exercise().solve().after


def test_the_worked_exercise_is_that_of_nn():
    solution = relu_exercise().solve()
    loss = lab_examples.worked_exercise()
    assert loss.data == solution.loss
    assert gradients(lab.run("overwrite", loss), "right") == solution.gradients
    results = {step.name: step.result for step in steps(loss) if isinstance(step, Computed)}
    for line in solution.lines:
        if line.part == "forward":
            assert results[line.name] == line.result, line.name


def test_the_right_gradients_of_the_worked_exercise_equal_central_differences():
    def loss(w13, w23, w14, w24, w35, w45):
        y3, y4 = max(0.0, w13 - w23), max(0.0, w14 - w24)
        return 0.5 * max(0.0, y3 * w35 + y4 * w45) ** 2

    names, weights = ("w13", "w23", "w14", "w24", "w35", "w45"), (2.0, -3.0, 1.0, 4.0, 2.0, -1.0)
    found = gradients(lab.run("no-derivative"), "right")
    for place, name in enumerate(names):
        assert math.isclose(found[name], slope(loss, weights, place), rel_tol=1e-6, abs_tol=1e-6), name


def test_a_plus_a_as_every_first_engine_has_it():
    a = Value(3, "a")
    comparison = lab.run("overwrite", a + a)
    assert comparison.gradients == (("a", 2.0, 1.0),)
    assert comparison.sentence == "a received two contributions; the second replaced the first: 1 instead of 1 + 1 = 2."


def test_what_is_overwritten_later_is_counted():
    b = Value(2, "b")
    comparison = lab.run("overwrite", 3 * b + 0 * b + 5 * b + 0 * b)  # posted from the last: 0, 5, 0, 3
    assert comparison.sentence == (
        "b received 4 contributions; the third replaced the sum so far: 0 instead of 5 + 0 = 5."
    )
    assert comparison.gradients == (("b", 8.0, 3.0),)


def test_the_inputs_of_a_weight_that_is_updated_early():
    x, w = Value(3, "x"), parameter(2, "w")
    comparison = lab.run("early-update", x * w, lr=0.5)
    # w = 2 - 0.5*3 = 0.5; x is no parameter and stays
    assert comparison.sentence == "w was updated before it was used: 1*0.5 = 0.5 instead of 1*2 = 2."
    assert gradients(comparison, "wrong") == {"x": 0.5, "w": 3.0}


@pytest.mark.parametrize(
    ("labels", "weights"),
    [
        (["x1", "y", "theta"], ["theta"]),
        (["xs[0]", "x_2", "targets", "a"], ["a"]),
        (["x", "t"], ["x", "t"]),
        ([None, "inputs[0][1]"], ["v1"]),
        (["x", "yes", "t2"], ["yes"]),
    ],
)
def test_leaves_called_like_inputs_are_no_weights_but_where_there_is_nothing_else(labels, weights):
    leaves = [Value(2, label) for label in labels]
    graph = Graph.of(math.prod(leaves))
    assert [graph.leaves[place] for place in graph.weights] == weights
    asked = Graph.of(leaves[0] * leaves[1], weights=[labels[1]])
    assert [asked.leaves[place] for place in asked.weights] == [labels[1]]


def test_an_input_is_updated_if_it_is_a_parameter():
    graph = Graph.of(parameter(1, "x") * Value(2, "w"))
    assert [graph.leaves[place] for place in graph.weights] == ["x"]


def test_the_gradient_of_an_input_is_reset_also_without_zero_grad():
    x, w = Value(3, "x"), Value(2, "w")
    comparison = lab.run("no-zero-grad", x * w)  # x.grad = w: 2, then 2 - 0.1 * 3; w.grad = x: 3, and 3 + 3
    assert comparison.gradients == (("x", 1.7, 1.7), ("w", 3.0, 6.0))
    assert comparison.sentence == "w still held 3 from iteration 1: 3 + 3 = 6 instead of 3."


def test_leaves_are_weights_where_there_are_no_parameters():
    x, w = Value(3, "x"), Value(2, "w")
    updated = [event.step.name for event in lab.run("no-zero-grad", x * w).right if isinstance(event.step, Updated)]
    assert updated == ["w", "w"]


def test_the_second_iteration_computes_with_the_adjusted_weights():
    w = parameter(2, "w")
    comparison = lab.run("no-zero-grad", (w * 3).tanh() ** 2, lr=100.0)
    z = math.tanh(6.0)
    adjusted = 2 - 100 * 2 * z * (1 - z * z) * 3
    last = [event.step for event in comparison.right if event.part == "iteration 2"]
    assert math.isclose(last[2].result, math.tanh(3 * adjusted) ** 2, rel_tol=1e-13)
    z = math.tanh(3 * adjusted)
    assert math.isclose(comparison.gradients[0].right, 2 * z * (1 - z * z) * 3, rel_tol=1e-9)


def test_every_step_says_to_which_pass_it_belongs():
    kinds = [(event.part, type(event.step)) for event in lab.run("no-zero-grad").wrong]
    assert kinds == [(f"iteration {n}", kind) for n in (1, 2) for kind in (Computed, Seed, Posting, Updated)]
    kinds = [(event.part, type(event.step)) for event in lab.run("inner-kept").wrong]
    assert kinds == [
        *(("first backward()", kind) for kind in (Computed, Computed, Seed, Posting, Posting)),
        *(("second backward()", kind) for kind in (Seed, Posting, Posting)),
    ]


def relu_of_positive():
    return (Value(2, "a") * Value(3, "b")).relu()


def chain():
    return (2 * Value(3, "a")).exp()


def late_posting_of_zero():
    b = 3 * Value(2, "a")
    return 0 * b + b


def another_order_of_the_same_postings():
    a = Value(2, "a")
    b = 3 * a
    return (0 * b + 5 * a) + b  # b posts 3 to a before or after the 5: what it lacks where it is early is 0


def early_posting_of_zero():
    b = Value(2, "b")
    return 3 * b + 0 * b


NOT_SHOWN = [
    ("order", chain),
    ("order", lambda: Value(3, "a") * Value(3, "a").tanh()),
    ("order", late_posting_of_zero),
    ("order", another_order_of_the_same_postings),
    ("overwrite", chain),
    ("overwrite", early_posting_of_zero),
    ("no-zero-grad", lambda: 0 * parameter(3, "w")),
    ("inner-kept", lambda: Value(2, "a") * Value(3, "b")),
    ("early-update", chain),
    ("early-update", lambda: Value(2, "a") + Value(3, "b")),
    ("early-update", lambda: 0 * (Value(2, "a") * Value(3, "b"))),
    ("no-derivative", lambda: (2 * Value(3, "a")) ** 2),
    ("no-derivative", relu_of_positive),
    ("no-derivative", lambda: 0 * Value(3, "a").tanh()),
    *((name, lambda: Value(3, "a")) for name in NAMES if name != "no-zero-grad"),
]


@pytest.mark.parametrize(("name", "loss"), NOT_SHOWN)
def test_a_graph_that_does_not_show_a_mistake_says_so(name, loss):
    comparison = lab.run(name, loss())
    assert comparison.first is None
    assert (
        comparison.sentence
        == f"This graph does not show the mistake. To show it, a graph needs {comparison.mistake.condition}."
    )
    assert gradients(comparison, "right") == gradients(comparison, "wrong")


@pytest.mark.parametrize(("function", "wrong"), [(ops.exp, 3), (ops.leaky_relu, 3), (ops.abs, 3), (ops.neg, -3)])
def test_the_derivative_of_every_function_of_one_operand_is_left_out_but_that_of_no_sign(function, wrong):
    [gradient] = lab.run("no-derivative", function(Value(-2, "a")) * 3).gradients
    assert gradient.wrong == wrong


def test_the_derivative_in_the_parameter_of_an_activation_is_not_left_out():
    slope = parameter(0.1, "slope")
    assert lab.run("no-derivative", ops.leaky_relu(constant(-2), slope) * 3).gradients == (("slope", -6.0, -6.0),)


def labelled(point):
    return [Value(x, f"x{place}") for place, x in enumerate(point)]


def left_by_the_engine(value, inputs):
    """Return what backward() leaves on the leaves of a graph, by name."""
    for leaf in inputs:
        leaf.grad = None
    value.backward()
    return {leaf.label: leaf.grad for leaf in inputs if leaf.has_grad}


@given(programs, points)
@settings(max_examples=50)  # each runs all mistakes
def test_the_sweep_without_a_deviation_equals_the_engine_to_the_bit(program, point):
    inputs = labelled(point)
    value = run_program(program, inputs)
    first = left_by_the_engine(value, inputs)
    bits = {name: gradient.hex() for name, gradient in first.items()}
    for name in ("order", "overwrite", "inner-kept", "early-update", "no-derivative"):
        found = gradients(lab.run(name, value), "right")
        assert {leaf: gradient.hex() for leaf, gradient in found.items()} == bits
    assert [repr(event.step) for event in lab.run("overwrite", value).right] == list(map(repr, steps(value)))
    right = [event.step for event in lab.run("early-update", value).right]
    used = [leaf for leaf in inputs if leaf.label in first]
    assert sorted(map(repr, right)) == sorted(map(repr, steps(value, optimizer=SGD(used, lr=0.1))))
    SGD(used, lr=0.1).step()
    second = left_by_the_engine(run_program(program, inputs), inputs)
    for leaf, x in zip(inputs, point, strict=True):
        leaf.data = x
    assert gradients(lab.run("no-zero-grad", run_program(program, inputs)), "right") == second


@given(programs, points)
@settings(max_examples=50)  # each runs all mistakes
def test_no_difference_is_claimed_where_there_is_none(program, point):
    value = run_program(program, labelled(point))
    for name in NAMES:
        comparison = lab.run(name, value)
        pairs = [
            (comparison.right[beside].step, event.step)
            for beside, event in zip(comparison.beside, comparison.wrong, strict=True)
        ]
        assert sorted(comparison.beside) == list(range(len(comparison.right)))
        if comparison.first is None:
            for right, wrong in pairs:
                assert math.isclose(
                    getattr(right, "amount", right.result),
                    getattr(wrong, "amount", wrong.result),
                    rel_tol=1e-9,
                    abs_tol=1e-9,
                )
            for gradient in comparison.gradients:
                assert math.isclose(gradient.right, gradient.wrong, rel_tol=1e-9, abs_tol=1e-9)
        else:
            right, wrong = pairs[comparison.first]
            assert (right.amount, right.result) != (wrong.amount, wrong.result)
            assert "{" not in comparison.sentence
            for line in (describe(right).line, comparison.mistake.describe(wrong).line):
                assert line.startswith("d")


@pytest.mark.parametrize("name", NAMES)
def test_infinities_and_nan_are_no_difference_by_themselves(name):
    assert lab.run(name, (Value(0, "a") * Value(1, "b")).log() - math.inf).mistake.name == name
    undefined = lab.run("no-derivative", Value(-1, "a").log() * math.nan)
    assert undefined.first is None


@pytest.mark.parametrize("name", NAMES)
def test_a_deep_graph_of_shared_nodes(name):
    value = Value(1, "a")
    for _ in range(700):  # 1,400 nodes deep, beyond what Python lets recurse
        value = value * 0.5 + value * 0.5
    comparison = lab.run(name, value)
    assert gradients(comparison, "right")["a"] == 1.0


def test_nothing_of_the_loss_is_changed():
    w = parameter(2, "w")
    loss = (w * 3).tanh()
    for name in NAMES:
        lab.run(name, loss)
    assert (w.data, w.has_grad, loss.has_grad) == (2.0, False, False)


def test_the_lab_records_where_nothing_else_does():
    with no_grad():
        assert lab.run("no-zero-grad").sentence == BY_HAND["no-zero-grad"][0]


def test_what_cannot_be_run_is_said_in_a_sentence():
    with pytest.raises(ValueError, match="the lab has no mistake 'overwrit'; try overwrite"):
        lab.run("overwrit")
    with pytest.raises(ValueError, match="try order, overwrite, no-zero-grad"):
        lab.run("?")
    with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got float"):
        lab.run("order", 2.0)
    with pytest.raises(ValueError, match="not computed from any Value that varies"):
        lab.run("order", constant(2) * 3)
    with pytest.raises(TypeError, match="expected a real number for the learning rate"):
        lab.run("order", lr="fast")
    with pytest.raises(ValueError, match="a replay computed v2 in one"):
        lab.run("order", replay(lambda x, y: x * y)(Value(2), Value(3)) * 2)


def test_the_lab_is_found_by_its_name():
    assert autograd.lab is lab


# The command.

OVERWRITE = """\
overwrite: a gradient is assigned with = in place of +=

┏━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ step ┃ right                                 ┃ wrong                                ┃
┡━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│    1 │ v2 = a*b = 3*2 = 6                    │ v2 = a*b = 3*2 = 6                   │
│    2 │ L = v2 + b = 6 + 2 = 8                │ L = v2 + b = 6 + 2 = 8               │
│    3 │ dL/dL = 1                             │ dL/dL = 1                            │
│    4 │ dL/dv2 += dL/dL * dL/dv2 = 1 * 1 = 1  │ dL/dv2 = dL/dL * dL/dv2 = 1 * 1 = 1  │
│    5 │ dL/db += dL/dL * dL/db = 1 * 1 = 1    │ dL/db = dL/dL * dL/db = 1 * 1 = 1    │
│    6 │ dL/da += dL/dv2 * dv2/da = 1 * 2 = 2  │ dL/da = dL/dv2 * dv2/da = 1 * 2 = 2  │
│  > 7 │ dL/db += dL/dv2 * dv2/db = dL/dv2 * a │ dL/db = dL/dv2 * dv2/db = dL/dv2 * a │
│      │   = 1 * 3 = 3                         │   = 1 * 3 = 3                        │
│      │   total 1 + 3 = 4                     │   total 3 in place of 1              │
└──────┴───────────────────────────────────────┴──────────────────────────────────────┘

b received two contributions; the second replaced the first: 3 instead of 1 + 3 = 4.

Gradients
┏━━━━━━┳━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━┓
┃ leaf ┃ right ┃ wrong ┃ difference ┃
┡━━━━━━╇━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━┩
│ a    │     2 │     2 │          0 │
│ b    │     4 │     3 │         -1 │
└──────┴───────┴───────┴────────────┘
"""

NARROW_ORDER = """\
┏━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ step ┃ right and wrong                           ┃
┡━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│    1 │ b = 3*a = 3*2 = 6                         │
│    2 │ c = 4*b = 4*6 = 24                        │
│    3 │ L = c + b = 24 + 6 = 30                   │
│    4 │ dL/dL = 1                                 │
│    5 │ dL/dc += dL/dL * dL/dc = 1 * 1 = 1        │
│    6 │ dL/db += dL/dL * dL/db = 1 * 1 = 1        │
│      │ right: dL/db += dL/dc * dc/db = 1 * 4 = 4 │
│      │   total 1 + 4 = 5                         │
│      │   (step 7 of the right pass)              │
│      │ wrong: comes later                        │
│  > 7 │ right: dL/da += dL/db * db/da = dL/db * 3 │
│      │   = 5 * 3 = 15                            │
│      │   (step 8 of the right pass)              │
│      │ wrong: dL/da += dL/db * db/da = dL/db * 3 │
│      │   = 1 * 3 = 3                             │
└──────┴───────────────────────────────────────────┘
"""


def shown(monkeypatch, width, *arguments):
    """Return what the command prints on a terminal of a width, without blanks at the ends of lines."""
    file = io.StringIO()
    monkeypatch.setattr("viz.terminal.exercises.make_console", lambda: Console(file=file, width=width, highlight=False))
    assert main(["lab", *arguments]) == 0
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def test_the_whole_output_at_width_100(monkeypatch):
    assert shown(monkeypatch, 100, "overwrite") == OVERWRITE


def test_a_narrow_terminal_shows_right_above_wrong(monkeypatch):
    assert NARROW_ORDER in shown(monkeypatch, 60, "order")


def test_where_the_order_differs_the_right_steps_have_their_own_numbers(monkeypatch):
    text = shown(monkeypatch, 100, "order")
    assert "│    8 │ dL/da += dL/db * db/da = dL/db * 3 │  > 7 │ dL/da += dL/db * db/da = dL/db * 3 │" in text
    assert "│      │   = 5 * 3 = 15                     │      │   = 1 * 3 = 3                      │" in text
    assert "│    7 │ dL/db += dL/dc * dc/db = 1 * 4 = 4 │      │ comes later " in text
    assert "│      │   total 1 + 4 = 5                  │      │             " in text


def test_every_step_that_the_right_sum_needs_is_shown(monkeypatch):
    a = Value(2, "a")
    b = 3 * a
    d = 5 * (4 * b)  # two steps on the way of a contribution to b that comes late
    root = d + 7 * b + b
    comparison = lab.run("order", root)
    text = io.StringIO()
    print_comparison(Console(file=text, width=160), comparison)
    assert comparison.right[comparison.beside[comparison.first]].step.upstream == 28 == 1 + 7 + 20
    table = text.getvalue().partition("└")[0]
    numbers = [line.split("│")[1].strip() for line in table.splitlines() if line.startswith("│")]
    assert [number for number in numbers if number] == [str(number) for number in range(1, 16)]
    assert table.count("comes later") == 5  # 10 to 14: the other two contributions, and what they are multiplied by


@pytest.mark.parametrize("width", [40, 60, 90, 100, 120])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_terminal(monkeypatch, width, name):
    text = shown(monkeypatch, width, name)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text


def test_a_terminal_of_hardly_any_width_breaks_lines_anywhere(monkeypatch):
    assert "b passed its\ngradient on\nto a too" in shown(monkeypatch, 12, "order")


def test_passes_are_named_in_the_table(monkeypatch):
    text = shown(monkeypatch, 100, "no-zero-grad")
    assert text.index("│ iteration 1 ") < text.index("│    4 │ w_new = w - 0.1") < text.index("│ iteration 2 ")
    assert "Gradients, iteration 2" in text


def write(folder, text):
    (folder / "mine.py").write_text(text, encoding="utf-8")
    return f"{folder / 'mine.py'}:loss"


LONG = """
from autograd import Value
inputs = [Value(1, f"x{i}") for i in range(60)]
loss = 0
for x in inputs:
    loss = loss + x * 2
loss = loss * loss
"""


def test_a_long_pass_and_many_leaves_are_shown_in_part(monkeypatch, tmp_path):
    text = shown(monkeypatch, 100, "overwrite", write(tmp_path, LONG))
    # 60 products, 60 sums (the first with 0), the square; the seed; both operands of the square get a posting. The
    # last sum is v240: each term brings 4 nodes (x, 2, product, sum), and the first has the 0 before it.
    assert "│   ... │ steps 1 to 103, the same in both         │ steps 1 to 103, the same in both" in text
    assert "│ > 124 │" in text
    assert "v240 received two contributions; the second replaced the first: 120 instead of 120 + 120 = 240." in text
    assert "│ 40 more │" in text


def test_an_own_loss(tmp_path, capsys):
    loss = write(tmp_path, "from autograd import Value\na = Value(3, '[red]a')\ndef loss():\n    return a * a\n")
    assert main(["lab", "overwrite", loss]) == 0
    told = capsys.readouterr().out
    assert "[red]a received two contributions; the second replaced the first: 3 instead of 3 + 3 = 6." in told
    assert main(["lab", "order", loss]) == 0
    assert (
        "This graph does not show the mistake. To show it, a graph needs a computed node that several"
        in capsys.readouterr().out
    )


def test_the_list_of_mistakes(capsys):
    assert main(["lab"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[1] == "  order          a node passes its gradient on before it is complete (no topological sort)"
    assert [line.split()[0] for line in told[1:7]] == NAMES
    how = "gradstep lab MISTAKE runs one on an example, gradstep lab MISTAKE FILE.py:NAME on your own loss."
    assert " ".join(told[7:]).strip() == how
    assert main(["lab", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[1] == {"name": "overwrite", "title": "a gradient is assigned with = in place of +="}


def test_all_of_them_on_one_loss(tmp_path, capsys):
    text = "from autograd import Value\nprint('once')\na = Value(3, 'a')\nloss = a * a\n"
    assert main(["lab", "--all", write(tmp_path, text)]) == 0
    told = capsys.readouterr()
    assert [line.partition(":")[0] for line in told.out.splitlines() if line.partition(":")[0] in NAMES] == NAMES
    assert told.err == "once\n"


def test_json(capsys):
    assert main(["lab", "early-update", "--json"]) == 0
    told = capsys.readouterr().out
    report = json.loads(told)
    assert report["sentence"] == BY_HAND["early-update"][0]
    wrong = report["wrong"][report["first"]]
    right = report["right"][report["beside"][report["first"]]]
    assert (right["amount"], wrong["amount"], wrong["source"]["op"], wrong["pass"]) == (20, -30, "mul", "")
    assert report["gradients"][0] == {"name": "w13", "right": 20, "wrong": -30, "difference": -50}
    assert "-0," not in told
    assert main(["lab", "--all", "--json"]) == 0
    assert [one["mistake"] for one in json.loads(capsys.readouterr().out)] == NAMES


def test_what_is_not_there_is_said_in_a_sentence(capsys, tmp_path):
    assert main(["lab", "overwrit"]) == 1
    assert capsys.readouterr().err == "gradstep: the lab has no mistake 'overwrit'; try overwrite.\n"
    assert main(["lab", "order", "no.py:loss"]) == 1
    assert "gradstep: the file no.py cannot be read" in capsys.readouterr().err
    assert main(["lab", "order", write(tmp_path, "loss = 3\n")]) == 1
    assert "loss in " in capsys.readouterr().err
    assert main(["lab", "order", "x.py:loss", "--all"]) == 1
    assert "--all runs every mistake, so it does not go with a name; got 'order'" in capsys.readouterr().err


def test_a_terminal_without_unicode(tmp_path):
    command = [sys.executable, "-c", "import sys; from viz.commands.cli import main; sys.exit(main(['lab', '--all']))"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "|  > 7 | dL/db += dL/dv2 * dv2/db = dL/dv2 * a = 1 * 3 = 3 |" in done.stdout


def test_a_mistake_is_named_by_a_text():
    with pytest.raises(TypeError, match="got int: 3"):
        lab.run(3)


def test_numbers_that_overflow_are_named_as_the_reason():
    a, b = Value(3, "a"), Value(2, "b")
    assert "infinite or nan" in lab.run("no-zero-grad", (a * b).exp() * b).sentence


def a_neuron_of_plain_leaves():
    """As a student writes it: x1*w13 + x2*w23 with leaves only. Its loss is half of relu(2 + 3) squared."""
    x1, x2, w13, w23 = Value(1, "x1"), Value(-1, "x2"), Value(2, "w13"), Value(-3, "w23")
    return (x1 * w13 + x2 * w23).relu() ** 2 / 2


def test_only_the_weights_that_are_named_are_adjusted():
    kept = lab.run("no-zero-grad", a_neuron_of_plain_leaves(), lr=0.1, weights=["w13", "w23"])
    # dL/dw13 = 5; then w13 = 1.5 and w23 = -2.5, so x3 = 4 and dL/dw13 = 4: kept, 9
    assert [(name, right, wrong) for name, right, wrong in kept.gradients if name == "w13"] == [("w13", 4.0, 9.0)]
    assert {event.step.name for event in kept.right if isinstance(event.step, Updated)} == {"w13", "w23"}


@pytest.mark.parametrize(("name", "sentence"), [("w14", "w13"), ("v2", "got v2, which is computed")])
def test_a_weight_is_a_leaf_of_the_graph(name, sentence):
    with pytest.raises(ValueError, match=sentence):
        lab.run("overwrite", a_neuron_of_plain_leaves(), weights=[name])
