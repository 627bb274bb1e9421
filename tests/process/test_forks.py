"""Forks: what belongs to the parent is not used by the child, and not ended by it either."""

from __future__ import annotations

import ast
import copy
import os
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anycarrier import AsyncClient, Client
from anycarrier.engine.rate_limits import Budget, Limit
from anycarrier.exchange import Request
from support import forking
from support.ports import LIBRARIES
from support.raw_server import Connection, RawServer, Received, answer, answering

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")


def echo(received: Received) -> bytes:
    return answer(received.body)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_after_a_fork_each_process_gets_its_own_answers_on_its_own_connections(
    library: str, mode: str, tls: bool
) -> None:
    with RawServer(answering(echo), tls=tls) as server:
        assert forking.run("answers", library, mode, server.origin) == [0, 0]
        names = {received.connection: received.body.rstrip(b"0123456789") for received in server.received}
        used = {(received.connection, received.body.rstrip(b"0123456789")) for received in server.received}
    assert used == {(0, b"before"), (0, b"parent"), (0, b"after"), (1, b"child")}
    assert len(names) == 2


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_event_loop_of_the_parent_is_refused_in_the_child(library: str) -> None:
    with RawServer(answering(echo)) as server:
        said, theirs, ours = forking.run("loop", library, server.origin)
    assert said.startswith("ConfigurationError: this event loop was begun before a fork")
    assert (theirs, ours) == (0, 0)


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_stream_goes_on_in_the_parent_and_is_closed_in_the_child(library: str, mode: str) -> None:
    go_on = threading.Event()

    def script(connection: Connection) -> None:
        if connection.request().body == b"go on":
            go_on.set()
            connection.send(answer())
            return
        connection.send(answer(b"first", length=9))
        go_on.wait(120)
        connection.send(b"rest")
        connection.hang()

    with RawServer(script) as server:
        first, said, rest = forking.run("stream", library, mode, server.origin)
    assert (first, rest) == ("first", "rest")
    assert "the stream is closed" in said


@pytest.mark.parametrize("library", LIBRARIES)
def test_requests_under_way_in_the_parent_take_no_place_in_the_child(library: str) -> None:
    quick = threading.Event()

    def script(connection: Connection) -> None:
        for received in connection.requests():
            if received.body == b"slow":
                quick.wait(120)
            connection.send(answer(received.body))
            quick.set()

    with RawServer(script) as server:
        assert forking.run("busy", library, server.origin, threads=True) == ["quick", "slow"]


def test_a_lock_that_a_thread_of_the_parent_holds_does_not_stop_the_child() -> None:
    assert forking.run("locks", threads=True) == [200, 200]


ALL = [f"{page}.{item}" for page in range(5) for item in range(3)]


def test_a_list_that_is_read_ahead_goes_on_in_both_processes() -> None:
    theirs, ours = forking.run("ahead", "idle", threads=True)
    assert ours == ALL
    assert theirs == ALL[len(ALL) - len(theirs) :]
    assert len(theirs) > 3


def test_a_page_that_only_the_parent_was_reading_is_not_waited_for_in_the_child() -> None:
    theirs, ours = forking.run("ahead", "fetching", threads=True)
    assert ours == ALL
    *items, said = theirs
    assert items == ALL[5:6]
    assert "forked" in said
    assert "begin the list again" in said


def test_a_journal_is_the_process_s_that_opened_it(tmp_path: Path) -> None:
    said = forking.run("journal", str(tmp_path))
    assert said.startswith("JournalError: ")
    assert "open it in the child" in said


GET = Request(account="main", operation="op", method="GET", path="/things")


@pytest.mark.parametrize("requests", [4, 4000])
def test_a_child_keeps_what_is_used_up_and_forgets_who_waits(requests: int) -> None:
    budget = Budget([Limit(requests, 60.0)])
    for _ in range(requests):
        assert budget.try_acquire(GET, 1000.0) is not None
    assert budget.try_acquire(GET, 1001.0) is None
    alone = budget.as_dict(1001.0)
    waits = [budget.wait(GET, 120.0, "fake") for _ in range(2)]
    for each in waits:
        next(each)
        each.send(_at(1001.0))
    budget.forked()
    assert budget.windows[0].waiting == 0
    if requests == 4:
        assert budget.as_dict(1001.0) == alone
    assert budget.windows[0].left(1001.0) == 0


def _at(seconds: float) -> Any:
    from anycarrier.exchange import Moment

    return Moment(seconds, seconds, 0.5)


# -- spawn


@pytest.mark.parametrize("carry", [pickle.dumps, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_is_not_carried_to_another_process(kind: Any, carry: Callable[[Any], Any]) -> None:
    client = kind("lc_phone", token="pit-secret", location_id="loc1")
    with pytest.raises(TypeError, match=f"{kind.__name__} is neither pickled nor copied: make one where") as caught:
        carry(client)
    assert "pit-secret" not in str(caught.value)
    if kind is Client:
        client.close()


# -- the kind: whatever can be locked


NEEDS_NO_RENEWAL = {
    "src/anycarrier/simulator/core.py": "a simulator is served by the process that made it",
    "src/anycarrier/simulator/server.py": "the same",
    "src/anycarrier/cli/progress.py": "the command line does not fork",
    "src/anycarrier/cli/working.py": "the same",
    "src/anycarrier/jobs/worker.py": "a worker belongs to the event loop that runs it",
    "src/anycarrier/testing/simulated.py": "a simulated carrier is served by the process that made it",
    "src/anycarrier/purchase/journal/postgres.py": "a journal belongs to the process that opened it",
    "src/anycarrier/transports/_pool.py": "a transport makes all of it anew",
    "src/anycarrier/transports/_lifecycle.py": "the same",
}
LOCKS = {"Lock", "RLock", "Condition", "Semaphore", "Event", "SimpleQueue", "Queue", "ThreadPoolExecutor"}
RENEWS = {"forked", "in_child", "register_at_fork"}


def test_every_module_that_makes_a_lock_makes_it_anew_in_a_child_or_is_part_of_what_does() -> None:
    root = Path(__file__).parents[2]
    locking, renewing = set(), set()
    for path in [*(root / "src").rglob("*.py"), *(root / "adapters").rglob("*.py")]:
        names = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                names.add(getattr(node.func, "attr", getattr(node.func, "id", "")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names.add(node.name)
        page = path.relative_to(root).as_posix()
        if names & LOCKS:
            locking.add(page)
        if names & RENEWS:
            renewing.add(page)
    assert "src/anycarrier/engine/rate_limits.py" in locking
    assert locking - renewing - {*NEEDS_NO_RENEWAL} == set()
