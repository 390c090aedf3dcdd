"""How objects of `autograd` and `nn` are shown in notebooks and by rich.

The functions here are the entry points of the group `gradstep.displays`, which `autograd.state.displays` looks up. Each
returns None if it cannot show an object; the object is then shown as text.
"""

import html
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from autograd import Value
from autograd.lab.marking import Marks
from autograd.node import Node
from autograd.passes.lines import headed
from nn import MLP, Exercise, Layer, Neuron, Solution
from viz.core.cells import Png, image
from viz.core.nodes import Nodes
from viz.core.picture import Picture
from viz.graphs.draw import draw
from viz.networks.network import network
from viz.terminal.exercises import exercise_view
from viz.terminal.tables import html_row
from viz.terminal.trees import Tree

_HEADINGS = ("layer", "activation", "inputs", "units", "parameters")
_NUMBERS = range(2, len(_HEADINGS))
"""The columns of numbers, which are aligned at the right."""
_MOST_ROWS = 60
"""How many nodes of its graph rich prints, as a tree, for a Value."""
_MOST_PARAMETERS = 2_000
"""A printed network is drawn too if it has at most this many parameters; more take longer than a second."""
_MOST_READ = 20_000
"""The graph of a printed Value is read if it has at most this many nodes; more take longer than half a second."""


def svg(shown: object) -> str | None:
    """Return the picture of a Value, folded if its graph is large; None if the graph is too large to read quickly."""
    picture = _picture(shown)
    return None if picture is None else picture._repr_svg_()


def png(shown: object) -> Png | bytes | None:
    """Return the same picture as PNG, for a notebook that is not trusted."""
    picture = _picture(shown)
    return None if picture is None else picture._repr_png_()


def as_html(shown: object) -> str | None:
    """Return HTML: an exercise's solution and picture, a network's layers, marks and a large Value in words."""
    if isinstance(shown, Value):
        return _large_value(shown) if _has_more_nodes(shown, _MOST_READ) else None
    if isinstance(shown, Exercise):
        return _solution(shown.solve())
    if isinstance(shown, Solution):
        return _solution(shown)
    if isinstance(shown, Marks):
        return f'<pre style="white-space:pre-wrap;word-break:normal">{html.escape(repr(shown))}</pre>'
    return _network(shown) if isinstance(shown, (MLP, Layer, Neuron)) else None


def renderable(shown: object) -> RenderableType | None:
    """Return what rich prints: the tree of a Value, the solution of an exercise, the table of a network's layers."""
    if isinstance(shown, Value):
        is_text = not shown.sources or _has_more_nodes(shown, _MOST_READ)
        return None if is_text else Tree(Nodes.of(shown), rows=_MOST_ROWS)
    if isinstance(shown, Exercise):
        return _Solved(shown.solve())
    if isinstance(shown, Solution):
        return _Solved(shown)
    if isinstance(shown, (MLP, Layer, Neuron)):
        table = Table(title=Text(repr(shown)), title_justify="left", title_style="bold")
        for place, heading in enumerate(_HEADINGS):
            table.add_column(heading, justify="right" if place in _NUMBERS else "left")
        for row in _layer_rows(shown):
            table.add_row(*map(Text, row))
        return table
    return None


def _picture(shown: object) -> Picture | None:
    if not isinstance(shown, Value) or _has_more_nodes(shown, _MOST_READ):
        return None
    return draw(shown)


class _Solved:
    """A solution as the terminal shows it."""

    def __init__(self, solution: Solution) -> None:
        self._solution = solution

    def __rich_console__(self, console: Console, _: ConsoleOptions) -> Iterator[RenderableType]:
        yield from exercise_view(console, self._solution.exercise, [self._solution])


def _has_more_nodes(root: Value, most: int) -> bool:
    """Say whether a graph has more than `most` nodes; stop counting there."""
    seen: set[Node] = set()
    waiting: list[Node] = [root]
    while waiting and len(seen) <= most:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += node.sources
    return len(seen) > most


def _large_value(root: Value) -> str:
    return (
        f"<pre>{html.escape(repr(root))}</pre><div>(its graph has more than {_MOST_READ:,} nodes; "
        "viz.draw, viz.tree and viz.table show it)</div>"
    )


def _solution(solution: Solution) -> str:
    """Return the title, the lines under their headings, and the graph."""
    from viz.texts.derivations import lines_of  # noqa: PLC0415 - they take 40 ms, and no picture needs them
    from viz.texts.web import readable, web  # noqa: PLC0415 - the same

    picture = image(lambda: draw(solution.graph).in_cell().svg(), "the computation graph")
    written = [f'<div style="font-weight:bold">{html.escape(solution.exercise.title)}</div>']
    for heading, lines in groupby(headed(solution.lines), itemgetter(0)):
        text = html.escape("\n".join(str(line) for _, line in lines))
        written.append(f'<div style="margin-top:0.5em">{heading}</div>')
        written.append(f'<pre style="margin:0;white-space:pre-wrap">{text}</pre>')
    return f'<div style="line-height:1.5">{readable(web(lines_of(solution)), "".join(written))}<br/>{picture}</div>'


def _network(module: MLP | Layer | Neuron) -> str:
    """Return a network, a layer or a neuron as a table of its layers; add the diagram of a small network."""
    rows = "".join(html_row(row, _NUMBERS) for row in _layer_rows(module))
    table = f"<div>{html.escape(repr(module))}</div><table>{html_row(_HEADINGS, _NUMBERS, 'th')}{rows}</table>"
    if isinstance(module, MLP) and len(module.parameters()) <= _MOST_PARAMETERS:
        table += image(network(module).svg, "the network")
    return table


def _layer_rows(module: MLP | Layer | Neuron) -> Iterator[tuple[str, ...]]:
    """Yield a row for each layer: its number, inputs, units, activation and parameters."""
    layers = module.layers if isinstance(module, MLP) else [module]
    for number, layer in enumerate(layers, start=1):
        neurons = layer.neurons if isinstance(layer, Layer) else [layer]
        counts = len(neurons[0].weights), len(neurons)
        yield str(number), layer.activation.name, *map(str, counts), str(len(layer.parameters()))
