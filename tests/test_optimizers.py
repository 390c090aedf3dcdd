"""An optimizer explains its own step: its formulas, in symbols and numbers, give what its step gives."""

import io
import json
import math
from pathlib import Path

import pytest

import nn
import viz
from autograd import Value, parameter, steps
from autograd.passes.steps import Prepared, Updated, as_json
from autograd.passes.updates import DESCENT, assignments
from autograd.passes.wording import describe
from autograd.symbols.expression import text
from autograd.symbols.latex import latex
from nn import OPTIMIZERS, SGD, Adam, Optimizer, relu_exercise
from viz import Stepper
from viz.commands.cli import main

SETTINGS = [
    (SGD, {}),
    (SGD, {"momentum": 0.9}),
    (SGD, {"momentum": 0.9, "nesterov": True}),
    (SGD, {"weight_decay": 0.25}),
    (SGD, {"momentum": 0.5, "nesterov": True, "weight_decay": 0.25}),
    (Adam, {}),
    (Adam, {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.25}),
]


def told(loss, optimizer):
    """The steps of the optimizer."""
    return [step for step in steps(loss, optimizer=optimizer) if isinstance(step, (Prepared, Updated))]


def lines(loss, optimizer):
    return [describe(step).line for step in told(loss, optimizer)]


def small():
    """A loss L = x*w with the gradient 3, its weight 2."""
    x, w = Value(3, "x"), parameter(2, "w")
    loss = x * w
    loss.label = "L"
    return loss, w


def stepped(optimizer, w, gradient):
    """Do a step of the optimizer, and put the weight back."""
    w.grad, before = gradient, w.data
    optimizer.step()
    w.grad, w.data = None, before


def test_plain_descent_is_one_line_with_the_number_of_its_rate():
    loss, w = small()
    assert lines(loss, SGD([w], lr=0.1)) == ["w_new = w - 0.1 * dL/dw = 2 - 0.1 * 3 = 1.7"]


def test_momentum_tells_the_old_velocity_from_the_new_one():
    loss, w = small()
    optimizer = SGD([w], lr=0.1, momentum=0.9)
    assert lines(loss, optimizer) == [
        "velocity_w_new = mu*velocity_w + dL/dw = 0.9*0 + 3 = 3",
        "w_new = w - lr*velocity_w_new = 2 - 0.1*3 = 1.7",
    ]
    stepped(optimizer, w, 3.0)
    assert lines(loss, optimizer) == [
        "velocity_w_new = mu*velocity_w + dL/dw = 0.9*3 + 3 = 5.7",
        "w_new = w - lr*velocity_w_new = 2 - 0.1*5.7 = 1.43",
    ]
    assert [(step.before, step.result) for step in told(loss, optimizer)] == [(3.0, 5.7), (2.0, 2 - 0.1 * 5.7)]


BY_HAND = [  # w = 2, the gradient 3 in each step, lr = 0.5, mu = 0.5; v = mu v + g, w = w - lr v
    ({}, [0.5, -1.0, -2.5]),
    ({"momentum": 0.5}, [0.5, -1.75, -4.375]),  # v = 3, 4.5, 5.25
    ({"momentum": 0.5, "nesterov": True}, [-0.25, -2.875, -5.6875]),  # g + mu v = 4.5, 5.25, 5.625
    ({"weight_decay": 0.5}, [0.0, -1.5, -2.625]),  # g = 3 + 0.5 w = 4, 3, 2.25
    ({"momentum": 0.5, "weight_decay": 0.5}, [0.0, -2.5, -4.625]),  # g = 4, 3, 1.75; v = 4, 5, 4.25
]


@pytest.mark.parametrize(("settings", "expected"), BY_HAND)
def test_steps_worked_by_hand(settings, expected):
    w = parameter(2.0, "w")
    optimizer, found = SGD([w], lr=0.5, **settings), []
    for _ in range(3):
        w.grad = 3.0
        optimizer.step()
        found.append(w.data)
    assert found == expected


def test_nesterov_and_weight_decay():
    loss, w = small()
    assert lines(loss, SGD([w], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.5)) == [
        "g_w = dL/dw + decay*w = 3 + 0.5*2 = 4",
        "velocity_w_new = mu*velocity_w + g_w = 0.9*0 + 4 = 4",
        "w_new = w - lr*(g_w + mu*velocity_w_new) = 2 - 0.1*(4 + 0.9*4) = 1.24",
    ]
    assert lines(loss, SGD([w], lr=0.1, momentum=0.9, nesterov=True))[-1] == (
        "w_new = w - lr * (dL/dw + mu*velocity_w_new) = 2 - 0.1 * (3 + 0.9*3) = 1.43"
    )


def test_adam_with_both_corrections():
    loss, w = small()
    optimizer = Adam([w], lr=0.1, betas=(0.9, 0.75), eps=0.5)
    stepped(optimizer, w, 1.0)
    assert lines(loss, optimizer) == [
        "m_w_new = beta1*m_w + (1 - beta1) * dL/dw = 0.9*0.1 + (1 - 0.9) * 3 = 0.39",
        "v_w_new = beta2*v_w + (1 - beta2) * (dL/dw)**2 = 0.75*0.25 + (1 - 0.75) * 3**2 = 2.4375",
        "m_hat_w = m_w_new/(1 - beta1**t) = 0.39/(1 - 0.9**2) = 2.05263",
        "v_hat_w = v_w_new/(1 - beta2**t) = 2.4375/(1 - 0.75**2) = 5.57143",
        "w_new = w - lr*m_hat_w/(sqrt(v_hat_w) + epsilon) = 2 - 0.1*2.05263/(sqrt(5.57143) + 0.5) = 1.92824",
    ]
    assert describe(told(loss, optimizer)[1]).sentence == (
        "the optimizer computes v_w, the running mean of their squares"
    )
    # with the textbook's corrected means
    m, v = 0.39 / (1 - 0.9**2), 2.4375 / (1 - 0.75**2)
    assert told(loss, optimizer)[-1].result == pytest.approx(2 - 0.1 * m / (math.sqrt(v) + 0.5), rel=1e-14)


@pytest.mark.parametrize(("kind", "settings"), SETTINGS)
def test_every_line_is_true_and_leads_to_the_step_that_is_made(kind, settings):
    w, v = parameter(1.5, "w"), parameter(-0.7, "v")
    optimizer = kind([w, v], lr=0.03, **settings)
    for _ in range(5):
        loss = (w * v - 1) ** 2 + w**2
        found = told(loss, optimizer)
        for step in found:
            assert len(step.parts) == 2, "in symbols and in numbers"
            shown = eval(text(step.parts[-1], digits=17), {"sqrt": math.sqrt})
            assert shown == pytest.approx(step.result, rel=1e-12)
            assert latex(step.parts[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert [w.data, v.data] == [step.result for step in found if isinstance(step, Updated)]


def test_what_an_optimizer_keeps_is_as_it_was_after_it_was_asked():
    loss, w = small()
    optimizer = Adam([w], lr=0.1)
    first = told(loss, optimizer)
    assert first == told(loss, optimizer)
    assert optimizer.quantities(w)["t"] == 1.0


class Halving:
    """An optimizer of a user's own, which says no formulas."""

    def __init__(self, parameters):
        self.parameters = parameters

    def step(self):
        for each in self.parameters:
            each.data = each.data / 2


class Clipped(SGD):
    """One whose step is not what the formulas of its base say."""

    def step(self):
        for each in self.parameters:
            each.grad = min(each.grad, 1.0)
        super().step()


class OfNumbers(Optimizer):
    """One whose formulas run on numbers only."""

    def update(self, q):
        q.w = q.w - q.lr * math.tanh(q.g)


class Silent(Optimizer):
    def step(self):
        self.parameters[0].data = 5.0


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Halving, "w_new = 2 - 1 = 1"),
        (lambda found: Clipped(found, lr=0.5), "w_new = 2 - 0.5 = 1.5"),
        (
            lambda found: OfNumbers(found, lr=0.5),
            f"w_new = 2 - {0.5 * math.tanh(3):.6g} = {2 - 0.5 * math.tanh(3):.6g}",
        ),
        (lambda found: Silent(found, lr=0.5), "w_new = 2 + 3 = 5"),
    ],
)
def test_without_formulas_that_lead_to_its_step_an_optimizer_is_shown_by_the_change(kind, expected):
    loss, w = small()
    assert lines(loss, kind([w])) == [expected]


def test_an_optimizer_of_ones_own_is_explained_by_its_update():
    class SignDescent(Optimizer):
        def update(self, q):
            q.size = abs(q.g)
            q.w = q.w - q.lr * (q.g / q.size)

    loss, w = small()
    assert lines(loss, SignDescent([w], lr=0.25)) == [
        "size_w = abs(dL/dw) = abs(3) = 3",
        "w_new = w - lr * (dL/dw/size_w) = 2 - 0.25 * (3/3) = 1.75",
    ]
    with pytest.raises(NotImplementedError, match="Optimizer has no formulas"):
        Optimizer([w], lr=1).update(None)


def test_the_stepper_goes_through_an_update_line_by_line_and_back():
    loss, w = small()
    optimizer = SGD([w], lr=0.1, momentum=0.9)
    stepper = Stepper(loss, optimizer=optimizer).goto(5)
    assert str(stepper) == (
        "step 5 of 6, the optimizer computes velocity_w, the running sum of the gradients, with the momentum mu\n"
        "  velocity_w_new = mu*velocity_w + dL/dw = 0.9*0 + 3 = 3\n"
        "  velocity_w was 0, and is 3\n"
        "  next: the optimizer adjusts w"
    )
    assert (stepper.data("w"), stepper.gradient("w")) == (2.0, 3.0)
    assert stepper.next().data("w") == 1.7
    stepper.back(2)
    assert (stepper.data("w"), stepper.gradient("w")) == (2.0, 3.0)
    assert "<img" in stepper.next()._repr_html_()


def test_the_command_steps_through_an_update(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    source = "from autograd import Value, parameter\nloss = Value(3, 'x') * parameter(2, 'w')\nloss.label = 'L'\n"
    Path("lecture.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("goto 5\nn\n"))
    assert main(["step", "lecture.py:loss", "--momentum", "0.9", "--rate", "0.5"]) == 0
    shown = capsys.readouterr().out
    assert "velocity_w_new = mu*velocity_w + dL/dw = 0.9*0 + 3 = 3" in shown
    assert "w_new = w - lr*velocity_w_new = 2 - 0.5*3 = 0.5" in shown
    assert main(["step", "lecture.py:loss", "--optimizer", "adam", "--html", "--frames", "pictures"]) == 0
    assert "the optimizer adjusts {name}" in Path("pass.html").read_text(encoding="utf-8")
    assert len(list(Path("pictures").iterdir())) == 1 + 4 + 5
    assert "v_hat_w = v_w_new/(1 - beta2**t)" in Path("pictures/step-008.svg").read_text(encoding="utf-8")
    assert main(["step", "--exercise", "--momentum", "0.5"]) == 1
    assert "its own eta; give no optimizer" in capsys.readouterr().err


def test_a_number_that_is_not_kept_was_none_before():
    loss, w = small()
    assert "\n  g_w is 4\n" in str(Stepper(loss, optimizer=SGD([w], lr=0.1, weight_decay=0.5)).goto(5))


def test_the_steps_of_an_optimizer_as_json():
    loss, w = small()
    velocity, updated = map(as_json, told(loss, SGD([w], lr=0.1, momentum=0.9)))
    assert velocity == {
        "kind": "prepared", "node": 1, "name": "w", "quantity": "velocity",
        "words": "the running sum of the gradients, with the momentum mu", "before": -0.0, "result": 3.0,
    }  # fmt: skip
    assert json.loads(json.dumps(updated))["lr"] == 0.1


def test_the_lines_of_adam_in_latex():
    loss, w = small()
    written = viz.derivation(loss, optimizer=Adam([w], lr=0.1))
    assert r"\subsection*{Update}" in written
    assert r"\hat{m}_{w} &= \frac{m^{\text{new}}_{w}}{1 - \beta_{1}^{t}} = \frac{0.3}{1 - 0.9^{1}} = 3" in written
    assert r"w^{\text{new}} &= w - \frac{\text{lr} \cdot \hat{m}_{w}}{\sqrt{\hat{v}_{w}} + \epsilon}" in written


def test_an_exercise_reads_its_update_from_sgd(monkeypatch):
    monkeypatch.setattr(SGD, "update", lambda self, q: setattr(q, "w", q.w + q.lr * q.g))
    updates = [line for line in relu_exercise().solve().lines if line.part == "update"]
    assert str(updates[0]) == "w35_new = w35 + eta*delta5*y3 = 2 + 0.1*10*5 = 7"


def test_the_optimizers_of_the_command_line_are_those_that_there_are():
    assert (OPTIMIZERS["sgd"], OPTIMIZERS["adam"], "optimizer" in OPTIMIZERS) == (SGD, Adam, False)
    assert {kind.__name__ for kind in OPTIMIZERS.values()} <= {*nn.__all__}


def test_an_optimizer_that_updates_no_leaf_of_the_graph_is_refused():
    loss, _ = small()
    optimizer = SGD([Value(1)], lr=0.1)
    for shown in (steps, Stepper, viz.derivation):
        with pytest.raises(ValueError, match=r"^the SGD updates no leaf of this graph\. Create it with the parameters"):
            shown(loss, optimizer=optimizer)


def test_an_optimizer_shows_its_settings_by_the_names_of_its_arguments():
    v, w = Value(1), Value(2)
    assert repr(SGD([w], lr=0)) == "SGD(1 parameter, lr=0.0)"
    optimizer = SGD([v, w], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.25)
    assert repr(optimizer) == "SGD(2 parameters, lr=0.1, weight_decay=0.25, momentum=0.9, nesterov=True)"
    assert repr(Adam([v, w])) == "Adam(2 parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-08)"
    names = {name: optimizer.arguments[name] for name in optimizer.settings}
    assert names == {"lr": "lr", "decay": "weight_decay", "mu": "momentum"}


def test_adam_has_the_learning_rate_of_pytorch_where_none_is_given():
    assert Adam([Value(2)]).lr == 0.001


def test_plain_descent_of_the_lab_is_what_plain_sgd_does():
    lines = assignments(SGD([Value(2)], lr=0.1), ["w", "g", "lr"])
    assert [(line.name, text(line.formula)) for line in lines] == [("w", "w - lr*g")]
    assert [(line.name, text(line.formula)) for line in DESCENT] == [("w", "w - lr*g")]


def test_a_step_without_any_gradient_says_so():
    w, never = parameter(2, "w"), parameter(1, "never")
    optimizer = SGD([w, never], lr=0.5)
    with pytest.warns(UserWarning, match="no parameter has a gradient, so step\\(\\) changed nothing. Call backward"):
        optimizer.step()
    (w * w).backward()
    optimizer.step()
    assert (w.data, never.data) == (0.0, 1.0)


def test_a_loop_by_hand_runs_with_a_parameter_that_no_gradient_reached():
    w, never = parameter(2, "w"), parameter(1, "never")
    (w * w).backward()
    for p in (w, never):
        p.data -= 0.25 * p.grad
        p.grad += 1.0
    assert (w.data, never.data, never.grad) == (1.0, 1.0, 1.0)
