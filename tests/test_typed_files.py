"""Files of exercises as people type them: what is forgiven, and the sentence for what is not."""

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from nn import FormatError, load
from nn.exchange.text import MOST_TYPED, parsed


def message_of(text, read=parsed):
    with pytest.raises(FormatError) as caught:
        read(text.encode())
    return str(caught.value)


# --- JSON as it is typed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('{"a": [1, 2,], "b": {"c": 3,},}', {"a": [1.0, 2.0], "b": {"c": 3.0}}),
        ("{a: 1, w_13: 'x'}", {"a": 1.0, "w_13": "x"}),
        ('// it\'s "one\n{"a": 1, # it\'s "two\n /* and\n "three */ "b": "// # /* 4"}', {"a": 1.0, "b": "// # /* 4"}),
        ('{"a": .5, "b": +1, "c": 5., "d": 0x10}', {"a": 0.5, "b": 1.0, "c": 5.0, "d": 16.0}),
        ("{\"a\": \"it's\", 'b': '\"'}", {"a": "it's", "b": '"'}),
    ],
)
def test_what_a_person_types_is_read(text, content):
    assert parsed(text.encode()) == content


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": }', "line 1, column 15: a value is missing before }."),
        ('{"a": 1,\n "b": 1/3}', 'line 2, column 7: write 1/3 in quotes: "1/3".'),
        ('{"a": [1, 2}', "line 1, column 12: write ] before this }, to close the [ of line 1, column 7."),
        ('{"a": 1}}', "line 1, column 9: this } closes nothing; remove it."),
        ('{"a": 1} b', "line 1, column 10: the file ends with the last bracket; remove b."),
        (
            '{"a": [1,\n2,',
            (
                "line 2, column 3: the file ends before the [ of line 1, column 7 is closed. Write ] at its end; "
                "or was the file cut off?"
            ),
        ),
        (
            '{"a": 1',
            (
                "line 1, column 8: the file ends before the { of line 1, column 1 is closed. Write } at its end; "
                "or was the file cut off?"
            ),
        ),
        (
            '{"a": "re',
            (
                'line 1, column 7: the text that begins here has no closing ". Write one at its end; '
                "or was the file cut off?"
            ),
        ),
        (
            '{"a": "relu,\n "b": 1}',
            'line 1, column 7: the text that begins here has no closing ". Write one at its end.',
        ),
        (
            "{“a”: 1}",
            'line 1, column 2: write straight quotation marks, as in "relu", in place of those of “a”.',
        ),
        ('{"a": 1\n"b": 2}', 'line 2, column 1: write a comma before "b".'),
        ('{"a": [1 -1]}', "line 1, column 10: write a comma before -1."),
        ('{"a" 1}', "line 1, column 6: write : before 1."),
        ('{"a" = 1}', "line 1, column 6: write : in place of =."),
        ('{"a": 1;\n"b": 2}', "line 1, column 8: write , in place of ;."),
        ('{"a": 1,, "b": 2}', "line 1, column 9: remove one of the two commas."),
        ('{"a": 0,5}', "line 1, column 7: write 0.5 in place of 0,5."),
        ('{"a": True}', "line 1, column 7: write true in place of True."),
        ('{"a": None}', "line 1, column 7: write null in place of None."),
        ('{"a": relu}', 'line 1, column 7: write relu in quotes: "relu".'),
        ('{"a": My exercise, "b": 1}', 'line 1, column 7: write My exercise in quotes: "My exercise".'),
        ('{w-12: 1, "b": 1}', 'line 1, column 2: write w-12 in quotes: "w-12".'),
        ('{"a": 2*3}', "line 1, column 7: 2*3 cannot be read; write a number, a list, or a text in quotes."),
        ("\n# weights\n", "expected JSON, such as {...}, got a file that begins with '# weights'."),
        (" ", "the file is empty."),
        ('{"a": 1, a: 2}', "a: this entry appears twice; remove one of the two."),
        (
            '{"a": 1, "b": [\'' + "x" * 20,
            (
                "line 1, column 16: the text that begins here has no closing '. "
                "Write one at its end; or was the file cut off?"
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_write_instead(text, message):
    def read(content):
        nn.exchange.text.Entry(parsed(content)).named()

    assert message_of(text, read) == message


@given(st.text(alphabet="{}[]:,;='\"#/*\\ \nab1.-“", max_size=40))
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_is_read_or_refused(text):
    found = read_or_refused(f"{{{text}")
    assert isinstance(found, dict) or re.fullmatch(r"line \d+, column \d+: .*[.?]", found)


def read_or_refused(text):
    try:
        return parsed(text.encode())
    except FormatError as error:
        return str(error)


def test_a_long_file_is_read_as_plain_json_only():
    text = json.dumps({"weights": [0.125] * MOST_TYPED}, indent=0)
    assert len(parsed(text.encode())["weights"]) == MOST_TYPED
    assert message_of(text[:-5]).endswith("delimiter; was the file cut off?")
    assert message_of(text.replace("0.125,", "0.125", 1)).startswith("line 4, column 1: Expecting ',' delimiter.")


def test_a_plain_file_does_not_import_the_reader_of_typed_ones(tmp_path):
    path = nn.save(nn.relu_exercise(), tmp_path / "plain.json")
    code = f"import sys, nn; nn.load({str(path)!r}); print('json5' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


# --- Exercises that do not fit ---------------------------------------------------------------------------------------

NAMED = "weights: {w13: 2, w23: -3, w14: 1, w24: 4, w35: 2, w45: -1}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "weigths: {w13: 2, w23: -3, w14: 1, w24: 4, w35: 2, w45: -1}, inputs: [1, -1], target: 0, eta: 0.1",
            'unknown entry "weigths"; try weights.',
        ),
        ("NAMED, inputs: [1, -1], targets: 0, eta: 0.1", 'unknown entry "targets"; try target.'),
        ("NAMED, inputs: [1, -1], target: 0, lr: 0.1", 'unknown entry "lr"; try eta.'),
        ("NAMED, inputs: [1, -1], target: 0, learning_rate: 0.1", 'unknown entry "learning_rate"; try eta.'),
        ("NAMED, input: [1, -1], target: 0, eta: 0.1", 'unknown entry "input"; try inputs.'),
        ('NAMED, inputs: [1, -1], target: 0, eta: 0.1, colour: "red"', 'unknown entry "colour"; remove it.'),
        (
            "NAMED, inputs: [1, -1, 5], target: 0, eta: 0.1",
            "x3 is an input, but the weight w13 leads into node 3. Remove the input, or rename the weight.",
        ),
        (
            "NAMED, inputs: [1, -1], target: 0, eta: 0.1, biases: {b1: 1}",
            "the bias b1 belongs to node 1, which is the input x1; an input has no bias.",
        ),
        (
            "NAMED, inputs: [1, -1], target: 0, eta: 0.1, biases: {b9: 1}",
            "the bias b9 belongs to node 9, but no weight leads into that node.",
        ),
        (
            'NAMED, inputs: [1, -1], target: 0, eta: 0.1, biases: {b3: "x"}',
            "expected a number for the bias b3, such as -3, 0.5 or \"1/3\", got 'x'.",
        ),
        (
            "weights: {w31: 2, w23: -3, w14: 1, w24: 4, w35: 2, w45: -1}, inputs: [1, -1], target: 0, eta: 0.1",
            "x1 is an input, but the weight w31 leads into node 1. Remove the input, or rename the weight.",
        ),
        (
            "NAMED, inputs: [1, -1], target: {t7: 0}, eta: 0.1",
            "there is no output for the target t7; the only output is y5.",
        ),
        ("NAMED, inputs: [1, -1], target: [0, 1], eta: 0.1", "expected 1 target, for the output y5, got 2."),
        (
            'NAMED, inputs: [1, -1], target: "zero", eta: 0.1',
            "expected a number for the target y, such as -3, 0.5 or \"1/3\", got 'zero'.",
        ),
        (
            "NAMED, inputs: [1, -1], target: null, eta: 0.1",
            'expected a number for the target y, such as -3, 0.5 or "1/3", got None.',
        ),
        (
            'weights: {w13: "two", w23: -3, w14: 1, w24: 4, w35: 2, w45: -1}, inputs: [1, -1], target: 0, eta: 0.1',
            "expected a number for the weight w13, such as -3, 0.5 or \"1/3\", got 'two'.",
        ),
        (
            "weights: {w13: [2], w23: -3, w14: 1, w24: 4, w35: 2, w45: -1}, inputs: [1, -1], target: 0, eta: 0.1",
            'expected a number for the weight w13, such as -3, 0.5 or "1/3", got [2].',
        ),
        (
            "weights: {w13: true, w23: -3, w14: 1, w24: 4, w35: 2, w45: -1}, inputs: [1, -1], target: 0, eta: 0.1",
            'expected a number for the weight w13, such as -3, 0.5 or "1/3", got True.',
        ),
        (
            "weights: {w_13: 2, w23: -3, w14: 1, w24: 4, w35: 2, w45: -1}, inputs: [1, -1], target: 0, eta: 0.1",
            (
                "expected a weight named after the two nodes that it joins, such as w13 or w10_12, got "
                "'w_13'. Other names need units."
            ),
        ),
        (
            "weights: {w13: 2, w23: -3, w14: 1, w24: 4, w35: 2}, inputs: [1, -1], target: 0, eta: 0.1",
            "expected 2 targets, for the outputs y4 and y5, got 1.",
        ),
        ("weights: {w12: 1, w23: 1, w32: 1}, inputs: [1], target: 0, eta: 0.1", "the nodes 2, 3 form a cycle."),
        (
            "weights: [[[1, 2], [3]], [[5, 6]]], inputs: [1, -1], target: 0, eta: 0.1",
            "row 2 of the weights of layer 1 has 1 number, but needs 2, one for each input.",
        ),
        (
            "weights: [[[1, 2], [3, 4]], [[5, 6, 7]]], inputs: [1, -1], target: 0, eta: 0.1",
            "row 1 of the weights of layer 2 has 3 numbers, but needs 2, one for each unit of layer 1.",
        ),
        (
            "weights: [[[1, 2], [3, 4]], [5, 6]], inputs: [1, -1], target: 0, eta: 0.1",
            "row 1 of the weights of layer 2 has 1 number, but needs 2, one for each unit of layer 1.",
        ),
        (
            "weights: [[[1, 2], [3, 4]], []], inputs: [1, -1], target: 0, eta: 0.1",
            "expected a matrix such as [[1, 2], [3, 4]] as layer 2 of the weights, got [].",
        ),
        (
            "weights: [[1, 2], [3, 4]], inputs: [1, -1], target: 0, eta: 0.1",
            (
                "row 1 of the weights of layer 1 has 1 number, but needs 2, one for each input. A layer is "
                "a list of rows, such as [[1, 2], [3, 4]]."
            ),
        ),
        (
            "weights: [[[1, 2], [3, 4]], [[5, 6]]], inputs: [1, -1], target: 0, eta: 0.1, biases: [[1, 2, 3], [1]]",
            "expected a list of 2 for the biases of layer 1, one for each unit, got [1, 2, 3].",
        ),
        (
            "weights: [[[1, 2], [3, 4]], [[5, 6]]], inputs: [1, -1], target: 0, eta: 0.1, biases: [[1, 2]]",
            "expected a list of biases for each of the 2 layers, such as [[1, 2], [3]], got [[1, 2]].",
        ),
        (
            "weights: [[[1, 2], [3, 4]], [[5, 6]]], inputs: [1, -1], target: 0, eta: 0.1, biases: {b3: 1}",
            "expected a list of biases for each of the 2 layers, such as [[1, 2], [3]], got {'b3': 1}.",
        ),
        (
            'weights: [[[1, 2], [3, 4]], [[5, 6]]], inputs: [1, -1], target: 0, eta: 0.1, biases: [["x", 2], [1]]',
            "expected a number for the bias b[1]_1, such as -3, 0.5 or \"1/3\", got 'x'.",
        ),
        ("weights: [], inputs: [1, -1], target: 0, eta: 0.1", "expected a matrix of weights for each layer, got none."),
        ("weights: {}, inputs: [1, -1], target: 0, eta: 0.1", "expected at least one weight, got none."),
        (
            (
                'weights: [[[1, 2], [3, 4], [5, 6]]], inputs: [1, 2], eta: 0.1, activation: "softmax", '
                'loss: "cross_entropy", target: 3'
            ),
            "expected the number of a class from 0 to 2 for the target, got 3.",
        ),
        (
            (
                'weights: [[[1, 2], [3, 4], [5, 6]]], inputs: [1, 2], eta: 0.1, activation: "softmax", '
                'loss: "cross_entropy", target: [0, 1]'
            ),
            "expected 3 targets, for the outputs a[1]_1, a[1]_2 and a[1]_3, got 2.",
        ),
        (
            (
                'weights: [[[1, 2], [3, 4], [5, 6]]], inputs: [1, 2], eta: 0.1, activation: "softmax", '
                'loss: "cross_entropy", target: "b"'
            ),
            "expected the number of a class from 0 to 2 for the target, got 'b'.",
        ),
        (
            (
                'weights: [[[1, 2], [3, 4], [5, 6]]], inputs: [1, 2], eta: 0.1, activation: "softmax", '
                'loss: "cross_entropy", target: [1, 1, 0]'
            ),
            (
                "expected a 1 for the class and a 0 for each other, or probabilities with the sum 1, as "
                "the target of cross_entropy, got 1, 1, 0."
            ),
        ),
        (
            (
                "weights: [[[1, 2], [3, 4], [5, 6]]], inputs: [[1, 2], [3, 4]], eta: 0.1, activation: "
                '"softmax", loss: "cross_entropy", target: [1, 3]'
            ),
            "expected the number of a class from 0 to 2 for the target of example 2, got 3.",
        ),
        (
            "NAMED, inputs: [[1, 2], [3]], target: [0, 1], eta: 0.1",
            "expected the inputs x1, x2 in each example, got x1 in example 2.",
        ),
        (
            "NAMED, inputs: [[1, 2], [3, 4]], target: 0, eta: 0.1",
            "expected a list of 2 targets, one for each example, got 0.",
        ),
        (
            "NAMED, inputs: [[1, 2], [3, 4]], target: [0, 1, 2], eta: 0.1",
            "expected a list of 2 targets, one for each example, got [0, 1, 2].",
        ),
        (
            "NAMED, inputs: [[1, 2], 3], target: [0, 1], eta: 0.1",
            "expected a list such as [1, -1] for the inputs of example 2, got 3.",
        ),
        (
            "NAMED, inputs: [], target: 0, eta: 0.1",
            "the weight w13 begins at node 1, which has no input x1 and no weights.",
        ),
        ('NAMED, inputs: "1, -1", target: 0, eta: 0.1', "expected a list such as [1, -1] for the inputs, got '1, -1'."),
        (
            "NAMED, inputs: {a: 1, b: 1}, target: 0, eta: 0.1",
            "expected a name with the number of a node, such as x3, got 'a'. Other names need units.",
        ),
        ('NAMED, inputs: [1, -1], target: 0, eta: 0.1, activation: "rleu"', "there is no activation 'rleu'; try relu."),
        (
            'NAMED, inputs: [1, -1], target: 0, eta: 0.1, activation: ["relu"]',
            "expected 2 activations, one for each layer, got 1.",
        ),
        (
            "NAMED, inputs: [1, -1], target: 0, eta: 0.1, activation: {leaky_relu: 0.1}",
            'expected an activation, such as "tanh" or {"leaky_relu": {"slope": 0.1}}, got {\'leaky_relu\': 0.1}.',
        ),
        (
            "NAMED, inputs: [1, -1], target: 0, eta: 0.1, activation: {leaky_relu: {alpha: 0.1}}",
            "leaky_relu has no setting 'alpha'; it has slope.",
        ),
        (
            'NAMED, inputs: [1, -1], target: 0, eta: 0.1, loss: "mse"',
            "there is no loss 'mse' for exercises; try mean_squared_error.",
        ),
        (
            'NAMED, inputs: [1, -1], target: 0, eta: 0.1, loss: "cross_entropy"',
            "expected the output activation softmax for cross_entropy, got relu.",
        ),
        (
            "NAMED, inputs: [1, -1], target: 0, eta: 0.1, optimizer: {sgd: {momentun: 0.9}}",
            "sgd has no setting 'momentun'; try momentum.",
        ),
        (
            'NAMED, inputs: [1, -1], target: 0, eta: 0.1, update: "batch"',
            "expected mean, sum or each for the update, got 'batch'.",
        ),
        (
            'NAMED, inputs: [1, -1], target: 0, eta: 0.1, fixed: ["w31"]',
            "w31 is to be held fixed, but there is no such weight or bias; try w35.",
        ),
        ("weights: {w12: 2}, target: 0, eta: 0.1", 'the entry "inputs" is missing.'),
        ("weight: {w12: 2}, input: [1], targets: 0, lr: 0.1", 'unknown entry "weight"; try weights.'),
        ("NAMED, inputs: [1, -1], target: 0, eta: 0.1, iterations: 3", 'unknown entry "iterations"; remove it.'),
        (
            "weights: {w12: 1, w13: 1}, inputs: [1], target: {a: 1, b: 2}, eta: 0.1",
            "expected targets named after the outputs (y2, y3), as t3 for y3, got a, b.",
        ),
    ],
)
def test_what_does_not_fit_in_an_exercise_is_named(text, message, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(f"{{{text.replace('NAMED', NAMED)}}}", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: {message}"


SOFTMAX = "weights: [[[1], [2]]], inputs: [1], eta: 1, activation: 'softmax'"
OF_ONE_WEIGHT = "inputs: [1], target: 0, eta: 1"
HINTS = {
    "NAMED, momentum: 0.9": 'unknown entry "momentum"; try "optimizer": {"sgd": {"momentum": 0.9}}.',
    f"weights: {{w: 2}}, {OF_ONE_WEIGHT}, units: [{{pre: 'z', post: 'a', delta: 'd', terms: [['x1', 'w']]}}]": (
        'units[0]: unknown entry "terms"; try "weights": [["x1", "w13"]], an input and its weight each.'
    ),
    f"weights: {{w12: 2}}, {OF_ONE_WEIGHT}, optimizer: {{adam: {{lr: 0.1}}}}": (
        "adam has no setting 'lr': the learning rate is eta, as in eta: 0.1, beside the optimizer."
    ),
    f"weights: {{w12: 2}}, {OF_ONE_WEIGHT}, optimizer: {{momentum: 0.9}}": (
        'momentum is a setting of an optimizer; try {"sgd": {"momentum": 0.9}}.'
    ),
    f"{SOFTMAX}, target: 0": (
        "expected 2 targets, for the outputs a[1]_1 and a[1]_2, got 1. "
        "For the number of a class as the target, the loss is cross_entropy."
    ),
    f"{SOFTMAX}, target: [0, 1], loss: 'binary_cross_entropy'": (
        "expected the output activation sigmoid for binary_cross_entropy, got softmax; "
        "the loss for a softmax is cross_entropy."
    ),
    "weights: [[[1, NaN]]], inputs: [1, 2], target: 0, eta: 1": (
        "weights[0][0][1]: expected a finite number, got nan."
    ),
    f"weights: {{w12: -Infinity}}, {OF_ONE_WEIGHT}": "weights.w12: expected a finite number, got -inf.",
    f"weights: {{w12: 1e999}}, {OF_ONE_WEIGHT}": "weights.w12: expected a finite number, got inf.",
}


@pytest.mark.parametrize("text", HINTS)
def test_a_hint_says_what_to_write(text, tmp_path):
    test_what_does_not_fit_in_an_exercise_is_named(text, HINTS[text], tmp_path)


@pytest.mark.parametrize(
    ("given", "meant"),
    [("ReLU", "relu"), ("Leaky ReLU", "leaky_relu"), ("LeakyReLU", "leaky_relu"), ("TANH", "tanh")],
)
def test_capitals_and_hyphens_of_names_are_forgiven(given, meant):
    assert nn.activation(given).name == meant
    assert repr(nn.MLP(2, [2, 1], given, seed=1)) == repr(nn.MLP(2, [2, 1], meant, seed=1))
    same = [nn.Exercise({"w12": 2}, [1], 0, 0.1, activation=name).solve().after for name in (given, meant)]
    assert same[0] == same[1]


def test_names_of_losses_and_optimizers_are_forgiven():
    mlp = nn.MLP(2, [1], seed=1)
    assert nn.fit(mlp, nn.xor(), "Mean Squared Error", iterations=1)
    exercise = nn.Exercise({"w12": 2}, [1], 0, 0.1, loss="Squared-Error", optimizer={"ADAM": {}}, update="Sum")
    assert (exercise.loss, exercise.update, exercise.solve().optimizer.title) == ("squared_error", "sum", "Adam")
