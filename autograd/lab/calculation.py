"""`Calculation`: a formula that runs on numbers by name; and what is done with the formulas of lines."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.symbols.expression import Expression, Operation, Symbol
from autograd.symbols.formulas import PYTHON
from autograd.symbols.substitution import evaluated, substituted, symbol_names
from autograd.table import ieee


class Number(NamedTuple):
    """A number of a calculation, and how far rounding may have moved it."""

    value: float
    spread: float = 0.0


class Calculation:
    """A formula that runs on the numbers of its `names`, in their order, with the engine's own functions.

    >>> calculation = Calculation(Symbol("x") / Symbol("y"))
    >>> calculation.names, calculation.run(1.0, 0.0)
    (['x', 'y'], inf)
    """

    def __init__(self, formula: Expression, *, runs_once: bool = False) -> None:
        self.names = sorted(symbol_names(formula))
        self.run = (None if runs_once else _compiled(formula, self.names)) or self._run
        self._formula = formula

    def _run(self, *numbers: float) -> float:
        return evaluated(self._formula, dict(zip(self.names, numbers, strict=True)))


def _compiled(formula: Expression, names: Sequence[str]) -> Callable[..., float] | None:
    """Return a formula as a function; None if it cannot be one: it has Python code of the user, or is too large."""
    short = [f"q{place}" for place in range(len(names))]
    try:
        source = PYTHON.text(substituted(formula, dict(zip(names, map(Symbol, short), strict=True))))
        made: Callable[..., float] = eval(f"lambda {', '.join(short)}: {source}", dict(vars(ieee)))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return made


def terms_of(formula: Expression) -> list[Expression]:
    """Return the terms of a sum; another formula is its own only term.

    >>> [str(term) for term in terms_of(Symbol("a") * 2 + Symbol("b") + 1)]
    ['a*2', 'b', '1']
    """
    terms: list[Expression] = []
    while isinstance(formula, Operation) and formula.op.name == "add":
        formula, last = formula.operands
        terms.append(last)
    return [formula, *reversed(terms)]
