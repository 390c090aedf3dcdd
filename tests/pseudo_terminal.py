"""The command `gradstep` on a pseudo-terminal."""

import codecs
import os
import select
import signal
import sys

import pytest

COMMAND = [sys.executable, "-c", "import sys; from viz.commands.cli import main; sys.exit(main())"]


def start(arguments, columns, rows, **settings):
    """Start the command on a pseudo-terminal; return its process, and the other side of the terminal."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    termios = pytest.importorskip("termios", reason="this system has no pseudo-terminals")
    child, leader = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # what a script runs in the background ignores Ctrl-C
        termios.tcsetwinsize(0, (rows, columns))
        # whoever runs the tests, as pytest-xdist does in its workers, may say the size of another terminal
        inherited = {name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES")}
        os.execve(sys.executable, [*COMMAND, *arguments], inherited | {"TERM": "xterm-256color"} | settings)
    return child, leader


def in_terminal(arguments, columns, rows=40, until=None, **settings):
    """What the command writes on a pseudo-terminal, and its exit code; at `until` Ctrl-C is pressed."""
    child, leader = start(arguments, columns, rows, **settings)
    shown, decoder = "", codecs.getincrementaldecoder("utf-8")("replace")  # a piece may end within a letter
    try:
        while select.select([leader], [], [], 60)[0]:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # how Linux says that the other side has closed
                break
            if not piece:
                break
            shown += decoder.decode(piece)
            if until is not None and until in shown:
                os.write(leader, b"\x03")
                until = None
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.close(leader)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return shown.replace("\r\n", "\n"), code
