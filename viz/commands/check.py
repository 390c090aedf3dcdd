"""`gradstep check`: a student's numbers beside the right ones, with the slip that explains the first wrong one."""

import argparse
import json
import sys
from pathlib import Path

from autograd.lab.marking import Marker
from autograd.lab.worksheet import Worksheet
from nn.exchange.answer_files import read_answers
from viz.commands.arguments import number_from_zero
from viz.commands.subjects import SUBJECT_HELP, exercise_of, load_subject

ALL_RIGHT, WRONG, UNREADABLE = 0, 1, 2
"""The exit codes: all given numbers are right, one is wrong, or the input cannot be read."""


def add_check(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep check` to its parser."""
    parser.description = (
        "Check a student's numbers line by line: right, wrong, or right given the student's own earlier numbers; and "
        "name the slip that gives a wrong number. Exit code 0: all given numbers are right; 1: one is wrong; 2: the "
        "input cannot be read."
    )
    parser.add_argument("exercise", metavar="EXERCISE", help=SUBJECT_HELP)
    parser.add_argument(
        "answers", type=Path, metavar="ANSWERS",
        help='the numbers: JSON such as {"x3": 5, "w13": 0}, where a weight\'s name means its new number, or CSV with '
        "a name and a number a line",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument(
        "--tolerance", type=number_from_zero, default=0.0, metavar="T",
        help="also accept numbers within T of the right one, relative to it (of a new weight: to its change)",
    )  # fmt: skip
    parser.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    try:
        subject = load_subject(options.exercise)
        marker = Marker(Worksheet(subject), options.tolerance)
        answers = read_answers(options.answers, marker.sheet.names)
        marks = marker.marks(answers)
    except (ValueError, TypeError, OSError) as error:
        print(f"gradstep: {error}", file=sys.stderr)
        return UNREADABLE
    if options.json:
        print(json.dumps(marks.as_json(), indent=2, allow_nan=False))
    else:
        from viz.terminal.exercises import make_console  # noqa: PLC0415 - rich takes 32 ms; not for JSON
        from viz.terminal.marks import print_marks  # noqa: PLC0415 - the same

        exercise = exercise_of(subject)
        print_marks(make_console(), exercise.title if exercise else options.exercise, marks)
    return ALL_RIGHT if marks.all_right else WRONG
