"""A canary token and a canary query are sent through everything, and then looked for wherever they must not be."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from anycarrier import AsyncClient, Client
from anycarrier.engine.accounts import Account, Secret, StaticToken
from anycarrier.engine.request import wire_request
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Exchange, Request, call, read, send, together
from anycarrier.transports import Timeouts
from support.ports import IDS, KINDS, LIBRARIES, RECORDABLE, Async, Sync, wire
from support.raw_server import Connection, RawServer, Script, answer, answering, nobody

TOKEN = "canary-token-8f3a"
QUERY = "canary-query-51c0"
BODY = "canary-body-77de"
COOKIE = "canary-cookie-0b12"
CANARIES = (TOKEN, QUERY, BODY, COOKIE)
TIMEOUTS = Timeouts(connect=1, read=0.12, total=2)


def check(text: str) -> None:
    for canary in CANARIES:
        assert canary not in text, f"{canary} shows in:\n{text}"


def told(error: BaseException) -> str:
    """Everything that a tool which prints tracebacks with locals would show of *error*."""
    captured = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join([repr(error), str(error), repr(vars(error)), *captured.format(chain=True)])


class Provider:
    """The part of a provider that a client needs."""

    name = "canary"
    title = "Canary"
    supports: Mapping[str, Any] = {}

    def __init__(self, origin: str, credentials: Any = None) -> None:
        self.accounts = [
            Account(id="main", provider="canary", base_url=origin, credentials=credentials or StaticToken(TOKEN))
        ]


def asking(**more: Any) -> Request:
    values: dict[str, Any] = {
        "account": "main",
        "operation": "ask",
        "method": "POST",
        "path": "/things/{thing}",
        "path_values": {"thing": QUERY},
        "query": (("secret", QUERY),),
        "body": BODY.encode(),
        "purpose": "write",
    }
    return Request(**{**values, **more})


def sending(**more: Any) -> Exchange[Any]:
    return (yield from send(asking(**more)))


Drive = Callable[..., BaseException]


def _sync(provider: Any, exchange: Exchange[Any], transport: str) -> BaseException:
    client = Client(provider, timeouts=TIMEOUTS, transport=transport)
    try:
        client.run(exchange)
    except Exception as error:  # noqa: BLE001
        return error
    finally:
        client.close()
    raise AssertionError("nothing was raised")


def _async(provider: Any, exchange: Exchange[Any], transport: str) -> BaseException:
    async def main() -> None:
        client = AsyncClient(provider, timeouts=TIMEOUTS, transport=transport)
        try:
            await client.run(exchange)
        finally:
            await client.close()

    try:
        asyncio.run(main())
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


@pytest.fixture(params=[_sync, _async], ids=["sync", "async"])
def failing(request: pytest.FixtureRequest) -> Drive:
    return request.param  # type: ignore[no-any-return]


def hang(connection: Connection) -> None:
    connection.request()
    connection.hang()


def fin(connection: Connection) -> None:
    connection.request()


def truncated(connection: Connection) -> None:
    connection.request()
    connection.send(answer(b"{", length=100, Set_Cookie=COOKIE))


@pytest.mark.parametrize("script", [hang, fin, truncated])
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_failed_connection_shows_nothing(failing: Drive, script: Script, library: str) -> None:
    with RawServer(script) as server:
        check(told(failing(Provider(server.origin), sending(), library)))
        assert server.received[0].headers["authorization"] == f"Bearer {TOKEN}"
        assert QUERY in server.received[0].target


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_refused_connection_shows_nothing(failing: Drive, library: str) -> None:
    with nobody() as origin:
        check(told(failing(Provider(origin), sending(), library)))


def test_a_failure_inside_together_shows_nothing(failing: Drive) -> None:
    def several() -> Exchange[None]:
        outcomes = yield from together([sending(), sending()])
        raise outcomes[0].error

    with RawServer(fin) as server:
        check(told(failing(Provider(server.origin), several(), "httpx")))


def test_a_broken_stream_shows_nothing(failing: Drive) -> None:
    def reading() -> Exchange[None]:
        response = yield from send(asking(stream=True))
        while (yield from read(response.stream)):
            pass

    with RawServer(truncated) as server:
        check(told(failing(Provider(server.origin), reading(), "httpx")))


def test_an_error_of_the_exchange_itself_shows_nothing(failing: Drive) -> None:
    def raising() -> Exchange[None]:
        yield from send(asking())
        raise AnyCarrierError("the provider said no")

    with RawServer(answering(answer(b"{}", Set_Cookie=COOKIE))) as server:
        check(told(failing(Provider(server.origin), raising(), "httpx")))


@pytest.mark.parametrize(
    "more",
    [{"headers": {"x-note": "line\nbreak"}}, {"path_values": {}}, {"path": "//things"}, {"account": "nobody"}],
    ids=lambda more: next(iter(more)),
)
@pytest.mark.parametrize("from_function", [False, True])
def test_a_request_that_cannot_be_built_shows_nothing(
    failing: Drive, more: dict[str, Any], from_function: bool
) -> None:
    credentials = StaticToken((lambda: TOKEN) if from_function else TOKEN)
    with nobody() as origin:
        error = failing(Provider(origin, credentials), sending(**more), "httpx")
        assert isinstance(error, AnyCarrierError)
        check(told(error))


class Elsewhere:
    """An account whose origin is not where its URLs lead."""

    id = "main"
    provider = "canary"
    credentials = StaticToken(TOKEN)

    def __init__(self, origin: str) -> None:
        self.origins = iter((origin, "https://api.example"))

    @property
    def base_url(self) -> str:
        return next(self.origins)


def test_a_url_elsewhere_shows_nothing(failing: Drive) -> None:
    with RawServer(answering()) as server:
        provider = Provider(server.origin)
        provider.accounts = [Elsewhere(server.origin)]  # type: ignore[list-item]
        error = failing(provider, sending(), "httpx")
        assert isinstance(error, AnyCarrierError)
        assert "refused: the URL is outside" in str(error)
        check(told(error))
        assert server.accepted == 0


def test_a_token_function_that_fails_shows_nothing_of_ours(failing: Drive) -> None:
    def token() -> str:
        raise RuntimeError("the vault is closed")

    with nobody() as origin:
        error = failing(Provider(origin, StaticToken(token)), sending(), "httpx")
        assert isinstance(error, RuntimeError)
        check(told(error))


@pytest.mark.parametrize("bad", [f"{TOKEN} x", f"{TOKEN}\n\nx: y", f"{TOKEN}é"])
def test_a_token_that_cannot_be_sent_shows_nothing(failing: Drive, bad: str) -> None:
    with nobody() as origin:
        check(told(failing(Provider(origin, StaticToken(lambda: bad)), sending(), "httpx")))
    with pytest.raises(AnyCarrierError) as raised:
        StaticToken(bad)  # its frames hold the token, as the caller's do
    check(f"{raised.value!r} {raised.value}")


# -- logs


@contextlib.contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All that any logger says, at the lowest level."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@pytest.mark.parametrize(("library", "kind"), KINDS, ids=IDS)
def test_nothing_secret_is_logged(library: str, kind: type[Sync | Async]) -> None:
    headers = (("authorization", f"Bearer {TOKEN}"), ("x-api-key", TOKEN), ("cookie", TOKEN))
    target = f"/things/{QUERY}?secret={QUERY}"
    said = answer(b"{}", "302 Found", Set_Cookie=COOKIE, Location=f"https://other.example{target}")
    with everything_logged() as text:
        for script in (answering(said), fin, hang, truncated):
            with RawServer(script) as server:
                port = kind(library, TIMEOUTS)
                for stream in (False, True):
                    outcome = port.send(wire(server.origin, target, headers=headers, body=BODY.encode(), stream=stream))
                    if getattr(outcome, "stream", None):
                        port.read(outcome.stream)
                        port.close_stream(outcome.stream)
                port.close()
                assert server.received[0].headers["x-api-key"] == TOKEN
    if library in RECORDABLE:
        core = "httpcore2" if library == "httpx2" else "httpcore"
        assert f"{core}.http11 DEBUG" in text.getvalue()
    check(text.getvalue())


def test_other_users_of_httpcore_keep_their_debug_lines() -> None:
    import httpx

    with everything_logged() as text, RawServer(answering(answer(X_Mine="mine"))) as server:
        port = Sync("httpx", TIMEOUTS)
        port.send(wire(server.origin))
        port.close()
        assert "mine" not in text.getvalue()
        with httpx.Client() as client:
            client.get(server.origin)
        assert "mine" in text.getvalue()


def test_the_clients_own_debug_lines(failing: Drive) -> None:
    with everything_logged() as text, RawServer(fin) as server:
        failing(Provider(server.origin), sending(), "httpx")
    assert "POST /things/{thing} -> broken" in text.getvalue()
    check(text.getvalue())


# -- values


def test_values_that_hold_secrets_do_not_show_them() -> None:
    account = Provider("https://api.example").accounts[0]
    built = wire_request(asking(), account, {"authorization": f"Bearer {TOKEN}"})
    secret = Secret(TOKEN)
    shown = [account, built, asking(), secret, StaticToken(TOKEN), Client(Provider("https://api.example"))]
    for value in shown:
        check(f"{value!r} {value}")
    shown[-1].close()  # type: ignore[attr-defined]
    check(f"{secret!s:>40} {[secret]!r}")
    assert secret.reveal() == TOKEN
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_errors_survive_pickling_without_secrets() -> None:
    with RawServer(fin) as server:
        error = _sync(Provider(server.origin), sending(), "httpx")
    data = pickle.dumps(error)
    check(data.decode("latin-1"))
    again = pickle.loads(data)
    assert (again.kind, again.maybe_applied, str(again)) == (error.kind, error.maybe_applied, str(error))  # type: ignore[attr-defined]


def test_a_call_that_returns_a_secret_is_not_shown_by_a_later_error(failing: Drive) -> None:
    def fetching() -> Exchange[None]:
        yield from call(lambda: None, "vault")
        yield from send(asking())

    with RawServer(fin) as server:
        check(told(failing(Provider(server.origin, StaticToken(lambda: TOKEN)), fetching(), "httpx")))
