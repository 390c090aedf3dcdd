"""Random programs: some numbers, and steps that each compute a node from nodes before it."""

import math
from typing import NamedTuple

from hypothesis import strategies as st

import autograd
from autograd import Value, constant
from autograd.table.op import TABLE

LARGEST = 1e3
STEEPEST = 1e3


def steps_of(unary, binary):
    """Return a strategy for one step: the name of an operation and the places of its operands."""
    place = st.integers(0, 10**6)
    one, two = st.tuples(st.sampled_from(unary), place), st.tuples(st.sampled_from(binary), place, place)
    return st.one_of(one, two) if unary else two


def applied(name, *operands):
    return getattr(autograd, name)(*operands)


def made(steps, inputs, apply):
    """Return the inputs and what each step makes of them; every step may use every node before it."""
    nodes = list(inputs)
    for name, *places in steps:
        nodes.append(apply(name, *(nodes[place % len(nodes)] for place in places)))
    return nodes


class Program(NamedTuple):
    """The numbers of the leaves, those of the constants, and the steps; their places count leaves, constants, nodes."""

    point: tuple
    constants: tuple
    steps: tuple

    def inputs(self, point=None):
        leaves = [Value(x, f"x{place}") for place, x in enumerate(point or self.point)]
        return [*leaves, *map(constant, self.constants)]

    def nodes(self, point=None):
        return made(self.steps, self.inputs(point), applied)

    def __str__(self):
        rows = [f'x{place} = Value({x!r}, "x{place}")' for place, x in enumerate(self.point)]
        names = [*(f"x{place}" for place in range(len(self.point))), *map(repr, self.constants)]
        for name, *places in self.steps:
            names.append(f"v{len(names)}")
            rows.append(f"{names[-1]} = autograd.{name}({', '.join(names[place] for place in places)})")
        return "\n".join(rows)


def tamed(point, constants, steps):
    """Return a program of the steps whose numbers and slopes are neither nan nor large; the others are dropped."""
    nodes, kept = [*map(Value, point), *map(constant, constants)], []
    for name, *places in steps:
        chosen = [place % len(nodes) for place in places]
        node = getattr(autograd, name)(*(nodes[place] for place in chosen))
        slopes = [slope for slope in node.partials if slope is not None]
        if abs(node.data) <= LARGEST and all(abs(slope) <= STEEPEST for slope in slopes):
            nodes.append(node)
            kept.append((name, *chosen))
    return Program(tuple(point), tuple(constants), tuple(kept))


NUMBERS = st.floats(-2, 2, allow_subnormal=False).map(lambda x: round(x, 3)) | st.sampled_from([0.5, 1.0, -1.0, 3.0])
ALL = steps_of([op.name for op in TABLE if op.arity == 1], [op.name for op in TABLE if op.arity == 2])


def programs(steps=ALL, most=20):
    """Return a strategy for programs whose last node depends on a leaf."""
    point, constants = st.lists(NUMBERS, min_size=1, max_size=3), st.lists(NUMBERS, max_size=2)
    drawn = st.builds(tamed, point, constants, st.lists(steps, min_size=1, max_size=most))
    return drawn.filter(lambda program: program.steps and program.nodes()[-1]._varies)


def same(one, other):
    """Say whether two numbers have the same bits; nan is one number, and no gradient is 0."""
    one, other = (0.0 if number is None else number + 0.0 for number in (one, other))
    return (math.isnan(one) and math.isnan(other)) or one.hex() == other.hex()


def differ(what, one, other):
    """Raise an AssertionError that shows two numbers."""
    raise AssertionError(f"{what}: {one!r} and {other!r}")
