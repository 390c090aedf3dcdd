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

EXPECTED = "expected an expression such as w13*x1 or abs(w13.grad) > 1,"


@pytest.fixture
def debugger():
    console = Console(file=io.StringIO(), width=100)
    return Debugger(Stepper(relu_exercise().solve().graph), console)


@pytest.fixture
def by_line():
    return Debugger(Stepper(relu_exercise()), Console(file=io.StringIO(), width=100))


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
        ("reverse", "there is no command 'reverse'; use rcontinue."),
        ("set", "expected NAME = NUMBER, got nothing; try: set x1 = 0.5"),
        ("set w13", "expected NAME = NUMBER, got w13; try: set x1 = 0.5"),
        ("set w13 = x3", "x3 is not known yet at step 0; go on, or give a number."),
        ("set w13 = w35 > 1", "expected a number for w13, got a comparison: w35 > 1."),
        ("set w13 = 1/0", "expected a finite number for the new number of w13, got inf."),
        ("set x3 = 1", "x3 is computed from other numbers; set one of x1, w13, x2 and w23."),
        ("set w13.grad = 1", "w13.grad is computed in the pass; set one of x1, w13, x2, w23, w35 and 4 more."),
        ("set 2 = 3", "2 is a part of the formula, without a name; set one of x1, w13, x2, w23, w35 and 4 more."),
        ("watch w13 x1", f"{EXPECTED} got 'w13 x1'."),
        ("watch w13 = 2", f"{EXPECTED} got 'w13 = 2'. To compare, write ==."),
        ("watch x1^2", f"{EXPECTED} got 'x1^2'. A power is written **."),
        ("watch max(w13, x1)", "there is no function 'max'; try maximum."),
        ("watch w13.foo * 2", "a node has no 'foo'; use w13.data or w13.grad."),
        ("last", "expected the name of a node, got nothing. The command w lists the nodes."),
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


def test_the_way_back_stops_where_the_way_forward_does(by_line):
    said(by_line, "break y3", "break if delta5 > 1", "run", "run", "run")
    assert said(by_line, "rc")[1:5] == [
        "line 8 of 16, backward",
        "  delta5 = (y5 - y)*F'(x5) = (10 - 0)*F'(10) = 10",
        "  known now: the gradients of x5, y5 and loss",
        "  stopped when delta5 > 1",
    ]
    assert said(by_line, "rcontinue")[1] == "line 2 of 16, forward"
    assert said(by_line, "rc")[1:] == [
        "line 0 of 16, the beginning: nothing is computed yet",
        "  no earlier breakpoint was met; this is the beginning",
        "  next: x3",
    ]


def test_a_watched_expression_stops_both_ways_where_it_changes(by_line):
    assert said(by_line, "watch w13 * x1", "watch abs(delta3) > 1")[-1] == "watched: w13 * x1, abs(delta3) > 1"
    for way in (["c"], ["c", "rc"]):
        assert said(by_line, *way)[-6:] == [
            "  delta3 = delta5*w35*F'(x3) = 10*2*F'(5) = 20",
            "  known now: the gradients of x3 and y3",
            "  stopped where abs(delta3) > 1 changed from - to true",
            "  w13 * x1: 2",
            "  abs(delta3) > 1: true",
            "  next: w13_new",
        ]
    assert "  stopped where w13 * x1 changed from 2 to 0" in said(by_line, "c")
    assert said(by_line, "unwatch w13*x1") == ["unwatch w13*x1", "watched: abs(delta3) > 1"]


def test_last_goes_to_the_change_before(debugger):
    assert said(debugger, "last w13")[-2:] == [
        "  nothing has changed w13 yet; you are still at the same step.",
        "  next: forward: v3 = x1*w13",
    ]
    debugger.stepper = Stepper(relu_exercise(), by="contribution").run()
    assert said(debugger, "last w13")[1:4] == [
        "step 41 of 46, the optimizer adjusts w13",
        "  w13_new = w13 - 0.1 * dloss/dw13 = 2 - 0.1 * 20 = 0",
        "  the data of w13 was 2, and is 0",
    ]
    assert said(debugger, "")[:4] == [
        "step 40 of 46, backward through v3 = x1*w13",
        "  dloss/dw13 += dloss/dv3 * dv3/dw13 = dloss/dv3 * x1 = 20 * 1 = 20",
        "  the gradient of w13 was -, and is 20",
        "  the last change of w13 before step 41",
    ]
    assert said(debugger, "last w13")[4] == (
        "  this step is the first that changes w13; you are still at the same step."
    )
    assert said(debugger, "last x3.data")[1:3] == ["step 3 of 46, forward: x3 = v3 + v6", "  x3 = v3 + v6 = 2 + 3 = 5"]


def test_set_computes_again_and_the_way_back_restores(by_line):
    before = said(by_line, "goto delta3")[-4:]
    assert said(by_line, "set w13 = w13/4")[1:] == [
        "  x3 = x1*w13 + x2*w23 = 1*0.5 + (-1)*(-3) = 3.5",
        "  y3 = F(x3) = F(3.5) = 3.5",
        "  x4 = x1*w14 + x2*w24 = 1*1 + (-1)*4 = -3",
        "  y4 = F(x4) = F(-3) = 0",
        "  x5 = y3*w35 + y4*w45 = 3.5*2 + 0*(-1) = 7",
        "  y5 = F(x5) = F(7) = 7",
        "  loss = 1/2*(y5 - y)**2 = 1/2*(7 - 0)**2 = 24.5",
        "  delta5 = (y5 - y)*F'(x5) = (7 - 0)*F'(7) = 7",
        "  w35_new = w35 - eta*delta5*y3 = 2 - 0.1*7*3.5 = -0.45",
        "  w45_new = w45 - eta*delta5*y4 = -1 - 0.1*7*0 = -1",
        "line 11 of 16, backward",
        "  delta3 = delta5*w35*F'(x3) = 7*2*F'(3.5) = 14",
        "  known now: the gradients of x3 and y3",
        "  w13 = 0.5 in place of 2; all lines are computed again",
        "  next: w13_new",
    ]
    assert said(by_line, "n")[2] == "  w13_new = w13 - eta*delta3*x1 = 0.5 - 0.1*14*1 = -0.9"
    assert said(by_line, "b 2")[1:] == [
        "line 10 of 16, update",
        "  w45_new = w45 - eta*delta5*y4 = -1 - 0.1*10*0 = -1",
        "  known now: the gradient and the new data of w45",
        "  w13 = 2 again",
        "  next: delta3",
    ]
    assert said(by_line, "n")[1:] == before


def test_help_says_what_the_new_commands_do_and_what_set_cannot_see(debugger):
    assert said(debugger, "help set") == [
        "help set",
        "set NAME = NUMBER  go on with another number in a leaf; back restores the old one",
        "NAME is a leaf, a parameter, an input or a target; all other numbers are computed. NUMBER may be",
        "1/3, or an expression of what is known now, such as w13 - 0.1.",
        "The whole pass is computed again from the recorded operations, with its gradients and its update;",
        "you stay at this step. Going back before this step restores the old number; to walk through the",
        "whole pass with the new one, type restart before set. Your graph does not change.",
        "A relu or a maximum is a recorded operation, so it takes its other side where it should. An if in",
        "your Python code is not recorded: the pass keeps its branch. gradstep step FILE.py:NAME sees which",
        "Values your code compares, and says where it would now go another way; viz.debug and viz.Stepper get",
        "a graph that is already made, and cannot say it. Nor can anything see an if about plain numbers,",
        "such as x.data.",
    ]
    assert said(debugger, "h rc", "h last", "h watch")[1:] == [
        "rc(ontinue)  go back to the breakpoint before, or to the beginning",
        "h last",
        "last NAME  go back to the step that last changed a node, or only its gradient: w35.grad",
        "h watch",
        "watch [NAME]      show a node at every step; without a name, list what is watched",
        "watch EXPRESSION  show its value, such as w13*x1, and stop where it changes",
    ]


def test_set_says_where_the_code_would_go_another_way(tmp_path):
    code = [
        "from autograd import Value",
        "def loss():",
        "    x, w = Value(3, 'x'), Value(2, 'w')",
        "    h = x*w",
        "    if h < 0:",
        "        h = h*0.1",
        "    return h*h",
    ]
    (tmp_path / "mine.py").write_text("\n".join(code), encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "step", "mine.py:loss"],
        input="set w = 1\nset w = -1\nn 2\nq\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout == (
        "step 0 of 7, the beginning: nothing is computed yet\n"
        "  next: forward: h = x*w\n"
        "(step) set w = 1\n"
        "step 0 of 7, the beginning: nothing is computed yet\n"
        "  w = 1 in place of 2; all steps are computed again\n"
        "  next: forward: h = x*w\n"
        "(step) set w = -1\n"
        "step 0 of 7, the beginning: nothing is computed yet\n"
        "  w = -1 in place of 1; all steps are computed again; your code would now go another way at mine.py:5, "
        "`if h < 0:`; the pass keeps the recorded way\n"
        "  next: forward: h = x*w\n"
        "(step) n 2\n"
        "step 2 of 7, forward: loss = h*h\n"
        "  loss = h*h = (-3)*(-3) = 9\n"
        "  the data of loss was -, and is 9\n"
        "  next: the backward pass starts at loss\n"
        "(step) q\n"
    )


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


def test_set_and_the_way_back_on_a_narrow_terminal(by_line):
    by_line.console.width = 40
    said(by_line, "watch w35*y3 > 5", "goto x5")
    assert said(by_line, "set w35 = 1/3")[-9:] == [
        "  y4 = F(x4) = F(-3) = 0",
        "line 5 of 16, forward",
        "  x5 = y3*w35 + y4*w45 = 5*0.333333 +",
        "  0*(-1) = 1.66667",
        "  known now: the data of x5",
        "  w35 = 0.333333 in place of 2; all",
        "  lines are computed again",
        "  w35*y3 > 5: false",
        "  next: y5",
    ]
    assert said(by_line, "rc")[1:] == [
        "line 2 of 16, forward",
        "  y3 = F(x3) = F(5) = 5",
        "  known now: the data of y3",
        "  stopped where w35*y3 > 5 changed from",
        "  - to true; w35 = 2 again",
        "  w35*y3 > 5: true",
        "  next: x4",
    ]


def test_a_picture_is_written(debugger, tmp_path):
    said(debugger, "n 5", f"svg {tmp_path / 'moment'}")
    assert (tmp_path / "moment.svg").read_text(encoding="utf-8").startswith("<svg")
    refused = " ".join(said(debugger, f"svg {tmp_path / 'missing' / 'moment.svg'}"))
    assert "does not exist; make it" in refused


def test_names_are_completed(debugger):
    assert debugger.complete_goto("w", "goto w", 5, 6) == ["w13", "w14", "w23", "w24", "w35", "w45"]
    assert debugger.complete_last("y", "last y", 5, 6) == ["y", "y3", "y4", "y5"]
    assert debugger.complete_watch("abs(w3", "watch abs(w3", 6, 12) == ["abs(w35"]
    assert debugger.complete_watch("x1*w2", "watch x1*w2", 6, 11) == ["x1*w23", "x1*w24"]
    assert debugger.complete_set("x", "set x", 4, 5) == ["x1", "x2"]
    assert debugger.complete_set("w13-x", "set w13 = w13-x", 10, 15) == [f"w13-x{number}" for number in range(1, 6)]


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
