"""`gradstep tree` and `gradstep table`: a graph in the terminal, as a tree of lines and as a table of its nodes.

Reads `subjects` for what a file holds.
"""

import argparse
from typing import Any

from viz.arguments import whole_number
from viz.subjects import add_subject, loss_and_optimizer, subject_of
from viz.tables import table
from viz.terminal import make_console
from viz.trees import tree


def add_show_commands(commands: Any) -> None:
    """Add the commands to the parser's commands, an action of argparse."""
    shown_as_tree: argparse.ArgumentParser = commands.add_parser(
        "tree",
        help="show a graph as a tree, from the loss to its leaves",
        description="Show the graph of a loss as a tree: the loss at the top, the operands of a node below it.",
    )
    add_subject(shown_as_tree)
    shown_as_tree.add_argument(
        "--depth", type=whole_number(1, 100), metavar="LEVELS",
        help="how many levels, from 1 to 100 (default: as many as are readable)",
    )  # fmt: skip
    shown_as_tree.add_argument("--node", metavar="NAME", help="begin at this node: a label, or its place, such as v7")
    shown_as_tree.add_argument(
        "--rows", type=whole_number(1), default=200, metavar="N", help="show at most so many nodes (default: 200)"
    )
    shown_as_tree.set_defaults(run=_print_tree)
    shown_as_table: argparse.ArgumentParser = commands.add_parser(
        "table",
        help="show the nodes of a graph as a table, in the order of the forward pass",
        description="Show the nodes of a loss as a table: operations, numbers, gradients and local derivatives.",
    )
    add_subject(shown_as_table)
    shown_as_table.add_argument(
        "--rows", type=whole_number(2), default=40, metavar="N",
        help="of more nodes, show the first and the last (default: 40)",
    )  # fmt: skip
    shown_as_table.set_defaults(run=_print_table)


def _print_tree(options: argparse.Namespace) -> int:
    loss, _ = loss_and_optimizer(subject_of(options))
    make_console().print(tree(loss, options.depth, options.node, options.rows))
    return 0


def _print_table(options: argparse.Namespace) -> int:
    loss, _ = loss_and_optimizer(subject_of(options))
    make_console().print(table(loss, options.rows))
    return 0
