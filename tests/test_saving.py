"""Files: what each suffix means for a picture, a plot and a page, and names that a command chooses itself."""

import io
import shutil
import subprocess
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

import viz
from autograd import Value
from nn import relu_exercise
from viz.commands.cli import main
from viz.commands.exercise import NETWORKS
from viz.core.saving import OwnName

SVG = "{http://www.w3.org/2000/svg}"
BEGINNINGS = {
    "svg": b"<?xml",
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "dot": b"digraph ",
    "gv": b"digraph ",
    "mmd": (b"flowchart LR\n", b"%%{init: "),
    "html": b"<!DOCTYPE html>",
    "htm": b"<!DOCTYPE html>",
}
OF_IMAGES = {"svg", "png", "pdf", "jpg", "jpeg"}
OF_PICTURES = {*OF_IMAGES, "dot", "gv", "mmd", "tex", "tikz"}
needs_pdf = pytest.mark.skipif(not shutil.which("dot"), reason="a PDF may need Graphviz's dot")


def graph():
    return viz.draw(relu_exercise().solve().graph)


def plot():
    pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")
    return viz.activation("tanh")


MAKERS = {
    graph: OF_PICTURES,
    lambda: viz.network(relu_exercise()): OF_PICTURES,
    plot: OF_IMAGES,
    lambda: viz.player(relu_exercise()): {"html", "htm"},
}
KINDS = ["graph", "network", "plot", "page"]


@needs_pdf
@pytest.mark.parametrize(("make", "suffixes"), MAKERS.items(), ids=KINDS)
def test_the_suffix_says_the_form(make, suffixes, tmp_path):
    made = make()
    for suffix in suffixes:
        path = made.save(tmp_path / f"a.{suffix}")
        assert path == tmp_path / f"a.{suffix}"
        content = path.read_bytes()
        if suffix in BEGINNINGS:
            assert content.startswith(BEGINNINGS[suffix]), suffix
        else:
            assert content.rstrip().endswith(rb"\end{tikzpicture}"), suffix
        again = viz.save(made, str(tmp_path / f"b.{suffix.upper()}")).read_bytes()
        assert again == content or suffix == "pdf", suffix
    hints = {
        "svg": r"; viz\.draw\(loss\) writes \.svg",
        "html": r"; viz\.player\(loss\) writes \.html",
        "htm": r"; viz\.player\(loss\) writes \.htm",
        "json": r"; nn\.save\(mlp, path\) writes \.json",
        "txt": r'; viz\.derivation\(loss, "text"\) writes \.txt',
    }
    for suffix in {*BEGINNINGS, "tex", "txt", "gif", "json", "py"} - suffixes:
        with pytest.raises(
            ValueError, match=rf"^expected .* a p\w+ that ends with \..*, got 'c\.{suffix}'{hints.get(suffix, '')}\.$"
        ) as refused:
            viz.save(made, tmp_path / f"c.{suffix}")
        listed, _, _ = str(refused.value).partition(", got")
        assert {word.strip(",.") for word in listed.split() if word.startswith(".")} == suffixes
    assert not list(tmp_path.glob("c.*"))


def test_texts_are_those_of_the_functions(tmp_path):
    x = Value(2, "x")
    y = x * x
    picture = viz.draw(y)
    for suffix, write in {"dot": viz.to_dot, "mmd": viz.to_mermaid, "tex": viz.to_tikz, "tikz": viz.to_tikz}.items():
        assert picture.save(tmp_path / f"a.{suffix}").read_text() == write(y) == write(picture)
        network = viz.network(relu_exercise())
        assert network.save(tmp_path / f"n.{suffix}").read_text() == write(network)
    folded = viz.draw(relu_exercise().solve().graph, fold=True)
    assert viz.to_mermaid(folded) == viz.to_mermaid(relu_exercise().solve().graph, fold=True)


@pytest.mark.parametrize(("make", "usual"), [*zip(MAKERS, ["svg", "svg", "svg", "html"], strict=True)], ids=KINDS)
def test_a_name_without_a_suffix_gets_the_usual_one(make, usual, tmp_path):
    made = make()
    path = made.save(tmp_path / "lecture")
    assert path == tmp_path / f"lecture.{usual}"
    assert path.read_bytes() == made.forms()[usual]()


def test_a_picture_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "g.svg"
    path.write_text("mine")
    with pytest.raises(viz.LayoutError):
        viz.draw(Value(2, "x") * 3, layout="no-such-command").save(path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("g.svg", "mine")]
    with pytest.raises(FileNotFoundError, match="make it first"):
        graph().save(tmp_path / "no" / "g.svg")


@pytest.mark.parametrize("function", ["draw", "save", "to_dot", "to_mermaid", "to_tikz"])
def test_an_unknown_argument_is_said_with_the_function_that_was_called(function):
    places = ["picture.svg"] if function == "save" else []
    with pytest.raises(TypeError) as raised:
        getattr(viz, function)(Value(2, "x") * 3, *places, colour="red")
    assert str(raised.value) == (
        f"{function}() got an unexpected keyword argument 'colour'. "
        "A view has the arguments depth, fold, focus, radius, limit, open, fit, direction, partials, gradients, "
        "constants, digits, font_size."
    )


def test_the_view_belongs_to_the_call_that_makes_a_picture(tmp_path):
    for made in (graph(), viz.player(relu_exercise())):
        with pytest.raises(ValueError, match="its legend, layout and view cannot change"):
            viz.save(made, tmp_path / "a.svg", legend=True)
    with pytest.raises(TypeError, match="expected a Value"):
        viz.save("graph", tmp_path / "a.svg")


# --- Names that the user gives to a command --------------------------------------------------------------------------

REFUSED = {
    "draw --exercise --mermaid y.svg": "--mermaid that ends with .mmd, .md, .markdown, got 'y.svg'; --svg writes .svg.",
    "draw --exercise --svg x.txt": "--svg that ends with .svg, got 'x.txt'.",
    "exercise --svg x.txt": "--svg that ends with .svg, got 'x.txt'; --text, --sheet and --key write .txt.",
    "exercise --latex x.pdf": (
        "--latex that ends with .tex, got 'x.pdf'; --pdf, --network, --sheet and --key write .pdf."
    ),
    "exercise --beamer x.MD": (
        "--beamer that ends with .tex, got 'x.MD'; --mermaid, --markdown, --sheet and --key write .md."
    ),
    "exercise --dot a.b/c.mmd": "--dot that ends with .dot, .gv, got 'c.mmd'; --mermaid and --network write .mmd.",
    "step --exercise --html x.tex": "--html that ends with .html, .htm, got 'x.tex'.",
    "activation tanh --png x.pdf": "--png that ends with .png, got 'x.pdf'; --pdf writes .pdf.",
    "train moons --model m.csv": "--model that ends with .json, got 'm.csv'; --history writes .csv.",
}
"""Commands, each with the end of its answer."""
THE_SAME = {
    "exercise --svg a --network a.svg": "--svg and --network are the same file, a.svg.",
    "exercise --network exercise.svg --svg": "--svg and --network are the same file, exercise.svg.",
    "exercise --latex a.tex --beamer ./b/../a": "--latex and --beamer are the same file, b/../a.tex.",
    "exercise mine.txt --text mine": "FILE and --text are the same file, mine.txt.",
    "draw mine.txt:loss --dot a --svg b --tikz a.tex --mermaid b.md --pdf b.pdf --png link": (
        "--svg and --png are the same file, link.png."
    ),
}


@pytest.mark.parametrize(("command", "answer"), [*REFUSED.items(), *THE_SAME.items()])
def test_what_cannot_be_written_is_refused_before_anything_else(command, answer, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("b").mkdir()
    Path("mine.txt").write_text("mine")
    Path("link.png").symlink_to("b.svg")
    assert main(command.split()) == 1
    before, after = ("expected a file name for ", "") if command in REFUSED else ("", " Give each its own.")
    assert capsys.readouterr() == ("", f"gradstep: {before}{answer}{after}\n")
    assert {path.name for path in tmp_path.iterdir()} == {"b", "mine.txt", "link.png"}
    assert Path("mine.txt").read_text() == "mine"


@pytest.mark.parametrize("option", ["html", "svg", "latex", "network", "frames"])
def test_a_folder_that_cannot_be_written_is_named_before_the_solution(option, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", f"--{option}", "no/x"]) == 1
    sentence = "gradstep: the folder no does not exist; make it first, or save elsewhere.\n"
    assert capsys.readouterr() == ("", sentence)
    monkeypatch.setattr("nn.exchange.files.os.access", lambda *_: False)
    for arguments in ([f"--{option}", "x"], []):
        assert main(["exercise", *arguments]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("gradstep: you have no right to write in the folder ")


def test_the_folder_of_the_frames_is_checked_before_the_solution(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("f").mkdir()
    Path("f", "mine.svg").write_text("mine")
    assert main(["exercise", "--frames", "f"]) == 1
    sentence = "the folder f holds 'mine.svg', which is not a picture of a step. Use a new or empty folder."
    assert capsys.readouterr() == ("", f"gradstep: {sentence}\n")


def test_names_without_a_suffix_and_devices(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["draw", "--exercise", "--svg", "a", "--mermaid", "a", "--tikz", "a", "--dot", "a"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a.svg", "a.mmd", "a.tikz", "a.dot"}
    code = "from viz.commands.cli import main; main(['draw', '--exercise', '--dot', '/dev/stdout'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.startswith(Path("a.dot").read_bytes())


def test_the_command_knows_what_a_network_can_be_written_as():
    assert list(NETWORKS) == list(viz.network(relu_exercise()).forms())


# --- Names that a command chooses ------------------------------------------------------------------------------------

OWN_NAMES = {
    "exercise": "exercise.svg",
    "exercise --svg": "exercise.svg",
    "exercise --png": "exercise.png",
    "exercise --pdf": "exercise.pdf",
    "exercise --network": "exercise-network.svg",
    "exercise --html": "exercise.html",
    "exercise --latex": "exercise-solution.tex",
    "exercise --beamer": "exercise-slides.tex",
    "exercise --markdown": "exercise.md",
    "exercise --text": "exercise.txt",
    "draw --exercise": "graph.svg",
    "step --exercise --html": "pass.html",
    "activation tanh": "tanh.svg",
    "activation --gallery": "activations.svg",
}
"""Commands, each with the file that it writes where none is named."""
OF_PDFLATEX = (".pdf", ".aux", ".log", ".nav", ".out", ".snm", ".toc")


def check(path):
    """Raise where a file is not what its suffix says, as its readers have it."""
    if path.suffix == ".svg":
        assert ElementTree.parse(path).getroot().tag == f"{SVG}svg"
    elif path.suffix == ".png":
        image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
        image.open(path).load()
    elif path.suffix == ".pdf" and shutil.which("pdftoppm"):
        done = subprocess.run(["pdftoppm", "-r", "20", path], capture_output=True, check=True)
        assert done.stdout.startswith(b"P6")
        assert done.stderr == b""


@needs_pdf
@pytest.mark.parametrize(("command", "name"), OWN_NAMES.items())
def test_a_name_of_its_own_replaces_only_what_the_same_option_wrote(command, name, tmp_path, monkeypatch, capsys):
    if command.startswith("activation"):
        pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")
        monkeypatch.setattr("viz.plots.activations.ACTIVATIONS", ["tanh", "relu"])  # a small gallery
        written, draw = {}, viz.Plot.pipe  # each run makes the same plot; matplotlib draws it once
        monkeypatch.setattr(
            viz.Plot, "pipe", lambda plot, form: written.get(form) or written.setdefault(form, draw(plot, form))
        )
    monkeypatch.chdir(tmp_path)
    own, second = Path(name), Path(name).with_stem(f"{Path(name).stem}-2")
    for _ in range(2):  # its own file is replaced
        assert main(command.split()) == 0
        assert capsys.readouterr().out.rstrip().endswith(f" {name}")
        assert [path.name for path in tmp_path.iterdir()] == [name]
    check(own)
    edited = own.read_bytes().replace(b"a", b"A", 1)
    for by_hand in (b"drawn by hand", edited):
        own.write_bytes(by_hand)
        assert main(command.split()) == 0
        said = capsys.readouterr().out.rstrip().splitlines()[-1]
        assert f" {second} ({name} is another file and was kept; --" in said
        assert said.endswith(" FILE names one)")
        assert own.read_bytes() == by_hand
        assert {path.name for path in tmp_path.iterdir()} == {name, str(second)}
    check(second)


def test_what_the_user_named_is_kept_too(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for wrote in (["exercise", "--network", "exercise.svg"], ["exercise", "--svg", "exercise.svg"]):
        assert main(wrote) == 0
        before = Path("exercise.svg").read_bytes()
        assert main(["exercise"]) == 0
        assert "is in exercise-2.svg (exercise.svg is another file" in capsys.readouterr().out
        assert Path("exercise.svg").read_bytes() == before
    assert main(["exercise", "--svg", "exercise"]) == 0  # whoever names a file means it
    Path("folder.svg").mkdir()
    assert OwnName("folder.svg", "draw --svg").write(bytes).startswith("folder-2.svg (folder.svg is another")


def test_the_names_of_one_command_differ_also_from_what_pdflatex_makes():
    names = [name for command, name in OWN_NAMES.items() if command.startswith("exercise --")]
    made = [Path(name).stem + suffix for name in names if name.endswith(".tex") for suffix in OF_PDFLATEX]
    assert len({*names, *made}) == len(names) + len(made)


@needs_pdf
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
def test_pdflatex_leaves_the_picture_of_the_graph(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "--pdf", "--latex"]) == 0
    picture = Path("exercise.pdf").read_bytes()
    [source] = tmp_path.glob("*.tex")
    subprocess.run(["pdflatex", "-halt-on-error", "-interaction=batchmode", source], capture_output=True, check=True)
    assert source.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    assert Path("exercise.pdf").read_bytes() == picture


def test_the_boundary_beside_a_training_is_written_beside_a_file_of_its_name(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")
    monkeypatch.chdir(tmp_path)
    Path("loss-boundary.svg").write_text("drawn by hand")
    assert main(["train", "moons", "--points", "8", "--sizes", "2", "--iterations", "2", "--svg", "loss"]) == 0
    assert "The pictures are in loss.svg and loss-boundary-2.svg (loss-boundary.svg is" in capsys.readouterr().out
    assert Path("loss-boundary.svg").read_text() == "drawn by hand"
    for _ in range(2):
        assert main(["train", "moons", "--points", "8", "--sizes", "2", "--iterations", "2", "--png", "a.PNG"]) == 0
        assert "The pictures are in a.PNG and a-boundary.PNG\n" in capsys.readouterr().out


def test_a_mark_does_not_change_a_picture(tmp_path, monkeypatch):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    monkeypatch.chdir(tmp_path)
    png = graph().pipe("png")
    assert OwnName("exercise.png", "exercise --png").write(lambda: png) == "exercise.png"
    marked, plain = image.open("exercise.png"), image.open(io.BytesIO(png))
    assert marked.tobytes() == plain.tobytes()
    assert (marked.text, plain.text) == (
        {"Comment": f"written by gradstep exercise for png, {zlib.crc32(png):08x}"},
        {},
    )
