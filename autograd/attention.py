"""Whether anyone asks recording for more than to compute: one number that the hot path compares to 0.

Reads nothing. It has a module of its own, since the modules that change it are not compiled and those that read it are.
"""

from typing import Final

from mypy_extensions import i64


class Attention:
    """The count of open contexts of `modes`, in all threads; while it is 0, recording need not look for its mode."""

    __slots__ = ("contexts",)

    def __init__(self) -> None:
        self.contexts: i64 = 0


ATTENTION: Final = Attention()
