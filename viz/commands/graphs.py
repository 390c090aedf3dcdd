"""`gradstep draw`, `gradstep tree` and `gradstep table`: show a graph as a picture, a tree or a table."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import viz
from autograd.passes.subject import Root, root_of
from autograd.passes.wording import DIGITS
from autograd.table.visible import visible
from nn.exchange.files import write_file
from viz.commands.arguments import whole_number
from viz.commands.outputs import Outputs
from viz.commands.subjects import add_subject, chosen_subject, file_in
from viz.core.drawing import LIMIT, RADIUS
from viz.core.layout import FORMATS
from viz.core.look import DIRECTIONS, FONT_SIZES
from viz.core.saving import OwnName, write_to

if TYPE_CHECKING:
    from viz.core.picture import Picture
    from viz.graphs.views import View


_TEXTS = {
    "mermaid": (("mmd", "md", "markdown"), "a Mermaid flowchart, in a .md file as a block of code"),
    "tikz": (("tikz", "tex"), "a tikzpicture, for LaTeX"),
    "dot": (("dot", "gv"), "DOT source"),
}
"""The forms of text, which `viz.to_mermaid`, `viz.to_tikz` and `viz.to_dot` write: their suffixes and what they are."""

GRAPHS = (*FORMATS, *_TEXTS)
"""The options for a graph."""
_PARTS = {"partials": "local derivatives", "gradients": "gradients", "constants": "the boxes of constants"}
"""What `gradstep draw` leaves out on request, by the argument of `viz.draw`."""
_MARKDOWN = (".md", ".markdown")
"""Files in which a flowchart must stand in a block of code, or it is not drawn."""


def add_draw(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep draw` to its parser."""
    parser.description = (
        "Draw the computation graph of a loss or an exercise. Large graphs are folded, collapsed by scope, or drawn "
        "in part; the picture says so. The default file is graph.svg."
    )
    parser.epilog = (
        "Captions and messages name Python arguments. The options are: depth=1 is --depth 1, focus=NODE is "
        "--focus NODE, fold=False is --all, limit=N is --limit N."
    )
    add_subject(parser)
    outputs = Outputs(parser)
    for suffix in FORMATS:
        outputs.add_file(parser, suffix, [suffix], f"write the graph as {suffix.upper()}")
    add_texts(parser, outputs)
    add_picture(parser)
    outputs.serve("legend", "pictures", FORMATS)
    outputs.serve("layout", "pictures", (*FORMATS, "tikz"))
    outputs.serve("font-size", "pictures and DOT", (*FORMATS, "tikz", "dot"))
    parser.set_defaults(run=_write_drawing)


def add_picture(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a picture of a graph."""
    add_view(parser)
    parser.add_argument(
        "--focus", metavar="NODE", help="draw only the part around this node: a label, or a name such as v7"
    )
    parser.add_argument(
        "--radius", type=whole_number(0), metavar="N",
        help=f"with --focus: the largest distance in edges (default: {RADIUS}; 1 if that is too much to read)",
    )  # fmt: skip
    parser.add_argument(
        "--open", action="append", default=[], metavar="SCOPE",
        help='open this scope, such as "layer 1" or "layer 1/neuron 2", and collapse the others; may be repeated',
    )  # fmt: skip
    _add_look(parser)
    parser.add_argument("--legend", action="store_true", help="explain the shapes in the picture")
    parser.add_argument("--layout", metavar="COMMAND", help="the layout command to use, such as dot")


def _add_look(parser: argparse.ArgumentParser) -> None:
    """Add the options that fit a picture to a slide, by themselves or by hand."""
    parser.add_argument(
        "--fit", metavar="SIZE",
        help="make all letters at least 12 pixels high on a slide of 1280 x 720 (16:9) or 960 x 720 (4:3), or 8 points "
        "in a text of a width such as 12cm; "
        "if that is necessary, leave out, in this order: digits after the third, boxes of constants, terms of sums, "
        "local derivatives, insides of scopes, gradients, nodes far from the result",
    )  # fmt: skip
    parser.add_argument("--direction", choices=DIRECTIONS, help="draw operands on the left or above")
    for name, what in _PARTS.items():
        parser.add_argument(f"--no-{name}", dest=name, action="store_false", help=f"leave out {what}")
    parser.add_argument(
        "--digits", type=whole_number(1, 17), metavar="N", help=f"significant digits of numbers (default: {DIGITS})"
    )
    parser.add_argument(
        "--font-size", type=whole_number(*FONT_SIZES), metavar="N",
        help="the size of the smallest letters, in points; with --fit, in pixels on the slide",
    )  # fmt: skip


def add_texts(parser: argparse.ArgumentParser, outputs: Outputs) -> None:
    """Add the options that write a picture as text."""
    for form, (suffixes, what) in _TEXTS.items():
        outputs.add_file(parser, form, suffixes, f"write the graph as {what}")


def add_view(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose how much of a graph is drawn."""
    parser.add_argument(
        "--depth", type=whole_number(0), metavar="N", help="collapse all scopes below this depth (0: all scopes)"
    )
    parser.add_argument("--all", action="store_true", help="draw every node; do not fold sums")
    parser.add_argument(
        "--limit", type=whole_number(1), default=LIMIT, metavar="N",
        help=f"the largest number of nodes in the picture (default: {LIMIT})",
    )  # fmt: skip


def _chosen_view(options: argparse.Namespace) -> "View":
    """Return the arguments of `viz.draw` for the options."""
    chosen: View = {"depth": options.depth, "fold": False if options.all else None, "limit": options.limit}
    if "focus" in options:  # the options that `gradstep draw` alone has
        chosen |= {"focus": options.focus, "radius": options.radius, "fit": options.fit, "digits": options.digits}
        chosen |= {"partials": options.partials, "gradients": options.gradients, "constants": options.constants}
        chosen |= {"direction": options.direction, "font_size": options.font_size, "open": options.open or ()}
    return chosen


def picture_of(options: argparse.Namespace, root: Root) -> "Picture":
    """Return the picture of a graph that the options choose."""
    return viz.draw(root, legend=options.legend, layout=options.layout, **_chosen_view(options))


def write_graph(options: argparse.Namespace, root: Root, say: Callable[[str], object]) -> None:
    """Write the pictures and texts that were asked for, and say the path of each."""
    view = _chosen_view(options)
    targets = [target for suffix in FORMATS if (target := getattr(options, suffix))]
    if targets:
        picture = picture_of(options, root)
        for target in targets:
            say(write_to(target, picture))
    for form in _TEXTS:
        path: Path | None = getattr(options, form)
        if path is not None:
            layout = {"layout": options.layout} if form == "tikz" else {}
            written = getattr(viz, f"to_{form}")(root, **view, **layout)
            if form == "mermaid" and path.suffix.lower() in _MARKDOWN:
                written = f"```mermaid\n{written}```\n"
            write_file(path, written.encode())
            say(visible(path))


def _write_drawing(options: argparse.Namespace) -> int:
    if not options.outputs.are_named(options):
        options.svg = OwnName("graph.svg", "draw --svg")
    options.outputs.check(options, FILE=file_in(options.subject))
    root = root_of(chosen_subject(options))
    write_graph(options, root, lambda path: print(f"The computation graph is in {path}"))
    return 0


def add_tree(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep tree` to its parser."""
    parser.description = (
        "Show the graph of a loss or an exercise as a tree: the loss at the top, the operands of a node below it."
    )
    add_subject(parser)
    parser.add_argument(
        "--levels", "--depth", type=whole_number(1, 100), metavar="N",
        help="the number of levels, from 1 to 100 (default: as many as are readable)",
    )  # fmt: skip
    parser.add_argument("--node", metavar="NAME", help="begin at this node: a label, or a name such as v7")
    parser.add_argument(
        "--rows", type=whole_number(1), default=200, metavar="N", help="show at most N nodes (default: 200)"
    )
    parser.set_defaults(run=_print_tree)


def add_table(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `gradstep table` to its parser."""
    parser.description = (
        "Show the nodes of a loss or an exercise as a table: operations, numbers, gradients and local derivatives."
    )
    add_subject(parser)
    parser.add_argument(
        "--rows", type=whole_number(2), default=40, metavar="N",
        help="show at most N rows, from the beginning and the end (default: 40)",
    )  # fmt: skip
    parser.set_defaults(run=_print_table)


def _print_tree(options: argparse.Namespace) -> int:
    _print(viz.tree(chosen_subject(options), levels=options.levels, node=options.node, rows=options.rows))
    return 0


def _print_table(options: argparse.Namespace) -> int:
    _print(viz.table(chosen_subject(options), rows=options.rows))
    return 0


def _print(shown: object) -> None:
    from viz.terminal.exercises import make_console  # noqa: PLC0415 - rich takes 32 ms; not for pictures

    make_console().print(shown)
