"""The files of a training: the model, the history of its iterations, and pictures.

Each file is written completely or not at all. An error in one does not stop the others.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from autograd.table.scalars import counted, report_number
from nn import MLP, Dataset, History, Progress, save
from nn.exchange.files import write_file
from viz.core.saving import OwnName, write_to
from viz.plots.boundary import MOST_CLASSES, plot_decision_boundary
from viz.plots.plotting import Plot, new_plot
from viz.plots.training import plot_loss
from viz.watching.view import say


def check_plots() -> None:
    """Raise LayoutError if no plot can be made; call it before a training that writes pictures."""
    with new_plot(""):
        pass


def why_no_boundary(dataset: Dataset) -> str:
    """Return the sentence that says why there is no plot of the decision boundary; "" if there is one.

    >>> why_no_boundary(Dataset([[1, 2, 3], [3, 4, 5]], [0, 1], class_names=("a", "b")))
    'There is no decision boundary: the data have 3 features. Two columns of a file, by --features, have one.'
    """
    features, classes = len(dataset.feature_names), len(dataset.class_names)
    if not classes:
        return "There is no decision boundary: the target is a number, not a class."
    if features != 2:
        choice = " Two columns of a file, by --features, have one." if features > 2 else ""
        return f"There is no decision boundary: the data have {counted(features, 'feature')}.{choice}"
    most = f"There is no decision boundary: the data have {classes} classes, and at most {MOST_CLASSES} are drawn."
    return most if classes > MOST_CLASSES else ""


def save_plots(path: Path, dataset: Dataset, model: MLP, history: History) -> list[str]:
    """Write the curve of the loss, and beside it, with "-boundary" in its name, the decision boundary.

    A boundary is drawn if the data are points in the plane, with few enough classes. Returns the paths. Raises
    ValueError for a training without a step.
    """
    if not history.progress:
        raise ValueError(f"{path} was not written: the training ended before its first iteration.")
    paths = [write_to(path, loss_plot(history))]
    if not why_no_boundary(dataset):
        boundary = plot_decision_boundary(model, dataset, loss=history.loss_name)
        beside = OwnName(str(path.with_stem(f"{path.stem}-boundary")), f"train --{path.suffix[1:].lower()}")
        paths.append(write_to(beside, boundary))
    return paths


def loss_plot(history: History) -> Plot:
    """Return the plot of the losses and the accuracy, of the rows that were held out if there are any."""
    tested = history.test_losses
    numbers = [progress.test_accuracy if tested else progress.accuracy for progress in history.progress]
    accuracies = [accuracy for accuracy in numbers if accuracy is not None]
    name = "held-out accuracy" if tested else "accuracy"
    return plot_loss(history.losses, second=accuracies or None, second_name=name, test=tested or None)


FILES = {
    "model": (("json",), "the network as JSON, for nn.load"),
    "history": (("json", "csv"), "the history of all iterations as JSON, or as a table if FILE ends with .csv"),
    "svg": (("svg",), "the loss and the decision boundary as SVG"),
    "png": (("png",), "the loss and the decision boundary as PNG"),
}
"""The files that a training can write: their suffixes and their contents."""


def write_files(files: Mapping[str, Path], dataset: Dataset, model: MLP, history: History) -> None:
    """Write the files that were asked for, and print their paths.

    If one cannot be written, the others are written first, then its OSError or ValueError is raised.
    """
    writers: dict[str, Callable[[Path], object]] = {
        "model": lambda path: save(model, path),
        "history": lambda path: write_file(path, _history(path, dataset, history).encode()),
        "svg": lambda path: save_plots(path, dataset, model, history),
        "png": lambda path: save_plots(path, dataset, model, history),
    }
    errors: list[OSError | ValueError] = []
    for name, path in files.items():
        try:
            written = writers[name](path)
        except (OSError, ValueError) as error:
            errors.append(error)
        else:
            if isinstance(written, list):
                say(f"The pictures are in {' and '.join(written)}")
            else:
                say(f"The {name} is in {path}")
    if errors:
        raise errors[0]


def _history(path: Path, dataset: Dataset, history: History) -> str:
    rows = [
        {
            "iteration": progress.iteration,
            "loss": report_number(progress.loss),
            "accuracy": _share(progress.accuracy),
            "lr": report_number(progress.lr),
            **_held_out(progress),
        }
        for progress in history.progress
    ]
    if path.suffix.lower() == ".csv":
        table = io.StringIO()
        writer = csv.DictWriter(
            table, ["iteration", "loss", "accuracy", "lr", *_held_out(history)], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
        return table.getvalue()
    report = {
        "data": dataset.name,
        "loss_name": history.loss_name,
        "engine": history.engine,
        "stopped": history.stopped,
        "loss": report_number(history.loss),
        "accuracy": _share(history.accuracy),
        **_held_out(history),
        "iterations": rows,
    }
    return json.dumps(report, indent=2, allow_nan=False)


def _held_out(result: Progress | History) -> dict[str, float | int | str | None]:
    """Return the entries for the rows that were held out; none if there were no such rows."""
    if result.test_loss is None:
        return {}
    return {"test_loss": report_number(result.test_loss), "test_accuracy": _share(result.test_accuracy)}


def _share(accuracy: float | None) -> float | int | str | None:
    return None if accuracy is None else report_number(accuracy)
