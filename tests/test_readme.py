"""The README: its examples run, its picture is the one that the code makes."""

import doctest
import math
import re
from pathlib import Path

import pytest

import nn
import viz
from nn import relu_exercise
from viz.commands.cli import main

ROOT = Path(__file__).parent.parent


README, MANUAL = ROOT / "README.md", ROOT / "notebooks" / "manual.md"


@pytest.mark.parametrize(("text", "least"), [(README, 10), (MANUAL, 60)])
def test_examples_run(text, least, tmp_path, monkeypatch):
    if text == MANUAL:
        pytest.importorskip("matplotlib", reason="the manual's plots need matplotlib, the extra plots")
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(text), module_relative=False, encoding="utf-8")
    assert (failed, tried >= least) == (0, True)


def test_the_readme_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 180


def anchors(text):
    """Return the anchors that GitHub gives to the headings: small letters, hyphens for spaces, no punctuation."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_rows_of_speed_are_those_of_the_manual():
    rows = re.findall(r"^\| [^|]* \| [\d.]+ \| [\d.]+ \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    numbers = [row.split(" | ", 1)[1] for row in rows]
    assert len(rows) == 4
    assert all(number in MANUAL.read_text(encoding="utf-8") for number in numbers)


@pytest.mark.parametrize("page", [README, MANUAL])
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if link.startswith("https:"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_manual_lists_all_of_its_sections():
    text = MANUAL.read_text(encoding="utf-8")
    contents, sections = text.split("\n## ", 1)
    assert sorted(re.findall(r"\]\(#([^)]+)\)", contents)) == sorted(anchors("## " + sections))


def test_the_exercise_in_a_file_is_the_one_in_python(tmp_path, capsys):
    text = README.read_text(encoding="utf-8")
    written = re.search(r"```json\n(.*?)```", text, re.DOTALL)[1]
    in_python = re.search(r"\.\.\.     print\(line\)\n(.*?)\n\n", MANUAL.read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "mine.json").write_text(written, encoding="utf-8")
    assert main(["exercise", str(tmp_path / "mine.json"), "--text", str(tmp_path / "mine.txt")]) == 0
    solved = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in in_python.splitlines() if line not in solved] == []


def test_the_typed_exercise_of_the_manual_is_the_one_that_its_text_describes(tmp_path):
    text = MANUAL.read_text(encoding="utf-8")
    path = tmp_path / "mine.json"
    path.write_text(re.search(r"```js\n(.*?)```", text, re.DOTALL)[1], encoding="utf-8")
    solved = nn.load(path).solve()

    def loss(first, second, target):
        z = [0.5 * first - 0.3 * second + 0.1, 0.2 * first + 0.8 * second - 1 / 5]
        a = [each if each > 0 else 0.1 * each for each in z]
        scores = [0.6 * a[0] - 0.4 * a[1], -0.7 * a[0] + 0.9 * a[1]]
        return math.log(sum(map(math.exp, scores))) - scores[target]

    assert solved.loss == pytest.approx((loss(1, 1, 1) + loss(0, 2, 0)) / 2, rel=1e-14)
    assert repr(solved.optimizer) == "SGD(10 parameters, lr=0.1, momentum=0.9)"


def test_a_file_without_an_exercise_is_refused(tmp_path, capsys):
    nn.save(nn.Neuron([1.0]), tmp_path / "neuron.json")
    assert main(["exercise", str(tmp_path / "neuron.json")]) == 1
    assert "neuron.json: expected an Exercise, got Neuron." in capsys.readouterr().err


def test_the_picture_of_the_readme_is_current():
    stored = (ROOT / "notebooks" / "exercise.svg").read_text(encoding="utf-8")
    assert stored == viz.draw(relu_exercise().solve().graph).svg()
