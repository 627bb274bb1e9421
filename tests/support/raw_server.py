"""A TCP server on loopback that does exactly what a test tells it, also what no HTTP server would do.

A script is a function that is called with each :class:`Connection`, in a thread of its own; when it returns, the
connection is closed. What requests arrived is in ``server.received``.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TLS_FIXTURE = Path(__file__).with_name("tls_fixture.pem")
TLS_COMMON_NAME = Path(__file__).with_name("tls_common_name.pem")
"""Names localhost in its common name only."""


@dataclass
class Received:
    """One whole request that arrived."""

    connection: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Gone(Exception):
    """The client closed the connection."""


@dataclass
class Connection:
    """One accepted connection; ``index`` counts them from 0."""

    server: RawServer
    index: int
    socket: socket.socket
    _buffer: bytes = field(default=b"", repr=False)

    def request(self) -> Received:
        """Read one whole request; raises :class:`Gone` where the client closes instead."""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        self._buffer = rest
        while len(self._buffer) < length:
            self._more()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        received = Received(self.index, method, target, headers, body)
        self.server.received.append(received)
        return received

    def requests(self) -> Iterator[Received]:
        """Requests until the client closes."""
        with contextlib.suppress(Gone):
            while True:
                yield self.request()

    def _more(self) -> None:
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise Gone
        self._buffer += data

    def send(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except OSError:
            raise Gone from None

    def trickle(self, data: bytes, every: float = 0.02) -> None:
        """Send *data* one byte at a time."""
        for byte in data:
            self.send(bytes([byte]))
            time.sleep(every)

    def hang(self) -> None:
        """Do nothing until the client closes."""
        with contextlib.suppress(Gone):
            while True:
                self._more()
        self.server.closed_by_client.set()

    def reset(self) -> None:
        """Close with a RST."""
        raw = self.socket
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()


Script = Callable[[Connection], object]


class RawServer:
    """Serve *script*; ``tls`` with a certificate, by default the one beside this file, whose only name is 127.0.0.1."""

    def __init__(self, script: Script, *, tls: bool | Path = False) -> None:
        self.script = script
        self.received: list[Received] = []
        self.accepted = 0
        self.closed_by_client = threading.Event()
        self._tls: ssl.SSLContext | None = None
        if tls is not False:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(TLS_FIXTURE if tls is True else tls)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listener.getsockname()[1]
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(accepted)
            thread = threading.Thread(target=self._serve, args=(self.accepted, accepted), daemon=True)
            self.accepted += 1
            self._threads.append(thread)
            thread.start()

    def _serve(self, index: int, accepted: socket.socket) -> None:
        with accepted:
            if self._tls is not None:
                try:
                    accepted = self._tls.wrap_socket(accepted, server_side=True)
                except OSError:
                    return
                self._open.append(accepted)
            with accepted, contextlib.suppress(Gone):
                self.script(Connection(self, index, accepted))

    def __enter__(self) -> RawServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(5)
        for accepted in self._open:
            with contextlib.suppress(OSError):
                accepted.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)


def answer(body: bytes = b"{}", status: str = "200 OK", *, length: int | None = None, **headers: str) -> bytes:
    """A whole answer; *length* lies about the body's. Underscores in the names of *headers* become hyphens."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answering(data: bytes | Callable[[Received], bytes] = b"") -> Script:
    """A script that gives every request the same answer, or what a function makes of it."""

    def script(connection: Connection) -> None:
        for received in connection.requests():
            connection.send(data(received) if callable(data) else data or answer())

    return script


@functools.cache
def bomb(size: int) -> bytes:
    """A small gzip body that decodes to *size* bytes."""
    return gzip.compress(bytes(size), 9)


@contextlib.contextmanager
def nobody() -> Iterator[str]:
    """An origin without a server."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextlib.contextmanager
def deaf() -> Iterator[str]:
    """An origin that never answers a SYN, since its backlog is full."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}"
