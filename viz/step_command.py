"""`gradstep step` and `debug`: the debugger for the chain rule on a user's loss, or on the worked exercise.

Reads `subjects` for what a file holds.
"""

import argparse
from pathlib import Path
from typing import Any

from autograd import Value
from autograd.stepping import OptimizerLike
from viz.arguments import file_path, page_path
from viz.debugger import Debugger
from viz.frame_files import save_frames
from viz.pages import player
from viz.stepper import Stepper
from viz.subjects import add_subject, loss_and_optimizer, subject_of


def add_step_command(commands: Any) -> None:
    """Add `gradstep step` to the commands of a parser."""
    step = commands.add_parser(
        "step",
        help="step through a forward and backward pass, forwards and back",
        description="Step through a forward and backward pass, in the manner of a debugger. Type h for the commands.",
    )
    add_subject(step)
    step.add_argument(
        "--frames", type=file_path, metavar="FOLDER", help="write one picture a step into a folder, and open no prompt"
    )
    step.add_argument(
        "--html", type=page_path, nargs="?", const=Path("pass.html"), metavar="FILE",
        help="write a page that plays the pass, and open no prompt (FILE: pass.html where not given)",
    )  # fmt: skip
    step.set_defaults(run=run_step)


def run_step(options: argparse.Namespace) -> int:
    """Run the debugger as the options say; return the exit code."""
    subject = subject_of(options)
    if options.frames:
        print(f"The {len(save_frames(subject, options.frames))} pictures are in {options.frames}")
    if options.html:
        player(subject, options.html)
        print(f"The page that plays the pass is {options.html}")
    if not options.frames and not options.html:
        debug(*loss_and_optimizer(subject))
    return 0


def debug(loss: Value, optimizer: OptimizerLike | None = None) -> None:
    """Open the debugger on a Value: in a program, a REPL or a notebook. Type h for the commands, q to leave.

    With an `optimizer` its updates are the last steps. Raises as `Stepper` does.
    """
    Debugger(Stepper(loss, optimizer)).run()
