"""Contexts that change what recording does: `no_grad`, `enable_grad`, `scope`, `record_lines`.

Each holds for the thread or task that entered it, nests, and also works as a decorator.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograd.state.mode import MODE, OPEN_CONTEXTS, Origin, Recorder, Witness

_counting = threading.Lock()


@contextmanager
def changed_mode(**changes: Any) -> Iterator[None]:
    """Give this thread or task a mode with other fields."""
    token = MODE.set(MODE.get().but(**changes))
    _count(1)
    try:
        yield
    finally:
        _count(-1)
        MODE.reset(token)


def _count(step: int) -> None:
    with _counting:
        OPEN_CONTEXTS.count += step


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Tell the recorder what Python learns of Values, and mark the nodes made inside as the recorder's."""
    origin = MODE.get().origin or Origin()
    with changed_mode(recording=True, recorder=recorder, origin=Origin(origin.scope, origin.line, recorder)):
        yield


@contextmanager
def witnessed(witness: Witness) -> Iterator[None]:
    """Tell the witness of every call of `backward()` inside."""
    with changed_mode(witness=witness):
        yield


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: results inside are constants without operands.

    >>> from autograd import Value
    >>> w = Value(2, "w")
    >>> with no_grad():
    ...     (w * 3).kind
    'constant'
    """
    with changed_mode(recording=False):
        yield


@contextmanager
def enable_grad() -> Iterator[None]:
    """Record inside a `no_grad` too.

    >>> from autograd import Value
    >>> with no_grad(), enable_grad():
    ...     (Value(2) * 3).kind
    'computed'
    """
    with changed_mode(recording=True):
        yield


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Record a name, such as "layer 1", on the nodes made inside. Scopes nest.

    Raises TypeError or ValueError where the name is no text or an empty one.

    >>> from autograd import Value
    >>> with scope("layer 1"), scope("neuron 2"):
    ...     Value(2).scope
    ('layer 1', 'neuron 2')
    """
    if not isinstance(name, str):
        raise TypeError(f"a scope's name must be a str, but a {type(name).__name__} came: {name!r}.")
    if not name:
        raise ValueError("a scope's name must not be empty; give a name such as 'layer 1'.")
    around = MODE.get().origin or Origin()
    with changed_mode(origin=Origin((*around.scope, name), around.line, around.recorder)):
        yield


@contextmanager
def record_lines() -> Iterator[None]:
    """Record on each node made inside the line of the user's code that made it, as `Value.line`.

    It costs several microseconds a node, so it is off unless asked for.

    >>> from autograd import Value
    >>> with record_lines():
    ...     value = Value(2)
    >>> value.line.rpartition(":")[2].isdigit()
    True
    """
    with changed_mode(lines=True):
        yield
