"""Finds what a function reads from outside, and follows it because its kind is known; everything else is refused.

Code decides: only globals, variables of closures, attributes and elements are followed that the function's code can
read, or code that it can reach. The code of `PURE` modules is not looked into: it computes from what it is given.
"""

import abc
import array
import gc
import operator
import os
import sys
import types
from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Any, Final, NamedTuple, NoReturn

from autograd.node import Node
from autograd.replays.kinds import (
    ASKING,
    BASES,
    BY_NAME,
    BY_NAME_MODULES,
    CHANGING,
    HELD,
    PLAIN,
    PURE,
    SETTINGS,
    TEXTS,
    UNKNOWN_FUNCTIONS,
    described,
    hooks_of,
    is_finished,
    is_in,
    is_library,
    is_pure,
    is_python,
    module_of,
    numpy_kinds,
    read_elsewhere,
)
from autograd.replays.reading import (
    BY_NAME_METHODS,
    COPYING,
    FORMATTING,
    INTERNAL,
    MAKING,
    SPECIAL,
    UNKNOWN_ATTRIBUTES,
    Reads,
    reads_of,
)
from autograd.replays.surroundings import (
    MISSING,
    Surroundings,
    copied,
    field_reader,
    home_of,
    lister,
    slot_reader,
)
from autograd.state.mode import code_at, file_or_cell
from autograd.state.observation import ReplayError
from autograd.value import Value

_EMPTY: Final = {object, types.SimpleNamespace}
_RECORDS: Final = {type(os.environ).__name__, "Namespace"}
"""Classes of the library, such as argparse's, whose objects are followed as those of the user."""
_FUNCTIONS: Final = (types.FunctionType, types.BuiltinFunctionType)
_BASES_OF: Final = operator.attrgetter("__mro__")
_ALWAYS: Final = {"_value_", "_member_map_", "__wrapped__", "__getattr__", "keys", "as_integer_ratio"}
"""Read by Python itself: by enums, wrappers, `dict(x)` and `f(**x)`, `Fraction(x)`."""
_FIELDS: Final = {"__name__", "__qualname__"}
"""Of functions and classes, attributes that stand in no dict."""
_OF_FUNCTIONS: Final = {
    name: vars(types.FunctionType)[name] for name in (*_FIELDS, "__doc__", "__module__", "__annotations__")
}
_VALUES: Final = [gc.get_referents(base.__dict__)[0] for base in Value.__mro__[:-1]]
"""The methods of Values: own operations add some."""
Place = tuple[types.CodeType, int] | None


class _Owner:
    """A dict of attributes, of an object, a class or a module, and which of its names were followed."""

    def __init__(self, place: dict[str, Any], path: str, where: Place) -> None:
        self.place, self.path, self.where = place, path, where
        self.always = self.own = self.is_class = self.making = False
        self.followed: set[str] = set()
        self.hooks: set[str] = set()


class _Slots(NamedTuple):
    """The slots of an object, and which of them were followed."""

    found: Any
    descriptors: dict[str, Any]
    path: str
    where: Place
    always: bool
    followed: set[str]


class Follower:
    """Follows what a function reads; `surroundings` is the result. Raises ReplayError for what it does not know.

    `fixed` are objects that the user answers for: they are not followed and not refused.
    """

    def __init__(self, function: Any, name: str, fixed: Iterable[Any]) -> None:
        self.surroundings = Surroundings()
        self._name = name
        self._names: set[str] = set(_ALWAYS)
        self._user_names: set[str] = set()
        self._written: set[str] = set()
        self._places: dict[str, Place] = {}
        self._owners: dict[int, _Owner] = {}
        self._slots: list[_Slots] = []
        self._fields: list[tuple[Any, set[str]]] = []
        self._classes: set[type] = set()
        self._watched: set[tuple[int, str]] = set()
        self._seen: dict[int, Any] = {id(thing): thing for thing in fixed}
        self._waiting: list[tuple[Any, str, Place]] = [(function, name, None)]
        self._by_name = self._own_by_name = self._formats = self._making = self._inside_own = self._tries = False
        self._modules: set[str | None] = set()
        self._unknown: tuple[str, Place] | None = None
        while self._waiting:
            while self._waiting:
                self._reach(*self._waiting.pop())
            for owner in list(self._owners.values()):
                self._follow_attributes(owner)
            for slot in self._slots:
                self._follow_slots(slot)
        self._finish()

    def _finish(self) -> None:
        """Watch what was followed: all names are known now."""
        of_classes = self._names | self._written | self._special()
        for owner in self._owners.values():
            making = MAKING if owner.making else set()
            names = of_classes | making | owner.hooks if owner.is_class else self._names
            self.surroundings.watch_entries(owner.place, None if self._all_count(owner) else names)
        for found, fields in self._fields:
            for name in fields if self._by_name else self._user_names & fields:
                self.surroundings.watch_slot(found, name, field_reader(name))
        modules = {str(name).partition(".")[0].lstrip("_") for name in self._modules}
        for name in SETTINGS.keys() & modules & sys.modules.keys():
            self.surroundings.watch_bytes(sys.modules[name], SETTINGS[name])
        if self._tries or self._by_name:  # own operations may be absent now
            self.surroundings.watch_bytes(Value, lambda _: [len(methods) for methods in _VALUES])
        if self._by_name and self._unknown is not None:
            self._refuse(MISSING, *self._unknown)

    def _special(self) -> set[str]:
        """Return the methods that Python calls without naming them, as far as something can call them."""
        special = SPECIAL if self._formats else SPECIAL - FORMATTING
        special = special | COPYING if self._by_name else special - COPYING
        if not self._written and not self._by_name:
            special = special - {"__setattr__", "__delattr__"}
        return special | MAKING if self._making else special - MAKING

    def _all_count(self, owner: _Owner) -> bool:
        return owner.always or self._by_name or (owner.own and self._own_by_name)

    def _follow_attributes(self, owner: _Owner) -> None:
        place, names = owner.place, self._names
        if owner.is_class:
            names = names | (self._special() - MAKING if owner.own else self._special())
            names |= owner.hooks | (MAKING if owner.making else set())
            names |= {name for name in self._written & place.keys() if hasattr(type(place[name]), "__set__")}
        if self._all_count(owner):
            names = names | place.keys() - (SPECIAL | INTERNAL if owner.is_class or "__name__" in place else set())
        for name in (names & place.keys()) - owner.followed:
            owner.followed.add(name)
            self._waiting.append((place[name], f"{owner.path}.{name}", self._places.get(name) or owner.where))

    def _follow_slots(self, slots: "_Slots") -> None:
        descriptors, followed = slots.descriptors, slots.followed
        names = set(descriptors) if self._by_name or slots.always else self._names & descriptors.keys()
        for name in names - followed:
            followed.add(name)
            if descriptors[name] is None:
                self._refuse(slots.found, slots.path, self._places.get(name) or slots.where, f".{name}")
            content = self.surroundings.watch_slot(slots.found, name, slot_reader(descriptors[name]))
            self._waiting.append((content, f"{slots.path}.{name}", self._places.get(name) or slots.where))

    def _reach(self, found: Any, path: str, where: Place) -> None:
        kind = type(found)
        if found is MISSING or kind in PLAIN or id(found) in self._seen:
            if kind is str and found in UNKNOWN_ATTRIBUTES:
                self._unknown = found, where
            return
        self._seen[id(found)] = found
        self._modules.add(getattr(found if issubclass(kind, (type, *_FUNCTIONS)) else kind, "__module__", None))
        self._reach_new(found, kind, path, where)

    def _reach_new(self, found: Any, kind: type, path: str, where: Place) -> None:
        if issubclass(kind, Node):
            self._fields.append((found, {"label", "name"}))
        elif kind is types.FunctionType:
            self._reach_function(found, path, where)
        elif issubclass(kind, type):
            self._reach_class(found, path, where, making=module_of(found) != "nn")  # nn's would make parameters
        elif issubclass(kind, types.ModuleType):
            self._add_owner(vars(found), path, where)
            self._follow_classes(kind, path, where, making=False)
            self.surroundings.watch_object(found, None)
        elif kind is types.BuiltinFunctionType:
            self._reach_builtin(found, path, where)
        elif kind in HELD:
            self._note(found)
            self._making |= kind is classmethod
            held = list(HELD[kind](found))
            if kind is types.MethodType:
                self._waiting.append((found.__self__, path if where else "self", where))
            if kind in CHANGING:
                self.surroundings.watch_elements(found, lambda found: list(HELD[kind](found)))
                self._add_owner(vars(found), path, where)
            self._waiting += [(content, path, where) for content in held]
        else:
            self._reach_object(found, path, where)

    def _note(self, found: Any) -> None:
        """Note what reads attributes by names, makes a text of an object, or finds a class to call."""
        if (
            isinstance(found, (operator.attrgetter, operator.methodcaller))
            or is_in(found, BY_NAME)
            or module_of(found) in BY_NAME_MODULES
        ):
            if self._inside_own:
                self._own_by_name = True
            else:
                self._by_name = self._making = True
        self._formats |= is_in(found, TEXTS) and not self._inside_own
        self._names |= {"write", "flush"} if found is print else set()
        self._making |= found is type and not self._inside_own

    def _reach_builtin(self, found: Any, path: str, where: Place) -> None:
        self._note(found)
        bound = found.__self__
        if bound is not None and not isinstance(bound, types.ModuleType):
            self._waiting.append((bound, path, where))
        elif module_of(found) not in PURE or found.__name__ in UNKNOWN_FUNCTIONS:
            self._refuse(found, path, where)

    def _reach_function(self, function: types.FunctionType, path: str, where: Place) -> None:
        self._note(function)
        for defaults in (function.__defaults__, function.__kwdefaults__):
            self._waiting.append((defaults, f"{function.__name__}.__defaults__", where))
        if is_pure(function):
            self._reach_pure(function, path, where)
            return
        self._inside_own = module_of(function) == "nn"
        if not self._inside_own:
            self.surroundings.watch_function(function)
            self._add_owner(function.__dict__, path, where)
            self._slots.append(_Slots(function, _OF_FUNCTIONS, path, where, False, set()))
        reads = reads_of(function.__code__)
        outside = (path, where) if where is not None and is_library(function) else None
        generated = function.__code__.co_filename == "<string>"
        asked = {"__class__"} if generated and function.__name__ in ASKING else set()
        for name in reads.attributes.keys() - asked:
            self._take_name(name, where if outside else reads.attributes[name])
        self._written |= reads.written
        self._formats |= reads.formats and not self._inside_own
        self._by_name |= reads.matches and not self._inside_own
        self._making |= reads.builds
        self._tries |= reads.tries and not self._inside_own
        for text in reads.texts:
            self._reach(text, text, where)
        for dotted, place in reads.paths.items():
            content, found_at = self._follow_path(function, reads, dotted, where if outside else place)
            called = dotted in reads.used and found_at == ".".join(dotted)
            if isinstance(content, type) and not called and id(content) not in self._seen:
                self._reach_class(content, found_at, place, making=False)
            else:
                self._waiting.append((content, *(outside or (found_at, place))))
        for (module, level), place in reads.imports.items():
            self._follow_import(function, module, level, place)
        self._inside_own = False

    def _reach_pure(self, function: types.FunctionType, path: str, where: Place) -> None:
        """Follow what a function of a pure module was given when it was made."""
        if function.__name__ in UNKNOWN_FUNCTIONS:
            self._refuse(function, path, where)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            if name != "dispatch_cache":  # of singledispatch: it follows from the registry
                self._waiting.append((self.surroundings.watch_cell(cell, name), name, where))
        self._waiting.append((function.__dict__.get("__wrapped__"), path, where))

    def _take_name(self, name: str, place: Place) -> None:
        if name in UNKNOWN_ATTRIBUTES:
            self._refuse(MISSING, name, place)
        if name in BY_NAME_METHODS:
            self._note(vars)
        self._names.add(name)
        self._places.setdefault(name, place)
        for methods in _VALUES if hasattr(Value, name) else ():
            self._waiting.append((self._watch_name(methods, name), name, place))
        if not self._inside_own:
            self._user_names.add(name)
            self._making |= name == "__class__"

    def _follow_path(self, function: Any, reads: Reads, dotted: tuple[str, ...], where: Place) -> tuple[Any, str]:
        """Follow a dotted name as far as its parts are modules. Return the object after that, and its path."""
        first, *rest = dotted
        if first in reads.free:
            cell = function.__closure__[function.__code__.co_freevars.index(first)]
            content = self.surroundings.watch_cell(cell, first)
        else:
            content = self._global(function, first, reads)
        path = first
        while rest and type(content) is types.ModuleType and rest[0] in vars(content) and id(content) not in self._seen:
            path = f"{path}.{rest[0]}"
            self.surroundings.watch_object(content, None)
            content = self._watch_name(vars(content), rest.pop(0))
        for name in rest:
            self._take_name(name, where)
        return content, path

    def _global(self, function: Any, name: str, reads: Reads) -> Any:
        """Return a global, or a built-in function; MISSING for one that needs no more attention."""
        content = self._watch_name(function.__globals__, name)
        if content is not MISSING:
            return content
        content = self._watch_name(function.__builtins__, name)
        if is_in(content, {getattr, hasattr}) and name in reads.settled:
            return MISSING
        if is_in(content, BY_NAME | TEXTS | {type}):
            self._note(content)
            return MISSING
        return content

    def _watch_name(self, place: dict[Any, Any], name: str) -> Any:
        """Watch an entry of a large dict, once. Return the content."""
        if (id(place), name) in self._watched:
            return place.get(name, MISSING)
        self._watched.add((id(place), name))
        return self.surroundings.watch_name(place, name)

    def _follow_import(self, function: Any, module: str, level: int, where: Place) -> None:
        if level:
            package = function.__globals__.get("__package__") or ""
            module = f"{'.'.join(package.split('.')[: 1 - level or None])}.{module}".rstrip(".")
        for name in {module, module.partition(".")[0]}:
            self._waiting.append((self._watch_name(sys.modules, name), name, where))

    def _add_owner(self, place: dict[str, Any], path: str, where: Place) -> _Owner:
        return self._owners.setdefault(id(place), _Owner(place, path, where))

    def _reach_class(self, found: type, path: str, where: Place, making: bool) -> None:
        self._note(found)
        if isinstance(found, abc.ABCMeta):
            self.surroundings.watch_bytes(found, lambda _: abc.get_cache_token())
        if is_pure(found):
            if found.__name__ in UNKNOWN_FUNCTIONS:
                self._refuse(found, path, where)
            return
        if getattr(found, "_is_protocol", False):
            self._names |= set().union(*map(hooks_of, found.__mro__))
        if found not in self._classes:
            self._classes.add(found)
            self.surroundings.watch_object(found, None)
        self._follow_classes(found, path, where, making)
        self._follow_classes(type(found), path, where, making=False)

    def _follow_classes(self, kind: type, path: str, where: Place, making: bool) -> dict[str, Any]:
        """Follow the attributes of a class and its bases, and return the slots of its objects."""
        slots: dict[str, Any] = {}
        hooks: set[str] = set().union(*[hooks_of(base) for base in kind.__mro__ if is_pure(base)])
        for base in kind.__mro__:
            if is_python(base):
                slots |= {name: item for name, item in vars(base).items() if type(item) is types.MemberDescriptorType}
            if base is type(os.environ) or is_pure(base):
                continue
            if not is_python(base):
                self._refuse(base, path, where)
            place = gc.get_referents(base.__dict__)[0]
            if id(place) not in self._owners:
                self.surroundings.watch_slot(base, "__bases__", _BASES_OF)
                self._fields.append((base, _FIELDS))
            owner = self._add_owner(place, base.__name__, where)
            owner.is_class, owner.own = True, module_of(base) == "nn"
            owner.making |= making
            owner.hooks |= hooks
        return slots

    def _reach_object(self, found: Any, path: str, where: Place) -> None:
        kind = type(found)
        if issubclass(kind, numpy_kinds("dtype")):  # only the names of its fields can be assigned
            self.surroundings.watch_bytes(found, repr)
        if is_finished(kind) or (kind in numpy_kinds("ufunc") and found in numpy_kinds(found.__name__)):
            self._names.add(getattr(found, "__name__", ""))  # NumPy's `sqrt` calls a method of this name
            self._waiting.append((getattr(found, "__origin__", None), path, where))
            return
        elsewhere = read_elsewhere(found)
        if elsewhere is not None:
            self._slots.append(_Slots(found, dict.fromkeys(elsewhere), path, where, False, set()))
            self._add_owner(home_of(found) or {}, path, where)
            if module_of(kind) == "logging":
                self._follow_classes(kind, path, where, making=False)
            return
        if module_of(kind) == "autograd":
            self._reach_own_object(found, path, where)
            return
        written = [
            base for base in kind.__mro__ if base not in BASES and module_of(base) not in {"abc", "autograd", "typing"}
        ]
        foreign = module_of(kind) in sys.stdlib_module_names - PURE and kind.__name__ not in _RECORDS
        foreign |= not all(map(is_python, written)) or kind in BASES - _EMPTY
        if not self._follow_elements(found, path, where) and foreign:
            self._refuse(found, path, where)
        slots = self._follow_classes(kind, path, where, making=False)
        self._follow_classes(type(kind), path, where, making=False)
        always = any(is_pure(base) or base is type(os.environ) for base in written)
        if slots:
            self._slots.append(_Slots(found, slots, path, where, always, set()))
        home = home_of(found)
        if home is not None:
            owner = self._add_owner(home, path, where)
            owner.always = always
            owner.own = any(module_of(base) == "nn" for base in written)
        usual = "__getattribute__" not in {name for base in written for name in vars(base)}
        self.surroundings.watch_object(found, home if usual else None)
        if not usual:
            self.surroundings.watch_slot(found, "__dict__", home_of)

    def _reach_own_object(self, found: Any, path: str, where: Place) -> None:
        """Follow an object of autograd: a replay, or something that keeps what the user gave to it."""
        self._seen.update({id(thing): thing for thing in getattr(found, "fixed", ())})
        wrapped = getattr(found, "function", getattr(found, "__wrapped__", None))
        home = home_of(found)
        if home is not None:
            self._watch_name(home, "function")
        self._waiting.append((wrapped, path, where))
        self._waiting.append((getattr(found, "partials", None), path, where))  # the derivatives of an own operation
        if wrapped is None and home is not None:
            self._add_owner(home, path, where).always = True

    def _follow_elements(self, found: Any, path: str, where: Place) -> bool:
        """Follow the elements of a container. Say whether it is one, or a text or number."""
        watch, kind = self.surroundings, type(found)
        elements: Iterable[Any]
        if kind is list:
            watch.watch_list(found)
            elements = found
        elif kind is dict:
            watch.watch_entries(found, None)
            elements = [*found, *found.values()]
        elif issubclass(kind, (tuple, frozenset)):
            elements = tuple.__iter__(found) if issubclass(kind, tuple) else frozenset.__iter__(found)
        elif issubclass(kind, (list, dict, set, deque)):
            elements = watch.watch_elements(found, lister(kind))
            if issubclass(kind, defaultdict):
                factory = watch.watch_slot(found, "default_factory", field_reader("default_factory"))
                self._waiting.append((factory, path, where))
        elif issubclass(kind, (array.array, bytearray, memoryview, *numpy_kinds("ndarray"))):
            if "numpy" in sys.modules and getattr(getattr(found, "dtype", None), "hasobject", False):
                self._refuse(found, path, where)
            watch.watch_bytes(found, copied)
            shared = {name: getattr(kind, name) for name in ("base", "obj") if hasattr(kind, name)}
            self._slots.append(_Slots(found, shared, path, where, False, set()))
            elements = ()
        else:
            return issubclass(kind, (int, float, complex, str, bytes))
        for index, element in enumerate(elements):
            if type(element) not in PLAIN or (type(element) is str and element in UNKNOWN_ATTRIBUTES):
                self._waiting.append((element, f"{path}[{index}]", where))
        return True

    def _refuse(self, found: Any, path: str, where: Place, attribute: str = "") -> NoReturn:
        """Raise ReplayError: the function reads this, or this attribute of it. MISSING is nothing to answer for."""
        line = f"{file_or_cell(where[0].co_filename)}:{where[1]}" if where else ""
        code = code_at(line)
        at = (f", at {line}" if line else "") + (f": `{code}`" if code else "")
        what, cure = "", ""
        if found is not MISSING:
            what = f" ({described(found)})"
            cure = f"; or, if it never changes the result, answer for it: replay(..., fixed=[{path}])"
        raise ReplayError(
            f"{self._name} reads {path}{attribute}{what}{at}. A replay cannot notice when this gives something else. "
            f"Pass what it gives as an argument{cure}."
        )
