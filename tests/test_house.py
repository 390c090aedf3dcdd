"""How the house is built: no import points upwards, generated files are current, imports stay light."""

import ast
import importlib
import subprocess
import sys
from collections import Counter
from dataclasses import FrozenInstanceError, fields, is_dataclass
from functools import cache
from pathlib import Path

import pytest

from autograd.symbols import formulas
from autograd.symbols import generation as generate

ENGINE = {"autograd", "autograd.table", "autograd.state"}
PASSES = {*ENGINE, "autograd.symbols", "autograd.passes"}
MODELS = {*PASSES, "autograd.derivatives", "nn"}
DRAWN = {*PASSES, "nn", "nn.exercises", "viz.core"}

MAP = {
    "autograd.table": set(),
    "autograd.state": {"autograd.table"},
    "autograd": {"autograd.table", "autograd.state"},
    "autograd.symbols": ENGINE,
    "autograd.passes": {*ENGINE, "autograd.symbols"},
    "autograd.contexts": PASSES,
    "autograd.derivatives": {*ENGINE, "autograd.symbols", "autograd.contexts"},
    "autograd.explanations": {*PASSES, "autograd.contexts"},
    "autograd.lab": {*PASSES, "autograd.contexts"},
    "autograd.replays": {*ENGINE, "autograd.symbols", "autograd.contexts", "autograd.derivatives"},
    "nn": {*ENGINE, "autograd.derivatives"},
    "nn.exercises": MODELS,
    "nn.exchange": {*MODELS, "nn.exercises"},
    "nn.training": {*MODELS, "nn.exchange"},
    "viz.core": {*PASSES, "autograd.lab", "nn", "nn.exchange"},
    "viz.graphs": DRAWN,
    "viz.networks": DRAWN,
    "viz.terminal": {*DRAWN, "autograd.lab"},
    "viz.texts": {*DRAWN, "viz.networks"},
    "viz.questions": {*DRAWN, "autograd.lab", "viz.networks", "viz.terminal", "viz.texts"},
    "viz.stepping": {
        *DRAWN,
        "autograd.lab",
        "nn.exchange",
        "viz.graphs",
        "viz.networks",
        "viz.terminal",
        "viz.questions",
    },
    "viz.page": {
        *(*DRAWN, "autograd.lab", "nn.exchange", "viz.graphs", "viz.networks"),
        *("viz.texts", "viz.questions", "viz.stepping"),
    },
    "viz.plots": {*DRAWN, "autograd.derivatives", "autograd.lab", "nn.training"},
    "viz.watching": {*DRAWN, "nn.exchange", "viz.plots", "viz.graphs", "viz.networks", "viz.stepping"},
}
"""The map: each folder, from the ground up, and those that its modules may import from.

What stands on all of it is not listed: `viz`, with `displays.py` and `magic.py`, and `viz.commands`.
"""

MOST_MODULES = 12
MOST_LINES = 500
GENERATED = {"autograd.table.kernels", "autograd.table.operators"}
"""They grow with the table: a new row must not need a change elsewhere because they are too long."""


def module_files():
    """Return the file of each module by its name; a package's is its `__init__.py`."""
    for package in ("autograd", "nn", "viz"):
        root = Path(importlib.import_module(package).__file__).parent
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root.parent).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(module_files())
PACKAGES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


@cache
def imports(name):
    """Return what a module imports of these packages, at its head or later, for its types too."""
    found = []
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name if name in MODULES else node.module for name in names]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in MODULES]
    return found


def folder(name):
    return name if name in PACKAGES else name.rpartition(".")[0]


@pytest.mark.parametrize("wing", MAP)
def test_the_modules_of_a_wing_import_from_below_only(wing):
    allowed = {wing, *MAP[wing]}
    entrances = {"autograd", "autograd.generate", "nn"}  # what a package exports may come from all of its wings
    for name in MODULES:
        if folder(name) == wing and name not in entrances:
            assert {folder(found) for found in imports(name)} <= allowed, name


def test_the_map_has_no_way_back_up_and_every_folder():
    order = list(MAP)
    assert all(set(MAP[wing]) <= set(order[:place]) for place, wing in enumerate(order))
    assert {*map(folder, MODULES)} == {*MAP, "viz", "viz.commands"}
    assert not [
        name
        for name in MODULES
        if name.startswith("viz.")
        and folder(name) not in ("viz", "viz.commands")
        and any(folder(found) == "viz.commands" for found in imports(name))
    ]


def test_no_module_imports_itself_by_way_of_others():
    waiting = {name: {found for found in imports(name) if found not in PACKAGES} for name in MODULES}
    while free := [name for name, needed in waiting.items() if not needed & waiting.keys()]:
        for name in free:
            del waiting[name]
    assert not waiting


def test_folders_and_files_fit_in_the_head():
    counts = Counter(folder(name) for name in MODULES if name not in PACKAGES)
    assert {name: count for name, count in counts.items() if count > MOST_MODULES} == {}
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES and name not in GENERATED} == {}


def test_a_row_without_formula_needs_a_function_of_floats(monkeypatch):
    monkeypatch.delattr(formulas.ieee, "tanh")
    with pytest.raises(ValueError, match=r"autograd/table/ieee.py has no function tanh"):
        generate.kernels_source()


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("table/kernels.py", "kernels_source"),
        ("table/operators.py", "operators_source"),
        ("replays/operations.h", "c_source"),
    ],
)
def test_generated_files_are_what_the_table_generates(name, source):
    path = Path(generate.__file__).parent.parent / name
    expected = getattr(generate, source)()
    assert path.read_text(encoding="utf-8") == expected, "run `python -m autograd.generate`"


def output_of(code, directory):
    done = subprocess.run([sys.executable, "-c", code], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def modules_of(code, directory):
    """Return the names of the modules that some code imports."""
    counting = f"import sys; before = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before))"
    return set(output_of(counting, directory).splitlines()[-1].split())


OTHERS = {*("graphviz", "json5", "latex2mathml", "matplotlib", "numpy", "onnx", "rich", "torch", "typst")}
"""Packages of others."""
SLOW_TO_IMPORT = {
    *("ast", "dataclasses", "decimal", "difflib", "fractions", "inspect", "linecache", "textwrap", "tokenize"),
    *OTHERS,
}


@pytest.mark.parametrize("package", ["autograd", "nn", "viz"])
def test_importing_a_package_brings_neither_its_wings_nor_anything_slow(package, tmp_path):
    brought = modules_of(f"import {package}", tmp_path)
    assert package in brought
    assert not brought & SLOW_TO_IMPORT
    assert not {name for name in brought if name.startswith(("nn.", "viz.", "xml"))}


def test_a_network_trains_without_anything_that_draws(tmp_path):
    brought = modules_of("import nn; nn.fit(nn.MLP(2, [1]), nn.xor(), iterations=1)", tmp_path)
    assert "nn.training.fit" in brought
    assert not brought & (OTHERS - {"numpy"})
    assert not {name for name in brought if name.startswith("viz")}


def test_a_picture_brings_neither_plots_nor_pages_nor_commands(tmp_path):
    brought = modules_of("import viz; from autograd import Value; viz.draw(Value(2) * 3)", tmp_path)
    wings = {".".join(name.split(".")[:2]) for name in brought if name.startswith("viz.")}
    assert wings == {"viz.core", "viz.graphs"}
    assert not brought & {"matplotlib", "latex2mathml"}


def imported_for_types(package):
    """Return the names that a package imports for a type checker only, by the module that each comes from."""
    tree = ast.parse(MODULES[package].read_text(encoding="utf-8"))
    [body] = [node.body for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    found = {}
    for node in body:
        names = [alias.name for alias in node.names if alias.name != "*"]  # which a table's rows say
        found.setdefault(node.module.removeprefix(f"{package}."), []).extend(names)
    return found


@pytest.mark.parametrize("package", ["autograd", "nn", "viz"])
def test_what_is_imported_later_is_what_a_type_checker_reads(package):
    table = importlib.import_module(package)._LATER
    assert {module: [*names] for module, names in table.items() if names} == imported_for_types(package)
    names = {name for module in table.values() for name in module}
    assert names - {"sum"} <= set(importlib.import_module(package).__all__)


FOR_RECORDING_AND_BACKWARD = {"", "ops", "node", "sweep", "value", "contexts", "contexts.modes"}
"""Modules outside of the wings `table` and `state`."""


def test_importing_the_engine_brings_only_what_recording_and_backward_need(tmp_path):
    code = "import autograd; x = autograd.Value(2, 'x'); (x.tanh() * 3 + autograd.maximum(x, 0.5)).backward()"
    brought = modules_of(code, tmp_path)
    own = {name.partition(".")[2] for name in brought if name.startswith("autograd.")}
    assert "value" in own
    assert {name for name in own if name.partition(".")[0] not in {"table", "state"}} <= FOR_RECORDING_AND_BACKWARD
    assert not brought & SLOW_TO_IMPORT


def test_a_name_that_is_imported_later_is_listed_and_found(tmp_path):
    code = (
        "import autograd; print(sorted({*autograd.__all__, 'sum'} - set(dir(autograd)))); "
        "print(autograd.lab.run.__name__ == 'run'); "
        "print([name for name in autograd.__all__ if not hasattr(autograd, name)]); "
        "from autograd import *; print(replay is autograd.replay, sum([1, 2]), autograd.sum([1, 2])); "
        "print(hasattr(autograd, 'gard'))"
    )
    assert output_of(code, tmp_path).splitlines() == ["[]", "True", "[]", "True 3 3.0", "False"]


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_names_and_modules_of_a_lazy_package_are_listed_and_found(package, tmp_path):
    code = (
        f"import {package}, types\n"
        f"print(sorted({{*{package}.__all__}} - set(dir({package}))))\n"
        f"folders = [name for name in dir({package}) if isinstance(getattr({package}, name), types.ModuleType)]\n"
        f"print(*sorted(folders))\n"
        f"from {package} import *\n"
        f"print([name for name in {package}.__all__ if globals()[name] is not getattr({package}, name)])\n"
        f"print(hasattr({package}, 'drow'))\n"
    )
    unlisted, folders, other, misspelt = output_of(code, tmp_path).splitlines()
    assert (unlisted, other, misspelt) == ("[]", "[]", "False")
    own = {name.split(".")[1] for name in MODULES if name.startswith(f"{package}.")}
    assert set(folders.split()) == own


@pytest.mark.parametrize("package", ["nn", "viz"])
def test_no_module_of_a_lazy_package_has_the_name_of_what_it_exports(package):
    own = {name.split(".")[1] for name in MODULES if name.startswith(f"{package}.")}
    assert own & set(importlib.import_module(package).__all__) == set()


@pytest.mark.parametrize("first", ["autograd.replays.replay", "autograd.generate", "nn", "viz"])
def test_no_module_takes_the_place_of_a_public_name(first, tmp_path):
    code = (
        f"import {first}, autograd, types; "
        "print([name for name in autograd.__all__ if isinstance(getattr(autograd, name), types.ModuleType)]); "
        "from autograd.replays.replay import Replay; print(type(autograd.replay).__name__, autograd.Replay is Replay)"
    )
    assert output_of(code, tmp_path).splitlines() == ["[]", "function True"]


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
    assert output_of(code, tmp_path).endswith(f"is not installed; install it with: pip install 'gradstep[{extra}]'")


CHANGING = {"autograd.lab.script.Script", "viz.core.dot.Scopes"}
"""Dataclasses that are filled bit by bit; every other is frozen, so that what shares it need not copy it."""


def dataclasses():
    for name in MODULES:
        for found in vars(importlib.import_module(name)).values():
            if isinstance(found, type) and is_dataclass(found) and found.__module__ == name:
                yield f"{name}.{found.__qualname__}", found


def is_frozen(found):
    record, name = found.__new__(found), fields(found)[0].name
    try:
        setattr(record, name, 1)
    except FrozenInstanceError:
        return True
    return False


def test_records_are_frozen():
    classes = dict(dataclasses())
    assert len(classes) > 40
    assert {name for name, found in classes.items() if not is_frozen(found)} == CHANGING
