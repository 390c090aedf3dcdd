"""`gradstep activation`: writes the plot of one activation, or of all activations, to a file."""

import argparse

import viz
from nn import ACTIVATIONS
from viz.commands.outputs import Outputs
from viz.core.layout import FORMATS
from viz.core.saving import OwnName, write_to


def add_activation(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep activation` to its parser."""
    parser.description = (
        "Plot an activation, or any operation with one operand: its values, its derivative and its kinks."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="NAME", help=f"{', '.join(ACTIVATIONS)}, or an operation such as sin")
    what.add_argument("--gallery", action="store_true", help="all activations in one plot")
    parser.add_argument(
        "--at", type=_points, metavar="X",
        help="mark this point and its tangent (softmax: all inputs, as in --at=1,0,-1)",
    )  # fmt: skip
    parser.add_argument(
        "--set", type=_setting, action="append", default=[], metavar="NAME=NUMBER",
        help="a setting of the activation, such as slope=0.1",
    )  # fmt: skip
    outputs = Outputs(parser)
    for suffix in FORMATS:
        what_for = f"write the plot as {suffix.upper()}{' (default: NAME.svg)' if suffix == 'svg' else ''}"
        outputs.add_file(parser, suffix, [suffix], what_for)
    parser.set_defaults(run=_run)


def _points(text: str) -> float | list[float]:
    """Return a number, or a list of numbers that are separated by commas."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, or several such as 1,0,-1; got {text!r}") from None
    return numbers if len(numbers) > 1 else numbers[0]


def _setting(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a setting such as slope=0.1, got {text!r}") from None


def _run(options: argparse.Namespace) -> int:
    if options.gallery and (options.at is not None or options.set):
        raise ValueError("--at and --set do not work with --gallery; name one activation instead of --gallery.")
    options.outputs.check(options)
    try:
        if options.gallery:
            plot = viz.activation_gallery()
        else:
            plot = viz.activation(options.name, at=options.at, **dict(options.set))
    except TypeError as error:  # a setting that the activation does not have
        raise ValueError(str(error)) from error
    if not options.outputs.are_named(options):
        options.svg = OwnName(f"{'activations' if options.gallery else options.name}.svg", "activation --svg")
    for suffix in FORMATS:
        if target := getattr(options, suffix):
            print(f"The plot of {plot.title} is in {write_to(target, plot)}")
    return 0
