"""The lines of a pass for a page: formulas with places for numbers, and the steps that each line does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from autograd import Line, Value
from autograd.lab.worksheet import Worksheet
from autograd.passes.known import Known, known_by_line
from autograd.passes.lines import BACKWARD, UPDATE, PassLine, headed, lines
from autograd.passes.names import line_names
from autograd.passes.naming import Naming
from autograd.passes.steps import Computed, Posting, Seed, Step
from autograd.passes.updates import as_new, quantity
from autograd.symbols.expression import Conditional, Constant, Expression, NamedFunction, Symbol, name_of, text
from autograd.symbols.formulas import JAVASCRIPT
from autograd.symbols.substitution import parts, spelled_out, substituted, symbol_names
from viz.page.optimizer import PlayedUpdate
from viz.questions.keys import Rooms, keys
from viz.texts.mathml import mathml, place

_MOST_JUDGED = 100
"""The most lines for which the slips are looked for: each takes milliseconds."""
_DIGITS = 12
"""The digits of a slip's number: more than the page compares."""
Reference: TypeAlias = list[Any]
"""Where the page finds a number: ["data" or "gradient", node], ["line", its place], the result of a step of the update,
["after", step], or a quantity of its optimizer before it, ["before", step, name]."""


class PlayedLines(NamedTuple):
    """The lines as JSON, the parts of their keys, each once, and JavaScript that declares `lineFunctions`."""

    content: list[dict[str, Any]]
    shared: list[Any]
    source: str


def played_lines(root: Value, tape: Sequence[Line], events: Sequence[Step], update: PlayedUpdate) -> PlayedLines:
    """Return the lines of a pass; `events` are its steps, with those of the update.

    A line has its texts, the node that it is about, the steps that it does, the place of its result, and `forms`: the
    formula, and after one that is taught the formula that holds for all numbers. Its `key` judges a guess. A form is
    MathML in symbols, the same with places, and the numbers for these places.

    >>> from autograd import Tape, steps
    >>> from viz.page.optimizer import played_update
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> y, update = x * w, played_update(x * w, None, None)
    >>> played = played_lines(y, Tape.of(y).lines, [*steps(y), *update.events], update)
    >>> [(line["text"], line["steps"]) for line in played.content]
    [('v2 = x*w', [0]), ('dv2/dx = w', [1, 2]), ('dv2/dw = x', [3]), ('w_new = w - lr*dv2/dw', [4])]
    """
    names = line_names(tape)
    naming = update.naming or Naming(root=names[-1])
    found = known_by_line(root, naming=naming, optimizer=update.optimizer)
    steps = _steps_of_lines(found, events)
    general = _general(root, naming, update) if naming.gradient_formulas else {}
    shared: dict[Rooms | str, int] = {}
    judged = _judged(root, naming, update, [each.name for each in found], shared)
    known: dict[str, Reference] = {name: ["data", node] for node, name in enumerate(names)}
    content, functions = [], []
    for number, (heading, line) in enumerate(headed([each.line for each in found])):
        node = found[number].node
        result, own = _result(line, node, number), {}
        if line.part == UPDATE:
            result, own = ["after", steps[number][-1]], _own_numbers(line, steps[number][-1], naming, update)
        forms = _forms(line, general.get(line.name), known | own)
        if result[0] == "line" or len(forms) > 1 or forms[0].choices:
            functions.append(f"  {number}: [{', '.join(form.source() for form in forms)}],\n")
        known.setdefault(line.name, result)
        content.append(
            {
                "heading": heading,
                "sentence": _sentence(line),
                "text": f"{line.name} = {text(line.formula)}",
                "node": node,
                "steps": steps[number],
                "name": mathml(line.left),
                "result": result,
                "forms": [form.as_json() for form in forms],
                "key": judged[number],
            }
        )
    written = [[part.top, part.each] if isinstance(part, Rooms) else part for part in shared]
    return PlayedLines(content, written, f"const lineFunctions = {{\n{''.join(functions)}}};")


def _judged(
    root: Value, naming: Naming, update: PlayedUpdate, names: Sequence[str], shared: dict[Rooms | str, int]
) -> list[Any]:
    """Return what judges a guess for each line: its Key as a list; None for each of very many lines.

    Rooms and sentences stand in `shared`, since many are the same; a key has their places there.
    """
    if len(names) > _MOST_JUDGED:
        return [None] * len(names)

    def at(part: Rooms | str) -> int:
        return shared.setdefault(part, len(shared))

    def rounded(number: float) -> float:
        return float(f"{number:.{_DIGITS}g}")

    return [
        [
            at(key.rooms),
            rounded(key.spread),
            key.old,
            [[rounded(slip.number), at(slip.rooms), at(slip.sentence)] for slip in key.slips],
        ]
        for key in keys(Worksheet(root, naming, update.optimizer), names)
    ]


def _forms(line: PassLine, general: Expression | None, known: Mapping[str, Reference]) -> list["_Form"]:
    """Return the formula of a line, and what the chain rule gives if this is another one."""
    others = [general] if general is not None and text(general) != text(line.formula) else []
    return [_Form.of(formula, known) for formula in (line.formula, *others)]


def _result(line: PassLine, node: int | None, number: int) -> Reference:
    """Return where the result of a line before the update is."""
    if node is None or _is_slope(line):
        return ["line", number]
    return ["gradient" if line.part == BACKWARD else "data", node]


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


def _own_numbers(line: PassLine, step: int, naming: Naming, update: PlayedUpdate) -> dict[str, Reference]:
    """Return where the optimizer's numbers in a line are, by their names in it."""
    own: dict[str, Reference] = {}
    for key in update.names:
        symbol = quantity(key, line.about)
        names = naming.settings.get(key, key), name_of(symbol), name_of(as_new(symbol))
        own |= {name: ["before", step, key] for name in names}
    return own


class _Form(NamedTuple):
    """A formula, and where the numbers of its names are."""

    formula: Expression
    numbers: Mapping[str, Reference]

    @classmethod
    def of(cls, formula: Expression, known: Mapping[str, Reference]) -> "_Form":
        names = symbol_names(formula) | symbol_names(spelled_out(formula))
        return cls(formula, {name: known[name] for name in sorted(names) if name in known})

    @property
    def choices(self) -> list[Conditional]:
        """The choices in the formula as it is written."""
        return [part for part in parts(self.formula) if isinstance(part, Conditional)]

    def as_json(self) -> list[Any]:
        """Return the MathML and the places of the numbers; a formula that is a number has none, it is the result."""
        if isinstance(self.formula, Constant):
            return ["", "", []]
        places: dict[str, Expression] = {name: place(f"quantity{k}") for k, name in enumerate(self.numbers)}
        return [mathml(self.formula), mathml(substituted(self.formula, places)), [*self.numbers.values()]]

    def source(self) -> str:
        """Return JavaScript: a function of the numbers, and for each choice one that gives 1 for its first case."""
        symbols = {name: Symbol(f"n[{k}]") for k, name in enumerate(self.numbers)}
        first = [Conditional(choice.condition, Constant(1.0), Constant(0.0)) for choice in self.choices]
        formulas = [substituted(formula, symbols) for formula in (spelled_out(self.formula), *first)]
        value, *choices = [f"(n) => {JAVASCRIPT.text(formula)}" for formula in formulas]
        return f"{{value: {value}, choices: [{', '.join(choices)}]}}"


def _steps_of_lines(found: Sequence[Known], events: Sequence[Step]) -> list[list[int]]:
    """Return the numbers of the steps that each line does: those whose results it makes known."""
    steps: list[list[int]] = [[] for _ in found]
    data = {node: number for number, known in enumerate(found) if known.line.part != UPDATE for node in known.data}
    gradients = {node: number for number, known in enumerate(found) for node in known.gradients}
    updates = [number for number, known in enumerate(found) if known.line.part == UPDATE]
    for number, event in enumerate(events):
        if isinstance(event, Computed):
            at = data.get(event.node)
        elif isinstance(event, Seed | Posting):
            at = gradients.get(event.node)
        else:
            at = next(line for line in updates if found[line].node == event.node)
            updates.remove(at)
        if at is not None:
            steps[at].append(number)
    return steps
