"""`gradstep exercise`: solves an exercise line by line, draws its graph, and writes other files on request."""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

import viz
from nn import Exercise, Solution, relu_exercise, second_exercise, sigmoid_exercise
from nn.exchange.files import with_usual_suffix, write_file
from viz.commands.graphs import add_texts, add_view, asks_for_graph, write_graph
from viz.core.arguments import file_path, number_from_zero, page_path, whole_number
from viz.core.layout import FORMATS
from viz.core.report import solutions_json
from viz.core.saving import OwnName, write_to
from viz.core.subjects import EXERCISE_HELP, load_exercise
from viz.texts.derivations import FORMS

_MOST_ITERATIONS = 10_000
_NETWORK = "exercise-network.svg"
_PAGE = "exercise.html"


def add_exercise(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep exercise` to its parser."""
    parser.description = (
        "Solve an exercise line by line, and draw its computation graph. The default is the lecture's worked ReLU "
        "exercise."
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help=f"your own exercise: {EXERCISE_HELP}",
    )
    chosen.add_argument("--second", action="store_true", help="a second exercise: 2-2-1 with biases")
    chosen.add_argument("--sigmoid", action="store_true", help="the 4-5-1 network: sigmoid units, cross-entropy")
    parser.add_argument(
        "--eta", type=number_from_zero, metavar="RATE", help="use this learning rate instead of the exercise's"
    )
    parser.add_argument(
        "--iterations", type=whole_number(1, _MOST_ITERATIONS), default=1, metavar="N",
        help="the number of iterations (default: 1)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument(
        "--matrices", action="store_true", help="write the solution in matrix form, if the units form full layers"
    )
    _add_files(parser)
    parser.set_defaults(run=_exercise)


def _add_files(parser: argparse.ArgumentParser) -> None:
    """Add the options that name files to write."""
    for suffix in FORMATS:
        note = " (default: exercise.svg)" if suffix == "svg" else f" (default FILE: exercise.{suffix})"
        parser.add_argument(
            f"--{suffix}", type=file_path, nargs="?", const=_own(f"exercise.{suffix}", suffix), metavar="FILE",
            help=f"write the graph as {suffix.upper()}{note}",
        )  # fmt: skip
    add_texts(parser)
    add_view(parser)
    parser.add_argument("--legend", action="store_true", help="explain the shapes in the picture")
    parser.add_argument(
        "--network", type=file_path, nargs="?", const=_own(_NETWORK, "network"), metavar="FILE",
        help="write the network diagram with all numbers, as .svg, .png, .pdf, .mmd (Mermaid), .tex or .dot "
        f"(default FILE: {_NETWORK})",
    )  # fmt: skip
    parser.add_argument(
        "--html", type=page_path, nargs="?", const=_own(_PAGE, "html"), metavar="FILE",
        help=f"write a page that plays the solution step by step (default FILE: {_PAGE})",
    )  # fmt: skip
    parser.add_argument(
        "--frames",
        type=file_path,
        metavar="FOLDER",
        help="write one picture per step into a folder, all with the same layout",
    )
    for name, form in FORMS.items():
        file = f"exercise{form.ending}"
        parser.add_argument(
            f"--{name}", type=file_path, nargs="?", const=_own(file, name), metavar="FILE",
            help=f"write every line as {form.what} (default FILE: {file})",
        )  # fmt: skip
    parser.add_argument("--layout", metavar="COMMAND", help="the layout command to use, such as dot")


def _own(name: str, option: str) -> OwnName:
    return OwnName(name, f"exercise --{option}")


def _exercise(options: argparse.Namespace) -> int:
    exercise = _exercise_of(options)
    solutions = exercise.iterate(options.iterations)
    if options.json:
        print(solutions_json(solutions))
        _write_files(options, solutions)
        return 0
    _print(exercise, solutions, options.matrices)
    if not asks_for_graph(options) and not any(
        getattr(options, what) for what in (*FORMS, "network", "html", "frames")
    ):
        options.svg = _own("exercise.svg", "svg")
    _write_files(options, solutions)
    sys.stdout.flush()
    return 0


def _print(exercise: Exercise, solutions: Sequence[Solution], matrices: bool) -> None:
    if matrices:
        print(viz.derivation(solutions, "text", matrices=True))
        return
    from viz.terminal.exercises import make_console, print_exercise  # noqa: PLC0415 - rich takes 32 ms; not for JSON

    console = make_console()
    print_exercise(console, exercise, solutions)
    console.print()


def _exercise_of(options: argparse.Namespace) -> Exercise:
    if options.file:
        exercise = load_exercise(options.file)
    elif options.second:
        exercise = second_exercise()
    elif options.sigmoid:
        exercise = sigmoid_exercise()
    else:
        exercise = relu_exercise()
    return exercise if options.eta is None else dataclasses.replace(exercise, eta=options.eta)


def _write_files(options: argparse.Namespace, solutions: Sequence[Solution]) -> None:
    """Write all files that were asked for, and print their paths. Pictures show the last iteration."""
    last = solutions[-1]
    of_which = f" of iteration {len(solutions)}" if len(solutions) > 1 else ""

    def say(text: str) -> None:
        print(text, file=sys.stderr if options.json else sys.stdout)

    write_graph(options, last.graph, lambda path: say(f"The computation graph{of_which} is in {path}"))
    if options.network is not None:
        say(f"The network{of_which} is in {write_to(options.network, viz.network(last, layout=options.layout))}")
    if options.html is not None:
        say(f"The page that plays it{of_which} is {write_to(options.html, viz.player(last, layout=options.layout))}")
    if options.frames is not None:
        count = len(viz.save_frames(last, options.frames, layout=options.layout))
        say(f"The {count} pictures{of_which} are in {options.frames}")
    of_all = f" of {len(solutions)} iterations" if len(solutions) > 1 else ""
    for name, form in FORMS.items():
        target: Path | OwnName | None = getattr(options, name)
        if target is not None:
            written = _write_text(target, viz.derivation(solutions, name, matrices=options.matrices), form.ending)
            say(f"The derivation{of_all} is in {written}")


def _write_text(target: Path | OwnName, text: str, ending: str) -> str:
    """Write a text to a file and return its path. A path without a suffix gets the usual one."""
    if isinstance(target, OwnName):
        return target.write(text.encode)
    path = with_usual_suffix(target, ending.rpartition(".")[2])
    write_file(path, text.encode())
    return str(path)
