"""Exercises of any shape, and what is refused."""

import pytest

from nn import Exercise, Unit
from nn.exercises import exercise as exercises
from nn.exercises.network import units_from_weights
from nn.exercises.recording import functions_of


def test_units_are_found_layer_by_layer_from_the_names():
    weights = ["w10_12", "w1_12", "w1210", "w12"]
    with pytest.raises(ValueError, match="the nodes 10, 12 form a cycle"):
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
    with pytest.raises(ValueError, match="the network has 2 outputs; use `predictions`"):
        _ = solution.prediction


@pytest.mark.parametrize("target", [{"t3": 0, "t2": 5}, {"t2": 5, "t3": 0}, [5, 0]])
def test_targets_of_several_outputs_are_matched_by_number(target):
    exercise = Exercise({"w12": 2, "w13": -1}, [3], target, eta=0.1, activation="linear")
    assert dict(exercise.targets) == {"t2": 5.0, "t3": 0.0}
    assert exercise.solve().loss == 5.0


@pytest.mark.parametrize(("weight", "target", "delta", "loss"), [(40, 1, 0, 0), (40, 0, 1, 40), (-800, 1, -1, 800)])
def test_a_saturated_sigmoid_keeps_its_loss_and_its_error_signal(weight, target, delta, loss):
    # l = log(1 + e^-z) or log(1 + e^z), and delta = yhat - y, both in the limit of a large z
    exercise = Exercise({"w12": weight}, [1], target, eta=0.1, activation="sigmoid", loss="binary_cross_entropy")
    solution = exercise.solve()
    assert solution.loss == pytest.approx(loss, abs=1e-15)
    lines = {line.name: line for line in solution.lines}
    assert lines["delta2"].result == pytest.approx(delta, abs=1e-15)
    assert lines["loss"].symbols == "softplus(x2) - y*x2"


def test_hidden_and_output_activations_have_names_of_their_own():
    exercise = Exercise({"w12": 1, "w23": 2}, [1], 1, 0.1, activation="relu", output_activation="sigmoid")
    lines = {line.name: line.symbols for line in exercise.solve().lines if line.part != "update"}
    assert (lines["y2"], lines["y3"]) == ("F(x2)", "G(x3)")
    assert (lines["delta3"], lines["delta2"]) == ("(y3 - y)*G'(x3)", "delta3*w23*F'(x2)")


def test_a_unit_with_very_many_inputs():
    count = 1200
    weights = {f"w{place}_{count + 1}": 1 for place in range(1, count + 1)}
    solution = Exercise(weights, [1] * count, 0, eta=0.1).solve()
    assert solution.prediction == count
    assert solution.lines[0].numbers.count("1*1") == count


def test_gradient_names_do_not_hide_other_numbers():
    exercise = Exercise({"w": 2}, {"dw": 3}, 0, 0.1, units=(Unit("z", "a", "delta", (("dw", "w"),)),))
    assert str(exercise.solve().lines[0]) == "z = dw*w = 3*2 = 6"


def test_cross_entropy_needs_a_sigmoid():
    with pytest.raises(ValueError, match="expected the output activation sigmoid for binary_cross_entropy, got relu"):
        Exercise({"w12": 0.5}, [1], 0.25, eta=0.1, loss="binary_cross_entropy")


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
    assert labels["y"] == ("constant", 0.0, 0.0)


GOOD = {"weights": {"w12": 2}, "inputs": {"x1": 1}, "target": 0, "eta": 0.1}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"weights": {"v12": 2}}, ValueError, "the two nodes that it joins, such as w13 or w10_12, got 'v12'"),
        ({"weights": {"w123": 2}}, ValueError, "got 'w123'"),
        ({"weights": {"w12": "two"}}, ValueError, r"expected a number for the weight w12, .*, got 'two'"),
        ({"weights": {"w12": [2]}}, TypeError, "expected a number for the weight w12, .* got \\[2\\]"),
        ({"weights": {"w12": 2, "w31": 1}}, ValueError, "x1 is an input, but the weight w31 leads into node 1"),
        ({"weights": {"w12": 2, "w32": 1}}, ValueError, "the weight w32 begins at node 3, which has no input x3"),
        ({"inputs": {"a": 1}}, ValueError, "expected a name with the number of a node, such as x3, got 'a'"),
        ({"biases": {"b7": 1}}, ValueError, "the bias b7 belongs to node 7, but no weight leads into that node"),
        ({"target": {"y": 0, "z": 1}}, ValueError, "expected 1 target, for the output y2, got 2"),
        ({"target": {"y2": 0}}, ValueError, "the name y2 is used for 2 numbers"),
        (
            {"weights": [1, 2]},
            TypeError,
            "expected a matrix such as \\[\\[1, 2\\], \\[3, 4\\]\\] as layer 1 of the weights, got 1",
        ),
        ({"inputs": 3}, TypeError, r"expected a list such as \[1, -1\] for the inputs, got 3"),
        ({"target": None}, TypeError, "expected a number for the target y, .* got None"),
        ({"eta": None}, TypeError, "expected a number for eta, .* got None"),
        ({"eta": -1}, ValueError, "expected a finite number of 0 or more for eta, got -1.0"),
        (
            {"target": {"y": 2}, "activation": "sigmoid", "loss": "binary_cross_entropy"},
            ValueError,
            "expected a number from 0 to 1 for each target",
        ),
        ({"inputs": {"x1": 1, "x3": 5}}, ValueError, "a number is given for the input x3, but no unit uses it"),
        ({"units": (Unit("a", "b", "c", ()),), "weights": {}}, ValueError, "unit b has no weights"),
        (
            {"loss": "cross_entropy"},
            ValueError,
            "expected the output activation softmax for cross_entropy, got relu",
        ),
        ({"loss": "hinge"}, ValueError, "expected -1 or 1 for each target of hinge"),
        ({"activation": "softmax"}, ValueError, "a softmax needs at least two outputs"),
        ({"activation": "rellu"}, ValueError, "no activation 'rellu'; try relu"),
        ({"units": (Unit("a", "b", "c", (("x1", "w9"),)),)}, ValueError, "uses the weight or bias w9"),
        (
            {"weights": {"w12": 2, "w13": 1}, "units": (Unit("a", "b", "c", (("x1", "w12"),)),)},
            ValueError,
            "a number is given for the weight or bias w13, but no unit uses it",
        ),
        ({"units": (Unit("a", "b", "c", (("q", "w12"),)),)}, ValueError, "uses q, which is neither an input nor"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name(change, error, message):
    with pytest.raises(error, match=message):
        Exercise(**(GOOD | change))


def test_targets_that_name_no_output():
    with pytest.raises(
        ValueError, match=r"expected targets named after the outputs \(y2, y3\), as t3 for y3, got t2, t4"
    ):
        Exercise({"w12": 2, "w13": -1}, [3], {"t2": 1, "t4": 0}, eta=0.1)


def test_the_number_of_iterations_is_at_least_one():
    with pytest.raises(ValueError, match="expected a whole number from 1 up for the number of iterations, got 0"):
        Exercise(**GOOD).iterate(0)


def test_an_exercise_plans_its_first_iteration_once(monkeypatch):
    made = []
    monkeypatch.setattr(exercises, "functions_of", lambda *given: made.append(given) or functions_of(*given))
    for update in ("mean", "each"):
        Exercise({"w12": 2}, [[1], [2]], [0, 1], 0.1, update=update).solve()
    assert len(made) == 2
