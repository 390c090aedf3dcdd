"""Makes the figures and edges of a picture from units (groups of lines of a tape)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from autograd import Line, Tape
from autograd.passes.names import line_names
from autograd.sweep import accumulate
from autograd.table.scalars import counted
from autograd.table.visible import visible
from viz.core.drawing import Drawing, Edge, Figure, Group, Parameter, Scope, edge_id, node_id, op_id, result_edge_id

MOST_LISTED = 40
"""The most parameters that a picture lists inside its figures."""


def single_lines(lines: Sequence[Line]) -> list[Group]:
    """Return one unit for each line: the graph as it was recorded."""
    return [Group("line", (number,), scope) for number, scope in enumerate(drawn_scopes(lines))]


def drawn_scopes(lines: Sequence[Line]) -> list[Scope]:
    """Return the scope of each line; a parameter made outside of scopes gets the scope that all its users share."""
    shared: dict[int, Scope] = {}
    for line in lines:
        for operand in line.operands:
            shared[operand] = common_prefix(shared[operand], line.scope) if operand in shared else line.scope
    return [
        shared[number] if line.kind == "parameter" and number in shared and not line.scope else line.scope
        for number, line in enumerate(lines)
    ]


def common_prefix(one: Scope, other: Scope) -> Scope:
    """Return the scopes that enclose both."""
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return one[:length]


def recorded(tape: Tape) -> Drawing:
    """Return the picture of a graph as it was recorded.

    >>> from autograd import Value
    >>> x = Value(3, "x")
    >>> [figure.key for figure in recorded(Tape.of(x * x)).figures]
    ['v0', 'v1', 'o1']
    """
    return Assembly(tape.lines, single_lines(tape.lines)).drawing()


@dataclass(frozen=True)
class Uses:
    """Which units use which: for each place of a unit, how often it uses the units at other places."""

    places: list[int]
    operands: list[Counter[int]]

    @classmethod
    def of(cls, lines: Sequence[Line], units: Sequence[Group]) -> "Uses":
        """Return the uses among units. A use of shared parameters is not counted, since it has no edge."""
        places = [0] * len(lines)
        for place, unit in enumerate(units):
            for number in unit.lines:
                places[number] = place
        operands: list[Counter[int]] = []
        for place, unit in enumerate(units):
            used = Counter([places[operand] for number in unit.lines for operand in lines[number].operands])
            operands.append(
                Counter({at: n for at, n in used.items() if at != place and units[at].kind != "parameters"})
            )
        return cls(places, operands)

    @cached_property
    def users(self) -> list[list[int]]:
        """For each unit the places of its users."""
        found: list[list[int]] = [[] for _ in self.operands]
        for place, used in enumerate(self.operands):
            for source in used:
                found[source].append(place)
        return found


class Assembly:
    """Makes the figures and edges of one or more pictures of the same units, unit after unit.

    `names` are those of the lines, if they are known.
    """

    def __init__(self, lines: Sequence[Line], units: Sequence[Group], names: Sequence[str] = ()) -> None:
        self._lines = lines
        self.units = units
        self._given = names
        self._chosen: Collection[int] = range(len(units))
        self._are_listed = True
        self._placed: set[int] = set()

    def drawing(self, chosen: Collection[int] | None = None, most_listed: int = MOST_LISTED) -> Drawing:
        """Return the picture of all units, or of those at the `chosen` places, with stubs for the others.

        The parameters and leaves inside units are listed if there are at most `most_listed`.
        """
        self._chosen = range(len(self.units)) if chosen is None else set(chosen)
        self._are_listed = self._count_listed() <= most_listed
        self._placed = set()
        figures: list[Figure] = []
        edges: list[Edge] = []
        for place in sorted(self._chosen):
            unit = self.units[place]
            figures += self._figures(unit)
            edges += self._edges(place, unit)
        for figure, edge in self._stubs():
            figures.append(figure)
            edges.append(edge)
        return Drawing(tuple(figures), tuple(edges))

    @cached_property
    def uses(self) -> Uses:
        """Which units use which."""
        return Uses.of(self._lines, self.units)

    @cached_property
    def _names(self) -> Sequence[str]:
        return self._given or line_names(self._lines)

    def _count_listed(self) -> int:
        units = [self.units[place] for place in self._chosen]
        return sum(len(self._hidden(unit)) for unit in units if unit.is_folded or unit.kind == "parameters")

    def _hidden(self, unit: Group) -> list[int]:
        """Return the parameters and the other leaves inside a unit."""
        return [number for number in unit.lines if self._lines[number].kind in ("parameter", "leaf")]

    @cached_property
    def _outputs(self) -> dict[int, list[int]]:
        """For each unit its lines that other units use; the root counts too."""
        places = self.uses.places
        used = {
            operand
            for place, line in zip(places, self._lines, strict=True)
            for operand in line.operands
            if places[operand] != place
        }
        used.add(len(self._lines) - 1)
        found = defaultdict(list)
        for number in sorted(used):
            found[places[number]].append(number)
        return found

    def _figures(self, unit: Group) -> Iterator[Figure]:
        last = unit.lines[-1]
        line = self._lines[last]
        is_root = len(self._lines) - 1 in unit.lines
        made = Figure(unit.key, unit.kind, scope=unit.scope, lines=unit.lines, is_root=is_root)
        if unit.kind == "line":
            place = self._place_of(last)
            yield replace(made, kind=line.kind, label=line.label, place=place, numbers=(line.data, line.grad))
            if line.op:
                yield Figure(op_id(last), "operation", notes=(line.op.symbol or line.op.name,), scope=unit.scope)
            return
        outputs = self._outputs[self.uses.places[last]]
        numbers = None
        if len(outputs) == 1 and unit.kind != "parameters":
            numbers = self._lines[outputs[0]].data, self._lines[outputs[0]].grad
        listed = self._hidden(unit) if self._are_listed and (unit.is_folded or unit.kind == "parameters") else []
        yield replace(
            made,
            label=line.label if unit.is_folded else unit.title,
            place=self._place_of(last) if unit.is_folded else "",
            notes=tuple(self._notes(unit, bool(listed))),
            numbers=numbers,
            listed=tuple(self._row(number) for number in listed),
            listed_kind=self._kind_of(listed),
        )

    def _kind_of(self, hidden: Sequence[int]) -> str:
        return "leaf" if any(self._lines[number].kind == "leaf" for number in hidden) else "parameter"

    def _place_of(self, number: int) -> str:
        """Return the part of a line's name after its label: "[v7]" or ""; "v7" if it has no label, "" for a number."""
        line = self._lines[number]
        return "" if line.is_number else self._names[number].removeprefix(visible(line.label or ""))

    def _row(self, number: int) -> Parameter:
        line = self._lines[number]
        return Parameter(self._names[number], line.data, line.grad)

    def _notes(self, unit: Group, are_listed: bool) -> Iterator[str]:
        parameters = sum(self._lines[number].kind == "parameter" for number in unit.lines)
        if unit.is_folded:
            yield unit.title
            hidden = self._hidden(unit)
            if hidden and not are_listed:
                yield counted(len(hidden), self._kind_of(hidden))
        elif unit.kind == "parameters":
            if not are_listed:
                yield "used by several sums"
        else:
            yield counted(len(unit.lines), "node") + (f", {counted(parameters, 'parameter')}" if parameters else "")
            yield from _calls(self._lines, unit)

    def _edges(self, place: int, unit: Group) -> Iterator[Edge]:
        if unit.kind == "line":
            yield from self._operand_edges(unit.lines[0])
            return
        partials = self._partials(unit) if unit.is_folded else {}
        for source, count in self.uses.operands[place].items():
            if source in self._chosen:
                tail = self.units[source].key
                partial = partials.get(source) if self.units[source].has_result else None
                yield Edge(f"{tail}_{unit.key}", tail, unit.key, partial, count)
        if unit.is_folded:
            yield from self._invisible_edges(place, unit)

    def _invisible_edges(self, place: int, unit: Group) -> Iterator[Edge]:
        """Yield an edge from parameters that are drawn nowhere else to the first sum that uses them."""
        for source in {self.uses.places[operand] for line in unit.lines for operand in self._lines[line].operands}:
            shared = self.units[source].kind == "parameters" and source in self._chosen
            if shared and source != place and source not in self._placed:
                self._placed.add(source)
                tail = self.units[source].key
                yield Edge(f"{tail}_{unit.key}", tail, unit.key, kind="invisible")

    def _operand_edges(self, number: int) -> Iterator[Edge]:
        line = self._lines[number]
        for place, (operand, partial) in enumerate(zip(line.operands, line.partials, strict=True)):
            source = self.uses.places[operand]
            if source not in self._chosen:
                continue
            in_order = line.op is not None and line.op.arity == 2 and not line.op.is_commutative
            port = ("nw", "sw")[place] if in_order else ""
            yield Edge(edge_id(number, place), self.units[source].key, self._entry(number), partial, 1, port)
        if line.op:
            yield Edge(result_edge_id(number), op_id(number), node_id(number), kind="result")

    def _entry(self, number: int) -> str:
        """Return the node where the edges to a line end: its operation, or its box if a replay made it."""
        return op_id(number) if self._lines[number].op else node_id(number)

    def _partials(self, unit: Group) -> dict[int, float]:
        """Return the derivatives of a folded result in the units it uses, by the chain rule inside the fold."""
        members = set(unit.lines)
        totals = {unit.lines[-1]: 1.0}
        accumulate(reversed(unit.lines), lambda number: self._lines[number].edges, totals)
        found: defaultdict[int, float] = defaultdict(float)
        for operand, total in totals.items():
            if operand not in members:
                found[self.uses.places[operand]] += total
        return found

    def _stubs(self) -> Iterator[tuple[Figure, Edge]]:
        """Yield a figure for the operands and the users of drawn units that are not drawn themselves."""
        if len(self._chosen) == len(self.units):
            return
        for place in sorted(self._chosen):
            unit = self.units[place]
            target = self._entry(unit.lines[0]) if unit.kind == "line" else unit.key
            for way, others in (("in", self.uses.operands[place]), ("out", self.uses.users[place])):
                cut = len([other for other in others if other not in self._chosen])
                if cut:
                    key = f"more_{way}_{unit.key}"
                    ends = (key, target) if way == "in" else (unit.key, key)
                    yield (
                        Figure(key, "more", notes=(f"{cut:,} more",), scope=unit.scope),
                        Edge(f"{key}_edge", *ends, kind="more"),
                    )


def _calls(lines: Sequence[Line], unit: Group) -> Iterator[str]:
    """Yield how often a collapsed scope was entered; each entry put a new tuple of names on its nodes."""
    if unit.kind != "scope":
        return
    path = (*unit.scope, unit.title)
    entries: defaultdict[Scope, set[int]] = defaultdict(set)
    for number in unit.lines:
        scope = lines[number].scope
        if scope[: len(path)] == path:
            entries[scope].add(id(scope))
    own = len(entries.pop(path, ()))
    if own > 1:
        yield counted(own, "call")
    if entries:
        calls = {len(found) for found in entries.values()}
        each = f", {calls.pop()} calls each" if len(calls) == 1 and calls != {1} else ""
        yield counted(len(entries), "scope") + each
