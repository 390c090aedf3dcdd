"""`keys`: what judges a number where the marking cannot run, as on a page: intervals, and the numbers of the slips.

They are made by the marking: for each line the room around the right number by the digits of a guess, when all earlier
numbers are known as they are shown; and the numbers that slips give, each with its sentence.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from autograd.lab.answers import Answer, first_place
from autograd.lab.calculation import Calculation, Number
from autograd.lab.changes import Case
from autograd.lab.reasons import LARGEST, explained
from autograd.lab.script import FULL, Script, seen_answers, shows_change
from autograd.lab.slips import SLIPS, Slip
from autograd.lab.worksheet import Quantity, Worksheet
from autograd.symbols.substitution import parts, spelled_out

_MOST = 20
"""The most slips that are told apart in a line."""
GUESS = "{guess}"
"""What stands for the guess in a sentence."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """How far a guess may be from a number by its rounding: `first` if its last digit has the place `top`, and so on.

    The last one is for all smaller places, and for fractions.
    """

    top: int
    each: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SlipKey:
    """The number that a slip gives, the rooms around it, and the sentence about it."""

    number: float
    rooms: Rooms
    sentence: str


@dataclass(frozen=True, slots=True)
class Key:
    """What judges a guess: the rooms around the right number, and what rounded earlier numbers add to them.

    `old` is a number that is not right for being near: that of a weight before an update which shows. The `slips` are
    the most common first, no two with the same number.
    """

    rooms: Rooms
    spread: float
    old: float | None
    slips: tuple[SlipKey, ...]


def keys(sheet: Worksheet, names: Sequence[str]) -> list[Key]:
    """Return what judges a guess for each of these lines.

    >>> from nn import READY
    >>> [key] = keys(Worksheet(READY["relu"]()), ["delta3"])
    >>> key.rooms, key.slips[0].number, key.slips[0].sentence.partition(".")[0]
    (Rooms(top=1, each=(0.0,)), -30.0, '{guess} is what one gets with the updated w35 = -3')
    """
    as_shown = Script(sheet, seen_answers(sheet, names), 0.0, {*names})
    taught = [name for name in names if not sheet.quantities[name].aside]  # a slip changes the slope in a formula
    script = Script(sheet, seen_answers(sheet, taught), 0.0, {*taught})
    return [_key(script, sheet.quantities[name], as_shown.wanted(sheet.quantities[name])) for name in names]


def _key(script: Script, quantity: Quantity, wanted: Number) -> Key:
    old = quantity.before if shows_change(quantity, wanted.value, FULL) else None
    spread = max(wanted.spread, abs(quantity.right) if script.fits(quantity, 0.0, wanted) else 0.0)
    return Key(_rooms(wanted), spread, old, tuple(islice(_slips(script, quantity), _MOST)))


def _rooms(wanted: Number) -> Rooms:
    """Return the rooms around a number, without those that are equal at the end."""
    if not math.isfinite(wanted.value):
        return Rooms(0, (0.0,))
    first = first_place(wanted.value)
    each = []
    for place in range(max(first, 0), first - FULL - 2, -1):
        answer = Answer("", wanted.value, place, max(first - place + 1, 1))
        each.append(answer.rounding(wanted.value, answer, is_exact=not wanted.spread))
    while len(each) > 1 and each[-1] == each[-2]:
        each.pop()
    return Rooms(max(first, 0), tuple(each))


def _slips(script: Script, quantity: Quantity) -> Iterator[SlipKey]:
    """Yield the numbers that slips in a line give, each one once, with the slips that give it."""
    found: dict[float, dict[Slip, str]] = {}
    for slip, number, how in _slipped(script, quantity):
        known = next((other for other in found if abs(number - other) <= script.noise(quantity, number)), number)
        found.setdefault(known, {}).setdefault(slip, how)
    for number, told in found.items():
        rooms = _rooms(Number(number))
        apart = tuple(room if room < abs(number - quantity.right) else 0.0 for room in rooms.each)
        sentence = explained(GUESS, list(told.values()), next(iter(told)))
        yield SlipKey(number, Rooms(rooms.top, apart), f"{sentence}.")


def _slipped(script: Script, quantity: Quantity) -> Iterator[tuple[Slip, float, str]]:
    """Yield each slip in a line with the wrong number that it gives, and how."""
    if sum(1 for _ in parts(quantity.formula)) > LARGEST:
        return
    case = Case(script.sheet, quantity, script.numbers, frozenset(script.answers), script.asides)
    for slip in SLIPS:
        for own in slip.alternatives(case):
            calculation = Calculation(spelled_out(own.formula, case.asides), runs_once=True)
            number = script.sheet.value(quantity, calculation, {**case.numbers, **own.numbers}).value
            noise = script.noise(quantity, number)
            if math.isfinite(number) and abs(number - quantity.right) > noise:
                yield slip, number if abs(number) > noise else 0.0, slip.how.format(changed=own.changed)
