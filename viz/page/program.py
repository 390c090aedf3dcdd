"""The data that a page needs to play a pass and to compute it again: nodes, steps and formulas, as JSON.

Steps with the same operation share a template for their formula; the page fills in names and numbers.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from autograd import Line, Tape
from autograd.passes.names import line_names
from autograd.passes.steps import Computed, Posting, Prepared, Seed, Step, Updated, plain
from autograd.passes.updates import quantity
from autograd.passes.wording import describe, equation, operand_symbols
from autograd.symbols.expression import Constant, Expression, Operation, name_of
from viz.page.optimizer import PlayedUpdate
from viz.texts.mathml import mathml, name_mathml, place

Json: TypeAlias = dict[str, Any]


def program(tape: Tape, events: Sequence[Step], update: PlayedUpdate) -> Json:
    """Return the data of a pass through a graph, with the update of an optimizer.

    Raises ValueError for a graph with a result of a replay, which a page cannot compute.

    >>> from autograd import Value, steps
    >>> from viz.page.optimizer import played_update
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> y = x * w
    >>> content = program(Tape.of(y), steps(y), played_update(y, None, 0.1))
    >>> [(step["kind"], step["text"]) for step in content["steps"]][:3]
    [('computed', 'v2 = x*w'), ('seed', 'dv2/dv2 = 1'), ('posting', 'dv2/dx += dv2/dv2 * dv2/dx')]
    """
    if any(line.kind == "replayed" for line in tape.lines):
        raise ValueError(
            "the page cannot compute this graph again, since a part of it was computed by a replay, which keeps no "
            "nodes. Call the function itself, not its replay."
        )
    names = line_names(tape.lines)
    moves: list[tuple[Json, Step | int]] = [(_move(step), _form(step)) for step in events]
    count = len(update.lines)
    moves += [(_move(step) | {"line": place % count}, place % count) for place, step in enumerate(update.events)]
    templates = {form: number for number, form in enumerate(dict.fromkeys(form for _, form in moves))}
    conventions = {line.op.name: line.op.convention for line in tape.lines if line.op and line.op.convention}
    return {
        "nodes": [_node(line, name) for line, name in zip(tape.lines, names, strict=True)],
        "steps": [move | {"template": templates[form]} for move, form in moves],
        "templates": [_template(form, update) for form in templates],
        "conventions": conventions,
        "lr": update.lr,
        "update": {
            "names": update.names,
            "settings": {name: plain(number) for name, number in update.settings.items()},
            "starts": {node: update.start(node) for node in update.quantities},
        },
    }


def _node(line: Line, name: str) -> Json:
    return {
        "name": name,
        "math": name_mathml(name),
        "named": bool(line.label),
        "kind": line.kind,
        "op": line.op.name if line.op else None,
        "operands": line.operands,
        "data": plain(line.data),
        "varies": line.varies,
        "source": line.source,
    }


def _move(step: Step) -> Json:
    """Return the data of a step."""
    words = describe(step)
    move = {"kind": type(step).__name__.lower(), "node": step.node, "sentence": words.sentence}
    if isinstance(step, Posting):
        move |= {"source": step.source.node, "position": step.position}
    if isinstance(step, (Prepared, Updated)):
        move |= {"name": name_of(quantity(step.quantity, step.name)) if isinstance(step, Prepared) else step.name}
    return move | {"text": f"{words.name} {words.sign} {words.parts[0]}"}


def _form(step: Step) -> Step:
    """Return a step with places for its names and numbers; steps that are written alike give equal results."""
    match step:
        case Computed():
            return _computed_form(step, "name")
        case Posting():
            source = _computed_form(step.source, "through")
            return Posting(source, step.position, place("loss").name, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Seed(0, place("loss").name, 1.0)


def _computed_form(step: Computed, name: str) -> Computed:
    """Return a computation with places for all but plain numbers; these stay, because they simplify formulas."""
    plain_numbers = [isinstance(symbol, Constant) for symbol in operand_symbols(step)]
    names = [
        own if is_plain else place(f"operand{position}").name
        for position, (own, is_plain) in enumerate(zip(step.operand_names, plain_numbers, strict=True))
    ]
    numbers = [number if is_plain else 0.0 for number, is_plain in zip(step.numbers, plain_numbers, strict=True)]
    partials = tuple(None if partial is None else 0.0 for partial in step.partials)
    return Computed(0, place(name).name, step.op, (), tuple(names), tuple(numbers), partials, 0.0, step.row)


def _template(form: Step | int, update: PlayedUpdate) -> Json:
    """Return the formula of a step's form, or of a line of an update, as MathML: name, then symbols, then numbers."""
    if isinstance(form, int):
        return _equation_form(*update.template(form))
    name, _, parts, _ = equation(form)
    match form:
        case Computed():
            operands = [
                symbol if isinstance(symbol, Constant) else place(f"value{position}")
                for position, symbol in enumerate(operand_symbols(form))
            ]
            assert form.row is not None
            numbers: list[Expression] = [Operation(form.row, tuple(operands))]
        case Posting():
            numbers = [place("upstream") * place("local")]
        case _:
            numbers = []
    return _equation_form(name, [*parts[:-1], *numbers])


def _equation_form(name: Expression, parts: Sequence[Expression]) -> Json:
    return {"name": mathml(name), "parts": [mathml(part) for part in parts]}
