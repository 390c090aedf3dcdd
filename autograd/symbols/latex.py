r"""Formulas in LaTeX, for pdflatex with amsmath and for MathJax in notebooks and web pages.

Names are escaped, so no name can break a formula.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from autograd.symbols.expression import Conditional, Expression, Writer, Written, word
from autograd.symbols.indices import GREEK, NEW, Indices, indices_of
from autograd.symbols.simplification import OPPOSITES
from autograd.table.op import Level, Op

_LETTERS = frozenset("\N{LATIN SMALL LETTER SHARP S}æÆœŒøØłŁåÅ")
"""Letters that pdflatex sets in text, in addition to letters with an accent."""
_LETTER = rf"(?P<d>d?)(?P<letter>{'|'.join(GREEK)}|[A-Za-z])(?P<hat>_hat|(?<=[pxy])hat)?"
_PLACES = r"(?:_?(?P<places>[0-9]+(?:_[0-9]+)*(?:\[[0-9]+\])*|(?:\[[0-9]+\])+))?"
_NAME = re.compile(rf"(?:{_LETTER}|(?P<word>[A-Za-z]+)){_PLACES}")
_SHARED = re.compile(r"(?P<label>.+)\[v(?P<place>[0-9]+)\]", re.DOTALL)
"""The name of a node that shares its label with others: see `autograd.passes.names`."""
_SIGNS = {
    **{sign: rf"\{sign}" for sign in "%_#&$"},
    "\\": r"\backslash",
    "{": r"\lbrace",
    "}": r"\rbrace",
    "~": r"\sim",
    "^": r"\wedge",
    "|": r"\vert",
    "<": "<",
    ">": ">",
}
"""The math-mode form of characters that have a meaning in TeX, or that its text fonts do not have."""
_RELATIONS = {"<=": r"\le", ">=": r"\ge"}
_SEVERAL_LETTERS = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|\\_)+")
_OPERAND = re.compile(
    r"(?P<before>[\^_]|(?:[{(\[|,]|\\left\\[A-Za-z]+)\s*)?#(?P<index>\d)"
    r"(?=(?P<after>\s*(?:[)\],|]|\\right(?![a-z])|\}(?!\s*[\^_])))|)"
)
"""An operand in a row's notation, with the brackets around it."""
_BRACKETS = dict.fromkeys((r"\left", "{", "(", "["), 1) | dict.fromkeys((r"\right", "}", ")", "]"), -1)
_TALL = re.compile(r"\\(?:frac|begin|sqrt)\b")


def latex(expression: Expression, numbers: Mapping[str, float] | None = None, digits: int = 6) -> str:
    r"""Write a formula in LaTeX, for math mode; `numbers` maps symbols to numbers that replace them.

    Numbers are rounded to `digits` significant digits.

    >>> from autograd.symbols.expression import Symbol
    >>> formula = Symbol("w35") - Symbol("eta") * (Symbol("delta5") / 2) ** 2
    >>> print(latex(formula))
    w_{35} - \eta \cdot \left(\frac{\delta_{5}}{2}\right)^{2}
    >>> print(latex(formula, {"w35": -3, "eta": 1e-9, "delta5": -4}))
    -3 - 1 \cdot 10^{-9} \cdot \left(\frac{-4}{2}\right)^{2}
    """
    return LatexWriter(digits).text(expression, numbers)


def latex_cases(expression: Expression) -> list[tuple[str, str]]:
    r"""Return the cases of a formula in LaTeX, each with its condition, for readers without the cases environment.

    A formula without cases is one case, with the condition "". Of more than two cases, the first true one counts.

    >>> from autograd.symbols.expression import Symbol
    >>> from autograd.ops import relu
    >>> latex_cases(relu.value(Symbol("x")))
    [('0', 'x < 0'), ('x', 'x \\ge 0')]
    """
    cases: list[tuple[str, str]] = []
    last = ""
    while isinstance(expression, Conditional):
        relation, left, right = expression.condition.relation, expression.condition.left, expression.condition.right
        holds, fails = (
            f"{latex(left)} {_RELATIONS.get(sign, sign)} {latex(right)}" for sign in (relation, OPPOSITES[relation])
        )
        last = r"\text{otherwise}" if cases else fails
        cases.append((latex(expression.yes), holds))
        expression = expression.no
    return [*cases, (latex(expression), last)]


def latex_name(name: str) -> str:
    r"""Return a name in LaTeX, for math mode: a letter with subscripts, or any other text unchanged.

    >>> [latex_name(name) for name in ("w35", "w1_0_3", "w[0]", "delta5", "yhat", "dw2_4")]
    ['w_{35}', 'w_{1,0,3}', 'w_{0}', '\\delta_{5}', '\\hat{y}', 'dw_{2,4}']
    >>> print(latex_name("loss"), latex_name("100%"), latex_name("Delta5"))
    \text{loss} \text{100}{\%} \Delta_{5}
    >>> print(latex_name("z[1]_2(3)"), latex_name("w35_new"), latex_name("out_h1"))
    z^{[1](3)}_{2} w^{\text{new}}_{35} \text{out}_{\text{h1}}
    >>> print(latex_name("w[v7]"), latex_name("w35[v7]"), latex_name("the loss[v7]"))
    w_{[v7]} w_{35\,[v7]} \text{the loss}_{[v7]}
    """
    shared = _SHARED.fullmatch(name)
    if shared:
        return _with_place(latex_name(shared["label"]), f"[v{shared['place']}]")
    indices = indices_of(name)
    if indices:
        return _with_indices(indices)
    spelled = "".join(_spelled(character) for character in unicodedata.normalize("NFD", name))
    match = _NAME.fullmatch(spelled)
    if match is None or (match["word"] and spelled != name):
        return "".join(sign if is_sign else rf"\text{{{sign}}}" for is_sign, sign in _pieces(name)) or r"\text{}"
    letter = match["letter"]
    if letter is None:
        letter = rf"\text{{{match['word']}}}"
    elif len(letter) > 1:
        letter = rf"\{letter}"
    if match["hat"]:
        letter = rf"\hat{{{letter}}}"
    if match["places"]:
        letter += f"_{{{','.join(re.findall(r'[0-9]+', match['places']))}}}"
    return (match["d"] or "") + letter


def _with_indices(name: Indices) -> str:
    above, below = (
        ",".join(rf"\text{{{part}}}" if part[0].isalpha() else part for part in parts)
        for parts in (name.above, name.below)
    )
    return latex_name(name.base) + (f"^{{{above}}}" if above else "") + (f"_{{{below}}}" if below else "")


def _with_place(label: str, place: str) -> str:
    """Return a label in LaTeX with a place added to its subscripts, or as its only subscript."""
    if re.search(r"_\{[\d,]+\}$", label):
        return rf"{label[:-1]}\,{place}}}"
    return f"{{{label}}}_{{{place}}}" if label.endswith("]}") else f"{label}_{{{place}}}"


def latex_prose(prose: str) -> str:
    r"""Return a text in LaTeX, for paragraphs and headings.

    >>> print(latex_prose("100% of F = ReLU"))
    100\ensuremath{\%} of F = ReLU
    """
    return "".join(rf"\ensuremath{piece}" if is_sign else piece for is_sign, piece in _pieces(prose))


def latex_notation(op: Op) -> str:
    r"""Return the notation of an operation in LaTeX: with operands as #1 and #2, or without #, a function's name.

    >>> from autograd.ops import log1p, sqrt
    >>> latex_notation(sqrt), latex_notation(log1p)
    ('\\sqrt{#1}', '\\mathrm{log1p}')
    """
    notation = op.latex or op.name.replace("_", r"\_")
    if "#" in notation:
        return notation
    if _SEVERAL_LETTERS.fullmatch(notation):
        return rf"\mathrm{{{notation}}}"
    for place, name in enumerate(op.operand_names, start=1):
        notation = re.sub(rf"(?<![A-Za-z\\])\\?{name}(?![A-Za-z])", f"#{place}", notation)
    return notation


def _notation_level(op: Op, notation: str) -> Level:
    """Return how tightly a notation with operands binds."""
    if op.symbol and re.search(r"(?<!\{)#", notation):
        return op.level
    depth = 0
    for sign in re.findall(r"\\(?:left|right)(?![a-z])|[{}()\[\]#+-]", notation):
        if sign in _BRACKETS:
            depth += _BRACKETS[sign]
        elif depth == 0:
            return Level.SUM
    return Level.CALL if notation.startswith(r"\left") else Level.POWER


class LatexWriter(Writer):
    """Writes formulas in LaTeX; subclasses can write other texts in the places of names."""

    def written_name(self, name: str) -> str:
        """Write a name; all other methods write names with it."""
        return latex_name(name)

    def name(self, name: str) -> Written:
        """Write a symbol."""
        written = self.written_name(name)
        if word(name) != name:
            return self.parenthesized(written), Level.CALL
        return written, Level.POWER if "^" in written else Level.CALL  # an index above, and then an exponent

    def fraction(self, number: Any) -> Written:
        """Write a Fraction."""
        sign = "-" if number < 0 else ""
        level = Level.SUM if sign else Level.POWER
        return rf"{sign}\frac{{{abs(number.numerator)}}}{{{number.denominator}}}", level

    def number(self, number: float) -> Written:
        """Write a number; an exponent becomes a power of ten."""
        if getattr(number, "denominator", 1) != 1:
            return self.fraction(number)
        mantissa, _, exponent = self.digits_of(float(number)).partition("e")
        level = Level.SUM if mantissa.startswith("-") else Level.PRODUCT if exponent else Level.CALL
        if exponent:
            return rf"{mantissa} \cdot 10^{{{int(exponent)}}}", level
        return mantissa.replace("inf", r"\infty").replace("nan", r"\mathrm{nan}"), level

    def operation(self, op: Op, operands: list[Written]) -> Written:
        """Put the operands into the row's notation. Inside braces or brackets they need no parentheses."""
        if op.symbol and not op.latex:
            return super().operation(op, operands)
        notation = latex_notation(op)
        if "#" not in notation:
            return self.function(op, notation, operands), Level.POWER
        if op.symbol and op.arity == 2:
            alone = self.infix_operands(op, operands)
        else:
            alone = [self.within(operand, Level.PRODUCT if op.symbol else Level.CALL) for operand in operands]

        def filled(place: re.Match[str]) -> str:
            index = int(place["index"]) - 1
            before, written = place["before"] or "", operands[index][0]
            if before in ("^", "_"):
                return f"{before}{{{written}}}"
            return before + (written if before and place["after"] else alone[index])

        return _OPERAND.sub(filled, notation), _notation_level(op, notation)

    def parenthesized(self, part: str) -> str:
        """Put parentheses around a formula, tall ones around a tall formula."""
        return rf"\left({part}\right)" if _TALL.search(part) else f"({part})"

    def call(self, function: str, operand: Written) -> Written:
        """Write a call of a NamedFunction."""
        name = function.rstrip("'")
        return latex_name(name) + function[len(name) :] + self.parenthesized(operand[0]), Level.POWER

    def derivative(self, of: str, by: str) -> Written:
        """Write the name of a derivative."""
        return rf"\frac{{\partial {self.written_name(of)}}}{{\partial {self.written_name(by)}}}", Level.POWER

    def subscript(self, name: str, of: str) -> Written:
        """Write the name of a number that belongs to another one, such as the new velocity of a weight."""
        letter = latex_name(name)
        base = f"{{{letter}}}" if "_" in letter else letter
        own = of.removesuffix(NEW)
        new = r"^{\text{new}}" if own != of else ""
        return f"{base}{new}_{{{self.written_name(own)}}}", Level.CALL

    def relation(self, relation: str) -> str:
        """Write the sign of a comparison."""
        return _RELATIONS.get(relation, relation)

    def choice(self, yes: Written, condition: str, no: Written) -> str:
        """Write a Conditional."""
        return rf"\begin{{cases}} {yes[0]} & \text{{if }} {condition} \\ {no[0]} & \text{{otherwise}} \end{{cases}}"


def _spelled(character: str) -> str:
    """Return the name of a Greek letter, "_hat" for a circumflex accent, and any other character unchanged."""
    if character == "\N{COMBINING CIRCUMFLEX ACCENT}":
        return "_hat"
    match = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(character, ""))
    if match is None:
        return character
    letter = match[2].lower().replace("lamda", "lambda")  # as Unicode spells it
    letter = letter.capitalize() if match[1] == "CAPITAL" else letter
    return letter if letter in GREEK else character


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a text: plain runs (False), and signs in braces for math mode (True)."""
    run = ""
    for character in unicodedata.normalize("NFC", text):
        sign = _SIGNS.get(character)
        spelled = _spelled(character)
        if sign or spelled != character:
            yield from [(False, run)] if run else []
            run = ""
            yield True, f"{{{sign or chr(92) + spelled}}}"
        else:
            run += _as_text(character)
    yield from [(False, run)] if run else []


def _as_text(character: str) -> str:
    """Return a character for a text: itself, or its code point if it cannot be seen or has a meaning in Markdown."""
    if character.isspace():
        return " "
    return character if character.isprintable() and character != "`" else _code_point(character)


def for_pdflatex(source: str) -> str:
    """Return LaTeX with the code points of letters that the fonts of pdflatex may not have.

    >>> print(for_pdflatex("größe 日"))
    größe U+65E5
    """
    if source.isascii():
        return source
    return "".join(letter if _is_in_fonts(letter) else _code_point(letter) for letter in source)


def _is_in_fonts(character: str) -> bool:
    if character.isascii() or character in _LETTERS:
        return True
    letter = unicodedata.normalize("NFD", character)[0]
    return letter != character and letter.isascii() and ord(character) < 0x100


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
