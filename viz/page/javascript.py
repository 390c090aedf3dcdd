"""Writes the operations of the table and an optimizer's update as JavaScript, for pages that compute in the browser."""

from collections.abc import Iterable, Sequence

from autograd.passes.updates import Assignment
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import Symbol, as_expression
from autograd.symbols.formulas import JAVASCRIPT, partial_formula, symbols_of, value_formula
from autograd.symbols.substitution import substituted
from autograd.table.op import Op

_HEAD = f"""const INFINITY = Infinity;
const NAN = NaN;
const DIGITS = {DIGITS};
"""


def operations_source(ops: Iterable[Op]) -> str:
    """Return JavaScript that declares `operations`: by name, the value, the local derivatives and the kink of each.

    The functions take the operands x (and y); the local derivatives also take the result z. `flat` is true for a
    function with slope 0 on one side of its kink. Raises ValueError for an operation that cannot be written in
    JavaScript.

    >>> from autograd.ops import relu
    >>> print(operations_source([relu]).splitlines()[-2])
      relu: {value: (x) => x < 0.0 ? 0.0 : x, partials: [(x, z) => x <= 0.0 ? 0.0 : 1.0], kink: (x) => x, flat: true},
    """
    rows = "".join(f"  {op.name}: {{{_row(op)}}},\n" for op in ops)
    return f"{_HEAD}const operations = {{\n{rows}}};"


def update_source(lines: Sequence[Assignment], names: Iterable[str]) -> str:
    """Return JavaScript that declares `updateLines`, an optimizer's update line by line.

    Each line has the name of its result, and a function of an object that holds the quantities by name.

    >>> from autograd.passes.updates import DESCENT
    >>> print(update_source(DESCENT, ["w", "g", "lr"]))
    const updateLines = [
      {name: "w", value: (q) => q.w - q.lr * q.g},
    ];
    """
    properties = {name: Symbol(f"q.{name}") for name in names}
    formulas = [(line.name, substituted(line.formula, properties)) for line in lines]
    rows = "".join(
        f'  {{name: "{name}", value: {_arrow_function("q", JAVASCRIPT.text(formula))}}},\n'
        for name, formula in formulas
    )
    return f"const updateLines = [\n{rows}];"


def _row(op: Op) -> str:
    operands = ", ".join(("x", "y")[: op.arity])
    partials = [
        _arrow_function(f"{operands}, z", JAVASCRIPT.text(partial_formula(op, place))) for place in range(op.arity)
    ]
    kink = None if op.kink is None else JAVASCRIPT.text(as_expression(op.kink(*symbols_of(op))))
    parts = {
        "value": _arrow_function(operands, JAVASCRIPT.text(value_formula(op))),
        "partials": f"[{', '.join(partials)}]",
        "kink": "null" if kink is None else _arrow_function(operands, kink),
        "flat": str(_is_flat(op)).lower(),
    }
    return ", ".join(f"{name}: {source}" for name, source in parts.items())


def _is_flat(op: Op) -> bool:
    return op.arity == 1 and op.kink is not None and 0.0 in [op.partials[0](x, op(x)) for x in op.domain[0]]


def _arrow_function(operands: str, formula: str) -> str:
    return f"({operands}) => {formula}"
