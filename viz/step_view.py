"""The present moment of a Stepper as plain text, for rich, and as HTML: the same lines in three forms.

Reads the Stepper, and `autograd.wording` for what a step says.
"""

import html
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from autograd.columns import number_text
from autograd.stepping import Computed, Posting, Seed, Step, Updated
from autograd.wording import describe
from viz.layout import LayoutError

if TYPE_CHECKING:
    from viz.stepper import Stepper


class Line(NamedTuple):
    """A line of the view: what it is ("title", "formula", "change", "note", "watch", "next"), and its text."""

    part: str
    text: str


_PADDING = (0, (0, 0, 0, 2))  # of the title, and of the lines below it
_STYLES = {
    "title": "bold",
    "formula": "cyan",
    "change": "",
    "note": "yellow",
    "watch": "green",
    "next": "dim",
}
_CSS = {
    "title": "font-weight:bold",
    "formula": "font-family:monospace;font-size:1.2em",
    "change": "",
    "note": "font-style:italic",
    "watch": "font-family:monospace",
    "next": "opacity:0.7",
}

_MOST_DRAWN = 300
"""Nodes of a graph that a notebook draws without being asked."""
_NOT_DRAWN = f"<div>(a graph of more than {_MOST_DRAWN} nodes is drawn on request: svg())</div>"


def view(stepper: "Stepper") -> Iterator[Line]:
    """Yield the lines that show the present moment."""
    step = stepper.step
    where = f"step {stepper.position} of {len(stepper.steps)}"
    if step is None:
        yield Line("title", f"{where}, the beginning: nothing is computed yet")
    else:
        said = describe(step)
        yield Line("title", f"{where}, {said.sentence}")
        yield Line("formula", said.line)
        yield Line("change", change(stepper, step))
    if stepper.note:
        yield Line("note", stepper.note)
    for node in stepper.watched:
        yield from watch_lines(stepper, node)
    yield Line("next", f"next: {_coming(stepper)}")


def change(stepper: "Stepper", step: Step) -> str:
    """Return what the step changed: the number before it, and the number now."""
    if isinstance(step, Computed):
        return f"the data of {step.name} was -, and is {number_text(step.result)}"
    if isinstance(step, Updated):
        return f"the data of {step.name} was {number_text(step.before)}, and is {number_text(step.result)}"
    before = None if isinstance(step, Seed) or stepper.is_first_posting(stepper.position) else step.before
    text = f"the gradient of {step.name} was {number_text(before)}, and is {number_text(step.result)}"
    if isinstance(step, Posting) and step.local == 0.0:
        text += f"; nothing flows to {step.name} here, because the local derivative is 0"
    return text


def watch_lines(stepper: "Stepper", node: int) -> Iterator[Line]:
    """Yield what is known of a node: its number, its gradient, and each posting to it so far."""
    data, gradient = number_text(stepper.data_at(node)), number_text(stepper.gradient_at(node))
    yield Line("watch", f"{stepper.names[node]}: data {data}, gradient {gradient}")
    for posting in stepper.postings_to(node):
        source, parts = posting.source, describe(posting).parts
        yield Line("watch", f"  from {source.name}: {' = '.join(parts[-2:])}, total {number_text(posting.result)}")


def _coming(stepper: "Stepper") -> str:
    step = stepper.coming
    if step is None:
        return "nothing, this is the end"
    sentence = describe(step).sentence
    return f"{sentence}, to {step.name}" if isinstance(step, Posting) else sentence


def as_text(stepper: "Stepper") -> str:
    """Return the moment as plain text."""
    return "\n".join(line.text if line.part == "title" else f"  {line.text}" for line in view(stepper))


def as_rich(stepper: "Stepper") -> Group:
    """Return the moment for a rich console, which breaks long lines and indents what follows."""
    lines = [(Text(line.text, _STYLES[line.part]), _PADDING[line.part != "title"]) for line in view(stepper)]
    return Group(*[Padding(text, padding, expand=False) for text, padding in lines])


def as_html(stepper: "Stepper") -> str:
    """Return the moment as HTML, with the picture of a graph that is not too large."""
    rows = "".join(f'<div style="{_CSS[line.part]}">{html.escape(line.text)}</div>' for line in view(stepper))
    picture = fitted_picture(stepper.svg) if len(stepper.names) <= _MOST_DRAWN else _NOT_DRAWN
    return f'<div style="line-height:1.5;white-space:pre-wrap">{rows}{picture}</div>'


def fitted_picture(svg: Callable[[], str]) -> str:
    """Return an SVG for a page, no wider than the page; where it cannot be made, the sentence that says why."""
    try:
        picture = svg()
    except LayoutError as error:
        return f"<div>(no picture: {html.escape(str(error))})</div>"
    inside = picture[picture.index("<svg ") :]  # without the heading of a file
    return inside.replace("<svg ", '<svg style="max-width:100%;height:auto;background:white" ', 1)
