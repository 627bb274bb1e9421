"""Several providers as one, over in-memory members driven by a small script."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from attrs import evolve

from anycarrier import errors as e
from anycarrier.attempt import Draft, ResolutionPolicy
from anycarrier.client import Client
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.driver import Driver
from anycarrier.engine.session import Session
from anycarrier.exchange import Emit, collect
from anycarrier.failover import Failover
from anycarrier.features import Can, Cannot, Evidence
from anycarrier.finding import find_offers
from anycarrier.model import Money, NoForward, Offer, OwnedNumber, Release, ReleaseState
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Order
from anycarrier.search import Search, filter_offers
from anycarrier_adapters.lc_phone import LCPurchase
from anycarrier_adapters.voicetel import VoiceTelPurchase

FIRST, SECOND, THIRD = (PhoneNumber(f"+1201555012{n}") for n in range(3))


class Member:
    """A provider with an inventory, or one that fails."""

    title = "member"
    rules = ResolutionPolicy()

    def __init__(self, name, offers=(), owned=(), error=None):
        self.name = name
        self.accounts = (Account(id=name, provider=name, base_url="http://127.0.0.1:1", credentials=StaticToken("t")),)
        self.supports = {"search": Can(Evidence.LIVE), "buy": Can(), "list": Can(), "get": Can(), "release": Can()}
        self.offers = offers
        self.owned = owned
        self.error = error
        self.calls = []

    def _or_fail(self):
        if self.error is not None:
            raise self.error

    def search(self, query, *, options=()):
        self._or_fail()
        return [Offer(provider=self.name, account=self.name, number=number) for number in self.offers]
        yield

    def _own(self, number):
        return OwnedNumber(provider=self.name, account=self.name, number=number)

    def list(self, *, options=()):
        yield Emit([self._own(number) for number in self.owned[:1]])
        self._or_fail()
        yield Emit([self._own(number) for number in self.owned[1:]])

    def get(self, target):
        self._or_fail()
        number = getattr(target, "number", target)
        if number not in self.owned:
            raise e.NotFound("no", provider=self.name)
        return self._own(number)
        yield

    def release(self, target):
        self.calls.append(("release", getattr(target, "number", target)))
        return Release(provider=self.name, account=self.name, number=FIRST, state=ReleaseState.RELEASED)
        yield


def run(exchange):
    return Driver(Session([]), None).run(exchange)


def test_searching_asks_all_and_says_who_failed():
    down = e.ProviderDown("down", provider="c")
    failover = Failover([Member("a", [FIRST, SECOND]), Member("b", [THIRD]), Member("c", error=down)])
    offers = run(failover.search(Search(limit=2)))
    assert [(offer.provider, offer.number) for offer in offers] == [("a", FIRST), ("b", THIRD)]
    assert offers.failed == {"c": down}
    with pytest.raises(e.OrderExhausted, match="down") as caught:
        run(Failover([Member("c", error=down), Member("d", error=e.Unsupported("d", "search", "no"))]).search(Search()))
    assert set(caught.value.reasons) == {"c", "d"}


class Priced(Member):
    """A provider whose offers have prices, and which notes its searches."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.supports |= {"search.max_price": Can(), "search.area_code": Can()}

    COSTS = {FIRST: Money("3"), SECOND: None, THIRD: Money("1")}  # noqa: RUF012

    def search(self, query, *, options=()):
        self.calls.append(query)
        found = yield from super().search(query)
        return filter_offers(query, [evolve(offer, price=self.COSTS[offer.number]) for offer in found])


def test_sorted_offers_of_several_are_sorted_together():
    failover = Failover([Priced("a", [FIRST, SECOND]), Priced("b", [THIRD])])
    offers = run(failover.search(Search(sort_by="price")))
    assert [offer.number for offer in offers] == [THIRD, FIRST, SECOND]
    assert [offer.number for offer in run(failover.search(Search(sort_by="price", limit=1)))] == [THIRD]


def test_several_area_codes_are_asked_of_each_member_in_their_order():
    members = [Priced("a", [FIRST, SECOND]), Priced("b", [THIRD])]
    offers = run(find_offers(Failover(members), Search(area_code=["551", "201"], limit=2)))
    assert [(offer.provider, offer.number) for offer in offers] == [("a", FIRST), ("b", THIRD)]
    assert [[query.area_code for query in member.calls] for member in members] == [["551", "201"]] * 2


def test_a_bug_is_not_a_provider_that_is_down():
    with pytest.raises(ZeroDivisionError):
        run(Failover([Member("a", [FIRST]), Member("b", error=ZeroDivisionError())]).search(Search()))


def test_a_list_gives_all_it_can_and_then_says_what_is_missing():
    failover = Failover([Member("a", owned=[FIRST, SECOND], error=e.ProviderDown("down")), Member("b", owned=[THIRD])])
    seen = []
    numbers = (owned.number for owned in Driver(Session([]), None).iterate(failover.list()))
    with pytest.raises(e.ProviderDown, match="incomplete") as caught:
        seen.extend(numbers)
    assert seen == [FIRST, THIRD]
    assert set(caught.value.failed) == {"a"}
    both = Failover([Member("a", owned=[FIRST]), Member("b", owned=[THIRD])])
    assert [owned.number for owned in run(collect(both.list()))] == [FIRST, THIRD]


def test_reading_survives_a_provider_that_is_down():
    failover = Failover([Member("a", error=e.ProviderDown("down")), Member("b", owned=[THIRD])])
    assert run(failover.get(THIRD)).provider == "b"


def test_not_found_needs_every_answer():
    with pytest.raises(e.NotFound):
        run(Failover([Member("a"), Member("b")]).get(FIRST))
    with pytest.raises(e.ProviderDown, match="not all did"):
        run(Failover([Member("a"), Member("b", error=e.ProviderDown("down"))]).get(FIRST))


def test_what_concerns_a_number_goes_to_its_owner():
    a, b = Member("a", owned=[FIRST]), Member("b", owned=[SECOND])
    failover = Failover([a, b])
    assert run(failover.release(SECOND)).provider == "b"
    assert run(failover.release(OwnedNumber(provider="a", account="a", number=FIRST))).provider == "a"
    assert (a.calls, b.calls) == ([("release", FIRST)], [("release", SECOND)])
    with pytest.raises(e.Unsupported) as caught:
        run(failover.route(FIRST, NoForward()))
    assert caught.value.feature == "route"
    with pytest.raises(e.InvalidInput, match="not one of these"):
        run(failover.release(OwnedNumber(provider="x", account="x", number=FIRST)))


def test_buying_needs_a_journal():
    failover = Failover([Member("a"), Member("b")])
    with pytest.raises(e.ConfigurationError, match="needs a journal"):
        failover.provision(Order(number="+12015550123"), request_id="r")
    with pytest.raises(e.Unsupported, match="through the journal"):
        run(failover.place(Draft(provider="a", account="a", number=PhoneNumber("+12015550123"), key="k", body=b"")))


def test_one_provider_alone_has_no_orders():
    client = Client(Member("a"), transport=SimpleNamespace(send=lambda _: None, close=lambda: None))
    with pytest.raises(e.Unsupported, match="Failover"):
        client.provision(None, request_id="r")


def test_capabilities_are_those_of_all():
    a, b = Member("a"), Member("b")
    b.supports = {"search": Can(Evidence.DOCUMENTED), "route": Cannot("no such endpoint")}
    supports = Failover([a, b]).supports
    assert supports["search"] == Can(Evidence.LIVE, "by a, b")
    assert supports["get"] == Can(Evidence.DOCUMENTED, "by a")
    assert "b: no such endpoint" in supports["route"].reason


def test_members_are_told_apart():
    with pytest.raises(e.ConfigurationError, match="same id"):
        Failover([Member("a"), Member("a")])
    with pytest.raises(e.ConfigurationError, match="at least one"):
        Failover([])


def test_options_of_one_purchase_replace_those_of_the_failover():
    ours, other, given = VoiceTelPurchase(route=1), LCPurchase(), VoiceTelPurchase(route=2)
    both = Failover([Member("a")], options=[ours, other])
    assert both._options_with([given]) == (other, given)
    assert both._options_with(()) == (ours, other)
