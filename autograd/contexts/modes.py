"""Contexts that change how operations are recorded: `no_grad`, `enable_grad`, `scope`, `record_lines`.

Each one holds for the thread or task that entered it. They nest, and also work as decorators.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograd.state.mode import MODE, OPEN_CONTEXTS, Origin, Recorder, Witness
from autograd.table.scalars import got

_counting = threading.Lock()


@contextmanager
def changed_mode(**changes: Any) -> Iterator[None]:
    """Change fields of the mode of this thread or task."""
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
    """Tell the recorder what Python learns about Values, and mark the nodes made inside as the recorder's."""
    origin = MODE.get().origin or Origin()
    with changed_mode(recording=True, recorder=recorder, origin=Origin(origin.scope, origin.line, recorder)):
        yield


@contextmanager
def observed(observer: Recorder) -> Iterator[None]:
    """Tell the observer what Python learns about Values inside; unlike a recording, it refuses nothing."""
    with changed_mode(observer=observer):
        yield


@contextmanager
def witnessed(witness: Witness) -> Iterator[None]:
    """Tell the witness about every call of `backward()` inside."""
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
    """Switch recording on again, inside a `no_grad`.

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
    around = MODE.get().origin or Origin()
    with changed_mode(origin=Origin((*around.scope, name), around.line, around.recorder)):
        yield


@contextmanager
def record_lines() -> Iterator[None]:
    """Record the line of your code that made each node inside, as `Value.line`.

    It costs several microseconds per node, so it is off by default.

    >>> from autograd import Value
    >>> with record_lines():
    ...     value = Value(2)
    >>> value.line.rpartition(":")[2].isdigit()
    True
    """
    with changed_mode(lines=True):
        yield
