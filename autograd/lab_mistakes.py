"""The lab's mistakes as rows of data: what each does otherwise, and the sentence that explains what comes of it.

Reads the rule of the lab's sweep, and the examples.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from autograd import lab_examples
from autograd.lab_sweep import Pass, Rule, Stage, recorded
from autograd.stepping import Computed, Posting, Step
from autograd.value import Value
from autograd.wording import Wording, derivative_name, describe

ACTIVATIONS = ("relu", "leaky_relu", "elu", "sigmoid", "tanh", "softplus")
"""The operations of the table that networks use as activations, each a function of its first operand."""

_ONCE: tuple[Stage, ...] = ("forward", "backward")
_TRAINED: tuple[Stage, ...] = ("forward", "backward", "update")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A classic mistake: `rule` holds what it does otherwise, `passes` what it takes to see it.

    `sentence` explains the first step that differs, with the fields that `lab.run` fills in; `condition` says what a
    graph that shows the mistake has; `example` makes the smallest one. `reword` gives a wrong posting the words of
    what it did.
    """

    name: str
    title: str
    rule: Rule
    sentence: str
    condition: str
    example: Callable[[], Value]
    passes: tuple[Pass, ...] = (Pass("", _ONCE),)
    reword: Callable[[Posting, Wording], Wording] = lambda _, wording: wording

    def describe(self, step: Step) -> Wording:
        """Return what a step of the pass with this mistake says."""
        wording = describe(step)
        return self.reword(step, wording) if isinstance(step, Posting) else wording


def behind_the_first_use(computed: Sequence[Computed]) -> Iterable[Computed]:
    """Yield computations from the loss back, but each shared one right behind the first that used it, not the last."""
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
    return 1.0 if _is_activation(step, position) else recorded(step, position)


def _is_activation(step: Computed, position: int) -> bool:
    return step.op in ACTIVATIONS and position == 0


def _passed_on(step: Posting, wording: Wording) -> Wording:
    if not _is_activation(step.source, step.position):
        return wording
    return wording._replace(parts=(derivative_name(step.loss, step.source.name), wording.parts[-1]))


MISTAKES = (
    Mistake(
        "order",
        "a node posts before all postings to it have arrived (no topological sort)",
        Rule(order=behind_the_first_use),
        "{source} posted to {node} when {arrived} of its {expected} postings had arrived: "
        "{product} instead of {right_product}.",
        "a computed node that several computations use, the later ones with a posting other than 0",
        lab_examples.shared_result,
    ),
    Mistake(
        "overwrite",
        "a gradient is assigned with = in place of +=",
        Rule(put=lambda _, amount: amount),
        "{node} was used {times}; {posting} replaced {earlier}: {result} instead of {right_total}.",
        "a node that is used more than once, with a posting other than 0 before the last",
        lab_examples.used_twice,
        reword=lambda _, wording: wording._replace(sign="="),
    ),
    Mistake(
        "no-zero-grad",
        "gradients are not zeroed between iterations",
        Rule(resets_leaves=False),
        "{node} still held {before} from iteration 1: {total} instead of {right_total}.",
        "a leaf whose gradient in the first iteration is not 0",
        lab_examples.one_weight,
        (Pass("iteration 1", _TRAINED), Pass("iteration 2", _TRAINED)),
    ),
    Mistake(
        "inner-kept",
        "inner gradients are not reset before a second backward()",
        Rule(resets_computed=False),
        "{node} still held {before} from the first backward(): {total} instead of {right_total}.",
        "a computed node between the loss and the leaves whose gradient is not 0",
        lab_examples.inner_result,
        (Pass("first backward()", _ONCE), Pass("second backward()", ("backward",))),
    ),
    Mistake(
        "early-update",
        "a weight is updated before it was used",
        Rule(updates_at_once=True),
        "{weight} was updated before it was used: {product} instead of {right_product}.",
        "a weight that is adjusted, in a product (or another operation whose derivative depends on it) with another "
        "node that varies",
        lab_examples.worked_exercise,
        (Pass("", _TRAINED),),
    ),
    Mistake(
        "no-derivative",
        "the activation's derivative F' is left out",
        Rule(local=_without_slope),
        "the derivative of {op} was left out: {source} passed {upstream} on to {node} as it was, "
        "instead of {right_product}.",
        f"an activation ({', '.join(ACTIVATIONS)}) whose derivative is not 1, and a gradient other than 0 there",
        lab_examples.worked_exercise,
        reword=_passed_on,
    ),
)
"""The mistakes of the lab."""


def find(name: str) -> Mistake:
    """Return the mistake with this name; ValueError with the nearest names where there is none.

    >>> find("overwrite").title
    'a gradient is assigned with = in place of +='
    """
    if not isinstance(name, str):
        raise TypeError(f"a mistake is named by a str, but a {type(name).__name__} came: {name!r}.")
    names = [mistake.name for mistake in MISTAKES]
    if name in names:
        return MISTAKES[names.index(name)]
    near = get_close_matches(name, names) or names
    raise ValueError(f"the lab has no mistake {name!r}; try {', '.join(near)}.")
