"""Lines of a pass: each right side, read by Python, is the line's result; the gradients are those of `backward`."""

import math

from hypothesis import assume

from autograd import lines
from tests.fuzz.programs import differ, programs

CASES = programs()
MATH = {name: getattr(math, name) for name in dir(math) if name[0] != "_"}


def read(expression):
    """Evaluate a line's right side as any reader can: Python, with nothing but the functions of `math`."""
    return eval(expression, {"__builtins__": {"abs": abs}}, MATH)


def size(line):
    """Return how large the numbers in a line are: a difference of large numbers has their rounding errors."""
    return max([1.0, abs(line.result), *map(abs, line.known.values())])


def assert_true(found):
    for line in found:
        assert math.isclose(read(line.expression), line.result, rel_tol=1e-12, abs_tol=1e-12 * size(line)), line
        assert line.numbers.isascii()


def tame_lines(root):
    """Return the lines of a pass; leave out a case with large numbers."""
    found = lines(root)
    assume(all(abs(number) < 1e6 for line in found for number in (*line.known.values(), line.result)))
    return found


def check(program):
    nodes = program.nodes()
    found = tame_lines(nodes[-1])
    assert_true(found)
    nodes[-1].backward()
    by_name = {line.name: line.result for line in found}
    own = found[[line.part for line in found].index("loss")].name
    for x in nodes[: len(program.point)]:
        slope = by_name.get(f"d{own}/d{x.label}")
        if slope is not None and not math.isclose(
            slope, x.grad or 0.0, rel_tol=1e-12, abs_tol=1e-12 * max(1, abs(slope))
        ):
            differ(f"d{own}/d{x.label}, line and backward", slope, x.grad)
