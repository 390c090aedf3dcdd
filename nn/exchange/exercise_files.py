"""The file of an exercise: JSON as a person types it, without everything for which `Exercise` has a default."""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any

from autograd.table.scalars import LARGEST_PLAIN_INTEGER, json_number
from nn.activations import Activation
from nn.exchange.text import Entry
from nn.exercises.exercise import Exercise
from nn.exercises.given import SETTINGS, fraction_of, is_list, layers_of, named_targets
from nn.exercises.network import Notation, Unit, units_from_weights


def exercise_content(exercise: Exercise) -> dict[str, Any]:
    """Return the content of an exercise's file.

    >>> exercise_content(Exercise({"w12": 2}, inputs=["1/3"], target=0, eta=0.1))
    {'weights': {'w12': 2}, 'inputs': ['1/3'], 'target': 0, 'eta': 0.1}
    """
    inputs, targets = _examples(exercise)
    network = _network(exercise)
    content = {name: network.get(name, _plain(getattr(exercise, name))) for name in FIELDS}
    content["inputs"], content["target"] = (each if len(each) > 1 else each[0] for each in (inputs, targets))
    usual = {field.name: _plain(field.default) for field in fields(Exercise)}
    return {name: part for name, part in content.items() if part != usual[name] and part not in ({}, [])}


def _plain(content: Any) -> Any:
    """Return a part of an exercise as people write it in JSON: fractions as texts, whole numbers without ".0"."""
    if isinstance(content, Activation):
        return _plain({content.name: content.settings} if content.settings else content.name)
    if isinstance(content, Mapping):
        return {str(name): _plain(part) for name, part in content.items()}
    if is_list(content):
        return list(map(_plain, content))
    if content is None or isinstance(content, (str, bool)) or not hasattr(content, "__float__"):
        return content
    exact = fraction_of(content)
    if exact is not None:
        return f"{exact.numerator}/{exact.denominator}"
    number = json_number(float(content))
    plain = isinstance(number, float) and number.is_integer() and abs(number) < LARGEST_PLAIN_INTEGER
    return int(number) if plain and str(number) != "-0.0" else number


def _network(exercise: Exercise) -> dict[str, Any]:
    """Return weights, biases, notation, and the units if the weights do not say them."""
    notation = {name: part for name, part in asdict(exercise.notation).items() if part != _NOTATION[name]}
    weights, biases = _plain(exercise.weights), _plain(exercise.biases)
    matrices = _matrices(exercise, weights, biases)
    if matrices:
        notation = {name: part for name, part in notation.items() if (name, part) != ("gradients_apart", True)}
        return {**matrices, "units": [], "notation": notation}
    units = [{name: part for name, part in asdict(unit).items() if part != ""} for unit in exercise.units]
    own = [] if _say_their_units(exercise) else units
    return {"weights": weights, "biases": biases, "units": own, "notation": notation}


def _say_their_units(exercise: Exercise) -> bool:
    try:
        units = units_from_weights(exercise.weights, exercise.all_examples[0].inputs, exercise.biases)
    except ValueError:
        return False
    return tuple(units) == tuple(exercise.units)


def _matrices(exercise: Exercise, weights: dict[str, Any], biases: dict[str, Any]) -> dict[str, Any]:
    """Return the weights and biases by layer, or nothing if these would not make the same exercise again."""
    layers = exercise.network.layers
    matrices = [[[weights[name] for _, name in unit.weights] for unit in layer] for layer in layers]
    vectors = [[biases[unit.bias] for unit in layer if unit.bias] or None for layer in layers]
    try:
        again = layers_of(matrices, vectors if biases else {}, len(exercise.all_examples[0].inputs))
    except ValueError:
        return {}
    names = (tuple(again.units), list(again.weights), list(again.biases))
    if exercise.notation.gradients_apart is None or names != (tuple(exercise.units), list(weights), list(biases)):
        return {}
    return {"weights": matrices, "biases": vectors if biases else {}}


def _examples(exercise: Exercise) -> tuple[list[Any], list[Any]]:
    """Return the inputs and the target of each example, as lists where these give the same names."""
    inputs, targets = [], []
    for example in exercise.all_examples:
        own = _plain(example.inputs)
        usual = [f"x{number}" for number in range(1, len(own) + 1)]
        inputs.append(list(own.values()) if list(own) == usual else own)
        targets.append(_target(exercise, _plain(example.targets)))
    return inputs, targets


def _target(exercise: Exercise, own: dict[str, Any]) -> Any:
    if list(own) == ["y"]:
        return own["y"]
    usual = named_targets(list(own.values()), exercise.network.outputs, False)
    return list(own.values()) if list(own) == list(usual) else own


# --- Reading ---------------------------------------------------------------------------------------------------------


def read_exercise(entry: Entry, head: list[str]) -> Exercise:
    """Return the exercise of a file; `head` has the names of entries that say what kind of file it is."""
    needed = [field.name for field in fields(Exercise) if field.default is field.default_factory is MISSING]
    settings = {name: f'"optimizer": {example}' for name, example in SETTINGS.items()}
    found = entry.fields(needed, [*FIELDS, *head], settings)
    given = {name: FIELDS[name](part) for name, part in found.items() if name in FIELDS}
    with entry.checked():
        return Exercise(**given)


def _as_it_is(entry: Entry) -> Any:
    """Return content of texts, numbers, lists and objects; Exercise checks what fits."""
    if isinstance(entry.content, dict):
        return {name: _as_it_is(part) for name, part in entry.named().items()}
    if isinstance(entry.content, list):
        return [_as_it_is(item) for item in entry.items()]
    if isinstance(entry.content, float) and not math.isfinite(entry.content):  # `save` writes them as texts
        raise entry.error(f"expected a finite number, got {entry.content}.")
    return entry.content


def _units(entry: Entry) -> list[Unit]:
    return [_unit(item) for item in entry.items()]


def _unit(entry: Entry) -> Unit:
    pairs = dict.fromkeys(["terms", "inputs", "sum"], '"weights": [["x1", "w13"]], an input and its weight each')
    found = entry.fields(["pre", "post", "delta", "weights"], ["bias"], pairs)
    names = {name: part.text() for name, part in found.items() if name != "weights"}
    return Unit(weights=tuple(_pair(item) for item in found["weights"].items()), **names)


def _pair(entry: Entry) -> tuple[str, str]:
    names = [item.text() for item in entry.items()]
    if len(names) != 2:
        raise entry.error(f'expected an input and its weight, such as ["x1", "w13"], got {names}.')
    return names[0], names[1]


_NOTATION = asdict(Notation())


def _notation(entry: Entry) -> Notation:
    found = entry.fields([], list(_NOTATION))
    given: dict[str, Any] = {
        name: part.text() if isinstance(_NOTATION[name], str) else part.content and part.flag()
        for name, part in found.items()
    }
    return Notation(**given)


FIELDS: dict[str, Callable[[Entry], Any]] = {
    "title": Entry.text,
    **dict.fromkeys(["weights", "biases", "inputs", "target", "eta", "activation", "output_activation"], _as_it_is),
    "loss": Entry.text,
    "optimizer": _as_it_is,
    "update": Entry.text,
    "exact": Entry.flag,
    "fixed": lambda entry: [item.text() for item in entry.items()],
    "units": _units,
    "notation": _notation,
}
"""The entries of a file from the top down, each with its reader."""
