"""A provider, or a proxy before it, that quotes a credential: it is not shown, and nothing else changes."""

from __future__ import annotations

import base64
import copy
import gc
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

from anycarrier import Client, Search, errors, redaction
from anycarrier.engine.accounts import Account, Secret, StaticToken
from anycarrier.errors import AnyCarrierError, AuthenticationFailed, InvalidRequest, TransportError
from anycarrier.exchange import Exchange, Request, Response, send
from anycarrier.failover import Failover
from anycarrier.purchase import Order, journal
from anycarrier.redaction import DIFFERENT, PART, REDACTED, WORDS, _held, quoted, redacted
from anycarrier.registry import make
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters._leadconnector.auth import Tokens

KEY = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
LEADPING = "lp_made-up/for+these_tests=0817263544"
PIT = "pit-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
PASSWORD = 'Sesame "öffne" dich/7+3'
USER = "1000000042"

Answer = Callable[[WireRequest], Response]


class Echo:
    """A transport whose provider answers with what it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = answers
        self.sent: list[WireRequest] = []

    def send(self, request: WireRequest) -> Response | TransportError:
        self.sent.append(request)
        return self.answers[min(len(self.sent), len(self.answers)) - 1](request)

    def read(self, stream: object) -> bytes:
        raise AssertionError("nothing is streamed")

    def close_stream(self, stream: object) -> None: ...

    def close(self) -> None: ...


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
    """What must not be found of a *secret*: nine characters of it in a row, in any way of writing it."""
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


def searching(client: Client) -> object:
    return client.search(Search(area_code="201"))


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
    """What a client needs of a provider."""

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


def offering(_: WireRequest) -> Response:
    number = {"number": "2015550142", "city": "Closter", "province": "NJ", "rateCenter": "CLOSTER", "lata": "224"}
    return Response(200, {}, json.dumps({"status": "success", "data": {"numbers": [number]}}).encode())


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


# -- what is not taken out


def test_a_password_that_is_a_word_does_not_blot_out_messages() -> None:
    held = [Secret("password"), Secret("not"), Secret("number")]
    error = errors.InvalidInput("the password is not good for this number", detail="passwords: the Password is bad")
    assert error.message == "the password is not good for this number"
    assert error.detail == f"passwords: the {REDACTED} is bad"
    assert held


def test_an_accounts_number_does_not_blot_out_others() -> None:
    held = Secret("2015550142")
    assert redacted("2015550142 or +12015550143, 20155501420, 2015550142") == (
        f"{REDACTED} or +12015550143, 20155501420, {REDACTED}"
    )
    error = errors.OutcomeUnknown("in doubt", number="+12015550142", key="2015550142")
    assert (error.number, error.key) == ("+12015550142", "2015550142"), "what a program goes on with stays"
    assert held


@pytest.mark.parametrize(
    ("secret", "harmless"),
    [
        ("000000000000000000000000000f4240", "1000000002 and 100000000000"),
        ("0123456789abcdef0123456789abcdef", "number 20123456789, order 1234, at 0123456"),
        ("sk_2015550142_live_made_up", "+12015550142 and 12015550142"),
        ("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-000000000001 of 1000000002"),
        ("leadping-2026-made-up", "leadping list: voicetel is down"),
        ("the number is not available 7", "the number is here, and available"),
        ("xxxxxxxxxxxxxxxa", "+1xxxxxxxxxx and xxxxxxxxxxxxxxx"),
    ],
)
def test_numbers_and_words_that_a_secret_holds_too_stay(secret: str, harmless: str) -> None:
    held = Secret(secret)
    assert redacted(harmless) == harmless
    assert errors.AnyCarrierError("no", code=harmless).code == harmless
    for whole in (secret, secret.upper(), quote(secret, safe=""), secret.encode().hex()):
        assert redacted(f"<{whole}>") == f"<{REDACTED}>"
    assert held


@pytest.mark.parametrize("secret", [KEY, LEADPING, PIT, "ab12" + "0" * 20 + "cd34", "correcthorsebatterystaple"])
def test_a_part_of_a_secret_is_removed_to_its_ends(secret: str) -> None:
    held = Secret(secret)
    for at in range(len(secret)):
        for end in range(at + PART, len(secret) + 1):
            part = secret[at:end]
            mixed = any(map(str.isalpha, part)) and (len(part) >= WORDS or not part.isalpha())
            if len(set(part)) >= DIFFERENT and (mixed or part.isdigit()):
                assert redacted(f"<{part}>") == f"<{REDACTED}>"
            elif not any(map(str.isdigit, part)):
                assert redacted(f"<{part}>") == f"<{part}>"
    assert held


@pytest.mark.parametrize("secret", ["a" * 5_000, "1 " * 2_500 + "x", "a" * 2_500 + "1bcd" + "a" * 2_500])
def test_a_long_secret_that_repeats_itself_makes_few_parts_and_goes_whole(secret: str) -> None:
    held = Secret(secret)
    assert redacted(f"<{secret}>") == f"<{REDACTED}>"
    marks = _held.marks()
    assert marks is not None
    assert sum(len(part) for parts in marks.parts.values() for part in parts) < 100 * len(secret)
    assert held


def test_a_secret_is_known_as_long_as_it_is_held() -> None:
    key = "7c1e-made-up-0b93-for-5d2a-this-f864"  # other tests may hold the usual one still
    token = StaticToken(key)
    assert redacted(key) == REDACTED
    other = StaticToken(LEADPING)
    assert redacted(f"{key} {LEADPING}") == f"{REDACTED} {REDACTED}"
    del token
    gc.collect()
    assert redacted(key) == key
    del other


def test_a_secret_that_is_gone_is_not_looked_for_where_many_others_are_held() -> None:
    held = [Secret(f"another-{place:08x}-of-many") for place in range(40)]
    gone = Secret("elderberry")
    assert redacted("an elderberry") == f"an {REDACTED}"
    assert quoted("an elderberry")
    del gone
    gc.collect()
    assert redacted("an elderberry") == "an elderberry"
    assert not quoted("an elderberry")
    assert held


def test_the_mark_itself_is_no_place_for_a_secret() -> None:
    held = [Secret("secret"), Secret(KEY)]
    assert redacted(f"<{KEY}> and secret") == f"<{REDACTED}> and {REDACTED}"
    assert held


def hundreds() -> list[Secret]:
    return [Secret(f"pit-{number:04x}-{number * 7919:08x}-zq") for number in range(300)]


def test_a_new_secret_among_hundreds_is_added_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    held = hundreds()
    assert redacted(f"<{held[-1].reveal()}>") == f"<{REDACTED}>"
    added: list[Secret] = []
    real = redaction._Marks.add
    monkeypatch.setattr(redaction._Marks, "add", lambda marks, secret: (added.append(secret), real(marks, secret))[1])
    new = Secret("pit-of-one-more-account")
    again = Secret(held[0].reveal())
    assert redacted(f"<{new.reveal()}>") == f"<{REDACTED}>"
    assert added == [new, again]
    del again
    assert redacted(held[0].reveal()) == REDACTED
    assert len(added) == 2


def test_one_of_hundreds_of_secrets_is_found_wherever_it_stands_in_a_long_text() -> None:
    held = hundreds()
    others = "".join(f"{number:04x}-pit-{number * 7907:08x}-" for number in range(300))
    assert not quoted(others)
    assert not quoted(others.encode())
    for at in range(20):
        for secret in (held[0], held[150], held[-1]):
            text = others[: 2000 + at] + secret.reveal() + others[2000:]
            assert quoted(text)
            assert quoted(text.encode())


def test_hundreds_of_short_secrets_go_where_they_stand_alone() -> None:
    held = [*(Secret(f"pass{number}") for number in range(300)), Secret("p#ss-7")]
    assert redacted("pass7, PASS299; pass300 compass7 p#ss-7") == (
        f"{REDACTED}, {REDACTED}; pass300 compass7 {REDACTED}"
    )
    assert quoted("(pass7)")
    assert not quoted("(pass7x)")
    assert held


def test_secrets_that_are_gone_are_dropped_though_others_stay() -> None:
    held = hundreds()
    assert redacted(held[7].reveal()) == REDACTED
    marks = _held.marks()
    texts = [secret.reveal() for secret in held[:100]]
    del held[:100]
    gc.collect()
    assert redacted(texts[7]) == texts[7]
    assert _held.marks() is not marks
    assert redacted(held[0].reveal()) == REDACTED


def test_many_tokens_of_a_function_are_not_held_for_ever() -> None:
    from anycarrier.engine.session import _REMEMBERED

    tokens = iter(f"{number:032x}" for number in range(10**6, 10**6 + 3 * _REMEMBERED))
    client = Client("voicetel", transport=Echo(offering), api_key=lambda: next(tokens))
    for _ in range(3 * _REMEMBERED):
        searching(client)
    assert len(client._session._secrets) == _REMEMBERED
    client.close()
