"""`practice`: new exercises with numbers fit for a pencil, the same for a seed on every platform."""

import hashlib
import math
from collections.abc import Sequence
from itertools import accumulate, count, pairwise
from typing import Any, TypeVar

from autograd.table.scalars import as_whole, got, spelled
from nn.exercises.exercise import Exercise, Solution
from nn.exercises.given import choices
from nn.losses import LOSSES

_MOST_DIGITS = 4
"""The most significant digits of a number in between, where all functions are exact."""
_LARGEST = 100.0
_TRIED = 30_000
"""The most weights that are drawn: a search that finds nothing ends within some ten seconds."""
_REDRAWN = 20
"""How often a unit's weights are drawn again if its sum is not positive."""
_EXACT = {"relu", "linear"}
_WHOLE, _HALVES = [-3, -2, -1, 1, 2, 3], [-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2]
_INPUTS, _MORE_INPUTS = [-2, -1, 1, 2, 3], [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]
_TENTHS = [number / 10 for number in range(-9, 10) if number]
_RATES = [0.1, 0.2, 0.5]

T = TypeVar("T")


class _Dice:
    """Choices that a seed makes, the same in every version of Python and on every machine."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count = seed, count()

    def choice(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        digest = hashlib.sha256(f"{self._seed} {next(self._count)}".encode()).digest()
        return items[int.from_bytes(digest[:8], "big") % len(items)]

    def choices(self, items: Sequence[T], size: int) -> list[T]:
        """Return several of the items, all different if there are enough."""
        found: list[T] = []
        while len(found) < size:
            others = [item for item in items if item not in found]
            found.append(self.choice(others or items))
        return found


def practice(
    layers: Sequence[int] = (2, 2, 1),
    *,
    activation: Any = "relu",
    loss: str = "half_squared_error",
    examples: int = 1,
    biases: bool = False,
    seed: int = 0,
) -> Exercise:
    """Return a new exercise with numbers for a pencil: small whole numbers, halves and tenths.

    `layers` are the numbers of inputs and of the units of each layer. `activation` and `loss` are those of `Exercise`;
    a cross-entropy has its own activation in the output. The same arguments give the same exercise. No two weights have
    the same update, and with relu and linear units no number in between has more than four digits.

    Raises ValueError if the parts do not fit, or if no such exercise is found; TypeError for other types.

    >>> practice(seed=1).weights == practice(seed=1).weights
    True
    >>> practice([2, 3, 1], activation="tanh", seed=5).title
    'Practice 5: 2-3-1'
    """
    sizes, loss = _sizes(layers), spelled(loss, LOSSES)
    as_whole(examples, "the number of examples", 1)
    as_whole(seed, "the seed", 0)
    dice = _Dice(f"{sizes} {activation} {loss} {examples} {biases} {seed}")
    title = f"Practice {seed}: {'-'.join(map(str, sizes))}"
    for _ in range(_TRIED // sum(inputs * units for inputs, units in pairwise(sizes)) + 1):
        exercise = _drawn(dice, sizes, activation, loss, examples, biases, title)
        if _is_fit(exercise.solve()):
            return exercise
    raise ValueError(
        f"no exercise with numbers for a pencil was found for the layers {'-'.join(map(str, sizes))}; try fewer units, "
        "fewer layers or fewer examples."
    )


def _sizes(layers: Any) -> tuple[int, ...]:
    if isinstance(layers, str) or not isinstance(layers, Sequence):
        raise TypeError(f"expected a list of sizes, such as [2, 2, 1], got {got(layers)}.")
    sizes = tuple(as_whole(size, "the size of a layer", 1) for size in layers)
    if len(sizes) < 2:
        raise ValueError(f"expected the number of inputs and of the units of each layer, such as 2-2-1, got {layers}.")
    return sizes


def _drawn(
    dice: _Dice, sizes: Sequence[int], activation: Any, loss: str, examples: int, biases: bool, title: str
) -> Exercise:
    """Return an exercise with drawn numbers, which may not be fit."""
    identity = LOSSES[loss].identity if loss in LOSSES else None
    output = identity.activation if identity and isinstance(activation, str) else ""
    is_exact = {choice.name for choice in choices(activation, output, len(sizes) - 1)} <= _EXACT
    numbers = _WHOLE if is_exact and len(sizes) < 4 else _HALVES if is_exact else _TENTHS
    # With three inputs and units, products of the small numbers alone give two weights the same update.
    small = _INPUTS if max(sizes) < 3 else _MORE_INPUTS
    inputs = [dice.choices(small if is_exact else _HALVES, sizes[0]) for _ in range(examples)]
    targets = [_target(dice, loss, sizes[-1]) for _ in range(examples)]
    weights, offsets = _connections(dice, sizes, numbers, inputs[0], biases)
    single = examples == 1
    return Exercise(
        weights,
        inputs=inputs[0] if single else inputs,
        target=targets[0] if single else targets,
        eta=dice.choice(_RATES),
        biases=offsets,
        activation=activation,
        output_activation=output,
        loss=loss,
        title=title,
    )


def _connections(
    dice: _Dice, sizes: Sequence[int], numbers: Sequence[float], inputs: Sequence[float], biases: bool
) -> tuple[dict[str, float], dict[str, float]]:
    """Return weights and biases by name; with the first example, a relu is on in nearly every unit."""
    ends = [0, *accumulate(sizes)]
    between = "_" if ends[-1] > 9 else ""
    weights: dict[str, float] = {}
    offsets: dict[str, float] = {}
    values = dict(enumerate(inputs, start=1))
    for sources, units in pairwise([range(start + 1, end + 1) for start, end in pairwise(ends)]):
        for unit in units:
            for _ in range(_REDRAWN):
                own = {source: dice.choice(numbers) for source in sources}
                offset = dice.choice(numbers) if biases else 0.0
                values[unit] = offset + sum(values[source] * weight for source, weight in own.items())
                if values[unit] > 0.0:
                    break
            weights |= {f"w{source}{between}{unit}": weight for source, weight in own.items()}
            offsets |= {f"b{unit}": offset} if biases else {}
    return weights, offsets


def _target(dice: _Dice, loss: str, outputs: int) -> Any:
    """Return a target for a loss: a class, a 0 or 1 for each output, or a number."""
    targets = LOSSES[loss].targets if loss in LOSSES else None
    if targets is not None and targets.classes is None:
        return dice.choice(range(outputs))
    allowed = [number for number in (0, 1, 2, 3, -1) if targets is None or targets.accepts(number)]
    found = [dice.choice(allowed) for _ in range(outputs)]
    return found if outputs > 1 else found[0]


def _is_fit(solution: Solution) -> bool:
    """Say whether an exercise can be computed by hand, and each weight has an update of its own."""
    moved = [solution.after[name] - before for name, before in solution.before.items()]
    if len({round(step, 9) for step in moved}) < len(moved):
        return False
    if not {choice.name for choice in solution.exercise.choices} <= _EXACT:
        return True
    found = [number for value in solution.values.values() for number in (value.data, value.grad)]
    found += solution.after.values()
    return max(map(abs, found)) <= _LARGEST and all(map(_is_short, found))


def _is_short(number: float) -> bool:
    """Say whether a number has at most four significant digits."""
    return math.isfinite(number) and math.isclose(number, float(f"{number:.{_MOST_DIGITS}g}"), rel_tol=1e-12)
