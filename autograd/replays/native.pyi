"""The compiled module `native`, from `native.c`: the same as `Program` and `RowsInPython`, run by C."""

from array import array
from typing import Any

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

class Rows:
    def __init__(
        self,
        program: Program,
        differs: bytes,
        varies: bytes,
        kept: bytes,
        collect: bytes,
        inputs: int,
        width: int = ...,
        /,
    ) -> None: ...
    def start(self) -> None: ...
    def run(
        self,
        numbers: Any,
        rows: array[int] | None,
        count: int,
        values: array[float],
        gradients: bool,
        columns: tuple[array[float], array[int], array[int], int, int] | None,
        /,
    ) -> None: ...
    def held(self, numbers: Any, rows: array[int] | None, count: int, guards: array[float], /) -> bytes: ...
    def sum(self, slot: int, /) -> float: ...

def add_rows(sums: array[float], rows: array[float], count: int, /) -> None: ...
def widths() -> list[int]: ...
