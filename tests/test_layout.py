"""The layout engine: found in the environment, chosen by the user, limited in time, compared with Graphviz's dot."""

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from test_pictures import texts

from autograd import Value
from viz import LayoutError, draw, save
from viz.core import layout
from viz.core.cells import size_of

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


def exotic():
    """Return a graph whose names have letters of many kinds."""
    x = Value(3, "ŷ")
    y = (x * Value(2, "W[1]_21")).sigmoid() + Value(1, "ℓ₁ ⋮ Ω")
    y.label = "∂E/∂ŵ → loss"
    y.backward()
    return y


def test_pdf_has_each_character_and_embeds_its_fonts(tmp_path, monkeypatch):
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    found = shutil.which
    monkeypatch.setattr(layout.shutil, "which", lambda name: None if name == "dot" else found(name))
    path = save(exotic(), tmp_path / "g.pdf")
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Subtype/Image" not in content  # vectors alone
    assert save(exotic(), tmp_path / "again.pdf").read_bytes() == content
    if shutil.which("pdffonts") and shutil.which("pdftotext"):
        _, _, *fonts = subprocess.run(
            ["pdffonts", path], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        assert fonts
        assert all(font.split()[-5:-2] == ["yes", "yes", "yes"] for font in fonts)  # embedded, a subset, with Unicode
        written = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
        words = " ".join(written.split())
        assert all(word in words for word in ("ŷ", "W [1] 21", "ℓ₁ ⋮ Ω", "∂E/∂ŵ → loss", "∂=2", "sigmoid"))
        assert "■" not in words


def test_png_has_the_size_of_the_svg(tmp_path):
    width, height = size_of(draw(exotic()).svg())
    png = save(exotic(), tmp_path / "g.png").read_bytes()
    size = struct.unpack(">II", png[16:24])
    assert size == pytest.approx((width * 96 / 72, height * 96 / 72), abs=2)


def test_a_png_shows_letters_that_graphviz_pure_lacks():
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    pictures = {layout.lay_out(f'digraph {{ a [label="{letter}"] }}', "png") for letter in ("ŷ", "₁", "⋮", "∂", "ŵ")}
    assert len(pictures) == 5


def test_an_svg_that_cannot_be_rendered():
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    with pytest.raises(LayoutError, match="this could not be written as pdf: "):
        layout.rendered(["<svg"], "pdf")


def without_typst(monkeypatch):
    find = layout.importlib.util.find_spec
    monkeypatch.setattr(layout.importlib.util, "find_spec", lambda name: None if name == "typst" else find(name))


@needs_dot
def test_pdf_from_dot(tmp_path, monkeypatch):
    without_typst(monkeypatch)
    assert save(graph(), tmp_path / "g.pdf").read_bytes().startswith(b"%PDF")
    assert save(graph(), tmp_path / "h.pdf", layout="dot").read_bytes().startswith(b"%PDF")


def test_pdf_without_any_means(monkeypatch, tmp_path):
    without_typst(monkeypatch)
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
