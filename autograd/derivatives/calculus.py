"""Derivatives of functions: `grad`, `derivative`, `jacobian`, `hessian` by reverse mode, `jvp` by forward mode.

The functions are ordinary Python on Values. Arguments are numbers or nested lists of numbers, and a derivative has
the structure of the arguments. You can nest these functions in any order, for derivatives of derivatives.
"""

import operator
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Any

from autograd.contexts.modes import enable_grad, forward_differentiation, reverse_differentiation
from autograd.derivatives.dual import Dual, next_level
from autograd.derivatives.shapes import arguments_of, flatten, input_names, require_function
from autograd.node import REPLAYED, Node
from autograd.state.mode import OPEN_CONTEXTS, REVERSE, current_mode
from autograd.state.observation import CONVERSIONS, refuse, warn_user
from autograd.sweep import accumulate, adjoints, sweeping, topological_order
from autograd.table.op import op_of
from autograd.table.scalars import as_whole, counted, format_number, got, is_number
from autograd.value import Value, constant

Function = Callable[..., Any]
_OF_MATH = "Functions of the math module return plain numbers: use autograd.exp, autograd.sin and so on."
_OF_A_BRANCH = (
    "It returned the plain number {0}, from .data or from a branch that does not use the arguments. If the derivative "
    "is 0 there, return autograd.constant({0})."
)


def gradients(root: Value | Sequence[Value], inputs: Any, *, create_graph: bool = False) -> Any:
    """Return the derivative of `root` with respect to each input, in the inputs' structure. No `.grad` changes.

    `root` is a Value, or a list of Values: then the result is the gradient of their sum. Inputs are leaves or computed
    Values. The derivative is 0 if `root` was not computed from the input. The results are floats, or with
    `create_graph` Values that can be differentiated again. Raises TypeError if a root or an input is not a Value,
    ValueError if the list is empty.

    >>> x = Value(3, "x")
    >>> gradients(x**2, x)
    6.0
    >>> slope = gradients(x**3, x, create_graph=True)
    >>> gradients(slope, x)
    18.0
    >>> gradients([x**2, 5 * x], x)
    11.0
    """
    total = _sum_of_roots(root)
    leaves, rebuild = flatten(inputs, "an input of gradients()")
    for leaf in leaves:
        if not isinstance(leaf, Value):
            raise TypeError(
                f"expected Values for the inputs of gradients(), got {leaf}. "
                "Make it a Value first, then compute the root from it."
            )
    slopes = _derivatives(total, leaves, create_graph)
    zero = [leaf for leaf, slope in zip(leaves, slopes, strict=True) if (slope._data if create_graph else slope) == 0.0]
    _warn_if_swapped(total, [leaf for leaf in zero if not leaf._is_leaf() and leaf is not total])
    return rebuild(slopes)


def _warn_if_swapped(root: Value, computed: list[Value]) -> None:
    """Warn if one of these inputs was computed from the root."""
    with sweeping:
        order = topological_order(computed)
        is_swapped = bool(order) and root._index >= order[0]._index
    if is_swapped:
        warn_user(
            "an input was computed from the root, not the root from it, so its derivative is 0; if they are swapped, "
            "give gradients() the root first, then the inputs"
        )


def _derivatives(root: Value, leaves: list[Any], create_graph: bool) -> list[Any]:
    """Return the derivative of a root with respect to each Value."""
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
        return [_as_value(found[leaf]) if leaf._varies and leaf in found else constant(0.0) for leaf in leaves]
    return [totals[place] + 0.0 if place >= 0 and order[place]._varies else 0.0 for place in places]  # no -0


def _sum_of_roots(given: Any) -> Value:
    """Return the root of `gradients`; of a list of roots, their sum."""
    roots = given if isinstance(given, (list, tuple)) else [given]
    for root in roots:
        asked = "expected a Value for the root of gradients(), got"
        if isinstance(root, Dual):
            raise TypeError(f"{asked} Dual from jvp(). Use grad() inside jvp().")
        if not isinstance(root, Value):
            origin = "A plain number comes from .data, float(), a function of math, or a branch that returns a number."
            raise TypeError(f"{asked} {got(root)}. {origin if is_number(root) else ''}".rstrip())
    if not roots:
        raise ValueError("expected at least one root for gradients(), got an empty list.")
    with enable_grad():
        total: Value = reduce(operator.add, roots)
    return total


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
        y = run.one_result()
        slopes = run.gradients(y)
        run.warn_if_independent([y])
        return run.plain(y), run.structured(slopes)

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
        return run.plain(run.one_result())

    return of_order


def jacobian(function: Function) -> Function:
    """Return a function that computes the derivative of every result of `function` with respect to every argument.

    `function` returns Values in a list or nested lists. The Jacobian has the same structure, with the gradient of
    each result (as from `grad`) in its place. Raises TypeError for an object that is no function.

    >>> jacobian(lambda x: [x[0] * x[1], x[0]])([2, 3])
    [[3.0, 2.0], [1.0, 0.0]]
    """
    require_function(function, "jacobian")
    of_recording = getattr(function, "recorded_jacobian", None)  # a replay's

    def differentiated(*inputs: Any) -> Any:
        found = None if of_recording is None else of_recording(inputs)
        if found is not None:
            return found
        run = _Run(function, inputs)
        results, rebuild_results = flatten(run.result, f"a result of {run.name}")
        _require_a_value(results, run.name, run.converted)
        slopes = [run.gradients(y) for y in results]
        run.warn_if_independent(results)
        return rebuild_results([run.structured(row) for row in slopes])

    return differentiated


def hessian(function: Function) -> Function:
    """Return a function that computes all second derivatives of `function`.

    If the only argument is a list, the result is a matrix, as a list of rows. Raises TypeError for an object that is no
    function.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2, 3])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    require_function(function, "hessian")
    if hasattr(function, "of_gradient"):  # a replay: the gradient is recorded, and then differentiated
        return jacobian(function.of_gradient)

    def differentiated(*inputs: Any) -> Any:
        run = _Run(function, inputs)
        y = run.one_result()
        slopes = run.gradients(y, create_graph=True)
        run.warn_if_independent([y])
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
    name = _function_name(function)
    with forward_differentiation():
        result, converted = _called(function, rebuild(duals))
    results, rebuild_results = flatten(result, f"a result of {name}")
    _require_a_value(results, name, converted)
    is_own = [isinstance(y, Dual) and y.level == level for y in results]
    if not any(is_own):
        _warn_of_independent(results, name)
    pairs = [(y.value, y.tangent) if own else (y, 0.0) for y, own in zip(results, is_own, strict=True)]
    values, slopes = ([_without_constants(_for_outer(pair[place])) for pair in pairs] for place in (0, 1))
    return rebuild_results(values), rebuild_results(slopes)


def _called(function: Function, arguments: Sequence[Any]) -> tuple[Any, bool]:
    """Return the result of a function that is differentiated, and whether it used a Value as a plain number."""
    before = CONVERSIONS.count
    result = function(*arguments)
    return result, CONVERSIONS.count > before


def _for_outer(number: Any) -> Any:
    """Return a number for the caller: as a constant if that is another differentiation, which refuses plain numbers."""
    return number if isinstance(number, Dual) or not current_mode().differentiation else _as_value(number)


def _without_constants(number: Any) -> Any:
    """Return a number of the outermost `jvp`: the constants of inner differentiations as plain numbers."""
    mode = current_mode()
    if mode.differentiation or mode.recorder is not None or not isinstance(number, Value):
        return number
    return number if number._varies else number.data


def _warn_of_independent(results: Sequence[Any], name: str) -> None:
    """Warn if one of these results, which depend on no argument, varies; but not inside another differentiation."""
    if not current_mode().differentiation and any(isinstance(y, Value) and y._varies for y in results):
        warn_user(
            f"the result of {name} does not depend on its arguments, so its derivative is 0; compute it from the "
            "arguments themselves, not from their numbers (.data) or from other Values"
        )


class _Run:
    """One run of a function on new nodes, one for each number of its inputs.

    Inside the differentiation of another function, gradients are Values of that function's graph, so that it can
    differentiate them. Inside `jvp` they are dual numbers.
    """

    def __init__(self, function: Function, inputs: tuple[Any, ...]) -> None:
        self.name = _function_name(function)
        leaves, self._rebuild = flatten(inputs, f"an argument of {self.name}")
        if not leaves:
            raise ValueError(f"expected at least one number in the arguments of {self.name}, got none.")
        self._nested = current_mode().differentiation == REVERSE or any(map(_holds_value, leaves))
        self._variables: list[Value] = []
        names = input_names(function, inputs)
        with reverse_differentiation():
            arguments = [self._variable(leaf, name) for leaf, name in zip(leaves, names, strict=True)]
            self.result, self.converted = _called(function, self._rebuild(arguments))

    def _variable(self, leaf: Any, name: str) -> Any:
        """Return a new node for an input. For a dual number, the node is inside a new dual number."""
        if isinstance(leaf, Dual):
            return Dual(self._variable(leaf.value, name), leaf.tangent, leaf.level)
        variable = +leaf if isinstance(leaf, Value) else Value(leaf)
        variable._varies = True  # also at a constant
        variable.label = name
        self._variables.append(variable)
        return variable

    def one_result(self) -> Any:
        """Return the result, which must be one Value."""
        _require_a_value([self.result], self.name, self.converted)
        return self.result

    def warn_if_independent(self, results: Sequence[Any]) -> None:
        """Warn if the gradients of the results reached no input: one that they reach has a place in a sweep."""
        if all(variable._index == 0 for variable in self._variables):
            _warn_of_independent(results, self.name)

    def gradients(self, y: Any, create_graph: bool = False) -> list[Any]:
        """Return the derivative of a result for each input. For a dual number: of its value and of its tangent."""
        return [_for_outer(slope) for slope in self._gradients(y, create_graph)]

    def _gradients(self, y: Any, create_graph: bool) -> list[Any]:
        if isinstance(y, Dual):
            pairs = zip(self._gradients(y.value, create_graph), self._gradients(y.tangent, create_graph), strict=True)
            return [Dual(value, tangent, y.level) for value, tangent in pairs]
        with enable_grad():
            return _derivatives(_as_value(y), self._variables, create_graph or self._nested)

    def plain(self, y: Any) -> Any:
        """Return a result for the caller: a plain number, unless an outer differentiation needs the Value."""
        return _for_outer(self._plain(y))

    def _plain(self, y: Any) -> Any:
        if isinstance(y, Dual):
            return Dual(self._plain(y.value), self._plain(y.tangent), y.level)
        return y.data if isinstance(y, Value) and not self._nested else y

    def structured(self, items: list[Any]) -> Any:
        """Return the items, one for each input, in the structure of the inputs."""
        structure = self._rebuild(items)
        return structure[0] if len(structure) == 1 else structure


def _holds_value(number: Any) -> bool:
    if isinstance(number, Dual):
        return _holds_value(number.value) or _holds_value(number.tangent)
    return isinstance(number, Value)


def _require_a_value(results: Sequence[Any], name: str, converted: bool) -> None:
    """Raise TypeError if no result is a Value; `converted` tells whether the function used one as a plain number."""
    if not results or any(isinstance(y, (Dual, Value)) for y in results):
        return
    y, advice = results[0], ""
    if isinstance(y, (list, tuple)):
        advice = "Use jacobian() for several results."
    elif y is None:
        advice = "Was a return statement forgotten?"
    elif isinstance(y, bool):
        advice = "A comparison gives True or False, which has no derivative."
    elif is_number(y):
        number = format_number(float(y))
        advice = _OF_MATH if converted else _OF_A_BRANCH.format(number)
    raise TypeError(f"expected one Value as the result of {name}, got {got(y)}. {advice}".rstrip())


def _function_name(function: Function) -> str:
    return getattr(function, "__name__", "the function")
