"""Pictures of graphs: what stands in them, read from the SVG."""

import math
import re
import struct
import unicodedata
from xml.etree import ElementTree

import graphviz
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import viz
from autograd import Value, constant, no_grad, parameter, replay, scope
from nn import MLP, relu_exercise
from viz.core.colours import MONOSPACE, STYLES

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    """Return all texts of an SVG in the order of the file, without titles."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def groups(svg, kind):
    """Return the groups of a class ("node", "edge", "cluster") by their titles."""
    found = [group for group in ElementTree.fromstring(svg).iter(f"{SVG}g") if group.get("class") == kind]
    return {group.find(f"{SVG}title").text: group for group in found}


def node_texts(svg):
    return {
        name: ["".join(t.itertext()) for t in group.iter(f"{SVG}text")] for name, group in groups(svg, "node").items()
    }


def test_a_value_is_a_record_of_label_data_and_gradient():
    a, b = Value(2, "a"), Value(-3, "b")
    y = a * b
    y.label = "y"
    svg = viz.draw(y).svg()
    assert node_texts(svg) == {
        "v0": ["a", "data ", "2", "grad ", "-"],
        "v1": ["b", "data ", "-3", "grad ", "-"],
        "v2": ["y", "data ", "-6", "grad ", "-"],
        "o2": ["*"],
    }
    y.backward()
    assert node_texts(viz.draw(y).svg())["v0"] == ["a", "data ", "2", "grad ", "-3"]


def test_edges_carry_local_derivatives_and_a_square_has_two():
    x = Value(3, "x")
    y = x * x
    source = viz.draw(y).source
    assert source.count("v0 -> o1") == 2
    edges = groups(viz.draw(y).svg(), "edge")
    assert list(edges) == ["v0->o1", "o1->v1"]  # the two edges have one title
    assert [t for t in texts(viz.draw(y).svg()) if t.startswith("∂")] == ["∂=3", "∂=3"]


def test_edges_lead_from_all_that_a_replay_read_to_its_result():
    w, x = Value(2, "w"), Value(3, "x")
    fast = replay(lambda y: w * y * y)
    svg = viz.draw(fast(x * 1) + 1).svg()
    labels = {name: texts(ElementTree.tostring(edge)) for name, edge in groups(svg, "edge").items()}
    assert {name: label for name, label in labels.items() if name.endswith("v4")} == {
        "v0->v4": ["∂=9"],
        "v3->v4": ["∂=12"],
    }


def arrows(source):
    return re.findall(r"(\w+) -> (\w+)", source)


def test_edges_lead_from_operands_to_results_in_every_view():
    x, y = Value(1, "x"), Value(2, "y")
    with scope("s"):
        z = x * y
    root = z + x
    both = [("v2", "o3"), ("v0", "o3"), ("o3", "v3")]
    assert arrows(viz.to_dot(root)) == [("v0", "o2"), ("v1", "o2"), ("o2", "v2"), *both]
    assert arrows(viz.to_dot(root, depth=0)) == [("v0", "b2"), ("v1", "b2"), ("b2", "o3"), *both[1:]]
    cut = arrows(viz.to_dot(root * y, focus=z, radius=0))
    assert cut == [("o2", "v2"), ("more_in_v2", "o2"), ("v2", "more_out_v2")]


def test_a_constant_operand_has_no_derivative_on_its_edge():
    svg = viz.draw(Value(3, "x") ** 2).svg()
    assert [t for t in texts(svg) if t.startswith("∂")] == ["∂=6"]


def test_the_first_operand_enters_from_above_where_the_order_matters():
    left, right = Value(1, "left"), Value(2, "right")
    source = viz.draw(left - right).source
    assert "v0 -> o2:nw" in source
    assert "v1 -> o2:sw" in source
    assert "o2:" not in viz.draw(left * right).source
    svg = viz.draw(left / right).svg()
    heights = {name: float(next(group.iter(f"{SVG}text")).get("y")) for name, group in groups(svg, "node").items()}
    assert heights["v0"] < heights["v1"]


def test_kinds_differ_by_border_and_corners_too():
    with no_grad():
        fixed = Value(7) * 1
    y = parameter(2, "w") * Value(3, "x") + constant(3.0, "c") * fixed
    svg = viz.draw(y).svg()
    nodes = groups(svg, "node")
    shapes = {
        name: (len(node.findall(f"{SVG}polygon")), len(node.findall(f"{SVG}path"))) for name, node in nodes.items()
    }
    dashed = {name for name, node in nodes.items() if any(shape.get("stroke-dasharray") for shape in node)}
    by_label = {words[0]: name for name, words in node_texts(svg).items()}
    assert shapes[by_label["w"]][0] == shapes[by_label["x"]][0] + 1  # the second outline of a parameter
    assert dashed == {by_label["c"], *(n for n, words in node_texts(svg).items() if words[:2] == ["data ", "7"])}
    assert shapes["v2"][1] >= 1  # rounded corners are paths
    assert len({style["fillcolor"] for style in STYLES.values()}) == len(STYLES)


def test_the_root_is_marked():
    svg = viz.draw(Value(2) * 3).svg()
    widths = {name: {shape.get("stroke-width") for shape in node} for name, node in groups(svg, "node").items()}
    assert "2" in widths["v2"]
    assert "2" not in widths["v0"]


def test_scopes_are_nested_clusters_with_the_parameters_inside():
    svg = viz.draw(MLP(2, [2, 1], "tanh")([Value(1, "in"), 2.0])).svg()
    clusters = groups(svg, "cluster")
    labels = ["".join(t.itertext()) for group in clusters.values() for t in group.iter(f"{SVG}text")]
    assert sorted(labels) == ["layer 1", "layer 2", "neuron 0", "neuron 0", "neuron 1"]
    source = viz.draw(MLP(1, [1])([1.0])).source
    inside = source[source.index("subgraph") :]
    assert "w1_0_0" in inside[: inside.index("\n\t}")]


def test_a_parameter_of_two_scopes_stands_in_the_scope_around_both():
    w = parameter(2, "w")
    with scope("outer"):
        with scope("left"):
            left = w * 2
        with scope("right"):
            y = left + w
    source = viz.draw(y).source
    outer = source[source.index("cluster_0 {") : source.index("cluster_0_0 {")]
    assert ">w<" in outer


def test_a_legend_on_request():
    y = Value(2, "x") * 3
    words = {"leaf: name | data | grad", "parameter: name | data | grad", "op", "local derivative", "legend"}
    assert words <= set(texts(viz.draw(y, legend=True).svg()))
    assert not words & set(texts(viz.draw(y).svg()))


def test_the_same_graph_gives_the_same_bytes():
    pictures = {viz.draw(relu_exercise().solve().graph).svg() for _ in range(3)}
    assert len(pictures) == 1


def shown(label):
    """Return how a label is to be read in a picture: control characters as escapes, the rest as it is."""
    turning = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return "".join(
        c.encode("unicode_escape").decode()
        if (unicodedata.category(c) in ("Cc", "Cs", "Cn") and c != "\n") or c in turning
        else c
        for c in label
    )


@given(st.text(min_size=1, max_size=30))
@example('"quotes" and \\N \\G \\l \\\\ {|}<> &lt; &#92; <script>alert(1)</script> é 中 \u2028')
@example("\\")
@example("\n")
@example("a\x00b\ud800\uffff\u202e")
@example("]]> <!-- -->")
@settings(max_examples=25)
def test_any_text_is_a_safe_label(label):
    svg = viz.draw(Value(1, label) * 2).svg()
    read = node_texts(svg)["v0"][:-4]
    assert "".join(read).replace("\u00a0", "") == re.sub(r"[\n\u00a0]", "", shown(label))
    assert "<script" not in svg


def test_any_text_is_a_safe_scope():
    with scope('a"<b>\\N{c}'):
        y = Value(1) * 2
    assert 'a"<b>\\N{c}' in texts(viz.draw(y).svg())


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("SVG", b"<?xml")])
def test_save_by_suffix(tmp_path, suffix, start):
    path = viz.save(Value(1, "x") * 2, tmp_path / f"graph.{suffix}")
    assert path.read_bytes().startswith(start)


def test_png_has_a_size_to_look_at(tmp_path):
    png = viz.save(relu_exercise().solve().graph, tmp_path / "g.png").read_bytes()
    width, height = struct.unpack(">II", png[16:24])
    assert width > 1000
    assert height > 300


def test_what_cannot_be_saved(tmp_path):
    y = Value(1, "x") * 2
    with pytest.raises(ValueError, match=r"a picture that ends with \.svg, \.png, \.pdf, .*, got 'graph.txt'"):
        viz.save(y, tmp_path / "graph.txt")
    with pytest.raises(FileNotFoundError, match="does not exist; make it first"):
        viz.save(y, tmp_path / "no" / "graph.svg")
    with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got float"):
        viz.draw(2.0)


def test_a_picture_shows_itself_in_a_notebook_and_renders_itself(tmp_path):
    picture = viz.draw(Value(1, "x") * 2)
    assert isinstance(picture, graphviz.Digraph)
    assert picture._repr_mimebundle_ is None
    assert texts(picture._repr_svg_()) == texts(picture.svg())
    png, size = picture._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert list(size) == ["width", "height"]
    assert picture.render(tmp_path / "a", format="svg") == str(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").exists()
    assert picture.source.startswith("digraph gradstep {")
    assert picture.render(outfile=tmp_path / "b.png", format="png", cleanup=True) == str(tmp_path / "b.png")
    shown = []
    picture._view = lambda path, format, quiet: shown.append((str(path), format))
    picture.view(directory=tmp_path)
    assert shown == [(str(tmp_path / "gradstep.svg"), "svg")]


def size(svg):
    root = ElementTree.fromstring(svg)
    return [float(root.get(side).removesuffix("pt")) for side in ("width", "height")]


def test_a_notebook_shows_a_picture_no_wider_than_a_cell_where_its_texts_stay_readable():
    narrow, wide, too_wide = (
        viz.draw(math.prod(range(2, factors), start=Value(1, "x")), direction="right") for factors in (3, 8, 20)
    )
    for picture in (narrow, too_wide):
        assert size(picture._repr_svg_()) == size(picture.svg())
    styles = [ElementTree.fromstring(picture._repr_svg_()).get("style") for picture in (narrow, wide, too_wide)]
    assert styles == [f"max-width:{most};height:auto" for most in ("100%", "720pt", "none")]
    width, height = size(wide.svg())
    assert 720 < width < 1440 < size(too_wide.svg())[0]
    shown = wide._repr_svg_()
    assert (ElementTree.fromstring(shown).get("width"), ElementTree.fromstring(shown).get("height")) == ("100%", None)
    _, in_cell = wide._repr_png_()
    assert [in_cell["width"], in_cell["height"]] == pytest.approx([960, height * 960 / width], abs=0.51)
    assert texts(shown) == texts(wide.svg())
    assert ElementTree.fromstring(shown).get("viewBox") == ElementTree.fromstring(wide.svg()).get("viewBox")
    assert str(wide) == repr(wide) == '<Picture of v12, data 5040, grad -: 13 nodes; save("picture.svg") writes it>'


def test_numbers_in_pictures_are_short():
    y = Value(1 / 3, "x") * Value(-0.0, "zero")
    words = node_texts(viz.draw(y).svg())
    assert words["v0"][2] == "0.333333"
    assert words["v1"][2] == words["v2"][2] == "0"


@pytest.mark.parametrize("label", ["x" * 300, "the weight of an input " * 13])
def test_a_long_label_is_broken_into_lines_and_stays_whole(label):
    node = viz.draw(Value(2, label) ** 2)
    lines = node_texts(node.svg())["v0"][:-4]
    assert "".join(lines).replace("\u00a0", " ") == label
    assert max(map(len, lines)) <= 40
    size = re.search(r'<svg width="(\d+)pt"', node.svg())
    assert size is not None
    assert int(size[1]) < 700
    assert max(map(len, re.findall("x+|(?:the|weight|of|an|input| )+", viz.to_mermaid(Value(2, label))))) <= 41
    assert max(map(len, re.findall("x+", viz.to_tikz(Value(2, "x" * 300))))) <= 40


def test_radius_without_focus_is_refused():
    with pytest.raises(ValueError, match="expected focus=NODE with radius=3, got no focus"):
        viz.draw(Value(2, "x") * 3, radius=3)


def classes_of(svg):
    """The texts of each node and edge that have a class, by the id of its group."""
    return {
        name: [(text.get("class"), "".join(text.itertext())) for text in group.iter(f"{SVG}text") if text.get("class")]
        for kind in ("node", "edge")
        for name, group in ((group.get("id"), group) for group in groups(svg, kind).values())
    }


def test_each_text_of_an_svg_says_by_its_class_what_it_is():
    x = Value(3, "the first line\nthe second")
    loss = x * parameter(-2, "w") + parameter(5, "w")
    loss.backward()
    found = classes_of(viz.draw(loss).svg())
    assert found["v0"] == [("label", "the first line"), ("label", "the second"), ("data", "3"), ("grad", "-2")]
    assert found["v1"] == [("label", "w"), ("place", "[v1]"), ("data", "-2"), ("grad", "3")]
    assert found["v2"] == [("place", "v2"), ("data", "-6"), ("grad", "1")]
    assert found["o2"] == [("note", "*")]
    assert found["e2_0"] == [("partial", "∂=-2")]
    assert found["r2"] == []


def test_numbers_are_in_fonts_whose_letters_are_plain():
    x = Value(3, "x")
    svg = viz.draw(x * x).svg()
    families = {text.get("font-family") for text in ElementTree.fromstring(svg).iter(f"{SVG}text")}
    assert families == {MONOSPACE, "Helvetica,sans-Serif"}
    assert "Courier" not in MONOSPACE
    [label, *_] = [text for text in ElementTree.fromstring(svg).iter(f"{SVG}text") if text.text.startswith("∂")]
    assert label.get("font-family") == MONOSPACE
