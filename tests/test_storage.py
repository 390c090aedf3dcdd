"""Models and exercises in files: every bit comes back, and whatever is wrong with a file is said with its place."""

import json
import math
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value, constant, parameter
from nn import MLP, Exercise, FormatError, Layer, Module, Neuron, load, save

EXERCISES = [nn.relu_exercise, nn.second_exercise, nn.sigmoid_exercise]
ODD = 'w <b>"13"</b> \\ \n ü \ud800'


def small():
    layers = [
        Layer([[0.1, -0.0], [1e-310, 3]], [math.inf, 0.5], nn.activation("leaky_relu", slope=0.2), number=1),
        Layer([[-math.inf, math.nan]], [2**60], "prelu", number=2),
    ]
    layers[1].neurons[0].bias.label = ODD
    return MLP.from_layers(layers)


SMALL = r"""{
  "format": "gradstep",
  "version": 1,
  "kind": "MLP",
  "layers": [
    {
      "number": 1,
      "activation": {"name": "leaky_relu", "slope": 0.2},
      "weights": [[0.1, -0.0], [1e-310, 3.0]],
      "biases": ["inf", 0.5]
    },
    {
      "number": 2,
      "activation": {"name": "prelu", "alpha": 0.25},
      "weights": [["-inf", "nan"]],
      "biases": [1.152921504606847e+18]
    }
  ],
  "labels": {"layers.1.neurons.0.bias": "w <b>\"13\"</b> \\ \n \u00fc \ud800"}
}
"""


def bits(number):
    return "nan" if math.isnan(number) else struct.pack(">d", number)


def facts(model):
    """Return all that a file keeps of a model or exercise, comparable to the last bit."""
    if isinstance(model, Exercise):
        return repr(model), [str(line) for line in model.solve().lines]
    activations = [layer.activation for layer in getattr(model, "layers", [model])]
    return (
        repr(model),
        [(path, found.label, found.kind, bits(found.data)) for path, found in model.named_parameters()],
        [(chosen.name, {name: bits(x) for name, x in chosen.settings.items()}) for chosen in activations],
        [activations.index(chosen) for chosen in activations],
    )


def through_a_file(model):
    with TemporaryDirectory() as folder:
        return load(save(model, Path(folder, "model.json")))


def loaded(content, folder):
    path = folder / "model.json"
    path.write_bytes(content)
    return load(path)


# --- What comes back -------------------------------------------------------------------------------------------------


def test_the_content_of_a_file(tmp_path):
    assert save(small(), tmp_path / "small.json").read_bytes() == SMALL.encode()
    assert facts(loaded(SMALL.encode(), tmp_path)) == facts(small())
    assert facts(loaded(SMALL.replace("\n", "\r\n").encode(), tmp_path)) == facts(small())


numbers = st.floats()
settings_of = {"linear": ["a", "c"], "leaky_relu": ["slope"], "prelu": ["alpha"], "elu": ["alpha"]}
activations = st.sampled_from(sorted(nn.ACTIVATIONS)).flatmap(
    lambda name: st.fixed_dictionaries({}, optional=dict.fromkeys(settings_of.get(name, []), numbers)).map(
        lambda chosen: nn.activation(name, **chosen)
    )
)


@st.composite
def layers(draw, n_inputs=None, shared=None):
    n_inputs = n_inputs or draw(st.integers(1, 4))
    rows = st.lists(st.lists(numbers, min_size=n_inputs, max_size=n_inputs), min_size=1, max_size=4)
    weights = draw(rows)
    biases = draw(st.lists(numbers, min_size=len(weights), max_size=len(weights)))
    chosen = shared if shared and draw(st.booleans()) else draw(activations)
    return Layer(weights, biases, chosen, number=draw(st.none() | st.integers(0, 10**6)))


@st.composite
def models(draw):
    if draw(st.booleans()):
        made = [draw(layers())]
        shared = nn.activation("prelu", alpha=draw(numbers))
        for _ in range(draw(st.integers(0, 3))):
            made.append(draw(layers(len(made[-1].neurons), shared)))
        model = MLP.from_layers(made)
    else:
        neurons = st.builds(
            Neuron,
            st.lists(numbers, min_size=1, max_size=4),
            numbers,
            activations,
            suffixes=st.tuples(st.text(), st.text()),
        )
        model = draw(layers() | neurons)
    for found in model.parameters():
        if draw(st.booleans()):
            found.label = draw(st.none() | st.text())
    return model


@given(models())
@settings(max_examples=100)
def test_every_bit_of_a_model_comes_back(model):
    assert facts(through_a_file(model)) == facts(model)


@pytest.mark.parametrize("make", EXERCISES)
def test_exercises_come_back(make):
    assert facts(through_a_file(make())) == facts(make())


@pytest.mark.parametrize(
    "exercise",
    [
        Exercise({"w12": 2, "w13": -0.0}, [3], {"t3": 0, "t2": 5}, eta=0, activation="linear"),
        Exercise({"w12": 1, "w23": 2}, [math.nan], 1, 0.1, output_activation="sigmoid", title=ODD),
        Exercise({"a b": math.inf}, {"ü": 1}, {"y": 1}, 0.1, units=(nn.Unit("p q", "ä", "d", (("ü", "a b"),)),)),
    ],
)
def test_unusual_exercises_come_back(exercise):
    assert facts(through_a_file(exercise)) == facts(exercise)


def test_an_exercise_written_by_hand(tmp_path):
    by_hand = b"""\xef\xbb\xbf{"format": "gradstep", "version": 1, "kind": "Exercise",
        "weights": {"w13": 2, "w23": -3, "w14": 1, "w24": 4, "w35": 2, "w45": -1},
        "inputs": [1, -1], "target": 0, "eta": 0.1, "title": "The worked exercise: 2-2-1, F = ReLU"}"""
    assert facts(loaded(by_hand, tmp_path)) == facts(nn.relu_exercise())


@pytest.mark.parametrize("model", [nn.relu_exercise(), small()])
def test_a_file_that_was_changed_by_hand_is_taken_as_it_is(model, tmp_path):
    content = json.loads(content_of(model))
    assert "checksum" not in content
    changed_by_hand = content | ({"eta": 0.25} if "eta" in content else {"labels": {}})
    again = loaded(json.dumps(changed_by_hand | {"checksum": "b5103973"}).encode(), tmp_path)  # an older version's
    assert facts(again) != facts(model)
    if isinstance(model, Exercise):
        assert (again.eta, again.solve().after["w35"]) == (0.25, 2 - 0.25 * 50)
    else:
        assert again.layers[1].neurons[0].bias.label == "b2_0"


def test_a_model_loaded_goes_on_learning_as_the_one_saved():
    shared = nn.activation("prelu")
    model = MLP(2, [3, 2, 1], shared)
    again = through_a_file(model)
    assert len(again.parameters()) == len(model.parameters()) == 21
    for mlp in (model, again):
        optimizer = nn.SGD(mlp.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            mlp([1.0, -2.0]).backward()
            optimizer.step()
    assert facts(again) == facts(model)


def test_a_loaded_model_has_no_gradients():
    model = MLP(1, [1])
    model([1]).backward()
    assert [found.has_grad for found in through_a_file(model).parameters()] == [False, False]


# --- What is damaged -------------------------------------------------------------------------------------------------


def content_of(model):
    with TemporaryDirectory() as folder:
        return save(model, Path(folder, "model.json")).read_bytes()


ORIGINALS = [small(), nn.second_exercise(), Neuron([1.5, -2], 0.25, "elu", suffixes=("1", "_0"))]
FILES = [(content_of(model), facts(model)) for model in ORIGINALS]


def loaded_or_refused(content):
    """Load a damaged file; return the model, or None where a FormatError refuses it: nothing else may come."""
    with TemporaryDirectory() as folder:
        try:
            return loaded(content, Path(folder))
        except FormatError:
            return None


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=100)
def test_a_file_cut_off_anywhere_is_refused_or_still_whole(file, data):
    content, expected = file
    model = loaded_or_refused(content[: data.draw(st.integers(0, len(content)))])
    assert model is None or facts(model) == expected


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=200)
def test_a_file_with_other_bytes_is_refused_or_is_a_model_that_can_be_saved(file, data):
    content, _ = file
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    model = loaded_or_refused(bytes(damaged))
    assert model is None or facts(through_a_file(model)) == facts(model)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["relu", "x1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "w12", "post"]), inner),
    max_leaves=5,
)


def places(content, at=()):
    yield at
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, part in items:
        yield from places(part, (*at, key))


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=200)
def test_a_file_with_another_entry_is_refused_or_is_a_model_that_can_be_saved(file, data):
    content = json.loads(file[0])
    *outer, last = data.draw(st.sampled_from([at for at in places(content) if at]))
    holder = content
    for key in outer:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[last] = data.draw(anything)
    else:
        del holder[last]
    model = loaded_or_refused(json.dumps(content).encode())
    assert model is None or facts(through_a_file(model)) == facts(model)


# --- What is wrong, and where ----------------------------------------------------------------------------------------

GOOD = json.loads(FILES[0][0])


def changed(*path, to):
    content = json.loads(json.dumps(GOOD))
    holder = content
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = to
    return json.dumps(content)


def test_a_file_to_load_exists_and_is_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^there is no file .*nofile\.json\.$"):
        load(tmp_path / "nofile.json")
    with pytest.raises(IsADirectoryError, match=r"is a folder; name a file\.$"):
        load(tmp_path)


def without(name):
    return json.dumps({key: part for key, part in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"the file is empty\.$"),
        ('{"format": "gradstep",\n "version": }', "line 2, column 13: a value is missing before }"),
        (
            SMALL[:200],
            r"line 9, column 45: the file ends before the \[ of line 9, column 18 is closed. .* was the file cut off",
        ),
        ("\nimport nn\n", r"expected JSON, such as {...}, got a file that begins with 'import nn'."),
        ("[1, 2]", 'expected an exercise, such as .* or a saved model, with an entry "format": "gradstep"'),
        ('{"state_dict": {}}', "expected an exercise, such as .* or a saved model"),
        ("[" * 200_000, "the lists are nested too deeply for a model"),
        ('{"format":' * 100_000, "the lists are nested too deeply for a model"),
        (without("version"), 'the entry "version" is missing'),
        (changed("version", to=0), r"version: expected a whole number from 1 up, got 0\."),
        (changed("version", to=1.5), "version: expected a whole number from 1 up, got 1.5"),
        (
            changed("version", to=2),
            "the format has version 2, but this gradstep reads version 1. Install a newer gradstep",
        ),
        (without("kind"), 'the entry "kind" is missing'),
        (changed("kind", to="MPL"), "kind: there is no kind 'MPL'; try MLP."),
        (changed("kind", to="Net"), "kind: there is no kind 'Net'; try MLP, Layer, Neuron, Exercise."),
        (changed("kind", to="x" * 10**6), r"kind: there is no kind 'x{80,100}\.\.\.x{80,100}\.\.\.$"),
        (changed("x" * 10**6, to=1), r'unknown entry "x{36}\.\.\.; remove it'),
        (changed("kind", to="Layer"), 'unknown entry "layers"; try labels.'),
        (changed("layers", to=[]), "layers: expected at least one layer for a network, got an empty list"),
        (changed("layers", to=3), r"layers: expected a list, got 3\."),
        (
            changed("layers", 1, "weights", 0, 1, to="1.5"),
            r"layers\[1\].weights\[0\]\[1\]: expected a number or one of",
        ),
        (
            changed("layers", 0, "weights", 1, 0, to=None),
            r"layers\[0\].weights\[1\]\[0\]: expected a number, got null",
        ),
        (
            changed("layers", 0, "weights", 1, 0, to=True),
            r"layers\[0\].weights\[1\]\[0\]: expected a number, got true",
        ),
        (
            changed("layers", 0, "weights", 1, 0, to=[1, [2]]),
            r"layers\[0\]\.weights\[1\]\[0\]: expected a number, got list\.$",
        ),
        (
            changed("layers", 0, "weights", 1, 0, to={"a": 1}),
            r"layers\[0\]\.weights\[1\]\[0\]: expected a number, got object\.$",
        ),
        (changed("layers", to={"a": 1}), r"layers: expected a list, got object\.$"),
        (changed("kind", to=[1, 2]), r"kind: expected a text, got list\.$"),
        (changed("kind", to=2), r"kind: expected a text, got 2\.$"),
        (
            changed("layers", 0, "weights", 1, to=[1]),
            r"layers\[0\]: expected 2 numbers for each unit of the layer, got 1",
        ),
        (changed("layers", 0, "weights", to=[]), r"layers\[0\]: expected at least one unit for a layer"),
        (changed("layers", 0, "biases", to=[1]), r"layers\[0\]: expected 2 numbers for the layer's biases, got 1"),
        (changed("layers", 1, "weights", to=[[1]]), r"layers: expected 1 number for layers\[1\], got 2"),
        (changed("layers", 0, "number", to=-1), r"layers\[0\].number: expected a whole number from 0 up, got -1\."),
        (changed("layers", 0, "activation", "name", to="rely"), r"layers\[0\].activation: .* 'rely'; try"),
        (changed("layers", 0, "activation", "sloop", to=1), r"layers\[0\].activation: leaky_relu has no"),
        (
            changed("layers", 0, "activation", "slope", to="x"),
            r'layers\[0\].activation.slope: expected a number .*"x"',
        ),
        (changed("layers", 0, "activation", to="relu"), r'layers\[0\].activation: expected an object .* got "relu"'),
        (changed("layers", 0, "activation", to={}), r'layers\[0\].activation: the entry "name" is missing'),
        (
            changed("layers", 0, "activation", to={"same as": "layers[1].activation"}),
            r"layers\[0\].activation\[\"same as\"\]: there is no earlier 'layers\[1\].activation'; there is none",
        ),
        (changed("layers", 0, "wieghts", to=[]), r'layers\[0\]: unknown entry "wieghts"; try weights'),
        (changed("labels", to={"layers.7": "a"}), r'labels\["layers.7"\]: the model has no such parameter; try layers'),
        (changed("labels", "layers.1.neurons.0.bias", to=3), r'labels\["layers.1.neurons.0.bias"\]: expected a text,'),
        (without("").replace("1e-310", "1e999"), r"layers\[0\].weights\[1\]\[0\]: the number does not fit into"),
        (without("").replace("1e-310", "9" * 5000), r"layers\[0\].weights\[1\]\[0\]: the number does not fit"),
        (without("").replace("1e-310", "NaN"), r'layers\[0\].weights\[1\]\[0\]: the number .* try the texts "inf"'),
        (without("").replace("1e-310", '"NaN"'), r'layers\[0\].weights\[1\]\[0\]: expected a number .* "NaN"'),
        (
            without("").replace('"biases"', '"weights": [], "biases"', 1),
            r"layers\[0\].weights: this entry appears twice",
        ),
        ('{"format": "gradstep", "format": "gradstep"}', "format: this entry appears twice; remove one of the two"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(text, message, tmp_path):
    with pytest.raises(FormatError, match=r"model\.json: " + message):
        loaded(text.encode(), tmp_path)


EXERCISE = {"format": "gradstep", "version": 1, "kind": "Exercise", "weights": {"w12": 2}, "inputs": [1], "target": 0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, 'the entry "eta" is missing'),
        ({"eta": -1}, "expected a finite number of 0 or more for eta, got -1.0"),
        ({"eta": 1, "activation": "rely"}, "there is no activation 'rely'; try relu"),
        ({"eta": 1, "weights": {"w12": [1]}}, r"expected a number for the weight w12, .* got \[1\]"),
        ({"eta": 1, "weights": {"w 12": "a"}}, r"expected a number for the weight w 12, .* got 'a'"),
        (
            {"eta": 1, "weights": {"v12": 1}},
            "expected a weight named after the two nodes that it joins, .* got 'v12'",
        ),
        ({"eta": 1, "labels": {}}, 'unknown entry "labels"'),
        ({"eta": 1, "title": 3}, r"title: expected a text, got 3\."),
        ({"eta": 1, "units": [{"pre": "a", "post": "b", "delta": "c"}]}, r'units\[0\]: the entry "weights" is missing'),
        (
            {"eta": 1, "units": [{"pre": "a", "post": "b", "delta": "c", "weights": [["x1"]]}]},
            r"units\[0\].weights\[0\]: expected an input and its weight, such as \[\"x1\", \"w13\"\], got \['x1'\]",
        ),
        ({"eta": 1, "notation": {"weight_first": "yes"}}, 'notation.weight_first: expected true or false, got "yes"'),
        ({"eta": 1, "notation": {"functoin": "G"}}, 'notation: unknown entry "functoin"; try function'),
    ],
)
def test_what_is_wrong_in_an_exercise_is_said_with_its_place(change, message, tmp_path):
    with pytest.raises(FormatError, match=message):
        loaded(json.dumps(EXERCISE | change).encode(), tmp_path)


def test_a_neuron_has_a_suffix_of_two_texts(tmp_path):
    neuron = json.loads(content_of(Neuron([1.0]))) | {"suffixes": ["1"]}
    with pytest.raises(FormatError, match="suffixes: expected two texts, for the layer and the unit, got 1"):
        loaded(json.dumps(neuron).encode(), tmp_path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp037"])
def test_other_encodings_are_refused(encoding, tmp_path):
    with pytest.raises(FormatError, match=r"byte \d+: expected text in UTF-8|line 1, column 1: Expecting value"):
        loaded(without("").encode(encoding), tmp_path)


def test_what_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing.json")
    with pytest.raises(OSError, match=str(tmp_path)):
        load(tmp_path)
    with pytest.raises(OSError, match=str(tmp_path)):
        save(MLP(1, [1]), tmp_path)
    with pytest.raises(FileNotFoundError, match="the folder .* does not exist; make it first"):
        save(MLP(1, [1]), tmp_path / "no" / "where.json")


# --- What cannot be saved --------------------------------------------------------------------------------------------


class Line(Module):
    def __init__(self):
        self.slope = parameter(2)


class Bent(MLP):
    def forward(self, inputs):
        return super().forward([x * x for x in inputs])


def edited(edit):
    mlp = MLP(2, [2, 1])
    edit(mlp, mlp.layers[0], mlp.layers[0].neurons)
    return mlp


def own(mlp, layer, neurons):
    layer.neurons[1] = type("Special", (Neuron,), {})([1.0, 2.0])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Line(), r"\(MLP, Layer, Neuron, Exercise\), got Line. To save its numbers by name, use state_dict\(\)"),
        (Bent(2, [1]), "got Bent. To save its numbers by name, use state_dict"),
        (Value(1), "got Value. For other data, use Python's module json"),
        (
            MLP(2, [1], output_activation=nn.Activation("cube", lambda x: x**3)),
            r"Activation\('cube'\), your own function",
        ),
        (Neuron([1], 0, nn.Activation("relu", lambda x: x**3)), r"the activation of the neuron is"),
        (Neuron([1], 0, nn.activation("elu", alpha=parameter(1))), "a real number for alpha of elu, got Value"),
        (edited(own), r"expected a Layer or Neuron for neurons\[1\] of layers\[0\], got Special"),
        (edited(lambda mlp, _, neurons: setattr(mlp, "more", parameter(1))), "more is no weight or bias of the MLP"),
        (
            edited(lambda mlp, _, neurons: setattr(neurons[1], "bias", neurons[0].bias)),
            "layers.0.neurons.0.bias is used in several places of the MLP; a copy cannot express that",
        ),
        (
            edited(lambda mlp, _, neurons: setattr(neurons[1], "weights", [constant(1, "k"), constant(2, "l")])),
            "k and l are in the MLP, but not as a parameter",
        ),
        (
            edited(lambda mlp, layer, _: setattr(layer, "activation", nn.activation("tanh"))),
            r"the neurons of layers\[0\] do not have its activation",
        ),
        (edited(lambda mlp, layer, neurons: neurons.pop()), r"a file cannot express this MLP: layers: expected"),
        (edited(lambda mlp, layer, _: setattr(layer, "number", -1)), r"a file cannot express this MLP:"),
        (Exercise({"w12": 2}, [1], 0, 0.1, title=3), "a file cannot express this Exercise: title: expected a text"),
    ],
)
def test_what_a_file_cannot_express_is_refused_and_the_old_file_stays(model, message, tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(b"before")
    with pytest.raises(TypeError, match=message):
        save(model, path)
    assert path.read_bytes() == b"before"


def test_numbers_of_numpy_are_numbers():
    neuron = Neuron(np.array([1.0, 2.0]), np.float32(0.1), nn.activation("elu", alpha=np.float64(0.3)))
    assert facts(through_a_file(neuron)) == facts(neuron)


def test_layers_that_exist_make_a_network():
    mlp = MLP(2, [3, 1], "tanh", seed=4)
    again = MLP.from_layers(mlp.layers)
    assert (repr(again), again([1, 2]).data) == (repr(mlp), mlp([1, 2]).data)
    with pytest.raises(ValueError, match=r"expected 3 numbers for layers\[1\], got 2"):
        MLP.from_layers([Layer([[1.0], [2.0]]), Layer([[1.0, 2.0, 3.0]])])
    with pytest.raises(ValueError, match="expected at least one layer for a network"):
        MLP.from_layers([])


def test_a_network_whose_sizes_do_not_fit_is_not_saved(tmp_path):
    mlp = MLP(2, [3, 1])
    mlp.layers[0].neurons.pop()
    with pytest.raises(TypeError, match=r"express this MLP: layers: expected 3 numbers for layers\[1\], got 2\.$"):
        save(mlp, tmp_path / "mlp.json")
    mlp.layers[1].neurons[0].weights.pop()
    mlp.layers[0].neurons[1].weights.append(parameter(1.0, "more"))
    with pytest.raises(TypeError, match=r"expected 2 numbers for each unit of the layer, got 3\.$"):
        save(mlp, tmp_path / "mlp.json")
    mlp.layers[0].neurons[1].weights.pop()
    mlp.layers[0].neurons[1].weights[1].label = "mine"
    again = load(save(mlp, tmp_path / "mlp.json"))
    assert [weight.label for weight in again.parameters()] == [weight.label for weight in mlp.parameters()]
    assert list(tmp_path.iterdir()) == [tmp_path / "mlp.json"]
