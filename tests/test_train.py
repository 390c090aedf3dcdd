"""`gradstep train`: in a pipe, on a pseudo-terminal, with its files, and where something is wrong."""

import csv
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from statistics import fmean, pstdev
from time import perf_counter

import pytest
from pseudo_terminal import COMMAND, in_terminal
from rich.text import Text

from nn import MLP, SGD, Adam, Dataset, fit, load, xor
from viz.commands.cli import main
from viz.watching.text_plots import Plane, curve, decision_map, legend
from viz.watching.view import percent

SMALL = ["train", "xor", "--sizes", "4", "--points", "20", "--iterations"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def parameters_in(path):
    """The numbers of a model's file."""
    return [parameter.data for parameter in load(path).parameters()]


def test_the_default_is_the_demo_and_a_pipe_gets_ten_lines(capsys):
    assert main(["train", "moons"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "moons, 100 rows: MLP(2 -> 16 relu -> 16 relu -> 1 linear, 337 parameters), hinge, sgd"
    assert [line.partition(":")[0] for line in lines[1:-1]] == [f"iteration {n:>3} of 100" for n in range(10, 101, 10)]
    assert lines[-2].endswith(", accuracy 100%")
    assert re.fullmatch(r"After 100 iterations: loss 0\.0\d+, accuracy 100%\.", lines[-1])


def test_the_files_hold_what_fit_gives(capsys):
    assert main([*SMALL, "6", "--batch", "5", "--model", "m.json", "--history", "h.json", "--rate", "0.5"]) == 0
    shown = capsys.readouterr().out
    assert shown.endswith("The model is in m.json\nThe history is in h.json\n")
    model = MLP(2, [4, 1], seed=1)
    optimizer = SGD(model.parameters(), lr=0.5)
    data = xor(20, seed=1)
    history = fit(model, data, iterations=6, optimizer=optimizer, batch_size=5, seed=1, l2=1e-4, lr=_falling)
    report = json.loads(Path("h.json").read_text(encoding="utf-8"))
    assert [row["loss"] for row in report["iterations"]] == history.losses
    assert parameters_in("m.json") == [parameter.data for parameter in model.parameters()]
    assert [row["lr"] for row in report["iterations"]] == [_falling(k) for k in range(6)]
    assert (report["loss"], report["accuracy"], report["stopped"]) == (history.loss, history.accuracy, False)
    assert (report["loss_name"], report["engine"]) == ("hinge", "replay, in blocks of rows")


def test_dead_units_are_said_at_the_end(capsys):
    Path("four.csv").write_text("a,b,c,y\n2,3,-1,1\n3,-1,.5,-1\n.5,1,1,-1\n1,1,-1,1\n", encoding="utf-8")
    of_network = ["--sizes", "4,4", "--seed", "0", "--regression"]
    steps = ["--optimizer", "sgd", "--lr", "0.4", "--constant-lr", "--iterations", "30", "--l2", "0"]
    assert main(["train", "four.csv", *of_network, *steps]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.splitlines()[-2:] == [
        "After 30 iterations: loss 1.",
        (
            "Warning: training cannot move: all gradients of the loss 1 are exactly 0 in iteration 26. "
            "Dead units, with the derivative 0 in every row: a1_0, a1_1, a1_2, a1_3, a2_0, a2_1, a2_2, a2_3. "
            "Try another seed for the weights, or the activation 'leaky_relu' or 'tanh'."
        ),
    ]


def test_the_pictures_are_of_the_loss_and_of_the_plane(capsys):
    pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")
    assert main([*SMALL, "30", "--svg", "net", "--png", "net"]) == 0
    assert capsys.readouterr().out.endswith(
        "The pictures are in net.svg and net-boundary.svg\nThe pictures are in net.png and net-boundary.png\n"
    )
    assert "loss over 30 iterations" in Path("net.svg").read_text(encoding="utf-8")
    right = re.search(r"decision boundary: (\d+) of 20 points", Path("net-boundary.svg").read_text(encoding="utf-8"))
    assert int(right[1]) >= 10
    assert Path("net-boundary.png").read_bytes().startswith(b"\x89PNG")
    Path("line.csv").write_text("x,y\n0,1\n1,3\n2,5\n", encoding="utf-8")
    assert main(["train", "line.csv", "--regression", "--sizes", "2", "--iterations", "3", "--svg", "line.svg"]) == 0
    assert capsys.readouterr().out.endswith("The pictures are in line.svg\n")


def test_a_missing_plotting_library_is_said_before_the_training(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main([*SMALL, "30", "--svg", "net.svg"]) == 1
    shown = capsys.readouterr()
    assert (shown.out, "gradstep: a plot needs matplotlib" in shown.err) == ("", True)


def _falling(k):
    return 0.5 * (1.0 - 0.9 * k / 6)


def test_a_table_of_the_history():
    assert main([*SMALL, "3", "--history", "h.csv", "--constant-rate", "--optimizer", "adam"]) == 0
    rows = list(csv.DictReader(Path("h.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["iteration"], row["lr"]) for row in rows] == [("1", "0.05"), ("2", "0.05"), ("3", "0.05")]


def test_every_setting_of_an_optimizer_is_an_option(capsys):
    data, options = xor(20, seed=1), ["--constant-rate", "--l2", "0", "--rate", "0.1"]
    for kind, settings, given in (
        (
            SGD,
            {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
            "--momentum 0.9 --nesterov --weight-decay 0.01",
        ),
        (Adam, {"betas": (0.8, 0.95), "eps": 0.5}, "--optimizer adam --betas 0.8,0.95 --eps 0.5 --momentum 0"),
    ):
        assert main([*SMALL, "6", "--model", "m.json", *options, *given.split()]) == 0
        model = MLP(2, [4, 1], seed=1)
        fit(model, data, iterations=6, optimizer=kind(model.parameters(), lr=0.1, **settings))
        assert parameters_in("m.json") == [parameter.data for parameter in model.parameters()]
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert re.search(r"--optimizer \{sgd,adam.*?\} default: sgd for generated points, adam for a CSV file", shown)
    assert (
        "--momentum X a setting of sgd (default: 0) --nesterov a setting of sgd --weight-decay X a setting of sgd, adam"
        in shown
    )
    assert "--betas X,X a setting of adam (default: 0.9,0.999)" in shown
    assert "the first learning rate (default: sgd: 1, adam: 0.05" in shown
    assert "the number of points (default: moons 100, circles 100, xor 100, spiral 200, blobs 150)" in shown
    assert "the noise of the points (default: moons 0.1, circles 0.05, xor 0.1, spiral 0.02, blobs 0.4)" in shown
    assert "the number of iterations (default: 100; spiral 400)" in shown
    assert (
        "(default: hinge for two classes, cross_entropy for several classes, mean_squared_error for numbers)" in shown
    )
    assert "--sizes N,N the sizes of the hidden layers (default: 16,16)" in shown


def test_the_same_seed_gives_the_same_files():
    contents = []
    for seed in ("3", "3", "4"):
        main([*SMALL, "4", "--batch", "6", "--seed", seed, "--model", "m", "--history", "h"])
        contents.append(Path("m.json").read_bytes() + Path("h.json").read_bytes())
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_names_of_a_file_stay_text_on_a_terminal():
    Path("\x1b[31mä.csv").write_text("a,b,kind\n0,1,x\x1b[2J\n1,0,[red]ä\n", encoding="utf-8")
    arguments = ["train", "\x1b[31mä.csv", "--iterations", "2", "--sizes", "3"]
    shown, code = in_terminal(arguments, 100, 24, PYTHONIOENCODING="ascii")
    assert code == 0
    assert "\x1b[31m" not in shown
    assert "\x1b[2J" not in _after_the_view(shown)
    assert "\\x1b[31m\\xe4.csv, 2 rows" in shown
    assert " [red]\\xe4  " in shown
    assert " x\\x1b[2J  " in shown


def test_columns_of_a_csv_file_are_chosen_and_an_index_is_said(capsys):
    rows = "".join(f"{k},{k % 3},{'xy'[k % 2]},{k},n{k}\n" for k in range(6))
    Path("rows.csv").write_text(f",a,kind,b,name\n{rows}", encoding="utf-8")
    train = ["train", "rows.csv", "--label", "kind", "--iterations", "2", "--sizes", "3"]
    for chosen, features in ((["--drop", "name"], 2), (["--features", "b"], 1), (["--drop", "name, a"], 1)):
        assert main([*train, *chosen]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith("rows.csv is read without its index, column 1.\n")
        assert f"rows.csv, 6 rows: MLP({features} -> 3 relu -> 1 linear" in shown
    assert main([*train, "--drop", "nam"]) == 1
    assert capsys.readouterr().err == "gradstep: rows.csv has no column 'nam'; try name.\n"


def test_a_csv_file_with_three_classes_and_one_with_numbers(capsys):
    rows = "".join(f"{x},{x + k},[{k}]\n" for x in range(5) for k in (0, 10, 20))
    Path("kinds.csv").write_text(f"a,b,kind\n{rows}", encoding="utf-8")
    assert main(["train", "kinds.csv", "--standardize", "--iterations", "5", "--sizes", "3"]) == 0
    assert "kinds.csv, 15 rows: MLP(2 -> 3 relu -> 3 linear, 21 parameters), cross_entropy" in capsys.readouterr().out
    options = ["--target", "b", "--regression", "--iterations", "5", "--rate", "0.01"]
    Path("numbers.csv").write_text("a,b\n1,2.5\n2,3.5\n", encoding="utf-8")
    assert main(["train", "numbers.csv", *options]) == 0
    shown = capsys.readouterr().out
    assert "mean_squared_error" in shown
    assert "accuracy" not in shown


def test_features_of_another_size_are_said(capsys):
    Path("big.csv").write_text("a,b\n1,x\n2000,y\n", encoding="utf-8")
    arguments = ["train", "big.csv", "--iterations", "2", "--sizes", "2", "--model", "m.json"]
    main(arguments)
    shown = capsys.readouterr().out
    assert "hinge, adam\n" in shown
    assert shown.endswith("The features are as large as 2000; training works better with --standardize.\n")
    main([*arguments, "--standardize"])
    assert capsys.readouterr().out.endswith("--standardize: mean 0 and standard deviation 1.\n")


def test_a_rate_that_diverges_keeps_the_last_finite_weights(capsys):
    code = main([*SMALL, "9", "--loss", "mean_squared_error", "--rate", "1e100", "--model", "m.json"])
    shown = capsys.readouterr()
    assert code == 1
    sentence = r"gradstep: the loss became (inf|nan) in iteration \d: .* made -?(inf|nan).*, in row \d+ of xor"
    assert re.match(sentence, shown.err)
    assert all(map(math.isfinite, parameters_in("m.json")))


def test_a_loss_that_grew_is_said(capsys):
    assert main([*SMALL, "9", "--rate", "1000", "--constant-rate"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"The loss is higher than in the first iteration \([0-9.]+\); try a lower --lr\.", shown)
    assert main([*SMALL, "9", "--rate", "0.1", "--model", "xor"]) == 0  # which is no file of that name
    assert "above" not in capsys.readouterr().out


def test_more_classes_than_a_plane_shows_have_a_curve_all_the_same(capsys):
    Path("many.csv").write_text("".join(f"{k},{k % 3},c{k % 8}\n" for k in range(24)), encoding="utf-8")
    assert main(["train", "many.csv", "--iterations", "2", "--sizes", "2", "--svg", "many.svg"]) == 0
    assert "The pictures are in many.svg\n" in capsys.readouterr().out
    assert not Path("many-boundary.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no.csv"], "there is no file no.csv."),
        (["saved.json"], "expected a CSV file, got saved.json, which begins with a brace, as JSON does."),
        (["moon"], "expected a data set or a CSV file, got 'moon'. Try moons."),
        (["moons", "--history", "no/h.json"], "the folder no does not exist; make it first, or save elsewhere."),
        (["moons", "--model", "."], "expected the name of a file, got '.'"),
        (["moons", "--model", ".."], "expected the name of a file, got '..'"),
        (["blobs", "--loss", "hinge"], "hinge is for two classes, but blobs has 3; try cross_entropy."),
        (["moons", "--target", "y"], "--target is for a CSV file; it does not apply to 'moons'."),
        (
            ["no.csv", "--points", "3"],
            "--points is for generated points: moons, circles, xor, spiral, blobs; it does not apply to 'no.csv'",
        ),
        (
            ["moons", "--optimizer", "adam", "--momentum", "0.9"],
            "--momentum is a setting of sgd; adam does not have it.",
        ),
        (["moons", "--eps", "0"], "--eps is a setting of adam; sgd does not have it."),
        (["moons", "--nesterov"], "Nesterov's momentum needs a momentum above 0"),
        (["moons", "--model", "a", "--history", "./a"], "--model and --history are the same file, a.json. Give"),
        (["no.csv", "--history", "no.csv"], "DATA and --history are the same file, no.csv. Give each its own."),
        (["no.csv", "--model", "no.csv"], "for --model that ends with .json, got 'no.csv'; --history writes .csv."),
        (["moons", "--batch", "101"], "expected at most 100, the number of rows, for batch_size, got 101."),
        (["moons", "--sizes", "16,x"], "expected a whole number from 1 to 10000, got 'x'"),
        (["moons", "--iterations", "0"], "expected a whole number from 1 to 1000000, got '0'"),
    ],
)
def test_what_is_wrong_is_said_before_the_training(capsys, arguments, sentence):
    Path("saved.json").write_text('{"format": "gradstep", "version": 1}')
    try:
        code = main(["train", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    shown = capsys.readouterr()
    assert code in {1, 2}
    assert sentence in shown.err
    assert shown.out == ""


def test_a_reader_that_has_enough_does_not_end_the_training(tmp_path):
    train = subprocess.Popen(
        [*COMMAND, "train", "xor", "--sizes", "4", "--iterations", "100", "--model", "m.json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    train.stdout.readline()
    train.stdout.close()
    assert train.stderr.read() == b""
    train.stderr.close()
    assert train.wait(60) == 0
    assert (tmp_path / "m.json").exists()


def _after_the_view(shown):
    return shown.rpartition("\x1b[?1049l")[2]


def _left_on_the_terminal(shown):
    """The text after the live view has gone."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", _after_the_view(shown)).splitlines()


@pytest.mark.parametrize(("columns", "rows"), [(40, 15), (60, 30), (120, 40)])
def test_the_view_fits_its_terminal(columns, rows):
    shown, code = in_terminal(["train", "moons", "--sizes", "8", "--iterations", "20"], columns, rows)
    lines = _left_on_the_terminal(shown)
    assert code == 0
    assert "\x1b[?1049h" in shown
    assert max(map(len, lines)) <= columns
    assert len(lines) <= rows - 1
    text = "\n".join(lines)
    assert "20 of 20" in text
    assert " o  upper  █x█ lower  ! wrong" in text
    assert ("loss\n" in text or "loss  " in text) == (rows > 15)
    assert {"o", "x", "█", "▄"} <= set(text)


def test_the_view_without_unicode_and_without_colours():
    settings = {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1"}
    shown, code = in_terminal(["train", "moons", "--sizes", "8", "--iterations", "20"], 100, 30, **settings)
    assert code == 0
    assert shown.isascii()
    assert "\x1b[38" not in shown
    text = "\n".join(_left_on_the_terminal(shown))
    assert " o  upper  :x: lower  ! wrong" in text
    assert "*" in text


def test_a_terminal_that_cannot_move_its_cursor_gets_lines():
    shown, code = in_terminal([*SMALL, "2"], 80, 24, TERM="dumb")
    assert code == 0
    assert "\x1b" not in shown
    assert shown.splitlines()[1].startswith("iteration 1 of 2: loss ")


def test_four_features_have_no_plane():
    shown, _ = in_terminal(["train", "blobs", "--sizes", "4", "--iterations", "5"], 80, 24)
    text = "\n".join(_left_on_the_terminal(shown))
    assert "wrong" not in text
    assert "5 of 5" in text


def test_ctrl_c_keeps_what_was_learned(tmp_path):
    arguments = ["train", "xor", "--sizes", "4", "--iterations", "1000000", "--model", "m.json", "--history", "h.json"]
    shown, code = in_terminal(arguments, 80, 24, until="of 1000000")
    lines = _left_on_the_terminal(shown)
    report = json.loads((tmp_path / "h.json").read_text(encoding="utf-8"))
    assert code == 130
    assert f"Interrupted after {len(report['iterations'])} iteration" in "\n".join(lines)
    assert "The model is in m.json" in lines
    assert report["stopped"]
    assert len(parameters_in("m.json")) == 17


def test_a_curve_goes_where_its_numbers_go():
    lines = curve([4.0, 3.0, 2.0, 1.0, 0.0], 5, 11, 6, unicode=False)
    assert [line.rstrip() for line in lines] == [
        "4 |**",
        "  | ***",
        "  |   **",
        "  |    ***",
        "0 |      **",
        "   1      5",
    ]


def test_a_second_curve_has_a_mark_and_the_same_scale():
    lines = curve([4.0, 3.0, 2.0, 1.0, 0.0], 5, 11, 6, unicode=False, second=[4.0, 4.0, 4.0, 4.0, 8.0])
    assert lines == [
        "8 |       o",
        "  |       o",
        "  |*o*o o",
        "  |  ****",
        "0 |     ***",
        "   1      5",
    ]


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_live_view_draws_the_loss_of_the_rows_held_out(columns, ascii_only):
    arguments = ["train", "moons", "--points", "40", "--sizes", "4", "--iterations", "12", "--test", "0.3"]
    settings = {"PYTHONIOENCODING": "ascii"} if ascii_only else {}
    shown, code = in_terminal(arguments, columns, 40, NO_COLOR="1", **settings)
    lines = _left_on_the_terminal(shown)
    assert code == 0
    assert any(line.startswith("loss (o held out)") for line in lines)
    bar = "|" if ascii_only else "\u2502"
    curves = [line.partition(bar)[2][: columns // 2 - 8] for line in lines if bar in line[:8]]
    assert sum(line.count("o") for line in curves) > 5
    assert any(
        set(line) & (set("*") if ascii_only else {chr(0x2800 + bits) for bits in range(1, 256)}) for line in curves
    )
    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("numbers", [[1.0], [1.0, 1.0], [1.0, 1e-9], [0.0, 1e300, 5.0], [3.0] * 1000, [-1.0, 1.0]])
def test_a_curve_fits_its_frame(numbers, unicode):
    for width, height in ((40, 10), (20, 3), (12, 1)):
        lines = curve(numbers, max(len(numbers), 7), width, height, unicode)
        assert max(map(len, lines)) <= max(width, 14)
        assert len(lines) <= max(height, 2)


def test_a_plane_maps_points_to_cells_and_back():
    plane = Plane(0, 4, 0, 2, columns=4, rows=2)
    assert plane.grid()[:5] == [(0.5, 1.75), (1.5, 1.75), (2.5, 1.75), (3.5, 1.75), (0.5, 1.25)]
    assert [plane.cell(point) for point in ((0.1, 1.9), (3.9, 0.1), (4, 0), (0, 2))] == [(0, 0), (1, 3), (1, 3), (0, 0)]


def test_a_map_has_halves_of_cells_for_two_classes_and_fillings_for_more():
    plane = Plane(0, 4, 0, 1, columns=4, rows=1)
    marks = {(0, 3): "x"}
    assert _plain(decision_map(plane, [0, 1, 0, 1, 0, 0, 1, 1], 2, marks, unicode=True)) == [" ▀▄x"]
    assert _plain(decision_map(plane, [0, 1, 2, 3, 0, 1, 2, 3], 4, {}, unicode=True)) == [" ░▒▓"]
    assert _plain(decision_map(plane, [0, 1, 0, 1, 0, 1, 1, 1], 2, {}, unicode=False)) == [" : :"]
    assert legend(["[b]", "c"], unicode=True).plain == " o  [b]  █x█ c  ! wrong"


def _plain(lines):
    assert all(isinstance(line, Text) for line in lines)
    return [line.plain for line in lines]


def test_only_the_whole_is_a_hundred_per_cent():
    assert [percent(part) for part in (0.0, 1 / 3, 0.999999, 1.0)] == ["0%", "33.33%", "99.99%", "100%"]


def write_csv(path, features):
    rows = [",".join([*(f"f{n}" for n in range(features)), "kind"])]
    rows += [",".join([*(str((row * n) % 5) for n in range(1, features + 1)), "ab"[row % 2]]) for row in range(8)]
    path.write_text("\n".join(rows))


def test_why_there_is_no_boundary(tmp_path, capsys):
    write_csv(tmp_path / "many.csv", 3)
    options = ["--sizes", "2", "--iterations", "2", "--svg", "m.svg"]
    assert main(["train", "many.csv", *options]) == 0
    said = capsys.readouterr().out
    assert (
        "There is no decision boundary: the data have 3 features. Two columns of a file, by --features, have one."
        in said
    )
    assert not Path("m-boundary.svg").exists()
    assert main(["train", "many.csv", "--features", "f0,f2", *options]) == 0
    assert "no decision boundary" not in capsys.readouterr().out
    drawn = Path("m-boundary.svg").read_text(encoding="utf-8")
    assert all(name in drawn for name in ("f0", "f2", "a (label -1)", "b (label 1)"))


def test_a_delay_follows_each_iteration(capsys):
    began = perf_counter()
    assert main(["train", "xor", "--points", "4", "--sizes", "2", "--iterations", "4", "--delay", "0.15"]) == 0
    assert perf_counter() - began >= 0.6
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["train", "xor", "--delay", "-1"])
    assert "argument --delay: expected a finite number from 0 up, got '-1'" in capsys.readouterr().err


def test_a_held_out_part_is_said_and_drawn_and_stored(capsys):
    pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")
    given = [*SMALL, "20", "--test", "0.25", "--seed", "2", "--svg", "a.svg", "--history", "a.json"]
    assert main(given) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("xor, 15 rows and 5 held out: MLP(2 -> 4 relu -> 1 linear, ")
    numbers = r"loss [\d.]+, accuracy [\d.]+%; held out: loss ([\d.]+), accuracy ([\d.]+)%"
    assert all(re.search(numbers, line) for line in lines[1:12])
    report = json.loads(Path("a.json").read_text())
    last = re.search(numbers, lines[11])
    assert float(last[1]) == pytest.approx(report["test_loss"], rel=1e-3)
    assert float(last[2]) == 100 * report["test_accuracy"]
    assert {"test_loss", "test_accuracy"} < set(report["iterations"][0])
    learned, held_out = xor(20, seed=2).split(0.25, seed=2)
    model = MLP(2, [4, 1], "relu", seed=2)
    rate = SGD.usual_lr
    history = fit(
        model, learned, test=held_out, optimizer=SGD(model.parameters(), lr=rate), iterations=20, l2=1e-4, seed=2,
        lr=lambda k: rate * (1.0 - 0.9 * k / 20),
    )  # fmt: skip
    assert [row["test_loss"] for row in report["iterations"]] == history.test_losses
    assert {"held-out loss", "held-out accuracy"} <= set(re.findall(r"<!-- (.*?) -->", Path("a.svg").read_text()))


def test_held_out_rows_are_scaled_by_the_others(capsys):
    Path("data.csv").write_text("x,y\n" + "".join(f"{x},{2 * x}\n" for x in range(20)))
    given = ["train", "data.csv", "--regression", "--standardize", "--sizes", "2", "--iterations", "3"]
    options = ["--optimizer", "sgd", "--lr", "0.1", "--constant-lr", "--l2", "0", "--history", "a.json"]
    assert main([*given, *options, "--test", "0.2"]) == 0
    assert "data.csv, 16 rows and 4 held out: " in capsys.readouterr().out
    learned, held_out = Dataset([[x] for x in range(20)], [2 * x for x in range(20)]).split(0.2, seed=1)
    numbers = [x for [x] in learned.inputs]
    scaled = [[(x - fmean(numbers)) / pstdev(numbers)] for [x] in held_out.inputs]
    model = MLP(1, [2, 1], "relu", seed=1)
    optimizer = SGD(model.parameters(), lr=0.1)
    held_out = Dataset(scaled, held_out.targets)
    history = fit(model, learned.standardized(), test=held_out, optimizer=optimizer, iterations=3, seed=1)
    report = json.loads(Path("a.json").read_text())
    assert report["test_loss"] == pytest.approx(history.test_loss, rel=1e-9)
    assert main([*given, "--test", "1"]) == 1
    assert "expected a share between 0 and 1 that leaves rows in both parts of" in capsys.readouterr().err
