"""Arguments as a flat list and back: numbers in nested lists, tuples and arrays, as functions of users take them.

Reads `shapes`.
"""

from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from typing import Any

from autograd.scalars import is_number
from autograd.shapes import Shape

Rebuild = Callable[[Sequence[Any]], Any]


def flatten(structure: Any, asked: str = "an input") -> tuple[list[Any], Rebuild]:
    """Return the numbers of a nested structure in order, and a function that builds the same structure of others.

    Lists and tuples keep their type; an array becomes nested lists. Numbers become floats, Values stay. Raises
    TypeError where something else is found, named by `asked`.

    >>> numbers, rebuild = flatten([1, (2, 3)])
    >>> numbers, rebuild("abc")
    ([1.0, 2.0, 3.0], ['a', ('b', 'c')])
    """
    shape = Shape(structure, asked)
    return shape.leaves(structure, asked), lambda items: shape.rebuilt(list(items)[::-1])


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
    if not isinstance(part, (list, tuple)) and hasattr(part, "tolist") and not is_number(part):
        part = part.tolist()
    if not isinstance(part, (list, tuple)):
        return [name]
    return [path for index, item in enumerate(part) for path in _paths(f"{name}[{index}]", item)]
