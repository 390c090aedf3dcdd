"""What a live page can follow: a Stepper, a Value, a network. Each hears of events and makes snapshots.

This happens in the thread of the event, and only there a graph is read.
"""

from collections.abc import Sequence
from dataclasses import replace
from threading import get_ident
from time import monotonic
from typing import Any, Protocol

from autograd import Value
from autograd.node import REPLAYED, Node
from autograd.passes.subject import is_subject, unexpected
from autograd.passes.tape import lines_of
from autograd.sweep import sweeping, topological_order
from autograd.table.scalars import format_number
from autograd.table.visible import visible
from nn import MLP, Exercise, Progress, Solution
from viz.core.text import cut, shown
from viz.networks.network import network_beside
from viz.stepping.stepper import Stepper
from viz.watching.snapshots import Point, Snapshot, shape_of
from viz.watching.view import result_text

_MOST_NEW, _MOST_KNOWN = 60, 500
"""If nobody looks, no snapshots are made of larger graphs, new ones and known ones: they take more than 0.1 ms."""
_SHARE = 5
"""Snapshots of still larger graphs take at most one part in so many of the time."""
_MOST_POINTS = 600
_LONGEST = 60


class Followed(Protocol):
    """What a live page follows."""

    def hears(self, event: str, source: Any, detail: Any) -> bool:
        """Say whether an event is about it; see `autograd.state.observation.Watcher`."""

    def changed(self, event: str, source: Any, detail: Any, is_watched: bool) -> Snapshot | None:
        """Return the snapshot after such an event; None if there is nothing new to show."""

    def snapshot(self) -> Snapshot:
        """Return the snapshot of now."""


def followed(subject: object) -> Followed:
    """Return what follows a Value, an exercise or its solution, a Stepper or an MLP. Raises TypeError for others."""
    if isinstance(subject, Stepper):
        return _Pass(subject)
    if isinstance(subject, MLP):
        return _Computed(subject.parameters(), mlp=subject)
    if isinstance(subject, Value):
        return _Computed([subject], subject)
    if is_subject(subject):
        return _Pass(Stepper(subject).run())
    raise TypeError(unexpected(subject, ("a Value", "an Exercise", "a Solution", "a Stepper", "an MLP")))


class _Pass:
    """A Stepper, which shows its present moment."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._network = network_beside(stepper.source)
        self._shape = shape_of(stepper.tape.lines)

    def hears(self, event: str, source: Any, _: Any) -> bool:
        return event == "move" and source is self._stepper

    def changed(self, *_: Any) -> Snapshot:
        return self.snapshot()

    def snapshot(self) -> Snapshot:
        moment = self._stepper.still()
        lines = moment.tape.lines
        data, gradients = ([*map(number, range(len(lines)))] for number in (moment.data_at, moment.gradient_at))
        return Snapshot(
            self._title, "", lines, self._shape, data, gradients, has_graph=True, moment=moment, network=self._network
        )

    @property
    def _title(self) -> str:
        source = self._stepper.source
        exercise = source.exercise if isinstance(source, Solution) else source
        if isinstance(exercise, Exercise):
            return visible(exercise.title)
        return f"The pass of {_short(self._stepper.names[-1])}"


class _Computed:
    """A Value and the Values that take its place, or the parameters of a network, while they are trained."""

    def __init__(self, roots: Sequence[Value], root: Value | None = None, mlp: MLP | None = None) -> None:
        self._roots, self._root, self._mlp = roots, root, mlp
        self._order: list[Node] = []
        self._form: list[Any] = []
        self._leaves: list[Node] = []
        self._model: Any = None  # that `fit` trains at present
        self._thread = 0  # in which it does
        self._curve, self._count, self._unseen, self._next = _Curve(), 0, 0, 0.0
        self._latest = Snapshot("", "", has_graph=mlp is None, network=network_beside(root if mlp is None else mlp))
        self._read_graph()

    def hears(self, event: str, source: Any, detail: Any) -> bool:
        if event == "backward":
            if self._thread == get_ident():
                return False  # `fit` tells its iterations
            return any(node._index >= detail for node in (*self._roots[:1], *self._leaves))
        if event == "fit":
            return not {*self._leaves}.isdisjoint(source.parameters())
        return event in ("iteration", "fitted") and source is self._model

    def changed(self, event: str, source: Any, detail: Any, is_watched: bool) -> Snapshot | None:
        if event == "fit":
            self._model, self._thread, self._curve = source, get_ident(), _Curve()
            return None
        if event == "fitted":
            self._model, self._thread = None, 0
            return self.snapshot()
        if event == "iteration":
            return self._made(self._trained(detail), is_due=is_watched and monotonic() >= self._next)
        self._count += 1
        self._curve.add(Point(self._count, source.data))
        if self._root is not None and self._root._index < detail:  # a new Value, computed from the same leaves
            self._root, self._roots, self._order = source, [source], []
        size = len(self._latest.lines)
        is_small = size <= (_MOST_KNOWN if self._order else _MOST_NEW)
        is_late = size <= _MOST_KNOWN or monotonic() >= self._next
        return self._made(f"backward() {self._count:,}", is_small or (is_watched and is_late))

    def snapshot(self) -> Snapshot:
        return self._made(self._latest.status, is_due=True)

    def _trained(self, progress: Progress) -> str:
        """Add an iteration of `fit` to the curve, and return it in words."""
        self._curve.add(Point(progress.iteration, progress.loss, progress.accuracy))
        self._curve.total = progress.iterations
        result = result_text(progress)
        rate = format_number(progress.lr, 3)
        return f"iteration {progress.iteration:,} of {progress.iterations:,}: {result}, rate {rate}"

    def _made(self, status: str, is_due: bool) -> Snapshot:
        """Return a snapshot with the present numbers if it is due; else with those of the latest one."""
        self._unseen = 0 if is_due or self._model is not None else self._unseen + 1
        if is_due:
            began = monotonic()
            self._read()
            now = monotonic()
            self._next = now + (_SHARE - 1) * (now - began)
        curve, total = tuple(self._curve.points), self._curve.total
        title = self._title
        self._latest = replace(self._latest, title=title, status=status, curve=curve, total=total, unseen=self._unseen)
        return self._latest

    def _read(self) -> None:
        """Read the present numbers."""
        if not self._order:
            self._read_graph()
        order = self._order
        data = [node._data for node in order]
        gradients = [node._grad if node._has_grad else None for node in order]
        partials = [node._left_partial for node in order], [node._right_partial for node in order]
        self._latest = replace(self._latest, data=data, gradients=gradients, partials=partials)

    def _read_graph(self) -> None:
        """Read which nodes there are: once for each root, since a graph does not change.

        If only the numbers differ from those of the graph before, its lines are kept; that is quicker.
        """
        with sweeping:
            order = self._order = topological_order(self._roots)
            form = _form(order)
            lines = self._latest.lines if form == self._form else lines_of(order)
        self._form = form
        self._leaves = [node for node in order if node._code < 0 and node._varies]
        if lines is self._latest.lines:
            return
        before, shape = self._latest, shape_of(lines)
        is_other = before.network is not None and len(shape) != len(before.shape or shape)
        diagram = network_beside(self._root) if is_other else before.network
        self._latest = replace(before, lines=lines, shape=shape, network=diagram)

    @property
    def _title(self) -> str:
        if self._root is None:
            return visible(repr(self._mlp))
        return f"{_short(self._root.label or 'the result')} = {shown(self._root.data)}"


def _form(order: Sequence[Node]) -> list[Any]:
    """Return what a graph is, but for its numbers; hold the lock `sweeping`."""
    first = order[0]._index
    return [
        (
            node._code,
            node._label,
            node._varies,
            None if node._left is None else node._left._index - first,
            None if node._right is None else node._right._index - first,
            node if node._code == REPLAYED else None,  # it is like no other
        )
        for node in order
    ]


class _Curve:
    """The points of a loss, up to `total`. If there are many, some of those in between are left out."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.total = 0
        self._every = 1

    def add(self, point: Point) -> None:
        """Add a point. The latest one always stays, and of those before it one in `_every`."""
        if len(self.points) > 1 and (self.points[-1].number - self.points[0].number) % self._every:
            self.points.pop()
        self.points.append(point)
        if len(self.points) > _MOST_POINTS:
            self._every *= 2
            del self.points[1:-1:2]


def _short(name: str) -> str:
    return cut(visible(name), _LONGEST)
