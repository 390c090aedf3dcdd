"""Labels and names of files reach no terminal as control characters, and no output fails by its encoding."""

import io
import math
import os
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import pytest
from pseudo_terminal import COMMAND, in_terminal
from rich.console import Console

import autograd
import nn
import viz
from autograd import Value
from viz.stepping.debugger import Debugger

BAD = "w\x1b[31m\x07\r\x9b2J\u202e"
SHOWN = r"w\x1b[31m\x07\r\x9b2J\u202e"
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # all but the end of a line


def graph():
    with autograd.scope(BAD):
        loss = Value(3, BAD) * Value(2, "y") + 1
    loss.label = f"L{BAD}"
    return loss


def stepped(root):
    stepper = viz.Stepper(root)
    shown = []
    for by in ("contribution", "line"):
        stepper.by(by)
        stepper.restart()
        shown += [str(stepper.next()) for _ in range(4)]
    return "\n".join(shown)


def anomaly():
    with autograd.detect_anomaly():
        Value(-1, BAD).sqrt()


def detached():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        math.tanh(Value(3, BAD))
    return caught[0].message


def explained():
    with autograd.record_backward():
        root = graph()
        root.backward()
    return autograd.explain(root.operands[0].operands[0])


def exercise(target=0, **settings):
    return nn.Exercise({"w12": 2}, inputs=[3], target=target, eta=0.1, **settings).solve()


TEXTS = {
    "explain": lambda: autograd.explain("v0", graph()),
    "explain recorded calls": explained,
    "paths": lambda: autograd.paths(BAD, graph()),
    "what_if": lambda: autograd.what_if(graph(), {BAD: 4}),
    "what_if of no leaf": lambda: autograd.what_if(graph(), {f"{BAD}q": 4}),
    "find_anomaly": lambda: autograd.find_anomaly(Value(-1, BAD).sqrt()),
    "detect_anomaly": anomaly,
    "lines": lambda: "\n".join(map(str, autograd.lines(graph()))),
    "text": lambda: viz.derivation(graph(), "text"),
    "markdown": lambda: viz.derivation(graph(), "markdown"),
    "a leaf": lambda: viz.derivation(Value(3, BAD), "text"),
    "where a gradient stopped": lambda: autograd.explain("x", (Value(-3, "x") * Value(1, BAD)).relu()),
    "stepper": lambda: stepped(graph()),
    "stepper of a changed leaf": lambda: viz.Stepper(graph()).set(BAD, f"{BAD} + 1"),
    "stepper of a watched expression": lambda: viz.Stepper(graph()).watch(f"{BAD} * 2").run(),
    "tree": lambda: viz.tree(graph()),
    "table": lambda: viz.table(graph()),
    "optimizer": lambda: nn.SGD([graph()], lr=1),
    "warning": detached,
    "classes": lambda: nn.Dataset([[1], [2]], [0, 1], class_names=[BAD, "b"]),
    "a name for eta": lambda: viz.derivation(exercise(notation=nn.Notation(eta=BAD)), "text"),
    "a name in matrices": lambda: viz.derivation(exercise(notation=nn.Notation(eta=BAD)), "text", matrices=True),
    "a name of no weight": lambda: exercise(fixed=[BAD]),
    "a name of no output": lambda: exercise(target={f"{BAD}7": 0}),
    "title": lambda: exercise(title=BAD),
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_shows_control_characters_of_a_label_as_escapes(what):
    try:
        text = str(TEXTS[what]())
    except Exception as error:  # noqa: BLE001 - whatever it is, its message is read
        text = str(error)
    assert not CONTROLS.search(text)
    assert SHOWN in text.replace(r"\\", "\\").replace(r"\[", "[")  # quotes double a backslash, Markdown a bracket


def test_a_label_keeps_its_characters_and_is_found_by_them_and_by_its_name():
    root = graph()
    assert root.operands[0].operands[0].label == BAD
    assert [autograd.what_if(root, {name: 4}).after(f"L{name}") for name in (BAD, SHOWN)] == [9, 9]


def test_labels_that_look_the_same_have_different_names():
    named = [line.partition(":")[0] for line in repr(viz.tree(Value(1, "\x1b") * Value(2, r"\x1b"))).split("\n")]
    assert named == [r"v2 = (\x1b[v0])*(\x1b[v1])", r"├─ \x1b[v0]", r"└─ \x1b[v1]"]


FILES = {
    "missing.json": (None, nn.load),
    "entry.json": ('{"\\u001b": 1}', nn.load),
    "raw.json": ("\x1b[31m", nn.load),
    "missing.csv": (None, nn.read_csv),
    "empty.csv": ("", nn.read_csv),
    "cells.csv": ("a,b\n1,2,3\n", nn.read_csv),
    "number.csv": ("a,b\n\x1b,2\n", nn.read_csv),
    "folder/graph.svg": (None, lambda path: viz.save(graph(), path)),
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", FILES)
def test_errors_show_control_characters_in_the_name_and_the_text_of_a_file_as_escapes(name, tmp_path):
    content, use = FILES[name]
    path = tmp_path / f"{BAD}{name}"
    if content is not None:
        path.write_text(content)
    with pytest.raises((OSError, ValueError)) as caught:
        use(path)
    assert not CONTROLS.search(str(caught.value))
    assert r"\x1b" in str(caught.value)


def test_the_prompt_shows_control_characters_of_labels_and_commands_as_escapes(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    console = Console(file=io.StringIO(), width=200, color_system=None)
    debugger = Debugger(viz.Stepper(graph()), console)
    commands = ["next", f"print {BAD}", "list", "where", "tree", f"watch {BAD}", f"break {BAD}", "break", BAD, "lines"]
    commands += [f"set {BAD} = {BAD} + 1", f"watch {BAD} * 2", f"last {BAD}", "rcontinue", f"unwatch {BAD} * 2"]
    for line in [*commands, "next", "what_if y=3", f"what_if {BAD}q=3", f"goto {BAD}", f"svg /none{BAD}/x"]:
        debugger.onecmd(debugger.precmd(line))
    assert not CONTROLS.search(console.file.getvalue())


ENCODINGS = ("ascii", "cp437", "cp932", "cp1252")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rich_shows_what_an_encoding_does_not_have_as_escapes_in_whole_columns(encoding):
    root = Value(2, "ηъ\N{DEVANAGARI LETTER A}") * Value(3, BAD)
    for shown in (root, root.operands[0], viz.tree(root), viz.table(root), viz.Stepper(root)):
        file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        Console(file=file, width=200, color_system=None).print(shown)
        file.flush()
        assert r"\u0905" in file.buffer.getvalue().decode(encoding)
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=file, width=200, color_system=None).print(viz.table(root))
    file.flush()
    heading, *rows = file.buffer.getvalue().decode(encoding).splitlines()
    assert {row[heading.index("data") + 3] for row in rows} == {"2", "3", "6"}


SOURCE = f"""
from autograd import Value
loss = (Value(2, "ηъ\\N{{DEVANAGARI LETTER A}}") * Value(3, {BAD!r}) - 1) ** 2
loss.label = "L"
"""
CALLS = {
    "tree": ["tree", "loss.py:loss"],
    "table": ["table", "loss.py:loss"],
    "step": ["step", "loss.py:loss"],
    "step by line": ["step", "loss.py:loss", "--by", "line"],
    "lab": ["lab", "no-zero-grad", "loss.py:loss"],
    "draw": ["draw", "loss.py:loss", "--mermaid", "ъ\N{DEVANAGARI LETTER A}.mmd"],
    "train": ["train", "ъ\N{DEVANAGARI LETTER A}.csv", "--iterations", "1"],
    "exercise": ["exercise", "exercise.json"],
    "matrices": ["exercise", "--matrices", "exercise.json"],
    "an error": ["tree", "ъ\N{DEVANAGARI LETTER A}.py:loss"],
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("what", CALLS)
def test_the_command_writes_escapes_into_a_pipe_of_any_encoding(what, encoding, tmp_path):
    (tmp_path / "loss.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "ъ\N{DEVANAGARI LETTER A}.csv").write_text("a,b\n1,x\n2,y\n")
    title = "ъ\\u001b\N{DEVANAGARI LETTER A}"
    exercise = f'{{"weights": {{"w12": 2}}, "inputs": [3], "target": 0, "eta": 0.1, "title": "{title}"}}'
    (tmp_path / "exercise.json").write_text(exercise, encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, *CALLS[what]],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        input=b"next\nwhere\nlist\nprint v1\ntree\nwhat_if v0=3\nx\n" if "step" in what else b"",
        capture_output=True,
        timeout=60,
        check=False,
    )
    out, err = done.stdout.decode(encoding), done.stderr.decode(encoding)
    assert (done.returncode, "Traceback" in err) == (what == "an error", False)
    assert r"\u0905" in (err if what == "an error" else out)
    assert not CONTROLS.search(f"{out}{err}".replace("\r\n", "\n"))


@pytest.mark.parametrize("columns", [40, 80])
def test_on_a_terminal_a_label_colours_nothing(columns, tmp_path):
    (tmp_path / "loss.py").write_text(SOURCE, encoding="utf-8")
    for command in ("tree", "table"):
        shown, code = in_terminal([command, f"{tmp_path}/loss.py:loss"], columns)
        assert code == 0
        assert "\x1b[31m" not in shown
        assert "\x07" not in shown


def test_a_page_of_a_label_or_a_title_with_half_a_character(tmp_path):
    root = Value(2, "\ud800") * 3
    root.label = "\udfff"
    page = viz.player(root).save(tmp_path / "pass.html").read_text(encoding="utf-8")
    assert r"<title>The pass of \udfff" in page
    exercise = nn.Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1, title="\ud800")
    assert r"<title>\ud800" in viz.player(exercise.solve()).save(tmp_path / "e.html").read_text(encoding="utf-8")


LONG = 5000 * "ab"


def anomaly_of_a_long_label():
    with autograd.detect_anomaly():
        Value(-1, LONG).sqrt()


def load_a_long_key():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.json")
        path.write_text(f'{{"weights": {{"w12": 2}}, "inputs": [3], "target": 0, "{LONG}": 1}}', encoding="utf-8")
        nn.load(path)


LONG_WORDS = {
    "a node": lambda: autograd.explain(LONG, Value(2, "x") * 3),
    "a label": lambda: autograd.explain("y", Value(2, LONG) * 3),
    "a nan": anomaly_of_a_long_label,
    "a number": lambda: autograd.what_if(Value(2, LONG) * 3, {LONG: LONG}),
    "an activation": lambda: nn.activation(LONG),
    "a weight": lambda: nn.Exercise({LONG: 2}, inputs=[3], target=0, eta=0.1),
    "a key of a file": load_a_long_key,
    "a form": lambda: viz.derivation(Value(2), LONG),
}


@pytest.mark.parametrize("ask", LONG_WORDS.values(), ids=LONG_WORDS)
def test_a_long_word_in_a_message_is_shortened_in_its_middle(ask):
    with pytest.raises((ValueError, TypeError, FloatingPointError)) as caught:
        ask()
    message = str(caught.value)
    assert len(message) < 900
    assert re.search(r"(ab){15}a?\.\.\.", message)


def test_a_command_shortens_a_long_word():
    done = subprocess.run([*COMMAND, "tree", f"{LONG} x"], capture_output=True, text=True, check=False)
    assert len(done.stderr) < 600
    assert re.search(r"(ab){45}a?\.\.\.b?(ab){45}", done.stderr)
