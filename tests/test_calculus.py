"""grad, value_and_grad, derivative, jacobian, hessian, jvp, gradients, check_gradients."""

import math

import numpy as np
import pytest
import sympy

import autograd
from autograd import (
    GradientCheckError,
    Value,
    check_gradients,
    derivative,
    grad,
    gradients,
    hessian,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
)
from nn import MLP


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def test_grad_of_several_arguments_is_a_tuple():
    assert grad(rosenbrock)(1, 1) == (0.0, 0.0)
    assert value_and_grad(rosenbrock)(0, 2) == (401.0, (-2.0, 400.0))


def test_gradients_have_the_structure_of_the_arguments():
    def loss(w, b):
        return w[0][0] * w[0][1] + w[1][0] * b

    assert grad(loss)([(2, 3), [4]], 5) == ([(3.0, 2.0), [5.0]], 4.0)
    assert grad(lambda x: x[0] * x[1])(np.array([2.0, 3.0])) == [3.0, 2.0]


def test_the_same_argument_twice_is_two_inputs():
    x = 3
    assert grad(lambda a, b: a * a * b)(x, x) == (18.0, 9.0)
    assert grad(lambda x: grad(lambda a, b: a * a * b)(x, x)[0])(3) == 4.0 * 3


@pytest.mark.parametrize("order", range(6))
def test_derivatives_of_any_order_equal_those_of_sympy(order):
    x = sympy.Symbol("x")
    expected = sympy.diff(sympy.tanh(x) * sympy.exp(x) / (1 + x**2), x, order).subs(x, 0.7)
    got = derivative(lambda x: x.tanh() * x.exp() / (1 + x**2), order=order)(0.7)
    assert math.isclose(got, float(expected), rel_tol=1e-11)


@pytest.mark.parametrize(
    "name", ["grad", "value_and_grad", "derivative", "jacobian", "hessian", "jvp", "check_gradients"]
)
@pytest.mark.parametrize(("given", "what"), [(3, "int"), (None, "None"), (Value(2) * 3, "Value")])
def test_what_is_no_function_is_refused_at_once(name, given, what):
    others = {"jvp": (1.0, 1.0), "check_gradients": (1.0,)}.get(name, ())
    with pytest.raises(TypeError) as raised:
        getattr(autograd, name)(given, *others)
    assert str(raised.value) == (
        f"expected a function of Values for {name}(), got {what}. Give the function itself, f, not its result f(x)."
    )


def test_derivative_refuses_an_order_that_is_none():
    for order in (-1, 1.5, "2"):
        with pytest.raises(ValueError, match="expected a whole number from 0 up"):
            derivative(rosenbrock, order=order)


def test_hessian_of_rosenbrock():
    # d2/dx2 = 2 - 400 y + 1200 x^2, d2/dxdy = -400 x, d2/dy2 = 200
    assert hessian(rosenbrock)(0.5, 2) == ((2 - 800 + 300, -200.0), (-200.0, 200.0))
    assert hessian(lambda v: rosenbrock(*v))([0.5, 2]) == [[-498.0, -200.0], [-200.0, 200.0]]


def test_jacobian_has_a_row_for_each_result():
    def polar(r, t):
        return [r * t.cos(), r * t.sin()]

    rows = jacobian(polar)(2.0, 0.3)
    expected = [(math.cos(0.3), -2 * math.sin(0.3)), (math.sin(0.3), 2 * math.cos(0.3))]
    assert np.allclose(rows, expected, rtol=1e-15)


def test_jvp_is_the_jacobian_times_the_direction():
    def function(x):
        return [x[0] * x[1], x[0].exp()]

    value, tangent = jvp(function, ([2.0, 3.0],), ([0.5, -1.0],))
    assert value == [6.0, math.exp(2)]
    rows = jacobian(function)([2.0, 3.0])
    assert np.allclose(tangent, [0.5 * row[0] - row[1] for row in rows], rtol=1e-15)


def test_no_gradient_is_printed_as_minus_0():
    x, w = Value(-1.0), Value(0.0)
    assert repr(gradients(-(x.relu() + x * w), [x, w])) == "[0.0, 1.0]"
    assert repr(grad(lambda x: -x.relu())(-1.0)) == "0.0"
    assert repr(jacobian(lambda x: [-x[0].relu(), x[1]])([-1.0, 1.0])) == "[[0.0, 0.0], [0.0, 1.0]]"


def test_jvp_compares_numbers_as_values_do():
    def function(x):
        return x**2 if x == 3 and 3 == x and x != 2 and x not in (None, "3") else x  # noqa: SIM300 - a number on the left too

    assert [jvp(function, (3.0,), (1.0,))[1], jvp(function, (2.0,), (1.0,))[1]] == [6.0, 1.0]
    assert jvp(grad(function), (3.0,), (1.0,))[1] == 2.0


def test_forward_mode_takes_the_way_of_the_number_at_a_tie():
    assert jvp(lambda x: x * 3 if x >= 1 else x * 5, (1.0,), (1.0,)) == (3.0, 3.0)
    assert jvp(lambda x: x * 3 if x <= 1 else x * 5, (1.0,), (1.0,)) == (3.0, 3.0)
    assert jvp(lambda x: x * 3 if x > 1 else x * 5, (1.0,), (1.0,)) == (5.0, 5.0)
    assert jvp(lambda x: x * 3 if x < 1 else x * 5, (1.0,), (1.0,)) == (5.0, 5.0)
    assert jvp(lambda x: x * 3 if 1 <= x else x * 5, (1.0,), (1.0,)) == (3.0, 3.0)  # noqa: SIM300 - a number on the left
    assert jvp(lambda x: x * 3 if 1 > x else x * 5, (1.0,), (1.0,)) == (5.0, 5.0)  # noqa: SIM300


def test_differentiations_nest_without_mixing():
    # d/dx (x * d/dy (x + y)) = 1, the classic test of perturbation confusion (Siskind and Pearlmutter, 2005)
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,))[1] == 1.0
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: jvp(lambda y: x * y**2, (3.0,), (1.0,))[1])(5.0) == 6.0
    assert derivative(lambda x: jvp(lambda y: y**4, (x,), (1.0,))[1], order=2)(2.0) == 48.0


def test_inner_differentiations_may_close_over_outer_variables():
    # each is worked out by hand: f(x) = x^2, y^2 at 2, 2x of xy^2 twice in y, 0
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(3.0) == 6.0
    assert grad(lambda x: grad(lambda y: x * y * y)(2.0))(3.0) == 4.0
    assert grad(lambda x: derivative(lambda y: x * y * y, order=2)(2.0))(3.0) == 2.0
    assert grad(lambda x: hessian(lambda y: x * y * y)(2.0))(3.0) == 2.0
    assert jacobian(lambda x: [grad(lambda y: x * y * y)(2.0)])(3.0) == [4.0]
    assert grad(lambda x: grad(lambda y: x)(1.0))(3.0) == 0.0
    weight = Value(5.0)
    assert grad(lambda x: weight * x)(3.0) == 5.0


def test_forward_over_reverse():
    assert jvp(grad(lambda x: x**3), (2.0,), (1.0,)) == (12.0, 12.0)
    assert jvp(hessian(lambda x: x**4), 2.0, 1.0) == (48.0, 48.0)
    assert jvp(lambda x: grad(lambda y: x * y * y)(2.0), 3.0, 1.0) == (12.0, 4.0)
    assert check_gradients(lambda x: grad(lambda y: y.tanh() * x)(x), 0.4)[0].name == "x"
    values, tangents = jvp(jacobian(lambda x: [x[0] * x[1], x[0] ** 3]), ([2.0, 3.0],), ([1.0, 0.0],))
    assert values == [[3.0, 2.0], [12.0, 0.0]]
    assert tangents == [[0.0, 1.0], [12.0, 0.0]]


def test_forward_over_reverse_at_a_value_keeps_its_graph():
    x = Value(2.0, "x")
    slope = jvp(grad(lambda t: t**3), x, 1.0)[1]
    (x * slope).backward()
    assert x.grad == 24.0  # of 6 x^2
    assert gradients(jvp(grad(lambda q: q**3), 2.0, x)[1], x) == 12.0


def test_a_tangent_of_zero_posts_nothing():
    assert jvp(lambda x, y: x**y, (-2.0, 3.0), (1.0, 0.0)) == (-8.0, 12.0)
    assert jvp(lambda x, y: y + x.sqrt(), (0.0, 1.0), (0.0, 1.0)) == (1.0, 1.0)


def test_gradients_inside_jvp_says_what_to_use():
    with pytest.raises(TypeError, match=r"Use grad\(\) inside jvp\(\)"):
        jvp(lambda x: gradients(x**3, x), 2.0, 1.0)


def test_results_that_depend_on_nothing_have_rows_of_zeros():
    assert jacobian(lambda x: [x * x, 5])(3.0) == [6.0, 0.0]
    assert jvp(lambda x: [x * x, 5], 3.0, 1.0) == ([9.0, 5.0], [6.0, 0.0])


WAYS = {
    "grad": lambda f: grad(f)(3.0),
    "value_and_grad": lambda f: value_and_grad(f)(3.0),
    "derivative": lambda f: derivative(f)(3.0),
    "jacobian": lambda f: jacobian(f)(3.0),
    "hessian": lambda f: hessian(f)(3.0),
    "jvp": lambda f: jvp(f, 3.0, 1.0),
    "check_gradients": lambda f: check_gradients(f, 3.0),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_plain_number_of_a_branch_is_told_from_that_of_a_function_of_math(way):
    def rectified(x):
        return x * x if x > 5 else 0.5

    with pytest.raises(TypeError) as raised:
        WAYS[way](rectified)
    assert str(raised.value) == (
        "expected one Value as the result of rectified, got float. It returned the plain number 0.5, from .data or "
        "from a branch that does not use the arguments. If the derivative is 0 there, return autograd.constant(0.5)."
    )
    with pytest.warns(autograd.DetachedWarning), pytest.raises(TypeError) as raised:
        WAYS[way](math.exp)
    assert str(raised.value) == (
        "expected one Value as the result of exp, got float. Functions of the math module return plain numbers: use "
        "autograd.exp, autograd.sin and so on."
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_result_that_depends_on_no_argument_is_warned_about_in_the_line_of_the_call(way):
    def ignoring(x):
        return Value(3.0) * 2

    with pytest.warns(autograd.DetachedWarning) as warned:
        WAYS[way](ignoring)
    [message] = {str(warning.message) for warning in warned}
    assert message == (
        "the result of ignoring does not depend on its arguments, so its derivative is 0; compute it from the "
        "arguments themselves, not from their numbers (.data) or from other Values"
    )
    assert {warning.filename for warning in warned} == {__file__}


def test_a_derivative_of_0_that_is_meant_is_not_warned_about():
    assert grad(lambda x, y: x * x)(3.0, 4.0) == (6.0, 0.0)
    assert grad(lambda x: autograd.constant(3.0))(3.0) == 0.0
    assert jvp(lambda x: autograd.constant(3.0), 3.0, 1.0) == (3.0, 0.0)
    assert jacobian(lambda x: [Value(3.0) * 2, x])(3.0) == [0.0, 1.0]
    assert grad(lambda x: grad(lambda y: x * 2)(1.0))(3.0) == 0.0


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: jvp(lambda y: 3 * y, x, 1.0)[1], 0.0),
        (lambda x: jvp(lambda y: y, x, 1.0)[1], 0.0),
        (lambda x: jvp(lambda y: -y + 4, x, 1.0)[1], 0.0),
        (lambda x: jvp(lambda y: 3 * y, 2.0, 1.0)[1], 0.0),
        (lambda x: jvp(lambda y: 3 * y, 2.0, x)[1], 3.0),
        (lambda x: jvp(lambda y: 3 * y, x, 0.0)[1], 0.0),
        (lambda x: jvp(lambda y: x * y, 2.0, 1.0)[1], 1.0),
        (lambda x: jvp(lambda y: jvp(lambda z: 3 * z * y, x, 1.0)[1], x, 1.0)[1], 0.0),
        (lambda x: jvp(lambda y, z: 3 * y + z, (x, x), (1.0, 1.0))[1], 0.0),
        (lambda x: jvp(lambda y: 3 * y, x, 1.0)[0], 3.0),
        (lambda x: jvp(lambda y: y**2, x, 1.0)[1] * jvp(lambda y: 3 * y, x, 1.0)[1], 6.0),
        (lambda x: jvp(grad(lambda y: 3 * y), x, 1.0)[1], 0.0),
        (lambda x: x * jvp(lambda y: grad(lambda z: z * z)(2.0), x, 1.0)[0], 4.0),
        (lambda x: value_and_grad(lambda y: autograd.constant(2.0))(x)[0], 0.0),
    ],
)
def test_a_derivative_of_a_linear_function_is_differentiated_again(function, expected):
    assert grad(function)(2.0) == expected
    assert jvp(function, 2.0, 1.0)[1] == expected
    assert jacobian(lambda x: [function(x)])(2.0) == [expected]
    assert type(grad(function)(2.0)) is type(jvp(function, 2.0, 1.0)[1]) is float


def test_a_function_is_differentiated_at_a_constant_too():
    cube, two = (lambda y: y**3), autograd.constant(2.0)
    assert (grad(cube)(two), hessian(cube)(two), derivative(cube, order=2)(two)) == (12.0, 12.0, 12.0)
    assert jacobian(lambda y: [cube(y)])(two) == [12.0]
    assert jvp(cube, two, 1.0) == (8.0, 12.0)
    assert grad(lambda x: grad(cube)(x.detach()) * x)(2.0) == 12.0  # a factor that the gradient does not flow through


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (grad(lambda y: y**3), lambda x: 3 * x**2),
        (hessian(lambda y: y**3), lambda x: 6 * x),
        (lambda x: grad(lambda y: y**3)(x) * x, lambda x: 3 * x**3),
        (lambda x: jvp(lambda y: y**3, x, 1.0)[1], lambda x: 3 * x**2),
        (lambda x: jvp(lambda y: y, x, 1.0)[0], lambda x: x),
        (lambda x: x * jvp(lambda y: 3 * y, x, 1.0)[1], lambda x: 3 * x),
        (lambda x: jvp(grad(lambda y: y**3), x, 1.0)[1], lambda x: 6 * x),
    ],
)
def test_a_replay_of_a_derivative_is_right_for_plain_numbers_and_for_values(function, expected):
    replayed = autograd.replay(function)
    for number in (2.0, 3.0, 5.0):
        assert replayed(number) == expected(number)
        assert autograd.replay(function)(Value(number)) == expected(number)


def test_hessian_times_a_direction_of_a_linear_function_is_0():
    def product(v, x):
        return jvp(grad(lambda x: 2 * x[0] + 3 * x[1]), (x,), (v,))[1]

    assert product([1.0, 1.0], [5.0, 6.0]) == [0.0, 0.0]
    assert jacobian(lambda x: product([1.0, 1.0], x))([5.0, 6.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x: jvp(lambda y: 2 * y[0] + 3 * y[1], (x,), ([1.0, 1.0],))[1])([1.0, 2.0]) == [[0, 0], [0, 0]]


def test_gradients_with_swapped_arguments_are_warned_about():
    x = Value(3.0)
    loss = x * 2
    with pytest.warns(autograd.DetachedWarning) as warned:
        assert gradients(x, loss) == gradients(x, [x, loss * 2])[1] == 0.0
    assert {str(warning.message) for warning in warned} == {
        (
            "an input was computed from the root, not the root from it, so its derivative is 0; if they are swapped, "
            "give gradients() the root first, then the inputs"
        )
    }
    assert gradients(loss, [loss, x, Value(2.0) * 2]) == [1.0, 2.0, 0.0]


def test_gradients_of_a_list_are_those_of_the_sum():
    x, w = Value(3.0), Value(2.0)
    inner = x * w
    assert gradients([inner, inner**2, x], [x, w, inner]) == [2 + 2 * 6 * 2 + 1, 3 + 2 * 6 * 3, 1 + 2 * 6]
    assert gradients((inner, inner), x) == 4.0
    slope = gradients([x**3, x**2], x, create_graph=True)
    assert gradients(slope, x) == 6 * 3 + 2
    with no_grad():
        assert gradients([inner, x], x) == 3.0
    with pytest.raises(ValueError, match=r"expected at least one root for gradients\(\), got an empty list\."):
        gradients([], x)
    with pytest.raises(TypeError) as raised:
        gradients([inner, 2.0], x)
    assert str(raised.value) == (
        "expected a Value for the root of gradients(), got float. A plain number comes from .data, float(), a function "
        "of math, or a branch that returns a number."
    )
    with pytest.raises(TypeError) as raised:
        gradients([[inner]], x)
    assert str(raised.value) == "expected a Value for the root of gradients(), got list."


def test_grad_works_inside_no_grad():
    with no_grad():
        assert grad(lambda x: x**2)(3) == 6.0


def test_gradients_touches_no_grad_and_takes_inner_nodes():
    x = Value(2.0, "x")
    inner = x * 3
    y = inner**2
    assert gradients(y, [x, [inner], Value(1)]) == [36.0, [12.0], 0.0]
    assert [node.has_grad for node in (x, inner, y)] == [False] * 3
    slope = gradients(y, x, create_graph=True)
    assert gradients(slope, x) == 18.0
    unrelated = gradients(y, Value(1), create_graph=True)
    assert (unrelated.data, unrelated.kind) == (0.0, "constant")


def test_gradient_is_taken_where_a_value_is_needed():
    with pytest.raises(TypeError, match="as the result of .*, got None. Was a return statement forgotten"):
        grad(lambda x: None)(1.0)
    with pytest.raises(TypeError, match=r"got bool\. A comparison gives True or False, which has no derivative\.$"):
        grad(lambda x: x > 0)(1.0)
    with pytest.raises(TypeError, match=r"as the result of .*, got list. Use jacobian\(\)"):
        grad(lambda x: [x, x])(1.0)
    with pytest.raises(TypeError, match="expected a real number for an argument of rosenbrock, got str"):
        grad(rosenbrock)("1", 2)
    with pytest.raises(ValueError, match="expected at least one number in the arguments of .*, got none"):
        grad(lambda: 1)()
    with pytest.raises(TypeError, match=r"expected a Value for the root of gradients\(\), got float"):
        gradients(2.0, Value(1))
    with pytest.raises(TypeError, match=r"expected Values for the inputs of gradients\(\), got 1.0"):
        gradients(Value(2), 1)
    with pytest.raises(ValueError, match=r"a tangent for each input of jvp\(\), got 2 inputs and 1 tangent"):
        jvp(rosenbrock, (1, 2), (1,))


def test_dual_numbers_compare_convert_and_show_themselves():
    seen = []

    def function(x, y):
        seen.extend([x < y, x <= 2, x > y, x >= 1, bool(x), x.data, x.item(), round(x), f"{x:.1f}", repr(x)])
        return x * y if x < y else x

    assert jvp(function, (2.0, 3.0), (1.0, 0.0)) == (6.0, 3.0)
    assert seen == [True, True, False, True, True, 2.0, 2.0, 2, "2.0", "Dual(2, tangent=1)"]
    with pytest.raises(TypeError):
        jvp(lambda x: x * "a", (1.0,), (1.0,))


def test_a_function_of_math_on_a_dual_number_is_warned_about():
    with pytest.warns(autograd.DetachedWarning, match="only the number of x was used here"):
        assert jvp(lambda x: x * math.tanh(x), (1.0,), (1.0,)) == (math.tanh(1), math.tanh(1))


def test_values_in_the_arguments_are_numbers_without_a_warning():
    x = Value(0.5)
    assert check_gradients(lambda y: y * 2, x)[0].point == 0.5
    assert check_gradients(lambda y: y * x, 2.0)[0].forward == 0.5
    assert autograd.softmax_jacobian([x, x]) == [[0.25, -0.25], [-0.25, 0.25]]
    assert jvp(lambda y: autograd.softmax([y, 0.5])[0], (0.5,), (1.0,)) == (0.5, 0.25)


def test_check_gradients_reports_every_input():
    rows = check_gradients(lambda x, w: (x * w[0]).tanh() + w[1], (0.3, [2.0, 1.0]))
    assert [row.name for row in rows] == ["x", "w[0]", "w[1]"]
    assert all(math.isclose(row.reverse, row.central, rel_tol=1e-9) for row in rows)
    assert check_gradients(autograd.exp, 1.0)[0].reverse == math.e


def test_check_gradients_names_what_disagrees():
    def detached(x, y):
        return x * y.detach() if isinstance(y, Value) else x * y

    with pytest.raises(GradientCheckError, match="in y at 3: reverse mode got 0, central differences expected 2"):
        check_gradients(detached, (2.0, 3.0))


def test_check_gradients_says_that_a_function_is_random():
    draws = iter([1.0, 1.0, 0.5])
    with pytest.raises(GradientCheckError) as raised:
        check_gradients(lambda x: x * next(draws), 3.0)
    assert str(raised.value) == (
        "two evaluations differ: 3 and 1.5 for the same inputs. Does the function use random numbers? Draw them "
        "before, or set the seed inside the function."
    )


@pytest.mark.parametrize(
    ("function", "left", "right"),
    [
        (autograd.relu, "0", "1"),
        (autograd.abs, "-1", "1"),
        (lambda x: autograd.maximum(3 * x, 0), "0", "3"),
        (lambda x: autograd.leaky_relu(x) * 1e4, "100", "10000"),
    ],
)
def test_check_gradients_recognizes_a_kink(function, left, right):
    message = f"has a kink there, its slope is {left}.* on the left and {right}.* on the right"
    with pytest.raises(GradientCheckError, match=message):
        check_gradients(function, 0.0)


@pytest.mark.parametrize(
    ("function", "point"),
    [
        (autograd.sin, 1000.0),
        (lambda z: autograd.softmax(z)[0], ([1000.0, 1001.0],)),
        (autograd.log, 1e-4),
        (lambda x: 1 / x, 1e-5),
        (lambda x: (x * 1e5).sin(), 1.0),
        (autograd.relu, 1e-4),
        (lambda x, a: autograd.elu(x, a), (0.0, 1.0)),
        (lambda x: x**2 * 1e-8, 3.0),
        (lambda x: x.exp() * 1e6, 10.0),
        (lambda x: x.relu() ** 2, 0.0),
        (lambda x: x * x.abs(), 0.0),
        (lambda x: x.relu() ** 1.5, 0.0),
        (lambda x: 1 / x, 1e-6),
        (autograd.log, 1e-9),
        (autograd.sqrt, 1e-10),
        (autograd.abs, 1e-9),
        (lambda x: x * int(x.data) * round(x), 2.6),
    ],
)
def test_check_gradients_passes_what_is_right(function, point):
    check_gradients(function, point)


def test_check_gradients_sees_a_small_gradient_that_is_wrong():
    with pytest.raises(GradientCheckError, match="reverse mode got 3e-08, central differences expected 6e-08"):
        check_gradients(lambda x: Value(x.data) * x * 1e-8, 3.0)
    with pytest.raises(GradientCheckError, match="in x at 1: reverse mode got 1, central differences expected 0.09"):
        check_gradients(lambda x: 1e10 + x - 0.9 * x.detach(), 1.0)
    with pytest.raises(GradientCheckError, match="in x at -1: central differences fail"):
        check_gradients(autograd.sqrt, -1.0)


def test_the_tolerance_of_check_gradients_is_relative():
    def a_thousandth_off(x):
        return x * 1.001 - x.detach() * 0.001

    check_gradients(a_thousandth_off, 1.0, tolerance=1e-2)
    with pytest.raises(GradientCheckError, match="reverse mode got 1.001, central differences expected 1"):
        check_gradients(a_thousandth_off, 1.0, tolerance=1e-4)


def test_check_gradients_of_a_network_and_of_a_function_that_labels():
    mlp = MLP(2, [3, 1], "tanh")
    rows = check_gradients(lambda a, b: mlp([a, b]), (0.5, -1.0))
    assert [row.name for row in rows] == ["a", "b"]

    def labelled(x):
        y = x * x
        y.label = "y"
        assert f"{y:.9f}" == f"{y.data:.9f}"
        return y * y.detach() / y.detach()

    assert jvp(labelled, 3.0, 1.0) == (9.0, 6.0)


def test_inputs_without_names_are_numbered():
    assert [row.name for row in check_gradients(lambda *v: v[0] * v[1], (2.0, 3.0))] == ["input 1", "input 2"]
