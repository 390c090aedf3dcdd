"""Networks as ONNX files, for other programs: all numbers are doubles, and a run takes any number of rows.

onnxruntime has no Elu and LeakyRelu in double, and its Sigmoid loses digits below -36. Therefore the table's formula of
an activation is evaluated on symbols, and written with operators that work in double; the rows of the table name them.
"""

from pathlib import Path
from typing import Any

from autograd.symbols.expression import Conditional, Constant, Expression, Operation, Relation, Symbol
from autograd.symbols.formulas import Vocabulary
from nn.activations import Activation, activation
from nn.exchange.architecture import check_network
from nn.exchange.extras import imported
from nn.exchange.files import write_file
from nn.layers import MLP

OPSET, IR_VERSION = 13, 7
"""The oldest versions with every operator used here, so that old runtimes can read the file (ONNX 1.8)."""

ONNX = Vocabulary("onnx", "ONNX", frozenset())
_RELATIONS = {"<": "Less", "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual"}


def to_onnx(mlp: MLP, path: str | Path) -> Path:
    """Write an MLP as an ONNX file, and return the path.

    The input "x" and the output "y" are matrices of doubles with one row per example. The weights and biases of the
    first layer are called "w1" and "b1". Raises TypeError if the MLP is more than weights, biases and known
    activations, ValueError if an activation uses an operation that ONNX does not have, ModuleNotFoundError if the
    package onnx is not installed, and OSError if the file cannot be written.

    After `to_onnx(mlp, "mlp.onnx")`, run `onnxruntime.InferenceSession("mlp.onnx").run(None, {"x": rows})`.
    """
    check_network(mlp, "ONNX")
    onnx = imported("onnx", "onnx", "The package onnx")
    graph = _GraphBuilder(onnx.helper, onnx.TensorProto.DOUBLE)
    below = "x"
    for number, layer in enumerate(mlp.layers, start=1):
        weights = [weight.data for neuron in layer.neurons for weight in neuron.weights]
        graph.tensor(f"w{number}", weights, [len(layer.neurons), len(layer.neurons[0].weights)])
        graph.tensor(f"b{number}", [neuron.bias.data for neuron in layer.neurons], [len(layer.neurons)])
        graph.node("Gemm", [below, f"w{number}", f"b{number}"], f"z{number}", transB=1)
        below = graph.activated(layer.activation, f"z{number}")
    graph.node("Identity", [below], "y")
    model = graph.model(mlp.n_inputs, len(mlp.layers[-1].neurons))
    onnx.checker.check_model(model, full_check=True)
    path = Path(path)
    write_file(path, model.SerializeToString())
    return path


def _activation_formula(chosen: Activation, z: Symbol) -> Any:
    """Return the formula of an activation of a single unit; a learned setting has its present value."""
    if chosen.name == "prelu":
        chosen = activation("leaky_relu", slope=chosen.alpha.data)
    return chosen.function(z) if chosen.function else z


class _GraphBuilder:
    """Collects the nodes and tensors of an ONNX graph."""

    def __init__(self, helper: Any, double: Any) -> None:
        self.helper = helper
        self.double = double
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []

    def tensor(self, name: str, numbers: list[float], shape: list[int]) -> str:
        self.tensors.append(self.helper.make_tensor(name, self.double, shape, numbers))
        return name

    def node(self, operator: str, inputs: list[str], name: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its result; without a name it gets a number."""
        name = name or f"v{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(operator, inputs, [name], **attributes))
        return name

    def activated(self, chosen: Activation, z: str) -> str:
        """Add the nodes that apply an activation to the tensor z, and return the name of the result."""
        if chosen.function is None:
            return self.node("Softmax", [z], axis=1)
        return self.expressed(ONNX.in_words(_activation_formula(chosen, Symbol(z))))

    def expressed(self, expression: Expression) -> str:
        """Add the nodes of a formula, and return the name of the result."""
        match expression:
            case Symbol(name):
                return name
            case Constant(number):
                return self.tensor(f"c{len(self.tensors)}", [number], [])
            case Operation(op, operands):
                return self.node(ONNX.word(op), [self.expressed(operand) for operand in operands])
            case Conditional(condition, yes, no):
                return self.node("Where", [self.compared(condition), self.expressed(yes), self.expressed(no)])
        raise TypeError(f"ONNX has no operator for {expression}.")

    def compared(self, condition: Relation) -> str:
        """Add the node of a comparison, and return the name of the result."""
        return self.node(
            _RELATIONS[condition.relation], [self.expressed(condition.left), self.expressed(condition.right)]
        )

    def model(self, n_inputs: int, n_outputs: int) -> Any:
        """Return the model of all nodes, from the matrix x to the matrix y."""
        make = self.helper
        ends = [
            make.make_tensor_value_info(name, self.double, ["rows", size])
            for name, size in (("x", n_inputs), ("y", n_outputs))
        ]
        graph = make.make_graph(self.nodes, "MLP", ends[:1], ends[1:], self.tensors)
        opsets = [make.make_opsetid("", OPSET)]
        return make.make_model(graph, producer_name="gradstep", opset_imports=opsets, ir_version=IR_VERSION)
