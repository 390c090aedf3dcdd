"""`fit`: the steps are PyTorch's, the bits are the same, what goes wrong is said, and the model keeps its weights."""

import math
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import nn
from autograd import ReplayError, Value, parameter, replay
from nn import MLP, SGD, Adam, Dataset, DivergenceError, Layer, Module, TrainingInterrupt, fit, moons, xor
from nn.training.row_losses import RowLosses

LINE = Dataset([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], name="line")


class Line(Module):
    """y = w x + b, from w = b = 0."""

    def __init__(self):
        self.w, self.b = parameter(0.0, "w"), parameter(0.0, "b")

    def __call__(self, inputs):
        return self.w * inputs[0] + self.b


def weights(model):
    return [one.data for one in model.parameters()]


def test_one_step_by_hand():
    model = Line()
    history = fit(model, LINE, "mean_squared_error", SGD(model.parameters(), lr=0.1), iterations=1)
    # the mean of (0 - y)**2 is (1 + 9 + 25)/3, its gradient -2/3 (0*1 + 1*3 + 2*5) in w and -2/3 (1 + 3 + 5) in b
    assert history.losses == pytest.approx([35 / 3], rel=1e-15)
    assert weights(model) == pytest.approx([0.1 * 26 / 3, 0.1 * 6], rel=1e-15)
    errors = [weights(model)[0] * x + weights(model)[1] - y for (x,), y in zip(LINE.inputs, LINE.targets, strict=True)]
    assert history.loss == pytest.approx(sum(error**2 for error in errors) / 3, rel=1e-14)
    assert (history.accuracy, history.accuracies, history.stopped) == (None, [None], False)


def test_a_training_is_shown_in_one_line():
    model = Line()
    history = fit(model, LINE, optimizer=SGD(model.parameters(), lr=0.0), iterations=2)
    assert (repr(history), repr(model)) == ("History(2 iterations, loss 11.6667)", "Line(2 parameters)")
    stopped = fit(MLP(2, [1]), xor(4, noise=0), iterations=3, callback=lambda progress: True)
    assert repr(stopped) == f"History(1 iteration, loss {stopped.loss:.6g}, accuracy {stopped.accuracy:g}, stopped)"


LECTURE = Dataset([[2, 3, -1], [3, -1, 0.5], [0.5, 1, 1], [1, 1, -1]], [1.0, -1.0, -1.0, 1.0])


@pytest.mark.parametrize("engine", ["blocks", "graph"])
@pytest.mark.parametrize(
    ("output", "l2", "iterations", "said"),
    [
        ("linear", 0.0, 200, (75, "a1_0, a1_1, a1_2, a1_3, a2_0, a2_1, a2_2, a2_3")),
        ("relu", 1e-4, 3, (2, "a1_0, a1_1, a1_2, a1_3, a2_0, a2_1, a2_3, a3_0")),
    ],
)
def test_a_training_that_cannot_move_says_so_once(output, l2, iterations, said, engine):
    model = MLP(3, [4, 4, 1], output_activation=output)
    optimizer = SGD(model.parameters(), lr=0.2)
    with pytest.warns(UserWarning, match="training cannot move") as warned:
        history = fit(model, LECTURE, optimizer=optimizer, iterations=iterations, engine=engine, l2=l2)
    assert history.loss == pytest.approx(1.0, abs=0.01)  # a quarter of the lecture's sum, 4
    assert [(str(one.message), one.filename) for one in warned] == [
        (
            (
                f"training cannot move: all gradients of the loss 1 are exactly 0 in iteration {said[0]}. "
                f"Dead units, with the derivative 0 in every row: {said[1]}. "
                "Try another seed for the weights, or the activation 'leaky_relu' or 'tanh'."
            ),
            __file__,
        )
    ]


def test_many_dead_units_are_said_in_short():
    model = MLP.from_layers([Layer([[-1.0]] * 20, activation="relu", number=1), Layer([[1.0] * 20], number=2)])
    data = Dataset([[1.0], [2.0]], [1.0, -1.0])
    with pytest.warns(UserWarning, match=r"a1_0, a1_1, a1_2, a1_3, a1_4, a1_5, a1_6, a1_7 and 12 more\. Try"):
        fit(model, data, iterations=1)


def test_gradients_of_0_without_a_dead_unit_are_not_warned_about():
    fit(Line(), Dataset([[0.0], [0.0]], [1.0, -1.0]), iterations=2)  # the minimum, where the errors cancel
    done = MLP.from_layers([Layer([[-1.0]], activation="relu", number=1), Layer([[1.0]], number=2)])
    assert fit(done, Dataset([[1.0], [2.0]], [0.0, 0.0]), iterations=2).losses == [0.0, 0.0]


def test_the_penalty_counts_in_the_loss_and_in_the_gradient():
    model = MLP(1, [1], seed=3)
    w, b = weights(model)
    data = Dataset([[0.0], [0.0]], [b, b])  # so that the error is 0, and nothing but the penalty has a gradient
    history = fit(model, data, optimizer=SGD(model.parameters(), lr=0.5), iterations=1, l2=0.25)
    assert history.losses == pytest.approx([0.25 * (w**2 + b**2)], rel=1e-15)
    assert weights(model) == pytest.approx([w - 0.5 * 2 * 0.25 * w, b], rel=1e-15)


def torch_network(torch, model):
    """The same network in PyTorch: its layers as matrices of weights and biases."""
    layers = []
    for layer in model.layers:
        rows = [[w.data for w in neuron.weights] for neuron in layer.neurons]
        biases = [neuron.bias.data for neuron in layer.neurons]
        layers.append([torch.tensor(part, dtype=torch.float64, requires_grad=True) for part in (rows, biases)])
    return layers


def torch_outputs(torch, layers, inputs):
    outputs = torch.tensor(inputs, dtype=torch.float64)
    for place, (rows, biases) in enumerate(layers):
        outputs = outputs @ rows.T + biases
        if place < len(layers) - 1:
            outputs = torch.relu(outputs)
    return outputs


@pytest.mark.parametrize("engine", ["blocks", "graph"])
def test_five_steps_of_the_demo_are_pytorchs(engine):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle")
    model, data = MLP(2, [16, 16, 1], seed=5), moons(40)
    layers = torch_network(torch, model)
    tensors = [tensor for layer in layers for tensor in layer]
    losses = []
    for k in range(5):
        scores = torch_outputs(torch, layers, data.inputs)[:, 0]
        signs = torch.tensor([2.0 * target - 1.0 for target in data.targets], dtype=torch.float64)
        loss = torch.relu(1 - signs * scores).mean() + 1e-4 * sum((tensor**2).sum() for tensor in tensors)
        losses.append(loss.item())
        for tensor, gradient in zip(tensors, torch.autograd.grad(loss, tensors), strict=True):
            tensor.data -= (1.0 - 0.9 * k / 100) * gradient
    history = fit(
        model, data, "hinge", SGD(model.parameters(), lr=9.0), iterations=5,
        lr=lambda k: 1.0 - 0.9 * k / 100, l2=1e-4, engine=engine,
    )  # fmt: skip
    assert history.losses == pytest.approx(losses, rel=1e-12)
    ours = [[w.data for w in neuron.weights] for layer in model.layers for neuron in layer.neurons]
    theirs = [row for rows, _ in layers for row in rows.tolist()]
    assert all(row == pytest.approx(other, rel=1e-12, abs=1e-14) for row, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
def test_five_steps_of_adam_on_three_classes_are_pytorchs(loss):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle")
    model, data = MLP(4, [8, 3], seed=2), nn.blobs(30)
    layers = torch_network(torch, model)
    optimizer = torch.optim.Adam([tensor for layer in layers for tensor in layer], lr=0.05)
    classes = torch.tensor(data.targets)
    losses = []
    for _ in range(5):
        outputs = torch_outputs(torch, layers, data.inputs)
        if loss == "cross_entropy":
            value = torch.nn.functional.cross_entropy(outputs, classes)
        else:
            value = torch.nn.functional.mse_loss(outputs, torch.nn.functional.one_hot(classes).double())
        losses.append(value.item())
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    history = fit(model, data, loss, Adam(model.parameters(), lr=0.05), iterations=5)
    assert history.losses == pytest.approx(losses, rel=1e-12)
    chosen = torch_outputs(torch, layers, data.inputs).argmax(dim=1)
    assert history.accuracy == float((chosen == classes).double().mean())


@pytest.mark.parametrize("loss", ["hinge", "binary_cross_entropy_with_logits", "binary_cross_entropy"])
def test_the_engines_agree(loss):
    output = "sigmoid" if loss == "binary_cross_entropy" else "linear"
    courses = []
    for engine in ("blocks", "graph"):
        model = MLP(2, [4, 1], "tanh", output_activation=output, seed=1)
        history = fit(model, xor(20), loss, SGD(model.parameters(), lr=0.5), iterations=6, batch_size=7, engine=engine)
        courses.append((history.losses, history.accuracies))
    for losses, accuracies in courses[1:]:
        assert losses == pytest.approx(courses[0][0], rel=1e-13)
        assert accuracies == courses[0][1]


def test_the_engine_graph_has_the_bits_of_a_loop_of_backward():
    model, looped, data = MLP(2, [4, 1], seed=1), MLP(2, [4, 1], seed=1), xor(8)
    fit(model, data, "hinge", SGD(model.parameters(), lr=0.5), iterations=5, engine="graph")
    optimizer = SGD(looped.parameters(), lr=0.5)
    for _ in range(5):
        optimizer.zero_grad()
        for inputs, label in zip(data.inputs, data.targets, strict=True):
            nn.hinge(looped(inputs), 2.0 * label - 1.0).backward(1 / 8)
        optimizer.step()
    assert weights(model) == weights(looped)


def test_sizes_may_be_whole_numbers_of_numpy():
    models = [MLP(2, [1], seed=1), MLP(2, [1], seed=1)]
    fit(models[0], xor(8), iterations=3, batch_size=4)
    fit(models[1], xor(np.int64(8)), iterations=np.int64(3), batch_size=np.int64(4))
    assert weights(models[0]) == weights(models[1])


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    def trained(seed):
        model = MLP(2, [4, 1], seed=1)
        return fit(model, moons(30, seed=4), iterations=20, batch_size=8, seed=seed).losses, weights(model)

    assert trained(3) == trained(3)
    assert trained(3) != trained(4)


def test_numpy_is_not_imported(tmp_path):
    code = "import sys, nn; nn.fit(nn.MLP(2, [2, 1]), nn.xor(4), iterations=2); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_batches_take_each_row_once_before_any_again(monkeypatch):
    seen = []
    post = nn.training.row_losses.RowLosses.post
    monkeypatch.setattr(
        nn.training.row_losses.RowLosses, "post", lambda self, rows: seen.append(list(rows)) or post(self, rows)
    )
    fit(MLP(2, [1]), xor(10), iterations=6, batch_size=4)
    assert [len(rows) for rows in seen] == [4, 4, 2, 4, 4, 2]
    epochs = [[row for rows in part for row in rows] for part in (seen[:3], seen[3:])]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 2
    assert seen[:3] != seen[3:]


def test_the_demo_learns_everything():
    model = MLP(2, [16, 16, 1], seed=1)
    optimizer = SGD(model.parameters(), lr=1.0)
    history = fit(model, moons(seed=1), "hinge", optimizer, iterations=50, lr=lambda k: 1.0 - 0.9 * k / 100, l2=1e-4)
    assert (history.accuracy, history.loss < 0.03) == (1.0, True)


@pytest.mark.parametrize("data", [nn.circles(40), nn.xor(40)])
def test_a_small_network_learns_circles_and_xor(data):
    model = MLP(2, [8, 1], seed=1)
    assert fit(model, data, "hinge", Adam(model.parameters(), lr=0.1), iterations=60).accuracy == 1.0


def test_three_classes_are_learned():
    model = MLP(4, [8, 3], seed=1)
    assert fit(model, nn.blobs(60), optimizer=Adam(model.parameters(), lr=0.05)).accuracy == 1.0


def test_the_table_of_exclusive_or_is_learned():
    model = MLP(2, [4, 1], "tanh", seed=1)
    history = fit(
        model, xor(4, noise=0), "binary_cross_entropy_with_logits", SGD(model.parameters(), lr=1.0), iterations=300
    )
    assert history.accuracy == 1.0
    assert [model(inputs).data > 0 for inputs in ((0, 0), (0, 1), (1, 0), (1, 1))] == [False, True, True, False]


def test_the_callback_sees_every_iteration_and_stops_the_training():
    seen = []

    def watch(progress):
        seen.append(progress)
        return progress.iteration == 3

    model = Line()
    history = fit(model, LINE, optimizer=SGD(model.parameters(), lr=0.1), lr=lambda k: 0.1 / (k + 1), callback=watch)
    assert [progress.iteration for progress in seen] == [1, 2, 3]
    assert {progress.iterations for progress in seen} == {100}
    assert [progress.lr for progress in seen] == [0.1, 0.1 / 2, 0.1 / 3]
    assert list(history.progress) == seen
    assert history.stopped
    assert 0 <= seen[0].seconds <= seen[1].seconds <= seen[2].seconds


def test_ctrl_c_leaves_the_weights_of_the_last_iteration():
    def interrupt(progress):
        if progress.iteration == 2:
            raise KeyboardInterrupt

    model, two = Line(), Line()
    with pytest.raises(TrainingInterrupt, match="interrupted after 2 iterations") as caught:
        fit(model, LINE, optimizer=SGD(model.parameters(), lr=0.1), callback=interrupt)
    whole = fit(two, LINE, optimizer=SGD(two.parameters(), lr=0.1), iterations=2)
    assert weights(model) == weights(two)
    assert caught.value.history.losses == whole.losses
    assert (caught.value.history.loss, caught.value.history.stopped) == (whole.loss, True)


def test_ctrl_c_in_the_midst_of_a_step_goes_back_to_its_beginning():
    class Interrupted(SGD):
        def step(self):
            self.parameters[0].data = 77.0
            raise KeyboardInterrupt

    model = Line()
    with pytest.raises(TrainingInterrupt, match="after 0 iterations"):
        fit(model, LINE, optimizer=Interrupted(model.parameters(), lr=0.1))
    assert weights(model) == [0.0, 0.0]


class Interrupted(RowLosses):
    """Ctrl-C once, the first time that a method is called; `method` is its name."""

    method = "__init__"

    def __getattribute__(self, name):
        if name == Interrupted.method:
            Interrupted.method = ""
            raise KeyboardInterrupt
        return super().__getattribute__(name)

    def __init__(self, *arguments):
        if Interrupted.method == "__init__":
            Interrupted.method = ""
            raise KeyboardInterrupt
        super().__init__(*arguments)


@pytest.mark.parametrize(("method", "count"), [("__init__", 0), ("engine", 0), ("post", 0), ("values", 3)])
def test_ctrl_c_before_the_first_and_after_the_last_iteration_ends_as_inside_of_one(method, count, monkeypatch):
    monkeypatch.setattr("nn.training.fit.RowLosses", Interrupted)
    monkeypatch.setattr(Interrupted, "method", method)
    model, other = Line(), Line()
    with pytest.raises(TrainingInterrupt, match=f"interrupted after {count} iterations") as caught:
        fit(model, LINE, optimizer=SGD(model.parameters(), lr=0.1), iterations=3)
    if count:
        assert caught.value.history == replace(
            fit(other, LINE, optimizer=SGD(other.parameters(), lr=0.1), iterations=3),
            progress=caught.value.history.progress,
        )
    assert weights(model) == weights(other)
    assert caught.value.history.stopped is (count < 3)


def test_a_rate_that_diverges_names_the_iteration_the_node_and_the_row():
    model = Line()
    with pytest.raises(DivergenceError) as caught:
        fit(model, LINE, optimizer=SGD(model.parameters(), lr=1e155))
    sentence = str(caught.value)
    # the first step makes w = 1e155 * 26/3 and b = 1e155 * 6; the square of that is beyond 1.8e308
    assert sentence.startswith("the loss became inf in iteration 2: ")
    assert "made inf" in sentence
    assert "in row 1 of line" in sentence
    assert "The model has the parameters before that, with the loss 11.6667." in sentence
    assert "well below 1e+155: the loss was lowest in iteration 1, 11.6667." in sentence
    assert weights(model) == [0.0, 0.0]
    assert caught.value.history.losses == pytest.approx([35 / 3])


def test_a_step_to_infinity_is_named_with_its_parameter():
    model = Line()
    with pytest.raises(DivergenceError, match="the step of iteration 1 made w inf. The model is as it was"):
        fit(model, LINE, optimizer=SGD(model.parameters(), lr=1e308))
    assert weights(model) == [0.0, 0.0]


def test_a_gradient_that_is_infinite_is_named():
    class Root(Module):
        def __init__(self):
            self.w = parameter(0.0, "w")

        def __call__(self, inputs):
            return (self.w * inputs[0]).sqrt()

    model = Root()
    with pytest.raises(DivergenceError, match="the gradient of w became .*, in row 1 of data"):
        fit(model, Dataset([[1.0]], [2.0]), optimizer=SGD(model.parameters(), lr=0.1))
    assert weights(model) == [0.0]


def test_a_rate_is_not_blamed_for_what_is_not_finite_before_any_step():
    model = Line()
    with pytest.raises(DivergenceError, match="The model is as it was, .* No step was made yet") as caught:
        fit(model, Dataset([[1e200]], [1e200]), optimizer=SGD(model.parameters(), lr=0.1))
    assert "well below" not in str(caught.value)
    assert str(caught.value).endswith("The inputs reach 1e+200; dataset.standardized() (--standardize) scales them "
                                      "to about 1.")  # fmt: skip
    with pytest.raises(DivergenceError, match="Try a learning rate well below 1e[+]308"):
        fit(model, LINE, optimizer=SGD(model.parameters(), lr=1e308))


@pytest.mark.parametrize("engine", ["blocks", "graph"])
def test_a_model_that_no_gradient_reaches_is_said(engine):
    class Detached(Line):
        def __call__(self, inputs):
            return Value(super().__call__(inputs).data)

    with pytest.raises(ValueError, match="no gradient reaches the parameters: .* or .data of a Value"):
        fit(Detached(), LINE, engine=engine, l2=0.1)


def test_large_data_are_suspected():
    model, data = Line(), Dataset([[0.0], [5000.0]], [0.0, 1.0])
    with pytest.raises(DivergenceError, match="The inputs reach 5000; dataset.standardized"):
        fit(model, data, optimizer=SGD(model.parameters(), lr=1.0))
    assert all(map(math.isfinite, weights(model)))


TWO, THREE = moons(4), nn.blobs(6)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: fit(MLP(3, [1]), TWO), "expected a model with 2 inputs for moons, got 3. Make one with MLP(2, ...)."),
        (
            lambda: fit(MLP(4, [1]), THREE),
            "expected a model with 3 outputs for cross_entropy, since blobs has 3 classes",
        ),
        (lambda: fit(MLP(2, [2]), TWO, "hinge"), "got 2. Make 1 the size of its last layer."),
        (lambda: fit(MLP(4, [3]), THREE, "hinge"), "hinge is for two classes, but blobs has 3; try cross_entropy"),
        (lambda: fit(MLP(1, [2]), LINE), "a model with 1 output for mean_squared_error, since the targets are numbers"),
        (lambda: fit(MLP(1, [1]), LINE, "hinge"), "hinge is for classes, but the targets of line are numbers."),
        (lambda: fit(MLP(2, [1]), TWO, "hing"), "there is no loss 'hing'; try hinge."),
        (lambda: fit(MLP(2, [1]), TWO, iterations=0), "expected a whole number from 1 up for iterations, got 0."),
        (lambda: fit(MLP(2, [1]), TWO, batch_size=5), "expected at most 4, the number of rows, for batch_size, got 5."),
        (lambda: fit(MLP(2, [1]), TWO, batch_size=True), "expected a whole number from 1 up for batch_size, got True."),
        (lambda: fit(MLP(2, [1]), TWO, l2=-1.0), "expected a finite number from 0 up for l2, got -1."),
        (lambda: fit(MLP(2, [1]), TWO, engine="gpu"), "there is no engine 'gpu'; try blocks, graph."),
        (
            lambda: fit(MLP(2, [1]), TWO, lr=lambda k: -1.0),
            "finite number from 0 up for the learning rate of iteration 1",
        ),
        (lambda: fit(MLP(2, [1]), TWO, optimizer=SGD(Line().parameters(), lr=1)), "adjusts no parameter of the model."),
    ],
)
def test_what_does_not_fit_is_said_before_anything_begins(call, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        call()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: fit(lambda x: x, TWO), "expected a module such as MLP(2, [16, 1]) for fit(), got function."),
        (lambda: fit(MLP(2, [1]), [[1, 2]]), "expected a Dataset for fit(), got list."),
        (lambda: fit(MLP(2, [1]), TWO, lr=0.1), "expected a function of the iteration for lr, got 0.1."),
        (lambda: fit(MLP(2, [1]), TWO, callback=3), "expected a function of a Progress for callback, got 3."),
        (lambda: fit(MLP(2, [1]), TWO, optimizer="sgd"), "optimizer=SGD(model.parameters(), lr=0.1), got 'sgd'."),
        (lambda: fit(MLP(2, [1]), TWO, optimizer=SGD), "optimizer=SGD(model.parameters(), lr=0.1), got <class"),
        (lambda: fit(MLP, TWO), "expected a module such as MLP(2, [16, 1]) for fit(), got the class MLP."),
    ],
)
def test_what_is_no_model_no_data_and_no_function_is_said(call, sentence):
    with pytest.raises(TypeError, match=re.escape(sentence)):
        call()


def test_a_model_that_cannot_be_replayed_hears_of_the_other_engine():
    class Broken(Line):
        def __call__(self, inputs):
            return super().__call__(inputs) * parameter(1.0)

    model = Broken()
    with pytest.raises(ReplayError) as caught:
        fit(model, LINE, optimizer=SGD(model.parameters(), lr=0.1))
    assert caught.value.__notes__ == ["To train a model that cannot be replayed, use fit(..., engine='graph')."]


def test_a_penalty_that_is_infinite_is_named():
    model = Line()
    model.w.data = 1e200
    data = Dataset([[0.0]], [0.0])
    with pytest.raises(DivergenceError, match=r"iteration 1: v2 = w\*w made inf from w = 1e\+200.*, in the sum of the"):
        fit(model, data, optimizer=SGD(model.parameters(), lr=0.1), l2=1.0)
    assert weights(model) == [1e200, 0.0]


def test_probabilities_are_recorded_once():
    model = MLP(1, [1], output_activation="sigmoid")
    loss = replay(lambda x: nn.binary_cross_entropy(model([x]), 1.0))
    for x in range(5):
        assert loss(x).data == nn.binary_cross_entropy(model([x]), 1.0).data
    assert loss.recordings == 1


# --- Rows that are held out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["blocks", "graph"])
def test_the_loss_of_held_out_rows_is_that_before_each_step_and_nothing_is_learned_from_them(engine):
    held_out = replace(LINE, inputs=[[3.0], [-1.0]], targets=[9.0, 0.0])
    model, alone = Line(), Line()
    given = {"iterations": 4, "l2": 0.01, "engine": engine}
    history = fit(model, LINE, optimizer=SGD(model.parameters(), lr=0.1), test=held_out, **given)
    without = fit(alone, LINE, optimizer=SGD(alone.parameters(), lr=0.1), **given)
    assert (history.losses, weights(model)) == (without.losses, weights(alone))
    w = b = 0.0
    expected = []
    for _ in range(5):  # descent by hand
        tested = ((3 * w + b - 9) ** 2 + (-w + b) ** 2) / 2
        expected.append(tested + 0.01 * (w * w + b * b))
        errors = [w * x + b - y for (x,), y in zip(LINE.inputs, LINE.targets, strict=True)]
        dw = sum(2 * error * x for error, (x,) in zip(errors, LINE.inputs, strict=True)) / 3 + 0.02 * w
        db = sum(2 * error for error in errors) / 3 + 0.02 * b
        w, b = w - 0.1 * dw, b - 0.1 * db
    assert [*history.test_losses, history.test_loss] == pytest.approx(expected, rel=1e-12)
    assert (history.test_accuracy, without.test_loss, without.test_losses) == (None, None, [])
    assert f"held-out loss {history.test_loss:.6g}" in repr(history)


def test_the_accuracy_of_held_out_rows_is_their_share_that_is_right():
    line = Dataset([[-2], [-1], [1], [2]], [0, 0, 1, 1], class_names=("n", "y"))
    odd = Dataset([[-3], [3], [4], [5]], [1, 1, 1, 0], class_names=("n", "y"))
    model = MLP(1, [1], seed=1)
    history = fit(model, line, test=odd, iterations=60, optimizer=SGD(model.parameters(), lr=0.5))
    assert (history.accuracy, history.test_accuracy, history.progress[-1].test_accuracy) == (1.0, 0.5, 0.5)


def test_held_out_rows_of_another_kind_are_refused_before_the_training():
    with pytest.raises(TypeError, match=r"^expected a Dataset for fit\(\), got list"):
        fit(Line(), LINE, test=[1, 2])
    with pytest.raises(ValueError, match="expected the feature names of line for xor, x1, got x1, x2"):
        fit(Line(), LINE, test=xor())
    with pytest.raises(ValueError, match="expected the class names of moons for"):
        fit(MLP(2, [1]), moons(), test=xor())


def test_a_split_is_drawn_by_its_seed_and_holds_every_row_once():
    data = moons(20)
    learned, held_out = data.split(0.3, seed=3)
    assert (len(learned), len(held_out), held_out.name) == (14, 6, "moons, held out")
    rows = [*zip(learned.inputs, learned.targets, strict=True), *zip(held_out.inputs, held_out.targets, strict=True)]
    assert sorted(rows) == sorted(zip(data.inputs, data.targets, strict=True))
    assert [row for row in data.inputs if row in learned.inputs] == [*learned.inputs]
    assert data.split(0.3, seed=3)[1].inputs == held_out.inputs
    assert data.split(0.3, seed=4)[1].inputs != held_out.inputs
    for share in (0, 1, 0.01, 0.99, -0.5):
        with pytest.raises(
            ValueError, match="expected a share between 0 and 1 that leaves rows in both parts of moons"
        ):
            data.split(share)


def test_held_out_rows_are_scaled_as_those_that_are_learned_from():
    learned, held_out = Dataset([[10, 7], [30, 7]], [0, 1]), Dataset([[40, 8]], [1])
    assert held_out.standardized(like=learned).inputs == ((2.0, 0.0),)
    with pytest.raises(ValueError, match="expected the feature names of data for line, x1, x2, got x1"):
        LINE.standardized(like=learned)
