"""What a pass is followed of: a Value, or an exercise with the gradient descent that belongs to it.

Reads files through `loading`, and exercises. One place for every command and function that takes either.
"""

import argparse

from autograd import Value
from autograd.stepping import OptimizerLike
from nn import SGD, Exercise, Solution, relu_exercise
from viz.loading import load_loss

OWN_OPTIMIZER = "an exercise is solved by gradient descent with its own eta; give no optimizer with it."


def loss_and_optimizer(
    subject: Value | Exercise | Solution, optimizer: OptimizerLike | None = None
) -> tuple[Value, OptimizerLike | None]:
    """Return the loss whose pass is followed, and the optimizer whose updates are its last steps.

    Those of an exercise are its own; an exercise is solved, of a solution the iteration is taken. Raises TypeError for
    another subject, ValueError for an optimizer with an exercise.

    >>> loss, optimizer = loss_and_optimizer(relu_exercise())
    >>> loss.data, optimizer.lr
    (50.0, 0.1)
    """
    if isinstance(subject, Value):
        return subject, optimizer
    solution = subject.solve() if isinstance(subject, Exercise) else subject
    if not isinstance(solution, Solution):
        came = f"a {type(subject).__name__} came: {subject!r}"
        raise TypeError(f"a pass is followed of a Value, an Exercise or a Solution, but {came}.")
    if optimizer is not None:
        raise ValueError(OWN_OPTIMIZER)
    parameters = [solution.values[name] for name in solution.before]
    return solution.graph, SGD(parameters, lr=solution.exercise.eta)


def add_subject(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what a command is about: a loss in a file, or the worked exercise."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "loss", nargs="?", metavar="FILE.py:NAME", help="a Value, or a function without arguments that returns one"
    )
    what.add_argument("--exercise", action="store_true", help="the lecture's worked ReLU exercise, with its update")


def subject_of(options: argparse.Namespace) -> Value | Exercise:
    """Return what the arguments of `add_subject` name."""
    return relu_exercise() if options.exercise else load_loss(options.loss)
