"""The table against PyTorch, float64: values and derivatives of every operation that PyTorch has too."""

import math

import pytest
from points import sample_points

from autograd import Value
from autograd.table.op import TABLE
from tests.fuzz.pytorch import counterpart

torch = pytest.importorskip("torch", reason="PyTorch is not installed: its comparisons were left out")

SPECIAL_POINTS = (0.0, -0.0, 1.0, -1.0, 1000.0, -1000.0, math.inf, -math.inf, math.nan)
OWN_SLOPES = {("softsign", math.inf): 0.0, ("softsign", -math.inf): 0.0, ("acosh", -1.0): -math.inf}
"""Slopes of values that are nan: PyTorch computes them by another formula, with other results here."""


def by_torch(op, point):
    leaves = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for x in point]
    result = counterpart(op)(*leaves)
    result.backward()
    return result.item(), [leaf.grad.item() for leaf in leaves]


def by_gradstep(op, point):
    leaves = [Value(x) for x in point]
    result = op(*leaves)
    result.backward()
    return result.data, [leaf.grad for leaf in leaves]


def agree(got, expected):
    return (math.isnan(got) and math.isnan(expected)) or math.isclose(got, expected, rel_tol=1e-12, abs_tol=1e-15)


COMPARED = [op for op in TABLE if counterpart(op)]


def test_pytorch_has_nearly_every_operation():
    assert len(COMPARED) >= len(TABLE) - 2


@pytest.mark.parametrize("op", COMPARED, ids=[op.name for op in COMPARED])
def test_operation_equals_pytorch_in_its_domain(op):
    for point in sample_points(op, count=25):
        value, slopes = by_gradstep(op, point)
        expected, expected_slopes = by_torch(op, point)
        assert agree(value, expected), point
        assert all(map(agree, slopes, expected_slopes)), point


@pytest.mark.parametrize("op", [op for op in COMPARED if op.arity == 1], ids=lambda op: op.name)
def test_operation_equals_pytorch_at_special_points(op):
    for x in SPECIAL_POINTS:
        value, slopes = by_gradstep(op, [x])
        expected, expected_slopes = by_torch(op, [x])
        assert agree(value, expected), x
        assert agree(slopes[0], OWN_SLOPES.get((op.name, x), expected_slopes[0])), x
