"""What was measured: the outcomes of all rounds, and the medians and ratios that are shown.

A ratio is a median divided by another's; a spread is the largest of the rounds less the smallest, over the median.
"""

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .entries import Entry
from .worker import Outcome

QUICK_SCALE = 0.07  # of the rows, more than one block of a batch, and of the graphs whose nodes are counted


@dataclass
class Row:
    """An entry, what its check found, its largest relative difference there, and what each round found."""

    entry: Entry
    checked: Outcome
    difference: float
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The title, with what tells this row from others of the same engine."""
        collector = "" if self.entry.collector else "collector off"
        return ", ".join(filter(None, [self.entry.title, self.checked.mode, collector]))

    @property
    def evaluation(self) -> float:
        """The median seconds of a loss and its gradients."""
        return statistics.median(outcome.evaluation for outcome in self.outcomes)

    @property
    def step(self) -> float:
        """The median seconds of a whole step, with the update."""
        return statistics.median(outcome.step for outcome in self.outcomes)

    @property
    def spread(self) -> float | None:
        """The spread of the evaluations; None after one round."""
        return spread([outcome.evaluation for outcome in self.outcomes])

    @property
    def building(self) -> float | None:
        """The median seconds that it took to build a function once; None where nothing is built."""
        times = [outcome.building for outcome in self.outcomes if outcome.building is not None]
        return statistics.median(times) if times else None


@dataclass
class Results:
    """All that was measured; `costs` by the engine's mode and the name of the cost, `notes` say what was left out."""

    quick: bool
    rounds: int
    rows: list[Row] = field(default_factory=list)
    costs: dict[str, dict[str, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    path: str = ""

    @property
    def scale(self) -> float:
        """The part of the rows and of the nodes that is measured; a quick run only shows that all works and agrees."""
        return QUICK_SCALE if self.quick else 1.0

    def row(self, name: str) -> Row | None:
        """Return the row of an entry; None where it was not measured."""
        return next((row for row in self.rows if row.entry.name == name), None)

    def table(self, name: str) -> list[Row]:
        """Return the rows of a table."""
        return [row for row in self.rows if row.entry.table == name]

    @property
    def versions(self) -> list[str]:
        """The packages that were measured, each with its version."""
        return sorted({row.checked.version for row in self.rows}, key=str.lower)


def spread(times: Sequence[float]) -> float | None:
    """Return the largest less the smallest over the median; None of a single time."""
    return (max(times) - min(times)) / statistics.median(times) if len(times) > 1 else None


def medians(measurements: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return the median of each number that several measurements have."""
    gathered = list(measurements)
    return {name: statistics.median(one[name] for one in gathered) for name in gathered[0]}


def machine() -> dict[str, Any]:
    """Describe this computer and its Python."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def as_json(results: Results) -> dict[str, Any]:
    """Return everything that was measured, for `--json`."""
    return {
        "machine": machine(),
        "versions": results.versions,
        "engine": results.path,
        "quick": results.quick,
        "rounds": results.rounds,
        "rows": [_row_as_json(results, row) for row in results.rows],
        "costs": results.costs,
        "left out": results.notes,
    }


def _row_as_json(results: Results, row: Row) -> dict[str, Any]:
    others = [other for other in results.table(row.entry.table) if other is not row]
    return {
        "name": row.entry.name,
        "title": row.title,
        "table": row.entry.table,
        "version": row.checked.version,
        "seconds": row.evaluation,
        "seconds of a whole step": row.step,
        "seconds to build": row.building,
        "spread": row.spread,
        "largest relative difference": row.difference,
        "ratios": {other.entry.name: row.evaluation / other.evaluation for other in others},
        "rounds": [{"seconds": one.evaluation, "whole step": one.step, "steps": one.steps} for one in row.outcomes],
    }
