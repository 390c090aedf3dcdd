"""Names with indices in pictures: z[1]_2 becomes one text with a superscript and a subscript."""

import re

import pytest
from browsing import opened, played
from test_network import Drawn
from test_pictures import node_texts
from test_player import show_tab

import viz
from autograd import Value, parameter, scope
from autograd.symbols.expression import Symbol
from autograd.symbols.latex import LatexWriter
from nn import batch_exercise, mazur_exercise, relu_exercise, softmax_exercise

DELTA = "\N{GREEK SMALL LETTER DELTA}"


def marked(svg, kind):
    """Return the content of each text of a class, with its markup."""
    return re.findall(rf'<text class="{kind}" [^>]*>(.*?)</text>', svg)


def up(text, size="8", dy="-3.6"):
    return f'<tspan dy="{dy}" font-size="{size}">{text}</tspan>'


def down(text, size="8", dy="1.2"):
    return f'<tspan dy="{dy}" font-size="{size}">{text}</tspan>'


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("z[1]_2", f"z{up('[1]')}{down('2', dy='4.8')}"),
        ("dW[1]_21", f"dW{up('[1]')}{down('21', dy='4.8')}"),
        ("z[1]_2(3)", f"z{up('[1](3)')}{down('2', dy='4.8')}"),
        ("s[2](1)", f"s{up('[2](1)')}"),
        ("x1(2)", f"x{up('(2)')}{down('1', dy='4.8')}"),
        ("w35_new", f"w{up('new')}{down('35', dy='4.8')}"),
        ("w1_0(2)_new", f"w{up('(2),new')}{down('1,0', dy='4.8')}"),
        ("out_h1", f"out{down('h1')}"),
        ("delta_o1", f"{DELTA}{down('o1')}"),
        ("lambda_o1", f"\N{GREEK SMALL LETTER LAMDA}{down('o1')}"),
        ("Delta_o1", f"\N{GREEK CAPITAL LETTER DELTA}{down('o1')}"),
        *[(name, name) for name in ("w35", "x1", "y", "w1_0", "w[0]", "delta3", "learning_rate", "z[1]", "f(x)", "w_")],
    ],
)
def test_the_label_of_a_box(name, shown):
    svg = viz.draw(Value(2, name)).svg()
    assert marked(svg, "label") == [shown]
    assert marked(svg, "data") == ["2"]
    plain = re.sub("<[^>]*>", "", shown)
    assert node_texts(svg) == {"v0": [plain, "data ", "2", "grad ", "-"]}


def test_every_engine_and_format_has_the_indices():
    x = Value(2, "z[1]_2")
    theirs = marked(viz.draw(x, layout="dot").svg(), "label")
    assert [re.sub(r' dy="[^"]*"', "", text) for text in theirs] == [
        'z<tspan font-size="8">[1]</tspan><tspan font-size="8">2</tspan>'
    ]
    source = viz.draw(x).source
    assert '<TD VALIGN="TOP"><FONT FACE="Helvetica"><B><FONT POINT-SIZE="8">[1]</FONT></B></FONT></TD>' in source
    assert '<TD VALIGN="BOTTOM"><FONT FACE="Helvetica"><B><FONT POINT-SIZE="8">2</FONT></B></FONT></TD>' in source
    assert viz.draw(x).pipe("png") != viz.draw(Value(2, "z12")).pipe("png")


def test_two_values_of_one_name_are_told_apart_after_the_indices():
    one, other = Value(2, "z[1]_2"), Value(3, "z[1]_2")
    boxes = node_texts(viz.draw(one * other).svg())
    assert [boxes[key][:2] for key in ("v0", "v1")] == [["z[1]2", "[v0]"], ["z[1]2", "[v1]"]]
    assert boxes["v1"][2:] == ["data ", "3", "grad ", "-"]


def test_the_title_of_a_collapsed_scope_has_no_indices():
    with scope("block(1)"):
        y = Value(2, "x") * 3
    assert marked(viz.draw(y, depth=0).svg(), "label") == ["block(1)"]


def test_a_list_of_parameters_has_the_indices():
    svg = viz.draw(batch_exercise().solve().graph, fold=True).svg()
    [box] = [box for box in node_texts(svg).values() if box[0] == "9 parameters"]
    assert box[1:10] == ["parameter ", "data ", "grad", "W[1]11 ", "1 ", "1", "W[1]12 ", "-0.5 ", "-0.25"]
    assert f">W{up('[1]', '7', '-3')}{down('11', '7', '3.6')}" in svg


def test_a_frame_writes_its_numbers_beside_the_indices():
    z, w = Value(2, "z[1]_2"), parameter(3, "W[1]_21")
    y = z * w
    y.label = "out_h1"
    stepper = viz.Stepper(y)
    assert node_texts(stepper.svg())["v2"] == ["outh1", "data ", "-", "grad ", "-"]
    boxes = node_texts(stepper.run().svg())
    assert boxes["v0"] == ["z[1]2", "data ", "2", "grad ", "3"]
    assert boxes["v2"] == ["outh1", "data ", "6", "grad ", "1"]


def test_a_network_shows_indices_and_its_tooltips_plain_names():
    drawn = Drawn(viz.network(softmax_exercise()))
    assert drawn.lines("unit2") == ["z[1]1=0.3", "a[1]1=0.291313", "dz[1]1=0.568948"]
    equals = '<tspan dy="-0.6" font-size="10">=0.3</tspan>'
    assert f"z{up('[1]', '7', '-3')}{down('1', '7', '3.6')}{equals}</text>" in drawn.text
    assert drawn.tooltip("unit2").startswith("z[1]_1=0.3, a[1]_1=0.291313, dz[1]_1=0.568948, b[1]_1=0.1,")
    assert drawn.lines("unit0") == ["x1=1"]
    mazur = Drawn(viz.network(mazur_exercise()))
    assert mazur.lines("unit2") == ["neth1=0.3775", "outh1=0.59327", f"{DELTA}h1=0.00877135"]
    assert f">{DELTA}{down('h1', '7', '0.6')}" in mazur.text
    assert mazur.tooltip("unit2").startswith("net_h1=0.3775, out_h1=0.59327, ")


def test_a_network_without_indices_is_as_before():
    picture = viz.network(relu_exercise())
    assert "tspan" not in picture.svg()
    assert "TABLE" not in picture.source


@pytest.mark.parametrize("exercise", [softmax_exercise, batch_exercise, mazur_exercise])
def test_all_lines_of_a_circle_stand_around_its_middle(exercise):
    drawn = Drawn(viz.network(exercise()))
    for circle in drawn.diagram.circles:
        lines = drawn.elements(circle.id)
        assert len(lines) == len(circle.entries)
        shape = drawn.groups[circle.id].find(".//{*}ellipse")
        if shape is not None:
            places = {(line.get("text-anchor"), round(float(line.get("x")), 1)) for line in lines}
            assert places == {("middle", round(float(shape.get("cx")), 1))}
    for box in drawn.diagram.boxes:
        points = drawn.groups[box.id].find(".//{*}polygon").get("points").split()
        across = [float(point.split(",")[0]) for point in points]
        middle = (min(across) + max(across)) / 2
        for line in drawn.elements(box.id):
            assert line.get("text-anchor") == "middle"
            assert float(line.get("x")) == pytest.approx(middle, abs=0.02)


def test_the_page_writes_numbers_after_the_indices(chromium, tmp_path):
    with opened(chromium, played(tmp_path, softmax_exercise()), "#step=0") as page:
        show_tab(page, "Network")
        kept = "[...document.querySelectorAll('#network text')].map(t => [...t.childNodes].map(n => n.textContent))"
        assert ["dz", "[1]", "1", "=-"] in page.evaluate(kept)
        page.keyboard.press("End")
        assert {"dz|[1]|1|=0.568948", "x1=1"} <= {"|".join(parts) for parts in page.evaluate(kept)}


def test_an_exponent_stands_outside_of_an_index_above():
    square = Symbol("dW[1]_11") ** 2 + Symbol("x1") ** 2
    assert LatexWriter().text(square) == r"(dW^{[1]}_{11})^{2} + x_{1}^{2}"
