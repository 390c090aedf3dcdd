"""Pictures that fit a slide: letters of 12 pixels or more for any graph, and what is left out by hand."""

import math
import random
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_pictures import SVG, node_texts, texts

import viz
from autograd import Tape, Value, constant, scope
from nn import MLP, READY, half_squared_error
from viz.commands.cli import main
from viz.graphs import draw as draw_module
from viz.graphs.draw import _size as size_in_layout
from viz.graphs.draw import drawing_of
from viz.graphs.room import room_of

SLIDES = {"16:9": (1280, 720), "4:3": (960, 720)}
ORDER = [
    "digits after the third",
    "boxes of constants",
    "terms of sums",
    "local derivatives",
    "insides of scopes",
    "gradients",
    "distant nodes",
]


def letter_heights(svg, fit="16:9"):
    """Return the height in pixels of every text of a picture that fills a slide."""
    picture = ElementTree.fromstring(svg)
    *_, width, height = map(float, picture.get("viewBox").split())
    scale = min(SLIDES[fit][0] / width, SLIDES[fit][1] / height)
    pieces = [piece for kind in ("text", "tspan") for piece in picture.iter(f"{SVG}{kind}")]
    return [float(piece.get("font-size")) * scale for piece in pieces]


def left_out(svg):
    """Return what the caption says is left out, in its order."""
    said = " ".join(texts(svg))
    known = "|".join(ORDER)
    found = re.search(rf"left out to fit (?:16:9|4:3): ((?:(?:{known}), )*(?:{known}))", said)
    return found[1].split(", ") if found else []


def random_expression(seed, size):
    """Return the root of a graph of about this many nodes: a chain, a bush, a wide sum, or one with scopes."""
    choose = random.Random(seed)
    shape = ("chain", "bush", "wide", "scopes")[seed % 4]
    values = [
        Value(choose.uniform(-1, 1), choose.choice([f"x{number}", f"w[{number}]_{number}2", None, "learning_rate"]))
        for number in range(choose.randint(1, size // 4))
    ]
    loose = list(values)

    def operand():
        if shape == "chain" and choose.random() < 0.8:
            return values[-1]
        return choose.choice(loose if shape == "wide" else values[-8:])

    while len(Tape.of(sum(loose)).lines) < size - 2:
        one, other = operand(), operand() if choose.random() < 0.7 else choose.uniform(0.5, 2)
        with scope(f"part {len(values) // 12 if shape == 'scopes' else 0}"):
            made = choose.choice([
                lambda x, y: x * y, lambda x, y: x + y, lambda x, y: x - y,
                lambda x, y: x.tanh(), lambda x, y: (x * x + 1).log(),
            ])(one, other)  # fmt: skip
        if choose.random() < 0.3:
            made.label = choose.choice([f"h{len(values)}", f"z[{len(values)}]_1", "activation of the hidden layer"])
        values.append(made)
        loose = [value for value in loose if value is not one and value is not other] + [made]
    root = sum(loose)
    root.backward()
    return root


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("size", [40, 150])
def test_letters_on_a_slide_are_12_pixels_high_for_any_expression(size, seed):
    root = random_expression(100 * seed + size, size)
    assert abs(len(Tape.of(root).lines) - size) <= 8
    fit = ("16:9", "4:3")[seed % 2]
    svg = viz.draw(root, fit=fit).svg()
    assert min(letter_heights(svg, fit)) >= 12
    said = left_out(svg)
    assert said == [words for words in ORDER if words in said]


def newton(steps):
    """Return Newton's approximation of the square root of 2 after some steps."""
    a, x = Value(2, "a"), Value(1, "x0")
    for step in range(1, steps + 1):
        x = x - (x * x - a) / (2 * x)
        x.label = f"x{step}"
    x.backward()
    return x


def network_loss(sizes):
    loss = half_squared_error(MLP(2, sizes, "tanh", seed=1)([0.5, -1.0]), 1.0)
    loss.backward()
    return loss


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: newton(1), []),
        (lambda: newton(4), ORDER[:1]),
        (lambda: network_loss([3, 1]), ORDER[:3]),
        (lambda: network_loss([8, 8, 1]), ORDER[:5]),
    ],
)
def test_what_pictures_of_the_lecture_leave_out(make, expected):
    svg = viz.draw(make(), fit="16:9").svg()
    assert min(letter_heights(svg)) >= 12
    assert left_out(svg) == expected


def recurrent(lengths):
    """Return the result of scopes in a chain, each with this many steps."""
    end = Value(2, "x")
    for number, length in enumerate(lengths):
        with scope(f"part {number}"):
            for step in range(length):
                end = (end * Value(0.5 + 0.1 * step, f"w{number}_{step}")).tanh()
    end.backward()
    return end


def titles(svg):
    """Return the labels of the boxes, and the names of open scopes."""
    return {piece.text for piece in ElementTree.fromstring(svg).iter(f"{SVG}text")}


def test_scopes_that_fit_stay_open():
    """Closing all scopes, which have the same depth, leaves 4 boxes; only the long one is too long for a slide."""
    svg = viz.draw(recurrent([2, 12, 2]), fit="16:9").svg()
    assert min(letter_heights(svg)) >= 12
    assert {"w0_0", "w0_1", "w2_0", "w2_1", "36 nodes"} <= titles(svg)
    assert "w1_0" not in titles(svg)
    assert left_out(svg)[-1] == "insides of scopes"


def test_gradients_go_before_the_only_scope_is_closed():
    svg = viz.draw(random_expression(2, 40), fit="16:9").svg()
    assert left_out(svg) == ["digits after the third", "boxes of constants", "local derivatives", "gradients"]
    assert min(letter_heights(svg)) >= 12


def shown(svg):
    """Return the names of the boxes that stand for one value or for one sum."""
    return [name for name in node_texts(svg) if name[0] == "v" and "again" not in name]


@pytest.mark.parametrize(("seed", "most_nodes"), [(102, 38), (140, 38), (440, 41), (350, 150)])
def test_a_scope_with_most_of_the_nodes_is_shown_in_part(seed, most_nodes):
    """Closed, it would leave 3 to 9 boxes."""
    root = random_expression(seed, most_nodes)
    svg = viz.draw(root, fit="16:9").svg()
    assert min(letter_heights(svg)) >= 12
    assert len(shown(svg)) >= 15
    assert node_texts(svg)[f"v{len(Tape.of(root).lines) - 1}"]  # the result
    assert "insides of scopes" not in left_out(svg)
    assert "gradients" in left_out(svg)


def test_columns_of_scopes_stand_in_their_order():
    svg = viz.draw(random_expression(450, 150), fit="16:9", direction="down").svg()
    columns = int(re.search(r"in (\d) columns", " ".join(texts(svg)))[1])
    at = places(svg)
    starts = [min(x for name, (x, _) in at.items() if name.endswith(f"again{row}")) for row in range(1, columns)]
    assert starts == sorted(starts)
    ends = [at[name.partition("_")[0]][0] for name in at if "again" in name]
    assert all(end < max(starts) for end in ends)


@pytest.mark.parametrize(
    ("make", "most"),
    [(lambda: recurrent([5]), 6), (lambda: network_loss([8, 8, 1]), 12), (lambda: random_expression(140, 40), 30)],
)
def test_pictures_that_cannot_fit_are_not_laid_out(make, most, monkeypatch):
    sizes = []
    monkeypatch.setattr(draw_module, "_size", lambda *given, **how: sizes.append(size(*given, **how)) or sizes[-1])
    size = size_in_layout
    drawn = viz.draw(make(), fit="16:9")
    assert len(sizes) <= most
    assert min(letter_heights(drawn.svg())) >= 12


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("make", [lambda: newton(2), lambda: recurrent([6]), lambda: random_expression(3, 40)])
def test_the_estimated_length_is_about_that_of_the_layout(make, direction):
    drawing = drawing_of(make(), direction=direction, font_size=12, limit=None)
    size = size_in_layout(drawing, legend=False, layout=None)
    room = room_of(drawing)
    assert 0.7 < room.length / size[direction == "down"] < 1.1  # less: it leaves out the borders of scopes
    assert room.area < math.prod(size)


def places(svg):
    """Return where the first text of each node stands, by the node's identifier."""
    groups = [group for group in ElementTree.fromstring(svg).iter(f"{SVG}g") if group.get("class") == "node"]
    return {
        group.get("id"): tuple(float(next(group.iter(f"{SVG}text")).get(axis)) for axis in "xy") for group in groups
    }


@pytest.mark.parametrize(("direction", "across"), [("right", 1), ("down", 0)])
def test_a_long_chain_continues_in_rows_that_repeat_the_last_name(direction, across):
    end = Value(0.5, "x")
    for _ in range(12):
        end = end.tanh()
    svg = viz.draw(end, fit="16:9", direction=direction).svg()
    assert min(letter_heights(svg)) >= 12
    found = re.search(r"in (\d) (row|column)s: a dashed name stands for its box in another", " ".join(texts(svg)))
    assert found[2] == {"right": "row", "down": "column"}[direction]
    again = [name for name in node_texts(svg) if "again" in name]
    assert [int(name[-1]) for name in sorted(again)] == list(range(1, int(found[1])))
    assert all(node_texts(svg)[name] == [name.partition("_")[0]] for name in again)  # v6, for v6_again1
    at = places(svg)
    last = [int(name.partition("_")[0][1:]) for name in sorted(again)]
    for first, end in zip([0, *(number + 1 for number in last)], [*last, 12], strict=True):
        row = {at[f"v{number}"][across] for number in range(first, end + 1)}
        assert max(row) - min(row) < 20
        assert all(at[f"v{number}"][across] > max(row) + 20 for number in range(end + 1, 13))


def test_by_hand_parts_are_left_out():
    x = Value(3, "x")
    y = 2 * x - 1 / x
    y.label = "y"
    y.backward()
    everything, little = viz.draw(y), viz.draw(y, partials=False, gradients=False, constants=False, digits=3)
    assert [text for text in texts(everything.svg()) if text.startswith("∂")] == ["∂=2", "∂=-0.111111", "∂=1", "∂=-1"]
    assert node_texts(little.svg()) == {
        "v1": ["x", "data ", "3"],
        "v2": ["v2", "data ", "6"],
        "o2": ["2 *"],
        "v4": ["v4", "data ", "0.333"],
        "o4": ["1 /"],
        "v5": ["y", "data ", "5.67"],
        "o5": ["-"],
    }
    assert "∂" not in "".join(texts(little.svg()))
    assert "grad" in everything.texts["mmd"]()
    for text in (little.texts["mmd"](), little.texts["tex"]()):
        assert "grad " not in text
        assert "partial" not in text
        assert "∂" not in text
        assert "5.67" in text
    named = node_texts(viz.draw(x + constant(5, "five"), constants=False).svg())
    assert named["v1"][0] == "five"
    assert named["o2"] == ["+"]


def test_an_operation_on_numbers_alone_shows_both():
    y = constant(2) ** constant(3) - constant(2).exp()
    found = [text for name, (text, *_) in node_texts(viz.draw(y, constants=False).svg()).items() if name[0] == "o"]
    assert found == ["-", "2 ** 3", "exp 2"]


def test_without_gradients_folded_sums_list_the_values_of_parameters():
    loss = network_loss([1])
    nodes = node_texts(viz.draw(loss, fold=True, gradients=False, digits=2).svg())
    rows = next(rows for rows in nodes.values() if "parameter " in rows)
    assert rows[rows.index("parameter ") :] == [
        "parameter ", "data ", "w1_0_0 ", "-0.73 ", "w1_1_0 ", "0.69 ", "b1_0 ", "0 ",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [7, 18])
def test_the_smallest_letters_have_the_font_size(size):
    x = Value(3, "x[1]_12")
    svg = viz.draw((x * 2).exp(), font_size=size, legend=True, fold=True).svg()
    sizes = {float(found) for found in re.findall(r'font-size="([\d.]+)"', svg)}
    assert sizes == {size, round(size * 4 / 3)}


def test_the_direction_is_down_or_right():
    y = Value(3, "x").tanh()
    right, down = (places(viz.draw(y, direction=way).svg()) for way in ("right", "down"))
    assert right["v0"][0] < right["v1"][0]
    assert abs(right["v0"][1] - right["v1"][1]) < 10
    assert down["v0"][1] < down["v1"][1]
    assert abs(down["v0"][0] - down["v1"][0]) < 10
    assert viz.to_mermaid(y, direction="down").startswith("flowchart TB\n")


def test_operands_enter_in_their_order_from_the_left_or_from_above():
    left, right = Value(1, "left"), Value(2, "right")
    assert {"v0 -> o2:nw", "v1 -> o2:ne"} <= set(
        re.findall(r"v\d -> o2:..", viz.draw(left - right, direction="down").source)
    )


def test_font_size_and_limit_hold_with_fit():
    svg = viz.draw(newton(4), fit="4:3", font_size=20).svg()
    assert min(letter_heights(svg, "4:3")) >= 20
    few = node_texts(viz.draw(newton(4), fit="16:9", limit=5).svg())
    assert sum(name.startswith("v") for name in few) <= 5


def test_a_chosen_view_is_fitted_too():
    loss = network_loss([8, 8, 1])
    depth = viz.draw(loss, depth=1, fit="16:9").svg()
    assert min(letter_heights(depth)) >= 12
    focus = viz.draw(loss, focus="z1_3", radius=3, fit="16:9").svg()
    assert min(letter_heights(focus)) >= 12
    assert "z1_3" in texts(focus)


def test_outdated_numbers_are_said_on_a_slide():
    x = Value(1, "x")
    y = x * 2
    x.data = 5
    assert "leaves were assigned" in " ".join(texts(viz.draw(y, fit="16:9").svg()))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fit": "3:2"}, "expected '16:9', '4:3' or a width such as '12cm' for fit, got '3:2'."),
        ({"direction": "up"}, "expected 'right' or 'down' for direction, got 'up'."),
        ({"digits": 0}, "expected a whole number from 1 to 17 for digits, got 0."),
        ({"font_size": 2}, "expected a whole number from 4 to 100 for font_size, got 2."),
        ({"font_size": "12"}, "expected a whole number from 4 to 100 for font_size, got '12'."),
    ],
)
def test_wrong_arguments_of_a_look(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        viz.draw(Value(1) * 2, **wrong)


def test_the_command_fits_a_picture(tmp_path, capsys):
    path = tmp_path / "g.svg"
    options = ["--fit", "4:3", "--no-partials", "--no-gradients", "--no-constants", "--digits", "2"]
    assert main(["draw", "--exercise", "--svg", str(path), *options]) == 0
    svg = path.read_text()
    assert min(letter_heights(svg, "4:3")) >= 12
    assert "∂" not in svg
    assert "grad " not in texts(svg)
    assert main(["draw", "--exercise", "--svg", str(path), "--direction", "down", "--font-size", "30"]) == 0
    assert min(map(float, re.findall(r'font-size="([\d.]+)"', path.read_text()))) == 30


def test_labels_of_edges_have_no_lines_to_their_edges():
    edges = list(ElementTree.fromstring(viz.draw(newton(1)).svg()).iter(f"{SVG}g"))
    labelled = [group for group in edges if group.get("class") == "edge" and group.find(f".//{SVG}text") is not None]
    assert len(labelled) == 9
    assert not any(group.findall(f".//{SVG}polyline") for group in labelled)


def names(svg):
    """Return the first text of each box; for a collapsed scope, its name."""
    return {texts[0] for key, texts in node_texts(svg).items() if key[0] in "bv"}


def test_scopes_open_one_by_one(tmp_path):
    loss = network_loss([2, 2, 1])
    assert {"layer 1", "layer 2", "layer 3"} <= names(viz.draw(loss, depth=0).svg())
    one = names(viz.draw(loss, open=["layer 2"]).svg())
    assert {"layer 1", "neuron 0", "neuron 1", "layer 3"} <= one
    assert "layer 2" not in one
    path = names(viz.draw(loss, open="layer 2/neuron 1").svg())
    assert {"layer 1", "neuron 0", "z2_1", "layer 3"} <= path
    assert not {"neuron 1", "z2_0"} & path
    two = names(viz.draw(loss, depth=1, open=["layer 1/neuron 0", "layer 3"]).svg())
    assert {"z1_0", "neuron 0", "neuron 1"} <= two
    svg = tmp_path / "g.svg"
    program = tmp_path / "net.py"
    program.write_text("from nn import MLP\nloss = MLP(2, [2, 2, 1], 'tanh', seed=1)([0.5, -1.0])\n")
    assert main(["draw", f"{program}:loss", "--svg", str(svg), "--open", "layer 2", "--open", "layer 3"]) == 0
    assert {"layer 1", "neuron 0", "neuron 1"} <= names(svg.read_text())
    assert not {"layer 2", "layer 3"} & names(svg.read_text())


def test_a_scope_that_is_not_there():
    with pytest.raises(ValueError, match="got 'layer 9'. The graph has layer 1, layer 1/neuron 0, layer 2 and layer 2"):
        viz.draw(network_loss([1, 1]), open=["layer 9"])
    with pytest.raises(ValueError, match="expected the name of a scope for open, got 'a'. The graph has no scopes."):
        viz.draw(Value(1) * 2, open="a")


@pytest.mark.parametrize("width", ["14cm", "5 in"])
def test_tikz_of_a_width_has_letters_of_8_points(width, tmp_path):
    picture = viz.to_tikz(newton(2), width=width)
    sizes = [float(size) for size in re.findall(r"fontsize\{([\d.]+)bp\}", picture)]
    assert min(sizes) >= 8.0  # 8 points of TeX are 7.97 bp
    assert not re.search(r"\\(small|scriptsize|tiny|footnotesize)", picture)
    names = re.findall(r"\\fontsize\{([\d.]+)bp\}\{[\d.]+bp\}\\selectfont \$x_", picture)
    assert names
    assert 0.7 * min(map(float, names)) >= 8.0  # its index
    assert "left out to fit" in picture.partition("begin{tikzpicture}")[2]
    if shutil.which("pdflatex"):
        source = tmp_path / "a.tex"
        packages = r"\usepackage{amsmath,tikz}"
        page = rf"\parindent0pt\hsize={width.replace(' ', '')}\textwidth=\hsize\linewidth=\hsize"
        source.write_text(
            rf"\documentclass{{article}}{packages}\begin{{document}}{page}" + "\n" + picture + r"\end{document}"
        )
        options = ["-interaction=nonstopmode", "-halt-on-error", source.name]
        done = subprocess.run(["pdflatex", *options], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert "Overfull" not in done.stdout


@pytest.mark.parametrize("name", ["relu", "softmax"])
def test_tikz_of_a_network_is_scaled_to_a_width(name, tmp_path):
    picture = viz.network(READY[name]())
    written = viz.to_tikz(picture, width="11cm")
    assert written == rf"\resizebox{{11cm}}{{!}}{{%{chr(10)}{viz.to_tikz(picture).rstrip()}}}{chr(10)}"
    for width, message in (("16:9", "expected a width such as '12cm', got '16:9'."), ("wide", "or a width such as")):
        with pytest.raises(ValueError, match=message):
            viz.to_tikz(picture, width=width)
    if shutil.which("pdflatex"):
        frame = rf"\begin{{document}}\begin{{frame}}{{N}}{chr(10)}{written}\end{{frame}}\end{{document}}"
        packages = r"\documentclass[aspectratio=169]{beamer}\usepackage{amsmath,tikz}"
        (tmp_path / "a.tex").write_text(packages + frame, encoding="utf-8")
        options = ["-interaction=nonstopmode", "-halt-on-error", "a.tex"]
        done = subprocess.run(["pdflatex", *options], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert "Overfull" not in done.stdout


@pytest.mark.parametrize("root", [newton(2), Value(3, "x"), Value(3) * 2])
def test_tikz_of_a_small_width_is_the_node_next_to_the_result(root):
    assert 1 <= viz.to_tikz(root, width="1cm").count(r"\node") <= 5
    with pytest.raises(ValueError, match="a width such as '12cm' for fit, got '0cm'"):
        viz.to_tikz(root, width="0cm")


GALLERY = Path(__file__).parent.parent / "notebooks" / "slides.md"


def test_the_gallery_shows_what_its_code_draws(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = GALLERY.read_text(encoding="utf-8")
    scope = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, scope)
    names = re.findall(r"!\[[^\]]+\]\((.*?\.svg)\)", page)
    assert {path.name for path in tmp_path.iterdir()} == {*names} == {f"{name}.svg" for name in SHOWN}
    for name in names:
        drawn = (tmp_path / name).read_text(encoding="utf-8")
        assert drawn == (GALLERY.parent / name).read_text(encoding="utf-8"), f"store the picture {name} again"
        assert min(letter_heights(drawn)) >= 12
        assert left_out(drawn) == SHOWN[name.removesuffix(".svg")]


SHOWN = {
    "rnn": ORDER[:4],
    "rnn-step": ORDER[:1],
    "softmax": [ORDER[0], ORDER[2]],
    "newton": ORDER[:1],
    "lstm": [ORDER[0], ORDER[2]],
}
"""What the pictures of the gallery leave out."""
