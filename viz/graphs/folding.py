"""Draws a part of a graph as one unit: a sum of products (folding), or all nodes of a scope (collapsing)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from autograd import Line, ops
from autograd.passes.names import listed
from autograd.table.scalars import counted
from viz.core.drawing import Group, Scope
from viz.graphs.figures import drawn_scopes

_SUMS = (ops.add, ops.sub)


def folded(lines: Sequence[Line], kept: Collection[int] = ()) -> list[Group]:
    """Return the units of a picture in which each chain of additions or products is one unit.

    A sum or a product without a label joins a sum if that sum, in the same scope, is its only user. In the same way a
    product joins another product. Parameters join the sum that alone uses them; so do leaves and constants without a
    label in the same scope. Parameters that several sums share become one unit for each scope. The `kept` lines stay
    separate units.

    >>> from autograd import Tape, Value
    >>> x, y = Value(2, "x"), Value(3, "y")
    >>> [unit.title for unit in folded(Tape.of(x * 5 + y * 7 + 1).lines) if unit.title]
    ['sum of 2 products and 1 term']
    """
    users = _users(lines)
    results = _results(lines, users, kept)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for number, result in enumerate(results):
        members[result].append(number)
    sums = {result for result, numbers in members.items() if len(numbers) > 1}
    shared = _absorb_leaves(lines, users, kept, results, sums)
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
        Group("parameters", tuple(numbers), scope, counted(len(numbers), "parameter"))
        for scope, numbers in together.items()
    ]


def _users(lines: Sequence[Line]) -> list[list[int]]:
    """Return for each line the numbers of its users; a user appears twice if both its operands are this line."""
    users: list[list[int]] = [[] for _ in lines]
    for number, line in enumerate(lines):
        for operand in line.operands:
            users[operand].append(number)
    return users


def _results(lines: Sequence[Line], users: Sequence[Sequence[int]], kept: Collection[int]) -> list[int]:
    """Return for each line the result of the sum or product that it belongs to; by default its own number."""
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


def _absorb_leaves(
    lines: Sequence[Line], users: Sequence[Sequence[int]], kept: Collection[int], results: list[int], sums: set[int]
) -> set[int]:
    """Add the leaves that only one sum uses to that sum; return the parameters that several sums share."""
    shared = set()
    for number, line in enumerate(lines):
        if line.op or not users[number] or number in kept or line.kind == "replayed":
            continue
        using = {results[user] for user in users[number]}
        is_parameter = line.kind == "parameter"
        if not using <= sums or (line.label and not is_parameter):
            continue
        if len(using) > 1:
            shared.update([number] if is_parameter else [])
        elif is_parameter or line.scope == lines[users[number][0]].scope:
            results[number] = using.pop()
    return shared


def _unit(lines: Sequence[Line], numbers: list[int], scope: Scope) -> Group:
    result = lines[numbers[-1]]
    if len(numbers) == 1:
        return Group("line", tuple(numbers), scope)
    if result.op is ops.mul:
        return Group("product", tuple(numbers), scope, f"product of {counted(_factors(lines, numbers), 'factor')}")
    return Group("sum", tuple(numbers), scope, f"sum of {_count_terms(lines, numbers)}")


def _factors(lines: Sequence[Line], numbers: list[int]) -> int:
    return 1 + sum(lines[number].op is ops.mul for number in numbers)


def _count_terms(lines: Sequence[Line], numbers: list[int]) -> str:
    """Return how many products and other terms a sum has, in words."""
    members = set(numbers)
    terms = [operand for number in numbers if lines[number].op in _SUMS for operand in lines[number].operands]
    inside = [lines[operand].op for operand in terms if operand in members]
    products = sum(op is ops.mul for op in inside)
    others = len(terms) - products - sum(op in _SUMS for op in inside)
    parts = [counted(number, what) for number, what in ((products, "product"), (others, "term")) if number]
    return " and ".join(parts)


_MOST_LOOSE = 60
"""The most units outside of collapsed scopes that are drawn one by one."""


def deepest(units: Sequence[Group]) -> int:
    """Return how deeply scopes are nested, 0 if there are none."""
    return max(len(unit.scope) for unit in units)


def collapsed(lines: Sequence[Line], units: Sequence[Group], depth: int, opened: Collection[Scope] = ()) -> list[Group]:
    """Return the units, with one unit for each scope deeper than `depth`; 0 collapses every scope, but those `opened`.

    Scopes with the same names are one unit. If very many values are outside of the collapsed scopes, the leaves with
    the same label become one unit, and all values without a label become one unit.
    """
    inside: defaultdict[Scope, list[int]] = defaultdict(list)
    outside: list[Group] = []
    closed: dict[Scope, Scope | None] = {}  # for each scope, the closed one that hides it
    for unit in units:
        if unit.scope not in closed:
            around = (unit.scope[:end] for end in range(depth + 1, len(unit.scope) + 1))
            closed[unit.scope] = next((scope for scope in around if scope not in opened), None)
        scope = closed[unit.scope]
        if scope is None:
            outside.append(unit)
        else:
            inside[scope] += unit.lines
    boxes = [Group("scope", tuple(sorted(numbers)), path[:-1], path[-1]) for path, numbers in inside.items()]
    if boxes and len(outside) > _MOST_LOOSE:
        used = {operand for numbers in inside.values() for number in numbers for operand in lines[number].operands}
        outside = _gathered(lines, outside, used)
    return sorted([*outside, *boxes], key=lambda unit: unit.lines[-1])


def scope_sizes(lines: Sequence[Line]) -> Counter[Scope]:
    """Return how many lines each scope has, with those of the scopes inside it."""
    return Counter(scope[:end] for scope in drawn_scopes(lines) for end in range(1, len(scope) + 1))


def opened_scopes(lines: Sequence[Line], names: Sequence[str]) -> set[Scope]:
    """Return the scopes with these names, and the scopes around them; a name may be a path, "layer 1/neuron 2".

    Raises ValueError if there is no such scope.
    """
    scopes = scope_sizes(lines)
    found: set[Scope] = set()
    for name in names:
        paths = [path for path in scopes if name in (path[-1], "/".join(path))]
        if not paths:
            known = f"has {listed(sorted(map('/'.join, scopes)))}" if scopes else "has no scopes"
            raise ValueError(f"expected the name of a scope for open, got {name!r}. The graph {known}.")
        found |= {path[:end] for path in paths for end in range(1, len(path) + 1)}
    return found


def _gathered(lines: Sequence[Line], units: Sequence[Group], used: set[int]) -> list[Group]:
    """Return the units, with one unit for the leaves of each label, and one for each scope's values without a label.

    Leaves without a label that collapsed scopes use become a separate unit, because they come before the scopes.
    """
    names = [_kind_and_title(lines, unit, used) for unit in units]
    sizes = Counter((unit.scope, *name) for unit, name in zip(units, names, strict=True))
    gathered: defaultdict[tuple[Scope, str, str], list[int]] = defaultdict(list)
    found: list[Group] = []
    for unit, (kind, title) in zip(units, names, strict=True):
        if kind and sizes[unit.scope, kind, title] > 1:
            gathered[unit.scope, kind, title] += unit.lines
        else:
            found.append(unit)
    return found + [
        Group(kind, tuple(sorted(numbers)), scope, title) for (scope, kind, title), numbers in gathered.items()
    ]


def _kind_and_title(lines: Sequence[Line], unit: Group, used: set[int]) -> tuple[str, str]:
    """Return the kind and the title under which a unit is gathered; "" if it is not gathered."""
    number = unit.lines[-1]
    line = lines[number]
    if number == len(lines) - 1 or unit.kind == "parameters":
        return "", ""
    if line.label:
        return ("", "") if line.op else ("alike", line.label)
    if line.op or number not in used:
        return "loose", f"outside of the scopes in {unit.scope[-1]}" if unit.scope else "outside of scopes"
    return "alike", "unlabelled inputs"
