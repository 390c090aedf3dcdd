"""`what_if`: a recorded graph, computed again with other leaves, in floats or in fractions.

The graph itself does not change.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from autograd.passes.columns import aligned, number_text
from autograd.passes.names import find, listed, name_in, node_names, number_name
from autograd.passes.subject import Root, is_subject, root_of
from autograd.passes.tape import in_floats, lines_of
from autograd.passes.wording import formula_texts
from autograd.state.observation import refuse
from autograd.sweep import accumulate, sweeping, topological_order
from autograd.symbols.exact import InexactError, apply, as_fraction
from autograd.table.scalars import as_float, got, is_same
from autograd.value import Value

Number: TypeAlias = float | Fraction
_SHOWN = 40  # rows in a text


class Recomputed(NamedTuple):
    """A node's number and its gradient, before and after; a gradient is None if none flows to the node.

    `formula` is how it was computed, "" for a leaf.
    """

    name: str
    formula: str
    before: Number
    after: Number
    gradient_before: Number | None
    gradient_after: Number | None

    @property
    def change(self) -> Number:
        """The change of the number."""
        equal = self.after == self.before  # two infinities too
        return type(self.after)(0) if equal else self.after - self.before


@dataclass(frozen=True, slots=True, repr=False)
class WhatIf:
    """The numbers of every node if the `changed` leaves have other numbers; `rows` are in topological order.

    `is_outdated` says that leaves were changed after the graph was computed. Then "before" is computed from their
    present numbers.
    """

    rows: tuple[Recomputed, ...]
    changed: tuple[int, ...]
    is_outdated: bool

    def row(self, name: str) -> Recomputed:
        """Return the row of the node with this name, or with "v7" the row at place 7.

        Raises ValueError if no node or more than one node has this name.
        """
        return self.rows[find([row.name for row in self.rows], name)]

    def before(self, name: str) -> Number:
        """Return a node's number before; see `row`."""
        return self.row(name).before

    def after(self, name: str) -> Number:
        """Return a node's number after; see `row`."""
        return self.row(name).after

    def __str__(self) -> str:
        given = [self.rows[place] for place in self.changed]
        others = [row for place, row in enumerate(self.rows) if place not in self.changed and not _is_plain(row)]
        rows = given + sorted(others, key=_order)
        table: list[tuple[str, ...]] = [("node", "before", "after", "change", "gradient", "after")]
        table += [_row_cells(row) for row in rows[:_SHOWN]]
        asked = listed([f"{row.name} = {number_text(row.after)}" for row in given])
        loss = self.rows[-1]
        result = f"{loss.name} = {number_text(loss.after)}"
        question = f"What if {asked}: {result}, before {number_text(loss.before)}." if asked else f"{result}."
        lines = [question, *(f"  {line}" for line in aligned(table, range(1, 6)))]
        if len(rows) > _SHOWN:
            lines.append(f"  ... and {len(rows) - _SHOWN:,} more nodes")
        if self.is_outdated:
            lines.append(
                "Leaves were changed after the graph was computed: before is computed from their present numbers."
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


def _row_cells(row: Recomputed) -> tuple[str, ...]:
    numbers = (row.before, row.after, row.change, row.gradient_before, row.gradient_after)
    return (f"{row.name} = {row.formula}" if row.formula else row.name, *map(number_text, numbers))


def _order(row: Recomputed) -> int:
    """Return 0 if the number changes, 1 if only the gradient changes, 2 if nothing changes."""
    if not is_same(row.before, row.after):
        return 0
    return 2 if is_same(row.gradient_before, row.gradient_after) else 1


def _is_plain(row: Recomputed) -> bool:
    """Say whether a row is a constant without a label."""
    return not row.formula and row.gradient_before is None and row.name == number_name(float(row.before))


def what_if(root: Root, leaves: Mapping[str, Any] | Mapping[str | Value, Any], *, exact: bool = False) -> WhatIf:
    """Compute every node of a graph again with other numbers for some leaves; the graph itself does not change.

    `root` is a Value, or an exercise or its solution. `leaves` gives new numbers to leaves, parameters and constants,
    by name or by the Value itself. With floats, results have the same bits as the engine's. With `exact`, everything is
    computed in fractions: the leaf 0.1 is 1/10. Raises TypeError for another root, and for a number that is none.
    Raises ValueError if a name is unknown or belongs to several nodes, if it is not a leaf's, if a replay is in the
    graph, or (with `exact`) if a result is no fraction.

    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> loss = (x * w - 1) ** 2
    >>> what_if(loss, {"w": 1})
    What if w = 1: v6 = 4, before 25.
      node         before  after  change  gradient  after
      w                 2      1      -1        30     12
      v2 = x*w          6      3      -3        10      4
      v4 = v2 - 1       5      2      -3        10      4
      v6 = v4**2       25      4     -21         1      1
      x                 3      3       0        20      4
    """
    if isinstance(root, Mapping) and is_subject(leaves):
        raise TypeError(
            'expected the root first, then the leaves with their numbers. Swap the arguments: what_if(loss, {"w": 1}).'
        )
    end = root_of(root)
    if not isinstance(leaves, Mapping):
        raise TypeError(f'expected leaves with their numbers, a dict such as {{"w": 1.5}}, got {got(leaves)}.')
    refuse("a graph is computed again")
    graph = _Graph(end)
    convert: Callable[..., Number] = as_fraction if exact else as_float
    places = [graph.leaf(key) for key in leaves]
    numbers = zip(places, leaves.values(), strict=True)
    given = {place: convert(number, graph.names[place]) for place, number in numbers}
    if len(given) < len(leaves):
        raise ValueError(f"a leaf is given twice: {listed([graph.names[place] for place in places])}.")
    floats = graph.computed({}, exact=False)
    before = graph.computed({}, exact) if exact else floats
    after = graph.computed(given, exact)
    columns = zip(graph.names, graph.formulas, before[0], after[0], before[1], after[1], strict=True)
    is_outdated = not all(map(is_same, floats[0], [line.data for line in graph.lines]))
    return WhatIf(tuple([Recomputed(*fields) for fields in columns]), tuple(given), is_outdated)


class _Graph:
    """The lines of a graph that can be computed again, their names, and their formulas, "" for leaves."""

    def __init__(self, root: Value) -> None:
        with sweeping:
            self._order = topological_order([root])
            self.lines, self.names = lines_of(self._order), node_names(self._order)
            self._varies = [[partial is not None for partial in line.partials] for line in self.lines]
        self.formulas: list[str] = []
        for name, formula in zip(self.names, formula_texts(self.lines, self.names), strict=True):
            if formula is None:
                raise ValueError(
                    f"{name} was computed by a replay, which keeps no graph to compute again. Call the function "
                    "itself: it is the attribute `function` of the replay."
                )
            self.formulas.append(formula)

    def leaf(self, key: str | Value) -> int:
        """Return the place of a leaf, given by its name or as the Value itself."""
        place = self._place(key) if isinstance(key, Value) else find(self.names, key)
        op, operands = self.lines[place].op, [self.names[operand] for operand in self.lines[place].operands]
        if op is not None:
            raise ValueError(
                f"only leaves can be changed, but {self.names[place]} is computed by {op.name} from {listed(operands)}."
            )
        return place

    def computed(self, given: Mapping[int, Number], exact: bool) -> tuple[list[Any], list[Any]]:
        """Return every node's number and gradient, with other numbers at the given places, in floats or fractions."""
        convert: Callable[..., Number] = as_fraction if exact else as_float
        arithmetic: Callable[..., tuple[Number, Sequence[Number | None]]] = apply if exact else in_floats
        numbers: list[Any] = []
        slopes: list[Sequence[Any]] = []
        for place, line in enumerate(self.lines):
            if line.op is None:
                numbers.append(given[place] if place in given else convert(line.data, self.names[place]))
                slopes.append(())
                continue
            operands = [numbers[operand] for operand in line.operands]
            try:
                number, own = arithmetic(line.op, operands, self._varies[place])
            except InexactError as error:
                computed = f"{self.names[place]} = {self.formulas[place]}"
                raise InexactError(f"{computed} is not computed exactly: {error}. Leave out exact=True.") from error
            numbers.append(number)
            slopes.append(own)
        return numbers, self._gradients(slopes, convert(1.0))

    def _gradients(self, slopes: Sequence[Sequence[Any]], seed: Number) -> list[Any]:
        """Return the gradients, added in the order of the engine's sweep; None for nodes that do not vary."""
        lines = self.lines

        def edges(place: int) -> list[tuple[int, Any]]:
            pairs = zip(lines[place].operands, slopes[place], strict=True)
            return [(operand, slope) for operand, slope in pairs if slope is not None]

        totals = {len(lines) - 1: seed} if lines[-1].varies else {}
        accumulate(reversed(range(len(lines))), edges, totals)
        return [totals.get(place) for place in range(len(lines))]

    def _place(self, leaf: Value) -> int:
        for place, node in enumerate(self._order):
            if node is leaf:
                return place
        _, hint = name_in(self._order[-1], leaf)
        raise ValueError(f"{leaf!r} is not in the graph of {self.names[-1]}. {hint}".rstrip())
