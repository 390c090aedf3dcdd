"""`player`: one HTML file that plays a pass, and computes it again with other numbers.

Everything is in the file, and its content security policy lets it load nothing.
"""

import base64
import hashlib
import html
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from string import Template

from autograd import Tape, Value
from autograd.table.op import row
from autograd.table.scalars import as_finite, counted
from nn import MLP, SGD, Exercise, Solution
from viz.core.cells import image
from viz.core.dot import shown
from viz.core.nodes import distinct_names
from viz.core.saving import Forms, Savable
from viz.core.subjects import loss_and_optimizer
from viz.networks.diagram import Diagram
from viz.networks.network import NetworkPicture, network
from viz.networks.placement import thickness
from viz.page.javascript import operations_source
from viz.page.program import Json, program
from viz.stepping.frames import moving_picture, without_tooltips
from viz.stepping.stepper import Stepper

_SCRIPTS = (
    *("numbers", "computation", "formula", "view", "graph", "network", "details", "what_if", "prediction"),
    *("controls", "player", "printing"),
)
_MOST_NODES = 2_000
_RATE = 0.1
_MOST_DRAWN = 300
"""Nodes of a graph whose first picture a notebook draws beside the page."""
_PLACE = "grid-area:1/1;min-width:0"
_HEIGHT = 820
_HOW_TO_PLAY = "Run the cell to play it here, or save it as a file."
_ROOM = 6
"""Characters that a number in the network diagram has room for."""


class Page(Savable):
    """A page as text, `html`; a notebook shows it in a frame, and its first picture where that is not trusted.

    `about` says what it plays, with the main numbers; `svg` makes the first picture.
    """

    kind = "a page"

    def __init__(self, html: str, about: str, svg: Callable[[], str] | None = None) -> None:
        self.html = html
        self.about = about
        self._svg = svg

    def forms(self) -> Forms:
        """Return what writes the page, by the suffix of the file."""
        return dict.fromkeys(("html", "htm"), self.html.encode)

    def _repr_html_(self) -> str:
        source = html.escape(self.html)
        # Both stand in one place, the frame above the picture; where a viewer drops frames, the picture is left.
        picture = "" if self._svg is None else image(self._svg, self.about)
        beginning = f"<div>{html.escape(self.about)}, at its beginning. {_HOW_TO_PLAY}</div>{picture}"
        return (
            f'<div style="display:grid"><div style="{_PLACE};max-height:{_HEIGHT}px;overflow:hidden">{beginning}</div>'
            f'<iframe srcdoc="{source}" style="{_PLACE};width:100%;height:{_HEIGHT}px;border:1px solid #c9ced6;'
            'background:white"></iframe></div>'
        )

    def __repr__(self) -> str:
        return f'<Page: {self.about}; save("page.html") writes it>'


def player(
    subject: Value | Exercise | Solution,
    path: str | Path | None = None,
    *,
    rate: float | None = None,
    mlp: MLP | None = None,
    layout: str | None = None,
) -> Page:
    """Return a page that plays the forward pass, the backward pass and the update, and write it to a path if given.

    The subject is a Value, an Exercise or a Solution. The update is gradient descent at a rate, 0.1 where none is given
    (an exercise has its own), of the parameters, or, where the graph has none, of all leaves that vary. In the page
    every leaf can be changed, and everything is computed again as it was recorded. Opened at `#step=12`, the page
    shows that step. A second view is the network diagram of an exercise, or, of a Value that one call of a network led
    to, of that `mlp`. `layout` names a layout command, as for `draw`.

    Raises TypeError for another subject, ValueError for a graph of more than 2,000 nodes, with a result of a replay,
    whose leaves were assigned since, or that the mlp did not compute; FileNotFoundError for a folder that is not there,
    and viz.LayoutError where no picture can be made.

    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> page = player((x * w).relu())
    >>> "http://" in page.html.replace("http://www.w3.org/", "")
    False
    """
    if isinstance(subject, Exercise):
        subject = subject.solve()
    loss, optimizer = loss_and_optimizer(subject)
    own_rate = optimizer.lr if isinstance(optimizer, SGD) else _RATE
    descent = as_finite(own_rate if rate is None else rate, "the rate of player()", from_zero=True)
    tape = Tape.of(loss)
    if len(tape.lines) > _MOST_NODES:
        raise ValueError(
            f"the graph has {len(tape.lines):,} nodes, and a page plays at most {_MOST_NODES:,}. "
            "Play a smaller loss, such as that of one sample."
        )
    diagram = None
    if mlp is not None:
        diagram = network(mlp, loss=loss, gradients=True, room=_ROOM, layout=layout)
    elif not isinstance(subject, Value):
        diagram = network(subject, gradients=True, room=_ROOM, layout=layout)
    stepper = Stepper(loss)
    names, events = distinct_names(tape), stepper.steps
    content = program(tape, names, events, descent)
    title = _title(subject)
    written = _page(title, content, moving_picture(tape, names, events, layout), diagram)
    size = f"{counted(len(tape.lines), 'node')}, {counted(len(content['steps']), 'step')}"
    about = f"{title} ({size}, result {shown(loss.data)})"
    page = Page(written, about, stepper.svg if len(tape.lines) <= _MOST_DRAWN else None)
    if path is not None:
        page.save(path)
    return page


def _title(subject: Value | Solution) -> str:
    if isinstance(subject, Value):
        return f"The pass of {subject.label}" if subject.label else "A forward and backward pass"
    return subject.exercise.title


def _page(title: str, content: Json, graph: str, diagram: NetworkPicture | None) -> str:
    operations = [row(name) for name in dict.fromkeys(node["op"] for node in content["nodes"]) if name]
    scripts = "\n".join(_file(f"{name}.js") for name in _SCRIPTS)
    script = f'"use strict";\n{operations_source(operations)}\n{scripts}'
    # A policy names the hash of the one script that may run, so that no other can, wherever it came from.
    digest = base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()
    return Template(_file("player.html")).substitute(
        title=html.escape(title),
        style=_file("player.css"),
        graph=graph,
        network="" if diagram is None else without_tooltips(diagram.pipe("svg")),
        tabs="hidden" if diagram is None else "",
        program=_json(content | {"network": None if diagram is None else _places(diagram.diagram)}),
        script=script,
        script_hash=digest,
    )


def _places(diagram: Diagram) -> Json:
    """Return where the numbers of a diagram stand, and which of its lines is which weight."""
    labels = {connection.id: connection.label for connection in diagram.connections if connection.kind == "weight"}
    return {
        "slots": [slot._asdict() for slot in diagram.slots],
        "thinnest": thickness(0.0, 1.0),
        "range": thickness(1.0, 1.0) - thickness(0.0, 1.0),
        "lines": [{"id": name, "node": label.entries[0].node} for name, label in labels.items() if label],
    }


def _json(content: Json) -> str:
    """Return JSON that stays inside its element, whatever its texts are."""
    return json.dumps(content, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _file(name: str) -> str:
    return files("viz").joinpath("page", name).read_text(encoding="utf-8").strip()
