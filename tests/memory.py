"""What the tests of large graphs and of memory share: how large, without a tracer, and a label that can be watched."""

import sys
from contextlib import contextmanager

DEEP = 1_000_000
BEYOND_ANY_STACK = 200_000
"""Calls within calls for which a stack of 8 MB has 42 bytes each: what recurses, in Python or in C, fails."""


class Label(str):
    """A label that can be watched: it lives as long as its node, which has no weak references of its own."""

    __slots__ = ("__weakref__",)


@contextmanager
def no_tracing():
    """Pause the measuring of coverage, which would make minutes of a million nodes."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
