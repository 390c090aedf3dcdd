"""A step of the page changes little: what it leaves alone is right all the same, and costs a browser nothing."""

import pytest
from browsing import opened, played

from autograd import Value

SHOWN = """[...document.querySelectorAll('.picture svg g')].map(({id, classList, children}) => {
    const texts = [...children].filter(each => each.localName === 'text').map(each => each.textContent);
    return [id, ...[...classList].sort(), ...texts];
})"""
WATCH = """() => {
    window.touched = new Set();
    const add = ({target}) => touched.add(target.closest ? target : target.parentElement);
    new MutationObserver((found) => found.forEach(add)).observe(
        document.body, {subtree: true, childList: true, attributes: true, characterData: true});
}"""


def chain(length):
    """A chain of sums and tanh with a leaf for each."""
    end = Value(0.5, "x")
    for number in range(length):
        end = (end + Value(number / length, f"b{number}")).tanh()
    return end


@pytest.mark.parametrize("unit", ["line", "step"])
def test_moving_shows_what_a_page_opened_at_that_moment_shows(chromium, lecture, unit):
    moves = (
        ["ArrowRight"] * 9,
        ["ArrowLeft"] * 2,
        ["ArrowRight"] * 20,
        ["End"],
        ["ArrowLeft"] * 5,
        ["Home", "ArrowRight"],
    )
    with opened(chromium, lecture, f"#{unit}=0") as page, opened(chromium, lecture, f"#{unit}=0") as other:
        for keys in moves:
            for key in keys:
                page.keyboard.press(key)
            position = page.input_value("#position")
            other.goto(f"{lecture.as_uri()}?{position}#{unit}={position}")  # loaded anew
            assert page.evaluate(SHOWN) == other.evaluate(SHOWN)


def test_a_step_touches_what_it_is_about_alone(chromium, tmp_path):
    path = played(tmp_path, chain(100))
    with opened(chromium, path, "#step=120") as page:
        sheets = page.locator("#graph svg").count()
        page.evaluate(WATCH)
        page.keyboard.press("ArrowRight")
        inside = page.evaluate("[...touched].filter(each => each.closest('.picture svg')).length")
        touched = page.evaluate(
            "new Set([...touched].map(each => each.closest('.picture svg')).filter(each => each)).size"
        )
    assert sheets > 5
    assert 0 < inside < 30  # of 2,000
    assert touched < sheets / 2


def test_a_printed_picture_is_whole_though_the_page_shows_it_in_sheets(chromium, tmp_path):
    path = played(tmp_path, chain(100))
    with opened(chromium, path) as page:
        ids = page.evaluate("[...document.querySelectorAll('#graph svg > g > g')].length")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("#paper section").count() == 3
        for section in range(3):
            assert page.locator("#paper section").nth(section).locator("svg").count() == 1
            assert page.locator("#paper section").nth(section).locator("svg > g > g").count() == ids
