"""Contexts that change what recording does: `no_grad`, `enable_grad`, `scope`, `detect_anomaly`, `record_lines`.

Each holds for the thread or task that entered it, nests, and also works as a decorator. Reads nothing of the engine.
"""

import linecache
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Protocol

from autograd.attention import ATTENTION

# Their frames are not the user's code. The packages above this one are named here because only a name tells them
# from other packages that are installed beside.
_OWN_PACKAGES = frozenset({"autograd", "nn", "viz"})


class Recorder(Protocol):
    """Who is told what Python learns of Values while a function is recorded; see `observation`."""

    def note(self, question: int, left: Any, right: Any) -> None:
        """Remember that Python asked this question about the Values."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a node was made: the scopes around it, outermost first, and "file:line" if lines are recorded.

    `recorder` is the recording for replay that was under way.
    """

    scope: tuple[str, ...] = ()
    line: str = ""
    recorder: Recorder | None = None


@dataclass(frozen=True, slots=True)
class Mode:
    """What recording does at present."""

    recording: bool = True
    anomaly: bool = False
    lines: bool = False
    origin: Origin | None = None
    recorder: Recorder | None = None

    def origin_here(self) -> Origin | None:
        """Return the origin of a node that is made now."""
        if not self.lines:
            return self.origin
        return replace(self.origin or Origin(), line=caller_line())


_ORDINARY = Mode()
_mode: ContextVar[Mode] = ContextVar("mode", default=_ORDINARY)
_counting = threading.Lock()


def current() -> Mode:
    """Return the mode of this thread or task."""
    return _mode.get()


@contextmanager
def _changed(**changes: Any) -> Iterator[None]:
    token = _mode.set(replace(_mode.get(), **changes))
    _count(1)
    try:
        yield
    finally:
        _count(-1)
        _mode.reset(token)


def _count(step: int) -> None:
    with _counting:
        ATTENTION.contexts += step


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Tell the recorder what Python learns of Values, and mark the nodes made inside as the recorder's."""
    origin = _mode.get().origin or Origin()
    with _changed(recording=True, recorder=recorder, origin=replace(origin, recorder=recorder)):
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
    with _changed(recording=False):
        yield


@contextmanager
def enable_grad() -> Iterator[None]:
    """Record inside a `no_grad` too.

    >>> from autograd import Value
    >>> with no_grad(), enable_grad():
    ...     (Value(2) * 3).kind
    'computed'
    """
    with _changed(recording=True):
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
    around = _mode.get().origin or Origin()
    with _changed(origin=replace(around, scope=(*around.scope, name))):
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
    with _changed(lines=True):
        yield


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Raise AnomalyError at the operation, or at the posting of `backward()`, that makes the first nan or infinity.

    >>> from autograd import Value
    >>> with detect_anomaly():
    ...     Value(0, "p").log()
    Traceback (most recent call last):
        ...
    autograd.anomaly.AnomalyError: log(p) made -inf from p = 0 ...
    """
    with _changed(anomaly=True, lines=True):
        yield


def caller_line() -> str:
    """Return "file:line" of the innermost frame outside of this project's packages; "" where there is none."""
    frame = sys._getframe()
    while frame.f_globals.get("__name__", "").partition(".")[0] in _OWN_PACKAGES:
        if frame.f_back is None:
            return ""
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def code_at(line: str) -> str:
    """Return the text of the code at "file:line"; "" where it cannot be read.

    >>> code_at("<stdin>:1")
    ''
    """
    file, _, number = line.rpartition(":")
    return linecache.getline(file, int(number)).strip() if number.isdigit() else ""
