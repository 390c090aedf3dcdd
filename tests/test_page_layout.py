"""The page in windows of many sizes, in a frame on a slide, and under axe-core, the usual checker of accessibility."""

import os
from pathlib import Path

import pytest
from browsing import opened, played

from nn import sigmoid_exercise

AXE = Path(os.environ.get("GRADSTEP_AXE", "axe.min.js"))
"""The script of the npm package axe-core."""
PARTS = ["header", "#pictures", "#transport", "#stage", "#side"]
OVERLAPS = """parts => {
  const boxes = parts.map(part => [part, document.querySelector(part).getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.flatMap(([one, a]) => boxes.flatMap(([other, b]) => (one < other && meet(a, b) ? [[one, other]] : [])));
}"""
SEEN = """element => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
}"""


@pytest.mark.parametrize("tab", ["Lines", "What if"])
@pytest.mark.parametrize("size", [(1280, 720), (1000, 800), (960, 500), (820, 1180), (1600, 900)])
def test_nothing_covers_anything_and_all_parts_are_in_the_window(chromium, lecture, size, tab):
    with opened(chromium, lecture, "#line=9") as page:
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.get_by_role("tab", name=tab, exact=True).click()
        assert page.evaluate(OVERLAPS, PARTS) == []
        for part in PARTS:
            assert page.locator(part).evaluate(SEEN), part
        inside = "element => element.scrollWidth <= element.clientWidth"
        assert all(page.locator(part).evaluate(inside) for part in ("#transport", "#stage", "body"))


@pytest.mark.parametrize("size", [(1280, 720), (820, 1180)])
def test_sliders_curve_and_picture_are_seen_together(chromium, lecture, size):
    with opened(chromium, lecture) as page:
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.get_by_role("tab", name="What if", exact=True).click()
        for part in ("#curve", "#graph", "#leaves li:nth-child(5) input[type=range]"):
            assert page.locator(part).evaluate(SEEN), part
        assert page.locator("#curve").bounding_box()["height"] > 100


@pytest.mark.parametrize("size", [(1280, 720), (1600, 900)])
def test_network_and_graph_stand_side_by_side_where_the_network_can_be_read(chromium, lecture, size):
    with opened(chromium, lecture) as page:
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.reload()
        graph, network = (page.locator(part).bounding_box() for part in ("#graph", "#network"))
        assert graph["x"] + graph["width"] <= network["x"] + 1
        whole = page.evaluate("document.querySelector('#network .graph').getBoundingClientRect().toJSON()")
        assert network["x"] <= whole["x"] + 1
        assert whole["right"] <= network["x"] + network["width"] + 1


@pytest.mark.parametrize(
    ("size", "fragment", "is_beside"),
    [((1600, 900), "", False), ((1600, 900), "#view=both", True), ((1000, 800), "#view=both", False)],
)
def test_a_network_of_specks_stands_beside_the_graph_on_request_only(chromium, tmp_path, size, fragment, is_beside):
    with opened(chromium, played(tmp_path, sigmoid_exercise()), fragment) as page:
        page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.reload()
        assert page.locator("#graph").is_visible()
        assert page.locator("#network").is_visible() == is_beside


def test_the_card_of_a_node_lies_over_the_other_picture(chromium, lecture):
    with opened(chromium, lecture, "#step=46&view=both") as page:
        page.locator("#graph .lit").first.hover()
        network, card = (page.locator(part).bounding_box() for part in ("#network", "#card"))
        assert card["x"] >= network["x"]
        page.locator("#network .node").last.hover()
        assert page.locator("#card.left").is_visible()


def test_a_link_shows_the_view_that_was_chosen_in_a_window_of_another_size(chromium, lecture):
    with opened(chromium, lecture) as page:
        assert page.locator("#network").is_visible()
        page.get_by_role("tab", name="Graph", exact=True).click()
        page.wait_for_url("**#line=0&view=graph")
        page.reload()
        assert page.locator("#network").is_hidden()


def test_follow_shows_the_whole_height_where_it_can_be_read(chromium, lecture):
    with opened(chromium, lecture, "#line=3") as page:
        whole, place = (
            page.evaluate(f"document.querySelector('{part}').getBoundingClientRect().toJSON()")
            for part in ("#graph .graph", "#graph")
        )
        assert place["top"] <= whole["top"] + 1
        assert whole["bottom"] <= place["bottom"] + 1


@pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not there: npm install axe-core, and give GRADSTEP_AXE its script"
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, lecture, scheme):
    with opened(chromium, lecture, "#step=25", color_scheme=scheme, bypass_csp=True) as page:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for tab in ("Steps", "Node", "What if", "Network"):
            page.get_by_role("tab", name=tab, exact=True).click()
            rules = {"label-content-name-mismatch": {"enabled": True}}
            found = page.evaluate("rules => axe.run(document, {rules})", rules)
            assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
            assert len(found["passes"]) > 30
