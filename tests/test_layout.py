"""The layout engine: found in the environment, chosen by the user, limited in time, compared with Graphviz's dot."""

import shutil
import sys
from pathlib import Path

import pytest
from test_pictures import texts

from autograd import Value
from viz import LayoutError, draw, save
from viz.core import layout

SOURCE = "digraph { a -> b }"

needs_dot = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's dot is not installed")


def test_the_command_comes_from_the_environment():
    assert Path(layout.layout_command()).stem == "graphviz-pure"
    assert b"<svg" in layout.lay_out(SOURCE, "svg")


def test_the_command_is_found_without_the_package_s_list_of_files(monkeypatch):
    monkeypatch.setattr(layout.importlib.metadata, "files", lambda _: None)
    assert Path(layout.layout_command()).stem == "graphviz-pure"


def test_no_engine_at_all(monkeypatch):
    monkeypatch.setattr(layout.shutil, "which", lambda _: None)
    with pytest.raises(LayoutError, match="no layout engine was found. Install the package graphviz-pure"):
        layout.layout_command()
    with pytest.raises(LayoutError, match="the layout engine 'dot' was not found on PATH"):
        layout.layout_command("dot")


def test_the_environment_variable_chooses(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADSTEP_DOT", script(tmp_path, "import sys; sys.stdout.write('from the script')"))
    assert layout.lay_out(SOURCE, "svg") == b"from the script"
    monkeypatch.setenv("GRADSTEP_DOT", "nowhere-to-be-found")
    with pytest.raises(LayoutError, match="'nowhere-to-be-found' in GRADSTEP_DOT was not found"):
        layout.lay_out(SOURCE, "svg")


def script(folder, code):
    path = folder / "engine"
    path.write_text(f"#!{sys.executable}\n{code}\n")
    path.chmod(0o755)
    return str(path)


def test_an_engine_that_fails_hangs_or_says_nothing(monkeypatch, tmp_path):
    with pytest.raises(LayoutError, match="failed on the format svg: no such thing"):
        layout.lay_out(SOURCE, "svg", script(tmp_path, "import sys; sys.exit('no such thing')"))
    with pytest.raises(LayoutError, match="it wrote nothing"):
        layout.lay_out(SOURCE, "svg", script(tmp_path, ""))
    monkeypatch.setattr(layout, "TIME_LIMIT", 0.2)
    with pytest.raises(LayoutError, match="took longer than 0 s and was stopped"):
        layout.lay_out(SOURCE, "svg", script(tmp_path, "import time; time.sleep(60)"))


def test_an_engine_that_cannot_be_run(tmp_path):
    path = tmp_path / "engine"
    path.write_text("no program")
    path.chmod(0o755)
    with pytest.raises(LayoutError, match="could not be run"):
        layout.lay_out(SOURCE, "svg", str(path))


def test_source_that_is_wrong_is_said_so():
    with pytest.raises(LayoutError, match="failed on the format svg"):
        layout.lay_out("digraph {", "svg")


def graph():
    x = Value(3, "x")
    y = (x * x + 2).tanh()
    y.backward()
    return y


def test_pdf_from_the_svg(tmp_path, monkeypatch):
    pytest.importorskip("svglib", reason="the extra pdf is not installed")
    monkeypatch.setattr(layout.shutil, "which", lambda name: None if name == "dot" else str(name))
    assert save(graph(), tmp_path / "g.pdf").read_bytes().startswith(b"%PDF")


@needs_dot
def test_pdf_from_dot(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "_svg_converter_is_installed", lambda: False)
    assert save(graph(), tmp_path / "g.pdf").read_bytes().startswith(b"%PDF")
    assert save(graph(), tmp_path / "h.pdf", layout="dot").read_bytes().startswith(b"%PDF")


def test_pdf_without_any_means(monkeypatch, tmp_path):
    monkeypatch.setattr(layout, "_svg_converter_is_installed", lambda: False)
    monkeypatch.setattr(layout.shutil, "which", lambda name: None if name == "dot" else str(name))
    with pytest.raises(LayoutError, match=r"a PDF needs the extra pdf .* or Graphviz's dot on PATH"):
        save(graph(), tmp_path / "g.pdf")
    assert not (tmp_path / "g.pdf").exists()


@needs_dot
def test_dot_draws_the_same_texts_and_shapes():
    ours, theirs = draw(graph()).svg(), draw(graph(), layout="dot").svg()
    assert sorted(texts(ours)) == sorted(texts(theirs))
    for shape in ("<ellipse", "<polyline", 'class="node"', 'class="edge"'):
        assert ours.count(shape) == theirs.count(shape), shape
