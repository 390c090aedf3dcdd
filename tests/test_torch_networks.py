"""Networks to PyTorch and back: outputs and gradients are equal, and what has no equal is refused with its place."""

import pytest
from networks import NETWORKS, ROWS

import nn
from autograd import Value
from nn import MLP, Layer, from_torch, to_torch

torch = pytest.importorskip("torch", reason="PyTorch is not installed: its comparisons were left out")
Sequential, Linear = torch.nn.Sequential, torch.nn.Linear


def by_torch(sequential, row):
    """Return outputs, and the gradients of a weighted sum of them in the inputs and in all that is learned."""
    inputs = torch.tensor(row, dtype=torch.float64, requires_grad=True)
    learned = [found for found in sequential.parameters() if found.requires_grad]
    for found in learned:
        found.grad = None
    outputs = sequential(inputs[None])[0]
    sum(place * output for place, output in enumerate(outputs, start=1)).backward()
    slopes = [slope for found in learned for slope in found.grad.flatten().tolist()]
    return outputs.tolist(), inputs.grad.tolist(), slopes


def by_gradstep(mlp, row):
    """Return the same, the gradients in PyTorch's order: weights row by row, then biases, then a learned activation."""
    inputs = [Value(x) for x in row]
    mlp.zero_grad()
    outputs = mlp.forward(inputs)
    sum((place * output for place, output in enumerate(outputs, start=1)), Value(0)).backward()
    learned = {}
    for layer in mlp.layers:
        learned |= dict.fromkeys(weight for neuron in layer.neurons for weight in neuron.weights)
        learned |= dict.fromkeys(neuron.bias for neuron in layer.neurons)
        learned |= dict.fromkeys(layer.activation.parameters())
    return [output.data for output in outputs], [x.grad for x in inputs], [found.grad for found in learned]


KNOWN = [name for name in NETWORKS if name not in nn.ACTIVATIONS or nn.ACTIVATIONS[name].torch]


@pytest.mark.parametrize("name", KNOWN)
def test_outputs_and_gradients_are_those_of_pytorch(name):
    mlp = NETWORKS[name]
    sequential = to_torch(mlp)
    assert type(sequential) is Sequential
    assert {found.dtype for found in sequential.parameters()} == {torch.float64}
    for row in ROWS:
        for ours, theirs in zip(by_gradstep(mlp, row), by_torch(sequential, row), strict=True):
            assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12), row


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "linear"])
def test_a_network_comes_back_from_pytorch_bit_for_bit(name):
    mlp = NETWORKS[name]
    again = from_torch(to_torch(mlp))
    assert repr(again) == repr(mlp)
    assert again.state_dict() == mlp.state_dict()
    assert [found.label for found in again.parameters()] == [found.label for found in mlp.parameters()]
    assert [layer.activation.settings for layer in again.layers] == [layer.activation.settings for layer in mlp.layers]


def test_a_scaled_linear_activation_is_a_layer_of_its_own_in_pytorch():
    mlp = MLP.from_layers([Layer([[2.0]], [1.0], nn.activation("linear", a=3.0, c=-1.0))])
    sequential = to_torch(mlp)
    assert [found.requires_grad for found in sequential.parameters()] == [True, True, False, False]
    assert repr(from_torch(sequential)) == "MLP(1 -> 1 linear -> 1 linear, 4 parameters)"
    assert from_torch(sequential)([5.0]).data == mlp([5.0]).data == 32.0


def test_making_a_network_of_pytorch_draws_no_random_numbers():
    torch.manual_seed(3)
    expected = torch.rand(4).tolist()
    torch.manual_seed(3)
    to_torch(MLP(2, [3, 1]))
    assert torch.rand(4).tolist() == expected


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_narrower_numbers_come_exactly(dtype):
    linear = Linear(3, 2, dtype=dtype)
    mlp = from_torch(Sequential(linear))
    assert [[w.data for w in neuron.weights] for neuron in mlp.layers[0].neurons] == linear.weight.tolist()
    assert [neuron.bias.data for neuron in mlp.layers[0].neurons] == linear.bias.tolist()


def test_a_sequential_of_every_kind_of_module():
    torch.manual_seed(1)
    inner = Sequential(torch.nn.Tanh(), Linear(3, 4, bias=False), torch.nn.LeakyReLU(0.3), torch.nn.Identity())
    sequential = Sequential(Linear(2, 3), inner, Linear(4, 3), torch.nn.Softmax(dim=1)).double()
    mlp = from_torch(sequential)
    assert repr(mlp) == "MLP(2 -> 3 tanh -> 4 leaky_relu -> 3 softmax, 40 parameters)"
    assert [neuron.bias.data for neuron in mlp.layers[1].neurons] == [0.0] * 4
    for row in ROWS:
        expected = sequential(torch.tensor([row], dtype=torch.float64))[0].tolist()
        assert [output.data for output in mlp.forward(row)] == pytest.approx(expected, rel=1e-12, abs=1e-12)


class Own(Linear):
    def forward(self, inputs):
        return super().forward(inputs) ** 2


def shared(first, second):
    second.weight = first.weight
    return Sequential(first, second)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Linear(2, 1), TypeError, "expected a torch.nn.Sequential, got Linear"),
        (lambda: MLP(2, [1]), TypeError, "expected a torch.nn.Sequential, got MLP"),
        (lambda: torch.nn.DataParallel(Sequential(Linear(2, 1))), TypeError, "got DataParallel. Use its attribute"),
        (lambda: Sequential(), ValueError, "expected at least one layer for a network"),
        (
            lambda: Sequential(Linear(2, 2), torch.nn.ReLU(), Linear(2, 2), torch.nn.Conv2d(1, 1, 1)),
            TypeError,
            "module 3, Conv2d, has no counterpart in an MLP; use Linear, Sigmoid, Tanh, ReLU",
        ),
        (
            lambda: Sequential(Linear(2, 2), Sequential(torch.nn.GLU())),
            TypeError,
            "module 1.0, GLU, has no counterpart",
        ),
        (lambda: Sequential(Own(2, 1)), TypeError, "module 0, Own, has no counterpart in an MLP"),
        (
            lambda: Sequential(Linear(2, 1), torch.nn.Dropout()),
            TypeError,
            "module 1, Dropout, has no counterpart in an MLP",
        ),
        (lambda: Sequential(torch.nn.ReLU()), ValueError, "module 0, ReLU, does not follow a Linear"),
        (
            lambda: Sequential(Linear(2, 1), torch.nn.ReLU(), torch.nn.Tanh()),
            ValueError,
            "module 2, Tanh, does not follow a Linear; each activation must follow its Linear",
        ),
        (lambda: Sequential(Linear(2, 3), torch.nn.PReLU(3)), ValueError, "module 1, PReLU, has 3 parameters, but"),
        (lambda: Sequential(Linear(2, 3), torch.nn.Softmax(0)), ValueError, "module 1, Softmax, has dim=0, but"),
        (lambda: Sequential(Linear(2, 3), Linear(2, 1)), ValueError, r"expected 2 numbers for layers\[1\], got 3"),
        (lambda: shared(Linear(2, 2), Linear(2, 2)), ValueError, "module 1, Linear, shares its weight with module 0"),
        (
            lambda: Sequential(Linear(2, 1, device="meta")),
            TypeError,
            "expected real numbers for the weight of module 0, Linear, got a tensor on the device meta",
        ),
        (
            lambda: Sequential(Linear(2, 1, dtype=torch.complex64)),
            TypeError,
            "expected real numbers for the weight of module 0, Linear, got a tensor of the type torch.complex64",
        ),
        (
            lambda: Sequential(torch.nn.utils.spectral_norm(Linear(2, 1))),
            TypeError,
            "expected the parameters weight and bias for module 0, Linear, got bias, weight_orig",
        ),
        (
            lambda: Sequential(torch.nn.utils.parametrizations.weight_norm(Linear(2, 1))),
            TypeError,
            "module 0, ParametrizedLinear, has no counterpart in an MLP",
        ),
    ],
)
def test_what_has_no_equal_here_is_refused_with_its_place(make, error, message):
    with pytest.raises(error, match=message):
        from_torch(make())


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Layer([[1.0]]), "expected an MLP for PyTorch, got Layer"),
        (MLP(2, [1], output_activation=nn.Activation("cube", lambda x: x**3)), "'cube'.*, your own function"),
    ],
)
def test_what_has_no_equal_in_pytorch_is_refused(model, message):
    with pytest.raises(TypeError, match=message):
        to_torch(model)


def test_an_activation_that_pytorch_does_not_have_is_refused_and_no_other(monkeypatch):
    monkeypatch.setattr(nn.ACTIVATIONS["tanh"], "torch", "")
    with pytest.raises(
        ValueError, match=r"PyTorch has no module for tanh\. If it has one, name it in the row of tanh in nn/act"
    ):
        to_torch(MLP(2, [1], output_activation="tanh"))
    assert repr(to_torch(MLP(2, [1], output_activation="sigmoid"))[1]) == "Sigmoid()"


def test_a_network_with_a_weight_at_two_places_is_refused():
    mlp = MLP(2, [2])
    mlp.layers[0].neurons[1].weights[0] = mlp.layers[0].neurons[0].weights[0]
    with pytest.raises(TypeError, match="layers.0.neurons.0.weights.0 is used in several places of the MLP"):
        to_torch(mlp)
