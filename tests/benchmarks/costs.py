"""What a node of gradstep costs: bytes in memory, time where there are few nodes and where there are many, and views.

Run as `python -P -m benchmarks.costs NAME SCALE` with the folder of the tests on the path; prints JSON.
"""

import gc
import json
import statistics
import sys
import time
import tracemalloc
from typing import Any

from autograd import Value

from .entries import VIEWED

try:
    import resource
except ImportError:  # Windows
    resource = None

FEW, MANY, FILLING = 20_000, 2_000_000, 100_000


def chain(nodes: int) -> Any:
    """Return the last of so many computed nodes, of which each is an operand of the next."""
    value, weight = Value(1.0), Value(0.999999)
    for _ in range(nodes):
        value = value * weight
    return value


def memory(scale: float) -> dict[str, float]:
    """Measure the bytes a node: how much the process grew at its peak, and what Python's allocator was asked for.

    The first is what a user pays. The second has the header of the collector of cycles in it, but no rounding.
    """
    found = {}
    nodes = round(MANY * scale / 2)
    if resource:
        filling = chain(FILLING)  # takes up what the process had freed before
        before = _peak()
        last = chain(nodes)
        found["resident bytes a node"] = (_peak() - before) / nodes
        del filling, last
    nodes = round(nodes / 5)
    filling = chain(FILLING)  # as above
    tracemalloc.start()
    last = chain(nodes)
    allocated, _ = tracemalloc.get_traced_memory()
    del filling, last
    return found | {"allocated bytes a node": allocated / nodes}


def _peak() -> int:
    """Return the most memory that the process has had resident, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def growth(scale: float) -> dict[str, float]:
    """Measure the time a node to record, sweep and free a chain, for few nodes and for many, and their ratio.

    Once as Python is, and once with its collector of cycles off.
    """
    found = {}
    for collector in ("", ", collector off"):
        few = _seconds_a_node(round(FEW * scale), repetitions=25)
        many = _seconds_a_node(round(MANY * scale), repetitions=3)
        found[f"few: seconds a node{collector}"] = few
        found[f"many: seconds a node{collector}"] = many
        found[f"many / few{collector}"] = many / few
        gc.disable()
    return found


def _seconds_a_node(nodes: int, repetitions: int) -> float:
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        chain(nodes).backward()
        times.append((time.perf_counter() - start) / nodes)
    return statistics.median(times)


def views(scale: float) -> dict[str, float]:
    """Measure the time to make and show a stepper, a tree and a page of graphs of three sizes.

    The graphs are losses of networks 2-4-4-1 and 2-16-16-1, the largest of 14 samples. A page refuses the largest.
    """
    import viz  # noqa: PLC0415 - its import is no part of what a node costs
    from nn import MLP  # noqa: PLC0415 - as above

    found = {}
    for nodes in (VIEWED[0], *VIEWED) if scale == 1.0 else VIEWED[:1]:  # the first one also loads modules
        units, samples = (4 if nodes == VIEWED[0] else 16), (14 if nodes == VIEWED[-1] else 1)
        network = MLP(2, [units, units, 1], seed=1)
        loss = sum((network((sample / samples, 0.5)) - 1) ** 2 for sample in range(samples))
        for name, show in (("stepper", viz.Stepper), ("tree", viz.tree), ("page", viz.player)):
            if (name, nodes) == ("page", VIEWED[-1]):
                continue
            start = time.perf_counter()
            str(show(loss))
            found[f"{name} of {nodes} nodes: seconds"] = time.perf_counter() - start
    return found


def main() -> None:
    """Measure what the arguments name, on graphs scaled by a number, and print it."""
    name, scale = sys.argv[1:]
    print(json.dumps({"memory": memory, "growth": growth, "views": views}[name](float(scale))))


if __name__ == "__main__":
    main()
