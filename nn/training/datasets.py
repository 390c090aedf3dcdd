"""`Dataset`: rows of numbers, each with the class or number that a network should learn.

moons, circles, xor, spiral and blobs generate data sets; the same seed gives the same data.
"""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain
from operator import index
from random import Random

from autograd.table.scalars import all_finite, as_finite, as_whole, counted
from autograd.table.visible import visible


@dataclass(frozen=True, repr=False)
class Dataset:
    """Rows of inputs with their targets.

    `inputs` has a sequence of finite numbers for each row. With `class_names` (two or more), `targets` are classes,
    counted from 0; without them, targets are finite numbers. Features without names are called x1, x2, ... The `note`
    says what was left out when the data were read. Raises
    ValueError if rows, targets and names do not fit together or a number is not finite, TypeError for an entry that is
    not a number.

    >>> Dataset([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 0], class_names=("even", "odd"))
    Dataset('data', 4 rows, 2 features, classes even and odd)
    >>> Dataset([[1], [2]], [0.5, 1.0], name="line")
    Dataset('line', 2 rows, 1 feature)
    """

    inputs: Sequence[Sequence[float]]
    targets: Sequence[float]
    _: KW_ONLY
    feature_names: Sequence[str] = ()
    class_names: Sequence[str] = ()
    name: str = "data"
    note: str = ""

    def __post_init__(self) -> None:
        """Check that rows, targets and names fit together, and store them as tuples."""
        inputs = tuple(self.inputs)
        if not (set(map(type, inputs)) == {tuple} and all(inputs) and all_finite(list(chain.from_iterable(inputs)))):
            inputs = tuple(self._row(place, row) for place, row in enumerate(inputs, start=1))
        if not inputs:
            raise ValueError(f"expected at least one row for {self.name}, got none.")
        targets = tuple(self.targets)
        if not (_are_classes(targets, len(self.class_names)) if self.class_names else all_finite(targets)):
            targets = tuple(self._target(place, target) for place, target in enumerate(targets, start=1))
        if len(targets) != len(inputs):
            raise ValueError(
                f"expected {counted(len(inputs), 'target')} for the rows of {self.name}, got {len(targets)}."
            )
        names = tuple(self.feature_names) or tuple(f"x{place}" for place in range(1, len(inputs[0]) + 1))
        for place, row in enumerate(inputs, start=1):
            if len(row) != len(names):
                needed = counted(len(names), "number")
                raise ValueError(f"expected {needed} for row {place} of {self.name}, got {len(row)}.")
        for field, checked in (("inputs", inputs), ("targets", targets), ("feature_names", names)):
            object.__setattr__(self, field, checked)
        object.__setattr__(self, "class_names", tuple(self.class_names))

    def _row(self, place: int, row: Sequence[float]) -> tuple[float, ...]:
        if not hasattr(row, "__len__") or isinstance(row, str):
            raise TypeError(f"expected a list of numbers for row {place} of {self.name}, got {row!r}.")
        if not len(row):
            raise ValueError(f"expected at least one number for row {place} of {self.name}, got an empty list.")
        return tuple(as_finite(number, f"feature {i} of row {place} of {self.name}") for i, number in enumerate(row, 1))

    def _target(self, place: int, target: float) -> float:
        if not self.class_names:
            return as_finite(target, f"the target of row {place} of {self.name}")
        count = len(self.class_names)
        if count == 1:
            raise ValueError(f"expected at least two classes for {self.name}, got one: {self.class_names[0]!r}.")
        if not hasattr(target, "__index__") or not 0 <= index(target) < count:
            raise ValueError(
                f"expected a class from 0 to {count - 1} for the target of row {place} of {self.name}, got {target!r}."
            )
        return index(target)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.inputs)

    def __repr__(self) -> str:
        features = len(self.feature_names)
        parts = [f"{self.name!r}", counted(len(self), "row"), counted(features, "feature")]
        if self.class_names:
            parts.append(visible(f"classes {', '.join(self.class_names[:-1])} and {self.class_names[-1]}"))
        return f"Dataset({', '.join(filter(None, [*parts, self.note]))})"

    @property
    def largest(self) -> float:
        """The largest absolute value of the inputs."""
        return max(abs(number) for row in self.inputs for number in row)

    def standardized(self, *, like: "Dataset | None" = None) -> "Dataset":
        """Return the data set with each feature shifted and scaled to mean 0 and standard deviation 1.

        A feature that is equal in all rows becomes 0. With `like`, the mean and the deviation are those of that data
        set, such as the rows to learn from. Raises ValueError if it has other features or classes.

        >>> Dataset([[1], [3]], [0.5, 1.0]).standardized().inputs
        ((-1.0,), (1.0,))
        >>> Dataset([[5]], [0.5]).standardized(like=Dataset([[1], [3]], [0.5, 1.0])).inputs
        ((3.0,),)
        """
        if like is not None:
            self.require_like(like)
        pairs = zip(zip(*self.inputs, strict=True), zip(*(like or self).inputs, strict=True), strict=True)
        rows = list(zip(*(_standardized(*pair) for pair in pairs), strict=True))
        return replace(self, inputs=rows)

    def split(self, test: float, *, seed: int = 0) -> tuple["Dataset", "Dataset"]:
        """Return the rows to learn from, and those to hold out: this share of all rows, drawn at random.

        The same seed draws the same rows; both parts keep their order. Raises ValueError if `test` is not between 0 and
        1, or if a part would have no row.

        >>> learned, held_out = moons(10).split(0.3)
        >>> len(learned), held_out
        (7, Dataset('moons, held out', 3 rows, 2 features, classes upper and lower))
        """
        share = as_finite(test, "the share of rows to hold out")
        count = round(len(self) * share)
        if not (0 < share < 1 and 0 < count < len(self)):
            raise ValueError(
                f"expected a share between 0 and 1 that leaves rows in both parts of {self.name} with its "
                f"{counted(len(self), 'row')}, such as 0.3, got {test!r}."
            )
        drawn = {*Random(as_whole(seed, "seed", 0)).sample(range(len(self)), count)}
        return self._part(set(range(len(self))) - drawn, self.name), self._part(drawn, f"{self.name}, held out")

    def _part(self, rows: Collection[int], name: str) -> "Dataset":
        chosen = sorted(rows)
        inputs, targets = [self.inputs[row] for row in chosen], [self.targets[row] for row in chosen]
        return replace(self, inputs=inputs, targets=targets, name=name)

    def require_like(self, other: "Dataset") -> None:
        """Raise ValueError if another data set has other features or classes."""
        for what in ("feature_names", "class_names"):
            own, others = (visible(", ".join(getattr(data, what)) or "none") for data in (self, other))
            if own != others:
                raise ValueError(
                    f"expected the {what.replace('_', ' ')} of {other.name} for {self.name}, {others}, got {own}."
                )


def _are_classes(targets: Sequence[object], count: int) -> bool:
    """Say quickly whether these are classes; the answer is False if it needs a closer look."""
    return count > 1 and set(map(type, targets)) == {int} and set(range(count)).issuperset(targets)


def _standardized(column: Sequence[float], like: Sequence[float]) -> list[float]:
    """Return numbers, shifted and scaled so that `like` gets the mean 0 and the deviation 1; 0 if those are equal."""
    if min(like) == max(like):  # rounding could make their mean differ in the last digit
        return [0.0] * len(column)
    _, exponent = math.frexp(max(map(abs, like)))
    scaled = [math.ldexp(number, -exponent) for number in like]  # exact; no square overflows or underflows
    mean = math.fsum(scaled) / len(scaled)
    deviation = math.sqrt(math.fsum((number - mean) ** 2 for number in scaled) / len(scaled))
    return [(math.ldexp(number, -exponent) - mean) / deviation for number in column]


Labelled = tuple[tuple[float, ...], int]
"""A point and its class."""


def moons(n: int = 100, *, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return `n` points of two interleaved half circles of radius 1, with Gaussian noise.

    The upper half circle is around (0, 0), the lower one around (1, 1/2), as in scikit-learn. `noise` is the standard
    deviation of each coordinate. Raises ValueError for fewer points than classes, or for a negative noise.

    >>> moons(100, noise=0.1)
    Dataset('moons', 100 rows, 2 features, classes upper and lower)
    """
    angles = [(math.pi * part, label) for part, label in _evenly(n, 2)]
    points = [((math.cos(t), math.sin(t)), 0) if label == 0 else _lower(t) for t, label in angles]
    return _made("moons", points, ("upper", "lower"), noise, seed)


def _lower(angle: float) -> Labelled:
    return (1.0 - math.cos(angle), 0.5 - math.sin(angle)), 1


def circles(n: int = 100, *, noise: float = 0.05, seed: int = 0) -> Dataset:
    """Return `n` points of two circles around (0, 0), of radius 1 and 1/2, with Gaussian noise.

    >>> circles(4, noise=0).class_names
    ('outer', 'inner')
    """
    _check_count(n, 2)
    sizes = [(n + 1) // 2, n // 2]
    points: list[Labelled] = []
    for label, (size, radius) in enumerate(zip(sizes, (1.0, 0.5), strict=True)):
        for place in range(size):
            angle = 2.0 * math.pi * place / size
            points.append(((radius * math.cos(angle), radius * math.sin(angle)), label))
    return _made("circles", points, ("outer", "inner"), noise, seed)


def xor(n: int = 100, *, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return `n` points around the corners of the unit square; the class is 1 if exactly one coordinate is near 1.

    Four points without noise are the truth table of XOR.

    >>> sorted(zip(xor(4, noise=0).inputs, xor(4, noise=0).targets))
    [((0.0, 0.0), 0), ((0.0, 1.0), 1), ((1.0, 0.0), 1), ((1.0, 1.0), 0)]
    """
    _check_count(n, 2)
    corners: list[Labelled] = [((0.0, 0.0), 0), ((0.0, 1.0), 1), ((1.0, 1.0), 0), ((1.0, 0.0), 1)]
    return _made("xor", [corners[place % 4] for place in range(n)], ("equal", "different"), noise, seed)


def spiral(n: int = 200, *, noise: float = 0.02, seed: int = 0, classes: int = 2) -> Dataset:
    """Return `n` points of `classes` arms (2 or more) that wind once around (0, 0), from radius 0.1 out to 1.

    >>> spiral(300, classes=3).class_names
    ('arm 1', 'arm 2', 'arm 3')
    """
    if classes < 2:
        raise ValueError(f"expected 2 or more classes for a spiral, got {classes!r}.")
    points: list[Labelled] = []
    for part, label in _evenly(n, classes):
        radius, angle = 0.1 + 0.9 * part, 2.0 * math.pi * (part + label / classes)
        points.append(((radius * math.cos(angle), radius * math.sin(angle)), label))
    return _made("spiral", points, tuple(f"arm {place}" for place in range(1, classes + 1)), noise, seed)


def blobs(n: int = 150, *, noise: float = 0.4, seed: int = 0) -> Dataset:
    """Return `n` points of three Gaussian clouds with four features, similar to the iris data of Fisher.

    >>> blobs()
    Dataset('blobs', 150 rows, 4 features, classes a, b and c)
    """
    _check_count(n, 3)
    centres = [(-1.0, 1.0, -1.2, -1.2), (0.0, -0.6, 0.4, 0.2), (1.0, 0.0, 1.1, 1.2)]
    return _made("blobs", [(centres[place % 3], place % 3) for place in range(n)], ("a", "b", "c"), noise, seed)


DATASETS: dict[str, Callable[..., Dataset]] = {
    function.__name__: function for function in (moons, circles, xor, spiral, blobs)
}


def _evenly(n: int, classes: int) -> Iterator[tuple[float, int]]:
    """Yield, for each class, evenly spaced numbers from 0 to 1, each with the class."""
    _check_count(n, classes)
    for label in range(classes):
        size = (n + classes - 1 - label) // classes
        for place in range(size):
            yield place / max(size - 1, 1), label


def _made(name: str, points: list[Labelled], class_names: tuple[str, ...], noise: float, seed: int) -> Dataset:
    """Return the points with noise, shuffled."""
    deviation = as_finite(noise, f"the noise of {name}", from_zero=True)
    generator = Random(seed)
    rows = [(tuple(x + generator.gauss(0.0, deviation) for x in point), label) for point, label in points]
    generator.shuffle(rows)
    return Dataset([point for point, _ in rows], [label for _, label in rows], class_names=class_names, name=name)


def _check_count(n: int, least: int) -> None:
    as_whole(n, "the number of points", least)
