"""A recording as a program to read and run: straight-line Python or C99, with the nodes' labels as names.

Both do the computations of the replay in the same order, so their results have the same bits.
"""

import keyword
import math
import re
import textwrap
from collections.abc import Iterator, Sequence

from autograd.replays.program import LEFT, RIGHT, WEIGHTED_SUM
from autograd.replays.recording import Recording
from autograd.state.observation import NUMBER
from autograd.symbols.formulas import (
    C_FUNCTIONS,
    PYTHON,
    C,
    Language,
    ieee_names,
    number_text,
    partial_formula,
    value_formula,
)
from autograd.table.op import Op, op_of

_RELATIONS = ("<", "<=", ">", ">=", "!=")
_TAKEN = {*keyword.kwlist, *keyword.softkwlist, "inputs", "leaves", "seed", "input_gradients", "leaf_gradients", "d"}
_C_WORDS = {
    *("auto", "char", "const", "default", "do", "double", "enum", "extern", "float", "goto", "inline", "int", "long"),
    *("main", "register", "restrict", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union"),
    *("unsigned", "void", "volatile", "y0", "y1", "yn", "j0", "j1", "jn", "gamma", "case", "HUGE_VAL", "HUGE_VALF"),
    *("abs", "div", "exit", "free", "index", "malloc", "printf", "puts", "time", "signbit"),
    *("ilogb", "lround", "llround", "lrint", "llrint", "scalbn", "scalbln", "nan"),
    *("fpclassify", "isfinite", "isgreater", "isgreaterequal", "isinf", "isless", "islessequal", "islessgreater"),
    *("isnan", "isnormal", "isunordered", "fma", "remquo", "nexttoward"),
    *C_FUNCTIONS,
    *(f"{name}f" for name in C_FUNCTIONS),
    *dir(math),
}
"""Words of C that are no words of Python, and names in its library that are common names of variables."""

_LARGE = 5000
"""C files with so many statements or more take gcc -O2 some seconds: 5 for 5,200, 12 for 9,100, 36 for 16,800."""

Statement = tuple[str, str, str]
"""The name of a variable, "=" or "+=", and the formula."""


def python_source(recording: Recording, name: str, inputs: Sequence[str]) -> str:
    """Return a module with a function `name(inputs, leaves, seed=1.0)`; `inputs` and `leaves` are lists of numbers.

    The function returns the value, and the gradients of the inputs and of the leaves, each times the seed.
    """
    text = _Text(recording, name, inputs, PYTHON)
    body = [
        *_unpacked(text.input_names, "inputs"),
        *_unpacked(text.leaf_names, "leaves"),
        "# forward",
        *[f"{variable} = {formula}" for variable, _, formula in text.forward()],
        "# backward",
        *[f"{variable} {sign} {formula}" for variable, sign, formula in text.backward()],
        *_short_lines(
            f"return ({text.result}, {_python_list(text.input_gradients())}, {_python_list(text.leaf_gradients())})"
        ),
    ]
    used = [call for call in sorted({*ieee_names(), "INFINITY", "NAN"}) if re.search(rf"\b{call}\b", "\n".join(body))]
    imports = _short_lines(f"from autograd.table.ieee import ({', '.join(used)})") if used else []
    head = [*text.comments("# "), *imports, "", "", f"def {text.function}(inputs, leaves, seed=1.0):"]
    return "\n".join([*head, *[f"    {line}" for line in body], ""])


def c_source(recording: Recording, name: str, inputs: Sequence[str]) -> str:
    """Return a C99 file with one function of this name. It reads and fills arrays and returns the value.

    A compiler must not fuse multiplications and additions: gcc and clang do not with `-std=c99`.
    """
    text = _Text(recording, name, inputs, C)
    body = [
        *[f"const double {variable} = inputs[{place}];" for place, variable in enumerate(text.input_names)],
        *[f"const double {variable} = leaves[{place}];" for place, variable in enumerate(text.leaf_names)],
        "/* forward */",
        *[f"const double {variable} = {formula};" for variable, _, formula in text.forward()],
        "/* backward */",
        *[
            f"{'double ' if sign == '=' else ''}{variable} {sign} {formula};"
            for variable, sign, formula in text.backward()
        ],
        *[f"input_gradients[{place}] = {gradient};" for place, gradient in enumerate(text.input_gradients())],
        *[f"leaf_gradients[{place}] = {gradient};" for place, gradient in enumerate(text.leaf_gradients())],
        f"return {text.result};",
    ]
    head = [
        *[f"/* {line} */" for line in (*text.comments(""), *_warning(len(body)))],
        "#include <math.h>",
        "",
        f"double {text.function}(const double *inputs, const double *leaves, double seed,",
        "    double *input_gradients, double *leaf_gradients)",
        "{",
    ]
    return "\n".join([*head, *[f"    {line}" for line in body], "}", ""])


def _warning(statements: int) -> list[str]:
    """Say of a large C file how long a compiler takes, and what to do about it."""
    if statements < _LARGE:
        return []
    seconds = 36 * (statements / 16_800) ** 1.75
    return [
        f"A compiler takes long for these {statements:,} statements: gcc -O2 about {seconds:.0f} seconds.",
        "If it computes rows that add up, replay the function of one row, write its source, and call it for each row.",
    ]


class _Text:
    """The names of a recording's slots, and its statements in a language."""

    def __init__(self, recording: Recording, name: str, inputs: Sequence[str], language: Language) -> None:
        self.recording = recording
        self.program = recording.program
        self.language = language
        self._taken = _TAKEN | _C_WORDS | ieee_names() | {"INFINITY", "NAN"}
        self.function = self._unused("function" if name == "<lambda>" else name)
        first, live = self.program.first, len(recording.live)
        self.input_names = [self._unused(label) for label in inputs]
        self.leaf_names = [
            self._unused(recording.labels.get(len(inputs) + place, f"v{place + 1}")) for place in range(live)
        ]
        constants = [number_text(self.program.data[slot]) for slot in range(len(inputs) + live, first)]
        results = [
            self._unused(recording.labels.get(first + place, f"t{place + 1}")) for place in range(self.program.size)
        ]
        self.names = [*self.input_names, *self.leaf_names, *constants, *results]
        self.result = self.names[self.program.root]
        self._varying = set(recording.receivers.slots) | {
            first + place for place, posts in enumerate(self.program.posts) if posts
        }
        self._posted: set[int] = set()

    def _unused(self, label: str) -> str:
        name = re.sub(r"\W+", "_", label, flags=re.ASCII).strip("_") or "v"
        name = name if name[0].isalpha() else f"v{name}"
        unique, number = name, 1
        while unique in self._taken or unique.startswith("d_"):
            number += 1
            unique = f"{name.removeprefix('d_')}_{number}"
        self._taken.add(unique)
        return unique

    def comments(self, mark: str) -> Iterator[str]:
        """Yield what the program is, and the conditions under which it is valid."""
        yield f"{mark}{self.function}: the value, and the gradients of its inputs and leaves, recorded by gradstep."
        for guard, line in zip(self.program.guards, self.recording.lines, strict=True):
            left, right = self.names[guard.left], self.names[guard.right]
            if guard.question == NUMBER:
                condition = f"{left} is {number_text(guard.answer)}"
            else:
                compared = f"{left} {_RELATIONS[guard.question]} {'0.0' if left == right else right}"
                condition = compared if guard.answer else f"not {compared}"
            yield f"{mark}It is valid if {condition}, asked at {line}."

    def forward(self) -> Iterator[Statement]:
        """Yield the statements of the forward pass."""
        for index in range(self.program.size):
            yield self.names[self.program.first + index], "=", self._value(index)

    def _value(self, index: int) -> str:
        if self.program.codes[index] == WEIGHTED_SUM:
            return " + ".join(self._term(term) for term in self._terms(index))
        return self._substituted(self.language.text(value_formula(self._op(index))), index)

    def _terms(self, index: int) -> range:
        return range(self.program.lefts[index], self.program.rights[index])

    def _term(self, term: int) -> str:
        factor, other = self.program.factors[term], self.program.others[term]
        if other == self.program.first - 1:
            return self.names[factor]
        return f"{self._signed(factor)} * {self._signed(other)}"

    def _signed(self, slot: int) -> str:
        name = self.names[slot]
        return f"({name})" if name.startswith("-") else name

    def _op(self, index: int) -> Op:
        return op_of(self.program.codes[index])

    def _substituted(self, formula: str, index: int) -> str:
        """Return a formula of x, y and z with the names of an instruction's operands and result."""
        names = {"x": self._signed(self.program.lefts[index]), "z": self.names[self.program.first + index]}
        if self.program.rights[index] >= 0:
            names["y"] = self._signed(self.program.rights[index])
        return re.sub(r"\b[xyz]\b", lambda match: names[match[0]], formula)

    def backward(self) -> Iterator[Statement]:
        """Yield the statements of the backward pass, one for each contribution."""
        program = self.program
        if program.root not in self._varying:
            return
        self._posted = {program.root}
        yield f"d_{self.result}", "=", "seed"
        for index in range(program.size - 1, -1, -1):
            if program.posts[index] and program.first + index in self._posted:
                yield from self._postings(index)

    def _postings(self, index: int) -> Iterator[Statement]:
        program = self.program
        upstream = f"d_{self.names[program.first + index]}"
        if program.codes[index] == WEIGHTED_SUM:
            for term in reversed(self._terms(index)):
                factor, other = program.factors[term], program.others[term]
                plain = other == program.first - 1
                yield from self._posting(factor, upstream if plain else f"{upstream} * {self._signed(other)}")
                yield from self._posting(other, f"{upstream} * {self._signed(factor)}")
            return
        for posts, position, slot in ((LEFT, 0, program.lefts[index]), (RIGHT, 1, program.rights[index])):
            if program.posts[index] & posts:
                partial = partial_formula(self._op(index), position)
                written = self._substituted(self.language.text(partial), index)
                yield from self._posting(slot, f"{upstream} * {written if written.isidentifier() else f'({written})'}")

    def _posting(self, slot: int, formula: str) -> Iterator[Statement]:
        if slot in self._varying:
            yield f"d_{self.names[slot]}", "+=" if slot in self._posted else "=", formula
            self._posted.add(slot)

    def input_gradients(self) -> list[str]:
        """Return the variable with the gradient of each input, "0.0" if none flows to it."""
        return [self._gradient(slot) for slot in range(len(self.input_names))]

    def leaf_gradients(self) -> list[str]:
        """Return the variable with the gradient of each leaf, "0.0" if none flows to it."""
        return [self._gradient(len(self.input_names) + place) for place in range(len(self.leaf_names))]

    def _gradient(self, slot: int) -> str:
        return f"d_{self.names[slot]}" if slot in self._posted else "0.0"


def _unpacked(names: list[str], source: str) -> list[str]:
    pattern = f"({', '.join(names)})" if len(names) > 1 else f"({names[0]},)" if names else ""
    return _short_lines(f"{pattern} = {source}") if names else []


def _python_list(names: list[str]) -> str:
    return f"[{', '.join(names)}]"


def _short_lines(line: str) -> list[str]:
    return textwrap.wrap(line, 110, subsequent_indent="    ", break_long_words=False)
