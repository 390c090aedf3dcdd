"""Derivations: text read back by sympy, LaTeX exactly, and compiled by pdflatex where it is installed."""

import copy
import math
import pickle
import random
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, constant, ops, parameter, replay
from autograd.symbols.expression import Constant, Derivative, NamedFunction, Operation, Symbol
from autograd.symbols.latex import latex, latex_name, latex_prose
from autograd.symbols.substitution import evaluated
from autograd.table.op import TABLE
from nn import SGD, Exercise, relu_exercise, second_exercise, sigmoid_exercise
from nn.activations import ACTIVATIONS, activation
from nn.exchange.files import write_file
from nn.exercises.given import Choice
from nn.exercises.ready import batch_exercise, mazur_exercise, softmax_exercise
from nn.exercises.sheet import definition
from viz import derivation, to_tikz
from viz.commands.cli import main
from viz.texts.derivations import FORMS
from viz.texts.mathml import name_mathml
from viz.texts.rows import EquationLine, blocks

X, Y, Z = Symbol("x"), Symbol("y"), Symbol("z")
ODD = "100%_#&{}\\~^$"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (X - (Y - Z), "x - (y - z)"),
        (X - Y - Z, "x - y - z"),
        (X + (Y + Z), "x + (y + z)"),
        (X * (Y * Z), r"x \cdot (y \cdot z)"),
        ((X + Y) * Z, r"(x + y) \cdot z"),
        (X * -Y, r"x \cdot (-y)"),
        (X - (-Y), "x - (-y)"),
        (-(X + Y), "-(x + y)"),
        (X / (Y * Z), r"\frac{x}{y \cdot z}"),
        (X / Y / Z, r"\frac{\frac{x}{y}}{z}"),
        ((X + Y) / (Y - Z), r"\frac{x + y}{y - z}"),
        (X * (Y / Z), r"x \cdot \frac{y}{z}"),
        (-(X / Y), r"-\frac{x}{y}"),
        ((X / Y) ** 2, r"\left(\frac{x}{y}\right)^{2}"),
        ((-X) ** 2, "(-x)^{2}"),
        (-(X**2), "-x^{2}"),
        (Constant(-2.0) ** 2, "(-2)^{2}"),
        (X ** (Y**Z), "x^{y^{z}}"),
        ((X**Y) ** Z, "(x^{y})^{z}"),
        (X ** (Y + 1), "x^{y + 1}"),
        (X**-1, "x^{-1}"),
        (X.exp() ** 2, "(e^{x})^{2}"),
        ((X + Y).exp(), "e^{x + y}"),
        (X.tanh() ** 2, r"(\tanh(x))^{2}"),
        (X.sqrt() + (X * Y).sqrt(), r"\sqrt{x} + \sqrt{x \cdot y}"),
        (abs(X - Y) ** 2, r"\left|{x - y}\right|^{2}"),
        ((X / Y).log(), r"\ln\left(\frac{x}{y}\right)"),
        (X.sigmoid() * X.relu(), r"\sigma(x) \cdot \mathrm{ReLU}(x)"),
        (X.maximum(Y + 1), r"\max(x, y + 1)"),
        (X.maximum(Y).maximum(Z) - X, r"\max(x, y, z) - x"),
        (X.maximum(Y).minimum(Z), r"\min(\max(x, y), z)"),
        (X.maximum(X.maximum(Y) ** 2), r"\max(x, (\max(x, y))^{2})"),
        (X.asin(), r"\arcsin(x)"),
        (X.log1p(), r"\mathrm{log1p}(x)"),
        (NamedFunction("sigma'", X / 2) * Y, r"\sigma'\left(\frac{x}{2}\right) \cdot y"),
        (NamedFunction("F'", Symbol("x3")), "F'(x_{3})"),
        (Derivative("loss", "w35") * X, r"\frac{\partial \text{loss}}{\partial w_{35}} \cdot x"),
        (
            ops.relu.partials[0](X, Z) * Y,
            r"\left(\begin{cases} 0 & \text{if } x \le 0 \\ 1 & \text{otherwise} \end{cases}\right) \cdot y",
        ),
        (Constant(1e-9) ** 2, r"(1 \cdot 10^{-9})^{2}"),
        (X * Constant(-2.5e20), r"x \cdot (-2.5 \cdot 10^{20})"),
        (X + Constant(-math.inf), r"x + (-\infty)"),
        (Constant(math.nan) * X, r"\mathrm{nan} \cdot x"),
    ],
)
def test_an_expression_in_latex(formula, expected):
    assert latex(formula) == expected


def test_numbers_stand_in_parentheses_where_they_are_negative():
    numbers = {"x": -1, "y": -3.0, "z": 1 / 3}
    assert latex(X * Y + Z, numbers) == r"(-1) \cdot (-3) + 0.333333"
    assert latex(X**2 / Y, numbers, digits=3) == r"\frac{(-1)^{2}}{-3}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *[("x", "x"), ("w35", "w_{35}"), ("x_0", "x_{0}"), ("w1_0_3", "w_{1,0,3}"), ("w[0]", "w_{0}")],
        *[("w[0][12]", "w_{0,12}"), ("eta", r"\eta"), ("delta5", r"\delta_{5}"), ("δ5", r"\delta_{5}")],
        *[
            ("λ", r"\lambda"),
            ("αβ", r"{\alpha}{\beta}"),
            ("dw1_0_3", "dw_{1,0,3}"),
            ("yhat", r"\hat{y}"),
            ("ŷ", r"\hat{y}"),
            ("dz2", "dz_{2}"),
        ],
        *[("s[2](1)", "s^{[2](1)}"), ("z[12]_3_4", "z^{[12]}_{3,4}")],
        *[("w_hat3", r"\hat{w}_{3}"), ("what", r"\text{what}"), ("loss", r"\text{loss}")],
        *[("hidden3", r"\text{hidden}_{3}"), ("the target", r"\text{the target}"), ("x_", r"\text{x}{\_}")],
        ("x\N{ARABIC-INDIC DIGIT THREE}\x07", "\\text{x\N{ARABIC-INDIC DIGIT THREE}U+0007}"),
        (ODD, r"\text{100}{\%}{\_}{\#}{\&}{\lbrace}{\rbrace}{\backslash}{\sim}{\wedge}{\$}"),
        *[("a<b", r"\text{a}{<}\text{b}"), ("naïve\n日", r"\text{naïve 日}"), ("", r"\text{}")],
    ],
)
def test_a_name_in_latex(name, expected):
    assert latex_name(name) == expected


@given(
    st.text(max_size=30) | st.from_regex(r"[a-zδ]?[A-Z]{0,2}(\[1\])?_?[0-9a-z]{0,3}(\(\d\))?(_new)?", fullmatch=True)
)
def test_no_name_brings_anything_but_signs_that_are_listed(name):
    for written in (latex_name(name), latex_prose(name)):
        listed = r"\\(?:text|hat|ensuremath|lbrace|rbrace|backslash|sim|wedge|vert|[%_#&$])(?![A-Za-z])"
        greek = r"\\(?:[a-z]*(?:eta|lpha|amma|elta|silon|ota|ppa|mbda|mu|nu|xi|pi|rho|gma|tau|phi|chi|psi|mega))"
        left = re.sub(rf"{listed}|{greek}(?![A-Za-z])", "", written)
        left = re.sub(r"\^\{(?:\[\d+\])?(?:\(\d+\))?,?(?:\{new\})?\}|_\{\{[A-Za-z0-9]+\}\}", "", left)
        assert not set(left) & set("\\%#&$~^\n\r\t")
        depth = 0
        for brace in re.findall("[{}]", left):
            depth += 1 if brace == "{" else -1
            assert depth >= 0
        assert depth == 0
        assert "_" not in re.sub(r"_\{\d+(?:,\d+)*\}", "", left)


# --- Text, read back -------------------------------------------------------------------------------------------------


def lines_of(text):
    """Return the lines of a derivation as (name, parts), with derivatives and primes as names that sympy reads."""
    for line in text.splitlines():
        match = re.fullmatch(r"(\S+) +\+?= (.*)", line)
        if match:
            name, *parts = [
                re.sub(r"d(\w+)/d(\w+)", r"D_\1_\2", part).replace("'", "_prime")
                for part in (match[1], *match[2].split(" = "))
            ]
            yield name, parts


def sigma(x):
    return 1 / (1 + sympy.exp(-x))


FUNCTIONS = {
    "F": lambda x: sympy.Max(x, 0),
    "F_prime": lambda x: sympy.Integer(1 if x > 0 else 0),
    "sigma": sigma,
    "sigma_prime": lambda x: sigma(x) * (1 - sigma(x)),
    "sigmoid": sigma,
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "maximum": sympy.Max,
}


def value_of(part, known):
    return float(sympy.sympify(part, locals=FUNCTIONS | known))


def close(number, shown):
    return math.isclose(number, float(shown), rel_tol=2e-4, abs_tol=2e-5)


@pytest.mark.parametrize(
    "exercise",
    [
        relu_exercise(),
        second_exercise(),
        sigmoid_exercise(),
        Exercise({"w12": 2, "w13": -1}, [3], [5, 0], 0.1, activation="linear"),
    ],
    ids=lambda exercise: exercise.title,
)
def test_symbols_and_numbers_of_every_line_of_an_exercise_give_its_result(exercise):
    known = {**exercise.inputs_by_name, **exercise.weights, **exercise.biases, **exercise.targets, "eta": exercise.eta}
    known = {name: sympy.Float(number) for name, number in known.items()}
    functions = {"F": lambda x: x, "F_prime": lambda _: sympy.Integer(1)} if exercise.activation == "linear" else {}
    seen = set()
    for name, parts in lines_of(derivation(exercise, "text")):
        for part in parts[:-1]:
            assert close(value_of(part, known | functions), parts[-1]), (name, part)
        known[name] = sympy.Float(parts[-1])
        seen.add(name)
    solution = exercise.solve()
    assert seen == {line.name.replace("'", "_prime") for line in solution.lines}


UNARY = ["neg", "tanh", "sigmoid", "sin", "cos", "atan", "softplus", "exp"]


def random_value(generator, leaves):
    made = list(leaves)
    for _ in range(12):
        x, y = generator.choice(made), generator.choice(made)
        kind = generator.randrange(6)
        if kind == 0:
            made.append(getattr(x, generator.choice(UNARY))())
        elif kind == 1:
            made.append(x**2)
        else:
            made.append([x + y, x - y, x * y, x / (2 + y.tanh())][kind - 2])
        if abs(made[-1].data) > 20:
            made.pop()
    total = autograd.sum(made)
    total.label = "loss"
    return total


@pytest.mark.parametrize("seed", range(12))  # the first 8 have every operation of `random_value`
def test_the_lines_of_a_pass_follow_from_each_other_and_end_in_what_sympy_differentiates(seed):
    generator = random.Random(seed)
    leaves = [Value(round(generator.uniform(-1.5, 1.5), 2), name) for name in ("x", "w1", "b[2]")]
    leaves[2].label = "b2"
    loss = random_value(generator, leaves)
    known = {leaf.label: sympy.Float(leaf.data) for leaf in leaves}
    formulas = {leaf.label: sympy.Symbol(leaf.label) for leaf in leaves}
    for name, parts in lines_of(derivation(loss, "text")):
        for part in parts[:-1]:
            assert close(value_of(part, known), parts[-1]), (name, parts)
        known[name] = sympy.Float(parts[-1])
        if not name.startswith("D_"):
            formulas[name] = sympy.sympify(parts[0], locals=FUNCTIONS | formulas)
    for leaf in leaves:
        slope = sympy.diff(formulas["loss"], sympy.Symbol(leaf.label)).subs({x.label: x.data for x in leaves})
        assert math.isclose(known[f"D_loss_{leaf.label}"], float(slope), rel_tol=1e-3, abs_tol=1e-3)


def test_a_pass_with_an_optimizer_line_by_line():
    x, w = Value(3, "x"), parameter(-2, "w")
    loss = (x * w + x) ** 2
    loss.label = "loss"
    w.grad = 7.0
    assert derivation(loss, "text", optimizer=SGD([w], lr=0.01)) == (
        "The forward and backward pass of loss\n"
        "=====================================\n\n"
        "Given\n"
        "-----\n"
        "numbers  x = 3, w = -2, lr = 0.01\n\n"
        "Loss\n"
        "----\n"
        "loss = (x*w + x)**2 = (3*(-2) + 3)**2 = 9\n\n"
        "Backward\n"
        "--------\n"
        "dloss/dx = 2*(x*w + x)*w + 2*(x*w + x) = 2*(3*(-2) + 3)*(-2) + 2*(3*(-2) + 3) = 6\n"
        "dloss/dw = 2*(x*w + x)*x = 2*(3*(-2) + 3)*3 = -18\n\n"
        "Update\n"
        "------\n"
        "w_new = w - lr*dloss/dw = -2 - 0.01*(-18) = -1.82\n"
    )
    assert (w.data, w.grad, x.has_grad, loss.has_grad) == (-2.0, 7.0, False, False)


# --- Files -----------------------------------------------------------------------------------------------------------


def test_the_worked_exercise_as_latex():
    rows = derivation(relu_exercise()).splitlines()
    assert rows[0] == r"\documentclass[fleqn]{article}"
    assert rows[-1] == r"\end{document}"
    for row in (
        r"\section*{The worked exercise: 2-2-1, F = ReLU}",
        r"x_{3} &= x_{1} \cdot w_{13} + x_{2} \cdot w_{23} = 1 \cdot 2 + (-1) \cdot (-3) = 5 \\",
        r"y_{4} &= F(x_{4}) = F(-3) = 0 \\",
        r"\text{loss} &= \frac{1}{2} \cdot (y_{5} - y)^{2} = \frac{1}{2} \cdot (10 - 0)^{2} = 50",
        r"\delta_{5} &= (y_{5} - y) \cdot F'(x_{5}) = (10 - 0) \cdot F'(10) = 10 \\",
        r"w^{\text{new}}_{35} &= w_{35} - \eta \cdot \delta_{5} \cdot y_{3} = 2 - 0.1 \cdot 10 \cdot 5 = -3 \\",
    ):
        assert row in rows


def test_the_sigmoid_exercise_as_markdown():
    text = derivation(sigmoid_exercise(), "markdown")
    assert text.startswith(
        "# The 4-5-1 network: sigma = sigmoid, binary cross-entropy\n\n## Given\n\n**inputs** $x_{0} = "
    )
    assert "\n\n**target** $y = 1$\n\n**learning rate** $\\eta = 0.5$\n" in text
    assert "\n\n## Forward\n\n$$\n" in text
    assert "| weight | before | gradient | after |\n| --- | ---: | ---: | ---: |\n| $w_{1,0,0}$ | 0.2 | " in text
    assert r"l &= -y \cdot \ln(\hat{y}) - (1 - y) \cdot \ln(1 - \hat{y}) = " in text
    assert (
        r"dz_{1,0} &= w_{2,0} \cdot dz_{2} \cdot \sigma'(z_{1,0}) = 0.4 \cdot (-0.315566) \cdot \sigma'(1.25)" in text
    )
    assert text.count("$$") % 2 == 0
    for refused in (r"\\", r"\operatorname"):  # GitHub halves the one and forbids the other
        assert refused not in text


def test_markdown_has_the_network_after_what_is_given():
    text = derivation(Exercise({"w12": 2, "w23": -1}, inputs=[1], target=1, eta=0.5, activation="tanh"), "markdown")
    start = text.index("flowchart LR")
    assert text[start : text.index("## Forward")].splitlines() == [
        "flowchart LR",
        '    unit0(("x1=1"))',
        '    unit1(["x2<br/>y2"])',
        '    unit2(["x3<br/>y3"])',
        '    unit3["loss"]',
        '    unit0 ---|"w12=2"| unit1',
        '    unit1 -.-|"w23=-1"| unit2',
        '    unit2 -->|"y=1"| unit3',
        "    classDef inputUnit fill:#DDEBF7,stroke:#1a1a1a,color:#1a1a1a",
        "    class unit0 inputUnit",
        "    classDef hiddenUnit fill:#FFFFFF,stroke:#1a1a1a,color:#1a1a1a",
        "    class unit1 hiddenUnit",
        "    classDef outputUnit fill:#E8F4E4,stroke:#1a1a1a,color:#1a1a1a",
        "    class unit2 outputUnit",
        "    classDef lossUnit fill:#FFF0CC,stroke:#1a1a1a,color:#1a1a1a",
        "    class unit3 lossUnit",
        "    linkStyle 0 stroke:#0072B2,stroke-width:3.8px,color:#004B76",
        "    linkStyle 1 stroke:#D55E00,stroke-width:2.2px,color:#A23B00",
        "    linkStyle 2 stroke:#888888,stroke-width:0.6px,color:#444444",
        "```",
        "",
    ]
    assert text[:start].splitlines()[-2] == "```mermaid"


def test_a_title_does_not_break_markdown_or_latex():
    exercise = Exercise({"w12": 2}, [3], 0, 0.1, title="# 100% *of* $x$ \\ <b>")
    assert derivation(exercise, "markdown").startswith("# \\# 100% \\*of\\* \\$x\\$ \\\\ \\<b\\>\n")
    title = r"\ensuremath{\#} 100\ensuremath{\%} *of* \ensuremath{\$}x\ensuremath{\$} \ensuremath{\backslash}"
    assert title in derivation(exercise)


def test_every_line_of_the_slides_appears_after_the_one_before():
    slides = derivation(sigmoid_exercise(), "beamer")
    frames = re.findall(r"\\begin\{align\*\}(.*?)\\end\{align\*\}", slides, re.DOTALL)
    shown = 0
    for frame in frames:
        places = [int(place) for place in re.findall(r"^\\uncover<(\d+)->", frame, re.MULTILINE)]
        assert sorted(places) == places
        assert set(places) == set(range(1, max(places) + 1))
        shown += max(places)
    assert shown == len(sigmoid_exercise().solve().lines)
    assert len(frames) == 7


def test_the_slides_begin_with_the_title_the_network_and_what_is_given():
    slides = derivation(relu_exercise(), "beamer")
    assert slides.startswith(r"\documentclass[fleqn,10pt,aspectratio=169]{beamer}")
    frames = re.findall(r"\\begin\{frame\}(?:\[\w+\])?(?:\{(.*)\})?", slides)
    assert frames == ["", "The network", "Given", "Forward, Loss, Backward", "Backward", "Weights before and after"]
    assert slides.index(r"\begin{tikzpicture}") < slides.index(r"\textbf{inputs}") < slides.index(r"\uncover")


def test_the_lines_of_a_slide_can_appear_at_once():
    slides = derivation(relu_exercise(), "beamer", at_once=True)
    assert slides.startswith(r"\documentclass[fleqn,10pt,aspectratio=169,handout]{beamer}")
    assert slides.replace(",handout", "") == derivation(relu_exercise(), "beamer")
    loss = (Value(2, "x") - 1) ** 2
    assert ",handout]" in derivation(loss, "beamer", at_once=True)
    with pytest.raises(ValueError, match="^at_once is for slides: expected the form 'beamer' with it, got 'latex'.$"):
        derivation(loss, at_once=True)


def pages(folder, source):
    """Return the number of pages, from the log of pdflatex; nothing may be too wide or too high."""
    log = compiled_log(source, folder)
    assert "Overfull" not in log
    return int(re.search(r"\((\d+) pages", log)[1])


def wide_network():
    """Return an exercise with 12 inputs, 12 hidden units and one output."""
    weights = [[[0.1] * 12] * 12, [[0.1] * 12]]
    return Exercise(weights, [1] * 12, 0, 0.1, activation="tanh", output_activation="linear")


def test_slides_that_appear_at_once_have_a_page_each(tmp_path):
    if not has_beamer():
        pytest.skip("beamer.cls is not installed: the slides are not compiled")
    slides = derivation(relu_exercise(), "beamer", at_once=True)
    assert pages(tmp_path, slides) == slides.count(r"\begin{frame}")
    assert pages(tmp_path, derivation(relu_exercise(), "beamer")) > 2 * slides.count(r"\begin{frame}")
    adam = {"adam": {"weight_decay": "1/10"}}
    for subject in (relu_exercise(), batch_exercise(), replace(batch_exercise(), exact=True)):
        exercise = replace(subject, optimizer=adam)
        for matrices in (False, True):
            assert pages(tmp_path, derivation(exercise, "beamer", matrices=matrices, at_once=True)) > 8
    tall = derivation(replace(sigmoid_exercise(), optimizer="adam"), "beamer", matrices=True, at_once=True)
    assert pages(tmp_path, tall) > 20
    assert pages(tmp_path, derivation(wide_network(), "beamer", at_once=True)) > 20


@pytest.mark.parametrize("exercise", [relu_exercise, sigmoid_exercise, mazur_exercise, softmax_exercise, wide_network])
def test_the_network_on_a_slide_can_be_read(exercise):
    """Its letters have 10 points before they are scaled, and at least 8 after."""
    slides = derivation(exercise(), "beamer")
    picture = slides[slides.index(r"\scalebox") : slides.index(r"\end{tikzpicture}")]
    assert r"\fontsize{10}" in picture
    assert float(re.match(r"\\scalebox\{([\d.]+)\}", picture)[1]) >= 0.8
    assert ("8 more" in picture) == (exercise is wide_network)


GIVEN_OF_SOFTMAX = """\
Given
-----
inputs         x1 = 1, x2 = 1
weights        W[1]_11 = 0.5, W[1]_12 = -0.3, W[1]_21 = 0.2, W[1]_22 = 0.8, W[2]_11 = 0.6,
               W[2]_12 = -0.4, W[2]_21 = -0.7, W[2]_22 = 0.9, W[2]_31 = 0.3, W[2]_32 = 0.1
biases         b[1]_1 = 0.1, b[1]_2 = -0.2, b[2]_1 = 0, b[2]_2 = 0.1, b[2]_3 = -0.1
target         the right class is output 2 of 3: t1 = 0, t2 = 1, t3 = 0
learning rate  eta = 0.1
optimizer      gradient descent
loss           cross-entropy: L = -(t1*log(a[2]_1) + t2*log(a[2]_2) + t3*log(a[2]_3))
activation     tanh in the hidden layer: F(x) = tanh(x), F'(x) = 1 - tanh(x)**2
activation     softmax in the output layer: softmax_i = exp(z_i)/(exp(z_1) + exp(z_2) + exp(z_3))
"""


def test_a_text_says_what_is_given_and_ends_with_the_weights_before_and_after():
    text = derivation(softmax_exercise(), "text")
    assert GIVEN_OF_SOFTMAX in text
    assert derivation(relu_exercise(), "text").endswith(
        "Weights before and after\n"
        "------------------------\n"
        "weight  before  gradient  after\n"
        "w13          2        20      0\n"
        "w23         -3       -20     -1\n"
        "w14          1         0      1\n"
        "w24          4         0      4\n"
        "w35          2        50     -3\n"
        "w45         -1         0     -1\n"
    )


def given_rows(exercise):
    return derivation(exercise, "text").split("\n\n")[1].splitlines()[2:]


def test_fixed_biases_settings_fractions_and_examples_are_said():
    assert "fixed biases   b1 = 0.35, b2 = 0.6" in given_rows(mazur_exercise())
    exercise = Exercise(
        [[["1/3"], [1]], [[1, 1]]],
        [[1], [2]],
        [0, 1],
        0.1,
        activation=[{"leaky_relu": {"slope": 0.1}}, "prelu"],
        optimizer={"sgd": {"momentum": 0.9}},
        update="each",
    )
    rows = given_rows(exercise)
    assert "weights        W[1]_11 = 1/3, W[1]_21 = 1, W[2]_11 = 1, W[2]_12 = 1" in rows
    assert rows[2:] == [
        "learned        alpha = 0.25",
        "target         y(1) = 0, y(2) = 1",
        "learning rate  eta = 0.1",
        "optimizer      gradient descent with momentum;",
        "               each weight and bias has its own velocity (at first 0); mu is the momentum: mu = 0.9",
        "loss           half squared error: loss = 1/2*(a[2]_1 - y)**2",
        "update         one example after the other",
        "activation     leaky_relu in the hidden layer: F(x) = x if x > 0 else 0.1*x,",
        "               F'(x) = 1 if x > 0 else 0.1",
        "activation     prelu in the output layer: G(x) = x if x > 0 else alpha*x,",
        "               G'(x) = 1 if x > 0 else alpha",
    ]
    exercise = Exercise({"w12": 1}, [1], 0, 0.1, optimizer="adam")
    assert given_rows(exercise)[4:8] == [
        "optimizer      Adam; each weight and bias has its own m (at first 0) and v (at first 0);",
        "               t counts the updates: epsilon = 1e-08, beta1 = 0.9, beta2 = 0.999",
        "loss           half squared error: loss = 1/2*(y2 - y)**2",
        "activation     relu in the output layer: F(x) = max(0, x), F'(x) = 0 if x <= 0 else 1",
    ]
    optimizer = {"sgd": {"momentum": "1/3", "nesterov": True, "weight_decay": 0.01}}
    exercise = Exercise({"w12": 1}, [1], 0, 0.1, activation="softplus", optimizer=optimizer)
    assert given_rows(exercise)[4:9] == [
        "optimizer      gradient descent with Nesterov's momentum and weight decay;",
        "               each weight and bias has its own velocity (at first 0);",
        "               decay is the weight decay and mu is the momentum: decay = 0.01, mu = 1/3",
        "loss           half squared error: loss = 1/2*(y2 - y)**2",
        "activation     softplus in the output layer: F(x) = log(1 + exp(x)), F'(x) = 1/(1 + exp(-x))",
    ]
    optimizer = {"adam": {"betas": ["1/3", 0.5]}}
    rows = given_rows(Exercise({"w12": 1}, [1], 1, 0.1, loss="hinge", activation="elu", optimizer=optimizer))
    assert "loss           hinge: loss = max(0, 1 - y*y2)" in rows
    assert "F(x) = exp(x) - 1 if x <= 0 else x" in "".join(rows)
    assert "beta1 = 1/3, beta2 = 0.5" in "".join(rows)
    exercise = Exercise({"w12": 1}, [[1], [2]], [0, 1], 0.1, update="sum")
    rows = given_rows(exercise)
    assert "loss           half squared error, of the first example: loss(1) = 1/2*(y2(1) - y(1))**2" in rows
    assert "update         the sum of the gradients of 2 examples" in rows


def test_the_weights_of_an_exact_exercise_are_fractions_in_the_table_too():
    exercise = Exercise({"w12": "1/3", "w23": 2}, [1], 0, 0.1, exact=True)  # the updates have both gradients inside
    assert derivation(exercise.iterate(2), "text").endswith(
        "weight  before  last gradient         after\n"
        "w12        1/3     7921/10125  12329/101250\n"
        "w23          2        89/1125     7387/3750\n"
    )
    row = r"$w_{12}$ & $\frac{1}{3}$ & $\frac{4}{3}$ & $\frac{1}{5}$ \\"
    assert row in derivation(exercise, "latex")
    assert derivation(replace(exercise, exact=False), "text").endswith("w23            2  0.222222  1.97778\n")


def test_the_table_of_weights_shows_a_small_change():
    exercise = Exercise({"w12": 1e6}, [1], 999999, 1e-8, activation="linear")
    row = ["1000000", "1", "999999.99999999"]
    assert derivation(exercise, "text").split()[-3:] == row
    assert f"| $w_{{12}}$ | {' | '.join(row)} |" in derivation(exercise, "markdown")
    assert rf"$w_{{12}}$ & ${'$ & $'.join(row)}$ \\" in derivation(exercise)


def test_an_exact_exercise_computes_with_the_fractions_of_its_optimizer():
    optimizer = {"sgd": {"momentum": "1/3", "weight_decay": "1/7"}}
    exercise = Exercise({"w12": 1}, [1], 0, "1/2", optimizer=optimizer, exact=True)
    lines = {line.name: str(line) for line in exercise.solve().lines}
    assert lines["g_w12"] == "g_w12 = dw12 + decay*w12 = 1 + 1/7*1 = 8/7"
    assert lines["w12_new"] == "w12_new = w12 - eta*velocity_w12_new = 1 - 1/2*(8/7) = 3/7"


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if row.function])
def test_the_definitions_of_an_activation_are_its_value_and_its_slope(name):
    value, slope = (right for _, right in definition("F", Choice(name, {})))
    for x in (-1.5, 0.0, 2.0):
        point = Value(x, "x")
        found = activation(name).function(point)
        (found + 0).backward()
        known = {"x": x, "alpha": 0.25}
        assert evaluated(value, known) == pytest.approx(found.data, rel=1e-12)
        assert evaluated(with_name(slope), known | {"F": found.data}) == pytest.approx(point.grad, rel=1e-12)


def with_name(formula):
    """Return a formula with F in place of F(x)."""
    match formula:
        case NamedFunction("F", _):
            return Symbol("F")
        case Operation(op, operands):
            return Operation(op, tuple(map(with_name, operands)))
    return formula


def test_an_iteration_of_one_example_says_which():
    exercise = Exercise({"w12": 1}, [[1], [2]], [0, 1], 0.1, update="each")
    text = derivation(exercise.iterate(3), "text")
    headings = re.findall(r"^(Iter.*): Forward$", text, re.MULTILINE)
    assert headings == [f"Iteration {n}: example {place} of 2" for n, place in ((1, 1), (2, 2), (3, 1))]
    assert "\nExample 1 of 2: Forward\n" in derivation(exercise, "text")
    assert "\nWeights before and after 3 iterations\n" in text


def test_iterations_have_headings_of_their_own():
    text = derivation(relu_exercise().iterate(2), "text")
    assert re.findall(r"^Iteration .*", text, re.MULTILINE) == [
        f"Iteration {number}: {part}" for number in (1, 2) for part in ("Forward", "Loss", "Backward")
    ]


def test_a_replay_is_named():
    @replay
    def square(x):
        return x * x

    y = square(Value(3, "x"))
    y.label = "y"
    assert "y = replay(x) = 9\n" in derivation(y, "text")
    assert r"\frac{\partial y}{\partial x} &= 6" in derivation(y)


@given(st.integers(12, 80), st.lists(st.sampled_from(["x1", "y", "delta5", "loss"]), min_size=2, max_size=40))
def test_rows_joined_are_the_line(width, names):
    total = Symbol(names[0])
    for place, name in enumerate(names[1:]):
        total = [total + Symbol(name), total - Symbol(name) * Y, (total + X) * Symbol(name)][place % 3]
    line = EquationLine("y", (latex(total), "1"))
    [[rows]] = blocks([line], width)
    assert " ".join(rows.rights).replace(r"\quad {} ", "") == f"= {line.parts[0]} = 1"


def test_what_is_no_subject_or_form_is_refused():
    with pytest.raises(ValueError, match=f"expected {', '.join(FORMS)} as the form of a derivation, got 'html'"):
        derivation(relu_exercise(), "html")
    with pytest.raises(TypeError, match="^expected a Value, an Exercise, a Solution or a list of Solutions, got float"):
        derivation(3.0)
    with pytest.raises(TypeError, match="got list"):
        derivation([])
    with pytest.raises(ValueError, match="its own eta; give no optimizer"):
        derivation(relu_exercise(), optimizer=SGD([parameter(1)], lr=1))
    with pytest.raises(ValueError, match="not computed from any Value that varies"):
        derivation(constant(3) * 2)


# --- The command -----------------------------------------------------------------------------------------------------


def test_the_command_writes_the_derivation_and_says_where(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "--second", "--eta", "0.5", "--text", "a", "--latex"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == ["The derivation is in exercise-solution.tex", "The derivation is in a.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "exercise-solution.tex"]
    assert "b3_new = b3 - eta*delta3 = 0.1 - 0.5*(-0.24) = 0.22\n" in (tmp_path / "a.txt").read_text()
    assert main(["exercise", "--sigmoid", "--iterations", "2", "--json", "--beamer", "--markdown", "b.markdown"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "The derivation of 2 iterations is in exercise-slides.tex",
        "The derivation of 2 iterations is in b.markdown",
    ]
    assert "## Iteration 2: Loss" in (tmp_path / "b.markdown").read_text()
    assert main(["exercise", "--text", "no/where.txt"]) == 1
    assert "gradstep: the folder no does not exist; make it first" in capsys.readouterr().err


def test_a_file_is_written_whole_or_left_as_it_was(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")
    path.chmod(0o640)
    with pytest.raises(TypeError):
        write_file(path, "no bytes")
    assert path.read_text() == "before"
    write_file(path, b"after")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("after", 0o640)
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    write_file(link, b"through the link")
    assert (path.read_text(), link.is_symlink()) == ("through the link", True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.txt", "link.txt"]


# --- TeX -------------------------------------------------------------------------------------------------------------


def with_every_operation():
    x, odd, w = Value(0.3, "x"), Value(1.2, ODD), parameter(0.7, "w35")
    total = Value(1.0, "the start")
    for op in TABLE:
        total = total + (op(x) if op.arity == 1 else op(odd, w))
    total.label = "loss"
    return total


LABELS = [ODD, *"%_#&{}\\~^$\"'`<>|[]@*", "", "a\nb", "\\input{x}", "日本", "naïve", "θ_hat", "δ12", "$x$", "--"]


def with_every_label():
    leaves = [Value(number, label) for number, label in enumerate(LABELS, start=1)]
    return autograd.sum([leaf * leaves[0] for leaf in leaves])


SUBJECTS = {
    "relu": lambda: relu_exercise().iterate(2),
    "second": second_exercise,
    "sigmoid": sigmoid_exercise,
    "softmax": softmax_exercise,
    "batch": batch_exercise,
    "operations": with_every_operation,
    "labels": with_every_label,
    "many inputs": lambda: Exercise({f"w{k}_99": k / 7 for k in range(1, 60)}, [1.5] * 59, 0, 0.1),
    "many outputs": lambda: Exercise({f"w1_{k}": k / 7 for k in range(2, 14)}, [3], list(range(2, 14)), 0.1),
}


LINE_AFTER_LINE = {"relu", "second"}
"""Whose frames are compiled slide after slide; the 500 slides of the others would take 10 seconds."""


def compiled_log(source, folder):
    """Compile a LaTeX file, stopping at the first error, and return what pdflatex says about what does not fit."""
    (folder / "a.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "a.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-2000:]
    assert (folder / "a.pdf").stat().st_size > 1000
    return log


def has_beamer():
    if not shutil.which("kpsewhich"):
        return False
    return bool(subprocess.run(["kpsewhich", "beamer.cls", "pgf.sty"], capture_output=True, check=False).stdout)


def one_document(sources):
    """Return one document with the bodies of all, which have the same preamble: TeX and beamer start once."""
    begin, end = "\\begin{document}\n", "\\end{document}\n"
    preambles, bodies = zip(*[source.split(begin) for source in sources], strict=True)
    assert len(set(preambles)) == 1
    assert all(body.endswith(end) for body in bodies)
    return preambles[0] + begin + "\\clearpage\n".join(body.removesuffix(end) for body in bodies) + end


def test_a_leaf_has_a_sentence_in_place_of_lines():
    assert derivation(Value(3, "x"), "text") == (
        "The forward and backward pass of x\n==================================\n\nGiven\n-----\n"
        "numbers  x is a leaf, computed from nothing: it has no lines, and its derivative is 1: x = 3\n"
    )


def test_a_derivation_can_be_copied_and_pickled_as_any_text():
    text = derivation(relu_exercise(), "text")
    assert copy.deepcopy(text) == pickle.loads(pickle.dumps(text)) == text


def test_a_leaf_with_an_optimizer_has_its_update():
    w = parameter(3, "w")
    assert derivation(w, "text", optimizer=SGD([w], lr=0.1)) == (
        "The forward and backward pass of w\n==================================\n\nGiven\n-----\n"
        "numbers  w = 3, lr = 0.1\n\nUpdate\n------\nw_new = w - lr = 3 - 0.1 = 2.9\n"
    )


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed: the LaTeX is not compiled")
def test_pdflatex_compiles_the_files_and_nothing_is_too_wide(tmp_path):
    files = [derivation(subject()) for subject in SUBJECTS.values()]
    assert "Overfull" not in compiled_log(one_document(files), tmp_path)


@pytest.mark.skipif(not has_beamer(), reason="beamer.cls is not installed: the slides are not compiled")
def test_pdflatex_compiles_the_slides_and_no_frame_is_too_full(tmp_path):
    slides = {name: derivation(subject(), "beamer") for name, subject in SUBJECTS.items()}
    for name in slides.keys() - LINE_AFTER_LINE:  # the first slide of a frame has all of its lines, most of them hidden
        slides[name] = slides[name].replace(r"\begin{frame}", r"\begin{frame}<1>")
    assert "Overfull" not in compiled_log(one_document(slides.values()), tmp_path)


@pytest.mark.skipif(not has_beamer(), reason="beamer.cls is not installed: the slides are not compiled")
@pytest.mark.parametrize("form", ["latex", "beamer"])
@pytest.mark.parametrize("exercise", [batch_exercise, sigmoid_exercise])
def test_matrices_fit_on_pages_and_slides(exercise, form, tmp_path):
    source = derivation(exercise(), form, matrices=True).replace(r"\begin{frame}", r"\begin{frame}<1>")
    assert "Overfull" not in compiled_log(source, tmp_path)


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("gr\u00f6\u00dfe", "\\text{gr\u00f6\u00dfe}"),
        ("\u0394w", "{\\Delta}\\text{w}"),
        ("\u03a92", "\\Omega_{2}"),
        ("\u65e5", "\\text{\u65e5}"),
    ],
)
def test_letters_beyond_ascii(label, written):
    assert latex_name(label) == written


def test_letters_of_every_language_are_shown_but_by_pdflatex_which_has_no_fonts_for_them():
    loss = Value(3, "größe") * Value(2, "вес") + Value(1, "偏置A")
    loss.backward()
    for text in (derivation(loss, "text"), derivation(loss, "markdown"), derivation(loss, "markdown")._repr_html_()):
        assert all(name in text for name in ("größe", "вес", "偏置A"))
        assert "U+" not in text
    for tex in (derivation(loss, "latex"), derivation(loss, "beamer"), to_tikz(loss)):
        assert re.sub("[öß]", "", tex).isascii()
        assert all(name in tex for name in ("größe", "U+0432U+0435U+0441", "U+504FU+7F6EA"))


def test_a_name_of_several_words_is_one_factor_in_latex_too():
    loss = (Value(3, "a + b") * 2) ** 2 * Value(4, "x-y")
    tex = derivation(loss, "latex")
    assert r"(\text{a + b}) \cdot 2" in tex
    assert r"\cdot (\text{x-y})" in tex


def test_indices_in_mathml():
    layer = '<mrow><mo stretchy="false">[</mo><mn>1</mn><mo stretchy="false">]</mo></mrow>'
    assert name_mathml("z[1]_2") == f"<msubsup><mi>z</mi><mn>2</mn>{layer}</msubsup>"
    assert name_mathml("w35_new") == "<msubsup><mi>w</mi><mn>35</mn><mtext>new</mtext></msubsup>"
    assert name_mathml("out_h1") == "<msub><mtext>out</mtext><mtext>h1</mtext></msub>"
