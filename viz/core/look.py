"""How a picture looks: its direction, the numbers in it, and the sizes of its letters."""

import re
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from autograd.passes.wording import DIGITS
from autograd.table.scalars import format_number

DIRECTIONS = {"right": "LR", "down": "TB"}
"""The directions of a picture, each with Graphviz's name for it."""
SLIDES = {"16:9": (1280, 720), "4:3": (960, 720)}
"""The sizes of slides, in pixels."""
PRINTED = 0.75
"""Points on paper for a point of the layout: less than 1, as TeX's small letters are narrower than Courier."""
_UNITS = {"cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72, "bp": 1, "pt": 72 / 72.27}
"""The units of TeX, in points of the layout engine."""
FONT_SIZES = 4, 100
"""The smallest and the largest `font_size`."""
_ON_A_SLIDE, _ON_PAPER = 12, 11
"""The size of the smallest letters: 12 pixels on a slide; 8.25 points on paper, since PRINTED makes them smaller."""
_TITLE = 4 / 3
"""The size of a name, as a share of the smallest letters: its indices, 3/4 of it, are as large as those."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture looks, whatever its graph.

    `direction` is "right" or "down". Without `partials` or `gradients`, these numbers are not shown. `digits` is the
    number of significant digits. `font_size` is the size of the smallest letters, in points; None for the usual sizes.
    It is a whole number, since Graphviz rounds the sizes inside boxes down.
    """

    direction: str = "right"
    partials: bool = True
    gradients: bool = True
    digits: int = DIGITS
    font_size: int | None = None

    def number(self, number: float | None) -> str:
        """Return a number as the picture shows it; "-" for None, which was not computed."""
        return "-" if number is None else format_number(number, self.digits)

    def columns(self, data: T, gradient: T) -> tuple[T, ...]:
        """Return what is said of the data and of the gradient, without the latter if gradients are not shown."""
        return (data, gradient) if self.gradients else (data,)

    def size(self, usual: int) -> int:
        """Return the size of letters whose usual size is given."""
        return self.font_size or usual

    @property
    def name_size(self) -> int:
        """The size of the name of a box, and of an operation."""
        return 12 if self.font_size is None else round(self.font_size * _TITLE)

    @property
    def least_index(self) -> int:
        """The smallest size of an index."""
        return self.font_size or 0


USUAL = Look()


class Size(NamedTuple):
    """How large a picture may be, in points of the layout, with letters of `letters` points."""

    width: float
    height: float
    letters: int

    @property
    def area(self) -> float:
        """The area in square points."""
        return self.width * self.height

    @classmethod
    def of(cls, fit: str) -> "Size":
        """Return the size of a slide, "16:9", or of half a page of LaTeX with this width, "12cm".

        Raises ValueError for another text.

        >>> Size.of("16:9"), Size.of("12cm").letters
        (Size(width=1280, height=720, letters=12), 11)
        """
        if fit in SLIDES:
            return cls(*SLIDES[fit], _ON_A_SLIDE)
        length = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([a-z]+)", str(fit))
        if length is None or length[2] not in _UNITS or not float(length[1]):
            raise ValueError(f"expected {', '.join(map(repr, SLIDES))} or a width such as '12cm' for fit, got {fit!r}.")
        width = float(length[1]) * _UNITS[length[2]] / PRINTED
        return cls(width, width / 2, _ON_PAPER)
