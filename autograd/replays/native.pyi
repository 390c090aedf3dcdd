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
        first: int,
        /,
    ) -> None: ...
    def run(self) -> None: ...

class Sweep:
    def __init__(self, program: Program, root: int, mask: bytes | None, slots: Any, amounts: Any, /) -> None: ...
    def run(self, seed: float, /) -> None: ...

class Rows(RowsInPython):
    def __init__(
        self,
        program: Program,
        differs: bytes,
        varies: bytes,
        kept: bytes,
        inputs: int,
        root: int,
        width: int = ...,
        /,
    ) -> None: ...

def widths() -> list[int]: ...
def unchanged(places: tuple[list[Any], ...], any_content: Any, missing: Any, /) -> bool: ...
