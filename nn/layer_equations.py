"""The vectorized equations of a network: Z, A, dZ, dW and db of each layer as matrices, one column per example.

This is the lecture's second way to the same numbers: matrix products instead of a graph. The table gives the local
derivatives; no graph is recorded.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from autograd import derivative, no_grad
from autograd.table.scalars import as_float, got, near, spelled
from nn.activations import Activation
from nn.layers import MLP, Layer
from nn.losses import FROM_0_TO_1, LOSSES, Loss, are_probabilities

Matrix = list[list[float]]


@dataclass(frozen=True, slots=True)
class LayerEquations:
    """The matrices of one layer: Z and A; dZ, of each example's own loss; dW and db, of the mean loss.

    The 1/m of the mean is in dW and db, not in dZ. In the matrix form of an exercise it is in dZ.

    Z (pre-activations), A (activations) and dZ have a row per unit and a column per example. dW has a row per unit and
    a column per input, db one column.
    """

    Z: Any
    A: Any
    dZ: Any  # noqa: N815 - the lecture's names
    dW: Any  # noqa: N815 - as above
    db: Any


def equations(mlp: MLP, inputs: Any, targets: Any, *, loss: str = "binary_cross_entropy") -> list[LayerEquations]:
    """Return the matrices of every layer for a batch.

    `inputs` has a row per input and a column per example, `targets` a row per output. Lists give lists, NumPy arrays
    give NumPy arrays. `loss` is "binary_cross_entropy" (sigmoid outputs), "cross_entropy" (softmax outputs, targets
    of 0 and 1) or "half_squared_error". The loss of an example is the sum over its outputs; the loss of the batch is
    the mean over the examples. Raises TypeError for another model,
    ValueError if sizes do not fit, or the loss does not fit the outputs.

    >>> mlp = MLP(2, [1], output_activation="sigmoid")
    >>> mlp.load_state_dict({name: 0 for name in mlp.state_dict()})
    >>> equations(mlp, [[1, 3], [2, 4]], [[1, 1]])[0]
    LayerEquations(Z=[[0.0, 0.0]], A=[[0.5, 0.5]], dZ=[[-0.5, -0.5]], dW=[[-1.0, -1.5]], db=[[-0.5]])
    """
    if not isinstance(mlp, MLP):
        raise TypeError(f"expected an MLP for equations(), got {got(mlp)}.")
    x = _matrix(inputs, "the inputs", mlp.n_inputs)
    y = _matrix(targets, "the targets", len(mlp.layers[-1].neurons))
    if len(x[0]) != len(y[0]):
        raise ValueError(f"the inputs have {len(x[0])} examples (columns), but the targets have {len(y[0])}.")
    with no_grad():
        passes = _forward(mlp, x)
        results = _backward(mlp, x, y, passes, loss)
    return [_in_kind_of(inputs, result) for result in results]


def _forward(mlp: MLP, x: Matrix) -> list[tuple[Matrix, Matrix]]:
    """Return Z and A of each layer: Z = W (A of the layer before) + b, A = f(Z)."""
    passes, below = [], x
    for layer in mlp.layers:
        biases = [neuron.bias.data for neuron in layer.neurons]
        product = _product(_weights(layer), below)
        z = [[entry + bias for entry in row] for row, bias in zip(product, biases, strict=True)]
        columns = [[float(a) for a in layer.activation(column)] for column in _transposed(z)]
        below = _transposed(columns)
        passes.append((z, below))
    return passes


def _backward(mlp: MLP, x: Matrix, y: Matrix, passes: list[tuple[Matrix, Matrix]], loss: str) -> list[LayerEquations]:
    """Return the equations of each layer: dZ = (W^T dZ above) * f'(Z), dW = dZ A^T / m, db = mean of dZ."""
    results: list[LayerEquations] = []
    examples = len(x[0])
    upstream: Matrix = []
    for index in range(len(mlp.layers) - 1, -1, -1):
        layer, (z, a) = mlp.layers[index], passes[index]
        if not results:
            dz = _output_error(layer.activation, z, a, y, loss)
        else:
            dz = _each(lambda da, slope: da * slope, upstream, _slopes(layer.activation, z))
        below = passes[index - 1][1] if index else x
        dw = [[entry / examples for entry in row] for row in _product(dz, _transposed(below))]
        db = [[math.fsum(row) / examples] for row in dz]
        results.insert(0, LayerEquations(z, a, dz, dw, db))
        upstream = _product(_transposed(_weights(layer)), dz)
    return results


def _output_error(activation: Activation, z: Matrix, a: Matrix, y: Matrix, loss: str) -> Matrix:
    """Return dZ of the output layer, by the identity of the loss, or else as the slope of the loss times f'(Z)."""
    known = {name: row for name, row in LOSSES.items() if row.sums or row.identity}
    loss = spelled(loss, known)
    if loss not in known:
        raise ValueError(f"there are no equations for the loss {loss!r}; try {near(loss, known)}.")
    identity = known[loss].identity
    if identity is None:
        if activation.function is None:
            raise ValueError(f"{loss} does not fit softmax outputs; use cross_entropy with softmax.")
        return _each(lambda slope, own: slope * own, _each(known[loss].slope, a, y), _slopes(activation, z))
    _check_targets(known[loss], y)
    if activation.name != identity.activation:
        raise ValueError(f"expected {identity.activation} outputs for {loss}, got {activation.name}.")
    return _each(identity.signal, a, y)


def _check_targets(loss: Loss, y: Matrix) -> None:
    """Raise ValueError if targets do not fit. For a loss of class numbers, the targets here have a row per class."""
    of_classes = loss.targets.classes is None
    targets = FROM_0_TO_1 if of_classes else loss.targets
    if not all(targets.accepts(target) for row in y for target in row):
        raise ValueError(f"expected {targets.words} for each target of {loss.name}.")
    if of_classes and not all(map(are_probabilities, _transposed(y))):
        raise ValueError(f"each column of targets must sum to 1 for {loss.name}: put a 1 at the class of the example.")


def _slopes(activation: Activation, z: Matrix) -> Matrix:
    if activation.function is None:
        raise ValueError("the equations allow softmax in the output layer only.")
    slope = derivative(activation.function)
    return [[slope(entry) for entry in row] for row in z]


def _weights(layer: Layer) -> Matrix:
    return [[weight.data for weight in neuron.weights] for neuron in layer.neurons]


def _matrix(numbers: Any, what: str, n_rows: int) -> Matrix:
    if not all(hasattr(row, "__len__") for row in numbers):
        raise TypeError(f"expected rows of numbers for {what}, one column per example; try [[1], [2]].")
    rows = [[as_float(entry, f"an entry of {what}") for entry in row] for row in numbers]
    if len(rows) != n_rows:
        raise ValueError(f"expected {n_rows} rows for {what}, one for each unit, got {len(rows)}.")
    widths = {len(row) for row in rows}
    if widths == {0}:
        raise ValueError(f"expected at least one example for {what}, got an empty batch.")
    if len(widths) > 1:
        raise ValueError(f"expected rows of one length for {what}, got lengths {sorted(widths)}.")
    return rows


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = _transposed(right)
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in left]


def _transposed(matrix: Sequence[Sequence[float]]) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _each(function: Callable[[float, float], float], left: Matrix, right: Matrix) -> Matrix:
    return [[function(x, y) for x, y in zip(*rows, strict=True)] for rows in zip(left, right, strict=True)]


def _in_kind_of(inputs: Any, result: LayerEquations) -> LayerEquations:
    if not hasattr(inputs, "__array__"):
        return result
    import numpy as np  # noqa: PLC0415 - an extra that takes 110 ms; a user of arrays has it

    return LayerEquations(*(np.array(getattr(result, field.name)) for field in fields(result)))
