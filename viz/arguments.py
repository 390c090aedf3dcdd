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


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return the function that gives the whole number of a text, within these bounds.

    >>> whole_number(1, 10)("7")
    7
    """

    def number_of(text: str) -> int:
        number = int(text) if text.isdecimal() else least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"a whole number from {least} to {most} is needed, but {text!r} came")
        return number

    return number_of


def file_name(text: str) -> Path:
    """Return the path of a file."""
    if not Path(text).name:
        raise argparse.ArgumentTypeError(f"the name of a file is needed, but {text!r} came")
    return Path(text)
