"""What Python learns of a Value while a function is recorded for replay: the outcomes of comparisons, and numbers.

A recording holds as long as these would be the same. What it cannot watch is refused.
"""

from typing import Any, Final

from autograd.state.mode import caller_line, code_at, current_mode

LESS: Final = 0
LESS_OR_EQUAL: Final = 1
GREATER: Final = 2
GREATER_OR_EQUAL: Final = 3
NOT_EQUAL: Final = 4
NUMBER: Final = 5
"""What was learned: how two numbers compare, or (NUMBER) the number itself."""


class ReplayError(RuntimeError):
    """A function does something that a recording of it could not repeat."""

    __module__ = "autograd"  # where users import it from


def observe(question: int, left: Any, right: Any) -> None:
    """Tell the present recorder, if there is one, that Python learned something about Values."""
    recorder = current_mode().recorder
    if recorder is not None:
        recorder.note(question, left, right)


def refuse(what: str) -> None:
    """Raise ReplayError, naming the line, if a function is being recorded."""
    if current_mode().recorder is not None:
        line = caller_line()
        raise ReplayError(
            f"{what} inside of a function that replay() records, at {line}: `{code_at(line)}`. A replay repeats "
            "only what is computed from Values; do this outside of the function, or call the function itself."
        )
