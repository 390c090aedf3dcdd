"""Quizzes, read back as Moodle reads them: each key is the solver's, no two intervals meet, and formulas survive."""

import base64
import html
import math
import re
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

import viz
from nn import READY, Exercise, Unit, practice
from tests.planted import Solver
from viz.commands.cli import main

NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
ANSWER = rf"(?:=|%(?P<fraction>-?\d+)%)(?P<number>{NUMBER}):(?P<tolerance>{NUMBER})#(?P<feedback>(?:\\.|[^~}}])*?)"
FIELD = re.compile(r"\{(\d+):NUMERICAL:((?:\\.|[^}\\])*)\}")
"""Moodle's fields in a cloze question: an answer ends at a ~, the field at a }, unless a backslash is before it."""
EXERCISES = {
    **{name: READY[name]() for name in ("relu", "mazur", "shared")},
    "classes": practice([2, 2, 3], loss="cross_entropy", seed=4),
    "practice": practice(seed=3, biases=True),
}
ASKED = 4
"""Every fourth quantity is read back where all would take long."""


def saved(quiz, folder):
    """Return the questions of a quiz's file, in order; a category is a text."""
    root = ET.parse(quiz.save(folder / "quiz.xml")).getroot()
    assert root.tag == "quiz"
    assert {question.tag for question in root} == {"question"}
    return list(root)


def answers_of(question):
    """Return the answers of a numerical question: fraction, number, tolerance, feedback."""
    found = []
    for answer in question.findall("answer"):
        assert {part.tag for part in answer} == {"text", "feedback", "tolerance"}
        assert answer.find("feedback").get("format") == "html"
        numbers = float(answer.get("fraction")), float(answer.findtext("text")), float(answer.findtext("tolerance"))
        found.append((*numbers, html.unescape(answer.findtext("feedback/text"))))
    return found


def fields_of(question):
    """Return the answers of each field of a cloze question, as Moodle reads them."""
    found = []
    for mark, inside in FIELD.findall(question.findtext("questiontext/text")):
        assert mark == "1"
        fields = [re.fullmatch(ANSWER, part, re.DOTALL) for part in re.split(r"(?<!\\)~", inside)]
        assert all(fields), inside
        found.append(
            [
                (
                    float(each["fraction"] or 100),
                    float(each["number"]),
                    float(each["tolerance"]),
                    html.unescape(each["feedback"]),
                )
                for each in fields
            ]
        )
    return found


def are_apart(answers):
    return all(abs(one[1] - other[1]) > one[2] + other[2] for one, other in combinations(answers, 2))


@pytest.mark.parametrize("name", EXERCISES)
def test_each_key_is_the_solvers_and_no_two_answers_meet(name, tmp_path):
    exercise = EXERCISES[name]
    right = Solver(exercise).carried()
    asked = list(right)[::ASKED]
    questions = saved(viz.quiz(exercise, ask=asked), tmp_path)
    assert [question.get("type") for question in questions] == ["category", "numerical"] * len(asked)
    for quantity, question in zip(asked, questions[1::2], strict=True):
        answers = answers_of(question)
        assert [fraction for fraction, *_ in answers] == [100.0, *[0.0] * (len(answers) - 1)]
        assert answers[0][1] == pytest.approx(right[quantity], rel=1e-9)
        assert answers[0][2] <= 0.005 * abs(right[quantity]) + 1e-12
        assert are_apart(answers)
        for _, number, _, feedback in answers[1:]:
            [line] = exercise.check({quantity: number}).given
            assert (line.verdict, line.sentence) == ("wrong", feedback)
            assert feedback.startswith(f"{quantity} = {number:.6g} is what one gets ")


@pytest.mark.parametrize("name", EXERCISES)
def test_a_cloze_question_has_a_field_for_each_quantity(name, tmp_path):
    exercise = EXERCISES[name]
    right = Solver(exercise).carried()
    category, question = saved(viz.quiz(exercise, cloze=True), tmp_path)
    assert (category.get("type"), question.get("type")) == ("category", "cloze")
    fields = fields_of(question)
    lines = [line for line in exercise.solve().lines if line.name in right]  # a slope is no quantity of its own
    assert len(fields) == len(lines) == len(right)
    for line, answers in zip(lines, fields, strict=True):
        assert answers[0][:2] == (100.0, pytest.approx(right[line.name], rel=1e-9))
        assert {fraction for fraction, *_ in answers[1:]} <= {0.0}
        assert are_apart(answers)
        assert not [sentence for *_, sentence in answers if " is computed " in sentence]  # earlier lines have fields


def test_the_wrong_answers_are_the_classic_slips_with_the_sentence_of_check(tmp_path):
    _, question = saved(viz.quiz(READY["relu"](), ask=["delta3"]), tmp_path)
    found = {number: feedback for _, number, _, feedback in answers_of(question)}
    assert found[20.0] == "Right."
    assert found[-30.0] == (
        "delta3 = -30 is what one gets with the updated w35 = -3. "
        "Use the weight from before the update: 10*2*F'(5) = 20."
    )
    assert -10.0 in found  # w45 in place of w35
    assert found[-20.0].startswith("delta3 = -20 is what one gets if delta5 is computed with the error reversed")


@pytest.mark.parametrize("name", ["mazur", "practice"])
def test_slips_that_a_solver_plants_are_among_the_answers(name):
    exercise = EXERCISES[name]
    solver = Solver(exercise)
    right = solver.carried()
    numbers = {**solver.numbers, **right}
    quiz = viz.quiz(exercise, cloze=True)
    answers = {question.name: [question.right, *question.wrong] for question in quiz.questions(exercise)}
    planted = [(quantity, slip, wrong(numbers)) for quantity, slip, wrong in solver.slips]
    assert len(planted) > 20
    for quantity, slip, number in planted:
        near = [answer for answer in answers[quantity] if abs(answer.number - number) <= answer.tolerance + 1e-9]
        assert near, (quantity, slip, number)


def test_one_quantity_may_be_asked_for_by_its_name():
    [question] = viz.quiz(READY["relu"](), ask="delta3").questions(READY["relu"]())
    assert question.name == "delta3"


def test_a_quantity_is_asked_for_once():
    made = viz.quiz(READY["relu"](), ask=["w13", "x3", "w13_new", "x3"])
    assert [question.name for question in made.questions(made.exercises[0])] == ["w13_new", "x3"]


def test_an_infinite_quantity_is_refused():
    exercise = Exercise({"w12": 1e308, "w23": 10}, [100], 0, 0.1)
    with pytest.raises(ValueError, match=r"x2 is inf; a quiz needs finite numbers\."):
        viz.quiz(exercise, ask=["x2"]).xml()


def test_a_slip_to_infinity_is_no_wrong_answer():
    exercise = replace(READY["second"](), optimizer="adam")
    answers = [answer for question in viz.quiz(exercise, cloze=True).questions(exercise) for answer in question.wrong]
    assert answers
    assert all(math.isfinite(answer.number) for answer in answers)


def test_the_old_weight_is_never_right():
    exercise = Exercise({"w12": 2.0, "w23": 3.0}, inputs=[0.01], target=0.05, eta=0.3)
    [question] = viz.quiz(exercise, ask=["w12"]).questions(exercise)
    assert question.digits > 3
    assert abs(question.right.number - 2.0) > question.right.tolerance
    assert any(answer.number == 2.0 and "old weight" in answer.feedback for answer in question.wrong)


def test_digits_and_the_tolerance_have_limits():
    exercise = READY["mazur"]()
    [question] = viz.quiz(exercise, ask=["out_h1"], digits=9).questions(exercise)
    assert (question.right.tolerance, question.digits) == (pytest.approx(0.5e-9, rel=1e-3), 9)
    with pytest.raises(ValueError, match="expected a whole number from 1 to 9 for digits, got 10"):
        viz.quiz(exercise, digits=10)
    with pytest.raises(ValueError, match="expected a finite number from 0 up for the tolerance, got -1"):
        viz.quiz(exercise, tolerance=-1)


def test_the_tolerance_is_the_interval_of_the_marking():
    exercise = READY["mazur"]()
    for digits, room in ((2, 0.005), (3, 0.0005), (5, 0.000005)):
        [question] = viz.quiz(exercise, ask=["out_h1"], digits=digits).questions(exercise)
        assert question.right.tolerance == pytest.approx(room, rel=1e-3)
        assert question.digits == digits
    zeros = Exercise({"w12": 0.18004, "w23": 1}, [1], 0, 0.1)
    [question] = viz.quiz(zeros, ask=["x2"]).questions(zeros)
    assert (question.right.tolerance, question.digits) == (pytest.approx(0.0005, rel=1e-3), 3)  # 0.180
    [question] = viz.quiz(exercise, ask=["out_h1"], tolerance=0.1).questions(exercise)
    assert question.right.tolerance == pytest.approx(0.0593270, rel=1e-5)
    [question] = viz.quiz(READY["relu"](), ask=["x3"]).questions(READY["relu"]())
    assert (question.right.tolerance, question.digits) == (pytest.approx(0, abs=1e-7), 0)


FIELDS = ["name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden"]
UNITS = ["unitgradingtype", "unitpenalty", "showunits", "unitsleft"]


def test_the_fields_are_those_that_moodle_documents(tmp_path):
    exercise = READY["relu"]()
    category, question = saved(viz.quiz(exercise, ask=["x3"]), tmp_path)
    assert [part.tag for part in category] == ["category"]
    assert category.findtext("category/text") == "$course$/top/gradstep/The worked exercise: 2-2-1, F = ReLU/x3"
    tags = [part.tag for part in question]
    assert list(dict.fromkeys(tags)) == [*FIELDS, "answer", *UNITS]
    assert question.findtext("name/text") == "The worked exercise: 2-2-1, F = ReLU: x3"
    assert question.find("questiontext").get("format") == "html"
    assert question.find("generalfeedback").get("format") == "html"
    [file] = question.findall("questiontext/file")
    assert file.attrib == {"name": "network.svg", "path": "/", "encoding": "base64"}
    assert '<img src="@@PLUGINFILE@@/network.svg"' in question.findtext("questiontext/text")
    picture = base64.b64decode(file.text).decode()
    assert ET.fromstring(picture[picture.index("<svg") :]).tag.endswith("svg")
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", html.unescape(picture))
    assert "x3" in texts
    assert not [text for text in texts if "x3=" in text]
    _, question = saved(viz.quiz(exercise, cloze=True), tmp_path)
    assert [part.tag for part in question] == FIELDS
    assert question.findtext("defaultgrade") == "16"


def test_formulas_survive(tmp_path):
    _, question = saved(viz.quiz(READY["relu"](), ask=["delta3"]), tmp_path)
    text = html.unescape(question.findtext("questiontext/text"))
    assert r"\(F'(x) = \begin{cases} 0 & \text{if } x \le 0 \\ 1 & \text{otherwise} \end{cases}\)" in text
    assert r"\(\text{loss} = \frac{1}{2} \cdot (y_{5} - y)^{2}\)" in text
    assert r"<p>What is \(\delta_{3}\)?</p>" in text
    solved = html.unescape(question.findtext("generalfeedback/text"))
    assert solved == r"<p>\(\delta_{3} = \delta_{5} \cdot w_{35} \cdot F'(x_{3}) = 10 \cdot 2 \cdot F'(5) = 20\)</p>"


STRANGE = 'w}~#"/\\<&>]]>'


def strange():
    unit = Unit(pre="x2", post="y2", weights=(("x1", STRANGE), ("x0", "v{1:NUMERICAL:=1}")), delta="delta2")
    numbers = {STRANGE: 2, "v{1:NUMERICAL:=1}": 3}
    return Exercise(numbers, {"x1": 3, "x0": 1}, 0, 0.1, units=[unit], title="a/b ]]> <i>")


def test_signs_with_a_meaning_survive(tmp_path):
    exercise = strange()
    category, question = saved(viz.quiz(exercise, ask=["x2"]), tmp_path)
    assert category.findtext("category/text") == "$course$/top/gradstep/a//b ]]> <i>/x2"
    assert question.findtext("name/text") == "a/b ]]> <i>: x2"
    sentences = [answer.feedback for answer in viz.quiz(exercise, ask=["x2"]).questions(exercise)[0].wrong]
    assert any(STRANGE in sentence for sentence in sentences)
    assert [feedback for *_, feedback in answers_of(question)][1:] == sentences
    _, question = saved(viz.quiz(exercise, cloze=True), tmp_path)
    made = viz.quiz(exercise, cloze=True).questions(exercise)
    fields = fields_of(question)
    assert [[feedback for *_, feedback in answers] for answers in fields] == [
        ["Right.", *(answer.feedback for answer in each.wrong)] for each in made
    ]


def test_variants_are_a_category_for_each_quantity(tmp_path, capsys):
    path = tmp_path / "bank.xml"
    options = ["--seeds", "3", "--seed", "5", "--biases", "--ask", "x3,w13"]
    assert main(["quiz", *options, str(path)]) == 0
    assert capsys.readouterr().out == f"The questions are in {path}\n"
    questions = list(ET.parse(path).getroot())
    titles = [question.findtext("category/text") or question.findtext("name/text") for question in questions]
    bank = "$course$/top/gradstep/Practice: 2-2-1, 3 variants"
    expected = []
    for quantity in ("x3", "w13_new"):
        expected += [f"{bank}/{quantity}", *(f"Practice {seed}: 2-2-1: {quantity}" for seed in (5, 6, 7))]
    assert titles == expected
    numerical = [question for question in questions if question.get("type") == "numerical"]
    variants = [(seed, quantity) for quantity in ("x3", "w13_new") for seed in (5, 6, 7)]
    for (seed, quantity), question in zip(variants, numerical, strict=True):
        exercise = practice(seed=seed, biases=True)
        assert answers_of(question)[0][1] == pytest.approx(Solver(exercise).carried()[quantity], rel=1e-9)


def test_a_command_line_that_does_not_fit_gets_a_sentence(tmp_path, capsys):
    for arguments in (["mazur"], ["mazur", "q.xml", "--seeds", "2"]):
        assert main(["quiz", *arguments]) == 1
        assert "expected an exercise or --seeds N, and the file to write" in capsys.readouterr().err
    assert main(["quiz", "mazur", "--ask", "x9", str(tmp_path / "q.xml")]) == 1
    assert "x9 is no quantity of this pass" in capsys.readouterr().err
    assert main(["quiz", "mazur", "--cloze", str(tmp_path / "q.txt")]) == 1
    assert "expected a file name for a quiz that ends with .xml, got 'q.txt'" in capsys.readouterr().err
    for option in (["--seed", "4"], ["--layers", "2-3-1"], ["--biases"]):
        assert main(["quiz", "mazur", *option, str(tmp_path / "q.xml")]) == 1
        assert f"{option[0]} is for new exercises; use it with --seeds N." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["quiz", "mazur", "--ask", ",", str(tmp_path / "q.xml")])
    assert "expected quantities such as x3,delta3, got ','" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["second", "mazur"])
def test_a_quiz_names_no_rounding_to_fewer_digits_than_it_asks_for(name):
    """1.32 and 0.3775 keep their first three digits: nobody who rounds as asked computes with 1.3 or 0.38."""
    questions = viz.quiz(READY[name]()).questions(READY[name]())
    told = [wrong.feedback for question in questions for wrong in question.wrong]
    assert any("w1 = 0.6 in place of w4" in sentence or "w2 = 0.2 in place of w1" in sentence for sentence in told)
    assert not any("rounded in between" in sentence for sentence in told)
