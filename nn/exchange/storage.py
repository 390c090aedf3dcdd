"""`save` and `load`: models and exercises in JSON files, with every number exact.

A file holds numbers, names and settings, but no code. You can write the file of an exercise by hand.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from autograd.table.scalars import alike, json_number, near
from nn.activations import Activation, activation
from nn.exchange.architecture import STATE, Plain, check_plain
from nn.exchange.exercise_files import FIELDS, exercise_content, read_exercise
from nn.exchange.files import read_file, write_file
from nn.exchange.text import OTHER_WORDS, Entry, FormatError, parsed, written
from nn.exercises.exercise import Exercise
from nn.layers import MLP, Layer, Neuron, parameter_labels

Saved: TypeAlias = MLP | Layer | Neuron | Exercise
"""What can be saved and loaded."""

FORMAT, VERSION = "gradstep", 1
_HEAD, _TAIL = ["format", "version", "kind"], ["labels", "checksum"]
"""The entries that a model's file must have, and those that it may have. The checksum of older files is ignored."""
_SAME = "same as"


def text_of(model: Saved) -> str:
    """Return the text of a model's file, after a check that it can be loaded.

    Raises TypeError if a file cannot express the model.
    """
    kind = type(model).__name__
    if type(model) not in (MLP, Layer, Neuron, Exercise):
        hint = STATE if hasattr(model, "state_dict") else "For other data, use Python's module json."
        raise TypeError(f"expected a model to save ({', '.join(_READERS)}), got {kind}. {hint}")
    if not isinstance(model, Exercise):
        check_plain(model)
    try:
        content = _content_of(model)
        again = model_of(parsed(written(_small(content)).encode()))
    except FormatError as error:
        raise TypeError(f"a file cannot express this {kind}: {error}") from error
    if not isinstance(model, Exercise) and not _has_usual_labels(model, again):
        content |= _own_labels(model, model_of(parsed(written(content).encode())))
    return written(content) + "\n"


def model_of(content: Any) -> Saved:
    """Return the model that the content of a file describes. Raises FormatError with the place of the mistake.

    >>> head = {"format": "gradstep", "version": 1.0, "kind": "Neuron"}
    >>> model_of(head | {"activation": {"name": "relu"}, "weights": [1.0, "one"], "bias": 0.0})
    Traceback (most recent call last):
        ...
    nn.FormatError: weights[1]: expected a number or one of the texts "inf", "-inf" and "nan", got "one".
    """
    whole = Entry(content)
    entries = whole.named() if isinstance(content, dict) else {}
    model: Saved = _READERS[_kind(whole, entries)](whole)
    if "labels" in entries and not isinstance(model, Exercise):
        _set_labels(model, entries["labels"])
    return model


def _kind(whole: Entry, entries: Mapping[str, Entry]) -> str:
    """Return what a file holds. An exercise need not say that it is one."""
    usual = {"format": Entry(FORMAT), "version": Entry(float(VERSION)), "kind": Entry("Exercise")}
    known = [name for name in entries if alike(OTHER_WORDS.get(name, name), FIELDS, 1)]
    if known and entries.get("kind", usual["kind"]).content == "Exercise":
        entries = {**usual, **entries}
    if "format" not in entries or entries["format"].content != FORMAT:
        raise whole.error(
            'expected an exercise, such as {"weights": ..., "inputs": ..., "target": ..., "eta": ...}, '
            f'or a saved model, with an entry "format": "{FORMAT}".'
        )
    version = whole.field("version", entries).whole(1)
    if version > VERSION:
        raise whole.error(
            f"the format has version {version}, but this gradstep reads version {VERSION}. Install a newer gradstep."
        )
    kind = whole.field("kind", entries)
    if kind.text() not in _READERS:
        raise kind.error(f"there is no kind {kind.content!r}; try {near(kind.content, _READERS)}.")
    return kind.text()


def _content_of(model: Saved) -> dict[str, Any]:
    content = {"format": FORMAT, "version": VERSION, "kind": type(model).__name__}
    if isinstance(model, Exercise):
        return content | exercise_content(model)
    if isinstance(model, Neuron):
        return content | _neuron_content(model)
    if isinstance(model, Layer):
        return content | _layer_content(model, {})
    places: dict[int, str] = {}
    layers = [_layer_content(layer, places, f"layers[{at}].") for at, layer in enumerate(model.layers)]
    return content | {"layers": layers}


def _small(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content with one weight in place of those of each layer if their sizes fit: it is soon read."""
    if content["kind"] not in ("MLP", "Layer"):
        return content
    layers = content.get("layers", [content])
    units = [len(layer["biases"]) for layer in layers]
    if not layers or not all(units):
        return content
    inputs = [len(layers[0]["weights"][0]), *units]
    for layer, expected in zip(layers, inputs, strict=False):
        if not expected or any(len(row) != expected for row in layer["weights"]):
            return content
    one = [layer | {"weights": [[0.0]], "biases": [0.0]} for layer in layers]
    return content | ({"layers": one} if "layers" in content else one[0])


def _has_usual_labels(model: Plain, usual: Any) -> bool:
    """Say whether a model has the labels of a new one; `usual` is new, but may have fewer weights."""
    if isinstance(model, Neuron):
        return False
    layers, new = [each.layers if isinstance(each, MLP) else [each] for each in (model, usual)]
    for layer, made in zip(layers, new, strict=True):
        found = [each.label for each in layer.activation.parameters()]
        labels = [each.label for each in made.activation.parameters()]
        for place, neuron in enumerate(layer.neurons):
            found += [each.label for each in (*neuron.weights, neuron.bias)]
            labels += parameter_labels(len(neuron.weights), made.neurons[0].suffixes[0], f"_{place}")
        if found != labels:
            return False
    return True


def _own_labels(model: Plain, usual: Any) -> dict[str, Any]:
    """Return the labels, by path, that differ from those that a new model of this shape gets."""
    given = dict(usual.named_parameters())
    labels = {path: found.label for path, found in model.named_parameters() if found.label != given[path].label}
    return {"labels": labels} if labels else {}


def _set_labels(model: Plain, entry: Entry) -> None:
    named = dict(model.named_parameters())
    for path, part in entry.named().items():
        if path not in named:
            raise part.error(f"the model has no such parameter; try {next(iter(named))}.")
        named[path].label = None if part.content is None else part.text()


def _activation_content(chosen: Activation) -> dict[str, Any]:
    return {"name": chosen.name} | {name: json_number(number) for name, number in (chosen.settings or {}).items()}


def _activation(entry: Entry, made: dict[str, Activation]) -> Activation:
    """Return an activation, and add it to `made`: the activations of earlier layers, by their places."""
    found = entry.named()
    if _SAME in found:
        same = entry.fields([_SAME])[_SAME]
        if same.text() not in made:
            raise same.error(f"there is no earlier {same.content!r}; there is {', '.join(made) or 'none'}.")
        return made[same.content]
    name = entry.fields(["name"], list(found))["name"].text()
    settings = {setting: part.number() for setting, part in found.items() if setting != "name"}
    with entry.checked():
        made[entry.place] = activation(name, **settings)
    return made[entry.place]


def _neuron_content(neuron: Neuron) -> dict[str, Any]:
    return {
        "suffixes": list(neuron.suffixes),
        "activation": _activation_content(neuron.activation),
        "weights": [json_number(weight.data) for weight in neuron.weights],
        "bias": json_number(neuron.bias.data),
    }


def _neuron(entry: Entry) -> Neuron:
    found = entry.fields([*_HEAD, "activation", "weights", "bias"], ["suffixes", *_TAIL])
    suffixes = [part.text() for part in found["suffixes"].items()] if "suffixes" in found else ["", ""]
    if len(suffixes) != 2:
        raise found["suffixes"].error(f"expected two texts, for the layer and the unit, got {len(suffixes)}.")
    weights, bias = found["weights"].numbers(), found["bias"].number()
    chosen = _activation(found["activation"], {})
    with found["weights"].checked():
        return Neuron(weights, bias, chosen, suffixes=(suffixes[0], suffixes[1]))


def _layer_content(layer: Layer, places: dict[int, str], place: str = "") -> dict[str, Any]:
    """Return the content of a layer; `places` has the first place of each shared learned activation."""
    first = places.get(id(layer.activation))
    if layer.activation.parameters():
        places.setdefault(id(layer.activation), f"{place}activation")
    return {
        "number": layer.number,
        "activation": {_SAME: first} if first else _activation_content(layer.activation),
        "weights": [[json_number(weight.data) for weight in neuron.weights] for neuron in layer.neurons],
        "biases": [json_number(neuron.bias.data) for neuron in layer.neurons],
    }


def _layer(entry: Entry) -> Layer:
    return _layer_within(entry, {}, [*_HEAD, *_TAIL])


def _layer_within(entry: Entry, made: dict[str, Activation], around: list[str]) -> Layer:
    found = entry.fields(["activation", "weights", "biases"], ["number", *around])
    number = found["number"].whole(0) if "number" in found and found["number"].content is not None else None
    weights = [row.numbers() for row in found["weights"].items()]
    biases = found["biases"].numbers()
    chosen = _activation(found["activation"], made)
    with entry.checked():
        return Layer(weights, biases, chosen, number=number)


def _mlp(entry: Entry) -> MLP:
    layers = entry.fields([*_HEAD, "layers"], _TAIL)["layers"]
    made: dict[str, Activation] = {}
    with layers.checked():
        return MLP.from_layers([_layer_within(layer, made, []) for layer in layers.items()])


def _exercise(entry: Entry) -> Exercise:
    return read_exercise(entry, [*_HEAD, "checksum"])


_READERS: dict[str, Callable[[Entry], Any]] = {"MLP": _mlp, "Layer": _layer, "Neuron": _neuron, "Exercise": _exercise}


def save(model: Saved, path: str | Path) -> Path:
    """Write an MLP, Layer, Neuron or Exercise to a JSON file, and return the path; `load` reads it.

    The file keeps every number exactly (infinities and nan too), the activations with their settings, and the labels,
    but no gradients. It is written completely or not at all. Raises TypeError for any other object, and for a model
    that a file cannot express, such as one with your own activation; OSError if the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> from nn import MLP
    >>> mlp = MLP(2, [3, 1], "tanh", seed=1)
    >>> with TemporaryDirectory() as folder:
    ...     again = load(save(mlp, f"{folder}/mlp.json"))
    >>> again, again.state_dict() == mlp.state_dict()
    (MLP(2 -> 3 tanh -> 1 linear, 13 parameters), True)
    """
    path = Path(path)
    write_file(path, text_of(model).encode())
    return path


def load(path: str | Path) -> Saved:
    """Return the model or exercise of a file that `save` wrote, or that you typed.

    A typed file may have comments, single quotes, names without quotes, and a comma before a bracket; an exercise needs
    no format, version and kind. Raises FormatError if the file is damaged, of another kind or of a newer version; the
    error says where, and what to write instead. Raises OSError if the file cannot be read.
    """
    path = Path(path)
    content = read_file(path)
    try:
        return model_of(parsed(content))
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error
