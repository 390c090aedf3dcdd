"""The compiled module `native`, from `native.c`: the same as `Program` and `Rows`, run by C."""

from typing import Any

from autograd.replays.batch import Rows as RowsInPython

class Program:
    def __init__(
        self,
        codes: Any,
        lefts: Any,
        rights: Any,
        posts: Any,
        factors: Any,
        others: Any,
        data: Any,
        totals: Any,
        first: int,
        root: int,
        /,
    ) -> None: ...
    def forward(self) -> None: ...
    def backward(self, seed: float, root: int, mask: bytes | None, /) -> None: ...

class Rows(RowsInPython):
    def __init__(
        self,
        program: Program,
        differs: bytes,
        varies: bytes,
        kept: bytes,
        inputs: int,
        width: int = ...,
        /,
    ) -> None: ...

def widths() -> list[int]: ...
