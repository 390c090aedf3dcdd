"""The lab's mistakes as rows of data: what each one does, the sentence that explains it, and a smallest example.

The last example is the lecture's worked exercise; a test compares it with the one in `nn`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

from autograd.lab.sweep import Pass, Rule, Stage, recorded
from autograd.passes.steps import Computed, Posting, Step
from autograd.passes.wording import Wording, derivative_name, describe
from autograd.table.op import OWN, TABLE
from autograd.table.scalars import near
from autograd.value import Value, constant, parameter


def shared_result() -> Value:
    """Return L = c + b with c = 4b and b = 3a: c and L use b, and the only way to a is through b.

    >>> shared_result()
    Value(30, 'L', grad=-, op='add')
    """
    b = 3 * Value(2, "a")
    c = 4 * b
    loss: Value = c + b
    b.label, c.label, loss.label = "b", "c", "L"
    return loss


def used_twice() -> Value:
    """Return L = a*b + b, which uses b twice.

    >>> used_twice()
    Value(8, 'L', grad=-, op='add')
    """
    a, b = Value(3, "a"), Value(2, "b")
    loss: Value = a * b + b
    loss.label = "L"
    return loss


def one_weight() -> Value:
    """Return L = w**2, whose minimum a training loop looks for.

    >>> one_weight()
    Value(25, 'L', grad=-, op='pow')
    """
    loss: Value = parameter(5, "w") ** 2
    loss.label = "L"
    return loss


def inner_result() -> Value:
    """Return L = b**2 with b = 2a: b stands between the loss and the leaf.

    >>> inner_result()
    Value(36, 'L', grad=-, op='pow')
    """
    b = 2 * Value(3, "a")
    loss: Value = b**2
    b.label, loss.label = "b", "L"
    return loss


def worked_exercise() -> Value:
    """Return the loss of the lecture's worked exercise: inputs 1 and 2, hidden nodes 3 and 4, output node 5, all ReLU.

    >>> worked_exercise()
    Value(50, 'L', grad=-, op='mul')
    """
    x1, x2, target = constant(1, "x1"), constant(-1, "x2"), constant(0, "y")
    w13, w23, w14, w24 = parameter(2, "w13"), parameter(-3, "w23"), parameter(1, "w14"), parameter(4, "w24")
    w35, w45 = parameter(2, "w35"), parameter(-1, "w45")
    x3: Value = x1 * w13 + x2 * w23
    x4: Value = x1 * w14 + x2 * w24
    y3, y4 = x3.relu(), x4.relu()
    x5: Value = y3 * w35 + y4 * w45
    y5 = x5.relu()
    loss: Value = 0.5 * (y5 - target) ** 2
    named = {"x3": x3, "y3": y3, "x4": x4, "y4": y4, "x5": x5, "y5": y5, "L": loss}
    for name, value in named.items():
        value.label = name
    return loss


_ONCE: tuple[Stage, ...] = ("forward", "backward")
_TRAINED: tuple[Stage, ...] = ("forward", "backward", "update")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A classic mistake: `rule` says what it does in another way, `passes` are the passes that show it.

    `sentence` explains the first step that differs; `lab.run` fills in its fields. `condition` says what a graph needs
    to show the mistake; `example` makes a smallest graph. `reword` changes the text of a wrong contribution to what
    was really done.
    """

    name: str
    title: str
    rule: Rule
    sentence: str
    condition: str
    example: Callable[[], Value]
    _: KW_ONLY
    passes: tuple[Pass, ...] = (Pass("", _ONCE),)
    reword: Callable[[Posting, Wording], Wording] = lambda _, wording: wording

    def describe(self, step: Step) -> Wording:
        """Return the text of a step of the pass with this mistake."""
        wording = describe(step)
        return self.reword(step, wording) if isinstance(step, Posting) else wording


def behind_the_first_use(computed: Sequence[Computed]) -> Iterable[Computed]:
    """Yield computations from the loss back, but a shared one already after its first user, not after its last."""
    made = {step.node: step for step in computed}
    users = Counter(operand for step in computed for operand in set(step.operands) if operand in made)
    path, visited = list(computed), set()
    while path:
        step = path.pop()
        if step.node not in visited:
            visited.add(step.node)
            yield step
            path += [made[operand] for operand in step.operands if users[operand] > 1]


def _without_slope(step: Computed, position: int) -> float:
    return 1.0 if _is_function(step, position) else recorded(step, position)


def _is_function(step: Computed, position: int) -> bool:
    """Return whether a function of one operand, such as an activation, computed the step from the operand there."""
    alone = (op.name for op in (*TABLE, *OWN) if not op.symbol and op.arity - len(op.defaults) == 1)
    return position == 0 and step.op in alone


def _passed_on(step: Posting, wording: Wording) -> Wording:
    if not _is_function(step.source, step.position):
        return wording
    return wording._replace(parts=(derivative_name(step.loss, step.source.name), wording.parts[-1]))


MISTAKES = (
    Mistake(
        "order",
        "a node passes its gradient on before it is complete (no topological sort)",
        Rule(order=behind_the_first_use),
        "{source} passed its gradient on to {node} too early, after {arrived} of {expected} contributions: "
        "{product} instead of {right_product}.",
        "a computed node that several computations use, with a later contribution other than 0",
        shared_result,
    ),
    Mistake(
        "overwrite",
        "a gradient is assigned with = in place of +=",
        Rule(put=lambda _, amount: amount),
        "{node} received {count} contributions; {ordinal} replaced {earlier}: {result} instead of {right_total}.",
        "a node that is used more than once, with a contribution other than 0 before the last",
        used_twice,
        reword=lambda _, wording: wording._replace(sign="="),
    ),
    Mistake(
        "no-zero-grad",
        "gradients are not zeroed between iterations",
        Rule(resets_weights=False),
        "{node} still held {before} from iteration 1: {total} instead of {right_total}.",
        "a weight whose gradient in the first iteration is not 0",
        one_weight,
        passes=(Pass("iteration 1", _TRAINED), Pass("iteration 2", _TRAINED)),
    ),
    Mistake(
        "inner-kept",
        "inner gradients are not reset before a second backward()",
        Rule(resets_computed=False),
        "{node} still held {before} from the first backward(): {total} instead of {right_total}.",
        "a computed node between the loss and the leaves whose gradient is not 0",
        inner_result,
        passes=(Pass("first backward()", _ONCE), Pass("second backward()", ("backward",))),
    ),
    Mistake(
        "early-update",
        "a weight is updated before it was used",
        Rule(updates_at_once=True),
        "{weight} was updated before it was used: {product} instead of {right_product}.",
        "a weight that is adjusted, in a product (or another operation whose derivative depends on it) with another "
        "node that varies",
        worked_exercise,
        passes=(Pass("", _TRAINED),),
    ),
    Mistake(
        "no-derivative",
        "the activation's derivative F' is left out",
        Rule(local=_without_slope),
        "the derivative of {op} was left out: {source} passed {upstream} on to {node} as it was, "
        "instead of {right_product}.",
        "an activation, or another function of one operand, whose derivative is not 1, and a gradient other than 0 "
        "there",
        worked_exercise,
        reword=_passed_on,
    ),
)
"""The mistakes of the lab."""


def find(name: str) -> Mistake:
    """Return the mistake with this name. Raises ValueError with similar names if there is none.

    >>> find("overwrite").title
    'a gradient is assigned with = in place of +='
    """
    if not isinstance(name, str):
        raise TypeError(f"expected the name of a mistake, a str, got {type(name).__name__}: {name!r}.")
    names = [mistake.name for mistake in MISTAKES]
    if name in names:
        return MISTAKES[names.index(name)]
    raise ValueError(f"the lab has no mistake {name!r}; try {near(name, names)}.")
