"""What an exercise is given: numbers as people write them, inputs and targets of each example, weights by layer.

A number may be a text such as "1/3" or "0,5"; the float of a fraction keeps the fraction.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from inspect import signature
from typing import Any, NamedTuple, Self

from autograd import Value
from autograd.table.scalars import as_float, counted, format_number, got, is_number, near, spelled
from autograd.table.visible import visible
from nn.activations import Activation, activation, activation_row
from nn.exercises.network import Unit, units_from_shapes
from nn.optim import OPTIMIZERS, Optimizer

SETTINGS = {
    "momentum": '{"sgd": {"momentum": 0.9}}',
    "nesterov": '{"sgd": {"momentum": 0.9, "nesterov": true}}',
    "weight_decay": '{"sgd": {"weight_decay": 0.01}}',
    "betas": '{"adam": {"betas": [0.9, 0.999]}}',
    "eps": '{"adam": {"eps": 1e-8}}',
}
"""The settings of optimizers, each with an example of how an exercise says it."""
_FRACTION = re.compile(r"[-+]?\d+/\d+")


class Choice(NamedTuple):
    """An activation by its name, with the settings that differ from the usual ones."""

    name: str
    settings: Mapping[str, float]

    @property
    def content(self) -> Any:
        """The choice as it is given: a name, or a name with settings."""
        return {self.name: dict(self.settings)} if self.settings else self.name

    @property
    def fractions(self) -> dict[str, Fraction]:
        """The settings that are fractions, by the `repr` of their floats, which are plain numbers in formulas."""
        return fractions_in({repr(number): number for number in self.settings.values()})

    def applied(self, pre: Value, learned: Value | None = None) -> Value:
        """Return the activation of a unit, as a Value of its own; `learned` is its learned setting."""
        function = activation_row(self.name).function
        assert function is not None, "a softmax is for the whole layer"
        post: Value = function(pre, **self.settings) if learned is None else function(pre, learned)
        return +post if post is pre else post

    def learning(self, numbers: Mapping[str, float], names: Sequence[str]) -> Any:
        """Return the content of this choice with its learned setting as a new number, by its name in the network."""
        if not names or names[0] not in numbers:
            return self.content
        [setting] = activation_row(self.name).settings
        return {self.name: {setting: numbers[names[0]]}}


class Example(NamedTuple):
    """The inputs and the targets of one training example, by name."""

    inputs: Mapping[str, float]
    targets: Mapping[str, float]


class GivenFraction(float):
    """A float with the fraction that it stands for."""

    fraction: Fraction

    def __new__(cls, fraction: Fraction, number: float | None = None) -> Self:
        """Return this float, or the one that is nearest to the fraction."""
        made = super().__new__(cls, fraction if number is None else number)
        made.fraction = fraction
        return made


def number_of(given: Any, asked: str) -> float:
    """Return a number; a fraction stays one. Raises TypeError or ValueError if it is none; `asked` says what was asked.

    >>> number_of("0,5", "w13"), number_of("1/3", "w13").fraction
    (0.5, Fraction(1, 3))
    """
    exact = fraction_of(given)
    if exact is not None:
        return GivenFraction(exact)
    if isinstance(given, str):
        return _decimal(given, asked)
    if isinstance(given, bool) or not is_number(given):
        raise TypeError(_no_number(given, asked))
    return as_float(given, asked)


def numbers_by_name(given: Any, what: str, example: str) -> dict[str, float]:
    """Return numbers by name: `what` is "weight", for example."""
    if not isinstance(given, Mapping):
        raise TypeError(f"expected {example}, got {shown(given)}.")
    return {str(name): number_of(number, f"the {what} {name}") for name, number in given.items()}


def fractions_in(numbers: Mapping[str, float]) -> dict[str, Fraction]:
    """Return those of the numbers that are fractions, by name."""
    return {name: number.fraction for name, number in numbers.items() if isinstance(number, GivenFraction)}


def fraction_of(given: Any) -> Fraction | None:
    """Return a number that is given as a fraction; None for any other.

    >>> fraction_of("1/3"), fraction_of(0.5)
    (Fraction(1, 3), None)
    """
    if isinstance(given, (Fraction, GivenFraction)):
        return given if isinstance(given, Fraction) else given.fraction
    text = _plain(given) if isinstance(given, str) else ""
    if _FRACTION.fullmatch(text) and not text.endswith("/0"):
        return Fraction(text)
    return None


def _plain(text: str) -> str:
    return text.strip().replace("\N{MINUS SIGN}", "-").replace(" ", "")


def _decimal(text: str, asked: str) -> float:
    plain = _plain(text)
    plain = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
    try:
        return float(plain)
    except ValueError:
        raise ValueError(_no_number(text, asked)) from None


def _no_number(given: Any, asked: str) -> str:
    return f'expected a number for {asked}, such as -3, 0.5 or "1/3", got {shown(given)}.'


def shown(given: Any) -> str:
    """Return what was given, as people write it, for a message.

    >>> shown([1.0, "a", None]), shown({"w13": 0.5})
    ("[1, 'a', None]", "{'w13': 0.5}")
    """
    if isinstance(given, Mapping):
        text = f"{{{', '.join(f'{name!r}: {shown(part)}' for name, part in given.items())}}}"
    elif is_list(given):
        text = f"[{', '.join(map(shown, given))}]"
    elif isinstance(given, float) and given.is_integer():
        text = format_number(given)
    else:
        text = repr(given) if given is None or isinstance(given, (str, int, float)) else got(given)
    return text if len(text) <= 60 else f"{text[:57]}..."


def is_list(given: Any) -> bool:
    """Say whether something is a list of any kind: not a text, and not numbers by name."""
    return hasattr(given, "__len__") and hasattr(given, "__getitem__") and not isinstance(given, (str, bytes, Mapping))


def choices(given: Any, output: Any, layers: int) -> list[Choice]:
    """Return the activation of each layer, from one for all, or one for the hidden units and one for the outputs."""
    if is_list(given):
        if output:
            raise ValueError("an activation for each layer is given; leave output_activation out.")
        if len(given) != layers:
            raise ValueError(f"expected {counted(layers, 'activation')}, one for each layer, got {len(given)}.")
        return [_choice(item) for item in given]
    hidden = _choice(given)
    return [*[hidden] * (layers - 1), _choice(output) if output else hidden]


def _choice(given: Any) -> Choice:
    if isinstance(given, Activation):
        settings = given.settings
        if settings is None:
            raise TypeError(
                f"expected the name of an activation, got {given!r}, a function of your own. Make it an operation by "
                "autograd.operation."
            )
        given = {given.name: settings}
    if isinstance(given, Mapping) and len(given) == 1:
        [(name, settings)] = given.items()
        if isinstance(settings, Mapping):
            chosen = {key: number_of(number, f"{key} of {name}") for key, number in settings.items()}
            return Choice(activation(str(name), **chosen).name, chosen)
    if not isinstance(given, str) and not callable(given):
        raise TypeError(
            f'expected an activation, such as "tanh" or {{"leaky_relu": {{"slope": 0.1}}}}, got {shown(given)}.'
        )
    return _choice(activation(given)) if callable(given) else Choice(activation(given).name, {})


def optimizer_of(given: Any, parameters: Sequence[Value], lr: float) -> Optimizer:
    """Return an optimizer by its name, or by its name with settings: {"sgd": {"momentum": 0.9}}.

    Raises ValueError or TypeError for an unknown name or setting.
    """
    settings: Any = {}
    asked = given
    if isinstance(given, Mapping) and len(given) == 1:
        [(given, settings)] = given.items()
    if isinstance(given, str) and given in SETTINGS:
        raise ValueError(f"{given} is a setting of an optimizer; try {SETTINGS[given]}.")
    if not isinstance(given, str) or not isinstance(settings, Mapping):
        raise TypeError(f'expected an optimizer, such as "adam" or {{"sgd": {{"momentum": 0.9}}}}, got {shown(asked)}.')
    given = spelled(given, OPTIMIZERS)
    if given not in OPTIMIZERS:
        raise ValueError(f"there is no optimizer {given!r}; try {near(given, OPTIMIZERS)}.")
    kind = OPTIMIZERS[given]
    known = [name for name in signature(kind).parameters if name not in ("parameters", "lr")]
    for name in settings:
        if name in ("lr", "eta", "learning_rate", "rate"):
            raise ValueError(
                f"{given} has no setting {name!r}: the learning rate is eta, as in eta: 0.1, beside the optimizer."
            )
        if name not in known:
            raise ValueError(f"{given} has no setting {name!r}; try {near(name, known)}.")
    chosen = {name: _setting(content, name) for name, content in settings.items()}
    return kind(parameters, lr, **chosen)


def fractions_of(optimizer: Optimizer, given: Any) -> dict[str, Fraction]:
    """Return those settings of an optimizer that were given as fractions, by their names in formulas.

    >>> given = {"sgd": {"momentum": "1/3"}}
    >>> fractions_of(optimizer_of(given, [Value(2)], 0.1), given)
    {'mu': Fraction(1, 3)}
    """
    settings = next(iter(given.values())) if isinstance(given, Mapping) else {}
    parts = [part for setting in settings.values() for part in (setting if is_list(setting) else [setting])]
    found = {float(fraction): fraction for fraction in map(fraction_of, parts) if fraction is not None}
    return {name: found[number] for name, number in optimizer.settings.items() if number in found and name != "lr"}


def _setting(given: Any, name: str) -> Any:
    if is_list(given):
        return tuple(_setting(item, name) for item in given)
    return given if isinstance(given, bool) else number_of(given, name)


class Layers(NamedTuple):
    """Layers given by matrices: their units, and all weights and biases by name."""

    units: list[Unit]
    weights: dict[str, Any]
    biases: dict[str, Any]


def layers_of(matrices: Sequence[Any], vectors: Any, inputs: int) -> Layers:
    """Return layers from a matrix of weights for each, one row a unit, and from a list of biases for each, or none.

    Raises ValueError that names the matrix or row that does not fit.
    """
    if not len(matrices):
        raise ValueError("expected a matrix of weights for each layer, got none.")
    for layer, matrix in enumerate(matrices, start=1):
        if not is_list(matrix) or not len(matrix):
            raise TypeError(
                f"expected a matrix such as [[1, 2], [3, 4]] as layer {layer} of the weights, got {shown(matrix)}."
            )
    rows = [[list(row) if is_list(row) else [row] for row in matrix] for matrix in matrices]
    flat = not any(is_list(row) for matrix in matrices for row in matrix)
    _check_shapes(rows, inputs, " A layer is a list of rows, such as [[1, 2], [3, 4]]." if flat else "")
    biases = _biases(vectors, [len(matrix) for matrix in rows])
    units = units_from_shapes([(len(matrix), len(matrix[0])) for matrix in rows], [bool(own) for own in biases])
    numbers = (number for matrix in rows for row in matrix for number in row)
    weights = dict(zip((weight for unit in units for _, weight in unit.weights), numbers, strict=True))
    of_units = dict(zip((unit.bias for unit in units if unit.bias), (b for own in biases for b in own), strict=True))
    return Layers(units, weights, of_units)


def _check_shapes(rows: list[list[list[Any]]], inputs: int, hint: str) -> None:
    before = inputs
    for layer, matrix in enumerate(rows, start=1):
        for number, row in enumerate(matrix, start=1):
            if len(row) != before:
                below = "input" if layer == 1 else f"unit of layer {layer - 1}"
                raise ValueError(
                    f"row {number} of the weights of layer {layer} has {counted(len(row), 'number')}, but needs "
                    f"{before}, one for each {below}.{hint}"
                )
        before = len(matrix)


def _biases(vectors: Any, sizes: list[int]) -> list[list[Any]]:
    if isinstance(vectors, Mapping) and not vectors:
        return [[] for _ in sizes]
    if not is_list(vectors) or len(vectors) != len(sizes):
        raise ValueError(
            f"expected a list of biases for each of the {counted(len(sizes), 'layer')}, such as [[1, 2], [3]], got "
            f"{shown(vectors)}."
        )
    found = []
    for layer, (vector, size) in enumerate(zip(vectors, sizes, strict=True), start=1):
        own = [] if vector is None else list(vector) if is_list(vector) else [vector]
        if own and len(own) != size:
            raise ValueError(
                f"expected a list of {size} for the biases of layer {layer}, one for each unit, got {shown(vector)}."
            )
        found.append(own)
    return found


def inputs_of(given: Any) -> list[Any]:
    """Return the inputs of each example: a list of examples as it is, one example as a list of one.

    >>> inputs_of([1, -1]), inputs_of([[0, 1], [1, 1]])
    ([[1, -1]], [[0, 1], [1, 1]])
    """
    several = is_list(given) and any(is_list(item) or isinstance(item, Mapping) for item in given)
    return list(given) if several else [given]


def named_inputs(given: Any, of: str = "") -> dict[str, float]:
    """Return the inputs of an example by name; those of a list are x1, x2, ... Messages say `of`: " of example 2"."""
    if is_list(given):
        given = {f"x{place}": number for place, number in enumerate(given, start=1)}
    if not isinstance(given, Mapping):
        raise TypeError(f"expected a list such as [1, -1] for the inputs{of}, got {shown(given)}.")
    return {str(name): number_of(number, f"the input {name}{of}") for name, number in given.items()}


def named_targets(given: Any, outputs: Sequence[Unit], classes: bool, of: str = "") -> dict[str, float]:
    """Return the targets of an example by name, in the order of the outputs; a name ends in the number of its output.

    With `classes`, a number is the number of a class, counted from 0.
    """
    if classes and not is_list(given) and not isinstance(given, Mapping):
        given = _one_hot(given, len(outputs), of)
    if is_list(given):
        ends = [_ending(unit.post) for unit in outputs]
        usable = len(ends) == len(given) and all(ends) and len(set(ends)) == len(ends)
        places = ends if usable else map(str, range(1, len(given) + 1))
        given = {f"t{place}": number for place, number in zip(places, given, strict=False)}
    elif not isinstance(given, Mapping):
        given = {"y": given}
    named = {str(name): number_of(number, f"the target {name}{of}") for name, number in given.items()}
    return _ordered_targets(named, outputs)


def _one_hot(given: Any, count: int, of: str) -> list[float]:
    if not is_number(given) or given not in range(count):
        raise ValueError(
            f"expected the number of a class from 0 to {count - 1} for the target{of}, got {shown(given)}."
        )
    return [float(place == given) for place in range(count)]


def _ordered_targets(named: dict[str, float], outputs: Sequence[Unit]) -> dict[str, float]:
    if len(named) != len(outputs):
        return named
    if len(outputs) == 1:
        [target], [output] = named, outputs
        if _ending(target) not in {"", "1", _ending(output.post)} and _ending(output.post):
            raise ValueError(f"there is no output for the target {visible(target)}; the only output is {output.post}.")
        return named
    by_number = {_ending(name): name for name in named}
    wanted = [_ending(unit.post) for unit in outputs]
    if set(by_number) != set(wanted) or len(by_number) < len(named):
        known = ", ".join(unit.post for unit in outputs)
        raise ValueError(
            f"expected targets named after the outputs ({known}), as t3 for y3, got {visible(', '.join(named))}."
        )
    return {by_number[number]: named[by_number[number]] for number in wanted}


def _ending(name: str) -> str:
    """Return the number at the end of a name, as text, or ""."""
    return name[len(name.rstrip("0123456789")) :]
