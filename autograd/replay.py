"""`replay`: record a function of Values once, and from then on run it as a program without an object per node.

Reads `recording`.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from autograd import modes
from autograd.attention import ATTENTION
from autograd.recording import Recording, record
from autograd.structure import flatten
from autograd.sweep import sweeping
from autograd.value import Value

_MOST_RECORDINGS = 8


class Replay:
    """A function that is recorded on its first call and replayed on the next; see `replay`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise TypeError(f"replay() takes a function of Values, but a {type(function).__name__} came: {function!r}.")
        update_wrapper(self, function)
        self.function = function
        self._recordings: dict[tuple[int, ...], list[Recording]] = {}

    def __call__(self, *arguments: Any) -> Value:
        """Return what the function returns for these arguments, as one Value."""
        mode = modes.current() if ATTENTION.contexts else None
        if mode is not None and (mode.recorder is not None or mode.anomaly):
            result: Value = self.function(*arguments)  # a part of another recording, or watched node by node
            return result
        values, rebuild = flatten(arguments, "an argument of a replay")
        numbers = [value._data if isinstance(value, Value) else value for value in values]
        varying = tuple([place for place, value in enumerate(values) if isinstance(value, Value) and value._varies])
        with sweeping:
            recording = self._running(varying, numbers)
            if recording is not None:
                return recording.result(values)
        recording = record(self.function, rebuild, numbers, set(varying))
        kept = self._recordings.setdefault(varying, [])
        kept.insert(0, recording)
        del kept[_MOST_RECORDINGS:]
        with sweeping:
            recording.run(numbers)
            return recording.result(values)

    def _running(self, varying: tuple[int, ...], numbers: list[float]) -> Recording | None:
        """Return the recording that holds for these numbers, after its run; None where there is none."""
        recordings = self._recordings.get(varying, ())
        for recording in recordings:
            if recording.run(numbers):
                return recording
        return None


def replay(function: Callable[..., Any]) -> Replay:
    """Return a function that does the same as this one, many times faster."""
    return Replay(function)
