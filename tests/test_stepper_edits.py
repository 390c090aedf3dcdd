"""`Stepper.set`: the numbers of a pass that is computed again are those of a graph made with them."""

import re
from dataclasses import replace
from fractions import Fraction

import pytest

import viz
from autograd import Value, lines, maximum, replay, steps
from autograd.contexts.modes import observed
from autograd.passes.steps import Posting
from autograd.state.observation import GREATER, LESS, NOT_EQUAL
from nn import SGD, Adam, Exercise, mazur_exercise, relu_exercise
from viz.stepping.edits import Comparisons
from viz.stepping.expressions import expression
from viz.stepping.stepper import Stepper


def graph(x=3.0, w=2.0, b=-1.0):
    """Every kind of operation that chooses: a relu, a maximum; and a node that is used twice."""
    x, w, b = Value(x, "x"), Value(w, "w"), Value(b, "b")
    h = (x * w + b).relu()
    loss = maximum(h * h, x + w) / w
    loss.label = "loss"
    return loss


@pytest.mark.parametrize("changes", [{"w": 0.5}, {"x": -2.0}, {"b": 4.0, "x": 0.25}, {"w": -7.0, "b": 0.0}])
@pytest.mark.parametrize("position", [0, 3, 9])
def test_the_pass_is_that_of_a_graph_made_with_the_new_numbers(changes, position):
    loss = graph()
    before = steps(loss)
    stepper = Stepper(loss).next(position)
    for name, number in changes.items():
        stepper.set(name, number)
    fresh = Stepper(graph(**changes)).next(position)
    assert stepper.steps == fresh.steps
    assert [stepper.data(name) for name in stepper.names] == [fresh.data(name) for name in fresh.names]
    assert [stepper.gradient(name) for name in stepper.names] == [fresh.gradient(name) for name in fresh.names]
    assert steps(loss) == before  # the graph itself
    assert stepper.run().back(99).steps == before


@pytest.mark.parametrize("exercise", [relu_exercise(), mazur_exercise()])
def test_lines_of_an_exercise_are_those_of_the_exercise_with_the_new_numbers(exercise):
    for name in [*exercise.weights, *exercise.biases]:
        stepper = Stepper(exercise).run().set(name, "1/4")
        assert stepper.note == f"{name} = 0.25 in place of {number_of(exercise, name)}; all lines are computed again"
        assert [str(step.line) for step in stepper.steps] == [
            str(line) for line in lines(changed(exercise, name, 0.25))
        ]


def number_of(exercise, name):
    return f"{ {**exercise.weights, **exercise.biases}[name]:.6g}"


def changed(exercise, name, number):
    """The exercise with another number for a weight or a bias."""
    kind = "weights" if name in exercise.weights else "biases"
    return replace(exercise, **{kind: {**getattr(exercise, kind), name: number}})


def test_several_examples_a_learned_setting_and_momentum():
    def exercise(x, alpha, w):
        return Exercise(
            {"w12": 0.5, "w23": w},
            [[1], [x], [-1]],
            [1, 0, 1],
            0.1,
            biases={"b2": 0.1},
            activation=[{"prelu": {"alpha": alpha}}, "prelu"],
            optimizer={"sgd": {"momentum": 0.9, "weight_decay": 0.01}},
        )

    stepper = Stepper(exercise(2, 0.25, -1)).run().set("x1(2)", "1/4").set("alpha1", 0.5).set("w23", 2)
    assert stepper.note == "w23 = 2 in place of -1; all lines are computed again"
    assert [str(step.line) for step in stepper.steps] == [str(line) for line in lines(exercise(0.25, 0.5, 2))]


def test_inputs_and_targets_can_be_set():
    stepper = Stepper(relu_exercise()).goto("loss").set("y", 4).set("x1", 0)
    assert [stepper.data(name) for name in ("y", "x1", "x3", "y5", "loss")] == [4, 0, 3, 6, 2]


@pytest.mark.parametrize("make", [lambda w: SGD(w, lr=0.5, momentum=0.9), lambda w: Adam(w, lr=0.5)])
def test_the_update_is_computed_with_the_new_numbers(make):
    def stepper(number):
        w = Value(number, "w")
        return Stepper(w * w * Value(3, "x"), optimizer=make([w]))

    assert stepper(2.0).run().set("w", 1.5).steps == stepper(1.5).steps


def test_several_edits_are_undone_where_they_were_made():
    stepper = Stepper(graph()).next(2).set("w", 1).next(3).set("x", "x*2").set("b", 0)
    assert [stepper.data(name) for name in "xwb"] == [6, 1, 0]
    assert stepper.back().note == "x = 3 again; b = -1 again"
    assert [stepper.data(name) for name in "xwb"] == [3, 1, -1]
    assert stepper.goto(1).note == "w = 2 again"
    assert stepper.restart().set("w", 5).back().note == "this is the beginning; w = 2 again"


def test_an_edit_stays_at_its_place_in_the_other_reading():
    stepper = Stepper(relu_exercise()).goto("delta3").set("w13", 0.5).next(2).by("contribution")
    assert stepper.data("x3") == 3.5
    place = next(
        place for place, step in enumerate(stepper.steps, start=1) if isinstance(step, Posting) and step.name == "x3"
    )
    while stepper.position > place:
        assert stepper.data("x3") == 3.5, stepper.position
        stepper.back()
    assert stepper.restart().note == "w13 = 2 again"


def test_breakpoints_and_watches_stay_across_an_edit():
    stepper = Stepper(relu_exercise())
    stepper.break_at("delta3")
    stepper.break_at(when="y5 < 5")
    stepper.watch("w35 - w45").set("w35", 1)
    notes = [stepper.run().note for _ in range(3)]
    assert notes == [
        "stopped where w35 - w45 changed from 2 to -0.5",
        "stopped at delta3",
        "no breakpoint was met",
    ]
    assert stepper.rcontinue().note == "stopped at delta3"


def test_a_watched_line_is_its_node_by_contribution():
    stepper = Stepper(relu_exercise()).watch("delta3 * 2").watch("w13_new").by("contribution")
    assert stepper.run().note == "stopped where delta3 * 2 changed from - to 40"
    assert stepper.present.name == "x3"
    assert stepper.run().note == "no breakpoint was met"


def test_a_condition_may_be_any_comparison_and_stops_on_the_way_back_too():
    stepper = Stepper(graph())
    stepper.break_at(when="abs(v5.grad) * w > 9")  # v5, the relu, receives 2.5 and then 2.5 again: 5
    stepper.break_at(when="0 < v4.grad <= 5 and not b.grad > 5")
    positions = [stepper.run().position for _ in range(3)]
    assert positions == [16, 19, 21]
    assert [stepper.rcontinue().position for _ in range(3)] == [19, 16, 0]
    assert stepper.run().note == "stopped when abs(v5.grad) * w > 9"


def test_the_picture_shows_the_new_numbers():
    loss = graph()
    stepper = Stepper(loss).run()
    old = stepper.svg()
    assert stepper.set("w", 0.25).svg() == Stepper(graph(w=0.25)).run().svg() != old
    assert Stepper(loss).run().svg() == old


def test_numbers_that_changed_after_the_graph_was_read_have_no_effect():
    w = Value(2, "w")
    stepper = Stepper(w * Value(3, "x"))
    w.data = 100
    assert stepper.set("x", 5).run().data("v2") == 10


def test_a_replay_cannot_be_computed_again():
    x = Value(3, "x")
    stepper = Stepper(replay(lambda v: v * v)(x))
    with pytest.raises(TypeError, match="the result of a replay"):
        stepper.set("x", 1)
    assert stepper.restart().back().note == "this is the beginning"


def test_an_exercise_says_where_it_would_be_computed_in_another_way():
    exercise = Exercise({"w12": 1}, [1], 1, 0.1, activation="sigmoid", loss="binary_cross_entropy")
    assert "another way" not in Stepper(exercise).set("w12", 3).note
    assert Stepper(exercise).set("w12", 1000).note == (
        "w12 = 1000 in place of 1; all lines are computed again; the exercise itself would now be computed in "
        "another way, since rounded outputs and very large scores have their own formulas; the pass keeps the "
        "recorded way"
    )


def test_an_observer_sees_comparisons_and_refuses_nothing():
    x, comparisons = Value(3, "x"), Comparisons()
    with observed(comparisons):
        assert max(x, Value(2)) is x
        (x * 2).backward()
        x.data = 4
        assert x
    kept = comparisons.about(x * x)
    assert [(each.question, each.left.data) for each in kept] == [(GREATER, 2), (NOT_EQUAL, 4)]
    assert all("test_stepper_edits.py:" in each.line for each in kept)


def test_only_comparisons_that_the_leaves_of_the_graph_answer_are_kept():
    x, other = Value(3, "x"), Value(1, "other")
    comparisons = Comparisons()
    for left in (x * 2, other * 2, replay(lambda v: v * x)(1.0), other * x):
        comparisons.note(LESS, left, Value(5))
    assert [kept.left.data for kept in comparisons.about(x * x)] == [6, 3]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "expected a real number for the new number of w, got None"),
        (float("nan"), "expected a finite number for the new number of w, got nan."),
        ("x >", "expected an expression such as w13*x1 or abs(w13.grad) > 1, got 'x >'."),
        ("x = 2", "got 'x = 2'. To compare, write ==."),
        ("z", "no node of this graph is called 'z'"),
    ],
)
def test_what_is_no_number_is_refused_and_changes_nothing(given, message):
    stepper = Stepper(graph())
    with pytest.raises((ValueError, TypeError), match=f"{re.escape(message)}"):
        stepper.set("w", given)
    assert stepper.back().note == "this is the beginning"
    assert stepper.set("w", Fraction(1, 4)).data("w") == 0.25


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1/3", 1 / 3),
        ("-x**2", -9),
        ("w[0] * x", 6),
        ("x.grad", None),
        ("maximum(x, 10) - abs(-x)", 7),
        ("1 < x <= 3", True),
        ("not x > 1", False),
        ("x > 1 and x.grad > 1", None),
        ("x > 1 or w[0] > 100", True),
        ("log(x - 3)", float("-inf")),
        ("leaky_relu(-x)", -0.03),
    ],
)
def test_expressions_have_the_numbers_of_the_table(text, number):
    x = Value(3, "x")
    stepper = viz.Stepper(x * Value(2, "w[0]"))
    assert expression(stepper, text).value(stepper) == number


@pytest.mark.parametrize(
    "text",
    ["", "x +", "x; x", "__import__('os')", "(lambda: x)()", "x.data.real", "[x]", "x[0]", "x % 2", "'x'", "True"],
)
def test_what_is_no_expression_is_refused(text):
    stepper = viz.Stepper(Value(3, "x") * 2)
    with pytest.raises(ValueError, match="^expected an expression such as|^there is no function"):
        expression(stepper, text)
