"""`Dataset`: rows of numbers with the class, or the number, that a network is to learn of each.

Reads nothing but the rule for numbers; generated point clouds and CSV files become data sets.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import index

from autograd.scalars import as_finite, counted


@dataclass(frozen=True, repr=False)
class Dataset:
    """Rows of inputs with their targets.

    `inputs` has a sequence of finite numbers a row. With `class_names`, of which there are two or more, `targets` are
    classes, counted from 0; without, they are finite numbers. Features without names are called x1, x2, ... Raises
    ValueError where rows, targets and names do not fit together or a number is not finite, TypeError for what is no
    number.

    >>> Dataset([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 0], class_names=("even", "odd"))
    Dataset('data', 4 rows, 2 features, classes even and odd)
    >>> Dataset([[1], [2]], [0.5, 1.0], name="line")
    Dataset('line', 2 rows, 1 feature)
    """

    inputs: Sequence[Sequence[float]]
    targets: Sequence[float]
    feature_names: Sequence[str] = ()
    class_names: Sequence[str] = ()
    name: str = "data"

    def __post_init__(self) -> None:
        """Check that rows, targets and names fit together, and keep them as tuples."""
        inputs = tuple(self._row(place, row) for place, row in enumerate(self.inputs, start=1))
        if not inputs:
            raise ValueError(f"a data set needs at least one row, but {self.name} has none.")
        targets = tuple(self._target(place, target) for place, target in enumerate(self.targets, start=1))
        if len(targets) != len(inputs):
            raise ValueError(f"{self.name} has {len(inputs)} rows, but {len(targets)} targets.")
        names = tuple(self.feature_names) or tuple(f"x{place}" for place in range(1, len(inputs[0]) + 1))
        for place, row in enumerate(inputs, start=1):
            if len(row) != len(names):
                raise ValueError(f"{self.name} has {len(names)} features, but row {place} has {len(row)} numbers.")
        for field, checked in (("inputs", inputs), ("targets", targets), ("feature_names", names)):
            object.__setattr__(self, field, checked)
        object.__setattr__(self, "class_names", tuple(self.class_names))

    def _row(self, place: int, row: Sequence[float]) -> tuple[float, ...]:
        if not hasattr(row, "__len__") or isinstance(row, str):
            raise TypeError(f"row {place} of {self.name} must be a list of numbers, but {row!r} came.")
        if not len(row):
            raise ValueError(f"a data set needs at least one feature, but row {place} of {self.name} is empty.")
        return tuple(as_finite(number, f"feature {i} of row {place} of {self.name}") for i, number in enumerate(row, 1))

    def _target(self, place: int, target: float) -> float:
        if not self.class_names:
            return as_finite(target, f"the target of row {place} of {self.name}")
        count = len(self.class_names)
        if count == 1:
            raise ValueError(f"{self.name} has one class, {self.class_names[0]!r}; there is nothing to tell apart.")
        if not hasattr(target, "__index__") or not 0 <= index(target) < count:
            raise ValueError(
                f"the target of row {place} of {self.name} must be a class from 0 to {count - 1}, but {target!r} came."
            )
        return index(target)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.inputs)

    def __repr__(self) -> str:
        features = len(self.feature_names)
        parts = [f"{self.name!r}", counted(len(self), "row"), counted(features, "feature")]
        if self.class_names:
            parts.append(f"classes {', '.join(self.class_names[:-1])} and {self.class_names[-1]}")
        return f"Dataset({', '.join(parts)})"

    @property
    def largest(self) -> float:
        """The largest magnitude among the inputs."""
        return max(abs(number) for row in self.inputs for number in row)

    def standardized(self) -> "Dataset":
        """Return the data set with each feature shifted and scaled to the mean 0 and the standard deviation 1.

        A feature that is the same in all rows becomes 0.

        >>> Dataset([[1], [3]], [0.5, 1.0]).standardized().inputs
        ((-1.0,), (1.0,))
        """
        columns = [_standardized(column) for column in zip(*self.inputs, strict=True)]
        rows = list(zip(*columns, strict=True))
        return Dataset(rows, self.targets, self.feature_names, self.class_names, self.name)


def _standardized(column: Sequence[float]) -> list[float]:
    """Return numbers with the mean 0 and the standard deviation 1; equal ones become 0."""
    if min(column) == max(column):  # whose mean may differ from them in the last digit
        return [0.0] * len(column)
    _, exponent = math.frexp(max(map(abs, column)))
    scaled = [math.ldexp(number, -exponent) for number in column]  # exact, and no square is too large or too small
    mean = math.fsum(scaled) / len(scaled)
    deviation = math.sqrt(math.fsum((number - mean) ** 2 for number in scaled) / len(scaled))
    return [(number - mean) / deviation for number in scaled]
