"""Plots of activations: the numbers of their lines, their marks and texts, against closed forms and the lectures."""

import math
import subprocess
import sys
from itertools import pairwise
from statistics import NormalDist
from xml.etree import ElementTree

import pytest

import viz
from autograd import Value, ops, parameter, softplus
from autograd.derivatives.checking import central_difference
from autograd.symbols.expression import Symbol
from autograd.symbols.latex import latex_cases
from nn import ACTIVATIONS, Activation
from viz.commands.cli import main
from viz.core.layout import LayoutError
from viz.plots import curves, plotting

mathtext = pytest.importorskip("matplotlib.mathtext", reason="plots need matplotlib, the extra plots")

F, SLOPE, KINK, RING, TAKEN = "$f(x)$", "$f\\,'(x)$", "kink", "slope not taken", "derivative taken"


def lines(plot, place=0):
    """Return the labelled lines of an axes as lists of points."""
    drawn = plot.figure.axes[place].get_lines()
    return {line.get_label(): list(zip(*map(list, line.get_data()), strict=True)) for line in drawn}


def texts(plot):
    """Return every text of a figure that holds anything."""
    axes = [text for one in plot.figure.axes for text in one.texts]
    return "\n".join(text.get_text() for text in [*plot.figure.texts, *axes])


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


NORMAL = NormalDist()
CLOSED = {  # R5 and R9: the function, and its derivative
    "linear": (lambda x: x, lambda x: 1),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x))),
    "tanh": (lambda x: 2 / (1 + math.exp(-2 * x)) - 1, lambda x: 1 - (2 / (1 + math.exp(-2 * x)) - 1) ** 2),
    "relu": (lambda x: max(x, 0), lambda x: float(x > 0)),
    "leaky_relu": (lambda x: max(0.01 * x, x), lambda x: 1 if x > 0 else 0.01),
    "prelu": (lambda x: x if x > 0 else 0.25 * x, lambda x: 1 if x > 0 else 0.25),
    "elu": (lambda x: x if x > 0 else math.exp(x) - 1, lambda x: 1 if x > 0 else math.exp(x)),
    "softplus": (lambda x: math.log(1 + math.exp(x)), sigmoid),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x)))),
    "gelu": (
        lambda x: x * NORMAL.cdf(x),
        lambda x: NORMAL.cdf(x) + x * NORMAL.pdf(x),
    ),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: (1 + abs(x)) ** -2),
    "sin": (math.sin, math.cos),
}


@pytest.mark.parametrize("name", CLOSED)
def test_R5_R9_the_lines_are_the_function_and_its_derivative(name):
    function, slope = CLOSED[name]
    drawn = lines(viz.activation(name))
    assert len(drawn[F]) == curves.STEPS + 1
    for x, y in drawn[F]:
        assert math.isclose(y, function(x), rel_tol=1e-12, abs_tol=1e-12)
    for x, y in drawn[SLOPE]:
        if x != 0:
            assert math.isclose(y, slope(x), rel_tol=1e-12, abs_tol=1e-12)


def test_the_derivative_is_what_central_differences_measure():
    for x, y in lines(viz.activation("elu", alpha=0.7))[SLOPE][::37]:
        if abs(x) > 0.1:
            measured, _ = central_difference(lambda x: x if x > 0 else 0.7 * math.expm1(x), x)
            assert math.isclose(y, measured, rel_tol=1e-6)


@pytest.mark.parametrize(
    ("name", "settings", "left", "right", "taken"),
    [
        ("relu", {}, 0, 1, 0),
        ("abs", {}, -1, 1, 0),
        ("leaky_relu", {"slope": 0.1}, 0.1, 1, 0.1),
        ("elu", {"alpha": 2.0}, 2, 1, 2),
        ("prelu", {"alpha": 0.5}, 0.5, 1, 0.5),
    ],
)
def test_R9_a_kink_is_marked_with_both_slopes_and_the_one_that_is_taken(name, settings, left, right, taken):
    plot = viz.activation(name, **settings)
    drawn = lines(plot)
    assert drawn[KINK] == [(0, 0)]
    assert drawn[TAKEN] == [(0, taken)]
    assert drawn[RING] == [(0, slope) for slope in (left, right) if slope != taken]
    at_kink = [y for x, y in drawn[SLOPE] if x == 0]  # the line breaks there
    assert at_kink[::2] == [left, right]
    assert math.isnan(at_kink[1])
    row = ops.leaky_relu if name == "prelu" else getattr(ops, name)
    said = " ".join(texts(plot).split())
    assert f"slope {left} on the left, {right} on the right; {taken} is taken." in said
    assert row.convention in said


def test_pieces_that_meet_smoothly_are_no_kink():
    plot = viz.activation("elu")
    assert KINK not in lines(plot)
    assert "the pieces meet with the same slope, 1, so there is no kink." in " ".join(texts(plot).split())
    assert ops.elu.convention not in " ".join(texts(plot).split())


def test_kinks_of_a_users_function_are_found_where_they_are():
    hard = Activation("hard $x_1$", lambda x: x.maximum(-1.1).minimum(1.3))
    drawn = lines(viz.activation(hard))
    assert drawn[F][100] == (0, 0)
    assert drawn[F][0] == (-5, -1.1)
    kinks = curves.curve(hard).kinks(-5, 5)
    assert [kink.x for kink in kinks] == [-1.1, 1.3]
    assert [(kink.left, kink.right, kink.taken) for kink in kinks] == [(0, 1, 0.5), (1, 0, 0.5)]
    assert curves.curve(hard).kinks(-1, 1) == []


def test_a_kink_between_the_points_that_are_drawn_is_found():
    assert [kink.x for kink in curves.curve(Activation("", lambda x: x.maximum(0.025))).kinks(-5, 5)] == [0.025]
    bent = curves.curve(Activation("", lambda x: x.relu() if x > -1 else x * 0))
    assert [kink.x for kink in bent.kinks(-5, 5)] == [0]
    assert [kink.x for kink in curves.curve("relu").kinks(-5, 46.7)] == [0]


def test_a_users_function_without_operations_of_the_table_has_no_kinks_and_no_formula():
    drawn = curves.curve(Activation("bent", lambda x: x if x > 0 else 2 * x))
    assert drawn.kinks(-5, 5) == []
    assert (drawn.formula, drawn.slope(-1), drawn.slope(1)) == ([], 2, 1)


@pytest.mark.parametrize("at", [0.5, -1.0, 3])
def test_an_operating_point_has_its_value_its_derivative_and_a_tangent(at):
    plot = viz.activation("tanh", at=at)
    drawn = plot.figure.axes[0].get_lines()
    points = {line.get_marker(): line.get_data() for line in drawn if len(line.get_xdata()) == 1}
    value, slope = math.tanh(at), 1 - math.tanh(at) ** 2
    assert points["o"] == ([at], [pytest.approx(value)])
    assert points["s"] == ([at], [pytest.approx(slope)])
    (x0, y0), (x1, y1) = lines(plot)["tangent"]
    assert (y1 - y0) / (x1 - x0) == pytest.approx(slope)
    assert (x0 + x1) / 2 == pytest.approx(at)
    assert f"f'(x) = {slope:.6g}, the local" in texts(plot)


def test_a_node_gives_its_operand_and_its_own_settings():
    z, slope = Value(-2, "z"), parameter(0.3, "slope")
    plot = viz.activation("prelu", at=ops.leaky_relu(z, slope))
    drawn = lines(plot)
    assert drawn[TAKEN] == [(0, 0.3)]
    assert plot.figure.get_suptitle().startswith("prelu   (slope = 0.3)")
    assert "Operating point x = -2:\nf(x) = -0.6\nf'(x) = 0.3, the local" in texts(plot)
    assert "Operating point x = -2:" in texts(viz.activation("softplus", at=softplus(z)))


@pytest.mark.parametrize(("name", "at"), [("exp", 700), ("exp", 709.7), ("relu", 1e9), ("sinh", -700)])
def test_numbers_near_the_largest_float_break_nothing(name, at):
    assert ElementTree.fromstring(viz.activation(name, at=at).svg()).tag.endswith("svg")


def test_a_point_outside_is_brought_into_the_plot_and_one_without_value_is_said():
    plot = viz.activation("tanh", at=40)
    low, high = plot.figure.axes[0].get_xlim()
    assert (low, high > 40) == (-5, True)
    plot = viz.activation("log", at=-1)
    assert plot.figure.axes[0].get_xlim() == (0.1, 4)
    assert "Operating point x = -1:\nf(x) = nan cannot be drawn." in texts(plot)
    assert "tangent" not in lines(plot)
    drawn = lines(viz.activation("log", x_range=(-1, 1)))
    assert all(x > 0 for x, _ in drawn[SLOPE])  # where the function is no number, it has no derivative
    assert math.isnan(drawn[F][0][1])


def test_the_title_is_the_formula_of_the_table():
    def title(*arguments, **settings):
        return viz.activation(*arguments, **settings).figure.get_suptitle().split("\n")

    assert title("sigmoid") == ["sigmoid", r"$f(x) = $$\frac{1}{1 + e^{-x}}$", r"$f\,'(x) = $$f(x) \cdot (1 - f(x))$"]
    assert title("elu", alpha=0.5) == [
        "elu   (alpha = 0.5)",
        r"$f(x) = $$\alpha \cdot \left(e^{x} - 1\right)$  for $x \leq 0$,   $x$  for $x > 0$",
        r"$f\,'(x) = $$\alpha \cdot e^{x}$  for $x \leq 0$,   $1$  for $x > 0$",
    ]
    assert title("abs")[1] == "$f(x) = $$|{x}|$"
    assert title("linear", a=2, c=1)[1:] == [r"$f(x) = $$2 \cdot x + 1$", r"$f\,'(x) = $$2$"]
    assert title("abs")[2] == r"$f\,'(x) = $$1$  for $x > 0$,   $-1$  for $x < 0$,   $0$  $\text{otherwise}$"
    assert title(Activation("100% $x_1$", lambda x: x * x)) == [r"100% \$x_1\$"]


@pytest.mark.parametrize("op", [op for op in ops.TABLE if op.arity == 1], ids=lambda op: op.name)
def test_every_operation_of_one_operand_has_a_title_that_matplotlib_can_write(op):
    _, *formulas = viz.activation(op).figure.get_suptitle().split("\n")
    assert len(formulas) == 2
    for formula in formulas:
        for part in formula.split("$")[1::2]:
            mathtext.MathTextParser("path").parse(f"${part}$")


def test_cases_of_a_formula():
    x = Symbol("x")
    assert latex_cases(x * 2) == [(r"x \cdot 2", "")]
    assert latex_cases(ops.relu.partials[0](x, x)) == [("0", r"x \le 0"), ("1", "x > 0")]
    assert latex_cases(ops.abs.partials[0](x, x)) == [("1", "x > 0"), ("-1", "x < 0"), ("0", r"\text{otherwise}")]


# --- Softmax ---------------------------------------------------------------------------------------------------------


def test_R5_softmax_shows_its_outputs_and_the_full_jacobian():
    inputs = [2.0, 1.0, 0.5]
    with pytest.raises(
        ValueError, match="expected a function of one number, got softmax, which is a function of a whole layer"
    ):
        curves.curve("softmax")
    plot = viz.activation("softmax", at=[Value(x) for x in inputs])
    outputs, jacobian = plot.figure.axes
    drawn = lines(plot)
    for place in range(3):
        x, y = drawn[f"$s_{{{place}}}$"][20]
        exponentials = [math.exp(x), math.exp(1.0), math.exp(0.5)]
        assert y == pytest.approx(exponentials[place] / sum(exponentials))
    assert outputs.get_xlabel() == "$x_0$ (the other inputs stay fixed)"
    s = [math.exp(x) / sum(map(math.exp, inputs)) for x in inputs]
    expected = [s[i] * (1 - s[i]) if i == j else -s[i] * s[j] for i in range(3) for j in range(3)]
    assert [float(text.get_text()) for text in jacobian.texts] == [round(number, 4) for number in expected]
    assert [text.get_position() for text in jacobian.texts][:4] == [(0, 0), (1, 0), (2, 0), (0, 1)]


@pytest.mark.parametrize(
    ("at", "error", "message"),
    [
        (1.0, TypeError, "expected a list of numbers for softmax, such as at=[1, 0, -1], got float."),
        ([1.0], ValueError, "expected 2 to 6 inputs for the plot of softmax, got 1."),
        ([1.0, math.inf], ValueError, "expected a number from -1e9 to 1e9 for input 1 of softmax"),
        ([1.0, "2"], TypeError, "expected a real number for input 1 of softmax, got str"),
    ],
)
def test_inputs_that_softmax_cannot_have(at, error, message):
    with pytest.raises(error) as raised:
        viz.activation("softmax", at=at)
    assert message in str(raised.value)


def test_a_setting_that_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="expected a number from -1e9 to 1e9 for the setting alpha, got nan"):
        viz.activation("elu", alpha=math.nan)


# --- The gallery -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gallery():
    return viz.activation_gallery()


def test_the_gallery_has_every_activation_of_the_lectures(gallery):
    titles = [axes.get_title(loc="left").split("\n")[0].split("   ")[0] for axes in gallery.figure.axes]
    assert titles[:7] == ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "elu"]
    assert titles[7].startswith("softmax: $s_0$")
    assert titles[8:] == list(ACTIVATIONS)[8:] == ["softplus", "silu", "gelu", "softsign"]
    [legend] = gallery.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [F, SLOPE, KINK, RING, TAKEN]
    softmax = gallery.figure.axes[7].get_lines()
    x, y = (column[150] for column in softmax[1].get_data())
    s = math.exp(x) / (math.exp(x) + 1 + math.exp(-1))
    assert y == pytest.approx(s * (1 - s))


def test_the_gallery_has_room_for_other_activations(monkeypatch):
    monkeypatch.setattr("viz.plots.activations.ACTIVATIONS", ["tanh", "relu"])
    assert len(viz.activation_gallery().figure.axes) == 2


def test_the_formulas_of_the_gallery_reach_neither_the_next_ones_nor_the_edge(gallery):
    canvas = pytest.importorskip("matplotlib.backends.backend_agg").FigureCanvasAgg(gallery.figure)
    canvas.draw()
    written = [axes.findobj(lambda part: "\n" in getattr(part, "get_text", str)()) for axes in gallery.figure.axes]
    titles = [title.get_window_extent(canvas.get_renderer()) for [title] in written]
    for title, right in pairwise([*titles, titles[0]]):
        is_last_of_a_row = right.x0 < title.x0
        assert title.x1 + 15 < (gallery.figure.bbox.width if is_last_of_a_row else right.x0)


def test_texts_are_readable_on_a_slide(gallery):
    for plot in (viz.activation("relu", at=1), gallery):
        found = plot.figure.findobj(lambda artist: hasattr(artist, "get_fontsize"))
        dots = min(text.get_fontsize() for text in found) * plot.figure.dpi / 72
        assert dots >= 14


# --- What is wrong is said -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        (["rleu"], {}, ValueError, "an operation with one operand, got 'rleu'. Try relu."),
        (["mul"], {}, ValueError, "expected an activation or an operation with one operand, got 'mul'. Try linear, "),
        (["relu"], {"slope": 0.1}, TypeError, "relu has no setting 'slope'; it has none."),
        (["sin"], {"slope": 0.1}, TypeError, "sin has no setting 'slope'; it has none."),
        (["softmax"], {"slope": 0.1}, TypeError, "softmax has no settings and no x_range; give its inputs"),
        ([["relu"]], {}, TypeError, 'expected the name of an activation, such as "relu", or an Activation, got list.'),
        (["elu"], {"alpha": "1"}, TypeError, "expected a real number for the setting alpha, got str: '1'."),
        ([Activation("c", lambda x: 3.0)], {}, TypeError, "got float. It returned the plain number 3"),
        (["relu"], {"at": math.nan}, ValueError, "expected a number from -1e9 to 1e9 for the operating point"),
        (["relu"], {"at": "1"}, TypeError, "expected a real number for the operating point, got str"),
        (["relu"], {"x_range": (1, 1)}, ValueError, "expected x_range to begin below its end, got 1 and 1."),
        (["relu"], {"x_range": 3}, ValueError, "expected a pair of numbers such as (-3, 3) for x_range, got 3."),
        (["relu"], {"at": Value(3, "z")}, ValueError, "for the operating point, got z, a leaf Value. Give"),
        (["relu"], {"at": Value(3).tanh()}, ValueError, "operating point, got Value(0.9950547537), which was comp"),
        (["linear"], {"at": Value(3, "z")}, ValueError, "the operating point of linear, which is several"),
    ],
)  # fmt: skip
def test_what_cannot_be_plotted_is_said(arguments, settings, error, message):
    with pytest.raises(error) as raised:
        viz.activation(*arguments, **settings)
    assert message in str(raised.value)


def test_a_node_whose_operand_was_assigned_is_refused():
    z = Value(3, "z")
    node = z.relu()
    z.data = -3
    with pytest.raises(ValueError, match="was changed after .* was computed. Compute .* again"):
        viz.activation("relu", at=node)


def test_without_matplotlib_a_sentence_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(LayoutError, match=r"pip install 'gradstep\[plots\]'"):
        viz.activation("relu")
    assert main(["activation", "relu"]) == 1
    assert "gradstep: a plot needs matplotlib" in capsys.readouterr().err


def test_viz_brings_no_matplotlib_and_a_plot_no_pyplot(tmp_path):
    code = (
        "import sys, viz; print('matplotlib' in sys.modules); viz.activation('relu').save('relu.svg'); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


# --- The object ------------------------------------------------------------------------------------------------------


def test_a_plot_is_the_same_in_every_run_and_whatever_the_users_style():
    matplotlib = pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")
    first = viz.activation("relu")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "svg.hashsalt": None}):
        second = viz.activation("relu")
        svg = second.svg()
        assert matplotlib.rcParams["font.size"] == 30
    assert svg == first.svg()
    assert 'width="921.6pt" height="518.4pt"' in svg
    png, size = first._repr_png_()
    assert (png, size) == (second._repr_png_()[0], {"width": 960, "height": 540})  # the width of a cell
    assert "<dc:date>" not in svg


def test_files_by_suffix(tmp_path):
    plot = viz.activation("tanh")
    beginnings = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
    for suffix, beginning in beginnings.items():
        assert plot.save(tmp_path / f"tanh.{suffix}").read_bytes().startswith(beginning)
    assert b"CreationDate" not in (tmp_path / "tanh.pdf").read_bytes()
    content = (tmp_path / "tanh.png").read_bytes()
    assert [int.from_bytes(content[place : place + 4], "big") for place in (16, 20)] == [1600, 900]
    with pytest.raises(ValueError, match="a plot that ends with .svg, .png, .pdf, .jpg, .jpeg, got 'tanh.gif'"):
        plot.save(tmp_path / "tanh.gif")
    assert repr(plot) == """<Plot 'tanh': save("plot.svg") writes it>"""


def test_a_name_is_text_whatever_it_holds():
    odd = "<b>&$\\frac{$_^%\n\x07\ud800 \N{GREEK SMALL LETTER DELTA}日" + "x" * 200
    svg = viz.activation(Activation(odd, lambda x: x.tanh()), at=1).svg()
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert plotting.short(odd).startswith("<b>&$\\frac{$_^% \\x07\\ud800 \N{GREEK SMALL LETTER DELTA}日xx")


# --- The command -----------------------------------------------------------------------------------------------------


def test_the_command_writes_a_plot(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["activation", "elu", "--at", "-1.5", "--set", "alpha=0.5"]) == 0
    assert capsys.readouterr().out == "The plot of elu is in elu.svg\n"
    assert ElementTree.parse(tmp_path / "elu.svg").getroot().tag.endswith("svg")
    assert main(["activation", "softmax", "--at=1,0", "--svg", "s", "--png", "s.png"]) == 0
    assert capsys.readouterr().out == "The plot of softmax is in s.svg\nThe plot of softmax is in s.png\n"
    monkeypatch.setattr("viz.plots.activations.ACTIVATIONS", ["tanh", "relu"])
    assert main(["activation", "--gallery"]) == 0
    assert capsys.readouterr().out == "The plot of activations and their derivatives is in activations.svg\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["activations.svg", "elu.svg", "s.png", "s.svg"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rleu"], "gradstep: expected an activation or an operation with one operand, got 'rleu'"),
        (["relu", "--set", "slope=1"], "gradstep: relu has no setting 'slope'; it has none."),
        (["relu", "--at", "1,2"], "gradstep: expected a real number for the operating point, got list"),
        (["--gallery", "--at", "1"], "gradstep: --at and --set do not work with --gallery"),
        (["relu", "--svg", "no/where.svg"], "gradstep: the folder no does not exist"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["activation", *arguments]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["relu", "--at", "x"], "expected a number, or several such as 1,0,-1; got 'x'"),
        (["elu", "--set", "alpha"], "expected a setting such as slope=0.1, got 'alpha'"),
        (["elu", "--gallery"], "not allowed with argument"),
        ([], "one of the arguments NAME --gallery is required"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["activation", *arguments])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
