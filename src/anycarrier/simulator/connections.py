"""Connections of the HTTP server: listening sockets, and requests and answers as its protocol has them."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from starlette.requests import Request

from anycarrier.errors import ConfigurationError
from anycarrier.simulator.messages import SimAnswer, SimRequest, joined

__all__ = ["HOST", "Receive", "Scope", "Send", "bound", "gone", "read", "reset", "send_answer"]

HOST = "127.0.0.1"
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def bound(port: int) -> socket.socket:
    """Return a socket that is bound to a port, 0 for any free one, and does not listen yet."""
    # Named as TCP, or asyncio does not turn Nagle off for its connections, and an answer in two parts takes 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":  # there it would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(f"cannot listen on {HOST}:{port}: {error.strerror}") from None
    except OverflowError:
        listening.close()
        raise ConfigurationError(f"no port is numbered {port}") from None
    return listening


def read(request: Request, body: bytes) -> SimRequest:
    """Return a request as a simulator takes it."""
    raw: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return SimRequest(
        method=request.method,
        path=raw.decode("latin-1"),
        query=tuple(parse_qsl(query.decode("latin-1"), keep_blank_values=True)),
        headers=joined(request.headers.items()),
        body=body,
        client=request.client.host if request.client else HOST,
    )


async def send_answer(answer: SimAnswer, body: bytes, send: Send, *, more: bool) -> None:
    """Send an answer with *body*; with *more*, less of it than its headers announce."""
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": more})


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection."""
    # With no time to linger the kernel sends RST instead of FIN.
    now = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
    transport.abort()


async def gone(receive: Receive) -> None:
    """Wait until the client has left."""
    # Until the protocol knows that its connection has ended, it would complain of a missing answer.
    while (await receive())["type"] != "http.disconnect":
        pass
