"""`Ledger`: every contribution to a node's gradient as data, and sentences about them.

`explain` makes ledgers.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd.passes.columns import aligned, number_text, shortened
from autograd.passes.names import listed
from autograd.passes.steps import plain
from autograd.passes.wording import factor
from autograd.table.scalars import is_same

_LISTED = 6  # terms of a sum in a sentence


class Contribution(NamedTuple):
    """One contribution: `upstream` * `local` = `amount`. `total` is the sum of the call's contributions so far.

    `through` is the computation that it comes from, "y = x*w"; or "the seed" if the node is the loss.
    """

    call: int
    through: str
    upstream: float
    local: float
    amount: float
    total: float


class Call(NamedTuple):
    """A call of `backward()` that reached the node: it added `amount` to the gradient `before`, which gave `result`.

    `number` counts the calls from 1. `line` is the "file:line" of the code that called, "" if that is not known.
    `before` is None for a computed node: each call replaces its gradient.
    """

    number: int
    line: str
    root: str
    seed: float
    before: float | None
    amount: float
    result: float

    @property
    def place(self) -> str:
        """The call's number and its line without folders; if the line is not known, its root.

        >>> Call(2, "lectures/train.py:7", "loss", 1.0, None, 50.0, 50.0).place
        'call 2 (train.py:7)'
        """
        file = self.line.replace("\\", "/").rpartition("/")[2]
        return f"call {self.number} ({file or f'{self.root}.backward()'})"


@dataclass(frozen=True, slots=True, repr=False)
class Ledger:
    """Every contribution to a node, and its `gradient`, None if it has none.

    `recorded` says whether `record_backward` recorded the calls; otherwise they are one call for each given loss. The
    text of a ledger is a table of the entries, and the sentences. `hint` says if node and root seem to be swapped;
    `stops` are sentences about the nodes that stop the gradient, if an entry is 0 or nearly 0. The text shows the
    `most` largest entries, all for None.
    """

    node: str
    kind: str
    gradient: float | None
    recorded: bool
    calls: tuple[Call, ...]
    entries: tuple[Contribution, ...]
    hint: str
    stops: tuple[str, ...]
    most: int | None

    @property
    def total(self) -> float | None:
        """The gradient that the calls explain; None if there was no call."""
        return self.calls[-1].result if self.calls else None

    @property
    def is_replaced(self) -> bool:
        """Whether each call replaces the gradient, as for computed nodes."""
        return self.kind in ("computed", "replayed")

    @property
    def counting(self) -> tuple[Call, ...]:
        """The calls that make up the present gradient: those after it was last reset, assigned or replaced."""
        start = len(self.calls)
        while start and (start == len(self.calls) or is_same(self.calls[start].before, self.calls[start - 1].result)):
            start -= 1
        return self.calls[start:]

    @property
    def sentences(self) -> list[str]:
        """The ledger in words. If the gradient differs from the total, one sentence says by how much."""
        if not self.calls:
            return list(filter(None, [_nothing(self), self.hint]))
        return [*_of_forgotten(self), _of_counting(self), *self.stops, *_of_difference(self)]

    def as_json(self) -> dict[str, Any]:
        """Return the ledger as plain data for JSON; an infinity or a nan becomes text."""
        fields: dict[str, Any] = {
            "node": self.node,
            "kind": self.kind,
            "gradient": plain(self.gradient),
            "total": plain(self.total),
            "recorded": self.recorded,
        }
        for name, rows in (("calls", self.calls), ("entries", self.entries)):
            fields[name] = [{field: plain(content) for field, content in row._asdict().items()} for row in rows]
        return fields | {"sentences": self.sentences}

    def __str__(self) -> str:
        table: list[tuple[str, ...]] = [("call", "through", "upstream", "local", "amount", "total")]
        shown = self._largest()
        table += [(str(entry.call), entry.through, *map(number_text, entry[2:])) for entry in shown]
        lines = [f"  {line}" for line in aligned(table, range(2, 6))] if self.entries else []
        if len(shown) < len(self.entries):
            lines.append(f"  ... and {len(self.entries) - len(shown):,} more; most=None shows all")
        return "\n".join([f"Why {self.node}.grad is {number_text(self.gradient)}:", *lines, *self.sentences])

    def _largest(self) -> list[Contribution]:
        """Return the entries that the text shows, in their order."""
        if self.most is None or len(self.entries) <= self.most:
            return list(self.entries)
        sizes = [math.inf if math.isnan(entry.amount) else abs(entry.amount) for entry in self.entries]
        places = sorted(range(len(sizes)), key=lambda place: -sizes[place])[: self.most]
        return [self.entries[place] for place in sorted(places)]

    def __repr__(self) -> str:
        return str(self)


def _nothing(ledger: Ledger) -> str:
    if ledger.kind == "constant":
        return f"{ledger.node} is a constant: no gradient flows to it."
    cause = (
        "no recorded call of backward() reached it"
        if ledger.recorded
        else "none of the given losses was computed from it"
    )
    rest = "" if ledger.gradient is None else f", so its gradient {number_text(ledger.gradient)} has another origin"
    return f"{ledger.node} received no contribution: {cause}{rest}."


def _of_forgotten(ledger: Ledger) -> Iterator[str]:
    forgotten = ledger.calls[: len(ledger.calls) - len(ledger.counting)]
    if not forgotten:
        return
    names = listed([call.place for call in forgotten])
    last, following = forgotten[-1], ledger.counting[0]
    if ledger.is_replaced:
        reason = "a computed node keeps the gradient of the latest call"
    elif following.before is None:
        reason = "the gradient was reset afterwards"
    else:
        change = f"from {number_text(last.result)} to {number_text(following.before)}"
        reason = f"the gradient was changed {change} afterwards"
    yield f"Not counted: {names}, because {reason}."


def _of_counting(ledger: Ledger) -> str:
    counting = ledger.counting
    first, last = counting[0], counting[-1]
    if len(counting) == 1 and first.before is None:
        return _of_one_call(ledger.node, [entry for entry in ledger.entries if entry.call == last.number])
    terms = shortened([f"{factor(number_text(call.amount))} from {call.place}" for call in counting], _LISTED)
    if first.before is None:
        ending = ": it was not reset in between." if is_same(last.result, ledger.gradient) else "."
    elif len(counting) < len(ledger.calls):
        terms.insert(0, number_text(first.before))
        ending = "."
    else:
        terms.insert(0, f"{number_text(first.before)} that was there before")
        ending = ". Was zero_grad() forgotten?"
    return f"The gradient {number_text(last.result)} = {' + '.join(terms)}{ending}"


def _of_one_call(name: str, entries: Sequence[Contribution]) -> str:
    result = number_text(entries[-1].total)
    if entries[0].through == "the seed":
        return f"The backward pass starts at {name}, with {result}."
    if len(entries) == 1:
        product = " * ".join(factor(number_text(number)) for number in entries[0][2:4])
        return f"{name} received one contribution: {product} = {result}."
    number = "two" if len(entries) == 2 else str(len(entries))
    amounts = shortened([factor(number_text(entry.amount)) for entry in entries], _LISTED)
    return f"{name} received {number} contributions: {' + '.join(amounts)} = {result}."


def _of_difference(ledger: Ledger) -> Iterator[str]:
    """Yield a sentence if the gradient differs from the ledger's total."""
    total, gradient = ledger.calls[-1].result, ledger.gradient
    if is_same(total, gradient):
        return
    name = f"{ledger.node}.grad"
    if gradient is None:
        after = f"the gradient was reset after {ledger.calls[-1].place}"
        cause = after if ledger.recorded else "backward() was not called, or the gradient was reset"
        yield f"{ledger.node} has no gradient: {cause}."
        return
    difference = gradient - total
    said = f"{name} is {number_text(gradient)}, not {number_text(total)}"
    if abs(difference) <= 1e-12 * max(abs(gradient), abs(total)):
        yield f"{name} differs from that by {number_text(difference)}, by rounding. Did the calls have another order?"
    elif ledger.recorded:
        yield f"{said}: it was changed by {number_text(difference)} after {ledger.calls[-1].place}."
    elif ledger.is_replaced or difference * gradient <= 0:
        yield f"{said}: it was changed by {number_text(difference)}, or other calls made it."
    else:
        more = number_text(difference)
        yield f"{said}: {more} was there before, or other calls added it. Was zero_grad() forgotten?"
