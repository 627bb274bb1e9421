"""Both drivers over a fake transport, each behind the same methods."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.async_driver import AsyncDriver
from anycarrier.engine.driver import Driver
from anycarrier.engine.session import Session
from anycarrier.exchange import Exchange, Listing, Moment, Request, Response, send
from anycarrier.transports.protocol import WireRequest

Handler = Callable[[WireRequest], Any]


class Fake:
    """A transport that answers from a function and notes each request."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.sent: list[WireRequest] = []
        self.chunks: dict[object, list[Any]] = {}
        self.closed: list[object] = []
        self.is_closed = False

    def answer(self, request: WireRequest) -> Any:
        self.sent.append(request)
        outcome = self.handler(request)
        if isinstance(outcome, list):
            stream = object()
            self.chunks[stream] = outcome
            return Response(200, stream=stream)
        return outcome

    def send(self, request: WireRequest) -> Any:
        time.sleep(0.001)
        return self.answer(request)

    def read(self, stream: object) -> Any:
        return self.chunks[stream].pop(0) if self.chunks[stream] else b""

    def close_stream(self, stream: object) -> None:
        self.closed.append(stream)

    def close(self) -> None:
        self.is_closed = True


class AsyncFake(Fake):
    async def send(self, request: WireRequest) -> Any:
        await asyncio.sleep(0.001)
        return self.answer(request)

    async def read(self, stream: object) -> Any:
        return Fake.read(self, stream)

    async def close_stream(self, stream: object) -> None:
        Fake.close_stream(self, stream)

    async def close(self) -> None:
        Fake.close(self)


class Hurry:
    """A clock that counts what is slept and hardly sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> Moment:
        return Moment(sum(self.slept), 1_700_000_000.0, 0.5)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        time.sleep(0.001)

    async def async_sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0.001)


def ok(_: WireRequest) -> Response:
    return Response(200, {}, b"{}")


def account(**more: Any) -> Account:
    values: dict[str, Any] = {
        "id": "main",
        "provider": "fake",
        "base_url": "https://api.example",
        "credentials": StaticToken("t0ken"),
    }
    return Account(**{**values, **more})


class SyncRig:
    mode = "sync"

    def __init__(self, handler: Handler = ok, *accounts: Account) -> None:
        self.clock = Hurry()
        self.transport = Fake(handler)
        self.driver = Driver(Session(accounts or (account(),), self.clock), self.transport)

    def run(self, exchange: Exchange[Any]) -> Any:
        return self.driver.run(exchange)

    def items(self, listing: Listing[Any], most: int = 10**9) -> list[Any]:
        found = []
        iterator = self.driver.iterate(listing)
        assert isinstance(iterator, Generator)
        try:
            for item in iterator:
                found.append(item)
                if len(found) == most:
                    break
        finally:
            iterator.close()
        return found

    def run_many(self, *exchanges: Exchange[Any]) -> list[Any]:
        results: list[Any] = [None] * len(exchanges)

        def one(at: int, exchange: Exchange[Any]) -> None:
            results[at] = self.driver.run(exchange)

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(exchanges)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return results

    def close(self) -> None:
        self.driver.close()


class AsyncRig:
    mode = "async"

    def __init__(self, handler: Handler = ok, *accounts: Account) -> None:
        self.clock = Hurry()
        self.transport = AsyncFake(handler)
        self.driver = AsyncDriver(Session(accounts or (account(),), self.clock), self.transport)

    def run(self, exchange: Exchange[Any]) -> Any:
        return asyncio.run(self.driver.run(exchange))

    def items(self, listing: Listing[Any], most: int = 10**9) -> list[Any]:
        async def main() -> list[Any]:
            found = []
            iterator: Any = self.driver.iterate(listing)
            try:
                async for item in iterator:
                    found.append(item)
                    if len(found) == most:
                        break
            finally:
                await iterator.aclose()
            return found

        return asyncio.run(main())

    def run_many(self, *exchanges: Exchange[Any]) -> list[Any]:
        async def main() -> list[Any]:
            return await asyncio.gather(*(self.driver.run(exchange) for exchange in exchanges))

        return asyncio.run(main())

    def close(self) -> None:
        asyncio.run(self.driver.close())


Rig = type[SyncRig] | type[AsyncRig]


def get(path: str = "/things", **more: Any) -> Request:
    return Request(**{"account": "main", "operation": "op", "method": "GET", "path": path, **more})


def asking(path: str = "/things", **more: Any) -> Exchange[int]:
    response = yield from send(get(path, **more))
    return response.status
