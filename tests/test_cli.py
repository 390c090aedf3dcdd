"""The command `gradstep`, run as a user runs it."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys

import pytest
from pseudo_terminal import COMMAND, in_terminal

from viz.commands.cli import COMMANDS, main


def run(*arguments, cwd, **settings):
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False, **settings
    )


def call(*arguments, cwd):
    """Return what `run` returns, of a call in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def test_exercise_in_a_pipe_prints_the_solution_and_writes_the_graph(tmp_path):
    done = run("exercise", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert "  weights        w13 = 2  w23 = -3  w14 = 1  w24 = 4  w35 = 2  w45 = -1" in lines
    assert "  x3 = x1*w13 + x2*w23 = 1*2 + (-1)*(-3) = 5" in lines
    assert "  w23_new = w23 - eta*delta3*x2 = -3 - 0.1*20*(-1) = -1" in lines
    assert "│ w35    │      2 │       50 │    -3 │" in lines
    assert lines[-1] == "The computation graph is in exercise.svg"
    assert (tmp_path / "exercise.svg").read_text().count("<svg") == 1


def test_json_alone_on_standard_output(tmp_path):
    done = call("exercise", "--json", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert list(report) == ["prediction", "loss", "lines", "quantities", "weights"]
    assert (report["prediction"], report["loss"]) == (10, 50)
    assert report["lines"][0] == {
        "name": "x3",
        "part": "forward",
        "symbols": "x1*w13 + x2*w23",
        "numbers": "1*2 + (-1)*(-3)",
        "expression": "1.0 * 2.0 + (-1.0) * (-3.0)",
        "result": 5,
    }
    assert report["quantities"]["y3"] == {"value": 5, "gradient": 20}
    assert report["quantities"]["y"] == {"value": 0, "gradient": None}
    assert report["weights"]["before"] == {"w13": 2, "w23": -3, "w14": 1, "w24": 4, "w35": 2, "w45": -1}
    assert report["weights"]["gradients"] == {"w13": 20, "w23": -20, "w14": 0, "w24": 0, "w35": 50, "w45": 0}
    assert report["weights"]["after"] == {"w13": 0, "w23": -1, "w14": 1, "w24": 4, "w35": -3, "w45": -1}
    assert "-0" not in re.findall(r"-0\b(?!\.)", done.stdout)
    assert ".0," not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_json_with_a_picture_says_where_on_standard_error(tmp_path):
    done = call("exercise", "--json", "--svg", "g.svg", cwd=tmp_path)
    json.loads(done.stdout)
    assert done.stderr.strip() == "The computation graph is in g.svg"
    assert (tmp_path / "g.svg").exists()


def test_every_format_and_file_names_without_suffix(tmp_path):
    done = call("exercise", "--svg", "a", "--png", "--legend", cwd=tmp_path)
    assert done.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "exercise.png"]


def test_the_second_exercise_with_another_rate(tmp_path):
    report = json.loads(call("exercise", "--second", "--eta", "1", "--json", cwd=tmp_path).stdout)
    before, gradients, after = (report["weights"][key] for key in ("before", "gradients", "after"))
    assert gradients["w5"] == pytest.approx(-0.3168)
    assert after["b3"] == pytest.approx(before["b3"] - gradients["b3"])


def test_iterations_in_the_terminal_and_as_json(tmp_path):
    text = call("exercise", "--iterations", "30", "--eta", "0.01", cwd=tmp_path).stdout
    assert re.search(r"│ +1 │ +10 │ +50 │ +50 │", text)
    assert re.search(r"│ +\.\.\. │", text)
    assert re.search(r"│ +30 │", text)
    assert "Weights before and after 30 iterations" in text
    report = json.loads(call("exercise", "--iterations", "3", "--json", cwd=tmp_path).stdout)
    assert [one["loss"] for one in report["iterations"]] == [50, 0, 0]
    assert (report["loss"], len(report["iterations"])) == (0, 3)
    assert report["iterations"][-1]["lines"] == report["lines"]


def test_the_text_shows_all_iterations_and_the_picture_the_last(tmp_path):
    text = call("exercise", "--iterations", "2", cwd=tmp_path).stdout
    assert text.index("\nIteration 1\n") < text.index("w13_new = ") < text.index("\nIteration 2\n")
    assert "delta5 = (y5 - y)*F'(x5) = (10 - 0)*F'(10) = 10" in text
    assert "The computation graph of iteration 2 is in exercise.svg" in text
    svg = (tmp_path / "exercise.svg").read_text()
    assert ">loss</text>" in svg
    assert ">50</text>" not in svg


def test_a_reader_that_has_enough_is_no_error(tmp_path):
    done = subprocess.run(
        f"{sys.executable} -c 'import sys; from viz.commands.cli import main; sys.exit(main())' exercise --json "
        "--iterations 300 | head -1",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_a_rate_that_diverges_is_still_json(tmp_path):
    done = call("exercise", "--second", "--eta", "1e300", "--iterations", "4", "--json", cwd=tmp_path)
    assert done.returncode == 0
    report = json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert report["loss"] in ("nan", "inf")


@pytest.mark.parametrize("width", [60, 120])
@pytest.mark.parametrize("exercise", [[], ["--second"], ["--sigmoid", "--iterations", "2"]])
def test_nothing_is_wider_than_the_terminal(tmp_path, monkeypatch, width, exercise):
    monkeypatch.chdir(tmp_path)
    shown, code = in_terminal(["exercise", *exercise], width)
    assert code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "\x1b[" in shown
    assert max(map(len, plain.splitlines())) <= width
    assert plain.rstrip().endswith("is in exercise.svg")


def test_a_long_line_breaks_before_an_equals_sign(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", in_terminal(["exercise"], 43)[0])
    assert "  x3 = x1*w13 + x2*w23 = 1*2 + (-1)*(-3)\n     = 5\n" in plain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["exercise", "--eta", "fast"], "expected a finite number from 0 up, got 'fast'"),
        (["exercise", "--eta", "nan"], "expected a finite number from 0 up, got 'nan'"),
        (["exercise", "--iterations", "0"], "expected a whole number from 1 to 10000, got '0'"),
        (["exercise", "--iterations", "x"], "expected a whole number from 1 to 10000, got 'x'"),
        (["exercise", "--eta", "-1"], "expected a finite number from 0 up, got '-1'"),
        (["exercise", "--svg", ""], "expected the name of a file, got ''"),
        (["exercise", "--second", "--sigmoid"], "not allowed with argument"),
        ([], "COMMAND"),
    ],
)
def test_wrong_arguments_are_explained(capsys, arguments, message):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_what_cannot_be_written_is_said_in_a_sentence(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "--svg", "no/where.svg"]) == 1
    assert "gradstep: the folder no does not exist; make it first" in capsys.readouterr().err
    assert main(["exercise", "--layout", "nowhere-to-be-found"]) == 1
    assert "'nowhere-to-be-found' was not found on PATH" in capsys.readouterr().err


def test_what_cannot_be_read_is_said_in_a_sentence(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "none.json"]) == 1
    assert capsys.readouterr().err == "gradstep: there is no file none.json.\n"


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert re.match(r"gradstep \d+\.\d+\.\d+", capsys.readouterr().out)


def modules_after(tmp_path, *arguments):
    """The names of the modules that a command has imported when it ends."""
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from viz.commands.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    return set(done.stderr.split())


def outermost(modules):
    return {name.partition(".")[0] for name in modules}


DRAWS = {"graphviz", "latex2mathml", "matplotlib", "rich", "typst", "xml"}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_the_version_and_the_help_import_no_command(tmp_path, option):
    modules = modules_after(tmp_path, option)
    assert not outermost(modules) & DRAWS
    ours = {name for name in modules if name.startswith(("nn", "viz"))}
    assert ours == OF_EVERY_COMMAND
    assert {name.split(".")[1] for name in modules if name.startswith("autograd.")} <= ENGINE
    assert not modules & {"ast", "dataclasses", "inspect"}


OF_EVERY_COMMAND = {"viz", "viz.commands", "viz.commands.arguments", "viz.commands.cli"}
ENGINE = {"contexts", "node", "ops", "state", "sweep", "table", "value"}


def test_an_exercise_as_json_imports_nothing_that_draws_or_trains(tmp_path):
    modules = modules_after(tmp_path, "exercise", "--json")
    assert not outermost(modules) & DRAWS
    wings = {".".join(name.split(".")[:2]) for name in modules if name.startswith(("autograd.", "nn.", "viz."))}
    assert {"viz.commands", "nn.exercises"} <= wings
    assert not wings & {"autograd.lab", "autograd.replays", "nn.training", "nn.layers"}
    assert not wings & {"viz.graphs", "viz.networks", "viz.page", "viz.plots", "viz.stepping", "viz.terminal"}


def test_a_mistake_as_json_imports_nothing_that_draws(tmp_path):
    assert not outermost(modules_after(tmp_path, "lab", "overwrite", "--json")) & DRAWS


def test_a_picture_imports_no_other_command(tmp_path):
    modules = modules_after(tmp_path, "draw", "--exercise")
    commands = {name for name in modules if name.startswith("viz.commands.")} - OF_EVERY_COMMAND
    assert commands == {"viz.commands.graphs", "viz.commands.outputs", "viz.commands.subjects"}
    assert not outermost(modules) & {"latex2mathml", "matplotlib"}


def test_the_help_lists_every_command_and_each_has_its_own(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = " ".join(capsys.readouterr().out.split())
    for name, (_, summary) in COMMANDS.items():
        assert f"{name} {summary}" in listed
        with pytest.raises(SystemExit) as stopped:
            main([name, "--help"])
        own = capsys.readouterr().out
        assert stopped.value.code == 0
        assert own.startswith(f"usage: gradstep {name} ")
        assert own.count("  --") > 1, "its options"
        assert own.split("\n\n")[1][0].isupper(), "its description"


def test_output_without_unicode(tmp_path):
    done = run("exercise", cwd=tmp_path, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "| w35    |      2 |       50 |    -3 |" in done.stdout


OF_GRAPHS = "use it with --svg, --png, --pdf, --mermaid, --tikz or --dot"
OF_PICTURES = "use it with --svg, --png or --pdf"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("exercise --paper letter", "--paper is for sheets; use it with --sheet or --key."),
        ("exercise --at-once", "--at-once is for slides; use it with --beamer."),
        ("exercise --json --limit 9", f"--limit is for the graph; {OF_GRAPHS}."),
        ("exercise --latex a.tex --all", f"--all is for the graph; {OF_GRAPHS}."),
        ("exercise --dot a.gv --legend", f"--legend is for pictures of the graph; {OF_PICTURES}."),
        (
            "exercise --text a.txt --layout dot",
            "--layout is for pictures; use it with --svg, --png, --pdf, --tikz, --network, --html or --frames.",
        ),
        (
            "exercise --json --matrices",
            "--matrices is for lines, and JSON has none in matrix form; use it without --json.",
        ),
        ("practice -o new --paper a4", "--paper is for sheets; use it with --sheet or --key."),
        ("practice -o new --each", "--each is for sheets; use it with --sheet or --key."),
        ("draw relu --dot a.dot --legend", f"--legend is for pictures; {OF_PICTURES}."),
        ("draw relu --dot a.dot --layout dot", "--layout is for pictures; use it with --svg, --png, --pdf or --tikz."),
        ("step relu --html a.html --fold", "--fold is for pictures of the steps; use it with --frames."),
        ("lab --weights w13", "--weights is for a mistake that runs; use it with MISTAKE, FILE.py:NAME or --all."),
        ("lab --json --lr 1", "--lr is for a mistake that runs; use it with MISTAKE, FILE.py:NAME or --all."),
    ],
)  # fmt: skip
def test_an_option_that_would_do_nothing_is_refused(command, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == 1
    assert capsys.readouterr().err == f"gradstep: {message}\n"
    assert not list(tmp_path.iterdir())


def test_an_option_is_taken_where_it_does_something(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "--json", "--dot", "a.dot", "--limit", "9", "--sheet", "a.txt", "--paper", "letter"]) == 0
    assert main(["practice", "-o", "new", "--key", "new/a.txt", "--each", "--paper", "letter"]) == 0
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [
        "a-practice-0.txt",
        "a.dot",
        "a.txt",
        "practice-0.json",
    ]
    capsys.readouterr()
