"""`explain`: why a gradient is what it is, as a ledger of every contribution to it, for each call of `backward()`.

The context `record_backward` remembers the calls. It keeps their graphs. A ledger is computed on request, by the
same sweep that `backward()` uses.
"""

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from autograd.contexts.modes import ChangedMode
from autograd.explanations.ledger import Call, Contribution, Ledger
from autograd.explanations.stops import SMALL, stops
from autograd.node import Node
from autograd.passes.names import name_in, node_of
from autograd.passes.steps import Posting, Seed, postings_to
from autograd.passes.subject import Root, root_of
from autograd.passes.wording import DIGITS, equation
from autograd.state.mode import Mode, Witness, caller_line
from autograd.state.observation import refuse
from autograd.symbols.expression import text
from autograd.table.scalars import as_whole, counted
from autograd.value import Value


def explain(node: Value | str, *roots: Root, most: int | None = 20) -> Ledger:
    """Return the ledger of a node, given as a Value or by its name: why its gradient is what it is.

    With roots, it shows what `backward()`, called on each root in this order, adds to the node's gradient, and compares
    that with the gradient that the node has. The root of an exercise or a solution is its loss. Without roots, it shows
    the calls inside the latest `record_backward()` of this thread. The text shows the `most` largest contributions, all
    for None; the ledger has all. Raises TypeError for another node or root; ValueError for a name that no node has, if
    no root is given and no call was recorded, and if `most` is no whole number.

    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> loss = (x * w).relu()
    >>> loss.backward()
    >>> loss.backward()
    >>> explain(w, loss)
    Why w.grad is 6:
      call  through   upstream  local  amount  total
      1     v2 = x*w         1      3       3      3
    w received one contribution: 1 * 3 = 3.
    w.grad is 6, not 3: 3 was there before, or other calls added it. Was zero_grad() forgotten?
    """
    calls = [_RecordedCall(root_of(root), 1.0, "", None) for root in roots]
    refuse("a ledger is read")
    if calls:
        return _ledger(node, calls, recorded=False, most=most)
    record: BackwardRecord | None = getattr(_latest, "record", None)
    if record is None or not len(record):
        name = node if isinstance(node, str) else node_of(node).name
        raise ValueError(
            f"explain() of {name} needs a loss or recorded calls of backward(), and there are none. Give the loss: "
            "explain(w, loss). Or write `with autograd.record_backward():` around the calls of backward()."
        )
    return record.explain(node, most=most)


class _RecordedCall(NamedTuple):
    """A call of `backward()`; `before` holds the gradients of the leaves before it, None if it was not recorded."""

    root: Node
    seed: float
    line: str
    before: dict[Node, float | None] | None


class BackwardRecord:
    """The calls of `backward()` inside a `record_backward()`. It keeps their graphs as long as it lives."""

    def __init__(self, *, around: Witness | None = None) -> None:
        self._calls: list[_RecordedCall] = []
        self._around = around

    def __len__(self) -> int:
        return len(self._calls)

    def __repr__(self) -> str:
        return f"BackwardRecord({counted(len(self), 'call')})"

    def note_call(self, order: list[Any], seed: float) -> None:
        """Remember a call, before it changes the gradients in this order. A record around this one remembers it too."""
        before = {node: node._grad if node._has_grad else None for node in order if node._varies and node._is_leaf()}
        self._calls.append(_RecordedCall(order[-1], seed, caller_line(), before))
        if self._around is not None:
            self._around.note_call(order, seed)

    def explain(self, node: Value | str, *, most: int | None = 20) -> Ledger:
        """Return the ledger of a node, for the calls of this record; see `explain`."""
        return _ledger(node, self._calls, recorded=True, most=most)


_latest = threading.local()


def record_backward() -> AbstractContextManager[BackwardRecord]:
    """Remember every call of `backward()` inside, with its line of code, for `explain(w)`.

    It works for the thread or task that entered it, and keeps the graphs of the calls. The `backward()` of a batch has
    no graph and is not remembered. The latest record of a thread is kept until the next one begins.

    >>> w = Value(2, "w")
    >>> with record_backward() as record:
    ...     for _ in range(2):
    ...         (w * 5).backward()
    >>> print(*explain(w).sentences)  # doctest: +ELLIPSIS
    The gradient 10 = 5 from call 1 (...) + 5 from call 2 (...): it was not reset in between.
    """

    def changes(mode: Mode) -> dict[str, Any]:
        _latest.record = BackwardRecord(around=mode.witness)
        return {"witness": _latest.record}

    return ChangedMode(changes)


def _ledger(asked: Value | str, recorded_calls: Sequence[_RecordedCall], recorded: bool, most: int | None) -> Ledger:
    """Return the ledger of the calls. If they were not recorded, the first one starts without a gradient."""
    shown = None if most is None else as_whole(most, "the most contributions to show", 0)
    node = node_of(asked, *(call.root for call in recorded_calls))
    calls: list[Call] = []
    entries: list[Contribution] = []
    name = ""
    for number, (root, seed, line, before) in enumerate(recorded_calls, start=1):
        postings = postings_to(node, root, seed=seed)
        if not postings:
            continue
        name = postings[0].name
        entries += [_entry(number, posting) for posting in postings]
        found = None
        if node._is_leaf():
            found = before.get(node) if before is not None else calls[-1].result if calls else None
        amount = postings[-1].result
        end = postings[0].loss if isinstance(postings[0], Posting) else name
        calls.append(Call(number, line, end, seed, found, amount, amount if found is None else found + amount))
    hint = ""
    if not name:
        name, hint = name_in(recorded_calls[-1].root, node)
    gradient = node.grad if node.has_grad else None
    ends: list[str] = []
    if any(abs(entry.amount) < SMALL for entry in entries if entry.call == calls[-1].number):
        last = recorded_calls[calls[-1].number - 1]
        ends = stops(node, last.root, last.seed)
    hint = "" if recorded else hint
    return Ledger(name, node.kind, gradient, recorded, tuple(calls), tuple(entries), hint, tuple(ends), shown)


def _entry(call: int, posting: Seed | Posting) -> Contribution:
    if isinstance(posting, Seed):
        return Contribution(call, "the seed", posting.result, 1.0, posting.result, posting.result)
    through = f"{posting.source.name} = {text(equation(posting.source).parts[0], digits=DIGITS)}"
    return Contribution(call, through, posting.upstream, posting.local, posting.amount, posting.result)
