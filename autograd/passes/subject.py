"""What may be looked at: a Value, or an object that has one at the end of its graph, as an exercise and its solution.

Everything that reads a graph asks here, so that all readers take the same and refuse the rest in the same words.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias, TypeGuard, runtime_checkable

from autograd.table.scalars import got, is_number
from autograd.value import Value


class OptimizerLike(Protocol):
    """What `steps` needs of an optimizer: one that can be copied, such as those of `nn`."""

    parameters: list[Value]

    def step(self) -> None:
        """Adjust the parameters by their gradients."""


class Subject(NamedTuple):
    """A graph to look at: the Value at its end, and the optimizer whose updates are its last steps, None for none."""

    root: Value
    optimizer: OptimizerLike | None = None


@runtime_checkable
class HasGraph(Protocol):
    """What can be looked at as a Value can: an object that says which Value is at the end of its graph."""

    def _subject_(self) -> Subject:
        """Return the Value at the end of the graph, and the optimizer that belongs to it."""


Root: TypeAlias = Value | HasGraph
"""What the parameter `root` takes everywhere."""

SUBJECTS = ("a Value", "an Exercise", "a Solution")
"""What may be looked at, in the words of every message and help text."""


def subject_of(root: object, optimizer: OptimizerLike | None = None, others: Sequence[str] = ()) -> Subject:
    """Return the graph of a Value, an exercise or a solution, with the optimizer given, or else with its own.

    Raises TypeError for anything else, which names `others` too that the caller takes, such as "a picture"; ValueError
    for an optimizer where the graph has its own.

    >>> x = Value(3, "x")
    >>> subject_of(x * x)
    Subject(root=Value(9, grad=-, op='mul'), optimizer=None)
    >>> subject_of(9.0)
    Traceback (most recent call last):
        ...
    TypeError: expected a Value, an Exercise or a Solution, got float. A plain number has no graph.
    """
    if not is_subject(root):
        raise TypeError(unexpected(root, (*SUBJECTS, *others)))
    if isinstance(root, Value):
        return Subject(root, optimizer)
    if optimizer is not None:
        raise ValueError("an exercise is solved by gradient descent with its own eta; give no optimizer with it.")
    assert isinstance(root, HasGraph)
    return root._subject_()


def root_of(root: object, *others: str) -> Value:
    """Return the Value at the end of a graph; see `subject_of`."""
    return subject_of(root, None, others).root


def is_subject(found: object) -> TypeGuard[Root]:
    """Say whether something can be looked at."""
    return isinstance(found, Value | HasGraph) and not isinstance(found, type)


def either(kinds: Sequence[str]) -> str:
    """Return "a, b or c"."""
    *others, last = kinds
    return f"{', '.join(others)} or {last}" if others else last


def unexpected(found: object, expected: Sequence[str]) -> str:
    """Return the sentence about something else than was expected, with what to do about it.

    >>> unexpected(None, ["a Value", "a picture"])
    'expected a Value or a picture, got None. Was a return statement forgotten?'
    """
    return " ".join(filter(None, [f"expected {either(expected)}, got {got(found)}.", _advice(found)]))


def is_module(found: object) -> bool:
    """Say whether something is a network or a part of one: it has parameters, and is called with inputs."""
    return callable(found) and hasattr(found, "parameters") and not isinstance(found, type)


def _advice(found: object) -> str:
    if found is None:
        return "Was a return statement forgotten?"
    if is_module(found):
        return f"Give the loss that it leads to: loss = mean_squared_error({type(found).__name__.lower()}(x), y)."
    if isinstance(found, str):
        return "nn.load(path) reads an exercise's file."
    if is_number(found):
        return "A plain number has no graph."
    if isinstance(found, (list, tuple)) and found and isinstance(found[0], Value | HasGraph):
        return "Give one of its items."
    return "Call it first." if callable(found) and not isinstance(found, type) else ""
