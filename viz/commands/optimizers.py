"""Options for the optimizer and its settings: each setting of an optimizer is one option."""

import argparse
from collections.abc import Iterable
from functools import partial
from inspect import Parameter, signature
from typing import Any

from autograd import Value
from autograd.table.scalars import format_number, spelled
from nn import OPTIMIZERS, Optimizer
from viz.commands.arguments import number_from_zero

_REQUIRED = ("parameters", "lr")
"""What every optimizer takes; all other arguments are settings."""


def add_optimizer(group: Any, usual: str) -> None:
    """Add the options to a parser or one of its groups. `usual` is the help text for the default optimizer."""
    group.add_argument(
        "--optimizer", type=partial(spelled, known=OPTIMIZERS), choices=OPTIMIZERS, help=f"default: {usual}"
    )
    for name, default in _settings().items():
        what, option = _setting_of(name), _option(name)
        if isinstance(default, bool):
            group.add_argument(option, action="store_true", help=what)
        elif isinstance(default, tuple):
            metavar, written = ",".join("X" for _ in default), ",".join(map(format_number, default))
            group.add_argument(option, type=_numbers, metavar=metavar, help=f"{what} (default: {written})")
        else:
            written = format_number(default)
            group.add_argument(option, type=number_from_zero, metavar="X", help=f"{what} (default: {written})")


def optimizer_of(options: argparse.Namespace, kind: str, parameters: Iterable[Value], lr: float) -> Optimizer:
    """Return an optimizer of this kind with the given settings. Raises ValueError for a setting of another kind."""
    settings = given_settings(options)
    for name in settings:
        if name not in _settings_of(kind):
            raise ValueError(f"{_option(name)} is {_setting_of(name)}; {kind} does not have it.")
    return OPTIMIZERS[kind](parameters, lr=lr, **settings)


def given_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that differ from their defaults, by argument name."""
    usual = _settings()
    found = {name: getattr(options, name) for name in usual}
    return {name: setting for name, setting in found.items() if setting is not None and setting != usual[name]}


def _settings() -> dict[str, Any]:
    return {name: default for kind in OPTIMIZERS for name, default in _settings_of(kind).items()}


def _settings_of(kind: str) -> dict[str, Any]:
    """Return the settings of a kind of optimizer with their defaults."""
    arguments: Iterable[Parameter] = signature(OPTIMIZERS[kind]).parameters.values()
    return {argument.name: argument.default for argument in arguments if argument.name not in _REQUIRED}


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _setting_of(name: str) -> str:
    """Return "a setting of" the optimizers that have it."""
    return f"a setting of {', '.join(kind for kind in OPTIMIZERS if name in _settings_of(kind))}"


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(number_from_zero(part) for part in text.split(","))
