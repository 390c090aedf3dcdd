"""What a slip makes of a line: the changes of its formula, or of its numbers."""

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from autograd.lab.calculation import Number, terms_of
from autograd.lab.worksheet import Quantity, Worksheet
from autograd.passes.lines import UPDATE
from autograd.passes.quantities import slopes_in
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import Constant, Expression, NamedFunction, Operation, Symbol, name_of, text
from autograd.symbols.indices import new_name
from autograd.symbols.substitution import parts, spelled_out, substituted, symbol_names, with_functions
from autograd.table.scalars import format_number


class Alternative(NamedTuple):
    """What somebody computes who makes a slip: another formula, or the same with other numbers.

    `changed` says what differs, for the sentence.
    """

    formula: Expression
    changed: str = ""
    numbers: Mapping[str, Number] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """A line in which a slip is looked for, with the student's own numbers.

    `answered` are the quantities that the student gave, `asides` those of them without a line. `kept` are the fewest
    digits to which the student would round a number in between.
    """

    sheet: Worksheet
    quantity: Quantity
    numbers: Mapping[str, Number]
    answered: frozenset[str]
    asides: frozenset[str]
    kept: int = 1

    @property
    def shown(self) -> Expression:
        """The formula as the lecture writes it, with F'(x)."""
        return self.sheet.ways(self.asides)[self.quantity.name].shown

    def number(self, name: str) -> str:
        """Return "w35 = -3" for a name."""
        known = {**self.sheet.given, **self.quantity.line.known}
        value = self.numbers[name].value if name in self.numbers else known[name]
        return shown(name, value)


def shown(name: str, number: float) -> str:
    """Return "x3 = 5".

    >>> shown("x3", 5.0)
    'x3 = 5'
    """
    return f"{name} = {format_number(number, DIGITS)}"


def changed_once(formula: Expression, change: Callable[[Expression], Iterable[Expression]]) -> Iterator[Expression]:
    """Yield a formula with each change of one of its parts.

    >>> a, b = Symbol("a"), Symbol("b")
    >>> print(*changed_once(a * b + a, lambda part: [Constant(1.0)] if part == a else []), sep=", ")
    1*b + a, a*b + 1
    """
    yield from change(formula)
    if isinstance(formula, Operation):
        for place, operand in enumerate(formula.operands):
            for other in changed_once(operand, change):
                yield Operation(formula.op, (*formula.operands[:place], other, *formula.operands[place + 1 :]))


def new_weights(case: Case) -> Iterator[Alternative]:
    """Yield the line with the updated weights in place of the old ones."""
    new = {name: new_name(name) for name in sorted(symbol_names(case.shown)) if new_name(name) in case.sheet.quantities}
    choices = [new] if len(new) == 1 else [new, *({name: own} for name, own in new.items())]
    for chosen in choices if new else []:
        formula = substituted(case.shown, {name: Symbol(own) for name, own in chosen.items()})
        told = " and ".join(case.number(own).replace(own, name) for name, own in chosen.items())
        yield Alternative(formula, told)


def _replaced(formula: Expression, slope: NamedFunction, other: Expression) -> Expression:
    return with_functions(formula, lambda found: other if found == slope else found)


def without_slope(case: Case) -> Iterator[Alternative]:
    """Yield the line with no derivative F'."""
    for slope in slopes_in(case.shown):
        yield Alternative(_replaced(case.shown, slope, Constant(1.0)), text(slope))


def slope_of_result(case: Case) -> Iterator[Alternative]:
    """Yield the line with F' at y in place of x."""
    for slope, meaning in slopes_in(case.shown).items():
        result = case.sheet.results.get(name_of(slope.operand))
        if result:
            moved = substituted(meaning, {name_of(slope.operand): Symbol(result)})
            told = f"{slope.function}({result}) in place of {text(slope)}"
            yield Alternative(_replaced(case.shown, slope, moved), told)


def ascent(case: Case) -> Iterator[Alternative]:
    """Yield the line with the step added."""
    match case.shown:
        case Operation(op, (start, step)) if op.name == "sub":
            yield Alternative(start + step)


def reversed_error(case: Case) -> Iterator[Alternative]:
    """Yield the line with the error reversed."""

    def swapped(part: Expression) -> Iterator[Expression]:
        if isinstance(part, Operation) and _is_error(part, case):
            yield part.operands[1] - part.operands[0]

    for formula in changed_once(case.shown, swapped):
        yield Alternative(formula)


def without_rate(case: Case) -> Iterator[Alternative]:
    """Yield the line with no learning rate."""
    names = symbol_names(case.shown)
    for rate in sorted(names & case.sheet.settings):
        yield Alternative(substituted(case.shown, {rate: Constant(1.0)}), rate)


def one_path(case: Case) -> Iterator[Alternative]:
    """Yield the line with a path missed."""

    def shorter(part: Expression) -> Iterator[Expression]:
        terms = terms_of(part)
        is_step = case.quantity.line.part == UPDATE and part == case.shown
        if len(terms) > 1 and not is_step:
            yield from terms
            if len(terms) > 2:
                yield from (_without(place, terms) for place in range(len(terms)))

    for formula in changed_once(case.shown, shorter):
        yield Alternative(formula)


def _without(place: int, terms: list[Expression]) -> Expression:
    """Return the sum of these terms without one of them."""
    return reduce(operator.add, [*terms[:place], *terms[place + 1 :]])


def without_bias(case: Case) -> Iterator[Alternative]:
    """Yield the line with no bias."""
    terms = terms_of(case.shown)
    for place, term in enumerate(terms):
        if len(terms) > 1 and name_of(term) in case.sheet.weights:
            yield Alternative(_without(place, terms), name_of(term))


def without_activation(case: Case) -> Iterator[Alternative]:
    """Yield the line with no activation."""
    if isinstance(case.shown, NamedFunction):
        yield Alternative(case.shown.operand, case.shown.function)


def _number_in(formula: Expression) -> float | None:
    """Return the number that a formula without names is, such as 1/2."""
    match formula:
        case Constant(number):
            return number
        case Operation(op, (Constant(above), Constant(below))) if op.name == "div" and below:
            return above / below
    return None


def _without_number(part: Expression) -> Iterator[Expression]:
    match part:
        case Operation(op, (left, right)) if op.name == "mul" and _number_in(left) not in (None, 1.0):
            yield right
        case Operation(op, (left, right)) if op.name == "div" and _number_in(right) not in (None, 1.0):
            yield left


def _is_half(part: Expression) -> bool:
    match part:
        case Operation(op, (left, _)) if op.name == "mul":
            return _number_in(left) == 0.5
        case Operation(op, (_, right)) if op.name == "div":
            return _number_in(right) == 2.0
    return False


def without_half(case: Case) -> Iterator[Alternative]:
    """Yield the line with no half of the loss."""
    losses = [case.sheet.quantities[name].formula for name in case.sheet.losses]
    if case.quantity.name in case.sheet.losses:
        for formula in changed_once(case.shown, lambda part: _without_number(part) if _is_half(part) else ()):
            yield Alternative(formula)
    elif any(_is_half(part) for loss in losses for part in parts(loss)) and any(
        _is_error(part, case) for part in parts(case.shown)
    ):
        yield Alternative(Constant(2.0) * case.shown)


def _is_error(part: Expression, case: Case) -> bool:
    """Say whether a formula is a prediction minus its target."""
    match part:
        case Operation(op, (left, right)) if op.name == "sub" and not isinstance(left, Constant):
            return isinstance(right, Constant) or name_of(right) in case.sheet.targets
    return False


def without_factor(case: Case) -> Iterator[Alternative]:
    """Yield the line with no constant factor."""
    for formula in changed_once(case.shown, _without_number):
        yield Alternative(formula)
    count = len(case.sheet.losses)  # one for each example
    if count > 1 and any(_is_error(part, case) for part in parts(case.shown)):
        yield Alternative(Constant(float(count)) * case.shown)


def old_weight(case: Case) -> Iterator[Alternative]:
    """Yield the line with no update."""
    if case.quantity.is_update:
        yield Alternative(Symbol(case.quantity.line.about))


def _exchanges(case: Case) -> Iterator[dict[str, str]]:
    """Yield names of weights in a line, each with another weight that may stand in its place."""
    names = symbol_names(case.shown) & case.sheet.weights - {case.quantity.line.about}
    layers = {tuple(case.sheet.layer_of(unit)): None for unit in case.sheet.units if names & {*unit.weights}}
    for layer in layers:
        rows = [unit.weights for unit in layer]
        others = {name for row in rows for name in row}
        yield from _moved_rows(rows, names)
        for name in sorted(names & others):
            yield from ({name: other} for other in sorted(others - {name}))


def _moved_rows(rows: list[tuple[str, ...]], names: set[str]) -> Iterator[dict[str, str]]:
    """Yield the exchange of rows and columns, and of each row or column in a line with another one."""
    placed = {name: (row, column) for row, own in enumerate(rows) for column, name in enumerate(own) if name in names}
    height, width = len(rows), len(rows[0])
    moves = [{name: (column, row) for name, (row, column) in placed.items()}]
    moves += [{name: (goal, column) for name, (_, column) in placed.items()} for goal in range(height)]
    moves += [{name: (row, goal) for name, (row, _) in placed.items()} for goal in range(width)]
    for goals in moves:
        if all(row < height and column < width for row, column in goals.values()):
            found = {name: rows[row][column] for name, (row, column) in goals.items() if rows[row][column] != name}
            if len(found) > 1 or (found and len(placed) == 1):
                yield found


def other_weights(case: Case) -> Iterator[Alternative]:
    """Yield the line with other weights."""
    for exchange in _exchanges(case):
        formula = substituted(case.shown, {name: Symbol(other) for name, other in exchange.items()})
        told = " and ".join(f"{case.number(other)} in place of {name}" for name, other in exchange.items())
        yield Alternative(formula, told)


def other_sources(case: Case) -> Iterator[Alternative]:
    """Yield the line with another input."""
    names = symbol_names(case.shown)
    before = {post: pre for pre, post in case.sheet.results.items()}
    for sources in dict.fromkeys(unit.sources for unit in case.sheet.units):
        for name in sorted(names & {*sources}):
            others = [*sources, *([before[name]] if name in before else [])]
            for other in dict.fromkeys(others):
                if other != name:
                    told = f"{case.number(other)} in place of {name}"
                    yield Alternative(substituted(case.shown, {name: Symbol(other)}), told)


def rounded(case: Case) -> Iterator[Alternative]:
    """Yield the line with rounded numbers in between."""
    names = [name for name in sorted(symbol_names(spelled_out(case.shown))) if name in case.numbers]
    own = [name for name in names if name not in case.answered and math.isfinite(case.numbers[name].value)]
    for digits in range(4, case.kept - 1, -1):
        for written in (_to_places, _to_digits):
            numbers = {name: Number(written(case.numbers[name].value, digits)) for name in own}
            changed = [name for name in own if numbers[name].value != case.numbers[name].value]
            if changed and all(numbers[name].value for name in changed):
                told = " and ".join(f"{name} = {format_number(numbers[name].value)}" for name in changed)
                yield Alternative(case.shown, told, numbers)


def _to_places(number: float, digits: int) -> float:
    return round(number, digits)


def _to_digits(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}")
