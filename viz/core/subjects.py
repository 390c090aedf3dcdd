"""What a picture, a page or a step is made of: a Value, an exercise, or what `FILE.py:NAME` names in a user's file.

A file is run as `python FILE.py` runs it, with its folder first on sys.path, but `__name__` is not "__main__".
"""

import argparse
import contextlib
import inspect
import sys
import traceback
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd import Value
from autograd.passes.steps import OptimizerLike
from nn import SGD, Exercise, Solution, relu_exercise

_MODULE = "__loaded__"
"""What the file is called while it runs: a name that hides no module."""


class LoadError(ValueError):
    """A loss could not be loaded; the message says why."""


def load_loss(text: str) -> Value:
    r"""Return the Value that a text such as "lecture.py:loss" names; a function of that name is called.

    The last colon separates the file from the name, so `C:\lecture.py:loss` is understood. What the file prints goes
    to standard error. Raises LoadError where there is no such file or name, where the file or the function raises or
    exits, and where what was found is no Value.

    >>> load_loss("lecture.py")
    Traceback (most recent call last):
        ...
    viz.core.subjects.LoadError: a loss is given as FILE.py:NAME, but 'lecture.py' came; try 'lecture.py:loss'.
    """
    file, _, name = text.rpartition(":")
    if not file or not name.isidentifier():
        known = text.strip(":")
        hint = f"{known if known.endswith('.py') else 'FILE.py'}:loss"
        raise LoadError(f"a loss is given as FILE.py:NAME, but {text!r} came; try '{hint}'.")
    path = Path(file)
    try:
        source = path.read_bytes()
    except OSError as error:
        raise LoadError(f"the file {file} cannot be read: {error.strerror or error}.") from error
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    with _running(path, module):
        exec(compile(source, str(path), "exec"), vars(module))  # the user's own file, which the user asked to run
        found = _found(vars(module), file, name)
        if callable(found):
            _refuse_parameters(found, file, name)
            found = found()
            what = f"the function {name} of {file} returned"
        else:
            what = f"{name} in {file} is"
    if isinstance(found, Value):
        return found
    forgotten = " Was a return statement forgotten?" if found is None else ""
    raise LoadError(
        f"{what} {_came(found)}, but a loss is a Value, or a function without arguments that returns one.{forgotten}"
    )


@contextlib.contextmanager
def _running(path: Path, module: ModuleType) -> Iterator[None]:
    """Let a file find its neighbours while it runs, and say in a sentence what it raised, and on which line."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    sys.modules[_MODULE] = module  # where dataclasses look for the names in annotations
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except LoadError:
        raise
    except SystemExit as error:
        raise LoadError(f"{_error_place(error, path)} ended the program: {error!r}.") from error
    except Exception as error:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        raise LoadError(f"{_error_place(error, path)} raised {type(error).__name__}: {message}") from error
    finally:
        del sys.modules[_MODULE]
        if folder in sys.path:
            sys.path.remove(folder)


def _error_place(error: BaseException, path: Path) -> str:
    """Return "line 3 of FILE", the innermost line of the file that led to an error, or the file where there is none."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    if isinstance(error, SyntaxError) and error.filename == str(path):
        lines.append(error.lineno)
    return f"line {lines[-1]} of {path}" if lines else str(path)


def _found(names: dict[str, Any], file: str, name: str) -> Any:
    if name in names:
        return names[name]
    own = [other for other, found in names.items() if isinstance(found, Value) or inspect.isfunction(found)]
    near = get_close_matches(name, own) or own
    hint = f"; try {', '.join(near)}" if near else ", nor any Value or function"
    raise LoadError(f"{file} has no name {name!r}{hint}.")


def _refuse_parameters(function: Any, file: str, name: str) -> None:
    """Raise LoadError where a call without arguments would not do."""
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise LoadError(
            f"the function {name} of {file} cannot be called without arguments: {error}. "
            f"Give one that can, such as `def loss(): return {name}(...)`."
        ) from error
    except ValueError:  # some built-in functions have no signature
        return


def _came(found: Any) -> str:
    return "None" if found is None else f"a {type(found).__name__}: {found!r:.60}"


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
