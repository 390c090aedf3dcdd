"""`vec`, a flat array of one type of number, which mypyc compiles to C: `vec[float]([0.0] * 3)`.

Where the source is interpreted, and boxes would make such an array slower than a list, a list takes its place.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from librt.vecs import vec as vec  # noqa: PLC0414 - named twice: other modules take it from here
else:

    class vec:  # noqa: N801 - named as what it stands for
        """Stands for librt's `vec` in interpreted source: the array is a list."""

        def __class_getitem__(cls, _: type) -> type[list]:
            return list
