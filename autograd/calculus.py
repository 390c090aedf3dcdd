"""Derivatives of functions: `grad`, `derivative`, `jacobian`, `hessian` by reverse mode, `jvp` by forward mode.

The functions are ordinary Python on Values. Arguments are numbers or nested lists of numbers, and a derivative has
the structure of the arguments. Called with Values, the results are Values, so that derivatives of derivatives are
taken by the same functions. Reads the table for derivatives that can be differentiated again.
"""

from collections.abc import Callable
from typing import Any

from autograd.dual import Dual, next_level
from autograd.modes import enable_grad
from autograd.op import TABLE
from autograd.structure import Rebuild, flatten, input_names
from autograd.sweep import adjoints, sweeping, topological_order
from autograd.value import Value, constant

Function = Callable[..., Any]


def gradients(y: Value, inputs: Any, create_graph: bool = False) -> Any:
    """Return the derivative of y with respect to each input, in the inputs' structure, touching no `.grad`.

    Inputs are Values, computed ones too, that y was computed from; for others the derivative is 0. The results are
    floats, or with `create_graph` Values that can be differentiated again. Raises TypeError where y or an input is
    no Value.

    >>> x = Value(3, "x")
    >>> gradients(x**2, x)
    6.0
    >>> slope = gradients(x**3, x, create_graph=True)
    >>> gradients(slope, x)
    18.0
    """
    if not isinstance(y, Value):
        raise TypeError(f"gradients() differentiates a Value, but a {type(y).__name__} came. {_ADVICE}")
    leaves, rebuild = flatten(inputs, "an input of gradients()")
    for leaf in leaves:
        if not isinstance(leaf, Value):
            raise TypeError(
                f"gradients() differentiates with respect to Values, but the number {leaf} came. "
                "Make it a Value before y is computed from it."
            )
    with sweeping:
        order = topological_order([y])
        places = [leaf._index if leaf._index < len(order) and order[leaf._index] is leaf else -1 for leaf in leaves]
        if not create_graph:
            totals = adjoints(order)
    if create_graph:
        values = _adjoint_values([_as_value(node) for node in order])
        return rebuild([_as_value(values[place] if place >= 0 else 0.0) for place in places])
    return rebuild([totals[place] if place >= 0 and order[place]._varies else 0.0 for place in places])


_ADVICE = "Functions of the math module return plain numbers: use autograd.exp, autograd.sin and so on."


def _as_value(number: Any) -> Value:
    return number if isinstance(number, Value) else constant(number or 0.0)


def _adjoint_values(order: list[Value]) -> list[Any]:
    """Return the adjoint of each node as a Value (or as a number, or None where there is none)."""
    places = {node: index for index, node in enumerate(order)}
    totals: list[Any] = [None] * len(order)
    totals[-1] = 1.0
    for node, index in reversed(places.items()):
        operands = node.operands
        for position, operand in enumerate(operands):
            if operand._varies and totals[index] is not None:
                local = TABLE[node._code].partials[position](*operands, node)
                posting = totals[index] * local
                place = places[operand]
                totals[place] = posting if totals[place] is None else totals[place] + posting
    return totals


def value_and_grad(function: Function) -> Function:
    """Return a function that gives the value of `function` and its gradient in all its arguments.

    The gradient has the structure of the argument, or is a tuple with one entry per argument where there are several.
    The returned function raises TypeError where `function` does not return one Value.

    >>> value_and_grad(lambda x, w: w[0] * x + w[1])(3, [2, 1])
    (7.0, (2.0, [3.0, 1.0]))
    """

    def differentiated(*inputs: Any) -> tuple[Any, Any]:
        with enable_grad():
            variables, rebuild, nested = _variables(function, inputs)
            y = _one_value(function(*rebuild(variables)), function)
            result = rebuild(gradients(y, variables, create_graph=nested))
        return (y if nested else y.data), _of_arguments(result)

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


def derivative(function: Function, order: int = 1) -> Function:
    """Return the derivative of the given order (0, 1, 2, ...) of a function of one number.

    Raises ValueError where the order is no whole number from 0 up. The work grows exponentially with the order.

    >>> derivative(lambda x: x.exp() * x, order=3)(0)
    3.0
    """
    if not isinstance(order, int) or order < 0:
        raise ValueError(f"the order of a derivative must be a whole number from 0 up, but {order!r} came.")

    def of_order(x: Any) -> Any:
        repeated = function
        for _ in range(order):
            repeated = grad(repeated)
        result = repeated(x if order else _variables(function, (x,))[0][0])
        return result.data if isinstance(result, Value) and not isinstance(x, Value) else result

    return of_order


def jacobian(function: Function) -> Function:
    """Return a function that gives the derivative of every result of `function` in every argument.

    The results of `function` are Values in a list or nested lists; the Jacobian has that structure, with a gradient
    (structured as by `grad`) in the place of each result.

    >>> jacobian(lambda x: [x[0] * x[1], x[0]])([2, 3])
    [[3.0, 2.0], [1.0, 0.0]]
    """

    def differentiated(*inputs: Any) -> Any:
        with enable_grad():
            variables, rebuild, nested = _variables(function, inputs)
            results, rebuild_results = flatten(function(*rebuild(variables)), f"a result of {_name(function)}")
            rows = [gradients(_one_value(y, function), variables, create_graph=nested) for y in results]
        return rebuild_results([_of_arguments(rebuild(row)) for row in rows])

    return differentiated


def hessian(function: Function) -> Function:
    """Return a function that gives all second derivatives of `function`.

    For one argument that is a list it is a matrix as a list of rows.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2, 3])
    [[6.0, 4.0], [4.0, 0.0]]
    """

    def differentiated(*inputs: Any) -> Any:
        with enable_grad():
            variables, rebuild, nested = _variables(function, inputs)
            y = _one_value(function(*rebuild(variables)), function)
            slopes = gradients(y, variables, create_graph=True)
            rows = [gradients(slope, variables, create_graph=nested) for slope in slopes]
        return _of_arguments(rebuild([_of_arguments(rebuild(row)) for row in rows]))

    return differentiated


def jvp(function: Function, inputs: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return the value of `function(*inputs)` and its derivative along the tangents, by forward mode.

    `tangents` has the structure of `inputs`. Raises ValueError where the structures differ in size.

    >>> jvp(lambda x, y: x * y, (3, 4), (1, 0))
    (12.0, 4.0)
    """
    numbers, rebuild = flatten(tuple(inputs), "an input of jvp()")
    directions, _ = flatten(tuple(tangents), "a tangent of jvp()")
    if len(numbers) != len(directions):
        raise ValueError(f"jvp() needs a tangent for each of {len(numbers)} inputs, but {len(directions)} came.")
    level = next_level()
    duals = [Dual(number, direction, level) for number, direction in zip(numbers, directions, strict=True)]
    results, rebuild_results = flatten(function(*rebuild(duals)), f"a result of {_name(function)}")
    pairs = [(y.value, y.tangent) if isinstance(y, Dual) and y.level == level else (y, 0.0) for y in results]
    return rebuild_results([value for value, _ in pairs]), rebuild_results([tangent for _, tangent in pairs])


def _variables(function: Function, inputs: tuple[Any, ...]) -> tuple[list[Value], Rebuild, bool]:
    """Return a new node for every number of the inputs, and whether the inputs are Values of an outer graph."""
    leaves, rebuild = flatten(tuple(inputs), f"an argument of {_name(function)}")
    if not leaves:
        raise ValueError(f"{_name(function)} cannot be differentiated without arguments.")
    if any(isinstance(leaf, Dual) for leaf in leaves):
        raise TypeError(
            f"the gradient of {_name(function)} cannot be taken inside jvp(). "
            "Take jvp() inside grad(), or use hessian()."
        )
    names = input_names(function, inputs)
    variables = [+leaf if isinstance(leaf, Value) else Value(leaf) for leaf in leaves]
    for variable, name in zip(variables, names, strict=True):
        variable.label = name
    return variables, rebuild, any(isinstance(leaf, Value) for leaf in leaves)


def _one_value(y: Any, function: Function) -> Value:
    if isinstance(y, Value):
        return y
    came = f"{_name(function)} returned {'None' if y is None else 'a ' + type(y).__name__}"
    if isinstance(y, (list, tuple)):
        raise TypeError(f"{came}, but its gradient needs one Value. Use jacobian() for several results.")
    raise TypeError(f"{came}, but a Value is needed. {_ADVICE}")


def _of_arguments(structure: tuple[Any, ...]) -> Any:
    return structure[0] if len(structure) == 1 else structure


def _name(function: Function) -> str:
    return getattr(function, "__name__", "the function")
