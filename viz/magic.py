"""The cell magic `%%gradstep`: draws, steps or checks the value of a cell's last line, with the commands' options.

It returns what `viz` returns, so a notebook shows and stores it as it stores any result, and nbconvert keeps it.
"""

import argparse
import ast
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any, NoReturn

import viz
from autograd import Value
from autograd.contexts.naming import labelled
from autograd.derivatives.checking import GradientCheckError, check_graph
from autograd.lab.marking import Marker
from autograd.lab.worksheet import Worksheet
from autograd.passes.known import READINGS
from autograd.passes.subject import SUBJECTS, Root, is_subject, root_of, unexpected
from autograd.table.visible import said, with_notes
from viz.commands.arguments import number_from_zero
from viz.commands.graphs import add_picture, picture_of
from viz.commands.passes import add_update, with_optimizer
from viz.commands.subjects import load_subject

_NAME = "%%gradstep"


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are errors of the cell."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}; {self.prog.removeprefix('%')} -h lists what is possible.")


def load_ipython_extension(shell: Any) -> None:
    """Give an IPython shell the cell magic `%%gradstep`, and `%gradstep -h`; `%load_ext viz` calls this."""
    from IPython.core.error import UsageError  # noqa: PLC0415 - an extra: only a notebook has it

    @contextmanager
    def explained() -> Iterator[None]:
        try:
            yield
        except (ValueError, TypeError, OSError, GradientCheckError, viz.LayoutError) as error:
            raise UsageError(f"{_NAME}: {said(with_notes(error))}") from error

    def gradstep(line: str, cell: str = "") -> Any:
        with explained():
            try:
                options = _parser().parse_args(shlex.split(line))
            except SystemExit:  # after --help
                return None
            try:
                others, last = _compiled(shell, cell)
            except SyntaxError:
                return shell.showsyntaxerror()
        exec(others, shell.user_ns)
        found = eval(last, shell.user_ns)
        with explained(), labelled(shell.user_ns), labelled({"loss": found} if isinstance(found, Value) else {}):
            return options.show(options, found, shell.user_ns)

    gradstep.__doc__ = _parser().format_help()
    shell.register_magic_function(gradstep, "line_cell", "gradstep")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_NAME, description="Draw, step or check the value of the cell's last line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def added(name: str, about: str, run: Callable[[argparse.Namespace, Any, Any], Any]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(show=run)
        return command

    add_picture(added("draw", "draw the graph, as gradstep draw", _draw))
    step = added("step", "step through the pass with buttons, as viz.Stepper", _step)
    step.add_argument("--by", choices=READINGS, help="what a step is (default: a line for an exercise)")
    step.add_argument("--goto", metavar="NAME", help="begin at the step that changes this node, or at this line")
    play = added("player", "play the pass on a page, as viz.player", _play)
    lines = added("lines", "write the pass line by line, as viz.derivation", _lines)
    lines.add_argument("--matrices", action="store_true", help="write an exercise in matrix form")
    for command in (step, play, lines):
        add_update(command)
    check = added("check", "compare the gradients with central differences, or mark the numbers of a student", _check)
    check.add_argument(
        "subject", nargs="?", metavar="EXERCISE",
        help="a name in the notebook, or a ready exercise; the last line is then a dict of numbers such as {'x3': 5}",
    )  # fmt: skip
    check.add_argument("--tolerance", type=number_from_zero, metavar="T", help="the largest relative difference")
    return parser


def _compiled(shell: Any, cell: str) -> tuple[CodeType, CodeType]:
    """Return the code of a cell, and that of its last line's value: an expression, or a variable that it sets."""
    source = shell.transform_cell(cell)
    file = shell.compile.cache(source)
    body = ast.parse(source, file).body
    last = body[-1] if body else None
    target = last.targets[0] if isinstance(last, ast.Assign) else getattr(last, "target", None)
    if last and isinstance(target, ast.Name) and not isinstance(last, (ast.For, ast.AsyncFor)):
        name = ast.Name(target.id, ast.Load())
        value: ast.expr = ast.fix_missing_locations(ast.copy_location(name, last))
    elif isinstance(last, ast.Expr):
        body.pop()
        value = last.value
    else:
        raise ValueError("expected a value in the last line of the cell, such as `loss` or `loss = (x*w - 1)**2`.")
    return compile(ast.Module(body, []), file, "exec"), compile(ast.Expression(value), file, "eval")


def _subject(found: Any) -> Root:
    if not is_subject(found):
        raise ValueError(f"the last line of the cell: {unexpected(found, SUBJECTS)}")
    return found


def _draw(options: argparse.Namespace, found: Any, _: object) -> Any:
    return picture_of(options, _subject(found))


def _step(options: argparse.Namespace, found: Any, _: object) -> Any:
    root, optimizer = with_optimizer(options, _subject(found))
    stepper = viz.Stepper(root, by=options.by, optimizer=optimizer)
    return stepper.goto(options.goto) if options.goto else stepper


def _play(options: argparse.Namespace, found: Any, _: object) -> Any:
    root, optimizer = with_optimizer(options, _subject(found))
    return viz.player(root, optimizer=optimizer)


def _lines(options: argparse.Namespace, found: Any, _: object) -> Any:
    root, optimizer = with_optimizer(options, _subject(found))
    return viz.derivation(root, optimizer=optimizer, matrices=options.matrices)


def _check(options: argparse.Namespace, found: Any, names: Mapping[str, Any]) -> Any:
    settings = {} if options.tolerance is None else {"tolerance": options.tolerance}
    if options.subject is None:
        return check_graph(root_of(_subject(found)), **settings)
    known = names.get(options.subject)
    subject = known if is_subject(known) else load_subject(options.subject)
    if not isinstance(found, Mapping):
        raise ValueError(f"expected a dict of numbers in the last line, such as {{'x3': 5}}, got {found!r:.60}.")
    return Marker(Worksheet(subject), **settings).marks(found)
