"""The matrix form of a solved exercise: Z, A, dZ, dW and db of each layer, with one column per example.

The formulas are those of `nn.equations`; the numbers are those of the solution's recorded graph.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from autograd.passes.lines import BACKWARD, FORWARD, UPDATE
from autograd.passes.updates import assignments
from autograd.symbols.differentiation import derivative_formula
from autograd.symbols.expression import Constant, Expression, Symbol
from autograd.symbols.indices import new_name
from autograd.symbols.substitution import substituted
from nn.exercises.exercise import Exercise, Solution
from nn.exercises.network import Unit
from nn.exercises.recording import SOFTMAX
from nn.losses import LOSSES

Rows: TypeAlias = list[list[float]]


class Matrix(NamedTuple):
    """A matrix, or a number, by its name; `is_transposed` if its transpose is meant."""

    name: str
    rows: Rows | float
    is_transposed: bool = False

    @property
    def T(self) -> "Matrix":  # noqa: N802 - as in mathematics
        """The transpose."""
        return self._replace(is_transposed=True)


Piece: TypeAlias = Matrix | Expression | str
"""A matrix, a formula of matrices that holds entry by entry, or a sign; "*" multiplies entry by entry."""


class MatrixLine(NamedTuple):
    """A line `matrix = pieces`. Without pieces, the matrix is given; `known` has the matrices in its formulas."""

    matrix: Matrix
    pieces: Sequence[Piece]
    part: str
    known: Sequence[Matrix] = ()


class _Layer(NamedTuple):
    """A layer of units that all have the same inputs."""

    number: int
    sources: Sequence[str]
    units: Sequence[Unit]
    function: str


def matrix_lines(solution: Solution) -> list[MatrixLine]:
    """Return the lines of a solution in matrix form: what is given, then forward, backward and update.

    Raises ValueError that says why an exercise has no matrix form.

    >>> from nn import relu_exercise
    >>> for line in matrix_lines(relu_exercise().solve())[:4]:
    ...     print(line.part, line.matrix.name, line.matrix.rows)
    Matrices X [[1.0], [-1.0]]
    Matrices Y [[0.0]]
    Matrices W1 [[2.0, -3.0], [1.0, 4.0]]
    Matrices W2 [[2.0, -1.0]]
    """
    return list(_Form(solution).lines())


class _Form:
    """The matrices of a solution."""

    def __init__(self, solution: Solution) -> None:
        self.solution, self.plan = solution, solution.exercise.plan
        self.layers = _layers(solution.exercise)
        self.places = range(1, len(self.plan.examples) + 1)
        self.scale = len(self.places) if self.plan.average else 1

    def lines(self) -> Iterator[MatrixLine]:
        """Yield all lines."""
        yield from (MatrixLine(matrix, (), "Matrices") for matrix in self._given())
        for layer in self.layers:
            bias: list[Piece] = [" + ", self._bias(layer)] if layer.units[0].bias else []
            z = self._numbers("Z", layer)
            yield MatrixLine(z, [self._weights(layer), " ", self._below(layer), *bias], FORWARD)
            yield MatrixLine(self._numbers("A", layer), [f"{layer.function}(", z, ")"], FORWARD)
        for layer in reversed(self.layers):
            yield from self._backward(layer)
        for layer in self.layers:
            yield from self._update(layer)

    def _given(self) -> Iterator[Matrix]:
        yield self._below(self.layers[0])
        yield self._targets()
        for layer in self.layers:
            yield self._weights(layer)
            if layer.units[0].bias:
                yield self._bias(layer)

    def _backward(self, layer: _Layer) -> Iterator[MatrixLine]:
        dz = self._numbers("dZ", layer)
        slope: list[Piece] = [f"{layer.function}'(", self._numbers("Z", layer), ")"]
        if layer is self.layers[-1]:
            known = [self._numbers("A", layer), self._targets()]
            signal, is_whole = self._signal(*known)
            yield MatrixLine(dz, [signal] if is_whole else ["(", signal, ") * ", *slope], BACKWARD, known)
        else:
            above = self.layers[layer.number]
            pieces: list[Piece] = ["(", self._weights(above).T, " ", self._numbers("dZ", above), ") * ", *slope]
            yield MatrixLine(dz, pieces, BACKWARD)
        share: list[Piece] = [f"1/{self.scale} "] if self.scale > 1 else []
        if self._is_adjusted(layer.units[0].weights[0][1]):
            yield MatrixLine(self._gradient("W", layer), [*share, dz, " ", self._below(layer).T], BACKWARD)
        if self._is_adjusted(layer.units[0].bias):
            ones: list[Piece] = [" ", Matrix("ones", [[1.0]] * len(self.places))] if len(self.places) > 1 else []
            yield MatrixLine(self._gradient("b", layer), [*share, dz, *ones], BACKWARD)

    def _signal(self, a: Matrix, y: Matrix) -> tuple[Expression, bool]:
        """Return the slope of the loss of one example as a formula of A and Y, and whether it is in Z, not in A."""
        loss = LOSSES[self.plan.loss]
        if loss.identity:
            return loss.identity.signal(Symbol(a.name), Symbol(y.name)), True
        pairs = [(Symbol(f"a{place}"), Symbol(f"y{place}")) for place, _ in enumerate(self.layers[-1].units)]
        slope = derivative_formula(loss.of_example(pairs, Constant(1.0)), "a0")
        return substituted(slope, {"a0": Symbol(a.name), "y0": Symbol(y.name)}), False

    def _update(self, layer: _Layer) -> Iterator[MatrixLine]:
        optimizer = self.solution.optimizer
        formulas = assignments(optimizer, optimizer.quantities(optimizer.parameters[0]))
        for letter, before in (("W", self._weights(layer)), ("b", self._bias(layer))):
            names = _names(letter, layer)
            if self._is_adjusted(names[0][0]):
                after = Matrix(new_name(before.name), [[self.solution.after[name] for name in row] for row in names])
                eta = Matrix(self.plan.notation.eta, self.solution.exercise.eta)
                step: list[Piece] = [before, " - ", eta, " ", self._gradient(letter, layer)]
                yield MatrixLine(after, step if len(formulas) == 1 else [], UPDATE)

    def _below(self, layer: _Layer) -> Matrix:
        """Return X, or A of the layer before."""
        if layer.number > 1:
            return self._numbers("A", self.layers[layer.number - 2])
        return Matrix("X", [[self._value(name, place) for place in self.places] for name in layer.sources])

    def _targets(self) -> Matrix:
        rows = zip(*(example.targets.values() for example in self.plan.examples), strict=True)
        return Matrix("Y", [list(row) for row in rows])

    def _weights(self, layer: _Layer) -> Matrix:
        return self._given_matrix("W", layer)

    def _bias(self, layer: _Layer) -> Matrix:
        return self._given_matrix("b", layer)

    def _given_matrix(self, letter: str, layer: _Layer) -> Matrix:
        rows = [[self.plan.numbers[name] for name in row if name] for row in _names(letter, layer)]
        return Matrix(f"{letter}{layer.number}", rows)

    def _gradient(self, letter: str, layer: _Layer) -> Matrix:
        gradients = self.solution.gradients
        return Matrix(f"d{letter}{layer.number}", [[gradients[name] for name in row] for row in _names(letter, layer)])

    def _numbers(self, letter: str, layer: _Layer) -> Matrix:
        """Return Z, A or dZ. dZ is of each example alone, as in `nn.equations`, also if the loss is a mean."""
        names = [unit.post if letter == "A" else unit.pre for unit in layer.units]
        rows = [[self._value(name, place, letter == "dZ") for place in self.places] for name in names]
        return Matrix(f"{letter}{layer.number}", rows)

    def _value(self, name: str, place: int, gradient: bool = False) -> float:
        value = self.solution.values[f"{name}{self.plan.suffix(place)}"]
        return (value.grad or 0.0) * self.scale if gradient else value.data

    def _is_adjusted(self, name: str) -> bool:
        return name in self.solution.before


def _names(letter: str, layer: _Layer) -> list[list[str]]:
    """Return the names of the weights, or of the biases as a column."""
    if letter == "b":
        return [[unit.bias] for unit in layer.units]
    return [[dict(unit.weights)[source] for source in layer.sources] for unit in layer.units]


def _layers(exercise: Exercise) -> list[_Layer]:
    sources: Sequence[str] = list(exercise.plan.examples[0].inputs)
    layers = []
    for number, units in enumerate(exercise.network.layers, start=1):
        name, choice = exercise.plan.functions[units[0]]
        layer = _Layer(number, sources, units, SOFTMAX if choice.name == SOFTMAX else name)
        for problem in _problems(exercise, layer):
            raise ValueError(f"this exercise has no matrix form: {problem}.")
        layers.append(layer)
        sources = [unit.post for unit in units]
    uses = Counter(name for layer in layers for letter in "Wb" for row in _names(letter, layer) for name in row if name)
    for name, count in uses.items():
        if count > 1 and name not in exercise.plan.fixed:
            raise ValueError(f"this exercise has no matrix form: {name} is used {count} times.")
    return layers


def _problems(exercise: Exercise, layer: _Layer) -> Iterator[str]:
    plan = exercise.plan
    for unit in layer.units:
        if sorted(source for source, _ in unit.weights) != sorted(layer.sources):
            yield f"{unit.post} has other inputs than {', '.join(layer.sources)}"
        if unit in plan.learned:
            yield f"the activation of {unit.post} has a number that is learned"
        if plan.functions[unit] != plan.functions[layer.units[0]]:
            yield f"the units of layer {layer.number} have different activations"
    for letter, what in (("W", "weights"), ("b", "biases")):
        names = [name for row in _names(letter, layer) for name in row]
        if len({name in plan.fixed for name in names}) > 1 or ("" in names and any(names)):
            yield f"only some of the {what} of layer {layer.number} are {'missing' if '' in names else 'fixed'}"
