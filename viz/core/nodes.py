"""The nodes of a graph as texts show them: names, operations, numbers. Trees and tables are made from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from autograd import Tape
from autograd.passes.columns import number_text
from autograd.passes.names import find, line_names
from autograd.passes.steps import Computed, computed_nodes
from autograd.passes.subject import Root, root_of
from autograd.passes.wording import DIGITS, formula
from autograd.symbols.expression import text

OUTDATED = "leaves were assigned after the results were computed; compute again"
"""The warning for a graph whose results do not match its leaves any more."""


@dataclass(frozen=True)
class Nodes:
    """The nodes in topological order; a node is given by its place. A number is None if it is not (yet) computed.

    `note` says which numbers are not of the same moment; "" if all are.
    """

    tape: Tape
    names: Sequence[str]
    computations: Sequence[Computed | None]
    data: Sequence[float | None]
    gradients: Sequence[float | None]
    note: str = ""

    @classmethod
    def of(cls, root: Root) -> Self:
        """Return the nodes of a graph with their present numbers. Raises TypeError if root has no graph."""
        end = root_of(root)
        tape = Tape.of(end)
        data, gradients = [line.data for line in tape.lines], [line.grad for line in tape.lines]
        note = OUTDATED if tape.is_outdated else ""
        return cls(tape, line_names(tape.lines), computed_nodes(end), data, gradients, note)

    def place(self, name: str | None) -> int:
        """Return the place of a node by its name, or by "v7" (node 7); for None, the place of the root.

        Raises ValueError if there is no such node.
        """
        return len(self.names) - 1 if name is None else find(self.names, name)

    def operands(self, place: int) -> tuple[int, ...]:
        """Return the places of the nodes that a node was computed from."""
        computation = self.computations[place]
        return () if computation is None else computation.operands

    def name(self, place: int) -> str:
        """Return the name of a node."""
        return self.names[place]

    def operation(self, place: int) -> str:
        """Return the computation of a node in symbols; "" for a leaf or a constant."""
        return operation_text(self.computations[place])

    def numbers(self, place: int) -> tuple[str, str]:
        """Return the data and the gradient of a node as texts, "-" for none."""
        return number_text(self.data[place]), number_text(self.gradients[place])

    def is_number(self, place: int) -> bool:
        """Say whether a node is a constant without a label; its number is its name."""
        return self.tape.lines[place].is_number


def operation_text(computation: Computed | None) -> str:
    """Return a computation in symbols, such as "x1*w13"; "" for None."""
    if computation is None:
        return ""
    symbols = formula(computation)
    return "a replay" if symbols is None else text(symbols, digits=DIGITS)
