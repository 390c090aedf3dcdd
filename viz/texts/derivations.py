"""`derivation`: a forward and backward pass, or a solved exercise, as LaTeX, as Markdown and as plain text."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from itertools import groupby
from operator import add, itemgetter
from typing import NamedTuple, TypeAlias

from autograd.passes.steps import Computed, Posting, Prepared, Seed, Step, Updated, steps
from autograd.passes.subject import OptimizerLike, Root, subject_of
from autograd.passes.wording import DIGITS, Equation, describe, equation
from autograd.symbols.expression import Constant, Derivative, Expression, text
from autograd.symbols.latex import latex, latex_name
from autograd.table.scalars import format_number
from nn import Exercise, Solution, SolutionLine
from nn.exercises.lines import HEADINGS
from viz.texts.rows import EquationLine
from viz.texts.typesetting import Section, article, markdown, plain, slides

Entry: TypeAlias = Step | Equation | SolutionLine


class Form(NamedTuple):
    """A form of a derivation: the suffixes of its files, a description, and what writes a line and a whole file.

    `ending` is the end of the name that a command gives to its file.
    """

    suffixes: tuple[str, ...]
    ending: str
    what: str
    line: Callable[[Entry], EquationLine]
    file: Callable[[str, list[Section]], str]


class MathLanguage(NamedTuple):
    """How a form writes formulas and names. `formula` takes numbers for some symbols, and how many digits to show."""

    formula: Callable[[Expression, Mapping[str, float] | None, int], str]
    name: Callable[[str], str]


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
    The forward and backward pass of v6
    ===================================
    <BLANKLINE>
    Forward
    -------
    v2 = x*w = 3*2 = 6
    v4 = v2 - 5 = 6 - 5 = 1
    v6 = v4**2 = 1**2 = 1
    <BLANKLINE>
    Backward
    --------
    dv6/dv6  = 1
    dv6/dv4 += dv6/dv6 * dv6/dv4 = dv6/dv6 * (2*v4) = 1 * 2 = 2
    dv6/dv2 += dv6/dv4 * dv4/dv2 = dv6/dv4 * 1 = 2 * 1 = 2
    dv6/dx  += dv6/dv2 * dv2/dx = dv6/dv2 * w = 2 * 2 = 4
    dv6/dw  += dv6/dv2 * dv2/dw = dv6/dv2 * x = 2 * 3 = 6
    <BLANKLINE>
    """
    if form not in FORMS:
        raise ValueError(f"expected {', '.join(FORMS)} as the form of a derivation, got {form!r}.")
    title, entries = _entries(root, optimizer)
    chosen = FORMS[form]
    grouped = groupby(entries, itemgetter(0))
    sections = [Section(heading, [chosen.line(entry) for _, entry in group]) for heading, group in grouped]
    return chosen.file(title, sections)


def _entries(
    root: Root | Sequence[Solution], optimizer: OptimizerLike | None
) -> tuple[str, Iterator[tuple[str, Entry]]]:
    """Return the title, and each entry with its heading."""
    solutions = _solutions(root)
    end, own = subject_of(solutions[0] if solutions else root, optimizer, ["a list of Solutions"])
    if solutions:
        return solutions[0].exercise.title, _of_solutions(solutions)
    events = steps(end, optimizer=own)
    name = next(step.name for step in events if isinstance(step, Seed))
    return f"The forward and backward pass of {name}", _of_pass(events)


def _solutions(root: object) -> Sequence[Solution]:
    """Return the solutions of an exercise; none for a Value."""
    if isinstance(root, Exercise):
        return [root.solve()]
    if isinstance(root, Solution):
        return [root]
    if isinstance(root, Sequence) and all(isinstance(solution, Solution) for solution in root):
        return root
    return ()


def _of_solutions(solutions: Sequence[Solution]) -> Iterator[tuple[str, Entry]]:
    for number, solution in enumerate(solutions, start=1):
        iteration = f"Iteration {number}: " if len(solutions) > 1 else ""
        for line in solution.lines:
            yield iteration + HEADINGS[line.part], line


def _of_pass(events: Sequence[Step]) -> Iterator[tuple[str, Entry]]:
    """Yield the steps. After the last of several contributions to a node, yield their sum."""
    expected = Counter(step.node for step in events if isinstance(step, Posting))
    amounts: defaultdict[int, list[float]] = defaultdict(list)
    for step in events:
        yield _heading(step), step
        if isinstance(step, Posting):
            posted = amounts[step.node]
            posted.append(step.amount)
            if 1 < len(posted) == expected[step.node]:
                total: Expression = reduce(add, map(Constant, posted))
                yield _heading(step), Equation(Derivative(step.loss, step.name), "=", (total,), step.result)


def _heading(step: Step) -> str:
    if isinstance(step, Computed):
        return "Forward"
    return "Update" if isinstance(step, (Prepared, Updated)) else "Backward"


def _line_of_text(entry: Entry) -> EquationLine:
    match entry:
        case SolutionLine():
            return EquationLine(entry.name, "=", tuple(entry.steps))
        case Equation(name, sign, parts, result):
            written = [text(part, digits=DIGITS) for part in parts]
            return EquationLine(text(name), sign, (*written, format_number(result, DIGITS)))
    words = describe(entry)
    return EquationLine(words.name, words.sign, words.parts)


def _line_in(language: MathLanguage, entry: Entry) -> EquationLine:
    """Return an entry as formulas for typesetting."""
    if isinstance(entry, SolutionLine):
        name, sign = language.name(entry.name), "="
        parts = [language.formula(entry.formula, numbers, DIGITS) for numbers in (None, entry.known)]
        result = entry.result
    else:
        left, sign, formulas, result = entry if isinstance(entry, Equation) else equation(entry)
        name, *parts = [language.formula(formula, None, DIGITS) for formula in (left, *formulas)]
    parts.append(language.formula(Constant(result), None, DIGITS))
    return EquationLine(name, sign, tuple(dict.fromkeys(parts)))


_LINE_OF_LATEX = partial(_line_in, MathLanguage(latex, latex_name))

FORMS = {
    "latex": Form(("tex",), "-solution.tex", "a LaTeX file", _LINE_OF_LATEX, article),
    "beamer": Form(("tex",), "-slides.tex", "LaTeX slides, line after line", _LINE_OF_LATEX, slides),
    "markdown": Form(("md", "markdown"), ".md", "Markdown with formulas", _LINE_OF_LATEX, markdown),
    "text": Form(("txt",), ".txt", "plain text", _line_of_text, plain),
}
"""The forms of a derivation, by name: `form` of `derivation`, and options of the command."""
