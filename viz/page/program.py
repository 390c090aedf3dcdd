"""The data that a page needs to play a pass and to compute it again: nodes and templates for its steps, as JSON.

The page makes the steps from the nodes (see program.js). Steps with the same operation share a template for their texts
and their formula; the page fills in names and numbers.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from autograd import Line, Tape
from autograd.passes.names import line_names
from autograd.passes.steps import Computed, Posting, Prepared, Seed, Step, plain
from autograd.passes.updates import quantity
from autograd.passes.wording import describe, equation, operand_symbols
from autograd.symbols.expression import Constant, Expression, Operation, name_of, word
from viz.graphs.figures import drawn_scopes
from viz.page.optimizer import PlayedUpdate
from viz.texts.mathml import filled, mathml, name_template, place

Json: TypeAlias = dict[str, Any]


def program(tape: Tape, update: PlayedUpdate) -> Json:
    """Return the data of a pass through a graph, with the update of an optimizer.

    Raises ValueError for a graph with a result of a replay, which a page cannot compute.

    >>> from autograd import Value
    >>> from viz.page.optimizer import played_update
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> y = x * w
    >>> content = program(Tape.of(y), played_update(y, None, 0.1))
    >>> [template["text"] for template in content["templates"]][2:]
    ['d{loss!}/d{operand1!} += d{loss!}/d{through!} * d{through!}/d{operand1!}', '{name} = {operand0!}*{operand1!}']
    """
    if any(line.kind == "replayed" for line in tape.lines):
        raise ValueError(
            "the page cannot compute this graph again, since a part of it was computed by a replay, which keeps no "
            "nodes. Call the function itself, not its replay."
        )
    names = line_names(tape.lines)
    templates = _Templates(tape.lines, names)
    scopes: dict[tuple[str, ...], int] = {}
    maths: dict[str, int] = {}
    nodes = [
        _node(line, name, templates.form(number), scopes.setdefault(scope, len(scopes)), maths)
        for number, (line, name, scope) in enumerate(zip(tape.lines, names, drawn_scopes(tape.lines), strict=True))
    ]
    return {
        "nodes": nodes,
        "forms": templates.forms,
        "scopes": list(scopes),
        "maths": list(maths),
        "templates": templates.found,
        "conventions": {line.op.name: line.op.convention for line in tape.lines if line.op and line.op.convention},
        "lr": update.lr,
        "update": {
            "lines": [_update_template(line, update) for line in range(len(update.lines))],
            "names": update.names,
            "settings": {name: plain(number) for name, number in update.settings.items()},
            "starts": {node: update.start(node) for node in sorted(update.quantities)},
        },
    }


def _node(line: Line, name: str, form: int, scope: int, maths: dict[str, int]) -> list[Any]:
    """Return a node: its kind, form, operands, scope; for a leaf its number; its name, and its line of code."""
    node = [line.kind, form, line.operands, scope, 0 if line.op else plain(line.data)]
    if line.label or line.is_number or line.source:
        template = maths.setdefault(name_template(name), len(maths))
        node += [
            name,
            template,
            bool(line.label),
            *([word(name), line.source] if word(name) != name or line.source else []),
        ]
    return node


class _Templates:
    """The templates of the steps of a graph, and its forms: an operation with the templates of its steps."""

    def __init__(self, lines: Sequence[Line], names: Sequence[str]) -> None:
        self._lines, self._names = lines, names
        self.found = [_template(Seed(0, place("loss").name, 1.0))]
        self.forms: list[Json] = []
        self._known: dict[tuple[Any, ...], int] = {}

    def form(self, number: int) -> int:
        """Return the number of a node's form, -1 for a leaf. Plain numbers belong to it, as they simplify formulas."""
        line = self._lines[number]
        if line.op is None:
            return -1
        key = (
            line.op,
            *(
                (self._names[operand], self._lines[operand].data) if self._lines[operand].is_number else None
                for operand in line.operands
            ),
            *(partial is None for partial in line.partials),
        )
        if key not in self._known:
            self._known[key] = len(self.forms)
            self.forms.append(self._new(line))
        return self._known[key]

    def _new(self, line: Line) -> Json:
        computed, source = (self._computed(line, name) for name in ("name", "through"))
        postings = [
            None if partial is None else self._add(Posting(source, position, place("loss").name, 0, 0, 0, 0, 0))
            for position, partial in enumerate(line.partials)
        ]
        assert line.op is not None
        return {"op": line.op.name, "computed": self._add(computed), "postings": postings}

    def _computed(self, line: Line, name: str) -> Computed:
        """Return a computation with places for all names and numbers but plain numbers."""
        assert line.op is not None
        plain_numbers = [self._lines[operand].is_number for operand in line.operands]
        names = [
            self._names[operand] if is_plain else place(f"operand{position}").name
            for position, (operand, is_plain) in enumerate(zip(line.operands, plain_numbers, strict=True))
        ]
        numbers = [
            self._lines[operand].data if is_plain else 0.0
            for operand, is_plain in zip(line.operands, plain_numbers, strict=True)
        ]
        partials = tuple(None if partial is None else 0.0 for partial in line.partials)
        return Computed(0, place(name).name, line.op.name, (), tuple(names), tuple(numbers), partials, 0.0, line.op)

    def _add(self, form: Step) -> int:
        self.found.append(_template(form))
        return len(self.found) - 1


def _template(form: Step) -> Json:
    """Return the texts of a step with places, and its formula as MathML: name, then symbols, then numbers."""
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
    return _texts(form) | _equation_form(name, [*parts[:-1], *numbers])


def _update_template(line: int, update: PlayedUpdate) -> Json:
    """Return the template of a line of the update."""
    form = update.form(line)
    said = name_of(quantity(form.quantity, form.name)) if isinstance(form, Prepared) else form.name
    return _texts(form) | {"said": filled(said)} | _equation_form(*update.template(line))


def _texts(form: Step) -> Json:
    words = describe(form)
    return {"sentence": filled(words.sentence), "text": filled(f"{words.name} {words.sign} {words.parts[0]}")}


def _equation_form(name: Expression, parts: Sequence[Expression]) -> Json:
    return {"name": mathml(name), "parts": [mathml(part) for part in parts]}
