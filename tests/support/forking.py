"""Programs that fork, each run in a process of its own: ``python -m support.forking PROGRAM ARGUMENT...``.

A program prints one JSON document, and ends with an exception where something is not as it must be.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anycarrier.engine import rate_limits
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.driver import Driver
from anycarrier.engine.session import Session
from anycarrier.exchange import Emit, Exchange, Listing, Request, Response, exclusive, send
from anycarrier.transports import _base, _tls
from support.ports import PATIENT, Async, Sync, wire
from support.raw_server import TLS_FIXTURE

TESTS = Path(__file__).parents[1]
PATIENCE = 60


def run(program: str, *arguments: str, threads: bool = False) -> Any:
    """Run *program* and return its output. Python warns of forks beside *threads*, and other warnings are errors."""
    strict = () if threads else ("-W", "error")
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(TESTS), *sys.path]))
    done = subprocess.run(
        [sys.executable, *strict, "-m", "support.forking", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if not threads:
        assert done.stderr == "", done.stderr
    return json.loads(done.stdout)


def child(work: Callable[[], Any]) -> Any:
    """Result of *work* in a forked child, which is ended if it hangs."""
    reader, writer = os.pipe()
    number = os.fork()
    if number == 0:
        code = 1
        try:
            os.write(writer, json.dumps(work()).encode())
            code = 0
        except BaseException:  # noqa: BLE001 - it must not go on as a second parent
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(writer)
    until = time.monotonic() + PATIENCE / 3
    while not (ended := os.waitpid(number, os.WNOHANG))[0]:
        if time.monotonic() > until:
            os.kill(number, 9)
            os.waitpid(number, 0)
            raise AssertionError("the child hangs")
        time.sleep(0.005)
    assert ended[1] == 0, f"the child ended with {ended[1]}"
    with os.fdopen(reader) as answer:
        return json.loads(answer.read())


def made(library: str, mode: str, origin: str) -> Sync | Async:
    """A transport that trusts the test's server."""
    more = {}
    if origin.startswith("https"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(TLS_FIXTURE)
        more["tls"] = context
    return (Sync if mode == "sync" else Async)(library, PATIENT, **more)


def strange(port: Sync | Async, origin: str, name: str, times: int = 20) -> int:
    """Number of answers to other requests; the server echoes each body."""
    bodies = [f"{name}{n}".encode() for n in range(times)]
    return sum(port.send(wire(origin, body=body)).body != body for body in bodies)


def afresh(port: Sync | Async) -> None:
    """A child has other event loops than its parent."""
    if isinstance(port, Async):
        port.runner = asyncio.Runner()


def answers(library: str, mode: str, origin: str) -> Any:
    """Both processes ask at once, on a client that was used before."""
    port = made(library, mode, origin)
    assert strange(port, origin, "before", 1) == 0
    reader, writer = os.pipe()

    def work() -> int:
        afresh(port)
        os.write(writer, b".")
        found = strange(port, origin, "child")
        port.close()
        return found

    number = os.fork()
    if number == 0:
        code = 99
        with contextlib.suppress(BaseException):
            code = work()
        os._exit(code)
    os.read(reader, 1)
    ours = strange(port, origin, "parent")
    _, status = os.waitpid(number, 0)
    ours += strange(port, origin, "after", 3)
    port.close()
    os.close(reader)
    os.close(writer)
    return [ours, os.waitstatus_to_exitcode(status)]


def loop(library: str, origin: str) -> Any:
    """The child goes on with its parent's event loop, and then with one of its own."""
    port = Async(library, PATIENT)
    assert strange(port, origin, "before", 1) == 0

    def work() -> list[Any]:
        try:
            port.send(wire(origin))
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            said = f"{type(error).__name__}: {error}"
        afresh(port)
        found = strange(port, origin, "child", 3)
        port.close()
        return [said, found]

    theirs = child(work)
    ours = strange(port, origin, "parent", 3)
    port.close()
    return [*theirs, ours]


def stream(library: str, mode: str, origin: str) -> Any:
    """A stream that is being read goes on in the parent only."""
    port = made(library, mode, origin)
    answer = port.send(wire(origin, stream=True))
    first = port.read(answer.stream)

    def work() -> list[str]:
        afresh(port)
        said = str(port.read(answer.stream))
        port.close_stream(answer.stream)
        port.close()
        return [said]

    [said] = child(work)
    port.send(wire(origin, body=b"go on"))
    rest = port.read(answer.stream)
    port.close_stream(answer.stream)
    port.close()
    return [first.decode(), said, rest.decode()]


def busy(library: str, origin: str) -> Any:
    """Another thread holds the only place, and waits for its answer."""
    _base.MAX_CONNECTIONS = 1
    port = Sync(library, PATIENT)
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.append(port.send(wire(origin, body=b"slow")).body))
    thread.start()
    time.sleep(0.3)

    def work() -> str:
        found: str = port.send(wire(origin, body=b"quick")).body.decode()
        port.close()
        return found

    quick = child(work)
    thread.join()
    port.close()
    return [quick, got[0].decode()]


class Silent:
    """A transport that answers some requests with nothing at once, and further ones once it may."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.may = threading.Event()
        self.asked = threading.Event()

    def send(self, request: Any) -> Response:
        self.at_once -= 1
        if self.at_once < 0:
            self.asked.set()
            self.may.wait(PATIENCE)
        return Response(200)

    def read(self, stream: object) -> bytes:
        return b""

    def close_stream(self, stream: object) -> None:
        pass

    def close(self) -> None:
        pass


def driver(transport: Silent) -> Driver:
    account = Account(
        id="main",
        provider="fake",
        base_url="https://api.example",
        credentials=StaticToken("t0ken"),
        limits=(rate_limits.Limit(100, 60.0),),
    )
    return Driver(Session([account]), transport)


def asking() -> Exchange[int]:
    return (yield from send(Request(account="main", operation="op", method="GET", path="/things"))).status


def locks() -> Any:
    """Another thread holds every lock there is at the moment of the fork."""
    transport = Silent(0)
    shared = driver(transport)

    def alone() -> Exchange[int]:
        return (yield from exclusive("renew main", asking()))

    thread = threading.Thread(target=lambda: shared.run(alone()))
    thread.start()
    transport.asked.wait()
    held = threading.Event()
    over = threading.Event()

    def hold() -> None:
        with rate_limits._lock, _tls._lock, shared._guard:
            held.set()
            over.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()

    def work() -> list[int]:
        transport.may = threading.Event()
        transport.may.set()
        assert _tls.shared_context() is _tls.shared_context()
        return [shared.run(alone()), shared.run(asking())]

    found = child(work)
    over.set()
    transport.may.set()
    holder.join()
    thread.join()
    return found


def pages() -> Listing[str]:
    for page in range(5):
        yield from asking()
        yield Emit([f"{page}.{item}" for item in range(3)])


def ahead(where: str) -> Any:
    """An iterator of the parent is gone on with in the child, while its thread fetches a page or waits for work."""
    from anycarrier.engine import driver as blocking

    blocking.QUICKLY = -1.0
    transport = Silent(2 if where == "fetching" else 1000)
    shared = driver(transport)
    items = shared.iterate(pages())
    got = [next(items), next(items)]  # the second page is fetched from now on
    if where == "fetching":
        got += [next(items) for _ in range(3)]  # with the last of them, the third page begins to be fetched
        transport.asked.wait()
    else:
        got += [next(items)]
        time.sleep(0.2)
        got += [next(items)]

    def work() -> list[str]:
        transport.may = threading.Event()
        transport.may.set()
        found = []
        try:
            for item in items:
                found.append(item)  # noqa: PERF402 - what came before it failed
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            found += [str(error)]
        shared.close()
        return found

    theirs = child(work)
    transport.may.set()
    got += list(items)
    shared.close()
    return [theirs, got]


def journal(folder: str) -> Any:
    """A journal that the parent opened is used in the child, then closed there, and the parent goes on with it."""
    from anycarrier.purchase import journal as journals

    book = journals.open(f"{folder}/journal.sqlite")

    def work() -> str:
        try:
            book.release_all_claims()
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            return f"{type(error).__name__}: {error}"
        finally:
            book.close()
        return "written"

    said = child(work)
    book.release_all_claims()
    book.close()
    return said


if __name__ == "__main__":
    sys.stdout.write(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
