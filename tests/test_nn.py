"""Modules, layers, losses, optimizers and the vectorized equations."""

import math
from random import Random

import numpy as np
import pytest

import nn
from autograd import Tape, Value, gradients, parameter
from nn import MLP, SGD, Adam, Layer, Module, Neuron, equations


def test_parameters_are_found_once_wherever_they_are():
    class Tied(Module):
        def __init__(self):
            self.w = parameter(1)
            self.again = self.w
            self.inside = {"a": [parameter(2)], "b": (parameter(3), Value(4))}
            self.layer = Layer([[5.0]])

    module = Tied()
    assert [path for path, _ in module.named_parameters()] == [
        "w",
        "inside.a.0",
        "inside.b.0",
        "layer.neurons.0.weights.0",
        "layer.neurons.0.bias",
    ]
    assert [p.data for p in module.parameters()] == [1, 2, 3, 5, 0]


def test_state_is_loaded_whole_or_not_at_all():
    a, b = MLP(2, [2, 1], seed=1), MLP(2, [2, 1], seed=2)
    assert a.state_dict() != b.state_dict()
    b.load_state_dict(a.state_dict())
    assert a.state_dict() == b.state_dict()
    state = a.state_dict()
    state["more"] = 1.0
    del state["layers.0.neurons.0.bias"], state["layers.1.neurons.0.bias"]
    with pytest.raises(KeyError, match="missing layers.0.neurons.0.bias, layers.1.neurons.0.bias; extra more"):
        b.load_state_dict(state)
    with pytest.raises(TypeError, match="expected a real number for the state of layers.1.neurons.0.bias"):
        b.load_state_dict(a.state_dict() | {"layers.0.neurons.0.bias": 7, "layers.1.neurons.0.bias": "x"})
    assert a.state_dict() == b.state_dict()


def test_zero_grad_forgets():
    mlp = MLP(2, [3, 1])
    mlp([1, 2]).backward()
    assert all(p.has_grad for p in mlp.parameters())
    mlp.zero_grad()
    assert not any(p.has_grad for p in mlp.parameters())


def test_mlp_computes_what_numpy_computes():
    mlp = MLP(3, [4, 2], "tanh", output_activation="sigmoid", initialization="xavier", seed=5)
    x = np.array([0.5, -1.0, 2.0])
    for layer, function in zip(mlp.layers, (np.tanh, lambda z: 1 / (1 + np.exp(-z))), strict=True):
        w = np.array([[weight.data for weight in neuron.weights] for neuron in layer.neurons])
        x = function(w @ x + [neuron.bias.data for neuron in layer.neurons])
    assert np.allclose([y.data for y in mlp([0.5, -1.0, 2.0])], x, rtol=1e-13)


def test_labels_scopes_and_kinds_of_an_mlp():
    y = MLP(2, [1, 1], "relu")([Value(1, "in"), 2.0])
    lines = {line.label: line for line in Tape.of(y).lines if line.label}
    assert set(lines) == {"in", "x_1", "w1_0_0", "w1_1_0", "b1_0", "z1_0", "a1_0", "w2_0_0", "b2_0", "z2_0"}
    assert lines["a1_0"].scope == ("layer 1", "neuron 0")
    assert (lines["x_1"].kind, lines["in"].kind, lines["b2_0"].kind) == ("constant", "leaf", "parameter")


def test_softmax_outputs():
    outputs = MLP(2, [3], output_activation="softmax")([1, 2])
    assert sum(y.data for y in outputs) == pytest.approx(1.0)
    assert [y.label for y in outputs] == ["a1_0", "a1_1", "a1_2"]
    assert outputs[0].scope == ("layer 1",)


def test_the_same_seed_gives_the_same_weights():
    for initialization in ("uniform", "xavier", "he"):
        first, again, other = (MLP(2, [3], initialization=initialization, seed=seed) for seed in (7, 7, 8))
        assert first.state_dict() == again.state_dict() != other.state_dict()


def test_initializations_have_their_spread():
    generator = Random(0)
    drawn = {name: [rule(generator, 50, 10) for _ in range(4000)] for name, rule in nn.INITIALIZATIONS.items()}
    assert max(map(abs, drawn["uniform"])) == pytest.approx(1.0, abs=0.01)
    assert max(map(abs, drawn["xavier"])) == pytest.approx(math.sqrt(6 / 60), abs=0.01)
    assert np.std(drawn["he"]) == pytest.approx(math.sqrt(2 / 50), rel=0.05)


def test_neurons_and_layers_by_their_sizes_as_in_micrograd():
    generator = Random(5)
    expected = [[generator.uniform(-1, 1) for _ in range(3)] for _ in range(4)]
    layer = Layer(3, 4, seed=5)
    assert [[weight.data for weight in neuron.weights] for neuron in layer.neurons] == expected
    assert {(neuron.bias.data, neuron.activation.name) for neuron in layer.neurons} == {(0.0, "relu")}
    neuron = Neuron(3, seed=5)
    assert [weight.data for weight in neuron.weights] == expected[0]
    assert [parameter.label for parameter in neuron.parameters()] == ["w_0", "w_1", "w_2", "b"]
    assert (repr(neuron), repr(Layer(np.int64(3), 4, "tanh"))) == ("Neuron(3 -> 1 relu)", "Layer(3 -> 4 tanh)")
    assert repr(Neuron(3, activation="tanh")) == "Neuron(3 -> 1 tanh)"
    assert repr(MLP(3, [4, 4, 1])) == "MLP(3 -> 4 relu -> 4 relu -> 1 linear, 41 parameters)"


def test_neurons_without_a_seed_differ():
    drawn = {tuple(neuron.state_dict().values()) for neuron in [*Layer(2, 2).neurons, Neuron(2), Neuron(2)]}
    assert len(drawn) == 4
    assert all(-1 <= weight < 1 for weights in drawn for weight in weights)


@pytest.mark.parametrize(("theirs", "ours"), [("w", "weights"), ("b", "bias")])
def test_a_name_of_micrograd_is_answered_with_the_one_to_use(theirs, ours):
    with pytest.raises(AttributeError) as refused:
        getattr(Neuron(3), theirs)
    assert str(refused.value) == f"'Neuron' object has no attribute {theirs!r}; use {ours}."
    with pytest.raises(AttributeError, match=r"^'Neuron' object has no attribute 'wieghts'$"):
        _ = Neuron(3).wieghts


def test_reprs():
    mlp = MLP(2, [16, 16, 1])
    assert repr(mlp) == "MLP(2 -> 16 relu -> 16 relu -> 1 linear, 337 parameters)"
    assert repr(mlp.layers[0]) == "Layer(2 -> 16 relu)"
    assert repr(Neuron([1, 2])) == "Neuron(2 -> 1 linear)"
    assert repr(nn.activation("elu")) == "Activation('elu')"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MLP(0, [1]), "expected a whole number from 1 up for the number of inputs, got 0"),
        (lambda: MLP(2, [3, -1]), "expected a whole number from 1 up for the size of layer 2, got -1"),
        (lambda: MLP(2, [1.5]), "expected a whole number from 1 up for the size of layer 1, got 1.5"),
        (lambda: MLP(2, []), "expected at least one size for the layers of a network"),
        (lambda: MLP(2, [1])([1, 2, 3]), "expected 2 numbers for the network, got 3"),
        (lambda: Neuron([1, 2])([1]), "expected 2 numbers for the neuron, got 1"),
        (lambda: Neuron([]), "expected at least one weight for a neuron"),
        (lambda: Layer([]), "expected at least one unit for a layer"),
        (lambda: Layer([[1.0]], [1.0, 2.0]), "expected 1 number for the layer's biases, got 2"),
        (lambda: Neuron(0), "expected a whole number from 1 up for the number of inputs, got 0"),
        (lambda: Layer(3), "expected a whole number from 1 up for the number of units, got None"),
        (lambda: MLP(2, [1], "rely"), "there is no activation 'rely'; try relu"),
        (lambda: MLP(2, [1], initialization="zeros"), "there is no initialization 'zeros'; try uniform, xavier, he"),
        (
            lambda: nn.half_squared_error([1, 2], [1]),
            "expected a target for each prediction, got 2 predictions and 1 target",
        ),
        (lambda: nn.mean_squared_error([], []), "got an empty batch"),
        (lambda: nn.cross_entropy([], []), "got an empty batch"),
        (lambda: nn.cross_entropy([0.0, 1.0], 2), "expected a class from 0 to 1 for a target, got 2"),
        (lambda: nn.binary_cross_entropy(0.5, 2), "a number from 0 to 1 for a target of the cross-entropy, got 2"),
        (
            lambda: nn.binary_cross_entropy(1.5, 1),
            "cross-entropy, got 1.5. For scores before the sigmoid, use binary_cross_entropy_with_logits.",
        ),
        (lambda: nn.binary_cross_entropy_with_logits(2, 5), "a number from 0 to 1 for a target of the cross-entropy"),
        (lambda: nn.hinge([0.5], [0]), "expected -1 or 1 for a target of the hinge loss, got 0"),
        (lambda: nn.cross_entropy([0.0, 1.0], True), "expected a class from 0 to 1 for a target, got True"),
        (lambda: MLP(True, [1]), "expected a whole number from 1 up for the number of inputs, got True"),
        (lambda: Layer([[1.0, 2.0], [3.0]]), "expected 2 numbers for each unit of the layer, got 1"),
        (lambda: SGD([w := Value(1), w], 0.1), "expected each parameter once for an optimizer, got one twice"),
        (lambda: SGD([Value(1)], lr=1, momentum=1), "expected a number from 0 to below 1 for momentum, got 1"),
        (lambda: Adam([Value(1)], betas=(0.9, 0.9, 0.9)), "expected two numbers from 0 to below 1"),
        (lambda: SGD([Value(1)], 0.1, weight_decay=-1), "expected 0 or more for weight_decay, got -1"),
        (lambda: Adam([Value(1)], eps=-1), "expected 0 or more for eps, got -1"),
        (lambda: SGD([], 0.1), "expected at least one parameter for an optimizer"),
        (lambda: SGD([Value(1)], -0.1), "expected 0 or more for lr, got -0.1"),
        (lambda: SGD([Value(1)], 0.1, nesterov=True), "needs a momentum above 0"),
        (lambda: Adam([Value(1)], betas=(0.9, 1.0)), "from 0 to below 1"),
    ],
)
def test_bad_sizes_and_settings_are_refused_with_their_numbers(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SGD([Value(1) * 2], 0.1), "expected parameters or leaves for an optimizer, got Value"),
        (lambda: SGD([Value(1).detach()], 0.1), "expected parameters or leaves for an optimizer, got Value"),
        (lambda: SGD(MLP(1, [1]), 0.1), r"got MLP. For a module, use module.parameters\(\)"),
        (lambda: Adam([Value(1)], betas=0.9), "expected two numbers for the betas of Adam, got float"),
        (lambda: Adam([Value(1)], betas=("a", 1)), "expected a real number for a beta of Adam, got str"),
        (lambda: SGD([Value(1)], "fast"), "expected a real number for lr, got str"),
        (lambda: MLP(2, 3), r"expected a list such as \[16, 1\] for the sizes of a network, got int"),
        (lambda: MLP(2, [1])(1), "expected a list of 2 numbers for the network, got int"),
        (lambda: MLP(2, [1]).load_state_dict(None), "expected a mapping of paths to numbers for a state, got NoneType"),
        (lambda: nn.activation("relu", slope=3), "relu has no setting 'slope'; it has none"),
        (lambda: nn.activation("elu", slope=3), "elu has no setting 'slope'; it has alpha"),
        (lambda: nn.activation(nn.activation("elu"), alpha=3), "has its settings already"),
        (lambda: nn.binary_cross_entropy("a", 1), "expected a real number for a probability, got str"),
        (lambda: nn.cross_entropy(MLP(2, [1])([1, 2]), 0), "one for each class, got a single one. For two classes and"),
        (lambda: nn.negative_log_likelihood(-1.5, 0), "expected a list of outputs, one for each class, got a single"),
        (lambda: equations(nn.relu_exercise(), [[1]], [[1]]), r"expected an MLP for equations\(\), got Exercise"),
        (
            lambda: equations(MLP(2, [1]), [1, 2], [[1]]),
            "expected rows of numbers for the inputs, one column per example",
        ),
    ],
)
def test_what_is_of_the_wrong_kind_is_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_numpy_integers_are_whole_numbers():
    assert len(MLP(np.int64(2), [np.int32(3)]).layers[0].neurons) == 3
    assert nn.cross_entropy([0.0, 0.0], np.int64(1)) == pytest.approx(math.log(2))
    assert Neuron(np.array([1.0, 2.0]))(np.array([3.0, 4.0])).data == 11.0


def test_a_module_may_hold_itself():
    outer, inner = Module(), Module()
    outer.inner, outer.w = inner, parameter(1)
    inner.outer, inner.w = outer, parameter(2)
    assert [path for path, _ in outer.named_parameters()] == ["inner.w", "w"]


def test_adam_without_eps_divides_as_ieee_does():
    w = parameter(1)
    w.grad = 0.0
    Adam([w], eps=0).step()
    assert math.isnan(w.data)


def test_a_target_that_is_a_value_has_a_gradient():
    p, y = Value(0.7), Value(0.3)
    slopes = gradients(nn.binary_cross_entropy(p, y), [p, y])
    assert slopes == pytest.approx([-0.3 / 0.7 + 0.7 / 0.3, -math.log(0.7) + math.log(0.3)], rel=1e-13)


def test_a_parameter_without_a_gradient_stays():
    used, unused = parameter(1), parameter(1)
    (used * 2).backward()
    SGD([used, unused], 0.5, weight_decay=0.1).step()
    assert (used.data, unused.data) == (1 - 0.5 * (2 + 0.1), 1.0)


def test_losses_by_closed_forms():
    p = [0.9, 0.2, 0.6]
    bce = -(math.log(0.9) + math.log(0.8) + (0.3 * math.log(0.6) + 0.7 * math.log(0.4))) / 3
    assert nn.binary_cross_entropy(p, [1, 0, 0.3]) == pytest.approx(bce, rel=1e-13)
    logits = [math.log(x / (1 - x)) for x in p]
    assert nn.binary_cross_entropy_with_logits(logits, [1, 0, 0.3]) == pytest.approx(bce, rel=1e-13)
    z = [[1.0, 2.0, -1.0], [0.0, 0.0, 3.0]]
    chosen = [math.exp(2) / (math.e + math.exp(2) + 1 / math.e), 1 / (2 + math.exp(3))]
    assert nn.cross_entropy(z, [1, 0]) == pytest.approx(-(math.log(chosen[0]) + math.log(chosen[1])) / 2, rel=1e-13)
    assert nn.hinge([2.0, -0.5], [1, 1]) == 0.75
    assert nn.binary_cross_entropy(1.0, 0) == math.inf
    assert nn.binary_cross_entropy(1.0, 1) == 0.0


def test_losses_of_values_differentiate():
    z = [Value(1000.0), Value(-1000.0)]
    loss = nn.binary_cross_entropy_with_logits(z, [0, 1])
    assert loss.data == 1000.0
    assert gradients(loss, z) == [0.5, -0.5]


def mean_loss(mlp, x, y, loss):
    columns = list(zip(zip(*x, strict=True), zip(*y, strict=True), strict=True))
    return sum(loss(mlp.forward(inputs), targets) for inputs, targets in columns) / len(columns)


@pytest.mark.parametrize(
    ("hidden", "output", "loss", "function"),
    [
        ("sigmoid", "sigmoid", "binary_cross_entropy", lambda p, t: 2 * nn.binary_cross_entropy(p, t)),
        ("tanh", "linear", "half_squared_error", nn.half_squared_error),
        ("relu", "tanh", "half_squared_error", nn.half_squared_error),
        ("elu", "softmax", "cross_entropy", lambda p, t: nn.negative_log_likelihood([q.log() for q in p], t.index(1))),
    ],
)
def test_R4_the_equations_equal_the_engine_entry_by_entry(hidden, output, loss, function):
    mlp = MLP(3, [4, 5, 2], hidden, output_activation=output, seed=3)
    generator = Random(1)
    x = [[generator.uniform(-1, 1) for _ in range(6)] for _ in range(3)]
    y = [[1, 0, 1, 1, 0, 0], [0, 1, 0, 0, 1, 1]]
    layers = equations(mlp, x, y, loss=loss)
    mean_loss(mlp, x, y, function).backward()
    for layer, result in zip(mlp.layers, layers, strict=True):
        for unit, neuron in enumerate(layer.neurons):
            assert [w.grad for w in neuron.weights] == pytest.approx(result.dW[unit], rel=1e-9, abs=1e-14)
            assert neuron.bias.grad == pytest.approx(result.db[unit][0], rel=1e-9, abs=1e-14)
    for column, inputs in enumerate(zip(*x, strict=True)):
        expected = [row[column] for row in layers[-1].A]
        assert [a.data for a in mlp.forward(inputs)] == pytest.approx(expected, rel=1e-13)


def test_R4_arrays_in_arrays_out():
    mlp = MLP(2, [3, 1], "sigmoid", output_activation="sigmoid")
    x, y = np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([[1, 0]])
    first, second = equations(mlp, x, y)
    assert isinstance(first.dW, np.ndarray)
    assert (first.Z.shape, first.dW.shape, first.db.shape, second.dZ.shape) == ((3, 2), (3, 2), (3, 1), (1, 2))
    w2 = np.array([[w.data for w in mlp.layers[1].neurons[0].weights]])
    assert np.allclose(first.dZ, (w2.T @ second.dZ) * first.A * (1 - first.A), rtol=1e-14)
    assert np.allclose(second.dW, second.dZ @ first.A.T / 2, rtol=1e-14)


@pytest.mark.parametrize(
    ("x", "y", "loss", "message"),
    [
        ([[1]], [[1]], "binary_cross_entropy", "expected 2 rows for the inputs, one for each unit, got 1"),
        (
            [[1], [2]],
            [[1, 0]],
            "binary_cross_entropy",
            r"the inputs have 1 examples \(columns\), but the targets have 2",
        ),
        ([[], []], [[]], "binary_cross_entropy", "got an empty batch"),
        (
            [[1, 2], [2]],
            [[1]],
            "binary_cross_entropy",
            r"expected rows of one length for the inputs, got lengths \[1, 2\]",
        ),
        (
            [[1], [2]],
            [[1]],
            "cross_entropy",
            "expected softmax outputs for cross_entropy, got sigmoid",
        ),
        (
            [[1], [2]],
            [[5]],
            "binary_cross_entropy",
            "a number from 0 to 1 for each target of binary_cross_entropy",
        ),
        ([[1], [2]], [[1]], "hinge", "there are no equations for the loss 'hinge'"),
    ],
)
def test_R4_bad_batches_are_refused(x, y, loss, message):
    with pytest.raises(ValueError, match=message):
        equations(MLP(2, [1], output_activation="sigmoid"), x, y, loss=loss)


def test_R4_softmax_goes_with_cross_entropy():
    with pytest.raises(ValueError, match="use cross_entropy with softmax"):
        equations(MLP(2, [2], output_activation="softmax"), [[1], [2]], [[1], [0]], loss="half_squared_error")


def test_R4_targets_of_cross_entropy_sum_to_one():
    with pytest.raises(ValueError, match="each column of targets must sum to 1"):
        equations(MLP(2, [2], output_activation="softmax"), [[1], [2]], [[1], [1]], loss="cross_entropy")


def test_R4_softmax_belongs_to_the_output():
    with pytest.raises(ValueError, match="the equations allow softmax in the output layer only"):
        equations(MLP(2, [2, 1], "softmax", output_activation="sigmoid"), [[1], [2]], [[1]])
