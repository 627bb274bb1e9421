"""The blocking mode of every transport: one home, which all threads share."""

from __future__ import annotations

import queue
import ssl
import threading
import time
from abc import abstractmethod
from typing import Generic

from anycarrier import processes
from anycarrier.errors import TransportError
from anycarrier.exchange import Response
from anycarrier.transports import _base
from anycarrier.transports._lifecycle import C, Connection, Home, LifeCycle, run
from anycarrier.transports._pool import Pool
from anycarrier.transports.protocol import Timeouts, WireRequest

__all__ = ["Blocking"]


class _Home(Home[C]):
    """Slots and connections of a blocking transport. A queue of slots costs a tenth of a semaphore."""

    now = staticmethod(time.monotonic)

    def __init__(self) -> None:
        super().__init__(Pool(close_now))
        self.closed = False
        self._free: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(_base.MAX_CONNECTIONS):
            self._free.put(None)

    async def enter(self, seconds: float) -> bool:
        try:
            self._free.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def leave(self) -> None:
        self._free.put(None)

    def keep(self, connection: C) -> C | None:
        surplus = self.pool.put(connection.origin, connection)
        if self.closed:  # just now, by another thread
            self.close_idle()
        return surplus

    def is_here(self) -> bool:
        return True

    def close_idle(self) -> list[C]:
        """Close idle connections; return those in use."""
        idle, busy = self.pool.drain()
        for connection in idle:
            close_now(connection)
        return busy


class Blocking(LifeCycle[C], Generic[C]):
    """A blocking transport, safe to share between threads.

    The system looks up the name of a host, which no deadline can interrupt; everything else ends in time.
    """

    def __init__(self, timeouts: Timeouts, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(timeouts, tls=tls)
        self._home: _Home[C] = _Home()
        processes.begins_anew(self)

    async def _home_here(self) -> Home[C]:
        return self._home

    @abstractmethod
    def _interrupt(self, connection: C) -> None:
        """Wake the thread that waits on a connection, which then closes it; closing a socket would not."""

    def send(self, request: WireRequest) -> Response | TransportError:
        """Send one request and return its answer; never repeat it, never follow a redirect."""
        return run(self._send, request)

    def read(self, stream: object) -> bytes | TransportError:
        """Return the next decoded bytes of a streamed answer; ``b""`` at the end."""
        return run(self._read_stream, stream)

    def close_stream(self, stream: object) -> None:
        """Give the stream's connection back. Closing twice does nothing."""
        run(self._close_stream, stream)

    def close(self) -> None:
        """Close all connections. Requests that are under way end as broken ones do."""
        self._closed = self._home.closed = True
        for connection in self._home.close_idle():
            self._interrupt(connection)
        for stream in tuple(self._home.streams):
            if stream.lock.acquire(blocking=False):  # no thread is reading it
                try:
                    run(self._close_stream, stream)
                finally:
                    stream.lock.release()

    def forked(self) -> None:
        """Begin with no connection in a child; those that exist are the parent's."""
        parents, self._home = self._home, _Home()
        self._home.closed = self._closed
        for stream in parents.streams:
            stream.closed, stream.lock = True, threading.RLock()
        connections = parents.pool.all()
        processes.leave_to_parent(connections)
        for connection in connections:
            close_now(connection)


def close_now(connection: Connection) -> None:
    """Close a connection of a blocking transport."""
    run(_close, connection)


async def _close(connection: Connection) -> None:
    await connection.close()
