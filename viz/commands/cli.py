"""The command `gradstep`: each of its commands is a module that adds itself here."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import autograd
from viz.commands.activation import add_activation
from viz.commands.exercise import add_exercise
from viz.commands.graphs import add_draw_command, add_show_commands
from viz.commands.passes import add_lab, add_step_command
from viz.commands.train import INTERRUPTED, add_train
from viz.core.layout import LayoutError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (those of the process where none are given); return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        exit_code: int = options.run(options)
        return exit_code
    except BrokenPipeError:  # the reader of a pipe, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("gradstep: interrupted.", file=sys.stderr)
        return INTERRUPTED
    except (LayoutError, ValueError, OSError) as error:
        print(f"gradstep: {_said(error)}", file=sys.stderr)
        return 1


class _Version(argparse.Action):
    """The option that prints the version and which engine runs, and ends the command."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - adds 15 ms to every command, for this option only

        engine = "compiled" if autograd.compiled else "interpreted"
        print(f"gradstep {version('gradstep')} ({engine} engine)")
        parser.exit()


def _said(error: Exception) -> str:
    """Return the text of an error; one of the system's own says the file first, and no number."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}."
    return str(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gradstep", description="See and check backpropagation.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version, and which engine runs")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    adders = (
        *(add_exercise, add_draw_command, add_step_command, add_show_commands, add_lab, add_activation),
        add_train,
    )
    for add in adders:
        add(commands)
    return parser
