"""`sheet`: exercises on paper, with room to write or with the solution, to print."""

from collections.abc import Iterator, Sequence

from autograd.table.scalars import as_whole, counted, got, spelled
from autograd.table.visible import visible
from nn import Exercise, Solution
from viz.core.saving import PAGES, Forms, Savable
from viz.texts.derivations import FORMS, of_solutions
from viz.texts.latex_files import article
from viz.texts.rows import EquationLine, formula_width
from viz.texts.typesetting import Document, Item, Section, markdown, plain

SHEETS = ("pdf", "tex", *PAGES, "md", "txt")
"""The suffixes of a sheet's files."""
PAPERS = ("a4", "letter")
_ROW = 75.0
"""How long a printed line is, in digits, that fills a row when it is written by hand."""
_MOST_ROWS = 3
_LONGEST = 80
"""The most characters on the top of a page, half of them for a name."""
_TASK = Item("task", "write each line in symbols, then in numbers, then its result", [])


class Sheet(Savable):
    """Exercises on paper; `save` writes them as .pdf, .tex, .html, .md or .txt."""

    kind = "a sheet"

    def __init__(
        self, exercises: Sequence[Exercise], names: Sequence[str], key: bool, iterations: int, paper: str
    ) -> None:
        self.exercises, self.names = exercises, names
        self.key, self.iterations, self.paper = key, iterations, paper

    def forms(self) -> Forms:
        """Return the functions that write the sheet, by the suffix of the file."""
        return {
            "pdf": self._pdf,
            "tex": lambda: article(*self._documents("latex"), paper=self.paper).encode(),
            **dict.fromkeys(PAGES, self._page),
            "md": lambda: markdown(*self._documents("markdown")).encode(),
            "txt": lambda: plain(*self._documents("text")).encode(),
        }

    def _pdf(self) -> bytes:
        from viz.texts.typst_files import pdf  # noqa: PLC0415 - latex2mathml takes 30 ms

        return pdf(*self._documents("latex"), paper=self.paper)

    def _page(self) -> bytes:
        from viz.texts.html_files import page  # noqa: PLC0415 - the same

        return page(*self._documents("latex"), paper=self.paper).encode()

    def _documents(self, form: str) -> Iterator[Document]:
        for exercise, name in zip(self.exercises, self.names, strict=True):
            whole = of_solutions(exercise.iterate(self.iterations), FORMS[form])
            yield self._asked(_with_network(whole, exercise) if form == "text" else whole, name)

    def _asked(self, document: Document, name: str) -> Document:
        """Return the document of a solution as a sheet: without the table at its end, and with blanks if it asks."""
        own = _short(visible(name), _LONGEST // 2)
        header = ", ".join(filter(None, [_short(document.title, _LONGEST - len(own)), own]))
        sections = [section for section in document.sections if not section.rows]
        if self.key:
            return document._replace(title=f"{document.title}: solution", sections=sections, header=header)
        given, *others = sections
        asked = [section._replace(lines=list(map(_blank, section.lines))) for section in others]
        given = given._replace(items=[*given.items, _TASK])
        return document._replace(sections=[given, *asked], header=header, fields={"Name": visible(name), "Date": ""})

    def __repr__(self) -> str:
        what = "the solutions" if self.key else "a sheet"
        return f'<{what} of {counted(len(self.exercises), "exercise")}; save("sheet.pdf") writes it>'


def sheet(
    exercises: Exercise | Solution | Sequence[Exercise | Solution],
    *,
    key: bool = False,
    iterations: int = 1,
    names: Sequence[str] | None = None,
    paper: str = "a4",
) -> Sheet:
    """Return exercises as sheets of paper: what is given, the network, and each quantity with room to write.

    `exercises` is an exercise, or a list, each on pages of its own. With `key`, the lines have their solution. A sheet
    asks for the lines of so many `iterations`. `names` are those of students, one for each exercise. `paper` is "a4" or
    "letter". `save` writes .pdf (with the extra pdf), .tex, .html, .md or .txt.

    Raises TypeError for anything but exercises; ValueError for another paper, and if the names are not as many as the
    exercises.

    >>> from nn import Exercise
    >>> exercise = Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1)
    >>> sheet([exercise, exercise], names=["Ada", "Emmy"])
    <a sheet of 2 exercises; save("sheet.pdf") writes it>
    """
    own = exercises_in(exercises)
    paper = spelled(paper, PAPERS)
    if paper not in PAPERS:
        raise ValueError(f"expected a4 or letter as the paper, got {paper!r}.")
    if names is not None and len(names) != len(own):
        raise ValueError(f"expected {counted(len(own), 'name')}, one for each exercise, got {len(names)}.")
    return Sheet(own, names or [""] * len(own), key, as_whole(iterations, "iterations", 1), paper)


def exercises_in(given: object) -> list[Exercise]:
    """Return an exercise, or those of a list, also of their solutions. Raises TypeError for anything else."""
    own: list[Exercise] = []
    for each in given if isinstance(given, Sequence) and given else [given]:
        exercise = each.exercise if isinstance(each, Solution) else each
        if not isinstance(exercise, Exercise):
            came = "an empty list" if exercise == [] else got(exercise)
            raise TypeError(f"expected an Exercise or a list of them, got {came}.")
        own.append(exercise)
    return own


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."


def _blank(line: EquationLine) -> EquationLine:
    """Return a line to write on, with as many rows as its solution takes by hand."""
    rows = 1 + int(formula_width(" = ".join(line.parts)) / _ROW)
    return EquationLine(line.name, ("",) * min(rows, _MOST_ROWS))


def _with_network(document: Document, exercise: Exercise) -> Document:
    """Return a document of plain text with the connections of the network, which has no diagram there."""
    units = exercise.network.units
    arrows = [f"{source} --{weight}--> {unit.pre}" for unit in units for source, weight in unit.weights]
    arrows += [f"{unit.bias} --> {unit.pre}" for unit in units if unit.bias]
    arrows += [f"{unit.pre} --> {unit.post}" for unit in units]
    given, *others = document.sections
    items = [*given.items, Item("network", "", arrows)]
    return document._replace(sections=[Section(given.heading, items=items), *others])
