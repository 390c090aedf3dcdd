"""How the house is built: no import points upwards, generated files are current, imports stay light."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd import formulas, generate

ALLOWED = {
    "autograd": {"autograd"},
    "nn": {"autograd", "nn"},
    "viz": {"autograd", "nn", "viz"},
}


def sources(package):
    return sorted(Path(importlib.import_module(package).__file__).parent.glob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


ENGINE = [
    *("interpreted", "arrays", "mode", "modes"),
    *("ieee", "scalars", "kernels", "interpretation", "op", "ops", "operators", "expression"),
    *("observation", "displays", "node"),
    *("sweep", "anomaly", "copying", "value", "tape", "dual"),
    *("shapes", "structure", "calculus", "checking", "vector", "naming"),
    *("formulas", "generate", "stepping", "simplification", "wording", "latex"),
    *("files", "columns", "lookup", "ledger", "explaining", "pathwise", "exact", "recomputation"),
    *("lab_examples", "lab_sweep", "lab_mistakes", "lab"),
    *("program", "assembly", "replayed", "batch", "arraybatch"),
    *("surroundings", "recording", "batched", "source"),
    "replaying",
]
"""The modules of autograd from the ground up: each imports only from those before it, at its head or later."""


def test_the_modules_of_the_engine_stand_on_those_before_them():
    paths = {path.stem: path for path in sources("autograd") if path.stem != "__init__"}
    assert sorted(paths) == sorted(ENGINE)
    for place, name in enumerate(ENGINE):
        below = set(ENGINE[:place])
        for node in ast.walk(ast.parse(paths[name].read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "autograd":
                assert {alias.name for alias in node.names} <= below, name
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograd."):
                assert node.module.partition(".")[2] in below, (name, node.module)


def test_a_row_without_formula_needs_a_function_of_floats(monkeypatch):
    monkeypatch.delattr(formulas.ieee, "tanh")
    with pytest.raises(ValueError, match=r"autograd/ieee.py has no function tanh"):
        generate.kernels_source()


@pytest.mark.parametrize("package", ALLOWED)
def test_no_import_points_upwards(package):
    for path in sources(package):
        assert set(imported(path)) & set(ALLOWED) <= ALLOWED[package], path


@pytest.mark.parametrize(("name", "source"), [("kernels", "kernels_source"), ("operators", "operators_source")])
def test_generated_files_are_what_the_table_generates(name, source):
    path = next(path for path in sources("autograd") if path.stem == name)
    expected = getattr(generate, source)()
    assert path.read_text(encoding="utf-8") == expected, "run `python -m autograd.generate`"


def output_of(code, directory):
    done = subprocess.run([sys.executable, "-c", code], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_engine_brings_nothing_that_draws_or_computes_arrays(tmp_path):
    code = "import sys, autograd, nn; print(sorted({'rich', 'graphviz', 'numpy', 'torch', 'onnx'} & set(sys.modules)))"
    assert output_of(code, tmp_path) == "[]"


SLOW_TO_IMPORT = {
    *("ast", "dataclasses", "decimal", "difflib", "fractions", "inspect", "linecache", "textwrap", "tokenize"),
    *("graphviz", "numpy", "rich", "torch"),
}
FOR_RECORDING_AND_BACKWARD = {
    *("interpreted", "arrays", "mode", "modes", "ieee", "scalars", "kernels", "interpretation", "op", "ops"),
    *("operators", "observation", "node", "sweep", "value"),
}


def test_importing_the_engine_brings_only_what_recording_and_backward_need(tmp_path):
    code = (
        "import sys; before = set(sys.modules); import autograd; x = autograd.Value(2, 'x'); "
        "(x.tanh() * 3 + autograd.maximum(x, 0.5)).backward(); print(*sorted(set(sys.modules) - before))"
    )
    brought = set(output_of(code, tmp_path).split())
    own = {name.partition(".")[2] for name in brought if name.startswith("autograd.")}
    assert "value" in own
    assert own <= FOR_RECORDING_AND_BACKWARD
    assert not brought & SLOW_TO_IMPORT


def test_a_name_that_is_imported_later_is_listed_and_found(tmp_path):
    code = (
        "import autograd; print(sorted({*autograd.__all__, 'sum'} - set(dir(autograd)))); "
        "print(autograd.anomaly.AnomalyError is autograd.AnomalyError); "
        "print([name for name in autograd.__all__ if not hasattr(autograd, name)]); "
        "from autograd import *; print(replay is autograd.replay, sum([1, 2]), autograd.sum([1, 2])); "
        "print(hasattr(autograd, 'gard'))"
    )
    assert output_of(code, tmp_path).splitlines() == ["[]", "True", "[]", "True 3 3.0", "False"]


@pytest.mark.parametrize("first", ["autograd.replaying", "autograd.generate", "nn", "viz"])
def test_no_module_takes_the_place_of_a_public_name(first, tmp_path):
    code = (
        f"import {first}, autograd, types; "
        "print([name for name in autograd.__all__ if isinstance(getattr(autograd, name), types.ModuleType)]); "
        "from autograd.replaying import Replay; print(type(autograd.replay).__name__, autograd.Replay is Replay)"
    )
    assert output_of(code, tmp_path).splitlines() == ["[]", "function True"]


def test_no_module_has_a_public_name():
    assert not set(ENGINE) & {*autograd.__all__, *autograd.ops.__all__, "sum"}


@pytest.mark.parametrize("package", ALLOWED)
def test_modules_are_short(package):
    for path in sources(package):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


@pytest.mark.parametrize(
    ("name", "extra", "call"),
    [
        ("torch", "torch", "nn.to_torch(nn.MLP(2, [1]))"),
        ("torch", "torch", "nn.from_torch(None)"),
        ("onnx", "onnx", "nn.to_onnx(nn.MLP(2, [1]), 'mlp.onnx')"),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_brings_it(name, extra, call, tmp_path):
    code = f"import sys, nn; sys.modules[{name!r}] = None\ntry:\n {call}\nexcept ModuleNotFoundError as e: print(e)"
    assert output_of(code, tmp_path).endswith(f"is not installed; this brings it: pip install 'gradstep[{extra}]'")
