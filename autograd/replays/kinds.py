"""Kinds of objects: which never change, which hold others, and which functions read nothing but their arguments."""

import array
import functools
import gc
import io
import operator
import os
import re
import sys
import threading
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

PURE: Final = {
    *("autograd", "builtins", "math", "cmath", "operator", "_operator", "itertools", "functools", "_functools", "copy"),
    *("collections", "_collections", "_collections_abc", "fractions", "numbers", "enum", "abc", "_abc", "typing"),
    *("types", "contextlib", "dataclasses", "statistics", "_statistics", "bisect", "_bisect", "heapq", "_heapq", "re"),
    *("string", "_string", "array", "_sre", "struct", "_struct", "json", "_json", "warnings", "_warnings", "numpy"),
    *("textwrap", "reprlib", "pprint", "copyreg", "decimal"),
}
UNKNOWN_FUNCTIONS: Final = {
    *("open", "input", "eval", "exec", "compile", "globals", "__import__", "breakpoint"),
    *("load", "loadtxt", "genfromtxt", "fromfile", "memmap", "fromregex", "geterr", "geterrcall", "getbufsize"),
    *("NormalDist", "get_type_hints"),
}
"""Of the pure modules, what reads from elsewhere or cannot be looked into."""
BY_NAME: Final = {getattr, hasattr, setattr, delattr, vars, dir, operator.attrgetter, operator.methodcaller}
BY_NAME_MODULES: Final = {"copy", "dataclasses", "inspect", "pprint", "reprlib"}
"""What reads attributes whose names do not stand in the code: then all attributes count."""
TEXTS: Final = {str, repr, format, print, ascii}
PLAIN: Final = (
    *(type(None), bool, int, float, complex, str, bytes, range, type(...), type(NotImplemented)),
    *(types.CodeType, types.MemberDescriptorType, types.GetSetDescriptorType, types.WrapperDescriptorType),
    *(types.MethodDescriptorType, types.ClassMethodDescriptorType, types.UnionType, re.Pattern),
    type(operator.itemgetter(0)),
)
"""Kinds without anything inside that could change."""
SETTINGS: Final[dict[str, Callable[[Any], Any]]] = {
    "decimal": lambda module: repr(module.getcontext()),
    "numpy": lambda module: (module.get_printoptions(), module.geterr()),
    "warnings": lambda module: (module.filters[:], module.defaultaction, module.onceregistry.copy()),
}
"""What the functions of a pure module read without being given it."""
BASES: Final = {
    *(object, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, deque, OrderedDict, defaultdict),
    *(bytearray, array.array, types.SimpleNamespace, type),
}
"""Kinds written in C whose whole content is followed."""
ASKING: Final = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__repr__", "__str__"}
"""Methods that data classes generate: they compare classes or name them, but make no objects."""
HELD: Final[dict[type, Callable[[Any], Iterable[Any]]]] = {
    functools.partial: lambda found: (found.func, found.args, found.keywords),
    functools.partialmethod: lambda found: (found.func, found.args, found.keywords),
    functools.cached_property: lambda found: (found.func,),
    type(functools.lru_cache(len)): lambda found: (found.__wrapped__, *kept_by(found)),
    types.MethodType: lambda found: (found.__func__,),
    types.MethodWrapperType: lambda found: (found.__self__,),
    staticmethod: lambda found: (found.__func__,),
    classmethod: lambda found: (found.__func__,),
    property: lambda found: (found.fget, found.fset, found.fdel),
    types.MappingProxyType: gc.get_referents,
    type({}.keys()): lambda found: (found.mapping,),
    type({}.values()): lambda found: (found.mapping,),
    type({}.items()): lambda found: (found.mapping,),
    operator.attrgetter: lambda found: [part for name in found.__reduce__()[1] for part in name.split(".")],
    operator.methodcaller: gc.get_referents,
    slice: lambda found: (found.start, found.stop, found.step),
    types.GenericAlias: lambda found: (found.__origin__,),
}
"""Objects written in C, and what they refer to."""
CHANGING: Final = {functools.partial, type(functools.lru_cache(len))}
"""Of these, the kinds that later may refer to something else."""


_SAYING: Final = {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
"""The methods of a logger that return nothing."""
_LIBRARY, _OWN = str(Path(os.__file__).parent), str(Path(__file__).parents[2])
_FOLDERS: Final = {"numpy": ""} | dict.fromkeys(sys.stdlib_module_names, _LIBRARY) | {"autograd": _OWN, "nn": _OWN}
"""Where the files of modules are whose objects are known."""
_IMMUTABLE: Final = 1 << 8
"""The flag of a class whose attributes cannot change: it is written in C."""


def kept_by(cache: Any) -> list[Any]:
    """Return the results that an `lru_cache` keeps, but for numbers and texts; in an order that hits do not change."""
    parts = [part for part in gc.get_referents(cache) if part is not vars(cache)]
    tables = [part for part in parts if type(part) is dict]
    if cache.cache_info().maxsize is None:
        results = [result for table in tables for result in table.values()]
    else:  # the results are referents themselves; the table has the links between them
        tables = [table for table in tables if any(type(link).__name__ == "_lru_list_elem" for link in table.values())]
        inner = {id(cache.__wrapped__), *map(id, tables), *(id(key) for table in tables for key in table)}
        results = [part for part in parts if tables and id(part) not in inner]
    results = [result for result in results if type(result) not in PLAIN]
    return sorted([result for result in results if not (isinstance(result, type) and is_pure(result))], key=id)


def described(found: Any) -> str:
    """Return what an object is, for a refusal."""
    if isinstance(found, (types.FunctionType, types.BuiltinFunctionType)):
        return f"a function of {found.__module__}"
    kind = found if isinstance(found, type) else type(found)
    return f"{'the' if kind is found else 'of the'} class {kind.__module__}.{kind.__qualname__}"


def is_in(found: Any, group: Iterable[Any]) -> bool:
    """Say whether an object is one of these; `in` would compare it."""
    return any(found is one for one in group)


def module_of(found: Any) -> str:
    """Return the first part of the name of the module of a class or a function."""
    return _whole_module(found).partition(".")[0]


def _whole_module(found: Any) -> str:
    """Return the name of the module of a class or a function; that of a wrapper, not of what it wraps.

    It is "" for what only has the name of a module of the library: a file `statistics.py` of the user, or a class
    whose `__module__` was assigned.
    """
    if type(found) is types.FunctionType:
        around = found.__globals__
        name = str(around.get("__name__"))
    else:
        name = str(getattr(found, "__module__", None) or getattr(getattr(found, "__self__", None), "__name__", ""))
        around = vars(sys.modules[name]) if name in sys.modules else {}
    first = name.partition(".")[0]
    folder = _FOLDERS.get(first)
    if folder is None:
        return name
    file = str(around.get("__file__"))
    real = file.startswith(folder) or not file.endswith(".py")
    if isinstance(found, type) and not found.__flags__ & _IMMUTABLE:
        for part in found.__qualname__.split("."):
            around = getattr(around, "__dict__", around).get(part, {})
        real &= around is found
    return name if real else ""


def is_pure(found: Any) -> bool:
    """Say whether a class or a function computes only from what it is given, or returns nothing."""
    name = _whole_module(found)
    if name == "logging":
        return found.__name__ in _SAYING
    return name.partition(".")[0] in PURE and ".random" not in name


def is_library(function: types.FunctionType) -> bool:
    """Say whether a function is not the user's."""
    return module_of(function) in sys.stdlib_module_names or "site-packages" in function.__code__.co_filename


def is_python(kind: type) -> bool:
    """Say whether a class is written in Python: no method of its own is written in C."""
    in_c = (types.WrapperDescriptorType, types.MethodDescriptorType, types.ClassMethodDescriptorType)
    return not any(isinstance(content, in_c) and content.__objclass__ is kind for content in vars(kind).values())


def hooks_of(base: type) -> set[str]:
    """Return the methods and attributes of a class in Python; a subclass may have others under these names."""
    names = vars(base).keys() | getattr(base, "__annotations__", {}).keys() if is_python(base) else ()
    return {name for name in names if not name.startswith("__")}


def is_finished(kind: type) -> bool:
    """Say whether objects of this kind never change, and nothing in them does."""
    if module_of(kind) == "numpy":
        constant = issubclass(kind, numpy_kinds("generic", "dtype")) and kind not in numpy_kinds("void", "record")
        return constant or kind.__name__ == "_ArrayFunctionDispatcher"
    in_c = kind.__name__ in {"_tuplegetter", "Decimal"} or hasattr(kind, "n_sequence_fields")
    return module_of(kind) == "typing" or (in_c and not is_python(kind))


def read_elsewhere(found: Any) -> set[str] | None:
    """Return the methods by which a path, a date, a lock, a logger or a stream reads more than what it was given.

    Nothing else of it changes a result. None for other objects.
    """
    kind = type(found)
    if kind in (type(threading.Lock()), type(threading.RLock())):
        return set(dir(kind)) - set(dir(object)) - {"__enter__", "__exit__", "release"}
    if module_of(kind) == "logging" and kind.__name__ in {"Logger", "RootLogger"}:
        return set(dir(found)) - set(dir(object)) - _SAYING
    if kind is io.TextIOWrapper and not found.closed and not found.readable():
        return set(dir(kind)) - set(dir(object)) - {"write", "flush"}
    if module_of(kind) == "pathlib":
        pure = [base for base in kind.__mro__ if base.__name__ == "PurePath"]
        return set(dir(kind)) - set(dir(*pure))
    if module_of(kind) == "datetime" and getattr(found, "tzinfo", None) is None:
        return {"now", "today", "utcnow", "fromtimestamp", "astimezone", "timestamp"}
    return None


def numpy_kinds(*names: str) -> tuple[type, ...]:
    """Return these classes of NumPy; none if it is not imported."""
    return tuple(getattr(sys.modules["numpy"], name, object) for name in names) if "numpy" in sys.modules else ()
