"""Numbers in and out: what counts as a real number, and how a number is written for people.

 Every number that a user hands over comes in through `as_float`, a count through
`as_whole`; every number that a text, a table or a picture shows goes out through `format_number`, a count of things
through `counted`.
"""

import math
import numbers
import sys
from operator import index
from typing import Any, SupportsFloat, TypeGuard

LARGEST_PLAIN_INTEGER = 1e15
"""From here on an integral number is written with an exponent."""


def is_number(candidate: object) -> TypeGuard[SupportsFloat]:
    """Say whether `as_float` takes this object as a real number (it may still be an int too large for a float).

    >>> is_number(True), is_number("2"), is_number(2j)
    (True, False, False)
    """
    if isinstance(candidate, (float, int, numbers.Real)) or _is_decimal(candidate):
        return True
    return type(candidate).__module__ == "numpy" and _is_real_numpy_scalar(candidate)


def _is_decimal(candidate: object) -> bool:
    decimal = sys.modules.get("decimal")  # it takes long to import, and whoever has a Decimal has imported it
    return decimal is not None and isinstance(candidate, decimal.Decimal)


def _is_real_numpy_scalar(candidate: Any) -> bool:
    return getattr(candidate, "ndim", None) == 0 and candidate.dtype.kind in "biuf"


def as_float(candidate: object, asked: str = "a number") -> float:
    """Return the number as a float.

    Ints, bools, Fractions, Decimals and NumPy scalars are numbers; strings, None, lists and complex numbers are not.
    `asked` names in the error what the number was wanted for. Raises TypeError where the object is no real number,
    OverflowError where it is an integer or fraction beyond the range of a float.

    >>> from fractions import Fraction
    >>> as_float(Fraction(1, 4))
    0.25
    >>> as_float("2", "the data of a Value")
    Traceback (most recent call last):
        ...
    TypeError: the data of a Value must be a real number, but a str came: '2'. Convert it first: float('2').
    """
    if type(candidate) is float:
        return candidate
    if not is_number(candidate):
        raise TypeError(refusal(candidate, asked))
    try:
        return float(candidate)
    except OverflowError as error:
        raise OverflowError(
            f"{asked} must fit into a float, whose largest value is about 1.8e308, but {_shortened(candidate)} came. "
            "Scale it down first."
        ) from error


def as_finite(candidate: object, asked: str, from_zero: bool = False) -> float:
    """Return the number as a float that is finite and, with `from_zero`, not negative.

    Raises as `as_float` does, and ValueError where the number is another.

    >>> as_finite(-1, "the noise", from_zero=True)
    Traceback (most recent call last):
        ...
    ValueError: the noise must be finite and 0 or more, but -1 came.
    """
    number = as_float(candidate, asked)
    if not math.isfinite(number) or (from_zero and number < 0.0):
        needed = "finite and 0 or more" if from_zero else "finite"
        raise ValueError(f"{asked} must be {needed}, but {format_number(number)} came.")
    return number


def as_whole(candidate: Any, asked: str, least: int, most: int | None = None) -> int:
    """Return the whole number, from `least` up, to `most` where that is given; an integer of NumPy's is one too.

    `asked` names in the error what the number was wanted for. Raises ValueError for anything else, a bool among them.

    >>> as_whole(3, "the size of a layer", 1)
    3
    >>> as_whole(2.5, "the number of rows", 1, 100)
    Traceback (most recent call last):
        ...
    ValueError: the number of rows must be a whole number from 1 to 100, but 2.5 came.
    """
    if not isinstance(candidate, bool) and hasattr(candidate, "__index__"):
        number = index(candidate)
        if number >= least and (most is None or number <= most):
            return number
    upwards = f"from {least} up" if most is None else f"from {least} to {most:,}"
    raise ValueError(f"{asked} must be a whole number {upwards}, but {_shortened(candidate)} came.")


def refusal(candidate: object, asked: str) -> str:
    """Return the sentence that says why an object is no number; `asked` names what it was wanted for."""
    came = type(candidate).__name__
    text = f"{asked} must be a real number, but "
    if candidate is None:
        return text + "None came. Was a return statement forgotten?"
    if isinstance(candidate, str):
        return text + f"a str came: {_shortened(candidate)}. Convert it first: float({_shortened(candidate)})."
    if isinstance(candidate, complex):
        return text + f"a complex number came: {candidate}. Use its .real and .imag as two numbers."
    if hasattr(candidate, "__len__"):
        return text + f"a {came} came. Make one Value of each of its elements."
    return text + f"a {came} came. Numbers are int, float, Fraction, Decimal and NumPy scalars."


def _shortened(candidate: object) -> str:
    if isinstance(candidate, int) and candidate.bit_length() > 1024:
        return f"an int of {candidate.bit_length()} bits"
    text = repr(candidate)
    return text if len(text) <= 40 else text[:37] + "..."


def json_number(number: float) -> float | str:
    """Return a number as JSON can hold it, which has no infinities and no nan: those become texts.

    >>> json_number(-0.0), json_number(float("-inf"))
    (-0.0, '-inf')
    """
    return number if math.isfinite(number) else str(number)


def is_same(one: object, other: object) -> bool:
    """Say whether two numbers, or None, are equal; a nan is the same as a nan.

    >>> is_same(0.0, -0.0), is_same(float("nan"), float("nan")), is_same(None, 0.0)
    (True, True, False)
    """
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def counted(number: int, what: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "node"), counted(1200, "node"), counted(2, "leaf")
    ('1 node', '1,200 nodes', '2 leaves')
    """
    plural = "leaves" if what == "leaf" else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"


def format_number(number: float, digits: int = 10) -> str:
    """Write a number for people: no trailing .0, no -0, rounded to `digits` significant digits (1 to 17).

    Integers of fewer than 16 digits are written in full.

    >>> [format_number(x) for x in (10.0, -0.0, 0.1 + 0.2, 1e100, float("nan"))]
    ['10', '0', '0.3', '1e+100', 'nan']
    """
    if number == 0.0:
        return "0"
    if number == number // 1 and abs(number) < LARGEST_PLAIN_INTEGER:
        return str(int(number))
    return format(number, f".{digits}g")
