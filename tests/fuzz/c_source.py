"""A recording's source in C, compiled, against the engine; see `python_source.py`."""

import _ctypes
import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.fuzz import python_source
from tests.fuzz.python_source import CASES, shown

__all__ = ["CASES", "shown"]
EACH_ROUND = 15
COMPILER = shutil.which("gcc") or shutil.which("cc")


def missing():
    return "" if COMPILER else "there is no C compiler"


def compiled(source, folder):
    (folder / "program.c").write_text(source, encoding="utf-8")
    options = ["-std=c99", "-O2", "-Wall", "-Werror", "-Wno-unused-variable", "-shared", "-fPIC"]
    subprocess.run([COMPILER, *options, "program.c", "-o", "program.so", "-lm"], cwd=folder, check=True)
    return ctypes.CDLL(str(folder / "program.so"))


def run_c(library, name, inputs, leaves, seed=1.0):
    function = getattr(library, name)
    function.restype = ctypes.c_double
    arrays = [(ctypes.c_double * max(len(numbers), 1))(*numbers) for numbers in (inputs, leaves, inputs, leaves)]
    value = function(arrays[0], arrays[1], ctypes.c_double(seed), arrays[2], arrays[3])
    return value, list(arrays[2])[: len(inputs)], list(arrays[3])[: len(leaves)]


def check(case):
    with tempfile.TemporaryDirectory() as folder:

        def run(fast, name, inputs, leaves, seed):
            library = compiled(fast.source("c"), Path(folder))
            try:
                return run_c(library, name, inputs, [leaf.data for leaf in leaves], seed)
            finally:
                _ctypes.dlclose(library._handle)  # a later file with its inode would be taken for this one

        python_source.check(case, run)
