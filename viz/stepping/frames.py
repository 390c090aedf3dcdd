"""The steps of a pass as SVG: the graph is laid out once; each step changes only texts and colours.

Boxes are made wide enough for the longest number that they will show.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree import ElementTree

from autograd import Tape
from autograd.passes.steps import Posting, Step
from viz.core.cells import size_of
from viz.core.colours import MONOSPACE
from viz.core.dot import graph_source, local_text
from viz.core.drawing import Drawing, Edge, edge_id, node_id, op_id, result_edge_id
from viz.core.picture import Picture
from viz.core.text import shown
from viz.graphs import fitting
from viz.graphs.figures import Assembly, recorded
from viz.graphs.folding import folded
from viz.networks.diagram import SIGN_COLOURS, TEXT_COLOURS, Connection
from viz.networks.network import NetworkPicture
from viz.networks.placement import thickness
from viz.stepping.moment import Moment, changes

SVG = "http://www.w3.org/2000/svg"
_TOOLTIP = "{http://www.w3.org/1999/xlink}title"
LIT = "#D7191C"
_LIT_FILL = "#FFE08A"
_FAINT = "#B5B5B5"
_DASHES = "5,2"
_USUAL_ATTRIBUTES = {
    _TOOLTIP: None,
    "{http://www.w3.org/XML/1998/namespace}space": "preserve",
    "text-anchor": "start",
    "font-family": MONOSPACE,
}
"""Attributes that a page's picture does without, with the text that they have there; None for any."""
_USUAL = -0.1234
"""A number as long as most numbers that a page will show; longer ones are squeezed."""

ElementTree.register_namespace("", SVG)


class Frames:
    """The picture of a pass: `svg` returns it for the present step of a Stepper. `drawn` chooses what is drawn."""

    def __init__(
        self,
        tape: Tape,
        steps: Sequence[Step],
        layout: str | None = None,
        drawn: Callable[[Tape], Drawing] = recorded,
    ) -> None:
        drawing = drawn(widest(tape, steps, 0.0))
        self._picture = ElementTree.fromstring(_laid_out(drawing, layout))
        self._homes = {line: figure.key for figure in drawing.figures for line in figure.lines}
        self._entering: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in drawing.edges:
            self._entering[edge.head] += [edge] if edge.kind == "operand" else []
        self._groups = {group.get("id"): group for group in self._picture.iter(f"{{{SVG}}}g")}
        self._original = {element: dict(element.attrib) for element in self._picture.iter()}
        self._tape = tape

    def svg(self, moment: Moment) -> str:
        """Return the graph at this moment: edge and nodes of the present step are marked, "-" is not yet computed."""
        return ElementTree.tostring(self.picture(moment), encoding="unicode")

    def picture(self, moment: Moment) -> ElementTree.Element:
        """Return the same picture as an element, which the next call changes."""
        for element, attributes in self._original.items():
            element.attrib.clear()
            element.attrib.update(attributes)
        for number in range(len(self._tape.lines)):
            self._show_numbers(number, moment)
        self._mark(moment)
        return self._picture

    def _show_numbers(self, number: int, moment: Moment) -> None:
        line = self._tape.lines[number]
        data, gradient = moment.data_at(number), moment.gradient_at(number)
        self._write(node_id(number), "data", shown(data))
        self._write(node_id(number), "grad", shown(gradient))
        if line.op is None:
            return
        entering = [*self._entering[op_id(number)], *self._entering[node_id(number)]]
        for edge in entering:
            if edge.partial is not None:
                self._write(edge.key, "partial", local_text(shown(None if data is None else edge.partial)))
        if data is None:
            for name in (node_id(number), op_id(number), result_edge_id(number), *(edge.key for edge in entering)):
                if name in self._groups:
                    _colour(self._groups[name], _FAINT)

    def _write(self, group: str, kind: str, text: str) -> None:
        """Replace the text with the class `kind` in a node or an edge, if it is drawn."""
        for element in self._groups[group].iter(f"{{{SVG}}}text") if group in self._groups else ():
            if element.get("class") == kind:
                element.text = text

    def _edge(self, number: int, place: int) -> str:
        """Return the edge to a line from its operand at this place; of a folded line, that from figure to figure."""
        own = edge_id(number, place)
        operand = self._tape.lines[number].operands[place]
        return own if own in self._groups else f"{self._homes[operand]}_{self._homes[number]}"

    def _mark(self, moment: Moment) -> None:
        step = moment.present
        if step is None:
            return
        edges = moment.edges_of(step)
        names = {self._edge(*edge): None for edge in edges} | {op_id(node): None for node, _ in edges}
        names |= {self._homes[node]: None for numbers in changes(step) for node in numbers}
        names |= {result_edge_id(node): None for node in changes(step)[0]}
        if step.node is not None:
            names[self._homes[step.node]] = None
        if isinstance(step, Posting):
            _outline(self._groups[self._homes[step.source.node]])
        for name in names:
            if name in self._groups:
                _light(self._groups[name])


def moving_picture(tape: Tape, steps: Sequence[Step], layout: str | None = None) -> str:
    """Return the SVG of a pass for a page that fills in the numbers: each box fits any number of usual length."""
    return without_tooltips(_laid_out(recorded(widest(tape, steps)), layout))


def for_cell(tape: Tape) -> Drawing:
    """Return the picture of a pass as a cell of a notebook shows it."""

    def measure(drawing: Drawing) -> tuple[float, float]:
        return size_of(_laid_out(drawing, None).decode()) or (math.inf, math.inf)

    return fitting.for_cell(recorded(tape), measure)


def with_sums_folded(tape: Tape) -> Drawing:
    """Return the picture in which each sum is one box, without its parameters: their numbers change in a pass."""
    return Assembly(tape.lines, folded(tape.lines)).drawing(most_listed=0)


class NetworkFrames:
    """The network of a pass: `svg` returns its diagram with the numbers of the present step of a Stepper."""

    def __init__(self, picture: NetworkPicture) -> None:
        self._picture = ElementTree.fromstring(without_tooltips(picture.svg().encode()))
        self._groups = {group.get("id"): group for group in self._picture.iter(f"{{{SVG}}}g")}
        self._slots = [(slot, self._parts(slot.id, "text")[slot.line]) for slot in picture.diagram.slots]
        self._weights = [line for line in picture.diagram.connections if line.node]

    def _parts(self, group: str, tag: str) -> list[ElementTree.Element]:
        return [*self._groups[group].iter(f"{{{SVG}}}{tag}")]

    def svg(self, moment: Moment) -> str:
        """Return the diagram at this moment; "-" is not yet computed."""
        places = {name: place for place, name in enumerate(moment.names)}
        for slot, text in self._slots:
            if slot.node in places:
                node = places[slot.node]
                number = shown(moment.gradient_at(node) if slot.part == "grad" else moment.data_at(node))
                indices = [*text]  # a name with indices keeps them; its number is the last part
                (indices[-1] if indices else text).text = f"{'=' if indices else slot.before}{number}"
        known = [(line, moment.data_at(places[line.node])) for line in self._weights if line.node in places]
        self._draw_weights([replace(line, weight=number) for line, number in known if number is not None])
        return ElementTree.tostring(self._picture, encoding="unicode")

    def _draw_weights(self, weights: Sequence[Connection]) -> None:
        """Give the lines of weights their colours and thickness."""
        largest = max((abs(line.weight) for line in weights if math.isfinite(line.weight)), default=0.0)
        for line in weights:
            for path in self._parts(line.id, "path"):
                path.set("stroke", SIGN_COLOURS[line.sign])
                path.set("stroke-width", f"{thickness(line.weight, largest):.2f}")
                path.set("stroke-dasharray", _DASHES if line.style == "dashed" else "none")
            for text in self._parts(line.label.id, "text") if line.label else ():
                text.set("fill", TEXT_COLOURS[line.sign])


def without_tooltips(svg: bytes) -> str:
    """Return an SVG without tooltips, for a page whose numbers change; what most of its texts share stands once."""
    picture = ElementTree.fromstring(svg)
    picture.set("font-family", MONOSPACE)
    for element in picture.iter():
        for name, usual in _USUAL_ATTRIBUTES.items():
            if usual in (None, element.get(name)) and element is not picture:
                element.attrib.pop(name, None)
        for title in element.findall(f"{{{SVG}}}title"):
            element.remove(title)
    return ElementTree.tostring(picture, encoding="unicode")


def _laid_out(drawing: Drawing, layout: str | None) -> bytes:
    picture = Picture("gradstep", layout=layout)
    picture.classes = graph_source(drawing, picture)
    return bytes(picture.pipe("svg"))


def widest(tape: Tape, steps: Sequence[Step], usual: float = _USUAL) -> Tape:
    """Return the tape with the longest number that each node will show, at least as long as `usual`."""
    data = [
        line.data if line.kind == "constant" or len(shown(line.data)) > len(shown(usual)) else usual
        for line in tape.lines
    ]
    gradients = [usual] * len(data)
    for step in steps:
        for numbers, changed in zip((data, gradients), changes(step), strict=True):
            for node, number in changed.items():
                numbers[node] = max(numbers[node], number, key=lambda each: len(shown(each)))
    columns = zip(tape.lines, data, gradients, strict=True)
    return Tape(tuple(line._replace(data=x, grad=dx) for line, x, dx in columns))


def _colour(group: ElementTree.Element, colour: str) -> None:
    """Draw the lines and texts of a node or an edge in this colour."""
    for element in group:
        if "stroke" in element.attrib:
            element.set("stroke", colour)
        if element.tag == f"{{{SVG}}}text" or (group.get("class") == "edge" and element.get("fill") != "none"):
            element.set("fill", colour)


def _light(group: ElementTree.Element) -> None:
    """Mark a node or an edge by colour and by thick lines, so that it is visible without colour too."""
    is_node = group.get("class") == "node"
    outline = True
    for element in group:
        if "stroke" not in element.attrib or element.tag == f"{{{SVG}}}polyline":
            continue
        if outline or not is_node:
            element.set("stroke", LIT)
            element.set("stroke-width", "2.5")
            if is_node:
                element.set("fill", _LIT_FILL)
            elif element.tag == f"{{{SVG}}}polygon":
                element.set("fill", LIT)
        outline = False


def _outline(group: ElementTree.Element) -> None:
    """Mark the node that a contribution comes from, by its outline only."""
    for element in group:
        if "stroke" in element.attrib:
            element.set("stroke", LIT)
            element.set("stroke-width", "2.5")
            return
