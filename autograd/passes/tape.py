"""`Tape`: a recorded graph as a list of plain lines in topological order.

Nodes are named by their line numbers, so texts and pictures of a tape are the same in every run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograd.node import KINDS, Node
from autograd.passes.subject import Root, root_of
from autograd.state.observation import refuse
from autograd.sweep import sweeping, topological_order
from autograd.table.kernels import apply1, apply2, value1, value2
from autograd.table.op import Op, op_of
from autograd.table.scalars import format_number, is_same


class Line(NamedTuple):
    """One node: a row of the tape.

    `operands` are line numbers. A partial is None for a constant operand, `grad` is None if none was computed, `op` is
    None if no operation computed the node, and `source` is "" if no lines of code were recorded. The operands of a
    replay's result are all nodes that its gradient flows to.

    >>> from autograd import Value
    >>> Tape.of(Value(3) * 2).lines[-1].partials
    (2.0, None)
    """

    kind: str
    op: Op | None
    operands: tuple[int, ...]
    data: float
    partials: tuple[float | None, ...]
    grad: float | None
    label: str | None
    scope: tuple[str, ...]
    source: str

    @property
    def is_number(self) -> bool:
        """Whether it is a constant without a label; its number is its name."""
        return self.kind == "constant" and not self.label

    @property
    def varies(self) -> bool:
        """Whether gradients flow to it.

        >>> from autograd import Value
        >>> [line.varies for line in Tape.of(Value(3) * 2).lines]
        [True, False, True]
        """
        return self.kind in ("leaf", "parameter") or any(partial is not None for partial in self.partials)

    @property
    def edges(self) -> list[tuple[int, float]]:
        """The operands that vary, each with the local derivative with respect to it.

        >>> from autograd import Value
        >>> Tape.of(Value(3) * 2).lines[-1].edges
        [(0, 2.0)]
        """
        pairs = zip(self.operands, self.partials, strict=True)
        return [(operand, partial) for operand, partial in pairs if partial is not None]


@dataclass(frozen=True, slots=True)
class Tape:
    """The lines of a graph, each operand before its result. If there is one root, it is the last line.

    >>> from autograd import Value
    >>> x = Value(3, "x")
    >>> for number, line in enumerate(Tape.of(x * x).lines):
    ...     print(number, line.kind, line.op.name if line.op else line.label, line.operands, line.data, line.partials)
    0 leaf x () 3.0 ()
    1 computed mul (0, 0) 9.0 (3.0, 3.0)
    """

    lines: tuple[Line, ...]

    @classmethod
    def of(cls, *roots: Root) -> "Tape":
        """Return the tape of the graph of the roots. Raises TypeError if a root is no Value and has no graph."""
        ends = list(map(root_of, roots))
        refuse("a tape is read")
        with sweeping:
            return cls(tuple(lines_of(topological_order(ends))))

    @property
    def is_outdated(self) -> bool:
        """Whether a leaf was changed after a result was computed from it, so that the result is old.

        >>> from autograd import Value
        >>> w = Value(3, "w")
        >>> squared = w * w
        >>> w.data = 4
        >>> Tape.of(squared).is_outdated
        True
        """
        return any(True for _ in old_results(self.lines))


def old_results(lines: Sequence[Line]) -> Iterator[tuple[int, float]]:
    """Yield the places of results that do not fit their operands now, each with what the operation gives now."""
    for place, line in enumerate(lines):
        if line.op is not None:  # a replay keeps the numbers that it started from
            now = result_if_other(line.op.code, [lines[operand].data for operand in line.operands], line.data)
            if now is not None:
                yield place, now


def refuse_old_results(lines: Sequence[Line], names: Sequence[str]) -> None:
    """Raise ValueError if a result does not fit its operands now: every sentence about it would be false."""
    for place, now in old_results(lines):
        op = lines[place].op
        assert op is not None
        raise old_result(names[place], lines[place].data, op.name, now)


def old_result(name: str, result: float, op: str, now: float) -> ValueError:
    """Return the error for a node whose operands have changed since it was computed."""
    return ValueError(
        f"{name} is {format_number(result)}, but {op} of its operands now gives {format_number(now)}: a leaf was "
        "changed after the loss was computed, for example by optimizer.step(). Compute the loss again."
    )


def lines_of(order: list[Node]) -> list[Line]:
    """Return a line for each node. Needs the lock `sweeping` held since the topological order was made."""
    first = order[0]._index if order else 0
    return [_line(node, first) for node in order]


def _line(node: Node, first: int) -> Line:
    operands, partials = operands_and_partials(node, first)
    op = op_of(node._code) if node._code >= 0 else None
    kind, grad = "computed" if op else KINDS[node._code], node._grad if node._has_grad else None
    scope, source = (node._origin.scope, node._origin.line) if node._origin else ((), "")
    return Line(kind, op, operands, node._data, partials, grad, node._label, scope, source)


def operands_and_partials(node: Node, first: int) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
    """Return the places of a node's operands and the local derivatives, as in a line; see `lines_of`."""
    left, right = node._left, node._right
    if left is None:
        if node._is_leaf():
            return (), ()
        return tuple([source._index - first for source in node.sources]), tuple(node._amounts(1.0))
    left_partial = node._left_partial if left._varies else None
    if right is None:
        return (left._index - first,), (left_partial,)
    right_partial = node._right_partial if right._varies else None
    return (left._index - first, right._index - first), (left_partial, right_partial)


def result_if_other(code: int, numbers: Sequence[float], result: float) -> float | None:
    """Return what the operation gives for these numbers now, or None if that is the result already."""
    now = value1(code, numbers[0]) if len(numbers) == 1 else value2(code, numbers[0], numbers[1])
    return None if now == result or is_same(now, result) else now  # the first test is quicker


def in_floats(op: Op, numbers: Sequence[float], varies: Sequence[bool]) -> tuple[float, list[float | None]]:
    """Return the result of an operation and its local derivatives; None for operands that do not vary.

    >>> from autograd.ops import mul
    >>> in_floats(mul, [3.0, 2.0], [True, False])
    (6.0, [2.0, None])
    """
    if len(numbers) == 1:
        result, slope = apply1(op.code, numbers[0])
        return result, [slope if varies[0] else None]
    result, left, right = apply2(op.code, numbers[0], numbers[1])
    return result, [left if varies[0] else None, right if varies[1] else None]
