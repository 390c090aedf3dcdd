"""Programs as students write them for other classes and for NumPy: they run, with the numbers that theory gives."""

# ruff: noqa: N803, N806 - matrices have capital letters, as in the homework

import html
import math
import random
import re

import numpy as np
import pytest

import autograd
import viz
from autograd import Value, constant, explain, replay

# A first lecture: one neuron, whose numbers are chosen so that its gradients come out even.


@pytest.fixture
def neuron():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    x2w2.label = "x2*w2"
    both = x1w1 + x2w2
    both.label = "x1*w1 + x2*w2"
    n = both + b
    n.label = "n"
    return {"x1": x1, "x2": x2, "w1": w1, "w2": w2, "b": b, "n": n}


def gradients_of(neuron):
    return [neuron[name].grad for name in ("x1", "w1", "x2", "w2", "b", "n")]


BY_HAND = [-1.5, 1.0, 0.5, 0.0, 0.5, 0.5]
"""tanh(n) is sqrt(1/2), so its slope is 1/2."""


def test_a_neuron_with_tanh(neuron):
    o = neuron["n"].tanh()
    o.label = "o"
    o.backward()
    assert o.data == pytest.approx(math.sqrt(0.5), rel=1e-15)
    assert gradients_of(neuron) == pytest.approx(BY_HAND, abs=1e-15)
    drawn = html.unescape(viz.to_mermaid(o).replace("#", "&#"))
    assert re.findall(r"<b>(.*?)</b><br/>data (\S+)<br/>grad ([-\d.]+)", drawn) == [
        ("x1", "2", "-1.5"), ("w1", "-3", "1"), ("x1*w1", "-6", "0.5"),
        ("x2", "0", "0.5"), ("w2", "1", "0"), ("x2*w2", "0", "0.5"),
        ("x1*w1 + x2*w2", "-6", "0.5"), ("b", "6.88137", "0.5"), ("n", "0.881374", "0.5"), ("o", "0.707107", "1"),
    ]  # fmt: skip
    assert re.findall(r'"∂=([-\d.]+)"', drawn) == ["-3", "2", "1", "0", "1", "1", "1", "1", "0.5"]


def test_its_gradients_set_by_hand_node_by_node(neuron):
    """As the lecture does before there is a `backward()`: from the output back, with `grad` assigned."""
    o = neuron["n"].tanh()
    o.grad = 1.0
    neuron["n"].grad = (1 - o.data**2) * o.grad
    for result in (neuron["n"], neuron["n"].operands[0], *neuron["n"].operands[0].operands):
        for operand, slope in zip(result.operands, result.partials, strict=True):
            operand.grad = slope * result.grad
    assert gradients_of(neuron) == pytest.approx(BY_HAND, abs=1e-15)


def test_tanh_taken_apart(neuron):
    e = (2 * neuron["n"]).exp()
    o = (e - 1) / (e + 1)
    o.backward()
    assert o.data == pytest.approx(math.sqrt(0.5), rel=1e-15)
    assert gradients_of(neuron) == pytest.approx(BY_HAND, abs=1e-15)
    # e receives a contribution from above and one from below: 1/(e + 1) and -(e - 1)/(e + 1)**2.
    ledger = explain(e, o)
    assert [entry.amount for entry in ledger.entries] == pytest.approx(
        [-(e.data - 1) / (e.data + 1) ** 2, 1 / (e.data + 1)], rel=1e-14
    )


def test_one_value_used_twice():
    a = Value(3.0, label="a")
    b = a + a
    b.backward()
    assert a.grad == 2.0
    a, b = Value(-2.0), Value(3.0)
    ((a * b) * (a + b)).backward()
    assert (a.grad, b.grad) == (2 * -2 * 3 + 9, 4 + 2 * -2 * 3)  # of a**2 b + a b**2


class Neuron:
    def __init__(self, inputs, generator):
        self.w = [Value(generator.uniform(-1, 1)) for _ in range(inputs)]
        self.b = Value(generator.uniform(-1, 1))

    def __call__(self, x):
        return sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b).tanh()

    def parameters(self):
        return [*self.w, self.b]


class Layer:
    def __init__(self, inputs, outputs, generator):
        self.neurons = [Neuron(inputs, generator) for _ in range(outputs)]

    def __call__(self, x):
        outs = [n(x) for n in self.neurons]
        return outs[0] if len(outs) == 1 else outs

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


class MLP:
    def __init__(self, sizes, generator):
        self.layers = [Layer(sizes[i], sizes[i + 1], generator) for i in range(len(sizes) - 1)]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


XS = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
YS = [1.0, -1.0, -1.0, 1.0]


def trained_by_matrices(weights, steps, rate):
    """Return the losses and the last weights, with the textbook's equations: dZ = dA (1 - A**2), dW = dZ^T A."""
    weights, target, losses = [w.copy() for w in weights], np.array(YS)[:, None], []
    for _ in range(steps):
        layers = [np.array(XS)]
        for w in weights:
            layers.append(np.tanh(np.c_[layers[-1], np.ones(4)] @ w.T))
        losses.append(((layers[-1] - target) ** 2).sum())
        upstream = 2 * (layers[-1] - target)
        for i in reversed(range(len(weights))):
            dz = upstream * (1 - layers[i + 1] ** 2)
            upstream = dz @ weights[i][:, :-1]
            weights[i] = weights[i] - rate * dz.T @ np.c_[layers[i], np.ones(4)]
    return losses, weights


def test_an_mlp_trained_by_hand_on_four_samples():
    n = MLP([3, 4, 4, 1], random.Random(7))
    assert len(n.parameters()) == 41
    weights = [np.array([[p.data for p in unit.parameters()] for unit in layer.neurons]) for layer in n.layers]
    losses = []
    for _ in range(20):
        ypred = [n(x) for x in XS]
        loss = sum((yout - ygt) ** 2 for ygt, yout in zip(YS, ypred, strict=True))
        for p in n.parameters():
            p.grad = 0.0
        loss.backward()
        for p in n.parameters():
            p.data += -0.1 * p.grad
        losses.append(loss.data)
    expected, last = trained_by_matrices(weights, 20, 0.1)
    assert losses == pytest.approx(expected, rel=1e-11)
    assert losses[-1] < 0.1 * losses[0]
    found = [p.data for p in n.parameters()]
    assert found == pytest.approx(np.concatenate([w.ravel() for w in last]), rel=1e-10)


# A homework in NumPy: arrays of dtype object, which hold Values.


def values(array):
    return np.vectorize(Value, otypes=[object])(array)


def numbers(array, field="data"):
    return np.vectorize(lambda v: getattr(v, field), otypes=[float])(array)


@pytest.fixture
def homework():
    generator = np.random.default_rng(3)
    X = generator.normal(size=(5, 4))
    y = np.array([0, 1, 2, 2, 1])
    params = {"W1": generator.normal(size=(4, 10)), "b1": generator.normal(size=10) * 0.1}
    params |= {"W2": generator.normal(size=(10, 3)), "b2": generator.normal(size=3) * 0.1}
    return X, y, params


def two_layer_loss(X, y, W1, b1, W2, b2, reg):
    """Return the softmax loss of a two-layer net: the same text for arrays of floats and of Values."""
    h = np.maximum(0, X.dot(W1) + b1)
    scores = h.dot(W2) + b2
    scores = scores - scores.max(axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    data_loss = np.mean(-np.log(probs[np.arange(len(y)), y]))
    return data_loss + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))


def gradients_by_hand(X, y, W1, b1, W2, b2, reg):
    """Return the gradients as the course derives them: probs - 1 at the right class, and back through the matrices."""
    h = np.maximum(0, X @ W1 + b1)
    scores = h @ W2 + b2
    dscores = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    dscores[np.arange(len(y)), y] -= 1
    dscores /= len(y)
    dh = dscores @ W2.T * (h > 0)
    return {
        "W1": X.T @ dh + 2 * reg * W1, "b1": dh.sum(axis=0),
        "W2": h.T @ dscores + 2 * reg * W2, "b2": dscores.sum(axis=0),
    }  # fmt: skip


def test_a_two_layer_net_in_arrays_of_values(homework):
    X, y, params = homework
    leaves = {name: values(array) for name, array in params.items()}
    loss = two_layer_loss(X, y, **leaves, reg=0.05)
    assert type(loss) is Value
    assert loss.data == pytest.approx(two_layer_loss(X, y, **params, reg=0.05), rel=1e-14)
    loss.backward()
    for name, expected in gradients_by_hand(X, y, **params, reg=0.05).items():
        np.testing.assert_allclose(numbers(leaves[name], "grad"), expected, rtol=1e-11, atol=1e-14)


def test_its_gradient_check_by_central_differences(homework):
    X, y, params = homework
    leaves = {name: values(array) for name, array in params.items()}
    two_layer_loss(X, y, **leaves, reg=0.05).backward()
    h, worst = 1e-5, 0.0
    for name, array in params.items():
        for index in np.ndindex(array.shape):
            old = array[index]
            array[index] = old + h
            above = two_layer_loss(X, y, **params, reg=0.05)
            array[index] = old - h
            below = two_layer_loss(X, y, **params, reg=0.05)
            array[index] = old
            worst = max(worst, abs((above - below) / (2 * h) - leaves[name][index].grad))
    assert worst < 1e-9


def test_a_loop_of_gradient_descent_in_arrays(homework):
    X, y, params = homework
    W, b = values(params["W1"][:, :3]), values(np.zeros(3))
    w, c, losses = numbers(W), np.zeros(3), []
    for _ in range(8):
        scores = X.dot(W) + b
        exp_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
        loss = -np.log(probs[range(5), y]).mean() + 0.5 * 0.1 * (W**2).sum()
        loss.backward()
        losses.append(loss.data)
        W, b = values(numbers(W) - 0.5 * numbers(W, "grad")), values(numbers(b) - 0.5 * numbers(b, "grad"))
        p = np.exp(X @ w + c)
        p /= p.sum(axis=1, keepdims=True)
        p[range(5), y] -= 1
        w, c = w - 0.5 * (X.T @ p / 5 + 0.1 * w), c - 0.5 * p.mean(axis=0)
    np.testing.assert_allclose(numbers(W), w, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(numbers(b), c, rtol=1e-12, atol=1e-14)
    assert losses[-1] < 0.5 * losses[0]


def test_batch_normalisation_with_mean_var_and_std():
    X = np.random.default_rng(1).normal(size=(6, 2))
    leaves = values(X)
    normal = (leaves - leaves.mean(axis=0)) / np.sqrt(leaves.var(axis=0) + 1e-5)
    np.testing.assert_allclose(numbers(normal), (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + 1e-5), rtol=1e-13)
    upstream = np.arange(12.0).reshape(6, 2)
    (upstream * normal).sum().backward()
    n = numbers(normal)
    expected = upstream - upstream.mean(axis=0) - n * (upstream * n).mean(axis=0)
    np.testing.assert_allclose(numbers(leaves, "grad"), expected / np.sqrt(X.var(axis=0) + 1e-5), rtol=1e-11)
    assert leaves.std().data == pytest.approx(X.std(), rel=1e-14)


ALONE = [
    ("exp", "exp"), ("tanh", "tanh"), ("log", "log"), ("sqrt", "sqrt"), ("arctan", "atan"), ("arcsinh", "asinh"),
    ("absolute", "abs"), ("negative", "neg"), ("expm1", "expm1"), ("log1p", "log1p"), ("exp2", "exp2"),
    ("cbrt", "cbrt"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "op"), ALONE)
def test_a_function_of_numpy_records_the_operation(function, op):
    of_numpy = getattr(np, function)
    alone, array = of_numpy(Value(0.5)), of_numpy(values([0.5, 0.25]))
    assert (alone.op, [v.op for v in array]) == (op, [op, op])
    assert alone.data == pytest.approx(of_numpy(0.5), rel=1e-15)
    assert numbers(array) == pytest.approx(of_numpy([0.5, 0.25]), rel=1e-15)


@pytest.mark.parametrize("function", ["arcsin", "arccos", "arctanh"])
def test_the_inverse_functions_have_their_names_of_numpy(function):
    x = Value(0.5)
    getattr(np, function)(x).backward()
    h = 1e-6
    slope = (getattr(np, function)(0.5 + h) - getattr(np, function)(0.5 - h)) / (2 * h)
    assert x.grad == pytest.approx(slope, rel=1e-9)
    assert getattr(x, function)().data == getattr(np, function)(values([0.5]))[0].data
    assert np.arccosh(Value(2.0)).data == pytest.approx(np.arccosh(2.0))
    assert (np.arctan2(x, 2).op, np.arctan2(values([1]), 2)[0].op) == ("atan2", "atan2")


@pytest.mark.parametrize("number", [-1.0, 0.0, 2.0])
def test_maximum_of_a_value_is_an_operation(number):
    x = Value(number, "x")
    y = np.maximum(0, x)
    assert (y.op, y.data, y.operands[1]) == ("maximum", max(0.0, number), x)
    y.backward()
    assert x.grad == {-1.0: 0.0, 0.0: 0.5, 2.0: 1.0}[number]  # the table's convention at a tie
    assert np.minimum(x, np.float64(1)).op == "minimum"
    assert math.isnan(np.maximum(np.nan, x).data)


def test_maximum_of_a_value_and_an_array_is_an_operation_for_each_element():
    x, z = Value(0.5, "x"), values([-1.0, 2.0])
    for found in (np.maximum(np.array([-1.0, 2.0]), x), np.maximum(x, z), np.maximum(constant(0.5), z)):
        assert ([v.op for v in found], [v.data for v in found]) == (["maximum"] * 2, [0.5, 2.0])
    np.maximum(constant(0), z).sum().backward()
    assert [v.grad for v in z] == [0.0, 1.0]


def test_maximum_of_an_array_picks_a_value_or_the_number():
    """NumPy does not ask the elements of an array; what the manual says of it."""
    z = values([-1.0, 0.0, 2.0])
    h = np.maximum(0, z)
    assert (h[0], h[1], h[2]) == (0, 0, z[2])
    h.sum().backward()
    assert [v.grad for v in z] == [0.0, 0.0, 1.0]  # as PyTorch's relu, at the tie too
    with pytest.raises(TypeError, match="type int which has no callable exp method"):
        np.exp(h)
    relu = np.frompyfunc(autograd.relu, 1, 1)
    assert [v.op for v in relu(z)] == ["relu"] * 3
    assert numbers(np.exp(relu(z))) == pytest.approx([1.0, 1.0, math.exp(2)])


def test_numbers_and_arrays_of_numpy_stay_operands():
    v = Value(3.0, "v")
    two = np.float64(2)
    results = [
        two + v,
        two - v,
        two * v,
        two / v,
        two**v,
        v + two,
        v - two,
        v * two,
        v / two,
        v**two,
        np.float32(2) * v,
    ]
    assert {type(result) for result in results} == {Value}
    assert [r.data for r in results] == pytest.approx([5, -1, 6, 2 / 3, 8, 5, 1, 6, 1.5, 9, 6], rel=1e-15)
    assert [r.op for r in results[:5]] == ["add", "sub", "mul", "div", "pow"]
    assert (np.array(2.0) * v).op == (np.int64(2) * v).op == "mul"
    assert [r.data for r in np.array([1.0, 2.0]) - v] == [-2.0, -1.0]
    total = values([1.0, 2.0])
    total += v
    assert [r.data for r in total] == [4.0, 5.0]
    assert np.multiply.outer(np.array([1.0, 2.0]), values([3.0]))[1, 0].data == 6.0
    assert (two < v, v < two, two == v, np.array([3.0, 2.0]) == v) == (True, False, False, pytest.approx([True, False]))
    assert np.add.reduce([v, v, 1.0]).data == 7.0
    with pytest.raises(TypeError, match="str"):
        np.maximum("a", v)


def test_numpys_maximum_in_dual_numbers_and_in_a_replay():
    value, slope = autograd.jvp(lambda x: np.maximum(0, x) * np.arctan(x), 2.0, 1.0)
    assert (value, slope) == pytest.approx((2 * math.atan(2), math.atan(2) + 2 / 5), rel=1e-15)
    w = Value(1.0, "w")
    hinge = replay(lambda x: np.maximum(0, 1 - w * x))
    assert [hinge(x).data for x in (0.5, 3.0)] == [0.5, 0.0]
    batch = hinge.batch([[0.5], [3.0], [-1.0]])
    assert list(batch.values) == [0.5, 0.0, 2.0]
    assert batch.gradients == [pytest.approx(0.5)]
