"""Pictures as text: Mermaid, TikZ and DOT, and the command that writes them."""

import re
import shutil
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_large_graphs import mean_square, weighted_sum

import viz
from autograd import Value, parameter, scope
from nn import READY, relu_exercise
from tests.fuzz.labels import check_mermaid
from viz.commands.cli import main
from viz.graphs.mermaid import mermaid_text

needs_latex = pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
HOSTILE = 'a "b" `c` \\N{}%&$#_^~<x>|[](y);\n é 中 \x07 --> end\n\n\\input{x} ' + 50 * "long "


def product():
    x, w = Value(3, "x"), parameter(-2, "w_1")
    with scope("unit 1"):
        y = (x * w).relu()
    y.backward()
    return y


def test_a_product_in_mermaid():
    assert viz.to_mermaid(product()) == (
        "flowchart LR\n"
        '    v0["<b>x</b><br/>data 3<br/>grad 0"]:::leaf\n'
        '    subgraph cluster_0["unit 1"]\n'
        '        v1["<b>w_1</b><br/>data -2<br/>grad 0"]:::parameter\n'
        '        v2("v2<br/>data -6<br/>grad 0"):::computed\n'
        '        o2(("#42;")):::operation\n'
        '        v3("v3<br/>data 0<br/>grad 1"):::computed\n'
        '        o3(("relu")):::operation\n'
        "    end\n"
        '    v0 -->|"∂=-2"| o2\n'
        '    v1 -->|"∂=3"| o2\n'
        "    o2 --> v2\n"
        '    v2 -->|"∂=0"| o3\n'
        "    o3 --> v3\n"
        "    classDef operation fill:#E6E6E6,stroke:#1a1a1a,color:#1a1a1a\n"
        "    classDef leaf fill:#DDEBF7,stroke:#1a1a1a,color:#1a1a1a\n"
        "    classDef parameter fill:#FFF0CC,stroke:#1a1a1a,color:#1a1a1a,stroke-width:3px\n"
        "    classDef computed fill:#FFFFFF,stroke:#1a1a1a,color:#1a1a1a\n"
        "    style v3 stroke-width:3px\n"
    )


def test_folded_and_collapsed_graphs_in_mermaid():
    lines = [line.strip() for line in viz.to_mermaid(weighted_sum(), fold=True).splitlines()]
    assert "%% 16 nodes, sums folded" in lines
    listed = "w0: 5, grad -36<br/>w1: -6, grad -72<br/>w2: 7, grad -108<br/>w3: -8, grad -144"
    assert f'v14("<b>z</b><br/>sum of 4 products<br/>data -18<br/>grad -36<br/>{listed}"):::sum' in lines
    collapsed = viz.to_mermaid(mean_square(2), depth=0)
    assert '[["<b>layer 1</b><br/>39 nodes, 9 parameters<br/>3 scopes, 2 calls each"]]:::scope' in collapsed
    assert '-->|"6 edges"|' in collapsed
    assert re.search(r'more_out_v0>"\d more"\]:::more\n', viz.to_mermaid(weighted_sum(), focus="x0", radius=0))


@given(st.text(min_size=1, max_size=30))
@example(HOSTILE)
@example("- 1. # `x` *y* _z_ __w__")
@example("end")
@settings(max_examples=60)
def test_any_label_is_safe_in_mermaid(label):
    with scope(label):
        y = Value(1, label) * 2 + 1
    for arguments in ({}, {"depth": 0}, {"fold": True}):
        check_mermaid(viz.to_mermaid(y, **arguments))
    text = mermaid_text(label)
    assert not set(re.sub(r"<br/>|#\d+;", "", text)) & set("\"'`<>[](){}|;&#*\\-+!~^@$%=\n\r")


def test_a_picture_as_dot():
    source = viz.to_dot(product())
    assert source == viz.draw(product()).source
    assert viz.to_dot(product(), depth=0).count("shape=folder") == 1


def test_a_product_in_tikz():
    source = viz.to_tikz(product())
    lines = source.splitlines()
    assert lines[1].startswith(r"\begin{tikzpicture}")
    assert lines[-1] == r"\end{tikzpicture}"
    cells = [r"c@{}}{$w_{1}$}", r"l@{}}{data $-2$}", r"l@{}}{grad $0$}"]
    assert r" \\ ".join(rf"\multicolumn{{3}}{{@{{}}{cell}" for cell in cells) in source
    assert r"\node[gray, align=center]" in source
    assert r"{unit 1}" in source
    assert len(re.findall(r"\\draw\[->", source)) == 5
    assert re.findall(r"\$\\partial=(.*?)\$", source) == ["-2", "3", "0"]


def test_the_places_in_tikz_are_those_of_the_layout():
    source = viz.to_tikz(product())
    plain = viz.core.layout.lay_out(viz.to_dot(product()), "plain").decode()
    for name, x, y in re.findall(r"^node (\S+) (\S+) (\S+)", plain, re.MULTILINE):
        label = {"v0": "$x$", "v1": "$w_{1}$", "o3": "{relu}"}.get(name)
        if label:
            [line] = [line for line in source.splitlines() if r"\node" in line and label in line]
            placed = re.search(r"at \((.*?),(.*?)\)", line)
            assert [float(placed[1]), float(placed[2])] == pytest.approx([72 * float(x), 72 * float(y)], abs=0.1)


def compiled(folder, pictures):
    pages = "\n\\newpage\n".join(rf"\resizebox{{\linewidth}}{{!}}{{{picture}}}" for picture in pictures)
    (folder / "pictures.tex").write_text(
        r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{amsmath}\usepackage{tikz}"
        f"\n\\begin{{document}}\n{pages}\n\\end{{document}}\n",
        encoding="utf-8",
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "pictures.tex"]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=100, check=False)


@needs_latex
def test_tikz_compiles(tmp_path):
    with scope(HOSTILE):
        hostile = Value(1, HOSTILE) * parameter(1e-30, "%") / 0
    pictures = [
        viz.to_tikz(product()),
        viz.to_tikz(weighted_sum(), fold=True),
        viz.to_tikz(mean_square(2), depth=0),
        viz.to_tikz(weighted_sum(), focus="z", radius=1),
        viz.to_tikz(hostile),
        viz.to_tikz(hostile, depth=0),
        viz.to_tikz(Value(2)),
    ]
    done = compiled(tmp_path, pictures)
    assert done.returncode == 0, done.stdout[-2000:].decode(errors="replace")


FILE = """
from autograd import Value, scope
x = Value(2, "x")
with scope("unit"):
    loss = (x * 3 + 1).relu()
    loss.label = "loss"
def long():
    y = x
    for _ in range(70):
        y = y.tanh()
    return y
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_draws(folder, capsys):
    assert main(["draw", "mine.py:loss"]) == 0
    assert capsys.readouterr().out == "The computation graph is in graph.svg\n"
    assert (folder / "graph.svg").read_text(encoding="utf-8").count('class="cluster"') == 1


def test_the_command_writes_every_form(folder, capsys):
    arguments = ["--svg", "a", "--png", "b.png", "--mermaid", "c", "--tikz", "d.tex", "--dot", "e", "--depth", "0"]
    assert main(["draw", "mine.py:loss", *arguments]) == 0
    names = ["a.svg", "b.png", "c.mmd", "d.tex", "e.dot"]
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().out.splitlines()] == ["a.svg", "b.png", *names[2:]]
    assert "unit" in (folder / "c.mmd").read_text(encoding="utf-8")
    assert (folder / "d.tex").read_text(encoding="utf-8").count("\\node") == 2  # x, and the scope
    assert (folder / "e.dot").read_text(encoding="utf-8").count("folder") == 1


def test_the_command_chooses_a_part(folder, capsys):
    assert main(["draw", "mine.py:loss", "--focus", "x", "--radius", "0", "--dot", "x.dot"]) == 0
    assert "1 more" in (folder / "x.dot").read_text(encoding="utf-8")
    assert main(["draw", "mine.py:loss", "--focus", "los"]) == 1
    assert "Did you mean loss?" in capsys.readouterr().err


def test_the_command_refuses_and_goes_on(folder, capsys):
    assert main(["draw", "mine.py:long", "--all", "--limit", "70"]) == 1
    message = capsys.readouterr().err
    assert message.startswith("gradstep: the picture would have 71 nodes; the limit is 70. Draw less: ")
    assert not (folder / "graph.svg").exists()
    assert main(["draw", "mine.py:long", "--all", "--limit", "71", "--dot", "all.dot"]) == 0
    assert (folder / "all.dot").read_text(encoding="utf-8").count("<tanh>") == 70


def test_the_exercise_as_text(folder, capsys):
    assert main(["exercise", "--sigmoid", "--mermaid", "s.md", "--tikz", "s"]) == 0
    assert "The computation graph is in s.md" in capsys.readouterr().out
    block = (folder / "s.md").read_text(encoding="utf-8")
    assert block.startswith("```mermaid\nflowchart LR\n")
    assert block.endswith("\n```\n")
    assert "<b>z1_0</b>" in block
    assert main(["exercise", "--sigmoid", "--mermaid", "s.mmd"]) == 0
    assert block == f"```mermaid\n{(folder / 's.mmd').read_text(encoding='utf-8')}```\n"
    assert "$z_{1,0}$" in (folder / "s.tikz").read_text(encoding="utf-8")
    assert not (folder / "exercise.svg").exists()
    assert main(["exercise", "--sigmoid", "--all", "--dot", "s.dot"]) == 0
    assert (folder / "s.dot").read_text(encoding="utf-8").count("data ") == 102


@pytest.mark.parametrize("arguments", [["--depth", "-1"], ["--radius", "x"], ["--limit", "0"], ["--tikz", ""]])
def test_wrong_options_are_explained(arguments, capsys):
    with pytest.raises(SystemExit):
        main(["draw", "mine.py:loss", *arguments])
    assert ": expected " in capsys.readouterr().err


def test_a_unit_with_many_lines_has_no_round_ends_in_mermaid():
    rows = viz.to_mermaid(viz.network(READY["batch"]())).splitlines()[2:]
    units = {
        row.count("<br/>") + 1: row.strip()[5:8] for row in rows if row.strip().startswith("unit") and "|" not in row
    }
    assert units == {4: '(["', 14: '("z', 1: '["L'}  # Mermaid's round ends of 14 lines cross each other


def test_the_picture_of_a_network_is_exported_by_the_same_functions(tmp_path, monkeypatch, capsys):
    picture = viz.network(relu_exercise())
    assert '(["x3=5<br/>y3=5<br/>#948;3=20"])' in viz.to_mermaid(picture)
    assert viz.to_dot(picture) == picture.source
    assert r"\delta_{3}" in viz.to_tikz(picture)
    for export in (viz.to_dot, viz.to_mermaid, viz.to_tikz):
        with pytest.raises(ValueError, match="the view of a picture cannot change"):
            export(picture, depth=2)
    monkeypatch.chdir(tmp_path)
    for suffix, written in (("mmd", viz.to_mermaid), ("tikz", viz.to_tikz), ("dot", viz.to_dot)):
        assert main(["exercise", "--network", f"network.{suffix}"]) == 0
        assert (tmp_path / f"network.{suffix}").read_text(encoding="utf-8") == written(picture)
        assert f"The network is in network.{suffix}" in capsys.readouterr().out
