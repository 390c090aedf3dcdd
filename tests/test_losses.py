"""A loss is one row: its identity is proven, and a new row is found by all that trains, explains and writes."""

import math
import random

import pytest

import nn
import viz
from autograd import Value, constant, gradients, softmax
from autograd.ops import abs, relu, sqrt, sub
from autograd.symbols.differentiation import derivative_formula
from autograd.symbols.expression import Symbol, text
from autograd.table.op import TABLE
from nn import LOSSES, MLP, Exercise, equations, fit
from nn.losses import NUMBERS, Identity, Loss, half_sum, loss
from nn.training.objective import Objective
from viz.commands.cli import main


@pytest.fixture
def huber(monkeypatch):
    """A row as its author writes it: half the square near 0, the magnitude beyond 1."""
    monkeypatch.setitem(LOSSES, "huber", None)

    @loss(NUMBERS)
    def huber(prediction, target):
        """Return the mean of (p - y)**2 / 2 where |p - y| < 1, of |p - y| - 1/2 elsewhere."""
        error = sub(prediction, target)
        return (error**2 - relu(abs(error) - 1.0) ** 2) / 2

    return huber


@pytest.mark.parametrize(
    ("probability", "target", "expected"), [(0.0, 0, 0.0), (1.0, 1, 0.0), (0.0, 1, math.inf), (1.0, 0, math.inf)]
)
def test_a_sure_prediction_costs_nothing_or_without_end(probability, target, expected):
    """A term with the factor 0 counts as 0: -0 log 0 is no nan."""
    assert nn.binary_cross_entropy(probability, target) == expected
    assert nn.binary_cross_entropy(Value(probability), target).data == expected
    assert nn.binary_cross_entropy([probability, 0.5], [target, 1]) == (expected + math.log(2)) / 2


def test_the_identity_of_sigmoid_and_binary_cross_entropy():
    row, generator = LOSSES["binary_cross_entropy"], random.Random(3)
    for _ in range(50):
        z, target = Value(generator.uniform(-8, 8)), constant(generator.random())
        output = z.sigmoid()
        [slope] = gradients(row.of_example([(output, target)]), [z])
        assert slope == pytest.approx(row.identity.signal(output.data, target.data), rel=1e-9, abs=1e-12)
        [slope] = gradients(row.identity.before(z, target), [z])
        assert slope == pytest.approx(row.identity.signal(output.data, target.data), rel=1e-9, abs=1e-12)


def test_the_identity_of_softmax_and_cross_entropy():
    row, generator = LOSSES["cross_entropy"], random.Random(3)
    for _ in range(50):
        z, chosen = [Value(generator.uniform(-8, 8)) for _ in range(4)], generator.randrange(4)
        slopes = gradients(row(z, chosen), z)
        outputs = [output.data for output in softmax(z)]
        signals = [row.identity.signal(output, place == chosen) for place, output in enumerate(outputs)]
        assert slopes == pytest.approx(signals, rel=1e-9, abs=1e-12)


def test_every_identity_is_proven_above():
    assert [name for name, row in LOSSES.items() if row.identity] == ["binary_cross_entropy", "cross_entropy"]


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_the_derivative_of_a_formula_is_that_of_central_differences(op):
    x, y = Symbol("x"), Symbol("y")
    inner = (x * 0.5 + y * 0.25 + max(0.0, op.domain[0][0]), 1.5 - y / 4)[: op.arity]
    formula = op(*inner) * x - (-x) * (x * y)
    names, step = {row.name: row for row in TABLE}, 1e-5
    for point in ({"x": 0.3, "y": 0.6}, {"x": 0.7, "y": 0.2}):
        for name in "xy":
            above, below = (eval(text(formula), names, point | {name: point[name] + d}) for d in (step, -step))
            slope = eval(text(derivative_formula(formula, name)), names, point)
            assert slope == pytest.approx((above - below) / (2 * step), rel=1e-7, abs=1e-9)


def test_a_new_row_trains(huber):
    model, data = MLP(1, [1], seed=1), nn.Dataset([[0.0], [1.0], [2.0], [3.0]], [0.5, 3.0, 5.0, 70.0])
    model.load_state_dict(dict.fromkeys(model.state_dict(), 0.25))
    history = fit(model, data, "huber", nn.SGD(model.parameters(), lr=1.0), iterations=1)
    # the errors are -0.25, -2.5, -4.25 and -69, of which the slopes are -0.25, -1, -1 and -1
    assert [p.data for p in model.parameters()] == pytest.approx([0.25 + 6 / 4, 0.25 + 3.25 / 4])
    assert history.losses == pytest.approx([(0.25**2 / 2 + 2.0 + 3.75 + 68.5) / 4])
    assert history.loss_name == "huber"
    assert Objective(MLP(2, [1]), nn.moons(), huber).classifier()([[0.0, 0.0]]) in ([0], [1])


def test_a_new_row_is_an_option_of_the_command(huber, capsys):
    assert main(["train", "moons", "--points", "6", "--sizes", "2", "--iterations", "2", "--loss", "huber"]) == 0
    assert "huber, sgd" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["train", "moons", "--loss", "negative_log_likelihood"])
    assert "huber" in capsys.readouterr().err


def test_a_new_row_solves_exercises(huber):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: its comparisons were left out")
    for weights in ({"w12": 2, "w13": -1}, {"w12": 0.3, "w13": 0.1}):
        exercise = Exercise(weights, [1.5], [0.25, 1], eta=0.1, activation="tanh", loss="huber")
        solution = exercise.solve()
        w = torch.tensor([*weights.values()], dtype=torch.float64, requires_grad=True)
        theirs = torch.nn.functional.huber_loss(torch.tanh(1.5 * w), torch.tensor([0.25, 1.0], dtype=torch.float64))
        theirs.backward()
        assert solution.loss == pytest.approx(theirs.item(), rel=1e-13)
        assert [*solution.gradients.values()] == pytest.approx(w.grad.tolist(), rel=1e-12)
    delta = next(line for line in solution.lines if line.name == "delta2")
    slope = eval(delta.numbers.replace("F'(0.45)", "1"), {row.name: row for row in TABLE})
    assert slope * (1 - solution.predictions[0] ** 2) == pytest.approx(delta.result, rel=1e-5)
    assert delta.symbols == "0.5*(y2 - t2)*F'(x2)"
    assert delta.steps[-1] == "0.0706506, since abs(y2 - t2) - 1 <= 0"
    assert r"\mathrm{ReLU}(\left|{y_{2} - t_{2}}\right| - 1)" in viz.derivation(solution)
    assert "((y2 - t2)**2 - relu(abs(y2 - t2) - 1)**2)/2" in viz.derivation(solution, "text")
    assert '"div"' in viz.player(solution).html


@pytest.mark.parametrize(
    "name", ["half_squared_error", "mean_squared_error", "hinge", "binary_cross_entropy_with_logits"]
)
def test_an_exercise_takes_every_loss_of_numbers(name):
    exercise = Exercise(
        {"w12": 0.7, "w13": -0.4, "w24": 0.5, "w34": -1.5, "w25": 0.3, "w35": 0.2},
        [1.5], [1, 1], eta=0.1, activation="tanh", output_activation="linear", loss=name,
    )  # fmt: skip
    solution = exercise.solve()
    assert solution.loss == LOSSES[name](solution.predictions, [1, 1])
    known = {line.name: line.result for line in solution.lines}
    for line in solution.lines:
        if line.name in ("delta4", "delta5"):
            slope = eval(
                line.symbols.replace(f"G'(x{line.name[-1]})", "1"),
                {row.name: row for row in TABLE},
                known | {"t4": 1.0, "t5": 1.0},
            )
            assert slope == pytest.approx(line.result, rel=1e-13)


def test_a_row_that_sums_has_equations(monkeypatch):
    monkeypatch.setitem(LOSSES, "pseudo", None)

    @loss(NUMBERS, join=half_sum)
    def pseudo(prediction, target):
        return sqrt(1.0 + sub(prediction, target) ** 2)

    mlp = MLP(2, [2, 2], "tanh", seed=2)
    inputs, targets = [[0.5, -1], [1, 2]], [[0.5, 0.25], [3, -2]]
    last = equations(mlp, inputs, targets, loss="pseudo")[-1]
    for column, target in zip(zip(*inputs, strict=True), zip(*targets, strict=True), strict=True):
        pseudo(mlp(column), target).backward(0.5)
    for unit, row in zip(mlp.layers[-1].neurons, last.dW, strict=True):
        assert [weight.grad for weight in unit.weights] == pytest.approx(row, rel=1e-12)


def test_an_exercise_sums_over_outputs_where_the_identity_holds_for_the_sum():
    exercise = Exercise(
        {"w12": 0.5, "w13": -1}, [2], [1, 0.25], eta=0.1, activation="sigmoid", loss="binary_cross_entropy"
    )
    solution = exercise.solve()
    assert solution.loss == pytest.approx(2 * nn.binary_cross_entropy(solution.predictions, [1, 0.25]), rel=1e-13)
    deltas = {line.name: line.result for line in solution.lines if line.name.startswith("delta")}
    assert deltas == pytest.approx({"delta2": solution.predictions[0] - 1, "delta3": solution.predictions[1] - 0.25})


def test_a_row_is_a_function_with_its_own_name():
    assert nn.hinge is LOSSES["hinge"]
    assert (nn.hinge.__name__, repr(nn.hinge)) == ("hinge", "<loss hinge>")
    assert nn.hinge(predictions=[0.5], targets=[1]) == 0.5
    assert isinstance(nn.hinge, Loss)
    assert Identity("sigmoid", sub).before is None
