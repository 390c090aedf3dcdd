"""Files of exercises, models and data with changed bytes: what loads comes back equal; a sentence refuses the rest."""

import re
import tempfile
from pathlib import Path

from hypothesis import strategies as st

import nn
from nn.exchange.storage import text_of
from tests.fuzz.programs import differ

EACH_ROUND = 60
TYPED = """{
  // as a student types it
  weights: {w1: 0.5, w2: "1/3"}, inputs: {x: [1, -2]}, targets: {h2: [0.5, 1]},
  units: [{pre: 'z1', post: 'h1', weights: [['x', 'w1']]}, {pre: 'z2', post: 'h2', weights: [['h1', 'w2']]}],
  eta: .1, activation: {leaky_relu: {slope: 0.1}}, loss: "squared_error",
}"""
MODELS = [nn.MLP(2, [2, 1], "tanh", seed=1), nn.MLP(1, [2, 2], "prelu", seed=1), nn.Neuron(2, seed=1)]
DATA = [
    "a,b,class\n1,2,x\n3,4.5,y\n",
    "1;2,5;0\n3;4;1\n",
    "\ufeffa\tb\n1\t2\n-1e3\t'x'\n",
    ',a,b\n0,1,"x\n y"\n1,2,z\n',
]
BASES = [*[text_of(make()) for make in nn.READY.values()], *map(text_of, MODELS), TYPED]
TOKEN = re.compile(rb'"[^"]*"|[-+.\w]+|\s+|.', re.DOTALL)
PIECES = [
    *(b"", b'""', b"null", b"true", b"{}", b"[]", b"-1", b"0", b"1e999", b"NaN", b"1/0", b'"1/0"', b'"x"', b"0.5"),
    *(b"[1]", b"{", b"}", b"[", b"]", b",", b";", b":", b'"', b"'", b"\\", b"\\ud800", b"//", b"/*", b"#", b"\n"),
    *(b"\r", b"\t", b"\x00", b"\xff", b"\xe2\x80\x9c", b"\xef\xbb\xbf", b"9" * 400, b"[" * 3000, b'"W[1]_11"'),
    *(b'"softmax"', b"__class__"),
]
EDIT = st.tuples(
    st.sampled_from(["token", "byte", "twice", "swap", "end"]), st.integers(0, 10**6), st.sampled_from(PIECES)
)
NAMES = st.tuples(st.just("json"), st.sampled_from(BASES)) | st.tuples(st.just("csv"), st.sampled_from(DATA))
CASES = st.tuples(NAMES, st.lists(EDIT, max_size=4))


def changed(text, edits):
    """Return the bytes of a text after some edits, each at the place of a token or of a byte."""
    content = text.encode()
    for kind, number, piece in edits:
        if kind == "byte":
            place = number % (len(content) + 1)
            content = content[:place] + piece + content[place + 1 :]
            continue
        tokens = TOKEN.findall(content) or [b""]
        place = number % len(tokens)
        if kind == "token":
            tokens[place] = piece
        elif kind == "twice":
            tokens[place] *= 2
        elif kind == "swap":
            tokens[place], tokens[-place] = tokens[-place], tokens[place]
        else:
            del tokens[place:]
        content = b"".join(tokens)
    return content


def shown(case):
    (suffix, text), edits = case
    read = "nn.load" if suffix == "json" else "nn.read_csv"
    return f'Path("fuzzed.{suffix}").write_bytes({changed(text, edits)!r})\n{read}("fuzzed.{suffix}")'


def read_model(path):
    """Load a file; check that what it says is written and read again as the same."""
    model = nn.load(path)
    text = text_of(model)
    again = text_of(nn.load(nn.save(model, path)))
    if again != text:
        differ("loaded, and saved and loaded again", text, again)


def read_data(path):
    for classes in (True, False):
        data = nn.read_csv(path, classes=classes)
        if len(data.inputs) != len(data.targets) or {len(row) for row in data.inputs} != {len(data.feature_names)}:
            differ("shapes of inputs and targets", data.inputs, data.targets)


def check(case):
    (suffix, text), edits = case
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"fuzzed.{suffix}")
        path.write_bytes(changed(text, edits))
        read, refusal = (read_model, nn.FormatError) if suffix == "json" else (read_data, ValueError)
        try:
            read(path)
        except refusal as error:
            said = str(error)
            if type(error) is not refusal or str(path) not in said:
                raise AssertionError(f"not a sentence: {type(error).__name__}: {said[:300]}") from error
