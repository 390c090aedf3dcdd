"""Starts a process for each measurement, so that none disturbs another.

A process runs on Python's safe path: the working directory, with the engine's sources, is not on it, and so the
installed package is measured.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .entries import Entry
from .worker import Outcome

TESTS = Path(__file__).resolve().parents[1]
INTERPRETED = "GRADSTEP_INTERPRETED"
LONGEST = 600


class ProcessError(Exception):
    """A process of a measurement failed; the message ends with what it said."""


def measure_entry(entry: Entry, seconds: float, scale: float) -> Outcome:
    """Return what a new process finds for an entry. Raises ProcessError where it fails."""
    found = _run(entry.name, ["worker", entry.name, str(seconds), str(scale)], interpreted=entry.interpreted)
    return Outcome(**json.loads(found))


def measure_cost(name: str, scale: float, interpreted: bool) -> dict[str, float]:
    """Return what a new process finds about the cost of a node. Raises ProcessError where it fails."""
    found: dict[str, float] = json.loads(_run(name, ["costs", name, str(scale)], interpreted=interpreted))
    return found


def installed_mode() -> str:
    """Say which of gradstep's two engines is installed. Raises ProcessError where none is."""
    code = "import autograd; print('compiled' if autograd.compiled else 'interpreted')"
    return _finish("gradstep", ["-c", code], interpreted=False).strip()


def measure_import(repetitions: int, interpreted: bool) -> dict[str, float]:
    """Measure how long a new Python takes to import gradstep's engine, beyond the time that it takes to start."""
    times: dict[str, list[float]] = {"pass": [], "import autograd": []}
    for _ in range(repetitions + 1):
        for code, seconds in times.items():
            start = time.perf_counter()
            _finish("import", ["-c", code], interpreted)
            seconds.append(time.perf_counter() - start)
    # The first of each may have waited for the disk.
    bare, whole = (statistics.median(seconds[1:]) for seconds in times.values())
    return {"bare seconds": bare, "seconds with import": whole, "import seconds": whole - bare}


def _run(name: str, arguments: list[str], interpreted: bool) -> str:
    module, *rest = arguments
    return _finish(name, ["-m", f"benchmarks.{module}", *rest], interpreted)


def _finish(name: str, arguments: list[str], interpreted: bool) -> str:
    command = [sys.executable, "-P", *arguments]
    try:
        done = subprocess.run(
            command, env=_environment(interpreted), capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessError(f"{name} took longer than {LONGEST} seconds.") from error
    if done.returncode:
        said = done.stderr.strip() or f"exit status {done.returncode}"
        raise ProcessError(f"{name} failed:\n{said}")
    return done.stdout


def _environment(interpreted: bool) -> dict[str, Any]:
    environment = {name: text for name, text in os.environ.items() if name != INTERPRETED}
    paths = [str(TESTS), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    if interpreted:
        environment[INTERPRETED] = "1"
    return environment
