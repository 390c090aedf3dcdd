"""`known_by_line`: the numbers that each line of a pass makes known, its own and those that its formula hides."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

from autograd.passes.lines import BACKWARD, UPDATE, Pass, PassLine, pass_of
from autograd.passes.naming import Naming
from autograd.passes.subject import OptimizerLike, Root
from autograd.sweep import sweeping, topological_order

Reading: TypeAlias = Literal["contribution", "line"]
"""How a pass is read: a step for each contribution to a gradient, or one for each line of a lecture."""
READINGS = get_args(Reading)


class Known(NamedTuple):
    """A line of a pass, and the numbers that are known after it, by the places of their nodes in the graph.

    `node` is the place of the line's quantity; None if the root does not depend on it.
    """

    line: PassLine
    node: int | None
    data: Mapping[int, float]
    gradients: Mapping[int, float]

    @property
    def name(self) -> str:
        """The name of what the line computes."""
        return self.line.name

    def __repr__(self) -> str:
        return repr(self.line)


def known_by_line(root: Root, *, naming: Naming | None = None, optimizer: OptimizerLike | None = None) -> list[Known]:
    """Return each line of a pass with what it makes known. The arguments and errors are those of `lines`.

    A forward line makes the data of its quantity known, and of the nodes folded into its formula. The line of a
    gradient makes this gradient known, those of the transparent quantities written into it, and those of the nodes
    folded into the formulas of both; the first one also the gradient of the root, which is 1. The last line of an
    update makes the new number known.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> for known in known_by_line((x * w).tanh()):  # the places: x, w, x*w, and the root
    ...     print(known.name, [*known.data], [*known.gradients])
    loss [3, 2] []
    dloss/dx [] [0, 3, 2]
    dloss/dw [] [1]
    """
    written = pass_of(root, naming=naming, optimizer=optimizer)
    lines = written.lines()
    with sweeping:
        order = topological_order([written.root])
    places = {written.places[node]: place for place, node in enumerate(order)}
    reader = _Reader(written)
    found = []
    for line, (data, gradients) in zip(lines, reader.read(lines), strict=True):
        node = places.get(reader.by_name[line.about])
        found.append(Known(line, node, _moved(data, places), _moved(gradients, places)))
    return found


def _moved(numbers: Mapping[int, float], places: Mapping[int, int]) -> dict[int, float]:
    return {places[place]: number for place, number in numbers.items() if place in places}


class _Reader:
    """Reads the lines of a pass in order, and says of each number where it becomes known."""

    def __init__(self, written: Pass) -> None:
        self.written = written
        self.by_name = {written.names[place]: place for place in written.quantities.places}
        named = {*self.by_name.values()}
        self._folded = {place: self._nodes_in(place, named) for place in named}
        self._waiting = Counter(node for nodes in self._folded.values() for node in nodes)
        self._with_data: set[int] = set()
        self._with_gradient: set[int] = set()

    def _nodes_in(self, place: int, named: set[int]) -> list[int]:
        """Return the nodes that are folded into the formula of a quantity."""
        found: set[int] = set()
        waiting = [*self.written.tape[place].operands]
        while waiting:
            node = waiting.pop()
            if node not in named and node not in found and self.written.tape[node].operands:
                found.add(node)
                waiting += self.written.tape[node].operands
        return sorted(found)

    def read(self, lines: list[PassLine]) -> Iterator[tuple[dict[int, float], dict[int, float]]]:
        """Yield the data and the gradients that each line makes known."""
        last = {line.about: line for line in lines if line.part == UPDATE}
        for line in lines:
            place = self.by_name[line.about]
            if line.part == UPDATE:
                yield {place: line.result} if last[line.about] is line else {}, self._gradients(place)
            elif line.part == BACKWARD:
                yield {}, self._gradients(place) if line.left == self.written.gradients[place] else {}
            else:
                yield self._data(place), {}

    def _data(self, place: int) -> dict[int, float]:
        found = [node for node in (place, *self._folded[place]) if node not in self._with_data]
        self._with_data.update(found)
        return {node: self.written.tape[node].data for node in found}

    def _gradients(self, place: int) -> dict[int, float]:
        """Return the gradients that are known with that of a quantity.

        That of a node is known when those of all quantities are known into whose formulas it is folded.
        """
        found = []
        for quantity in (place, *self.written.inside.get(place, ()), len(self.written.tape) - 1):
            if quantity not in self._with_gradient:
                self._with_gradient.add(quantity)
                self._waiting.subtract(self._folded[quantity])
                found += [quantity, *(node for node in self._folded[quantity] if not self._waiting[node])]
        return {node: self.written.totals[node] for node in found if self.written.tape[node].varies}
