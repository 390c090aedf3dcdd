"""Two functions of GradBench as plain Python of scalars: a mixture's objective, and bundle adjustment's residual.

The formulas are those of F. Srajer, Z. Kukelova and A. Fitzgibbon, "A benchmark of selected algorithmic differentiation
tools on some problems in computer vision and machine learning" (2018), sections 4.1 and 4.2, which GradBench took over.
The numbers are random. A scalar has Python's operators and the methods `exp`, `log`, `sin`, `cos` and `maximum`.
"""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

DIMENSIONS, COMPONENTS, POINTS = 2, 5, 200
GAMMA, EXTRA = 1.0, 0  # of the Wishart prior
BELOW = DIMENSIONS * (DIMENSIONS - 1) // 2
CAMERA, INPUTS = 11, 15  # the numbers of a camera; with those of a point and its weight
OBSERVATIONS = 100

Component = tuple[Any, list[Any], list[Any], list[Any]]
"""Its weight alpha, its mean, the logarithms of the diagonal of the matrix Q, and what stands below the diagonal."""


@dataclass(frozen=True)
class Mixture:
    """Points, and first parameters: the numbers of each component, one component after the other."""

    points: list[list[float]]
    parameters: list[float]
    rate: float = 1e-5


@dataclass(frozen=True)
class Observations:
    """The 15 numbers of each observation - camera, point, weight - and where the point was seen in the picture."""

    numbers: list[list[float]]
    seen: list[list[float]]


def mixture(scale: float = 1.0) -> Mixture:
    """Return 200 points, or a part of so many, and 5 components in 2 dimensions."""
    generator = random.Random(1)
    size = COMPONENTS * (1 + 2 * DIMENSIONS + BELOW)
    points = [[generator.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(round(POINTS * scale))]
    return Mixture(points, [generator.gauss(0, 1) for _ in range(size)])


def components(parameters: Iterable[Any]) -> list[Component]:
    """Return parameters of any kind as components."""
    following = iter(parameters)

    def some(count: int) -> list[Any]:
        return [next(following) for _ in range(count)]

    return [(next(following), some(DIMENSIONS), some(DIMENSIONS), some(BELOW)) for _ in range(COMPONENTS)]


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """Return the sum of the products of two rows."""
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total


def added(row: Sequence[Any]) -> Any:
    """Return the sum of a row."""
    return sum(row[1:], row[0])


def log_sum_exp(row: Sequence[Any]) -> Any:
    """Return ln(e**x + e**y + ...), without overflow."""
    largest = row[0]
    for x in row[1:]:
        largest = largest.maximum(x)
    return added([(x - largest).exp() for x in row]).log() + largest


def log_density(parts: Iterable[Component], point: Sequence[Any]) -> Any:
    """Return the term of one point: log_sum_exp over k of alpha_k + ln det Q_k - |Q_k (x - mean_k)|**2 / 2."""
    terms = []
    for alpha, mean, logs, below in parts:
        centred = [x - m for x, m in zip(point, mean, strict=True)]
        scaled = [x * q.exp() for x, q in zip(centred, logs, strict=True)]
        following = iter(below)
        for column in range(DIMENSIONS):
            for row in range(column + 1, DIMENSIONS):
                scaled[row] = scaled[row] + next(following) * centred[column]
        terms.append(alpha + added(logs) - 0.5 * dot(scaled, scaled))
    return log_sum_exp(terms)


def beside_points(parts: Sequence[Component], count: int) -> Any:
    """Return the terms without a point: -n log_sum_exp(alpha), the Wishart prior of each Q_k, and a constant."""
    total = -count * log_sum_exp([alpha for alpha, _, _, _ in parts])
    for _, _, logs, below in parts:
        diagonal = [q.exp() for q in logs]
        squares = dot(diagonal, diagonal) + (dot(below, below) if below else 0.0)
        total = total + 0.5 * GAMMA**2 * squares - EXTRA * added(logs)
    freedom = DIMENSIONS + EXTRA + 1
    gammas = sum(math.lgamma((freedom - place) / 2) for place in range(DIMENSIONS))
    norm = freedom * DIMENSIONS * math.log(GAMMA / math.sqrt(2)) - gammas
    norm -= DIMENSIONS * (DIMENSIONS - 1) / 4 * math.log(math.pi)
    return total - COMPONENTS * norm - count * DIMENSIONS / 2 * math.log(2 * math.pi)


def objective(problem: Mixture, parameters: Iterable[Any]) -> Any:
    """Return the objective of all points, in scalars of one kind."""
    parts = components(parameters)
    return added([log_density(parts, point) for point in problem.points]) + beside_points(parts, len(problem.points))


def observations(scale: float = 1.0) -> Observations:
    """Return 100 observations, or a part of so many, each of its own camera and point."""
    generator = random.Random(1)
    count = round(OBSERVATIONS * scale)
    numbers = [[generator.uniform(0.1, 1) for _ in range(INPUTS)] for _ in range(count)]
    return Observations(numbers, [[generator.uniform(-1, 1) for _ in range(2)] for _ in range(count)])


def residual(numbers: Sequence[Any], seen: Sequence[Any]) -> list[Any]:
    """Return the weighted distance, in each direction of the picture, of a point from where it was seen.

    The camera has a rotation (an axis times an angle, which is not 0), a centre, the focal length, the middle of the
    picture, and two numbers of its radial distortion.
    """
    rotation, centre, (focal,), middle, (first, second) = (
        numbers[start:end] for start, end in ((0, 3), (3, 6), (6, 7), (7, 9), (9, CAMERA))
    )
    *point, weight = numbers[CAMERA:]
    x, y, z = rotated(rotation, [p - c for p, c in zip(point, centre, strict=True)])
    picture = [x / z, y / z]
    square = dot(picture, picture)
    distortion = 1 + first * square + second * square * square
    return [weight * (p * distortion * focal + m - s) for p, m, s in zip(picture, middle, seen, strict=True)]


def rotated(rotation: Sequence[Any], vector: Sequence[Any]) -> list[Any]:
    """Return a vector turned about an axis, by the formula of Rodrigues."""
    angle = dot(rotation, rotation) ** 0.5
    cosine, sine = angle.cos(), angle.sin()
    a, b, c = axis = [r / angle for r in rotation]
    x, y, z = vector
    across = [b * z - c * y, c * x - a * z, a * y - b * x]
    along = dot(axis, vector) * (1 - cosine)
    return [v * cosine + w * sine + u * along for u, v, w in zip(axis, vector, across, strict=True)]
