"""`player`: one HTML file that plays a pass, and computes it again with other numbers.

Everything is in the file; its content security policy forbids it to load anything.
"""

import base64
import hashlib
import html
import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from autograd import Tape, Value
from autograd.passes.steps import plain
from autograd.passes.subject import OptimizerLike, Root, require_varying, subject_of
from autograd.table.scalars import as_finite, counted
from autograd.table.visible import visible
from nn import MLP, Exercise, Solution
from viz.core.cells import framed, image
from viz.core.saving import PAGES, Forms, Savable
from viz.core.text import shown
from viz.networks.diagram import Diagram
from viz.networks.network import NetworkPicture, network_beside
from viz.networks.placement import thickness
from viz.page.javascript import operations_source, update_source
from viz.page.lines import played_lines
from viz.page.optimizer import PlayedUpdate, played_update
from viz.page.packing import packed, slim
from viz.page.program import Json, program
from viz.page.scopes import scope_views
from viz.stepping.frames import moving_picture, without_tooltips
from viz.stepping.stepper import Stepper

_SCRIPTS = (
    *("numbers", "program", "computation", "lines", "formula", "view", "graph", "network", "details", "what_if"),
    *("judging", "summary", "prediction", "controls", "address", "player", "printing"),
)
_MOST_NODES = 2_000
_MOST_AS_RECORDED = 150
"""The largest number of nodes of a graph that is drawn as it was recorded, if it has scopes that can be closed."""
_MOST_IN_SCOPES = 100_000
_MOST_DRAWN = 300
"""The largest number of nodes for which a notebook also draws the first picture."""
_HEIGHT = 820
_HOW_TO_PLAY = "Run the cell to play it here, or save it as a file."


class Page(Savable):
    """A page as text, `html`. A notebook shows it in a frame, or shows its first picture if it is not trusted.

    `about` says what the page plays, with the main numbers. `svg` makes the first picture.
    """

    kind = "a page"

    def __init__(self, html: str, about: str, *, svg: Callable[[], str] | None = None) -> None:
        self.html = html
        self.about = about
        self._svg = svg

    def forms(self) -> Forms:
        """Return the functions that write the page, by the suffix of the file."""
        return dict.fromkeys(PAGES, self.html.encode)

    def _repr_html_(self) -> str:
        picture = "" if self._svg is None else image(self._svg, self.about)
        beginning = f"<div>{html.escape(self.about)}, at its beginning. {_HOW_TO_PLAY}</div>{picture}"
        return framed(self.html, _HEIGHT, beginning)

    def __repr__(self) -> str:
        return f'<Page: {self.about}; save("page.html") writes it>'


def player(
    root: Root,
    *,
    optimizer: OptimizerLike | None = None,
    lr: float | None = None,
    mlp: MLP | None = None,
    layout: str | None = None,
) -> Page:
    """Return a page that plays the forward pass, the backward pass and the update; `save(path)` writes it.

    `root` is a Value, or an exercise or its solution. The update is that of the `optimizer`, from its present state.
    Without one it is gradient descent of the parameters, or of all leaves that vary if the graph has no parameters; an
    exercise has its own. `lr` is the learning rate, if no optimizer is given. In the page you can change every leaf,
    and everything is computed again by the recorded operations. An exercise is played by line (see `autograd.lines`), a
    Value by contribution; the page can switch. A graph of more than 150 nodes that has scopes is drawn with these
    closed and played by what is visible; a click opens a scope. Opened at `#step=12&w13=5`, the page shows that moment
    with these numbers; `#line=5` shows a line. An exercise has a second view, its network diagram, beside the graph
    where it can be read. So has a Value that was computed by one call of an MLP; where the network is not found in the
    graph, give it as `mlp`. `layout` names a layout command, as for `draw`.

    Raises TypeError for another root; ValueError for a graph with more than 2,000 nodes, or 100,000 in scopes, with a
    result of a replay, with leaves that were changed later, or that the mlp did not compute; for an optimizer with an
    exercise or `lr`, and for one without formulas; viz.LayoutError if no picture can be made.

    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> page = player((x * w).relu())
    >>> "http://" in page.html.replace("http://www.w3.org/", "")
    False
    """
    if lr is not None and optimizer is not None:
        raise ValueError("expected lr or an optimizer for player(), got both. Give lr to the optimizer.")
    subject = root.solve() if isinstance(root, Exercise) else root
    end, optimizer, naming = subject_of(subject, optimizer)
    if lr is not None:
        lr = as_finite(lr, "the learning rate of player()", from_zero=True)
    tape = Tape.of(end)
    is_large = len(tape.lines) > _MOST_AS_RECORDED and naming is None and any(line.scope for line in tape.lines)
    most = _MOST_IN_SCOPES if is_large else _MOST_NODES
    if len(tape.lines) > most:
        raise ValueError(
            f"expected at most {most:,} nodes in a graph for a page, got {len(tape.lines):,}. "
            f"Play a smaller loss, such as the loss of one sample{'' if is_large else ', or use autograd.scope(NAME)'}."
        )
    diagram = network_beside(end if mlp else subject, mlp, layout)
    require_varying(end, "steps")
    update = played_update(end, optimizer, lr, naming)
    content = program(tape, update)
    content |= {"lines": [], "by": "part", "pictures": None, "examples": _examples(subject, tape)}
    operations = operations_source(dict.fromkeys(line.op for line in tape.lines if line.op))
    scripts = [operations, update_source(update.lines, update.names)]
    graph, svg, views = "", None, scope_views(tape, layout) if is_large else []
    if is_large:
        content["pictures"] = [{"scope": view.scope, "units": view.units} for view in views]
    else:
        stepper = Stepper(end)
        played = played_lines(end, tape.lines, [*stepper.contributions, *update.events], update)
        content |= {
            "lines": played.content,
            "shared": played.shared,
            "by": "step" if naming is None else "line",
        }
        scripts.append(played.source)
        graph = moving_picture(tape, stepper.contributions, layout)
        svg = stepper.svg if len(tape.lines) <= _MOST_DRAWN else None
    title = _title(subject, end)
    written = _page(title, content, update, scripts, graph, [view.svg for view in views], diagram)
    steps = counted(_count_steps(tape) + len(update.quantities) * len(update.lines), "step")
    size = f"{counted(len(tape.lines), 'node')}, {steps}"
    about = f"{title} ({size}, result {shown(end.data)})"
    return Page(written, about, svg=svg)


def _count_steps(tape: Tape) -> int:
    """Return how many steps a pass has without the update: computations, the seed, and contributions."""
    return 1 + sum(1 + sum(partial is not None for partial in line.partials) for line in tape.lines if line.op)


def _examples(root: Root, tape: Tape) -> list[Json]:
    """Return the numbers of each example by their nodes, if each update uses the next one."""
    if not isinstance(root, Solution) or root.exercise.update != "each":
        return []
    nodes = {line.label: node for node, line in enumerate(tape.lines)}
    return [
        {
            str(nodes[name]): plain(number)
            for name, number in {**example.inputs, **example.targets}.items()
            if name in nodes
        }
        for example in root.exercise.all_examples
    ]


def _title(root: Root, end: Value) -> str:
    if isinstance(root, Solution):
        return visible(root.exercise.title)
    return f"The pass of {visible(end.label)}" if end.label else "A forward and backward pass"


def _page(
    title: str,
    content: Json,
    update: PlayedUpdate,
    scripts: Sequence[str],
    graph: str,
    pictures: Sequence[str],
    diagram: NetworkPicture | None,
) -> str:
    script = "\n".join(['"use strict";', *scripts, *(_file(f"{name}.js") for name in _SCRIPTS)])
    # The policy has the hash of the only script that may run.
    digest = base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()
    program, pieces = packed(_json(content | {"network": None if diagram is None else _places(diagram.diagram)}))
    return Template(_file("player.html")).substitute(
        title=html.escape(title),
        style=_file("player.css"),
        graph=slim(graph),
        pictures="".join(
            f'<script type="text/plain" id="picture-{number}">{slim(svg)}</script>'
            for number, svg in enumerate(pictures)
        ),
        network="" if diagram is None else without_tooltips(diagram.pipe("svg")),
        optimizer=html.escape(update.hint),
        tabs="hidden" if diagram is None else "",
        program=program,
        pieces=_json(pieces, ascii_only=False),
        script=script,
        script_hash=digest,
    )


def _places(diagram: Diagram) -> Json:
    """Return the places of the numbers in a diagram, and the weight of each of its lines."""
    labels = {connection.id: connection.label for connection in diagram.connections if connection.kind == "weight"}
    return {
        "slots": [slot._asdict() for slot in diagram.slots],
        "thinnest": thickness(0.0, 1.0),
        "range": thickness(1.0, 1.0) - thickness(0.0, 1.0),
        "lines": [{"id": name, "node": label.entries[0].node} for name, label in labels.items() if label],
    }


def _json(content: Any, *, ascii_only: bool = True) -> str:
    """Return JSON whose texts cannot end the HTML element around it, nor begin a comment in it."""
    written = json.dumps(content, allow_nan=False, separators=(",", ":"), ensure_ascii=ascii_only)
    return written.replace("</", "<\\/").replace("<!", "\\u003c!")


def _file(name: str) -> str:
    return files("viz").joinpath("page", name).read_text(encoding="utf-8").strip()
