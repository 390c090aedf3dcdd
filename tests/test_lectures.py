"""The lectures' rows R1 to R12: each test names its row."""

import math
import re
from itertools import pairwise

import pytest

import autograd
import nn
from autograd import Value, derivative, ops
from autograd.table.scalars import format_number
from nn import MLP, SGD, Exercise, equations, relu_exercise, second_exercise, sigmoid_exercise


def sigma(x):
    return 1 / (1 + math.exp(-x))


@pytest.fixture(scope="module")
def network():
    """The 4-5-1 exercise, its solution, and its numbers computed with plain floats from the lecture's formulas."""
    exercise = sigmoid_exercise()
    w, x, b = exercise.weights, exercise.inputs_by_name, exercise.biases
    y = exercise.targets["y"]
    z1 = [sum(w[f"w1_{i}_{j}"] * x[f"x_{i}"] for i in range(4)) + b[f"b1_{j}"] for j in range(5)]
    a = [sigma(z) for z in z1]
    z2 = sum(w[f"w2_{j}"] * a[j] for j in range(5)) + b["b2"]
    yhat = sigma(z2)
    dz2 = yhat - y
    numbers = {"z2": z2, "yhat": yhat, "dz2": dz2, "db2": dz2}
    numbers["l"] = -y * math.log(yhat) - (1 - y) * math.log(1 - yhat)
    for j in range(5):
        dz1 = w[f"w2_{j}"] * dz2 * a[j] * (1 - a[j])
        numbers |= {f"z1_{j}": z1[j], f"a_{j}": a[j], f"dw2_{j}": dz2 * a[j], f"dz1_{j}": dz1, f"db1_{j}": dz1}
        numbers |= {f"dw1_{i}_{j}": dz1 * x[f"x_{i}"] for i in range(4)}
    return exercise, exercise.solve(), numbers


def test_R1_every_unit_of_the_4_5_1_network(network):
    _, solution, expected = network
    lines = {line.name: line for line in solution.lines if line.part == "forward"}
    assert set(lines) == {*(f"z1_{j}" for j in range(5)), *(f"a_{j}" for j in range(5)), "z2", "yhat"}
    for name, line in lines.items():
        assert math.isclose(line.result, expected[name], rel_tol=1e-14), name
    assert lines["z1_3"].symbols == "x_0*w1_0_3 + x_1*w1_1_3 + x_2*w1_2_3 + x_3*w1_3_3 + b1_3"
    assert lines["a_3"].symbols == "sigma(z1_3)"


def test_R2_binary_cross_entropy(network):
    _, solution, expected = network
    line = next(line for line in solution.lines if line.part == "loss")
    assert (line.name, line.symbols) == ("l", "-y*log(yhat) - (1 - y)*log(1 - yhat)")
    assert math.isclose(line.result, expected["l"], rel_tol=1e-13)
    assert math.isclose(nn.binary_cross_entropy(0.3, 1), -math.log(0.3), rel_tol=1e-15)


def test_R3_backward_equations_unit_by_unit(network):
    _, solution, expected = network
    lines = {line.name: line for line in solution.lines if line.part == "backward"}
    slopes = {name: lines.pop(name) for name in [name for name in lines if "'" in name]}
    assert set(slopes) == {f"sigma'(z1_{j})" for j in range(5)}
    for j in range(5):
        a = expected[f"a_{j}"]
        assert math.isclose(slopes[f"sigma'(z1_{j})"].result, a * (1 - a), rel_tol=1e-12)
    assert len(lines) == 1 + 5 + 1 + 5 + 20 + 5
    for name, line in lines.items():
        assert math.isclose(line.result, expected[name], rel_tol=1e-12), name
    assert lines["dz2"].symbols == "yhat - y"
    assert lines["dw2_4"].symbols == "dz2*a_4"
    assert lines["db2"].symbols == "dz2"
    assert lines["dz1_2"].symbols == "w2_2*dz2*sigma'(z1_2)"
    assert lines["dw1_0_1"].symbols == "dz1_1*x_0"
    assert lines["db1_1"].symbols == "dz1_1"


def test_R4_the_vectorized_equations_give_the_same_numbers_as_the_units(network):
    exercise, solution, expected = network
    mlp = MLP(4, [5, 1], "sigmoid", output_activation="sigmoid")
    weights = exercise.weights
    rows = [[weights[f"w1_{i}_{j}"] for i in range(4)] for j in range(5)]
    for j, neuron in enumerate(mlp.layers[0].neurons):
        for weight, number in zip(neuron.weights, rows[j], strict=True):
            weight.data = number
        neuron.bias.data = exercise.biases[f"b1_{j}"]
        mlp.layers[1].neurons[0].weights[j].data = weights[f"w2_{j}"]
    mlp.layers[1].neurons[0].bias.data = exercise.biases["b2"]
    first, second = equations(mlp, [[x] for x in exercise.inputs_by_name.values()], [[1.0]])
    for j in range(5):
        assert math.isclose(first.Z[j][0], expected[f"z1_{j}"], rel_tol=1e-14)
        assert math.isclose(first.dZ[j][0], expected[f"dz1_{j}"], rel_tol=1e-12)
        assert math.isclose(second.dW[0][j], solution.gradients[f"w2_{j}"], rel_tol=1e-12)
        for i in range(4):
            assert math.isclose(first.dW[j][i], solution.gradients[f"w1_{i}_{j}"], rel_tol=1e-12)
    assert math.isclose(second.A[0][0], expected["yhat"], rel_tol=1e-14)
    assert math.isclose(second.db[0][0], expected["dz2"], rel_tol=1e-12)


@pytest.mark.parametrize("x", [-2.0, -0.5, 0.5, 3.0])
def test_R5_activations_and_their_derivatives(x):
    s = sigma(x)
    expected = {
        "sigmoid": (s, s * (1 - s)),
        "relu": (max(0, x), 1.0 if x > 0 else 0.0),
        "leaky_relu": (max(0.01 * x, x), 1.0 if x > 0 else 0.01),
        "tanh": (math.tanh(x), 1 - math.tanh(x) ** 2),
    }
    for name, (value, slope) in expected.items():
        function = nn.activation(name).function
        assert math.isclose(function(x), value, rel_tol=1e-14)
        assert math.isclose(derivative(function)(x), slope, rel_tol=1e-14)


def test_R5_softmax_over_a_vector():
    numbers = [0.5, -1.0, 2.0]
    total = sum(math.exp(x) for x in numbers)
    s = [math.exp(x) / total for x in numbers]
    assert nn.activation("softmax")(numbers) == pytest.approx(s, rel=1e-14)
    for i, row in enumerate(autograd.softmax_jacobian(numbers)):
        for j, entry in enumerate(row):
            assert math.isclose(entry, s[i] * (1 - s[i]) if i == j else -s[i] * s[j], rel_tol=1e-12)


def test_R6_forward_pass_and_half_squared_error():
    inputs, weights = [1.0, -2.0, 0.5], [0.3, 0.1, -0.4]
    y = nn.Neuron(weights, activation="tanh")(inputs)
    expected = math.tanh(sum(x * w for x, w in zip(inputs, weights, strict=True)))
    assert math.isclose(y.data, expected, rel_tol=1e-14)
    assert math.isclose(nn.half_squared_error(y, 0.25).data, 0.5 * (expected - 0.25) ** 2, rel_tol=1e-13)


THREE_LAYERS = {
    "w13": 0.2,
    "w23": -0.4,
    "w14": 0.7,
    "w24": 0.1,
    "w35": 0.5,
    "w45": -0.3,
    "w36": 0.8,
    "w46": 0.6,
    "w37": -0.2,
    "w47": 0.9,
    "w58": 0.4,
    "w68": -0.7,
    "w78": 0.3,
    "w59": 0.1,
    "w69": 0.2,
    "w79": -0.5,
}


def test_R7_error_signals_come_from_all_units_of_the_next_layer_and_the_old_weights():
    exercise = Exercise(
        THREE_LAYERS,
        {"x1": 0.6, "x2": -1.1},
        {"t8": 1, "t9": 0},
        eta=0.3,
        activation="tanh",
        output_activation="sigmoid",
    )
    solution = exercise.solve()
    results = {line.name: line.result for line in solution.lines if line.part in ("forward", "backward")}
    w = exercise.weights
    for k, target in (("8", 1), ("9", 0)):
        f = results[f"y{k}"]
        assert math.isclose(results[f"delta{k}"], (f - target) * f * (1 - f), rel_tol=1e-12)
    for j, above in (("5", "89"), ("6", "89"), ("7", "89"), ("3", "567"), ("4", "567")):
        upstream = sum(results[f"delta{k}"] * w[f"w{j}{k}"] for k in above)
        assert math.isclose(results[f"delta{j}"], upstream * (1 - results[f"y{j}"] ** 2), rel_tol=1e-12)
    line = next(line for line in solution.lines if line.name == "delta5")
    assert line.symbols == "(delta8*w58 + delta9*w59)*F'(x5)"


def test_R8_updates_of_weights_and_biases():
    exercise = second_exercise()
    solution = exercise.solve()
    results = {line.name: line.result for line in solution.lines}
    sources = exercise.inputs_by_name | results
    for unit in exercise.units:
        for source, weight in unit.weights:
            expected = exercise.weights[weight] - exercise.eta * results[unit.delta] * sources[source]
            assert math.isclose(solution.after[weight], expected, rel_tol=1e-13)
        assert math.isclose(
            solution.after[unit.bias], exercise.biases[unit.bias] - exercise.eta * results[unit.delta], rel_tol=1e-13
        )


@pytest.mark.parametrize("x", [-1.5, -0.2, 0.3, 2.0])
def test_R9_the_table_of_activations(x):
    alpha = 0.3
    negative = x < 0
    tanh = 2 / (1 + math.exp(-2 * x)) - 1
    elu = alpha * (math.exp(x) - 1) if negative else x
    rows = {
        "linear": (nn.activation("linear", a=3.0, c=0.5), 3 * x + 0.5, 3.0),
        "sigmoid": (nn.activation("sigmoid"), sigma(x), sigma(x) * (1 - sigma(x))),
        "tanh": (nn.activation("tanh"), tanh, 1 - tanh**2),
        "relu": (nn.activation("relu"), 0.0 if negative else x, 0.0 if negative else 1.0),
        "prelu": (nn.activation("prelu", alpha=alpha), alpha * x if negative else x, alpha if negative else 1.0),
        "elu": (nn.activation("elu", alpha=alpha), elu, elu + alpha if negative else 1.0),
    }
    for name, (activation, value, slope) in rows.items():
        point = Value(x)
        result = activation([point])[0]
        result.backward()
        assert math.isclose(result.data, value, rel_tol=1e-13), name
        assert math.isclose(point.grad, slope, rel_tol=1e-13), name


def test_R9_the_slope_of_the_parametric_relu_is_learned():
    prelu = nn.activation("prelu", alpha=0.3)
    prelu([Value(-2)])[0].backward()
    assert prelu.parameters()[0].grad == -2.0


def test_R9_at_the_kink_the_product_takes_zero_and_says_so():
    assert derivative(ops.relu)(0.0) == 0.0
    assert "relu'(0) = 0" in Value.relu.__doc__


R10 = """\
x3 = x1*w13 + x2*w23 = 1*2 + (-1)*(-3) = 5
y3 = F(x3) = F(5) = 5
x4 = x1*w14 + x2*w24 = 1*1 + (-1)*4 = -3
y4 = F(x4) = F(-3) = 0
x5 = y3*w35 + y4*w45 = 5*2 + 0*(-1) = 10
y5 = F(x5) = F(10) = 10
loss = 1/2*(y5 - y)**2 = 1/2*(10 - 0)**2 = 50
delta5 = (y5 - y)*F'(x5) = (10 - 0)*F'(10) = 10
w35_new = w35 - eta*delta5*y3 = 2 - 0.1*10*5 = -3
w45_new = w45 - eta*delta5*y4 = -1 - 0.1*10*0 = -1
delta3 = delta5*w35*F'(x3) = 10*2*F'(5) = 20
w13_new = w13 - eta*delta3*x1 = 2 - 0.1*20*1 = 0
w23_new = w23 - eta*delta3*x2 = -3 - 0.1*20*(-1) = -1
delta4 = delta5*w45*F'(x4) = 10*(-1)*F'(-3) = 0
w14_new = w14 - eta*delta4*x1 = 1 - 0.1*0*1 = 1
w24_new = w24 - eta*delta4*x2 = 4 - 0.1*0*(-1) = 4"""


def test_R10_the_worked_exercise_line_by_line():
    solution = relu_exercise().solve()
    assert "\n".join(map(str, solution.lines)) == R10
    assert (solution.prediction, solution.loss) == (10.0, 50.0)
    assert solution.gradients == {"w13": 20.0, "w23": -20.0, "w14": 0.0, "w24": 0.0, "w35": 50.0, "w45": 0.0}


def test_R11_the_second_exercise_number_by_number():
    solution = second_exercise().solve()
    expected = [-0.1728, -0.072, 0.0576, 0.024, -0.3168, -0.1584, -0.144, 0.048, -0.24]
    assert list(solution.gradients.values()) == pytest.approx(expected, rel=1e-12)
    assert list(solution.gradients) == ["w1", "w2", "w3", "w4", "w5", "w6", "b1", "b2", "b3"]
    assert format_number(solution.loss) == "0.0288"


def test_R12_iterations_until_the_loss_is_small():
    assert relu_exercise().iterate(2)[-1].loss == 0.0
    losses = [solution.loss for solution in sigmoid_exercise().iterate(60)]
    assert all(later < earlier for earlier, later in pairwise(losses))
    assert losses[-1] < 0.05


def test_R12_training_for_as_many_examples_as_there_are():
    examples = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
    mlp = MLP(2, [4, 1], "tanh", seed=1)
    optimizer = SGD(mlp.parameters(), lr=0.2)
    for _ in range(400):
        for inputs, target in examples:
            optimizer.zero_grad()
            nn.half_squared_error(mlp(inputs), target).backward()
            optimizer.step()
    assert sum(nn.half_squared_error(mlp(inputs), target).data for inputs, target in examples) < 0.01


@pytest.mark.parametrize("exercise", [relu_exercise(), second_exercise(), sigmoid_exercise()], ids=lambda e: e.title)
def test_the_numbers_of_every_line_give_its_result_when_read_back(exercise):
    functions = {"F": lambda x: max(0.0, x), "G": lambda x: float(x > 0)}
    functions |= {"sigma": sigma, "tau": lambda x: sigma(x) * (1 - sigma(x)), "log": math.log}
    for line in exercise.solve().lines:
        numbers = line.numbers.replace("F'", "G").replace("sigma'", "tau")
        assert re.fullmatch(r"[\w\s.()*/+'-]+", line.numbers)
        assert math.isclose(eval(numbers, functions), line.result, rel_tol=1e-4, abs_tol=1e-5), line
