"""`gradstep train`: trains a multi-layer perceptron on a data set, and shows the training as it runs.

It can write the model, the history and pictures, also after Ctrl-C or when the training diverges.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from inspect import signature
from pathlib import Path
from time import sleep
from typing import Any
from warnings import catch_warnings, simplefilter

from autograd.passes.wording import DIGITS
from autograd.table.scalars import counted, format_number, near, spelled
from autograd.table.visible import said
from nn import (
    ACTIVATIONS,
    DATASETS,
    INITIALIZATIONS,
    LOSSES,
    MLP,
    OPTIMIZERS,
    Dataset,
    DivergenceError,
    History,
    Optimizer,
    Progress,
    TrainingInterrupt,
    fit,
    read_csv,
)
from nn.training.fit import LARGE
from nn.training.objective import USUAL_LOSSES, Objective
from viz.commands.arguments import INTERRUPTED, number_from_zero, whole_number
from viz.commands.optimizers import add_optimizer, optimizer_of
from viz.commands.outputs import Outputs
from viz.terminal.exercises import make_console
from viz.watching.results import FILES, check_plots, why_no_boundary, write_files
from viz.watching.view import Lines, LiveView, result_text, say, uninterrupted

_ITERATIONS = {"spiral": 400}
_USUAL_ITERATIONS = signature(fit).parameters["iterations"].default
_MOST = 1_000_000


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep train` to its parser."""
    parser.description = (
        "Train a multi-layer perceptron, and watch the loss and the decision boundary. The defaults are "
        "those of micrograd's demo. Ctrl-C ends the training (exit code 130), and so does a loss that becomes infinite "
        "(exit code 1); the files are written all the same."
    )
    parser.add_argument("data", metavar="DATA", help=f"one of {', '.join(DATASETS)}, or a CSV file")
    _add_data(parser.add_argument_group("the data"))
    _add_network(parser.add_argument_group("the network"))
    _add_training(parser.add_argument_group("the training"))
    files = parser.add_argument_group("files")
    outputs = Outputs(parser)
    for name, (suffixes, what) in FILES.items():
        outputs.add_file(files, name, suffixes, f"write {what}")
    parser.set_defaults(run=run_train)


def _add_data(group: Any) -> None:
    count = whole_number(1, _MOST)
    group.add_argument("--points", type=count, metavar="N", help=f"the number of points (default: {_defaults('n')})")
    group.add_argument(
        "--noise", type=number_from_zero, metavar="X", help=f"the noise of the points (default: {_defaults('noise')})"
    )
    group.add_argument(
        "--target", "--label", metavar="COLUMN", help="the column of a CSV file to learn (default: the last)"
    )
    columns = {"type": _names, "metavar": "COLUMN,COLUMN"}
    group.add_argument("--features", **columns, help="the columns of a CSV file to learn from (default: all others)")
    group.add_argument("--drop", **columns, help="columns of a CSV file to leave out")
    group.add_argument("--encoding", metavar="NAME", help="the encoding of a CSV file (default: utf-8)")
    group.add_argument("--regression", action="store_true", help="the target is a number, not a class")
    group.add_argument(
        "--standardize", action="store_true", help="scale each feature to mean 0 and standard deviation 1"
    )

    group.add_argument(
        "--test", type=number_from_zero, metavar="SHARE",
        help="hold out this share of the rows, such as 0.3, drawn by --seed: nothing is learned from them, and each "
        "iteration reports their loss and accuracy",
    )  # fmt: skip


def _defaults(argument: str) -> str:
    """Return the default of an argument for each data set, as text."""
    return ", ".join(f"{name} {signature(make).parameters[argument].default}" for name, make in DATASETS.items())


def _add_network(group: Any) -> None:
    names = [name for name in ACTIVATIONS if name != "softmax"]
    group.add_argument(
        "--sizes",
        type=_sizes,
        default="16,16",
        metavar="N,N",
        help="the sizes of the hidden layers (default: %(default)s)",
    )
    _add_name(group, "activation", names, "relu", "the activation of the hidden layers: {}")
    _add_name(group, "initialization", list(INITIALIZATIONS), "uniform", "how the weights start: {}")


def _add_training(group: Any) -> None:
    count = whole_number(1, _MOST)
    usual = ", ".join(f"{loss} for {kind}" for kind, loss in USUAL_LOSSES.items())
    _add_name(group, "loss", [name for name, loss in LOSSES.items() if loss.outputs], None, f"{{}} (default: {usual})")
    add_optimizer(group, "sgd for generated points, adam for a CSV file")
    rates = ", ".join(f"{name}: {format_number(kind.usual_lr)}" for name, kind in OPTIMIZERS.items())
    group.add_argument(
        "--lr", "--rate", type=number_from_zero, metavar="X",
        help=f"the first learning rate (default: {rates}); it falls linearly to a tenth of that",
    )  # fmt: skip
    group.add_argument("--constant-lr", "--constant-rate", action="store_true", help="keep the learning rate constant")
    group.add_argument(
        "--l2", type=number_from_zero, default=1e-4, metavar="X",
        help="the factor of the L2 penalty, the sum of all squared parameters (default: %(default)s)",
    )  # fmt: skip
    others = ", ".join(f"{name} {number}" for name, number in _ITERATIONS.items())
    group.add_argument(
        "--iterations",
        type=count,
        metavar="N",
        help=f"the number of iterations (default: {_USUAL_ITERATIONS}; {others})",
    )
    group.add_argument(
        "--delay", type=number_from_zero, default=0.0, metavar="SECONDS",
        help="wait so long after each iteration, so that an audience sees the network learn",
    )  # fmt: skip
    group.add_argument("--batch", type=count, metavar="N", help="the number of rows in each iteration (default: all)")
    seed = whole_number(0, _MOST)
    group.add_argument(
        "--seed",
        type=seed,
        default=1,
        metavar="N",
        help="the seed for points, weights and batches (default: %(default)s)",
    )


def _add_name(group: Any, option: str, names: list[str], default: str | None, text: str) -> None:
    """Add an option that takes one of these names, and list them in its help."""
    listed = text.format(", ".join(names)) + (f" (default: {default})" if default else "")
    known = partial(spelled, known=names)
    group.add_argument(f"--{option}", type=known, choices=names, default=default, metavar="NAME", help=listed)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _sizes(text: str) -> list[int]:
    count = whole_number(1, 10_000)
    return [count(part.strip()) for part in text.split(",")]


def run_train(options: argparse.Namespace) -> int:
    """Run the training with these options; return the exit code."""
    options.optimizer = options.optimizer or ("sgd" if options.data in DATASETS else "adam")
    options.outputs.check(options, DATA=None if options.data in DATASETS else Path(options.data))
    files = {name: path for name in FILES if (path := getattr(options, name)) is not None}
    if {"svg", "png"} & files.keys():
        check_plots()
    _refuse_useless(options)
    dataset, test = _parts(options, _dataset(options))
    model = _model(options, dataset)
    optimizer = _optimizer(options, model)
    code = 0
    with catch_warnings(record=True) as warnings:
        simplefilter("always", UserWarning)
        try:
            history = _watched(options, dataset, test, model, optimizer)
        except TrainingInterrupt as interrupt:
            history, code = interrupt.history, INTERRUPTED
        except DivergenceError as error:
            print(f"gradstep: {said(error)}", file=sys.stderr)
            history, code = error.history, 1
    with uninterrupted():  # after a second Ctrl-C the files are written all the same
        began = "Interrupted after" if code == INTERRUPTED else "After"
        say(f"{began} {counted(len(history.progress), 'iteration')}: {result_text(history)}.")
        if code != 1 and history.progress and history.loss > history.progress[0].loss:
            at_first = format_number(history.progress[0].loss, 4)
            say(f"The loss is higher than in the first iteration ({at_first}); try a lower --lr.")
        for warning in warnings:
            say(f"Warning: {warning.message}")
        if (reason := why_no_boundary(dataset)) and ({"svg", "png"} & files.keys() or sys.stdout.isatty()):
            say(reason)
        write_files(files, dataset, model, history)
        _say_of_scale(options, dataset)
    return code


def _say_of_scale(options: argparse.Namespace, dataset: Dataset) -> None:
    if options.standardize and options.model:
        say("The model expects features scaled as by --standardize: mean 0 and standard deviation 1.")
    elif dataset.largest > LARGE:
        reached = format_number(dataset.largest, DIGITS)
        say(f"The features are as large as {reached}; training works better with --standardize.")


def _refuse_useless(options: argparse.Namespace) -> None:
    """Raise ValueError for an option that does not apply to the data."""
    of_files = {
        f"--{name}": getattr(options, name) for name in ("target", "features", "drop", "encoding", "regression")
    }
    of_points = {"--points": options.points, "--noise": options.noise}
    generated = options.data in DATASETS
    for option, given in (of_files if generated else of_points).items():
        if given not in (None, False):
            what = "a CSV file" if generated else f"generated points: {', '.join(DATASETS)}"
            raise ValueError(f"{option} is for {what}; it does not apply to {options.data!r}.")


def _dataset(options: argparse.Namespace) -> Dataset:
    make = DATASETS.get(options.data)
    if make is None:
        dataset = _csv_file(options)
    else:
        given = {"n": options.points, "noise": options.noise}
        dataset = make(seed=options.seed, **{name: number for name, number in given.items() if number is not None})
    return dataset


def _parts(options: argparse.Namespace, dataset: Dataset) -> tuple[Dataset, Dataset | None]:
    """Return the rows to learn from, and those that are held out; both scaled as the former, if that is wanted."""
    learned, test = (dataset, None) if options.test is None else dataset.split(options.test, seed=options.seed)
    if options.standardize:
        return learned.standardized(), test and test.standardized(like=learned)
    return learned, test


def _csv_file(options: argparse.Namespace) -> Dataset:
    path = Path(options.data)
    if not path.suffix and not path.exists():
        raise ValueError(
            f"expected a data set or a CSV file, got {options.data!r}. Try {near(options.data, DATASETS)}."
        )
    dataset = read_csv(
        path, target=options.target, features=options.features, drop=options.drop or (),
        encoding=options.encoding or "utf-8", classes=not options.regression,
    )  # fmt: skip
    if dataset.note:
        say(f"{path} is read {dataset.note}.")
    return dataset


def _model(options: argparse.Namespace, dataset: Dataset) -> MLP:
    """Return a network with the number of outputs that data and loss need."""
    classes, loss = len(dataset.class_names), LOSSES.get(options.loss)
    scores_classes = loss is not None and loss.targets.classes is None
    last = classes if classes > 2 or (classes == 2 and scores_classes) else 1
    output = loss.outputs if loss else "linear"
    features = len(dataset.feature_names)
    sizes = [*options.sizes, last]
    return MLP(
        features, sizes, options.activation, output_activation=output, initialization=options.initialization,
        seed=options.seed,
    )  # fmt: skip


def _optimizer(options: argparse.Namespace, model: MLP) -> Optimizer:
    lr = OPTIMIZERS[options.optimizer].usual_lr if options.lr is None else options.lr
    return optimizer_of(options, options.optimizer, model.parameters(), lr)


def _watched(
    options: argparse.Namespace, dataset: Dataset, test: Dataset | None, model: MLP, optimizer: Optimizer
) -> History:
    objective = Objective(model, dataset, options.loss)
    iterations = options.iterations or _ITERATIONS.get(options.data, _USUAL_ITERATIONS)
    console = make_console()
    held_out = "" if test is None else f" and {len(test)} held out"
    title = f"{dataset.name}, {len(dataset)} rows{held_out}: {model}, {objective.name}, {options.optimizer}"
    classify = objective.classifier() if objective.classes else None
    is_live = console.is_terminal and not console.is_dumb_terminal
    with LiveView(console, title, dataset, classify) if is_live else Lines(title) as view:

        def shown_slowly(progress: Progress) -> None:
            view(progress)
            sleep(options.delay)

        return fit(
            model, dataset, options.loss, optimizer, iterations=iterations, batch_size=options.batch,
            lr=None if options.constant_lr else _falling(optimizer.lr, iterations), l2=options.l2,
            seed=options.seed, test=test, callback=shown_slowly if options.delay else view,
        )  # fmt: skip


def _falling(lr: float, iterations: int) -> Callable[[int], float]:
    """Return the learning rate of micrograd's demo: it falls linearly to a tenth of its start."""
    return lambda k: lr * (1.0 - 0.9 * k / iterations)
