"""Writes formulas as MathML for browsers, also with places that a page fills with names and numbers."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from xml.etree.ElementTree import Element, fromstring, tostring

from latex2mathml.converter import convert_to_element

from autograd.passes.wording import DIGITS
from autograd.symbols.expression import Expression, Symbol, Written
from autograd.symbols.indices import NEW
from autograd.symbols.latex import LatexWriter, latex_name
from autograd.table.op import Level

_NAMES = ("name", "operand0", "operand1", "through", "loss")
_MOST_QUANTITIES = 5_000
_NUMBERS = ("value0", "value1", "upstream", "local", *(f"quantity{place}" for place in range(_MOST_QUANTITIES)))
_PLACES = {chr(0xE000 + number): place for number, place in enumerate((*_NAMES, *_NUMBERS))}
"""The places. While a formula is LaTeX, each is a private-use character that no text contains."""
_MARKS = {place: mark for mark, place in _PLACES.items()}
NUMBER = re.compile(r"[0-9]+")
NUMBER_MARK = "\x01"
"""It stands for a number of a name in a template; no name contains it."""
_MARK = re.compile(rf"\(([{''.join(_PLACES)}])({NEW}|)\)|([{''.join(_PLACES)}])")
"""A place in a text; or one in the parentheses of `word`, which takes it for no word."""
_FENCED = "\uf8ff"
"""The mark before a number that needs parentheses if it is negative."""


def place(name: str) -> Symbol:
    """Return the symbol of a place: a name ("name", "operand0", ...) or a number ("value0", "upstream", ...).

    The MathML tells the page where a negative number needs parentheses.

    >>> mathml(place("value0") * place("value1"))
    '<mrow><mrow data-place="value0" data-fenced="" /><mo>·</mo><mrow data-place="value1" data-fenced="" /></mrow>'
    """
    return Symbol(_MARKS[name])


def mathml(expression: Expression) -> str:
    """Return the MathML elements of a formula, for a <math>.

    >>> from autograd.symbols.expression import Derivative
    >>> mathml(Derivative("L", "w35"))
    '<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow><mrow><mo>∂</mo><msub><mi>w</mi><mn>35</mn></msub></mrow></mfrac>'
    """
    return of_latex(_Writer(DIGITS).text(expression))


def math_element(latex: str) -> Element:
    """Return a formula of LaTeX as the element <math>.

    >>> tostring(math_element("x_{3}"), encoding="unicode")
    '<math><msub><mi>x</mi><mn>3</mn></msub></math>'
    """
    return fromstring(f"<math>{of_latex(latex) if latex else ''}</math>")


def filled(text: str) -> str:
    """Return a text with places by their names: "{name}"; or "{name!}" for one that may need parentheses, see `word`.

    >>> from autograd.symbols.expression import text
    >>> filled(f"{place('name').name} = {text(place('operand0') * 2)}")
    '{name} = {operand0!}*2'
    """
    return _MARK.sub(
        lambda found: f"{{{_PLACES[found[3]]}}}" if found[3] else f"{{{_PLACES[found[1]]}!{found[2]}}}", text
    )


def name_mathml(name: str) -> str:
    """Return the MathML elements of a name: a letter with subscripts, or any other text unchanged.

    >>> name_mathml("<b>")
    '<mrow><mo>&lt;</mo><mtext>b</mtext><mo>&gt;</mo></mrow>'
    """
    numbers = iter(NUMBER.findall(name))
    return "".join(next(numbers) if letter == NUMBER_MARK else letter for letter in name_template(name))


def name_template(name: str) -> str:
    """Return the MathML elements of a name, with a mark for each of its numbers: a network has thousands of names.

    >>> name_template("w13") == name_template("w2") == f"<msub><mi>w</mi><mn>{NUMBER_MARK}</mn></msub>"
    True
    """
    numbers = NUMBER.findall(name)
    places = [str(place) for place in range(1, len(numbers) + 1)]
    order = iter(places)
    alike = _of_name(NUMBER.sub(lambda _: next(order), name))
    if NUMBER.findall(alike) != places or any(number[0] == "0" != number for number in numbers):
        return _of_name(name)
    return NUMBER.sub(NUMBER_MARK, alike)


@lru_cache(maxsize=4096)
def _of_name(name: str) -> str:
    return of_latex(latex_name(name))


class _Writer(LatexWriter):
    """Writes a place as its mark; before it, the mark for parentheses if a negative number needs them."""

    def written_name(self, name: str) -> str:
        own = name.removesuffix(NEW)
        new = r"^{\text{new}}" if own != name else ""
        return f"{own}{new}" if own in _PLACES else super().written_name(name)

    def name(self, name: str) -> Written:
        if name.removesuffix(NEW) in _PLACES:
            return self.written_name(name), Level.SUM if _PLACES.get(name) in _NUMBERS else Level.CALL
        return super().name(name)

    def within(self, part: Written, level: int) -> str:
        written, own = part
        return f"{{{_FENCED}{written}}}" if written in _PLACES and own < level else super().within(part, level)


@lru_cache(maxsize=4096)
def of_latex(latex: str) -> str:
    """Return the MathML elements of a formula that is LaTeX.

    >>> of_latex("x_{3} = 5")
    '<mrow><msub><mi>x</mi><mn>3</mn></msub><mo>=</mo><mn>5</mn></mrow>'
    """
    root = convert_to_element(latex)
    for element in root.iter():
        element.text = html.unescape(element.text) if element.text else None  # the package writes &#x2202; for a sign
    return "".join(tostring(element, encoding="unicode") for element in _simple(root))


def _simple(parent: Element) -> Iterator[Element]:
    """Yield the child elements with places; rows of one element are unwrapped, and the letters of a word joined."""
    for upright, run in groupby(_placed(parent), lambda child: child.get("mathvariant") == "normal"):
        if upright:
            letters = list(run)
            letters[0].text = "".join(letter.text or "" for letter in letters)
            yield letters[0]
            continue
        for child in run:
            child[:] = _simple(child)
            yield child[0] if child.tag == "mrow" and len(child) == 1 else child


def _placed(parent: Element) -> Iterator[Element]:
    """Yield the child elements, with places instead of marks."""
    fenced = False
    for child in parent:
        if child.text == _FENCED:
            fenced = True
        elif child.text in _PLACES:
            yield Element("mrow", {"data-place": _PLACES[child.text]} | ({"data-fenced": ""} if fenced else {}))
            fenced = False
        else:
            yield child
