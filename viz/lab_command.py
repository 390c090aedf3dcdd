"""The command `gradstep lab`: a backward pass with a classic mistake beside the right one, on a terminal or as JSON.

Reads the lab, and hands its comparisons to the terminal and to JSON.
"""

import argparse
import json
from typing import Any

from rich.text import Text

from autograd import lab
from viz.arguments import number_from_zero
from viz.comparison import print_comparison
from viz.loading import load_loss
from viz.report import comparison_report
from viz.terminal import make_console


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
