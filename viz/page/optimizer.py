"""The update that a page plays: the lines of an optimizer, the leaves that it updates, and its state at the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd import Value
from autograd.passes.naming import Naming
from autograd.passes.steps import Posting, Prepared, Seed, Updated, plain, steps
from autograd.passes.subject import OptimizerLike
from autograd.passes.updates import (
    COUNT,
    GRADIENT,
    LR,
    PARAMETER,
    Assignment,
    ExplainedOptimizer,
    in_symbols,
    leaf_places,
    moves,
    result_name,
    usual_parameters,
)
from autograd.symbols.expression import Expression
from autograd.symbols.substitution import substituted, symbol_names
from autograd.table.scalars import format_number, is_same
from nn import SGD
from viz.texts.mathml import place


@dataclass(frozen=True)
class PlayedUpdate:
    """An optimizer's update: its lines, and the quantities of each leaf (by place) before the next update.

    `title` is the name of the optimizer, `arguments` are its arguments by their names in formulas. `naming` is that of
    an exercise.
    """

    root: Value
    title: str
    arguments: Mapping[str, str]
    lines: Sequence[Assignment]
    quantities: Mapping[int, Mapping[str, float]]
    lr: float
    optimizer: OptimizerLike
    naming: Naming | None

    @property
    def events(self) -> list[Prepared | Updated]:
        """The lines for each leaf, one after another, in symbols. A page fills a template instead: that is quicker."""
        told = [step for step in steps(self.root, optimizer=self.optimizer) if isinstance(step, (Prepared, Updated))]
        told.sort(key=lambda step: step.node)  # a leaf's lines stay in their order
        formulas = [
            formula
            for step in told
            if isinstance(step, Updated)
            for formula in in_symbols(self.lines, {}, step.name, step.loss, self.quantities[step.node])
        ]
        return [step._replace(parts=(formula,)) for step, formula in zip(told, formulas, strict=True)]

    @cached_property
    def names(self) -> list[str]:
        """The names of all quantities; the ones that the update starts from come first."""
        [first, *_] = self.quantities.values()
        return list(dict.fromkeys([*first, *(line.name for line in self.lines)]))

    @cached_property
    def settings(self) -> dict[str, float]:
        """The quantities that are the same for all leaves and do not change."""
        [first, *others] = self.quantities.values()
        changing = {PARAMETER, GRADIENT, COUNT, *(line.name for line in self.lines)}
        return {
            name: number
            for name, number in first.items()
            if name not in changing and all(is_same(other[name], number) for other in others)
        }

    @property
    def is_single(self) -> bool:
        """Whether the update is a single line; it is written with the numbers of its settings."""
        return len(self.lines) == 1

    @property
    def hint(self) -> str:
        """What the page says about the optimizer; "" if its single line says everything."""
        if self.is_single:
            return ""
        used = {name for line in self.lines for name in symbol_names(line.formula)} - {"lr"}
        numbers = [
            f"{self.arguments.get(name, '')} {name} = {format_number(number)}".strip()
            for name, number in self.settings.items()
            if name in used
        ]
        return f"{self.title[0].upper()}{self.title[1:]}{': ' * bool(numbers)}{', '.join(numbers)}."

    def start(self, node: int) -> dict[str, Any]:
        """Return the optimizer's state for a leaf before the next update, as JSON."""
        own = {name: number for name, number in self.quantities[node].items() if name not in self.settings}
        kept = {name: number for name, number in own.items() if name not in (PARAMETER, GRADIENT)}
        count = kept.get(COUNT, 1.0) - 1.0
        return {name: plain(number) for name, number in (kept | {COUNT: count}).items()}

    def form(self, line: int) -> Prepared | Updated:
        """Return a line's step with places for the names of its leaf and of the loss."""
        name, root = place("name").name, place("loss").name
        [first, *_] = self.quantities.values()
        own, parts = self.lines[line].name, (in_symbols(self.lines, {}, name, root, first)[line],)
        if line == len(self.lines) - 1:
            return Updated(0, name, root, 0.0, 0.0, None, 0.0, parts)
        earlier = {*first, *(each.name for each in self.lines[:line])} - {GRADIENT}
        words = getattr(self.optimizer, "words", {}).get(own, "")
        return Prepared(0, name, own, words, 0.0 if own in earlier else None, parts, 0.0)

    def template(self, line: int) -> tuple[Expression, list[Expression]]:
        """Return a line's result and its formula, in symbols and in numbers, with places for those of a leaf."""
        numbers = {name: place(f"quantity{number}") for number, name in enumerate(self.names)}
        name, root = place("name").name, place("loss").name
        settings = {own: numbers[own] for own in (*self.settings, COUNT) if own in numbers} if self.is_single else {}
        [first, *_] = self.quantities.values()
        symbols = in_symbols(self.lines, settings, name, root, first)[line]
        own = self.lines[line].name
        return result_name(own, name, own in first), [symbols, substituted(self.lines[line].formula, numbers)]


def played_update(
    root: Value, optimizer: OptimizerLike | None, lr: float | None, naming: Naming | None = None
) -> PlayedUpdate:
    """Return the update of an optimizer; the default is gradient descent of the usual parameters.

    Raises ValueError for an optimizer that updates no leaf of the graph, or whose formulas do not give its step.
    """
    leaves = leaf_places(root)
    if optimizer is None:
        optimizer = SGD(usual_parameters(root), lr=LR)
    kind = type(optimizer).__name__
    totals = {step.node: step.result for step in steps(root) if isinstance(step, (Seed, Posting))}
    made = moves(optimizer, {leaf: totals.get(place, 0.0) for leaf, place in leaves.items()})
    if not isinstance(optimizer, ExplainedOptimizer) or not all(move.formulas for move in made):
        raise ValueError(
            f"a page needs the formulas of an optimizer, but those of {kind} are missing or do not give its step. "
            "Write them as update(self, q) in a subclass of nn.Optimizer."
        )
    known = {leaves[move.parameter]: move.known for move in made}
    return PlayedUpdate(
        root=root,
        title=getattr(optimizer, "title", kind),
        arguments=getattr(optimizer, "arguments", {}),
        lines=made[0].formulas,
        quantities=dict(sorted(known.items())),
        lr=getattr(optimizer, "lr", LR) if lr is None else lr,
        optimizer=optimizer,
        naming=naming,
    )
