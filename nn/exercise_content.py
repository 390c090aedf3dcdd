"""Exercises as the content of a file, and made again from it. Reads exercises, units and notations.

Who writes such a file by hand may leave out what an `Exercise` has a default for, such as the units.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from typing import Any

from autograd.scalars import json_number
from nn.entries import Entry
from nn.exercise import Exercise
from nn.network import Notation, Unit


def exercise_content(exercise: Exercise) -> dict[str, Any]:
    """Return the content of an exercise's file.

    >>> exercise_content(Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1))["inputs"]
    {'x1': 3.0}
    """
    return {
        "title": exercise.title,
        "weights": _plain(exercise.weights),
        "biases": _plain(exercise.biases),
        "inputs": _plain(exercise.inputs_by_name),
        "target": _plain(exercise.targets),
        "eta": exercise.eta,
        "activation": exercise.activation,
        "output_activation": exercise.output_activation,
        "loss": exercise.loss,
        "units": [asdict(unit) for unit in exercise.units],
        "notation": asdict(exercise.notation),
    }


def _plain(numbers: Mapping[str, float]) -> dict[str, float | str]:
    return {name: json_number(number) for name, number in numbers.items()}


def exercise_of(entry: Entry, required: Sequence[str], optional: Sequence[str]) -> Exercise:
    """Return the exercise that an entry describes, beside other entries with these names. Raises FormatError."""
    needed = [field.name for field in fields(Exercise) if field.default is field.default_factory is MISSING]
    found = entry.fields([*required, *needed], [*optional, *_READERS])
    given = {name: _READERS[name](part) for name, part in found.items() if name in _READERS}
    with entry.checked():
        return Exercise(**given)


def _numbers(entry: Entry) -> Any:
    """Return a number, or numbers by name or in a list; an Exercise says which of them it takes."""
    if isinstance(entry.content, dict):
        return {name: part.number() for name, part in entry.named().items()}
    return entry.numbers() if isinstance(entry.content, list) else entry.number()


def _units(entry: Entry) -> list[Unit]:
    return [_unit(item) for item in entry.items()]


def _unit(entry: Entry) -> Unit:
    found = entry.fields(["pre", "post", "delta", "weights"], ["bias"])
    names = {name: part.text() for name, part in found.items() if name != "weights"}
    return Unit(weights=tuple(_pair(item) for item in found["weights"].items()), **names)


def _pair(entry: Entry) -> tuple[str, str]:
    names = [item.text() for item in entry.items()]
    if len(names) != 2:
        raise entry.error(f'must be an input and its weight such as ["x1", "w13"], but {len(names)} texts came.')
    return names[0], names[1]


def _notation(entry: Entry) -> Notation:
    usual = asdict(Notation())
    found = entry.fields([], list(usual))
    given: dict[str, Any] = {
        name: part.flag() if isinstance(usual[name], bool) else part.text() for name, part in found.items()
    }
    return Notation(**given)


_READERS: dict[str, Callable[[Entry], Any]] = {
    **dict.fromkeys(["weights", "biases", "inputs", "target", "eta"], _numbers),
    **dict.fromkeys(["activation", "output_activation", "loss", "title"], Entry.text),
    "units": _units,
    "notation": _notation,
}
