"""Formulas as text: read back by sympy and by Python with the same value and structure."""

import random

import pytest
import sympy

from autograd.symbols.differentiation import derivative_formula
from autograd.symbols.expression import Constant, NamedFunction, Symbol, text
from autograd.symbols.simplification import simplified
from autograd.table.op import TABLE

X, Y, Z = Symbol("x"), Symbol("y"), Symbol("z")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (X - (Y - Z), "x - (y - z)"),
        (X - Y - Z, "x - y - z"),
        (X + (Y + Z), "x + (y + z)"),
        (X / (Y * Z), "x/(y*z)"),
        (X / Y * Z, "x/y*z"),
        ((X + Y) * Z, "(x + y)*z"),
        ((-X) ** 2, "(-x)**2"),
        (-(X**2), "-x**2"),
        ((X**Y) ** Z, "(x**y)**z"),
        (X ** (Y**Z), "x**y**z"),
        (X**-1, "x**(-1)"),
        (2 - (-X), "2 - (-x)"),
        (-(X + Y), "-(x + y)"),
        ((X * Y).tanh() + 1, "tanh(x*y) + 1"),
        (X.maximum(0), "max(x, 0)"),
        (NamedFunction("F'", X + 1) * Y, "F'(x + 1)*y"),
        (+X, "+x"),
    ],
)
def test_parentheses_stand_exactly_where_they_are_needed(formula, expected):
    assert text(formula) == str(formula) == expected


def test_numbers_in_the_place_of_symbols():
    formula = X * Y + Z
    assert text(formula, {"x": -1, "y": -3.0, "z": -2}) == "(-1)*(-3) + (-2)"
    assert text(X**2, {"x": -2}) == "(-2)**2"
    assert text(X - Y, {"x": -1, "y": 0.1 + 0.2}) == "-1 - 0.3"
    assert text(X, {"x": 1 / 3}, digits=3) == "0.333"
    assert text(Constant(2.0) * X) == "2*x"


INFIX = [op for op in TABLE if op.symbol and op.arity == 2]


def random_formula(generator, depth):
    if depth == 0:
        return generator.choice([X, Y, Z, Constant(float(generator.randint(-4, 4)))])
    op = generator.choice([*INFIX, next(op for op in TABLE if op.name == "neg")])
    return op(*(random_formula(generator, depth - generator.randint(1, depth)) for _ in range(op.arity)))


def value(formula, names):
    """Evaluate a formula by its structure, with sympy's exact numbers."""
    if isinstance(formula, Symbol):
        return names[formula.name]
    if isinstance(formula, Constant):
        return sympy.Integer(int(formula.number))
    return formula.op.value(*(value(operand, names) for operand in formula.operands))


@pytest.mark.parametrize("seed", range(150))
def test_text_read_by_sympy_is_the_formula(seed):
    generator = random.Random(seed)
    formula = random_formula(generator, 4)
    names = {name: sympy.Symbol(name) for name in "xyz"}
    expected = value(formula, names)
    read = sympy.sympify(text(formula), locals=names)
    assert sympy.simplify(read - expected) == 0 or read == expected


def test_conditions_are_part_of_the_formula():
    relu = next(op for op in TABLE if op.name == "relu")
    assert text(relu.value(X)) == "0 if x < 0 else x"
    assert text(relu.partials[0](X, Z) * Y) == "(0 if x <= 0 else 1)*y"


def test_what_is_no_number_is_no_part_of_a_formula():
    for wrong in (lambda: X + "y", lambda: X < "y"):
        with pytest.raises(TypeError):
            wrong()


def test_a_sum_of_many_terms_is_written_without_recursion():
    total = X
    for _ in range(5000):
        total = total + Y
    assert text(total).count("y") == 5000


def test_a_sum_of_3000_terms_is_simplified_and_differentiated_without_recursion():
    total = X * X
    for place in range(1, 3000):
        total = total + Symbol(f"w{place}") ** (Constant(2.0) - 1) * X
    assert text(simplified(total)).endswith(" + w2998*x + w2999*x")
    slope = text(derivative_formula(total, "x"))
    assert (slope[:20], slope.count(" + "), slope[-16:]) == ("2*x + w1 + w2 + w3 +", 2999, " + w2998 + w2999"[-16:])
