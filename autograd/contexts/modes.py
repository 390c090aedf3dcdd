"""Contexts that change how operations are recorded: `no_grad`, `enable_grad`, `scope`, `record_lines`.

Each one holds for the thread or task that entered it. They nest, and also work as decorators.
"""

from collections.abc import Callable
from contextlib import ContextDecorator
from threading import Lock
from typing import Any, Self

from autograd.state.mode import FORWARD, MODE, OPEN_CONTEXTS, REVERSE, Mode, Origin, Recorder, current_mode
from autograd.table.scalars import got


class _Leaving:
    """The `__exit__` of a `ChangedMode`: it frees the lock. A `with` statement gets the lock's own method, in C."""

    def __get__(self, context: "ChangedMode | None", _: object = None) -> Any:
        return self if context is None else context.lock.__exit__

    def __call__(self, context: "ChangedMode", *error: Any) -> None:  # by contextlib.ExitStack
        context.lock.__exit__(*error)


class ChangedMode(ContextDecorator):
    """A context that changes fields of the mode of this thread or task; `changes` returns them, given the mode around.

    Its mode holds while its lock is held. An interrupt, such as Ctrl-C, comes between two steps of Python code, so the
    last step of the entry makes the mode current, and the only step of the exit frees the lock.
    """

    __exit__: Any = _Leaving()

    def __init__(self, changes: Callable[[Mode], dict[str, Any]]) -> None:
        self._changes = changes
        self.lock = Lock()

    def __enter__(self) -> Any:
        """Begin; return the witness, if there is a new one."""
        if not self.lock.acquire(blocking=False):
            raise RuntimeError("this context is active already; make one for each `with`.")
        try:
            around = current_mode()
            changes = self._changes(around)
            witness = changes.get("witness")
            OPEN_CONTEXTS.append(self.lock)
            MODE.set(around.but(**changes, lock=self.lock, around=around))
        except BaseException:
            self.lock.release()
            raise
        return witness

    def _recreate_cm(self) -> Self:  # for each call of a function that this decorates
        return type(self)(self._changes)


def recording(recorder: Recorder) -> ChangedMode:
    """Tell the recorder what Python learns about Values, and mark the nodes made inside as the recorder's."""

    def changes(mode: Mode) -> dict[str, Any]:
        around = mode.origin or Origin()
        return {"recording": True, "recorder": recorder, "origin": Origin(around.scope, around.line, recorder)}

    return ChangedMode(changes)


def observed(observer: Recorder) -> ChangedMode:
    """Tell the observer what Python learns about Values inside; unlike a recording, it refuses nothing."""
    return ChangedMode(lambda _: {"observer": observer})


def conversions_refused(text: str) -> ChangedMode:
    """Raise TypeError with this text in place of a DetachedWarning."""
    return ChangedMode(lambda _: {"refusal": text})


def forward_differentiation() -> ChangedMode:
    """Mark what is computed inside as inside of `jvp`."""
    return ChangedMode(lambda mode: {"differentiation": max(FORWARD, mode.differentiation)})


def reverse_differentiation() -> ChangedMode:
    """Record, and mark what is computed inside as inside of `grad` or another differentiation by reverse mode."""
    return ChangedMode(lambda _: {"recording": True, "differentiation": REVERSE})


def no_grad() -> ChangedMode:
    """Compute without recording: results inside are constants without operands.

    >>> from autograd import Value
    >>> w = Value(2, "w")
    >>> with no_grad():
    ...     (w * 3).kind
    'constant'
    """
    return ChangedMode(lambda _: {"recording": False})


def enable_grad() -> ChangedMode:
    """Switch recording on again, inside a `no_grad`.

    >>> from autograd import Value
    >>> with no_grad(), enable_grad():
    ...     (Value(2) * 3).kind
    'computed'
    """
    return ChangedMode(lambda _: {"recording": True})


def scope(name: str) -> ChangedMode:
    """Record a name, such as "layer 1", on the nodes made inside. Scopes nest.

    Raises TypeError if the name is not a str, ValueError if it is empty.

    >>> from autograd import Value
    >>> with scope("layer 1"), scope("neuron 2"):
    ...     Value(2).scope
    ('layer 1', 'neuron 2')
    """
    if not isinstance(name, str):
        raise TypeError(f"expected a str for a scope's name, got {got(name)}: {name!r}.")
    if not name:
        raise ValueError("expected some text for a scope's name, got ''. Use a name such as 'layer 1'.")

    def changes(mode: Mode) -> dict[str, Any]:
        around = mode.origin or Origin()
        return {"origin": Origin((*around.scope, name), around.line, around.recorder)}

    return ChangedMode(changes)


def record_lines() -> ChangedMode:
    """Record the line of your code that made each node inside, as `Value.line`.

    It costs several microseconds per node, so it is off by default.

    >>> from autograd import Value
    >>> with record_lines():
    ...     value = Value(2)
    >>> value.line.rpartition(":")[2].isdigit()
    True
    """
    return ChangedMode(lambda _: {"lines": True})
