"""`gradstep exercise`: a worked exercise solved line by line, its graph drawn, and whatever else is made of it."""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from nn import Exercise, Solution, load, relu_exercise, second_exercise, sigmoid_exercise
from nn.exchange.files import with_usual_suffix, write_file
from viz.commands.graphs import add_texts, add_view, asks_for_graph, write_graph
from viz.core.arguments import file_path, number_from_zero, page_path, whole_number
from viz.core.layout import FORMATS
from viz.core.report import solutions_json
from viz.core.saving import OwnName, write_to
from viz.networks.network import network
from viz.page.player import player
from viz.stepping.frame_files import save_frames
from viz.terminal.exercises import make_console, print_exercise
from viz.texts.derivations import derivation

_MOST_ITERATIONS = 10_000
_NETWORK = "exercise-network.svg"
_PAGE = "exercise.html"
_DERIVATIONS = {
    "latex": ("exercise-solution.tex", "a LaTeX file"),  # pdflatex makes a PDF of this name: not that of --pdf
    "beamer": ("exercise-slides.tex", "LaTeX slides, line after line"),
    "markdown": ("exercise.md", "Markdown with formulas"),
    "text": ("exercise.txt", "plain text"),
}
"""The forms of a derivation, each with its file where none is named, and what it is."""


def add_exercise(commands: Any) -> None:
    """Add `gradstep exercise` to the commands of a parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "exercise",
        help="solve a worked exercise line by line, and draw its graph",
        description="Solve an exercise line by line, the lecture's worked ReLU exercise where no other is named, and "
        "draw its computation graph.",
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        "file",
        nargs="?",
        metavar="FILE.json",
        help="an exercise of your own, which nn.save wrote, or you by hand",
    )
    chosen.add_argument("--second", action="store_true", help="a second exercise: 2-2-1 with biases")
    chosen.add_argument("--sigmoid", action="store_true", help="the 4-5-1 network: sigmoid units, cross-entropy")
    parser.add_argument(
        "--eta", type=number_from_zero, metavar="RATE", help="the learning rate, instead of the exercise's"
    )
    parser.add_argument(
        "--iterations", type=whole_number(1, _MOST_ITERATIONS), default=1, metavar="N",
        help="how many iterations (default: 1)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    _add_files(parser)
    parser.set_defaults(run=_exercise)


def _add_files(parser: argparse.ArgumentParser) -> None:
    """Add the options that name files to write."""
    for suffix in FORMATS:
        note = " (default: exercise.svg)" if suffix == "svg" else f" (FILE: exercise.{suffix} where not given)"
        parser.add_argument(
            f"--{suffix}", type=file_path, nargs="?", const=_own(f"exercise.{suffix}", suffix), metavar="FILE",
            help=f"write the graph as {suffix.upper()}{note}",
        )  # fmt: skip
    add_texts(parser)
    add_view(parser)
    parser.add_argument("--legend", action="store_true", help="explain the shapes in the picture")
    parser.add_argument(
        "--network", type=file_path, nargs="?", const=_own(_NETWORK, "network"), metavar="FILE",
        help="write the network, units and weights with their numbers, as .svg, .png, .pdf, .mmd (Mermaid), .tex or "
        f".dot (FILE: {_NETWORK} where not given)",
    )  # fmt: skip
    parser.add_argument(
        "--html", type=page_path, nargs="?", const=_own(_PAGE, "html"), metavar="FILE",
        help=f"write a page that plays the solution step by step (FILE: {_PAGE} where not given)",
    )  # fmt: skip
    parser.add_argument(
        "--frames", type=file_path, metavar="FOLDER", help="write one picture a step into a folder, all of one layout"
    )
    for form, (name, what) in _DERIVATIONS.items():
        parser.add_argument(
            f"--{form}", type=file_path, nargs="?", const=_own(name, form), metavar="FILE",
            help=f"write every line as {what} (FILE: {name} where not given)",
        )  # fmt: skip
    parser.add_argument("--layout", metavar="COMMAND", help="lay out with this command, such as dot")


def _own(name: str, option: str) -> OwnName:
    return OwnName(name, f"exercise --{option}")


def _exercise(options: argparse.Namespace) -> int:
    exercise = _exercise_of(options)
    solutions = exercise.iterate(options.iterations)
    if options.json:
        print(solutions_json(solutions))
        _write_files(options, solutions, Console(stderr=True))
        return 0
    console = make_console()
    print_exercise(console, exercise, solutions)
    console.print()
    if not asks_for_graph(options) and not any(
        getattr(options, what) for what in (*_DERIVATIONS, "network", "html", "frames")
    ):
        options.svg = _own("exercise.svg", "svg")
    _write_files(options, solutions, console)
    sys.stdout.flush()
    return 0


def _exercise_of(options: argparse.Namespace) -> Exercise:
    if options.file:
        exercise = _of_file(options.file)
    elif options.second:
        exercise = second_exercise()
    elif options.sigmoid:
        exercise = sigmoid_exercise()
    else:
        exercise = relu_exercise()
    return exercise if options.eta is None else dataclasses.replace(exercise, eta=options.eta)


def _of_file(file: str) -> Exercise:
    found = load(file)
    if not isinstance(found, Exercise):
        raise ValueError(f"{file} holds {found!r}, but an exercise is needed; nn.save(exercise, path) writes one.")
    return found


def _write_files(options: argparse.Namespace, solutions: Sequence[Solution], console: Console) -> None:
    """Write every file that the options name, and say where it is; pictures are of the last iteration."""
    last = solutions[-1]
    of_which = f" of iteration {len(solutions)}" if len(solutions) > 1 else ""

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    write_graph(options, last.graph, lambda path: say(f"The computation graph{of_which} is in {path}"))
    if options.network is not None:
        say(f"The network{of_which} is in {write_to(options.network, network(last, layout=options.layout))}")
    if options.html is not None:
        say(f"The page that plays it{of_which} is {write_to(options.html, player(last, layout=options.layout))}")
    if options.frames is not None:
        count = len(save_frames(last, options.frames, layout=options.layout))
        say(f"The {count} pictures{of_which} are in {options.frames}")
    of_all = f" of {len(solutions)} iterations" if len(solutions) > 1 else ""
    for form, (name, _) in _DERIVATIONS.items():
        target: Path | OwnName | None = getattr(options, form)
        if target is not None:
            say(f"The derivation{of_all} is in {_write_text(target, derivation(solutions, form), name)}")


def _write_text(target: Path | OwnName, text: str, name: str) -> str:
    """Write a text to a file, which has the suffix of the usual name where it has none; return its path."""
    if isinstance(target, OwnName):
        return target.write(text.encode)
    path = with_usual_suffix(target, Path(name).suffix[1:])
    write_file(path, text.encode())
    return str(path)
