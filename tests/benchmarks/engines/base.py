"""What an engine does to be measured."""

from abc import ABC, abstractmethod


class MissingError(Exception):
    """An engine cannot be measured here; the message says why."""


class Engine(ABC):
    """One way to train the network on a problem; made with the problem's first parameters.

    `version` says what was measured. `mode` tells rows of one package apart, such as "compiled". `building` is the
    time in seconds that it took to prepare a function once, where that is worth knowing.
    """

    version: str = ""
    mode: str = ""
    building: float | None = None

    @abstractmethod
    def evaluate(self) -> float:
        """Compute the loss and the gradients; return the loss."""

    @abstractmethod
    def gradients(self) -> list[float]:
        """Return the gradients of the last evaluation, in the problem's order of parameters."""

    @abstractmethod
    def update(self) -> None:
        """Take a step against the gradients, and make ready for the next evaluation."""
