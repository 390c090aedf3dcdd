"""What objects show themselves as in notebooks and through rich, while the core imports nothing that draws."""

import importlib.metadata
import io
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from rich.console import Console

import autograd.state.displays
from autograd import Value
from nn import MLP, Layer, Module, Neuron, relu_exercise
from viz import Stepper, displays

SVG = "{http://www.w3.org/2000/svg}"
FORMS = {"html": displays.as_html, "rich": displays.renderable, "svg": displays.svg}
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
    "from autograd import Value\nx = Value(3, '<b>x')\ny = (x * 2).relu()\ny": {"text/plain", "image/svg+xml"},
    "from nn import MLP, relu_exercise\nMLP(2, [3, 1], 'tanh')": {"text/plain", "text/html"},
    "relu_exercise()": {"text/plain", "text/html"},
    "relu_exercise().solve()": {"text/plain", "text/html"},
    "MLP(2, [16, 16, 1])([1, 2])": {"text/plain", "image/svg+xml"},
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
    assert (y._repr_svg_(), y._repr_html_()) == (None, None)
    for shown in (Stepper(y), relu_exercise()):
        assert "(no picture: the layout engine &#x27;no-such-command&#x27;" in shown._repr_html_()


@pytest.mark.usefixtures("installed")
def test_a_large_value_is_shown_in_words():
    small, large = chain(99), chain(11_000)
    assert (small._repr_svg_() or "").count("<svg") == 1
    assert small._repr_html_() is None
    assert large._repr_svg_() is None
    assert "its graph has more than 20,000 nodes, and is drawn on request" in large._repr_html_()


@pytest.mark.usefixtures("installed")
def test_an_exercise_shows_its_lines_and_its_picture():
    for shown in (relu_exercise(), relu_exercise().solve()):
        page = ElementTree.fromstring(shown._repr_html_())
        text = "".join(page.itertext())
        assert text.startswith("The worked exercise: 2-2-1, F = ReLUForwardx3 = x1*w13 + x2*w23 = 1*2")
        assert "w23 = w23 - eta*delta3*x2 = -3 - 0.1*20*(-1) = -1\n" in text
        assert len([*page.iter(f"{SVG}svg")]) == 1
        lines = printed(shown)
        assert lines[0] == "The worked exercise: 2-2-1, F = ReLU"
        assert "  delta3 = delta5*w35*F'(x3) = 10*2*F'(5) = 20" in lines


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
