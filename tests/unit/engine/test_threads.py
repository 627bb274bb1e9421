"""An interrupt is acted upon while threads wait for answers, and what was bought meanwhile is still written down."""

from __future__ import annotations

import asyncio
import contextlib
import linecache
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from anycarrier.engine import driver as blocking
from anycarrier.engine import threads
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.async_driver import AsyncDriver
from anycarrier.engine.driver import Driver
from anycarrier.engine.session import Session
from anycarrier.exchange import (
    Emit,
    Exchange,
    Failed,
    Listing,
    Request,
    Response,
    await_rate_limit,
    call,
    now,
    read,
    send,
    sleep,
    together,
)
from anycarrier.transports.protocol import WireRequest
from support.threads import threads_of_clients


class Slow:
    """Answers when a test lets it, by purpose of the request."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.may = {purpose: threading.Event() for purpose in ("read", "write", "purchase")}
        self.sent: list[str] = []
        self.closed: list[object] = []

    def send(self, request: WireRequest) -> Response:
        self.sent.append(request.label)
        self.asked.release()
        assert self.may[request.purpose].wait(30)
        return Response(201, stream=object() if request.stream else None)

    def read(self, stream: object) -> bytes:
        self.asked.release()
        assert self.may["read"].wait(30)
        return b""

    def close_stream(self, stream: object) -> None:
        self.closed.append(stream)

    def close(self) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    for may in made.may.values():
        may.set()
    assert eventually(lambda: not threads_of_clients())


@pytest.fixture
def driver(slow: Slow) -> Driver:
    account = Account(id="main", provider="fake", base_url="https://api.example", credentials=StaticToken("t0ken"))
    return Driver(Session([account]), slow)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "PROMPT", 0.05)
    monkeypatch.setattr(blocking, "QUICKLY", -1.0)


def eventually(happened: Callable[[], Any]) -> bool:
    for _ in range(1000):
        if happened():
            return True
        time.sleep(0.005)
    return False


@contextlib.contextmanager
def interrupted(when: Callable[[], Any]) -> Iterator[None]:
    """Ctrl-C in this thread once *when* returns; what is in here must end with it."""
    main = threading.get_ident()

    def strike() -> None:
        when()
        time.sleep(0.05)  # so that it waits by now
        signal.pthread_kill(main, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    striker = threading.Thread(target=strike)
    striker.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        striker.join()
        signal.signal(signal.SIGINT, before)


def asking(purpose: Any = "read", **more: Any) -> Exchange[int]:
    request = Request(account="main", operation="op", method="GET", path="/things", purpose=purpose, **more)
    return (yield from send(request)).status


def twice(purpose: Any = "read") -> Exchange[None]:
    yield from asking(purpose)
    yield from asking(purpose)


def all_of(*exchanges: Exchange[Any], limit: int = 16) -> Exchange[Any]:
    return (yield from together(exchanges, limit=limit))


def asked(slow: Slow, times: int) -> Callable[[], Any]:
    return lambda: [slow.asked.acquire(timeout=120) for _ in range(times)]


def test_answers_that_do_not_come_are_not_waited_for(slow: Slow, driver: Driver) -> None:
    with interrupted(asked(slow, 3)):
        driver.run(all_of(twice(), twice(), twice(), twice(), limit=3))
    assert not slow.may["read"].is_set()
    slow.may["read"].set()
    assert eventually(lambda: not threads_of_clients())
    assert len(slow.sent) == 3  # every thread ended at its next effect, and the fourth exchange was never begun


def test_those_within_those_are_stopped_too(slow: Slow, driver: Driver) -> None:
    with interrupted(asked(slow, 4)):
        driver.run(all_of(all_of(twice(), twice()), all_of(twice(), twice())))
    slow.may["read"].set()
    assert eventually(lambda: not threads_of_clients())
    assert len(slow.sent) == 4


def bought(book: list[str], times: int = 1) -> Exchange[None]:
    for _ in range(times):
        yield from await_rate_limit("main")  # as every purchase through a journal does before it is written down
        yield from call(lambda: book.append("begun"))
        status = yield from asking("purchase")
        yield from now()
        yield from call(lambda status=status: book.append(f"answered {status}"))  # type: ignore[misc]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_purchase_whose_answer_comes_soon_is_written_down_and_nothing_more_is_sent(
    slow: Slow, driver: Driver, depth: int
) -> None:
    book: list[str] = []
    work: list[Exchange[Any]] = [bought(book, times=2), twice()]
    for _ in range(depth):
        work = [all_of(*work)]

    def then() -> None:
        asked(slow, 2)()
        threading.Timer(0.3, slow.may["purchase"].set).start()

    with interrupted(then):
        driver.run(work[0])
    assert book == ["begun", "answered 201"]
    assert not slow.may["read"].is_set()
    assert len(slow.sent) == 2


def test_a_purchase_whose_answer_does_not_come_stays_on_record_as_begun(
    slow: Slow, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "WRITING", 0.1)
    book: list[str] = []
    with interrupted(asked(slow, 1)):
        driver.run(all_of(bought(book)))
    assert book == ["begun"]
    assert not slow.may["purchase"].is_set()


@pytest.mark.slow
def test_a_second_interrupt_ends_the_wait_for_a_purchase(
    slow: Slow, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "WRITING", 20.0)
    book: list[str] = []
    main = threading.get_ident()

    def then() -> None:
        asked(slow, 1)()
        again = threading.Timer(0.4, lambda: signal.pthread_kill(main, signal.SIGINT))
        again.start()

    with interrupted(then):
        driver.run(all_of(bought(book)))
    assert book == ["begun"]


def unsure(name: str, purpose: Any = "purchase") -> Exchange[None]:
    try:
        yield from asking(purpose)
        yield from asking(purpose)
    except GeneratorExit as closing:
        cause: Any = closing.__context__
        cause.outcome_unknown = name
        cause.add_note(f"{name} is in doubt")
        raise


def test_what_is_known_of_stopped_purchases_goes_on_with_the_interrupt(slow: Slow, driver: Driver) -> None:
    def then() -> None:
        asked(slow, 2)()
        threading.Timer(0.2, slow.may["purchase"].set).start()

    caught: list[Any] = []
    with interrupted(then):
        try:
            driver.run(all_of(all_of(unsure("one"), unsure("two")), sleep(0)))
        except KeyboardInterrupt as error:
            caught.append(error)
            raise
    assert caught[0].outcome_unknown in ("one", "two")
    assert sorted(caught[0].__notes__) == ["one is in doubt", "two is in doubt"]


@pytest.mark.slow
@pytest.mark.parametrize("purpose", ["purchase", "read"])
@pytest.mark.parametrize("slowly", [(threads, "hand_on"), (Driver, "_close")], ids=["nested", "closing"])
def test_a_thread_that_has_still_to_hand_on_what_it_knows_is_waited_for(
    slow: Slow, driver: Driver, monkeypatch: pytest.MonkeyPatch, slowly: tuple[Any, str], purpose: str
) -> None:
    """Its purchase is over, and the wait for what is none is over too: a switch of threads here lost what it knew."""
    at_once = getattr(*slowly)

    def late(*arguments: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.3)
        at_once(*arguments)

    def then() -> None:
        asked(slow, 2)()
        if purpose == "read":
            monkeypatch.setattr(threads, "PROMPT", 0.4)
        threading.Timer(0.2, slow.may[purpose].set).start()

    monkeypatch.setattr(*slowly, late)
    caught: list[Any] = []
    with interrupted(then):
        try:
            driver.run(all_of(all_of(unsure("one", purpose), unsure("two", purpose)), sleep(0)))
        except KeyboardInterrupt as error:
            caught.append(error)
            raise
    assert caught[0].outcome_unknown in ("one", "two")
    assert sorted(caught[0].__notes__) == ["one is in doubt", "two is in doubt"]


def test_a_thread_waits_no_longer_for_others_than_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr(threads.time, "monotonic", lambda: seconds[0])
    outer = threads.Stop()
    inner = threads.Stop(outer)
    outer.set()
    seconds[0] += 0.7 * threads.PROMPT
    inner.set()  # by a thread that learns of the interrupt only now
    assert not inner.waited_enough()
    seconds[0] += 0.25 * threads.PROMPT
    assert inner.waited_enough()
    assert not outer.waited_enough()
    seconds[0] += 0.1 * threads.PROMPT
    assert outer.waited_enough()


def test_and_with_a_cancellation() -> None:
    class Hangs(Slow):
        async def send(self, request: WireRequest) -> Response:  # type: ignore[override]
            self.asked.release()
            await asyncio.Event().wait()
            raise AssertionError

    slow = Hangs()

    async def main() -> BaseException:
        account = Account(id="main", provider="fake", base_url="https://api.example", credentials=StaticToken("t"))
        driver = AsyncDriver(Session([account]), slow)  # type: ignore[arg-type]
        task = asyncio.create_task(driver.run(all_of(all_of(unsure("one"), unsure("two")), sleep(0))))
        await asyncio.to_thread(asked(slow, 2))
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as error:
            return error
        raise AssertionError("it was not cancelled")

    error: Any = asyncio.run(main())
    assert error.outcome_unknown in ("one", "two")
    assert sorted(error.__notes__) == ["one is in doubt", "two is in doubt"]


def test_a_stream_that_a_thread_reads_is_closed_by_it(slow: Slow, driver: Driver) -> None:
    def streamed() -> Exchange[None]:
        slow.may["read"].set()
        response = yield from send(Request(account="main", operation="op", method="GET", path="/things", stream=True))
        slow.may["read"].clear()
        yield from read(response.stream)

    with interrupted(asked(slow, 2)):
        driver.run(all_of(streamed()))
    assert slow.closed == []
    slow.may["read"].set()
    assert eventually(lambda: len(slow.closed) == 1)


def test_without_an_interrupt_all_of_it_comes_in_order(slow: Slow, driver: Driver) -> None:
    for may in slow.may.values():
        may.set()

    def failing() -> Exchange[None]:
        yield from asking()
        raise ValueError("no")

    first, second, third = driver.run(all_of(asking(), failing(), asking("write"), limit=2))
    assert (first.value, third.value) == (201, 201)
    assert isinstance(second, Failed)


# -- a page that is read ahead


def pages(ended: list[str]) -> Listing[str]:
    try:
        for page in range(5):
            yield from asking()
            yield Emit([f"{page}.{item}" for item in range(3)])
    finally:
        ended.append("ended")


def test_an_interrupt_does_not_wait_for_a_page(slow: Slow, driver: Driver) -> None:
    ended: list[str] = []
    slow.may["read"].set()
    items = driver.iterate(pages(ended))
    assert [next(items) for _ in range(4)] == ["0.0", "0.1", "0.2", "1.0"]
    slow.may["read"].clear()
    assert [next(items) for _ in range(2)] == ["1.1", "1.2"]
    with interrupted(lambda: None):
        next(items)
    assert not slow.may["read"].is_set()
    slow.may["read"].set()
    assert eventually(lambda: ended == ["ended"])


@pytest.mark.parametrize("by", ["iterator", "client"])
def test_closing_does_not_wait_for_a_page_that_does_not_come(slow: Slow, driver: Driver, by: str) -> None:
    ended: list[str] = []
    slow.may["read"].set()
    items: Any = driver.iterate(pages(ended))
    assert [next(items) for _ in range(4)] == ["0.0", "0.1", "0.2", "1.0"]
    slow.may["read"].clear()
    assert next(items) == "1.1"
    (items if by == "iterator" else driver).close()
    assert not slow.may["read"].is_set()
    slow.may["read"].set()
    assert eventually(lambda: ended == ["ended"])
    items.close()


@pytest.mark.slow
def test_a_sleep_is_not_slept_to_its_end(slow: Slow, driver: Driver) -> None:
    begun = threading.Event()

    def sleeping() -> Exchange[None]:
        begun.set()
        yield from sleep(0.5)
        yield from asking()

    with interrupted(begun.wait):
        driver.run(all_of(sleeping(), sleeping()))
    assert threads_of_clients()
    assert slow.sent == []


# -- a system that gives no threads


@pytest.mark.parametrize("given", [0, 1])
def test_with_fewer_threads_than_wanted_all_of_it_is_done(
    slow: Slow, driver: Driver, monkeypatch: pytest.MonkeyPatch, given: int
) -> None:
    for may in slow.may.values():
        may.set()
    real, started = threading.Thread.start, []

    def start(self: threading.Thread) -> None:
        if len(started) >= given:
            raise RuntimeError("can't start new thread")
        started.append(self)
        real(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    assert [done.value for done in driver.run(all_of(*(asking() for _ in range(5))))] == [201] * 5
    assert len(started) == given


def test_without_a_thread_for_reading_ahead_a_list_is_read_all_the_same(
    slow: Slow, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow.may["read"].set()

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    ended: list[str] = []
    assert len([*driver.iterate(pages(ended))]) == 15
    assert ended == ["ended"]


@pytest.mark.usefixtures("without_coverage")
def test_an_interrupt_between_two_ends_is_seen_where_the_threads_are_stopped() -> None:
    """Else what it knows of purchases in doubt would be noted on the end of a generator, which nobody sees."""
    crew = threads.Crew([], 1, lambda exchange: exchange, threads.Stop())
    seen: list[BaseException | None] = []

    def ends() -> Iterator[int]:
        try:
            yield 0
            yield 1
        finally:
            seen.append(sys.exception())

    crew._ends = ends  # type: ignore[method-assign, assignment]

    def interrupt(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code is threads.Crew.outcomes.__code__ and event == "line":
            line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
            if line == "pass":
                sys.settrace(None)
                raise KeyboardInterrupt
        return interrupt

    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            crew.outcomes()
    finally:
        sys.settrace(before)
    assert seen == [caught.value]
