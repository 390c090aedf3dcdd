"""`derivation`: a forward and backward pass, or a solved exercise, as LaTeX, as Markdown and as plain text."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from autograd.passes.lines import PassLine, headed, lines
from autograd.passes.subject import OptimizerLike, Root, subject_of
from autograd.passes.wording import DIGITS
from autograd.symbols.expression import Constant
from autograd.symbols.latex import latex
from nn import Exercise, Solution
from viz.texts.rows import EquationLine
from viz.texts.typesetting import Section, article, markdown, plain, slides


class Form(NamedTuple):
    """A form of a derivation: the suffixes of its files, a description, and what writes a line and a whole file.

    `ending` is the end of the name that a command gives to its file.
    """

    suffixes: tuple[str, ...]
    ending: str
    what: str
    line: Callable[[PassLine], EquationLine]
    file: Callable[[str, list[Section]], str]


def derivation(root: Root | Sequence[Solution], form: str = "latex", *, optimizer: OptimizerLike | None = None) -> str:
    """Return a pass or a solution line by line, with symbols, numbers and results, as the text of a file.

    `root` is a Value, an exercise, its solution, or a list of solutions (one for each iteration). For a Value the text
    has its forward and backward pass, and the updates of the `optimizer` if one is given. `form` is "latex" for a file
    that pdflatex compiles, "beamer" for slides that show one line after the other, "markdown" for GitHub and
    notebooks, or "text". Gradients and weights do not change. Raises TypeError for another root; ValueError for another
    form, for an optimizer with an exercise, and for a root that depends on no Value that varies.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> print(derivation((x * w - 5) ** 2, "text"))
    The forward and backward pass of loss
    =====================================
    <BLANKLINE>
    Loss
    ----
    loss = (x*w - 5)**2 = (3*2 - 5)**2 = 1
    <BLANKLINE>
    Backward
    --------
    dloss/dx = 2*(x*w - 5)*w = 2*(3*2 - 5)*2 = 4
    dloss/dw = 2*(x*w - 5)*x = 2*(3*2 - 5)*3 = 6
    <BLANKLINE>
    """
    if form not in FORMS:
        raise ValueError(f"expected {', '.join(FORMS)} as the form of a derivation, got {form!r}.")
    chosen = FORMS[form]
    title, entries = _entries(root, optimizer)
    grouped = groupby(entries, itemgetter(0))
    sections = [Section(heading, [chosen.line(line) for _, line in group]) for heading, group in grouped]
    return chosen.file(title, sections)


def _entries(
    root: Root | Sequence[Solution], optimizer: OptimizerLike | None
) -> tuple[str, Iterator[tuple[str, PassLine]]]:
    """Return the title, and each line with its heading."""
    solutions = _solutions(root)
    subject_of(solutions[0] if solutions else root, optimizer, ["a list of Solutions"])
    if solutions:
        return solutions[0].exercise.title, _of_solutions(solutions)
    found = lines(root, optimizer=optimizer)  # type: ignore[arg-type] # subject_of has refused lists
    name = next((line.name for line in found if line.part == "loss"), "a leaf")
    return f"The forward and backward pass of {name}", iter(headed(found))


def _solutions(root: object) -> Sequence[Solution]:
    """Return the solutions of an exercise; none for a Value."""
    if isinstance(root, Exercise):
        return [root.solve()]
    if isinstance(root, Solution):
        return [root]
    if isinstance(root, Sequence) and all(isinstance(solution, Solution) for solution in root):
        return root
    return ()


def _of_solutions(solutions: Sequence[Solution]) -> Iterator[tuple[str, PassLine]]:
    for number, solution in enumerate(solutions, start=1):
        iteration = f"Iteration {number}: " if len(solutions) > 1 else ""
        for heading, line in headed(solution.lines):
            yield iteration + heading, line


def _line_of_text(line: PassLine) -> EquationLine:
    return EquationLine(line.name, "=", tuple(line.steps))


def _line_of_latex(line: PassLine) -> EquationLine:
    parts = [latex(line.formula), latex(line.formula, line.known, DIGITS), latex(Constant(line.result), None, DIGITS)]
    return EquationLine(latex(line.left), "=", tuple(dict.fromkeys(parts)))


FORMS = {
    "latex": Form(("tex",), "-solution.tex", "a LaTeX file", _line_of_latex, article),
    "beamer": Form(("tex",), "-slides.tex", "LaTeX slides, line after line", _line_of_latex, slides),
    "markdown": Form(("md", "markdown"), ".md", "Markdown with formulas", _line_of_latex, markdown),
    "text": Form(("txt",), ".txt", "plain text", _line_of_text, plain),
}
"""The forms of a derivation, by name: `form` of `derivation`, and options of the command."""
