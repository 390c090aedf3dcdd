"""`gradstep practice`: writes new exercises with numbers for a pencil, one file for each."""

import argparse
import re
from pathlib import Path

import nn
from nn import LOSSES, practice
from viz.commands.arguments import whole_number

_MOST = 1000


def add_practice(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep practice` to its parser."""
    parser.description = (
        "Write new exercises with numbers fit for a pencil. The same seed gives the same exercise everywhere. Each "
        "file is an exercise for `gradstep exercise`, `step`, `check` and all others."
    )
    parser.add_argument(
        "--layers", type=_layers, default=[2, 2, 1], metavar="N-N-N",
        help="the numbers of inputs and of the units of each layer (default: 2-2-1)",
    )  # fmt: skip
    parser.add_argument("--activation", default="relu", metavar="NAME", help="the activation (default: relu)")
    parser.add_argument(
        "--loss", default="half_squared_error", metavar="NAME", help=f"one of {', '.join(LOSSES)} for an exercise"
    )
    parser.add_argument(
        "--examples", type=whole_number(1, 10), default=1, metavar="N", help="the number of examples (default: 1)"
    )
    parser.add_argument("--biases", action="store_true", help="each unit has a bias")
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, metavar="N", help="the seed of the first exercise (default: 0)"
    )
    many = parser.add_mutually_exclusive_group()
    many.add_argument("--count", type=whole_number(1, _MOST), metavar="N", help="write N exercises (default: 1)")
    many.add_argument(
        "--names",
        type=Path,
        metavar="FILE",
        help="write an exercise for each line of a file, such as a list of students",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="the folder of the files")
    parser.set_defaults(run=_practice)


def _layers(text: str) -> list[int]:
    if not re.fullmatch(r"[1-9]\d*(-[1-9]\d*)+", text):
        raise argparse.ArgumentTypeError(f"expected sizes such as 2-2-1, got {text!r}")
    return [int(size) for size in text.split("-")]


def _practice(options: argparse.Namespace) -> int:
    names = _file_names(options)
    options.output.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(names, start=options.seed):
        exercise = practice(
            options.layers,
            activation=options.activation,
            loss=options.loss,
            examples=options.examples,
            biases=options.biases,
            seed=seed,
        )
        print(f"{exercise.title} is in {nn.save(exercise, options.output / f'{name}.json')}")
    return 0


def _file_names(options: argparse.Namespace) -> list[str]:
    """Return the names of the files, without their suffix. Raises ValueError for a list of names that does not fit."""
    if options.names is None:
        count = options.count or 1
        return [f"practice-{seed}" for seed in range(options.seed, options.seed + count)]
    names = [line.strip() for line in options.names.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    files = [re.sub(r"[^\w .-]", "_", name).strip(" .") or "_" for name in names]
    for place, file in enumerate(files):
        if file.lower() in (other.lower() for other in files[:place]):
            raise ValueError(f"{options.names}: two lines give the file {file}.json; write each name once.")
    if not files:
        raise ValueError(f"{options.names} has no names.")
    return files
