"""Loading what a command works on: a ready exercise, the object `FILE.py:NAME` in a user's file, or a JSON file.

A Python file runs as with `python FILE.py`, with its folder first on sys.path, but `__name__` is not "__main__".
"""

import argparse
import contextlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import nn
from autograd.contexts.naming import label_all
from autograd.passes.subject import SUBJECTS, Root, either, is_module, is_subject, unexpected
from autograd.table.scalars import near
from autograd.table.visible import with_notes
from nn import READY, Exercise, Solution

_MODULE = "__loaded__"
"""The module name of the file while it runs; it hides no other module."""

_FUNCTION = "a function without arguments that returns one"
_EXERCISES = ("an Exercise", "a Solution")
PLACE = "FILE.py:NAME"
"""How a user names an object in a file of Python."""
_HELP = (
    f"a ready exercise ({', '.join(READY)}); or {PLACE}, where NAME is {{}}; or FILE.json, an exercise that nn.save "
    "wrote, or that you wrote by hand"
)
SUBJECT_HELP = _HELP.format(either([*SUBJECTS, _FUNCTION]))
"""The help of a command's argument for any subject."""
EXERCISE_HELP = _HELP.format(either([*_EXERCISES, _FUNCTION]))
"""The help of a command's argument for an exercise."""


class LoadError(ValueError):
    """Nothing could be loaded by this name; the message says why."""


def load_subject(text: str) -> Root:
    r"""Return the Value, exercise or solution that a text names.

    "mazur" is a ready exercise, one of `nn.READY`. "lecture.py:loss" is the name `loss` in a Python file; if it is a
    function, it is called. Its local variables are names of Values without a label, then those of the file, and NAME is
    that of the root. "mine.json" is the file of an exercise, as `nn.load` reads it; so is any other existing file
    without ".py" and without a name. The last colon separates the file from the name, so `C:\lecture.py:loss` works.
    What the file prints goes to standard error.

    Raises LoadError if there is no such file or name, if the file or the function raises or exits, or if the object is
    of the wrong type; FormatError if a JSON file is damaged or of another kind, OSError if it cannot be read.

    >>> load_subject("lecture.py")
    Traceback (most recent call last):
        ...
    viz.commands.subjects.LoadError: expected FILE.py:NAME or FILE.json, got 'lecture.py'; try 'lecture.py:loss'.
    """
    return _loaded(text, SUBJECTS, "loss")


def load_exercise(text: str) -> Exercise:
    """Return the exercise that a text names; for a solution, its exercise. See `load_subject`."""
    found = _loaded(text, _EXERCISES, "exercise")
    exercise = exercise_of(found)
    if exercise is None:
        raise LoadError(f"{text}: {unexpected(found, _EXERCISES)} gradstep step {text} steps through its pass.")
    return exercise


def exercise_of(root: Root) -> Exercise | None:
    """Return an exercise, or that of a solution; None for a Value."""
    if isinstance(root, Solution):
        return root.exercise
    return root if isinstance(root, Exercise) else None


def names_subject(text: str) -> bool:
    """Say whether a text is a ready exercise, or looks like the name of a file, or like FILE:NAME."""
    return text in READY or ":" in text or text.lower().endswith((".json", ".py"))


def file_in(text: str | None) -> Path | None:
    """Return the path of the file in a text such as FILE.py:NAME, None if there is no such file."""
    parts = [] if text is None else [text, text.rpartition(":")[0]]
    return next((path for path in map(Path, parts) if path.is_file()), None)


def _loaded(text: str, kinds: Sequence[str], example: str) -> Root:
    """Return what a text names; `kinds` says what the command takes, `example` is a name for the hint in an error."""
    if text in READY:
        return READY[text]()
    if text.lower().endswith(".json"):
        return _exercise_in(text)
    file, _, name = text.rpartition(":")
    if not file or not name.isidentifier():
        if not text.endswith(".py") and Path(text).is_file():
            return _exercise_in(text)
        if not set(text) & set(":./\\"):
            raise LoadError(f"there is no exercise {text!r}; try {near(text, READY)}. A file's name has a suffix.")
        known = text.strip(":")
        hint = f"{known if known.endswith('.py') else 'FILE.py'}:{example}"
        raise LoadError(f"expected {PLACE} or FILE.json, got {text!r}; try '{hint}'.")
    if file.lower().endswith(".json"):
        raise LoadError(f"expected {PLACE} or FILE.json, got {text!r}; try '{file}'.")
    return _named(Path(file), file, name, kinds)


def _exercise_in(file: str) -> Exercise:
    found = nn.load(file)  # imported here: not needed to solve an exercise that is in no file
    if not isinstance(found, Exercise):
        raise LoadError(f"{file}: {unexpected(found, _EXERCISES[:1])}")
    return found


def _named(path: Path, file: str, name: str, kinds: Sequence[str]) -> Root:
    """Return the object with this name in a Python file."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise LoadError(f"the file {file} cannot be read: {error.strerror or error}.") from error
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    what, expected = f"{name} in {file}", [*kinds, _FUNCTION]
    with _running(path, module):
        exec(compile(source, str(path), "exec"), vars(module))  # the user's own file; the user asked to run it
        found = _found(vars(module), file, name)
        if callable(found) and not isinstance(found, type) and not is_module(found):
            _refuse_parameters(found, file, name)
            found = _called(found)
            what, expected = f"{name}() in {file}", [*kinds]
    if is_subject(found):
        label_all(vars(module))
        label_all({name: found})
        return found
    raise LoadError(f"{what}: {unexpected(found, expected)}")


def _called(function: Callable[[], Any]) -> Any:
    """Call a function; its Values without a label get the names of its local variables."""
    code, before = getattr(inspect.unwrap(function), "__code__", None), sys.getprofile()

    def at_event(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is code:
            label_all(frame.f_locals)

    sys.setprofile(at_event)
    try:
        return function()
    finally:
        sys.setprofile(before)


@contextlib.contextmanager
def _running(path: Path, module: ModuleType) -> Iterator[None]:
    """Let a file import its neighbours while it runs; turn its errors into a LoadError that names the line."""
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
        message = error.msg if isinstance(error, SyntaxError) else with_notes(error)
        raise LoadError(f"{_error_place(error, path)} raised {type(error).__name__}: {message}") from error
    finally:
        del sys.modules[_MODULE]
        if folder in sys.path:
            sys.path.remove(folder)


def _error_place(error: BaseException, path: Path) -> str:
    """Return "line 3 of FILE", the innermost line of the file that led to an error; only "FILE" if there is none."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    if isinstance(error, SyntaxError) and error.filename == str(path):
        lines.append(error.lineno)
    return f"line {lines[-1]} of {path}" if lines else str(path)


def _found(names: dict[str, Any], file: str, name: str) -> Any:
    if name in names:
        return names[name]
    own = [other for other, found in names.items() if is_subject(found)]
    own += [other for other, found in names.items() if inspect.isfunction(found) and found.__module__ == _MODULE]
    hint = f"; try {near(name, own)}" if own else ", nor any Value, Exercise, Solution or function"
    raise LoadError(f"{file} has no name {name!r}{hint}.")


def _refuse_parameters(function: Any, file: str, name: str) -> None:
    """Raise LoadError if the function cannot be called without arguments."""
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise LoadError(
            f"the function {name} of {file} cannot be called without arguments: {error}. "
            f"Write a function without arguments, such as `def loss(): return {name}(...)`."
        ) from error
    except ValueError:  # some built-in functions have no signature
        return


def add_subject(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the arguments that say what a command works on: an object in a file, or the worked exercise."""
    what = parser.add_mutually_exclusive_group(required=required)
    what.add_argument("subject", nargs="?", metavar="FILE", help=SUBJECT_HELP)
    what.add_argument("--exercise", action="store_true", help="the lecture's worked ReLU exercise, with its update")


def chosen_subject(options: argparse.Namespace) -> Root:
    """Return what the arguments of `add_subject` name."""
    return READY["relu"]() if options.exercise else load_subject(options.subject)
