"""`replay`: record a function of Values once, and from then on run it as a program without an object per node."""

import warnings
from collections.abc import Callable, Iterable
from functools import update_wrapper
from inspect import signature
from types import MethodType
from typing import Any, TypeVar

from autograd.derivatives.shapes import OF_A_REPLAY, Rows, Shape, flat_row, flat_rows, input_names, is_matrix
from autograd.replays.batched import Batched, Batching
from autograd.replays.recording import Recording, record
from autograd.replays.source import c_source, python_source
from autograd.replays.surroundings import Surroundings
from autograd.state.mode import OPEN_CONTEXTS, code_at, current_mode
from autograd.state.observation import ReplayError, refuse
from autograd.sweep import sweeping
from autograd.value import Value, constant

Result = TypeVar("Result")

_MOST_RECORDINGS = 8
_MANY_IN_A_ROW = 20
_LANGUAGES = {"python": python_source, "c": c_source}


class Replay:
    """A function that is recorded on its first call and replayed from then on; `replay` makes it.

    `function` is the function itself.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise TypeError(f"replay() takes a function of Values, but a {type(function).__name__} came: {function!r}.")
        update_wrapper(self, function)
        self.function = function
        self._name = getattr(function, "__name__", repr(function))
        self._shape: Shape | None = None
        self._latest: Recording | None = None
        self._surroundings: Surroundings | None = None
        self._change = ""
        self._attribute = ""
        self._in_a_row = 0
        self._recordings: dict[tuple[int, ...], list[Recording]] = {}

    def __set_name__(self, _owner: type, name: str) -> None:
        """Remember the name as which a class has this replay of a method."""
        self._attribute = name

    def __get__(self, instance: Any, _owner: type | None = None) -> "Replay":
        """Return the replay of a method for this object, which keeps it."""
        if instance is None or not self._attribute:
            return self
        bound = Replay(MethodType(self.function, instance))
        instance.__dict__[self._attribute] = bound
        return bound

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the function, not its recordings."""
        return Replay, (self.function,)

    def __call__(self, *arguments: Any) -> Value:
        """Return what the function returns for these arguments, as one Value."""
        mode = current_mode() if OPEN_CONTEXTS.count else None
        if mode is not None and (mode.recorder is not None or mode.checker is not None):
            result: Value = self.function(*arguments)  # a part of another recording, or watched node by node
            return result
        numbers: list[float] = []
        values: list[Any] = []
        if self._shape is None or not self._shape.gather(arguments, numbers, values):
            numbers, values = self._first_time(arguments)
        varying = tuple([place for place, value in enumerate(values) if value is not None and value._varies])
        origin = None if mode is None else mode.origin_here()
        result = self._use(varying, numbers, lambda recording: recording.result(values, origin))
        return result if mode is None or mode.recording else constant(result._data, result._label)

    def __repr__(self) -> str:
        kept = self.recordings
        return f"<replay of {self._name}, {kept} recording{'s'[: kept != 1]} kept>"

    @property
    def recordings(self) -> int:
        """How many recordings are kept at present."""
        return sum(len(kept) for kept in self._recordings.values())

    @property
    def leaves(self) -> tuple[Value, ...]:
        """The Values around the function that the latest recording reads, in the order of `source`."""
        live = [] if self._latest is None else self._latest.live
        return tuple(node for node in live if isinstance(node, Value))

    def batch(self, rows: Any, *, per_row: bool = False, inputs: bool = False, arrays: bool = True) -> Batched:
        """Return the values and gradients for many rows of arguments at once; see `Batched`.

        `rows` is a sequence of rows, or an array of two dimensions. A row holds the arguments, or their numbers in one
        flat sequence. `per_row` asks for the gradients of each row, `inputs` for those in the row's own numbers.
        Values and gradients are a loop's but for the last digits, since they are added in blocks. NumPy does the work
        where it is installed; `arrays=False` leaves it out, so that the bits are the same whether it is there or not.
        Under `no_grad` there are no gradients. Raises TypeError where a row has other numbers than the function takes.

        >>> from autograd import Value
        >>> w = Value(2, "w")
        >>> loss = replay(lambda x, y: (w * x - y) ** 2)
        >>> batch = loss.batch([(1, 1), (2, 3)])
        >>> batch.values, batch.gradients
        ([1.0, 1.0], [6.0])
        >>> batch.backward(1 / 2)
        >>> w.grad
        3.0
        """
        refuse("a batch is replayed")
        numbers = self._rows(rows)
        batching = Batching(numbers, current_mode().recording, per_row, inputs, arrays)
        varying = tuple(range(self._shape.count())) if inputs and self._shape is not None else ()
        while batching.remaining:
            self._use(varying, batching.first(), batching.run)
        return batching.result

    def source(self, language: str = "python") -> str:
        """Return the program of the latest recording: straight-line "python", or "c" (C99), to read and to run.

        It holds a function of the inputs' and the leaves' numbers, which gives the value and the gradients, equal to
        the engine's to the last bit. Raises ReplayError before the first call, ValueError for another language.

        >>> from autograd import Value
        >>> w = Value(2, "w")
        >>> loss = replay(lambda x: (w * x).relu())
        >>> _ = loss(3)
        >>> print(loss.source().partition("# forward")[2])
        <BLANKLINE>
            t1 = w * x
            t2 = 0.0 if t1 < 0.0 else t1
            # backward
            d_t2 = seed
            d_t1 = d_t2 * (0.0 if t1 <= 0.0 else 1.0)
            d_w = d_t1 * x
            return (t2, [0.0], [d_w])
        <BLANKLINE>
        """
        if language not in _LANGUAGES:
            raise ValueError(f"source() writes {' or '.join(map(repr, _LANGUAGES))}, but {language!r} was asked for.")
        if self._latest is None or self._shape is None:
            raise ReplayError(f"{self._name} has no source yet, because it was not recorded yet. Call it first.")
        names = input_names(self.function, self._shape.rebuilt([0.0] * self._shape.count()))
        return _LANGUAGES[language](self._latest, self._name, names)

    def _rows(self, rows: Any) -> Rows:
        """Return the numbers of the rows of a batch."""
        if self._shape is not None and is_matrix(rows, self._shape.count()):
            return rows.astype(float)
        rows = rows.tolist() if hasattr(rows, "tolist") else rows
        if isinstance(rows, (str, Value)) or not isinstance(rows, Iterable):
            raise TypeError(f"batch() takes a sequence of rows of arguments, but a {type(rows).__name__} came.")
        rows = list(rows)
        gathered = [] if self._shape is None else flat_rows(rows, self._shape.count())
        for place in range(len(gathered), len(rows)):
            try:
                gathered.append(self._row(rows[place]))
            except TypeError as error:
                raise TypeError(f"in row {place} of the batch: {error}") from error
        return gathered

    def _row(self, row: Any) -> list[float]:
        """Return the numbers of a row that is flat, or holds the arguments in their structure."""
        row = row.tolist() if hasattr(row, "tolist") else row
        if self._shape is None:
            return self._first_time(self._as_arguments(row))[0]
        numbers = flat_row(row, self._shape.count())
        if numbers is None:
            numbers = []
            if not self._shape.gather(self._as_arguments(row), numbers, []):
                raise TypeError(self._refusal(Shape(self._as_arguments(row), OF_A_REPLAY)))
        return numbers

    def _as_arguments(self, row: Any) -> tuple[Any, ...]:
        """Return a row as a tuple of arguments: of a function of one argument, the row may be that argument."""
        one = self._shape is not None and len(self._shape.parts or ()) == 1
        if self._shape is None:
            one = _takes(self.function, 1) and not (isinstance(row, (list, tuple)) and _takes(self.function, len(row)))
        if not isinstance(row, (list, tuple)) or (one and len(row) != 1):
            return (row,)
        return tuple(row)

    def _first_time(self, arguments: tuple[Any, ...]) -> tuple[list[float], list[Any]]:
        shape = Shape(arguments, OF_A_REPLAY)
        numbers: list[float] = []
        values: list[Any] = []
        known = self._shape or shape  # another thread may have called first
        if not known.gather(arguments, numbers, values):
            raise TypeError(self._refusal(shape))
        self._shape = known
        return numbers, values

    def _refusal(self, came: Shape) -> str:
        return (
            f"{self._name} was recorded with the arguments {self._shape}, but {came} came. "
            "Use another replay() for arguments of another structure."
        )

    def _use(self, varying: tuple[int, ...], numbers: list[float], use: Callable[[Recording], Result]) -> Result:
        """Run a recording that holds for these numbers, made where there is none, and return what `use` makes of it."""
        self._forget_if_changed()
        with sweeping:
            for recording in self._recordings.get(varying, ()):
                if recording.run(numbers):
                    self._in_a_row = 0
                    return use(recording)
        recording = self._recorded(varying, numbers)
        with sweeping:
            recording.run(numbers)
            return use(recording)

    def _forget_if_changed(self) -> None:
        """Forget all recordings if what the function reads around it is not what it was."""
        change = self._surroundings.change() if self._surroundings is not None else ""
        if change:
            self._change = change
            self._recordings.clear()
            self._surroundings = None

    def _warn_of_many(self, varying: tuple[int, ...], numbers: list[float]) -> None:
        """Say once which line of code makes that the function is recorded at each call."""
        self._in_a_row += 1
        if self._in_a_row != _MANY_IN_A_ROW:
            return
        reason = self._change or "its arguments vary in other places"
        previous = self._recordings.get(varying, [])
        if previous:
            line = previous[0].failing_line(numbers)
            reason = f"Python looks at a number at {line}: `{code_at(line)}`"
        warnings.warn(
            f"{self._name} was recorded {_MANY_IN_A_ROW} times in a row, because {reason}. A replay pays where the "
            "same recording serves many calls: compute with Values, or call the function itself.",
            RuntimeWarning,
            stacklevel=2,
        )

    def _recorded(self, varying: tuple[int, ...], numbers: list[float]) -> Recording:
        assert self._shape is not None
        try:
            recording = record(self.function, self._shape, numbers, varying)
            self._surroundings = self._surroundings or Surroundings(self.function)
        except BaseException:
            if not self._recordings:
                self._shape = None  # the arguments may have been wrong
            raise
        self._latest = recording
        self._warn_of_many(varying, numbers)
        kept = self._recordings.setdefault(varying, [])
        kept.insert(0, recording)
        del kept[_MOST_RECORDINGS:]
        return recording


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Say whether a function can be called with so many arguments."""
    try:
        signature(function).bind(*range(count))
    except (TypeError, ValueError):  # ValueError: some built-in functions have no signature
        return False
    return True


def replay(function: Callable[..., Any]) -> Replay:
    """Return a function that does the same as this one, many times faster: it is recorded once, and then replayed.

    Its arguments are numbers or Values, in lists and tuples as the function takes them; it returns one Value, and has
    no keyword arguments. Every other Value that it uses is read live: in a training loop nothing changes but the
    speed. Results are the same to the last bit, and so are gradients, but for the order of additions, and so the last
    digit, in three cases: a result is used in further arithmetic, a Value is given to the function twice, or gradients
    are stopped inside (`no_grad`, `detach`). Inside, all arguments are Values of their own, without label: `x is w`,
    `x == 3` and `isinstance(x, float)` are False there.

    Where Python looks at a number (`if v > 0`, `max(...)`, `float(v)`), the outcome is remembered, and the function
    is recorded anew when it would differ; it keeps the latest 8 recordings. It is recorded anew too when a global, a
    variable of a closure, an attribute, or an element of a list that it reads is another object. What it takes from
    elsewhere (a random generator, a clock, a file, an array's elements, another thread) stays as it was, and what else
    it does (printing, appending) is not repeated.

    Raises TypeError where arguments of another number or structure come, ReplayError where the function does what
    cannot be replayed, such as `backward()`.

    >>> from autograd import Value
    >>> w, b = Value(2, "w"), Value(1, "b")
    >>> @replay
    ... def line(x):
    ...     return w * x + b
    >>> y = line(3)
    >>> y.backward()
    >>> y.data, w.grad
    (7.0, 3.0)
    >>> line.batch([1, 2, 3]).values
    [3.0, 5.0, 7.0]
    """
    return Replay(function)
