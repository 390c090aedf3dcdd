"""What stands beside the lines of a solved exercise: what is given, and the weights before and after."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import Value, parameter
from autograd.derivatives.vector import sum
from autograd.ops import abs, erf, exp, log, maximum, sqrt
from autograd.passes.lines import lines
from autograd.passes.naming import Function, Naming
from autograd.passes.updates import assignments
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import (
    Conditional,
    Constant,
    Expression,
    NamedFunction,
    Operation,
    Relation,
    Symbol,
    text,
)
from autograd.symbols.indices import new_name
from autograd.symbols.latex import latex_notation
from autograd.symbols.simplification import simplified
from autograd.symbols.substitution import symbol_names, transformed
from autograd.table.scalars import counted, format_number
from nn.activations import activation_row
from nn.exercises.exercise import Exercise, Solution
from nn.exercises.given import Choice, fraction_of
from nn.exercises.recording import SOFTMAX, gradient_name, loss_of
from nn.optim import Optimizer


class Given(NamedTuple):
    """A row of what is given: what it is, words about it, and equations, each as a left and a right side."""

    what: str
    words: str
    equations: list[tuple[Expression, Expression]]


class WeightTable(NamedTuple):
    """The weights and biases of an exercise: a name, its number before, its last gradient, and its number after."""

    title: str
    headings: Sequence[str]
    rows: Sequence[tuple[str, float, float, float]]


def weight_table(solutions: Sequence[Solution]) -> WeightTable:
    """Return the numbers before the first iteration and after the last, of an exact exercise as fractions.

    >>> weight_table([Exercise({"w12": 2}, inputs=[3], target=0, eta=0.5).solve()]).rows
    [('w12', 2.0, 18.0, -7.0)]
    """
    several, last = len(solutions) > 1, solutions[-1]
    title = f"Weights before and after {len(solutions)} iterations" if several else "Weights before and after"
    headings = ("weight", "before", "last gradient" if several else "gradient", "after")
    first, exact = solutions[0], last.exact
    rows = [
        (
            name,
            first.exact.get(name, number),
            exact.get(gradient_name(name), last.gradients[name]),
            exact.get(new_name(name), last.after[name]),
        )
        for name, number in first.before.items()
    ]
    return WeightTable(title, headings, rows)


def iteration_title(exercise: Exercise, number: int, count: int) -> str:
    """Return the heading of an iteration: its number if there are several, and its example if each is used alone.

    >>> two = Exercise({"w12": 2}, inputs=[[1], [3]], target=[0, 1], eta=0.1, update="each")
    >>> iteration_title(two, 1, 1), iteration_title(two, 4, 4)
    ('Example 1 of 2', 'Iteration 4: example 2 of 2')
    """
    examples = len(exercise.all_examples)
    iteration = f"Iteration {number}" if count > 1 else ""
    if exercise.update != "each" or examples == 1:
        return iteration
    example = f"example {(number - 1) % examples + 1} of {examples}"
    return f"{iteration}: {example}" if iteration else example.capitalize()


def given(solution: Solution) -> list[Given]:
    """Return the rows of what is given, from the inputs to the definitions of the activations.

    >>> for what, words, equations in given(Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1).solve()):
    ...     print(f"{what}: {words}", *(f"{left} = {written(right)}" for left, right in equations))
    inputs:  x1 = 3
    weights:  w12 = 2
    target:  y = 0
    learning rate:  eta = 0.1
    optimizer: gradient descent
    loss: half squared error loss = 1/2*(y2 - y)**2
    activation: relu in the output layer F(x) = max(0, x) F'(x) = 0 if x <= 0 else 1
    """
    exercise, fixed = solution.exercise, solution.exercise.plan.fixed
    learned = [name for name in exercise.plan.numbers if name not in {**exercise.weights, **exercise.biases}]
    groups = {
        "inputs": exercise.inputs_by_name,
        "weights": {name: number for name, number in exercise.weights.items() if name not in fixed},
        "fixed weights": {name: number for name, number in exercise.weights.items() if name in fixed},
        "biases": {name: number for name, number in exercise.biases.items() if name not in fixed},
        "fixed biases": {name: number for name, number in exercise.biases.items() if name in fixed},
        "learned": {name: exercise.plan.numbers[name] for name in learned},
        "target": exercise.targets,
        "learning rate": {exercise.notation.eta: exercise.eta},
    }
    rows = [
        Given(
            what,
            _class_words(exercise) if what == "target" else "",
            [(Symbol(name), _exact(number)) for name, number in numbers.items()],
        )
        for what, numbers in groups.items()
        if numbers
    ]
    return [*rows, *_training(solution), *_definitions(exercise)]


def _exact(number: Any) -> Expression:
    """Return a number as it was given: a fraction is a fraction."""
    exact: Any = fraction_of(number)
    return Constant(number if exact is None else exact)


def _class_words(exercise: Exercise) -> str:
    """Return which output is the class of each example, for targets that are classes."""
    rows = [list(example.targets.values()) for example in exercise.all_examples]
    if exercise.choices[-1].name != SOFTMAX or any(sorted(row)[-2:] != [0.0, 1.0] for row in rows):
        return ""
    places = ", ".join(str(row.index(1.0) + 1) for row in rows)
    words = "the right class is output" if len(rows) == 1 else "the right classes are outputs"
    return f"{words} {places} of {len(rows[0])}"


def _training(solution: Solution) -> Iterator[Given]:
    """Yield the optimizer with its settings, the loss, and what an update uses of several examples."""
    exercise, optimizer, plan = solution.exercise, solution.optimizer, solution.exercise.plan
    formulas = assignments(optimizer, optimizer.quantities(optimizer.parameters[0]))
    used = {name for line in formulas for name in symbol_names(line.formula)}
    settings = [name for name in optimizer.settings if name in used and name != "lr"]
    numbers: dict[str, Any] = {**optimizer.settings, **solution.naming.fractions}
    shown: list[tuple[Expression, Expression]] = [(Symbol(name), _exact(numbers[name])) for name in settings]
    yield Given("optimizer", _optimizer_words(optimizer, used), shown)
    name = exercise.loss.replace("cross_entropy", "cross-entropy").replace("_", " ")
    suffix = plan.suffix(1)
    formula = loss_of(plan, lambda name: Symbol(f"{name}{suffix}"), Constant(1.0), saturated=False)
    words = f"{name}, of the first example" if suffix else name
    yield Given("loss", words, [(Symbol(f"{plan.notation.loss}{suffix}"), _spelled(formula))])
    count = len(exercise.all_examples)
    if count > 1:
        uses = f"the {exercise.update} of the gradients of {counted(count, 'example')}"
        yield Given("update", "one example after the other" if exercise.update == "each" else uses, [])


def _optimizer_words(optimizer: Optimizer, used: Container[str]) -> str:
    """Return what an optimizer is, what it keeps for each weight, and what its settings are called."""
    title = optimizer.title
    if "decay" in used:
        title += " and weight decay" if " with " in title else " with weight decay"
    kept = [f"{name} (at first {format_number(start)})" for name, start in optimizer.state.items() if name in used]
    words = [title, *([f"each weight and bias has its own {' and '.join(kept)}"] if kept else [])]
    words += ["t counts the updates"] if "t" in used else []
    own = {name: argument for name, argument in optimizer.arguments.items() if name in used and name != "lr"}
    said = [f"{name} is the {argument.replace('_', ' ')}" for name, argument in own.items() if name[:3] != argument[:3]]
    return "; ".join([*words, *([" and ".join(said)] if said else [])])


def _definitions(exercise: Exercise) -> Iterator[Given]:
    """Yield each activation, where it is used, and its formulas F(x) and F'(x)."""
    places: dict[tuple[str, str, str], dict[str, Choice]] = {}
    layers, outputs = exercise.network.layers, exercise.network.outputs
    for number, layer in enumerate(layers, start=1):
        hidden = f"hidden layer {number}" if len(layers) > 2 else "the hidden layer"
        for unit in layer:
            name, choice = exercise.plan.functions[unit]
            where = "the output layer" if unit in outputs else hidden
            learned = exercise.plan.learned.get(unit, "")
            places.setdefault((name, learned, str(choice.content)), {})[where] = choice
    for (name, learned, _), found in places.items():
        *others, last = found
        choice, where = found[last], f"{', '.join(others)} and {last}" if others else last
        where = "every layer" if others and len(places) == 1 else where
        equations = _softmax(len(outputs)) if choice.name == SOFTMAX else definition(name, choice, learned)
        yield Given("activation", f"{choice.name} in {where}", equations)


def _softmax(units: int) -> list[tuple[Expression, Expression]]:
    """Return the definition of a softmax over some units."""
    total = sum([exp(Symbol(f"z_{place}")) for place in range(1, units + 1)])
    return [(Symbol("softmax_i"), exp(Symbol("z_i")) / total)]


def definition(function: str, choice: Choice, learned: str = "") -> list[tuple[Expression, Expression]]:
    """Return the equations F(x) = ... and F'(x) = ... of an activation, from the formulas of the table.

    `learned` is the name of its learned setting.

    >>> for left, right in definition("F", Choice("tanh", {})):
    ...     print(left, "=", right)
    F(x) = tanh(x)
    F'(x) = 1 - tanh(x)**2
    """
    row = activation_row(choice.name)
    x = Value(1.0, "x")
    y = choice.applied(x, parameter(1.0, learned or next(iter(row.settings))) if row.learned else None)
    y.label = "y"
    found = lines(y, naming=Naming(functions={"y": Function(function, "x")}, labels_only=True))
    named = [line.formula for line in found if isinstance(line.formula, NamedFunction)]

    def as_given(part: Expression) -> Expression:
        exact = choice.fractions.get(repr(part.number)) if isinstance(part, Constant) else None
        return part if exact is None else _exact(exact)

    return [
        (NamedFunction(part.function, part.operand), transformed(_spelled(part.meaning), as_given))
        for part in named
        if part.meaning
    ]


def written(formula: Expression, digits: int = DIGITS) -> str:
    """Return a formula of what is given as plain text, with numbers of so many digits.

    >>> written(Operation(maximum, (Constant(0.0), Symbol("x"))))
    'max(0, x)'
    """
    return text(formula, None, digits)


_TAUGHT: Mapping[str, Callable[[Expression], Expression]] = {
    "softplus": lambda x: log(1 + exp(x)),
    "expm1": lambda x: exp(x) - 1,
    "silu": lambda x: x / (1 + exp(-x)),
    "gelu": lambda x: x / 2 * (1 + erf(x / sqrt(Constant(2.0)))),
    "softsign": lambda x: x / (1 + abs(x)),
}
"""Functions that are computed in other forms than they are taught."""


def _spelled(formula: Expression) -> Expression:
    """Return what operations compute, if that is how they are taught: max(0, x) for relu(x)."""
    match formula:
        case Operation(op, (operand,)) if op.name == "pos":
            return operand
        case Operation(op, (operand,)) if op.name in _TAUGHT:
            return _TAUGHT[op.name](_spelled(operand))
        case Operation(op, operands):
            formula = Operation(op, tuple(map(_spelled, operands)))
            if op.value is not None and "#" not in latex_notation(op) and not op.symbol:
                return _spelled(simplified(op.value(*formula.operands)))
        case Conditional():
            formula = formula.changed(_spelled)
    match formula:
        case Conditional(Relation("<", left, right), yes, no) if (left, right) == (no, yes):
            return Operation(maximum, (yes, no))
    return formula
