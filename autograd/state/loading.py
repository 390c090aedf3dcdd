"""What is imported, and when: compiled modules or their source, and a package's modules at the first use of a name.

`GRADSTEP_INTERPRETED=1` chooses the Python source, so that a debugger can step into the engine.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
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


def later(
    package: str, table: Mapping[str, Sequence[str]], rows: Sequence[str] = (), listed: Sequence[str] = ()
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package (PEP 562).

    `table` maps the package's modules, without the package's name, to the names that come from them. The modules and
    folders are attributes too. `rows` lists modules whose `__all__` comes from the rows of a table: the package also
    has these names. If it has no `__all__` of its own, that is `listed` and these names.
    """
    homes = {name: module for module, names in table.items() for name in names}
    modules = {module.partition(".")[0] for module in (*table, *rows)}

    def of_rows() -> dict[str, str]:
        return {name: module for module in rows for name in import_module(f"{package}.{module}").__all__}

    def find(name: str) -> object:
        if name in modules:
            return import_module(f"{package}.{name}")
        if name == "__all__":
            return sorted({*listed, *of_rows()})
        home = homes.get(name) or (None if name.startswith("_") else of_rows().get(name))
        if home is not None:
            found = getattr(import_module(f"{package}.{home}"), name)
            setattr(sys.modules[package], name, found)  # next time, Python finds it there itself
            return found
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find, lambda: sorted({*vars(sys.modules[package]), *homes, *modules, *of_rows()})
