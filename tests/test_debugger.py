"""`gradstep step`: commands from a pipe, to the letter, and on a pseudo-terminal."""

import io
import os
import select
import signal
import subprocess
import sys

import pytest
from pseudo_terminal import COMMAND, start
from rich.console import Console

import viz
from autograd import Value
from nn import relu_exercise
from viz.stepping.debugger import Debugger
from viz.stepping.stepper import Stepper


@pytest.fixture
def debugger():
    console = Console(file=io.StringIO(), width=100)
    return Debugger(Stepper(relu_exercise().solve().graph), console)


def said(debugger, *commands):
    """What the debugger prints for commands."""
    debugger.console.file.seek(0)
    debugger.console.file.truncate()
    for command in commands:
        debugger.onecmd(debugger.precmd(command))
    return [line.rstrip() for line in debugger.console.file.getvalue().splitlines() if line != ""]


def test_commands_from_a_pipe_to_the_letter():
    done = subprocess.run(
        [*COMMAND, "step", "--exercise", "--by", "contribution"],
        input="n\nwatch w35\nuntil w35\n\nq\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (
        "step 0 of 46, the beginning: nothing is computed yet\n"
        "  next: forward: v3 = x1*w13\n"
        "(step) n\n"
        "step 1 of 46, forward: v3 = x1*w13\n"
        "  v3 = x1*w13 = 1*2 = 2\n"
        "  the data of v3 was -, and is 2\n"
        "  next: forward: v6 = x2*w23\n"
        "(step) watch w35\n"
        "watched: w35\n"
        "(step) until w35\n"
        "step 33 of 46, backward through v10 = y3*w35\n"
        "  dloss/dw35 += dloss/dv10 * dv10/dw35 = dloss/dv10 * y3 = 10 * 5 = 50\n"
        "  the gradient of w35 was -, and is 50\n"
        "  w35: data 2, gradient 50\n"
        "    from v10: 10 * 5 = 50, total 50\n"
        "  next: backward through y3 = relu(x3), to x3\n"
        "(step) \n"
        "step 45 of 46, the optimizer adjusts w35\n"
        "  w35_new = w35 - 0.1 * dloss/dw35 = 2 - 0.1 * 50 = -3\n"
        "  the data of w35 was 2, and is -3\n"
        "  w35: data -3, gradient 50\n"
        "    from v10: 10 * 5 = 50, total 50\n"
        "  the optimizer adjusted w13, w23, w14, w24 and w35; all other numbers are from before the update\n"
        "  next: the optimizer adjusts w45\n"
        "(step) q\n"
    )


def test_the_end_of_the_input_leaves():
    done = subprocess.run([*COMMAND, "step", "--exercise"], input="n\n", capture_output=True, text=True, check=True)
    assert done.stdout.endswith("(step) \n")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("nxt", "there is no command 'nxt'; try next."),
        ("step", "there is no command 'step'; use next."),
        ("stop_at w35", "there is no command 'stop_at'; use break."),
        ("whatif w35=1.5", "there is no command 'whatif'; use what_if."),
        ("reset", "there is no command 'reset'; use restart."),
        ("undo", "there is no command 'undo'; use back."),
        ("bye", "there is no command 'bye'; use quit."),
        ("save", "there is no command 'save'; use svg."),
        ("end", "there is no command 'end'; use run."),
        ("set w13=2", "there is no command 'set'; use what_if."),
        ("table", "there is no command 'table'; use where."),
        ("explain w13", "there is no command 'explain'; use print."),
        ("b w35", "b goes back; to stop at a node, type: break w35"),
        ("h whatif", "there is no command 'whatif'; use what_if."),
        ("n many", "expected a whole number of steps from 1 up, got 'many'."),
        ("goto 99", "expected a node's name or a position from 0 to 40, got 99."),
        ("break op rleu", "expected an operation of the graph, one of mul, add, relu, sub, pow; got 'rleu'."),
        ("break op tanh", "expected an operation of the graph, one of mul, add, relu, sub, pow; got 'tanh'."),
        ("break op", "expected an operation of the graph, one of mul, add, relu, sub, pow; got nothing."),
        ("break if w35.foo > 1", "a node has no 'foo'; use w35.data or w35.grad."),
        ("break w35 = 2", 'expected a comparison such as "w35.grad > 10" or "x3 < 0", got \'w35 = 2\'.'),
        ("break w35.grad > 1", "breakpoint 1 when w35.grad > 1"),
        ("clear 3", "no breakpoint has the number 3. There are 0 breakpoints, counted from 1."),
        ("clear w35", "expected the number of a breakpoint, or nothing for all of them, got 'w35'."),
        ("svg", "expected the name of a file, got nothing; try: svg step.svg"),
        ("h foo", "there is no command 'foo'; try help."),
        ("break", "there are no breakpoints."),
    ],
)
def test_what_cannot_be_done_is_said(debugger, command, sentence):
    assert said(debugger, command) == [command, sentence]


@pytest.mark.parametrize("word", ["q", "quit", "exit", "quit()", "exit()"])
def test_quit_goes_by_each_of_its_names(debugger, word):
    assert debugger.onecmd(debugger.precmd(word)) is True


def test_an_empty_line_repeats_the_last_move_only(debugger):
    assert said(debugger, "") == []
    said(debugger, "n 2", "p w35", "nonsense", "n none", "")
    assert debugger.stepper.position == 4


def test_a_label_with_a_sign_is_a_node():
    x = Value(2, "x>1")
    assert said(Debugger(Stepper(x * x), Console(file=io.StringIO())), "break x>1")[-1] == "breakpoint 1 at x>1"


def test_unknown_nodes_are_answered_with_the_nearest(debugger):
    for command in ("goto", "until", "p", "watch", "break"):
        assert "w35" in said(debugger, f"{command} w36")[1]


def test_breakpoints_are_set_listed_met_and_cleared(debugger):
    assert said(debugger, "break w35", "break if loss.grad > 0", "break")[-2:] == ["1  at w35", "2  when loss.grad > 0"]
    assert "stopped when loss.grad > 0" in "\n".join(said(debugger, "c"))
    assert "stopped at w35" in "\n".join(said(debugger, "c"))
    assert said(debugger, "clear 1", "break")[-1] == "1  when loss.grad > 0"
    assert said(debugger, "clear", "break")[-1] == "there are no breakpoints."


def test_a_run_goes_by_each_of_its_names(debugger):
    said(debugger, "break_at w35", "break if loss.grad > 0")
    for word in ("run", "continue", "c"):
        assert "stopped at w35" in "\n".join(said(debugger, "r", "goto 30", word))
    assert said(debugger, "h continue") == [
        "h continue",
        "run, c(ontinue)  go on to the next breakpoint, or to the end",
    ]


def test_list_print_and_where(debugger):
    said(debugger, "goto w35")
    assert "> 33  dloss/dw35 += dloss/dv10 * dv10/dw35 = dloss/dv10 * y3 = 10 * 5 = 50" in said(debugger, "l")
    assert said(debugger, "p w35")[1:] == ["w35: data 2, gradient 50", "  from v10: 10 * 5 = 50, total 50"]
    where = said(debugger, "w")
    assert where[1].split() == ["node", "operation", "data", "gradient"]
    assert [line.split() for line in where if line[:1] in ">*"] == [
        [">", "w35", "2", "50"],
        ["*", "v10", "y3*w35", "10", "10"],
    ]


def test_numbers_of_two_moments_are_said_where_they_stand_together(debugger):
    debugger.stepper = Stepper(relu_exercise(), by="contribution")
    adjusted = "the optimizer adjusted {}; all other numbers are from before the update"
    for command in ("p w13", "tree", "w", "watch w13", "goto 40"):
        assert "the optimizer adjusted" not in " ".join(said(debugger, command))
    said(debugger, "goto 42")
    for command in ("p w13", "tree x3", "w", "goto 42"):
        assert adjusted.format("w13 and w23") in " ".join(said(debugger, command))
    assert adjusted.format("w13, w23, w14, w24, w35 and w45") in repr(debugger.stepper.goto(46).tree())


def test_what_if_shows_the_graph_beside_itself(debugger):
    assert "What if w35 = 1.5: loss = 28.125, before 50." in said(debugger, "what_if w35=1.5")
    assert "What if w35 = 3/2: loss = 225/8, before 50." in said(debugger, "what_if w35=3/2 exact")
    assert said(debugger, "what_if w35=much")[1] == "expected a number for a leaf, got 'much'."
    assert said(debugger, "what_if")[1] == (
        "expected NAME=NUMBER for each leaf, without spaces around =; try: what_if w35=1.5 x1=1/3"
    )


def test_what_if_cuts_its_rows_with_a_sign_on_a_narrow_terminal(debugger):
    debugger.console.width = 40
    lines = said(debugger, "what_if w35=1.5")[1:]
    assert lines[:2] == ["What if w35 = 1.5: loss = 28.125, before", "50."]
    assert lines[3:5] == ["  w35                  2     1.5     -0…", "  v10 = y3*w35        10     7.5     -2…"]


def test_a_picture_is_written(debugger, tmp_path):
    said(debugger, "n 5", f"svg {tmp_path / 'moment'}")
    assert (tmp_path / "moment.svg").read_text(encoding="utf-8").startswith("<svg")
    refused = " ".join(said(debugger, f"svg {tmp_path / 'missing' / 'moment.svg'}"))
    assert "does not exist; make it" in refused


def test_names_are_completed(debugger):
    assert debugger.complete_goto("w", "goto w", 5, 6) == ["w13", "w14", "w23", "w24", "w35", "w45"]


def test_debug_opens_in_a_program(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\nq\n"))
    viz.debug(relu_exercise().solve().graph)
    assert "v3 = x1*w13 = 1*2 = 2" in capsys.readouterr().out


@pytest.fixture
def in_the_background():
    """Ignore Ctrl-C here, as a process does that a script started in the background; children inherit that."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.mark.usefixtures("in_the_background")
@pytest.mark.parametrize("columns", [50, 120])
def test_on_a_terminal_the_screen_is_redrawn_and_ctrl_c_comes_back(columns):
    termios = pytest.importorskip("termios", reason="this system has no pseudo-terminals")
    child, leader = start(["step", "--exercise", "--by", "contribution"], columns, 30, TERM="xterm")
    before = termios.tcgetattr(leader)
    try:
        screen = _read_until(leader, "(step) ")
        assert "\x1b[2J" in screen
        assert "operation" in screen
        _write(leader, "goto w35\n")
        assert "dloss/dw35" in _read_until(leader, "(step) ")
        _write(leader, "abc")
        _read_until(leader, "abc")  # the prompt reads keys now
        _interrupt(leader)
        assert "type quit or q to leave." in _read_until(leader, "to leave.")
        _write(leader, "q\n")
        _read_until(leader, "q\r\n")
        assert os.waitpid(child, 0)[1] == 0
        assert termios.tcgetattr(leader) == before
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(leader)


def _read_until(leader, end):
    """What a program writes on its terminal, up to some text."""
    text = ""
    while end not in text:
        assert select.select([leader], [], [], 60)[0], f"{end!r} did not come, but {text!r}"
        text += os.read(leader, 10_000).decode()
    return text


def _interrupt(leader):
    """Press Ctrl-C until something comes: Python misses a signal just before it begins to wait for a key."""
    for _ in range(60):
        _write(leader, "\x03")
        if select.select([leader], [], [], 1)[0]:
            return


def _write(leader, keys):
    os.write(leader, keys.encode())
