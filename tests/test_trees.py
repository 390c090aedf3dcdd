"""Graphs as trees and tables: the worked exercise to the letter, large graphs, narrow terminals, odd labels."""

import io
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from rich.console import Console

import viz
from autograd import Tape, Value, constant, record_lines, replay
from nn import MLP, relu_exercise, sigmoid_exercise
from viz.stepping.debugger import Debugger
from viz.stepping.stepper import Stepper
from viz.terminal.exercises import print_exercise

COMMAND = [sys.executable, "-c", "import sys; from viz.commands.cli import main; raise SystemExit(main(sys.argv[1:]))"]

TREE = """\
loss = 0.5*v24: data 50, grad 1
├─ 0.5: constant
└─ v24 = v22**2: data 100, grad 0.5
   ├─ v22 = y5 - y: data 10, grad 10
   │  ├─ y5 = relu(x5): data 10, grad 10
   │  │  └─ x5 = v10 + v18: data 10, grad 10
   │  │     ├─ v10 = y3*w35: data 10, grad 10
   │  │     │  ├─ y3 = relu(x3): data 5, grad 20
   │  │     │  │  └─ x3 = v3 + v6: data 5, grad 20
   │  │     │  │     ├─ v3 = x1*w13: data 2, grad 20
   │  │     │  │     │  ├─ x1: data 1, grad 40
   │  │     │  │     │  └─ w13: data 2, grad 20
   │  │     │  │     └─ v6 = x2*w23: data 3, grad 20
   │  │     │  │        ├─ x2: data -1, grad -60
   │  │     │  │        └─ w23: data -3, grad -20
   │  │     │  └─ w35: data 2, grad 50
   │  │     └─ v18 = y4*w45: data 0, grad 10
   │  │        ├─ y4 = relu(x4): data 0, grad -10
   │  │        │  └─ x4 = v12 + v14: data -3, grad 0
   │  │        │     ├─ v12 = x1*w14: data 1, grad 0
   │  │        │     │  ├─ ^ x1, shown above
   │  │        │     │  └─ w14: data 1, grad 0
   │  │        │     └─ v14 = x2*w24: data -4, grad 0
   │  │        │        ├─ ^ x2, shown above
   │  │        │        └─ w24: data 4, grad 0
   │  │        └─ w45: data -1, grad 0
   │  └─ y: data 0, grad -, constant
   └─ 2: constant"""

TABLE = """\
node  label  operation  data  grad  local derivatives
v0                       0.5     -
v1    x1                   1    40
v2    w13                  2    20
v3           x1*w13        2    20  x1: 2, w13: 1
v4    x2                  -1   -60
v5    w23                 -3   -20
v6           x2*w23        3    20  x2: -3, w23: -1
v7    x3     v3 + v6       5    20  v3: 1, v6: 1
v8    y3     relu(x3)      5    20  x3: 1
v9    w35                  2    50
v10          y3*w35       10    10  y3: 2, w35: 5
v11   w14                  1     0
v12          x1*w14        1     0  x1: 1, w14: 1
v13   w24                  4     0
v14          x2*w24       -4     0  x2: 4, w24: -1
v15   x4     v12 + v14    -3     0  v12: 1, v14: 1
v16   y4     relu(x4)      0   -10  x4: 0
v17   w45                 -1     0
v18          y4*w45        0    10  y4: -1, w45: 0
v19   x5     v10 + v18    10    10  v10: 1, v18: 1
v20   y5     relu(x5)     10    10  x5: 1
v21   y                    0     -
v22          y5 - y       10    10  y5: 1
v23                        2     -
v24          v22**2      100   0.5  v22: 20
v25   loss   0.5*v24      50     1  v24: 0.5"""


@pytest.fixture
def loss():
    return relu_exercise().solve().graph


def printed(shown, width, **settings):
    """What rich prints at a width, line by line."""
    console = Console(file=io.StringIO(), width=width, **settings)
    console.print(shown)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def chain(length):
    """x + 1 + 1 + ..."""
    total = Value(0, "x")
    for _ in range(length):
        total = total + 1
    return total


def test_the_worked_exercise_as_a_tree(loss):
    assert repr(viz.tree(loss)) == TREE


def test_the_worked_exercise_as_a_table(loss):
    assert repr(viz.table(loss)) == TABLE


@pytest.mark.parametrize("width", [60, 120])
def test_rich_prints_the_same_on_narrow_and_wide_terminals(loss, width):
    assert printed(viz.tree(loss), width) == TREE.splitlines()
    rows = printed(viz.table(loss), width)
    assert [row.split() for row in rows] == [row.split() for row in TABLE.splitlines()]


def test_a_narrow_terminal_breaks_lines_and_loses_nothing(loss):
    with record_lines():
        y = Value(2, "a") * 3.25
    for shown in (viz.tree(loss, levels=20), viz.table(loss), viz.table(y)):
        lines = printed(shown, 30)
        assert max(map(len, lines)) <= 30
        characters = sorted(re.sub(r"[\s│├└─]", "", "".join(lines)))
        assert characters == sorted(re.sub(r"[\s│├└─]", "", repr(shown)))


def test_a_narrow_table_breaks_no_number():
    result = (Value(1 / 1.2, "w1_0") * Value(1.5, "x[0]")).tanh()
    result.label = "the loss"
    assert printed(viz.table(result), 40) == [
        "           operation",
        "           local",
        "node label derivatives         data grad",
        "v0   w1_0                  0.833333    -",
        "v1   x[0]                       1.5    -",
        "v2         w1_0*x[0]           1.25    -",
        "           w1_0: 1.5,",
        "           x[0]: 0.833333",
        "v3   the   tanh(v2)        0.848284    -",
        "     loss  v2: 0.280415",
    ]


def test_tables_of_an_exercise_keep_their_numbers_whole_on_a_narrow_terminal():
    exercise = sigmoid_exercise()
    console = Console(file=io.StringIO(), width=40)
    print_exercise(console, exercise, exercise.iterate(2))
    text = console.file.getvalue()
    assert "        1   0.684434 0.379163   0.315566\n" in text
    assert max(map(len, text.splitlines())) <= 40
    assert "…" not in text


def test_guides_without_unicode(loss):
    class Ascii(io.StringIO):
        encoding = "ascii"

    console = Console(file=Ascii(), width=80)
    console.print(viz.tree(loss))
    lines = console.file.getvalue().splitlines()
    assert lines[1:4] == [
        "|- 0.5: constant",
        "`- v24 = v22**2: data 100, grad 0.5",
        "   |- v22 = y5 - y: data 10, grad 10",
    ]
    assert "\n".join(lines).isascii()


def test_a_deep_chain_is_cut_and_says_where_it_goes_on():
    total = chain(5_000)
    lines = repr(viz.tree(total)).splitlines()
    assert len(lines) == 42
    assert lines[20].endswith("v9960 = v9958 + 1: data 4980, grad -")
    assert lines[21] == "│  " * 20 + "└─ ... 9,960 more nodes below; ask for the node v9960"
    below = repr(viz.tree(total, node="v9960", levels=1)).splitlines()
    assert below == [
        "v9960 = v9958 + 1: data 4980, grad -",
        "├─ v9958 = v9956 + 1: data 4979, grad -",
        "│  └─ ... 9,958 more nodes below; ask for the node v9958",
        "└─ 1: constant",
    ]
    assert max(map(len, printed(viz.tree(total), 60))) <= 60
    assert len(repr(viz.tree(total, levels=100))) < 100_000


def test_what_is_left_out_is_counted_once():
    x = Value(2, "x")
    y = x * x
    y.label = "y"
    total = (y + 1) * (y + 3)
    assert repr(viz.tree(total, levels=2)) == (
        "v6 = v3*v5: data 35, grad -\n"
        "├─ v3 = y + 1: data 5, grad -\n"
        "│  ├─ y = x*x: data 4, grad -\n"
        "│  │  └─ ... 1 more node below; ask for the node y\n"
        "│  └─ 1: constant\n"
        "└─ v5 = y + 3: data 7, grad -\n"
        "   ├─ ^ y, shown above\n"
        "   └─ 3: constant"
    )


def test_a_node_that_was_cut_is_expanded_where_the_depth_allows_it():
    x = Value(2, "x")
    y = x.exp()
    total = y.tanh().sin() + y
    assert repr(viz.tree(total, levels=3)).splitlines()[3:] == [
        "│     └─ v1 = exp(x): data 7.38906, grad -",
        "│        └─ ... the nodes below are on other lines",
        "└─ v1 = exp(x): data 7.38906, grad -",
        "   └─ x: data 2, grad -",
    ]


def test_a_large_graph_has_a_window_of_rows():
    loss = MLP(2, [16, 16, 1])([1.0, -1.0])
    lines = repr(viz.tree(loss, rows=10)).splitlines()
    total = len(Tape.of(loss).lines)
    hint = "ask for fewer levels, such as levels=3, for more rows, or for a node, such as "
    found = re.fullmatch(rf"\.\.\. [\d,]+ more nodes; {hint}(.+)", lines[-1])
    assert found
    assert repr(viz.tree(loss, node=found[1])).startswith(found[1])
    assert int(lines[-1].split()[1].replace(",", "")) == total - 10
    table = repr(viz.table(loss, rows=7)).splitlines()
    last = [f"v{total - 3}", f"v{total - 2}", f"v{total - 1}"]
    assert [line.split()[0] for line in table] == ["node", "v0", "v1", "v2", "v3", "...", *last]
    assert table[5] == f"... {total - 7:,} more nodes ..."
    assert printed(viz.table(loss, rows=7), 200)[5].split() == ["...", f"{total - 7:,}", "more"]


def test_a_replay_shows_what_it_was_computed_from():
    w = Value(3, "w")

    @replay
    def square(x):
        return w * x * x

    y = square(2.0)
    assert repr(viz.tree(y)).splitlines()[0].endswith("= a replay: data 12, grad -")
    assert "w: data 3, grad -" in repr(viz.tree(y))
    assert "w: 4" in repr(viz.table(y))


def test_lines_of_code_are_a_column_where_they_were_recorded():
    with record_lines():
        y = Value(2, "a") * 3
    heading, first, *_ = repr(viz.table(y)).splitlines()
    assert heading.endswith("  line")
    assert re.fullmatch(r"v0 .* test_trees\.py:\d+", first)


def test_labels_stay_text():
    x = Value(2, "[red]<b>\n\x1b[31m|&")
    y = x * Value(3, "v0")
    assert repr(viz.tree(y)).splitlines()[1] == r"├─ [red]<b>\n\x1b[31m|&: data 2, grad -"
    assert "\x1b" not in repr(viz.table(y))
    assert printed(viz.tree(y), 200) == repr(viz.tree(y)).splitlines()
    for shown in (viz.tree(y), viz.table(y)):
        page = ElementTree.fromstring(shown._repr_html_())
        assert "[red]<b>" in "".join(page.itertext())


def test_nodes_of_one_name_are_told_apart():
    a, b = Value(2, "w"), Value(3, "w")
    assert repr(viz.tree(a * b)).splitlines() == [
        "v2 = w[v0]*w[v1]: data 6, grad -",
        "├─ w[v0]: data 2, grad -",
        "└─ w[v1]: data 3, grad -",
    ]
    assert repr(viz.table(a * b)).endswith("v2           w[v0]*w[v1]     6     -  w[v0]: 3, w[v1]: 2")
    assert repr(viz.tree(a * b, node="w[v1]")) == "w[v1]: data 3, grad -"


def test_a_leaf_and_a_constant_alone():
    assert repr(viz.tree(Value(2, "w"))) == "w: data 2, grad -"
    assert repr(viz.tree(constant(2))) == "2: constant"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"levels": 0}, "expected a whole number from 1 to 100 for the levels of a tree, got 0"),
        ({"levels": True}, "got True"),
        ({"rows": 1.5}, "expected a whole number from 1 to 100,000 for the number of rows, got 1.5"),
        ({"node": "w36"}, "Did you mean w35"),
    ],
)
def test_a_tree_that_cannot_be_is_refused(loss, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        viz.tree(loss, **arguments)


def test_what_is_no_value_is_refused():
    for show in (viz.tree, viz.table):
        with pytest.raises(TypeError, match="^expected a Value, an Exercise or a Solution, got int"):
            show(3)
    with pytest.raises(ValueError, match="from 2 to 1,000,000 for the number of rows, got 1"):
        viz.table(Value(1), rows=1)


def test_the_prompt_shows_the_tree_of_the_moment(loss):
    console = Console(file=io.StringIO(), width=100)
    debugger = Debugger(Stepper(loss), console)
    debugger.onecmd(debugger.precmd("tree x3"))
    debugger.stepper.goto("w13")
    debugger.onecmd(debugger.precmd("tree x3"))
    debugger.onecmd(debugger.precmd("tree x99"))
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    assert lines[1] == "x3 = v3 + v6: data -, grad -"
    assert lines[3:5] == ["│  ├─ x1: data 1, grad -", "│  └─ w13: data 2, grad -"]
    assert "x3 = v3 + v6: data 5, grad 20" in lines
    assert "│  └─ w13: data 2, grad 20" in lines
    assert "no node of this graph is called 'x99'" in " ".join(lines[-2:])


def command(tmp_path, *arguments):
    return subprocess.run(
        [*COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False, encoding="utf-8"
    )


def test_the_commands(tmp_path):
    (tmp_path / "lecture.py").write_text("from autograd import Value\n\ndef loss():\n    return Value(3, 'x') * 2\n")
    shown = command(tmp_path, "tree", "lecture.py:loss")
    assert shown.stdout.splitlines() == ["loss = x*2: data 6, grad -", "├─ x: data 3, grad -", "└─ 2: constant"]
    shown = command(tmp_path, "table", "--exercise", "--rows", "4")
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["node", "label", "operation", "data", "grad", "local", "derivatives"],
        ["v0", "0.5", "-"],
        ["v1", "x1", "1", "40"],
        ["...", "22", "more"],
        ["v24", "v22**2", "100", "0.5", "v22:", "20"],
        ["v25", "loss", "0.5*v24", "50", "1", "v24:", "0.5"],
    ]
    refused = command(tmp_path, "tree", "--exercise", "--node", "w36", "--levels", "2")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Did you mean w35" in refused.stderr


def test_trees_and_tables_say_that_results_are_older_than_leaves():
    w = Value(2, "w")
    product = w * 3
    shown = viz.tree(product), viz.table(product)
    w.data = 5
    said = "leaves were assigned after the results were computed; compute again"
    for before, after in zip(shown, (viz.tree(product), viz.table(product)), strict=True):
        assert said not in repr(before)
        assert repr(after).splitlines()[-1] == said
        assert said in after._repr_html_()
        console = Console(width=100, file=io.StringIO())
        console.print(after)
        assert console.file.getvalue().splitlines()[-1].strip() == said
