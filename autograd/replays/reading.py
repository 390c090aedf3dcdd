"""What code reads, found in its bytecode: names of globals, of variables from outside and of attributes, with lines."""

from dis import Instruction, get_instructions
from functools import lru_cache
from types import CodeType
from typing import Any, Final

_GLOBALS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_FREE = {"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"}
_WRITES = {"STORE_ATTR", "DELETE_ATTR"}
_FORMATS = {"FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC", "CONVERT_VALUE"}
_PERCENT = {6, 19}
"""The arguments of BINARY_OP for % and %=, which formats a text."""
_COMPARISONS = {("isinstance",), ("issubclass",), ("super",)}
_CALLS = ("CALL", "PUSH_NULL", "LOAD_METHOD", "LOAD_SUPER")
_LOOKUPS = ("getattr", "hasattr")

SPECIAL: Final = {
    *(n for kind in (int, float, list, dict, set, str, type) for n in dir(kind) if n.startswith("__")),
    *("__getattr__", "__call__", "__next__", "__enter__", "__exit__", "__missing__", "__matmul__", "__rmatmul__"),
    *("__get__", "__set__", "__delete__", "__length_hint__", "__complex__", "__bytes__", "__array__", "__del__"),
    *("__array_interface__", "__array_struct__", "__array_function__", "__array_ufunc__", "__array_wrap__"),
    *("__array_finalize__", "__array_priority__"),
    *("__class_getitem__", "__await__", "__aiter__", "__anext__", "__aenter__", "__aexit__", "__fspath__"),
} - {"__class__", "__base__", "__annotations__", "__dict__", "__doc__", "__module__", "__type_params__"}
"""Methods that operators and built-in functions call without naming them."""
MAKING: Final = {
    *("__init__", "__new__", "__post_init__", "__init_subclass__"),
    *("__set_name__", "__prepare__", "__mro_entries__"),
}
"""Called only when a class is called or made."""
COPYING: Final = {
    *("__copy__", "__deepcopy__", "__replace__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__"),
    *("__getnewargs__", "__dir__", "__sizeof__"),
}
"""Called only by what reads attributes by name."""
INTERNAL: Final = {
    *("__builtins__", "__loader__", "__spec__", "__dict__", "__weakref__", "__annotations__", "__module__", "__doc__"),
    *("__abstractmethods__", "_abc_impl", "__orig_bases__", "__parameters__", "__type_params__"),
    *("__dataclass_params__", "__dataclass_fields__"),
}
"""What Python itself keeps in classes and modules."""
FORMATTING: Final = {"__repr__", "__str__", "__format__"}
UNKNOWN_ATTRIBUTES: Final = {
    *("__globals__", "__builtins__", "__closure__", "__subclasses__", "__self__"),
    *("f_globals", "f_locals", "f_back", "gi_frame", "tb_frame", "cache_info"),
}
"""Lead to more than can be followed."""
BY_NAME_METHODS: Final = {
    *("__dict__", "__getattribute__", "__getattr__", "__setattr__", "__delattr__", "__dir__"),
    *("format", "format_map", "vformat"),
}
"""Read attributes whose names do not stand in the code."""


_Place = tuple[CodeType, int]


class Reads:
    """What a code and the codes inside it read, each with the place (a code and a line) of the first reading.

    `paths` are dotted: ("math", "pi"). The first name is a global's, or that of a variable in `free`. Paths that are
    not in `used` are only for `isinstance` or `super`. `attributes` are the names that follow anything else,
    `written` those that are assigned. `imports` are pairs of a module and its level of dots. `settled` are the look-ups
    (`getattr`) whose every name is a constant of the code. `tries`: it may read something that is not there. `texts`
    are its constants that name unknown attributes.
    """

    def __init__(self, code: CodeType) -> None:
        self.free = set(code.co_freevars)
        self.paths: dict[tuple[str, ...], _Place] = {}
        self.attributes: dict[str, _Place] = {}
        self.written: set[str] = set()
        self.imports: dict[tuple[str, int], _Place] = {}
        self.used: set[tuple[str, ...]] = set()
        self.formats = False
        self.matches = False
        self.builds = False
        self.tries = False
        self.texts: set[str] = set()
        self._unsettled: set[str] = set()
        self._scan(code)

    @property
    def settled(self) -> set[str]:
        """The look-ups by name whose every name is a constant."""
        return {*_LOOKUPS} - self._unsettled

    def _scan(self, code: CodeType) -> None:
        instructions = [found for found in get_instructions(code) if found.opname != "EXTENDED_ARG"]
        path: tuple[str, ...] = ()
        called = compared = False
        for index, instruction in enumerate(instructions):
            name, content = instruction.opname, instruction.argval
            if path and name not in _ATTRIBUTES:
                self._end(path, _place(code, instruction), instructions[index:])
                if called or not compared:
                    self.used.add(path)
                compared |= path in _COMPARISONS
                path = ()
            if name in _GLOBALS:
                called = name != "LOAD_GLOBAL" or (instruction.arg or 0) & 1 == 1  # only LOAD_GLOBAL tells
                path = (content,)
                compared &= not called
            elif name in _FREE and content in self.free:
                path, called = (content,), False
            elif name in _ATTRIBUTES and path:
                path = (*path, content)
            else:
                self._note(instructions, index, code)
            compared &= not name.startswith(_CALLS)
        self.tries |= code.co_exceptiontable != b""
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._scan(constant)
            elif isinstance(constant, str) and constant in UNKNOWN_ATTRIBUTES:
                self.texts.add(constant)

    def _note(self, instructions: list[Instruction], index: int, code: CodeType) -> None:
        """Note an instruction that is not part of a path."""
        instruction = instructions[index]
        name, content = instruction.opname, instruction.argval
        if name in _ATTRIBUTES or name == "IMPORT_FROM":
            self.attributes.setdefault(content, _place(code, instruction))
        elif name in _WRITES:
            self.written.add(content)
        elif name == "IMPORT_NAME":
            level = instructions[index - 2].argval
            self.imports.setdefault((content, level), _place(code, instruction))
        self.formats |= name in _FORMATS or (name == "BINARY_OP" and instruction.arg in _PERCENT)
        self.matches |= name == "MATCH_CLASS"
        self.builds |= name == "LOAD_BUILD_CLASS"

    def _end(self, path: tuple[str, ...], place: _Place, following: list[Instruction]) -> None:
        first = path[0]
        if len(path) == 1 and first in _LOOKUPS:
            self.tries = True
            name = _constant_name(following)
            if name is None:
                self._unsettled.add(first)
            else:
                self.attributes.setdefault(name, place)
        self.paths.setdefault(path, place)


def _place(code: CodeType, instruction: Instruction) -> _Place:
    positions = instruction.positions
    return code, (positions and positions.lineno) or code.co_firstlineno


def _constant_name(following: list[Instruction]) -> str | None:
    """Return the name that `getattr(x, "name")` looks up, if it is a constant; `following` comes after `getattr`."""
    given: list[Instruction] = []
    for instruction in following:
        if instruction.opname in {"CALL", "PRECALL"}:
            break
        if not instruction.opname.startswith("LOAD_") or instruction.opname.count("LOAD_") > 1:
            if instruction.opname != "PUSH_NULL":
                return None
        elif instruction.opname != "LOAD_ATTR":
            given.append(instruction)
    if len(given) not in {2, 3} or given[1].opname != "LOAD_CONST":
        return None
    name: Any = given[1].argval
    return name if isinstance(name, str) else None


@lru_cache(maxsize=2048)
def reads_of(code: CodeType) -> Reads:
    """Return what a code reads."""
    return Reads(code)
