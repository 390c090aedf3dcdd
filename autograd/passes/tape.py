"""`Tape`: a recorded graph as plain columns in topological order, for everything that reads graphs.

A line number names a node, so that what is made from a tape is the same in every run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from autograd.node import Node
from autograd.passes.subject import Root, root_of
from autograd.state.observation import refuse
from autograd.sweep import sweeping, topological_order
from autograd.table.kernels import value1, value2
from autograd.table.op import TABLE, Op
from autograd.table.scalars import is_same
from autograd.value import Value


@dataclass(frozen=True, slots=True)
class Line:
    """One node: a row of the tape.

    `operands` are the numbers of their lines; a partial is None for a constant operand, `grad` None where none was
    computed; `op` is None for what was not computed, `source` "" where no lines of code were recorded.

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


@dataclass(frozen=True, slots=True)
class Tape:
    """The lines of a graph, every operand before its result; of one root, the root is the last.

    >>> x = Value(3, "x")
    >>> for number, line in enumerate(Tape.of(x * x).lines):
    ...     print(number, line.kind, line.op.name if line.op else line.label, line.operands, line.data, line.partials)
    0 leaf x () 3.0 ()
    1 computed mul (0, 0) 9.0 (3.0, 3.0)
    """

    lines: tuple[Line, ...]

    @classmethod
    def of(cls, *roots: Root) -> "Tape":
        """Return the tape of the graph of the roots. Raises TypeError where a root is no Value and has no graph."""
        ends = list(map(root_of, roots))
        refuse("a tape is read")
        with sweeping:
            order = topological_order(ends)
            first = order[0]._index if order else 0
            places = [_operand_places(node, first) for node in order]
        return cls(tuple(_line(node, operands) for node, operands in zip(order, places, strict=True)))

    @property
    def is_outdated(self) -> bool:
        """Whether a result is not what its operands give now, because a leaf was assigned after it was computed.

        >>> w = Value(3, "w")
        >>> squared = w * w
        >>> w.data = 4
        >>> Tape.of(squared).is_outdated
        True
        """
        return any(line.op is not None and self._is_outdated(line, line.op) for line in self.lines)

    def _is_outdated(self, line: Line, op: Op) -> bool:
        now = result_now(op.code, tuple(self.lines[operand].data for operand in line.operands))
        return now != line.data and not is_same(now, line.data)  # the first is quick


def result_now(code: int, numbers: Sequence[float]) -> float:
    """Return what the operation of this code gives for its one or two operands."""
    return value1(code, numbers[0]) if len(numbers) == 1 else value2(code, *numbers)


def _operand_places(node: Node, first: int) -> tuple[int, ...]:
    return tuple(operand._index - first for operand in (node._left, node._right) if operand is not None)


def _line(node: Node, operands: tuple[int, ...]) -> Line:
    assert isinstance(node, Value)
    op = TABLE[node._code] if node._code >= 0 else None
    return Line(node.kind, op, operands, node.data, node.partials, node.grad, node.label, node.scope, node.line)
