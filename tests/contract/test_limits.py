"""Rate limits and bulk reads through both clients, against simulators that refuse what is too much."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar

import pytest

from anycarrier import AsyncClient, Client, Search
from anycarrier.engine import rate_limits
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.rate_limits import Limit, Stated
from anycarrier.errors import AnyCarrierError, InvalidInput, NotFound, ProviderDown, RateLimited, TransportError
from anycarrier.exchange import (
    Emit,
    Exchange,
    Listing,
    Moment,
    Request,
    Response,
    await_rate_limit,
    now,
    send,
    together,
)
from anycarrier.features import Can
from anycarrier.http import ask, status_error
from anycarrier.registry import provider_class
from anycarrier.simulator import (
    AsyncSimTransport,
    Call,
    Refused,
    SimAnswer,
    SimTransport,
    Simulator,
    json_answer,
    load,
    route,
)
from anycarrier.testing import MODES, AnyClient, StubTransport, VirtualClock
from anycarrier.testing.fakes import Mode

BASE = "http://127.0.0.1:1"
ACCOUNT = "/account"


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


class Meter(Simulator):
    """Counts requests, in windows that slide or stand, and refuses those over the limit."""

    name = "meter"

    def __init__(
        self,
        allowed: int = 10,
        seconds: float = 10.0,
        *,
        fixed: bool = False,
        states: bool = False,
        says: float | None = None,
        **more: Any,
    ) -> None:
        self.allowed = allowed
        self.seconds = seconds
        self.fixed = fixed
        self.states = states
        self.says = says
        super().__init__(**more)

    def begin(self) -> None:
        self.times: list[float] = []
        self.most = 0

    def count(self, others: int = 0) -> tuple[tuple[str, str], ...]:
        at = self.time()
        since = at - at % self.seconds if self.fixed else at - self.seconds
        self.times = [time for time in self.times if time >= since and (self.fixed or time > since)]
        if len(self.times) >= self.allowed:
            headers = () if self.says is None else (("retry-after", f"{self.says:g}"),)
            raise Refused(429, "too many", headers=headers + self.stated())
        self.times += [at] * min(1 + others, self.allowed - len(self.times))
        return self.stated()

    def stated(self) -> tuple[tuple[str, str], ...]:
        left = self.allowed - len(self.times)
        return (("x-left", str(left)), ("x-max", str(self.allowed))) if self.states else ()

    def error(self, status: int, message: str, **more: Any) -> SimAnswer:
        return json_answer(status, {"message": message}, more.get("headers", ()))

    @route("GET", "/things", open=True)
    def things(self, call: Call) -> SimAnswer:
        return json_answer(200, {}, self.count())

    @route("POST", "/orders", open=True)
    def orders(self, call: Call) -> SimAnswer:
        return json_answer(200, {}, self.count())

    @route("GET", "/account", open=True)
    def account_info(self, call: Call) -> SimAnswer:
        return json_answer(200, {}, self.count())

    @route("GET", "/pages/{page}", open=True)
    def pages(self, call: Call) -> SimAnswer:
        return json_answer(200, [f"{call.values['page']}.{place}" for place in range(3)], self.count())

    @property
    def refused(self) -> int:
        return sum(count for said, count in self.ledger.counters.items() if said.endswith(" 429"))


class Metered:
    """A client's side of it."""

    name = "meter"
    title = "Meter"
    supports: ClassVar = {"search": Can()}

    def __init__(self, *declared: Limit) -> None:
        account = Account(id="main", provider="meter", base_url=BASE, credentials=StaticToken("t"), limits=declared)
        self.accounts = (account,)
        self.began: list[str] = []

    def thing(self, path: str = "/things", **more: Any) -> Exchange[Response]:
        wanted: dict[str, Any] = {"method": "GET", "path": path, **more}
        return ask(Request(account="main", operation="thing", authenticated=False, **wanted), _error)

    def many(self, count: int, path: str = "/things") -> Exchange[list[Response]]:
        found = []
        for _ in range(count):
            found.append((yield from self.thing(path)))  # noqa: PERF401 - it yields
        return found

    def at_once(self, count: int, limit: int = 50) -> Exchange[list[Any]]:
        return together([self.thing() for _ in range(count)], limit=limit)

    def order(self) -> Exchange[Response]:
        return send(
            Request(
                account="main", operation="buy", method="POST", path="/orders", authenticated=False, purpose="purchase"
            )
        )

    def search(self, query: Search, *, options: Any = ()) -> Exchange[list[Any]]:
        response = yield from self.thing("/pages/{page}", path_values={"page": query.area_code})
        return json.loads(response.body)  # type: ignore[no-any-return]

    def list(self, pages: int = 4, stream: bool = False) -> Listing[str]:
        for page in range(pages):
            self.began.append(f"{page}")
            response = yield from self.thing("/pages/{page}", path_values={"page": f"{page}"}, stream=stream)
            yield Emit([f"{page}.0", f"{page}.1", f"{page}.2"] if stream else json.loads(response.body))


def _error(request: Request, response: Response) -> AnyCarrierError:
    return status_error(request, response, provider="meter", detail=response.body.decode())


def phone_of(mode: Mode, provider: Any, simulator: Simulator, clock: Any, **more: Any) -> AnyClient:
    kind: Any = SimTransport if mode == "sync" else AsyncSimTransport
    return AnyClient(mode, provider, kind({BASE: simulator}), clock, **more)


# -- the rate


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("states", [False, True])
@pytest.mark.parametrize(("allowed", "seconds"), [(100, 10.0), (300, 60.0)])
def test_a_bulk_job_gets_97_percent_and_no_429(
    mode: Mode, allowed: int, seconds: float, states: bool, fixed: bool
) -> None:
    clock = VirtualClock()
    simulator = Meter(allowed, seconds, fixed=fixed, states=states, now=clock.time)
    stated = Stated(limit="x-max", remaining="x-left") if states else None
    provider = Metered(Limit(allowed, seconds, stated=stated))
    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.many(10 * allowed))
    assert simulator.refused == 0
    assert clock.elapsed <= 9 * seconds / 0.97


class LockedClock(VirtualClock):
    """For several threads, whose sleeps add up."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def now(self) -> Moment:
        with self.lock:
            return super().now()

    def sleep(self, seconds: float) -> None:
        with self.lock:
            super().sleep(seconds)


def test_threads_and_tasks_share_one_budget(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the budget lets go, in threads that all let time run on: the simulator would see it later than that."""
    gone: list[float] = []
    leave = rate_limits._leave

    def noted(windows: Any, at: float, *more: Any) -> Any:
        gone.append(at)
        return leave(windows, at, *more)

    monkeypatch.setattr(rate_limits, "_leave", noted)
    provider = Metered(Limit(20, 10.0))
    with phone_of(mode, provider, Meter(1000), LockedClock(), max_wait=100_000) as phone:
        assert len(phone.run(provider.at_once(200))) == 200
    assert len(gone) == 200
    assert max(sum(start <= at < start + 10 for at in gone) for start in gone) <= 20


def test_a_thread_that_is_held_up_after_it_read_the_clock_counts_what_left_meanwhile() -> None:
    budget = rate_limits.Budget([Limit(2, 10.0)])
    request = Request(account="a", operation="list", method="GET", path="/list")
    for at in (0.0, 0.0, 10.5):
        assert budget.try_acquire(request, at) is not None
    assert budget.try_acquire(request, 0.5) is not None  # read long ago, and leaves now
    assert budget.try_acquire(request, 10.9) is None


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time jumps to whatever comes next, so many tasks wait together as they do in real time."""

    def __init__(self) -> None:
        super().__init__()
        self._at = 0.0
        selector: Any = self._selector  # type: ignore[attr-defined]
        select = selector.select

        def jump(timeout: float | None) -> Any:
            self._at += timeout or 0.0
            return select(0)

        selector.select = jump

    def time(self) -> float:
        return self._at


class LoopClock:
    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop

    def time(self) -> float:
        return 1_790_000_000.0 + self.loop.time()

    def now(self) -> Moment:
        return Moment(self.loop.time(), self.time(), 0.5)

    def sleep(self, seconds: float) -> None:
        raise AssertionError("blocks")

    async def async_sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Slow(AsyncSimTransport):
    """Every request takes a while to arrive, and its answer to come back."""

    chance = random.Random(5)

    async def send(self, request: Any) -> Any:
        await asyncio.sleep(self.chance.uniform(0.0, 0.15))
        outcome = await super().send(request)
        await asyncio.sleep(self.chance.uniform(0.0, 0.15))
        return outcome


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("states", [False, True])
@pytest.mark.parametrize("workers", [1, 40, 1000])
def test_tasks_on_a_slow_network_get_97_percent_and_no_429(workers: int, states: bool, fixed: bool) -> None:
    loop = VirtualLoop()
    clock = LoopClock(loop)
    simulator = Meter(100, 10.0, fixed=fixed, states=states, now=clock.time)
    stated = Stated(limit="x-max", remaining="x-left") if states else None
    provider = Metered(Limit(100, 10.0, stated=stated))

    async def main() -> float:
        async with AsyncClient(provider, transport=Slow({BASE: simulator}), clock=clock, max_wait=500) as client:
            for outcome in await client.run(provider.at_once(1000 if workers > 1 else 200, workers)):
                assert outcome.value.status == 200
            return loop.time()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        took = runner.run(main())
    assert simulator.refused == 0
    if workers > 1:
        assert took <= 9 * 10.0 / 0.97


def test_room_is_made_for_other_programs_on_the_account(mode: Mode) -> None:
    """Others take as much as we do. Answers state it, but for what our own margin hides: that much ends in a 429."""
    clock = VirtualClock()

    class Shared(Meter):
        @route("GET", "/things", open=True)
        def things(self, call: Call) -> SimAnswer:
            return json_answer(200, {}, self.count(others=1))

    simulator = Shared(100, 10.0, states=True, now=clock.time)
    provider = Metered(Limit(100, 10.0, stated=Stated(limit="x-max", remaining="x-left")))
    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.many(500))
    assert simulator.refused <= 10  # one in each window
    assert clock.elapsed <= 10 * 10.0 / 0.97


@pytest.mark.parametrize(
    ("name", "requests", "seconds"), [("lc_phone", 100, 10.0), ("lc_legacy", 100, 10.0), ("leadping", 300, 60.0)]
)
def test_every_adapter_keeps_what_its_provider_documents(mode: Mode, name: str, requests: int, seconds: float) -> None:
    clock = VirtualClock()
    simulator = load(name, now=clock.time)
    provider = provider_class(name)(**simulator.settings, base_url=BASE)
    with phone_of(mode, provider, simulator, clock) as phone:
        for _ in range(4 * requests):
            phone.search(Search(area_code="201", limit=1))
        window = next(iter(phone.limits().values()))["windows"][0]
    assert (window["limit"], window["seconds"]) == (requests, seconds)
    assert not [said for said in simulator.ledger.counters if said.endswith(" 429")]
    assert len(phone.sent) == 4 * requests
    assert clock.elapsed <= 3 * seconds / 0.97


def test_the_four_requests_of_voicetel_share_six_an_hour(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = load("voicetel", now=clock.time)
    provider = provider_class("voicetel")(**simulator.settings, base_url=BASE)
    with phone_of(mode, provider, simulator, clock) as phone:
        for _ in range(2):
            phone.run(provider.api.account_info())
            phone.run(provider.api.recurring_charges())
            phone.run(provider.api.cdr())
        with pytest.raises(RateLimited) as caught:
            phone.run(provider.api.account_info())
        assert caught.value.retry_after == pytest.approx(3601)
        assert len(phone.sent) == 6
        phone.search(Search(area_code="201"))
        clock.sleep(3590)
        phone.run(provider.api.account_info())
    assert not [said for said in simulator.ledger.counters if said.endswith(" 429")]


# -- 429


@pytest.mark.parametrize("says", [None, 5.0])
def test_a_429_holds_every_caller_back(mode: Mode, says: float | None) -> None:
    clock = VirtualClock()
    simulator = Meter(10, 10.0, says=says, now=clock.time)  # half of what we think
    provider = Metered(Limit(20, 10.0))
    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.many(10))
        with pytest.raises(RateLimited):
            phone.run(send_once(provider))
        before = clock.elapsed
        phone.run(together([provider.thing()]))
        assert clock.elapsed - before >= (says or 0.25) - 1e-6


def send_once(provider: Metered) -> Exchange[Response]:
    request = Request(account="main", operation="thing", method="GET", path="/things", authenticated=False)
    response = yield from send(request)
    if response.status != 200:
        raise _error(request, response)
    return response


def test_an_account_without_declared_limits_is_held_back_by_a_429(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(1, 10.0, says=10, now=clock.time)
    provider = Metered()
    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.thing())
        with pytest.raises(RateLimited):
            phone.run(send_once(provider))
        assert phone.limits() == {"main": {"held": 10.0, "windows": []}}
        phone.run(send_once(provider))
        assert clock.elapsed == pytest.approx(10)


def test_without_max_wait_nothing_is_kept(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(1, 10.0, says=10, now=clock.time)
    provider = Metered(Limit(1, 10.0))
    with phone_of(mode, provider, simulator, clock, max_wait=None) as phone:
        phone.run(provider.thing())
        for _ in range(2):
            with pytest.raises(RateLimited):
                phone.run(send_once(provider))
        assert clock.slept == []
    assert simulator.refused == 2


def test_a_long_wait_is_refused_before_anything_is_sent(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(6, 3600.0, now=clock.time)
    provider = Metered(Limit(6, 3600.0, only=(f"GET {ACCOUNT}",)))
    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.many(6, ACCOUNT))
        clock.sleep(600)
        with pytest.raises(RateLimited, match="nothing was sent") as caught:
            phone.run(provider.thing(ACCOUNT))
        assert caught.value.retry_after == pytest.approx(3001)
        assert not caught.value.maybe_applied
        assert len(phone.sent) == 6
        said = phone.limits()["main"]["windows"][0]
        assert (said["remaining"], said["resets"]) == (0, 3001)
        clock.sleep(2900)
        phone.run(provider.thing(ACCOUNT))  # a hundred seconds are waited for
    assert simulator.refused == 0


# -- purchases


def test_a_purchase_is_waited_for_before_and_never_at_its_request(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(10, 10.0, now=clock.time)
    provider = Metered(Limit(10, 10.0))
    noted: list[float] = []

    def durable() -> Exchange[Response]:
        yield from await_rate_limit("main", at_most=60)
        noted.append((yield from now()).monotonic)
        response = yield from provider.order()
        noted.append((yield from now()).monotonic)
        return response

    with phone_of(mode, provider, simulator, clock) as phone:
        phone.run(provider.many(10))
        assert phone.run(durable()).status == 200
        assert noted == pytest.approx([10.2, 10.2])
        assert phone.limits()["main"]["windows"][0]["remaining"] == 9
        phone.run(provider.many(9))
        assert phone.run(provider.order()).status == 429  # sent all the same, and at once
        assert clock.elapsed == pytest.approx(10.2)
        simulator.reset()
        with pytest.raises(RateLimited):
            phone.run(await_rate_limit("main", at_most=1))


# -- several searches


def test_every_search_has_its_offers_or_its_error(mode: Mode) -> None:
    clock = VirtualClock()
    simulator = Meter(1000, now=clock.time)
    provider = Metered()
    with phone_of(mode, provider, simulator, clock) as phone:
        simulator.fault("error", operation="pages", status=404, times=1)
        found = phone.search_each([Search(area_code=f"{code}") for code in range(201, 231)], limit=1)
        assert isinstance(found[0], NotFound)
        assert [offers[0] for offers in found[1:]] == [f"{code}.0" for code in range(202, 231)]
        assert len(phone.search_each([Search(area_code="201")] * 30)) == 30
        assert phone.search_each([]) == []
        with pytest.raises(InvalidInput):
            phone.search_each([Search(area_code="201")], limit=0)


def test_no_more_than_so_many_searches_run_at_once(mode: Mode) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    class Busy(Metered):
        def search(self, query: Search, *, options: Any = ()) -> Exchange[list[Any]]:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            found = yield from super().search(query)
            with lock:
                running -= 1
            return found

    with phone_of(mode, Busy(), Meter(1000), VirtualClock()) as phone:
        phone.search_each([Search(area_code="201")] * 40, limit=3)
    assert 1 <= most <= 3


def test_a_bug_in_one_search_is_raised(mode: Mode) -> None:
    class Broken(Metered):
        def search(self, query: Search, *, options: Any = ()) -> Exchange[list[Any]]:
            yield from self.thing()
            raise ZeroDivisionError

    with phone_of(mode, Broken(), Meter(1000), VirtualClock()) as phone, pytest.raises(ZeroDivisionError):
        phone.search_each([Search(area_code="201")])


# -- the next page

ALL = [f"{page}.{place}" for page in range(4) for place in range(3)]


@pytest.mark.parametrize("ahead", [True, False])
def test_the_order_is_kept(mode: Mode, ahead: bool) -> None:
    provider = Metered()
    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        assert phone.every(phone.iterate(provider.list(), ahead=ahead)) == ALL
        assert len(phone.sent) == 4


class Watched:
    """Takes items one by one, in either mode."""

    def __init__(self, phone: AnyClient, items: Any) -> None:
        self.phone = phone
        self.items = items
        self.loop: Any = phone._loop

    def take(self) -> Any:
        return next(self.items) if self.loop is None else self.loop.run(self._take())

    async def _take(self) -> Any:
        item = await anext(self.items)
        await asyncio.sleep(0.01)  # a consumer that works lets other tasks run
        return item

    def close(self) -> None:
        if self.loop is None:
            self.items.close()
        else:
            self.loop.run(self.items.aclose())

    def tasks(self) -> int:
        if self.loop is None:
            return threading.active_count() - 1

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return self.loop.run(count())  # type: ignore[no-any-return]


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 120
    while not holds() and time.monotonic() < until:
        time.sleep(0.001)
    return holds()


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However quickly a blocking program consumes, a thread fetches ahead."""
    monkeypatch.setattr("anycarrier.engine.driver.QUICKLY", -1.0)


@pytest.mark.parametrize("quick", [True, False])
def test_no_thread_is_made_for_who_consumes_quickly(quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anycarrier.engine.driver.QUICKLY", 60.0 if quick else 0.005)
    provider = Metered()
    with phone_of("sync", provider, Meter(1000), VirtualClock()) as phone:
        items = phone.iterate(provider.list())
        for _, item in zip(range(5), items, strict=False):
            assert item
            time.sleep(0.004)
        assert bool(_helpers()) is not quick
        assert [*items] == ALL[5:]
        items.close()
        assert _helpers() == []


@pytest.mark.usefixtures("unhurried")
def test_one_page_is_fetched_ahead_from_the_second_item_on(mode: Mode) -> None:
    provider = Metered()
    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        watched = Watched(phone, phone.iterate(provider.list()))
        assert watched.take() == "0.0"
        assert provider.began == ["0"]
        assert watched.take() == "0.1"
        assert eventually(lambda: len(phone.sent) == 2)
        assert watched.take() == "0.2"
        assert watched.take() == "1.0"
        assert len(phone.sent) == 2
        assert provider.began == ["0", "1"]
        watched.close()
        assert watched.tasks() == 0


def test_without_it_nothing_is_fetched_before_it_is_wanted(mode: Mode) -> None:
    provider = Metered()
    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        watched = Watched(phone, phone.iterate(provider.list(), ahead=False))
        assert [watched.take() for _ in range(3)] == ["0.0", "0.1", "0.2"]
        assert provider.began == ["0"]
        watched.close()


def test_a_stream_is_not_read_ahead(mode: Mode) -> None:
    provider = Metered()
    stub = StubTransport(lambda request: Response(200, {}, b"body"))
    with AnyClient(mode, provider, stub) as phone:
        watched = Watched(phone, phone.iterate(provider.list(stream=True)))
        assert [watched.take() for _ in range(3)] == ["0.0", "0.1", "0.2"]
        assert provider.began == ["0"]
        watched.close()
        assert stub.open_streams == 0


def test_an_error_comes_after_the_items_before_it(mode: Mode) -> None:
    provider = Metered()
    simulator = Meter(1000)
    simulator.fault("error", operation="pages", status=500, after=2)
    with phone_of(mode, provider, simulator, VirtualClock()) as phone:
        watched = Watched(phone, phone.iterate(provider.list()))
        assert [watched.take() for _ in range(6)] == ALL[:6]
        with pytest.raises(ProviderDown):
            watched.take()
        assert watched.tasks() == 0


def test_an_error_of_the_listing_itself_too(mode: Mode) -> None:
    def listing() -> Listing[int]:
        yield Emit([1, 2, 3])
        raise ZeroDivisionError

    with phone_of(mode, Metered(), Meter(), VirtualClock()) as phone:
        watched = Watched(phone, phone.iterate(listing()))
        assert [watched.take() for _ in range(3)] == [1, 2, 3]
        with pytest.raises(ZeroDivisionError):
            watched.take()


def test_pages_of_one_item_and_of_none(mode: Mode) -> None:
    provider = Metered()

    def listing() -> Listing[int]:
        for items in ([], [1], [], [2, 3], []):
            yield from provider.thing()
            yield Emit(items)
        yield Emit([4])
        yield Emit([5])

    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        assert phone.every(phone.iterate(listing())) == [1, 2, 3, 4, 5]


class Gate:
    """A transport that answers the first page, and later ones when it is let."""

    def __init__(self, mode: Mode) -> None:
        self.sync = mode == "sync"
        self.open = threading.Event()
        self.asked = threading.Event()
        self.cancelled = False
        self.closed = False

    def send(self, request: Any) -> Any:
        return self._send(request) if self.sync else self._asend(request)

    def _send(self, request: Any) -> Response | TransportError:
        if request.url.endswith("/0"):
            return Response(200, {}, b'["a", "b", "c"]')
        self.asked.set()
        assert self.open.wait(120)
        return Response(200, {}, b'["d", "e"]')

    async def _asend(self, request: Any) -> Response:
        if request.url.endswith("/0"):
            return Response(200, {}, b'["a", "b", "c"]')
        self.asked.set()
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise AssertionError("nobody stopped it")

    def close(self) -> Any:
        self.closed = True

        async def closed() -> None:
            return

        return None if self.sync else closed()

    def read(self, stream: object) -> Any:
        raise AssertionError

    def close_stream(self, stream: object) -> Any:
        raise AssertionError


@pytest.mark.usefixtures("unhurried")
def test_stopping_early_leaves_nothing_running(mode: Mode) -> None:
    gate = Gate(mode)
    provider = Metered()
    with AnyClient(mode, provider, gate) as phone:
        watched = Watched(phone, phone.iterate(provider.list()))
        assert [watched.take(), watched.take()] == ["a", "b"]
        assert gate.asked.wait(120)
        assert watched.tasks() == 1
        opener = threading.Timer(0.05, gate.open.set)
        opener.start()
        watched.close()  # a blocking client waits for the request that is under way, the other cancels it
        opener.join()
        assert watched.tasks() == 0
        assert gate.cancelled == (mode == "async")
        assert provider.began == ["0", "1"]


@pytest.mark.usefixtures("unhurried")
def test_closing_the_client_waits_for_it_too(mode: Mode) -> None:
    gate = Gate(mode)
    provider = Metered()
    phone = AnyClient(mode, provider, gate)
    watched = Watched(phone, phone.iterate(provider.list()))
    assert [watched.take(), watched.take()] == ["a", "b"]
    assert gate.asked.wait(120)
    opener = threading.Timer(0.05, gate.open.set)
    opener.start()
    if watched.loop is None:
        phone._client.close()
    else:
        watched.loop.run(phone._client.close())
    opener.join()
    assert not gate.closed  # it was only lent to this client
    assert watched.tasks() == 0
    assert watched.take() == "c"
    if mode == "sync":  # what was under way came; nothing more is fetched ahead
        assert [watched.take(), watched.take()] == ["d", "e"]
        assert watched.tasks() == 0
        watched.close()
    else:
        with pytest.raises(TransportError) as caught:
            watched.take()
        assert caught.value.kind == "closed"
    phone.close()


@pytest.mark.usefixtures("unhurried")
def test_an_iterator_that_is_dropped_leaves_nothing(mode: Mode) -> None:
    provider = Metered()
    with phone_of(mode, provider, Meter(1000), VirtualClock()) as phone:
        if phone._loop is None:
            for _, item in zip(range(2), phone.iterate(provider.list()), strict=False):
                assert item
            gc.collect()
            assert eventually(lambda: threading.active_count() == 1 or not _helpers())
            return

        async def main() -> int:
            async for item in phone.iterate(provider.list()):
                if item == "0.1":
                    break
            gc.collect()
            await asyncio.sleep(0.01)
            return len(asyncio.all_tasks()) - 1

        assert phone._loop.run(main()) == 0


def _helpers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "ahead" in thread.name]


def test_cancelling_the_consumer_cancels_what_is_fetched() -> None:
    gate = Gate("async")
    provider = Metered()

    async def consume(client: AsyncClient[Any], got: list[str]) -> None:
        async for item in client.iterate(provider.list()):
            got.append(item)  # noqa: PERF401 - what came before it was cancelled

    async def main() -> list[str]:
        got: list[str] = []
        async with AsyncClient(provider, transport=gate) as client:  # type: ignore[call-overload]
            task = asyncio.create_task(consume(client, got))
            while not gate.asked.is_set():  # noqa: ASYNC110 - the gate is for threads too
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0)
            assert asyncio.all_tasks() == {asyncio.current_task()}
        return got

    assert asyncio.run(main()) == ["a", "b", "c"]
    assert gate.cancelled


def test_cancelled_while_waiting_for_the_limit_gives_the_place_back() -> None:
    provider = Metered(Limit(1, 30.0))

    async def main() -> dict[str, Any]:
        async with AsyncClient(provider, transport=AsyncSimTransport({BASE: Meter(10)})) as client:
            await client.run(provider.thing())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await client.run(provider.at_once(5))
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return client.limits()

    said = asyncio.run(main())["main"]["windows"][0]
    assert said["resets"] <= 31


def test_clients_of_one_provider_object_share_a_budget() -> None:
    provider = Metered(Limit(5, 600.0))
    simulator = Meter(100)
    with (
        Client(provider, transport=SimTransport({BASE: simulator}), max_wait=0) as one,
        Client(provider, transport=SimTransport({BASE: simulator}), max_wait=0) as other,
    ):
        one.run(provider.many(3))
        other.run(provider.many(2))
        for client in (one, other):
            with pytest.raises(RateLimited):
                client.run(provider.thing())
            assert client.limits()["main"]["windows"][0]["remaining"] == 0


def test_listing_types_are_iterators(mode: Mode) -> None:
    with phone_of(mode, Metered(), Meter(), VirtualClock()) as phone:
        kind = Iterator if mode == "sync" else AsyncIterator
        items = phone.iterate(Metered().list())
        assert isinstance(items, kind)
        Watched(phone, items).close()
