"""What a picture of a graph consists of, as plain data: figures and the edges between them.

A unit is what one figure stands for: a line of the tape, or many lines as one. `folding` and `boxes` make units of a
tape, `figures` makes figures and edges of the units; `dot`, `mermaid` and `tikz` write them.
"""

from dataclasses import dataclass
from typing import NamedTuple

LONG = 1_500
"""How many ranks all edges may span together; of more, the picture can hardly be read, and takes seconds to lay out."""
LIMIT = 5_000
"""The most nodes of a picture, where no other limit is given."""
RADIUS = 2
"""How many edges from the node in focus a picture reaches, where nothing else is said and it can be read."""
Scope = tuple[str, ...]


class Group(NamedTuple):
    """Lines of a tape, by their numbers, that are drawn as one figure.

    `kind` is "line", "sum", "product", "scope" (a collapsed one), "parameters" (shared by sums), "alike" (leaves of one
    label) or "loose" (values outside of the scopes that are collapsed). The last of `lines` is the result of a sum or
    a product. `scope` is where the figure is drawn, `title` the name of what is collapsed.
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
        """Whether the last of the lines is the only one that others use."""
        return self.kind in ("line", "sum", "product")

    @property
    def is_folded(self) -> bool:
        """Whether it is a sum or a product."""
        return self.kind in ("sum", "product")


class Parameter(NamedTuple):
    """A row of a figure that lists the parameters, or the leaves, that it stands for."""

    name: str
    data: float
    grad: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A node of the picture.

    `kind` is that of a unit, of a line for a unit of one line, "operation" or "more" (what is not drawn). `label` is a
    user's name, `place` what texts add to it, or call the node where it has none: "[v7]", "v7"; `notes` are texts of
    our own; `numbers` are data and gradient where the figure has one result;
    `listed_kind` is what the `listed` are, "parameter" or "leaf"; `lines` are the numbers of the lines that it stands
    for.
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

    @property
    def named_numbers(self) -> tuple[tuple[str, float | None], ...]:
        """The numbers, each with what it is called in every picture."""
        return () if self.numbers is None else tuple(zip(("data", "grad"), self.numbers, strict=True))


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of the picture, from an operand to what is computed of it.

    `partial` is the local derivative, None where there is none to show; `count` says how many edges of the graph it
    stands for. `port` is the side at which an operand enters whose place matters, "nw" or "sw". `kind` is "operand",
    "result" (from an operation to its value), "more" (to or from what is not drawn) or "invisible" (which only keeps
    what sums share beside the first of them).
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
    """A picture as data. `caption` says what is not drawn as recorded, and what is outdated; "" for nothing."""

    figures: tuple[Figure, ...]
    edges: tuple[Edge, ...]
    caption: str = ""

    @property
    def size(self) -> int:
        """The number of figures, without the operations."""
        return sum(figure.kind != "operation" for figure in self.figures)

    @property
    def length(self) -> int:
        """How many ranks all edges span together, from left to right."""
        ranks = self._ranks()
        return sum(abs(ranks[edge.head] - ranks[edge.tail]) for edge in self.edges)

    @property
    def width(self) -> int:
        """How many ranks the picture has from left to right: the edges of its longest path."""
        return max(self._ranks().values(), default=0)

    def _ranks(self) -> dict[str, int]:
        ranks = dict.fromkeys((figure.key for figure in self.figures), 0)
        for edge in self.edges:  # operands before results, but for scopes that use each other
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
