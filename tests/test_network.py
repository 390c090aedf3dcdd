"""The diagram of a network: what its SVG says, where its texts stand, and the same as Mermaid and as TikZ."""

import html
import math
import re
import shutil
import subprocess
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

import pytest

import viz
from autograd import Value, no_grad, parameter, replay
from nn import MLP, Exercise, cross_entropy, half_squared_error, relu_exercise, second_exercise, sigmoid_exercise
from viz.commands.cli import main
from viz.networks.diagram import shortened_name
from viz.networks.exports import network_mermaid, network_tikz
from viz.networks.placement import thickness

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<b>&"\\N{x}\n$%#~^_ `q` [|] -- <script>alert(1)</script>\x07 é 中' * 4


class Drawn:
    """An SVG, read by the ids of its elements."""

    def __init__(self, picture):
        self.diagram = picture.diagram
        self.text = picture.svg()
        self.root = ElementTree.fromstring(self.text)
        self.groups = {group.get("id"): group for group in self.root.iter(f"{SVG}g")}

    def elements(self, name):
        return list(self.groups[name].iter(f"{SVG}text"))

    def lines(self, name):
        return ["".join(element.itertext()) for element in self.elements(name)]

    def numbers(self):
        """Return the text of every slot, by the Value's name and "data" or "grad"."""
        return {
            (slot.node, slot.part): self.lines(slot.id)[slot.line].removeprefix(slot.before)
            for slot in self.diagram.slots
        }

    def tooltip(self, name):
        link = self.groups[name].find(f".//{SVG}a")
        return link.get("{http://www.w3.org/1999/xlink}title")

    def path(self, name):
        return self.groups[name].find(f".//{SVG}path")

    def size(self):
        return tuple(map(float, self.root.get("viewBox").split()[2:]))


def trained(n_inputs, sizes, seed=1, **settings):
    """Return a network, and the loss of one sample after `backward()`."""
    mlp = MLP(n_inputs, sizes, "tanh", seed=seed, **settings)
    loss = half_squared_error(mlp.forward([0.5, -1, 2, 1][:n_inputs]), [1.0] * sizes[-1])
    loss.backward()
    return mlp, loss


def drawn_mlp(n_inputs, sizes, **settings):
    mlp, loss = trained(n_inputs, sizes)
    return Drawn(viz.network(loss, mlp=mlp, **settings))


def test_R10_every_number_of_the_worked_exercise_stands_in_the_diagram():
    drawn = drawn_case("2-2-1")
    assert [circle.kind for circle in drawn.diagram.circles] == [*["input"] * 2, *["hidden"] * 2, "output", "loss"]
    assert [drawn.lines(circle.id) for circle in drawn.diagram.circles] == [
        ["x1=1"],
        ["x2=-1"],
        ["x3=5", "y3=5", "δ3=20"],
        ["x4=-3", "y4=0", "δ4=0"],
        ["x5=10", "y5=10", "δ5=10"],
        ["loss=50"],
    ]
    assert sorted(drawn.lines(box.id) for box in drawn.diagram.boxes) == [
        ["w13=2", "dw13=20"],
        ["w14=1", "dw14=0"],
        ["w23=-3", "dw23=-20"],
        ["w24=4", "dw24=0"],
        ["w35=2", "dw35=50"],
        ["w45=-1", "dw45=0"],
        ["y=0"],
    ]


def test_R11_the_second_exercise_with_its_biases():
    numbers = Drawn(viz.network(second_exercise().solve())).numbers()
    gradients = {"w1": -0.1728, "w2": -0.072, "w3": 0.0576, "w4": 0.024, "w5": -0.3168, "w6": -0.1584}
    gradients |= {"b1": -0.144, "b2": 0.048, "b3": -0.24, "z1": -0.144, "z2": 0.048, "z3": -0.24}
    data = {"w1": 0.6, "w2": 0.8, "w3": 0.3, "w4": 0.4, "w5": 0.6, "w6": -0.2, "b1": 0.2, "b2": 0.1, "b3": 0.1}
    data |= {"x1": 1.2, "x2": 0.5, "t": 1, "z1": 1.32, "h1": 1.32, "z2": 0.66, "h2": 0.66, "z3": 0.76, "y": 0.76}
    expected = {(name, "grad"): number for name, number in gradients.items()}
    expected |= {(name, "data"): number for name, number in {**data, "loss": 0.0288}.items()}
    assert {place: float(text) for place, text in numbers.items()} == pytest.approx(expected)


def test_the_forward_pass_alone():
    drawn = Drawn(viz.network(relu_exercise(), gradients=False))
    assert {slot.part for slot in drawn.diagram.slots} == {"data"}
    assert ["w13=2"] in [drawn.lines(box.id) for box in drawn.diagram.boxes]


def test_a_slot_says_where_a_number_stands():
    diagram = viz.network(relu_exercise()).diagram
    assert ("unit2", 2, "δ3=", "x3", "grad") in diagram.slots
    weight = next(line for line in diagram.connections if line.label and line.label.entries[0].name == "w13")
    assert (weight.source, weight.target, weight.kind, weight.sign) == ("unit0", "unit2", "weight", 1)
    assert weight.label.id == weight.id.replace("weight", "weightlabel")
    assert (weight.label.id, 1, "dw13=", "w13", "grad") in diagram.slots


DIAGRAMS = {
    "2-2-1": lambda: viz.network(relu_exercise()),
    "2-2-1 with biases": lambda: viz.network(second_exercise()),
    "2-2-1 with room": lambda: viz.network(relu_exercise(), room=10),
    "4-5-1": lambda: viz.network(sigmoid_exercise()),
    "4-5-1 with room": lambda: viz.network(sigmoid_exercise(), room=10),
    "3-4-2": lambda: drawn_picture(3, [4, 2]),
    "2-4-4-1": lambda: drawn_picture(2, [4, 4, 1]),
    "a weight around a layer": lambda: viz.network(
        Exercise({"w12": 2, "w23": -1, "w13": 0.5}, inputs=[1], target=0, eta=0.1)
    ),
}


@cache
def drawn_case(case):
    return Drawn(DIAGRAMS[case]())


def drawn_picture(n_inputs, sizes):
    mlp, loss = trained(n_inputs, sizes)
    return viz.network(loss, mlp=mlp)


def text_boxes(drawn):
    """Return the rectangle of each text, with the id of what it belongs to."""
    for name in [*(circle.id for circle in drawn.diagram.circles), *(box.id for box in drawn.diagram.boxes)]:
        for text in drawn.elements(name):
            x, y, size = (float(text.get(key)) for key in ("x", "y", "font-size"))
            across = 0.28 * size * len("".join(text.itertext()))  # half of the width in Helvetica
            assert text.get("text-anchor") == "middle"
            yield name, (x - across, y - 0.75 * size, x + across, y + 0.2 * size)


@pytest.mark.parametrize("case", DIAGRAMS)
def test_no_text_stands_on_another_nor_on_the_border_of_a_circle(case):
    drawn = drawn_case(case)
    boxes = list(text_boxes(drawn))
    assert len(boxes) == sum(len(drawn.lines(name)) for name in {name for name, _ in boxes})
    for place, (name, (left, top, right, bottom)) in enumerate(boxes):
        for other, (left2, top2, right2, bottom2) in boxes[:place]:
            apart = right <= left2 or right2 <= left or bottom <= top2 + 1 or bottom2 <= top + 1
            assert apart, (name, other)
        for circle in drawn.diagram.circles:
            shape = drawn.groups[circle.id].find(f".//{SVG}ellipse")
            if shape is None:
                continue
            x, y, radius = (float(shape.get(key)) for key in ("cx", "cy", "rx"))
            corners = [math.hypot(x - a, y - b) for a in (left, right) for b in (top, bottom)]
            if name == circle.id:
                assert max(corners) <= radius + 2, name
            else:
                assert math.hypot(x - min(max(x, left), right), y - min(max(y, top), bottom)) >= radius, (name, circle)


@pytest.mark.parametrize("case", DIAGRAMS)
def test_units_of_a_layer_stand_below_each_other_and_lines_join_their_borders(case):
    drawn = drawn_case(case)
    shapes = {
        circle.id: drawn.groups[circle.id].find(f".//{SVG}ellipse")
        for circle in drawn.diagram.circles
        if circle.kind != "loss"
    }
    columns = {}
    for name, shape in shapes.items():
        columns.setdefault(float(shape.get("cx")), []).append((name, float(shape.get("cy"))))
    assert len(columns) == (4 if case == "2-4-4-1" else 3)
    for column in columns.values():
        heights = [height for _, height in column]
        assert heights == sorted(heights)
        gaps = [round(low - high, 1) for high, low in pairwise(heights)]
        assert len(set(gaps)) <= 1
    for connection in drawn.diagram.connections:
        if connection.kind != "weight":
            continue
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", drawn.path(connection.id).get("d"))]
        for name, (x, y) in ((connection.source, numbers[:2]), (connection.target, numbers[-2:])):
            centre = [float(shapes[name].get(key)) for key in ("cx", "cy")]
            assert math.dist(centre, (x, y)) == pytest.approx(float(shapes[name].get("rx")), abs=0.1)


def test_layers_of_one_size_stand_side_by_side():
    circles = drawn_case("2-2-1 with biases").diagram.circles
    assert [circles[place].y for place in (0, 1)] == [circles[place].y for place in (2, 3)]


def test_texts_of_the_4_5_1_network_are_large_enough_on_a_slide():
    width, height = drawn_case("4-5-1").size()
    assert 10 * min(1600 / width, 900 / height) >= 12


def test_a_line_shows_sign_and_size_without_colour_too():
    drawn = drawn_case("2-2-1")
    looks = {}
    for connection in drawn.diagram.connections:
        if connection.kind == "weight":
            path = drawn.path(connection.id)
            look = path.get("stroke-dasharray") is not None, float(path.get("stroke-width", 1)), path.get("stroke")
            looks[connection.label.entries[0].name] = look
    blue, vermillion = "#0072b2", "#d55e00"
    assert looks == {
        "w13": (False, pytest.approx(2.2), blue),
        "w23": (True, pytest.approx(3), vermillion),
        "w14": (False, pytest.approx(1.4), blue),
        "w24": (False, pytest.approx(3.8), blue),
        "w35": (False, pytest.approx(2.2), blue),
        "w45": (True, pytest.approx(1.4), vermillion),
    }


def test_lines_lie_below_circles_and_circles_below_texts():
    drawn = drawn_case("2-2-1")
    names = [name for name in drawn.groups if not name.startswith(("a_", "graph"))]
    kinds = [re.sub(r"\d+", "", name) for name in names]
    order = ["weight", "loss", "unit", "weightlabel", "losslabel"]
    assert kinds == sorted(kinds, key=order.index)
    assert set(kinds) == set(order)


@pytest.mark.parametrize(
    ("weight", "expected"), [(0, 0.6), (-4, 3.8), (math.inf, 3.8), (-math.inf, 3.8), (math.nan, 0.6)]
)
def test_the_thickness_of_unusual_weights(weight, expected):
    assert thickness(weight, 4) == pytest.approx(expected)
    assert thickness(0.0, 0.0) == 0.6


def test_an_mlp_without_inputs_shows_names_and_weights():
    mlp = MLP(2, [2, 1], seed=3)
    drawn = Drawn(viz.network(mlp))
    assert [drawn.lines(circle.id) for circle in drawn.diagram.circles] == [
        *(["x_0"], ["x_1"], ["a1_0"], ["a1_1"], ["a2_0"])
    ]
    numbers = drawn.numbers()
    assert {node for node, _ in numbers} == {value.label for value in mlp.parameters()}
    for value in mlp.parameters():
        assert float(numbers[value.label, "data"]) == pytest.approx(value.data, rel=1e-4)


def test_an_mlp_with_inputs_shows_its_activations_and_leaves_the_gradients_alone():
    mlp = MLP(2, [2, 1], "tanh", seed=3)
    numbers = Drawn(viz.network(mlp, inputs=[1, -2])).numbers()
    w = mlp.state_dict()
    z = [w[f"layers.0.neurons.{j}.weights.0"] - 2 * w[f"layers.0.neurons.{j}.weights.1"] for j in range(2)]
    output = sum(w[f"layers.1.neurons.0.weights.{j}"] * math.tanh(z[j]) for j in range(2))
    shown = {name: float(numbers[name, "data"]) for name in ("x_0", "x_1", "z1_0", "a1_0", "z1_1", "a1_1", "z2_0")}
    expected = {"x_0": 1, "x_1": -2, "z1_0": z[0], "a1_0": math.tanh(z[0]), "z1_1": z[1], "a1_1": math.tanh(z[1])}
    assert shown == pytest.approx(expected | {"z2_0": output}, rel=1e-4)
    assert not any(value.has_grad for value in mlp.parameters())
    assert {part for _, part in numbers} == {"data"}


def test_the_loss_of_a_sample_brings_activations_and_error_signals():
    mlp = MLP(1, [1, 1], "tanh", seed=2)
    loss = half_squared_error(mlp([3]), 1)
    loss.label = "L"
    loss.backward()
    numbers = {place: float(text) for place, text in Drawn(viz.network(loss, mlp=mlp)).numbers().items()}
    w1, w2 = (mlp.layers[place].neurons[0].weights[0].data for place in (0, 1))
    a = math.tanh(3 * w1)
    dz2 = w2 * a - 1
    dz1 = dz2 * w2 * (1 - a * a)
    expected = {("x_0", "data"): 3, ("z1_0", "data"): 3 * w1, ("a1_0", "data"): a, ("z1_0", "grad"): dz1}
    expected |= {("z2_0", "data"): w2 * a, ("z2_0", "grad"): dz2, ("L", "data"): dz2 * dz2 / 2}
    expected |= {("w1_0_0", "data"): w1, ("w1_0_0", "grad"): 3 * dz1, ("w2_0_0", "data"): w2}
    expected |= {("w2_0_0", "grad"): a * dz2, ("b1_0", "grad"): dz1, ("b2_0", "grad"): dz2}
    assert numbers == pytest.approx(expected | {("b1_0", "data"): 0, ("b2_0", "data"): 0}, rel=1e-4)


def test_gradients_that_nobody_computed_are_shown_on_request():
    mlp = MLP(1, [1])
    loss = half_squared_error(mlp([3]), 1)
    assert ("z1_0", "grad") not in Drawn(viz.network(loss, mlp=mlp)).numbers()
    numbers = Drawn(viz.network(loss, mlp=mlp, gradients=True)).numbers()
    assert (numbers["z1_0", "grad"], numbers["w1_0_0", "grad"]) == ("-", "-")


def test_a_penalty_on_the_weights_and_other_labels_do_not_confuse():
    mlp = MLP(2, [2, 1], "tanh", seed=1)
    x = [Value(1, "height"), Value(-1)]
    prediction = mlp(x)
    prediction.label = "prediction"
    loss = half_squared_error(prediction, 1) + 0.01 * sum(value * value for value in mlp.parameters())
    numbers = Drawn(viz.network(loss, mlp=mlp)).numbers()
    assert float(numbers["prediction", "data"]) == pytest.approx(prediction.data, rel=1e-4)
    assert numbers["height", "data"] == "1"
    assert len(numbers) == len(mlp.parameters()) + 2 + 4 + 1 + 1


def test_softmax_and_several_outputs():
    drawn = drawn_mlp(2, [3, 2])
    links = [connection for connection in drawn.diagram.connections if connection.kind == "loss"]
    assert [link.source for link in links] == ["unit5", "unit6"]
    assert {link.target for link in links} == {"unit7"}
    mlp = MLP(2, [2], output_activation="softmax")
    drawn = Drawn(viz.network(mlp, inputs=[1, 2]))
    assert len(drawn.lines("unit2")) == 2
    total = sum(float(drawn.numbers()[f"a1_{place}", "data"]) for place in range(2))
    assert total == pytest.approx(1, abs=1e-4)


def test_an_exercise_with_several_outputs_has_each_target_beside_its_output():
    exercise = Exercise({"w12": 2, "w13": -1}, inputs=[1], target={"t2": 5, "t3": 7}, eta=0.1)
    drawn = Drawn(viz.network(exercise))
    links = {line.source: drawn.lines(line.label.id) for line in drawn.diagram.connections if line.kind == "loss"}
    assert links == {"unit1": ["t2=5"], "unit2": ["t3=7"]}


def test_above_40_weights_tooltips_stand_for_the_texts():
    drawn = drawn_mlp(2, [6, 4, 1])
    assert sum(connection.kind == "weight" for connection in drawn.diagram.connections) == 40
    assert drawn.diagram.connections[0].label
    drawn = drawn_mlp(2, [16, 16, 1], most=16)
    weights = [connection for connection in drawn.diagram.connections if connection.kind == "weight"]
    assert len(weights) == 32 + 256 + 16
    assert drawn.diagram.boxes == ()
    mlp, _ = trained(2, [16, 16, 1])
    first = mlp.layers[0].neurons[0].weights[0]
    match = re.fullmatch(r"w1_0_0=(\S+), dw1_0_0=(\S+)", drawn.tooltip(weights[0].id))
    assert float(match[1]) == pytest.approx(first.data, rel=1e-4)
    assert float(match[2]) == pytest.approx(first.grad, rel=1e-4)
    assert [drawn.lines("unit2")[0], drawn.tooltip("unit2")[:5]] == ["a1_0", "z1_0="]
    assert len(drawn.diagram.slots) == 2 + 16 + 16 + 1 + 1


@pytest.mark.parametrize(("sizes", "most", "ends", "more"), [([64, 1], 10, (5, 4), 55), ([5, 1], 4, (2, 1), 2)])
def test_the_middle_of_a_wide_layer_is_folded_and_counted(sizes, most, ends, more):
    drawn = drawn_mlp(4, sizes, most=most)
    hidden = [drawn.lines(circle.id)[0] for circle in drawn.diagram.circles if circle.kind in ("hidden", "folded")]
    first, last = (list(range(ends[0])), list(range(sizes[0] - ends[1], sizes[0])))
    expected = [*first, None, *last]
    for name, place in zip(hidden, expected, strict=True):
        assert name == "⋮" if place is None else re.match(rf"[az]1_{place}\b", name)
    middle = next(circle for circle in drawn.diagram.circles if circle.kind == "folded")
    assert drawn.lines(middle.id) == ["⋮", f"{more} more"]
    into = [connection for connection in drawn.diagram.connections if connection.target == middle.id]
    assert [drawn.tooltip(connection.id) for connection in into] == [f"{more} weights"] * 4


def test_wide_layers_one_after_the_other_and_wide_outputs():
    drawn = drawn_mlp(4, [30, 30, 12])
    folded = [circle.id for circle in drawn.diagram.circles if circle.kind == "folded"]
    between = [line for line in drawn.diagram.connections if line.source == folded[0] and line.target == folded[1]]
    assert [line.about for line in between] == [f"{21 * 21} weights"]
    to_loss = [line for line in drawn.diagram.connections if line.kind == "loss"]
    assert len(to_loss) == 10


def test_hostile_labels_stay_text_and_long_ones_are_cut():
    mlp = MLP(1, [1, 1], seed=2)
    for value in mlp.parameters():
        value.label = HOSTILE
    mlp.layers[1].neurons[0].bias.label = "<b>"
    drawn = Drawn(viz.network(mlp, gradients=True))
    number = format(mlp.layers[0].neurons[0].weights[0].data, ".6g")
    assert drawn.lines("weightlabel0") == [f'<b>&"\\N{{x}} $%#~^_ `…={number}', 'd<b>&"\\N{x} $%#~^_…=-']
    assert drawn.lines("bias2") == ["<b>=0", "d<b>=-"]
    assert "alert(1)" in drawn.tooltip("weight0")
    assert "<script" not in drawn.text


def test_a_name_is_cut_by_the_width_of_its_characters():
    assert shortened_name("w" * 20) == "w" * 20
    assert shortened_name("w" * 21) == "w" * 19 + "…"
    assert shortened_name("中" * 11) == "中" * 9 + "…"
    assert shortened_name("two\nlines") == "two lines"


def test_what_is_no_network():
    with pytest.raises(TypeError, match=r"^expected a Value, an Exercise, a Solution or an MLP, got Layer\. Give"):
        viz.network(MLP(2, [1]).layers[0])
    with pytest.raises(
        ValueError, match=r"^no network was found in the graph of w: it has no sum of parameters times inputs"
    ):
        viz.network(Value(1, "w"))
    with pytest.raises(ValueError, match="an exercise has its own network and inputs. Leave out mlp and inputs"):
        viz.network(relu_exercise(), inputs=[1, 2])
    mlp = MLP(2, [2, 1])
    with pytest.raises(ValueError, match="expected 2 numbers for the network, got 3"):
        viz.network(mlp, inputs=[1, 2, 3])
    with pytest.raises(TypeError, match="expected a real number for input 1 of the network"):
        viz.network(mlp, inputs=[1, "2"])
    with pytest.raises(TypeError, match="^expected a Value, an Exercise, a Solution or an MLP, got float"):
        viz.network(2.0, mlp=mlp)
    with pytest.raises(ValueError, match="a loss has its own inputs in its graph"):
        viz.network(mlp([1, 2]), mlp=mlp, inputs=[1, 2])
    with pytest.raises(ValueError, match="got the network twice"):
        viz.network(mlp, mlp=mlp)
    with pytest.raises(ValueError, match="expected a whole number from 3 up for most, got 2"):
        viz.network(mlp, most=2)
    with pytest.raises(ValueError, match="expected a whole number from 0 up for room, got 'wide'"):
        viz.network(mlp, room="wide")


def test_losses_that_are_not_of_one_call_of_this_network():
    mlp = MLP(2, [2, 1], "tanh")
    with pytest.raises(ValueError, match="the loss uses w1_0_0 2 times, as for several samples"):
        viz.network(mlp([1, 2]) + mlp([3, 4]), mlp=mlp)
    with pytest.raises(ValueError, match="the loss was not computed by this network: nothing in its graph multiplies"):
        viz.network(MLP(2, [2, 1], "tanh")([1, 2]), mlp=mlp)
    with no_grad():
        apart = mlp([1, 2])
    with pytest.raises(ValueError, match="made under no_grad"):
        viz.network(apart, mlp=mlp)
    replayed = replay(lambda a, b: mlp([a, b]))
    replayed(1, 2)
    with pytest.raises(ValueError, match="not one of a replay"):
        viz.network(replayed(1, 2), mlp=mlp)


def test_a_network_is_saved_and_shows_itself(tmp_path):
    picture = viz.network(relu_exercise())
    assert viz.save(picture, tmp_path / "n.svg").read_text() == picture.svg()
    assert viz.save(picture, tmp_path / "n.png").read_bytes().startswith(b"\x89PNG")
    assert picture._repr_svg_().count("<svg") == 1
    assert "layout=nop2" in picture.source
    with pytest.raises(ValueError, match="Give these when you make it"):
        viz.save(picture, tmp_path / "n.svg", legend=True)


def test_the_same_network_gives_the_same_bytes():
    assert len({viz.network(sigmoid_exercise()).svg() for _ in range(2)}) == 1


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's dot is not installed")
def test_graphviz_s_own_dot_draws_the_same():
    ours, theirs = (Drawn(viz.network(relu_exercise(), layout=layout)) for layout in (None, "dot"))
    assert ours.numbers() == theirs.numbers()
    assert ours.size() == pytest.approx(theirs.size(), abs=0.5)


def test_a_network_as_pdf(tmp_path):
    if not shutil.which("dot"):
        pytest.importorskip("typst", reason="neither Graphviz's dot nor the extra pdf is installed")
    assert viz.save(viz.network(relu_exercise()), tmp_path / "n.pdf").read_bytes().startswith(b"%PDF")


def test_the_command_writes_the_network(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "--network"]) == 0
    assert "The network is in exercise-network.svg" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["exercise-network.svg"]
    assert main(["exercise", "--sigmoid", "--network", "n.png", "--iterations", "2"]) == 0
    assert "The network of iteration 2 is in n.png" in capsys.readouterr().out
    assert main(["exercise", "--network", "n"]) == 0
    assert "w45=-1" in html.unescape((tmp_path / "n.svg").read_text())
    assert main(["exercise", "--network", "n.gif"]) == 1
    assert (
        "--network that ends with .svg, .png, .pdf, .jpg, .jpeg, .dot, .gv, .mmd, .tex, .tikz,"
        in capsys.readouterr().err
    )


MERMAID_LINES = (
    r"%%\{init: .*\}%%",
    r"flowchart LR",
    # no circle around several lines, and no round ends beside many
    r'unit\d+(\(\("LINE"\)\)|\(\["LINE(<br/>LINE){1,5}"\]\)|\("LINE(<br/>LINE){6,}"\)|\["TEXT"\])',
    r'unit\d+ (---|-\.-|-->)(\|"TEXT"\|)? unit\d+',
    r"classDef [a-z]+Unit fill:#[0-9A-F]{6},stroke:#1a1a1a,color:#1a1a1a",
    r"class unit\d+(,unit\d+)* [a-z]+Unit",
    r"linkStyle \d+ stroke:#[0-9A-F]{6},stroke-width:\d\.\dpx,color:#[0-9A-F]{6}",
)
MERMAID = (
    "|".join(f"({line})" for line in MERMAID_LINES)
    .replace("TEXT", r"LINE(<br/>LINE)*")
    .replace("LINE", r"(?:[A-Za-z0-9_ =.+-]|#\d+;)*")
)


def hostile_mlp():
    mlp, loss = trained(2, [2, 1])
    for place, value in enumerate(mlp.parameters()):
        value.label = f"{place}{HOSTILE}"
    return viz.network(loss, mlp=mlp)


@pytest.mark.parametrize("case", [*DIAGRAMS, "hostile", "folded"])
def test_mermaid_has_only_lines_that_mermaid_reads(case):
    pictures = DIAGRAMS | {"hostile": hostile_mlp, "folded": lambda: drawn_picture(2, [64, 1])}
    diagram = pictures[case]().diagram
    text = network_mermaid(diagram)
    for line in text.splitlines():
        assert re.fullmatch(MERMAID, line.strip()), line
    assert text.count("linkStyle") == len(diagram.connections)
    decoded = html.unescape(re.sub(r"#(\d+);", r"&#\1;", text))
    for entry in diagram.circles[2].entries:
        assert entry.before.replace("\x07", "\\x07") in decoded


def compiled(tmp_path, pictures):
    """Return pages of TikZ pictures as PDF, compiled by pdflatex, and what it said."""
    head = r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{amsmath,tikz}"
    page = r"\usepackage[paperwidth=1300bp,paperheight=900bp,margin=9bp]{geometry}\begin{document}"
    body = "\\clearpage\n".join(network_tikz(picture.diagram) for picture in pictures)
    (tmp_path / "n.tex").write_text(f"{head}{page}\n{body}\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "n.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_tikz_compiles_whatever_the_names_are(tmp_path):
    pictures = [viz.network(relu_exercise()), viz.network(sigmoid_exercise()), hostile_mlp()]
    exit_code, said = compiled(tmp_path, [*pictures, drawn_picture(4, [64, 1])])
    assert exit_code == 0, said[-2000:]
    assert "Output written on n.pdf (4 pages" in said
    if shutil.which("pdftotext"):
        words = subprocess.run(["pdftotext", "-l", "1", "n.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)
        assert "loss = 50" in words.stdout.decode()


def test_tikz_has_the_places_of_the_diagram_and_shows_signs_by_dashes():
    diagram = viz.network(relu_exercise()).diagram
    lines = network_tikz(diagram).splitlines()
    assert sum(line.startswith(r"\draw") and "dashed" in line for line in lines) == 2
    hidden = next(line for line in lines if r"\delta_{3}=20" in line)
    circle = diagram.circles[2]
    assert f"minimum width={2 * circle.radius:.2f}bp] at ({circle.x:.2f},{circle.y:.2f})" in hidden
    assert r"{$x_{3}=5$\\$y_{3}=5$\\$\delta_{3}=20$}" in hidden


def test_a_loss_that_is_older_than_the_weights_is_refused():
    mlp = MLP(2, [2, 1], "tanh", seed=3)
    loss = half_squared_error(mlp([1, -1]), 0.5)
    loss.backward()
    viz.network(loss, mlp=mlp)
    mlp.layers[0].neurons[0].weights[0].data += 1
    with pytest.raises(ValueError, match="a leaf was assigned after the loss was computed"):
        viz.network(loss, mlp=mlp)


def test_each_text_of_a_diagram_says_by_its_class_what_it_is():
    drawn = Drawn(viz.network(relu_exercise()))
    for slot in drawn.diagram.slots:
        assert drawn.elements(slot.id)[slot.line].get("class") == slot.part
    folded = Drawn(viz.network(MLP(1, [9]), most=3))
    assert [text.get("class") for text in folded.elements("unit2")] == ["name", "name"]


@pytest.mark.parametrize("target", [0, 1, 2])
def test_the_outputs_of_a_loss_stand_in_the_order_of_the_network(target):
    mlp = MLP(2, [3, 3], seed=1)
    circles = viz.network(cross_entropy(mlp([1, 2]), target)).diagram.circles
    assert [circle.entries[0].name for circle in circles][-4:] == ["z2_0", "z2_1", "z2_2", "v67"]


def test_a_loss_without_a_label_has_one_name_and_as_many_digits_everywhere():
    loss = cross_entropy(MLP(2, [3, 3], seed=1)([1, 2]), 0)
    assert repr(viz.tree(loss)).startswith("v67 = -v66: data 0.954364, grad -")
    assert repr(viz.draw(loss)).startswith("<Picture of v67, data 0.954364, grad -: ")
    assert viz.network(loss).about.endswith(", v67=0.954364")
    assert texts(viz.network(loss))[-1] == ["v67=0.954364"]


def test_an_output_is_not_drawn_again_as_the_loss():
    mlp = MLP(2, [3, 1], seed=1)
    circles = viz.network(mlp([1, 2])).diagram.circles
    assert [circle.kind for circle in circles] == ["input"] * 2 + ["hidden"] * 3 + ["output"]


def texts(picture):
    return [[entry.text for entry in circle.entries] for circle in picture.diagram.circles]


def test_the_graph_of_a_solution_is_drawn_as_its_network():
    solution = relu_exercise().solve()
    picture = viz.network(solution.graph)
    assert picture.about == viz.network(solution).about == "a 2-2-1 network with 6 weights: y5=10, loss=50"
    hidden = [["x3=5", "y3=5", "dx3=20"], ["x4=-3", "y4=0", "dx4=0"]]
    assert texts(picture) == [["x1=1"], ["x2=-1"], *hidden, ["x5=10", "y5=10", "dx5=10"], ["loss=50"]]


def test_a_network_with_a_weight_that_skips_a_layer():
    weights = {"w12": 1, "w23": 2, "w13": 3}
    picture = viz.network(Exercise(weights, inputs=[2], target=1, eta=0.1, activation="linear").solve().graph)
    assert texts(picture) == [["x1=2"], ["x2=2", "y2=2", "dx2=18"], ["x3=10", "y3=10", "dx3=9"], ["loss=40.5"]]
    lines = {line.label.entries[0].text: (line.source, line.target) for line in picture.diagram.connections[:3]}
    assert lines == {"w12=1": ("unit0", "unit1"), "w23=2": ("unit1", "unit2"), "w13=3": ("unit0", "unit2")}


def test_units_without_a_bias_are_whole_sums_and_no_squares_of_weights():
    w = parameter(2, "w")
    x = Value(3, "x")
    assert texts(viz.network((x * w - 5) ** 2 + w * w))[:2] == [["x=3"], ["z1_0=6"]]
    with pytest.raises(ValueError, match="^no network was found in the graph of .*: it has no sum of parameters times"):
        viz.network(x * w + x)
    with pytest.raises(ValueError, match="the loss uses w 2 times, as for several samples"):
        viz.network((x * w - 5) ** 2 + (Value(1) * w - 2) ** 2)


@pytest.mark.parametrize("make", [relu_exercise, sigmoid_exercise])
def test_a_network_is_drawn_from_left_to_right(make):
    circles = viz.network(make()).diagram.circles
    order = ["input", "hidden", "output", "loss"]
    columns = [{circle.x for circle in circles if circle.kind == kind} for kind in order]
    assert all(max(left) < min(right) for left, right in pairwise(columns))
    drawn = Drawn(viz.network(make()))
    for connection in drawn.diagram.connections:
        assert connection.path[0][0] < connection.path[-1][0]


def highest(path):
    """Return how high a Bezier curve of four points rises."""
    a, b, c, d = [y for _, y in path]
    shares = [k / 100 for k in range(101)]
    return max((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d for t in shares)


def test_a_weight_that_skips_a_layer_passes_a_little_above_all_circles():
    weights = {"w13": 1, "w23": 2, "w34": 3, "w14": 1, "w24": 2}
    diagram = viz.network(Exercise(weights, inputs=[2, 1], target=1, eta=0.1, activation="linear")).diagram
    top = max(circle.y + circle.radius for circle in diagram.circles)
    arcs = [
        highest(c.path) for c in diagram.connections if (c.source, c.target) in {("unit0", "unit3"), ("unit1", "unit3")}
    ]
    assert len(arcs) == 2
    assert all(top + 20 < arc < top + 60 for arc in arcs)
