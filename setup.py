"""Compile the hot modules of the engine with mypyc, where there is a C compiler; all else stands in pyproject.toml.

An editable install is not compiled: a compiled module would hide the source that is edited. mypyc leaves out
docstrings; here they are written into the C that it made, so that `help(Value.tanh)` reads the same either way.
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
    *("derivatives.shapes", "replays.program", "replays.assembly", "replays.replayed", "replays.batch"),
    "replays.surroundings",
]
# No fused multiply-add, so that every processor gives the same bits; inner calls need not go through a symbol table.
GCC_OPTIONS = ["-ffp-contract=off", "-fvisibility=hidden", "-fno-semantic-interposition"]


def source_of(module: str) -> Path:
    """Return the file of a module of autograd."""
    return Path("autograd", *module.split(".")).with_suffix(".py")


def docstrings(module: str) -> Iterator[tuple[str, str]]:
    """Yield the docstrings of a module, its functions, classes and methods, each with its name in mypyc's C."""
    tree = ast.parse(source_of(module).read_text(encoding="utf-8"))
    yield f"autograd.{module}", ast.get_docstring(tree) or ""
    prefix = module.rpartition(".")[2]  # mypyc's C names a module by the end of its name that no other has
    for item in tree.body:
        if isinstance(item, ast.ClassDef):
            yield item.name, ast.get_docstring(item) or ""
            methods = [part for part in item.body if isinstance(part, ast.FunctionDef)]
            for method in reversed(methods):  # of a property's functions the getter comes first and stays
                yield f"{prefix}___{item.name}___{method.name}", ast.get_docstring(method) or ""
        elif isinstance(item, ast.FunctionDef):
            yield f"{prefix}___{item.name}", ast.get_docstring(item) or ""


def as_c(text: str) -> str:
    """Return a text as the inside of a string of C."""
    lines = text.replace("\\", "\\\\").replace('"', '\\"').encode("ascii", "backslashreplace").decode().split("\n")
    return '\\n"\n"'.join(lines)


def keep_docstrings(code: str, texts: dict[str, str]) -> str:
    """Return mypyc's C with the docstrings where Python looks for them."""
    written = r'PyDoc_STR\("((?:[^"\\]|\\.)*)"\)'

    def of_function(match: re.Match[str]) -> str:
        return match[0][:-2] + as_c(texts.get(match[1], "")) + '")'

    def of_class(match: re.Match[str]) -> str:
        return match[0][:-2] + as_c(texts.get(match[1].partition("(")[0], "")) + '")'

    def of_property(match: re.Match[str]) -> str:
        text = texts.get(f"{match[3]}___{match[2]}", "")
        return f'{match[1]}"{as_c(text)}", NULL}}' if text else match[0]

    def of_module(match: re.Match[str]) -> str:
        return f'"{match[1]}",\n"{as_c(texts[match[1]])}", /* docstring */'

    code = re.sub(rf"\(PyCFunction\)CPyPy_(\w+),\s*METH_FASTCALL \| METH_KEYWORDS, {written}", of_function, code)
    code = re.sub(rf"\.tp_doc = {written}", of_class, code)
    code = re.sub(r'(\{"(\w+)",\s*\(getter\)(\w+)_get_\2,\s*[^,]+,\s*)NULL, NULL\}', of_property, code)
    return re.sub(r'"(autograd\.[\w.]+)",\s*NULL, /\* docstring \*/', of_module, code)


def leave_to_counting(code: str) -> str:
    """Return mypyc's C with the nodes out of the cycle collector's sight.

    A node refers to its operands only, and so is never part of a cycle: counting references frees every graph. The
    collector, which would look through all nodes again and again, costs a third of the time otherwise.
    """
    made = "self->vtable = value___Value_vtable;"
    if code.count(made) != 1:
        raise RuntimeError("setup.py does not find where mypyc allocates a Value; was mypy's version changed?")
    return code.replace(made, f"PyObject_GC_UnTrack(self);\n{made}")


class BuildAllOrNone(build_ext):
    """Leaves no compiled module where one of them could not be compiled: they work together only."""

    def run(self) -> None:
        """Build, and take everything back if something is missing."""
        super().run()
        built = [Path(self.get_ext_fullpath(extension.name)) for extension in self.extensions]
        if not all(path.exists() for path in built):
            for path in built:
                path.unlink(missing_ok=True)


def extensions(directory: str) -> list[Extension]:
    """Return the compiled modules; each is optional, so that without a compiler the interpreted source serves."""
    if not {"build_ext", "bdist_wheel"} & set(sys.argv):
        return []
    from mypyc.build import mypycify  # noqa: PLC0415 - an editable install needs none

    texts = {name: text for module in HOT for name, text in docstrings(module)}
    # Only these modules are checked here, with no more installed than they need.
    options = ["--config-file=", "--follow-imports=silent", "--ignore-missing-imports"]
    paths = [*options, *[str(source_of(name)) for name in HOT]]
    compiled = mypycify(paths, opt_level="3", debug_level="0", target_dir=directory)
    for extension in compiled:
        extension.optional = True
        if sys.platform != "win32":
            kept = [option for option in extension.extra_compile_args if option != "-Werror"]
            extension.extra_compile_args = kept + GCC_OPTIONS
        for source in map(Path, extension.sources):
            if source.is_relative_to(directory) and source.name.startswith("__native"):  # not a module's empty shell
                code = keep_docstrings(source.read_text(encoding="utf-8"), texts)
                source.write_text(leave_to_counting(code), encoding="utf-8")
    return list(compiled)


with tempfile.TemporaryDirectory() as made:
    # What is built stays out of the source tree, where a later build would take it for new.
    setup(ext_modules=extensions(made), cmdclass={"build_ext": BuildAllOrNone}, options={"build": {"build_base": made}})
