"""The command: rounds of each subject until the time is over; a failure is shown as its smallest case, with the seed.

Round n has the seed of the run plus n, so the seed in a report finds its case in the first round.
"""

import argparse
import sys
import time
from importlib import import_module

import hypothesis

SUBJECTS = {
    "pytorch": "values, gradients and second derivatives of every node against PyTorch",
    "replay": "a replay against the plain function, while what it reads changes",
    "batch": "a batch of rows against a loop, bit by bit",
    "python_source": "a recording's source in Python against the engine, bit by bit",
    "c_source": "a recording's source in C, compiled, against the engine, bit by bit",
    "what_if": "other numbers in a recorded graph against a new recording, bit by bit",
    "lines": "each line of a pass, evaluated by Python",
    "marking": "a student's numbers: those of the pass, and with one of them changed",
    "files": "files of exercises, models and data with changed bytes: read as what they say, or refused in a sentence",
    "labels": "labels of any characters in every output",
}
"""Each subject is the module of its name in this folder."""

QUIET = hypothesis.settings(
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    suppress_health_check=list(hypothesis.HealthCheck),
    report_multiple_bugs=False,
    print_blob=False,
)


def subject(name):
    return import_module(f"tests.fuzz.{name}")


class Round:
    """A number of cases from one seed; `failed` is the smallest case that failed, and `error` what it raised."""

    def __init__(self, name, seed):
        self.name, self.seed, self.cases, self.failed, self.error = name, seed, 0, None, None
        module = subject(name)

        @hypothesis.seed(seed)
        @hypothesis.settings(QUIET, max_examples=getattr(module, "EACH_ROUND", 100))
        @hypothesis.given(module.CASES)
        def run(case):
            self.cases += 1
            try:
                module.check(case)
            except hypothesis.errors.UnsatisfiedAssumption:
                raise
            except Exception as error:
                self.failed, self.error = case, error  # the last call is that with the smallest case
                raise

        try:
            run()
        except Exception as error:  # noqa: BLE001 - a subject may raise whatever gradstep raises
            self.error = self.error or error

    def report(self):
        """Return what failed, the program that shows it, and how to run it again."""
        shown = "no case" if self.failed is None else getattr(subject(self.name), "shown", str)(self.failed)
        return (
            f"{self.name}: {type(self.error).__name__}: {self.error}\n\n{shown}\n\n"
            f"Run it again: python -m tests.fuzz --seed {self.seed} --seconds 1 {self.name}"
        )


def fuzz(names, seconds, seed, write=print):
    """Run rounds, next that of the subject that had the least time; return the rounds that failed."""
    spent, cases, failed = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0), []
    rounds, end = dict.fromkeys(names, 0), time.monotonic() + seconds
    left = set(names)
    while left and (time.monotonic() < end or not all(rounds[name] for name in left)):
        name = min(left, key=lambda name: (spent[name], names.index(name)))
        start = time.monotonic()
        done = Round(name, seed + rounds[name])
        rounds[name] += 1
        spent[name] += time.monotonic() - start
        cases[name] += done.cases
        if done.error:
            failed.append(done)
            left.discard(name)
            write(done.report(), flush=True)
    for name in names:
        write(f"{name}: {cases[name]:,} cases in {spent[name]:.0f} s")
    return failed


def main(arguments=None):
    about = "\n".join(f"  {name:13} {text}" for name, text in SUBJECTS.items())
    parser = argparse.ArgumentParser(
        "python -m tests.fuzz", description=__doc__, epilog=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"subjects: {', '.join(SUBJECTS)} (default: all)")
    parser.add_argument("--seconds", type=float, default=60, help="time for all subjects together (default: 60)")
    parser.add_argument("--seed", type=int, default=None, help="the seed of the first round (default: a new one)")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.what if name not in SUBJECTS]:
        parser.error(f"expected subjects among {', '.join(SUBJECTS)}, got {', '.join(unknown)}")
    seed = time.time_ns() // 10**6 % 10**9 if options.seed is None else options.seed
    names = []
    for name in options.what or SUBJECTS:
        missing = getattr(subject(name), "missing", lambda: "")()
        print(f"{name} is left out: {missing}") if missing else names.append(name)
    print(f"seed {seed}", flush=True)
    return 1 if fuzz(names, options.seconds, seed) else 0


if __name__ == "__main__":
    sys.exit(main())
