"""softmax, log_softmax, logsumexp and the Jacobian of softmax."""

import math

import pytest

import autograd
from autograd import Value, check_gradients, jacobian, log_softmax, logsumexp, softmax, softmax_jacobian


@pytest.mark.parametrize("shift", [0, 1000, -1000])
def test_softmax_does_not_overflow(shift):
    # 1 / (1 + e + e^2) of the smallest, by its definition
    expected = [math.exp(k) / (1 + math.e + math.e**2) for k in range(3)]
    numbers = [shift + k for k in range(3)]
    assert softmax(numbers) == pytest.approx(expected, rel=1e-14)
    assert log_softmax(numbers) == pytest.approx([math.log(s) for s in expected], rel=1e-13)
    assert logsumexp(numbers) == pytest.approx(shift + math.log(1 + math.e + math.e**2), rel=1e-14)


def test_infinities():
    assert softmax([-math.inf, 0.0]) == [0.0, 1.0]
    assert logsumexp([-math.inf, -math.inf]) == -math.inf
    assert logsumexp([math.inf, 0.0]) == math.inf
    assert all(math.isnan(s) for s in softmax([math.nan, 0.0]))
    assert all(math.isnan(s) for s in [*softmax([math.inf, 1.0]), *log_softmax([math.inf, 1.0])])  # as in PyTorch


@pytest.mark.parametrize("function", [softmax, log_softmax, lambda x: [logsumexp(x)]])
def test_gradients_are_right(function):
    for index in range(len(function([0.0, 0.0, 0.0]))):
        check_gradients(lambda x, index=index: function(x)[index], ([0.3, -1.2, 2.0],), tolerance=1e-8)


def test_second_derivatives_of_logsumexp_are_the_jacobian_of_softmax():
    numbers = [0.3, -1.2, 2.0]
    for row, expected in zip(autograd.hessian(logsumexp)(numbers), softmax_jacobian(numbers), strict=True):
        assert row == pytest.approx(expected, rel=1e-12)


def test_R5_softmax_jacobian_equals_what_the_engine_differentiates():
    numbers = [1000.0, 1001.5, 1002.0, 999.0]
    rows = softmax_jacobian(numbers)
    for row, differentiated in zip(rows, jacobian(softmax)(numbers), strict=True):
        assert row == pytest.approx(differentiated, rel=1e-12)
    assert [sum(row) for row in rows] == pytest.approx([0.0] * 4, abs=1e-15)
    assert softmax_jacobian([Value(1.0), Value(1.0)]) == [[0.25, -0.25], [-0.25, 0.25]]


def test_empty_sequences_are_refused():
    for function in (softmax, log_softmax, logsumexp):
        with pytest.raises(ValueError, match="expected at least one value"):
            function([])
    with pytest.raises(TypeError, match=r"expected a real number for an element of sum\(\)"):
        autograd.sum(["a", "b"])
    with pytest.raises(TypeError, match=r"expected a sequence of numbers or Values for softmax\(\), got int"):
        softmax(3)
