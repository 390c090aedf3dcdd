"""Stepping by line: what each line makes known, the names of lines, the prompt in a pipe and on a terminal."""

import io
import os
import re
import select
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from pseudo_terminal import COMMAND, start

import viz
from autograd import Value, lines
from autograd.passes.known import known_by_line
from autograd.passes.naming import Naming
from nn import READY, SGD, relu_exercise
from viz import Stepper

SVG = "{http://www.w3.org/2000/svg}"

R10 = """\
x3 = x1*w13 + x2*w23 = 1*2 + (-1)*(-3) = 5 | data x3 v3 v6 | gradient
y3 = F(x3) = F(5) = 5 | data y3 | gradient
x4 = x1*w14 + x2*w24 = 1*1 + (-1)*4 = -3 | data x4 v12 v14 | gradient
y4 = F(x4) = F(-3) = 0 | data y4 | gradient
x5 = y3*w35 + y4*w45 = 5*2 + 0*(-1) = 10 | data x5 v10 v18 | gradient
y5 = F(x5) = F(10) = 10 | data y5 | gradient
loss = 1/2*(y5 - y)**2 = 1/2*(10 - 0)**2 = 50 | data loss v22 v24 | gradient
delta5 = (y5 - y)*F'(x5) = (10 - 0)*F'(10) = 10 | data | gradient x5 v10 v18 y5 loss v22 v24
w35_new = w35 - eta*delta5*y3 = 2 - 0.1*10*5 = -3 | data w35 | gradient w35
w45_new = w45 - eta*delta5*y4 = -1 - 0.1*10*0 = -1 | data w45 | gradient w45
delta3 = delta5*w35*F'(x3) = 10*2*F'(5) = 20 | data | gradient x3 v3 v6 y3
w13_new = w13 - eta*delta3*x1 = 2 - 0.1*20*1 = 0 | data w13 | gradient w13
w23_new = w23 - eta*delta3*x2 = -3 - 0.1*20*(-1) = -1 | data w23 | gradient w23
delta4 = delta5*w45*F'(x4) = 10*(-1)*F'(-3) = 0 | data | gradient x4 v12 v14 y4
w14_new = w14 - eta*delta4*x1 = 1 - 0.1*0*1 = 1 | data w14 | gradient w14
w24_new = w24 - eta*delta4*x2 = 4 - 0.1*0*(-1) = 4 | data w24 | gradient w24"""


def own_loss():
    """A user's own expression with labels, and a node without one that two formulas could hide."""
    x, w, b = Value(2, "x"), Value(0.5, "w"), Value(-1, "b")
    z = x * w + b
    z.label = "z"
    return (z.tanh() - 1) ** 2 * w


def own():
    return Stepper(own_loss(), by="line")


def by_name(stepper, places):
    return " ".join(["", *(stepper.names[place] for place in places)])


def moments(stepper):
    """The position, and all numbers that are known."""
    return stepper.position, repr([*map(stepper.data_at, places(stepper)), *map(stepper.gradient_at, places(stepper))])


def places(stepper):
    return range(len(stepper.names))


def test_what_each_line_of_the_lecture_makes_known():
    stepper = Stepper(relu_exercise())
    assert stepper.reading == "line"
    shown = [
        f"{step.line} | data{by_name(stepper, step.data)} | gradient{by_name(stepper, step.gradients)}"
        for step in stepper.steps
    ]
    assert shown == R10.splitlines()


def test_a_moment_of_the_lecture():
    stepper = Stepper(relu_exercise()).watch("w35").goto("delta3")
    assert repr(stepper) == (
        "line 11 of 16, backward\n"
        "  delta3 = delta5*w35*F'(x3) = 10*2*F'(5) = 20\n"
        "  known now: the gradients of x3 and y3\n"
        "  w35: data -3, gradient 50\n"
        "    w35_new = w35 - eta*delta5*y3 = 2 - 0.1*10*5 = -3\n"
        "  the optimizer adjusted w35 and w45; all other numbers are from before the update\n"
        "  next: w13_new"
    )
    assert [stepper.gradient(name) for name in ("x3", "y3", "w35", "w13", "x4", "y4", "x1")] == [
        20,
        20,
        50,
        *[None] * 4,
    ]
    assert [stepper.data(name) for name in ("w35", "w45", "w13")] == [-3, -1, 2]
    assert repr(stepper.tree("x3")).splitlines()[0] == "x3 = v3 + v6: data 5, grad 20"


def test_the_step_by_step_example_of_mazur():
    stepper = Stepper(READY["mazur"]()).goto("delta_h1")
    assert repr(stepper) == (
        "line 19 of 25, backward\n"
        "  delta_h1 = (delta_o1*w5 + delta_o2*w7)*sigma'(net_h1)"
        " = (0.138499*0.4 + (-0.0380982)*0.5)*sigma'(0.3775) = 0.00877135\n"
        "  known now: the gradients of net_h1 and out_h1\n"
        "  next: w1_new"
    )
    stepper.run()
    assert [f"{stepper.data(name):.9f}" for name in ("w1", "w5", "w8")] == ["0.149780716", "0.358916480", "0.561370121"]
    stepper.goto("delta_h1")
    assert repr(stepper.goto("sigma'(net_h1)")) == (
        "line 18 of 25, backward\n"
        "  sigma'(net_h1) = sigma(net_h1)*(1 - sigma(net_h1)) = sigma(0.3775)*(1 - sigma(0.3775)) = 0.241301\n"
        "  next: delta_h1"
    )


def test_the_batch_of_four_examples():
    stepper = Stepper(READY["batch"]()).run()
    gradients = {
        "W[1]_11": 1,
        "W[1]_12": -0.25,
        "W[1]_21": -1.5,
        "W[1]_22": 2.25,
        "b[1]_1": 2,
        "b[1]_2": 0.375,
        "W[2]_11": 0.8125,
        "W[2]_12": -0.09375,
        "b[2]_1": 0.375,
    }
    assert {name: stepper.gradient(name) for name in gradients} == gradients
    assert repr(stepper.goto("dz[2]_1(1)")) == (
        "line 30 of 59, backward\n"
        "  dz[2]_1(1) = 0.5*(a[2]_1(1) - y(1))*G'(z[2]_1(1)) = 0.5*(1 - 0)*G'(1) = 0.5\n"
        "  known now: the gradients of z[2]_1(1), a[2]_1(1), L(1) and L\n"
        "  next: dz[2]_1(2)"
    )
    averages = ["L", "L(1)", "L(2)", "L(3)", "L(4)"]
    assert [stepper.gradient(name) for name in averages] == [1, 0.25, None, None, None]
    assert repr(stepper.goto("W[2]_12")).splitlines()[1] == (
        "  dW[2]_12 = dz[2]_1(1)*a[1]_2(1) + dz[2]_1(2)*a[1]_2(2) + dz[2]_1(3)*a[1]_2(3) + dz[2]_1(4)*a[1]_2(4)"
        " = 0.5*0 + (-0.625)*0.25 + 0.625*0.25 + (-0.125)*0.75 = -0.09375"
    )


def test_by_contribution_the_name_of_a_gradient_can_be_asked_for():
    x, w = Value(3, "x"), Value(2, "w")
    z = x * w
    z.label = "z"
    stepper = Stepper(z**2)
    assert "\n  dv4/dz += dv4/dv4 * dv4/dz = dv4/dv4 * (2*z) = 1 * 12 = 12\n" in str(stepper.goto("dloss/dz"))
    assert stepper.gradient("dloss/dw") is None
    assert stepper.until("dloss/dw").gradient("dloss/dw") == 36
    assert repr(stepper.by("line").present) == "<backward line: dloss/dw = dloss/dz*x = 12*3 = 36>"
    exercise = Stepper(relu_exercise(), by="contribution").goto("delta3")
    assert repr(exercise.present) == "Posting(y3 to x3: 20.0 * 1.0 = 20.0, total 20.0)"
    stepper = Stepper(z**2)
    stepper.break_at(when="dloss/dz > 11")
    assert str(stepper.break_at("dloss/dz")) == "Breakpoint(at dloss/dz)"
    assert (stepper.run().position, stepper.run().position) == (4, 6)
    assert (stepper.last("dloss/dz").position, stepper.last("dloss/dz").position) == (4, 4)
    with pytest.raises(ValueError, match="^dloss/dz is computed in the pass; set one of x and w.$"):
        stepper.set("dloss/dz", 3)
    stepper = Stepper(z**2)
    stepper.break_at(when="dloss/dz > 11")
    assert (stepper.run().present.name, stepper.position) == ("z", 4)
    with pytest.raises(ValueError, match="is called 'dloss/dq'"):
        stepper.goto("dloss/dq")


def test_an_accent_may_be_typed_in_two_ways():
    composed, apart = "gr\u00f6\u00dfe", "gro\u0308\u00dfe"
    for label, asked in ((composed, apart), (apart, composed)):
        loss = Value(3, label) ** 2
        loss.label = "L"
        assert str(lines(loss)[-1]) == f"dL/d{label} = 2*{label} = 2*3 = 6"
        for reading in ("line", "contribution"):
            stepper = Stepper(loss, by=reading)
            assert stepper.goto(f"dL/d{asked}").gradient(asked) == 6


def test_an_own_expression():
    stepper, texts = own(), []
    while stepper.coming is not None:
        texts += repr(stepper.next()).splitlines()[:3]
    assert texts == [
        "line 1 of 8, forward",
        "  z = x*w + b = 2*0.5 + (-1) = 0",
        "  known now: the data of z",
        "line 2 of 8, forward",
        "  v5 = tanh(z) = tanh(0) = 0",
        "  known now: the data of v5",
        "line 3 of 8, loss",
        "  loss = (v5 - 1)**2*w = (0 - 1)**2*0.5 = 0.5",
        "  known now: the data of loss",
        "line 4 of 8, backward",
        "  dloss/dv5 = 2*w*(v5 - 1) = 2*0.5*(0 - 1) = -1",
        "  known now: the gradients of v5 and loss",
        "line 5 of 8, backward",
        "  dloss/dz = dloss/dv5*(1 - v5**2) = (-1)*(1 - 0**2) = -1",
        "  known now: the gradient of z",
        "line 6 of 8, backward",
        "  dloss/dx = dloss/dz*w = (-1)*0.5 = -0.5",
        "  known now: the gradient of x",
        "line 7 of 8, backward",
        "  dloss/dw = dloss/dz*x + (v5 - 1)**2 = (-1)*2 + (0 - 1)**2 = -1",
        "  known now: the gradient of w",
        "line 8 of 8, backward",
        "  dloss/db = dloss/dz = -1",
        "  known now: the gradient of b",
    ]


def test_a_node_in_the_formulas_of_two_quantities_waits_for_the_gradients_of_both():
    """Nodes without a label are never quantities for an exercise: here `product` stands in `a` and in `b`."""
    x, w = Value(2, "x"), Value(3, "w")
    product = x * w
    a, b = product + 1, product * 2
    a.label, b.label = "a", "b"
    found = known_by_line(a * b, naming=Naming(labels_only=True))
    places = {"x": 0, "w": 1, "product": 2}
    known = {name: [line.name for line in found if places[name] in line.gradients] for name in places}
    assert known == {"x": ["dloss/dx"], "w": ["dloss/dw"], "product": ["dloss/da"]}
    assert [line.name for line in found if line.line.part == "backward"] == [
        "dloss/db",
        "dloss/da",
        "dloss/dx",
        "dloss/dw",
    ]
    assert [line.gradients[2] for line in found if 2 in line.gradients] == [12 + 14]


@pytest.mark.parametrize("name", [*READY, "own"])
def test_a_line_uses_only_what_is_known_before_it(name):
    stepper = own() if name == "own" else Stepper(READY[name]())
    gradient_names = {text.name: text.node for text in stepper.steps if text.gradients and not text.data}
    nodes = {node: place for place, node in enumerate(stepper.names)}
    used = 0
    for step in stepper.steps:
        for symbol, number in step.line.known.items():
            if symbol in gradient_names:
                assert stepper.gradient_at(gradient_names[symbol]) == number, (step.name, symbol)
                used += 1
            elif symbol in nodes and not symbol.endswith("_new"):
                before = stepper.tape.lines[nodes[symbol]].data  # an update changes what is shown, not what is used
                assert stepper.data_at(nodes[symbol]) is not None, (step.name, symbol)
                assert before == number
                used += 1
        stepper.next()
    assert used >= len(stepper.steps)


@pytest.mark.parametrize("name", [*READY, "own"])
def test_all_that_is_known_at_the_end_is_what_the_contributions_give(name):
    make = own_loss if name == "own" else READY[name]
    by_line, by_contribution = Stepper(make(), by="line").run(), Stepper(make(), by="contribution").run()
    for place in places(by_line):
        assert by_line.data_at(place) == by_contribution.data_at(place)
        if by_line.gradient_at(place) is not None:
            assert by_line.gradient_at(place) == by_contribution.gradient_at(place)
    parameters = [place for place, line in enumerate(by_line.tape.lines) if line.kind == "parameter"]
    assert None not in [by_line.gradient_at(place) for place in parameters]


@pytest.mark.parametrize("name", [*READY, "own"])
def test_every_moment_is_the_same_forwards_and_back(name):
    stepper = own() if name == "own" else Stepper(READY[name]())
    forwards = [moments(stepper)]
    while stepper.coming is not None:
        forwards.append(moments(stepper.next()))
    back = [moments(stepper)]
    while stepper.position:
        back.append(moments(stepper.back()))
    assert back[::-1] == forwards


def test_the_lines_are_those_of_the_pass():
    assert [str(known.line) for known in known_by_line(READY["softmax"]())] == [*map(str, lines(READY["softmax"]()))]


def test_lines_and_nodes_are_gone_to_by_name():
    stepper = Stepper(relu_exercise())
    assert stepper.goto("w35").present.name == "w35_new"
    assert stepper.goto("x3").present.name == "x3"
    assert stepper.until("x3").present.name == "delta3"
    assert "no later line changes x3; you are still at the same line." in repr(stepper.until("x3"))
    assert stepper.goto("w13_new").position == 12
    assert "no line changes x1.\n" in repr(stepper.goto("x1"))
    assert "no line changes y: it is a constant.\n" in repr(stepper.goto("y"))
    assert stepper.goto("v18").present.name == "x5"
    with pytest.raises(ValueError, match="expected a node's name or a position from 0 to 16, got 17"):
        stepper.goto(17)


@pytest.mark.parametrize(("asked", "near"), [("detla3", "delta3"), ("w53", "w35"), ("w35_nwe", "w35_new")])
def test_an_unknown_name_is_answered_with_the_nearest_of_both_kinds(asked, near):
    stepper = Stepper(relu_exercise())
    for ask in (stepper.goto, stepper.until, stepper.watch, stepper.break_at):
        with pytest.raises(ValueError, match=rf"^no node or line of this graph is called '{asked}'\. .*\b{near}\b"):
            ask(asked)


def test_a_line_of_a_quantity_that_the_loss_does_not_depend_on():
    """A saturated sigmoid: its loss is computed from the weighted sum."""
    exercise = READY["sigmoid"]()
    exercise = replace(exercise, weights={name: 4000 * weight for name, weight in exercise.weights.items()})
    stepper = Stepper(exercise)
    stepper.break_at("yhat")
    assert repr(stepper.run()) == (
        "line 12 of 86, forward\n  yhat = sigma(z2) = sigma(5199.9) = 1\n  stopped at yhat\n  next: l"
    )
    with pytest.raises(ValueError, match=r"^yhat has a line, but no node: l was not computed from it\.$"):
        stepper.watch("yhat")
    assert "<svg" in stepper.svg()


def test_breakpoints_at_lines():
    stepper = Stepper(relu_exercise())
    stepper.break_at("delta4")
    stepper.break_at("w35")
    stepper.break_at(op="sub")
    stepper.break_at(when="delta3 > 10")
    stepper.break_at(when="w13 < 1")
    met = []
    while stepper.run().coming is not None:
        met.append((stepper.present.name, stepper.note))
    assert met == [
        ("loss", "stopped at sub"),
        ("delta5", "stopped at sub"),
        ("w35_new", "stopped at w35"),
        ("delta3", "stopped when delta3 > 10"),
        ("w13_new", "stopped when w13 < 1"),
        ("delta4", "stopped at delta4"),
    ]


def test_the_reading_is_changed_at_the_nearest_place():
    stepper = Stepper(relu_exercise())
    for position in range(len(stepper.steps) + 1):
        there = stepper.goto(position).by("contribution")
        assert there.reading == "contribution"
        assert stepper.by("line").position == position
    assert Stepper(relu_exercise()).goto("delta3").by("contribution").present.name == "x3"
    partly = Stepper(relu_exercise(), by="contribution").goto("x2")
    assert partly.by("line").present.name == "delta4"
    assert Stepper(relu_exercise(), by="contribution").run().by("line").coming is None
    fresh = Stepper(relu_exercise())
    fresh.by("contribution").run()
    fresh.goto("delta3")
    assert (fresh.present.name, fresh.gradient("x3")) == ("x3", 20)


def test_what_cannot_be_read_by_line_is_said():
    x = Value(2, "x")
    with pytest.raises(
        ValueError, match=r"^lines begin with the gradient 1; with the seed 3\.0, go by contribution\.$"
    ):
        Stepper(x * x, by="line", seed=3.0)
    with pytest.raises(ValueError, match=r'^expected by="line" or by="contribution", got \'lines\'\.$'):
        Stepper(x * x, by="lines")
    assert Stepper(x * x).reading == "contribution"
    with pytest.raises(AttributeError, match=r'no attribute \'lines\'; use by\("line"\)$'):
        Stepper(x * x).lines  # noqa: B018 - reading it raises


def test_a_root_without_a_label_is_called_loss_by_line():
    stepper = own()
    assert stepper.goto("loss").present.name == stepper.names[-1] == "loss"
    assert stepper.by("contribution").names[-1] == "v10"


def test_the_update_of_a_leaf_makes_its_gradient_known():
    w = Value(3, "w")
    [known] = known_by_line(w, optimizer=SGD([w], lr=0.1))
    assert (known.name, known.data, known.gradients) == ("w_new", {0: 2.9}, {0: 1.0})


def test_momentum_by_line():
    w = Value(1, "w")
    loss = w * w
    loss.backward()
    optimizer = SGD([w], lr=0.1, momentum=0.9)
    stepper = Stepper(loss, by="line", optimizer=optimizer).goto("velocity_w_new")
    assert (stepper.data("w"), stepper.gradient("w")) == (1, 2)
    assert stepper.by("contribution").present.name == "w"
    assert stepper.by("line").goto("w_new").data("w") == 0.8


def texts_of(picture, name):
    group = next(group for group in picture.iter(f"{SVG}g") if group.get("id") == name)
    return [text.text for text in group.iter(f"{SVG}text")]


def test_a_picture_shows_what_is_known_and_marks_what_the_line_makes_known():
    stepper = Stepper(relu_exercise()).goto("delta3")
    picture = ElementTree.fromstring(stepper.svg())
    boxes = {name: texts_of(picture, f"v{stepper.find(name)}")[-3:] for name in ("x3", "x4", "w35", "w13")}
    assert boxes == {
        "x3": ["5", "grad ", "20"],
        "x4": ["-3", "grad ", "-"],
        "w35": ["-3", "grad ", "50"],
        "w13": ["2", "grad ", "-"],
    }
    thick = {
        group.get("id")
        for group in picture.iter(f"{SVG}g")
        for element in group
        if element.get("stroke-width") == "2.5"
    }
    x3, y3, v10, v3, v6 = map(stepper.find, ("x3", "y3", "v10", "v3", "v6"))
    edges = {f"e{v10}_0", f"e{y3}_0", f"e{x3}_0", f"e{x3}_1"}
    assert thick == edges | {f"o{v10}", f"o{y3}", f"o{x3}"} | {f"v{place}" for place in (x3, y3, v3, v6)}


def test_one_picture_a_line(tmp_path):
    paths = viz.save_frames(relu_exercise(), tmp_path / "frames", by="line")
    assert len(paths) == 17
    assert "delta3 = delta5*w35*F'(x3) = 10*2*F'(5) = 20" in paths[11].read_text(encoding="utf-8")


def piped(arguments, commands, folder=None):
    done = subprocess.run(
        [*COMMAND, *arguments], input=commands, cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_in_a_pipe_each_line_is_printed_once():
    shown = piped(["step", "relu"], "goto delta3\nn\nrun\nq\n")
    assert shown.splitlines()[:2] == ["line 0 of 16, the beginning: nothing is computed yet", "  next: x3"]
    equations = [line.partition(" | ")[0] for line in R10.splitlines()]
    assert [line.strip() for line in shown.splitlines() if line.strip() in equations] == equations


def test_the_reading_is_changed_at_the_prompt():
    shown = piped(["step", "relu"], "until w35\ncontributions\nlines\nq\n")
    assert "(step) contributions\nstep 33 of 46, backward through v10 = y3*w35\n" in shown
    assert "(step) lines\nline 9 of 16, update\n  w35_new = " in shown


OWN_FILE = """\
from autograd import Value, tanh
scale = Value(0.5)
def cost():
    x, w, bias = Value(2), Value(3), Value(-5, "offset")
    z = x*w + bias
    return scale * tanh(z)
def unnamed():
    return Value(2) * scale
"""


def test_local_variables_are_the_names_of_lines(tmp_path):
    (tmp_path / "mine.py").write_text(OWN_FILE)
    shown = piped(["step", "mine.py:cost", "--by", "line"], "run\nq\n", tmp_path)
    assert [line for line in shown.splitlines() if " = " in line][:3] == [
        "  z = x*w + offset = 2*3 + (-5) = 1",
        "  v6 = tanh(z) = tanh(1) = 0.761594",
        "  cost = scale*v6 = 0.5*0.761594 = 0.380797",
    ]
    shown = piped(["step", "mine.py:unnamed"], "run\nq\n", tmp_path)
    assert "dunnamed/dscale += " in shown


def test_debug_uses_the_names_of_the_caller_until_it_ends(monkeypatch, capsys):
    x, w = Value(3), Value(2, "weight")
    monkeypatch.setattr(sys, "stdin", io.StringIO("run\nq\n"))
    viz.debug(x * w, by="line")
    assert "  loss = x*weight = 3*2 = 6\n  dloss/dx = weight = 2\n" in capsys.readouterr().out
    assert (x.label, w.label) == (None, "weight")


def test_a_page_by_line_is_refused(tmp_path):
    done = subprocess.run(
        [*COMMAND, "step", "relu", "--by", "line", "--html"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert 'a page has a switch "By line" in place of --by; leave --by line out, or use it with' in done.stderr
    assert not [*tmp_path.iterdir()]


def screens(arguments, columns, rows, commands):
    """What stands on a terminal's screen after each command, without the prompt."""
    child, leader = start(arguments, columns, rows)
    found = []
    for command in ["", *commands]:
        if command:
            os.write(leader, f"{command}\n".encode())
        shown = ""
        while not shown.rpartition("\x1b[2J")[2].endswith("(step) ") or "\x1b[2J" not in shown:
            assert select.select([leader], [], [], 60)[0], shown
            shown += os.read(leader, 65536).decode()
        plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", shown.rpartition("\x1b[2J")[2]).replace("\r\n", "\n")
        found.append([line.rstrip() for line in plain.split("\n")[:-1]])
    os.write(leader, b"q\n")
    os.close(leader)
    os.waitpid(child, 0)
    return found


def test_on_a_terminal_the_lines_before_stay_visible():
    beginning, delta5 = screens(["step", "relu"], 80, 24, ["goto delta5"])
    assert beginning == ["line 0 of 16, the beginning: nothing is computed yet", "  next: x3"]
    equations = [line.partition(" | ")[0] for line in R10.splitlines()]
    assert delta5 == [
        "line 8 of 16, backward",
        *(f"  {equation}" for equation in equations[:7]),
        f"> {equations[7]}",
        "  known now: the gradients of x5, y5 and loss",
        "  next: w35_new",
    ]


def test_a_small_terminal_shows_as_many_lines_as_fit():
    _, end, before = screens(["step", "mazur"], 40, 12, ["run", "goto delta_h1"])
    assert end == [
        "line 25 of 25, update",
        "  w3_new = w3 - eta*delta_h2*i1",
        "         = 0.25 - 0.5*0.00995425*0.05",
        "         = 0.249751",
        "> w4_new = w4 - eta*delta_h2*i2",
        "         = 0.3 - 0.5*0.00995425*0.1",
        "         = 0.299502",
        "  known now: the gradient and the new",
        "  data of w4",
        "  next: nothing, this is the end",
    ]
    assert len(before) < 12
    assert before[1].startswith("> delta_h1 = ")


def test_a_breakpoint_at_a_line_does_not_read_all_steps_at_each_step():
    class Counted(list):
        sliced = 0

        def __getitem__(self, place):
            self.sliced += isinstance(place, slice)
            return super().__getitem__(place)

    stepper = Stepper(relu_exercise())
    stepper.break_at(when="delta3 > 1000")
    stepper.steps = Counted(stepper.steps)
    assert (stepper.run().note, stepper.steps.sliced) == ("no breakpoint was met", 0)


def test_a_leaf_alone_has_one_line_its_update():
    x = Value(3, "x")
    stepper = viz.Stepper(x, by="line", optimizer=SGD([x], lr=0.1)).goto(1)
    assert (stepper.data("x"), stepper.gradient("x")) == (2.9, 1.0)
    assert "x_new = x - lr = 3 - 0.1 = 2.9" in str(stepper)
    assert "By line" in viz.player(x).html
