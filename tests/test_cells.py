"""A Stepper in a cell of a notebook, with buttons and without; and the cell magic `%%gradstep`."""

import html
import json
import re

import pytest
from browsing import browser, opened

import viz
from autograd import GradientCheckError, Value, constant, operation, parameter, replay
from autograd.derivatives.checking import check_graph
from nn import relu_exercise


def text_of(markup):
    """Return the text of HTML, a line for each of its blocks."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup.replace("</div>", "\n"))).rstrip()


def cell_of(stepper):
    """Return the text that a cell shows without frames, and the page in its frame."""
    beginning, frame = stepper._repr_html_().split("<iframe srcdoc=")
    return text_of(beginning), html.unescape(re.match('"([^"]*)"', frame)[1])


def content_of(page):
    return json.loads(re.search(r"const \{ words, changes, present \} = (.*);\n", page)[1])


def small():
    x, w = Value(3, "x"), Value(2, "w")
    return x * w


def test_the_cell_holds_the_words_of_every_moment_and_what_changes_in_the_picture():
    stepper = viz.Stepper(small()).goto(2)
    still, page = cell_of(stepper)
    content = content_of(page)
    moments = [viz.Stepper(small()).goto(position) for position in range(5)]
    texts = [text_of(words) for words in content["words"]]
    assert texts == [re.sub(r"\n  ", "\n", repr(moment)) for moment in moments]
    assert still == texts[2]
    assert content["present"] == 2
    told = {tuple(map(tuple, values)) for _, name, values in content["changes"] if name == ""}
    assert told == {
        ((0, "-"), (1, "6")),  # the data of the product
        ((0, "-"), (2, "1")),  # its gradient
        ((0, "-"), (3, "2")),  # the gradient of x
        ((0, "-"), (4, "3")),  # that of w
        ((0, "\N{PARTIAL DIFFERENTIAL}=-"), (1, "\N{PARTIAL DIFFERENTIAL}=2")),
        ((0, "\N{PARTIAL DIFFERENTIAL}=-"), (1, "\N{PARTIAL DIFFERENTIAL}=3")),
    }
    assert (stepper.position, stepper.note) == (2, "")


def test_showing_a_cell_changes_neither_the_moment_nor_its_note_nor_its_edits():
    stepper = viz.Stepper(small(), by="contribution").goto(3).set("w", 5)
    before = repr(stepper)
    _, page = cell_of(stepper)
    content = content_of(page)
    assert repr(stepper) == before
    assert len(content["words"]) == 2  # the moments before the edit had another number
    assert content["present"] == 0
    assert stepper.back().data("w") == 2.0


def chain(length):
    total = Value(1, "x")
    for _ in range(length):
        total = total + 1
    return total


def test_a_long_pass_shows_the_moments_around_the_present_one():
    content = content_of(cell_of(viz.Stepper(chain(140)).goto(100))[1])
    around = 12_000 // 281 // 2
    assert (len(content["words"]), content["present"]) == (2 * around + 1, around)
    assert "svg() draws it" in viz.Stepper(chain(160))._repr_html_()
    assert "<iframe" not in viz.Stepper(chain(160))._repr_html_()


def test_the_buttons_work_without_a_kernel_and_the_moment_stands_there_without_a_script(tmp_path):
    stepper = viz.Stepper(relu_exercise()).goto("delta3")
    path = tmp_path / "cell.html"
    path.write_text(f"<!DOCTYPE html><body style='width:830px'>{stepper._repr_html_()}", encoding="utf-8")
    with browser() as chromium:
        with opened(chromium, path) as page:
            frame = page.frame_locator("iframe")
            words = frame.locator("#words")
            assert words.inner_text().startswith("line 11 of 16, backward\ndelta3 = ")
            frame.get_by_role("button", name="Next").click()
            assert words.inner_text().startswith("line 12 of 16, update\nw13_new = ")
            frame.get_by_label("to the end").click()
            assert frame.get_by_role("button", name="Next").is_disabled()
            for name, data in (("w13", "0"), ("w23", "-1"), ("w35", "-3")):
                node = frame.locator("g.node", has=frame.locator("text.label", has_text=re.compile(f"^{name}$")))
                assert node.locator("text.data").inner_html() == data
            frame.get_by_label("to the beginning").click()
            assert words.inner_text().startswith("line 0 of 16, the beginning")
            inner, outer = (
                page.evaluate(code)
                for code in (
                    "document.querySelector('iframe').contentDocument.documentElement.offsetHeight",
                    "document.querySelector('iframe').clientHeight",
                )
            )
            assert inner <= outer <= inner + 4
        with opened(chromium, path, java_script_enabled=False) as page:
            frame = page.frame_locator("iframe")
            assert frame.locator("#words").inner_text().startswith("line 11 of 16, backward")
            assert not frame.locator("nav").is_visible()


# --- %%gradstep ------------------------------------------------------------------------------------------------------


def test_a_picture_that_is_a_little_too_high_is_seen_as_a_whole_and_a_much_higher_one_scrolls(tmp_path):
    path = tmp_path / "cell.html"
    steppers = [viz.Stepper(relu_exercise()), viz.Stepper(chain(60))]
    cells = "".join(f"<div>{stepper._repr_html_()}</div>" for stepper in steppers)
    path.write_text(f"<!DOCTYPE html><body style='width:980px'>{cells}", encoding="utf-8")
    hidden = "[...document.querySelectorAll('iframe')].map((frame) => frame.contentDocument.getElementById('picture'))"
    with browser() as chromium, opened(chromium, path) as page:
        heights = page.evaluate(f"{hidden}.map((room) => [room.scrollHeight - room.clientHeight, room.clientHeight])")
    assert heights[0] == [0, 700]
    assert heights[1][0] > 100


@pytest.fixture
def shell():
    """A shell of IPython in this process, with the magic."""
    interactive = pytest.importorskip("IPython.core.interactiveshell", reason="notebooks need the extra notebooks")
    made = interactive.InteractiveShell()
    made.run_line_magic("load_ext", "viz")
    made.run_cell("from autograd import Value\nimport nn", silent=True)
    yield made
    made.history_manager.end_session()
    made.restore_sys_module_state()


def run(shell, line, body):
    """Return what a cell with the magic shows."""
    return shell.run_cell_magic("gradstep", line, body)


CODE = "x, w = Value(3), Value(2)\nloss = (x*w - 5)**2"


def test_the_magic_draws_the_variable_or_the_expression_of_the_last_line(shell):
    picture = run(shell, "draw --direction down", CODE)
    assert repr(picture).startswith("<Picture of loss, data 1, grad -: 7 nodes; ")
    assert "rankdir=TB" in picture.source
    assert run(shell, "draw", "x\nloss").source == viz.draw(labelled_loss()).source
    assert shell.user_ns["loss"].label is None  # the names are for the picture
    in_rows = viz.draw(relu_exercise())._repr_svg_()
    assert "a dashed name stands for its box" in in_rows
    assert run(shell, "draw", "nn.relu_exercise()")._repr_svg_() == in_rows


def labelled_loss():
    x, w = Value(3, "x"), Value(2, "w")
    loss = (x * w - 5) ** 2
    loss.label = "loss"
    return loss


def test_the_magic_steps_plays_and_writes(shell):
    stepper = run(shell, "step --by line --goto dloss/dw --lr 0.1", CODE)
    assert "dloss/dw = 2*(x*w - 5)*x = 2*(3*2 - 5)*3 = 6" in repr(stepper)
    assert stepper.next().present.name == "w_new"
    assert repr(run(shell, "player", "loss")).startswith("<Page: The pass of loss (7 nodes, ")
    assert run(shell, "lines", "loss") == viz.derivation(labelled_loss())
    assert run(shell, "lines --matrices", "nn.relu_exercise()") == viz.derivation(relu_exercise(), matrices=True)


def test_the_magic_checks_gradients_and_the_numbers_of_a_student(shell):
    rows = run(shell, "check", CODE)
    assert [(row.name, row.reverse, row.forward, round(row.central, 6)) for row in rows] == [
        ("x", 4.0, 4.0, 4.0),
        ("w", 6.0, 6.0, 6.0),
    ]
    marks = run(shell, "check relu", "{'x3': 5, 'w13': 3}")
    assert (marks.right, marks.first_wrong) == (1, "w13")
    assert run(shell, "check loss --tolerance 0.2", "{'dloss/dx': 4.4}").right == 1


@pytest.mark.parametrize(
    ("line", "body", "message"),
    [
        ("drow", "1", "invalid choice: 'drow'"),
        ("", "1", "the following arguments are required: COMMAND; %gradstep -h lists what is possible."),
        ("draw --digits 0", "1", "got '0'; %gradstep draw -h lists what is possible."),
        ("draw --nix", "1", "unrecognized arguments: --nix"),
        ("draw 'x", "1", "No closing quotation"),
        ("draw", "for i in range(3): pass", "expected a value in the last line of the cell, such as `loss`"),
        ("draw", "# nothing", "expected a value in the last line of the cell"),
        ("draw", "3", "the last line of the cell: expected a Value, an Exercise or a Solution, got int."),
        ("draw --focus q", "Value(3) * 2", "no node of this graph is called 'q'"),
        ("check nosuch", "{'x3': 5}", "there is no exercise 'nosuch'; try relu,"),
        ("check nosuch.json", "{'x3': 5}", "there is no file nosuch.json."),
        ("check relu", "{'x3': [5]}", 'expected a number for x3, such as -3, 0.5 or "1/3", got list.'),
        ("check relu", "5", "expected a dict of numbers in the last line, such as {'x3': 5}, got 5."),
        ("check", "abs(Value(0, 'x'))", "the derivative in x at 0: the function has a kink there"),
    ],
)
def test_an_error_of_the_magic_is_a_sentence(shell, line, body, message):
    error_module = pytest.importorskip("IPython.core.error")
    with pytest.raises(error_module.UsageError) as error:
        run(shell, line, body)
    assert str(error.value).startswith("%%gradstep: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    "last", ["loss: Value = (x*w - 5)**2", "loss = x*w - 5\nloss **= 2", "loss = a = (x*w - 5)**2"]
)
def test_the_last_line_may_set_a_variable_in_any_way(shell, last):
    picture = run(shell, "draw", f"x, w = Value(3), Value(2)\n{last}")
    assert repr(picture).startswith("<Picture of loss, data 1, grad -: 7 nodes; ")


def test_a_syntax_error_is_shown_without_the_lines_of_the_magic(shell, capsys):
    assert run(shell, "draw", "x = 1\nloss = (x") is None
    place, *lines = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out).splitlines()
    assert re.search(r"(line |:)2$", place)
    assert lines == ["    loss = (x", "           ^", "SyntaxError: '(' was never closed", ""]


def test_an_error_of_the_cell_stays_what_it_is(shell):
    with pytest.raises(ValueError, match=r"^invalid literal"):
        run(shell, "draw", "int('a')")
    assert run(shell, "step --help", "1/0") is None  # nothing runs


def test_the_help_needs_no_lines_below_it(shell, capsys):
    assert shell.run_line_magic("gradstep", "draw -h") is None
    assert "--fit SIZE" in capsys.readouterr().out


def test_a_wrong_derivative_is_found_in_a_recorded_graph():
    @operation(lambda x: 3 * x, check=False)
    def doubled_square(x):
        return x * x

    a = parameter(2, "a")
    with pytest.raises(GradientCheckError, match="the derivative in a at 2: reverse mode got 6, central differences"):
        check_graph(doubled_square(a) + 1)
    assert [row.name for row in check_graph(1 - a / Value(3, "b"))] == ["a", "b"]
    with pytest.raises(ValueError, match="has no leaf that varies"):
        check_graph(constant(2) * 3)
    with pytest.raises(ValueError, match="has the result of a replay"):
        check_graph(replay(lambda x: x * x)(a))
