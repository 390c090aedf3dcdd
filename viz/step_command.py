"""`gradstep step` and `debug`: the debugger for the chain rule on a user's loss, or on the worked exercise.

Reads `loading` for what a file holds.
"""

import argparse
from typing import Any

from autograd import Value
from autograd.stepping import OptimizerLike
from nn import relu_exercise
from nn.optim import SGD
from viz.debugger import Debugger
from viz.loading import load_loss
from viz.stepper import Stepper


def add_step_command(commands: Any) -> None:
    """Add `gradstep step` to the commands of a parser."""
    step = commands.add_parser(
        "step",
        help="step through a forward and backward pass, forwards and back",
        description="Step through a forward and backward pass, in the manner of a debugger. Type h for the commands.",
    )
    what = step.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "loss", nargs="?", metavar="FILE.py:NAME", help="a Value, or a function without arguments that returns one"
    )
    what.add_argument("--exercise", action="store_true", help="the lecture's worked ReLU exercise, with its update")
    step.set_defaults(run=run_step)


def run_step(options: argparse.Namespace) -> int:
    """Run the debugger as the options say; return the exit code."""
    if options.exercise:
        exercise = relu_exercise()
        solution = exercise.solve()
        weights = [solution.values[name] for name in solution.before]
        debug(solution.graph, SGD(weights, lr=exercise.eta))
    else:
        debug(load_loss(options.loss))
    return 0


def debug(loss: Value, optimizer: OptimizerLike | None = None) -> None:
    """Open the debugger on a Value: in a program, a REPL or a notebook. Type h for the commands, q to leave.

    With an `optimizer` its updates are the last steps. Raises as `Stepper` does.
    """
    Debugger(Stepper(loss, optimizer)).run()
