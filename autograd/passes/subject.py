"""What functions accept as `root`: a Value, or an object with a graph, such as an exercise or its solution.

All functions that read a graph use this module, so they accept the same objects and give the same error messages.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias, TypeGuard, runtime_checkable

from autograd.passes.naming import Naming
from autograd.table.scalars import got, is_number
from autograd.value import Value


class OptimizerLike(Protocol):
    """What `steps` needs of an optimizer. It must be possible to copy it; the optimizers of `nn` fit."""

    parameters: list[Value]

    def step(self) -> None:
        """Adjust the parameters by their gradients."""


class Subject(NamedTuple):
    """A graph: the Value at its end, its optimizer, whose updates are the last steps, and what its lines call things.

    The optimizer and the naming are None if it has none.
    """

    root: Value
    optimizer: OptimizerLike | None = None
    naming: Naming | None = None


@runtime_checkable
class HasGraph(Protocol):
    """An object with a graph, which can be given in place of a Value."""

    def _subject_(self) -> Subject:
        """Return the Value at the end of the graph, and the optimizer that belongs to it."""


Root: TypeAlias = Value | HasGraph
"""The type of the parameter `root` everywhere."""

SUBJECTS = ("a Value", "an Exercise", "a Solution")
"""What can be given as a root, in the words of all messages and help texts."""


def subject_of(root: object, optimizer: OptimizerLike | None = None, others: Sequence[str] = ()) -> Subject:
    """Return the graph of a Value, an exercise or a solution, with the given optimizer or its own.

    Raises TypeError for anything else, and for an object that is no optimizer; `others` are more things that the caller
    accepts, such as "a picture", for the message. Raises ValueError if an optimizer is given and the graph has its own.

    >>> x = Value(3, "x")
    >>> subject_of(x * x)
    Subject(root=Value(9, grad=-, op='mul'), optimizer=None, naming=None)
    >>> subject_of(9.0)
    Traceback (most recent call last):
        ...
    TypeError: expected a Value, an Exercise or a Solution, got float. A plain number has no graph.
    """
    if not is_subject(root):
        raise TypeError(unexpected(root, (*SUBJECTS, *others)))
    if optimizer is not None and not isinstance(root, Value):
        raise ValueError("an exercise is solved by gradient descent with its own eta; give no optimizer with it.")
    if optimizer is not None and not (hasattr(optimizer, "parameters") and hasattr(optimizer, "step")):
        raise TypeError(f"expected an optimizer, with parameters and step(), got {got(optimizer)}.")
    return Subject(root, optimizer) if isinstance(root, Value) else root._subject_()


def require_varying(root: Value, function: str) -> None:
    """Raise ValueError if there is no backward pass from a Value, because it was computed from constants only."""
    if not root._varies:
        raise ValueError(
            f"{function}() follows a backward pass, but {root.name} was not computed from any Value that varies."
        )


def root_of(root: object, *others: str) -> Value:
    """Return the Value at the end of a graph; see `subject_of`."""
    return subject_of(root, None, others).root


def is_subject(found: object) -> TypeGuard[Root]:
    """Say whether something is a Value or has a graph."""
    return isinstance(found, Value | HasGraph) and not isinstance(found, type)


def either(kinds: Sequence[str]) -> str:
    """Return "a, b or c"."""
    *others, last = kinds
    return f"{', '.join(others)} or {last}" if others else last


def unexpected(found: object, expected: Sequence[str]) -> str:
    """Return the message for an unexpected object: what was expected, what was given, and what to try.

    >>> unexpected(None, ["a Value", "a picture"])
    'expected a Value or a picture, got None. Was a return statement forgotten?'
    """
    return " ".join(filter(None, [f"expected {either(expected)}, got {got(found)}.", _advice(found)]))


def is_module(found: object) -> bool:
    """Say whether something is a network or a part of one: it has parameters, and can be called."""
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
