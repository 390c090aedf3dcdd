"""`replay`: record a function of Values once, then run it as a program without an object for each node."""

import warnings
from collections.abc import Callable, Iterable
from functools import update_wrapper
from inspect import signature
from types import MethodType
from typing import Any, TypeVar

from autograd.derivatives.shapes import (
    OF_A_REPLAY,
    Rows,
    Shape,
    flat_row,
    flat_rows,
    input_names,
    is_matrix,
    require_function,
)
from autograd.replays.batched import Asked, Batched, Batching
from autograd.replays.recording import Recording, record
from autograd.replays.source import c_source, python_source
from autograd.replays.surroundings import Surroundings
from autograd.state.mode import OPEN_CONTEXTS, code_at, current_mode
from autograd.state.observation import ReplayError, refuse
from autograd.sweep import sweeping
from autograd.table.scalars import counted
from autograd.value import Value, constant

Result = TypeVar("Result")

_MOST_RECORDINGS = 8
_MANY_IN_A_ROW = 20
_LANGUAGES = {"python": python_source, "c": c_source}


class Replay:
    """A function that is recorded on its first call and replayed afterwards. `replay` makes it.

    `function` is the function itself.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        require_function(function, "replay")
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
        """Remember the name of this method in its class."""
        self._attribute = name

    def __get__(self, instance: Any, _owner: type | None = None) -> "Replay":
        """Return the replay of a method for this object, and keep it in the object."""
        if instance is None or not self._attribute:
            return self
        bound = Replay(MethodType(self.function, instance))
        instance.__dict__[self._attribute] = bound
        return bound

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the function, not its recordings."""
        return Replay, (self.function,)

    def __call__(self, *arguments: Any) -> Value:
        """Return the result of the function for these arguments, as one Value."""
        mode = current_mode() if OPEN_CONTEXTS else None
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
        return f"<replay of {self._name}, {counted(self.recordings, 'recording')} kept>"

    @property
    def recordings(self) -> int:
        """How many recordings are kept at present."""
        return sum(len(kept) for kept in self._recordings.values())

    @property
    def leaves(self) -> tuple[Value, ...]:
        """The Values from outside of the function that the latest recording uses, in the order of `source`."""
        live = [] if self._latest is None else self._latest.live
        return tuple(node for node in live if isinstance(node, Value))

    def batch(self, rows: Any, *, per_row: bool = False, inputs: bool = False) -> Batched:
        """Return the values and gradients for many rows of arguments at once; see `Batched`.

        `rows` is a sequence of rows, or an array of two dimensions. A row holds the arguments, or their numbers in one
        flat sequence. `per_row` asks for the gradients of each row, `inputs` for those of the row's own numbers.
        Values and gradients have the bits of a loop over the rows; the gradients are added in the order of the rows.
        An array of NumPy gives arrays of NumPy. Under `no_grad` there are no gradients. Raises TypeError if a row does
        not fit the function's arguments.

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
        width = 0 if self._shape is None else self._shape.count()
        asked = Asked(current_mode().recording, per_row, inputs, type(rows).__module__ == "numpy")
        batching = Batching(numbers, width, asked)
        varying = tuple(range(width)) if inputs else ()
        while not batching.is_done:
            self._use(varying, batching.first(), batching.take)
        with sweeping:
            return batching.result()

    def source(self, language: str = "python") -> str:
        """Return the program of the latest recording as straight-line "python" or "c" (C99), to read and to run.

        It is a function of the numbers of the inputs and leaves. It returns the value and the gradients, with the same
        bits as the engine. Raises ReplayError before the first call, ValueError for another language.

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
            raise ValueError(f"expected {' or '.join(map(repr, _LANGUAGES))} for the language, got {language!r}.")
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
            raise TypeError(f"expected a sequence of rows of arguments for batch(), got {type(rows).__name__}.")
        rows = list(rows)
        gathered = [] if self._shape is None else flat_rows(rows, self._shape.count())
        for place in range(len(gathered), len(rows)):
            try:
                gathered.append(self._row(rows[place]))
            except TypeError as error:
                raise TypeError(f"in row {place} of the batch: {error}") from error
        return gathered

    def _row(self, row: Any) -> list[float]:
        """Return the numbers of a row, which is flat or has the structure of the arguments."""
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
        """Return a row as a tuple of arguments. For a function of one argument, the row may be that argument."""
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

    def _refusal(self, given: Shape) -> str:
        return (
            f"expected the arguments {self._shape}, with which {self._name} was recorded, got {given}. "
            "Use another replay() for arguments of another structure."
        )

    def _use(self, varying: tuple[int, ...], numbers: list[float], use: Callable[[Recording], Result]) -> Result:
        """Run a recording that is valid for these numbers, a new one if needed, and return the result of `use`."""
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
        """Forget all recordings if something that the function reads from outside has changed."""
        change = self._surroundings.change() if self._surroundings is not None else ""
        if change:
            self._change = change
            self._recordings.clear()
            self._surroundings = None

    def _warn_of_many(self, varying: tuple[int, ...], numbers: list[float]) -> None:
        """Warn once, with the reason why the function is recorded at each call."""
        self._in_a_row += 1
        if self._in_a_row != _MANY_IN_A_ROW:
            return
        reason = self._change or "its arguments vary in other places"
        previous = self._recordings.get(varying, [])
        if previous:
            line = previous[0].failing_line(numbers)
            reason = f"Python looks at a number at {line}: `{code_at(line)}`"
        warnings.warn(
            f"{self._name} was recorded {_MANY_IN_A_ROW} times in a row, because {reason}. A replay is faster "
            "only if one recording serves many calls. Compute with Values, or call the function itself.",
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
    """Say whether a function can be called with this number of arguments."""
    try:
        signature(function).bind(*range(count))
    except (TypeError, ValueError):  # ValueError: some built-in functions have no signature
        return False
    return True


def replay(function: Callable[..., Any]) -> Replay:
    """Return a function that does the same as this one, many times faster: it is recorded once and then replayed.

    The arguments are numbers or Values, also in lists and tuples; there are no keyword arguments. The function returns
    one Value. All other Values that it uses are read at each call, so a training loop gives the same results, only
    faster. Results have the same bits. So do gradients, but in three cases their last digit may differ, because the
    additions have another order: a result is used in further arithmetic, a Value is given to the function twice, or
    gradients are stopped inside (`no_grad`, `detach`). During the recording, all arguments are new Values without
    label: `x is w` and `isinstance(x, float)` are False inside the function.

    If Python looks at a number (`if v > 0`, `max(...)`, `v.data`), the replay remembers the answer. If the answer
    changes, the function is recorded again; the latest 8 recordings are kept. It is also recorded again if the function
    reads a global, a variable of a closure, an attribute or an element of a list, and this is now another object.
    Other things that it reads (a random generator, a clock, a file, an array's elements, another thread) keep their
    recorded numbers. Other things that it does (printing, appending) are not repeated.

    Raises TypeError for arguments of another number or structure, and ReplayError if the function does something that
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
