"""The README: its examples run, its picture is the one that the code makes."""

import doctest
from pathlib import Path

import viz
from nn import relu_exercise

ROOT = Path(__file__).parent.parent


def test_examples_of_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert (failed, tried > 25) == (0, True)


def test_the_picture_of_the_readme_is_current():
    stored = (ROOT / "notebooks" / "exercise.svg").read_text(encoding="utf-8")
    assert stored == viz.draw(relu_exercise().solve().graph).svg()
