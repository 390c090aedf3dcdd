"""Random exercises of every kind: gradients and updates are those of PyTorch, and every line is true."""

import math
import random
from itertools import pairwise

import pytest

from nn import Exercise, Unit
from tests.fuzz.lines import assert_true

torch = pytest.importorskip("torch", reason="PyTorch is not installed: random exercises are not compared with it")

ELEMENTWISE = {
    "linear": (lambda x, s: s.get("a", 1.0) * x + s.get("c", 0.0), {"a": 0.7, "c": -0.3}),
    "sigmoid": (lambda x, s: torch.sigmoid(x), {}),
    "tanh": (lambda x, s: torch.tanh(x), {}),
    "relu": (lambda x, s: torch.relu(x), {}),
    "leaky_relu": (lambda x, s: torch.nn.functional.leaky_relu(x, s.get("slope", 0.01)), {"slope": 0.2}),
    "softplus": (lambda x, s: torch.nn.functional.softplus(x), {}),
    "elu": (lambda x, s: torch.nn.functional.elu(x, s.get("alpha", 1.0)), {"alpha": 1.5}),
    "silu": (lambda x, s: torch.nn.functional.silu(x), {}),
    "gelu": (lambda x, s: torch.nn.functional.gelu(x), {}),
    "softsign": (lambda x, s: torch.nn.functional.softsign(x), {}),
}
LOSSES = {
    "half_squared_error": lambda a, t: ((a - t) ** 2).sum() / 2,
    "squared_error": lambda a, t: ((a - t) ** 2).sum(),
    "mean_squared_error": lambda a, t: ((a - t) ** 2).mean(),
    "binary_cross_entropy": lambda a, t: torch.nn.functional.binary_cross_entropy(a, t, reduction="sum"),
    "hinge": lambda a, t: torch.relu(1 - a * t).mean(),
    "cross_entropy": lambda a, t: -(t * torch.log(a)).sum(),
}
OPTIMIZERS = [
    ("sgd", lambda w, lr: torch.optim.SGD(w, lr)),
    ({"sgd": {"momentum": 0.9}}, lambda w, lr: torch.optim.SGD(w, lr, momentum=0.9)),
    (
        {"sgd": {"momentum": 0.5, "nesterov": True, "weight_decay": 0.1}},
        lambda w, lr: torch.optim.SGD(w, lr, momentum=0.5, nesterov=True, weight_decay=0.1),
    ),
    ({"sgd": {"weight_decay": 0.25}}, lambda w, lr: torch.optim.SGD(w, lr, weight_decay=0.25)),
    ("adam", lambda w, lr: torch.optim.Adam(w, lr)),
    ({"adam": {"betas": [0.8, 0.95], "eps": 1e-3}}, lambda w, lr: torch.optim.Adam(w, lr, betas=(0.8, 0.95), eps=1e-3)),
]


class Drawn:
    """A random exercise of layers, as Exercise takes it and as PyTorch computes it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.sizes = [self.random.randint(1, 3) for _ in range(self.random.randint(2, 4))]
        self.loss = self.random.choice(sorted(LOSSES))
        if self.loss == "cross_entropy":
            self.sizes[-1] = self.random.randint(2, 3)
        self.activations = [self.draw_activation() for _ in self.sizes[1:]]
        fitting = {"cross_entropy": ("softmax", {}), "binary_cross_entropy": ("sigmoid", {})}
        self.activations[-1] = fitting.get(self.loss, self.activations[-1])
        self.count = self.random.choice([1, 1, 2, 3])
        self.inputs = [self.numbers(self.sizes[0]) for _ in range(self.count)]
        self.targets = [self.draw_target() for _ in range(self.count)]
        self.weights = [[self.numbers(before) for _ in range(own)] for before, own in pairwise(self.sizes)]
        self.biases = [self.random.choice([self.numbers(own), None]) for own in self.sizes[1:]]
        self.update = self.random.choice(["mean", "sum"])
        self.optimizer, self.torch_optimizer = self.random.choice(OPTIMIZERS)

    def numbers(self, count):
        return [round(self.random.uniform(-1.5, 1.5), 3) for _ in range(count)]

    def draw_activation(self):
        name = self.random.choice(sorted(ELEMENTWISE))
        return name, ELEMENTWISE[name][1] if self.random.random() < 0.5 else {}

    def draw_target(self):
        outputs = self.sizes[-1]
        if self.loss == "cross_entropy":
            chosen = self.random.randrange(outputs)
            return [float(place == chosen) for place in range(outputs)]
        if self.loss == "hinge":
            return [self.random.choice([-1.0, 1.0]) for _ in range(outputs)]
        if self.loss == "binary_cross_entropy":
            return [self.random.choice([0.0, 1.0, 0.25]) for _ in range(outputs)]
        return self.numbers(outputs)

    def exercise(self):
        one = self.count == 1
        return Exercise(
            self.weights,
            self.inputs[0] if one else self.inputs,
            self.targets[0] if one else self.targets,
            0.125,
            biases=self.biases,
            activation=[{name: settings} if settings else name for name, settings in self.activations],
            loss=self.loss,
            optimizer=self.optimizer,
            update=self.update,
        )

    def torch_tensors(self):
        def made(numbers):
            return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)

        return [made(matrix) for matrix in self.weights], [None if b is None else made(b) for b in self.biases]

    def torch_loss(self, weights, biases):
        losses = []
        for inputs, target in zip(self.inputs, self.targets, strict=True):
            a = torch.tensor(inputs, dtype=torch.float64)
            for w, b, (name, settings) in zip(weights, biases, self.activations, strict=True):
                z = w @ a if b is None else w @ a + b
                a = torch.softmax(z, 0) if name == "softmax" else ELEMENTWISE[name][0](z, settings)
            losses.append(LOSSES[self.loss](a, torch.tensor(target, dtype=torch.float64)))
        total = sum(losses)
        return total / len(losses) if self.update == "mean" else total


def flat(tensors):
    return [float(number) for tensor in tensors if tensor is not None for number in tensor.detach().flatten()]


def assert_close(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-15), (found, expected)


@pytest.mark.parametrize("hundred", range(5))
def test_500_random_exercises_are_pytorch_s(hundred):
    for seed in range(100 * hundred, 100 * hundred + 100):
        drawn = Drawn(seed)
        solutions = drawn.exercise().iterate(2)
        weights, biases = drawn.torch_tensors()
        parameters = [*weights, *(b for b in biases if b is not None)]
        optimizer = drawn.torch_optimizer(parameters, 0.125)
        for solution in solutions:
            optimizer.zero_grad()
            loss = drawn.torch_loss(weights, biases)
            loss.backward()
            assert math.isclose(solution.loss, loss.item(), rel_tol=1e-12), seed
            assert_close(list(solution.gradients.values()), flat([p.grad for p in parameters]))
            optimizer.step()
            assert_close(list(solution.after.values()), flat(parameters))
            assert_true(solution.lines)
            assert {line.part for line in solution.lines} == {"forward", "loss", "backward", "update"}


@pytest.mark.parametrize("seed", range(60))
def test_wiring_with_shared_and_fixed_weights_is_pytorch_s(seed):
    draw = random.Random(seed)
    names = [f"w{place}" for place in range(draw.randint(2, 5))]
    weights = {name: round(draw.uniform(-1.5, 1.5), 3) for name in names}
    fixed = [name for name in names[1:] if draw.random() < 0.25]
    inputs = {f"x{place}": round(draw.uniform(-1.5, 1.5), 3) for place in range(1, 3)}
    units, sources = [], list(inputs)
    for place in range(draw.randint(1, 4)):
        chosen = draw.sample(sources, min(len(sources), draw.randint(1, 3)))
        pairs = tuple((source, draw.choice(names)) for source in chosen)
        units.append(Unit(f"z{place}", f"h{place}", f"d{place}", pairs, draw.choice(["", "b"])))
        sources.append(f"h{place}")
    loose = [source for source in sources[:-1] if all(source not in dict(unit.weights) for unit in units)]
    units.append(
        Unit("z9", "out", "d9", tuple((s, draw.choice(names)) for s in {sources[-1]: 0, **dict.fromkeys(loose)}), "b")
    )
    used = {weight for unit in units for _, weight in unit.weights}
    weights = {name: number for name, number in weights.items() if name in used}
    exercise = Exercise(
        weights, inputs, 0.5, 0.1, biases={"b": 0.25}, units=units, activation="tanh", loss="squared_error",
        fixed=[name for name in fixed if name in used],
    )  # fmt: skip
    solution = exercise.solve()
    tensors = {name: torch.tensor(number, dtype=torch.float64, requires_grad=True) for name, number in weights.items()}
    tensors["b"] = torch.tensor(0.25, dtype=torch.float64, requires_grad=True)
    known = {name: torch.tensor(number, dtype=torch.float64) for name, number in inputs.items()}
    for unit in units:
        z = sum(known[source] * tensors[weight] for source, weight in unit.weights)
        known[unit.post] = torch.tanh(z + tensors["b"] if unit.bias else z)
    loss = (known["out"] - 0.5) ** 2
    loss.backward()
    expected = {name: tensor.grad.item() for name, tensor in tensors.items() if name in solution.before}
    assert_close(list(solution.gradients.values()), list(expected.values()))
    after = [tensors[name].item() - 0.1 * slope for name, slope in expected.items()]
    assert_close(list(solution.after.values()), after)
    assert set(weights) - set(solution.before) == set(exercise.fixed)
    assert_true(solution.lines)
    updates = [line.name for line in solution.lines if line.part == "update"]
    assert sorted(updates) == sorted(f"{name}_new" for name in solution.before)


def test_a_learned_slope_is_pytorch_s():
    exercise = Exercise(
        [[[0.5, -1.25]], [[2.0]]], [[1, 2], [-1, 0.5]], [1, 0], 0.1, activation=["prelu", "linear"], update="sum"
    )
    alpha = torch.tensor([0.25], dtype=torch.float64, requires_grad=True)
    first = torch.tensor([[0.5, -1.25]], dtype=torch.float64, requires_grad=True)
    second = torch.tensor([[2.0]], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([first, second, alpha], 0.1)
    for solution in exercise.iterate(3):
        optimizer.zero_grad()
        xs = torch.tensor([[1, 2], [-1, 0.5]], dtype=torch.float64)
        outputs = torch.nn.functional.prelu(xs @ first.T, alpha) @ second.T
        (((outputs[:, 0] - torch.tensor([1.0, 0.0])) ** 2).sum() / 2).backward()
        assert_close([solution.gradients[name] for name in ("W[1]_11", "W[1]_12", "W[2]_11", "alpha")], flat(
            [first.grad, second.grad, alpha.grad]
        ))  # fmt: skip
        optimizer.step()
        assert_true(solution.lines)
    assert math.isclose(exercise.iterate(3)[-1].after["alpha"], alpha.item(), rel_tol=1e-12)
