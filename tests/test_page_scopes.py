"""A large graph in the page: scopes that open by a click, the steps by what is visible; and the address of a moment."""

import pytest
from browsing import opened, played

import viz
from autograd import Tape, Value, scope, steps
from autograd.passes.wording import describe
from nn import MLP
from viz.page.optimizer import played_update
from viz.page.scopes import scope_views

WORDS = "program.steps.map(step => [stepText(program, step, 'text'), stepText(program, step, 'sentence')])"


def mlp_loss():
    """The loss of an MLP 2-8-8-1, and its leaves by name."""
    mlp = MLP(2, [8, 8, 1], seed=3)
    return (mlp([Value(0.5, "x1"), Value(1.0, "x2")]) - 1) ** 2, mlp


def odd_names():
    """A graph with names of all kinds: with spaces, twice the same, numbers as names, indices."""
    x, w, other, old = Value(0.5, "the x"), Value(2.0, "w_12"), Value(3.0, "w_12"), Value(1.5, "dx/dt")
    return ((x * w + other * 2 - 7) / old).tanh() ** 2 + abs(x) + (x * 2).exp() * w


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    loss, mlp = mlp_loss()
    return played(tmp_path_factory.mktemp("pages"), loss, mlp=mlp)


def text_of(page, selector):
    return " ".join(page.inner_text(selector).split())


@pytest.mark.parametrize("graph", [odd_names, lambda: mlp_loss()[0]])
def test_the_page_words_each_step_as_the_engine_does(chromium, tmp_path, graph):
    root = graph()
    with opened(chromium, played(tmp_path, root)) as page:
        said = page.evaluate(WORDS)
    worded = [describe(step) for step in (*steps(root), *played_update(root, None, None).events)]
    assert said == [[f"{each.name} {each.sign} {each.parts[0]}", each.sentence] for each in worded]


def test_a_large_graph_is_folded_and_played_by_what_is_visible(chromium, large):
    with opened(chromium, large) as page:
        assert page.locator("#graph .several").count() == 3  # the layers
        assert text_of(page, "#count") == "part 0 of 14"
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert text_of(page, "#sentence") == "Forward: layer 3, 16 steps, the last:"
        page.keyboard.press("End")
        layer = page.locator("#graph").get_by_role("button", name="layer 3")
        assert layer.get_attribute("aria-description") == "a closed scope: press to open it"
        loss, _ = mlp_loss()
        loss.backward()
        [output] = [line for line in Tape.of(loss).lines if line.label == "z3_0"]
        assert f"grad {output.grad:.6g}" in " ".join(layer.text_content().split())


def test_a_scope_opens_by_click_and_key_and_closes_again(chromium, large):
    with opened(chromium, large) as page:
        page.keyboard.press("End")
        page.locator("#graph").get_by_role("button", name="layer 2").click()
        assert page.locator("#graph .several").count() == 10  # eight neurons between the two other layers
        page.locator("#graph").get_by_role("button", name="neuron 1").focus()
        page.keyboard.press("Enter")
        assert text_of(page, "#scopes") == "whole graph layer 2 neuron 1"
        assert page.locator("#graph .parameter").count() == 9
        assert text_of(page, "#count") == "part 72 of 72"
        page.wait_for_url("**#part=72&open=layer%202%2Fneuron%201")
        page.keyboard.press("Backspace")
        page.get_by_role("button", name="whole graph").click()
        assert text_of(page, "#count") == "part 14 of 14"


def test_what_the_picture_does_not_show_is_one_part_and_nothing_is_drawn_too_large(chromium, large):
    with opened(chromium, large, "#part=9&open=layer 1/neuron 1") as page:
        texts = page.locator("#steps .body").all_inner_texts()
        assert texts[0] == "the rest of the graph, 5 steps"  # the neuron before it
        page.evaluate("location.hash = '#part=10&open=layer 2'")
        page.locator("#count", has_text="part 10 of").wait_for()
        page.get_by_label("Follow").check()
        assert page.locator("#graph .lit text").first.bounding_box()["height"] < 22


def test_units_that_need_each_other_are_played_in_the_order_of_the_engine(chromium, tmp_path):
    x = Value(0.5, "x")
    for _ in range(20):
        with scope("there"):
            x = (x * 1.5).tanh() + 0.1
        with scope("back"):
            x = (x * 0.5).tanh() - 0.1
    with opened(chromium, played(tmp_path, x)) as page:
        assert text_of(page, "#count") == "part 0 of 81"  # 40 forward; 40 backward, with the seed; the update


def test_the_pictures_of_scopes_hold_each_node_once():
    loss, _ = mlp_loss()
    lines = Tape.of(loss).lines
    views = {view.scope: view for view in scope_views(Tape.of(loss), None)}
    assert len(views) == 1 + 3 + 8 + 8 + 1
    [layer] = [unit for unit in views[()].units if isinstance(unit, list) and unit[1] == "layer 1"]
    assert layer[3] == ["layer 1"]
    single = [unit for unit in views["layer 2", "neuron 0"].units if isinstance(unit, int)]
    assert len(single) == len({*single}) == sum(line.scope == ("layer 2", "neuron 0") for line in lines) + 9


def test_a_page_of_an_exercise_carries_the_moment_in_its_address(chromium, lecture):
    fragment = "#step=46&view=network&x1=-0.5&w13=5"
    with opened(chromium, lecture, fragment) as page:
        assert page.locator("#network").is_visible()
        numbers = [page.locator(f"[data-leaf={name}] input").first.input_value() for name in ("w13", "x1", "w23")]
        assert numbers == ["5", "-0.5", "-3"]
        page.wait_for_url(f"**{fragment}")
        page.evaluate("location.hash = '#line=3'")
        page.locator("#count", has_text="line 3 of").wait_for()
        assert page.locator("#graph").is_visible()
        assert not page.locator("#changed").is_visible()


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("#step=3&w13=5e", 'expected a number for "w13", got "5e"'),
        ("#step=-1", 'expected a whole number for "step", got "-1"'),
        ("#step=3&line=4", 'it has "step" and "line"'),
        ("#w13=1&w13=2", '"w13" is there twice'),
        ("#step=3&nobody=1", 'there is no number "nobody" to change'),
        ("#view=<img onerror>", 'expected graph, network or both for "view", got "<img onerror>"'),
        ("#w13=alert(1)", 'expected a number for "w13", got "alert(1)"'),
        ("#w13=%E0%A4%A", '"w13=%E0%A4%A" has a broken % sign'),
        ("#open=layer 9", 'expected a scope for "open", got "layer 9"'),
        ("#w13=1e999", 'expected a number for "w13", got "1e999"'),
        ("#part=3", "this page has no parts"),
        (f"#{'a' * 5000}", f'expected name=number, got "{"a" * 93}…'),
        ("#__proto__=1", 'there is no number "__proto__" to change'),
    ],
)
def test_a_malformed_address_is_refused_and_nothing_of_it_is_used(chromium, lecture, fragment, said):
    with opened(chromium, lecture, fragment) as page:
        notice = text_of(page, "#notice")
        assert notice.startswith(f"The link does not fit this page: {said}")
        assert notice.endswith("Nothing of it was used.")
        assert text_of(page, "#count") == "line 0 of 16"
        assert not page.locator("#changed").is_visible()
        page.keyboard.press("ArrowRight")
        assert page.locator("#notice").is_hidden()


def test_a_button_copies_the_link(chromium, lecture):
    with opened(chromium, lecture, "#line=2", permissions=["clipboard-read", "clipboard-write"]) as page:
        page.get_by_role("tab", name="What if", exact=True).click()
        page.get_by_label("w13, number").fill("0.1")
        page.get_by_role("button", name="Copy the link to this moment").click()
        page.locator("#notice", has_text="copied").wait_for()
        link = page.evaluate("navigator.clipboard.readText()")
        assert link == f"{lecture.as_uri()}#line=2&w13=0.1"


def test_a_large_page_is_made_without_an_explanation_for_each_leaf(monkeypatch):
    asked = []
    monkeypatch.setattr("autograd.passes.steps.explained_step", lambda *given: asked.append(given))
    loss, mlp = mlp_loss()
    assert f" {len(steps(loss)) + len(mlp.parameters())} steps" in repr(viz.player(loss))
    assert asked == []
