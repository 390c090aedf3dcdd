"""`Scalar`: what a course on this subject writes in its first lecture, as plainly as it can be. An oracle, and a peer.

Each result keeps its operands with the local derivatives; `backward()` goes through the graph once, results first.
"""

import math


class Scalar:
    """A number with its gradient."""

    def __init__(self, data, edges=()):
        self.data, self.grad, self.edges = data, 0.0, edges

    def __add__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        return Scalar(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        return Scalar(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, number):
        return Scalar(self.data**number, ((self, number * self.data ** (number - 1)),))

    def exp(self):
        power = math.exp(self.data)
        return Scalar(power, ((self, power),))

    def tanh(self):
        result = math.tanh(self.data)
        return Scalar(result, ((self, 1 - result**2),))

    def log(self):
        return Scalar(math.log(self.data), ((self, 1 / self.data),))

    def relu(self):
        return Scalar(max(0.0, self.data), ((self, float(self.data > 0)),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        order, seen, waiting = [], set(), [(self, False)]
        while waiting:
            node, ready = waiting.pop()
            if ready:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                waiting += [(node, True), *((operand, False) for operand, _ in node.edges)]
        self.grad = 1.0
        for node in reversed(order):
            for operand, slope in node.edges:
                operand.grad += slope * node.grad
