"""The matrix form of exercises: the numbers of nn.equations, exact texts, and sentences where there is none."""

import math
import random
import re
from dataclasses import replace

import pytest

import viz
from autograd import Value
from nn import MLP, Exercise, equations
from nn.exercises.matrices import Matrix, matrix_lines
from nn.exercises.ready import READY, batch_exercise, mazur_exercise, relu_exercise, softmax_exercise
from viz.commands.cli import main

LOSSES = {"half_squared_error": "tanh", "binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("seed", range(4))
def test_the_matrices_are_those_of_the_equations_of_an_mlp(loss, seed):
    generator = random.Random(seed)
    sizes, examples = [generator.randint(1, 3), generator.randint(1, 4), generator.randint(2, 3)], seed + 1
    mlp = MLP(sizes[0], sizes[1:], "tanh", output_activation=LOSSES[loss])
    mlp.load_state_dict({name: generator.uniform(-1, 1) for name in mlp.state_dict()})
    inputs = [[generator.uniform(-1, 1) for _ in range(sizes[0])] for _ in range(examples)]
    targets = [[float(place == generator.randrange(2)) for place in range(sizes[-1])] for _ in range(examples)]
    if loss == "cross_entropy":
        targets = [[float(place == number % 2) for place in range(sizes[-1])] for number in range(examples)]
    exercise = Exercise(
        [[[weight.data for weight in neuron.weights] for neuron in layer.neurons] for layer in mlp.layers],
        inputs if examples > 1 else inputs[0],
        targets if examples > 1 else targets[0],
        0.1,
        biases=[[neuron.bias.data for neuron in layer.neurons] for layer in mlp.layers],
        activation=["tanh", LOSSES[loss]],
        loss=loss,
    )
    found = {line.matrix.name: line.matrix.rows for line in matrix_lines(exercise.solve())}
    columns = [list(column) for column in zip(*inputs, strict=True)], [list(row) for row in zip(*targets, strict=True)]
    for number, layer in enumerate(equations(mlp, *columns, loss=loss), start=1):
        for name in ("Z", "A", "dZ", "dW", "db"):
            share = 1 / examples if name == "dZ" else 1  # the equations have dZ of each example's own loss
            rows = [[share * entry for entry in row] for row in getattr(layer, name)]
            expected = [pytest.approx(row, rel=1e-12, abs=1e-12) for row in rows]
            assert found[f"{name}{number}"] == expected, name


def value_of(line, functions):
    """Evaluate the right side of a line of matrices with NumPy."""
    np = pytest.importorskip("numpy", reason="matrices are multiplied by NumPy")
    code, known = "", {name: np.vectorize(function) for name, function in functions.items()}
    known |= {"softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=0), "sum": np.sum, "log": np.log, "sqrt": np.sqrt}
    matrices = {matrix.name: matrix for matrix in line.known}
    before = None
    for piece in line.pieces:
        if isinstance(piece, Matrix):
            known[piece.name] = np.array(piece.rows)
            code += piece.name + ".T" * piece.is_transposed
        elif isinstance(piece, str):
            is_matrix = isinstance(before, Matrix) and not isinstance(before.rows, float)
            code += {" ": " @ " if is_matrix else " * "}.get(piece, re.sub(r"(1/\d) ", r"\1 * ", piece))
        else:
            code += str(piece)
        before = piece
    known |= {name: np.array(matrix.rows) for name, matrix in matrices.items()}
    return eval(code.replace("'", "_prime"), known).tolist()


FUNCTIONS = {
    "relu": {"F": lambda x: max(x, 0.0), "F_prime": lambda x: float(x > 0)},
    "batch": {"F": lambda x: max(x, 0.0), "F_prime": lambda x: float(x > 0), "G": float, "G_prime": lambda _: 1.0},
    "softmax": {"F": math.tanh, "F_prime": lambda x: 1 - math.tanh(x) ** 2},
    "mazur": {
        "sigma": lambda x: 1 / (1 + math.exp(-x)),
        "sigma_prime": lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2,
    },
}


OPTIMIZERS = [
    "sgd",
    {"sgd": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}},
    {"adam": {"betas": [0.5, 0.75], "weight_decay": 0.1}},
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_line_of_matrices_is_true(name, optimizer):
    for solution in replace(READY[name](), optimizer=optimizer).iterate(2):
        computed = [line for line in matrix_lines(solution) if line.pieces]
        assert len(computed) >= 9
        for line in computed:
            rows = line.matrix.rows
            rows = [rows] if isinstance(rows, float) else rows
            expected = [pytest.approx(row, rel=1e-12, abs=1e-12) for row in rows]
            value = value_of(line, FUNCTIONS[name])
            assert ([value] if isinstance(value, float) else value) == expected, line.matrix.name


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
@pytest.mark.parametrize("update", ["mean", "sum"])
def test_a_name_has_one_number_in_lines_and_in_matrices(update, optimizer):
    solution = replace(batch_exercise(), update=update, optimizer=optimizer).iterate(2)[1]
    lines = {line.name: line.result for line in solution.lines}
    compared = 0
    for line in matrix_lines(solution):
        name = re.sub(
            "([WbZA])(?=\\d)", lambda found: found[0] if found[0] == "W" else found[0].lower(), line.matrix.name
        )
        own = re.match(r"(.*[Wbza])(\d)(_new)?$", name)
        if own is None or line.part == "Matrices":
            continue
        before, layer, new = own.groups(default="")
        columns = {"W": "{}{}", "b": "{}"}.get(before[-1], "{}({})")
        for row, numbers in enumerate(line.matrix.rows, start=1):
            for column, number in enumerate(numbers, start=1):
                entry = f"{before}[{layer}]_{columns.format(row, column)}{new}"
                assert number == pytest.approx(lines[entry], rel=1e-12), entry
                compared += 1
    assert compared >= 24 + 12 + 9 + 9  # Z and A, dZ, dW and db, W and b; more with other optimizers


@pytest.mark.parametrize(
    ("exercise", "expected"),
    [
        (batch_exercise(), "L = 1/4 sum((A2 - Y)**2) = 1/4 sum(([1  -0.25  2.25  -0.25] - [0  1  1  0])**2) = 1.04688"),
        (replace(batch_exercise(), update="sum"), "L = sum((A2 - Y)**2) = "),
        (mazur_exercise(), "E = 1/2 sum((A2 - Y)**2)\n  = 1/2 sum(([0.751365] - [0.01])**2)\n"),
        (replace(mazur_exercise(), loss="mean_squared_error"), "E = 1/2 sum((A2 - Y)**2)\n"),
        (replace(mazur_exercise(), loss="binary_cross_entropy"), "E = sum(-Y * log(A2) - (1 - Y) * log(1 - A2))\n"),
        (softmax_exercise(), "L = sum(-Y * log(A2))\n"),
        (Exercise([[[1000], [0]]], [1], 1, 0.1, activation="softmax", loss="cross_entropy"), "loss = 1000"),
        (
            Exercise([[[1000]]], [1], 1, 0.1, activation="sigmoid", loss="binary_cross_entropy"),
            "loss = sum(softplus(Z1) - Y * Z1) = sum(softplus([1000]) - [1] * [1000]) = 0",
        ),
    ],
)
def test_the_loss_is_of_the_matrices(exercise, expected):
    assert part_of(viz.derivation(exercise, "text", matrices=True), "Loss").startswith(expected.removesuffix("\n"))


def part_of(text, heading):
    return text.split(f"\n{heading}\n{'-' * len(heading)}\n")[1].split("\n\n")[0]


def test_the_text_of_the_worked_exercise():
    text = viz.derivation(relu_exercise(), "text", matrices=True)
    assert part_of(text, "Backward") == (
        "dZ2 = (A2 - Y) * F'(Z2) = ([10] - [0]) * F'([10]) = [10]\n"
        "dW2 = dZ2 A1^T\n"
        "    = [10] [5]^T\n"
        "           [0]\n"
        "    = [50  0]\n"
        "dZ1 = (W2^T dZ2) * F'(Z1)\n"
        "    = ([2  -1]^T [10]) * F'([ 5])\n"
        "                            [-3]\n"
        "    = [20]\n"
        "      [ 0]\n"
        "dW1 = dZ1 X^T\n"
        "    = [20] [ 1]^T\n"
        "      [ 0] [-1]\n"
        "    = [20  -20]\n"
        "      [ 0    0]"
    )
    assert "W2_new = W2 - eta dW2 = [2  -1] - 0.1 [50  0] = [-3  -1]" in text


def test_the_latex_of_a_batch():
    tex = viz.derivation(batch_exercise(), matrices=True)
    assert (
        r"Z_{1} &= W_{1}\,X + b_{1} = \begin{pmatrix} 1 & -0.5 \\ 0.5 & 0.5 \end{pmatrix}\,"
        r"\begin{pmatrix} 0 & 0 & 1 & 1 \\ 0 & 1 & 0 & 1 \end{pmatrix} + \begin{pmatrix} 0.25 \\ -0.25 \end{pmatrix}"
    ) in tex
    assert r"L &= \frac{1}{4}\,\text{sum}((A_{2} - Y)^{\odot 2}) = " in tex
    assert r"dZ_{2} &= \frac{1}{4}\,(2\,(A_{2} - Y)) \odot G'(Z_{2})" in tex
    assert r"db_{1} &= dZ_{1}\,\text{ones} = " in tex
    assert r"W^{\text{new}}_{1} &= W_{1} - \eta\,dW_{1} = " in tex
    assert r"\cr" in viz.derivation(batch_exercise(), "markdown", matrices=True)


def test_softmax_and_fixed_biases():
    assert "A2 = softmax(Z2)\n" in viz.derivation(softmax_exercise(), "text", matrices=True)
    names = [line.matrix.name for line in matrix_lines(mazur_exercise().solve())]
    assert {"b1", "dW1", "W1_new"} < {*names}
    assert not {"db1", "b1_new"} & {*names}


def test_the_update_with_momentum():
    exercise = Exercise([[[2]]], [3], 0, 0.1, optimizer={"sgd": {"momentum": 0.5}})
    text = viz.derivation(exercise.iterate(2), "text", matrices=True)
    assert part_of(text, "Iteration 2: Update") == (
        "velocity_W1_new = mu velocity_W1 + dW1 = 0.5 [18] + [1.8] = [10.8]\n"
        "W1_new          = W1 - eta velocity_W1_new = [0.2] - 0.1 [10.8] = [-0.88]"
    )


def test_the_update_of_adam_in_latex():
    tex = viz.derivation(Exercise([[[2]]], [3], 0, 0.1, optimizer="adam"), matrices=True)
    lines = [line for line in tex.splitlines() if r"\text{new}" in line]
    assert [re.split(" &?= ", line)[:2] for line in lines] == [
        [r"m^{\text{new}}_{W_{1}}", r"\beta_{1}\,m_{W_{1}} + (1 - \beta_{1})\,dW_{1}"],
        [r"v^{\text{new}}_{W_{1}}", r"\beta_{2}\,v_{W_{1}} + (1 - \beta_{2})\,dW_{1}^{\odot 2}"],
        [r"\hat{m}_{W_{1}}", r"\frac{m^{\text{new}}_{W_{1}}}{1 - \beta_{1}^{t}}"],
        [r"\hat{v}_{W_{1}}", r"\frac{v^{\text{new}}_{W_{1}}}{1 - \beta_{2}^{t}}"],
        [
            r"W^{\text{new}}_{1}",
            r"W_{1} - \eta\,\hat{m}_{W_{1}} \oslash \left(\sqrt{\hat{v}_{W_{1}}} + \epsilon\right)",
        ],
    ]
    assert (
        r"= \frac{\begin{pmatrix} 0.324 \end{pmatrix}}{1 - 0.999^{1}} = \begin{pmatrix} 324 \end{pmatrix} " in lines[3]
    )


@pytest.mark.parametrize(
    ("exercise", "message"),
    [
        (lambda: READY["shared"](), "this exercise has no matrix form: w is used 2 times."),
        (
            lambda: Exercise({"w13": 1, "w24": 1, "w35": 1, "w45": 1}, [1, 2], 0, 0.1),
            "this exercise has no matrix form: y3 has other inputs than x1, x2.",
        ),
        (
            lambda: Exercise({"w12": 1, "w13": 1}, [1], [0, 1], 0.1, biases={"b3": 1}),
            "this exercise has no matrix form: only some of the biases of layer 1 are missing.",
        ),
        (
            lambda: Exercise({"w12": 1, "w13": 1}, [1], [0, 1], 0.1, fixed=["w12"]),
            "this exercise has no matrix form: only some of the weights of layer 1 are fixed.",
        ),
        (
            lambda: Exercise({"w12": 1}, [1], 0, 0.1, activation="prelu"),
            "this exercise has no matrix form: the activation of y2 has a number that is learned.",
        ),
        (lambda: Value(2.0, "x") * 3, "expected an exercise for the matrix form, got a Value."),
    ],
)
def test_what_has_no_matrix_form_is_refused_with_the_reason(exercise, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        viz.derivation(exercise(), "text", matrices=True)


def test_the_command_prints_and_writes_matrices(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "--matrices", "--text", "a.txt"]) == 0
    assert "Z1 = W1 X\n   = [2  -3] [ 1]\n     [1   4] [-1]\n" in capsys.readouterr().out
    assert "dW2 = dZ2 A1^T\n" in (tmp_path / "a.txt").read_text()


def test_the_command_writes_slides_that_appear_at_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "--beamer", "a.tex", "--latex", "b.tex", "--at-once"]) == 0
    assert ",handout]{beamer}" in (tmp_path / "a.tex").read_text()
    assert r"\documentclass[fleqn]{article}" in (tmp_path / "b.tex").read_text()
    capsys.readouterr()
    assert main(["exercise", "--at-once"]) == 1
    assert "--at-once is for slides; use it with --beamer." in capsys.readouterr().err
