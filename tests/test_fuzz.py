"""The fuzzer finds a fault in each of its subjects, and says the smallest case with the seed."""

from types import SimpleNamespace

import pytest

import autograd
from autograd.explanations import what_if
from autograd.lab.script import Script
from autograd.passes import lines
from autograd.replays import recording, source
from autograd.replays.batch import Rows
from autograd.replays.following import Follower
from nn.exchange import storage
from tests.fuzz import c_source
from tests.fuzz.__main__ import SUBJECTS, Round, fuzz, main, subject
from viz.graphs import mermaid


class WrongRows(Rows):
    def sums(self, slots):
        return [total * 1.0000001 for total in super().sums(slots)]


def follow_nothing(function, name, fixed):
    return Follower(lambda: None, name, fixed)


def wrong_arithmetic(*given, right=what_if.in_floats):
    data, partials = right(*given)
    return data * 1.0000001, partials


def raw_error(content, right=storage.parsed):
    return {}["eta"] if content.count(b"{") != content.count(b"}") else right(content)


FAULTS = {
    "pytorch": ((autograd, "tanh", lambda x: x.tanh() * 1.0000001), "v1 = autograd.tanh(x0)"),
    "replay": (("autograd.replays.replay.Follower", follow_nothing), "fast = replay(f); fast("),
    "batch": ((recording, "rows_of", WrongRows), "as a function of x1; batch of [(0.0,)]"),
    "python_source": (
        (source, "partial_formula", lambda op, place, right=source.partial_formula: right(op, 0)),
        "gradient of input 0, source and engine: 1.5 and 0.0",
    ),
    "c_source": ((c_source, "run_c", lambda *given: (0.123, [0.0] * 3, [0.0] * 3)), "recorded there, run at ("),
    "what_if": ((what_if, "in_floats", wrong_arithmetic), "autograd.what_if(v1, {'x0': "),
    "lines": (
        (
            lines,
            "MATH",
            SimpleNamespace(text=lambda *given, right=lines.MATH.text: right(*given).replace("sin(", "cos(")),
        ),
        "v1 = autograd.sin(x0)",
    ),
    "marking": ((Script, "_verdict", lambda self, quantity, given: "right"), "is marked right"),
    "files": ((storage, "parsed", raw_error), 'nn.load("fuzzed.json")'),
    "labels": ((mermaid, "mermaid_text", str), "with scope("),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_fault_is_found_and_shown_with_its_seed(name, monkeypatch):
    if missing := getattr(subject(name), "missing", lambda: "")():
        pytest.skip(missing)
    fault, program = FAULTS[name]
    monkeypatch.setattr(*fault)
    if name == "c_source":
        monkeypatch.setattr(c_source, "compiled", lambda *given: SimpleNamespace(_handle=None))
        monkeypatch.setattr(c_source._ctypes, "dlclose", lambda handle: None)
    # What hypothesis makes of a seed also depends on the modules that other tests have imported.
    failed = next(done for seed in range(5, 25) if (done := Round(name, seed)).error)
    said = failed.report()
    assert said.startswith(f"{name}: ")
    assert program in said
    assert said.endswith(f"python -m tests.fuzz --seed {failed.seed} --seconds 1 {name}")


def test_rounds_go_on_after_a_failure_and_the_command_fails(monkeypatch, capsys):
    monkeypatch.setattr(autograd, "sin", lambda x: x.sin() * 1.0000001)
    monkeypatch.setattr(lines, "lines_of", lambda order: {}["x"])
    [failed] = fuzz(["what_if", "lines"], 0, 3)
    assert (failed.name, failed.seed) == ("lines", 3)
    assert main(["lines", "--seed", "3", "--seconds", "0"]) == 1
    assert main(["what_if", "--seed", "3", "--seconds", "0"]) == 0
    assert "what_if: 100 cases in " in capsys.readouterr().out


def test_a_wrong_subject_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["whatif"])
    assert "expected subjects among pytorch, " in capsys.readouterr().err
