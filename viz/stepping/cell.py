"""A Stepper in a cell of a notebook: buttons for its moments, which are all in the cell, so that no kernel is needed.

The picture is written once, with what changes in it; without a script, or not trusted, the present moment is shown.
"""

import html
import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from string import Template
from typing import TypeAlias
from xml.etree import ElementTree

from viz.core.cells import framed, image, sized_for_cell
from viz.core.layout import LayoutError
from viz.stepping.frames import LIT, SVG, Frames, without_tooltips
from viz.stepping.moment import Moment
from viz.stepping.step_view import view

_CSS = {
    "title": "font-weight:bold",
    "formula": "font-family:monospace;font-size:1.2em",
    "change": "",
    "note": "font-style:italic",
    "watch": "font-family:monospace",
    "next": "opacity:0.7",
}
_MOST_DRAWN = 300
"""The most nodes of a graph that a notebook draws by itself."""
_NOT_DRAWN = f"<div>(the graph has more than {_MOST_DRAWN} nodes; svg() draws it)</div>"
_MOST_SHOWN = 12_000
"""The most nodes in all pictures of a cell together; of a long pass, the moments around the present one are shown."""
_LEAST = 20
_LINE, _ABOVE = 24, 90
"""The height of a line of text, and of the buttons and margins, in pixels: a script makes the frame fit."""
_HIGHEST = 700
"""The largest height of a picture beside its buttons, in pixels."""
_SHRUNK = 1.25
"""A picture that is at most so many times as high as that is made smaller; a higher one scrolls."""

_TITLE = f"{{{SVG}}}title"
"""Tooltips, which the cell leaves out."""
_Change: TypeAlias = tuple[int, str, list[tuple[int, str | None]]]
"""The place of an element, the name of an attribute ("" for the text), and its new values: from which moment, what."""


def as_html(moment: Moment, frames: Callable[[], Frames], first: int = 0) -> str:
    """Return the moment as HTML, with its picture if the graph is not too large, and with buttons for the others.

    `frames` makes the pictures. Moments before `first` are left out: there, leaves had other numbers.
    """
    rows = _rows(moment)
    if len(moment.names) > _MOST_DRAWN:
        return _still(rows, _NOT_DRAWN)
    still = _still(rows, image(lambda: frames().svg(moment), "the graph at this step"))
    try:
        drawn = frames()
    except LayoutError:
        return still
    picture = sized_for_cell(without_tooltips(drawn.svg(moment).encode()))
    around = max(_MOST_SHOWN // len(moment.names), _LEAST) // 2
    start = max(first, moment.position - around)
    positions = range(start, min(len(moment.steps), max(moment.position, start) + around) + 1)
    words, changes = _recorded(moment, drawn, positions)
    high = float(ElementTree.fromstring(picture).get("height", "0").removesuffix("pt")) / 0.75
    content = {"words": words, "changes": changes, "present": moment.position - start}
    page = Template(files("viz").joinpath("stepping", "cell.html").read_text(encoding="utf-8")).substitute(
        highest=f"{_HIGHEST}px",
        shrunk=f"{_HIGHEST}px" if high <= _SHRUNK * _HIGHEST else "none",
        words=words[moment.position - start],
        picture=picture,
        mark=LIT,
        content=json.dumps(content, separators=(",", ":")).replace("<", "\\u003c"),
    )
    return framed(page, min(round(high), _HIGHEST) + _ABOVE + _LINE * len(rows), still)


def _still(rows: Sequence[str], picture: str) -> str:
    return f'<div style="line-height:1.5;white-space:pre-wrap">{"".join(rows)}{picture}</div>'


def _rows(moment: Moment) -> list[str]:
    return [f'<div style="{_CSS[line.part]}">{html.escape(line.text)}</div>' for line in view(moment)]


def _recorded(moment: Moment, frames: Frames, positions: range) -> tuple[list[str], list[_Change]]:
    """Return the words at each position, and what changes in the picture, with its value at the first position."""
    words, states = [], []
    present, note = moment.position, moment.note
    try:
        for position in positions:
            _move(moment, position)
            moment.note = note if position == present else ""
            words.append("".join(_rows(moment)))
            states.append([_state(element) for element in frames.picture(moment).iter() if element.tag != _TITLE])
    finally:
        _move(moment, present)
        moment.note = note
    changes: list[_Change] = []
    for place, element in enumerate(zip(*states, strict=True)):
        for name in sorted({name for state in element for name in state}):
            values = [state.get(name) for state in element]
            new = [number for number in range(1, len(values)) if values[number] != values[number - 1]]
            if new:
                changes.append((place, name, [(number, values[number]) for number in (0, *new)]))
    return words, changes


def _state(element: ElementTree.Element) -> dict[str, str]:
    """Return the attributes of an element, and its text without a name."""
    return {"": element.text or "", **element.attrib}


def _move(moment: Moment, position: int) -> None:
    while moment.position < position:
        moment.forwards()
    while moment.position > position:
        moment.backwards()
