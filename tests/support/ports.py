"""Both modes of a transport, and of a driver, behind one blocking face, so that a test is written once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve

from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.transports import Timeouts, async_transport, sync_transport
from anycarrier.transports.protocol import WireRequest

PATIENT = Timeouts(
    connect=120, read=120, write=120, pool=120, total=240, stream=300, purchase_read=240, purchase_total=240
)
"""For what must not time out, however busy the machine."""
HASTY = evolve(PATIENT, read=0.4, purchase_read=0.4)
"""For an answer that does not come, or not whole; the request itself has all the time that it needs."""


def at_some_pace(attempt: Callable[[float], None]) -> None:
    """Run what measures times of its own, and run it again more slowly where the machine was too busy for it."""
    for pace in (1.0, 6.0):
        with contextlib.suppress(AssertionError, AttributeError, TransportError):
            return attempt(pace)
    return attempt(36.0)


def wire(origin: str, target: str = "/things?q=1", **changes: Any) -> WireRequest:
    """A request to *origin*."""
    values: dict[str, Any] = {
        "method": "POST",
        "url": origin + target,
        "origin": origin,
        "headers": (("authorization", "Bearer t0ken"),),
        "body": b'{"n":1}',
        "purpose": "write",
        "stream": False,
        "max_bytes": None,
        "label": "POST /things",
    }
    values.update(changes)
    if values["method"] == "GET":
        values["body"] = None
    return WireRequest(**values)


class Sync:
    """A blocking transport, unchanged."""

    def __init__(self, library: str, timeouts: Timeouts = PATIENT, **more: Any) -> None:
        self.transport: Any = sync_transport(library, timeouts, **more)
        self.send = self.transport.send
        self.read = self.transport.read
        self.close_stream = self.transport.close_stream
        self.close = self.transport.close


class Async:
    """An asynchronous one, each call run on an event loop of its own."""

    def __init__(self, library: str, timeouts: Timeouts = PATIENT, **more: Any) -> None:
        self.transport: Any = async_transport(library, timeouts, **more)
        self.runner = asyncio.Runner()
        self.closed = False

    def send(self, request: WireRequest) -> Any:
        return self.runner.run(self.transport.send(request))

    def read(self, stream: object) -> Any:
        return self.runner.run(self.transport.read(stream))

    def close_stream(self, stream: object) -> None:
        self.runner.run(self.transport.close_stream(stream))

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.runner.run(self.transport.close())
            self.runner.close()


LIBRARIES = ("httpx", "httpx2", "fast")
RECORDABLE = ("httpx", "httpx2")
"""Those that recorders such as vcrpy know."""
KINDS: list[tuple[str, Callable[..., Any]]] = [(library, kind) for library in LIBRARIES for kind in (Sync, Async)]
IDS = [f"{library}-{kind.__name__.lower()}" for library, kind in KINDS]


@contextlib.contextmanager
def making(library: str, make: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Makes ports, and closes them at the end, also when the test failed before it could."""
    made: list[Any] = []

    def port(*args: Any, **more: Any) -> Any:
        made.append(make(library, *args, **more))
        return made[-1]

    try:
        yield port
    finally:
        for each in made:
            each.close()


def drained(port: Sync | Async, response: Response) -> Iterator[bytes]:
    """The pieces of a streamed answer; raises the error that ends it."""
    while piece := port.read(response.stream):
        if isinstance(piece, Exception):
            raise piece
        yield piece


__all__ = [
    "HASTY",
    "IDS",
    "KINDS",
    "LIBRARIES",
    "PATIENT",
    "RECORDABLE",
    "Async",
    "Sync",
    "async_transport",
    "drained",
    "making",
    "sync_transport",
    "wire",
]
