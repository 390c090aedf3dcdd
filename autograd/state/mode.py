"""What recording does at present, in this thread or task, and where a node was made.

The contexts of `modes` change it.
"""

import sys
from contextvars import ContextVar
from typing import Any, Final, Protocol

from mypy_extensions import i64

# Their frames are not the user's code. The packages above this one are named here because only a name tells them
# from other packages that are installed beside.
_OWN_PACKAGES: Final = frozenset({"autograd", "nn", "viz"})


class Attention:
    """The count of open contexts, in all threads; while it is 0, recording need not look for its mode."""

    __slots__ = ("contexts",)

    def __init__(self) -> None:
        self.contexts: i64 = 0


ATTENTION: Final = Attention()


class Recorder(Protocol):
    """Who is told what Python learns of Values while a function is recorded; see `observation`."""

    def note(self, question: int, left: Any, right: Any) -> None:
        """Remember that Python asked this question about the Values."""


class Witness(Protocol):
    """Who is told of the calls of `backward()`; see `explaining`."""

    def note_call(self, order: list[Any], seed: float) -> None:
        """Remember a call, before it posts to the nodes of this order."""


class Checker(Protocol):
    """Who looks for a nan or an infinity as it is made; see `detect_anomaly`."""

    def check_result(self, code: int, left: Any, right: Any, data: float) -> None:
        """Raise where an operation of finite operands has a result that is not finite."""

    def check_sweep(self, order: list[Any], totals: list[float]) -> None:
        """Raise where a finished sweep made a gradient that is not finite."""


class Origin:
    """Where a node was made: the scopes around it, outermost first, and "file:line" if lines are recorded.

    `recorder` is the recording for replay that was under way. Nodes share an origin, so it is never changed.
    """

    __slots__ = ("line", "recorder", "scope")

    def __init__(self, scope: tuple[str, ...] = (), line: str = "", recorder: Recorder | None = None) -> None:
        self.scope = scope
        self.line = line
        self.recorder = recorder

    def __reduce__(self) -> tuple[Any, ...]:
        return Origin, (self.scope, self.line)


class Mode:
    """What recording does at present. Its fields are final: `but` returns another mode."""

    __slots__ = ("checker", "lines", "origin", "recorder", "recording", "witness")

    def __init__(
        self,
        *,
        recording: bool = True,
        checker: Checker | None = None,
        lines: bool = False,
        origin: Origin | None = None,
        recorder: Recorder | None = None,
        witness: Witness | None = None,
    ) -> None:
        self.recording: Final = recording
        self.checker: Final = checker
        self.lines: Final = lines
        self.origin: Final = origin
        self.recorder: Final = recorder
        self.witness: Final = witness

    def but(self, **changes: Any) -> "Mode":
        """Return a mode that is this one but for the fields named."""
        fields: dict[str, Any] = {
            "recording": self.recording,
            "checker": self.checker,
            "lines": self.lines,
            "origin": self.origin,
            "recorder": self.recorder,
            "witness": self.witness,
        }
        return Mode(**(fields | changes))

    def origin_here(self) -> Origin | None:
        """Return the origin of a node that is made now."""
        if not self.lines:
            return self.origin
        around = self.origin or Origin()
        return Origin(around.scope, caller_line(), around.recorder)


MODE: Final[ContextVar[Mode]] = ContextVar("mode", default=Mode())  # noqa: B039 - no caller can change it: the fields of a Mode are Final


def current_mode() -> Mode:
    """Return the mode of this thread or task."""
    return MODE.get()


_CELLS: Final[dict[str, str]] = {}
"""The files of a notebook's cells, by names such as In[3]."""


def caller_line() -> str:
    """Return "file:line" of the innermost frame outside of this project's packages; "" where there is none.

    In a notebook the file is the cell, such as In[3].
    """
    frame = sys._getframe()
    while frame.f_globals.get("__name__", "").partition(".")[0] in _OWN_PACKAGES:
        if frame.f_back is None:
            return ""
        frame = frame.f_back
    return f"{_file_or_cell(frame.f_code.co_filename)}:{frame.f_lineno}"


def _file_or_cell(file: str) -> str:
    """Return the name of a file; of one in which IPython keeps a notebook's cell, what is written beside the cell."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    label_and_name = None if shell is None else shell.compile.format_code_name(file)
    if label_and_name is None:
        return file
    cell = str(label_and_name[1])
    _CELLS[cell] = file
    return cell


def code_at(line: str) -> str:
    """Return the text of the code at "file:line"; "" where it cannot be read.

    >>> code_at("<stdin>:1")
    ''
    """
    import linecache  # noqa: PLC0415 - adds 2 ms to the 24 of `import autograd`; only messages quote code

    file, _, number = line.rpartition(":")
    return linecache.getline(_CELLS.get(file, file), int(number)).strip() if number.isdigit() else ""
