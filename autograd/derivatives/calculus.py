"""Derivatives of functions: `grad`, `derivative`, `jacobian`, `hessian` by reverse mode, `jvp` by forward mode.

The functions are ordinary Python on Values. Arguments are numbers or nested lists of numbers, and a derivative has
the structure of the arguments. You can nest these functions in any order, for derivatives of derivatives.
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from autograd.contexts.modes import enable_grad
from autograd.derivatives.dual import Dual, next_level
from autograd.derivatives.shapes import arguments_of, flatten, input_names, require_function
from autograd.node import REPLAYED, Node
from autograd.state.mode import OPEN_CONTEXTS, current_mode
from autograd.state.observation import refuse
from autograd.sweep import accumulate, adjoints, sweeping, topological_order
from autograd.table.op import op_of
from autograd.table.scalars import as_whole, counted, got
from autograd.value import Value, constant

Function = Callable[..., Any]
_ADVICE = "Functions of the math module return plain numbers: use autograd.exp, autograd.sin and so on."


def gradients(root: Value, inputs: Any, *, create_graph: bool = False) -> Any:
    """Return the derivative of `root` with respect to each input, in the inputs' structure. No `.grad` changes.

    Inputs are leaves or computed Values. The derivative is 0 if `root` was not computed from the input. The results
    are floats, or with `create_graph` Values that can be differentiated again. Raises TypeError if `root` or an input
    is not a Value.

    >>> x = Value(3, "x")
    >>> gradients(x**2, x)
    6.0
    >>> slope = gradients(x**3, x, create_graph=True)
    >>> gradients(slope, x)
    18.0
    """
    if isinstance(root, Dual):
        raise TypeError("expected a Value for the root of gradients(), got Dual from jvp(). Use grad() inside jvp().")
    if not isinstance(root, Value):
        raise TypeError(f"expected a Value for the root of gradients(), got {got(root)}. {_ADVICE}")
    leaves, rebuild = flatten(inputs, "an input of gradients()")
    for leaf in leaves:
        if not isinstance(leaf, Value):
            raise TypeError(
                f"expected Values for the inputs of gradients(), got {leaf}. "
                "Make it a Value first, then compute the root from it."
            )
    if not create_graph and OPEN_CONTEXTS:
        refuse("gradients() without create_graph=True returns plain numbers")
    with sweeping:
        order = topological_order([root])
        places = [leaf._index - order[0]._index for leaf in leaves]  # negative: not reached
        totals: list[Any] = [] if create_graph else list(adjoints(order))
        checker = current_mode().checker if totals and OPEN_CONTEXTS else None
        if checker is not None:
            checker.check_sweep(order, 1.0)
    if create_graph:
        found = _adjoint_values(root, order)
        return rebuild([_as_value(found[leaf]) if leaf._varies and leaf in found else constant(0.0) for leaf in leaves])
    return rebuild([totals[place] + 0.0 if place >= 0 and order[place]._varies else 0.0 for place in places])  # no -0


def _as_value(number: Any) -> Value:
    """Return a Value as it is, a number as a constant."""
    return number if isinstance(number, Value) else constant(number)


def _adjoint_values(y: Value, order: list[Node]) -> dict[Any, Any]:
    """Return the adjoint of each node in the order that y depends on, as a Value or as a number."""
    if any(node._code == REPLAYED for node in order):
        raise TypeError(
            "the result of a replay can be differentiated once, not with create_graph=True. Call the function itself: "
            "it is the replay's attribute `function`."
        )
    totals: dict[Any, Any] = {y: 1.0}
    accumulate(reversed(order), _edges, totals)
    return totals


def _edges(node: Node) -> Iterator[tuple[Node, Any]]:
    """Yield each operand that varies, with its local derivative as a Value."""
    operands = node.operands
    for position, operand in enumerate(operands):
        if operand._varies:
            yield operand, op_of(node._code).partials[position](*operands, node)


def value_and_grad(function: Function) -> Function:
    """Return a function that computes the value of `function` and its gradient with respect to all arguments.

    The gradient has the structure of the argument. For several arguments, it is a tuple with one entry per argument.
    Raises TypeError if `function` is no function; the returned function raises it if the result is not one Value.

    >>> value_and_grad(lambda x, w: w[0] * x + w[1])(3, [2, 1])
    (7.0, (2.0, [3.0, 1.0]))
    """
    require_function(function, "value_and_grad")

    def differentiated(*inputs: Any) -> tuple[Any, Any]:
        run = _Run(function, inputs)
        y = _one_result(run.result, function)
        return run.plain(y), run.structured(run.gradients(y))

    return differentiated


def grad(function: Function) -> Function:
    """Return a function that computes the gradient of `function`; see `value_and_grad`.

    >>> grad(lambda x: x**3)(2)
    12.0
    >>> grad(grad(lambda x: x**3))(2)
    12.0
    """
    require_function(function, "grad")
    with_value = value_and_grad(function)
    return lambda *inputs: with_value(*inputs)[1]


def derivative(function: Function, *, order: int = 1) -> Function:
    """Return the derivative of the given order (0, 1, 2, ...) of a function of one number.

    Raises TypeError for an object that is no function, ValueError if the order is not a whole number from 0 up. The
    work grows exponentially with the order.

    >>> derivative(lambda x: x.exp() * x, order=3)(0)
    3.0
    """
    require_function(function, "derivative")
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
    """Return a function that computes the derivative of every result of `function` with respect to every argument.

    `function` returns Values in a list or nested lists. The Jacobian has the same structure, with the gradient of
    each result (as from `grad`) in its place. Raises TypeError for an object that is no function.

    >>> jacobian(lambda x: [x[0] * x[1], x[0]])([2, 3])
    [[3.0, 2.0], [1.0, 0.0]]
    """
    require_function(function, "jacobian")

    def differentiated(*inputs: Any) -> Any:
        run = _Run(function, inputs)
        results, rebuild_results = flatten(run.result, f"a result of {_function_name(function)}")
        return rebuild_results([run.structured(run.gradients(y)) for y in results])

    return differentiated


def hessian(function: Function) -> Function:
    """Return a function that computes all second derivatives of `function`.

    If the only argument is a list, the result is a matrix, as a list of rows. Raises TypeError for an object that is no
    function.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2, 3])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    require_function(function, "hessian")

    def differentiated(*inputs: Any) -> Any:
        run = _Run(function, inputs)
        slopes = run.gradients(_one_result(run.result, function), create_graph=True)
        return run.structured([run.structured(run.gradients(slope)) for slope in slopes])

    return differentiated


def jvp(function: Function, inputs: Any, tangents: Any) -> tuple[Any, Any]:
    """Return the value of `function(*inputs)` and its derivative along the tangents, by forward mode.

    `inputs` and `tangents` are tuples of arguments with the same structure, or one number each. Raises TypeError
    for an object that is no function, ValueError if they have different numbers of entries.

    >>> jvp(lambda x, y: x * y, (3, 4), (1, 0))
    (12.0, 4.0)
    """
    require_function(function, "jvp")
    numbers, rebuild = flatten(arguments_of(inputs), "an input of jvp()")
    directions, _ = flatten(arguments_of(tangents), "a tangent of jvp()")
    if len(numbers) != len(directions):
        raise ValueError(
            f"expected a tangent for each input of jvp(), got {counted(len(numbers), 'input')} and "
            f"{counted(len(directions), 'tangent')}."
        )
    level = next_level()
    duals = [Dual(number, direction, level) for number, direction in zip(numbers, directions, strict=True)]
    results, rebuild_results = flatten(function(*rebuild(duals)), f"a result of {_function_name(function)}")
    pairs = [(y.value, y.tangent) if isinstance(y, Dual) and y.level == level else (y, 0.0) for y in results]
    return rebuild_results([value for value, _ in pairs]), rebuild_results([tangent for _, tangent in pairs])


_depth: ContextVar[int] = ContextVar("depth", default=0)
"""How many differentiations are around the current one."""


class _Run:
    """One run of a function on new nodes, one for each number of its inputs.

    Inside the differentiation of another function, gradients are Values of that function's graph, so that it can
    differentiate them. Inside `jvp` they are dual numbers.
    """

    def __init__(self, function: Function, inputs: tuple[Any, ...]) -> None:
        leaves, self._rebuild = flatten(inputs, f"an argument of {_function_name(function)}")
        if not leaves:
            raise ValueError(f"expected at least one number in the arguments of {_function_name(function)}, got none.")
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
        """Return a new node for an input. For a dual number, the node is inside a new dual number."""
        if isinstance(leaf, Dual):
            return Dual(self._variable(leaf.value, name), leaf.tangent, leaf.level)
        variable = +leaf if isinstance(leaf, Value) else Value(leaf)
        variable.label = name
        self._variables.append(variable)
        return variable

    def gradients(self, y: Any, create_graph: bool = False) -> list[Any]:
        """Return the derivative of a result for each input. For a dual number: of its value and of its tangent."""
        if isinstance(y, Dual):
            pairs = zip(self.gradients(y.value, create_graph), self.gradients(y.tangent, create_graph), strict=True)
            return [Dual(value, tangent, y.level) for value, tangent in pairs]
        with enable_grad():
            slopes: list[Any] = gradients(_as_value(y), self._variables, create_graph=create_graph or self._nested)
        return slopes

    def plain(self, y: Any) -> Any:
        """Return a result for the caller: a plain number, unless an outer differentiation needs the Value."""
        if isinstance(y, Dual):
            return Dual(self.plain(y.value), self.plain(y.tangent), y.level)
        return y.data if isinstance(y, Value) and not self._nested else y

    def structured(self, items: list[Any]) -> Any:
        """Return the items, one for each input, in the structure of the inputs."""
        structure = self._rebuild(items)
        return structure[0] if len(structure) == 1 else structure


def _holds_value(number: Any) -> bool:
    if isinstance(number, Dual):
        return _holds_value(number.value) or _holds_value(number.tangent)
    return isinstance(number, Value)


def _one_result(y: Any, function: Function) -> Any:
    if isinstance(y, (Dual, Value)):
        return y
    advice = "Use jacobian() for several results." if isinstance(y, (list, tuple)) else _ADVICE
    raise TypeError(f"expected one Value as the result of {_function_name(function)}, got {got(y)}. {advice}")


def _function_name(function: Function) -> str:
    return getattr(function, "__name__", "the function")
