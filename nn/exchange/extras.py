"""Packages that only some functions need, imported when one of these is called."""

from importlib import import_module
from typing import Any


def imported(name: str, extra: str, package: str) -> Any:
    """Return a module. Raises ModuleNotFoundError that says how to install the package that it belongs to.

    >>> imported("no_such_module", "pdf", "A package")
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: A package is not installed; this brings it: pip install 'gradstep[pdf]'
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ModuleNotFoundError(
            f"{package} is not installed; this brings it: pip install 'gradstep[{extra}]'", name=name
        ) from error
