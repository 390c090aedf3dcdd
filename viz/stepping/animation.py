"""Pictures of one layout as one SVG that moves: what stays is written once, what changes is shown in its turn.

It moves without a script, also in an `<img>`. A viewer without animation shows the last picture.
"""

from collections.abc import Sequence
from copy import copy
from itertools import chain
from xml.etree import ElementTree

from viz.stepping.frames import SVG


def animated(pictures: Sequence[str], seconds: float) -> str:
    """Return one SVG that shows the pictures again and again, each for this many seconds.

    >>> frames = [f'<svg xmlns="{SVG}"><text>{text}</text></svg>' for text in "aba"]
    >>> animated(frames, 1).count('values="visible;hidden;visible"')
    1
    """
    [merged] = _merged([ElementTree.fromstring(picture) for picture in pictures], seconds)
    return ElementTree.tostring(merged, encoding="unicode")


def _merged(states: Sequence[ElementTree.Element], seconds: float) -> list[ElementTree.Element]:
    """Return the elements that show one element in its states, one for each picture."""
    written = [ElementTree.tostring(state, encoding="unicode") for state in states]
    if len({*written}) == 1:
        return [states[0]]
    if len({(state.tag, state.text, *sorted(state.items()), *(child.tag for child in state)) for state in states}) == 1:
        whole = copy(states[0])
        whole[:] = chain(*(_merged(children, seconds) for children in zip(*states, strict=True)))
        return [whole]
    variants = dict(zip(written, states, strict=True))
    return [_in_turn(state, [text == one for one in written], seconds) for text, state in variants.items()]


def _in_turn(element: ElementTree.Element, is_shown: Sequence[bool], seconds: float) -> ElementTree.Element:
    """Return a group that shows an element in some of the pictures."""
    changes = [0, *(place for place in range(1, len(is_shown)) if is_shown[place] != is_shown[place - 1])]
    values = [_visibility(is_shown[place]) for place in changes]
    group = ElementTree.Element(f"{{{SVG}}}g", {"visibility": _visibility(is_shown[-1])})
    timing = {
        "attributeName": "visibility",
        "calcMode": "discrete",
        "dur": f"{seconds * len(is_shown):.2f}s",
        "keyTimes": ";".join(f"{place / len(is_shown):.5g}" for place in changes),
        "repeatCount": "indefinite",
        "values": ";".join(values),
    }
    ElementTree.SubElement(group, f"{{{SVG}}}animate", timing)
    group.append(element)
    return group


def _visibility(is_shown: bool) -> str:
    return "visible" if is_shown else "hidden"
