"""An account with one host for its numbers and another one for its texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from anycarrier import ConfigurationError, PhoneNumber, TextsToWebhook, adapter
from anycarrier.adapter import (
    E164,
    Buying,
    Draft,
    ErrorTable,
    Exchange,
    NoTexts,
    OwnedNumber,
    ProviderOptions,
    Record,
    ResolutionPolicy,
    Response,
    Routing,
    Settings,
    buys,
    reads,
    sets,
    writes,
)
from anycarrier.failover import Failover
from anycarrier.purchase import Order
from anycarrier.purchase import journal as journals
from anycarrier.settings import from_environment, setting_names
from anycarrier.testing.fakes import MODES, AnyClient, Mode, StubTransport

NUMBER = PhoneNumber("+12015550101")
NUMBERS, TEXTS = "https://numbers.two.example", "https://texts.two.example"
TOKEN = "tok-9f8e7d6c5b"


class Row(Record):
    number: E164


class Api(adapter.Api):
    provider = "two"
    errors = ErrorTable(detail=("message",), status="status")
    buy = buys("/orders", Row, accept=(201,))
    number = reads("/numbers/{number}", Row)
    webhook = writes("PUT", "/webhooks/{number}", origin="texts")


class Two(Buying, Routing[Api]):
    name, title = "two", "Two hosts"
    rules = ResolutionPolicy()
    supports: Mapping[str, Any] = {}
    routing = (
        sets(TextsToWebhook, Api.webhook, lambda route: {"url": route.url}),
        sets(NoTexts, Api.webhook, lambda route: {"url": None}),
    )

    def __init__(
        self,
        *,
        token: str = TOKEN,
        account: str = "two",
        owner: str | None = None,
        base_url: str = NUMBERS,
        texts_url: str = TEXTS,
        allow_custom_base_url: bool = False,
    ) -> None:
        settings = Settings("two", account, base_url, ("numbers.two.example",), allow_custom_base_url)
        texts = settings.origin("texts_url", texts_url, ("texts.two.example",))
        credentials = settings.bearer("token", token, "set token")
        self.open(settings, credentials, owner=owner, origins={"texts": texts})
        self.api = Api(self.account, origins={"texts": f"{self.account}.texts"})

    def order_body(self, number: PhoneNumber, key: str, options: Sequence[ProviderOptions]) -> Mapping[str, Any]:
        return {"number": number}

    def place(self, draft: Draft) -> Exchange[OwnedNumber]:
        answer = yield from self.api.buy.answer(body=draft.body)
        return self.bought(draft, answer, answer.value.number)

    def numbers(self, number: Any = None, options: Any = ()) -> Any:
        raise NotImplementedError

    def fetch(self, number: PhoneNumber) -> Exchange[OwnedNumber]:
        answer = yield from self.api.number.answer(number=number.e164)
        return OwnedNumber(**self.mine, number=answer.value.number)


def answered(request: Any) -> Response:
    if request.url.startswith(TEXTS) or "/webhooks/" in request.url:
        return Response(200, {}, b"{}")
    status = 201 if request.method == "POST" else 200
    return Response(status, {}, json.dumps({"number": NUMBER}).encode())


@pytest.mark.parametrize("mode", MODES)
def test_each_request_goes_to_its_origin_with_the_credentials_of_the_account(mode: Mode) -> None:
    stub = StubTransport(answered)
    with AnyClient(mode, Two(), stub) as phone:
        phone.buy(NUMBER)
        phone.route(NUMBER, TextsToWebhook("https://example.com/texts"))
    sent = [(one.method, one.url.partition("/+")[0].partition("/%2B")[0]) for one in stub.sent]
    assert sent == [
        ("POST", f"{NUMBERS}/orders"),
        ("PUT", f"{TEXTS}/webhooks"),
        ("GET", f"{NUMBERS}/numbers"),
    ]
    assert {one.origin for one in stub.sent} == {NUMBERS, TEXTS}
    assert all(dict(one.headers)["authorization"] == f"Bearer {TOKEN}" for one in stub.sent)


def test_each_origin_is_a_setting_of_its_own_and_so_is_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"base_url", "texts_url"} <= {*setting_names(Two)}
    monkeypatch.setenv("ANYCARRIER_TWO_TEXTS_URL", "http://127.0.0.1:2")
    found, _ = from_environment(Two, {})
    provider = Two(**found)  # type: ignore[arg-type]
    assert [account.base_url for account in provider.accounts] == [NUMBERS, "http://127.0.0.1:2"]


def test_credentials_go_to_no_other_host_than_the_accounts_own() -> None:
    for name, url in (("base_url", TEXTS), ("texts_url", NUMBERS), ("texts_url", "https://evil.example")):
        with pytest.raises(ConfigurationError, match=f"{name} names a host that is not"):
            Two(**{name: url})  # type: ignore[arg-type]
    Two(texts_url="https://proxy.example", allow_custom_base_url=True)


def test_limits_are_counted_at_each_origin() -> None:
    numbers, texts = Two().accounts
    assert (numbers.id, texts.id, numbers.origin_of, texts.origin_of) == ("two", "two.texts", None, "two")
    assert numbers.budget is not texts.budget


def test_an_order_is_bought_through_the_journal_and_only_there(tmp_path: Any) -> None:
    stub = StubTransport(answered)
    with (
        journals.open(tmp_path / "journal.sqlite") as book,
        AnyClient("sync", Failover([Two(owner="o1")], journal=book), stub) as phone,
    ):
        done = phone.provision(Order(number=NUMBER), request_id="r")
        entry = book.entries()[0]
    assert done.numbers == (NUMBER,)
    assert entry.attempt.draft.account == "two"


def test_the_origins_of_one_account_are_no_twins_and_one_in_common_makes_them() -> None:
    here = "http://127.0.0.1:1"
    Failover([Two(base_url=here, texts_url=here)])  # one simulator plays both
    for other in ({}, {"texts_url": "http://127.0.0.1:2"}, {"base_url": "http://127.0.0.1:2"}):
        with pytest.raises(ConfigurationError, match=r"account two\) and two \(account b\) are the same account"):
            Failover([Two(), Two(account="b", **other)])  # type: ignore[arg-type]
    apart = Two(account="b", base_url="http://127.0.0.1:1", texts_url="http://127.0.0.1:2")
    assert len(Failover([Two(), apart]).members) == 2


def test_a_journal_knows_the_account_by_the_origin_where_it_buys() -> None:
    one, other = Two(owner="o1"), Two(owner="o1", account="b", texts_url="http://127.0.0.1:2")
    assert one.accounts[0].holder == other.accounts[0].holder is not None
    assert one.accounts[0].holder != Two(owner="o1", base_url="http://127.0.0.1:1").accounts[0].holder
