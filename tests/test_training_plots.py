"""Plots of a training: the numbers of their lines, contours and bars, against closed forms and PyTorch."""

import math
from xml.etree import ElementTree

import pytest

import viz
from autograd import Value, constant, parameter, replay
from nn import MLP, Dataset, History, cross_entropy, fit, half_squared_error, moons, spiral
from viz.plots import grids, plotting

pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")


def texts(plot):
    return [text.get_text() for text in plot.figure.texts]


def points(line):
    return list(zip(*map(list, line.get_data()), strict=True))


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


# --- The loss --------------------------------------------------------------------------------------------------------


def test_R12_the_loss_of_a_descent_is_a_geometric_series():
    w = parameter(4, "w")
    losses = []
    for _ in range(6):  # w <- w - 0.25 * 2 w halves w, so that the loss falls to a quarter
        loss = w * w
        losses.append(loss)
        w.grad = None
        loss.backward()
        w.data -= 0.25 * w.grad
    axes = viz.plot_loss(losses).figure.axes[0]
    assert points(axes.get_lines()[0]) == [(place + 1, 16 / 4**place) for place in range(6)]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("iteration", "loss", "linear")


def test_a_second_series_has_an_axis_of_its_own():
    plot = viz.plot_loss([3, 2, 1], second=[0.25, 0.5, 1], second_name="$accuracy_$")
    left, right = plot.figure.axes
    assert points(right.get_lines()[0]) == [(1, 0.25), (2, 0.5), (3, 1)]
    assert right.get_ylabel() == "$accuracy_$"
    assert legend(left) == ["loss", "$accuracy_$"]
    assert [text.get_parse_math() for text in left.get_legend().get_texts()] == [False, False]
    assert left.get_lines()[0].get_linestyle() == "-"
    assert right.get_lines()[0].get_linestyle() == "--"
    assert ElementTree.fromstring(plot.svg()).tag.endswith("svg")


def test_what_is_not_finite_breaks_the_line_is_marked_and_is_said():
    plot = viz.plot_loss([8, 4, math.nan, math.inf, 1], second=[1, math.nan, 1, 1, 1])
    line, crosses = plot.figure.axes[0].get_lines()
    assert [y for _, y in points(line)][:2] + [y for _, y in points(line)][4:] == [8, 4, 1]
    assert all(math.isnan(y) for _, y in points(line)[2:4])
    assert list(crosses.get_xdata()) == [3, 4]
    assert crosses.get_marker() == "x"
    [said] = texts(plot)
    assert said.splitlines() == [
        "the loss cannot be drawn at 2 of 5 iterations: the first is nan at iteration 3",
        "accuracy cannot be drawn at 1 of 5 iterations: the first is nan at iteration 2",
    ]


def test_a_logarithmic_axis_says_what_it_cannot_show():
    plot = viz.plot_loss([100, 0, 1, -1, 0.01], log=True)
    axes = plot.figure.axes[0]
    assert axes.get_yscale() == "log"
    assert list(axes.get_lines()[1].get_xdata()) == [2, 4]
    assert texts(plot) == [
        "the loss cannot be drawn on a logarithmic axis at 2 of 5 iterations: the first is 0 at iteration 2"
    ]
    assert viz.plot_loss([0, 0], log=True).figure.axes[0].get_yscale() == "linear"


@pytest.mark.parametrize("log", [False, True])
def test_numbers_that_no_axis_holds_are_left_out(log):
    plot = viz.plot_loss([1e308, 5, 1e-308, 2], log=log)
    assert "cannot be drawn" in texts(plot)[0]
    assert ElementTree.fromstring(plot.svg()).tag.endswith("svg")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"losses": []}, ValueError, "expected at least one number for the losses, got an empty sequence."),
        ({"losses": 3.0}, TypeError, "expected a sequence of numbers for the losses, got float."),
        ({"losses": History((), 1.0, None, "", "", False)}, TypeError, "got History. Give its .losses."),
        ({"losses": [1, "2"]}, TypeError, "expected a real number for number 2 of the losses, got str: '2'."),
        (
            {"losses": [1, 2], "second": [1]},
            ValueError,
            "expected 2 numbers in the second series, one for each loss, got 1.",
        ),
    ],
)
def test_losses_that_cannot_be_plotted(arguments, error, message):
    with pytest.raises(error) as raised:
        viz.plot_loss(**arguments)
    assert message in str(raised.value)


# --- Contours --------------------------------------------------------------------------------------------------------


def bowl(a, b):
    return lambda: (a - 1) ** 2 + 4 * (b + 2) ** 2


def test_the_surface_is_the_loss_at_every_point_and_the_parameters_are_as_before():
    a, b = parameter(3, "a"), parameter(-1, "b")
    a.grad = 7.0
    xs, ys = [-1.0, 0.5, 2.0], [-2.0, 0.25]
    expected = [[(x - 1) ** 2 + 4 * (y + 2) ** 2 for x in xs] for y in ys]
    for loss in (bowl(a, b), replay(bowl(a, b)), lambda: (a.data - 1) ** 2 + 4 * (b.data + 2) ** 2):
        assert grids.surface(loss, (a, b), xs, ys) == expected
    assert (a.data, b.data, a.grad, b.has_grad) == (3, -1, 7, False)


def test_a_loss_that_branches_in_python_is_evaluated_on_each_side():
    a, b = Value(1.0), Value(1.0)

    def loss():
        return a * b if a > b else a + b

    xs = [place / 10 for place in range(30)]
    assert grids.surface(loss, (a, b), xs, xs) == [[x * y if x > y else x + y for x in xs] for y in xs]


def test_the_parameters_are_restored_after_an_error():
    a, b = parameter(3, "a"), parameter(-1, "b")

    def loss():
        if a.data > 3.5:
            raise ZeroDivisionError
        return a * b

    with pytest.raises(ZeroDivisionError):
        viz.plot_contour(loss, (a, b))
    assert (a.data, b.data) == (3, -1)


def test_levels_lie_on_the_ellipses_of_a_bowl():
    a, b = parameter(3, "a"), parameter(-1, "$b_")
    plot = viz.plot_contour(bowl(a, b), (a, b), resolution=80)
    axes, scale = plot.figure.axes
    assert (axes.get_xlim(), axes.get_ylim()) == ((1, 5), (-3, 1))
    assert (axes.get_xlabel(), axes.get_ylabel(), scale.get_ylabel()) == ("a", "$b_", "loss")
    lines = axes.collections[1]
    assert len(lines.levels) == 13
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        for x, y in path.vertices[::5]:
            assert (x - 1) ** 2 + 4 * (y + 2) ** 2 == pytest.approx(level, abs=0.02)
    xs, ys = grids.spread(1, 5, 80), grids.spread(-3, 1, 80)
    below = sum((x - 1) ** 2 + 4 * (y + 2) ** 2 <= lines.levels[6] for x in xs for y in ys)
    assert below == pytest.approx(3200, abs=40)  # the middle level has half of the points below it
    assert ElementTree.fromstring(plot.svg()).tag.endswith("svg")


def test_the_path_is_drawn_from_its_start_to_its_end_and_sets_the_range():
    a, b = parameter(0, "a"), parameter(0, "b")
    path = [(4, 0), (Value(2), -1.0), (1, -2)]
    axes = viz.plot_contour(bowl(a, b), (a, b), path=path, resolution=10).figure.axes[0]
    drawn = {line.get_label(): points(line) for line in axes.get_lines()}
    assert drawn["start"] == [(4, 0)]
    assert drawn["end"] == [(1, -2)]
    assert points(axes.get_lines()[1]) == [(4, 0), (2, -1), (1, -2)]
    assert axes.get_xlim() == pytest.approx((0.25, 4.75))
    assert axes.get_ylim() == pytest.approx((-2.5, 0.5))


def test_a_loss_that_is_flat_or_not_finite_is_said():
    a, b = parameter(0, "a"), parameter(0, "b")
    assert texts(viz.plot_contour(lambda: a * 0 + 3, (a, b), resolution=5)) == ["the loss is the same everywhere: 3"]
    plot = viz.plot_contour(lambda: a.log() + b, (a, b), resolution=5)
    assert texts(plot) == ["white: the loss is not finite there, or beyond 1e200 (15 of 25 points)"]
    with pytest.raises(ValueError, match="expected a finite loss at some point of the grid, got none"):
        viz.plot_contour(lambda: (a * 0).log() * b, (a, b), resolution=5)


A, B = parameter(1, "a"), parameter(2, "b")


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        ([lambda: A * B, (A, A)], {}, TypeError, "expected two different Values, such as (w, b), for the parameters"),
        ([lambda: A * B, A], {}, TypeError, "expected two different Values, such as (w, b), for the parameters, got"),
        ([lambda: A * B, (A, A * B)], {}, TypeError, "parameters, got Value(2), which was computed by mul."),
        ([lambda: A * B, (A, B)], {"resolution": 1}, ValueError, "a whole number from 2 to 400 for the resolution"),
        ([lambda: A * B, (A, B), [(1, 2, 3)]], {}, ValueError, "expected pairs such as (0.5, 1.5) in the path, got"),
        ([lambda: A * B, (A, B), [(1, math.nan)]], {}, ValueError, "a finite number for point 1 of the path, got nan."),
        ([A * B, (A, B)], {}, TypeError, "expected a function without arguments for the loss, got Value."),
        ([lambda: A * B, (A, B)], {"around": 0}, ValueError, "the range from 1 to 1 is too narrow or too wide to"),
        ([lambda: "x", (A, B)], {}, TypeError, "expected a real number for the loss, got str"),
    ],
)  # fmt: skip
def test_contours_that_cannot_be_drawn(arguments, settings, error, message):
    with pytest.raises(error) as raised:
        viz.plot_contour(*arguments, **settings)
    assert message in str(raised.value)
    assert (A.data, B.data) == (1, 2)


# --- Decision boundaries ---------------------------------------------------------------------------------------------


def test_the_outputs_of_a_model_are_those_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch, the oracle, is not installed")
    mlp = MLP(2, [5, 3], "tanh", seed=4)
    net = torch.nn.Sequential(torch.nn.Linear(2, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).double()
    with torch.no_grad():
        for layer, own in zip((net[0], net[2]), mlp.layers, strict=True):
            weights = [[weight.data for weight in neuron.weights] for neuron in own.neurons]
            layer.weight.copy_(torch.tensor(weights, dtype=torch.double))
            layer.bias.copy_(torch.tensor([neuron.bias.data for neuron in own.neurons], dtype=torch.double))
    rows = [(x / 3, y / 3) for x in range(-5, 5) for y in range(-5, 5)]
    expected = net(torch.tensor(rows, dtype=torch.double)).tolist()
    for row, own in zip(expected, grids.outputs_at(mlp, rows), strict=True):
        assert own == pytest.approx(row, rel=1e-12, abs=1e-12)
    others = grids.outputs_at(lambda point: net(torch.tensor(point, dtype=torch.double)).tolist(), rows)
    assert others[7] == pytest.approx(expected[7], rel=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        lambda point: point[0] * 2 - point[1] - 1,
        lambda point: float(point[0]) * 2 - float(point[1]) - 1,
        lambda point: [point[0] * 2 - point[1] - 1],
    ],
    ids=["recorded", "numbers", "list"],
)
def test_the_boundary_of_a_linear_model_is_its_line_and_the_margins_are_parallel(model):
    plot = viz.plot_decision_boundary(model, [(0, 0), (2, 0), (2, 1)], [-1, 1, -1])
    axes = plot.figure.axes[0]
    levels = [contour for contour in axes.collections if len(contour.levels) == 1]
    assert [list(contour.levels) for contour in levels] == [[0], [-1], [1]]
    for contour in levels:
        vertices = [vertex for path in contour.get_paths() for vertex in path.vertices]
        assert len(vertices) > 50
        for x, y in vertices:
            assert 2 * x - y - 1 == pytest.approx(contour.levels[0], abs=1e-9)
    assert axes.get_title(loc="left") == "decision boundary: 2 of 3 points are classified as labelled"
    assert legend(axes) == ["label -1", "label 1", "boundary: output 0", "margin: output -1", "margin: output 1"]
    drawn = [points(line) for line in axes.get_lines()]
    assert drawn[:2] == [[(0, 0), (2, 1)], [(2, 0)]]


def test_the_threshold_lies_between_the_labels_and_can_be_given():
    corners = [(0, 0), (1, 1)]

    def explained(labels, **settings):
        return legend(viz.plot_decision_boundary(lambda p: p[0], corners, labels, **settings).figure.axes[0])[2:]

    assert explained([0, 1]) == ["boundary: output 0.5"]
    assert explained([1, 1]) == ["boundary: output 0", "margin: output -1", "margin: output 1"]
    assert explained([3, 5]) == ["boundary: output 4"]
    assert explained([0, 1], threshold=0, margin=0.25) == [
        "boundary: output 0",
        "margin: output -0.25",
        "margin: output 0.25",
    ]


def test_with_a_score_for_each_class_the_largest_counts():
    def model(point):
        return [point[0], -1 * point[0], point[1] - 1.0]

    plot = viz.plot_decision_boundary(model, [(1, 0), (-1, 0), (0, 3), (0.5, 3)], [0, 1, 2, 1])
    axes = plot.figure.axes[0]
    assert axes.get_title(loc="left") == "decision boundary: 3 of 4 points are classified as labelled"
    assert legend(axes) == ["label 0", "label 1", "label 2", "boundary: the two largest\nscores are equal"]
    for contour in [contour for contour in axes.collections if len(contour.levels) == 1]:
        for path in contour.get_paths():
            for x, y in path.vertices[::10]:
                first, second, _ = sorted(model([x, y]), reverse=True)
                assert first - second == pytest.approx(0, abs=0.05)
    regions = [contour for contour in axes.collections if len(contour.levels) == 2]
    assert [region.hatches for region in regions] == [[""], ["//"], [".."]]


def test_a_plane_of_one_class_and_outputs_that_are_not_finite_are_said():
    corners = [(0, 0), (1, 1)]
    plot = viz.plot_decision_boundary(lambda p: 0.7, corners, [0, 1])
    assert texts(plot) == ["the model gives label 1 everywhere here"]
    plot = viz.plot_decision_boundary(lambda p: p[0].log(), corners, [0, 1], resolution=7)
    assert texts(plot) == ["white: the output is not finite there, or beyond 1e200 (14 of 49 points)"]
    assert ElementTree.fromstring(plot.svg()).tag.endswith("svg")


@pytest.mark.parametrize(
    ("model", "places", "labels", "error", "message"),
    [
        (lambda p: p[0], [], [], ValueError, "expected one label for each point, got 0 points and 0 labels."),
        (lambda p: p[0], [(0, 0)], [1, 2], ValueError, "expected one label for each point, got 1 points and 2 labels."),
        (lambda p: p[0], [(0, 0, 1)], [1], ValueError, "expected two numbers for point 0, got (0, 0, 1)."),
        (lambda p: p[0], [(0, math.inf)], [1], ValueError, "a finite number for a number of point 0, got inf."),
        (lambda p: p[0], [(0, 0)] * 3, [1, 2, 3], ValueError, "for a model with one output, got 1, 2 and 3"),
        (lambda p: p, [(0, 0)], [2], ValueError, "since the model has 2 outputs, got 2 for label 0."),
        (lambda p: p * 4, [(0, 0)], [2], ValueError, "expected a model with 1 to 6 outputs, got 8 outputs."),
        (lambda p: p[0] / "2", [(0, 0)], [1], TypeError, "unsupported operand type(s) for /: 'float' and 'str'"),
        (lambda p: [], [(0, 0)], [1], ValueError, "expected at least one output from the model, got an empty list."),
        (3, [(0, 0)], [1], TypeError, "expected a function of a list of two numbers for the model, got int."),
        (lambda p: p[0], [(0, 0)], [math.nan], ValueError, "expected a finite number for label 0, got nan."),
        (lambda p: None, [(0, 0)], [1], TypeError, "expected a real number for an output of the model, got None."),
    ],
)  # fmt: skip
def test_boundaries_that_cannot_be_drawn(model, places, labels, error, message):
    with pytest.raises(error) as raised:
        viz.plot_decision_boundary(model, places, labels)
    assert message in str(raised.value)


# --- Histograms ------------------------------------------------------------------------------------------------------


def bars(axes):
    """Return the bars with anything in them, as (left, right, count)."""
    boxes = [(bar.get_x(), bar.get_x() + bar.get_width(), bar.get_height()) for bar in axes.patches]
    return [box for box in boxes if box[2]]


def test_histograms_count_every_activation_and_every_gradient():
    mlp = MLP(2, [3, 2], "relu", seed=2)
    inputs = [(1.0, -1.0), (0.5, 2.0), (-1.0, -2.0), (3.0, 0.0)]
    cross_entropy([mlp(row) for row in inputs], [0, 1, 0, 1]).backward()
    plot = viz.plot_histograms(mlp, inputs)
    axes = plot.figure.axes
    assert [one.get_title() for one in axes[:2]] == ["layer 1: 3 relu", "layer 2: 2 linear"]
    hidden = [max(0, x * n.weights[0].data + y * n.weights[1].data) for x, y in inputs for n in mlp.layers[0].neurons]
    gradients = [w.grad for n in mlp.layers[1].neurons for w in n.weights]
    for numbers, one in ((hidden, axes[0]), (gradients, axes[3])):
        assert sum(count for *_, count in bars(one)) == len(numbers)
        for low, high, count in bars(one):
            inside = [x for x in numbers if low - 1e-9 <= x <= high + 1e-9]
            assert len(inside) >= count
        mean = sum(numbers) / len(numbers)
        assert f"mean {mean:.4g}".replace("e-0", "e-0") in one.get_xlabel()
    assert f"{hidden.count(0)} of 12 are 0" in axes[0].get_xlabel()
    deviation = math.sqrt(sum((x - sum(hidden) / 12) ** 2 for x in hidden) / 12)
    assert f"std {deviation:.4g}" in axes[0].get_xlabel()


def test_gradients_that_are_not_there_and_numbers_that_are_not_finite_are_said():
    mlp = MLP(1, [2], "linear")
    plot = viz.plot_histograms(mlp, [[1.0], [math.inf]])
    above, below = plot.figure.axes
    assert above.get_xlabel().endswith("2 not finite")
    assert [text.get_text() for text in below.texts] == ["none yet:\ncall backward()\nfirst"]
    assert not any(parameter.has_grad for parameter in mlp.parameters())
    [text] = viz.plot_histograms(mlp, [[math.nan]]).figure.axes[0].texts
    assert text.get_text() == "no finite numbers"


def test_of_many_layers_the_first_and_the_last_are_shown():
    mlp = MLP(1, [1] * 9)
    half_squared_error(mlp([1.0]), 2.0).backward()
    titles = [axes.get_title() for axes in viz.plot_histograms(mlp, [[1.0]]).figure.axes]
    assert [title.partition(":")[0] for title in titles[:6]] == [f"layer {number}" for number in (1, 2, 3, 7, 8, 9)]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ([MLP(2, [1]), []], ValueError, "expected at least one list of numbers in the inputs, got []"),
        ([MLP(2, [1]), [(1, 2, 3)]], ValueError, "expected 2 numbers for the neuron, got 3."),
        ([constant(1), [(1, 2)]], TypeError, "expected an MLP for the histograms, got Value."),
    ],
)  # fmt: skip
def test_histograms_that_cannot_be_drawn(arguments, error, message):
    with pytest.raises(error) as raised:
        viz.plot_histograms(*arguments)
    assert message in str(raised.value)


def test_a_data_set_gives_its_names_to_the_plot():
    data = Dataset(
        [[0, 1], [1, 2], [2, 0]],
        [0, 1, 1],
        feature_names=("petal length", "width\x07"),
        class_names=("setosa", "virginica"),
    )
    plot = viz.plot_decision_boundary(MLP(2, [1], seed=1), data, resolution=5)
    [axes] = plot.figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("petal length", "width\\x07")
    assert legend(axes)[:2] == ["setosa (label -1)", "virginica (label 1)"]
    scores = viz.plot_decision_boundary(MLP(2, [2], seed=1), data, resolution=5, loss="cross_entropy")
    assert legend(scores.figure.axes[0])[:2] == ["setosa (label 0)", "virginica (label 1)"]


def test_a_dollar_sign_in_the_names_of_classes_is_plain_text_and_long_names_are_broken():
    names = (r"costs $\foo{ more than $5", "a class whose name is as long as a whole sentence of a report")
    data = Dataset([[0, 1], [1, 2], [2, 0]], [0, 1, 1], feature_names=("$x", "y$"), class_names=names)
    plot = viz.plot_decision_boundary(MLP(2, [1], seed=1), data, resolution=5)
    [axes] = plot.figure.axes
    texts = axes.get_legend().get_texts()
    assert not any(text.get_parse_math() for text in texts)
    assert texts[0].get_text().replace("\n", " ") == r"costs $\foo{ more than $5 (label -1)"
    assert texts[1].get_text() == "a class whose name is as long\nas a whol… (label 1)"
    assert "<svg" in plot.svg()  # drawn, and not read as a formula


def test_letters_of_asia_are_drawn_with_a_font_of_the_machine_and_other_texts_as_everywhere(monkeypatch):
    def drawn(name):
        return viz.plot_loss([3, 2, 1], second=[1, 2, 3], second_name=name).svg()

    latin = drawn("accuracy")
    manager = pytest.importorskip("matplotlib.font_manager").fontManager
    there = {font.name for font in manager.ttflist} & {*plotting._FONTS_OF_ASIA}
    asian = drawn("\u6b63\u786e")
    monkeypatch.setattr(plotting, "_FONTS_OF_ASIA", ())
    assert drawn("accuracy") == latin
    if not there:
        pytest.skip("no font with letters of Asia that this machine is known to have")
    assert drawn("\u6b63\u786e") != asian  # boxes


def test_a_data_set_is_decided_as_fit_decides():
    network, data = MLP(2, [8, 1], seed=1), moons(60, seed=1)
    for loss in (None, "binary_cross_entropy_with_logits"):
        history = fit(network, data, loss, iterations=15)
        title = viz.plot_decision_boundary(network, data, loss=loss, resolution=5).title
        assert title.startswith(f"decision boundary: {round(history.accuracy * 60)} of 60 points")
    three = MLP(2, [3], seed=1)
    spirals = spiral(30, classes=3, seed=1)
    right = round(fit(three, spirals, iterations=2).accuracy * 30)
    assert f"{right} of 30" in viz.plot_decision_boundary(three, spirals, resolution=5).title
    with pytest.raises(ValueError, match="expected points with labels and without a loss"):
        viz.plot_decision_boundary(network, data.inputs)
    with pytest.raises(ValueError, match="a Dataset has its own labels"):
        viz.plot_decision_boundary(network, data, data.targets)
    with pytest.raises(ValueError, match="whose targets are numbers: line"):
        viz.plot_decision_boundary(network, Dataset([[0, 1], [1, 2]], [0.5, 2], name="line"))


def test_the_held_out_losses_share_the_axis_of_the_losses():
    plot = viz.plot_loss([4, 2, 1], test=[8, 3, 5], second=[0, 0.5, 1], second_name="held-out accuracy")
    left, right = plot.figure.axes
    assert [points(line) for line in left.lines] == [[(1, 4), (2, 2), (3, 1)], [(1, 8), (2, 3), (3, 5)]]
    assert legend(right if right.get_legend() else left) == ["loss", "held-out loss", "held-out accuracy"]
    assert left.get_ylim()[1] > 8
    assert plot.about == "from 4 to 1, held-out loss from 8 to 5, held-out accuracy from 0 to 1"
    with pytest.raises(ValueError, match="expected 3 numbers in the held-out series, one for each loss, got 2"):
        viz.plot_loss([4, 2, 1], test=[8, 3])
