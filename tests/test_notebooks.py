"""The notebooks: each runs in a clean kernel without a complaint, shows what is stored, and is stored in one form."""

import ast
import base64
import re
import struct
from importlib.util import find_spec

import pytest

pytest.importorskip("ipykernel", reason="notebooks need the extra notebooks")
notebooks = pytest.importorskip("notebooks", reason="notebooks need the extra notebooks")
nbformat = notebooks.nbformat

PATHS = {path.stem: path for path in notebooks.paths()}
OPTIONAL = ("numpy", "torch")
"""Packages without which a notebook runs; the cells that use one carry its name as a tag."""
WITH_PLOTS = ("3-activations", "5-two-moons")
LARGEST = 350_000
LARGEST_OUTPUT = 150_000
"""Bytes of a notebook, and of one of its outputs."""
A_PNG = b"\x89PNG\r\n\x1a\n"
HIDING = f"""\
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *where: None if name in {OPTIONAL} else find(name, *where)
"""
A_PATH = re.compile(r"/(?:work|tmp|home|root|Users)\b|\b[A-Z]:\\")


def texts(notebook):
    """Yield every text of the notebook: what is written in the cells, and what they show."""
    for cell in notebook.cells:
        yield cell.source
        for output in cell.get("outputs", []):
            yield output.get("text", "")
            yield from output.get("data", {}).values()


def shown(cell, off=0):
    """Return the outputs of a cell, of a PNG the dots only: other fonts, or another matplotlib, draw it otherwise.

    `off` is how many dots more or less count as the same: typst and Graphviz round the size of a picture otherwise.
    """
    outputs = [dict(output) for output in cell.get("outputs", [])]
    for output in outputs:
        forms = output.get("data", {})
        if "image/png" in forms:
            size = dots(forms["image/png"])
            output["data"] = forms | {"image/png": size if off == 0 else pytest.approx(size, abs=off)}
    return outputs


def dots(png):
    """Return how many dots a PNG is wide and high."""
    content = base64.b64decode(png)
    assert content.startswith(A_PNG)
    return struct.unpack(">II", content[16:24])


def outputs_of(notebook):
    """Yield the forms of each thing that the cells show, with its metadata."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "data" in output:
                yield output.data, output.metadata


@pytest.mark.parametrize("name", PATHS)
def test_a_notebook_runs_in_a_clean_kernel_and_shows_what_is_stored(name, tmp_path):
    if name in WITH_PLOTS:  # the import also makes matplotlib's list of fonts, about which a kernel would complain
        pytest.importorskip("matplotlib.font_manager", reason="the plots need matplotlib")
    stored = notebooks.stored(PATHS[name])
    run = notebooks.executed(stored, tmp_path)
    assert [output["text"] for cell in run.cells for output in shown(cell) if output.get("name") == "stderr"] == []
    again = nbformat.reads(notebooks.normalized(run), as_version=4)
    missing = {package for package in OPTIONAL if find_spec(package) is None}
    for cell, before in zip(again.cells, stored.cells, strict=True):
        if not missing & set(cell.metadata.get("tags", [])):
            assert shown(cell) == shown(before, off=2), cell.id


@pytest.mark.parametrize("name", ["2-units-and-matrices", "6-speed"])
def test_a_notebook_says_what_is_missing(name, tmp_path):
    stored = notebooks.stored(PATHS[name])
    stored.cells.insert(0, nbformat.v4.new_code_cell(HIDING))
    run = notebooks.executed(stored, tmp_path)
    tagged = [cell for cell in run.cells if set(cell.metadata.get("tags", [])) & set(OPTIONAL)]
    assert re.search(r"is not installed; pip install 'gradstep\[\w+\]' brings it", shown(tagged[0])[0]["text"])
    assert [shown(cell) for cell in tagged[1:]] == [[]] * (len(tagged) - 1)


@pytest.mark.parametrize("name", PATHS)
def test_a_notebook_is_stored_in_one_form(name):
    content = PATHS[name].read_text(encoding="utf-8")
    stored = notebooks.stored(PATHS[name])
    assert content == notebooks.normalized(stored), "run `python -m tests.notebooks`"
    assert len(content.encode()) < LARGEST
    assert [text for text in texts(stored) if A_PATH.search(text)] == []
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)]


@pytest.mark.parametrize("name", PATHS)
def test_a_stored_picture_is_shown_by_every_viewer(name):
    for forms, metadata in outputs_of(notebooks.stored(PATHS[name])):
        assert len("".join(forms.values()).encode()) < LARGEST_OUTPUT
        html = forms.get("text/html", "")
        assert "<svg" not in html
        assert all(address.startswith("data:image/") for address in re.findall(r'<img [^>]*src="([^"]*)"', html))
        assert "image/svg+xml" not in forms or "image/png" in forms
        if "image/png" in forms:
            width, height = dots(forms["image/png"])
            size = metadata["image/png"]
            assert size["width"] <= width <= 2 * size["width"] + 2
            assert height / width == pytest.approx(size["height"] / size["width"], rel=0.02)
        if "text/markdown" not in forms:  # an object of IPython, whose text names its class
            assert not re.search(r" object( at 0x|>)", forms["text/plain"])


def test_what_a_run_leaves_by_chance_is_not_stored():
    cells = [
        nbformat.v4.new_code_cell("1", id="a", metadata={"tags": ["torch"]}),
        nbformat.v4.new_markdown_cell(id="b"),
    ]
    cells[0].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1"}, execution_count=1)]
    clean = nbformat.v4.new_notebook(cells=cells)
    noisy = nbformat.reads(nbformat.writes(clean), as_version=4)
    noisy.metadata = {"language_info": {"name": "python", "version": "3.14.0"}, "widgets": {}}
    noisy.cells[0].metadata |= {"execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"}, "collapsed": True}
    noisy.cells[0].outputs[0].metadata = {"isolated": True, "image/png": {"width": 8, "height": 6, "needs": "light"}}
    clean.cells[0].outputs[0].metadata = {"image/png": {"width": 8, "height": 6}}
    assert notebooks.normalized(noisy) == notebooks.normalized(clean)
    assert '"torch"' in notebooks.normalized(noisy)
    noisy.cells[0].metadata.tags = [notebooks.UNSTORED]
    assert '"outputs": []' in notebooks.normalized(noisy)


def test_the_command_stores_what_a_run_shows(tmp_path, capsys):
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(6 * 7)", id="a")]), path)
    notebooks.main([str(path)])
    assert notebooks.stored(path).cells[0].outputs == [{"name": "stdout", "output_type": "stream", "text": "42\n"}]
    assert re.fullmatch(r"one.ipynb: written, \d+ kB\n", capsys.readouterr().out)


def test_the_last_notebook_quotes_the_benchmark_of_the_manual():
    manual = (notebooks.FOLDER / "manual.md").read_text(encoding="utf-8")
    measured = re.findall(r"^\| .* \| ([\d.]+) \| [\d.]+ \|$", manual, re.MULTILINE)
    [table] = [cell.source for cell in notebooks.stored(PATHS["6-speed"]).cells if "| ms a step |" in cell.source]
    quoted = re.findall(r"\| ([\d.]+) \|$", table, re.MULTILINE)
    assert len(quoted) == 7
    assert set(quoted) <= set(measured)


QUESTION = "**What do you expect"
"""What begins a question; below it is a cell that checks the answer."""
NUMBERS = {
    "1-worked-exercise": {
        "forward-check": "5 5 -3 0 10 10 50",
        "backward-check": "10 20 0 -3 -1 0 -1 1 4",
        "delta-check": "0.02",
        "steps-check": "2",
        "ledger-check": "40",
        "what-if-check": "0.5 0.5 9.5 -9.5",
        "repeat-check": "0 0",
        "target-check": "0 0.5",
        "small-steps-check": "4.2 8.82",
        "yours-check": "1.32 1.32 0.66 0.66 0.76 0.76 0.0288 -0.24 -0.144 0.048 "
        "0.61728 0.8072 0.29424 0.3976 0.63168 -0.18416 0.2144 0.0952 0.124",
    },
    "2-units-and-matrices": {
        "network-check": "31",
        "forward-check": "1.25 0.777",
        "loss-check": "0.379",
        "output-check": "-0.316",
        "hidden-check": "-0.0219 0.0291 -0.0437 -0.0219",
        "layers-check": "5 1",
        "same-check": "0.0241",
        "numpy-check": "5 1",
        "batch-shapes": "5 3 3 5 4",
    },
    "3-activations": {
        "why-check": "-4.291",
        "gallery-check": "0.25 0.135",
        "saturation-check": "0.0177 0.0000454",
        "depth-check": "0.235 0.786 1",
        "kink-guess": "0",
        "dead-check": "0 0.01",
        "learned-check": "-3 0",
        "softmax-guess": "0",
        "cross-check": "0.26 -0.295 0.035",
        "more-check": "0.705 1.09 0",
    },
    "4-three-rules": {
        "paths-check": "1.02",
        "growth-check": "8 1024",
        "overwrite-check": "2 3",
        "order-check": "3",
        "zero-check": "1.08 1.68",
        "zero-why-check": "-1",
        "update-check": "-30",
    },
    "5-two-moons": {"loss-check": "0 0.5 2", "line-check": "80", "network-check": "33", "more-check": "9"},
    "6-speed": {
        "nodes-check": "1000 13000",
        "replay-check": "0.22 0.22",
        "same-check": "0",
        "branch-check": "-15",
        "batch-guess": "20",
        "torch-check": "16 2",
    },
}
"""The numbers for the cells that check, from the texts of the notebooks and by hand."""


def is_check(cell):
    return cell.cell_type == "code" and bool(re.search(r"(?:^|\.)check\(", cell.source, re.MULTILINE))


@pytest.mark.parametrize("name", PATHS)
def test_each_question_is_followed_by_a_check_whose_key_is_not_in_sight(name):
    cells = notebooks.stored(PATHS[name]).cells
    asked = [place for place, cell in enumerate(cells) if QUESTION in cell.source]
    assert asked
    for place in asked:
        following = [cell.cell_type for cell in cells[place + 1 :]]
        before_text = following.index("markdown")
        checks = [cell for cell in cells[place + 1 : place + 1 + before_text] if is_check(cell)]
        assert len(checks) == 1, cells[place].id
    for cell in filter(is_check, cells):
        assert "None" in cell.source
        *printed, output = cell.outputs
        assert output.data["text/plain"] == "no number is given yet", cell.id
        assert printed == [] or cell.id == "why-check"  # which gives two numbers
    assert [cell.id for cell in cells if cell.id.startswith("more")][-1] != "more"  # the tasks have checks too


@pytest.mark.parametrize("name", PATHS)
def test_the_answers_are_folded(name):
    cells = notebooks.stored(PATHS[name]).cells
    answers = [cell for cell in cells if notebooks.ANSWER in cell.metadata.get("tags", [])]
    assert [cell.metadata["jupyter"] for cell in answers] == [{"outputs_hidden": True}] * len(answers)
    for place, cell in enumerate(cells):
        if is_check(cell) and not cell.id.startswith(("more", "layers")):
            assert cells[place + 1] in answers, cell.id
        if "<details>" in cell.source:
            assert re.match(r"<details><summary>Answer</summary>\n\n[^\n](.|\n)*\n\n</details>(\n\n|$)", cell.source)


@pytest.mark.parametrize("name", PATHS)
def test_no_assertion_fails_without_a_word(name):
    code = [cell.source for cell in notebooks.stored(PATHS[name]).cells if cell.cell_type == "code"]
    asserted = [node for source in code for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    assert [ast.unparse(node) for node in asserted if node.msg is None] == []


@pytest.mark.parametrize("name", PATHS)
def test_the_right_numbers_are_right(name, tmp_path):
    if name in WITH_PLOTS:
        pytest.importorskip("matplotlib.font_manager", reason="the plots need matplotlib")
    stored = notebooks.stored(PATHS[name])
    counts = {}
    for cell in filter(is_check, stored.cells):
        numbers = NUMBERS[name].get(cell.id, "").split()
        if numbers:
            counts[cell.id] = len(numbers)
            *parts, last = cell.source.split(": None")
            cell.source = "".join(f"{part}: {number}" for part, number in zip(parts, numbers, strict=True)) + last
    run = notebooks.executed(stored, tmp_path)
    shown = {cell.id: cell.outputs[-1].data["text/plain"] for cell in run.cells if cell.id in counts}
    assert {name: text.splitlines()[0] for name, text in shown.items()} == {
        name: f"{count} of {count} right" for name, count in counts.items()
    }


def test_copies_for_students_have_no_outputs(tmp_path, capsys):
    notebooks.main(["--student", str(tmp_path / "copies")])
    assert capsys.readouterr().out.splitlines() == [
        f"{path.name} is in {tmp_path / 'copies'}" for path in PATHS.values()
    ]
    for path in PATHS.values():
        copy, own = notebooks.stored(tmp_path / "copies" / path.name), notebooks.stored(path)
        assert [cell.source for cell in copy.cells] == [cell.source for cell in own.cells]
        assert [cell for cell in copy.cells if cell.get("outputs") or cell.get("execution_count")] == []


CELLS = {
    "from autograd import *\nw, p = Value(2, 'w'), Value(0, 'p')": None,
    "with record_backward():\n    (w * 5).backward()\n    (w * 5).backward()\nprint(explain(w).sentences[0])": (
        "The gradient 10 = 5 from call 1 (In[2]:2) + 5 from call 2 (In[2]:3): it was not reset in between.\n"
    ),
    "with record_lines():\n    y = w * p.log()\nprint(find_anomaly(y))": (
        "v2 = log(p) made -inf from p = 0 at In[3]:2: y = w * p.log().\n"
    ),
}
"""Cells that name a line of a cell, each with what it prints."""


def test_a_line_of_a_notebook_is_named_by_its_cell(tmp_path):
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    run = notebooks.executed(nbformat.v4.new_notebook(cells=cells), tmp_path)
    assert [cell.outputs[0].text if cell.outputs else None for cell in run.cells] == [*CELLS.values()]


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["--help"], 0, "write copies without outputs, run nothing"),
        (["no.ipynb"], 2, "expected the path of a notebook, got 'no.ipynb'"),
        (["--students"], 2, "unrecognized arguments: --students"),
    ],
)
def test_the_command_answers_a_wrong_argument_and_runs_nothing(given, code, said, capsys):
    with pytest.raises(SystemExit) as end:
        notebooks.main(given)
    assert end.value.code == code
    assert said in " ".join("".join(capsys.readouterr()).split())
