"""Argument types for argparse that several commands share, and the exit code of Ctrl-C."""

import argparse
import math
from collections.abc import Callable

INTERRUPTED = 130
"""The exit code after Ctrl-C, the same as in shells."""


def number_from_zero(text: str) -> float:
    """Return the finite number, 0 or larger, that a text gives: a learning rate, a noise, a momentum."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a finite number from 0 up, got {text!r}")
    return number


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a function that reads a whole number from `least` to `most` (no upper limit if None)."""

    def read(text: str) -> int:
        number = int(text) if text.isdecimal() else -1
        if number < least or (most is not None and number > most):
            upwards = f"from {least} up" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"expected a whole number {upwards}, got {text!r}")
        return number

    return read
