"""Every line of a document is true: a small evaluator of LaTeX reads the symbols and the numbers of each line back.

The functions F, F' are those that the document itself defines at its top.
"""

import math
import random
import re
from itertools import pairwise
from typing import ClassVar

import pytest

import viz
from autograd.passes import lines
from autograd.symbols.expression import Subscript
from autograd.symbols.latex import latex, latex_name
from nn import Exercise
from nn.exercises.ready import READY
from viz.texts import derivations

PLAIN = {
    r"\tanh": math.tanh,
    r"\ln": lambda x: math.log(x) if x else -math.inf,
    r"\max": max,
    r"\mathrm{ReLU}": lambda x: max(x, 0.0),
    r"\mathrm{softplus}": lambda x: math.log1p(math.exp(x)),
    r"\exp": math.exp,
}
TOKEN = re.compile(
    r"\s+|\d+\.\d+|\d+|\\frac|\\sqrt|\\cdot|\\left\||\\right\||\\left\(|\\right\)|\\begin\{cases\}|\\end\{cases\}"
    r"|\\text\{(?:if |otherwise)\}|\\\\|\\cr\b|\\le\b|\\ge\b|\\infty|[-+(){},&^<>e]"
)


SAME = {"\\left(": "(", "\\right)": ")", "\\cr": "\\\\"}


class Reader:
    """Evaluates a formula; `known` has numbers and functions by their names in LaTeX."""

    def __init__(self, formula, known):
        names = sorted(known, key=len, reverse=True)
        self.known, self.tokens, place = known, [], 0
        while place < len(formula):
            name = next((name for name in names if formula.startswith(name, place)), None)
            match = TOKEN.match(formula, place)
            assert name or match, f"unknown in LaTeX: {formula[place:]}"
            token = name or match[0]
            place += len(token)
            self.tokens += (
                [{"\\left(": "(", "\\right)": ")", "\\cr": "\\\\"}.get(token, token)] if token.strip() else []
            )
        self.tokens.append("")

    def value(self):
        found = self.sum()
        assert self.tokens == [""], self.tokens
        return found

    def take(self, *wanted):
        if self.tokens[0] in wanted:
            return self.tokens.pop(0)
        return ""

    def need(self, wanted):
        assert self.take(wanted), (wanted, self.tokens)

    def sum(self):
        sign = self.take("-")
        total = -self.product() if sign else self.product()
        while sign := self.take("+", "-"):
            total += self.product() if sign == "+" else -self.product()
        return total

    def product(self):
        found = self.power()
        while self.take("\\cdot"):
            sign = -1.0 if self.take("-") else 1.0
            found *= sign * self.power()
        return found

    def power(self):
        if self.take("e"):
            self.need("^")
            return math.exp(self.group())
        base = self.atom()
        return base ** self.group() if self.take("^") else base

    def group(self, opening="{", closing="}"):
        self.need(opening)
        found = self.sum()
        self.need(closing)
        return found

    def atom(self):
        token = self.tokens[0]
        if token == "(":
            return self.group("(", ")")
        if token == "{":
            return self.group()
        self.tokens.pop(0)
        if token in self.TALL:
            return self.TALL[token](self)
        if callable(self.known.get(token)):
            return self.known[token](*self.arguments())
        return self.known[token] if token in self.known else float(token.replace("\\infty", "inf"))

    def fraction(self):
        above = self.group()
        return above / self.group()

    def arguments(self):
        self.need("(")
        found = [self.sum()]
        while self.take(","):
            found.append(self.sum())
        self.need(")")
        return found

    def relation(self):
        left, sign, right = self.sum(), self.take("<", ">", "\\le", "\\ge"), self.sum()
        return {"<": left < right, ">": left > right, "\\le": left <= right, "\\ge": left >= right}[sign]

    def cases(self):
        chosen = None
        while not self.take("\\end{cases}"):
            case = self.sum()
            self.need("&")
            holds = bool(self.take("\\text{otherwise}"))
            if not holds:
                self.need("\\text{if }")
                holds = self.relation()
            chosen = case if chosen is None and holds else chosen
            self.take("\\\\")
        return chosen

    TALL: ClassVar = {"\\frac": fraction, "\\sqrt": lambda self: math.sqrt(self.group()), "\\begin{cases}": cases}


def defined(formulas, known):
    """Return the functions that a document defines."""
    found = PLAIN | known

    def function(right):
        return lambda x: Reader(right, found | {"x": x}).value()

    for left, right in formulas:
        found[left.removesuffix("(x)")] = function(right)
    return found


def lines_of(text, newline):
    """Yield the name and the right sides of each line of aligned rows."""
    for block in re.findall(r"\\begin\{align(?:ed|\*)\}\n(.*?)\n\\end\{align", text, re.DOTALL):
        joined = ""
        for row in block.split(f" {newline}\n"):
            plain = re.sub(r"\\scalebox\{[\d.]+\}\{\$\\displaystyle \{\}(.*?)\$\}", r"\1", row)
            joined += plain.replace(r"&\quad {} ", " ").replace("&=", " =", 1) if row.startswith("&") else f"\n{plain}"
        for line in joined.strip().split("\n"):
            name, _, right = line.partition(" &= ")
            yield name, right.split(" = ")


def check(text, newline, exercise):
    """Evaluate every line of a text; return how many there are."""
    formulas = re.findall(
        r"\$(?:\\displaystyle )?([^$=]+?) = ([^$]+)\$", text.split("tikzpicture")[0].split("Forward")[0]
    )
    loss = latex_name(f"{exercise.notation.loss}{exercise.plan.suffix(1)}")
    taught = {left: right for left, right in formulas if left in (loss, latex_name("softmax_i"))}
    formulas = [(left, right) for left, right in formulas if left not in taught]
    known = {left: Reader(right, {}).value() for left, right in formulas if not left.endswith("(x)")}
    assert {latex_name(name) for name in (*exercise.weights, *exercise.biases, *exercise.inputs_by_name)} <= {*known}
    functions = defined([pair for pair in formulas if pair[0].endswith("(x)")], known)
    if exercise.update == "each":  # the first iteration has the first example
        known |= {name.replace("^{(1)}", ""): number for name, number in known.items()}
    known["t"] = 1.0
    for state in ("velocity", "m", "v"):
        known |= {latex(Subscript(state, name)): 0.0 for name in exercise.plan.numbers}
    count = 0
    for name, parts in lines_of(text, newline):
        last, _, conditions = parts[-1].partition(r" \quad \text{since }")
        result = Reader(last, {}).value()
        for part in parts[:-1]:
            assert Reader(part, functions | known).value() == pytest.approx(result, rel=1e-9, abs=1e-12), (name, part)
        for condition in filter(None, conditions.split(r" \text{ and } ")):
            assert Reader(condition, functions | known).relation(), (name, condition)
        if "'" not in name:
            known[name] = result
        count += 1
    assert Reader(taught.pop(loss), functions | known).value() == pytest.approx(known[loss], rel=1e-9)
    outputs = exercise.network.outputs
    scores = [known[latex_name(f"{unit.pre}{exercise.plan.suffix(1)}")] for unit in outputs]
    for unit, score in zip(outputs if taught else [], scores, strict=bool(taught)):
        own = {latex_name(f"z_{place}"): number for place, number in enumerate(scores, start=1)} | {
            "z_{\\text{i}}": score
        }
        post = known[latex_name(f"{unit.post}{exercise.plan.suffix(1)}")]
        assert Reader(taught["\\text{softmax}_{\\text{i}}"], PLAIN | own).value() == pytest.approx(post, rel=1e-9)
    return count


def random_exercise(seed):
    """Return an exercise of any kind that the package can solve."""
    generator = random.Random(seed)

    def numbers(count):
        return [round(generator.uniform(-1, 1), 3) for _ in range(count)]

    sizes = [generator.randint(1, 3) for _ in range(generator.randint(2, 4))]
    loss = generator.choice(["half_squared_error", "mean_squared_error", "binary_cross_entropy", "cross_entropy"])
    sizes[-1] = max(sizes[-1], 2) if loss == "cross_entropy" else sizes[-1]
    hidden = ["linear", "sigmoid", "tanh", "relu", "elu", "softplus", "prelu", {"leaky_relu": {"slope": 0.1}}]
    last = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(loss) or generator.choice(hidden)
    examples = generator.randint(1, 3)
    targets = [[generator.randint(0, 1) for _ in range(sizes[-1])] for _ in range(examples)]
    if loss == "cross_entropy":
        targets = [generator.randrange(sizes[-1]) for _ in range(examples)]
    inputs = [numbers(sizes[0]) for _ in range(examples)]
    fixed = ["W[1]_11"] if seed % 4 == 0 and len(sizes) > 2 else []
    return Exercise(
        [[numbers(before) for _ in range(after)] for before, after in pairwise(sizes)],
        inputs if examples > 1 else inputs[0],
        targets if examples > 1 else targets[0],
        0.1,
        biases=[numbers(size) for size in sizes[1:]],
        activation=[*(generator.choice(hidden) for _ in sizes[2:]), last],
        loss=loss,
        optimizer=generator.choice(
            [
                "sgd",
                "adam",
                {"sgd": {"momentum": 0.9, "weight_decay": 0.1}},
                {"sgd": {"momentum": 0.5, "nesterov": True}},
            ]
        ),
        update=generator.choice(["mean", "sum", "each"]),
        fixed=fixed,
    )


@pytest.fixture(autouse=True)
def full_digits(monkeypatch):
    monkeypatch.setattr(derivations, "DIGITS", 17)


FORMS = {"latex": r"\\", "markdown": r"\cr"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", READY)
def test_every_line_of_a_ready_exercise_is_true(name, form):
    exercise = READY[name]()
    assert check(viz.derivation(exercise, form), FORMS[form], exercise) == len(exercise.solve().lines)


@pytest.mark.parametrize("seed", range(60))
def test_every_line_of_a_random_exercise_is_true(seed):
    exercise = random_exercise(seed)
    for form, newline in FORMS.items():
        assert check(viz.derivation(exercise, form), newline, exercise) == len(exercise.solve().lines)


def in_python(text):
    return text.replace("'", "_prime")


@pytest.mark.parametrize("name", READY)
def test_the_numbers_of_every_line_of_a_text_give_its_result(name, monkeypatch):
    monkeypatch.setattr(lines, "DIGITS", 17)
    text = viz.derivation(READY[name](), "text")
    known = {"exp": math.exp, "log": lambda x: math.log(x) if x else -math.inf, "tanh": math.tanh, "max": max}
    definition = re.compile(r"(\w+'?)\(x\) = (.+?)(?=,\s+\w+'\(x\) =|$)", re.MULTILINE)
    for function, right in definition.findall(text.split("Forward")[0]):
        exec(f"def {in_python(function)}(x): return {in_python(right)}", known)
    found = [line.split(" = ")[1:] for line in text.split("\nWeights")[0].split("\nForward")[1].splitlines()]
    assert len([parts for parts in found if parts]) == len(READY[name]().solve().lines)
    for parts in found:
        if len(parts) == 3:
            assert eval(in_python(parts[1]), known) == pytest.approx(float(parts[2]), rel=1e-9, abs=1e-12), parts


def test_the_evaluator_finds_what_is_false():
    with pytest.raises(AssertionError):
        text = viz.derivation(READY["relu"]()).replace(r"x_{1} \cdot w_{13} +", r"x_{1} \cdot w_{14} +")
        check(text, r"\\", READY["relu"]())
