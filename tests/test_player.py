"""The player in a real browser: the engine's numbers, the lecture's lines, and whatever a viewer may press or type."""

import base64
import itertools
import math
import random
import re
from contextlib import nullcontext
from xml.etree import ElementTree

import pytest
from browsing import opened, played, program_of
from points import known_to

import viz
from autograd import Value, constant, operation, ops, parameter, replay, sigmoid, what_if, where
from autograd.lab.answers import Answer
from autograd.symbols.formulas import JAVASCRIPT
from autograd.table.kernels import apply1, apply2
from autograd.table.scalars import format_number
from nn import MLP, READY, relu_exercise, second_exercise, sigmoid_exercise
from viz.page.javascript import operations_source

STEPS = "#step=0"
"""The end of an address that opens a page by contribution, at its beginning."""
EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, -8.0, 2.0, 710.0, -746.0, 1e-9, 1e-300, 1e300, math.inf, -math.inf, math.nan)


def text_of(page, selector):
    return " ".join(page.inner_text(selector).split())


def formula_of(page):
    text = page.evaluate("document.getElementById('formula').textContent")
    return re.sub(r"\s", "", text).replace("\N{MINUS SIGN}", "-")


def wait_for(page, count):
    page.locator("#count", has_text=count).wait_for()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def show_tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()


def boxes(page):
    """The two numbers in the box of each node, by its place."""
    return page.evaluate(
        "[...document.querySelectorAll('#graph .node[id^=v]')].map(group => ["
        "Number(group.id.slice(1)), ...[...group.querySelectorAll('text')].map(text => text.textContent)])"
        ".sort((a, b) => a[0] - b[0]).map(row => [row.at(-3), row.at(-1)])"
    )


def as_float(text):
    return float(text) if isinstance(text, str) else text


def assert_same(mine, theirs, what):
    mine, theirs = as_float(mine), as_float(theirs)
    both_nan = math.isnan(mine) and math.isnan(theirs)
    assert both_nan or mine == theirs or math.isclose(mine, theirs, rel_tol=1e-12, abs_tol=1e-300), (what, mine, theirs)


def points(op):
    generator = random.Random(op.name)
    smooth = [[generator.uniform(*interval) for interval in op.domain] for _ in range(200)]
    wide = [[generator.uniform(-30, 30) for _ in op.domain] for _ in range(100)]
    edges = [[x] for x in EDGES] if op.arity == 1 else [[x, y] for x in EDGES for y in EDGES]
    return smooth + wide + edges


def test_every_operation_computes_in_the_page_as_in_the_engine(chromium):
    page = chromium.new_page()
    script = (
        "([name, points]) => { const op = operations[name]; return points.map(texts => {"
        " const point = texts.map(Number); const z = op.value(...point);"
        " return [z, ...op.partials.map(partial => partial(...point, z))].map(String) }) }"
    )
    known = known_to(JAVASCRIPT)
    page.add_script_tag(content=operations_source(known))
    for op in known:
        sampled = points(op)
        texts = [[str(x).replace("inf", "Infinity").replace("nan", "NaN") for x in point] for point in sampled]
        found = page.evaluate(script, [op.name, texts])
        for point, numbers in zip(sampled, found, strict=True):
            expected = apply1(op.code, *point) if op.arity == 1 else apply2(op.code, *point)
            for mine, theirs in zip(numbers, expected, strict=True):
                assert_same(mine.replace("Infinity", "inf"), theirs, (op.name, point))
    page.context.close()


def test_numbers_are_written_as_everywhere(chromium, lecture):
    generator = random.Random(5)
    numbers = [generator.uniform(-1, 1) * 10.0 ** generator.randint(-320, 300) for _ in range(2_000)]
    numbers += [generator.uniform(-2e6, 2e6) for _ in range(500)]
    numbers += [
        100000.5,
        100001.5,
        0.1 + 0.2,
        2.5e-5,
        999999.5,
        0.00012345675,
        1e15,
        1e15 - 1,
        123456789.0,
        5e-324,
        -0.0,
    ]
    with opened(chromium, lecture, STEPS) as page:
        for digits in (5, 6, 10):
            found = page.evaluate("([all, digits]) => all.map(x => shown(x, digits))", [numbers, digits])
            assert found == [format_number(x, digits) for x in numbers]
        assert page.evaluate("[Infinity, -Infinity, NaN, null].map(x => shown(x))") == ["inf", "-inf", "nan", "-"]


@pytest.mark.parametrize("name", READY)
def test_the_page_of_each_ready_exercise_is_small(name):
    assert len(viz.player(READY[name]()).html.encode()) < 400_000


def test_the_page_of_the_exercise_is_one_small_file(lecture):
    text = lecture.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.findall(r"""(?:src|href)\s*=|@import|url\(""", text)


def test_the_dark_colours_are_the_same_whether_chosen_or_the_system_s():
    text = viz.player(Value(2, "x") * 3).html
    dark = r':root(?:\[data-theme="dark"\]|:not\(\[data-theme="light"\]\)) \{(.*?)\}'
    chosen, systems = re.findall(dark, text, re.DOTALL)
    assert "--paper" in chosen
    assert chosen.split() == systems.split()


def test_the_lecture_is_played_step_by_step(chromium, lecture):
    with opened(chromium, lecture, STEPS) as page:
        assert boxes(page)[-1] == ["-", "-"]
        seen = {}
        for _ in range(46):
            press(page, "ArrowRight")
            seen[text_of(page, "#sentence")] = formula_of(page)
        assert text_of(page, "#count") == "step 46 of 46"
    assert seen["Forward: x3 = v3 + v6"] == "x3=v3+v6=2+3=5"
    assert seen["Forward: y4 = relu(x4)"] == "y4=ReLU(x4)=ReLU(-3)=0"
    assert seen["Forward: loss = 0.5*v24"] == "loss=0.5·v24=0.5·100=50"
    assert seen["The optimizer adjusts w35"] == "w35new=w35-0.1·∂loss∂w35=2-0.1·50=-3"
    assert seen["The optimizer adjusts w13"] == "w13new=w13-0.1·∂loss∂w13=2-0.1·20=0"
    assert seen["The optimizer adjusts w23"] == "w23new=w23-0.1·∂loss∂w23=-3-0.1·(-20)=-1"
    assert seen["The optimizer adjusts w14"] == "w14new=w14-0.1·∂loss∂w14=1-0.1·0=1"


def test_at_the_end_every_box_shows_what_the_engine_computed(chromium, lecture):
    solution = relu_exercise().solve()
    with opened(chromium, lecture, STEPS) as page:
        press(page, "End")
        names = page.evaluate("program.nodes.map(n => n.name)")
        shown = dict(zip(names, boxes(page), strict=True))
        for name, value in solution.values.items():
            number = solution.after.get(name, value.data)
            gradient = "-" if not value.has_grad else format_number(value.grad, 6)
            assert shown[name] == [format_number(number, 6), gradient], name


def test_moving_by_keys_buttons_slider_list_and_address(chromium, lecture):
    with opened(chromium, lecture, "#step=25") as page:
        assert text_of(page, "#count") == "step 25 of 46"
        assert text_of(page, "#sentence") == "Backward through y4 = relu(x4)"
        press(page, "ArrowLeft")
        page.wait_for_url("**#step=24")
        for button, position in (("Next", 25), ("Back", 24), ("To the beginning", 0), ("To the end", 46)):
            page.get_by_role("button", name=button, exact=True).click()
            assert text_of(page, "#count") == f"step {position} of 46"
        press(page, "Home")
        assert text_of(page, "#count") == "step 0 of 46"
        page.fill("#position", "17")
        assert text_of(page, "#count") == "step 17 of 46"
        page.locator("#steps button", has_text="dloss/dw13").first.click()
        assert text_of(page, "#sentence") == "Backward through v3 = x1*w13"
        assert page.locator("#steps [aria-current=step]").count() == 1
        page.evaluate("location.hash = '#step=3'")
        wait_for(page, "step 3 of 46")
        page.evaluate("location.hash = '#step=999'")
        wait_for(page, "step 46 of 46")


def test_playing_goes_to_the_end_and_can_be_paused(chromium, lecture):
    with opened(chromium, lecture, STEPS) as page:
        page.fill("#speed", "4")
        page.locator("h1").click()
        press(page, "Space")
        wait_for(page, re.compile("step [1-9]"))
        press(page, "Space")
        assert page.get_by_role("button", name="Play", exact=True).is_visible()
        held = text_of(page, "#count")
        page.wait_for_timeout(300)
        assert text_of(page, "#count") == held
        page.fill("#position", "40")
        page.get_by_role("button", name="Play", exact=True).click()
        wait_for(page, "step 46 of 46")
        assert page.get_by_role("button", name="Play", exact=True).is_visible()


def test_a_flat_function_has_slope_0_on_one_side_of_its_kink():
    written = operations_source([ops.relu, ops.abs, ops.leaky_relu, ops.tanh]).splitlines()
    assert [line.split(":")[0].strip() for line in written if "flat: true" in line] == ["relu"]


def test_a_dead_relu_is_marked_blocked_and_explained(chromium, lecture):
    with opened(chromium, lecture, "#step=9") as page:
        assert text_of(page, "#explanation") == "relu is flat at x4 = -3: no gradient will flow back through it."
        page.evaluate("location.hash = '#step=25'")
        wait_for(page, "step 25 of 46")
        explained = text_of(page, "#explanation")
        assert "The gradient of x4 was -, and is 0." in explained
        assert "Blocked: relu is flat at x4 = -3, so no gradient reaches x4 on this edge." in explained
        assert page.locator("#graph .off").count() == 1
        assert page.locator("#graph .blocked").count() == 2  # relu of x4, and w45, whose input y4 is 0


def test_what_if_computes_everything_again_as_the_engine_does(chromium, tmp_path):
    solution = sigmoid_exercise().solve()
    path = tmp_path / "page.html"
    viz.player(solution).save(path)
    changed = {"w1_2_3": -1.75, "x_1": 0.625, "y": 0.0}
    again = what_if(solution.graph, changed)
    with opened(chromium, path) as page:
        found = page.evaluate(
            "changed => {"
            " const leaves = program.nodes.map(n => n.name in changed ? changed[n.name] : numberFromJson(n.data));"
            " const pass = computePass(program, leaves, 0.1);"
            " return program.nodes.map((n, k) => [n.name, pass.values[k], pass.gradients[k]]) }",
            changed,
        )
    rows = {row.name: row for row in again.rows}
    for name, value, gradient in found:
        assert_same(value, rows[name].after, name)
        if gradient is not None:
            assert_same(gradient, rows[name].gradient_after, name)
    assert sum(gradient is not None for *_, gradient in found) > 80


def test_fields_and_sliders_change_the_page_at_once(chromium, lecture):
    with opened(chromium, lecture, "#step=40") as page:
        show_tab(page, "What if")
        assert page.locator("#leaves li").count() == 9  # six weights, two inputs, the target
        page.get_by_label("w13, number").fill("-4")
        assert text_of(page, "#loss-now") == "0"
        assert page.locator("#changed").is_visible()
        page.get_by_label("w13, number").fill("nonsense")
        assert page.get_by_label("w13, number").get_attribute("aria-invalid") == "true"
        assert text_of(page, "#loss-now") == "0"
        page.get_by_label("w13, slider").fill("3")
        assert page.get_by_label("w13, number").input_value() == "3"
        assert text_of(page, "#loss-now") == "72"
        page.get_by_role("button", name="Reset").click()
        assert (text_of(page, "#loss-now"), page.get_by_label("w13, number").input_value()) == ("50", "2")
        assert page.locator("#changed").is_hidden()


def test_an_operation_of_ones_own_is_computed_again_in_the_page(chromium, tmp_path):
    @operation(lambda x, z: where(x > 1, 3, z + sigmoid(x) * (1 - z)), check=False)
    def bent(x):
        return where(x > 1, 3 * x, x * sigmoid(x))

    def loss(number):
        x, w = Value(number, "x"), Value(2, "w")
        y = bent(x * w) - 1
        y.backward()
        return y, x, w

    with opened(chromium, played(tmp_path, loss(0.25)[0])) as page:
        press(page, "End")
        names = page.evaluate("program.nodes.map(n => n.name)")
        show_tab(page, "What if")
        for number in (0.25, -1, 4):
            y, x, w = loss(number)
            page.get_by_label("x, number").fill(str(number))
            assert text_of(page, "#loss-now") == format_number(y.data, 6)
            shown = dict(zip(names, boxes(page), strict=True))
            found = {name: gradient for name, (_, gradient) in shown.items()}
            assert (found["w"], found["x"]) == (format_number(w.grad, 6), format_number(x.grad, 6))


def test_updates_follow_gradient_descent_and_draw_the_loss(chromium, tmp_path):
    exercise = second_exercise()
    path = tmp_path / "page.html"
    viz.player(exercise).save(path)
    solutions = exercise.iterate(12)
    with opened(chromium, path, "#step=1") as page:
        show_tab(page, "What if")
        page.get_by_role("button", name="1 update", exact=True).click()
        page.get_by_role("button", name="10 updates", exact=True).click()
        assert text_of(page, "#updates-done") == "11 updates"
        assert text_of(page, "#loss-now") == format_number(solutions[11].loss, 6)
        assert page.get_by_label("w5, number").input_value() == format_number(solutions[11].before["w5"], 10)
        assert len(page.get_attribute("#curve polyline", "points").split()) == 12
        page.fill("#rate", "1e200")
        page.get_by_role("button", name="100 updates", exact=True).click()
        assert re.fullmatch(
            r"Update \d+ would make the loss (inf|nan)\. Try a smaller rate\.", text_of(page, "#descent-message")
        )
        assert text_of(page, "#loss-now") not in ("nan", "inf")


def test_prediction_hides_a_number_until_it_is_guessed_or_asked_for(chromium, lecture):
    with opened(chromium, lecture, "#step=2") as page:
        page.get_by_label("Predict").check()
        page.locator("h1").click()
        press(page, "ArrowRight")
        assert formula_of(page) == "x3=v3+v6=2+3=?"
        assert text_of(page, "#question") == "x3 = v3 + v6 = ?"
        x3 = page.evaluate("document.querySelector('#graph .lit[id^=v]').textContent")
        assert re.sub(r"\s", "", x3) == "x3data?grad-"
        page.fill("#guess", "4")
        press(page, "Enter")
        assert text_of(page, "#verdict") == "x3 = 4 is not right. Try again, or press Show it."
        page.fill("#guess", "10/2")
        press(page, "Enter")
        assert text_of(page, "#verdict") == "Right: 5. 0 of 1 right at the first try."
        assert formula_of(page) == "x3=v3+v6=2+3=5"
        page.get_by_role("button", name="Next", exact=True).click()
        assert formula_of(page).endswith("=?")
        page.get_by_role("button", name="Show it").click()
        assert formula_of(page) == "y3=ReLU(x3)=ReLU(5)=5"
        page.get_by_role("button", name="Next", exact=True).click()
        page.get_by_role("button", name="Next", exact=True).click()  # asks for it
        assert (formula_of(page), text_of(page, "#count")) == ("v10=y3·w35=5·2=10", "step 5 of 46")


SPELLED = {
    "-0.5": -0.5,
    "18/625": 0.0288,
    "1e-3": 1e-3,
    ".5": 0.5,
    "+2": 2.0,
    "\N{MINUS SIGN}2,5": -2.5,
    "1,2.5": None,
    "2*10^-3": 2e-3,
    "2\N{MIDDLE DOT}10^-3": 2e-3,
    "2 \N{DOT OPERATOR} 10^(-3)": 2e-3,
    "2x10-3": 2e-3,
    "2X10^2": 200.0,
    "2\N{MULTIPLICATION SIGN}10\u207b\xb3": 2e-3,
    "-1,5*10\u2074": -15000.0,
    "2*10\u207a\xb9\u2070": 2e10,
    "1 000": 1000.0,
    "1'000.5": 1000.5,
    "1_000": 1000.0,
    " 20,0 ": 20.0,
    "\N{FIGURE DASH}1,5/2": -0.75,
    "1./4": 0.25,
    "\N{EM DASH}3": -3.0,
    **dict.fromkeys(["x", "2\xb3", "10^-3", "1/0", "1e999", "1e400/2", "1/-2", "1,5/2,5", "1..2/3", "2**3", "1,2,3"]),
    **dict.fromkeys(["2*10^", "2*11^3", "0x10", "constructor", "e5", "--1", "1e", "1/2/3", "2*10\u207b-3"]),
}


def test_what_people_type_is_read_as_the_marking_reads_it(chromium, lecture):
    with opened(chromium, lecture, STEPS) as page:
        read = page.evaluate("texts => texts.map(typedNumber)", list(SPELLED))
        assert page.evaluate("['', ' ', 'inf', '+Infinity', '-inf'].map(typedNumber)") == [
            *(None, None, math.inf, math.inf, -math.inf)
        ]
        show_tab(page, "What if")
        page.fill("[data-leaf=w13] input[type=text]", "2\N{MULTIPLICATION SIGN}10\u207b\xb3")
        page.locator("#changed").wait_for()
        page.wait_for_url("**w13=0.002")
    assert dict(zip(SPELLED, read, strict=True)) == SPELLED
    for text, number in SPELLED.items():
        with pytest.raises(ValueError, match="expected a number") if number is None else nullcontext():
            assert Answer.read("x", text).number == number


def test_a_node_shows_its_ledger_and_its_line(chromium, tmp_path):
    x = Value(3, "x")
    path = tmp_path / "page.html"
    viz.player(x * x).save(path)
    with opened(chromium, path, "#step=4") as page:
        show_tab(page, "Node")
        page.locator("#graph #v0").focus()
        assert text_of(page, "#details caption") == "Ledger of its gradient"
        rows = page.evaluate(
            "[...document.querySelectorAll('#details tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
        )
        assert rows == [["v1", "1", "3", "3", "3"], ["v1", "1", "3", "3", "6"]]
        press(page, "ArrowLeft")
        assert text_of(page, "#details p") == "1 contribution to come."
        assert "not recorded" in text_of(page, "#details dl")


def test_pointing_at_a_node_shows_a_card_in_the_other_half(chromium, lecture):
    with opened(chromium, lecture, "#step=46&view=graph") as page:
        assert page.locator("#card").is_hidden()
        page.get_by_role("button", name="Fit the whole picture").click()
        page.locator("#graph .node[id^=v]").last.hover()
        assert re.match("loss.*data 50 gradient 1 ", text_of(page, "#card"))
        boxes_of = [page.locator(selector).bounding_box() for selector in ("#card", "#graph")]
        assert boxes_of[0]["x"] + boxes_of[0]["width"] < boxes_of[1]["width"] / 2
        page.locator("#graph .parameter").first.hover()
        assert "Ledger of its gradient" in text_of(page, "#card")
        page.locator("h1").hover()
        page.locator("#card").wait_for(state="hidden")
        page.locator("#graph .parameter").first.focus()
        assert "gradient" in text_of(page, "#card")


def test_enter_alone_leads_from_one_prediction_to_the_next(chromium, lecture):
    with opened(chromium, lecture, "#step=2") as page:
        page.get_by_label("Predict").check()
        page.locator("#guess").focus()
        press(page, "Enter")
        page.keyboard.type("5")
        press(page, "Enter")
        assert text_of(page, "#verdict") == "Right: 5. 1 of 1 right at the first try."
        press(page, "Enter")
        assert formula_of(page) == "y3=ReLU(x3)=ReLU(5)=?"
        assert page.input_value("#guess") == ""
        page.keyboard.type("5")
        press(page, "Enter")
        assert text_of(page, "#verdict") == "Right: 5. 2 of 2 right at the first try."


def test_everything_has_a_name_and_the_step_is_announced(chromium, lecture):
    with opened(chromium, lecture, "#step=25") as page:
        unnamed = page.evaluate(
            "[...document.querySelectorAll('button, input, [role=button]')].filter(e => !(e.getAttribute('aria-label')"
            " || e.textContent.trim() || e.labels?.[0]?.textContent.trim())).map(e => e.outerHTML)"
        )
        assert unnamed == []
        live = page.locator("[aria-live=polite]")
        assert live.text_content().startswith(
            "Step 25 of 46, Backward: dloss/dx4 += dloss/dy4 * dy4/dx4 = 0. The gradient"
        )
        node = page.get_by_role("button", name="x1 data 1 grad -", exact=True)  # what it shows
        assert node.get_attribute("aria-description") == "leaf"


def test_everything_is_reached_by_the_keyboard_alone(chromium, lecture):
    with opened(chromium, lecture, STEPS) as page:
        reached = set()
        for _ in range(120):
            press(page, "Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert {"follow", "predict", "fit", "theme", "first", "play", "position", "speed", "Steps", "v0"} <= reached


def test_the_network_is_a_second_view_that_steps_along(chromium, lecture):
    with opened(chromium, lecture, "#step=25&view=graph") as page:
        assert page.locator("#network").is_hidden()
        show_tab(page, "Network")
        assert page.locator("#graph").is_hidden()
        texts = "[...document.querySelectorAll('#network text')].map(text => text.textContent)"
        shown = page.evaluate(texts)
        delta = "\N{GREEK SMALL LETTER DELTA}"
        assert {"x4=-3", "y4=0", f"{delta}4=0", "w45=-1", "dw45=0", "dw35=-", "loss=50"} <= set(shown)
        press(page, "End")
        shown = page.evaluate(texts)
        assert {"\N{GREEK SMALL LETTER DELTA}3=20", "w13=0", "dw13=20", "w35=-3", "dw35=50"} <= set(shown)
        assert page.locator("#network .edge.negative").count() == 3  # w23 = -1, w35 = -3, w45 = -1
        press(page, "ArrowLeft")
        show_tab(page, "What if")
        page.get_by_label("w24, number").fill("-9")
        assert "x4=10" in page.evaluate(texts)


def test_an_mlp_has_its_network_too(chromium, tmp_path):
    mlp = MLP(2, [2, 1], "tanh")
    loss = (mlp([1.0, -1.0]) - 1) ** 2
    path = tmp_path / "page.html"
    viz.player(loss, mlp=mlp).save(path)
    with opened(chromium, path, "#step=999") as page:
        show_tab(page, "Network")
        shown = page.evaluate("[...document.querySelectorAll('#network text')].map(text => text.textContent)")
        z = next(value for value in _graph_of(loss) if value.label == "z2_0")
        assert f"z2_0={format_number(z.data, 6)}" in shown
    with pytest.raises(ValueError, match="this network"):
        viz.player(loss, mlp=MLP(2, [2, 1]))


def _graph_of(root):
    return [root, *(inner for operand in root.operands for inner in _graph_of(operand))]


def test_zoom_fit_and_follow(chromium, lecture):
    with opened(chromium, lecture, STEPS) as page:
        box = "document.querySelector('#graph svg').getAttribute('viewBox').split(' ').map(Number)"
        page.get_by_role("button", name="Fit the whole picture").click()
        whole = page.evaluate(box)
        page.get_by_role("button", name="Larger").click()
        assert page.evaluate(box)[2] == pytest.approx(whole[2] / 1.4)
        page.get_by_label("Follow").check()
        page.fill("#position", "30")
        lit = page.locator("#graph .lit").first.bounding_box()
        assert 0 <= lit["x"] <= 1280
        page.mouse.move(600, 200)
        page.mouse.wheel(0, 200)
        page.locator("#follow:not(:checked)").wait_for()
        page.locator("h1").click()
        press(page, "f")
        assert page.evaluate(box) == whole


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(chromium, lecture, scheme):
    with opened(chromium, lecture, STEPS, color_scheme=scheme) as page:
        background = "getComputedStyle(document.body).backgroundColor"
        colours = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}
        assert page.evaluate(background) == colours[scheme]
        other = "light" if scheme == "dark" else "dark"
        for shown in (other, scheme, scheme):  # the other one, the same whatever the system does, the system's
            page.locator("#theme").click()
            assert page.evaluate(background) == colours[shown]


def test_a_printed_page_for_each_phase(chromium, lecture):
    with opened(chromium, lecture, "#step=3") as page:
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 3
        assert text_of(page, "#count") == "step 3 of 46"


def test_a_zero_that_stops_no_infinity_is_not_called_blocked(chromium, tmp_path):
    x = Value(0, "x")
    with opened(chromium, played(tmp_path, (x * x).sqrt()), "#step=5") as page:
        assert formula_of(page).endswith("=nan")
        assert text_of(page, "#explanation") == (
            "The gradient of x was -, and is nan. A factor 0 does not stop inf or nan: inf times 0 is nan."
        )
        assert page.locator("#graph .blocked").count() == 0


def test_a_kink_is_blocked_but_not_called_flat(chromium, tmp_path):
    with opened(chromium, played(tmp_path, abs(Value(0, "x"))), "#step=3") as page:
        assert text_of(page, "#explanation").endswith(
            "Blocked: this is the kink, where abs'(0) = 0, between the slopes -1 on the left and 1 on the right."
        )
        assert (page.locator("#graph .blocked").count(), page.locator("#graph .off").count()) == (1, 0)


def test_nothing_tells_the_number_that_is_to_be_predicted(chromium, tmp_path):
    x = Value(2, "x")
    with opened(chromium, played(tmp_path, x.exp() + Value(-3, "y").relu())) as page:
        page.get_by_label("Predict").check()
        press(page, "ArrowRight")
        for tab in ("Node", "What if"):
            show_tab(page, tab)
            seen = page.inner_text("body") + page.get_attribute("#position", "aria-valuetext")
            assert "step 1 of 10" in seen
            assert "7.38" not in seen
        assert page.text_content("#graph .lit[id^=e] text") == "\N{PARTIAL DIFFERENTIAL}=?"
        assert (text_of(page, "#loss-now"), page.locator("#curve").is_visible()) == ("?", False)
        assert page.locator("#graph .off").count() == 0
        page.fill("#position", "2")
        assert (text_of(page, "#explanation"), page.locator("#graph .off").count()) == ("", 0)
        page.get_by_role("button", name="Show it").click()
        assert text_of(page, "#explanation") == "relu is flat at y = -3: no gradient will flow back through it."
        assert page.locator("#graph .off").count() == 1
        page.get_by_role("button", name="Back", exact=True).click()
        assert text_of(page, "#verdict") == ""
        page.fill("#position", "4")  # a backward pass starts from 1, which is nothing to guess
        assert (formula_of(page), page.is_enabled("#reveal")) == ("\u2202v4\u2202v4=1", False)
        assert text_of(page, "#loss-now") == "7.38906"


def test_leaves_with_one_label_are_told_apart(chromium, tmp_path):
    loss = Value(2, "w") * Value(5, "w")
    with opened(chromium, played(tmp_path, loss), "#step=1") as page:
        assert formula_of(page) == "v2=w[v0]·w[v1]=2·5=10"
        assert text_of(page, "#sentence") == "Forward: v2 = w[v0]*w[v1]"
        show_tab(page, "What if")
        page.get_by_label("w[v1], number").fill("7")
        assert text_of(page, "#loss-now") == "14"


def test_the_network_tells_inputs_with_one_label_apart(chromium, tmp_path):
    mlp = MLP(2, [1])
    loss = (mlp([Value(3, "x"), Value(-4, "x")]) - 1) ** 2
    with opened(chromium, played(tmp_path, loss, mlp=mlp)) as page:
        show_tab(page, "Network")
        shown = page.evaluate("[...document.querySelectorAll('#network text')].map(text => text.textContent)")
        assert {"x[v1]=3", "x[v4]=-4"} <= set(shown)


def test_a_click_keeps_a_node_and_a_drag_does_not(chromium, lecture):
    with opened(chromium, lecture, "#step=3") as page:
        node = page.locator("#graph").get_by_role("button", name="x3 data")
        place = node.bounding_box()
        page.mouse.move(place["x"] + 20, place["y"] + 20)
        page.mouse.down()
        page.mouse.move(place["x"] + 60, place["y"] + 40, steps=4)
        page.mouse.up()
        moved = node.bounding_box()
        assert (moved["x"] - place["x"], moved["y"] - place["y"]) == pytest.approx((40, 20), abs=1)
        panel = page.locator("#details-panel")
        assert panel.is_hidden()
        node.click(position={"x": 20, "y": 20})
        assert panel.is_visible()
        press(page, "ArrowRight")
        assert "x3" in text_of(page, "#details .kind")
        press(page, "Escape")
        assert text_of(page, "#details .kind") == "y3 = relu(x3) = 5"
        page.fill("#speed", "4")
        page.locator("#position").focus()
        press(page, "Space")
        wait_for(page, "step 46 of 46")


def test_the_curve_of_a_loss_of_zero(chromium, tmp_path):
    with opened(chromium, played(tmp_path, Value(-3, "x").relu())) as page:
        show_tab(page, "What if")
        texts = "[...document.querySelectorAll('#curve text')].map(text => text.textContent)"
        assert page.evaluate(texts) == ["0", "0", "0 updates"]  # one number at the axis, not 1e-300 above it
        page.get_by_label("log scale").check()
        assert page.evaluate(texts) == ["0", "0 updates"]
        page.get_by_label("x, number").fill("nan")
        page.get_by_role("button", name="1 update", exact=True).click()
        assert text_of(page, "#descent-message") == "The loss is nan. Change a number first."


CONTRAST = """() => {
  const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(c => c / 255).map(
    c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const style = (element, name) => light(getComputedStyle(element)[name]);
  return [...document.querySelectorAll('#graph .node')].flatMap(group => {
    const ground = style(group.querySelector('polygon, path, ellipse'), 'fill');
    return [...group.querySelectorAll('text:not(.off-mark)')].map(text => {
      const [low, high] = [ground, style(text, 'fill')].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05) }) })
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("step", [0, 9, 46])
def test_texts_in_the_graph_can_be_read(chromium, lecture, scheme, step):
    with opened(chromium, lecture, f"#step={step}", color_scheme=scheme) as page:
        assert min(page.evaluate(CONTRAST)) >= 4.5  # WCAG 2.2, 1.4.3


def test_a_formula_on_a_telephone_covers_nothing(chromium, lecture):
    with opened(chromium, lecture, "#step=25") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        parts = [page.locator(selector).bounding_box() for selector in (".heading", "#formula", "#explanation")]
        for above, below in itertools.pairwise(parts):
            assert above["y"] + above["height"] <= below["y"] + 1


def test_following_a_leaf_that_is_used_everywhere_stays_readable(chromium, tmp_path):
    x = Value(1, "x")
    total = x
    for _ in range(24):
        total = total + x
    with opened(chromium, played(tmp_path, total), "#step=50") as page:
        assert page.get_by_label("Follow").is_checked()
        assert page.locator("#graph #v0 text").first.bounding_box()["height"] >= 9


HOSTILE = [
    "<img src=x onerror=\"window.hacked=1\">", "</script><script>window.hacked=1</script>", "<!--", "$title ${x}",
    "\\frac{a}{b} & \"quoted\" 'single'", "a\nb", "]]>", "&lt;b&gt;", "\ue000\ue005", "x" * 200,
]  # fmt: skip


def test_labels_with_markup_stay_text_and_run_nothing(chromium, tmp_path):
    total = Value(0, "start")
    for number, label in enumerate(HOSTILE):
        total = total + parameter(number, label) * constant(2.0, f"{label} too")
    total.label = HOSTILE[0]
    path = tmp_path / "page.html"
    viz.player(total).save(path)
    with opened(chromium, path) as page:
        press(page, *["ArrowRight"] * 5, "End")
        for name in ("Node", "What if", "Steps"):
            show_tab(page, name)
        assert page.evaluate("window.hacked") is None
        assert page.evaluate("document.querySelectorAll('img, script').length") == 3
        listed = page.evaluate("[...document.querySelectorAll('#leaves li')].map(li => li.dataset.leaf)")
        shown = {label.replace("\n", r"\n") for label in HOSTILE[1:]}
        assert {f"{HOSTILE[0]}[v1]", *shown} <= set(listed)  # the first is what the total is called too
        assert HOSTILE[0] in page.title()


def test_no_script_runs_but_the_page_s_own(chromium, lecture):
    page = chromium.new_page()
    page.goto(lecture.as_uri())
    page.evaluate(
        "window.refused = new Set();"
        "addEventListener('securitypolicyviolation', event => refused.add(event.violatedDirective))"
    )
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hacked=1\">')")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.hacked=1'}))"
    )
    page.wait_for_function("['img-src', 'script-src-attr', 'script-src-elem'].every(what => refused.has(what))")
    assert page.evaluate("window.hacked") is None
    page.context.close()


def test_a_leaf_that_is_nan_or_infinite(chromium, tmp_path):
    x = Value(math.inf, "x")
    path = tmp_path / "page.html"
    viz.player(x * 0.0 + Value(math.nan, "n")).save(path)
    with opened(chromium, path) as page:
        press(page, "End")
        assert boxes(page)[-1] == ["nan", "1"]


def test_a_page_in_a_notebook_is_a_frame():
    shown = ElementTree.fromstring(viz.player(Value(2, "x") * 3)._repr_html_())
    [frame], [image] = shown.iter("iframe"), shown.iter("img")
    assert frame.get("srcdoc").startswith("<!DOCTYPE html>")
    first = base64.b64decode(image.get("src").removeprefix("data:image/svg+xml;base64,")).decode()
    texts = [
        "".join(text.itertext()) for text in ElementTree.fromstring(first).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert texts.count("2") == 1  # x is known, and nothing is computed
    assert "6" not in texts


def test_the_frame_hides_the_first_picture_which_is_seen_where_frames_are_dropped(chromium, tmp_path):
    path = tmp_path / "cell.html"
    path.write_text(viz.player(relu_exercise())._repr_html_(), encoding="utf-8")
    with opened(chromium, path) as page:
        at = "document.elementFromPoint({}, {}).tagName"
        assert [page.evaluate(at.format(x, y)) for x, y in ((30, 20), (400, 300), (1200, 700))] == ["IFRAME"] * 3
        page.evaluate("document.querySelector('iframe').remove()")
        assert page.evaluate(at.format(400, 300)) == "IMG"
        assert page.evaluate("document.querySelector('img').naturalWidth") > 1000
        said = page.evaluate("document.body.innerText").strip()
        assert said.startswith(
            "The worked exercise: 2-2-1, F = ReLU (26 nodes, 46 steps, result 50), at its beginning."
        )


def test_what_cannot_be_played(tmp_path):
    with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got int"):
        viz.player(3)
    with pytest.raises(ValueError, match="expected a finite number from 0 up for the learning rate of .*, got -1"):
        viz.player(Value(1, "x") * 2, lr=-1)
    with pytest.raises(ValueError, match="not computed from any Value that varies"):
        viz.player(constant(1))
    with pytest.raises(FileNotFoundError, match="make it first"):
        viz.player(Value(1, "x") * 2).save(tmp_path / "nowhere" / "page.html")
    total = Value(1, "x")
    for _ in range(2_000):
        total = total + 1
    with pytest.raises(ValueError, match=r"^expected at most 2,000 nodes in a graph for a page, got 4,001\."):
        viz.player(total)


def test_a_replay_cannot_be_played():
    w = Value(2, "w")

    @replay
    def loss(x):
        return (w * x).tanh()

    with pytest.raises(ValueError, match="Call the function itself, not its replay"):
        viz.player(loss(3))


def test_the_program_of_an_mlp_is_json_of_its_graph():
    program = program_of(viz.player((MLP(2, [2, 1])([1.0, -1.0]) - 1) ** 2).html)
    kinds, forms, names = zip(*((node[0], node[1], node[5:6]) for node in program["nodes"]), strict=True)
    assert program["forms"][forms[-1]]["op"] == "pow"
    parameters = [name for kind, name in zip(kinds, names, strict=True) if kind == "parameter"]
    assert parameters[:2] == [["w2_0_0"], ["w1_0_0"]]
    assert len(program["update"]["starts"]) == 9
