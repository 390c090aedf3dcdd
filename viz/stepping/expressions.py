"""Expressions that a user types at the prompt: "w13*x1", "abs(delta3) > 1", of the names that the prompt knows.

Python's grammar reads them, but they are never run as code: they are made of the table's operations and the user's.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, TypeAlias

from autograd.table.op import OWN, TABLE, Op
from autograd.table.scalars import alike, is_numeral, is_same
from autograd.table.visible import visible
from viz.stepping.moment import KINDS, Moment

Term: TypeAlias = Callable[[Moment], Any]

_OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.USub: "neg",
    ast.UAdd: "pos",
}
_ORDERS: Mapping[type[ast.AST], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_RELATIONS: Mapping[type[ast.AST], Callable[[Any, Any], bool]] = {
    **_ORDERS,
    ast.Eq: is_same,
    ast.NotEq: lambda left, right: not is_same(left, right),
}
_ASSIGNED = re.compile("(?<![<>=!])=(?!=)")
_SHOWN = 60  # characters of an expression in a message
_NUMBERS = {"nan": math.nan, "inf": math.inf}


class Expression(NamedTuple):
    """An expression: its text, and a function that gives its number at a moment, None while a name is not known."""

    text: str
    value: Term


def expression(moment: Moment, text: str) -> Expression:
    """Read an expression of numbers, names, operations and comparisons.

    Raises ValueError for an unknown name, and with what to write for anything else.
    """
    text = visible(text)
    names, marked = _marked(text, {name for name in moment.words if not is_numeral(name)})
    try:
        tree = ast.parse(marked.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _refuse(text)
    return Expression(text.strip(), _Reader(moment, names, text).term(tree))


def _refuse(text: str) -> NoReturn:
    came = repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...") if text.strip() else "nothing"
    hint = " A power is written **." * ("^" in text) + " To compare, write ==." * bool(_ASSIGNED.search(text))
    raise ValueError(f"expected an expression such as w13*x1 or abs(w13.grad) > 1, got {came}.{hint}") from None


def _marked(text: str, words: Collection[str]) -> tuple[dict[str, str], str]:
    """Return the names in a text by their marks, and the text with the marks: Python cannot read w[0] as a name."""
    names: dict[str, str] = {}
    longest = max(map(len, words), default=0)
    marked, place = "", 0
    while place < len(text):
        piece = _name_at(text, place, words, longest)
        if piece:
            mark = f"__{len(names)}__"
            names[mark] = piece
            marked += f" {mark} "
        else:
            marked += text[place]
        place += max(len(piece), 1)
    return names, marked


def _name_at(text: str, place: int, words: Collection[str], longest: int) -> str:
    """Return the longest name that stands at a place of the text, "" if none does."""
    if place and (_is_in_word(text[place - 1]) or text[place - 1] == "."):
        return ""
    for end in range(min(len(text), place + longest), place, -1):
        is_cut = end < len(text) and _is_in_word(text[end - 1]) and _is_in_word(text[end])
        if not is_cut and text[place:end] in words:
            return text[place:end]
    return ""


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


class _Reader:
    """Turns Python's tree of an expression into functions of a moment; `names` are the names by their marks."""

    def __init__(self, moment: Moment, names: Mapping[str, str], text: str) -> None:
        self.moment, self.names, self.text = moment, names, text

    def term(self, tree: ast.expr) -> Term:
        """Return the function that gives the number of a part of the expression."""
        match tree:
            case ast.Constant(int() | float() as number) if not isinstance(number, bool):
                return _constant(float(str(number)))
            case ast.Name(mark) | ast.Attribute(ast.Name(mark)):
                return self._quantity(self.names.get(mark, mark), getattr(tree, "attr", ""))
            case ast.UnaryOp(ast.Not(), operand):
                return _joined(operator.not_, self.term(operand))
            case ast.Compare():
                return self._comparison(tree)
            case ast.BoolOp(join, operands):
                either = all if isinstance(join, ast.And) else any
                return _joined(lambda *numbers: either(numbers), *map(self.term, operands))
        return self._operation(*self._call(tree))

    def _call(self, tree: ast.expr) -> tuple[str, list[ast.expr]]:
        """Return the name of the operation of a part, "" if it has none, and its operands."""
        match tree:
            case ast.UnaryOp(sign, operand):
                return _OPERATORS.get(type(sign), ""), [operand]
            case ast.BinOp(left, sign, right):
                return _OPERATORS.get(type(sign), ""), [left, right]
            case ast.Call(ast.Name(mark), operands, []):
                return self.names.get(mark, mark), operands
        return "", []

    def _operation(self, name: str, operands: list[ast.expr]) -> Term:
        op: Op | None = next((row for row in (*TABLE, *reversed(OWN)) if row.name == name), None)
        if op is None and name.isidentifier():
            found = " or ".join(alike(name, [row.name for row in (*TABLE, *OWN)])) or "abs or maximum"
            raise ValueError(f"there is no function {name!r}; try {found}.")
        if op is None or not op.arity - len(op.defaults) <= len(operands) <= op.arity:
            _refuse(self.text)
        return _joined(lambda *numbers: _result(op, numbers), *map(self.term, operands))

    def _comparison(self, tree: ast.Compare) -> Term:
        sides = [tree.left, *tree.comparators]
        relations = [_RELATIONS.get(type(sign)) for sign in tree.ops]
        ordered = any(type(sign) in _ORDERS for sign in tree.ops)
        if ordered and any(isinstance(side, ast.Name) and side.id == "nan" for side in sides):
            first = next(part for part in map(self._written, sides) if part != "nan")
            raise ValueError(f"nan is neither smaller nor larger than a number. Use {first} == nan, or {first} != nan.")
        if None in relations:
            _refuse(self.text)

        def holds(*numbers: float) -> bool:
            pairs = zip(relations, numbers, numbers[1:], strict=False)
            return all(relation(left, right) for relation, left, right in pairs if relation is not None)

        return _joined(holds, *map(self.term, sides))

    def _written(self, tree: ast.expr) -> str:
        written = ast.unparse(tree)
        for mark, name in self.names.items():
            written = written.replace(mark, name)
        return written

    def _quantity(self, name: str, attribute: str = "") -> Term:
        if name in _NUMBERS and name not in self.moment.words:
            return _constant(_NUMBERS[name])
        if not attribute and self.moment.line_called(name):
            return lambda here: here.result_of(name)
        node = self.moment.find(name)
        if attribute not in ("", *KINDS):
            raise ValueError(f"a node has no {attribute!r}; use {name}.data or {name}.grad.")
        if KINDS[attribute] == "gradient" if attribute else self.moment.is_gradient(name):
            return lambda here: here.gradient_at(node)
        return lambda here: here.data_at(node)


def _constant(number: float) -> Term:
    return lambda _: number


def _result(op: Op, operands: Sequence[float]) -> float:
    function: Callable[..., float] = op
    try:
        return function(*map(float, operands))
    except (ArithmeticError, ValueError):  # an operation of the user's, whose code has no number here
        return math.nan


def _joined(function: Callable[..., Any], *terms: Term) -> Term:
    """Return a function of terms; None while one of them is None."""

    def value(here: Moment) -> Any:
        numbers = [term(here) for term in terms]
        return None if None in numbers else function(*numbers)

    return value
