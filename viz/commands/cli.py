"""The command `gradstep` and the list of its subcommands. A subcommand's module is imported when it is used."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import autograd
import viz
from autograd.table.visible import escape_unwritable, visible_text, with_notes
from viz.commands.arguments import INTERRUPTED

COMMANDS = {
    "exercise": ("exercise:add_exercise", "solve a worked exercise line by line, and draw its graph"),
    "check": ("check:add_check", "check a student's numbers line by line, and name the slips"),
    "practice": ("exercise:add_practice", "write new exercises with numbers for a pencil"),
    "draw": ("graphs:add_draw", "draw the computation graph of your own loss"),
    "step": ("passes:add_step", "step through a forward and backward pass, forwards and back"),
    "tree": ("graphs:add_tree", "show a graph as a tree, from the loss to its leaves"),
    "table": ("graphs:add_table", "show the nodes of a graph as a table, in the order of the forward pass"),
    "lab": ("passes:add_lab", "see what the classic mistakes of backpropagation do"),
    "activation": ("activation:add_activation", "plot an activation, its derivative and its kinks"),
    "train": ("train:add_train", "train a network on points or on a CSV file, and watch"),
}
"""Each command, with the module and function that add its arguments to a parser, and a summary."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code. Without arguments, take those of the process."""
    escape_unwritable(sys.stdout)
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    try:
        exit_code: int = options.run(options)
        return exit_code
    except BrokenPipeError:  # the reader of a pipe, such as head, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("gradstep: interrupted.", file=sys.stderr)
        return INTERRUPTED
    except (viz.LayoutError, ValueError, OSError) as error:
        print(f"gradstep: {visible_text(_said(error))}", file=sys.stderr)
        return 1


class _Parser(argparse.ArgumentParser):
    """A parser that shows control characters of a wrong argument as escapes."""

    def error(self, message: str) -> NoReturn:
        """End the command with this message."""
        super().error(visible_text(message))


class _Version(argparse.Action):
    """The option that prints the version and the engine, and ends the command."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - takes 25 ms; for this option only

        engine = "compiled" if autograd.compiled else "interpreted"
        print(f"gradstep {version('gradstep')} ({engine} engine)")
        parser.exit()


def _said(error: Exception) -> str:
    """Return the text of an error; for an error of the system: file, then reason, without its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'standard output'}: {error.strerror}."
    return with_notes(error)


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser of all commands; only commands that are named get their arguments."""
    parser = _Parser(prog="gradstep", description="See and check backpropagation.")
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="print the version and the engine (compiled or interpreted)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (function, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        if name in given:
            module, _, add = function.partition(":")
            getattr(import_module(f"viz.commands.{module}"), add)(command)
    return parser
