"""What arguments of the command line may be, beyond what argparse knows. Reads nothing."""

import argparse
import math


def learning_rate(text: str) -> float:
    """Return the learning rate that a text gives: a finite number from 0 up."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"a finite number from 0 up is needed, but {text!r} came")
    return number
