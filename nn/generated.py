"""Data sets of points that are made up, the same for the same seed: moons, circles, xor, spiral, blobs.

Reads Python's generator of random numbers and nothing else; the rows are shuffled by the same seed.
"""

import math
from collections.abc import Callable, Iterator
from random import Random

from autograd.scalars import as_finite, as_whole
from nn.datasets import Dataset

Labelled = tuple[tuple[float, ...], int]
"""A point and its class."""


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return `n` points of two half circles of radius 1 that reach into each other, with Gaussian noise.

    The upper one is around (0, 0), the lower one around (1, 1/2), as scikit-learn makes them. `noise` is the standard
    deviation of each coordinate. Raises ValueError for fewer points than classes or a negative noise; so do the others.

    >>> moons(100, noise=0.1)
    Dataset('moons', 100 rows, 2 features, classes upper and lower)
    """
    angles = [(math.pi * part, label) for part, label in _evenly(n, 2)]
    points = [((math.cos(t), math.sin(t)), 0) if label == 0 else _lower(t) for t, label in angles]
    return _made("moons", points, ("upper", "lower"), noise, seed)


def _lower(angle: float) -> Labelled:
    return (1.0 - math.cos(angle), 0.5 - math.sin(angle)), 1


def circles(n: int = 100, noise: float = 0.05, seed: int = 0) -> Dataset:
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


def xor(n: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return `n` points around the corners of the unit square, of class 1 where one coordinate is near 1, not both.

    Four points without noise are the table of exclusive or.

    >>> sorted(zip(xor(4, noise=0).inputs, xor(4, noise=0).targets))
    [((0.0, 0.0), 0), ((0.0, 1.0), 1), ((1.0, 0.0), 1), ((1.0, 1.0), 0)]
    """
    _check_count(n, 2)
    corners: list[Labelled] = [((0.0, 0.0), 0), ((0.0, 1.0), 1), ((1.0, 1.0), 0), ((1.0, 0.0), 1)]
    return _made("xor", [corners[place % 4] for place in range(n)], ("equal", "different"), noise, seed)


def spiral(n: int = 200, noise: float = 0.02, seed: int = 0, classes: int = 2) -> Dataset:
    """Return `n` points of `classes` arms (2 or more) that wind once around (0, 0), from radius 0.1 out to 1.

    >>> spiral(300, classes=3).class_names
    ('arm 1', 'arm 2', 'arm 3')
    """
    if classes < 2:
        raise ValueError(f"a spiral has two arms or more, but {classes!r} were asked for.")
    points: list[Labelled] = []
    for part, label in _evenly(n, classes):
        radius, angle = 0.1 + 0.9 * part, 2.0 * math.pi * (part + label / classes)
        points.append(((radius * math.cos(angle), radius * math.sin(angle)), label))
    return _made("spiral", points, tuple(f"arm {place}" for place in range(1, classes + 1)), noise, seed)


def blobs(n: int = 150, noise: float = 0.4, seed: int = 0) -> Dataset:
    """Return `n` points of three Gaussian clouds with four features, somewhat like Fisher's measurements of irises.

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
    """Yield for each class numbers from 0 to 1 at equal distances, each with the class."""
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
    return Dataset([point for point, _ in rows], [label for _, label in rows], (), class_names, name)


def _check_count(n: int, least: int) -> None:
    as_whole(n, "the number of points", least)
