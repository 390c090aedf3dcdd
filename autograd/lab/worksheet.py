"""`Worksheet`: the lines of a pass as a calculation that can be done again with other numbers for some of them."""

import math
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple
from unicodedata import normalize

from autograd.lab.calculation import Calculation, Number, terms_of
from autograd.passes.lines import BACKWARD, FORWARD, LOSS, UPDATE, Pass, PassLine, pass_of
from autograd.passes.names import is_data, listed
from autograd.passes.naming import Naming
from autograd.passes.quantities import slopes_in
from autograd.passes.subject import OptimizerLike, Root
from autograd.symbols.expression import Expression, NamedFunction, Operation, Symbol, name_of, text
from autograd.symbols.indices import new_name
from autograd.symbols.substitution import evaluated, spelled_out, substituted, symbol_names, with_functions
from autograd.table.scalars import alike, is_same


@dataclass(frozen=True)
class Quantity:
    """A number that a student can be asked for: its line, and what it is computed from.

    `formula` is the line's right side, `detail` the same in smaller steps: with the gradients and slopes that the line
    has written into it. An `aside` is such a gradient or slope; it has no line of its own.
    """

    name: str
    line: PassLine
    formula: Expression
    detail: Expression
    aside: bool = False

    @property
    def right(self) -> float:
        """The right number."""
        return float(self.line.result)

    @cached_property
    def largest(self) -> float:
        """The largest number in its line, without sign."""
        return max([abs(number) for number in self.line.known.values()], default=0.0)

    @property
    def before(self) -> float | None:
        """The old number, if this is the new number of a weight."""
        return self.line.known.get(self.line.about) if self.is_update else None

    @property
    def is_update(self) -> bool:
        """Whether this is the new number of a weight."""
        return self.line.part == UPDATE and self.name == new_name(self.line.about)


class Unit(NamedTuple):
    """A weighted sum: its name, the names of what it adds, their weights, and its biases."""

    name: str
    sources: tuple[str, ...]
    weights: tuple[str, ...]
    biases: tuple[str, ...]


class Way(NamedTuple):
    """How a quantity is computed: the calculation, how it is written, and the quantities in it."""

    calculation: Calculation
    shown: Expression
    reads: list[str]


class Worksheet:
    """The quantities of a pass in the order of its lines, and in the order of their computation.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> sheet = Worksheet((x * w - 5) ** 2)
    >>> [quantity.name for quantity in sheet.asked], sheet.find("dw").name
    (['loss', 'dloss/dx', 'dloss/dw'], 'dloss/dw')
    """

    def __init__(self, root: Root, naming: Naming | None = None, optimizer: OptimizerLike | None = None) -> None:
        written = pass_of(root, naming=naming, optimizer=optimizer)
        full = Pass(written.root, replace(written.naming, transparent=()), written.optimizer)
        taught = {line.name: line for line in written.lines()}
        detailed = {line.name: line for line in full.lines()}
        self.quantities: dict[str, Quantity] = {}
        for name, line in taught.items():
            is_slope = isinstance(line.left, NamedFunction)
            self.quantities[name] = Quantity(name, line, line.formula, detailed[name].formula, is_slope)
        for line in [line for line in detailed.values() if line.name not in taught]:
            self.quantities[line.name] = Quantity(line.name, line, line.formula, line.formula, aside=True)
        self._add_slopes([*taught.values(), *detailed.values()])
        self.given = self._given([*taught.values(), *detailed.values()])
        kinds = {name: full.tape[place].kind for place, name in enumerate(full.names)}
        self.settings = set(self.given) - kinds.keys()
        parameters = {name for name, kind in kinds.items() if kind == "parameter"}
        inputs = {name for name in self.given if (kinds.get(name) == "leaf" if parameters else _is_data(name))}
        self.units = list(self._units(set(self.given) - self.settings - inputs))
        self.weights = parameters | {name for unit in self.units for name in (*unit.weights, *unit.biases)}
        self.results = dict(self._activations())
        sources = {source for unit in self.units for source in unit.sources}
        self.targets = self.given.keys() - self.settings - self.weights - sources
        self.losses = [
            own.name for own in self.quantities.values() if own.line.part in (FORWARD, LOSS) and self._has_target(own)
        ]
        self._ways: dict[frozenset[str], dict[str, Way]] = {}
        reads = {name: self._reads(quantity) for name, quantity in self.quantities.items()}
        self.order = self._in_order_of_computation(reads)
        self.quantities = {quantity.name: quantity for quantity in self._with_asides_in_place(reads)}
        self._ranks = {name: rank for rank, name in enumerate(self.quantities)}
        self._names = self._spellings(full)

    @property
    def asked(self) -> list[Quantity]:
        """The quantities that have a line, without those aside."""
        return [quantity for quantity in self.quantities.values() if not quantity.aside]

    def _add_slopes(self, lines: Iterable[PassLine]) -> None:
        """Add each slope F'(x) that stands in a line, but has none of its own."""
        for line in lines:
            for slope, meaning in slopes_in(line.formula).items():
                name, numbers = text(slope), line.known
                if name not in self.quantities:
                    own = {known: numbers[known] for known in symbol_names(meaning) if known in numbers}
                    found = PassLine(slope, meaning, own, evaluated(meaning, numbers), BACKWARD, line.about)
                    self.quantities[name] = Quantity(name, found, meaning, meaning, aside=True)

    def _given(self, lines: Iterable[PassLine]) -> dict[str, float]:
        """Return the numbers that no line computes, by name."""
        found: dict[str, float] = {}
        for line in lines:
            found |= {name: number for name, number in line.known.items() if name not in self.quantities}
        return found

    def _units(self, weights: set[str]) -> Iterator[Unit]:
        """Yield the sums of products of a number with one of these weights."""
        for quantity in self.quantities.values():
            terms = terms_of(quantity.formula) if quantity.line.part == FORWARD else []
            pairs = [pair for term in terms if (pair := _weighted(term, weights))]
            if pairs:
                biases = tuple(name for term in terms if (name := name_of(term)) in weights)
                yield Unit(quantity.name, tuple(each for each, _ in pairs), tuple(each for _, each in pairs), biases)

    def _activations(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each weighted sum, with that of its activation."""
        for quantity in self.quantities.values():
            match quantity.formula:
                case NamedFunction(_, Symbol(operand)) if quantity.line.part == FORWARD:
                    yield operand, quantity.name

    def _has_target(self, quantity: Quantity) -> bool:
        return not self.targets.isdisjoint(symbol_names(quantity.formula))

    def layer_of(self, unit: Unit) -> list[Unit]:
        """Return the units with the same sources."""
        return [other for other in self.units if other.sources == unit.sources]

    def _in_order_of_computation(self, reads: Mapping[str, set[str]]) -> list[Quantity]:
        users: dict[str, list[str]] = {name: [] for name in reads}
        for name, read in reads.items():
            for operand in read:
                users[operand].append(name)
        missing = {name: len(read) for name, read in reads.items()}
        free, order = deque(name for name, count in missing.items() if not count), []
        while free:
            order.append(self.quantities[free.popleft()])
            for user in users[order[-1].name]:
                missing[user] -= 1
                if not missing[user]:
                    free.append(user)
        return order

    def _with_asides_in_place(self, reads: Mapping[str, set[str]]) -> list[Quantity]:
        """Return the quantities in the order of the lines; one aside stands before the first line that uses it."""
        firsts: dict[str, int] = {}
        for place, quantity in enumerate(self.asked):
            waiting = [quantity.name]
            while waiting:
                asides = [name for name in reads[waiting.pop()] if self.quantities[name].aside and name not in firsts]
                firsts |= dict.fromkeys(asides, place)
                waiting += asides
        last = len(self.asked)
        ranked = [(firsts.get(own.name, last), own) for own in self.order if own.aside]
        ranked += list(enumerate(self.asked))
        return [quantity for _, quantity in sorted(ranked, key=itemgetter(0))]

    def _reads(self, quantity: Quantity) -> set[str]:
        formulas = (quantity.formula, quantity.detail)
        names = {name for formula in formulas for name in symbol_names(spelled_out(formula, self.quantities))}
        return (names & self.quantities.keys()) - {quantity.name}

    def _spellings(self, full: Pass) -> dict[str, str]:
        """Return the name of the quantity that each spelling means."""
        found = {name: name for name in self.quantities}
        root = full.names[-1]
        for place, gradient in full.gradients.items():
            own, name = full.names[place], text(gradient)
            for spelling in (f"d{own}", f"d{root}/d{own}", f"d{root}_d{own}", f"{own}.grad", f"grad_{own}"):
                if name in self.quantities:
                    found.setdefault(spelling, name)
        for quantity in self.quantities.values():
            if quantity.is_update:
                own = quantity.line.about
                for spelling in (own, f"{own}'", f"{own}new", f"{own} new", f"new {own}"):
                    found.setdefault(spelling, quantity.name)
        return found

    def names(self, key: str) -> bool:
        """Say whether a text names a quantity."""
        return self._named(_plain(key)) is not None

    def _named(self, plain: str) -> str | None:
        letters = _letters(plain)
        return self._names.get(plain) or _only(
            [own for known, own in self._names.items() if _letters(known) == letters]
        )

    def find(self, key: str) -> Quantity:
        """Return the quantity that a name means: a weight's name is its new number. Raises ValueError without one."""
        plain = _plain(key)
        if not plain:
            raise ValueError("a number has no name; write the name of its quantity beside it.")
        name = self._named(plain)
        if name is None:
            raise ValueError(self._unknown(key, plain))
        return self.quantities[name]

    def _unknown(self, key: str, plain: str) -> str:
        if plain in self.given:
            gradient = f" Its gradient is d{plain}." if f"d{plain}" in self._names else ""
            return f"{key} is given, not computed.{gradient}"
        known = [quantity.name for quantity in self.asked]
        close = alike(plain, self._names, 1)
        return f"{key} is no quantity of this pass; {f'try {close[0]}' if close else f'there are {listed(known)}'}."

    def ways(self, asides: frozenset[str]) -> dict[str, Way]:
        """Return how each quantity is computed by somebody who has these quantities aside."""
        if asides not in self._ways:
            self._ways[asides] = {name: self._way(quantity, asides) for name, quantity in self.quantities.items()}
        return self._ways[asides]

    def _way(self, quantity: Quantity, asides: frozenset[str]) -> Way:
        uses = self._leads_to(quantity, asides)
        shown = self._written(quantity, asides) if uses else quantity.formula
        formula = spelled_out(shown, asides)
        names = symbol_names(formula)
        return Way(Calculation(formula), shown, sorted(names & self.quantities.keys(), key=self._ranks.__getitem__))

    def _written(self, quantity: Quantity, asides: frozenset[str]) -> Expression:
        """Return the formula of a line with these quantities aside, and the formulas of all others aside."""
        formula = with_functions(quantity.detail, lambda part: Symbol(text(part)) if text(part) in asides else part)
        others = self._asides_in(symbol_names(formula) - asides)
        return substituted(formula, {other.name: self._written(other, asides) for other in others})

    def _leads_to(self, quantity: Quantity, asides: frozenset[str]) -> bool:
        """Say whether a line is computed from one of these quantities, by way of others aside."""
        waiting = [quantity]
        while waiting and asides:
            names = symbol_names(spelled_out(waiting.pop().detail, self.quantities))
            if names & asides:
                return True
            waiting += self._asides_in(names)
        return False

    def _asides_in(self, names: Iterable[str]) -> list[Quantity]:
        return [own for name in names if (own := self.quantities.get(name)) and own.aside]

    def value(self, quantity: Quantity, calculation: Calculation, numbers: Mapping[str, Number]) -> Number:
        """Return the result for a quantity's line with these numbers, and its spread by their rounding."""
        known: list[float] = []
        spreads: list[tuple[int, float]] = []
        for place, name in enumerate(calculation.names):
            own = quantity.line.known.get(name)
            computed = self.quantities.get(name)
            if name in numbers and (own is None or computed is None or is_same(own, computed.right)):
                known.append(numbers[name].value)
                if numbers[name].spread:
                    spreads.append((place, numbers[name].spread))
            else:
                known.append(self.given[name] if own is None else own)
        value = calculation.run(*known)
        total = 0.0
        for place, spread in spreads:
            before, after = known[:place], known[place + 1 :]
            moved = [calculation.run(*before, known[place] + step, *after) for step in (spread, -spread)]
            total += max(abs(other - value) for other in moved)
        return Number(value, total if math.isfinite(total) else 0.0)


def _is_data(name: str) -> bool:
    return is_data(re.sub(r"\(.*\)", "", name))


def _weighted(term: Expression, weights: set[str]) -> tuple[str, str] | None:
    """Return the names of a source and its weight, if a term is their product."""
    match term:
        case Operation(op, (Symbol(left), Symbol(right))) if op.name == "mul" and (left in weights) != (
            right in weights
        ):
            return (left, right) if right in weights else (right, left)
    return None


def _plain(key: str) -> str:
    greek = normalize("NFKC", key).strip()  # indices as plain digits
    for letter in "\N{GREEK SMALL LETTER DELTA}\N{GREEK CAPITAL LETTER DELTA}":
        greek = greek.replace(letter, "delta")
    greek = greek.replace("\N{GREEK SMALL LETTER ETA}", "eta")
    return greek.replace("\N{PARTIAL DIFFERENTIAL}", "d").replace("\N{PRIME}", "'")


def _letters(name: str) -> str:
    return re.sub(r"[\s_\-{}()\[\]\\]", "", name).lower()


def _only(names: Sequence[str]) -> str | None:
    return names[0] if len(set(names)) == 1 else None
