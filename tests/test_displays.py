"""What objects show themselves as in notebooks and through rich, while the core imports nothing that draws."""

import base64
import importlib.metadata
import io
import pickle
import re
import struct
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from rich.console import Console

import autograd.state.displays
import viz
from autograd import Value, explain, lab, paths, what_if
from nn import MLP, Layer, Module, Neuron, relu_exercise
from viz import Stepper, displays
from viz.core.cells import png_for_cell

MINUS = "\N{MINUS SIGN}"
SVG = "{http://www.w3.org/2000/svg}"
FORMS = {"html": displays.as_html, "png": displays.png, "rich": displays.renderable, "svg": displays.svg}
INSTALLED = {point.name: point for point in importlib.metadata.entry_points(group=autograd.state.displays.GROUP)}
needs_installation = pytest.mark.skipif(
    INSTALLED.keys() != FORMS.keys(), reason="the installed metadata lacks the displays; install the package again"
)


@pytest.fixture
def installed(monkeypatch):
    """The displays, whatever the metadata of the installed package say."""
    monkeypatch.setattr(autograd.state.displays, "_display", FORMS.get)


def chain(length):
    total = Value(0.5, "x")
    for _ in range(length):
        total = total * 0.5
    return total


def printed(shown):
    console = Console(file=io.StringIO(), width=80)
    console.print(shown)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@needs_installation
def test_the_entry_points_are_the_displays():
    assert {name: point.load() for name, point in INSTALLED.items()} == FORMS


CELLS = {
    "from autograd import Value\nx = Value(3, '<b>x')\ny = (x * 2).relu()\ny": {
        "text/plain",
        "image/svg+xml",
        "image/png",
    },
    "from nn import MLP, relu_exercise\nMLP(2, [3, 1], 'tanh')": {"text/plain", "text/html"},
    "relu_exercise()": {"text/plain", "text/html"},
    "relu_exercise().solve()": {"text/plain", "text/html"},
    "MLP(2, [16, 16, 1])([1, 2])": {"text/plain", "image/svg+xml", "image/png"},
    "from viz import Stepper, tree, table\nStepper(y).next()": {"text/plain", "text/html"},
    "tree(y)": {"text/plain", "text/html"},
    "table(y)": {"text/plain", "text/html"},
    "import os\nos.environ['GRADSTEP_DOT'] = 'no-such-command'\ny": {"text/plain"},
}
"""Cells of a notebook, each with the forms of its result."""


@needs_installation
def test_a_notebook_without_viz_shows_pictures():
    nbformat = pytest.importorskip("nbformat", reason="notebooks need the extra notebooks")
    nbclient = pytest.importorskip("nbclient", reason="notebooks need the extra notebooks")
    pytest.importorskip("ipykernel", reason="notebooks need the extra notebooks")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    results = [cell.outputs[0].data for cell in notebook.cells]
    assert [set(result) for result in results] == [*CELLS.values()]
    assert results[0]["text/plain"] == "Value(6, grad=-, op='relu')"
    picture = ElementTree.fromstring(results[0]["image/svg+xml"])
    assert "<b>x" in ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def test_the_core_brings_nothing_that_draws_until_it_is_asked(tmp_path):
    code = (
        "import sys, autograd, nn; from nn import MLP; y = MLP(2, [2, 1])([1, 2]); repr(y); "
        "print(sorted({'rich', 'graphviz', 'viz', 'importlib.metadata'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_displays_text_serves(monkeypatch):
    monkeypatch.setattr(autograd.state.displays, "_display", {}.get)
    x, mlp = Value(2, "[red]x"), MLP(1, [1])
    assert [x._repr_svg_(), x._repr_html_(), mlp._repr_svg_(), mlp._repr_html_()] == [None] * 4
    assert printed(x) == ["Value(2, '[red]x', grad=-)"]
    assert printed(mlp) == ["MLP(1 -> 1 linear, 2 parameters)"]


@pytest.mark.usefixtures("installed")
def test_a_picture_that_cannot_be_made_fails_nothing(monkeypatch):
    y = Value(2, "x") * 3
    monkeypatch.setenv("GRADSTEP_DOT", "no-such-command")
    assert (y._repr_svg_(), y._repr_png_(), y._repr_html_()) == (None, None, None)
    assert viz.draw(y)._repr_png_() is None
    for shown in (Stepper(y), relu_exercise()):
        assert "(no picture: the layout engine &#x27;no-such-command&#x27;" in shown._repr_html_()


@pytest.mark.usefixtures("installed")
def test_marks_break_between_words():
    page = ElementTree.fromstring(relu_exercise().check({"x3": 5, "delta3": -30})._repr_html_())
    assert page.get("style") == "white-space:pre-wrap;word-break:normal"  # JupyterLab breaks plain text anywhere
    assert page.text.startswith("1 of 2 right\nright   x3 = 5\nwrong   delta3 = -30 is what one gets with ")


@pytest.mark.usefixtures("installed")
def test_a_large_value_is_shown_in_words():
    small, large = chain(99), chain(11_000)
    assert (small._repr_svg_() or "").count("<svg") == 1
    assert small._repr_html_() is None
    assert large._repr_svg_() is None
    assert "its graph has more than 20,000 nodes; viz.draw" in large._repr_html_()


@pytest.mark.usefixtures("installed")
def test_an_exercise_shows_its_lines_and_its_picture():
    for shown in (relu_exercise(), relu_exercise().solve()):
        page = ElementTree.fromstring(shown._repr_html_())
        plain = page.find(".//div[@class='plain']")
        text = "".join(plain.itertext())
        assert text.startswith("The worked exercise: 2-2-1, F = ReLUForwardx3 = x1*w13 + x2*w23 = 1*2")
        assert "w23_new = w23 - eta*delta3*x2 = -3 - 0.1*20*(-1) = -1\n" in text
        assert len([*page.iter("img")]) == 1
        formulas = "".join(page.find(".//div[@class='formulas']").itertext()).replace(MINUS, "-")
        assert "=-3-0.1·20·(-1)=-1" in formulas
        lines = printed(shown)
        assert lines[0] == "The worked exercise: 2-2-1, F = ReLU"
        assert "  delta3 = delta5*w35*F'(x3) = 10*2*F'(5) = 20" in lines


def shown_parts(page):
    """Return the parts of HTML that a notebook shows: formulas if it is trusted, and plain text if it is not."""
    root = ElementTree.fromstring(page)
    [own] = {root.get("class")} - {None}
    assert root.find("style").text == f".{own}>.formulas{{display:block!important}}.{own}>.plain{{display:none}}"
    formulas, plain = root.find("div[@class='formulas']"), root.find("div[@class='plain']")
    assert formulas.get("style").startswith("display:none;")
    return formulas, "".join(plain.itertext())


def test_a_derivation_shows_its_formulas_whatever_its_form():
    x, w = Value(3, "x"), Value(2, "w")
    loss = (x * w - 10) ** 2
    for form in ("latex", "beamer", "markdown", "text"):
        derivation = viz.derivation(loss, form)
        assert isinstance(derivation, str)
        formulas, plain = shown_parts(derivation._repr_html_())
        assert plain == viz.derivation(loss, "text")
        rows = ["".join(row.itertext()).replace(MINUS, "-") for row in formulas.iter("math")]
        assert rows[-2:] == ["∂loss∂w", "=2·(x·w-10)·x=2·(3·2-10)·3=-24"]
        signs = [sign.get("form") for sign in formulas.iter("mo") if sign.text == MINUS]
        assert signs.count("prefix") == 2  # of the results -16 and -24, not of the differences


def test_a_derivation_in_matrices_and_of_a_leaf_shows_itself():
    formulas, _ = shown_parts(viz.derivation(relu_exercise(), matrices=True)._repr_html_())
    bases = [power[0].tag for power in formulas.iter("msup") if power[1].text == "T"]
    assert bases == ["mrow", "mrow", "mi", "mrow"]  # a name or a whole matrix, never its last parenthesis
    formulas, plain = shown_parts(viz.derivation(Value(3, "<x>"))._repr_html_())
    assert "<x> is a leaf" in plain
    assert "<x> is a leaf" in "".join(formulas.itertext())


@pytest.mark.usefixtures("installed")
def test_a_network_shows_its_layers():
    mlp = MLP(2, [4, 1], "tanh")
    rows = [[cell.text for cell in row] for row in ElementTree.fromstring(f"<div>{mlp._repr_html_()}</div>").iter("tr")]
    assert rows == [
        ["layer", "activation", "inputs", "units", "parameters"],
        ["1", "tanh", "2", "4", "12"],
        ["2", "linear", "4", "1", "5"],
    ]
    lines = printed(mlp)
    assert lines[0] == "MLP(2 -> 4 tanh -> 1 linear, 17 parameters)"
    assert lines[4:6] == [
        "│ 1     │ tanh       │      2 │     4 │         12 │",
        "│ 2     │ linear     │      4 │     1 │          5 │",
    ]
    assert printed(Layer([[1, 2]], activation="relu"))[4] == "│ 1     │ relu       │      2 │     1 │          3 │"
    assert printed(Neuron([1, 2, 3]))[4] == "│ 1     │ linear     │      3 │     1 │          4 │"


@pytest.mark.usefixtures("installed")
def test_a_module_of_a_user_shows_its_text():
    class Line(Module):
        def __repr__(self):
            return "Line([bold]m[/bold])"

    assert (Line()._repr_svg_(), Line()._repr_html_()) == (None, None)
    assert printed(Line()) == ["Line([bold]m[/bold])"]


@pytest.mark.usefixtures("installed")
def test_rich_prints_a_value_as_a_tree():
    x = Value(3, "[red]x")
    assert printed(x) == ["Value(3, '[red]x', grad=-)"]
    assert printed(x * 2) == ["v2 = [red]x*2: data 6, grad -", "├─ [red]x: data 3, grad -", "└─ 2: constant"]
    assert len(printed(chain(2_000))) < 100


# --- Notebooks that are not trusted ----------------------------------------------------------------------------------

A_PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_PNG = 120_000
WITH_PICTURE = {"text/plain", "image/svg+xml", "image/png"}
WITH_HTML = {"text/plain", "text/html"}


def plots():
    yield viz.plot_loss([8, 4, 2, 1])
    yield viz.activation("sigmoid", at=4)


def shown_objects():
    """Yield every object that shows itself, with the forms that a notebook stores of it, and what its text says."""
    x, exercise = Value(3, "ŷ₁"), relu_exercise()
    y = (x * 2).relu()
    y.backward()
    solution = exercise.solve()
    mlp = MLP(2, [3, 1], "tanh", seed=1)
    yield y, WITH_PICTURE, "Value(6, grad=1, op='relu')"
    yield chain(21_000), WITH_HTML, "grad=-, op='mul')"
    yield exercise, WITH_HTML, "w23"
    yield solution, WITH_HTML, "w23_new = w23 - eta*delta3*x2 = -3 - 0.1*20*(-1) = -1"
    yield mlp, WITH_HTML, "MLP(2 -> 3 tanh -> 1 linear, 13 parameters)"
    yield mlp.layers[0], WITH_HTML, "Layer(2 -> 3 tanh"
    yield mlp.layers[0].neurons[0], WITH_HTML, "Neuron("
    yield viz.draw(solution.graph), WITH_PICTURE, "<Picture of loss, data 50, grad 1: 26 nodes; save("
    yield viz.draw(solution.graph, focus="x3", radius=1), WITH_PICTURE, "<Picture of a graph: 26 nodes, the part"
    yield viz.network(solution), WITH_PICTURE, "<NetworkPicture of a 2-2-1 network with 6 weights: y5=10, loss=50; "
    yield viz.network(mlp, inputs=[1, -1]), WITH_PICTURE, "2-3-1 network with 9 weights: "
    yield (
        viz.player(solution),
        WITH_HTML,
        "<Page: The worked exercise: 2-2-1, F = ReLU (26 nodes, 46 steps, result 50); ",
    )
    yield Stepper(y).next(2), WITH_HTML, "step 2 of 5, forward"
    yield viz.tree(y), WITH_HTML, "data 6, grad 1"
    yield viz.table(y), WITH_HTML, "v2           ŷ₁*2"
    yield explain(x, y), {"text/plain"}, "Why ŷ₁.grad is 2:"
    yield paths(x, y), {"text/plain"}, "1 path leads from ŷ₁"
    yield lab.run("no-zero-grad"), {"text/plain"}, "no-zero-grad: "
    yield what_if(y, {"ŷ₁": 1}), {"text/plain"}, "ŷ₁"


def forms_of(shown):
    """Return what IPython stores of an object in a notebook, and the metadata."""
    formatters = pytest.importorskip("IPython.core.formatters", reason="notebooks need the extra notebooks")
    return formatters.DisplayFormatter().format(shown)


@pytest.mark.usefixtures("installed")
def test_every_object_gives_what_a_notebook_shows_that_is_not_trusted():
    for shown, expected, said in shown_objects():
        forms, metadata = forms_of(shown)
        assert set(forms) == expected, said
        assert said in forms["text/plain"]
        assert not re.search(r" object( at 0x|>)", forms["text/plain"])
        check_forms(forms, metadata)


def check_forms(forms, metadata):
    """Check that each SVG has a PNG beside it, and that pictures in HTML are images with their content."""
    html = forms.get("text/html", "")
    assert "<svg" not in html
    for address in re.findall(r'<img [^>]*src="([^"]*)"', html):
        content = base64.b64decode(address.removeprefix("data:image/svg+xml;base64,"), validate=True)
        assert ElementTree.fromstring(content).tag == f"{SVG}svg"
    if "image/svg+xml" in forms:
        check_png(forms, metadata["image/png"])


def check_png(forms, size):
    """Check that a PNG is small, has the SVG's size on the page, and at least as many dots."""
    png = forms["image/png"]
    assert png.startswith(A_PNG)
    assert len(png) < LARGEST_PNG
    picture = ElementTree.fromstring(forms["image/svg+xml"])
    style = re.match(r"max-width:([\d.]+pt)", picture.get("style"))
    width = picture.get("width") if picture.get("width") != "100%" else style[1]  # 100% of a cell, or less
    width = float(width.removesuffix("pt")) / 0.75
    _, _, *across = map(float, picture.get("viewBox").split())
    height = width * across[1] / across[0]
    assert picture.get("height") in (None, f"{height * 0.75:g}pt")
    assert [size["width"], size["height"]] == pytest.approx([width, height], abs=0.51)
    dots = struct.unpack(">II", png[16:24])
    assert 1.0 <= dots[0] / width < 2.05
    assert dots[0] / dots[1] == pytest.approx(width / height, rel=0.02)


@pytest.mark.usefixtures("installed")
def test_an_exercise_and_a_network_have_an_image_that_says_its_numbers():
    for shown, numbers in ((relu_exercise(), {"50", "-60"}), (MLP(1, [1], seed=1), {"x_0", "a1_0"})):
        [address] = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', shown._repr_html_())
        picture = ElementTree.fromstring(base64.b64decode(address))
        assert numbers <= {"".join(text.itertext()) for text in picture.iter(f"{SVG}text")}


def test_a_wide_picture_fills_a_cell_that_is_narrower():
    wide, narrow = viz.draw(chain(8)), viz.draw(Value(2, "x") * 3)
    picture = ElementTree.fromstring(wide._repr_svg_())
    assert (picture.get("width"), picture.get("height")) == ("100%", None)
    assert picture[0].text == "svg:root{max-width:none!important}"  # an <img> is its own page, and as wide as the cell
    assert ElementTree.fromstring(narrow._repr_svg_()).get("width").endswith("pt")


def test_a_picture_too_wide_for_a_cell_has_rows_there_only():
    picture = pickle.loads(pickle.dumps(viz.draw(relu_exercise())))
    cell = ElementTree.fromstring(picture._repr_svg_())
    shown = ["".join(text.itertext()) for text in cell.iter(f"{SVG}text")]
    assert "in 3 columns: a dashed name stands for its box in another column" in shown
    assert not any(text.startswith("left out") for text in shown)
    assert float(cell.get("viewBox").split()[2]) <= 960
    assert "dashed name" not in picture.svg()
    assert "dashed name" not in viz.draw(relu_exercise(), direction="right")._repr_svg_()
    picture.node("mine")
    assert "mine" in picture._repr_svg_()


def test_a_plot_is_stored_as_a_small_png():
    pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")
    said = {"'loss over 4 iterations': from 8 to 1", "'sigmoid': at 4 it is 0.982, with the slope 0.01766"}
    for plot in plots():
        forms, metadata = forms_of(plot)
        assert set(forms) == {"text/plain", "image/png"}
        assert forms["text/plain"].removeprefix("<Plot ").partition(";")[0] in said
        assert metadata["image/png"] == {"width": 960, "height": 540}
        assert forms["image/png"].startswith(A_PNG)
        assert len(forms["image/png"]) < 60_000


def test_without_pillow_a_png_is_larger_and_as_good(monkeypatch):
    picture = viz.draw(Value(2, "x") * 3)
    small, size = picture._repr_png_()
    monkeypatch.setitem(sys.modules, "PIL", None)
    whole, same = picture._repr_png_()
    assert same == size
    assert whole[:24] == small[:24]  # the signature, and how many dots there are


def test_a_png_of_a_large_picture_has_fewer_dots(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)  # what is drawn here is no picture
    long, high = png_for_cell(4_000, 100, lambda dots: str(dots).encode()), png_for_cell(600, 9_000, lambda _: b"")
    assert (float(long[0]), long[1]) == (pytest.approx(72 / 0.75 * (1_500_000 * 0.75**2 / 400_000) ** 0.5), long[1])
    assert high[1] == {"width": 800, "height": 12_000}
    for width, height in ((50, 50), (700, 400), (1_000, 800), (1_400, 1_400), (9_000, 3_000), (90_000, 90_000)):
        asked = []
        png_for_cell(width, height, lambda dots, asked=asked: asked.append(dots) or b"")
        assert width * height * (asked[0] / 72) ** 2 <= 8_000_001


def test_ipython_in_a_terminal_waits_for_no_picture(monkeypatch):
    formatters = pytest.importorskip("IPython.core.formatters", reason="notebooks need the extra notebooks")
    laid_out = []
    monkeypatch.setattr("viz.core.layout.subprocess.run", lambda *_, **__: laid_out.append(1))
    terminal = formatters.DisplayFormatter()
    terminal.active_types = ["text/plain"]
    for shown in (viz.draw(Value(2, "x") * 3), viz.network(MLP(2, [1])), Value(2, "x") * 3, relu_exercise()):
        forms, _ = terminal.format(shown)
        assert list(forms) == ["text/plain"]
    assert laid_out == []
