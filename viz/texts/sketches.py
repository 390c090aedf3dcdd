"""The network of an exercise for documents, with the given numbers and the names of the others."""

from nn import Solution
from viz.networks.diagram import Diagram
from viz.networks.exports import network_mermaid, network_tikz
from viz.networks.network import NetworkPicture
from viz.networks.outline import Outline, fold, outline_of_question
from viz.networks.placement import place
from viz.texts.typesetting import Sketch, scale

_MOST_UNITS = 10
_FEWEST_UNITS = 4
_ROOM = 3
"""The characters for which a circle has room: LaTeX sets wider than the diagram."""
_LEGIBLE = 0.8
"""The smallest scale at which letters of 10 points can be read on a slide."""
_NARROWEST_GAP, _WIDEST_GAP = 60.0, 170.0
"""The distances from column to column of a network on a slide."""


def sketch(solution: Solution, room: tuple[float, float] | None = None) -> Sketch:
    """Return the network of an exercise before it is solved.

    With the width and the height of a slide's `room`, a network whose letters would be too small has fewer texts: no
    weights, one name in a unit, and if need be, one circle for the units in the middle of a layer.
    """
    diagram = place(fold(outline_of_question(solution.exercise), _MOST_UNITS), _ROOM)
    if room and scale(diagram.size, room) < _LEGIBLE:
        diagram = _legible(solution, room)
    picture = NetworkPicture(diagram, "the network")
    return Sketch(network_tikz(diagram), *diagram.size, network_mermaid(diagram), picture.svg)


def _legible(solution: Solution, room: tuple[float, float]) -> Diagram:
    """Return the diagram with few texts, and with as many units as can be read."""
    outline = outline_of_question(solution.exercise, is_small=True)
    found = [_widened(fold(outline, most), room) for most in range(_MOST_UNITS, _FEWEST_UNITS - 1, -1)]
    return max(found, key=lambda diagram: min(_LEGIBLE, scale(diagram.size, room)))


def _widened(outline: Outline, room: tuple[float, float]) -> Diagram:
    """Return the diagram as wide as can be read, with the columns not too far apart."""
    spare = room[0] / _LEGIBLE - place(outline, _ROOM, _NARROWEST_GAP).size[0]
    gap = _NARROWEST_GAP + max(0.0, spare / (len(outline.columns) - 2))  # the last one is to the loss
    return place(outline, _ROOM, min(gap, _WIDEST_GAP))
