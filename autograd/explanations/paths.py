"""`paths`: the chain rule path by path, and how many multiplications forward and reverse mode save.

One sweep counts all paths without listing them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograd.explanations.stops import SMALL, stops
from autograd.passes.columns import number_text, shortened
from autograd.passes.names import name_in, node_names, node_of
from autograd.passes.subject import Root, root_of
from autograd.passes.tape import lines_of
from autograd.passes.wording import factor
from autograd.state.observation import refuse
from autograd.sweep import accumulate, adjoints, sweeping, topological_order
from autograd.table.scalars import as_whole
from autograd.value import Value

_MOST_NAMES = 1_000_000  # in all listed paths together, so that long paths do not fill the memory
_SHOWN = 20  # paths in a text
_SHOWN_NAMES = 16  # names of a path in a text


class Path(NamedTuple):
    """One way from a node to the loss: the `names` of its nodes, the local derivative of each step, and their product.

    The factors are multiplied from the loss backwards, as in reverse mode.
    """

    names: tuple[str, ...]
    locals: tuple[float, ...]
    product: float

    def __str__(self) -> str:
        """Write the path in two lines, a long one shortened in the middle.

        >>> print(Path(("x", "v2", "loss"), (-2.0, 5.0), -10.0))
        x -> v2 -> loss
            (-2) * 5 = -10
        """
        factors = [factor(number_text(local)) for local in self.locals] or ["1"]
        product = " * ".join(shortened(factors, _SHOWN_NAMES))
        return f"{' -> '.join(shortened(self.names, _SHOWN_NAMES))}\n    {product} = {number_text(self.product)}"


class Multiplications(NamedTuple):
    """How many multiplications a derivative takes, one for each edge.

    `by_path` is the number if each path is computed alone. `forward` is one sweep of forward mode, for this input only.
    `reverse` is one sweep of reverse mode, for all inputs.
    """

    by_path: int
    forward: int
    reverse: int


@dataclass(frozen=True, slots=True, repr=False)
class Paths:
    """The paths from a node to the root, or the first of them; `count` is the number of all paths.

    `hint` says if node and root seem to be swapped; `stops` are sentences about the nodes that stop the gradient, if a
    product is 0 or nearly 0.
    """

    node: str
    root: str
    paths: tuple[Path, ...]
    count: int
    gradient: float
    multiplications: Multiplications
    hint: str
    stops: tuple[str, ...]

    @property
    def total(self) -> float:
        """The sum of the listed products. If all paths are listed, it is the gradient, except for rounding."""
        products = [path.product for path in self.paths]
        try:
            return math.fsum(products)
        except (OverflowError, ValueError):  # there are infinities, or the sum is beyond the largest float
            return sum(products)

    def __str__(self) -> str:
        one = self.count == 1
        lines = [f"{_count_text(self.count)} path{' leads' if one else 's lead'} from {self.node} to {self.root}."]
        if self.hint:
            lines[0] += f" {self.hint}"
        if len(self.paths) < self.count:
            lines[0] += f" The first {len(self.paths):,} are listed."
        for path in self.paths[:_SHOWN]:
            lines += [f"  {line}" for line in str(path).splitlines()]
        if len(self.paths) > _SHOWN:
            lines.append(f"  ... and {len(self.paths) - _SHOWN:,} more listed paths")
        of_listed = "" if len(self.paths) == self.count else " listed"
        lines.append(
            f"Sum of the products{of_listed}: {number_text(self.total)}. Gradient: {number_text(self.gradient)}."
        )
        lines += self.stops
        by_path, forward, reverse = map(_count_text, self.multiplications)
        lines.append(f"Multiplications: {by_path} path by path, {forward} in forward mode, {reverse} in reverse mode.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


def paths(node: Value | str, root: Root, *, most: int = 1000) -> Paths:
    """Return every path from a node, given as a Value or by its name, to the root, with the product of its derivatives.

    The root is a Value, or an exercise or its solution. The sum of the products is the gradient. At most `most` (0 or
    more) paths are listed, fewer if they are very long; all are counted. Raises TypeError for another node or root,
    ValueError for a name that no node has, and if `most` is no whole number.

    >>> x = Value(3, "x")
    >>> loss = x * x + 2 * x
    >>> loss.label = "loss"
    >>> paths(x, loss)
    3 paths lead from x to loss.
      x -> v1 -> loss
          3 * 1 = 3
      x -> v1 -> loss
          3 * 1 = 3
      x -> v3 -> loss
          2 * 1 = 2
    Sum of the products: 8. Gradient: 8.
    Multiplications: 6 path by path, 5 in forward mode, 5 in reverse mode.
    """
    end = root_of(root)
    beginning = node_of(node, end)
    most = as_whole(most, "the most paths to list", 0)
    refuse("the paths of a graph are read")
    with sweeping:
        order = topological_order([end])
        start = beginning._index - order[0]._index  # negative if the root was not computed from it
        names = node_names(order)
        reached = start >= 0 and beginning._varies and end._varies
        gradient = adjoints(order)[start] if reached else 0.0
        lines = lines_of(order)
    varying = [line.edges for line in lines]
    edges = _leading_to(start if reached else -1, varying)
    ways = _ways_from(start, edges) if reached else _Ways(0, 0)
    multiplications = Multiplications(ways.length, sum(map(len, edges)), sum(map(len, varying)))
    name, hint = name_in(end, beginning)
    listed = _first_paths(edges, start, names, most) if reached else []
    vanished = any(abs(path.product) < SMALL for path in listed)
    ends = tuple(stops(beginning, end)) if vanished else ()
    return Paths(name, names[-1], tuple(listed), ways.count, gradient, multiplications, hint, ends)


Edges = list[list[tuple[int, float]]]
"""For each place: the place of each operand that depends on the node, and the local derivative."""


def _leading_to(start: int, varying: Edges) -> Edges:
    """Return the edges that are on paths from the place `start`; none for -1."""
    edges: Edges = []
    for pairs in varying:
        edges.append([edge for edge in pairs if edge[0] == start or edges[edge[0]]])
    return edges


@dataclass(frozen=True, slots=True)
class _Ways:
    """Some ways to the loss: their number, and the sum of their lengths."""

    count: int
    length: int

    def __mul__(self, _: float) -> "_Ways":
        return _Ways(self.count, self.length + self.count)  # each is one edge longer

    def __add__(self, other: "_Ways") -> "_Ways":
        return _Ways(self.count + other.count, self.length + other.length)


def _ways_from(start: int, edges: Edges) -> _Ways:
    """Return the paths from `start` to the last place."""
    ways = {len(edges) - 1: _Ways(1, 0)}

    def edges_from(place: int) -> list[tuple[int, float]]:
        del ways[place]  # a deep graph's counts are long numbers
        return edges[place]

    accumulate(range(len(edges) - 1, start, -1), edges_from, ways)
    return ways.get(start, _Ways(0, 0))


def _first_paths(edges: Edges, start: int, names: Sequence[str], most: int) -> list[Path]:
    """Return the first paths, left operands first. Every edge leads to `start`, so no step is wasted."""
    found: list[Path] = []
    spent = 0
    places, products = [len(edges) - 1], [1.0]
    locals_: list[float] = []
    waiting = [iter(edges[-1])]
    while waiting and len(found) < most and spent < _MOST_NAMES:
        if places[-1] == start:
            found.append(Path(tuple([names[place] for place in reversed(places)]), tuple(locals_[::-1]), products[-1]))
            spent += len(places)
        edge = next(waiting[-1], None)
        if edge is not None:
            places.append(edge[0])
            locals_.append(edge[1])
            products.append(products[-1] * edge[1])
            waiting.append(iter(edges[edge[0]]))
            continue
        for stack in (places, locals_, products, waiting):
            del stack[-1:]  # the loss has no local derivative to take back
    return found


def _count_text(count: int) -> str:
    """Write a count in full; if it has more than 40 digits, the power of ten below it."""
    if count < 10**40:
        return f"{count:,}"
    return f"more than 10**{math.floor((count.bit_length() - 1) * math.log10(2))}"
