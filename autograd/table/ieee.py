"""Functions of floats with IEEE 754 results, as in PyTorch; the generated kernels call them.

Python raises an error for `1.0 / 0.0`, `math.log(0.0)` and `math.exp(1000.0)`, and `(-8.0) ** (1 / 3)` is complex.
Here the results are inf, -inf, inf and nan.
"""

import math

INFINITY = math.inf
NAN = math.nan


def divide(x: float, y: float) -> float:
    """Return x / y; x / 0 is an infinity with the product of both signs, and 0 / 0 is nan.

    >>> divide(1.0, -0.0), divide(0.0, 0.0)
    (-inf, nan)
    """
    if y != 0.0:
        return x / y
    if x == 0.0 or math.isnan(x):
        return NAN
    return math.copysign(INFINITY, x) * math.copysign(1.0, y)


def power(x: float, y: float) -> float:
    """Return x to the power of y, as pow in C does.

    >>> power(-8.0, 1 / 3), power(0.0, -1.0), power(-10.0, 309.0)
    (nan, inf, -inf)
    """
    try:
        return math.pow(x, y)
    except OverflowError:
        return math.copysign(INFINITY, x) if _is_odd(y) else INFINITY
    except ValueError:
        if x != 0.0:
            return NAN
        return math.copysign(INFINITY, x) if _is_odd(y) else INFINITY


def _is_odd(y: float) -> bool:
    return math.fmod(y, 2.0) in (1.0, -1.0)


def exp(x: float) -> float:
    """Return e to the power of x; inf if that is too large for a float."""
    try:
        return math.exp(x)
    except OverflowError:
        return INFINITY


def expm1(x: float) -> float:
    """Return exp(x) - 1, accurate near 0; inf if that is too large for a float."""
    try:
        return math.expm1(x)
    except OverflowError:
        return INFINITY


def log(x: float) -> float:
    """Return the natural logarithm; -inf at 0, nan below.

    >>> log(0.0), log(-1.0)
    (-inf, nan)
    """
    if x > 0.0:
        return math.log(x)
    return -INFINITY if x == 0.0 else NAN


def log1p(x: float) -> float:
    """Return log(1 + x), accurate near 0; -inf at -1, nan below."""
    if x > -1.0:
        return math.log1p(x)
    return -INFINITY if x == -1.0 else NAN


def sqrt(x: float) -> float:
    """Return the square root; nan below 0."""
    return math.sqrt(x) if x >= 0.0 else NAN


def sin(x: float) -> float:
    """Return the sine of x radians; nan at the infinities."""
    return NAN if math.isinf(x) else math.sin(x)


def cos(x: float) -> float:
    """Return the cosine of x radians; nan at the infinities."""
    return NAN if math.isinf(x) else math.cos(x)


def tan(x: float) -> float:
    """Return the tangent of x radians; nan at the infinities."""
    return NAN if math.isinf(x) else math.tan(x)


def asin(x: float) -> float:
    """Return the arc sine in radians; nan outside [-1, 1]."""
    return math.asin(x) if -1.0 <= x <= 1.0 else NAN


def acos(x: float) -> float:
    """Return the arc cosine in radians; nan outside [-1, 1]."""
    return math.acos(x) if -1.0 <= x <= 1.0 else NAN


def atan(x: float) -> float:
    """Return the arc tangent in radians."""
    return math.atan(x)


def sinh(x: float) -> float:
    """Return the hyperbolic sine; an infinity if that is too large for a float."""
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(INFINITY, x)


def cosh(x: float) -> float:
    """Return the hyperbolic cosine; inf if that is too large for a float."""
    try:
        return math.cosh(x)
    except OverflowError:
        return INFINITY


def tanh(x: float) -> float:
    """Return the hyperbolic tangent."""
    return math.tanh(x)


def absolute(x: float) -> float:
    """Return the magnitude of x; that of -0.0 is 0.0."""
    return math.fabs(x)


def log2(x: float) -> float:
    """Return the logarithm to base 2; -inf at 0, nan below."""
    if x > 0.0:
        return math.log2(x)
    return -INFINITY if x == 0.0 else NAN


def log10(x: float) -> float:
    """Return the logarithm to base 10; -inf at 0, nan below."""
    if x > 0.0:
        return math.log10(x)
    return -INFINITY if x == 0.0 else NAN


def exp2(x: float) -> float:
    """Return 2 to the power of x; inf if that is too large for a float."""
    try:
        return math.exp2(x)
    except OverflowError:
        return INFINITY


def cbrt(x: float) -> float:
    """Return the cube root."""
    return math.cbrt(x)


def hypot(x: float, y: float) -> float:
    """Return the length of the vector (x, y) with the bits of C's hypot, which math.hypot does not always have.

    >>> hypot(-3.0, 4.0), hypot(INFINITY, NAN), hypot(1.5e308, 1.5e308)
    (5.0, inf, inf)
    """
    try:
        return abs(complex(x, y))
    except OverflowError:
        return INFINITY


def atan2(y: float, x: float) -> float:
    """Return the angle of the point (x, y) in radians."""
    return math.atan2(y, x)


def asinh(x: float) -> float:
    """Return the inverse of the hyperbolic sine."""
    return math.asinh(x)


def acosh(x: float) -> float:
    """Return the inverse of the hyperbolic cosine; nan below 1."""
    return math.acosh(x) if x >= 1.0 else NAN


def atanh(x: float) -> float:
    """Return the inverse of the hyperbolic tangent; an infinity at -1 and 1, nan outside."""
    if -1.0 < x < 1.0:
        return math.atanh(x)
    return math.copysign(INFINITY, x) if x in (-1.0, 1.0) else NAN


def erf(x: float) -> float:
    """Return the error function."""
    return math.erf(x)


def erfc(x: float) -> float:
    """Return 1 - erf(x), accurate for a large x."""
    return math.erfc(x)
