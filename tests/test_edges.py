"""Edge points, signs of zero and infinities. The expected numbers were printed by PyTorch 2.13, float64.

The functions that came later follow C99, annex F; the slopes of hypot at (0, 0) and of softsign at infinities are ours.
"""

import math
from fractions import Fraction
from math import inf, nan

import pytest

import autograd
from autograd import Value

UNARY = [
    # operation, x, value, derivative
    ("relu", 0.0, 0.0, 0.0),
    ("relu", -0.0, -0.0, 0.0),
    ("relu", nan, nan, 1.0),
    ("relu", inf, inf, 1.0),
    ("relu", -inf, 0.0, 0.0),
    ("abs", 0.0, 0.0, 0.0),
    ("abs", -0.0, 0.0, 0.0),
    ("abs", nan, nan, 0.0),
    ("abs", -inf, inf, -1.0),
    ("sqrt", 0.0, 0.0, inf),
    ("sqrt", -0.0, -0.0, -inf),
    ("sqrt", inf, inf, 0.0),
    ("sqrt", -1.0, nan, nan),
    ("log", 0.0, -inf, inf),
    ("log", -0.0, -inf, -inf),
    ("log", -1.0, nan, -1.0),
    ("log", inf, inf, 0.0),
    ("log1p", -1.0, -inf, inf),
    ("log1p", -0.0, -0.0, 1.0),
    ("log1p", -1000.0, nan, -1 / 999),
    ("sigmoid", 1000.0, 1.0, 0.0),
    ("sigmoid", -1000.0, 0.0, 0.0),
    ("sigmoid", nan, nan, nan),
    ("tanh", 1000.0, 1.0, 0.0),
    ("tanh", -inf, -1.0, 0.0),
    ("exp", 1000.0, inf, inf),
    ("exp", -1000.0, 0.0, 0.0),
    ("exp", -inf, 0.0, 0.0),
    ("expm1", -0.0, -0.0, 1.0),
    ("expm1", 1000.0, inf, inf),
    ("expm1", -inf, -1.0, 0.0),
    ("softplus", 1000.0, 1000.0, 1.0),
    ("softplus", -1000.0, 0.0, 0.0),
    ("softplus", inf, inf, 1.0),
    ("softplus", -inf, 0.0, 0.0),
    ("softplus", nan, nan, nan),
    ("sin", -0.0, -0.0, 1.0),
    ("sin", inf, nan, nan),
    ("cos", 0.0, 1.0, -0.0),
    ("cos", -0.0, 1.0, 0.0),
    ("cos", -inf, nan, nan),
    ("tan", inf, nan, nan),
    ("asin", 1.0, math.pi / 2, inf),
    ("asin", 2.0, nan, nan),
    ("acos", 1.0, 0.0, -inf),
    ("acos", -2.0, nan, nan),
    ("atan", inf, math.pi / 2, 0.0),
    ("sinh", 1000.0, inf, inf),
    ("sinh", -1000.0, -inf, inf),
    ("cosh", -1000.0, inf, -inf),
    ("cosh", -0.0, 1.0, -0.0),
    ("log2", 0.0, -inf, inf),
    ("log2", -1.0, nan, -1 / math.log(2)),
    ("log2", 1024.0, 10.0, 1 / (1024 * math.log(2))),
    ("log10", -0.0, -inf, -inf),
    ("log10", inf, inf, 0.0),
    ("exp2", 1024.0, inf, inf),
    ("exp2", -inf, 0.0, 0.0),
    ("cbrt", -27.0, -3.0, 1 / 27),
    ("cbrt", -0.0, -0.0, inf),
    ("cbrt", -inf, -inf, 0.0),
    ("asinh", -0.0, -0.0, 1.0),
    ("asinh", -inf, -inf, 0.0),
    ("acosh", 1.0, 0.0, inf),
    ("acosh", 0.5, nan, nan),
    ("acosh", inf, inf, 0.0),
    ("atanh", 1.0, inf, inf),
    ("atanh", -1.0, -inf, inf),
    ("atanh", -0.0, -0.0, 1.0),
    ("atanh", 2.0, nan, -1 / 3),
    ("erf", -0.0, -0.0, 2 / math.sqrt(math.pi)),
    ("erf", -inf, -1.0, 0.0),
    ("erf", nan, nan, nan),
    ("erfc", inf, 0.0, -0.0),
    ("erfc", -inf, 2.0, -0.0),
    ("silu", -1000.0, -0.0, 0.0),
    ("silu", inf, inf, nan),
    ("gelu", -0.0, -0.0, 0.5),
    ("gelu", 1000.0, 1000.0, 1.0),
    ("gelu", -1000.0, -0.0, 0.0),
    ("softsign", -0.0, -0.0, 1.0),
    ("softsign", -inf, nan, 0.0),
]

BINARY = [
    # operation, x, y, value, derivatives in x and in y
    ("div", 1.0, 0.0, inf, inf, -inf),
    ("div", 1.0, -0.0, -inf, -inf, -inf),
    ("div", -1.0, 0.0, -inf, inf, inf),
    ("div", 0.0, 0.0, nan, inf, nan),
    ("div", 1.0, inf, 0.0, 0.0, -0.0),
    ("pow", 0.0, 0.0, 1.0, 0.0, 0.0),
    ("pow", 0.0, 1.0, 0.0, 1.0, 0.0),
    ("pow", 0.0, 2.0, 0.0, 0.0, 0.0),
    ("pow", 0.0, 0.5, 0.0, inf, 0.0),
    ("pow", 0.0, -1.0, inf, -inf, -inf),
    ("pow", -0.0, -1.0, -inf, -inf, inf),
    ("pow", -8.0, 1 / 3, nan, nan, nan),
    ("pow", -8.0, 3.0, -512.0, 192.0, nan),
    ("pow", -10.0, 309.0, -inf, inf, nan),
    ("pow", 10.0, 309.0, inf, inf, inf),
    ("pow", inf, 0.0, 1.0, 0.0, inf),
    ("pow", nan, 0.0, 1.0, 0.0, nan),
    ("pow", 1.0, inf, 1.0, inf, 0.0),
    ("maximum", 1.0, 1.0, 1.0, 0.5, 0.5),
    ("maximum", 0.0, -0.0, 0.0, 0.5, 0.5),
    ("maximum", -0.0, 0.0, -0.0, 0.5, 0.5),
    ("maximum", inf, inf, inf, 0.5, 0.5),
    ("maximum", nan, 1.0, nan, 1.0, 1.0),
    ("maximum", 1.0, nan, nan, 1.0, 1.0),
    ("minimum", 0.0, -0.0, 0.0, 0.5, 0.5),
    ("minimum", nan, 1.0, nan, 1.0, 1.0),
    ("leaky_relu", 0.0, 0.25, 0.0, 0.25, 0.0),
    ("leaky_relu", -0.0, 0.25, -0.0, 0.25, -0.0),
    ("leaky_relu", inf, 0.25, inf, 1.0, 0.0),
    ("leaky_relu", -inf, 0.25, -inf, 0.25, -inf),
    ("leaky_relu", nan, 0.25, nan, 0.25, nan),
    ("elu", -0.0, 1.0, -0.0, 1.0, -0.0),
    ("elu", -inf, 1.0, -1.0, 0.0, -1.0),
    ("elu", 1000.0, 1.0, 1000.0, 1.0, 0.0),
    ("hypot", 0.0, -0.0, 0.0, 0.0, 0.0),
    ("hypot", -3.0, 4.0, 5.0, -0.6, 0.8),
    ("hypot", -inf, nan, inf, -inf / inf, nan),
    ("hypot", 3e200, 4e200, 5e200, 0.6, 0.8),
    ("hypot", 1.5e308, 1.5e308, inf, 0.0, 0.0),
    ("atan2", 0.0, 0.0, 0.0, 0.0, 0.0),
    ("atan2", -0.0, -0.0, -math.pi, 0.0, 0.0),
    ("atan2", 0.0, -1.0, math.pi, -1.0, -0.0),
    ("atan2", -0.0, -1.0, -math.pi, -1.0, 0.0),
    ("atan2", 1.0, 0.0, math.pi / 2, 0.0, -1.0),
    ("atan2", -1.0, 1.0, -math.pi / 4, 0.5, 0.5),
    ("atan2", inf, -inf, 3 * math.pi / 4, nan, nan),
]


def same(got, expected):
    if math.isnan(expected):
        return math.isnan(got)
    return math.isclose(got, expected, rel_tol=1e-15) and math.copysign(1, got) == math.copysign(1, expected)


@pytest.mark.parametrize(("name", "x", "value", "slope"), UNARY)
def test_unary_operation_at_an_edge(name, x, value, slope):
    leaf = Value(x)
    result = getattr(leaf, name)()
    result.backward()
    assert same(result.data, value)
    assert same(leaf.grad, slope)
    assert same(getattr(autograd, name)(x), value)


@pytest.mark.parametrize(("name", "x", "y", "value", "slope_x", "slope_y"), BINARY)
def test_binary_operation_at_an_edge(name, x, y, value, slope_x, slope_y):
    left, right = Value(x), Value(y)
    result = getattr(autograd, name)(left, right)
    result.backward()
    assert same(result.data, value)
    assert same(left.grad, slope_x)
    assert same(right.grad, slope_y)


def test_a_constant_exponent_has_no_derivative_that_could_fail():
    x = Value(-2.0)
    y = x**2
    y.backward()
    assert (y.data, x.grad, y.partials) == (4.0, -4.0, (-4.0, None))


def test_nothing_turns_complex_and_nothing_raises():
    assert math.isnan((Value(-8) ** (1 / 3)).data)
    assert (1 / Value(0)).data == inf
    assert math.isnan((Value(-8) ** Value(0.5)).data)
    assert (2 ** Value(5000)).data == inf


def test_adding_to_a_sum_of_postings_keeps_the_sign_of_zero():
    x = Value(0.0)
    x.cos().backward()
    assert math.copysign(1, x.grad) == -1.0


def test_fractions_follow_ieee_where_the_result_is_no_fraction():
    half = Fraction(1, 2)
    assert autograd.div(half, Fraction(0)) == inf
    assert math.isnan(autograd.pow(Fraction(-8), Fraction(1, 3)))
    assert autograd.pow(half, 2) == Fraction(1, 4)
    assert type(autograd.pow(half, 2)) is Fraction
    assert autograd.add(half, 0.25) == 0.75
    with pytest.raises(TypeError, match="expected a real number for an operand of add, got str"):
        autograd.add(half, "x")
