"""Each row of the table, each operand, at points of its domain, in every mode."""

import inspect
import math
import pydoc
import re
from fractions import Fraction

import pytest
from points import BY_OPERAND, OP_IDS, OPERAND_IDS, sample_points, slope

import autograd
from autograd import Value, gradients, jvp
from autograd.symbols.expression import Symbol, text
from autograd.table.op import TABLE, row

CLOSE = {"rel_tol": 1e-7, "abs_tol": 1e-9}


@pytest.mark.parametrize(("op", "index"), BY_OPERAND, ids=OPERAND_IDS)
def test_reverse_mode_equals_central_differences(op, index):
    for point in sample_points(op):
        values = [Value(number) for number in point]
        op(*values).backward()
        assert math.isclose(values[index].grad, slope(op, point, index), **CLOSE), point


@pytest.mark.parametrize(("op", "index"), BY_OPERAND, ids=OPERAND_IDS)
def test_forward_mode_equals_central_differences(op, index):
    direction = [1.0 if place == index else 0.0 for place in range(op.arity)]
    for point in sample_points(op):
        value, tangent = jvp(op, tuple(point), tuple(direction))
        assert value == op(*point)
        assert math.isclose(tangent, slope(op, point, index), **CLOSE), point


@pytest.mark.parametrize(("op", "index"), BY_OPERAND, ids=OPERAND_IDS)
def test_second_derivatives_equal_central_differences_of_the_first(op, index):
    for point in sample_points(op):
        values = [Value(number) for number in point]
        first = gradients(op(*values), values[index], create_graph=True)
        seconds = gradients(first, values)
        for other in range(op.arity):
            expected = slope(lambda *moved: _first_derivative(op, moved, index), point, other)
            assert math.isclose(seconds[other], expected, rel_tol=1e-6, abs_tol=1e-7), (point, other)


def _first_derivative(op, point, index):
    values = [Value(number) for number in point]
    return gradients(op(*values), values[index])


@pytest.mark.parametrize(("op", "index"), BY_OPERAND, ids=OPERAND_IDS)
def test_a_constant_operand_changes_neither_value_nor_derivative(op, index):
    for point in sample_points(op, count=4):
        alone = Value(point[index])
        result = op(*point[:index], alone, *point[index + 1 :])
        both = [Value(number) for number in point]
        assert result.data == op(*both).data
        assert result.partials[index] == op(*both).partials[index]
        assert all(partial is None for place, partial in enumerate(result.partials) if place != index)


@pytest.mark.parametrize("op", TABLE, ids=OP_IDS)
def test_number_function_method_and_operator_agree(op):
    for point in sample_points(op, count=4):
        number = op(*point)
        assert isinstance(number, float)
        values = [Value(x) for x in point]
        assert op(*values).data == number
        assert getattr(values[0], op.name)(*values[1:]).data == number
        assert getattr(autograd, op.name) is op
        if op.method:
            assert getattr(values[0], f"__{op.method}__")(*values[1:]).data == number
        if op.method and op.arity == 2:
            assert getattr(values[1], f"__r{op.method}__")(point[0]).data == number


@pytest.mark.parametrize("op", TABLE, ids=OP_IDS)
def test_the_graph_shows_the_operation_as_written(op):
    values = tuple(Value(number) for number in sample_points(op, count=1)[0])
    result = op(*values)
    assert result.op == op.name
    assert result.operands == values
    assert result.kind == "computed"


@pytest.mark.parametrize("op", TABLE, ids=OP_IDS)
def test_the_written_derivatives_are_right_when_read_back(op):
    names = vars(autograd) | {"inf": math.inf}
    for point in sample_points(op, count=4):
        here = dict(zip(op.operand_names, point, strict=True)) | {"z": op(*point)}
        for index, partial in enumerate(op.partials):
            formula = partial(*(Symbol(name) for name in op.operand_names), Symbol("z"))
            written = text(formula) if isinstance(formula, autograd.symbols.expression.Expression) else str(formula)
            read = eval(written, names, here)
            assert math.isclose(read, slope(op, point, index), **CLOSE), written


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "div", "neg", "pos", "relu", "leaky_relu", "maximum", "minimum", "softsign"]
)
def test_fractions_stay_exact(name):
    op = row(name)
    point = [Fraction(1, 3), Fraction(-2, 7)][: op.arity]
    result = op(*point)
    assert isinstance(result, Fraction)
    assert math.isclose(result, op(*map(float, point)))
    for index, partial in enumerate(op.partials):
        assert math.isclose(partial(*point, result), slope(op, [float(x) for x in point], index), **CLOSE)


@pytest.mark.parametrize("op", [op for op in TABLE if op.kink], ids=lambda op: op.name)
def test_every_kink_states_its_convention_in_the_method_s_documentation(op):
    documentation = " ".join(getattr(Value, op.name).__doc__.split())
    assert "Convention: " in documentation
    assert re.search(r"left.*right|right.*left|1/2", documentation)


def test_every_row_says_what_it_is_and_where_it_is_sampled():
    for op in TABLE:
        assert op.summary
        assert len(op.domain) == op.arity
        assert TABLE[op.code] is op
        assert op.name in repr(op)


def test_errors_of_a_row_name_what_was_asked_and_what_came():
    with pytest.raises(TypeError, match=r"expected 2 operands for maximum\(x, y\), got 1"):
        autograd.maximum(1)
    with pytest.raises(TypeError, match=r"expected 1 operand for exp\(x\), got 2"):
        autograd.exp(1, 2)
    with pytest.raises(TypeError, match="expected a real number for an operand of tanh, got str"):
        autograd.tanh("1")
    with pytest.raises(TypeError, match="expected numbers or Values for maximum, got Value and list"):
        autograd.maximum(Value(1), [2])
    with pytest.raises(ValueError, match="no operation 'tanhh'; try tanh"):
        row("tanhh")


def test_defaults_of_operands():
    assert autograd.leaky_relu(-2) == -0.02
    assert autograd.elu(-1) == math.expm1(-1)
    assert Value(-2).leaky_relu().data == -0.02
    assert Value(-1).elu(2).data == 2 * math.expm1(-1)


def test_a_row_has_the_signature_of_its_call_and_its_class_its_own():
    assert str(inspect.signature(autograd.leaky_relu)) == "(x, slope=0.01, /)"
    assert list(inspect.signature(type(autograd.exp)).parameters)[:2] == ["name", "value"]
    assert "leaky_relu: x for x > 0" in pydoc.render_doc(autograd.leaky_relu)


def test_a_row_is_fixed():
    with pytest.raises(AttributeError, match=r"the name of the row exp cannot be assigned: rows .* never change\."):
        autograd.exp.name = "exponential"
