"""Networks as files of ONNX: onnxruntime computes the same numbers, for any number of rows."""

import math

import numpy as np
import pytest
from networks import NETWORKS, ROWS
from points import check_lacking

import nn
from autograd.table.op import TABLE
from nn import MLP, Layer, to_onnx
from nn.exchange.onnx_file import ONNX

onnx = pytest.importorskip("onnx", reason="the package onnx is not installed: files of ONNX were not written")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: files of ONNX were not run")


def run(path, rows):
    return runtime.InferenceSession(str(path)).run(["y"], {"x": np.array(rows, dtype=float)})[0]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_runtime_computes_the_same_numbers(name, tmp_path):
    mlp = NETWORKS[name]
    path = written(mlp, tmp_path)
    if path is None:
        return
    results = run(path, ROWS)
    assert (results.dtype, len(results)) == (np.float64, len(ROWS))
    for row, result in zip(ROWS, results, strict=True):
        assert [output.data for output in mlp.forward(row)] == pytest.approx(result.tolist(), rel=1e-12, abs=1e-12)
    assert np.array_equal(run(path, ROWS[:1]), results[:1])


@pytest.mark.parametrize("name", [name for name in nn.ACTIVATIONS if name != "softmax"])
def test_each_activation_is_accurate_near_0_and_right_far_out(name, tmp_path):
    mlp = MLP.from_layers([Layer([[1.0]], activation=name)])
    points = [0.0, -0.0, 1e-12, -1e-12, -1e-300, 1e-5, -1e-5, -0.1, 36.0, -36.0, 745.0, -745.0, 1e300, -1e300]
    check_points(mlp, points, 1e-300, tmp_path)


@pytest.mark.parametrize("op", TABLE, ids=lambda op: op.name)
def test_each_operation_is_accurate_or_its_row_is_asked_for_a_word(op, tmp_path):
    calls = [op] if op.arity == 1 else [lambda x: op(x, 1.5), lambda x: op(0.7, x)]
    for call in calls:
        mlp = MLP.from_layers([Layer([[1.0]], activation=nn.Activation("own", call, settings={}))])
        points = [0.3, -0.3, 0.9, -0.9, 2.5, -2.5, 17.0, -17.0, 1e-9, -1e-9, 0.0, -0.0, 700.0, -700.0]
        check_points(mlp, points, 1e-15, tmp_path)


def test_the_operations_that_onnx_has_no_formula_for_are_known(tmp_path):
    """Of these, onnxruntime has no operator for doubles."""
    lacking = set()
    for op in TABLE:
        own = nn.Activation("own", op if op.arity == 1 else lambda x, op=op: op(x, 1.5), settings={})
        if written(MLP.from_layers([Layer([[1.0]], activation=own)]), tmp_path) is None:
            lacking.add(op.name)
    assert lacking == {"tan", "asin", "acos", "atan", "atan2", "sinh", "cosh"}


def written(mlp, folder):
    """Write a file of a network; None where it uses an operation without a word, if the message says so."""
    try:
        return to_onnx(mlp, folder / "mlp.onnx")
    except ValueError as error:
        check_lacking(error, ONNX)
        return None


def check_points(mlp, points, absolute, folder):
    """Compare a network of one unit, if ONNX has all its operations."""
    path = written(mlp, folder)
    if path is None:
        return
    results = run(path, [[x] for x in [*points, math.inf, -math.inf, math.nan]])[:, 0]
    for x, result in zip(points, results, strict=False):
        expected = mlp([x]).data
        both_nan = math.isnan(expected) and math.isnan(result)
        assert both_nan or math.isclose(expected, result, rel_tol=1e-12, abs_tol=absolute), (x, expected, result)
    assert np.array_equal(results[-3:], [mlp([x]).data for x in (math.inf, -math.inf, math.nan)], equal_nan=True)


def test_an_operation_without_a_word_is_asked_for_where_an_activation_uses_it(tmp_path):
    path = tmp_path / "mlp.onnx"
    bent = MLP(2, [1], output_activation=nn.Activation("bent", lambda x: 1 + x.tan(), settings={}))
    with pytest.raises(ValueError, match=r"ONNX has no function tan\. Add one to the row of tan"):
        to_onnx(bent, path)
    assert not path.exists()
    assert to_onnx(MLP(2, [1], output_activation="tanh"), path).exists()


def test_small_probabilities_keep_their_digits(tmp_path):
    mlp = MLP.from_layers([Layer([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], activation="softmax")])
    rows = [[1.0, 2.0], [-36.0, -700.0], [1e-9, 40.0], [800.0, 100.0], [-1e9, 1e9]]
    for row, result in zip(rows, run(to_onnx(mlp, tmp_path / "softmax.onnx"), rows), strict=True):
        for ours, theirs in zip(mlp.forward(row), result, strict=True):
            assert math.isclose(ours.data, theirs, rel_tol=1e-12, abs_tol=1e-300)


def test_the_file_says_what_it_is(tmp_path):
    path = to_onnx(MLP(2, [3, 1], "elu", seed=1), tmp_path / "mlp.onnx")
    model = onnx.load(path)
    assert (model.producer_name, model.opset_import[0].version, model.ir_version) == ("gradstep", 13, 7)
    (x,), (y,) = model.graph.input, model.graph.output
    shapes = [[part.dim_param or part.dim_value for part in end.type.tensor_type.shape.dim] for end in (x, y)]
    assert (x.name, y.name, shapes) == ("x", "y", [["rows", 2], ["rows", 1]])
    assert {tensor.name for tensor in model.graph.initializer} >= {"w1", "b1", "w2", "b2"}
    assert [node.op_type for node in model.graph.node] == [
        *("Gemm", "LessOrEqual", "Div", "Tanh", "Exp", "Add", "Mul", "Mul", "Where"),
        *("Gemm", "Identity"),
    ]


def test_the_learned_slope_is_written_as_it_is_now(tmp_path):
    mlp = MLP.from_layers([Layer([[1.0]], activation="prelu")])
    mlp.layers[0].activation.alpha.data = 0.7
    assert run(to_onnx(mlp, tmp_path / "prelu.onnx"), [[-10.0]]).tolist() == [[-7.0]]


def test_what_has_no_equal_is_refused_and_the_old_file_stays(tmp_path):
    path = tmp_path / "mlp.onnx"
    path.write_bytes(b"before")
    with pytest.raises(TypeError, match="expected an MLP for ONNX, got float"):
        to_onnx(1.0, path)
    with pytest.raises(TypeError, match="the activation of layers.0. is .*'cube'.*, your own function"):
        to_onnx(MLP(2, [1], output_activation=nn.Activation("cube", lambda x: x**3)), path)
    assert path.read_bytes() == b"before"
    with pytest.raises(FileNotFoundError, match="does not exist; make it first"):
        to_onnx(MLP(2, [1]), tmp_path / "no" / "mlp.onnx")
