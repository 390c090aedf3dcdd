"""What a function reads from outside, as it was at the recording, and whether it is still the same.

`following` finds these places. A recording is valid as long as they hold the same objects in the same order. Arrays are
compared by their bytes.
"""

import array
from collections import OrderedDict, deque
from collections.abc import Callable
from operator import is_
from types import CellType, FunctionType
from typing import Any, Final

from autograd.replays.program import native

MISSING: Final = object()
_ANY: Final = object()
"""In place of the content of an entry that the function does not read."""


class Entries:
    """A dict, and its entries with these names; all entries, in their order, if `names` is None."""

    __slots__ = ("_contents", "_keys", "_names", "_place", "kept")

    def __init__(self, place: dict[Any, Any], names: set[str] | None) -> None:
        self._place = place
        self._names = names
        self._keys: list[Any] = []
        self._contents: list[Any] = []
        self.kept = place, self._keys, self._contents
        self._keep()

    def _keep(self) -> None:
        names = self._names
        self._keys[:] = list(self._place)
        self._contents[:] = [
            content if names is None or key in names else _ANY for key, content in list(self._place.items())
        ]

    def same(self) -> bool:
        """Say quickly whether nothing has changed; if not, `change` looks closer."""
        keys, contents = self._keys, self._contents
        if len(self._place) != len(keys):
            return False
        for index, (key, content) in enumerate(self._place.items()):
            kept = contents[index]
            if keys[index] is not key or (kept is not content and kept is not _ANY):
                return False
        return True

    def change(self) -> str:
        """Return what has changed, "" if only entries have that the function does not read."""
        kept = dict(zip(self._keys, self._contents, strict=True))
        names, place = self._names, self._place
        for key in [*kept, *place]:
            if (names is None or key in names) and kept.get(key, MISSING) is not place.get(key, MISSING):
                return f"{key!r} was assigned"
        if names is None:
            return "the order of a dict was changed"
        self._keep()
        return ""


class Surroundings:
    """The places that a function reads, with what was found there."""

    def __init__(self) -> None:
        self._entries: list[Entries] = []
        self._kept: list[tuple[dict[Any, Any], list[Any], list[Any]]] = []
        self._names: list[tuple[dict[Any, Any], str, Any]] = []
        self._lists: list[tuple[list[Any], list[Any]]] = []
        self._elements: list[tuple[Any, Callable[[Any], list[Any]], list[Any]]] = []
        self._bytes: list[tuple[Any, Callable[[Any], Any], Any]] = []
        self._slots: list[tuple[Any, str, Callable[[Any], Any], Any]] = []
        self._cells: list[tuple[CellType, str, Any]] = []
        self._functions: list[tuple[FunctionType, Any, Any, Any]] = []
        self._kinds: list[tuple[Any, Any]] = []
        self._homes: list[tuple[Any, dict[str, Any]]] = []
        self._places: tuple[list[Any], ...] = (
            *(self._kept, self._names, self._lists),
            *(self._kinds, self._cells, self._functions),
        )

    def watch_entries(self, place: dict[Any, Any], names: set[str] | None) -> None:
        """Watch the entries of a dict with these names, or all entries and their order."""
        entries = Entries(place, names)
        self._entries.append(entries)
        self._kept.append(entries.kept)

    def watch_name(self, place: dict[Any, Any], name: str) -> Any:
        """Watch one entry of a large dict, or its absence. Return the content."""
        content = place.get(name, MISSING)
        self._names.append((place, name, content))
        return content

    def watch_list(self, found: list[Any]) -> None:
        """Watch the elements of a list."""
        self._lists.append((found, list(found)))

    def watch_elements(self, found: Any, listed: Callable[[Any], list[Any]]) -> list[Any]:
        """Watch the elements of another container, and return them."""
        elements = listed(found)
        self._elements.append((found, listed, elements))
        return elements

    def watch_bytes(self, found: Any, copied: Callable[[Any], Any]) -> None:
        """Watch the bytes of an array."""
        self._bytes.append((found, copied, copied(found)))

    def watch_slot(self, found: Any, name: str, read: Callable[[Any], Any]) -> Any:
        """Watch an attribute that stands in no dict. Return its content."""
        content = read(found)
        self._slots.append((found, name, read, content))
        return content

    def watch_cell(self, cell: CellType, name: str) -> Any:
        """Watch a variable of a closure. Return its content."""
        content = _content(cell)
        self._cells.append((cell, name, content))
        return content

    def watch_function(self, function: FunctionType) -> None:
        """Watch the code and the defaults of a function."""
        self._functions.append((function, function.__code__, function.__defaults__, function.__kwdefaults__))

    def watch_object(self, found: Any, home: dict[str, Any] | None) -> None:
        """Watch the class of an object, and that its attributes stand in the same dict."""
        self._kinds.append((found, type(found)))
        if home is not None:
            self._homes.append((found, home))

    def change(self) -> str:
        """Return what has changed, "" if nothing has."""
        if native is None or not native.unchanged(self._places, _ANY, MISSING):  # compares the same in C
            change = self._change_of_objects()
            if change:
                return change
        return self._change_of_attributes()

    def _change_of_objects(self) -> str:
        for entries in self._entries:
            if not entries.same():
                change = entries.change()
                if change:
                    return change
        for place, name, content in self._names:
            if place.get(name, MISSING) is not content:
                return f"{name!r} was assigned"
        for found, kept in self._lists:
            if not _same(found, kept):
                return _change_of_list(found, kept)
        for item, kind in self._kinds:
            if type(item) is not kind:
                return f"the class of an object of {kind.__name__} was changed"
        return self._change_of_functions()

    def _change_of_functions(self) -> str:
        for cell, name, content in self._cells:
            if _content(cell) is not content:
                return f"{name!r} was assigned"
        for function, code, defaults, keyword_defaults in self._functions:
            if (
                function.__code__ is not code
                or function.__defaults__ is not defaults
                or function.__kwdefaults__ is not keyword_defaults
            ):
                return f"the code or the defaults of {function.__name__} were assigned"
        return ""

    def _change_of_attributes(self) -> str:
        for owner, home in self._homes:
            if owner.__dict__ is not home:
                return "'__dict__' was assigned"
        for found, name, read, content in self._slots:
            if read(found) is not content:
                return f"{name!r} was assigned"
        for found, listed, kept in self._elements:
            if not _same(listed(found), kept):
                return f"the elements of a {type(found).__name__} were changed"
        for found, copied, content in self._bytes:
            if copied(found) != content:
                return f"the content of a {type(found).__name__} was changed"
        return ""


def _same(found: list[Any], kept: list[Any]) -> bool:
    return len(found) == len(kept) and all(map(is_, found, kept))


def _change_of_list(found: list[Any], kept: list[Any]) -> str:
    if len(found) != len(kept):
        return f"a list of {len(kept)} elements now has {len(found)}"
    changed = [index for index in range(len(kept)) if found[index] is not kept[index]]
    return f"element {changed[0]} of a list was replaced"


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return MISSING


def home_of(found: Any) -> Any:
    """Return the dict with the attributes of an object, None if it has none."""
    try:
        return object.__getattribute__(found, "__dict__")
    except AttributeError:
        return None


def slot_reader(descriptor: Any) -> Callable[[Any], Any]:
    """Return a function that reads a slot of an object."""

    def read(found: Any) -> Any:
        try:
            return descriptor.__get__(found)
        except AttributeError:  # not assigned
            return MISSING

    return read


def field_reader(name: str) -> Callable[[Any], Any]:
    """Return a function that reads an attribute."""
    return lambda found: getattr(found, name, MISSING)


def lister(kind: type) -> Callable[[Any], list[Any]]:
    """Return a function that lists the elements of a container of this kind, whatever its class has changed."""
    if issubclass(kind, OrderedDict):
        return lambda found: [part for pair in OrderedDict.items(found) for part in pair]
    if issubclass(kind, dict):
        return lambda found: [part for pair in dict.items(found) for part in pair]
    base: Any = next(base for base in (list, set, deque) if issubclass(kind, base))
    return lambda found: list(base.__iter__(found))


def copied(found: Any) -> Any:
    """Return the kind and the bytes of an array."""
    if isinstance(found, bytearray):
        return bytes(found)
    if isinstance(found, array.array):
        return found.typecode, found.tobytes()
    if isinstance(found, memoryview):
        return found.format, found.shape, found.tobytes()
    return found.dtype.str, found.dtype.names, found.shape, found.tobytes()
