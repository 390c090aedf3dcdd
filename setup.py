"""Compiles the hot modules of the engine with mypyc, and `native.c`, if there is a C compiler. See also pyproject.toml.

An editable install is not compiled, since a compiled module would hide the source that you edit. mypyc omits
docstrings; this file writes them into the C code, so that `help(Value.tanh)` shows the same text in both cases.
"""

import ast
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HOT = [
    *("state.mode", "table.ieee", "table.kernels", "table.interpretation", "table.operators", "node", "sweep", "value"),
    *("derivatives.shapes", "replays.program", "replays.assembly", "replays.replayed"),
    *("replays.surroundings", "replays.recording"),
]
# No fused multiply-add, so that every processor gives the same bits. Inner calls do not go through a symbol table.
GCC_OPTIONS = ["-ffp-contract=off", "-fvisibility=hidden", "-fno-semantic-interposition"]
# The functions of C's library, not what a compiler knows of them, for the same bits as Python's module `math`.
NATIVE_OPTIONS = ["-O3", "-std=gnu11", "-fno-builtin", "-fno-math-errno", "-fno-trapping-math"]


def source_of(module: str) -> Path:
    """Return the path of a module of autograd."""
    return Path("autograd", *module.split(".")).with_suffix(".py")


def docstrings(module: str) -> Iterator[tuple[str, str]]:
    """Yield the docstrings of a module, its functions, classes and methods, each with its name in mypyc's C code."""
    tree = ast.parse(source_of(module).read_text(encoding="utf-8"))
    yield f"autograd.{module}", ast.get_docstring(tree) or ""
    prefix = module.rpartition(".")[2]  # mypyc's C code uses the last part of a module's name
    for item in tree.body:
        if isinstance(item, ast.ClassDef):
            yield item.name, ast.get_docstring(item) or ""
            methods = [part for part in item.body if isinstance(part, ast.FunctionDef)]
            for method in reversed(methods):  # the getter of a property comes first in the file, so it wins
                yield f"{prefix}___{item.name}___{method.name}", ast.get_docstring(method) or ""
        elif isinstance(item, ast.FunctionDef):
            yield f"{prefix}___{item.name}", ast.get_docstring(item) or ""


def as_c(text: str) -> str:
    """Return a text in the form that it has inside a C string."""
    lines = text.replace("\\", "\\\\").replace('"', '\\"').encode("ascii", "backslashreplace").decode().split("\n")
    return '\\n"\n"'.join(lines)


def keep_docstrings(code: str, texts: dict[str, str]) -> str:
    """Return mypyc's C code with the docstrings added. Raises RuntimeError if it has no place for them."""
    string = r'PyDoc_STR\("((?:[^"\\]|\\.)*)"\)'

    def of_function(match: re.Match[str]) -> str:
        return match[0][:-2] + as_c(texts.get(match[1], "")) + '")'

    def of_class(match: re.Match[str]) -> str:
        return match[0][:-2] + as_c(texts.get(match[1].partition("(")[0], "")) + '")'

    def of_property(match: re.Match[str]) -> str:
        text = texts.get(f"{match[3]}___{match[2]}", "")
        return f'{match[1]}"{as_c(text)}", NULL}}' if text else match[0]

    def of_module(match: re.Match[str]) -> str:
        return f'"{match[1]}",\n"{as_c(texts[match[1]])}", /* docstring */'

    for what, pattern, written in (
        ("functions", rf"\(PyCFunction\)CPyPy_(\w+),\s*METH_FASTCALL \| METH_KEYWORDS, {string}", of_function),
        ("classes", rf"\.tp_doc = {string}", of_class),
        ("properties", r'(\{"(\w+)",\s*\(getter\)(\w+)_get_\2,\s*[^,]+,\s*)NULL, NULL\}', of_property),
        ("modules", r'"(autograd\.[\w.]+)",\s*NULL, /\* docstring \*/', of_module),
    ):
        code, count = re.subn(pattern, written, code)
        if not count:
            raise _not_found(f"the {what}")
    return code


def _not_found(what: str) -> RuntimeError:
    return RuntimeError(f"setup.py does not find {what} in mypyc's C code. Was the version of mypy changed?")


# Each node that is freed may free its operands, which wait in a list, since calls within calls would exhaust the stack.
# Freed nodes are kept for the next graph, up to 2 MB of them. Both lists are linked by the field `vtable`.
FREE_NODES = """
static CPyThreadLocal autograd___value___ValueObject *waiting_nodes, *kept_nodes;
static CPyThreadLocal int is_freeing, kept_count;

static void value___Value_dealloc(autograd___value___ValueObject *self)
{
    self->vtable = (CPyVTableItem *)waiting_nodes;
    waiting_nodes = self;
    if (is_freeing)
        return;
    is_freeing = 1;
    while ((self = waiting_nodes) != NULL) {
        waiting_nodes = (autograd___value___ValueObject *)self->vtable;
        CPyDef_value___Value_clear((PyObject *)self);
        if (kept_count == 20000) {
            Py_TYPE(self)->tp_free((PyObject *)self);
        } else {
            kept_count++;
            self->vtable = (CPyVTableItem *)kept_nodes;
            kept_nodes = self;
        }
    }
    is_freeing = 0;
}
"""
MAKE_NODE = """if ((self = kept_nodes) != NULL) {
        kept_count--;
        kept_nodes = (autograd___value___ValueObject *)self->vtable;
        Py_SET_REFCNT(self, 1);
    } else
        self = (autograd___value___ValueObject *)type->tp_alloc(type, 0);
"""


def make_nodes_light(code: str) -> str:
    """Return mypyc's C code with lists for the nodes that are freed.

    A node refers to its operands only, so it is never part of a cycle: reference counting frees every graph. Without a
    part in the search for cycles (`acyclic=True`) a node has no place for the list in which Python lets objects wait.
    """
    free = r"static void\s+value___Value_dealloc\(autograd___value___ValueObject \*self\)\s+\{.*?\n\s*\}\n"
    make = r"self = \(autograd___value___ValueObject \*\)type->tp_alloc\(type, 0\);\n"
    for pattern, written in ((free, FREE_NODES), (make, MAKE_NODE)):
        code, count = re.subn(pattern, lambda _, written=written: written, code, flags=re.DOTALL)
        if count != 1:
            raise _not_found("where a Value is made and freed")
    return code


class BuildAllOrNone(build_ext):
    """Builds all compiled modules, or none if one of them fails: they work only together."""

    def run(self) -> None:
        """Build, and remove all compiled modules if one is missing."""
        super().run()
        built = [Path(self.get_ext_fullpath(extension.name)) for extension in self.extensions]
        if not all(path.exists() for path in built):
            for path in built:
                path.unlink(missing_ok=True)


def extensions(directory: str) -> list[Extension]:
    """Return the compiled modules. They are optional: without a compiler, the interpreted source is used."""
    if not {"build_ext", "bdist_wheel"} & set(sys.argv):
        return []
    from mypyc.build import mypycify  # noqa: PLC0415 - an editable install does not need it

    texts = {name: text for module in HOT for name, text in docstrings(module)}
    # Check only these modules: the packages of the others need not be installed.
    options = ["--config-file=", "--follow-imports=silent", "--ignore-missing-imports"]
    paths = [*options, *[str(source_of(name)) for name in HOT]]
    compiled = mypycify(paths, opt_level="3", debug_level="0", target_dir=directory)
    for extension in compiled:
        extension.optional = True
        if sys.platform != "win32":
            kept = [option for option in extension.extra_compile_args if option != "-Werror"]
            extension.extra_compile_args = kept + GCC_OPTIONS
        for source in map(Path, extension.sources):
            # Not the small shim of a module.
            if source.is_relative_to(directory) and source.name.startswith("__native"):
                code = keep_docstrings(source.read_text(encoding="utf-8"), texts)
                source.write_text(make_nodes_light(code), encoding="utf-8")
    return [*compiled, native()]


def native() -> Extension:
    """Return the module that runs recorded programs by C."""
    folder = Path("autograd", "replays")
    headers, sources = (sorted(map(str, folder.glob(pattern))) for pattern in ("*.h", "*.c"))
    options = [] if sys.platform == "win32" else NATIVE_OPTIONS + GCC_OPTIONS
    return Extension("autograd.replays.native", sources, depends=headers, extra_compile_args=options, optional=True)


with tempfile.TemporaryDirectory() as made:
    # Build outside of the source tree: a later build would take old files for new ones.
    setup(ext_modules=extensions(made), cmdclass={"build_ext": BuildAllOrNone}, options={"build": {"build_base": made}})
