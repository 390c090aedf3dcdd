"""`Naming`: what the lines of a pass call things, as one lecture writes them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from fractions import Fraction
from typing import NamedTuple

from autograd.symbols.expression import Expression
from autograd.value import Value


class Function(NamedTuple):
    """A name for what makes one quantity of another: F for `y3 = F(x3)`, with the operand x3."""

    name: str
    operand: str


@dataclass(frozen=True, slots=True)
class Naming:
    """What lines call the gradients and functions of a graph, and the order of the lines. All keys are names of nodes.

    `root` is the name of a root without a label. `gradients` names the gradients of some quantities; others are called
    "dloss/dx". A `transparent` quantity has no line for its gradient: it is written into the lines that use it. An
    update then follows at the place of its parameter; other updates come last. `functions` names the functions of some
    quantities.

    `formulas` and `gradient_formulas` are taught in place of what the graph and the chain rule give; one that has
    another value is not used. `settings` names settings of the optimizer. `forward` and `backward` are the order of
    quantities in these parts; others follow where the pass has them. `losses` are written with the loss. With
    `weight_first` a product of a weight and a gradient begins with the weight. With `labels_only`, a node without a
    label is never a quantity: it is folded into the formulas of others. `beside` are Values that the root does not
    depend on, whose lines belong to the pass too. `fractions` are exact numbers for lines in fractions: of leaves and
    settings by name, and of plain numbers in formulas by their `repr`.
    """

    _: KW_ONLY
    root: str = "loss"
    gradients: Mapping[str, str] = field(default_factory=dict)
    transparent: Collection[str] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)
    formulas: Mapping[str, Expression] = field(default_factory=dict)
    gradient_formulas: Mapping[str, Expression] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    forward: Sequence[str] = ()
    backward: Sequence[str] = ()
    losses: Collection[str] = ()
    weight_first: bool = False
    labels_only: bool = False
    beside: Sequence[Value] = ()
    fractions: Mapping[str, Fraction] = field(default_factory=dict)
