"""`stops`: where a gradient ends on its way to a node, because it is multiplied by 0 there, and why."""

from collections.abc import Iterator

from autograd.node import Node, Posted
from autograd.passes.columns import number_text
from autograd.passes.names import node_names
from autograd.passes.steps import Computed, computations
from autograd.sweep import adjoints, sweeping, topological_order
from autograd.table.scalars import counted

SMALL = 1e-6
"""A contribution below this has nearly vanished: `explain` and `paths` look for the cause."""

_SHOWN = 3
_SATURATES = ("sigmoid", "tanh")
_ROUNDS = ("elu", "erf", "erfc", "exp", "exp2", "expm1", "gelu", "silu", "softplus", "softsign")


def stops(node: Node, root: Node, seed: float = 1.0) -> list[str]:
    """Return a sentence for each node that stops the gradient from the root to a node; after three, their number.

    >>> from autograd import Value
    >>> x = Value(-3, "x")
    >>> stops(x, x.relu() * 2)
    ['The gradient stops at relu node v1 = 0: its input x = -3 is below 0, so its local derivative is 0.']
    """
    found = list(dict.fromkeys(_found(node, root, seed)))
    more = len(found) - _SHOWN
    return found if more <= 0 else [*found[:_SHOWN], f"The gradient stops at {counted(more, 'more node')} too."]


def _found(node: Node, root: Node, seed: float) -> Iterator[str]:
    with sweeping:
        order = topological_order([root])
        start = node._index - order[0]._index  # negative if it is not in the graph
        told: list[Posted] = []
        adjoints(order, seed, told=told)
        computed = computations(order, node_names(order))
    leads: list[bool] = []
    for place, step in enumerate(computed):
        leads.append(place == start or (step is not None and any(leads[operand] for operand in step.operands)))
    for place, position, upstream, amount, _ in told:
        step = computed[place]
        if step is None or not upstream or not leads[step.operands[position]]:
            continue
        where = f"{step.op} node {step.name} = {number_text(step.result)}"
        local = step.partials[position]
        if not amount:
            yield f"The gradient stops at {where}: {_reason(step, position, upstream)}."
        elif step.op in _SATURATES and local is not None and abs(local) < SMALL:
            yield f"The gradient nearly stops at {where}: {_far_from_0(step)} is only {number_text(local)}."


def _reason(step: Computed, position: int, upstream: float) -> str:
    """Return why a contribution is 0: by its local derivative, or because the product is too small for a float."""
    local = step.partials[position]
    if local:
        return f"{number_text(upstream)} * {number_text(local)}, the upstream gradient times the local one, rounds to 0"
    cause = _cause(step, position)
    if cause:
        return f"{cause}, so its local derivative is 0"
    is_rounded = step.numbers[position] != 0.0  # at 0 these functions have no derivative near 0
    if is_rounded and step.op in _SATURATES:
        return f"{_far_from_0(step)} rounds to 0"
    verb = "rounds to" if is_rounded and step.op in _ROUNDS else "is"
    return f"its local derivative for {_given(step, position)} {verb} 0"


def _cause(step: Computed, position: int) -> str:
    """Return why a local derivative is exactly 0, "" if the operation has no such case."""
    if step.op == "relu" and step.numbers[0] <= 0.0:
        return f"its input {_given(step, 0)} is {'below' if step.numbers[0] else 'not above'} 0"
    if step.op == "mul" and not step.numbers[1 - position]:
        return f"its other factor is {_given(step, 1 - position)}"
    return f"it is its other operand {_given(step, 1 - position)}" if step.op in ("maximum", "minimum") else ""


def _far_from_0(step: Computed) -> str:
    return f"its input {_given(step, 0)} is so far from 0 that its local derivative"


def _given(step: Computed, position: int) -> str:
    """Return an operand with its number, "x = 3"; a constant's name is its number."""
    name, number = step.operand_names[position], number_text(step.numbers[position])
    return number if name == number else f"{name} = {number}"
