"""The rule of the arguments, over all that is public: a name for a thing, what a call is about first, then options."""

import inspect
import re

import pytest

import autograd
import nn
import viz
from autograd import lab
from autograd.ops import __all__ as operations

ABOUT = {
    "autograd.Value": ["data", "label", "_op"],
    "autograd.Value.backward": ["seed"],  # as PyTorch's
    "autograd.Replay.source": ["language"],
    "autograd.constant": ["data", "label"],
    "autograd.parameter": ["data", "label"],
    "autograd.lab.run": ["mistake", "root"],
    **{f"nn.{kind.__name__}": ["parameters", "lr"] for kind in nn.OPTIMIZERS.values()},
    "nn.Exercise": ["weights", "inputs", "target", "eta"],
    "nn.Layer": ["weights", "biases", "activation"],
    "nn.MLP": ["n_inputs", "sizes", "activation"],
    "nn.Neuron": ["weights", "bias", "activation"],
    "nn.Unit": ["pre", "post", "delta", "weights", "bias"],
    "nn.fit": ["model", "dataset", "loss", "optimizer"],
    **{f"nn.{name}": ["n"] for name in nn.DATASETS},
    "nn.practice": ["layers"],
    "viz.Stepper.back": ["count"],
    "viz.Stepper.break_at": ["node"],
    "viz.Stepper.clear": ["number"],
    "viz.Stepper.next": ["count"],
    "viz.Stepper.tree": ["name"],
    "viz.Picture.pipe": ["format"],  # as graphviz's
    "viz.Picture.render": ["filename", "directory"],  # as graphviz's
    "viz.Plot.pipe": ["format"],  # as a Picture's
    "viz.derivation": ["root", "form"],
    "viz.plot_contour": ["loss_function", "parameters", "path"],
    "viz.plot_decision_boundary": ["model", "points", "labels"],
}
"""What a call is about, where some of it has a default: these may be given by place. Else a default is an option."""

NAMES_OF_LOSSES = {
    *(
        "nn.fit",
        "nn.equations",
        "nn.Exercise",
        "nn.Network",
        "nn.Notation",
        "nn.practice",
        "viz.plot_decision_boundary",
    ),
}
"""Where `loss` is the name of a function, or what a lecture calls it."""
NUMBERS = {"nn.Progress", "nn.History"}
"""Where `loss` is a number that was measured."""
LEARNING_RATES_OF_EXERCISES = {"nn.Exercise", "nn.Notation"}


def public():
    """Yield the name and the signature of each public function, class and method."""
    seen = set()
    for module in (autograd, nn, viz, lab):
        for name in module.__all__:
            found = getattr(module, name)
            if not callable(found) or name in operations or found in seen:
                continue
            seen.add(found)
            yield from signatures(f"{module.__name__}.{name}", found)


def signatures(name, found):
    builtin = isinstance(found, type) and issubclass(found, BaseException) and "__init__" not in vars(found)
    if not builtin:
        yield name, inspect.signature(found)
    if isinstance(found, type):
        for own, defined in vars(found).items():
            method = getattr(defined, "__func__", defined)
            if not own.startswith("_") and callable(method):
                yield f"{name}.{own}", inspect.signature(method)


SIGNATURES = dict(public())


def parameters(name):
    return [parameter for parameter in SIGNATURES[name].parameters.values() if parameter.name not in ("self", "cls")]


def by_place(name):
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter for parameter in parameters(name) if parameter.kind in kinds]


def test_the_public_names_are_found():
    assert {"autograd.steps", "autograd.lab.run", "nn.MLP.forward", "viz.Stepper.goto", "viz.draw"} <= set(SIGNATURES)
    assert len(SIGNATURES) > 150
    assert set(ABOUT) <= set(SIGNATURES)


@pytest.mark.parametrize("name", SIGNATURES)
def test_an_option_is_given_by_its_name(name):
    given = [parameter.name for parameter in by_place(name)]
    needed = [parameter.name for parameter in by_place(name) if parameter.default is inspect.Parameter.empty]
    assert given == ABOUT.get(name, needed)


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_name_stands_for_one_thing(name):
    names = {parameter.name for parameter in parameters(name)}
    assert not names & {"y", "subject", "value", "rate", "learning_rate"}
    assert "loss" not in names or name in NAMES_OF_LOSSES | NUMBERS
    assert "eta" not in names or name in LEARNING_RATES_OF_EXERCISES


def test_a_root_comes_first_but_for_what_is_asked_of_it():
    places = {name: [parameter.name for parameter in by_place(name)] for name in SIGNATURES}
    second = {name for name, names in places.items() if "root" in names[1:]}
    assert second == {"autograd.lab.run", "autograd.paths", "autograd.Paths"}  # a mistake on it, a node in it
    takers = {name.rpartition(".")[2] for name, names in places.items() if "root" in names}
    assert takers >= {
        *("steps", "what_if", "gradients", "find_anomaly", "paths", "run", "Stepper", "debug", "draw", "save", "tree"),
        *("table", "player", "network", "derivation", "save_frames", "to_dot", "to_mermaid", "to_tikz"),
    }


def test_the_signatures_of_the_readers():
    shown = {name: without_types(SIGNATURES[name]) for name in READERS}
    assert shown == READERS


READERS = {
    "autograd.steps": "(root, *, optimizer=None, seed=1.0)",
    "autograd.gradients": "(root, inputs, *, create_graph=False)",
    "autograd.what_if": "(root, leaves, *, exact=False)",
    "autograd.explain": "(node, *roots, most=20)",
    "autograd.paths": "(node, root, *, most=1000)",
    "autograd.find_anomaly": "(root)",
    "autograd.lab.run": "(mistake, root=None, *, lr=None, weights=())",
    "autograd.jvp": "(function, inputs, tangents)",
    "nn.SGD": "(parameters, lr, *, momentum=0.0, nesterov=False, weight_decay=0.0)",
    "viz.Stepper": "(root, *, by=None, optimizer=None, seed=1.0)",
    "viz.debug": "(root, *, by=None, optimizer=None)",
    "viz.draw": "(root, *, legend=False, layout=None, **view)",
    "viz.save": "(root, path, *, legend=False, layout=None, **view)",
    "viz.tree": "(root, *, levels=None, node=None, rows=200)",
    "viz.table": "(root, *, rows=40)",
    "viz.to_dot": "(root, **view)",
    "viz.to_mermaid": "(root, **view)",
    "viz.to_tikz": "(root, *, width=None, layout=None, **view)",
    "viz.player": "(root, *, optimizer=None, lr=None, mlp=None, layout=None)",
    "viz.save_frames": "(root, folder, *, by='contribution', optimizer=None, captions=True, "
    "fold=False, network=False, seconds=1.0, layout=None)",
    "viz.derivation": "(root, form='latex', *, optimizer=None, matrices=False, at_once=False)",
}


def without_types(signature):
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    return re.sub(" -> .*", "", str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)))
