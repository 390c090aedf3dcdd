"""A scalar autograd engine: Values record a computation graph, and `backward()` computes derivatives from it.

    >>> from autograd import Value
    >>> a, b = Value(2, "a"), Value(-3, "b")
    >>> loss = (a * b + 10) ** 2
    >>> loss.backward()
    >>> a.grad, b.grad
    (-24.0, 16.0)

Every operation is also a function here: `autograd.tanh(v)`, `autograd.maximum(v, 0)`.
"""

import builtins
from typing import TYPE_CHECKING

from autograd.state import loading as _loading

_loading.choose()  # before the import of any module that may be compiled

# ruff: isort: split
from autograd import ops as _ops
from autograd.contexts.modes import enable_grad, no_grad, record_lines, scope
from autograd.ops import *  # noqa: F403 - the table lists these names; a list here would repeat it
from autograd.state.observation import DetachedWarning, ReplayError
from autograd.table.op import where
from autograd.value import Value, constant, parameter

if TYPE_CHECKING:
    from autograd.contexts.anomaly import AnomalyError, detect_anomaly, find_anomaly
    from autograd.contexts.naming import name_locals
    from autograd.derivatives.calculus import derivative, grad, gradients, hessian, jacobian, jvp, value_and_grad
    from autograd.derivatives.checking import CheckedInput, GradientCheckError, check_gradients
    from autograd.derivatives.operations import OwnOp, operation
    from autograd.derivatives.vector import log_softmax, logsumexp, softmax, softmax_jacobian
    from autograd.derivatives.vector import sum as sum  # exported, but not by `import *`, which keeps Python's sum
    from autograd.explanations.explain import BackwardRecord, explain, record_backward
    from autograd.explanations.ledger import Ledger
    from autograd.explanations.paths import Paths, paths
    from autograd.explanations.what_if import WhatIf, what_if
    from autograd.lab.classes import ClassMarks, check_class
    from autograd.lab.marking import MarkedLine, Marks, check
    from autograd.passes.lines import PassLine, lines
    from autograd.passes.naming import Naming
    from autograd.passes.steps import steps
    from autograd.passes.tape import Line, Tape
    from autograd.replays.replay import Replay, replay

_LATER = {
    "contexts.anomaly": ("AnomalyError", "detect_anomaly", "find_anomaly"),
    "contexts.naming": ("name_locals",),
    "derivatives.calculus": ("derivative", "grad", "gradients", "hessian", "jacobian", "jvp", "value_and_grad"),
    "derivatives.checking": ("CheckedInput", "GradientCheckError", "check_gradients"),
    "derivatives.operations": ("OwnOp", "operation"),
    "derivatives.vector": ("log_softmax", "logsumexp", "softmax", "softmax_jacobian", "sum"),
    "explanations.explain": ("BackwardRecord", "explain", "record_backward"),
    "explanations.ledger": ("Ledger",),
    "explanations.paths": ("Paths", "paths"),
    "explanations.what_if": ("WhatIf", "what_if"),
    "lab": (),
    "lab.classes": ("ClassMarks", "check_class"),
    "lab.marking": ("MarkedLine", "Marks", "check"),
    "passes.lines": ("PassLine", "lines"),
    "passes.naming": ("Naming",),
    "passes.steps": ("steps",),
    "passes.tape": ("Line", "Tape"),
    "replays.replay": ("Replay", "replay"),
}
"""Each module is imported at the first use of one of its names; Values and `backward()` need none of them."""

compiled: bool = _loading.is_compiled("autograd.value")
"""True if the engine's core runs as compiled code, False if Python interprets its source."""

__all__ = [
    "AnomalyError",
    "BackwardRecord",
    "CheckedInput",
    "ClassMarks",
    "DetachedWarning",
    "GradientCheckError",
    "Ledger",
    "Line",
    "MarkedLine",
    "Marks",
    "Naming",
    "OwnOp",
    "PassLine",
    "Paths",
    "Replay",
    "ReplayError",
    "Tape",
    "Value",
    "WhatIf",
    "check",
    "check_class",
    "check_gradients",
    "compiled",
    "constant",
    "derivative",
    "detect_anomaly",
    "enable_grad",
    "explain",
    "find_anomaly",
    "grad",
    "gradients",
    "hessian",
    "jacobian",
    "jvp",
    "lines",
    "log_softmax",
    "logsumexp",
    "name_locals",
    "no_grad",
    "operation",
    "parameter",
    "paths",
    "record_backward",
    "record_lines",
    "replay",
    "scope",
    "softmax",
    "softmax_jacobian",
    "steps",
    "value_and_grad",
    "what_if",
    "where",
]

if not TYPE_CHECKING:  # `from autograd import *` also brings the table's functions, except names of Python's own
    __all__ += [name for name in _ops.__all__ if not hasattr(builtins, name)]

    # Hidden from type checkers, which can then find misspelt names.
    __getattr__, __dir__ = _loading.later(__name__, _LATER)
