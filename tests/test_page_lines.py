"""The page by line: the lecture's lines, the numbers of `autograd.lines` after a change, and what is known when."""

import math
import re

import pytest
from browsing import opened, played

from autograd import Value
from nn import READY, Exercise, softmax_exercise

LECTURE = [
    "x3=x1·w13+x2·w23=1·2+(-1)·(-3)=5",
    "y3=F(x3)=F(5)=5",
    "x4=x1·w14+x2·w24=1·1+(-1)·4=-3",
    "y4=F(x4)=F(-3)=0",
    "x5=y3·w35+y4·w45=5·2+0·(-1)=10",
    "y5=F(x5)=F(10)=10",
    "loss=12·(y5-y)2=12·(10-0)2=50",
    "δ5=(y5-y)·F'(x5)=(10-0)·F'(10)=10",
    "w35new=w35-η·δ5·y3=2-0.1·10·5=-3",
    "w45new=w45-η·δ5·y4=-1-0.1·10·0=-1",
    "δ3=δ5·w35·F'(x3)=10·2·F'(5)=20",
    "w13new=w13-η·δ3·x1=2-0.1·20·1=0",
    "w23new=w23-η·δ3·x2=-3-0.1·20·(-1)=-1",
    "δ4=δ5·w45·F'(x4)=10·(-1)·F'(-3)=0",
    "w14new=w14-η·δ4·x1=1-0.1·0·1=1",
    "w24new=w24-η·δ4·x2=4-0.1·0·(-1)=4",
]
TWO = {"weights": {"w12": 2, "w23": 3}, "target": [0, 1], "inputs": [[1], [-2]], "eta": 0.1, "activation": "tanh"}
KINDS = {
    **{name: READY[name] for name in ("mazur", "softmax", "batch", "shared")},
    "momentum": lambda: Exercise(**TWO, optimizer={"sgd": {"momentum": 0.9, "weight_decay": 0.01}}),
    "each": lambda: Exercise(**TWO, update="each", optimizer={"sgd": {"momentum": 0.9}}),
}


def clean(text):
    return re.sub(r"\s", "", text).replace("\N{MINUS SIGN}", "-").replace("\N{PRIME}", "'")


def written(page):
    """The lines that stand in the list with their numbers."""
    texts = "[...document.querySelectorAll('#steps button:not(.coming) .body')].map(line => line.textContent)"
    return [clean(text) for text in page.evaluate(texts)]


def results(page):
    """The results of all lines in the list, as numbers."""
    page.get_by_role("button", name="To the end").click()
    texts = "[...document.querySelectorAll('#steps .body')].map(line => line.lastElementChild.textContent)"
    return [float(clean(text).rpartition("=")[2].replace("·10", "e")) for text in page.evaluate(texts)]


def boxes(page):
    """What the box of each node shows, by the node's name."""
    return page.evaluate(
        "Object.fromEntries(program.nodes.map((node, k) => [node.name, ['data', 'grad'].map("
        "kind => document.getElementById(`v${k}`).querySelector(`text.${kind}`).textContent)]))"
    )


def assert_shown(found, lines):
    for mine, line in zip(found, lines, strict=True):
        assert math.isclose(mine, line.result, rel_tol=1e-5, abs_tol=1e-12), (str(line), mine)


def test_the_lecture_line_by_line(chromium, lecture):
    with opened(chromium, lecture) as page:
        assert page.inner_text("#count") == "line 0 of 16"
        for count in range(1, 17):
            page.keyboard.press("ArrowRight")
            assert clean(page.text_content("#formula")) == LECTURE[count - 1]
            assert written(page) == LECTURE[:count]
        assert page.locator("#steps h2").all_inner_texts() == ["Forward", "Loss", "Backward"]
        page.locator("#steps button").nth(7).click()
        assert page.inner_text("#sentence") == "Backward: delta5, the gradient of x5"
        assert page.locator("#steps [aria-current=step]").inner_text().startswith("8")
        assert written(page) == LECTURE[:8]


def test_the_picture_shows_what_is_known_after_each_line(chromium, lecture):
    with opened(chromium, lecture, "#line=1") as page:
        known = boxes(page)
        assert (known["x3"], known["v3"], known["y3"]) == (["5", "-"], ["2", "-"], ["-", "-"])
        page.locator("#steps button").nth(7).click()
        known = boxes(page)
        assert (known["loss"], known["y5"], known["x5"], known["v10"]) == (
            ["50", "1"],
            ["10", "10"],
            *[["10", "10"]] * 2,
        )
        assert (known["w35"], known["y3"], known["x3"]) == (["2", "-"], ["5", "-"], ["5", "-"])
        page.keyboard.press("ArrowRight")
        assert boxes(page)["w35"] == ["-3", "50"]
        page.keyboard.press("End")
        assert boxes(page)["x1"] == ["1", "-"]  # no line writes the gradient of an input


def test_the_switch_keeps_the_place(chromium, lecture):
    with opened(chromium, lecture, "#line=11") as page:
        switch = page.get_by_label("By line")
        switch.focus()
        page.keyboard.press("Space")
        assert page.inner_text("#sentence") == "Backward through y3 = relu(x3)"
        page.wait_for_url("**#step=34")
        page.keyboard.press("Space")
        assert page.inner_text("#sentence") == "Backward: delta3, the gradient of x3"
        assert page.inner_text("#count") == "line 11 of 16"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_exercise_is_played_for_several_iterations(chromium, tmp_path, kind):
    exercise = KINDS[kind]()
    with opened(chromium, played(tmp_path, exercise)) as page:
        page.get_by_role("tab", name="What if").click()
        for solution in exercise.iterate(2):
            assert_shown(results(page), solution.lines)
            page.get_by_role("button", name="1 update", exact=True).click()


def test_the_lines_follow_a_change_of_numbers(chromium, lecture):
    changed = Exercise({"w13": 2, "w23": -3, "w14": 1, "w24": 4, "w35": 2, "w45": 1}, [1, 0.5], target=0, eta=0.2)
    with opened(chromium, lecture) as page:
        page.get_by_role("tab", name="What if").click()
        page.fill("#leaves li[data-leaf=x2] input[type=text]", "0.5")
        page.fill("#leaves li[data-leaf=w45] input[type=text]", "1")
        page.fill("#rate", "0.2")
        assert_shown(results(page), changed.solve().lines)
        assert "w24new=w24-η·δ4·x2=4-0.2·4·0.5=3.6" in written(page)


def test_a_taught_formula_is_left_where_it_is_false(chromium, tmp_path):
    with opened(chromium, played(tmp_path, softmax_exercise()), "#line=16") as page:
        assert clean(page.text_content("#formula")) == "dz1[2]=a1[2]-t1=0.253179-0=0.253179"
        page.get_by_role("tab", name="What if").click()
        page.fill("#leaves li[data-leaf=t1] input[type=text]", "1")  # two classes at once: dz = 2*a - t
        formula = clean(page.text_content("#formula"))
        assert "a1[2]-t1" not in formula
        assert formula.endswith("=-0.493642")


def test_a_choice_marks_the_case_that_holds(chromium, tmp_path):
    x = Value(3, "x")
    with opened(chromium, played(tmp_path, x.relu() * 5), "#line=2") as page:
        assert page.text_content("#formula .taken mtd") == "1"
        page.get_by_role("tab", name="What if").click()
        page.fill("#leaves input[type=text]", "-3")
        assert page.text_content("#formula .taken mtd") == "0"
        page.goto((tmp_path / "page.html").as_uri() + "#line")
        page.reload()
        assert page.inner_text("#count") == "step 0 of 6"  # a Value is played by contribution at first


def test_the_result_of_a_line_can_be_predicted(chromium, lecture):
    with opened(chromium, lecture, "#line=4") as page:
        page.get_by_label("Predict").check()
        page.keyboard.press("ArrowRight")
        assert written(page)[-1] == "x5=y3·w35+y4·w45=5·2+0·(-1)=?"
        assert (boxes(page)["x5"], boxes(page)["v10"]) == (["?", "-"], ["?", "-"])
        page.fill("#guess", "10")
        page.keyboard.press("Enter")
        assert written(page)[-1] == LECTURE[4]


@pytest.mark.parametrize(
    ("name", "count", "size"),
    [("batch", 59, (1000, 800)), ("batch", 59, (400, 800)), ("batch", 59, (960, 500)), ("softmax", 52, (960, 500))],
)
def test_no_line_is_cut(chromium, tmp_path, name, count, size):
    cut = """[...document.querySelectorAll('#steps li')].filter(line => [...line.querySelectorAll('math, math *')].some(
        math => math.getBoundingClientRect().right > line.getBoundingClientRect().right + 0.5)).length"""
    with opened(chromium, played(tmp_path, READY[name]()), f"#line={count}") as page:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.add_style_tag(content="#steps ol { content-visibility: visible !important; }")  # lines out of sight too
        assert page.locator("#steps li").count() == count
        assert page.evaluate(cut) == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
