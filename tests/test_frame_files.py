"""A pass as numbered pictures: their number, their one layout, what stands in them, and the folder they are put in."""

import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

import autograd
from autograd import Value
from nn import MLP, READY, SGD, relu_exercise
from viz import LayoutError, Stepper, save_frames
from viz.commands.cli import main

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """The pictures of the worked exercise, as text."""
    paths = save_frames(relu_exercise(), tmp_path_factory.mktemp("pass") / "frames")
    assert [path.name for path in paths] == [f"step-{number:03}.svg" for number in range(47)]
    return [path.read_text(encoding="utf-8") for path in paths]


@pytest.fixture
def product():
    return Value(3, "x") * Value(2, "w")


def texts(svg):
    """The texts of each group that has an id, and of the caption."""
    return {
        group.get("id", group.get("class")): [text.text for text in group.findall(f"{SVG}text")]
        for group in ElementTree.fromstring(svg).iter(f"{SVG}g")
    }


def test_all_pictures_have_one_layout(frames):
    roots = [ElementTree.fromstring(svg) for svg in frames]
    assert len({root.get("viewBox") for root in roots}) == 1
    graphs = [root.find(f"{SVG}g[@id='graph0']") for root in roots]
    places = [[(text.get("x"), text.get("y")) for text in graph.iter(f"{SVG}text")] for graph in graphs]
    assert all(place == places[0] for place in places)


def test_the_lectures_numbers_at_each_step(frames):
    x3, w35, loss = "v7", "v9", "v25"
    assert texts(frames[0])[x3] == ["x3", "data ", "-", "grad ", "-"]
    assert texts(frames[0])[w35] == ["w35", "data ", "2", "grad ", "-"]
    assert texts(frames[0])[loss] == ["loss", "data ", "-", "grad ", "-"]
    assert texts(frames[33])[w35] == ["w35", "data ", "2", "grad ", "50"]
    assert texts(frames[46])[w35] == ["w35", "data ", "-3", "grad ", "50"]
    assert texts(frames[46])[loss] == ["loss", "data ", "50", "grad ", "1"]


def test_captions_say_what_the_step_does(frames):
    assert texts(frames[0])["caption"] == ["step 0 of 46, the beginning: nothing is computed yet"]
    assert texts(frames[33])["caption"] == [
        "step 33 of 46, backward through v10 = y3*w35",
        "dloss/dw35 += dloss/dv10 * dv10/dw35 = dloss/dv10 * y3 = 10 * 5 = 50",
    ]
    assert texts(frames[45])["caption"] == [
        "step 45 of 46, the optimizer adjusts w35",
        "w35_new = w35 - 0.1 * dloss/dw35 = 2 - 0.1 * 50 = -3",
    ]


@pytest.mark.parametrize("label", ["w", "<b>&\n\x1b]]>" + "long " * 40, "x" * 200, "\u65e5" * 100])
def test_captions_stay_inside_the_picture(tmp_path, label):
    x = Value(3, label)
    for path in save_frames(x * x, tmp_path / "frames"):
        root = ElementTree.parse(path).getroot()
        left, _, width, height = map(float, root.get("viewBox").split())
        graph = float(re.search(r"translate\(4 ([\d.]+)\)", root.find(f"{SVG}g").get("transform"))[1])
        lines = root.findall(f"{SVG}g[@class='caption']/{SVG}text")
        assert lines
        for line in lines:
            assert graph < float(line.get("y")) < height
            size = float(line.get("font-size"))
            assert left < float(line.get("x"))
            columns = sum(1 + (character == "\u65e5") for character in line.text)
            assert float(line.get("x")) + 0.6 * size * columns <= left + width


def test_without_captions_the_picture_is_the_graph(tmp_path, product):
    first, *_ = save_frames(product, tmp_path / "frames", captions=False)
    assert "caption" not in texts(first.read_text(encoding="utf-8"))


def test_an_optimizers_updates_are_the_last_pictures(tmp_path):
    x, w = Value(3, "x"), Value(2, "w")
    optimizer = SGD([w], lr=0.1)
    assert len(save_frames(x * w, tmp_path / "without")) == 5
    paths = save_frames(x * w, tmp_path / "with", optimizer=optimizer)
    assert len(paths) == 6
    assert texts(paths[-1].read_text(encoding="utf-8"))["v1"] == ["w", "data ", "1.7", "grad ", "3"]
    assert w.data == 2
    with pytest.raises(ValueError, match="give no optimizer with it"):
        save_frames(relu_exercise(), tmp_path / "both", optimizer=optimizer)
    assert not (tmp_path / "both").exists()


def test_earlier_pictures_are_replaced(tmp_path, product):
    folder = tmp_path / "frames"
    folder.mkdir()
    assert len(save_frames(product * 2, folder)) == 7
    save_frames(product, folder)
    assert sorted(path.name for path in folder.iterdir()) == [f"step-{number:03}.svg" for number in range(5)]
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]


def test_a_folder_with_anything_else_is_left_alone(tmp_path, product):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "step-000.svg").write_text("old")
    with pytest.raises(FileExistsError, match=r"holds 'notes.txt', which is not a picture of a step"):
        save_frames(product, tmp_path)
    with pytest.raises(FileExistsError, match="got a file"):
        save_frames(product, tmp_path / "notes.txt")
    with pytest.raises(FileNotFoundError, match="does not exist; make it first"):
        save_frames(product, tmp_path / "no" / "where")
    assert (tmp_path / "step-000.svg").read_text() == "old"


def test_what_fails_changes_nothing(tmp_path, product, monkeypatch):
    save_frames(product, tmp_path / "frames")
    before = {path: path.read_bytes() for path in (tmp_path / "frames").iterdir()}
    monkeypatch.setenv("GRADSTEP_DOT", "no-such-command")
    with pytest.raises(LayoutError):
        save_frames(product * 2, tmp_path / "frames")
    assert {path: path.read_bytes() for path in (tmp_path / "frames").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]


def test_a_long_pass_is_refused(tmp_path):
    total = Value(0.5, "x")
    for _ in range(300):
        total = total * 0.5
    with pytest.raises(ValueError, match="the pass has 601 steps; the limit is 500 pictures"):
        save_frames(total, tmp_path / "frames")
    with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got int"):
        save_frames(3, tmp_path / "frames")
    assert list(tmp_path.iterdir()) == []


def test_the_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["step", "--exercise", "--frames", "one"]) == 0
    assert capsys.readouterr().out == "The 47 pictures are in one\n"
    assert main(["exercise", "--iterations", "2", "--frames", "two"]) == 0
    assert "The 47 pictures of iteration 2 are in two\n" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    with pytest.raises(SystemExit):
        main(["step", "--exercise", "--frames", ""])
    assert "expected the name of a file, got ''" in capsys.readouterr().err


def shown_at(moving, moment):
    """Return the texts that a moving SVG shows at a moment, from its timetable; and how long it lasts."""
    shown, lasts = [], set()

    def read(element, is_visible):
        timetable = element.find(f"{SVG}animate")
        if timetable is not None:
            lasts.add(float(timetable.get("dur").removesuffix("s")))
            [duration] = lasts
            times = [float(time) * duration for time in timetable.get("keyTimes").split(";")]
            values = timetable.get("values").split(";")
            is_visible = [value for time, value in zip(times, values, strict=True) if time <= moment][-1] == "visible"
        if element.tag == f"{SVG}text" and is_visible:
            shown.append("".join(element.itertext()))
        for child in element:
            read(child, is_visible)

    read(ElementTree.fromstring(moving), True)
    return sorted(shown), lasts


def test_a_moving_svg_shows_each_picture_in_its_turn(frames, tmp_path):
    [path] = save_frames(relu_exercise(), tmp_path / "frames.svg", seconds=2)
    moving = path.read_text(encoding="utf-8")
    for number in (0, 1, 7, 20, 45, 46):
        expected = sorted(
            "".join(text.itertext()) for text in ElementTree.fromstring(frames[number]).iter(f"{SVG}text")
        )
        assert shown_at(moving, 2 * number + 1) == (expected, {94.0})
    assert len(moving) < 10 * len(frames[0])  # what stays is written once


def test_without_animation_a_moving_svg_shows_the_last_picture(product, tmp_path):
    [path] = save_frames(product, tmp_path / "frames.svg")
    *_, last = save_frames(product, tmp_path / "frames")
    moving = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    for element in [*moving.iter()]:
        for child in [*element]:
            if child.get("visibility") == "hidden":
                element.remove(child)
    seen = sorted("".join(text.itertext()) for text in moving.iter(f"{SVG}text"))
    still = ElementTree.fromstring(last.read_text(encoding="utf-8"))
    assert seen == sorted("".join(text.itertext()) for text in still.iter(f"{SVG}text"))


def test_pictures_as_the_pages_of_a_pdf(product, tmp_path, capsys):
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    paths = save_frames(product, tmp_path / "frames.pdf")
    assert paths == [tmp_path / "frames.pdf"]
    folder = save_frames(product, tmp_path / "frames")
    if shutil.which("pdfinfo"):
        said = subprocess.run(["pdfinfo", *paths], capture_output=True, text=True, check=True).stdout
        assert f"Pages:           {len(folder)}\n" in said
    assert main(["exercise", "--frames", str(tmp_path / "e.pdf")]) == 0
    assert f"The pictures are in {tmp_path / 'e.pdf'}" in capsys.readouterr().out


def test_one_file_without_typst_or_folder(product, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        save_frames(product, tmp_path / "nowhere" / "frames.svg")
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(LayoutError, match=r"a pdf needs pip install 'gradstep\[pdf\]'"):
        save_frames(product, tmp_path / "frames.pdf")
    assert [*tmp_path.iterdir()] == []


# --- Folded, and with the network beside -----------------------------------------------------------------------------


def marked(svg):
    """The ids of the groups with a thick red line."""
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return {group.get("id") for group in groups if any(part.get("stroke") == "#D7191C" for part in group)}


def test_folded_pictures_show_the_numbers_of_the_sums_and_mark_the_box_of_what_is_inside(tmp_path):
    paths = save_frames(relu_exercise(), tmp_path / "frames", fold=True)
    x3 = "v7"
    pictures = [path.read_text(encoding="utf-8") for path in paths]
    assert texts(pictures[0])[x3] == ["x3", "sum of 2 products", "2 parameters", "data ", "-", "grad ", "-"]
    assert texts(pictures[0])["v1_v7"] == ["\N{PARTIAL DIFFERENTIAL}=-"]
    assert texts(pictures[1])[x3][4] == "-"  # the first product is known, the sum is not
    assert x3 in marked(pictures[1])
    assert texts(pictures[-1])[x3] == ["x3", "sum of 2 products", "2 parameters", "data ", "5", "grad ", "20"]
    assert texts(pictures[-1])["v1_v7"] == ["\N{PARTIAL DIFFERENTIAL}=2"]
    assert "v3" not in texts(pictures[-1])  # the product inside


def test_folded_pictures_say_how_many_parameters_several_sums_share(tmp_path):
    first, *_ = save_frames(READY["batch"](), tmp_path / "frames", fold=True)
    boxes = [written for written in texts(first.read_text(encoding="utf-8")).values() if "9 parameters" in written]
    assert boxes == [["9 parameters", "used by several sums"]]


def test_the_pictures_of_a_moving_svg_last_a_time(product, tmp_path):
    [path] = save_frames(product, tmp_path / "frames.svg", seconds=0.01)
    assert {each.get("dur") for each in ElementTree.parse(path).iter(f"{SVG}animate")} == {"0.05s"}
    with pytest.raises(ValueError, match=r"expected at least 0\.01 seconds for a picture, got 0\."):
        save_frames(product, tmp_path / "none.svg", seconds=0)


def test_the_network_beside_the_graph_shows_the_numbers_of_the_step(tmp_path):
    exercise = relu_exercise()
    paths = save_frames(exercise, tmp_path / "frames", by="line", network=True)
    stepper = Stepper(exercise)
    for position, path in enumerate(paths):
        graph, network = (part for part in ElementTree.fromstring(path.read_text()) if part.tag == f"{SVG}svg")
        written = ["".join(text.itertext()) for text in network.iter(f"{SVG}text")]
        numbers = {name: stepper.goto(position).data(name) for name in ("x3", "y3", "w13", "w35", "loss")}
        numbers |= {"δ3": stepper.gradient("x3"), "dw35": stepper.gradient("w35")}
        for name, number in numbers.items():
            assert f"{name}={'-' if number is None else f'{number:g}'}" in written
    assert numbers == {"x3": 5, "y3": 5, "w13": 0, "w35": -3, "loss": 50, "δ3": 20, "dw35": 50}
    assert float(network.get("y")) >= float(graph.get("height"))  # nothing covers anything
    width = float(ElementTree.fromstring(path.read_text()).get("viewBox").split()[2])
    assert float(network.get("x")) + float(network.get("width")) <= width


def test_the_lines_of_the_network_are_those_of_the_weights_of_the_step(tmp_path):
    paths = save_frames(relu_exercise(), tmp_path / "frames", by="line", network=True)

    def lines(path):
        """The colour, dashes and width of the lines of w13, w23, w14, w24, w35 and w45, in this order."""
        groups = {group.get("id"): group for group in ElementTree.parse(path).iter(f"{SVG}g")}
        found = [next(groups[f"weight{number}"].iter(f"{SVG}path")) for number in range(6)]
        return [(line.get("stroke"), line.get("stroke-dasharray"), float(line.get("stroke-width"))) for line in found]

    blue, vermillion, grey = ("#0072b2", "none"), ("#d55e00", "5,2"), ("#888888", "none")
    widths = [0.6 + 3.2 * share / 4 for share in (2, 3, 1, 4, 2, 1)]
    before = [
        (*look, width) for look, width in zip((blue, vermillion, blue, blue, blue, vermillion), widths, strict=True)
    ]
    assert [(colour.lower(), *rest) for colour, *rest in lines(paths[0])] == [
        (*a, pytest.approx(b)) for *a, b in before
    ]
    widths = [0.6 + 3.2 * share / 4 for share in (0, 1, 1, 4, 3, 1)]
    after = [
        (*look, width)
        for look, width in zip((grey, vermillion, blue, blue, vermillion, vermillion), widths, strict=True)
    ]
    assert [(colour.lower(), *rest) for colour, *rest in lines(paths[-1])] == [
        (*a, pytest.approx(b)) for *a, b in after
    ]


def test_the_network_of_a_loss_stands_on_the_right_of_a_high_graph(tmp_path):
    mlp = MLP(1, [6], "sin", seed=1)
    loss = autograd.sum(mlp.forward([0.5]))
    [path] = save_frames(loss, tmp_path / "frames.svg", network=mlp, fold=True)
    graph, beside = (part for part in ElementTree.parse(path).getroot() if part.tag == f"{SVG}svg")
    assert float(graph.get("height")) > float(graph.get("width"))
    assert float(beside.get("x")) >= float(graph.get("width"))
    with pytest.raises(ValueError, match="no network was found in the graph"):
        save_frames(Value(2, "x") * 3, tmp_path / "none", network=True)
    assert not (tmp_path / "none").exists()


def test_the_name_of_a_file_of_another_kind_is_no_folder(tmp_path, capsys):
    with pytest.raises(
        ValueError, match=r"expected a folder, a \.pdf or a moving \.svg for the pictures, got .*pass\.GIF"
    ):
        save_frames(relu_exercise(), tmp_path / "pass.GIF")
    assert main(["step", "relu", "--frames", str(tmp_path / "pass.png")]) == 1
    assert "expected a folder" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]
    assert len(save_frames(Value(2, "x") * 3, tmp_path / "lecture.2")) == 4  # a folder's name may have a point


def test_the_options_of_the_command_for_folded_pictures_and_networks(tmp_path, capsys):
    assert main(["step", "relu", "--frames", str(tmp_path / "f"), "--fold", "--network", "--by", "line"]) == 0
    assert "The 17 pictures are in" in capsys.readouterr().out
    assert {"unit2", "v1_v7"} <= set(texts((tmp_path / "f" / "step-016.svg").read_text(encoding="utf-8")))
    assert main(["step", "relu", "--fold"]) == 1
    assert "--fold is for pictures of the steps; use it with --frames." in capsys.readouterr().err
