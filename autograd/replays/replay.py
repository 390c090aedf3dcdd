"""`replay`: record a function of Values once, then run it as a program without an object for each node."""

import warnings
from array import array
from collections.abc import Callable, Collection, Iterable
from functools import cached_property, partial, update_wrapper
from inspect import signature
from itertools import chain
from math import prod
from types import MethodType
from typing import Any, TypeVar

from autograd.derivatives.calculus import grad, gradients
from autograd.derivatives.dual import Dual
from autograd.derivatives.shapes import (
    OF_A_REPLAY,
    Shape,
    flat_row,
    flat_rows,
    flatten,
    input_names,
    matrix_numbers,
    require_function,
)
from autograd.replays.batch import Numbers
from autograd.replays.batched import Asked, Batched, Batching
from autograd.replays.following import Follower
from autograd.replays.recording import Kept, Recording, Recordings, places_that_vary, record, results_of
from autograd.replays.source import c_source, python_source
from autograd.state.mode import OPEN_CONTEXTS, Mode, code_at, current_mode
from autograd.state.observation import NUMBER, ReplayError, refuse
from autograd.sweep import sweeping
from autograd.table.scalars import counted, got, is_same
from autograd.value import Value

Result = TypeVar("Result")

_MOST_RECORDINGS = 8
_FREE_RECORDINGS = 6
"""After n more than these, n² calls must have been served, or the function runs without a replay.

A recording costs as much as some 30 calls of a small function. More are free if recordings of all answers can be kept.
"""
_COUNTED_RECORDINGS = 20
"""After so many, the count starts again: what served well before may not do so now."""
_LANGUAGES = {"python": python_source, "c": c_source}


class Replay:
    """A function that is recorded on its first call and replayed afterwards. `replay` makes it.

    `function` is the function itself; `fixed` and `verify` are those of `replay`.
    """

    def __init__(self, function: Callable[..., Any], *, fixed: Collection[Any] = (), verify: bool = False) -> None:
        require_function(function, "replay")
        if not isinstance(fixed, Collection):  # nor an iterator, which would be used up
            raise TypeError(f"expected a list of objects for fixed, got {got(fixed)}. Write fixed=[it] for one object.")
        update_wrapper(self, function)
        self.function, self.fixed, self.verify = function, list(fixed), verify
        self._name = getattr(function, "__name__", repr(function))
        self._kept = Recordings()
        self._attribute = ""
        self._made = 0
        self._stopped = False

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember the class and the name of this method."""
        self._attribute = f"{owner.__qualname__}.{name}"

    def __get__(self, instance: Any, _owner: type | None = None) -> "Replay":
        """Return the replay of a method for this object, and keep it in the object.

        Raises TypeError if the object keeps nothing: its class has `__slots__` without `__dict__`.
        """
        if instance is None or not self._attribute:
            return self
        method, kept = MethodType(self.function, instance), getattr(instance, "__dict__", None)
        if kept is None:
            owner = type(instance).__name__
            raise TypeError(
                f"expected an object that can keep the replay of {self._name}, got a {owner}, whose class has only "
                f'__slots__. Add "__dict__" to them, or replay a function that takes the {owner}.'
            )
        if self._attribute not in kept or kept[self._attribute].function != method:  # a copy's is for another object
            kept[self._attribute] = Replay(method, fixed=self.fixed, verify=self.verify)
        bound: Replay = kept[self._attribute]
        return bound

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the function, not its recordings."""
        return partial(Replay, fixed=self.fixed, verify=self.verify), (self.function,)

    def __call__(self, *arguments: Any) -> Any:
        """Return the result of the function for these arguments: a Value, or Values in lists and tuples."""
        mode = current_mode() if OPEN_CONTEXTS else None
        if mode is not None and (mode.recorder is not None or mode.checker is not None):
            return self.function(*arguments)  # a part of another recording, or watched node by node
        if self._stopped:
            result = self._kept.plain(self.function, arguments)
            if result is not None:
                return result
        result = self._kept.call(arguments, mode)
        if result is None:
            result = self._unserved(arguments, mode)
        if self.verify:
            plain = self._kept.plain(self.function, arguments)
            if plain is not None:
                self._compare(results_of(result)[0], results_of(plain)[0])
        return result

    def _unserved(self, arguments: tuple[Any, ...], mode: Mode | None) -> Any:
        """Return the result for arguments for which no recording is valid."""
        numbers: list[float] = []
        values: list[Any] = []
        shape = self._kept.shape
        if shape is None or not shape.gather(arguments, numbers, values):
            if any(isinstance(leaf, Dual) for leaf in flatten(arguments, OF_A_REPLAY)[0]):
                return self._forward(arguments)
            numbers, values = self._first_time(arguments)
            if self._stopped:
                return self(*arguments)
        varying = places_that_vary(values)
        recording = self._recorded(varying, numbers)
        self._stop_if_useless(varying, numbers, recording)
        with sweeping:
            recording.run(numbers)
            return recording.result(values, mode)

    def __repr__(self) -> str:
        return f"<replay of {self._name}, {counted(self.recordings, 'recording')} kept>"

    @property
    def recordings(self) -> int:
        """How many recordings are kept at present."""
        return sum(map(len, self._kept.kept.found.values())) if self._kept.kept is not None else 0

    @property
    def leaves(self) -> tuple[Value, ...]:
        """The Values from outside of the function that the latest call used, in the order of `source`."""
        live = [] if self._kept.latest is None else self._kept.latest.live
        return tuple(node for node in live if isinstance(node, Value))

    def batch(self, rows: Any, *, per_row: bool = False, inputs: bool = False) -> Batched:
        """Return the values and gradients for many rows of arguments at once; see `Batched`.

        `rows` is a sequence of rows, or an array of two dimensions. A row holds the arguments, or their numbers in one
        flat sequence. `per_row` asks for the gradients of each row, `inputs` for those of the row's own numbers.
        Values and gradients have the bits of a loop over the rows; the gradients are added in the order of the rows.
        An array of NumPy gives arrays of NumPy. Under `no_grad` there are no gradients. Raises TypeError if a row does
        not fit the function's arguments, ReplayError if rows have different numbers of results.

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
        numbers, count = self._rows(rows)
        width = 0 if self._kept.shape is None else self._kept.shape.count()
        asked = Asked(current_mode().recording, per_row, inputs, type(rows).__module__ == "numpy")
        batching = Batching(numbers, count, width, asked)
        varying = tuple(range(width)) if inputs else ()
        while not batching.is_done:
            self._use(varying, batching.first(), batching.take)
        with sweeping:
            return batching.result()

    def source(self, language: str = "python") -> str:
        """Return the program of the latest call's recording as straight-line "python" or "c" (C99), to read and to run.

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
        shape, latest = self._kept.shape, self._kept.latest
        if latest is None or shape is None:
            raise ReplayError(f"{self._name} has no source yet, because it was not recorded yet. Call it first.")
        names = input_names(self.function, shape.rebuilt([0.0] * shape.count()))
        if len(latest.outputs) > 1:
            raise ReplayError(
                f"source() needs a function with one result, but {self._name} returns {len(latest.outputs)}. "
                "Replay a function that returns one of them, or their sum."
            )
        return _LANGUAGES[language](latest, name=self._name, inputs=names)

    def _rows(self, rows: Any) -> tuple[Numbers, int]:
        """Return the numbers of the rows of a batch, one row after the other, and how many rows there are."""
        matrix = None if self._kept.shape is None else matrix_numbers(rows, self._kept.shape.count())
        if matrix is not None:
            return matrix
        rows = rows.tolist() if hasattr(rows, "tolist") else rows
        if isinstance(rows, (str, Value)) or not isinstance(rows, Iterable):
            raise TypeError(f"expected a sequence of rows of arguments for batch(), got {type(rows).__name__}.")
        rows = list(rows)
        gathered = [] if self._kept.shape is None else flat_rows(rows, self._kept.shape.count())
        for place in range(len(gathered), len(rows)):
            try:
                gathered.append(self._row(rows[place]))
            except (TypeError, OverflowError) as error:
                kind = TypeError if isinstance(error, TypeError) else OverflowError
                raise kind(f"in row {place} of the batch: {error}") from error
        return array("d", chain.from_iterable(gathered)), len(rows)

    def _row(self, row: Any) -> list[float]:
        """Return the numbers of a row, which is flat or has the structure of the arguments."""
        row = row.tolist() if hasattr(row, "tolist") else row
        if self._kept.shape is None:
            return self._first_row(row)
        numbers = flat_row(row, self._kept.shape.count())
        if numbers is None:
            numbers = []
            arguments = self._as_arguments(row)
            self._checked(arguments).gather(arguments, numbers, [])
        return numbers

    def _first_row(self, row: Any) -> list[float]:
        """Return the numbers of the first row; the function itself shows whether the row is one argument or several."""
        ways = [(row,)]
        if isinstance(row, (list, tuple)) and _takes(self.function, len(row)):
            ways = [tuple(row), (row,)] if _takes(self.function, 1) else [tuple(row)]
        for arguments in ways[:-1]:
            try:
                numbers, _ = self._first_time(arguments)
                self._use((), numbers, lambda _: None)
            except TypeError:
                self._kept.shape = None
            else:
                return numbers
        return self._first_time(ways[-1])[0]

    def _as_arguments(self, row: Any) -> tuple[Any, ...]:
        """Return a row as a tuple of arguments. For a function of one argument, the row may be that argument."""
        one = self._kept.shape is not None and len(self._kept.shape.parts or ()) == 1
        if not isinstance(row, (list, tuple)) or (one and len(row) != 1):
            return (row,)
        return tuple(row)

    def _first_time(self, arguments: tuple[Any, ...]) -> tuple[list[float], list[Any]]:
        shape = self._checked(arguments)
        numbers: list[float] = []
        values: list[Any] = []
        shape.gather(arguments, numbers, values)
        if self._kept.shape is not None:
            self._kept.change = "its arguments are lists in one call and tuples in another"
            self._kept.kept = None
        self._kept.shape = shape
        return numbers, values

    def _checked(self, arguments: tuple[Any, ...]) -> Shape:
        """Return the shape of arguments. Raise TypeError if it is not that of the recordings, or one with tuples."""
        shape = Shape(arguments, OF_A_REPLAY)
        if self._kept.shape is not None and not self._kept.shape.is_like(shape):
            raise TypeError(
                f"expected the arguments {self._kept.shape}, with which {self._name} was recorded, got {shape}. "
                "Use another replay() for arguments of another structure."
            )
        return shape

    def _use(self, varying: tuple[int, ...], numbers: list[float], use: Callable[[Recording], Result]) -> Result:
        """Run a recording that is valid for these numbers, a new one if needed, and return the result of `use`."""
        kept = self._kept.valid()
        if kept is not None:
            with sweeping:
                found = self._kept.run(kept, varying, numbers)
                if found is not None:
                    return use(found)
        recording = self._recorded(varying, numbers)
        with sweeping:
            recording.run(numbers)
            return use(recording)

    def _recorded(self, varying: tuple[int, ...], numbers: list[float]) -> Recording:
        """Record the function. The recording is not kept if the function changes what it reads."""
        found, kept, shape = self._kept, self._kept.kept, self._kept.shape
        assert shape is not None
        try:
            if kept is None:
                kept = Kept(Follower(self.function, self._name, self.fixed).surroundings)
            recording = record(self.function, shape, numbers, varying)
        except BaseException:
            if found.kept is None:
                found.shape = None  # the arguments may have been wrong
            raise
        for value in recording.texts:
            kept.surroundings.watch_bytes(value, lambda value: (value._label, value._has_grad, value._grad))
        found.latest, found.kept = recording, kept
        if found.valid() is kept and found.shape is shape:
            kept.at(varying).insert(0, recording)
            del kept.at(varying)[_MOST_RECORDINGS:]
        return recording

    def _stop_if_useless(self, varying: tuple[int, ...], numbers: list[float], latest: Recording) -> None:
        """Stop recording if that costs more than it saves, and warn with the reason."""
        self._made += 1
        made, served = self._made, self._kept.served
        if made < _FREE_RECORDINGS:
            return
        often = f"{made + served} calls" if served else "a row"
        guards = latest.program.guards[:4]  # four questions have more answers than can be kept
        answers = [2 if guard.question != NUMBER else _MOST_RECORDINGS + 1 for guard in guards]
        free = _FREE_RECORDINGS if prod(answers) > _MOST_RECORDINGS else _MOST_RECORDINGS + 1
        self._stopped = made >= free and served < max((made - _FREE_RECORDINGS) ** 2, 1)
        if made == _COUNTED_RECORDINGS:
            self._made = self._kept.served = 0
        if not self._stopped:
            return
        reason = self._kept.change or "its arguments vary in other places"
        kept = self._kept.kept.at(varying) if self._kept.kept is not None else []
        previous = [recording for recording in kept if recording is not latest]
        if previous:
            line = previous[0].failing_line(numbers)
            reason = f"Python looks at a number at {line}: `{code_at(line)}`"
        warnings.warn(
            f"{self._name} was recorded {made} times in {often}, because {reason}. It runs without replay from "
            "now on: a replay is faster only if one recording serves many calls. To change that, compute with Values.",
            RuntimeWarning,
            stacklevel=4,
        )

    def _forward(self, arguments: tuple[Any, ...]) -> Any:
        """Return the results for dual numbers, from `jvp`: their tangents are sums of gradients times tangents.

        The function itself runs inside another differentiation, and if its results depend on Values from outside.
        """
        leaves, rebuild = flatten(arguments, OF_A_REPLAY)
        duals = [leaf for leaf in leaves if isinstance(leaf, Dual)]
        level = max(dual.level for dual in duals)
        plain = all(type(dual.value) is type(dual.tangent) is float and dual.level == level for dual in duals)
        if self._stopped or not plain or any(isinstance(leaf, Value) for leaf in leaves):
            return self.function(*arguments)
        inputs = [Value(leaf.value) if isinstance(leaf, Dual) else leaf for leaf in leaves]
        result = self(*rebuild(inputs))
        if any(value._varies for value in self.leaves):
            return self.function(*arguments)
        results, rebuild_results = results_of(result)
        varying = [value for value in inputs if isinstance(value, Value)]
        slopes = [gradients(y, varying) if y._varies else [] for y in results]
        tangents = [sum([slope * dual.tangent for slope, dual in zip(row, duals, strict=False)], 0.0) for row in slopes]
        return rebuild_results([Dual(y.data, tangent, level) for y, tangent in zip(results, tangents, strict=True)])

    def recorded_jacobian(self, arguments: tuple[Any, ...]) -> Any:
        """Return the Jacobian by a recording: one run forwards, and one back from each result.

        None if the function must run on Values: no recording is valid, or a context is open.
        """
        if self._stopped or self.verify or (OPEN_CONTEXTS and current_mode().lock is not None):
            return None
        try:
            return self._kept.jacobian(arguments)
        except (TypeError, OverflowError):  # the function's own run says more
            return None

    @cached_property
    def of_gradient(self) -> "Replay":
        """The gradient of the function, replayed; `hessian` differentiates it once more."""
        return Replay(grad(self.function), fixed=self.fixed)

    def _compare(self, replayed: list[Value], plain: list[Value]) -> None:
        """Raise ReplayError if a replay and the function itself give other numbers, or not as many."""
        pairs = [(one._data, other._data) for one, other in zip(replayed, plain, strict=False)]
        texts = [f"{one!r}, but the function itself gives {other!r}" for one, other in pairs if not is_same(one, other)]
        if len(replayed) != len(plain):
            texts = [f"{counted(len(replayed), 'result')}, but the function itself gives {len(plain)}"]
        if texts:
            raise ReplayError(
                f"the replay of {self._name} gives {texts[0]}. It reads or changes something that the replay does not "
                "notice: pass it as an argument, or do not replay it."
            )


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Say whether a function can be called with this number of arguments."""
    try:
        signature(function).bind(*range(count))
    except (TypeError, ValueError):  # ValueError: some built-in functions have no signature
        return False
    return True


def replay(function: Callable[..., Any], *, fixed: Collection[Any] = (), verify: bool = False) -> Replay:
    """Return a function that does the same as this one, many times faster: it is recorded once and then replayed.

    The arguments are numbers or Values, also in lists and tuples; there are no keyword arguments. The function returns
    one Value, or several in lists and tuples. All other Values that it uses are read at each call, so a training loop
    gives the same results, only faster. Results have the same bits. So do gradients, but in three cases their last
    digit may differ, because the additions have another order: a result is used in further arithmetic, a Value is given
    to the function twice, or gradients are stopped inside (`no_grad`, `detach`). During the recording, all arguments
    are new Values without label: `x is w` and `isinstance(x, float)` are False inside the function.

    If Python looks at a number (`if v > 0`, `max(...)`, `v.data`), the replay remembers the answer. If the answer
    changes, the function is recorded again; the latest 8 recordings are kept. It is also recorded again if something
    that it reads from outside changes: a global, a variable of a closure, an attribute, an element. If recordings serve
    few calls, a warning says why, and the function runs without replay.

    A replay never gives an old number: what it cannot follow (a random generator, a clock, a file, an iterator, an
    object of an extension in C) is refused with the line. Pass it as an argument, or answer for it: `fixed` lists
    objects that never change the result. Other things that the function does (printing) are not repeated. With
    `verify`, each call runs the function too, and compares.

    Raises TypeError for arguments of another number or structure, and ReplayError if the function does something that
    cannot be replayed, such as `backward()`, or if `verify` finds two numbers.

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
    return Replay(function, fixed=fixed, verify=verify)
