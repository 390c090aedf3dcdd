"""Data sets: the geometry of the generated ones, and CSV files with what cannot be read in them."""

import itertools
import math
import random

import pytest

import nn
from nn import DATASETS, Dataset, read_csv


def by_class(data):
    groups = {label: [] for label in range(len(data.class_names))}
    for point, label in zip(data.inputs, data.targets, strict=True):
        groups[label].append(point)
    return groups


def test_moons_without_noise_are_half_circles():
    upper, lower = by_class(nn.moons(101, noise=0)).values()
    assert (len(upper), len(lower)) == (51, 50)
    assert all(math.hypot(x, y) == pytest.approx(1) and y > -1e-12 for x, y in upper)
    assert all(math.hypot(x - 1, y - 0.5) == pytest.approx(1) and y < 0.5 + 1e-12 for x, y in lower)
    assert max(abs(x) for x, _ in upper) == pytest.approx(1)


def test_the_points_of_moons_lie_around_the_half_circles():
    upper, lower = by_class(nn.moons(2000, noise=0.1, seed=3)).values()
    off = [math.hypot(x, y) - 1 for x, y in upper if y > 0]
    off += [math.hypot(x - 1, y - 0.5) - 1 for x, y in lower if y < 0.5]
    assert max(map(abs, off)) < 0.5
    deviation = math.sqrt(sum(d * d for d in off) / len(off))
    assert deviation == pytest.approx(0.1, rel=0.1)


def test_circles():
    outer, inner = by_class(nn.circles(51, noise=0)).values()
    assert (len(outer), len(inner)) == (26, 25)
    assert {round(math.hypot(x, y), 12) for x, y in outer} == {1.0}
    assert {round(math.hypot(x, y), 12) for x, y in inner} == {0.5}


def test_xor_is_around_the_corners_of_the_square():
    equal, different = by_class(nn.xor(80, noise=0.05)).values()
    assert (len(equal), len(different)) == (40, 40)
    assert {(round(x), round(y)) for x, y in equal} == {(0, 0), (1, 1)}
    assert {(round(x), round(y)) for x, y in different} == {(0, 1), (1, 0)}


def test_the_arms_of_a_spiral_are_one_arm_turned():
    arms = [
        sorted(arm, key=lambda point: math.hypot(*point))
        for arm in by_class(nn.spiral(90, noise=0, classes=3)).values()
    ]
    assert [len(arm) for arm in arms] == [30, 30, 30]
    turn = complex(math.cos(2 * math.pi / 3), math.sin(2 * math.pi / 3))
    for arm, following in itertools.pairwise(arms):
        for point, turned in zip(arm, following, strict=True):
            assert complex(*point) * turn == pytest.approx(complex(*turned), abs=1e-12)
    assert math.hypot(*arms[0][0]) == pytest.approx(0.1)
    assert math.hypot(*arms[0][-1]) == pytest.approx(1)


def test_blobs_are_three_clouds_of_four_features():
    groups = by_class(nn.blobs(600, noise=0.4)).values()
    assert [len(group) for group in groups] == [200, 200, 200]
    for group in groups:
        for column in zip(*group, strict=True):
            mean = sum(column) / 200
            assert math.sqrt(sum((x - mean) ** 2 for x in column) / 199) == pytest.approx(0.4, rel=0.2)


@pytest.mark.parametrize("make", DATASETS.values(), ids=DATASETS)
def test_a_seed_gives_the_same_points_whatever_else_draws(make):
    first = make(30, seed=7)
    random.seed(1)
    assert make(30, seed=7) == first
    assert make(30, seed=8) != first
    assert len(first) == 30
    assert first.targets != tuple(sorted(first.targets))  # shuffled


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: nn.moons(1), "expected a whole number from 2 up for the number of points, got 1."),
        (lambda: nn.blobs(2.5), "expected a whole number from 3 up for the number of points, got 2.5."),
        (lambda: nn.moons(noise=-1), "expected a finite number from 0 up for the noise of moons, got -1."),
        (lambda: nn.spiral(classes=1), "expected 2 or more classes for a spiral, got 1."),
        (lambda: Dataset([], []), "expected at least one row for data, got none."),
        (lambda: Dataset([[1], [2]], [0]), "expected 2 targets for the rows of data, got 1."),
        (lambda: Dataset([[1, 2], [3]], [0, 1]), "expected 2 numbers for row 2 of data, got 1."),
        (lambda: Dataset([[]], [0]), "expected at least one number for row 1 of data, got an empty list."),
        (lambda: Dataset([[math.nan]], [0]), "expected a finite number for feature 1 of row 1 of data, got nan."),
        (lambda: Dataset([[1]], [math.inf]), "expected a finite number for the target of row 1 of data, got inf."),
        (
            lambda: Dataset([[1]], [2], class_names="ab"),
            "expected a class from 0 to 1 for the target of row 1 of data, got 2.",
        ),
        (lambda: Dataset([[1]], [0], class_names=["a"]), "expected at least two classes for data, got one: 'a'."),
    ],
)
def test_what_is_no_data_set_is_said(call, sentence):
    with pytest.raises(ValueError, match="^") as caught:
        call()
    assert str(caught.value) == sentence


def test_a_text_is_no_row():
    with pytest.raises(TypeError, match="expected a list of numbers for row 1 of data, got '12'"):
        Dataset(["12"], [0])
    with pytest.raises(TypeError, match="expected a real number for feature 2 of row 1 of data, got str"):
        Dataset([[1, "2"]], [0])


def test_standardized():
    data = Dataset([[1, 5, 0], [2, 5, 0], [6, 5, 3]], [0, 1, 1], class_names=("a", "b")).standardized()
    # mean 3, deviation sqrt(14/3); a constant; mean 1, deviation sqrt(2)
    assert [row[0] for row in data.inputs] == pytest.approx([x / math.sqrt(14 / 3) for x in (-2, -1, 3)])
    assert [row[1] for row in data.inputs] == [0, 0, 0]
    assert [row[2] for row in data.inputs] == pytest.approx([-1 / math.sqrt(2), -1 / math.sqrt(2), math.sqrt(2)])
    assert (data.targets, data.class_names) == ((0, 1, 1), ("a", "b"))


@pytest.mark.parametrize(("constant", "rows"), [(-0.46, 5), (-3.971, 9), (1.513, 13)])
def test_a_constant_feature_becomes_0_whatever_its_mean_is_rounded_to(constant, rows):
    assert Dataset([[constant]] * rows, [0.0] * rows).standardized().inputs == ((0.0,),) * rows


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e15, 1e200, 1.7e308])
def test_numbers_whose_squares_no_float_holds_are_standardized(size):
    data = Dataset([[size], [-size], [size], [-size]], [0.0] * 4)
    assert [row[0] for row in data.standardized().inputs] == pytest.approx([1.0, -1.0, 1.0, -1.0])


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(text, encoded="utf-8", **settings):
        (tmp_path / "t.csv").write_bytes(text.encode(encoded))
        return read_csv("t.csv", **settings)

    return read


def test_a_table_with_a_header(table):
    data = table("length,width,kind\n1,2.5,b\n-3e2, 4 ,a\n\n0,0,b\n")
    assert data.inputs == ((1, 2.5), (-300, 4), (0, 0))
    assert (data.targets, data.class_names) == ((1, 0, 1), ("a", "b"))
    assert (data.feature_names, data.name) == (("length", "width"), "t.csv")


def test_a_table_without_a_header(table):
    data = table("1,2,10\n3,4,9\n5,6,10\n")
    assert (data.feature_names, data.class_names, data.targets) == (("x1", "x2"), ("9", "10"), (1, 0, 1))


def test_another_column_as_target_and_a_number_as_target(table):
    data = table("kind,a,b\nx,1,2\ny,3,4\n", target="kind")
    assert (data.inputs, data.feature_names, data.targets) == (((1, 2), (3, 4)), ("a", "b"), (0, 1))
    data = table("a,y\n1,0.5\n2,1.5\n", classes=False)
    assert (data.targets, data.class_names) == ((0.5, 1.5), ())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("\ufeffa;kind\r\n1;ä\r\n2;b\r\n", "utf-8"),
        ("a\tkind\n1\tä\n2\tb\n", "latin-1"),
        ("a,kind\r1,ä\r2,b\r", "utf-16"),
        ('"a",kind\n"1","ä"\n2,b\n', "utf-8"),
    ],
)
def test_other_tables(table, text, encoding):
    data = table(text, encoding, encoding=encoding)
    assert (data.inputs, data.feature_names, data.class_names) == (((1,), (2,)), ("a",), ("b", "ä"))


def test_a_class_that_is_a_number_is_one_class_in_every_spelling(table):
    data = table("a,kind\n1,1\n2,01\n3,0\n4,1.0\n5,0.0\n")
    assert (data.class_names, data.targets) == (("0", "1"), (1, 1, 0, 1, 0))
    assert table("a,kind\n1,1.0\n2,2.0\n3,nan\n4,x\n5,nan\n").class_names == ("1.0", "2.0", "nan", "x")


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
@pytest.mark.parametrize("first", [0, 1])
def test_a_first_column_that_counts_the_rows_is_an_index(table, name, first):
    data = table(f"{name},a,kind\n{first},5,x\n{first + 1},7,y\n")
    assert (data.feature_names, data.inputs) == (("a",), ((5,), (7,)))
    assert repr(data) == "Dataset('t.csv', 2 rows, 1 feature, classes x and y, without its index, column 1)"
    assert data.standardized().note == data.note
    assert table("Unnamed: 0,a,kind\n3,5,x\n1,7,y\n").feature_names == ("Unnamed: 0", "a")
    assert table("Unnamed: 0,a,kind\n0,5,x\n1,7,y\n", features=["Unnamed: 0"]).inputs == ((0,), (1,))


def test_the_first_line_of_a_file_for_excel_names_the_separator(table):
    data = table("sep=;\na;b,c;kind\n1;2;x\n3;4;y\n")
    assert (data.feature_names, data.inputs) == (("a", "b,c"), ((1, 2), (3, 4)))
    assert table('"sep=|"\na|kind\n1|x\n2|y\n').inputs == ((1,), (2,))
    with pytest.raises(ValueError, match="^t.csv, line 3, column 'a': 'z' is not a number"):
        table("sep=;\na;kind\nz;x\n3;y\n")


def test_columns_are_chosen(table):
    text = "id,a,kind,b\n9,1,x,2\n8,3,y,4\n"
    data = table(text, target="kind", features=["b", "a"])
    assert (data.feature_names, data.inputs, data.class_names) == (("b", "a"), ((2, 1), (4, 3)), ("x", "y"))
    data = table(text, target="kind", drop=["id"])
    assert (data.feature_names, data.inputs) == (("a", "b"), ((1, 2), (3, 4)))
    assert table(text, drop=["b", "id"]).class_names == ("x", "y")


@pytest.mark.parametrize(
    ("chosen", "error", "sentence"),
    [
        ({"features": ["A", "c"]}, ValueError, "t.csv has no column 'A'; try a."),
        ({"drop": ["knd"]}, ValueError, "t.csv has no column 'knd'; try kind."),
        ({"drop": "a"}, TypeError, "expected a list of columns for drop, got 'a'."),
        ({"features": ["a"], "drop": ["b"]}, ValueError, "expected features or columns to drop, got both."),
        (
            {"features": ["a", "kind"]},
            ValueError,
            "t.csv: column 'kind' is the target and a feature; name another target with target=... (--target).",
        ),
        (
            {"target": "a", "drop": ["a"]},
            ValueError,
            "t.csv: the target is a column to drop; name another one with target=... (--target).",
        ),
        ({"drop": ["a", "b"]}, ValueError, "t.csv: no feature is left beside the target 'kind'."),
    ],
)
def test_columns_that_cannot_be_chosen_are_named(table, chosen, error, sentence):
    with pytest.raises(error) as caught:
        table("a,b,kind\n1,2,x\n3,4,y\n", **chosen)
    assert str(caught.value) == sentence


def test_a_name_of_a_class_is_text_whatever_it_holds(table):
    data = table('a,kind\n1,"[red]x\n,""y"\n2,none\n')
    assert data.class_names == ('[red]x\n,"y', "none")


OF_TEXT = (
    "This column has no numbers. If it is the target, name it with target=... (--target); else leave it out with "
    "drop=... (--drop)."
)
ONE_COLUMN = "a data set needs a feature and a target, separated by commas, semicolons or tabs."
OPEN = "unexpected end of data. Check its quotation marks."
FILLED = "Fill it in, or remove the line."
ONE_CLASS = (
    "t.csv, column 'kind': every row has the class 'x', but two classes or more are needed. If another column is "
    "the target, name it with target=... (--target)."
)
NUMBERS = (
    "t.csv, column 'y' has 4 different numbers in 4 rows. If they are numbers to predict, not classes, use "
    "classes=False (--regression)."
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b,kind\n1,2,x\n3,tall,y\n", "t.csv, line 3, column 'b': 'tall' is not a number."),
        ("kind,a,b\nx,1,2\ny,1,3\n", f"t.csv, line 2, column 'kind': 'x' is not a number. {OF_TEXT}"),
        ("a;b\n1,5;x\n2;y\n", "t.csv, line 2, column 'a': '1,5' is not a number. Write decimals with a point."),
        ("a,b\n1_0,x\n2,y\n", "t.csv, line 2, column 'a': '1_0' is not a number."),
        ("a,b,kind\n1,,x\n3,4,y\n", f"t.csv, line 2, column 'b': a number is missing (''). {FILLED}"),
        ("a,b,kind\n\n1,NaN,x\n3,4,y\n", f"t.csv, line 3, column 'b': a number is missing ('NaN'). {FILLED}"),
        ("a,b,kind\n1,inf,x\n3,4,y\n", "t.csv, line 2, column 'b': 'inf' is not finite."),
        ("a,kind\n1,x\n3,?\n", f"t.csv, line 3, column 'kind': the class is missing ('?'). {FILLED}"),
        ("a,kind\n1,x\n2,x\n", ONE_CLASS),
        ("a,y\n1,1.5\n2,2.5\n3,3.5\n4,4.5\n", NUMBERS),
        ("a,b,kind\n1,2,x\n1,2\n", "t.csv, line 3, has 2 cells instead of 3."),
        ("a,b,kind\n1,2,x,9\n", "t.csv, line 2, has 4 cells instead of 3."),
        ("a,b,kind\n", "t.csv has a header, but no rows."),
        ("a,a,kind\n1,2,x\n", "t.csv, line 1: two columns are called 'a'."),
        (",a,kind\n7,2,x\n", "t.csv, line 1: column 1 has no name."),
        ("a|kind\n1|x\n", f"t.csv has one column, 'a|kind'; {ONE_COLUMN}"),
        ("", "t.csv is empty."),
        ("\ufeff \r\n\n", "t.csv is empty."),
        ('""\n', "t.csv is empty."),
        (",,\n,,\n", "t.csv, line 1: column 1 has no name."),
        ("a,b,kind\n1,2,x\n,,\n", f"t.csv, line 3, column 'a': a number is missing (''). {FILLED}"),
        ('a,kind\n1,"x\n2,y\n', f"t.csv, line 2, is not a line of a CSV file: {OPEN}"),
        ('a,kind\n1,"x\ny"\n2,"y\n3,x\n4,z\n', f"t.csv, line 4, is not a line of a CSV file: {OPEN}"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_place(table, text, sentence):
    with pytest.raises(ValueError, match="^") as caught:
        table(text)
    assert str(caught.value) == sentence


def test_bytes_that_are_no_text(table, tmp_path):
    with pytest.raises(ValueError, match="^") as caught:
        table("a,kind\n1,x\n2,ä\n", "latin-1")
    assert str(caught.value) == (
        "t.csv, line 3: the byte 0xe4 is not valid utf-8. Save the file as UTF-8, or name its encoding (--encoding), "
        "such as 'latin-1' or 'utf-16'."
    )
    with pytest.raises(ValueError, match="there is no encoding 'utf-9'; try 'utf-8', 'latin-1' or 'utf-16'."):
        table("a,kind\n1,x\n", encoding="utf-9")


def test_a_column_or_a_file_that_is_not_there(table, tmp_path):
    with pytest.raises(ValueError, match="t.csv has no column 'knd'; try kind."):
        table("a,kind\n1,x\n", target="knd")
    with pytest.raises(FileNotFoundError, match="there is no file no.csv."):
        read_csv("no.csv")
    with pytest.raises(IsADirectoryError, match="is a folder; name a file."):
        read_csv(tmp_path)
