"""`Stepper`: go through a pass step by step, forwards and back, and look at the numbers at each step.

Each step changes one number, so a step takes the same time in a graph of any size.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from rich.console import ConsoleOptions, RenderableType

from autograd import WhatIf, what_if
from autograd.lab.worksheet import Worksheet
from autograd.passes.columns import number_text
from autograd.passes.known import Known, Reading
from autograd.state.mode import code_at
from autograd.state.observation import tell
from autograd.table.scalars import as_whole, counted
from autograd.table.visible import visible
from viz.questions.asking import Questions
from viz.questions.prompt import Prompt, verdict_text
from viz.stepping import cell
from viz.stepping.breakpoints import Breakpoint, Condition, Watch, at_condition, at_node, at_operation, changes_of
from viz.stepping.edits import Comparison, Edit, goes_another_way, leaf_called, line_of_other_answer, number_for
from viz.stepping.expressions import expression
from viz.stepping.frames import Frames, for_cell
from viz.stepping.moment import Moment
from viz.stepping.step_view import as_rich, as_text
from viz.stepping.verbs import advice
from viz.terminal.exercises import make_console
from viz.terminal.trees import Tree

_MOST_DRAWN = 2_000


class Stepper(Moment):
    """A pass through the graph of a Value, at one moment of it.

    `root` is a Value, or an exercise or its solution, which has its own update. A step is a line, as a lecture writes
    it (`by="line"`, the default for an exercise or its solution), or one contribution to a gradient
    (`by="contribution"`, the default for a Value). `position` is the number of steps done, from 0 to `len(steps)`;
    `note` is a message about the last move. Methods that move return the Stepper, so that a prompt or a notebook shows
    it. With an `optimizer` the last steps are its updates. The graph is read once for each kind of step; later changes
    have no effect. Raises TypeError for another root, ValueError if the root depends on constants only, if an optimizer
    is given with an exercise, or for lines with a `seed` that is not 1.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> Stepper(x * w).goto("w")
    step 4 of 4, backward through v2 = x*w
      dv2/dw += dv2/dv2 * dv2/dw = dv2/dv2 * x = 1 * 3 = 3
      the gradient of w was -, and is 3
      next: nothing, this is the end
    >>> Stepper(x * w, by="line").goto("w")
    line 3 of 3, backward
      dloss/dw = x = 3
      known now: the gradient of w
      next: nothing, this is the end
    """

    @cached_property
    def breakpoints(self) -> list[Breakpoint]:
        """The breakpoints at which `run` stops."""
        return []

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The comparisons of Values that the code of the graph made, as far as they are known; see `set`."""
        return []

    @cached_property
    def _edits(self) -> list[Edit]:
        return []

    @cached_property
    def _sheet(self) -> Worksheet:
        return Worksheet(self.root, self._naming, self._optimizer)

    @cached_property
    def _frames(self) -> Frames:
        return Frames(self.tape, self.contributions)

    @cached_property
    def _frames_in_cell(self) -> Frames:
        return Frames(self.tape, self.contributions, drawn=for_cell)

    def by(self, reading: Reading) -> Self:
        """Go on by "line" or by "contribution", from the nearest place; `reading` says which it is at present.

        Raises ValueError for another word, and for lines if a leaf was changed after the root was computed.

        >>> from autograd import Value
        >>> Stepper(Value(3, "x") ** 2).goto("x").by("line").present.name
        'dloss/dx'
        """
        self.note = ""
        nearest = self.switch(reading)
        self._edits[:] = [edit._replace(position=min(nearest(edit.position), self.position)) for edit in self._edits]
        return self._noted()

    def next(self, count: int = 1) -> Self:
        """Go `count` steps forwards, at most to the end."""
        return self._go(self.position + as_whole(count, "a count of steps", 0))

    def back(self, count: int = 1) -> Self:
        """Go `count` steps back, at most to the beginning."""
        return self._go(self.position - as_whole(count, "a count of steps", 0))

    def restart(self) -> Self:
        """Go back to the beginning, where nothing is computed."""
        return self._go(0)

    def goto(self, where: int | str) -> Self:
        """Go to a position, or to the first step that changes a node, or by line to the line with this name.

        Raises ValueError for an unknown name, and for a position outside of 0 to the number of steps.
        """
        if isinstance(where, str):
            is_constant = where in self.names and self.tape.lines[self.find(where)].kind == "constant"
            reason = ": it is a constant" if is_constant else ""
            return self._go_to(where, 0, f"no {self.word} changes {where}{reason}.")
        if isinstance(where, bool) or not isinstance(where, int) or not 0 <= where <= len(self.steps):
            raise ValueError(f"expected a node's name or a position from 0 to {len(self.steps)}, got {where!r}.")
        return self._go(where)

    def until(self, name: str) -> Self:
        """Go on to the next step that changes a node, or by line to the line with this name; stay if there is none.

        Raises ValueError for an unknown name.
        """
        step = self.word
        return self._go_to(name, self.position, f"no later {step} changes {name}; you are still at the same {step}.")

    def last(self, name: str) -> Self:
        """Go back to the last step before the present one that changed a number; stay if there is none.

        `name` is that of a node, for its data, its gradient's total or its update, of a gradient, or of a line.
        "w35.data" and "w35.grad" are one of a node's two numbers. Raises ValueError for an unknown name.

        >>> from autograd import Value
        >>> x = Value(3, "x")
        >>> stepper = Stepper(x * x).run().last("x.grad")
        >>> stepper.position, stepper.note
        (3, 'the last change of x.grad before step 4')
        """
        is_asked, start = changes_of(self, name), self.position
        for position in range(start - 1, 0, -1):
            if is_asked(self.steps[position - 1]):
                undone = self._go(position).note
                return self._noted(f"the last change of {name} before {self.word} {start}", undone)
        is_here = start and is_asked(self.steps[start - 1])
        first = f"this {self.word} is the first that changes {name}" if is_here else f"nothing has changed {name} yet"
        return self._noted(f"{first}; you are still at the same {self.word}.")

    def run(self) -> Self:
        """Go on to the next breakpoint or change of a watched expression, or to the end."""
        stops = self._stops
        now = self._marks(stops)
        while self.coming is not None:
            self.forwards()
            before, now = now, self._marks(stops)
            met = _met(stops, before, now)
            if met:
                return self._noted(met)
        return self._noted("no breakpoint was met" if stops else "")

    def rcontinue(self) -> Self:
        """Go back to the previous place where `run` stops, or to the beginning.

        >>> from autograd import Value
        >>> x, w = Value(3, "x"), Value(2, "w")
        >>> stepper = Stepper(x * w).run()
        >>> stepper.break_at("x")
        Breakpoint(at x)
        >>> stepper.rcontinue().position, stepper.rcontinue().position
        (3, 0)
        """
        stops, notes = self._stops, []
        while self.position > 0:
            notes.append(self._go(self.position - 1).note)
            met = self._met_here(stops)
            if met:
                return self._noted(met, *notes)
        return self._noted("no earlier breakpoint was met" if stops else "", "this is the beginning", *notes)

    @property
    def _stops(self) -> list[Breakpoint]:
        return self.breakpoints + [Watch(text, value) for text, value in self.expressions.items()]

    def _marks(self, stops: Sequence[Breakpoint]) -> list[Any]:
        return [point.mark(self) for point in stops]

    def _met_here(self, stops: Sequence[Breakpoint]) -> str:
        """Return what `run` says when it stops at the present step, "" if it does not stop here."""
        if not self.position:
            return ""
        now = self._marks(stops)
        self.backwards()
        before = self._marks(stops)
        self.forwards()
        return _met(stops, before, now)

    def _noted(self, *notes: str) -> Self:
        """Store the notes on a move that has ended, and tell whoever follows this Stepper."""
        self.note = "; ".join(filter(None, notes))
        tell("move", self)
        return self

    def break_at(
        self, node: str | None = None, *, op: str | None = None, when: str | Condition | None = None
    ) -> Breakpoint:
        """Set a breakpoint at a node, at an operation, or at a condition, and return it.

        A condition is a text such as "w35.grad > 10" or "x3 < 0", or a function of this Stepper; `run` stops when it
        becomes true. Raises ValueError for an unknown node or operation, or if not exactly one of the three is given.

        >>> from autograd import Value
        >>> x = Value(3, "x")
        >>> stepper = Stepper(x * x)
        >>> stepper.break_at(when="x.grad > 5")
        Breakpoint(when x.grad > 5)
        >>> stepper.run().position
        4
        """
        if sum(given is not None for given in (node, op, when)) != 1:
            raise ValueError(
                "expected exactly one of these: a node, op=an operation, when=a condition; got none or several."
            )
        if node is not None:
            point = at_node(self, node)
        else:
            point = at_operation(self, op) if op is not None else at_condition(self, when or "")
        self.breakpoints.append(point)
        return point

    def clear(self, number: int | None = None) -> Self:
        """Remove a breakpoint by its number, counted from 1, or all of them. Raises ValueError for another number.

        >>> from autograd import Value
        >>> stepper = Stepper(Value(3, "x") ** 2)
        >>> stepper.break_at("x"), stepper.clear(1).breakpoints
        (Breakpoint(at x), [])
        """
        if number is None:
            self.breakpoints.clear()
        elif number in range(1, len(self.breakpoints) + 1):
            del self.breakpoints[number - 1]
        else:
            count = counted(len(self.breakpoints), "breakpoint")
            raise ValueError(f"no breakpoint has the number {number}. There are {count}, counted from 1.")
        return self

    def watch(self, name: str) -> Self:
        """Show a node's data and the contributions to its gradient at every step from now on, or an expression's value.

        `run` and `rcontinue` stop where the value of an expression changes, not at a watched node. Raises ValueError
        for an unknown name, and for what is no expression.

        >>> from autograd import Value
        >>> x, w = Value(3, "x"), Value(2, "w")
        >>> Stepper((x * w).relu()).watch("x.grad * w").run().note
        'stopped where x.grad * w changed from - to 4'
        """
        if self._is_expression(name):
            text, value = expression(self, name)
            self.expressions[text] = value
        elif (node := self.find(name)) not in self.watched:
            self.watched.append(node)
        return self._noted(self.note)

    def unwatch(self, name: str) -> Self:
        """Stop watching a node or an expression."""
        same = [text for text in self.expressions if text.replace(" ", "") == visible(name).replace(" ", "")]
        for text in same:
            del self.expressions[text]
        if not same:
            node = self.find(name)
            self.watched = [other for other in self.watched if other != node]
        return self

    def _is_expression(self, text: str) -> bool:
        return visible(text) not in self.words and bool(re.search(r"[^\w\[\]]", text))

    def set(self, name: str, number: float | str) -> Self:
        """Go on with another number in a leaf, a parameter or a named constant, such as a target.

        Everything is computed again from the recorded operations, also what stands before this step; the position
        stays. Going back before this step restores the old number. The graph itself does not change. `number` is a
        number, or an expression of what is known now, such as "w13 - 1/2". If Python code chose between branches, the
        recorded branch is computed. Raises ValueError for an unknown name, for a number that is computed, for an
        expression that is not known yet, and if the new number is not finite.

        >>> from autograd import Value
        >>> x, w = Value(3, "x"), Value(2, "w")
        >>> stepper = Stepper(x * w).next().set("w", "x + 1")
        >>> stepper
        step 1 of 4, forward: v2 = x*w
          v2 = x*w = 3*4 = 12
          the data of v2 was -, and is 12
          w = 4 in place of 2; all steps are computed again
          next: the backward pass starts at v2
        >>> stepper.back().data("w")
        2.0
        """
        node = leaf_called(self, name)
        edit = Edit(self.position, node, number_for(self, name, number))
        before = self.tape.lines[node].data
        self._recompute([*self._edits, edit])
        changed = f"{self.names[node]} = {number_text(edit.number)} in place of {number_text(before)}"
        return self._noted(f"{changed}; all {self.word}s are computed again", self._another_way())

    def _recompute(self, edits: list[Edit]) -> None:
        self.compute_with({edit.node: edit.number for edit in edits})
        self._edits[:] = edits
        for kept in ("_frames", "_frames_in_cell", "_sheet"):  # they have the numbers of before
            vars(self).pop(kept, None)

    def _another_way(self) -> str:
        numbers = self.first_numbers | {edit.node: edit.number for edit in self._edits}
        line = line_of_other_answer(self._subject, self.comparisons, self.first_numbers, numbers)
        if line:
            code = code_at(line)
            where = visible(f"{line}, `{code}`" if code else line)
            return f"your code would now go another way at {where}; the pass keeps the recorded way"
        named = {self.names[edit.node]: edit.number for edit in self._edits}
        if goes_another_way(self.source, named, self.tape):
            return (
                "the exercise itself would now be computed in another way, since rounded outputs and very large scores "
                "have their own formulas; the pass keeps the recorded way"
            )
        return ""

    def what_if(self, *, exact: bool = False, **leaves: float) -> WhatIf:
        """Recompute the graph with other numbers in some leaves, and compare; see `autograd.what_if`.

        The graph itself does not change. `exact` computes in fractions. If a leaf's name is not a Python name, call
        `autograd.what_if(stepper.root, {"w[0]": 2})`.

        >>> from autograd import Value
        >>> x, w = Value(3, "x"), Value(2, "w")
        >>> Stepper((x * w).relu()).what_if(w=-1).after("v3")
        0.0
        """
        return what_if(self.root, leaves, exact=exact)

    def guess(self, number: float | str) -> Self:
        """Guess the number of the next line; if it is right, go on to it, else `note` says what the slip is.

        Raises ValueError for a text that is no number, by contribution, and at the end; TypeError for other types.

        >>> from autograd import Value
        >>> stepper = Stepper((Value(3, "x") - 1) ** 2, by="line")
        >>> stepper.guess(5).note, stepper.guess("4,0").note
        ('loss = 5 is not right.', 'right')
        """
        line = self._questions().guess(number)
        if line.verdict == "right":
            self.next()
        self.note = verdict_text(line)
        return self

    def hint(self) -> Self:
        """Show the formula of the next line as the `note`. Raises ValueError by contribution and at the end."""
        self.note = self._questions().hint()
        return self

    def ask(self) -> Self:
        """Ask for the number of the next line at a prompt, which also takes hint, show, skip and quit.

        Go on to the line if the number is right, or shown. Raises ValueError by contribution and at the end.
        """
        questions = self._questions()
        Prompt(questions, make_console()).run(count=1)
        return self.next() if {*questions.ends.values()} & {"right", "shown"} else self._noted()

    def _questions(self) -> Questions:
        """Return the questions from the next line on."""
        if self.reading != "line":
            raise ValueError("numbers are guessed by line, not by contribution; change to lines first.")
        return Questions(self._sheet, [step.name for step in self.steps if isinstance(step, Known)], self.position)

    def tree(self, name: str | None = None) -> Tree:
        """Return the graph at this step as a tree, from its root or from a node down; see `viz.tree`."""
        return Tree(self.nodes(), node=name)

    def svg(self) -> str:
        """Return the graph at this step as SVG: the layout is the same for all steps, the present edge is marked.

        Numbers that are not yet computed are shown as "-". Raises ValueError for more than 2,000 nodes, and
        viz.LayoutError if the picture cannot be made.
        """
        if len(self.names) > _MOST_DRAWN:
            raise ValueError(
                f"the graph has {len(self.names):,} nodes; more than {_MOST_DRAWN:,} would take minutes to lay out. "
                "Step through a smaller loss, such as that of one sample."
            )
        return self._frames.svg(self)

    def _go_to(self, name: str, start: int, otherwise: str) -> Self:
        is_asked = self.steps_of(name)
        for position in range(start, len(self.steps)):
            if is_asked(self.steps[position]):
                return self._go(position + 1)
        return self._noted(otherwise)

    def _go(self, position: int) -> Self:
        """Go to a position; if it is before the beginning or after the end, note that."""
        self.note = ""
        if position < 0:
            self.note = "this is the beginning"
        elif position > len(self.steps):
            self.note = "this is the end"
        while self.position < position and self.coming is not None:
            self.forwards()
        while self.position > max(position, 0):
            self.backwards()
        self._undo_edits(position)
        return self._noted(self.note)

    def _undo_edits(self, position: int) -> None:
        """Restore the old numbers if the Stepper goes back to a position before that of an edit."""
        undone = [edit for edit in self._edits if edit.position > position]
        if undone:
            self._recompute([edit for edit in self._edits if edit.position <= position])
            nodes = dict.fromkeys(edit.node for edit in undone)
            again = [f"{self.names[node]} = {number_text(self.tape.lines[node].data)} again" for node in nodes]
            self._noted(self.note, *again)

    if not TYPE_CHECKING:  # hidden from type checkers, so that they find misspelt names

        def __getattr__(self, name: str) -> None:
            said = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(f"{said}{advice(name)}", name=name, obj=self)

    def __repr__(self) -> str:
        return as_text(self)

    def __rich_console__(self, _: object, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield as_rich(self, options.encoding)

    def _repr_html_(self) -> str:
        return cell.as_html(self, lambda: self._frames_in_cell, max((edit.position for edit in self._edits), default=0))


def _met(stops: Sequence[Breakpoint], before: Sequence[Any], now: Sequence[Any]) -> str:
    """Return which of the stops a step meets; "" for none."""
    met = [point.met(was, present) for point, was, present in zip(stops, before, now, strict=True)]
    reached = " and ".join(filter(None, met))
    return f"stopped {reached}" if reached else ""
