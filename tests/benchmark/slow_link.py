"""A way to PostgreSQL that takes time: a proxy on loopback that delays each direction, and counts the statements.

``python -m benchmark.slow_link SOCKET MILLISECONDS`` prints its port, and answers each line on its input with the
number of statements so far. *SOCKET* is the server's Unix socket, *MILLISECONDS* those of one direction.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

__all__ = ["Link", "counting", "linked"]

STATEMENTS = b"QE"
"""Types of the messages that carry a statement: a query, and the execution of one with values."""


class Messages:
    """Counts statements in the bytes that a client sends, by the types of its messages."""

    def __init__(self) -> None:
        self.statements = 0
        self._rest = b""
        self._started = False

    def feed(self, data: bytes) -> None:
        """Count those in *data*, which may begin and end within a message."""
        rest = self._rest + data
        while True:
            head = 5 if self._started else 4  # the first message has no type
            if len(rest) < head:
                break
            size = int.from_bytes(rest[head - 4 : head]) + head - 4
            if len(rest) < size:
                break
            if self._started and rest[:1] in STATEMENTS:
                self.statements += 1
            # A request for encryption, which has its own number, comes before the first message.
            self._started = self._started or rest[4:8] != (80877103).to_bytes(4)
            rest = rest[size:]
        self._rest = rest


class Link:
    """The proxy; it serves until the process ends.

    Args:
        path: the server's Unix socket.
        delay: seconds of each direction.
    """

    def __init__(self, path: str, delay: float = 0.0) -> None:
        self._path = path
        self._delay = delay
        self._clients: list[Messages] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def statements(self) -> int:
        """Statements of all clients so far."""
        return sum(one.statements for one in self._clients)

    def close(self) -> None:
        """Take no more clients."""
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._path)
                messages = Messages()
                self._clients.append(messages)
                for source, target, count in ((client, server, messages), (server, client, None)):
                    threading.Thread(target=self._carry, args=(source, target, count), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, messages: Messages | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                due = time.monotonic() + self._delay
                if messages is not None:
                    messages.feed(data)
                while (rest := due - time.monotonic()) > 0:
                    time.sleep(rest)
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Counter:
    """The proxy in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], dsn: str) -> None:
        self._process = process
        self.dsn = dsn

    def statements(self) -> int:
        """Statements of all clients so far."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextlib.contextmanager
def linked(dsn: str, delay: float) -> Iterator[Counter]:
    """The database of *dsn*, which names a Unix socket, behind a proxy that delays each direction by some seconds."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    where = conninfo_to_dict(dsn)
    path = f"{where['host']}/.s.PGSQL.{where.get('port', 5432)}"
    with subprocess.Popen(
        [sys.executable, "-m", "benchmark.slow_link", path, str(delay * 1000)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(process.stdout.readline())
        named = {name: str(value) for name, value in where.items() if name in ("user", "dbname", "password")}
        address = make_conninfo(host="127.0.0.1", port=port, sslmode="disable", gssencmode="disable", **named)
        try:
            yield Counter(process, address)
        finally:
            process.stdin.close()
            process.wait(10)


@contextlib.contextmanager
def counting(dsn: str) -> Iterator[tuple[Link, str]]:
    """The database of *dsn* behind a proxy of this process that delays nothing, and its address there."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    where = conninfo_to_dict(dsn)
    link = Link(f"{where['host']}/.s.PGSQL.{where.get('port', 5432)}")
    named = {name: str(value) for name, value in where.items() if name in ("user", "dbname", "password")}
    try:
        yield (
            link,
            make_conninfo(host="127.0.0.1", port=link.port, sslmode="disable", gssencmode="disable", **named),
        )
    finally:
        link.close()


def main() -> None:
    """Serve until the input ends."""
    link = Link(sys.argv[1], float(sys.argv[2]) / 1000)
    sys.stdout.write(f"{link.port}\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        sys.stdout.write(f"{link.statements}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
