"""How a picture looks: its direction, the numbers in it, and the sizes of its letters."""

from dataclasses import dataclass

from autograd.passes.wording import DIGITS
from autograd.table.scalars import format_number

DIRECTIONS = {"right": "LR", "down": "TB"}
"""The directions of a picture, each with Graphviz's name for it."""
SLIDES = {"16:9": (1280, 720), "4:3": (960, 720)}
"""The sizes of slides, in pixels."""
FONT_SIZES = 4, 100
"""The smallest and the largest `font_size`."""
_TITLE = 4 / 3
"""The size of a name, as a share of the smallest letters: its indices, 3/4 of it, are as large as those."""


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
