"""An asynchronous transport's connections, kept apart for each event loop that it is used on.

A connection belongs to the loop that it was opened on. So a client may be used in one ``asyncio.run`` after the other,
and on the loops of several threads at once; what is open on a loop is closed when that loop ends.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Generic, TypeVar

from anycarrier import processes
from anycarrier.errors import ConfigurationError
from anycarrier.transports import _base
from anycarrier.transports._pool import Pool

__all__ = ["Home", "Homes"]

C = TypeVar("C")

SLACK = 0.01
"""Seconds: a loop's timers may be a little early."""

_of_parents: list[Any] = []
"""Homes of processes that this one was forked from, which are kept: their finalizers would speak to loops that run in
the parent, through descriptors that are shared with it."""


class Home(Generic[C]):
    """What a transport has on one loop.

    Attributes:
        open: all that holds a socket, with a method ``fileno``.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, close: Callable[[C], Awaitable[None] | None]) -> None:
        self.loop = loop
        self._close = close
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Future[None]] = set()
        self.places = asyncio.Semaphore(_base.MAX_CONNECTIONS)
        self.pool: Pool[C] = Pool()
        self.open: set[Any] = set()
        self.stay: AsyncGenerator[None, None] | None = None

    def keep(self, origin: _base.Origin, connection: C) -> None:
        """Keep *connection* for later, but not for long."""
        if (too_many := self.pool.put(origin, connection)) is not None:
            self._drop(too_many)
        if self._timer is None:
            self._watch()

    def _watch(self) -> None:
        if (due := self.pool.due()) is not None:
            wait = max(0.0, due - time.monotonic()) + SLACK
            self._timer = self.loop.call_later(wait, _expire, weakref.ref(self))

    def expire(self) -> None:
        """Close what was idle too long, and look again later where there is more."""
        self._timer = None
        for connection in self.pool.stale(time.monotonic()):
            self._drop(connection)
        self._watch()

    def _drop(self, connection: C) -> None:
        closing = self._close(connection)
        if closing is not None:
            task = asyncio.ensure_future(closing)
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def is_here(self) -> bool:
        """Whether its loop is the one that runs."""
        return self.loop is asyncio.get_running_loop()


class Homes(Generic[C]):
    """Those of one transport.

    Args:
        leave: closes what is open in a home, on its loop.
        close: closes one connection there.
    """

    def __init__(
        self, leave: Callable[[Home[C]], Awaitable[None]], close: Callable[[C], Awaitable[None] | None]
    ) -> None:
        self._leave = leave
        self._close = close
        self._by_loop: dict[asyncio.AbstractEventLoop, Home[C]] = {}
        processes.begins_anew(self)

    def here(self) -> Home[C] | None:
        """The running loop's, if there is one already."""
        return self._by_loop.get(asyncio.get_running_loop())

    async def made(self) -> Home[C]:
        """A new one for the running loop; raises :class:`ConfigurationError` where that is a parent process's."""
        loop = asyncio.get_running_loop()
        if any(home.loop is loop for home in _of_parents):
            raise ConfigurationError(
                "this event loop was begun before a fork and belongs to the parent process, with which it shares what "
                "it waits for: begin a new one in the child, as asyncio.run() does"
            )
        for one in tuple(self._by_loop):
            if one.is_closed():  # without having said that it ends; nothing on it can be closed in order any more
                self._by_loop.pop(one, None)
        home: Home[C] = Home(loop, self._close)
        home.stay = self._stayed(home)
        await anext(home.stay)
        self._by_loop[loop] = home
        return home

    async def _stayed(self, home: Home[C]) -> AsyncGenerator[None, None]:
        # A loop that ends (asyncio.run, Runner) closes generators that were begun on it, and closes them too when they
        # are not needed any more: so this ends with the loop or with the transport, whichever comes first.
        try:
            yield
        finally:
            self._by_loop.pop(home.loop, None)
            await self._leave(home)

    async def close(self) -> None:
        """Close everything here; what is open on another loop that runs is closed there, soon."""
        for home in tuple(self._by_loop.values()):
            if home.is_here():
                await _ended(home)
            elif home.loop.is_running():
                asyncio.run_coroutine_threadsafe(_ended(home), home.loop)

    def forked(self) -> None:
        """Leave all of them to the parent, whose loops they are on."""
        homes = tuple(self._by_loop.values())
        self._by_loop = {}
        _of_parents.extend(homes)
        for home in homes:
            processes.leave_to_parent(tuple(home.open))


def _expire(reference: Callable[[], Home[Any] | None]) -> None:
    if (home := reference()) is not None:
        home.expire()


async def _ended(home: Home[Any]) -> None:
    if home.stay is not None:
        await home.stay.aclose()
