"""A small server on this machine for one page: it answers GET at an address with a secret token, and nothing else.

It serves two things from memory, the page and its state. Only a browser on this machine, or at the other end of an SSH
tunnel, can ask: the names in Host and Origin are checked, so no other website can, whatever name it gives this machine.
"""

import hmac
import json
import secrets
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

_HOME = "127.0.0.1"
_NAMES = {_HOME, "localhost"}
_LONGEST_PATH = 200
_LONGEST_HEADERS = 16_384
_PATIENCE = 60.0
"""Seconds after which a connection that says nothing is closed."""
_MOST_STRANGERS = 64
"""The most open connections that have not shown the token; for one more, the oldest of them is closed."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Answer = Callable[[Mapping[str, int]], Mapping[str, Any]]
"""Makes the state of the page, as JSON, from the numbers in the query of the page's request; it may wait."""


class PageServer:
    """A server for one page, in threads of its own that end with Python.

    `page` returns the page, and `policy` its content security policy. Raises OSError if the port is taken.
    """

    def __init__(self, page: str, policy: str, answer: Answer, port: int = 0) -> None:
        self.token = secrets.token_urlsafe(24)
        self._server = _Server((_HOME, port), _handler(page, policy, answer, f"/{self.token}/"))
        self.port: int = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.1,), name="viz.live", daemon=True).start()

    @property
    def url(self) -> str:
        """The address of the page, with its token."""
        return f"http://{_HOME}:{self.port}/{self.token}/"

    def close(self) -> None:
        """Stop to accept connections, and free the port."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # with the usual 5, a connection beside many others waits for seconds
    block_on_close = False
    allow_reuse_address = sys.platform != "win32"  # there, another program could take the same port

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._strangers: dict[socket.socket, None] = {}
        self._lock = Lock()

    def server_bind(self) -> None:
        """Bind without the name of this machine, which may take seconds to find and which nobody needs."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOME, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._strangers[request] = None
            if len(self._strangers) > _MOST_STRANGERS:
                oldest = next(iter(self._strangers))
                del self._strangers[oldest]
                with suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)  # its thread then closes it
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self.trust(request)
        super().close_request(request)

    def trust(self, request: socket.socket) -> None:
        """Keep a connection open that has shown the token."""
        with self._lock:
            self._strangers.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a page that was closed in the middle of an answer."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers requests; `_handler` fills in what it serves."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "gradstep", ""
    timeout = _PATIENCE
    page: bytes
    policy: str
    answer: Answer
    root: str
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        refusal = self._refusal()
        if refusal is not None:
            self.close_connection = True
            self._send(*refusal)
            return
        self.server.trust(self.request)
        parts = urlsplit(self.path)
        if parts.path == self.root:
            self._send(200, self.page, "text/html; charset=utf-8")
            return
        query = {name: int(found[0]) for name, found in parse_qs(parts.query).items() if found[0].isdecimal()}
        state = json.dumps(type(self).answer(query), allow_nan=False, separators=(",", ":"))
        self._send(200, state.encode(), "application/json")

    def _refused(self) -> None:
        self.close_connection = True  # a body may follow, which nobody reads
        self._send(405, b"only GET is answered here", "text/plain", {"Allow": "GET"})

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_CONNECT = do_TRACE = _refused  # noqa: N815

    def _refusal(self) -> tuple[int, bytes] | None:
        """Return the status and the sentence for a request that is refused; None if it may be answered."""
        hosts, path = self.headers.get_all("Host", []), _path_in(self.path)
        origins = {*self.headers.get_all("Origin", [])} - {f"http://{host}" for host in hosts}
        sites = {*self.headers.get_all("Sec-Fetch-Site", [])} - {"none", "same-origin"}
        is_page, is_state = [
            hmac.compare_digest(path.encode(), each.encode()) for each in (self.root, f"{self.root}state")
        ]
        refusals = {
            (414, b"the path is too long"): len(self.path) > _LONGEST_PATH,
            (431, b"the headers are too long"): len(str(self.headers)) > _LONGEST_HEADERS,
            (400, b"a GET has no body here"): "Content-Length" in self.headers or "Transfer-Encoding" in self.headers,
            (403, b"this host is not served"): len(hosts) != 1 or _name_in(f"//{hosts[0]}") not in _NAMES,
            (403, b"this origin is not served"): origins or (sites and not is_page),
            (404, b"nothing is here"): not (is_page or is_state),
        }
        return next((refusal for refusal, is_refused in refusals.items() if is_refused), None)

    def _send(
        self, status: int, content: bytes, kind: str = "text/plain", more: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        policy = {"Content-Security-Policy": self.policy, "Content-Type": kind, "Content-Length": str(len(content))}
        for name, text in (_HEADERS | policy | dict(more or {})).items():
            self.send_header(name, text)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Write nothing: the user's terminal is his own."""


def _handler(page: str, policy: str, answer: Answer, root: str) -> type[_Handler]:
    content = {"page": page.encode(), "policy": policy, "answer": staticmethod(answer), "root": root}
    return type("_PageHandler", (_Handler,), content)


def _path_in(address: str) -> str:
    """Return the path in an address; "" if there is none."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _name_in(address: str) -> str | None:
    """Return the name of the host in an address; None if there is none."""
    try:
        parts = urlsplit(address)
        return None if parts.username is not None or parts.path or parts.query or parts.fragment else parts.hostname
    except ValueError:
        return None
