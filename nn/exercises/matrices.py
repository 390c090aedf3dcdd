"""The matrix form of a solved exercise: Z, A, dZ, dW and db of each layer, with one column per example.

The numbers are those of the solution's lines: dZ is the derivative of the whole loss, so the 1/m of a mean is in it.
The update has the optimizer's formulas as they are taught, with a matrix for each of its quantities.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple, TypeAlias

from autograd.passes.lines import BACKWARD, FORWARD, LOSS, UPDATE
from autograd.passes.updates import GRADIENT, PARAMETER, Move, moves, quantity, result_name, results_of
from autograd.symbols.differentiation import derivative_formula
from autograd.symbols.expression import Constant, Expression, Symbol, name_of
from autograd.symbols.substitution import substituted, symbol_names
from nn.exercises.exercise import Exercise, Solution
from nn.exercises.network import Unit
from nn.exercises.recording import SOFTMAX, gradient_name, is_saturated
from nn.losses import LOSSES

Rows: TypeAlias = list[list[float]]
"""The numbers of a matrix; in an exact exercise, fractions are Fractions."""


class Matrix(NamedTuple):
    """A matrix, or a number, with its symbol; `is_transposed` if its transpose is meant."""

    symbol: Expression
    rows: Rows | float
    is_transposed: bool = False

    @property
    def name(self) -> str:
        """The symbol as text."""
        return name_of(self.symbol)

    @property
    def is_number(self) -> bool:
        """Whether this is a number."""
        return not isinstance(self.rows, list)

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
    """Return the lines of a solution in matrix form: what is given, then forward, loss, backward and update.

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
        self.share: list[Piece] = [f"1/{len(self.places)} "] if self.plan.average and len(self.places) > 1 else []

    def lines(self) -> Iterator[MatrixLine]:
        """Yield all lines."""
        yield from (MatrixLine(matrix, (), "Matrices") for matrix in self._given())
        for layer in self.layers:
            bias: list[Piece] = [" + ", self._bias(layer)] if layer.units[0].bias else []
            z = self._numbers("Z", layer)
            yield MatrixLine(z, [self._weights(layer), " ", self._below(layer), *bias], FORWARD)
            yield MatrixLine(self._numbers("A", layer), [f"{layer.function}(", z, ")"], FORWARD)
        yield self._loss()
        for layer in reversed(self.layers):
            yield from self._backward(layer)
        updates = [line for layer in self.layers for line in self._update(layer)]
        yield from {line.matrix.name: line for line in updates}.values()  # a number of all weights is computed once

    def _given(self) -> Iterator[Matrix]:
        yield self._below(self.layers[0])
        yield self._targets()
        for layer in self.layers:
            yield self._weights(layer)
            if layer.units[0].bias:
                yield self._bias(layer)

    def _loss(self) -> MatrixLine:
        """Return the loss: a factor, and the sum over the entries of a formula of A and Y."""
        last, loss = self.layers[-1], LOSSES[self.plan.loss]
        saturated = is_saturated(self.plan.loss, self.solution.predictions)
        known = [self._numbers("Z" if saturated else "A", last), self._targets()]
        name = self.plan.notation.loss
        total = Matrix(Symbol(name), self._exact(name, self.solution.loss))
        if saturated and loss.identity and loss.identity.of_outputs:
            return MatrixLine(total, (), LOSS)  # its logarithm is of a whole column
        pair = known[0].symbol, known[1].symbol
        terms = loss.of_example([pair], Constant(1.0), saturated) if loss.identity else loss.formula(*pair)
        parts = 1 if loss.identity else round(len(last.units) / loss.join([1.0] * len(last.units), 1.0))
        parts *= len(self.places) if self.plan.average else 1
        factor: list[Piece] = [f"1/{parts} "] if parts > 1 else []
        return MatrixLine(total, [*factor, "sum(", terms, ")"], LOSS, known)

    def _backward(self, layer: _Layer) -> Iterator[MatrixLine]:
        dz = self._numbers("dZ", layer)
        slope: list[Piece] = [f"{layer.function}'(", self._numbers("Z", layer), ")"]
        if layer is self.layers[-1]:
            known = [self._numbers("A", layer), self._targets()]
            signal, is_whole = self._signal(*known)
            whole: list[Piece] = ["(", signal, ")"] if self.share else [signal]
            yield MatrixLine(
                dz, [*self.share, *(whole if is_whole else ["(", signal, ") * ", *slope])], BACKWARD, known
            )
        else:
            above = self.layers[layer.number]
            pieces: list[Piece] = ["(", self._weights(above).T, " ", self._numbers("dZ", above), ") * ", *slope]
            yield MatrixLine(dz, pieces, BACKWARD)
        if self._is_adjusted(layer.units[0].weights[0][1]):
            yield MatrixLine(self._gradient("W", layer), [dz, " ", self._below(layer).T], BACKWARD)
        if self._is_adjusted(layer.units[0].bias):
            ones: list[Piece] = (
                [" ", Matrix(Symbol("ones"), [[1.0]] * len(self.places))] if len(self.places) > 1 else []
            )
            yield MatrixLine(self._gradient("b", layer), [dz, *ones], BACKWARD)

    def _signal(self, a: Matrix, y: Matrix) -> tuple[Expression, bool]:
        """Return the slope of the loss of one example as a formula of A and Y, and whether it is in Z, not in A."""
        loss = LOSSES[self.plan.loss]
        if loss.identity:
            return loss.identity.signal(a.symbol, y.symbol), True
        pairs = [(Symbol(f"a{place}"), Symbol(f"y{place}")) for place, _ in enumerate(self.layers[-1].units)]
        slope = derivative_formula(loss.of_example(pairs, Constant(1.0)), "a0")
        return substituted(slope, {"a0": a.symbol, "y0": y.symbol}), False

    def _update(self, layer: _Layer) -> Iterator[MatrixLine]:
        for letter, before in (("W", self._weights(layer)), ("b", self._bias(layer))):
            names = _names(letter, layer)
            if self._is_adjusted(names[0][0]):
                yield from self._moved(before, self._gradient(letter, layer), names)

    def _moved(self, before: Matrix, gradient: Matrix, names: list[list[str]]) -> Iterator[MatrixLine]:
        """Yield the lines of the update of a matrix: the optimizer's formulas, run for each entry."""
        steps = {name: self.moves[name] for row in names for name in row}
        results = {name: results_of(step.formulas, step.known, step.kept) for name, step in steps.items()}
        first, start = names[0][0], steps[names[0][0]].known

        def of_each(key: str, numbers: Mapping[str, float], is_known: bool) -> Matrix:
            """Return the numbers that a quantity has for each entry, as a matrix."""
            of = partial(result_name, key, is_known=is_known)
            rows = [[self._exact(name_of(of(name)), numbers[name]) for name in row] for row in names]
            return Matrix(of(before.name), rows)

        if not steps[first].formulas:
            after = {name: step.after for name, step in steps.items()}
            yield MatrixLine(of_each(PARAMETER, after, is_known=True), (), UPDATE)
            return
        called = {key: self.solution.naming.settings.get(key, key) for key in start}
        known = {key: Matrix(Symbol(called[key]), self._exact(called[key], start[key])) for key in called}
        for key in self.solution.optimizer.state:
            known[key] = of_each(key, {name: step.known[key] for name, step in steps.items()}, is_known=False)
        known |= {PARAMETER: before, GRADIENT: gradient}
        for place, (key, formula) in enumerate(steps[first].formulas):
            written = substituted(formula, {each: matrix.symbol for each, matrix in known.items()})
            used = [known[each] for each in sorted(symbol_names(formula))]
            if all(each.is_number for each in used):
                known[key] = Matrix(Symbol(key), self._exact(name_of(quantity(key, first)), results[first][place]))
            else:
                numbers = {name: found[place] for name, found in results.items()}
                known[key] = of_each(key, numbers, is_known=key in called)
            yield MatrixLine(known[key], [written], UPDATE, used)

    @cached_property
    def moves(self) -> dict[str, Move]:
        """The step of each weight and bias that is adjusted."""
        values = {self.solution.values[name]: name for name in self.solution.before}
        gradients = {value: self.solution.gradients[name] for value, name in values.items()}
        return {values[move.parameter]: move for move in moves(self.solution.optimizer, gradients)}

    def _below(self, layer: _Layer) -> Matrix:
        """Return X, or A of the layer before."""
        if layer.number > 1:
            return self._numbers("A", self.layers[layer.number - 2])
        return Matrix(Symbol("X"), [[self._value(name, place) for place in self.places] for name in layer.sources])

    def _targets(self) -> Matrix:
        names = self.plan.examples[0].targets
        return Matrix(Symbol("Y"), [[self._value(name, place) for place in self.places] for name in names])

    def _weights(self, layer: _Layer) -> Matrix:
        return self._given_matrix("W", layer)

    def _bias(self, layer: _Layer) -> Matrix:
        return self._given_matrix("b", layer)

    def _given_matrix(self, letter: str, layer: _Layer) -> Matrix:
        rows = [[self._exact(name, self.plan.numbers[name]) for name in row if name] for row in _names(letter, layer)]
        return Matrix(Symbol(f"{letter}{layer.number}"), rows)

    def _gradient(self, letter: str, layer: _Layer) -> Matrix:
        gradients = self.solution.gradients
        rows = [[self._exact(gradient_name(name), gradients[name]) for name in row] for row in _names(letter, layer)]
        return Matrix(Symbol(f"d{letter}{layer.number}"), rows)

    def _numbers(self, letter: str, layer: _Layer) -> Matrix:
        names = [unit.post if letter == "A" else unit.pre for unit in layer.units]
        rows = [[self._value(name, place, letter == "dZ") for place in self.places] for name in names]
        return Matrix(Symbol(f"{letter}{layer.number}"), rows)

    def _value(self, name: str, place: int, gradient: bool = False) -> float:
        own = f"{name}{self.plan.suffix(place)}"
        value = self.solution.values[own]
        if gradient:
            return self._exact(self.solution.naming.gradients[own], value.grad or 0.0)
        return self._exact(own, value.data)

    def _exact(self, name: str, number: float) -> float:
        """Return the number of this name as a fraction, if the exercise computes it exactly."""
        return self.solution.exact.get(name, number)

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
