"""Predict on the page: it judges as the marking does, hides what it is told to, and sums up."""

import re
from dataclasses import replace

import pytest
from browsing import ask_next, opened, played

from autograd.lab.marking import Marker
from autograd.lab.worksheet import Worksheet
from autograd.table.scalars import format_number
from nn import READY

JUDGED = """rows => rows.map(([line, name, result, before, text]) => {
    const key = keyOf(program, program.lines[line]);
    const { isRight, sentence } = judged({ name, result, before, key }, typedGuess(text));
    return [isRight, sentence];
})"""


def verdict(page):
    return " ".join(page.inner_text("#verdict").split())


def formula(page):
    text = page.evaluate("document.getElementById('formula').textContent")
    return re.sub(r"\s", "", text).replace("\N{MINUS SIGN}", "-")


def guess(page, text):
    page.fill("#guess", text)
    page.keyboard.press("Enter")
    return verdict(page)


def guesses(quantity):
    """What somebody may type for a number: it with more or fewer digits, nearly it, and numbers that slips give."""
    right = quantity.right
    yield from (f"{right:.{digits}f}" for digits in range(7))
    yield from (f"{right:.{digits}e}" for digits in (1, 2, 5))
    yield from (format_number(right * factor, 4) for factor in (1.001, 0.998, 1.01, 1.2, -1, 2, 0.5))
    yield from ("0", "1", "-3", format_number(quantity.before if quantity.before is not None else 0.25))


@pytest.mark.parametrize("name", ["relu", "second", "mazur", "batch", "softmax", "shared"])
def test_the_page_judges_as_the_marking_does(chromium, tmp_path, name):
    sheet = Worksheet(READY[name]())
    marker, names = Marker(sheet), [line.name for line in READY[name]().solve().lines]
    rows, wanted = [], []
    for place, line in enumerate(names):
        quantity = sheet.quantities[line]
        for text in dict.fromkeys(guesses(quantity)):
            rows.append([place, line, quantity.right, quantity.before, text])
            wanted.append(marker.guess(quantity, text, seen=[other for other in names if other != line]))
    with opened(chromium, played(tmp_path, READY[name]())) as page:
        found = page.evaluate(JUDGED, rows)
    for row, (is_right, sentence), mark in zip(rows, found, wanted, strict=True):
        assert (is_right, sentence) == (mark.verdict == "right", mark.hint), row


def test_what_passed_before_does_not_pass(chromium, tmp_path, lecture):
    with opened(chromium, lecture, "#line=6") as page:
        ask_next(page)
        assert guess(page, "49.9") == "loss = 49.9 is not right. Try again, or press Show it."
        assert guess(page, "50,0") == "Right: 50. 0 of 1 right at the first try."
    slow = replace(READY["relu"](), eta=0.0001)
    with opened(chromium, played(tmp_path, slow), "#line=11") as page:
        ask_next(page)
        assert guess(page, "2") == (
            "w13_new = 2 is what one gets without the update: it is the old weight. Subtract the step. "
            "Try again, or press Show it."
        )
        assert guess(page, "1.998") == "Right: 1.998. 0 of 1 right at the first try."


def test_other_numbers_are_judged_by_intervals_alone(chromium, lecture):
    with opened(chromium, lecture, "#line=10") as page:
        page.get_by_role("tab", name="What if", exact=True).click()
        page.fill("[data-leaf=w35] input[type=text]", "1,5")
        ask_next(page)
        for wrong in ("-30", "11.24", "12", "11.4"):
            assert guess(page, wrong) == f"delta3 = {wrong} is not right. Try again, or press Show it."
        assert guess(page, "11.25").startswith("Right: 11.25.")


@pytest.mark.parametrize(
    ("number", "typed", "is_right"),
    [
        *((50, "49.9", False), (50, "50.0", True), (0.13849, "0.14", True), (0.13849, "0.138", True)),
        *((0.13849, "0.139", False), (0.13849, "0.1", False), (1234.5, "1.2e3", True), (1234.5, "1e3", False)),
        *((1 / 3, "1/3", True), (1 / 3, "0.333", True), (1 / 3, "3/10", False), (0.002, "0", False)),
    ],
)
def test_the_interval_of_a_number_that_was_not_marked(chromium, lecture, number, typed, is_right):
    with opened(chromium, lecture) as page:
        question = {"name": "x", "result": number, "before": None, "key": None}
        found = page.evaluate("([question, text]) => judged(question, typedGuess(text)).isRight", [question, typed])
        assert found == is_right


def test_three_levels_of_hiding(chromium, lecture):
    with opened(chromium, lecture, "#line=10") as page:
        ask_next(page)
        shown = []
        for level in ("the result", "the numbers too", "the formula too"):
            page.get_by_label("Hide").select_option(level)
            entry = page.locator("#steps [aria-current]")
            coming = page.locator("#steps .coming").first.get_attribute("aria-label")
            shown.append((formula(page), entry.get_attribute("aria-label"), coming, page.inner_text("#question")))
        in_words = "delta3 = delta5*w35*F'(x3) = ?"
        assert shown == [
            ("\u03b43=\u03b45\u00b7w35\u00b7F\u2032(x3)=10\u00b72\u00b7F\u2032(5)=?", f"11: {in_words}",
             "12: w13_new = w13 - eta*delta3*x1", in_words),
            ("\u03b43=\u03b45\u00b7w35\u00b7F\u2032(x3)=?", f"11: {in_words}",
             "12: w13_new = w13 - eta*delta3*x1", in_words),
            ("\u03b43=?", "11: delta3 = ?", "12: w13_new", "delta3 = ?"),
        ]  # fmt: skip
        assert page.get_attribute("#position", "aria-valuetext") == "Line 11 of 16, Backward: delta3 = ?. "
        page.locator("#hiding").focus()
        page.keyboard.press("ArrowUp")
        assert page.inner_text("#count") == "line 11 of 16"
        page.get_by_role("button", name="Show it").click()
        assert formula(page).endswith("=20")


def test_the_graph_does_not_tell_a_slope_that_is_asked_for(chromium, tmp_path):
    """The slope sigma'(net_o1) is the local derivative at the edge from net_o1 to out_o1."""
    told = "[...document.querySelectorAll('text.partial')].filter(({ textContent }) => textContent === '∂=0.186816')"
    with opened(chromium, played(tmp_path, READY["mazur"]()), "#line=9") as page:
        assert page.evaluate(f"{told}.length") == 1
        page.get_by_label("Predict").check()
        assert page.evaluate(f"{told}.length") == 0
        page.locator("h1").click()
        page.keyboard.press("ArrowRight")
        assert page.inner_text("#question").startswith("sigma'(net_o1)")
        assert page.evaluate(f"{told}.length") == 0
        assert guess(page, "0.186816").startswith("Right")
        assert page.evaluate(f"{told}.length") == 1


def test_the_summary_counts_first_tries_and_is_printed(chromium, lecture):
    with opened(chromium, lecture, "#line=9") as page:
        ask_next(page)
        for text in ("-1", "", "-30", "20", "", "0", ""):  # an empty guess goes on
            page.locator("#guess").focus()
            guess(page, text)
        page.get_by_role("button", name="Show it").click()
        page.get_by_role("button", name="Summary").click()
        expected = [
            "The worked exercise: 2-2-1, F = ReLU: predictions",
            "2 of 4 right at the first try, 1 later, 1 shown.",
            *("number", "guesses", "how it went", "w45_new", "-1", "right at try 1"),
            *("delta3", "-30, 20", "right at try 2"),
            "delta3 = -30 is what one gets with the updated w35 = -3. Use the weight from before the update.",
            *("w13_new", "0", "right at try 1", "w23_new", "shown"),
        ]
        assert re.split(r"\s*[\n\t]+\s*", page.inner_text("#summary-content").strip()) == expected
        page.keyboard.press("ArrowRight")
        assert page.inner_text("#count") == "line 13 of 16"
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert re.split(r"\s*[\n\t]+\s*", page.inner_text("#paper").strip()) == expected
        assert not page.locator("#summary").is_visible()
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        page.emulate_media(media="screen")
        page.keyboard.press("Escape")
        assert not page.locator("#summary").is_visible()


@pytest.mark.parametrize("width", [1000, 400])
def test_the_form_and_the_summary_fit(chromium, lecture, width):
    with opened(chromium, lecture, "#line=10") as page:
        page.set_viewport_size({"width": width, "height": 800})
        ask_next(page)
        guess(page, "-30")
        below = page.locator("#verdict").bounding_box()
        assert 0 <= below["y"] <= 800 - below["height"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="Summary").click()
        box = page.locator("#summary").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.evaluate(
            "(() => { const d = document.getElementById('summary'); return d.scrollWidth <= d.clientWidth })()"
        )


@pytest.mark.parametrize(
    ("name", "most"),
    [
        *((name, 400_000) for name in ("relu", "second", "mazur", "shared", "softmax")),
        ("sigmoid", 495_000),
        ("batch", 485_000),
    ],
)
def test_a_page_of_a_ready_exercise_stays_small(tmp_path, name, most):
    assert played(tmp_path, READY[name]()).stat().st_size < most


def test_what_is_no_number_is_no_try(chromium, lecture):
    with opened(chromium, lecture, "#line=10") as page:
        ask_next(page)
        for text in ("", "abc", "1/0", "1e400", "1e400/3", "1.000,5"):
            assert guess(page, text) == "Type a number, such as -0.5, 18/625 or 1e-3."
        assert guess(page, " 20,0 ") == "Right: 20. 1 of 1 right at the first try."
