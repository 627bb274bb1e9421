"""The asynchronous mode of every transport: a home for each event loop that it is used on.

A connection belongs to the loop that it was opened on. So a client may be used in one ``asyncio.run`` after the other,
and on the loops of several threads at once; what is open on a loop is closed when that loop ends.
"""

from __future__ import annotations

import asyncio
import ssl
import time
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, Generic

from anycarrier import processes
from anycarrier.errors import ConfigurationError, TransportError
from anycarrier.exchange import Response
from anycarrier.transports import _base
from anycarrier.transports._lifecycle import C, Home, LifeCycle
from anycarrier.transports._pool import Pool
from anycarrier.transports.protocol import Timeouts, WireRequest

__all__ = ["Asynchronous"]

SLACK = 0.01
"""Seconds: a loop's timers may be a little early."""

_of_parents: list[Any] = []
"""Homes of parent processes. They stay referenced, since their finalizers would speak to loops that run in the parent,
through descriptors that are shared with it."""


class _LoopHome(Home[C]):
    """Connections of a transport on one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(Pool())
        self.loop = loop
        self.now = loop.time
        self.stay: AsyncGenerator[None, None] | None = None
        self._slots = asyncio.Semaphore(_base.MAX_CONNECTIONS)
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def enter(self, seconds: float) -> Coroutine[Any, Any, bool]:
        return self._wait(seconds) if self._slots.locked() else self._slots.acquire()

    async def _wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._slots.acquire()
        except TimeoutError:
            return False

    def leave(self) -> None:
        self._slots.release()

    def keep(self, connection: C) -> C | None:
        surplus = self.pool.put(connection.origin, connection)
        if self._timer is None:
            self._watch()
        return surplus

    def is_here(self) -> bool:
        return self.loop is asyncio.get_running_loop()

    def _watch(self) -> None:
        if (due := self.pool.due()) is not None:
            wait = max(0.0, due - time.monotonic()) + SLACK
            self._timer = self.loop.call_later(wait, _expire, weakref.ref(self))

    def expire(self) -> None:
        """Close what was idle too long, and look again later where there is more."""
        self._timer = None
        for connection in self.pool.stale(time.monotonic()):
            self.do(_close(connection))
        self._watch()

    def do(self, step: Coroutine[Any, Any, None]) -> None:
        """Take *step* on the loop, soon."""
        task = self.loop.create_task(step)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """Close everything, soon."""
        self.do(_end(self))

    async def close_all(self) -> None:
        """Close every connection, on the loop of this home."""
        self.pool.drain()
        for connection in tuple(self.open):
            await connection.close()
        for _ in range(10):  # the event loop closes sockets in its next turns, those under TLS a turn later
            if not self.open:
                break
            await asyncio.sleep(0)


class Asynchronous(LifeCycle[C], Generic[C]):
    """A transport for asyncio, on any number of event loops, each with connections of its own."""

    def __init__(self, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(timeouts, tls=tls)
        self._homes: dict[asyncio.AbstractEventLoop, _LoopHome[C]] = {}
        processes.begins_anew(self)
        # Of a transport that is garbage the homes are not, until they have closed their connections in order.
        weakref.finalize(self, _abandon, self._homes).atexit = False

    async def _home_here(self) -> Home[C]:
        loop = asyncio.get_running_loop()
        if (known := self._homes.get(loop)) is not None:
            return known
        if any(home.loop is loop for home in _of_parents):
            raise ConfigurationError(
                "this event loop was begun before a fork and belongs to the parent process, with which it shares what "
                "it waits for: begin a new one in the child, as asyncio.run() does"
            )
        for one in tuple(self._homes):
            if one.is_closed():  # without having said that it ends; nothing on it can be closed in order any more
                self._homes.pop(one, None)
        home: _LoopHome[C] = _LoopHome(loop)
        home.stay = _stay(home, self._homes)
        await anext(home.stay)
        self._homes[loop] = home
        return home

    async def send(self, request: WireRequest) -> Response | TransportError:
        """Send one request and return its answer; never repeat it, never follow a redirect."""
        return await self._send(request)

    async def read(self, stream: object) -> bytes | TransportError:
        """Return the next decoded bytes of a streamed answer; ``b""`` at the end."""
        return await self._read_stream(stream)

    async def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        await self._close_stream(stream)

    async def close(self) -> None:
        """Close all connections. Requests that are under way end as broken ones do.

        Connections on other loops that run are closed there, soon.
        """
        self._closed = True
        for home in tuple(self._homes.values()):
            if home.is_here():
                await _end(home)
            elif home.loop.is_running():
                asyncio.run_coroutine_threadsafe(_end(home), home.loop)

    def forked(self) -> None:
        """Leave all homes to the parent, whose loops they are on."""
        homes = tuple(self._homes.values())
        self._homes.clear()
        _of_parents.extend(homes)
        for home in homes:
            processes.leave_to_parent(tuple(home.open))


async def _stay(home: _LoopHome[C], homes: dict[asyncio.AbstractEventLoop, _LoopHome[C]]) -> AsyncGenerator[None, None]:
    # A loop that ends (asyncio.run, Runner) closes generators that were begun on it, and this one with them.
    try:
        yield
    finally:
        homes.pop(home.loop, None)
        await home.close_all()


def _abandon(homes: dict[asyncio.AbstractEventLoop, _LoopHome[Any]]) -> None:
    """Close the connections of a transport that is garbage, each on its loop."""
    for home in tuple(homes.values()):
        if not home.loop.is_closed():
            home.loop.call_soon_threadsafe(home.end)


async def _end(home: _LoopHome[Any]) -> None:
    if home.stay is not None:
        await home.stay.aclose()


async def _close(connection: Any) -> None:
    await connection.close()


def _expire(reference: Callable[[], _LoopHome[Any] | None]) -> None:
    if (home := reference()) is not None:
        home.expire()
