"""A student's numbers are marked line by line: against an independent solver with planted slips, and by hand."""

import json
import math
import random
import re
from dataclasses import replace
from fractions import Fraction

import pytest

import autograd
from autograd import Value
from autograd.lab.answers import read_answers
from autograd.lab.marking import Marker
from autograd.lab.worksheet import Worksheet
from nn import READY, SGD, Exercise
from tests.planted import Solver
from tests.pseudo_terminal import in_terminal
from viz.commands.cli import main

NAMES = list(READY)


def verdicts(marks):
    return {line.name: line.verdict for line in marks.given}


@pytest.mark.parametrize("name", NAMES)
def test_right_numbers_are_right_in_every_ready_exercise(name):
    exercise = READY[name]()
    numbers = Solver(exercise).carried()
    marks = exercise.check(numbers)
    assert {*verdicts(marks).values()} == {"right"}
    assert marks.right == marks.count == len(numbers)
    assert marks.first_wrong is None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_right_numbers_with_any_number_of_digits_are_right(name, digits):
    numbers = Solver(READY[name]()).carried()
    marks = READY[name]().check({name: f"{number:.{digits}g}" for name, number in numbers.items()})
    assert {line.name: line.sentence for line in marks.given if line.verdict != "right"} == {}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_rounding_that_is_carried_on_is_right(name, digits):
    solver = Solver(READY[name]())
    numbers = solver.carried(written=lambda number: float(f"{number:.{digits}g}"))
    marks = READY[name]().check({name: f"{number:.{digits}g}" for name, number in numbers.items()})
    assert {line.name: line.sentence for line in marks.given if line.verdict != "right"} == {}


def judge(marker, numbers, given, name, slip):
    """Return what is wrong with the marks of a planted slip; "" for nothing, "unnamed" without its name."""
    marks = marker.marks(numbers)
    said = verdicts(marks)
    if marks.first_wrong != name:
        return f"first wrong is {marks.first_wrong}"
    others = [line for line, verdict in said.items() if verdict == "wrong" and line != name]
    trivial = {line for line in others if numbers[line] == 0.0 or numbers[line] == given.get(line[:-4])}
    if set(others) - trivial:
        return f"{others} do not follow"
    [line] = [line for line in marks.given if line.name == name]
    return "" if slip in line.mistakes else f"unnamed: {line.mistakes}"


@pytest.mark.parametrize("name", NAMES)
def test_each_planted_slip_is_found_named_and_carried_on(name):
    solver, marker = Solver(READY[name]()), Marker(Worksheet(READY[name]()))
    right, failed, count = solver.carried(), [], 0
    for line, slip, wrong in solver.slips:
        numbers = solver.carried(line, wrong)
        if math.isclose(numbers[line], right[line], rel_tol=1e-6, abs_tol=1e-9):
            continue  # the slip does not show here
        count += 1
        if found := judge(marker, numbers, solver.numbers, line, slip):
            failed.append((line, slip, found))
    assert count
    assert failed == []


def relu(answers, **settings):
    return READY["relu"]().check(answers, **settings)


def line_of(marks, name):
    [line] = [line for line in marks.lines if line.name == name]
    return line


def test_the_lectures_classic_slip_is_named_in_a_sentence():
    marks = relu({"x3": 5, "delta3": -30, "w13": 5})
    assert marks.as_json()["lines"][10] == {
        "name": "delta3",
        "given": -30,
        "expected": 20,
        "accepted": [20, 20],
        "verdict": "wrong",
        "mistake": "early-update",
        "sentence": "delta3 = -30 is what one gets with the updated w35 = -3. "
        "Use the weight from before the update: 10*2*F'(5) = 20.",
    }
    assert (marks.right, marks.count, marks.first_wrong) == (1, 3, "delta3")
    assert line_of(marks, "w13").sentence == "w13 = 5 follows from delta3 = -30; the right number is 0."
    assert line_of(marks, "y3").verdict == "missing"


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("\N{MINUS SIGN}2", -2.0),
        ("0,5", 0.5),
        ("1/3", 1 / 3),
        ("-1/4", -0.25),
        ("2e-3", 0.002),
        ("1,5·10^-2", 0.015),
        (" 1 000 ", 1000.0),
    ],
)
def test_numbers_are_read_as_people_write_them(given, number):
    [answer] = read_answers({"x": given})
    assert answer.number == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"detla3": 5}, "detla3 is no quantity of this pass; try delta3."),
        ({"zzz": 5}, "zzz is no quantity of this pass; there are x3, y3, x4, y4, x5 and 11 more."),
        ({"x1": 5}, "x1 is given, not computed. Its gradient is dx1."),
        ({"eta": 5}, "eta is given, not computed."),
        ({"": 5}, "a number has no name; write the name of its quantity beside it."),
        ({"w13": 0, "w13_new": 0}, "w13 and w13_new are the same quantity; give one number for it."),
        ({"x3": "five"}, """expected a number for x3, such as -3, 0.5 or "1/3", got 'five'."""),
        *(
            ({"x3": text}, f"""expected a number for x3, such as -3, 0.5 or "1/3", got {text!r}.""")
            for text in ("1/0", "1..2/3", "1e400", "1e" + "9" * 40, "1" * 400, "1" * 400 + "/3")
        ),
    ],
)
def test_a_name_or_number_that_does_not_fit_gets_a_sentence(answers, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        relu(answers)


@pytest.mark.parametrize("key", ["w13", "w13_new", "new w13", "w13'", "W13"])
def test_a_weight_means_its_new_number(key):
    assert line_of(relu({key: 0}), key).verdict == "right"


@pytest.mark.parametrize("key", ["dw13", "dloss/dw13", "w13.grad"])
def test_the_name_of_a_gradient_is_understood(key):
    marks = relu({key: -20, "w13": 4})
    assert verdicts(marks) == {key: "wrong", "w13": "follows"}
    assert marks.first_wrong == key


def test_names_of_layers_need_no_brackets():
    marks = READY["softmax"]().check({"W1_11": "0.4431", "z1_1": 0.3})
    assert verdicts(marks) == {"z1_1": "right", "W1_11": "right"}


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (0.14, "right"),
        (0.1385, "right"),
        ("0.138", "right"),
        ("0.139", "wrong"),
        (0.1384, "wrong"),
        (0, "wrong"),
        (1, "wrong"),
    ],
)
def test_a_number_is_right_if_it_is_the_right_one_with_the_digits_given(given, verdict):  # 0.138498562
    assert line_of(READY["mazur"]().check({"delta_o1": given}), "delta_o1").verdict == verdict


def test_a_saturated_tanh_is_1_and_its_slope_0():
    exercise = Exercise({"w12": 1}, inputs=[12], target=0, eta=0.1, activation="tanh")
    assert exercise.check({"y2": 1, "delta2": 0}).all_right
    assert not exercise.check({"y2": 0.5}).all_right


@pytest.mark.parametrize("eta", [0.1, 0.001, 1e-6])
def test_the_old_weight_does_not_pass_for_the_new_one(eta):
    exercise = replace(READY["mazur"](), eta=eta)
    right = Solver(exercise).carried()
    alone = line_of(exercise.check({"w5": 0.4}), "w5")
    assert alone.mistakes == (("no-update",) if eta > 1e-5 else ())  # six digits do not show a smaller change
    assert line_of(exercise.check(right | {"w5_new": 0.4}), "w5_new").mistakes == ("no-update",)
    assert line_of(exercise.check({"w5": right["w5_new"]}), "w5").verdict == "right"


def test_a_change_that_the_digits_do_not_show_is_not_asked_for():
    right = Solver(READY["mazur"]()).carried()
    marks = READY["mazur"]().check({name: f"{number:.2g}" for name, number in right.items()})
    assert line_of(marks, "w1_new").given == 0.15
    assert marks.all_right


def test_a_tolerance_is_relative_and_of_a_weight_relative_to_its_change():
    assert verdicts(relu({"loss": 50.4, "w35": -2.9}, tolerance=0.01)) == {"loss": "right", "w35": "wrong"}
    assert verdicts(relu({"loss": 49, "w35": -2.9}, tolerance=0.02)) == {"loss": "right", "w35": "right"}
    with pytest.raises(ValueError, match="tolerance"):
        relu({"x3": 5}, tolerance=-1)


@pytest.mark.parametrize("name", NAMES)
def test_a_sheet_of_zeros_earns_no_follows(name):
    exercise = READY[name]()
    for zero in (0, "0", "0.0"):
        marks = exercise.check({line.name: zero for line in exercise.solve().lines})
        assert "follows" not in verdicts(marks).values()
        assert all(line.expected == 0.0 for line in marks.given if line.verdict == "right")


def test_a_wrong_0_makes_no_line_follow_from_it():
    marks = relu({"delta5": 0, "w35": 2, "delta3": 0})
    assert verdicts(marks) == {"delta5": "wrong", "w35": "wrong", "delta3": "wrong"}


def test_a_dead_unit_follows_from_a_wrong_negative_sum():
    assert verdicts(relu({"x3": -1, "y3": 0, "x4": -3})) == {"x3": "wrong", "y3": "follows", "x4": "right"}


def test_a_number_that_is_not_given_is_computed_from_the_students_own():
    assert verdicts(relu({"x3": 4, "loss": 32, "w35": -1.2})) == {"x3": "wrong", "loss": "follows", "w35": "follows"}


def test_a_slip_is_looked_for_from_the_students_own_numbers():
    marks = relu({"x3": 4, "x5": 8, "delta5": -8})
    assert line_of(marks, "delta5").mistakes == ("reversed-error",)
    assert line_of(marks, "delta5").sentence.endswith("(8 - 0)*F'(8) = 8. This is with x5 = 8; the right number is 10.")


def test_rounding_in_between_is_named():
    # by hand: (0.75 - 0.01)*0.1868157 = 0.13824, with out_o1 rounded to 0.75 but F' unrounded
    line = line_of(READY["mazur"]().check({"sigma'(net_o1)": 0.18681560, "delta_o1": 0.13824354}), "delta_o1")
    assert (line.verdict, line.mistakes) == ("wrong", ("early-rounding",))
    assert "with out_o1 = 0.75, rounded in between" in line.sentence


def test_several_slips_that_fit_are_all_said():
    marks = Exercise({"w12": 2}, inputs=[1], target=0, eta=1).check({"delta2": 2, "w12": 4})
    assert line_of(marks, "w12").mistakes == ("ascent",)
    line = line_of(READY["second"]().check({"b3": 0.1}), "b3")
    assert line.mistakes == ("no-update",)
    both = Exercise({"w13": 1, "w23": 1}, inputs=[2, 4], target=0, eta=0.5, activation="linear").check(
        {"delta3": 6, "w13": -11}
    )
    assert line_of(both, "w13").as_json()["mistake"] == ["no-rate", "other-input"]  # 1 - 6*2 = 1 - 0.5*6*4


@pytest.mark.parametrize("given", [1, 2])  # 0.5*(1 - 0): without this factor, and without the mean over 4 examples
def test_a_factor_of_the_loss_that_is_left_out_is_named(given):
    assert line_of(READY["batch"]().check({"dz[2]_1(1)": given}), "dz[2]_1(1)").mistakes == ("no-factor",)


def test_a_slip_in_a_line_that_was_not_given_is_named():
    line = line_of(relu({"x3": 5, "w13": 5}), "w13")
    assert line.mistakes == ("early-update",)
    assert line.sentence == (
        "w13 = 5 is what one gets if delta3 is computed with the updated w35 = -3. "
        "Use the weight from before the update: delta3 = 10*2*F'(5) = 20; the right number is 0."
    )


def test_the_sign_of_an_update_and_a_reversed_error_look_the_same_without_the_error():
    line = line_of(relu({"w35": 7}), "w35")  # 2 + 0.1*10*5
    assert line.as_json()["mistake"] == ["ascent", "reversed-error"]
    assert line_of(relu({"w35": 7, "delta5": 10}), "w35").mistakes == ("ascent",)
    assert line_of(relu({"w35": 7, "delta5": -10}), "w35").verdict == "follows"


@pytest.mark.parametrize("name", ["relu", "second", "mazur"])
def test_slips_are_named_where_only_the_loss_and_the_new_weights_are_given(name):
    solver, marker = Solver(READY[name]()), Marker(Worksheet(READY[name]()))
    right = solver.carried()
    asked = [line for line in right if line.endswith("_new") or line in ("loss", "E")]
    for planted, slip, wrong in solver.slips:
        numbers = solver.carried(planted, wrong)
        changed = [line for line in asked if not math.isclose(numbers[line], right[line], rel_tol=1e-6, abs_tol=1e-9)]
        if changed:
            marks = marker.marks({line: numbers[line] for line in asked})
            assert marks.first_wrong == changed[0]
            if numbers[changed[0]] not in (0.0, solver.numbers.get(changed[0][:-4])):  # what many slips give
                assert slip in line_of(marks, changed[0]).mistakes, (planted, slip)


def test_a_users_own_graph_is_checked():
    x, w = Value(3, "x"), autograd.parameter(2, "w")
    loss = (x * w - 5) ** 2
    marks = autograd.check(loss, {"loss": 1, "dw": -6})
    assert verdicts(marks) == {"loss": "right", "dw": "wrong"}
    assert line_of(marks, "dw").mistakes == ("reversed-error",)
    assert verdicts(autograd.check(loss, {"w": 1.4}, optimizer=SGD([w], lr=0.1))) == {"w": "right"}
    with pytest.raises(ValueError, match="w is given, not computed. Its gradient is dw."):
        autograd.check(loss, {"w": 1.4})


def test_a_random_expression_takes_its_own_numbers_and_no_others():
    a, b = Value(2, "a"), Value(-3, "b")
    c = (a * b).tanh()
    c.label = "c"
    loss = c * a + b.exp() * c
    right = {"c": math.tanh(-6), "da": math.tanh(-6) + (2 + math.exp(-3)) * (1 - math.tanh(-6) ** 2) * -3}
    assert autograd.check(loss, right).all_right
    assert autograd.check(loss, right | {"da": 1.0}).first_wrong == "da"


CLASS = "student;x3;delta3;w13\nAnn;5;20;0\nBen;5;\N{MINUS SIGN}30;5\nCem;4;16;0,4\nDee;5;;\n"


def test_a_class_is_marked(tmp_path, capsys):
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    assert main(["check", "relu", str(tmp_path / "class.csv"), "--csv", str(tmp_path / "marks.csv")]) == 1
    assert "early-update" in capsys.readouterr().out
    assert (tmp_path / "marks.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "student,marks,of,right,follows,wrong,missing,first wrong,slips,x3,delta3,w13_new",
        "Ann,3,3,3,0,0,0,,,right,right,right",
        "Ben,2,3,1,1,1,0,delta3,early-update,right,wrong,follows",
        "Cem,2,3,0,2,1,0,x3,other-weight,wrong,follows,follows",
        "Dee,1,3,1,0,0,2,,,right,missing,missing",
    ]


def test_a_picture_of_a_class_is_written(tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    assert main(["check", "relu", str(tmp_path / "class.csv"), "--picture", str(tmp_path / "class.svg")]) == 1
    assert "<svg" in (tmp_path / "class.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", '{"x3": 5, "w13": 0.0}', 0),
        ("a.json", '{x3: 5, "w13": "0,0",}  // by hand', 0),
        ("a.json", '{"x3": 4}', 1),
        ("a.csv", "name,value\nx3,5\nw13,0\n", 0),
        ("a.csv", "x3;5\nw35;\N{MINUS SIGN}3\n", 0),
        ("a.csv", "name,value\nx3,4,5\n", 1),
        ("a.json", '{"x33": 4}', 2),
        ("a.json", '{"x3": 4, "x3": 5}', 2),
        ("a.json", "[4]", 2),
        ("a.json", '{"x3": ', 2),
        ("a.csv", "x3,5\nx3,5\n", 2),
        ("a.csv", ",5\n", 2),
        ("a.csv", "", 2),
        ("a.csv", "student,x3,x3\nAnn,5,5\n", 2),
        ("a.csv", "student,x3,y3\nAnn,5,five\n", 2),
    ],
)
def test_the_command_reads_json_and_csv_and_its_exit_code_tells(tmp_path, capsys, name, content, code):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert main(["check", "relu", str(tmp_path / name), "--json"]) == code
    printed = capsys.readouterr()
    if code == 2:
        assert printed.err.startswith("gradstep: ")
        assert printed.out == ""
    else:
        assert (json.loads(printed.out)["first_wrong"] is None) == (code == 0)


def test_an_exercise_in_place_of_numbers_is_said(tmp_path, capsys):
    path = tmp_path / "mine.json"
    for weights in ('{"w12": 2}', "[[[2]]]"):
        path.write_text(f'{{"weights": {weights}, "inputs": [1], "target": 1, "eta": 0.5}}', encoding="utf-8")
        assert main(["check", "relu", str(path)]) == 2
        assert "got an exercise. It is named before them." in capsys.readouterr().err


def test_files_that_cannot_be_read_give_2(tmp_path, capsys):
    assert main(["check", "relu", str(tmp_path / "none.json")]) == 2
    assert main(["check", "rleu", str(tmp_path / "none.json")]) == 2
    assert "try relu" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [40, 80])
def test_the_marks_fit_the_terminal(tmp_path, columns):
    (tmp_path / "a.json").write_text('{"x3": 5, "delta3": -30, "w13": 5}', encoding="utf-8")
    shown, code = in_terminal(["check", "relu", str(tmp_path / "a.json")], columns)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert code == 1
    assert max(map(len, lines)) <= columns
    assert lines[2] == "right    x3 = 5"
    assert " ".join(" ".join(lines).split()).endswith(
        "1 of 3 numbers right, 1 follows from an earlier one. The first wrong number is delta3."
    )


def varied(name, seed):
    """Return a ready exercise with other numbers of few digits."""
    exercise, choice = READY[name](), random.Random(f"{name} {seed}")

    def some(numbers):
        return {key: choice.choice([-1, 1]) * choice.randint(1, 12) / (2 if name == "relu" else 10) for key in numbers}

    return replace(
        exercise,
        weights=some(exercise.weights),
        biases=some(exercise.biases),
        inputs=some(exercise.inputs),
        target={key: choice.randint(0, 9) / 10 for key in exercise.target},
        eta=choice.choice([0.05, 0.1, 0.2, 0.5]),
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["relu", "second", "mazur"])
def test_planted_slips_in_random_exercises(name, seed):
    exercise = varied(name, seed)
    solver, marker = Solver(exercise), Marker(Worksheet(exercise))
    right = solver.carried()
    assert marker.marks(right).all_right
    for line, slip, wrong in solver.slips:
        numbers = solver.carried(line, wrong)
        if not math.isclose(numbers[line], right[line], rel_tol=1e-6, abs_tol=1e-9):
            assert judge(marker, numbers, solver.numbers, line, slip) == "", (line, slip)


def test_numbers_of_no_pass_are_judged_by_their_rounding():
    numbers = {"slope": 0.0176627, "sum": 1e-17, "count": 31}
    marks = autograd.check(numbers, {"slope": "0,018", "count": 30})
    assert str(marks.lines[2]) == "wrong   count = 30 is not right; the right number is 31."
    assert marks.lines[2].hint == "count = 30 is not right."
    assert [line.verdict for line in marks.lines] == ["right", "missing", "wrong"]
    assert autograd.check(numbers, {"slope": 0.019, "sum": 0, "count": 29}, tolerance=0.1).right == 3
    assert repr(autograd.check(numbers, {"slope": None})) == "no number is given yet"
    with pytest.raises(ValueError, match="slop is not asked for; there are slope, sum and count"):
        autograd.check(numbers, {"slop": 1})


@pytest.mark.parametrize("number", [math.inf, math.nan])
def test_a_number_that_is_not_finite_stands_beside_others(number):
    marks = READY["relu"]().check({"x3": number, "x4": -3.25})
    assert [str(line) for line in marks.given] == [
        f"wrong   x3 = {number} is not right: x1*w13 + x2*w23 = 1*2 + (-1)*(-3) = 5.",
        "wrong   x4 = -3.25 is not right: x1*w14 + x2*w24 = 1*1 + (-1)*4 = -3.",
    ]


def test_a_very_large_number_is_wrong_as_any_other():
    marks = READY["relu"]().check({"x3": 1e300, "y3": 10**40, "x4": "-1e200"})
    assert [(line.verdict, line.given) for line in marks.given] == [
        ("wrong", 1e300),
        ("wrong", 1e40),
        ("wrong", -1e200),
    ]
    [answer] = read_answers({"x3": 1500.0})
    assert (answer.number, answer.place, answer.digits) == (1500.0, 0, 4)


def test_numbers_of_no_pass_are_real_numbers_by_name():
    marks = autograd.check({"third": Fraction(1, 3), 4: 4}, {"third": "0.34"})
    assert [str(line) for line in marks.lines] == [
        "wrong   third = 0.34 is not right; the right number is 0.333333.",
        "missing no number is given for 4.",
    ]
    with pytest.raises(TypeError, match="expected a real number for third, got str: 'a'"):
        autograd.check({"third": "a"}, {})
    with pytest.raises(ValueError, match="expected a finite number from 0 up for the tolerance, got -1"):
        autograd.check({"third": 1}, {}, tolerance=-1)
    with pytest.raises(ValueError, match="right numbers by name have no lines: leave out naming and optimizer"):
        autograd.check({"third": 1}, {}, optimizer=SGD([Value(1)], lr=0.1))


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.csv", b'name,value\nx3,"=""5"""\nw13,0\n'),
        ("a.csv", b'x3,="5"\nw13,0\n'),
        ("a.txt", b"# my answers\nx3 = 5\nw13 = 0,0\n"),
        ("a.json", '{"x3": 5, "w13": 0}'.encode("utf-16")),
        ("a.json", '{"x\N{SUBSCRIPT THREE}": 5, "w\N{SUBSCRIPT ONE}\N{SUBSCRIPT THREE}": 0}'.encode()),
        ("a.json", '{"\N{GREEK CAPITAL LETTER DELTA}3": 20, "w14": 1}'.encode()),
        ("a.json", '{"x3": 5, "w23": "\N{EM DASH}1"}'.encode()),
    ],
)
def test_answers_as_spreadsheets_and_people_write_them(file, content, tmp_path, capsys):
    (tmp_path / file).write_bytes(content)
    assert main(["check", "relu", str(tmp_path / file)]) == 0
    assert "2 of 2 numbers right" in capsys.readouterr().out
