"""The README: its examples run, its picture is the one that the code makes."""

import doctest
import re
from pathlib import Path

import nn
import viz
from nn import relu_exercise
from viz.commands.cli import main

ROOT = Path(__file__).parent.parent


def test_examples_of_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert (failed, tried > 25) == (0, True)


def test_the_exercise_in_a_file_is_the_one_in_python(tmp_path, capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    written = re.search(r"```json\n(.*?)```", text, re.DOTALL)[1]
    in_python = re.search(r"\.\.\.     print\(line\)\n(.*?)\n\n", text, re.DOTALL)[1]
    (tmp_path / "mine.json").write_text(written, encoding="utf-8")
    assert main(["exercise", str(tmp_path / "mine.json"), "--text", str(tmp_path / "mine.txt")]) == 0
    solved = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in in_python.splitlines() if line not in solved] == []


def test_a_file_without_an_exercise_is_refused(tmp_path, capsys):
    nn.save(nn.Neuron([1.0]), tmp_path / "neuron.json")
    assert main(["exercise", str(tmp_path / "neuron.json")]) == 1
    assert "neuron.json: expected an Exercise, got Neuron." in capsys.readouterr().err


def test_the_picture_of_the_readme_is_current():
    stored = (ROOT / "notebooks" / "exercise.svg").read_text(encoding="utf-8")
    assert stored == viz.draw(relu_exercise().solve().graph).svg()
