"""A node has one name: all texts and pictures of a random graph call it the same, also where labels are shared."""

import html
import random
import re
from collections import Counter
from operator import add, mul, sub

import pytest
from test_pictures import groups, node_texts

import autograd
import viz
from autograd import (
    Tape,
    Value,
    constant,
    explain,
    find_anomaly,
    lab,
    parameter,
    paths,
    record_backward,
    steps,
    what_if,
)
from autograd.passes.names import find, line_names, node_names
from autograd.passes.steps import Computed, Posting, Seed, Updated, computed_nodes
from autograd.sweep import sweeping, topological_order
from autograd.symbols.latex import latex_name
from autograd.table.scalars import format_number
from nn import SGD, relu_exercise
from viz.graphs.draw import to_mermaid, to_tikz
from viz.page.optimizer import played_update
from viz.page.program import program

LABELS = (None, None, None, "w", "w", "x", "w35", "the loss", "a<b>", "v2", "v11", "2", "w[v1]", "w[v0]", "x[0]")
KINDS = (Value, parameter, constant)


def random_graph(seed):
    """Return the root of a graph of some twenty nodes, many of them without a label or with one of others."""
    choose = random.Random(seed)
    nodes = [choose.choice(KINDS)(choose.choice((1, 2, 3, -2)), choose.choice(LABELS)) for _ in range(5)]
    nodes.append(Value(1.5, choose.choice(LABELS)))
    for _ in range(9):
        one = choose.choice(nodes[-4:])
        other = choose.choice((*nodes, 2))
        made = choose.choice((mul, add, sub))(one, other) if choose.random() < 0.8 else one.tanh()
        made.label = choose.choice(LABELS)
        nodes.append(made)
    root = nodes[-1] * nodes[5]
    root.label = choose.choice(LABELS)
    return root


def expected_names(lines):
    """The rule, written from its sentences: the label; with its place where it is shared; the place; or the number."""
    plain = [
        line.label or (format_number(line.data) if line.kind == "constant" else f"v{n}") for n, line in enumerate(lines)
    ]
    names = list(plain)
    shared = {n for n, line in enumerate(lines) if line.label and plain.count(plain[n]) > 1}
    for n in shared:
        names[n] = f"{plain[n]}[v{n}]"
    for n, line in enumerate(lines):
        if line.label and n not in shared and names.count(names[n]) > 1:
            names[n] += f"[v{n}]"
    return names


GRAPHS = [pytest.param(seed, id=str(seed)) for seed in range(12)]


@pytest.fixture(params=GRAPHS)
def graph(request):
    return random_graph(request.param)


@pytest.fixture
def names(graph):
    return expected_names(Tape.of(graph).lines)


def is_number(line):
    return line.kind == "constant" and not line.label


def test_lines_and_nodes_have_the_names_of_the_rule(graph, names):
    lines = Tape.of(graph).lines
    assert line_names(lines) == names
    with sweeping:
        assert node_names(topological_order([graph])) == names
    named = [name for name, line in zip(names, lines, strict=True) if not is_number(line)]
    assert Counter(named).most_common(1)[0][1] == 1
    for place, line in enumerate(lines):
        if not is_number(line):
            assert find(names, names[place]) == place
        assert find(names, f"v{place}") == place or f"v{place}" in names


def test_names_of_labels_that_read_as_names():
    assert line_names(Tape.of(Value(2, "w") * Value(3, "w") * Value(4, "w[v0]")).lines) == [
        *("w[v0]", "w[v1]", "v2", "w[v0][v3]", "v4"),
    ]
    assert line_names(Tape.of(Value(2, "v2") * Value(3, "2") + 2).lines) == ["v2[v0]", "2[v1]", "v2", "2", "v4"]
    assert line_names(Tape.of(Value(2, "v1") * Value(3, "x")).lines) == ["v1", "x", "v2"]
    assert line_names(Tape.of(Value(2, "") * 3).lines) == ["v0", "3", "v2"]


def test_steps_say_the_names(graph, names):
    optimizer = SGD([node for node in leaves(graph) if node.kind != "constant"], lr=0.1)
    computed = {}
    for step in steps(graph, optimizer=optimizer):
        assert step.name == names[step.node]
        source = step.source if isinstance(step, Posting) else step
        if isinstance(source, Computed):
            assert source.name == names[source.node]
            assert source.operand_names == tuple(names[place] for place in source.operands)
            computed[source.node] = source
        if isinstance(step, (Posting, Updated)):
            assert step.loss == names[-1]
        assert not isinstance(step, Seed) or step.name == names[-1]
    assert [step for step in computed_nodes(graph) if step] == list(computed.values())


def leaves(graph):
    found, waiting = {}, [graph]
    while waiting:
        node = waiting.pop()
        found[node] = not node.operands
        waiting += [operand for operand in node.operands if operand not in found]
    return [node for node, is_leaf in found.items() if is_leaf]


def test_explanations_say_the_names(graph, names):
    again = what_if(graph, {})
    assert [row.name for row in again.rows] == names
    with record_backward():
        graph.backward()
    with sweeping:
        order = topological_order([graph])
    for place, node in enumerate(order):
        found = paths(node, graph, most=20)
        assert (found.node, found.root) == (names[place], names[-1])
        assert {name for path in found.paths for name in path.names} <= set(names)
        assert all((path.names[0], path.names[-1]) == (names[place], names[-1]) for path in found.paths)
        ledger = explain(node)
        assert ledger.node == names[place]
        assert all(
            entry.through.partition(" = ")[0] in names for entry in ledger.entries if entry.through != "the seed"
        )
    run = lab.run("overwrite", graph)
    assert [gradient.name for gradient in run.gradients] == [
        names[place] for place, node in enumerate(order) if node.kind in ("leaf", "parameter")
    ]


def test_an_anomaly_is_told_with_the_names(graph):
    broken = graph * 0 - 1
    worse = broken.sqrt()
    lines = Tape.of(worse * 2).lines
    names = expected_names(lines)
    assert find_anomaly(worse * 2) == f"{names[-3]} = sqrt({names[-4]}) made nan from {names[-4]} = -1."
    off = broken + 1
    with pytest.raises(autograd.AnomalyError) as caught, autograd.detect_anomaly():
        (off.sqrt() * 2).backward()
    names = expected_names(Tape.of(off.sqrt() * 2).lines)
    assert str(caught.value).startswith(f"backward through {names[-3]} = sqrt({names[-4]}) made inf")


def test_the_terminal_says_the_names(graph, names):
    lines = Tape.of(graph).lines
    rows = [re.sub(r"^[\s├└│─]*", "", row) for row in repr(viz.tree(graph, levels=100, rows=10_000)).splitlines()]
    for place, (name, line) in enumerate(zip(names, lines, strict=True)):
        start = f"{name}: constant" if is_number(line) else f"{name} = " if line.op else f"{name}: data "
        assert any(row.startswith(start) for row in rows), start
        if not is_number(line):
            first = repr(viz.tree(graph, node=name)).splitlines()[0]
            assert first.startswith(start)
            stepper = viz.Stepper(graph).watch(name)
            assert f"\n  {name}: data " in repr(stepper)
            assert stepper.break_at(name).text == f"at {name}"
            assert stepper.data(name) == (None if line.op else line.data)
        assert viz.Stepper(graph).names[place] == name
    table = repr(viz.table(graph, rows=1000)).splitlines()[1:]
    for step, row in zip(computed_nodes(graph), table, strict=True):
        slopes = zip(step.operands, step.partials, strict=True) if step else ()
        told = [f"{names[at]}: {format_number(local, 6)}" for at, local in slopes if local is not None]
        assert row.endswith("  " + ", ".join(told) if told else "")


def test_derivations_say_the_names(graph):
    lines = Tape.of(graph).lines
    root = lines[-1]._replace(label=lines[-1].label or "loss")
    names = expected_names([*lines[:-1], root])
    text = viz.derivation(graph, "text")
    latex = viz.derivation(graph, "latex")
    uses = Counter(operand for line in lines for operand in line.operands)
    for place, line in enumerate(lines):
        if line.op and (line.label or uses[place] > 1 or place == len(lines) - 1):
            assert re.search(rf"^{re.escape(names[place])} += ", text, re.MULTILINE), names[place]
            assert re.search(rf"^\(?{re.escape(latex_name(names[place]))}\)? &", latex, re.MULTILINE), names[place]
    assert f"The forward and backward pass of {names[-1]}" in text


def test_pages_say_the_names(graph, names):
    content = program(Tape.of(graph), played_update(graph, None, 0.1))
    for place, (_, form, _, _, _, *own) in enumerate(content["nodes"]):
        name, template = own[:2] or (f"v{place}", None)
        assert name == names[place]
        if template is not None and re.fullmatch(r"[a-z0-9]+(\[v\d+\])?", name):
            assert re.sub(r"<[^>]*>", "", content["maths"][template]) == re.sub(r"\d+", "\x01", name)
        if form >= 0:
            assert content["templates"][content["forms"][form]["computed"]]["text"].startswith("{name} = ")


def pictured(name, line):
    """What a box shows of a name: nothing where it is the number."""
    return "" if is_number(line) else name


def test_pictures_say_the_names(graph, names):
    lines = Tape.of(graph).lines
    for svg in (viz.draw(graph, fold=False).svg(), viz.Stepper(graph).svg()):
        found = groups(svg, "node")
        for place, (name, line) in enumerate(zip(names, lines, strict=True)):
            texts = [text for text in found[f"v{place}"].iter() if text.get("class") in ("label", "place")]
            assert "".join(text.text for text in texts) == pictured(name, line)
    mermaid = to_mermaid(graph, fold=False)
    tikz = to_tikz(graph, fold=False)
    for place, (name, line) in enumerate(zip(names, lines, strict=True)):
        box = re.search(rf'^ *v{place}[\[(]"(.*)"[\])]:::', mermaid, re.MULTILINE)[1]
        rows = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), re.sub(r"</?b>", "", box)).split("<br/>")
        assert rows[:-2] == ([] if is_number(line) else [name])
        if not is_number(line):
            assert f"${latex_name(name)}$" in tikz
            focused = viz.draw(graph, focus=name, radius=0, fold=False).source
            assert f"id=v{place} " in focused


def test_a_diagram_says_the_names():
    exercise = relu_exercise().solve()
    names = line_names(Tape.of(exercise.graph).lines)
    picture = viz.network(exercise)
    assert {slot.node for slot in picture.diagram.slots} <= set(names)


def test_a_folded_sum_shows_its_place_and_lists_its_parameters_by_name():
    w = [parameter(1, "w"), parameter(2, "w"), parameter(3)]
    x = [Value(4, "x"), Value(5, "x"), Value(6)]
    loss = (w[0] * x[0] + w[1] * x[1] + w[2] * x[2]).tanh()
    names = expected_names(Tape.of(loss).lines)
    assert names == ["w[v0]", "x[v1]", "v2", "w[v3]", "x[v4]", "v5", "v6", "v7", "v8", "v9", "v10", "v11"]
    texts = node_texts(viz.draw(loss, fold=True).svg())
    assert texts["v10"][0] == "v10"
    assert [text.strip() for text in texts["v10"] if text.strip() in names] == ["v10", "w[v0]", "w[v3]", "v7", "v8"]
    assert texts["v1"][:2] == ["x", "[v1]"]
    assert html.unescape(texts["v11"][0]) == "v11"
