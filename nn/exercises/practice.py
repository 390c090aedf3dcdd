"""`practice`: new exercises with numbers fit for a pencil, the same for a seed on every platform."""

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

from autograd.table.scalars import as_whole, got, spelled
from nn.exercises.drafts import LARGEST, Dice, Draft
from nn.exercises.exercise import Exercise, Solution
from nn.exercises.given import choices
from nn.losses import LOSSES

_MOST_DIGITS = 4
"""The most significant digits of a number in between, where all functions are exact."""
_TRIED = 30_000
"""The most weights that are drawn blindly, before a search that draws one number after the other again."""
_SEARCHES = 100
"""The most of these searches: they end within some seconds."""
_REDRAWN = 20
"""How often a unit's weights are drawn again if its sum is not positive."""
_EXACT = {"relu", "linear"}
_WHOLE, _HALVES = [-3, -2, -1, 1, 2, 3], [-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2]
_INPUTS, _MORE_INPUTS = [-2, -1, 1, 2, 3], [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]
_TENTHS = [number / 10 for number in range(-9, 10) if number]
_RATES = [0.1, 0.2, 0.5]
_WIDE, _WIDER = [[number for number in range(-most, most + 1) if number] for most in (5, 9)]
_ERRORS = [-2, -1, 1, 2]


class _Kind(NamedTuple):
    """What an exercise is to be; `functions` are the activations of its layers."""

    sizes: tuple[int, ...]
    activation: Any
    output: str
    loss: str
    examples: int
    biased: bool
    functions: list[str]

    @property
    def is_exact(self) -> bool:
        """Whether all functions give few digits."""
        return {*self.functions} <= _EXACT


class _Numbers(NamedTuple):
    """The numbers of an exercise; see `Draft` for the layers."""

    inputs: list[list[float]]
    targets: list[Any]
    layers: list[list[list[float]]]
    eta: float


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
    identity = LOSSES[loss].identity if loss in LOSSES else None
    output = identity.activation if identity and isinstance(activation, str) else ""
    functions = [choice.name for choice in choices(activation, output, len(sizes) - 1)]
    kind = _Kind(sizes, activation, output, loss, examples, bool(biases), functions)
    shown = "-".join(map(str, sizes))
    for numbers in _candidates(Dice(f"{sizes} {activation} {loss} {examples} {biases} {seed}"), kind):
        exercise = _exercise(numbers, kind, f"Practice {seed}: {shown}")
        if _is_fit(exercise.solve()):
            return exercise
    raise ValueError(
        f"no exercise with numbers for a pencil was found for the layers {shown}; try fewer units, fewer layers or "
        "fewer examples."
    )


def _sizes(layers: Any) -> tuple[int, ...]:
    if isinstance(layers, str) or not isinstance(layers, Sequence):
        raise TypeError(f"expected a list of sizes, such as [2, 2, 1], got {got(layers)}.")
    sizes = tuple(as_whole(size, "the size of a layer", 1) for size in layers)
    if len(sizes) < 2:
        raise ValueError(f"expected the number of inputs and of the units of each layer, such as 2-2-1, got {layers}.")
    return sizes


def _candidates(dice: Dice, kind: _Kind) -> Iterator[_Numbers]:
    """Yield numbers that may be fit: drawn blindly, without those that a glance refuses, then searched for."""
    yield _drawn(dice, kind)
    for _ in range(_TRIED // sum(inputs * units for inputs, units in pairwise(kind.sizes))):
        numbers = _drawn(dice, kind)
        if not _is_hopeless(numbers, kind):
            yield numbers
    if kind.is_exact and kind.examples == 1:
        for _ in range(_SEARCHES):
            yield from _searched(dice, kind)


def _drawn(dice: Dice, kind: _Kind) -> _Numbers:
    """Return drawn numbers, which may not be fit."""
    sizes, is_exact = kind.sizes, kind.is_exact
    numbers = _WHOLE if is_exact and len(sizes) < 4 else _HALVES if is_exact else _TENTHS
    # With three inputs and units, products of the small numbers alone give two weights the same update.
    small = _INPUTS if max(sizes) < 3 else _MORE_INPUTS
    inputs = [dice.choices(small if is_exact else _HALVES, sizes[0]) for _ in range(kind.examples)]
    targets = [_target(dice, kind.loss, sizes[-1]) for _ in range(kind.examples)]
    layers = _connections(dice, kind, numbers, inputs[0])
    return _Numbers(inputs, targets, layers, dice.choice(_RATES))


def _connections(dice: Dice, kind: _Kind, numbers: Sequence[float], inputs: Sequence[float]) -> list[list[list[float]]]:
    """Return the rows of each layer; with the first example, a relu is on in nearly every unit."""
    layers: list[list[list[float]]] = []
    values = inputs
    for units in kind.sizes[1:]:
        rows, sums = [], []
        for _ in range(units):
            for _ in range(_REDRAWN):
                row = [dice.choice(numbers) for _ in values]
                offset = dice.choice(numbers) if kind.biased else 0.0
                total = offset + sum(value * weight for value, weight in zip(values, row, strict=True))
                if total > 0.0:
                    break
            rows.append([*row, offset] if kind.biased else row)
            sums.append(total)
        layers.append(rows)
        values = sums
    return layers


def _draft(numbers: _Numbers, kind: _Kind, errors: list[float]) -> Draft:
    gated = [name == "relu" for name in kind.functions]
    return Draft(numbers.inputs[0], numbers.layers, errors, kind.biased, gated)


def _is_hopeless(numbers: _Numbers, kind: _Kind) -> bool:
    """Say whether a glance at an exact exercise of one example finds too large a number or two updates alike."""
    if not kind.is_exact or kind.examples > 1 or (min(kind.sizes[:-1]) == 1 and not kind.biased):
        return False
    draft = _draft(numbers, kind, [])
    values = draft.values()
    if draft.has_off_unit(values) or max(map(abs, chain(*values))) > LARGEST:
        return True
    errors = [1.0]  # that of a single output is a factor of all updates
    if kind.sizes[-1] > 1:
        errors = [_slope(kind.loss, *pair) for pair in zip(values[-1], numbers.targets[0], strict=True)]
    return not _are_different(draft._replace(errors=errors).gradients(values))


@cache
def _slope(loss: str, output: float, target: float) -> float:
    return LOSSES[loss].slope(output, target)


def _searched(dice: Dice, kind: _Kind) -> Iterator[_Numbers]:
    """Yield numbers whose targets follow from small errors, if a search from drawn ones finds them."""
    wide = _WIDE if max(kind.sizes) + kind.biased < 5 else _WIDER
    numbers = _drawn(dice, kind)
    draft = _draft(numbers, kind, [dice.choice(_ERRORS) for _ in range(kind.sizes[-1])])
    if draft.improve(dice, wide, _ERRORS):
        found = [output - error for output, error in zip(draft.values()[-1], draft.errors, strict=True)]
        if all(map(LOSSES[kind.loss].targets.accepts, found)):
            numbers = numbers._replace(targets=[found if len(found) > 1 else found[0]])
        yield numbers


def _exercise(numbers: _Numbers, kind: _Kind, title: str) -> Exercise:
    weights, offsets = _named(numbers.layers, kind)
    single = kind.examples == 1
    return Exercise(
        weights,
        inputs=numbers.inputs[0] if single else numbers.inputs,
        target=numbers.targets[0] if single else numbers.targets,
        eta=numbers.eta,
        biases=offsets,
        activation=kind.activation,
        output_activation=kind.output,
        loss=kind.loss,
        title=title,
    )


def _named(layers: Sequence[Sequence[Sequence[float]]], kind: _Kind) -> tuple[dict[str, float], dict[str, float]]:
    """Return weights and biases by name: "w13" joins node 1 to node 3."""
    ends = [0, *accumulate(kind.sizes)]
    between = "_" if ends[-1] > 9 else ""
    weights: dict[str, float] = {}
    offsets: dict[str, float] = {}
    for (first, start), rows in zip(pairwise(ends[:-1]), layers, strict=True):
        for unit, row in enumerate(rows, start=start + 1):
            weights |= {f"w{first + place}{between}{unit}": row[place - 1] for place in range(1, start - first + 1)}
            offsets |= {f"b{unit}": row[-1]} if kind.biased else {}
    return weights, offsets


def _target(dice: Dice, loss: str, outputs: int) -> Any:
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
    if not _are_different(moved):
        return False
    if not {choice.name for choice in solution.exercise.choices} <= _EXACT:
        return True
    found = [number for value in solution.values.values() for number in (value.data, value.grad)]
    found += solution.after.values()
    return max(map(abs, found)) <= LARGEST and all(map(_is_short, found))


def _are_different(steps: Sequence[float]) -> bool:
    return len({round(step, 9) for step in steps}) == len(steps)


def _is_short(number: float) -> bool:
    """Say whether a number has at most four significant digits."""
    return math.isfinite(number) and math.isclose(number, float(f"{number:.{_MOST_DIGITS}g}"), rel_tol=1e-12)
