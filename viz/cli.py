"""The command `gradstep`: `gradstep exercise` solves a worked exercise and draws its graph; other commands join it.

Reads the ready exercises and hands them to the terminal, to JSON, to pictures and to derivations.
"""

import argparse
import dataclasses
import importlib.metadata
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import autograd
from nn import Exercise, Solution, relu_exercise, second_exercise, sigmoid_exercise
from viz.activation_command import add_activation
from viz.arguments import file_name, learning_rate
from viz.derivations import derivation
from viz.files import with_suffix, write_file
from viz.lab_command import add_lab
from viz.layout import FORMATS, LayoutError
from viz.pictures import save
from viz.report import solutions_json
from viz.step_command import add_step_command
from viz.terminal import make_console, print_exercise

_MOST_ITERATIONS = 10_000
_DERIVATIONS = {
    "latex": ("exercise.tex", "a LaTeX file"),
    "beamer": ("exercise-slides.tex", "LaTeX slides, line after line"),
    "markdown": ("exercise.md", "Markdown with formulas"),
    "text": ("exercise.txt", "plain text"),
}
"""The forms of a derivation, each with its file where none is named, and what it is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (those of the process where none are given); return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        exit_code: int = options.run(options)
        return exit_code
    except BrokenPipeError:  # the reader of a pipe, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (LayoutError, ValueError, OSError) as error:
        print(f"gradstep: {error}", file=sys.stderr)
        return 1


def _version() -> str:
    engine = "compiled" if autograd.compiled else "interpreted"
    return f"gradstep {importlib.metadata.version('gradstep')} ({engine} engine)"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gradstep", description="See and check backpropagation.")
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    exercise = commands.add_parser(
        "exercise",
        help="solve a worked exercise line by line, and draw its graph",
        description="Solve the lecture's worked ReLU exercise line by line, and draw its computation graph.",
    )
    chosen = exercise.add_mutually_exclusive_group()
    chosen.add_argument("--second", action="store_true", help="a second exercise: 2-2-1 with biases")
    chosen.add_argument("--sigmoid", action="store_true", help="the 4-5-1 network: sigmoid units, cross-entropy")
    exercise.add_argument(
        "--eta", type=learning_rate, metavar="RATE", help="the learning rate, instead of the exercise's"
    )
    exercise.add_argument("--iterations", type=_count, default=1, metavar="N", help="how many iterations (default: 1)")
    exercise.add_argument("--json", action="store_true", help="print JSON and nothing else")
    for suffix in FORMATS:
        note = " (default: exercise.svg)" if suffix == "svg" else f" (FILE: exercise.{suffix} where not given)"
        exercise.add_argument(
            f"--{suffix}", type=file_name, nargs="?", const=Path(f"exercise.{suffix}"), metavar="FILE",
            help=f"write the graph as {suffix.upper()}{note}",
        )  # fmt: skip
    for form, (name, what) in _DERIVATIONS.items():
        exercise.add_argument(
            f"--{form}", type=file_name, nargs="?", const=Path(name), metavar="FILE",
            help=f"write every line as {what} (FILE: {name} where not given)",
        )  # fmt: skip
    exercise.add_argument("--legend", action="store_true", help="explain the shapes in the picture")
    exercise.add_argument("--layout", metavar="COMMAND", help="lay out with this command, such as dot")
    exercise.set_defaults(run=_exercise)
    add_step_command(commands)
    add_lab(commands)
    add_activation(commands)
    return parser


def _count(text: str) -> int:
    count = int(text) if text.isdecimal() else 0
    if not 1 <= count <= _MOST_ITERATIONS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {_MOST_ITERATIONS} is needed, but {text!r} came")
    return count


def _exercise(options: argparse.Namespace) -> int:
    exercise = _chosen(options)
    solutions = exercise.iterate(options.iterations)
    if options.json:
        print(solutions_json(solutions))
        _write_files(options, solutions, Console(stderr=True))
        return 0
    console = make_console()
    print_exercise(console, exercise, solutions)
    console.print()
    if not any(getattr(options, form) for form in (*FORMATS, *_DERIVATIONS)):
        options.svg = Path("exercise.svg")
    _write_files(options, solutions, console)
    sys.stdout.flush()
    return 0


def _chosen(options: argparse.Namespace) -> Exercise:
    if options.second:
        exercise = second_exercise()
    elif options.sigmoid:
        exercise = sigmoid_exercise()
    else:
        exercise = relu_exercise()
    return exercise if options.eta is None else dataclasses.replace(exercise, eta=options.eta)


def _write_files(options: argparse.Namespace, solutions: Sequence[Solution], console: Console) -> None:
    of_which = f" of iteration {len(solutions)}" if len(solutions) > 1 else ""
    for suffix in FORMATS:
        path = getattr(options, suffix)
        if path is not None:
            path = with_suffix(path, suffix)
            save(solutions[-1].graph, path, options.legend, options.layout)
            console.print(f"The computation graph{of_which} is in {path}", soft_wrap=True, markup=False)
    of_all = f" of {len(solutions)} iterations" if len(solutions) > 1 else ""
    for form, (name, _) in _DERIVATIONS.items():
        path = getattr(options, form)
        if path is not None:
            if not path.suffix and not path.exists():
                path = path.with_name(path.name + Path(name).suffix)
            write_file(path, derivation(solutions, form).encode())
            console.print(f"The derivation{of_all} is in {path}", soft_wrap=True, markup=False)
