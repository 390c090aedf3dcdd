"""Lines of a pass: every line is true, for graphs of any kind and for exercises as they are taught."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings

import autograd
from autograd import Naming, Value, constant, gradients, lines, parameter, replay, steps
from autograd.passes.lines import headed
from autograd.passes.wording import describe
from autograd.symbols.expression import text
from nn import READY, SGD, Adam, Exercise, Unit
from nn.exercises.given import Choice, number_of
from nn.exercises.sheet import definition
from tests.fuzz.lines import MATH, assert_true, read
from tests.test_random_graphs import points, programs, run
from viz import Stepper, derivation
from viz.commands.cli import main
from viz.terminal.exercises import make_console, print_exercise

# --- Any graph -------------------------------------------------------------------------------------------------------


@given(programs, points)
@settings(max_examples=300, deadline=None)
def test_every_line_of_a_random_graph_is_true(program, point):
    inputs = [Value(x, f"x{place}") for place, x in enumerate(point)]
    root = run(program, inputs)
    assume(root.kind == "computed")
    found = lines(root)
    assume(all(abs(number) < 1e6 for line in found for number in (*line.known.values(), line.result)))
    assert_true(found)
    root.backward()
    by_name = {line.name: line.result for line in found}
    own = found[[line.part for line in found].index("loss")].name
    for x in inputs:
        name = f"d{own}/d{x.label}"
        if name in by_name:
            assert math.isclose(by_name[name], x.grad or 0.0, rel_tol=1e-12, abs_tol=1e-12)


def test_names_that_a_student_gave_are_the_names_of_the_lines():
    x, w, b = Value(0.5, "x"), Value(2, "w"), Value(-1.25, "b")
    z = x * w + b
    z.label = "z"
    assert [str(line) for line in lines(z.tanh() ** 2)] == [
        "z = x*w + b = 0.5*2 + (-1.25) = -0.25",
        "v5 = tanh(z) = tanh(-0.25) = -0.244919",
        "loss = v5**2 = (-0.244919)**2 = 0.0599852",
        "dloss/dv5 = 2*v5 = 2*(-0.244919) = -0.489837",
        "dloss/dz = dloss/dv5*(1 - v5**2) = (-0.489837)*(1 - (-0.244919)**2) = -0.460454",
        "dloss/dx = dloss/dz*w = (-0.460454)*2 = -0.920909",
        "dloss/dw = dloss/dz*x = (-0.460454)*0.5 = -0.230227",
        "dloss/db = dloss/dz = -0.460454",
    ]


def test_a_power_has_no_guards_and_a_kink_shows_its_choice():
    x, y = Value(3, "x"), Value(2, "y")
    assert [str(line) for line in lines(x**y)][1:] == [
        "dloss/dx = y*x**(y - 1) = 2*3**(2 - 1) = 6",
        "dloss/dy = loss*log(x) = 9*log(3) = 9.88751",
    ]
    zero = Value(0, "n")
    assert [str(line) for line in lines(x**zero)][1:] == ["dloss/dx = 0", "dloss/dn = loss*log(x) = 1*log(3) = 1.09861"]
    [_, slope] = lines(x.relu())
    assert str(slope) == "dloss/dx = 1, since x > 0"
    assert (slope.expression, slope.as_json()["since"]) == ("0.0 if 3.0 <= 0.0 else 1.0", "x > 0")


def test_the_numbers_in_a_derivative_of_a_derivative_are_computed():
    x, w = Value(3, "x"), Value(2, "w")
    first = gradients((x * w).tanh() ** 2, w, create_graph=True)
    assert [str(line) for line in lines(first)][:3] == [
        "v5 = tanh(x*w) = tanh(3*2) = 0.999988",
        "loss = 2*v5*(1 - v5*v5)*x = 2*0.999988*(1 - 0.999988*0.999988)*3 = 0.000147457",
        "dloss/dv5 = 2*x*(1 - v5*v5) - 4*x*v5*v5 = 2*3*(1 - 0.999988*0.999988) - 4*3*0.999988*0.999988 = -11.9996",
    ]
    assert_true(lines(first))
    second = gradients(gradients(x**3, x, create_graph=True), x, create_graph=True)
    assert [str(line) for line in lines(second)] == ["loss = 3*(2*x) = 3*(2*3) = 18", "dloss/dx = 6"]
    assert str(lines(w * 1 + x**1)[0]) == "loss = w*1 + x**1 = 2*1 + 3**1 = 5"


def test_a_sum_of_thousands_of_terms_is_one_line():
    leaves = [Value(place, f"x{place}") for place in range(3000)]
    total, *rest = lines(autograd.sum(leaves))
    assert total.symbols == " + ".join(f"x{place}" for place in range(3000))
    assert (total.result, {line.result for line in rest}) == (sum(range(3000)), {1.0})
    assert total.expression == " + ".join(f"{place}.0" for place in range(3000))
    assert repr(lines(autograd.sum(leaves), exact=True)[0].result) == f"Fraction({sum(range(3000))}, 1)"


def test_a_deep_graph_is_cut_into_lines_that_can_be_read():
    x = y = Value(0.3, "x")
    for _ in range(2000):
        y = y * 0.99 + 0.01
    found = lines(y)
    assert max(len(line.symbols) for line in found) < 120
    assert math.isclose(found[-1].result, 0.99**2000, rel_tol=1e-9)
    assert_true(found)
    assert not x.has_grad


def test_the_tape_is_not_changed_and_nothing_is_read_from_old_numbers():
    w = Value(2, "w")
    loss = w * w
    lines(loss)
    assert (w.has_grad, loss.has_grad, loss.label) == (False, False, None)
    w.data = 3
    with pytest.raises(ValueError, match="a leaf was changed after the loss was computed"):
        lines(loss)


def test_what_has_no_lines():
    with pytest.raises(TypeError, match="expected a Value, an Exercise or a Solution, got float"):
        lines(3.0)
    with pytest.raises(ValueError, match="was not computed from any Value that varies"):
        lines(constant(2) * 3)
    with pytest.raises(ValueError, match="an exercise has its own names; give no naming with it"):
        lines(READY["relu"](), naming=Naming())
    with pytest.raises(ValueError, match="give no optimizer with it"):
        lines(READY["relu"](), optimizer=SGD([Value(1)], lr=0.1))


def test_a_replay_is_one_line():
    square = replay(lambda x: x * x)
    x = Value(3, "x")
    first, second = lines(square(x) + 0.0 * x)[:2]
    assert (str(first), first.expression, second.name) == ("v1 = replay(x) = 9", "9.0", "loss")


def test_an_optimizer_that_shows_no_formulas_has_one_line_of_numbers():
    class Signs:
        def __init__(self, parameters):
            self.parameters = parameters

        def step(self):
            for each in self.parameters:
                each.data -= 0.5 if each.grad > 0 else -0.5

    w = Value(2, "w")
    assert str(lines(w * w, optimizer=Signs([w]))[-1]) == "w_new = w - 0.5 = 2 - 0.5 = 1.5"


def test_an_object_that_is_no_optimizer_is_refused():
    with pytest.raises(TypeError, match=r"^expected an optimizer, with parameters and step\(\), got int\.$"):
        lines(Value(2, "w") * 3, optimizer=5)


def test_a_parameter_may_be_called_result():
    w = Value(2, "result")
    [update] = [line for line in lines(w * w, optimizer=SGD([w], lr=0.25)) if line.part == "update"]
    assert str(update) == "result_new = result - lr*dloss/dresult = 2 - 0.25*4 = 1"


def test_momentum_tells_old_and_new_numbers_apart():
    w = parameter(2, "w")
    optimizer = SGD([w], lr=0.1, momentum=0.5, weight_decay=0.25)
    (w * w).backward()
    optimizer.step()
    assert [str(line) for line in lines(w * w, optimizer=optimizer) if line.part == "update"] == [
        "g_w = dloss/dw + decay*w = 3.1 + 0.25*1.55 = 3.4875",
        "velocity_w_new = mu*velocity_w + g_w = 0.5*4.5 + 3.4875 = 5.7375",
        "w_new = w - lr*velocity_w_new = 1.55 - 0.1*5.7375 = 0.97625",
    ]


# --- The exercises of other people -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READY)
def test_every_line_of_the_ready_exercises_is_true_for_a_program_of_ten_lines(name, capsys):
    assert main(["exercise", name, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["lines"]
    for line in report["lines"]:
        value = eval(line["expression"], {"__builtins__": {}}, MATH)
        assert math.isclose(value, line["result"], rel_tol=1e-12, abs_tol=1e-15), line
    new = {line["name"].removesuffix("_new"): line["result"] for line in report["lines"] if line["part"] == "update"}
    assert new == {name: number for name, number in report["weights"]["after"].items() if name in new}


def results(exercise):
    return {line.name: line.result for line in exercise.solve().lines}


def test_E1_the_step_by_step_example():
    exercise = READY["mazur"]()
    found = results(exercise)
    assert math.isclose(found["out_o1"], 0.75136507, rel_tol=1e-8)
    assert math.isclose(found["out_o2"], 0.772928465, rel_tol=1e-8)
    assert math.isclose(found["E"], 0.298371109, rel_tol=1e-8)
    printed = "0.149780716 0.19956143 0.24975114 0.29950229 0.35891648 0.408666186 0.511301270 0.561370121"
    after = exercise.solve().after
    assert list(after) == [f"w{place}" for place in range(1, 9)]
    assert [*after.values()] == pytest.approx([*map(float, printed.split())], rel=2e-8)
    assert math.isclose(exercise.iterate(2)[1].loss, 0.29102777369, rel_tol=1e-10)


def test_E1_with_biases_that_two_units_share():
    given = READY["mazur"]()
    exercise = Exercise(
        given.weights, given.inputs, given.target, 0.5, biases=given.biases, units=given.units, activation="sigmoid"
    )
    first, second = exercise.iterate(2)
    assert math.isclose(first.after["b1"], 0.340637195, rel_tol=1e-8)
    assert math.isclose(first.after["b2"], 0.549799837, rel_tol=1e-8)
    assert math.isclose(second.loss, 0.28575088670, rel_tol=1e-10)
    [line] = [line for line in first.lines if line.name == "b2_new"]
    assert line.symbols == "b2 - eta*(delta_o1 + delta_o2)"
    assert_true(first.lines)


def test_E2_softmax_with_cross_entropy():
    exercise = READY["softmax"]()
    found = results(exercise)
    numbers = {
        "z[1]_1": 0.3, "z[1]_2": 0.8, "a[1]_1": 0.2913126125, "a[1]_2": 0.6640367703,
        "a[2]_1": 0.2531790634, "a[2]_2": 0.4542457739, "a[2]_3": 0.2925751627, "L": 0.7891168751,
        "dz[2]_1": 0.2531790634, "dz[2]_2": -0.5457542261, "dz[2]_3": 0.2925751627,
        "dz[1]_1": 0.56894792, "dz[1]_2": -0.3148559082, "dW[2]_11": 0.0737542544, "dW[2]_12": 0.1681202075,
        "dW[2]_21": -0.1589850893, "dW[2]_22": -0.3624008736, "dW[2]_31": 0.085230835, "dW[2]_32": 0.1942806661,
        "dW[1]_11": 0.56894792, "dW[1]_12": 0.56894792, "dW[1]_21": -0.3148559082, "dW[1]_22": -0.3148559082,
    }  # fmt: skip
    assert {name: found[name] for name in numbers} == pytest.approx(numbers, abs=5e-10)
    symbols = {line.name: line.symbols for line in exercise.solve().lines}
    assert symbols["dz[2]_2"] == "a[2]_2 - t2"
    assert symbols["a[2]_1"] == "e[2]_1/s"
    one_hot = READY["softmax"]().weights
    again = Exercise(
        one_hot, [1, 1], [0, 1, 0], 0.1, biases=exercise.biases, units=exercise.units,
        activation=["tanh", "softmax"], loss="cross_entropy",
    )  # fmt: skip
    assert again.solve().after == exercise.solve().after


def test_E3_a_batch():
    found = results(READY["batch"]())
    numbers = {
        "a[2]_1(1)": 1, "a[2]_1(2)": -0.25, "a[2]_1(3)": 2.25, "a[2]_1(4)": -0.25, "L": 1.046875,
        "dW[1]_11": 1, "dW[1]_12": -0.25, "dW[1]_21": -1.5, "dW[1]_22": 2.25, "db[1]_1": 2, "db[1]_2": 0.375,
        "dW[2]_11": 0.8125, "dW[2]_12": -0.09375, "db[2]_1": 0.375,
    }  # fmt: skip
    assert {name: found[name] for name in numbers} == numbers


def test_E4_the_smallest_shared_weight():
    exercise = READY["shared"]()
    [line] = [line for line in exercise.solve().lines if line.part == "update"]
    assert str(line) == "w_new = w - eta*d*(x1 + x2) = 0.5 - 0.1*0.5*(1 + 2) = 0.35"
    assert exercise.solve().gradients == {"w": 1.5}


def test_an_update_after_each_example_goes_through_the_examples_in_turn():
    exercise = Exercise({"w12": 2}, [[1], [3]], [1, -1], 0.1, activation="linear", update="each")
    w, expected = 2.0, []
    for x, y in [(1, 1), (3, -1), (1, 1)]:
        w -= 0.1 * (w * x - y) * x
        expected.append(w)
    found = exercise.iterate(3)
    assert [solution.after["w12"] for solution in found] == pytest.approx(expected, rel=1e-15)
    assert [solution.values["x1"].data for solution in found] == [1.0, 3.0, 1.0]


def test_fractions_in_texts_are_the_nearest_floats_and_are_kept():
    exercise = Exercise({"w12": "1/3"}, ["0,5"], "\N{MINUS SIGN}2", "1/10", activation="linear")
    assert (exercise.weights["w12"], exercise.inputs["x1"], exercise.target["y"], exercise.eta) == (1 / 3, 0.5, -2, 0.1)
    assert {name: str(number) for name, number in exercise.fractions.items()} == {"w12": "1/3", "eta": "1/10"}


def test_headings_say_update_where_the_updates_come_last():
    def of(name):
        return list(dict.fromkeys(heading for heading, _ in headed(READY[name]().solve().lines)))

    assert of("relu") == ["Forward", "Loss", "Backward"]
    assert of("softmax") == ["Forward", "Loss", "Backward", "Update"]


def test_the_losses_of_the_examples_stand_with_the_loss():
    found = headed(READY["batch"]().solve().lines)
    assert [line.name for heading, line in found if heading == "Loss"] == ["L(1)", "L(2)", "L(3)", "L(4)", "L"]


def test_a_slope_that_bends_is_a_number_of_its_own():
    def slope_lines(activation):
        exercise = Exercise({"w12": 2}, [-0.1], 0, 0.1, activation=activation)
        return [str(line) for line in exercise.solve().lines if "'" in line.name]

    assert slope_lines("tanh") == ["F'(x2) = 1 - tanh(x2)**2 = 1 - tanh(-0.2)**2 = 0.961043"]
    assert slope_lines("sigmoid") == ["F'(x2) = F(x2)*(1 - F(x2)) = F(-0.2)*(1 - F(-0.2)) = 0.247517"]
    assert slope_lines("softplus") == ["F'(x2) = 1/(1 + exp(-x2)) = 1/(1 + exp(-(-0.2))) = 0.450166"]
    assert slope_lines({"elu": {"alpha": 2}}) == ["F'(x2) = 2*exp(x2) = 2*exp(-0.2) = 1.63746, since x2 <= 0"]
    assert (
        slope_lines("prelu")
        == slope_lines("relu")
        == slope_lines({"leaky_relu": {"slope": 0.3}})
        == slope_lines("linear")
        == []
    )


def test_a_line_shows_the_side_of_a_choice_that_is_taken():
    def delta(target, score):
        exercise = Exercise({"w12": 1}, [score], target, 0.1, activation="linear", loss="hinge")
        [found] = [line for line in exercise.solve().lines if line.name == "delta2"]
        assert_true([found])
        return str(found)

    assert delta(1, 2) == "delta2 = 0, since 1 - y*y2 <= 0"
    assert delta(-1, 2) == "delta2 = -y*F'(x2) = -(-1)*F'(2) = 1, since 1 - y*y2 > 0"
    x, y = Value(-2, "x"), Value(3, "y")
    assert [str(line) for line in lines(abs(x) * y + y.relu())][1:] == [
        "dloss/dx = -y = -3, since x < 0",
        "dloss/dy = abs(x) + 1 = abs(-2) + 1 = 3, since y > 0",
    ]


def test_a_product_that_is_0_says_one_reason_and_a_sum_says_all():
    x, y = Value(-2, "x"), Value(-3, "y")
    found = [str(line) for line in lines((x.relu() * y.relu() + (x + y).relu()) * 1.0, naming=Naming(labels_only=True))]
    assert found[1:] == [
        "dloss/dx = 0, since x <= 0 and x + y <= 0",
        "dloss/dy = 0, since y <= 0 and x + y <= 0",
    ]


def test_a_choice_of_no_number_is_shown_in_full():
    x = Value(math.nan, "x")
    assert str(lines(x.relu() * 2)[-1]).startswith("dloss/dx = 2*(0 if x <= 0 else 1) = ")


def test_elu_and_its_slope_ask_the_same_question():
    for _, formula in definition("F", Choice("elu", {})):
        assert text(formula).partition(" if ")[2] in ("x <= 0 else x", "x <= 0 else 1")


def test_lines_in_fractions():
    exercise = Exercise({"w12": "1/3"}, ["0,5"], -2, "1/10", activation="linear", exact=True)
    assert [str(line) for line in exercise.solve().lines] == [
        "x2 = x1*w12 = 1/2*(1/3) = 1/6",
        "y2 = F(x2) = F(1/6) = 1/6",
        "loss = 1/2*(y2 - y)**2 = 1/2*(1/6 - (-2))**2 = 169/72",
        "delta2 = (y2 - y)*F'(x2) = (1/6 - (-2))*F'(1/6) = 13/6",
        "w12_new = w12 - eta*delta2*x1 = 1/3 - 1/10*(13/6)*(1/2) = 9/40",
    ]
    for solution in replace(READY["second"](), exact=True).iterate(3):
        assert all(isinstance(line.result, Fraction) for line in solution.lines)
        assert solution.lines[6].as_json()["exact"] == str(solution.lines[6].result)
    mixed = {
        line.name: line.result
        for line in Exercise({"w12": "1/3"}, [1], 2, 0.1, activation="tanh", exact=True).solve().lines
    }
    assert (mixed["x2"], mixed["y2"]) == (Fraction(1, 3), math.tanh(1 / 3))


def test_a_softmax_that_is_rounded_to_0_keeps_its_loss_and_its_lines():
    exercise = Exercise([[[900.0, -0.3], [0.2, 0.8]]], [1, 2], 1, 0.1, activation="softmax", loss="cross_entropy")
    solution = exercise.solve()
    assert solution.predictions == (1.0, 0.0)
    assert math.isclose(solution.loss, 899.4 - 1.8, rel_tol=1e-12)
    assert solution.lines[8].symbols == "-(t1*(z[1]_1 - z_max - log(s)) + t2*(z[1]_2 - z_max - log(s)))"
    assert [solution.gradients[name] for name in ("W[1]_11", "W[1]_21")] == [1.0, -1.0]
    assert_true(solution.lines)


def test_the_terminal_prints_the_weights_of_an_exact_exercise_as_fractions(capsys):
    exercise = Exercise({"w12": "-1/3"}, [1], 1, 0.1, activation="linear", exact=True)
    print_exercise(make_console(), exercise, [exercise.solve()])
    out = capsys.readouterr().out
    assert "  weights        w12 = -1/3\n" in out
    assert out.splitlines()[-2].split() == ["│", "w12", "│", "-1/3", "│", "-4/3", "│", "-1/5", "│"]


def test_the_largest_of_three_scores_is_written_as_one_maximum():
    weights = [[[1, 1], [800, 2], [3, 4]]]
    exercise = Exercise(weights, [1, 2], 1, 0.1, activation="softmax", loss="cross_entropy")
    [line] = [line for line in exercise.solve().lines if line.name == "z_max"]
    assert str(line) == "z_max = max(z[1]_1, z[1]_2, z[1]_3) = max(3, 804, 11) = 804"


def test_a_setting_of_an_activation_that_is_a_fraction_stays_one():
    for activation in ({"leaky_relu": {"slope": "1/3"}}, {"linear": {"a": "1/3"}}):
        exercise = Exercise({"w12": "1/2"}, [-1], 0, "1/10", activation=activation, exact=True)
        assert [str(line) for line in exercise.solve().lines][1:] == [
            "y2 = F(x2) = F(-1/2) = -1/6",
            "loss = 1/2*(y2 - y)**2 = 1/2*(-1/6 - 0)**2 = 1/72",
            "delta2 = (y2 - y)*F'(x2) = (-1/6 - 0)*F'(-1/2) = -1/18",
            "w12_new = w12 - eta*delta2*x1 = 1/2 - 1/10*(-1/18)*(-1) = 89/180",
        ]
    [(_, value), (_, slope)] = definition("F", Choice("leaky_relu", {"slope": number_of("-1/3", "slope")}))
    assert (text(value), text(slope)) == ("x if x > 0 else (-1/3)*x", "1 if x > 0 else -1/3")


def test_a_softmax_of_large_scores_is_shifted_by_the_largest_in_its_lines():
    weights = [[[900, -0.3], [899.2, 0.8]]]
    exercise = Exercise(weights, [1, 2], 0, 0.1, activation="softmax", loss="cross_entropy")
    solution = exercise.solve()
    assert [str(line) for line in solution.lines if line.part in ("forward", "loss")][2:] == [
        "z_max = max(z[1]_1, z[1]_2) = max(899.4, 900.8) = 900.8",
        "e[1]_1 = exp(z[1]_1 - z_max) = exp(899.4 - 900.8) = 0.246597",
        "e[1]_2 = exp(z[1]_2 - z_max) = exp(900.8 - 900.8) = 1",
        "s = e[1]_1 + e[1]_2 = 0.246597 + 1 = 1.2466",
        "a[1]_1 = e[1]_1/s = 0.246597/1.2466 = 0.197816",
        "a[1]_2 = e[1]_2/s = 1/1.2466 = 0.802184",
        "loss = -(t1*log(a[1]_1) + t2*log(a[1]_2)) = -(1*log(0.197816) + 0*log(0.802184)) = 1.62042",
    ]
    assert math.isclose(solution.loss, math.log(1 + math.exp(1.4)), rel_tol=1e-12)
    assert_true(solution.lines)
    far = replace(exercise, target=[0, 1], weights={**exercise.weights, "W[1]_21": 1}).solve()
    assert str(far.lines[8]).startswith("loss = -(t1*(z[1]_1 - z_max - log(s)) + t2*(z[1]_2 - z_max - log(s))) = ")
    assert_true(far.lines)


def test_an_update_shows_its_change_however_small_it_is(capsys):
    exercise = Exercise({"w12": -1e6}, [1e-3], 1, 0.0001, activation="linear")
    assert str(exercise.solve().lines[-1]) == (
        "w12_new = w12 - eta*delta2*x1 = -1000000 - 0.0001*(-1001)*0.001 = -999999.9999"
    )
    print_exercise(make_console(), exercise, [exercise.solve()])
    assert capsys.readouterr().out.splitlines()[-2].split("│")[1:-1] == [
        *(" w12    ", " -1000000 ", "   -1.001 ", " -999999.9999 "),
    ]
    assert r"- 0.0001 \cdot (-1001) \cdot 0.001 = -999999.9999" in derivation(exercise)
    w = Value(1234567, "w")
    loss = w * 1e-3
    optimizer = SGD([w], lr=0.1)
    assert describe(steps(loss, optimizer=optimizer)[-1]).parts[-1] == "1234566.9999"
    assert "the data of w was 1234567, and is 1234566.9999" in str(Stepper(loss, optimizer=optimizer).goto(4))


def test_a_fraction_stays_one_in_a_changed_exercise():
    exercise = Exercise({"w12": "1/3"}, ["2/7"], 0, "1/10", activation="linear")
    changed = replace(exercise, exact=True, title="changed")
    assert {str(number) for number in changed.fractions.values()} == {"1/3", "2/7", "1/10"}
    assert str(changed.solve().lines[0]) == "x2 = x1*w12 = 2/7*(1/3) = 2/21"


def test_a_fraction_ends_where_a_number_was_adjusted_to_another():
    sigmoid = Exercise({"w12": "1/3"}, [1], 0, "1/10", activation="sigmoid", exact=True).iterate(2)
    second = sigmoid[1].lines[0]
    assert (second.known["w12"], second.result) == (sigmoid[0].after["w12"],) * 2
    assert sigmoid[1].exercise.fractions == {"eta": Fraction(1, 10)}
    linear = Exercise({"w12": "1/3"}, [1], 0, "1/10", activation="linear", exact=True).iterate(3)
    assert [one.exercise.fractions["w12"] for one in linear] == [Fraction(9, 10) ** place / 3 for place in range(3)]


def test_fractions_of_examples_that_are_used_one_after_the_other():
    exercise = Exercise({"w12": "1/3"}, [["1/3"], ["1/7"]], [0, "2/3"], "1/10", update="each", exact=True)
    first, second = exercise.iterate(2)
    after = Fraction(1, 3) - Fraction(1, 10) * Fraction(1, 9) * Fraction(1, 3)
    assert first.lines[-1].result == after
    assert (second.lines[0].result, second.lines[-2].result) == (after / 7, after / 7 - Fraction(2, 3))


def test_exact_lines_take_no_rounded_number_for_a_decimal():
    a, b = Value(1, "a"), Value(0.1, "b")
    found = {line.name: line for line in lines((a / 3 + b) ** 2, exact=True)}
    assert str(found["dloss/da"]) == "dloss/da = 2*(a/3 + b)/3 = 2*(1/3 + 1/10)/3 = 13/45"
    rounded = {line.name: line.result for line in lines((a * (1 / 3) + b) ** 2, exact=True)}
    assert math.isclose(rounded["loss"], (1 / 3 + 0.1) ** 2, rel_tol=1e-15)
    assert not isinstance(rounded["loss"], Fraction)


def test_a_mean_over_three_examples_says_two_thirds():
    exercise = Exercise({"w12": 2}, [[1], [2], [3]], [0, 1, 2], 0.1, activation="linear", loss="mean_squared_error")
    lines_by_name = {line.name: line.symbols for line in exercise.solve().lines}
    assert lines_by_name["delta2(1)"] == "2*(y2(1) - y(1))*F'(x2(1))/3"


def test_adam_in_the_lines_of_a_textbook_has_the_numbers_of_the_optimizer():
    exercise = Exercise({"w12": 2}, [3], 1, 0.1, activation="linear", optimizer="adam")
    first, second = exercise.iterate(2)
    assert [str(line) for line in second.lines if line.part == "update"] == [
        "m_w12_new = beta1*m_w12 + (1 - beta1)*dw12 = 0.9*1.5 + (1 - 0.9)*14.1 = 2.76",
        "v_w12_new = beta2*v_w12 + (1 - beta2)*dw12**2 = 0.999*0.225 + (1 - 0.999)*14.1**2 = 0.423585",
        "m_hat_w12 = m_w12_new/(1 - beta1**t) = 2.76/(1 - 0.9**2) = 14.5263",
        "v_hat_w12 = v_w12_new/(1 - beta2**t) = 0.423585/(1 - 0.999**2) = 211.898",
        (
            "w12_new = w12 - eta*m_hat_w12/(sqrt(v_hat_w12) + epsilon)"
            " = 1.9 - 0.1*14.5263/(sqrt(211.898) + 1e-08) = 1.80021"
        ),
    ]
    for solution in (first, second):
        found = {line.name: line.result for line in solution.lines}
        kept = solution.stepped.quantities(solution.values["w12"])
        assert (found["m_w12_new"], found["v_w12_new"]) == (kept["m"], kept["v"])
        assert found["w12_new"] == solution.after["w12"]
        assert_true(solution.lines)


def test_an_update_near_0_by_adam_is_true():
    w = parameter(0.001, "w")
    found = lines(w * w, optimizer=Adam([w], lr=0.00100000438))
    assert_true(found)
    assert abs(found[-1].result) < 1e-6
    assert math.isclose(read(found[-1].expression), found[-1].result, rel_tol=1e-12)


def test_a_result_that_is_no_number_has_no_expression():
    x = Value(1e200, "x")
    [line] = [line for line in lines(x * x) if line.name == "loss"]
    assert (line.result, line.as_json()["expression"]) == (math.inf, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": {"w": 1, "w_new": 2}, "units": (Unit("z", "a", "d", (("x1", "w"), ("x2", "w_new"))),)}, "w_new"),
        ({"weights": {"w": 1}, "units": (Unit("z", "F", "d", (("x1", "w"), ("x2", "w"))),)}, "F"),
    ],
)
def test_a_name_of_two_things_is_refused(change, message):
    with pytest.raises(ValueError, match=f"the name {message} is used for 2 numbers; give each its own name"):
        Exercise(**{"inputs": [1, 2], "target": 0, "eta": 0.1} | change)


def test_an_exercise_that_adjusts_nothing_is_refused():
    with pytest.raises(ValueError, match="all weights and biases are held fixed; leave out of fixed what is to be"):
        Exercise({"w12": 1}, [1], 0, 0.1, fixed=["w12"])


def test_an_empty_name_is_refused():
    with pytest.raises(ValueError, match="a number has an empty name; give each a name of its own"):
        Exercise({"w": 1}, [1], 0, 0.1, units=(Unit("", "a", "d", (("x1", "w"),)),))


def test_a_leaf_with_the_name_of_a_new_number_keeps_its_own():
    w, new = parameter(2.0, "w"), parameter(5.0, "w_new")
    found = lines(w * new, naming=Naming(transparent=["w", "w_new"]), optimizer=SGD([w, new], lr=0.1))
    assert [str(line) for line in found if line.part == "update"] == [
        "w_new = w - lr*w_new = 2 - 0.1*5 = 1.5",
        "w_new_new = w_new - lr*w = 5 - 0.1*2 = 4.8",
    ]
