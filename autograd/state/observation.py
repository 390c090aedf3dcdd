"""What Python code learns about Values while `replay` records a function: results of comparisons, and numbers.

A recording is valid as long as these stay the same. Actions that a recording cannot repeat raise ReplayError.
"""

from typing import Any, Final

from autograd.state.mode import caller_line, code_at, current_mode

LESS: Final = 0
LESS_OR_EQUAL: Final = 1
GREATER: Final = 2
GREATER_OR_EQUAL: Final = 3
NOT_EQUAL: Final = 4
NUMBER: Final = 5
"""The questions: a comparison of two numbers, or (NUMBER) the number itself."""


class ReplayError(RuntimeError):
    """A function does something that a replay cannot repeat."""

    __module__ = "autograd"  # where users import it from


def observe(question: int, left: Any, right: Any) -> None:
    """Tell the current recorder, if there is one, that Python asked a question about Values."""
    recorder = current_mode().recorder
    if recorder is not None:
        recorder.note(question, left, right)


def refuse(what: str) -> None:
    """Raise ReplayError with the line of code, if a function is being recorded."""
    if current_mode().recorder is not None:
        line = caller_line()
        raise ReplayError(
            f"{what} inside a function that replay() records, at {line}: `{code_at(line)}`. A replay repeats only "
            "computations from Values. Do this outside the function, or call the function itself, without replay()."
        )
