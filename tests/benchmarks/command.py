"""The command: checks that all engines agree, measures them in turn, prints tables and writes JSON."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from textwrap import fill

from rich.console import Console

from .agreement import TOLERANCE, complaint, difference
from .entries import COSTS, ENTRIES, NAMES, REFERENCES, Entry
from .processes import ProcessError, installed_mode, measure_cost, measure_entry, measure_import
from .report import make_console, print_results
from .results import Results, Row, as_json, medians
from .worker import Outcome

SECONDS = 0.5  # of one engine in one round
COST_ROUNDS = 3  # at most: their numbers hardly vary
IMPORTS = 5  # in each of those rounds

_EPILOG = (
    (
        "Each engine runs in processes of its own, in turn over the rounds; medians are shown. First its losses and "
        f"gradients are compared with gradstep's: a relative difference above {TOLERANCE:g} is an error. A peer that "
        "is not installed is left out, with a line that says so."
    ),
    f"NAME is one of: {', '.join(NAMES)}.",
)

Progress = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (those of the process where none are given); return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        with Console(stderr=True).status("") as status:
            results = run(options.only or NAMES, 0 if options.quick else options.rounds, status.update)
    except (ProcessError, DisagreementError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print_results(make_console(), results)
    if options.json:
        options.json.write_text(json.dumps(as_json(results), indent=2) + "\n", encoding="utf-8")
    return 0


class DisagreementError(Exception):
    """Engines found other numbers than gradstep; the message has a sentence for each."""


def run(names: Iterable[str], rounds: int, progress: Progress) -> Results:
    """Check the named engines, then measure them over the rounds; with no rounds, keep what the check measured.

    Raises DisagreementError where an engine's numbers differ, ProcessError where a process fails.
    """
    results = Results(quick=not rounds, rounds=max(rounds, 1))
    chosen = set(names)
    entries = with_references([entry for entry in ENTRIES if entry.name in chosen])
    results.rows = check(entries, results, progress)
    if results.quick:
        for row in results.rows:
            row.outcomes.append(row.checked)
    for turn in range(rounds):
        for row in results.rows:
            progress(f"round {turn + 1} of {rounds}: {row.title}")
            row.outcomes.append(measure_entry(row.entry, SECONDS, results.scale))
    _measure_costs([name for name in COSTS if name in chosen], results, min(rounds, COST_ROUNDS), progress)
    return results


def with_references(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries with those that they are compared with, first in each table."""
    chosen = list(entries)
    wanted = {entry.name for entry in chosen} | {REFERENCES[entry.table] for entry in chosen}
    return [entry for entry in ENTRIES if entry.name in wanted]


def check(entries: Iterable[Entry], results: Results, progress: Progress) -> list[Row]:
    """Let each engine take a few steps and compare its numbers; return a row for each that can be measured."""
    rows, wrong = [], []
    references: dict[str, Outcome] = {}
    for entry in entries:
        progress(f"checking {entry.name}")
        outcome = measure_entry(entry, 0.0, results.scale)
        missing = outcome.missing or _repeated(entry, outcome, references)
        if missing:
            _leave_out(entry, missing, results)
            continue
        results.path = results.path or outcome.path
        expected = references.setdefault(entry.table, outcome)
        wrong.append(complaint(entry.name, outcome, expected))
        rows.append(Row(entry, outcome, difference(outcome, expected)))
    if any(wrong):
        raise DisagreementError("\n".join(filter(None, wrong)))
    return rows


def _repeated(entry: Entry, outcome: Outcome, references: dict[str, Outcome]) -> str:
    """Say where an interpreted row would only repeat that of an engine which is installed without being compiled."""
    if entry.interpreted and references[entry.table].mode == outcome.mode:
        return "the installed engine is interpreted already"
    return ""


def _leave_out(entry: Entry, reason: str, results: Results) -> None:
    if entry.name in REFERENCES.values():
        raise ProcessError(f"{entry.name} is what all is compared with, but {reason}.")
    results.notes.append(f"{entry.name}, because {reason}.")


def _measure_costs(names: Sequence[str], results: Results, rounds: int, progress: Progress) -> None:
    modes = sorted({installed_mode(), "interpreted"}) if names else []
    for mode in modes:
        interpreted = mode == "interpreted"
        for name in names:
            progress(f"{name}, {mode}")
            if name == "import":
                found = measure_import(IMPORTS * rounds or 1, interpreted)
            else:
                found = medians(measure_cost(name, results.scale, interpreted) for _ in range(rounds or 1))
            results.costs.setdefault(mode, {}).update(found)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=(
            "Measure training steps of micrograd's demo and of a transformer, and two functions of GradBench, in "
            "gradstep and in its peers."
        ),
        epilog="\n\n".join(fill(paragraph, 79, break_on_hyphens=False) for paragraph in _EPILOG),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--rounds", type=_count, default=5, metavar="N", help="how many rounds (default: 5)")
    extent.add_argument("--quick", action="store_true", help="check that everything runs and agrees, not how fast")
    parser.add_argument("--only", type=_name, nargs="+", metavar="NAME", help="measure these, and what they need")
    parser.add_argument("--json", type=_file, metavar="FILE", help="write all numbers to this file too")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 1000, got {text!r}")
    return int(text)


def _name(text: str) -> str:
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"nothing is called {text!r}; the names are {', '.join(NAMES)}")
    return text


def _file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"expected a file in a folder that exists, got {text!r}")
    return path
