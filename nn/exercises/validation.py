"""Checks of what an exercise is given: numbers by name, a target for each output, names that fit together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from autograd.table.scalars import as_float, counted
from nn.activations import activation
from nn.exercises.lines import gradient_name
from nn.exercises.network import Notation, Unit, output_units
from nn.losses import LOSSES


class Given(Protocol):
    """The parts of an exercise that are checked."""

    @property
    def weights(self) -> Mapping[str, float]:
        """The weights by name."""

    @property
    def biases(self) -> Mapping[str, float]:
        """The biases by name."""

    @property
    def inputs_by_name(self) -> Mapping[str, float]:
        """The inputs by name."""

    @property
    def targets(self) -> Mapping[str, float]:
        """The targets by name."""

    @property
    def units(self) -> Sequence[Unit]:
        """The units in the order of computation."""

    @property
    def activation(self) -> str:
        """The name of the hidden units' activation."""

    @property
    def output_activation(self) -> str:
        """The name of the output units' activation."""

    @property
    def loss(self) -> str:
        """The name of the loss."""

    @property
    def notation(self) -> Notation:
        """The names that the lecture uses."""


def numbers_by_name(what: str, given: Any) -> dict[str, float]:
    """Return numbers by name, from a mapping, or from a list of inputs (x1, x2, ...)."""
    if what == "inputs" and hasattr(given, "__len__") and not isinstance(given, (str, Mapping)):
        given = {f"x{place}": number for place, number in enumerate(given, start=1)}
    if not isinstance(given, Mapping):
        example = "a list such as [1, -1]" if what == "inputs" else "numbers by name such as {'w13': 2}"
        raise TypeError(f"expected {example} for {what}, got {type(given).__name__}.")
    return {name: as_float(number, f"{what}: {name}") for name, number in given.items()}


def targets_by_name(given: Any, outputs: Sequence[Unit]) -> dict[str, float]:
    """Return the targets by name, in the order of the outputs; a name ends in the number of its output."""
    if isinstance(given, Mapping):
        named = {name: as_float(number, f"target: {name}") for name, number in given.items()}
    elif hasattr(given, "__len__") and not isinstance(given, str):
        named = {f"t{place}": as_float(number, f"target {place}") for place, number in enumerate(given, start=1)}
        numbers = [_ending(unit.post) for unit in outputs]
        if len(numbers) == len(named) and all(numbers):
            named = dict(zip((f"t{number}" for number in numbers), named.values(), strict=True))
        return named
    else:
        named = {"y": as_float(given, "target: y")}
    if len(outputs) == 1 or len(named) != len(outputs):
        return named
    by_number = {_ending(name): name for name in named}
    wanted = [_ending(unit.post) for unit in outputs]
    if set(by_number) != set(wanted) or len(by_number) < len(named):
        shown = ", ".join(unit.post for unit in outputs)
        raise ValueError(f"expected targets named after the outputs ({shown}), as t3 for y3, got {', '.join(named)}.")
    return {by_number[number]: named[by_number[number]] for number in wanted}


def _ending(name: str) -> str:
    """Return the number at the end of a name, as text, or ""."""
    return name[len(name.rstrip("0123456789")) :]


def problems(exercise: Given) -> Iterator[str]:
    """Yield a sentence for each problem; a cause comes before its effects."""
    yield from _unknown_names(exercise)
    yield from _repeated_names(exercise)
    outputs = output_units(tuple(exercise.units))
    if len(outputs) != len(exercise.targets):
        yield f"expected {counted(len(outputs), 'target')}, one for each output, got {len(exercise.targets)}."
    losses = {name: row for name, row in LOSSES.items() if row.targets.classes is not None}
    if exercise.loss not in losses:
        yield f"there is no loss {exercise.loss!r} for exercises; try {', '.join(losses)}."
    for name in (exercise.activation, exercise.output_activation):
        if activation(name).function is None:
            yield f"expected an activation that works on a single unit, got {name}, which works on a whole layer."
        if activation(name).parameters():
            yield f"expected an activation without a parameter, got {name}; try leaky_relu."
    row = losses[exercise.loss]
    if row.identity and exercise.output_activation != row.identity.activation:
        needed = row.identity.activation
        yield f"expected the output activation {needed} for {exercise.loss}, got {exercise.output_activation}."
    if not all(map(row.targets.accepts, exercise.targets.values())):
        yield f"expected {row.targets.words} for each target of {exercise.loss}."


def _unknown_names(exercise: Given) -> Iterator[str]:
    given = {*exercise.weights, *exercise.biases}
    used = {name for unit in exercise.units for name in (*(weight for _, weight in unit.weights), unit.bias) if name}
    for name in sorted(used - given):
        yield f"a unit uses the weight or bias {name}, but no number is given for it."
    for name in sorted(given - used):
        yield f"a number is given for the weight or bias {name}, but no unit uses it."
    known = set(exercise.inputs_by_name)
    for unit in exercise.units:
        if not unit.weights:
            yield f"unit {unit.post} has no weights."
        for source, _ in unit.weights:
            if source not in known:
                yield f"unit {unit.post} uses {source}, which is neither an input nor an earlier unit."
        known.add(unit.post)
    taken = {source for unit in exercise.units for source, _ in unit.weights}
    for name in exercise.inputs_by_name:
        if name not in taken:
            yield f"a number is given for the input {name}, but no unit uses it."


def _repeated_names(exercise: Given) -> Iterator[str]:
    given = [*exercise.weights, *exercise.biases, *exercise.inputs_by_name, *exercise.targets]
    computed = [name for unit in exercise.units for name in (unit.pre, unit.post, unit.delta)]
    if exercise.notation.gradients_apart:
        computed += [gradient_name(name) for name in (*exercise.weights, *exercise.biases)]
    for name, count in Counter([*given, *computed, exercise.notation.loss, exercise.notation.eta]).items():
        if count > 1:
            yield f"the name {name} is used for {count} numbers; give each its own name."
