"""`derivation`: a forward and backward pass, or a solved exercise, as LaTeX, as Markdown and as plain text."""

import html
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple, Self

from autograd.passes.lines import LOSS, PassLine, headed, lines
from autograd.passes.subject import OptimizerLike, Root, subject_of
from autograd.passes.wording import DIGITS, telling_digits
from autograd.symbols.expression import Constant, Expression, Symbol, name_of
from autograd.symbols.latex import LatexWriter, latex
from autograd.symbols.substitution import parts
from autograd.table.visible import said, visible
from nn import Exercise, Solution
from nn.exercises.matrices import MatrixLine, matrix_lines
from nn.exercises.sheet import Given, given, iteration_title, weight_table, written
from viz.texts.latex_files import SLIDE_ROOM, article, slides
from viz.texts.matrices import matrix_line_of_latex, matrix_line_of_text
from viz.texts.rows import EquationLine
from viz.texts.typesetting import Document, Item, Section, markdown, plain


class Form(NamedTuple):
    """A form of a derivation: the suffixes of its files, a description, and what writes a line and a whole file.

    `ending` is the end of the name that a command gives to its file. `formula` takes a formula, and digits of numbers.
    """

    suffixes: tuple[str, ...]
    ending: str
    what: str
    formula: Callable[..., str]
    line: Callable[[PassLine], EquationLine]
    matrices: Callable[[MatrixLine], EquationLine]
    file: Callable[..., str]


class Derivation(str):
    """The text of a derivation; a notebook shows its formulas. `write` returns the document in a form."""

    __slots__ = ("_write",)
    _write: Callable[[Form], Document]

    def __new__(cls, form: Form, write: Callable[[Form], Document]) -> Self:
        """Write the document as text."""
        written = super().__new__(cls, form.file(write(form)))
        written._write = write
        return written

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Make copies and pickles plain text."""
        return str, (str(self),)

    def _repr_html_(self) -> str:
        from viz.texts.web import readable, web  # noqa: PLC0415 - latex2mathml takes 30 ms; only a notebook needs it

        plain_text = html.escape(FORMS["text"].file(self._write(FORMS["text"])))
        return readable(web(self._write(FORMS["latex"])), f'<pre style="white-space:pre-wrap">{plain_text}</pre>')


def derivation(
    root: Root | Sequence[Solution],
    form: str = "latex",
    *,
    optimizer: OptimizerLike | None = None,
    matrices: bool = False,
    at_once: bool = False,
) -> Derivation:
    """Return a pass or a solution line by line, with symbols, numbers and results, as the text of a file.

    It is a str. As the result of a cell of a notebook, it shows itself with formulas, whatever its form.

    The file begins with what is given: of an exercise also the definitions of its activations, and its
    network: in LaTeX as TikZ, in Markdown as Mermaid. An exercise ends with its weights before and after.

    `root` is a Value, an exercise, its solution, or a list of solutions (one for each iteration). For a Value the text
    has its forward and backward pass, and the updates of the `optimizer` if one is given. `form` is "latex" for a file
    that pdflatex compiles, "beamer" for slides that show one line after the other, "markdown" for GitHub and
    notebooks, or "text". With `matrices`, an exercise whose units form full layers is written as matrices, with one
    column per example. With `at_once`, all lines of a slide appear at once, so each slide is one page. Gradients and
    weights do not change.

    Raises TypeError for another root; ValueError for another form, for `at_once` without slides, for an optimizer with
    an exercise, for a root that depends on no Value that varies, and if there is no matrix form.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> print(derivation((x * w - 5) ** 2, "text"))
    The forward and backward pass of loss
    =====================================
    <BLANKLINE>
    Given
    -----
    numbers  x = 3, w = 2
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
        raise ValueError(said(f"expected {', '.join(FORMS)} as the form of a derivation, got {form!r}."))
    if at_once and form != "beamer":
        raise ValueError(f"at_once is for slides: expected the form 'beamer' with it, got {form!r}.")
    solutions = _solutions(root)
    end, optimizer, naming = subject_of(solutions[0] if solutions else root, optimizer, ["a list of Solutions"])
    if solutions:
        return Derivation(FORMS[form], lambda form: of_solutions(solutions, form, matrices)._replace(at_once=at_once))
    if matrices:
        raise ValueError("expected an exercise for the matrix form, got a Value.")
    found = lines(end, naming=naming, optimizer=optimizer)
    name = next((line.name for line in found if line.part == LOSS), visible(end.label or "a leaf"))
    if not found:
        return Derivation(FORMS[form], partial(_of_leaf, name, end.data))
    return Derivation(FORMS[form], partial(_of_value, name, found, at_once))


def lines_of(solution: Solution) -> Document:
    """Return the lines of a solution in LaTeX, without what is given.

    >>> from nn import relu_exercise
    >>> [section.title for section in lines_of(relu_exercise().solve()).sections]
    ['Forward', 'Loss', 'Backward']
    """
    return Document(visible(solution.exercise.title), [*_headed_sections(solution.lines, FORMS["latex"], "")])


def _solutions(root: object) -> Sequence[Solution]:
    """Return the solutions of an exercise; none for a Value."""
    if isinstance(root, Exercise):
        return [root.solve()]
    if isinstance(root, Solution):
        return [root]
    if isinstance(root, Sequence) and all(isinstance(solution, Solution) for solution in root):
        return root
    return ()


def _of_value(root: str, found: Sequence[PassLine], at_once: bool, form: Form) -> Document:
    """Return the document of a Value with this name: the numbers that no line computes, then the lines."""
    computed = {line.name for line in found}
    numbers = {
        name: line.known[name]
        for line in found
        for name in map(name_of, parts(line.formula))
        if name in line.known and name not in computed
    }
    items = [_item(Given("numbers", "", [(Symbol(name), Constant(number)) for name, number in numbers.items()]), form)]
    sections = [*([Section("Given", items=items)] if numbers else []), *_headed_sections(found, form, "")]
    return Document(f"The forward and backward pass of {root}", sections, at_once=at_once)


def _of_leaf(name: str, number: float, form: Form) -> Document:
    words = f"{name} is a leaf, computed from nothing: it has no lines, and its derivative is 1"
    given = Given("numbers", words, [(Symbol(name), Constant(number))])
    return Document(f"The forward and backward pass of {name}", [Section("Given", items=[_item(given, form)])])


def of_solutions(solutions: Sequence[Solution], form: Form, matrices: bool = False) -> Document:
    """Return the document of an exercise: what is given, the lines of each iteration, the weights before and after."""
    exercise = solutions[0].exercise
    items = [_item(row, form) for row in given(solutions[0])]
    if matrices:
        entries = "A * B" if form.file is plain else r"A \odot B"
        words = (
            "a column for each example; b is added to each column; sum adds all entries; functions, powers and "
            "quotients are entry by entry, and so is the product"
        )
        items.append(Item("matrices", words, [entries]))
    sections = [Section("Given", items=items)]
    for number, solution in enumerate(solutions, start=1):
        group = iteration_title(exercise, number, len(solutions))
        if matrices:
            parts = groupby(matrix_lines(solution), attrgetter("part"))
            sections += [
                Section(part.capitalize(), list(map(form.matrices, found)), group=group) for part, found in parts
            ]
        else:
            sections += _headed_sections(solution.lines, form, group)
    title, headings, weights = weight_table(solutions)
    rows = []
    for name, *numbers in weights:
        digits = telling_digits(numbers[0], numbers[-1])
        rows.append([form.formula(Symbol(name)), *(form.formula(Constant(number), digits) for number in numbers)])
    sections.append(Section(title, rows=[headings, *rows]))
    if form.file is plain:
        return Document(visible(exercise.title), sections)
    from viz.texts.sketches import sketch  # noqa: PLC0415 - pictures take 40 ms

    figure = sketch(solutions[0], SLIDE_ROOM if form.file is slides else None)
    return Document(visible(exercise.title), sections, figure)


def _item(row: Given, form: Form) -> Item:
    formulas = [f"{form.formula(left)} = {form.formula(right)}" for left, right in row.equations]
    return Item(row.what, row.words, formulas)


def _headed_sections(found: Sequence[PassLine], form: Form, group: str) -> Iterator[Section]:
    for heading, headed_lines in groupby(headed(found), itemgetter(0)):
        yield Section(heading, [form.line(line) for _, line in headed_lines], group=group)


def _line_of_text(line: PassLine) -> EquationLine:
    return EquationLine(line.name, tuple(line.steps))


def _formula_of_latex(formula: Expression, digits: int = 0) -> str:
    return latex(formula, None, max(DIGITS, digits))


def _line_of_latex(line: PassLine) -> EquationLine:
    parts = [
        _formula_of_latex(line.shown),
        latex(line.shown, line.known, max(DIGITS, line.digits)),
        _formula_of_latex(Constant(line.result), line.digits),
    ]
    *others, last = dict.fromkeys(parts)
    conditions = r" \text{ and } ".join(LatexWriter(DIGITS).condition(condition, {}) for condition in line.since)
    reason = rf" \quad \text{{since }} {conditions}" if conditions else ""
    return EquationLine(latex(line.left), (*others, last + reason))


_LATEX = _formula_of_latex, _line_of_latex, matrix_line_of_latex
FORMS = {
    "latex": Form(("tex",), "-solution.tex", "a LaTeX file", *_LATEX, article),
    "beamer": Form(("tex",), "-slides.tex", "LaTeX slides", *_LATEX, slides),
    "markdown": Form(("md", "markdown"), ".md", "Markdown with formulas", *_LATEX, markdown),
    "text": Form(("txt",), ".txt", "plain text", written, _line_of_text, matrix_line_of_text, plain),
}
"""The forms of a derivation, by name: `form` of `derivation`, and options of the command."""
