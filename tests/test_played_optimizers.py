"""The page plays the optimizer that it is given: its numbers over several updates, its lines, and its way back."""

import math
import re

import pytest
from browsing import ask_next, opened, played

import viz
from autograd import Value, parameter
from autograd.passes.steps import Prepared, Updated, steps
from autograd.table.scalars import format_number
from nn import MLP, SGD, Adam, Optimizer, relu_exercise

SETTINGS = [
    (SGD, {}),
    (SGD, {"momentum": 0.9}),
    (SGD, {"momentum": 0.9, "nesterov": True}),
    (SGD, {"weight_decay": 0.25}),
    (SGD, {"momentum": 0.5, "nesterov": True, "weight_decay": 0.25}),
    (Adam, {}),
    (Adam, {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.25}),
]
PLAYED = """([count, rate]) => {
  let kept = keptAtFirst(program);
  let leaves = program.nodes.map(node => node.op === null ? numberFromJson(node.data) : null);
  const found = [];
  for (let k = 0; k < count; k += 1) {
    const pass = computePass(program, leaves, rate, kept);
    leaves = leaves.map((data, node) => node in kept ? pass.updated[node] : data);
    kept = pass.next;
    const events = pass.events.filter((_, k) => program.steps[k].line !== undefined);
    found.push({ results: events.map(event => event.result), before: events.map(event => event.before) });
  }
  return found;
}"""


def text_of(page, selector):
    return " ".join(page.inner_text(selector).split())


def formula_of(page):
    text = page.evaluate("document.getElementById('formula').textContent")
    return re.sub(r"\s", "", text).replace("\N{MINUS SIGN}", "-")


def small():
    """A loss L = x*w with the gradient 3, its weight 2."""
    x, w = Value(3, "x"), parameter(2, "w")
    loss = x * w
    loss.label = "L"
    return loss, w


@pytest.mark.parametrize(("kind", "settings"), SETTINGS)
@pytest.mark.parametrize("done", [0, 3])
def test_the_page_computes_what_the_optimizer_does(chromium, tmp_path, kind, settings, done):
    mlp = MLP(2, [3, 1], "tanh", seed=1)
    optimizer = kind(mlp.parameters(), lr=0.05, **settings)

    def loss_now():
        return (mlp([1.0, -0.5]) - 0.75) ** 2 + mlp.layers[0].neurons[0].bias ** 2

    def iterate():
        loss = loss_now()
        told = [step for step in steps(loss, optimizer=optimizer) if isinstance(step, (Prepared, Updated))]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        order = sorted(told, key=lambda step: step.node)  # a leaf's lines stay in their order
        return [step.result for step in order], [step.before for step in order]

    for _ in range(done):
        iterate()
    path = played(tmp_path, loss_now(), optimizer=optimizer)
    with opened(chromium, path) as page:
        found = page.evaluate(PLAYED, [8, 0.05])
    for iteration in found:
        results, before = iterate()
        assert iteration["results"] == pytest.approx(results, rel=1e-12, abs=1e-300)
        known = [(mine, theirs) for mine, theirs in zip(iteration["before"], before, strict=True) if theirs is not None]
        assert [mine for mine, _ in known] == pytest.approx([theirs for _, theirs in known], rel=1e-12, abs=1e-300)
        assert iteration["before"].count(None) + len(known) >= len(before)


@pytest.mark.parametrize(("kind", "settings"), SETTINGS)
def test_the_button_updates_as_the_optimizer_does_and_reset_forgets_what_it_kept(chromium, tmp_path, kind, settings):
    v, w = parameter(-0.7, "v"), parameter(1.5, "w")
    optimizer = kind([v, w], lr=0.05, **settings)

    def loss_now():
        return (v * w - 1) ** 2 + w**2

    expected = []
    path = played(tmp_path, loss_now(), optimizer=optimizer)
    for _ in range(11):
        optimizer.zero_grad()
        loss = loss_now()
        loss.backward()
        optimizer.step()
        expected.append([format_number(loss_now().data, 6), *(format_number(each.data, 10) for each in (v, w))])
    with opened(chromium, path) as page:
        page.get_by_role("tab", name="What if", exact=True).click()
        shown = [lambda: text_of(page, "#loss-now")]
        shown += [page.get_by_label(f"{name}, number").input_value for name in "vw"]
        for _ in range(2):
            page.get_by_role("button", name="1 update", exact=True).click()
            assert [show() for show in shown] == expected[0]
            page.get_by_role("button", name="10 updates", exact=True).click()
            assert [show() for show in shown] == expected[10]
            page.get_by_role("button", name="Reset").click()
            assert page.get_by_label("w, number").input_value() == "1.5"


def test_the_lines_of_momentum_on_the_page(chromium, tmp_path):
    loss, w = small()
    path = played(tmp_path, loss, optimizer=SGD([w], lr=0.1, momentum=0.9))
    with opened(chromium, path, "#step=5") as page:
        assert text_of(page, "#count") == "step 5 of 6"
        assert (
            text_of(page, "#sentence")
            == "The optimizer computes velocity_w, the running sum of the gradients, with the momentum mu"
        )
        assert formula_of(page) == "velocitywnew=\u03bc\u00b7velocityw+\u2202L\u2202w=0.9\u00b70+3=3"
        assert text_of(page, "#explanation") == "velocity_w was 0, and is 3."
        assert page.evaluate("document.querySelector('#formula msub').firstChild.textContent") == "velocity"
        page.keyboard.press("ArrowRight")
        assert text_of(page, "#sentence") == "The optimizer adjusts w"
        assert formula_of(page) == "wnew=w-lr\u00b7velocitywnew=2-0.1\u00b73=1.7"
        assert text_of(page, "#steps [aria-current]") == "6 w_new = w - lr*velocity_w_new"
        page.get_by_role("tab", name="What if", exact=True).click()
        assert text_of(page, "#what-if-panel .hint") == "Gradient descent with momentum: momentum mu = 0.9."
        page.get_by_role("button", name="1 update", exact=True).click()
        page.keyboard.press("ArrowLeft")
        assert formula_of(page) == "velocitywnew=\u03bc\u00b7velocityw+\u2202L\u2202w=0.9\u00b73+3=5.7"
        page.fill("#rate", "0.5")
        page.locator("h1").click()
        page.keyboard.press("End")
        assert formula_of(page) == "wnew=w-lr\u00b7velocitywnew=1.7-0.5\u00b75.7=-1.15"


def test_a_line_of_an_update_can_be_predicted(chromium, tmp_path):
    loss, w = small()
    path = played(tmp_path, loss, optimizer=Adam([w], lr=0.1))
    with opened(chromium, path, "#step=4") as page:
        ask_next(page)
        assert text_of(page, "#question") == "m_w_new = beta1*m_w + (1 - beta1) * dL/dw = ?"
        assert text_of(page, "#sentence") == "The optimizer computes m_w, the running mean of the gradients"
        boxes = page.evaluate("[...document.querySelectorAll('#graph #v1 text')].map(text => text.textContent)")
        assert (boxes[-3], boxes[-1]) == ("2", "3")  # what is asked for stands in no box
        page.fill("#guess", "0.3")
        page.keyboard.press("Enter")
        assert text_of(page, "#verdict") == "Right: 0.3. 1 of 1 right at the first try."


def test_an_optimizer_of_ones_own_is_played(chromium, tmp_path):
    class Rounded(Optimizer):
        def update(self, q):
            q.slope = q.g.tanh() if hasattr(q.g, "tanh") else math.tanh(q.g)
            q.w = q.w - q.lr * q.slope

    loss, w = small()
    path = played(tmp_path, loss, optimizer=Rounded([w], lr=0.25))
    with opened(chromium, path, "#step=6") as page:
        assert page.input_value("#rate") == "0.25"
        assert formula_of(page).endswith(f"={format_number(2 - 0.25 * math.tanh(3), 6)}")


def test_an_update_of_one_line_is_written_with_the_numbers_of_its_settings(chromium, tmp_path):
    class Slowing(Optimizer):
        def update(self, q):
            q.w = q.w - q.lr / q.t * q.g

    loss, w = small()
    path = played(tmp_path, loss, optimizer=Slowing([w], lr=0.5))
    with opened(chromium, path, "#step=5") as page:
        assert text_of(page, "#sentence") == "The optimizer adjusts w"
        page.get_by_role("tab", name="What if", exact=True).click()
        assert page.locator("#what-if-panel .hint").inner_text() == ""
        page.get_by_role("button", name="1 update", exact=True).click()
        assert formula_of(page) == "wnew=w-0.52\u00b7\u2202L\u2202w=0.5-0.52\u00b73=-0.25"
        assert text_of(page, "#steps [aria-current]") == "5 w_new = w - lr/t * dL/dw"


def test_what_the_page_cannot_play():
    class Halving:
        def __init__(self, parameters):
            self.parameters = parameters

        def step(self):
            for each in self.parameters:
                each.data = each.data / 2

    class Clipped(SGD):
        def step(self):
            self.parameters[0].grad = 1.0
            super().step()

    loss, w = small()
    for optimizer in (Halving([w]), Clipped([w], lr=0.1), Optimizer([w], lr=0.1)):
        with pytest.raises((ValueError, NotImplementedError), match="formulas"):
            viz.player(loss, optimizer=optimizer)
    with pytest.raises(ValueError, match="the SGD updates no leaf of this graph"):
        viz.player(loss, optimizer=SGD([Value(1)], lr=0.1))
    with pytest.raises(
        ValueError, match="expected lr or an optimizer for player.., got both. Give lr to the optimizer."
    ):
        viz.player(loss, optimizer=SGD([w], lr=0.1), lr=0.5)
    with pytest.raises(ValueError, match="give no optimizer with it"):
        viz.player(relu_exercise(), optimizer=SGD([w], lr=0.1))
