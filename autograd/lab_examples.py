"""The lab's examples: for each mistake the smallest graph that shows it, and the lecture's worked exercise.

Reads Values only; a test holds the exercise to that of `nn`.
"""

from autograd.value import Value, constant, parameter


def shared_result() -> Value:
    """Return L = c + b with c = 4b and b = 3a: b is used by c and by L, and a is reached through b only.

    >>> shared_result()
    Value(30, 'L', grad=-, op='add')
    """
    b = 3 * Value(2, "a")
    c = 4 * b
    loss: Value = c + b
    b.label, c.label, loss.label = "b", "c", "L"
    return loss


def used_twice() -> Value:
    """Return L = a*b + b, which uses b twice.

    >>> used_twice()
    Value(8, 'L', grad=-, op='add')
    """
    a, b = Value(3, "a"), Value(2, "b")
    loss: Value = a * b + b
    loss.label = "L"
    return loss


def one_weight() -> Value:
    """Return L = w**2, whose minimum a training loop looks for.

    >>> one_weight()
    Value(25, 'L', grad=-, op='pow')
    """
    loss: Value = parameter(5, "w") ** 2
    loss.label = "L"
    return loss


def inner_result() -> Value:
    """Return L = b**2 with b = 2a: b stands between the loss and the leaf.

    >>> inner_result()
    Value(36, 'L', grad=-, op='pow')
    """
    b = 2 * Value(3, "a")
    loss: Value = b**2
    b.label, loss.label = "b", "L"
    return loss


def worked_exercise() -> Value:
    """Return the loss of the lecture's worked exercise: inputs 1 and 2, hidden nodes 3 and 4, output node 5, all ReLU.

    >>> worked_exercise()
    Value(50, 'L', grad=-, op='mul')
    """
    x1, x2, target = constant(1, "x1"), constant(-1, "x2"), constant(0, "y")
    w13, w23, w14, w24 = parameter(2, "w13"), parameter(-3, "w23"), parameter(1, "w14"), parameter(4, "w24")
    w35, w45 = parameter(2, "w35"), parameter(-1, "w45")
    x3: Value = x1 * w13 + x2 * w23
    x4: Value = x1 * w14 + x2 * w24
    y3, y4 = x3.relu(), x4.relu()
    x5: Value = y3 * w35 + y4 * w45
    y5 = x5.relu()
    loss: Value = 0.5 * (y5 - target) ** 2
    named = {"x3": x3, "y3": y3, "x4": x4, "y4": y4, "x5": x5, "y5": y5, "L": loss}
    for name, value in named.items():
        value.label = name
    return loss
