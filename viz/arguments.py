"""What arguments of the command line may be, beyond what argparse knows. Reads nothing."""

import argparse
import math
from pathlib import Path


def file_name(text: str) -> Path:
    """Return the path of a file."""
    if not Path(text).name:
        raise argparse.ArgumentTypeError(f"the name of a file is needed, but {text!r} came")
    return Path(text)


def learning_rate(text: str) -> float:
    """Return the learning rate that a text gives: a finite number from 0 up."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"a finite number from 0 up is needed, but {text!r} came")
    return number
