"""Exercises of all kinds in files: the same exercise comes back, to the last bit, and a file looks as if typed."""

import json
import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import Exercise, Notation, Unit, load, save


def through_a_file(exercise):
    with TemporaryDirectory() as folder:
        return load(save(exercise, Path(folder, "exercise.json")))


def facts(exercise):
    solved = exercise.iterate(2)
    after = [(name, struct.pack("<d", number)) for one in solved for name, number in one.after.items()]
    lines = [str(line) for one in solved for line in one.lines]
    given = (exercise.inputs_by_name, exercise.targets, exercise.fractions, exercise.units, exercise.notation)
    return after, lines, repr(given), exercise.title, exercise.fixed


numbers = (
    st.floats(-4, 4)
    | st.integers(-5, 5)
    | st.sampled_from([-0.0, "1/3", "-7/11", Fraction(2, 5), "0,25", np.float32(0.1)])
)
HIDDEN = [
    "relu",
    "tanh",
    {"leaky_relu": {"slope": 0.1}},
    {"prelu": {"alpha": "1/4"}},
    nn.activation("elu", alpha=0.5),
    "softplus",
    "gelu",
    {"linear": {"a": 2, "c": -1}},
]
OPTIMIZERS = [
    "sgd",
    "Adam",
    {"sgd": {"momentum": 0.9, "nesterov": True}},
    {"sgd": {"weight_decay": "1/100"}},
    {"adam": {"betas": (0.8, 0.99), "eps": 1e-6}},
]
LOSSES = {
    "half_squared_error": "tanh",
    "squared_error": "sigmoid",
    "mean_squared_error": "linear",
    "cross_entropy": "softmax",
    "binary_cross_entropy": "sigmoid",
}
NOTATIONS = st.builds(
    Notation,
    function=st.sampled_from(["", "sigma"]),
    loss=st.sampled_from(["loss", "L"]),
    gradients_apart=st.sampled_from([None, True, False]),
    weight_first=st.booleans(),
)


@st.composite
def by_layer(draw, sizes):
    """Return the weights and biases of layers as matrices."""
    weights = [[[draw(numbers) for _ in range(before)] for _ in range(count)] for before, count in pairwise(sizes)]
    biases = [draw(st.sampled_from([None, [draw(numbers) for _ in range(count)]])) for count in sizes[1:]]
    return {"weights": weights} | ({"biases": biases} if any(biases) else {})


@st.composite
def by_name(draw, sizes):
    """Return weights and biases by the names of nodes."""
    first = [1 + sum(sizes[:layer]) for layer in range(len(sizes))]
    nodes = [range(start, start + count) for start, count in zip(first, sizes, strict=True)]
    joined = [(one, other) for below, above in pairwise(nodes) for one in below for other in above]
    weights = {f"w{one}_{other}": draw(numbers) for one, other in draw(st.permutations(joined))}
    biases = {f"b{node}": draw(numbers) for layer in nodes[1:] for node in layer if draw(st.booleans())}
    return {"weights": weights, "biases": biases}


@st.composite
def by_units(draw, sizes):
    """Return units that share their weights: a weight for each input, a bias for each layer."""
    units, below = [], [f"x{place}" for place in range(1, sizes[0] + 1)]
    for layer, count in enumerate(sizes[1:], start=1):
        weights = tuple((source, f"v{layer}_{place}") for place, source in enumerate(below))
        units += [
            Unit(f"p{layer}_{row}", f"q{layer}_{row}", f"d{layer}_{row}", weights, f"c{layer}")
            for row in range(1, count + 1)
        ]
        below = [f"q{layer}_{row}" for row in range(1, count + 1)]
    names = {name for unit in units for _, name in unit.weights}
    return {
        "weights": {name: draw(numbers) for name in sorted(names)},
        "biases": {f"c{layer}": draw(numbers) for layer in range(1, len(sizes))},
        "units": units,
    }


@st.composite
def exercises(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    loss = draw(st.sampled_from(sorted(LOSSES)))
    if loss == "cross_entropy":
        sizes[-1] = draw(st.integers(2, 3))
    network = draw(st.one_of(by_layer(sizes), by_name(sizes), by_units(sizes)))
    count = draw(st.integers(1, 3))
    classes = {
        "cross_entropy": st.integers(0, sizes[-1] - 1),
        "binary_cross_entropy": st.lists(st.sampled_from([0, 1]), min_size=sizes[-1], max_size=sizes[-1]),
    }
    own = classes.get(loss, st.lists(numbers, min_size=sizes[-1], max_size=sizes[-1]))
    targets = [draw(own) for _ in range(count)]
    inputs = [[draw(numbers) for _ in range(sizes[0])] for _ in range(count)]
    activations = [draw(st.sampled_from(HIDDEN)) for _ in sizes[2:]]
    chosen = {"activation": [*activations, LOSSES[loss]]}
    if len(set(map(str, activations))) == 1 and draw(st.booleans()):
        chosen = {"activation": activations[0], "output_activation": LOSSES[loss]}
    named = network["weights"] if isinstance(network["weights"], dict) else {}
    return Exercise(
        **network,
        **chosen,
        inputs=inputs if count > 1 else inputs[0],
        target=targets if count > 1 else targets[0],
        eta=draw(st.sampled_from([0, 0.1, "1/3", 2])),
        loss=loss,
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
        update=draw(st.sampled_from(["mean", "sum", "each"])),
        exact=draw(st.booleans()),
        fixed=draw(st.lists(st.sampled_from(sorted(named)), unique=True, max_size=len(named) - 1)) if named else (),
        notation=draw(NOTATIONS),
        title=draw(st.text()),
    )


@given(exercises())
@settings(max_examples=80, deadline=None)
def test_an_exercise_of_any_kind_comes_back(exercise):
    assert facts(through_a_file(exercise)) == facts(exercise)


READY = [getattr(nn, name) for name in dir(nn) if name.endswith("_exercise")]


@pytest.mark.parametrize("make", READY)
def test_the_ready_exercises_come_back(make):
    exercise = make()
    assert facts(through_a_file(exercise)) == facts(exercise)


HEAD = '{\n  "format": "gradstep",\n  "version": 1,\n  "kind": "Exercise",\n'


@pytest.mark.parametrize(
    ("exercise", "text"),
    [
        (
            nn.softmax_exercise(),
            """  "title": "Three classes: 2-2-3, F = tanh, softmax with cross-entropy; the second class is right",
  "weights": [[[0.5, -0.3], [0.2, 0.8]], [[0.6, -0.4], [-0.7, 0.9], [0.3, 0.1]]],
  "biases": [[0.1, -0.2], [0, 0.1, -0.1]],
  "inputs": [1, 1],
  "target": [0, 1, 0],
  "eta": 0.1,
  "activation": ["tanh", "softmax"],
  "loss": "cross_entropy",
  "notation": {"loss": "L"}
}
""",
        ),
        (
            Exercise(
                {"w13": "1/3", "w23": -2.0, "w34": 1e300},
                [[1, -0.0], ["0,5", 2]],
                [Fraction(1, 2), 0],
                "1/10",
                biases={"b4": 1},
                activation=nn.activation("leaky_relu", slope=0.1),
                optimizer={"adam": {"betas": (0.8, 0.99)}},
                update="Each",
                fixed=["b4"],
            ),
            """  "weights": {"w13": "1/3", "w23": -2, "w34": 1e+300},
  "biases": {"b4": 1},
  "inputs": [[1, -0.0], [0.5, 2]],
  "target": ["1/2", 0],
  "eta": "1/10",
  "activation": {"leaky_relu": {"slope": 0.1}},
  "optimizer": {"adam": {"betas": [0.8, 0.99]}},
  "update": "each",
  "fixed": ["b4"]
}
""",
        ),
    ],
)
def test_a_file_looks_as_a_person_types_it(exercise, text, tmp_path):
    assert save(exercise, tmp_path / "exercise.json").read_text(encoding="utf-8") == HEAD + text


def test_an_exercise_needs_no_format_version_and_kind(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text("""{
        // the worked exercise
        weights: {w13: 2, w23: -3, w14: 1, w24: 4, w35: 2, w45: -1},
        inputs: [1, -1], target: 0, eta: 0.1,  # the rate
        activation: 'ReLU', loss: "half squared error",
        title: "The worked exercise: 2-2-1, F = ReLU",
    }""")
    assert facts(load(path)) == facts(nn.relu_exercise())
    whole = json.loads(save(nn.relu_exercise(), path).read_text())
    for name in ("format", "version", "kind"):
        path.write_text(json.dumps({key: part for key, part in whole.items() if key != name}))
        assert facts(load(path)) == facts(nn.relu_exercise())


def test_an_older_file_loads(tmp_path):
    path = tmp_path / "older.json"
    path.write_text("""{
  "format": "gradstep", "version": 1, "kind": "Exercise", "checksum": "b5103973", "title": "Older",
  "weights": {"w12": 2.0, "w23": -1.0}, "biases": {}, "inputs": {"x1": 1.0}, "target": {"y": 1.0}, "eta": 0.1,
  "activation": "tanh", "output_activation": "sigmoid", "loss": "binary_cross_entropy",
  "units": [
    {"pre": "x2", "post": "y2", "delta": "delta2", "weights": [["x1", "w12"]], "bias": ""},
    {"pre": "x3", "post": "y3", "delta": "delta3", "weights": [["y2", "w23"]], "bias": ""}
  ],
  "notation": {"function": "", "output_function": "", "loss": "loss", "eta": "eta", "gradients_apart": false,
    "weight_first": false}
}""")
    wanted = Exercise(
        {"w12": 2, "w23": -1},
        [1],
        1,
        0.1,
        activation="tanh",
        output_activation="sigmoid",
        loss="binary_cross_entropy",
        notation=Notation(gradients_apart=False),
        title="Older",
    )
    assert facts(load(path)) == facts(wanted)


@pytest.mark.parametrize("exact", [False, True])
def test_the_exercise_of_a_later_iteration_comes_back(exact):
    exercise = Exercise({"w12": "1/3"}, [["1/3"], ["1/7"]], [0, 1], "1/10", update="each", exact=exact)
    later = exercise.iterate(2)[1].exercise
    assert later.weights["w12"] != 1 / 3
    assert facts(through_a_file(later)) == facts(later)
