"""`Snapshot`: what a page shows of one moment, as plain data; and `Pictures`, which makes the page's state from it.

A snapshot is made in the thread that computes. All else happens in the threads of the server, which read snapshots only
and never a graph. The layout of a picture is made once; then only its numbers are sent.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

from autograd import Line, Tape
from autograd.passes.columns import number_text
from autograd.passes.known import Known
from autograd.passes.lines import Pass, headed
from autograd.passes.names import line_names
from autograd.passes.naming import Naming
from autograd.passes.steps import Posting
from autograd.table.scalars import counted, json_number
from autograd.table.visible import visible
from viz.core.cells import size_of
from viz.core.drawing import Drawing, edge_id, node_id, op_id, result_edge_id
from viz.core.layout import LayoutError
from viz.core.nodes import OUTDATED
from viz.core.text import shown
from viz.graphs.draw import drawing_of, picture_of
from viz.graphs.reshaping import in_rows
from viz.networks.network import NetworkPicture
from viz.networks.placement import thickness
from viz.stepping.frames import widest, without_tooltips
from viz.stepping.moment import Moment, changes
from viz.stepping.step_view import equation_of, view
from viz.watching.slots import Numbers, texts

Json: TypeAlias = dict[str, Any]
Shape: TypeAlias = tuple[Any, ...]

_MOST_RECORDED = 60
"""A graph with more nodes is folded so that it fits a slide."""
_LARGEST = (1_800.0, 1_000.0)
"""Points. So is one with a larger picture, but for a Stepper: the page follows its steps."""
_MOST_WRITTEN = 300
"""The most nodes of a graph whose lines are written."""
_MOST_LINES = 200
_MOST_NUMBERS = 100
_WIDEST = 1_000.0
"""Points. A wider picture of a small graph is drawn in rows, so that its letters are larger."""
_SCREEN = 1.7
"""The width of a screen, as a share of its height."""


class Point(NamedTuple):
    """A point of the curve: the number of an iteration or of a `backward()`, the loss then, and the accuracy."""

    number: int
    loss: float
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is shown at one moment.

    `title` and `status` are texts. `lines` are the graph, or only the parameters of a network if `has_graph` is false;
    the numbers of its nodes are `data` and `gradients`, None for what is not known, and if others than in `lines`, the
    local derivatives `partials` of first and of second operands. `moment` is the moment of a
    Stepper. `network` is the diagram of the network, None if there is none. Snapshots with the same `shape` and network
    have the same pictures, but for the numbers. `curve` holds the points of the loss, up to `total`. `unseen` counts
    the later events that are not shown.
    """

    title: str
    status: str
    lines: Sequence[Line] = ()
    shape: Shape = ()
    data: Numbers = ()
    gradients: Numbers = ()
    partials: tuple[Sequence[float], Sequence[float]] | None = None
    has_graph: bool = False
    moment: Moment | None = None
    network: NetworkPicture | None = None
    curve: tuple[Point, ...] = ()
    total: int = 0
    unseen: int = 0

    @property
    def tape(self) -> Tape:
        """The graph with these numbers; in place of those that are not known it keeps its own."""
        numbers = zip(self.lines, self.data, self.gradients, strict=True)
        lines = [line._replace(data=line.data if x is None else x, grad=dx) for line, x, dx in numbers]
        if self.partials is not None:
            lines = [
                line._replace(
                    partials=tuple(None if old is None else new for old, new in zip(line.partials, own, strict=False))
                )
                if line.op
                else line
                for line, *own in zip(lines, *self.partials, strict=True)
            ]
        return Tape(tuple(lines))

    @property
    def names(self) -> Sequence[str]:
        """The names of all nodes."""
        return line_names(self.lines) if self.moment is None else self.moment.names


def shape_of(lines: Sequence[Line]) -> Shape:
    """Return the shape of a graph."""
    return tuple([(line.op, line.kind, line.operands, line.label) for line in lines])


class Pictures:
    """The pictures of the latest shape, and what a page shows of a snapshot.

    `number` counts the shapes. `svgs` holds the pictures by their names, the kinds of the graph's figures, and an error
    in words.
    """

    def __init__(self) -> None:
        self.number = 0
        self.svgs: Json = {}
        self._shape: Shape | None = None
        self._drawing: Drawing | None = None
        self._network: NetworkPicture | None = None
        self._equations: tuple[Sequence[Any], dict[int, str]] = ((), {})
        self._written: tuple[Tape | None, list[tuple[str, str]]] = (None, [])

    def state(self, snapshot: Snapshot) -> Json:
        """Return what a page shows. The pictures are made anew if the snapshot has another shape."""
        if (snapshot.shape, snapshot.network) != (self._shape, self._network):
            self._draw(snapshot)
        moment, tape = snapshot.moment, snapshot.tape
        is_outdated = moment is None and tape.is_outdated
        notes = [OUTDATED if is_outdated else "", "" if moment is None else moment.adjusted]
        if snapshot.unseen:
            notes.append(f"{counted(snapshot.unseen, 'newer change')} will be seen with the next one")
        drawing = self._drawing
        return {
            "title": snapshot.title,
            "status": snapshot.status,
            "notes": [*filter(None, notes)],
            "step": [] if moment is None else [*map(tuple, view(moment))],
            "texts": [*texts(drawing, tape.lines, snapshot.data, snapshot.gradients)] if drawing else [],
            "marks": _marks(drawing, moment, snapshot.data) if drawing and moment else {},
            "network": _network(snapshot),
            "lines": [*self._steps(moment)] if moment else [] if is_outdated else self._lines(snapshot),
            "numbers": _table(snapshot),
            "curve": [[point.number, *map(_plain, point[1:])] for point in snapshot.curve],
            "total": snapshot.total,
        }

    def _draw(self, snapshot: Snapshot) -> None:
        self.number += 1
        self._shape, self._network, self._drawing = snapshot.shape, snapshot.network, None
        self.svgs = {"graph": None, "network": None, "kinds": {}, "error": ""}
        try:
            if snapshot.has_graph:
                drawing = _drawing(snapshot)
                self.svgs["graph"] = without_tooltips(picture_of(drawing).svg().encode())
                self.svgs["kinds"] = {figure.key: figure.kind for figure in drawing.figures}
                self._drawing = drawing
            if snapshot.network is not None:
                self.svgs["network"] = without_tooltips(snapshot.network.svg().encode())
        except (LayoutError, ValueError) as error:
            self.svgs["error"] = f"There is no picture: {error}"

    def _lines(self, snapshot: Snapshot) -> list[tuple[str, str]]:
        """Return the lines of a pass, each with its heading. Gradients that other passes have added to play no part."""
        if not snapshot.has_graph or len(snapshot.lines) > _MOST_WRITTEN or not snapshot.lines[-1].varies:
            return []
        tape = replace(snapshot, gradients=[None] * len(snapshot.lines)).tape
        if tape != self._written[0]:
            found = headed(Pass(tape, Naming(), None).lines()[:_MOST_LINES])
            self._written = tape, [(heading, str(line)) for heading, line in found]
        return self._written[1]

    def _steps(self, moment: Moment) -> Iterator[tuple[str, str]]:
        """Yield the steps of a Stepper that are done, each with its heading; the present one is the last."""
        if self._equations[0] is not moment.steps:
            self._equations = moment.steps, {}
        known = self._equations[1]
        for place in range(max(moment.position - _MOST_LINES, 0), moment.position):
            step = moment.steps[place]
            if place not in known:
                known[place] = equation_of(step)
            yield (step.line.part.capitalize() if isinstance(step, Known) else "Steps"), known[place]


def _drawing(snapshot: Snapshot) -> Drawing:
    """Return the picture of a graph with room for any usual number, in rows if it is too wide for a screen."""
    roomy = widest(Tape(tuple(snapshot.lines)), [] if snapshot.moment is None else snapshot.moment.contributions)
    if len(roomy.lines) > _MOST_RECORDED:
        return drawing_of(roomy, fit="16:9")
    drawing, (width, height) = _in_rows(drawing_of(roomy))
    is_large = width > _LARGEST[0] or height > _LARGEST[1]
    return drawing_of(roomy, fit="16:9") if is_large and snapshot.moment is None else drawing


def _in_rows(drawing: Drawing) -> tuple[Drawing, tuple[float, float]]:
    """Return a picture, in rows if it is too wide for a screen, and its size."""
    width, height = _size(drawing)
    rows = round(math.sqrt(width / height / _SCREEN))
    if width <= _WIDEST or rows < 2:
        return drawing, (width, height)
    wrapped = in_rows(drawing, rows)
    return wrapped, _size(wrapped)


def _size(drawing: Drawing) -> tuple[float, float]:
    return size_of(picture_of(drawing).svg()) or (0.0, 1.0)


def _marks(drawing: Drawing, moment: Moment, data: Numbers) -> dict[str, list[str]]:
    """Return the ids of what is marked.

    "lit" is what the present step makes known, "from" where it comes from; "coming" is not known yet.
    """
    figures = {number: figure.key for figure in drawing.figures for number in figure.lines}
    coming = [
        name
        for number, line in enumerate(moment.tape.lines)
        if data[number] is None
        for name in (node_id(number), *_way(number), *(edge_id(number, place) for place in range(len(line.operands))))
    ]
    step = moment.present
    if step is None:
        return {"coming": coming}
    edges = moment.edges_of(step)
    lit = [figures[node] for numbers in changes(step) for node in numbers if node in figures]
    lit += [name for node, place in edges for name in (op_id(node), edge_id(node, place))]
    lit += [result_edge_id(node) for node in changes(step)[0]]
    source = step.source.node if isinstance(step, Posting) else None
    if source is None:
        return {"lit": lit, "coming": coming}
    return {"lit": [*lit, *_way(source)], "from": [figures[source]] if source in figures else [], "coming": coming}


def _way(number: int) -> tuple[str, str]:
    """Return the ids of a line's operation and of the edge from there to its box."""
    return op_id(number), result_edge_id(number)


def _network(snapshot: Snapshot) -> Json:
    """Return the texts of the diagram, and the lines of its weights: how thick, and with which sign."""
    if snapshot.network is None:
        return {}
    diagram, data = snapshot.network.diagram, snapshot.data
    places = {name: place for place, name in enumerate(snapshot.names)}
    numbers = {"data": data, "grad": snapshot.gradients}
    written = [
        (slot.id, slot.line, slot.before, shown(numbers[slot.part][places[slot.node]]))
        for slot in diagram.slots
        if slot.node in places
    ]
    weights = {line.id: data[places[line.node]] or 0.0 for line in diagram.connections if line.node in places}
    largest = max([abs(weight) for weight in weights.values() if math.isfinite(weight)], default=0.0)
    lines = [(name, thickness(weight, largest), (weight > 0) - (weight < 0)) for name, weight in weights.items()]
    step = snapshot.moment.present if snapshot.moment else None
    changed = {snapshot.names[node] for numbers in changes(step) for node in numbers} if step else set()
    lit = [slot.id for slot in diagram.slots if slot.node in changed]
    return {"texts": written, "lines": lines, "lit": lit}


def _table(snapshot: Snapshot) -> list[list[str]]:
    """Return name, data and gradient of the nodes with labels; of all nodes, if none has one."""
    lines, names = snapshot.lines, snapshot.names
    chosen = [place for place, line in enumerate(lines) if line.label] or [*range(len(lines))]
    rows = [
        [visible(names[place]), number_text(snapshot.data[place]), number_text(snapshot.gradients[place])]
        for place in chosen[:_MOST_NUMBERS]
    ]
    more = len(chosen) - len(rows)
    return [*rows, [f"{more:,} more", "", ""]] if more else rows


def _plain(number: float | None) -> float | str | None:
    return None if number is None else json_number(number)
