"""Tools that report errors print the locals of every frame: none of what is raised holds a credential."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

import pytest
from rich.console import Console
from rich.traceback import Traceback

from anycarrier import AsyncClient, Client, Search
from anycarrier.engine.driver import Driver
from anycarrier.transports import Timeouts
from support.frames import SECRET, Provider, Silent, chain_of, frames_of, made, safe
from support.ports import LIBRARIES
from support.raw_server import Connection, RawServer, nobody

TIMEOUTS = Timeouts(connect=0.2, read=0.12, total=5, purchase_read=0.12)
PATIENT = Timeouts(connect=30, read=30, total=30, purchase_read=30)


def shown(error: BaseException) -> str:
    """Text that such tools print of *error*, and more: everything one step behind a local."""
    seen: list[str] = []
    for one in chain_of(error):
        for line, behind in details_of(frames_of(one)):
            seen += [line, *behind]
    return "\n".join(seen)


def locals_of(frames: Iterable[FrameType]) -> list[str]:
    return [line for line, _ in details_of(frames)]


def details_of(frames: Iterable[FrameType]) -> Iterator[tuple[str, list[str]]]:
    """Each local of our code and what it calls, and what is one step behind it."""
    for frame in frames:
        if frame.f_globals.get("__name__", "").startswith(("_pytest", "pluggy")):
            continue
        for name, value in frame.f_locals.items():
            if not ours(value):
                where = f"{frame.f_code.co_qualname}: {name} = "
                behind = [*getattr(value, "__dict__", {}).values()]
                behind += [*value] if isinstance(value, list | tuple) else []
                yield where + safe(value), [where + safe(each) for each in behind]


def printed(error: BaseException) -> str:
    """Output of the tools themselves."""
    out = io.StringIO()
    trace = Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=True, locals_max_string=10**4, max_frames=0
    )
    Console(file=out, width=300).print(trace)
    said = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    return said + out.getvalue().replace("\n", "")


def ours(value: object) -> bool:
    """Values that say nothing, or hold the test's own copy of the secret."""
    return isinstance(value, Provider | Client | AsyncClient | FrameType | Everywhere | Driver)


KEPT = ("key", "function", "login", "oauth", "other header")
OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "search": lambda client: client.search(Search(area_code="201")),
    "buy": lambda client: client.buy("+12015550142", deadline=0.3),
}
BOTH = [(kept, name) for kept in KEPT for name in OPERATIONS if (kept, name) != ("other header", "buy")]


class Reached:
    """A server that answers nothing, and tells when a request has come."""

    def __init__(self, then: Callable[[], object]) -> None:
        self.then = then
        self.told = False

    def __call__(self, connection: Connection) -> None:
        connection.request()
        if not self.told:
            self.told = True
            self.then()
        connection.hang()


def blocking(kept: str, name: str, origin: str, library: str, timeouts: Timeouts) -> BaseException:
    with made(Client, kept, origin, transport=library, timeouts=timeouts) as client:
        try:
            OPERATIONS[name](client)
        except BaseException as error:  # noqa: BLE001
            return error
    raise AssertionError("nothing was raised")


def awaiting(
    kept: str, name: str, origin: str, library: str, timeouts: Timeouts, around: Callable[[], Any] | None = None
) -> BaseException:
    async def main() -> None:
        async with made(AsyncClient, kept, origin, transport=library, timeouts=timeouts) as client:
            if around is not None:
                async with around():
                    await OPERATIONS[name](client)
            await OPERATIONS[name](client)

    try:
        asyncio.run(main())
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


def check(error: BaseException, *kinds: type[BaseException]) -> None:
    assert isinstance(error, kinds), error
    text = shown(error)
    assert SECRET not in text, [line[:200] for line in text.splitlines() if SECRET in line]


@pytest.mark.parametrize("drive", [blocking, awaiting])
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("kept", "name"), [("key", "buy"), ("oauth", "search"), ("other header", "search")])
def test_a_failure_shows_no_credential(kept: str, name: str, library: str, drive: Any) -> None:
    with nobody() as origin:
        check(drive(kept, name, origin, library, TIMEOUTS), Exception)
    with RawServer(lambda connection: connection.request()) as server:
        check(drive(kept, name, server.origin, library, TIMEOUTS), Exception)


@pytest.mark.slow
@pytest.mark.parametrize("drive", [blocking, awaiting])
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kept", ["key", "other header"])
def test_a_timeout_shows_no_credential(kept: str, library: str, drive: Any) -> None:
    with RawServer(lambda connection: (connection.request(), connection.hang())) as server:
        check(drive(kept, "search", server.origin, library, TIMEOUTS), Exception)


@pytest.mark.slow
@pytest.mark.parametrize("drive", [blocking, awaiting])
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("kept", "name"), BOTH)
def test_an_interrupt_by_a_signal_shows_no_credential(kept: str, name: str, library: str, drive: Any) -> None:
    with RawServer(Reached(lambda: os.kill(os.getpid(), signal.SIGINT))) as server:
        error = drive(kept, name, server.origin, library, PATIENT)
        check(error, KeyboardInterrupt)
        if (kept, name) == ("other header", "search"):  # it takes its time
            assert SECRET not in printed(error)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("kept", "name"), BOTH)
@pytest.mark.parametrize("how", ["timeout", "cancel"])
def test_a_cancelled_task_shows_no_credential(kept: str, name: str, library: str, how: str) -> None:
    do: list[Callable[[], object]] = []

    class Around:
        async def __aenter__(self) -> None:
            loop = asyncio.get_running_loop()
            if how == "timeout":
                self.limit = asyncio.timeout(None)
                await self.limit.__aenter__()
                do.append(lambda: loop.call_soon_threadsafe(lambda: self.limit.reschedule(loop.time())))
            else:
                task = asyncio.current_task()
                assert task is not None
                do.append(lambda: loop.call_soon_threadsafe(task.cancel))

        async def __aexit__(self, *raised: Any) -> bool | None:
            return await self.limit.__aexit__(*raised) if how == "timeout" else None

    with RawServer(Reached(lambda: [each() for each in do])) as server:
        error = awaiting(kept, name, server.origin, library, PATIENT, Around)
        check(error, TimeoutError, asyncio.CancelledError)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kept", ["key", "other header", "login"])
def test_a_thread_that_waits_for_an_answer_shows_no_credential(kept: str, library: str) -> None:
    waiting, left = threading.get_ident(), ["nothing was looked at"]

    def look() -> None:
        for _ in range(400):  # it may still be on its way from the last byte sent to waiting
            frame = sys._current_frames()[waiting]
            # Down to this module: the frames of who runs the tests are large, and may hold anything.
            ours = itertools.takewhile(lambda each: each[0].f_code.co_filename != __file__, traceback.walk_stack(frame))
            lines = locals_of(each for each, _ in ours)
            left[:] = [line.partition(" = ")[0] for line in lines if SECRET in line]
            if not left:
                return
            time.sleep(0.005)

    with RawServer(lambda connection: (connection.request(), look())) as server:
        blocking(kept, "search", server.origin, library, PATIENT)
    assert not left


# -- an interrupt anywhere


ELSEWHERE = {"anycarrier.frames", "anycarrier.redaction", "anycarrier.secret_marks", "anycarrier.engine.rate_limits"}
"""Code that hides, and a lock of the whole process: a trace function can raise where a signal cannot, at the end of a
``with`` before the lock is given back."""


class Everywhere:
    """Raises ``KeyboardInterrupt`` at the *at*-th line of our code that runs."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith("anycarrier") or name in ELSEWHERE:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


@pytest.mark.slow
@pytest.mark.parametrize("kept", KEPT)
def test_an_interrupt_in_any_line_shows_no_credential(kept: str) -> None:
    def interrupted(at: int) -> BaseException | None:
        client, query = made(Client, kept, "http://127.0.0.1:9", transport=Silent()), Search(area_code="201")
        before = sys.gettrace()
        sys.settrace(Everywhere(at))
        try:
            client.search(query)
        except BaseException as error:  # noqa: BLE001
            return error
        finally:
            sys.settrace(before)
        return None

    def every_line() -> None:
        interrupted(10**9)  # everything is imported
        for at in range(1, 3000):
            error = interrupted(at)
            if not isinstance(error, KeyboardInterrupt):
                return
            looked.append(SECRET in (text := shown(error)))
            if looked[-1]:
                failed.extend(line for line in text.splitlines() if SECRET in line)
                return

    # In a thread of its own: what is raised by a trace function upsets what CPython knows of a thread's exceptions.
    looked, failed = list[bool](), list[str]()
    thread = threading.Thread(target=every_line)
    thread.start()
    thread.join()
    assert not failed, failed
    assert 50 < len(looked) < 2999
