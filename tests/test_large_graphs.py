"""Pictures of large graphs: sums folded, scopes collapsed, the part around a node."""

import re
from collections import Counter, defaultdict

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_pictures import node_texts, texts

import viz
from autograd import Tape, Value, constant, parameter, scope
from nn import MLP, relu_exercise, sigmoid_exercise
from viz.core.drawing import Drawing
from viz.graphs.views import TooLargeError, view


def by_key(drawing: Drawing):
    return {figure.key: figure for figure in drawing.figures}


def shape_of(drawing):
    """Return the kinds and labels of the figures, operations left out, and the edges by their ends."""
    figures = [(figure.key, figure.kind, figure.label) for figure in drawing.figures if figure.kind != "operation"]
    return figures, [(edge.tail, edge.head, edge.partial, edge.count) for edge in drawing.edges]


def weighted_sum():
    xs = [Value(number, f"x{place}") for place, number in enumerate((1, 2, 3, 4))]
    ws = [parameter(number, f"w{place}") for place, number in enumerate((5, -6, 7, -8))]
    z = xs[0] * ws[0] + xs[1] * ws[1] + xs[2] * ws[2] + xs[3] * ws[3]
    z.label = "z"
    loss = z * z
    loss.backward()
    return loss


def test_a_sum_of_four_products_is_one_node_with_its_parameters():
    drawing = view(weighted_sum(), fold=True)
    figures, edges = shape_of(drawing)
    assert figures == [
        ("v0", "leaf", "x0"),
        ("v3", "leaf", "x1"),
        ("v7", "leaf", "x2"),
        ("v11", "leaf", "x3"),
        ("v14", "sum", "z"),
        ("v15", "computed", None),
    ]
    assert edges[:4] == [("v0", "v14", 5, 1), ("v3", "v14", -6, 1), ("v7", "v14", 7, 1), ("v11", "v14", -8, 1)]
    z = by_key(drawing)["v14"]
    assert z.notes == ("sum of 4 products",)
    assert z.numbers == (-18, -36)  # 5 - 12 + 21 - 32, and 2z
    assert z.listed == (("w0", 5, -36), ("w1", -6, -72), ("w2", 7, -108), ("w3", -8, -144))
    assert drawing.caption == "16 nodes, sums folded\nfold=False draws every node"


def test_what_stands_in_the_picture_of_a_folded_sum():
    svg = viz.draw(weighted_sum(), fold=True).svg()
    assert node_texts(svg)["v14"] == [
        *("z", "sum of 4 products", "data ", "-18", "grad ", "-36"),
        *("parameter ", "data ", "grad", "w0 ", "5 ", "-36", "w1 ", "-6 ", "-72"),
        *("w2 ", "7 ", "-108", "w3 ", "-8 ", "-144"),
    ]
    assert texts(svg)[:2] == ["16 nodes, sums folded", "fold=False draws every node"]


@pytest.mark.parametrize(
    ("make", "title", "partials"),
    [
        (lambda x, y: x * y + x, "sum of 1 product and 1 term", {"x": 4, "y": 2}),  # y + 1, and x
        (lambda x, y: x * x - x * y * 5, "sum of 2 products", {"x": -11, "y": -10}),  # 2x - 5y, -5x
        (lambda x, y: x * y * 7, "product of 3 factors", {"x": 21, "y": 14}),
        (lambda x, y: x - y - (y - x), "sum of 4 terms", {"x": 2, "y": -2}),
        (lambda x, y: 1 + x + y, "sum of 3 terms", {"x": 1, "y": 1}),
    ],
)
def test_the_edges_into_a_sum_carry_its_derivatives(make, title, partials):
    x, y = Value(2, "x"), Value(3, "y")
    drawing = view(make(x, y), fold=True)
    figures = by_key(drawing)
    assert {figures[edge.tail].label: edge.partial for edge in drawing.edges} == partials
    assert [figure.notes for figure in drawing.figures if figure.kind in ("sum", "product")] == [(title,)]


def test_a_value_used_twice_in_a_sum_has_one_edge_that_says_so():
    x = Value(3, "x")
    svg = viz.draw(x * x + 1, fold=True).svg()
    assert "∂=6, 2 edges" in texts(svg)


def test_what_is_used_twice_labelled_or_of_another_scope_is_not_folded():
    x = Value(2, "x")
    named = x * 3
    named.label = "named"
    twice = x * 4
    with scope("inside"):
        other = x * 5
    drawing = view(named + twice + twice.tanh() + other, fold=True)
    kinds = {figure.label or figure.numbers[0]: figure.kind for figure in drawing.figures if figure.numbers}
    assert {name: kinds[name] for name in ("named", 8, 10)} == dict.fromkeys(("named", 8, 10), "computed")
    assert drawing.figures[-1].notes == ("sum of 4 terms",)


def test_parameters_that_several_sums_share_are_listed_once():
    w, b = parameter(2, "w"), parameter(1, "b")
    loss = sum((w * x + b).tanh() for x in (Value(3, "x1"), Value(4, "x2")))
    loss.backward()
    drawing = view(loss, fold=True)
    [shared] = [figure for figure in drawing.figures if figure.kind == "parameters"]
    assert (shared.label, [row.name for row in shared.listed]) == ("2 parameters", ["w", "b"])
    assert shared.listed[0].grad == w.grad
    assert [edge.kind for edge in drawing.edges if edge.tail == shared.key] == ["invisible"]
    assert viz.draw(loss, fold=True).svg().count('class="edge"') == len(drawing.edges) - 1


def test_many_parameters_are_counted():
    x = Value(1, "x")
    loss = sum(parameter(place, f"w{place}") * x for place in range(41))
    drawing = view(loss, fold=True)
    assert drawing.figures[-1].notes == ("sum of 41 products and 1 term", "41 parameters")
    assert drawing.figures[-1].listed == ()


def test_small_graphs_are_drawn_as_recorded_and_larger_ones_folded():
    assert view(relu_exercise().solve().graph).caption == ""
    drawing = view(sigmoid_exercise().solve().graph)
    assert drawing.caption == "102 nodes, sums folded\nfold=False draws every node"
    labels = {figure.label for figure in drawing.figures}
    assert {f"x_{place}" for place in range(4)} | {f"z1_{place}" for place in range(5)} <= labels
    assert {f"a_{place}" for place in range(5)} | {"z2", "yhat", "y", "l"} <= labels
    listed = {row.name for figure in drawing.figures for row in figure.listed}
    assert len(listed) == 31
    assert view(sigmoid_exercise().solve().graph, fold=False).size == 102


def mean_square(samples):
    mlp = MLP(2, [3, 1], "tanh")
    loss = sum((mlp([place / samples, 1.0]) - 1.0) ** 2 for place in range(samples))
    loss.label = "loss"
    loss.backward()
    return loss


def test_scopes_collapse_by_depth():
    loss = mean_square(2)
    everything = Tape.of(loss).lines
    for depth, scopes in ((0, ["layer 1", "layer 2"]), (1, ["neuron 0", "neuron 1", "neuron 2", "neuron 0"]), (2, [])):
        drawing = view(loss, depth=depth, fold=False)
        assert sorted(figure.label for figure in drawing.figures if figure.kind == "scope") == sorted(scopes)
        assert sorted(number for figure in drawing.figures for number in figure.lines) == list(range(len(everything)))
    assert view(loss, depth=3, fold=False) == view(loss, depth=2, fold=False) == view(loss, fold=False)


def test_a_box_says_what_it_holds_and_edges_are_counted():
    drawing = view(mean_square(2), depth=0)
    boxes = {figure.label: figure for figure in drawing.figures if figure.kind == "scope"}
    # 3 units x (2 samples x (2 products, 2 sums, 1 tanh) + 3 parameters)
    assert boxes["layer 1"].notes == ("39 nodes, 9 parameters", "3 scopes, 2 calls each")
    assert boxes["layer 1"].numbers is None
    counts = {(edge.tail, edge.head): edge.count for edge in drawing.edges if edge.count > 1}
    assert counts[boxes["layer 1"].key, boxes["layer 2"].key] == 6
    assert drawing.caption.endswith("scopes collapsed\ndepth=1 opens more")


def test_a_box_with_one_output_shows_its_numbers():
    x, w = Value(3, "x"), parameter(2, "w")
    with scope("unit"):
        y = (x * w).relu()
    loss = y * y
    loss.backward()
    assert node_texts(viz.draw(loss, depth=0).svg())["b3"] == [
        *("unit", "3 nodes, 1 parameter", "data ", "6", "grad ", "12"),
    ]


def test_the_legend_explains_what_stands_for_many_where_it_occurs():
    folded, collapsed = ({"fold": True}, "folded sum: what | data | grad"), ({"depth": 0}, "collapsed scope")
    for arguments, words in (folded, collapsed):
        svg = viz.draw(mean_square(1), legend=True, **arguments).svg()
        assert words in texts(svg)
    assert not {folded[1], collapsed[1]} & set(texts(viz.draw(mean_square(1), legend=True).svg()))


def test_a_scope_entered_several_times_counts_its_calls():
    x = Value(0.5, "x")
    y = x
    for _ in range(7):
        with scope("cell"):
            y = (y * x).tanh()
    [box] = [figure for figure in view(y, depth=0).figures if figure.kind == "scope"]
    assert box.notes == ("14 nodes", "7 calls")


@pytest.mark.parametrize(("depth", "boxes"), [(None, 4), (1, 4), (0, 2)])
def test_many_samples_read_as_boxes(depth, boxes):
    loss = mean_square(100)
    drawing = view(loss, depth=depth)
    figures = [(figure.kind, figure.label, figure.notes) for figure in drawing.figures]
    assert figures[:2] == [("alike", "x_0", ("100 nodes",)), ("alike", "x_1", ("100 nodes",))]
    assert figures[-2:] == [("loose", "outside of scopes", ("400 nodes",)), ("sum", "loss", ("sum of 101 terms",))]
    assert [kind for kind, _, _ in figures[2:-2]] == ["scope"] * boxes
    assert sum(len(figure.lines) for figure in drawing.figures) == len(Tape.of(loss).lines)
    if boxes == 4:
        assert figures[2] == ("scope", "neuron 0", ("503 nodes, 3 parameters", "100 calls"))


def test_many_unlabelled_inputs_come_before_the_scopes():
    mlp = MLP(1, [1], "tanh")
    loss = sum((mlp([Value(place)]) - 1.0) ** 2 for place in range(40))
    drawing = view(loss, depth=0)
    labels = {figure.key: figure.label for figure in drawing.figures}
    ways = [(labels[edge.tail], labels[edge.head], edge.count) for edge in drawing.edges]
    assert ways == [
        ("unlabelled inputs", "layer 1", 40),
        ("layer 1", "outside of scopes", 40),
        ("outside of scopes", None, 40),
    ]


def test_focus_draws_a_part_and_counts_the_rest():
    x = Value(1, "x")
    a, b, c = x.tanh(), x.exp(), x.sin()
    a.label, b.label, c.label = "a", "b", "c"
    end = (a.cos() / b).log() / c
    for root in ("a", a):
        drawing = view(end, focus=root, radius=1)
        drawn = {figure.label or figure.kind for figure in drawing.figures}
        assert drawn == {"x", "a", "operation", "computed", "more"}
        stubs = {figure.key: figure.notes for figure in drawing.figures if figure.kind == "more"}
        assert stubs == {"more_out_v0": ("2 more",), "more_out_v2": ("1 more",)}
    assert view(end, focus=end, radius=0).size == 2  # itself, and one stub
    assert view(end, focus="x", radius=0).figures[1].notes == ("3 more",)
    assert view(end, focus=x, radius=100) == view(end, fold=False)


def test_a_focus_without_a_radius_shows_what_can_be_read():
    output = MLP(2, [16, 16, 1])([1.0, -1.0])
    dense, near = view(output, focus="z1_3"), view(output, focus="z1_3", radius=1)
    assert dense == near
    assert dense.size < 24 < view(output, focus="z1_3", radius=2).size
    x = Value(2, "x")
    chain = x.tanh().tanh().tanh().tanh()
    assert view(chain, focus="x") == view(chain, focus="x", radius=2) != view(chain, focus="x", radius=1)


def test_focus_on_a_part_of_a_sum_draws_it():
    loss = weighted_sum()
    drawing = view(loss, fold=True, focus="w1", radius=1)
    assert [figure.label for figure in drawing.figures if figure.kind in ("parameter", "sum")] == ["w1", "z"]
    assert next((edge.tail, edge.partial) for edge in drawing.edges if edge.head == "v14") == ("v4", 2)


def test_a_picture_says_that_its_results_are_older_than_its_leaves():
    w = parameter(2, "w")
    product = w * 3
    assert view(product).caption == ""
    w.data = 5
    said = "leaves were assigned after the results were computed; compute again"
    assert view(product).caption == said
    assert said in texts(viz.draw(product).svg())
    assert f"%% {said}" in viz.to_mermaid(product)
    assert view(w * 3).caption == ""
    assert view(product, fold=True).caption.endswith(said)


def test_labels_of_a_few_edges_do_not_spread_the_many_that_have_none():
    first, second = MLP(3, [8, 8, 8, 2], "tanh", seed=1)([1, 2, 3])
    picture = viz.draw(first * second, depth=1)
    assert "tooltip" in picture.source
    assert "decorate" not in picture.source
    size = re.search(r'height="(\d+)pt"', picture.svg())
    assert size is not None
    assert int(size[1]) < 8 * 110  # eight boxes of some 85 points, their title and the caption; no loop above them


def test_leaves_in_a_sum_are_not_called_parameters():
    w, x, y = parameter(2, "w"), Value(3), Value(4, "y")
    mixed, only = w * y + x + 1, w * y + 1
    for root, kind, count in ((mixed, "leaf", 2), (only, "parameter", 1)):
        (total,) = (figure for figure in view(root, fold=True).figures if figure.kind == "sum")
        assert (total.listed_kind, len(total.listed)) == (kind, count)
        for header in ("parameter", "leaf"):
            assert (f">{header} <" in viz.draw(root, fold=True).source) == (header == kind)
            assert (f"scriptsize {header} &" in viz.to_tikz(root, fold=True)) == (header == kind)


def longest_path(drawing):
    ends = defaultdict(int)
    for edge in drawing.edges:
        ends[edge.head] = max(ends[edge.head], ends[edge.tail] + 1)
    return max(ends.values())


@pytest.mark.parametrize("inputs", [0, 1])
def test_a_loop_is_not_drawn_wider_than_a_slide_can_show(inputs):
    y = Value(0.5, "y")
    for step in range(70):
        y = (y + inputs * Value(step, f"x{step}")).tanh() if inputs else y.tanh()
    drawing = view(y)
    assert 10 <= longest_path(drawing) <= 24
    assert "the part next to the result" in drawing.caption
    assert drawing.caption.endswith("fold=False draws every node")
    everything = view(y, fold=False)
    assert sum(figure.kind != "operation" for figure in everything.figures) == 1 + 70 * (5 if inputs else 1)


def test_a_large_graph_without_scopes_shows_the_part_next_to_the_root():
    x = Value(0.5, "x")
    y = x
    for _ in range(600):
        y = (y * 0.9).tanh()
    drawing = view(y)
    assert 10 <= drawing.size <= 46
    assert [figure.notes for figure in drawing.figures if figure.kind == "more"] == [("2 more",)]
    what, how = drawing.caption.split("\n")
    assert what == "1,801 nodes, the part next to the result"
    assert how == "focus=NODE draws another part, fold=False draws every node"


def test_the_deepest_sum_is_one_node():
    x = Value(1.0, "x")
    y = x
    for _ in range(20_000):
        y = y + 0.5
    drawing = view(y)
    assert drawing.size == 2
    assert drawing.figures[-1].notes == ("sum of 20,001 terms",)
    assert drawing.figures[-1].numbers == (10_001, None)
    [edge] = drawing.edges
    assert (edge.tail, edge.partial, edge.count) == ("v0", 1, 1)


def test_everything_over_the_limit_is_refused_with_what_to_do():
    loss = mean_square(4)
    with pytest.raises(TooLargeError) as refused:
        viz.draw(loss, fold=False, limit=50)
    size = len(Tape.of(loss).lines)
    assert str(refused.value) == (
        f"the picture would have {size} nodes; the limit is 50. Draw less: fold=True folds the sums, which "
        f"leaves {view(loss, fold=True).size}; depth=0 collapses the scopes, which leaves "
        f"{view(loss, depth=0).size}; focus=NODE with radius=2 draws the part around a node. "
        f"Or raise the limit: limit={size}, or limit=None for no limit."
    )
    assert view(loss, fold=False, limit=None) == view(loss, limit=None) == view(loss, fold=False, limit=size)
    x = Value(1)
    for _ in range(60):
        x = x.tanh()
    with pytest.raises(TooLargeError, match=r"Draw less: values made inside autograd.scope\(NAME\) can be collapsed"):
        viz.save(x, "never.svg", fold=True, limit=7)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"depth": -1}, ValueError, "expected a whole number from 0 up for depth, got -1"),
        ({"depth": 1.5}, ValueError, "expected a whole number from 0 up for depth, got 1.5"),
        ({"depth": True}, ValueError, "expected a whole number from 0 up for depth, got True"),
        ({"limit": 0}, ValueError, "expected a whole number from 1 up for limit, got 0"),
        ({"focus": "x", "radius": "2"}, ValueError, "expected a whole number from 0 up for radius, got '2'"),
        ({"focus": "nothing"}, ValueError, "no node of this graph is called 'nothing'"),
        ({"focus": 3}, TypeError, "expected a node's name, a str, got int"),
        ({"focus": Value(3, "stranger")}, ValueError, "stranger is not in the graph of"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        viz.draw(Value(1, "x") * 2, **arguments)


def test_any_text_is_safe_in_a_folded_and_in_a_collapsed_graph():
    hostile = 'a"<b>&amp;\\N{c|d}]]> ' + 190 * "x"
    x, w = Value(3, "x"), parameter(2, hostile)
    with scope(hostile):
        y = x * w + x * 5
    y.label = hostile
    folded, collapsed = ("".join(texts(viz.draw(y, **how).svg())) for how in ({"fold": True}, {"depth": 0}))
    assert folded.count(hostile) == 3  # the scope, the sum and its parameter
    assert hostile in collapsed


@st.composite
def graphs(draw):
    """Make a random graph of sums, products and functions, with some labels, parameters and scopes."""
    made = [Value(2, "x"), parameter(3, "w"), Value(0.5), constant(4.0)]
    for step in range(draw(st.integers(1, 25))):
        one, other = (made[draw(st.integers(max(0, len(made) - 6), len(made) - 1))] for _ in range(2))
        kind = draw(st.sampled_from(["+", "*", "-", "tanh", "+", "*"]))
        names = draw(st.sampled_from([(), ("a",), ("a", "b"), ("c",)]))
        made.append(_step(kind, one, other, names))
        if draw(st.integers(0, 3)) == 0:
            made[-1].label = f"n{step}"
    return made[-1]


def _step(kind, one, other, names):
    if names:
        with scope(names[0]):
            return _step(kind, one, other, names[1:])
    if kind == "tanh":
        return one.tanh()
    return {"+": one + other, "*": one * other, "-": one - other}[kind]


@given(graphs(), st.sampled_from([None, 0, 1]), st.booleans())
@settings(max_examples=150)
def test_every_node_stands_in_exactly_one_figure(root, depth, fold):
    lines = Tape.of(root).lines
    drawing = view(root, depth=depth, fold=fold)
    counts = Counter(number for figure in drawing.figures for number in figure.lines)
    assert counts == dict.fromkeys(range(len(lines)), 1)
    keys = [figure.key for figure in drawing.figures]
    assert len(set(keys)) == len(keys)
    assert {end for edge in drawing.edges for end in (edge.tail, edge.head)} <= set(keys)
    if depth is None:
        drawn = {figure.label for figure in drawing.figures}
        assert {line.label for line in lines if line.label and line.kind != "parameter"} <= drawn
    assert sum(figure.is_root for figure in drawing.figures) == 1


@given(graphs())
@settings(max_examples=100)
def test_gradients_flow_through_the_folded_graph_as_through_the_recorded_one(root):
    assume(root.kind == "computed" and any(partial is not None for partial in root.partials))
    root.backward()
    drawing = view(root, fold=True)
    totals = {figure.key: float(figure.is_root) for figure in drawing.figures}
    for edge in reversed(drawing.edges):
        if edge.kind == "result":
            totals[edge.tail] = totals[edge.head]
        elif edge.partial is not None:
            totals[edge.tail] += totals[edge.head] * edge.partial
    for figure in drawing.figures:
        if figure.numbers:
            assert totals[figure.key] == pytest.approx(figure.numbers[1] or 0.0, nan_ok=True)
