r"""Writes questions as Moodle's XML: of the types category, numerical and cloze, with formulas of LaTeX in \(...\)."""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from viz.texts.rows import EquationLine
from viz.texts.typesetting import Document, said

MOST_DIGITS = 9
"""The most significant digits that a question may ask for."""
_WRITTEN = 12
"""The significant digits of a number in the file."""
_PICTURE = "network.svg"
HEAD, END = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>', "</quiz>\n"


@dataclass(frozen=True, slots=True)
class QuizAnswer:
    """An answer of a question: a number, how far an answer may be from it, and what a student reads who gives it."""

    number: float
    tolerance: float
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question for a quantity: the right answer, wrong ones, and how many digits the answer needs (0 if it is short).

    `line` is its line in LaTeX.
    """

    name: str
    line: EquationLine
    right: QuizAnswer
    wrong: Sequence[QuizAnswer]
    digits: int


def category(names: Sequence[str]) -> str:
    """Return the question that puts those after it into a category, given by the names on its path."""
    path = "/".join(["$course$", "top", *(name.replace("/", "//") for name in names)])
    return f'<question type="category"><category><text>{_data(path)}</text></category></question>'


def numerical(title: str, document: Document, question: QuizQuestion) -> str:
    """Return a numerical question for one quantity; the document has what is given, and the network."""
    needed = f" Give {question.digits} significant digits or more." if question.digits else ""
    asked = f"<p>What is {_math(question.line.name)}?{needed}</p>"
    rows = [
        '<question type="numerical">',
        *_head(f"{title}: {question.name}", document, asked, [question]),
        *map(_answer, (question.right, *question.wrong), (100, *[0] * len(question.wrong))),
        "<unitgradingtype>0</unitgradingtype>",
        "<unitpenalty>0.1</unitpenalty>",
        "<showunits>3</showunits>",
        "<unitsleft>0</unitsleft>",
        "</question>",
    ]
    return "\n".join(rows)


def cloze(title: str, document: Document, questions: Sequence[QuizQuestion]) -> str:
    """Return a question with a field for each quantity."""
    most = max(question.digits for question in questions)
    needed = f"<p>Give {most} significant digits or more.</p>" if most else ""
    fields = (f"<p>{_math(f'{question.line.name} =')} {_field(question)}</p>" for question in questions)
    head = _head(title, document, needed + "\n".join(fields), questions)
    return "\n".join(['<question type="cloze">', *head, "</question>"])


def _head(title: str, document: Document, asked: str, questions: Sequence[QuizQuestion]) -> Iterator[str]:
    """Yield what questions of all types have: a name, a text with the picture, and the solution as feedback."""
    yield f"<name><text>{_data(title)}</text></name>"
    picture, items = "", document.sections[0].items
    rows = [f"<p><b>{_prose(item.what)}</b> {_said(item.words, item.formulas)}</p>" for item in items]
    if document.sketch:
        rows.append(f'<p><img src="@@PLUGINFILE@@/{_PICTURE}" alt="the network" /></p>')
        content = base64.b64encode(document.sketch.svg().encode()).decode()
        picture = f'<file name="{_PICTURE}" path="/" encoding="base64">{content}</file>'
    text = "\n".join([*rows, asked])
    yield f'<questiontext format="html"><text>{_data(text)}</text>{picture}</questiontext>'
    lines = "".join(f"<p>{_math(' = '.join([question.line.name, *question.line.parts]))}</p>" for question in questions)
    yield f'<generalfeedback format="html"><text>{_data(lines)}</text></generalfeedback>'
    yield f"<defaultgrade>{len(questions)}</defaultgrade>"
    yield "<penalty>0.3333333</penalty>"
    yield "<hidden>0</hidden>"


def _said(words: str, formulas: Sequence[str]) -> str:
    return said(_prose(words), [_math(formula) for formula in formulas])


def _answer(answer: QuizAnswer, fraction: int) -> str:
    feedback = f'<feedback format="html"><text>{_data(escape(answer.feedback, quote=False))}</text></feedback>'
    tolerance = f"<tolerance>{_number(answer.tolerance)}</tolerance>"
    number = f"<text>{_number(answer.number)}</text>"
    return f'<answer fraction="{fraction}" format="moodle_auto_format">{number}{feedback}{tolerance}</answer>'


def _field(question: QuizQuestion) -> str:
    """Return the field of a cloze question: {1:NUMERICAL:=right:tolerance#feedback~%0%wrong:tolerance#feedback}."""
    answers = [("=", question.right), *(("%0%", answer) for answer in question.wrong)]
    written = [
        f"{mark}{_number(answer.number)}:{_number(answer.tolerance)}#{_in_field(answer.feedback)}"
        for mark, answer in answers
    ]
    return f"{{1:NUMERICAL:{'~'.join(written)}}}"


def _in_field(feedback: str) -> str:
    """Return feedback for a field of a cloze question: signs with a meaning there are entities."""
    return re.sub(r'[{}#~/"\\]', lambda sign: f"&#{ord(sign[0])};", escape(feedback, quote=False))


def _number(number: float) -> str:
    return f"{number:.{_WRITTEN}g}"


def _math(latex: str) -> str:
    return rf"\({_prose(latex)}\)"


def _prose(text: str) -> str:
    """Return text for HTML, in which nothing looks like a field."""
    return re.sub(r"\{(?=\d*:)", "&#123;", escape(text, quote=False))


def _data(text: str) -> str:
    """Return text as CDATA, in which no sign has a meaning."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
