"""The steps of a pass as SVG: the graph is laid out once; each step changes only texts and colours.

Boxes are made wide enough for the longest number that they will show.
"""

from collections.abc import Sequence
from xml.etree import ElementTree

from autograd import Tape
from autograd.passes.steps import Posting, Step
from viz.core.colours import MONOSPACE
from viz.core.dot import graph_source, local_text
from viz.core.drawing import edge_id, node_id, op_id, result_edge_id
from viz.core.picture import Picture
from viz.core.text import shown
from viz.graphs.figures import recorded
from viz.stepping.moment import Moment, changes

SVG = "http://www.w3.org/2000/svg"
_TOOLTIP = "{http://www.w3.org/1999/xlink}title"
_LIT = "#D7191C"
_LIT_FILL = "#FFE08A"
_FAINT = "#B5B5B5"
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
    """The picture of a pass: `svg` returns it for the present step of a Stepper."""

    def __init__(self, tape: Tape, steps: Sequence[Step], layout: str | None = None) -> None:
        self._picture = ElementTree.fromstring(_laid_out(_widest(tape, steps), layout))
        self._groups = {group.get("id"): group for group in self._picture.iter(f"{{{SVG}}}g")}
        self._original = {element: dict(element.attrib) for element in self._picture.iter()}
        self._tape = tape

    def svg(self, moment: Moment) -> str:
        """Return the graph at this moment: edge and nodes of the present step are marked, "-" is not yet computed."""
        for element, attributes in self._original.items():
            element.attrib.clear()
            element.attrib.update(attributes)
        for number in range(len(self._tape.lines)):
            self._show_numbers(number, moment)
        self._mark(moment)
        return ElementTree.tostring(self._picture, encoding="unicode")

    def _show_numbers(self, number: int, moment: Moment) -> None:
        line = self._tape.lines[number]
        data, gradient = moment.data_at(number), moment.gradient_at(number)
        self._write(node_id(number), "data", shown(data))
        self._write(node_id(number), "grad", shown(gradient))
        if line.op is None:
            return
        for place, partial in enumerate(line.partials):
            if partial is not None:
                self._write(edge_id(number, place), "partial", local_text(shown(None if data is None else partial)))
        if data is None:
            edges = [edge_id(number, place) for place in range(len(line.operands))]
            for name in (node_id(number), op_id(number), result_edge_id(number), *edges):
                _colour(self._groups[name], _FAINT)

    def _write(self, group: str, kind: str, text: str) -> None:
        """Replace the text with the class `kind` in a node or an edge."""
        for element in self._groups[group].iter(f"{{{SVG}}}text"):
            if element.get("class") == kind:
                element.text = text

    def _mark(self, moment: Moment) -> None:
        step = moment.present
        if step is None:
            return
        edges = moment.edges_of(step)
        names = {edge_id(*edge): None for edge in edges} | {op_id(node): None for node, _ in edges}
        names |= {node_id(node): None for numbers in changes(step) for node in numbers}
        names |= {result_edge_id(node): None for node in changes(step)[0]}
        if step.node is not None:
            names[node_id(step.node)] = None
        if isinstance(step, Posting):
            _outline(self._groups[node_id(step.source.node)])
        for name in names:
            if name in self._groups:
                _light(self._groups[name])


def moving_picture(tape: Tape, steps: Sequence[Step], layout: str | None = None) -> str:
    """Return the SVG of a pass for a page that fills in the numbers: each box fits any number of usual length."""
    return without_tooltips(_laid_out(_widest(tape, steps, _USUAL), layout))


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


def _laid_out(tape: Tape, layout: str | None) -> bytes:
    picture = Picture("gradstep", layout=layout)
    picture.classes = graph_source(recorded(tape), picture)
    return bytes(picture.pipe("svg"))


def _widest(tape: Tape, steps: Sequence[Step], usual: float = 0.0) -> Tape:
    """Return the tape with the longest number that each node will show."""
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
            element.set("stroke", _LIT)
            element.set("stroke-width", "2.5")
            if is_node:
                element.set("fill", _LIT_FILL)
            elif element.tag == f"{{{SVG}}}polygon":
                element.set("fill", _LIT)
        outline = False


def _outline(group: ElementTree.Element) -> None:
    """Mark the node that a contribution comes from, by its outline only."""
    for element in group:
        if "stroke" in element.attrib:
            element.set("stroke", _LIT)
            element.set("stroke-width", "2.5")
            return
