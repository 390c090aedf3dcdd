"""Sheets ask for every line and give nothing away; keys have every line; both fit on their paper."""

import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree as ET

import pytest

import nn
import viz
from nn import READY, Exercise, practice
from tests.browsing import browser, opened
from tests.planted import Solver
from viz.commands.cli import main
from viz.core.layout import LayoutError

SMALL = Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1, title="Small")
RULE = "_" * 40
EXERCISES = {
    **{name: make() for name, make in READY.items()},
    "adam": replace(READY["relu"](), optimizer="adam"),
    "exact": replace(READY["mazur"](), exact=True),
    "tanh": practice([3, 4, 2], activation="tanh", biases=True, examples=2, seed=3),
    "classes": practice([2, 3, 3], loss="cross_entropy", seed=4),
    **{f"practice {seed}": practice(seed=seed, biases=bool(seed % 2)) for seed in range(3)},
}
NAMES = ["Ada {Lovelace}", "\N{LATIN CAPITAL LETTER S WITH CARON}imon & Co_1 100%", "#1 ~^", "a" * 50]
PAPERS = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}
MARGIN = 55.0
needs_poppler = pytest.mark.skipif(not shutil.which("pdffonts"), reason="poppler is not installed")


def text_of(sheet, suffix, folder):
    """Return the text that somebody reads on a sheet."""
    path = sheet.save(folder / f"sheet.{suffix}")
    if suffix == "pdf":
        return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    text = path.read_text(encoding="utf-8")
    return unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL)) if suffix == "html" else text


def test_a_sheet_as_text_has_what_is_given_and_a_blank_for_each_quantity(tmp_path):
    blank = "_" * 97
    assert viz.sheet(SMALL).save(tmp_path / "a.txt").read_text() == (
        f"Small\n=====\n\nName: {RULE}\nDate: {RULE}\n\n"
        "Given\n-----\n"
        "inputs         x1 = 3\n"
        "weights        w12 = 2\n"
        "target         y = 0\n"
        "learning rate  eta = 0.1\n"
        "optimizer      gradient descent\n"
        "loss           half squared error: loss = 1/2*(y2 - y)**2\n"
        "activation     relu in the output layer: F(x) = max(0, x), F'(x) = 0 if x <= 0 else 1\n"
        "network        x1 --w12--> x2, x2 --> y2\n"
        "task           write each line in symbols, then in numbers, then its result\n\n"
        f"Forward\n-------\n\nx2 = {blank[2:]}\n\ny2 = {blank[2:]}\n\n"
        f"Loss\n----\n\nloss = {blank[4:]}\n\n"
        f"Backward\n--------\n\ndelta2 = {blank[6:]}\n\n"
        f"Update\n------\n\nw12_new = {blank[7:]}\n"
    )


def test_a_key_as_text_has_the_lines_with_their_numbers(tmp_path):
    text = viz.sheet(SMALL, key=True).save(tmp_path / "a.txt").read_text()
    assert text.startswith("Small: solution\n===============\n\nGiven\n")
    assert text.endswith(
        "Forward\n-------\nx2 = x1*w12 = 3*2 = 6\ny2 = F(x2) = F(6) = 6\n\n"
        "Loss\n----\nloss = 1/2*(y2 - y)**2 = 1/2*(6 - 0)**2 = 18\n\n"
        "Backward\n--------\ndelta2 = (y2 - y)*F'(x2) = (6 - 0)*F'(6) = 6\n\n"
        "Update\n------\nw12_new = w12 - eta*delta2*x1 = 2 - 0.1*6*3 = 0.2\n"
    )


@needs_poppler
@pytest.mark.parametrize("suffix", ["pdf", "tex", "html", "md", "txt"])
def test_a_sheet_gives_no_result_away_and_a_key_has_all(suffix, tmp_path):
    if suffix == "pdf":
        pytest.importorskip("typst", reason="the extra pdf is not installed")
    exercise = READY["mazur"]()
    results = {f"{number:.6g}".lstrip("-") for number in Solver(exercise).carried().values()}
    assert len(results) == 21
    sheet, key = (text_of(viz.sheet(exercise, key=key), suffix, tmp_path) for key in (False, True))
    assert not [number for number in results if number in sheet]
    assert not [number for number in results if number not in key]


def test_each_quantity_is_asked_for_in_the_order_of_the_lines(tmp_path):
    for exercise in EXERCISES.values():
        text = viz.sheet(exercise).save(tmp_path / "a.txt").read_text()
        asked = re.findall(r"^(\S+) += _", text, re.MULTILINE)
        assert asked == [line.name for line in exercise.solve().lines]


def test_iterations_are_asked_for_one_after_the_other(tmp_path):
    text = viz.sheet(SMALL, iterations=2).save(tmp_path / "a.txt").read_text()
    assert re.findall(r"^Iteration .*", text, re.MULTILINE) == [
        f"Iteration {number}: {part}" for number in (1, 2) for part in ("Forward", "Loss", "Backward", "Update")
    ]


def test_the_rows_to_write_on_are_as_many_as_the_solution_needs(tmp_path):
    wide = Exercise({f"w{k}_9": k / 8 for k in range(1, 9)}, [1.5] * 8, 0, 0.1)
    text = viz.sheet(wide).save(tmp_path / "a.txt").read_text()
    rows = {
        name: rules.count("\n\n") for name, rules in re.findall(r"^(\S+) += ((?: *_+\n{1,2})+)", text, re.MULTILINE)
    }
    assert list(rows) == [line.name for line in wide.solve().lines]
    assert {name: count for name, count in rows.items() if count > 1} == {"x9": 3}  # 150 characters, written by hand


def test_the_diagram_of_the_question_has_the_given_numbers_only():
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", unescape(viz.network(READY["relu"](), values=False).svg()))
    names = ["x3", "y3", "x4", "y4", "x5", "y5", "loss"]
    given = ["x1=1", "x2=-1", "w13=2", "w23=-3", "w14=1", "w24=4", "w35=2", "w45=-1", "y=0"]
    assert sorted(texts) == sorted(names + given)
    solved = READY["relu"]().solve()
    assert viz.network(solved, values=False).source == viz.network(solved.exercise, values=False).source


def test_the_diagram_of_a_question_needs_an_exercise():
    with pytest.raises(ValueError, match="expected an exercise or its solution with values=False, got MLP"):
        viz.network(nn.MLP(2, [1]), values=False)
    with pytest.raises(ValueError, match=r"an exercise has its own network and inputs\. Leave out mlp and inputs\."):
        viz.network(SMALL, values=False, inputs=[1])
    with pytest.raises(ValueError, match="gradients are computed numbers, and values=False shows none"):
        viz.network(SMALL, values=False, gradients=True)


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed: the LaTeX is not compiled")
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("key", [False, True])
def test_pdflatex_compiles_sheets_and_nothing_is_too_wide(key, paper, tmp_path):
    names = [NAMES[place % len(NAMES)] for place in range(len(EXERCISES))]
    viz.sheet(list(EXERCISES.values()), key=key, names=names, paper=paper).save(tmp_path / "a.tex")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    assert "Overfull" not in log


@needs_poppler
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("key", [False, True])
def test_a_pdf_has_its_paper_all_characters_and_nothing_outside_the_margins(key, paper, tmp_path):
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    names = [
        f"Student {place} \N{LATIN CAPITAL LETTER S WITH CARON}\N{GREEK SMALL LETTER OMEGA}"
        for place in range(len(EXERCISES))
    ]
    path = viz.sheet(list(EXERCISES.values()), key=key, names=names, paper=paper).save(tmp_path / "a.pdf")
    words = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True).stdout.decode()
    root = ET.fromstring(re.sub(r'<!DOCTYPE[^>]*>|xmlns="[^"]*"', "", words))
    width, height = PAPERS[paper]
    for page in root.iter("page"):
        assert float(page.get("width")) == pytest.approx(width, abs=0.1)
        assert float(page.get("height")) == pytest.approx(height, abs=0.1)
        for word in page.iter("word"):
            assert float(word.get("xMin")) >= MARGIN, word.text
            assert float(word.get("xMax")) <= width - MARGIN, word.text
            assert 0 < float(word.get("yMin")) < float(word.get("yMax")) < height, word.text
    text = "".join(root.itertext())
    assert all(name.split()[2] in text for name in names)
    written = [word.text.rstrip(":;,") for word in root.iter("word")]
    assert {word.rstrip(":;,") for exercise in EXERCISES.values() for word in exercise.title.split()} <= {*written}
    assert written.count("Name") == (0 if key else len(EXERCISES))
    assert "\N{GREEK SMALL LETTER DELTA}" in text or "\N{MATHEMATICAL ITALIC SMALL DELTA}" in text


@needs_poppler
def test_the_fonts_of_a_pdf_are_embedded_and_each_page_names_the_variant(tmp_path):
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    exercises = [practice(seed=seed) for seed in range(3)]
    path = viz.sheet(exercises, names=["Ada", "Emmy", "\u674e\u534e"]).save(tmp_path / "a.pdf")
    fonts = subprocess.run(["pdffonts", path], capture_output=True, check=True).stdout.decode().splitlines()[2:]
    assert fonts
    assert all(font.split()[-5] == "yes" for font in fonts)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode()
    pages = text.rstrip("\f").split("\f")
    heads = [re.match(r"(.+?) +(\d+)\n", page).groups() for page in pages]
    names = ["Ada", "Emmy", "\u674e\u534e"]
    assert heads == [(f"Practice {seed}: 2-2-1, {names[seed]}", place) for seed in range(3) for place in "12"]
    assert [re.search(r"Name: (\S+)", page)[1] for page in pages[::2]] == names
    images = subprocess.run(["pdfimages", "-list", path], capture_output=True, check=True).stdout.decode()
    assert len(images.splitlines()) == 2  # the head of the list: the diagrams are vectors


@needs_poppler
def test_the_number_of_a_page_stays_right_of_a_name_that_is_written_from_right_to_left(tmp_path):
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    path = viz.sheet(SMALL, names=["\u05d3\u05df"]).save(tmp_path / "a.pdf")
    words = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True).stdout.decode()
    left = {word: float(start) for start, word in re.findall(r'<word xMin="([\d.]+)"[^>]*>([^<]+)</word>', words)[:3]}
    assert list(left) == ["Small,", "\u05d3\u05df", "1"] or list(left) == ["Small,", "\u05df\u05d3", "1"]
    assert max(list(left.values())[:2]) < 120
    assert left["1"] > 500


def test_a_page_of_html_is_no_wider_than_its_paper(tmp_path):
    with browser() as chromium:
        for key in (False, True):
            path = viz.sheet(list(EXERCISES.values()), key=key).save(tmp_path / "a.html")
            with opened(chromium, path) as page:
                page.set_viewport_size({"width": 680, "height": 900})
                wide = page.evaluate(
                    "[...document.querySelectorAll('math, svg')].filter(each => "
                    "each.getBoundingClientRect().right > document.documentElement.clientWidth).length"
                )
                assert wide == 0
                assert page.evaluate("document.querySelectorAll('svg').length") == len(EXERCISES)


def test_a_negative_result_on_a_page_of_html_is_no_difference(tmp_path):
    page = viz.sheet(READY["relu"](), key=True).save(tmp_path / "a.html").read_text(encoding="utf-8")
    assert '<mo>=</mo><mo form="prefix">\N{MINUS SIGN}</mo><mn>3</mn></mrow></math>' in page  # x4 = ... = -3


def test_what_is_no_exercise_is_refused():
    with pytest.raises(TypeError, match=r"expected an Exercise or a list of them, got int\."):
        viz.sheet([SMALL, 3])
    with pytest.raises(TypeError, match=r"expected an Exercise or a list of them, got an empty list\."):
        viz.sheet([])
    with pytest.raises(ValueError, match=r"expected a4 or letter as the paper, got 'a5'\."):
        viz.sheet(SMALL, paper="a5")
    with pytest.raises(ValueError, match=r"expected 2 names, one for each exercise, got 1\."):
        viz.sheet([SMALL, SMALL], names=["Ada"])
    with pytest.raises(
        ValueError, match=r"expected a file name for a sheet that ends with \.pdf, \.tex, .*, got 'sheet\.doc'"
    ):
        viz.sheet(SMALL).save("sheet.doc")


def test_a_pdf_without_the_extra_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(LayoutError, match=r"a pdf needs pip install 'gradstep\[pdf\]'"):
        viz.sheet(SMALL).save(tmp_path / "a.pdf")


def test_the_commands_write_sheets_and_keys(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "mazur", "--sheet", "a.tex", "--key", "b.html", "--paper", "letter"]) == 0
    said = capsys.readouterr().out
    assert "The sheet is in a.tex\nThe solution is in b.html\n" in said
    assert "letterpaper" in (tmp_path / "a.tex").read_text()
    assert "size: letter" in (tmp_path / "b.html").read_text()
    (tmp_path / "names.txt").write_text("Ada\nEmmy\n")
    assert main(["practice", "--names", "names.txt", "-o", "new", "--sheet", "all.txt", "--key", "key.txt"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[2:] == ["The sheet of 2 exercises is in all.txt", "The solution of 2 exercises is in key.txt"]
    pages = (tmp_path / "all.txt").read_text().split("\f")
    assert [re.search(r"Name: (\w+)", page)[1] for page in pages] == ["Ada", "Emmy"]
    assert main(["practice", "--count", "2", "-o", "new", "--sheet", "one.txt", "--each"]) == 0
    assert sorted(path.name for path in tmp_path.glob("one*")) == ["one-practice-0.txt", "one-practice-1.txt"]
    assert "Practice 1: 2-2-1\n" in (tmp_path / "one-practice-1.txt").read_text()
    assert main(["practice", "-o", "new", "--each"]) == 1
    assert "--each is for sheets; use it with --sheet or --key." in capsys.readouterr().err


def test_the_sheets_may_be_in_the_new_folder_and_never_replace_the_list_of_names(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = tmp_path / "names.txt"
    names.write_text("Ada\n")
    assert main(["practice", "--names", "names.txt", "-o", "new", "--sheet", "new/all.txt"]) == 0
    assert (tmp_path / "new" / "all.txt").exists()
    assert main(["practice", "--names", "names.txt", "-o", "new", "--sheet", "names.txt"]) == 1
    assert "--names and --sheet are the same file, names.txt. Give each its own." in capsys.readouterr().err
    assert names.read_text() == "Ada\n"


def test_a_sheet_for_each_never_replaces_another_file(tmp_path, capsys, monkeypatch):
    pytest.importorskip("typst", reason="the extra pdf is not installed")
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "practice-sheet-practice-0.pdf"
    own.write_text("mine")
    assert main(["practice", "-o", "new", "--sheet", "--each"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == (
        "The sheet of Practice 0: 2-2-1 is in practice-sheet-practice-0-2.pdf (practice-sheet-practice-0.pdf is "
        "another file and was kept; --sheet FILE names one)"
    )
    assert own.read_text() == "mine"
