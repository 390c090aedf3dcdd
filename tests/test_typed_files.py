"""Files of exercises as people type them: what is forgiven, and the sentence for what is not."""

import json
import subprocess
import sys

import pytest

import nn
from nn import FormatError
from nn.exchange.text import MOST_TYPED, parsed


def message_of(text, read=parsed):
    with pytest.raises(FormatError) as caught:
        read(text.encode())
    return str(caught.value)


# --- JSON as it is typed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('{"a": [1, 2,], "b": {"c": 3,},}', {"a": [1.0, 2.0], "b": {"c": 3.0}}),
        ("{a: 1, w_13: 'x'}", {"a": 1.0, "w_13": "x"}),
        ('// it\'s "one\n{"a": 1, # it\'s "two\n /* and\n "three */ "b": "// # /* 4"}', {"a": 1.0, "b": "// # /* 4"}),
        ('{"a": .5, "b": +1, "c": 5., "d": 0x10}', {"a": 0.5, "b": 1.0, "c": 5.0, "d": 16.0}),
        ("{\"a\": \"it's\", 'b': '\"'}", {"a": "it's", "b": '"'}),
    ],
)
def test_what_a_person_types_is_read(text, content):
    assert parsed(text.encode()) == content


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": }', "line 1, column 15: a value is missing before }."),
        ('{"a": 1,\n "b": 1/3}', 'line 2, column 7: write 1/3 in quotes: "1/3".'),
        ('{"a": [1, 2}', "line 1, column 12: write ] before this }, to close the [ of line 1, column 7."),
        ('{"a": 1}}', "line 1, column 9: this } closes nothing; remove it."),
        ('{"a": 1} b', "line 1, column 10: the file ends with the last bracket; remove b."),
        (
            '{"a": [1,\n2,',
            (
                "line 2, column 3: the file ends before the [ of line 1, column 7 is closed. Write ] at its end; "
                "or was the file cut off?"
            ),
        ),
        (
            '{"a": 1',
            (
                "line 1, column 8: the file ends before the { of line 1, column 1 is closed. Write } at its end; "
                "or was the file cut off?"
            ),
        ),
        (
            '{"a": "re',
            (
                'line 1, column 7: the text that begins here has no closing ". Write one at its end; '
                "or was the file cut off?"
            ),
        ),
        (
            '{"a": "relu,\n "b": 1}',
            'line 1, column 7: the text that begins here has no closing ". Write one at its end.',
        ),
        (
            "{“a”: 1}",
            'line 1, column 2: write straight quotation marks, as in "relu", in place of those of “a”.',
        ),
        ('{"a": 1\n"b": 2}', 'line 2, column 1: write a comma before "b".'),
        ('{"a": [1 -1]}', "line 1, column 10: write a comma before -1."),
        ('{"a" 1}', "line 1, column 6: write : before 1."),
        ('{"a" = 1}', "line 1, column 6: write : in place of =."),
        ('{"a": 1;\n"b": 2}', "line 1, column 8: write , in place of ;."),
        ('{"a": 1,, "b": 2}', "line 1, column 9: remove one of the two commas."),
        ('{"a": 0,5}', "line 1, column 7: write 0.5 in place of 0,5."),
        ('{"a": True}', "line 1, column 7: write true in place of True."),
        ('{"a": None}', "line 1, column 7: write null in place of None."),
        ('{"a": relu}', 'line 1, column 7: write relu in quotes: "relu".'),
        ('{"a": My exercise, "b": 1}', 'line 1, column 7: write My exercise in quotes: "My exercise".'),
        ('{w-12: 1, "b": 1}', 'line 1, column 2: write w-12 in quotes: "w-12".'),
        ('{"a": 2*3}', "line 1, column 7: 2*3 cannot be read; write a number, a list, or a text in quotes."),
        ("\n# weights\n", "expected JSON, such as {...}, got a file that begins with '# weights'."),
        (" ", "the file is empty."),
        ('{"a": 1, a: 2}', "a: this entry appears twice; remove one of the two."),
        (
            '{"a": 1, "b": [\'' + "x" * 20,
            (
                "line 1, column 16: the text that begins here has no closing '. "
                "Write one at its end; or was the file cut off?"
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_write_instead(text, message):
    def read(content):
        nn.exchange.text.Entry(parsed(content)).named()

    assert message_of(text, read) == message


def test_a_long_file_is_read_as_plain_json_only():
    text = json.dumps({"weights": [0.125] * MOST_TYPED}, indent=0)
    assert len(parsed(text.encode())["weights"]) == MOST_TYPED
    assert message_of(text[:-5]).endswith("delimiter; was the file cut off?")
    assert message_of(text.replace("0.125,", "0.125", 1)).startswith("line 4, column 1: Expecting ',' delimiter.")


def test_a_plain_file_does_not_import_the_reader_of_typed_ones(tmp_path):
    path = nn.save(nn.relu_exercise(), tmp_path / "plain.json")
    code = f"import sys, nn; nn.load({str(path)!r}); print('json5' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
