"""Points at which the tests try the table's operations, and the derivative by central differences."""

import random
import re

import autograd  # noqa: F401 - fills the table
from autograd.derivatives.checking import central_difference
from autograd.symbols.formulas import partial_formula, value_formula
from autograd.table.op import TABLE, row

BY_OPERAND = [(op, index) for op in TABLE for index in range(op.arity)]
OPERAND_IDS = [f"{op.name}-{op.operand_names[index]}" for op, index in BY_OPERAND]
OP_IDS = [op.name for op in TABLE]
FAR_FROM_A_KINK = 0.05


def sample_points(op, count=12):
    """Return points of the row's domain, all of them away from its kink."""
    generator = random.Random(op.name)
    points = []
    while len(points) < count:
        point = [generator.uniform(low, high) for low, high in op.domain]
        if op.kink is None or abs(op.kink(*point)) > FAR_FROM_A_KINK:
            points.append(point)
    return points


def slope(function, point, index):
    """Return the derivative of a function of floats in one of its arguments, by central differences."""
    return central_difference(lambda x: float(function(*point[:index], x, *point[index + 1 :])), point[index])[0]


def known_to(language):
    """Return the rows that a language computes; of every other it must say which primitive lacks a word."""
    known = []
    for op in TABLE:
        formulas = [value_formula(op), *[partial_formula(op, index) for index in range(op.arity)]]
        try:
            for formula in formulas:
                language.text(formula)
        except ValueError as error:
            check_lacking(error, language)
        else:
            known.append(op)
    return known


def check_lacking(error, language):
    """Check that an error names a primitive whose row has no word for the language."""
    sentence = rf"{language.title} has no function (\w+)\. Add one to the row of \1 in autograd/ops\.py"
    lacking = row(re.match(sentence, str(error))[1])
    assert lacking.value is None
    assert language.language not in lacking.words
