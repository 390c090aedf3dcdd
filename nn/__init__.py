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

from nn.activations import ACTIVATIONS, Activation, activation
from nn.equations import LayerEquations, equations
from nn.exchange.onnx_file import to_onnx
from nn.exchange.pytorch import from_torch, to_torch
from nn.exchange.storage import load, save
from nn.exchange.text import FormatError
from nn.exercises.exercise import Exercise, Solution
from nn.exercises.lines import SolutionLine
from nn.exercises.network import Network, Notation, Unit
from nn.exercises.ready import relu_exercise, second_exercise, sigmoid_exercise
from nn.initialization import INITIALIZATIONS
from nn.layers import MLP, Layer, Neuron
from nn.losses import *  # noqa: F403 - the table says which names there are; a list here would be a second table
from nn.losses import LOSSES
from nn.module import Module
from nn.optim import *  # noqa: F403 - as above: the optimizers that there are
from nn.optim import OPTIMIZERS, Optimizer
from nn.training.csv_files import read_csv
from nn.training.datasets import DATASETS, Dataset, blobs, circles, moons, spiral, xor
from nn.training.fit import fit
from nn.training.history import DivergenceError, History, Progress, TrainingInterrupt

__all__ = [
    "ACTIVATIONS",
    "DATASETS",
    "INITIALIZATIONS",
    "LOSSES",
    "MLP",
    "OPTIMIZERS",
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
    "SolutionLine",
    "TrainingInterrupt",
    "Unit",
    "activation",
    "blobs",
    "circles",
    "equations",
    "fit",
    "from_torch",
    "load",
    "moons",
    "read_csv",
    "relu_exercise",
    "save",
    "second_exercise",
    "sigmoid_exercise",
    "spiral",
    "to_onnx",
    "to_torch",
    "xor",
]

if not TYPE_CHECKING:  # as in `autograd`: a type checker understands no computed list
    __all__ += list(LOSSES)
    __all__ += [kind.__name__ for kind in OPTIMIZERS.values()]
