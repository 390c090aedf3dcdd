"""The mode of recording in this thread or task, and the place in the code where a node was made.

Contexts such as `no_grad` change the mode: see `autograd.contexts.modes`.
"""

import sys
from contextlib import suppress
from contextvars import ContextVar
from threading import Lock
from types import FrameType
from typing import Any, Final, Protocol

# Their frames are not the user's code. A frame tells only its module's name, so nn and viz are named here too.
_OWN_PACKAGES: Final = frozenset({"autograd", "nn", "viz"})


OPEN_CONTEXTS: Final[list[Lock]] = []
"""The locks of the `no_grad`, `scope`, ... blocks of all threads; empty is the fast path.

The lock of a block is held while the block is active. One that has just ended is here until `current_mode` sees it.
"""


class Recorder(Protocol):
    """Receives what Python learns about Values, as while `replay` records a function; see `observation`."""

    def note(self, question: int, left: Any, right: Any) -> None:
        """Remember that Python asked this question about the Values."""


class Witness(Protocol):
    """Receives the calls of `backward()`; see `record_backward`."""

    def note_call(self, order: list[Any], seed: float) -> None:
        """Remember a call, before it changes gradients of the nodes in this order."""


class Checker(Protocol):
    """Looks for a nan or an infinity in each new result; see `detect_anomaly`."""

    def check_result(self, code: int, left: Any, right: Any, data: float) -> None:
        """Raise an error if finite operands give a result that is not finite."""

    def check_sweep(self, order: list[Any], seed: float) -> None:
        """Raise an error if a sweep from this seed makes a gradient that is not finite."""


class Origin:
    """Where a node was made: the scopes around it, outermost first, and "file:line" if lines are recorded.

    `recorder` is the active recording for replay, if there is one. Nodes share an origin, so it never changes.
    """

    __slots__ = ("line", "recorder", "scope")

    def __init__(self, scope: tuple[str, ...] = (), line: str = "", recorder: Recorder | None = None) -> None:
        self.scope = scope
        self.line = line
        self.recorder = recorder

    def __reduce__(self) -> tuple[Any, ...]:
        return Origin, (self.scope, self.line)


FORWARD: Final = 1
REVERSE: Final = 2
"""The differentiations around a computation: FORWARD for `jvp` only, REVERSE if any other is there."""


class Mode:
    """How operations are recorded now. The fields never change: `but` returns a new mode.

    It holds as long as its `lock`, if it has one, is held; then `around`, the mode around it, holds again.
    """

    __slots__ = (
        "around",
        "checker",
        "differentiation",
        "is_silent",
        "lines",
        "lock",
        "observer",
        "origin",
        "recorder",
        "recording",
        "refusal",
        "witness",
    )

    def __init__(
        self,
        *,
        recording: bool = True,
        checker: Checker | None = None,
        lines: bool = False,
        origin: Origin | None = None,
        recorder: Recorder | None = None,
        witness: Witness | None = None,
        observer: Recorder | None = None,
        refusal: str = "",
        differentiation: int = 0,
        lock: "Lock | None" = None,  # before Python 3.13, Lock is no class
        around: "Mode | None" = None,
    ) -> None:
        self.recording: Final = recording
        self.checker: Final = checker
        self.lines: Final = lines
        self.origin: Final = origin
        self.recorder: Final = recorder
        self.witness: Final = witness
        self.observer: Final = observer
        self.refusal: Final = refusal  # what to say to code that may not turn a Value into a plain number
        self.differentiation: Final = differentiation  # FORWARD or REVERSE inside of one, else 0
        self.lock: Final = lock
        self.around: Final = around
        watched = lines or checker is not None or recorder is not None
        self.is_silent: Final = not recording and not watched  # results are plain constants

    def but(self, **changes: Any) -> "Mode":
        """Return a copy of this mode with other values for the named fields."""
        get = changes.get
        return Mode(  # with names, which compiled code passes on without a dict
            recording=get("recording", self.recording),
            checker=get("checker", self.checker),
            lines=get("lines", self.lines),
            origin=get("origin", self.origin),
            recorder=get("recorder", self.recorder),
            witness=get("witness", self.witness),
            observer=get("observer", self.observer),
            refusal=get("refusal", self.refusal),
            differentiation=get("differentiation", self.differentiation),
            lock=get("lock"),
            around=get("around"),
        )

    def origin_here(self) -> Origin | None:
        """Return the origin for a new node."""
        if not self.lines:
            return self.origin
        around = self.origin or Origin()
        return Origin(around.scope, caller_line(), around.recorder)


MODE: Final[ContextVar[Mode]] = ContextVar("mode", default=Mode())  # noqa: B039 - the default cannot change: the fields of a Mode are Final


def current_mode() -> Mode:
    """Return the mode of this thread or task, and forget the blocks that have ended."""
    latest = mode = MODE.get()
    while mode.around is not None and mode.lock is not None and not mode.lock.locked():
        mode = mode.around
    if mode is not latest:
        MODE.set(mode)
    if mode.lock is None:
        for lock in OPEN_CONTEXTS[:]:
            if not lock.locked():
                with suppress(ValueError):  # another thread has removed it
                    OPEN_CONTEXTS.remove(lock)
    return mode


_CELLS: Final[dict[str, str]] = {}
"""The files of a notebook's cells, by names such as In[3]."""


def caller_line() -> str:
    """Return "file:line" of the user's code that is running; "" if there is none.

    In a notebook the file is the cell, such as In[3].
    """
    frame = user_frame()
    return f"{file_or_cell(frame.f_code.co_filename)}:{frame.f_lineno}" if frame else ""


def user_frame() -> FrameType | None:
    """Return the frame of the user's code that is running, if there is one."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _OWN_PACKAGES:
        frame = frame.f_back
    return frame


def file_or_cell(file: str) -> str:
    """Return the name of a file, or the label of a notebook's cell, such as In[3]."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    label_and_name = None if shell is None else shell.compile.format_code_name(file)
    if label_and_name is None:
        return file
    cell = str(label_and_name[1])
    _CELLS[cell] = file
    return cell


def code_at(line: str) -> str:
    """Return the text of the code at "file:line"; "" if it cannot be read.

    >>> code_at("<stdin>:1")
    ''
    """
    import linecache  # noqa: PLC0415 - adds 1.5 ms to the 24 of `import autograd`; only messages quote code

    file, _, number = line.rpartition(":")
    return linecache.getline(_CELLS.get(file, file), int(number)).strip() if number.isdigit() else ""
