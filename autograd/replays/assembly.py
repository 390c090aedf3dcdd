"""From the nodes of a recorded function to its program: slots for sources, instructions, chains of sums fused.

Nodes that were made inside the function become instructions. Nodes from outside are sources, read at each run.
"""

from typing import Final

from mypy_extensions import i16, i64

from autograd.node import Node
from autograd.replays.program import LEFT, RIGHT, WEIGHTED_SUM, Guard, Program
from autograd.table.kernels import ADD, MUL

ONE: Final[i64] = -1
"""In place of a node's place: the number 1, the factor of a term without a factor."""


class Step:
    """An unfinished instruction: operands are places of nodes in the order, `place` is the place of its result.

    While no later step reads its operands it is `movable`: it may stand later, since the contributions to each operand
    come in the same order.
    """

    __slots__ = ("code", "factors", "left", "movable", "noted", "others", "place", "posts", "right", "sealed")

    def __init__(self, place: i64, code: i16, left: i64, right: i64, posts: i64, sealed: bool) -> None:
        self.place = place
        self.code = code
        self.left = left
        self.right = right
        self.posts = posts
        self.sealed = sealed
        self.movable = True
        self.noted = False
        self.factors: list[int] = []
        self.others: list[int] = []

    def can_open(self, place: i64) -> bool:
        """Say whether this is a product or a chain with its result at this place, which only the next sum needs."""
        return self.place == place and not self.sealed and self.code in (MUL, WEIGHTED_SUM)

    def become_sum(self) -> None:
        """Turn a product into a chain of one term."""
        if self.code == MUL:
            self.factors, self.others = [self.left], [self.right]
            self.code = WEIGHTED_SUM

    def extend(self, factor: i64, other: i64, place: i64, posts: i64, sealed: bool) -> None:
        """Add a term; the result is now the sum at this place."""
        self.become_sum()
        self.factors.append(factor)
        self.others.append(other)
        self.place = place
        self.posts |= posts
        self.sealed = sealed


class Assembly:
    """The slots and instructions of a function that a recorder recorded.

    `order` holds all nodes in topological order. `roots` are the results, and `kept` are the nodes that guards ask
    about. `live` are the places of the nodes from outside, `slots` has the slot of each node by its place, -1 for none,
    and `reached` says for each node whether gradients flow to it.
    """

    def __init__(
        self, order: list[Node], recorder: object, inputs: list[Node], roots: list[Node], kept: list[Node]
    ) -> None:
        self.order = order
        self.first = order[0]._index
        self.roots = [root._index - self.first for root in roots]
        self.inside = [node._origin is not None and node._origin.recorder is recorder for node in order]
        self.reached = [False] * len(order)
        self.uses = [0] * len(order)
        self.varies = [False] * len(order)
        self.depends = [False] * len(order)
        self.steps: dict[Step, None] = {}
        self.last: Step | None = None
        self.makers: list[Step | None] = [None] * len(order)
        self.readers: list[Step | None] = [None] * len(order)
        self.live: list[int] = []
        self.slots = [-1] * len(order)
        inputs_here = [node._index - self.first for node in inputs]
        is_input = [False] * len(order)
        for place in inputs_here:
            is_input[place] = True
            self.depends[place] = True
            self.varies[place] = order[place]._varies
        self._count_uses([node._index - self.first for node in kept])
        constants: list[int] = []
        for place in range(len(order)):
            if self.uses[place] and not is_input[place]:
                self._place_node(place, constants)
        self._number(inputs_here, constants)

    def _count_uses(self, kept: list[int]) -> None:
        for place in [*self.roots, *kept]:
            self.uses[place] += 2  # never fused away
        for root in self.roots:
            self.reached[root] = True
        for place in range(len(self.order) - 1, -1, -1):
            node = self.order[place]
            left, right = node._left, node._right
            if self.uses[place] and self.inside[place] and left is not None:
                flows = self.reached[place] and node._varies
                self._use(left._index - self.first, flows)
                if right is not None:
                    self._use(right._index - self.first, flows)

    def _use(self, place: i64, flows: bool) -> None:
        self.uses[place] += 1
        if flows:
            self.reached[place] = True

    def _place_node(self, place: int, constants: list[int]) -> None:
        node = self.order[place]
        if not self.inside[place]:
            self.live.append(place)
            self.depends[place] = True
            self.varies[place] = node._varies
        elif node._left is None:
            constants.append(place)
        else:
            self._append_step(place, node, node._left)

    def _append_step(self, place: i64, node: Node, operand: Node) -> None:
        left = operand._index - self.first
        other = node._right
        right: i64 = -1 if other is None else other._index - self.first
        posts: i64 = LEFT if self.varies[left] else 0
        if right >= 0 and self.varies[right]:
            posts |= RIGHT
        self.depends[place] = self.depends[left] or (right >= 0 and self.depends[right])
        stopped = posts != 0 and not node._varies  # by no_grad() or detach()
        if stopped or not self.reached[place]:
            posts = 0
        self.varies[place] = posts != 0
        sealed = stopped or self.uses[place] != 1 or not self.reached[place]
        step = None if node._code != ADD or stopped else self._fused(place, left, right, posts, sealed)
        if step is None:
            self._note_last()
            step = Step(place, node._code, left, right, posts, sealed)
        self.makers[place] = self.last = step
        self.steps[step] = None

    def _note_last(self) -> None:
        """Note what the last step reads: nothing is added to it before others follow."""
        last = self.last
        if last is not None and not last.noted:
            last.noted = True
            for place in [*last.factors, *last.others] if last.code == WEIGHTED_SUM else [last.left, last.right]:
                self._note(place, last)

    def _note(self, place: i64, step: Step) -> None:
        if place >= 0:
            before = self.readers[place]
            if before is not None and before is not step:
                before.movable = False
            self.readers[place] = step

    def _fused(self, place: i64, left: i64, right: i64, posts: i64, sealed: bool) -> Step | None:
        """Add a sum to a chain and return it; None if this would change the order of the contributions."""
        last = self.last
        if last is None:
            return None
        if last.can_open(right) and last.code == MUL:
            chain = self._chain(left)
            if chain is not None:
                del self.steps[last]
                self._extend(chain, last.left, last.right, place, posts | last.posts, sealed)
                return chain
            if left in (last.left, last.right):
                return None
            last.factors, last.others = [left, last.left], [ONE, last.right]
            last.code = WEIGHTED_SUM
            last.place, last.sealed = place, sealed
            last.posts |= posts
            return last
        if not last.can_open(left):
            self._note_last()
        chain = self._chain(left)
        if chain is not None:
            self._extend(chain, right, ONE, place, posts, sealed)
        return chain

    def _chain(self, place: i64) -> Step | None:
        """Return the step with this result if more terms can be added to it at the end of all steps."""
        chain = self.makers[place]
        return chain if chain is not None and chain.can_open(place) and chain.movable else None

    def _extend(self, chain: Step, factor: i64, other: i64, place: i64, posts: i64, sealed: bool) -> None:
        chain.extend(factor, other, place, posts, sealed)
        if chain.noted:
            self._note(factor, chain)
            self._note(other, chain)
        self.steps.pop(chain)  # it now stands last

    def _number(self, inputs: list[int], constants: list[int]) -> None:
        """Number the slots: inputs, live sources, constants, the number 1, and the results of the instructions."""
        numbers: list[float] = []
        for place in inputs:
            self.slots[place] = len(numbers)
            numbers.append(0.0)
        for place in self.live + constants:
            self.slots[place] = len(numbers)
            numbers.append(self.order[place]._data)
        self.numbers = [*numbers, 1.0]
        for index, step in enumerate(self.steps):
            self.slots[step.place] = len(self.numbers) + index

    def labels(self) -> dict[int, str]:
        """Return the labels of the nodes from outside and of the instructions, by their slots."""
        labels: dict[int, str] = {}
        for place in self.live + [step.place for step in self.steps]:
            label = self.order[place]._label
            if label is not None:
                labels[self.slots[place]] = label
        return labels

    def guard(self, question: i64, left: Node, right: Node) -> Guard | None:
        """Return the guard of a question about two nodes; None if the answer always is the same."""
        places = left._index - self.first, right._index - self.first
        if not self.depends[places[0]] and not self.depends[places[1]]:
            return None
        guard = Guard(question, self.slots[places[0]], self.slots[places[1]], 0.0)
        guard.answer = guard.answered(left._data, right._data)
        return guard

    def program(self) -> Program:
        """Return the program; its root is the first result."""
        slots = self.slots
        one = len(self.numbers) - 1
        lefts: list[int] = []
        rights: list[int] = []
        factors: list[int] = []
        others: list[int] = []
        for step in self.steps:
            if step.code == WEIGHTED_SUM:
                lefts.append(len(factors))
                factors.extend([slots[place] for place in step.factors])
                others.extend([slots[place] if place >= 0 else one for place in step.others])
                rights.append(len(factors))
            else:
                lefts.append(slots[step.left])
                rights.append(slots[step.right] if step.right >= 0 else -1)
        codes, posts = [step.code for step in self.steps], [step.posts for step in self.steps]
        return Program(self.numbers, codes, lefts, rights, posts, factors, others, slots[self.roots[0]])
