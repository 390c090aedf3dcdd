"""`Value` as a user meets it: making, reading, assigning, comparing, converting, refusing."""

import math
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import DetachedWarning, Value, constant, no_grad, parameter


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (2, 2.0),
        (True, 1.0),
        (10**300, 1e300),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (np.float32(0.5), 0.5),
        (np.int8(-3), -3.0),
        (np.bool_(True), 1.0),
        (np.array(2.5), 2.5),
        (math.inf, math.inf),
    ],
)
def test_numbers_of_every_kind_are_data_and_operands(data, number):
    assert Value(data).data == number
    assert type(Value(data).data) is float
    assert (Value(2) * data).data == 2 * number
    assert (data * Value(2)).data == 2 * number


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "expected a real number for the data of a Value, got None. Was a return statement forgotten?"),
        ("2", r"got str: '2'. Convert it first: float\('2'\)"),
        ("a", r"^expected a real number for the data of a Value, got str: 'a'\. This text is no number\.$"),
        ("-inf ", r"Convert it first: float\('-inf '\)"),
        ([1, 2], "got list. Make one Value of each of its elements"),
        (np.array([1, 2]), "got ndarray. Make one Value of each"),
        (1 + 2j, r"got complex: \(1\+2j\)"),
        (np.complex128(1), "expected a real number"),
        (Value(2), "got Value"),
        (object(), "got object. Numbers are int, float"),
    ],
)
def test_what_is_no_number_is_refused(data, message):
    with pytest.raises(TypeError, match=message):
        Value(data)


def test_an_integer_too_large_for_a_float_is_refused():
    with pytest.raises(OverflowError, match="got an int of 3322 bits. Scale it down first"):
        Value(10**1000)


def test_labels():
    value = Value(2, "w13")
    assert value.label == "w13"
    value.label = None
    assert value.label is None
    with pytest.raises(TypeError, match="expected a str or None for a label, got int: 3"):
        Value(2, 3)


@pytest.mark.parametrize("given", [((Value(1), Value(2)), "tanh"), ((), "+"), ({Value(1)},), ("t", "tanh")])
def test_a_computed_value_by_hand_as_in_micrograd_is_answered(given):
    message = (
        "expected a number and a label for a Value, got operands or an operation. A computed Value comes from an "
        "operation, such as autograd.tanh(t), or one of your own: see autograd.operation."
    )
    with pytest.raises(TypeError) as refused:
        Value(0.5, *given)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("_prev", "operands"),
        ("_op", "op"),
        ("_children", "operands"),
        ("_local_grads", "partials"),
        ("_backward", "backward() of the result, or grad and partials by hand"),
    ],
)
def test_a_name_of_micrograd_is_answered_with_the_one_to_use(theirs, ours):
    with pytest.raises(AttributeError) as refused:
        getattr(Value(1) + 1, theirs)
    assert str(refused.value) == f"'Value' object has no attribute {theirs!r}; use {ours}."
    assert not hasattr(Value(1), theirs)


def test_repr_shows_number_label_kind_gradient_and_operation():
    w = Value(2, "w")
    y = w * 3
    y.label = "y"
    assert [repr(w), repr(y), repr(Value(0.5))] == [
        "Value(2, 'w', grad=-)",
        "Value(6, 'y', grad=-, op='mul')",
        "Value(0.5, grad=-)",
    ]
    y.backward()
    assert [repr(w), repr(y)] == ["Value(2, 'w', grad=3)", "Value(6, 'y', grad=1, op='mul')"]
    assert repr(constant(2.0, "t")) == "Value(2, 't', constant)"
    assert repr(parameter(2)) == "Value(2, parameter, grad=-)"
    assert repr(Value(-0.0)) == "Value(0, grad=-)"


def test_operands_keep_their_order_and_repeats():
    a, b = Value(5), Value(3)
    assert (a - b).operands == (a, b)
    assert (a - b).op == "sub"
    assert (a * a).operands == (a, a)
    assert (a - b).partials == (1.0, -1.0)
    assert (2 - a).operands[0].kind == "constant"
    assert a.operands == a.partials == ()
    assert a.op is None


def test_repeated_operands_post_twice():
    a = Value(3)
    (a * a + a).backward()
    assert a.grad == 7.0


def test_reflected_and_in_place_operators():
    v = Value(4)
    assert [x.data for x in (1 + v, 1 - v, 2 * v, 2 / v, 2**v)] == [5, -3, 8, 0.5, 16]
    w = v
    w += 1
    w *= 2
    w -= 3
    w /= 7
    w **= 2
    assert (w.data, v.data) == (1.0, 4.0)
    w.backward()
    assert v.grad == 2 * 2 / 7


def test_numpy_scalars_and_arrays_on_the_left():
    v = Value(3, "v")
    product = np.float64(2) * v
    assert isinstance(product, Value)
    product.backward()
    assert v.grad == 2.0
    row = np.array([1.0, 2.0]) * v
    assert [x.data for x in row] == [3.0, 6.0]
    assert [x.data for x in v - np.array([1.0, 2.0])] == [2.0, 1.0]
    assert (np.float64(2) < v, np.float32(4) < v) == (True, False)


def test_sums():
    values = [Value(1), Value(2), Value(3)]
    assert sum(values).data == 6.0
    total = autograd.sum(values)
    assert (total.data, total.operands[1]) == (6.0, values[2])
    assert autograd.sum(values[:1]) is values[0]
    assert autograd.sum([1, 2.5]) == 3.5
    with pytest.raises(ValueError, match=r"expected at least one value for sum\(\)"):
        autograd.sum([])


def test_a_foreign_operand_is_left_to_its_own_type():
    class Foreign:
        def __rmul__(self, other):
            return "mine"

    assert Value(2) * Foreign() == "mine"
    for operation in (lambda v: v + "1", lambda v: [1] - v, lambda v: v**None, lambda v: v < "1", lambda v: v * 2j):
        with pytest.raises(TypeError):
            operation(Value(1))


def test_ordering_is_by_value_equality_by_identity():
    a, b = Value(1), Value(1)
    assert a <= b
    assert a >= 1
    assert not a < b
    assert Fraction(1, 2) < a < 2
    assert a != b
    assert {a: "a", b: "b"}[b] == "b"
    assert max(Value(1), Value(3), Value(2)).data == 3.0
    assert not Value(math.nan) < 1


@pytest.mark.parametrize(
    "kind", [int, float, bool, Fraction, Decimal, np.float64, np.float32, np.int64, np.bool_, np.array]
)
def test_equality_with_a_number_is_by_value(kind):
    one, zero = Value(1), Value(0) * 2
    assert (one == kind(1), zero == kind(0), kind(1) == one, kind(0) == zero) == (True, True, True, True)
    assert (one != kind(1), zero != kind(0), kind(1) != one, kind(0) != zero) == (False, False, False, False)
    assert (one == kind(0), kind(0) == one, one != kind(0), kind(0) != one) == (False, False, True, True)


def test_equality_among_values_is_identity_and_so_is_the_hash():
    zero, other = Value(0), Value(0)
    known = {zero}
    assert (zero == zero, zero == other, zero != other, other in [zero, other]) == (True, False, True, True)  # noqa: PLR0124 - a Value equals itself
    assert [zero, other].index(other) == 1
    assert (0 in known, zero in {0: "zero"}, zero in known, 0 in [zero, other]) == (False, False, True, True)
    assert [zero == other for other in (None, "0", [0], 0j, object())] == [False] * 5
    assert [zero != other for other in (None, "0", [0], 0j, object())] == [True] * 5
    nan = math.nan
    assert (Value(nan) == nan, Value(-0.0) == 0, Value(math.inf) == math.inf) == (False, True, True)


def test_conversions():
    v = Value(2.75)
    with no_grad():
        assert (float(v), int(v), math.trunc(v), math.isclose(v, 2.75)) == (2.75, 2, 2, True)
        assert math.sqrt(Value(4)) == 2.0
    assert (v.item(), type(v.item())) == (2.75, float)
    for digits, expected in {(): 3, (None,): 3, (1,): 2.8, (0,): 3.0, (-1,): 0.0}.items():
        rounded = round(v, *digits)
        assert (rounded, type(rounded)) == (expected, type(expected))
    assert f"{v:.1f}|{v:>6}|{v}" == "2.8|  2.75|Value(2.75, grad=-)"
    assert bool(Value(0.0)) is False
    assert bool(Value(-1)) is True
    assert abs(-v).data == 2.75


def warned(code, **names):
    """Return the warnings of some lines of code, as Python shows them by default: line and text."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        exec(compile(code, "lines.py", "exec"), names | {"math": math, "np": np})
    assert {(one.category, one.filename) for one in found} <= {(DetachedWarning, "lines.py")}
    return [(one.lineno, str(one.message)) for one in found]


def detached(name):
    return (
        f"only the number of {name} was used here, and no gradient will flow through it; use autograd.tanh for a "
        f"function of math, {name}.data where the number is wanted"
    )


def test_a_number_taken_out_of_the_graph_is_warned_about_once_a_line():
    h, w = Value(1, "h"), parameter(2)
    code = "for v in (h, w, h):\n    y = v * math.tanh(v)\n    z = float(v)\nint(w * 2)\nnp.asarray([w], float)"
    code += "\nmath.trunc(h), math.floor(h), math.ceil(h)"
    lines = [(2, detached("h")), (3, detached("h")), (4, detached("x")), (5, detached("x")), (6, detached("h"))]
    assert warned(code, h=h, w=w) == lines
    assert autograd.DetachedWarning.__mro__[1] is UserWarning


@pytest.mark.parametrize(
    "code",
    [
        "x.data, x.item(), round(x), round(x, 2), bool(x), x == 1, x <= 1, max(x, 2), sorted([x, 2])",
        "f'{x:.2f}', '{:.2f}'.format(x), '%.2f %d' % (x, x), '%.2f' % x, '%(n)g' % {'n': x}, str(x), repr(x), print(x)",
        "float(x.detach()), math.tanh(x.detach() * 2)",
        "with no_grad(): float(x), int(x), math.tanh(x)",
    ],
)
def test_a_number_that_is_only_looked_at_is_not_warned_about(code):
    assert warned(code, x=Value(1.5), no_grad=no_grad) == []


def test_data_of_a_leaf_can_be_assigned_and_of_a_result_not():
    w = Value(2, "w")
    y = w * 3
    w.data = 5
    assert (w.data, y.data) == (5.0, 6.0)
    with pytest.raises(
        AttributeError, match=r"the data of Value\(6\) cannot be assigned, because mul computed it from w"
    ):
        y.data = 1
    with pytest.raises(TypeError, match="expected a real number for the data of a Value"):
        w.data = "5"
    assert w.data == 5.0


def test_later_edits_of_data_do_not_change_recorded_derivatives():
    w, x = Value(2), Value(3)
    y = w * x
    w.data = 100
    y.backward()
    assert (w.grad, x.grad) == (3.0, 2.0)


def test_a_gradient_is_0_until_it_is_computed_and_can_be_assigned():
    w = Value(2, "w")
    assert (w.grad, w.has_grad, repr(w)) == (0.0, False, "Value(2, 'w', grad=-)")
    w.grad += 1.0
    assert (w.grad, w.has_grad) == (1.0, True)
    w.grad = None
    assert (w.grad, w.has_grad) == (0.0, False)
    w.grad = 0
    assert repr(w) == "Value(2, 'w', grad=0)"
    with pytest.raises(TypeError, match="expected a real number for a gradient"):
        w.grad = "1"


def test_a_second_backward_adds_to_leaves_and_replaces_inner_gradients():
    w = Value(3)
    inner = w * 2
    y = inner * inner
    y.backward()
    first = w.grad
    y.backward()
    assert (w.grad, inner.grad, y.grad) == (2 * first, 12.0, 1.0)


def test_backward_from_a_leaf_and_with_a_seed():
    w = Value(3)
    w.backward()
    assert w.grad == 1.0
    y = w * 4
    y.backward(0.5)
    assert (w.grad, y.grad) == (3.0, 0.5)
    with pytest.raises(TypeError, match=r"the seed of backward\(\)"):
        y.backward("1")


def test_backward_from_a_constant_is_refused():
    for value in (constant(2.0, "t"), Value(2, "w").detach() * 3):
        with pytest.raises(ValueError, match="reaches no Value that varies"):
            value.backward()


def test_detach_stops_the_gradient():
    w = Value(3, "w")
    cut = w.detach()
    y = w * cut
    y.backward()
    assert (cut.label, cut.kind, cut.has_grad, w.grad) == ("w", "constant", False, 3.0)


def test_micrograd_s_published_example():
    # github.com/karpathy/micrograd, README: a.grad and b.grad of this expression
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert [f"{x:.4f}" for x in (g, a.grad, b.grad)] == ["24.7041", "138.8338", "645.5773"]
