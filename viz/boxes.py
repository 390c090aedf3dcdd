"""Scopes collapsed: everything recorded in a scope becomes one unit of a picture.

Reads the lines of a tape and the units that `figures` or `folding` made of them.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from autograd import Line
from viz.drawing import Scope, Unit

_MOST_LOOSE = 60
"""How many units outside of collapsed scopes are drawn one by one."""


def deepest(units: Sequence[Unit]) -> int:
    """Return how deeply scopes are nested, 0 where there are none."""
    return max(len(unit.scope) for unit in units)


def collapsed(lines: Sequence[Line], units: Sequence[Unit], depth: int) -> list[Unit]:
    """Return the units with one for each scope that lies deeper than `depth`; 0 collapses every scope.

    A scope that was entered again under the same names is the same unit. Where very many values lie outside of the
    collapsed scopes, leaves of one label become one unit, and so do all values without a label.
    """
    inside: defaultdict[Scope, list[int]] = defaultdict(list)
    outside: list[Unit] = []
    for unit in units:
        if len(unit.scope) > depth:
            inside[unit.scope[: depth + 1]] += unit.lines
        else:
            outside.append(unit)
    boxes = [Unit("scope", tuple(sorted(numbers)), path[:-1], path[-1]) for path, numbers in inside.items()]
    if boxes and len(outside) > _MOST_LOOSE:
        used = {operand for numbers in inside.values() for number in numbers for operand in lines[number].operands}
        outside = _gathered(lines, outside, used)
    return sorted([*outside, *boxes], key=lambda unit: unit.lines[-1])


def _gathered(lines: Sequence[Line], units: Sequence[Unit], used: set[int]) -> list[Unit]:
    """Return the units with one for the leaves of each label, and one for the values of each scope without a label.

    Leaves without a label that are `used` in collapsed scopes are one of their own, since they come before the scopes.
    """
    names = [_kind_and_title(lines, unit, used) for unit in units]
    sizes = Counter((unit.scope, *name) for unit, name in zip(units, names, strict=True))
    gathered: defaultdict[tuple[Scope, str, str], list[int]] = defaultdict(list)
    found: list[Unit] = []
    for unit, (kind, title) in zip(units, names, strict=True):
        if kind and sizes[unit.scope, kind, title] > 1:
            gathered[unit.scope, kind, title] += unit.lines
        else:
            found.append(unit)
    return found + [
        Unit(kind, tuple(sorted(numbers)), scope, title) for (scope, kind, title), numbers in gathered.items()
    ]


def _kind_and_title(lines: Sequence[Line], unit: Unit, used: set[int]) -> tuple[str, str]:
    """Return as what a unit may be gathered, "" for not at all."""
    number = unit.lines[-1]
    line = lines[number]
    if number == len(lines) - 1 or unit.kind == "parameters":
        return "", ""
    if line.label:
        return ("", "") if line.op else ("alike", line.label)
    if line.op or number not in used:
        return "loose", f"outside of the scopes in {unit.scope[-1]}" if unit.scope else "outside of scopes"
    return "alike", "unlabelled inputs"
