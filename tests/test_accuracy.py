"""The table against mpmath with 50 digits: values to a few units in the last place, derivatives to 1e-13."""

import math
import random

import pytest

import autograd
from autograd import Value
from autograd.symbols.expression import Symbol, text
from autograd.symbols.formulas import JAVASCRIPT
from autograd.table.op import row

mpmath = pytest.importorskip("mpmath", reason="mpmath is not installed: no values with more digits to compare with")

EXACT = {  # the function, the most units in the last place, and intervals
    "log2": (lambda x: mpmath.log(x, 2), 1, [(1e-9, 1e9)]),
    "log10": (mpmath.log10, 2, [(1e-9, 1e9)]),
    "exp2": (lambda x: mpmath.mpf(2) ** x, 1, [(-1000, 1000)]),
    "cbrt": (lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), 4, [(-1e9, 1e9)]),
    "hypot": (mpmath.hypot, 1, [(-9, 9), (-9, 9)]),
    "atan2": (mpmath.atan2, 1, [(-9, 9), (-9, 9)]),
    "asinh": (mpmath.asinh, 2, [(-50, 50)]),
    "acosh": (mpmath.acosh, 2, [(1, 50)]),
    "atanh": (mpmath.atanh, 2, [(-1, 1)]),
    "erf": (mpmath.erf, 1, [(-4, 4)]),
    "erfc": (mpmath.erfc, 4, [(-4, 20)]),
    "silu": (lambda x: x / (1 + mpmath.exp(-x)), 3, [(-5, 30)]),
    "gelu": (lambda x: x * mpmath.ncdf(x), 200, [(-10, 30)]),
    "softsign": (lambda x: x / (1 + abs(x)), 2, [(-50, 50)]),
}


def points(intervals):
    generator = random.Random(3)
    return [tuple(generator.uniform(low, high) for low, high in intervals) for _ in range(150)]


@pytest.mark.parametrize("name", EXACT)
def test_values_have_all_their_digits(name):
    function, most, intervals = EXACT[name]
    with mpmath.workdps(50):
        for point in points(intervals):
            value = getattr(autograd, name)(*point)
            assert abs(value - function(*map(mpmath.mpf, point))) <= most * math.ulp(value), point


@pytest.mark.parametrize("name", EXACT)
def test_derivatives_have_all_their_digits(name):
    function, _, intervals = EXACT[name]
    with mpmath.workdps(50):
        for point in points(intervals)[:40]:
            leaves = [Value(number) for number in point]
            getattr(autograd, name)(*leaves).backward()
            exact = tuple(map(mpmath.mpf, point))
            for place, leaf in enumerate(leaves):
                order = tuple(int(other == place) for other in range(len(leaves)))
                slope = mpmath.diff(function, exact, order) if len(leaves) == 2 else mpmath.diff(function, exact[0])
                assert abs(leaf.grad - slope) <= 1e-13 * abs(slope) + 1e-15, point


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_the_error_function_where_a_language_lacks_it(name):
    """By the formula that a page and ONNX compute, here in Python: a series below 2, a continued fraction beyond."""
    formula = text(JAVASCRIPT.in_words(row(name)(Symbol("x"))), digits=17)
    names = vars(autograd)
    compiled = compile(formula, name, "eval")
    for x in (0.0, 1e-300, -1e-9, 0.5, -1.9999, 2.0, -2.0, 2.5, 5.9, -8.0, 26.0, math.inf, -math.inf):
        assert math.isclose(eval(compiled, names, {"x": x}), getattr(math, name)(x), rel_tol=2e-13), x
    assert math.isnan(eval(compiled, names, {"x": math.nan}))
