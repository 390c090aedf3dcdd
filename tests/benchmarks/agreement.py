"""Whether two engines found the same numbers."""

import math
from collections.abc import Sequence

from .worker import Outcome

TOLERANCE = 1e-9


def difference(found: Outcome, expected: Outcome) -> float:
    """Return the largest relative difference of losses and gradients; infinite where they cannot be compared."""
    return max(_largest(found.losses, expected.losses), _largest(found.gradients, expected.gradients))


def _largest(found: Sequence[float], expected: Sequence[float]) -> float:
    if len(found) != len(expected):
        return math.inf
    return max(map(_relative, found, expected))


def _relative(x: float, y: float) -> float:
    if x == y:
        return 0.0
    relative = abs(x - y) / max(abs(x), abs(y))
    return math.inf if math.isnan(relative) else relative


def complaint(name: str, found: Outcome, expected: Outcome) -> str:
    """Return a sentence about an engine whose numbers differ; "" where they agree."""
    if difference(found, expected) <= TOLERANCE:
        return ""
    parts = {"losses": (found.losses, expected.losses), "gradients": (found.gradients, expected.gradients)}
    sizes = [f"{part} by {_largest(*numbers):.2g}" for part, numbers in parts.items()]
    return f"{name} disagrees with gradstep: relative differences of the {' and of the '.join(sizes)}."
