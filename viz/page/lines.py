"""The lines of a pass for a page: formulas with places for the page's own numbers, and the steps that each line does."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from autograd import Line, Value
from autograd.passes.lines import BACKWARD, FORWARD, LOSS, UPDATE, PassLine, as_new, headed, lines
from autograd.passes.names import line_names
from autograd.passes.naming import Naming
from autograd.passes.quantities import named_places
from autograd.passes.steps import Computed, Posting, Seed, Step
from autograd.passes.updates import quantity
from autograd.symbols.expression import Conditional, Constant, Expression, NamedFunction, Symbol, name_of
from autograd.symbols.formulas import JAVASCRIPT
from autograd.symbols.substitution import parts, spelled_out, substituted, symbol_names
from viz.page.mathml import mathml, place
from viz.page.optimizer import PlayedUpdate

Reference: TypeAlias = list[Any]
"""Where the page finds a number: ["data", node], ["gradient", node], ["before" or "after", step, quantity], ["line", k]."""


class PlayedLines(NamedTuple):
    """The lines as JSON, and JavaScript that declares `lineFunctions`."""

    content: list[dict[str, Any]]
    source: str


def played_lines(root: Value, tape: Sequence[Line], events: Sequence[Step], update: PlayedUpdate) -> PlayedLines:
    """Return the lines of a pass; `events` are its steps, with those of the update.

    A line has its texts, the node that it is about, the steps that it does, the place of its result, and `forms`: the
    formula, and after one that is taught the formula that holds for all numbers. A form is MathML in symbols, the same
    with places, and the numbers for these places.

    >>> from autograd import Tape, steps
    >>> from viz.page.optimizer import played_update
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> y, update = x * w, played_update(x * w, None, None)
    >>> played = played_lines(y, Tape.of(y).lines, [*steps(y), *update.events], update)
    >>> [(line["text"], line["steps"]) for line in played.content]
    [('v2 = x*w', [0]), ('dv2/dx = w', [1, 2]), ('dv2/dw = x', [3]), ('x_new = x - lr*dv2/dx', [4]), ...]
    """
    names = line_names(tape)
    naming = update.naming or Naming(root=names[-1])
    found = lines(root, naming=naming, optimizer=update.optimizer)
    named = {names[node]: node for node in named_places(tape, naming.labels_only)}
    nodes = [named.get(line.about) for line in found]
    steps = _steps_of_lines(found, nodes, tape, set(named.values()), events)
    general = _general(root, naming, update) if naming.gradient_formulas else {}
    known: dict[str, Reference] = {name: ["data", node] for name, node in named.items()}
    content, functions = [], []
    for number, (heading, line) in enumerate(headed(found)):
        node, own = nodes[number], {}
        if line.part == UPDATE:
            own, result = _of_update(line, steps[number][-1], naming, update)
        elif node is None or _is_slope(line):
            result = ["line", number]
        else:
            result = ["gradient" if line.part == BACKWARD else "data", node]
        formulas = list(dict.fromkeys([line.formula, general.get(line.name, line.formula)]))
        forms = [_Form.of(formula, {**known, **own}) for formula in formulas]
        if result[0] == "line" or len(forms) > 1 or any(form.choices for form in forms):
            functions.append(f"  {number}: [{', '.join(form.source for form in forms)}],\n")
        known.setdefault(line.name, result)
        content.append(
            {
                "heading": heading,
                "sentence": _sentence(line),
                "text": f"{line.name} = {line.symbols}",
                "node": node,
                "steps": steps[number],
                "name": mathml(line.left),
                "result": result,
                "forms": [form.as_json() for form in forms],
            }
        )
    return PlayedLines(content, f"const lineFunctions = {{\n{''.join(functions)}}};")


def _general(root: Value, naming: Naming, update: PlayedUpdate) -> dict[str, Expression]:
    """Return what the chain rule gives for each gradient, where other formulas are taught."""
    found = lines(root, naming=replace(naming, gradient_formulas={}), optimizer=update.optimizer)
    return {line.name: line.formula for line in found if line.part == BACKWARD}


def _sentence(line: PassLine) -> str:
    words = line.name
    if _is_slope(line):
        words = f"the slope {words}"
    elif line.part == BACKWARD and isinstance(line.left, Symbol):
        words += f", the gradient of {line.about}"
    return f"{line.part}: {words}" if line.name != line.part else words


def _is_slope(line: PassLine) -> bool:
    """Say whether a line is that of a slope F'(x)."""
    return isinstance(line.left, NamedFunction)


def _of_update(
    line: PassLine, step: int, naming: Naming, update: PlayedUpdate
) -> tuple[dict[str, Reference], Reference]:
    """Return where the numbers of the optimizer in a line are, by name, and where its result is."""
    own: dict[str, Reference] = {}
    for key in update.names:
        numbers = ["before", step, key]
        symbol = quantity(key, line.about)
        for name in (naming.settings.get(key, key), name_of(symbol), name_of(as_new(symbol))):
            own[name] = numbers
    return own, ["after", step]


class _Form(NamedTuple):
    """A formula, the same with places for numbers, where these numbers are, and its conditions.

    `source` is JavaScript: functions of these numbers.
    """

    formula: Expression
    template: Expression
    numbers: list[Reference]
    source: str
    choices: list[str]

    def as_json(self) -> list[Any]:
        """Return the MathML and the places of the numbers; a formula that is a number has none, it is the result."""
        shown = ["", ""] if isinstance(self.formula, Constant) else [mathml(self.formula), mathml(self.template)]
        return [*shown, self.numbers]

    @classmethod
    def of(cls, formula: Expression, known: Mapping[str, Reference]) -> "_Form":
        whole = spelled_out(formula)
        names = sorted((symbol_names(formula) | symbol_names(whole)) & known.keys())
        symbols = {name: Symbol(f"n[{number}]") for number, name in enumerate(names)}
        choices = [
            _function(substituted(Conditional(part.condition, Constant(1.0), Constant(0.0)), symbols))
            for part in parts(formula)
            if isinstance(part, Conditional)
        ]
        source = f"{{value: {_function(substituted(whole, symbols))}, choices: [{', '.join(choices)}]}}"
        template = substituted(formula, {name: place(f"quantity{number}") for number, name in enumerate(names)})
        return cls(formula, template, [known[name] for name in names], source, choices)


def _function(formula: Expression) -> str:
    return f"(n) => {JAVASCRIPT.text(formula)}"


def _steps_of_lines(
    found: Sequence[PassLine],
    nodes: Sequence[int | None],
    tape: Sequence[Line],
    named: set[int],
    events: Sequence[Step],
) -> list[list[int]]:
    """Return the numbers of the steps that each line does: those whose results it makes known.

    A line of the forward pass makes the data of its quantity known, and of the nodes folded into the formula; a line of
    the backward pass the gradients of its quantity, of these nodes, and of the quantities whose gradient is written
    into it. A line of an update does one step; the first one also makes a gradient known that has no line.
    """
    computed = _data_known_at(found, nodes, tape, named)
    gradients = _gradients_known_at(found, nodes, tape, named)
    updates = [number for number, line in enumerate(found) if line.part == UPDATE]
    steps: list[list[int]] = [[] for _ in found]
    for number, event in enumerate(events):
        if isinstance(event, Computed):
            at = computed.get(event.node)
        elif isinstance(event, Seed | Posting):
            at = gradients.get(event.node)
        else:
            at = next(line for line in updates if nodes[line] == event.node)
            updates.remove(at)
        if at is not None:
            steps[at].append(number)
    return steps


def _data_known_at(
    found: Sequence[PassLine], nodes: Sequence[int | None], tape: Sequence[Line], named: set[int]
) -> dict[int, int]:
    """Return the line that makes the number of each node known."""
    known: dict[int, int] = {}
    for number, line in enumerate(found):
        waiting = [node for node in (nodes[number],) if node is not None and line.part in (FORWARD, LOSS)]
        while waiting:
            node = waiting.pop()
            known.setdefault(node, number)
            waiting += [operand for operand in tape[node].operands if operand not in named and operand not in known]
    return known


def _gradients_known_at(
    found: Sequence[PassLine], nodes: Sequence[int | None], tape: Sequence[Line], named: set[int]
) -> dict[int, int]:
    """Return the line that makes the gradient of each node known."""
    users: list[list[int]] = [[] for _ in tape]
    for node, line in enumerate(tape):
        for operand, _ in line.edges:
            users[operand].append(node)
    own: dict[int, int] = {}
    for number, line in enumerate(found):
        node = nodes[number]
        if node is not None and line.part in (BACKWARD, UPDATE) and not _is_slope(line):
            own.setdefault(node, number)
    root = len(tape) - 1
    known = {root: min(own.values(), default=len(found) - 1)} | own
    for node, number in own.items():
        waiting = [*users[node]]
        while waiting:
            user = waiting.pop()
            if user not in own and user != root:
                if user in named:
                    known[user] = min(known.get(user, number), number)
                waiting += users[user]
    for node in reversed(range(root)):
        if node not in named and users[node] and all(user in known for user in users[node]):
            known[node] = max(known[user] for user in users[node])
    return known
