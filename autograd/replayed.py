"""`Replayed`: the result of a replay, a Value that posts gradients to all its sources at once.

Reads `program`.
"""

from mypy_extensions import i64

from autograd.arrays import vec
from autograd.node import REPLAYED, Node
from autograd.program import Program
from autograd.value import PENDING, Value


class Replayed(Value):
    """The result of a program's present run, as a Value.

    It keeps the numbers that the run started from, and runs the program again where another run came between.
    """

    __slots__ = ("_program", "_receivers", "_run", "_slots", "_start")

    def __init__(self, program: Program, receivers: list[Node], slots: list[int], start: i64) -> None:
        super().__init__(PENDING)
        self._program = program
        self._receivers = receivers
        self._slots = slots
        self._run = program.runs
        self._start = program.data[:start]
        self._data = program.data[program.root]
        self._code = REPLAYED
        self._left = None
        self._right = None
        self._left_partial = 0.0
        self._right_partial = 0.0
        self._varies = len(receivers) > 0
        self._origin = None

    def _sources(self) -> list[Node]:
        return self._receivers

    def _post(self, upstream: float, totals: vec[float], first: i64) -> None:
        program = self._program
        if program.runs != self._run:
            program.restore(self._start)
            self._run = program.runs
        program.backward(upstream)
        results = program.totals
        for index in range(len(self._receivers)):
            totals[self._receivers[index]._index - first] += results[self._slots[index]]
