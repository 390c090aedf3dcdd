"""Numbers in and out: what counts as a real number, and how texts show a number.

A number from a user passes through `as_float`, a count through `as_whole`. Texts, tables and pictures write numbers
with `format_number`, and counts of things with `counted`. `got` names a type in messages,
and `near` the names that may be meant.
"""

import math
import numbers
import sys
from collections.abc import Iterable
from operator import index
from typing import Any, SupportsFloat, TypeGuard

from autograd.table.visible import said

LARGEST_PLAIN_INTEGER = 1e15
"""Whole numbers from here on are written with an exponent."""


_REAL: set[type] = {float, int}
"""Types of which every object is a real number, as far as they were met: asking `numbers.Real` takes long."""


def is_number(candidate: object) -> TypeGuard[SupportsFloat]:
    """Return whether this object is a real number for `as_float` (it may still be too large for a float).

    >>> is_number(True), is_number("2"), is_number(2j)
    (True, False, False)
    """
    if type(candidate) in _REAL:
        return True
    if isinstance(candidate, (float, int, numbers.Real)) or _is_decimal(candidate):
        _REAL.add(type(candidate))
        return True
    return type(candidate).__module__ == "numpy" and _is_real_numpy_scalar(candidate)


def _is_decimal(candidate: object) -> bool:
    decimal = sys.modules.get("decimal")  # slow to import; a caller with a Decimal has imported it
    return decimal is not None and isinstance(candidate, decimal.Decimal)


def _is_real_numpy_scalar(candidate: Any) -> bool:
    return getattr(candidate, "ndim", None) == 0 and candidate.dtype.kind in "biuf"


def as_float(candidate: object, asked: str = "") -> float:
    """Return the number as a float.

    Ints, bools, Fractions, Decimals and NumPy scalars are numbers; strings, None, lists and complex numbers are not.
    `asked` tells the error what the number is for. Raises TypeError if the object is not a real number, OverflowError
    if it is an integer or fraction too large for a float.

    >>> from fractions import Fraction
    >>> as_float(Fraction(1, 4))
    0.25
    >>> as_float("2", "the data of a Value")
    Traceback (most recent call last):
        ...
    TypeError: expected a real number for the data of a Value, got str: '2'. Convert it first: float('2').
    """
    if type(candidate) is float:
        return candidate
    if not is_number(candidate):
        raise TypeError(refusal(candidate, asked))
    try:
        return float(candidate)
    except OverflowError as error:
        needed = _expected("a number that fits into a float (up to about 1.8e308)", asked)
        raise OverflowError(f"{needed}, got {_shortened(candidate)}. Scale it down first.") from error


def as_finite(candidate: object, asked: str, from_zero: bool = False) -> float:
    """Return the number as a float that is finite and, with `from_zero`, not negative.

    Raises as `as_float` does, and ValueError if the number is infinite, nan or too small.

    >>> as_finite(-1, "the noise", from_zero=True)
    Traceback (most recent call last):
        ...
    ValueError: expected a finite number from 0 up for the noise, got -1.
    """
    number = as_float(candidate, asked)
    if not math.isfinite(number) or (from_zero and number < 0.0):
        needed = "a finite number from 0 up" if from_zero else "a finite number"
        raise ValueError(f"{_expected(needed, asked)}, got {format_number(number)}.")
    return number


def as_whole(candidate: Any, asked: str, least: int, most: int | None = None) -> int:
    """Return the whole number, from `least` up to `most` (None for no limit). An integer of NumPy counts too.

    `asked` tells the error what the number is for. Raises ValueError for anything else, also for a bool.

    >>> as_whole(3, "the size of a layer", 1)
    3
    >>> as_whole(2.5, "the number of rows", 1, 100)
    Traceback (most recent call last):
        ...
    ValueError: expected a whole number from 1 to 100 for the number of rows, got 2.5.
    """
    if not isinstance(candidate, bool) and hasattr(candidate, "__index__"):
        number = index(candidate)
        if number >= least and (most is None or number <= most):
            return number
    limits = f"from {least} up" if most is None else f"from {least} to {most:,}"
    raise ValueError(f"{_expected(f'a whole number {limits}', asked)}, got {_shortened(candidate)}.")


def refusal(candidate: object, asked: str) -> str:
    """Return the message for an object that is no real number; `asked` says what the number is for."""
    text = f"{_expected('a real number', asked)}, got {got(candidate)}"
    if candidate is None:
        return f"{text}. Was a return statement forgotten?"
    if isinstance(candidate, str):
        advice = f"Convert it first: float({candidate!r})." if is_numeral(candidate) else "This text is no number."
        return f"{text}: {_shortened(candidate)}. {advice}"
    if isinstance(candidate, complex):
        return f"{text}: {candidate}. Use its .real and .imag as two numbers."
    if hasattr(candidate, "__len__"):
        return f"{text}. Make one Value of each of its elements."
    return f"{text}. Numbers are int, float, Fraction, Decimal and NumPy scalars."


def all_finite(numbers: Iterable[Any]) -> bool:
    """Say quickly whether these are finite floats. The answer is False if their sum is too large for a float.

    >>> all_finite([1.0, 2.0]), all_finite([1.0, float("nan")]), all_finite([1])
    (True, False, False)
    """
    return set(map(type, numbers)) == {float} and math.isfinite(sum(numbers))


def is_numeral(text: str) -> bool:
    """Return whether a text is a number for `float`: "2.5", "1e3", "inf"."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _expected(needed: str, asked: str) -> str:
    return f"expected {needed} for {said(asked)}" if asked else f"expected {needed}"


def got(found: object) -> str:
    """Return the type of an object in a word or two, for messages: "expected a Value, got list".

    >>> got(3), got(None), got(int)
    ('int', 'None', 'the class int')
    """
    if found is None:
        return "None"
    return f"the class {found.__name__}" if isinstance(found, type) else type(found).__name__


def _shortened(candidate: object) -> str:
    if isinstance(candidate, int) and candidate.bit_length() > 1024:
        return f"an int of {candidate.bit_length()} bits"
    text = repr(candidate)
    return text if len(text) <= 40 else text[:37] + "..."


def json_number(number: float) -> float | str:
    """Return a number that JSON can hold; inf, -inf and nan become texts.

    >>> json_number(-0.0), json_number(float("-inf"))
    (-0.0, '-inf')
    """
    return number if math.isfinite(number) else str(number)


def report_number(number: float) -> float | int | str:
    """Return a number for the JSON of a report: a whole number without a point, an infinity or a nan as text.

    >>> report_number(2.0), report_number(0.5), report_number(float("inf"))
    (2, 0.5, 'inf')
    """
    is_short = number.is_integer() and abs(number) < LARGEST_PLAIN_INTEGER
    return int(number) if is_short else json_number(number)


def is_same(one: object, other: object) -> bool:
    """Return whether two numbers, or None, are equal; nan equals nan here.

    >>> is_same(0.0, -0.0), is_same(float("nan"), float("nan")), is_same(None, 0.0)
    (True, True, False)
    """
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def near(name: object, known: Iterable[str]) -> str:
    """Return the known name that is most like this name, or else all of them, for a sentence.

    >>> near("wieghts", ["weights", "bias"]), near("x", ["weights", "bias"])
    ('weights', 'weights, bias')
    """
    names = list(known)
    return ", ".join(alike(name, names, 1) or names)


def spelled(name: Any, known: Iterable[str]) -> Any:
    """Return the known name that differs from this name in capitals, "-", "_" and spaces only; else what is given.

    >>> spelled("Cross-Entropy", ["hinge", "cross_entropy"]), spelled("hing", ["hinge"])
    ('cross_entropy', 'hing')
    """
    plain = _letters(name) if isinstance(name, str) else None
    return next((found for found in known if _letters(found) == plain), name)


def _letters(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")


def alike(name: object, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known names that are like this name, at most so many, the most similar first.

    Capitals do not count. The first letters of the words of a known name are like it.

    >>> alike("rleu", ["tanh", "relu"]), alike("MSE", ["mean_squared_error", "mean"]), alike("w", ["weight"])
    (['relu'], ['mean_squared_error'], [])
    """
    from difflib import get_close_matches  # noqa: PLC0415 - adds 1.3 ms to the 24 of `import autograd`; for messages only

    asked, by_name = str(name).lower(), {found.lower(): found for found in known}
    short = [found for found in by_name if "_" in found and "".join(word[:1] for word in found.split("_")) == asked]
    return [by_name[found] for found in short[:most] or get_close_matches(asked, list(by_name), n=most)]


def counted(number: int, what: str) -> str:
    """Return a number of things in words, with a plural.

    >>> counted(1, "node"), counted(1200, "node"), counted(2, "leaf")
    ('1 node', '1,200 nodes', '2 leaves')
    """
    plural = "leaves" if what == "leaf" else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"


def format_number(number: float, digits: int = 10) -> str:
    """Write a number for people: no trailing .0, no -0, rounded to `digits` significant digits (1 to 17).

    Whole numbers with fewer than 16 digits are written in full.

    >>> [format_number(x) for x in (10.0, -0.0, 0.1 + 0.2, 1e100, float("nan"))]
    ['10', '0', '0.3', '1e+100', 'nan']
    """
    if number == 0.0:
        return "0"
    if number == number // 1 and abs(number) < LARGEST_PLAIN_INTEGER:
        return str(int(number))
    return format(number, f".{digits}g")
