"""Where a gradient stops on its way to a node, and why: `explain` and `paths` say it."""

import pytest

import autograd
from autograd import Value, constant, explain, maximum, paths, record_backward, replay

FAR = "so far from 0 that its local derivative"
EXACT = ", so its local derivative is 0."
A_DEAD_RELU = f"stops at relu node h1 = 0: its input v2 = -3 is below 0{EXACT}"


def labelled(value, label):
    value.label = label
    return value


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (lambda x: labelled((x * -1).relu(), "h1") * 2, A_DEAD_RELU),
        (
            lambda x: (x - 3).relu(),
            f"stops at relu node v3 = 0: its input v2 = 0 is not above 0{EXACT}",
        ),
        (
            lambda x: (x * 300).tanh(),
            f"stops at tanh node v3 = 1: its input v2 = 900 is {FAR} rounds to 0.",
        ),
        (
            lambda x: (x * -400).sigmoid(),
            f"stops at sigmoid node v3 = 0: its input v2 = -1200 is {FAR} rounds to 0.",
        ),
        (
            lambda x: (x * -10).sigmoid(),
            f"nearly stops at sigmoid node v3 = 9.35762e-14: its input v2 = -30 is {FAR} is only 9.35762e-14.",
        ),
        (lambda x: (x * -1000).exp(), "stops at exp node v3 = 0: its local derivative for v2 = -3000 rounds to 0."),
        (
            lambda x: (x * 1e-200) * 1e-200,
            "stops at mul node v2 = 3e-200: 1e-200 * 1e-200, the upstream gradient times the local one, rounds to 0.",
        ),
        (
            lambda x: x * Value(0, "z"),
            f"stops at mul node v2 = 0: its other factor is z = 0{EXACT}",
        ),
        (lambda x: x * 0, f"stops at mul node v2 = 0: its other factor is 0{EXACT}"),
        (
            lambda x: maximum(x, 5),
            f"stops at maximum node v2 = 5: it is its other operand 5{EXACT}",
        ),
        (lambda x: (x - 3) ** 2, "stops at pow node v4 = 0: its local derivative for v2 = 0 is 0."),
        (lambda x: (x - 3).cos(), "stops at cos node v3 = 1: its local derivative for v2 = 0 is 0."),
        (
            lambda x: replay(lambda t: t.relu())(-x),
            "stops at replay node v2 = 0: its local derivative for v1 = -3 is 0.",
        ),
    ],
)
def test_the_node_where_the_gradient_stops_is_named_with_the_reason(loss, said):
    x = Value(3, "x")
    root = loss(x)
    assert explain(x, root).stops == paths(x, root).stops == (f"The gradient {said}",)
    assert f"The gradient {said}" in str(explain(x, root)).splitlines()
    assert f"The gradient {said}" in str(paths(x, root)).splitlines()


def test_several_dead_nodes_are_shortened():
    x = Value(3, "x")
    root = autograd.sum(labelled(x * -i, f"z{i}").relu() for i in range(1, 7))
    *first, last = explain(x, root).stops
    assert [line.split(": ")[1] for line in first] == [
        f"its input z{i} = {-3 * i} is below 0{EXACT}" for i in (6, 5, 4)
    ]
    assert last == "The gradient stops at 3 more nodes too."


def test_nothing_stops_where_gradients_flow_or_cancel():
    x = Value(3, "x")
    assert explain(x, x * 2 + x.relu()).stops == paths(x, x * 2 + x.relu()).stops == ()
    assert explain(x, x - x).stops == ()
    assert explain(x, constant(2)).stops == paths(x, Value(2) * 0).stops == ()
    beside = Value(-1, "b")  # a dead node that does not lead to x
    assert explain(x, x * 1e-9 + beside.relu()).stops == ()


def test_a_recorded_call_and_a_changed_leaf():
    w = Value(-1, "w")
    with record_backward() as record:
        w.relu().backward()
    assert record.explain(w).stops == (f"The gradient stops at relu node v1 = 0: its input w = -1 is below 0{EXACT}",)
    w.data = 1
    assert record.explain(w).stops == ("The gradient stops at relu node v1 = 0: its local derivative for w = 1 is 0.",)
