"""`Draft`: the numbers of a small network before they are an exercise, and a search for those that fit a pencil.

The search is for one example and units with F' = 1: a draft counts its faults in a few microseconds, and one number
after the other is drawn again as long as the faults do not grow.
"""

import hashlib
from collections.abc import Sequence
from itertools import count
from typing import NamedTuple, TypeVar

LARGEST = 100.0
"""The largest number in an exercise for a pencil."""
_UNCHANGED = 400
"""After so many drawn numbers without progress, the search starts anew."""

T = TypeVar("T")


class Dice:
    """Choices that a seed makes, the same in every version of Python and on every machine."""

    def __init__(self, seed: str) -> None:
        self._start, self._count = hashlib.sha256(f"{seed} ".encode()), count()

    def choice(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        thrown = self._start.copy()
        thrown.update(b"%d" % next(self._count))
        return items[int.from_bytes(thrown.digest()[:8], "big") % len(items)]

    def choices(self, items: Sequence[T], size: int) -> list[T]:
        """Return several of the items, all different if there are enough."""
        found: list[T] = []
        while len(found) < size:
            others = [item for item in items if item not in found]
            found.append(self.choice(others or items))
        return found


class Draft(NamedTuple):
    """The inputs of one example, a row of weights for each unit of each layer, and the errors of the outputs.

    An error is the derivative of the loss with respect to an output, or a multiple that all outputs share. With
    `biased`, the last number of a row is the bias. `gated` says of each layer whether its units are off at 0 and below.
    """

    inputs: list[float]
    layers: list[list[list[float]]]
    errors: list[float]
    biased: bool
    gated: Sequence[bool]

    def values(self) -> list[list[float]]:
        """Return the inputs and the weighted sums of each layer, as they are if all units are on."""
        values = [self.inputs]
        for rows in self.layers:
            values.append([_product(row, self._sources(values[-1])) for row in rows])
        return values

    def has_off_unit(self, values: Sequence[Sequence[float]]) -> bool:
        """Say whether a unit is off; all weights that lead to it then have the same update, 0."""
        return any(gated and min(sums) <= 0.0 for gated, sums in zip(self.gated, values[1:], strict=True))

    def gradients(self, values: Sequence[Sequence[float]]) -> list[float]:
        """Return the derivative for each weight and bias, layer by layer from the output back."""
        found: list[float] = []
        deltas: Sequence[float] = self.errors
        for rows, own in zip(reversed(self.layers), reversed(values[:-1]), strict=True):
            found += [delta * source for delta in deltas for source in self._sources(own)]
            columns = list(zip(*rows, strict=True))[: len(own)]
            deltas = [_product(column, deltas) for column in columns]
        return found

    def _sources(self, values: Sequence[float]) -> list[float]:
        return [*values, 1.0] if self.biased else [*values]

    def faults(self) -> int:
        """Return how many units are off or 0, numbers too large, and updates 0 or not of their own."""
        values = self.values()
        sums = [number for layer in values[1:] for number in layer]
        off = [gated and number <= 0.0 for gated, own in zip(self.gated, values[1:], strict=True) for number in own]
        gradients = self.gradients(values)
        large = sum(abs(number) > LARGEST for number in gradients) + sum(abs(number) > LARGEST / 2 for number in sums)
        return sum(off) + large + len(gradients) + 1 - len({0.0, *gradients})

    def improve(self, dice: Dice, numbers: Sequence[float], errors: Sequence[float]) -> bool:
        """Draw one number after the other again, and say whether a draft without faults was reached."""
        rows = [self.inputs, self.errors, *(row for layer in self.layers for row in layer)]
        places = [(row, place) for row in rows for place in range(len(row))]
        faults, unchanged = self.faults(), 0
        while faults and unchanged < _UNCHANGED:
            row, place = dice.choice(places)
            before, row[place] = row[place], dice.choice(errors if row is self.errors else numbers)
            found = self.faults()
            unchanged = 0 if found < faults else unchanged + 1
            if found > faults:
                row[place] = before
            else:
                faults = found
        return not faults


def _product(weights: Sequence[float], numbers: Sequence[float]) -> float:
    return sum([weight * number for weight, number in zip(weights, numbers, strict=True)])
