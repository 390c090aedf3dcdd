"""`Stepper`: go through a pass step by step, forwards and back, and ask what is known at each moment.

A move by one step changes one number, so it takes the same time in a graph of any size. Reads steps and tapes;
`step_view` shows the moment.
"""

from bisect import bisect_right
from typing import Self

from autograd import Tape, Value, WhatIf, steps, what_if
from autograd.lookup import find
from autograd.scalars import as_whole
from autograd.stepping import Computed, OptimizerLike, Posting, Step, Updated
from viz.breakpoints import Breakpoint, Condition, at_condition, at_node, at_operation
from viz.frames import Frames
from viz.nodes import line_names
from viz.step_view import as_html, as_rich, as_text

_MOST_DRAWN = 2_000


class Stepper:
    """A pass through the graph of a Value, at one moment of it.

    `position` is the number of steps that are done, from 0 to `len(steps)`; `note` says what the last move met. Moves
    return the Stepper, which shows itself. With an `optimizer` its updates are the last steps. The graph is read once:
    what changes later is not seen. Raises TypeError where loss is no Value, ValueError where nothing that varies led
    to it.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> Stepper(x * w).goto("w")
    step 4 of 4, backward through v2 = x*w
      dv2/dw += dv2/dv2 * dv2/dw = dv2/dv2 * x = 1 * 3 = 3
      the gradient of w was -, and is 3
      next: nothing, this is the end
    """

    def __init__(self, loss: Value, optimizer: OptimizerLike | None = None, seed: float = 1.0) -> None:
        self.loss = loss
        self.steps: list[Step] = steps(loss, seed, optimizer)
        self.tape = Tape.of(loss)
        self.names = line_names(self.tape)
        self.position = 0
        self.note = ""
        self.watched: list[int] = []
        self.breakpoints: list[Breakpoint] = []
        self._data = [line.data for line in self.tape.lines]
        self._gradients: list[float | None] = [None] * len(self.names)
        self._computed_at = [0] * len(self.names)
        self._postings: dict[int, list[int]] = {}  # the positions of the postings to a node
        self._frames: Frames | None = None
        for position, step in enumerate(self.steps, start=1):
            if isinstance(step, Computed):
                self._computed_at[step.node] = position
            elif isinstance(step, Posting):
                self._postings.setdefault(step.node, []).append(position)

    @property
    def step(self) -> Step | None:
        """The step that was done last; None before the first."""
        return self.steps[self.position - 1] if self.position else None

    @property
    def coming(self) -> Step | None:
        """The step that comes next; None after the last."""
        return self.steps[self.position] if self.position < len(self.steps) else None

    def find(self, name: str) -> int:
        """Return the place of a node on the tape by its name, or by "v7", the place; ValueError for other names."""
        return find(self.names, name)

    def data(self, name: str) -> float | None:
        """Return the number of a node at this moment; None where it is not yet computed."""
        return self.data_at(self.find(name))

    def gradient(self, name: str) -> float | None:
        """Return the running total of a node's gradient at this moment; None where nothing was posted yet."""
        return self.gradient_at(self.find(name))

    def data_at(self, node: int) -> float | None:
        """Return the number of the node at this place of the tape; None where it is not yet computed."""
        return self._data[node] if self._computed_at[node] <= self.position else None

    def gradient_at(self, node: int) -> float | None:
        """Return the gradient of the node at this place of the tape; None where nothing was posted yet."""
        return self._gradients[node]

    def postings_to(self, node: int) -> list[Posting]:
        """Return the postings to a node up to this moment."""
        positions = self._postings.get(node, [])
        steps = [self.steps[position - 1] for position in positions[: bisect_right(positions, self.position)]]
        return [step for step in steps if isinstance(step, Posting)]

    def computation_of(self, node: int) -> Computed | None:
        """Return the step that computes a node, done or not; None for what is not computed."""
        step = self.steps[self._computed_at[node] - 1]
        return step if isinstance(step, Computed) and step.node == node else None

    def is_first_posting(self, position: int) -> bool:
        """Say whether the step that leads to this position is the first posting to its node."""
        step = self.steps[position - 1]
        return isinstance(step, Posting) and self._postings[step.node][0] == position

    def next(self, count: int = 1) -> Self:
        """Go some steps forwards, at most to the end."""
        return self._go(self.position + as_whole(count, "a count of steps", 0))

    def back(self, count: int = 1) -> Self:
        """Go some steps back, at most to the beginning."""
        return self._go(self.position - as_whole(count, "a count of steps", 0))

    def restart(self) -> Self:
        """Go back to the beginning, where nothing is computed."""
        return self._go(0)

    def goto(self, where: int | str) -> Self:
        """Go to a position, or to the first step that concerns a node.

        Raises ValueError for a node that is not there, and for a position outside of 0 to the number of steps.
        """
        if isinstance(where, str):
            return self._go_to_node(where, 0, f"no step concerns {where}: it was not computed, and does not vary.")
        if isinstance(where, bool) or not isinstance(where, int) or not 0 <= where <= len(self.steps):
            raise ValueError(f"goto() takes a node's name or a position from 0 to {len(self.steps)}, not {where!r}.")
        return self._go(where)

    def until(self, name: str) -> Self:
        """Go on to the next step that concerns a node; where none comes, stay. ValueError for an unknown node."""
        return self._go_to_node(name, self.position, f"no later step concerns {name}; this is where you were.")

    def run(self) -> Self:
        """Go on to the next breakpoint, or to the end."""
        for point in self.breakpoints:
            point.start(self)
        while self.coming is not None:
            self._forwards()
            reached = [point.text for point in self.breakpoints if point.reached(self)]
            if reached:
                self.note = f"stopped {' and '.join(reached)}"
                return self
        self.note = "no breakpoint was met" if self.breakpoints else ""
        return self

    def stop_at(
        self, node: str | None = None, *, op: str | None = None, when: str | Condition | None = None
    ) -> Breakpoint:
        """Set a breakpoint at a node, at an operation, or at a condition, and return it.

        A condition is a text such as "w35.grad > 10" or "x3 < 0", or a function of this Stepper; `run` stops where it
        becomes true. Raises ValueError for what is not there, and where not exactly one of the three is given.

        >>> from autograd import Value
        >>> x = Value(3, "x")
        >>> stepper = Stepper(x * x)
        >>> stepper.stop_at(when="x.grad > 5")
        Breakpoint(when x.grad > 5)
        >>> stepper.run().position
        4
        """
        if sum(given is not None for given in (node, op, when)) != 1:
            raise ValueError("a breakpoint is at a node, at op=an operation, or at when=a condition: give one of them.")
        if node is not None:
            point = at_node(self, node)
        else:
            point = at_operation(op) if op is not None else at_condition(self, when or "")
        self.breakpoints.append(point)
        return point

    def watch(self, name: str) -> Self:
        """Show a node's number and its postings at every step from now on."""
        node = self.find(name)
        if node not in self.watched:
            self.watched.append(node)
        return self

    def unwatch(self, name: str) -> Self:
        """Watch a node no longer."""
        node = self.find(name)
        self.watched = [other for other in self.watched if other != node]
        return self

    def what_if(self, *, exact: bool = False, **leaves: float) -> WhatIf:
        """Return the graph recomputed with other numbers in some leaves, beside what it was; see `autograd.what_if`.

        Nothing is touched. `exact` computes in fractions. For a leaf whose name is no word of Python, call
        `autograd.what_if(stepper.loss, {"w[0]": 2})`.

        >>> from autograd import Value
        >>> x, w = Value(3, "x"), Value(2, "w")
        >>> Stepper((x * w).relu()).what_if(w=-1).after("v3")
        0.0
        """
        return what_if(self.loss, leaves, exact)

    def svg(self) -> str:
        """Return the graph at this moment as SVG: one layout for all steps, the present edge and nodes marked.

        What is not yet computed shows as "-". Raises ValueError for more than 2,000 nodes, and viz.layout.LayoutError
        where the picture cannot be made.
        """
        if len(self.names) > _MOST_DRAWN:
            raise ValueError(
                f"the graph has {len(self.names):,} nodes, and more than {_MOST_DRAWN:,} take minutes to lay out. "
                "Step through a smaller loss, such as that of one sample."
            )
        if self._frames is None:
            self._frames = Frames(self.tape, self.names, self.steps)
        return self._frames.svg(self)

    def _go_to_node(self, name: str, start: int, otherwise: str) -> Self:
        node = self.find(name)
        for position in range(start, len(self.steps)):
            if self.steps[position].node == node:
                return self._go(position + 1)
        self.note = otherwise
        return self

    def _go(self, position: int) -> Self:
        """Go to a position; beyond the beginning or the end, say so."""
        self.note = ""
        if position < 0:
            self.note = "this is the beginning"
        elif position > len(self.steps):
            self.note = "this is the end"
        while self.position < position and self.coming is not None:
            self._forwards()
        while self.position > max(position, 0):
            self._backwards()
        return self

    def _forwards(self) -> None:
        step = self.steps[self.position]
        self.position += 1
        if isinstance(step, Updated):
            self._data[step.node] = step.result
        elif not isinstance(step, Computed):
            self._gradients[step.node] = step.result

    def _backwards(self) -> None:
        step = self.steps[self.position - 1]
        if isinstance(step, Updated):
            self._data[step.node] = step.before
        elif isinstance(step, Posting):
            self._gradients[step.node] = None if self.is_first_posting(self.position) else step.before
        elif not isinstance(step, Computed):
            self._gradients[step.node] = None
        self.position -= 1

    def __repr__(self) -> str:
        return as_text(self)

    def __rich__(self) -> object:
        return as_rich(self)

    def _repr_html_(self) -> str:
        return as_html(self)
