"""The environment variable `GRADSTEP_INTERPRETED=1`: import the Python source, not the compiled modules.

A debugger can then step into the engine.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader

VARIABLE = "GRADSTEP_INTERPRETED"


class SourceFinder:
    """Finds the source of autograd's modules before Python finds the compiled ones."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, _target: object = None, /) -> ModuleSpec | None:
        """Return the spec of a module of autograd; None for every other, so that Python looks for it as usual."""
        if not path or not name.startswith("autograd."):
            return None
        return FileFinder(path[0], (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name)


def choose() -> None:
    """Make this package import its source, unless the environment variable is unset, "" or "0"."""
    if os.environ.get(VARIABLE, "0") not in {"", "0"}:
        sys.meta_path.insert(0, SourceFinder)


def is_compiled(module: str) -> bool:
    """Return whether an imported module runs as compiled code."""
    return not str(sys.modules[module].__file__).endswith(".py")
