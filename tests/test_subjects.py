"""What may be looked at: every reader and every command takes the same, and refuses the rest in the same words."""

import io
import json
import re
import sys
from dataclasses import replace

import pytest
from browsing import program_of
from pseudo_terminal import in_terminal

import nn
import viz
from autograd import Value, atan, explain, find_anomaly, lab, operation, parameter, paths, steps, what_if
from autograd.passes.subject import root_of, subject_of
from nn import MLP, SGD, Exercise, half_squared_error, relu_exercise, second_exercise
from viz.commands.cli import main

EXERCISE = replace(relu_exercise(), eta=0.02)
SOLUTION = EXERCISE.solve()

OF_A_GRAPH = {
    "draw": lambda root: viz.draw(root).source,
    "to_dot": viz.to_dot,
    "to_mermaid": viz.to_mermaid,
    "to_tikz": viz.to_tikz,
    "tree": lambda root: repr(viz.tree(root)),
    "table": lambda root: repr(viz.table(root)),
    "explain": lambda root: str(explain("w13", root)),
    "paths": lambda root: str(paths("w13", root)),
    "what_if": lambda root: str(what_if(root, {"w24": 0.5})),
    "find_anomaly": find_anomaly,
}
"""Readers of what was computed, each as the text that it gives."""
OF_A_PASS = {
    "steps": lambda root, **settings: repr(steps(root, **settings)),
    "Stepper": lambda root, **settings: repr(viz.Stepper(root, by="contribution", **settings).run()),
}
"""Readers of a pass, whose last steps are an optimizer's."""


@pytest.mark.parametrize("reader", OF_A_GRAPH)
def test_an_exercise_and_its_solution_are_looked_at_as_their_loss_is(reader):
    read = OF_A_GRAPH[reader]
    assert read(EXERCISE) == read(SOLUTION) == read(SOLUTION.graph)


@pytest.mark.parametrize("reader", OF_A_PASS)
def test_a_pass_of_an_exercise_ends_with_its_own_updates(reader):
    read = OF_A_PASS[reader]
    optimizer = SGD([SOLUTION.values[name] for name in SOLUTION.before], lr=0.02)
    assert read(EXERCISE) == read(SOLUTION) == read(SOLUTION.graph, optimizer=optimizer)
    assert read(EXERCISE) != read(SOLUTION.graph)
    with pytest.raises(ValueError, match=r"^an exercise is solved by gradient descent with its own eta; give no optim"):
        read(SOLUTION, optimizer=optimizer)


def test_what_is_read_of_an_exercise_is_what_the_lecture_says():
    assert [step.result for step in steps(relu_exercise())[-6:]] == [0, -1, 1, 4, -3, -1]
    assert what_if(EXERCISE, {"w24": 0.5}).after("loss") == SOLUTION.graph.data - 50 + (10 - 0.5) ** 2 / 2
    assert explain("w13", EXERCISE).gradient == paths("w13", EXERCISE).gradient == 20
    assert explain(SOLUTION.values["w13"], SOLUTION, SOLUTION).total == 40


def test_files_are_written_of_each(tmp_path):
    written = []
    for number, root in enumerate((EXERCISE, SOLUTION, SOLUTION.graph)):
        viz.save(root, tmp_path / f"{number}.svg")
        folder = tmp_path / f"{number}"
        frames = [path.read_bytes() for path in viz.save_frames(root, folder)]
        written.append(((tmp_path / f"{number}.svg").read_bytes(), frames))
        assert len(frames) == (41 if root is SOLUTION.graph else 47)
    assert written[0] == written[1]
    assert written[0][0] == written[2][0]


def test_the_lab_descends_with_the_rate_of_the_exercise():
    own, given = lab.run("early-update", EXERCISE), lab.run("early-update", SOLUTION.graph, lr=0.02)
    assert own.sentence == given.sentence == "w35 was updated before it was used: 10*1 = 10 instead of 10*2 = 20."
    assert lab.run("early-update", SOLUTION).gradients == given.gradients
    assert "10*(-3) = -30" in lab.run("early-update", EXERCISE, lr=0.1).sentence
    assert "10*(-3) = -30" in lab.run("early-update", SOLUTION.graph).sentence


def test_a_page_and_a_derivation_of_each():
    rates = [program_of(viz.player(root).html)["lr"] for root in (EXERCISE, SOLUTION, SOLUTION.graph)]
    assert rates == [0.02, 0.02, 0.1]
    assert program_of(viz.player(EXERCISE, lr=0.5).html)["lr"] == 0.5
    assert viz.derivation(EXERCISE) == viz.derivation(SOLUTION) == viz.derivation([SOLUTION])
    assert viz.derivation(SOLUTION.graph, "text").startswith("The forward and backward pass of loss\n")


@pytest.mark.parametrize("root", [EXERCISE, SOLUTION])
def test_the_prompt_opens_on_each(root, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("run\nq\n"))
    viz.debug(root)
    assert "line 16 of 16, update\n  w24_new = w24 - eta*delta4*x2 = " in capsys.readouterr().out


# --- A network, found in the graph of its loss -----------------------------------------------------------------------


@operation(lambda x, steepness: steepness / (1 + x * x), lambda x, steepness: atan(x))
def steep_atan(x, steepness=2.0):
    """An operation of one's own, with a setting."""
    return steepness * atan(x)


SHAPES = {
    "sine": MLP(2, [3, 2, 1], "sin", seed=5),
    "own operation": MLP(2, [3, 2, 1], steep_atan, seed=5),
    "one unit": MLP(1, [1]),
    "a row of units": MLP(1, [1, 1, 1], "elu"),
    "tanh": MLP(2, [3, 1], "tanh", seed=1),
    "deep": MLP(3, [4, 3, 2], "relu", seed=2),
    "leaky": MLP(2, [3, 2], "leaky_relu", output_activation="sigmoid", seed=3),
    "linear": MLP(2, [2, 2, 1], "linear", seed=4),
    "softmax": MLP(2, [3, 3], "tanh", output_activation="softmax", seed=5),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_network_is_found_in_the_graph_of_its_loss(shape):
    mlp = SHAPES[shape]
    outputs = mlp.forward([0.5, -1, 2][: mlp.n_inputs])
    loss = half_squared_error(outputs, [0.25] * len(outputs)) + 0.01 * sum(w * w for w in mlp.parameters())
    loss.backward()
    assert viz.network(loss).diagram == viz.network(loss, mlp=mlp).diagram
    mlp.zero_grad()


BY_HAND = {
    "square": lambda z: z * z,
    "swish": lambda z: z * z.sigmoid(),
    "softplus": lambda z: (1 + z.exp()).log(),
    "leaky": lambda z: z.relu() - 0.1 * (-z).relu(),
    "softsign": lambda z: z / (1 + abs(z)),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_an_activation_of_several_operations_is_found_too(name):
    mlp = MLP(2, [3, 2, 1], nn.Activation(name, BY_HAND[name]), output_activation=nn.Activation(name, BY_HAND[name]))
    loss = (mlp([0.5, -1]) - 1) ** 2
    loss.backward()
    found, given = viz.network(loss).diagram, viz.network(loss, mlp=mlp).diagram
    assert f" ({name})" in given.circles[-2].about  # the graph does not tell the name
    assert [circle.about for circle in found.circles] == [
        each.about.replace(f" ({name})", "") for each in given.circles
    ]
    assert [circle.entries for circle in found.circles] == [circle.entries for circle in given.circles]
    assert found.connections == given.connections
    mlp.zero_grad()


def test_an_activation_by_hand_is_found_without_scopes_and_labels():
    x = [Value(number) for number in (1, 2)]
    w = [parameter(number / 10) for number in range(1, 7)]
    hidden = [BY_HAND["swish"](w[0] * x[0] + w[1] * x[1]), BY_HAND["swish"](w[2] * x[0] + w[3] * x[1])]
    loss = (w[4] * hidden[0] + w[5] * hidden[1] - 1) ** 2
    assert viz.network(loss).about.startswith("a 2-2-1 network with 6 weights: ")
    used_twice = w[0] * x[0] + w[1] * x[1]
    with pytest.raises(ValueError, match=r"Give the network too: viz.network\(loss, mlp=mlp\)"):
        viz.network(w[2] * used_twice.tanh() + w[3] * used_twice.relu())


@pytest.mark.parametrize("shape", ["tanh", "softmax"])
def test_the_page_finds_the_network_of_a_loss_and_a_given_network_wins(shape):
    mlp = SHAPES[shape]
    loss = half_squared_error(mlp.forward([0.5, -1]), [0.25] * len(mlp.layers[-1].neurons))
    page = viz.player(loss).html
    assert page == viz.player(loss, mlp=mlp).html
    assert '"network":null' not in page
    assert '"network":null' in viz.player(Value(2, "x").exp()).html
    with pytest.raises(ValueError, match="the loss was not computed by this network"):
        viz.player(loss, mlp=MLP(2, [2, 1]))


def test_a_graph_without_a_network_and_with_layers_that_are_not_found_is_refused():
    a, b = Value(2, "a"), parameter(3, "b")
    with pytest.raises(ValueError, match=r"^no network was found in the graph of product: it has no sum of"):
        (product := a * b).label = "product"
        viz.network(product)
    slope = parameter(0.1, "slope")
    mlp = MLP(2, [2, 1], nn.Activation("learned", lambda z: z.relu() + slope * z))
    loss = mlp([1, 2])
    sentence = "the layers of the network were not found in the graph of z2_0. Give the network too: "
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}viz.network"):
        viz.network(loss)
    assert viz.network(loss, mlp=mlp).diagram.circles
    with pytest.raises(ValueError, match="the loss uses w1_0_0 2 times, as for several samples"):
        viz.network(SHAPES["tanh"]([1, 2]) + SHAPES["tanh"]([3, 4]))


# --- What cannot be looked at ----------------------------------------------------------------------------------------

EXPECTED = "expected a Value, an Exercise or a Solution, got"
WRONG = {
    "a number": (3.0, "float. A plain number has no graph."),
    "a list": ([1, 2], "list."),
    "a list of Values": ([Value(1)], "list. Give one of its items."),
    "solutions": (EXERCISE.iterate(2), "list. Give one of its items."),
    "nothing": (None, "None. Was a return statement forgotten?"),
    "a network": (MLP(2, [1]), "MLP. Give the loss that it leads to: loss = mean_squared_error(mlp(x), y)."),
    "a text": ("mine.json", "str. nn.load(path) reads an exercise's file."),
    "a function": (relu_exercise, "function. Call it first."),
    "a class": (Exercise, "the class Exercise."),
    "much": (dict.fromkeys(range(10**5)), "dict."),
}
READERS = {
    **OF_A_GRAPH,
    **OF_A_PASS,
    "lab.run": lambda root: lab.run("order", root),
    "debug": viz.debug,
    "player": viz.player,
    "save_frames": lambda root: viz.save_frames(root, "frames"),
    "save": lambda root: viz.save(root, "graph.svg"),
    "derivation": viz.derivation,
    "network": viz.network,
}
ALSO = {
    "save": "a picture, a plot or a page",
    "network": "an MLP",
    "derivation": "a list of Solutions",
    **dict.fromkeys(("to_dot", "to_mermaid", "to_tikz"), "a picture"),
}
"""What a reader takes beside."""
TAKEN = {("network", "a network"), ("derivation", "solutions"), ("lab.run", "nothing")}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_looked_at_is_refused_in_one_line_by_every_reader(wrong, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given, sentence = WRONG[wrong]
    for name, read in READERS.items():
        if (name, wrong) in TAKEN:
            continue
        also = ALSO.get(name)
        rest = f", {also}" if also and " or " in also else f" or {also}"
        expected = f"expected a Value, an Exercise, a Solution{rest}, got" if also else EXPECTED
        with pytest.raises(TypeError) as raised:
            read(given)
        assert str(raised.value) == f"{expected} {sentence}", name
    assert list(tmp_path.iterdir()) == []


def test_whatever_says_where_its_graph_is_can_be_looked_at():
    class Lecture:
        def _subject_(self):
            return subject_of(SOLUTION)

    assert root_of(Lecture()) is SOLUTION.graph
    assert repr(viz.tree(Lecture())) == repr(viz.tree(SOLUTION))
    assert steps(Lecture()) == steps(SOLUTION)


# --- The commands ----------------------------------------------------------------------------------------------------

MINE = """\
from nn import MLP, mean_squared_error, second_exercise
exercise = second_exercise()
solution = exercise.solve()
loss = solution.graph
mlp = MLP(2, [2, 1])
number = 3.0
def make():
    return exercise
def nothing():
    pass
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that the test runs in, with an exercise in Python and as JSON, and the file of a network."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)
    nn.save(second_exercise(), "mine.json")
    nn.save(second_exercise(), "bare")
    nn.save(MLP(2, [2, 1]), "mlp.json")
    return tmp_path


EXERCISES = ["mine.json", "mine.py:exercise", "mine.py:solution", "mine.py:make", "bare"]


def said(capsys, *arguments):
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("subject", EXERCISES)
def test_the_commands_take_an_exercise_as_they_take_its_loss(folder, subject, capsys, monkeypatch):
    for command in (["tree"], ["table"], ["lab", "overwrite"], ["lab", "no-derivative"]):
        assert said(capsys, *command, subject) == said(capsys, *command, "mine.py:loss")
    main(["draw", subject, "--dot", "exercise.dot", "--mermaid", "exercise.mmd"])
    main(["draw", "mine.py:loss", "--dot", "loss.dot", "--mermaid", "loss.mmd"])
    for suffix in ("dot", "mmd"):
        assert (folder / f"exercise.{suffix}").read_bytes() == (folder / f"loss.{suffix}").read_bytes()
    capsys.readouterr()
    monkeypatch.setattr(sys, "stdin", io.StringIO("run\nq\n"))
    assert "step 58 of 58, the optimizer adjusts b3\n" in said(capsys, "step", subject, "--by", "contribution")
    assert json.loads(said(capsys, "exercise", subject, "--json")) == json.loads(
        said(capsys, "exercise", "--second", "--json")
    )


def test_every_mistake_is_run_on_a_file_alone(folder, capsys):
    every = json.loads(said(capsys, "lab", "mine.json", "--json"))
    assert [report["mistake"] for report in every] == [mistake.name for mistake in lab.MISTAKES]
    assert every == json.loads(said(capsys, "lab", "--all", "mine.py:exercise", "--json"))
    assert every[0] == json.loads(said(capsys, "lab", "order", "mine.json", "--json"))
    worked = said(capsys, "lab", "early-update", "--exercise")
    assert "w35 was updated before it was used: 10*(-3) = -30 instead of 10*2 = 20." in worked
    assert worked == said(capsys, "lab", "early-update", "--exercise", "--rate", "0.1")
    assert "10*1 = 10 instead of 10*2 = 20." in said(capsys, "lab", "early-update", "--exercise", "--lr", "0.02")


@pytest.mark.parametrize("option", ["--eta", "--lr", "--rate"])
def test_the_rate_of_an_exercise_goes_by_each_of_its_names_in_every_command(folder, option, capsys, monkeypatch):
    for subject in EXERCISES:
        monkeypatch.setattr(sys, "stdin", io.StringIO("goto 50\nq\n"))
        stepped = said(capsys, "step", subject, option, "0.25", "--by", "contribution")
        assert "0.6 - 0.25 * (-0.1728) = 0.6432\n" in stepped
    solved = json.loads(said(capsys, "exercise", "mine.json", option, "0.25", "--json"))
    assert [line["result"] for line in solved["lines"] if line["name"] == "w1_new"] == [0.6 - 0.25 * -0.1728]
    assert "10*1 = 10 instead of 10*2 = 20." in said(capsys, "lab", "early-update", "--exercise", option, "0.02")


AS_FILE = "expected FILE.py:NAME or FILE.json, got"
IN_PYTHON = "expected a Value, an Exercise, a Solution or a function without arguments that returns one, got"
GIVE = "Give the loss that it leads to: loss = mean_squared_error(mlp(x), y)."
REFUSED = {
    "none.json": "there is no file none.json.",
    "rows.csv": "rows.csv: expected JSON, such as {...}, got a file that begins with 'a,b,kind'.",
    "none.py:loss": "the file none.py cannot be read: No such file or directory.",
    "broken.json": "broken.json: line 1, column 11: the file ends before the { of line 1, column 1 is closed. "
    "Write } at its end; or was the file cut off?",
    "other.json": 'other.json: expected an exercise, such as {"weights": ..., "inputs": ..., "target": ..., "eta": '
    '...}, or a saved model, with an entry "format": "gradstep".',
    "mlp.json": f"mlp.json: expected an Exercise, got MLP. {GIVE}",
    "mine.json:loss": f"{AS_FILE} 'mine.json:loss'; try 'mine.json'.",
    "nowhere": f"there is no exercise 'nowhere'; try {', '.join(nn.READY)}. A file's name has a suffix.",
    "mine.py": f"{AS_FILE} 'mine.py'; try 'mine.py:loss'.",
    "mine.py:mlp": f"mlp in mine.py: {IN_PYTHON} MLP. {GIVE}",
    "mine.py:MLP": f"MLP in mine.py: {IN_PYTHON} the class MLP.",
    "mine.py:number": f"number in mine.py: {IN_PYTHON} float. A plain number has no graph.",
    "mine.py:nothing": f"nothing() in mine.py: {EXPECTED} None. Was a return statement forgotten?",
    "mine.py:zzz": "mine.py has no name 'zzz'; try exercise, solution, loss, make, nothing.",
}


@pytest.mark.parametrize("subject", REFUSED)
def test_what_a_command_cannot_look_at_is_said_in_one_line(folder, subject, capsys):
    (folder / "broken.json").write_text('{"format": ')
    (folder / "rows.csv").write_text("a,b,kind\n0,1,x\n")
    (folder / "other.json").write_text('{"numbers": {}}')
    for command in (["step"], ["lab", "order"], ["tree"], ["table"], ["draw"]):
        assert main([*command, subject]) == 1
        assert capsys.readouterr() == ("", f"gradstep: {REFUSED[subject]}\n")
    sentence = re.sub("try '(.*):loss'", r"try '\1:exercise'", REFUSED[subject].replace("a Value, an Ex", "an Ex"))
    assert main(["exercise", subject]) == 1
    assert capsys.readouterr() == ("", f"gradstep: {sentence}\n")


def test_a_value_is_no_exercise_to_solve(folder, capsys):
    assert main(["exercise", "mine.py:loss"]) == 1
    assert capsys.readouterr().err == (
        "gradstep: mine.py:loss: expected an Exercise or a Solution, got Value. "
        "gradstep step mine.py:loss steps through its pass.\n"
    )


HELP = (
    "FILE.py:NAME, where NAME is {}an Exercise, a Solution or a function without arguments that returns one; or "
    "FILE.json, an exercise that nn.save wrote, or that you wrote by hand"
)


@pytest.mark.parametrize("command", ["step", "lab", "tree", "table", "draw", "exercise"])
def test_every_command_says_of_its_subject_the_same(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert HELP.format("" if command == "exercise" else "a Value, ") in shown


def test_on_a_terminal(folder):
    shown, code = in_terminal(["tree", "mine.json", "--depth", "1"], 80)
    assert (code, shown.splitlines()[0]) == (0, "loss = 0.5*v30: data 0.0288, grad 1")
    shown, code = in_terminal(["step", "mlp.json"], 80)
    assert (code, shown) == (1, f"gradstep: {REFUSED['mlp.json']}\n")


def test_a_training_takes_lr_as_its_rate(capsys):
    command = ["train", "xor", "--iterations", "2", "--points", "8", "--sizes", "2", "--constant-lr"]
    outputs = [said(capsys, *command, option, "0.5") for option in ("--lr", "--rate")]
    assert outputs[0] == outputs[1] != ""
