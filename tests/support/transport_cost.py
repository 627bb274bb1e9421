"""Cost of transports beside each other: ``python tests/support/transport_cost.py`` with ``src`` on the path.

One server with one canned answer in a process of its own, every candidate that is installed in another, by turns, so
that what else the machine does meets all of them. Ratios of medians; nothing is asserted.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from anycarrier.errors import ConfigurationError
from anycarrier.transports import async_transport, in_use, sync_transport
from anycarrier.transports.protocol import WireRequest

NAMES = ("httpx", "httpx2", "fast")
HEADERS = {"accept": "application/json", "user-agent": "cost/1", "authorization": "Bearer t0ken"}
RECORDS = [{"number": f"201555{n:04d}", "place": "NEWARK", "state": "NJ", "more": "y" * 260} for n in range(50)]
BODY = json.dumps({"data": RECORDS}).encode()
ANSWER = (
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n"
    f"X-Request-Id: 0123456789abcdef\r\nCache-Control: no-store\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode() + BODY


class Canned(asyncio.Protocol):
    """Answers each head."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.left = b""

    def data_received(self, data: bytes) -> None:
        *heads, self.left = (self.left + data).split(b"\r\n\r\n")
        for _ in heads:
            self.transport.write(ANSWER)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await asyncio.sleep(3600)


def blocking(url: str, port: int) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Every blocking candidate that is installed; the first is what all are compared with."""
    import httpx

    client = httpx.Client()
    yield "httpx.Client", lambda: client.get(url, headers=HEADERS).content
    plain = http.client.HTTPConnection("127.0.0.1", port)

    def stdlib() -> bytes:
        plain.request("GET", "/v1/numbers", headers=HEADERS)
        return plain.getresponse().read()

    yield "http.client", stdlib
    try:
        import httpx2

        second = httpx2.Client()
        yield "httpx2.Client", lambda: second.get(url, headers=HEADERS).content
    except ImportError:
        pass
    try:
        from pyreqwest.client import SyncClientBuilder

        rust = SyncClientBuilder().follow_redirects(False).no_proxy().build()
        yield "pyreqwest", lambda: bytes(rust.get(url).headers(HEADERS).build().send().bytes())
    except ImportError:
        pass
    try:
        import pycurl

        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in HEADERS.items()])

        def curled() -> bytes:
            into = io.BytesIO()
            curl.setopt(pycurl.WRITEDATA, into)
            curl.perform()
            return into.getvalue()

        yield "pycurl", curled
    except ImportError:
        pass
    try:
        import urllib3

        manager = urllib3.PoolManager()
        yield "urllib3", lambda: manager.request("GET", url, headers=HEADERS, retries=False, redirect=False).data
    except ImportError:
        pass
    for name in NAMES:
        try:
            transport = sync_transport(name, None)
        except ConfigurationError:
            continue
        yield f"ours: {in_use(name)}", lambda transport=transport: transport.send(wire(url)).body  # type: ignore[misc]


def asynchronous(url: str, to_close: list[Callable[[], Any]]) -> Iterator[tuple[str, Callable[[], Awaitable[object]]]]:
    """The same for an event loop."""
    import httpx

    client = httpx.AsyncClient()
    yield "httpx.AsyncClient", lambda: client.get(url, headers=HEADERS)
    try:
        import httpx2

        second = httpx2.AsyncClient()
        yield "httpx2.AsyncClient", lambda: second.get(url, headers=HEADERS)
    except ImportError:
        pass
    try:
        import aiohttp

        session = aiohttp.ClientSession(auto_decompress=False)
        to_close.append(session.close)

        async def through_aiohttp() -> None:
            async with session.get(url, headers=HEADERS, allow_redirects=False) as response:
                await response.read()

        yield "aiohttp", through_aiohttp
    except ImportError:
        pass
    try:
        import httpx_aiohttp

        mixed = httpx.AsyncClient(transport=httpx_aiohttp.AiohttpTransport())
        to_close.append(mixed.aclose)
        yield "httpx on aiohttp", lambda: mixed.get(url, headers=HEADERS)
    except ImportError:
        pass
    try:
        from pyreqwest.client import ClientBuilder

        rust = ClientBuilder().follow_redirects(False).no_proxy().build()

        async def through_rust() -> None:
            await (await rust.get(url).headers(HEADERS).build().send()).bytes()

        yield "pyreqwest", through_rust
    except ImportError:
        pass
    for name in NAMES:
        try:
            transport = async_transport(name, None)
        except ConfigurationError:
            continue
        yield f"ours: {in_use(name)}", lambda transport=transport: transport.send(wire(url))  # type: ignore[misc]


def wire(url: str) -> WireRequest:
    return WireRequest(
        method="GET",
        url=url,
        origin=url.removesuffix("/v1/numbers"),
        headers=tuple(HEADERS.items()),
        body=None,
        purpose="read",
        stream=False,
        max_bytes=None,
        label="GET /v1/numbers",
    )


def one_at_a_time(url: str, port: int, rounds: int = 40, calls: int = 20) -> None:
    candidates = dict(blocking(url, port))
    spent: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(rounds + 1):
        for name, ask in candidates.items():
            began = time.process_time()
            for _ in range(calls):
                assert ask() == BODY
            if turn:
                spent[name].append((time.process_time() - began) / calls * 1e6)
    first = statistics.median(next(iter(spent.values())))
    print(f"\none at a time, {len(BODY)} bytes     CPU µs   of httpx.Client")  # noqa: T201
    for name, values in spent.items():
        print(f"{name:32} {statistics.median(values):6.0f}   {statistics.median(values) / first:5.2f}")  # noqa: T201


async def many_at_once(url: str, rounds: int = 5, at_once: int = 100) -> None:
    to_close: list[Callable[[], Any]] = []
    candidates = dict(asynchronous(url, to_close))
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in candidates}
    for turn in range(rounds + 1):
        for name, ask in candidates.items():
            calls = 300 if "Client" in name else 1500
            left = iter(range(calls))

            async def worker(ask: Any = ask, left: Any = left) -> None:
                for _ in left:
                    await ask()

            began, cpu = time.perf_counter(), time.process_time()
            await asyncio.gather(*(worker() for _ in range(at_once)))
            if turn:
                wall = time.perf_counter() - began
                spent[name].append((calls / wall, (time.process_time() - cpu) / calls * 1e6))
    for close in to_close:
        await close()
    first = statistics.median(rate for rate, _ in next(iter(spent.values())))
    print(f"\n{at_once} at once                  CPU µs   per second   of httpx.AsyncClient")  # noqa: T201
    for name, values in spent.items():
        rate, cost = statistics.median(r for r, _ in values), statistics.median(c for _, c in values)
        print(f"{name:32} {cost:6.0f}   {rate:8.0f}   {rate / first:6.1f}")  # noqa: T201


def main() -> None:
    if sys.argv[1:] == ["serve"]:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        asyncio.run(serve())
        return
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            url = f"http://127.0.0.1:{port}/v1/numbers"
            one_at_a_time(url, port)
            asyncio.run(many_at_once(url))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
