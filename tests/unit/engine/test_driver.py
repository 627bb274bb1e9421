"""The two drivers, each test in both modes: what an exchange may rely on, whoever drives it."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

import pytest

from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.async_driver import AsyncDriver
from anycarrier.engine.driver import Driver
from anycarrier.engine.session import Session
from anycarrier.errors import AnyCarrierError, AuthenticationFailed, ConfigurationError, TransportError
from anycarrier.exchange import (
    Done,
    Emit,
    Exchange,
    Failed,
    Listing,
    Moment,
    Request,
    Response,
    call,
    collect,
    exclusive,
    now,
    read,
    send,
    sleep,
    together,
)
from anycarrier.transports.protocol import WireRequest

Handler = Callable[[WireRequest], Any]


class Fake:
    """A transport that answers from a function and notes what it was told."""

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


@pytest.fixture(params=[SyncRig, AsyncRig], ids=["sync", "async"])
def rig(request: pytest.FixtureRequest) -> Rig:
    return request.param  # type: ignore[no-any-return]


def get(path: str = "/things", **more: Any) -> Request:
    return Request(**{"account": "main", "operation": "op", "method": "GET", "path": path, **more})


def asking(path: str = "/things", **more: Any) -> Exchange[int]:
    response = yield from send(get(path, **more))
    return response.status


# -- plain effects


def test_a_request_gets_its_accounts_credentials_and_origin(rig: Rig) -> None:
    made = rig(
        ok, account(), account(id="other", base_url="https://other.example/v1", credentials=StaticToken("sec0nd"))
    )

    def both() -> Exchange[None]:
        yield from send(get())
        yield from send(get(account="other"))
        yield from send(get(account="other", authenticated=False))

    made.run(both())
    sent = made.transport.sent
    assert [wire.url for wire in sent] == ["https://api.example/things"] + ["https://other.example/v1/things"] * 2
    assert [dict(wire.headers).get("authorization") for wire in sent] == ["Bearer t0ken", "Bearer sec0nd", None]


def test_sleep_and_now_go_through_the_clock(rig: Rig) -> None:
    made = rig()

    def waiting() -> Exchange[float]:
        began = yield from now()
        yield from sleep(2.5)
        ended = yield from now()
        return ended.monotonic - began.monotonic

    assert made.run(waiting()) == 2.5
    assert made.clock.slept == [2.5]


def test_a_failed_connection_is_raised_inside_the_exchange_and_can_be_recovered(rig: Rig) -> None:
    made = rig(lambda _: TransportError("broke", kind="broken", maybe_applied=True))

    def recovering() -> Exchange[str]:
        try:
            yield from send(get(purpose="write"))
        except TransportError as error:
            return f"{error.provider} {error.operation} {error.maybe_applied} {error.safe_elsewhere}"
        return "?"

    assert made.run(recovering()) == "fake op True False"


def test_a_blocking_call_runs_off_the_event_loop(rig: Rig) -> None:
    def calling() -> Exchange[int]:
        return (yield from call(threading.get_ident, "ident"))

    made = rig()
    ran_in = made.run(calling())
    assert (ran_in == threading.get_ident()) == (made.mode == "sync")


def test_what_a_call_raises_is_raised_inside_the_exchange(rig: Rig) -> None:
    def fail() -> None:
        raise ValueError("no")

    def calling() -> Exchange[str]:
        try:
            yield from call(fail)
        except ValueError as error:
            return str(error)
        return "?"

    assert rig().run(calling()) == "no"


def test_an_unknown_account_is_an_error_inside_the_exchange(rig: Rig) -> None:
    made = rig()
    with pytest.raises(ConfigurationError, match="no account 'nobody'"):
        made.run(asking(account="nobody"))
    assert made.transport.sent == []


def test_two_accounts_of_the_same_id() -> None:
    with pytest.raises(ConfigurationError, match="same id"):
        Session([account(), account(base_url="https://other.example")])


@pytest.mark.parametrize("effect", [None, 7, Emit([1])])
def test_what_is_not_an_effect(rig: Rig, effect: Any) -> None:
    def odd() -> Exchange[None]:
        yield effect

    exchange = odd()
    with pytest.raises(AnyCarrierError, match="iterate" if isinstance(effect, Emit) else "not an effect"):
        rig().run(exchange)
    assert inspect.getgeneratorstate(exchange) == inspect.GEN_CLOSED


def test_closing_closes_the_transport(rig: Rig) -> None:
    made = rig()
    made.close()
    assert made.transport.is_closed


# -- several at once


def test_together_keeps_the_order_and_gives_errors_as_values(rig: Rig) -> None:
    def one(at: int) -> Exchange[int]:
        for _ in range(5 - at):
            yield from sleep(0)
        if at % 2:
            raise ValueError(at)
        return at

    def all_of_them() -> Exchange[list[Any]]:
        return (yield from together(one(at) for at in range(5)))

    outcomes = rig().run(all_of_them())
    assert [type(outcome) for outcome in outcomes] == [Done, Failed, Done, Failed, Done]
    assert [outcome.value for outcome in outcomes[::2]] == [0, 2, 4]
    assert [str(outcome.error) for outcome in outcomes[1::2]] == ["1", "3"]


def test_together_of_nothing(rig: Rig) -> None:
    def none() -> Exchange[list[Any]]:
        return (yield from together([]))

    assert rig().run(none()) == []


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_together_respects_its_limit(rig: Rig, limit: int) -> None:
    running: list[int] = []
    most: list[int] = []

    def work() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.005)
        running.pop()

    def one() -> Exchange[None]:
        yield from call(work)

    def all_of_them() -> Exchange[list[Any]]:
        return (yield from together((one() for _ in range(8)), limit=limit))

    outcomes = rig().run(all_of_them())
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    assert max(most) <= limit
    assert limit == 1 or max(most) > 1


def test_nested_together_does_not_starve(rig: Rig) -> None:
    def tree(depth: int) -> Exchange[int]:
        if not depth:
            return (yield from asking()) // 200
        outcomes = yield from together([tree(depth - 1) for _ in range(3)], limit=1)
        return sum(outcome.value for outcome in outcomes if isinstance(outcome, Done))

    assert rig().run(tree(3)) == 27


def closed(exchanges: list[Exchange[Any]]) -> bool:
    return all(inspect.getgeneratorstate(exchange) == inspect.GEN_CLOSED for exchange in exchanges)


def endless() -> Exchange[None]:
    while True:
        yield from sleep(1)


def test_an_interrupt_stops_all_of_together() -> None:
    def interrupt() -> None:
        time.sleep(0.02)
        raise KeyboardInterrupt

    def interrupted() -> Exchange[None]:
        yield from call(interrupt)

    exchanges: list[Exchange[Any]] = [endless(), interrupted(), endless(), *[endless() for _ in range(5)]]

    def all_of_them() -> Exchange[Any]:
        return (yield from together(exchanges, limit=3))

    before = threading.active_count()
    outer = all_of_them()
    made = SyncRig()
    finished = threading.Event()

    def run() -> None:
        with pytest.raises(KeyboardInterrupt):
            made.run(outer)
        finished.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(120)
    assert finished.is_set()
    assert closed([outer, *exchanges])
    assert threading.active_count() <= before


def test_a_cancelled_task_stops_all_of_together() -> None:
    exchanges: list[Exchange[Any]] = [endless() for _ in range(6)]

    def all_of_them() -> Exchange[Any]:
        return (yield from together(exchanges, limit=3))

    outer = all_of_them()

    async def main() -> None:
        made = AsyncRig()
        task = asyncio.create_task(made.driver.run(outer))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert closed([outer, *exchanges])
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_cancelled_exchange_unwinds() -> None:
    unwound: list[str] = []

    def exchange() -> Exchange[None]:
        try:
            yield from asking()
            yield from sleep(1000)
        finally:
            unwound.append("yes")

    async def main() -> None:
        made = AsyncRig()
        made.clock.async_sleep = asyncio.sleep  # type: ignore[method-assign,assignment]
        task = asyncio.create_task(made.driver.run(exchange()))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert unwound == ["yes"]


# -- one at a time


@pytest.mark.parametrize("keys", [("a", "a", "a", "a"), ("a", "b", "c", "d")])
def test_exclusive_runs_one_of_a_key_at_a_time(rig: Rig, keys: tuple[str, ...]) -> None:
    running: dict[str, int] = {}
    most: list[int] = []

    def critical(key: str) -> Exchange[str]:
        running[key] = running.get(key, 0) + 1
        most.append(running[key])
        assert running[key] == 1
        yield from sleep(0)
        yield from asking()
        running[key] -= 1
        return key

    def one(key: str) -> Exchange[str]:
        return (yield from exclusive(key, critical(key)))

    def all_of_them() -> Exchange[list[Any]]:
        return (yield from together(one(key) for key in keys))

    outcomes = rig().run(all_of_them())
    assert [outcome.value for outcome in outcomes] == list(keys)
    assert max(most) == 1


def test_exclusive_is_freed_by_an_error(rig: Rig) -> None:
    def failing() -> Exchange[None]:
        yield from sleep(0)
        raise ValueError("no")

    def twice() -> Exchange[int]:
        with pytest.raises(ValueError, match="no"):
            yield from exclusive("key", failing())
        return (yield from exclusive("key", asking()))

    assert rig().run(twice()) == 200


def test_exclusive_is_freed_by_cancellation() -> None:
    async def main() -> None:
        made = AsyncRig()

        def holding() -> Exchange[None]:
            yield from exclusive("key", endless())

        def taking() -> Exchange[int]:
            return (yield from exclusive("key", asking()))

        task = asyncio.create_task(made.driver.run(holding()))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        async with asyncio.timeout(2):
            assert await made.driver.run(taking()) == 200

    asyncio.run(main())


# -- listings and streams


def pages(count: int, seen: list[str]) -> Listing[int]:
    try:
        for page in range(count):
            yield from asking(f"/page/{page}")
            yield Emit([page * 2, page * 2 + 1])
    finally:
        seen.append("closed")


def test_a_listing_is_handed_out_page_by_page(rig: Rig) -> None:
    made, seen = rig(), []  # type: ignore[var-annotated]
    assert made.items(pages(3, seen)) == [0, 1, 2, 3, 4, 5]
    assert len(made.transport.sent) == 3
    assert seen == ["closed"]


def test_stopping_early_asks_for_no_further_page(rig: Rig) -> None:
    made, seen = rig(), []  # type: ignore[var-annotated]
    assert made.items(pages(3, seen), most=1) == [0]
    assert len(made.transport.sent) == 1
    assert seen == ["closed"]


def test_a_listing_can_be_collected_inside_an_exchange(rig: Rig) -> None:
    assert rig().run(collect(pages(2, []))) == [0, 1, 2, 3]


def streaming() -> Listing[bytes]:
    response = yield from send(get(stream=True))
    while chunk := (yield from read(response.stream)):
        yield Emit([chunk])


def test_a_streams_end_and_early_exit_both_close_it(rig: Rig) -> None:
    for most, expected in ((10, [b"a", b"b", b"c"]), (2, [b"a", b"b"])):
        made = rig(lambda _: [b"a", b"b", b"c"])
        assert made.items(streaming(), most) == expected
        assert made.transport.closed == list(made.transport.chunks)


def test_a_broken_stream_raises_and_is_closed(rig: Rig) -> None:
    made = rig(lambda _: [b"a", TransportError("broke off", kind="broken")])
    with pytest.raises(TransportError, match="broke off"):
        made.items(streaming())
    assert made.transport.closed == list(made.transport.chunks)


def test_streams_of_an_exchange_that_fails_are_closed(rig: Rig) -> None:
    def opening() -> Exchange[None]:
        yield from together([send(get(stream=True)), send(get(stream=True))])
        raise ValueError("no")

    made = rig(lambda _: [b"a"])
    with pytest.raises(ValueError, match="no"):
        made.run(opening())
    assert set(made.transport.closed) == set(made.transport.chunks)
    assert len(made.transport.closed) == 2


# -- renewal after a 401


class Renewable:
    """Credentials whose value can be exchanged for another by a request, as an OAuth token is."""

    def __init__(self, *, better: bool = True) -> None:
        self.value = 1
        self.renewals = 0
        self.better = better

    def headers(self) -> Exchange[Mapping[str, str]]:
        yield from sleep(0)
        return {"authorization": f"Bearer v{self.value}"}

    def renew(self, rejected: Response, sent: Mapping[str, str]) -> Exchange[bool]:
        if sent["authorization"] != f"Bearer v{self.value}":
            return True
        self.renewals += 1
        yield from send(get("/token", authenticated=False))
        if self.better:
            self.value += 1
        return self.better

    def secrets(self) -> tuple[str, ...]:
        return ()


def wants(value: str) -> Handler:
    def handler(request: WireRequest) -> Response:
        said = dict(request.headers).get("authorization")
        return Response(200 if said in (value, None) else 401)

    return handler


def test_a_401_renews_once_and_asks_again(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(wants("Bearer v2"), account(credentials=credentials))
    assert made.run(asking()) == 200
    assert credentials.renewals == 1
    assert [wire.url[19:] for wire in made.transport.sent] == ["/things", "/token", "/things"]


def test_a_second_401_is_the_answer(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(wants("Bearer never"), account(credentials=credentials))
    assert made.run(asking()) == 401
    assert credentials.renewals == 1
    assert len(made.transport.sent) == 3


def test_without_other_credentials_a_401_is_the_answer(rig: Rig) -> None:
    credentials = Renewable(better=False)
    made = rig(wants("Bearer never"), account(credentials=credentials))
    assert made.run(asking()) == 401
    assert [wire.url[19:] for wire in made.transport.sent] == ["/things", "/token"]


@pytest.mark.parametrize("breaks", ["/token", "/things"])
def test_a_purchase_that_was_answered_with_401_keeps_that_answer_where_no_second_one_leaves(
    rig: Rig, breaks: str
) -> None:
    """The 401 may be a proxy's page, after the work: what fails afterwards does not make it \"not sent\"."""

    def handler(request: WireRequest) -> Response | TransportError:
        said = dict(request.headers).get("authorization")
        if request.url.endswith(breaks) and said != "Bearer v1":
            return TransportError("refused", kind="connect", maybe_applied=False)
        return Response(401 if said == "Bearer v1" else 200)

    made = rig(handler, account(credentials=Renewable()))
    assert made.run(asking(purpose="purchase")) == 401
    made = rig(handler, account(credentials=Renewable()))
    with pytest.raises(TransportError):
        made.run(asking())


def test_what_fails_before_a_request_is_sent_says_so(rig: Rig) -> None:
    made = rig()
    for request in (get("/{a}", purpose="purchase"), get("/things", account="nobody", purpose="purchase")):
        with pytest.raises(AnyCarrierError) as caught:
            made.run(send(request))
        assert vars(caught.value)["maybe_applied"] is False
    assert not made.transport.sent


def test_a_fixed_token_is_never_renewed(rig: Rig) -> None:
    made = rig(lambda _: Response(401))
    assert made.run(asking(purpose="purchase")) == 401
    assert len(made.transport.sent) == 1


@pytest.mark.parametrize(("tokens", "sent"), [(["one"], 1), (["one", "two"], 2)])
def test_a_token_function_is_asked_again_and_used_only_if_it_differs(rig: Rig, tokens: list[str], sent: int) -> None:
    given = iter([*tokens, *([tokens[-1]] * 5)])
    made = rig(lambda _: Response(401), account(credentials=StaticToken(lambda: next(given))))
    assert made.run(asking()) == 401
    assert len(made.transport.sent) == sent


def test_many_callers_renew_once(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(wants("Bearer v2"), account(credentials=credentials))
    assert made.run_many(*(asking() for _ in range(12))) == [200] * 12
    assert credentials.renewals == 1


def test_many_callers_in_one_exchange_renew_once(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(wants("Bearer v2"), account(credentials=credentials))

    def all_of_them() -> Exchange[list[Any]]:
        return (yield from together(asking() for _ in range(12)))

    assert made.run(all_of_them()) == [Done(200)] * 12
    assert credentials.renewals == 1


def test_a_request_without_credentials_is_not_renewed(rig: Rig) -> None:
    credentials = Renewable()
    made = rig(lambda _: Response(401), account(credentials=credentials))
    assert made.run(asking(authenticated=False)) == 401
    assert credentials.renewals == 0


def test_failing_to_get_credentials_says_that_nothing_was_applied(rig: Rig) -> None:
    def no_token() -> str:
        raise AuthenticationFailed("the vault is closed")

    made = rig(ok, account(credentials=StaticToken(no_token)))
    with pytest.raises(AuthenticationFailed) as raised:
        made.run(asking(purpose="purchase"))
    assert (raised.value.provider, raised.value.operation, raised.value.maybe_applied) == ("fake", "op", False)
    assert made.transport.sent == []


# -- what is logged


def test_the_debug_line(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    answers: Iterator[Any] = iter(
        [Response(200, {"x-request-id": "r\x1b[1"}), TransportError("broke", kind="broken", maybe_applied=True)]
    )
    made = rig(lambda _: next(answers))

    def two() -> Exchange[None]:
        more = {"path_values": {"n": "2015550123"}, "query": (("q", "hidden"),)}
        yield from send(get("/numbers/{n}", **more))
        with pytest.raises(TransportError):
            yield from send(get("/numbers/{n}", **more))

    with caplog.at_level(logging.DEBUG, "anycarrier"):
        made.run(two())
    first, second = [record.getMessage() for record in caplog.records if record.name == "anycarrier"]
    assert first.startswith("GET /numbers/{n} -> 200 in ")
    assert "account main, attempt 1, request id r\\u001b[1" in first
    assert "-> broken in" in second
    for hidden in ("2015550123", "hidden", "t0ken"):
        assert hidden not in first + second
