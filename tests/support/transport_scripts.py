"""Scripts of raw servers that more than one test of transports plays."""

from __future__ import annotations

import time

from anycarrier.errors import TransportError
from support.ports import Async, Sync
from support.raw_server import Connection, answer, bomb

Port = Sync | Async


def hang(connection: Connection) -> None:
    connection.request()
    connection.hang()


def truncated(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b'{"ok":', "201 Created", length=100))


def truncated_by_rst(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b'{"ok":', "201 Created", length=100))
    time.sleep(0.05)
    connection.reset()


def truncated_chunks(connection: Connection) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")


def half_a_body(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b'{"ok":', length=100))
    connection.hang()


def truncated_gzip(connection: Connection) -> None:
    connection.request()
    connection.send(answer(bomb(1000)[:-6], Content_Encoding="gzip"))


def check_says_nothing_secret(error: TransportError, origin: str) -> None:
    said = f"{error} {error!r} {error.__dict__}"
    assert "POST /things" in said
    assert origin.partition("//")[2] in said
    for hidden in ("t0ken", "q=1", '"n"', "Bearer", "?"):
        assert hidden not in said
    assert error.__cause__ is None
    assert error.__context__ is None
    assert error.__traceback__ is None
