"""A provider, or a proxy before it, that quotes a credential: it is not shown, and nothing else changes."""

from __future__ import annotations

import base64
import copy
import html
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote

import pytest

from anycarrier import Client, Search
from anycarrier.engine.accounts import Account
from anycarrier.errors import AnyCarrierError, AuthenticationFailed, InvalidRequest
from anycarrier.exchange import Exchange, Request, Response, send
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.registry import make
from anycarrier.secret_marks import REDACTED
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters._leadconnector.auth import Tokens
from support.echoing import KEY, LEADPING, PIT, Echo, offering, searching

PASSWORD = 'Sesame "öffne" dich/7+3'
USER = "1000000042"


def token_of(request: WireRequest) -> str:
    return dict(request.headers)["authorization"].partition(" ")[2]


def saying(status: int, text: str, **headers: str) -> Response:
    body = {
        "status": "error",
        "error": {"code": text, "message": text},
        "message": text,
        "title": text,
        "detail": text,
        "type": text,
        "traceId": text,
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"content-type": "application/json", **given}, json.dumps(body).encode())


WAYS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "as sent": lambda text: f"Bearer {text}",
    "in capitals": str.upper,
    "in a URL": lambda text: f"https://example.com/?key={quote(text, safe='')}",
    "in HTML": lambda text: html.escape(f'<a href="/{text}">'),
    "in JSON": lambda text: json.dumps({"key": text}),
    "in JSON of another kind": lambda text: json.dumps({"key": text}, ensure_ascii=False).replace("/", "\\/"),
    "its beginning": lambda text: f"{text[:9]}...",
    "its end": lambda text: f"...{text[-9:]}",
    "its middle": lambda text: f"...{text[6:19]}...",
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "for Basic": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
    "in base64 for URLs": lambda text: base64.urlsafe_b64encode(f"ab{text}".encode()).decode(),
    "in hexadecimal": lambda text: text.encode().hex(),
    "behind much else": lambda text: "x" * 290 + text,
    "within a word": lambda text: f"key{text}key",
}

PROVIDERS: dict[str, tuple[dict[str, Any], str]] = {
    "voicetel": ({"api_key": KEY}, KEY),
    "leadping": ({"api_key": LEADPING}, LEADPING),
    "lc_phone": ({"token": PIT, "location_id": "AcmeLocation4711"}, PIT),
}


def told(error: BaseException) -> str:
    """Everything of *error* that is shown or kept."""
    pickled = pickle.loads(pickle.dumps(error))
    seen = [str(error), repr(error), repr(error.args), repr(vars(error)), str(pickled), repr(vars(pickled))]
    seen += [pickle.dumps(error).decode("latin-1"), repr(vars(copy.copy(error)))]
    return "\n".join([*seen, *traceback.TracebackException.from_exception(error, capture_locals=True).format()])


def parts(secret: str) -> Iterator[str]:
    """Parts of a *secret* that must not be found: nine characters of it in a row, in any way of writing it."""
    for text in (
        secret,
        quote(secret, safe=""),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        secret.encode().hex(),
        base64.b64encode(f"user:{secret}".encode()).decode()[8:-4],
        base64.b64encode(secret.encode()).decode()[:-4],
    ):
        yield from (text[at : at + 9].lower() for at in range(len(text) - 8))


def check(shown: str, *secrets: str) -> None:
    lower = shown.lower()
    found = {part for secret in secrets for part in parts(secret) if part in lower}
    assert not found, shown


def failing(client: Client, ask: Callable[[Client], object]) -> AnyCarrierError:
    with client, pytest.raises(AnyCarrierError) as raised:
        ask(client)
    return raised.value


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("status", [400, 401, 403, 422, 500, 302])
def test_an_error_does_not_show_a_credential_that_it_quotes(name: str, way: str, status: int) -> None:
    settings, secret = PROVIDERS[name]
    echo = Echo(lambda request: saying(status, WAYS[way](token_of(request))))
    error = failing(Client(name, transport=echo, **settings), searching)
    check(told(error), secret)
    if status in (400, 401, 403, 422):
        assert error.detail, "what else it says is kept"


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("header", ["x-request-id", "request-id", "cf-ray", "traceparent", "retry-after"])
@pytest.mark.parametrize("status", [401, 500, 200])
def test_a_header_that_quotes_a_credential_does_not_show_it(name: str, header: str, status: int) -> None:
    settings, secret = PROVIDERS[name]
    echo = Echo(lambda request: Response(status, {header: token_of(request)[-20:]}, b"no JSON"))
    check(told(failing(Client(name, transport=echo, **settings), searching)), secret)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_purchase_that_is_refused_with_the_credential_keeps_its_meaning(name: str) -> None:
    settings, secret = PROVIDERS[name]

    def refuse(text: Callable[[str], str]) -> AnyCarrierError:
        echo = Echo(lambda request: saying(400, text(token_of(request))))
        return failing(Client(name, transport=echo, **settings), lambda client: client.buy("+12015550142", deadline=1))

    quoting, other = refuse(lambda token: f"bad value {token}"), refuse(lambda _: "bad value")
    check(told(quoting), secret)
    assert type(quoting) is type(other)
    assert (quoting.maybe_applied, quoting.safe_elsewhere) == (other.maybe_applied, other.safe_elsewhere)


def test_a_token_of_a_function_is_known_and_so_is_the_one_before() -> None:
    tokens = iter([KEY, KEY[::-1], KEY[::-1]])
    echo = Echo(lambda _: saying(401, "Invalid API key"), lambda _: saying(401, f"neither {KEY} nor {KEY[::-1]}"))
    error = failing(Client("voicetel", transport=echo, api_key=lambda: next(tokens)), searching)
    assert len(echo.sent) == 2
    check(told(error), KEY, KEY[::-1])


def test_a_login_does_not_show_the_password_or_the_user() -> None:
    def answer(request: WireRequest) -> Response:
        sent = json.loads(request.body or b"")
        return saying(401, f"user {sent['username']} with {sent['password']}", x_request_id=sent["password"])

    error = failing(Client("voicetel", transport=Echo(answer), username=USER, password=PASSWORD), searching)
    assert isinstance(error, AuthenticationFailed)
    check(told(error), PASSWORD)
    assert USER not in told(error)


class Store:
    """An application's tokens, of which the first have ended."""

    def load(self) -> Tokens:
        return Tokens(access_token="access-" + KEY, refresh_token="refresh-" + KEY[::-1], expires_at=1.0)

    def save(self, tokens: Tokens) -> None: ...


@pytest.mark.parametrize("name", ["lc_phone", "lc_legacy"])
@pytest.mark.parametrize("status", [400, 401, 422, 403])
def test_a_refresh_does_not_show_what_it_was_sent(name: str, status: int) -> None:
    def answer(request: WireRequest) -> Response:
        sent = parse_qs((request.body or b"").decode())
        return saying(status, " and ".join(text for texts in sent.values() for text in texts if "_" not in text))

    secret = "client-secret-of-the-app-0815"
    client = Client(
        name,
        transport=Echo(answer),
        client_id="app-id",
        client_secret=secret,
        token_source=Store(),
        location_id="AcmeLocation4711",
    )
    check(told(failing(client, searching)), secret, "refresh-" + KEY[::-1], "access-" + KEY)


class Plain:
    """Credentials of an adapter from outside, which knows nothing of secrets."""

    def headers(self) -> Exchange[dict[str, str]]:
        yield from ()
        pair = base64.b64encode(f"user:{PASSWORD}".encode()).decode()
        return {"X-Api-Key": LEADPING, "authorization": f"Basic {pair}", "version": "2021-07-28"}

    def renew(self, rejected: Response, sent: object) -> Exchange[bool]:
        yield from ()
        return False

    def secrets(self) -> tuple[str, ...]:
        return ()


class Outside:
    """The part of a provider that a client needs."""

    name = title = "outside"
    supports: ClassVar[dict[str, Any]] = {}

    def __init__(self, credentials: Any) -> None:
        account = Account(id="main", provider="outside", base_url="https://api.example.com", credentials=credentials)
        self.accounts = [account]


def test_the_credentials_of_any_adapter_are_known_by_what_is_sent() -> None:
    def asking() -> Exchange[None]:
        response = yield from send(Request(account="main", operation="ask", method="GET", path="/things"))
        raise InvalidRequest("the provider refused", detail=response.body.decode(), code=response.headers["x-code"])

    echo = Echo(
        lambda request: Response(
            400, {"x-code": dict(request.headers)["X-Api-Key"]}, f"{dict(request.headers)} {PASSWORD}".encode()
        )
    )
    error = failing(Client(Outside(Plain()), transport=echo), lambda client: client.run(asking()))
    check(told(error), LEADPING, PASSWORD)
    assert "2021-07-28" in str(error), "a version is no secret"


def test_no_log_line_shows_a_request_id_that_quotes_the_key(caplog: pytest.LogCaptureFixture) -> None:
    echo = Echo(lambda request: saying(403, "no", x_request_id=token_of(request)))
    with caplog.at_level(logging.DEBUG, "anycarrier"):
        failing(Client("voicetel", transport=echo, api_key=KEY), searching)
    assert REDACTED in caplog.text
    check(caplog.text, KEY)


def test_a_journal_does_not_keep_a_key_that_a_refusal_quotes(tmp_path: Path) -> None:
    def refusing(request: WireRequest) -> Response:
        error = {"code": 401, "message": f"not for {token_of(request)}"}
        return Response(401, {}, json.dumps({"status": "error", "error": error}).encode())

    echo = Echo(offering, refusing)
    path = tmp_path / "journal.sqlite"
    provider = make("voicetel", {"api_key": KEY})
    with journal.open(path) as book, Client(Failover([provider], journal=book), transport=echo) as client:
        with pytest.raises(AnyCarrierError) as raised:
            client.provision(Order(criteria=Search(area_code="201")), request_id="r")
        check(told(raised.value), KEY)
        assert len(echo.sent) >= 2
    for file in tmp_path.iterdir():
        data = file.read_bytes().decode("latin-1")
        check(data, KEY)
        assert file.suffix != ".sqlite" or REDACTED in data, "the rest of the reason is there"


def test_the_raw_record_of_a_success_does_not_show_the_key() -> None:
    def quoting(request: WireRequest) -> Response:
        body = json.loads(offering(request).body)
        body["data"]["numbers"][0]["links"] = {"self": [f"https://example.com/?key={token_of(request)}", 7]}
        return Response(200, {}, json.dumps(body).encode())

    with Client("voicetel", transport=Echo(quoting), api_key=KEY) as client:
        (offer,) = client.search(Search(area_code="201"))
        seen = [
            repr(offer.raw),
            repr(dict(offer.raw)),
            pickle.dumps(offer).decode("latin-1"),
            repr(copy.deepcopy(offer.raw)),
        ]
        check("\n".join(seen), KEY)
        assert offer.raw["links"] == {"self": [f"https://example.com/?key={REDACTED}", 7]}
        assert offer.raw["city"] == "Closter"
