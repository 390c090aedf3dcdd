"""`save` and `load`: models and exercises in files of JSON, with every bit of every number.

A file holds numbers, names and settings, and nothing that runs. Reads documents.
"""

from pathlib import Path

from autograd.files import write_file
from nn.documents import Saved, model_of, text_of
from nn.entries import FormatError, parsed


def save(model: Saved, path: str | Path) -> Path:
    """Write an MLP, Layer, Neuron or Exercise to a file of JSON, and return the path; `load` reads it.

    Numbers come back with all their bits, infinities and nan as well; kept are activations with their settings, learned
    ones too, and labels. Gradients are not. The file is written whole or not at all. Raises TypeError for anything else
    and for what a file cannot express, such as an activation of your own, and OSError where it cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> from nn import MLP
    >>> mlp = MLP(2, [3, 1], "tanh", seed=1)
    >>> with TemporaryDirectory() as folder:
    ...     again = load(save(mlp, f"{folder}/mlp.json"))
    >>> again, again.state_dict() == mlp.state_dict()
    (MLP(2 -> 3 tanh -> 1 linear, 13 parameters), True)
    """
    path = Path(path)
    write_file(path, text_of(model).encode())
    return path


def load(path: str | Path) -> Saved:
    """Return the model or exercise in a file that `save` wrote, or that was written by hand in the same form.

    Raises FormatError that says where the file is wrong, be it damaged, foreign or of a newer version, and OSError
    where it cannot be read. A file changed by hand loads once its entry "checksum" is removed.
    """
    path = Path(path)
    content = path.read_bytes()
    try:
        return model_of(parsed(content))
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error
