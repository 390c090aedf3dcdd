"""The shape of a function's arguments: numbers and Values in nested lists and tuples.

`flatten` turns them into one flat list, and builds the same shape again. Arrays count as nested lists.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from inspect import Parameter, signature
from typing import Any, Final

from autograd.table.interpretation import Interpretation
from autograd.table.scalars import as_float, got, is_number, refusal
from autograd.value import Value, constant

OF_A_REPLAY: Final = "an argument of a replay"


class Shape:
    """The shape of one argument, or of all: a number if `parts` is None, else a sequence of shapes.

    Raises TypeError if it finds anything but numbers and Values; `asked` tells the error what they are for.
    """

    __slots__ = ("is_tuple", "parts")

    def __init__(self, sample: Any, asked: str) -> None:
        sample = _as_lists(sample)
        self.is_tuple = isinstance(sample, tuple)
        self.parts: list[Shape] | None = None
        if isinstance(sample, (list, tuple)):
            self.parts = [Shape(part, asked) for part in sample]
        elif not isinstance(sample, Interpretation) and not is_number(sample):
            raise TypeError(refusal(sample, asked))

    def leaves(self, item: Any, asked: str) -> list[Any]:
        """Return the numbers (as floats) and Values of an item with this shape, in order."""
        if self.parts is None:
            return [item if isinstance(item, Interpretation) else as_float(item, asked)]
        return [
            leaf for part, inner in zip(self.parts, _as_lists(item), strict=True) for leaf in part.leaves(inner, asked)
        ]

    def gather(self, item: Any, numbers: list[float], values: list[Any]) -> bool:
        """Append the numbers, and the Value of each (None for a plain number). Return False for another shape.

        A tuple in place of a list is another shape.
        """
        parts = self.parts
        if parts is None:
            if isinstance(item, Value):
                numbers.append(item._data)
                values.append(item)
                return True
            if type(item) is not float:
                if isinstance(item, (list, tuple, Interpretation)):
                    return False
                item = as_float(item, OF_A_REPLAY)
            numbers.append(item)
            values.append(None)
            return True
        items = self._items(item)
        if items is None or len(items) != len(parts):
            return False
        return all(parts[place].gather(items[place], numbers, values) for place in range(len(parts)))

    def in_values(self, item: Any) -> Any:
        """Return an item with constants for plain numbers and lists for arrays; None if it has another shape."""
        parts = self.parts
        if parts is None:
            if type(item) is float:
                return constant(item)
            if isinstance(item, Value):
                return item
            return None if isinstance(item, (list, tuple, Interpretation)) else constant(as_float(item, OF_A_REPLAY))
        items = self._items(item)
        if items is None or len(items) != len(parts):
            return None
        built: list[Any] = []
        for place in range(len(parts)):
            inner = parts[place].in_values(items[place])
            if inner is None:
                return None
            built.append(inner)
        return tuple(built) if self.is_tuple else built

    def _items(self, item: Any) -> Any:
        """Return a list, a tuple or an array as the kind of sequence that this shape has; None for anything else."""
        if self.is_tuple:
            return item if isinstance(item, tuple) else None
        if not isinstance(item, list):
            item = _as_lists(item)
        return item if isinstance(item, list) else None

    def is_like(self, other: "Shape") -> bool:
        """Say whether the shapes are the same but for lists in place of tuples."""
        if self.parts is None or other.parts is None:
            return self.parts is other.parts
        alike = [part.is_like(another) for part, another in zip(self.parts, other.parts, strict=False)]
        return len(self.parts) == len(other.parts) and all(alike)

    def count(self) -> int:
        """Return how many numbers there are."""
        return 1 if self.parts is None else sum([part.count() for part in self.parts])

    def rebuilt(self, items: list[Any]) -> Any:
        """Return the items in this shape; `items` is reversed, and the items are popped from its end."""
        if self.parts is None:
            return items.pop()
        built = [part.rebuilt(items) for part in self.parts]
        return tuple(built) if self.is_tuple else built

    def __str__(self) -> str:
        if self.parts is None:
            return "number"
        text = ", ".join([str(part) for part in self.parts])
        if len(self.parts) > 1 and all(part.parts is None for part in self.parts):
            text = f"{len(self.parts)} numbers"
        return f"({text})" if self.is_tuple else f"[{text}]"


def flat_row(row: Any, count: int) -> list[float] | None:
    """Return the numbers of a flat sequence of `count` plain numbers; None for anything else."""
    if not isinstance(row, (list, tuple)) or len(row) != count:
        return None
    numbers: list[float] = []
    for item in row:
        if type(item) is float:
            numbers.append(item)
        elif is_number(item):
            numbers.append(as_float(item, OF_A_REPLAY))
        else:
            return None
    return numbers


def flat_rows(rows: list[Any], count: int) -> list[list[float]]:
    """Return the numbers of the rows before the first one that is not a flat sequence of `count` plain numbers."""
    gathered: list[list[float]] = []
    with suppress(OverflowError):  # whoever goes on with this row raises it
        for row in rows:
            numbers = flat_row(row, count)
            if numbers is None:
                break
            gathered.append(numbers)
    return gathered


def matrix_numbers(rows: Any, count: int) -> "tuple[memoryview[float], int] | None":
    """Return the numbers of a matrix with `count` columns, one row after the other, and how many rows it has.

    It is an array of NumPy or a memoryview of doubles; None for anything else, and for a matrix without numbers.
    """
    if type(rows).__module__ == "numpy" and rows.ndim == 2 and rows.dtype.kind in "biuf":
        rows = memoryview(rows.astype(float, order="C", copy=False))
    if not isinstance(rows, memoryview) or rows.ndim != 2 or rows.format != "d" or not rows.c_contiguous:
        return None
    height, width = rows.shape or (0, 0)
    return (rows.cast("B").cast("d"), height) if height and width == count else None


def _as_lists(item: Any) -> Any:
    """Return an array as nested lists, anything else unchanged."""
    if isinstance(item, (list, tuple, float, Value)) or is_number(item) or not hasattr(item, "tolist"):
        return item
    return item.tolist()


Rebuild = Callable[[Sequence[Any]], Any]


def flatten(structure: Any, asked: str = "an input") -> tuple[list[Any], Rebuild]:
    """Return the numbers of a nested structure in order, and a function that puts other items into the same structure.

    Lists and tuples keep their type; an array becomes nested lists. Numbers become floats, Values stay. Raises
    TypeError if it finds anything else; `asked` tells the error what the numbers are for.

    >>> numbers, rebuild = flatten([1, (2, 3)])
    >>> numbers, rebuild("abc")
    ([1.0, 2.0, 3.0], ['a', ('b', 'c')])
    """
    shape = Shape(structure, asked)
    return shape.leaves(structure, asked), lambda items: shape.rebuilt(list(items)[::-1])


def arguments_of(given: Any) -> tuple[Any, ...]:
    """Return the arguments of a call: a tuple or list of them, or the only one.

    >>> arguments_of([1, 2]), arguments_of(3)
    ((1, 2), (3,))
    """
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def require_function(function: object, caller: str) -> None:
    """Raise TypeError if this is no function; `caller` is the name of the function that asks for one."""
    if not callable(function):
        raise TypeError(
            f"expected a function of Values for {caller}(), got {got(function)}. "
            "Give the function itself, f, not its result f(x)."
        )


def input_names(function: Callable[..., Any], inputs: Sequence[Any]) -> list[str]:
    """Return a name for each number of the inputs, from the function's parameters: "x", "w[0]", "w[1]".

    >>> input_names(lambda x, w: x, [3.0, [1.0, 2.0]])
    ['x', 'w[0]', 'w[1]']
    """
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):  # some built-in functions have no signature
        parameters = []
    positional = [p.name for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    names = [positional[i] if i < len(positional) else f"input {i + 1}" for i in range(len(inputs))]
    return [path for name, part in zip(names, inputs, strict=True) for path in _paths(name, part)]


def _paths(name: str, part: Any) -> list[str]:
    part = _as_lists(part)
    if not isinstance(part, (list, tuple)):
        return [name]
    return [path for index, item in enumerate(part) for path in _paths(f"{name}[{index}]", item)]
