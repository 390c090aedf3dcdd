"""Sums folded: a sum of products, and whatever is used only inside it, becomes one unit of a picture.

Reads the lines of a tape.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from autograd import Line, ops
from autograd.scalars import counted
from viz.drawing import Scope, Unit
from viz.figures import drawn_scopes

_SUMS = (ops.add, ops.sub)


def folded(lines: Sequence[Line], kept: Collection[int] = ()) -> list[Unit]:
    """Return the units of a picture in which chains of additions and products are one unit each.

    A value without a label that only one addition or subtraction of the same scope uses is part of that sum, where it
    is a sum or a product itself; so is a product that only another product uses. With them go the parameters, and the
    unlabelled leaves and constants of the same scope, that nothing else uses. Parameters that several sums share become
    one unit for each scope. The lines that are `kept` stay units of their own.

    >>> from autograd import Tape, Value
    >>> x, y = Value(2, "x"), Value(3, "y")
    >>> [unit.title for unit in folded(Tape.of(x * 5 + y * 7 + 1).lines) if unit.title]
    ['sum of 2 products and 1 term']
    """
    results = _results(lines, kept)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for number, result in enumerate(results):
        members[result].append(number)
    sums = {result for result, numbers in members.items() if len(numbers) > 1}
    shared = _absorb_leaves(lines, kept, results, sums)
    grouped: defaultdict[int, list[int]] = defaultdict(list)
    for number, result in enumerate(results):
        if number not in shared:
            grouped[result].append(number)
    scopes = drawn_scopes(lines)
    units = [_unit(lines, grouped[result], scopes[result]) for result in sorted(grouped)]
    together: defaultdict[Scope, list[int]] = defaultdict(list)
    for number in sorted(shared):
        together[scopes[number]].append(number)
    return units + [
        Unit("parameters", tuple(numbers), scope, counted(len(numbers), "parameter"))
        for scope, numbers in together.items()
    ]


def _users(lines: Sequence[Line]) -> list[list[int]]:
    """Return for each line the numbers of those that it is an operand of, twice where both operands are it."""
    users: list[list[int]] = [[] for _ in lines]
    for number, line in enumerate(lines):
        for operand in line.operands:
            users[operand].append(number)
    return users


def _results(lines: Sequence[Line], kept: Collection[int]) -> list[int]:
    """Return for each line the result of the sum or product that it is part of; its own number where of none."""
    users = _users(lines)
    results = list(range(len(lines)))
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if line.label or number in kept or len(users[number]) != 1:
            continue
        user = lines[users[number][0]]
        joins = user.op in _SUMS and (line.op in _SUMS or line.op is ops.mul)
        if line.scope == user.scope and (joins or (user.op is ops.mul and line.op is ops.mul)):
            results[number] = results[users[number][0]]
    return results


def _absorb_leaves(lines: Sequence[Line], kept: Collection[int], results: list[int], sums: set[int]) -> set[int]:
    """Give leaves that one sum alone uses to that sum; return the parameters that several sums share."""
    shared = set()
    for number, users in enumerate(_users(lines)):
        line = lines[number]
        if line.op or not users or number in kept or line.kind == "replayed":
            continue
        using = {results[user] for user in users}
        is_parameter = line.kind == "parameter"
        if not using <= sums or (line.label and not is_parameter):
            continue
        if len(using) > 1:
            shared.update([number] if is_parameter else [])
        elif is_parameter or line.scope == lines[users[0]].scope:
            results[number] = using.pop()
    return shared


def _unit(lines: Sequence[Line], numbers: list[int], scope: Scope) -> Unit:
    result = lines[numbers[-1]]
    if len(numbers) == 1:
        return Unit("line", tuple(numbers), scope)
    if result.op is ops.mul:
        return Unit("product", tuple(numbers), scope, f"product of {counted(_factors(lines, numbers), 'factor')}")
    return Unit("sum", tuple(numbers), scope, f"sum of {_terms(lines, numbers)}")


def _factors(lines: Sequence[Line], numbers: list[int]) -> int:
    return 1 + sum(lines[number].op is ops.mul for number in numbers)


def _terms(lines: Sequence[Line], numbers: list[int]) -> str:
    """Return how many products and other terms a sum has."""
    members = set(numbers)
    terms = [operand for number in numbers if lines[number].op in _SUMS for operand in lines[number].operands]
    inside = [lines[operand].op for operand in terms if operand in members]
    products = sum(op is ops.mul for op in inside)
    others = len(terms) - products - sum(op in _SUMS for op in inside)
    parts = [counted(number, what) for number, what in ((products, "product"), (others, "term")) if number]
    return " and ".join(parts)
