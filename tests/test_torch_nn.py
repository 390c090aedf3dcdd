"""Losses and optimizers against PyTorch."""

import pytest

import nn
from autograd import Value, parameter

torch = pytest.importorskip("torch", reason="PyTorch is not installed: its comparisons were left out")
F = torch.nn.functional


def tensor(numbers, **settings):
    return torch.tensor(numbers, dtype=torch.float64, **settings)


@pytest.mark.parametrize(
    ("ours", "theirs", "predictions", "targets"),
    [
        (nn.mean_squared_error, F.mse_loss, [0.5, -1.0, 2.0], [1.0, 0.0, 2.5]),
        (nn.binary_cross_entropy, F.binary_cross_entropy, [0.5, 0.1, 0.9], [1.0, 0.0, 0.3]),
        (
            nn.binary_cross_entropy_with_logits,
            F.binary_cross_entropy_with_logits,
            [30.0, -40.0, 0.3, 800.0],
            [0.0, 1.0, 0.3, 1.0],
        ),
    ],
)
def test_losses_of_numbers(ours, theirs, predictions, targets):
    values = [Value(p) for p in predictions]
    loss = ours(values, targets)
    loss.backward()
    expected_leaves = tensor(predictions, requires_grad=True)
    expected = theirs(expected_leaves, tensor(targets))
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-13)
    assert [v.grad for v in values] == pytest.approx(expected_leaves.grad.tolist(), rel=1e-12)


def test_cross_entropy():
    logits, classes = [[1.0, 2.0, -1.0], [0.5, -300.0, 700.0]], [2, 0]
    values = [[Value(z) for z in row] for row in logits]
    loss = nn.cross_entropy(values, classes)
    loss.backward()
    leaves = tensor(logits, requires_grad=True)
    expected = F.cross_entropy(leaves, torch.tensor(classes))
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-13)
    for row, slopes in zip(values, leaves.grad.tolist(), strict=True):
        assert [z.grad for z in row] == pytest.approx(slopes, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("SGD", {"lr": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9}),
        ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}),
        ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
        ("Adam", {}),
        ("Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.02}),
    ],
)
def test_steps_of_optimizers(name, settings):
    ours = [parameter(x) for x in (1.5, -0.7)]
    theirs = [tensor(x, requires_grad=True) for x in (1.5, -0.7)]
    optimizer = getattr(nn, name)(ours, **settings)
    expected = getattr(torch.optim, name)(theirs, **({"lr": 0.001} | settings))
    for _ in range(50):
        for both, step in ((ours, optimizer), (theirs, expected)):
            step.zero_grad()
            ((both[0] * both[1] - 1) ** 2 + both[0] ** 2).backward()
            step.step()
        assert [p.data for p in ours] == pytest.approx([p.item() for p in theirs], rel=1e-12)
