"""The two engines, compiled and interpreted from the same source: the choice, and that nobody can tell the results."""

import ast
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd import Value, node, sweep, value
from autograd.replays import program, replayed
from autograd.state import mode
from autograd.state.loading import VARIABLE

TRAINING = """
import random, autograd, nn
model = nn.MLP(2, [5, 4, 1], activation="tanh", seed=4)
optimizer = nn.Adam(model.parameters(), 0.05)
rng = random.Random(1)
rows = [([rng.uniform(-1, 1), rng.uniform(-1, 1)], rng.choice((-1, 1))) for _ in range(8)]
loss = autograd.replay(lambda: sum((model(x) - y) ** 2 for x, y in rows))
for step in range(20):
    model.zero_grad()
    total = loss() if step % 2 else loss.function()
    total.backward()
    optimizer.step()
print(repr([parameter.data for parameter in model.parameters()]))
"""


def run(code, tmp_path, interpreted):
    environment = os.environ | {VARIABLE: interpreted}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("interpreted", "expected"), [("1", False), ("yes", False), ("0", None), ("", None)])
def test_the_variable_chooses_the_source(tmp_path, interpreted, expected):
    compiled, file = run(
        "import autograd; print(autograd.compiled, autograd.value.__file__)", tmp_path, interpreted
    ).split()
    installed = run("import autograd; print(autograd.compiled)", tmp_path, "").strip()
    assert compiled == (installed if expected is None else str(expected))
    assert file.endswith(".py") == (compiled == "False")


def test_the_variable_concerns_no_other_package(tmp_path):
    code = "import autograd, json, nn, sys; print(len([name for name in sys.modules if name.startswith('autograd.')]))"
    assert run(code, tmp_path, "1") == run(code, tmp_path, "0")


def test_both_train_to_the_same_bits(tmp_path):
    assert run(TRAINING, tmp_path, "1") == run(TRAINING, tmp_path, "0")


def test_the_command_says_which_engine_runs(tmp_path):
    code = "from viz.commands.cli import main; main(['--version'])"
    assert run(code, tmp_path, "1").endswith("(interpreted engine)\n")
    engine = "compiled" if autograd.compiled else "interpreted"
    assert run(code, tmp_path, os.environ.get(VARIABLE, "")).endswith(f"({engine} engine)\n")


@pytest.mark.parametrize("module", [mode, node, program, replayed, sweep, value], ids=lambda module: module.__name__)
def test_documentation_is_there_either_way(module):
    assert inspect.getdoc(module)
    for name, member in vars(module).items():
        if not name.startswith("_") and getattr(member, "__module__", None) == module.__name__:
            assert len((inspect.getdoc(member) or "").partition("--\n\n")[2] or inspect.getdoc(member)) > 20, name


def test_the_documentation_of_methods_and_properties():
    assert inspect.getdoc(Value.tanh).splitlines()[0] == "Return the hyperbolic tangent."
    assert inspect.getdoc(Value.label) == "The name of the node, or None."
    assert inspect.getdoc(Value).splitlines()[0] == "A number, its gradient, and the operation that computed it."
    assert ">>> (a * a).backward()" in inspect.getdoc(Value.backward)
    assert list(inspect.signature(Value).parameters) == ["data", "label", "_op"]
    assert list(inspect.signature(Value.leaky_relu).parameters) == ["self", "slope"]


def functions_of_setup():
    """Return the functions of setup.py that edit the C code; the file itself would build."""
    tree = ast.parse((Path(__file__).parent.parent / "setup.py").read_text(encoding="utf-8"))
    wanted = {"as_c", "keep_docstrings", "make_nodes_light", "_not_found"}
    tree.body = [
        item
        for item in tree.body
        if isinstance(item, ast.Assign) or (isinstance(item, ast.FunctionDef) and item.name in wanted)
    ]
    found = {"re": re}
    exec(compile(tree, "setup.py", "exec"), found)
    return found


C_CODE = {
    "functions": '(PyCFunction)CPyPy_node___f,\n METH_FASTCALL | METH_KEYWORDS, PyDoc_STR("f()\\n--\\n\\n")',
    "classes": '.tp_doc = PyDoc_STR("Node()\\n--\\n\\n")',
    "properties": '{"op", (getter)node___Node_get_op, NULL, NULL, NULL}',
    "modules": '"autograd.node",\n NULL, /* docstring */',
}
DOCUMENTED = {
    "functions": '(PyCFunction)CPyPy_node___f,\n METH_FASTCALL | METH_KEYWORDS, PyDoc_STR("f()\\n--\\n\\nAn f.")',
    "classes": '.tp_doc = PyDoc_STR("Node()\\n--\\n\\nA \\"node\\".")',
    "properties": '{"op", (getter)node___Node_get_op, NULL, "The op.", NULL}',
    "modules": '"autograd.node",\n"Nodes.", /* docstring */',
}
TEXTS = {"node___f": "An f.", "Node": 'A "node".', "node___Node___op": "The op.", "autograd.node": "Nodes."}


def test_documentation_is_written_into_the_c_code():
    written = functions_of_setup()["keep_docstrings"]("\n".join(C_CODE.values()), TEXTS)
    assert written == "\n".join(DOCUMENTED.values())


@pytest.mark.parametrize("missing", C_CODE)
def test_an_install_fails_where_the_c_code_has_no_place_for_documentation(missing):
    code = "\n".join(text for what, text in C_CODE.items() if what != missing)
    message = f"setup.py does not find the {missing} in mypyc's C code. Was the version of mypy changed?"
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$"):
        functions_of_setup()["keep_docstrings"](code, TEXTS)
    with pytest.raises(RuntimeError, match="does not find where a Value is made and freed"):
        functions_of_setup()["make_nodes_light"](code)


def test_a_node_takes_at_most_140_bytes():
    y = Value(2) * Value(3)
    assert sys.getsizeof(y) <= 140
