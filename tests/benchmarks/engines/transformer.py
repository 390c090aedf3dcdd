"""The program `notebooks/transformer.py` in gradstep's Values, and in a class as plain as a first lecture's."""

from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

from plain import Scalar

from .base import Engine
from .plain import engine_mode

NAME = "marco"


class TransformerStep(Engine):
    """The loss of one name with its gradients, and Adam's step, as the program takes them."""

    def __init__(self, program: SimpleNamespace, scalar: Any, release: str, mode: str = "") -> None:
        self.speller = program.Speller(scalar)
        self.adam = program.Adam(self.speller.parameters)
        self.version, self.mode = release, mode

    def evaluate(self) -> float:
        loss = self.speller.loss(NAME)
        loss.backward()
        return float(loss.data)

    def gradients(self) -> list[float]:
        return [parameter.grad for parameter in self.speller.parameters]

    def update(self) -> None:
        self.adam.step()


def gradstep(program: SimpleNamespace) -> Engine:
    """Return the program as it stands."""
    return TransformerStep(program, program.Value, "gradstep " + version("gradstep"), engine_mode())


def plain(program: SimpleNamespace) -> Engine:
    """Return the program with the plain class."""
    return TransformerStep(program, Scalar, "tests/plain.py")
