"""Labels of any characters in all outputs: texts without control characters; XML, JSON, Mermaid and LaTeX that hold."""

import json
import re
import unicodedata
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

import autograd
import viz
from autograd import Value, scope

EACH_ROUND = 15
HOSTILE = [
    *("</script><script>", "<!--", "]]>", "&lt;", "&#92;", '"', "\\", "\\N", "{", "}", "|", "$", "$$x^2$$", "%"),
    *("#", "_", "^", "\x1b[31m", "\x07", "\r", "\n", "\x9b", "\x00", "\u2028", "\u202e", "\ud800", "\uffff"),
    *("\U0001f600", "e\u0301", "end", "`", "---", "~", "\\end{document}", "\\input{x}", "w_{1", "v0", "__proto__"),
    *("constructor", " ", "\t", "1.0"),
]
LABELS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=4), max_size=4).map("".join)
CASES = st.tuples(LABELS, LABELS, LABELS.filter(bool), LABELS)

STATEMENT = re.compile(
    r"flowchart LR|end|subgraph \w+\[TEXT\]|(classDef|style) [\w ]+[\w:,#-]+|%% [\w ,=]+"
    r"|\w+(\[TEXT\]|\(TEXT\)|\(\(TEXT\)\)|\[\[TEXT\]\]|>TEXT\]):::\w+"
    r"|\w+ (-->|-\.->)(\|TEXT\|)? \w+"
)
"""A line of Mermaid, where TEXT is all that stands in quotes."""


def graph(labels):
    x, y = Value(2.0, labels[0]), Value(-3.0, labels[1])
    with scope(labels[2]):
        loss = (x * y + x).tanh() / y
    loss.label = labels[3]
    return x, loss


def texts(x, loss):
    """Yield the outputs that a person reads as text, each with its name."""
    yield "str", str(loss)
    yield "tree", repr(viz.tree(loss))
    yield "table", repr(viz.table(loss))
    yield "explain", str(autograd.explain(x, loss))
    yield "paths", str(autograd.paths(x, loss))
    yield "what_if", str(autograd.what_if(loss, {}))
    yield "anomaly", autograd.find_anomaly((loss - 2).log()) or ""
    yield "lines", "\n".join(map(str, autograd.lines(loss)))
    yield "stepper", repr(viz.Stepper(loss).run())
    for form in ("text", "markdown"):
        yield f"derivation as {form}", viz.derivation(loss, form)


def check_text(text):
    raw = {character for character in text if unicodedata.category(character) in ("Cc", "Cs")} - {"\n"}
    assert not raw, f"raw control characters {raw} in {text!r}"


def check_mermaid(text):
    for line in text.splitlines():
        assert STATEMENT.fullmatch(re.sub(r'"[^"]*"', "TEXT", line.strip())), f"no statement of Mermaid: {line!r}"


def check_latex(text):
    check_text(text)
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0, f"a brace is closed that was not opened in {text!r}"
    assert depth == 0, f"{depth} braces are open at the end of {text!r}"
    begun, ended = re.findall(r"\\begin\{(.*?)\}", text), re.findall(r"\\end\{(.*?)\}", text)
    assert sorted(begun) == sorted(ended), f"environments that begin are {begun}, those that end {ended}"


class Scripts(HTMLParser):
    """The texts of a page's scripts, and the names of its elements that run or load something."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.loading, self._inside = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self._inside = tag == "script"
        if self._inside:
            self.texts.append("")
        self.loading += [tag] if tag in {"script", "iframe", "img", "link", "object", "embed"} else []

    def handle_data(self, data):
        if self._inside:
            self.texts[-1] += data

    def handle_endtag(self, tag):
        self._inside = False


def check_page(page):
    page.encode()
    found = Scripts(page)
    assert found.loading == usual(), f"elements of the page: {found.loading}, of one with plain labels: {usual()}"
    json.loads(found.texts[0])


@cache
def usual():
    """Return the elements that load something in a page with plain labels."""
    return Scripts(viz.player(graph("xyzl")[1]).html).loading


def shown(case):
    return (
        "x, y = Value(2.0, {!r}), Value(-3.0, {!r})\nwith scope({!r}):\n    loss = (x * y + x).tanh() / y\n"
        "loss.label = {!r}".format(*case)
    )


def check(case):
    x, loss = graph(case)
    outputs = [(name, check_text, lambda text=text: text) for name, text in texts(x, loss)]
    outputs += [
        ("SVG", ET.fromstring, lambda: viz.draw(loss).svg()),
        ("DOT", check_text, lambda: viz.to_dot(loss).replace("\n\t", "\n").replace("\n\t", "\n")),
        ("Mermaid", check_mermaid, lambda: viz.to_mermaid(loss)),
        ("LaTeX", check_latex, lambda: viz.derivation(loss, "latex")),
        ("beamer", check_latex, lambda: viz.derivation(loss, "beamer")),
        ("TikZ", check_latex, lambda: viz.to_tikz(loss)),
        ("page", check_page, lambda: viz.player(loss).html),
    ]
    for name, holds, write in outputs:
        try:
            holds(write())
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error
