"""Clocks of a session: time, and random numbers for jitter."""

from __future__ import annotations

import time
from typing import Protocol

from anycarrier.exchange import Moment

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Time and chance, injected so that tests decide both."""

    def now(self) -> Moment: ...

    def sleep(self, seconds: float) -> None: ...

    async def async_sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Moment:
        import random

        return Moment(time.monotonic(), time.time(), random.random())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)
