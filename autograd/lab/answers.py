"""`Answer`: a number that a student gave, as it was written, and how exactly it was written."""

import math
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograd.table.scalars import as_float, got, is_number

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_FRACTION = re.compile(r"([+-]?[\d.]+)/([\d.]+)")
_EXCEL = re.compile(r"""="?([^"]*)"?""")
"""A number that a spreadsheet keeps as a text, such as ="5"."""
_RAISED = "\N{SUPERSCRIPT PLUS SIGN}\N{SUPERSCRIPT MINUS}\u2070\xb9\xb2\xb3\u2074\u2075\u2076\u2077\u2078\u2079"
_POWER = re.compile(
    r"[*x\N{MULTIPLICATION SIGN}\N{DOT OPERATOR}\N{MIDDLE DOT}]"
    rf"10\^?\(?([+-]?\d+|[{_RAISED[:2]}]?[{_RAISED[2:]}]+)\)?$",
    re.IGNORECASE,
)
_LOWERED = str.maketrans(_RAISED, "+-0123456789")
_MINUS = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{FIGURE DASH}\N{NON-BREAKING HYPHEN}\N{EM DASH}", "-"))
_CLOSE = 1e-12
"""How close two computations of the same number are."""
_ZEROS = -4
_BLANK = {"", "-", "--", "?", "n/a", "none", "null"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A number that a student gave under the name `key`; None is a blank.

    `place` is the exponent of its last digit: -2 for 0.25. It is None for a fraction, which is exact. `digits` counts
    the significant digits.

    >>> Answer.read("x3", "\N{MINUS SIGN}2,50"), Answer.read("x3", "1/4").number
    (Answer(key='x3', number=-2.5, place=-2, digits=3), 0.25)
    """

    key: str
    number: float | None
    place: int | None = None
    digits: int = 0

    @classmethod
    def read(cls, key: str, given: Any) -> "Answer":
        """Return the answer that was given as a number or as a text. Raises TypeError or ValueError if it is none."""
        if given is None:
            return cls(key, None)
        if isinstance(given, str):
            return cls._of_text(key, given)
        if isinstance(given, bool) or not is_number(given):
            raise TypeError(f'expected a number for {key}, such as -3, 0.5 or "1/3", got {got(given)}.')
        if isinstance(given, Fraction) and given.denominator != 1:
            return cls(key, float(given))
        number = as_float(given, key)
        if not math.isfinite(number):
            return cls(key, number, 0)
        return cls._of_decimal(key, Decimal(int(number) if number.is_integer() else repr(number)))

    @classmethod
    def _of_text(cls, key: str, given: str) -> "Answer":
        text = _EXCEL.sub(r"\1", re.sub(r"[\s_']", "", given.translate(_MINUS)))
        if text.lower() in _BLANK:
            return cls(key, None)
        text = _POWER.sub(lambda found: f"e{found[1].translate(_LOWERED)}", text)
        text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
        with suppress(ValueError, ArithmeticError):  # "1..2/3", "1/0", "1e999"
            if found := _FRACTION.fullmatch(text):
                return cls(key, float(Fraction(found[1]) / Fraction(found[2])))
            if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
                return cls._of_decimal(key, Decimal(text))
        raise ValueError(f'expected a number for {key}, such as -3, 0.5 or "1/3", got {given!r}.')

    @classmethod
    def _of_decimal(cls, key: str, decimal: Decimal) -> "Answer":
        _, digits, exponent = decimal.as_tuple()
        return cls(key, float(decimal), int(exponent), len(digits))

    @property
    def last(self) -> float:
        """Half a unit of the last digit; 0 for a fraction."""
        return 0.0 if self.place is None else 0.5 * 10.0**self.place

    def rounding(self, right: float, finest: "Answer | None" = None, *, is_exact: bool = True) -> float:
        """Return how far the number may be from the right one: half a unit of its last digit.

        A right number of so few digits that nobody rounds it is meant exactly: it is whole, has at most two digits, or
        not more than `finest`, which has the most digits and places of all answers. This is for a number that
        `is_exact`, not known from rounded ones. Else a whole number counts with its first two digits at least, and 0 is
        no rounded number unless it is written with four zeros behind the point.

        >>> [Answer.read("", text).rounding(right) for text, right in (("0.14", 0.1385), ("5", 5.0), ("1", 0.8751))]
        [0.005, 0.0, 0.005]
        """
        if self.place is None or not math.isfinite(right) or (is_exact and _is_short(right, finest)):
            return 0.0
        if self.number == 0.0 and self.place > _ZEROS:
            return 0.0
        if self.place < 0 or right == 0.0:
            return self.last
        return min(self.last, 0.5 * 10.0 ** (first_place(right) - 1))

    def unknown(self, finest: "Answer | None" = None) -> float:
        """Return how far the number may be from what it was rounded from, if the student drops zeros at the end.

        >>> Answer.read("x", 0.25).unknown(), Answer.read("x", 0.25).unknown(Answer("", None, -4, 5))
        (0.005, 5e-05)
        """
        if finest is None or not finest.place:
            return 0.0 if self.place == 0 else self.last
        return min(self.last, 0.5 * 10.0 ** max(finest.place, first_place(self.number or 0.0) - finest.digits + 1))


def first_place(number: float) -> int:
    """Return the exponent of a number's first digit: 2 for 314, -1 for 0.25; 0 for 0, and for what is not finite."""
    return math.floor(math.log10(abs(number))) if number and math.isfinite(number) else 0


def _is_short(number: float, finest: Answer | None) -> bool:
    """Say whether nobody rounds a number; see `Answer.rounding`."""
    if math.isclose(number, round(number), rel_tol=_CLOSE) or math.isclose(
        number, float(f"{number:.2g}"), rel_tol=_CLOSE
    ):
        return True
    if finest is None or finest.place is None:
        return False
    written = round(float(f"{number:.{finest.digits}g}"), -finest.place)
    return math.isclose(number, written, rel_tol=_CLOSE)


def finest(answers: Iterable[Answer]) -> Answer | None:
    """Return an answer without a number that has the most digits and places of all; None if no number has any.

    >>> finest([Answer.read("x", 0.5), Answer.read("y", "1.25"), Answer.read("z", "3140")])
    Answer(key='', number=None, place=-2, digits=4)
    """
    written = [(answer.place, answer.digits) for answer in answers if answer.place is not None]
    if not written:
        return None
    places, digits = zip(*written, strict=True)
    return Answer("", None, min(places), min(max(digits), 17))


def read_answers(answers: Mapping[str, Any]) -> list[Answer]:
    """Return the answers by name. Raises TypeError for anything but numbers by name, ValueError for a bad number.

    >>> [answer.number for answer in read_answers({"x3": "0,5", "y3": None})]
    [0.5, None]
    """
    if not isinstance(answers, Mapping):
        raise TypeError(f"""expected answers by name, such as {{"x3": 5}}, got {got(answers)}.""")
    return [Answer.read(str(key), given) for key, given in answers.items()]
