"""`network`: the diagram of a neural network as a picture.

The source has all positions: it selects the algorithm nop2, with which the layout engine moves nothing.
"""

import math
from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any

from autograd.passes.subject import Root, root_of
from autograd.table.scalars import as_whole, got
from nn import MLP, Exercise, Solution
from viz.core.colours import INK
from viz.core.dot import classes_of, html_text, table_of, with_indices
from viz.core.picture import Picture
from viz.networks.diagram import (
    FILLS,
    FONT_SIZE,
    SIGN_COLOURS,
    TEXT_COLOURS,
    Box,
    Circle,
    Connection,
    Diagram,
    DiagramLine,
    Point,
    in_full,
)
from viz.networks.exports import network_mermaid, network_tikz
from viz.networks.outline import Outline, fold, outline_of_network, outline_of_question, outline_of_solution
from viz.networks.placement import place

_POINTS = 72.0
_ARROW = 7.0
_MOST_UNITS = 10
ROOM = 7
"""The room for a number in a diagram whose numbers change, in characters."""
_FEWEST = 3


class NetworkPicture(Picture):
    """The picture of a network; `diagram` has its parts and their positions."""

    is_centred = True

    def __init__(self, diagram: Diagram, about: str, *, layout: str | None = None) -> None:
        super().__init__("network", format="svg", layout=layout)
        self.diagram = diagram
        self.about = about
        tikz = partial(network_tikz, diagram)
        self.texts = {"mmd": partial(network_mermaid, diagram), "tex": tikz, "tikz": tikz}
        texts: tuple[Circle | Box, ...] = (*diagram.circles, *diagram.boxes)
        self.classes = {
            text.id: tuple(chain(*(classes_of(entry.parts, entry.part) for entry in text.entries))) for text in texts
        }
        self.attr("graph", layout="nop2", outputorder="edgesfirst")
        self.attr(
            "node", fontname="Helvetica", fontsize=f"{FONT_SIZE:g}", fontcolor=INK, color=INK, fixedsize="true",
            margin="0",
        )  # fmt: skip
        self.attr("edge", arrowhead="none", arrowsize="0.7")
        for connection in diagram.connections:
            self.edge(connection.source, connection.target, **_line(connection))
        for circle in diagram.circles:
            self.node(circle.id, _text(circle.entries), **_shape(circle))
            if circle.bias:
                self.node(circle.bias.id, _text(circle.bias.entries), **_label(circle.bias, INK))
        for connection in diagram.connections:
            if connection.label:
                label = connection.label
                self.node(label.id, _text(label.entries), **_label(label, TEXT_COLOURS[connection.sign]))


def network(
    root: Root | MLP,
    *,
    mlp: MLP | None = None,
    inputs: Sequence[Any] | None = None,
    gradients: bool | None = None,
    values: bool = True,
    most: int = _MOST_UNITS,
    room: int = 0,
    layout: str | None = None,
) -> NetworkPicture:
    """Return the diagram of a neural network: units as circles in columns, weights on the lines between them.

    `root` is one of these:

    - an exercise or its solution: the diagram shows all its numbers.
    - a Value computed by one call of an MLP, such as its loss, or the graph of a solution: the diagram shows the
      numbers of that call, and after `backward()` the gradients of the pre-activations (error signals). The network
      is found in the graph, also where several operations compute an activation from one pre-activation; otherwise
      give it as `mlp`.
    - an MLP: the diagram shows its weights and biases, and with `inputs`, a list of numbers, its activations too.

    `gradients` says whether gradients are shown; by default those of an MLP are shown if some were computed. Without
    `values`, the diagram of an exercise has the given numbers and no computed one: it is the diagram of the question.

    Lines of large weights are thick. Lines are blue and solid for positive weights, orange and dashed for negative
    ones, grey for 0. With more than 40 weights, the lines have tooltips in SVG instead of texts. In a layer of more
    than `most` units (3 or more), one circle stands for the units in the middle and shows their number. `room` is the
    least number of characters to reserve for each number. `layout` names a layout command, as for `viz.draw`.

    Raises TypeError for another root, ValueError for a wrong number of inputs, for a Value that this network did not
    compute, and without `values` for anything but an exercise and for `gradients`.

    >>> from nn import MLP
    >>> picture = network(MLP(2, [3, 1], "tanh"), inputs=[1, -1])
    >>> [circle.kind for circle in picture.diagram.circles]
    ['input', 'input', 'hidden', 'hidden', 'hidden', 'output']
    """
    most, room = as_whole(most, "most", _FEWEST), as_whole(room, "room", 0)
    outline = _outline(root, mlp, inputs, gradients, values, most)
    return NetworkPicture(place(fold(outline, most), room), outline.about, layout=layout)


def network_beside(root: Root | MLP | None, mlp: MLP | None = None, layout: str | None = None) -> NetworkPicture | None:
    """Return the diagram to show beside a graph while its numbers change; None if the graph has no network.

    Without `mlp`, the network is found in the graph. Raises ValueError if the graph was not computed by the `mlp`.

    >>> from autograd import Value
    >>> network_beside(Value(2, "x").exp()) is None, network_beside(MLP(2, [1])([1, 2])) is None
    (True, False)
    """
    if root is None:
        return None
    try:
        return network(root, mlp=mlp, gradients=True, room=ROOM, layout=layout)
    except ValueError:
        if mlp is not None:
            raise
        return None


def _outline(
    root: object, mlp: MLP | None, inputs: Sequence[Any] | None, gradients: bool | None, values: bool, most: int
) -> Outline:
    if isinstance(root, Exercise | Solution):
        if mlp is not None or inputs is not None:
            raise ValueError("an exercise has its own network and inputs. Leave out mlp and inputs.")
        if not values:
            if gradients:
                raise ValueError("gradients are computed numbers, and values=False shows none. Leave out one of them.")
            return outline_of_question(root.exercise if isinstance(root, Solution) else root)
        return outline_of_solution(root.solve() if isinstance(root, Exercise) else root, gradients is not False)
    if not values:
        raise ValueError(f"expected an exercise or its solution with values=False, got {got(root)}.")
    if isinstance(root, MLP):
        if mlp is not None:
            raise ValueError("got the network twice. Give only the network, or the loss of a call with mlp=network.")
        return outline_of_network(None, root, inputs, gradients, most)
    end = root_of(root, "an MLP")
    if inputs is not None:
        raise ValueError("a loss has its own inputs in its graph. Leave out inputs, or give the MLP instead.")
    return outline_of_network(end, mlp, None, gradients, most)


def _text(entries: Sequence[DiagramLine]) -> str:
    if all(len(entry.parts) == 1 for entry in entries):
        return r"\n".join(html_text(entry.text) for entry in entries)
    return f"<{table_of([f'<TD>{with_indices(entry.parts, FONT_SIZE)}</TD>' for entry in entries])}>"


def _position(x: float, y: float) -> str:
    return f"{x:.2f},{y:.2f}"


def _shape(circle: Circle) -> dict[str, str]:
    size = f"{2 * circle.radius / _POINTS:.4f}"
    shape = {"shape": "circle", "width": size, "height": size, "style": "filled"}
    if circle.kind == "loss":
        shape |= {"shape": "box", "height": f"{circle.radius / _POINTS:.4f}", "style": "filled,rounded"}
    if circle.kind == "folded":
        shape["style"] = "filled,dashed"
    if circle.kind == "output":
        shape["penwidth"] = "2"
    about = html_text(circle.about)
    return shape | {
        "id": circle.id, "pos": _position(circle.x, circle.y), "fillcolor": FILLS[circle.kind], "tooltip": about,
    }  # fmt: skip


def _line(connection: Connection) -> dict[str, str]:
    look = {"color": SIGN_COLOURS[connection.sign], "style": connection.style}
    points = list(connection.path)
    tip = ""
    if connection.kind == "loss":
        look["arrowhead"] = "normal"
        tip = f"e,{_position(*points[-1])} "
        points[-1] = _before(*points[-2:])
    position = tip + " ".join(_position(*point) for point in points)
    about = html_text(connection.about)
    return look | {"id": connection.id, "pos": position, "penwidth": f"{connection.thickness:.2f}", "tooltip": about}


def _before(start: Point, end: Point) -> Point:
    """Return the point where a line ends and its arrow begins."""
    share = 1 - _ARROW / math.dist(start, end)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _label(box: Box, colour: str) -> dict[str, str]:
    size = {"width": f"{box.width / _POINTS:.4f}", "height": f"{box.height / _POINTS:.4f}"}
    return size | {
        "fontcolor": colour, "id": box.id, "pos": _position(box.x, box.y), "shape": "box",
        "style": "filled", "fillcolor": "white", "penwidth": "0", "tooltip": html_text(in_full(box.entries)),
    }  # fmt: skip
