"""The Stepper: moves, breakpoints, and what is known at each moment; the pictures of the moments."""

import base64
import re
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from autograd import Value
from nn import relu_exercise
from viz import Stepper
from viz.stepping.debugger import Debugger
from viz.stepping.verbs import OTHER_WORDS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def stepper():
    """The worked exercise with its update, by contribution, at the beginning."""
    return Stepper(relu_exercise(), by="contribution")


def moment(stepper):
    return (
        stepper.position,
        [stepper.data_at(node) for node in range(len(stepper.names))],
        [stepper.gradient_at(node) for node in range(len(stepper.names))],
    )


def test_every_moment_is_the_same_forwards_and_back(stepper):
    forwards = [moment(stepper)]
    while stepper.coming is not None:
        forwards.append(moment(stepper.next()))
    back = [moment(stepper)]
    while stepper.position:
        back.append(moment(stepper.back()))
    assert back[::-1] == forwards
    assert forwards[0][1].count(None) == 15  # what is computed
    assert forwards[0][2] == [None] * len(stepper.names)
    for position in (7, 46, 0, 33):
        assert moment(stepper.goto(position)) == forwards[position]


def test_the_lectures_numbers_at_the_end(stepper):
    stepper.run()
    assert [stepper.gradient(name) for name in ("w13", "w23", "w14", "w24", "w35", "w45")] == [20, -20, 0, 0, 50, 0]
    assert [stepper.data(name) for name in ("w13", "w23", "w14", "w24", "w35", "w45")] == [0, -1, 1, 4, -3, -1]


def test_the_sentence_of_the_lecture(stepper):
    text = repr(stepper.goto("w35"))
    assert text == (
        "step 33 of 46, backward through v10 = y3*w35\n"
        "  dloss/dw35 += dloss/dv10 * dv10/dw35 = dloss/dv10 * y3 = 10 * 5 = 50\n"
        "  the gradient of w35 was -, and is 50\n"
        "  next: backward through y3 = relu(x3), to x3"
    )


def test_goto_until_and_the_ends(stepper):
    assert stepper.goto("x2").position == 28
    assert stepper.until("x2").position == 37
    assert "no later step changes x2" in repr(stepper.until("x2"))
    assert stepper.position == 37
    assert "this is the end" in repr(stepper.next(1000))
    assert "this is the end" in repr(stepper.next())
    assert "this is the beginning" in repr(stepper.restart().back())
    assert "no step changes y: it is a constant" in repr(stepper.goto("y"))
    assert stepper.position == 0


@pytest.mark.parametrize("where", [-1, 47, True, 1.0, None])
def test_goto_takes_a_position_or_a_name(stepper, where):
    with pytest.raises(ValueError, match="from 0 to 46"):
        stepper.goto(where)


def test_unknown_names_are_answered_with_the_nearest(stepper):
    for ask in (stepper.goto, stepper.until, stepper.watch, stepper.break_at, stepper.data):
        with pytest.raises(ValueError, match="w35"):
            ask("w36")


def test_breakpoints(stepper):
    stepper.break_at("x2")
    stepper.break_at(op="relu")
    stepper.break_at(when="w35.grad >= 50")
    stepper.break_at(when=lambda here: here.data("w13") == 0)
    met = []
    while stepper.run().coming is not None:
        met.append((stepper.position, stepper.note))
    assert met == [
        (4, "stopped at relu"),
        (9, "stopped at relu"),
        (12, "stopped at relu"),
        (20, "stopped at relu"),
        (25, "stopped at relu"),
        (28, "stopped at x2"),
        (33, "stopped when w35.grad >= 50"),
        (34, "stopped at relu"),
        (37, "stopped at x2"),
        (41, "stopped when <lambda> is true"),
    ]
    assert stepper.note == "no breakpoint was met"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "got none or several"),
        ({"node": "x1", "op": "mul"}, "got none or several"),
        ({"op": "rleu"}, "relu"),
        ({"when": "w35.grad"}, 'expected a comparison such as "w35.grad > 10"'),
        ({"when": "w35.grad > much"}, "no node of this graph is called 'much'"),
        ({"when": "__import__('os') > 1"}, "__import__"),
    ],
)
def test_a_breakpoint_that_cannot_be_is_refused(stepper, arguments, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        stepper.break_at(**arguments)
    assert stepper.breakpoints == []


def test_a_watched_node_shows_its_ledger(stepper):
    stepper.watch("x2").watch("x2").goto(37)
    assert (
        "  x2: data -1, gradient -60\n    from v14: 0 * 4 = 0, total 0\n    from v6: 20 * (-3) = -60, total -60\n"
    ) in repr(stepper)
    assert "x2: data" not in repr(stepper.unwatch("x2"))


def test_a_blocked_edge_is_explained(stepper):
    assert "nothing flows to x4 here, because the local derivative is 0" in repr(stepper.goto("x4").until("x4"))


def texts_of(picture, name):
    group = next(group for group in picture.iter(f"{SVG}g") if group.get("id") == name)
    return [text.text for text in group.iter(f"{SVG}text")]


def test_a_picture_shows_the_moment(stepper):
    beginning = ElementTree.fromstring(stepper.svg())
    end = ElementTree.fromstring(stepper.goto(45).svg())
    x5 = f"v{stepper.find('x5')}"
    assert texts_of(beginning, x5) == ["x5", "data ", "-", "grad ", "-"]
    assert texts_of(end, x5) == ["x5", "data ", "10", "grad ", "10"]
    assert texts_of(end, f"v{stepper.find('w35')}")[2] == "-3"
    places = [[(text.get("x"), text.get("y")) for text in picture.iter(f"{SVG}text")] for picture in (beginning, end)]
    assert places[0] == places[1]


def test_a_picture_marks_the_edge_of_the_posting(stepper):
    step = stepper.goto("w35").present
    picture = ElementTree.fromstring(stepper.svg())
    thick = {
        group.get("id")
        for group in picture.iter(f"{SVG}g")
        for element in group
        if element.get("stroke-width") == "2.5"
    }
    source = step.source.node
    assert thick == {f"e{source}_{step.position}", f"o{source}", f"v{source}", f"v{step.node}"}
    stepper.next()
    again = ElementTree.fromstring(stepper.goto("w35").svg())
    assert ElementTree.tostring(again) == ElementTree.tostring(picture)


def test_html_shows_labels_as_text():
    x = Value(2, "<script>alert(1)</script>")
    page = Stepper(x * x).next()._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    [image] = ElementTree.fromstring(page).iter("img")
    picture = base64.b64decode(image.get("src").removeprefix("data:image/svg+xml;base64,")).decode()
    assert "<script>" not in picture
    assert "&lt;script&gt;" in picture


def test_a_large_graph_is_stepped_without_a_picture():
    total = Value(0.5, "x")
    for _ in range(2000):
        total = total * 0.999 + 0.001
    stepper = Stepper(total)
    assert "<img" not in stepper.run()._repr_html_()
    assert stepper.gradient("x") == pytest.approx(0.999**2000)


def test_what_if_changes_a_copy_only(stepper):
    at = stepper.goto(20).position
    outcome = stepper.what_if(w35=1.5)
    assert (outcome.before("loss"), outcome.after("loss")) == (50.0, 28.125)
    assert (stepper.position, stepper.data("w35")) == (at, 2.0)
    assert stepper.what_if(exact=True, x1=0.1).after("x3") == Fraction(16, 5)
    with pytest.raises(ValueError, match="only leaves can be changed"):
        stepper.what_if(x5=1)


def test_a_run_stops_where_a_number_becomes_nan():
    x = Value(-1, "x")
    y = x.log()
    y.label = "y"
    stepper = Stepper(y + x)
    stepper.break_at(when="y == nan")
    assert (stepper.run().position, stepper.note) == (1, "stopped when y == nan")
    with pytest.raises(ValueError, match="neither smaller nor larger"):
        stepper.break_at(when="y < nan")


@pytest.mark.parametrize("count", ["3", 1.5, -1, True])
def test_a_count_is_a_whole_number(stepper, count):
    with pytest.raises(ValueError, match="a whole number from 0 up"):
        stepper.next(count)


def test_a_very_large_graph_is_not_drawn():
    total = Value(0.5, "x")
    for _ in range(1000):
        total = total * 0.999 + 0.001
    with pytest.raises(ValueError, match="more than 2,000 would take minutes"):
        Stepper(total).svg()


def test_breakpoints_are_cleared_one_by_one_or_all(stepper):
    first, second = stepper.break_at("x2"), stepper.break_at(op="relu")
    with pytest.raises(
        ValueError, match=r"^no breakpoint has the number 3\. There are 2 breakpoints, counted from 1\.$"
    ):
        stepper.clear(3)
    with pytest.raises(ValueError, match="no breakpoint has the number 0"):
        stepper.clear(0)
    assert stepper.breakpoints == [first, second]
    assert stepper.clear(1).breakpoints == [second]
    assert stepper.clear().breakpoints == []


def test_a_tree_of_the_moment(stepper):
    stepper.goto("x3")
    assert repr(stepper.tree("x3")).splitlines()[0] == "x3 = v3 + v6: data 5, grad -"
    assert repr(stepper.tree()).splitlines()[0] == "loss = 0.5*v24: data -, grad -"


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("stop_at", "use break_at"),
        ("break_", "use break_at"),
        ("breakpoint", "use break_at"),
        ("continue_", "use run"),
        ("resume", "use run"),
        ("step", "use next to go on, present for the last step"),
        ("forward", "use next"),
        ("previous", "use back"),
        ("reset", "use restart"),
        ("jump", "use goto"),
        ("whatif", "use what_if"),
        ("display", "use watch"),
        ("delete", "use clear"),
        ("loss", "use root"),
        ("list", "only the prompt of viz.debug has list"),
        ("table", "only the prompt of viz.debug has where"),
        ("save", "use svg"),
    ],
)
def test_another_word_for_a_verb_is_answered_with_ours(stepper, word, advice):
    with pytest.raises(AttributeError) as raised:
        getattr(stepper, word)
    assert str(raised.value) == f"'Stepper' object has no attribute {word!r}; {advice}"


def test_a_word_for_nothing_is_missing_as_everywhere(stepper):
    for word in ("nonsense", "exit", "_ipython_display_"):
        assert not hasattr(stepper, word)
        with pytest.raises(AttributeError, match=f"^'Stepper' object has no attribute '{word}'$"):
            getattr(stepper, word)


def test_every_verb_of_the_prompt_is_one_of_the_stepper_or_shows_something():
    verbs = {name.removeprefix("do_") for name in vars(Debugger) if name.startswith("do_")}
    shared = {"next", "back", "goto", "until", "run", "restart", "clear", "watch", "unwatch", "what_if", "tree", "svg"}
    shared |= {"rcontinue", "last", "set", "guess", "ask", "hint"}
    assert verbs - shared == {"break", "lines", "contributions", "print", "list", "where", "help", "quit", "EOF"}
    assert all(callable(getattr(Stepper, verb)) for verb in shared)
    assert {*OTHER_WORDS.values()} <= verbs
    assert not verbs & OTHER_WORDS.keys()
    assert {*dir(Stepper)} & OTHER_WORDS.keys() == {"forwards", "backwards"}  # the moves of a Moment by one step
