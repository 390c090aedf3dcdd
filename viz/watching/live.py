"""`live`: a page in the browser that follows the Python session.

Each event makes a snapshot in the thread where it happens. Pages take the newest one, so no page makes Python wait.
"""

import atexit
import os
import sys
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from threading import Condition, Lock
from time import monotonic, sleep
from typing import Any, Self

from autograd.state.observation import WATCHERS
from autograd.table.scalars import as_whole
from viz.watching.page import page_and_policy
from viz.watching.server import PageServer
from viz.watching.snapshots import Json, Pictures, Snapshot
from viz.watching.subjects import Followed, followed

_POLL = 10.0
"""Seconds after which a page gets an answer even if nothing has happened."""
_AWAY = 15.0
"""A page that has asked nothing for so many seconds is away."""
_LEAST_WAIT = 1 / 60
_SHARE = 3
"""Making what pages show takes at most one part in so many of the time."""
_LONGEST_REST = 0.5
_FAREWELL = 0.5
"""The most seconds that the end of Python waits for the pages to hear of it."""


def live(*, open: bool = True, port: int = 0) -> "LivePage":
    """Open a page in the browser that follows this Python session; `show` says what it shows.

    It shows at once each `backward()` of what is shown, each move of a Stepper, and each iteration of `fit`: the graph,
    the network, the lines of the pass, the numbers, and the curve of the loss. It ends with Python, with `close()`, or
    with its `with` block.

    With `open=False`, or where there is no screen, the address is printed, and how to reach it from another machine.
    `port` is the port of the address; 0 takes a free one. Only this machine can reach it, and the address has a secret
    token. Raises ValueError for a wrong port, OSError if it is taken.

    >>> from autograd import Value
    >>> x, w = Value(3, "x"), Value(2, "w")
    >>> with live(open=False) as view:
    ...     y = (x * w).tanh()
    ...     view.show(y)
    ...     y.backward()
    The live page is at http://127.0.0.1:...
    """
    view = LivePage(port=as_whole(port, "the port", 0, 65_535))
    if not (open and _has_screen() and webbrowser.open(view.url)):
        print(view.hint)
    return view


def _has_screen() -> bool:
    """Say whether a browser can open a window here: not through SSH, nor on a machine without a screen."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform in ("darwin", "win32") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & {*os.environ})


class LivePage:
    """A page that follows the session; `url` is its address. See `live`."""

    def __init__(self, *, port: int = 0) -> None:
        self._changed = Condition()
        self._followed: Followed | None = None
        self._latest = Snapshot("gradstep", "nothing is shown yet: view.show(x) shows x")
        self._version = 1
        self._closed = False
        self._process = os.getpid()
        self._asked, self._waiting = -_AWAY, 0
        self._maker = _Maker()
        self._server = PageServer(*page_and_policy(), self._answer, port)
        WATCHERS.append(self)
        atexit.register(self.close)

    @property
    def url(self) -> str:
        """The address, with its secret token; any number of pages may show it."""
        return self._server.url

    @property
    def hint(self) -> str:
        """The address, and how to reach it from another machine."""
        port = self._server.port
        return (
            f"The live page is at {self.url}\nFrom another machine, first: ssh -N -L {port}:127.0.0.1:{port} USER@HOST"
        )

    def show(self, root: Any) -> None:
        """Show a Value, an exercise or its solution, a Stepper or an MLP, in place of what is shown.

        A Value is followed through each `backward()` that reaches it. A `backward()` from a new Value that was computed
        from the same leaves, such as the loss of the next iteration, takes its place. Of an MLP the page shows the
        weights; of its loss, the network beside the graph. Call `show` again after a change by hand. Raises TypeError
        for anything else, ValueError for what no Stepper can go through, or if the page is closed.

        >>> from nn import MLP
        >>> with LivePage() as view:
        ...     view.show(MLP(2, [3, 1]))
        ...     view
        <LivePage at http://127.0.0.1:...: MLP(...)>
        """
        found = followed(root)
        with self._changed:
            if self._closed:
                raise ValueError("this live page is closed; viz.live() opens a new one")
            self._followed = found
            self._publish(found.snapshot())

    def note(self, event: str, source: Any, detail: Any) -> None:
        """Take notice of an event in the present thread; see `autograd.state.observation.Watcher`."""
        found = self._followed
        if found is None or not found.hears(event, source, detail):
            return
        with self._changed:
            if found is self._followed and not self._closed:
                snapshot = found.changed(event, source, detail, self._is_watched)
                if snapshot is not None:
                    self._publish(snapshot)

    def close(self) -> None:
        """Stop to follow the session; the pages say so. A forked process cannot do this."""
        if os.getpid() != self._process:
            return
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            if self._waiting and self._changed.wait_for(lambda: not self._waiting, _FAREWELL):
                sleep(0.05)  # the answers are written in other threads
        with suppress(ValueError):
            WATCHERS.remove(self)
        atexit.unregister(self.close)
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return "<LivePage, closed>" if self._closed else f"<LivePage at {self.url}: {self._latest.title}>"

    def _repr_html_(self) -> str:
        if self._closed:
            return "the live page, closed"
        return f'<a href="{self.url}" target="_blank" rel="noopener">the live page</a>'

    @property
    def _is_watched(self) -> bool:
        return self._waiting > 0 or monotonic() - self._asked < _AWAY

    def _publish(self, snapshot: Snapshot) -> None:
        self._latest = snapshot
        self._version += 1
        self._changed.notify_all()

    def _answer(self, query: Mapping[str, int]) -> Json:
        """Return the state for a page that has seen version `after`, and the pictures `pictures`; wait for news."""
        after = query.get("after", 0)
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._version != after or self._closed, _POLL)
            finally:
                self._waiting -= 1
                self._asked = monotonic()
                self._changed.notify_all()
        self._maker.wait()
        with self._changed:
            version, snapshot, closed = self._version, self._latest, self._closed
        if closed:
            return {"closed": True}
        return {} if version == after else self._maker.state(version, snapshot, query.get("pictures", 0))


class _Maker:
    """Makes what pages show of each version: once for all pages, and not too often."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pictures = Pictures()
        self._version, self._state = 0, Json()
        self._next = 0.0

    def wait(self) -> None:
        """Wait until it is time for a new state."""
        sleep(max(self._next - monotonic(), 0.0))

    def state(self, version: int, snapshot: Snapshot, pictures: int) -> Json:
        """Return the state of this version or of a later one, with the pictures if the page has others."""
        with self._lock:
            if version > self._version:
                began = monotonic()
                self._state = self._pictures.state(snapshot) | {"version": version, "pictures": self._pictures.number}
                self._version, now = version, monotonic()
                self._next = now + min(max(_LEAST_WAIT, (_SHARE - 1) * (now - began)), _LONGEST_REST)
            is_new = pictures != self._pictures.number
            return self._state | ({"svgs": self._pictures.svgs} if is_new else {})
