"""The questions in the terminal: a prompt for each number, which also takes `hint`, `show`, `skip` and `quit`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from autograd.lab.marking import MarkedLine
from autograd.passes.lines import headed
from autograd.table.scalars import alike
from autograd.table.visible import visible, visible_text
from viz.core.text import broken_lines
from viz.questions.asking import Questions
from viz.terminal.exercises import line_rows
from viz.terminal.marks import STYLES

try:
    import readline
except ImportError:  # on Windows, for example; then there is no history
    readline = None  # type: ignore[assignment]  # checked where it is used

WORDS = {"h": "hint", "?": "hint", "help": "hint", "s": "show", "n": "skip", "next": "skip", "": ""}
WORDS |= {"q": "quit", "exit": "quit", "quit()": "quit", "exit()": "quit"}
"""Other words for the commands, each with the command."""
COMMANDS = ("hint", "show", "skip", "quit")
USAGE = "Type the number, such as 0.5 or 1/3; or hint, show, skip (leave it open) or quit."
_INDENT = "  "
_LEAST = 20  # the fewest columns for a sentence


class Prompt:
    """Asks the questions on a terminal, from the present one to the end, or only `count` of them.

    If the input is no terminal, each answer is printed as if it was typed.
    """

    def __init__(self, questions: Questions, console: Console) -> None:
        self.questions, self.console = questions, console
        lines = [quantity.line for quantity in questions.asked]
        self._headings = [heading for heading, _ in headed(lines)]
        self._heading = ""

    def run(self, count: int | None = None) -> None:
        """Ask until the end of the questions or of the input; Ctrl-C returns to the prompt.

        Raises ValueError if no question is left.
        """
        self.questions.next()
        end = len(self.questions.asked) if count is None else self.questions.place + count
        self.say(USAGE)
        with _no_history():
            while self.questions.place < end and self._ask():
                pass

    def say(self, text: str, style: str = "", indent: str = "") -> None:
        """Print a text in lines that fit the terminal."""
        shown = visible_text(text)
        for row in broken_lines([shown], self.console.width - len(indent), least=_LEAST):
            self.console.print(Text(indent + row, style=style))

    def _ask(self) -> bool:
        """Ask for the present number once; return whether to go on."""
        quantity = self.questions.next()
        if self._headings[self.questions.place] != self._heading:
            self._heading = self._headings[self.questions.place]
            self.console.print(Text(f"\n{self._heading}", style="bold"))
        try:
            typed = input(f"{visible(quantity.name, self.console.encoding)} = ").strip()
        except EOFError:
            self.console.print()
            return False
        except KeyboardInterrupt:
            self.console.print()
            self.say("type quit or q to leave.")
            return True
        if not sys.stdin.isatty():
            self.console.print(Text(visible_text(typed)))
        return self._answer(typed)

    def _answer(self, typed: str) -> bool:
        word = WORDS.get(typed.lower(), typed.lower())
        if word == "hint":
            self.say(self.questions.hint(), indent=_INDENT)
        elif word == "show":
            self._show()
        elif word == "skip":
            self.questions.skip()
        elif not word or (word.isalpha() and word not in COMMANDS):
            close = alike(word, COMMANDS) if word else []
            self.say(f"there is no command {typed!r}; try {', '.join(close)}." if close else USAGE, "yellow", _INDENT)
        elif word != "quit":
            self._guess(typed)
        return word != "quit"

    def _show(self) -> None:
        for row in line_rows(self.console, self.questions.show().line, _INDENT):
            self.console.print(row)

    def _guess(self, typed: str) -> None:
        try:
            line = self.questions.guess(typed)
        except ValueError as error:
            self.say(str(error), "yellow", _INDENT)
            return
        if line.verdict == "right":
            self.console.print(Text(f"{_INDENT}right", STYLES["right"]))
            for row in line_rows(self.console, line.line, _INDENT):
                self.console.print(row)
        else:
            self.say(verdict_text(line), STYLES[line.verdict], _INDENT)


def verdict_text(line: MarkedLine) -> str:
    """Return the verdict on a guess in a sentence: why it is wrong, or what it follows from."""
    return line.hint if line.verdict == "wrong" else line.sentence or "right"


@contextmanager
def _no_history() -> Iterator[None]:
    """Complete the commands here, and keep the answers out of the history of the user's own prompt."""
    if readline is None:
        yield
        return
    completer = readline.get_completer()
    readline.set_completer(lambda text, state: [*[word for word in COMMANDS if word.startswith(text)], None][state])
    readline.set_auto_history(False)
    try:
        yield
    finally:
        readline.set_completer(completer)
        readline.set_auto_history(True)
