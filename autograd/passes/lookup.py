"""`find` and `node_of`: a node of a graph by what texts call it."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from autograd.node import Node
from autograd.passes.steps import node_names
from autograd.passes.subject import came
from autograd.sweep import sweeping, topological_order
from autograd.value import Value

_SEARCHED = 2000  # names that are compared for a message, so that a large graph does not keep one waiting
_LISTED = 5


def find(names: Sequence[str], asked: str) -> int:
    """Return the place of the node that is called so, or of "v7" the place 7, whatever the node there is called.

    Among nodes of one name, "w[v7]" is the one at the place 7: so texts tell them apart.

    Raises TypeError where the name is no str, ValueError where no node or more than one is called so.

    >>> find(["x", "w", "v2"], "w"), find(["x", "w", "v2"], "v1")
    (1, 1)
    >>> find(["v2", "w", "v2"], "v2")
    2
    >>> find(["x", "w", "w"], "w")
    Traceback (most recent call last):
        ...
    ValueError: 2 nodes are called 'w': v1 and v2. Ask for one of them by its place, such as 'v1'.
    >>> find(["x", "w", "w"], "w[v2]")
    2
    """
    if not isinstance(asked, str):
        raise TypeError(f"expected a node's name, a str, got {came(asked)}.")
    found = [place for place, name in enumerate(names) if name == asked]
    if len(found) == 1:
        return found[0]
    place = _place_in(asked)
    if found and place in found:
        return place  # labels may read as places: then the place counts
    if found:
        raise ValueError(
            f"{len(found)} nodes are called {asked!r}: {listed([f'v{place}' for place in found])}. "
            f"Ask for one of them by its place, such as 'v{found[0]}'."
        )
    if place is not None and place < len(names):
        return place
    for place, name in enumerate(names):
        if asked == f"{name}[v{place}]":
            return place
    raise ValueError(_unknown(names, asked))


def node_of(node: Value | str, *roots: Node) -> Value:
    """Return a node of a graph: a Value as it is, or the one that the graph of the roots calls so; see `find`.

    Raises TypeError for anything else.

    >>> x = Value(3, "x")
    >>> node_of("x", x * x) is x
    True
    """
    if isinstance(node, Value):
        return node
    if not isinstance(node, str):
        raise TypeError(f"expected a node, as a Value or by its name, got {came(node)}.")
    with sweeping:
        order = topological_order(roots)
    found = order[find(node_names(order), node)]
    assert isinstance(found, Value)
    return found


def listed(items: Sequence[str]) -> str:
    """Return the items in a sentence; of many the first five.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(items) > _LISTED:
        return f"{', '.join(items[:_LISTED])} and {len(items) - _LISTED} more"
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def _place_in(asked: str) -> int | None:
    return int(asked[1:]) if re.fullmatch(r"v[0-9]{1,12}", asked) else None


def _unknown(names: Sequence[str], asked: str) -> str:
    if _place_in(asked) is not None:
        return f"no node has the place {asked!r}: the places of this graph are v0 to v{len(names) - 1}."
    labels = list(dict.fromkeys(name for place, name in enumerate(names) if name != f"v{place}"))[:_SEARCHED]
    near = get_close_matches(asked, labels, n=_LISTED)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {listed(labels)}." if labels else ""
    places = f"Any node can be asked for by its place, 'v0' to 'v{len(names) - 1}'."
    return " ".join(filter(None, [f"no node of this graph is called {asked!r}.", hint, places]))
