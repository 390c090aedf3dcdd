"""What the definition of an own operation must be: its operands, its local derivatives, and their check.

See `operations` for what is made of it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from inspect import Parameter, signature
from typing import Any, Final

from autograd.contexts.modes import recording
from autograd.derivatives.checking import GradientCheckError, agrees, central_difference
from autograd.ops import ANYWHERE
from autograd.state.observation import NOT_EQUAL, NUMBER
from autograd.symbols.expression import Symbol, as_expression
from autograd.table.op import Formula
from autograd.table.scalars import as_finite, as_float, counted, format_number, got, is_number
from autograd.value import Value

Numbers = Callable[..., float]

_PLACES: Final = (0.13, 0.31, 0.52, 0.77, 0.94)
"""Where derivatives are checked, from 0 at the low end of an interval to 1 at its high end."""
_ENOUGH: Final = 2


def operands_of(name: str, function: Formula) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the names of the operands, and the default values of the last ones."""
    parameters = _parameters(function)
    usual = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    if not 1 <= len(parameters) <= 2 or any(parameter.kind not in usual for parameter in parameters):
        written = ", ".join(str(parameter) for parameter in parameters)
        raise TypeError(
            f"expected one or two operands for an operation, got {name}({written}). Compute more of them by several "
            "operations, one after the other."
        )
    given = [parameter for parameter in parameters if parameter.default is not Parameter.empty]
    defaults = [as_float(each.default, f"the default of {each.name} in {name}") for each in given]
    return tuple(parameter.name for parameter in parameters), tuple(defaults)


def _parameters(function: Formula) -> list[Parameter]:
    try:
        return list(signature(function).parameters.values())
    except ValueError as error:  # some built-in functions do not tell
        name = getattr(function, "__name__", "it")
        raise TypeError(f"Python does not tell the operands of {name}. Write lambda x: {name}(x).") from error


def require_derivatives(call: str, names: Sequence[str], derivatives: Sequence[Formula]) -> None:
    """Raise TypeError unless there is a local derivative for each operand, which takes them; `call` is "swish(x)"."""
    needed = ", ".join(f"lambda {', '.join(names)}: ..." for _ in names)
    if len(derivatives) != len(names):
        raise TypeError(
            f"{call} has {counted(len(names), 'operand')}, got {counted(len(derivatives), 'derivative')}. "
            f"Give one for each operand: @operation({needed})."
        )
    for name, derivative in zip(names, derivatives, strict=True):
        if not callable(derivative):
            raise TypeError(
                f"expected a function for the derivative of {call} in {name}, got {got(derivative)}. Write "
                f"lambda {', '.join(names)}: {derivative if is_number(derivative) else '...'}."
            )
        count = _count(derivative)
        if count not in (len(names), len(names) + 1):
            raise TypeError(
                f"the derivative of {call} in {name} takes {counted(count, 'number')}; expected the operands, "
                f"{' and '.join(names)}, and if you like the result after them."
            )


def _count(formula: Formula) -> int:
    return len(_parameters(formula))


def with_result(formula: Formula, arity: int) -> Formula:
    """Return the formula as a function of the operands and the result."""
    return formula if _count(formula) > arity else lambda *operands: formula(*operands[:arity])


def intervals_of(domain: Any, names: Sequence[str]) -> tuple[tuple[float, float], ...]:
    """Return an interval for each operand, from one for all or one for each. Raises ValueError for anything else."""
    given = list(domain)
    pairs = [given] * len(names) if len(given) == 2 and all(map(is_number, given)) else given
    if len(pairs) != len(names) or any(len(pair) != 2 for pair in pairs):
        raise ValueError(
            f"expected an interval for {' and '.join(names)} as the domain, such as (-3, 3), got {domain}."
        )
    asked = "an end of the domain"
    intervals = tuple((as_finite(low, asked), as_finite(high, asked)) for low, high in pairs)
    if any(low >= high for low, high in intervals):
        raise ValueError(f"expected an interval (low, high) with low < high as the domain, got {domain}.")
    return intervals


class _Questions:
    """Notes whether Python asked for a number, or whether two are equal: no formula of symbols can answer this."""

    asked = False

    def note(self, question: int, _left: Any, _right: Any) -> None:
        self.asked = self.asked or question in (NOT_EQUAL, NUMBER)


def is_formula(function: Formula, names: Sequence[str]) -> bool:
    """Return whether a function is made of the table's operations alone, so that it works for symbols too."""
    questions = _Questions()
    with suppress(Exception):  # the function is not ours: what it raises for symbols means only that it has no formula
        if as_expression(function(*map(Symbol, names))) is NotImplemented:
            return False
        with recording(questions):
            function(*[Value(0.5) for _ in names])
        return not questions.asked
    return False


def of_numbers(function: Formula, names: Sequence[str], asked: str) -> Numbers:
    """Return the function for floats; an error says with which numbers it came."""

    def of_numbers(*numbers: float) -> float:
        try:
            return as_float(function(*numbers), asked)
        except Exception as error:
            error.add_note(f"This was {asked} at {_where(names, numbers)}.")
            raise

    return of_numbers


def _where(names: Sequence[str], numbers: Sequence[float]) -> str:
    return ", ".join(f"{name} = {format_number(number)}" for name, number in zip(names, numbers, strict=True))


def check_derivatives(
    name: str,
    names: Sequence[str],
    functions: Sequence[Numbers],
    intervals: Sequence[tuple[float, float]],
    must_be_finite: bool,
) -> None:
    """Compare each derivative with central differences, where the function gives finite numbers."""
    value, *slopes = functions
    checked = 0
    for point in _points(intervals):
        z = _number_or_nan(value, point)
        if math.isfinite(z):
            checked += 1
            for place, slope in enumerate(slopes):
                _compare(name, names, (value, slope), point, place)
        elif must_be_finite:
            raise ValueError(f"{name} gives no finite number at {_where(names, point)}, inside of its domain.")
    if checked < _ENOUGH:
        raise ValueError(
            f"{name} gives no finite numbers between {format_number(ANYWHERE[0])} and {format_number(ANYWHERE[1])}, so "
            "its derivatives cannot be checked there. Name an interval where it does: domain=(low, high)."
        )


def _points(intervals: Sequence[tuple[float, float]]) -> Iterator[list[float]]:
    for first in range(len(_PLACES)):
        places = [_PLACES[(first + 2 * operand) % len(_PLACES)] for operand in range(len(intervals))]
        yield [low + place * (high - low) for place, (low, high) in zip(places, intervals, strict=True)]


def _number_or_nan(function: Numbers, point: Sequence[float]) -> float:
    try:
        return function(*point)
    except (ArithmeticError, ValueError):
        return math.nan


def _compare(
    name: str, names: Sequence[str], functions: tuple[Numbers, Numbers], point: list[float], place: int
) -> None:
    value, slope = functions
    got_here = slope(*point, value(*point))
    central, doubt = central_difference(
        lambda number: _number_or_nan(value, [*point[:place], number, *point[place + 1 :]]), point[place]
    )
    if not math.isnan(central) and not agrees(got_here, central, doubt):
        raise GradientCheckError(
            f"the derivative of {name} in {names[place]} is {format_number(got_here)} at {_where(names, point)}, but "
            f"central differences give {format_number(central, 6)}. Correct it, or define it as it is with check=False."
        )
