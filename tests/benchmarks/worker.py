"""A process of one engine: it trains a few steps, whose numbers the parent compares, and times the steps after them.

Run as `python -P -m benchmarks.worker NAME SECONDS SCALE` with the folder of the tests on the path; prints JSON.
"""

import gc
import importlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from .engines.base import Engine, MissingError
from .entries import BUNDLE, ENTRIES, MIXTURE, ROWS, STEP, TRANSFORMER, Entry
from .gradbench import mixture, observations
from .problem import demo, many_rows, transformer

CHECKED_STEPS = 3
WARM_UP = 0.2  # of the time that is measured


@dataclass(frozen=True)
class Outcome:
    """What a worker found: the losses of the first steps, the gradients of the last of them, and seconds a step.

    `evaluation` is the time of loss and gradients, `step` that of the update too, each the mean over `steps`.
    `missing` says why an engine could not be measured, and is "" where it was.
    """

    losses: list[float]
    gradients: list[float]
    evaluation: float
    step: float
    steps: int
    building: float | None
    version: str
    mode: str
    path: str
    missing: str = ""


def make(entry: Entry, scale: float = 1.0) -> Engine:
    """Return the entry's engine. Raises MissingError where it, or what it needs, is not installed."""
    try:
        problem = {
            STEP: demo,
            ROWS: partial(many_rows, scale),
            TRANSFORMER: transformer,
            MIXTURE: partial(mixture, scale),
            BUNDLE: partial(observations, scale),
        }[entry.table]()
        module = importlib.import_module(f".engines.{entry.module}", __package__)
        engine: Engine = getattr(module, entry.maker)(problem)
    except ModuleNotFoundError as error:
        raise MissingError(f"{error.name} is not installed") from error
    return engine


def measure(engine: Engine, seconds: float, collector: bool = True) -> Outcome:
    """Train the engine: first the steps to compare, then a warm-up, then for these seconds or one step at least."""
    losses = []
    for step in range(CHECKED_STEPS):
        if step:
            engine.update()
        losses.append(engine.evaluate())
    gradients = engine.gradients()
    engine.update()
    if not collector:
        gc.collect()
        gc.disable()
    if seconds:
        train(engine, seconds * WARM_UP)
    evaluation, step_time, steps = train(engine, seconds)
    return Outcome(
        losses, gradients, evaluation, step_time, steps, engine.building, engine.version, engine.mode, _path(),
    )  # fmt: skip


def train(engine: Engine, seconds: float) -> tuple[float, float, int]:
    """Train for about so long; return the mean times of an evaluation and of a whole step, and how many there were."""
    clock = time.perf_counter
    evaluating, steps = 0.0, 0
    start = end = clock()
    while True:
        before = clock()
        engine.evaluate()
        evaluating += clock() - before
        engine.update()
        steps += 1
        end = clock()
        if end - start >= seconds:
            return evaluating / steps, (end - start) / steps, steps


def _path() -> str:
    """Say where gradstep was imported from, if it was."""
    package = sys.modules.get("autograd")
    return str(Path(str(package.__file__)).parent) if package else ""


def main() -> None:
    """Measure the entry that the arguments name, and print the outcome."""
    name, seconds, scale = sys.argv[1:]
    [entry] = [entry for entry in ENTRIES if entry.name == name]
    try:
        outcome = measure(make(entry, float(scale)), float(seconds), entry.collector)
    except MissingError as error:
        outcome = Outcome([], [], 0.0, 0.0, 0, None, "", "", "", str(error))
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
