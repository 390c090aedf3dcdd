"""Neurons, layers and networks of Values, losses, optimizers, and exercises solved line by line.

>>> from nn import MLP, SGD, half_squared_error
>>> mlp = MLP(2, [3, 1], "tanh")
>>> optimizer = SGD(mlp.parameters(), lr=0.1)
>>> for _ in range(20):
...     loss = half_squared_error(mlp([1.0, -1.0]), 0.5)
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
>>> loss < 1e-4
True
"""

from typing import TYPE_CHECKING

from autograd.state.loading import later as _later

if TYPE_CHECKING:
    from nn.activations import ACTIVATIONS, Activation, activation
    from nn.exchange.onnx_file import to_onnx
    from nn.exchange.pytorch import from_torch, to_torch
    from nn.exchange.storage import load, save
    from nn.exchange.text import FormatError
    from nn.exercises.exercise import Exercise, Solution
    from nn.exercises.network import Network, Notation, Unit
    from nn.exercises.practice import practice
    from nn.exercises.ready import (
        READY,
        batch_exercise,
        mazur_exercise,
        relu_exercise,
        second_exercise,
        shared_exercise,
        sigmoid_exercise,
        softmax_exercise,
    )
    from nn.initialization import INITIALIZATIONS
    from nn.layer_equations import LayerEquations, equations
    from nn.layers import MLP, Layer, Neuron
    from nn.losses import *  # noqa: F403 - the table has the names; a list here would be a second table
    from nn.losses import LOSSES
    from nn.module import Module
    from nn.optim import *  # noqa: F403 - as above, for the optimizers
    from nn.optim import OPTIMIZERS, Optimizer
    from nn.training.csv_files import read_csv
    from nn.training.datasets import DATASETS, Dataset, blobs, circles, moons, spiral, xor
    from nn.training.fit import fit
    from nn.training.history import DivergenceError, History, Progress, TrainingInterrupt

_LATER = {
    "activations": ("ACTIVATIONS", "Activation", "activation"),
    "exchange.onnx_file": ("to_onnx",),
    "exchange.pytorch": ("from_torch", "to_torch"),
    "exchange.storage": ("load", "save"),
    "exchange.text": ("FormatError",),
    "exercises.exercise": ("Exercise", "Solution"),
    "exercises.network": ("Network", "Notation", "Unit"),
    "exercises.practice": ("practice",),
    "exercises.ready": (
        "READY",
        "batch_exercise",
        "mazur_exercise",
        "relu_exercise",
        "second_exercise",
        "shared_exercise",
        "sigmoid_exercise",
        "softmax_exercise",
    ),
    "initialization": ("INITIALIZATIONS",),
    "layer_equations": ("LayerEquations", "equations"),
    "layers": ("MLP", "Layer", "Neuron"),
    "losses": ("LOSSES",),
    "module": ("Module",),
    "optim": ("OPTIMIZERS", "Optimizer"),
    "training.csv_files": ("read_csv",),
    "training.datasets": ("DATASETS", "Dataset", "blobs", "circles", "moons", "spiral", "xor"),
    "training.fit": ("fit",),
    "training.history": ("DivergenceError", "History", "Progress", "TrainingInterrupt"),
}
"""The names in each module. A module is imported when one of its names is first used."""

__all__ = [
    "ACTIVATIONS",
    "DATASETS",
    "INITIALIZATIONS",
    "LOSSES",
    "MLP",
    "OPTIMIZERS",
    "READY",
    "Activation",
    "Dataset",
    "DivergenceError",
    "Exercise",
    "FormatError",
    "History",
    "Layer",
    "LayerEquations",
    "Module",
    "Network",
    "Neuron",
    "Notation",
    "Optimizer",
    "Progress",
    "Solution",
    "TrainingInterrupt",
    "Unit",
    "activation",
    "batch_exercise",
    "blobs",
    "circles",
    "equations",
    "fit",
    "from_torch",
    "load",
    "mazur_exercise",
    "moons",
    "practice",
    "read_csv",
    "relu_exercise",
    "save",
    "second_exercise",
    "shared_exercise",
    "sigmoid_exercise",
    "softmax_exercise",
    "spiral",
    "to_onnx",
    "to_torch",
    "xor",
]

if not TYPE_CHECKING:  # a type checker that sees no __getattr__ finds misspelt names
    __getattr__, __dir__ = _later(__name__, _LATER, rows=("losses", "optim"), listed=__all__)
    del __all__  # __getattr__ computes it, with all losses and optimizers
