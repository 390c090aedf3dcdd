"""What a row says of its notation and of other languages: formulas follow, and what is missing is said where asked."""

import math

import pytest
from points import known_to

import viz
from autograd import Value, replay
from autograd.ops import exp, log, sqrt, where
from autograd.symbols.expression import Constant, Operation, Symbol
from autograd.symbols.formulas import JAVASCRIPT, PYTHON, C, value_formula
from autograd.symbols.latex import latex, latex_cases
from autograd.table.op import TABLE, Level, Op
from viz.texts.mathml import mathml, place

X, Y = Symbol("x1"), Symbol("w35")


def made(arity=2, **fields):
    """Return a row that is not in the table."""
    partials = (lambda x, y, z: y, lambda x, y, z: x) if arity == 2 else (lambda x, z: x,)
    fields = {
        "name": "op",
        "value": None,
        "partials": partials,
        "summary": "made up",
        "domain": ((0, 1),) * arity,
    } | fields
    op = Op(**fields)
    TABLE.remove(op)
    return op


HYPOT = made(name="hypot", value=lambda x, y: sqrt(x * x + y * y), latex=r"\sqrt{x^2 + y^2}")
LOGB = made(1, name="logb", latex="logb")
NOWHERE = made(1, name="nowhere")


# --- Notation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notation", "names", "formulas", "squared"),
    [
        ("h", "h(x_{1}, w_{35})", "h(x_{1} + 1, -w_{35})", "(h(x_{1}, w_{35}))^{2}"),
        ("hyp", r"\mathrm{hyp}(x_{1}, w_{35})", r"\mathrm{hyp}(x_{1} + 1, -w_{35})", None),
        ("", r"\mathrm{op}(x_{1}, w_{35})", r"\mathrm{op}(x_{1} + 1, -w_{35})", None),
        (r"\operatorname{xy}", r"\operatorname{xy}(x_{1}, w_{35})", None, None),
        (r"\max", r"\max(x_{1}, w_{35})", r"\max(x_{1} + 1, -w_{35})", None),
        (
            r"\sqrt{#1^2 + #2^2}",
            r"\sqrt{x_{1}^2 + w_{35}^2}",
            r"\sqrt{(x_{1} + 1)^2 + (-w_{35})^2}",
            r"\left(\sqrt{x_{1}^2 + w_{35}^2}\right)^{2}",
        ),
        (r"\sqrt{x^2 + y^2}", r"\sqrt{x_{1}^2 + w_{35}^2}", r"\sqrt{(x_{1} + 1)^2 + (-w_{35})^2}", None),
        (r"\sqrt{{x}^2 + {y}^2}", r"\sqrt{{x_{1}}^2 + {w_{35}}^2}", r"\sqrt{{(x_{1} + 1)}^2 + {(-w_{35})}^2}", None),
        ("#1 + #2^2", "x_{1} + w_{35}^2", "(x_{1} + 1) + (-w_{35})^2", "(x_{1} + w_{35}^2)^{2}"),
        ("x^y", "x_{1}^{w_{35}}", "(x_{1} + 1)^{-w_{35}}", None),
        (r"\mathrm{B}_y(x)", r"\mathrm{B}_{w_{35}}(x_{1})", r"\mathrm{B}_{-w_{35}}(x_{1} + 1)", None),
        (r"\frac{x}{y}", r"\frac{x_{1}}{w_{35}}", r"\frac{x_{1} + 1}{-w_{35}}", None),
        (
            r"\left\lVert(#1, #2)\right\rVert",
            r"\left\lVert(x_{1}, w_{35})\right\rVert",
            r"\left\lVert(x_{1} + 1, -w_{35})\right\rVert",
            r"\left\lVert(x_{1}, w_{35})\right\rVert^{2}",
        ),
        ("|x| + |y|", "|x_{1}| + |w_{35}|", "|x_{1} + 1| + |-w_{35}|", "(|x_{1}| + |w_{35}|)^{2}"),
    ],
)
def test_a_notation_holds_its_operands_or_is_a_function_s_name(notation, names, formulas, squared):
    op = made(latex=notation)
    assert latex(Operation(op, (X, Y))) == names
    if formulas:
        assert latex(Operation(op, (X + 1, -Y))) == formulas
    if squared:
        assert latex(Operation(op, (X, Y)) ** 2) == squared


def test_operands_are_named_as_the_row_s_formulas_name_them():
    partials = (lambda x, alpha, z: alpha, lambda x, alpha, z: x)
    for notation in (r"\alpha x^\alpha", r"alpha x^alpha"):
        assert latex(Operation(made(partials=partials, latex=notation), (X, Y))) == "w_{35} x_{1}^{w_{35}}"
    assert latex(Operation(made(1, latex=r"\Gamma(x)"), (X + 1,))) == r"\Gamma(x_{1} + 1)"
    assert latex(2 * Operation(made(1, latex="x!"), (X,))) == r"2 \cdot (x_{1}!)"


def test_a_sign_before_its_operand_may_have_a_notation_of_its_own():
    negation = made(1, symbol="~", level=Level.SUM, latex=r"\lnot #1")
    assert latex(Operation(negation, (X + 1,))) == r"\lnot (x_{1} + 1)"
    assert latex(2 * Operation(negation, (X,))) == r"2 \cdot (\lnot x_{1})"


def test_notation_as_mathml_with_places_for_names_and_numbers():
    assert mathml(Operation(LOGB, (place("operand0"),))) == (
        '<mrow><mi mathvariant="normal">logb</mi><mo stretchy="false">(</mo><mrow data-place="operand0" />'
        '<mo stretchy="false">)</mo></mrow>'
    )
    assert mathml(Operation(HYPOT, (place("value0"), place("operand1")))) == (
        '<msqrt><mrow><msup><mrow data-place="value0" data-fenced="" /><mn>2</mn></msup><mo>+</mo>'
        '<msup><mrow data-place="operand1" /><mn>2</mn></msup></mrow></msqrt>'
    )


@pytest.mark.parametrize(
    ("arity", "fields", "message"),
    [
        (1, {"latex": "#1 + #2"}, r"the LaTeX of op, #1 \+ #2, has #2, but op has 1 operand\. Write .* as #1\."),
        (2, {"latex": "#3"}, r"the LaTeX of op, #3, has #3, but op has 2 operands\. Write .* as #1 and #2\."),
        (2, {"words": {"java": "op"}}, "the row op has a word for 'java'; the languages are python, numpy, c, "),
    ],
)
def test_a_row_that_cannot_be_written_is_refused_when_it_is_made(arity, fields, message):
    rows = len(TABLE)
    with pytest.raises(ValueError, match=message):
        made(arity, **fields)
    assert len(TABLE) == rows


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "written"),
    [
        (PYTHON, "sqrt(x * x + y * y)"),
        (C, "sqrt(x * x + y * y)"),
        (JAVASCRIPT, "Math.sqrt(x * x + y * y)"),
    ],
)
def test_what_has_a_formula_follows_from_it_in_every_language(language, written):
    assert language.text(value_formula(HYPOT)) == written


def test_a_primitive_is_called_by_its_name_where_the_language_has_it_else_the_row_is_asked_for_it():
    assert C.text(value_formula(LOGB)) == "logb(x)"
    with pytest.raises(ValueError, match="JavaScript") as raised:
        JAVASCRIPT.text(1 + value_formula(NOWHERE))
    assert str(raised.value) == (
        "JavaScript has no function nowhere. Add one to the row of nowhere in autograd/ops.py: "
        "words={'javascript': ...}, a function of JavaScript or a formula of other operations. "
        "Or give the row a value, which is a formula for every language."
    )
    with pytest.raises(ValueError, match=r"autograd/table/ieee.py has no function nowhere. Write it there, or give"):
        PYTHON.text(value_formula(NOWHERE))


@pytest.mark.parametrize("language", [C, JAVASCRIPT], ids=lambda language: language.title)
def test_a_language_computes_every_row(language):
    assert known_to(language) == TABLE


def test_a_row_s_word_is_a_function_or_a_formula_and_goes_before_all_else():
    words = {"c": "my_log", "javascript": lambda x: log(x / 2) * where(x > 0, 1, exp(x))}
    op = made(1, value=lambda x: log(x), words=words)
    assert C.text(value_formula(op)) == "my_log(x)"
    assert JAVASCRIPT.text(value_formula(op)) == "Math.log(x / 2.0) * (x > 0.0 ? 1.0 : Math.exp(x))"
    assert PYTHON.text(value_formula(op)) == "log(x)"
    assert PYTHON.text(Constant(math.inf) / X) == "divide(INFINITY, x1)"


def test_a_page_asks_only_for_the_operations_of_its_graph(monkeypatch):
    monkeypatch.setattr(JAVASCRIPT, "functions", JAVASCRIPT.functions - {"tan"})
    x = Value(0.5, "x")
    with pytest.raises(ValueError, match=r"JavaScript has no function tan\. Add one to the row of tan"):
        viz.player(x.tan() + 1)
    assert "Math.tanh(x)" in viz.player(x.tanh() + 1).html


def test_source_asks_only_for_the_operations_of_its_recording(monkeypatch):
    monkeypatch.setattr(C, "functions", C.functions - {"tan"})
    bent, flat = replay(lambda x: x.tan()), replay(lambda x: x.tanh())
    assert (bent(Value(0.5)).data, flat(Value(0.5)).data) == (math.tan(0.5), math.tanh(0.5))
    with pytest.raises(ValueError, match=r"C99 has no function tan\. Add one to the row of tan"):
        bent.source("c")
    assert "tan(x)" in bent.source()
    assert "tanh(x)" in flat.source("c")


def test_a_plot_writes_the_notation():
    assert latex_cases(Operation(HYPOT, (X, Y))) == [(r"\sqrt{x_{1}^2 + w_{35}^2}", "")]
