"""The debugger for the chain rule: a prompt like that of pdb, around a Stepper.

A terminal's screen is redrawn at each step; in a pipe or a notebook each step is printed below the one before.
"""

import cmd
import contextlib
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from autograd import what_if
from autograd.passes.known import Reading
from autograd.table.scalars import alike
from autograd.table.visible import said, visible_text, with_notes
from nn.exchange.files import write_file
from viz.stepping.edits import leaves_of
from viz.stepping.step_view import as_rich, equation_of, lines_screen, list_steps, nodes_table, watch_lines
from viz.stepping.stepper import Stepper
from viz.stepping.verbs import ALIASES, COMMANDS, MORE, MOST_ROWS, MOVES, OTHER_WORDS
from viz.terminal.exercises import make_console

try:
    import readline
except ImportError:  # on Windows, for example; then there is no history and no completion
    readline = None  # type: ignore[assignment]  # checked where it is used

_OTHER_LINES = 4
"""Lines of the screen for a gap, the first and last line of the table, and the prompt."""


class Debugger(cmd.Cmd):
    """The prompt: each method `do_...` is a command.

    It writes to `console`. If a command fails, it prints the reason and continues.
    """

    prompt = "(step) "

    def __init__(self, stepper: Stepper, console: Console | None = None) -> None:
        super().__init__()
        self.stepper = stepper
        self.console = console or make_console()
        self._last_move = ""
        self._printed = 0
        """How many lines are printed in a pipe."""

    def run(self) -> None:
        """Read commands until `quit` or the end of the input; Ctrl-C returns to the prompt."""
        self.show()
        with _completing_words():
            leaving = False
            while not leaving:
                try:
                    self.cmdloop()
                    leaving = True
                except KeyboardInterrupt:
                    self.say("\ntype quit or q to leave.")

    def say(self, text: object = "") -> None:
        """Print a line exactly as it is."""
        self.console.print(visible_text(text) if isinstance(text, str) else text, markup=False, highlight=False)

    def show(self) -> None:
        """Show the present step; on a terminal, clear the screen and show the lines or the nodes around it too."""
        by_line = self.stepper.reading == "line"
        if not self.console.is_terminal:
            for step in self.stepper.steps[self._printed : max(self.stepper.position - 1, 0)] if by_line else ():
                self.say(f"  {equation_of(step)}")
            self._printed = max(self._printed, self.stepper.position)
            self.say(self.stepper)
            return
        self.console.clear()
        if by_line:
            self.say(lines_screen(self.stepper, self.console))
            return
        self.say(self.stepper)
        self.say()
        used = len(self.console.render_lines(Group(as_rich(self.stepper), Text(self.stepper.adjusted))))
        self.say(nodes_table(self.stepper, rows=max(self.console.height - used - _OTHER_LINES, 3)))

    def precmd(self, line: str) -> str:
        """Print a command that was read from a pipe, as if it was typed; replace a short command by its long form."""
        if not sys.stdin.isatty():
            self.say("" if line == "EOF" else line)
        word, _, rest = line.strip().removesuffix("()").partition(" ")
        return f"{ALIASES.get(word, word)} {rest}".strip()

    def onecmd(self, line: str) -> bool:
        """Run a command; if the user made an error, print its message."""
        try:
            is_done = bool(super().onecmd(line))
            if line.partition(" ")[0] in MOVES:
                self._last_move = line
            return is_done
        except (ValueError, TypeError, OSError, RuntimeError, ArithmeticError) as error:
            self.say(Text(said(with_notes(error)), style="yellow"))
            return False

    def emptyline(self) -> bool:
        """Repeat the last move."""
        return bool(self._last_move) and self.onecmd(self._last_move)

    def default(self, line: str) -> None:
        """Answer an unknown command with the command for it here, or with the nearest ones."""
        word = line.partition(" ")[0]
        if word in OTHER_WORDS:
            self.say(f"there is no command {word!r}; use {OTHER_WORDS[word]}.")
            return
        self.say(f"there is no command {word!r}; try {', '.join(alike(word, COMMANDS)) or 'help'}.")

    def do_next(self, count: str) -> None:
        """Go forwards."""
        self.stepper.next(_count(count))
        self.show()

    def do_back(self, count: str) -> None:
        """Go back."""
        if count in self.stepper.words and not count.isdecimal():  # pdb's b sets a breakpoint
            raise ValueError(f"b goes back; to stop at a node, type: break {count}")
        self.stepper.back(_count(count))
        self.show()

    def do_run(self, _: str) -> None:
        """Run to the next breakpoint."""
        self.stepper.run()
        self.show()

    def do_rcontinue(self, _: str) -> None:
        """Go back to the breakpoint before."""
        self.stepper.rcontinue()
        self.show()

    def do_last(self, name: str) -> None:
        """Go back to the last change."""
        self.stepper.last(_named(name))
        self.show()

    def do_restart(self, _: str) -> None:
        """Go to the beginning."""
        self.stepper.restart()
        self.show()

    def do_guess(self, number: str) -> None:
        """Guess the next line; if it is right, go on to it."""
        before = self.stepper.position
        if self.stepper.guess(number).position > before:
            self.show()
        else:
            self.say(self.stepper.note)

    def do_ask(self, _: str) -> None:
        """Ask for the next line."""
        self.stepper.ask()
        self.show()

    def do_hint(self, _: str) -> None:
        """Show the formula of the next line."""
        self.say(self.stepper.hint().note)

    def do_lines(self, _: str) -> None:
        """Go on by line."""
        self._switch("line")

    def do_contributions(self, _: str) -> None:
        """Go on by contribution."""
        self._switch("contribution")

    def _switch(self, reading: Reading) -> None:
        self.stepper.by(reading)
        self._printed = self.stepper.position
        self.show()

    def do_until(self, name: str) -> None:
        """Go on to a node."""
        self.stepper.until(_named(name))
        self.show()

    def do_goto(self, where: str) -> None:
        """Go to a step or a node."""
        self.stepper.goto(int(where) if where.isdecimal() else _named(where))
        self.show()

    def do_break(self, place: str) -> None:
        """Set a breakpoint, or list them."""
        kind, _, rest = place.partition(" ")
        if not place:
            for number, point in enumerate(self.stepper.breakpoints, start=1):
                self.say(f"{number}  {point.text}")
            if not self.stepper.breakpoints:
                self.say("there are no breakpoints.")
            return
        if kind == "op":
            point = self.stepper.break_at(op=rest.strip())
        elif kind == "if":
            point = self.stepper.break_at(when=rest)
        elif place not in self.stepper.words and any(sign in place for sign in "<>="):
            point = self.stepper.break_at(when=place)
        else:
            point = self.stepper.break_at(place)
        self.say(f"breakpoint {len(self.stepper.breakpoints)} {point.text}")

    def do_clear(self, number: str) -> None:
        """Remove breakpoints."""
        if number and not number.isdecimal():
            raise ValueError(f"expected the number of a breakpoint, or nothing for all of them, got {number!r}.")
        self.stepper.clear(int(number) if number else None)

    def do_print(self, name: str) -> None:
        """Show a node."""
        for line in watch_lines(self.stepper, [self.stepper.find(_named(name))]):
            self.say(line.text)

    def do_list(self, _: str) -> None:
        """Show the steps around."""
        self.say(list_steps(self.stepper))

    def do_where(self, _: str) -> None:
        """Show the nodes."""
        self.say(nodes_table(self.stepper, rows=MOST_ROWS))

    def do_tree(self, name: str) -> None:
        """Show the graph as a tree."""
        self.say(self.stepper.tree(name or None))

    def do_watch(self, name: str) -> None:
        """Watch a node or an expression."""
        if name:
            self.stepper.watch(name)
        names = [*(self.stepper.names[node] for node in self.stepper.watched), *self.stepper.expressions]
        self.say(f"watched: {', '.join(names) or 'nothing'}")

    def do_unwatch(self, name: str) -> None:
        """Stop watching a node."""
        self.stepper.unwatch(_named(name))
        self.do_watch("")

    def do_set(self, change: str) -> None:
        """Go on with another number in a leaf."""
        name, _, number = map(str.strip, change.partition("="))
        if not name or not number:
            leaf = leaves_of(self.stepper)[0]
            raise ValueError(f"expected NAME = NUMBER, got {change or 'nothing'}; try: set {leaf} = 0.5")
        self.stepper.set(name, number)
        self._printed = 0
        self.show()

    def do_what_if(self, changes: str) -> None:
        """Recompute with other leaves."""
        *given, last = changes.split() or [""]
        exact = last == "exact"
        pairs = [pair.rpartition("=") for pair in (given if exact else [*given, last])]
        if not pairs or not all(name and number for name, _, number in pairs):
            raise ValueError("expected NAME=NUMBER for each leaf, without spaces around =; try: what_if w35=1.5 x1=1/3")
        outcome = what_if(self.stepper.root, {name: _real(number) for name, _, number in pairs}, exact=exact)
        question, *rows = str(outcome).split("\n")
        self.say(question)
        self.console.print(Text("\n".join(rows)), no_wrap=True, overflow="ellipsis")

    def do_svg(self, file: str) -> None:
        """Write the picture."""
        if not file:
            raise ValueError("expected the name of a file, got nothing; try: svg step.svg")
        path = Path(file if file.lower().endswith(".svg") else f"{file}.svg")
        write_file(path, self.stepper.svg().encode())
        self.say(f"The graph at {self.stepper.word} {self.stepper.position} is in {path}")

    def do_quit(self, _: str) -> bool:
        """Leave."""
        return True

    def do_EOF(self, _: str) -> bool:  # noqa: N802 - cmd calls this name at the end of the input
        """Leave at the end of the input."""
        if sys.stdin.isatty():
            self.say()
        return True

    def do_help(self, arg: str) -> None:
        """Say what the commands do."""
        command = ALIASES.get(arg, arg)
        found = [line for name, line in COMMANDS.items() if name.partition(" ")[0] == command or not command]
        if not found:
            self.default(command)
            return
        table = Table.grid(padding=(0, 2))
        for usage, does in found:
            table.add_row(Text(usage), Text(does))
        self.say(table)
        if command in MORE:
            self.say(f"\n{MORE[command]}")

    def _names(self, text: str, *_: object) -> list[str]:
        return sorted(name for name in self.stepper.words if name.startswith(text))

    def _names_in_expression(self, text: str, *_: object) -> list[str]:
        """Complete the last name of an expression without spaces, such as abs(del."""
        start = max(text.rfind(sign) for sign in "+-*/(,<>=!") + 1
        return self._names(text) or [text[:start] + name for name in self._names(text[start:])]

    def _leaves(self, text: str, line: str, *_: object) -> list[str]:
        if "=" in line:
            return self._names_in_expression(text)
        leaves = leaves_of(self.stepper)
        return [name for name in leaves if name.startswith(text)]

    complete_until = complete_goto = complete_print = complete_unwatch = complete_last = _names
    complete_what_if = complete_tree = _names
    complete_watch = complete_break = _names_in_expression
    complete_set = _leaves
    complete_u = complete_g = complete_p = _names


def _real(text: str) -> Fraction | float:
    try:
        return Fraction(text) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"expected a number for a leaf, got {text!r}.") from None


@contextlib.contextmanager
def _completing_words() -> Iterator[None]:
    """Complete names such as w[0] as one word; afterwards restore the setting of the user's prompt."""
    if readline is None:
        yield
        return
    delimiters = readline.get_completer_delims()
    readline.set_completer_delims(" \t\n")
    try:
        yield
    finally:
        readline.set_completer_delims(delimiters)


def _named(name: str) -> str:
    if not name:
        raise ValueError("expected the name of a node, got nothing. The command w lists the nodes.")
    return name


def _count(text: str) -> int:
    if text and not (text.isdecimal() and int(text)):
        raise ValueError(f"expected a whole number of steps from 1 up, got {text!r}.")
    return int(text or 1)
