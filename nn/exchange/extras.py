"""Optional packages, imported when a function that needs one is called."""

from importlib import import_module
from typing import Any


def imported(name: str, extra: str, package: str) -> Any:
    """Return a module. Raises ModuleNotFoundError if its package is missing, with the command that installs it.

    >>> imported("no_such_module", "pdf", "A package")
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: A package is not installed; install it with: pip install 'gradstep[pdf]'
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ModuleNotFoundError(
            f"{package} is not installed; install it with: pip install 'gradstep[{extra}]'", name=name
        ) from error
