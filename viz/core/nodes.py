"""The nodes of a graph with what texts say of them: names, operations, numbers. Trees and tables read it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from autograd import Tape
from autograd.passes.columns import number_text
from autograd.passes.lookup import find
from autograd.passes.steps import Computed, computed_nodes, name_at
from autograd.passes.subject import Root, root_of
from autograd.passes.wording import DIGITS, formula
from autograd.symbols.expression import text
from viz.core.dot import visible

OUTDATED = "leaves were assigned after the results were computed; compute again"
"""What is said of a graph whose results are not what its leaves give now."""


@dataclass(frozen=True)
class Nodes:
    """The nodes in topological order, each named by its place; numbers are None where there are none (yet)."""

    tape: Tape
    names: Sequence[str]
    computations: Sequence[Computed | None]
    data: Sequence[float | None]
    gradients: Sequence[float | None]

    @classmethod
    def of(cls, root: Root) -> Self:
        """Return the nodes of a graph as they are. Raises TypeError where root is nothing that has one."""
        end = root_of(root)
        tape = Tape.of(end)
        data, gradients = [line.data for line in tape.lines], [line.grad for line in tape.lines]
        return cls(tape, line_names(tape), computed_nodes(end), data, gradients)

    def place(self, name: str | None) -> int:
        """Return the place of a node by its name, or by "v7", the place; of None the root's.

        Raises ValueError where there is no such node.
        """
        return len(self.names) - 1 if name is None else find(self.names, name)

    def operands(self, place: int) -> tuple[int, ...]:
        """Return the places of the nodes that a node was computed from."""
        computation = self.computations[place]
        return () if computation is None else computation.operands

    def asked_as(self, place: int) -> str:
        """Return the name by which `place` finds a node: its own, or its place where that is surer."""
        name = self.names[place]
        return name if self._uses[name] == 1 and visible(name) == name else f"v{place}"

    def title(self, place: int) -> str:
        """Return the name of a node, with its place where others are called so too."""
        return visible(self._distinct[place])

    def computation(self, place: int) -> Computed | None:
        """Return how a node was computed, from operands by the names of `title`; None for what was not."""
        computation = self.computations[place]
        return None if computation is None else renamed(computation, self._distinct)

    def operation(self, place: int) -> str:
        """Return what a node is computed from, in symbols; "" for what is not computed."""
        return visible(operation_text(self.computation(place)))

    def numbers(self, place: int) -> tuple[str, str]:
        """Return the data and the gradient of a node as texts, "-" for none."""
        return number_text(self.data[place]), number_text(self.gradients[place])

    def is_number(self, place: int) -> bool:
        """Say whether a node is a constant without a label, which its number names."""
        line = self.tape.lines[place]
        return line.kind == "constant" and not line.label

    @cached_property
    def _uses(self) -> Counter[str]:
        return Counter(self.names)

    @cached_property
    def _distinct(self) -> list[str]:
        return distinct_names(self.tape)


def line_names(tape: Tape) -> list[str]:
    """Return what texts call each line of a tape."""
    return [name_at(place, line.label, line.data, line.kind == "constant") for place, line in enumerate(tape.lines)]


def distinct_names(tape: Tape) -> list[str]:
    """Return a name for each line that no other has, but for constants that are called by their number.

    Where several lines are called the same, as the units of a network that was called twice, their places are added.

    >>> from autograd import Value
    >>> distinct_names(Tape.of(Value(2, "w") * Value(5, "w") + 1))
    ['w[v0]', 'w[v1]', 'v2', '1', 'v4']
    """
    names = line_names(tape)
    uses = Counter(names)
    return [
        name if uses[name] == 1 or (line.kind == "constant" and not line.label) else f"{name}[v{place}]"
        for place, (line, name) in enumerate(zip(tape.lines, names, strict=True))
    ]


def renamed(computation: Computed, names: Sequence[str]) -> Computed:
    """Return a computation whose result and operands are called by these names of all nodes."""
    operands = tuple(names[operand] for operand in computation.operands)
    return computation._replace(name=names[computation.node], operand_names=operands)


def operation_text(computation: Computed | None) -> str:
    """Return a computation in symbols, such as "x1*w13"; "" for None."""
    if computation is None:
        return ""
    symbols = formula(computation)
    return "a replay" if symbols is None else text(symbols, digits=DIGITS)
