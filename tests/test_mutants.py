"""The run of mutants: which faults it makes, which tests it asks, and what it says."""

from pathlib import Path

from tests import mutants

TEXT = '''\
"""A module."""
scale = 2.5


def half(x, deep=True):
    """Half."""
    if x < 0 and deep:
        raise ValueError("é", x)
    return x is not None
'''


def test_every_fault_of_a_small_module(tmp_path, monkeypatch):
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    Path(tmp_path, "small.py").write_text(TEXT, encoding="utf-8")
    found = [mutant.diff().splitlines()[3:] for mutant in mutants.mutants("small.py")]
    assert sorted(line for lines in found for line in lines if line.startswith("+")) == [
        "+        pass",
        "+    if not (x < 0 and deep):",
        "+    if x < 0 or deep:",
        "+    if x < 1 and deep:",
        "+    if x <= 0 and deep:",
        "+    pass",
        "+    return x is None",
        "+def half(x, deep=False):",
        "+pass",
        "+scale = 3.5",
    ]


def test_the_tests_of_a_module_are_those_that_name_it():
    assert "tests/test_optimizers.py" in mutants.tests_of("nn/optim.py")
    assert mutants.tests_of("autograd/derivatives/operations.py")[0] == "tests/test_operations.py"
    assert "tests/test_replay_ways.py" in mutants.tests_of("autograd/replays/reading.py")  # only replay.py is named


def test_what_lives_is_shown_with_the_share(monkeypatch):
    class Copy:
        written = mutants.source_of("nn/optim.py")

        def __init__(self, folder):
            pass

        def write(self, file, source):
            Copy.written = source

        def passes(self, tests, limit):
            return "return" in Copy.written and "1e-08" not in Copy.written and Copy.written.count("pass") < 1

    monkeypatch.setattr(mutants, "Copy", Copy)
    said = []
    lived = mutants.run(["nn/optim.py"], 30, 1, said.append)
    assert 0 < len(lived) < 30
    assert said[:-2] == [mutant.diff() for mutant in lived]
    assert said[-2].startswith(f"nn/optim.py: {30 - len(lived)} of 30 killed by tests/")
    assert said[-1] == f"{30 - len(lived)} of 30 killed"
    assert Copy.written == mutants.source_of("nn/optim.py")
