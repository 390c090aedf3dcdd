"""`vec`, a flat array of one type of number, which mypyc compiles to C: `vec[float]([0.0] * 3)`.

Interpreted source uses a list instead, which is faster there.
"""

from typing import TYPE_CHECKING

__all__ = ["vec"]

if TYPE_CHECKING:
    from librt.vecs import vec
else:

    class _List:
        """Replaces librt's `vec` in interpreted source: the array is a list."""

        def __class_getitem__(cls, _: type) -> type[list]:
            return list

    vec = _List
