"""New exercises have numbers for a pencil, and are the same for a seed."""

from decimal import Decimal

import pytest

import nn
from nn import practice
from tests.planted import Solver
from viz.commands.cli import main


def digits(number):
    return len(Decimal(f"{number:.12g}").normalize().as_tuple().digits)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"biases": True},
        {"activation": "linear"},
        {"examples": 2},
        {"layers": [2, 2, 2]},
        {"layers": [3, 2, 1], "loss": "mean_squared_error"},
    ],
)
def test_numbers_are_fit_for_a_pencil(settings):
    for seed in range(12):
        exercise = practice(**settings, seed=seed)
        solution, solver = exercise.solve(), Solver(exercise)
        right = solver.carried()
        assert max(map(digits, right.values())) <= 4
        assert {line.name for line in solution.lines} == set(right)
        assert any(number for name, number in right.items() if name.startswith("delta"))
        changes = [round(solution.after[name] - before, 9) for name, before in solution.before.items()]
        assert len(set(changes)) == len(changes)
        assert solution.check(right).all_right


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_other_activations_have_updates_of_their_own(activation):
    for seed in range(10):
        solution = practice([3, 3, 2], activation=activation, seed=seed).solve()
        changes = [solution.after[name] - before for name, before in solution.before.items()]
        assert len(set(changes)) == len(changes)


def test_a_cross_entropy_has_its_own_output():
    assert practice([2, 2, 3], loss="cross_entropy").choices[-1].name == "softmax"
    assert practice(loss="binary_cross_entropy", activation="tanh").choices[-1].name == "sigmoid"


def test_a_loss_may_be_spelled_as_in_an_exercise():
    found, expected = (practice([2, 2, 2], loss=loss) for loss in ("Cross-Entropy", "cross_entropy"))
    assert (found.weights, found.inputs, found.target) == (expected.weights, expected.inputs, expected.target)


def test_a_seed_gives_the_same_exercise_on_every_platform():
    exercise = practice(seed=1)
    assert exercise.weights == {"w13": 3, "w23": 3, "w14": 2, "w24": 3, "w35": 2, "w45": -2}
    assert (exercise.inputs, exercise.target, exercise.eta) == ({"x1": 3, "x2": 2}, {"y": 1}, 0.2)
    assert len({tuple(practice(seed=seed).weights.values()) for seed in range(30)}) > 25


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"layers": [2]}, ValueError, "expected the number of inputs and of the units of each layer"),
        ({"layers": "2-2-1"}, TypeError, r"expected a list of sizes, such as \[2, 2, 1\], got str"),
        ({"layers": [2, 0]}, ValueError, "the size of a layer"),
        ({"seed": -1}, ValueError, "the seed"),
        ({"loss": "huber"}, ValueError, "huber"),
        ({"activation": "rleu"}, ValueError, "try relu"),
    ],
)
def test_what_does_not_fit_is_named(settings, error, message):
    with pytest.raises(error, match=message):
        practice(**settings)


def test_the_command_writes_files_that_commands_take(tmp_path, capsys):
    assert main(["practice", "--count", "3", "--seed", "4", "-o", str(tmp_path / "new")]) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "practice-4.json",
        "practice-5.json",
        "practice-6.json",
    ]
    assert nn.load(tmp_path / "new" / "practice-5.json").weights == practice(seed=5).weights
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    assert main(["check", str(tmp_path / "new" / "practice-5.json"), str(tmp_path / "a.json")]) == 0
    capsys.readouterr()


def test_each_name_in_a_list_gets_an_exercise(tmp_path, capsys):
    names = tmp_path / "names.txt"
    names.write_text("Ann\n\nBen/C\n", encoding="utf-8")
    assert main(["practice", "--layers", "2-1", "--names", str(names), "-o", str(tmp_path / "new")]) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["Ann.json", "Ben_C.json"]
    names.write_text("Ann\nann\n", encoding="utf-8")
    assert main(["practice", "--names", str(names), "-o", str(tmp_path / "more")]) == 1
    assert "write each name once" in capsys.readouterr().err
    assert not (tmp_path / "more").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_of_names_may_come_from_a_spreadsheet(encoding, tmp_path):
    names = tmp_path / "class.txt"
    names.write_text("Jos\u00e9\nM\u00fcller/A\n", encoding=encoding)
    assert main(["practice", "--layers", "2-1", "--names", str(names), "-o", str(tmp_path / "new")]) == 0
    files = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert files == ["Jos\u00e9.json", "M\u00fcller_A.json"]


def test_names_of_files_keep_vowel_signs(tmp_path):
    names = tmp_path / "class.txt"
    names.write_text("\u0930\u093f\n", encoding="utf-8")
    assert main(["practice", "--layers", "2-1", "--names", str(names), "-o", str(tmp_path / "new")]) == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["\u0930\u093f.json"]
