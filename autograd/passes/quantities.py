"""The named quantities of a graph: a formula for each, and the derivatives of this formula.

A quantity is a node with a label, one that several operations use, or one whose derivative is written with its own
result, such as a tanh. All other nodes are folded into the formula of the quantity that uses them, unless it would be
too large to read. A derivative is one reverse pass over the formula, with the table's partials on symbols.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from autograd import ops
from autograd.passes.names import replay_text
from autograd.passes.naming import Function
from autograd.passes.tape import Line
from autograd.symbols.differentiation import product, total_of
from autograd.symbols.expression import Conditional, Constant, Expression, NamedFunction, Operation, Symbol
from autograd.symbols.formulas import MATH, partial_formula
from autograd.symbols.simplification import ZERO, joined, simplified
from autograd.symbols.substitution import chosen, parts, substituted, symbol_names
from autograd.table.op import Op

_DEEPEST = 5
"""How deep a formula may be nested; a sum inside a sum is not deeper."""
_LARGEST = 12
"""How many names and numbers a folded operand may have, unless it is the first part of a sum."""
_REPEATED = 3
"""As many, for an operand that stands in the derivative too."""
_SUMS = (ops.add, ops.sub)


class Quantities:
    """The named quantities of a tape, by their places in it.

    `names` are the names of all lines. `functions` gives names to the functions of some quantities. With `labels_only`,
    no other node is a quantity.

    >>> from autograd import Tape, Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> quantities = Quantities(Tape.of((x * w - 1) ** 2).lines, ["x", "w", "v2", "1", "v4", "2", "loss"])
    >>> print(quantities.formula(6), *quantities.partials(6).values(), sep=", ")
    (x*w - 1)**2, 2*(x*w - 1)*w, 2*(x*w - 1)*x
    """

    def __init__(
        self,
        lines: Sequence[Line],
        names: Sequence[str],
        *,
        functions: Mapping[str, Function] | None = None,
        labels_only: bool = False,
    ) -> None:
        self.lines, self.names = lines, names
        self.places = named_places(lines, labels_only)
        self._by_name = {names[place]: place for place in self.places}
        self._functions = {
            self._by_name[name]: (function.name, self._by_name[function.operand])
            for name, function in (functions or {}).items()
            if name in self._by_name and function.operand in self._by_name
        }
        self._folded: list[Expression] = []
        self._computed: dict[int, Expression] = {}
        named = set(self.places)
        for place, line in enumerate(lines):
            if line.operands:
                self._computed[place] = self._of_operands(line)
            known = Symbol(names[place]) if place in named else self._computed.get(place)
            self._folded.append(Constant(line.data) if known is None else known)
        self._named = named

    def _of_operands(self, line: Line) -> Expression:
        if line.op is None:
            return Symbol(replay_text([self.names[operand] for operand in line.operands]))
        operands = tuple(self._folded[operand] for operand in line.operands)
        is_typed = not any(self.lines[operand].operands for operand in line.operands)  # then "w*1" stays as it is
        is_number = all(isinstance(operand, Constant) for operand in operands)
        return Operation(line.op, operands) if is_typed and not is_number else joined(line.op, operands)

    def formula(self, place: int) -> Expression:
        """Return the formula of a quantity that was computed."""
        if place in self._functions:
            name, operand = self._functions[place]
            return NamedFunction(name, self._folded[operand], self._computed[place])
        return self._computed[place]

    def partials(self, place: int) -> dict[int, Expression]:
        """Return the derivative of a quantity's formula with respect to each quantity in it that varies."""
        found = self._derived(place)
        if place in self._functions:
            name, operand = self._functions[place]
            if operand in found:
                found[operand] = NamedFunction(
                    f"{name}'", self._folded[operand], self._as_function(place, found[operand])
                )
        return found

    def _derived(self, place: int) -> dict[int, Expression]:
        terms: dict[int, list[Expression]] = {}
        waiting: list[tuple[int, Expression]] = [(place, Constant(1.0))]
        while waiting:
            at, adjoint = waiting.pop()
            if at in self._named and at != place:
                terms.setdefault(at, []).append(adjoint)
                continue
            line = self.lines[at]
            inner = [
                (operand, product(adjoint, self._local(at, position)))
                for position, operand in enumerate(line.operands)
                if line.partials[position] is not None
            ]
            waiting += [(operand, found) for operand, found in reversed(inner) if found != ZERO]
        return {at: total_of(found) for at, found in terms.items()}

    def _as_function(self, place: int, slope: Expression) -> Expression:
        """Return a slope as a function of the operand alone: the quantity's own name is replaced by what it is.

        That is its formula, if Python has this function, else F(x).
        """
        op = self.lines[place].op
        is_primitive = op is not None and op.value is None
        result = self._computed[place] if is_primitive else self.formula(place)
        return substituted(MATH.in_words(slope), {self.names[place]: result})

    def _local(self, place: int, position: int) -> Expression:
        """Return a node's derivative with respect to one operand."""
        line = self.lines[place]
        if line.op is None:
            return Constant(line.partials[position] or 0.0)
        operands = [self._folded[operand] for operand in line.operands]
        result = self._folded[place]
        numbers = tuple(operand.number if isinstance(operand, Constant) else None for operand in operands)
        shape = _shape(line.op, position, numbers)
        if line.op.kink is None:  # a choice without a kink is a guard, such as that of x**0
            known = dict(zip("xy", (self.lines[at].data for at in line.operands), strict=False))
            while isinstance(shape, Conditional):
                shape = chosen(shape, known)
        return substituted(shape, dict(zip("xy", operands, strict=False)) | {"z": result})


def slopes_in(formula: Expression) -> dict[NamedFunction, Expression]:
    """Return the slopes F'(x) in a formula, from left to right, each with its meaning.

    >>> slope = NamedFunction("F'", Symbol("x"), Symbol("x") * 2)
    >>> [str(meaning) for meaning in slopes_in(slope * NamedFunction("F", Symbol("x")) + slope).values()]
    ['x*2']
    """
    functions = (part for part in parts(formula) if isinstance(part, NamedFunction) and part.function.endswith("'"))
    return {slope: slope.meaning for slope in functions if slope.meaning is not None}


def named_places(lines: Sequence[Line], labels_only: bool) -> list[int]:
    """Return the places of the quantities, in order."""
    if labels_only:
        return [place for place, line in enumerate(lines) if line.label or place == len(lines) - 1]
    uses = Counter(operand for line in lines for operand in line.operands)
    named: set[int] = set()
    depths, sizes = [0] * len(lines), [1] * len(lines)

    def name(place: int) -> None:
        named.add(place)
        depths[place], sizes[place] = 0, 1

    for place, line in enumerate(lines):
        for position, operand in enumerate(line.operands):
            if (
                lines[operand].operands
                and operand not in named
                and _needs_name(line, position, lines[operand], sizes[operand])
            ):
                name(operand)
        depths[place] = max(
            (
                depths[operand] + (not _continues(line, position, lines[operand]))
                for position, operand in enumerate(line.operands)
            ),
            default=0,
        )
        sizes[place] = sum(sizes[operand] for operand in line.operands) or 1
        is_replay = line.op is None and bool(line.operands)
        is_quantity = line.varies and (not line.operands or uses[place] > 1 or is_replay or _has_own_result(line.op))
        if line.label or is_quantity or place == len(lines) - 1 or depths[place] > _DEEPEST:
            name(place)
    return sorted(named)


def _needs_name(user: Line, position: int, operand: Line, size: int) -> bool:
    """Say whether an operand that was computed is too large in its user's formula, or in the derivative of that."""
    if user.op is None:
        return True
    if _continues(user, position, operand):
        return False
    return size > _LARGEST or (
        not user.op.symbol and (user.op.kink is not None or (size > _REPEATED and _repeats(user.op, position)))
    )


def _continues(user: Line, position: int, operand: Line) -> bool:
    """Say whether an operand is the first part of the same sum."""
    return position == 0 and user.op in _SUMS and operand.op in _SUMS


@cache
def _has_own_result(op: Op | None) -> bool:
    """Say whether the derivative of a function of one operand is written with its result."""
    return op is not None and op.arity == 1 and "z" in symbol_names(partial_formula(op, 0))


@cache
def _repeats(op: Op, position: int) -> bool:
    """Say whether an operand stands in the derivative too."""
    return any("xy"[position] in symbol_names(partial_formula(op, place)) for place in range(op.arity))


@cache
def _shape(op: Op, position: int, numbers: tuple[float | None, ...]) -> Expression:
    """Return a local derivative as a formula of x, y and the result z, in which some operands are numbers."""
    known = {name: Constant(number) for name, number in zip("xy", numbers, strict=False) if number is not None}
    return _squared(simplified(substituted(partial_formula(op, position), known)))


def _squared(formula: Expression) -> Expression:
    """Return a formula with z*z written as z**2."""
    match formula:
        case Operation(op, (left, right)) if op is ops.mul and left == right:
            return Operation(ops.pow, (left, Constant(2.0)))
        case Operation(op, operands):
            return Operation(op, tuple(map(_squared, operands)))
    return formula
