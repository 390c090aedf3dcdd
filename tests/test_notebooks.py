"""The notebooks: each runs in a clean kernel without a complaint, shows what is stored, and is stored in one form."""

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
