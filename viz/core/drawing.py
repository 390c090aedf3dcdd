"""The parts of a picture of a graph, as plain data: figures and the edges between them.

A unit is one line of the tape, or several lines that are drawn as one figure. `folding` makes units from a tape,
`figures` makes figures and edges from the units; `dot`, `mermaid` and `tikz` write them.
"""

from dataclasses import dataclass
from typing import NamedTuple

from viz.core.look import USUAL, Look

LONG = 1_500
"""The most ranks that all edges may span together; a longer picture is hard to read and slow to lay out."""
LIMIT = 5_000
"""The most nodes of a picture, if no other limit is given."""
RADIUS = 2
"""How many edges from the node in focus a picture reaches by default, if it is still readable."""
Scope = tuple[str, ...]


class Group(NamedTuple):
    """Lines of a tape, by their numbers, that are drawn as one figure.

    `kind` is "line", "sum", "product", "scope" (a collapsed scope), "parameters" (parameters that sums share), "alike"
    (leaves with the same label) or "loose" (values outside of the collapsed scopes). In a sum or a product the last of
    `lines` is the result. The figure is drawn in `scope`; `title` is the name of a collapsed group.
    """

    kind: str
    lines: tuple[int, ...]
    scope: Scope = ()
    title: str = ""

    @property
    def key(self) -> str:
        """The identifier of its figure."""
        return node_id(self.lines[-1]) if self.has_result else f"b{self.lines[-1]}"

    @property
    def has_result(self) -> bool:
        """Whether others use only the last of the lines."""
        return self.kind in ("line", "sum", "product")

    @property
    def is_folded(self) -> bool:
        """Whether it is a sum or a product."""
        return self.kind in ("sum", "product")


class Parameter(NamedTuple):
    """A row of a figure that lists its parameters or its leaves."""

    name: str
    data: float
    grad: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A node of the picture.

    `kind` is the kind of the unit, or for a unit of one line the kind of that line; or "operation", "more" (for nodes
    that are not drawn) or "again" (the name of a figure in another row). `label` is the user's name. `place` is what
    texts add to the label, "[v7]", or the name of a node without a label, "v7". `notes` are other texts. `numbers` are
    data and gradient, if the figure has one result. `listed_kind` says what `listed` holds, "parameter" or "leaf".
    `lines` are the numbers of its lines. `row` is its row in a picture that is wrapped.
    """

    key: str
    kind: str
    label: str | None = None
    place: str = ""
    notes: tuple[str, ...] = ()
    numbers: tuple[float, float | None] | None = None
    listed: tuple[Parameter, ...] = ()
    listed_kind: str = "parameter"
    scope: Scope = ()
    lines: tuple[int, ...] = ()
    is_root: bool = False
    row: int = 0

    def named_numbers(self, look: Look) -> tuple[tuple[str, float | None], ...]:
        """Return the numbers, each with its name in every picture."""
        if self.numbers is None:
            return ()
        data, gradient = self.numbers
        return look.columns(("data", data), ("grad", gradient))


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of the picture, from an operand to the result computed from it.

    `partial` is the local derivative, None if there is none to show. `count` is the number of graph edges that it
    represents. `port` is the side where the edge enters, "nw" or "sw", if the order of the operands matters. `kind` is
    "operand", "result" (from an operation to its value), "more" (to or from nodes that are not drawn) or "invisible"
    (it only keeps shared parameters beside the first sum that uses them).
    """

    key: str
    tail: str
    head: str
    partial: float | None = None
    count: int = 1
    port: str = ""
    kind: str = "operand"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as data. `caption` says what is folded, left out or outdated; it is "" if there is nothing to say."""

    figures: tuple[Figure, ...]
    edges: tuple[Edge, ...]
    caption: str = ""
    look: Look = USUAL

    @property
    def size(self) -> int:
        """The number of figures, without the operations and the repeated names."""
        return sum(figure.kind not in ("operation", "again") for figure in self.figures)

    @property
    def length(self) -> int:
        """How many ranks all edges span together, from left to right."""
        ranks = self.ranks()
        return sum(abs(ranks[edge.head] - ranks[edge.tail]) for edge in self.edges)

    @property
    def width(self) -> int:
        """How many ranks the picture has from left to right: the edges of its longest path."""
        return max(self.ranks().values(), default=0)

    def ranks(self) -> dict[str, int]:
        """Return the rank of each figure: the number of edges on the longest path to it."""
        ranks = dict.fromkeys((figure.key for figure in self.figures), 0)
        for edge in self.edges:  # operands come before results, except for scopes that use each other
            ranks[edge.head] = max(ranks[edge.head], ranks[edge.tail] + 1)
        return ranks


def node_id(number: int) -> str:
    """Return the identifier of the box of a line of the tape, in DOT and in SVG."""
    return f"v{number}"


def op_id(number: int) -> str:
    """Return the identifier of the operation that computes a line."""
    return f"o{number}"


def edge_id(number: int, place: int) -> str:
    """Return the identifier of the edge to a line's operation from its operand at this place, 0 or 1."""
    return f"e{number}_{place}"


def result_edge_id(number: int) -> str:
    """Return the identifier of the edge from a line's operation to its box."""
    return f"r{number}"
