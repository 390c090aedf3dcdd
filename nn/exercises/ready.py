"""Exercises of the package, by name: lectures' worked exercises, with their numbers and where they come from."""

from collections.abc import Callable

from nn.exercises.exercise import Exercise
from nn.exercises.network import Notation, Unit


def relu_exercise() -> Exercise:
    """Return the worked exercise of the lecture: inputs 1 and 2, hidden nodes 3 and 4, output node 5, all ReLU.

    >>> relu_exercise().solve().after
    {'w13': 0.0, 'w23': -1.0, 'w14': 1.0, 'w24': 4.0, 'w35': -3.0, 'w45': -1.0}
    """
    return Exercise(
        weights={"w13": 2, "w23": -3, "w14": 1, "w24": 4, "w35": 2, "w45": -1},
        inputs=[1, -1],
        target=0,
        eta=0.1,
        title="The worked exercise: 2-2-1, F = ReLU",
    )


def second_exercise() -> Exercise:
    """Return an exercise of another course: 2-2-1 with biases, ReLU in the hidden units and in the output.

    >>> round(second_exercise().solve().loss, 10)
    0.0288
    """
    return Exercise(
        weights={"w1": 0.6, "w2": 0.8, "w3": 0.3, "w4": 0.4, "w5": 0.6, "w6": -0.2},
        biases={"b1": 0.2, "b2": 0.1, "b3": 0.1},
        inputs=[1.2, 0.5],
        target={"t": 1},
        eta=0.1,
        units=(
            Unit("z1", "h1", "delta1", (("x1", "w1"), ("x2", "w2")), "b1"),
            Unit("z2", "h2", "delta2", (("x1", "w3"), ("x2", "w4")), "b2"),
            Unit("z3", "y", "delta3", (("h1", "w5"), ("h2", "w6")), "b3"),
        ),
        title="A second exercise: 2-2-1 with biases, F = ReLU",
    )


def sigmoid_exercise() -> Exercise:
    """Return the lecture's 4-5-1 network: sigmoid units, binary cross-entropy; `w1_i_j` joins input i to unit j.

    The lecture gives no numbers. These numbers have few digits.

    >>> len(sigmoid_exercise().units)
    6
    """
    rows = [
        (0.2, -0.3, 0.4, 0.1, -0.5),
        (0.5, 0.1, -0.2, 0.3, 0.4),
        (-0.1, 0.6, 0.2, -0.4, 0.3),
        (0.3, -0.2, 0.1, 0.5, -0.6),
    ]
    hidden = [
        Unit(f"z1_{j}", f"a_{j}", f"dz1_{j}", tuple((f"x_{i}", f"w1_{i}_{j}") for i in range(4)), f"b1_{j}")
        for j in range(5)
    ]
    output = Unit("z2", "yhat", "dz2", tuple((f"a_{j}", f"w2_{j}") for j in range(5)), "b2")
    second = {"w2_0": 0.4, "w2_1": -0.6, "w2_2": 0.2, "w2_3": 0.7, "w2_4": -0.3}
    return Exercise(
        weights={f"w1_{i}_{j}": weight for i, row in enumerate(rows) for j, weight in enumerate(row)} | second,
        biases={"b1_0": 0.1, "b1_1": -0.2, "b1_2": 0.0, "b1_3": 0.3, "b1_4": 0.2, "b2": -0.1},
        inputs={"x_0": 1, "x_1": 0.5, "x_2": -1, "x_3": 2},
        target=1,
        eta=0.5,
        activation="sigmoid",
        loss="binary_cross_entropy",
        units=(*hidden, output),
        notation=Notation(function="sigma", output_function="sigma", loss="l", gradients_apart=True, weight_first=True),
        title="The 4-5-1 network: sigma = sigmoid, binary cross-entropy",
    )


def mazur_exercise() -> Exercise:
    """Return the step-by-step example of Matt Mazur (2015): 2-2-2, sigmoid, one bias a layer that stays as it is.

    >>> round(mazur_exercise().solve().loss, 9)
    0.298371109
    """
    weights = {"w1": 0.15, "w2": 0.2, "w3": 0.25, "w4": 0.3, "w5": 0.4, "w6": 0.45, "w7": 0.5, "w8": 0.55}
    return Exercise(
        weights=weights,
        biases={"b1": 0.35, "b2": 0.6},
        fixed=("b1", "b2"),
        inputs={"i1": 0.05, "i2": 0.1},
        target={"target1": 0.01, "target2": 0.99},
        eta=0.5,
        activation="sigmoid",
        units=(
            Unit("net_h1", "out_h1", "delta_h1", (("i1", "w1"), ("i2", "w2")), "b1"),
            Unit("net_h2", "out_h2", "delta_h2", (("i1", "w3"), ("i2", "w4")), "b1"),
            Unit("net_o1", "out_o1", "delta_o1", (("out_h1", "w5"), ("out_h2", "w6")), "b2"),
            Unit("net_o2", "out_o2", "delta_o2", (("out_h1", "w7"), ("out_h2", "w8")), "b2"),
        ),
        notation=Notation(function="sigma", output_function="sigma", loss="E"),
        title="The step-by-step example of M. Mazur: 2-2-2, sigma = sigmoid, biases held fixed",
    )


def softmax_exercise() -> Exercise:
    """Return an exercise with three classes: 2-2-3, tanh, softmax with cross-entropy; the class is the second.

    >>> round(softmax_exercise().solve().loss, 10)
    0.7891168751
    """
    return Exercise(
        weights=[[[0.5, -0.3], [0.2, 0.8]], [[0.6, -0.4], [-0.7, 0.9], [0.3, 0.1]]],
        biases=[[0.1, -0.2], [0, 0.1, -0.1]],
        inputs=[1, 1],
        target=1,
        eta=0.1,
        activation=["tanh", "softmax"],
        loss="cross_entropy",
        notation=Notation(loss="L"),
        title="Three classes: 2-2-3, F = tanh, softmax with cross-entropy; the second class is right",
    )


def batch_exercise() -> Exercise:
    """Return an exercise with a batch, the four examples of XOR: 2-2-1, ReLU, linear output, mean squared error.

    >>> batch_exercise().solve().loss
    1.046875
    """
    return Exercise(
        weights=[[[1, -0.5], [0.5, 0.5]], [[2, -3]]],
        biases=[[0.25, -0.25], [0.5]],
        inputs=[[0, 0], [0, 1], [1, 0], [1, 1]],
        target=[0, 1, 1, 0],
        eta=0.1,
        activation=["relu", "linear"],
        loss="mean_squared_error",
        notation=Notation(loss="L"),
        title="A batch: the four examples of XOR, 2-2-1, F = ReLU, G = linear, mean squared error",
    )


def shared_exercise() -> Exercise:
    """Return the smallest shared weight: one linear unit with the same weight for both inputs.

    >>> shared_exercise().solve().after
    {'w': 0.35}
    """
    return Exercise(
        weights={"w": 0.5},
        inputs=[1, 2],
        target=1,
        eta=0.1,
        activation="linear",
        units=(Unit("z", "yhat", "d", (("x1", "w"), ("x2", "w"))),),
        title="The smallest shared weight: z = x1*w + x2*w",
    )


READY: dict[str, Callable[[], Exercise]] = {
    "relu": relu_exercise,
    "second": second_exercise,
    "sigmoid": sigmoid_exercise,
    "mazur": mazur_exercise,
    "softmax": softmax_exercise,
    "batch": batch_exercise,
    "shared": shared_exercise,
}
"""The exercises of the package, by their names on the command line."""
