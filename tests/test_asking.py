"""Questions line by line: `gradstep exercise --ask`, and `guess`, `hint` and `ask` of the stepper."""

import codecs
import os
import re
import select
import subprocess

import pytest
from pseudo_terminal import COMMAND, start

import viz
from autograd import Value
from autograd.lab.worksheet import Worksheet
from nn import READY
from viz.questions.asking import Questions

NUMBERS = ["5", "5", "-3", "0", "10", "10", "50", "10", "-3", "-1", "20", "0", "-1", "0", "1", "4"]
"""The lecture's own numbers for the worked exercise, line by line."""


@pytest.fixture
def questions():
    return Questions(Worksheet(READY["relu"]()))


def answered(*lines, arguments=("relu", "--ask")):
    typed = "".join(f"{line}\n" for line in lines)
    done = subprocess.run([*COMMAND, "exercise", *arguments], input=typed, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr, done.returncode


def test_the_lecture_s_numbers_are_right_at_the_first_try():
    out, _, code = answered(*NUMBERS)
    assert code == 0
    assert out.endswith("\n\n16 of 16 numbers right: 16 at the first try, 0 later.\n")
    assert out.count("\n  right\n") == 16


def test_a_dialogue_to_the_letter():
    typed = ("0", "hint", "hint", "hint", "", "shwo", "1,,5", "\N{MINUS SIGN}1,5", "show", "skip", "quit", "9")
    out, _, code = answered(*typed, arguments=("shared", "--ask"))
    assert code == 0
    assert out[out.index("Type the number") :] == (
        "Type the number, such as 0.5 or 1/3; or hint, show, skip (leave it open) or quit.\n"
        "\n"
        "Forward\n"
        "z = 0\n"
        "  z = 0 is not right.\n"
        "z = hint\n"
        "  z = x1*w + x2*w\n"
        "z = hint\n"
        "  z = x1*w + x2*w = 1*0.5 + 2*0.5\n"
        "z = hint\n"
        "  z = x1*w + x2*w = 1*0.5 + 2*0.5; this is the last hint.\n"
        "z = \n"
        "  Type the number, such as 0.5 or 1/3; or hint, show, skip (leave it open) or quit.\n"
        "z = shwo\n"
        "  there is no command 'shwo'; try show.\n"
        "z = 1,,5\n"
        "  expected a number for z, such as -3, 0.5 or \"1/3\", got '1,,5'.\n"
        "z = \N{MINUS SIGN}1,5\n"
        "  z = -1.5 is not right.\n"
        "z = show\n"
        "  z = x1*w + x2*w = 1*0.5 + 2*0.5 = 1.5\n"
        "yhat = skip\n"
        "\n"
        "Loss\n"
        "loss = quit\n"
        "\n"
        "0 of 5 numbers right: 0 at the first try, 0 later. 3 hints, 1 shown, 1 skipped. Look again at z and yhat.\n"
    )


def test_the_end_of_the_input_and_ctrl_c():
    out, _, code = answered("5")
    assert (code, out[-80:].splitlines()[-3:]) == (
        0,
        ["y3 = ", "", "1 of 16 numbers right: 1 at the first try, 0 later."],
    )
    child, leader = start(["exercise", "relu", "--ask"], 80, 24)
    shown = typed_at(leader, {"x3 = ": b"7\x03", "quit or q to leave": b"5\r", "y3 = ": b"q\r"})
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert plain(shown).rstrip().endswith("1 of 16 numbers right: 1 at the first try, 0 later.")


def typed_at(leader, replies):
    """Type each reply when its text is shown, in this order; return what is shown up to the end.

    A Ctrl-C that comes just before the program waits for a key has no effect until the next one, so it is typed again.
    """
    shown, waiting, typed, patience = "", list(replies.items()), b"", 20
    decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a piece may end within a letter
    while patience:
        if not select.select([leader], [], [], 5)[0]:
            patience -= 1
            if typed[-1:] == b"\x03":
                os.write(leader, b"\x03")
            continue
        try:
            piece = os.read(leader, 65536)
        except OSError:  # how Linux says that the other side has closed
            break
        shown += decoder.decode(piece)
        if waiting and waiting[0][0] in shown:
            typed = waiting.pop(0)[1]
            os.write(leader, typed)
    os.close(leader)
    return shown.replace("\r\n", "\n")


def plain(shown):
    return re.sub(r"\x1b\[[?\d;]*[a-zA-Z]|\r", "", shown)


def test_every_line_fits_the_terminal():
    child, leader = start(["exercise", "relu", "--ask"], 40, 24)
    shown = typed_at(leader, {"x3 = ": b"9\r", "not right.": b"hint\r", "w23": b"show\r", "y3 = ": b"\x04"})
    os.waitpid(child, 0)
    assert max(map(len, plain(shown).split("\n"))) <= 40


def test_a_slip_is_named_without_the_right_number(questions):
    for number in NUMBERS[:10]:
        assert questions.guess(number).verdict == "right"
    line = questions.guess("-30")
    assert (line.verdict, line.hint) == (
        "wrong",
        "delta3 = -30 is what one gets with the updated w35 = -3. Use the weight from before the update.",
    )
    assert questions.present.name == "delta3"
    assert questions.guess("20,0").verdict == "right"


def test_what_follows_from_a_skipped_number_is_accepted(questions):
    assert questions.guess(9).hint == "x3 = 9 is not right."
    questions.skip()
    assert questions.guess(6).hint == "y3 = 6 is not right. This is with x3 = 9."
    line = questions.guess(9)
    assert (line.verdict, line.sentence) == ("follows", "y3 = 9 follows from x3 = 9; the right number is 5.")
    assert questions.summary == (
        "1 of 16 numbers right: 0 at the first try, 1 later. 1 skipped. Look again at x3 and y3."
    )


def test_a_shown_number_is_known(questions):
    questions.guess(7)
    assert questions.show().right == 5
    assert questions.guess(7).verdict == "wrong"
    assert questions.guess(5).verdict == "right"


def test_shown_numbers_do_not_say_how_exactly_a_student_writes():
    questions = Questions(Worksheet(READY["mazur"]()))
    while questions.present.name != "out_o1":
        questions.show()
    right = questions.present.right
    assert questions.guess(f"{right:.2f}").verdict == "right"


@pytest.mark.parametrize("name", READY)
def test_the_numbers_of_every_exercise_are_right_as_they_are_shown(name):
    questions = Questions(Worksheet(READY[name]()))
    while questions.present:
        assert questions.guess(questions.present.line.steps[-1].partition(",")[0]).verdict == "right"


def test_other_outputs_do_not_go_with_it():
    for option in (["--json"], ["--matrices"], ["--iterations", "2"]):
        _, err, code = answered(arguments=("relu", "--ask", *option))
        assert (code, err) == (
            1,
            "gradstep: --ask asks for the numbers of one iteration; use it without --json, --matrices, --iterations.\n",
        )


def test_a_stepper_goes_on_when_the_guess_is_right():
    stepper = viz.Stepper(READY["relu"]()).goto("w45_new")
    assert stepper.hint().note == "delta3 = delta5*w35*F'(x3)"
    assert stepper.guess(-30).note.startswith("delta3 = -30 is what one gets with the updated w35 = -3.")
    assert (stepper.position, stepper.guess("2e1").note, stepper.present.name) == (10, "right", "delta3")


def test_a_guess_is_about_the_numbers_that_were_set():
    stepper = viz.Stepper(READY["relu"]()).goto("x4").set("w35", 3).goto("y4")
    assert stepper.guess(10).position == 4
    assert stepper.guess(15).present.name == "x5"
    assert stepper.goto(2).goto("y4").guess(10).present.name == "x5"


def test_a_guess_needs_a_line_and_a_number():
    stepper = viz.Stepper(Value(3, "x") ** 2)
    with pytest.raises(ValueError, match="numbers are guessed by line, not by contribution; change to lines first"):
        stepper.guess(9)
    stepper.by("line")
    with pytest.raises(ValueError, match='expected a number for loss, such as -3, 0.5 or "1/3", got'):
        stepper.guess("nine")
    with pytest.raises(TypeError, match="expected a number for loss"):
        stepper.guess([9])
    for method in (lambda leaf: leaf.guess(3), viz.Stepper.hint):
        with pytest.raises(ValueError, match="this is the end: no number is left"):
            method(viz.Stepper(Value(3, "x"), by="line"))
    stepper.run()
    for method in (lambda: stepper.guess(9), stepper.hint, stepper.ask):
        with pytest.raises(ValueError, match="this is the end: no number is left"):
            method()


def test_a_stepper_asks_at_a_prompt(monkeypatch, capsys):
    replies = iter(["5", "hint", "9,0"])
    monkeypatch.setattr("builtins.input", lambda prompt: print(prompt, end="") or next(replies))
    stepper = viz.Stepper(Value(3, "x") ** 2, by="line").ask()
    assert (stepper.position, next(replies, None)) == (1, None)
    assert capsys.readouterr().out.splitlines()[-3:] == ["loss = 9,0", "  right", "  loss = x**2 = 3**2 = 9"]
