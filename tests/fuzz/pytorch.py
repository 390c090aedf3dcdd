"""Values, gradients and second derivatives of every node against PyTorch, in float64."""

from importlib.util import find_spec
from math import isclose, isfinite

from hypothesis import assume

from autograd import gradients
from autograd.table.op import TABLE, row
from tests.fuzz.programs import differ, made, programs, steps_of

EACH_ROUND = 60


def missing():
    return "" if find_spec("torch") else "PyTorch is not installed; pip install 'gradstep[torch]' brings it"


def counterpart(op):
    """Return PyTorch's function for a row, or None."""
    import torch  # noqa: PLC0415 - the command runs without it, too

    functional = torch.nn.functional
    renamed = {
        "pos": torch.clone,
        "neg": torch.neg,
        "leaky_relu": lambda x, slope: functional.prelu(x.view(1), slope.view(1)).view(()),
        "elu": lambda x, alpha: torch.where(x > 0, x, alpha * torch.expm1(x)),
        "softplus": lambda x: functional.softplus(x, threshold=700),
    }
    return renamed.get(op.name) or getattr(torch, op.name, None) or getattr(functional, op.name, None)


WITHOUT = {"cbrt"}  # which PyTorch does not have
NAMES = [[op.name for op in TABLE if op.arity == arity and op.name not in WITHOUT] for arity in (1, 2)]
CASES = programs(steps_of(*NAMES))


EDGES = {"pow": lambda x, y: x, "hypot": lambda x, y: max(abs(x), abs(y)), "atan2": lambda x, y: max(abs(x), abs(y))}
"""What is 0 or less where a function has no second derivative that both agree on."""


def away_from_kinks(program, nodes):
    """Say whether every step has one slope: at a kink, programs choose one, and the second derivative is another."""
    for name, *places in program.steps:
        operands = [nodes[place].data for place in places]
        kink = row(name).kink
        if (kink and abs(kink(*operands)) < 1e-6) or (name in EDGES and EDGES[name](*operands) < 1e-6):
            return False
    return True


def by_engine(program):
    nodes = program.nodes()
    assume(away_from_kinks(program, nodes))
    root, leaves = nodes[-1], nodes[: len(program.point)]
    slopes = gradients(root, nodes, create_graph=True)
    second = gradients(sum(slopes[: len(leaves)]), leaves)
    return [node.data for node in nodes], [slope.data for slope in slopes], second


def by_pytorch(program):
    import torch  # noqa: PLC0415 - as above

    def tensor(x, varies):
        return torch.tensor(x, dtype=torch.float64, requires_grad=varies)

    leaves = [tensor(x, True) for x in program.point]
    inputs = [*leaves, *(tensor(x, False) for x in program.constants)]
    nodes = made(program.steps, inputs, lambda name, *operands: counterpart(row(name))(*operands))
    asked = [node for node in nodes if node.requires_grad]
    if not nodes[-1].requires_grad:
        return [node.item() for node in nodes], [0.0] * len(nodes), [0.0] * len(leaves)
    found = dict(zip(asked, torch.autograd.grad(nodes[-1], asked, create_graph=True, allow_unused=True), strict=True))
    slopes = [found.get(node) for node in nodes]
    total = sum(slope for slope in slopes[: len(leaves)] if slope is not None)
    second = [None] * len(leaves)
    if getattr(total, "requires_grad", False):
        second = torch.autograd.grad(total, leaves, allow_unused=True)
    return [node.item() for node in nodes], numbers(slopes), numbers(second)


def numbers(tensors):
    return [0.0 if tensor is None else tensor.item() for tensor in tensors]


def check(program):
    for what, own, others in zip(
        ("data", "gradient", "second derivative"), by_engine(program), by_pytorch(program), strict=True
    ):
        assume(all(map(isfinite, own)) or not all(map(isfinite, others)))
        scale = max([1.0, *map(abs, others)])
        assume(scale < 1e7)
        for place, (one, other) in enumerate(zip(own, others, strict=True)):
            if not isclose(one, other, rel_tol=1e-8, abs_tol=1e-9 * scale):
                differ(f"{what} of node {place}, gradstep and PyTorch", one, other)
