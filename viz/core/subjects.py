"""What a command is about: what `FILE.py:NAME` names in a user's file, or an exercise in a file of JSON.

A Python file is run as `python FILE.py` runs it, with its folder first on sys.path, but `__name__` is not "__main__".
"""

import argparse
import contextlib
import inspect
import sys
import traceback
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

import nn
from autograd.passes.subject import SUBJECTS, Root, either, is_module, is_subject, unexpected
from nn import Exercise, Solution, relu_exercise

_MODULE = "__loaded__"
"""What the file is called while it runs: a name that hides no module."""

_FUNCTION = "a function without arguments that returns one"
_EXERCISES = ("an Exercise", "a Solution")
_HELP = "FILE.py:NAME, where NAME is {}; or FILE.json, an exercise's file, which nn.save wrote, or you by hand"
SUBJECT_HELP = _HELP.format(either([*SUBJECTS, _FUNCTION]))
"""What every command says of its subject."""
EXERCISE_HELP = _HELP.format(either([*_EXERCISES, _FUNCTION]))
"""What a command says that takes exercises only."""


class LoadError(ValueError):
    """What a text names could not be loaded; the message says why."""


def load_subject(text: str) -> Root:
    r"""Return what a text names: a Value, an exercise or a solution.

    "lecture.py:loss" is a name in a file of Python; a function of that name is called. "mine.json" is an exercise's
    file, as `nn.load` reads it, and so is a file without ".py" and without a name. The last colon separates the file
    from the name, so `C:\lecture.py:loss` is understood. What the file prints goes to standard error. Raises LoadError
    where there is no such file or name, where the file or the function raises or exits, and where what was found cannot
    be looked at; FormatError for a file of JSON that is damaged or of another kind, OSError where it cannot be read.

    >>> load_subject("lecture.py")
    Traceback (most recent call last):
        ...
    viz.core.subjects.LoadError: expected FILE.py:NAME or FILE.json, got 'lecture.py'; try 'lecture.py:loss'.
    """
    return _loaded(text, SUBJECTS, "loss")


def load_exercise(text: str) -> Exercise:
    """Return the exercise that a text names, or that the solution which it names belongs to; see `load_subject`."""
    found = _loaded(text, _EXERCISES, "exercise")
    if isinstance(found, Solution):
        return found.exercise
    if isinstance(found, Exercise):
        return found
    raise LoadError(f"{text}: {unexpected(found, _EXERCISES)} gradstep step {text} steps through its pass.")


def is_file(text: str) -> bool:
    """Say whether a text is meant as the name of a file, or as a name in a file."""
    return ":" in text or text.lower().endswith((".json", ".py"))


def _loaded(text: str, kinds: Sequence[str], example: str) -> Root:
    """Return what a text names; `kinds` are what a command takes, `example` the name of one in a file."""
    if text.lower().endswith(".json"):
        return _exercise_in(text)
    file, _, name = text.rpartition(":")
    if not file or not name.isidentifier():
        if not text.endswith(".py") and Path(text).is_file():
            return _exercise_in(text)
        known = text.strip(":")
        hint = f"{known if known.endswith('.py') else 'FILE.py'}:{example}"
        raise LoadError(f"expected FILE.py:NAME or FILE.json, got {text!r}; try '{hint}'.")
    if file.lower().endswith(".json"):
        raise LoadError(f"expected FILE.py:NAME or FILE.json, got {text!r}; try '{file}'.")
    return _named(Path(file), file, name, kinds)


def _exercise_in(file: str) -> Exercise:
    found = nn.load(file)  # imported now: an exercise that is in no file is solved without
    if not isinstance(found, Exercise):
        raise LoadError(f"{file}: {unexpected(found, _EXERCISES[:1])}")
    return found


def _named(path: Path, file: str, name: str, kinds: Sequence[str]) -> Root:
    """Return what a name stands for in a file of Python."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise LoadError(f"the file {file} cannot be read: {error.strerror or error}.") from error
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    what, expected = f"{name} in {file}", [*kinds, _FUNCTION]
    with _running(path, module):
        exec(compile(source, str(path), "exec"), vars(module))  # the user's own file, which the user asked to run
        found = _found(vars(module), file, name)
        if callable(found) and not isinstance(found, type) and not is_module(found):
            _refuse_parameters(found, file, name)
            found = found()
            what, expected = f"{name}() in {file}", [*kinds]
    if is_subject(found):
        return found
    raise LoadError(f"{what}: {unexpected(found, expected)}")


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
    own = [other for other, found in names.items() if is_subject(found)]
    own += [other for other, found in names.items() if inspect.isfunction(found) and found.__module__ == _MODULE]
    near = get_close_matches(name, own) or own
    hint = f"; try {', '.join(near)}" if near else ", nor any Value, Exercise, Solution or function"
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


def add_subject(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the arguments that say what a command is about: what a file holds, or the worked exercise."""
    what = parser.add_mutually_exclusive_group(required=required)
    what.add_argument("subject", nargs="?", metavar="FILE", help=SUBJECT_HELP)
    what.add_argument("--exercise", action="store_true", help="the lecture's worked ReLU exercise, with its update")


def chosen_subject(options: argparse.Namespace) -> Root:
    """Return what the arguments of `add_subject` name."""
    return relu_exercise() if options.exercise else load_subject(options.subject)
