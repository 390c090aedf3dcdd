"""New exercises have numbers for a pencil, and are the same for a seed."""

from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

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


def _decimal(number):
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def _by_hand(exercise, sizes):
    """Return all numbers of an iteration, then deltas, gradients and new weights, in fractions, where F' is 1."""
    ends = [0, *accumulate(sizes)]
    layers = [range(start + 1, end + 1) for start, end in pairwise(ends)]
    join = "_" if ends[-1] > 9 else ""
    weights = {name: _decimal(number) for name, number in exercise.weights.items()}
    outputs = {node: _decimal(exercise.inputs[f"x{node}"]) for node in layers[0]}
    for before, after in pairwise(layers):
        for node in after:
            outputs[node] = sum(outputs[source] * weights[f"w{source}{join}{node}"] for source in before)
            assert outputs[node] > 0 or exercise.activation == "linear"
    targets = [_decimal(number) for number in exercise.targets.values()]
    deltas = {node: outputs[node] - target for node, target in zip(layers[-1], targets, strict=True)}
    for before, after in reversed(list(pairwise(layers))[1:]):
        for node in before:
            deltas[node] = sum(deltas[target] * weights[f"w{node}{join}{target}"] for target in after)
    slopes = {
        f"w{source}{join}{node}": deltas[node] * outputs[source]
        for before, after in pairwise(layers)
        for source in before
        for node in after
    }
    new = {name: weights[name] - _decimal(exercise.eta) * slope for name, slope in slopes.items()}
    loss = sum(deltas[node] ** 2 for node in layers[-1]) / 2
    return [*outputs.values(), *deltas.values(), *slopes.values(), *new.values(), loss], deltas, slopes, new


@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize("sizes", [[4, 4, 1], [3, 3, 2, 1], [4, 4, 2]])
def test_larger_networks_have_numbers_for_a_pencil(sizes, activation):
    for seed in (0, 57, 113, 199):
        exercise = practice(sizes, activation=activation, seed=seed)
        numbers, deltas, slopes, new = _by_hand(exercise, sizes)
        assert all(digits(float(number)) <= 4 and abs(number) <= 100 for number in numbers)
        assert any(deltas.values())
        assert len({*slopes.values()}) == len(slopes)
        assert {name: float(number) for name, number in new.items()} == pytest.approx(exercise.solve().after)
        assert practice(sizes, activation=activation, seed=seed).weights == exercise.weights


def test_seeds_of_larger_networks_keep_their_exercises():
    exercise = practice([4, 4, 1], seed=7)
    assert [exercise.weights[name] for name in ("w15", "w25", "w35", "w45")] == [3, 5, 3, -3]
    assert (list(exercise.inputs.values()), exercise.target, exercise.eta) == ([4, 5, -3, -2], {"y": 6}, 0.5)
