"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

PACKAGES = ("autograd", "nn", "viz")


def module_names():
    for package in PACKAGES:
        yield package
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            yield module.name


MODULES = list(module_names())
PLOTS = [name for name in MODULES if name.startswith("viz.plots.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name):
    if name in PLOTS:
        pytest.importorskip("matplotlib", reason="plots need matplotlib, the extra plots")
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0


def examples_in(name):
    """Return how many examples the docstrings of a module have; those tests above run them."""
    return sum(len(found.examples) for found in doctest.DocTestFinder().find(importlib.import_module(name)))


def test_there_are_examples():
    counts = {name: examples_in(name) for name in MODULES}
    assert sum(counts.values()) > 100
    assert all(
        counts[name]
        for name in ("autograd.value", "autograd.derivatives.calculus", "nn.exercises.exercise", "viz.graphs.draw")
    )
