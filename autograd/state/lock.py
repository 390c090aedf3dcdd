"""`Sweeping`: the lock of whoever reads the places of nodes. No interrupt, such as Ctrl-C, leaves it locked."""

import os
import threading
from typing import Any

_RLock: Any = type(threading.RLock())  # in C: no interrupt comes between the call of its `__exit__` and its end


class Sweeping(_RLock):  # type: ignore[misc]  # Python hides the type's name
    """A lock for one thread at a time. A thread must not take it twice; a forked process starts with a free lock."""

    def __init__(self) -> None:
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._at_fork_reinit)

    def __enter__(self) -> None:
        if self._is_owned():
            raise RuntimeError(
                "this thread already reads a graph: a signal handler or a finalizer reads one while backward() runs. "
                "Let it set a flag, and read the graph afterwards."
            )
        try:
            self.acquire()
        except BaseException:  # an interrupt, before or after the lock was taken
            if self._is_owned():
                self.release()
            raise
