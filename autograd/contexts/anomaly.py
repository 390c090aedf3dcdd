"""The origin of a nan or an infinity: `find_anomaly` looks in a graph, `detect_anomaly` raises an error at once."""

import math
from collections.abc import Mapping

from autograd.contexts.modes import ChangedMode
from autograd.node import CONSTANT, REPLAYED, Node, Posted
from autograd.passes.names import node_names
from autograd.passes.subject import Root, root_of
from autograd.state.mode import caller_line, code_at
from autograd.sweep import adjoints, sweeping, topological_order
from autograd.symbols.expression import Constant, Expression, Operation, Symbol, text
from autograd.table.op import op_of
from autograd.table.scalars import format_number
from autograd.table.visible import said, visible


class AnomalyError(FloatingPointError):
    """A nan or an infinity was made inside `detect_anomaly`."""

    __module__ = "autograd"  # where users import it from

    def __init__(self, sentence: str) -> None:
        super().__init__(said(sentence))


def detect_anomaly() -> ChangedMode:
    """Raise AnomalyError at the operation, or at the step of `backward()`, that makes the first nan or infinity.

    >>> from autograd import Value
    >>> with detect_anomaly():
    ...     Value(0, "p").log()
    Traceback (most recent call last):
        ...
    autograd.AnomalyError: v1 = log(p) made -inf from p = 0 ...
    """
    return ChangedMode(lambda _: {"checker": _Checker(), "lines": True})


class _Checker:
    """The checks of `detect_anomaly`."""

    def check_result(self, code: int, left: Node, right: Node | None, data: float) -> None:
        operands = [left] if right is None else [left, right]
        if _is_born(data, operands):
            with sweeping:
                order = topological_order(operands)
            names = _names(order)
            formula = f"v{len(order)} = {_operation_text(code, operands, names)}"  # as in the graph of the result
            raise AnomalyError(_sentence(formula, operands, names, data, caller_line()))

    def check_sweep(self, order: list[Node], seed: float) -> None:
        check_sweep(order, seed)


def check_sweep(order: list[Node], seed: float) -> None:
    """Raise AnomalyError at the first number of the sweep from this seed that is not finite.

    Hold the lock `sweeping` from the making of the order on.
    """
    if not math.isfinite(seed):
        raise AnomalyError(f"backward starts at {_names(order)[order[-1]]} with {format_number(seed)}.")
    told: list[Posted] = []
    adjoints(order, seed, told=told)
    for place, position, upstream, amount, before in told:
        total = before + amount
        if math.isfinite(total):
            continue
        names, node = _names(order), order[place]
        operand = node.sources[position]
        if math.isfinite(amount) or node._code == REPLAYED:
            summed = f"the contributions to {names[operand]} sum to {format_number(total)}"
            raise AnomalyError(f"{summed}{_at_line(operand.line)}.")
        local = (node._left_partial, node._right_partial)[position]
        raise AnomalyError(
            f"backward through {_equation(node, names)} made {format_number(amount)}: the upstream gradient "
            f"{format_number(upstream)} times the local derivative {format_number(local)} for {_given(operand, names)}"
            f"{_at_line(node.line)}."
        )


def find_anomaly(root: Root) -> str:
    """Return a sentence that names the first node with a nan or an infinity; "" if all numbers are finite.

    `root` is a Value, or an exercise or its solution. If all data is finite, the search goes on in the gradients from
    `backward()`. With `record_lines`, the sentence also names the line of code. Raises TypeError for another root.

    >>> from autograd import Value
    >>> x = Value(-2, "x")
    >>> find_anomaly(x.sqrt() + 1)
    'v1 = sqrt(x) made nan from x = -2.'
    """
    end = root_of(root)
    with sweeping:
        order = topological_order([end])
    for node in order:
        operands = node.sources
        if operands and _is_born(node._data, operands):
            names = _names(order)
            return _sentence(_equation(node, names), operands, names, node._data, node.line)
        if not operands and not math.isfinite(node._data):
            return f"{_names(order)[node]} is {format_number(node._data)} from the start{_at_line(node.line)}."
    return _gradient_anomaly(end, order)


def _gradient_anomaly(root: Node, order: list[Node]) -> str:
    if all(math.isfinite(node._grad) for node in order):
        return ""
    with sweeping:
        order = topological_order([root])
        try:
            check_sweep(order, root._grad if root._has_grad else 1.0)
        except AnomalyError as anomaly:
            return str(anomaly)
    names = _names(order)
    found = [f"{names[node]} ({format_number(node._grad)})" for node in order if not math.isfinite(node._grad)]
    return f"several calls of backward() added up to the gradient of {', '.join(found)}."


def _is_born(data: float, operands: list[Node]) -> bool:
    """Return whether this result is the first nan, or the first infinity: no operand is one already."""
    if math.isnan(data):
        return not any(math.isnan(operand._data) for operand in operands)
    return math.isinf(data) and all(math.isfinite(operand._data) for operand in operands)


def _names(order: list[Node]) -> dict[Node, str]:
    """Return the name of each node of a graph."""
    return dict(zip(order, node_names(order), strict=True))


def _sentence(made: str, operands: list[Node], names: Mapping[Node, str], data: float, line: str) -> str:
    """Return the sentence about a nan or an infinity. The formula `made` shows operands without a name as numbers."""
    given = [_given(node, names) for node in operands if _has_name(node)]
    origin = f" from {', '.join(dict.fromkeys(given))}" if given else ""
    return f"{made} made {format_number(data)}{origin}{_at_line(line)}."


def _equation(node: Node, names: Mapping[Node, str]) -> str:
    return f"{names[node]} = {_operation_text(node._code, node.sources, names)}"


def _operation_text(code: int, operands: list[Node], names: Mapping[Node, str]) -> str:
    return text(Operation(op_of(code), tuple(_operand_symbol(operand, names) for operand in operands)))


def _operand_symbol(operand: Node, names: Mapping[Node, str]) -> Expression:
    return Symbol(names[operand]) if _has_name(operand) else Constant(operand._data)


def _has_name(node: Node) -> bool:
    """Return whether a node has a name other than its number."""
    return node._code != CONSTANT or bool(node._label)


def _given(node: Node, names: Mapping[Node, str]) -> str:
    """Return a node with its number, "x = 3"."""
    return f"{names[node]} = {format_number(node._data)}"


def _at_line(line: str) -> str:
    code = code_at(line)
    return visible(f" at {line}" + (f": {code}" if code else "")) if line else ""
