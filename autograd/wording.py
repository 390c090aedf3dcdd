"""What a step says: a sentence, the formula in symbols, the same in numbers, and the result.

The notation is that of the table's formulas, run on symbols. Reads steps; texts, LaTeX and pages are written from this.
"""

from typing import NamedTuple

from autograd.expression import Constant, Expression, Operation, Symbol, named, text
from autograd.op import Op, row
from autograd.scalars import format_number
from autograd.simplification import simplified
from autograd.stepping import Computed, Posting, Seed, Step, Updated

DIGITS = 6
"""Significant digits of the numbers."""


class Wording(NamedTuple):
    """A step in words: `sentence`, and the line `name sign parts[0] = parts[1] = ...`, from symbols to the result.

    `sign` is "=" or, for what is added to a running total, "+=".
    """

    sentence: str
    name: str
    sign: str
    parts: tuple[str, ...]

    @property
    def line(self) -> str:
        """The line in full.

        >>> Wording("", "y", "=", ("x*w", "2*3", "6")).line
        'y = x*w = 2*3 = 6'
        """
        return f"{self.name} {self.sign} {' = '.join(self.parts)}"


def describe(step: Step) -> Wording:
    """Return what a step says.

    >>> from autograd import Value
    >>> from autograd.stepping import steps
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> loss = (x * w).relu()
    >>> for step in steps(loss)[:4]:
    ...     print(describe(step).line)
    v2 = x*w = 3*2 = 6
    v3 = relu(v2) = relu(6) = 6
    dv3/dv3 = 1
    dv3/dv2 += dv3/dv3 * dv3/dv2 = dv3/dv3 * (0 if v2 <= 0 else 1) = 1 * 1 = 1
    """
    if isinstance(step, Computed):
        return _of_computed(step)
    if isinstance(step, Seed):
        name = derivative_name(step.name, step.name)
        return Wording(f"the backward pass starts at {step.name}", name, "=", (_number(step.result),))
    if isinstance(step, Posting):
        return _of_posting(step)
    return _of_update(step)


def derivative_name(of: str, by: str) -> str:
    """Return how a derivative is written: "dL/dw35"."""
    return f"d{_word(of)}/d{_word(by)}"


def formula(step: Computed) -> Expression | None:
    """Return what a node computes, in symbols; None where a replay computed it."""
    op = _op(step)
    return None if op is None else Operation(op, operand_symbols(step))


def local_formula(step: Posting) -> Expression | None:
    """Return the local derivative of a posting, in symbols; None where a replay computed it."""
    op = _op(step.source)
    if op is None:
        return None
    derivative = op.partials[step.position](*operand_symbols(step.source), _symbol(step.source.name))
    return simplified(derivative) if isinstance(derivative, Expression) else Constant(float(derivative))


def operand_symbols(step: Computed) -> tuple[Expression, ...]:
    """Return the operands as symbols, and as numbers where they are constants without a label."""
    return tuple(_symbol(name) for name in step.operand_names)


def _symbol(name: str) -> Expression:
    try:
        return Constant(float(name))  # a constant's name is its number
    except ValueError:
        return named(name)


def _op(step: Computed) -> Op | None:
    return None if step.op == "replay" else row(step.op)


def _word(name: str) -> str:
    return named(name).name


def _number(number: float) -> str:
    return format_number(number, DIGITS)


def _of_computed(step: Computed) -> Wording:
    symbols = formula(step)
    result = _number(step.result)
    if symbols is None:
        written = f"replay({', '.join(step.operand_names)})"
        return Wording(f"forward: {step.name} by a replay", step.name, "=", (written, result))
    numbers = text(Operation(row(step.op), tuple(Constant(number) for number in step.numbers)), digits=DIGITS)
    parts = _unrepeated(text(symbols, digits=DIGITS), numbers, result)
    return Wording(f"forward: {step.name} = {parts[0]}", step.name, "=", parts)


def _of_posting(step: Posting) -> Wording:
    source, name = step.source, derivative_name(step.loss, step.name)
    upstream = derivative_name(step.loss, source.name)
    symbols, local = formula(source), local_formula(step)
    computed = f" = {text(symbols, digits=DIGITS)}" if symbols else ", which a replay computed"
    chain = f"{upstream} * {derivative_name(source.name, step.name)}"
    factors = [chain]
    if local is not None:
        factors.append(f"{upstream} * {text(Symbol('') * local, digits=DIGITS).removeprefix('*')}")
    written = f"{_number(step.upstream)} * {factor(_number(step.local))}"
    parts = _unrepeated(*factors, written, _number(step.amount))
    return Wording(f"backward through {source.name}{computed}", name, "+=", parts)


def factor(number: str) -> str:
    """Return a number's text as it stands after a sign: in parentheses where it is negative."""
    return f"({number})" if number.startswith("-") else number


def _of_update(step: Updated) -> Wording:
    gradient = derivative_name(step.loss, step.name)
    sentence = f"the optimizer adjusts {step.name}"
    if step.rate is not None and step.before - step.rate * step.gradient == step.result:
        symbols = f"{step.name} - {_number(step.rate)} * {gradient}"
        numbers = f"{_number(step.before)} - {_number(step.rate)} * {factor(_number(step.gradient))}"
        return Wording(sentence, step.name, "=", (symbols, numbers, _number(step.result)))
    change = step.result - step.before
    sign = "-" if change < 0 else "+"
    numbers = f"{_number(step.before)} {sign} {_number(abs(change))}"
    return Wording(sentence, step.name, "=", (numbers, _number(step.result)))


def _unrepeated(*parts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parts))
