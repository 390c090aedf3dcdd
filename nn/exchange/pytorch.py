"""Networks to PyTorch and back, as a `torch.nn.Sequential` with the same numbers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nn.activations import ACTIVATIONS, Activation, activation, activation_row
from nn.exchange.architecture import check_network
from nn.exchange.extras import imported
from nn.layers import MLP, Layer

if TYPE_CHECKING:
    import torch


def to_torch(mlp: MLP) -> "torch.nn.Sequential":
    """Return the same network as a `torch.nn.Sequential` of float64, for rows of inputs.

    Each layer becomes a Linear and the module of its activation. A linear activation a x + c becomes a second, frozen
    Linear, unless it is x itself. Layers that share a prelu still share it. Raises TypeError if the MLP is more than
    weights, biases and known activations, ValueError if PyTorch has no module for an activation, and
    ModuleNotFoundError if PyTorch is not installed.

    `to_torch(MLP(2, [3, 1]))` is Sequential(Linear(2, 3), ReLU(), Linear(3, 1)).
    """
    check_network(mlp, "PyTorch")
    torch = imported("torch", "torch", "PyTorch")
    modules: list[Any] = []
    learned: dict[Activation, Any] = {}
    for layer in mlp.layers:
        weights = torch.tensor([[w.data for w in neuron.weights] for neuron in layer.neurons], dtype=torch.float64)
        biases = torch.tensor([neuron.bias.data for neuron in layer.neurons], dtype=torch.float64)
        modules.append(_linear(torch, weights, biases))
        modules += _counterparts(torch, layer, learned)
    return torch.nn.Sequential(*modules)


def _linear(torch: Any, weights: Any, biases: Any) -> Any:
    linear = torch.nn.utils.skip_init(torch.nn.Linear, *reversed(weights.shape), dtype=torch.float64)
    linear.weight = torch.nn.Parameter(weights)
    linear.bias = torch.nn.Parameter(biases)
    return linear


def _counterparts(torch: Any, layer: Layer, learned: dict[Activation, Any]) -> list[Any]:
    """Return the module of a layer's activation, if it needs one; `learned` holds the prelus that layers may share."""
    name, settings = layer.activation.name, layer.activation.settings or {}
    if name == "softmax":
        return [torch.nn.Softmax(dim=-1)]
    if name == "prelu":
        made = torch.nn.PReLU(init=settings["alpha"], dtype=torch.float64)
        return [learned.setdefault(layer.activation, made)]
    if name != "linear":
        row = activation_row(name)
        if not row.torch:
            advice = "Save the network by nn.save, or its numbers by state_dict()."
            if name in ACTIVATIONS:
                advice = f"If it has one, name it in the row of {name} in nn/activations.py."
            raise ValueError(f"PyTorch has no module for {name}. {advice}")
        return [getattr(torch.nn, row.torch)(**{row.torch_settings[key]: number for key, number in settings.items()})]
    if settings == {"a": 1.0, "c": 0.0}:
        return []
    size = len(layer.neurons)
    scale, shift = torch.eye(size, dtype=torch.float64), torch.ones(size, dtype=torch.float64)
    return [_linear(torch, scale * settings["a"], shift * settings["c"]).requires_grad_(False)]


def from_torch(sequential: "torch.nn.Sequential") -> MLP:
    """Return the MLP with the layers of a `torch.nn.Sequential`: Linear modules, each with an activation.

    The activations are ReLU, LeakyReLU, PReLU with one parameter, ELU, Sigmoid, Tanh, Softmax over the last dimension,
    and Identity. A Sequential may contain another one. Numbers are copied exactly, from every floating type. A Linear
    without a bias gets biases of 0, which are parameters here. Raises TypeError for another module and ValueError for a
    module that does not fit into an MLP, both with its place, and ModuleNotFoundError if PyTorch is not installed.

    `from_torch(Sequential(Linear(2, 3), ReLU(), Linear(3, 1)))` is MLP(2 -> 3 relu -> 1 linear, 13 parameters).
    """
    torch = imported("torch", "torch", "PyTorch")
    if type(sequential) is not torch.nn.Sequential:
        hint = " Use its attribute .module." if hasattr(sequential, "module") else ""
        raise TypeError(f"expected a torch.nn.Sequential, got {type(sequential).__name__}.{hint}")
    linears: list[tuple[str, Any]] = []
    chosen: list[Activation | None] = []
    made: dict[Any, Activation] = {}
    for place, module in _modules(torch, sequential, ""):
        if type(module) is torch.nn.Linear:
            linears.append((place, module))
            chosen.append(None)
        elif type(module) is not torch.nn.Identity:
            made.setdefault(module, _activation(torch, place, module))
            if not chosen or chosen[-1] is not None:
                raise ValueError(f"{place} does not follow a Linear; each activation must follow its Linear.")
            chosen[-1] = made[module]
    _check_linears(linears)
    return MLP.from_layers(
        [
            Layer(*_linear_numbers(linear), found or "linear", number=number)
            for number, ((_, linear), found) in enumerate(zip(linears, chosen, strict=True), start=1)
        ]
    )


def _modules(torch: Any, sequential: Any, outer: str) -> Iterator[tuple[str, Any]]:
    """Yield the modules in their order, each with its place; an inner Sequential yields its own modules."""
    for place, module in enumerate(sequential):
        if type(module) is torch.nn.Sequential:
            yield from _modules(torch, module, f"{outer}{place}.")
        else:
            yield f"module {outer}{place}, {type(module).__name__},", module


def _activation(torch: Any, place: str, module: Any) -> Activation:
    if type(module) is torch.nn.PReLU:
        if module.weight.numel() != 1:
            raise ValueError(f"{place} has {module.weight.numel()} parameters, but prelu has one for the whole layer.")
        return activation("prelu", alpha=module.weight.item())
    if type(module) is torch.nn.Softmax:
        if module.dim not in {-1, 1}:
            raise ValueError(f"{place} has dim={module.dim}, but the softmax of a layer needs dim=-1.")
        return activation("softmax")
    known = {row.torch: row for row in ACTIVATIONS.values() if row.torch}
    for kind, row in known.items():
        if type(module) is getattr(torch.nn, kind):
            return row(**{ours: getattr(module, theirs) for ours, theirs in row.torch_settings.items()})
    raise TypeError(f"{place} has no counterpart in an MLP; use {', '.join(known)}, Identity.")


def _check_linears(linears: list[tuple[str, Any]]) -> None:
    """Raise TypeError if the numbers of a Linear are computed or missing, ValueError if another Linear shares them."""
    owners: dict[Any, str] = {}
    for place, linear in linears:
        parameters = dict(linear.named_parameters(recurse=False))
        if not {"weight"} <= parameters.keys() <= {"weight", "bias"}:
            raise TypeError(f"expected the parameters weight and bias for {place} got {', '.join(parameters)}.")
        for name, parameter in parameters.items():
            if parameter.is_meta or not parameter.is_floating_point():
                kind = "on the device meta" if parameter.is_meta else f"of the type {parameter.dtype}"
                raise TypeError(f"expected real numbers for the {name} of {place} got a tensor {kind}.")
            if parameter in owners:
                raise ValueError(f"{place} shares its {name} with {owners[parameter]} but an MLP cannot share them.")
            owners[parameter] = place


def _linear_numbers(linear: Any) -> tuple[list[list[float]], list[float] | None]:
    """Return the weights and biases of a Linear as floats."""
    biases = None if linear.bias is None else linear.bias.detach().double().tolist()
    return linear.weight.detach().double().tolist(), biases
