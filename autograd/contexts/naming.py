"""`name_locals`: give Values the names of their local variables as labels."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

from autograd.value import Value


def name_locals() -> "_Naming":
    """Return a context. When it ends, every Value without a label gets the name of its local variable.

    Values in lists and tuples get a name with their place: `w[0]`. A Value in several variables gets one of the names.
    Names that begin with an underscore are not used.

    >>> with name_locals():
    ...     a, b = Value(2), [Value(3), Value(4)]
    ...     c = a * b[1]
    >>> c, b[1]
    (Value(8, 'c', grad=-, op='mul'), Value(4, 'b[1]', grad=-))
    """
    return _Naming()


class _Naming:
    """The context of `name_locals`."""

    def __enter__(self) -> Self:
        self._frame: FrameType | None = sys._getframe(1)
        return self

    def __exit__(self, *_: object) -> None:
        if self._frame is not None:  # None if this object was entered twice: the work is done
            label_all(self._frame.f_locals)
        self._frame = None


def label_all(variables: Mapping[str, Any]) -> list[Value]:
    """Give each Value without a label the name of its variable, and return these Values."""
    named = []
    for name, found in _values_in(variables):
        if found.label is None:
            found.label = name
            named.append(found)
    return named


@contextmanager
def labelled(variables: Mapping[str, Any]) -> Iterator[None]:
    """Give each Value without a label the name of its variable until the context ends."""
    named = label_all(variables)
    try:
        yield
    finally:
        for found in named:
            found.label = None


def _values_in(variables: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    for name, content in variables.items():
        if name.startswith("_"):  # IPython keeps results in _, __ and _1
            continue
        if isinstance(content, Value):
            yield name, content
        elif isinstance(content, (list, tuple)):
            for index, item in enumerate(content):
                if isinstance(item, Value):
                    yield f"{name}[{index}]", item
