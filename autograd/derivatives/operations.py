"""`operation`: makes an operation of your own from a function and its local derivatives.

It is a row like those of the table, with a code after theirs. A formula made of the table's operations works for every
kind of operand. Other Python code works for numbers; in a formula of symbols it stays a call, such as swish'(x).
"""

import keyword
import threading
from collections.abc import Callable, Sequence
from inspect import getdoc
from typing import Any, Final

from autograd.contexts.modes import conversions_refused
from autograd.derivatives.definitions import (
    Numbers,
    check_derivatives,
    intervals_of,
    is_formula,
    of_numbers,
    operands_of,
    require_derivatives,
    with_result,
)
from autograd.ops import ANYWHERE
from autograd.symbols.expression import Expression, Operation, as_expression
from autograd.table import own
from autograd.table.interpretation import Interpretation
from autograd.table.op import FIRST_OWN, OWN, TABLE, Formula, Op
from autograd.table.operators import Operators
from autograd.table.scalars import got
from autograd.value import Value

_defining = threading.Lock()
_methods: Final[set[str]] = set()


class OwnOp(Op):
    """An operation that `operation` made. Call it with numbers or Values, like the operations of the table.

    `function` is the Python function that it was made from.
    """

    is_own = True
    function: Formula
    _names: tuple[str, ...]
    _defaults: tuple[float, ...]

    def __init__(
        self, name: str, function: Formula, derivatives: Sequence[Formula], domain: Any, latex: str, check: bool
    ) -> None:
        names, defaults = operands_of(name, function)
        vars(self).update(function=function, _names=names, _defaults=defaults)
        require_derivatives(f"{name}({', '.join(names)})", names, derivatives)
        slopes = [_Slope(self, name, place, formula) for place, formula in enumerate(derivatives)]
        numbers = (of_numbers(function, names, f"the result of {name}"), *[slope.of_numbers for slope in slopes])
        intervals = intervals_of(ANYWHERE if domain is None else domain, names)
        if check:
            check_derivatives(name, names, numbers, intervals, must_be_finite=domain is not None)
        value = function if is_formula(function, names) else None
        summary = (getdoc(function) or "an operation of your own").partition("\n")[0].rstrip(".")
        super().__init__(name, value, tuple(slopes), summary, intervals, latex=latex)
        own.FUNCTIONS[self.code] = numbers

    def _enter(self) -> int:
        OWN.append(self)
        return FIRST_OWN + len(OWN) - 1

    @property
    def operand_names(self) -> tuple[str, ...]:
        """The operands' names in the function."""
        return self._names

    @property
    def defaults(self) -> tuple[float, ...]:
        """Default values of the last operands."""
        return self._defaults


class _Slope(Op):
    """A local derivative of an operation of your own. It takes the operands and the result, as in the table.

    Symbols give its formula, if it has one, else a call of itself with the operands.
    """

    is_own = True
    op: OwnOp
    formula: Formula
    is_formula: bool
    of_numbers: Numbers
    asked: str

    def __init__(self, op: OwnOp, name: str, place: int, formula: Formula) -> None:
        names = op.operand_names
        below = f"_{names[place]}" if len(names) > 1 else ""
        asked = f"the derivative of {name} in {names[place]}"
        formula = with_result(formula, len(names))
        fields = vars(self)
        fields.update(op=op, asked=asked, formula=formula, is_formula=is_formula(formula, (*names, "z")))
        fields.update(of_numbers=of_numbers(formula, (*names, "z"), asked))
        written = name.replace("_", r"\_")
        sign = rf"'_{{\text{{{names[place]}}}}}" if below else "'"
        latex = rf"\mathrm{{{written}}}{sign}({', '.join(('#1', '#2')[: len(names)])})"
        super().__init__(f"{name}'{below}", None, (self._unknown,) * len(names), asked, (ANYWHERE,), latex=latex)

    def _enter(self) -> int:
        """Return no code of the table: no graph has a node of this operation."""
        return -1

    @property
    def operand_names(self) -> tuple[str, ...]:
        """The names of the operands."""
        return self.op.operand_names

    def __call__(self, *operands: Any) -> Any:
        """Return the local derivative; the result may be left out."""
        if any(isinstance(operand, Expression) for operand in operands) and not self.is_formula:
            return Operation(self, tuple(as_expression(operand) for operand in operands[: self.arity]))
        if len(operands) == self.arity:
            operands = (*operands, self.op(*operands))
        if not any(isinstance(operand, Interpretation) for operand in operands):
            return self.of_numbers(*operands)
        with conversions_refused(f"{self._once()} It turns a Value into a plain number. {_cure()}"):
            return self.formula(*operands)

    def _unknown(self, *_: Any) -> Any:
        raise TypeError(f"{self._once()} {_cure()}")

    def _once(self) -> str:
        return f"{self.asked} is Python code that cannot be differentiated again."


def operation(
    *derivatives: Formula,
    name: str = "",
    domain: Sequence[Any] | None = None,
    latex: str = "",
    method: bool = False,
    check: bool = True,
) -> Callable[[Formula], OwnOp]:
    r"""Make an operation of your own from the function below this decorator, with its local derivatives.

    The function takes one or two numbers. `derivatives` has one function for each, in their order; it takes the same
    operands, and if you like the result after them. From then on the operation records one node with its name, as
    those of the table do: in pictures, steps, lines, forward mode, second derivatives, replay. Formulas of autograd's
    operations (`autograd.exp`, `autograd.where`) also work in C, in pages and in exact fractions; formulas with
    Python's `math` or `if` do not.

    `name` is the name, if not the function's. `domain` is an interval (low, high) where the operation is smooth, or
    one for each operand. There each derivative is compared with central differences, unless `check` is False. `latex`
    is its notation, as in `Op`. With `method`, it is also a method of Values. If you define it again, new graphs use
    the new definition, and graphs that exist keep theirs.

    Raises GradientCheckError for a wrong derivative; ValueError for a name of the table, or an interval where the
    function gives no numbers; TypeError if the derivatives do not fit the function.

    >>> from autograd import Value, exp
    >>> @operation(lambda x, z: z * (1 - z) * 2)
    ... def steep(x):
    ...     return 1 / (1 + exp(-2 * x))
    >>> x = Value(0.5, "x")
    >>> y = steep(x)
    >>> y.backward()
    >>> y, round(x.grad, 6)
    (Value(0.7310585786, grad=1, op='steep'), 0.393224)
    """

    def defined(function: Formula) -> OwnOp:
        own_name = name or getattr(function, "__name__", "")
        if not callable(function) or isinstance(function, type):
            raise TypeError(
                f"expected a function for an operation, got {got(function)}. Write @operation(lambda x: ...) above it, "
                "with the local derivative of each operand."
            )
        with _defining:
            _require_name(own_name, method)
            op = OwnOp(own_name, function, derivatives, domain, latex, check)
            if method or own_name in _methods:
                _add_method(op)
        return op

    return defined


def _cure() -> str:
    return "Write it with autograd's operations: autograd.exp in place of math.exp, autograd.where in place of if."


def _require_name(name: str, method: bool) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f'expected a name for the operation, got {name!r}. Give it one: name="swish".')
    if any(op.name == name for op in TABLE):
        raise ValueError(f"the table has an operation {name} already. Choose another name, such as my_{name}.")
    if method and hasattr(Value, name) and name not in _methods:
        raise ValueError(f"a Value has an attribute {name} already. Choose another name, such as my_{name}.")


def _add_method(op: OwnOp) -> None:
    def method(self: Any, *operands: Any) -> Any:
        return op(self, *operands)

    method.__name__ = method.__qualname__ = op.name
    method.__doc__ = f"Return {op.summary}."
    setattr(Operators, op.name, method)
    _methods.add(op.name)
