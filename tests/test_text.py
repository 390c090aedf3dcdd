"""Texts in lines that fit a width: as Python's textwrap breaks them, with wide characters counted as two columns."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from viz.core.text import broken_lines

words = st.text("abcdefx*()1", min_size=1, max_size=24)
texts = st.lists(words, min_size=1, max_size=12).map(" ".join)
widths = st.integers(5, 40)


@given(texts, widths)
@settings(deadline=None)
def test_narrow_texts_are_broken_as_textwrap_does(text, width):
    assert broken_lines([text], width) == [line.rstrip() for line in textwrap.wrap(text, width)]
    wide = width + 24
    assert broken_lines([text], wide, indent="  ") == textwrap.wrap(text, wide, subsequent_indent="  ")
    assert broken_lines([text], width, whole_words=True) == textwrap.wrap(text, width, break_long_words=False)
    assert broken_lines([text], width, all_spaces=True) == textwrap.wrap(text, width, drop_whitespace=False)


@given(st.text("ab 世界́é字", max_size=60), widths)
@settings(deadline=None)
def test_lines_fit_and_lose_nothing_but_spaces(text, width):
    lines = broken_lines([text], width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert "".join(broken_lines([text], width, all_spaces=True)) == text


def test_wide_characters_take_two_columns():
    assert broken_lines(["世界 世界"], 5) == ["世界", "世界"]
    assert broken_lines(["世界世界"], 5) == ["世界", "世界"]
    assert broken_lines(["世界", "= 1"], 7, gap=" ") == ["世界", "= 1"]
    assert broken_lines(["世界", "= 1"], 8, gap=" ") == ["世界 = 1"]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (20, ["y = x1*w1 + x2*w2", "= 1*2 + 2*3 = 8"]),
        (12, ["y = x1*w1 +", "    x2*w2", "= 1*2 + 2*3", "= 8"]),
        (0, ["y = x1*w1 +", "    x2*w2", "= 1*2 + 2*3", "= 8"]),
    ],
)
def test_parts_stand_on_a_line_while_they_fit(width, lines):
    assert broken_lines(["y = x1*w1 + x2*w2", "= 1*2 + 2*3", "= 8"], width, indent="    ", least=12) == lines
