"""Derivatives of functions: `grad`, `derivative`, `jacobian`, `hessian` by reverse mode, `jvp` by forward mode.

The functions are ordinary Python on Values. Arguments are numbers or nested lists of numbers, and a derivative has
the structure of the arguments. The transformations nest in every order, so that derivatives of derivatives are taken
by the same functions.
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from autograd.contexts.modes import enable_grad
from autograd.derivatives.dual import Dual, next_level
from autograd.derivatives.shapes import flatten, input_names
from autograd.node import REPLAYED, Node
from autograd.state.mode import OPEN_CONTEXTS, current_mode
from autograd.state.observation import refuse
from autograd.sweep import accumulate, adjoints, sweeping, topological_order
from autograd.table.op import TABLE
from autograd.table.scalars import as_whole
from autograd.value import Value, constant

Function = Callable[..., Any]
_ADVICE = "Functions of the math module return plain numbers: use autograd.exp, autograd.sin and so on."


def gradients(root: Value, inputs: Any, *, create_graph: bool = False) -> Any:
    """Return the derivative of `root` with respect to each input, in the inputs' structure, touching no `.grad`.

    Inputs are Values, computed ones too, that `root` was computed from; for others the derivative is 0. The results
    are floats, or with `create_graph` Values that can be differentiated again. Raises TypeError where `root` or an
    input is no Value.

    >>> x = Value(3, "x")
    >>> gradients(x**2, x)
    6.0
    >>> slope = gradients(x**3, x, create_graph=True)
    >>> gradients(slope, x)
    18.0
    """
    if isinstance(root, Dual):
        raise TypeError("gradients() differentiates a Value, but jvp() runs on dual numbers; use grad() inside jvp().")
    if not isinstance(root, Value):
        raise TypeError(f"gradients() differentiates a Value, but a {type(root).__name__} came. {_ADVICE}")
    leaves, rebuild = flatten(inputs, "an input of gradients()")
    for leaf in leaves:
        if not isinstance(leaf, Value):
            raise TypeError(
                f"gradients() differentiates with respect to Values, but the number {leaf} came. "
                "Make it a Value before the result is computed from it."
            )
    if not create_graph and OPEN_CONTEXTS.count:
        refuse("gradients() gives plain numbers, without create_graph=True,")
    with sweeping:
        order = topological_order([root])
        places = [leaf._index - order[0]._index for leaf in leaves]  # negative: not reached
        totals: list[Any] = [] if create_graph else list(adjoints(order))
        checker = current_mode().checker if totals and OPEN_CONTEXTS.count else None
        if checker is not None:
            checker.check_sweep(order, totals)
    if create_graph:
        found = _adjoint_values(root, order)
        return rebuild([_as_value(found[leaf]) if leaf._varies and leaf in found else constant(0.0) for leaf in leaves])
    return rebuild([totals[place] if place >= 0 and order[place]._varies else 0.0 for place in places])


def _as_value(number: Any) -> Value:
    """Return a Value as it is, a number as a constant."""
    return number if isinstance(number, Value) else constant(number)


def _adjoint_values(y: Value, order: list[Node]) -> dict[Any, Any]:
    """Return the adjoint of each node of the order as a Value, or as a number; none of a node that y does not reach."""
    if any(node._code == REPLAYED for node in order):
        raise TypeError(
            "the result of a replay can be differentiated once, not with create_graph=True. Call the function itself, "
            "which the replay has as its attribute `function`."
        )
    totals: dict[Any, Any] = {y: 1.0}
    accumulate(reversed(order), _edges, totals)
    return totals


def _edges(node: Node) -> Iterator[tuple[Node, Any]]:
    """Yield each operand that varies, with the local derivative in it as a Value."""
    operands = node.operands
    for position, operand in enumerate(operands):
        if operand._varies:
            yield operand, TABLE[node._code].partials[position](*operands, node)


def value_and_grad(function: Function) -> Function:
    """Return a function that gives the value of `function` and its gradient in all its arguments.

    The gradient has the structure of the argument, or is a tuple with one entry per argument where there are several.
    The returned function raises TypeError where `function` does not return one Value.

    >>> value_and_grad(lambda x, w: w[0] * x + w[1])(3, [2, 1])
    (7.0, (2.0, [3.0, 1.0]))
    """

    def differentiated(*inputs: Any) -> tuple[Any, Any]:
        run = _Run(function, inputs)
        y = _one_result(run.result, function)
        return run.plain(y), run.structured(run.gradients(y))

    return differentiated


def grad(function: Function) -> Function:
    """Return a function that gives the gradient of `function`; see `value_and_grad`.

    >>> grad(lambda x: x**3)(2)
    12.0
    >>> grad(grad(lambda x: x**3))(2)
    12.0
    """
    with_value = value_and_grad(function)
    return lambda *inputs: with_value(*inputs)[1]


def derivative(function: Function, *, order: int = 1) -> Function:
    """Return the derivative of the given order (0, 1, 2, ...) of a function of one number.

    Raises ValueError where the order is no whole number from 0 up. The work grows exponentially with the order.

    >>> derivative(lambda x: x.exp() * x, order=3)(0)
    3.0
    """
    order = as_whole(order, "the order of a derivative", 0)

    def of_order(x: Any) -> Any:
        repeated = function
        for _ in range(order):
            repeated = grad(repeated)
        if order:
            return repeated(x)
        run = _Run(function, (x,))
        return run.plain(_one_result(run.result, function))

    return of_order


def jacobian(function: Function) -> Function:
    """Return a function that gives the derivative of every result of `function` in every argument.

    The results of `function` are Values in a list or nested lists; the Jacobian has that structure, with a gradient
    (structured as by `grad`) in the place of each result.

    >>> jacobian(lambda x: [x[0] * x[1], x[0]])([2, 3])
    [[3.0, 2.0], [1.0, 0.0]]
    """

    def differentiated(*inputs: Any) -> Any:
        run = _Run(function, inputs)
        results, rebuild_results = flatten(run.result, f"a result of {_function_name(function)}")
        return rebuild_results([run.structured(run.gradients(y)) for y in results])

    return differentiated


def hessian(function: Function) -> Function:
    """Return a function that gives all second derivatives of `function`.

    For one argument that is a list it is a matrix as a list of rows.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2, 3])
    [[6.0, 4.0], [4.0, 0.0]]
    """

    def differentiated(*inputs: Any) -> Any:
        run = _Run(function, inputs)
        slopes = run.gradients(_one_result(run.result, function), create_graph=True)
        return run.structured([run.structured(run.gradients(slope)) for slope in slopes])

    return differentiated


def jvp(function: Function, inputs: Any, tangents: Any) -> tuple[Any, Any]:
    """Return the value of `function(*inputs)` and its derivative along the tangents, by forward mode.

    `inputs` and `tangents` are tuples of arguments of one structure, or one number each. Raises ValueError where the
    structures differ in size.

    >>> jvp(lambda x, y: x * y, (3, 4), (1, 0))
    (12.0, 4.0)
    """
    numbers, rebuild = flatten(_arguments(inputs), "an input of jvp()")
    directions, _ = flatten(_arguments(tangents), "a tangent of jvp()")
    if len(numbers) != len(directions):
        raise ValueError(f"jvp() needs a tangent for each of {len(numbers)} inputs, but {len(directions)} came.")
    level = next_level()
    duals = [Dual(number, direction, level) for number, direction in zip(numbers, directions, strict=True)]
    results, rebuild_results = flatten(function(*rebuild(duals)), f"a result of {_function_name(function)}")
    pairs = [(y.value, y.tangent) if isinstance(y, Dual) and y.level == level else (y, 0.0) for y in results]
    return rebuild_results([value for value, _ in pairs]), rebuild_results([tangent for _, tangent in pairs])


_depth: ContextVar[int] = ContextVar("depth", default=0)
"""How many functions are being differentiated around the present one."""


class _Run:
    """One run of a function on new nodes, one for each number of its inputs.

    Inside the differentiation of another function, gradients come as Values of its graph, so that it can
    differentiate them; inside `jvp`, as dual numbers.
    """

    def __init__(self, function: Function, inputs: tuple[Any, ...]) -> None:
        leaves, self._rebuild = flatten(inputs, f"an argument of {_function_name(function)}")
        if not leaves:
            raise ValueError(f"{_function_name(function)} cannot be differentiated without arguments.")
        self._nested = _depth.get() > 0 or any(map(_holds_value, leaves))
        self._variables: list[Value] = []
        names = input_names(function, inputs)
        with enable_grad():
            arguments = [self._variable(leaf, name) for leaf, name in zip(leaves, names, strict=True)]
            token = _depth.set(_depth.get() + 1)
            try:
                self.result = function(*self._rebuild(arguments))
            finally:
                _depth.reset(token)

    def _variable(self, leaf: Any, name: str) -> Any:
        """Return what stands for an input: a node of its own, inside the dual number that the input may be."""
        if isinstance(leaf, Dual):
            return Dual(self._variable(leaf.value, name), leaf.tangent, leaf.level)
        variable = +leaf if isinstance(leaf, Value) else Value(leaf)
        variable.label = name
        self._variables.append(variable)
        return variable

    def gradients(self, y: Any, create_graph: bool = False) -> list[Any]:
        """Return the derivative of a result in each input; of a dual number, that of its value and its tangent."""
        if isinstance(y, Dual):
            pairs = zip(self.gradients(y.value, create_graph), self.gradients(y.tangent, create_graph), strict=True)
            return [Dual(value, tangent, y.level) for value, tangent in pairs]
        with enable_grad():
            slopes: list[Any] = gradients(_as_value(y), self._variables, create_graph=create_graph or self._nested)
        return slopes

    def plain(self, y: Any) -> Any:
        """Return a result for the caller: the number of a Value that no differentiation around needs."""
        if isinstance(y, Dual):
            return Dual(self.plain(y.value), self.plain(y.tangent), y.level)
        return y.data if isinstance(y, Value) and not self._nested else y

    def structured(self, items: list[Any]) -> Any:
        """Return one item for each input in the structure of the inputs."""
        structure = self._rebuild(items)
        return structure[0] if len(structure) == 1 else structure


def _holds_value(number: Any) -> bool:
    if isinstance(number, Dual):
        return _holds_value(number.value) or _holds_value(number.tangent)
    return isinstance(number, Value)


def _one_result(y: Any, function: Function) -> Any:
    if isinstance(y, (Dual, Value)):
        return y
    came = f"{_function_name(function)} returned {'None' if y is None else 'a ' + type(y).__name__}"
    if isinstance(y, (list, tuple)):
        raise TypeError(f"{came}, but its gradient needs one Value. Use jacobian() for several results.")
    raise TypeError(f"{came}, but a Value is needed. {_ADVICE}")


def _arguments(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def _function_name(function: Function) -> str:
    return getattr(function, "__name__", "the function")
