"""The fast transport, in both modes: sockets and asyncio of the standard library, with httptools to parse.

Each step of a request is taken here, one after the other: connect, shake hands, write, read. So our own code knows
whether a byte has left, and need not conclude it from the exception of a library; every wait has its own limit; and
there is no code for what must not happen (redirects, proxies, netrc, cookies, a second try).
"""

from __future__ import annotations

import contextlib
import select
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from anycarrier.errors import TransportError
from anycarrier.transports._base import Origin, Trouble, is_tls
from anycarrier.transports._body import Malformed, TooLarge
from anycarrier.transports._http1 import Broken
from anycarrier.transports._lifecycle import EARLY, C, Home, LifeCycle, Progress
from anycarrier.transports.protocol import WireRequest

__all__ = ["Fast", "watch"]


class Fast(LifeCycle[C]):
    """Connecting, and the wording of failures."""

    _failures = (OSError, Broken, TooLarge, Malformed)
    _timed_out = (TimeoutError,)

    async def _connected(self, home: Home[C], origin: Origin, progress: Progress) -> C:
        progress.doing = "connect"
        try:
            found = await self._looked_up(origin, progress)
        except UnicodeError:
            raise OSError("not a name of a host") from None
        # One address after the other, each with its own time, but never beyond the deadline.
        addresses = list(dict.fromkeys((info[0], info[4]) for info in found))
        for family, address in addresses[:-1]:
            with contextlib.suppress(OSError):
                return await self._reached(home, origin, family, address, progress)
        return await self._reached(home, origin, *addresses[-1], progress)

    @abstractmethod
    async def _looked_up(self, origin: Origin, progress: Progress) -> Any:
        """Return the addresses of a host, as ``socket.getaddrinfo`` does."""

    @abstractmethod
    async def _reached(self, home: Home[C], origin: Origin, family: int, address: Any, progress: Progress) -> C:
        """Return a connection to one address, after the TLS handshake."""

    def _failed(
        self, request: WireRequest, origin: Origin, error: Exception, progress: Progress, now: float
    ) -> TransportError:
        sent, slow = progress.doing in ("write", "read"), isinstance(error, TimeoutError)
        trouble: Trouble = "broken"
        if slow:
            trouble = "deadline" if now > progress.deadline - EARLY else progress.doing or "connect"
        elif isinstance(error, TooLarge):
            trouble = "too_large"
        elif isinstance(error, Malformed):
            trouble = "malformed"
        elif not sent:
            trouble = "tls" if is_tls(error) else "connect"
        return self._failure(request, origin, trouble, sent, error, slow)


def watch(fd: int) -> Callable[[], bool]:
    """Return a function that looks whether there is something to read at once: on an idle connection, its end."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return lambda: bool(poll.poll(0))
    return lambda: bool(select.select([fd], [], [], 0)[0])
