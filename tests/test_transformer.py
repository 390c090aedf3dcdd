"""The transformer in `notebooks` computes what matrices do, runs in any class of scalars, and can be looked at."""

import math
import re
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from benchmarks.problem import transformer
from plain import Scalar

import viz
from autograd import Tape, Value

MANUAL = Path(__file__).resolve().parents[1] / "notebooks" / "manual.md"
SMALL = {"width": 4, "units": 6, "places": 8}


@pytest.fixture(scope="module")
def program():
    return transformer()


def loss_by_matrices(program, speller, name):
    """Compute the loss as papers write it: matrices over all places, and a mask of -inf above the diagonal."""
    m = {key: np.array([[p.data for p in row] for row in rows]) for key, rows in speller.matrices.items()}
    letters = [program.LETTERS.index(letter) for letter in f".{name}."]
    count, size = len(name) + 1, speller.size
    mask = np.where(np.tri(count) > 0, 0.0, -np.inf)

    def normalized(x):
        return x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)

    def softmax(x):
        return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)

    x = m["letter"][letters[:-1]] + m["place"][:count]
    q, k, v = (normalized(x) @ m[key].T for key in ("query", "key", "value"))
    heads = [slice(start, start + size) for start in range(0, q.shape[1], size)]
    heard = [softmax(q[:, h] @ k[:, h].T / np.sqrt(size) + mask) @ v[:, h] for h in heads]
    x = x + np.concatenate(heard, axis=1) @ m["join"].T
    x = x + np.maximum(normalized(x) @ m["hidden"].T, 0) @ m["back"].T
    chances = softmax(normalized(x) @ m["score"].T)
    return -np.log(chances[range(count), letters[1:]]).mean()


@pytest.mark.parametrize("settings", [SMALL, {}, SMALL | {"heads": 1}])
def test_the_loss_is_that_of_matrices(program, settings):
    speller = program.Speller(**settings)
    assert speller.loss("marco").data == pytest.approx(loss_by_matrices(program, speller, "marco"), rel=1e-13)


def test_a_model_that_scores_all_letters_alike_has_the_loss_of_a_guess(program):
    speller = program.Speller(**SMALL)
    for row in speller.matrices["score"]:
        for number in row:
            number.data = 0.0
    assert speller.loss("zoe").data == pytest.approx(math.log(len(program.LETTERS)), rel=1e-14)


def test_no_place_hears_a_later_one(program):
    speller = program.Speller(**SMALL)
    first = [[score.data for score in row] for row in speller.scores(".lena")[:3]]
    assert first == [[score.data for score in row] for row in speller.scores(".leo")[:3]]


def test_gradients_are_central_differences(program):
    speller, h = program.Speller(**SMALL), 1e-5
    speller.loss("ada").backward()
    for number in speller.parameters[2 :: len(speller.parameters) // 40]:
        at = number.data
        losses = []
        for number.data in (at + h, at - h):
            losses.append(loss_by_matrices(program, speller, "ada"))
        number.data = at
        assert number.grad == pytest.approx((losses[0] - losses[1]) / (2 * h), abs=1e-8)


@pytest.mark.parametrize("settings", [SMALL, {}])
def test_it_trains_alike_in_a_plain_class_of_scalars(program, settings):
    """With a difference of 1e-12 in the losses of three steps of Adam."""
    spellers = [program.Speller(scalar, **settings) for scalar in (Value, Scalar)]
    names = ["marco", "ada", "zoe"]
    losses = [list(program.train(speller, names)) for speller in spellers]
    assert losses[0] == pytest.approx(losses[1], rel=0, abs=1e-12)
    numbers = [[p.data for p in speller.parameters] for speller in spellers]
    assert numbers[0] == pytest.approx(numbers[1], rel=0, abs=1e-9)


def test_it_learns_and_spells(program):
    speller = program.Speller(**SMALL)
    losses = list(program.train(speller, islice(program.NAMES * 2, 120), rate=0.03))
    assert sum(losses[-30:]) < 0.9 * sum(losses[:30])
    generator = program.random.Random(1)
    spelled = [speller.spell(generator) for _ in range(5)]
    assert all(set(name) <= set(program.LETTERS[1:]) and len(name) < SMALL["places"] for name in spelled)
    assert len(set(spelled)) > 1


def test_the_names_and_the_size_are_those_that_the_text_says(program, capsys):
    assert len(program.NAMES) == len(set(program.NAMES)) == 100
    small, speller = program.Speller(**SMALL), program.Speller()
    assert max(map(len, program.NAMES)) < speller.places
    assert len(speller.parameters) == 4128
    assert len(Tape.of(speller.loss("marco")).lines) == pytest.approx(48_000, abs=600)
    program.main(100, small)
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()[:3]] == [
        *("360 parameters; the loss of a guess is 3.296", "step   50", "step  100"),
    ]


def test_its_loss_can_be_looked_at_as_the_manual_says(program, monkeypatch, capsys):
    section = MANUAL.read_text(encoding="utf-8").partition("## Can it run a transformer?")[2]
    monkeypatch.setitem(sys.modules, "transformer", program)
    names = {}
    exec(re.search(r"```python\n(.*?)```", section, re.DOTALL)[1], names)
    printed = capsys.readouterr().out
    assert printed.startswith(
        "v48504 = v48502/6: data 2.94256, grad 1\n├─ v48502 = v40812 + v48501: data 17.6554, grad "
    )
    assert "\nWhy key[1][2].grad is 0.0957709:\n" in printed
    assert "\nkey[1][2] received 6 contributions: (-8.82716e-05) + 0.0262245 + 0.0109349 + " in printed
    mermaid = viz.to_mermaid(names["loss"])
    assert mermaid.splitlines()[1:3] == [
        "    %% 48,505 nodes, scopes collapsed",
        "    %% focus=NODE draws the part around a node",  # depth=1 would be refused
    ]
    boxes = re.findall(r"<b>(\w+)</b><br/>([\d,]+) nodes", mermaid)
    assert " ".join(f"{name} {count}" for name, count in boxes) == (
        "query 256 key 256 value 256 join 256 hidden 1,024 back 1,024 score 432 letter 96 place 96 "
        "embedding 96 attention 13,806 units 24,894 scores 5,340 loss 673"
    )
