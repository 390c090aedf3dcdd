"""`gradstep step` and `gradstep lab`: a pass step by step, and a pass with a classic mistake beside the right one."""

import argparse
import json
from typing import Any

from rich.text import Text

from autograd import Value, lab
from autograd.passes.steps import OptimizerLike
from viz.core.arguments import file_path, number_from_zero, page_path
from viz.core.report import comparison_report
from viz.core.saving import OwnName, write_to
from viz.core.subjects import add_subject, load_loss, loss_and_optimizer, subject_of
from viz.page.player import player
from viz.stepping.debugger import Debugger
from viz.stepping.frame_files import save_frames
from viz.stepping.stepper import Stepper
from viz.terminal.comparisons import print_comparison
from viz.terminal.exercises import make_console


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
        "--html", type=page_path, nargs="?", const=OwnName("pass.html", "step --html"), metavar="FILE",
        help="write a page that plays the pass, and open no prompt (FILE: pass.html where not given)",
    )  # fmt: skip
    step.set_defaults(run=run_step)


def run_step(options: argparse.Namespace) -> int:
    """Run the debugger as the options say; return the exit code."""
    subject = subject_of(options)
    if options.frames:
        print(f"The {len(save_frames(subject, options.frames))} pictures are in {options.frames}")
    if options.html:
        print(f"The page that plays the pass is {write_to(options.html, player(subject))}")
    if not options.frames and not options.html:
        debug(*loss_and_optimizer(subject))
    return 0


def debug(loss: Value, optimizer: OptimizerLike | None = None) -> None:
    """Open the debugger on a Value: in a program, a REPL or a notebook. Type h for the commands, q to leave.

    With an `optimizer` its updates are the last steps. Raises as `Stepper` does.
    """
    Debugger(Stepper(loss, optimizer)).run()


def add_lab(commands: Any) -> None:
    """Add the command to the parser's commands, an action of argparse."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "lab",
        help="see what comes of the classic mistakes of backpropagation",
        description="Run a backward pass with a classic mistake beside the right one, up to the first step that "
        "differs, and say why. Without a name the mistakes are listed.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the mistake; with --all, the loss may stand here")
    parser.add_argument(
        "loss", nargs="?", metavar="FILE.py:OBJECT",
        help="your own loss: a Value, or a function without arguments that returns one (default: a small example)",
    )  # fmt: skip
    parser.add_argument(
        "--weights", type=lambda text: text.split(","), default=[], metavar="NAME,...",
        help="the leaves of your loss that are adjusted (default: its parameters, or all leaves where it has none)",
    )  # fmt: skip
    parser.add_argument("--rate", type=number_from_zero, default=0.1, help="the learning rate (default: 0.1)")
    parser.add_argument("--all", action="store_true", help="run every mistake")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.set_defaults(run=_lab)


def _lab(options: argparse.Namespace) -> int:
    if options.all and options.loss:
        raise ValueError(f"--all runs every mistake, but {options.name!r} was named too; leave one of them out.")
    if not options.all and not options.name:
        _print_list(options.json)
        return 0
    mistakes = lab.MISTAKES if options.all else [lab.find(options.name)]
    given = options.name if options.all else options.loss
    loss = load_loss(given) if given else None
    comparisons = [lab.run(mistake, loss, options.rate, options.weights) for mistake in mistakes]
    if options.json:
        reports = [comparison_report(comparison) for comparison in comparisons]
        print(json.dumps(reports if options.all else reports[0], indent=2, allow_nan=False))
        return 0
    console = make_console()
    for number, comparison in enumerate(comparisons):
        if number:
            console.print()
        print_comparison(console, comparison)
    return 0


def _print_list(as_json: bool) -> None:
    if as_json:
        print(json.dumps([{"name": mistake.name, "title": mistake.title} for mistake in lab.MISTAKES], indent=2))
        return
    console = make_console()
    console.print(Text("The classic mistakes of backpropagation", style="bold"))
    margin = max(len(mistake.name) for mistake in lab.MISTAKES) + 4
    for mistake in lab.MISTAKES:
        for row, line in enumerate(Text(mistake.title).wrap(console, max(console.width - margin, 20))):
            line.rstrip()
            console.print(Text.assemble(((f"  {mistake.name}" if row == 0 else "").ljust(margin), "cyan"), line))
    console.print("\ngradstep lab NAME runs one on an example, gradstep lab NAME FILE.py:OBJECT on your own loss.")
