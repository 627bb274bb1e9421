"""LeadConnector: the rotated pair is stored before it is used, and refreshed once however many ask."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

import pytest

from anycarrier import (
    AnyCarrierError,
    AsyncClient,
    AuthenticationFailed,
    Client,
    ConfigurationError,
    InvalidInput,
    PermissionDenied,
    ProviderDown,
    TransportError,
    UnexpectedResponse,
)
from anycarrier.exchange import Response
from anycarrier.registry import make
from anycarrier.simulator import SimTransport, load
from anycarrier.testing import VirtualClock
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters.lc_phone import StoredTokens, Tokens
from support.lc import LOCATION, MODES, NAMES, AsyncWire, Lc, Wire, answer, listed, lost, unsent
from support.secret_stores import MemoryStore

BAD = answer({"statusCode": 401, "message": "Invalid JWT"}, 401)
GONE = answer({"statusCode": 400, "message": "Invalid grant: refresh token is invalid"}, 400)


class Store:
    """An application's store; writes down what happens to it, in one order with what is sent."""

    def __init__(self, access: str = "at-1", refresh: str | None = "rt-1", expires_at: float | None = None) -> None:
        self.tokens = Tokens(access_token=access, refresh_token=refresh, expires_at=expires_at)
        self.events: list[str] = []
        self.fail: Exception | None = None
        self.fail_load: Exception | None = None

    def load(self) -> Tokens:
        if self.fail_load:
            raise self.fail_load
        return self.tokens

    def save(self, tokens: Tokens) -> None:
        if self.fail:
            self.events.append("save failed")
            raise self.fail
        self.events.append(f"save {tokens.access_token} {tokens.refresh_token}")
        self.tokens = tokens


def pair(number: int, *, camel: bool = False, **more: Any) -> Response:
    names = ("accessToken", "refreshToken", "expiresIn") if camel else ("access_token", "refresh_token", "expires_in")
    values = (f"at-{number}", f"rt-{number}", 86_399)
    return answer({**dict(zip(names, values, strict=True)), "userId": "user-123", **more})


def oauth(name: str, store: Store, *answers: Any, mode: str = "sync", **more: Any) -> Lc:
    wire = Wire(*answers)

    def noted(response: Any) -> Any:
        def given(request: WireRequest) -> Any:
            sent = dict(request.headers).get("authorization", "")
            store.events.append(f"{request.label.split()[0]} {sent.removeprefix('Bearer ')}".strip())
            return response

        return given

    wire.answers = [noted(each) for each in wire.answers]
    return Lc(name, wire=wire, mode=mode, client_id="id", client_secret="s3cret", token_source=store, **more)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_the_rotated_pair_is_stored_before_it_is_used(name: str, mode: str) -> None:
    store = Store()
    lc = oauth(name, store, BAD, pair(2), answer(listed()), mode=mode)
    assert lc.list() == []
    assert store.events == ["GET at-1", "POST", "save at-2 rt-2", "GET at-2"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_a_pair_that_cannot_be_stored_is_not_used_and_not_lost(name: str, mode: str) -> None:
    store = Store()
    store.fail = OSError("disk full")
    lc = oauth(name, store, BAD, pair(2), mode=mode)
    with pytest.raises(ConfigurationError, match=r"could not store the renewed tokens \(OSError\)") as caught:
        lc.list()
    assert not caught.value.maybe_applied
    assert store.events == ["GET at-1", "POST", "save failed"]
    assert "at-2" not in str(caught.value)
    with pytest.raises(ConfigurationError):
        lc.list()  # nothing is sent before it is stored
    assert store.events[3:] == ["save failed"]
    store.fail = None
    lc.wire.answers.append(
        lambda request: (store.events.append("GET " + dict(request.headers)["authorization"][7:]), answer(listed()))[1]
    )
    assert lc.list() == []
    assert store.events[4:] == ["save at-2 rt-2", "GET at-2"]


@pytest.mark.parametrize(
    ("name", "version", "fields"),
    [
        ("lc_legacy", [], ("client_id", "client_secret", "grant_type", "refresh_token", "user_type")),
        ("lc_phone", ["v3"], ("clientId", "clientSecret", "grantType", "refreshToken", "userType")),
    ],
)
def test_how_each_version_asks(name: str, version: list[str], fields: tuple[str, ...]) -> None:
    store = Store()
    lc = oauth(name, store, BAD, pair(2), answer(listed()), user_type="Company")
    lc.list()
    request = lc.wire.requests[1]
    assert lc.wire.path(1) == "/oauth/token"
    assert lc.wire.header("version", 1) == version
    assert lc.wire.header("content-type", 1) == ["application/x-www-form-urlencoded"]
    assert lc.wire.header("authorization", 1) == []
    values = ("id", "s3cret", "refresh_token", "rt-1", "Company")
    assert dict(parse_qsl((request.body or b"").decode())) == dict(zip(fields, values, strict=True))


@pytest.mark.parametrize("camel", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_read_in_either_case(name: str, camel: bool) -> None:
    store, clock = Store(), VirtualClock(1_000.0)
    oauth(name, store, BAD, pair(2, camel=camel), answer(listed()), clock=clock).list()
    assert store.tokens == Tokens(access_token="at-2", refresh_token="rt-2", expires_at=1_000.0 + 86_399)


def test_an_answer_without_a_refresh_token_keeps_the_old_one() -> None:
    store = Store()
    oauth("lc_phone", store, BAD, answer({"accessToken": "at-2"}), answer(listed())).list()
    assert store.tokens == Tokens(access_token="at-2", refresh_token="rt-1")


@pytest.mark.parametrize("mode", MODES)
def test_near_its_end_a_token_is_renewed_before_it_is_used(mode: str) -> None:
    store = Store(expires_at=VirtualClock().time() + 59)
    lc = oauth("lc_phone", store, pair(2), answer(listed()), answer(listed()), mode=mode)
    lc.list()
    lc.list()
    assert store.events == ["POST", "save at-2 rt-2", "GET at-2", "GET at-2"]


@pytest.mark.parametrize(
    "message",
    [
        "The token is not authorized for this scope.",
        "version header is invalid",
        "version header was not found.",
        "This location is not accessible from this token!",
        "something else",
        "",
    ],
)
def test_other_401s_refresh_nothing(message: str) -> None:
    store = Store()
    with pytest.raises(AnyCarrierError):
        oauth("lc_phone", store, answer({"message": message}, 401)).list()
    assert store.events == ["GET at-1"]


@pytest.mark.parametrize("mode", MODES)
def test_what_another_process_stored_meanwhile_is_used(mode: str) -> None:
    store = Store()

    def rotate(request: WireRequest) -> Response:
        store.tokens = Tokens(access_token="at-9", refresh_token="rt-9")
        return BAD

    lc = oauth("lc_legacy", store, BAD, answer(listed()), mode=mode)
    lc.wire.answers[0] = rotate
    lc.list()
    assert store.events == ["GET at-9"]  # no refresh, no save


def test_a_refresh_that_another_process_was_faster_with() -> None:
    store = Store()

    def too_late(request: WireRequest) -> Response:
        store.tokens = Tokens(access_token="at-9", refresh_token="rt-9")
        return GONE

    lc = oauth("lc_legacy", store, BAD, GONE, answer(listed()))
    lc.wire.answers[1] = too_late
    lc.list()
    assert store.events == ["GET at-1", "GET at-9"]


@pytest.mark.parametrize("trouble", [lost(), unsent(), answer(b"", 502)], ids=["lost", "unsent", "502"])
def test_a_lost_answer_is_asked_for_again_while_it_is_the_same(trouble: Any) -> None:
    store = Store()
    lc = oauth("lc_phone", store, BAD, trouble, trouble, pair(2, camel=True), answer(listed()))
    lc.list()
    assert store.events == ["GET at-1", "POST", "POST", "POST", "save at-2 rt-2", "GET at-2"]
    bodies = {request.body for request in lc.wire.requests if request.method == "POST"}
    assert len(bodies) == 1
    assert sum(lc.clock.slept) < 25


@pytest.mark.parametrize(("trouble", "kind"), [(lost(), TransportError), (answer(b"", 502), ProviderDown)])
def test_a_refresh_is_not_asked_for_beyond_the_grace(trouble: Any, kind: type) -> None:
    store = Store()
    lc = oauth("lc_phone", store, BAD, *[trouble] * 9)
    with pytest.raises(kind):
        lc.list()
    assert sum(lc.clock.slept) <= 25
    assert store.events.count("POST") == 5


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (GONE, AuthenticationFailed, "sign in again"),
        # As RFC 6749 has it.
        (
            answer({"error": "invalid_grant", "error_description": "It was revoked"}, 400),
            AuthenticationFailed,
            "sign in",
        ),
        (
            answer({"error": "invalid_grant", "error_description": "It was revoked"}, 400),
            AnyCarrierError,
            "was revoked",
        ),
        (answer({"error": "invalid_grant"}, 400), AuthenticationFailed, "sign in again"),
        (answer({"error": "invalid_client", "error_description": "No such app"}, 401), AnyCarrierError, "No such app"),
        (answer({"statusCode": 400, "message": "Location is not active"}, 400), PermissionDenied, "not active"),
        (answer({"statusCode": 400, "message": "Missing parameter: clientId"}, 400), AnyCarrierError, "clientId"),
        (answer({"message": ["x"]}, 422), AnyCarrierError, "x"),
        (answer(b"{}"), UnexpectedResponse, "access"),
        (answer({"access_token": "a b", "refresh_token": "c"}), UnexpectedResponse, "access token"),
        (answer(b"<html>"), UnexpectedResponse, "JSON"),
    ],
)
def test_refusals_of_a_refresh(response: Any, kind: type, words: str) -> None:
    store = Store()
    with pytest.raises(kind, match=words) as caught:
        oauth("lc_legacy", store, BAD, response).list()
    assert not caught.value.maybe_applied
    assert store.tokens == Tokens(access_token="at-1", refresh_token="rt-1")
    assert "s3cret" not in str(caught.value)
    assert "rt-1" not in str(caught.value)


def test_no_refresh_token_and_a_source_that_fails() -> None:
    with pytest.raises(AuthenticationFailed, match="no refresh token"):
        oauth("lc_legacy", Store(refresh=None), BAD).list()
    store = Store()
    store.fail_load = KeyError("no row")
    with pytest.raises(ConfigurationError, match=r"could not load the tokens \(KeyError\)"):
        oauth("lc_legacy", store).list()


def test_a_purchase_refused_for_its_token_is_sent_once_more_with_another() -> None:
    from support.lc import NUMBER, available, bought

    store = Store()
    lc = oauth("lc_phone", store, answer(available(NUMBER)), BAD, pair(2), bought("lc_phone", NUMBER))
    lc.buy(NUMBER)
    assert store.events == ["GET at-1", "POST at-1", "POST", "save at-2 rt-2", "POST at-2"]


def test_secrets_are_told_to_the_scrubber_and_shown_to_nobody() -> None:
    store = Store()
    lc = oauth("lc_phone", store, BAD, pair(2), answer(listed()))
    lc.list()
    credentials = lc.provider.accounts[0].credentials
    assert set(credentials.secrets()) == {"s3cret", "at-2", "rt-2", "at-1", "rt-1"}, "an answer may quote the old pair"
    shown = repr(credentials) + repr(lc.provider.accounts) + repr(store.tokens) + repr(lc.wire.requests)
    assert not any(secret in shown for secret in ("s3cret", "at-2", "rt-2"))


class Many:
    """Answers many callers at once: 401 to the old token."""

    def __init__(self) -> None:
        self.refreshes = 0
        self.lock = Lock()

    def send(self, request: WireRequest) -> Response:
        if request.label.endswith("/oauth/token"):
            with self.lock:
                self.refreshes += 1
            return pair(2)
        good = dict(request.headers)["authorization"] == "Bearer at-2"
        return answer(listed()) if good else BAD

    def read(self, stream: object) -> bytes:
        raise AssertionError

    def close_stream(self, stream: object) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("expires_at", [None, 0.0], ids=["401", "expired"])
def test_one_refresh_however_many_callers(name: str, expires_at: float | None) -> None:
    store, wire = Store(expires_at=expires_at), Many()
    lc = oauth(name, store)
    with Client(lc.provider, transport=wire, clock=VirtualClock()) as client, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: list(client.list()), range(16))) == [[]] * 16
    assert wire.refreshes == 1

    store, wire = Store(expires_at=expires_at), Many()
    lc = oauth(name, store)

    async def everyone() -> None:
        async with AsyncClient(lc.provider, transport=AsyncWire(wire), clock=VirtualClock()) as client:

            async def one() -> list[Any]:
                return [item async for item in client.list()]

            assert await asyncio.gather(*[one() for _ in range(16)]) == [[]] * 16

    asyncio.run(everyone())
    assert wire.refreshes == 1
    assert store.events == ["save at-2 rt-2"]


@pytest.mark.parametrize("name", NAMES)
def test_against_the_simulator(name: str) -> None:
    clock = VirtualClock()
    simulator = load(name, now=clock.time)
    store = Store(access="at-stale", refresh="rt-1")
    lc = Lc(
        name,
        wire=SimTransport({"https://services.leadconnectorhq.com": simulator}),
        clock=clock,
        client_id="6578278e879ad2646715ba9c",
        client_secret="ab12dc0ae1234a7898f9ff06d4f69gh",
        token_source=store,
    )
    assert len(lc.list()) == 3
    assert store.events == ["save at-2 rt-2"]
    clock.advance(86_399 - 30)
    assert len(lc.list()) == 3
    assert store.events == ["save at-2 rt-2", "save at-4 rt-4"] or store.events[1].startswith("save at-")
    assert simulator.refreshes == 2
    with pytest.raises(AuthenticationFailed):
        Lc(
            name,
            wire=SimTransport({"https://services.leadconnectorhq.com": simulator}),
            clock=clock,
            client_id="6578278e879ad2646715ba9c",
            client_secret="ab12dc0ae1234a7898f9ff06d4f69gh",
            token_source=Store(access="at-stale", refresh="rt-1"),
        ).list()
    assert json.dumps(simulator.state())


# -- processes that share the turn to refresh


class Family:
    """Processes with one source of tokens and one store, against one simulator, on one clock."""

    def __init__(self, name: str, count: int, *, source: Any = None, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.simulator = load(name, now=self.clock.time)
        self.secrets = MemoryStore()
        self.tokens = Store(access="at-stale") if source is None else source(self.secrets)
        given = {"token_source": self.tokens, **APP, "secret_store": self.secrets, **settings}
        wire = SimTransport({"https://services.leadconnectorhq.com": self.simulator})
        self.members = [Lc(name, wire=wire, clock=self.clock, **given) for _ in range(count)]


APP = {"client_id": "6578278e879ad2646715ba9c", "client_secret": "ab12dc0ae1234a7898f9ff06d4f69gh"}


@pytest.mark.parametrize("name", NAMES)
def test_one_refresh_serves_every_process_and_the_store_gets_no_token(name: str) -> None:
    family = Family(name, 8)
    for _ in range(3):
        before = family.simulator.refreshes
        for one in family.members:
            assert len(one.list()) == 3
        assert family.simulator.refreshes == before + 1
        family.clock.advance(86_399)
    assert "at-" not in str(family.secrets.entries)
    assert "rt-" not in str(family.secrets.entries)
    assert "s3cret" not in str(family.secrets.entries)


def test_threads_of_many_processes_refresh_once() -> None:
    family = Family("lc_phone", 6)
    clients = [Client(one.provider, transport=one.wire) for one in family.members]
    with ThreadPoolExecutor(12) as pool:
        assert [len(found) for found in pool.map(lambda client: list(client.list()), clients * 4)] == [3] * 24
    assert family.simulator.refreshes == 1


@pytest.mark.parametrize("name", NAMES)
def test_who_takes_over_from_a_process_that_was_killed_gets_the_same_pair(name: str) -> None:
    """Its refresh was carried out and the answer is lost with it; the same token is good for 30 seconds more."""
    family = Family(name, 2)
    first, second = family.members

    class Killed(BaseException):
        pass

    def kill(_: Tokens) -> None:
        raise Killed

    family.tokens.save = kill
    with pytest.raises(Killed):
        first.list()
    assert family.simulator.refreshes == 1
    del family.tokens.save
    assert len(second.list()) == 3
    assert family.simulator.refreshes == 2
    assert family.tokens.tokens.refresh_token == "rt-2"
    assert len(first.list()) == 3, "the first one, as a new process"


def test_a_process_that_stood_still_sends_no_refresh_after_its_turn() -> None:
    family = Family("lc_phone", 1)
    (other,) = family.members

    class Standing(MemoryStore):
        """Stands still for longer than its turn, as soon as it has claimed it."""

        def replace(self, name: str, old: str | None, new: str) -> bool:
            done = family.secrets.replace(name, old, new)
            self.writes += 1
            if self.writes == 1:
                family.clock.advance(25)
                assert len(other.list()) == 3, "the other one takes over"
            return done

        def read(self, name: str) -> str | None:
            return family.secrets.read(name)

    wire = SimTransport({"https://services.leadconnectorhq.com": family.simulator})
    slow = Lc("lc_phone", wire=wire, clock=family.clock, token_source=family.tokens, secret_store=Standing(), **APP)
    assert len(slow.list()) == 3
    assert family.simulator.refreshes == 1


def test_a_store_that_fails_refreshes_nothing() -> None:
    family = Family("lc_legacy", 1)
    family.secrets.fails = OSError("gone")
    with pytest.raises(ConfigurationError, match=r"the secret store could not read .* \(OSError\)"):
        family.members[0].list()
    assert family.simulator.refreshes == 0
    family.secrets.fails = None
    assert len(family.members[0].list()) == 3
    family.secrets.fails = OSError("gone")
    assert len(family.members[0].list()) == 3, "a token that is good needs no store"


@pytest.mark.parametrize("name", NAMES)
def test_the_store_can_hold_the_tokens_too(name: str) -> None:
    family = Family(name, 3, source=lambda store: None, token_source=None)
    with pytest.raises(ConfigurationError, match="no tokens of this location: save those of a consent first"):
        family.members[0].list()
    first = StoredTokens(family.secrets, LOCATION)
    first.save(Tokens(access_token="at-stale", refresh_token="rt-1"))
    for one in family.members:
        assert len(one.list()) == 3
    assert family.simulator.refreshes == 1
    assert first.load().refresh_token == "rt-2"
    assert repr(first) == "StoredTokens(**********)"
    family.secrets.entries[f"leadconnector.pair.{LOCATION}"] = "[]"
    with pytest.raises(ConfigurationError, match="something else in the place of tokens"):
        first.load()


def test_stored_tokens_say_what_is_wrong() -> None:
    with pytest.raises(InvalidInput, match="store must be an object with read"):
        StoredTokens({}, LOCATION)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="location_id"):
        StoredTokens(MemoryStore(), "")

    class Never(MemoryStore):
        def replace(self, name: str, old: str | None, new: str) -> bool:
            return False

    with pytest.raises(ConfigurationError, match="does not take the tokens"):
        StoredTokens(Never(), LOCATION).save(Tokens(access_token="a"))
    for name in NAMES:
        with pytest.raises(ConfigurationError, match="token_source is missing"):
            make(name, {"location_id": LOCATION, "secret_store": MemoryStore(), "user_type": "Company", **APP})
