"""`gradstep practice` and `gradstep quiz`: new exercises with numbers for a pencil, as files, sheets and questions."""

import argparse
import dataclasses
import re
import unicodedata
from pathlib import Path

import nn
import viz
from autograd.table.scalars import counted
from autograd.table.visible import visible
from nn import LOSSES, Exercise, practice
from nn.exchange.answer_files import text_in
from nn.exchange.files import read_file
from viz.commands.arguments import number_from_zero, whole_number
from viz.commands.exercise import add_sheets
from viz.commands.outputs import Outputs
from viz.commands.subjects import EXERCISE_HELP, load_exercise
from viz.core.saving import OwnName, write_to
from viz.questions.moodle import MOST_DIGITS
from viz.questions.sheets import PAPERS

MOST = 1000
"""The most exercises of a call."""


def add_practice(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep practice` to its parser."""
    parser.description = (
        "Write new exercises with numbers fit for a pencil. The same seed gives the same exercise everywhere. Each "
        "file is an exercise for `gradstep exercise`, `step`, `check` and all others."
    )
    add_difficulty(parser)
    many = parser.add_mutually_exclusive_group()
    many.add_argument("--count", type=whole_number(1, MOST), metavar="N", help="write N exercises (default: 1)")
    many.add_argument(
        "--names",
        type=Path,
        metavar="FILE",
        help="write an exercise for each line of a file, such as a list of students",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="the folder of the files")
    outputs = Outputs(parser)
    add_sheets(parser, outputs, "practice")
    parser.add_argument(
        "--each", action="store_true",
        help="with --sheet and --key: write a file for each exercise, in place of one with all",
    )  # fmt: skip
    outputs.serve("each", "sheets", ("sheet", "key"))
    parser.set_defaults(run=_practice)


def add_quiz(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep quiz` to its parser."""
    parser.usage = "%(prog)s [options] (EXERCISE | --seeds N) FILE.xml"
    parser.description = (
        "Write an exercise, or N new ones, as questions for Moodle. Wrong answers that a slip gives have the sentence "
        "of `gradstep check` as feedback."
    )
    parser.add_argument("exercise", metavar="EXERCISE", help=EXERCISE_HELP)
    file = parser.add_argument("file", metavar="FILE.xml", help="the file to write")
    file.required = False  # with nargs="?" there could be no option between the two
    parser.add_argument(
        "--seeds", type=whole_number(1, MOST), metavar="N", help="new exercises, as `gradstep practice` makes them"
    )
    add_difficulty(parser)
    parser.add_argument(
        "--ask", type=_names, default=[], metavar="NAMES",
        help="the quantities to ask for, such as x3,delta3; a weight's name means its new number (default: all)",
    )  # fmt: skip
    parser.add_argument("--cloze", action="store_true", help="one question an exercise, with a field for each quantity")
    parser.add_argument(
        "--digits", type=whole_number(1, MOST_DIGITS), default=3, metavar="N",
        help="the significant digits of a right answer, if it has as many (default: 3)",
    )  # fmt: skip
    parser.add_argument(
        "--tolerance", type=number_from_zero, default=0.0, metavar="T",
        help="also accept numbers within T of the right one, relative to it (of a new weight: to its change)",
    )  # fmt: skip
    parser.set_defaults(run=_quiz)


def _quiz(options: argparse.Namespace) -> int:
    named = [name for name in (options.exercise, options.file) if name is not None]
    if len(named) != (1 if options.seeds else 2):
        raise ValueError("expected an exercise or --seeds N, and the file to write: gradstep quiz mazur quiz.xml.")
    given = [action.dest for action in options.difficulty if getattr(options, action.dest) != action.default]
    if given and not options.seeds:
        raise ValueError(f"--{given[0]} is for new exercises; use it with --seeds N.")
    exercises = practiced(options, options.seeds) if options.seeds else [load_exercise(named[0])]
    made = viz.quiz(exercises, ask=options.ask, cloze=options.cloze, digits=options.digits, tolerance=options.tolerance)
    print(f"The questions are in {visible(made.save(named[-1]))}")
    return 0


def add_difficulty(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how new exercises are; the parser keeps them as `difficulty`."""
    add = parser.add_argument
    sizes = "the numbers of inputs and of the units of each layer (default: 2-2-1)"
    first = "the seed of the first exercise (default: 0)"
    losses = f"one of {', '.join(LOSSES)} for an exercise"
    added = [
        add("--layers", type=_layers, default=[2, 2, 1], metavar="N-N-N", help=sizes),
        add("--activation", default="relu", metavar="NAME", help="the activation (default: relu)"),
        add("--loss", default="half_squared_error", metavar="NAME", help=losses),
        add("--examples", type=whole_number(1, 10), default=1, metavar="N", help="the number of examples (default: 1)"),
        add("--biases", action="store_true", help="each unit has a bias"),
        add("--seed", type=whole_number(0), default=0, metavar="N", help=first),
    ]
    parser.set_defaults(difficulty=added)


def practiced(options: argparse.Namespace, count: int) -> list[Exercise]:
    """Return so many new exercises, as the options of `add_difficulty` say."""
    return [
        practice(
            options.layers,
            activation=options.activation,
            loss=options.loss,
            examples=options.examples,
            biases=options.biases,
            seed=seed,
        )
        for seed in range(options.seed, options.seed + count)
    ]


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError(f"expected quantities such as x3,delta3, got {text!r}")
    return names


def _layers(text: str) -> list[int]:
    if not re.fullmatch(r"[1-9]\d*(-[1-9]\d*)+", text):
        raise argparse.ArgumentTypeError(f"expected sizes such as 2-2-1, got {text!r}")
    return [int(size) for size in text.split("-")]


def _practice(options: argparse.Namespace) -> int:
    options.outputs.refuse_unused(options)
    names = [] if options.names is None else _names_in(options.names)
    count = len(names) or options.count or 1
    files = _file_names(options.names, names) or [f"practice-{options.seed + place}" for place in range(count)]
    exercises = practiced(options, count)
    options.output.mkdir(parents=True, exist_ok=True)  # the sheets may be in it too
    options.outputs.check(options, **{"--names": options.names})
    for exercise, file in zip(exercises, files, strict=True):
        print(f"{exercise.title} is in {nn.save(exercise, options.output / f'{file}.json')}")
    _write_sheets(options, exercises, names or [""] * len(exercises), files)
    return 0


def _write_sheets(options: argparse.Namespace, exercises: list[Exercise], names: list[str], files: list[str]) -> None:
    """Write the sheets that were asked for, and print their paths."""
    for option, what in (("sheet", "sheet"), ("key", "solution")):
        target: Path | OwnName | None = getattr(options, option)
        if target is None:
            continue
        if not options.each:
            made = viz.sheet(exercises, key=option == "key", names=names, paper=options.paper or PAPERS[0])
            print(f"The {what} of {counted(len(exercises), 'exercise')} is in {write_to(target, made)}")
            continue
        for exercise, name, file in zip(exercises, names, files, strict=True):
            made = viz.sheet(exercise, key=option == "key", names=[name], paper=options.paper or PAPERS[0])
            print(f"The {what} of {exercise.title} is in {write_to(_of_each(target, file), made)}")


def _of_each(target: Path | OwnName, file: str) -> Path | OwnName:
    """Return the file for one of several exercises: `file` is that of the exercise."""
    if isinstance(target, Path):
        return target.with_stem(f"{target.stem}-{file}")
    return dataclasses.replace(target, name=str(_of_each(Path(target.name), file)))


def _names_in(path: Path) -> list[str]:
    names = [line.strip() for line in text_in(read_file(path)).splitlines() if line.strip()]
    if not names:
        raise ValueError(f"{path} has no names.")
    return names


def _file_names(path: Path, names: list[str]) -> list[str]:
    """Return the names of files for names of people. Raises ValueError if two are the same."""
    files = ["".join(map(_in_file, name)).strip(" .") or "_" for name in names]
    for place, file in enumerate(files):
        if file.lower() in (other.lower() for other in files[:place]):
            raise ValueError(f"{path}: two lines give the file {file}.json; write each name once.")
    return files


def _in_file(sign: str) -> str:
    """Return a sign of a name for the name of a file; an accent or a vowel sign stays."""
    return sign if sign.isalnum() or sign in "_ .-" or unicodedata.category(sign).startswith("M") else "_"
