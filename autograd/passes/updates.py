"""An optimizer's update of a parameter, line by line: the optimizer's own formulas, in symbols and with numbers.

The optimizer computes with the same formulas. Here they run on symbols, so each line shown is a line that the optimizer
runs. Their result is compared with the real step of the optimizer.
"""

import copy
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from autograd.passes.names import is_data
from autograd.passes.subject import OptimizerLike
from autograd.sweep import sweeping, topological_order
from autograd.symbols.expression import Constant, Derivative, Expression, Subscript, Symbol, as_expression, name_of
from autograd.symbols.indices import new_name
from autograd.symbols.substitution import evaluated, substituted
from autograd.table.scalars import is_same
from autograd.value import Value

PARAMETER, GRADIENT, COUNT = "w", "g", "t"
"""The names of the parameter, its gradient and the number of its updates in formulas."""
LR = 0.1
"""The learning rate of gradient descent where a pass is shown, if no other is given."""
_CLOSE = 1e-12
"""How close a formula that is shown must be to the optimizer's own number, which may round elsewhere."""


@runtime_checkable
class ExplainedOptimizer(Protocol):
    """An optimizer that shows its formulas, as those of `nn` do. For other optimizers only the results are shown."""

    def quantities(self, parameter: Value) -> Mapping[str, float]:
        """Return the numbers at the start of the next update of a parameter, by their names in the formulas.

        `w` is the parameter's number and `g` its gradient. The others are settings and the optimizer's own numbers.
        """

    def formulas(self, q: Any) -> None:
        """Compute an update line by line: each line assigns an attribute of `q`, the last one `q.w`."""


class Assignment(NamedTuple):
    """A line of an update: the quantity of this name gets the result of the formula."""

    name: str
    formula: Expression


class ExplainedLine(NamedTuple):
    """A line of the update of one parameter: its formula in symbols and in numbers, and its result.

    `before` is the old number of the quantity; None if it had none.
    """

    name: str
    before: float | None
    parts: tuple[Expression, ...]
    result: float


class Move(NamedTuple):
    """A step of an optimizer for one parameter: its numbers before, the formulas, and the numbers that it keeps after.

    There are no formulas if the optimizer shows none, or if their result is not the parameter's number after.
    """

    parameter: Value
    known: Mapping[str, float]
    formulas: Sequence[Assignment]
    kept: Mapping[str, float]

    @property
    def after(self) -> float:
        """The parameter's number after the step."""
        return self.kept[PARAMETER]

    def as_change(self, start: Expression) -> Expression:
        """Return the number after as a formula without the optimizer's own: the number before, and the change."""
        change = self.after - self.known[PARAMETER]
        return start - Constant(-change) if change < 0.0 else start + Constant(change)


def moves(optimizer: OptimizerLike, gradients: Mapping[Any, float]) -> list[Move]:
    """Return the step that an optimizer would make with these gradients, for the parameters that have one.

    A copy of the optimizer makes it; nothing changes.
    """
    twin = copy.deepcopy(optimizer)
    quantities = twin.quantities if isinstance(twin, ExplainedOptimizer) else None  # the check of a protocol is slow

    def numbers_of(own: Value) -> Mapping[str, float]:
        return {PARAMETER: own.data} if quantities is None else quantities(own)

    known: dict[Value, Mapping[str, float]] = {}
    twins = dict(zip(optimizer.parameters, twin.parameters, strict=True))
    for parameter, own in twins.items():
        if parameter in gradients:
            own.grad = gradients[parameter]
            known[parameter] = numbers_of(own)
    if not known:
        kind = type(optimizer).__name__
        raise ValueError(f"the {kind} updates no leaf of this graph. Create it with the parameters of the graph.")
    twin.step()
    formulas = assignments(optimizer, next(iter(known.values())))
    return [
        _move(Move(parameter, numbers, formulas, numbers_of(twins[parameter]))) for parameter, numbers in known.items()
    ]


def _move(move: Move) -> Move:
    results = results_of(move.formulas, move.known, move.kept)
    is_true = bool(results) and move.formulas[-1].name == PARAMETER and is_same(results[-1], move.after)
    return move if is_true else move._replace(formulas=())


def results_of(
    lines: Sequence[Assignment], known: Mapping[str, float], kept: Mapping[str, float] | None = None
) -> list[float]:
    """Return the result of each line of an update, from its numbers at the start.

    It is the optimizer's own number, one of `kept`, where this differs by rounding only.

    >>> results_of(DESCENT, {"w": 2.0, "g": 3.0, "lr": 0.1})
    [1.7]
    """
    numbers, found = dict(known), []
    for line in lines:
        result = evaluated(line.formula, numbers)
        own = (kept or {}).get(line.name, result)
        size = _CLOSE * abs(known.get(line.name, 0.0))
        found.append(own if math.isclose(own, result, rel_tol=_CLOSE, abs_tol=size) else result)
        numbers[line.name] = found[-1]
    return found


def leaf_places(root: Value) -> dict[Value, int]:
    """Return the leaves and parameters that a Value is computed from, each with its place in the topological order.

    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> list(leaf_places(x * w + 1).values())
    [0, 1]
    """
    with sweeping:
        order = topological_order([root])
    return {
        node: place
        for place, node in enumerate(order)
        if isinstance(node, Value) and node.kind in ("leaf", "parameter")
    }


def usual_parameters(root: Value) -> list[Value]:
    """Return the usual choice of what to adjust: the parameters of a graph.

    Without any, it is the leaves that are not called like inputs, such as x1 or y, or all leaves.

    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> [leaf.label for leaf in usual_parameters(x * w)]
    ['w']
    """
    leaves = list(leaf_places(root))
    parameters = [leaf for leaf in leaves if leaf.kind == "parameter"]
    return parameters or [leaf for leaf in leaves if not is_data(leaf.label or "")] or leaves


DESCENT = (Assignment(PARAMETER, Symbol(PARAMETER) - Symbol("lr") * Symbol(GRADIENT)),)
"""Plain gradient descent."""


class _Recorder:
    """Stands for the quantities while formulas run on symbols: an attribute is a symbol, an assignment is a line."""

    def __init__(self, names: Iterable[str]) -> None:
        vars(self).update({name: Symbol(name) for name in names}, _lines=[])

    def __setattr__(self, name: str, formula: Any) -> None:
        expression = as_expression(formula)
        if expression is NotImplemented:
            raise TypeError(f"expected a number or a formula for {name}, got {type(formula).__name__}.")
        vars(self)["_lines"].append(Assignment(name, expression))
        vars(self)[name] = Symbol(name)


def assignments(optimizer: object, names: Iterable[str]) -> list[Assignment]:
    """Return the lines of an optimizer's update as formulas of the quantities with these names.

    The list is empty if the optimizer shows no formulas, or if its formulas do not run on symbols.

    >>> from nn import SGD
    >>> optimizer = SGD([Value(2)], lr=0.1, momentum=0.9)
    >>> for name, formula in assignments(optimizer, ["w", "g", "lr", "mu", "velocity"]):
    ...     print(name, "=", formula)
    velocity = mu*velocity + g
    w = w - lr*velocity
    """
    if not isinstance(optimizer, ExplainedOptimizer):
        return []
    recorder = _Recorder(names)
    try:
        optimizer.formulas(recorder)
    except (AttributeError, NotImplementedError, TypeError):  # real errors show in the step itself
        return []
    lines: list[Assignment] = vars(recorder)["_lines"]
    return lines


def explained(
    lines: Sequence[Assignment],
    known: Mapping[str, float],
    name: str,
    loss: str,
    kept: Mapping[str, float] | None = None,
) -> list[ExplainedLine]:
    """Return the lines of the update of the parameter `name`; `loss` is the name of the loss in its gradient.

    `known` has the numbers at the start of the update, `kept` those after it. Settings are written as symbols; in an
    update of one line they are written as numbers.

    >>> [line] = explained(DESCENT, {"w": 2.0, "g": 3.0, "lr": 0.1}, "w35", "loss")
    >>> print(*line.parts, line.result, sep=" = ")
    w35 - 0.1*dloss/dw35 = 2 - 0.1*3 = 1.7
    """
    numbers, found = dict(known), []
    written = in_symbols(lines, _settings(lines, known), name, loss, known)
    for line, symbols, result in zip(lines, written, results_of(lines, known, kept), strict=True):
        constants = {quantity: Constant(number) for quantity, number in numbers.items()}
        before = None if line.name == GRADIENT else numbers.get(line.name)  # its result is not the gradient of the loss
        found.append(ExplainedLine(line.name, before, (symbols, substituted(line.formula, constants)), result))
        numbers[line.name] = result
    return found


def in_symbols(
    lines: Sequence[Assignment], settings: Mapping[str, Expression], name: str, loss: str, known: Container[str]
) -> list[Expression]:
    """Return the formulas of an update, written for one parameter; `known` are the quantities at its start."""
    written: dict[str, Expression] = {line.name: quantity(line.name, name) for line in lines}
    written |= {**settings, PARAMETER: Symbol(name), GRADIENT: Derivative(loss, name)}
    found = []
    for line in lines:
        found.append(substituted(line.formula, written))
        written[line.name] = result_name(line.name, name, line.name in known)
    return found


def quantity(own: str, name: str) -> Expression:
    """Return the symbol for a quantity of a parameter.

    >>> print(quantity("velocity", "w35"), quantity("w", "w35"))
    velocity_w35 w35
    """
    return Symbol(name) if own == PARAMETER else Subscript(own, name)


def result_name(own: str, name: str, is_known: bool) -> Expression:
    """Return the symbol for the result of a line: the new number of a quantity that was known before.

    >>> print(result_name("velocity", "w35", True), result_name("w", "w35", True), result_name("m_hat", "w35", False))
    velocity_w35_new w35_new m_hat_w35
    """
    symbol = quantity(own, name)
    return as_new(symbol) if is_known and own != GRADIENT else symbol


def as_new(name: Expression) -> Expression:
    """Return the name of a number after its update."""
    if isinstance(name, Subscript):
        return Subscript(name.name, new_name(name.of))
    return Symbol(new_name(name_of(name)))


def _settings(lines: Sequence[Assignment], known: Mapping[str, float]) -> dict[str, Expression]:
    if len(lines) > 1:
        return {}
    own = {PARAMETER, GRADIENT, *(line.name for line in lines)}
    return {setting: Constant(number) for setting, number in known.items() if setting not in own}


def explained_step(move: Move, name: str, loss: str) -> list[ExplainedLine]:
    """Return the lines of a parameter's update; without formulas, one line of numbers."""
    if move.formulas:
        return explained(move.formulas, move.known, name, loss, move.kept)
    before = move.known[PARAMETER]
    return [ExplainedLine(PARAMETER, before, (move.as_change(Constant(before)),), move.after)]
