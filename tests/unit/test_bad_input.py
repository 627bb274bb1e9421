"""Bad input to a client's methods: told with the argument's name and what would be right, and nothing is sent."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from anycarrier import (
    AsyncClient,
    Client,
    InvalidInput,
    Money,
    NotFound,
    OutcomeUnknown,
    PhoneNumber,
    Search,
    registry,
    simulator,
)
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.retry import RetryPolicy
from anycarrier.errors import AnyCarrierError
from anycarrier.exchange import Response
from anycarrier.failover import Failover
from anycarrier.purchase import journal, until_settled
from anycarrier_adapters.lc_phone import LCList, LCPhone, LCPurchase
from anycarrier_adapters.leadping import NO_OVERRIDE, AdminOverride, Leadping, LeadpingPurchase, LeadpingSearch
from anycarrier_adapters.voicetel import MessagingRoutes, VoiceTel, VoiceTelPurchase, VoiceTelTransfer
from support.script import Script, answer, failing, lost, play

N = "+12015550123"
KEY = "0" * 32
V = VoiceTel(api_key=KEY)
L = Leadping(api_key="lp_x")
LC = LCPhone(token="t", location_id="L1")


class Silent:
    """A transport that nothing may be sent through."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, request: Any) -> Any:
        self.sent += 1
        raise AssertionError("something was sent")

    async def send_async(self, request: Any) -> Any:
        return self.send(request)

    def close(self) -> None: ...


class SilentAsync(Silent):
    send = Silent.send_async  # type: ignore[assignment]

    async def close(self) -> None:  # type: ignore[override]
        ...


Ask = Callable[[Any, Callable[[Any], Any]], str]


@pytest.fixture(params=["sync", "async"])
def refused(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """Message of the InvalidInput that a call on a client of this provider ends in."""
    sent: list[int] = []

    def sync(provider: Any, use: Callable[[Any], Any]) -> str:
        transport = Silent()
        with Client(provider, transport=transport) as phone, pytest.raises(InvalidInput) as caught:  # type: ignore[arg-type]
            use(phone)
        sent.append(transport.sent)
        return str(caught.value)

    def asynchronous(provider: Any, use: Callable[[Any], Any]) -> str:
        transport = SilentAsync()

        async def main() -> str:
            async with AsyncClient(provider, transport=transport) as phone:  # type: ignore[arg-type]
                with pytest.raises(InvalidInput) as caught:
                    await use(phone)
            return str(caught.value)

        try:
            return asyncio.run(main())
        finally:
            sent.append(transport.sent)

    yield sync if request.param == "sync" else asynchronous
    assert set(sent) == {0}


CALLS: list[tuple[Any, Callable[[Any], Any], str]] = [
    (V, lambda p: p.search({"area_code": "201"}), "query must be a Search, such as Search(area_code='201'), not dict"),
    (V, lambda p: p.search(None), "query must be a Search"),
    (V, lambda p: p.run(V.search({})), "query must be a Search"),  # type: ignore[arg-type]
    (V, lambda p: p.search_each(Search(area_code="201")), "queries must be a list of Search, not Search"),
    (V, lambda p: p.search_each("ab"), "queries must be a list of Search"),
    (V, lambda p: p.search_each(["201"]), "queries[0] must be a Search"),
    (V, lambda p: p.search_each([], limit="8"), "limit must be a whole number, such as 1, not '#'"),
    (V, lambda p: p.search_each([], limit=0), "limit must be at least 1, got 0"),
    (V, lambda p: p.search(Search(area_code="201"), options=["x"]), "options must hold objects"),
    (V, lambda p: p.buy(None), "target must be a number, such as '+12015550123', or an object that has one, not None"),
    (V, lambda p: p.buy(2015550123), "target must be a number, such as"),
    (V, lambda p: p.buy(N, deadline="60"), "deadline must be a number of seconds, such as 60.0, not '##'"),
    (V, lambda p: p.buy(N, deadline=-1), "deadline must be a number of seconds from 0, got -1"),
    (V, lambda p: p.buy(N, deadline=math.nan), "deadline must be a number of seconds from 0, got nan"),
    (V, lambda p: p.buy(N, deadline=None), "deadline must be a number of seconds"),
    (V, lambda p: p.buy(N, key=5), "key must be text"),
    (V, lambda p: p.buy(N, options=VoiceTelPurchase(route=1)), "options must be a list: options=[VoiceTelPurchase("),
    (V, lambda p: p.buy(N, options=["x"]), "options must hold objects"),
    (V, lambda p: p.buy(N, options=[VoiceTelPurchase(route=1)] * 2), "options must hold one VoiceTelPurchase at most"),
    (V, lambda p: p.buy(one for one in [N]), "target must be a number, such as"),
    (V, lambda p: p.wait(N, deadline="x"), "deadline must be a number of seconds"),
    (V, lambda p: p.wait(None), "target must be a number, such as"),
    (V, lambda p: p.resolve(None), "error must be an OutcomeUnknown that client.buy() raised, not None"),
    (V, lambda p: p.resolve(OutcomeUnknown("x"), deadline="x"), "deadline must be"),
    (V, lambda p: p.get(None), "target must be a number, such as"),
    (V, lambda p: p.release(5), "target must be a number, such as"),
    (V, lambda p: p.route(N), "name at least one route"),
    (V, lambda p: p.route(N, "1000"), "a route must be an object such as ToGateway(1000) or NoTexts(), not '####'"),
    (V, lambda p: p.run(V.route(N, "1000")), "routes must be a Route, such as ToGateway(1000), not '####'"),  # type: ignore[arg-type]
    (V, lambda p: p.transfer(N, 100), "to_account must be text, such as '1000000001', not int"),
    (V, lambda p: p.transfer(N, "x"), "to_account must be the digits of a VoiceTel account, such as '1000000001'"),
    (V, lambda p: p.run(V.transfer(N, 100)), "to_account must be text"),  # type: ignore[arg-type]
    (V, lambda p: p.bind_campaign(N, 5), "campaign_id must be text"),
    (V, lambda p: p.unbind_campaign(N, 5), "campaign_id must be text"),
    (V, lambda p: p.run(None), "this drives exchanges, such as client.provider.get(number) returns, not None"),
    (V, lambda p: p.run([]), "this drives exchanges"),
    (V, lambda p: p.run(V.order(N)), "numbers must be a list, not '+###########'"),
    (V, lambda p: p.run(V.order([N], route="x")), "route must be a whole number"),  # type: ignore[arg-type]
    (V, lambda p: p.run(V.order([N], key=5)), "key must be text"),  # type: ignore[arg-type]
    (L, lambda p: p.search({}), "query must be a Search"),
    (L, lambda p: p.transfer(N, "\ud800"), "to_account must be 1 to 200 printable characters"),
    (L, lambda p: p.transfer(N, "../x"), "to_account must be an id as Leadping gives them"),
    (L, lambda p: p.run(L.transfer(N, "\ud800")), "to_account must be text of whole characters"),
    (L, lambda p: p.run(L.transfer(N, "..")), "to_account must be an id"),
    (L, lambda p: p.run(L.transfer(N, 5)), "to_account must be text"),  # type: ignore[arg-type]
    (L, lambda p: p.run(L.update(N, name="\ud800")), "name must be text of whole characters"),
    (L, lambda p: p.run(L.update(N, name=5)), "name must be text, not int"),  # type: ignore[arg-type]
    (L, lambda p: p.run(L.update(N, enabled="yes")), "enabled must be True or False, not 'aaa'"),  # type: ignore[arg-type]
    (L, lambda p: p.run(L.update(N, number_health=1)), "number_health must be True or False"),  # type: ignore[arg-type]
    (L, lambda p: p.run(L.update(N, business="a/b")), "business must be an id"),
    (
        L,
        lambda p: p.run(L.update(N, admin_enablement_override=True)),  # type: ignore[arg-type]
        "admin_enablement_override must be an AdminOverride or a NoOverride, not bool",
    ),
    (L, lambda p: p.buy(N, options=[LeadpingPurchase(), LeadpingPurchase()]), "options must hold one LeadpingPurchase"),
    (V, lambda p: p.run(V.api.add_number(N, route="x")), "route must be a whole number, such as 1, not 'a'"),  # type: ignore[arg-type]
    (V, lambda p: p.run(V.api.set_forward(N, 5)), "destination must be a number, such as '+12015550123', or an object"),  # type: ignore[arg-type]
    (V, lambda p: p.run(V.api.set_forward(N, "1")), "destination: '#' is not a phone number"),
    (V, lambda p: p.run(V.api.send_message(N, N, "\ud83d")), "text must be text of whole characters"),
    (V, lambda p: p.run(V.api.send_message(N, N, "x", media_urls="u")), "media_urls must be a list, not 'a'"),
    (V, lambda p: p.run(V.api.messaging_states([N, None])), "targets[1] must be a number"),  # type: ignore[list-item]
    (V, lambda p: p.run(V.api.set_sms(N, "fax", "x")), "kind must be 'email' or 'webhook' or 'sip', not 'aaa'"),  # type: ignore[arg-type]
    (V, lambda p: p.run(V.api.gateway(10**5000)), "gateway must be a whole number of at most 18 digits"),
    (V, lambda p: p.run(V.api.port_in(N)), "numbers must be a list, not '+###########'"),  # type: ignore[call-arg]
    (V, lambda p: p.run(V.api.set_auth(password="x")), "password must be a Secret, not 'a'"),  # type: ignore[arg-type]
    (L, lambda p: p.run(L.api.status(7)), "target must be a number"),  # type: ignore[arg-type]
    (L, lambda p: p.run(L.api.sender_for_new(channel=5)), "channel must be 'sms' or 'call', not int"),  # type: ignore[arg-type]
    (L, lambda p: p.run(L.api.warmup("id", start_date="today")), "start_date must be a date, not 'aaaaa'"),  # type: ignore[arg-type]
    (LC, lambda p: p.run(LC.api.available("US", types="local")), "types must be a list, not 'aaaaa'"),
    (LC, lambda p: p.run(LC.api.available("US", types=["local"], sms=1)), "sms must be True or False, not int"),  # type: ignore[arg-type]
    (LC, lambda p: p.buy(N, options=[LCPurchase(), LCPurchase()]), "options must hold one LCPurchase at most"),
    (LC, lambda p: p.search(Search(), options=None), "options must be a list"),
]


@pytest.mark.parametrize(
    ("provider", "use", "said"), CALLS, ids=[f"{at}-{said[:24]}" for at, (_, _, said) in enumerate(CALLS)]
)
def test_it_is_told_and_nothing_is_sent(provider: Any, use: Callable[[Any], Any], said: str, refused: Ask) -> None:
    assert said in refused(provider, use)


@pytest.mark.parametrize("options", ["x", [LCList(), LCList()], LCList(), [5]])
def test_options_of_a_list(options: Any) -> None:
    with Client(LC, transport=Silent()) as phone, pytest.raises(InvalidInput, match=r"^options must"):  # type: ignore[arg-type]
        phone.list(options=options)


@pytest.mark.parametrize("listing", [None, 5, "x", []])
def test_only_a_listing_is_iterated(listing: Any) -> None:
    with Client(V, transport=Silent()) as phone, pytest.raises(InvalidInput, match="this drives exchanges"):  # type: ignore[arg-type]
        phone.iterate(listing)


@pytest.mark.parametrize(
    "make",
    [
        lambda: VoiceTelPurchase(route="x"),
        lambda: VoiceTelPurchase(route=None),
        lambda: VoiceTelPurchase(route=True),
        lambda: VoiceTelPurchase(route=-1),
        lambda: VoiceTelTransfer(route="4"),
        lambda: MessagingRoutes(route_in="1"),
        lambda: MessagingRoutes(route_out=1.5),
        lambda: LeadpingSearch(prices="yes"),
        lambda: LeadpingPurchase(name=5),
        lambda: LeadpingPurchase(number_health="no"),
        lambda: AdminOverride(enabled="yes"),
        lambda: AdminOverride(enabled=True, reason=5),
        lambda: AdminOverride(enabled=True, updated_at="now"),
        lambda: LCPurchase(address_sid=5),
        lambda: LCPurchase(skip_location_kyc="yes"),
        lambda: LCPurchase(number_type="pager"),
        lambda: LCList(page_size=0),
        lambda: LCList(page_size="5"),
        lambda: LCList(include_number_pools="no"),
    ],
)
def test_a_providers_options(make: Callable[[], Any]) -> None:
    with pytest.raises(InvalidInput, match=r"^[a-z_]+ must (be|look like) "):
        make()


def test_what_is_right_passes() -> None:
    MessagingRoutes(route_in=0)
    AdminOverride(enabled=False)
    assert NO_OVERRIDE
    LCPurchase(skip_location_kyc=True, number_type="local")  # type: ignore[arg-type]


# -- prices in another currency


def test_a_price_in_another_currency_is_no_match_and_no_error() -> None:
    found = {
        "fingerprintId": "f",
        "numbers": [
            {"phoneNumber": number, "price": {"price": price, "price_unit": unit, "number_type": "local"}}
            for number, price, unit in (("+12015550123", "1.00", "eur"), ("+12015550124", "1.00", "USD"))
        ],
    }
    for most, numbers in ((Money(2, "EUR"), ["+12015550123"]), (Money(2), ["+12015550124"]), (Money(2, "GBP"), [])):
        offers, _ = play(LC.search(Search(max_price=most)), answer(found))
        assert [offer.number for offer in offers] == numbers
    found = {"numbers": [{"number": N}]}
    for currency, price in (("EUR", Money(1, "EUR")), ("Euro and cents", None)):
        said = {"isAvailable": True, "phoneNumber": N, "price": 1, "currency": currency}
        for most in (Money(2), Money(2, "EUR")):
            offers, _ = play(L.search(Search(max_price=most)), answer(found), answer(said))
            assert [offer.price for offer in offers] == ([price] if price and price.currency == most.currency else [])


# -- errors are of the operation that was asked for


def gone() -> Response:
    return answer({"status": "error", "error": {"code": "NOT_FOUND", "message": "gone"}}, 404)


def conflict() -> Response:
    return answer({"status": "error", "error": {"code": "CONFLICT", "message": "failed or porting"}}, 409)


OFF = answer({"status": "success", "data": {"number": "2015550123", "onAccount": False}})


@pytest.mark.parametrize(
    ("exchange", "outcomes", "operation"),
    [
        (lambda: V.get(N), [gone()], "get"),
        (lambda: V.release(N), [conflict(), gone()], "release"),
        (lambda: V.unbind_campaign(N), [gone()], "unbind_campaign"),
        (lambda: V.campaign_of(N), [gone()], "campaign_of"),
        (lambda: V.route(N, MessagingRoutes(route_in=1)), [answer({"status": "success", "data": {}}), gone()], "route"),
        (lambda: until_settled(V, N), [gone()] * 8, "wait"),
        (lambda: L.get(N), [answer({"items": []})] * 2, "get"),
        (lambda: L.release(N), [answer({"items": []})] * 2, "release"),
        (lambda: L.campaign_of(N), [answer({"items": []})] * 2, "campaign_of"),
        (lambda: L.update(N, enabled=True), [answer({"items": []})] * 2, "leadping.update"),
        (lambda: Failover([V, L]).release(N), [gone(), answer({"items": []}), answer({"items": []})], "release"),
    ],
)
def test_not_found_names_the_operation(exchange: Callable[[], Any], outcomes: list[Any], operation: str) -> None:
    error, _ = failing(exchange(), *outcomes)
    assert isinstance(error, NotFound)
    assert error.operation == operation


# -- an order of several numbers whose outcome is unknown


def test_resolving_an_order_of_several_says_what_to_do() -> None:
    unknown, _ = failing(V.order([N, "+12015550124"], key="k1"), lost())
    assert isinstance(unknown, OutcomeUnknown)
    assert unknown.number == f"{N}, +12015550124"
    assert str(unknown).startswith("voicetel.order: ")
    with Client(V, transport=Silent()) as phone, pytest.raises(InvalidInput) as caught:  # type: ignore[arg-type]
        phone.resolve(unknown)
    said = str(caught.value)
    assert "this error was not raised by buy()" in said
    assert "voicetel.order()" in said
    assert "the same key" in said
    assert " no " not in said


# -- listings and types of one's own


class Answering:
    name = "acme"
    title = "Acme"
    supports: ClassVar[dict[str, Any]] = {}
    accounts = (Account(id="a", provider="acme", base_url="https://acme.example", credentials=StaticToken("t")),)

    def get(self, target: Any) -> Any:
        yield from ()
        return PhoneNumber(target)


def test_an_exchange_with_a_value_is_no_listing() -> None:
    provider = Answering()
    with Client(provider, transport=Silent()) as phone:  # type: ignore[arg-type]
        with pytest.raises(AnyCarrierError, match=r"use run\(\)"):
            next(iter(phone.iterate(provider.get(N))))
        assert phone.run(provider.get(N)) == N

    async def main() -> None:
        async with AsyncClient(provider, transport=SilentAsync()) as asynchronous:  # type: ignore[arg-type]
            async for _ in asynchronous.iterate(provider.get(N)):
                raise AssertionError

    with pytest.raises(AnyCarrierError, match=r"use run\(\)"):
        asyncio.run(main())


def test_the_script_is_used_up() -> None:
    with pytest.raises(AssertionError):
        Script().run(V.get(N))


@pytest.mark.parametrize(
    "call",
    [lambda phone: phone.provision({"area_code": "201"}, request_id="order-1"), lambda phone: phone.quotes(None)],
)
def test_an_order_is_an_order(refused: Ask, call: Callable[[Any], Any]) -> None:
    said = refused(Failover([V]), call)
    assert said.startswith("order must be an Order, such as Order(criteria=Search(area_code='201')), not ")


class Agreeable(int):
    """A number that is always large enough and never too large."""

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __lt__
    __le__ = __ge__ = lambda self, other: True


class Willing(float):
    __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = lambda self, other: True


@pytest.mark.parametrize("number", [Agreeable(-5), Willing(-5.0), Willing("nan"), Willing("inf")])
def test_a_number_is_judged_by_its_value_whatever_its_class_says_of_it(number: Any, refused: Ask) -> None:
    assert "deadline must be" in refused(V, lambda phone: phone.buy(N, deadline=number))
    with pytest.raises(InvalidInput, match="base"):
        RetryPolicy(base=number)
    with pytest.raises(InvalidInput, match="limit"):
        Search(limit=number)


class Odd:
    """Says that it is a path, and is none."""

    def __fspath__(self) -> Any:
        return 5


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: journal.open(":memory:", readonly="no"), "readonly"),  # type: ignore[arg-type]
        (lambda: journal.open(":memory:", create=0), "create"),  # type: ignore[arg-type]
        (lambda: journal.open(":memory:", migrate=None), "migrate"),  # type: ignore[arg-type]
        (lambda: journal.open(Odd()), "where"),  # type: ignore[arg-type]
        (lambda: registry.account(["main"]), "name"),  # type: ignore[arg-type]
        (lambda: registry.account(10**5000), "name"),  # type: ignore[arg-type]
        (lambda: registry.account("main", "accounts.toml"), "path"),  # type: ignore[arg-type]
        (lambda: registry.account("main", settings=["token"]), "settings"),  # type: ignore[arg-type]
        (lambda: simulator.load(None), "name"),  # type: ignore[arg-type]
        (lambda: simulator.load(10**5000), "name"),  # type: ignore[arg-type]
    ],
)
def test_what_opens_files_and_finds_simulators_names_a_wrong_argument(call: Callable[[], Any], name: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^{name} must be"):
        call()
