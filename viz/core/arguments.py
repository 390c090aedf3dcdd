"""What commands share: what their arguments may be, beyond what argparse knows, and the exit code of Ctrl-C."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

from nn.exchange.files import with_usual_suffix

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


def number_from_zero(text: str) -> float:
    """Return the number that a text gives, finite and from 0 up: a learning rate, a noise, a momentum."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"a finite number from 0 up is needed, but {text!r} came")
    return number


def file_path(text: str) -> Path:
    """Return the path of a file or a folder to write."""
    if not Path(text).name:
        raise argparse.ArgumentTypeError(f"the name of a file is needed, but {text!r} came")
    return Path(text)


def page_path(text: str) -> Path:
    """Return the path of an HTML file; browsers go by its suffix, so that one without gets it."""
    return with_usual_suffix(file_path(text), "html")


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number from `least` up, to `most` where it is given."""

    def read(text: str) -> int:
        number = int(text) if text.isdecimal() else -1
        if number < least or (most is not None and number > most):
            upwards = f"from {least} up" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"a whole number {upwards} is needed, but {text!r} came")
        return number

    return read
