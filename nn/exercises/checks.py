"""Checks of an exercise: names that fit together, a target for each output, a loss that fits the outputs."""

from collections import Counter
from collections.abc import Iterable, Iterator

from autograd.passes.names import listed
from autograd.symbols.indices import new_name
from autograd.table.scalars import alike, format_number, near
from nn.exercises.recording import SOFTMAX, Plan, gradient_name
from nn.losses import LOSSES, are_probabilities


def problems(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each problem; a cause comes before its effects."""
    yield from _unknown_names(plan)
    yield from _repeated_names(plan)
    for name in plan.fixed - set(plan.numbers):
        yield f"{name} is to be held fixed, but there is no such weight or bias{_or_near(name, plan.numbers)}."
    if plan.fixed >= set(plan.numbers):
        yield "all weights and biases are held fixed; leave out of fixed what is to be adjusted."
    yield from _units_that_do_not_fit(plan)
    yield from _targets_that_do_not_fit(plan)


def loss_problem(name: str) -> str:
    """Return a sentence if there is no such loss for exercises, else ""."""
    losses = [known for known, row in LOSSES.items() if row.targets.classes is not None or row.identity is not None]
    return "" if name in losses else f"there is no loss {name!r} for exercises; try {near(name, losses)}."


def _or_near(name: str, known: Iterable[str]) -> str:
    found = alike(name, known, 1)
    return f"; try {found[0]}" if found else ""


def _unknown_names(plan: Plan) -> Iterator[str]:
    units = plan.network.units
    given = {name for name in plan.numbers if name not in plan.learned.values()}
    used = {name for unit in units for name in (*(weight for _, weight in unit.weights), unit.bias) if name}
    for name in sorted(used - given):
        yield f"a unit uses the weight or bias {name}, but no number is given for it."
    for name in sorted(given - used):
        yield f"a number is given for the weight or bias {name}, but no unit uses it."
    yield from _unknown_inputs(plan)


def _unknown_inputs(plan: Plan) -> Iterator[str]:
    units = plan.network.units
    known = set(plan.examples[0].inputs)
    for place, example in enumerate(plan.examples[1:], start=2):
        if set(example.inputs) != known:
            wanted, found = ", ".join(sorted(known)), ", ".join(example.inputs)
            yield f"expected the inputs {wanted} in each example, got {found} in example {place}."
    for unit in units:
        if not unit.weights:
            yield f"unit {unit.post} has no weights."
        for source, _ in unit.weights:
            if source not in known:
                yield f"unit {unit.post} uses {source}, which is neither an input nor an earlier unit."
        known.add(unit.post)
    taken = {source for unit in units for source, _ in unit.weights}
    for name in plan.examples[0].inputs:
        if name not in taken:
            yield f"a number is given for the input {name}, but no unit uses it."


def _repeated_names(plan: Plan) -> Iterator[str]:
    example = plan.examples[0]
    given = [*plan.numbers, *example.inputs, *example.targets]
    computed = [name for unit in plan.network.units for name in (unit.pre, unit.post, unit.delta)]
    if plan.apart:
        computed += [gradient_name(name) for name in plan.numbers if name not in plan.fixed]
    computed += [new_name(name) for name in plan.numbers if name not in plan.fixed]
    functions = {name for name, choice in plan.functions.values() if choice.name != SOFTMAX}
    named = [*given, *computed, *functions, plan.notation.loss, plan.notation.eta]
    if "" in named:
        yield "a number has an empty name; give each a name of its own."
    for name, count in Counter(named).items():
        if count > 1:
            yield f"the name {name} is used for {count} numbers; give each its own name."


def _units_that_do_not_fit(plan: Plan) -> Iterator[str]:
    outputs = plan.network.outputs
    for unit, (_, choice) in plan.functions.items():
        if choice.name == SOFTMAX and unit not in outputs:
            yield f"a softmax is for the outputs of an exercise, but {unit.post} is a hidden unit."
    names = {plan.functions[unit][1].name for unit in outputs}
    if SOFTMAX in names and len(names) > 1:
        yield f"the outputs have the activations {', '.join(sorted(names))}; a softmax is for all of them together."
    identity = LOSSES[plan.loss].identity
    if identity and names != {identity.activation}:
        other = "; the loss for a softmax is cross_entropy" if names == {SOFTMAX} else ""
        found = ", ".join(sorted(names))
        yield f"expected the output activation {identity.activation} for {plan.loss}, got {found}{other}."
    if names == {SOFTMAX} and len(outputs) < 2:
        yield "a softmax needs at least two outputs."


def _targets_that_do_not_fit(plan: Plan) -> Iterator[str]:
    outputs, row = [unit.post for unit in plan.network.outputs], LOSSES[plan.loss]
    several = len(outputs) > 1
    wanted = f"{len(outputs)} targets, for the outputs" if several else "1 target, for the output"
    for place, example in enumerate(plan.examples, start=1):
        of_which = f" in example {place}" if len(plan.examples) > 1 else ""
        targets = list(example.targets.values())
        if len(targets) != len(outputs):
            is_softmax = row.targets.classes is not None and plan.functions[plan.network.outputs[0]][1].name == SOFTMAX
            other = " For the number of a class as the target, the loss is cross_entropy." if is_softmax else ""
            yield f"expected {wanted} {listed(outputs)}, got {len(targets)}{of_which}.{other}"
        if row.targets.classes is None:
            if not are_probabilities(targets):
                found = ", ".join(format_number(target) for target in targets)
                yield (
                    "expected a 1 for the class and a 0 for each other, or probabilities with the sum 1, as the target "
                    f"of {plan.loss}{of_which}, got {found}."
                )
        elif not all(map(row.targets.accepts, targets)):
            yield f"expected {row.targets.words} for each target of {plan.loss}{of_which}."
