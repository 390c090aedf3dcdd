"""Loading a loss from a user's file: what is found, what is said where nothing is, and what is left behind."""

import sys
from pathlib import PureWindowsPath

import pytest

from autograd import Value
from viz.commands import subjects as loading
from viz.commands.subjects import LoadError, load_subject


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a file, by its name, into the folder that the test runs in."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="mine.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


LOSS = "from autograd import Value\na = Value(3, 'a')\nloss = a * a\n"


def test_a_value(write):
    path = write(LOSS)
    assert load_subject("mine.py:loss").data == 9.0
    assert load_subject(f"{path}:loss").operands[0].label == "a"


def test_a_function_is_called(write):
    write(LOSS + "def half():\n    return loss / 2\ndef with_default(scale=3):\n    return loss * scale\n")
    assert load_subject("mine.py:half").data == 4.5
    assert load_subject("mine.py:with_default").data == 27.0


def test_a_file_finds_its_neighbours_also_in_the_function(write):
    write("factor = 2\n", "folder/neighbour_of_mine.py")
    write("offset = 1\n", "folder/later_neighbour.py")
    write(
        "from autograd import Value\nimport neighbour_of_mine\ndef loss():\n    import later_neighbour\n"
        "    return Value(3) * neighbour_of_mine.factor + later_neighbour.offset\n",
        "folder/mine.py",
    )
    before = list(sys.path)
    assert load_subject("folder/mine.py:loss").data == 7.0
    assert sys.path == before


def test_the_file_is_not_the_main_program_and_leaves_no_module(write):
    write(LOSS + "if __name__ == '__main__':\n    raise RuntimeError\n")
    load_subject("mine.py:loss")
    assert "mine" not in sys.modules
    assert not any(getattr(module, "__file__", None) == "mine.py" for module in list(sys.modules.values()))


def test_dataclasses_and_the_name_of_the_file(write):
    write(
        "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom autograd import Value\n"
        "@dataclass\nclass Point:\n    x: float\nloss = Value(Point(2).x, __file__)\n"
    )
    assert load_subject("mine.py:loss").label == "mine.py"


def test_a_file_called_as_a_module_that_is_loaded_hides_nothing(write):
    write(LOSS, "autograd.py")
    assert load_subject("autograd.py:loss").data == 9.0
    assert sys.modules["autograd"].Value is Value


def test_the_encoding_that_a_file_declares(write):
    write("# coding: latin-1\nfrom autograd import Value\nloss = Value(1, 'é')\n".encode("latin-1"))
    assert load_subject("mine.py:loss").label == "é"


def test_what_a_file_prints_goes_to_standard_error(write, capsys):
    write(LOSS + "print('loaded')\n")
    load_subject("mine.py:loss")
    assert capsys.readouterr() == ("", "loaded\n")


def test_a_windows_path_with_a_drive(monkeypatch):
    read = []

    class Drive(PureWindowsPath):
        def read_bytes(self):
            read.append(str(self))
            return LOSS.encode()

        def resolve(self):
            return self

    monkeypatch.setattr(loading, "Path", Drive)
    assert load_subject(r"C:\lecture\x.py:loss").data == 9.0
    assert read == [r"C:\lecture\x.py"]
    with pytest.raises(LoadError, match=r"^expected FILE.py:NAME or FILE.json, got 'C:.+x.py'; try"):
        load_subject(r"C:\x.py")


NO_LOSSES = """\
from autograd import Value
a = Value(3, 'a')
loss = a * a
number = 2.5
def f(x): return x
def nothing(): pass
def exits():
    import sys
    sys.exit('bye')
def fails():
    return float('x')
"""
WANTED = "expected a Value, an Exercise, a Solution or a function without arguments that returns one, got"
RETURNED = "expected a Value, an Exercise or a Solution, got"
UNCALLABLE = (
    "cannot be called without arguments: missing a required argument: 'x'. "
    "Write a function without arguments, such as `def loss(): return f(...)`."
)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("mine.py", "expected FILE.py:NAME or FILE.json, got 'mine.py'; try 'mine.py:loss'."),
        ("mine.py:", "expected FILE.py:NAME or FILE.json, got 'mine.py:'; try 'mine.py:loss'."),
        (":loss", "expected FILE.py:NAME or FILE.json, got ':loss'; try 'FILE.py:loss'."),
        ("mine.py:3", "expected FILE.py:NAME or FILE.json, got 'mine.py:3'; try 'FILE.py:loss'."),
        ("none.py:loss", "the file none.py cannot be read: No such file or directory."),
        ("mine.py:lost", "mine.py has no name 'lost'; try loss."),
        ("mine.py:zzz", "mine.py has no name 'zzz'; try a, loss, f, nothing, exits, fails."),
        ("mine.py:number", f"number in mine.py: {WANTED} float. A plain number has no graph."),
        ("mine.py:nothing", f"nothing() in mine.py: {RETURNED} None. Was a return statement forgotten?"),
        (
            "mine.py:f",
            f"the function f of mine.py {UNCALLABLE}",
        ),
        ("mine.py:exits", "line 9 of mine.py ended the program: SystemExit('bye')."),
        ("mine.py:fails", "line 11 of mine.py raised ValueError: could not convert string to float: 'x'"),
    ],
)
def test_what_is_no_loss_is_said_in_a_sentence(write, asked, message):
    write(NO_LOSSES)
    with pytest.raises(LoadError) as raised:
        load_subject(asked)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n\nx = (\n", r"line 3 of mine.py raised SyntaxError: '\(' was never closed"),
        ("x = 1\n\nint('x')\n", "line 3 of mine.py raised ValueError: invalid literal for int"),
        ("import no_such_module_here\n", "line 1 of mine.py raised ModuleNotFoundError: No module named"),
        ("x = 1\nimport broken_neighbour\n", "line 2 of mine.py raised SyntaxError: "),
        ("def f():\n    raise KeyError('a')\n\nf()\n", "line 2 of mine.py raised KeyError: 'a'"),
        (b"\0", r"mine.py raised (SyntaxError|ValueError): source code .* null bytes"),
        ("loss = max\n", "mine.py raised TypeError: max expected at least 1 argument|called without arguments"),
        ("x = 1\n", r"mine.py has no name 'loss', nor any Value, Exercise, Solution or function\."),
    ],
)
def test_what_a_file_raises_is_said_with_its_line(write, text, message):
    write("x = (\n", "broken_neighbour.py")
    write(text)
    before = list(sys.path)
    with pytest.raises(LoadError, match=message):
        load_subject("mine.py:loss")
    assert sys.path == before


def test_an_interrupt_is_not_caught(write):
    write("raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        load_subject("mine.py:loss")
    assert loading._MODULE not in sys.modules
