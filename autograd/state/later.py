"""Names of a package that are imported when somebody asks for them, so that importing the package takes no time."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def later(package: str, table: Mapping[str, Sequence[str]]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package (PEP 562).

    `table` has the package's modules, without the package's name, each with the names that come from it. The package's
    own modules and folders can be asked for too.
    """
    homes = {name: module for module, names in table.items() for name in names}
    modules = {module.partition(".")[0] for module in table}

    def find(name: str) -> object:
        if name in homes:
            found = getattr(import_module(f"{package}.{homes[name]}"), name)
            setattr(sys.modules[package], name, found)  # the next time, Python finds it there
            return found
        if name in modules:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find, lambda: sorted({*vars(sys.modules[package]), *homes, *modules})
