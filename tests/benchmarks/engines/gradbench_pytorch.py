"""The objectives of GradBench in PyTorch, in float64 and one thread, over all points or observations at once."""

import torch

from ..gradbench import BELOW, COMPONENTS, DIMENSIONS, Mixture, Observations, beside_points, components, residual
from .base import Engine

torch.set_num_threads(1)


class MixtureMatrices(Engine):
    """The components' numbers as one matrix, and all points at once."""

    version = f"PyTorch {torch.__version__}"

    def __init__(self, problem: Mixture) -> None:
        self.problem = problem
        self.points = torch.tensor(problem.points, dtype=torch.float64)
        rows = torch.tensor(problem.parameters, dtype=torch.float64).view(COMPONENTS, -1)
        self.parameters = rows.clone().requires_grad_()
        self.places = torch.tril_indices(DIMENSIONS, DIMENSIONS, offset=-1)

    def evaluate(self) -> float:
        weights, means, logs, below = self.parameters.split([1, DIMENSIONS, DIMENSIONS, BELOW], dim=1)
        matrices = torch.diag_embed(logs.exp()).index_put(
            (torch.arange(COMPONENTS)[:, None], self.places[0], self.places[1]), below
        )
        centred = self.points[:, None, :] - means
        scaled = torch.einsum("kij,nkj->nki", matrices, centred)
        terms = weights[:, 0] + logs.sum(1) - 0.5 * (scaled**2).sum(2)
        loss = torch.logsumexp(terms, 1).sum() + beside_points(components(self.parameters.view(-1)), len(self.points))
        loss.backward()
        return loss.item()

    def gradients(self) -> list[float]:
        assert self.parameters.grad is not None
        return self.parameters.grad.flatten().tolist()

    def update(self) -> None:
        with torch.no_grad():
            self.parameters.sub_(self.parameters.grad, alpha=self.problem.rate)
            self.parameters.grad = None


class BundleMatrices(Engine):
    """The function of one observation, its derivatives by `jacrev`, and all observations at once by `vmap`."""

    version = f"PyTorch {torch.__version__}"

    def __init__(self, problem: Observations) -> None:
        self.numbers = torch.tensor(problem.numbers, dtype=torch.float64)
        self.seen = torch.tensor(problem.seen, dtype=torch.float64)
        self.found = torch.zeros(0)
        self.function = torch.func.vmap(torch.func.jacrev(self._residual, has_aux=True))

    @staticmethod
    def _residual(numbers: torch.Tensor, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        both = torch.stack(residual(numbers.unbind(), seen.unbind()))
        return both, both

    def evaluate(self) -> float:
        self.found, both = self.function(self.numbers, self.seen)
        return float((both**2).sum())

    def gradients(self) -> list[float]:
        return self.found.flatten().tolist()

    def update(self) -> None:
        pass
