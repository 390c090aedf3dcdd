"""`gradstep step` shows a pass step by step; `gradstep lab` compares a classic mistake with the correct pass."""

import argparse
import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any

import viz
from autograd import lab
from autograd.contexts.modes import observed
from autograd.contexts.naming import labelled
from autograd.passes.known import READINGS, Reading
from autograd.passes.subject import OptimizerLike, Root, root_of
from autograd.passes.updates import LR, usual_parameters
from autograd.table.visible import visible
from viz.commands.arguments import number_from_zero
from viz.commands.optimizers import add_optimizer, given_settings, optimizer_of
from viz.commands.outputs import FRAMES, Outputs, pictures_said
from viz.commands.subjects import PLACE, add_subject, chosen_subject, exercise_of, file_in, names_subject
from viz.core.report import comparison_report
from viz.core.saving import PAGES, OwnName, write_to

if TYPE_CHECKING:
    from viz.stepping.edits import Comparisons


def add_step(step: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep step` to its parser."""
    step.description = "Step through a forward and backward pass, as in a debugger. Type h for the commands."
    add_subject(step)
    step.add_argument(
        "--by", choices=READINGS, help="what a step is (default: a line for an exercise, else a contribution)",
    )  # fmt: skip
    outputs = Outputs(step)
    outputs.add_folder(step, "frames", f"{FRAMES}; opens no prompt")
    step.add_argument("--fold", action="store_true", help="with --frames: draw each sum as one box")
    step.add_argument("--network", action="store_true", help="with --frames: draw the network beside the graph")
    page = "write a page that plays the pass; opens no prompt (default FILE: pass.html)"
    outputs.add_file(step, "html", PAGES, page, OwnName("pass.html", "step --html"))
    for option in ("fold", "network"):
        outputs.serve(option, "pictures of the steps", ("frames",))
    add_update(step)
    step.set_defaults(run=run_step)


def add_update(parser: argparse.ArgumentParser) -> None:
    """Add the options for an update as the last steps of a pass."""
    chosen = parser.add_argument_group("show an update as the last steps")
    add_optimizer(chosen, "none; sgd if --lr or a setting is given")
    _add_rate(chosen)


def _add_rate(parser: Any) -> None:
    parser.add_argument(
        "--lr", "--rate", "--eta", type=number_from_zero, metavar="X",
        help=f"the learning rate (default: {LR}; an exercise has its own)",
    )  # fmt: skip


def run_step(options: argparse.Namespace) -> int:
    """Run the debugger as the options say; return the exit code."""
    options.outputs.check(options, FILE=file_in(options.subject))
    if options.html and options.by == "line":
        raise ValueError(
            'a page has a switch "By line" in place of --by; leave --by line out, or use it with --frames alone.'
        )
    from viz.stepping.edits import Comparisons  # noqa: PLC0415 - 20 ms, which `gradstep lab` does not need

    comparisons = Comparisons()
    with observed(comparisons):
        root, optimizer = with_optimizer(options, chosen_subject(options))
    if options.frames:
        frames = viz.save_frames(
            root, options.frames, by=options.by or "contribution", optimizer=optimizer, fold=options.fold,
            network=options.network,
        )  # fmt: skip
        print(f"{pictures_said(frames)} are in {visible(options.frames)}")
    if options.html:
        print(f"The page that plays the pass is {write_to(options.html, viz.player(root, optimizer=optimizer))}")
    if not options.frames and not options.html:
        _open(root, options.by, optimizer, comparisons)
    return 0


def with_optimizer(options: argparse.Namespace, root: Root) -> tuple[Root, OptimizerLike | None]:
    """Return the root with the optimizer that was asked for, or None; an exercise has its own, which takes the rate."""
    if options.optimizer is None and not given_settings(options):
        if options.lr is None:
            return root, None
        exercise = exercise_of(root)
        if exercise is not None:
            return dataclasses.replace(exercise, eta=options.lr), None
    lr = LR if options.lr is None else options.lr
    return root, optimizer_of(options, options.optimizer or "sgd", usual_parameters(root_of(root)), lr)


def debug(root: Root, *, by: Reading | None = None, optimizer: OptimizerLike | None = None) -> None:
    """Open the debugger on a Value, in a program, a REPL or a notebook. Type h for the commands, q to leave.

    `root` is the Value, or an exercise or its solution (these have their own update). `by` is "line" or "contribution",
    as in `Stepper`. Values without a label are called like the local variables of the caller, and the root `loss`,
    until you leave. With an `optimizer`, its updates are the last steps. Raises the same errors as `Stepper`.
    """
    with labelled(sys._getframe(1).f_locals), labelled({"loss": root}):
        _open(root, by, optimizer)


def _open(
    root: Root, by: Reading | None, optimizer: OptimizerLike | None, comparisons: "Comparisons | None" = None
) -> None:
    from viz.stepping.debugger import Debugger  # noqa: PLC0415 - 85 ms, which `gradstep lab` does not need

    stepper = viz.Stepper(root, by=by, optimizer=optimizer)
    stepper.comparisons += comparisons.about(stepper.root) if comparisons else []
    Debugger(stepper).run()


def add_lab(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep lab` to its parser."""
    parser.description = (
        "Run a backward pass with a classic mistake next to the correct pass, show the first step that differs, and "
        "explain why. Use your own loss or exercise, or the built-in example. Without a name, list the mistakes."
    )
    parser.add_argument("name", nargs="?", metavar="MISTAKE", help="the mistake (default with FILE: all mistakes)")
    add_subject(parser, required=False)
    parser.add_argument(
        "--weights", type=lambda text: text.split(","), default=[], metavar="NAME,...",
        help="the leaves to update in your loss (default: its parameters; else its leaves but inputs such as x1 or y)",
    )  # fmt: skip
    _add_rate(parser)
    parser.add_argument("--all", action="store_true", help="run all mistakes; without FILE, each on its own example")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.set_defaults(run=_lab)


def _lab(options: argparse.Namespace) -> int:
    if (
        options.name and names_subject(options.name) and not (options.subject or options.exercise)
    ):  # gradstep lab mine.json
        options.name, options.subject = None, options.name
    if options.all and options.name:
        raise ValueError(
            f"--all runs every mistake, so it does not go with a name; got {options.name!r}. Leave one of them out."
        )
    comparisons = _comparisons(options)
    if options.json:
        listed = [{"name": mistake.name, "title": mistake.title} for mistake in lab.MISTAKES]
        reports = [comparison_report(comparison) for comparison in comparisons] or listed
        print(json.dumps(reports[0] if options.name else reports, indent=2, allow_nan=False))
        return 0
    from viz.terminal.comparisons import print_comparison, print_mistakes  # noqa: PLC0415 - 40 ms; not for JSON
    from viz.terminal.exercises import make_console  # noqa: PLC0415 - the same

    console = make_console()
    if not comparisons:
        print_mistakes(console)
        console.print(f"\ngradstep lab MISTAKE runs one on an example, gradstep lab MISTAKE {PLACE} on your own loss.")
    for number, comparison in enumerate(comparisons):
        if number:
            console.print()
        print_comparison(console, comparison)
    return 0


def _comparisons(options: argparse.Namespace) -> list[lab.Comparison]:
    """Run the mistakes that were asked for; none without a name and a loss."""
    root = chosen_subject(options) if options.subject or options.exercise else None
    if not options.all and not options.name and root is None:
        if options.weights or options.lr is not None:
            option = "--weights" if options.weights else "--lr"
            raise ValueError(f"{option} is for a mistake that runs; use it with MISTAKE, {PLACE} or --all.")
        return []
    mistakes = [lab.find(options.name)] if options.name else lab.MISTAKES
    return [lab.run(mistake, root, lr=options.lr, weights=options.weights) for mistake in mistakes]
