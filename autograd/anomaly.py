"""Where a nan or an infinity was born: found on request in a recorded graph, or caught as it is made.

Reads nodes and the table's notation; `value` calls the checks inside `modes.detect_anomaly`.
"""

import math

from autograd import modes
from autograd.expression import Operation, Symbol, text
from autograd.node import Node
from autograd.op import TABLE
from autograd.scalars import format_number
from autograd.sweep import sweeping, topological_order


class AnomalyError(FloatingPointError):
    """A nan or an infinity was made inside `detect_anomaly`."""


def check_result(code: int, left: Node, right: Node | None, data: float) -> None:
    """Raise AnomalyError where an operation of finite operands has a result that is not."""
    operands = [left] if right is None else [left, right]
    if _is_born(data, operands):
        raise AnomalyError(_sentence(code, operands, data, modes.caller_line()))


def check_postings(order: list[Node], totals: list[float]) -> None:
    """Raise AnomalyError where a finite adjoint posts one that is not; the arguments are those of a finished sweep."""
    places = {node: index for index, node in enumerate(order)}
    for node, upstream in zip(reversed(order), reversed(totals), strict=True):
        for operand, local in ((node._left, node._left_partial), (node._right, node._right_partial)):
            if operand is None or not operand._varies or math.isfinite(upstream * local):
                continue
            if math.isfinite(upstream) and not math.isfinite(totals[places[operand]]):
                raise AnomalyError(
                    f"backward through {_formula(node)} made {format_number(upstream * local)}: the upstream gradient "
                    f"{format_number(upstream)} times the local derivative {format_number(local)} of {operand.name}"
                    f"{_place(node._origin.line if node._origin else '')}."
                )


def find_anomaly(root: Node) -> str:
    """Return a sentence that names the first node at which a nan or an infinity was born; "" where all is finite.

    It names the line of code too, where `record_lines` was on.

    >>> from autograd import Value
    >>> x = Value(-2, "x")
    >>> find_anomaly(x.sqrt() + 1)
    'sqrt(x) made nan from x = -2.'
    """
    with sweeping:
        order = topological_order([root])
    for node in order:
        operands = [operand for operand in (node._left, node._right) if operand is not None]
        line = node._origin.line if node._origin else ""
        if operands and _is_born(node._data, operands):
            return _sentence(node._code, operands, node._data, line)
        if not operands and not math.isfinite(node._data):
            return f"{node.name} is {format_number(node._data)} from the start{_place(line)}."
    return ""


def _is_born(data: float, operands: list[Node]) -> bool:
    return not math.isfinite(data) and all(math.isfinite(operand._data) for operand in operands)


def _sentence(code: int, operands: list[Node], data: float, line: str) -> str:
    numbers = ", ".join(f"{name} = {format_number(node._data)}" for name, node in _named(operands).items())
    return f"{_applied(code, operands)} made {format_number(data)} from {numbers}{_place(line)}."


def _formula(node: Node) -> str:
    operands = [operand for operand in (node._left, node._right) if operand is not None]
    formula = _applied(node._code, operands)
    return f"{node._label} = {formula}" if node._label else formula


def _applied(code: int, operands: list[Node]) -> str:
    symbols = tuple(Symbol(_label(node, index)) for index, node in enumerate(operands))
    return text(Operation(TABLE[code], symbols))


def _named(operands: list[Node]) -> dict[str, Node]:
    return {_label(node, index): node for index, node in enumerate(operands)}


def _label(operand: Node, index: int) -> str:
    return operand._label or "xy"[index]


def _place(line: str) -> str:
    code = modes.code_at(line)
    return (f" at {line}" + (f": {code}" if code else "")) if line else ""
