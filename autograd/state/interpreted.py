"""The choice of the interpreted source where the package was installed compiled: `GRADSTEP_INTERPRETED=1`.

A debugger can then step into the engine.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader

VARIABLE = "GRADSTEP_INTERPRETED"


class SourceFinder:
    """Finds the modules of autograd as source, before Python finds them compiled."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, _target: object = None, /) -> ModuleSpec | None:
        """Return the spec of a module of autograd; None for every other, which Python then finds by itself."""
        if not path or not name.startswith("autograd."):
            return None
        return FileFinder(path[0], (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name)


def choose() -> None:
    """Make this package import its source, if the environment variable is set to anything but "" or "0"."""
    if os.environ.get(VARIABLE, "0") not in {"", "0"}:
        sys.meta_path.insert(0, SourceFinder)


def is_compiled(module: str) -> bool:
    """Say whether a module that is imported runs as compiled code."""
    return not str(sys.modules[module].__file__).endswith(".py")
