"""The loopback server: ``python -m benchmark.server``, told on its standard input when to end.

The first part of a path says what answers: ``/voicetel-1000-0/...`` is VoiceTel with 1000 numbers and no delay,
``/leadping-50-40/...`` Leadping with 50 and an answer after 40 ms. A search's answer has 50 numbers whatever it is
asked for.
"""

# ruff: noqa: T201 - a program
from __future__ import annotations

import asyncio
import functools
import sys

from benchmark.shapes import answer
from benchmark.timing import pin

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


@functools.lru_cache(4096)
def _target(line: bytes) -> tuple[str, int, float, str, str]:
    target = line.split(b" ")[1].decode()
    path, _, query = target.partition("?")
    prefix, _, rest = path[1:].partition("/")
    name, size, delay = prefix.split("-")
    return name, int(size), int(delay) / 1000, f"/{rest}", query


class Protocol(asyncio.Protocol):
    """One connection: requests one after the other, answers in the same order."""

    def __init__(self) -> None:
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end]
            lower = head.lower()
            at = lower.find(b"\r\ncontent-length:")
            length = 0 if at < 0 else int(lower[at + 17 :].split(b"\r\n", 1)[0])
            if len(self.data) < end + 4 + length:
                return
            body = self.data[end + 4 : end + 4 + length]
            self.data = self.data[end + 4 + length :]
            name, size, delay, path, query = _target(head.split(b"\r\n", 1)[0])
            found = answer(name, size, path, query, body)
            if delay:
                asyncio.get_running_loop().call_later(delay, self.send, found)
            else:
                self.send(found)

    def send(self, body: bytes) -> None:
        """Answer with *body*."""
        head = HEAD % len(body)
        if len(body) < 100_000:
            self.transport.write(head + body)
        else:
            self.transport.write(head)
            self.transport.write(body)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Protocol, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    pin(1)
    asyncio.run(_serve())
