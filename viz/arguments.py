"""What arguments of the command line may be, beyond what argparse knows. Reads nothing."""

import argparse
import math
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
