"""What arguments of the command line may be, beyond what argparse knows. Reads nothing."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path


def learning_rate(text: str) -> float:
    """Return the learning rate that a text gives: a finite number from 0 up."""
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
    path = file_path(text)
    return path if path.suffix else path.with_suffix(".html")


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number from `least` up, to `most` where it is given."""

    def read(text: str) -> int:
        number = int(text) if text.isdecimal() else -1
        if number < least or (most is not None and number > most):
            upwards = f"from {least} up" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"a whole number {upwards} is needed, but {text!r} came")
        return number

    return read
