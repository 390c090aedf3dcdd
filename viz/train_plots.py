"""The pictures of a training: the curve of its loss, and for points of the plane what the network makes of them.

Reads what `nn.fit` returns; the plots of `training_plots` and `boundary_plots` draw.
"""

from pathlib import Path

from nn import MLP, Dataset, History
from viz.boundary_plots import MOST_CLASSES, plot_decision_boundary
from viz.plotting import new_plot
from viz.training_plots import plot_loss


def check_plots() -> None:
    """Raise LayoutError where no plot can be made, before a training whose pictures are wanted."""
    with new_plot(""):
        pass


def save_plots(path: Path, dataset: Dataset, model: MLP, history: History) -> list[Path]:
    """Write the curve of the loss, and beside it, with "-boundary" in its name, the decision boundary.

    There is a boundary for classes of points in the plane, unless they are more than can be drawn. Returns the paths.
    Raises ValueError for a training that made no step.
    """
    if not history.progress:
        raise ValueError(f"{path} was not written: the training ended before its first iteration.")
    accuracies = [accuracy for accuracy in history.accuracies if accuracy is not None]
    paths = [plot_loss(history.losses, accuracies or None).save(path)]
    if len(dataset.feature_names) == 2 and 2 <= len(dataset.class_names) <= MOST_CLASSES:
        boundary = plot_decision_boundary(model, dataset, loss=history.loss_name)
        paths.append(boundary.save(path.with_stem(f"{path.stem}-boundary")))
    return paths
