"""Many accounts by name: loaded once, let go and loaded anew, one transport, budgets that stay."""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from anycarrier import (
    Accounts,
    AsyncAccounts,
    AuthenticationFailed,
    ConfigurationError,
    InvalidInput,
    OutcomeUnknown,
    PhoneNumber,
    RateLimited,
    TransportError,
    processes,
)
from anycarrier.exchange import Response
from anycarrier.failover import Failover
from anycarrier.purchase import Order, find_purchases, journal
from anycarrier.simulator import load
from anycarrier.simulator.server import running
from anycarrier.testing import VirtualClock
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.voicetel import VoiceTel
from support.ports import LIBRARIES
from support.script import answer

N = PhoneNumber("2015550123")
ROW = {"status": "success", "data": {"number": N.ten_digit}}
REFUSED = {"status": "error", "error": {"code": 401, "message": "Invalid API key"}}
MODES = ("sync", "async")


class Provider:
    """VoiceTel, which knows the keys of its accounts, and a database of an application, which knows them too."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.loads: Counter[str] = Counter()
        self.requests: list[WireRequest] = []
        self.closed = False
        self.fails: Exception | None = None
        self.pause: Callable[[], object] = lambda: None

    def add(self, name: str, key: str | None = None, **more: Any) -> None:
        self.keys[name] = key or f"{len(self.keys) + 10:032x}"
        self.rows[name] = {"provider": "voicetel", "api_key": self.keys[name], **more}

    def rotate(self, name: str, *, known: bool = True) -> None:
        """A new key at the provider, which the database has too."""
        self.keys[name] = self.keys[name][::-1]
        if known:
            self.rows[name] = {**self.rows[name], "api_key": self.keys[name]}

    def load(self, name: str) -> Any:
        self.loads[name] += 1
        self.pause()
        if self.fails is not None:
            raise self.fails
        return self.rows[name]

    # a transport

    def send(self, request: WireRequest) -> Response:
        self.requests.append(request)
        self.pause()
        sent = dict(request.headers).get("authorization", "").removeprefix("Bearer ")
        if sent not in self.keys.values():
            return answer(REFUSED, 401)
        if request.purpose == "purchase":
            return answer({"status": "success", "data": {"numbersOrdered": [N.ten_digit]}}, 201)
        return answer(ROW)

    def read(self, stream: object) -> bytes:
        raise AssertionError

    def close_stream(self, stream: object) -> None: ...

    def close(self) -> None:
        self.closed = True


class AsyncProvider:
    """The same as a transport for asyncio."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    async def send(self, request: WireRequest) -> Response:
        await asyncio.sleep(0)
        return self.provider.send(request)

    async def read(self, stream: object) -> bytes:
        raise AssertionError

    async def close_stream(self, stream: object) -> None: ...

    async def close(self) -> None:
        self.provider.close()


class Fleet:
    """Accounts of one mode behind a blocking interface."""

    def __init__(self, mode: str, *names: str, **more: Any) -> None:
        self.mode = mode
        self.provider = Provider()
        self.clock = VirtualClock()
        for name in names:
            self.provider.add(name)
        given = {"clock": self.clock, **more}
        self.loop = asyncio.new_event_loop() if mode == "async" else None
        self.accounts: Any = (
            Accounts(self.provider.load, transport=self.provider, **given)  # type: ignore[arg-type]
            if mode == "sync"
            else AsyncAccounts(self._load, transport=AsyncProvider(self.provider), **given)  # type: ignore[arg-type]
        )

    async def _load(self, name: str) -> Any:
        await asyncio.sleep(0)
        return self.provider.load(name)

    def do(self, value: Any) -> Any:
        return value if self.loop is None else self.loop.run_until_complete(value)

    def client(self, name: str) -> Any:
        return self.do(self.accounts.client(name))

    def get(self, name: str) -> Any:
        return self.do(self.client(name).get(N))

    @property
    def loads(self) -> dict[str, int]:
        return dict(self.provider.loads)


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fleet(mode: str) -> Any:
    fleets: list[Fleet] = []

    def make(*names: str, **more: Any) -> Fleet:
        fleets.append(Fleet(mode, *names, **more))
        return fleets[-1]

    yield make
    for one in fleets:
        if one.loop is not None:
            one.loop.close()


Make = Callable[..., Fleet]


def test_an_account_is_loaded_once_and_named_as_it_was_asked_for(fleet: Make) -> None:
    one = fleet("a", "b")
    for name in ("a", "b", "a", "b"):
        assert one.get(name).account == name
    assert one.loads == {"a": 1, "b": 1}
    assert one.client("a") is one.client("a")
    assert [dict(sent.headers)["authorization"][-2:] for sent in one.provider.requests] == ["0a", "0b", "0a", "0b"]


def test_nothing_is_taken_from_the_environment(fleet: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCARRIER_VOICETEL_API_KEY", "f" * 32)
    one = fleet()
    one.provider.rows["a"] = {"provider": "voicetel"}
    with pytest.raises(
        ConfigurationError, match=r"api_key is missing.*in what load\(\) gave for 'a', and nowhere else"
    ):
        one.client("a")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (None, r"there is no account 'a': load\(\) gave None"),
        ({}, "the settings of account 'a' need the name of a provider"),
        ({"provider": 5}, "need the name of a provider"),
        ({"provider": "nobody"}, "no provider is called 'nobody'"),
        ({"provider": "voicetel", "api_key": "secret-1", "key": "x"}, "a.key is not a setting"),
        ("voicetel", "provider must be|is missing"),
        (5, "provider must be"),
    ],
)
def test_what_is_no_account_is_said_and_loaded_again_next_time(fleet: Make, row: Any, said: str) -> None:
    one = fleet("b")
    one.provider.rows["a"] = row
    with pytest.raises(ConfigurationError, match=said) as caught:
        one.client("a")
    assert "secret-1" not in str(caught.value)
    one.provider.add("a")
    assert one.get("a").account == "a"


def test_what_load_raises_comes_as_it_is_and_is_tried_again(fleet: Make) -> None:
    one = fleet("a")
    with pytest.raises(KeyError):
        one.client("nobody")
    one.provider.fails = OSError("database down")
    with pytest.raises(OSError, match="database down"):
        one.client("a")
    one.provider.fails = None
    assert one.get("a").account == "a"
    assert one.loads == {"nobody": 1, "a": 2}


def test_a_provider_object_may_be_loaded(fleet: Make) -> None:
    one = fleet()
    one.provider.keys["x"] = "0" * 32
    held = VoiceTel(api_key="0" * 32, account="its-own")
    one.provider.rows["a"] = held  # type: ignore[assignment]
    assert one.get("a").account == "its-own"
    assert one.client("a").provider is held
    one.clock.advance(301)
    before = one.client("a")
    assert one.loads == {"a": 2}
    assert before is one.client("a"), "it is the same object"


def test_the_least_recently_used_is_let_go_and_works_on_for_who_has_it(fleet: Make) -> None:
    one = fleet("a", "b", "c", most=2)
    held = one.client("a")
    one.client("b")
    one.client("a")
    one.client("c")
    one.client("b")  # the one that was let go
    assert one.loads == {"a": 1, "b": 2, "c": 1}
    one.client("c")
    assert one.do(held.get(N)).account == "a"
    assert one.client("a") is held, "as long as it is there, it is not loaded again"
    assert one.loads == {"a": 1, "b": 2, "c": 1}
    del held
    one.client("b")
    one.client("c")
    one.client("a")
    assert one.loads["a"] == 2


def test_closing_a_client_closes_nothing(fleet: Make) -> None:
    one = fleet("a", "b")
    for name in ("a", "b"):
        one.do(one.client(name).close())
    assert one.get("a").account == "a"
    assert one.get("b").account == "b"
    assert not one.provider.closed


def test_closing_the_accounts_closes_every_client_and_no_transport_that_was_lent(fleet: Make) -> None:
    one = fleet("a", "b")
    held = one.client("a")
    one.do(one.accounts.close())
    with pytest.raises(TransportError, match="the client is closed"):
        one.do(held.get(N))
    with pytest.raises(ConfigurationError, match="the accounts are closed"):
        one.client("b")
    assert not one.provider.closed
    assert one.provider.requests == []


def test_accounts_are_loaded_anew_after_a_while_and_a_change_is_noticed(fleet: Make) -> None:
    one = fleet("a", reload_after=60)
    before = one.client("a")
    one.clock.advance(59)
    assert one.client("a") is before
    assert one.loads == {"a": 1}
    one.clock.advance(1)
    assert one.client("a") is before, "nothing has changed"
    assert one.loads == {"a": 2}
    one.provider.rotate("a")
    one.clock.advance(60)
    after = one.client("a")
    assert after is not before
    assert one.do(after.get(N)).account == "a"
    assert one.loads == {"a": 3}
    one.clock.advance(60)
    one.provider.fails = KeyError("a")
    for _ in range(2):
        with pytest.raises(KeyError):
            one.client("a")
    assert one.do(after.get(N)).account == "a", "a request that runs goes on"


def test_forget_loads_it_anew_at_once(fleet: Make) -> None:
    one = fleet("a")
    one.client("a")
    one.accounts.forget("a")
    one.accounts.forget("nobody")
    one.client("a")
    assert one.loads == {"a": 2}


def test_a_key_that_was_rotated_is_noticed_by_the_401_and_the_call_succeeds(fleet: Make) -> None:
    one = fleet("a", "b")
    held = one.client("a")
    one.get("b")
    one.provider.rotate("a")
    assert one.do(held.get(N)).account == "a"
    assert one.loads == {"a": 2, "b": 1}
    assert one.client("a") is held
    one.clock.advance(11)
    one.provider.rotate("a")
    assert one.do(held.buy(N)).number == N, "a purchase too: the 401 proves that the first one was not carried out"
    assert one.loads == {"a": 3, "b": 1}


def test_a_401_that_stays_loads_no_more_than_every_ten_seconds(fleet: Make) -> None:
    one = fleet("a")
    held = one.client("a")
    one.provider.rotate("a", known=False)
    for _ in range(5):
        with pytest.raises(AuthenticationFailed):
            one.do(held.get(N))
        one.clock.advance(1)
    assert one.loads == {"a": 2}
    one.provider.rows["a"] = {**one.provider.rows["a"], "api_key": one.provider.keys["a"]}
    one.clock.advance(10)
    assert one.do(held.get(N)).account == "a"
    assert one.loads == {"a": 3}


def test_a_401_where_the_account_cannot_be_loaded_says_so_and_a_purchase_keeps_its_401(fleet: Make) -> None:
    one = fleet("a")
    held = one.client("a")
    one.provider.rotate("a")
    one.provider.fails = OSError("database down")
    with pytest.raises(ConfigurationError, match=r"refused \(401\), and load\(\) could not give it anew \(OSError\)"):
        one.do(held.get(N))
    with pytest.raises(AuthenticationFailed):
        one.do(held.buy(N))
    assert sum(sent.purpose == "purchase" for sent in one.provider.requests) == 1


def test_credentials_of_an_account_elsewhere_are_not_sent_to_the_old_place(fleet: Make) -> None:
    one = fleet("a")
    held = one.client("a")
    one.provider.rotate("a")
    one.provider.rows["a"] |= {"base_url": "http://127.0.0.1:1"}
    with pytest.raises(AuthenticationFailed):
        one.do(held.get(N))
    assert len(one.provider.requests) == 1
    one.clock.advance(301)
    assert one.get("a").account == "a"
    assert one.provider.requests[-1].url.startswith("http://127.0.0.1:1/")


def test_a_rate_budget_outlives_its_client_and_is_one_for_two_names_of_an_account(fleet: Make) -> None:
    one = fleet("a", most=1, max_wait=0)
    one.provider.rows |= {
        name: {"provider": "lc_phone", "token": "pit-1", "location_id": "L1"} for name in ("first", "second")
    }
    one.client("first")
    one.client("a")
    budget = one.client("first")._session._all_budgets["first"]
    one.client("a")
    assert one.client("second")._session._all_budgets["second"] is budget
    one.client("a")
    assert one.client("first")._session._all_budgets["first"] is budget


def test_a_limit_for_an_address_is_one_for_all_accounts(fleet: Make) -> None:
    names = [f"t{at}" for at in range(7)]
    one = fleet(*names, max_wait=0)
    one.provider.send = lambda _: answer({"status": "success", "data": {"rates": {"did": 0.5}}})  # type: ignore[method-assign]
    for name in names[:6]:
        one.do(one.client(name).native.account_info())
    with pytest.raises(RateLimited) as caught:
        one.do(one.client(names[6]).native.account_info())
    assert caught.value.retry_after is not None
    one.clock.advance(3700)
    one.do(one.client(names[6]).native.account_info())


def test_arguments_are_checked(mode: str) -> None:
    kind: Any = Accounts if mode == "sync" else AsyncAccounts
    for given, said in (
        ({"load": 5}, "load must be a function of a name"),
        ({"most": 0}, "most"),
        ({"most": "x"}, "most"),
        ({"reload_after": -1}, "reload_after"),
    ):
        with pytest.raises(InvalidInput, match=said):
            kind(**{"load": dict.get, **given})
    with pytest.raises(ConfigurationError, match=r"timeouts must be Timeouts.*; max_wait must be seconds"):
        kind(dict.get, timeouts=5, max_wait="x")
    with pytest.raises(ConfigurationError, match="no transport is called 'x'"):
        kind(dict.get, transport="x")


@pytest.mark.parametrize("name", [None, 5, ""])
def test_a_name_is_text(fleet: Make, name: Any) -> None:
    with pytest.raises(InvalidInput, match="name must"):
        fleet().client(name)


def test_an_asynchronous_load_needs_the_asynchronous_kind() -> None:
    async def load(name: str) -> Any:
        raise AssertionError

    accounts = Accounts(load)
    with pytest.raises(InvalidInput, match="load is asynchronous: give it to AsyncAccounts"):
        accounts.client("a")
    accounts.close()


def test_a_blocking_load_serves_the_asynchronous_kind_too() -> None:
    provider = Provider()
    provider.add("a")

    async def main() -> str:
        async with AsyncAccounts(provider.load, transport=AsyncProvider(provider)) as accounts:  # type: ignore[arg-type]
            phone = await accounts.client("a")
            async with phone:
                return str((await phone.get(N)).account)

    assert asyncio.run(main()) == "a"


@pytest.mark.parametrize("late", [False, True])
def test_a_load_that_is_cancelled_leaves_no_coroutine_behind(late: bool) -> None:
    """Also where its thread has made the coroutine already, and nobody has begun to await it."""
    begun, go_on, there = threading.Event(), threading.Event(), threading.Event()
    made: list[Any] = []

    async def nothing() -> None: ...

    def load(name: str) -> Any:
        begun.set()
        assert go_on.wait(10)
        made.append(nothing())
        there.set()
        return made[0]

    async def main() -> None:
        async with AsyncAccounts(load, transport=AsyncProvider(Provider())) as accounts:  # type: ignore[arg-type]
            task = asyncio.create_task(accounts.client("a"))
            assert await asyncio.to_thread(begun.wait, 10)
            if late:
                go_on.set()
                assert there.wait(10)  # the loop stands still, and the outcome waits for it
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            go_on.set()

    asyncio.run(main())  # which waits for its threads
    assert inspect.getcoroutinestate(made[0]) == inspect.CORO_CLOSED


def test_threads_that_race_on_a_name_load_it_once_and_other_names_do_not_wait() -> None:
    provider = Provider()
    for at in range(20):
        provider.add(f"t{at}")
    provider.pause = lambda: time.sleep(0.002)
    with Accounts(provider.load, transport=provider) as accounts, ThreadPoolExecutor(16) as pool:
        names = [f"t{at % 20}" for at in range(200)]
        found = list(pool.map(lambda name: accounts.client(name).get(N).account, names))
    assert found == names
    assert set(provider.loads.values()) == {1}


def test_tasks_that_race_on_a_name_load_it_once() -> None:
    provider = Provider()
    for at in range(20):
        provider.add(f"t{at}")

    async def load(name: str) -> Any:
        await asyncio.sleep(0.001)
        return provider.load(name)

    async def main() -> list[str]:
        async with AsyncAccounts(load, transport=AsyncProvider(provider)) as accounts:  # type: ignore[arg-type]

            async def one(name: str) -> str:
                return str((await (await accounts.client(name)).get(N)).account)

            return await asyncio.gather(*(one(f"t{at % 20}") for at in range(200)))

    assert asyncio.run(main()) == [f"t{at % 20}" for at in range(200)]
    assert set(provider.loads.values()) == {1}


def test_who_waited_for_a_load_that_failed_loads_it_again() -> None:
    provider = Provider()
    provider.add("a")
    begun, go_on = threading.Event(), threading.Event()

    def load(name: str) -> Any:
        provider.loads[name] += 1
        if provider.loads[name] == 1:
            begun.set()
            go_on.wait(30)
            raise OSError("database down")
        return provider.rows[name]

    with Accounts(load, transport=provider) as accounts, ThreadPoolExecutor(2) as pool:
        first = pool.submit(accounts.client, "a")
        begun.wait(30)
        second = pool.submit(accounts.client, "a")
        go_on.set()
        with pytest.raises(OSError, match="database down"):
            first.result(30)
        assert second.result(30).get(N).account == "a"
    assert provider.loads == {"a": 2}


def test_an_account_that_is_let_go_in_the_middle_of_a_call_finishes_it() -> None:
    provider = Provider()
    for name in ("a", "b"):
        provider.add(name)
    begun, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        if provider.requests and not begun.is_set():
            begun.set()
            go_on.wait(30)

    with Accounts(provider.load, transport=provider, most=1) as accounts, ThreadPoolExecutor(1) as pool:
        provider.pause = pause
        call = pool.submit(lambda: accounts.client("a").get(N).account)
        begun.wait(30)
        accounts.client("b")
        accounts.forget("a")
        go_on.set()
        assert call.result(30) == "a"


def test_neither_an_account_nor_what_it_raises_shows_a_secret() -> None:
    provider = Provider()
    provider.add("a", "0123456789abcdef0123456789abcdef")
    accounts = Accounts(provider.load, transport=provider)
    phone = accounts.client("a")
    provider.keys.clear()
    with pytest.raises(AuthenticationFailed) as caught:
        phone.get(N)
    shown = [repr(accounts), repr(vars(accounts)), repr(phone), repr(vars(phone)), repr(vars(accounts._table))]
    shown += [repr(phone._session.accounts), repr(vars(phone._session)), repr(caught.value)]
    assert not [text for text in shown if "0123456789abcdef" in text]
    assert repr(phone._session.accounts["a"].credentials) == "_Reloading(**********)"


def connected_to(port: int) -> int:
    """Sockets of this process that are connected to *port*."""
    found = 0
    for place in Path("/proc/self/fd").iterdir():
        try:
            if str(place.readlink()).startswith("socket:"):
                with socket.socket(fileno=os.dup(int(place.name))) as one:
                    found += one.getpeername()[1:2] == (port,)
        except OSError:
            continue  # it listens, or is gone by now
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts sockets as Linux lists them")
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_hundred_accounts_leave_few_sockets_idle(library: str) -> None:
    names = [f"t{at}" for at in range(100)]
    simulator = load("voicetel", accounts={name: {} for name in names})

    async def main() -> int:
        async with AsyncAccounts(row, transport=library) as accounts:

            async def one(name: str) -> int:
                return len([found async for found in (await accounts.client(name)).list()])

            for at in range(0, 100, 16):
                assert set(await asyncio.gather(*map(one, names[at : at + 16]))) == {0}
            await (await accounts.client("t0")).close()
            assert await one("t1") == 0
            return connected_to(port)

    with running(simulator) as urls:
        (url,) = urls.values()
        port = int(url.rpartition(":")[2])

        def row(name: str) -> Any:
            return {"provider": "voicetel", "base_url": url, **simulator.settings_of(name)}

        with Accounts(row, transport=library) as accounts, ThreadPoolExecutor(16) as pool:
            assert set(pool.map(lambda name: len(list(accounts.client(name).list())), names)) == {0}
            accounts.client("t0").close()
            assert list(accounts.client("t1").list()) == []
            assert 1 <= connected_to(port) < 20
        assert connected_to(port) == 0
        assert 1 <= asyncio.run(main()) < 20


@pytest.mark.parametrize("mode", MODES)
def test_purchases_of_all_accounts_go_through_one_journal(mode: str) -> None:
    with journal.open(":memory:") as book:
        fleet = Fleet(mode, "a", "b", journal=book)
        for name in ("a", "b"):
            phone = fleet.client(name)
            assert isinstance(phone.provider, VoiceTel)
            bought = fleet.do(phone.provision(Order(number=N, fulfilled_by="placed", reference=name), request_id=name))
            assert (bought.bought[0].account, bought.reference) == (name, name)
        fleet.provider.rotate("a")
        assert fleet.do(fleet.client("a").get(N)).account == "a", "a new key is noticed below it too"
        assert {one.reference for one in find_purchases(book)} == {"a", "b"}
        held = Failover([VoiceTel(api_key="0" * 32, account="x")], journal=book)
        fleet.provider.rows["c"] = held  # type: ignore[assignment]
        assert fleet.client("c").provider is held
    if fleet.loop is not None:
        fleet.loop.close()


@pytest.mark.slow
def test_an_order_of_one_account_is_never_filled_by_another() -> None:
    with journal.open(":memory:") as book:
        fleet = Fleet("sync", "a", "b", journal=book, clock=None)
        answers = fleet.provider.send
        fleet.provider.send = lambda _: TransportError("refused", kind="connect", maybe_applied=False)  # type: ignore[method-assign,assignment,return-value]
        with pytest.raises(OutcomeUnknown, match="nothing is in doubt"):
            fleet.client("a").provision(Order(number=N, deadline=0.5, fulfilled_by="placed"), request_id="r")
        fleet.provider.send = answers  # type: ignore[method-assign]
        assert fleet.client("b").recover(deadline=1).undecided == 1
        assert fleet.provider.requests == [], "nothing is sent for an order that names another account"
        assert fleet.client("a").recover(deadline=30).undecided == 0
        assert {dict(sent.headers)["authorization"][-2:] for sent in fleet.provider.requests} == {"0a"}
        assert [one.bought[0].account for one in find_purchases(book)] == ["a"]


def test_a_forked_child_does_not_wait_for_locks_of_its_parent() -> None:
    fleet = Fleet("sync", "a")
    locks = [fleet.accounts._table._guard, fleet.accounts._table._budgets._guard]
    for one in locks:
        one.acquire()  # by a thread that the child does not have
    fleet.accounts._table.forked()
    fleet.accounts._table._budgets.forked()
    assert {fleet.accounts._table, fleet.accounts._table._budgets} <= {*processes._known}
    assert fleet.get("a").account == "a"


def test_a_journal_is_one() -> None:
    with pytest.raises(InvalidInput, match="journal"):
        Accounts(dict.get, journal="journal.sqlite")  # type: ignore[arg-type]


def test_two_kinds_of_provider_stand_side_by_side() -> None:
    provider = Provider()
    provider.add("a")
    provider.rows["b"] = {"provider": "lc_phone", "token": "pit-1", "location_id": "L1"}
    accounts = Accounts(provider.load, transport=provider)
    assert isinstance(accounts.client("b").provider, LCPhone)
    assert accounts.client("b").limits()["b"]["windows"][0]["limit"] == 100
    assert isinstance(accounts.client("a").provider, VoiceTel)
