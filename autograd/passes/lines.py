"""`lines`: a pass as a lecture writes it, one equation for each named quantity.

The formulas come from the recorded graph and the table of operations, the results from the engine: a line of the
forward pass is a quantity's own formula, a line of the backward pass the sum over its users of their gradient times
their derivative, a line of the update what the optimizer computes.
"""

import math
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from operator import itemgetter
from typing import Any

from autograd.node import Node
from autograd.passes.names import line_names
from autograd.passes.naming import Naming
from autograd.passes.quantities import Quantities, slopes_in
from autograd.passes.subject import OptimizerLike, Root, require_varying, subject_of
from autograd.passes.tape import Line, Tape, lines_of, refuse_old_results
from autograd.passes.updates import GRADIENT, PARAMETER, Move, as_new, moves, quantity, result_name, results_of
from autograd.passes.wording import DIGITS, telling_digits
from autograd.state.observation import refuse
from autograd.sweep import accumulate, adjoints, sweeping, topological_order
from autograd.symbols.differentiation import product, total_of
from autograd.symbols.exact import InexactError, as_fraction, evaluated_exactly
from autograd.symbols.expression import (
    Conditional,
    Constant,
    Derivative,
    Expression,
    Operation,
    Relation,
    Symbol,
    Writer,
    name_of,
    text,
)
from autograd.symbols.formulas import MATH
from autograd.symbols.simplification import ZERO
from autograd.symbols.substitution import evaluated, parts, spelled_out, symbol_names, taken
from autograd.table.scalars import json_number

FORWARD, LOSS, BACKWARD, UPDATE = "forward", "loss", "backward", "update"
"""The parts of a pass."""
_TYPED = 12
"""The most digits of a decimal that somebody types."""
_CLOSE = 1e-9
"""How close a taught formula must be to the engine's result, relative to it."""


@dataclass(frozen=True, repr=False)
class PassLine:
    """One line of a pass: `name = symbols = numbers = result`.

    `left` is its name as a formula. `formula` is shown in symbols, and with the numbers of `known` in their place. The
    numbers are floats; fractions are Fractions in exact lines. Of a choice, only the side is shown that the numbers
    take, and `since` has the conditions for that.
    `part` is "forward", "loss", "backward" or "update". `about` is the name of the quantity: of the line of a gradient
    or an update, the node that has it.

    >>> from autograd.symbols.expression import NamedFunction
    >>> line = PassLine(Symbol("y3"), NamedFunction("F", Symbol("x3")), {"x3": 5.0}, 5.0, "forward", "y3")
    >>> line.name, line.symbols, line.numbers
    ('y3', 'F(x3)', 'F(5)')
    """

    left: Expression
    formula: Expression
    known: Mapping[str, Any]
    result: Any
    part: str
    about: str

    @property
    def name(self) -> str:
        """The name of what the line computes."""
        return name_of(self.left) or text(self.left)

    @property
    def shown(self) -> Expression:
        """The formula as it is shown."""
        return self._taken[0]

    @property
    def since(self) -> Sequence[Relation]:
        """The conditions that hold for the formula as it is shown."""
        return self._taken[1]

    @cached_property
    def _taken(self) -> tuple[Expression, list[Relation]]:
        numbers = (number for number in (*self.known.values(), self.result) if not isinstance(number, Fraction))
        return taken(self.formula, self.known) if all(map(math.isfinite, numbers)) else (self.formula, [])

    @property
    def symbols(self) -> str:
        """The formula in symbols."""
        return text(self.shown)

    @property
    def numbers(self) -> str:
        """The formula in numbers."""
        return text(self.shown, self.known, self.digits)

    @property
    def digits(self) -> int:
        """How many significant digits its numbers have: those of an update show how the number changes."""
        before = self.known.get(self.about)
        is_update = self.part == UPDATE and self.left == as_new(Symbol(self.about))
        return DIGITS if before is None or not is_update else max(DIGITS, telling_digits(before, self.result))

    @property
    def expression(self) -> str:
        """The right side as a Python expression of exact numbers, with the functions of Python's `math`.

        >>> PassLine(Symbol("y"), Symbol("x").relu() / 3, {"x": 0.1}, 0.1 / 3, "forward", "y").expression
        '(0.0 if 0.1 < 0.0 else 0.1) / 3.0'
        """
        return MATH.text(spelled_out(self.formula), self.known)

    @property
    def steps(self) -> list[str]:
        """The right sides from symbols to result; equal ones appear once. The last one ends with `since`.

        >>> slope = (Symbol("x3") <= Constant(0.0)).choose(0, Symbol("x3"))
        >>> PassLine(Symbol("y3"), slope, {"x3": 5.0}, 5.0, "forward", "y3").steps
        ['x3', '5, since x3 > 0']
        """
        found = list(dict.fromkeys([self.symbols, self.numbers, text(Constant(self.result), digits=self.digits)]))
        return [*found[:-1], ", since ".join(filter(None, [found[-1], self._reason]))]

    @property
    def _reason(self) -> str:
        return " and ".join(Writer(DIGITS).condition(condition, {}) for condition in self.since)

    def as_json(self) -> dict[str, Any]:
        """Return the line as plain data; a result that is no number has no expression."""
        texts = {"name": self.name, "part": self.part, "symbols": self.symbols, "numbers": self.numbers}
        reason = {"since": self._reason} if self.since else {}
        exact = {"exact": str(self.result)} if isinstance(self.result, Fraction) else {}
        expression = self.expression if math.isfinite(self.result) else None  # Python raises for some infinities
        return texts | {"expression": expression, "result": json_number(float(self.result))} | reason | exact

    def __str__(self) -> str:
        return " = ".join([self.name, *self.steps])

    def __repr__(self) -> str:
        return f"<{self.part} line: {self}>"


def headed(found: Sequence[PassLine]) -> list[tuple[str, PassLine]]:
    """Return each line with the heading of its part; updates between gradients are a part of the backward pass.

    >>> [heading for heading, _ in headed([PassLine(Symbol("y"), Symbol("x"), {}, 5.0, "forward", "y")])]
    ['Forward']
    """
    parts_in_order = [line.part for line in found]
    mixed = UPDATE in parts_in_order and BACKWARD in parts_in_order[parts_in_order.index(UPDATE) :]
    return [((BACKWARD if mixed and line.part == UPDATE else line.part).capitalize(), line) for line in found]


def lines(
    root: Root, *, naming: Naming | None = None, optimizer: OptimizerLike | None = None, exact: bool = False
) -> list[PassLine]:
    """Return a forward and backward pass line by line, and the updates of an optimizer.

    `root` is a Value, or an exercise or its solution, which has its own names and its own update. `naming` says what
    the lines of a Value call things. `exact` computes in fractions; where that is impossible, a result is a float, and
    so is all that follows from it. Gradients and weights do not change. Raises TypeError for another root and for an
    object that is no optimizer; ValueError for a root that depends on constants only, for an optimizer or a naming with
    an exercise, for an optimizer that updates no leaf of the graph, and if a leaf was changed after the root was
    computed.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> for line in lines((x * w - 5) ** 2):
    ...     print(line)
    loss = (x*w - 5)**2 = (3*2 - 5)**2 = 1
    dloss/dx = 2*(x*w - 5)*w = 2*(3*2 - 5)*2 = 4
    dloss/dw = 2*(x*w - 5)*x = 2*(3*2 - 5)*3 = 6
    """
    written = pass_of(root, naming=naming, optimizer=optimizer)
    return list(_in_fractions(written.lines(), written.naming.fractions)) if exact else written.lines()


def pass_of(root: Root, *, naming: Naming | None = None, optimizer: OptimizerLike | None = None) -> "Pass":
    """Return the pass whose lines are written; see `lines`."""
    subject = subject_of(root, optimizer)
    if naming is not None and subject.naming is not None:
        raise ValueError("an exercise has its own names; give no naming with it.")
    refuse("the lines of a pass are read")
    require_varying(subject.root, "lines")
    return Pass(subject.root, naming or subject.naming or Naming(), subject.optimizer)


class Pass:
    """A pass whose lines are written: its quantities, the numbers of all names, and what a gradient is written as.

    `root` is a Value, or its tape if it has no optimizer. `inside` has, after `lines()`, the transparent
    quantities that are written into each gradient.
    """

    def __init__(self, root: Any, naming: Naming, optimizer: OptimizerLike | None) -> None:
        self.root, self.naming, self.optimizer = root, naming, optimizer
        order, tape, totals = _read([*naming.beside, root])
        if not tape[-1].label:
            tape[-1] = tape[-1]._replace(label=naming.root)
        self.names = line_names(tape)
        refuse_old_results(tape, self.names)
        self.quantities = Quantities(tape, self.names, functions=naming.functions, labels_only=naming.labels_only)
        self.tape, self.totals = tape, totals
        self.gradients: dict[int, Expression] = {
            place: self._gradient_name(place) for place in self.quantities.places if tape[place].varies
        }
        self.known = {self.names[place]: tape[place].data for place in self.quantities.places}
        replays = [place for place in self.quantities.places if tape[place].operands and tape[place].op is None]
        self.known |= {name_of(self.quantities.formula(place)): tape[place].data for place in replays}
        self.known |= {name_of(name): totals[place] for place, name in self.gradients.items()}
        self.inside: dict[int, list[int]] = {len(tape) - 1: []}
        self.written: dict[int, Expression] = dict(self.gradients) | {len(tape) - 1: Constant(1.0)}
        places = {node: place for place, node in enumerate(order)}
        self.moves = moves(optimizer, {node: totals[place] for node, place in places.items()}) if optimizer else []
        self.places = places
        self.weights = (
            {self.names[place] for place in self.gradients if tape[place].kind == "parameter"}
            if naming.weight_first
            else set()
        )

    def _gradient_name(self, place: int) -> Expression:
        name = self.names[place]
        own = self.naming.gradients.get(name)
        return Symbol(own) if own else Derivative(self.names[-1], name)

    def lines(self) -> list[PassLine]:
        """Return all lines, in the order of the naming."""
        computed = _in_order(self._forward(), self.naming.forward)
        loss = [line for line in computed if line.part == LOSS]
        backward = list(self._backward())
        updates = list(self._updates())
        inside = [line for line in updates if line.about in self.naming.transparent]
        last = [line for line in updates if line.about not in self.naming.transparent]
        forward = [line for line in computed if line.part == FORWARD]
        return [*forward, *loss, *_in_order([*backward, *inside], self.naming.backward), *last]

    def _line(
        self,
        left: Expression,
        formula: Expression,
        result: float,
        part: str,
        place: int,
        own: dict[str, float] | None = None,
    ) -> PassLine:
        known = ChainMap(own or {}, self.known)
        names = symbol_names(formula) | symbol_names(spelled_out(formula))
        needed = {name: known[name] for name in names if name in known}
        return PassLine(left, formula, needed, result, part, self.names[place])

    def _taught(self, formula: Expression | None, result: float, otherwise: Expression) -> Expression:
        """Return a formula that is taught where it is true, else the other one."""
        if formula is None:
            return otherwise
        value = evaluated(formula, self.known)
        return formula if math.isclose(value, result, rel_tol=_CLOSE, abs_tol=_CLOSE) else otherwise

    def _forward(self) -> Iterator[PassLine]:
        for place in self.quantities.places:
            if self.tape[place].operands:
                name, result = self.names[place], self.tape[place].data
                formula = self._taught(self.naming.formulas.get(name), result, self.quantities.formula(place))
                part = LOSS if place == len(self.tape) - 1 or name in self.naming.losses else FORWARD
                yield self._line(Symbol(name), formula, result, part, place)

    def _backward(self) -> Iterator[PassLine]:
        terms: dict[int, dict[int, Expression]] = {place: {} for place in self.gradients}
        shown: set[str] = set()
        computed = [place for place in reversed(self.gradients) if self.tape[place].operands]
        leaves = [place for place in self.gradients if not self.tape[place].operands]
        for place in (*computed, *leaves):
            if place < len(self.tape) - 1:
                total = self._total(place, terms[place])
                if self._is_transparent(place):
                    self.written[place] = total
                else:
                    yield from self._slopes(total, place, shown)
                    yield self._line(self.gradients[place], total, self.totals[place], BACKWARD, place)
            for operand, partial in self.quantities.partials(place).items() if self.written[place] != ZERO else ():
                terms[operand][place] = self._product(self.written[place], partial)

    def _is_transparent(self, place: int) -> bool:
        return self.names[place] in self.naming.transparent

    def _total(self, place: int, terms: Mapping[int, Expression]) -> Expression:
        """Return the gradient of a quantity as the sum of its terms, one of each user."""
        taught = self.naming.gradient_formulas.get(self.names[place])
        users = sorted(terms)
        total = self._taught(taught, self.totals[place], total_of([terms[user] for user in users]))
        hidden = [] if total is taught else filter(self._is_transparent, users)
        self.inside[place] = [each for user in hidden for each in (user, *self.inside[user])]
        return total

    def _product(self, gradient: Expression, partial: Expression) -> Expression:
        is_weight = isinstance(partial, Symbol) and partial.name in self.weights
        return product(partial, gradient) if is_weight else product(gradient, partial)

    def _slopes(self, formula: Expression, place: int, shown: set[str]) -> Iterator[PassLine]:
        """Yield a line for each slope F'(x) in a formula for the first time, if it is more than a choice of numbers."""
        for slope, meaning in slopes_in(formula).items():
            name = text(slope)
            if name not in shown and _bends(meaning, symbol_names(slope.operand)):
                yield self._line(slope, meaning, evaluated(meaning, self.known), BACKWARD, place)
            shown.add(name)

    def _updates(self) -> Iterator[PassLine]:
        for move in self.moves:
            yield from self._update(self.places[move.parameter], move)

    def _update(self, place: int, move: Move) -> Iterator[PassLine]:
        """Yield the lines of the update of one parameter."""
        name, numbers = self.names[place], dict(move.known)
        if not move.formulas:
            yield self._line(as_new(Symbol(name)), move.as_change(Symbol(name)), move.after, UPDATE, place)
            return
        own: dict[str, Expression] = {line.name: quantity(line.name, name) for line in move.formulas}
        settings = {setting: Symbol(self.naming.settings.get(setting, setting)) for setting in numbers}
        written: dict[str, Expression] = {**settings, **own, PARAMETER: Symbol(name), GRADIENT: self.written[place]}
        for line, result in zip(move.formulas, results_of(move.formulas, move.known, move.kept), strict=True):
            formula = _with_products(line.formula, written)
            known = {own_name: number for key, number in numbers.items() if (own_name := name_of(written[key]))}
            left = result_name(line.name, name, line.name in move.known)
            yield self._line(left, formula, result, UPDATE, place, known)
            numbers[line.name], written[line.name] = result, left


def _read(roots: Sequence[Any]) -> tuple[list[Node], list[Line], list[float]]:
    """Return the nodes of a graph, their lines, and the derivatives of the last root; of a tape the last two."""
    if isinstance(roots[-1], Tape):
        tape = list(roots[-1].lines)
        found = {len(tape) - 1: 1.0}
        accumulate(reversed(range(len(tape))), lambda place: tape[place].edges, found)
        return [], tape, [found.get(place, -0.0) for place in range(len(tape))]
    with sweeping:
        order = topological_order(roots)
        return order, lines_of(order), list(adjoints(order))


def _in_fractions(found: Sequence[PassLine], given: Mapping[str, Fraction]) -> Iterator[PassLine]:
    """Yield the lines with fractions as their numbers, where these can be computed from the lines before."""
    numbers: dict[str, Fraction | float] = dict(given)
    for line in found:
        for name, number in line.known.items():
            if name not in numbers:
                numbers[name] = as_fraction(number) if _is_typed(number) else number
        known = {name: numbers[name] for name in line.known}
        fractions = {name: number for name, number in known.items() if isinstance(number, Fraction)}
        result: Fraction | float = line.result
        if len(fractions) == len(known):
            with suppress(InexactError):
                formula = spelled_out(line.formula)
                plain = [part.number for part in parts(formula) if isinstance(part, Constant)]
                if all(_is_typed(number) or repr(number) in given for number in plain):
                    result = evaluated_exactly(formula, {**given, **fractions})
        numbers[line.name] = result
        yield replace(line, known=known, result=result)


def _is_typed(number: float) -> bool:
    """Say whether a number is a decimal that somebody typed, such as 0.1, and not the rounded result of something."""
    return math.isfinite(number) and float(f"{number:.{_TYPED}g}") == number


def _with_products(formula: Expression, written: Mapping[str, Expression]) -> Expression:
    """Return a formula with its names replaced, and each product written as one."""
    match formula:
        case Operation(op, (left, right)) if op.name == "mul" and GRADIENT in symbol_names(formula):
            return product(_with_products(left, written), _with_products(right, written))
        case Operation(op, operands):
            return Operation(op, tuple(_with_products(operand, written) for operand in operands))
    return written.get(name_of(formula), formula)


def _bends(slope: Expression, operand: Set[str]) -> bool:
    """Say whether a slope changes with its operand, other than as a choice of numbers."""
    if isinstance(slope, Conditional):
        return _bends(slope.yes, operand) or _bends(slope.no, operand)
    return bool(symbol_names(slope) & operand)


def _in_order(found: Iterable[PassLine], order: Sequence[str]) -> list[PassLine]:
    """Return lines in the order of their quantities; a line of another quantity stays behind the line before it."""
    ranks = {name: rank for rank, name in enumerate(order)}
    ranked, rank = [], -1
    for line in found:
        rank = ranks.get(line.about, rank)
        ranked.append((rank, line))
    return [line for _, line in sorted(ranked, key=itemgetter(0))]
