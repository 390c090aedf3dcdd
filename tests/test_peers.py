"""What the packages autograd (HIPS) and XAD differentiate in their own tests, at the points that these name.

The oracles are closed forms of the first and second derivative, and central differences.
"""

import math
import random
from operator import add, mul, neg, sub, truediv

import pytest

import autograd
from autograd import Value, derivative, grad, gradients, jvp
from autograd.derivatives.checking import central_difference

ROOT_PI = math.sqrt(math.pi)
LN2, LN10 = math.log(2), math.log(10)
GENERATOR = random.Random(1)
POINTS = [GENERATOR.gauss(0, 1) for _ in range(3)]
BETWEEN = [GENERATOR.random() for _ in range(3)]
ABOVE_ONE = [point * point + 1.01 for point in POINTS]
POSITIVE = [4.0, 10.0 * BETWEEN[0], *map(abs, POINTS)]

OF_ONE = {  # name: the derivative, the second derivative, the points
    "abs": (lambda x: math.copysign(1.0, x), lambda x: 0.0, [1.1, -1.1, -4.0, -4.4]),
    "sin": (math.cos, lambda x: -math.sin(x), [math.pi / 4, *POINTS]),
    "cos": (lambda x: -math.sin(x), lambda x: -math.cos(x), [math.pi / 4, *POINTS]),
    "tan": (
        lambda x: 2 / (1 + math.cos(2 * x)),
        lambda x: 4 * math.sin(2 * x) / (1 + math.cos(2 * x)) ** 2,
        [0.5, *POINTS],
    ),
    "exp": (math.exp, math.exp, [4.0, *POINTS]),
    "exp2": (lambda x: LN2 * 2.0**x, lambda x: LN2**2 * 2.0**x, POINTS),
    "expm1": (math.exp, math.exp, [4.0, *POINTS]),
    "log": (lambda x: 1 / x, lambda x: -1 / x**2, POSITIVE),
    "log2": (lambda x: 1 / (x * LN2), lambda x: -1 / (x**2 * LN2), POSITIVE),
    "log10": (lambda x: 1 / (x * LN10), lambda x: -1 / (x**2 * LN10), POSITIVE),
    "log1p": (lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2, POSITIVE),
    "sqrt": (lambda x: 0.5 * x**-0.5, lambda x: -0.25 * x**-1.5, POSITIVE),
    "cbrt": (lambda x: x ** (-2 / 3) / 3, lambda x: -2 / 9 * x ** (-5 / 3), [8.0]),
    "sinh": (math.cosh, math.sinh, [0.5, *POINTS]),
    "cosh": (math.sinh, math.cosh, [0.5, *POINTS]),
    "tanh": (lambda x: math.cosh(x) ** -2, lambda x: -2 * math.tanh(x) * math.cosh(x) ** -2, [0.5, *POINTS]),
    "asin": (lambda x: (1 - x * x) ** -0.5, lambda x: x * (1 - x * x) ** -1.5, [0.1, 0.2, 0.5]),
    "acos": (lambda x: -((1 - x * x) ** -0.5), lambda x: -x * (1 - x * x) ** -1.5, [0.1, 0.2, 0.5]),
    "atan": (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2, [0.2, 0.3, 0.5]),
    "asinh": (lambda x: (1 + x * x) ** -0.5, lambda x: -x * (1 + x * x) ** -1.5, [0.2, 0.5, *POINTS]),
    "acosh": (lambda x: (x * x - 1) ** -0.5, lambda x: -x * (x * x - 1) ** -1.5, [1.5, *ABOVE_ONE]),
    "atanh": (lambda x: 1 / (1 - x * x), lambda x: 2 * x / (1 - x * x) ** 2, [0.2, 0.3, 0.5]),
    "erf": (lambda x: 2 / ROOT_PI * math.exp(-x * x), lambda x: -4 * x / ROOT_PI * math.exp(-x * x), [-1.4]),
    "erfc": (lambda x: -2 / ROOT_PI * math.exp(-x * x), lambda x: 4 * x / ROOT_PI * math.exp(-x * x), [-1.4]),
    "neg": (lambda x: -1.0, lambda x: 0.0, POINTS),
}


@pytest.mark.parametrize(("name", "x"), [(name, x) for name, (*_, points) in OF_ONE.items() for x in points])
def test_functions_of_one_number(name, x):
    function, (first, second, _) = getattr(autograd, name, abs), OF_ONE[name]
    plain = {"abs": abs, "neg": neg}.get(name) or getattr(math, name)
    assert function(Value(x)).data == pytest.approx(plain(x), rel=1e-15)

    def tripled(t):
        return 3.0 * function(t)

    expected = pytest.approx(3 * first(x), rel=1e-13)
    assert grad(tripled)(x) == derivative(tripled)(x) == expected
    assert jvp(tripled, x, 1.0) == (pytest.approx(3 * plain(x), rel=1e-14), expected)
    curvature = pytest.approx(3 * second(x), rel=1e-12)
    assert grad(grad(tripled))(x) == derivative(tripled, order=2)(x) == curvature
    assert jvp(grad(tripled), x, 1.0)[1] == curvature
    differences, scale = central_difference(lambda t: 3.0 * plain(t), x)[0], 1e-6 * (1 + abs(3 * first(x)))
    assert grad(tripled)(x) == pytest.approx(differences, abs=scale)
    assert grad(grad(tripled))(x) == pytest.approx(central_difference(grad(tripled), x)[0], rel=1e-6, abs=1e-6)


def close(numbers):
    return pytest.approx(numbers, rel=1e-12, abs=1e-13)


OF_TWO = {  # name: the function, its gradient, its second derivatives xx, xy, yy, more points than the random ones
    "add": (add, lambda x, y: (1, 1), lambda x, y: (0, 0, 0), []),
    "sub": (sub, lambda x, y: (1, -1), lambda x, y: (0, 0, 0), []),
    "mul": (mul, lambda x, y: (y, x), lambda x, y: (0, 1, 0), []),
    "div": (truediv, lambda x, y: (1 / y, -x / y**2), lambda x, y: (0, -1 / y**2, 2 * x / y**3), []),
    "pow": (
        pow,
        lambda x, y: (y * x ** (y - 1), math.log(x) * x**y),
        lambda x, y: (y * (y - 1) * x ** (y - 2), (1 + y * math.log(x)) * x ** (y - 1), math.log(x) ** 2 * x**y),
        [(4.0, 3.0), (3.0, 4.0)],
    ),
    "maximum": (
        autograd.maximum,
        lambda x, y: (x > y, x < y),
        lambda x, y: (0, 0, 0),
        [(3, 4), (4, 3), (3.5, 4.3), (4.3, 3.5)],
    ),
    "minimum": (
        autograd.minimum,
        lambda x, y: (x < y, x > y),
        lambda x, y: (0, 0, 0),
        [(3, 4), (4, 3), (3.5, 4.3), (4.3, 3.5)],
    ),
    "hypot": (
        autograd.hypot,
        lambda x, y: (x / math.hypot(x, y), y / math.hypot(x, y)),
        lambda x, y: tuple(part / math.hypot(x, y) ** 3 for part in (y * y, -x * y, x * x)),
        [(-3.1, 4.0)],
    ),
    "atan2": (
        autograd.ops.atan2,
        lambda y, x: (x / (x * x + y * y), -y / (x * x + y * y)),
        lambda y, x: tuple(part / (x * x + y * y) ** 2 for part in (-2 * x * y, y * y - x * x, 2 * x * y)),
        [(4.1, 3.0), (3.1, 4.0)],
    ),
}
PAIRS = [(BETWEEN[0], BETWEEN[1]), (BETWEEN[2], BETWEEN[0] + 1)]


@pytest.mark.parametrize(("name", "x", "y"), [(n, *pair) for n, row in OF_TWO.items() for pair in (*PAIRS, *row[3])])
def test_functions_of_two_numbers(name, x, y):
    function, first, second, _ = OF_TWO[name]
    assert grad(function)(x, y) == close(tuple(map(float, first(x, y))))
    assert derivative(lambda t: function(t, y))(x) == close(float(first(x, y)[0]))  # the other is a plain number
    assert derivative(lambda t: function(x, t))(y) == close(float(first(x, y)[1]))
    tangents = [jvp(function, (x, y), direction)[1] for direction in ((1.0, 0.0), (0.0, 1.0))]
    assert tangents == close(list(map(float, first(x, y))))
    hessian = autograd.hessian(lambda both: function(both[0], both[1]))([x, y])
    xx, xy, yy = map(float, second(x, y))
    assert [*hessian[0], *hessian[1]] == close([xx, xy, xy, yy])


def test_special_points_of_powers_and_abs():
    assert grad(lambda x: x**0.0)(0.0) == grad(grad(lambda x: x**0.0))(0.0) == 0.0
    for y in BETWEEN:
        assert grad(lambda t: 0.0**t)(y) == grad(grad(lambda t: 0.0**t))(y) == 0.0
    assert grad(abs)(0.0) == 0.0 == central_difference(abs, 0.0)[0]
    for x in BETWEEN:
        assert grad(lambda t: 1 / t)(x) == close(-1 / x**2)
        assert derivative(lambda t: 1 / t, order=2)(x) == close(2 / x**3)


def test_sums_distances_and_angles():
    parts = [Value(-3.1), Value(4.0), Value(2.4)]
    assert sum(parts).data == close(3.3)
    assert gradients(sum(parts), parts) == [1.0, 1.0, 1.0]

    def distance(a, b, c, d):
        return autograd.hypot(a - c, b - d)

    length = math.dist([-3.1, 4], [2.4, 1])
    expected = tuple(part / length for part in (-5.5, 3.0, 5.5, -3.0))
    assert grad(distance)(-3.1, 4.0, 2.4, 1.0) == close(expected)
    assert derivative(lambda x: x * 180 / math.pi)(3.0) == close(math.degrees(1))
    assert derivative(lambda x: x * math.pi / 180)(3.0) == close(math.radians(1))
