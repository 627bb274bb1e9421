"""The key by user name and password: fetched once, kept, again only after a 401; six an hour."""

from __future__ import annotations

import asyncio
import logging
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from anycarrier import AsyncClient, Client
from anycarrier import errors as e
from anycarrier.exchange import Moment, Response
from anycarrier.testing import VirtualClock
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.auth import KeyByPassword
from support.script import Script, answer, failing, json_of, lost, unsent
from support.secret_stores import MemoryStore
from support.voicetel import N, provider

PASSWORD = "canary-s3cret"
KEYS = ("dec759ed81963fd9a4b8a9c8f3e22b1a", "0123456789abcdef0123456789abcdef")
REFUSED = {"status": "error", "error": {"code": 401, "message": f"Invalid username or password: {PASSWORD}"}}
ROW = {"status": "success", "data": {"number": N.ten_digit}}


def credentials() -> KeyByPassword:
    made = provider(api_key=None, username="1000000001", password=PASSWORD).accounts[0].credentials
    assert isinstance(made, KeyByPassword)
    return made


def key(text: str = KEYS[0]) -> Response:
    return answer({"status": "success", "data": {"apikey": text}})


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def test_the_key_is_fetched_once_without_credentials_and_kept() -> None:
    held = credentials()
    script = Script(key())
    assert script.run(held.headers()) == bearer(KEYS[0])
    assert script.run(held.headers()) == bearer(KEYS[0])
    (request,) = script.requests
    assert (request.method, request.path, request.authenticated) == ("POST", "/v2.2/account/api-key", False)
    assert json_of(request) == {"username": "1000000001", "password": PASSWORD}
    assert held.secrets() == (PASSWORD, KEYS[0], "1000000001")
    assert repr(held) == "KeyByPassword(**********)"


def test_a_401_fetches_again_and_only_once_in_ten_minutes() -> None:
    held = credentials()
    script = Script(key(), key(KEYS[1]), key(KEYS[1]))
    script.run(held.headers())
    rejected = answer(REFUSED, 401)
    assert script.run(held.renew(rejected, bearer(KEYS[0]))) is False
    script.clock.advance(601)
    assert script.run(held.renew(rejected, bearer(KEYS[0]))) is True
    assert script.run(held.headers()) == bearer(KEYS[1])
    assert script.run(held.renew(rejected, bearer(KEYS[0]))) is True, "somebody else has renewed meanwhile"
    script.clock.advance(601)
    assert script.run(held.renew(rejected, bearer(KEYS[1]))) is False, "VoiceTel gives the same key: nothing to try"
    assert len(script.requests) == 3


def test_a_password_that_is_refused_is_not_tried_again_for_ten_minutes() -> None:
    held = credentials()
    error, script = failing(held.headers(), answer(REFUSED, 401))
    assert isinstance(error, e.AuthenticationFailed)
    with pytest.raises(e.AuthenticationFailed):
        script.run(held.headers())
    assert len(script.requests) == 1
    script.clock.advance(601)
    script.outcomes.append(key())
    assert script.run(held.headers()) == bearer(KEYS[0])


def test_no_more_than_six_fetches_leave_in_an_hour() -> None:
    held = credentials()
    script = Script(*[answer(b"", 500)] * 6, key())
    for _ in range(6):
        with pytest.raises(e.ProviderDown):
            script.run(held.headers())
        script.clock.advance(60)
    with pytest.raises(e.RateLimited) as caught:
        script.run(held.headers())
    assert caught.value.retry_after == 3600 - 6 * 60
    assert not caught.value.maybe_applied
    assert len(script.requests) == 6
    script.clock.advance(caught.value.retry_after)
    assert script.run(held.headers()) == bearer(KEYS[0])


def test_what_was_not_sent_does_not_count() -> None:
    held = credentials()
    script = Script(*[unsent()] * 8, lost(), key())
    for _ in range(9):
        with pytest.raises(e.TransportError):
            script.run(held.headers())
    assert script.run(held.headers()) == bearer(KEYS[0])
    assert len(script.requests) == 10, "and none is repeated by itself"


def test_a_renewal_that_could_not_connect_may_be_tried_again() -> None:
    held = credentials()
    script = Script(key(), unsent(), key(KEYS[1]))
    script.run(held.headers())
    script.clock.advance(4000)
    rejected = answer(REFUSED, 401)
    with pytest.raises(e.TransportError):
        script.run(held.renew(rejected, bearer(KEYS[0])))
    assert script.run(held.renew(rejected, bearer(KEYS[0]))) is True
    assert script.run(held.headers()) == bearer(KEYS[1])


def test_429_is_told_and_not_repeated() -> None:
    error, script = failing(credentials().headers(), answer(None, 429, retry_after="5"))
    assert isinstance(error, e.RateLimited)
    assert error.retry_after == 5
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"status": "success", "data": {}},
        {"status": "success", "data": {"apikey": ""}},
        {"status": "success"},
        [],
        {"status": "success", "data": {"apiKey": KEYS[0]}},
        {"status": "success", "data": {"apikey": [PASSWORD]}},
        {"status": "error", "data": {"apikey": KEYS[0]}},
        {"status": "success", "data": {"apikey": "two words"}},
        {"status": "success", "data": {"apikey": "line\nbreak"}},
        b"<html>",
        b"",
        b'{"status":"success","data":{"api',
    ],
)
def test_an_answer_without_a_key_is_an_error(body: Any) -> None:
    error, _ = failing(credentials().headers(), answer(body))
    assert isinstance(error, e.UnexpectedResponse | e.AuthenticationFailed)
    assert PASSWORD not in str(error)


def test_the_password_is_nowhere_to_be_seen(caplog: pytest.LogCaptureFixture) -> None:
    """Not even when the server quotes it."""
    voicetel = provider(api_key=None, username="1000000001", password=PASSWORD)
    with caplog.at_level(logging.DEBUG), Client(voicetel, transport=Wire(lambda _: answer(REFUSED, 401))) as client:
        with pytest.raises(e.AuthenticationFailed) as caught:
            client.get(N)
        shown = [repr(voicetel), repr(voicetel.accounts), repr(vars(voicetel)), repr(client), caplog.text]
    error = caught.value
    shown += [str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception(error))]
    shown += ["".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())]
    for text in shown:
        assert PASSWORD not in text
    assert error.operation == "get"


class Wire:
    """A transport: answers by a function, counts logins; safe for threads."""

    def __init__(self, data: Callable[[WireRequest], Response]) -> None:
        self.data = data
        self.logins = 0
        self.guard = threading.Lock()

    def send(self, request: WireRequest) -> Response | e.TransportError:
        with self.guard:
            self.logins += request.url.endswith("/api-key")
        return self.data(request)

    def close(self) -> None: ...

    def read(self, stream: object) -> bytes:
        return b""

    def close_stream(self, stream: object) -> None: ...


class AsyncWire(Wire):
    async def send(self, request: WireRequest) -> Response | e.TransportError:  # type: ignore[override]
        outcome = super().send(request)
        await asyncio.sleep(0)
        return outcome

    async def close(self) -> None: ...  # type: ignore[override]


class Hours(VirtualClock):
    """A clock on which every reading is later than ten minutes after the one before."""

    def now(self) -> Moment:
        self.advance(601)
        return super().now()


class Server:
    """Knows which key is valid."""

    def __init__(self) -> None:
        self.valid = KEYS[0]

    def __call__(self, request: WireRequest) -> Response:
        if request.url.endswith("/api-key"):
            return key(self.valid)
        return answer(ROW) if dict(request.headers)["authorization"] == f"Bearer {self.valid}" else answer(REFUSED, 401)


def by_password() -> VoiceTel:
    return provider(api_key=None, username="1000000001", password=PASSWORD)


def test_threads_fetch_one_key_and_renew_it_once() -> None:
    server = Server()
    wire = Wire(server)
    with Client(by_password(), transport=wire, clock=Hours()) as client, ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(client.get, [N] * 40))) == 40
        assert wire.logins == 1
        server.valid = KEYS[1]
        assert len(list(pool.map(client.get, [N] * 40))) == 40
        assert wire.logins == 2


def test_tasks_fetch_one_key_and_renew_it_once() -> None:
    server = Server()
    wire = AsyncWire(server)

    async def main() -> None:
        async with AsyncClient(by_password(), transport=wire, clock=Hours()) as client:  # type: ignore[arg-type]
            await asyncio.gather(*(client.get(N) for _ in range(40)))
            assert wire.logins == 1
            server.valid = KEYS[1]
            await asyncio.gather(*(client.get(N) for _ in range(40)))
            assert wire.logins == 2

    asyncio.run(main())


def test_a_purchase_that_meets_a_stale_key_is_made_once() -> None:
    server = Server()
    orders: list[WireRequest] = []

    def data(request: WireRequest) -> Response:
        outcome = server(request)
        if request.purpose == "purchase":
            orders.append(request)
            if outcome.status == 200:
                return answer({"status": "success", "data": {"numbersOrdered": [N.ten_digit]}}, 201)
        return outcome

    with Client(by_password(), transport=Wire(data), clock=Hours()) as client:
        client.get(N)
        server.valid = KEYS[1]
        assert client.buy(N).number == N
    assert len(orders) == 2
    assert len({dict(order.headers)["idempotency-key"] for order in orders}) == 1


def test_a_static_key_is_not_renewed() -> None:
    wire = Wire(lambda _: answer(REFUSED, 401))
    with Client(provider(), transport=wire) as client, pytest.raises(e.AuthenticationFailed):
        client.get(N)
    assert wire.logins == 0


# -- processes that share a key


class Shop:
    """Processes with one store, each with a client of its own, and a server that counts."""

    def __init__(self, count: int, *, password: str = PASSWORD, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.server = Server()
        self.clock = VirtualClock()
        self.wires = [Wire(self.server) for _ in range(count)]
        self.clients = [
            Client(
                provider(api_key=None, username="1000000001", password=password, secret_store=self.store),
                transport=wire,
                clock=self.clock,
            )
            for wire in self.wires
        ]

    @property
    def logins(self) -> int:
        return sum(wire.logins for wire in self.wires)

    def get(self) -> None:
        for client in self.clients:
            assert client.get(N).number == N


def test_one_fetch_serves_every_process_and_so_does_a_renewal() -> None:
    shop = Shop(20)
    shop.get()
    assert shop.logins == 1
    shop.clock.advance(601)
    shop.server.valid = KEYS[1]
    shop.get()
    assert shop.logins == 2, "the first that meets a 401 fetches, and each other one reads what is there"
    assert shop.store.values()["key"] == KEYS[1]
    writes = shop.store.writes
    shop.get()
    assert shop.store.writes == writes


def test_threads_of_many_processes_fetch_one_key() -> None:
    shop = Shop(8)
    clients = [Client(client.provider, transport=wire) for client, wire in zip(shop.clients, shop.wires, strict=True)]
    with ThreadPoolExecutor(16) as pool:
        assert len(list(pool.map(lambda client: client.get(N), clients * 8))) == 64
    assert shop.logins == 1


def test_six_fetches_an_hour_are_those_of_all_processes_together() -> None:
    shop = Shop(9)
    server = shop.server
    for wire in shop.wires:
        wire.data = lambda _: answer(b"", 500)
    for client in shop.clients[:6]:
        with pytest.raises(e.ProviderDown):
            client.get(N)
        shop.clock.advance(60)
    with pytest.raises(e.RateLimited) as caught:
        shop.clients[6].get(N)
    assert caught.value.retry_after == 3600 - 6 * 60
    assert shop.logins == 6
    for wire in shop.wires:
        wire.data = server
    shop.clock.advance(caught.value.retry_after)
    shop.get()
    assert shop.logins == 7


@pytest.mark.slow
def test_a_password_that_was_refused_is_tried_by_no_other_process_and_another_password_is() -> None:
    shop = Shop(3)
    for wire in shop.wires:
        wire.data = lambda _: answer(REFUSED, 401)
    for client in shop.clients:
        with pytest.raises(e.AuthenticationFailed):
            client.get(N)
    assert shop.logins == 1
    right = Shop(1, password="right-1")
    right.clients[0].provider.accounts[0].credentials._shared._store = shop.store
    right.get()
    assert right.logins == 1
    assert PASSWORD not in str(shop.store.entries)


def test_a_store_that_fails_is_an_error_and_a_key_that_is_there_goes_on_being_used() -> None:
    shop = Shop(2)
    shop.clients[0].get(N)
    shop.store.fails = OSError("disk full")
    shop.clients[0].get(N)
    with pytest.raises(e.ConfigurationError, match=r"secret store could not read .* \(OSError\)") as caught:
        shop.clients[1].get(N)
    assert not caught.value.maybe_applied
    with pytest.raises(e.ConfigurationError):
        shop.clients[1].buy(N)
    assert shop.logins == 1


def test_no_text_of_a_store_shows_in_what_is_raised() -> None:
    shop = Shop(2)
    shop.clients[0].get(N)

    def data(request: WireRequest) -> Response:
        return answer({"status": "error", "error": {"code": 500, "message": KEYS[0]}}, 500)

    shop.wires[1].data = data
    with pytest.raises(e.ProviderDown) as caught:
        shop.clients[1].get(N)
    assert KEYS[0] not in str(caught.value)
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    ours = [line for line in lines if "/tests/" not in line]
    assert KEYS[0] not in "".join(ours)


def test_a_store_is_a_folder_or_an_object_and_belongs_to_a_password(tmp_path: Path) -> None:
    with Client(by_password(), transport=Wire(Server())) as client:
        assert client.get(N).number == N
    held = provider(api_key=None, username="1000000001", password=PASSWORD, secret_store=str(tmp_path / "s"))
    with Client(held, transport=Wire(Server())) as client:
        client.get(N)
    wire = Wire(Server())
    again = provider(api_key=None, username="1000000001", password=PASSWORD, secret_store=tmp_path / "s")
    with Client(again, transport=wire) as client:
        client.get(N)
    assert wire.logins == 0
    for wrong in (5, "", MemoryStore):
        with pytest.raises(e.ConfigurationError, match="secret_store must be a folder, or an object"):
            provider(api_key=None, username="1000000001", password=PASSWORD, secret_store=wrong)
    with pytest.raises(e.ConfigurationError, match="secret_store is for a key that is fetched"):
        provider(secret_store=tmp_path)
