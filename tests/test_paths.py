"""`paths`: the chain rule path by path, against brute force and closed forms."""

import math
import random

import pytest

from autograd import Value, constant, no_grad, paths, replay
from nn import relu_exercise


def brute_force(node, w):
    """Return the products of all paths from w up to a node, by the definition."""
    if node is w:
        return [(1.0, 0)]
    found = []
    for operand, local in zip(node.operands, node.partials, strict=True):
        if local is not None:
            found += [(product * local, length + 1) for product, length in brute_force(operand, w)]
    return found


def random_graph(seed):
    generator = random.Random(seed)
    nodes = [Value(generator.uniform(0.5, 2), name) for name in "ab"] + [constant(1.5)]
    for _ in range(10):
        one, other = generator.choice(nodes), generator.choice(nodes)
        nodes.append(generator.choice([lambda x, y: x * y, lambda x, y: x + y, lambda x, y: (x - y).sin()])(one, other))
    loss = nodes[-1]
    for node in nodes[-4:-1]:
        loss = loss + node
    return nodes[0], loss


@pytest.mark.parametrize("seed", range(30))
def test_random_graphs_by_brute_force(seed):
    w, loss = random_graph(seed)
    expected = brute_force(loss, w)
    found = paths(w, loss, most=100_000)
    assert found.count == len(found.paths) == len(expected)
    products = sorted(path.product for path in found.paths)
    assert products == pytest.approx(sorted(product for product, _ in expected), rel=1e-13)
    assert found.multiplications.by_path == sum(length for _, length in expected)
    loss.backward()
    gradient = w.grad or 0.0
    assert found.gradient == gradient
    scale = math.fsum(abs(product) for product in products)
    assert abs(found.total - gradient) <= 1e-13 * scale
    for path in found.paths:
        assert math.isclose(math.prod(path.locals), path.product, rel_tol=1e-13)
        assert (path.names[0], len(path.names)) == (found.node, len(path.locals) + 1)
        assert path.names[-1] == found.root


def test_R10_two_paths_lead_from_an_input():
    solution = relu_exercise().solve()
    found = paths(solution.values["x1"], solution.graph)
    assert (
        str(found)
        == """\
2 paths lead from x1 to loss.
  x1 -> v3 -> x3 -> y3 -> v10 -> x5 -> y5 -> v22 -> v24 -> loss
      2 * 1 * 1 * 2 * 1 * 1 * 1 * 20 * 0.5 = 40
  x1 -> v12 -> x4 -> y4 -> v18 -> x5 -> y5 -> v22 -> v24 -> loss
      1 * 1 * 0 * (-1) * 1 * 1 * 1 * 20 * 0.5 = 0
Sum of the products: 40. Gradient: 40.
The gradient stops at relu node y4 = 0: its input x4 = -3 is below 0, so its local derivative is 0.
Multiplications: 18 path by path, 14 in forward mode, 24 in reverse mode."""
    )
    # each path has five edges up to the sum, x5, and from there both have the same four
    assert found.multiplications[:2] == (2 * (5 + 4), 2 * 5 + 4)


def test_R10_the_gradient_of_a_weight_is_one_path():
    solution = relu_exercise().solve()
    (path,) = paths(solution.values["w35"], solution.graph).paths
    assert path.product == solution.gradients["w35"] == 50.0


def test_parallel_edges_are_paths_of_their_own():
    x = Value(3, "x")
    found = paths(x, x * x)
    assert found.paths == ((("x", "v1"), (3.0,), 3.0), (("x", "v1"), (3.0,), 3.0))
    assert found.multiplications == (2, 2, 2)


def test_a_computed_node_and_the_loss_itself():
    x = Value(3, "x")
    y = x * 2
    loss = y * y + x
    assert paths(y, loss).count == 2
    assert paths(y, loss).gradient == 12.0
    own = paths(loss, loss)
    assert own.paths == (((own.root,), (), 1.0),)
    assert own.multiplications == (0, 0, 4 + 1)
    assert "1 path leads" in str(own)


def test_a_node_that_does_not_lead_there():
    x, other = Value(3, "x"), Value(1, "other")
    for node, loss in ((other, x * 2), (constant(2, "c"), x * 2), (x, constant(1, "c"))):
        found = paths(node, loss)
        assert (found.paths, found.count, found.gradient, found.total) == ((), 0, 0.0, 0)
        assert str(found).startswith("0 paths lead from ")
    with no_grad():
        assert paths(x, x * 2).count == 0
    assert found.multiplications == (0, 0, 0)


def test_node_and_root_swapped():
    x = Value(2.5, "x")
    loss = x * 5
    assert str(paths(loss, x)).splitlines()[0] == (
        "0 paths lead from v2 to x. v2 was computed from x. Swap the arguments: x first, then v2."
    )
    loss.label = "loss"
    other = paths(loss, Value(1, "other"))
    assert (other.node, other.hint) == ("loss", "")


def test_edges_to_constants_are_no_paths():
    x, c = Value(3, "x"), constant(2)
    found = paths(x, (x * c + c * c) / 2)
    assert [path.locals for path in found.paths] == [(2.0, 1.0, 0.5)]
    assert found.multiplications == (3, 3, 3)


def test_diamonds_have_two_to_the_power_of_paths():
    x = Value(1.0, "x")
    y = x
    for _ in range(100):
        y = y + y
    found = paths(x, y)
    assert found.count == 2**100
    assert found.multiplications == (100 * 2**100, 200, 200)
    assert found.gradient == 2.0**100
    assert len(found.paths) == 1000
    assert "1,267,650,600,228,229,401,496,703,205,376 paths lead from x to v100. The first 1,000 are listed." in str(
        found
    )
    assert "Sum of the products listed: 1000." in str(found)


def test_counts_of_thousands_of_digits():
    x = Value(1.0, "x")
    y = x
    for _ in range(20_000):
        y = y + y
    found = paths(x, y, most=1)
    assert found.count == 2**20_000
    assert str(found).startswith("more than 10**6020 paths lead from x")


def test_a_long_chain():
    x = Value(0.5, "x")
    y = x
    for _ in range(100_000):
        y = -y
    found = paths(x, y)
    assert (found.count, found.total, found.gradient) == (1, 1.0, 1.0)
    assert found.multiplications == (100_000, 100_000, 100_000)
    assert len(found.paths[0].names) == 100_001
    assert max(map(len, str(found).splitlines())) < 200


def test_long_paths_are_not_all_listed(monkeypatch):
    monkeypatch.setattr("autograd.explanations.paths._MOST_NAMES", 100_000)
    x = Value(1.0, "x")
    y = x
    for _ in range(10):
        y = y + y
    for _ in range(30_000):
        y = -y
    found = paths(x, y)
    assert found.count == 1024
    assert 1 <= len(found.paths) < 10


def test_most_bounds_the_list_and_nothing_else():
    x = Value(2.0, "x")
    loss = x * x * x
    assert [len(paths(x, loss, most=most).paths) for most in (0, 1, 2, 3, 4)] == [0, 1, 2, 3, 3]
    assert paths(x, loss, most=0).count == 3


def test_infinite_products():
    x = Value(0.0, "x")
    found = paths(x, 1 / x - 1 / x)
    assert math.isnan(found.total)
    assert math.isnan(found.gradient)
    y = Value(1e300, "y")
    assert paths(y, y * y * y).total == math.inf


def test_the_paths_through_a_replay_end_at_its_sources():
    w = Value(3.0, "w")
    squared = replay(lambda x: x * w * w)
    found = paths(w, squared(2.0) * 5)
    assert [path.locals for path in found.paths] == [(12.0, 5.0)]
    assert found.gradient == 60.0


def test_what_is_asked_wrongly():
    x = Value(1)
    with pytest.raises(TypeError, match=r"^expected a node, as a Value or by its name, got int\.$"):
        paths(3, x)
    with pytest.raises(ValueError, match="no node of this graph is called 'w'"):
        paths("w", x)
    with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got float"):
        paths(x, 2.0)
    for most in (-1, 2.5):
        with pytest.raises(ValueError, match="whole number from 0 up"):
            paths(x, x * 2, most=most)
