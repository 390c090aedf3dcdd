"""`Module`: an object that holds parameters and finds them in its attributes."""

from collections.abc import Iterable, Mapping
from typing import Any

from autograd import Value
from autograd.state.displays import Displayed
from autograd.table.scalars import as_float, counted


class Module(Displayed):
    """Base class of neurons, layers and networks, and of your own models.

    >>> from autograd import parameter
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = parameter(2), parameter(1)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> Line().state_dict()
    {'slope': 2.0, 'offset': 1.0}
    >>> Line()
    Line(2 parameters)
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({counted(len(self.parameters()), 'parameter')})"

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return every parameter once, with its path such as "layers.0.neurons.1.bias", in order of definition."""
        paths: list[str] = []
        return list(zip(paths, _collected(self, paths), strict=True))

    def parameters(self) -> list[Value]:
        """Return every parameter once, in order of definition."""
        return list(_collected(self, None))

    def zero_grad(self) -> None:
        """Clear the gradients of all parameters before the next `backward()`."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, float]:
        """Return the numbers of all parameters by path."""
        return {path: parameter.data for path, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set all parameters from numbers by path. After an error, no parameter is changed.

        Raises KeyError that names missing and extra paths, TypeError if an entry is not a number.

        >>> from nn import Neuron
        >>> neuron = Neuron([1.0])
        >>> neuron.load_state_dict({"weights.0": 3, "bias": 0.5})
        >>> neuron.state_dict()
        {'weights.0': 3.0, 'bias': 0.5}
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"expected a mapping of paths to numbers for a state, got {type(state).__name__}.")
        named = dict(self.named_parameters())
        missing, extra = named.keys() - state.keys(), state.keys() - named.keys()
        if missing or extra:
            raise KeyError(
                f"the state does not fit {type(self).__name__}: missing {_in_order(missing)}; extra {_in_order(extra)}."
            )
        numbers = {path: as_float(state[path], f"the state of {path}") for path in named}
        for path, parameter in named.items():
            parameter.data = numbers[path]


def _collected(module: Module, paths: list[str] | None) -> Iterable[Value]:
    """Return every parameter of a module once, and add their paths if they are asked for."""
    found: dict[int, Value] = {}
    _collect(module, "", (), found, paths)
    return found.values()


def _collect(holder: Any, path: str, inside: tuple[Any, ...], found: dict[int, Value], paths: list[str] | None) -> None:
    """Add the parameters in a holder, such as a Module or list, by their ids. Cycles are followed once."""
    if any(holder is outer for outer in inside):
        return
    items: Any = ()
    if isinstance(holder, Module):
        items = vars(holder).items()
    elif isinstance(holder, dict):
        items = holder.items()
    elif isinstance(holder, (list, tuple)):
        items = enumerate(holder)
    for name, item in items:
        if not isinstance(item, Value):
            _collect(item, f"{path}{name}.", (*inside, holder), found, paths)
        elif item.kind == "parameter" and id(item) not in found:
            found[id(item)] = item
            if paths is not None:
                paths.append(f"{path}{name}")


def _in_order(paths: set[str]) -> str:
    names = sorted(paths)
    shown = ", ".join(names[:5]) or "none"
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")
