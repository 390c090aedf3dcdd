"""What code reads, found in its bytecode: names of globals, of variables from outside and of attributes, with lines."""

import sys
from collections.abc import Iterator
from functools import lru_cache
from opcode import opname
from types import CodeType
from typing import Any, Final, NamedTuple

_SHIFTS = {"LOAD_GLOBAL": 1, "LOAD_ATTR": 1 if sys.version_info >= (3, 12) else 0, "LOAD_SUPER_ATTR": 2}
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


class Instruction(NamedTuple):
    """An instruction, its argument with that of EXTENDED_ARG, its flag (LOAD_GLOBAL: for a call), and its line."""

    name: str
    argument: int
    flag: bool
    line: int


class Reads:
    """What a code and the codes inside it read, each with the place (a code and a line) of the first reading.

    `paths` are dotted: ("math", "pi"). The first name is a global's, or that of a variable in `free`. Paths that are
    not in `used` are only for `isinstance` or `super`. `attributes` are the names that follow anything else,
    `written` those that are assigned. `imports` are pairs of a module and its level of dots. `settled` are the look-ups
    (`getattr`) whose every name is a constant of the code.
    """

    def __init__(self, code: CodeType) -> None:
        self.free = set(code.co_freevars)
        self.paths: dict[tuple[str, ...], tuple[CodeType, int]] = {}
        self.attributes: dict[str, tuple[CodeType, int]] = {}
        self.written: set[str] = set()
        self.imports: dict[tuple[str, int], tuple[CodeType, int]] = {}
        self.used: set[tuple[str, ...]] = set()
        self.formats = False
        self.matches = False
        self.builds = False
        self._unsettled: set[str] = set()
        self._scan(code)

    @property
    def settled(self) -> set[str]:
        """The look-ups by name whose every name is a constant."""
        return {*_LOOKUPS} - self._unsettled

    def _scan(self, code: CodeType) -> None:
        instructions = list(_instructions(code))
        cells = [name for name in code.co_cellvars if name not in code.co_varnames]
        variables = [*code.co_varnames, *cells, *code.co_freevars]
        path: tuple[str, ...] = ()
        called = compared = False
        for index, (name, argument, flag, line) in enumerate(instructions):
            if path and name not in _ATTRIBUTES:
                self._end(path, (code, line), instructions[index:])
                if called or not compared:
                    self.used.add(path)
                compared |= path in _COMPARISONS
                path = ()
            if name in _GLOBALS:
                path, called = (code.co_names[argument],), flag
                compared &= not flag
            elif name in _FREE and variables[argument] in self.free:
                path, called = (variables[argument],), False
            elif name in _ATTRIBUTES and path:
                path = (*path, code.co_names[argument])
            else:
                self._note(instructions, index, code)
            compared &= not name.startswith(_CALLS)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._scan(constant)

    def _note(self, instructions: list[Instruction], index: int, code: CodeType) -> None:
        """Note an instruction that is not part of a path."""
        name, argument, _, line = instructions[index]
        if name in _ATTRIBUTES or name == "IMPORT_FROM":
            self.attributes.setdefault(code.co_names[argument], (code, line))
        elif name in _WRITES:
            self.written.add(code.co_names[argument])
        elif name == "IMPORT_NAME":
            level = instructions[index - 2]
            dots = code.co_consts[level.argument] if level.name == "LOAD_CONST" else level.argument
            self.imports.setdefault((code.co_names[argument], dots), (code, line))
        self.formats |= name in _FORMATS or (name == "BINARY_OP" and argument in _PERCENT)
        self.matches |= name == "MATCH_CLASS"
        self.builds |= name == "LOAD_BUILD_CLASS"

    def _end(self, path: tuple[str, ...], place: tuple[CodeType, int], following: list[Instruction]) -> None:
        first = path[0]
        if len(path) == 1 and first in _LOOKUPS:
            name = _constant_name(following, place[0])
            if name is None:
                self._unsettled.add(first)
            else:
                self.attributes.setdefault(name, place)
        self.paths.setdefault(path, place)


def _instructions(code: CodeType) -> Iterator[Instruction]:
    lines: list[int] = []
    for start, end, line in code.co_lines():
        lines += [line or code.co_firstlineno] * ((end - start) // 2)
    content, extended = code.co_code, 0
    for index in range(0, len(content), 2):
        name, argument = opname[content[index]], content[index + 1] | extended << 8
        extended = argument if name == "EXTENDED_ARG" else 0
        if name not in {"CACHE", "EXTENDED_ARG"}:
            yield Instruction(name, argument >> _SHIFTS.get(name, 0), bool(argument & 1), lines[index // 2])


def _constant_name(following: list[Instruction], code: CodeType) -> str | None:
    """Return the name that `getattr(x, "name")` looks up, if it is a constant; `following` comes after `getattr`."""
    given: list[Instruction] = []
    for instruction in following:
        if instruction.name in {"CALL", "PRECALL"}:
            break
        if not instruction.name.startswith("LOAD_") or instruction.name.count("LOAD_") > 1:
            if instruction.name != "PUSH_NULL":
                return None
        elif instruction.name != "LOAD_ATTR":
            given.append(instruction)
    if len(given) not in {2, 3} or given[1].name != "LOAD_CONST":
        return None
    name: Any = code.co_consts[given[1].argument]
    return name if isinstance(name, str) else None


@lru_cache(maxsize=2048)
def reads_of(code: CodeType) -> Reads:
    """Return what a code reads."""
    return Reads(code)
