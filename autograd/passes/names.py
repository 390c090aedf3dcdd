"""The names of nodes, the same in every text and picture; and `find`, which finds a node by its name.

A node's name is its label, with control characters shown as escapes. If several nodes have the same name, those with a
label get their place too: "w[v1]". A node without a label has its place in the order of the graph as its name, "v7"; a
constant has its number.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from autograd.node import CONSTANT, Node
from autograd.passes.tape import Line
from autograd.sweep import sweeping, topological_order
from autograd.table.scalars import alike, format_number, got, is_numeral
from autograd.table.visible import said, visible
from autograd.value import Value

_SEARCHED = 2000  # names compared for a message, so that it comes quickly for a large graph too
_LISTED = 5
_DATA = re.compile(r"(x|y|t|input|target)s?[\d_,\[\]]*")


def node_names(order: Sequence[Node]) -> list[str]:
    """Return the name of each node of a topological order.

    All names differ, except that constants with the same number have the same name.
    """
    return _names([(node._label, node._code == CONSTANT, node._data) for node in order])


def line_names(lines: Sequence[Line]) -> list[str]:
    """Return the name of each line of a tape, as `node_names` does.

    >>> from autograd import Tape, Value
    >>> line_names(Tape.of(Value(2, "w") * Value(5, "w") + 1).lines)
    ['w[v0]', 'w[v1]', 'v2', '1', 'v4']
    """
    return _names([(line.label, line.kind == "constant", line.data) for line in lines])


def _names(nodes: Sequence[tuple[str | None, bool, float]]) -> list[str]:
    """Return the names of nodes, each given by its label, whether it is a constant, and its number."""
    names = [
        visible(label or "") or (number_name(number) if is_constant else f"v{place}")
        for place, (label, is_constant, number) in enumerate(nodes)
    ]
    return _distinct(names, [place for place, (label, _, _) in enumerate(nodes) if label])


def number_name(number: float) -> str:
    """Return the name of a constant without a label: its number.

    >>> number_name(2.0)
    '2'
    """
    return format_number(number)


def replay_text(operands: Sequence[str]) -> str:
    """Return what stands for the formula of a replay's result, which has none; `operands` are names.

    >>> replay_text(["x", "w"])
    'replay(x, w)'
    """
    return f"replay({', '.join(operands)})"


def name_in(root: Node, node: Node) -> tuple[str, str]:
    """Return the name of a node in the graph of the root, or else in its own graph; and a hint.

    The hint is "" unless node and root have changed places: then it says so.

    >>> from autograd import Value
    >>> w = Value(2, "w")
    >>> product = w * 3
    >>> name_in(product + 1, product)
    ('v2', '')
    >>> name_in(w, product)
    ('v2', 'v2 was computed from w. Swap the arguments: w first, then v2.')
    """
    with sweeping:
        order = topological_order([root])
        place = node._index - order[0]._index  # negative if the node is not in this graph
        if place >= 0:
            return node_names(order)[place], ""
        order = topological_order([node])
        place = root._index - order[0]._index
    names = node_names(order)
    if place < 0:
        return names[-1], ""
    first, then = names[place], names[-1]
    return then, f"{then} was computed from {first}. Swap the arguments: {first} first, then {then}."


def _distinct(names: list[str], labelled: Sequence[int]) -> list[str]:
    """Return the names, with its place added to each label that is not the only such name."""
    while labelled:
        uses = Counter(names)
        shared = {place for place in labelled if uses[names[place]] > 1}
        for place in shared:
            names[place] += f"[v{place}]"
        # Again for the others, since "w[v1]" may be a label too.
        labelled = [place for place in labelled if place not in shared] if shared else []
    return names


def find(names: Sequence[str], asked: str, lines: Sequence[str] = ()) -> int:
    """Return the place of the node with this name. "v7" is always accepted for the node at place 7.

    `lines` are names of lines that could be asked for too, for the message. Raises TypeError if the name is no str,
    ValueError if no node or more than one node has this name.

    >>> find(["x", "w", "v2"], "w"), find(["x", "w", "v2"], "v1")
    (1, 1)
    >>> find(["x", "w[v1]", "w[v2]"], "w[v2]")
    2
    >>> find(["x", "w[v1]", "w[v2]"], "w")
    Traceback (most recent call last):
        ...
    ValueError: 2 nodes are called 'w': w[v1] and w[v2]. Ask for one of them, such as 'w[v1]'.
    """
    if not isinstance(asked, str):
        raise TypeError(f"expected a node's name, a str, got {got(asked)}.")
    asked = as_spelled(visible(asked), names)
    found = [place for place, name in enumerate(names) if name == asked]
    found = found or [place for place, name in enumerate(names) if name == f"{asked}[v{place}]"]
    if len(found) == 1:
        return found[0]
    place = _place_in(asked)
    if found and place in found:
        return place  # a label may look like a place: then the place counts
    if found:
        called = [names[place] if names[place] != asked else f"v{place}" for place in found]
        raise ValueError(
            f"{len(found)} nodes are called {asked!r}: {listed(called)}. Ask for one of them, such as {called[0]!r}."
        )
    if place is not None and place < len(names):
        return place
    for place, name in enumerate(names):
        if asked == f"{name}[v{place}]":
            return place
    raise ValueError(said(_unknown(names, asked, lines)))


def as_spelled(asked: str, names: Iterable[str]) -> str:
    """Return the name that is asked for as the names spell it: keyboards write the same accent in two ways.

    >>> as_spelled("gr\u00f6\u00dfe", ["gro\u0308\u00dfe"]) == "gro\u0308\u00dfe"
    True
    """
    if asked.isascii():
        return asked
    plain = unicodedata.normalize("NFC", asked)
    return next((name for name in names if unicodedata.normalize("NFC", name) == plain), asked)


def node_of(node: Value | str, *roots: Node) -> Value:
    """Return a node: a Value as it is, or the node with this name in the graph of the roots; see `find`.

    Raises TypeError for anything else.

    >>> x = Value(3, "x")
    >>> node_of("x", x * x) is x
    True
    """
    if isinstance(node, Value):
        return node
    if not isinstance(node, str):
        raise TypeError(f"expected a node, as a Value or by its name, got {got(node)}.")
    with sweeping:
        order = topological_order(roots)
    found = order[find(node_names(order), node)]
    assert isinstance(found, Value)
    return found


def is_data(label: str) -> bool:
    """Say whether this is a usual label of an input or a target. Other leaves are weights, where nothing else says it.

    >>> [label for label in ("x", "x_1", "xs[0]", "target", "w", "xor") if is_data(label)]
    ['x', 'x_1', 'xs[0]', 'target']
    """
    return _DATA.fullmatch(label) is not None


def listed(items: Sequence[str]) -> str:
    """Return the items as part of a sentence; of seven or more, the first five.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(items) > _LISTED + 1:
        return f"{', '.join(items[:_LISTED])} and {len(items) - _LISTED} more"
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def _place_in(asked: str) -> int | None:
    return int(asked[1:]) if re.fullmatch(r"v[0-9]{1,12}", asked) else None


def _unknown(names: Sequence[str], asked: str, lines: Sequence[str]) -> str:
    if _place_in(asked) is not None:
        return f"no node has the place {asked!r}: the places of this graph are v0 to v{len(names) - 1}."
    own = (name for place, name in enumerate(names) if name != f"v{place}" and not is_numeral(name))
    labels = list(dict.fromkeys([*own, *lines]))[:_SEARCHED]
    near = alike(asked, labels, _LISTED)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {listed(labels)}." if labels else ""
    places = f"Any node can be asked for by its place, 'v0' to 'v{len(names) - 1}'."
    kinds = "node or line" if lines else "node"
    return " ".join(filter(None, [f"no {kinds} of this graph is called {asked!r}.", hint, places]))
