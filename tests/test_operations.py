"""Operations that users define: one name in every view, checked derivatives, and a sentence for what cannot be done."""

import copy
import math
import pickle
import re
import subprocess
import sys
import threading
from fractions import Fraction

import pytest
from pseudo_terminal import COMMAND
from test_source import needs_compiler

import viz
from autograd import (
    GradientCheckError,
    Value,
    check_gradients,
    derivative,
    explain,
    hessian,
    jvp,
    lab,
    lines,
    operation,
    replay,
    sigmoid,
    steps,
    tanh,
    what_if,
    where,
)
from nn import MLP, Exercise, FormatError, activation, load, save
from tests.fuzz.c_source import compiled, run_c
from tests.fuzz.python_source import run_python
from viz.stepping.expressions import expression

POINTS = (-2.0, -0.3, 0.4, 1.7)
ADVICE = "Write it with autograd's operations: autograd.exp in place of math.exp, autograd.where in place of if."


@operation(lambda x, z: z + sigmoid(x) * (1 - z), method=True, latex=r"\mathrm{swash}")
def swash(x):
    """x times its sigmoid."""
    return x * sigmoid(x)


@operation(lambda x: math.cos(x))
def wave(x):
    return math.sin(x)


@operation(lambda x, beta: 1 if x > 0 else beta, lambda x, beta: min(x, 0))
def leak(x, beta=0.1):
    return x if x > 0 else beta * x


@operation(lambda x, y: 2 * x * y, lambda x, y: x * x)
def cone(x, y):
    return x * x * y


@operation(lambda x: 3 * x**2)
def cube(x):
    return x**3


def refused(error, function):
    with pytest.raises(error) as caught:
        function()
    return str(caught.value)


@pytest.mark.parametrize("x", POINTS)
def test_values_and_gradients_are_those_of_the_formulas(x):
    a = Value(x)
    y = swash(a) * wave(a)
    y.backward()
    s = 1 / (1 + math.exp(-x))
    assert y.data == pytest.approx(x * s * math.sin(x), rel=1e-14)
    assert a.grad == pytest.approx((s + x * s * (1 - s)) * math.sin(x) + x * s * math.cos(x), rel=1e-13)
    assert [node.op for node in y.operands] == ["swash", "wave"]
    assert swash(x) == swash(a).data == a.swash().data
    method = Value.swash
    assert (method.__name__, method.__qualname__, method.__doc__) == ("swash", "swash", "Return x times its sigmoid.")


def test_two_operands_a_default_and_constants():
    x, beta = Value(-2.0), Value(0.5)
    leak(x, beta).backward()
    assert (x.grad, beta.grad, leak(-2.0)) == (0.5, -2.0, -0.2)
    assert (leak.operand_names, leak.defaults) == (("x", "beta"), (0.1,))
    assert (leak(x, 3).partials, leak(3, beta).partials) == ((3.0, None), (None, 0.0))
    assert check_gradients(cone, (1.5, -0.5))[1].reverse == 2.25


def test_forward_mode_and_second_derivatives():
    assert jvp(wave, (0.4,), (2.0,)) == (math.sin(0.4), 2 * math.cos(0.4))
    assert derivative(lambda x: swash(x) * x, order=2)(0.0) == pytest.approx(1.0)  # 2 swash'(0) = 1
    assert hessian(lambda v: cone(v[0], v[1]))([3.0, 5.0]) == [[10.0, 6.0], [6.0, 0.0]]
    assert derivative(leak, order=2)(-1.0) == 0.0


def test_a_derivative_in_python_code_cannot_be_differentiated_again():
    message = (
        "the derivative of wave in x is Python code that cannot be differentiated again. It turns a Value into a plain "
        f"number. {ADVICE}"
    )
    assert refused(TypeError, lambda: derivative(wave, order=2)(1.0)) == message
    assert refused(TypeError, lambda: jvp(lambda x: derivative(wave)(x), (1.0,), (1.0,))) == message


def test_a_derivative_made_of_own_operations_can_be_differentiated_again():
    cowave = operation(lambda x: -wave(x), name="cowave")(lambda x: math.cos(x))
    again = operation(lambda x: cowave(x), name="wave2")(lambda x: math.sin(x))
    assert derivative(again, order=2)(0.7) == -math.sin(0.7)


def test_its_name_stands_in_steps_lines_pictures_and_latex():
    x = Value(0.5, "x")
    loss = wave(swash(x)) ** 2
    assert [step.op for step in steps(loss) if hasattr(step, "op")] == ["swash", "wave", "pow"]
    written = {line.name: line.symbols for line in lines(loss)}
    assert written["loss"] == "wave(v1)**2"
    assert written["dloss/dv1"] == "2*wave(v1)*wave'(v1)"
    assert written["dloss/dx"] == "dloss/dv1*(v1 + sigmoid(x)*(1 - v1))"
    assert r"\mathrm{wave}'(v_{1})" in viz.derivation(loss)
    assert "swash" in viz.draw(loss).source
    assert "swash" in str(explain(x, loss))


def test_two_operands_name_their_derivatives():
    x, beta = Value(-2, "x"), Value(0.5, "beta")
    [slope] = [line.symbols for line in lines(leak(x, beta)) if line.name == "dloss/dbeta"]
    assert slope == "leak'_beta(x, beta)"
    assert r"\mathrm{leak}'_{\text{beta}}(x, \beta)" in viz.derivation(leak(x, beta))


@pytest.mark.parametrize("x", POINTS)
def test_a_replay_and_its_batch_give_the_bits_of_the_call(x):
    def function(a):
        return wave(a) * swash(a) + leak(a)

    again = replay(function)
    again(0.1)
    a, b = Value(x), Value(x)
    function(a).backward()
    again(b).backward()
    assert (again(x).data, b.grad) == (function(Value(x)).data, a.grad)
    assert list(again.batch([[x], [0.5]]).values) == [function(Value(x)).data, function(Value(0.5)).data]


def test_a_formula_of_the_tables_operations_works_in_other_languages():
    fast = replay(lambda x: swash(x) * 2)
    x = Value(0.3)
    fast(x).backward()
    value, [slope], _ = run_python(fast, "function", [0.3], [])
    assert (value, slope) == pytest.approx((fast(x).data, x.grad), rel=1e-15)
    assert "swash" in viz.player(swash(Value(1.0, "x"))).html


@needs_compiler
def test_it_works_in_c(tmp_path):
    fast = replay(lambda x: swash(x) * 2)
    x = Value(0.3)
    fast(x).backward()
    value, [slope], _ = run_c(compiled(fast.source(language="c"), tmp_path), "function", [0.3], [])
    assert (value, slope) == pytest.approx((fast(x).data, x.grad), rel=1e-15)


def test_python_code_says_where_it_cannot_go():
    fast = replay(lambda x: wave(x) * 2)
    fast(0.3)

    def message(name, language):
        return f"{name} is Python code of your own, so it cannot become a part of a {language} program. {ADVICE}"

    assert refused(ValueError, fast.source) == message("wave", "Python")
    assert refused(ValueError, lambda: fast.source(language="c")) == message("wave", "C99")
    assert refused(ValueError, lambda: viz.player(wave(Value(1.0)))) == message("wave'", "JavaScript")
    assert viz.draw(wave(Value(1.0))).source  # nothing else is harmed


def test_fractions():
    assert cone(Fraction(1, 3), 2) == Fraction(2, 9)
    exact = lines(cone(Value(0.5, "x"), 2), exact=True)
    assert [(line.numbers, line.result) for line in exact] == [("cone(1/2, 2)", Fraction(1, 2)), ("4*(1/2)", 2)]


def test_a_decimal_in_its_formula_is_a_fraction_too():
    op = operation(lambda x: where(x > 0, 1, 0.1), name="leaking")(lambda x: where(x > 0, x, 0.1 * x))
    exact = lines(op(Value(-2, "x")), exact=True)
    assert [line.result for line in exact] == [Fraction(-1, 5), Fraction(1, 10)]
    assert refused(ValueError, lambda: what_if(swash(Value(1, "x")), {"x": 2}, exact=True)) == (
        "v1 = swash(x) is not computed exactly: sigmoid(1) cannot be computed exactly as a fraction. Leave out "
        "exact=True."
    )


def test_the_lab_leaves_its_derivative_out():
    comparison = lab.run("no-derivative", 3 * cube(Value(2, "x")))
    assert comparison.sentence == (
        "the derivative of cube was left out: v2 passed 3 on to x as it was, instead of 3*12 = 36."
    )


def test_its_plot_has_its_formulas():
    plot = viz.activation(cube, at=2)
    assert plot.figure.get_suptitle().split("\n")[1:] == ["$f(x) = $$x^{3}$", r"$f\,'(x) = $$3 \cdot x^{2}$"]
    assert repr(plot) == """<Plot 'cube': at 2 it is 8, with the slope 12; save("plot.svg") writes it>"""
    assert repr(viz.activation("wave")).startswith("<Plot 'wave':")


def test_the_prompt_computes_with_it():
    operation(lambda x: 1 / x, name="ln", domain=(0.1, 4))(lambda x: math.log(x))
    stepper = viz.Stepper(cube(Value(2, "x")))
    assert stepper.set("x", "cube(-1) + 3").data("x") == 2
    assert math.isnan(expression(stepper, "ln(-x)").value(stepper))  # its code has no number here
    assert refused(ValueError, lambda: stepper.watch("cubes(x)")) == "there is no function 'cubes'; try cube."


def test_an_equality_is_no_formula():
    def sinc(x):
        return 1 if x == 0 else math.sin(x) / x

    op = operation(lambda x: 0 if x == 0 else math.cos(x) / x - math.sin(x) / x**2, name="sinc")(sinc)
    assert (op.value, op(0.0), op(Value(0.0)).data) == (None, 1.0, 1.0)
    zero = operation(lambda x: 0, name="is_zero", check=False)(lambda x: 1 if x == 0 else 0)
    assert (zero.value, zero(0.0)) == (None, 1.0)


def test_where_is_a_formula():
    hinge = operation(lambda x: where(x < 1, -1, 0), name="hinge_of")(lambda x: where(x < 1, 1 - x, 0))
    x = Value(-2.0, "x")
    loss = hinge(x)
    loss.backward()
    assert (loss.data, x.grad, hinge.value is not None) == (3.0, -1.0, True)


def test_a_new_definition_replaces_the_name_and_old_graphs_keep_theirs():
    first = operation(lambda x: 2 * x, name="bend", method=True)(lambda x: x * x)
    x = Value(3.0, "x")
    old = first(x)
    operation(lambda x: 3 * x * x, name="bend")(lambda x: x * x * x)
    assert (old.op, x.bend().data, activation("bend")([2])) == ("bend", 27.0, [8.0])
    old.backward()
    assert x.grad == 6.0
    assert [line.numbers for line in lines(old)] == ["bend(3)", "2*3"]
    assert [line.result for line in lines(copy.deepcopy(old))] == [9.0, 6.0]
    assert "(x) => x * x," in viz.player(old).html.replace("value: ", "")


def test_copies_pickle_and_another_process(tmp_path):
    graph = wave(swash(Value(0.5, "x")))
    for copied in (copy.deepcopy(graph), pickle.loads(pickle.dumps(graph))):
        assert (copied.op, copied.data, copied.operands[0].op) == ("wave", graph.data, "swash")
    assert pickle.loads(pickle.dumps(swash)) is swash
    (tmp_path / "graph").write_bytes(pickle.dumps(graph))
    script = "import pickle, pathlib, sys; pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "graph")], capture_output=True, text=True, check=False
    )
    assert re.search(
        r"ValueError: there is no operation '(swash|wave)'; try .*\. If it is an operation of your own, run its "
        r"definition first\.$",
        done.stderr.strip(),
    )


def test_threads_may_define_and_use_operations():
    found = {}

    def work(number):
        op = operation(lambda x: number, name=f"times_{number}")(lambda x: number * x)
        x = Value(2.0)
        op(x).backward()
        found[number] = x.grad, op(3.0), op(x).op

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: (number, 3.0 * number, f"times_{number}") for number in range(1, 9)}


@pytest.mark.parametrize(
    ("error", "define", "message"),
    [
        (
            GradientCheckError,
            lambda: operation(lambda x: x, name="square")(lambda x: x * x),
            (
                "the derivative of square in x is -2.22 at x = -2.22, but central differences give -4.44. Correct it, "
                "or define it as it is with check=False."
            ),
        ),
        (
            GradientCheckError,
            lambda: operation(lambda x: math.nan, name="same")(lambda x: x),
            (
                "the derivative of same in x is nan at x = -2.22, but central differences give 1. Correct it, or "
                "define it as it is with check=False."
            ),
        ),
        (
            GradientCheckError,
            lambda: operation(lambda x, y: y, lambda x, y: y, name="area")(lambda x, y: x * y),
            (
                "the derivative of area in y is 0.12 at x = -2.22, y = 0.12, but central differences give -2.22. "
                "Correct it, or define it as it is with check=False."
            ),
        ),
        (
            ValueError,
            lambda: operation(lambda x: 1 / x, name="ln")(lambda x: math.log(x - 5)),
            (
                "ln gives no finite numbers between -3 and 3, so its derivatives cannot be checked there. Name an "
                "interval where it does: domain=(low, high)."
            ),
        ),
        (
            ValueError,
            lambda: operation(lambda x: 1 / x, name="ln", domain=(-1, 1))(lambda x: math.log(x)),
            "ln gives no finite number at x = -0.74, inside of its domain.",
        ),
        (
            TypeError,
            lambda: operation(lambda x: 1, name="forgot")(lambda x: None),
            "expected a real number for the result of forgot, got None. Was a return statement forgotten?",
        ),
        (
            TypeError,
            lambda: operation(name="square")(lambda x: x * x),
            "square(x) has 1 operand, got 0 derivatives. Give one for each operand: @operation(lambda x: ...).",
        ),
        (
            TypeError,
            lambda: operation(lambda x, y: y, name="area")(lambda x, y: x * y),
            (
                "area(x, y) has 2 operands, got 1 derivative. Give one for each operand: @operation(lambda x, y: ..., "
                "lambda x, y: ...)."
            ),
        ),
        (
            TypeError,
            lambda: operation(lambda: 1, name="area")(lambda x: x),
            (
                "the derivative of area(x) in x takes 0 numbers; expected the operands, x, and if you like the result "
                "after them."
            ),
        ),
        (
            TypeError,
            lambda: operation(2, name="twice")(lambda x: 2 * x),
            "expected a function for the derivative of twice(x) in x, got int. Write lambda x: 2.",
        ),
        (
            TypeError,
            lambda: operation(lambda x: 1, name="many")(lambda x, y, z: x),
            (
                "expected one or two operands for an operation, got many(x, y, z). Compute more of them by several "
                "operations, one after the other."
            ),
        ),
        (
            TypeError,
            lambda: operation(lambda x: 1 / x, name="ln")(math.log),
            "Python does not tell the operands of log. Write lambda x: log(x).",
        ),
        (
            ValueError,
            lambda: operation(lambda x: 1 - x * x, name="tanh")(lambda x: x),
            "the table has an operation tanh already. Choose another name, such as my_tanh.",
        ),
        (
            ValueError,
            lambda: operation(lambda x: 1, name="data", method=True)(lambda x: x),
            "a Value has an attribute data already. Choose another name, such as my_data.",
        ),
        (
            ValueError,
            lambda: operation(lambda x: 1)(lambda x: x),
            "expected a name for the operation, got '<lambda>'. Give it one: name=\"swish\".",
        ),
        (
            ValueError,
            lambda: operation(lambda x: 1, name="same", domain=(3, 1))(lambda x: x),
            "expected an interval (low, high) with low < high as the domain, got (3, 1).",
        ),
        (
            TypeError,
            lambda: operation(lambda x: x * x)(3.0),
            (
                "expected a function for an operation, got float. Write @operation(lambda x: ...) above it, with the "
                "local derivative of each operand."
            ),
        ),
        (TypeError, lambda: swash(1, 2), "expected 1 operand for swash(x), got 2."),
    ],
)
def test_what_is_wrong_gets_a_sentence(error, define, message):
    assert refused(error, define) == message


def test_an_unchecked_wrong_derivative_is_as_it_was_defined():
    wrong = operation(lambda x: 1, name="wrong", check=False)(lambda x: x * x)
    x = Value(3.0)
    wrong(x).backward()
    assert x.grad == 1.0


def test_an_error_in_its_code_says_with_which_numbers():
    ln = operation(lambda x: 1 / x, name="ln", domain=(0.1, 4))(lambda x: math.log(x))
    with pytest.raises(ValueError, match="math domain error|positive") as caught:
        ln(Value(-1.0))
    assert caught.value.__notes__ == ["This was the result of ln at x = -1."]


def test_the_command_line_says_with_which_numbers_too(tmp_path):
    (tmp_path / "own.py").write_text(
        "import math\n"
        "from autograd import Value, operation\n"
        "@operation(lambda x: math.exp(x))\n"
        "def grow(x): return math.exp(x)\n"
        "def loss(): return grow(Value(2, 'x')) * 3\n"
        "def fails(): return grow(Value(1000, 'x'))\n"
    )

    def told(name, stdin=""):
        command = [*COMMAND, "step", f"own.py:{name}"]
        done = subprocess.run(command, cwd=tmp_path, input=stdin, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).splitlines()

    error = ["math range error", "This was the result of grow at x = 1000."]
    assert told("loss", "set x = 1000\nq\n")[2:] == ["(step) set x = 1000", *error, "(step) q"]
    assert told("fails") == [f"gradstep: line 4 of own.py raised OverflowError: {error[0]}", error[1]]


def test_a_subclass_of_value_is_answered():
    message = (
        "Swish cannot be a subclass of Value, because operations always return plain Values. Make your own operation "
        "by autograd.operation, as a method by operation(..., method=True)."
    )
    assert refused(TypeError, lambda: type("Swish", (Value,), {})) == message


@pytest.mark.parametrize("chosen", [swash, "swash", Value.swash, lambda x: x * sigmoid(x)])
def test_a_network_has_it_as_its_activation(chosen):
    mlp = MLP(2, [3, 1], chosen, seed=1)
    expected = MLP(2, [3, 1], "silu", seed=1)
    assert mlp([0.5, -1.0]).data == pytest.approx(expected([0.5, -1.0]).data, rel=1e-14)


@pytest.mark.parametrize("chosen", [Value.tanh, tanh, "Tanh"])
def test_a_function_of_autograd_is_the_activation_with_its_name(chosen):
    mlp = MLP(2, [3, 1], chosen)
    assert mlp.layers[0].activation.settings == {}
    assert repr(mlp) == "MLP(2 -> 3 tanh -> 1 linear, 13 parameters)"


@pytest.mark.filterwarnings("ignore::autograd.DetachedWarning")
@pytest.mark.parametrize(("function", "name"), [(math.tanh, "tanh"), (lambda x: math.tanh(x), "lambda")])
def test_a_function_of_math_is_no_activation(function, name):
    assert refused(TypeError, lambda: MLP(2, [3, 1], function)([1.0, 2.0])) == (
        f"the activation {name} returned float for a Value. In place of a function of math, use that of autograd, such "
        "as autograd.tanh."
    )


def test_a_saved_network_names_its_operation(tmp_path):
    mlp = MLP(2, [3, 1], swash, seed=1)
    path = save(mlp, tmp_path / "mlp.json")
    assert load(path)([0.5, -1.0]).data == mlp([0.5, -1.0]).data
    path.write_text(path.read_text(encoding="utf-8").replace("swash", "swosh"), encoding="utf-8")
    message = refused(FormatError, lambda: load(path))
    assert "layers[0].activation: there is no activation 'swosh'; try" in message
    assert message.endswith("If it is an operation of your own, run its definition first.")
    own = MLP(2, [3, 1], lambda x: x * x)
    assert refused(TypeError, lambda: save(own, path)).startswith(
        "the activation of layers[0] is Activation('lambda'), your own function. Use one of linear, "
    )


def test_an_exercise_has_it_as_its_activation():
    exercise = Exercise(weights=[[[1, 2]], [[2]]], inputs=[1, -1], target=1, eta=0.1, activation=[swash, "linear"])
    same = Exercise(weights=[[[1, 2]], [[2]]], inputs=[1, -1], target=1, eta=0.1, activation=["silu", "linear"])
    results = [line.result for line in exercise.solve().lines]
    assert results == pytest.approx([line.result for line in same.solve().lines], rel=1e-14)
