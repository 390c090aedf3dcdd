"""The benchmarks run and agree on what is installed, say what is wrong, and print what they measured."""

import importlib.util
import io
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import command, processes, report
from benchmarks.agreement import complaint, difference
from benchmarks.command import main
from benchmarks.engines.base import MissingError
from benchmarks.entries import COSTS, ENTRIES, NAMES, REFERENCES, STEP, Entry
from benchmarks.gradbench import components, mixture, objective, residual
from benchmarks.problem import demo, layers_of, total_loss
from benchmarks.results import Results, Row, as_json
from benchmarks.worker import Outcome, make
from rich.console import Console

from autograd import Tape, Value

ROOT = Path(__file__).resolve().parents[1]
PEERS = {"micrograd": "micrograd", "xad": "xad", "torch": "torch", "casadi": "casadi"}


def outcome(seconds=0.004, losses=(0.5, 0.25), gradients=(1.0, -2.0), **settings):
    found = {"steps": 10, "building": None, "version": "gradstep 1", "mode": "compiled", "path": "/there/autograd"}
    return Outcome(list(losses), list(gradients), seconds, seconds * 1.1, **(found | settings))


def row(name, *seconds, **settings):
    [entry] = [entry for entry in ENTRIES if entry.name == name]
    outcomes = [outcome(one, **settings) for one in seconds]
    return Row(entry, outcomes[0], 1e-15, outcomes)


def answer_with(monkeypatch, **outcomes):
    """Let these be what the processes find, by the entry's name; the others find what gradstep does."""
    monkeypatch.setattr(command, "measure_entry", lambda entry, seconds, scale: outcomes.get(entry.name, outcome()))


def test_a_quick_run_measures_what_is_installed_and_leaves_out_the_rest(tmp_path):
    arguments = [sys.executable, "-m", "tests.benchmarks", "--quick", "--json", str(tmp_path / "found.json")]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads((tmp_path / "found.json").read_text())
    rows = {row["name"]: row for row in found["rows"]}
    absent = {line.partition(",")[0] for line in found["left out"]}
    assert set(rows) | absent == set(NAMES) - set(COSTS)
    assert {"gradstep", "gradstep-collector-off", "rows-gradstep"} <= set(rows)
    assert rows["gradstep"]["title"] == f"gradstep, {processes.installed_mode()}"
    assert ("interpreted" in rows) == (processes.installed_mode() == "compiled")
    for entry in ENTRIES:
        peer = PEERS.get(entry.name.partition("-")[0].removeprefix("rows-"))
        if peer and importlib.util.find_spec(peer):
            assert entry.name in rows
    assert ("c" in rows, "rows-c" in rows) == (shutil.which("gcc") is not None,) * 2
    assert all(row["seconds"] > 0 and row["largest relative difference"] <= 1e-9 for row in rows.values())
    asked = [sys.executable, "-P", "-c", "import autograd; print(autograd.__path__[0])"]
    installed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    assert found["engine"] == installed
    assert all(math.isfinite(costs["import seconds"]) for costs in found["costs"].values())
    assert f"The gradstep that was measured: {found['engine']}" in done.stdout
    assert "A quick run" in done.stdout


def test_the_step_has_the_nodes_of_the_demo():
    problem = demo()
    parameters = [Value(number) for number in problem.parameters]
    loss = total_loss(problem, parameters, layers_of(parameters), Value, Value.relu)
    assert len(parameters) == 337
    assert 13_500 < len(Tape.of(loss).lines) < 14_500


def test_the_objective_of_a_mixture_of_equal_components():
    problem = mixture()
    loss = objective(problem, [Value(0)] * len(problem.parameters))
    squares = sum(x * x + y * y for x, y in problem.points)
    prior = 5 * (1 + 2 * math.log(2) + math.log(math.pi))
    assert loss.data == pytest.approx(prior - squares / 2 - 200 * math.log(2 * math.pi), rel=1e-12)
    assert len(components(problem.parameters)) == 5


def test_the_residual_of_a_camera_that_is_turned_by_a_right_angle():
    numbers = [0, 0, math.pi / 2, *(0.5, 0.5, 1), 2, *(0.1, 0.2), *(0.8, 0), *(1.5, 2.5, 5), 3]
    found = residual([Value(number) for number in numbers], (0.1, 0.2))
    # The point (1, 2, 4) becomes (-2, 1, 4), in the picture (-0.5, 0.25) times 1 + 0.8 * 0.3125.
    assert [one.data for one in found] == pytest.approx([-0.5 * 1.25 * 2 * 3, 0.25 * 1.25 * 2 * 3], rel=1e-12)


def test_numbers_that_differ_are_found():
    assert difference(outcome(), outcome()) == 0
    assert difference(outcome(gradients=[1.0, -2.0000002]), outcome()) == pytest.approx(1e-7)
    assert difference(outcome(losses=[math.nan, 0.25]), outcome()) == math.inf
    assert difference(outcome(gradients=[1.0]), outcome()) == math.inf
    assert complaint("xad", outcome(gradients=[1.0, -2.0 + 1e-12]), outcome()) == ""
    assert complaint("xad", outcome(gradients=[1.0, -2.5]), outcome()) == (
        "xad disagrees with gradstep: relative differences of the losses by 0 and of the gradients by 0.2."
    )


def test_wrong_peers_are_all_reported_before_anything_is_timed(monkeypatch, capsys):
    answer_with(monkeypatch, xad=outcome(gradients=[1.0, -1.0]), c=outcome(losses=[0.5, 0.3]))
    assert main(["--rounds", "1", "--only", "xad", "c", "casadi"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    differ = "disagrees with gradstep: relative differences of the"
    assert said.err.splitlines() == [
        f"benchmarks: xad {differ} losses by 0 and of the gradients by 0.5.",
        f"c {differ} losses by 0.17 and of the gradients by 0.",
    ]


def test_a_peer_that_is_not_installed_is_left_out_with_a_line(monkeypatch, capsys):
    answer_with(monkeypatch, xad=outcome(missing="xad is not installed"))
    assert main(["--rounds", "2", "--only", "xad", "casadi"]) == 0
    printed = capsys.readouterr().out
    assert "Left out: xad, because xad is not installed." in printed
    assert "CasADi, built once, compiled" in printed


def test_an_interpreted_engine_is_measured_once(monkeypatch):
    answer_with(monkeypatch, **{name: outcome(mode="interpreted") for name in ("gradstep", "interpreted")})
    results = command.run(["interpreted"], 0, print)
    assert [row.title for row in results.rows] == ["gradstep, interpreted"]
    assert results.notes == ["interpreted, because the installed engine is interpreted already."]


def test_nothing_is_measured_without_gradstep(monkeypatch, capsys):
    answer_with(monkeypatch, gradstep=outcome(missing="autograd is not installed"))
    assert main(["--quick", "--only", "c"]) == 1
    assert capsys.readouterr().err == (
        "benchmarks: gradstep is what all is compared with, but autograd is not installed.\n"
    )


def test_a_process_that_fails_is_reported_with_what_it_said():
    with pytest.raises(processes.ProcessError, match=r"(?s)^nothing failed:\n.*ValueError"):
        processes.measure_entry(Entry("nothing", "nothing", STEP, "plain", "gradstep"), 0.0, 1.0)


def test_a_missing_module_is_named():
    with pytest.raises(MissingError, match=r"^.*no_such_module is not installed$"):
        make(Entry("nothing", "nothing", STEP, "no_such_module", "gradstep"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--rounds", "0"], "argument --rounds: expected a whole number from 1 to 1000, got '0'"),
        (["--rounds", "2.5"], "argument --rounds: expected a whole number from 1 to 1000, got '2.5'"),
        (["--only", "jax"], "argument --only: nothing is called 'jax'; the names are gradstep, "),
        (["--json", "/no/folder/x.json"], "expected a file in a folder that exists, got '/no/folder/x.json'"),
        (["--quick", "--rounds", "2"], "argument --rounds: not allowed with argument --quick"),
    ],
)
def test_bad_options_get_a_sentence(arguments, sentence, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert sentence in capsys.readouterr().err


def example():
    built = {"version": "CasADi 3", "mode": "", "building": 0.25}
    return Results(
        quick=False, rounds=2, path="/there/autograd", notes=["xad, because xad is not installed."],
        rows=[
            row("gradstep", 0.004, 0.004), row("micrograd-collector-off", 0.1, 0.06, mode="", version="micrograd 0"),
            row("casadi", 0.0001, 0.0001, **built), row("replay", 0.00008, 0.00008, building=0.02),
            row("rows-gradstep", 0.2), row("rows-batch", 0.001), row("rows-c", 0.0004, mode="", version="gcc 1"),
            row("transformer", 0.02), row("transformer-plain", 0.5, mode=""),
            row("gmm", 0.006), row("gmm-torch", 0.003, mode=""), row("ba", 0.02),
        ],
        costs={
            "compiled": {
                "allocated bytes a node": 128, "few: seconds a node": 1.5e-7, "many / few": 1.234,
                "tree of 1000 nodes: seconds": 0.0125,
            },
        },
    )  # fmt: skip


def printed_at(width, monkeypatch):
    monkeypatch.setattr(report, "machine", lambda: {"processor": "Chip", "cores": 2, "python": "CPython 3"})
    console = Console(width=width, file=io.StringIO(), highlight=False)
    report.print_results(console, example())
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


TABLES = """\
One step of micrograd's demo: forward and backward
 engine                                         ms   ms with the update   ÷ gradstep   spread
──────────────────────────────────────────────────────────────────────────────────────────────
 gradstep, compiled                           4.00                 4.40         1.00       0%
 micrograd, collector off                     80.0                 88.0         20.0      50%
 CasADi, built once                          0.100                0.110       0.0250       0%
 gradstep replay, recorded once, compiled   0.0800               0.0880       0.0200       0%

The same network on 1,000 rows: forward and backward
 engine                             µs a row   ÷ batch   ÷ C by hand   spread
──────────────────────────────────────────────────────────────────────────────
 gradstep, row by row, compiled          200       200           500        -
 gradstep replay, batch, compiled       1.00      1.00          2.50        -
 C by hand                             0.400     0.400          1.00        -

One step of a transformer, 48,505 nodes: forward and backward
 engine                       ms   ms with the update   ÷ gradstep   spread
────────────────────────────────────────────────────────────────────────────
 gradstep, compiled         20.0                 22.0         1.00        -
 a plain class of scalars    500                  550         25.0        -

GradBench's mixture of Gaussians, 200 points: forward and backward
 engine                 ms   ms with the update   ÷ gradstep   spread
──────────────────────────────────────────────────────────────────────
 gradstep, compiled   6.00                 6.60         1.00        -
 PyTorch, matrices    3.00                 3.30        0.500        -

GradBench's bundle adjustment, 100 Jacobians of 2 x 15
 engine                          ms   ms with the update   ÷ gradstep   spread
───────────────────────────────────────────────────────────────────────────────
 gradstep jacobian, compiled   20.0                 22.0         1.00        -

What is built once, before the first step
 engine                                       ms   ÷ CasADi
────────────────────────────────────────────────────────────
 CasADi, built once                          250       1.00
 gradstep replay, recorded once, compiled   20.0     0.0800

gradstep alone
 cost                      compiled
────────────────────────────────────
 bytes a node, allocated        128
 ns a node of 20,000            150
 their ratio                   1.23
 tree of 1,000 nodes, ms       12.5

Chip, 2 cores, CPython 3, one thread each.
CasADi 3, gcc 1, gradstep 1, micrograd 0.
The gradstep that was measured: /there/autograd
Left out: xad, because xad is not installed.
"""


def test_the_tables_to_the_letter(monkeypatch):
    assert printed_at(100, monkeypatch) == TABLES.splitlines()


def test_the_tables_fit_a_narrow_terminal(monkeypatch):
    lines = printed_at(60, monkeypatch)
    assert max(map(len, lines)) <= 60
    assert not any("…" in line for line in lines)


def test_the_json_has_every_number():
    found = json.loads(json.dumps(as_json(example())))
    assert set(found["machine"]) == {"processor", "cores", "system", "python"}
    assert found["versions"] == ["CasADi 3", "gcc 1", "gradstep 1", "micrograd 0"]
    micrograd = found["rows"][1]
    assert micrograd["seconds"] == 0.08
    assert micrograd["ratios"]["gradstep"] == pytest.approx(20)
    assert micrograd["spread"] == pytest.approx(0.5)
    assert [one["seconds"] for one in micrograd["rounds"]] == [0.1, 0.06]
    assert set(REFERENCES.values()) <= {row["name"] for row in found["rows"]}


def test_numbers_with_three_digits():
    assert [report.number(x) for x in (0.016, 1.0, 3.14159, 99.96, 171.2, 1234.5)] == [
        *("0.0160", "1.00", "3.14", "100", "171", "1,234"),
    ]
