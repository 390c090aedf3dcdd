"""The objects that a function reads from outside: globals, closures, and the objects, lists and dicts in them.

A recording is valid as long as all of these are the same objects. An attribute is watched if its name occurs in the
function's code or in code that it uses. Changes are not detected in sets, in arrays, in attributes that are read by
`getattr` with a text, inside C extensions, and inside the standard library.
"""

import sys
from functools import partial
from types import CellType, CodeType, FunctionType, MappingProxyType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, Final

from autograd.node import Node

_MISSING: Final = object()
_SPECIAL: Final = ("__call__", "__getitem__", "__iter__", "__len__", "__contains__", "__getattr__", "__wrapped__")
_PLAIN: Final = (int, float, complex, str, bytes, Node)


class Surroundings:
    """The places that a function reads, with the objects found there."""

    def __init__(self, function: object) -> None:
        self._lists: list[tuple[list[Any], list[Any]]] = []
        self._entries: list[tuple[dict[Any, Any] | MappingProxyType[str, Any], Any, Any]] = []
        self._sizes: list[tuple[dict[Any, Any], int]] = []
        self._slots: list[tuple[Any, str, Any]] = []
        self._cells: list[tuple[CellType, Any, str]] = []
        self._names: set[str] = set(_SPECIAL)
        self._objects: list[tuple[Any, set[str]]] = []
        self._attributes: set[tuple[type, str]] = set()
        self._seen: dict[int, Any] = {}
        self._waiting: list[Any] = [function]
        while self._waiting:
            while self._waiting:
                self._reach(self._waiting.pop())
            for found, looked_up in self._objects:
                self._look_up(found, looked_up)

    def change(self) -> str:
        """Return what has changed, "" if nothing has."""
        for place_of, name, content in self._entries:
            if place_of.get(name, _MISSING) is not content:
                return f"{name!r} was assigned"
        for found, name, content in self._slots:
            if getattr(found, name, _MISSING) is not content:
                return f"{name!r} was assigned"
        for cell, content, name in self._cells:
            if _content(cell) is not content:
                return f"{name!r} was assigned"
        return self._change_of_elements()

    def _change_of_elements(self) -> str:
        for items, found in self._lists:
            if len(items) != len(found):
                return f"a list of {len(found)} elements now has {len(items)}"
            for place in range(len(found)):
                if items[place] is not found[place]:
                    return f"element {place} of a list was replaced"
        for entries, size in self._sizes:
            if len(entries) != size:
                return f"a dict of {size} entries now has {len(entries)}"
        return ""

    def _reach(self, found: Any) -> None:
        if found is None or isinstance(found, _PLAIN) or id(found) in self._seen:
            return
        self._seen[id(found)] = found
        if isinstance(found, FunctionType):
            self._reach_function(found)
        elif isinstance(found, list):
            self._lists.append((found, list(found)))
            self._waiting += found
        elif isinstance(found, tuple):
            self._waiting += found
        elif isinstance(found, dict):
            self._sizes.append((found, len(found)))
            for name, content in found.items():
                self._watch(found, name, content)
        else:
            self._reach_object(found)

    def _reach_object(self, found: Any) -> None:
        if isinstance(found, partial):
            self._waiting += [found.func, *found.args, *found.keywords.values()]
        elif isinstance(found, MethodType):
            self._waiting += [found.__self__, found.__func__]
        elif isinstance(found, ModuleType):
            if found.__name__.partition(".")[0] not in {"autograd", *sys.stdlib_module_names}:
                self._objects.append((found, set()))
        elif _module(found) not in sys.stdlib_module_names or isinstance(getattr(found, "__dict__", None), dict):
            self._objects.append((found, set()))

    def _watch(self, place: Any, name: Any, content: Any) -> None:
        self._entries.append((place, name, content))
        self._waiting.append(content)

    def _reach_function(self, function: FunctionType) -> None:
        if _module(function) == "autograd" or _module(function) in sys.stdlib_module_names:
            return
        names = _names_in(function.__code__)
        self._names |= names
        for name in names:
            self._watch(function.__globals__, name, function.__globals__.get(name, _MISSING))
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            content = _content(cell)
            self._cells.append((cell, content, name))
            self._waiting.append(content)
        self._waiting += [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]

    def _look_up(self, found: Any, looked_up: set[str]) -> None:
        """Watch the attributes of an object or a class whose names occur in the watched code."""
        kinds = found.__mro__ if isinstance(found, type) else type(found).__mro__
        skipped = {"builtins", *sys.stdlib_module_names}
        classes = [kind for kind in kinds if _module(kind) not in skipped]
        special = _special_methods(classes)
        if not isinstance(found, type):
            special -= {"__init__", "__new__"}  # they have run
        names = (self._names | special) - looked_up
        looked_up |= names
        own = getattr(found, "__dict__", None)
        for name in names:
            defining = [kind for kind in classes if name in kind.__dict__]
            if isinstance(own, dict) and (name in own or (defining and not name.startswith("__"))):
                self._watch(own, name, own.get(name, _MISSING))  # a later one would hide the attribute of the class
            for kind in defining:
                self._watch_attribute(found, kind, name)

    def _watch_attribute(self, found: Any, kind: type, name: str) -> None:
        attribute = kind.__dict__[name]
        if (kind, name) not in self._attributes:
            self._attributes.add((kind, name))
            self._watch(kind.__dict__, name, attribute)
        if isinstance(attribute, (staticmethod, classmethod)):
            self._waiting.append(attribute.__func__)
        elif isinstance(attribute, property):
            self._waiting.append(attribute.fget)
        elif isinstance(attribute, MemberDescriptorType) and not isinstance(found, type):
            content = getattr(found, name, _MISSING)
            self._slots.append((found, name, content))
            self._waiting.append(content)


def _special_methods(classes: list[type]) -> set[str]:
    """Return the names of the special methods of these classes: operators call them without naming them."""
    return {
        name
        for kind in classes
        for name, attribute in kind.__dict__.items()
        if name.startswith("__") and name.endswith("__") and isinstance(attribute, FunctionType)
    }


def _names_in(code: CodeType) -> set[str]:
    """Return the names of globals and attributes in a function's code, and in the functions inside it."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names_in(constant)
    return names


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return _MISSING


def _module(found: Any) -> str:
    kind = found if isinstance(found, (type, FunctionType)) else type(found)
    name = getattr(kind, "__module__", "") or ""
    return str(name).partition(".")[0]
