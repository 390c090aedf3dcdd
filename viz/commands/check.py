"""`gradstep check`: a student's numbers beside the right ones, with the slip that explains the first wrong one."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import viz
from autograd import ClassMarks, Marks
from autograd.lab.classes import class_marks
from autograd.lab.marking import Marker
from autograd.lab.worksheet import Worksheet
from nn.exchange.answer_files import read_answers
from nn.exchange.files import write_file
from viz.commands.arguments import number_from_zero
from viz.commands.outputs import Outputs
from viz.commands.subjects import SUBJECT_HELP, exercise_of, load_subject
from viz.core.layout import IMAGES
from viz.core.saving import write_to

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
        "a name and a number a line; or those of a class: CSV with a row a student and a column a quantity",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument(
        "--tolerance", type=number_from_zero, default=0.0, metavar="T",
        help="also accept numbers within T of the right one, relative to it (of a new weight: to its change)",
    )  # fmt: skip
    outputs = Outputs(parser)
    outputs.add_file(
        parser, "csv", ["csv"], "of a class: write the marks of each student, and the verdict of each line"
    )
    outputs.add_file(parser, "picture", IMAGES, "of a class: draw how each line went, and the commonest slips")
    parser.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    options.outputs.check(options, ANSWERS=options.answers)
    try:
        subject = load_subject(options.exercise)
        marker = Marker(Worksheet(subject), options.tolerance)
        answers = read_answers(options.answers, marker.sheet.names)
        is_class = any(isinstance(given, Mapping) for given in answers.values())
        if not is_class and options.outputs.are_named(options):
            raise ValueError("--csv and --picture are for a class; give a file with a row for each student.")
        marks = class_marks(marker, answers) if is_class else marker.marks(answers)
    except (ValueError, TypeError, OSError) as error:
        print(f"gradstep: {error}", file=sys.stderr)
        return UNREADABLE
    if options.json:
        print(json.dumps(marks.as_json(), indent=2, allow_nan=False))
    else:
        exercise = exercise_of(subject)
        _print(exercise.title if exercise else options.exercise, marks)
    if isinstance(marks, ClassMarks):
        _write(options, marks)
    return ALL_RIGHT if marks.all_right else WRONG


def _print(title: str, marks: Marks | ClassMarks) -> None:
    from viz.terminal.exercises import make_console  # noqa: PLC0415 - rich takes 32 ms; not for JSON
    from viz.terminal.marks import print_class, print_marks  # noqa: PLC0415 - the same

    if isinstance(marks, ClassMarks):
        print_class(make_console(), title, marks)
    else:
        print_marks(make_console(), title, marks)


def _write(options: argparse.Namespace, marks: ClassMarks) -> None:
    """Write the files that were asked for, and print their paths."""
    paths = []
    if options.csv is not None:
        write_file(options.csv, marks.csv().encode("utf-8-sig"))  # with the mark that spreadsheets expect
        paths.append(f"The marks are in {options.csv}")
    if options.picture is not None:
        paths.append(f"The picture is in {write_to(options.picture, viz.plot_class(marks))}")
    for path in paths:
        print(path, file=sys.stderr if options.json else sys.stdout)
