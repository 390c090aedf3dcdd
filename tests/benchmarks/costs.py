"""What a node of gradstep costs: bytes in memory, and time where there are few nodes and where there are many.

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
    tracemalloc.start()
    last = chain(nodes)
    allocated, _ = tracemalloc.get_traced_memory()
    del last
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


def main() -> None:
    """Measure what the arguments name, on graphs scaled by a number, and print it."""
    name, scale = sys.argv[1:]
    print(json.dumps({"memory": memory, "growth": growth}[name](float(scale))))


if __name__ == "__main__":
    main()
