"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

PACKAGES = ("autograd", "nn", "viz")


def module_names():
    for package in PACKAGES:
        yield package
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            yield module.name


@pytest.mark.parametrize("name", list(module_names()))
def test_examples_of_a_module(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0
