"""PyTorch in float64 and one thread: a tensor for each scalar, and whole batches as matrices."""

import torch

from ..problem import SIZES, Problem, layers_of, total_loss
from .base import Engine

torch.set_num_threads(1)


class Scalars(Engine):
    """The plain loop in tensors of no dimension; the inputs are plain numbers, which it takes as they are."""

    version = f"PyTorch {torch.__version__}"

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.parameters = [_tensor(number) for number in problem.parameters]
        self.layers = layers_of(self.parameters)

    def evaluate(self) -> float:
        loss = total_loss(self.problem, self.parameters, self.layers, float, torch.relu)
        loss.backward()
        return loss.item()

    def gradients(self) -> list[float]:
        return [_gradient(parameter).item() for parameter in self.parameters]

    def update(self) -> None:
        _descend(self.parameters, self.problem.rate)


class Matrices(Engine):
    """A weight matrix and a vector of biases for each layer, and all samples at once."""

    version = f"PyTorch {torch.__version__}"

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.inputs = torch.tensor(problem.inputs, dtype=torch.float64)
        self.targets = torch.tensor(problem.targets, dtype=torch.float64)
        layers = layers_of(problem.parameters)
        self.weights = [_tensor([weights for weights, _ in layer]) for layer in layers]
        self.biases = [_tensor([bias for _, bias in layer]) for layer in layers]

    def evaluate(self) -> float:
        outputs = self.inputs
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            outputs = torch.relu(torch.nn.functional.linear(outputs, weights, biases))
        scores = torch.nn.functional.linear(outputs, self.weights[-1], self.biases[-1]).squeeze(1)
        loss = torch.relu(1 - self.targets * scores).sum() * self.problem.scale
        if self.problem.decay:
            loss = loss + self.problem.decay * sum((block * block).sum() for block in self.weights + self.biases)
        loss.backward()
        return loss.item()

    def gradients(self) -> list[float]:
        found: list[float] = []
        for weights, biases, units in zip(self.weights, self.biases, SIZES[1:], strict=True):
            rows = torch.cat((_gradient(weights), _gradient(biases).view(units, 1)), dim=1)
            found += rows.flatten().tolist()
        return found

    def update(self) -> None:
        _descend(self.weights + self.biases, self.problem.rate)


def _tensor(numbers: object) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def _gradient(parameter: torch.Tensor) -> torch.Tensor:
    assert parameter.grad is not None
    return parameter.grad


def _descend(parameters: list[torch.Tensor], rate: float) -> None:
    with torch.no_grad():
        for parameter in parameters:
            parameter.sub_(_gradient(parameter), alpha=rate)
            parameter.grad = None
