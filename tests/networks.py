"""Networks that the tests of other programs compare: one for each activation, and inputs at kinks and far out."""

from itertools import product

import nn
from nn import MLP, Layer

SETTINGS = {
    "linear": {"a": 0.7, "c": -0.3},
    "leaky_relu": {"slope": 0.1},
    "prelu": {"alpha": -0.3},
    "elu": {"alpha": 1.7},
}
"""Settings other than the usual ones."""

ROWS = [list(row) for row in product([-3.5, -1e-9, 0.0, 0.25, 40.0], repeat=2)]
"""Inputs, of which some lead exactly to the kinks of the first layer."""


def network(name):
    """Return a network whose hidden layers and output have this activation, each of its own."""
    chosen = [nn.activation(name, **SETTINGS.get(name, {})) for _ in range(3)]
    random = MLP(3, [4, 2], seed=5, initialization="xavier")
    first = Layer([[1.0, 1.0], [0.3, -0.7], [0.0, -1e-3]], [0.0, 0.1, 0.0], chosen[0], number=1)
    later = [[[weight.data for weight in neuron.weights] for neuron in layer.neurons] for layer in random.layers]
    return MLP.from_layers(
        [
            first,
            Layer(later[0], [0.1, -0.2, 0.3, 0.0], chosen[1], number=2),
            Layer(later[1], [0.5, -0.5], chosen[2], number=3),
        ]
    )


NETWORKS = {name: network(name) for name in nn.ACTIVATIONS} | {
    "plain linear": MLP(2, [3, 1], "linear", seed=1),
    "softmax of classes": MLP(2, [5, 4, 3], "tanh", output_activation="softmax", seed=2),
    "shared prelu": MLP(2, [4, 4, 1], nn.activation("prelu", alpha=0.4), seed=3),
}
"""Networks by name: one of each activation, and mixed ones."""
