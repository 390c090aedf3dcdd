"""Exercises of any shape, and what is refused."""

import pytest

from nn import Exercise, Unit
from nn.names import units_from_weights


def test_units_are_found_layer_by_layer_from_the_names():
    weights = ["w10_12", "w1_12", "w1210", "w12"]
    with pytest.raises(ValueError, match="lead into each other in a cycle"):
        units_from_weights(weights, ["x1"])
    units = units_from_weights(["w25", "w13", "w35", "w14", "w45"], ["x1", "x2"], ["b5"])
    assert [unit.pre for unit in units] == ["x3", "x4", "x5"]
    assert units[-1].weights == (("x2", "w25"), ("y3", "w35"), ("y4", "w45"))
    assert units[-1].bias == "b5"


def test_nodes_of_two_digits():
    exercise = Exercise({"w1_10": 2, "w10_11": 3}, [1], 0, eta=0.1)
    assert str(exercise.solve().lines[2]) == "x11 = y10*w10_11 = 2*3 = 6"


def test_linear_units_and_a_loss_over_several_outputs():
    exercise = Exercise({"w12": 2, "w13": -1}, [3], {"t2": 5, "t3": 0}, eta=0.1, activation="linear")
    solution = exercise.solve()
    assert solution.predictions == (6.0, -3.0)
    assert solution.loss == 5.0
    assert solution.gradients == {"w12": 3.0, "w13": -9.0}
    assert "loss = 1/2*((y2 - t2)**2 + (y3 - t3)**2) = 1/2*((6 - 5)**2 + (-3 - 0)**2) = 5" in map(str, solution.lines)
    with pytest.raises(ValueError, match="the network has 2 outputs; read `predictions`"):
        _ = solution.prediction


def test_cross_entropy_with_an_output_that_is_no_sigmoid():
    exercise = Exercise({"w12": 0.5}, [1], 0.25, eta=0.1, activation="relu", loss="binary_cross_entropy")
    solution = exercise.solve()
    line = next(line for line in solution.lines if line.name == "delta2")
    assert line.symbols == "(y2 - y)/(y2*(1 - y2))*F'(x2)"
    assert line.result == pytest.approx((0.5 - 0.25) / 0.25)


def test_the_recorded_graph_keeps_the_numbers_before_the_update():
    exercise = Exercise({"w12": 2}, [3], 0, eta=0.1)
    solution = exercise.solve()
    graph = solution.graph
    assert graph.data == 18.0
    labels = {}
    stack = [graph]
    while stack:
        node = stack.pop()
        labels[node.label] = (node.kind, node.data, node.grad)
        stack.extend(node.operands)
    assert labels["w12"] == ("parameter", 2.0, 18.0)
    assert labels["x1"] == ("leaf", 3.0, 12.0)
    assert labels["y"] == ("constant", 0.0, None)


GOOD = {"weights": {"w12": 2}, "inputs": {"x1": 1}, "target": 0, "eta": 0.1}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"weights": {"v12": 2}}, ValueError, "'v12' must name the nodes that it joins"),
        ({"weights": {"w123": 2}}, ValueError, "'w123' must name the nodes"),
        ({"weights": {"w12": "2"}}, TypeError, "weights: w12 must be a real number, but a str came"),
        ({"weights": {"w12": 2, "w31": 1}}, ValueError, "node 1 is an input x1, but the weight w31 leads into it"),
        ({"weights": {"w12": 2, "w32": 1}}, ValueError, "the weight w32 begins at node 3, which has no input x3"),
        ({"inputs": {"a": 1}}, ValueError, "'a' must name its node, as x3 does"),
        ({"biases": {"b7": 1}}, ValueError, "the bias b7 belongs to a node into which no weight leads"),
        ({"target": {"y": 0, "z": 1}}, ValueError, r"the network has 1 output\(s\), but 2 target\(s\) came"),
        ({"target": {"y2": 0}}, ValueError, "the name y2 stands for 2 numbers"),
        ({"weights": [1, 2]}, TypeError, "weights must be numbers by name, such as {'w13': 2}, but a list came"),
        ({"inputs": 3}, TypeError, "inputs must be numbers by name"),
        ({"target": None}, TypeError, "target: y must be a real number, but None came"),
        ({"eta": None}, TypeError, "eta must be a real number, but None came"),
        ({"loss": "hinge"}, ValueError, "no loss 'hinge'; try half_squared_error, binary_cross_entropy"),
        ({"activation": "softmax"}, ValueError, "softmax is one of a whole layer"),
        ({"activation": "rellu"}, ValueError, "no activation 'rellu'; try relu"),
        ({"units": (Unit("a", "b", "c", (("x1", "w9"),)),)}, ValueError, "uses the weight or bias w9"),
        (
            {"weights": {"w12": 2, "w13": 1}, "units": (Unit("a", "b", "c", (("x1", "w12"),)),)},
            ValueError,
            "the weight or bias w13 has a number, but no unit uses it",
        ),
        ({"units": (Unit("a", "b", "c", (("q", "w12"),)),)}, ValueError, "takes q, which is neither an input nor"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name(change, error, message):
    with pytest.raises(error, match=message):
        Exercise(**(GOOD | change))


def test_the_number_of_iterations_is_at_least_one():
    with pytest.raises(ValueError, match="must be 1 or more, but 0 came"):
        Exercise(**GOOD).iterate(0)
