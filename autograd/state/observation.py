"""What Python code learns about Values while `replay` records a function: results of comparisons, and numbers.

A recording is valid as long as these stay the same. Actions that a recording cannot repeat raise ReplayError.
`WATCHERS` hear of what has happened to a graph, in any thread, such as a finished `backward()`.
"""

import os
from opcode import opmap
from types import CodeType, FrameType
from typing import Any, Final, Protocol
from warnings import warn_explicit

from autograd.state.mode import caller_line, code_at, current_mode, user_frame
from autograd.table.visible import said, visible

LESS: Final = 0
LESS_OR_EQUAL: Final = 1
GREATER: Final = 2
GREATER_OR_EQUAL: Final = 3
NOT_EQUAL: Final = 4
NUMBER: Final = 5
TEXT: Final = 6
"""The questions: a comparison of two numbers, the number itself, or the text with label and gradient."""


class Watcher(Protocol):
    """Hears of each finished `backward()`, move of a Stepper and iteration of `fit`; see `viz.live`."""

    def note(self, event: str, source: Any, detail: Any) -> None:
        """Take notice of an event in the present thread.

        The events: "backward", a Value, the place of the first node in the sweep; "move", a Stepper; "fit", a model, as
        it begins; "iteration", a model, its Progress; "fitted", a model, as `fit` ends.
        """


WATCHERS: Final[list[Watcher]] = []
"""Those who follow the computations of all threads; none in a forked process, whose other threads are gone."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=WATCHERS.clear)


def tell(event: str, source: Any, detail: Any = None) -> None:
    """Tell all watchers of an event."""
    for watcher in WATCHERS[:]:
        watcher.note(event, source, detail)


class ReplayError(RuntimeError):
    """A function does something that a replay cannot repeat."""

    __module__ = "autograd"  # where users import it from


class DetachedWarning(UserWarning):
    """A Value was used as a plain number, by `float()`, `int()` or a function of `math`: no gradient flows through it.

    Or what shall be differentiated was not computed from the arguments, but from other Values. It comes once for each
    line of your code. Not under `no_grad`, nor from `.data`, `round()` and formats.
    """

    __module__ = "autograd"


class _Conversions:
    """How many Values were used as plain numbers so far, in all threads."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


CONVERSIONS: Final = _Conversions()

_SAID: Final[dict[tuple[CodeType, int], str]] = {}
"""The warning of each line of code. The text of a line stays the same, so that Python shows it once."""


def warn_detached(label: str | None) -> None:
    """Warn the user's code about the Value with this label, unless under `no_grad` or if a %-format converts it."""
    mode = current_mode()
    if mode.refusal:
        raise TypeError(mode.refusal)
    CONVERSIONS.count += 1
    frame = user_frame()
    if frame is None or not mode.recording:
        return
    if frame.f_code.co_code[frame.f_lasti] == opmap["BINARY_OP"]:  # "%.2f" % x; other operators convert no Value
        return
    name = said(visible(label or "x"))
    text = _SAID.setdefault(
        (frame.f_code, frame.f_lineno),
        f"only the number of {name} was used here, and no gradient will flow through it; use autograd.tanh for a "
        f"function of math, {name}.data where the number is wanted",
    )
    _warn(frame, text)


def warn_user(text: str) -> None:
    """Give the line of the user's code that is running a DetachedWarning with this text."""
    frame = user_frame()
    if frame is not None:
        _warn(frame, text)


def _warn(frame: FrameType, text: str) -> None:
    around = frame.f_globals
    registry = around.setdefault("__warningregistry__", {})
    file, module = frame.f_code.co_filename, around.get("__name__", "<string>")
    warn_explicit(text, DetachedWarning, file, frame.f_lineno, module, registry)


def observe(question: int, left: Any, right: Any) -> None:
    """Tell the current recorder and observer, if there are, that Python asked a question about Values."""
    mode = current_mode()
    for listener in (mode.recorder, mode.observer):
        if listener is not None:
            listener.note(question, left, right)


def refuse(what: str) -> None:
    """Raise ReplayError with the line of code, if a function is being recorded."""
    if current_mode().recorder is not None:
        line = caller_line()
        raise ReplayError(
            f"{what} inside a function that replay() records, at {line}: `{code_at(line)}`. A replay repeats only "
            "computations from Values. Do this outside the function, or call the function itself, without replay()."
        )
