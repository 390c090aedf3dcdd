"""The same network written in C by hand for this one purpose: about the limit of what can be had."""

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..problem import Problem
from .base import Engine, MissingError

SOURCE = Path(__file__).with_name("step.c")
COMMAND = ["gcc", "-std=c99", "-O3", "-march=native", "-shared", "-fPIC"]


class HandwrittenC(Engine):
    """Loops in C over the rows and units, compiled for this processor and called by ctypes."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.version = _compiler_version()
        self.library = _compile()
        self.library.evaluate.restype = ctypes.c_double
        self.parameters = _array(problem.parameters)
        self.found = _array([0.0] * len(problem.parameters))
        self.inputs = _array([x for row in problem.inputs for x in row])
        self.targets = _array(problem.targets)
        numbers = ctypes.c_double(problem.scale), ctypes.c_double(problem.decay)
        self.arguments = (len(problem.targets), self.inputs, self.targets, *numbers, self.parameters, self.found)
        self.rate = ctypes.c_double(problem.rate)

    def evaluate(self) -> float:
        loss: float = self.library.evaluate(*self.arguments)
        return loss

    def gradients(self) -> list[float]:
        return list(self.found)

    def update(self) -> None:
        self.library.update(self.parameters, self.found, self.rate)


def _array(numbers: list[float]) -> "ctypes.Array[ctypes.c_double]":
    return (ctypes.c_double * len(numbers))(*numbers)


def _compiler_version() -> str:
    if shutil.which("gcc") is None:
        raise MissingError("there is no gcc on the path")
    asked = [*COMMAND[:1], "-dumpfullversion", "-dumpversion"]
    return "gcc " + subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def _compile() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        library = Path(directory) / "step.so"
        subprocess.run([*COMMAND, str(SOURCE), "-o", str(library)], check=True)
        return ctypes.CDLL(str(library))
